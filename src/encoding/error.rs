//! What can be wrong with a number to encode or with a distribution.

use miette::Diagnostic;
use thiserror::Error;

use super::{ElementFormat, Format};

/// A number or a distribution that cannot be turned into digits.
#[derive(Clone, Debug, PartialEq, Error, Diagnostic)]
pub enum EncodingError {
    /// The operand width is not supported.
    #[error("an operand of {bits} bits cannot be encoded")]
    #[diagnostic(code(encoding::unsupported_width), help("operands have 2 to 16 bits"))]
    UnsupportedWidth {
        /// The width asked for.
        bits: u32,
    },
    /// The value needs more bits.
    #[error("{value} does not fit in {format}")]
    #[diagnostic(code(encoding::value_out_of_range), help("{format} holds {least} to {greatest}"))]
    ValueOutOfRange {
        /// The value.
        value: i32,
        /// The format.
        format: Format,
        /// The least value of that format.
        least: i32,
        /// The greatest value of that format.
        greatest: i32,
    },
    /// An element that is no number.
    #[error("{element} is no number of {format}")]
    #[diagnostic(
        code(encoding::not_a_number),
        help("elements are {least} to {greatest}; of fp8 those of infinities and NaN are no numbers")
    )]
    NotANumber {
        /// The element.
        element: i32,
        /// The format.
        format: ElementFormat,
        /// The least element.
        least: i32,
        /// The greatest element.
        greatest: i32,
    },
    /// A distribution's parameter is not a positive number.
    #[error("the {parameter} of a {distribution} distribution is {value}")]
    #[diagnostic(
        code(encoding::bad_distribution),
        help("give a finite number above 0, in units of the integer operand")
    )]
    BadDistribution {
        /// Name of the distribution.
        distribution: &'static str,
        /// Name of the parameter.
        parameter: &'static str,
        /// What it was.
        value: f64,
    },
    /// A histogram has a negative or infinite weight, or no weight at all.
    #[error("the weights of a histogram are not finite, non-negative numbers with a positive sum")]
    #[diagnostic(code(encoding::bad_histogram), help("give each value a count of 0 or more, and at least one above 0"))]
    BadHistogram,
}

/// Each code of this module with the page that `explain` prints.
pub fn error_codes() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "encoding::unsupported_width",
            "An encoding turns signed and unsigned operands of 2 to 16 bits into digits. A one-bit signed operand has no \
             magnitude, and wider integer operands are not part of the bit-weight model yet.",
        ),
        (
            "encoding::value_out_of_range",
            "A signed operand of w bits holds -2^(w-1) to 2^(w-1) - 1, an unsigned one 0 to 2^w - 1: int8 holds -128 to 127, \
             uint8 0 to 255. Give a value inside that range or ask for a wider operand.",
        ),
        (
            "encoding::not_a_number",
            "An element of a float is a code: 0 to 15 of mxfp4, 0 to 63 of mxfp6, 0 to 255 of fp8; an element of mxint8 is an \
             integer, -128 to 127. fp8-e4m3 has NaN at 127 and 255, fp8-e5m2 infinities and NaN at 124 to 127 and 252 to 255: \
             these have no digits.",
        ),
        (
            "encoding::bad_distribution",
            "A normal, half-normal or Laplace distribution needs a positive, finite width (std or scale). It is measured in \
             units of the integer operand: std = 20 with 8-bit operands leaves about 1 value in 5 thousand million clipped.",
        ),
        (
            "encoding::bad_histogram",
            "A histogram lists values with their weights (counts or probabilities). Weights are divided by their sum, so \
             they must be finite, not negative, and not all zero.",
        ),
    ]
}
