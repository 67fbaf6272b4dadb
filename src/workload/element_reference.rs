//! The software reference of formats whose elements are codes: decoded in its own way, and then a triple loop.
//!
//! Codes become doubles by the definition of their format, and doubles exact integers; engines shift significands.

use super::{
    exact::Exact,
    reference::{clipped_reference, reference},
};
use crate::{
    encoding::{BLOCK, Format},
    matrix::Matrix,
};

/// What each element of an operand stands for, in units of the smallest number of its format.
struct Numbers {
    least: i32,
    table: Vec<i64>,
}

impl Numbers {
    fn new(format: Format) -> Self {
        let (least, greatest) = format.range();
        let Some((exponent_bits, mantissa_bits)) = format.element.and_then(|element| element.fields()) else {
            return Self { least, table: (least..=greatest).map(i64::from).collect() };
        };
        let number = |code: i32| {
            let mantissa = f64::from(code % (1 << mantissa_bits)) / f64::from(1 << mantissa_bits);
            let exponent = code / (1 << mantissa_bits) % (1 << exponent_bits);
            // In units of the smallest number: 2^mantissa bits of them are the smallest with a leading 1.
            let smallest_normal = f64::from(1 << mantissa_bits);
            let magnitude = match exponent {
                0 => mantissa * smallest_normal,
                _ => (1.0 + mantissa) * smallest_normal * 2_f64.powi(exponent - 1),
            };
            let sign = if code >= 1 << (exponent_bits + mantissa_bits) { -1.0 } else { 1.0 };
            (sign * magnitude) as i64
        };
        Self { least, table: (least..=greatest).map(number).collect() }
    }

    fn of(&self, element: i32) -> i64 {
        self.table[(element - self.least) as usize]
    }

    fn matrix<T: Copy>(&self, elements: &Matrix<i32>, number: impl Fn(i64) -> T) -> Matrix<T> {
        Matrix::from_fn(elements.rows(), elements.cols(), |row, col| number(self.of(elements[(row, col)])))
    }
}

/// An operand and its format.
pub type Operand<'a> = (&'a Matrix<i32>, Format);

/// [`reference()`] of operands in any format, in units of both smallest numbers. Sums fit 64 bits.
///
/// # Panics
/// When A has not as many columns as B has rows.
pub fn reference_of((a, a_format): Operand, (b, b_format): Operand) -> Matrix<i64> {
    if a_format.element.is_none() && b_format.element.is_none() {
        return reference(a, b);
    }
    let (a_numbers, b_numbers) = (Numbers::new(a_format), Numbers::new(b_format));
    if a_format.word_bits().max(b_format.word_bits()) <= 32 {
        let narrow = |number: i64| number as i32;
        return reference(&a_numbers.matrix(a, narrow), &b_numbers.matrix(b, narrow));
    }
    slowly((a, &a_numbers), (b, &b_numbers), a.cols().max(1), 64).0
}

/// [`clipped_reference()`] of operands in any format.
///
/// # Panics
/// When A has not as many columns as B has rows, or a tile has no step.
pub fn clipped_reference_of(
    (a, a_format): Operand,
    (b, b_format): Operand,
    tile: usize,
    bits: u32,
) -> (Matrix<i64>, u64) {
    if a_format.element.is_none() && b_format.element.is_none() {
        return clipped_reference(a, b, tile, bits);
    }
    slowly((a, &Numbers::new(a_format)), (b, &Numbers::new(b_format)), tile, bits)
}

/// A triple loop, sums clipped after each tile of K, and how many results ever were.
fn slowly(
    (a, a_numbers): (&Matrix<i32>, &Numbers),
    (b, b_numbers): (&Matrix<i32>, &Numbers),
    tile: usize,
    bits: u32,
) -> (Matrix<i64>, u64) {
    assert_eq!(a.cols(), b.rows(), "the columns of A are the rows of B");
    let (least, greatest) = (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits));
    let mut clipped = 0;
    let c = Matrix::from_fn(a.rows(), b.cols(), |m, n| {
        let (mut sum, mut was_clipped) = (0_i64, false);
        for start in (0..a.cols()).step_by(tile) {
            let steps = start..a.cols().min(start + tile);
            let exact: i128 =
                steps.map(|k| i128::from(a_numbers.of(a[(m, k)])) * i128::from(b_numbers.of(b[(k, n)]))).sum();
            let exact = exact + i128::from(sum);
            sum = exact.clamp(i128::from(least), i128::from(greatest)) as i64;
            was_clipped |= i128::from(sum) != exact;
        }
        clipped += u64::from(was_clipped);
        sum
    });
    (c, clipped)
}

/// The exponents that blocks of A (a row each) and of B (a row a column) share, where they have any.
pub type SharedExponents<'a> = [Option<&'a Matrix<i32>>; 2];

/// The product with the shared exponents of blocks, in units of both smallest numbers: a term after the other, M x N.
///
/// # Panics
/// When A has not as many columns as B has rows.
pub fn scaled_reference(
    (a, a_format): Operand,
    (b, b_format): Operand,
    [a_exponents, b_exponents]: SharedExponents,
) -> Matrix<Exact> {
    assert_eq!(a.cols(), b.rows(), "the columns of A are the rows of B");
    let (a_numbers, b_numbers) = (Numbers::new(a_format), Numbers::new(b_format));
    let exponent = |of: Option<&Matrix<i32>>, line, k| of.map_or(0, |of: &Matrix<i32>| of[(line, k / BLOCK)]);
    Matrix::from_fn(a.rows(), b.cols(), |m, n| {
        let mut sum = Exact::default();
        for k in 0..a.cols() {
            let product = i128::from(a_numbers.of(a[(m, k)])) * i128::from(b_numbers.of(b[(k, n)]));
            if product != 0 {
                sum.add(product, exponent(a_exponents, m, k) + exponent(b_exponents, n, k));
            }
        }
        sum
    })
}
