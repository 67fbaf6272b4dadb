//! The loop over the bit weight in time: a step's operands are held, and one digit of the encoded one works in each cycle.

use super::element::Element;
use crate::encoding::EncodingKind;
use crate::engine::{EngineSpec, Operand};

/// The step at hand, digit by digit.
#[derive(Clone, Debug)]
pub struct BitWeights<E> {
    encoding: EncodingKind,
    word_bits: u32,
    operand: Operand,
    /// For each slot, least significant first, the encoded operand's digits at their weight.
    digits: Vec<Vec<E>>,
    /// The other operand.
    held: Vec<E>,
}

impl<E: Element> BitWeights<E> {
    /// For a design that encodes an operand.
    pub fn new(spec: &EngineSpec, encoding: EncodingKind) -> Self {
        let digits = vec![Vec::new(); spec.digit_slots() as usize];
        let word_bits = spec.encoded_word_bits();
        Self { encoding, word_bits, operand: spec.encoded, digits, held: Vec::new() }
    }

    /// Takes the operands of a step.
    pub fn take(&mut self, a: &[E], b: &[E]) {
        let (encoded, held) = match self.operand {
            Operand::A => (a, b),
            Operand::B => (b, a),
        };
        self.held.clear();
        self.held.extend_from_slice(held);
        self.digits.iter_mut().for_each(Vec::clear);
        let encoding = self.encoding.encoding();
        let mut digits = vec![0; self.digits.len()];
        for &value in encoded {
            encoding.write_digits(value.into(), self.word_bits, &mut digits);
            let mut weight = 1;
            for (slot, &digit) in self.digits.iter_mut().zip(&digits) {
                slot.push(E::new(i64::from(digit) * weight));
                weight *= i64::from(encoding.radix());
            }
        }
    }

    /// What stands in for A and B while the digit of slot `slot` is worked on.
    pub fn operands(&self, slot: usize) -> (&[E], &[E]) {
        match self.operand {
            Operand::A => (&self.digits[slot], &self.held),
            Operand::B => (&self.held, &self.digits[slot]),
        }
    }

    /// Which operand is encoded.
    pub fn operand(&self) -> Operand {
        self.operand
    }
}
