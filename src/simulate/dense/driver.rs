//! Feeds one GEMM through a machine, beat by beat, and counts what happens.

use super::machine::{Beats, Machine, Offered, Taken, Wait};
use super::panel::Panel;
use crate::engine::{Compressed, Dataflow, EngineSpec, Parts, Patterns, Schedule, Stream};
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
    pub beats: Beats<'a, M::Word, M::Element>,
    /// The machine before that edge.
    pub machine: &'a M,
}

/// A GEMM on its way through a machine.
pub struct Driver<'a, M: Machine> {
    schedule: &'a Schedule,
    machine: M,
    c_pattern: u64,
    rows: usize,
    cols: usize,
    acc_bits: u32,
    fill: usize,
    a: Panel<M::Element>,
    b: Panel<M::Element>,
    /// Indices of the elements of B in their groups, where they are stored compressed.
    index: Option<Panel<u8>>,
    partial: Vec<M::Word>,
    offers: [Offer; 4],
    /// The input whose beats are the steps of a tile.
    steps: usize,
    results: usize,
    cycle: u64,
    first_operand: Option<u64>,
    last_operand: u64,
    last_result: u64,
    tail: usize,
    totals: Totals,
}

/// What a run yields.
#[derive(Clone, Debug)]
pub struct Totals {
    /// The product, as wide as `acc_bits`.
    pub c: Matrix<i64>,
    /// From the first operand to the last result, both included.
    pub cycles: u64,
    /// Cycles by cause.
    pub parts: Parts,
    /// Words in and out.
    pub words: Words,
    /// Useful products by the part of the array that has them: entry (r, c) counts those of a PE in steps in which PEs
    /// (0, 0) to (r, c) are useful.
    pub products: Matrix<u64>,
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
        (a, b): (&Matrix<i32>, &Matrix<i32>),
        patterns: &Patterns,
    ) -> Self {
        let (rows, cols) = (spec.rows as usize, spec.cols as usize);
        let offered_by = [patterns.cmd, patterns.a, patterns.b, patterns.p];
        let (m, n, _) = schedule.extents();
        let stored = schedule.timing().selection.map(|selection| Compressed::new(b, selection.of));
        let b = stored.as_ref().map_or(b, |stored| &stored.values);
        let index_of = |stored: &Compressed| {
            let index = |beat, lane| schedule.b_source(beat, lane).map(|place| stored.indices[place] as u8);
            Panel::of(schedule, Stream::B, index)
        };
        Self {
            schedule,
            machine,
            c_pattern: patterns.c,
            rows,
            cols,
            acc_bits: spec.acc_bits,
            fill: schedule.fill(),
            a: Panel::new(schedule, Stream::A, |beat, lane| schedule.a_source(beat, lane).map(|place| a[place])),
            b: Panel::new(schedule, Stream::B, |beat, lane| schedule.b_source(beat, lane).map(|place| b[place])),
            index: stored.as_ref().map(index_of),
            partial: vec![M::Word::default(); cols],
            offers: std::array::from_fn(|input| Offer::new(offered_by[input], schedule.beats(INPUTS[input]))),
            // Where results stay A has fewer beats than steps, if one serves several kept places.
            steps: if spec.dataflow() == Dataflow::WeightStationary { A } else { B },
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
                products: Matrix::filled(rows, cols, 0),
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
        let a = if offered.a { self.a.beat(self.offers[A].next()) } else { &[] };
        let b = if offered.b { self.b.beat(self.offers[B].next()) } else { &[] };
        let index = match &self.index {
            Some(index) if offered.b => index.beat(self.offers[B].next()),
            _ => &[],
        };
        let beats = Beats { a, b, index, p: &self.partial };
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
        let result = self.machine.result();
        for (lane, word) in result.iter().enumerate() {
            let Some(place) = self.schedule.c_place(self.results, lane) else { break };
            self.totals.c[place] = word.wrapped(self.acc_bits);
            self.totals.words.c += 1;
        }
        self.results += 1;
        self.last_result = self.cycle;
    }

    /// Fetches the partial sums of the beat that is accepted now, which an earlier tile must have produced.
    fn gather_partial(&mut self) -> Result<(), String> {
        let beat = self.offers[PARTIAL].next();
        let producer = self.schedule.producer(beat);
        if producer >= self.results {
            return Err(format!("partial sums of beat {beat} are read before result beat {producer} has left"));
        }
        self.partial.fill(M::Word::default());
        for (lane, word) in self.partial.iter_mut().enumerate() {
            let Some(place) = self.schedule.p_source(beat, lane) else { break };
            *word = M::Word::from_value(self.totals.c[place]);
            self.totals.words.partial += 1;
        }
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
        let operands_done = self.offers[self.steps].is_done();
        let parts = &mut self.totals.parts;
        match taken.wait {
            Wait::Frozen => parts.stall += 1,
            Wait::Nothing => parts.compute += 1,
            // The last step is on its way to the last PE, then its results are on theirs.
            _ if operands_done && self.tail < self.fill => {
                self.tail += 1;
                parts.fill += 1;
            }
            _ if operands_done => parts.drain += 1,
            Wait::Weights => parts.load += 1,
            Wait::Drain => parts.drain += 1,
            Wait::Operand | Wait::Command => parts.stall += 1,
        }
        if taken.a {
            self.totals.words.a += self.schedule.words(Stream::A, self.offers[A].next()) as u64;
        }
        if taken.b {
            self.totals.words.b += self.schedule.words(Stream::B, self.offers[B].next()) as u64;
        }
        let steps = [taken.cmd, taken.a, taken.b, taken.p];
        if steps[self.steps] {
            let share = self.schedule.share(self.offers[self.steps].next());
            self.totals.products[(share.rows - 1, share.cols - 1)] += share.products as u64;
        }
    }
}
