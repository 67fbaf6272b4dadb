//! When tiles run: as in the engine alone, but no tile before its operands are in the buffers, and none faster than they
//! are read.
//!
//! Times are cycles since the first fetch began. What begins at t has cycle t as its first.

use super::work::{Chain, Demand};

/// The DRAM channel: one transfer after the other, in the order in which they are asked for.
#[derive(Clone, Debug)]
pub struct Channel {
    bits_per_cycle: Option<u64>,
    free: u64,
    /// Cycles in which it moves something.
    pub busy: u64,
    /// What it moved.
    pub bits: u64,
}

impl Channel {
    /// A channel that has not moved anything; without a width, transfers take no time.
    pub fn new(bits_per_cycle: Option<u32>) -> Self {
        Self { bits_per_cycle: bits_per_cycle.map(u64::from), free: 0, busy: 0, bits: 0 }
    }

    /// Moves `bits` as soon as the transfers before are done and `earliest` has come. Gives the cycle in which all has
    /// arrived; 0 if there is nothing to move.
    pub fn transfer(&mut self, earliest: u64, bits: u64) -> u64 {
        if bits == 0 {
            return 0;
        }
        let cycles = self.bits_per_cycle.map_or(0, |width| bits.div_ceil(width));
        self.free = self.free.max(earliest) + cycles;
        self.busy += cycles;
        self.bits += bits;
        self.free
    }

    /// Cycles from `now` on, before which nothing will be asked for again, until it is free.
    pub fn free_after(&self, now: u64) -> u64 {
        self.free.saturating_sub(now)
    }

    /// What it did since `before` so many times again, until it is free in `free`.
    pub fn repeat(&mut self, before: &Self, times: u64, free: u64) {
        self.busy += (self.busy - before.busy) * times;
        self.bits += (self.bits - before.bits) * times;
        self.free = free;
    }
}

/// Bits of a cycle of each buffer's port to the array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Of A, B and C; `None`: as many as are asked for.
    pub bits_per_cycle: [Option<u32>; 3],
    /// Of a stored word.
    pub word_bits: [u32; 3],
}

impl Ports {
    /// Cycles that each buffer needs to give and take what a tile moves; 0 without a limit.
    pub fn cycles(&self, demand: &Demand) -> [u64; 3] {
        // Partial sums, sums of earlier blocks and results share the port of C.
        let words = [demand.a, demand.b, demand.partial + demand.sums + demand.results];
        let metadata = [demand.metadata[0], demand.metadata[1], 0];
        std::array::from_fn(|tensor| {
            let bits = words[tensor] * u64::from(self.word_bits[tensor]) + metadata[tensor];
            self.bits_per_cycle[tensor].map_or(0, |width| bits.div_ceil(width.into()))
        })
    }
}

/// What holds up a tile besides the tiles before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// When its operands and partial sums are in the buffers.
    pub ready: u64,
    /// When the half of C that its results go to has been written back.
    pub room: u64,
    /// Cycles that the buffers of A, B and C need for its words.
    pub ports: [u64; 3],
}

/// The array, and how far it is.
#[derive(Clone, Debug)]
pub struct Progress {
    chain: Chain,
    loads_a: bool,
    tail: u64,
    /// The start of the last tile, where an operand stays.
    start: Option<u64>,
    /// The end of the last tile or part of one.
    end: u64,
    /// The end of the last whole tile.
    tile_end: Option<u64>,
}

impl Progress {
    /// Before the first tile. `loads_a`: the operand that stays is A.
    pub fn new(chain: Chain, tail: u64, loads_a: bool) -> Self {
        Self { chain, loads_a, tail, start: None, end: 0, tile_end: None }
    }

    /// When the last tile so far is done with its operands.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// When its results have left.
    pub fn results_out(&self) -> u64 {
        self.end + self.tail
    }

    /// No tile begins before this cycle.
    pub fn earliest(&self) -> u64 {
        self.start.unwrap_or(self.end)
    }

    /// By how many cycles the start of the last tile and the end of the last whole one are before [`end`](Self::end).
    pub fn shape(&self) -> [Option<u64>; 2] {
        [self.start, self.tile_end].map(|time| time.map(|time| self.end - time))
    }

    /// The same array, so many cycles later.
    pub fn move_by(&mut self, cycles: u64) {
        self.end += cycles;
        for time in [&mut self.start, &mut self.tile_end].into_iter().flatten() {
            *time += cycles;
        }
    }

    /// Runs one tile, or a part of one. Gives the cycle in which its first operand is read.
    pub fn run(&mut self, demand: &Demand, limits: Limits) -> u64 {
        let [a, b, c] = limits.ports;
        // Results enter their buffer, all of a tile at once, when the last of them has left.
        let room = limits.room.saturating_sub(self.tail);
        match self.chain {
            Chain::ResultsStay => {
                let begin = self.end.max(limits.ready);
                self.end = begin + demand.work.max(a).max(b).max(c);
                if demand.ends_tile {
                    let apart = self.tile_end.map_or(0, |end| end + demand.gap);
                    self.end = self.end.max(apart).max(room);
                    self.tile_end = Some(self.end);
                }
                begin
            }
            Chain::OperandStays { load, swap } => {
                let (stays, streams) = if self.loads_a { (a, b) } else { (b, a) };
                let begin = self.start.map_or(0, |start| start + swap).max(limits.ready);
                let start = self.end.max(begin + load.max(stays));
                self.start = Some(start);
                self.end = (start + demand.work.max(streams).max(c)).max(room);
                begin
            }
        }
    }
}
