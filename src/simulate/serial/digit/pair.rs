//! A slot a row, and behind it the carry-save pairs of its PEs.

use super::group::PickedGroup;
use crate::simulate::serial::shape::{Opening, Shape};
use crate::simulate::serial::taking::{Datapath, Work};
use crate::simulate::word::Word;

/// A row's digits of one cycle on their way to its PEs.
#[derive(Clone, Debug)]
struct Slot {
    opening: Option<Opening>,
    /// One a lane; 0 where none is at hand.
    digits: Vec<i8>,
    /// `lanes` x `cols`.
    b: Vec<i32>,
}

/// Slots of all rows, pairs of all PEs.
#[derive(Clone, Debug)]
pub struct Pairs {
    slots: Vec<Slot>,
    /// The sum words and the carry words.
    words: [Vec<u64>; 2],
}

impl Datapath<PickedGroup<i8>> for Pairs {
    fn new(shape: &Shape) -> Self {
        let slot = Slot { opening: None, digits: vec![0; shape.lanes], b: vec![0; shape.lanes * shape.cols] };
        let words = vec![0; shape.rows * shape.cols];
        Self { slots: vec![slot; shape.rows], words: [words.clone(), words] }
    }

    fn sums(&self) -> &[Vec<u64>] {
        &self.words
    }

    /// Cleared as a tile begins, raised as each later pass does, and the digits' multiples of B added.
    fn accumulate(&mut self, shape: &Shape) {
        let [sum, carry] = &mut self.words;
        for (row, slot) in self.slots.iter().enumerate() {
            let pes = row * shape.cols..(row + 1) * shape.cols;
            let (sum, carry) = (&mut sum[pes.clone()], &mut carry[pes]);
            if let Some(opening) = slot.opening {
                for word in sum.iter_mut().chain(carry.iter_mut()) {
                    *word = if opening == Opening::Clear { 0 } else { *word << shape.radix_bits };
                }
            }
            for (&digit, b) in slot.digits.iter().zip(slot.b.chunks_exact(shape.cols)) {
                if digit == 0 {
                    continue;
                }
                for ((sum, carry), &b) in sum.iter_mut().zip(carry.iter_mut()).zip(b) {
                    let multiple = u64::from_value(i64::from(digit) * i64::from(b));
                    (*sum, *carry) = sum.compress(*carry, multiple);
                }
            }
        }
    }

    fn fill<'b>(
        &mut self,
        shape: &Shape,
        row: usize,
        opening: Option<Opening>,
        units: &[(&PickedGroup<i8>, Work)],
        b: impl Fn(usize) -> &'b [i32],
    ) {
        let slot = &mut self.slots[row];
        let lanes = shape.lanes_of_unit();
        slot.opening = opening;
        slot.digits.fill(0);
        for (index, (group, work)) in units.iter().enumerate() {
            for lane in (0..lanes).filter(|lane| work.takes_b >> lane & 1 == 1) {
                let lane_of_row = index * lanes + lane;
                slot.digits[lane_of_row] = group.picked(shape, lane);
                slot.b[lane_of_row * shape.cols..(lane_of_row + 1) * shape.cols].copy_from_slice(b(lane_of_row));
            }
        }
    }
}
