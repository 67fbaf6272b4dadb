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

    /// The complement if `flip`.
    pub fn flipped(mut self, flip: bool) -> Cut {
        if flip {
            self.table = !self.table;
        }
        self
    }

    /// The conjunction of two cuts, the second or first complemented, if it reads at most `limit` nodes.
    pub fn and(a: &Cut, not_a: bool, b: &Cut, not_b: bool, limit: usize) -> Option<Cut> {
        Some(Union::of(a, b, limit)?.and(a, not_a, b, not_b))
    }

    /// The same of two cuts whose leaves together have not been `seen` yet; the result complemented if `flip`. Cuts of the same leaves
    /// hardly ever differ, and then only where leaves depend on each other.
    pub fn fresh_and(
        (a, not_a): (&Cut, bool),
        (b, not_b): (&Cut, bool),
        flip: bool,
        limit: usize,
        seen: &mut Vec<u64>,
    ) -> Option<Cut> {
        let union = Union::of(a, b, limit)?;
        let print = union.fingerprint();
        if seen.contains(&print) {
            return None;
        }
        seen.push(print);
        Some(union.and(a, not_a, b, not_b).flipped(flip))
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

/// What two cuts read together.
pub struct Union {
    leaves: [u32; WIDEST],
    len: u8,
    sign: u64,
    /// Where each cut's leaves stand among them.
    at: [[u8; WIDEST]; 2],
}

impl Union {
    /// The union of the leaves of two cuts, if they are at most `limit`.
    pub fn of(a: &Cut, b: &Cut, limit: usize) -> Option<Union> {
        let sign = a.sign | b.sign;
        if sign.count_ones() as usize > limit {
            return None;
        }
        let mut union = Union { leaves: [0; WIDEST], len: 0, sign, at: [[0; WIDEST]; 2] };
        let (x, y) = (a.leaves(), b.leaves());
        let (mut i, mut j, mut len) = (0, 0, 0);
        while i < x.len() || j < y.len() {
            if len == limit {
                return None;
            }
            let p = if i < x.len() { x[i] } else { u32::MAX };
            let q = if j < y.len() { y[j] } else { u32::MAX };
            union.leaves[len] = p.min(q);
            if p <= q {
                union.at[0][i] = len as u8;
                i += 1;
            }
            if q <= p {
                union.at[1][j] = len as u8;
                j += 1;
            }
            len += 1;
        }
        union.len = len as u8;
        Some(union)
    }

    /// A number that is the same for equal leaves, and hardly ever for others.
    pub fn fingerprint(&self) -> u64 {
        self.leaves[..self.len as usize].iter().fold(0, |state, &leaf| mix(state, leaf.into()))
    }

    /// The conjunction of the two cuts, each complemented or not.
    pub fn and(&self, a: &Cut, not_a: bool, b: &Cut, not_b: bool) -> Cut {
        let table = spread(a, &self.at[0], not_a) & spread(b, &self.at[1], not_b);
        let mut cut = Cut { leaves: self.leaves, len: self.len, table, sign: self.sign };
        cut.drop_unread();
        cut
    }
}

/// The cut's function with its inputs moved to the positions `at`.
fn spread(cut: &Cut, at: &[u8; WIDEST], flip: bool) -> u64 {
    let mut table = cut.table;
    for i in (0..cut.len as usize).rev() {
        table = swap(table, i, at[i].into());
    }
    if flip { !table } else { table }
}
