//! A GEMM from what the groups of A have to take: no cycle is looked at.

use super::pace::Pace;
use super::shape::Shape;
use super::taking::{EncodedRow, RowCounts, Taking};
use super::total::{LaneCycles, finished, words_of};
use crate::engine::EngineSpec;
use crate::matrix::{Blocks, Matrix, ranges};
use crate::simulate::{Counts, GemmRun, SimulateError};
use rayon::prelude::*;

/// What one row of A contributes to each tile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// What it has.
    pub counts: RowCounts,
    /// How long it takes.
    pub pace: Pace,
}

impl Counted {
    /// Of an encoded row.
    pub fn new<Operand>(shape: &Shape, row: &impl EncodedRow<Operand>) -> Self {
        Self { counts: row.counts(), pace: Pace::new(shape, row) }
    }
}

/// Rows of A whose values are in memory at a time.
const BLOCK: usize = 64;

/// The whole GEMM. `a` and `b` fit their formats and the shape's extents.
///
/// # Errors
/// [`SimulateError::Internal`] if a condition that every run must meet was violated.
pub fn run<T: Taking>(
    spec: &EngineSpec,
    shape: &Shape,
    a: &Matrix<i32>,
    b: &Matrix<i32>,
) -> Result<GemmRun, SimulateError> {
    let (c, rows) = T::product(spec, shape, a, b);
    Ok(GemmRun { c, counts: total::<T>(spec, shape, rows)? })
}

/// What the GEMM costs: B has no part in it.
///
/// # Errors
/// Those of [`run`].
pub fn counts<T: Taking>(spec: &EngineSpec, shape: &Shape, a: &dyn Blocks) -> Result<Counts, SimulateError> {
    let blocks: Vec<_> = ranges(shape.m, BLOCK).collect();
    let rows = blocks.into_par_iter().flat_map_iter(|rows| {
        let block = a.whole_rows(rows);
        let count = |row: usize| Counted::new(shape, &T::Row::new(shape, Some(block.row(row))));
        (0..block.rows()).map(count).collect::<Vec<_>>()
    });
    total::<T>(spec, shape, rows.collect())
}

/// What the rows of A make of all tiles.
fn total<T: Taking>(spec: &EngineSpec, shape: &Shape, mut rows: Vec<Counted>) -> Result<Counts, SimulateError> {
    let (tiles_m, tiles_n) = shape.tiles();
    rows.resize(tiles_m * shape.rows, Counted::new(shape, &T::Row::new(shape, None)));

    let (engine_rows, tiles) = (shape.rows as u64, tiles_n as u64);
    let (mut work, mut waits) = (0, 0);
    for (index, tile) in rows.chunks_exact(shape.rows).enumerate() {
        let meetings = tile[0].pace.segments.len();
        let slowest = |meeting: usize| tile.iter().map(|row| row.pace.segments[meeting]).max().unwrap_or(0);
        let cycles: u64 = (0..meetings).map(slowest).sum();
        work += cycles * tiles;
        // The results of the tile before, if there is one, leave a row a cycle.
        waits += engine_rows.saturating_sub(cycles) * (tiles - u64::from(index == 0));
    }
    let row_counts: Vec<RowCounts> = rows.iter().map(|row| row.counts).collect();
    let counts = LaneCycles {
        fill: shape.fill(),
        drain: waits + shape.drain(),
        busy: row_counts.iter().map(|row| row.useful).sum::<u64>() * tiles,
        empty: rows.iter().map(|row| row.pace.empty).sum::<u64>() * tiles,
        ..LaneCycles::default()
    };
    let words = words_of(shape, &row_counts);
    let cycles = work + counts.fill + counts.drain;
    finished(spec, shape, cycles, &counts, words, &row_counts)
}
