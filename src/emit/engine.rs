//! From an engine to what the bundle needs to know of it: streams, formats, law, and test cases with their expected results.

use crate::emit::EmitError;
use crate::emit::bundle::{Bundle, BundleInfo, CaseStream, StreamInfo, TestCase, bundle};
use crate::engine::{Dataflow, Engine, EngineSpec, Operand, Patterns, Schedule, Stream};
use crate::matrix::Matrix;
use crate::netlist::wiring::mask;

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
        law: law(engine),
        clock_period_ns: from.clock_period_ns,
        streams: streams(spec),
    };
    bundle(&engine.netlist, &info, cases)
}

fn summary(spec: &EngineSpec) -> Vec<String> {
    let stays = match spec.dataflow {
        Dataflow::OutputStationary => "each PE keeps one element of C",
        Dataflow::WeightStationary => "each PE keeps one element of B",
    };
    let transforms = if spec.transforms.is_empty() {
        "No transform of the loop nest.".to_owned()
    } else {
        format!("Transforms of the loop nest: {}.", spec.transforms.join(", "))
    };
    vec![
        format!("A complete systolic tensor engine for C[M,N] += A[M,K] * B[K,N]: {} x {} PEs,", spec.rows, spec.cols),
        format!("{}: {stays}. {transforms}", spec.dataflow.name()),
    ]
}

fn formats(spec: &EngineSpec) -> Vec<String> {
    let encoding = match (spec.encoding, spec.encoded) {
        (None, _) => "not encoded: the * operator".to_owned(),
        (Some(kind), Operand::A) => format!("A becomes digits, {}", kind.name()),
        (Some(kind), Operand::B) => format!("B becomes digits, {}", kind.name()),
    };
    vec![
        format!("A int{}, B int{}, two's complement; {encoding}.", spec.a_bits, spec.b_bits),
        format!("Results int{}, two's complement, modulo 2^{}.", spec.acc_bits, spec.acc_bits),
    ]
}

/// Latency of one tile and pitch of several, with the numbers of this array.
fn law(engine: &Engine) -> Vec<String> {
    let spec = &engine.spec;
    let steps = match spec.dataflow {
        Dataflow::OutputStationary => "K",
        Dataflow::WeightStationary => "M",
    };
    let of = |length: usize| match spec.dataflow {
        Dataflow::OutputStationary => Schedule::new(spec, 1, 1, length),
        Dataflow::WeightStationary => Schedule::new(spec, length, 1, 1),
    };
    // A tile of one step has the shortest latency and pitch; both grow by one for each further step, the pitch once it is
    // longer than the array makes it.
    let Ok(shortest) = of(1) else { return Vec::new() };
    let latency = shortest.law().cycles - 1;
    vec![
        format!("Latency of a tile: {steps} + {latency} cycles, first operand to last result."),
        format!("Rate: a step a cycle; a tile every max({steps}, {}) cycles.", shortest.pitch()),
    ]
}

/// The streams of the top module, in port order.
pub fn streams(spec: &EngineSpec) -> Vec<StreamInfo> {
    let stream = |name: &str, fields: &[&str], doc: &str| StreamInfo {
        name: name.to_owned(),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        is_output: name == "c",
        is_operand: name == "a" || name == "b",
        doc: doc.to_owned(),
    };
    match spec.dataflow {
        Dataflow::OutputStationary => vec![
            stream("cmd", &["cmd_length_i"], "one a tile: K, at least 1"),
            stream("a", &["a_data_i"], "column k of the A tile, lane = row m; taken together with b"),
            stream("b", &["b_data_i"], "row k of the B tile, lane = column n"),
            stream("c", &["c_data_o"], "rows of the C tile, last row first, lane = column n"),
        ],
        Dataflow::WeightStationary => vec![
            stream(
                "cmd",
                &["cmd_length_i", "cmd_accumulate_i"],
                "one a tile: M, at least 1, and whether stream p is added",
            ),
            stream("a", &["a_data_i"], "row m of the A tile, lane = k"),
            stream("b", &["b_data_i"], "rows of the weight tile, last row of K first, lane = column n"),
            stream("p", &["p_data_i"], "row m of the partial sums of an accumulating tile, lane = column n"),
            stream("c", &["c_data_o"], "row m of the results, lane = column n"),
        ],
    }
}

/// The streams of one GEMM as beats, with the results that arithmetic demands (a triple loop, wrapped to the accumulator).
///
/// `cycles` is what the run takes under `patterns`: the law if they are all ones, the simulator's word otherwise. `a` is M x K,
/// `b` is K x N.
pub fn test_case(
    spec: &EngineSpec,
    schedule: &Schedule,
    name: &str,
    (a, b): (&Matrix<i32>, &Matrix<i32>),
    patterns: &Patterns,
    cycles: u64,
) -> TestCase {
    let beats = StreamBeats { spec, schedule, sums: PrefixSums::new(spec, schedule, a, b), a, b };
    let data = |stream: Stream, pattern: u64| CaseStream { beats: beats.of(stream), pattern };
    let mut streams =
        vec![data(Stream::Command, patterns.cmd), data(Stream::A, patterns.a), data(Stream::B, patterns.b)];
    if spec.dataflow == Dataflow::WeightStationary {
        streams.push(data(Stream::Partial, patterns.p));
    }
    streams.push(data(Stream::C, patterns.c));
    TestCase { name: name.to_owned(), streams, cycles }
}

/// C after each tile of K: `after[t][m, n]` sums k below the end of tile `t`.
struct PrefixSums {
    after: Vec<Matrix<i64>>,
}

impl PrefixSums {
    fn new(spec: &EngineSpec, schedule: &Schedule, a: &Matrix<i32>, b: &Matrix<i32>) -> Self {
        let (m, n, k) = schedule.extents();
        let depth = match spec.dataflow {
            Dataflow::OutputStationary => k,
            Dataflow::WeightStationary => spec.rows as usize,
        };
        let mut sum = Matrix::filled(m, n, 0_i64);
        let mut after = Vec::new();
        for start in (0..k).step_by(depth) {
            for row in 0..m {
                for step in start..(start + depth).min(k) {
                    let factor = i64::from(a[(row, step)]);
                    for (sum, &value) in sum.row_mut(row).iter_mut().zip(b.row(step)) {
                        *sum = sum.wrapping_add(factor * i64::from(value));
                    }
                }
            }
            after.push(sum.clone());
        }
        PrefixSums { after }
    }
}

struct StreamBeats<'a> {
    spec: &'a EngineSpec,
    schedule: &'a Schedule,
    sums: PrefixSums,
    a: &'a Matrix<i32>,
    b: &'a Matrix<i32>,
}

impl StreamBeats<'_> {
    fn of(&self, stream: Stream) -> Vec<Vec<u64>> {
        let (schedule, spec) = (self.schedule, self.spec);
        let lanes = schedule.lanes(stream);
        let words = |value: &dyn Fn(usize, usize) -> Option<i64>, bits: u32| -> Vec<Vec<u64>> {
            let word = |beat, lane| value(beat, lane).unwrap_or(0) as u64 & mask(bits);
            let beat = |beat| (0..lanes).map(|lane| word(beat, lane)).collect();
            (0..schedule.beats(stream)).map(beat).collect()
        };
        let tiles_of_k = self.sums.after.len();
        let steps = schedule.length();
        match stream {
            Stream::Command => (0..schedule.beats(stream))
                .map(|tile| {
                    let command = schedule.command(tile);
                    let mut beat = vec![u64::from(command.length)];
                    if spec.dataflow == Dataflow::WeightStationary {
                        beat.push(u64::from(command.accumulate));
                    }
                    beat
                })
                .collect(),
            Stream::A => words(&|beat, lane| Some(i64::from(self.a[schedule.a_source(beat, lane)?])), spec.a_bits),
            Stream::B => words(&|beat, lane| Some(i64::from(self.b[schedule.b_source(beat, lane)?])), spec.b_bits),
            Stream::Partial => {
                let before = |beat: usize| beat / steps % (tiles_of_k - 1).max(1);
                words(&|beat, lane| Some(self.sums.after[before(beat)][schedule.p_source(beat, lane)?]), spec.acc_bits)
            }
            Stream::C => {
                let after = |beat: usize| match spec.dataflow {
                    Dataflow::OutputStationary => 0,
                    Dataflow::WeightStationary => beat / steps % tiles_of_k,
                };
                words(&|beat, lane| Some(self.sums.after[after(beat)][schedule.c_place(beat, lane)?]), spec.acc_bits)
            }
        }
    }
}
