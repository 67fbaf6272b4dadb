//! What follows for the results of an operation from what is known of its inputs: extents, and the few numbers of which
//! extents are made.
//!
//! A file a family of operations. What is not known here gives results of unknown extents, never wrong ones.

mod elementwise;
mod movement;
mod product;
mod reduce;
mod sizes;
mod window;

use std::sync::Arc;

use super::data::Element;
use super::fact::{Fact, axis, count};
use super::proto::Node;

pub(super) use elementwise::broadcast;
pub(super) use product::{Gemm, gemm, matmul, recurrence};
pub(super) use window::{convolution, transposed_convolution};

/// A node with what is known of its inputs.
pub(super) struct Call<'a> {
    pub node: &'a Node,
    /// `None` where an optional input is left out.
    pub inputs: Vec<Option<Fact>>,
}

/// Integers that an attribute or an input gives.
pub(super) enum Given {
    /// Neither is there.
    Absent,
    /// An input that is not known before the network runs.
    Unknown,
    Known(Vec<i64>),
}

impl Given {
    /// Those that are known; `absent` if none are given, `None` if they are not known.
    pub fn or(self, absent: impl FnOnce() -> Vec<i64>) -> Option<Vec<i64>> {
        match self {
            Self::Absent => Some(absent()),
            Self::Unknown => None,
            Self::Known(ints) => Some(ints),
        }
    }
}

impl Call<'_> {
    /// An input that is there.
    pub fn input(&self, index: usize) -> Option<&Fact> {
        self.inputs.get(index).and_then(Option::as_ref)
    }

    /// The extents of an input, where they are known.
    pub fn shape(&self, index: usize) -> Option<&[u64]> {
        self.input(index).and_then(|fact| fact.shape.as_deref())
    }

    /// The type of an input.
    pub fn element(&self, index: usize) -> Option<Element> {
        self.input(index).and_then(|fact| fact.element)
    }

    /// Integers that an input gives in newer models and an attribute in older ones.
    pub fn ints(&self, index: usize, attribute: &str) -> Given {
        match (self.input(index), self.node.ints(attribute)) {
            (Some(fact), _) => fact.known_ints().map_or(Given::Unknown, |ints| Given::Known(ints.to_vec())),
            (None, Some(ints)) => Given::Known(ints.to_vec()),
            (None, None) => Given::Absent,
        }
    }

    /// A result whose extents are not known: because those of an input are not, or because of what this node needs.
    pub fn unknown(&self) -> Fact {
        let inherited = self.inputs.iter().flatten().find(|fact| fact.shape.is_none());
        if let Some(why) = inherited.and_then(|fact| fact.unknown.clone()) {
            return Fact { unknown: Some(why), ..Fact::default() };
        }
        Fact::unknown(format!("what `{}` gives depends on values", self.label()))
    }

    /// How messages call the node: by its name, or by what it gives.
    pub fn label(&self) -> String {
        label(self.node)
    }
}

/// How messages call a node: by its operation and its name, or by what it gives.
pub(super) fn label(node: &Node) -> String {
    let name = match (node.name.as_str(), node.output.iter().find(|name| !name.is_empty())) {
        ("", Some(output)) => output,
        (name, _) => name,
    };
    let operation = node.operation();
    let head: String = name.chars().take(80).collect();
    if head.is_empty() || head == operation { operation } else { format!("{operation} {head}") }
}

/// What an operation does for a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It moves values, or makes extents: nothing is computed.
    Moves,
    /// It computes what no product is.
    Computes,
    /// It becomes products.
    Product,
    /// It has graphs of its own.
    Control,
}

/// What an operation does.
pub(super) fn role(node: &Node) -> Role {
    match (node.domain.as_str(), node.op_type.as_str()) {
        (
            "" | "ai.onnx",
            "Identity" | "Cast" | "CastLike" | "Dropout" | "Shape" | "Size" | "Constant" | "ConstantOfShape"
            | "Reshape" | "Transpose" | "Concat" | "Slice" | "Gather" | "GatherElements" | "GatherND" | "Unsqueeze"
            | "Squeeze" | "Flatten" | "Expand" | "Tile" | "Split" | "Pad" | "DepthToSpace" | "SpaceToDepth" | "Range"
            | "ScatterND" | "ScatterElements" | "Scatter" | "ReverseSequence" | "EyeLike" | "Trilu" | "Where"
            | "OneHot" | "Compress" | "NonZero" | "Optional" | "OptionalGetElement" | "OptionalHasElement",
        ) => Role::Moves,
        ("" | "ai.onnx", "If" | "Loop" | "Scan" | "SequenceMap") => Role::Control,
        (
            "" | "ai.onnx",
            "MatMul" | "Gemm" | "Conv" | "ConvTranspose" | "QLinearConv" | "QLinearMatMul" | "ConvInteger"
            | "MatMulInteger" | "LSTM" | "GRU" | "RNN",
        )
        | (
            "com.microsoft",
            "FusedMatMul" | "FusedConv" | "FusedGemm" | "DynamicQuantizeMatMul" | "MatMulIntegerToFloat",
        ) => Role::Product,
        _ => Role::Computes,
    }
}

/// Whether an operation that is not lowered has products in it, so that a count without it lacks something.
pub(super) fn hides_products(node: &Node) -> bool {
    const NAMES: [&str; 17] = [
        "Einsum",
        "Attention",
        "QAttention",
        "MultiHeadAttention",
        "GroupQueryAttention",
        "PackedAttention",
        "DecoderMaskedMultiHeadAttention",
        "SparseAttention",
        "LongformerAttention",
        "MatMulNBits",
        "MatMulBnb4",
        "QGemm",
        "DeformConv",
        "QMoE",
        "MoE",
        "DynamicQuantizeLSTM",
        "NhwcConv",
    ];
    NAMES.contains(&node.op_type.as_str())
}

/// What is known of the results of a node that is no product and has no graph of its own.
///
/// # Errors
/// Extents that do not go together.
pub(super) fn results(call: &Call) -> Result<Vec<Fact>, String> {
    if !matches!(call.node.domain.as_str(), "" | "ai.onnx") {
        return Ok(foreign(call));
    }
    let first = |element| call.shape(0).map_or_else(|| call.unknown(), |shape| Fact::of(element, shape.to_vec()));
    let same = |element| vec![first(element)];
    Ok(match call.node.op_type.as_str() {
        "Identity" => vec![call.input(0).cloned().unwrap_or_default()],
        "Dropout" => {
            let mask = first(Some(Element::BOOL));
            vec![call.input(0).cloned().unwrap_or_default(), mask]
        }
        "Cast" | "CastLike" => vec![elementwise::cast(call)],
        "QuantizeLinear" | "DequantizeLinear" => vec![elementwise::rescaled(call)],
        "DynamicQuantizeLinear" => {
            let number = || Fact::of(None, Vec::new());
            vec![first(Some(Element(2))), number(), number()]
        }
        "Not" | "IsNaN" | "IsInf" => vec![elementwise::unary(call, Some(Element::BOOL))],
        "LayerNormalization" | "SimplifiedLayerNormalization" => {
            let reduced = || {
                call.shape(0).map_or_else(
                    || call.unknown(),
                    |shape| {
                        let from = axis(call.node.int("axis", -1), shape.len()).unwrap_or(0);
                        let kept = |(at, &extent): (usize, &u64)| if at < from { extent } else { 1 };
                        Fact::of(call.element(0), shape.iter().enumerate().map(kept).collect())
                    },
                )
            };
            vec![first(call.element(0)), reduced(), reduced()]
        }
        "BatchNormalization" => {
            let channels = || call.shape(3).map_or_else(|| call.unknown(), |shape| Fact::of(None, shape.to_vec()));
            vec![first(call.element(0)), channels(), channels(), channels(), channels()]
        }
        "Relu" | "LeakyRelu" | "Sigmoid" | "Tanh" | "Erf" | "Exp" | "Log" | "Sqrt" | "Neg" | "Abs" | "Floor"
        | "Ceil" | "Round" | "Sign" | "Reciprocal" | "Elu" | "Selu" | "Celu" | "Softplus" | "Softsign"
        | "HardSigmoid" | "HardSwish" | "Gelu" | "Mish" | "Swish" | "ThresholdedRelu" | "Clip" | "Sin" | "Cos"
        | "Tan" | "Asin" | "Acos" | "Atan" | "Sinh" | "Cosh" | "Asinh" | "Acosh" | "Atanh" | "Shrink"
        | "BitwiseNot" => vec![elementwise::unary(call, call.element(0))],
        "Softmax"
        | "LogSoftmax"
        | "Hardmax"
        | "InstanceNormalization"
        | "GroupNormalization"
        | "RMSNormalization"
        | "LpNormalization"
        | "LRN"
        | "MeanVarianceNormalization"
        | "CumSum"
        | "Trilu"
        | "EyeLike"
        | "RandomNormalLike"
        | "RandomUniformLike"
        | "Bernoulli"
        | "ReverseSequence"
        | "ScatterND"
        | "ScatterElements"
        | "Scatter" => same(call.element(0)),
        "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Min" | "Max" | "Mean" | "Sum" | "Mod" | "PRelu" | "BitShift"
        | "BitwiseAnd" | "BitwiseOr" | "BitwiseXor" | "And" | "Or" | "Xor" | "Equal" | "Greater" | "Less"
        | "GreaterOrEqual" | "LessOrEqual" => vec![elementwise::several(call)?],
        "Where" => vec![elementwise::chosen(call)?],
        "Shape" => vec![sizes::shape(call)],
        "Size" => vec![sizes::size(call)],
        "ConstantOfShape" => vec![sizes::filled(call)],
        "Range" => vec![sizes::range(call)],
        "Reshape" => vec![movement::reshape(call)?],
        "Flatten" => vec![movement::flatten(call)],
        "Squeeze" => vec![movement::squeeze(call)],
        "Unsqueeze" => vec![movement::unsqueeze(call)],
        "Transpose" => vec![movement::transpose(call)],
        "Concat" => vec![movement::concat(call)?],
        "Slice" => vec![movement::slice(call)],
        "Split" => movement::split(call),
        "Gather" => vec![movement::gather(call)],
        "GatherElements" => {
            vec![call.shape(1).map_or_else(|| call.unknown(), |shape| Fact::of(call.element(0), shape.to_vec()))]
        }
        "GatherND" => vec![movement::gather_nd(call)],
        "Expand" => vec![movement::expand(call)?],
        "Tile" => vec![movement::tile(call)],
        "Pad" => vec![sizes::pad(call)],
        "DepthToSpace" | "SpaceToDepth" => vec![sizes::blocks(call)],
        "OneHot" => vec![sizes::one_hot(call)],
        "TopK" => sizes::top(call),
        "Resize" | "Upsample" => vec![sizes::resize(call)],
        "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin" | "ReduceProd" | "ReduceL1" | "ReduceL2"
        | "ReduceLogSum" | "ReduceLogSumExp" | "ReduceSumSquare" => vec![reduce::reduced(call)],
        "ArgMax" | "ArgMin" => vec![reduce::arg(call)],
        "MaxPool" | "AveragePool" | "LpPool" => window::pooled(call)?,
        "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool" => vec![window::pooled_all(call)],
        "Einsum" => vec![product::einsum(call)],
        "NonZero" | "Compress" | "Unique" | "NonMaxSuppression" | "StringSplit" => {
            vec![Fact::unknown(format!("how much `{}` gives depends on values", call.label())); call.node.output.len()]
        }
        _ => vec![Fact::unknown(format!("`{}` is not known here", call.label()))],
    })
}

/// What is known of the results of operations that are not ONNX's own.
fn foreign(call: &Call) -> Vec<Fact> {
    let same = || call.shape(0).map_or_else(|| call.unknown(), |shape| Fact::of(call.element(0), shape.to_vec()));
    match (call.node.domain.as_str(), call.node.op_type.as_str()) {
        (
            "com.microsoft",
            "Gelu"
            | "FastGelu"
            | "BiasGelu"
            | "QuickGelu"
            | "SkipLayerNormalization"
            | "SkipSimplifiedLayerNormalization"
            | "RotaryEmbedding"
            | "QLinearSigmoid"
            | "QLinearLeakyRelu"
            | "QLinearSoftmax",
        ) => {
            vec![same()]
        }
        ("com.microsoft", "QLinearAdd" | "QLinearMul") => {
            let shapes = call.shape(0).zip(call.shape(3)).and_then(|(a, b)| broadcast(&[a, b]).ok());
            vec![shapes.map_or_else(|| call.unknown(), |shape| Fact::of(call.element(0), shape))]
        }
        ("com.microsoft", "QuantizeLinear" | "DequantizeLinear") => vec![elementwise::rescaled(call)],
        ("com.microsoft", "QLinearGlobalAveragePool") if call.node.int("channels_last", 0) == 0 => {
            vec![window::pooled_all(call)]
        }
        _ => vec![Fact::unknown(format!("`{}` is not known here", call.label()))],
    }
}

/// What is true of all results: whether they depend on an input, and what became of the model's own values. Numbers that are
/// not as many as the extents say are forgotten.
pub(super) fn completed(call: &Call, mut results: Vec<Fact>) -> Vec<Fact> {
    if role(call.node) == Role::Control {
        // What a graph gives depends on all that it reads, and the facts of its nodes say on what.
        return results;
    }
    let inputs: Vec<&Fact> = call.inputs.iter().flatten().collect();
    let makes = matches!(call.node.op_type.as_str(), "Constant" | "ConstantOfShape" | "Range");
    let constant = (makes || !inputs.is_empty()) && inputs.iter().all(|fact| fact.constant);
    let owned = inputs.iter().any(|fact| fact.weights.is_some() || fact.computed.is_some());
    // Extents do not depend on numbers.
    let measures = matches!(call.node.op_type.as_str(), "Shape" | "Size");
    let given = !measures && inputs.iter().any(|fact| fact.given);
    let source = inputs.iter().filter(|_| !measures).find_map(|fact| fact.source.clone());
    for fact in &mut results {
        fact.given = given;
        fact.source = source.clone().filter(|_| fact.numbers.is_none());
        fact.constant = constant || fact.numbers.is_some();
        let held = fact.numbers.as_ref().map(|numbers| numbers.len() as u64);
        if held.is_some() && held != fact.shape.as_deref().and_then(count) {
            fact.numbers = None;
        }
        if constant && fact.weights.is_none() && owned && fact.computed.is_none() {
            fact.computed = Some(Arc::from(call.label()));
        }
        if fact.shape.is_none() && fact.unknown.is_none() {
            fact.unknown = call.unknown().unknown;
        }
    }
    results
}
