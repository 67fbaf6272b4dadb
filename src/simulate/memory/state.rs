//! How far a walk over blocks is, and what it has counted.

use super::TensorTraffic;
use super::repeat::Repeating;
use super::timing::{Channel, Progress};

/// The same tiles on an array that lacks less and less, and the words that they moved.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Nothing is lacking.
    pub alone: Progress,
    /// All blocks are there.
    pub buffered: Progress,
    /// Everything counts.
    pub real: Progress,
    /// Of A, B and C.
    pub traffic: [TensorTraffic; 3],
    /// Tiles that were looked at one by one.
    pub visited: u64,
}

impl Tally {
    /// Before the first tile, on an array like this.
    pub fn new(array: Progress) -> Self {
        Self { alone: array.clone(), buffered: array.clone(), real: array, traffic: Default::default(), visited: 0 }
    }
}

/// Of the tiles of one block: once one of them has begun, what the block waited for is over.
impl Repeating for Tally {
    type Shape = [[Option<u64>; 2]; 3];

    fn shape(&self) -> Self::Shape {
        [&self.alone, &self.buffered, &self.real].map(Progress::shape)
    }

    fn repeat(&mut self, before: &Self, times: u64) {
        let Self { alone, buffered, real, traffic, visited: _ } = self;
        for (array, before) in [(alone, &before.alone), (buffered, &before.buffered), (real, &before.real)] {
            array.move_by((array.end() - before.end()) * times);
        }
        for (traffic, before) in traffic.iter_mut().zip(&before.traffic) {
            traffic.repeat(before, times);
        }
    }
}

/// The state between two blocks.
#[derive(Clone, Debug)]
pub struct State {
    /// The array.
    pub tally: Tally,
    /// DRAM.
    pub channel: Channel,
    /// When the operands and partial sums of the block that comes are there.
    pub ready: u64,
    /// When the half of C that it writes to has been written back.
    pub room: u64,
    /// When the last results so far were in DRAM.
    pub written: u64,
}

impl Repeating for State {
    /// That of the array; then the channel, `written`, `room` and `ready`.
    type Shape = (<Tally as Repeating>::Shape, [u64; 4]);

    fn shape(&self) -> Self::Shape {
        // Nothing is asked of the channel before the array's end, and room that was there by then is room.
        let (end, earliest) = (self.tally.real.end(), self.tally.real.earliest());
        let after = |time: u64| time.saturating_sub(end);
        let ready = self.ready.saturating_sub(earliest);
        (self.tally.shape(), [self.channel.free_after(end), after(self.written), after(self.room), ready])
    }

    fn repeat(&mut self, before: &Self, times: u64) {
        let (_, [free, written, room, ready]) = self.shape();
        self.tally.repeat(&before.tally, times);
        let end = self.tally.real.end();
        self.channel.repeat(&before.channel, times, end + free);
        (self.written, self.room) = (end + written, end + room);
        self.ready = self.tally.real.earliest() + ready;
    }
}

impl TensorTraffic {
    /// Counts what was counted since `before` so many times again.
    fn repeat(&mut self, before: &Self, times: u64) {
        let counts = [
            (&mut self.dram_reads, before.dram_reads),
            (&mut self.dram_writes, before.dram_writes),
            (&mut self.sram_reads, before.sram_reads),
            (&mut self.sram_writes, before.sram_writes),
            (&mut self.results, before.results),
            (&mut self.partial, before.partial),
            (&mut self.sums, before.sums),
            (&mut self.metadata.dram_reads, before.metadata.dram_reads),
            (&mut self.metadata.sram_reads, before.metadata.sram_reads),
            (&mut self.metadata.sram_writes, before.metadata.sram_writes),
            (&mut self.port_cycles, before.port_cycles),
        ];
        for (count, before) in counts {
            *count += (*count - before) * times;
        }
    }
}
