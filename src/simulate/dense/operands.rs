//! Operands on their way through a stationary-result array, without moving data.
//!
//! Where operands hop, the element of A that enters row `r` at edge `t` is in PE (r, c) after edge `t + r + c`; where they are
//! broadcast, in a register of the row from edge `t` on for all of them. B is the same with rows and columns swapped.

use super::element::Element;
use crate::engine::Timing;
use crate::simulate::history::History;

/// Operand registers, the skew registers before them, and as many edges of the past as the stages behind them look back.
#[derive(Clone, Debug)]
pub struct Operands<E> {
    cols: usize,
    depth: usize,
    hops: bool,
    stages: usize,
    /// Edges on which the pipeline moved.
    now: usize,
    /// Chain `r * depth + kp`: the skew registers of row r, then those of its PEs. 0 where there is no step.
    a: History<E>,
    /// For each place of K rows of B already skewed: column c of the beat accepted at edge `t` stands in ring row `t + c`
    /// (broadcast: `t`). Row r of the array is r rows behind the newest.
    b: Vec<E>,
    b_rows: usize,
    /// One element of A for each column, where it is broadcast.
    spread: Vec<E>,
}

impl<E: Element> Operands<E> {
    /// Registers of an array of `rows` x `cols` PEs of `depth` products, after reset.
    pub fn new([rows, cols, depth]: [usize; 3], timing: &Timing) -> Self {
        let stages = timing.stages as usize;
        let past = timing.reach as usize + stages + 2;
        Self {
            cols,
            depth,
            hops: timing.hops,
            stages,
            now: 0,
            a: History::new(rows * depth, past, E::default()),
            b: vec![E::default(); depth * past * cols],
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

    /// One edge; a step brings a beat of A (lane `row * depth + kp`) and one of B (lane `col * depth + kp`).
    pub fn push(&mut self, step: Option<(&[E], &[E])>) {
        match step {
            Some((a, b)) => {
                self.a.push(|lane| a[lane]);
                for (col, places) in b.chunks_exact(self.depth).enumerate() {
                    let row = self.now + self.late(col);
                    for (place, &value) in places.iter().enumerate() {
                        let at = self.ring(place, row) + col;
                        self.b[at] = value;
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
        let lane = row * self.depth + place;
        let a = if self.hops {
            self.a.window(lane, back, self.cols)
        } else {
            self.spread.fill(self.a.at(lane, back));
            &self.spread
        };
        (a, &self.b[ring..ring + self.cols])
    }

    /// The operand registers of PE (row, col) for place `place` of K; they hold something if a step is there.
    pub fn registers(&self, row: usize, col: usize, place: usize) -> (E, E) {
        let ring = self.ring(place, self.now + 2 * self.b_rows - 1 - self.late(row));
        (self.a.at(row * self.depth + place, self.late(row) + self.late(col)), self.b[ring + col])
    }
}
