//! The numbers that a serial engine and a GEMM fix together: extents, lanes, groups, passes and where rows meet.

use std::ops::Range;

use crate::encoding::{EncodingKind, Format};
use crate::engine::{EngineError, EngineSpec, SerialSchedule, Take};
use crate::matrix::ranges;
use crate::notation::transform::LanePace;

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

/// What happens to a row's sums as a pass begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The first pass of a tile: they are cleared.
    Clear,
    /// A later one: they are multiplied by the radix.
    Raise,
}

/// Operands of A of the rows that are encoded together: what one thread has of them at a time. Few in tests of this crate, so that K
/// is in pieces there.
const PIECE_WORDS: usize = if cfg!(test) { 1 << 7 } else { 1 << 19 };

/// Some whole groups of K, as a GEMM with no other K.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The GEMM of these operands.
    pub shape: Shape,
    /// Its first group of a lane.
    pub first: usize,
    /// Its operands.
    pub k: Range<usize>,
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
    /// What is taken from a group.
    pub take: Take,
    /// How A becomes digits.
    pub encoding: EncodingKind,
    /// Bits of an element of A as a two's complement word.
    pub a_word_bits: u32,
    /// The format of A.
    pub a_format: Format,
    /// The format of B.
    pub b_format: Format,
    /// Rows of PEs.
    pub rows: usize,
    /// PEs in a row.
    pub cols: usize,
    /// Readers of a row, each of which has groups of its own.
    pub lanes: usize,
    /// Digits or terms that a PE can add in a cycle.
    pub adders: usize,
    /// Parts of a row that take groups on their own: `lanes`, or 1 if lanes take them together.
    pub units: usize,
    /// Whether the lanes of a unit look at the same place of their groups.
    pub lockstep: bool,
    /// Operands of a group.
    pub group: usize,
    /// Passes over K.
    pub passes: usize,
    /// log2 of the radix.
    pub radix_bits: u32,
    /// Places of A that are looked at together, from the lowest of a group on.
    pub window: u32,
    /// Rows of B in a beat of b.
    pub b_rows: usize,
    /// Edges from a slot into a sum.
    pub slot_to_sum: u64,
    /// Whether a PE has a carry-save pair, and the array final adders.
    pub has_pairs: bool,
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
        let (adders, b_rows, window) = match sequencing.take {
            Take::Digit | Take::Value { .. } => (lanes, 1, 1),
            Take::Terms { shift_bits } => (group, group, 1 << shift_bits),
        };
        Ok(Self {
            m,
            n,
            k,
            take: sequencing.take,
            encoding: sequencing.encoding,
            a_word_bits: spec.a_word_bits(),
            a_format: spec.a_format(),
            b_format: spec.b_format(),
            rows: spec.rows as usize,
            cols: spec.cols as usize,
            lanes,
            adders,
            units: if sequencing.lanes_are_free() { lanes } else { 1 },
            lockstep: sequencing.pace == LanePace::Lockstep,
            group,
            passes: schedule.passes(),
            radix_bits: encoding.radix().trailing_zeros(),
            window,
            b_rows,
            // An adder tree has a register; a compressor or multiplier is a part of its sum.
            slot_to_sum: if let Take::Terms { .. } = sequencing.take { 2 } else { 1 },
            has_pairs: sequencing.keeps_pair,
            groups: schedule.groups(),
            skips_empty: sequencing.skips_empty,
            meeting_period: sequencing.stretch.map(|groups| groups as usize),
        })
    }

    /// Lanes that take groups together.
    pub fn lanes_of_unit(&self) -> usize {
        self.lanes / self.units
    }

    /// Digits or terms that the lanes of a unit can add to a PE's sum in a cycle.
    pub fn adders_of_unit(&self) -> usize {
        self.adders / self.units
    }

    /// Edges from the end of a tile to the capture of its sums in the drain chain.
    pub fn end_to_drain(&self) -> u64 {
        self.slot_to_sum + 1
    }

    /// Cycles of a run until its first group is at hand, and of its last digits or terms from their slots to the sums.
    pub fn fill(&self) -> u64 {
        1 + self.slot_to_sum
    }

    /// Cycles of a run from its last sums to its last row of results: captured, resolved if they are pairs, a row a cycle.
    pub fn drain(&self) -> u64 {
        1 + u64::from(self.has_pairs) + self.rows as u64
    }

    /// Tiles along M and along N.
    pub fn tiles(&self) -> (usize, usize) {
        (self.m.div_ceil(self.rows), self.n.div_ceil(self.cols))
    }

    /// K in pieces, for so many rows of A that are encoded together; a K that is short enough is one.
    pub fn pieces(&self, rows: usize) -> impl Iterator<Item = Piece> {
        let each = self.lanes * self.group;
        let groups = (PIECE_WORDS / rows.max(1) / each).max(1);
        ranges(self.k, groups * each).map(move |k| {
            let shape = Self { k: k.len(), groups: k.len().div_ceil(each), ..self.clone() };
            Piece { shape, first: k.start / each, k }
        })
    }

    /// Groups of a lane in a tile: those of all passes.
    pub fn steps(&self) -> usize {
        self.passes * self.groups
    }

    /// Operands of K with padding, a multiple of `lanes * group`.
    pub fn padded_k(&self) -> usize {
        self.groups * self.lanes * self.group
    }

    /// The first operand of group `step % groups` of a lane.
    pub fn first_k(&self, step: usize, lane: usize) -> usize {
        (step % self.groups * self.lanes + lane) * self.group
    }

    /// Whether a group opens a pass; it always takes a slot, because sums are cleared or raised in it.
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
