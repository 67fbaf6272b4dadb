//! Which blocks in which order: those of little DRAM traffic, and where traffic is about the same of little time.

use super::blocks::Blocks;
use super::estimate::Estimate;
use super::sizes::Sizes;
use super::tiling::{CutsOfK, Tensor, Tiling};
use super::windows::{Known, Windows};
use crate::engine::{BlockAxis, BlockOrder, EngineSpec, Memory};
use crate::matrix::Matrix;
use crate::simulate::SimulateError;

const K: usize = BlockAxis::K as usize;

/// What blocks cost: cycles, times bits to and from DRAM, in units of `unit` bits, to the power of 64. So 1 % fewer bits are worth
/// 1.9 times the cycles. (Six squarings: the same on every machine. The unit keeps the power in range.)
pub fn cost(bits: u64, unit: u64, cycles: u64) -> f64 {
    let ratio = bits as f64 / unit.max(1) as f64;
    (0..6).fold(ratio, |power, _| power * power) * cycles as f64
}

/// Costs that are as good as the least: 1 % more, which the estimate of cycles cannot tell apart.
pub const NEAR: f64 = 1.01;

/// Most blocks that the windows of a convolution are cut into: what each is made of is counted and kept, 8 bytes a block.
const MOST_BLOCKS_OF_WINDOWS: u64 = 1 << 22;

/// What is chosen among.
struct Choice<'a> {
    memory: &'a Memory,
    tiling: &'a Tiling,
    sizes: Sizes,
    estimate: Estimate<'a>,
    /// What A is made of, if it is not stored as it is.
    windows: Option<&'a Windows>,
    halves: [Option<u64>; 3],
}

/// Blocks and what follows from them.
struct Candidate {
    /// Bits to and from DRAM.
    bits: u64,
    /// Cycles, about.
    cycles: u64,
    /// What they cost.
    cost: f64,
    /// How many blocks there are.
    count: usize,
    blocks: Blocks,
}

impl Candidate {
    /// What decides between those that are alike.
    fn rank(&self) -> (BlockOrder, [usize; 3]) {
        (self.blocks.order, self.blocks.counts)
    }

    /// Whether the other one is never the better choice.
    fn covers(&self, other: &Self) -> bool {
        let numbers = |of: &Self| [of.bits, of.cycles, of.count as u64];
        let (one, another) = (numbers(self), numbers(other));
        one.iter().zip(&another).all(|(one, another)| one <= another) && (one != another || self.rank() <= other.rank())
    }
}

/// Those that may be chosen so far: they cost about the least, and none covers another.
struct Candidates {
    known: Vec<Candidate>,
    /// The least cost so far.
    least: f64,
    /// The fewest blocks of windows that were too many to be looked at.
    too_many: Option<u64>,
}

impl Candidates {
    fn new() -> Self {
        Self { known: Vec::new(), least: f64::INFINITY, too_many: None }
    }

    /// Whether blocks that cost at least so much may be chosen.
    fn may_be_chosen_at(&self, cost: f64) -> bool {
        cost <= self.least * NEAR
    }

    fn offer(&mut self, new: Candidate) {
        self.least = self.least.min(new.cost);
        let limit = self.least * NEAR;
        if new.cost > limit || self.known.iter().any(|known| known.covers(&new)) {
            return;
        }
        self.known.retain(|known| known.cost <= limit && !new.covers(known));
        self.known.push(new);
    }

    /// Of those that cost about the least the one with the fewest bits, then the fewest blocks, then the fewest cycles: as
    /// [`covers`](Candidate::covers) has it, so that it does not matter which one another was covered by.
    fn best(self) -> Option<Blocks> {
        let limit = self.least * NEAR;
        let near = self.known.into_iter().filter(|known| known.cost <= limit);
        near.min_by_key(|known| (known.bits, known.count, known.cycles, known.rank())).map(|known| known.blocks)
    }
}

/// The blocks of a GEMM: of those whose [`cost`] is at most 1 % more than the least, cycles as [`Estimate`] says, the fewest bits,
/// then the fewest blocks, then the fewest cycles, then the first order of [`BlockOrder::ALL`], then the fewest cuts of M, then of N.
///
/// Traffic depends on how often an axis is cut and not on where, so each count of blocks is looked at once, its
/// blocks as equal as whole tiles allow.
///
/// # Errors
/// Sizes that were asked for and that the array cannot take, halves of buffers that are too small, or an order that the array cannot
/// do with them.
pub fn blocks(
    spec: &EngineSpec,
    memory: &Memory,
    tiling: &Tiling,
    windows: Option<&Windows>,
) -> Result<Blocks, SimulateError> {
    let halves = [memory.a, memory.b, memory.c].map(|buffer| buffer.half_bits());
    let (sizes, estimate) = (Sizes::new(memory, tiling)?, Estimate::new(spec, memory, tiling)?);
    let choice = Choice { memory, tiling, sizes, estimate, windows, halves };
    let orders = match (memory.order, tiling.cuts_of_k) {
        // The products of blocks of K follow each other, so the loop over them is the outermost one.
        (Some(order), CutsOfK::SharedExponents) => vec![order.with_k_outermost()],
        (None, CutsOfK::SharedExponents) => vec![BlockOrder::Kmn, BlockOrder::Knm],
        (Some(order), _) => vec![order],
        (None, _) => BlockOrder::ALL.to_vec(),
    };
    choice.best(&orders)?.ok_or_else(|| choice.why_not(spec))
}

impl Choice<'_> {
    /// The best of all, if any can be done.
    ///
    /// # Errors
    /// Only such that are too many.
    fn best(&self, orders: &[BlockOrder]) -> Result<Option<Blocks>, SimulateError> {
        let mut candidates = Candidates::new();
        for &m in &self.sizes.along[0] {
            for &k in &self.sizes.along[K] {
                if self.windows.is_some() || self.fits(Tensor::A, [m, 1, k]) {
                    self.look_at((m, k), orders, &mut candidates);
                }
            }
        }
        match candidates.too_many {
            Some(count) if candidates.known.is_empty() => {
                Err(SimulateError::TooManyBlocks { count, most: MOST_BLOCKS_OF_WINDOWS })
            }
            _ => Ok(candidates.best()),
        }
    }

    /// Looks at blocks that have the same A, in every order that the array can do: at the longest along N that fit, and at shorter ones,
    /// each at most half as long, while these may cost as little. Cutting N more often never moves less.
    fn look_at(&self, (m, k): (usize, usize), orders: &[BlockOrder], candidates: &mut Candidates) {
        let along_n = &self.sizes.along[1];
        let fits = |&n: &usize| self.fits(Tensor::B, [m, n, k]) && self.fits(Tensor::C, [m, n, k]);
        let mut at = along_n.partition_point(|n| !fits(n));
        if self.windows.is_some() && at < along_n.len() {
            let of_order = |&order: &BlockOrder| Blocks::new(self.tiling, order, [m, along_n[at], k]);
            let may_be_done = |blocks: &Blocks| self.can_be_done(blocks) || self.could_be_done(blocks);
            if let Some(blocks) = orders.iter().map(of_order).find(may_be_done)
                && blocks.blocks_of_a() > MOST_BLOCKS_OF_WINDOWS
            {
                let count = blocks.blocks_of_a();
                candidates.too_many = Some(candidates.too_many.map_or(count, |known| known.min(count)));
                return;
            }
        }
        let mut made_of = None;
        while let Some(&n) = along_n.get(at) {
            let shorter = at + along_n[at..].partition_point(|&shorter| 2 * shorter > n);
            // The shortest is not left out: it may be the only one whose sums can stay.
            at = if at + 1 < along_n.len() { shorter.min(along_n.len() - 1) } else { shorter };
            let mut may_go_on = false;
            for &order in orders {
                let mut blocks = Blocks::new(self.tiling, order, [m, n, k]);
                if !self.can_be_done(&blocks) {
                    // Shorter ones may be.
                    may_go_on |= self.could_be_done(&blocks);
                    continue;
                }
                if let Some(windows) = self.windows {
                    // Windows share elements, which takes time to count: only for blocks that may be the best.
                    let least_bits = self.dram_bits_from(windows.touched(), &blocks);
                    if !candidates.may_be_chosen_at(self.least_cost(least_bits)) {
                        continue;
                    }
                    let counted = made_of.get_or_insert_with(|| {
                        let stored = &self.tiling.stored;
                        let holds =
                            |elements: u64| self.holds(Tensor::A, stored.held(Tensor::A, blocks.sizes, elements));
                        // Where the largest is too large, one in the middle mostly is.
                        let [in_m, _, in_k] = blocks.counts.map(|count| count / 2);
                        if !holds(blocks.elements_of(windows, (in_m, in_k), &mut Known::new())) {
                            return None;
                        }
                        blocks.clone().of_windows(windows).made_of.filter(|counted| holds(greatest(counted)))
                    });
                    // Too large for the buffer, whatever the order.
                    if counted.is_none() {
                        return;
                    }
                    blocks.made_of.clone_from(counted);
                }
                let bits = self.dram_bits(&blocks);
                if candidates.may_be_chosen_at(self.least_cost(bits)) {
                    may_go_on = true;
                    let (cycles, count) = (self.estimate.cycles(&blocks), blocks.len());
                    let cost = cost(bits, self.estimate.unit(), cycles);
                    candidates.offer(Candidate { bits, cycles, cost, count, blocks });
                }
            }
            if !may_go_on {
                return;
            }
        }
    }

    /// No blocks that move so many bits cost less.
    fn least_cost(&self, bits: u64) -> f64 {
        cost(bits, self.estimate.unit(), self.estimate.least_cycles(bits))
    }

    fn fits(&self, tensor: Tensor, sizes: [usize; 3]) -> bool {
        let stored = &self.tiling.stored;
        self.holds(tensor, stored.held(tensor, sizes, stored.words(tensor, sizes)))
    }

    /// Whether half of a buffer holds so many bits.
    fn holds(&self, tensor: Tensor, bits: u64) -> bool {
        self.halves[tensor as usize].is_none_or(|half| bits <= half)
    }

    /// Bits of the largest of the blocks of these sizes.
    fn largest(&self, tensor: Tensor, sizes: [usize; 3]) -> u64 {
        let words = match self.windows.filter(|_| tensor == Tensor::A) {
            None => self.tiling.stored.words(tensor, sizes),
            Some(windows) => Blocks::new(self.tiling, BlockOrder::Mnk, sizes).most_elements_of(windows),
        };
        self.tiling.stored.held(tensor, sizes, words)
    }

    /// Whether half of a buffer holds each of the blocks of these sizes.
    fn holds_largest(&self, tensor: Tensor, sizes: [usize; 3]) -> bool {
        // Windows are no fewer elements than they are made of, which takes time to count.
        let is_made_of_others = tensor == Tensor::A && self.windows.is_some();
        self.fits(tensor, sizes) || (is_made_of_others && self.holds(tensor, self.largest(tensor, sizes)))
    }

    fn dram_bits(&self, blocks: &Blocks) -> u64 {
        Tensor::ALL.map(|tensor| blocks.dram_bits(tensor)).iter().sum()
    }

    /// The same if a round of A is so many words.
    fn dram_bits_from(&self, round_of_a: u64, blocks: &Blocks) -> u64 {
        let rounds = blocks.rounds(Tensor::A);
        let bits = |words: u64| blocks.stored.bits(Tensor::A, words * rounds);
        self.dram_bits(blocks) - bits(Tensor::A.elements(blocks.extents)) + bits(round_of_a)
    }

    /// Whether the array's sums survive the walk.
    fn can_be_done(&self, blocks: &Blocks) -> bool {
        let is_one_tile = |axis: BlockAxis| blocks.sizes[axis as usize] <= self.tiling.steps[axis as usize];
        !self.cuts_sums(blocks) || (self.could_be_done(blocks) && is_one_tile(BlockAxis::N))
    }

    /// Whether they do if the blocks are short enough along N.
    fn could_be_done(&self, blocks: &Blocks) -> bool {
        let is_one_tile = blocks.sizes[BlockAxis::M as usize] <= self.tiling.steps[BlockAxis::M as usize];
        blocks.order.axes()[2] == BlockAxis::K && is_one_tile
    }

    /// Whether sums that stay in the PEs are cut.
    fn cuts_sums(&self, blocks: &Blocks) -> bool {
        blocks.counts[K] > 1 && self.tiling.cuts_of_k == CutsOfK::WithinTile
    }

    /// Why nothing fits.
    fn why_not(&self, spec: &EngineSpec) -> SimulateError {
        let least = self.sizes.least();
        let whole_k = [least[0], least[1], self.sizes.along[K][0]];
        let too_small = |sizes: [usize; 3]| Tensor::ALL.into_iter().find(|&tensor| !self.holds_largest(tensor, sizes));
        let kib = |bits: u64| (2 * bits).div_ceil(8 * 1024);
        let design = spec.name.clone();
        if let Some(tensor) = too_small(least) {
            let (bits, is_fixed) = (self.largest(tensor, least), self.sizes.is_fixed());
            return SimulateError::BufferTooSmall {
                tensor: tensor.name(),
                block: least,
                bits,
                needed_kib: kib(bits),
                is_fixed,
            };
        }
        // The least blocks fit, so it is K that is cut where sums stay.
        match (self.memory.order, too_small(whole_k)) {
            (Some(order), Some(tensor)) if !self.sizes.is_fixed() => {
                let needed_kib = kib(self.largest(tensor, whole_k));
                SimulateError::LoopOrder { design, order: order.name(), tensor: tensor.name(), needed_kib }
            }
            _ => {
                let [rows, cols, _] = self.tiling.steps;
                SimulateError::BlockOfSums { design, block: least, tile: [rows, cols] }
            }
        }
    }
}

fn greatest(counted: &Matrix<u64>) -> u64 {
    counted.values().iter().copied().max().unwrap_or(0)
}
