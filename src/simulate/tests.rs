//! The register-level engines against the triple loop and the law.

use super::*;
use crate::encoding::Format;
use crate::engine::{Array, Dataflow, EngineSpec, Patterns};
use crate::matrix::Matrix;
use crate::netlist::ResetKind;
use crate::notation::Operand;
use proptest::prelude::*;

fn spec(dataflow: Dataflow, carry_save: bool, rows: u32, cols: u32, bits: (u32, u32, u32)) -> EngineSpec {
    EngineSpec {
        name: "under-test".into(),
        rows,
        cols,
        array: Array::Systolic(dataflow),
        a_bits: bits.0,
        b_bits: bits.1,
        acc_bits: bits.2,
        encoding: Some(crate::encoding::EncodingKind::EnT),
        encoded: Operand::A,
        transforms: if carry_save { vec!["compress-accumulate".into()] } else { Vec::new() },
        reset: ResetKind::AsyncLow,
        length_bits: 16,
        ..EngineSpec::default()
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
        prop_assert!(run.counts.utilization() <= 1.0);
        let law = crate::engine::Schedule::new(&spec, a.rows(), b.cols(), a.cols()).unwrap().law();
        prop_assert!(run.counts.cycles >= law.cycles, "{} cycles beat the law's {}", run.counts.cycles, law.cycles);
    }
}

#[test]
fn operands_out_of_range_and_shapes_that_do_not_meet_are_refused() {
    let spec = spec(Dataflow::OutputStationary, false, 2, 2, (4, 8, 16));
    let (a, b) = (Matrix::filled(1, 2, 8), Matrix::filled(2, 1, 1));
    let error = gemm(&spec, &a, &b, &Patterns::ALWAYS).unwrap_err();
    assert_eq!(error, SimulateError::OperandRange { operand: "A", row: 0, col: 0, value: 8, format: Format::int(4) });
    assert!(matches!(gemm(&spec, &b, &b, &Patterns::ALWAYS), Err(SimulateError::Shape { .. })));
}

#[test]
fn each_pe_is_credited_with_the_products_of_its_own_row_and_column() {
    let (m, n, k, rows, cols) = (5, 6, 7, 3, 4);
    let (a, b) = (Matrix::filled(m, k, 1), Matrix::filled(k, n, 1));
    let of = |extent: usize, side: usize, index: usize| (0..extent).filter(|place| place % side == index).count();
    for dataflow in [Dataflow::OutputStationary, Dataflow::WeightStationary] {
        let run =
            gemm(&spec(dataflow, false, rows as u32, cols as u32, (8, 8, 32)), &a, &b, &Patterns::ALWAYS).unwrap();
        let expected = Matrix::from_fn(rows, cols, |row, col| {
            let (spatial, temporal) = match dataflow {
                Dataflow::OutputStationary => (m, k),
                Dataflow::WeightStationary | Dataflow::InputStationary => (k, m),
            };
            (of(spatial, rows, row) * of(n, cols, col) * temporal) as u64
        });
        assert_eq!(run.counts.useful, expected, "{dataflow:?}");
    }
}

#[test]
fn digits_are_those_of_the_operand_that_is_encoded_at_its_own_width() {
    let text = "name = \"x\"\nvalues = { distribution = \"uniform\" }\n[[gemm]]\nname = \"y\"\nm = 3\nn = 5\nk = 7\n";
    for (encoded, elements, bits) in [(Operand::A, 3 * 7, 4), (Operand::B, 5 * 7, 13)] {
        let spec = EngineSpec { encoded, ..spec(Dataflow::OutputStationary, true, 3, 2, (4, 13, 32)) };
        let run = workload(&spec, &network(text), Method::default(), |_| ()).unwrap();
        let digits = run.layers[0].digits.as_ref().expect("an encoding");
        assert_eq!(digits.histogram.iter().sum::<u64>(), elements, "{encoded:?}");
        let slots = crate::encoding::EncodingKind::EnT.encoding().slots(bits) as usize;
        assert_eq!(digits.histogram.len(), slots + 1, "{encoded:?}");
    }
}

#[test]
fn a_wrong_result_is_an_answer_and_a_product_that_cannot_run_is_none() {
    let wrong = compare(&Matrix::filled(1, 1, 2), &Matrix::filled(1, 1, 3), 32).unwrap_err();
    assert!(matches!(wrong, SimulateError::Mismatch { .. }) && wrong.is_answer());
    let spec = EngineSpec { length_bits: 3, ..spec(Dataflow::OutputStationary, false, 2, 2, (4, 4, 16)) };
    let of = |k: usize| gemm(&spec, &Matrix::filled(1, k, 1), &Matrix::filled(k, 1, 1), &Patterns::ALWAYS);
    assert_eq!(of(7).expect("the longest tile that 3 bits count").c[(0, 0)], 7);
    let long = of(8).unwrap_err();
    assert!(matches!(long, SimulateError::Engine(crate::engine::EngineError::TileTooLong { length: 8, max: 7, .. })));
    assert!(!long.is_answer());
}

fn network(text: &str) -> crate::workload::Workload {
    crate::workload::Workload::from_text("test.toml", text.to_owned(), ".".into()).expect("a workload")
}

#[test]
fn the_shipped_perceptron_classifies_on_both_dataflows_as_the_training_script_predicts_image_for_image() {
    let perceptron = crate::workload::Workload::load("digits-mlp").expect("shipped");
    // Made by scripts/train_digits.py in its own integer arithmetic.
    let bytes = std::fs::read("tests/data/digits_mlp_predictions.npy").expect("committed");
    let predicted: Vec<u8> = npyz::NpyFile::new(&bytes[..]).expect("npy").into_vec().expect("uint8");
    for dataflow in [Dataflow::OutputStationary, Dataflow::WeightStationary] {
        let spec = spec(dataflow, true, 16, 16, (8, 8, 32));
        let run = workload(&spec, &perceptron, Method::default(), |_| ()).expect("a clean run");
        assert_eq!(run.layers.len(), perceptron.layers.len());
        assert_eq!(run.parts().total(), run.cycles());
        assert_eq!(run.useful().values().iter().sum::<u64>(), run.macs());
        let last = run.layers.last().and_then(|layer| layer.classification.clone()).expect("labels");
        assert_eq!(last.predictions, predicted.iter().map(|&class| usize::from(class)).collect::<Vec<_>>());
        assert_eq!(last.correct(), 353);
    }
}

/// No design makes an engine multiply wrong, so that every run compares can only be seen on an engine that is broken.
#[test]
fn a_run_on_an_engine_with_one_wrong_result_ends_with_the_answer_no() {
    let spec = spec(Dataflow::OutputStationary, false, 3, 2, (8, 8, 32));
    let two = network(
        "name = \"x\"\nseed = 9\nvalues = { distribution = \"uniform\" }\n[[gemm]]\nname = \"y\"\nm = 2\nn = 3\nk = 4\n\
         [[gemm]]\nname = \"z\"\nm = 5\nn = 3\nk = 4\n",
    );
    let right = |spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>| gemm(spec, a, b, &Patterns::ALWAYS);
    let on = |events: &Multiplier| {
        let engines = super::workload::Engines { events, registers: &right };
        super::workload::workload_on(engines, &spec, &two, Method::default().into(), |_| ())
    };
    let wrong = |spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>| {
        let mut run = gemm(spec, a, b, &Patterns::ALWAYS)?;
        if a.rows() == 5 {
            run.c[(4, 1)] ^= 1;
        }
        Ok(run)
    };
    let error = on(&wrong).unwrap_err();
    assert!(error.is_answer());
    let RunError::Layer { layer, error, .. } = error else { panic!("{error}") };
    assert_eq!(layer, "z");
    assert!(matches!(*error, SimulateError::Mismatch { count: 1, total: 15, row: 4, col: 1, .. }), "{error}");

    let violated = |_: &EngineSpec, _: &Matrix<i32>, _: &Matrix<i32>| {
        Err(SimulateError::Internal { design: "under-test".into(), seed: None, what: "planted".into() })
    };
    let error = on(&violated).unwrap_err();
    assert!(!error.is_answer());
    assert!(error.to_string().contains("design `under-test`, seed 9"), "{error}");

    // Nothing but the audit can see a wrong count of cycles.
    let slow = |spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>| {
        let mut run = events(spec, a, b)?;
        run.counts.cycles += 1;
        run.counts.parts.drain += 1;
        Ok(run)
    };
    let error = on(&slow).unwrap_err();
    assert!(error.is_answer());
    let RunError::Layer { layer, error, .. } = error else { panic!("{error}") };
    assert_eq!(layer, "y");
    let SimulateError::Audit { what, .. } = *error else { panic!("{error}") };
    assert!(matches!(*what, Difference::Cycles { .. }), "{what:?}");
}

#[test]
fn a_workload_is_the_same_whichever_engine_runs_it() {
    let two = network(
        "name = \"x\"\nseed = 9\nvalues = { distribution = \"uniform\" }\n[[gemm]]\nname = \"y\"\nm = 7\nn = 3\nk = 9\n\
         [[gemm]]\nname = \"z\"\nm = 5\nn = 11\nk = 4\n",
    );
    for dataflow in [Dataflow::OutputStationary, Dataflow::WeightStationary] {
        let spec = spec(dataflow, true, 3, 2, (8, 8, 32));
        let of = |method| workload(&spec, &two, method, |_| ()).expect("a clean run");
        let registers = of(Method::RegisterLevel);
        for (share, audited) in [(AuditShare::Few, [4, 4]), (AuditShare::Part(0.0), [0, 0]), (AuditShare::All, [6, 12])]
        {
            let events = of(Method::Events(share));
            for ((events, registers), audited) in events.layers.iter().zip(&registers.layers).zip(audited) {
                assert_eq!((events.cycles, events.parts), (registers.cycles, registers.parts));
                assert_eq!((events.words, &events.useful), (registers.words, &registers.useful));
                assert_eq!((events.audited_tiles, registers.audited_tiles), (audited, 0));
            }
        }
    }
}

#[test]
fn repetitions_are_counted_and_not_computed_again() {
    let text = |repeat| {
        format!(
            "name = \"x\"\nvalues = {{ distribution = \"uniform\" }}\n[[gemm]]\nname = \"y\"\nm = 5\nn = 6\nk = 7\nrepeat = {repeat}\n"
        )
    };
    let spec = spec(Dataflow::OutputStationary, false, 3, 2, (8, 8, 32));
    let once = workload(&spec, &network(&text(1)), Method::default(), |_| ()).unwrap();
    let often = workload(&spec, &network(&text(12)), Method::default(), |_| ()).unwrap();
    assert_eq!(often.cycles(), 12 * once.cycles());
    assert_eq!(often.macs(), 12 * 5 * 6 * 7);
    assert_eq!(often.utilization(), once.utilization());
    assert_eq!(often.utilization(), often.macs() as f64 / (6 * often.cycles()) as f64);
    assert_eq!(often.layers[0].utilization(), often.utilization());
    assert_eq!(often.parts().total(), often.cycles());
    assert_eq!(often.useful().values().iter().sum::<u64>(), often.macs());
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
    let error = workload(&spec, &loud, Method::default(), |_| ()).unwrap_err();
    assert!(error.is_answer());
    let RunError::Layer { layer, error, .. } = error else { panic!("{error}") };
    let SimulateError::AccumulatorOverflow { acc_bits: 16, exact, wrapped, .. } = *error else { panic!("{error}") };
    assert_eq!(layer, "loud");
    assert_eq!(wrapped, wrap(exact, 16));
    assert_ne!(wrapped, exact);
}

#[test]
fn weights_that_are_not_n_of_m_are_refused_by_every_engine_with_the_same_place() {
    let spec = EngineSpec {
        transforms: vec!["compress-n-of-m".into()],
        ..spec(Dataflow::WeightStationary, false, 4, 3, (8, 8, 32))
    };
    let a = Matrix::filled(2, 11, 1);
    let mut b = Matrix::filled(11, 9, 0);
    for row in [4, 5, 7] {
        b[(row, 6)] = 3;
    }
    let refused = SimulateError::NotNOfM { col: 6, k: 4, nonzero: 3, n: 2, m: 4 };
    assert_eq!(gemm(&spec, &a, &b, &Patterns::ALWAYS), Err(refused.clone()));
    assert_eq!(events(&spec, &a, &b), Err(refused.clone()));
    assert_eq!(counts(&spec, &a, &b), Err(refused.clone()));
    assert_eq!(refused.moved(5, 20), SimulateError::NotNOfM { col: 26, k: 4, nonzero: 3, n: 2, m: 4 });
    b[(5, 6)] = 0;
    assert_eq!(gemm(&spec, &a, &b, &Patterns::ALWAYS).expect("2 of 4").c, product(&a, &b));
}

#[test]
fn of_several_layers_of_too_many_steps_the_longest_is_told_of() {
    let layer = |name: &str, k: usize| format!("[[gemm]]\nname = \"{name}\"\nm = 1\nn = 1\nk = {k}\n");
    let layers = [("a", 15), ("b", 20), ("c", 64), ("d", 40)].map(|(name, k)| layer(name, k)).concat();
    let text = format!("name = \"x\"\nvalues = {{ distribution = \"uniform\" }}\n{layers}");
    let spec = systolic_that_counts_15_steps(Dataflow::OutputStationary);
    let error = super::workload(&spec, &network(&text), Method::default(), |_| ()).unwrap_err();
    assert!(error.to_string().contains("`c`: a tile of 64 steps"), "{error}");
    assert!(miette::Diagnostic::help(&error).expect("help").to_string().contains("length-bits=7`"));
}

fn systolic_that_counts_15_steps(dataflow: Dataflow) -> EngineSpec {
    EngineSpec { length_bits: 4, ..spec(dataflow, true, 4, 4, (8, 8, 32)) }
}

/// 40 steps, whichever axis they are along.
const LONG: &str = "name = \"long\"\nvalues = { distribution = \"uniform\" }\n[[gemm]]\nname = \"short\"\nm = 3\nn = 3\nk = 3\n[[gemm]]\nname = \"x\"\nm = 40\nn = 40\nk = 40\n";

#[test]
fn blocks_are_cut_so_that_their_steps_are_counted_where_an_operand_stays() {
    for (dataflow, axis) in [(Dataflow::WeightStationary, 0), (Dataflow::InputStationary, 1)] {
        let narrow = systolic_that_counts_15_steps(dataflow);
        let memory = Some(crate::engine::Memory::default());
        let run = |spec: &EngineSpec, method: Method| {
            super::workload(spec, &network(LONG), method, |_| ()).expect("a run").layers.remove(1)
        };
        let cut = run(&EngineSpec { memory, ..narrow.clone() }, Method::default());
        let registers = run(&EngineSpec { memory, ..narrow.clone() }, Method::RegisterLevel);
        assert_eq!((cut.cycles, cut.parts, &cut.memory), (registers.cycles, registers.parts, &registers.memory));
        let whole = run(&EngineSpec { memory, length_bits: 16, ..narrow.clone() }, Method::default());
        let [of_cut, of_whole] = [&cut, &whole].map(|run| run.memory.as_ref().expect("memory"));
        // The fewest blocks that do, as equal as can be.
        assert_eq!((of_cut.block[axis], of_cut.blocks[axis]), (14, 3), "{dataflow:?}");
        assert_eq!(of_whole.blocks, [1, 1, 1], "{dataflow:?}");
        // What stays moves in again for each.
        let (stays, streams) = if axis == 0 { (1, 0) } else { (0, 1) };
        let moved = |run: &MemoryRun, tensor: usize| run.tensors[tensor].sram_reads;
        assert_eq!(moved(of_cut, stays), 3 * moved(of_whole, stays), "{dataflow:?}");
        assert_eq!(moved(of_cut, streams), moved(of_whole, streams), "{dataflow:?}");
        assert!(cut.cycles >= whole.cycles, "{dataflow:?}");
        assert_eq!(cut.compared, 1600);
    }
}

#[test]
fn a_layer_of_too_many_steps_is_told_of_before_any_runs_with_its_place_and_the_width_that_suffices() {
    use miette::Diagnostic;
    let memory = Some(crate::engine::Memory::default());
    let narrow = systolic_that_counts_15_steps;
    for (spec, axis, cuts) in [
        (narrow(Dataflow::OutputStationary), "K", false),
        // A tile whose sums stay is one, whatever its blocks of K.
        (EngineSpec { memory, ..narrow(Dataflow::OutputStationary) }, "K", false),
        (narrow(Dataflow::WeightStationary), "M", true),
        (narrow(Dataflow::InputStationary), "N", true),
    ] {
        let error =
            super::workload(&spec, &network(LONG), Method::default(), |layer| panic!("`{layer}` runs")).unwrap_err();
        assert!(error.to_string().contains(&format!("`x`: a tile of 40 steps along {axis} ")), "{error}");
        let help = error.help().expect("help").to_string();
        assert!(help.contains("`--set array.length-bits=6`"), "{help}");
        assert_eq!(help.contains("memory.loop-order=auto"), cuts, "{help}");
        let place = error.labels().expect("a place").next().expect("a label");
        assert_eq!(&LONG[place.offset()..place.offset() + place.len()], "\"x\"");
        assert!(error.source_code().is_some() && !error.is_answer());
        let wider = EngineSpec { length_bits: 6, ..spec };
        super::workload(&wider, &network(LONG), Method::default(), |_| ()).expect("6 bits suffice");
    }
}

/// Where the counter ends: blocks of exactly as many steps as it counts, and not of one more.
#[test]
fn blocks_of_all_the_steps_that_are_counted_are_taken_and_of_one_more_are_not() {
    let memory = crate::engine::Memory::default();
    for (dataflow, axis) in [(Dataflow::WeightStationary, 0), (Dataflow::InputStationary, 1)] {
        let spec = |block| {
            let memory = Some(crate::engine::Memory { block, ..memory });
            EngineSpec { memory, ..systolic_that_counts_15_steps(dataflow) }
        };
        let plan = |extent: usize, size: Option<u32>| {
            let (mut extents, mut block) = ([8; 3], [None; 3]);
            (extents[axis], block[axis]) = (extent, size);
            let run = format!(
                "name = \"x\"\n[[gemm]]\nname = \"x\"\nm = {}\nn = {}\nk = {}\n",
                extents[0], extents[1], extents[2]
            );
            let run = super::workload(&spec(block), &network(&run), Method::default(), |_| ())?;
            let memory = run.layers[0].memory.as_ref().expect("memory");
            Ok::<_, RunError>((memory.block[axis], memory.blocks[axis]))
        };
        // 45 are 3 of 15; 48 are 3 of 16, which are too long.
        assert_eq!(plan(45, None).expect("blocks"), (15, 3), "{dataflow:?}");
        assert_eq!(plan(48, None).expect("blocks"), (12, 4), "{dataflow:?}");
        assert_eq!(plan(45, Some(15)).expect("blocks"), (15, 3), "{dataflow:?}");
        // A whole axis is as long as it is.
        assert_eq!(plan(15, Some(16)).expect("blocks"), (15, 1), "{dataflow:?}");
        for extent in [16, 45] {
            let error = plan(extent, Some(16)).expect_err("16 steps");
            let RunError::Layer { error, .. } = error else { panic!("{error}") };
            let SimulateError::BlockTooLong { axis: of, size: 16, extent: all, longest: 15 } = *error else {
                panic!("{error}")
            };
            assert_eq!((of, all), (["m", "n"][axis], extent));
        }
    }
}

#[test]
fn blocks_that_no_buffer_holds_are_told_of_before_any_layer_runs() {
    let a = crate::engine::Buffer { kib: Some(1), bits_per_cycle: None };
    let order = Some(crate::engine::BlockOrder::Kmn);
    let memory = Some(crate::engine::Memory { a, order, ..Default::default() });
    let spec = EngineSpec { memory, length_bits: 16, ..systolic_that_counts_15_steps(Dataflow::OutputStationary) };
    // 4 rows of 40 bytes are in half of the buffer of A, 4 rows of 2000 are not.
    let layer = |name: &str, k: usize| format!("[[gemm]]\nname = \"{name}\"\nm = 8\nn = 8\nk = {k}\n");
    let text = format!("name = \"x\"\n{}{}", layer("short", 40), layer("long", 2000));
    let error = super::workload(&spec, &network(&text), Method::default(), |layer| panic!("`{layer}` runs"));
    let RunError::Layer { layer, error, .. } = error.expect_err("blocks") else { panic!("the layer is told of") };
    assert!(layer == "long" && matches!(*error, SimulateError::LoopOrder { .. }), "{error}");
}
