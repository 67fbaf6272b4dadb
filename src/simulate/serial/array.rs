//! All registers of a serial engine.
//!
//! A group accepted at edge `t` is in its unit's register in cycle `t + 1`, where its first digit and a row of B go into the
//! slot register of the row; one edge later they are in the pairs of its PEs. When the last row works on the last digit of a tile
//! the tile ends: two edges later every PE has captured its pair in the drain chain, which moves south a row an edge. The next tile
//! starts in the very same cycle if its command is at hand.

use super::ports::{Offered, Taken};
use super::shape::{Meeting, Shape};
use super::unit::{Unit, Work};
use super::values::result;
use crate::engine::EngineSpec;
use crate::matrix::Matrix;
use crate::simulate::word::Word;

/// What happens to a row's pairs as a pass begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opening {
    /// The first pass of a tile: they are cleared.
    Clear,
    /// A later one: they are multiplied by the radix.
    Raise,
}

/// A row's digits of one cycle on their way to its PEs.
#[derive(Clone, Debug)]
struct Slot {
    opening: Option<Opening>,
    /// One a lane; 0 where none is at hand.
    digits: Vec<i8>,
    /// `lanes` x `cols`.
    b: Vec<i32>,
}

/// The engine's state.
#[derive(Clone, Debug)]
pub struct Array {
    shape: Shape,
    sum_bits: u32,
    units: Vec<Unit>,
    slots: Vec<Slot>,
    /// Rows whose pass began with the last edge.
    openings: Vec<Option<Opening>>,
    sum: Vec<u64>,
    carry: Vec<u64>,
    drain_sum: Vec<u64>,
    drain_carry: Vec<u64>,
    draining: usize,
    result: Vec<u64>,
    result_valid: bool,
    /// A command waits.
    pending: bool,
    /// A tile has begun and not ended.
    running: bool,
    /// Moves of the pipeline until the next tile may end.
    gap: u32,
    /// The tile ended one and two edges ago.
    ended: [bool; 2],
}

impl Array {
    /// The engine after reset.
    pub fn new(shape: &Shape, sum_bits: u32) -> Self {
        let pes = shape.rows * shape.cols;
        let slot = Slot { opening: None, digits: vec![0; shape.lanes], b: vec![0; shape.lanes * shape.cols] };
        Self {
            sum_bits,
            units: vec![Unit::new(shape); shape.rows * shape.units],
            slots: vec![slot; shape.rows],
            openings: vec![None; shape.rows],
            sum: vec![0; pes],
            carry: vec![0; pes],
            drain_sum: vec![0; pes],
            drain_carry: vec![0; pes],
            draining: 0,
            result: vec![0; shape.cols],
            result_valid: false,
            pending: false,
            running: false,
            gap: 0,
            ended: [false; 2],
            shape: shape.clone(),
        }
    }

    /// The units, row by row.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Whether a tile has begun and not ended.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// The row of results at the output, as they leave; means something while [`result_offered`](Self::result_offered).
    pub fn result(&self, spec: &EngineSpec) -> impl Iterator<Item = i64> {
        self.result.iter().map(|word| result(word.wrapped(self.sum_bits), spec))
    }

    /// Whether a row of results is at the output.
    pub fn result_offered(&self) -> bool {
        self.result_valid
    }

    /// The sums of the pairs of all PEs, rows x cols.
    pub fn totals(&self) -> Matrix<i64> {
        let pe = |row: usize, col: usize| row * self.shape.cols + col;
        Matrix::from_fn(self.shape.rows, self.shape.cols, |row, col| {
            self.sum[pe(row, col)].plus(self.carry[pe(row, col)]).wrapped(self.sum_bits)
        })
    }

    /// Which word of the tile's B a reader wants, counted in its own operands.
    pub fn b_index(&self, reader: usize) -> usize {
        let lanes = self.shape.lanes_of_unit();
        let unit = &self.units[reader / lanes];
        let group = unit.held.map_or(0, |step| step % self.shape.groups);
        group * self.shape.group + unit.place(&self.shape, reader % lanes)
    }

    /// What is accepted in this cycle: the combinational part of the hand-shakes.
    pub fn handshake(&self, offered: &Offered) -> Taken {
        let shape = &self.shape;
        let c = self.result_valid && offered.c_ready;
        let advance = c || !self.result_valid;
        let readers = shape.rows * shape.lanes;
        let mut taken = Taken { advance, c, a: vec![false; readers], b: vec![false; readers], ..Taken::default() };
        if !advance {
            taken.cmd = offered.cmd.is_some() && !self.pending;
            taken.work = vec![Work::default(); self.units.len()];
            taken.released = vec![false; self.units.len()];
            return taken;
        }
        let lanes = shape.lanes_of_unit();
        for (index, unit) in self.units.iter().enumerate() {
            let lane_bit = |lane: usize| u32::from(offered.b[index * lanes + lane]) << lane;
            let work = unit.work(shape, (0..lanes).fold(0, |bits, lane| bits | lane_bit(lane)));
            for lane in 0..lanes {
                taken.b[index * lanes + lane] = work.takes_b >> lane & 1 == 1;
            }
            taken.work.push(work);
        }
        let done = |index: usize| self.units[index].waits && taken.work[index].free;
        let all_done = (0..self.units.len()).all(done);
        let at_the_end = self.units.iter().all(|unit| unit.next == shape.steps());
        taken.tile_ends = self.running && all_done && at_the_end && self.gap == 0;
        taken.tile_starts = self.pending && (!self.running || taken.tile_ends);
        taken.cmd = offered.cmd.is_some() && (!self.pending || taken.tile_starts);
        taken.released = (0..self.units.len())
            .map(|index| {
                let row = index / shape.units * shape.units;
                match shape.meeting(self.units[index].next) {
                    Meeting::None => true,
                    Meeting::Row => (row..row + shape.units).all(done),
                    Meeting::Rows => all_done,
                    Meeting::Tile => taken.tile_starts,
                }
            })
            .collect();
        for (index, unit) in self.units.iter().enumerate() {
            let readers = index * lanes..(index + 1) * lanes;
            let all_offered = readers.clone().all(|reader| offered.a[reader]);
            let open = !unit.waits || taken.released[index];
            if open && all_offered && (taken.work[index].free || self.drops(unit, readers.clone(), offered)) {
                taken.a[readers].fill(true);
            }
        }
        taken
    }

    fn drops(&self, unit: &Unit, readers: std::ops::Range<usize>, offered: &Offered) -> bool {
        let group = self.shape.group;
        let digits = &offered.digits[readers.start * group..readers.end * group];
        Unit::drops(&self.shape, unit.next % self.shape.steps(), digits.iter().copied())
    }

    /// The rising edge that ends the cycle. `b(reader)` is the row of B that a reader takes, one word a column.
    pub fn edge<'b>(&mut self, offered: &Offered, taken: &Taken, b: impl Fn(usize) -> &'b [i32]) {
        if taken.advance {
            self.collect();
            self.accumulate();
            self.fill_slots(taken, b);
            self.take_groups(offered, taken);
            self.ended = [taken.tile_ends, self.ended[0]];
            self.gap = if taken.tile_ends { self.shape.rows as u32 - 1 } else { self.gap.saturating_sub(1) };
        }
        self.running = (self.running && !taken.tile_ends) || taken.tile_starts;
        self.pending = (self.pending && !taken.tile_starts) || taken.cmd;
    }

    /// The final adders, the drain chain, and the capture of a tile that is done.
    fn collect(&mut self) {
        let (rows, cols) = (self.shape.rows, self.shape.cols);
        let bottom = (rows - 1) * cols;
        for (col, word) in self.result.iter_mut().enumerate() {
            *word = self.drain_sum[bottom + col].plus(self.drain_carry[bottom + col]);
        }
        self.result_valid = self.draining > 0;
        if self.ended[1] {
            self.drain_sum.copy_from_slice(&self.sum);
            self.drain_carry.copy_from_slice(&self.carry);
            self.draining = rows;
        } else if self.draining > 0 {
            self.drain_sum.copy_within(..bottom, cols);
            self.drain_carry.copy_within(..bottom, cols);
            self.draining -= 1;
        }
    }

    /// The pairs of the PEs: cleared as a tile begins, raised as each later pass does, and the digits' multiples of B added.
    fn accumulate(&mut self) {
        let shape = &self.shape;
        for (row, slot) in self.slots.iter().enumerate() {
            let pes = row * shape.cols..(row + 1) * shape.cols;
            let (sum, carry) = (&mut self.sum[pes.clone()], &mut self.carry[pes]);
            if let Some(opening) = slot.opening {
                for word in sum.iter_mut().chain(carry.iter_mut()) {
                    *word = if opening == Opening::Clear { 0 } else { *word << shape.radix_bits };
                }
            }
            for (&digit, b) in slot.digits.iter().zip(slot.b.chunks_exact(shape.cols)) {
                if digit == 0 {
                    continue;
                }
                for ((sum, carry), &b) in sum.iter_mut().zip(carry.iter_mut()).zip(b) {
                    let multiple = u64::from_value(i64::from(digit) * i64::from(b));
                    (*sum, *carry) = sum.compress(*carry, multiple);
                }
            }
        }
    }

    fn fill_slots<'b>(&mut self, taken: &Taken, b: impl Fn(usize) -> &'b [i32]) {
        let shape = &self.shape;
        let lanes = shape.lanes_of_unit();
        for (row, slot) in self.slots.iter_mut().enumerate() {
            slot.opening = self.openings[row].take();
            slot.digits.fill(0);
            for index in row * shape.units..(row + 1) * shape.units {
                let (unit, work) = (&self.units[index], &taken.work[index]);
                for lane in (0..lanes).filter(|lane| work.takes_b >> lane & 1 == 1) {
                    let reader = index * lanes + lane;
                    let lane_of_row = reader % shape.lanes;
                    slot.digits[lane_of_row] = unit.digits[lane * shape.group + unit.place(shape, lane)];
                    slot.b[lane_of_row * shape.cols..(lane_of_row + 1) * shape.cols].copy_from_slice(b(reader));
                }
            }
        }
    }

    fn take_groups(&mut self, offered: &Offered, taken: &Taken) {
        let lanes = self.shape.lanes_of_unit();
        for index in 0..self.units.len() {
            let readers = index * lanes..(index + 1) * lanes;
            let drops = self.drops(&self.units[index], readers.clone(), offered);
            let shape = &self.shape;
            let unit = &mut self.units[index];
            unit.advance(&taken.work[index]);
            if unit.waits && taken.released[index] {
                unit.waits = false;
                if unit.next.is_multiple_of(shape.groups) {
                    let clears = unit.next == shape.steps();
                    self.openings[index / shape.units] = Some(if clears { Opening::Clear } else { Opening::Raise });
                }
            }
            if taken.a[readers.start] {
                let digits = &offered.digits[readers.start * shape.group..readers.end * shape.group];
                unit.accept(shape, unit.next % shape.steps(), digits, drops);
            }
        }
    }
}
