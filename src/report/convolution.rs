//! The shape of a convolution that was lowered to matrix products.

use serde::{Deserialize, Serialize};

use crate::workload::Conv;

/// The shape of a convolution; two numbers are rows and columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Convolution {
    /// Images.
    pub batch: usize,
    /// Channels, rows and columns.
    pub input: [usize; 3],
    /// Channels, rows and columns.
    pub output: [usize; 3],
    /// Of a filter.
    pub kernel: [usize; 2],
    /// Steps between windows.
    pub stride: [usize; 2],
    /// Zeros on each side; above and left, where `padding_after` says that there are others below and right.
    pub padding: [usize; 2],
    /// Zeros below and right; left out if they are as many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub padding_after: Option<[usize; 2]>,
    /// Distance of the elements that a filter touches.
    pub dilation: [usize; 2],
    /// Parts of the channels that only meet their own filters.
    pub groups: usize,
    /// Elements of the input; lowered, each stands in `a_words` as often as windows cover it and tiles ask for them.
    pub input_words: u64,
    /// Elements of the filters.
    pub weights: u64,
}

impl Convolution {
    pub(super) fn new(conv: Conv) -> Self {
        let [height, width] = conv.output().unwrap_or_default();
        Self {
            batch: conv.batch,
            input: [conv.channels, conv.input[0], conv.input[1]],
            output: [conv.filters, height, width],
            kernel: conv.kernel,
            stride: conv.stride,
            padding: conv.padding,
            padding_after: (conv.after != conv.padding).then_some(conv.after),
            dilation: conv.dilation,
            groups: conv.groups,
            input_words: conv.input_words(),
            weights: conv.weights(),
        }
    }
}
