//! A slot a row, behind it the adder trees of its units with a register each, and their accumulators.

use super::group::{Given, TermGroup};
use crate::simulate::serial::shape::{Opening, Shape};
use crate::simulate::serial::taking::{Datapath, Work};

/// A row's terms of one cycle on their way to its units.
#[derive(Clone, Debug)]
struct Slot {
    opening: Option<Opening>,
    /// The place that shifts are counted from.
    lowest: u32,
    /// One for each operand.
    given: Vec<Option<Given>>,
    /// `cols` x operands; kept until the next beat of b.
    b: Vec<i64>,
}

/// What a row's trees have summed in one cycle.
#[derive(Clone, Debug)]
struct Tree {
    opening: Option<Opening>,
    /// By how much the sums are to be shifted.
    lowest: u32,
    /// `cols`.
    sums: Vec<u64>,
}

/// Slots and tree registers of all rows, accumulators of all units.
#[derive(Clone, Debug)]
pub struct Trees {
    slots: Vec<Slot>,
    trees: Vec<Tree>,
    sums: [Vec<u64>; 1],
}

impl Datapath<TermGroup> for Trees {
    fn new(shape: &Shape) -> Self {
        let b = vec![0; shape.cols * shape.group];
        let slot = Slot { opening: None, lowest: 0, given: vec![None; shape.group], b };
        let tree = Tree { opening: None, lowest: 0, sums: vec![0; shape.cols] };
        Self { slots: vec![slot; shape.rows], trees: vec![tree; shape.rows], sums: [vec![0; shape.rows * shape.cols]] }
    }

    fn sums(&self) -> &[Vec<u64>] {
        &self.sums
    }

    fn accumulate(&mut self, shape: &Shape) {
        let [sums] = &mut self.sums;
        for ((tree, slot), sums) in self.trees.iter_mut().zip(&self.slots).zip(sums.chunks_exact_mut(shape.cols)) {
            for (sum, addend) in sums.iter_mut().zip(&tree.sums) {
                let kept = if tree.opening.is_some() { 0 } else { *sum };
                *sum = kept.wrapping_add(addend << tree.lowest);
            }
            tree.opening = slot.opening;
            tree.lowest = slot.lowest;
            for (sum, b) in tree.sums.iter_mut().zip(slot.b.chunks_exact(shape.group)) {
                let multiples =
                    slot.given.iter().zip(b).filter_map(|(given, &b)| given.map(|given| multiple(given, b)));
                *sum = multiples.fold(0, |sum, multiple| sum.wrapping_add_signed(multiple));
            }
        }
    }

    fn fill<'b>(
        &mut self,
        shape: &Shape,
        row: usize,
        opening: Option<Opening>,
        units: &[(&TermGroup, Work)],
        b: impl Fn(usize) -> &'b [i32],
    ) {
        let slot = &mut self.slots[row];
        slot.opening = opening;
        slot.lowest = 0;
        slot.given.fill(None);
        for (index, (group, work)) in units.iter().enumerate() {
            if work.takes_b != 0 {
                slot.b.iter_mut().zip(b(index)).for_each(|(word, &element)| *word = shape.b_format.value(element));
            }
            if work.busy != 0 {
                slot.lowest = group.lowest();
                slot.given.iter_mut().zip(group.given()).for_each(|(slot, given)| *slot = given);
            }
        }
    }
}

/// A term's multiple of an element of B, the lowest place not regarded.
fn multiple(given: Given, b: i64) -> i64 {
    let shifted = b << given.shift;
    if given.negative { -shifted } else { shifted }
}
