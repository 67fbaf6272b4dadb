//! The ports of a dense engine, and what passes through them in one GEMM.

use crate::engine::{Dataflow, EngineSpec, Patterns, Schedule, Stream, StreamInfo, Traffic};
use crate::matrix::Matrix;
use crate::netlist::wiring::mask;

/// Latency of one tile and pitch of several, with the numbers of this array.
pub fn law_text(spec: &EngineSpec) -> Vec<String> {
    let steps = match spec.dataflow() {
        Dataflow::OutputStationary => "K",
        Dataflow::WeightStationary | Dataflow::InputStationary => "M",
    };
    let of = |length: usize| match spec.dataflow() {
        Dataflow::OutputStationary => Schedule::new(spec, 1, 1, length),
        Dataflow::WeightStationary | Dataflow::InputStationary => Schedule::new(spec, length, 1, 1),
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
    let stream = StreamInfo::new;
    match spec.dataflow() {
        Dataflow::OutputStationary => vec![
            stream(Stream::Command, &["cmd_length_i"], "one a tile: K, at least 1"),
            stream(Stream::A, &["a_data_i"], "column k of the A tile, lane = row m; taken together with b"),
            stream(Stream::B, &["b_data_i"], "row k of the B tile, lane = column n"),
            stream(Stream::C, &["c_data_o"], "rows of the C tile, last row first, lane = column n"),
        ],
        Dataflow::WeightStationary | Dataflow::InputStationary => vec![
            stream(
                Stream::Command,
                &["cmd_length_i", "cmd_accumulate_i"],
                "one a tile: M, at least 1, and whether stream p is added",
            ),
            stream(Stream::A, &["a_data_i"], "row m of the A tile, lane = k"),
            stream(Stream::B, &["b_data_i"], "rows of the weight tile, last row of K first, lane = column n"),
            stream(
                Stream::Partial,
                &["p_data_i"],
                "row m of the partial sums of an accumulating tile, lane = column n",
            ),
            stream(Stream::C, &["c_data_o"], "row m of the results, lane = column n"),
        ],
    }
}

impl Schedule {
    /// The beats of every stream, in port order, with the results that arithmetic demands (a triple loop, wrapped to the
    /// accumulator). `a` is M x K, `b` is K x N.
    pub fn traffic(
        &self,
        spec: &EngineSpec,
        (a, b): (&Matrix<i32>, &Matrix<i32>),
        patterns: &Patterns,
    ) -> Vec<Traffic> {
        let beats = StreamBeats { spec, schedule: self, sums: PrefixSums::new(spec, self, a, b), a, b };
        let offered = |stream: Stream| match stream {
            Stream::Command => patterns.cmd,
            Stream::A => patterns.a,
            Stream::B => patterns.b,
            Stream::Partial => patterns.p,
            Stream::C => patterns.c,
        };
        spec.streams().iter().map(|stream| Traffic::single(beats.of(stream.role), offered(stream.role))).collect()
    }
}

/// C after each tile of K: `after[t][m, n]` sums k below the end of tile `t`.
struct PrefixSums {
    after: Vec<Matrix<i64>>,
}

impl PrefixSums {
    fn new(spec: &EngineSpec, schedule: &Schedule, a: &Matrix<i32>, b: &Matrix<i32>) -> Self {
        let (m, n, k) = schedule.extents();
        let depth = match spec.dataflow() {
            Dataflow::OutputStationary => k,
            Dataflow::WeightStationary | Dataflow::InputStationary => spec.rows as usize,
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
                    if spec.dataflow() != Dataflow::OutputStationary {
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
                let after = |beat: usize| match spec.dataflow() {
                    Dataflow::OutputStationary => 0,
                    Dataflow::WeightStationary | Dataflow::InputStationary => beat / steps % tiles_of_k,
                };
                words(&|beat, lane| Some(self.sums.after[after(beat)][schedule.c_place(beat, lane)?]), spec.acc_bits)
            }
        }
    }
}
