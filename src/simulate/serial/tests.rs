//! Cycle by cycle against event by event, and both against the triple loop.

use super::{events, gemm};
use crate::encoding::EncodingKind;
use crate::engine::{Array, EngineSpec, Patterns};
use crate::matrix::Matrix;
use crate::notation::transform::{EmptyGroups, LanePace, Parameters, SyncPeriod};
use crate::simulate::wrap;
use proptest::prelude::*;

fn product(a: &Matrix<i32>, b: &Matrix<i32>) -> Matrix<i64> {
    Matrix::from_fn(a.rows(), b.cols(), |m, n| (0..a.cols()).map(|k| i64::from(a[(m, k)]) * i64::from(b[(k, n)])).sum())
}

fn pattern() -> impl Strategy<Value = u64> {
    prop_oneof![Just(!0), Just(1 << 13), any::<u64>().prop_map(|bits| bits.max(1))]
}

/// Zeros, extremes and values near zero often.
fn operand(rows: usize, cols: usize, (bits, signed): (u32, bool), zeros: u32) -> impl Strategy<Value = Matrix<i32>> {
    let least = if signed { -(1_i32 << (bits - 1)) } else { 0 };
    let greatest = least + ((1 << bits) - 1);
    let value = prop_oneof![
        zeros => Just(0),
        2 => prop_oneof![Just(least), Just(greatest)],
        4 => least..=greatest,
        4 => (least..=greatest).prop_map(|value| value / 8),
    ];
    proptest::collection::vec(value, rows * cols)
        .prop_map(move |data| Matrix::from_rows(rows, cols, data).expect("rows x cols values"))
}

prop_compose! {
    fn spec()(
        rows in 1_u32..6, cols in 1_u32..4, kind in prop::sample::select(EncodingKind::ALL.to_vec()),
        bits in (2_u32..=16, 2_u32..=16), signed in any::<(bool, bool)>(), more in 0_u32..=36, saturate in prop::bool::weighted(0.3),
        lanes in prop::sample::select(vec![1_u32, 2, 4, 8]), group in 1_u32..=6, skipped in any::<bool>(),
        pace in prop::sample::select(vec![LanePace::Lockstep, LanePace::PerGroup, LanePace::PerBitWeight]),
        period in 0_u32..4,
    ) -> EngineSpec {
        let mut transforms = vec!["compress-accumulate", "skip-zero-digits", "share-encoder"];
        if lanes > 1 {
            transforms.push("extend-reduction");
        }
        let acc_bits = if saturate { 8 + more / 4 } else { (bits.0 + bits.1 + more).min(64) };
        EngineSpec {
            name: "under-test".into(),
            array: Array::Matrix2d,
            rows, cols, a_bits: bits.0, a_signed: signed.0, b_bits: bits.1, b_signed: signed.1, acc_bits, saturate, encoding: Some(kind),
            transforms: transforms.into_iter().map(str::to_owned).collect(),
            parameters: Parameters {
                group,
                empty_groups: if skipped { EmptyGroups::Skipped } else { EmptyGroups::CostACycle },
                sync: if period == 0 { SyncPeriod::Tile } else { SyncPeriod::Operands(period * lanes * group) },
                lanes,
                pace,
                ..Parameters::default()
            },
            ..EngineSpec::default()
        }
    }
}

prop_compose! {
    fn case()(spec in spec(), m in 1_usize..9, n in 1_usize..7, k in 1_usize..40, zeros in prop::sample::select(vec![0_u32, 10, 60]))(
        a in operand(m, k, (spec.a_bits, spec.a_signed), zeros), b in operand(k, n, (spec.b_bits, spec.b_signed), 1), spec in Just(spec),
        patterns in [pattern(), pattern(), pattern(), pattern()],
    ) -> (EngineSpec, Matrix<i32>, Matrix<i32>, Patterns) {
        let [cmd, a_offer, b_offer, c] = patterns;
        (spec, a, b, Patterns { cmd, a: a_offer, b: b_offer, p: !0, c })
    }
}

fn expected(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Matrix<i64> {
    let exact = product(a, b);
    let greatest = i64::MAX >> (64 - spec.acc_bits);
    Matrix::from_fn(exact.rows(), exact.cols(), |m, n| match spec.saturate {
        true => exact[(m, n)].clamp(-greatest - 1, greatest),
        false => wrap(exact[(m, n)], spec.acc_bits),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn events_equal_registers_in_every_field_and_both_the_triple_loop((spec, a, b, _) in case()) {
        let events = events(&spec, &a, &b).expect("a clean run");
        let registers = gemm(&spec, &a, &b, &Patterns::ALWAYS).expect("a clean run");
        prop_assert_eq!(&events, &registers);
        prop_assert_eq!(events.parts.total(), events.cycles);
        prop_assert_eq!(events.c, expected(&spec, &a, &b));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn waiting_streams_change_no_value_and_save_no_cycle((spec, a, b, patterns) in case()) {
        let run = gemm(&spec, &a, &b, &patterns).expect("a clean run");
        let always = events(&spec, &a, &b).expect("a clean run");
        prop_assert_eq!(run.parts.total(), run.cycles);
        prop_assert_eq!(run.words, always.words);
        prop_assert_eq!(run.useful, always.useful);
        prop_assert_eq!(run.c, always.c);
        prop_assert!(run.cycles >= always.cycles, "{} cycles, but {} when nothing waits", run.cycles, always.cycles);
    }
}
