//! The register-level output-stationary array.
//!
//! A step accepted at edge `t` is in the operand registers of PE (r, c) after edge `t + r + c`, in its accumulator one
//! edge later; the last step's sum is captured in the drain chain one edge after that. After edge `t + rows + cols` the
//! last PE has captured, and the chain moves south, a row at a time, one row for each accepted result. A row that has
//! given its own result away stands still, so that it may capture for the next tile while rows below it still drain.

use super::machine::{Beats, Machine, Offered, Registers, Taken, Wait};
use super::tile_control::TileControl;
use crate::engine::{Command, EngineSpec};
use crate::matrix::Matrix;
use crate::simulate::history::History;
use crate::simulate::word::{Word, accumulate_row, compress_row};
use std::collections::VecDeque;

/// All registers of an output-stationary engine.
#[derive(Clone, Debug)]
pub struct OutputStationary<W> {
    rows: usize,
    cols: usize,
    acc_bits: u32,
    carry_save: bool,
    control: TileControl,
    /// Edges on which the pipeline moved.
    now: u64,
    last_step: Option<u64>,
    /// Chain r: the skew registers of row r, then `a_q` of its PEs. 0 where there is no step.
    a: History<i16>,
    /// Chain of `valid_q` along any row, r registers late in row r.
    valid: History<bool>,
    /// The same for `first_q`, as the mask that the accumulator is gated with.
    keep: History<W>,
    /// Rows of B already skewed: column c of the beat accepted at edge `t` stands in ring row `t + c`. The newest `rows`
    /// of them are `b_q`, those after the present one the skew registers.
    b: Vec<i16>,
    b_rows: usize,
    sum: Vec<W>,
    carry: Vec<W>,
    drain_sum: Vec<W>,
    drain_carry: Vec<W>,
    /// Edges of last steps whose sums are not all captured yet.
    finishing: VecDeque<u64>,
    /// Rows that still hold a result that has to leave.
    draining: usize,
    /// Results at the output: the last row of the chain, or behind it the final adders.
    result: Vec<W>,
    result_valid: bool,
}

impl<W: Word> OutputStationary<W> {
    /// The engine after reset.
    pub fn new(spec: &EngineSpec, carry_save: bool) -> Self {
        let (rows, cols) = (spec.rows as usize, spec.cols as usize);
        let plane = || vec![W::default(); rows * cols];
        let pair = || if carry_save { plane() } else { Vec::new() };
        let b_rows = rows + cols;
        Self {
            rows,
            cols,
            acc_bits: spec.acc_bits,
            carry_save,
            control: TileControl::new(spec.rows + spec.cols - 2),
            now: 0,
            last_step: None,
            a: History::new(rows, rows + cols, 0),
            valid: History::new(1, rows + cols, false),
            keep: History::new(1, rows + cols, W::ONES),
            b: vec![0; b_rows * cols],
            b_rows,
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
            let Some(diagonal) = (self.now as usize).checked_sub(ended as usize + 2) else { continue };
            for row in diagonal.saturating_sub(cols - 1)..self.rows.min(diagonal + 1) {
                let pe = row * cols + diagonal - row;
                self.drain_sum[pe] = self.sum[pe];
                if self.carry_save {
                    self.drain_carry[pe] = self.carry[pe];
                }
            }
        }
        if let Some(&ended) = self.finishing.front()
            && self.now == ended + (self.rows + self.cols) as u64
        {
            self.finishing.pop_front();
            self.draining = self.rows;
        }
    }

    fn accumulate(&mut self) {
        let (rows, cols) = (self.rows, self.cols);
        let pipe = (rows + cols) as u64;
        if self.last_step.is_none_or(|edge| self.now > edge + pipe) {
            return; // no PE has a valid step
        }
        for row in 0..rows {
            let a = self.a.window(row, row, cols);
            let keep = self.keep.window(0, row, cols);
            // Before this edge `now - 1` is the newest skewed row; row r of the array is r edges behind.
            let ring = (self.now as usize + 2 * self.b_rows - 1 - row) % self.b_rows;
            let b = &self.b[ring * cols..(ring + 1) * cols];
            let pes = row * cols..(row + 1) * cols;
            if self.carry_save {
                compress_row(&mut self.sum[pes.clone()], &mut self.carry[pes], a, b, keep);
            } else {
                accumulate_row(&mut self.sum[pes], a, b, keep);
            }
        }
    }

    fn shift_operands(&mut self, step: bool, first: bool, beats: &Beats<W>) {
        if step {
            self.a.push(|row| beats.a[row]);
            for (col, &value) in beats.b.iter().enumerate() {
                let ring = (self.now as usize + col) % self.b_rows;
                self.b[ring * self.cols + col] = value;
            }
        } else {
            self.a.push(|_| 0);
        }
        self.valid.push(|_| step);
        self.keep.push(|_| if step && first { W::default() } else { W::ONES });
    }
}

impl<W: Word> Machine for OutputStationary<W> {
    type Word = W;

    fn handshake(&self, offered: &Offered) -> Taken {
        let c = self.result_valid && offered.c_ready;
        let advance = c || !self.result_valid;
        let wait = match () {
            () if !advance => Wait::Frozen,
            () if !self.control.busy => Wait::Command,
            () if self.control.left == 0 && self.control.gap > 0 => Wait::Drain,
            () if !(offered.a && offered.b) => Wait::Operand,
            () => Wait::Nothing,
        };
        let step = wait == Wait::Nothing;
        let cmd = offered.cmd.is_some() && self.control.takes_command(step);
        Taken { advance, cmd, a: step, b: step, p: false, c, wait }
    }

    fn edge(&mut self, offered: &Offered, taken: &Taken, beats: Beats<W>) {
        let step = taken.a;
        let (first, ends) = (self.control.first, step && self.control.left == 0);
        if taken.advance {
            let drain_valid = self.draining > 0;
            if self.carry_save {
                self.result_valid = drain_valid;
                let bottom = (self.rows - 1) * self.cols;
                for col in 0..self.cols {
                    self.result[col] = self.drain_sum[bottom + col].plus(self.drain_carry[bottom + col]);
                }
            }
            self.drain();
            if !self.carry_save {
                self.result_valid = self.draining > 0;
                self.result.copy_from_slice(&self.drain_sum[(self.rows - 1) * self.cols..]);
            }
            self.accumulate();
            self.shift_operands(step, first, &beats);
            if step {
                self.last_step = Some(self.now);
            }
            if ends {
                self.finishing.push_back(self.now);
            }
            self.now += 1;
        }
        let command: Option<Command> = if taken.cmd { offered.cmd } else { None };
        self.control.edge(taken.advance, step, ends, command);
    }

    fn result(&self) -> &[W] {
        &self.result
    }

    fn result_offered(&self) -> bool {
        self.result_valid
    }

    fn registers(&self) -> Registers {
        let held = |row: usize, col: usize| self.valid.at(0, row + col);
        Registers {
            a: Matrix::from_fn(self.rows, self.cols, |row, col| held(row, col).then(|| self.a.at(row, row + col))),
            b: Matrix::from_fn(self.rows, self.cols, |row, col| {
                let ring = (self.now as usize + 2 * self.b_rows - 1 - row) % self.b_rows;
                held(row, col).then(|| self.b[ring * self.cols + col])
            }),
            total: Matrix::from_fn(self.rows, self.cols, |row, col| {
                let pe = row * self.cols + col;
                let carry = self.carry.get(pe).copied().unwrap_or_default();
                Some(self.sum[pe].plus(carry).wrapped(self.acc_bits))
            }),
        }
    }
}
