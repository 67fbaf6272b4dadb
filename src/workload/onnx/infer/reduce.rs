//! Operations that make one element of all along an axis.

use super::{Call, axis};
use crate::workload::onnx::data::Element;
use crate::workload::onnx::fact::{Fact, Numbers};

/// Extents of which these axes become 1, or go.
fn without(shape: &[u64], axes: &[usize], keeps: bool) -> Vec<u64> {
    let each = |(at, &extent): (usize, &u64)| match (axes.contains(&at), keeps) {
        (false, _) => Some(extent),
        (true, true) => Some(1),
        (true, false) => None,
    };
    shape.iter().enumerate().filter_map(each).collect()
}

pub(super) fn reduced(call: &Call) -> Fact {
    let Some(old) = call.shape(0) else { return call.unknown() };
    let Some(axes) = call.ints(1, "axes").or(Vec::new) else { return call.unknown() };
    let Some(mut axes) = axes.iter().map(|&at| axis(at, old.len())).collect::<Option<Vec<_>>>() else {
        return call.unknown();
    };
    if axes.is_empty() && call.node.int("noop_with_empty_axes", 0) == 0 {
        axes = (0..old.len()).collect();
    }
    let shape = without(old, &axes, call.node.int("keepdims", 1) != 0);
    // Of a list the numbers too: products and sums of extents.
    let ints = call.input(0).and_then(Fact::known_ints).filter(|ints| axes.len() == old.len() && !ints.is_empty());
    let number = ints.and_then(|ints| match call.node.op_type.as_str() {
        "ReduceProd" => ints.iter().try_fold(1_i64, |product, &int| product.checked_mul(int)),
        "ReduceSum" => ints.iter().try_fold(0_i64, |sum, &int| sum.checked_add(int)),
        "ReduceMax" => ints.iter().copied().max(),
        "ReduceMin" => ints.iter().copied().min(),
        _ => None,
    });
    Fact { numbers: number.map(|number| Numbers::Ints(vec![number])), ..Fact::of(call.element(0), shape) }
}

pub(super) fn arg(call: &Call) -> Fact {
    let Some(old) = call.shape(0) else { return call.unknown() };
    let Some(at) = axis(call.node.int("axis", 0), old.len()) else { return call.unknown() };
    Fact::of(Some(Element::INT64), without(old, &[at], call.node.int("keepdims", 1) != 0))
}
