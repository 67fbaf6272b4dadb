//! A design as it is written: the keys, their documentation (which is the JSON schema's), no meaning yet.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_spanned::Spanned;

use super::{ArrayKind, MAX_SIZE, reset_name};
use crate::encoding::EncodingKind;
use crate::engine::Dataflow;
use crate::netlist::ResetKind;
use crate::notation::transform;

/// An engine: what is multiplied in which format, on which array, after which transforms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "A bitweight design")]
pub struct DesignFile {
    /// Name in kebab case: letters, digits, single dashes. Files and Verilog modules are named after it.
    #[schemars(with = "String", regex(pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"))]
    pub(super) name: Spanned<String>,
    /// Rewrites of the loop nest, applied in this order.
    #[serde(default)]
    #[schemars(schema_with = "transforms")]
    pub(super) transforms: Vec<Spanned<String>>,
    /// Formats of `C[M,N] += A[M,K] * B[K,N]`.
    #[serde(default)]
    pub(super) operands: OperandsFile,
    /// The operand that becomes digits.
    #[serde(default)]
    pub(super) encoding: EncodingFile,
    /// The array of PEs.
    pub(super) array: ArrayFile,
    /// Clock and reset of the RTL.
    #[serde(default)]
    pub(super) rtl: RtlFile,
}

/// Signed two's-complement formats.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct OperandsFile {
    /// Elements of A: `int2` to `int16`; `int8` if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) a: Option<Spanned<String>>,
    /// Elements of B: `int2` to `int16`; `int8` if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) b: Option<Spanned<String>>,
    /// Accumulator and results: `int8` to `int64`, at least as wide as a product; `int32` if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(super) accumulator: Option<Spanned<String>>,
}

/// Which operand becomes digits, and how.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EncodingFile {
    /// The operand that becomes digits, `a` or `b`; `a` if absent.
    #[serde(default)]
    #[schemars(schema_with = "operand")]
    pub(super) operand: Option<Spanned<String>>,
    /// The encoding, or `none` for the synthesiser's `*`; `booth-4` if absent.
    #[serde(default)]
    #[schemars(schema_with = "encoding")]
    pub(super) kind: Option<Spanned<String>>,
}

/// The array of PEs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ArrayFile {
    /// Which array; `systolic` if absent.
    #[serde(default)]
    #[schemars(schema_with = "array")]
    pub(super) kind: Option<Spanned<String>>,
    /// What stays in the PEs: `output-stationary` or `weight-stationary`.
    #[schemars(schema_with = "dataflow")]
    pub(super) dataflow: Spanned<String>,
    /// PEs from north to south, 1 to 256: spatial M when output stationary, spatial K when weight stationary.
    #[schemars(schema_with = "size")]
    pub(super) rows: Spanned<i64>,
    /// PEs from west to east, 1 to 256: spatial N.
    #[schemars(schema_with = "size")]
    pub(super) cols: Spanned<i64>,
}

/// Clock and reset.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RtlFile {
    /// Target period of the clock in ns, 0.001 to 1000; 1.0 if absent.
    #[serde(default)]
    #[schemars(with = "Option<f64>")]
    pub(super) clock_period_ns: Option<Spanned<f64>>,
    /// `async-low`, `sync-low` or `sync-high`; `async-low` if absent.
    #[serde(default)]
    #[schemars(schema_with = "reset")]
    pub(super) reset: Option<Spanned<String>>,
}

/// Names of the transforms that exist.
pub(super) fn transform_names() -> Vec<&'static str> {
    transform::ALL.iter().map(|transform| transform.name()).collect()
}

/// Names of the encodings that exist, and `none`.
pub(super) fn encoding_names() -> Vec<&'static str> {
    EncodingKind::ALL.into_iter().map(EncodingKind::name).chain(["none"]).collect()
}

/// Dataflows by name.
pub(super) const DATAFLOWS: [Dataflow; 2] = [Dataflow::OutputStationary, Dataflow::WeightStationary];
/// Resets by name.
pub(super) const RESETS: [ResetKind; 3] = [ResetKind::AsyncLow, ResetKind::SyncLow, ResetKind::SyncHigh];

fn transforms(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "enum": transform_names() } })
}

fn operand(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["a", "b"], "default": "a" })
}

fn encoding(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": encoding_names(), "default": "booth-4" })
}

fn array(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ArrayKind::ALL.map(ArrayKind::name), "default": "systolic" })
}

fn dataflow(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": DATAFLOWS.map(Dataflow::name) })
}

fn reset(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": RESETS.map(reset_name), "default": "async-low" })
}

fn size(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_SIZE })
}
