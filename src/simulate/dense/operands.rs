//! Operands on their way through a stationary-result array, without moving data.
//!
//! Where operands hop, the element of A that enters row `r` at edge `t` is in PE (r, c) after edge `t + r + c`; where they are
//! broadcast, in a register of the row from edge `t` on for all of them. B is the same with rows and columns swapped.

use super::element::Element;
use crate::engine::{Selection, Timing};
use crate::simulate::history::History;

/// Operand registers, the skew registers before them, and as many edges of the past as the stages behind them look back.
#[derive(Clone, Debug)]
pub struct Operands<E> {
    cols: usize,
    depth: usize,
    hops: bool,
    stages: usize,
    /// Compressed weights: which word of A a place of a PE takes.
    selection: Option<Selection>,
    /// Words of A in a PE.
    words: usize,
    /// Edges on which the pipeline moved.
    now: usize,
    /// Chain `r * words + word`: the skew registers of row r, then those of its PEs. 0 where there is no step.
    a: History<E>,
    /// For each place of K rows of B already skewed: column c of the beat accepted at edge `t` stands in ring row `t + c`
    /// (broadcast: `t`). Row r of the array is r rows behind the newest.
    b: Vec<E>,
    /// Beside each element of B its index in the group; empty if weights are not compressed.
    index: Vec<u8>,
    b_rows: usize,
    /// One element of A for each column, where it is broadcast or selected.
    spread: Vec<E>,
}

impl<E: Element> Operands<E> {
    /// Registers of an array of `rows` x `cols` PEs of `depth` products, after reset.
    pub fn new([rows, cols, depth]: [usize; 3], timing: &Timing) -> Self {
        let stages = timing.stages as usize;
        let past = timing.reach as usize + stages + 2;
        let words = timing.selection.map_or(depth, |selection| selection.words as usize);
        let indices = if timing.selection.is_some() { depth * past * cols } else { 0 };
        Self {
            cols,
            depth,
            hops: timing.hops,
            stages,
            selection: timing.selection,
            words,
            now: 0,
            a: History::new(rows * words, past, E::default()),
            b: vec![E::default(); depth * past * cols],
            index: vec![0; indices],
            b_rows: past,
            spread: vec![E::default(); cols],
        }
    }

    /// How many edges row `row` (or column) is behind the first one.
    fn late(&self, row: usize) -> usize {
        if self.hops { row } else { 0 }
    }

    fn ring(&self, place: usize, row: usize) -> usize {
        (place * self.b_rows + row % self.b_rows) * self.cols
    }

    /// One edge; a step brings the words of A that belong to it (lane `row * words + word`) and a beat of B (lane
    /// `col * depth + kp`) with its indices, if it has any.
    pub fn push(&mut self, step: Option<(&[E], &[E], &[u8])>) {
        match step {
            Some((a, b, index)) => {
                self.a.push(|lane| a[lane]);
                for (col, places) in b.chunks_exact(self.depth).enumerate() {
                    let row = self.now + self.late(col);
                    for (place, &value) in places.iter().enumerate() {
                        let at = self.ring(place, row) + col;
                        self.b[at] = value;
                        if let Some(&index) = index.get(col * self.depth + place) {
                            self.index[at] = index;
                        }
                    }
                }
            }
            None => self.a.push(|_| E::default()),
        }
        self.now += 1;
    }

    /// What the PEs of a row multiply for place `place` of K at this edge: elements of A and of B, one a column.
    pub fn row(&mut self, row: usize, place: usize) -> (&[E], &[E]) {
        let back = self.late(row) + self.stages;
        // Before this edge `now - 1` is the newest row of B.
        let ring = self.ring(place, self.now + 2 * self.b_rows - 1 - back);
        let lane = row * self.words + place;
        let a = if self.selection.is_some() {
            for col in 0..self.cols {
                let chain = row * self.words + self.word(place, ring + col);
                self.spread[col] = self.a.at(chain, back + self.late(col));
            }
            &self.spread
        } else if self.hops {
            self.a.window(lane, back, self.cols)
        } else {
            self.spread.fill(self.a.at(lane, back));
            &self.spread
        };
        (a, &self.b[ring..ring + self.cols])
    }

    /// The word of A that place `place` of a PE takes, whose element of B is entry `at` of the ring.
    fn word(&self, place: usize, at: usize) -> usize {
        let Some(selection) = self.selection else { return place };
        // Places of one PE are those of its groups, one group after the other.
        let group = place / (self.depth / selection.groups as usize);
        group * selection.of.m as usize + usize::from(self.index[at])
    }

    /// The operand registers of PE (row, col) for place `place` of K; they hold something if a step is there.
    pub fn registers(&self, row: usize, col: usize, place: usize) -> (E, E) {
        let ring = self.ring(place, self.now + 2 * self.b_rows - 1 - self.late(row));
        let chain = row * self.words + self.word(place, ring + col);
        (self.a.at(chain, self.late(row) + self.late(col)), self.b[ring + col])
    }
}
