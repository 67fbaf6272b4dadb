//! The ports of a dense engine, and what passes through them in one GEMM.

use super::{Compressed, Selection};
use crate::encoding::EncodingKind;
use crate::engine::parts::encoder::EncoderPorts;
use crate::engine::{
    Dataflow, EncoderPlace, EngineSpec, NOfM, Operand, Patterns, Schedule, Stream, StreamInfo, Traffic,
};
use crate::matrix::Matrix;
use crate::netlist::wiring::mask;

/// Latency of one tile and pitch of several, with the numbers of this array.
pub fn law_text(spec: &EngineSpec) -> Vec<String> {
    // A tile of one step has the shortest latency and pitch; both grow by the cycles of each further step, the pitch once it is
    // longer than the array makes it.
    let Ok(shortest) = Schedule::new(spec, 1, 1, 1) else { return Vec::new() };
    let step_cycles = u64::from(shortest.timing().step_cycles);
    let steps = match (spec.dataflow(), spec.array.depth()) {
        (Dataflow::OutputStationary, depth) if spec.kept().is_some() => kept_steps(spec, depth),
        (Dataflow::OutputStationary, 1) => "K".to_owned(),
        (Dataflow::OutputStationary, depth) => format!("ceil(K/{depth})"),
        (Dataflow::WeightStationary, _) => "M".to_owned(),
        (Dataflow::InputStationary, _) => "N".to_owned(),
    };
    let (each, cycles) = match step_cycles {
        1 => ("a cycle".to_owned(), steps),
        several => (format!("every {several} cycles"), format!("{several} * {steps}")),
    };
    let latency = shortest.law().cycles - shortest.length() as u64 * step_cycles;
    vec![
        format!("Latency of a tile: {cycles} + {latency} cycles, first operand to last result."),
        format!("Rate: a step {each}; a tile every max({cycles}, {}) cycles.", shortest.pitch()),
    ]
}

/// Whom the words of a group are for, where weights stay.
pub(super) fn rows_of_a_group(n: u32) -> String {
    if n == 1 { "each row of the array".to_owned() } else { format!("every {n} rows of the array") }
}

/// Steps of a tile that takes K by kept places.
fn kept_steps(spec: &EngineSpec, depth: u32) -> String {
    let NOfM { n, m } = spec.parameters.n_of_m;
    match depth / n {
        0 => format!("{} * ceil(K/{m})", n / depth),
        groups => format!("ceil(K/{})", groups * m),
    }
}

/// The streams of the top module, in port order.
pub fn streams(spec: &EngineSpec) -> Vec<StreamInfo> {
    let stream = |role: Stream, fields: &[&str], doc: &str| {
        let operand = match role {
            Stream::A => Some(Operand::A),
            Stream::B => Some(Operand::B),
            _ => None,
        };
        let lines = operand.map_or("", |operand| select_lines(spec, operand));
        StreamInfo::new(role, fields, &format!("{doc}{lines}"))
    };
    let depth = spec.array.depth();
    if let Ok(Some(selection)) = Selection::new(spec, spec.kept()) {
        return compressed_streams(spec, &selection);
    }
    let command = |doc: &str| stream(Stream::Command, &["cmd_length_i", "cmd_accumulate_i"], doc);
    match spec.dataflow() {
        Dataflow::OutputStationary if depth == 1 => vec![
            stream(Stream::Command, &["cmd_length_i"], "one a tile: K, at least 1"),
            stream(Stream::A, &["a_data_i"], "column k of the A tile, lane = row m; taken together with b"),
            stream(Stream::B, &["b_data_i"], "row k of the B tile, lane = column n"),
            stream(Stream::C, &["c_data_o"], "rows of the C tile, last row first, lane = column n"),
        ],
        Dataflow::OutputStationary => vec![
            stream(Stream::Command, &["cmd_length_i"], &format!("one a tile: K / {depth}, rounded up, at least 1")),
            stream(
                Stream::A,
                &["a_data_i"],
                &format!("{depth} columns of the A tile, lane = {depth} m + place of k; taken together with b"),
            ),
            stream(Stream::B, &["b_data_i"], &format!("{depth} rows of the B tile, lane = {depth} n + place of k")),
            stream(Stream::C, &["c_data_o"], "rows of the C tile, last row first, lane = column n"),
        ],
        Dataflow::WeightStationary => vec![
            command("one a tile: M, at least 1, and whether stream p is added"),
            stream(Stream::A, &["a_data_i"], "row m of the A tile, lane = k"),
            stream(Stream::B, &["b_data_i"], "rows of the weight tile, last row of K first, lane = column n"),
            stream(
                Stream::Partial,
                &["p_data_i"],
                "row m of the partial sums of an accumulating tile, lane = column n",
            ),
            stream(Stream::C, &["c_data_o"], "row m of the results, lane = column n"),
        ],
        Dataflow::InputStationary => vec![
            command("one a tile: N, at least 1, and whether stream p is added"),
            stream(Stream::A, &["a_data_i"], "columns of the A tile that stays, last column k first, lane = row m"),
            stream(Stream::B, &["b_data_i"], "column n of the B tile, lane = k"),
            stream(
                Stream::Partial,
                &["p_data_i"],
                "column n of the partial sums of an accumulating tile, lane = row m",
            ),
            stream(Stream::C, &["c_data_o"], "column n of the results, lane = row m"),
        ],
    }
}

/// The streams of an array whose weights are stored compressed: an element of B and its index in the group come in one beat.
fn compressed_streams(spec: &EngineSpec, selection: &Selection) -> Vec<StreamInfo> {
    let (depth, NOfM { n, m }) = (spec.array.depth(), selection.of);
    let lines = select_lines(spec, Operand::B);
    let stream = |role, fields: &[&str], doc: &str| StreamInfo::new(role, fields, doc);
    let b = |doc: &str| {
        let doc = format!("{doc}: an element and its index in the group of {m}{lines}");
        stream(Stream::B, &["b_data_i", "b_index_i"], &doc)
    };
    if spec.dataflow() != Dataflow::OutputStationary {
        return vec![
            stream(
                Stream::Command,
                &["cmd_length_i", "cmd_accumulate_i"],
                "one a tile: M, at least 1, and whether stream p is added",
            ),
            stream(
                Stream::A,
                &["a_data_i"],
                &format!("row m of the A tile, lane = k, {m} of them for {}", rows_of_a_group(n)),
            ),
            b("kept places of the weight tile, last one of K first, lane = column n"),
            stream(
                Stream::Partial,
                &["p_data_i"],
                "row m of the partial sums of an accumulating tile, lane = column n",
            ),
            stream(Stream::C, &["c_data_o"], "row m of the results, lane = column n"),
        ];
    }
    let (words, steps) = (selection.words, selection.steps);
    let taken = match steps {
        1 => "taken together with b".to_owned(),
        steps => format!("one for every {steps} beats of b, taken with the first of them"),
    };
    let lane = if depth == 1 { "lane = column n".to_owned() } else { format!("lane = {depth} n + kept place") };
    vec![
        stream(
            Stream::Command,
            &["cmd_length_i"],
            &format!("one a tile: {}, at least {steps}", kept_steps(spec, depth)),
        ),
        stream(
            Stream::A,
            &["a_data_i"],
            &format!("{words} columns of the A tile, lane = {words} m + place of k; {taken}"),
        ),
        b(&match depth {
            1 => format!("a kept place of the B tile, {lane}"),
            depth => format!("{depth} kept places of the B tile, {lane}"),
        }),
        stream(Stream::C, &["c_data_o"], "rows of the C tile, last row first, lane = column n"),
    ]
}

/// What is added to the documentation of an operand that comes in as digits: `store-encoded` moved its encoder out of the array.
pub(super) fn select_lines(spec: &EngineSpec, operand: Operand) -> &'static str {
    match is_stored(spec, operand) {
        true => "; an element is the select lines of its digits",
        false => "",
    }
}

/// Whether a stream carries select lines in place of the elements of this operand.
fn is_stored(spec: &EngineSpec, operand: Operand) -> bool {
    spec.encoding.is_some() && spec.encoded == operand && spec.encoder_place() == EncoderPlace::Stored
}

impl Schedule {
    /// The beats of every stream, in port order, with the results that arithmetic demands (see [`results`](Self::results)).
    /// `a` is M x K, `b` is K x N.
    pub fn traffic(
        &self,
        spec: &EngineSpec,
        (a, b): (&Matrix<i32>, &Matrix<i32>),
        patterns: &Patterns,
    ) -> Vec<Traffic> {
        let compressed = self.timing().selection.map(|selection| Compressed::new(b, selection.of));
        let beats = StreamBeats { spec, schedule: self, sums: self.sums(spec, a, b), a, b, compressed };
        let offered = |stream: Stream| match stream {
            Stream::Command => patterns.cmd,
            Stream::A => patterns.a,
            Stream::B => patterns.b,
            Stream::Partial => patterns.p,
            Stream::C => patterns.c,
        };
        spec.streams().iter().map(|stream| Traffic::single(beats.of(stream.role), offered(stream.role))).collect()
    }

    /// The product as the accumulator's format holds it: exact and then wrapped, or with `saturate` clipped as often as
    /// a sum leaves the array (where an operand stays, once for each tile of K).
    pub fn results(&self, spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Matrix<i64> {
        self.sums(spec, a, b).pop().unwrap_or_else(|| Matrix::filled(0, 0, 0))
    }

    /// C after each tile of K: entry `t` sums k below the end of tile `t`.
    fn sums(&self, spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Vec<Matrix<i64>> {
        let (m, n, k) = self.extents();
        let extent = self.k_tile_extent();
        let mut sum = Matrix::filled(m, n, 0_i64);
        let mut after = Vec::new();
        for start in (0..k).step_by(extent) {
            for row in 0..m {
                for step in start..(start + extent).min(k) {
                    let factor = i64::from(a[(row, step)]);
                    for (sum, &value) in sum.row_mut(row).iter_mut().zip(b.row(step)) {
                        *sum = sum.wrapping_add(factor * i64::from(value));
                    }
                }
                sum.row_mut(row).iter_mut().for_each(|sum| *sum = held(spec, *sum));
            }
            after.push(sum.clone());
        }
        after
    }
}

/// What the accumulator's format makes of a sum.
fn held(spec: &EngineSpec, sum: i64) -> i64 {
    let unused = 64 - spec.acc_bits;
    match spec.saturate {
        true => sum.clamp(i64::MIN >> unused, i64::MAX >> unused),
        false => (sum << unused) >> unused,
    }
}

struct StreamBeats<'a> {
    spec: &'a EngineSpec,
    schedule: &'a Schedule,
    sums: Vec<Matrix<i64>>,
    a: &'a Matrix<i32>,
    b: &'a Matrix<i32>,
    /// B as it is stored, where that is without most of its zeros.
    compressed: Option<Compressed>,
}

impl StreamBeats<'_> {
    fn of(&self, stream: Stream) -> Vec<Vec<u64>> {
        let (schedule, spec) = (self.schedule, self.spec);
        let beats = |word: &dyn Fn(usize, usize) -> u64| -> Vec<Vec<u64>> {
            let beat = |beat| (0..schedule.lanes(stream)).map(|lane| word(beat, lane)).collect();
            (0..schedule.beats(stream)).map(beat).collect()
        };
        let sum = |value: Option<i64>| value.unwrap_or(0) as u64 & mask(spec.acc_bits);
        match stream {
            Stream::Command => (0..schedule.beats(stream))
                .map(|tile| {
                    let command = schedule.command(tile);
                    let mut beat = vec![u64::from(command.length)];
                    if spec.dataflow() != Dataflow::OutputStationary {
                        beat.push(u64::from(command.accumulate));
                    }
                    beat
                })
                .collect(),
            Stream::A => {
                let word = OperandWord::new(spec, Operand::A);
                beats(&|beat, lane| word.of(schedule.a_source(beat, lane).map_or(0, |place| self.a[place])))
            }
            Stream::B => {
                let word = OperandWord::new(spec, Operand::B);
                let Some(Compressed { values, indices }) = &self.compressed else {
                    return beats(&|beat, lane| {
                        word.of(schedule.b_source(beat, lane).map_or(0, |place| self.b[place]))
                    });
                };
                let elements =
                    beats(&|beat, lane| word.of(schedule.b_source(beat, lane).map_or(0, |place| values[place])));
                let indices =
                    beats(&|beat, lane| schedule.b_source(beat, lane).map_or(0, |place| u64::from(indices[place])));
                elements.into_iter().zip(indices).map(|(elements, indices)| [elements, indices].concat()).collect()
            }
            Stream::Partial => beats(&|beat, lane| {
                let sums = &self.sums[schedule.k_tile(schedule.producer(beat))];
                sum(schedule.p_source(beat, lane).map(|place| sums[place]))
            }),
            Stream::C => beats(&|beat, lane| {
                let sums = &self.sums[schedule.k_tile(beat)];
                sum(schedule.c_place(beat, lane).map(|place| sums[place]))
            }),
        }
    }
}

/// How an element of an operand is written on its stream.
struct OperandWord {
    bits: u32,
    /// Where the stream carries select lines: of which encoder, and the bits of its input.
    encoded: Option<(EncodingKind, u32)>,
}

impl OperandWord {
    fn new(spec: &EngineSpec, operand: Operand) -> Self {
        let (bits, word_bits) = match operand {
            Operand::A => (spec.a_bits, spec.a_word_bits()),
            Operand::B => (spec.b_bits, spec.b_word_bits()),
        };
        Self { bits, encoded: spec.encoding.filter(|_| is_stored(spec, operand)).map(|kind| (kind, word_bits)) }
    }

    fn of(&self, value: i32) -> u64 {
        let Some((kind, word_bits)) = self.encoded else { return i64::from(value) as u64 & mask(self.bits) };
        let encoding = kind.encoding();
        let mut digits = vec![0; encoding.slots(word_bits) as usize];
        encoding.encode_into(value, word_bits, &mut digits);
        EncoderPorts::new(kind, word_bits).pack(&digits)
    }
}
