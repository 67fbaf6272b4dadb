//! The blocks of a GEMM in the order in which they are worked on.

use std::ops::Range;

use super::stored::Stored;
use super::tiling::{Region, Tensor, Tiling};
use super::windows::{Known, Windows};
use crate::engine::{BlockAxis, BlockOrder};
use crate::matrix::Matrix;

/// A GEMM cut into blocks, and the nest of the loops over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// The nest.
    pub order: BlockOrder,
    /// Extents of the GEMM along M, N and K.
    pub extents: [usize; 3],
    /// Extents of a block; the last one along an axis may be smaller.
    pub sizes: [usize; 3],
    /// Blocks along M, N and K.
    pub counts: [usize; 3],
    /// Passes over the blocks along K, a loop directly outside of that over K: those of a tile if K is cut. With K whole in a block a
    /// tile makes its passes in it, and this is 1.
    pub passes: usize,
    /// How the matrices are stored.
    pub stored: Stored,
    /// Stored elements of A in each block, blocks along M x blocks along K, if A is made of others: the input of a convolution.
    pub made_of: Option<Matrix<u64>>,
}

/// One block, in one pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its number along M, N and K.
    pub at: [usize; 3],
    /// The pass, the first one 0.
    pub pass: usize,
}

impl Block {
    /// Whether both hold the same elements of a matrix.
    pub fn shares(&self, other: &Block, tensor: Tensor) -> bool {
        let ignored = tensor.other_axis() as usize;
        (0..3).all(|axis| axis == ignored || self.at[axis] == other.at[axis])
    }
}

impl Blocks {
    /// Blocks of these sizes.
    pub fn new(tiling: &Tiling, order: BlockOrder, sizes: [usize; 3]) -> Self {
        let extents = tiling.extents;
        let counts: [usize; 3] = std::array::from_fn(|axis| extents[axis].div_ceil(sizes[axis]));
        let passes = if counts[BlockAxis::K as usize] > 1 { tiling.passes } else { 1 };
        Self { order, extents, sizes, counts, passes, stored: tiling.stored, made_of: None }
    }

    /// The same with A made of windows.
    pub fn of_windows(mut self, windows: &Windows) -> Self {
        let [m, _, k] = self.counts;
        let mut known = Known::new();
        let made_of = Matrix::from_fn(m, k, |m, k| self.elements_of(windows, (m, k), &mut known));
        self.made_of = Some(made_of);
        self
    }

    /// Stored elements of A in a block of windows, by its numbers along M and along K.
    pub fn elements_of(&self, windows: &Windows, (m, k): (usize, usize), known: &mut Known) -> u64 {
        let region = self.region(&Block { at: [m, 0, k], pass: 0 });
        windows.elements_among(&region.m, &region.k, known)
    }

    /// The same of the largest block, without keeping those of all.
    pub fn most_elements_of(&self, windows: &Windows) -> u64 {
        let [m, _, k] = self.counts;
        let mut known = Known::new();
        let blocks = (0..m).flat_map(|m| (0..k).map(move |k| (m, k)));
        blocks.map(|at| self.elements_of(windows, at, &mut known)).max().unwrap_or(0)
    }

    /// Blocks of A, each counted once.
    pub fn blocks_of_a(&self) -> u64 {
        self.counts[BlockAxis::M as usize] as u64 * self.counts[BlockAxis::K as usize] as u64
    }

    /// How many there are, each counted in every pass.
    pub fn len(&self) -> usize {
        self.counts.iter().product::<usize>() * self.passes
    }

    /// Block `index` of the walk, if there is one.
    pub fn block(&self, index: usize) -> Option<Block> {
        let mut rest = index;
        let mut turn = |count: usize| {
            let turn = rest % count;
            rest /= count;
            turn
        };
        let (mut at, mut pass) = ([0; 3], 0);
        for axis in self.order.axes().into_iter().rev() {
            at[axis as usize] = turn(self.counts[axis as usize]);
            if axis == BlockAxis::K {
                pass = turn(self.passes);
            }
        }
        (rest == 0).then_some(Block { at, pass })
    }

    /// What it covers.
    pub fn region(&self, block: &Block) -> Region {
        let range = |axis: BlockAxis| {
            let axis = axis as usize;
            let start = block.at[axis] * self.sizes[axis];
            start..self.extents[axis].min(start + self.sizes[axis])
        };
        Region { m: range(BlockAxis::M), n: range(BlockAxis::N), k: range(BlockAxis::K) }
    }

    /// How many products are run one after the other: one for each block of K that shares exponents, else one.
    pub fn products(&self) -> usize {
        self.stored.block_of_k.map_or(1, |_| self.counts[BlockAxis::K as usize])
    }

    /// The blocks of one of these products, as numbers of the walk: they follow each other, since K is then the outermost loop.
    pub fn of_product(&self, product: usize) -> Range<usize> {
        let each = self.len() / self.products();
        product * each..(product + 1) * each
    }

    /// The places of K of one of these products.
    pub fn k_of_product(&self, product: usize) -> Range<usize> {
        let (k, size) = (self.extents[BlockAxis::K as usize], self.sizes[BlockAxis::K as usize]);
        match self.products() {
            1 => 0..k,
            _ => product * size..k.min((product + 1) * size),
        }
    }

    /// Stored words of a matrix in a block.
    pub fn words(&self, block: &Block, tensor: Tensor) -> u64 {
        let [m, _, k] = block.at;
        match (&self.made_of, tensor) {
            (Some(made_of), Tensor::A) => made_of[(m, k)],
            _ => self.stored.words(tensor, self.region(block).extents()),
        }
    }

    /// Bits that DRAM moves with these words.
    pub fn metadata(&self, block: &Block, tensor: Tensor) -> u64 {
        self.stored.beside(tensor, self.region(block).extents(), self.words(block, tensor))
    }

    /// Words of a matrix that all of its blocks have, each counted in every block that has it.
    pub fn round(&self, tensor: Tensor) -> u64 {
        match (&self.made_of, tensor) {
            (Some(made_of), Tensor::A) => made_of.values().iter().sum(),
            _ => self.stored.words(tensor, self.extents),
        }
    }

    /// Bits that go with these words: an index for each that is kept, an exponent for each line and product.
    pub fn round_metadata(&self, tensor: Tensor) -> u64 {
        let exponents = self.stored.exponents(tensor, self.extents) * self.products() as u64;
        self.stored.index_bits(tensor, self.round(tensor)) + exponents
    }

    /// How often each word of a matrix comes round: once if its block stays while the loop that it does not depend on runs,
    /// else once for each turn of that loop; of A and B as often for each pass, since K is cut if there are several.
    ///
    /// A block stays through a loop if no loop inside of that one changes it.
    pub fn rounds(&self, tensor: Tensor) -> u64 {
        let other = tensor.other_axis();
        let inside = self.order.axes().into_iter().skip_while(|&axis| axis != other).skip(1);
        let changes = inside.map(|axis| self.counts[axis as usize]).any(|count| count > 1);
        let turns = if changes { self.counts[other as usize] as u64 } else { 1 };
        match tensor {
            Tensor::A | Tensor::B => turns * self.passes as u64,
            Tensor::C => turns,
        }
    }

    /// Words that DRAM sends and takes: (sent, taken). A and B come in each round; C goes out each round, and its
    /// partial sums come in again in every round but the first.
    pub fn dram_words(&self, tensor: Tensor) -> (u64, u64) {
        let (words, rounds) = (self.round(tensor), self.rounds(tensor));
        match tensor {
            Tensor::A | Tensor::B => (words * rounds, 0),
            Tensor::C => (words * (rounds - 1), words * rounds),
        }
    }

    /// The bits of [`dram_words`](Self::dram_words) and of what goes with them.
    pub fn dram_bits(&self, tensor: Tensor) -> u64 {
        let (sent, taken) = self.dram_words(tensor);
        self.stored.bits(tensor, sent + taken) + self.round_metadata(tensor) * self.rounds(tensor)
    }
}
