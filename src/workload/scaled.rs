//! Operands in formats with scales: drawn integers on a fine grid become elements, and shared exponents where blocks have them.
//!
//! All in exact integer arithmetic. A real variable is drawn on a grid of 2^-grid_bits, fine enough for its width to be some thousand
//! steps, and stands in the middle of its step, since what lies on the grid would be halfway between two elements too often, and halves
//! go to even; 0 stays 0. It is then quantised as a tensor of reals is:
//!
//! ```text
//! block    exponent = floor(log2 max |x|) - greatest exponent of the format     0 if all x are 0
//!          element  = x / 2^exponent, to the nearest number, ties to even, clipped
//! tensor   element  = x * greatest number / max |x|, to the nearest number, ties to even
//! ```

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Arc, OnceLock},
};

use crate::{
    encoding::{BLOCK, Distribution, ElementFormat},
    matrix::{Blocks, Matrix, ranges},
};

/// log2 of the steps of the grid in the width of a distribution: from this to one more.
const WIDTH_BITS: i32 = 11;
/// Bits of a drawn integer.
pub(super) const GRID_BITS: u32 = 16;
/// Exponents of a shared scale: those of E8M0.
pub(super) const EXPONENTS: std::ops::RangeInclusive<i32> = -127..=127;
/// Places of K whose exponents are looked for together: whole blocks.
const PIECE: usize = 512 * BLOCK;
/// Values that are looked at together.
pub(super) const STRIP_WORDS: usize = 1 << 20;

/// The exponents of the blocks of an operand.
pub trait Exponents: Send + Sync {
    /// Of some lines (rows of A, columns of B): a row each, one exponent a block of K.
    fn exponents(&self, lines: Range<usize>) -> Matrix<i32>;
}

/// A matrix of exponents that is in memory.
impl Exponents for Matrix<i32> {
    fn exponents(&self, lines: Range<usize>) -> Matrix<i32> {
        self.block(lines, 0..Blocks::cols(self))
    }
}

/// The same distribution in steps of a grid, and what these stand for.
pub(super) fn on_grid(distribution: &Distribution) -> (Distribution, Raw) {
    // The greatest power of two in the width, from the bits of the double.
    let steps = |width: f64| {
        let exponent = ((width.to_bits() >> 52) & 0x7ff) as i32 - 1023;
        let grid = (WIDTH_BITS - exponent).clamp(-1000, 1000);
        (width * 2_f64.powi(grid), grid)
    };
    match *distribution {
        Distribution::Normal { std } => {
            let (std, grid) = steps(std);
            (Distribution::Normal { std }, Raw::Middle(grid))
        }
        Distribution::HalfNormal { std } => {
            let (std, grid) = steps(std);
            (Distribution::HalfNormal { std }, Raw::Middle(grid))
        }
        Distribution::Laplace { scale } => {
            let (scale, grid) = steps(scale);
            (Distribution::Laplace { scale }, Raw::Middle(grid))
        }
        // From -1 to 1.
        Distribution::Uniform => (Distribution::Uniform, Raw::Middle(GRID_BITS as i32 - 1)),
        // Values that are said are those.
        Distribution::Histogram(_) => (distribution.clone(), Raw::Grid(0)),
    }
}

/// What lies along K.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// Rows: of A.
    Rows,
    /// Columns: of B.
    Cols,
}

/// What the integers of a matrix stand for before they are quantised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// Steps of a grid; log2 of the steps in 1.
    Grid(i32),
    /// The middle of the step that begins there, but for 0; log2 of the steps in 1.
    Middle(i32),
    /// The bits of numbers in single precision; 0 is 0.
    Single,
}

impl Raw {
    /// An integer of the matrix in units that all of its numbers are whole multiples of.
    #[inline]
    pub(super) fn number(self, integer: i32) -> i32 {
        if matches!(self, Self::Middle(_)) && integer != 0 { 2 * integer + 1 } else { integer }
    }

    /// log2 of these units in 1.
    pub(super) fn unit_bits(self) -> i32 {
        match self {
            Self::Grid(grid) => grid,
            Self::Middle(grid) => grid + 1,
            Self::Single => 0,
        }
    }

    /// All of some integers as numbers.
    fn numbers(self, mut of: Matrix<i32>) -> Matrix<i32> {
        if matches!(self, Self::Middle(_)) {
            for row in 0..of.rows() {
                of.row_mut(row).iter_mut().for_each(|integer| *integer = self.number(*integer));
            }
        }
        of
    }
}

/// A matrix in blocks, quantised whenever it is looked at.
pub(super) struct Blocked {
    pub raw: Arc<dyn Blocks + Send>,
    pub element: ElementFormat,
    pub lines: Lines,
    pub kind: Raw,
}

/// A number in single precision by its bits.
fn of_single_bits(bits: i32) -> f64 {
    f64::from(f32::from_bits(bits as u32))
}

/// The greatest magnitude of a block.
fn greatest_of(block: &[i32]) -> u32 {
    block.iter().map(|value| value.unsigned_abs()).max().unwrap_or(0)
}

/// The exponent that the values of a block share, in steps of the grid.
fn shared_exponent(greatest: u32, element: ElementFormat) -> i32 {
    match greatest {
        0 => 0,
        _ => greatest.ilog2() as i32 - element.greatest_exponent(),
    }
}

/// The element of `value / 2^exponent`.
fn quantized(value: i32, exponent: i32, element: ElementFormat) -> (i32, bool) {
    let shift = element.fraction_bits() as i32 - exponent;
    let magnitude = u128::from(value.unsigned_abs());
    let (numerator, denominator) = if shift >= 0 { (magnitude << shift, 1) } else { (magnitude, 1 << -shift) };
    element.nearest(value < 0, numerator, denominator)
}

/// The elements of a block format by what the greatest value of their block makes of a value on a grid.
///
/// With the greatest value of a block from 2^g up, an element is rounded from the bits g, g - 1 .. of its value: as many as the
/// greatest element has, one more to see a half, and whether there is anything below.
struct Elements {
    /// Of the greatest element, in units of the smallest number.
    bits: u32,
    /// The element of each such word, and that of its negative.
    table: Vec<[i32; 2]>,
}

/// Shifts are to the right: values are so many bits further left before.
const HEADROOM: u32 = 32;

impl Elements {
    fn new(element: ElementFormat) -> Self {
        let bits = (element.greatest_exponent() + 1).unsigned_abs() + element.fraction_bits();
        // A word counts quarters of the smallest number.
        let of = |word: u128| [false, true].map(|negative| element.nearest(negative, word, 4).0);
        Self { bits, table: (0..1 << (bits + 2)).map(of).collect() }
    }

    /// Those of a format, made once.
    fn of(element: ElementFormat) -> &'static Self {
        static TABLES: [OnceLock<Elements>; ElementFormat::ALL.len()] =
            [const { OnceLock::new() }; ElementFormat::ALL.len()];
        TABLES[element as usize].get_or_init(|| Self::new(element))
    }

    /// How far the values of a block are shifted; `greatest` is the greatest magnitude.
    fn shift(&self, greatest: u32) -> u32 {
        greatest.max(1).ilog2() + HEADROOM - self.bits
    }

    fn element(&self, value: i32, shift: u32) -> i32 {
        let magnitude = u64::from(value.unsigned_abs()) << HEADROOM;
        let is_more = magnitude & ((1 << shift) - 1) != 0;
        let word = magnitude >> shift << 1 | u64::from(is_more);
        self.table[word as usize][usize::from(value < 0)]
    }
}

/// What became of the values of matrices in blocks.
#[derive(Debug, Default)]
pub(super) struct Census {
    /// How often each element occurs.
    pub elements: BTreeMap<i32, u64>,
    /// Values that were clipped to the greatest.
    pub clipped: u64,
    pub blocks: u64,
    /// The least and the greatest exponent of a block.
    pub exponents: Option<[i32; 2]>,
}

impl Blocked {
    fn along_k(&self) -> usize {
        match self.lines {
            Lines::Rows => self.raw.cols(),
            Lines::Cols => self.raw.rows(),
        }
    }

    /// Values of some lines, and of all blocks that some of `k` lies in; a row a line.
    fn whole_blocks(&self, lines: Range<usize>, k: Range<usize>) -> (Matrix<i32>, usize) {
        let from = k.start / BLOCK * BLOCK;
        let k = from..k.end.next_multiple_of(BLOCK).min(self.along_k());
        match self.lines {
            Lines::Rows => (self.kind.numbers(self.raw.block(lines, k)), from),
            Lines::Cols => {
                let raw = self.kind.numbers(self.raw.block(k, lines));
                (Matrix::from_fn(raw.cols(), raw.rows(), |line, k| raw[(k, line)]), from)
            }
        }
    }

    /// The exponent that a block shares: of steps of the grid, where there is one.
    fn exponent(&self, block: &[i32]) -> i32 {
        if self.kind == Raw::Single {
            let peak = block.iter().fold(0.0, |peak: f64, &bits| peak.max(of_single_bits(bits).abs()));
            // floor(log2) is the exponent of the double: a number in single precision is never a subnormal one.
            let exponent = ((peak.to_bits() >> 52) & 0x7ff) as i32 - 1023 - self.element.greatest_exponent();
            return if peak == 0.0 { 0 } else { exponent.clamp(*EXPONENTS.start(), *EXPONENTS.end()) };
        }
        shared_exponent(greatest_of(block), self.element)
    }

    /// The element of a value, and whether it was clipped.
    fn nearest(&self, value: i32, exponent: i32) -> (i32, bool) {
        match self.kind {
            Raw::Grid(_) | Raw::Middle(_) => quantized(value, exponent, self.element),
            Raw::Single => self.element.nearest_real(of_single_bits(value) / 2_f64.powi(exponent)),
        }
    }

    /// Rows of A, columns of B.
    pub(super) fn count(&self) -> usize {
        match self.lines {
            Lines::Rows => self.raw.rows(),
            Lines::Cols => self.raw.cols(),
        }
    }

    /// Counts what the values of all lines became.
    pub(super) fn census(&self, census: &mut Census) {
        for lines in ranges(self.count(), (STRIP_WORDS / self.along_k().max(1)).max(1)) {
            let (values, _) = self.whole_blocks(lines, 0..self.along_k());
            for block in (0..values.rows()).flat_map(|line| values.row(line).chunks(BLOCK)) {
                let exponent = self.exponent(block);
                census.exponents = Some(match census.exponents {
                    None => [exponent; 2],
                    Some([least, greatest]) => [least.min(exponent), greatest.max(exponent)],
                });
                census.blocks += 1;
                for &value in block {
                    let (element, is_clipped) = self.nearest(value, exponent);
                    *census.elements.entry(element).or_default() += 1;
                    census.clipped += u64::from(is_clipped);
                }
            }
        }
    }

    /// The elements of some rows and columns, as they stand in the matrix.
    fn elements(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32> {
        let (lines, k) = match self.lines {
            Lines::Rows => (&rows, &cols),
            Lines::Cols => (&cols, &rows),
        };
        if self.kind == Raw::Single {
            let (mut values, from) = self.whole_blocks(lines.clone(), k.clone());
            for line in 0..values.rows() {
                for block in values.row_mut(line).chunks_mut(BLOCK) {
                    let exponent = self.exponent(block);
                    block.iter_mut().for_each(|value| *value = self.nearest(*value, exponent).0);
                }
            }
            let (height, k) = (values.rows(), k.start - from..k.end - from);
            return match self.lines {
                Lines::Rows => values.block(0..height, k),
                Lines::Cols => Matrix::from_fn(k.len(), height, |row, line| values[(line, k.start + row)]),
            };
        }
        // A table is much faster than a division for each value.
        let table = Elements::of(self.element);
        let from = k.start / BLOCK * BLOCK;
        let whole = from..k.end.next_multiple_of(BLOCK).min(self.along_k());
        let kept = k.start - from..k.end - from;
        match self.lines {
            Lines::Rows => {
                let mut values = self.kind.numbers(self.raw.block(rows, whole));
                for row in 0..values.rows() {
                    for block in values.row_mut(row).chunks_mut(BLOCK) {
                        let shift = table.shift(greatest_of(block));
                        block.iter_mut().for_each(|value| *value = table.element(*value, shift));
                    }
                }
                if kept.len() == values.cols() { values } else { values.block(0..values.rows(), kept) }
            }
            Lines::Cols => {
                let mut values = self.kind.numbers(self.raw.block(whole, cols));
                let mut shifts = vec![0; values.cols()];
                for down in ranges(values.rows(), BLOCK) {
                    let mut greatest = vec![0_u32; values.cols()];
                    for row in down.clone() {
                        let magnitudes = values.row(row).iter().map(|value| value.unsigned_abs());
                        greatest.iter_mut().zip(magnitudes).for_each(|(greatest, of)| *greatest = (*greatest).max(of));
                    }
                    shifts.iter_mut().zip(&greatest).for_each(|(shift, &greatest)| *shift = table.shift(greatest));
                    for row in down {
                        let values = values.row_mut(row).iter_mut();
                        values.zip(&shifts).for_each(|(value, &shift)| *value = table.element(*value, shift));
                    }
                }
                if kept.len() == values.rows() { values } else { values.block(kept, 0..values.cols()) }
            }
        }
    }
}

impl Blocks for Blocked {
    fn rows(&self) -> usize {
        self.raw.rows()
    }

    fn cols(&self) -> usize {
        self.raw.cols()
    }

    fn block(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32> {
        if rows.is_empty() || cols.is_empty() {
            return Matrix::filled(rows.len(), cols.len(), 0);
        }
        self.elements(rows, cols)
    }
}

impl Exponents for Blocked {
    fn exponents(&self, lines: Range<usize>) -> Matrix<i32> {
        let k = self.along_k();
        let grid = self.kind.unit_bits();
        let mut exponents = Matrix::filled(lines.len(), k.div_ceil(BLOCK), 0);
        for piece in ranges(k, PIECE) {
            let (values, from) = self.whole_blocks(lines.clone(), piece);
            for line in 0..values.rows() {
                let of_line = exponents.row_mut(line)[from / BLOCK..].iter_mut();
                for (exponent, block) in of_line.zip(values.row(line).chunks(BLOCK)) {
                    *exponent = (self.exponent(block) - grid).clamp(*EXPONENTS.start(), *EXPONENTS.end());
                }
            }
        }
        exponents
    }
}

/// The exponents of some lines of a matrix, from one on.
pub(super) struct LinesFrom(pub Arc<dyn Exponents>, pub usize);

impl Exponents for LinesFrom {
    fn exponents(&self, lines: Range<usize>) -> Matrix<i32> {
        self.0.exponents(self.1 + lines.start..self.1 + lines.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Scaling;

    fn blocked(raw: Matrix<i32>, element: ElementFormat, lines: Lines) -> Blocked {
        Blocked { raw: Arc::new(raw), element, lines, kind: Raw::Grid(0) }
    }

    /// Some values of many sizes, zeros among them.
    fn values(rows: usize, cols: usize) -> Matrix<i32> {
        Matrix::from_fn(rows, cols, |row, col| {
            let mixed = (row * 7919 + col * 104_729 + 13) as i32 % 65_521 - 32_760;
            if (row + col / BLOCK).is_multiple_of(5) { 0 } else { mixed >> (col / BLOCK * 3 % 14) }
        })
    }

    #[test]
    fn a_block_is_scaled_by_its_greatest_value_and_none_is_more_than_half_a_step_off() {
        for element in ElementFormat::ALL.into_iter().filter(|element| *element != ElementFormat::Fp8E5m2) {
            let raw = values(4, 75);
            let blocked = blocked(raw.clone(), element, Lines::Rows);
            let (elements, exponents) = (blocked.whole(), blocked.exponents(0..4));
            assert_eq!((exponents.rows(), exponents.cols()), (4, 3));
            for row in 0..4 {
                for col in 0..75 {
                    let exponent = exponents[(row, col / BLOCK)] - element.fraction_bits() as i32;
                    let number = element.value(elements[(row, col)]) as f64 * 2_f64.powi(exponent);
                    let value = f64::from(raw[(row, col)]);
                    // A significand has m + 1 bits; the greatest values may be clipped by less than a quarter of themselves.
                    let step = element.fields().map_or(2_f64.powi(exponent), |(_, mantissa)| {
                        (value.abs() * 2_f64.powi(-(mantissa as i32))).max(2_f64.powi(exponent))
                    });
                    let clipped = element.value(elements[(row, col)]).abs() == element.greatest();
                    assert!(
                        (number - value).abs() <= step / 2.0 || clipped,
                        "{element} [{row}, {col}]: {value} is {number}"
                    );
                    assert!((number - value).abs() <= value.abs() / 4.0 || !clipped, "{element}: {value} is {number}");
                }
            }
        }
    }

    #[test]
    fn an_element_is_the_one_nearest_to_the_value_by_division() {
        for element in ElementFormat::ALL.into_iter().filter(|element| element.scaling() == Scaling::Block) {
            let elements = Elements::new(element);
            for greatest in [1, 2, 3, 100, 255, 256, 257, 4095, 32_767, 65_535, u32::MAX >> 1, 1 << 31] {
                let exponent = shared_exponent(greatest, element) - element.fraction_bits() as i32;
                let (up, down) = ((-exponent).max(0), exponent.max(0));
                let step = (greatest as usize / 20_000).max(1);
                for magnitude in (0..=greatest).step_by(step).chain([greatest]) {
                    for value in [i64::from(magnitude), -i64::from(magnitude)] {
                        let Ok(value) = i32::try_from(value) else { continue };
                        let (expected, _) = element.nearest(value < 0, u128::from(magnitude) << up, 1 << down);
                        let quantised = elements.element(value, elements.shift(greatest));
                        assert_eq!(quantised, expected, "{element}: {value} of at most {greatest}");
                    }
                }
            }
        }
    }

    #[test]
    fn any_part_has_the_elements_of_the_whole_along_rows_and_columns() {
        let raw = values(70, 75);
        for lines in [Lines::Rows, Lines::Cols] {
            let blocked = blocked(raw.clone(), ElementFormat::MxFp4, lines);
            let whole = blocked.whole();
            for (rows, cols) in [(0..70, 0..75), (3..4, 33..34), (31..65, 1..64), (69..70, 74..75), (5..5, 0..75)] {
                assert_eq!(blocked.block(rows.clone(), cols.clone()), whole.block(rows, cols));
            }
        }
        let transposed = Matrix::from_fn(75, 70, |row, col| raw[(col, row)]);
        let (a, b) =
            (blocked(raw, ElementFormat::MxInt8, Lines::Rows), blocked(transposed, ElementFormat::MxInt8, Lines::Cols));
        assert_eq!(a.exponents(2..9), b.exponents(2..9));
        let (a, b) = (a.whole(), b.whole());
        assert_eq!(Matrix::from_fn(70, 75, |row, col| b[(col, row)]), a);
    }

    /// Of values on a grid one in 64 lies halfway between two elements of mxint8, and halves go to even.
    #[test]
    fn drawn_values_become_even_elements_as_often_as_odd_ones() {
        let (distribution, kind) = on_grid(&Distribution::Normal { std: 1.0 });
        let pmf = distribution.pmf(GRID_BITS).expect("a distribution");
        let sampler = Arc::new(crate::workload::draw::Sampler::new(&pmf));
        let (rows, cols) = (1024, 1024);
        let raw = Arc::new(crate::workload::draw::Drawn::new(sampler, (1, "x", "a"), (rows, cols)));
        let blocked = Blocked { raw, element: ElementFormat::MxInt8, lines: Lines::Rows, kind };
        let even = blocked.whole().values().iter().filter(|&&element| element % 2 == 0).count() as f64;
        let share = even / (rows * cols) as f64;
        // Four standard errors. An element is some 25 of a width of 1, so evens are half of them; halves to even would be 0.008 more.
        assert!((share - 0.5).abs() < 4.0 * 0.5 / 1024.0, "{share}");
    }

    #[test]
    fn a_width_is_a_few_thousand_steps_of_the_grid() {
        for std in [1e-9, 0.02, 1.0, 20.0, 3e8] {
            let (Distribution::Normal { std: steps }, Raw::Middle(grid)) = on_grid(&Distribution::Normal { std })
            else {
                panic!()
            };
            assert!((2048.0..4096.0).contains(&steps) && steps == std * 2_f64.powi(grid), "{std}: {steps}");
        }
    }
}
