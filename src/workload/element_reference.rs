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

/// An operand in fixed point: each line of K (a row of A, a column of B) in units of 2^(its least exponent).
struct Fixed {
    /// As the operand stands.
    numbers: Matrix<i32>,
    /// The least exponent of each line.
    exponents: Vec<i32>,
    /// The greatest magnitude.
    greatest: u64,
}

impl Fixed {
    /// Numbers, and a row of exponents for each line; `None` if one would be longer than 32 bits. `at` is the line and the place of K.
    fn new(
        elements: &Matrix<i32>,
        numbers: &Numbers,
        exponents: Option<&Matrix<i32>>,
        at: impl Fn(usize, usize) -> (usize, usize),
    ) -> Option<Self> {
        let least: Option<Vec<i32>> = exponents.map(|of| (0..of.rows()).map(|line| least_of(of.row(line))).collect());
        let mut values = Vec::with_capacity(elements.values().len());
        let mut greatest = 0;
        for row in 0..elements.rows() {
            for (col, &element) in elements.row(row).iter().enumerate() {
                let (line, k) = at(row, col);
                let number = numbers.of(element);
                let shift = match (exponents, &least) {
                    (Some(exponents), Some(least)) if number != 0 => exponents[(line, k / BLOCK)] - least[line],
                    _ => 0,
                };
                let value =
                    number.checked_mul(1_i64.checked_shl(shift.unsigned_abs()).filter(|&weight| weight > 0)?)?;
                values.push(i32::try_from(value).ok()?);
                greatest = value.unsigned_abs().max(greatest);
            }
        }
        let numbers = Matrix::from_rows(elements.rows(), elements.cols(), values)?;
        Some(Self { numbers, exponents: least.unwrap_or_default(), greatest })
    }

    fn exponent(&self, line: usize) -> i32 {
        self.exponents.get(line).copied().unwrap_or(0)
    }
}

fn least_of(exponents: &[i32]) -> i32 {
    exponents.iter().copied().min().unwrap_or(0)
}

/// The product with the shared exponents of blocks, in units of both smallest numbers, M x N: of numbers in fixed point where their
/// sums fit 63 bits, else a term after the other.
///
/// # Panics
/// When A has not as many columns as B has rows.
pub fn scaled_reference(
    (a, a_format): Operand,
    (b, b_format): Operand,
    exponents @ [a_exponents, b_exponents]: SharedExponents,
) -> Matrix<Exact> {
    assert_eq!(a.cols(), b.rows(), "the columns of A are the rows of B");
    let (a_numbers, b_numbers) = (Numbers::new(a_format), Numbers::new(b_format));
    let fixed = Fixed::new(a, &a_numbers, a_exponents, |row, col| (row, col))
        .zip(Fixed::new(b, &b_numbers, b_exponents, |row, col| (col, row)))
        .filter(|(a, b)| {
            let greatest = u128::from(a.greatest) * u128::from(b.greatest) * b.numbers.rows() as u128;
            greatest <= i64::MAX as u128
        });
    let Some((a, b)) = fixed else { return term_by_term((a, &a_numbers), (b, &b_numbers), exponents) };
    let c = reference(&a.numbers, &b.numbers);
    Matrix::from_fn(c.rows(), c.cols(), |m, n| {
        let mut sum = Exact::default();
        sum.add(c[(m, n)].into(), a.exponent(m) + b.exponent(n));
        sum
    })
}

/// [`scaled_reference`] of any exponents.
fn term_by_term(
    (a, a_numbers): (&Matrix<i32>, &Numbers),
    (b, b_numbers): (&Matrix<i32>, &Numbers),
    [a_exponents, b_exponents]: SharedExponents,
) -> Matrix<Exact> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::ElementFormat;

    /// Exponents near each other, those that just fit fixed point, and those that do not.
    #[test]
    fn sums_in_fixed_point_are_those_of_terms_one_after_another() {
        for format in [ElementFormat::MxFp4, ElementFormat::MxInt8, ElementFormat::MxFp6E3m2].map(Format::of) {
            let (least, greatest) = format.range();
            let element = |seed: usize| {
                let value = least + (seed * 7919 % (greatest - least + 1) as usize) as i32;
                if format.element.is_some_and(|element| element.is_number(value)) { value } else { 0 }
            };
            let a = Matrix::from_fn(3, 70, |row, col| element(row * 70 + col + 1));
            let b = Matrix::from_fn(70, 5, |row, col| element(row * 5 + col + 17));
            let mut in_fixed_point = 0;
            for spread in [0, 1, 5, 13, 20, 60, 254] {
                let exponents = |lines: usize, from: i32| {
                    Matrix::from_fn(lines, 3, |line, block| from + (line as i32 + 2 * block as i32) % 5 * spread / 4)
                };
                let (of_a, of_b) = (exponents(3, -127), exponents(5, -100));
                for shared in [[Some(&of_a), Some(&of_b)], [None, Some(&of_b)], [Some(&of_a), None], [None, None]] {
                    let numbers = Numbers::new(format);
                    let expected = term_by_term((&a, &numbers), (&b, &numbers), shared);
                    assert_eq!(scaled_reference((&a, format), (&b, format), shared), expected, "{format} {spread}");
                    in_fixed_point += usize::from(Fixed::new(&a, &numbers, shared[0], |row, col| (row, col)).is_some());
                }
            }
            assert!((8..28).contains(&in_fixed_point), "{format}: both ways are tried");
        }
    }
}
