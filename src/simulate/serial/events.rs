//! A GEMM from what the groups of A have to take: no cycle is looked at.
//!
//! K is taken a piece at a time, so that the memory that this needs does not grow with it.

use super::matches::Matches;
use super::pace::{Meets, Pace};
use super::shape::{Piece, Shape};
use super::taking::{EncodedRow, RowCounts, Taking};
use super::total::{LaneCycles, finished, words_of};
use crate::engine::EngineSpec;
use crate::matrix::{Blocks, Matrix, ranges};
use crate::simulate::{Counts, GemmRun, SimulateError};
use rayon::prelude::*;

/// What one row of A contributes to each tile, as far as K has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counted {
    /// What it has.
    counts: RowCounts,
    /// How long it takes.
    pace: Pace,
}

/// A tile whose K comes in pieces.
#[derive(Clone, Debug)]
pub struct RunningTile {
    meets: Meets,
    rows: Vec<Counted>,
    cycles: u64,
}

impl RunningTile {
    /// Before its first piece, all of its rows there, those of padding too.
    pub fn new(shape: &Shape, meets: Meets) -> Self {
        Self { meets, rows: vec![Counted::default(); shape.rows], cycles: 0 }
    }

    /// Goes on with a piece of one of its rows.
    pub fn take<Operand>(&mut self, shape: &Shape, piece: &Piece, at: usize, row: &impl EncodedRow<Operand>) {
        let Counted { counts, pace } = &mut self.rows[at];
        let of_piece = row.counts();
        counts.useful += of_piece.useful;
        counts.rows_of_b += of_piece.rows_of_b;
        pace.take(shape, piece, &self.meets, row);
    }

    /// The cycles between the meetings of all rows in a piece that all of them have taken, pass by pass. Gives those that are over.
    pub fn meet(&mut self) -> Vec<u64> {
        let meetings = self.rows.first().map_or(0, |row| row.pace.segments.len());
        let slowest = |at: usize| self.rows.iter().map(|row| row.pace.segments[at]).max().unwrap_or(0);
        let segments: Vec<u64> = (0..meetings).map(slowest).collect();
        self.cycles += segments.iter().sum::<u64>();
        segments
    }

    /// After its last piece.
    pub fn ended(self) -> CountedTile {
        let alone = self.rows.iter().map(|row| row.pace.whole).max().unwrap_or(0);
        let empty = self.rows.iter().map(|row| row.pace.empty).sum();
        CountedTile { cycles: self.cycles + alone, empty, rows: self.rows.iter().map(|row| row.counts).collect() }
    }
}

/// What one of the tiles that share their rows of A has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedTile {
    /// Cycles from its first group to its last digit, all rows together.
    pub cycles: u64,
    /// Cycles of empty groups, over all adders of a PE of each row.
    pub empty: u64,
    /// What its rows have, those of padding too.
    pub rows: Vec<RowCounts>,
}

impl CountedTile {
    fn rows_of_b(&self) -> u64 {
        self.rows.iter().map(|row| row.rows_of_b).sum()
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

/// A tile whose K is in blocks, as it comes in pieces.
struct RunningParts {
    /// Groups of a block.
    block: usize,
    tile: RunningTile,
    parts: Vec<TilePart>,
}

impl RunningParts {
    fn new(shape: &Shape, block: usize) -> Self {
        let parts = vec![TilePart::default(); shape.passes * shape.groups.div_ceil(block)];
        Self { block, tile: RunningTile::new(shape, Meets::in_blocks(shape, block)), parts }
    }

    /// Goes on with a piece of one of its rows.
    fn take<Operand>(&mut self, shape: &Shape, piece: &Piece, at: usize, row: &impl EncodedRow<Operand>) {
        let blocks = shape.groups.div_ceil(self.block);
        let (from, groups) = (piece.first, piece.shape.groups);
        for pass in 0..shape.passes {
            for block in from / self.block..(from + groups).div_ceil(self.block) {
                let of_block = [block, block + 1].map(|edge| (edge * self.block).clamp(from, from + groups) - from);
                let steps = pass * groups + of_block[0]..pass * groups + of_block[1];
                self.parts[pass * blocks + block].rows_of_b += row.rows_of_b(&piece.shape, steps);
            }
        }
        self.tile.take(shape, piece, at, row);
    }

    /// After a piece that all rows have taken.
    fn meet(&mut self, shape: &Shape, piece: &Piece) {
        let (block, parts) = (self.block, &mut self.parts);
        let blocks = shape.groups.div_ceil(block);
        let meets = self.tile.meets;
        let of_pass = || (piece.first + 1..=piece.first + piece.shape.groups).filter(|&end| meets.after(end, shape));
        let places = (0..shape.passes).flat_map(|pass| of_pass().map(move |end| pass * blocks + (end - 1) / block));
        self.tile.meet().into_iter().zip(places).for_each(|(cycles, part)| parts[part].cycles += cycles);
    }
}

/// Rows of A that are looked at together, if a tile has fewer.
const ROWS: usize = 64;

/// Counts the tiles of all rows of tiles, versions of each side by side: `of_tile` makes what is counted of one, `take` goes on with
/// a piece of its rows, `ended` says what there is in the end.
fn by_tiles<T: Taking, Running: Send, Ended: Send>(
    shape: &Shape,
    matches: &Matches,
    a: &dyn Blocks,
    of_tile: impl Fn() -> Running + Sync,
    take: impl Fn(&mut Running, &Piece, &mut dyn Iterator<Item = T::Row>) + Sync,
    ended: impl Fn(Running) -> Ended + Sync,
) -> Vec<Ended> {
    let (tiles_m, versions) = (shape.tiles().0, matches.versions());
    let together = (ROWS / shape.rows).max(1);
    let groups: Vec<_> = ranges(tiles_m, together).collect();
    let of_group = |tiles: std::ops::Range<usize>| {
        let first = tiles.start * shape.rows;
        let rows = first..shape.m.min(tiles.end * shape.rows);
        let mut running: Vec<Running> = (0..tiles.len() * versions).map(|_| of_tile()).collect();
        for piece in shape.pieces(rows.len()) {
            let block = a.block(rows.clone(), piece.k.clone());
            for (index, running) in running.iter_mut().enumerate() {
                let (tile, version) = (index / versions, index % versions);
                let mut encoded = (tile * shape.rows..(tile + 1) * shape.rows).map(|row| {
                    let seen = (row < block.rows()).then(|| matches.seen(version, piece.k.start, block.row(row)));
                    T::Row::new(&piece.shape, seen.as_deref())
                });
                take(running, &piece, &mut encoded);
            }
        }
        running.into_iter().map(&ended).collect::<Vec<_>>()
    };
    groups.into_par_iter().flat_map_iter(of_group).collect()
}

/// The tiles of a GEMM: one for each row of tiles and version of it, versions side by side; with their parts if K is cut into blocks
/// of less than its groups.
pub fn tile_rows<T: Taking>(shape: &Shape, matches: &Matches, a: &dyn Blocks, block: usize) -> Vec<TileRow> {
    let is_cut = block < shape.groups;
    let of_tile = || (RunningTile::new(shape, Meets::of(shape)), is_cut.then(|| RunningParts::new(shape, block)));
    let take = |(whole, parts): &mut (RunningTile, Option<RunningParts>),
                piece: &Piece,
                rows: &mut dyn Iterator<Item = T::Row>| {
        for (at, row) in rows.enumerate() {
            whole.take(shape, piece, at, &row);
            if let Some(parts) = parts {
                parts.take(shape, piece, at, &row);
            }
        }
        whole.meet();
        if let Some(parts) = parts {
            parts.meet(shape, piece);
        }
    };
    let ended = |(whole, parts): (RunningTile, Option<RunningParts>)| {
        let whole = whole.ended();
        let parts = parts.map_or_else(Vec::new, |parts| parts.parts);
        TileRow { cycles: whole.cycles, rows_of_b: whole.rows_of_b(), parts }
    };
    by_tiles::<T, _, _>(shape, matches, a, of_tile, take, ended)
}

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
    let (c, tiles) = T::product(spec, shape, &matches, (a, b));
    Ok(GemmRun { c, counts: total(spec, shape, &matches, &tiles)? })
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
    total(spec, shape, &matches, &counted::<T>(shape, &matches, a))
}

/// What the tiles have, those of each row of tiles in every version.
pub fn counted<T: Taking>(shape: &Shape, matches: &Matches, a: &dyn Blocks) -> Vec<CountedTile> {
    let of_tile = || RunningTile::new(shape, Meets::of(shape));
    let take = |tile: &mut RunningTile, piece: &Piece, rows: &mut dyn Iterator<Item = T::Row>| {
        rows.enumerate().for_each(|(at, row)| tile.take(shape, piece, at, &row));
        tile.meet();
    };
    by_tiles::<T, _, _>(shape, matches, a, of_tile, take, RunningTile::ended)
}

/// What the tiles, in each version, make of the whole.
fn total(spec: &EngineSpec, shape: &Shape, matches: &Matches, tiles: &[CountedTile]) -> Result<Counts, SimulateError> {
    let versions = matches.versions();
    let engine_rows = shape.rows as u64;
    let (mut work, mut waits, mut busy, mut empty) = (0, 0, 0, 0);
    for (index, tile) in tiles.iter().enumerate() {
        let (row, version) = (index / versions, index % versions);
        let times = matches.tiles(version).count() as u64;
        work += tile.cycles * times;
        // The results of the tile before, if there is one, leave a row a cycle.
        let is_first = row == 0 && matches.of_tile(0) == version;
        waits += engine_rows.saturating_sub(tile.cycles) * (times - u64::from(is_first));
        busy += tile.rows.iter().map(|row| row.useful).sum::<u64>() * times;
        empty += tile.empty * times;
    }
    // The rows of A, each in every version.
    let of_rows = tiles
        .chunks_exact(versions)
        .flat_map(|tile| (0..shape.rows).flat_map(move |row| tile.iter().map(move |of_version| of_version.rows[row])));
    let row_counts: Vec<RowCounts> = of_rows.collect();
    let counts = LaneCycles { fill: shape.fill(), drain: waits + shape.drain(), busy, empty, ..LaneCycles::default() };
    let words = words_of(shape, matches, &row_counts);
    let cycles = work + counts.fill + counts.drain;
    finished(spec, shape, matches, (cycles, &counts, words), &row_counts)
}
