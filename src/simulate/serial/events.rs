//! A GEMM from what the groups of A have to take: no cycle is looked at.

use super::pace::Pace;
use super::shape::{Meeting, Shape};
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TileRow {
    /// Cycles from its first group to its last digit, all rows together.
    pub cycles: u64,
    /// Rows of B that its rows read, those of padding not counted.
    pub rows_of_b: u64,
    /// The same of each block of K in each pass, the first pass first, if K is cut: then rows meet at the end of each as well.
    pub parts: Vec<TilePart>,
}

/// A block of K in one pass of a tile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TilePart {
    /// Cycles from the end of the part before to its own last digit, all rows together.
    pub cycles: u64,
    /// Rows of B that its rows read, those of padding not counted.
    pub rows_of_b: u64,
}

impl TileRow {
    /// The tile whose rows these are.
    fn new(rows: &[Counted]) -> Self {
        let meetings = rows[0].pace.segments.len();
        let slowest = |meeting: usize| rows.iter().map(|row| row.pace.segments[meeting]).max().unwrap_or(0);
        let rows_of_b = rows.iter().map(|row| row.counts.rows_of_b).sum();
        Self { cycles: (0..meetings).map(slowest).sum(), rows_of_b, parts: Vec::new() }
    }
}

/// The parts of a tile whose K is cut into blocks of `block` groups of a lane.
fn parts<Operand, Row: EncodedRow<Operand>>(shape: &Shape, rows: &[Row], block: usize) -> Vec<TilePart> {
    let blocks = shape.groups.div_ceil(block);
    let meeting = |step: usize| match shape.meeting(step) {
        Meeting::None | Meeting::Row if (step % shape.groups).is_multiple_of(block) => Meeting::Rows,
        meeting => meeting,
    };
    let paces: Vec<Pace> = rows.iter().map(|row| Pace::between(shape, row, meeting)).collect();
    let part_of = |step: usize| step / shape.groups * blocks + step % shape.groups / block;
    let mut parts = vec![TilePart::default(); shape.passes * blocks];
    let ends = (1..=shape.steps()).filter(|&step| matches!(meeting(step), Meeting::Rows | Meeting::Tile));
    for (segment, end) in ends.enumerate() {
        let slowest = paces.iter().map(|pace| pace.segments[segment]).max().unwrap_or(0);
        parts[part_of(end - 1)].cycles += slowest;
    }
    for (index, part) in parts.iter_mut().enumerate() {
        let (pass, from) = (index / blocks * shape.groups, index % blocks * block);
        let steps = pass + from..pass + shape.groups.min(from + block);
        part.rows_of_b = rows.iter().map(|row| row.rows_of_b(shape, steps.clone())).sum();
    }
    parts
}

/// The tiles of a GEMM, one for each row of tiles, from A alone; with their parts if K is cut into blocks of less than its groups.
pub fn tile_rows<T: Taking>(shape: &Shape, a: &dyn Blocks, block: usize) -> Vec<TileRow> {
    let tile = |tile: usize| {
        let rows = a.whole_rows(tile * shape.rows..shape.m.min((tile + 1) * shape.rows));
        let of = |row: usize| T::Row::new(shape, (row < rows.rows()).then(|| rows.row(row)));
        let encoded: Vec<T::Row> = (0..shape.rows).map(of).collect();
        let whole = TileRow::new(&encoded.iter().map(|row| Counted::new(shape, row)).collect::<Vec<_>>());
        match block < shape.groups {
            true => TileRow { parts: parts(shape, &encoded, block), ..whole },
            false => whole,
        }
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
