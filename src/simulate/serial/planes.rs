//! The digits of A, in the order in which lanes take them.

use super::shape::Shape;

/// The digits of one row of A: a plane for each bit weight.
#[derive(Clone, Debug)]
pub struct Planes {
    /// `slots` x padded K, the lowest slot first.
    digits: Vec<i8>,
    k: usize,
}

impl Planes {
    /// Encodes one row of A, or a row of padding.
    pub fn new(shape: &Shape, row: Option<&[i32]>) -> Self {
        let k = shape.padded_k();
        let mut digits = vec![0_i8; shape.slots * k];
        let encoding = shape.encoding.encoding();
        let mut word = vec![0_i8; shape.slots];
        for (place, &value) in row.unwrap_or_default().iter().enumerate() {
            encoding.encode_into(value, shape.a_word_bits, &mut word);
            for (slot, &digit) in word.iter().enumerate() {
                digits[slot * k + place] = digit;
            }
        }
        Self { digits, k }
    }

    /// The digits of all operands at one bit weight.
    pub fn plane(&self, slot: usize) -> &[i8] {
        &self.digits[slot * self.k..(slot + 1) * self.k]
    }

    /// The digits of group `step` of a lane.
    pub fn group(&self, shape: &Shape, step: usize, lane: usize) -> &[i8] {
        let from = shape.first_k(step, lane);
        &self.plane(shape.slot(step))[from..from + shape.group]
    }

    /// Digits that are not 0.
    pub fn nonzero(&self) -> u64 {
        self.digits.iter().map(|&digit| u64::from(digit != 0)).sum()
    }
}

/// Bit `p` says whether digit `p` of a group (of up to 32) is not 0.
pub fn mask(group: &[i8]) -> u32 {
    group.iter().enumerate().fold(0, |mask, (place, &digit)| mask | u32::from(digit != 0) << place)
}
