//! One GEMM on one engine.

use super::SimulateError;
use super::dense;
use super::dense::{Cycle, Machine};
use super::operand::check_operands;
use super::{laconic, serial};
use crate::engine::{EngineSpec, Family, Parts, Patterns};
use crate::matrix::Matrix;

/// Words of the GEMM that crossed the engine's ports; padding is not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Elements of A.
    pub a: u64,
    /// Elements of B.
    pub b: u64,
    /// Partial sums fed back.
    pub partial: u64,
    /// Results, partial ones included.
    pub c: u64,
}

/// A GEMM that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GemmRun {
    /// The product, M x N, each element wrapped (or, with `saturate`, clipped) to the accumulator's width, sign-extended.
    pub c: Matrix<i64>,
    /// What it cost.
    pub counts: Counts,
}

/// What a GEMM costs, without its product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// From the edge that accepts the first operand to the one on which the last result is accepted, both included.
    pub cycles: u64,
    /// Where they went; they sum to `cycles`.
    pub parts: Parts,
    /// Useful multiply-accumulates: M x N x K, those with a zero that is not stored too.
    pub macs: u64,
    /// Words in and out.
    pub words: Words,
    /// Operations that a PE can do in a cycle: multiply-accumulates in a dense array, digits in one that skips zeros.
    pub peak_per_pe: u64,
    /// Useful operations of each PE, rows x cols.
    pub useful: Matrix<u64>,
}

impl Counts {
    /// One GEMM after the other on the same engine.
    pub fn and(self, other: Self) -> Self {
        let (rows, cols) = (self.useful.rows(), self.useful.cols());
        Self {
            cycles: self.cycles + other.cycles,
            parts: [self.parts, other.parts].into_iter().sum(),
            macs: self.macs + other.macs,
            words: Words {
                a: self.words.a + other.words.a,
                b: self.words.b + other.words.b,
                partial: self.words.partial + other.words.partial,
                c: self.words.c + other.words.c,
            },
            peak_per_pe: self.peak_per_pe,
            useful: Matrix::from_fn(rows, cols, |row, col| self.useful[(row, col)] + other.useful[(row, col)]),
        }
    }

    /// Useful operations over those that all PEs could have done in all cycles, 0 to 1.
    pub fn utilization(&self) -> f64 {
        utilization(&self.useful, self.peak_per_pe, self.cycles)
    }
}

/// `useful` operations of all PEs over those that they could have done in `cycles`, each `peak` a cycle.
pub(super) fn utilization(useful: &Matrix<u64>, peak: u64, cycles: u64) -> f64 {
    let done: u64 = useful.values().iter().sum();
    done as f64 / (cycles as f64 * peak as f64 * useful.values().len() as f64)
}

/// Sees every cycle of a run, for waves and for comparing engines.
pub trait Observer {
    /// One cycle, before the edge that ends it.
    fn cycle<M: Machine>(&mut self, cycle: &Cycle<M>);
}

/// Watches nothing.
struct Silent;

impl Observer for Silent {
    fn cycle<M: Machine>(&mut self, _: &Cycle<M>) {}
}

/// Runs C = A * B on the engine: every register, every cycle.
///
/// A is M x K, B is K x N. The result is what the hardware computes: a result too large wraps or is clipped, and is
/// for [`compare`](super::compare()) to find.
///
/// # Errors
/// Operands whose shapes do not meet or whose values do not fit their formats; a GEMM that the engine cannot count;
/// [`SimulateError::Internal`] if a condition that every run must meet was violated.
pub fn gemm(
    spec: &EngineSpec,
    a: &Matrix<i32>,
    b: &Matrix<i32>,
    patterns: &Patterns,
) -> Result<GemmRun, SimulateError> {
    gemm_observed(spec, a, b, patterns, &mut Silent)
}

/// [`gemm`], watched by `observer`.
///
/// # Errors
/// Those of [`gemm`].
pub fn gemm_observed(
    spec: &EngineSpec,
    a: &Matrix<i32>,
    b: &Matrix<i32>,
    patterns: &Patterns,
    observer: &mut impl Observer,
) -> Result<GemmRun, SimulateError> {
    check_operands(spec, a, b)?;
    match spec.family() {
        Family::Dense => dense::run(spec, (a, b), patterns, observer),
        Family::Serial => serial::gemm(spec, a, b, patterns),
        Family::Laconic => laconic::run(spec, (a, b), patterns),
    }
}
