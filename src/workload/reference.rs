//! The software reference: a triple loop in integers wide enough for every sum.
//!
//! It walks along rows of B, unlike engines, which take dot products, and shares no line with them: a wrong result has to
//! be made twice to pass.

use std::ops::Range;

use rayon::prelude::*;

use crate::matrix::Matrix;

/// Rows of B that are added to a row of C at a time.
const UNROLL: usize = 4;

/// `C[M,N] = sum over k of A[M,K] * B[K,N]`, exactly; rows in parallel.
///
/// Operands of 16 bits would have to meet 2^31 times before a 64-bit sum could overflow.
///
/// # Panics
/// When A has not as many columns as B has rows.
pub fn reference(a: &Matrix<i32>, b: &Matrix<i32>) -> Matrix<i64> {
    assert_eq!(a.cols(), b.rows(), "the columns of A are the rows of B");
    let product = Product::new(a, b);
    by_rows(a, b, |m, c| product.add(m, 0..a.cols(), c))
}

/// The same for sums that are clipped to `bits` bits, two's complement, after every `tile` steps of K, and how many of
/// the results were clipped at any of them.
///
/// # Panics
/// When A has not as many columns as B has rows, or a tile has no step.
pub fn clipped_reference(a: &Matrix<i32>, b: &Matrix<i32>, tile: usize, bits: u32) -> (Matrix<i64>, u64) {
    assert_eq!(a.cols(), b.rows(), "the columns of A are the rows of B");
    let product = Product::new(a, b);
    let (least, greatest) = (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits));
    let clipped_results = std::sync::atomic::AtomicU64::new(0);
    let c = by_rows(a, b, |m, c| {
        let mut was_clipped = vec![false; c.len()];
        for start in (0..a.cols()).step_by(tile) {
            product.add(m, start..a.cols().min(start + tile), c);
            for (sum, was_clipped) in c.iter_mut().zip(&mut was_clipped) {
                let inside = (*sum).clamp(least, greatest);
                *was_clipped |= inside != *sum;
                *sum = inside;
            }
        }
        let count = was_clipped.iter().filter(|&&clipped| clipped).count() as u64;
        clipped_results.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
    });
    (c, clipped_results.into_inner())
}

/// Sums of a reference whose K comes in pieces.
pub struct ReferenceSums {
    /// Clipped as often as [`clip`](Self::clip) says.
    sums: Matrix<i64>,
    /// Never clipped.
    exact: Vec<i64>,
    was_clipped: Vec<bool>,
}

impl ReferenceSums {
    /// Those of M x N results before the first piece.
    pub fn new(m: usize, n: usize) -> Self {
        Self { sums: Matrix::filled(m, n, 0), exact: vec![0; m * n], was_clipped: vec![false; m * n] }
    }

    /// Adds the products of a piece, of as many results.
    pub fn add(&mut self, of_piece: &Matrix<i64>) {
        let n = self.sums.cols();
        for (index, &product) in of_piece.values().iter().enumerate() {
            self.sums[(index / n, index % n)] += product;
            self.exact[index] += product;
        }
    }

    /// Clips all to `bits` bits, two's complement.
    pub fn clip(&mut self, bits: u32) {
        let n = self.sums.cols();
        let (least, greatest) = (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits));
        for (index, was_clipped) in self.was_clipped.iter_mut().enumerate() {
            let sum = &mut self.sums[(index / n, index % n)];
            let inside = (*sum).clamp(least, greatest);
            *was_clipped |= inside != *sum;
            *sum = inside;
        }
    }

    /// The results.
    pub fn sums(&self) -> &Matrix<i64> {
        &self.sums
    }

    /// Results that were clipped at any time.
    pub fn clipped(&self) -> u64 {
        self.was_clipped.iter().filter(|&&clipped| clipped).count() as u64
    }

    /// Results that are not what clipping once, at the end, makes of them.
    pub fn differ_clipped_once(&self, bits: u32) -> u64 {
        let (least, greatest) = (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits));
        let differs = |(sum, exact): &(&i64, &i64)| **sum != (**exact).clamp(least, greatest);
        self.sums.values().iter().zip(&self.exact).filter(differs).count() as u64
    }
}

/// C from what `fill` does to each of its rows, which is 0 before.
fn by_rows(a: &Matrix<i32>, b: &Matrix<i32>, fill: impl Fn(usize, &mut [i64]) + Sync) -> Matrix<i64> {
    let mut c = vec![0_i64; a.rows() * b.cols()];
    c.par_chunks_mut(b.cols().max(1)).enumerate().for_each(|(m, row)| fill(m, row));
    Matrix::from_rows(a.rows(), b.cols(), c).expect("rows * columns elements were made")
}

/// A product, ready to be computed a row at a time.
struct Product<'a> {
    a: &'a Matrix<i32>,
    b: &'a Matrix<i32>,
    /// B in 16-bit words, and how many products of the greatest elements a 32-bit sum holds; `None` if that is not worth it.
    short: Option<(Vec<i16>, usize)>,
}

impl<'a> Product<'a> {
    fn new(a: &'a Matrix<i32>, b: &'a Matrix<i32>) -> Self {
        let greatest =
            |of: &Matrix<i32>| of.values().iter().map(|value| u64::from(value.unsigned_abs())).max().unwrap_or(0);
        let (greatest_a, greatest_b) = (greatest(a), greatest(b));
        let block = i32::MAX as u64 / (greatest_a * greatest_b).max(1);
        let is_short = greatest_a.max(greatest_b) <= i16::MAX as u64 && block >= 16;
        let short = is_short.then(|| {
            let words = b.values().iter().map(|&value| value as i16).collect();
            (words, (block as usize).min(b.rows().max(1)))
        });
        Self { a, b, short }
    }

    /// Adds the products of some steps of row `m` to a row of C.
    fn add(&self, m: usize, steps: Range<usize>, c: &mut [i64]) {
        let Some((b, block)) = &self.short else {
            for k in steps {
                let factor = i64::from(self.a[(m, k)]);
                for (sum, &value) in c.iter_mut().zip(self.b.row(k)) {
                    *sum += factor * i64::from(value);
                }
            }
            return;
        };
        let mut sums = vec![0_i32; c.len()];
        for start in steps.clone().step_by(*block) {
            let steps = start..steps.end.min(start + block);
            let mut k = steps.start;
            while k + UNROLL <= steps.end {
                add_rows(&mut sums, self.a.row(m)[k..].first_chunk(), &b[k * c.len()..]);
                k += UNROLL;
            }
            for k in k..steps.end {
                let factor = self.a[(m, k)];
                sums.iter_mut().zip(&b[k * c.len()..]).for_each(|(sum, &value)| *sum += factor * i32::from(value));
            }
            for (c, sum) in c.iter_mut().zip(&mut sums) {
                *c += i64::from(*sum);
                *sum = 0;
            }
        }
    }
}

/// Adds a few rows of B, which follow each other, to sums that have room for them.
fn add_rows(sums: &mut [i32], factors: Option<&[i32; UNROLL]>, b: &[i16]) {
    let Some(&factors) = factors else { return };
    // 16-bit factors: with 32-bit ones the product of two 16-bit words would not be a single instruction.
    let [f0, f1, f2, f3] = factors.map(|factor| i32::from(factor as i16));
    let n = sums.len();
    let [b0, b1, b2, b3] = std::array::from_fn(|row| &b[row * n..(row + 1) * n]);
    for i in 0..n {
        sums[i] += f0 * i32::from(b0[i]) + f1 * i32::from(b1[i]) + f2 * i32::from(b2[i]) + f3 * i32::from(b3[i]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_the_definition_of_the_product() {
        // Scales on both sides of what a 32-bit sum holds.
        for (scale, k) in [(1, 7), (1, 1), (40, 9), (250, 1021)] {
            let a = Matrix::from_fn(5, k, |m, k| (m as i32 * 31 - k as i32 * 17) % 127 * scale);
            let b = Matrix::from_fn(k, 3, |k, n| ((k as i32 * 13 + n as i32 * 57) % 101 - 50) * scale);
            let c = reference(&a, &b);
            for m in 0..5 {
                for n in 0..3 {
                    let sum: i64 = (0..k).map(|k| i64::from(a[(m, k)]) * i64::from(b[(k, n)])).sum();
                    assert_eq!(c[(m, n)], sum, "scale {scale}, K = {k}");
                }
            }
        }
    }

    #[test]
    fn extremes_do_not_overflow() {
        let a = Matrix::filled(1, 4, -32768);
        let b = Matrix::filled(4, 1, -32768);
        assert_eq!(reference(&a, &b)[(0, 0)], 4 << 30);
        // The longest 32-bit sums: one step more would not fit.
        let (a, b) = (Matrix::filled(2, 200_000, -128), Matrix::filled(200_000, 2, 127));
        assert_eq!(reference(&a, &b)[(1, 1)], -200_000 * 128 * 127);
    }

    #[test]
    fn a_clipped_sum_stays_clipped_when_later_steps_come_back() {
        let a = Matrix::filled(2, 6, 127);
        let b = Matrix::from_fn(6, 1, |k, _| if k < 3 { 127 } else { -127 });
        assert_eq!(clipped_reference(&a, &b, 6, 16), (Matrix::filled(2, 1, 0), 0));
        assert_eq!(clipped_reference(&a, &b, 3, 16), (Matrix::filled(2, 1, 32767 - 3 * 127 * 127), 2));
    }
}
