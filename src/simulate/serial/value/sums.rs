//! A slot a row, and behind it the sums of its PEs: a word each, or a carry-save pair.

use crate::simulate::serial::digit::PickedGroup;
use crate::simulate::serial::shape::{Opening, Shape};
use crate::simulate::serial::taking::{Datapath, Work};
use crate::simulate::word::Word;

/// A row's value of one cycle on its way to its PEs.
#[derive(Clone, Debug)]
struct Slot {
    opening: Option<Opening>,
    /// 0 where none is at hand.
    value: i32,
    /// `cols`.
    b: Vec<i32>,
}

/// Slots of all rows, sums of all PEs.
#[derive(Clone, Debug)]
pub struct Sums {
    slots: Vec<Slot>,
    /// Sum words; where there are pairs, carry words too.
    words: Vec<Vec<u64>>,
}

impl Datapath<PickedGroup<i32>> for Sums {
    fn new(shape: &Shape) -> Self {
        let slot = Slot { opening: None, value: 0, b: vec![0; shape.cols] };
        let words = if shape.has_pairs { 2 } else { 1 };
        Self { slots: vec![slot; shape.rows], words: vec![vec![0; shape.rows * shape.cols]; words] }
    }

    fn sums(&self) -> &[Vec<u64>] {
        &self.words
    }

    /// Cleared as a tile begins, and the value's product with each element of B added.
    fn accumulate(&mut self, shape: &Shape) {
        for (row, slot) in self.slots.iter().enumerate() {
            let pes = row * shape.cols..(row + 1) * shape.cols;
            if slot.opening.is_some() {
                self.words.iter_mut().for_each(|words| words[pes.clone()].fill(0));
            }
            if slot.value == 0 {
                continue;
            }
            for (pe, &b) in pes.zip(&slot.b) {
                let product = u64::from_value(i64::from(slot.value) * i64::from(b));
                match &mut self.words[..] {
                    [sum, carry] => (sum[pe], carry[pe]) = sum[pe].compress(carry[pe], product),
                    words => words[0][pe] = words[0][pe].wrapping_add(product),
                }
            }
        }
    }

    fn fill<'b>(
        &mut self,
        shape: &Shape,
        row: usize,
        opening: Option<Opening>,
        units: &[(&PickedGroup<i32>, Work)],
        b: impl Fn(usize) -> &'b [i32],
    ) {
        let slot = &mut self.slots[row];
        slot.opening = opening;
        slot.value = 0;
        for (index, (group, _)) in units.iter().enumerate().filter(|(_, (_, work))| work.takes_b != 0) {
            slot.value = group.picked(shape, 0);
            slot.b.copy_from_slice(b(index));
        }
    }
}
