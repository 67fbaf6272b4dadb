//! A workload file as it is written: the keys, and what a TOML error means.

use std::ops::Range;

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_spanned::Spanned;

use super::error::{FileText, WorkloadError};
use super::sparsity::SparsityKeys;
use super::tensor::SourceKeys;
use crate::spelling;

/// The whole file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct FileKeys {
    /// Its name, for results and reports.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// From which drawn values follow; 0 if absent.
    #[serde(default)]
    pub seed: u64,
    /// Where the values of tensors come from that do not say so themselves.
    #[serde(default)]
    #[schemars(with = "Option<ValuesKeys>")]
    pub values: Option<Spanned<ValuesKeys>>,
    /// Matrix products. All layers run in the order of the file.
    #[serde(default)]
    #[schemars(with = "Vec<GemmKeys>")]
    pub gemm: Vec<Spanned<GemmKeys>>,
    /// Convolutions, lowered to matrix products.
    #[serde(default)]
    #[schemars(with = "Vec<ConvKeys>")]
    pub conv: Vec<Spanned<ConvKeys>>,
    /// Attention, as its two kinds of products.
    #[serde(default)]
    #[schemars(with = "Vec<AttentionKeys>")]
    pub attention: Vec<Spanned<AttentionKeys>>,
}

/// One `[[conv]]`: a 2D convolution, lowered by im2col.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ConvKeys {
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Channels, rows and columns of the input.
    #[schemars(with = "[i64; 3]")]
    pub input: Spanned<[i64; 3]>,
    /// Output channels.
    #[schemars(with = "i64")]
    pub filters: Spanned<i64>,
    /// Rows and columns of a filter.
    #[schemars(with = "[i64; 2]")]
    pub kernel: Spanned<[i64; 2]>,
    /// Steps between windows; [1, 1] if absent.
    #[serde(default)]
    #[schemars(with = "Option<[i64; 2]>")]
    pub stride: Option<Spanned<[i64; 2]>>,
    /// Rows and columns of zeros on each side; [0, 0] if absent.
    #[serde(default)]
    #[schemars(with = "Option<[i64; 2]>")]
    pub padding: Option<Spanned<[i64; 2]>>,
    /// Distance of the elements that a filter touches; [1, 1] if absent.
    #[serde(default)]
    #[schemars(with = "Option<[i64; 2]>")]
    pub dilation: Option<Spanned<[i64; 2]>>,
    /// Parts of the channels that only meet their own filters, as many as channels if depth-wise; 1 if absent.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub groups: Option<Spanned<i64>>,
    /// Images; 1 if absent.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub batch: Option<Spanned<i64>>,
    /// How many times the convolution occurs; 1 if absent. It is computed once and counted so often.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub repeat: Option<Spanned<i64>>,
    /// The input: channels x rows x columns, of each image.
    #[serde(default)]
    #[schemars(with = "Option<ValuesKeys>")]
    pub a: Option<Spanned<ValuesKeys>>,
    /// The filters: filters x channels of a group x rows x columns.
    #[serde(default)]
    #[schemars(with = "Option<ValuesKeys>")]
    pub b: Option<Spanned<ValuesKeys>>,
    /// A value for each filter, added to its results.
    #[serde(default)]
    #[schemars(with = "Option<VectorKeys>")]
    pub bias: Option<Spanned<VectorKeys>>,
    /// How the result becomes an operand of a later layer.
    pub requantize: Option<RequantizeKeys>,
}

/// One `[[attention]]`: the products NAME.scores (queries x context x head-dim) and NAME.context (queries x head-dim x context).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AttentionKeys {
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Tokens that ask.
    #[schemars(with = "i64")]
    pub queries: Spanned<i64>,
    /// Tokens that are asked about; `queries` if absent.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub context: Option<Spanned<i64>>,
    /// Heads of the queries.
    #[schemars(with = "i64")]
    pub heads: Spanned<i64>,
    /// Heads of keys and values, each shared by heads / kv-heads heads whose queries are stacked into one product; `heads` if
    /// absent.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub kv_heads: Option<Spanned<i64>>,
    /// Elements of a head.
    #[schemars(with = "i64")]
    pub head_dim: Spanned<i64>,
    /// How many times it occurs, once a layer of the network; 1 if absent.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub repeat: Option<Spanned<i64>>,
}

/// One `[[gemm]]`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct GemmKeys {
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// Rows of A and C.
    #[schemars(with = "i64")]
    pub m: Spanned<i64>,
    /// Columns of B and C.
    #[schemars(with = "i64")]
    pub n: Spanned<i64>,
    /// Columns of A, rows of B.
    #[schemars(with = "i64")]
    pub k: Spanned<i64>,
    /// How many times the product occurs; 1 if absent. It is computed once and counted so often.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub repeat: Option<Spanned<i64>>,
    /// Products of this shape with values of their own, such as images times heads; 1 if absent. All are computed.
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub products: Option<Spanned<i64>>,
    #[serde(default)]
    #[schemars(with = "Option<ValuesKeys>")]
    pub a: Option<Spanned<ValuesKeys>>,
    #[serde(default)]
    #[schemars(with = "Option<ValuesKeys>")]
    pub b: Option<Spanned<ValuesKeys>>,
    /// N values added to each row of the result.
    #[serde(default)]
    #[schemars(with = "Option<VectorKeys>")]
    pub bias: Option<Spanned<VectorKeys>>,
    /// How the result becomes an operand of a later layer.
    pub requantize: Option<RequantizeKeys>,
    /// M values: the column of each row that should be the greatest.
    #[serde(default)]
    #[schemars(with = "Option<VectorKeys>")]
    pub labels: Option<Spanned<VectorKeys>>,
}

/// Where the values of a tensor come from: exactly one of `distribution`, `npy`, `npz`, `safetensors`, `onnx` and `layer`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ValuesKeys {
    /// uniform, normal, laplace or half-normal.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub distribution: Option<Spanned<String>>,
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub std: Option<Spanned<f64>>,
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub scale: Option<Spanned<f64>>,
    /// The path of a file of numpy.save.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub npy: Option<Spanned<String>>,
    /// The path of an archive of numpy.savez.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub npz: Option<Spanned<String>>,
    /// The path of a file of safetensors.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub safetensors: Option<Spanned<String>>,
    /// The path of an ONNX model.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub onnx: Option<Spanned<String>>,
    /// Which tensor of the `npz`, `safetensors` or `onnx` file.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub tensor: Option<Spanned<String>>,
    /// Two 4-bit integers a byte: int4, uint4, int4-high-first or uint4-high-first.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub packed: Option<Spanned<String>>,
    /// Whether the tensor is the transpose of what the file holds; false if absent.
    #[serde(default)]
    #[schemars(with = "Option<bool>")]
    pub transpose: Option<Spanned<bool>>,
    /// What shares a scale when reals become integers: per-tensor, or per-channel (rows of a, columns of b); per-tensor
    /// if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub quantize: Option<Spanned<String>>,
    /// Whether the integers of the file are codes of elements of the design's format, such as fp8-e4m3; false if absent.
    #[serde(default)]
    #[schemars(with = "Option<bool>")]
    pub codes: Option<Spanned<bool>>,
    /// The shared exponents of blocks of codes, with a bias of 127: a tensor of the same file, or the path of another .npy file.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub exponents: Option<Spanned<String>>,
    /// The name of an earlier layer that is requantised.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub layer: Option<Spanned<String>>,
    /// What is then made 0; dense if absent.
    #[serde(default)]
    #[schemars(with = "Option<SparsityKeys>")]
    pub sparsity: Option<Spanned<SparsityKeys>>,
}

impl ValuesKeys {
    /// Those about files.
    pub(super) fn source(&self) -> SourceKeys<'_> {
        SourceKeys {
            npy: self.npy.as_ref(),
            npz: self.npz.as_ref(),
            safetensors: self.safetensors.as_ref(),
            onnx: self.onnx.as_ref(),
            tensor: self.tensor.as_ref(),
            packed: self.packed.as_ref(),
            transpose: self.transpose.as_ref(),
            quantize: self.quantize.as_ref(),
            codes: self.codes.as_ref(),
            exponents: self.exponents.as_ref(),
        }
    }
}

/// Numbers that only a file can give: exactly one of `npy`, `npz`, `safetensors` and `onnx`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VectorKeys {
    /// The path of a file of numpy.save.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub npy: Option<Spanned<String>>,
    /// The path of an archive of numpy.savez.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub npz: Option<Spanned<String>>,
    /// The path of a file of safetensors.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub safetensors: Option<Spanned<String>>,
    /// The path of an ONNX model.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub onnx: Option<Spanned<String>>,
    /// Which tensor of the `npz`, `safetensors` or `onnx` file.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub tensor: Option<Spanned<String>>,
}

impl VectorKeys {
    /// All of them.
    pub(super) fn source(&self) -> SourceKeys<'_> {
        SourceKeys {
            npy: self.npy.as_ref(),
            npz: self.npz.as_ref(),
            safetensors: self.safetensors.as_ref(),
            onnx: self.onnx.as_ref(),
            tensor: self.tensor.as_ref(),
            ..SourceKeys::default()
        }
    }
}

/// How a wide result becomes an operand: integers by `multiplier` and `shift`, or, without both, numbers in single precision that the
/// later layer quantises.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RequantizeKeys {
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub multiplier: Option<Spanned<i64>>,
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub shift: Option<Spanned<i64>>,
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub zero_point: Option<Spanned<i64>>,
    pub relu: Option<bool>,
    #[serde(default)]
    #[schemars(with = "Option<i64>")]
    pub bits: Option<Spanned<i64>>,
}

/// The JSON schema of a workload file.
pub fn schema() -> Schema {
    schema_for!(FileKeys)
}

/// What a required key is for.
const REQUIRED: [(&str, &str); 10] = [
    ("name", "a name, e.g. name = \"ffn_up\""),
    ("m", "the rows of a and of the result"),
    ("n", "the columns of b and of the result"),
    ("k", "the columns of a, which are the rows of b"),
    ("input", "channels, rows and columns of the input, e.g. input = [3, 224, 224]"),
    ("filters", "the output channels"),
    ("kernel", "rows and columns of a filter, e.g. kernel = [3, 3]"),
    ("queries", "the tokens that ask"),
    ("heads", "the heads of the queries"),
    ("head-dim", "the elements of a head"),
];

/// The keys of a file.
///
/// # Errors
/// Syntax, an unknown or missing key, a value of a wrong type; each with its place.
pub(super) fn parse(text: &FileText) -> Result<FileKeys, WorkloadError> {
    toml::from_str(text.inner()).map_err(|error| explain(text, error.message(), error.span(), is_toml(text.inner())))
}

fn is_toml(text: &str) -> bool {
    toml::from_str::<toml::Table>(text).is_ok()
}

/// Turns the parser's words into one of our errors. serde has fixed forms for the keys of a struct: ``unknown field `x`,
/// expected one of `a`, `b` `` and ``missing field `x` ``.
fn explain(text: &FileText, message: &str, span: Option<Range<usize>>, is_toml: bool) -> WorkloadError {
    let text = text.clone();
    let at = span.unwrap_or(0..0).into();
    let message = message.lines().collect::<Vec<_>>().join(", ");
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") {
        let key = quoted.next().unwrap_or_default().to_owned();
        let known: Vec<&str> = quoted.collect();
        let hint = match spelling::nearest(&key, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "not a key of this table".to_owned(),
        };
        WorkloadError::UnknownKey { key, hint, known: known.join(", "), text, at }
    } else if message.starts_with("missing field") {
        let key = quoted.next().unwrap_or_default().to_owned();
        let purpose = REQUIRED.iter().find(|(name, _)| *name == key).map_or("", |(_, purpose)| purpose);
        WorkloadError::MissingKey { key, help: purpose.to_owned(), text, at }
    } else if is_toml {
        WorkloadError::WrongType { reason: in_words(&message), text, at }
    } else {
        WorkloadError::Syntax { reason: message, text, at }
    }
}

/// The parser's message without the names of Rust's types.
fn in_words(message: &str) -> String {
    const WORDS: [(&str, &str); 12] = [
        ("expected i64", "expected an integer"),
        ("expected u64", "expected an integer of 0 or more"),
        ("expected f64", "expected a number"),
        ("expected struct GemmKeys", "expected a table"),
        ("expected an array of length 3", "expected three integers"),
        ("expected an array of length 2", "expected two integers"),
        ("expected struct ConvKeys", "expected a table"),
        ("expected struct AttentionKeys", "expected a table"),
        ("expected struct VectorKeys", "expected a table { npy = \"..\" }"),
        ("expected struct ValuesKeys", "expected a table like { distribution = \"uniform\" }"),
        ("expected struct SparsityKeys", "expected a table like { bernoulli = 0.5 }"),
        ("expected struct RequantizeKeys", "expected a table { multiplier = .., shift = .. } or { relu = true }"),
    ];
    match WORDS.iter().find(|(name, _)| message.contains(name)) {
        Some((name, words)) => message.replace(name, words),
        None => message.to_owned(),
    }
}
