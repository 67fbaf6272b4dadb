//! Laconic, register by register: lanes with the terms they have left, counts, accumulators.

use crate::engine::EngineSpec;
use crate::simulate::terms::SignedTerms;
use crate::simulate::wrap;

/// What a lane has left of its pair of operands.
#[derive(Clone, Copy, Debug, Default)]
struct Lane {
    a_left: u64,
    b_left: u64,
    a: SignedTerms,
    b: SignedTerms,
}

impl Lane {
    fn is_done(&self) -> bool {
        let last = |left: u64| left & left.wrapping_sub(1) == 0;
        self.a_left == 0 || self.b_left == 0 || (last(self.a_left) && last(self.b_left))
    }

    /// The power of two of this cycle's pair and its sign, if there is a pair; then on to the next one.
    fn pair(&mut self) -> Option<(u32, i64)> {
        if self.a_left == 0 || self.b_left == 0 {
            return None;
        }
        let (a, b) = (self.a_left.trailing_zeros(), self.b_left.trailing_zeros());
        let negative = (self.a.negative >> a ^ self.b.negative >> b) & 1 == 1;
        self.b_left &= self.b_left - 1;
        if self.b_left == 0 {
            self.a_left &= self.a_left - 1;
            self.b_left = self.b.terms;
        }
        Some((a + b, if negative { -1 } else { 1 }))
    }
}

/// All lanes of rows x cols units, their count registers and accumulators.
#[derive(Clone, Debug)]
pub(super) struct Units {
    cols: usize,
    lanes: usize,
    sum_bits: u32,
    state: Vec<Lane>,
    /// Exponents of a unit, its counts one after the other.
    exponents: usize,
    counts: Vec<i64>,
    acc: Vec<i64>,
    /// Pairs that each unit has worked on, and pairs of operands.
    pub pairs: Vec<u64>,
}

impl Units {
    /// The units of an engine after reset, for operands of `a_slots` and `b_slots` places.
    pub fn new(spec: &EngineSpec, (a_slots, b_slots): (u32, u32)) -> Self {
        let (rows, cols, lanes) = (spec.rows as usize, spec.cols as usize, spec.array.depth() as usize);
        let exponents = (a_slots + b_slots - 1) as usize;
        Self {
            cols,
            lanes,
            sum_bits: spec.sum_bits(),
            state: vec![Lane::default(); rows * cols * lanes],
            exponents,
            counts: vec![0; rows * cols * exponents],
            acc: vec![0; rows * cols],
            pairs: vec![0; rows * cols],
        }
    }

    /// Whether every lane has its last pair at hand, or none.
    pub fn are_done(&self) -> bool {
        self.state.iter().all(Lane::is_done)
    }

    /// One edge: accumulators take the counts (`count` says whether they are those of a step, and the first of a tile),
    /// counts take this cycle's pairs, lanes go on, or take new operands: rows x lanes terms of A, cols x lanes of B.
    pub fn edge(&mut self, count: Option<bool>, load: Option<(&[SignedTerms], &[SignedTerms])>) {
        for (unit, acc) in self.acc.iter_mut().enumerate() {
            let Some(first) = count else { break };
            let counts = &self.counts[unit * self.exponents..][..self.exponents];
            let start = if first { 0 } else { *acc };
            let sum = (0..).zip(counts).fold(start, |sum, (exponent, &count)| sum.wrapping_add(count << exponent));
            *acc = wrap(sum, self.sum_bits);
        }
        self.counts.fill(0);
        for (unit, lanes) in self.state.chunks_mut(self.lanes).enumerate() {
            for lane in lanes {
                if let Some((exponent, sign)) = lane.pair() {
                    self.counts[unit * self.exponents + exponent as usize] += sign;
                    self.pairs[unit] += 1;
                }
            }
        }
        let Some((a, b)) = load else { return };
        for (unit, lanes) in self.state.chunks_mut(self.lanes).enumerate() {
            let (row, col) = (unit / self.cols, unit % self.cols);
            let words = a[row * self.lanes..].iter().zip(&b[col * self.lanes..]);
            for (lane, (&a, &b)) in lanes.iter_mut().zip(words) {
                *lane = Lane { a_left: a.terms, b_left: b.terms, a, b };
            }
        }
    }

    /// The accumulators, row-major.
    pub fn sums(&self) -> &[i64] {
        &self.acc
    }
}
