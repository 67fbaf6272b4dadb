//! A row of A as terms, and how many cycles they take.

use std::ops::Range;

use crate::simulate::serial::shape::Shape;
use crate::simulate::serial::taking::{EncodedRow, RowCounts};
use crate::simulate::terms::SignedTerms;

/// The terms of one row of A.
#[derive(Clone, Debug)]
pub struct TermRow {
    /// Padded K.
    operands: Vec<SignedTerms>,
    /// Operands that are no padding.
    k: usize,
}

impl EncodedRow<SignedTerms> for TermRow {
    fn new(shape: &Shape, row: Option<&[i32]>) -> Self {
        let row = row.unwrap_or_default();
        let encoding = shape.encoding.encoding();
        let mut digits = vec![0; encoding.slots(shape.a_word_bits) as usize];
        let mut operands = vec![SignedTerms::default(); shape.padded_k()];
        for (operand, &value) in operands.iter_mut().zip(row) {
            encoding.write_digits(shape.a_format.value(value), shape.a_word_bits, &mut digits);
            *operand = SignedTerms::of_digits(&digits);
        }
        Self { operands, k: row.len() }
    }

    fn group(&self, shape: &Shape, step: usize, lane: usize) -> &[SignedTerms] {
        let from = shape.first_k(step, lane);
        &self.operands[from..from + shape.group]
    }

    /// Every group has its own, if there is a term in it or not.
    fn beats_of_b(&self, shape: &Shape, _: usize) -> usize {
        shape.steps()
    }

    fn cycles(&self, shape: &Shape, step: usize, unit: usize) -> u64 {
        let mut left: Vec<u64> = self.group(shape, step, unit).iter().map(|operand| operand.terms).collect();
        let mut cycles = 0;
        loop {
            let all = left.iter().fold(0, |all, terms| all | terms);
            if all == 0 {
                return cycles;
            }
            // Operands have up to 33 places and a window up to 16.
            let beyond = 1_u64 << (all.trailing_zeros() + shape.window);
            for terms in &mut left {
                let lowest = *terms & terms.wrapping_neg();
                *terms ^= if lowest < beyond { lowest } else { 0 };
            }
            cycles += 1;
        }
    }

    fn rows_of_b(&self, shape: &Shape, steps: Range<usize>) -> u64 {
        let [from, to] = [steps.start, steps.end].map(|step| (step * shape.group).min(self.k));
        (to - from) as u64
    }

    fn counts(&self) -> RowCounts {
        let terms = self.operands.iter().map(|operand| u64::from(operand.count())).sum();
        RowCounts { useful: terms, rows_of_b: self.k as u64 }
    }
}
