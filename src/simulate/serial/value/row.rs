//! A row of A, decoded: what is 0 is not taken.

use std::ops::Range;

use crate::simulate::serial::digit::mask;
use crate::simulate::serial::shape::Shape;
use crate::simulate::serial::taking::{EncodedRow, RowCounts};

/// The values of one row of A, padded with zeros.
#[derive(Clone, Debug)]
pub struct ValueRow(Vec<i64>);

impl EncodedRow<i64> for ValueRow {
    fn new(shape: &Shape, row: Option<&[i32]>) -> Self {
        let mut values: Vec<i64> =
            row.unwrap_or_default().iter().map(|&element| shape.a_format.value(element)).collect();
        values.resize(shape.padded_k(), 0);
        Self(values)
    }

    fn group(&self, shape: &Shape, step: usize, lane: usize) -> &[i64] {
        let from = shape.first_k(step, lane);
        &self.0[from..from + shape.group]
    }

    fn beats_of_b(&self, _: &Shape, _: usize) -> usize {
        self.counts().rows_of_b as usize
    }

    fn cycles(&self, shape: &Shape, step: usize, unit: usize) -> u64 {
        mask(self.group(shape, step, unit)).count_ones().into()
    }

    fn rows_of_b(&self, shape: &Shape, steps: Range<usize>) -> u64 {
        steps.map(|step| u64::from(mask(self.group(shape, step, 0)).count_ones())).sum()
    }

    fn counts(&self) -> RowCounts {
        let nonzero = self.0.iter().map(|&value| u64::from(value != 0)).sum();
        RowCounts { useful: nonzero, rows_of_b: nonzero }
    }
}
