//! A design as it is written: the keys, their documentation (which is the JSON schema's), no meaning yet.

use std::ops::RangeInclusive;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_spanned::Spanned;

use super::parameters::{BIT_WEIGHTS, EMPTY_GROUPS, MATCHINGS, PACES, PERIODS};
use super::{ArrayKind, MAX_DEPTH, MAX_SIZE, reset_name};
use crate::encoding::EncodingKind;
use crate::engine::{BlockOrder, Dataflow, EngineSpec, NOfM};
use crate::netlist::ResetKind;
use crate::notation::transform;

/// An engine: what is multiplied in which format, on which array, after which transforms.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "A bitweight design")]
pub struct DesignFile {
    /// Name in kebab case: letters, digits, single dashes. Files and Verilog modules are named after it.
    #[schemars(with = "String", extend("examples" = ["my-engine"]), regex(pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"))]
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
    /// Choices about `align-bit-weight`, where it is applied.
    #[serde(default)]
    #[schemars(with = "Option<AlignFile>")]
    pub(super) align_bit_weight: Option<Spanned<AlignFile>>,
    /// Choices about `skip-zero-digits`, where it is applied.
    #[serde(default)]
    #[schemars(with = "Option<SkipFile>")]
    pub(super) skip_zero_digits: Option<Spanned<SkipFile>>,
    /// Choices about `skip-zero-values`, where it is applied.
    #[serde(default)]
    #[schemars(with = "Option<SkipValuesFile>")]
    pub(super) skip_zero_values: Option<Spanned<SkipValuesFile>>,
    /// Choices about `extend-reduction`, where it is applied.
    #[serde(default)]
    #[schemars(with = "Option<ExtendFile>")]
    pub(super) extend_reduction: Option<Spanned<ExtendFile>>,
    /// The memory around the engine; if absent operands are always offered and results always taken.
    #[serde(default)]
    pub(super) memory: Option<MemoryFile>,
    /// Choices about `compress-n-of-m`, where it is applied.
    #[serde(default)]
    #[schemars(with = "Option<KeepFile>")]
    pub(super) compress_n_of_m: Option<Spanned<KeepFile>>,
    /// Clock and reset of the RTL.
    #[serde(default)]
    pub(super) rtl: RtlFile,
}

/// Formats: `int8` is two's complement, `uint8` is never negative; `mxint8`, `mxfp4`, `mxfp6-e2m3`, `mxfp6-e3m2`, `fp8-e4m3` and
/// `fp8-e5m2` are decoded to integers where they come in.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct OperandsFile {
    /// Elements of A: `int2` to `int16`, `uint2` to `uint16` or a format that is decoded; `int8` if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("examples" = ["int8", "mxfp4"]))]
    pub(super) a: Option<Spanned<String>>,
    /// Elements of B: `int2` to `int16`, `uint2` to `uint16` or a format that is decoded; `int8` if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("examples" = ["int8", "mxfp4"]))]
    pub(super) b: Option<Spanned<String>>,
    /// Bits of the words that elements of A are decoded to, up to 33; as few as hold them if absent.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub(super) a_word: Option<Spanned<u32>>,
    /// Bits of the words that elements of B are decoded to, up to 33; as few as hold them if absent.
    #[serde(default)]
    #[schemars(with = "Option<u32>")]
    pub(super) b_word: Option<Spanned<u32>>,
    /// Accumulator and results: `int8` to `int64`, at least as wide as a product unless it saturates; `int32` if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("examples" = ["int32"]))]
    pub(super) accumulator: Option<Spanned<String>>,
    /// Whether results are clipped to the accumulator's format where they leave, and sums inside never overflow; else they
    /// wrap, which a simulation reports.
    #[serde(default)]
    pub(super) saturate: bool,
}

/// Which operand becomes digits, and how.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EncodingFile {
    /// The operand that becomes digits, `a` or `b`; `a` if absent.
    #[serde(default)]
    #[schemars(schema_with = "operand")]
    pub(super) operand: Option<Spanned<String>>,
    /// The encoding, or `none` for the synthesiser's `*`; if absent `booth-4`, `twos-complement` for stripes, `csd` for
    /// pragmatic and laconic.
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
    /// What stays in the PEs of a systolic array, which needs it; no other array has it.
    #[serde(default)]
    #[schemars(schema_with = "dataflow")]
    pub(super) dataflow: Option<Spanned<String>>,
    /// PEs from north to south, 1 to 256: spatial M; spatial K when weight or input stationary.
    #[schemars(schema_with = "size")]
    pub(super) rows: Spanned<i64>,
    /// PEs from west to east, 1 to 256: spatial N; spatial M when input stationary.
    #[schemars(schema_with = "size")]
    pub(super) cols: Spanned<i64>,
    /// Bits of the counter of a tile's steps, 4 to 32: a tile has at most 2^bits - 1, along K (over the depth) where results stay, M
    /// where weights stay, N where inputs stay; 16 if absent.
    #[serde(default)]
    #[schemars(schema_with = "length_bits")]
    pub(super) length_bits: Option<Spanned<i64>>,
    /// Spatial K of a cube or an adder tree, 1 to 64, which need it; no other array has it.
    #[serde(default)]
    #[schemars(schema_with = "depth")]
    pub(super) depth: Option<Spanned<i64>>,
    /// Products of a unit of stripes, pragmatic or laconic, 1 to 64, which need it; no other array has it.
    #[serde(default)]
    #[schemars(schema_with = "depth")]
    pub(super) lanes: Option<Spanned<i64>>,
    /// Bits of the shifter in a lane of pragmatic, 0 to 4: terms less than 2^bits places above the lowest one of all lanes are
    /// taken with it; 2 if absent. No other array has it.
    #[serde(default)]
    #[schemars(schema_with = "shift_bits")]
    pub(super) shift_bits: Option<Spanned<i64>>,
    /// Where rows of pragmatic meet: the name `per-tile` or `per-operand` (with one lane), or after this many operands of K, 1 to
    /// 65536 and a multiple of `lanes`; `per-tile` if absent. No other array has it here: see `skip-zero-digits`.
    #[serde(default)]
    #[schemars(schema_with = "sync")]
    pub(super) sync: Option<Spanned<SyncFile>>,
}

/// Choices about `align-bit-weight`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AlignFile {
    /// `spatial`: a reduction tree for each bit weight, all at once; `temporal`: one tree, one bit weight a cycle. `spatial` if
    /// absent.
    #[serde(default)]
    #[schemars(schema_with = "bit_weight")]
    pub(super) bit_weight: Option<Spanned<String>>,
}

/// Choices about `skip-zero-digits`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SkipFile {
    /// Operands of K whose digits of one bit weight are looked at together, 1 to 32; 4 if absent.
    #[serde(default)]
    #[schemars(schema_with = "group")]
    pub(super) group: Option<Spanned<i64>>,
    /// What a group without a non-zero digit costs: `cost-a-cycle` or `skipped`; `cost-a-cycle` if absent.
    #[serde(default)]
    #[schemars(schema_with = "empty_groups")]
    pub(super) empty_groups: Option<Spanned<String>>,
    /// Where rows meet: `per-operand` (with a group of 1), `per-tile`, or after this many operands of K, 1 to 65536 and a
    /// multiple of the group; `per-tile` if absent.
    #[serde(default)]
    #[schemars(schema_with = "sync")]
    pub(super) sync: Option<Spanned<SyncFile>>,
}

/// Choices about `skip-zero-values`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct SkipValuesFile {
    /// Where a k is taken: `a`, where the value of A is not zero; `both`, where, too, the row of B has a value that is not zero in the
    /// columns of the tile. `a` if absent.
    #[serde(default, rename = "match")]
    #[schemars(schema_with = "matching")]
    pub(super) matching: Option<Spanned<String>>,
    /// Operands of K that are looked at together, 1 to 32; 4 if absent.
    #[serde(default)]
    #[schemars(schema_with = "group")]
    pub(super) group: Option<Spanned<i64>>,
    /// What a group without a value to take costs: `cost-a-cycle` or `skipped`; `cost-a-cycle` if absent.
    #[serde(default)]
    #[schemars(schema_with = "empty_groups")]
    pub(super) empty_groups: Option<Spanned<String>>,
    /// Where rows meet: `per-operand` (with a group of 1), `per-tile`, or after this many operands of K, 1 to 65536 and a
    /// multiple of the group; `per-tile` if absent.
    #[serde(default)]
    #[schemars(schema_with = "sync")]
    pub(super) sync: Option<Spanned<SyncFile>>,
}

/// A name or a number.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum SyncFile {
    /// One of `per-operand` and `per-tile`.
    Name(String),
    /// Operands of K.
    Operands(i64),
}

/// Choices about `extend-reduction`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ExtendFile {
    /// Digits that share an accumulator: 2, 4 or 8; 4 if absent.
    #[serde(default)]
    #[schemars(schema_with = "lanes")]
    pub(super) lanes: Option<Spanned<i64>>,
    /// How the lanes of a row keep step: `lockstep`, `per-group` or `per-bit-weight`; `per-group` if absent.
    #[serde(default)]
    #[schemars(schema_with = "pace")]
    pub(super) pace: Option<Spanned<String>>,
}

/// A double-buffered SRAM for each matrix, and one DRAM channel. What is absent has no limit.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct MemoryFile {
    /// The buffer of A.
    #[serde(default)]
    pub(super) a: Option<BufferFile>,
    /// The buffer of B.
    #[serde(default)]
    pub(super) b: Option<BufferFile>,
    /// The buffer of results and partial sums.
    #[serde(default)]
    pub(super) c: Option<BufferFile>,
    /// Bits that DRAM moves in a cycle, reads and writes together, 1 to 65536.
    #[serde(default)]
    #[schemars(schema_with = "width")]
    pub(super) dram_bits_per_cycle: Option<Spanned<i64>>,
    /// The nest of the loops over blocks, outermost first, or `auto`: chosen for each layer by DRAM traffic, of near-equal ones by
    /// time; `auto` if absent.
    #[serde(default)]
    #[schemars(schema_with = "loop_order")]
    pub(super) loop_order: Option<Spanned<String>>,
    /// How large blocks are; what is absent is chosen for each layer by DRAM traffic, of near-equal ones by time.
    #[serde(default)]
    pub(super) block: Option<BlockFile>,
}

/// The size of blocks: whole multiples of what the array takes at a time. One that is at least the layer's extent is the whole axis.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockFile {
    /// Rows of A and C in a block.
    #[serde(default)]
    #[schemars(schema_with = "block_size")]
    pub(super) m: Option<Spanned<i64>>,
    /// Columns of B and C.
    #[serde(default)]
    #[schemars(schema_with = "block_size")]
    pub(super) n: Option<Spanned<i64>>,
    /// Columns of A, rows of B.
    #[serde(default)]
    #[schemars(schema_with = "block_size")]
    pub(super) k: Option<Spanned<i64>>,
}

/// A buffer. Half of it holds the block that is used, half the one that comes next or leaves.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct BufferFile {
    /// Size of both halves together in KiB, 1 to 1048576.
    #[serde(default)]
    #[schemars(schema_with = "kib")]
    pub(super) kib: Option<Spanned<i64>>,
    /// Bits between the buffer and the array in a cycle, 1 to 65536.
    #[serde(default)]
    #[schemars(schema_with = "width")]
    pub(super) bits_per_cycle: Option<Spanned<i64>>,
}

/// Choices about `compress-n-of-m`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct KeepFile {
    /// `[n, m]`: of every m consecutive elements of K, 2 to 16, at most n are not zero, 1 to m - 1; `[2, 4]` if absent.
    #[serde(default)]
    #[schemars(schema_with = "n_of_m")]
    pub(super) n_of_m: Option<Spanned<Vec<i64>>>,
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

/// Operands of a group.
pub(super) const GROUPS: RangeInclusive<u32> = 1..=32;
/// Bits of the shifter in a lane: enough for every place of a term.
pub(super) const MAX_SHIFT_BITS: u32 = 4;
/// Digits that may share an accumulator.
pub(super) const LANES: [u32; 3] = [2, 4, 8];
/// Longest period of meeting, in operands of K.
pub(super) const MAX_SYNC: u32 = 1 << 16;
/// Largest buffer in KiB: 1 GiB.
pub(super) const MAX_KIB: u32 = 1 << 20;
/// Most bits of a port or of DRAM in a cycle.
pub(super) const MAX_WIDTH: u32 = 1 << 16;
/// Name of the choice of the best order.
pub(super) const AUTO: &str = "auto";
/// Names of the orders of blocks, and `auto`.
pub(super) fn loop_order_names() -> Vec<&'static str> {
    BlockOrder::ALL.into_iter().map(BlockOrder::name).chain([AUTO]).collect()
}
/// Resets by name.
pub(super) const RESETS: [ResetKind; 3] = [ResetKind::AsyncLow, ResetKind::SyncLow, ResetKind::SyncHigh];

fn transforms(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "enum": transform_names() } })
}

fn operand(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["a", "b"], "default": "a" })
}

fn encoding(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": encoding_names() })
}

fn array(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ArrayKind::ALL.map(ArrayKind::name), "default": "systolic" })
}

fn dataflow(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Dataflow::ALL.map(Dataflow::name) })
}

fn reset(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": RESETS.map(reset_name), "default": "async-low" })
}

fn size(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_SIZE })
}

fn length_bits(_: &mut SchemaGenerator) -> Schema {
    let (range, absent) = (EngineSpec::LENGTH_BITS, EngineSpec::DEFAULT_LENGTH_BITS);
    json_schema!({ "type": "integer", "minimum": range.start(), "maximum": range.end(), "default": absent })
}

fn depth(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_DEPTH })
}

fn shift_bits(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 0, "maximum": MAX_SHIFT_BITS, "default": 2 })
}

fn bit_weight(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": BIT_WEIGHTS.map(|(name, _)| name), "default": "spatial" })
}

fn group(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": GROUPS.start(), "maximum": GROUPS.end(), "default": 4 })
}

fn matching(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": MATCHINGS.map(|(name, _)| name), "default": "a" })
}

fn empty_groups(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": EMPTY_GROUPS.map(|(name, _)| name), "default": "cost-a-cycle" })
}

fn sync(_: &mut SchemaGenerator) -> Schema {
    let names = PERIODS.map(|(name, _)| name).join("|");
    // The pattern is for strings, the bounds for numbers.
    json_schema!({
        "type": ["string", "integer"], "pattern": format!("^({names})$"), "minimum": 1, "maximum": MAX_SYNC,
        "default": "per-tile", "examples": ["per-tile", "per-operand", 16]
    })
}

fn lanes(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "enum": LANES, "default": 4 })
}

fn n_of_m(_: &mut SchemaGenerator) -> Schema {
    let item = json_schema!({ "type": "integer", "minimum": 1, "maximum": NOfM::MAX_GROUP });
    json_schema!({ "type": "array", "items": item, "minItems": 2, "maxItems": 2, "default": [2, 4], "examples": [[2, 4]] })
}

fn pace(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": PACES.map(|(name, _)| name), "default": "per-group" })
}

fn width(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_WIDTH })
}

fn kib(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1, "maximum": MAX_KIB })
}

fn block_size(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })
}

fn loop_order(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": loop_order_names(), "default": AUTO })
}
