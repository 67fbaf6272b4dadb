//! The blocks of a GEMM in the order in which they are worked on.

use super::tiling::{Region, Tensor};
use super::windows::Windows;
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
    /// Stored elements of A in each block, blocks along M x blocks along K, if A is made of others: the input of a convolution.
    pub made_of: Option<Matrix<u64>>,
}

/// One block by its number along M, N and K.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block(pub [usize; 3]);

impl Block {
    /// Whether both hold the same elements of a matrix.
    pub fn shares(&self, other: &Block, tensor: Tensor) -> bool {
        let ignored = tensor.other_axis() as usize;
        (0..3).all(|axis| axis == ignored || self.0[axis] == other.0[axis])
    }
}

impl Blocks {
    /// Blocks of these sizes.
    pub fn new(order: BlockOrder, extents: [usize; 3], sizes: [usize; 3]) -> Self {
        let counts = std::array::from_fn(|axis| extents[axis].div_ceil(sizes[axis]));
        Self { order, extents, sizes, counts, made_of: None }
    }

    /// The same with A made of windows.
    pub fn of_windows(mut self, windows: &Windows) -> Self {
        let [m, _, k] = self.counts;
        let elements = |m: usize, k: usize| {
            let region = self.region(&Block([m, 0, k]));
            windows.elements(&region.m, &region.k)
        };
        self.made_of = Some(Matrix::from_fn(m, k, elements));
        self
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.counts.iter().product()
    }

    /// Block `index` of the walk, if there is one.
    pub fn block(&self, index: usize) -> Option<Block> {
        let mut rest = index;
        let mut block = [0; 3];
        for axis in self.order.axes().into_iter().rev() {
            let axis = axis as usize;
            block[axis] = rest % self.counts[axis];
            rest /= self.counts[axis];
        }
        (rest == 0).then_some(Block(block))
    }

    /// What it covers.
    pub fn region(&self, block: &Block) -> Region {
        let range = |axis: BlockAxis| {
            let axis = axis as usize;
            let start = block.0[axis] * self.sizes[axis];
            start..self.extents[axis].min(start + self.sizes[axis])
        };
        Region { m: range(BlockAxis::M), n: range(BlockAxis::N), k: range(BlockAxis::K) }
    }

    /// Stored elements of a matrix in a block.
    pub fn elements(&self, block: &Block, tensor: Tensor) -> u64 {
        let [m, _, k] = block.0;
        match (&self.made_of, tensor) {
            (Some(made_of), Tensor::A) => made_of[(m, k)],
            _ => tensor.elements(self.region(block).extents()),
        }
    }

    /// Elements of a matrix that all of its blocks have, each counted in every block that has it.
    pub fn round(&self, tensor: Tensor) -> u64 {
        match (&self.made_of, tensor) {
            (Some(made_of), Tensor::A) => made_of.values().iter().sum(),
            _ => tensor.elements(self.extents),
        }
    }

    /// How often each element of a matrix comes round: once if its block stays while the loop that it does not depend on runs,
    /// else once for each turn of that loop.
    ///
    /// A block stays through a loop if no loop inside of that one changes it.
    pub fn rounds(&self, tensor: Tensor) -> u64 {
        let other = tensor.other_axis();
        let inside = self.order.axes().into_iter().skip_while(|&axis| axis != other).skip(1);
        let changes = inside.map(|axis| self.counts[axis as usize]).any(|count| count > 1);
        if changes { self.counts[other as usize] as u64 } else { 1 }
    }

    /// Elements that DRAM sends and takes: (sent, taken). A and B come in each round; C goes out each round, and its
    /// partial sums come in again in every round but the first.
    pub fn dram_elements(&self, tensor: Tensor) -> (u64, u64) {
        let (elements, rounds) = (self.round(tensor), self.rounds(tensor));
        match tensor {
            Tensor::A | Tensor::B => (elements * rounds, 0),
            Tensor::C => (elements * (rounds - 1), elements * rounds),
        }
    }
}
