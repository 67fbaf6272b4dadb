//! A workload, checked: layers with their shapes and where their values come from.

use miette::SourceSpan;

use super::conv::Conv;
use super::origin::Origin;
use super::{error::FileText, shipped::Shipped, sparsity::Sparsity, tensor::TensorFile};
use crate::encoding::Distribution;
use crate::matrix::Matrix;
use crate::note::Note;

/// What is multiplied: matrix products, in order, that may feed each other.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its name, as in the file.
    pub name: String,
    /// From which drawn values follow.
    pub seed: u64,
    /// The products, in the order in which they run; at least one.
    pub layers: Vec<Layer>,
    /// What they were made from: errors advise by it.
    pub origin: Origin,
    /// What was ignored in its file, or taken otherwise than it reads.
    pub notes: Vec<Note>,
    pub(super) text: FileText,
    pub(super) files: Files,
}

impl Workload {
    /// Where one of its layers is written: a layer of a file, a row of a topology, a node in the listing of a model.
    pub fn place(&self, layer: &Layer) -> (FileText, SourceSpan) {
        (self.text.clone(), layer.at)
    }
}

/// One product `C[M,N] = sum over k of A[M,K] * B[K,N]`, or several of one shape that stand for one layer of a network.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Unique in the workload.
    pub name: String,
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B.
    pub k: usize,
    /// Products of this shape, each with values of its own: groups of a convolution, heads of attention.
    pub products: u64,
    /// How many times all that occurs in the network; it is computed once and counted so often.
    pub repeat: u64,
    /// The convolution that was lowered to these products.
    pub conv: Option<Conv>,
    /// Where A comes from.
    pub a: Tensor,
    /// Where B comes from.
    pub b: Tensor,
    /// N values added to each row of the result.
    pub bias: Option<TensorFile>,
    /// How the result becomes an operand of a later layer.
    pub requantize: Option<PassedOn>,
    /// M values: the column of each row that should be the greatest.
    pub labels: Option<TensorFile>,
    pub(super) at: SourceSpan,
}

impl Layer {
    /// Multiply-accumulate operations of all its products, once.
    pub fn macs(&self) -> u64 {
        self.m as u64 * self.n as u64 * self.k as u64 * self.products
    }

    /// Rows and columns of its result: the groups of a convolution stand side by side.
    pub fn result(&self) -> (usize, usize) {
        (self.m, if self.conv.is_some() { self.n * self.products as usize } else { self.n })
    }

    /// Puts the result `c` of product `index` where it stands in [`result`](Self::result).
    pub fn place<T: Copy>(&self, result: &mut Matrix<T>, index: usize, c: &Matrix<T>) {
        let from = if self.conv.is_some() { index * self.n } else { 0 };
        for row in 0..self.m {
            result.row_mut(row)[from..from + self.n].copy_from_slice(c.row(row));
        }
    }

    /// Whether its result is wanted for anything but to be compared.
    pub fn result_is_used(&self) -> bool {
        self.bias.is_some() || self.requantize.is_some() || self.labels.is_some()
    }
}

/// The values of an operand, and where the file says so.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Where they come from.
    pub values: Values,
    /// What is then made 0 of them.
    pub sparsity: Option<Sparsity>,
    pub(super) at: SourceSpan,
}

/// Where the values of an operand come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Drawn with the workload's seed, clipped to the operand's width.
    Drawn(Distribution),
    /// Read from a file.
    File(TensorFile),
    /// The requantised result of an earlier layer, by its index.
    Layer(usize),
}

/// As what the result of a layer goes on to a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassedOn {
    /// Integers of few bits.
    Integers(Requantize),
    /// Numbers in single precision, which the later layer quantises as those of a file.
    Reals {
        /// Nothing below 0 goes on.
        relu: bool,
    },
}

/// How a wide result becomes a narrow operand: `clamp(round(acc * multiplier / 2^shift) + zero_point)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requantize {
    /// 1 to 2^31 - 1.
    pub multiplier: i32,
    /// 0 to 62.
    pub shift: u32,
    /// The integer that stands for 0.
    pub zero_point: i32,
    /// Nothing below the zero point comes out.
    pub relu: bool,
    /// Width of the outcome, 2 to 16 bits.
    pub bits: u32,
}

impl Requantize {
    /// The operand that a result with its bias becomes.
    ///
    /// The quotient is rounded to the nearest integer, halves up (towards plus infinity): half of the divisor is added
    /// and the sum shifted arithmetically. Computed in 128 bits, so nothing overflows for any accumulator.
    pub fn apply(&self, accumulator: i64) -> i32 {
        let (least, greatest) = crate::encoding::signed_range(self.bits);
        let least = if self.relu { self.zero_point } else { least };
        let half = if self.shift == 0 { 0 } else { 1_i128 << (self.shift - 1) };
        let scaled = (i128::from(accumulator) * i128::from(self.multiplier) + half) >> self.shift;
        (scaled + i128::from(self.zero_point)).clamp(i128::from(least), i128::from(greatest)) as i32
    }
}

/// Where the files named in a workload are.
#[derive(Clone, Debug)]
pub(super) enum Files {
    /// In the binary.
    Embedded(&'static Shipped),
    /// In this folder.
    Folder(std::path::PathBuf),
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Requantize = Requantize { multiplier: 1, shift: 1, zero_point: 0, relu: false, bits: 8 };

    #[test]
    fn halves_are_rounded_up_on_both_sides_of_zero() {
        for (accumulator, expected) in [(3, 2), (2, 1), (1, 1), (0, 0), (-1, 0), (-2, -1), (-3, -1), (-4, -2)] {
            assert_eq!(PLAIN.apply(accumulator), expected, "{accumulator} / 2");
        }
    }

    #[test]
    fn results_are_clamped_to_the_width() {
        assert_eq!(PLAIN.apply(1000), 127);
        assert_eq!(PLAIN.apply(-1000), -128);
        assert_eq!(Requantize { bits: 4, ..PLAIN }.apply(1000), 7);
        assert_eq!(Requantize { multiplier: i32::MAX, shift: 0, ..PLAIN }.apply(i64::MIN), -128);
    }

    #[test]
    fn relu_stops_at_the_zero_point() {
        let relu = Requantize { zero_point: -100, relu: true, ..PLAIN };
        assert_eq!(relu.apply(-2), -100);
        assert_eq!(relu.apply(2), -99);
        assert_eq!(Requantize { relu: false, ..relu }.apply(-2), -101);
    }
}
