//! Which blocks in which order: the least DRAM traffic among those that fit.

use super::blocks::Blocks;
use super::tiling::{CutsOfK, Tensor, Tiling};
use super::windows::Windows;
use crate::engine::{BlockAxis, BlockOrder, EngineSpec, Memory};
use crate::matrix::Matrix;
use crate::simulate::SimulateError;

const M: usize = BlockAxis::M as usize;
const K: usize = BlockAxis::K as usize;

/// What is chosen among.
struct Choice<'a> {
    tiling: &'a Tiling,
    /// What A is made of, if it is not stored as it is.
    windows: Option<&'a Windows>,
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
    windows: Option<&Windows>,
    word_bits: [u32; 3],
) -> Result<Blocks, SimulateError> {
    let halves = [memory.a, memory.b, memory.c].map(|buffer| buffer.half_bits());
    let choice = Choice { tiling, windows, halves, word_bits };
    let orders = memory.order.map_or(BlockOrder::ALL.to_vec(), |order| vec![order]);
    choice.best(&orders).ok_or_else(|| choice.why_not(spec, memory.order))
}

impl Choice<'_> {
    fn best(&self, orders: &[BlockOrder]) -> Option<Blocks> {
        let [along_m, along_n, along_k] =
            [0, 1, 2].map(|axis| sizes(self.tiling.extents[axis], self.tiling.steps[axis]));
        let mut best: Option<([u64; 2], Blocks)> = None;
        let all = |extent: usize| 0..extent;
        let least_of_windows = self
            .windows
            .map_or(0, |windows| windows.elements(&all(self.tiling.extents[M]), &all(self.tiling.extents[K])));
        for &m in &along_m {
            for &k in &along_k {
                if self.windows.is_none() && !self.fits(Tensor::A, [m, 1, k]) {
                    continue;
                }
                // Windows share elements, which takes time to count: only for blocks that may be the best.
                let mut made_of = None;
                for &n in &along_n {
                    let sizes = [m, n, k];
                    if !self.fits(Tensor::B, sizes) || !self.fits(Tensor::C, sizes) {
                        continue;
                    }
                    for &order in orders {
                        let mut blocks = Blocks::new(order, self.tiling.extents, sizes);
                        if !self.can_be_done(&blocks) {
                            continue;
                        }
                        if let Some(windows) = self.windows {
                            let least = self.dram_bits_from(least_of_windows, &blocks);
                            if best.as_ref().is_some_and(|(known, _)| least > known[0]) {
                                continue;
                            }
                            let made_of = made_of.get_or_insert_with(|| {
                                let counted = blocks.clone().of_windows(windows).made_of;
                                counted.filter(|counted| self.holds(Tensor::A, greatest(counted)))
                            });
                            // Too large for the buffer, whatever the order.
                            if made_of.is_none() {
                                continue;
                            }
                            blocks.made_of.clone_from(made_of);
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
        self.holds(tensor, tensor.elements(sizes))
    }

    /// Whether half of a buffer holds so many elements.
    fn holds(&self, tensor: Tensor, elements: u64) -> bool {
        let bits = elements * u64::from(self.word_bits[tensor as usize]);
        self.halves[tensor as usize].is_none_or(|half| bits <= half)
    }

    /// Stored elements of the largest of the blocks of these sizes.
    fn largest(&self, tensor: Tensor, sizes: [usize; 3]) -> u64 {
        match self.windows.filter(|_| tensor == Tensor::A) {
            None => tensor.elements(sizes),
            Some(windows) => {
                let blocks = Blocks::new(BlockOrder::Mnk, self.tiling.extents, sizes).of_windows(windows);
                blocks.made_of.as_ref().map_or(0, greatest)
            }
        }
    }

    fn dram_bits(&self, blocks: &Blocks) -> u64 {
        let bits = Tensor::ALL.map(|tensor| {
            let (sent, taken) = blocks.dram_elements(tensor);
            (sent + taken) * u64::from(self.word_bits[tensor as usize])
        });
        bits.iter().sum()
    }

    /// The same if a round of A is so many elements.
    fn dram_bits_from(&self, round_of_a: u64, blocks: &Blocks) -> u64 {
        let windows = Tensor::A.elements(blocks.extents) * blocks.rounds(Tensor::A);
        let a = round_of_a * blocks.rounds(Tensor::A);
        let word_bits = u64::from(self.word_bits[Tensor::A as usize]);
        self.dram_bits(blocks) - windows * word_bits + a * word_bits
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
        let bits = self.largest(tensor, least) * u64::from(self.word_bits[tensor as usize]);
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
