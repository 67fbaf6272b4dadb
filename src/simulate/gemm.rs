//! One GEMM on one engine.

use super::SimulateError;
use super::driver::{Cycle, Driver, Totals, Words};
use super::machine::Machine;
use super::output_stationary::OutputStationary;
use super::panel::check_range;
use super::weight_stationary::WeightStationary;
use crate::engine::{Dataflow, EngineSpec, Parts, Patterns, Schedule};
use crate::matrix::Matrix;

/// A GEMM that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GemmRun {
    /// The product, M x N, each element wrapped to the accumulator's width and sign-extended.
    pub c: Matrix<i64>,
    /// From the edge that accepts the first operand to the one on which the last result is accepted, both included.
    pub cycles: u64,
    /// Where they went; they sum to `cycles`.
    pub parts: Parts,
    /// Useful multiply-accumulates: M x N x K.
    pub macs: u64,
    /// Words in and out.
    pub words: Words,
    /// Useful multiply-accumulates of each PE, rows x cols.
    pub useful: Matrix<u64>,
}

impl GemmRun {
    /// Useful multiply-accumulates over those that all PEs could have done in all cycles, 0 to 1.
    pub fn utilization(&self) -> f64 {
        self.macs as f64 / (self.cycles as f64 * self.useful.values().len() as f64)
    }
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
/// A is M x K, B is K x N. The result is what the hardware computes: overflow wraps, and is for
/// [`compare`](super::compare()) to find.
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
    if a.cols() != b.rows() {
        let (a_rows, a_cols, b_rows, b_cols) = (a.rows(), a.cols(), b.rows(), b.cols());
        return Err(SimulateError::Shape { a_rows, a_cols, b_rows, b_cols });
    }
    check_range("A", a, spec.a_bits)?;
    check_range("B", b, spec.b_bits)?;
    let schedule = Schedule::new(spec, a.rows(), b.cols(), a.cols())?;
    let carry_save = spec.carry_save()?;
    let case = Case { spec, schedule: &schedule, a, b, patterns };
    let totals = match (spec.dataflow(), spec.acc_bits) {
        (Dataflow::OutputStationary, ..=32) => case.run(OutputStationary::<u32>::new(spec, carry_save), observer),
        (Dataflow::OutputStationary, _) => case.run(OutputStationary::<u64>::new(spec, carry_save), observer),
        (_, ..=32) => case.run(WeightStationary::<u32>::new(spec, carry_save), observer),
        (_, _) => case.run(WeightStationary::<u64>::new(spec, carry_save), observer),
    };
    totals
        .and_then(|totals| checked(totals, spec.dataflow(), &schedule, patterns))
        .map_err(|what| SimulateError::Internal { design: spec.name.clone(), seed: None, what })
}

/// One GEMM and how it is offered.
struct Case<'a> {
    spec: &'a EngineSpec,
    schedule: &'a Schedule,
    a: &'a Matrix<i32>,
    b: &'a Matrix<i32>,
    patterns: &'a Patterns,
}

impl Case<'_> {
    fn run<M: Machine>(&self, machine: M, observer: &mut impl Observer) -> Result<Totals, String> {
        let driver = Driver::new(self.spec, self.schedule, machine, self.a, self.b, self.patterns);
        driver.run(|cycle| observer.cycle(cycle))
    }
}

/// The conditions that every run must meet (beside those that the driver meets on its way).
fn checked(totals: Totals, dataflow: Dataflow, schedule: &Schedule, patterns: &Patterns) -> Result<GemmRun, String> {
    let (m, n, k) = schedule.extents();
    let Totals { c, cycles, parts, words, steps } = totals;
    if parts.total() != cycles {
        return Err(format!("parts {parts:?} sum to {}, not to {cycles} cycles", parts.total()));
    }
    let law = schedule.law();
    if *patterns == Patterns::ALWAYS && (cycles, parts) != (law.cycles, law.parts) {
        return Err(format!("{cycles} cycles {parts:?}, but the law says {} cycles {:?}", law.cycles, law.parts));
    }
    let macs = m as u64 * n as u64 * k as u64;
    let useful = useful_macs(&steps);
    let done: u64 = useful.values().iter().sum();
    if done != macs {
        return Err(format!("the PEs did {done} useful products of {macs}"));
    }
    if useful.values().iter().any(|&count| count > cycles) {
        return Err(format!("a PE did more products than there are cycles ({cycles})"));
    }
    let (tiles_outer, tiles_inner) = schedule.tiles();
    let (m, n, k) = (m as u64, n as u64, k as u64);
    let expected = match dataflow {
        Dataflow::OutputStationary => {
            Words { a: m * k * tiles_inner as u64, b: k * n * tiles_outer as u64, partial: 0, c: m * n }
        }
        Dataflow::WeightStationary | Dataflow::InputStationary => {
            let inner = tiles_inner as u64;
            Words { a: m * k * tiles_outer as u64, b: k * n, partial: m * n * (inner - 1), c: m * n * inner }
        }
    };
    if words != expected {
        return Err(format!("words in and out are {words:?}, but the tiles consume {expected:?}"));
    }
    Ok(GemmRun { c, cycles, parts, macs, words, useful })
}

/// From "steps that used PEs (0, 0) to (r, c)" to "steps that used PE (r, c)": sums over all corners beyond it.
fn useful_macs(steps: &Matrix<u64>) -> Matrix<u64> {
    let (rows, cols) = (steps.rows(), steps.cols());
    let mut useful = steps.clone();
    for row in (0..rows).rev() {
        for col in (0..cols).rev() {
            let south = if row + 1 < rows { useful[(row + 1, col)] } else { 0 };
            let east = if col + 1 < cols { useful[(row, col + 1)] } else { 0 };
            let both = if row + 1 < rows && col + 1 < cols { useful[(row + 1, col + 1)] } else { 0 };
            useful[(row, col)] += south + east - both;
        }
    }
    useful
}
