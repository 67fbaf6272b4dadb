//! Operations that read extents, or whose results are as large as numbers say.

use super::{Call, axis, count};
use crate::workload::onnx::data::Element;
use crate::workload::onnx::fact::{Fact, MOST_NUMBERS, Numbers};

pub(super) fn shape(call: &Call) -> Fact {
    let Some(of) = call.shape(0) else { return call.unknown() };
    let rank = of.len() as i64;
    let bound = |name, absent: i64| {
        let at = call.node.int(name, absent);
        (if at < 0 { at.saturating_add(rank) } else { at }).clamp(0, rank) as usize
    };
    let (start, end) = (bound("start", 0), bound("end", rank));
    let part = of.get(start..end).unwrap_or_default();
    Fact::ints(vec![part.len() as u64], part.iter().map(|&extent| extent as i64).collect())
}

pub(super) fn size(call: &Call) -> Fact {
    match call.shape(0).and_then(count) {
        Some(count) => Fact::ints(Vec::new(), vec![count as i64]),
        None => call.unknown(),
    }
}

/// `ConstantOfShape`: as many of the same as its input says.
pub(super) fn filled(call: &Call) -> Fact {
    let wanted = call.input(0).and_then(Fact::known_ints);
    let Some(shape) =
        wanted.and_then(|all| all.iter().map(|&extent| u64::try_from(extent).ok()).collect::<Option<Vec<_>>>())
    else {
        return call.unknown();
    };
    let element =
        call.node.attribute("value").and_then(|value| value.t.first()).map(|tensor| Element(tensor.data_type));
    // The value itself stands in the file; that of shapes is mostly the 0 or the 1 that `walk` puts here.
    Fact::of(Some(element.unwrap_or(Element::FLOAT)), shape)
}

pub(super) fn range(call: &Call) -> Fact {
    let number = |index| call.input(index).and_then(|fact| fact.numbers.as_ref()).filter(|numbers| numbers.len() == 1);
    let (Some(start), Some(limit), Some(delta)) = (number(0), number(1), number(2)) else { return call.unknown() };
    if let (Some(&[start]), Some(&[limit]), Some(&[delta])) = (start.ints(), limit.ints(), delta.ints()) {
        let span = i128::from(limit) - i128::from(start);
        let (span, step) = if delta < 0 { (-span, -i128::from(delta)) } else { (span, i128::from(delta)) };
        let Some(count) = (step > 0).then(|| span.max(0) / step + i128::from(span.max(0) % step != 0)) else {
            return call.unknown();
        };
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        if count <= MOST_NUMBERS {
            let ints = (0..count as i64).map(|index| start.saturating_add(index.saturating_mul(delta))).collect();
            return Fact { element: call.element(0), ..Fact::ints(vec![count], ints) };
        }
        return Fact::of(call.element(0), vec![count]);
    }
    let (start, limit, delta) = (start.reals()[0], limit.reals()[0], delta.reals()[0]);
    let count = ((limit - start) / delta).ceil().max(0.0);
    // 2^53: no count that is not exact.
    if count.is_finite() && count < 9.0e15 { Fact::of(call.element(0), vec![count as u64]) } else { call.unknown() }
}

pub(super) fn pad(call: &Call) -> Fact {
    let Some(old) = call.shape(0) else { return call.unknown() };
    let attribute = if call.node.attribute("pads").is_some() { "pads" } else { "paddings" };
    let Some(pads) = call.ints(1, attribute).or(Vec::new) else { return call.unknown() };
    let all = || (0..old.len() as i64).collect();
    let Some(axes) = call.ints(3, "axes").or(all) else { return call.unknown() };
    let mut shape = old.to_vec();
    if pads.len() != 2 * axes.len() {
        return call.unknown();
    }
    for (index, &at) in axes.iter().enumerate() {
        let extent = axis(at, old.len()).and_then(|at| {
            let grown =
                i64::try_from(shape[at]).ok()?.checked_add(pads[index])?.checked_add(pads[axes.len() + index])?;
            Some((at, u64::try_from(grown).ok()?))
        });
        let Some((at, extent)) = extent else { return call.unknown() };
        shape[at] = extent;
    }
    Fact::of(call.element(0), shape)
}

/// `DepthToSpace` and `SpaceToDepth`: blocks of channels become blocks of pixels, or the other way.
pub(super) fn blocks(call: &Call) -> Fact {
    let block = u64::try_from(call.node.int("blocksize", 1)).unwrap_or(1).max(1);
    let Some(&[batch, channels, height, width]) = call.shape(0) else { return call.unknown() };
    let shape = match (call.node.op_type.as_str(), block.checked_mul(block)) {
        ("DepthToSpace", Some(area)) => [height, width]
            .map(|side| side.checked_mul(block))
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map(|sides| vec![batch, channels / area, sides[0], sides[1]]),
        (_, Some(area)) => {
            channels.checked_mul(area).map(|channels| vec![batch, channels, height / block, width / block])
        }
        (_, None) => None,
    };
    shape.map_or_else(|| call.unknown(), |shape| Fact::of(call.element(0), shape))
}

pub(super) fn one_hot(call: &Call) -> Fact {
    let depth = call.input(1).and_then(|fact| fact.numbers.as_ref()).filter(|numbers| numbers.len() == 1);
    let (Some(old), Some(depth)) = (call.shape(0), depth) else { return call.unknown() };
    let at = call.node.int("axis", -1);
    let at = axis(at, old.len() + 1);
    let depth = depth.reals()[0];
    let (Some(at), true) = (at, (1.0..9.0e15).contains(&depth)) else { return call.unknown() };
    let mut shape = old.to_vec();
    shape.insert(at, depth as u64);
    Fact::of(call.element(2), shape)
}

pub(super) fn top(call: &Call) -> Vec<Fact> {
    let wanted = match call.ints(1, "k") {
        super::Given::Absent => call.node.attribute("k").and_then(|k| k.i).map(|k| vec![k]),
        given => given.or(Vec::new),
    };
    let shape = call.shape(0).and_then(|old| {
        let at = axis(call.node.int("axis", -1), old.len())?;
        let mut shape = old.to_vec();
        shape[at] = u64::try_from(*wanted?.first()?).ok()?;
        Some(shape)
    });
    match shape {
        Some(shape) => vec![Fact::of(call.element(0), shape.clone()), Fact::of(Some(Element::INT64), shape)],
        None => vec![call.unknown(), call.unknown()],
    }
}

/// `Resize` and `Upsample`: by sizes, or by factors, in the float32 of the models.
pub(super) fn resize(call: &Call) -> Fact {
    let Some(old) = call.shape(0) else { return call.unknown() };
    let axes: Option<Vec<usize>> = match call.node.ints("axes") {
        None => Some((0..old.len()).collect()),
        Some(axes) => axes.iter().map(|&at| axis(at, old.len())).collect(),
    };
    let Some(axes) = axes else { return call.unknown() };
    // X and scales, or X, roi, scales and sizes.
    let scales_at = if call.inputs.len() == 2 { 1 } else { 2 };
    let numbers = |index: usize| call.input(index).and_then(|fact| fact.numbers.as_ref()).filter(|of| of.len() > 0);
    let given: Option<Vec<f64>> = match (numbers(scales_at), call.node.attribute("scales")) {
        (Some(Numbers::Reals(scales)), _) => Some(scales.clone()),
        (None, Some(scales)) => Some(scales.floats.iter().map(|&scale| f64::from(scale)).collect()),
        _ => None,
    };
    let mut shape = old.to_vec();
    if let Some(sizes) = numbers(3).and_then(Numbers::ints) {
        let policy = call.node.text("keep_aspect_ratio_policy");
        if sizes.len() != axes.len() || !matches!(policy, "" | "stretch") {
            return call.unknown();
        }
        for (&at, &size) in axes.iter().zip(sizes) {
            let Ok(size) = u64::try_from(size) else { return call.unknown() };
            shape[at] = size;
        }
        return Fact::of(call.element(0), shape);
    }
    let Some(scales) = given.filter(|scales| scales.len() == axes.len()) else { return call.unknown() };
    for (&at, &scale) in axes.iter().zip(&scales) {
        let size = (shape[at] as f32 * scale as f32).floor();
        if !(1.0..9.0e15).contains(&size) {
            return call.unknown();
        }
        shape[at] = size as u64;
    }
    Fact::of(call.element(0), shape)
}
