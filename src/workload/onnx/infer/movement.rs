//! Operations that put the same elements elsewhere. Weights that are moved are still the model's, if a view can say where.

use super::elementwise::{broadcast, spread};
use super::{Call, axis, count};
use crate::workload::onnx::data::Weights;
use crate::workload::onnx::fact::{Fact, MOST_NUMBERS, Numbers, shown};
use crate::workload::onnx::view::View;

/// What is seen of a value through a view of all of it.
fn seen(fact: &Fact, through: impl Fn(&View) -> Option<View>) -> Option<Fact> {
    let all = View::whole(fact.shape.as_deref()?);
    let part = through(&all)?;
    let numbers = fact.numbers.as_ref().and_then(|numbers| {
        let places: Vec<usize> = (0..part.count()).map(|index| part.stored(index) as usize).collect();
        numbers.pick(&places)
    });
    let weights = fact.weights.as_ref().and_then(|of| through(&of.view).map(|view| Weights { view, ..of.clone() }));
    Some(Fact { numbers, weights, ..Fact { shape: Some(part.dims), ..fact.clone() } })
}

/// Extents that are asked for; 0 is the old one, -1 what is left.
pub(super) fn reshape(call: &Call) -> Result<Fact, String> {
    let wanted = call.ints(1, "shape").or(Vec::new);
    let (Some(fact), Some(old), Some(wanted)) = (call.input(0), call.shape(0), wanted) else {
        return Ok(call.unknown());
    };
    let all = count(old).ok_or("its input has too many elements")?;
    let keeps_zero = call.node.int("allowzero", 0) == 1;
    let mut shape = Vec::with_capacity(wanted.len());
    let mut left = None;
    for (at, &extent) in wanted.iter().enumerate() {
        shape.push(match extent {
            -1 if left.is_none() => {
                left = Some(at);
                1
            }
            0 if !keeps_zero => *old.get(at).ok_or("it keeps an extent that its input does not have")?,
            extent => u64::try_from(extent).map_err(|_| format!("it asks for an extent of {extent}"))?,
        });
    }
    let given = count(&shape).ok_or("it asks for too many elements")?;
    if let Some(at) = left {
        if given == 0 || all % given != 0 {
            return Err(format!("its input of {} cannot be seen as {wanted:?}", shown(old)));
        }
        shape[at] = all / given;
    }
    if count(&shape) != Some(all) {
        return Err(format!("its input of {} cannot be seen as {wanted:?}", shown(old)));
    }
    Ok(fact.reshaped(shape))
}

pub(super) fn flatten(call: &Call) -> Fact {
    let (Some(fact), Some(old)) = (call.input(0), call.shape(0)) else { return call.unknown() };
    let at = call.node.int("axis", 1);
    let at = if at == old.len() as i64 { Some(old.len()) } else { axis(at, old.len()) };
    let Some((rows, cols)) = at.and_then(|at| count(&old[..at]).zip(count(&old[at..]))) else { return call.unknown() };
    fact.reshaped(vec![rows, cols])
}

pub(super) fn squeeze(call: &Call) -> Fact {
    let (Some(fact), Some(old)) = (call.input(0), call.shape(0)) else { return call.unknown() };
    let ones = || (0..old.len() as i64).filter(|&at| old[at as usize] == 1).collect();
    let Some(axes) = call.ints(1, "axes").or(ones) else { return call.unknown() };
    let Some(axes) = axes.iter().map(|&at| axis(at, old.len())).collect::<Option<Vec<_>>>() else {
        return call.unknown();
    };
    let left = old.iter().enumerate().filter(|(at, _)| !axes.contains(at)).map(|(_, &extent)| extent);
    fact.reshaped(left.collect())
}

pub(super) fn unsqueeze(call: &Call) -> Fact {
    let (Some(fact), Some(old)) = (call.input(0), call.shape(0)) else { return call.unknown() };
    let Some(axes) = call.ints(1, "axes").or(Vec::new) else { return call.unknown() };
    let rank = old.len() + axes.len();
    let Some(mut axes) = axes.iter().map(|&at| axis(at, rank)).collect::<Option<Vec<_>>>() else {
        return call.unknown();
    };
    axes.sort_unstable();
    axes.dedup();
    let mut shape = old.to_vec();
    for at in axes {
        if at > shape.len() {
            return call.unknown();
        }
        shape.insert(at, 1);
    }
    fact.reshaped(shape)
}

pub(super) fn transpose(call: &Call) -> Fact {
    let (Some(fact), Some(rank)) = (call.input(0), call.input(0).and_then(Fact::rank)) else { return call.unknown() };
    let order: Option<Vec<usize>> = match call.node.ints("perm") {
        None => Some((0..rank).rev().collect()),
        Some(perm) => perm.iter().map(|&at| axis(at, rank)).collect(),
    };
    order.and_then(|order| seen(fact, |view| view.transposed(&order))).unwrap_or_else(|| call.unknown())
}

pub(super) fn concat(call: &Call) -> Result<Fact, String> {
    let inputs: Vec<&Fact> = call.inputs.iter().flatten().collect();
    let shapes = inputs.iter().map(|fact| fact.shape.as_deref()).collect::<Option<Vec<_>>>();
    let Some((shapes, first)) = shapes.and_then(|shapes| shapes.first().copied().map(|first| (shapes, first))) else {
        return Ok(call.unknown());
    };
    let Some(along) = axis(call.node.int("axis", 1), first.len()) else { return Ok(call.unknown()) };
    let mut shape = first.to_vec();
    for other in &shapes[1..] {
        let fits = other.len() == shape.len()
            && other.iter().zip(&shape).enumerate().all(|(at, (a, b))| at == along || a == b);
        if !fits {
            return Err(format!("its inputs of {} and {} do not stand side by side", shown(first), shown(other)));
        }
        shape[along] = shape[along].saturating_add(other[along]);
    }
    let is_row = shape.len() == 1;
    let numbers = inputs.iter().map(|fact| fact.numbers.as_ref()).collect::<Option<Vec<_>>>().filter(|_| is_row);
    let numbers = numbers.filter(|all| all.iter().map(|numbers| numbers.len() as u64).sum::<u64>() <= MOST_NUMBERS);
    let numbers = numbers.map(|all| match all.iter().map(|numbers| numbers.ints()).collect::<Option<Vec<_>>>() {
        Some(ints) => Numbers::Ints(ints.concat()),
        None => Numbers::Reals(all.iter().flat_map(|numbers| numbers.reals()).collect()),
    });
    Ok(Fact { numbers, ..Fact::of(call.element(0), shape) })
}

/// The elements of an axis that a slice takes: the first one, how many, and the step.
fn cut(extent: u64, start: i64, end: i64, step: i64) -> Option<(u64, u64, i64)> {
    let extent = i64::try_from(extent).ok()?;
    let counted = |at: i64| if at < 0 { at.saturating_add(extent) } else { at };
    let (low, high) = if step > 0 { (0, extent) } else { (-1, extent - 1) };
    let start = counted(start).clamp(low, high);
    let end = counted(end).clamp(low, high);
    let count = match step {
        0 => return None,
        1.. => (end - start).max(0).div_euclid(step) + i64::from((end - start).max(0) % step != 0),
        _ => {
            let (length, step) = ((start - end).max(0), step.checked_neg()?);
            length / step + i64::from(length % step != 0)
        }
    };
    Some((start.max(0) as u64, count as u64, step))
}

pub(super) fn slice(call: &Call) -> Fact {
    let (Some(fact), Some(old)) = (call.input(0), call.shape(0)) else { return call.unknown() };
    let given = |index, name| call.ints(index, name).or(Vec::new);
    let (Some(starts), Some(ends)) = (given(1, "starts"), given(2, "ends")) else { return call.unknown() };
    let Some(axes) = call.ints(3, "axes").or(|| (0..starts.len() as i64).collect()) else { return call.unknown() };
    let Some(steps) = call.ints(4, "steps").or(|| vec![1; starts.len()]) else { return call.unknown() };
    if [ends.len(), axes.len(), steps.len()].iter().any(|&length| length != starts.len()) {
        return call.unknown();
    }
    let mut parts = Vec::with_capacity(axes.len());
    for (index, &at) in axes.iter().enumerate() {
        let part =
            axis(at, old.len()).and_then(|at| Some((at, cut(old[at], starts[index], ends[index], steps[index])?)));
        let Some(part) = part else { return call.unknown() };
        parts.push(part);
    }
    if parts.iter().all(|(_, (_, _, step))| *step == 1) {
        let through = |view: &View| {
            parts.iter().try_fold(view.clone(), |view, &(at, (first, count, _))| view.sliced(at, first, count))
        };
        return seen(fact, through).unwrap_or_else(|| call.unknown());
    }
    let mut shape = old.to_vec();
    parts.iter().for_each(|&(at, (_, count, _))| shape[at] = count);
    let mut cuts: Vec<(u64, i64)> = vec![(0, 1); old.len()];
    for &(at, (first, _, step)) in &parts {
        cuts[at] = (first, step);
    }
    // Backwards too: PyTorch turns lists of paddings round so.
    let numbers = fact.numbers.as_ref().filter(|_| count(&shape).is_some_and(|count| count <= MOST_NUMBERS));
    let numbers = numbers.and_then(|numbers| {
        let place = |mut index: u64| {
            let (mut place, mut stride) = (0, 1);
            for ((&extent, &of), &(first, step)) in shape.iter().zip(old).zip(&cuts).rev() {
                place += (first as i64 + (index % extent) as i64 * step) * stride;
                (index, stride) = (index / extent, stride * of as i64);
            }
            place as usize
        };
        numbers.pick(&(0..count(&shape)?).map(place).collect::<Vec<_>>())
    });
    Fact { numbers, ..Fact::of(fact.element, shape) }
}

pub(super) fn split(call: &Call) -> Vec<Fact> {
    let parts = call.node.output.len();
    let unknown = || vec![call.unknown(); parts];
    let (Some(fact), Some(old)) = (call.input(0), call.shape(0)) else { return unknown() };
    let Some(at) = axis(call.node.int("axis", 0), old.len()) else { return unknown() };
    let wanted = parts.max(1) as u64;
    let even = || {
        let most = old[at].div_ceil(wanted);
        let part = |index: u64| old[at].saturating_sub(index * most).min(most) as i64;
        (0..wanted).map(part).collect()
    };
    let Some(lengths) = call.ints(1, "split").or(even) else { return unknown() };
    let mut first = 0;
    let mut results = Vec::with_capacity(parts);
    for &length in lengths.iter().take(parts) {
        let part = u64::try_from(length).ok().and_then(|length| seen(fact, |view| view.sliced(at, first, length)));
        let Some(part) = part else { return unknown() };
        first += length as u64;
        results.push(part);
    }
    results
}

pub(super) fn gather(call: &Call) -> Fact {
    let (Some(fact), Some(old), Some(indices)) = (call.input(0), call.shape(0), call.shape(1)) else {
        return call.unknown();
    };
    let Some(at) = axis(call.node.int("axis", 0), old.len()) else { return call.unknown() };
    let wanted = call.input(1).and_then(Fact::known_ints);
    let place = |index: i64| axis(index, old[at] as usize);
    if let (true, Some(&[index])) = (indices.is_empty(), wanted) {
        let picked = place(index).and_then(|index| seen(fact, |view| view.picked(at, index as u64)));
        return picked.unwrap_or_else(|| call.unknown());
    }
    let shape = [&old[..at], indices, &old[at + 1..]].concat();
    // Of a list also the numbers.
    let numbers = fact
        .numbers
        .as_ref()
        .filter(|_| old.len() == 1)
        .and_then(|numbers| numbers.pick(&wanted?.iter().map(|&index| place(index)).collect::<Option<Vec<_>>>()?));
    Fact { numbers, ..Fact::of(fact.element, shape) }
}

pub(super) fn gather_nd(call: &Call) -> Fact {
    let (Some(old), Some(indices)) = (call.shape(0), call.shape(1)) else { return call.unknown() };
    let batch = usize::try_from(call.node.int("batch_dims", 0)).unwrap_or(usize::MAX);
    let shape = indices.split_last().and_then(|(&last, heads)| {
        let behind = old.get(usize::try_from(last).ok()?.checked_add(batch)?..)?;
        Some([heads, behind].concat())
    });
    shape.map_or_else(|| call.unknown(), |shape| Fact::of(call.element(0), shape))
}

pub(super) fn expand(call: &Call) -> Result<Fact, String> {
    let (Some(fact), Some(old)) = (call.input(0), call.shape(0)) else { return Ok(call.unknown()) };
    let Some(wanted) = call.input(1).and_then(Fact::known_ints) else { return Ok(call.unknown()) };
    let Some(wanted) = wanted.iter().map(|&extent| u64::try_from(extent).ok()).collect::<Option<Vec<_>>>() else {
        return Ok(call.unknown());
    };
    let shape = broadcast(&[old, &wanted])?;
    if shape == old {
        return Ok(fact.clone());
    }
    Ok(Fact { numbers: spread(fact, &shape), ..Fact::of(fact.element, shape) })
}

pub(super) fn tile(call: &Call) -> Fact {
    let (Some(old), Some(times)) = (call.shape(0), call.input(1).and_then(Fact::known_ints)) else {
        return call.unknown();
    };
    let each = |(&extent, &times): (&u64, &i64)| extent.checked_mul(u64::try_from(times).ok()?);
    let shape = old.iter().zip(times).map(each).collect::<Option<Vec<_>>>();
    match shape.filter(|shape| shape.len() == times.len() && shape.len() == old.len()) {
        Some(shape) => Fact::of(call.element(0), shape),
        None => call.unknown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_takes_what_python_takes() {
        // Against the definition: indices from start on, by step, while they are before end.
        for extent in 0..6_i64 {
            for (start, end, step) in (-8..8_i64)
                .flat_map(|start| (-8..8).map(move |end| (start, end)))
                .flat_map(|(start, end)| [-3, -2, -1, 1, 2, 3].map(move |step| (start, end, step)))
            {
                let wrap = |at: i64| if at < 0 { at + extent } else { at };
                let (low, high) = if step > 0 { (0, extent) } else { (-1, extent - 1) };
                let from = wrap(start).clamp(low, high);
                let to = wrap(end).clamp(low, high);
                let mut taken = Vec::new();
                let mut at = from;
                while (step > 0 && at < to) || (step < 0 && at > to) {
                    taken.push(at);
                    at += step;
                }
                let (first, count, _) = cut(extent as u64, start, end, step).expect("a step");
                assert_eq!(count, taken.len() as u64, "{extent}[{start}:{end}:{step}]");
                if let Some(&expected) = taken.first() {
                    assert_eq!(first as i64, expected, "{extent}[{start}:{end}:{step}]");
                }
            }
        }
        assert_eq!(cut(5, 4, i64::MIN, -1), Some((4, 5, -1)));
        assert_eq!(cut(5, 0, i64::MAX, 1), Some((0, 5, 1)));
        assert_eq!(cut(5, 0, 5, 0), None);
    }
}
