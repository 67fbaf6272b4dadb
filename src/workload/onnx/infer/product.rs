//! The products in an operation: their shapes, and those of its results.

use super::{Call, broadcast};
use crate::workload::onnx::fact::{Fact, shown};
use crate::workload::onnx::proto::Node;

/// `C[M,N] = A[M,K] * B[K,N]`, several times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::workload::onnx) struct Gemm {
    pub m: u64,
    pub n: u64,
    pub k: u64,
    /// Extents before the last two of A.
    pub a_heads: Vec<u64>,
    /// Those of B.
    pub b_heads: Vec<u64>,
    /// Those of the result.
    pub heads: Vec<u64>,
    /// All extents of the result.
    pub shape: Vec<u64>,
}

/// What `numpy.matmul` makes of matrices, lists of them, and vectors.
///
/// # Errors
/// Extents that do not go together.
pub(in crate::workload::onnx) fn matmul(a: &[u64], b: &[u64]) -> Result<Gemm, String> {
    let unfit = || format!("a value of {} is not multiplied by one of {}", shown(a), shown(b));
    let (a_matrix, b_matrix) = match (a.len(), b.len()) {
        (0, _) | (_, 0) => return Err(unfit()),
        (1, 1) => (vec![1, a[0]], vec![b[0], 1]),
        (1, _) => (vec![1, a[0]], b.to_vec()),
        (_, 1) => (a.to_vec(), vec![b[0], 1]),
        _ => (a.to_vec(), b.to_vec()),
    };
    let (a_heads, a_last) = a_matrix.split_at(a_matrix.len() - 2);
    let (b_heads, b_last) = b_matrix.split_at(b_matrix.len() - 2);
    if a_last[1] != b_last[0] {
        return Err(unfit());
    }
    let heads = broadcast(&[a_heads, b_heads]).map_err(|_| unfit())?;
    let mut shape = heads.clone();
    shape.extend((a.len() > 1).then_some(a_last[0]));
    shape.extend((b.len() > 1).then_some(b_last[1]));
    Ok(Gemm {
        m: a_last[0],
        n: b_last[1],
        k: a_last[1],
        a_heads: a_heads.to_vec(),
        b_heads: b_heads.to_vec(),
        heads,
        shape,
    })
}

/// The product of `Gemm`, whose operands may be transposed.
///
/// # Errors
/// Extents that do not go together.
pub(in crate::workload::onnx) fn gemm(node: &Node, a: &[u64], b: &[u64]) -> Result<Gemm, String> {
    let turned = |shape: &[u64], name: &str| match (shape, node.int(name, 0)) {
        (&[rows, cols], 0) => Some([rows, cols]),
        (&[rows, cols], _) => Some([cols, rows]),
        _ => None,
    };
    match (turned(a, "transA"), turned(b, "transB")) {
        (Some(a), Some(b)) => matmul(&a, &b),
        _ => Err(format!("it multiplies matrices, and has values of {} and {}", shown(a), shown(b))),
    }
}

/// The products of an LSTM, a GRU or an RNN: of the input for all steps, and of the state for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::workload::onnx) struct Recurrence {
    pub steps: u64,
    pub batch: u64,
    pub input: u64,
    pub hidden: u64,
    /// Columns of both products: as many times the state as the cell has gates.
    pub gates: u64,
    /// 1, or 2 if it goes both ways.
    pub directions: u64,
}

/// What a recurrent node computes, and its results.
///
/// # Errors
/// Extents that do not go together.
pub(in crate::workload::onnx) fn recurrence(call: &Call) -> Result<Option<(Recurrence, Vec<Fact>)>, String> {
    let shapes = [0, 1, 2].map(|index| call.shape(index));
    let [Some(x), Some(w), Some(r)] = shapes else { return Ok(None) };
    let (&[first, second, input], &[directions, gates, of]) = (x, w) else {
        return Err(format!("its input of {} or its weights of {} have not three extents", shown(x), shown(w)));
    };
    let by_batch = call.node.int("layout", 0) == 1;
    let (steps, batch) = if by_batch { (second, first) } else { (first, second) };
    let times = match call.node.op_type.as_str() {
        "LSTM" => 4,
        "GRU" => 3,
        _ => 1,
    };
    let hidden = gates / times;
    if of != input || gates % times != 0 || r != [directions, gates, hidden] {
        return Err(format!("its input of {}, weights of {} and {} do not go together", shown(x), shown(w), shown(r)));
    }
    let (all, last) = match by_batch {
        false => (vec![steps, directions, batch, hidden], vec![directions, batch, hidden]),
        true => (vec![batch, steps, directions, hidden], vec![batch, directions, hidden]),
    };
    let element = call.element(0);
    let results = vec![Fact::of(element, all), Fact::of(element, last.clone()), Fact::of(element, last)];
    Ok(Some((Recurrence { steps, batch, input, hidden, gates, directions }, results)))
}

/// The extents of an `Einsum`, letter by letter.
pub(super) fn einsum(call: &Call) -> Fact {
    let equation: String = call.node.text("equation").chars().filter(|letter| !letter.is_whitespace()).collect();
    let Some((inputs, output)) = equation.split_once("->") else { return call.unknown() };
    let mut extents = std::collections::BTreeMap::new();
    for (index, letters) in inputs.split(',').enumerate() {
        let Some(shape) = call.shape(index).filter(|shape| shape.len() == letters.chars().count()) else {
            return call.unknown();
        };
        extents.extend(letters.chars().zip(shape.iter().copied()));
    }
    let shape = output.chars().map(|letter| extents.get(&letter).copied()).collect::<Option<Vec<_>>>();
    shape.map_or_else(|| call.unknown(), |shape| Fact::of(call.element(0), shape))
}
