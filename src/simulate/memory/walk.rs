//! The walk over all blocks: what is fetched and written back, and when.

use super::blocks::{Block, Blocks};
use super::repeat::Loop;
use super::state::{State, Tally};
use super::tiling::{Region, Tensor, Tiling};
use super::timing::{Channel, Limits, Ports, Progress};
use super::work::{Demand, Work};
use super::{TensorTraffic, Walked};
use crate::engine::BlockAxis;

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

impl Walk<'_> {
    /// Walks over all blocks of the product.
    ///
    /// # Errors
    /// A condition that is violated, in words.
    pub fn run(&self, channel: Channel) -> Result<Walked, String> {
        let tally = Tally::new(Progress::new(self.work.chain, self.work.tail, self.loads_a));
        let mut state = State { tally, channel, ready: 0, room: 0, written: 0 };
        let mut before: Option<Block> = None;
        let range = self.blocks.of_product(self.product);
        let of_product = |index: usize| self.blocks.block(index).filter(|_| index < range.end);
        let mut at = of_product(range.start);
        if let Some(first) = &at {
            let traffic = &mut state.tally.traffic;
            let mut bits = self.fetch(first, None, &[Tensor::A, Tensor::B], traffic);
            // Sums of the product before may still be there.
            let kept = range.start.checked_sub(1).and_then(|index| self.blocks.block(index));
            let kept = kept.filter(|kept| kept.shares(first, Tensor::C));
            bits += self.fetch(first, kept.as_ref(), &[Tensor::C], traffic);
            state.ready = state.channel.transfer(0, bits);
        }
        let mut index = range.start;
        let mut loops = BlockLoops::new();
        while let Some(mut block) = at {
            debug_assert!(!self.work.repeats || self.blocks.passes == 1, "only rows at their own pace take passes");
            let skipped = if self.work.repeats { loops.skip(self.blocks, &block, &mut state) } else { 0 };
            if skipped > 0 {
                index += skipped;
                before = self.blocks.block(index - 1);
                let Some(now) = of_product(index) else { break };
                block = now;
            }
            index += 1;
            let next = of_product(index);
            self.step(before.as_ref(), &block, next.as_ref(), &mut state)?;
            (before, at) = (Some(block), next);
        }
        let State { mut tally, mut channel, mut written, .. } = state;
        // The next product adds to what is still there.
        let goes_on = |last: &Block| self.blocks.block(range.end).is_some_and(|next| next.shares(last, Tensor::C));
        if let Some(last) = before.as_ref().filter(|last| !goes_on(last)) {
            written = channel.transfer(tally.real.results_out(), self.write_back(last, &mut tally.traffic));
        }
        Ok(Walked {
            alone: tally.alone.results_out(),
            buffered: tally.buffered.results_out(),
            cycles: tally.real.results_out().max(written),
            results_out: tally.real.results_out(),
            dram_busy: channel.busy,
            dram_bits: channel.bits,
            traffic: tally.traffic,
            visited: tally.visited,
        })
    }

    /// Works on a block. Meanwhile come the operands of the next one, the results of the one before leave, and partial sums of the next
    /// come.
    fn step(
        &self,
        before: Option<&Block>,
        block: &Block,
        next: Option<&Block>,
        state: &mut State,
    ) -> Result<(), String> {
        let State { tally, channel, ready, room, written } = state;
        // The end of the block before, and when its results are out.
        let (free, out) = (tally.real.end(), tally.real.results_out());
        let mut next_ready = 0;
        if let Some(next) = next {
            let bits = self.fetch(next, Some(block), &[Tensor::A, Tensor::B], &mut tally.traffic);
            next_ready = channel.transfer(free, bits);
        }
        if let Some(before) = before.filter(|before| !before.shares(block, Tensor::C)) {
            *written = channel.transfer(out, self.write_back(before, &mut tally.traffic));
        }
        if let Some(next) = next {
            let bits = self.fetch(next, Some(block), &[Tensor::C], &mut tally.traffic);
            next_ready = next_ready.max(channel.transfer(free.max(*written), bits));
        }
        self.compute(block, Limits { ready: *ready, room: *room, ports: [0; 3] }, tally)?;
        *ready = next_ready;
        if next.is_some_and(|next| !next.shares(block, Tensor::C)) {
            *room = *written;
        }
        Ok(())
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
            bits += self.blocks.stored.bits(tensor, words) + metadata;
        }
        bits
    }

    /// Bits of the masks that are made of a block when it comes in.
    fn masks(&self, block: &Block, tensor: Tensor) -> u64 {
        self.blocks.stored.masks(tensor, self.blocks.region(block).extents())
    }

    /// Bits that a block has in its buffer.
    fn held(&self, block: &Block, tensor: Tensor) -> u64 {
        self.blocks.stored.held(tensor, self.blocks.region(block).extents(), self.blocks.words(block, tensor))
    }

    /// Bits of a block of C that leave; counts them.
    fn write_back(&self, block: &Block, traffic: &mut [TensorTraffic; 3]) -> u64 {
        let (index, words) = (Tensor::C as usize, self.blocks.words(block, Tensor::C));
        traffic[index].dram_writes += words;
        traffic[index].sram_reads += words;
        self.blocks.stored.bits(Tensor::C, words)
    }

    /// The tiles of a block.
    fn compute(&self, block: &Block, limits: Limits, tally: &mut Tally) -> Result<(), String> {
        let mut region = self.blocks.region(block);
        // The product's own K begins at 0.
        let from = self.blocks.k_of_product(self.product).start;
        region.k = region.k.start - from..region.k.end - from;
        let tiles = self.tiling.tiles(region);
        let mut outer = Loop::new();
        let mut at = [0; 2];
        while at[0] < tiles.counts[0] {
            if self.work.repeats {
                at[0] += outer.skip(tally, at[0], tiles.counts[0]);
            }
            let mut inner = Loop::new();
            at[1] = 0;
            while at[1] < tiles.counts[1] {
                if self.work.repeats {
                    at[1] += inner.skip(tally, at[1], tiles.counts[1]);
                }
                self.tile(block, &tiles.tile(at), limits, tally)?;
                at[1] += 1;
            }
            at[0] += 1;
        }
        Ok(())
    }

    fn tile(&self, block: &Block, tile: &Region, limits: Limits, tally: &mut Tally) -> Result<(), String> {
        let demand = self.work.demand(tile, self.blocks, block);
        let ports = self.ports.cycles(&demand);
        tally.alone.run(&Demand { work: demand.alone, ..demand }, Limits::default());
        tally.buffered.run(&demand, Limits { ports, ..Limits::default() });
        let begin = tally.real.run(&demand, Limits { ports, ..limits });
        tally.visited += 1;
        let [a, b, c] = &mut tally.traffic;
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
        match begin < limits.ready {
            true => Err(format!(
                "a tile of block {block:?} begins in cycle {begin}, its operands are there in {}",
                limits.ready
            )),
            false => Ok(()),
        }
    }
}

/// The loops over blocks, outermost first. There are no passes over them: only rows at their own pace take some.
struct BlockLoops([Loop<State>; 3]);

impl BlockLoops {
    fn new() -> Self {
        Self(std::array::from_fn(|_| Loop::new()))
    }

    /// Counts turns that repeat of the loop that is about to begin one with `block`. Gives how many blocks they have.
    fn skip(&mut self, blocks: &Blocks, block: &Block, state: &mut State) -> usize {
        let axes = blocks.order.axes().map(|axis| axis as usize);
        // The loops inside of the one that turns begin anew.
        let Some(turning) = axes.iter().rposition(|&axis| block.at[axis] > 0) else { return 0 };
        self.0[turning + 1..].iter_mut().for_each(Loop::begin);
        let axis = axes[turning];
        // Blocks of windows have as many words as their place in A says.
        if blocks.made_of.is_some() && axis != BlockAxis::N as usize {
            return 0;
        }
        let [turns, inside] =
            [blocks.counts[axis], axes[turning + 1..].iter().map(|&axis| blocks.counts[axis]).product()];
        self.0[turning].skip(state, block.at[axis], turns) * inside
    }
}
