//! Weights of which at most n of every m consecutive places of K are not zero.

use std::fmt;

use crate::matrix::Matrix;

/// At most `n` of `m` consecutive elements along K are not zero: 2 of 4, 1 of 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NOfM {
    /// Elements of a group that are kept, at least 1 and less than `m`.
    pub n: u32,
    /// Elements of a group, 2 to [`NOfM::MAX_GROUP`].
    pub m: u32,
}

/// A group of B that has more elements that are not zero than are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FullGroup {
    /// Column of B.
    pub col: usize,
    /// The first row of the group, a multiple of `m`.
    pub row: usize,
    /// Its elements that are not zero.
    pub nonzero: usize,
}

impl NOfM {
    /// Most elements of a group.
    pub const MAX_GROUP: u32 = 16;

    /// Whether groups of this kind can be kept: 1 <= n < m <= [`MAX_GROUP`](Self::MAX_GROUP).
    pub fn is_legal(self) -> bool {
        1 <= self.n && self.n < self.m && self.m <= Self::MAX_GROUP
    }

    /// Bits of the index of an element in its group.
    pub fn index_bits(self) -> u32 {
        32 - (self.m - 1).leading_zeros()
    }

    /// Kept places of `k` elements: n for each group, the last of which may be cut off.
    pub fn places(self, k: usize) -> usize {
        k.div_ceil(self.m as usize) * self.n as usize
    }

    /// Elements of K that this many kept places stand for, a multiple of n.
    pub fn elements(self, places: usize) -> usize {
        places / self.n as usize * self.m as usize
    }

    /// The k that kept place `place` of column `col` stands for; `None` is a place that its group has no use for. The elements that
    /// are not zero take a group's places in order.
    pub fn source(self, b: &Matrix<i32>, place: usize, col: usize) -> Option<usize> {
        let (group, slot) = (place / self.n as usize, place % self.n as usize);
        self.group(b, group).filter(|&k| b[(k, col)] != 0).nth(slot)
    }

    /// The first group, column by column, that has more than n elements that are not zero.
    pub fn full_group(self, b: &Matrix<i32>) -> Option<FullGroup> {
        let mut first: Option<FullGroup> = None;
        let mut counts = vec![0_usize; b.cols()];
        // By rows, as they lie in memory.
        for group in 0..b.rows().div_ceil(self.m as usize) {
            counts.fill(0);
            for k in self.group(b, group) {
                counts.iter_mut().zip(b.row(k)).for_each(|(count, &value)| *count += usize::from(value != 0));
            }
            let full = counts.iter().position(|&count| count > self.n as usize);
            if let Some(col) = full.filter(|&col| first.is_none_or(|first| col < first.col)) {
                first = Some(FullGroup { col, row: group * self.m as usize, nonzero: counts[col] });
            }
        }
        first
    }

    /// The rows of B in a group.
    fn group(self, b: &Matrix<i32>, group: usize) -> impl Iterator<Item = usize> {
        let first = group * self.m as usize;
        first..b.rows().min(first + self.m as usize)
    }
}

/// `2 of 4`.
impl fmt::Display for NOfM {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.n, self.m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_that_are_not_zero_take_the_places_of_their_group_in_order() {
        let of = NOfM { n: 2, m: 4 };
        let b = Matrix::from_rows(6, 1, vec![0, 5, 0, -1, 7, 0]).expect("six values");
        let sources: Vec<_> = (0..of.places(6)).map(|place| of.source(&b, place, 0)).collect();
        assert_eq!(sources, [Some(1), Some(3), Some(4), None]);
        assert_eq!((of.index_bits(), NOfM { n: 1, m: 5 }.index_bits(), of.elements(4)), (2, 3, 8));
    }

    #[test]
    fn a_group_that_is_too_full_is_found_in_the_first_column_that_has_one() {
        let of = NOfM { n: 1, m: 3 };
        let mut b = Matrix::filled(7, 3, 0);
        assert_eq!(of.full_group(&b), None);
        for place in [(0, 2), (1, 2), (3, 1), (5, 1), (6, 1)] {
            b[place] = 4;
        }
        assert_eq!(of.full_group(&b), Some(FullGroup { col: 1, row: 3, nonzero: 2 }));
    }
}
