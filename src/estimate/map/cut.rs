//! Cuts: a node as a function of a few nodes below it.

use super::hash::mix;
use super::truth::{INPUTS, depends, swap};

/// The most inputs of a cut, and so of a cell that can be matched.
pub const WIDEST: usize = 6;

/// A node as a function of `leaves`, which are in rising order; the function depends on each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    leaves: [u32; WIDEST],
    len: u8,
    /// The function, input i is `leaves()[i]`.
    pub table: u64,
    /// One bit for each leaf, for a quick look whether two cuts may fit together.
    sign: u64,
}

impl Cut {
    /// The node as itself.
    pub fn of_node(node: u32) -> Cut {
        let mut leaves = [0; WIDEST];
        leaves[0] = node;
        Cut { leaves, len: 1, table: INPUTS[0], sign: 1 << (node & 63) }
    }

    /// Constant 0.
    pub fn zero() -> Cut {
        Cut { leaves: [0; WIDEST], len: 0, table: 0, sign: 0 }
    }

    /// What the function reads.
    pub fn leaves(&self) -> &[u32] {
        &self.leaves[..self.len as usize]
    }

    /// What the function reads, zeros after it.
    pub fn padded(&self) -> [u32; WIDEST] {
        self.leaves
    }

    /// A number that is the same for equal cuts, and hardly ever for others.
    pub fn fingerprint(&self) -> u64 {
        self.leaves().iter().fold(mix(0, self.table), |state, &leaf| mix(state, leaf.into()))
    }

    /// The complement if `flip`.
    pub fn flipped(mut self, flip: bool) -> Cut {
        if flip {
            self.table = !self.table;
        }
        self
    }

    /// The conjunction of two cuts, the second or first complemented, if it reads at most `limit` nodes.
    pub fn and(a: &Cut, not_a: bool, b: &Cut, not_b: bool, limit: usize) -> Option<Cut> {
        if (a.sign | b.sign).count_ones() as usize > limit {
            return None;
        }
        let mut merged = Cut { leaves: [0; WIDEST], len: 0, table: 0, sign: a.sign | b.sign };
        let (mut i, mut j, mut len) = (0, 0, 0);
        let (x, y) = (a.leaves(), b.leaves());
        // Where each cut's leaves stand in the merged one.
        let (mut at_a, mut at_b) = ([0usize; WIDEST], [0usize; WIDEST]);
        while i < x.len() || j < y.len() {
            if len == limit {
                return None;
            }
            let next = match (x.get(i), y.get(j)) {
                (Some(&p), Some(&q)) => p.min(q),
                (Some(&p), None) => p,
                (None, Some(&q)) => q,
                (None, None) => break,
            };
            if x.get(i) == Some(&next) {
                at_a[i] = len;
                i += 1;
            }
            if y.get(j) == Some(&next) {
                at_b[j] = len;
                j += 1;
            }
            merged.leaves[len] = next;
            len += 1;
        }
        merged.len = len as u8;
        merged.table = spread(a, &at_a, not_a) & spread(b, &at_b, not_b);
        merged.drop_unread();
        Some(merged)
    }

    /// Removes the leaves on which the function does not depend.
    fn drop_unread(&mut self) {
        let mut i = 0;
        let before = self.len;
        while i < self.len as usize {
            if depends(self.table, i) {
                i += 1;
                continue;
            }
            let len = self.len as usize;
            for j in i..len - 1 {
                self.table = swap(self.table, j, j + 1);
                self.leaves[j] = self.leaves[j + 1];
            }
            self.leaves[len - 1] = 0;
            self.len -= 1;
        }
        if self.len != before {
            self.sign = self.leaves().iter().fold(0, |sign, leaf| sign | 1 << (leaf & 63));
        }
    }

    /// Whether it reads nothing that `other` does not read.
    pub fn within(&self, other: &Cut) -> bool {
        self.len <= other.len
            && self.sign & !other.sign == 0
            && self.leaves().iter().all(|leaf| other.leaves().contains(leaf))
    }
}

/// The cut's function with its inputs moved to the positions `at`.
fn spread(cut: &Cut, at: &[usize; WIDEST], flip: bool) -> u64 {
    let mut table = cut.table;
    for i in (0..cut.len as usize).rev() {
        table = swap(table, i, at[i]);
    }
    if flip { !table } else { table }
}
