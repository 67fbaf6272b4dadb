//! How long a run in blocks takes, about: enough to choose among blocks that move about as much.
//!
//! In numbers of the mean block and the mean tile. While the array works on a block the channel moves what changes with the next one,
//! so a turn of the loops over blocks takes the longer of the two; before the first block and after the last nothing overlaps. Of
//! arrays whose cycles follow the data, which is not there yet, half of the digits or values are taken to be 0.

use super::blocks::Blocks;
use super::tiling::{Tensor, Tiling};
use super::work::Chain;
use crate::engine::{
    BlockAxis, BlockOrder, Dataflow, EngineError, EngineSpec, Family, Memory, Sequencing, Take, Timing,
};

const K: usize = BlockAxis::K as usize;

/// What the cycles of blocks follow from.
#[derive(Debug)]
pub struct Estimate<'a> {
    tiling: &'a Tiling,
    memory: &'a Memory,
    chain: Chain,
    /// Cycles by which tiles of results end apart at least.
    gap: f64,
    /// Stored places of K that a tile whose results stay takes at a time, and cycles of these in all its passes.
    group: f64,
    group_cycles: f64,
    /// How often a tile reads each of its elements of A, all passes together.
    reads_of_a: f64,
    /// How often each row of A reads each of its words of B; `None` if a tile reads them once, for all rows.
    reads_of_b: Option<f64>,
    /// Cycles of the array if nothing is cut that need not be.
    least_work: f64,
    /// Bits to and from DRAM then.
    unit: u64,
}

impl<'a> Estimate<'a> {
    /// The estimate of blocks on an engine.
    ///
    /// # Errors
    /// A design that is not built.
    pub fn new(spec: &EngineSpec, memory: &'a Memory, tiling: &'a Tiling) -> Result<Self, EngineError> {
        let depth = f64::from(spec.array.depth());
        let half = |count: u32| (f64::from(count) / 2.0).max(1.0);
        let (mut reads_of_a, mut reads_of_b) = (1.0, None);
        let (chain, gap, group, group_cycles) = match spec.family() {
            Family::Dense => {
                let timing = Timing::new(spec)?;
                let chain = Chain::of_dense(spec, &timing);
                (chain, f64::from(timing.least_pitch(spec.rows)), depth, f64::from(timing.step_cycles))
            }
            Family::Serial => {
                let sequencing = Sequencing::new(spec)?;
                let each = match sequencing.take {
                    Take::Digit | Take::Value { .. } => half(sequencing.group),
                    Take::Terms { .. } => half(spec.digit_slots()),
                };
                let group = f64::from(sequencing.group * sequencing.lanes);
                reads_of_a = f64::from(sequencing.passes);
                // A row reads a word of B for each digit or value that it takes, or once for all terms of a place.
                reads_of_b = Some(match sequencing.take {
                    Take::Digit => f64::from(sequencing.passes) / 2.0,
                    Take::Value { .. } => 0.5,
                    Take::Terms { .. } => 1.0,
                });
                (Chain::ResultsStay, f64::from(spec.rows), group, each * f64::from(sequencing.passes))
            }
            // Each term of one operand with each of the other.
            Family::Laconic => {
                let terms = half(spec.digit_slots());
                (Chain::ResultsStay, f64::from(spec.rows), depth, terms * terms)
            }
        };
        let (least_work, unit) = (0.0, 0);
        let mut estimate =
            Self { tiling, memory, chain, gap, group, group_cycles, reads_of_a, reads_of_b, least_work, unit };
        let [m, n, k] = tiling.extents;
        let whole = Blocks::new(tiling, BlockOrder::Kmn, [m, n, tiling.stored.block_of_k.unwrap_or(k).min(k)]);
        estimate.least_work = estimate.work(&whole) * whole.len() as f64;
        estimate.unit = Tensor::ALL.iter().map(|&tensor| whole.dram_bits(tensor)).sum();
        Ok(estimate)
    }

    /// Cycles that DRAM moves so many bits in.
    fn moved(&self, bits: f64) -> f64 {
        self.memory.dram_bits_per_cycle.map_or(0.0, |width| bits / f64::from(width))
    }

    /// Bits that move if nothing is cut that need not be, as if A were stored as it is: what bits are compared by.
    pub fn unit(&self) -> u64 {
        self.unit
    }

    /// No blocks that move so many bits take less than this: what is cut takes the array no less.
    pub fn least_cycles(&self, bits: u64) -> u64 {
        self.least_work.max(self.moved(bits as f64)) as u64
    }

    /// Cycles from the first fetch to the last write-back, about.
    pub fn cycles(&self, blocks: &Blocks) -> u64 {
        let counts = blocks.counts.map(|count| count as f64);
        let work = self.work(blocks);
        // Each time that another block of a matrix is used.
        let of_change = Tensor::ALL.map(|tensor| {
            let places: f64 =
                (0..3).filter(|&axis| axis != tensor.other_axis() as usize).map(|axis| counts[axis]).product();
            self.moved(blocks.dram_bits(tensor) as f64 / (places * blocks.rounds(tensor) as f64))
        });
        let [a, b, _] = of_change;
        let last = self.moved(blocks.stored.bits(Tensor::C, blocks.round(Tensor::C)) as f64 / (counts[0] * counts[1]));
        let mut cycles = a + b + work + last;
        let axes = blocks.order.axes();
        let mut times = 1.0;
        for (level, &axis) in axes.iter().enumerate() {
            let passes = if axis == BlockAxis::K { blocks.passes as f64 } else { 1.0 };
            let turns = counts[axis as usize] * passes;
            let changes = |tensor: Tensor| {
                let other = tensor.other_axis();
                let starts_anew = |inside: &BlockAxis| *inside != other && blocks.counts[*inside as usize] > 1;
                axis != other || axes[level + 1..].iter().any(starts_anew)
            };
            let changed = Tensor::ALL.into_iter().filter(|&tensor| changes(tensor));
            let move_in: f64 = changed.map(|tensor| of_change[tensor as usize]).sum();
            // Products of blocks of K do not overlap.
            let apart = axis == BlockAxis::K && blocks.products() > 1;
            let turn = if apart { work + move_in } else { work.max(move_in) };
            cycles += (turns - 1.0) * times * turn;
            times *= turns;
        }
        let bits: u64 = Tensor::ALL.iter().map(|&tensor| blocks.dram_bits(tensor)).sum();
        cycles.max(self.moved(bits as f64)).ceil() as u64
    }

    /// Cycles of the array in a block: those of its tiles.
    fn work(&self, blocks: &Blocks) -> f64 {
        let steps = self.tiling.steps;
        let streamed = self.tiling.streamed();
        // Tiles, or parts of some, along each axis.
        let tiles: [f64; 3] = std::array::from_fn(|axis| match axis {
            _ if axis == streamed as usize => blocks.counts[axis] as f64,
            K => (blocks.counts[K] * blocks.sizes[K].div_ceil(steps[K])) as f64,
            _ => blocks.extents[axis].div_ceil(steps[axis]) as f64,
        });
        let all = tiles.iter().product::<f64>() * blocks.passes as f64;
        all / blocks.len() as f64 * self.tile(blocks, tiles)
    }

    /// Cycles from one tile to the next.
    fn tile(&self, blocks: &Blocks, tiles: [f64; 3]) -> f64 {
        let extent = |axis: usize| blocks.extents[axis] as f64 / tiles[axis];
        let (m, n, k) = (extent(0), extent(1), extent(K));
        let places = blocks.stored.words(Tensor::B, [1, 1, blocks.extents[K]]) as f64 / tiles[K];
        // Results leave with the last part of K where they stay, else with each tile; all tiles but the first along K add to what
        // there is, in the array or outside of it.
        let stays = self.chain == Chain::ResultsStay;
        let (results, sums) = match (stays, blocks.products()) {
            (true, 1) => (1.0 / tiles[K], 0.0),
            _ => (1.0, (tiles[K] - 1.0) / tiles[K]),
        };
        // Passes outside of the loop over blocks of K are parts of their own.
        let passes = blocks.passes as f64;
        let of_b = self.reads_of_b.map_or(1.0, |reads| m * reads / passes);
        let words = [m * k * self.reads_of_a / passes, places * n * of_b, m * n * (results + sums)];
        let ports = [self.memory.a, self.memory.b, self.memory.c].map(|buffer| buffer.bits_per_cycle);
        let [a, b, c] = std::array::from_fn(|tensor| {
            let bits = words[tensor] * f64::from(blocks.stored.word_bits[tensor]);
            ports[tensor].map_or(0.0, |width| (bits / f64::from(width)).ceil())
        });
        match self.chain {
            Chain::ResultsStay => {
                // Of all passes: those outside of the loop over blocks of K are parts of their own.
                let work = (places / self.group).ceil() * self.group_cycles / blocks.passes as f64;
                // A tile in parts ends with the last of them.
                let parts = if blocks.products() > 1 { 1.0 } else { tiles[K] * blocks.passes as f64 };
                work.max(a).max(b).max(c).max(self.gap / parts)
            }
            Chain::OperandStays { load, swap } => {
                let (stays, streams, steps) = match self.tiling.streamed() {
                    BlockAxis::N => (a, b, n),
                    _ => (b, a, m),
                };
                (swap as f64 + (load as f64).max(stays)).max(steps.max(streams).max(c))
            }
        }
    }
}

impl Chain {
    /// How the tiles of a dense array follow each other.
    pub fn of_dense(spec: &EngineSpec, timing: &Timing) -> Self {
        match spec.dataflow() {
            Dataflow::OutputStationary => Self::ResultsStay,
            Dataflow::WeightStationary | Dataflow::InputStationary => {
                Self::OperandStays { load: spec.rows.into(), swap: timing.reach.max(1).into() }
            }
        }
    }
}
