//! Operands in a format with one scale a tensor: drawn integers on a fine grid become elements ([`scaled`](super::scaled) has the rule).

use std::{ops::Range, sync::Arc};

use rayon::prelude::*;

use super::scaled::{GRID_BITS, Raw, STRIP_WORDS};
use crate::{
    encoding::ElementFormat,
    matrix::{Blocks, Matrix, count_each, count_times, ranges},
};

/// A matrix with one scale.
pub(super) struct TensorScaled {
    raw: Arc<dyn Blocks + Send>,
    /// What 1 of its numbers stands for.
    pub scale: f64,
    /// The element of each integer of the grid, the least first.
    table: Arc<Vec<i32>>,
}

/// Integers on the grid, from and to.
const GRID: (i32, i32) = (-(1 << (GRID_BITS - 1)), (1 << (GRID_BITS - 1)) - 1);

/// The greatest magnitude of what integers on the grid stand for.
fn greatest_on_grid(raw: &dyn Blocks, kind: Raw) -> u32 {
    let parts: Vec<_> = ranges(raw.rows(), (STRIP_WORDS / raw.cols().max(1)).max(1)).collect();
    let peak = |rows: Range<usize>| {
        let mut counts = vec![0; (GRID.1 - GRID.0 + 1) as usize];
        let counted = raw.count(rows, 0..raw.cols(), GRID.0, &mut counts);
        counted.expect("what is drawn is on the grid, and what is pruned 0");
        let there = (GRID.0..=GRID.1).zip(counts).filter(|&(_, count)| count > 0);
        there.map(|(value, _)| kind.number(value).unsigned_abs()).max().unwrap_or(0)
    };
    parts.into_par_iter().map(peak).max().unwrap_or(0)
}

impl TensorScaled {
    /// The greatest magnitude of `raw` becomes the greatest number of the format.
    pub(super) fn new(raw: Arc<dyn Blocks + Send>, element: ElementFormat, kind: Raw) -> Self {
        let greatest = greatest_on_grid(&*raw, kind).max(1);
        let scaled = |value: i32| {
            let value = kind.number(value);
            let numerator = u128::from(value.unsigned_abs()) * element.greatest() as u128;
            element.nearest(value < 0, numerator, u128::from(greatest)).0
        };
        let number = element.greatest() as f64 * 2_f64.powi(-(element.fraction_bits() as i32));
        let scale = f64::from(greatest) * 2_f64.powi(-kind.unit_bits()) / number;
        Self { raw, scale, table: Arc::new((GRID.0..=GRID.1).map(scaled).collect()) }
    }
}

impl Blocks for TensorScaled {
    fn rows(&self) -> usize {
        self.raw.rows()
    }

    fn cols(&self) -> usize {
        self.raw.cols()
    }

    fn block(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32> {
        let values = self.raw.block(rows, cols);
        Matrix::from_fn(values.rows(), values.cols(), |row, col| self.table[(values[(row, col)] - GRID.0) as usize])
    }

    /// Of integers of the grid there are fewer than of values.
    fn count(&self, rows: Range<usize>, cols: Range<usize>, least: i32, counts: &mut [u64]) -> Result<(), i32> {
        if rows.len() * cols.len() < self.table.len() {
            return count_each(self.block(rows, cols).values(), least, counts);
        }
        let mut of_grid = vec![0; self.table.len()];
        self.raw.count(rows, cols, GRID.0, &mut of_grid)?;
        for (&element, times) in self.table.iter().zip(of_grid).filter(|&(_, times)| times > 0) {
            count_times((element, times), least, counts)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_a_tensor_with_one_scale_are_counted_by_their_integers() {
        // More values than there are integers on the grid, and fewer.
        for rows in [1, 300] {
            let raw = Matrix::from_fn(rows, 260, |row, col| (row * 7919 + col * 104_729 + 13) as i32 % 65_521 - 32_760);
            let greatest = raw.values().iter().map(|value| value.unsigned_abs()).max();
            assert_eq!(Some(greatest_on_grid(&raw, Raw::Grid(0))), greatest);
            let scaled = TensorScaled::new(Arc::new(raw), ElementFormat::Fp8E4m3, Raw::Middle(4));
            let (least, _) = ElementFormat::Fp8E4m3.element_range();
            let [mut counts, mut expected] = [[0; 256]; 2];
            assert_eq!(scaled.count_all(least, &mut counts), Ok(()));
            assert_eq!(count_each(scaled.whole().values(), least, &mut expected), Ok(()));
            assert_eq!((counts, counts.iter().sum()), (expected, 260 * rows as u64));
        }
    }
}
