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

/// One of the tiles that share their rows of A.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileRow {
    /// Cycles from its first group to its last digit, all rows together.
    pub cycles: u64,
    /// Rows of B that its rows read, those of padding not counted.
    pub rows_of_b: u64,
}

impl TileRow {
    /// The tile whose rows these are.
    fn new(rows: &[Counted]) -> Self {
        let meetings = rows[0].pace.segments.len();
        let slowest = |meeting: usize| rows.iter().map(|row| row.pace.segments[meeting]).max().unwrap_or(0);
        Self { cycles: (0..meetings).map(slowest).sum(), rows_of_b: rows.iter().map(|row| row.counts.rows_of_b).sum() }
    }
}

/// The tiles of a GEMM, one for each row of tiles, from A alone.
pub fn tile_rows<T: Taking>(shape: &Shape, a: &dyn Blocks) -> Vec<TileRow> {
    let tile = |tile: usize| {
        let block = a.whole_rows(tile * shape.rows..shape.m.min((tile + 1) * shape.rows));
        let of = |row: usize| Counted::new(shape, &T::Row::new(shape, (row < block.rows()).then(|| block.row(row))));
        TileRow::new(&(0..shape.rows).map(of).collect::<Vec<_>>())
    };
    (0..shape.tiles().0).into_par_iter().map(tile).collect()
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
        let cycles = TileRow::new(tile).cycles;
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
