//! The digits of A, in the order in which lanes take them.

use crate::simulate::serial::shape::Shape;
use crate::simulate::serial::taking::{EncodedRow, RowCounts};

/// The digits of one row of A: a plane for each bit weight.
#[derive(Clone, Debug)]
pub struct Planes {
    /// `passes` x padded K, the lowest slot first.
    digits: Vec<i8>,
    k: usize,
}

impl Planes {
    /// The digits of all operands at one bit weight.
    pub fn plane(&self, slot: usize) -> &[i8] {
        &self.digits[slot * self.k..(slot + 1) * self.k]
    }
}

impl EncodedRow<i8> for Planes {
    fn new(shape: &Shape, row: Option<&[i32]>) -> Self {
        let k = shape.padded_k();
        let mut digits = vec![0_i8; shape.passes * k];
        let encoding = shape.encoding.encoding();
        let mut word = vec![0_i8; shape.passes];
        for (place, &value) in row.unwrap_or_default().iter().enumerate() {
            encoding.encode_into(value, shape.a_word_bits, &mut word);
            for (slot, &digit) in word.iter().enumerate() {
                digits[slot * k + place] = digit;
            }
        }
        Self { digits, k }
    }

    /// The top bit weight is the first pass's.
    fn group(&self, shape: &Shape, step: usize, lane: usize) -> &[i8] {
        let from = shape.first_k(step, lane);
        &self.plane(shape.passes - 1 - step / shape.groups)[from..from + shape.group]
    }

    fn beats_of_b(&self, shape: &Shape, lane: usize) -> usize {
        let digits = (0..shape.steps()).flat_map(|step| self.group(shape, step, lane));
        digits.filter(|&&digit| digit != 0).count()
    }

    fn cycles(&self, shape: &Shape, step: usize, unit: usize) -> u64 {
        let lanes = shape.lanes_of_unit();
        let masks = (unit * lanes..(unit + 1) * lanes).map(|lane| mask(self.group(shape, step, lane)));
        let cycles = match shape.lockstep {
            true => masks.fold(0, |all, mask| all | mask).count_ones(),
            false => masks.map(u32::count_ones).max().unwrap_or(0),
        };
        u64::from(cycles)
    }

    fn counts(&self) -> RowCounts {
        let nonzero = self.digits.iter().map(|&digit| u64::from(digit != 0)).sum();
        RowCounts { useful: nonzero, rows_of_b: nonzero }
    }
}

/// Bit `p` says whether operand `p` of a group (of up to 32) is not 0.
pub fn mask<Operand: Default + PartialEq>(group: &[Operand]) -> u32 {
    let nothing = Operand::default();
    group.iter().enumerate().fold(0, |mask, (place, operand)| mask | u32::from(*operand != nothing) << place)
}
