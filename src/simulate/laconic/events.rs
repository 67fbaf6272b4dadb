//! The same from counts of terms: a step takes as long as the lane with the most pairs.

use std::ops::Range;

use crate::encoding::{EncodingKind, Format};
use crate::engine::{EngineSpec, Parts, Schedule};
use crate::matrix::{Blocks, Matrix, ranges};
use crate::simulate::terms::SignedTerms;
use crate::simulate::{Counts, SimulateError, Words, check_bytes};
use rayon::prelude::*;

/// Words of an operand that are in memory at a time.
const BLOCK_WORDS: usize = 1 << 20;

/// Bytes of counts of terms, and of what tiles take, that are kept at a time. Few in tests of this crate, so that K is in pieces there.
const KEPT_BYTES: usize = if cfg!(test) { 1 << 9 } else { 1 << 25 };
/// Most bytes of what the steps of all tiles take.
const MOST_STEP_BYTES: u64 = 1 << 27;

/// Cycles of a tile's steps.
#[derive(Clone, Copy, Default)]
struct TileCycles {
    /// Of all but the last one.
    before: u64,
    /// Of the last one.
    last: u64,
}

/// What C = A * B costs, operands always offered and results always taken.
///
/// Some rows of tiles are counted together, a piece of K at a time, so that the memory that this needs grows with neither.
///
/// # Errors
/// A GEMM that the engine cannot count.
pub fn counts(spec: &EngineSpec, a: &dyn Blocks, b: &dyn Blocks) -> Result<Counts, SimulateError> {
    let (m, n, k) = (a.rows(), b.cols(), a.cols());
    let schedule = Schedule::new(spec, m, n, k)?;
    let (rows, cols, lanes) = (spec.rows as usize, spec.cols as usize, spec.array.depth() as usize);
    let (tiles_m, tiles_n) = schedule.tiles();
    let tables = tables(spec);
    let mut useful = Matrix::filled(rows, cols, 0);
    let mut parts = Parts::default();
    let (mut accept, mut ended, mut working, mut empty) = (0, None, 0, 0);
    let drain = u64::from(spec.rows);
    let together = (KEPT_BYTES / size_of::<TileCycles>() / tiles_n).clamp(1, tiles_m);
    let of_place = together + tiles_n + size_of::<u64>() * (rows + cols);
    let piece = (KEPT_BYTES / of_place).next_multiple_of(lanes).max(lanes);
    for tile_rows in ranges(tiles_m, together) {
        let mut tiles = Matrix::filled(tile_rows.len(), tiles_n, TileCycles::default());
        let of_a = tile_rows.start * rows..m.min(tile_rows.end * rows);
        for places in ranges(k, piece) {
            let [a_terms, b_terms] = terms(spec, (a, of_a.clone()), b, places.clone(), &tables);
            for row in 0..rows {
                for (col, useful) in useful.row_mut(row).iter_mut().enumerate() {
                    let pairs = a_terms.sums.row(row).iter().zip(b_terms.sums.row(col)).map(|(a, b)| a * b);
                    *useful += pairs.sum::<u64>();
                }
            }
            let steps = StepTerms { a: a_terms.most, b: b_terms.most };
            for tile_m in 0..tile_rows.len() {
                for (tile_n, tile) in tiles.row_mut(tile_m).iter_mut().enumerate() {
                    for step in ranges(places.len(), lanes) {
                        let ends = places.start + step.end == k;
                        let pairs = steps.pairs((tile_m, tile_n), step);
                        empty += u64::from(pairs == 0);
                        *(if ends { &mut tile.last } else { &mut tile.before }) += u64::from(pairs.max(1));
                    }
                }
            }
        }
        for &TileCycles { before, last } in tiles.values() {
            working += before + last;
            accept += before;
            let clear = ended.map_or(0, |ended| if drain > 1 { ended + drain - 1 } else { 0 });
            if accept < clear {
                parts.drain += clear - accept;
                accept = clear;
            }
            accept += last;
            ended = Some(accept);
        }
    }
    let done: u64 = useful.values().iter().sum();
    let (m, n, k) = (m as u64, n as u64, k as u64);
    parts.fill = StepTerms::FILL;
    parts.drain += drain;
    parts.empty = empty;
    parts.compute = done / (lanes * rows * cols) as u64;
    parts.sync = working - empty - parts.compute;
    let words = Words { a: m * k * tiles_n as u64, b: k * n * tiles_m as u64, partial: 0, c: m * n };
    Ok(Counts { cycles: parts.total(), parts, macs: m * n * k, words, peak_per_pe: lanes as u64, useful })
}

/// What the steps of each tile take.
#[derive(Clone, Debug)]
pub struct StepTerms {
    /// The most terms of any row of a tile: rows of tiles x K.
    a: Matrix<u8>,
    /// The most terms of any column: columns of tiles x K.
    b: Matrix<u8>,
}

impl StepTerms {
    /// Cycles from the end of the last step to the drain chain.
    pub const FILL: u64 = 3;

    /// Pairs of the slowest lane in a step of a tile (row, column of tiles) that has these places of K.
    fn pairs(&self, (row, col): (usize, usize), places: Range<usize>) -> u32 {
        let (a, b) = (&self.a.row(row)[places.clone()], &self.b.row(col)[places]);
        a.iter().zip(b).map(|(&a, &b)| u32::from(a) * u32::from(b)).max().unwrap_or(0)
    }

    /// Cycles of the step.
    pub fn cycles(&self, tile: (usize, usize), places: Range<usize>) -> u64 {
        u64::from(self.pairs(tile, places).max(1))
    }
}

/// What the steps of C = A * B take.
///
/// # Errors
/// A GEMM that the engine cannot count, or has more steps than can be kept.
pub fn step_terms(spec: &EngineSpec, a: &dyn Blocks, b: &dyn Blocks) -> Result<StepTerms, SimulateError> {
    let k = a.cols();
    let schedule = Schedule::new(spec, a.rows(), b.cols(), k)?;
    let (tiles_m, tiles_n) = schedule.tiles();
    let of_place = (tiles_m + tiles_n) as u64 + 8 * u64::from(spec.rows + spec.cols);
    check_bytes("the steps of all tiles", of_place.saturating_mul(k as u64), MOST_STEP_BYTES)?;
    let [a, b] = terms(spec, (a, 0..a.rows()), b, 0..k, &tables(spec));
    Ok(StepTerms { a: a.most, b: b.most })
}

/// How many terms the elements of A and of B have.
fn tables(spec: &EngineSpec) -> [Table; 2] {
    let kind = spec.encoding.unwrap_or(EncodingKind::Csd);
    [spec.a_format(), spec.b_format()].map(|format| table(kind, format))
}

/// Terms of some rows of A and of the columns of B, in some places of K.
fn terms(
    spec: &EngineSpec,
    (a, rows): (&dyn Blocks, Range<usize>),
    b: &dyn Blocks,
    k: Range<usize>,
    [a_table, b_table]: &[Table; 2],
) -> [TermCounts; 2] {
    let mut of_a = TermCounts::new(rows.len(), spec.rows as usize, k.len());
    let height = (BLOCK_WORDS / k.len().max(1)).max(1);
    for part in ranges(rows.len(), height) {
        let block = a.block(rows.start + part.start..rows.start + part.end, k.clone());
        of_a.add_all(&block, a_table, |row, place| (part.start + row, place));
    }
    let mut of_b = TermCounts::new(b.cols(), spec.cols as usize, k.len());
    let height = (BLOCK_WORDS / b.cols().max(1)).max(1);
    for part in ranges(k.len(), height) {
        let block = b.block(k.start + part.start..k.start + part.end, 0..b.cols());
        of_b.add_all(&block, b_table, |row, col| (col, part.start + row));
    }
    [of_a, of_b]
}

/// Terms of the elements of an operand whose lines (rows of A, columns of B) are dealt to the lines of the array in turn.
struct TermCounts {
    /// The most of any line of a tile, tile by tile, for each k. Pairs are the product of two counts, so the slowest lane is found
    /// without looking at every unit.
    most: Matrix<u8>,
    /// The sum over all tiles, for each line of the array and k.
    sums: Matrix<u64>,
}

impl TermCounts {
    fn new(lines: usize, array: usize, k: usize) -> Self {
        Self { most: Matrix::filled(lines.div_ceil(array), k, 0), sums: Matrix::filled(array, k, 0) }
    }

    fn add(&mut self, (line, k): (usize, usize), count: u8) {
        let array = self.sums.rows();
        let most = &mut self.most[(line / array, k)];
        *most = count.max(*most);
        self.sums[(line % array, k)] += u64::from(count);
    }

    /// Adds those of a block; `place` is line and k of an element's row and column.
    fn add_all(&mut self, block: &Matrix<i32>, table: &Table, place: impl Fn(usize, usize) -> (usize, usize)) {
        for row in 0..block.rows() {
            for (col, &value) in block.row(row).iter().enumerate() {
                self.add(place(row, col), table.of(value));
            }
        }
    }
}

/// How many terms each element of a format has.
struct Table {
    least: i32,
    counts: Vec<u8>,
}

impl Table {
    fn of(&self, element: i32) -> u8 {
        self.counts[(element - self.least) as usize]
    }
}

fn table(kind: EncodingKind, format: Format) -> Table {
    let (least, greatest) = format.range();
    let count = |element: i32| SignedTerms::new(kind, format.value(element), format.word_bits()).count() as u8;
    Table { least, counts: (least..=greatest).into_par_iter().map(count).collect() }
}

#[cfg(test)]
mod tests {
    use crate::engine::{Family, Patterns};
    use crate::matrix::Matrix;
    use crate::simulate::{events, gemm};
    use crate::verify::{Draw, random_spec_where};

    /// With K in pieces and few rows of tiles together, as they are in tests of this crate. Tiles of zeros are so short that they wait
    /// for the results of those before.
    #[test]
    fn events_in_pieces_of_k_are_those_of_the_registers() {
        for seed in 0..60 {
            let spec = random_spec_where(seed, 4, |spec| {
                spec.family() == Family::Laconic && !spec.a_format().is_blocked() && !spec.b_format().is_blocked()
            });
            let mut draw = Draw::new(seed);
            let [m, n, k] = [20, 20, 60].map(|most| draw.between(1, most) as usize);
            let k = k.min(spec.max_length() as usize);
            let kept = draw.one_of(&[0, 20, 100]);
            let mut operand = |rows, cols, (least, greatest): (i32, i32)| {
                let values = (i64::from(greatest) - i64::from(least)) as u64;
                Matrix::from_fn(rows, cols, |_, _| match draw.between(1, 100) <= kept {
                    true => (i64::from(least) + draw.between(0, values) as i64) as i32,
                    false => 0,
                })
            };
            let (a, b) = (operand(m, k, spec.a_format().range()), operand(k, n, spec.b_format().range()));
            // A code that is no number is refused by both.
            let registers = gemm(&spec, &a, &b, &Patterns::ALWAYS);
            assert_eq!(events(&spec, &a, &b), registers, "seed {seed}: {m} {n} {k}");
        }
    }
}
