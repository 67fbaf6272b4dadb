//! The register-level array in which an operand stays: B, or (input stationary) A of the transposed product.
//!
//! What is said of A and B below is meant of the operands that pass and that stay.
//!
//! Compressed weights come with an index each, which selects the word of A from the m that enter every n rows.
//!
//! Weights enter from the north into a chain of shadow registers, one row a beat. The first step of a tile carries a swap
//! bit that reaches PE (r, c) together with its element of A, `r + c` edges after it was accepted, and makes the PE take
//! its shadow as its weight. Sums go south, one PE an edge; columns are aligned at the bottom (behind the final adders, if
//! the sums are carry-save pairs), partial sums of earlier tiles are added, and the row is offered.

use super::element::Element;
use super::machine::{Beats, Machine, Offered, Registers, Taken, Wait};
use super::tile_control::TileControl;
use crate::engine::{Dataflow, EngineSpec, Timing};
use crate::matrix::Matrix;
use crate::simulate::history::History;
use crate::simulate::word::{Word, chain_compress_row, chain_row, clip};
use std::collections::VecDeque;

/// All registers of a weight-stationary engine.
#[derive(Clone, Debug)]
pub struct WeightStationary<W, E> {
    /// The operand that stays is A.
    keeps_a: bool,
    rows: usize,
    cols: usize,
    acc_bits: u32,
    sum_bits: u32,
    saturate: bool,
    carry_save: bool,
    /// Rows that share the words of a group, and how many words these are; 1 and 1 if weights are not compressed.
    group: [usize; 2],
    /// Moves of the pipeline from a step to the edge that puts its row of results into the output register.
    latency: usize,
    control: TileControl,
    now: u64,
    last_step: Option<u64>,
    /// Chain r: the skew registers of row r, then `a_q` of its PEs; with groups of m words chains m r to m r + m - 1. 0 where
    /// there is no step.
    a: History<E>,
    /// Whether a step entered, and whether partial sums are to be added to its row, that many edges ago.
    valid: History<bool>,
    adds: History<bool>,
    /// Row `r` of the shadow registers is ring row `shadow_top + r`.
    shadow: Vec<E>,
    shadow_top: usize,
    loaded: usize,
    full: bool,
    weight: Vec<E>,
    /// Indices beside the shadow registers and the weights; empty if weights are not compressed.
    shadow_index: Vec<u8>,
    index: Vec<u8>,
    /// The words of A that the PEs of a row multiply.
    selected: Vec<E>,
    /// Edges of first steps whose swap is still on its way.
    swapping: VecDeque<u64>,
    /// Sums on their way south: after `now` edges those of row `r` are ring row `now - r`.
    sum: Vec<W>,
    carry: Vec<W>,
    /// Final adders and deskew registers: column by column, ring row = edge of the step.
    aligned: Vec<W>,
    aligned_rows: usize,
    result: Vec<W>,
    result_valid: bool,
}

impl<W: Word, E: Element> WeightStationary<W, E> {
    /// The engine after reset.
    pub fn new(spec: &EngineSpec, timing: &Timing) -> Self {
        let (rows, cols) = (spec.rows as usize, spec.cols as usize);
        let carry_save = timing.resolve > 0;
        let group = timing.selection.map_or([1, 1], |selection| [selection.of.n as usize, selection.of.m as usize]);
        let indices = || if timing.selection.is_some() { vec![0; rows * cols] } else { Vec::new() };
        let latency = rows + cols + usize::from(carry_save);
        let aligned_rows = latency + 2;
        Self {
            keeps_a: spec.dataflow() == Dataflow::InputStationary,
            rows,
            cols,
            acc_bits: spec.acc_bits,
            sum_bits: spec.sum_bits(),
            saturate: spec.saturate,
            carry_save,
            group,
            latency,
            control: TileControl::new((spec.rows + spec.cols).saturating_sub(3), 1),
            now: 0,
            last_step: None,
            a: History::new(rows * group[1], rows + cols, E::default()),
            valid: History::new(1, latency + 1, false),
            adds: History::new(1, latency + 1, false),
            shadow: vec![E::default(); rows * cols],
            shadow_top: 0,
            loaded: 0,
            full: false,
            weight: vec![E::default(); rows * cols],
            shadow_index: indices(),
            index: indices(),
            selected: vec![E::default(); cols],
            swapping: VecDeque::new(),
            sum: vec![W::default(); rows * cols],
            carry: if carry_save { vec![W::default(); rows * cols] } else { Vec::new() },
            aligned: vec![W::default(); aligned_rows * cols],
            aligned_rows,
            result: vec![W::default(); cols],
            result_valid: false,
        }
    }

    /// Whether the row of results that could be loaded now exists, and whether it wants partial sums.
    fn row_ready(&self) -> (bool, bool) {
        (self.valid.at(0, self.latency - 1), self.adds.at(0, self.latency - 1))
    }

    fn ring_row(&self, row: usize) -> usize {
        (self.now as usize + self.rows - row) % self.rows
    }

    /// The bottom row of sums passes the final adders and enters the deskew registers.
    fn collect(&mut self) {
        let bottom = self.ring_row(self.rows - 1) * self.cols;
        for col in 0..self.cols {
            let Some(step) = (self.now as usize).checked_sub(self.rows + col + 1) else { break };
            let carry = self.carry.get(bottom + col).copied().unwrap_or_default();
            let place = step % self.aligned_rows * self.cols + col;
            self.aligned[place] = self.sum[bottom + col].plus(carry);
        }
    }

    /// The chain that a PE takes its element of A from.
    fn chain(&self, row: usize, col: usize) -> usize {
        let index = self.index.get(row * self.cols + col).copied().unwrap_or(0);
        row * self.group[1] + usize::from(index)
    }

    fn compute(&mut self) {
        let pipe = (self.rows + self.cols) as u64;
        if self.last_step.is_none_or(|edge| self.now > edge + pipe) {
            return; // no PE has a valid step
        }
        let cols = self.cols;
        // In place: what row r - 1 holds before the edge and row r after it are the same ring row. Row 0 takes the one
        // that the bottom row has just given away, and starts from nothing.
        for row in 0..self.rows {
            let a = if self.index.is_empty() {
                self.a.window(row, row, cols)
            } else {
                for col in 0..cols {
                    self.selected[col] = self.a.at(self.chain(row, col), row + col);
                }
                &self.selected
            };
            let weight = &self.weight[row * cols..(row + 1) * cols];
            let ring = (self.now as usize + 1 + self.rows - row) % self.rows;
            let pes = ring * cols..(ring + 1) * cols;
            if row == 0 {
                self.sum[pes.clone()].fill(W::default());
                if self.carry_save {
                    self.carry[pes.clone()].fill(W::default());
                }
            }
            if self.carry_save {
                chain_compress_row(&mut self.sum[pes.clone()], &mut self.carry[pes], a, weight);
            } else {
                chain_row(&mut self.sum[pes], a, weight);
            }
        }
    }

    /// PEs that the swap bit reaches at this edge take their shadow as weight.
    fn swap(&mut self) {
        for &first in &self.swapping {
            let diagonal = (self.now - first) as usize;
            for row in diagonal.saturating_sub(self.cols - 1)..self.rows.min(diagonal + 1) {
                let col = diagonal - row;
                let shadow = (self.shadow_top + row) % self.rows;
                self.weight[row * self.cols + col] = self.shadow[shadow * self.cols + col];
                if let Some(index) = self.index.get_mut(row * self.cols + col) {
                    *index = self.shadow_index[shadow * self.cols + col];
                }
            }
        }
        if self.swapping.front().is_some_and(|&first| self.now == first + (self.rows + self.cols - 2) as u64) {
            self.swapping.pop_front();
        }
    }

    fn load(&mut self, weights: &[E], indices: &[u8]) {
        self.shadow_top = (self.shadow_top + self.rows - 1) % self.rows;
        let top = self.shadow_top * self.cols;
        self.shadow[top..top + self.cols].copy_from_slice(weights);
        if let Some(shadow) = self.shadow_index.get_mut(top..top + indices.len()) {
            shadow.copy_from_slice(indices);
        }
        self.loaded += 1;
        if self.loaded == self.rows {
            self.loaded = 0;
            self.full = true;
        }
    }
}

impl<W: Word, E: Element> Machine for WeightStationary<W, E> {
    type Word = W;
    type Element = E;

    fn handshake(&self, offered: &Offered) -> Taken {
        let c = self.result_valid && offered.c_ready;
        let take = c || !self.result_valid;
        let (passing, staying) = if self.keeps_a { (offered.b, offered.a) } else { (offered.a, offered.b) };
        let (row_valid, row_adds) = self.row_ready();
        let wants_partial = row_valid && row_adds;
        let advance = take && (!wants_partial || offered.p);
        let loads = !self.full && self.control.gap == 0;
        let wait = match () {
            () if !advance => Wait::Frozen,
            () if !self.full && (!self.control.busy || self.control.first) && loads && !staying => Wait::Operand,
            () if !self.full && (!self.control.busy || self.control.first) => Wait::Weights,
            () if !self.control.busy => Wait::Command,
            () if !passing => Wait::Operand,
            () => Wait::Nothing,
        };
        let step = wait == Wait::Nothing;
        let cmd = offered.cmd.is_some() && self.control.takes_command(step);
        let load = loads && advance && staying;
        let (a, b) = if self.keeps_a { (load, step) } else { (step, load) };
        let p = wants_partial && take && offered.p;
        Taken { advance, cmd, a, b, p, c, wait }
    }

    fn edge(&mut self, offered: &Offered, taken: &Taken, beats: Beats<W, E>) {
        let (row_valid, row_adds) = self.row_ready();
        let (step, load) = if self.keeps_a { (taken.b, taken.a) } else { (taken.a, taken.b) };
        let (passing, staying) = if self.keeps_a { (beats.b, beats.a) } else { (beats.a, beats.b) };
        let swaps = step && self.control.first;
        if taken.advance {
            self.collect();
            self.result_valid = row_valid;
            if row_valid {
                let row = (self.now as usize - self.latency) % self.aligned_rows * self.cols;
                self.result.copy_from_slice(&self.aligned[row..row + self.cols]);
                for (result, &partial) in self.result.iter_mut().zip(beats.p) {
                    let partial = if row_adds { partial } else { W::default() };
                    *result = if self.saturate {
                        let sum = result.wrapped(self.sum_bits).saturating_add(partial.wrapped(self.acc_bits));
                        W::from_value(clip(sum, self.acc_bits))
                    } else {
                        result.plus(partial)
                    };
                }
            }
            self.compute();
            let [rows, words] = self.group;
            self.a.push(|chain| {
                let (row, word) = (chain / words, chain % words);
                if step { passing[row / rows * words + word] } else { E::default() }
            });
            self.valid.push(|_| step);
            let adds = self.control.accumulate;
            self.adds.push(|_| adds);
            if step {
                self.last_step = Some(self.now);
            }
            if swaps {
                self.swapping.push_back(self.now);
                self.full = false;
            }
            self.swap();
            if load {
                self.load(staying, beats.index);
            }
            self.now += 1;
        } else if taken.c {
            // Partial sums are missing; the row at the output leaves all the same.
            self.result_valid = false;
        }
        let command = if taken.cmd { offered.cmd } else { None };
        self.control.edge(taken.advance, step, swaps, command);
    }

    fn result(&self) -> &[W] {
        &self.result
    }

    fn result_offered(&self) -> bool {
        self.result_valid
    }

    fn registers(&self) -> Registers {
        let (rows, cols) = (self.rows, self.cols);
        let passing = Matrix::from_fn(rows, cols, |row, col| {
            self.valid.at(0, row + col).then(|| self.a.at(self.chain(row, col), row + col).into())
        });
        let staying = Matrix::from_fn(rows, cols, |row, col| {
            self.valid.at(0, row + col).then(|| self.weight[row * cols + col].into())
        });
        let (a, b) = if self.keeps_a { (staying, passing) } else { (passing, staying) };
        let total = Matrix::from_fn(rows, cols, |row, col| {
            let pe = self.ring_row(row) * cols + col;
            let carry = self.carry.get(pe).copied().unwrap_or_default();
            let total = self.sum[pe].plus(carry).wrapped(self.sum_bits);
            self.valid.at(0, row + col + 1).then_some(total)
        });
        Registers { a, b, total }
    }
}
