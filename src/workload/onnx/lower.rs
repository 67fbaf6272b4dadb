//! The products of a node: which of the workload's layers it becomes, and which of the model's weights they multiply.

use super::data::Weights;
use super::fact::{Fact, count, shown};
use super::infer::{Call, Gemm, convolution, gemm, matmul, recurrence, transposed_convolution};
use super::view::View;
use super::walk::Walk;
use crate::mistake::Mistake;
use crate::workload::conv::Conv;
use crate::workload::onnx::error::mistake;
use crate::workload::resolve::{GREATEST_EXTENT, GREATEST_REPEAT};

/// Products with weights of their own that one node becomes as layers of their own.
const MOST_LAYERS: u64 = 64;

/// One layer to be.
pub(super) struct Lowered {
    /// The name of its node, or of what it gives, and what is behind it.
    pub name: String,
    pub suffix: String,
    /// What the node is.
    pub operation: String,
    pub form: Form,
    /// How many times it occurs.
    pub repeat: u64,
    /// The model's own values of A and of B; drawn where there are none.
    pub a: Option<Weights>,
    pub b: Option<Weights>,
}

/// The shape of a layer.
pub(super) enum Form {
    Gemm { m: u64, n: u64, k: u64, products: u64 },
    Conv(Conv),
}

/// Where an operation has its two factors, and the zero points of each.
struct Places {
    a: usize,
    a_zero: Option<usize>,
    b: usize,
    b_zero: Option<usize>,
}

impl Places {
    fn of(operation: &str) -> Self {
        let (a, a_zero, b, b_zero) = match operation {
            "MatMulInteger" | "ConvInteger" => (0, Some(2), 1, Some(3)),
            "QLinearMatMul" | "QLinearConv" => (0, Some(2), 3, Some(5)),
            "DynamicQuantizeMatMul" => (0, None, 1, Some(3)),
            "MatMulIntegerToFloat" => (0, Some(4), 1, Some(5)),
            _ => (0, None, 1, None),
        };
        Self { a, a_zero, b, b_zero }
    }
}

/// What is known of the results of a product, which becomes layers.
///
/// # Errors
/// Extents that do not go together, are not known, or are too large.
pub(super) fn product(walk: &mut Walk, call: &Call) -> Result<Vec<Fact>, Mistake> {
    match call.node.op_type.as_str() {
        "Conv" | "FusedConv" | "ConvInteger" | "QLinearConv" => conv(walk, call),
        "ConvTranspose" => conv_transpose(walk, call),
        "LSTM" | "GRU" | "RNN" => recurrent(walk, call),
        _ => matrices(walk, call),
    }
}

/// Whether a value is one for each run, so that what is made of it is not part of any.
fn is_fixed(walk: &Walk, call: &Call, places: &Places) -> Result<bool, Mistake> {
    let input = |index| call.input(index).ok_or_else(|| walk.at(call.node, &format!("its input {index} is missing")));
    let (a, b) = (input(places.a)?, input(places.b)?);
    Ok(a.constant && b.constant && !a.given && !b.given)
}

/// The factor of a product, less its zero point, and counted if it is constant and yet not one of the model's own tensors.
fn factor(walk: &mut Walk, call: &Call, index: usize, zero: Option<usize>, axis: i64) -> Option<Weights> {
    let fact = call.input(index)?.clone();
    let constant = fact.constant && !fact.given;
    let fact = walk.less_zero(fact, zero.and_then(|zero| call.input(zero)), axis);
    if fact.weights.is_none() && constant {
        lost(walk, fact.computed.as_deref().unwrap_or("an operation"));
    }
    fact.weights
}

/// Counts weights that are drawn.
fn lost(walk: &mut Walk, why: &str) {
    *walk.computed.entry(why.to_owned()).or_default() += 1;
}

/// The result of a node: its type is not followed further than it must be.
fn result(call: &Call, shape: Vec<u64>) -> Vec<Fact> {
    vec![Fact::of(call.element(0), shape)]
}

/// `MatMul`, `Gemm` and their quantised kin.
fn matrices(walk: &mut Walk, call: &Call) -> Result<Vec<Fact>, Mistake> {
    let node = call.node;
    let places = Places::of(&node.op_type);
    let is_gemm = matches!(node.op_type.as_str(), "Gemm" | "FusedGemm");
    let fixed = is_fixed(walk, call, &places)?;
    let (a_shape, b_shape) = (walk.extents(call, places.a)?.to_vec(), walk.extents(call, places.b)?.to_vec());
    let turns = |name: &str| !matches!(node.op_type.as_str(), "MatMul" | "QLinearMatMul") && node.int(name, 0) != 0;
    let (a_turned, b_turned) = (turns("transA"), turns("transB"));
    let product = match is_gemm {
        true => gemm(node, &a_shape, &b_shape),
        false => {
            let turn = |shape: &[u64], turned| match (turned, shape) {
                (true, [heads @ .., rows, cols]) => [heads, &[*cols, *rows]].concat(),
                _ => shape.to_vec(),
            };
            matmul(&turn(&a_shape, a_turned), &turn(&b_shape, b_turned))
        }
    };
    let product = product.map_err(|reason| walk.at(node, &reason))?;
    if fixed {
        return Ok(result(call, product.shape));
    }
    let turned = |weights: Weights, turned: bool| match turned {
        false => Some(weights),
        true => Some(Weights { view: weights.view.turned()?, ..weights }),
    };
    let a = factor(walk, call, places.a, places.a_zero, -2).and_then(|weights| turned(weights, a_turned));
    let b = factor(walk, call, places.b, places.b_zero, -1).and_then(|weights| turned(weights, b_turned));
    spread(walk, call, &product, a, b)?;
    Ok(result(call, product.shape))
}

/// The layers of a product, or of a list of them: matrices that share a factor stand below or beside each other.
fn spread(walk: &mut Walk, call: &Call, of: &Gemm, a: Option<Weights>, b: Option<Weights>) -> Result<(), Mistake> {
    let all = |heads: &[u64]| count(heads).unwrap_or(u64::MAX);
    let (heads, a_heads, b_heads) = (all(&of.heads), all(&of.a_heads), all(&of.b_heads));
    let (m, n, k) = (of.m, of.n, of.k);
    let mut unseen = false;
    let mut seen = |weights: Option<Weights>, dims: [u64; 2]| {
        let weights = weights?;
        let view = weights.view.reshaped(&dims);
        unseen |= view.is_none();
        Some(Weights { view: view?, ..weights })
    };
    let gemm = |m: u64, n: u64, products: u64| Form::Gemm { m, n, k, products };
    if b_heads == 1 {
        let a = if a_heads == 1 { seen(a, [m, k]) } else { None };
        let factors = (a, seen(b, [k, n]));
        if unseen {
            lost(walk, "an order that no view has");
        }
        return push(walk, call, "", gemm(m.saturating_mul(heads), n, 1), 1, factors);
    }
    if a_heads == 1 {
        let factors = (seen(a, [m, k]), None);
        if unseen || b.is_some() {
            lost(walk, "an order that no view has");
        }
        return push(walk, call, "", gemm(m, n.saturating_mul(heads), 1), 1, factors);
    }
    if let (Some(weights), true) = (&b, of.heads == of.b_heads && heads <= MOST_LAYERS) {
        for head in 0..heads {
            let view = pick(&weights.view, &of.b_heads, head);
            let b = view.and_then(|view| seen(Some(Weights { view, ..weights.clone() }), [k, n]));
            push(walk, call, &format!(".{head}"), gemm(m, n, 1), 1, (None, b))?;
        }
        return Ok(());
    }
    if a.or(b).is_some() {
        lost(walk, "several matrices of one layer");
    }
    push(walk, call, "", gemm(m, n, heads), 1, (None, None))
}

/// The matrix of this number in a list of lists of them.
fn pick(view: &View, heads: &[u64], mut index: u64) -> Option<View> {
    let mut places = Vec::with_capacity(heads.len());
    for &extent in heads.iter().rev() {
        places.push(index % extent);
        index /= extent;
    }
    places.iter().rev().try_fold(view.clone(), |view, &place| view.picked(0, place))
}

/// The extents of an image and of filters as rows and columns: a list is an image of one row.
fn sides(extents: &[u64]) -> Option<[usize; 2]> {
    let whole = |extent: u64| usize::try_from(extent).ok();
    match *extents {
        [cols] => Some([1, whole(cols)?]),
        [rows, cols] => Some([whole(rows)?, whole(cols)?]),
        _ => None,
    }
}

fn conv(walk: &mut Walk, call: &Call) -> Result<Vec<Fact>, Mistake> {
    let node = call.node;
    let places = Places::of(&node.op_type);
    let fixed = is_fixed(walk, call, &places)?;
    let (input, filters) = (walk.extents(call, places.a)?.to_vec(), walk.extents(call, places.b)?.to_vec());
    let window = convolution(node, &input, &filters).map_err(|reason| walk.at(node, &reason))?;
    let shape = [&[input[0], filters[0]], window.output.as_slice()].concat();
    if fixed {
        return Ok(result(call, shape));
    }
    let groups = u64::try_from(node.int("group", 1)).unwrap_or(0);
    if groups == 0 || filters[1].checked_mul(groups) != Some(input[1]) || filters[0] % groups != 0 {
        let reason =
            format!("{groups} groups of filters of {} do not go over an input of {}", shown(&filters), shown(&input));
        return Err(walk.at(node, &reason));
    }
    let weights = factor(walk, call, places.b, places.b_zero, 0);
    let whole = |extent: u64| usize::try_from(extent).unwrap_or(usize::MAX);
    let one = |extents: &[u64], absent: u64| match extents {
        [cols] => [absent as usize, whole(*cols)],
        _ => sides(extents).unwrap_or([absent as usize; 2]),
    };
    let (Some(image), Some(kernel)) = (sides(&input[2..]), sides(&filters[2..])) else {
        return Err(mistake(
            "workload::onnx_unsupported",
            format!("{}: node `{}` goes over {} axes", walk.shown, call.label(), input.len() - 2),
            "convolutions over one axis or two are lowered",
        ));
    };
    let conv = Conv {
        batch: whole(input[0]),
        channels: whole(input[1]),
        input: image,
        filters: whole(filters[0]),
        kernel,
        stride: one(&window.stride, 1),
        padding: one(&window.before, 0),
        after: one(&window.after, 0),
        dilation: one(&window.dilation, 1),
        groups: whole(groups),
    };
    // As for the convolutions of a workload file, before anything is multiplied in a machine word.
    let most = |extents: &[u64]| count(extents).is_none_or(|product| product > GREATEST_EXTENT as u64);
    let pixels = [&input[..1], &input[2..]].concat();
    let windows = [&input[..1], window.output.as_slice()].concat();
    if most(&pixels) || most(&windows) || most(&filters[1..]) || most(&input[1..2]) || most(&shape[..2]) {
        let reason =
            format!("a convolution of {} by {} is larger than what is simulated", shown(&input), shown(&filters));
        return Err(too_large(walk, call, &reason));
    }
    let dims = [filters[0], filters[1], kernel[0] as u64, kernel[1] as u64];
    let b = weights.and_then(|weights| Some(Weights { view: weights.view.reshaped(&dims)?, ..weights }));
    push(walk, call, "", Form::Conv(conv), 1, (None, b))?;
    Ok(result(call, shape))
}

/// A product of the input's pixels with all filters at once; its results are then added where windows overlap.
fn conv_transpose(walk: &mut Walk, call: &Call) -> Result<Vec<Fact>, Mistake> {
    let node = call.node;
    let places = Places::of(&node.op_type);
    let fixed = is_fixed(walk, call, &places)?;
    let (input, filters) = (walk.extents(call, 0)?.to_vec(), walk.extents(call, 1)?.to_vec());
    let behind = transposed_convolution(node, &input, &filters).map_err(|reason| walk.at(node, &reason))?;
    let groups = u64::try_from(node.int("group", 1)).unwrap_or(0);
    let channels = filters[1].checked_mul(groups);
    let (Some(channels), true) = (channels, groups > 0 && filters[0] == input[1] && filters[0] % groups.max(1) == 0)
    else {
        let reason =
            format!("{groups} groups of filters of {} do not go over an input of {}", shown(&filters), shown(&input));
        return Err(walk.at(node, &reason));
    };
    let shape = [&[input[0], channels], behind.as_slice()].concat();
    if fixed {
        return Ok(result(call, shape));
    }
    let pixels = count(&[&input[..1], &input[2..]].concat()).unwrap_or(u64::MAX);
    let (k, n) = (filters[0] / groups, count(&filters[1..]).unwrap_or(u64::MAX));
    let weights = factor(walk, call, 1, None, 0);
    let form = |products| Form::Gemm { m: pixels, n, k, products };
    match weights {
        Some(weights) if groups <= MOST_LAYERS => {
            for group in 0..groups {
                let view = weights.view.sliced(0, group * k, k).and_then(|view| view.reshaped(&[k, n]));
                let b = view.map(|view| Weights { view, ..weights.clone() });
                let suffix = if groups == 1 { String::new() } else { format!(".{group}") };
                push(walk, call, &suffix, form(1), 1, (None, b))?;
            }
        }
        weights => {
            if weights.is_some() {
                lost(walk, "many groups");
            }
            push(walk, call, "", form(groups), 1, (None, None))?;
        }
    }
    Ok(result(call, shape))
}

/// The products of the input for all steps at once, and of the state for each step.
fn recurrent(walk: &mut Walk, call: &Call) -> Result<Vec<Fact>, Mistake> {
    for index in 0..3 {
        walk.extents(call, index)?;
    }
    let found = recurrence(call).map_err(|reason| walk.at(call.node, &reason))?;
    let Some((cell, results)) = found else { return Ok(vec![call.unknown(); 3]) };
    for direction in 0..cell.directions.min(2) {
        let back = if direction == 1 { "-back" } else { "" };
        let mut weights = |index: usize| {
            let of = factor(walk, call, index, None, 0)?;
            let view = of.view.picked(0, direction).and_then(|view| view.turned())?;
            Some(Weights { view, ..of })
        };
        let (of_input, of_state) = (weights(1), weights(2));
        let rows = cell.steps.saturating_mul(cell.batch);
        let form = |m, k| Form::Gemm { m, n: cell.gates, k, products: 1 };
        push(walk, call, &format!(".input{back}"), form(rows, cell.input), 1, (None, of_input))?;
        push(walk, call, &format!(".state{back}"), form(cell.batch, cell.hidden), cell.steps, (None, of_state))?;
    }
    Ok(results)
}

/// A layer that is larger than what is simulated.
fn too_large(walk: &Walk, call: &Call, reason: &str) -> Mistake {
    let message = format!("{}: node `{}`: {reason}", walk.shown, call.label());
    mistake(
        "workload::onnx_node",
        message,
        "give smaller extents: `bitweight explain workload::onnx-node` has the greatest",
    )
}

/// Takes a layer into the workload; one without elements computes nothing and is left out.
fn push(
    walk: &mut Walk,
    call: &Call,
    suffix: &str,
    form: Form,
    repeat: u64,
    (a, b): (Option<Weights>, Option<Weights>),
) -> Result<(), Mistake> {
    let extents = match &form {
        Form::Gemm { m, n, k, .. } => [*m, *n, *k],
        Form::Conv(conv) => {
            let (m, n, k) = conv.product();
            [m as u64, n as u64, k as u64]
        }
    };
    let products = match &form {
        Form::Gemm { products, .. } => *products,
        Form::Conv(conv) => conv.groups as u64,
    };
    if extents.contains(&0) || products == 0 || repeat == 0 {
        walk.notes.push(format!("`{}` multiplies nothing and is left out", call.label()));
        return Ok(());
    }
    let [m, n, k] = extents;
    let fits = extents.iter().all(|&extent| extent <= GREATEST_EXTENT as u64);
    if !fits || products > GREATEST_REPEAT as u64 || repeat > GREATEST_REPEAT as u64 {
        let reason = format!("{products} products of {m} x {n} x {k}, {repeat} times, are more than what is simulated");
        return Err(too_large(walk, call, &reason));
    }
    let name = match (call.node.name.as_str(), call.node.output.first()) {
        ("", Some(output)) => output.clone(),
        (name, _) => name.to_owned(),
    };
    let operation = call.node.operation();
    walk.products.push(Lowered { name, suffix: suffix.to_owned(), operation, form, repeat, a, b });
    Ok(())
}
