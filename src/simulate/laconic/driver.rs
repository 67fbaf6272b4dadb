//! Feeds one GEMM through the units, beat by beat, and counts what happens.

use super::units::Units;
use super::{encoded, internal};
use crate::encoding::EncodingKind;
use crate::engine::{EngineSpec, Parts, Patterns, Schedule, Stream};
use crate::matrix::Matrix;
use crate::simulate::dense::TileControl;
use crate::simulate::offer::{Offer, at};
use crate::simulate::terms::SignedTerms;
use crate::simulate::word::clip;
use crate::simulate::{Counts, GemmRun, SimulateError, Words};

/// Runs C = A * B register by register. `a` and `b` fit their formats and each other.
///
/// # Errors
/// A GEMM that the engine cannot count, or a condition violated that every run must meet.
pub fn run(
    spec: &EngineSpec,
    (a, b): (&Matrix<i32>, &Matrix<i32>),
    patterns: &Patterns,
) -> Result<GemmRun, SimulateError> {
    let schedule = Schedule::new(spec, a.rows(), b.cols(), a.cols())?;
    let [a, b] = encoded(spec, a, b);
    Driver::new(spec, &schedule, [&a, &b], patterns).run().map_err(|what| internal(spec, what))
}

struct Driver<'a> {
    spec: &'a EngineSpec,
    schedule: &'a Schedule,
    a: &'a Matrix<SignedTerms>,
    b: &'a Matrix<SignedTerms>,
    c_pattern: u64,
    offers: [Offer; 3],
    control: TileControl,
    /// Operands are worked on, in the first cycle of a tile, for its last step.
    working: bool,
    begins: bool,
    last: bool,
    /// The counts are those of a step, the first of a tile.
    count: Option<bool>,
    /// Stages between the last cycle of a tile and its capture.
    capture: [bool; 2],
    units: Units,
    drain: Vec<i64>,
    draining: usize,
    results: usize,
    c: Matrix<i64>,
    words: Words,
    parts: Parts,
    first_operand: Option<u64>,
    /// Cycles of work in which some lane had a pair, and all of them.
    paired_cycles: u64,
    tail: u64,
    /// The last cycle could not accept a step because results were in the way.
    held_up: bool,
}

const COMMAND: usize = 0;
const A: usize = 1;
const B: usize = 2;

impl<'a> Driver<'a> {
    fn new(
        spec: &'a EngineSpec,
        schedule: &'a Schedule,
        [a, b]: [&'a Matrix<SignedTerms>; 2],
        patterns: &Patterns,
    ) -> Self {
        let kind = spec.encoding.unwrap_or(EncodingKind::Csd);
        let slots = |bits: u32| kind.encoding().slots(bits);
        let (m, n, _) = schedule.extents();
        let offer = |pattern, stream| Offer::new(pattern, schedule.beats(stream));
        Self {
            spec,
            schedule,
            a,
            b,
            c_pattern: patterns.c,
            offers: [offer(patterns.cmd, Stream::Command), offer(patterns.a, Stream::A), offer(patterns.b, Stream::B)],
            // Guards the end of a tile.
            control: TileControl::new(spec.rows.saturating_sub(2), 1),
            working: false,
            begins: false,
            last: false,
            count: None,
            capture: [false; 2],
            units: Units::new(spec, (slots(spec.a_word_bits()), slots(spec.b_word_bits()))),
            drain: Vec::new(),
            draining: 0,
            results: 0,
            c: Matrix::filled(m, n, 0),
            words: Words::default(),
            parts: Parts::default(),
            first_operand: None,
            paired_cycles: 0,
            tail: 0,
            held_up: false,
        }
    }

    fn run(mut self) -> Result<GemmRun, String> {
        let beats = self.schedule.beats(Stream::C);
        // The longest step has as many pairs as there are places, each of its cycles held up by at most 63.
        let patience = 64 * (u64::from(self.spec.rows) + 17 * 17 + 16);
        let (mut cycle, mut last_event) = (0, 0);
        let mut last_result = 0;
        while self.results < beats {
            if self.cycle(cycle)? {
                last_event = cycle;
                last_result = cycle;
            } else if cycle - last_event > patience {
                return Err(format!(
                    "no beat moved for {patience} cycles; {} of {beats} results are out",
                    self.results
                ));
            }
            cycle += 1;
        }
        if self.offers.iter().any(|offer| !offer.is_done()) {
            return Err("all results are out, but a stream has words left".into());
        }
        let first = self.first_operand.ok_or("results left before any operand arrived")?;
        let cycles = last_result - first + 1;
        let (m, n, k) = self.schedule.extents();
        let lanes = u64::from(self.spec.array.depth());
        let (rows, cols) = (self.spec.rows as usize, self.spec.cols as usize);
        let working = self.parts.compute;
        let pairs: u64 = self.units.pairs.iter().sum();
        self.parts.compute = pairs / (lanes * (rows * cols) as u64);
        self.parts.empty = working - self.paired_cycles;
        self.parts.sync = self.paired_cycles - self.parts.compute;
        if self.parts.total() != cycles {
            return Err(format!("parts {:?} sum to {}, not to {cycles} cycles", self.parts, self.parts.total()));
        }
        let useful = Matrix::from_fn(rows, cols, |row, col| self.units.pairs[row * cols + col]);
        let macs = m as u64 * n as u64 * k as u64;
        let counts = Counts { cycles, parts: self.parts, macs, words: self.words, peak_per_pe: lanes, useful };
        Ok(GemmRun { c: self.c, counts })
    }

    /// One cycle; whether a beat changed hands.
    fn cycle(&mut self, cycle: u64) -> Result<bool, String> {
        let valid = self.offers.map(|offer| offer.valid(cycle));
        let result = self.draining > 0;
        let taken = result && at(self.c_pattern, cycle);
        let advance = taken || !result;
        let done = self.units.are_done();
        let ends = self.working && self.last && done;
        let free = !self.working || done;
        let drained = self.spec.rows == 1 || (self.control.gap == 0 && !ends);
        let may_end = self.control.left > 0 || drained;
        let open = self.control.busy && free && advance && may_end;
        let load = open && valid[A] && valid[B];
        let tile_ends = load && self.control.left == 0;
        let command = valid[COMMAND] && (!self.control.busy || tile_ends);
        if load {
            self.first_operand.get_or_insert(cycle);
        }
        if self.first_operand.is_some() {
            self.count_cycle(advance, load, free && !may_end);
        }
        self.held_up = self.control.busy && free && !may_end || self.held_up && !advance;
        if taken {
            self.accept_result();
        }
        let operands = load.then(|| self.operands());
        let order = command.then(|| self.schedule.command(self.offers[COMMAND].next()));
        let first = self.control.first;
        if advance {
            let capture = self.capture[1];
            if taken {
                self.draining -= 1;
            }
            if capture {
                if self.draining > 0 {
                    return Err("a tile is captured before the one before it has left".into());
                }
                self.drain = self.units.sums().to_vec();
                self.draining = self.spec.rows as usize;
            }
            let paired = self.units.pairs.iter().sum::<u64>();
            self.units.edge(self.count, operands.as_ref().map(|(a, b)| (&a[..], &b[..])));
            self.paired_cycles += u64::from(self.units.pairs.iter().sum::<u64>() > paired);
            self.capture = [ends, self.capture[0]];
            self.count = self.working.then_some(self.begins);
            self.begins = load && first;
            self.working = load || (self.working && !done);
            if load {
                self.last = self.control.left == 0;
            }
        }
        self.control.edge(advance, load, ends && advance, order);
        for (offer, (valid, accepted)) in self.offers.iter_mut().zip(valid.into_iter().zip([command, load, load])) {
            offer.edge(valid, accepted);
        }
        Ok(command || load || taken)
    }

    /// The cycle's part: `compute` is every cycle of work for now, and split when the run is over.
    fn count_cycle(&mut self, advance: bool, load: bool, waits_for_drain: bool) {
        let parts = &mut self.parts;
        match () {
            () if !advance => parts.stall += 1,
            () if self.working => parts.compute += 1,
            () if load && self.words.a + self.words.b == 0 => parts.fill += 1,
            () if self.offers[A].is_done() && self.tail < 2 => {
                self.tail += 1;
                parts.fill += 1;
            }
            () if self.offers[A].is_done() || waits_for_drain || load && self.held_up => parts.drain += 1,
            () => parts.stall += 1,
        }
    }

    /// The terms of the beats that are accepted now; padding has none.
    fn operands(&mut self) -> (Vec<SignedTerms>, Vec<SignedTerms>) {
        let (schedule, a, b) = (self.schedule, self.a, self.b);
        let terms = |stream: Stream, at: usize| -> Vec<Option<SignedTerms>> {
            (0..schedule.lanes(stream))
                .map(|lane| match stream {
                    Stream::A => schedule.a_source(at, lane).map(|place| a[place]),
                    _ => schedule.b_source(at, lane).map(|place| b[place]),
                })
                .collect()
        };
        let (a, b) = (terms(Stream::A, self.offers[A].next()), terms(Stream::B, self.offers[B].next()));
        let words = |beat: &[Option<SignedTerms>]| beat.iter().flatten().count() as u64;
        self.words.a += words(&a);
        self.words.b += words(&b);
        let padded = |beat: Vec<Option<SignedTerms>>| beat.into_iter().map(Option::unwrap_or_default).collect();
        (padded(a), padded(b))
    }

    fn accept_result(&mut self) {
        let cols = self.spec.cols as usize;
        let row = &self.drain[(self.draining - 1) * cols..];
        for (lane, &value) in row.iter().take(cols).enumerate() {
            if let Some(place) = self.schedule.c_place(self.results, lane) {
                self.c[place] = clip(value, self.spec.acc_bits);
                self.words.c += 1;
            }
        }
        self.results += 1;
    }
}
