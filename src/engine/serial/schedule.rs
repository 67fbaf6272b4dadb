//! The tiles of a GEMM on a digit-serial engine.

use super::Sequencing;
use crate::engine::{EngineError, EngineSpec};

/// The tiles of C\[M,N\] += A\[M,K\] * B\[K,N\]: `rows` x `cols` results each, K whole, M outermost; K in groups, dealt to
/// the lanes in turn and padded with zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialSchedule {
    sequencing: Sequencing,
    rows: usize,
    cols: usize,
    m: usize,
    n: usize,
    k: usize,
}

impl SerialSchedule {
    /// The schedule of an M x N x K GEMM.
    ///
    /// # Errors
    /// [`EngineError::EmptyGemm`] if an extent is 0, [`EngineError::TileTooLong`] if the group counter is too narrow, and what
    /// [`Sequencing::new`] says.
    pub fn new(spec: &EngineSpec, m: usize, n: usize, k: usize) -> Result<Self, EngineError> {
        if m == 0 || n == 0 || k == 0 {
            return Err(EngineError::EmptyGemm { m, n, k });
        }
        let sequencing = Sequencing::new(spec)?;
        let schedule = Self { sequencing, rows: spec.rows as usize, cols: spec.cols as usize, m, n, k };
        spec.check_length(schedule.groups()).map(|()| schedule)
    }

    /// What the design chose.
    pub fn sequencing(&self) -> &Sequencing {
        &self.sequencing
    }

    /// Extents (M, N, K) of the GEMM.
    pub fn extents(&self) -> (usize, usize, usize) {
        (self.m, self.n, self.k)
    }

    /// Tiles along M and N, M outermost.
    pub fn tiles(&self) -> (usize, usize) {
        (self.m.div_ceil(self.rows), self.n.div_ceil(self.cols))
    }

    /// J, groups of a lane in one pass: the length in a command.
    pub fn groups(&self) -> usize {
        self.k.div_ceil((self.sequencing.lanes * self.sequencing.group) as usize)
    }

    /// Passes of a tile, one a bit weight.
    pub fn passes(&self) -> usize {
        self.sequencing.passes as usize
    }

    /// Row m of A that row `row` of PEs computes in tile `tile`; `None` is padding.
    pub fn m_of(&self, tile: usize, row: usize) -> Option<usize> {
        let m = tile / self.tiles().1 * self.rows + row;
        (m < self.m).then_some(m)
    }

    /// Column n of B that column `col` of PEs computes in tile `tile`; `None` is padding.
    pub fn n_of(&self, tile: usize, col: usize) -> Option<usize> {
        let n = tile % self.tiles().1 * self.cols + col;
        (n < self.n).then_some(n)
    }

    /// The k of operand `index` of lane `lane`, an index as in `b_index_o`: group * G + position. `None` is padding.
    pub fn k_of(&self, lane: usize, index: usize) -> Option<usize> {
        let (lanes, group) = (self.sequencing.lanes as usize, self.sequencing.group as usize);
        let k = (index / group * lanes + lane) * group + index % group;
        (k < self.k).then_some(k)
    }

    /// Element (m, n) of C in lane `col` of result beat `beat`: row by row, last row first. `None` is padding.
    pub fn c_place(&self, beat: usize, col: usize) -> Option<(usize, usize)> {
        let (tile, row) = (beat / self.rows, self.rows - 1 - beat % self.rows);
        Some((self.m_of(tile, row)?, self.n_of(tile, col)?))
    }
}
