//! What the operands of a layer are in the formats of a design, and what these cannot give.

use std::sync::Arc;

use super::{
    error::WorkloadError,
    layer::{Layer, PassedOn, Values, Workload},
    network::{OperandWidths, ProductOperands},
    scaled::{Blocked, Exponents, Lines, Raw},
    tensor::{Want, quantized_reals},
    tensor_scaled::TensorScaled,
};
use crate::{
    encoding::Format,
    matrix::{Blocks, Matrix},
};

/// The formats of the two operands of a design, decoded ones among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperandFormats {
    /// Of A.
    pub a: Format,
    /// Of B.
    pub b: Format,
}

impl From<OperandWidths> for OperandFormats {
    fn from(widths: OperandWidths) -> Self {
        Self { a: widths.a(), b: widths.b() }
    }
}

/// An operand, its shared exponents, and what 1 of its numbers stands for.
pub(super) struct OperandValues {
    pub elements: Arc<dyn Blocks + Send>,
    pub exponents: Option<Arc<dyn Exponents>>,
    /// One, or one a row of A or column of B; `None` of integers that nobody gave a scale.
    pub scales: Option<Vec<f64>>,
}

impl OperandValues {
    /// Integers, or elements without shared exponents.
    pub fn plain(elements: Arc<dyn Blocks + Send>) -> Self {
        Self { elements, exponents: None, scales: None }
    }

    /// Drawn integers in the format: as they are, or quantised.
    pub fn drawn(raw: Arc<dyn Blocks + Send>, format: Format, lines: Lines, kind: Raw) -> Self {
        let Some(element) = format.element else { return Self::plain(raw) };
        if !format.is_blocked() {
            let scaled = TensorScaled::new(raw, element, kind);
            let scales = Some(vec![scaled.scale]);
            return Self { elements: Arc::new(scaled), exponents: None, scales };
        }
        Self::blocked(Arc::new(Blocked { raw, element, lines, kind }))
    }

    /// Blocks that are quantised whenever they are looked at.
    pub fn blocked(blocked: Arc<Blocked>) -> Self {
        Self { elements: blocked.clone(), exponents: Some(blocked), scales: Some(vec![1.0]) }
    }

    /// Numbers that an earlier layer passes on, quantised at once as those of a file are.
    ///
    /// # Errors
    /// The index of a number that is below 0 where the format is unsigned.
    pub fn of_reals(numbers: &Matrix<f32>, format: Format, lines: Lines) -> Result<Self, usize> {
        if let Some(element) = format.element.filter(|_| format.is_blocked()) {
            let blocked = Blocked { raw: Arc::new(bits_of(numbers)), element, lines, kind: Raw::Single };
            let exponents = blocked.exponents(0..blocked.count());
            let elements = Arc::new(blocked.whole());
            return Ok(Self { elements, exponents: Some(Arc::new(exponents)), scales: Some(vec![1.0]) });
        }
        let (integers, scale) = quantized_reals(numbers.values(), format)?;
        let elements = Matrix::from_fn(numbers.rows(), numbers.cols(), |row, col| integers[row * numbers.cols() + col]);
        Ok(Self { elements: Arc::new(elements), exponents: None, scales: Some(vec![scale]) })
    }
}

/// Numbers as the bits of their single precision.
pub(super) fn bits_of(numbers: &Matrix<f32>) -> Matrix<i32> {
    Matrix::from_fn(numbers.rows(), numbers.cols(), |row, col| numbers[(row, col)].to_bits() as i32)
}

/// A and B of a product.
pub(super) fn product_of((a, b): (OperandValues, OperandValues)) -> ProductOperands {
    ProductOperands { a: a.elements, b: b.elements, exponents: [a.exponents, b.exponents] }
}

/// What of an operand lies along K.
pub(super) fn lines_of(want: Want) -> Lines {
    match want {
        Want::B { .. } => Lines::Cols,
        _ => Lines::Rows,
    }
}

impl Workload {
    /// Checks that a layer asks nothing of its operands that their formats cannot give.
    ///
    /// # Errors
    /// [`WorkloadError::Scaled`]: integers of an earlier layer as elements, a file whose values would be pruned, integers made of
    /// results although blocks have scales of their own.
    pub(super) fn formats_fit(&self, layer: &Layer, formats: OperandFormats) -> Result<(), WorkloadError> {
        let error = |reason: String, help: &str, at| {
            Err(WorkloadError::Scaled { reason, help: help.to_owned(), text: self.text.clone(), at })
        };
        for (letter, tensor, format) in [("a", &layer.a, formats.a), ("b", &layer.b, formats.b)] {
            if format.element.is_none() {
                continue;
            }
            if let Values::Layer(source) = tensor.values
                && let Some(PassedOn::Integers(_)) = self.layers[source].requantize
            {
                let earlier = &self.layers[source].name;
                let reason = format!("{letter} of `{}` is {format}, and `{earlier}` gives integers", layer.name);
                let help = format!(
                    "leave `multiplier` and `shift` out of the requantize of `{earlier}`, so that real numbers go on; or \
                     choose a design with an integer format"
                );
                return error(reason, &help, tensor.at);
            }
            if tensor.sparsity.is_some() && !matches!(tensor.values, Values::Drawn(_)) {
                let (reason, help) = match &tensor.values {
                    Values::File(file) if file.codes => (
                        format!("{letter} of `{}` has `sparsity`, and its file holds codes of {format}", layer.name),
                        "codes are quantised already, and nothing tells which of them to make 0: leave `sparsity` out and \
                         write the file with the codes of the pruned numbers",
                    ),
                    _ => (
                        format!(
                            "{letter} of `{}` has `sparsity`, and what it reads is quantised to {format} as it is",
                            layer.name
                        ),
                        "numbers are pruned before their scales are taken: leave `sparsity` out and write the file with \
                         zeros, or draw the values, or choose an integer format in the design",
                    ),
                };
                return error(reason, help, tensor.at);
            }
            if let (true, Some(PassedOn::Integers(_))) = (format.is_blocked(), layer.requantize) {
                let reason = format!(
                    "the sums of `{}` have no common scale: blocks of {letter}, {format}, have their own",
                    layer.name
                );
                let help = "leave `multiplier` and `shift` out of requantize: results go on as real numbers, which the next \
                            layer quantises; or choose a design with another format";
                return error(reason, help, layer.at);
            }
        }
        Ok(())
    }
}
