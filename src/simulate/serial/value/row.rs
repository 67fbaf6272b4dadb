//! A row of A as it is: what is 0 is not taken.

use crate::simulate::serial::digit::mask;
use crate::simulate::serial::shape::Shape;
use crate::simulate::serial::taking::{EncodedRow, RowCounts};

/// The values of one row of A, padded with zeros.
#[derive(Clone, Debug)]
pub struct ValueRow(Vec<i32>);

impl EncodedRow<i32> for ValueRow {
    fn new(shape: &Shape, row: Option<&[i32]>) -> Self {
        let mut values = row.unwrap_or_default().to_vec();
        values.resize(shape.padded_k(), 0);
        Self(values)
    }

    fn group(&self, shape: &Shape, step: usize, lane: usize) -> &[i32] {
        let from = shape.first_k(step, lane);
        &self.0[from..from + shape.group]
    }

    fn beats_of_b(&self, _: &Shape, _: usize) -> usize {
        self.counts().rows_of_b as usize
    }

    fn cycles(&self, shape: &Shape, step: usize, unit: usize) -> u64 {
        mask(self.group(shape, step, unit)).count_ones().into()
    }

    fn counts(&self) -> RowCounts {
        let nonzero = self.0.iter().map(|&value| u64::from(value != 0)).sum();
        RowCounts { useful: nonzero, rows_of_b: nonzero }
    }
}
