//! The walk over all blocks: what is fetched and written back, and when.

use super::blocks::{Block, Blocks};
use super::tiling::{Tensor, Tiling};
use super::timing::{Channel, Limits, Ports, Progress};
use super::work::{Demand, Work};
use super::{TensorTraffic, Walked};

/// A GEMM with all that is chosen about it.
pub struct Walk<'a> {
    /// Where blocks and tiles are cut.
    pub tiling: &'a Tiling,
    /// The blocks.
    pub blocks: &'a Blocks,
    /// What a tile asks for.
    pub work: &'a Work,
    /// The buffers' ports.
    pub ports: Ports,
    /// Whether the operand that stays in the array, if one does, is A.
    pub loads_a: bool,
    /// Which product it is of those that blocks of K are, one after the other.
    pub product: usize,
}

/// The same tiles on an array that lacks less and less.
struct Arrays {
    /// Nothing is lacking.
    alone: Progress,
    /// All blocks are there.
    buffered: Progress,
    /// Everything counts.
    real: Progress,
}

impl Walk<'_> {
    /// Walks over all blocks of the product.
    ///
    /// # Errors
    /// A condition that is violated, in words.
    pub fn run(&self, mut channel: Channel) -> Result<Walked, String> {
        let new = || Progress::new(self.work.chain, self.work.tail, self.loads_a);
        let mut arrays = Arrays { alone: new(), buffered: new(), real: new() };
        let mut traffic = [TensorTraffic::default(); 3];
        let mut before: Option<Block> = None;
        // The ends of the block before, and when its results are out.
        let (mut free, mut out) = (0, 0);
        let mut written = 0;
        let mut room = 0;
        let range = self.blocks.of_product(self.product);
        let of_product = |index: usize| self.blocks.block(index).filter(|_| index < range.end);
        let mut at = of_product(range.start);
        let mut ready = match &at {
            Some(first) => {
                let mut bits = self.fetch(first, None, &[Tensor::A, Tensor::B], &mut traffic);
                // Sums of the product before may still be there.
                let kept = range.start.checked_sub(1).and_then(|index| self.blocks.block(index));
                let kept = kept.filter(|kept| kept.shares(first, Tensor::C));
                bits += self.fetch(first, kept.as_ref(), &[Tensor::C], &mut traffic);
                channel.transfer(0, bits)
            }
            None => 0,
        };
        let mut index = range.start;
        while let Some(block) = at {
            index += 1;
            let next = of_product(index);
            // While this block is worked on: operands of the next one, the results of the one before, partial sums of the next.
            let mut next_ready = 0;
            if let Some(next) = &next {
                let bits = self.fetch(next, Some(&block), &[Tensor::A, Tensor::B], &mut traffic);
                next_ready = channel.transfer(free, bits);
            }
            if let Some(before) = before.filter(|before| !before.shares(&block, Tensor::C)) {
                written = channel.transfer(out, self.write_back(&before, &mut traffic));
            }
            if let Some(next) = &next {
                let bits = self.fetch(next, Some(&block), &[Tensor::C], &mut traffic);
                next_ready = next_ready.max(channel.transfer(free.max(written), bits));
            }
            self.compute(&block, Limits { ready, room, ports: [0; 3] }, &mut arrays, &mut traffic)?;
            (free, out) = (arrays.real.end(), arrays.real.results_out());
            ready = next_ready;
            if next.as_ref().is_some_and(|next| !next.shares(&block, Tensor::C)) {
                room = written;
            }
            (before, at) = (Some(block), next);
        }
        // The next product adds to what is still there.
        let goes_on = |last: &Block| self.blocks.block(range.end).is_some_and(|next| next.shares(last, Tensor::C));
        if let Some(last) = before.as_ref().filter(|last| !goes_on(last)) {
            written = channel.transfer(out, self.write_back(last, &mut traffic));
        }
        Ok(Walked {
            alone: arrays.alone.results_out(),
            buffered: arrays.buffered.results_out(),
            cycles: arrays.real.results_out().max(written),
            results_out: arrays.real.results_out(),
            dram_busy: channel.busy,
            dram_bits: channel.bits,
            traffic,
        })
    }

    /// Bits that have to come for `block` when `held` is in the buffers; counts them.
    fn fetch(&self, block: &Block, held: Option<&Block>, tensors: &[Tensor], traffic: &mut [TensorTraffic; 3]) -> u64 {
        let mut bits = 0;
        for &tensor in tensors {
            let index = tensor as usize;
            let is_held = held.is_some_and(|held| held.shares(block, tensor));
            let resident = if is_held { 0 } else { self.held(block, tensor) };
            let resident = resident + held.map_or(0, |held| self.held(held, tensor));
            traffic[index].peak_bits = traffic[index].peak_bits.max(resident);
            if is_held {
                continue;
            }
            let (words, metadata) = (self.blocks.words(block, tensor), self.blocks.metadata(block, tensor));
            // Sums begin at 0: there is nothing to fetch the first time.
            if tensor == Tensor::C && block.at[tensor.other_axis() as usize] == 0 {
                continue;
            }
            traffic[index].dram_reads += words;
            traffic[index].sram_writes += words;
            traffic[index].metadata.dram_reads += metadata;
            traffic[index].metadata.sram_writes += metadata + self.masks(block, tensor);
            bits += words * u64::from(self.ports.word_bits[index]) + metadata;
        }
        bits
    }

    /// Bits of the masks that are made of a block when it comes in.
    fn masks(&self, block: &Block, tensor: Tensor) -> u64 {
        self.blocks.stored.masks(tensor, self.blocks.region(block).extents())
    }

    /// Bits that a block has in its buffer.
    fn held(&self, block: &Block, tensor: Tensor) -> u64 {
        let metadata = self.blocks.metadata(block, tensor) + self.masks(block, tensor);
        self.blocks.stored.held(tensor, self.blocks.words(block, tensor), metadata)
    }

    /// Bits of a block of C that leave; counts them.
    fn write_back(&self, block: &Block, traffic: &mut [TensorTraffic; 3]) -> u64 {
        let (index, words) = (Tensor::C as usize, self.blocks.words(block, Tensor::C));
        traffic[index].dram_writes += words;
        traffic[index].sram_reads += words;
        words * u64::from(self.ports.word_bits[index])
    }

    /// The tiles of a block.
    fn compute(
        &self,
        block: &Block,
        limits: Limits,
        arrays: &mut Arrays,
        traffic: &mut [TensorTraffic; 3],
    ) -> Result<(), String> {
        let mut early = None;
        let mut region = self.blocks.region(block);
        // The product's own K begins at 0.
        let from = self.blocks.k_of_product(self.product).start;
        region.k = region.k.start - from..region.k.end - from;
        self.tiling.tiles(&region, |tile| {
            let demand = self.work.demand(&tile, self.blocks, block);
            let ports = self.ports.cycles(&demand);
            arrays.alone.run(&Demand { work: demand.alone, ..demand }, Limits::default());
            arrays.buffered.run(&demand, Limits { ports, ..Limits::default() });
            let begin = arrays.real.run(&demand, Limits { ports, ..limits });
            if begin < limits.ready {
                early = Some(format!(
                    "a tile of block {block:?} begins in cycle {begin}, its operands are there in {}",
                    limits.ready
                ));
            }
            let [a, b, c] = traffic;
            a.sram_reads += demand.a;
            b.sram_reads += demand.b;
            a.metadata.sram_reads += demand.metadata[0];
            b.metadata.sram_reads += demand.metadata[1];
            c.sram_reads += demand.partial + demand.sums;
            c.sums += demand.sums;
            c.sram_writes += demand.results;
            c.results += demand.results;
            c.partial += demand.partial;
            for (tensor, cycles) in [a, b, c].into_iter().zip(ports) {
                tensor.port_cycles += cycles;
            }
        });
        early.map_or(Ok(()), Err)
    }
}
