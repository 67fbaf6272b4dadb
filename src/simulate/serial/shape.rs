//! The numbers that a serial engine and a GEMM fix together: extents, lanes, groups, passes and where rows meet.

use crate::encoding::EncodingKind;
use crate::engine::{EngineError, EngineSpec, SerialSchedule};
use crate::notation::transform::LanePace;

/// Cycles of a row of PEs between a digit's slot and the sum it goes into, and of that sum into the drain chain.
pub const SLOT_TO_DRAIN: u64 = 2;

/// Whom a unit waits for before it takes its next group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// Nobody.
    None,
    /// The other lanes of its row, at the end of a pass.
    Row,
    /// All rows.
    Rows,
    /// All rows, and the results of the tile before.
    Tile,
}

/// A GEMM on a serial engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Extents of the GEMM.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B.
    pub k: usize,
    /// How A becomes digits.
    pub encoding: EncodingKind,
    /// Bits of an element of A as a two's complement word.
    pub a_word_bits: u32,
    /// Rows of PEs.
    pub rows: usize,
    /// PEs in a row.
    pub cols: usize,
    /// Digits that a PE adds in a cycle.
    pub lanes: usize,
    /// Parts of a row that take groups on their own: `lanes`, or 1 if lanes take them together.
    pub units: usize,
    /// Whether the lanes of a unit look at the same place of their groups.
    pub lockstep: bool,
    /// Operands of a group.
    pub group: usize,
    /// Digits of an operand: passes over K.
    pub slots: usize,
    /// log2 of the radix.
    pub radix_bits: u32,
    /// Groups of a lane in a pass.
    pub groups: usize,
    /// Whether an empty group that is not a pass's first takes no slot.
    pub skips_empty: bool,
    /// Groups of a lane after which all rows meet, and also at the end of a pass; `None`: at the end of a tile only.
    pub meeting_period: Option<usize>,
}

impl Shape {
    /// An M x N x K GEMM on the engine of `spec`.
    ///
    /// # Errors
    /// Those of [`SerialSchedule::new`].
    pub fn new(spec: &EngineSpec, (m, n, k): (usize, usize, usize)) -> Result<Self, EngineError> {
        let schedule = SerialSchedule::new(spec, m, n, k)?;
        let sequencing = schedule.sequencing();
        let encoding = sequencing.encoding.encoding();
        let (lanes, group) = (sequencing.lanes as usize, sequencing.group as usize);
        Ok(Self {
            m,
            n,
            k,
            encoding: sequencing.encoding,
            a_word_bits: spec.a_word_bits(),
            rows: spec.rows as usize,
            cols: spec.cols as usize,
            lanes,
            units: if sequencing.lanes_are_free() { lanes } else { 1 },
            lockstep: sequencing.pace == LanePace::Lockstep,
            group,
            slots: encoding.slots(spec.a_word_bits()) as usize,
            radix_bits: encoding.radix().trailing_zeros(),
            groups: schedule.groups(),
            skips_empty: sequencing.skips_empty,
            meeting_period: sequencing.stretch.map(|groups| groups as usize),
        })
    }

    /// Lanes that take groups together.
    pub fn lanes_of_unit(&self) -> usize {
        self.lanes / self.units
    }

    /// Tiles along M and along N.
    pub fn tiles(&self) -> (usize, usize) {
        (self.m.div_ceil(self.rows), self.n.div_ceil(self.cols))
    }

    /// Groups of a lane in a tile: those of all passes.
    pub fn steps(&self) -> usize {
        self.slots * self.groups
    }

    /// The slot (digit) that pass `step / groups` works on: the top one first.
    pub fn slot(&self, step: usize) -> usize {
        self.slots - 1 - step / self.groups
    }

    /// Operands of K with padding, a multiple of `lanes * group`.
    pub fn padded_k(&self) -> usize {
        self.groups * self.lanes * self.group
    }

    /// The first operand of group `step % groups` of a lane.
    pub fn first_k(&self, step: usize, lane: usize) -> usize {
        (step % self.groups * self.lanes + lane) * self.group
    }

    /// Whether a group opens a pass; it always takes a slot, because the pair is raised in it.
    pub fn opens_pass(&self, step: usize) -> bool {
        step.is_multiple_of(self.groups)
    }

    /// Whom a unit meets before it takes group `step` of a tile, 1 to `steps()`.
    pub fn meeting(&self, step: usize) -> Meeting {
        let within = step % self.groups;
        match self.meeting_period {
            _ if step == self.steps() => Meeting::Tile,
            Some(period) if within.is_multiple_of(period) => Meeting::Rows,
            _ if within == 0 => Meeting::Row,
            _ => Meeting::None,
        }
    }
}
