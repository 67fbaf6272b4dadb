//! The register-level engines against the triple loop and the law.

use super::*;
use crate::engine::{Dataflow, EngineSpec, Patterns};
use crate::matrix::Matrix;
use crate::netlist::ResetKind;
use crate::notation::Operand;
use proptest::prelude::*;

fn spec(dataflow: Dataflow, carry_save: bool, rows: u32, cols: u32, bits: (u32, u32, u32)) -> EngineSpec {
    EngineSpec {
        name: "under-test".into(),
        rows,
        cols,
        dataflow,
        a_bits: bits.0,
        b_bits: bits.1,
        acc_bits: bits.2,
        encoding: Some(crate::encoding::EncodingKind::EnT),
        encoded: Operand::A,
        transforms: if carry_save { vec!["compress-accumulate".into()] } else { Vec::new() },
        reset: ResetKind::AsyncLow,
        length_bits: 16,
    }
}

/// Every value in range, extremes often.
fn operand(rows: usize, cols: usize, bits: u32) -> impl Strategy<Value = Matrix<i32>> {
    let limit = 1_i32 << (bits - 1);
    let value = prop_oneof![Just(-limit), Just(limit - 1), Just(0), -limit..limit];
    proptest::collection::vec(value, rows * cols)
        .prop_map(move |data| Matrix::from_rows(rows, cols, data).expect("rows x cols values"))
}

fn product(a: &Matrix<i32>, b: &Matrix<i32>) -> Matrix<i64> {
    Matrix::from_fn(a.rows(), b.cols(), |m, n| (0..a.cols()).map(|k| i64::from(a[(m, k)]) * i64::from(b[(k, n)])).sum())
}

fn pattern() -> impl Strategy<Value = u64> {
    prop_oneof![Just(!0), Just(1 << 13), any::<u64>().prop_map(|bits| bits.max(1))]
}

prop_compose! {
    fn case()(
        weight_stationary in any::<bool>(), carry_save in any::<bool>(), rows in 1u32..7, cols in 1u32..7,
        bits in (2u32..=16, 2u32..=16), acc in 0u32..=40,
        m in 1usize..15, n in 1usize..15, k in 1usize..20,
    )(
        a in operand(m, k, bits.0), b in operand(k, n, bits.1),
        spec in Just(spec(
            if weight_stationary { Dataflow::WeightStationary } else { Dataflow::OutputStationary },
            carry_save, rows, cols, (bits.0, bits.1, (bits.0 + bits.1 + acc).min(64)),
        )),
        always in any::<bool>(), patterns in [pattern(), pattern(), pattern(), pattern(), pattern()],
    ) -> (EngineSpec, Matrix<i32>, Matrix<i32>, Patterns) {
        let [cmd, a_offer, b_offer, p, c] = patterns;
        let patterns = if always { Patterns::ALWAYS } else { Patterns { cmd, a: a_offer, b: b_offer, p, c } };
        (spec, a, b, patterns)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// The cycles are held against the law by `gemm` itself whenever nothing waits.
    #[test]
    fn any_gemm_on_any_array_equals_the_triple_loop_and_the_law((spec, a, b, patterns) in case()) {
        let run = gemm(&spec, &a, &b, &patterns).expect("a clean run");
        let exact = product(&a, &b);
        let wrapped = Matrix::from_fn(exact.rows(), exact.cols(), |m, n| wrap(exact[(m, n)], spec.acc_bits));
        prop_assert_eq!(&run.c, &wrapped);
        prop_assert!(run.utilization() <= 1.0);
        let law = crate::engine::Schedule::new(&spec, a.rows(), b.cols(), a.cols()).unwrap().law();
        prop_assert!(run.cycles >= law.cycles, "{} cycles beat the law's {}", run.cycles, law.cycles);
    }
}

#[test]
fn operands_out_of_range_and_shapes_that_do_not_meet_are_refused() {
    let spec = spec(Dataflow::OutputStationary, false, 2, 2, (4, 8, 16));
    let (a, b) = (Matrix::filled(1, 2, 8), Matrix::filled(2, 1, 1));
    let error = gemm(&spec, &a, &b, &Patterns::ALWAYS).unwrap_err();
    assert_eq!(error, SimulateError::OperandRange { operand: "A", row: 0, col: 0, value: 8, bits: 4 });
    assert!(matches!(gemm(&spec, &b, &b, &Patterns::ALWAYS), Err(SimulateError::Shape { .. })));
}

fn network(text: &str) -> crate::workload::Workload {
    crate::workload::Workload::from_text("test.toml", text.to_owned(), ".".into()).expect("a workload")
}

#[test]
fn the_shipped_perceptron_runs_on_both_dataflows_and_classifies_alike() {
    let perceptron = crate::workload::Workload::load("digits-mlp").expect("shipped");
    let correct: Vec<_> = [Dataflow::OutputStationary, Dataflow::WeightStationary]
        .into_iter()
        .map(|dataflow| {
            let spec = spec(dataflow, true, 16, 16, (8, 8, 32));
            let run = workload(&spec, &perceptron, |_| ()).expect("a clean run");
            assert_eq!(run.layers.len(), perceptron.layers.len());
            assert_eq!(run.parts().total(), run.cycles());
            assert_eq!(run.useful().values().iter().sum::<u64>(), run.macs());
            let last = run.layers.last().and_then(|layer| layer.classification.clone()).expect("labels");
            assert!(last.accuracy() > 0.9, "{}", last.accuracy());
            last.predictions
        })
        .collect();
    assert_eq!(correct[0], correct[1]);
}

#[test]
fn repetitions_are_counted_and_not_computed_again() {
    let text = |repeat| {
        format!(
            "name = \"x\"\nvalues = {{ distribution = \"uniform\" }}\n[[gemm]]\nname = \"y\"\nm = 5\nn = 6\nk = 7\nrepeat = {repeat}\n"
        )
    };
    let spec = spec(Dataflow::OutputStationary, false, 3, 2, (8, 8, 32));
    let once = workload(&spec, &network(&text(1)), |_| ()).unwrap();
    let often = workload(&spec, &network(&text(12)), |_| ()).unwrap();
    assert_eq!(often.cycles(), 12 * once.cycles());
    assert_eq!(often.macs(), 12 * 5 * 6 * 7);
    assert_eq!(often.utilization(), once.utilization());
    let digits = once.layers[0].digits.as_ref().expect("A is encoded");
    assert_eq!(digits.histogram.iter().sum::<u64>(), 5 * 7);
    let expected = digits.expected.as_ref().expect("values are drawn");
    assert!((expected.iter().sum::<f64>() - 1.0).abs() < 1e-12);
}

#[test]
fn an_accumulator_that_is_too_narrow_is_reported_with_the_layer() {
    let spec = spec(Dataflow::WeightStationary, true, 3, 2, (8, 8, 16));
    let loud = network(
        "name = \"x\"\nvalues = { distribution = \"half-normal\", std = 500.0 }\n[[gemm]]\nname = \"loud\"\nm = 2\nn = 2\nk = 64\n",
    );
    let error = workload(&spec, &loud, |_| ()).unwrap_err();
    assert!(error.is_answer());
    let RunError::Layer { layer, error } = error else { panic!("{error}") };
    let SimulateError::AccumulatorOverflow { acc_bits: 16, exact, wrapped, .. } = *error else { panic!("{error}") };
    assert_eq!(layer, "loud");
    assert_eq!(wrapped, wrap(exact, 16));
    assert_ne!(wrapped, exact);
}
