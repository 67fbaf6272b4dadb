//! Feeds one GEMM through the registers of a serial engine, cycle by cycle, and counts what happens.

use super::array::{Array, Registers};
use super::beats::BeatsOfB;
use super::matches::Matches;
use super::ports::{Offered, Taken};
use super::shape::Shape;
use super::taking::{EncodedRow, RowCounts, Taking};
use super::total::{LaneCycles, finished};
use super::unit::Unit;
use crate::engine::{EngineSpec, Patterns};
use crate::matrix::Matrix;
use crate::simulate::offer::{Offer, at};
use crate::simulate::{GemmRun, SimulateError, Words};

/// One cycle of a serial engine as seen from outside.
pub struct SerialCycle<'a> {
    /// Counted from the first edge after reset.
    pub index: u64,
    /// What is offered.
    pub offered: &'a Offered,
    /// What changes hands at the edge that ends it.
    pub taken: &'a Taken,
    /// For each reader, the number of its next group among those of the whole GEMM.
    pub a_beats: Vec<usize>,
    /// For each reader, the beat of b that is on offer.
    pub b: Vec<&'a [i32]>,
    /// The engine before that edge.
    pub array: &'a dyn Registers,
}

/// A GEMM on its way through the engine.
pub struct Run<'a, T: Taking> {
    spec: &'a EngineSpec,
    shape: &'a Shape,
    array: Array<T>,
    matches: Matches,
    /// The rows of A, each in every version.
    rows: Vec<T::Row>,
    beats: BeatsOfB,
    c_pattern: u64,
    cmd: Offer,
    a: Vec<Offer>,
    b: Vec<Offer>,
    results: usize,
    cycle: u64,
    first_operand: Option<u64>,
    last_operand: u64,
    last_result: u64,
    tiles_ended: usize,
    /// Moves of the pipeline since the last tile ended.
    tail: u64,
    c: Matrix<i64>,
    lanes: LaneCycles,
    words: Words,
}

impl<'a, T: Taking> Run<'a, T> {
    /// Before the first cycle. `a` and `b` fit their formats and the shape's extents.
    pub fn new(spec: &'a EngineSpec, shape: &'a Shape, a: &Matrix<i32>, b: &Matrix<i32>, patterns: &Patterns) -> Self {
        let (tiles_m, tiles_n) = shape.tiles();
        let matches = Matches::new(shape, b);
        let versions = matches.versions();
        let row = |index: usize| {
            let (m, version) = (index / versions, index % versions);
            let seen = (m < shape.m).then(|| matches.seen(version, 0, a.row(m)));
            T::Row::new(shape, seen.as_deref())
        };
        let rows: Vec<T::Row> = (0..tiles_m * shape.rows * versions).map(row).collect();
        let readers = shape.rows * shape.lanes;
        let beats_of_b = |reader: usize| -> usize {
            let of_version = |version: usize| -> usize {
                let rows = rows.iter().skip(reader / shape.lanes * versions + version).step_by(shape.rows * versions);
                let beats: usize = rows.map(|row| row.beats_of_b(shape, reader % shape.lanes)).sum();
                beats * matches.tiles(version).count()
            };
            (0..versions).map(of_version).sum()
        };
        Self {
            array: Array::new(shape, spec.sum_bits()),
            beats: BeatsOfB::new(shape, b),
            c_pattern: patterns.c,
            cmd: Offer::new(patterns.cmd, tiles_m * tiles_n),
            a: vec![Offer::new(patterns.a, tiles_m * tiles_n * shape.steps()); readers],
            b: (0..readers).map(|reader| Offer::new(patterns.b, beats_of_b(reader))).collect(),
            rows,
            matches,
            results: 0,
            cycle: 0,
            first_operand: None,
            last_operand: 0,
            last_result: 0,
            tiles_ended: 0,
            tail: 0,
            c: Matrix::filled(shape.m, shape.n, 0),
            lanes: LaneCycles::default(),
            words: Words::default(),
            spec,
            shape,
        }
    }

    /// Runs to the last result; `observe` sees every cycle.
    ///
    /// # Errors
    /// [`SimulateError::Internal`] with the violated condition: a defect of this program.
    pub fn run(mut self, mut observe: impl FnMut(&SerialCycle)) -> Result<GemmRun, SimulateError> {
        let internal = |what| SimulateError::Internal { design: self.spec.name.clone(), seed: None, what };
        let (tiles_m, tiles_n) = self.shape.tiles();
        let rows = tiles_m * tiles_n * self.shape.rows;
        let patience = 64 * (self.shape.rows + 8) as u64;
        let mut last_event = 0;
        while self.results < rows {
            if self.cycle(&mut observe) {
                last_event = self.cycle;
            } else if self.cycle - last_event > patience {
                let what = format!("no beat moved for {patience} cycles; {} of {rows} results are out", self.results);
                return Err(internal(what));
            }
            self.cycle += 1;
        }
        if !self.cmd.is_done() || !self.a.iter().chain(&self.b).all(Offer::is_done) {
            return Err(internal("all results are out, but a stream has words left".into()));
        }
        let first = self.first_operand.unwrap_or(self.cycle);
        if self.last_result <= self.last_operand {
            return Err(internal("the last result left before the last operand arrived".into()));
        }
        let cycles = self.last_result + 1 - first;
        let counts: Vec<RowCounts> = self.rows.iter().map(EncodedRow::counts).collect();
        let counts = finished(self.spec, self.shape, &self.matches, (cycles, &self.lanes, self.words), &counts)?;
        Ok(GemmRun { c: self.c, counts })
    }

    /// The tile, and the group in it, of beat `beat` of a reader of A.
    fn place_of(&self, beat: usize) -> (usize, usize) {
        (beat / self.shape.steps(), beat % self.shape.steps())
    }

    /// Whether anything changed hands.
    fn cycle(&mut self, observe: &mut impl FnMut(&SerialCycle)) -> bool {
        let (shape, lanes) = (self.shape, self.shape.lanes);
        let tiles_n = shape.tiles().1;
        let valid_a: Vec<bool> = self.a.iter().map(|offer| offer.valid(self.cycle)).collect();
        let valid_b: Vec<bool> = self.b.iter().map(|offer| offer.valid(self.cycle)).collect();
        let valid_cmd = self.cmd.valid(self.cycle);
        let mut groups = vec![T::Operand::default(); valid_a.len() * shape.group];
        for (reader, group) in groups.chunks_exact_mut(shape.group).enumerate().filter(|&(reader, _)| valid_a[reader]) {
            let (tile, step) = self.place_of(self.a[reader].next());
            let m = tile / tiles_n * shape.rows + reader / lanes;
            let row = &self.rows[m * self.matches.versions() + self.matches.of_tile(tile % tiles_n)];
            group.copy_from_slice(row.group(shape, step, reader % lanes));
        }
        let offered = Offered {
            cmd: valid_cmd.then_some(shape.groups as u32),
            a: valid_a,
            b: valid_b,
            c_ready: at(self.c_pattern, self.cycle),
        };
        let taken = self.array.handshake(&offered, &groups);
        if taken.c {
            self.accept_result();
        }
        let places = self.places_of_b();
        self.count(&taken, &places);
        let beat_of_b = |reader: usize| {
            let (tile, k) = places[reader];
            self.beats.beat(shape, (tile, reader / lanes), k)
        };
        let seen = SerialCycle {
            index: self.cycle,
            offered: &offered,
            taken: &taken,
            a_beats: self.a.iter().map(Offer::next).collect(),
            b: (0..places.len()).map(beat_of_b).collect(),
            array: &self.array,
        };
        observe(&seen);
        self.array.edge(&groups, &taken, beat_of_b);
        self.tiles_ended += usize::from(taken.tile_ends);
        let moved = taken.cmd || taken.c || taken.a.contains(&true) || taken.b.contains(&true);
        self.cmd.edge(valid_cmd, taken.cmd);
        for (reader, offer) in self.a.iter_mut().enumerate() {
            offer.edge(offered.a[reader], taken.a[reader]);
        }
        for (reader, offer) in self.b.iter_mut().enumerate() {
            offer.edge(offered.b[reader], taken.b[reader]);
        }
        moved
    }

    /// For each reader, the tile at hand and the row of its B that the reader wants.
    fn places_of_b(&self) -> Vec<(usize, usize)> {
        let (shape, (tiles_m, tiles_n)) = (self.shape, self.shape.tiles());
        let tile = self.tiles_ended.min(tiles_m * tiles_n - 1);
        let row = |reader: usize| {
            let index = self.array.b_index(reader);
            (tile, shape.first_k(index / shape.group, reader % shape.lanes) + index % shape.group)
        };
        (0..self.b.len()).map(row).collect()
    }

    /// Writes a row of results; padding is dropped.
    fn accept_result(&mut self) {
        let shape = self.shape;
        let (tile, row) = (self.results / shape.rows, shape.rows - 1 - self.results % shape.rows);
        let m = tile / shape.tiles().1 * shape.rows + row;
        let n = tile % shape.tiles().1 * shape.cols;
        if m < shape.m {
            for (place, value) in self.c.row_mut(m)[n..].iter_mut().zip(self.array.result(self.spec)) {
                *place = value;
                self.words.c += 1;
            }
        }
        self.results += 1;
        self.last_result = self.cycle;
    }

    fn count(&mut self, taken: &Taken, places_of_b: &[(usize, usize)]) {
        let shape = self.shape;
        let tiles_n = shape.tiles().1;
        let any_operand = taken.a.contains(&true) || taken.b.contains(&true);
        let in_m = |tile: usize, reader: usize| tile / tiles_n * shape.rows + reader / shape.lanes < shape.m;
        for reader in (0..taken.a.len()).filter(|&reader| taken.a[reader]) {
            let (tile, step) = self.place_of(self.a[reader].next());
            let from = shape.first_k(step, reader % shape.lanes).min(shape.k);
            self.words.a += if in_m(tile, reader) { shape.group.min(shape.k - from) as u64 } else { 0 };
        }
        for reader in (0..taken.b.len()).filter(|&reader| taken.b[reader]) {
            let (tile, k) = places_of_b[reader];
            let rows = if in_m(tile, reader) { shape.b_rows.min(shape.k - k.min(shape.k)) } else { 0 };
            let cols = shape.cols.min(shape.n - tile % tiles_n * shape.cols);
            self.words.b += (rows * cols) as u64;
        }
        let first = self.first_operand.is_none();
        if any_operand {
            self.first_operand.get_or_insert(self.cycle);
            self.last_operand = self.cycle;
        }
        if self.first_operand.is_none() {
            return; // before the first operand no cycle counts
        }
        let all_ended = self.tiles_ended == shape.tiles().0 * tiles_n;
        let units = self.array.units();
        let at_the_end =
            |unit: &Unit<T>| unit.waits && unit.held.is_none() && !unit.dropped && unit.next == shape.steps();
        if !taken.advance {
            self.lanes.frozen += 1;
        } else if first {
            self.lanes.fill += 1;
        } else if all_ended {
            self.tail += 1;
            match self.tail < shape.end_to_drain() {
                true => self.lanes.fill += 1,
                false => self.lanes.drain += 1,
            }
        } else if self.array.is_running() && units.iter().all(at_the_end) {
            self.lanes.drain += 1;
        } else {
            self.lanes.count(shape, units, self.array.is_running(), taken);
        }
    }
}
