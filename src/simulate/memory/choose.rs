//! Which blocks in which order: the least DRAM traffic among those that fit.

use super::blocks::Blocks;
use super::tiling::{CutsOfK, Tensor, Tiling};
use crate::engine::{BlockAxis, BlockOrder, EngineSpec, Memory};
use crate::simulate::SimulateError;

const K: usize = BlockAxis::K as usize;

/// What is chosen among.
struct Choice<'a> {
    tiling: &'a Tiling,
    halves: [Option<u64>; 3],
    word_bits: [u32; 3],
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
    word_bits: [u32; 3],
) -> Result<Blocks, SimulateError> {
    let halves = [memory.a, memory.b, memory.c].map(|buffer| buffer.half_bits());
    let choice = Choice { tiling, halves, word_bits };
    let orders = memory.order.map_or(BlockOrder::ALL.to_vec(), |order| vec![order]);
    choice.best(&orders).ok_or_else(|| choice.why_not(spec, memory.order))
}

impl Choice<'_> {
    fn best(&self, orders: &[BlockOrder]) -> Option<Blocks> {
        let [along_m, along_n, along_k] =
            [0, 1, 2].map(|axis| sizes(self.tiling.extents[axis], self.tiling.steps[axis]));
        let mut best: Option<([u64; 2], Blocks)> = None;
        for &m in &along_m {
            for &k in along_k.iter().filter(|&&k| self.fits(Tensor::A, [m, 1, k])) {
                for &n in &along_n {
                    let sizes = [m, n, k];
                    if !self.fits(Tensor::B, sizes) || !self.fits(Tensor::C, sizes) {
                        continue;
                    }
                    for &order in orders {
                        let blocks = Blocks::new(order, self.tiling.extents, sizes);
                        if !self.can_be_done(&blocks) {
                            continue;
                        }
                        let cost = [self.dram_bits(&blocks), blocks.len() as u64];
                        // Sizes come largest first, so what is looked at later has more cuts.
                        let is_better = best.as_ref().is_none_or(|(least, known)| {
                            let rank = |cost: &[u64; 2], blocks: &Blocks| (*cost, blocks.order, blocks.counts);
                            rank(&cost, &blocks) < rank(least, known)
                        });
                        if is_better {
                            best = Some((cost, blocks));
                        }
                    }
                }
            }
        }
        best.map(|(_, blocks)| blocks)
    }

    fn fits(&self, tensor: Tensor, sizes: [usize; 3]) -> bool {
        let bits = self.bits(tensor, sizes);
        self.halves[tensor as usize].is_none_or(|half| bits <= half)
    }

    fn bits(&self, tensor: Tensor, sizes: [usize; 3]) -> u64 {
        tensor.elements(sizes) * u64::from(self.word_bits[tensor as usize])
    }

    fn dram_bits(&self, blocks: &Blocks) -> u64 {
        let bits = Tensor::ALL.map(|tensor| {
            let (sent, taken) = blocks.dram_elements(tensor);
            (sent + taken) * u64::from(self.word_bits[tensor as usize])
        });
        bits.iter().sum()
    }

    /// Whether the array's sums survive the walk.
    fn can_be_done(&self, blocks: &Blocks) -> bool {
        if blocks.counts[K] == 1 || self.tiling.cuts_of_k == CutsOfK::Anywhere {
            return true;
        }
        let is_one_tile = |axis: usize| blocks.sizes[axis] <= self.tiling.steps[axis];
        self.tiling.cuts_of_k == CutsOfK::WithinTile
            && blocks.order.axes()[2] == BlockAxis::K
            && is_one_tile(BlockAxis::M as usize)
            && is_one_tile(BlockAxis::N as usize)
    }

    /// Why nothing fits.
    fn why_not(&self, spec: &EngineSpec, order: Option<BlockOrder>) -> SimulateError {
        let least: [usize; 3] = std::array::from_fn(|axis| self.tiling.steps[axis].min(self.tiling.extents[axis]));
        let too_small = |sizes: [usize; 3]| Tensor::ALL.into_iter().find(|&tensor| !self.fits(tensor, sizes));
        let whole_k = [least[0], least[1], self.tiling.extents[K]];
        let (least, tensor) = match (too_small(least), too_small(whole_k)) {
            (Some(tensor), _) => (least, tensor),
            (None, Some(tensor)) => (whole_k, tensor),
            // Unreachable: the least blocks are looked at too.
            (None, None) => (least, Tensor::A),
        };
        let bits = self.bits(tensor, least);
        let (tensor, needed_kib) = (tensor.name(), (2 * bits).div_ceil(8 * 1024));
        match order {
            Some(order) if least == whole_k && self.tiling.cuts_of_k == CutsOfK::WithinTile => {
                SimulateError::LoopOrder { design: spec.name.clone(), order: order.name(), tensor, needed_kib }
            }
            _ => SimulateError::BufferTooSmall { tensor, block: least, bits, needed_kib },
        }
    }
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
