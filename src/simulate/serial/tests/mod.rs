//! Cycle by cycle against event by event, and both against the triple loop.

mod digits;
mod terms;
mod values;

use super::{events, gemm};
use crate::engine::{EngineSpec, Patterns};
use crate::matrix::Matrix;
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

fn expected(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Matrix<i64> {
    let exact = product(a, b);
    let greatest = i64::MAX >> (64 - spec.acc_bits);
    Matrix::from_fn(exact.rows(), exact.cols(), |m, n| match spec.saturate {
        true => exact[(m, n)].clamp(-greatest - 1, greatest),
        false => wrap(exact[(m, n)], spec.acc_bits),
    })
}

/// Operands for an engine, and when they are offered.
fn cases(
    spec: impl Strategy<Value = EngineSpec>,
) -> impl Strategy<Value = (EngineSpec, Matrix<i32>, Matrix<i32>, Patterns)> {
    let extents = (1_usize..9, 1_usize..7, 1_usize..40, prop::sample::select(vec![0_u32, 10, 60]));
    let patterns = [pattern(), pattern(), pattern(), pattern()];
    (spec, extents, patterns).prop_flat_map(|(spec, (m, n, k, zeros), [cmd, a, b, c])| {
        let (a_format, b_format) = ((spec.a_bits, spec.a_signed), (spec.b_bits, spec.b_signed));
        let patterns = Patterns { cmd, a, b, p: !0, c };
        (Just(spec), operand(m, k, a_format, zeros), operand(k, n, b_format, zeros.max(1)), Just(patterns))
    })
}

/// By events as by registers in every field, and both as the triple loop.
fn events_equal_registers(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<(), TestCaseError> {
    let events = events(spec, a, b).expect("a clean run");
    let registers = gemm(spec, a, b, &Patterns::ALWAYS).expect("a clean run");
    prop_assert_eq!(&events, &registers);
    prop_assert_eq!(events.counts.parts.total(), events.counts.cycles);
    prop_assert_eq!(events.counts.parts.stall, 0);
    prop_assert_eq!(events.c, expected(spec, a, b));
    Ok(())
}

/// Whatever waits, the same values, words and operations in no fewer cycles.
fn waiting_changes_no_value(
    spec: &EngineSpec,
    a: &Matrix<i32>,
    b: &Matrix<i32>,
    patterns: &Patterns,
) -> Result<(), TestCaseError> {
    let run = gemm(spec, a, b, patterns).expect("a clean run");
    let always = events(spec, a, b).expect("a clean run");
    prop_assert_eq!(run.counts.parts.total(), run.counts.cycles);
    prop_assert_eq!(run.counts.words, always.counts.words);
    prop_assert_eq!(run.counts.useful, always.counts.useful);
    prop_assert_eq!(run.c, always.c);
    prop_assert!(
        run.counts.cycles >= always.counts.cycles,
        "{} cycles, but {} when nothing waits",
        run.counts.cycles,
        always.counts.cycles
    );
    Ok(())
}
