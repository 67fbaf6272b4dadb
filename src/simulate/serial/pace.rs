//! How long a row takes from meeting to meeting, from what its groups have to take alone.
//!
//! Cycle 0 of a segment is the one in which the meeting before it ends and the first group is accepted. A group that takes a slot
//! is accepted no earlier than in the last cycle of the group before it, and is then worked on until nothing is left, for one
//! cycle if there is nothing. A group that takes no slot passes the port in one cycle.

use super::shape::{Meeting, Shape};
use super::taking::EncodedRow;

/// The time of one row and tile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Cycles between the meetings of all rows; the last is the tile's end.
    pub segments: Vec<u64>,
    /// Cycles of empty groups, over all adders of a PE.
    pub empty: u64,
}

/// A unit since its last meeting.
#[derive(Clone, Copy, Default)]
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
    /// The pace of a row of A.
    pub fn new<Operand>(shape: &Shape, row: &impl EncodedRow<Operand>) -> Self {
        Self::between(shape, row, |step| shape.meeting(step))
    }

    /// The pace of a row of A whose units meet where `meeting` says, before they take group `step` of a tile, 1 to `steps()`.
    pub fn between<Operand>(shape: &Shape, row: &impl EncodedRow<Operand>, meeting: impl Fn(usize) -> Meeting) -> Self {
        let adders = shape.adders_of_unit() as u64;
        let mut pace = Pace::default();
        let mut units = vec![Since::default(); shape.units];
        let mut segment = 0;
        for step in 0..shape.steps() {
            for (index, unit) in units.iter_mut().enumerate() {
                let cycles = row.cycles(shape, step, index);
                unit.take(cycles, cycles > 0 || !shape.skips_empty || shape.opens_pass(step));
            }
            let meeting = meeting(step + 1);
            if meeting == Meeting::None {
                continue;
            }
            segment += units.iter().map(Since::end).max().unwrap_or(0);
            pace.empty += units.iter().map(|unit| (unit.end() - unit.busy) * adders).sum::<u64>();
            units.fill(Since::default());
            if meeting != Meeting::Row {
                pace.segments.push(std::mem::take(&mut segment));
            }
        }
        pace
    }
}
