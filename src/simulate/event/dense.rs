//! Runs of dense arrays from closed forms: their cycles depend on extents alone.

use crate::engine::{Dataflow, EngineSpec, Schedule};
use crate::matrix::Matrix;
use crate::simulate::{Counts, SimulateError, Words};

/// What an M x N x K GEMM costs with operands always offered and results always taken.
///
/// # Errors
/// A GEMM that the engine cannot count.
pub fn counts(spec: &EngineSpec, (m, n, k): (usize, usize, usize)) -> Result<Counts, SimulateError> {
    let schedule = Schedule::new(spec, m, n, k)?;
    let law = schedule.law();
    Ok(Counts {
        cycles: law.cycles,
        parts: law.parts,
        macs: m as u64 * n as u64 * k as u64,
        words: words(spec, (m, n, k), places(spec, k)),
        peak_per_pe: u64::from(spec.array.depth()),
        useful: useful(spec, (m, n, places(spec, k))),
    })
}

/// Elements of a column of B that are stored.
fn places(spec: &EngineSpec, k: usize) -> usize {
    spec.kept().map_or(k, |kept| k.div_ceil(kept.m as usize) * kept.n as usize)
}

/// Words of the GEMM through the engine's ports: each operand as often as tiles want it, results as often as they leave.
fn words(spec: &EngineSpec, (m, n, k): (usize, usize, usize), places: usize) -> Words {
    let tiles = |extent: usize, side: u32| extent.div_ceil(side as usize) as u64;
    let (c, tiles_of_k) = (m as u64 * n as u64, tiles(places, spec.rows));
    let (a, b) = (m as u64 * k as u64, places as u64 * n as u64);
    match spec.dataflow() {
        Dataflow::OutputStationary => Words { a: a * tiles(n, spec.cols), b: b * tiles(m, spec.rows), partial: 0, c },
        Dataflow::WeightStationary => {
            Words { a: a * tiles(n, spec.cols), b, partial: c * (tiles_of_k - 1), c: c * tiles_of_k }
        }
        Dataflow::InputStationary => {
            Words { a, b: b * tiles(m, spec.cols), partial: c * (tiles_of_k - 1), c: c * tiles_of_k }
        }
    }
}

/// Useful multiply-accumulates of each PE: those of the rows, columns and steps that all tiles together give it.
fn useful(spec: &EngineSpec, (m, n, k): (usize, usize, usize)) -> Matrix<u64> {
    let (along_rows, along_cols, steps) = match spec.dataflow() {
        Dataflow::OutputStationary => (m, n, k),
        Dataflow::WeightStationary => (k, n, m),
        Dataflow::InputStationary => (k, m, n),
    };
    let (rows, cols) = (spec.rows as usize, spec.cols as usize);
    // How many of 0 .. extent are `index` modulo `side`.
    let share = |extent: usize, side: usize, index: usize| extent / side + usize::from(index < extent % side);
    Matrix::from_fn(rows, cols, |row, col| {
        share(along_rows, rows, row) as u64 * share(along_cols, cols, col) as u64 * steps as u64
    })
}
