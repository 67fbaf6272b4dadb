//! Groups of operands that are not 0 or are: digits of one bit weight, or values; one a lane and cycle is taken.

use super::row::mask;
use crate::simulate::serial::shape::Shape;
use crate::simulate::serial::taking::{GroupRegister, Work};

/// A group for each lane of a unit.
#[derive(Clone, Debug)]
pub struct PickedGroup<Operand> {
    /// For each lane, the places of the operands that are still to be taken.
    left: Vec<u32>,
    /// All operands, lane by lane.
    operands: Vec<Operand>,
}

impl<Operand: Copy + Default + PartialEq> PickedGroup<Operand> {
    /// The operand that a lane looks at.
    pub fn picked(&self, shape: &Shape, lane: usize) -> Operand {
        self.operands[lane * shape.group + self.place(shape, lane)]
    }

    fn all_left(&self) -> u32 {
        self.left.iter().fold(0, |all, left| all | left)
    }
}

impl<Operand: Copy + Default + PartialEq> GroupRegister<Operand> for PickedGroup<Operand> {
    fn new(shape: &Shape) -> Self {
        let lanes = shape.lanes_of_unit();
        Self { left: vec![0; lanes], operands: vec![Operand::default(); lanes * shape.group] }
    }

    fn load(&mut self, shape: &Shape, operands: &[Operand]) {
        self.operands.copy_from_slice(operands);
        for (left, group) in self.left.iter_mut().zip(operands.chunks_exact(shape.group)) {
            *left = mask(group);
        }
    }

    fn work(&self, shape: &Shape, offered_b: u32) -> Work {
        let all = self.all_left();
        if all == 0 {
            return Work { empty: self.left.len() as u32, free: true, ..Work::default() };
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
        Work {
            takes_b,
            busy: takes_b.count_ones(),
            empty: 0,
            starved: (wants_b & !takes_b).count_ones(),
            free: (0..self.left.len()).all(done),
        }
    }

    fn advance(&mut self, work: &Work) {
        for (lane, left) in self.left.iter_mut().enumerate() {
            if work.takes_b >> lane & 1 == 1 {
                *left &= *left - 1;
            }
        }
    }

    fn place(&self, shape: &Shape, lane: usize) -> usize {
        let seen = if shape.lockstep { self.all_left() } else { self.left[lane] };
        seen.trailing_zeros() as usize
    }
}
