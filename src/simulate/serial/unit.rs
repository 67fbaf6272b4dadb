//! The sequencer of a row, or of one of its lanes: which group is at hand, and which is accepted next.

use super::shape::{Meeting, Shape};
use super::taking::{GroupRegister, Taking, Work};

/// The lanes of a row that take groups together, one group each.
#[derive(Clone, Debug)]
pub struct Unit<T: Taking> {
    /// The group of a tile that is accepted next; `steps()` when the tile's last one has been.
    pub next: usize,
    /// The group at hand, if there is one.
    pub held: Option<usize>,
    /// Its operands.
    pub group: T::Group,
    /// Whether the next group waits for a meeting.
    pub waits: bool,
    /// Whether the last edge dropped an empty group.
    pub dropped: bool,
}

impl<T: Taking> Unit<T> {
    /// Before the first tile: waits for a command.
    pub fn new(shape: &Shape) -> Self {
        Self { next: shape.steps(), held: None, group: T::Group::new(shape), waits: true, dropped: false }
    }

    /// `offered_b` has a bit for each lane that is offered a beat of b.
    pub fn work(&self, shape: &Shape, offered_b: u32) -> Work {
        match self.held {
            None => Work { free: true, ..Work::default() },
            Some(_) => self.group.work(shape, offered_b),
        }
    }

    /// Whether a group `offered` takes no slot.
    pub fn drops(shape: &Shape, step: usize, offered: &[T::Operand]) -> bool {
        let nothing = T::Operand::default();
        shape.skips_empty && !shape.opens_pass(step) && offered.iter().all(|operand| *operand == nothing)
    }

    /// Works on: removes what was taken.
    pub fn advance(&mut self, work: &Work) {
        self.group.advance(work);
        if work.free {
            self.held = None;
        }
        self.dropped = false;
    }

    /// Takes or drops group `step` of a tile.
    pub fn accept(&mut self, shape: &Shape, step: usize, offered: &[T::Operand], drops: bool) {
        if drops {
            self.dropped = true;
        } else {
            self.held = Some(step);
            self.group.load(shape, offered);
        }
        self.next = step + 1;
        self.waits = shape.meeting(self.next) != Meeting::None;
    }
}
