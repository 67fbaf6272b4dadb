//! Which blocks in which order: the least DRAM traffic among those that fit.

use super::blocks::Blocks;
use super::tiling::{CutsOfK, Tensor, Tiling};
use super::windows::Windows;
use crate::engine::{BlockAxis, BlockOrder, EngineSpec, Memory};
use crate::matrix::Matrix;
use crate::simulate::SimulateError;

const K: usize = BlockAxis::K as usize;

/// What is chosen among.
struct Choice<'a> {
    tiling: &'a Tiling,
    /// What A is made of, if it is not stored as it is.
    windows: Option<&'a Windows>,
    halves: [Option<u64>; 3],
}

/// The best blocks so far, after the bits to and from DRAM and the number of blocks.
#[derive(Default)]
struct Best(Option<([u64; 2], Blocks)>);

impl Best {
    /// Whether blocks that move so many bits may be as good.
    fn may_be_reached_with(&self, dram_bits: u64) -> bool {
        self.0.as_ref().is_none_or(|(known, _)| dram_bits <= known[0])
    }

    fn offer(&mut self, dram_bits: u64, blocks: Blocks) {
        let cost = [dram_bits, blocks.len() as u64];
        let rank = |cost: &[u64; 2], blocks: &Blocks| (*cost, blocks.order, blocks.counts);
        if self.0.as_ref().is_none_or(|(least, known)| rank(&cost, &blocks) < rank(least, known)) {
            self.0 = Some((cost, blocks));
        }
    }
}

/// The blocks of a GEMM: those that move the fewest bits to and from DRAM. Of equal ones the fewest blocks, then the first order
/// of [`BlockOrder::ALL`], then the fewest cuts of M, then of N.
///
/// Traffic depends on how often an axis is cut and not on where, so each count of blocks is looked at once, its
/// blocks as equal as whole tiles allow.
///
/// # Errors
/// Halves of buffers that are too small, or an order that the array cannot do with them.
pub fn blocks(
    spec: &EngineSpec,
    memory: &Memory,
    tiling: &Tiling,
    windows: Option<&Windows>,
) -> Result<Blocks, SimulateError> {
    let halves = [memory.a, memory.b, memory.c].map(|buffer| buffer.half_bits());
    let choice = Choice { tiling, windows, halves };
    let orders = match (memory.order, tiling.cuts_of_k) {
        // The products of blocks of K follow each other, so the loop over them is the outermost one.
        (Some(order), CutsOfK::SharedExponents) => vec![order.with_k_outermost()],
        (None, CutsOfK::SharedExponents) => vec![BlockOrder::Kmn, BlockOrder::Knm],
        (Some(order), _) => vec![order],
        (None, _) => BlockOrder::ALL.to_vec(),
    };
    choice.best(&orders).ok_or_else(|| choice.why_not(spec, memory.order))
}

impl Choice<'_> {
    fn best(&self, orders: &[BlockOrder]) -> Option<Blocks> {
        let of = |axis: BlockAxis| {
            let mut sizes = sizes(self.tiling.extents[axis as usize], self.tiling.step(axis));
            sizes.retain(|&size| self.tiling.counts(axis, size));
            sizes
        };
        let (along_m, along_n) = (of(BlockAxis::M), of(BlockAxis::N));
        let along_k = match self.tiling.stored.block_of_k {
            Some(block) => vec![block.min(self.tiling.extents[K])],
            None => of(BlockAxis::K),
        };
        let mut best = Best::default();
        for &m in &along_m {
            for &k in &along_k {
                if self.windows.is_some() || self.fits(Tensor::A, [m, 1, k]) {
                    self.look_at((m, &along_n, k), orders, &mut best);
                }
            }
        }
        best.0.map(|(_, blocks)| blocks)
    }

    /// Looks at blocks that have the same A, in every order that the array can do: at the longest along N, since cutting it more
    /// often never moves less.
    fn look_at(&self, (m, along_n, k): (usize, &[usize], usize), orders: &[BlockOrder], best: &mut Best) {
        let mut made_of = None;
        for &order in orders {
            let of_block = along_n.iter().map(|&n| [m, n, k]);
            let fit = of_block.filter(|&sizes| self.fits(Tensor::B, sizes) && self.fits(Tensor::C, sizes));
            let mut in_order = fit.map(|sizes| Blocks::new(self.tiling, order, sizes));
            let Some(mut blocks) = in_order.find(|blocks| self.can_be_done(blocks)) else { continue };
            if let Some(windows) = self.windows {
                // Windows share elements, which takes time to count: only for blocks that may be the best.
                if !best.may_be_reached_with(self.dram_bits_from(windows.touched(), &blocks)) {
                    continue;
                }
                let counted = made_of.get_or_insert_with(|| {
                    let counted = blocks.clone().of_windows(windows).made_of;
                    counted
                        .filter(|counted| self.holds(Tensor::A, self.bits(Tensor::A, blocks.sizes, greatest(counted))))
                });
                // Too large for the buffer, whatever the order.
                if counted.is_none() {
                    return;
                }
                blocks.made_of.clone_from(counted);
            }
            best.offer(self.dram_bits(&blocks), blocks);
        }
    }

    fn fits(&self, tensor: Tensor, sizes: [usize; 3]) -> bool {
        self.holds(tensor, self.bits(tensor, sizes, self.tiling.stored.words(tensor, sizes)))
    }

    /// Bits that so many words of a matrix, the block of which has these extents, take in its buffer.
    fn bits(&self, tensor: Tensor, sizes: [usize; 3], words: u64) -> u64 {
        let stored = &self.tiling.stored;
        let beside = stored.index_bits(tensor, words) + stored.exponents(tensor, sizes) + stored.masks(tensor, sizes);
        stored.held(tensor, words, beside)
    }

    /// Whether half of a buffer holds so many bits.
    fn holds(&self, tensor: Tensor, bits: u64) -> bool {
        self.halves[tensor as usize].is_none_or(|half| bits <= half)
    }

    /// Bits of the largest of the blocks of these sizes.
    fn largest(&self, tensor: Tensor, sizes: [usize; 3]) -> u64 {
        let words = match self.windows.filter(|_| tensor == Tensor::A) {
            None => self.tiling.stored.words(tensor, sizes),
            Some(windows) => {
                let blocks = Blocks::new(self.tiling, BlockOrder::Mnk, sizes).of_windows(windows);
                blocks.made_of.as_ref().map_or(0, greatest)
            }
        };
        self.bits(tensor, sizes, words)
    }

    fn dram_bits(&self, blocks: &Blocks) -> u64 {
        Tensor::ALL.map(|tensor| blocks.dram_bits(tensor)).iter().sum()
    }

    /// The same if a round of A is so many words.
    fn dram_bits_from(&self, round_of_a: u64, blocks: &Blocks) -> u64 {
        let windows = Tensor::A.elements(blocks.extents) * blocks.rounds(Tensor::A);
        let a = round_of_a * blocks.rounds(Tensor::A);
        let word_bits = u64::from(blocks.stored.word_bits[Tensor::A as usize]);
        self.dram_bits(blocks) - windows * word_bits + a * word_bits
    }

    /// Whether the array's sums survive the walk.
    fn can_be_done(&self, blocks: &Blocks) -> bool {
        if blocks.counts[K] == 1 || self.tiling.cuts_of_k != CutsOfK::WithinTile {
            return true;
        }
        let is_one_tile = |axis: usize| blocks.sizes[axis] <= self.tiling.steps[axis];
        blocks.order.axes()[2] == BlockAxis::K
            && is_one_tile(BlockAxis::M as usize)
            && is_one_tile(BlockAxis::N as usize)
    }

    /// Why nothing fits.
    fn why_not(&self, spec: &EngineSpec, order: Option<BlockOrder>) -> SimulateError {
        let least = [BlockAxis::M, BlockAxis::N, BlockAxis::K]
            .map(|axis| self.tiling.step(axis).min(self.tiling.extents[axis as usize]));
        let too_small = |sizes: [usize; 3]| {
            Tensor::ALL.into_iter().find(|&tensor| !self.holds(tensor, self.largest(tensor, sizes)))
        };
        let whole_k = [least[0], least[1], self.tiling.extents[K]];
        let (least, tensor) = match (too_small(least), too_small(whole_k)) {
            (Some(tensor), _) => (least, tensor),
            (None, Some(tensor)) => (whole_k, tensor),
            // Unreachable: the least blocks are looked at too.
            (None, None) => (least, Tensor::A),
        };
        let bits = self.largest(tensor, least);
        let (tensor, needed_kib) = (tensor.name(), (2 * bits).div_ceil(8 * 1024));
        match order {
            Some(order) if least == whole_k && self.tiling.cuts_of_k == CutsOfK::WithinTile => {
                SimulateError::LoopOrder { design: spec.name.clone(), order: order.name(), tensor, needed_kib }
            }
            _ => SimulateError::BufferTooSmall { tensor, block: least, bits, needed_kib },
        }
    }
}

fn greatest(counted: &Matrix<u64>) -> u64 {
    counted.values().iter().copied().max().unwrap_or(0)
}

/// The sizes of blocks along an axis, largest first: for each count of blocks that whole steps of the array can make, the
/// smallest one.
fn sizes(extent: usize, step: usize) -> Vec<usize> {
    let steps = extent.div_ceil(step);
    let mut sizes = Vec::new();
    let mut count = 1;
    while count <= steps {
        let size = steps.div_ceil(count);
        sizes.push((size * step).min(extent));
        // The next count that a smaller size makes.
        count = match size {
            1 => steps + 1,
            size => steps.div_ceil(size - 1),
        };
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_of_blocks_has_its_smallest_size() {
        for (extent, step) in [(1, 1), (7, 1), (12, 5), (40, 3), (41, 3), (100, 7), (5, 8)] {
            let found = sizes(extent, step);
            let count = |size: usize| extent.div_ceil(size);
            let all: std::collections::BTreeSet<usize> =
                (1..=extent.div_ceil(step)).map(|size| count(size * step)).collect();
            assert_eq!(found.iter().map(|&size| count(size)).collect::<std::collections::BTreeSet<_>>(), all);
            assert_eq!(found.len(), all.len(), "{extent} {step}");
            for &size in &found {
                assert!(size == extent || size % step == 0);
                assert!(
                    size <= step || count(size - step) > count(size),
                    "{size} of {extent} by {step} is not the smallest"
                );
            }
        }
    }
}
