//! Operations that look at elements of the same place.

use super::{Call, count};
use crate::workload::onnx::data::{Element, Weights};
use crate::workload::onnx::fact::{Fact, MOST_NUMBERS, Numbers, shown};

/// The extents to which all of these are stretched.
///
/// # Errors
/// Extents that differ and are not 1.
pub(in crate::workload::onnx) fn broadcast(shapes: &[&[u64]]) -> Result<Vec<u64>, String> {
    let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut all = vec![1; rank];
    for shape in shapes {
        for (&extent, of) in shape.iter().rev().zip(all.iter_mut().rev()) {
            if *of == 1 {
                *of = extent;
            } else if extent != 1 && extent != *of {
                let shapes: Vec<String> = shapes.iter().map(|shape| shown(shape)).collect();
                return Err(format!("its inputs of {} do not go together", shapes.join(" and ")));
            }
        }
    }
    Ok(all)
}

/// For each element of `shape`, the element of an input of extents `from` that is stretched to it.
pub(super) fn stretched(shape: &[u64], from: &[u64]) -> Vec<usize> {
    let all = count(shape).unwrap_or(0);
    let place = |mut index: u64| {
        let (mut place, mut stride) = (0, 1);
        for (at, &extent) in shape.iter().enumerate().rev() {
            let step = index % extent;
            index /= extent;
            let Some(of) = (at + from.len()).checked_sub(shape.len()).map(|at| from[at]) else { break };
            place += if of == 1 { 0 } else { step * stride };
            stride *= of;
        }
        place as usize
    };
    (0..all).map(place).collect()
}

/// The numbers of an input for each element of `shape`.
pub(super) fn spread(fact: &Fact, shape: &[u64]) -> Option<Numbers> {
    count(shape).filter(|&count| count <= MOST_NUMBERS)?;
    fact.numbers.as_ref()?.pick(&stretched(shape, fact.shape.as_deref()?))
}

/// One input; numbers of the operations that shapes are computed with.
pub(super) fn unary(call: &Call, element: Option<Element>) -> Fact {
    let Some(shape) = call.shape(0) else { return call.unknown() };
    let operation = call.node.op_type.as_str();
    let numbers = match call.input(0).and_then(|fact| fact.numbers.as_ref()) {
        Some(Numbers::Ints(ints)) => {
            let each = |&int: &i64| match operation {
                "Neg" => int.checked_neg(),
                "Abs" => int.checked_abs(),
                "Sign" => Some(int.signum()),
                "Relu" => Some(int.max(0)),
                "Not" => Some(i64::from(int == 0)),
                _ => None,
            };
            ints.iter().map(each).collect::<Option<Vec<_>>>().map(Numbers::Ints)
        }
        Some(Numbers::Reals(reals)) => {
            let each = |&real: &f64| match operation {
                "Neg" => Some(-real),
                "Abs" => Some(real.abs()),
                "Floor" => Some(real.floor()),
                "Ceil" => Some(real.ceil()),
                "Round" => Some(real.round_ties_even()),
                "Sqrt" => Some(real.sqrt()),
                "Reciprocal" => Some(real.recip()),
                _ => None,
            };
            reals.iter().map(each).collect::<Option<Vec<_>>>().map(Numbers::Reals)
        }
        None => None,
    };
    Fact { numbers, ..Fact::of(element, shape.to_vec()) }
}

/// Several inputs, stretched to the same extents.
pub(super) fn several(call: &Call) -> Result<Fact, String> {
    let operation = call.node.op_type.as_str();
    let inputs: Vec<&Fact> = call.inputs.iter().flatten().collect();
    let Some(shapes) = inputs.iter().map(|fact| fact.shape.as_deref()).collect::<Option<Vec<_>>>() else {
        return Ok(call.unknown());
    };
    // Older models say with an attribute along which axis a shorter input stands.
    if call.node.attribute("axis").is_some() && call.node.int("broadcast", 0) == 1 {
        return Ok(Fact::of(call.element(0), shapes[0].to_vec()));
    }
    let shape = broadcast(&shapes)?;
    let compares =
        matches!(operation, "And" | "Or" | "Xor" | "Equal" | "Greater" | "Less" | "GreaterOrEqual" | "LessOrEqual");
    let element = if compares { Some(Element::BOOL) } else { call.element(0) };
    let numbers = inputs.iter().map(|fact| spread(fact, &shape)).collect::<Option<Vec<_>>>();
    let numbers = numbers.and_then(|all| folded(operation, &all)).map(|numbers| match (compares, numbers) {
        (true, Numbers::Reals(reals)) => Numbers::Ints(reals.iter().map(|&real| i64::from(real != 0.0)).collect()),
        (_, numbers) => numbers,
    });
    Ok(Fact { numbers, ..Fact::of(element, shape) })
}

/// All inputs from left to right, element by element.
fn folded(operation: &str, inputs: &[Numbers]) -> Option<Numbers> {
    let (first, others) = inputs.split_first()?;
    let mut sum = first.clone();
    for other in others {
        sum = match (&sum, other) {
            (Numbers::Ints(a), Numbers::Ints(b)) => {
                let each = |(&a, &b): (&i64, &i64)| of_ints(operation, a, b);
                Numbers::Ints(a.iter().zip(b).map(each).collect::<Option<_>>()?)
            }
            (a, b) => {
                let each = |(a, b): (f64, f64)| of_reals(operation, a, b);
                Numbers::Reals(a.reals().into_iter().zip(b.reals()).map(each).collect::<Option<_>>()?)
            }
        };
    }
    (operation != "Mean").then_some(sum)
}

fn of_ints(operation: &str, a: i64, b: i64) -> Option<i64> {
    Some(match operation {
        "Add" | "Sum" => a.checked_add(b)?,
        "Sub" => a.checked_sub(b)?,
        "Mul" => a.checked_mul(b)?,
        // As C divides: towards zero.
        "Div" => a.checked_div(b)?,
        "Mod" => a.checked_rem_euclid(b).filter(|_| b > 0)?,
        "Pow" => a.checked_pow(u32::try_from(b).ok()?)?,
        "Min" => a.min(b),
        "Max" => a.max(b),
        "And" => i64::from(a != 0 && b != 0),
        "Or" => i64::from(a != 0 || b != 0),
        "Xor" => i64::from((a != 0) != (b != 0)),
        "Equal" => i64::from(a == b),
        "Greater" => i64::from(a > b),
        "Less" => i64::from(a < b),
        "GreaterOrEqual" => i64::from(a >= b),
        "LessOrEqual" => i64::from(a <= b),
        _ => return None,
    })
}

fn of_reals(operation: &str, a: f64, b: f64) -> Option<f64> {
    let truth = |is: bool| f64::from(u8::from(is));
    Some(match operation {
        "Add" | "Sum" => a + b,
        "Sub" => a - b,
        "Mul" => a * b,
        "Div" => a / b,
        "Pow" => a.powf(b),
        "Min" => a.min(b),
        "Max" => a.max(b),
        "Equal" => truth(a == b),
        "Greater" => truth(a > b),
        "Less" => truth(a < b),
        "GreaterOrEqual" => truth(a >= b),
        "LessOrEqual" => truth(a <= b),
        _ => return None,
    })
}

/// `Where`: a condition and two choices.
pub(super) fn chosen(call: &Call) -> Result<Fact, String> {
    let Some(shapes) = (0..3).map(|index| call.shape(index)).collect::<Option<Vec<_>>>() else {
        return Ok(call.unknown());
    };
    let shape = broadcast(&shapes)?;
    let numbers = (0..3).map(|index| spread(call.input(index)?, &shape)).collect::<Option<Vec<_>>>();
    let numbers = numbers.and_then(|all| match all.as_slice() {
        [Numbers::Ints(which), Numbers::Ints(a), Numbers::Ints(b)] => {
            let each = |(&which, (&a, &b)): (&i64, (&i64, &i64))| if which != 0 { a } else { b };
            Some(Numbers::Ints(which.iter().zip(a.iter().zip(b)).map(each).collect()))
        }
        _ => None,
    });
    Ok(Fact { numbers, ..Fact::of(call.element(1), shape) })
}

/// A type for another one. Reals of another width are the same weights, as integers that become reals are.
pub(super) fn cast(call: &Call) -> Fact {
    let to = match call.node.attribute("to").and_then(|to| to.i) {
        Some(to) => i32::try_from(to).ok().map(Element),
        None => call.element(1),
    };
    let Some(fact) = call.input(0).cloned() else { return call.unknown() };
    let is_real = to.is_some_and(|to| to.real().is_some());
    let numbers = fact.numbers.map(|numbers| match (is_real, numbers) {
        (true, numbers) => Numbers::Reals(numbers.reals()),
        (false, Numbers::Reals(reals)) if to == Some(Element::BOOL) => {
            Numbers::Ints(reals.iter().map(|&real| i64::from(real != 0.0)).collect())
        }
        (false, Numbers::Reals(reals)) => Numbers::Ints(reals.iter().map(|&real| real as i64).collect()),
        (false, Numbers::Ints(ints)) if to == Some(Element::BOOL) => {
            Numbers::Ints(ints.iter().map(|&int| i64::from(int != 0)).collect())
        }
        (false, numbers) => numbers,
    });
    let weights = fact.weights.filter(|_| is_real);
    Fact { element: to, numbers, weights, ..fact }
}

/// `QuantizeLinear` and `DequantizeLinear`: weights stay the integers, or the reals, that the model has.
pub(super) fn rescaled(call: &Call) -> Fact {
    let Some(fact) = call.input(0).cloned() else { return call.unknown() };
    let quantizes = call.node.op_type == "QuantizeLinear";
    let element = match (quantizes, call.element(2)) {
        (true, Some(element)) => Some(element),
        (true, None) => Some(Element(call.node.int("output_dtype", 2) as i32)),
        (false, _) => Some(call.element(1).unwrap_or(Element::FLOAT)),
    };
    let weights = fact.weights.filter(|weights: &Weights| quantizes == weights.tensor.element.real().is_some());
    Fact { element, numbers: None, weights, ..fact }
}
