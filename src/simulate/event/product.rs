//! The products of dense arrays, without their cycles: what leaves the engine for every element of C.
//!
//! A sum inside of an array is a number modulo 2^`sum_bits`, and additions modulo a power of two may be done in any order.
//! So a dot product in a wider machine word, wrapped once, is the sum of any array, whatever its tree, its pairs and its
//! bit weights. Only saturation has an order: a result is clipped each time that it leaves.

use std::ops::Range;

use rayon::prelude::*;

use crate::engine::{Dataflow, EngineSpec};
use crate::matrix::Matrix;
use crate::simulate::word::wrap;

/// Rows of C that one thread computes at a time.
const ROWS: usize = 16;
/// Columns of B that stay in the second-level cache while all of these rows pass.
const COLS: usize = 64;
/// Columns of B that an element of A meets while it is in a register.
const UNROLL: usize = 4;

/// C = A * B as it leaves the engine: wrapped to `acc_bits`, or clipped each time that a sum leaves the array.
///
/// A is M x K and B is K x N; both fit their formats.
pub fn product(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Matrix<i64> {
    let depth = longest_sum(spec, a.cols());
    // A sum of `depth` products of words that have a sign bit each is below 2^31.
    let product_bits = spec.a_word_bits() + spec.b_word_bits() - 2;
    let is_exact = product_bits < 31 && depth as u64 <= i32::MAX as u64 >> product_bits;
    let is_short = spec.a_word_bits() <= 16 && spec.b_word_bits() <= 16;
    match is_short && (spec.sum_bits() <= 32 || is_exact) {
        true => blocked::<i16>(spec, a, b, depth),
        false => blocked::<i32>(spec, a, b, depth),
    }
}

/// Steps of K after which a sum leaves the array, as far as that changes it.
fn longest_sum(spec: &EngineSpec, k: usize) -> usize {
    match spec.dataflow() {
        Dataflow::WeightStationary | Dataflow::InputStationary if spec.saturate => k.min(spec.rows_of_k() as usize),
        _ => k,
    }
}

/// An operand's element in a machine word, and sums of products of two of them in another.
trait Element: Copy + Default + Send + Sync {
    fn new(value: i32) -> Self;

    /// Dot products of `a` with each of `b`, all of one length, modulo 2^32 or 2^64.
    fn dot(a: &[Self], b: [&[Self]; UNROLL]) -> [i64; UNROLL];
}

macro_rules! element {
    ($element:ty, $sum:ty) => {
        impl Element for $element {
            fn new(value: i32) -> Self {
                value as $element
            }

            #[inline]
            fn dot(a: &[Self], b: [&[Self]; UNROLL]) -> [i64; UNROLL] {
                let [b0, b1, b2, b3] = b.map(|b| &b[..a.len()]);
                let mut sums: [$sum; UNROLL] = [0; UNROLL];
                for k in 0..a.len() {
                    let factor = <$sum>::from(a[k]);
                    sums[0] = sums[0].wrapping_add(factor.wrapping_mul(<$sum>::from(b0[k])));
                    sums[1] = sums[1].wrapping_add(factor.wrapping_mul(<$sum>::from(b1[k])));
                    sums[2] = sums[2].wrapping_add(factor.wrapping_mul(<$sum>::from(b2[k])));
                    sums[3] = sums[3].wrapping_add(factor.wrapping_mul(<$sum>::from(b3[k])));
                }
                sums.map(i64::from)
            }
        }
    };
}

// A pair of 16-bit products and their sum are one instruction on every x86-64.
element!(i16, i32);
element!(i32, i64);

fn blocked<E: Element>(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>, depth: usize) -> Matrix<i64> {
    let (m, n, k) = (a.rows(), b.cols(), a.cols());
    let rows: Vec<E> = a.values().iter().map(|&value| E::new(value)).collect();
    let columns = transposed::<E>(b);
    let mut c = vec![0_i64; m * n];
    c.par_chunks_mut(ROWS * n).zip(rows.par_chunks(ROWS * k)).for_each(|(c, rows)| {
        for (from, columns) in (0..n).step_by(COLS).zip(columns.chunks(COLS * k)) {
            for (c, row) in c.chunks_mut(n).zip(rows.chunks(k)) {
                let upto = n.min(from + COLS);
                for (c, columns) in c[from..upto].chunks_mut(UNROLL).zip(columns.chunks_exact(UNROLL * k)) {
                    for start in (0..k).step_by(depth) {
                        accumulate(spec, c, row, columns, start..k.min(start + depth));
                    }
                }
            }
        }
    });
    Matrix::from_rows(m, n, c).expect("m * n elements were made")
}

/// Adds the products of some steps of K to a few results that leave the array then.
fn accumulate<E: Element>(spec: &EngineSpec, c: &mut [i64], row: &[E], columns: &[E], steps: Range<usize>) {
    let column = |index: usize| &columns[index * row.len()..][steps.clone()];
    let sums = E::dot(&row[steps.clone()], std::array::from_fn(column));
    for (c, sum) in c.iter_mut().zip(sums) {
        *c = leaving(spec, c.wrapping_add(sum));
    }
}

/// What leaves an engine for a sum that is known modulo 2^`sum_bits`.
fn leaving(spec: &EngineSpec, sum: i64) -> i64 {
    if !spec.saturate {
        return wrap(sum, spec.acc_bits);
    }
    let unused = 64 - spec.acc_bits;
    wrap(sum, spec.sum_bits()).clamp(i64::MIN >> unused, i64::MAX >> unused)
}

/// The columns of `b` one after the other, with columns of zeros up to a multiple of [`UNROLL`].
fn transposed<E: Element>(b: &Matrix<i32>) -> Vec<E> {
    let k = b.rows();
    let mut columns = vec![E::default(); b.cols().next_multiple_of(UNROLL) * k];
    // A few columns at a time: each line of the source is then read once, and the lines written stay in the cache.
    columns.par_chunks_mut(COLS * k).enumerate().for_each(|(block, columns)| {
        for row in 0..k {
            let values = &b.row(row)[block * COLS..];
            for (column, &value) in columns.chunks_mut(k).zip(values) {
                column[row] = E::new(value);
            }
        }
    });
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Array;

    fn spec(bits: (u32, u32), acc_bits: u32, saturate: bool, dataflow: Dataflow) -> EngineSpec {
        let array = Array::Systolic(dataflow);
        EngineSpec {
            array,
            rows: 3,
            cols: 2,
            a_bits: bits.0,
            b_bits: bits.1,
            acc_bits,
            saturate,
            ..EngineSpec::default()
        }
    }

    /// The definition, a step at a time.
    fn slowly(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>, tile: usize) -> Matrix<i64> {
        let limit = 1_i128 << (spec.acc_bits - 1);
        Matrix::from_fn(a.rows(), b.cols(), |m, n| {
            let mut sum = 0_i128;
            for k in 0..a.cols() {
                sum += i128::from(a[(m, k)]) * i128::from(b[(k, n)]);
                if spec.saturate && (k % tile == tile - 1 || k == a.cols() - 1) {
                    sum = sum.clamp(-limit, limit - 1);
                }
            }
            wrap(sum as i64, spec.acc_bits)
        })
    }

    #[test]
    fn every_width_and_extent_gives_the_sum_of_the_products() {
        for bits in [(2, 2), (8, 8), (4, 16), (16, 16)] {
            for (m, n, k) in [(1, 1, 1), (17, 5, 9), (3, 67, 200), (33, 130, 2)] {
                for acc_bits in [8, 32, 33, 64] {
                    let spec = spec(bits, acc_bits, false, Dataflow::OutputStationary);
                    let value = |seed: usize, bits: u32| wrap((seed as i64 * 0x9E37_79B9) >> 7, bits) as i32;
                    let a = Matrix::from_fn(
                        m,
                        k,
                        |m, k| if m == 0 { -(1 << (bits.0 - 1)) } else { value(m * k + m, bits.0) },
                    );
                    let b = Matrix::from_fn(
                        k,
                        n,
                        |k, n| if n == 0 { -(1 << (bits.1 - 1)) } else { value(n * k + k, bits.1) },
                    );
                    assert_eq!(product(&spec, &a, &b), slowly(&spec, &a, &b, k), "{bits:?} {m} {n} {k} {acc_bits}");
                }
            }
        }
    }

    #[test]
    fn a_sum_that_comes_back_from_beyond_the_accumulator_is_clipped_where_it_leaves() {
        // 3 * 16129 is beyond 16 bits, the whole sum is not: output stationary nothing is clipped.
        let a = Matrix::filled(1, 6, 127);
        let b = Matrix::from_fn(6, 1, |k, _| if k < 3 { 127 } else { -127 });
        for (dataflow, tile, expected) in
            [(Dataflow::OutputStationary, 6, 0), (Dataflow::WeightStationary, 3, 32767 - 3 * 127 * 127)]
        {
            let spec = spec((8, 8), 16, true, dataflow);
            assert_eq!(product(&spec, &a, &b)[(0, 0)], expected, "{dataflow:?}");
            assert_eq!(slowly(&spec, &a, &b, tile)[(0, 0)], expected, "{dataflow:?}");
        }
    }

    #[test]
    fn unsigned_operands_of_sixteen_bits_are_not_taken_for_negative_ones() {
        let spec =
            EngineSpec { a_signed: false, b_signed: false, ..spec((16, 16), 40, false, Dataflow::OutputStationary) };
        let (a, b) = (Matrix::filled(1, 5, 65535), Matrix::filled(5, 1, 65535));
        assert_eq!(product(&spec, &a, &b)[(0, 0)], 5 * 65535 * 65535);
    }
}
