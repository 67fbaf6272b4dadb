//! From an engine to what the bundle needs to know of it: streams, formats, law, and test cases with their expected results.

use crate::emit::EmitError;
use crate::emit::bundle::{Bundle, BundleInfo, TestCase, bundle};
use crate::engine::{Array, Dataflow, EncoderPlace, Engine, EngineError, EngineSpec, NOfM, Operand, Patterns};
use crate::matrix::Matrix;

/// What an engine does not know of the design that it was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// Hash of the resolved design.
    pub hash: String,
    /// Name and version of the tool, e.g. `bitweight 0.1.0`.
    pub tool: String,
    /// The command that makes the bundle again.
    pub regenerate: String,
    /// Clock period that the constraints ask for, in ns.
    pub clock_period_ns: f64,
}

/// The bundle of an engine.
///
/// # Errors
/// Any [`EmitError`].
pub fn engine_bundle(engine: &Engine, from: &Provenance, cases: &[TestCase]) -> Result<Bundle, EmitError> {
    let spec = &engine.spec;
    let info = BundleInfo {
        design: spec.name.clone(),
        hash: from.hash.clone(),
        tool: from.tool.clone(),
        regenerate: from.regenerate.clone(),
        summary: summary(spec),
        formats: formats(spec),
        law: engine.law_text(),
        clock_period_ns: from.clock_period_ns,
        streams: spec.streams(),
    };
    bundle(&engine.netlist, &info, cases)
}

fn summary(spec: &EngineSpec) -> Vec<String> {
    let (rows, cols) = (spec.rows, spec.cols);
    let depth = spec.array.depth();
    let stays = match spec.dataflow() {
        Dataflow::OutputStationary => "each PE keeps one element of C",
        Dataflow::WeightStationary => "each PE keeps one element of B",
        Dataflow::InputStationary => "each PE keeps one element of A",
    };
    let transforms = if spec.transforms.is_empty() {
        "No transform of the loop nest.".to_owned()
    } else {
        format!("Transforms of the loop nest: {}.", spec.transforms.join(", "))
    };
    let size = if depth > 1 { format!("{depth} x {rows} x {cols} products") } else { format!("{rows} x {cols} PEs") };
    vec![
        format!("A complete {} tensor engine for C[M,N] += A[M,K] * B[K,N]: {size},", spec.array.name()),
        format!("{}: {stays}. {transforms}", spec.dataflow().name()),
    ]
}

fn formats(spec: &EngineSpec) -> Vec<String> {
    let place = match spec.encoder_place() {
        EncoderPlace::Pe => "",
        EncoderPlace::Edge => ", at the edge of the array",
        EncoderPlace::Stored => "; its stream carries select lines",
    };
    let encoding = match (spec.encoding, spec.encoded) {
        (None, _) => "not encoded: the * operator".to_owned(),
        (Some(kind), _) if matches!(spec.array, Array::Laconic { .. }) => {
            format!("A and B become digits, {}", kind.name())
        }
        (Some(kind), Operand::A) => format!("A becomes digits, {}{place}", kind.name()),
        (Some(kind), Operand::B) => format!("B becomes digits, {}{place}", kind.name()),
    };
    let format = |bits: u32, signed: bool| if signed { format!("int{bits}") } else { format!("uint{bits}") };
    let (a, b) = (format(spec.a_bits, spec.a_signed), format(spec.b_bits, spec.b_signed));
    let kind = if spec.a_signed && spec.b_signed { "two's complement" } else { "int: two's complement" };
    let results = match spec.saturate {
        true => format!("clipped; sums inside have {} bits.", spec.sum_bits()),
        false => format!("modulo 2^{}.", spec.acc_bits),
    };
    let mut lines = vec![
        format!("A {a}, B {b}, {kind}; {encoding}."),
        format!("Results int{}, two's complement, {results}", spec.acc_bits),
    ];
    if let Some(NOfM { n, m }) = spec.kept() {
        lines.push(format!(
            "Of every {m} elements of B along K {n} are stored: those that are not zero, in order, then zeros."
        ));
        lines.push(
            "b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).".to_owned(),
        );
    }
    lines
}

/// The streams of one GEMM as beats, with the results that arithmetic demands.
///
/// `cycles` is what the run takes under `patterns`. `a` is M x K, `b` is K x N.
///
/// # Errors
/// Those of [`EngineSpec::traffic`].
pub fn test_case(
    spec: &EngineSpec,
    name: &str,
    operands: (&Matrix<i32>, &Matrix<i32>),
    patterns: &Patterns,
    cycles: u64,
) -> Result<TestCase, EngineError> {
    Ok(TestCase { name: name.to_owned(), streams: spec.traffic(operands, patterns)?, cycles })
}
