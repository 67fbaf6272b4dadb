//! A workload file as it is written: the keys, and what a TOML error means.

use std::ops::Range;

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_spanned::Spanned;

use super::error::{FileText, WorkloadError};
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
    /// The products, in the order in which they run.
    #[serde(default)]
    #[schemars(with = "Vec<GemmKeys>")]
    pub gemm: Vec<Spanned<GemmKeys>>,
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

/// Where the values of a tensor come from: exactly one of `distribution`, `npy`, `npz`, `safetensors` and `layer`.
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
    /// Which tensor of the `npz` or `safetensors` file.
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
    /// The name of an earlier layer that is requantised.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub layer: Option<Spanned<String>>,
}

impl ValuesKeys {
    /// Those about files.
    pub(super) fn source(&self) -> SourceKeys<'_> {
        SourceKeys {
            npy: self.npy.as_ref(),
            npz: self.npz.as_ref(),
            safetensors: self.safetensors.as_ref(),
            tensor: self.tensor.as_ref(),
            packed: self.packed.as_ref(),
            transpose: self.transpose.as_ref(),
            quantize: self.quantize.as_ref(),
        }
    }
}

/// Integers that only a file can give: exactly one of `npy`, `npz` and `safetensors`.
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
    /// Which tensor of the `npz` or `safetensors` file.
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
            tensor: self.tensor.as_ref(),
            ..SourceKeys::default()
        }
    }
}

/// How a wide result becomes an operand.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RequantizeKeys {
    #[schemars(with = "i64")]
    pub multiplier: Spanned<i64>,
    #[schemars(with = "i64")]
    pub shift: Spanned<i64>,
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
const REQUIRED: [(&str, &str); 6] = [
    ("name", "a name, e.g. name = \"ffn_up\""),
    ("m", "the rows of a and of the result"),
    ("n", "the columns of b and of the result"),
    ("k", "the columns of a, which are the rows of b"),
    ("multiplier", "the integer by which a result is multiplied"),
    ("shift", "how many bits the product is shifted to the right"),
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
    const WORDS: [(&str, &str); 7] = [
        ("expected i64", "expected an integer"),
        ("expected u64", "expected an integer of 0 or more"),
        ("expected f64", "expected a number"),
        ("expected struct GemmKeys", "expected a table"),
        ("expected struct VectorKeys", "expected a table { npy = \"..\" }"),
        ("expected struct ValuesKeys", "expected a table like { distribution = \"uniform\" }"),
        ("expected struct RequantizeKeys", "expected a table { multiplier = .., shift = .. }"),
    ];
    match WORDS.iter().find(|(name, _)| message.contains(name)) {
        Some((name, words)) => message.replace(name, words),
        None => message.to_owned(),
    }
}
