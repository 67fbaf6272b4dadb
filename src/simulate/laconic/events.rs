//! The same from counts of terms: a step takes as long as the lane with the most pairs.

use std::ops::Range;

use crate::encoding::{EncodingKind, Format};
use crate::engine::{EngineSpec, Parts, Schedule};
use crate::matrix::{Blocks, Matrix, strips};
use crate::simulate::terms::SignedTerms;
use crate::simulate::{Counts, SimulateError, Words};
use rayon::prelude::*;

/// Words of an operand that are in memory at a time.
const BLOCK_WORDS: usize = 1 << 20;

/// What C = A * B costs, operands always offered and results always taken.
///
/// # Errors
/// A GEMM that the engine cannot count.
pub fn counts(spec: &EngineSpec, a: &dyn Blocks, b: &dyn Blocks) -> Result<Counts, SimulateError> {
    let (m, n, k) = (a.rows(), b.cols(), a.cols());
    let schedule = Schedule::new(spec, m, n, k)?;
    let (rows, cols, lanes) = (spec.rows as usize, spec.cols as usize, spec.array.depth() as usize);
    let (tiles_m, tiles_n) = schedule.tiles();
    let [a_terms, b_terms] = terms(spec, a, b)?;
    let (a_sums, b_sums) = (a_terms.sums, b_terms.sums);
    let steps = StepTerms { a: a_terms.most, b: b_terms.most };
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
    let useful =
        Matrix::from_fn(rows, cols, |row, col| a_sums.row(row).iter().zip(b_sums.row(col)).map(|(a, b)| a * b).sum());
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
/// A GEMM that the engine cannot count.
pub fn step_terms(spec: &EngineSpec, a: &dyn Blocks, b: &dyn Blocks) -> Result<StepTerms, SimulateError> {
    Schedule::new(spec, a.rows(), b.cols(), a.cols())?;
    let [a, b] = terms(spec, a, b)?;
    Ok(StepTerms { a: a.most, b: b.most })
}

/// Terms of the rows of A and of the columns of B.
fn terms(spec: &EngineSpec, a: &dyn Blocks, b: &dyn Blocks) -> Result<[TermCounts; 2], SimulateError> {
    let (m, n, k) = (a.rows(), b.cols(), a.cols());
    let kind = spec.encoding.unwrap_or(EncodingKind::Csd);
    let (a_table, b_table) = (table(kind, spec.a_format()), table(kind, spec.b_format()));
    let of_a = TermCounts::of(a, (m, spec.rows as usize, k), &a_table, |m, k| (m, k));
    let of_b = TermCounts::of(b, (n, spec.cols as usize, k), &b_table, |k, n| (n, k));
    Ok([of_a, of_b])
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

    /// Of an operand with `lines` lines of `k` elements; `place` is line and k of an element's row and column.
    fn of(
        operand: &dyn Blocks,
        (lines, array, k): (usize, usize, usize),
        table: &Table,
        place: impl Fn(usize, usize) -> (usize, usize),
    ) -> Self {
        let mut counts = Self::new(lines, array, k);
        for (first, strip) in strips(operand, BLOCK_WORDS) {
            for row in 0..strip.rows() {
                for (col, &value) in strip.row(row).iter().enumerate() {
                    counts.add(place(first + row, col), table.of(value));
                }
            }
        }
        counts
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
