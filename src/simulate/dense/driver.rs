//! Feeds one GEMM through a machine, beat by beat, and counts what happens.

use super::machine::{Beats, Machine, Offered, Taken, Wait};
use super::panel::Panel;
use crate::engine::{Dataflow, EngineSpec, Parts, Patterns, Schedule, Stream};
use crate::matrix::Matrix;
use crate::simulate::Words;
use crate::simulate::offer::{Offer, at};
use crate::simulate::word::Word;

/// One cycle as seen from outside, for an observer.
pub struct Cycle<'a, M: Machine> {
    /// Counted from the first edge after reset.
    pub index: u64,
    /// What is offered.
    pub offered: &'a Offered,
    /// What changes hands at the edge that ends it.
    pub taken: &'a Taken,
    /// The data offered.
    pub beats: Beats<'a, M::Word>,
    /// The machine before that edge.
    pub machine: &'a M,
}

/// A GEMM on its way through a machine.
pub struct Driver<'a, M: Machine> {
    schedule: &'a Schedule,
    machine: M,
    c_pattern: u64,
    dataflow: Dataflow,
    rows: usize,
    cols: usize,
    acc_bits: u32,
    a: Panel,
    b: Panel,
    no_weights: Vec<i16>,
    partial: Vec<M::Word>,
    offers: [Offer; 4],
    results: usize,
    cycle: u64,
    first_operand: Option<u64>,
    last_operand: u64,
    last_result: u64,
    tail: u64,
    totals: Totals,
}

/// What a run yields.
#[derive(Clone, Debug)]
pub struct Totals {
    /// The product, wrapped to `acc_bits`.
    pub c: Matrix<i64>,
    /// From the first operand to the last result, both included.
    pub cycles: u64,
    /// Cycles by cause.
    pub parts: Parts,
    /// Words in and out.
    pub words: Words,
    /// Steps by the part of the array that they use: entry (r, c) counts those of tiles that use PEs (0, 0) to (r, c).
    pub steps: Matrix<u64>,
}

/// Streams in the order of [`Driver::offers`].
const INPUTS: [Stream; 4] = [Stream::Command, Stream::A, Stream::B, Stream::Partial];
const COMMAND: usize = 0;
const A: usize = 1;
const B: usize = 2;
const PARTIAL: usize = 3;

impl<'a, M: Machine> Driver<'a, M> {
    /// Before the first cycle. `a` and `b` fit their formats and the schedule's extents.
    pub fn new(
        spec: &EngineSpec,
        schedule: &'a Schedule,
        machine: M,
        a: &Matrix<i32>,
        b: &Matrix<i32>,
        patterns: &Patterns,
    ) -> Self {
        let (rows, cols) = (spec.rows as usize, spec.cols as usize);
        let offered_by = [patterns.cmd, patterns.a, patterns.b, patterns.p];
        let (m, n, _) = schedule.extents();
        Self {
            schedule,
            machine,
            c_pattern: patterns.c,
            dataflow: spec.dataflow(),
            rows,
            cols,
            acc_bits: spec.acc_bits,
            a: match spec.dataflow() {
                Dataflow::OutputStationary => Panel::columns(a, rows),
                Dataflow::WeightStationary | Dataflow::InputStationary => Panel::rows(a, rows),
            },
            b: Panel::rows(b, cols),
            no_weights: vec![0; cols],
            partial: vec![M::Word::default(); cols],
            offers: std::array::from_fn(|input| Offer::new(offered_by[input], schedule.beats(INPUTS[input]))),
            results: 0,
            cycle: 0,
            first_operand: None,
            last_operand: 0,
            last_result: 0,
            tail: 0,
            totals: Totals {
                c: Matrix::filled(m, n, 0),
                cycles: 0,
                parts: Parts::default(),
                words: Words::default(),
                steps: Matrix::filled(rows, cols, 0),
            },
        }
    }

    /// Runs to the last result; `observe` sees every cycle.
    ///
    /// # Errors
    /// A sentence that names the violated condition: a defect of this program.
    pub fn run(mut self, mut observe: impl FnMut(&Cycle<M>)) -> Result<Totals, String> {
        let beats = self.schedule.beats(Stream::C);
        // Two hand-shakes are at most one trip through the array apart, each move of it held up by at most 63 cycles.
        let patience = 64 * (self.rows + self.cols + 8) as u64;
        let mut last_event = 0;
        while self.results < beats {
            let taken = self.cycle(&mut observe)?;
            if taken.cmd || taken.a || taken.b || taken.p || taken.c {
                last_event = self.cycle;
            } else if self.cycle - last_event > patience {
                return Err(format!(
                    "no beat moved for {patience} cycles; {} of {beats} results are out",
                    self.results
                ));
            }
            self.cycle += 1;
        }
        if let Some(input) = (0..INPUTS.len()).find(|&input| !self.offers[input].is_done()) {
            return Err(format!("all results are out, but stream {:?} has words left", INPUTS[input]));
        }
        let first = self.first_operand.ok_or("results left before any operand arrived")?;
        if self.last_result <= self.last_operand {
            return Err("the last result left before the last operand arrived".into());
        }
        self.totals.cycles = self.last_result - first + 1;
        Ok(self.totals)
    }

    fn cycle(&mut self, observe: &mut impl FnMut(&Cycle<M>)) -> Result<Taken, String> {
        let valid = self.offers.map(|offer| offer.valid(self.cycle));
        let offered = Offered {
            cmd: valid[COMMAND].then(|| self.schedule.command(self.offers[COMMAND].next())),
            a: valid[A],
            b: valid[B],
            p: valid[PARTIAL],
            c_ready: at(self.c_pattern, self.cycle),
        };
        let taken = self.machine.handshake(&offered);
        if taken.c {
            self.accept_result();
        }
        if taken.p {
            self.gather_partial()?;
        }
        let a = match self.schedule.a_source(self.offers[A].next(), 0) {
            Some((m, k)) if offered.a => match self.dataflow {
                Dataflow::OutputStationary => self.a.beat(k, m),
                Dataflow::WeightStationary | Dataflow::InputStationary => self.a.beat(m, k),
            },
            _ => &[],
        };
        let b = match self.schedule.b_source(self.offers[B].next(), 0) {
            Some((k, n)) if offered.b => self.b.beat(k, n),
            _ => &self.no_weights,
        };
        let beats = Beats { a, b, p: &self.partial };
        observe(&Cycle { index: self.cycle, offered: &offered, taken: &taken, beats, machine: &self.machine });
        self.machine.edge(&offered, &taken, beats);
        self.count(&taken);
        let accepted = [taken.cmd, taken.a, taken.b, taken.p];
        for ((offer, valid), accepted) in self.offers.iter_mut().zip(valid).zip(accepted) {
            offer.edge(valid, accepted);
        }
        Ok(taken)
    }

    /// Writes a row of results; padding is dropped.
    fn accept_result(&mut self) {
        if let Some((m, n)) = self.schedule.c_place(self.results, 0) {
            let row = &mut self.totals.c.row_mut(m)[n..];
            let result = self.machine.result();
            for (place, word) in row.iter_mut().zip(result) {
                *place = word.wrapped(self.acc_bits);
            }
            self.totals.words.c += row.len().min(self.cols) as u64;
        }
        self.results += 1;
        self.last_result = self.cycle;
    }

    /// Fetches the partial sums of the beat that is accepted now, which an earlier tile must have produced.
    fn gather_partial(&mut self) -> Result<(), String> {
        let beat = self.offers[PARTIAL].next();
        let (m, _, _) = self.schedule.extents();
        let inner = self.schedule.tiles().1;
        // Each column block has one tile that accumulates nothing, then `inner - 1` that do.
        let (block, tile, row) = (beat / m / (inner - 1), beat / m % (inner - 1), beat % m);
        let producer = (block * inner + tile) * m + row;
        if producer >= self.results {
            return Err(format!("partial sums of beat {beat} are read before result beat {producer} has left"));
        }
        let Some((m, n)) = self.schedule.p_source(beat, 0) else {
            return Err(format!("partial beat {beat} is all padding"));
        };
        let row = &self.totals.c.row(m)[n..];
        self.partial.fill(M::Word::default());
        for (word, &value) in self.partial.iter_mut().zip(row) {
            *word = M::Word::from_value(value);
        }
        self.totals.words.partial += row.len().min(self.cols) as u64;
        Ok(())
    }

    fn count(&mut self, taken: &Taken) {
        if taken.a || taken.b {
            self.first_operand.get_or_insert(self.cycle);
            self.last_operand = self.cycle;
        }
        if self.first_operand.is_none() {
            return; // before the first operand no cycle counts
        }
        let operands_done = self.offers[A].is_done();
        let parts = &mut self.totals.parts;
        match taken.wait {
            Wait::Frozen => parts.stall += 1,
            Wait::Nothing => parts.compute += 1,
            // The last step is on its way to the last PE, then its results are on theirs.
            _ if operands_done && self.tail < (self.rows + self.cols - 1) as u64 => {
                self.tail += 1;
                parts.fill += 1;
            }
            _ if operands_done => parts.drain += 1,
            Wait::Weights => parts.load += 1,
            Wait::Drain => parts.drain += 1,
            Wait::Operand | Wait::Command => parts.stall += 1,
        }
        let (m, n, k) = self.schedule.extents();
        if taken.b
            && let Some((_, from)) = self.schedule.b_source(self.offers[B].next(), 0)
        {
            self.totals.words.b += self.cols.min(n - from) as u64;
        }
        if taken.a {
            let beat = self.offers[A].next();
            let Some((from_m, from_k)) = self.schedule.a_source(beat, 0) else { return };
            let (used_rows, b_beat) = match self.dataflow {
                Dataflow::OutputStationary => (self.rows.min(m - from_m), beat),
                // The last beat of a tile's weights is its first row of K, which is never padding.
                Dataflow::WeightStationary | Dataflow::InputStationary => {
                    (self.rows.min(k - from_k), (beat / self.schedule.length() + 1) * self.rows - 1)
                }
            };
            self.totals.words.a += used_rows as u64;
            if let Some((_, from)) = self.schedule.b_source(b_beat, 0) {
                self.totals.steps[(used_rows - 1, self.cols.min(n - from) - 1)] += 1;
            }
        }
    }
}
