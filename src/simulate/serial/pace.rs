//! How long a row takes from meeting to meeting, from the digits of its groups alone.
//!
//! Cycle 0 of a segment is the one in which the meeting before it ends and the first group is accepted. A group that takes a slot
//! is accepted no earlier than in the last cycle of the group before it, and is then worked on for one cycle a digit, or one
//! cycle if it has none. A group that takes no slot passes the port in one cycle.

use super::planes::{Planes, mask};
use super::shape::{Meeting, Shape};

/// The time of one row and tile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Cycles between the meetings of all rows; the last is the tile's end.
    pub segments: Vec<u64>,
    /// Lane cycles of empty groups.
    pub empty: u64,
}

/// A unit since its last meeting.
#[derive(Clone, Copy, Default)]
struct Since {
    /// The first cycle in which the port can take a group.
    port: u64,
    /// The last cycle of the group at hand.
    free: u64,
    /// Cycles with a digit in any lane.
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

/// Cycles with a digit that a unit spends on group `step` of its lanes.
pub fn digit_cycles(shape: &Shape, planes: &Planes, step: usize, unit: usize) -> u64 {
    let lanes = shape.lanes_of_unit();
    let masks = (unit * lanes..(unit + 1) * lanes).map(|lane| mask(planes.group(shape, step, lane)));
    let cycles = match shape.lockstep {
        true => masks.fold(0, |all, mask| all | mask).count_ones(),
        false => masks.map(u32::count_ones).max().unwrap_or(0),
    };
    u64::from(cycles)
}

impl Pace {
    /// The pace of the row of A whose digits are `planes`.
    pub fn new(shape: &Shape, planes: &Planes) -> Self {
        let lanes = shape.lanes_of_unit() as u64;
        let mut pace = Pace::default();
        let mut units = vec![Since::default(); shape.units];
        let mut segment = 0;
        for step in 0..shape.steps() {
            for (index, unit) in units.iter_mut().enumerate() {
                let cycles = digit_cycles(shape, planes, step, index);
                unit.take(cycles, cycles > 0 || !shape.skips_empty || shape.opens_pass(step));
            }
            let meeting = shape.meeting(step + 1);
            if meeting == Meeting::None {
                continue;
            }
            segment += units.iter().map(Since::end).max().unwrap_or(0);
            pace.empty += units.iter().map(|unit| (unit.end() - unit.busy) * lanes).sum::<u64>();
            units.fill(Since::default());
            if meeting != Meeting::Row {
                pace.segments.push(std::mem::take(&mut segment));
            }
        }
        pace
    }
}
