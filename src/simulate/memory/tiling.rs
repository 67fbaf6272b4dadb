//! What an array takes at a time: in which places blocks may be cut, and into which tiles the array cuts a block.

use std::ops::Range;

use crate::engine::{BlockAxis, Dataflow, EngineSpec, Family};

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
    /// Nowhere: rows at their own pace may be anywhere in K, and some pass over it several times.
    Nowhere,
}

/// An M x N x K GEMM on an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Extents along M, N and K.
    pub extents: [usize; 3],
    /// Places along M, N and K that the array takes at a time; blocks are multiples of them.
    pub steps: [usize; 3],
    /// Where K may be cut.
    pub cuts_of_k: CutsOfK,
    dataflow: Dataflow,
}

impl Tiling {
    /// The tiles of a GEMM, extents along M, N and K.
    pub fn new(spec: &EngineSpec, extents: [usize; 3]) -> Self {
        let (rows, cols, depth) = (spec.rows as usize, spec.cols as usize, spec.array.depth() as usize);
        let dataflow = spec.dataflow();
        let (steps, cuts_of_k) = match (dataflow, spec.family()) {
            (Dataflow::WeightStationary, _) => ([1, cols, rows], CutsOfK::Anywhere),
            (Dataflow::InputStationary, _) => ([cols, 1, rows], CutsOfK::Anywhere),
            (Dataflow::OutputStationary, Family::Serial) => ([rows, cols, extents[2]], CutsOfK::Nowhere),
            (Dataflow::OutputStationary, _) => ([rows, cols, depth], CutsOfK::WithinTile),
        };
        Self { extents, steps, cuts_of_k, dataflow }
    }

    /// The axis along which a tile of the array takes its steps.
    pub fn streamed(&self) -> BlockAxis {
        match self.dataflow {
            Dataflow::OutputStationary => BlockAxis::K,
            Dataflow::WeightStationary => BlockAxis::M,
            Dataflow::InputStationary => BlockAxis::N,
        }
    }

    /// Shows `each` the tiles of a block in the order in which the array takes them: as without memory, M (where B stays N)
    /// outermost, the streamed axis whole.
    pub fn tiles(&self, block: &Region, mut each: impl FnMut(Region)) {
        let cut = |range: &Range<usize>, step: usize| {
            let end = range.end;
            range.clone().step_by(step).map(move |start| start..end.min(start + step))
        };
        let [m_step, n_step, k_step] = self.steps;
        match self.dataflow {
            Dataflow::OutputStationary => {
                for m in cut(&block.m, m_step) {
                    for n in cut(&block.n, n_step) {
                        each(Region { m: m.clone(), n, k: block.k.clone() });
                    }
                }
            }
            Dataflow::WeightStationary => {
                for n in cut(&block.n, n_step) {
                    for k in cut(&block.k, k_step) {
                        each(Region { m: block.m.clone(), n: n.clone(), k });
                    }
                }
            }
            Dataflow::InputStationary => {
                for m in cut(&block.m, m_step) {
                    for k in cut(&block.k, k_step) {
                        each(Region { m: m.clone(), n: block.n.clone(), k });
                    }
                }
            }
        }
    }
}
