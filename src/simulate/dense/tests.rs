//! Every dense array against arithmetic, the law and the event-exact engine.

use super::*;
use crate::encoding::EncodingKind;
use crate::engine::{Array, Operand, Timing};
use crate::simulate::{Cycle, events, gemm};
use proptest::prelude::*;

fn array() -> impl Strategy<Value = Array> {
    (0usize..6, 1u32..7).prop_map(|(kind, depth)| {
        let mut arrays = Dataflow::ALL.map(Array::Systolic).to_vec();
        arrays.extend([Array::Cube { depth }, Array::AdderTree { depth }, Array::Matrix2d]);
        arrays[kind]
    })
}

prop_compose! {
    /// Any format, accumulators too narrow for their sums where they clip.
    fn spec()(
        array in array(), rows in 1u32..7, cols in 1u32..7,
        bits in (2u32..=16, 2u32..=16), signed in any::<(bool, bool)>(), encoded in any::<bool>(),
        acc in (8u32..=64, 0u32..=40), saturate in any::<bool>(), carry_save in any::<bool>(),
        encoding in proptest::sample::select(EncodingKind::ALL.to_vec()), temporal in any::<bool>(),
    ) -> EngineSpec {
        let mut spec = EngineSpec {
            name: "under-test".into(), array, rows, cols,
            a_bits: bits.0, a_signed: signed.0, b_bits: bits.1, b_signed: signed.1, saturate,
            encoding: Some(encoding), encoded: if encoded { Operand::A } else { Operand::B },
            transforms: if carry_save { vec!["compress-accumulate".into()] } else { Vec::new() },
            ..EngineSpec::default()
        };
        spec.acc_bits = if saturate { acc.0 } else { (spec.a_word_bits() + spec.b_word_bits() + acc.1).min(64) };
        if temporal && spec.dataflow() == Dataflow::OutputStationary {
            spec.parameters.bit_weight = crate::notation::transform::BitWeightLoop::Temporal;
        }
        spec
    }
}

/// Every value in range, extremes often.
fn operand(rows: usize, cols: usize, bits: u32, signed: bool) -> impl Strategy<Value = Matrix<i32>> {
    let (least, beyond) = if signed { (-(1_i32 << (bits - 1)), 1_i32 << (bits - 1)) } else { (0, 1 << bits) };
    let value = prop_oneof![Just(least), Just(beyond - 1), Just(0), least..beyond];
    proptest::collection::vec(value, rows * cols)
        .prop_map(move |data| Matrix::from_rows(rows, cols, data).expect("rows x cols values"))
}

fn pattern() -> impl Strategy<Value = u64> {
    prop_oneof![Just(!0), Just(1 << 13), any::<u64>().prop_map(|bits| bits.max(1))]
}

prop_compose! {
    fn case()(spec in spec(), m in 1usize..15, n in 1usize..15, k in 1usize..24)(
        a in operand(m, k, spec.a_bits, spec.a_signed), b in operand(k, n, spec.b_bits, spec.b_signed),
        spec in Just(spec), always in any::<bool>(), patterns in [pattern(), pattern(), pattern(), pattern(), pattern()],
    ) -> (EngineSpec, Matrix<i32>, Matrix<i32>, Patterns) {
        let [cmd, a_offer, b_offer, p, c] = patterns;
        let patterns = if always { Patterns::ALWAYS } else { Patterns { cmd, a: a_offer, b: b_offer, p, c } };
        (spec, a, b, patterns)
    }
}

/// What leaves, from the definition: K in tiles where an operand stays.
fn product(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Matrix<i64> {
    let tile = if spec.dataflow() == Dataflow::OutputStationary { a.cols() } else { spec.rows as usize };
    let limit = 1_i128 << (spec.acc_bits - 1);
    Matrix::from_fn(a.rows(), b.cols(), |m, n| {
        let mut sum = 0_i128;
        for k in 0..a.cols() {
            sum += i128::from(a[(m, k)]) * i128::from(b[(k, n)]);
            if spec.saturate && (k % tile == tile - 1 || k == a.cols() - 1) {
                sum = sum.clamp(-limit, limit - 1);
            }
        }
        crate::simulate::wrap(sum as i64, spec.acc_bits)
    })
}

struct Silent;

impl Observer for Silent {
    fn cycle<M: Machine>(&mut self, _: &Cycle<M>) {}
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// The cycles are held against the law by `gemm` itself whenever nothing waits.
    #[test]
    fn any_gemm_on_any_dense_array_equals_arithmetic_and_the_event_exact_engine((spec, a, b, patterns) in case()) {
        let run = gemm(&spec, &a, &b, &patterns).expect("a clean run");
        prop_assert_eq!(&run.c, &product(&spec, &a, &b));
        let schedule = Schedule::new(&spec, a.rows(), b.cols(), a.cols()).expect("a GEMM");
        prop_assert_eq!(&run.c, &schedule.results(&spec, &a, &b));
        prop_assert!(run.counts.cycles >= schedule.law().cycles, "{} cycles beat the law", run.counts.cycles);
        prop_assert!(run.counts.utilization() <= 1.0);
        if patterns == Patterns::ALWAYS {
            prop_assert_eq!(&run, &events(&spec, &a, &b).expect("a clean run"));
        }
    }

    /// Digit by digit in time: the same results, and the law of steps that take a cycle a slot.
    #[test]
    fn a_temporal_bit_weight_gives_the_same_product((spec, a, b, patterns) in case()) {
        // Where an operand stays there is no loop over the bit weight in time.
        if spec.dataflow() != Dataflow::OutputStationary {
            return Ok(());
        }
        let timing = Timing::new(&spec).expect("a timing");
        let timing = Timing { step_cycles: spec.digit_slots(), ..timing };
        let schedule = Schedule::with_timing(&spec, timing, (a.rows(), b.cols(), a.cols())).expect("a GEMM");
        let run = run_scheduled(&spec, &schedule, (&a, &b), &patterns, &mut Silent).expect("a clean run");
        prop_assert_eq!(&run.c, &product(&spec, &a, &b));
        prop_assert!(run.counts.cycles >= schedule.law().cycles, "{} cycles beat the law", run.counts.cycles);
    }

    /// Lanes and places of every stream: the beats are what the machine is given, and each result is where the driver puts it.
    #[test]
    fn traffic_carries_the_operands_and_the_results((spec, a, b, patterns) in case()) {
        let schedule = Schedule::new(&spec, a.rows(), b.cols(), a.cols()).expect("a GEMM");
        let streams = spec.streams();
        let traffic = schedule.traffic(&spec, (&a, &b), &patterns);
        prop_assert_eq!(streams.len(), traffic.len());
        for (stream, traffic) in streams.iter().zip(&traffic) {
            let beats = traffic.beats();
            prop_assert_eq!(beats.len(), schedule.beats(stream.role));
            if matches!(stream.role, crate::engine::Stream::Command) {
                continue;
            }
            prop_assert!(beats.iter().all(|beat| beat.len() == schedule.lanes(stream.role)));
            let places = |place: &dyn Fn(usize, usize) -> bool| -> usize {
                (0..beats.len()).map(|beat| (0..beats[beat].len()).filter(|&lane| place(beat, lane)).count()).sum()
            };
            use crate::engine::Stream;
            if stream.role == Stream::A || stream.role == Stream::B {
                let words: usize = (0..beats.len()).map(|beat| schedule.words(stream.role, beat)).sum();
                let named = places(&|beat, lane| match stream.role {
                    Stream::A => schedule.a_source(beat, lane).is_some(),
                    _ => schedule.b_source(beat, lane).is_some(),
                });
                prop_assert_eq!(words, named);
                for (beat, words) in beats.iter().enumerate() {
                    prop_assert_eq!(words, &beats[schedule.first_alike(stream.role, beat)]);
                }
            }
        }
    }
}

#[test]
fn the_timing_of_each_array_is_what_its_registers_make_of_it() {
    let timing = |array: Array| {
        let spec = EngineSpec { array, rows: 4, cols: 3, ..EngineSpec::default() };
        let timing = Timing::new(&spec).expect("a timing");
        (timing.reach, timing.stages, timing.least_pitch(4))
    };
    assert_eq!(timing(Array::Systolic(Dataflow::OutputStationary)), (5, 0, 6));
    assert_eq!(timing(Array::Cube { depth: 8 }), (5, 0, 6));
    assert_eq!(timing(Array::Matrix2d), (0, 0, 4));
    for (depth, stages) in [(1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (16, 5)] {
        assert_eq!(timing(Array::AdderTree { depth }), (0, stages, 4), "{depth}");
    }
}
