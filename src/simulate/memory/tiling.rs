//! What an array takes at a time: in which places blocks may be cut, and into which tiles the array cuts a block.

use std::ops::Range;

use super::stored::Stored;
use crate::engine::{BlockAxis, Dataflow, EngineError, EngineSpec, Family, Sequencing};
use crate::simulate::SimulateError;

/// One of the three matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tensor {
    /// M x K.
    A,
    /// K x N.
    B,
    /// M x N.
    C,
}

impl Tensor {
    /// All three.
    pub const ALL: [Tensor; 3] = [Tensor::A, Tensor::B, Tensor::C];

    /// `a`, `b` or `c`.
    pub fn name(self) -> &'static str {
        ["a", "b", "c"][self as usize]
    }

    /// The axis that it does not have: what lies along it shares its elements.
    pub fn other_axis(self) -> BlockAxis {
        match self {
            Tensor::A => BlockAxis::N,
            Tensor::B => BlockAxis::M,
            Tensor::C => BlockAxis::K,
        }
    }

    /// Elements of it in a region of these extents along M, N and K.
    pub fn elements(self, [m, n, k]: [usize; 3]) -> u64 {
        let (m, n, k) = (m as u64, n as u64, k as u64);
        match self {
            Tensor::A => m * k,
            Tensor::B => k * n,
            Tensor::C => m * n,
        }
    }
}

/// A box in M, N and K.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Rows of A and C.
    pub m: Range<usize>,
    /// Columns of B and C.
    pub n: Range<usize>,
    /// Columns of A, rows of B.
    pub k: Range<usize>,
}

impl Region {
    /// Extents along M, N and K.
    pub fn extents(&self) -> [usize; 3] {
        [self.m.len(), self.n.len(), self.k.len()]
    }
}

/// Where K may be cut into blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutsOfK {
    /// Between tiles: partial sums leave the array and come in again.
    Anywhere,
    /// Only while one tile of results stays in the PEs: blocks are then single tiles, and K is the innermost loop.
    WithinTile,
    /// Nowhere else than in blocks that share exponents: their results are summed outside of the array, one block after the other.
    SharedExponents,
}

/// An M x N x K GEMM on an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Extents along M, N and K.
    pub extents: [usize; 3],
    /// Elements along M, N and K that the array takes at a time; blocks are multiples of them, but along K where blocks of it share
    /// exponents.
    pub steps: [usize; 3],
    /// How the matrices are stored.
    pub stored: Stored,
    /// Where K may be cut.
    pub cuts_of_k: CutsOfK,
    /// Passes of a tile over its K: one for each bit weight where rows take digits of one weight.
    pub passes: usize,
    dataflow: Dataflow,
    /// Most steps that the engine counts in a tile.
    longest: u64,
}

impl Tiling {
    /// The tiles of a GEMM, extents along M, N and K.
    ///
    /// # Errors
    /// A design that is not built.
    pub fn new(spec: &EngineSpec, extents: [usize; 3]) -> Result<Self, EngineError> {
        let (rows, cols, depth) = (spec.rows as usize, spec.cols as usize, spec.array.depth() as usize);
        let dataflow = spec.dataflow();
        let stored = Stored::new(spec, extents[BlockAxis::K as usize]);
        let rows_of_k = spec.rows_of_k() as usize;
        let mut passes = 1;
        let (steps, mut cuts_of_k) = match (dataflow, spec.family()) {
            (Dataflow::WeightStationary, _) => ([1, cols, rows_of_k], CutsOfK::Anywhere),
            (Dataflow::InputStationary, _) => ([cols, 1, rows_of_k], CutsOfK::Anywhere),
            (Dataflow::OutputStationary, Family::Serial) => {
                let sequencing = Sequencing::new(spec)?;
                passes = sequencing.passes as usize;
                // Where rows meet anyway, if they do within a pass.
                let groups = sequencing.stretch.unwrap_or(1) as usize;
                let step = groups * (sequencing.lanes * sequencing.group) as usize;
                ([rows, cols, step], CutsOfK::WithinTile)
            }
            (Dataflow::OutputStationary, _) => {
                // Whole groups of what is kept: of several, or one in several steps.
                let elements = stored.kept.map_or(depth, |kept| kept.elements(depth.max(kept.n as usize)));
                ([rows, cols, elements], CutsOfK::WithinTile)
            }
        };
        if stored.block_of_k.is_some() {
            // A tile has all its passes over one of these blocks.
            (cuts_of_k, passes) = (CutsOfK::SharedExponents, 1);
        }
        Ok(Self { extents, steps, stored, cuts_of_k, passes, dataflow, longest: spec.max_length() })
    }

    /// What the extent of a block along an axis is a multiple of, but at the end of the axis.
    pub fn step(&self, axis: BlockAxis) -> usize {
        match (axis, self.stored.block_of_k) {
            (BlockAxis::K, Some(block)) => block,
            _ => self.steps[axis as usize],
        }
    }

    /// Whether the engine counts the steps of a block's tiles. Where results stay a tile is one, with all of K, whatever blocks it is
    /// made of; so that is no question of blocks.
    pub fn counts(&self, axis: BlockAxis, size: usize) -> bool {
        self.dataflow == Dataflow::OutputStationary || axis != self.streamed() || size as u64 <= self.longest
    }

    /// What is said of a size that was asked for and is not counted.
    pub fn too_long(&self, axis: BlockAxis, size: usize) -> SimulateError {
        let extent = self.extents[axis as usize];
        SimulateError::BlockTooLong { axis: axis.name(), size, extent, longest: self.longest }
    }

    /// The axis along which a tile of the array takes its steps.
    pub fn streamed(&self) -> BlockAxis {
        match self.dataflow {
            Dataflow::OutputStationary => BlockAxis::K,
            Dataflow::WeightStationary => BlockAxis::M,
            Dataflow::InputStationary => BlockAxis::N,
        }
    }

    /// Tiles of results that each row of A has, and each column of B: the array's, cut where blocks of the axis that streams are.
    pub fn tiles_of_results(&self, counts: [usize; 3]) -> [u64; 2] {
        let tiles = |axis: BlockAxis| self.extents[axis as usize].div_ceil(self.steps[axis as usize]) as u64;
        let cuts = |axis: BlockAxis| counts[axis as usize] as u64;
        match self.dataflow {
            Dataflow::OutputStationary => [tiles(BlockAxis::N), tiles(BlockAxis::M)],
            Dataflow::WeightStationary => [tiles(BlockAxis::N), cuts(BlockAxis::M)],
            Dataflow::InputStationary => [cuts(BlockAxis::N), tiles(BlockAxis::M)],
        }
    }

    /// The tiles of a block in the order in which the array takes them: as without memory, M (where B stays N) outermost, the
    /// streamed axis whole.
    pub fn tiles(&self, block: Region) -> Tiles {
        let axes = match self.dataflow {
            Dataflow::OutputStationary => [BlockAxis::M, BlockAxis::N],
            Dataflow::WeightStationary => [BlockAxis::N, BlockAxis::K],
            Dataflow::InputStationary => [BlockAxis::M, BlockAxis::K],
        };
        let extents = block.extents();
        let counts = axes.map(|axis| extents[axis as usize].div_ceil(self.steps[axis as usize]));
        Tiles { block, axes, steps: axes.map(|axis| self.steps[axis as usize]), counts }
    }
}

/// The tiles of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiles {
    block: Region,
    axes: [BlockAxis; 2],
    steps: [usize; 2],
    /// How many there are along the outer axis, and along the inner one.
    pub counts: [usize; 2],
}

impl Tiles {
    /// One of them.
    pub fn tile(&self, at: [usize; 2]) -> Region {
        let mut tile = self.block.clone();
        for (index, axis) in self.axes.into_iter().enumerate() {
            let along = match axis {
                BlockAxis::M => &mut tile.m,
                BlockAxis::N => &mut tile.n,
                BlockAxis::K => &mut tile.k,
            };
            let start = along.start + at[index] * self.steps[index];
            *along = start..along.end.min(start + self.steps[index]);
        }
        tile
    }
}
