//! The register-level array in which results stay: systolic output stationary, cube, 2D matrix, adder tree.
//!
//! A step accepted at edge `t` is in the operand registers of PE (r, c) after edge `t + r + c` (broadcast: `t`), in its accumulator one
//! edge later and one more for each registered stage between; the last step's sum is captured in the drain chain one
//! edge after that. Once the last PE has captured, the chain moves south, a row at a time, one row for each accepted result. A row
//! that has given its own result away stands still, so that it may capture for the next tile while rows below it still drain.
//!
//! What the registered stages of a tree hold follows from the operands that entered it, so those are kept in their place. A
//! step of several cycles (one for each bit weight) works on a digit of the encoded operand in each.

use super::bit_weights::BitWeights;
use super::element::Element;
use super::machine::{Beats, Machine, Offered, Registers, Taken, Wait};
use super::operands::Operands;
use super::tile_control::TileControl;
use crate::engine::{EngineSpec, Operand, Timing};
use crate::matrix::Matrix;
use crate::simulate::history::History;
use crate::simulate::word::{Word, accumulate_row, chain_compress_row, chain_row, clip, compress_row};
use std::collections::VecDeque;

/// All registers of an output-stationary engine.
#[derive(Clone, Debug)]
pub struct OutputStationary<W, E> {
    rows: usize,
    cols: usize,
    depth: usize,
    acc_bits: u32,
    sum_bits: u32,
    saturate: bool,
    carry_save: bool,
    hops: bool,
    reach: usize,
    stages: usize,
    control: TileControl,
    /// Edges on which the pipeline moved.
    now: u64,
    last_work: Option<u64>,
    operands: Operands<E>,
    bit_weights: Option<BitWeights<E>>,
    /// Steps that share a beat of A, and how many of them the one at hand has behind it.
    group_steps: usize,
    group_step: usize,
    /// The beat of A, and the indices, of the step at hand.
    words: Vec<E>,
    indices: Vec<u8>,
    /// Chain of `valid_q` along any row, r registers late in row r where operands hop.
    valid: History<bool>,
    /// The same for `first_q`, as the mask that the accumulator is gated with.
    keep: History<W>,
    /// One entry of `keep` for each column, where steps are broadcast.
    spread: Vec<W>,
    sum: Vec<W>,
    carry: Vec<W>,
    drain_sum: Vec<W>,
    drain_carry: Vec<W>,
    /// Edges of last steps whose sums are not all captured yet.
    finishing: VecDeque<u64>,
    /// Rows that still hold a result that has to leave.
    draining: usize,
    /// Results at the output: the last row of the chain, or behind it the final adders; clipped if the engine saturates.
    result: Vec<W>,
    result_valid: bool,
}

impl<W: Word, E: Element> OutputStationary<W, E> {
    /// The engine after reset.
    pub fn new(spec: &EngineSpec, timing: &Timing) -> Self {
        let [rows, cols, depth] = [spec.rows, spec.cols, spec.array.depth()].map(|extent| extent as usize);
        let carry_save = timing.resolve > 0;
        let plane = || vec![W::default(); rows * cols];
        let pair = || if carry_save { plane() } else { Vec::new() };
        let (reach, stages) = (timing.reach as usize, timing.stages as usize);
        let past = reach + stages + 2;
        Self {
            rows,
            cols,
            depth,
            acc_bits: spec.acc_bits,
            sum_bits: spec.sum_bits(),
            saturate: spec.saturate,
            carry_save,
            hops: timing.hops,
            reach,
            stages,
            control: TileControl::new(timing.least_pitch(spec.rows) - 1, timing.step_cycles),
            now: 0,
            last_work: None,
            operands: Operands::new([rows, cols, depth], timing),
            bit_weights: spec.encoding.filter(|_| timing.step_cycles > 1).map(|kind| BitWeights::new(spec, kind)),
            group_steps: timing.selection.map_or(1, |selection| selection.steps as usize),
            group_step: 0,
            words: Vec::new(),
            indices: Vec::new(),
            valid: History::new(1, past, false),
            keep: History::new(1, past, W::ONES),
            spread: vec![W::ONES; cols],
            sum: plane(),
            carry: pair(),
            drain_sum: plane(),
            drain_carry: pair(),
            finishing: VecDeque::new(),
            draining: 0,
            result: vec![W::default(); cols],
            result_valid: false,
        }
    }

    /// Each PE's `drain_q <= capture_q ? acc_q : north`, in the PEs that load.
    fn drain(&mut self) {
        let cols = self.cols;
        if self.draining > 0 {
            // Rows emptied by earlier shifts stand still.
            let top = self.rows - self.draining;
            let planes = [&mut self.drain_sum, &mut self.drain_carry];
            for plane in planes.into_iter().take(1 + usize::from(self.carry_save)) {
                let from = top.saturating_sub(1) * cols;
                plane.copy_within(from..(self.rows - 1) * cols, from + cols);
                if top == 0 {
                    plane[..cols].fill(W::default());
                }
            }
            self.draining -= 1;
        }
        for &ended in &self.finishing {
            let Some(after) = (self.now as usize).checked_sub(ended as usize + self.stages + 2) else { continue };
            if !self.hops {
                self.drain_sum.copy_from_slice(&self.sum);
                self.drain_carry.copy_from_slice(&self.carry);
                continue;
            }
            for row in after.saturating_sub(cols - 1)..self.rows.min(after + 1) {
                let pe = row * cols + after - row;
                self.drain_sum[pe] = self.sum[pe];
                if self.carry_save {
                    self.drain_carry[pe] = self.carry[pe];
                }
            }
        }
        if let Some(&ended) = self.finishing.front()
            && self.now as usize == ended as usize + self.stages + self.reach + 2
        {
            self.finishing.pop_front();
            self.draining = self.rows;
        }
    }

    fn accumulate(&mut self) {
        let cols = self.cols;
        let pipe = (self.reach + self.stages + 2) as u64;
        if self.last_work.is_none_or(|edge| self.now > edge + pipe) {
            return; // no PE has a valid step
        }
        if !self.hops {
            self.spread.fill(self.keep.at(0, self.stages));
        }
        for row in 0..self.rows {
            let keep = if self.hops { self.keep.window(0, row + self.stages, cols) } else { &self.spread };
            let pes = row * cols..(row + 1) * cols;
            let (a, b) = self.operands.row(row, 0);
            if self.carry_save {
                compress_row(&mut self.sum[pes.clone()], &mut self.carry[pes.clone()], a, b, keep);
            } else {
                accumulate_row(&mut self.sum[pes.clone()], a, b, keep);
            }
            for place in 1..self.depth {
                let (a, b) = self.operands.row(row, place);
                if self.carry_save {
                    chain_compress_row(&mut self.sum[pes.clone()], &mut self.carry[pes.clone()], a, b);
                } else {
                    chain_row(&mut self.sum[pes.clone()], a, b);
                }
            }
        }
    }

    /// A cycle of work enters: the operands of a step, or their next digits.
    fn enter(&mut self, works: bool, accepted: bool, beats: &Beats<W, E>) {
        let phase = self.control.phase as usize;
        let compressed = !beats.index.is_empty();
        let mut a = beats.a;
        if accepted && compressed {
            if self.group_step == 0 {
                self.words.clear();
                self.words.extend_from_slice(beats.a);
            }
            self.group_step = (self.group_step + 1) % self.group_steps;
            self.indices.clear();
            self.indices.extend_from_slice(beats.index);
            a = &self.words;
        }
        match &mut self.bit_weights {
            Some(bit_weights) if works => {
                if accepted {
                    bit_weights.take(a, beats.b);
                }
                let (a, b) = bit_weights.operands(phase);
                self.operands.push(Some((a, b, &self.indices)));
            }
            _ => self.operands.push(works.then_some((a, beats.b, beats.index))),
        }
        let first = accepted && self.control.first;
        self.valid.push(|_| works);
        self.keep.push(|_| if first { W::default() } else { W::ONES });
    }

    /// What leaves for a word of the chain.
    fn leaving(&self, word: W) -> W {
        if self.saturate { W::from_value(clip(word.wrapped(self.sum_bits), self.acc_bits)) } else { word }
    }

    /// The row of results that the last row of the chain makes.
    fn offer(&mut self) {
        let bottom = (self.rows - 1) * self.cols;
        for col in 0..self.cols {
            let carry = self.drain_carry.get(bottom + col).copied().unwrap_or_default();
            self.result[col] = self.leaving(self.drain_sum[bottom + col].plus(carry));
        }
    }
}

impl<W: Word, E: Element> Machine for OutputStationary<W, E> {
    type Word = W;
    type Element = E;

    fn handshake(&self, offered: &Offered) -> Taken {
        let c = self.result_valid && offered.c_ready;
        let advance = c || !self.result_valid;
        let wait = match () {
            () if !advance => Wait::Frozen,
            () if self.control.phase > 0 => Wait::Nothing,
            () if !self.control.busy => Wait::Command,
            () if self.control.left == 0 && self.control.gap > 0 => Wait::Drain,
            () if !(offered.b && (offered.a || self.group_step > 0)) => Wait::Operand,
            () => Wait::Nothing,
        };
        let works = wait == Wait::Nothing;
        let step = works && self.control.phase == 0;
        let cmd = offered.cmd.is_some() && self.control.takes_command(works);
        Taken { advance, cmd, a: step && self.group_step == 0, b: step, p: false, c, wait }
    }

    fn edge(&mut self, offered: &Offered, taken: &Taken, beats: Beats<W, E>) {
        let works = taken.wait == Wait::Nothing;
        let ends = self.control.ends(works);
        if taken.advance {
            let drain_valid = self.draining > 0;
            if self.carry_save {
                self.result_valid = drain_valid;
                self.offer();
            }
            self.drain();
            if !self.carry_save {
                self.result_valid = self.draining > 0;
                self.offer();
            }
            self.accumulate();
            self.enter(works, taken.b, &beats);
            if works {
                self.last_work = Some(self.now);
            }
            if ends {
                self.finishing.push_back(self.now);
            }
            self.now += 1;
        }
        let command = if taken.cmd { offered.cmd } else { None };
        // The last step of a tile was accepted.
        let guarded = taken.b && self.control.left == 0;
        self.control.edge(taken.advance, works, guarded, command);
    }

    fn result(&self) -> &[W] {
        &self.result
    }

    fn result_offered(&self) -> bool {
        self.result_valid
    }

    fn registers(&self) -> Registers {
        let (rows, cols, depth) = (self.rows, self.cols, self.depth);
        let operand = |operand: Operand| {
            let in_digits = self.bit_weights.as_ref().is_some_and(|digits| digits.operand() == operand);
            Matrix::from_fn(rows, cols * depth, |row, index| {
                let (col, place) = (index / depth, index % depth);
                let held = self.valid.at(0, if self.hops { row + col } else { 0 });
                let (a, b) = self.operands.registers(row, col, place);
                (held && !in_digits).then_some(if operand == Operand::A { a.into() } else { b.into() })
            })
        };
        let total = Matrix::from_fn(rows, cols, |row, col| {
            let pe = row * cols + col;
            let carry = self.carry.get(pe).copied().unwrap_or_default();
            Some(self.sum[pe].plus(carry).wrapped(self.sum_bits))
        });
        Registers { a: operand(Operand::A), b: operand(Operand::B), total }
    }
}
