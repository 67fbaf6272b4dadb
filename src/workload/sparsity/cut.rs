//! The place in an order of all units below which they become 0, found without keeping them.
//!
//! Units are ordered by a key (a magnitude, a sum of squares), equal ones by where they stand. The key at the cut is found digit by digit,
//! the most significant first: a pass counts how many units have each value of the next digit, among those that agree in all digits
//! before. One more pass finds the place among those that have that very key.

use std::ops::Range;

use rayon::prelude::*;

use super::{Grid, Unit};
use crate::matrix::{Blocks, Matrix, ranges};

/// Bits of a key that a pass looks at, at most.
const DIGIT_BITS: u32 = 18;

/// What is less becomes 0: a key, and a place among the units that have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cut {
    key: u64,
    place: u64,
}

impl Cut {
    /// Whether a unit is on the lower side.
    pub fn takes(self, key: u64, place: u64) -> bool {
        Self { key, place } < self
    }
}

/// The magnitude of a value, or the sum of a block's squares: one value has the same order by both, and fewer bits by the first.
pub(super) fn key(grid: &Grid, unit: &Unit, part: &Matrix<i32>) -> u64 {
    let magnitudes = unit.values(part).map(|value| u64::from(value.unsigned_abs()));
    match grid.unit {
        [1, 1] => magnitudes.sum(),
        _ => magnitudes.map(|magnitude| magnitude * magnitude).sum(),
    }
}

/// The cut below which there are `count` units; no value has a greater magnitude than `greatest`.
pub(super) fn cut(of: &dyn Blocks, grid: &Grid, greatest: u32, count: u64) -> Cut {
    if count == 0 {
        return Cut { key: 0, place: 0 };
    }
    if count >= grid.units() {
        return Cut { key: u64::MAX, place: u64::MAX };
    }
    let most = match grid.unit {
        [1, 1] => u64::from(greatest),
        [rows, cols] => u64::from(greatest).pow(2).saturating_mul((rows.min(grid.rows) * cols.min(grid.cols)) as u64),
    };
    let bits = (u64::BITS - most.leading_zeros()).max(1);
    let digits = bits.div_ceil(DIGIT_BITS);
    let width = bits.div_ceil(digits);
    let (mut prefix, mut left) = (0_u64, count);
    for digit in (0..digits).rev() {
        let shift = digit * width;
        let counts = histogram(of, grid, 1 << width, |key| {
            (key >> shift >> width == prefix).then_some((key >> shift & ((1 << width) - 1)) as usize)
        });
        // There are more units than are taken, so the cut stands at one of them.
        let mut value = 0;
        while value + 1 < counts.len() && left >= counts[value] {
            left -= counts[value];
            value += 1;
        }
        prefix = prefix << width | value as u64;
    }
    Cut { key: prefix, place: if left == 0 { 0 } else { place_of(of, grid, prefix, left) } }
}

/// The rows of units in as many parts as there are cores.
fn parts(grid: &Grid) -> Vec<Range<usize>> {
    ranges(grid.down(), grid.down().div_ceil(rayon::current_num_threads()).max(1)).collect()
}

/// The rows of the matrix of some rows of units.
fn rows_of(grid: &Grid, units: &Range<usize>) -> Range<usize> {
    grid.rows_of(units.start).start..grid.rows_of(units.end - 1).end
}

/// How many units `digit` sorts into each bin.
fn histogram(of: &dyn Blocks, grid: &Grid, bins: usize, digit: impl Fn(u64) -> Option<usize> + Sync) -> Vec<u64> {
    let count = |units: &Range<usize>| {
        let mut counts = vec![0; bins];
        grid.visit(of, (rows_of(grid, units), 0..grid.cols), |unit, part| {
            if let Some(bin) = digit(key(grid, unit, part)) {
                counts[bin] += 1;
            }
        });
        counts
    };
    let parts = parts(grid);
    parts.par_iter().map(count).reduce(
        || vec![0; bins],
        |mut sum, counts| {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            sum
        },
    )
}

/// Where the unit stands that is the first after `count` of those that have this key.
fn place_of(of: &dyn Blocks, grid: &Grid, wanted: u64, count: u64) -> u64 {
    let mut left = count;
    for units in ranges(grid.down(), 1) {
        let mut found = None;
        grid.visit(of, (rows_of(grid, &units), 0..grid.cols), |unit, part| {
            if found.is_none() && key(grid, unit, part) == wanted {
                match left {
                    0 => found = Some(unit.place),
                    _ => left -= 1,
                }
            }
        });
        if let Some(place) = found {
            return place;
        }
    }
    u64::MAX
}
