//! A GEMM from what the groups of A have to take: no cycle is looked at.

use super::matches::Matches;
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
    fn new<'r>(rows: impl Iterator<Item = &'r Counted> + Clone) -> Self {
        let meetings = rows.clone().map(|row| row.pace.segments.len()).max().unwrap_or(0);
        let slowest = |meeting: usize| rows.clone().map(|row| row.pace.segments[meeting]).max().unwrap_or(0);
        let cycles = (0..meetings).map(slowest).sum();
        Self { cycles, rows_of_b: rows.clone().map(|row| row.counts.rows_of_b).sum() }
    }
}

/// The tiles of a GEMM: one for each row of tiles and version of it, versions side by side.
pub fn tile_rows<T: Taking>(shape: &Shape, matches: &Matches, a: &dyn Blocks) -> Vec<TileRow> {
    let tile = |tile: usize| {
        let block = a.whole_rows(tile * shape.rows..shape.m.min((tile + 1) * shape.rows));
        let of_version = |version: usize| {
            let counted = |row: usize| {
                let seen = (row < block.rows()).then(|| matches.seen(version, block.row(row)));
                Counted::new(shape, &T::Row::new(shape, seen.as_deref()))
            };
            TileRow::new((0..shape.rows).map(counted).collect::<Vec<_>>().iter())
        };
        (0..matches.versions()).map(of_version).collect::<Vec<_>>()
    };
    (0..shape.tiles().0).into_par_iter().flat_map_iter(tile).collect()
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
    let matches = Matches::new(shape, b);
    let (c, rows) = T::product(spec, shape, &matches, (a, b));
    Ok(GemmRun { c, counts: total::<T>(spec, shape, &matches, rows)? })
}

/// What the GEMM costs; its product is not computed.
///
/// # Errors
/// Those of [`run`].
pub fn counts<T: Taking>(
    spec: &EngineSpec,
    shape: &Shape,
    (a, b): (&dyn Blocks, &dyn Blocks),
) -> Result<Counts, SimulateError> {
    let matches = Matches::new(shape, b);
    total::<T>(spec, shape, &matches, counted::<T>(shape, &matches, a))
}

/// What each row of A contributes, in each version.
pub fn counted<T: Taking>(shape: &Shape, matches: &Matches, a: &dyn Blocks) -> Vec<Counted> {
    let blocks: Vec<_> = ranges(shape.m, BLOCK).collect();
    let rows = blocks.into_par_iter().flat_map_iter(|rows| {
        let block = a.whole_rows(rows);
        let versions = |row: usize| (0..matches.versions()).map(move |version| (row, version));
        let count = |(row, version): (usize, usize)| {
            Counted::new(shape, &T::Row::new(shape, Some(&matches.seen(version, block.row(row)))))
        };
        (0..block.rows()).flat_map(versions).map(count).collect::<Vec<_>>()
    });
    rows.collect()
}

/// What the rows of A, in each version, make of all tiles.
fn total<T: Taking>(
    spec: &EngineSpec,
    shape: &Shape,
    matches: &Matches,
    mut rows: Vec<Counted>,
) -> Result<Counts, SimulateError> {
    let (tiles_m, versions) = (shape.tiles().0, matches.versions());
    rows.resize(tiles_m * shape.rows * versions, Counted::new(shape, &T::Row::new(shape, None)));

    let engine_rows = shape.rows as u64;
    let (mut work, mut waits, mut busy, mut empty) = (0, 0, 0, 0);
    for (index, tile) in rows.chunks_exact(shape.rows * versions).enumerate() {
        for version in 0..versions {
            let tiles = matches.tiles(version).count() as u64;
            let of_version = || tile.iter().skip(version).step_by(versions);
            let cycles = TileRow::new(of_version()).cycles;
            work += cycles * tiles;
            // The results of the tile before, if there is one, leave a row a cycle.
            let is_first = index == 0 && matches.of_tile(0) == version;
            waits += engine_rows.saturating_sub(cycles) * (tiles - u64::from(is_first));
            busy += of_version().map(|row| row.counts.useful).sum::<u64>() * tiles;
            empty += of_version().map(|row| row.pace.empty).sum::<u64>() * tiles;
        }
    }
    let row_counts: Vec<RowCounts> = rows.iter().map(|row| row.counts).collect();
    let counts = LaneCycles { fill: shape.fill(), drain: waits + shape.drain(), busy, empty, ..LaneCycles::default() };
    let words = words_of(shape, matches, &row_counts);
    let cycles = work + counts.fill + counts.drain;
    finished(spec, shape, matches, (cycles, &counts, words), &row_counts)
}
