//! How long a row takes from meeting to meeting, from what its groups have to take alone.
//!
//! Cycle 0 of a segment is the one in which the meeting before it ends and the first group is accepted. A group that takes a slot
//! is accepted no earlier than in the last cycle of the group before it, and is then worked on until nothing is left, for one
//! cycle if there is nothing. A group that takes no slot passes the port in one cycle.
//!
//! K comes in pieces, each for all passes, so that a row of any length takes little memory: units meet at the end of each pass, so
//! no pass has to know how the one before ended.

use super::shape::{Piece, Shape};
use super::taking::EncodedRow;

/// Where all rows meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meets {
    /// Groups of a pass after which the engine's rows meet, and at its end too; `None`: at the end of the tile only.
    period: Option<usize>,
    /// Groups of a block of K, at whose end they meet because of memory.
    block: Option<usize>,
}

impl Meets {
    /// In the engine alone.
    pub fn of(shape: &Shape) -> Self {
        Self { period: shape.meeting_period, block: None }
    }

    /// With K in blocks of so many groups as well.
    pub fn in_blocks(shape: &Shape, block: usize) -> Self {
        Self { block: Some(block), ..Self::of(shape) }
    }

    /// Whether they do after so many groups of a pass, 1 to all.
    pub fn after(&self, groups: usize, shape: &Shape) -> bool {
        let ends = |part: usize| groups == shape.groups || groups.is_multiple_of(part);
        self.period.is_some_and(ends) || self.block.is_some_and(ends)
    }
}

/// The time of one row and tile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Cycles between the meetings of all rows that ended in the last piece, pass by pass.
    pub segments: Vec<u64>,
    /// Cycles of all passes so far, where rows meet at the end of the tile only.
    pub whole: u64,
    /// Cycles of empty groups, over all adders of a PE.
    pub empty: u64,
    /// Those of each pass; none before the first piece and after the last.
    units: Vec<Since>,
}

/// A unit since its last meeting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Since {
    /// The first cycle in which the port can take a group.
    port: u64,
    /// The last cycle of the group at hand.
    free: u64,
    /// Cycles in which anything is taken.
    busy: u64,
}

impl Since {
    fn take(&mut self, cycles: u64, takes_slot: bool) {
        let accepted = if takes_slot { self.port.max(self.free) } else { self.port };
        if takes_slot {
            self.free = accepted + cycles.max(1);
        }
        self.busy += cycles;
        self.port = accepted + 1;
    }

    fn end(&self) -> u64 {
        self.port.max(self.free)
    }
}

impl Pace {
    /// Goes on with a piece of a row of A.
    pub fn take<Operand>(&mut self, shape: &Shape, piece: &Piece, meets: &Meets, row: &impl EncodedRow<Operand>) {
        let adders = shape.adders_of_unit() as u64;
        let groups = piece.shape.groups;
        self.segments.clear();
        self.units.resize(shape.passes * shape.units, Since::default());
        for (pass, units) in self.units.chunks_exact_mut(shape.units).enumerate() {
            for group in 0..groups {
                let opens_pass = piece.first == 0 && group == 0;
                for (index, unit) in units.iter_mut().enumerate() {
                    let cycles = row.cycles(&piece.shape, pass * groups + group, index);
                    unit.take(cycles, cycles > 0 || !shape.skips_empty || opens_pass);
                }
                let taken = piece.first + group + 1;
                let rows_meet = meets.after(taken, shape);
                // The units of a row meet at the end of a pass in any case.
                if !rows_meet && taken < shape.groups {
                    continue;
                }
                let slowest = units.iter().map(Since::end).max().unwrap_or(0);
                self.empty += units.iter().map(|unit| (unit.end() - unit.busy) * adders).sum::<u64>();
                units.fill(Since::default());
                match rows_meet {
                    true => self.segments.push(slowest),
                    false => self.whole += slowest,
                }
            }
        }
        if piece.first + groups == shape.groups {
            self.units = Vec::new();
        }
    }
}
