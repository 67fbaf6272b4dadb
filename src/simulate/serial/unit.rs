//! The register of one group of operands and what works through it: the sequencer of a row, or of one of its lanes.

use super::planes::mask;
use super::shape::{Meeting, Shape};

/// The lanes of a row that take groups together, one group each.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The group of a tile that is accepted next; `steps()` when the tile's last one has been.
    pub next: usize,
    /// The group at hand, if there is one.
    pub held: Option<usize>,
    /// For each lane, the digits of the group at hand that are still to be worked on.
    pub left: Vec<u32>,
    /// The digits of the group at hand, lane by lane.
    pub digits: Vec<i8>,
    /// Whether the next group waits for a meeting.
    pub waits: bool,
    /// Whether the last edge dropped an empty group.
    pub dropped: bool,
}

/// What a unit does in one cycle before it is known whether others are ready too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Lanes whose digit and row of B go into the row's slot.
    pub takes_b: u32,
    /// Lanes that want a row of B.
    pub wants_b: u32,
    /// The group at hand is an empty one and takes its slot.
    pub empty_slot: bool,
    /// After this cycle no group is at hand.
    pub free: bool,
}

impl Unit {
    /// Before the first tile: waits for a command.
    pub fn new(shape: &Shape) -> Self {
        let lanes = shape.lanes_of_unit();
        Self {
            next: shape.steps(),
            held: None,
            left: vec![0; lanes],
            digits: vec![0; lanes * shape.group],
            waits: true,
            dropped: false,
        }
    }

    /// The place in its group of the digit that a lane works on; means something if it wants a row of B.
    pub fn place(&self, shape: &Shape, lane: usize) -> usize {
        let seen = if shape.lockstep { self.all_left() } else { self.left[lane] };
        seen.trailing_zeros() as usize
    }

    fn all_left(&self) -> u32 {
        self.left.iter().fold(0, |all, left| all | left)
    }

    /// `offered_b` has a bit for each lane that is offered a row of B.
    pub fn work(&self, shape: &Shape, offered_b: u32) -> Work {
        if self.held.is_none() {
            return Work { free: true, ..Work::default() };
        }
        let all = self.all_left();
        if all == 0 {
            return Work { empty_slot: true, free: true, ..Work::default() };
        }
        let wants = |lane: usize| {
            let left = self.left[lane];
            left != 0 && (!shape.lockstep || left.trailing_zeros() == all.trailing_zeros())
        };
        let wants_b = (0..self.left.len()).fold(0, |wanted, lane| wanted | u32::from(wants(lane)) << lane);
        let takes_b = wants_b & offered_b;
        let done = |lane: usize| {
            let left = self.left[lane];
            left == 0 || (takes_b >> lane & 1 == 1 && left & (left - 1) == 0)
        };
        Work { takes_b, wants_b, empty_slot: false, free: (0..self.left.len()).all(done) }
    }

    /// Whether a group whose digits are `offered` takes no slot.
    pub fn drops(shape: &Shape, step: usize, mut offered: impl Iterator<Item = i8>) -> bool {
        shape.skips_empty && !shape.opens_pass(step) && offered.all(|digit| digit == 0)
    }

    /// Works on: removes the digits that were taken.
    pub fn advance(&mut self, work: &Work) {
        for (lane, left) in self.left.iter_mut().enumerate() {
            if work.takes_b >> lane & 1 == 1 {
                *left &= *left - 1;
            }
        }
        if work.free {
            self.held = None;
        }
        self.dropped = false;
    }

    /// Takes or drops group `step` of a tile.
    pub fn accept(&mut self, shape: &Shape, step: usize, offered: &[i8], drops: bool) {
        if drops {
            self.dropped = true;
        } else {
            self.held = Some(step);
            self.digits.copy_from_slice(offered);
            for (left, group) in self.left.iter_mut().zip(offered.chunks_exact(shape.group)) {
                *left = mask(group);
            }
        }
        self.next = step + 1;
        self.waits = shape.meeting(self.next) != Meeting::None;
    }
}
