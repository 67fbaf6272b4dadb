//! The software reference: a triple loop in 64-bit integers.

use rayon::prelude::*;

use crate::matrix::Matrix;

/// `C[M,N] = sum over k of A[M,K] * B[K,N]`, exactly; rows in parallel.
///
/// Operands of 16 bits would have to meet 2^33 times before a 64-bit sum could overflow.
///
/// # Panics
/// When A has not as many columns as B has rows.
pub fn reference(a: &Matrix<i32>, b: &Matrix<i32>) -> Matrix<i64> {
    assert_eq!(a.cols(), b.rows(), "the columns of A are the rows of B");
    let mut c = Matrix::filled(a.rows(), b.cols(), 0_i64);
    let rows: Vec<Vec<i64>> = (0..a.rows()).into_par_iter().map(|m| row(a.row(m), b)).collect();
    for (m, values) in rows.iter().enumerate() {
        c.row_mut(m).copy_from_slice(values);
    }
    c
}

/// One row of C: the k loop outside, so that the inner loop runs along the rows of B and C.
fn row(a: &[i32], b: &Matrix<i32>) -> Vec<i64> {
    let mut c = vec![0_i64; b.cols()];
    for (k, &factor) in a.iter().enumerate() {
        for (sum, &value) in c.iter_mut().zip(b.row(k)) {
            *sum += i64::from(factor) * i64::from(value);
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_the_definition_of_the_product() {
        let a = Matrix::from_fn(5, 7, |m, k| (m as i32 * 31 - k as i32 * 17) % 127);
        let b = Matrix::from_fn(7, 3, |k, n| (k as i32 * 13 + n as i32 * 57) % 101 - 50);
        let c = reference(&a, &b);
        for m in 0..5 {
            for n in 0..3 {
                let sum: i64 = (0..7).map(|k| i64::from(a[(m, k)]) * i64::from(b[(k, n)])).sum();
                assert_eq!(c[(m, n)], sum);
            }
        }
    }

    #[test]
    fn extremes_do_not_overflow() {
        let a = Matrix::filled(1, 4, -32768);
        let b = Matrix::filled(4, 1, -32768);
        assert_eq!(reference(&a, &b)[(0, 0)], 4 << 30);
    }
}
