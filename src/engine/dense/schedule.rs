//! Which words are in which beat of which stream, for one GEMM on a dense array, and how long it takes.
//!
//! A GEMM of any size is cut into tiles; edge tiles are padded with zeros, and what the padding yields is dropped. Nothing
//! is stored: every beat is computed from its index.

use super::{Selection, Timing};
use crate::engine::{Command, Dataflow, EngineError, EngineSpec, Law, Parts, Stream};

/// The tiles of C\[M,N\] += A\[M,K\] * B\[K,N\] on one array.
///
/// - Output stationary: tiles of `rows` x `cols` results, K whole, M outermost; a step takes `depth` places of K.
/// - Weight stationary: tiles of `rows` (K) x `cols` (N) weights, M whole, N outermost, so that the tiles of one column block
///   follow each other and add up.
/// - With compressed weights K is cut into kept places, n for each group of m, and B is a matrix of places x N: `rows` or
///   `depth` are places; the words of A that belong to them come together.
/// - Input stationary: the transposed product weight stationary, so tiles of `rows` (K) x `cols` (M) elements of A.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    dataflow: Dataflow,
    rows: usize,
    cols: usize,
    depth: usize,
    timing: Timing,
    m: usize,
    n: usize,
    k: usize,
    /// Places of K: its elements, or with compressed weights those that are kept.
    places: usize,
}

/// The part of the array that one beat of operands keeps busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Rows with a useful product, from the north.
    pub rows: usize,
    /// Columns with a useful product, from the west.
    pub cols: usize,
    /// Useful products of each of these PEs.
    pub products: usize,
}

impl Schedule {
    /// The schedule of an M x N x K GEMM.
    ///
    /// # Errors
    /// [`EngineError::EmptyGemm`] if an extent is 0, [`EngineError::TileTooLong`] if the step counter is too narrow.
    pub fn new(spec: &EngineSpec, m: usize, n: usize, k: usize) -> Result<Self, EngineError> {
        let schedule = Self::of_any_length(spec, (m, n, k))?;
        spec.check_length(schedule.length()).map(|()| schedule)
    }

    /// The schedule of a GEMM whose tiles may be longer than the step counter counts: where memory cuts them, those of its blocks are
    /// what runs. Extents are (M, N, K).
    ///
    /// # Errors
    /// [`EngineError::EmptyGemm`] if an extent is 0.
    pub fn of_any_length(spec: &EngineSpec, extents: (usize, usize, usize)) -> Result<Self, EngineError> {
        Self::uncounted(spec, Timing::new(spec)?, extents)
    }

    /// The schedule on an array whose timing is known; extents are (M, N, K).
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn with_timing(spec: &EngineSpec, timing: Timing, extents: (usize, usize, usize)) -> Result<Self, EngineError> {
        let schedule = Self::uncounted(spec, timing, extents)?;
        spec.check_length(schedule.length()).map(|()| schedule)
    }

    fn uncounted(spec: &EngineSpec, timing: Timing, (m, n, k): (usize, usize, usize)) -> Result<Self, EngineError> {
        if m == 0 || n == 0 || k == 0 {
            return Err(EngineError::EmptyGemm { m, n, k });
        }
        Ok(Self {
            dataflow: spec.dataflow(),
            rows: spec.rows as usize,
            cols: spec.cols as usize,
            depth: spec.array.depth() as usize,
            timing,
            m,
            n,
            k,
            places: timing.selection.map_or(k, |selection| selection.of.places(k)),
        })
    }

    /// Extents (M, N, K) of the GEMM.
    pub fn extents(&self) -> (usize, usize, usize) {
        (self.m, self.n, self.k)
    }

    /// Places of K: its elements, or with compressed weights those that are kept. B has a row for each.
    pub fn places(&self) -> usize {
        self.places
    }

    /// Elements of K that come in for so many places.
    fn elements(&self, places: usize) -> usize {
        self.timing.selection.map_or(places, |selection| selection.of.elements(places))
    }

    /// Words of A for a row of an array that keeps results, in a beat.
    fn words_a_row(&self) -> usize {
        self.timing.selection.map_or(self.depth, |selection| selection.words as usize)
    }

    /// Beats of A in a tile of an array that keeps results.
    fn beats_of_a(&self) -> usize {
        self.length() / self.timing.selection.map_or(1, |selection| selection.steps as usize)
    }

    /// What its cycles follow from.
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// Whether each PE keeps an element of C.
    fn keeps_results(&self) -> bool {
        self.dataflow == Dataflow::OutputStationary
    }

    /// The dimension along the columns of the array when an operand stays in it: N, or M when that operand is A.
    fn stationary_extent(&self) -> usize {
        if self.dataflow == Dataflow::InputStationary { self.m } else { self.n }
    }

    /// Tiles along the two split loops, outermost first: (M, N) output stationary, (N, K) weight stationary, (M, K) input
    /// stationary.
    pub fn tiles(&self) -> (usize, usize) {
        match self.dataflow {
            Dataflow::OutputStationary => (self.m.div_ceil(self.rows), self.n.div_ceil(self.cols)),
            Dataflow::WeightStationary | Dataflow::InputStationary => {
                (self.stationary_extent().div_ceil(self.cols), self.places.div_ceil(self.rows))
            }
        }
    }

    fn tile_count(&self) -> usize {
        let (outer, inner) = self.tiles();
        outer * inner
    }

    /// Steps of each tile.
    pub fn length(&self) -> usize {
        match self.dataflow {
            Dataflow::OutputStationary => self.places.div_ceil(self.depth),
            Dataflow::WeightStationary => self.m,
            Dataflow::InputStationary => self.n,
        }
    }

    /// How many beats a stream has.
    pub fn beats(&self, stream: Stream) -> usize {
        let tiles = self.tile_count();
        let (outer, inner) = self.tiles();
        let steps = tiles * self.length();
        match (self.dataflow, stream) {
            (_, Stream::Command) => tiles,
            (Dataflow::OutputStationary, Stream::A) => tiles * self.beats_of_a(),
            (Dataflow::OutputStationary, Stream::B) => steps,
            (Dataflow::OutputStationary, Stream::Partial) => 0,
            (Dataflow::OutputStationary, Stream::C) => tiles * self.rows,
            (Dataflow::WeightStationary, Stream::B) | (Dataflow::InputStationary, Stream::A) => tiles * self.rows,
            (_, Stream::A | Stream::B | Stream::C) => steps,
            (_, Stream::Partial) => outer * (inner - 1) * self.length(),
        }
    }

    /// Words in a beat of a stream; a command is none.
    pub fn lanes(&self, stream: Stream) -> usize {
        match (self.dataflow, stream) {
            (_, Stream::Command) => 0,
            (Dataflow::InputStationary, Stream::A) => self.cols,
            (Dataflow::InputStationary, Stream::B) => self.rows,
            (Dataflow::OutputStationary, Stream::A) => self.rows * self.words_a_row(),
            (_, Stream::A) => self.elements(self.rows),
            (_, Stream::B) => self.cols * self.depth,
            (_, Stream::Partial | Stream::C) => self.cols,
        }
    }

    /// The command of tile `tile`.
    pub fn command(&self, tile: usize) -> Command {
        let accumulate = !self.keeps_results() && !tile.is_multiple_of(self.tiles().1);
        Command { length: self.length() as u32, accumulate }
    }

    /// Where an operand stays in the array: (place along the streamed dimension, k) in lane `lane` of beat `beat` of the operand
    /// that does not.
    fn streamed(&self, beat: usize, lane: usize) -> (usize, usize) {
        (beat % self.length(), beat / self.length() % self.tiles().1 * self.k_tile_extent() + lane)
    }

    /// (place along the columns, k) in lane `lane` of beat `beat` of the operand that stays; the last row of K comes first.
    fn loaded(&self, beat: usize, lane: usize) -> (usize, usize) {
        let (tile, row) = (beat / self.rows, self.rows - 1 - beat % self.rows);
        let inner = self.tiles().1;
        (tile / inner * self.cols + lane, tile % inner * self.rows + row)
    }

    /// Element (m, k) of A in lane `lane` of beat `beat` of stream a; `None` is padding.
    pub fn a_source(&self, beat: usize, lane: usize) -> Option<(usize, usize)> {
        let (m, k) = match self.dataflow {
            Dataflow::OutputStationary => {
                let (tile, step) = (beat / self.beats_of_a(), beat % self.beats_of_a());
                let words = self.words_a_row();
                (tile / self.tiles().1 * self.rows + lane / words, step * words + lane % words)
            }
            Dataflow::WeightStationary => self.streamed(beat, lane),
            Dataflow::InputStationary => self.loaded(beat, lane),
        };
        (m < self.m && k < self.k).then_some((m, k))
    }

    /// Element (k, n) of B in lane `lane` of beat `beat` of stream b; `None` is padding. With compressed weights k is a kept place.
    pub fn b_source(&self, beat: usize, lane: usize) -> Option<(usize, usize)> {
        let (n, k) = match self.dataflow {
            Dataflow::OutputStationary => {
                let (tile, step) = (beat / self.length(), beat % self.length());
                (tile % self.tiles().1 * self.cols + lane / self.depth, step * self.depth + lane % self.depth)
            }
            Dataflow::WeightStationary => self.loaded(beat, lane),
            Dataflow::InputStationary => self.streamed(beat, lane),
        };
        (k < self.places && n < self.n).then_some((k, n))
    }

    /// (place along the streamed dimension, place along the columns) as an element (m, n) of C.
    fn element(&self, streamed: usize, stationary: usize) -> Option<(usize, usize)> {
        let place = match self.dataflow {
            Dataflow::InputStationary => (stationary, streamed),
            _ => (streamed, stationary),
        };
        (place.0 < self.m && place.1 < self.n).then_some(place)
    }

    /// Element (m, n) of C whose partial sum is in lane `lane` of beat `beat` of stream p; `None` is padding.
    pub fn p_source(&self, beat: usize, lane: usize) -> Option<(usize, usize)> {
        let accumulating = (self.tiles().1 - 1).max(1);
        self.element(beat % self.length(), beat / self.length() / accumulating * self.cols + lane)
    }

    /// Element (m, n) of C in lane `lane` of result beat `beat`; `None` is padding. Where an operand stays, an element comes once
    /// for each tile of K, the last time whole.
    pub fn c_place(&self, beat: usize, lane: usize) -> Option<(usize, usize)> {
        let inner = self.tiles().1;
        if self.keeps_results() {
            let (tile, row) = (beat / self.rows, self.rows - 1 - beat % self.rows);
            return self.element(tile / inner * self.rows + row, tile % inner * self.cols + lane);
        }
        self.element(beat % self.length(), beat / self.length() / inner * self.cols + lane)
    }

    /// The result beat in which partial beat `beat` left the array.
    pub fn producer(&self, beat: usize) -> usize {
        let (length, inner) = (self.length(), self.tiles().1);
        // Each column block has one tile that accumulates nothing, then `inner - 1` that do.
        let (block, tile, row) = (beat / length / (inner - 1), beat / length % (inner - 1), beat % length);
        (block * inner + tile) * length + row
    }

    /// The tile of K that a beat of results is the sum up to, of as many as K is cut into.
    pub(super) fn k_tile(&self, result_beat: usize) -> usize {
        if self.keeps_results() { 0 } else { result_beat / self.length() % self.tiles().1 }
    }

    /// Elements of K whose products add up inside the array before a result leaves.
    pub(super) fn k_tile_extent(&self) -> usize {
        if self.keeps_results() { self.k } else { self.elements(self.rows) }
    }

    /// A beat of stream a or b with the same words, the first there is: what is stored once though it is sent often.
    pub fn first_alike(&self, stream: Stream, beat: usize) -> usize {
        let (length, inner) = (self.length(), self.tiles().1);
        let (tile, step) = (beat / length, beat % length);
        match (self.dataflow, stream) {
            // A's rows are those of the first tile of its row of tiles.
            (Dataflow::OutputStationary, Stream::A) => {
                let length = self.beats_of_a();
                beat / length / inner * inner * length + beat % length
            }
            (Dataflow::OutputStationary, _) | (Dataflow::WeightStationary, Stream::A) => tile % inner * length + step,
            (Dataflow::InputStationary, Stream::B) => tile % inner * length + step,
            _ => beat,
        }
    }

    /// What of the array works for step `step` of the run.
    pub fn share(&self, step: usize) -> Share {
        let (tile, inner) = (step / self.length(), self.tiles().1);
        let of = |extent: usize, side: usize, index: usize| side.min(extent - index * side);
        match self.dataflow {
            Dataflow::OutputStationary => Share {
                rows: of(self.m, self.rows, tile / inner),
                cols: of(self.n, self.cols, tile % inner),
                products: of(self.places, self.depth, step % self.length()),
            },
            Dataflow::WeightStationary | Dataflow::InputStationary => Share {
                rows: of(self.places, self.rows, tile % inner),
                cols: of(self.stationary_extent(), self.cols, tile / inner),
                products: 1,
            },
        }
    }

    /// Elements in beat `beat` of stream a or b; the rest of its lanes is padding.
    pub fn words(&self, stream: Stream, beat: usize) -> usize {
        let loads = match stream {
            Stream::A => self.dataflow == Dataflow::InputStationary,
            _ => self.dataflow == Dataflow::WeightStationary,
        };
        if loads {
            // A row of K of the operand that stays; the tile's share says how many of them, and how wide, are no padding.
            let share = self.share(beat / self.rows * self.length());
            let row = self.rows - 1 - beat % self.rows;
            return if row < share.rows { share.cols } else { 0 };
        }
        if let (Stream::A, Some(selection)) = (stream, self.timing.selection) {
            return self.words_of_groups(beat, &selection);
        }
        let share = self.share(beat);
        let lanes = if self.keeps_results() && stream == Stream::B { share.cols } else { share.rows };
        lanes * share.products
    }

    /// Elements of A in beat `beat` of stream a, where it has whole groups.
    fn words_of_groups(&self, beat: usize, selection: &Selection) -> usize {
        let left = |from: usize, most: usize| most.min(self.k - from);
        if self.keeps_results() {
            let (step, words) = (beat % self.beats_of_a(), self.words_a_row());
            return self.share(beat * selection.steps as usize).rows * left(step * words, words);
        }
        let extent = self.k_tile_extent();
        left(beat / self.length() % self.tiles().1 * extent, extent)
    }

    /// Cycles of each tile in which a step is worked on at the first PE.
    fn working(&self) -> usize {
        self.length() * self.timing.step_cycles as usize
    }

    /// Cycles between the same steps of two tiles that follow each other.
    ///
    /// Output stationary, a tile's last step waits until the results before it are out of the way: see
    /// [`Timing::least_pitch`]. Else the next operand moves in (R cycles) once the last PE has swapped (R + C - 2).
    pub fn pitch(&self) -> usize {
        self.working().max(match self.keeps_results() {
            true => self.timing.least_pitch(self.rows as u32) as usize,
            false => self.rows + (self.timing.reach as usize).max(1),
        })
    }

    /// Cycles from the last step's at the first PE until its products are in the sum of the last PE.
    pub fn fill(&self) -> usize {
        (self.timing.reach + self.timing.stages) as usize + 1
    }

    /// The cycles of the whole GEMM, operands offered on every cycle and results always taken; T tiles of L steps, pitch P, a
    /// reach of H, S stages, W cycles a step:
    ///
    /// - output stationary: (T-1) P + W L + H + S + R + 2
    /// - weight or input stationary: (T-1) P + L + H + R + 3
    /// - and 1 more with a carry-save pair, for the final adders at the drain.
    pub fn law(&self) -> Law {
        let [rows, working, tiles, pitch, fill] =
            [self.rows, self.working(), self.tile_count(), self.pitch(), self.fill()].map(|extent| extent as u64);
        let compute = tiles * working;
        let between = (tiles - 1) * (pitch - working);
        let resolve = u64::from(self.timing.resolve);
        let parts = match self.keeps_results() {
            // One cycle to capture the results, then a row a cycle.
            true => Parts { fill, compute, drain: between + 1 + rows + resolve, ..Parts::default() },
            // One cycle to add partial sums, one to be taken.
            false => Parts { load: rows + between, fill, compute, drain: 2 + resolve, ..Parts::default() },
        };
        Law { cycles: parts.total(), parts }
    }
}
