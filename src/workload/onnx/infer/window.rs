//! Windows that move over an input: of convolutions and of pooling.

use super::Call;
use crate::workload::onnx::data::Element;
use crate::workload::onnx::fact::{Fact, shown};
use crate::workload::onnx::proto::Node;

/// Extents that are taken apart in machine words.
const GREATEST: u64 = 1 << 31;

/// How windows lie along the axes behind the channels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::workload::onnx) struct Window {
    pub kernel: Vec<u64>,
    pub stride: Vec<u64>,
    pub dilation: Vec<u64>,
    /// Zeros before the first element.
    pub before: Vec<u64>,
    /// Zeros behind the last.
    pub after: Vec<u64>,
    /// Windows.
    pub output: Vec<u64>,
}

/// An attribute with a number an axis.
fn each_axis(node: &Node, name: &str, axes: usize, absent: u64, least: u64) -> Result<Vec<u64>, String> {
    let Some(given) = node.ints(name).filter(|given| !given.is_empty()) else { return Ok(vec![absent; axes]) };
    let number = |&number: &i64| u64::try_from(number).ok().filter(|number| (least..=GREATEST).contains(number));
    let numbers = given.iter().map(number).collect::<Option<Vec<_>>>().filter(|numbers| numbers.len() == axes);
    numbers.ok_or_else(|| format!("its {name} are {given:?}, and they are {axes} numbers of {least} or more"))
}

impl Window {
    /// Windows of these extents over an input of those; `ceil` counts one that is not whole at the end.
    fn new(node: &Node, input: &[u64], kernel: Vec<u64>, ceil: bool) -> Result<Self, String> {
        let axes = input.len();
        let stride = each_axis(node, "strides", axes, 1, 1)?;
        let dilation = each_axis(node, "dilations", axes, 1, 1)?;
        let pads = each_axis(node, "pads", 2 * axes, 0, 0)?;
        let (mut before, mut after) = (pads[..axes].to_vec(), pads[axes..].to_vec());
        if kernel.len() != axes || kernel.iter().chain(input).any(|&extent| extent == 0 || extent > GREATEST) {
            return Err(format!("a filter of {} does not go over an input of {}", shown(&kernel), shown(input)));
        }
        let mut output = Vec::with_capacity(axes);
        for at in 0..axes {
            let span = (kernel[at] - 1).saturating_mul(dilation[at]) + 1;
            match node.text("auto_pad") {
                "" | "NOTSET" => {}
                "VALID" => (before[at], after[at]) = (0, 0),
                same @ ("SAME_UPPER" | "SAME_LOWER") => {
                    let wanted = input[at].div_ceil(stride[at]);
                    let zeros = ((wanted - 1) * stride[at] + span).saturating_sub(input[at]);
                    let (less, more) = (zeros / 2, zeros.div_ceil(2));
                    (before[at], after[at]) = if same == "SAME_UPPER" { (less, more) } else { (more, less) };
                }
                other => return Err(format!("its auto_pad `{other}` means nothing")),
            }
            let padded = input[at] + before[at] + after[at];
            let Some(room) = padded.checked_sub(span) else {
                return Err(format!("a filter spans {span} along axis {at}, and its padded input is {padded}"));
            };
            let mut windows = room / stride[at] + 1;
            // One that begins in the padding behind the input is left out.
            if ceil && room % stride[at] != 0 && windows * stride[at] < input[at] + before[at] {
                windows += 1;
            }
            output.push(windows);
        }
        Ok(Self { kernel, stride, dilation, before, after, output })
    }
}

/// The windows of a convolution of an input by filters, both with their extents; `None` if one of them has not enough.
///
/// # Errors
/// Extents that do not go together, attributes that mean nothing.
pub(in crate::workload::onnx) fn convolution(node: &Node, input: &[u64], filters: &[u64]) -> Result<Window, String> {
    if input.len() < 3 || filters.len() != input.len() {
        return Err(format!("filters of {} do not go over an input of {}", shown(filters), shown(input)));
    }
    if let Some(kernel) = node.ints("kernel_shape").filter(|kernel| !kernel.is_empty()) {
        let same = kernel.len() == filters.len() - 2
            && kernel.iter().zip(&filters[2..]).all(|(&said, &is)| u64::try_from(said) == Ok(is));
        if !same {
            return Err(format!("its kernel_shape is {kernel:?}, and its filters are {}", shown(filters)));
        }
    }
    Window::new(node, &input[2..], filters[2..].to_vec(), false)
}

/// The extents behind the channels of a transposed convolution.
///
/// # Errors
/// As [`convolution`].
pub(in crate::workload::onnx) fn transposed_convolution(
    node: &Node,
    input: &[u64],
    filters: &[u64],
) -> Result<Vec<u64>, String> {
    let unfit = || format!("filters of {} do not go over an input of {}", shown(filters), shown(input));
    if input.len() < 3 || filters.len() != input.len() {
        return Err(unfit());
    }
    let (sides, kernel) = (&input[2..], &filters[2..]);
    let axes = sides.len();
    if let Some(given) = node.ints("output_shape").filter(|given| !given.is_empty()) {
        let behind = &given[given.len().saturating_sub(axes)..];
        return behind.iter().map(|&side| u64::try_from(side).map_err(|_| unfit())).collect();
    }
    let stride = each_axis(node, "strides", axes, 1, 1)?;
    let dilation = each_axis(node, "dilations", axes, 1, 1)?;
    let more = each_axis(node, "output_padding", axes, 0, 0)?;
    let pads = each_axis(node, "pads", 2 * axes, 0, 0)?;
    let side = |at: usize| {
        if node.text("auto_pad").starts_with("SAME") {
            return sides[at].checked_mul(stride[at]);
        }
        let cut = if node.text("auto_pad") == "VALID" { 0 } else { pads[at] + pads[at + axes] };
        let grown = stride[at].checked_mul(sides[at].checked_sub(1)?)?.checked_add(more[at])?;
        grown.checked_add(kernel[at].checked_sub(1)?.checked_mul(dilation[at])?.checked_add(1)?)?.checked_sub(cut)
    };
    (0..axes).map(|at| side(at).ok_or_else(unfit)).collect()
}

pub(super) fn pooled(call: &Call) -> Result<Vec<Fact>, String> {
    let Some(shape) = call.shape(0).filter(|shape| shape.len() > 2) else {
        return Ok(vec![call.unknown(), call.unknown()]);
    };
    let kernel = each_axis(call.node, "kernel_shape", shape.len() - 2, 1, 1)?;
    let window = Window::new(call.node, &shape[2..], kernel, call.node.int("ceil_mode", 0) != 0)?;
    let shape = [&shape[..2], &window.output].concat();
    Ok(vec![Fact::of(call.element(0), shape.clone()), Fact::of(Some(Element::INT64), shape)])
}

/// One window over all.
pub(super) fn pooled_all(call: &Call) -> Fact {
    let Some(shape) = call.shape(0).filter(|shape| shape.len() > 2) else { return call.unknown() };
    let one = |(at, &extent): (usize, &u64)| if at < 2 { extent } else { 1 };
    Fact::of(call.element(0), shape.iter().enumerate().map(one).collect())
}
