//! All registers of a serial engine, and the control of its units, rows and tiles.
//!
//! A group accepted at edge `t` is in its unit's register in cycle `t + 1`, where what it gives first and its rows of B go into the slot
//! register of the row; from there it is on its way to the sums of the row's PEs. When the last row works on its last group the tile
//! ends: as many edges later as the way is long every PE has captured its sum in the drain chain, which moves south a row an
//! edge. The next tile starts in the very same cycle if its command is at hand.

use super::drain::Drain;
use super::ports::{Offered, Taken};
use super::shape::{Meeting, Opening, Shape};
use super::taking::{Datapath, GroupRegister, Taking, Work};
use super::total::result;
use super::unit::Unit;
use crate::engine::EngineSpec;
use crate::matrix::Matrix;
use crate::simulate::word::Word;

/// What can be seen of an engine's state, whatever its units take.
pub trait Registers {
    /// Which row of the tile's B a reader wants, counted in its own operands; the first one, if a beat has more.
    fn b_index(&self, reader: usize) -> usize;
    /// Whether a row of results is at the output.
    fn result_offered(&self) -> bool;
    /// The row of results at the output, as they leave; means something while [`result_offered`](Self::result_offered).
    fn result(&self, spec: &EngineSpec) -> std::vec::IntoIter<i64>;
    /// The sums of all PEs, rows x cols; of pairs the sum of both words.
    fn totals(&self) -> Matrix<i64>;
}

/// The engine's state.
pub struct Array<T: Taking> {
    shape: Shape,
    sum_bits: u32,
    units: Vec<Unit<T>>,
    /// Rows whose pass began with the last edge.
    openings: Vec<Option<Opening>>,
    datapath: T::Datapath,
    drain: Drain,
    /// A command waits.
    pending: bool,
    /// A tile has begun and not ended.
    running: bool,
    /// Moves of the pipeline until the next tile may end.
    gap: u32,
    /// Whether the tile ended one edge ago, two edges ago, and so on to its capture.
    ended: Vec<bool>,
}

impl<T: Taking> Registers for Array<T> {
    fn b_index(&self, reader: usize) -> usize {
        let lanes = self.shape.lanes_of_unit();
        let unit = &self.units[reader / lanes];
        let group = unit.held.map_or(0, |step| step % self.shape.groups);
        group * self.shape.group + unit.group.place(&self.shape, reader % lanes)
    }

    fn result_offered(&self) -> bool {
        self.drain.is_offered()
    }

    fn result(&self, spec: &EngineSpec) -> std::vec::IntoIter<i64> {
        let words = self.drain.row().into_iter();
        words.map(|word| result(word.wrapped(self.sum_bits), spec)).collect::<Vec<_>>().into_iter()
    }

    fn totals(&self) -> Matrix<i64> {
        let words = self.datapath.sums();
        Matrix::from_fn(self.shape.rows, self.shape.cols, |row, col| {
            let of_pe = words.iter().map(|words| words[row * self.shape.cols + col]);
            of_pe.fold(0, |sum: u64, word| sum.plus(word)).wrapped(self.sum_bits)
        })
    }
}

impl<T: Taking> Array<T> {
    /// The engine after reset.
    pub fn new(shape: &Shape, sum_bits: u32) -> Self {
        let datapath = T::Datapath::new(shape);
        Self {
            sum_bits,
            units: (0..shape.rows * shape.units).map(|_| Unit::new(shape)).collect(),
            openings: vec![None; shape.rows],
            drain: Drain::new(shape, datapath.sums().len()),
            datapath,
            pending: false,
            running: false,
            gap: 0,
            ended: vec![false; shape.end_to_drain() as usize],
            shape: shape.clone(),
        }
    }

    /// The units, row by row.
    pub fn units(&self) -> &[Unit<T>] {
        &self.units
    }

    /// Whether a tile has begun and not ended.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// What is accepted in this cycle: the combinational part of the hand-shakes. `groups` are those of all readers, read where
    /// one is offered.
    pub fn handshake(&self, offered: &Offered, groups: &[T::Operand]) -> Taken {
        let shape = &self.shape;
        let c = self.drain.is_offered() && offered.c_ready;
        let advance = c || !self.drain.is_offered();
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
            if open && all_offered && (taken.work[index].free || self.drops(unit, readers.clone(), groups)) {
                taken.a[readers].fill(true);
            }
        }
        taken
    }

    fn drops(&self, unit: &Unit<T>, readers: std::ops::Range<usize>, groups: &[T::Operand]) -> bool {
        let offered = &groups[readers.start * self.shape.group..readers.end * self.shape.group];
        Unit::<T>::drops(&self.shape, unit.next % self.shape.steps(), offered)
    }

    /// The rising edge that ends the cycle. `b(reader)` is the beat of b that a reader takes.
    pub fn edge<'b>(&mut self, groups: &[T::Operand], taken: &Taken, b: impl Fn(usize) -> &'b [i32])
    where
        T: 'b,
    {
        if taken.advance {
            let captures = self.ended.last() == Some(&true);
            self.drain.edge(captures.then(|| self.datapath.sums()));
            self.datapath.accumulate(&self.shape);
            self.fill_slots(taken, b);
            self.take_groups(groups, taken);
            self.ended.rotate_right(1);
            self.ended[0] = taken.tile_ends;
            self.gap = if taken.tile_ends { self.shape.rows as u32 - 1 } else { self.gap.saturating_sub(1) };
        }
        self.running = (self.running && !taken.tile_ends) || taken.tile_starts;
        self.pending = (self.pending && !taken.tile_starts) || taken.cmd;
    }

    fn fill_slots<'b>(&mut self, taken: &Taken, b: impl Fn(usize) -> &'b [i32])
    where
        T: 'b,
    {
        let shape = &self.shape;
        for (row, opening) in self.openings.iter_mut().enumerate() {
            let units = row * shape.units..(row + 1) * shape.units;
            let works: Vec<(&T::Group, Work)> =
                units.map(|index| (&self.units[index].group, taken.work[index])).collect();
            self.datapath.fill(shape, row, opening.take(), &works, |lane| b(row * shape.lanes + lane));
        }
    }

    fn take_groups(&mut self, groups: &[T::Operand], taken: &Taken) {
        let lanes = self.shape.lanes_of_unit();
        for index in 0..self.units.len() {
            let readers = index * lanes..(index + 1) * lanes;
            let drops = self.drops(&self.units[index], readers.clone(), groups);
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
                let group = &groups[readers.start * shape.group..readers.end * shape.group];
                unit.accept(shape, unit.next % shape.steps(), group, drops);
            }
        }
    }
}
