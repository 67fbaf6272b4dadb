//! What memory does to a run: blocks that fit the buffers, words that cross DRAM and SRAM, and the cycles that tiles wait.
//!
//! The engine's own tiles run in the order of the blocks. A tile begins when the array is free *and* its operands are in their
//! buffers, and takes as long as its words need to be read; so a run that lacks nothing is the engine's, by construction. The
//! rules and an example by hand are in docs/memory.md.

mod blocks;
mod check;
mod choose;
mod estimate;
mod repeat;
mod sizes;
mod state;
mod stored;
#[cfg(test)]
mod tests;
mod tiling;
mod timing;
mod walk;
mod windows;
mod work;

use std::borrow::Cow;

pub use tiling::Tensor;

use self::check::check;
use self::tiling::Tiling;
use self::timing::{Channel, Ports};
use self::walk::Walk;
use self::windows::Windows;
use self::work::Work;
use super::{Counts, SimulateError, Words};
use crate::engine::{BlockOrder, Dataflow, EngineSpec, Memory};
use crate::matrix::Blocks;
use crate::workload::Conv;

/// What bounds a run: whatever is busy longest; the first of those that are busy equally long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// The array.
    Array,
    /// The DRAM channel.
    Dram,
    /// The port of a buffer.
    Port(Tensor),
}

impl Bound {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Bound::Array => "array",
            Bound::Dram => "dram",
            Bound::Port(Tensor::A) => "sram-a",
            Bound::Port(Tensor::B) => "sram-b",
            Bound::Port(Tensor::C) => "sram-c",
        }
    }
}

/// What moves beside the words of a matrix, in bits: the indices of kept elements, the exponents that blocks share, and masks, which are
/// made where B comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Of all words of the matrix, as DRAM stores them.
    pub stored: u64,
    /// Sent by DRAM.
    pub dram_reads: u64,
    /// Read from the buffer by the array, or by what weighs its results.
    pub sram_reads: u64,
    /// Written to the buffer.
    pub sram_writes: u64,
}

impl Metadata {
    fn and(self, other: Self) -> Self {
        Self {
            stored: self.stored + other.stored,
            dram_reads: self.dram_reads + other.dram_reads,
            sram_reads: self.sram_reads + other.sram_reads,
            sram_writes: self.sram_writes + other.sram_writes,
        }
    }
}

/// What one matrix moves; counts are words: elements, of B those that are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TensorTraffic {
    /// Words that it has, as it is stored: of A of a convolution those of the input, or those of its windows where blocks of K share
    /// exponents, since these lie along the windows.
    pub elements: u64,
    /// Elements that DRAM moves in a round: each once for each block that has it. Those of A of a convolution are as many as there are
    /// in the blocks' windows, the others `elements`.
    pub round: u64,
    /// Rounds that DRAM sends the blocks of A or B, or takes those of C.
    pub rounds: u64,
    /// Bits of a stored one.
    pub word_bits: u32,
    /// Sent by DRAM.
    pub dram_reads: u64,
    /// Taken by DRAM.
    pub dram_writes: u64,
    /// Read from the buffer, by the array or for DRAM.
    pub sram_reads: u64,
    /// Written to the buffer, by DRAM or by the array.
    pub sram_writes: u64,
    /// Of C: results that left the array, partial ones included.
    pub results: u64,
    /// Of C: partial sums that entered it.
    pub partial: u64,
    /// Of C: sums of earlier blocks of K, outside of the array, that were read to be added to.
    pub sums: u64,
    /// What moves with the words.
    pub metadata: Metadata,
    /// Cycles that the buffer's port to the array needs; 0 without a limit.
    pub port_cycles: u64,
    /// Most bits that both halves hold together. Of C a block has its half until the next one that is worked on has one, whether it was
    /// written back before or not.
    pub peak_bits: u64,
    /// Bits that both halves have; `None` without a limit.
    pub buffer_bits: Option<u64>,
}

impl TensorTraffic {
    /// One product after the other, in blocks of the same sizes.
    fn and(self, other: Self) -> Self {
        Self {
            elements: self.elements + other.elements,
            round: self.round + other.round,
            dram_reads: self.dram_reads + other.dram_reads,
            dram_writes: self.dram_writes + other.dram_writes,
            sram_reads: self.sram_reads + other.sram_reads,
            sram_writes: self.sram_writes + other.sram_writes,
            results: self.results + other.results,
            partial: self.partial + other.partial,
            sums: self.sums + other.sums,
            metadata: self.metadata.and(other.metadata),
            port_cycles: self.port_cycles + other.port_cycles,
            peak_bits: self.peak_bits.max(other.peak_bits),
            ..self
        }
    }
}

/// What memory did to a product, or to all products of a layer, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryRun {
    /// The nest of the loops over blocks.
    pub order: BlockOrder,
    /// Extents of a block along M, N and K.
    pub block: [usize; 3],
    /// Blocks along M, N and K.
    pub blocks: [usize; 3],
    /// From the first fetch to the last write-back, both included.
    pub cycles: u64,
    /// From the first fetch until the last result has left the array; write-backs may follow, of several products those of the last.
    pub results_out: u64,
    /// Cycles of the same tiles with everything always offered.
    pub array_cycles: u64,
    /// Cycles more because buffers are read too slowly, or because rows at their own pace meet at the end of a block of K.
    pub sram_stall: u64,
    /// Cycles more because blocks come or go too slowly.
    pub dram_stall: u64,
    /// Cycles in which the DRAM channel moves something.
    pub dram_busy: u64,
    /// Bits that it moves.
    pub dram_bits: u64,
    /// A, B and C.
    pub tensors: [TensorTraffic; 3],
}

impl MemoryRun {
    /// What bounds it.
    pub fn bound(&self) -> Bound {
        let ports = Tensor::ALL.map(|tensor| (Bound::Port(tensor), self.tensors[tensor as usize].port_cycles));
        let mut bound = (Bound::Array, self.array_cycles);
        for other in [(Bound::Dram, self.dram_busy)].into_iter().chain(ports) {
            if other.1 > bound.1 {
                bound = other;
            }
        }
        bound.0
    }

    /// One product of a layer after the other: the channel is idle in between.
    pub fn and(self, other: Self) -> Self {
        let [a, b, c] = self.tensors;
        let [of_a, of_b, of_c] = other.tensors;
        Self {
            cycles: self.cycles + other.cycles,
            results_out: self.cycles + other.results_out,
            array_cycles: self.array_cycles + other.array_cycles,
            sram_stall: self.sram_stall + other.sram_stall,
            dram_stall: self.dram_stall + other.dram_stall,
            dram_busy: self.dram_busy + other.dram_busy,
            dram_bits: self.dram_bits + other.dram_bits,
            tensors: [a.and(of_a), b.and(of_b), c.and(of_c)],
            ..self
        }
    }

    /// Whether DRAM moved the words of each matrix as often as it has rounds; those of all products of a layer, if they are blocks of
    /// one K.
    pub fn is_conserved(&self) -> bool {
        let moved = |tensor: &TensorTraffic| tensor.dram_reads.max(tensor.dram_writes);
        self.tensors.iter().all(|tensor| tensor.round * tensor.rounds == moved(tensor))
    }

    /// Words through the ports of the array.
    fn words(&self) -> Words {
        let [a, b, c] = &self.tensors;
        Words { a: a.sram_reads, b: b.sram_reads, partial: c.partial, c: c.results }
    }
}

/// Bits of a step counter that counts whatever a layer has: extents are less than 2^63.
const ANY_LENGTH_BITS: u32 = 63;

/// The engine on which a layer is counted and multiplied, before memory cuts it: where an operand stays, blocks cut what streams past
/// it, and are chosen so that the step counter counts each; so the whole may be of any length. The same engine in all other
/// cases: a tile whose results stay is one, however its operands come.
pub fn before_blocks(spec: &EngineSpec) -> Cow<'_, EngineSpec> {
    match spec.memory.is_some() && spec.dataflow() != Dataflow::OutputStationary {
        true => Cow::Owned(EngineSpec { length_bits: ANY_LENGTH_BITS, ..spec.clone() }),
        false => Cow::Borrowed(spec),
    }
}

/// What the walk over all blocks counts.
#[derive(Debug, PartialEq, Eq)]
struct Walked {
    alone: u64,
    buffered: u64,
    cycles: u64,
    results_out: u64,
    dram_busy: u64,
    dram_bits: u64,
    traffic: [TensorTraffic; 3],
    /// Tiles that were looked at one by one, not as a turn that repeats.
    visited: u64,
}

/// The memory around an engine, and the blocks that the products of a layer are cut into.
#[derive(Clone, Debug)]
pub struct MemoryPlan<'a> {
    spec: &'a EngineSpec,
    memory: &'a Memory,
    tiling: Tiling,
    windows: Option<Windows>,
    blocks: blocks::Blocks,
}

impl<'a> MemoryPlan<'a> {
    /// The plan for products of these extents along M, N and K, lowered from `conv` if they are; `None` without memory around the
    /// engine. Where blocks of K share exponents the plan is for all of K, windows are what is stored, and each of the blocks is run by
    /// itself.
    ///
    /// # Errors
    /// Buffers or an order that the engine cannot work with.
    pub fn new(spec: &'a EngineSpec, extents: [usize; 3], conv: Option<Conv>) -> Result<Option<Self>, SimulateError> {
        let Some(memory) = &spec.memory else { return Ok(None) };
        let tiling = Tiling::new(spec, extents)?;
        let windows = conv.filter(|_| tiling.stored.block_of_k.is_none()).map(Windows::new);
        let blocks = choose::blocks(spec, memory, &tiling, windows.as_ref())?;
        Ok(Some(Self { spec, memory, tiling, windows, blocks }))
    }

    /// What memory does to C = A * B: the cycles, parts and words of `counts` become those with memory. `counts` is what an engine
    /// says of the product with everything always offered. Where blocks of K share exponents `product` says which block it is, else
    /// it is 0.
    ///
    /// # Errors
    /// A GEMM that the engine cannot count; [`SimulateError::Internal`] if a condition that every run must meet was violated.
    pub fn run(
        &self,
        (a, b): (&dyn Blocks, &dyn Blocks),
        product: usize,
        counts: &mut Counts,
    ) -> Result<MemoryRun, SimulateError> {
        let Self { spec, memory, tiling, blocks, .. } = self;
        let word_bits = tiling.stored.word_bits;
        let internal = |what: String| SimulateError::Internal { design: spec.name.clone(), seed: None, what };
        if product >= blocks.products() || a.cols() != blocks.k_of_product(product).len() {
            return Err(internal(format!("block {product} of K has {} places", a.cols())));
        }
        let work = Work::new(spec, (a, b), blocks)?;
        let buffers = [memory.a, memory.b, memory.c];
        let ports = Ports { bits_per_cycle: buffers.map(|buffer| buffer.bits_per_cycle), word_bits };
        let loads_a = spec.dataflow() == Dataflow::InputStationary;
        let walk = Walk { tiling, blocks, work: &work, ports, loads_a, product };
        let walked = walk.run(Channel::new(memory.dram_bits_per_cycle)).map_err(internal)?;
        let mut tensors = walked.traffic;
        for (tensor, traffic) in Tensor::ALL.into_iter().zip(&mut tensors) {
            // What all of K has is said once.
            if product == 0 {
                traffic.elements = match &self.windows {
                    Some(windows) if tensor == Tensor::A => windows.input(),
                    _ => blocks.stored.words(tensor, blocks.extents),
                };
                (traffic.round, traffic.metadata.stored) = (blocks.round(tensor), blocks.round_metadata(tensor));
            }
            traffic.rounds = blocks.rounds(tensor);
            traffic.word_bits = word_bits[tensor as usize];
            traffic.buffer_bits = buffers[tensor as usize].half_bits().map(|half| 2 * half);
        }
        let late = |after: u64, before: u64| {
            after.checked_sub(before).ok_or_else(|| internal(format!("{after} cycles with a limit, {before} without")))
        };
        let done = MemoryRun {
            order: blocks.order,
            block: blocks.sizes,
            blocks: blocks.counts,
            cycles: walked.cycles,
            results_out: walked.results_out,
            array_cycles: walked.alone,
            sram_stall: late(walked.buffered, walked.alone)?,
            dram_stall: late(walked.cycles, walked.buffered)?,
            dram_busy: walked.dram_busy,
            dram_bits: walked.dram_bits,
            tensors,
        };
        let cuts = work.cuts(tiling, blocks.counts);
        check(memory, tiling, (blocks, product), work.moves_in(cuts), counts, &done).map_err(internal)?;
        // An operand that stays moves in again for each cut of the axis that streams past it.
        counts.parts.load += late(done.array_cycles, counts.cycles)?;
        counts.parts.stall += done.sram_stall + done.dram_stall;
        counts.cycles = done.cycles;
        counts.words = done.words();
        match counts.parts.total() == counts.cycles {
            true => Ok(done),
            false => Err(internal(format!("parts {:?} do not sum to {} cycles", counts.parts, counts.cycles))),
        }
    }
}
