//! Dense arrays, register by register: cycles do not depend on the data.

mod bit_weights;
mod driver;
mod element;
mod machine;
mod operands;
mod output_stationary;
mod panel;
#[cfg(test)]
mod tests;
mod tile_control;
mod weight_stationary;

pub use driver::Cycle;
pub use element::Element;
pub use machine::{Beats, Machine, Offered, Registers, Taken, Wait};
pub(super) use tile_control::TileControl;

use super::gemm::{Counts, GemmRun, Observer, Words};
use super::{SimulateError, Word};
use crate::engine::{Dataflow, EngineSpec, Patterns, Schedule};
use crate::matrix::Matrix;
use driver::{Driver, Totals};
use output_stationary::OutputStationary;
use weight_stationary::WeightStationary;

/// Runs C = A * B, watched by `observer`. Shapes meet and values fit.
///
/// # Errors
/// A GEMM that the engine cannot count; [`SimulateError::Internal`] if a condition that every run must meet was violated.
pub fn run(
    spec: &EngineSpec,
    (a, b): (&Matrix<i32>, &Matrix<i32>),
    patterns: &Patterns,
    observer: &mut impl Observer,
) -> Result<GemmRun, SimulateError> {
    let schedule = Schedule::new(spec, a.rows(), b.cols(), a.cols())?;
    run_scheduled(spec, &schedule, (a, b), patterns, observer)
}

fn run_scheduled(
    spec: &EngineSpec,
    schedule: &Schedule,
    (a, b): (&Matrix<i32>, &Matrix<i32>),
    patterns: &Patterns,
    observer: &mut impl Observer,
) -> Result<GemmRun, SimulateError> {
    let case = Case { spec, schedule, a, b, patterns };
    // Digits at their weight can be wider than their operand.
    let is_short = spec.a_word_bits() <= 16 && spec.b_word_bits() <= 16 && schedule.timing().step_cycles == 1;
    let totals = match (is_short, spec.sum_bits()) {
        (true, ..=32) => case.run::<u32, i16>(observer),
        (true, _) => case.run::<u64, i16>(observer),
        (false, ..=32) => case.run::<u32, i32>(observer),
        (false, _) => case.run::<u64, i32>(observer),
    };
    totals.and_then(|totals| checked(totals, spec, schedule, patterns)).map_err(|what| SimulateError::Internal {
        design: spec.name.clone(),
        seed: None,
        what,
    })
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
    fn run<W: Word, E: Element>(&self, observer: &mut impl Observer) -> Result<Totals, String> {
        let timing = self.schedule.timing();
        match self.spec.dataflow() {
            Dataflow::OutputStationary => self.drive(OutputStationary::<W, E>::new(self.spec, timing), observer),
            Dataflow::WeightStationary | Dataflow::InputStationary => {
                self.drive(WeightStationary::<W, E>::new(self.spec, timing), observer)
            }
        }
    }

    fn drive<M: Machine>(&self, machine: M, observer: &mut impl Observer) -> Result<Totals, String> {
        let driver = Driver::new(self.spec, self.schedule, machine, (self.a, self.b), self.patterns);
        driver.run(|cycle| observer.cycle(cycle))
    }
}

/// The conditions that every run must meet (beside those that the driver meets on its way).
fn checked(totals: Totals, spec: &EngineSpec, schedule: &Schedule, patterns: &Patterns) -> Result<GemmRun, String> {
    let (m, n, k) = schedule.extents();
    let Totals { c, cycles, parts, words, products } = totals;
    if parts.total() != cycles {
        return Err(format!("parts {parts:?} sum to {}, not to {cycles} cycles", parts.total()));
    }
    let law = schedule.law();
    if *patterns == Patterns::ALWAYS && (cycles, parts) != (law.cycles, law.parts) {
        return Err(format!("{cycles} cycles {parts:?}, but the law says {} cycles {:?}", law.cycles, law.parts));
    }
    let macs = m as u64 * n as u64 * k as u64;
    // Those of the places that are kept of K.
    let multiplications = m as u64 * n as u64 * schedule.places() as u64;
    let useful = useful_macs(&products);
    let done: u64 = useful.values().iter().sum();
    if done != multiplications {
        return Err(format!("the PEs did {done} useful products of {multiplications}"));
    }
    let peak_per_pe = u64::from(spec.array.depth());
    if useful.values().iter().any(|&count| count > cycles * peak_per_pe) {
        return Err(format!("a PE did more than {peak_per_pe} products in some of {cycles} cycles"));
    }
    let (tiles_outer, tiles_inner) = schedule.tiles();
    let (m, n, k, places) = (m as u64, n as u64, k as u64, schedule.places() as u64);
    let expected = match spec.dataflow() {
        Dataflow::OutputStationary => {
            Words { a: m * k * tiles_inner as u64, b: places * n * tiles_outer as u64, partial: 0, c: m * n }
        }
        Dataflow::WeightStationary | Dataflow::InputStationary => {
            let (outer, inner) = (tiles_outer as u64, tiles_inner as u64);
            let (a, b) = match spec.dataflow() {
                Dataflow::InputStationary => (m * k, k * n * outer),
                _ => (m * k * outer, places * n),
            };
            Words { a, b, partial: m * n * (inner - 1), c: m * n * inner }
        }
    };
    if words != expected {
        return Err(format!("words in and out are {words:?}, but the tiles consume {expected:?}"));
    }
    Ok(GemmRun { c, counts: Counts { cycles, parts, macs, words, peak_per_pe, useful } })
}

/// From "products of steps that used PEs (0, 0) to (r, c)" to "products of PE (r, c)": sums over all corners beyond it.
fn useful_macs(products: &Matrix<u64>) -> Matrix<u64> {
    let (rows, cols) = (products.rows(), products.cols());
    let mut useful = products.clone();
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
