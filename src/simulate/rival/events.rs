//! The same from counts of terms: a step takes as long as the lane with the most pairs.

use std::ops::Range;

use super::encoded;
use crate::engine::{EngineSpec, Parts, Schedule};
use crate::matrix::Matrix;
use crate::simulate::terms::SignedTerms;
use crate::simulate::{GemmRun, SimulateError, Words};

/// The most terms of any row of a tile, and of any column, for each k: pairs are the product of the two counts, so the slowest
/// lane of a step is found without looking at every unit.
#[derive(Clone, Debug)]
pub struct StepTerms {
    /// Rows of tiles x K.
    a: Matrix<u32>,
    /// Columns of tiles x K.
    b: Matrix<u32>,
}

impl StepTerms {
    /// Cycles from the end of the last step to the drain chain.
    pub const FILL: u64 = 3;

    fn new(spec: &EngineSpec, schedule: &Schedule, [a, b]: [&Matrix<SignedTerms>; 2]) -> Self {
        let (rows, cols) = (spec.rows as usize, spec.cols as usize);
        let (tiles_m, tiles_n) = schedule.tiles();
        let (m, n, k) = schedule.extents();
        Self {
            a: Matrix::from_fn(tiles_m, k, |tile, step| {
                (tile * rows..m.min((tile + 1) * rows)).map(|row| a[(row, step)].count()).max().unwrap_or(0)
            }),
            b: Matrix::from_fn(tiles_n, k, |tile, step| {
                (tile * cols..n.min((tile + 1) * cols)).map(|col| b[(step, col)].count()).max().unwrap_or(0)
            }),
        }
    }

    /// Pairs of the slowest lane in a step of a tile (row, column of tiles) that has these places of K.
    fn pairs(&self, (row, col): (usize, usize), places: Range<usize>) -> u32 {
        let (a, b) = (&self.a.row(row)[places.clone()], &self.b.row(col)[places]);
        a.iter().zip(b).map(|(a, b)| a * b).max().unwrap_or(0)
    }

    /// Cycles of the step.
    pub fn cycles(&self, tile: (usize, usize), places: Range<usize>) -> u64 {
        u64::from(self.pairs(tile, places).max(1))
    }
}

/// What the steps of C = A * B take.
///
/// # Errors
/// A GEMM that the engine cannot count.
pub fn step_terms(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<StepTerms, SimulateError> {
    let schedule = Schedule::new(spec, a.rows(), b.cols(), a.cols())?;
    let [a, b] = encoded(spec, a, b)?;
    Ok(StepTerms::new(spec, &schedule, [&a, &b]))
}

/// Runs C = A * B, operands always offered and results always taken; `c` is the product as the engine yields it.
///
/// # Errors
/// A GEMM that the engine cannot count.
pub fn events(
    spec: &EngineSpec,
    (a, b): (&Matrix<i32>, &Matrix<i32>),
    c: Matrix<i64>,
) -> Result<GemmRun, SimulateError> {
    let (m, n, k) = (a.rows(), b.cols(), a.cols());
    let schedule = Schedule::new(spec, m, n, k)?;
    let [a, b] = encoded(spec, a, b)?;
    let (rows, cols, lanes) = (spec.rows as usize, spec.cols as usize, spec.array.depth() as usize);
    let (tiles_m, tiles_n) = schedule.tiles();
    let steps = StepTerms::new(spec, &schedule, [&a, &b]);
    let mut parts = Parts::default();
    let (mut accept, mut ended, mut working, mut empty) = (0, None, 0, 0);
    let drain = u64::from(spec.rows);
    for (tile_m, tile_n) in (0..tiles_m).flat_map(|tile_m| (0..tiles_n).map(move |tile_n| (tile_m, tile_n))) {
        for from in (0..k).step_by(lanes) {
            let ends = from + lanes >= k;
            let clear = ended.map_or(0, |ended| if drain > 1 { ended + drain - 1 } else { 0 });
            if ends && accept < clear {
                parts.drain += clear - accept;
                accept = clear;
            }
            let pairs = steps.pairs((tile_m, tile_n), from..k.min(from + lanes));
            let cycles = u64::from(pairs.max(1));
            working += cycles;
            empty += u64::from(pairs == 0);
            accept += cycles;
            if ends {
                ended = Some(accept);
            }
        }
    }
    let useful = useful(&a, &b, (rows, cols));
    let done: u64 = useful.values().iter().sum();
    let (m, n, k) = (m as u64, n as u64, k as u64);
    parts.fill = StepTerms::FILL;
    parts.drain += drain;
    parts.empty = empty;
    parts.compute = done / (lanes * rows * cols) as u64;
    parts.sync = working - empty - parts.compute;
    let words = Words { a: m * k * tiles_n as u64, b: k * n * tiles_m as u64, partial: 0, c: m * n };
    Ok(GemmRun { c, cycles: parts.total(), parts, macs: m * n * k, words, peak_per_pe: lanes as u64, useful })
}

/// Pairs that each unit works on: the counts of its rows of A times those of its columns of B, k by k.
fn useful(a: &Matrix<SignedTerms>, b: &Matrix<SignedTerms>, (rows, cols): (usize, usize)) -> Matrix<u64> {
    let k = a.cols();
    let mut a_sums = Matrix::filled(rows, k, 0_u64);
    for row in 0..a.rows() {
        for (sum, terms) in a_sums.row_mut(row % rows).iter_mut().zip(a.row(row)) {
            *sum += u64::from(terms.count());
        }
    }
    let mut b_sums = Matrix::filled(k, cols, 0_u64);
    for step in 0..k {
        for (col, terms) in b.row(step).iter().enumerate() {
            b_sums[(step, col % cols)] += u64::from(terms.count());
        }
    }
    Matrix::from_fn(rows, cols, |row, col| (0..k).map(|step| a_sums[(row, step)] * b_sums[(step, col)]).sum())
}
