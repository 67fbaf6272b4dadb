//! What the operands of a layer are in the formats of a design, and what these cannot give.

use std::sync::Arc;

use super::{
    error::WorkloadError,
    layer::{Layer, Values, Workload},
    network::{OperandWidths, ProductOperands},
    scaled::{Blocked, Exponents, Lines, TensorScaled},
    tensor::Want,
};
use crate::{encoding::Format, matrix::Blocks};

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

/// An operand, and its shared exponents.
pub(super) struct OperandValues {
    pub elements: Arc<dyn Blocks + Send>,
    pub exponents: Option<Arc<dyn Exponents>>,
}

impl OperandValues {
    /// Integers, or elements without shared exponents.
    pub fn plain(elements: Arc<dyn Blocks + Send>) -> Self {
        Self { elements, exponents: None }
    }

    /// Drawn integers in the format: as they are, or quantised.
    pub fn drawn(raw: Arc<dyn Blocks + Send>, format: Format, lines: Lines, grid: i32) -> Self {
        let Some(element) = format.element else { return Self::plain(raw) };
        if !format.is_blocked() {
            return Self::plain(Arc::new(TensorScaled::new(raw, element)));
        }
        let blocked = Arc::new(Blocked { raw, element, lines, grid });
        Self { elements: blocked.clone(), exponents: Some(blocked) }
    }
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
    /// [`WorkloadError::Scaled`]: results that are used although blocks have scales of their own, an operand that an earlier layer
    /// computes, the input of a convolution from a file.
    pub(super) fn formats_fit(&self, layer: &Layer, formats: OperandFormats) -> Result<(), WorkloadError> {
        let error = |reason: String, help: &str, at| {
            Err(WorkloadError::Scaled { reason, help: help.to_owned(), text: self.text.clone(), at })
        };
        for (letter, tensor, format) in [("a", &layer.a, formats.a), ("b", &layer.b, formats.b)] {
            if format.element.is_none() {
                continue;
            }
            if let Values::Layer(source) = tensor.values {
                let earlier = &self.layers[source].name;
                let reason = format!("{letter} of `{}` is {format}, and `{earlier}` gives integers", layer.name);
                return error(
                    reason,
                    "draw it, or read it from a file; or choose a design with an integer format",
                    tensor.at,
                );
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
                            "{letter} of `{}` has `sparsity`, and its file is quantised to {format} as it is",
                            layer.name
                        ),
                        "numbers are pruned before their scales are taken: leave `sparsity` out and write the file with \
                         zeros, or draw the values, or choose an integer format in the design",
                    ),
                };
                return error(reason, help, tensor.at);
            }
            if !format.is_blocked() {
                continue;
            }
            if layer.result_is_used() {
                let reason = format!(
                    "the sums of `{}` have no common scale: blocks of {letter}, {format}, have their own",
                    layer.name
                );
                let help = "leave bias, requantize and labels out, or choose a design with another format";
                return error(reason, help, layer.at);
            }
            if layer.conv.is_some() && !matches!(tensor.values, Values::Drawn(_)) {
                let reason = format!(
                    "{letter} of the convolution `{}` is {format}, whose blocks lie along K of its products",
                    layer.name
                );
                return error(reason, &self.origin.no_filters(letter), tensor.at);
            }
        }
        Ok(())
    }
}
