//! Which values of a tensor are made 0: by chance, by magnitude, n of every m, or block by block.
//!
//! A tensor is never in memory because it is pruned: what decides is either local (a draw, a group, [`prune`]) or one cut through
//! the order of all values or blocks ([`cut`]), found by passes over the tensor a part at a time. No floating point decides.

mod cut;
mod keys;
mod prune;
mod tally;
#[cfg(test)]
mod tests;

use std::fmt;

use super::tensor::Want;
use crate::matrix::{Blocks, Matrix};

pub(super) use keys::SparsityKeys;
pub(super) use prune::{Pruned, Source};
pub use tally::{DigitTally, StoredOperand, TensorTally};

/// What is made 0 of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sparsity {
    /// Each value with this probability, drawn with the workload's seed.
    Bernoulli(Share),
    /// This part of the values, those of the least magnitude: of equal ones those that stand first.
    Magnitude(Share),
    /// Of every `m` values along K all but the `n` of the greatest magnitude: of equal ones those that stand first stay.
    NOfM {
        /// How many stay, 1 to `m`. A last group of fewer than `m` values keeps as many.
        n: u32,
        /// Values of a group.
        m: u32,
    },
    /// This part of the blocks, those whose squares have the least sum: of equal ones those that stand first.
    Block {
        /// Rows and columns of a block of the operand; those at its edges may be smaller.
        extents: [u32; 2],
        /// The part that becomes 0.
        zero: Share,
    },
}

/// As in a TOML.
impl fmt::Display for Sparsity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bernoulli(share) => write!(formatter, "bernoulli = {share}"),
            Self::Magnitude(share) => write!(formatter, "magnitude = {share}"),
            Self::NOfM { n, m } => write!(formatter, "n-of-m = [{n}, {m}]"),
            Self::Block { extents: [rows, cols], zero } => {
                write!(formatter, "block = [{rows}, {cols}], zero = {zero}")
            }
        }
    }
}

/// A part of a whole as an exact decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    billionths: u32,
}

impl Share {
    const WHOLE: u32 = 1_000_000_000;
    const DECIMALS: usize = 9;

    /// So many parts of 10^9; `None` of more than all.
    pub const fn from_billionths(billionths: u32) -> Option<Self> {
        if billionths <= Self::WHOLE { Some(Self { billionths }) } else { None }
    }

    /// The decimal that is written where a reader of the file made `value` of it: the shortest that gives this number again.
    ///
    /// # Errors
    /// What is wrong with a number that is none, is not 0 to 1, or has more than nine decimals.
    pub fn from_decimal(value: f64) -> Result<Self, String> {
        if !(0.0..=1.0).contains(&value) {
            return Err(format!("{value} is no part of a whole, which is 0 to 1"));
        }
        let text = value.abs().to_string();
        let (ones, decimals) = text.split_once('.').unwrap_or((&text, ""));
        if decimals.len() > Self::DECIMALS {
            return Err(format!("{value} has more than {} decimals", Self::DECIMALS));
        }
        let padded = format!("{ones}{decimals:0<width$}", width = Self::DECIMALS);
        // At most ten digits, and at most 10^9 by the first check.
        padded.parse().ok().and_then(Self::from_billionths).ok_or_else(|| format!("{value} is no decimal"))
    }

    /// The part in 10^9.
    pub const fn billionths(self) -> u32 {
        self.billionths
    }

    /// This part of `count`, rounded down.
    pub fn of(self, count: u64) -> u64 {
        (u128::from(count) * u128::from(self.billionths) / u128::from(Self::WHOLE)) as u64
    }

    /// The least number that, of all those of 64 bits, this part (rounded up) is below: exact, so 1 is 2^64.
    fn threshold(self) -> u128 {
        (u128::from(self.billionths) << 64).div_ceil(u128::from(Self::WHOLE))
    }
}

/// The decimal, without zeros at its end.
impl fmt::Display for Share {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ones, rest) = (self.billionths / Self::WHOLE, self.billionths % Self::WHOLE);
        let decimals = format!("{rest:09}");
        match decimals.trim_end_matches('0') {
            "" => write!(formatter, "{ones}.0"),
            decimals => write!(formatter, "{ones}.{decimals}"),
        }
    }
}

/// How a tensor stands in the matrix that is drawn or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stand {
    pub rows: usize,
    pub cols: usize,
    /// Whether K runs down the rows.
    pub k_is_down: bool,
    /// Rows after which groups and blocks begin anew: those of an image, or the filters of a group.
    pub period: usize,
    /// Whether the matrix is the operand's transpose.
    transposed: bool,
}

impl Stand {
    /// Of the tensor that is wanted. The input of a convolution is taken as pixels x channels, so that K runs along its channels, as
    /// it does for a kernel of 1 x 1.
    pub(super) fn of(want: Want) -> Self {
        let (rows, cols) = want.extents();
        let stand = Self { rows, cols, k_is_down: false, period: rows.max(1), transposed: false };
        match want {
            Want::A { .. } | Want::Vector(_) | Want::Bias(_) => stand,
            Want::B { .. } => Self { k_is_down: true, ..stand },
            Want::Input(conv) => Self { k_is_down: true, transposed: true, period: conv.channels, ..stand },
            Want::Filters(conv) => Self { transposed: true, period: conv.filters / conv.groups, ..stand },
        }
    }

    /// Rows and columns of the operand, of one image or group.
    pub(super) fn operand(&self) -> [usize; 2] {
        if self.transposed { [self.cols, self.period] } else { [self.period, self.cols] }
    }

    /// What a sparsity looks at together.
    fn grid(&self, sparsity: &Sparsity) -> Grid {
        let unit = match *sparsity {
            Sparsity::Bernoulli(_) | Sparsity::Magnitude(_) => [1, 1],
            Sparsity::NOfM { m, .. } if self.k_is_down => [m as usize, 1],
            Sparsity::NOfM { m, .. } => [1, m as usize],
            Sparsity::Block { extents: [rows, cols], .. } if self.transposed => [cols as usize, rows as usize],
            Sparsity::Block { extents: [rows, cols], .. } => [rows as usize, cols as usize],
        };
        Grid { rows: self.rows, cols: self.cols, period: self.period, unit }
    }

    /// Values along K, and how many such fibres the tensor has.
    fn fibres(&self) -> (u64, u64) {
        match self.k_is_down {
            true => (self.period as u64, self.cols as u64 * (self.rows / self.period.max(1)) as u64),
            false => (self.cols as u64, self.rows as u64),
        }
    }
}

/// A matrix in units of some rows and columns, which are smaller where a period or a row ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grid {
    rows: usize,
    cols: usize,
    period: usize,
    unit: [usize; 2],
}

/// Elements that are looked at together, unless one unit has more.
const PART_WORDS: usize = 1 << 18;

impl Grid {
    /// Units from left to right.
    fn across(&self) -> usize {
        self.cols.div_ceil(self.unit[1])
    }

    /// Units from top to bottom.
    fn down(&self) -> usize {
        let whole = self.rows / self.period * self.period.div_ceil(self.unit[0]);
        whole + (self.rows % self.period).div_ceil(self.unit[0])
    }

    fn units(&self) -> u64 {
        self.across() as u64 * self.down() as u64
    }

    /// The row of units that a row stands in.
    fn row_of_units(&self, row: usize) -> usize {
        row / self.period * self.period.div_ceil(self.unit[0]) + row % self.period / self.unit[0]
    }

    /// The rows of a row of units.
    fn rows_of(&self, unit: usize) -> std::ops::Range<usize> {
        let each = self.period.div_ceil(self.unit[0]);
        let first = unit / each * self.period;
        let from = first + unit % each * self.unit[0];
        from..(from + self.unit[0]).min(first + self.period).min(self.rows)
    }

    /// Tells `each` the units that touch some rows and columns, row by row: where each stands in that order of all units, the part
    /// of the matrix that it is read in, and the rows and columns of the unit in that part.
    fn visit(
        &self,
        of: &dyn Blocks,
        (rows, cols): (std::ops::Range<usize>, std::ops::Range<usize>),
        mut each: impl FnMut(&Unit, &Matrix<i32>),
    ) {
        if rows.is_empty() || cols.is_empty() {
            return;
        }
        let width = self.unit[1];
        let (left, right) = (cols.start / width, cols.end.div_ceil(width));
        let (top, bottom) = (self.row_of_units(rows.start), self.row_of_units(rows.end - 1));
        for down in top..=bottom {
            let taken = self.rows_of(down);
            // At least one unit at a time, else as many as have about so many words.
            let step = (PART_WORDS / (taken.len() * width).max(1)).max(1);
            for first in (left..right).step_by(step) {
                let last = right.min(first + step);
                let start = first * width;
                let part = of.block(taken.clone(), start..self.cols.min(last * width));
                for across in first..last {
                    let from = across * width - start;
                    let unit = Unit {
                        place: down as u64 * self.across() as u64 + across as u64,
                        row: taken.start,
                        col: across * width,
                        height: taken.len(),
                        from,
                        width: width.min(part.cols() - from),
                    };
                    each(&unit, &part);
                }
            }
        }
    }
}

/// A unit, and where it stands in the part of the matrix that was read.
struct Unit {
    /// Its number, row by row.
    place: u64,
    /// The first of its rows and columns in the matrix.
    row: usize,
    col: usize,
    /// Its rows, which are all those of the part.
    height: usize,
    /// The first of its columns in the part.
    from: usize,
    width: usize,
}

impl Unit {
    /// Its values, row by row.
    fn values<'p>(&self, part: &'p Matrix<i32>) -> impl Iterator<Item = i32> + use<'p> {
        let (from, to) = (self.from, self.from + self.width);
        (0..self.height).flat_map(move |row| part.row(row)[from..to].iter().copied())
    }
}
