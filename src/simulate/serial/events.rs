//! A GEMM from what the groups of A have to take: no cycle is looked at.

use super::matches::Matches;
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
    fn new<'r>(rows: impl Iterator<Item = &'r Counted> + Clone) -> Self {
        let meetings = rows.clone().map(|row| row.pace.segments.len()).max().unwrap_or(0);
        let slowest = |meeting: usize| rows.clone().map(|row| row.pace.segments[meeting]).max().unwrap_or(0);
        let cycles = (0..meetings).map(slowest).sum();
        Self { cycles, rows_of_b: rows.clone().map(|row| row.counts.rows_of_b).sum(), parts: Vec::new() }
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

/// The tiles of a GEMM: one for each row of tiles and version of it, versions side by side; with their parts if K is cut into blocks
/// of less than its groups.
pub fn tile_rows<T: Taking>(shape: &Shape, matches: &Matches, a: &dyn Blocks, block: usize) -> Vec<TileRow> {
    let tile = |tile: usize| {
        let rows = a.whole_rows(tile * shape.rows..shape.m.min((tile + 1) * shape.rows));
        let of_version = |version: usize| {
            let of = |row: usize| {
                let seen = (row < rows.rows()).then(|| matches.seen(version, rows.row(row)));
                T::Row::new(shape, seen.as_deref())
            };
            let encoded: Vec<T::Row> = (0..shape.rows).map(of).collect();
            let counted: Vec<Counted> = encoded.iter().map(|row| Counted::new(shape, row)).collect();
            let whole = TileRow::new(counted.iter());
            match block < shape.groups {
                true => TileRow { parts: parts(shape, &encoded, block), ..whole },
                false => whole,
            }
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
