//! Which words are in which beat of which stream, for one GEMM on a systolic array, and how long it takes.
//!
//! A GEMM of any size is cut into tiles; edge tiles are padded with zeros, and what the padding yields is dropped. Nothing
//! is stored: every beat is computed from its index.

use crate::engine::{Command, Dataflow, EngineError, EngineSpec, Law, Parts, Stream};

/// The tiles of C\[M,N\] += A\[M,K\] * B\[K,N\] on one array.
///
/// Output stationary: tiles of `rows` x `cols` results, K whole, M outermost. Weight stationary: tiles of `rows` (K) x `cols` (N) weights, M
/// whole, N outermost, so that the tiles of one column block follow each other and add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    dataflow: Dataflow,
    rows: usize,
    cols: usize,
    carry_save: bool,
    m: usize,
    n: usize,
    k: usize,
}

impl Schedule {
    /// The schedule of an M x N x K GEMM.
    ///
    /// # Errors
    /// [`EngineError::EmptyGemm`] if an extent is 0, [`EngineError::TileTooLong`] if the step counter is too narrow.
    pub fn new(spec: &EngineSpec, m: usize, n: usize, k: usize) -> Result<Self, EngineError> {
        if m == 0 || n == 0 || k == 0 {
            return Err(EngineError::EmptyGemm { m, n, k });
        }
        let length = match spec.dataflow() {
            Dataflow::OutputStationary => k,
            Dataflow::WeightStationary | Dataflow::InputStationary => m,
        };
        if length as u64 > spec.max_length() {
            return Err(EngineError::TileTooLong { length, bits: spec.length_bits, max: spec.max_length() });
        }
        let (rows, cols) = (spec.rows as usize, spec.cols as usize);
        let carry_save = spec.carry_save()?;
        Ok(Self { dataflow: spec.dataflow(), rows, cols, carry_save, m, n, k })
    }

    /// Extents (M, N, K) of the GEMM.
    pub fn extents(&self) -> (usize, usize, usize) {
        (self.m, self.n, self.k)
    }

    /// Tiles along the two split loops, outermost first: (M, N) output stationary, (N, K) weight stationary.
    pub fn tiles(&self) -> (usize, usize) {
        match self.dataflow {
            Dataflow::OutputStationary => (self.m.div_ceil(self.rows), self.n.div_ceil(self.cols)),
            Dataflow::WeightStationary | Dataflow::InputStationary => {
                (self.n.div_ceil(self.cols), self.k.div_ceil(self.rows))
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
            Dataflow::OutputStationary => self.k,
            Dataflow::WeightStationary | Dataflow::InputStationary => self.m,
        }
    }

    /// How many beats a stream has.
    pub fn beats(&self, stream: Stream) -> usize {
        let tiles = self.tile_count();
        let (outer, inner) = self.tiles();
        match (self.dataflow, stream) {
            (_, Stream::Command) => tiles,
            (_, Stream::A) => tiles * self.length(),
            (Dataflow::OutputStationary, Stream::B) => tiles * self.k,
            (Dataflow::OutputStationary, Stream::Partial) => 0,
            (Dataflow::OutputStationary, Stream::C) | (_, Stream::B) => tiles * self.rows,
            (_, Stream::Partial) => outer * (inner - 1) * self.m,
            (_, Stream::C) => tiles * self.m,
        }
    }

    /// Words in a beat of a stream; a command is none.
    pub fn lanes(&self, stream: Stream) -> usize {
        match stream {
            Stream::Command => 0,
            Stream::A => self.rows,
            Stream::B | Stream::Partial | Stream::C => self.cols,
        }
    }

    /// The command of tile `tile`.
    pub fn command(&self, tile: usize) -> Command {
        let accumulate = self.dataflow != Dataflow::OutputStationary && !tile.is_multiple_of(self.tiles().1);
        Command { length: self.length() as u32, accumulate }
    }

    /// Element (m, k) of A in lane `lane` of beat `beat` of stream a; `None` is padding.
    pub fn a_source(&self, beat: usize, lane: usize) -> Option<(usize, usize)> {
        let (tile, step) = (beat / self.length(), beat % self.length());
        let inner = self.tiles().1;
        let (m, k) = match self.dataflow {
            Dataflow::OutputStationary => (tile / inner * self.rows + lane, step),
            Dataflow::WeightStationary | Dataflow::InputStationary => (step, tile % inner * self.rows + lane),
        };
        (m < self.m && k < self.k).then_some((m, k))
    }

    /// Element (k, n) of B in lane `lane` of beat `beat` of stream b; `None` is padding.
    pub fn b_source(&self, beat: usize, lane: usize) -> Option<(usize, usize)> {
        let inner = self.tiles().1;
        let (k, n) = match self.dataflow {
            Dataflow::OutputStationary => (beat % self.k, beat / self.k % inner * self.cols + lane),
            Dataflow::WeightStationary | Dataflow::InputStationary => {
                let (tile, row) = (beat / self.rows, self.rows - 1 - beat % self.rows);
                (tile % inner * self.rows + row, tile / inner * self.cols + lane)
            }
        };
        (k < self.k && n < self.n).then_some((k, n))
    }

    /// Element (m, n) of C whose partial sum is in lane `lane` of beat `beat` of stream p; `None` is padding.
    pub fn p_source(&self, beat: usize, lane: usize) -> Option<(usize, usize)> {
        let accumulating = self.tiles().1 - 1;
        let (m, n) = (beat % self.m, beat / self.m / accumulating.max(1) * self.cols + lane);
        (n < self.n).then_some((m, n))
    }

    /// Element (m, n) of C in lane `lane` of result beat `beat`; `None` is padding. Weight stationary, an element comes once for
    /// each tile of K, the last time whole.
    pub fn c_place(&self, beat: usize, lane: usize) -> Option<(usize, usize)> {
        let inner = self.tiles().1;
        let (m, n) = match self.dataflow {
            Dataflow::OutputStationary => {
                let (tile, row) = (beat / self.rows, self.rows - 1 - beat % self.rows);
                (tile / inner * self.rows + row, tile % inner * self.cols + lane)
            }
            Dataflow::WeightStationary | Dataflow::InputStationary => {
                (beat % self.m, beat / self.m / inner * self.cols + lane)
            }
        };
        (m < self.m && n < self.n).then_some((m, n))
    }

    /// Cycles between the same steps of two tiles that follow each other.
    ///
    /// Output stationary, a tile's last step waits until the first row of the results before it has left: R + C - 1
    /// cycles. Weight stationary, the next weights move in (R cycles) once the last PE has swapped (R + C - 2).
    pub fn pitch(&self) -> usize {
        let reach = self.rows + self.cols;
        match self.dataflow {
            Dataflow::OutputStationary => self.length().max(reach - 1),
            Dataflow::WeightStationary | Dataflow::InputStationary => self.length().max(self.rows + (reach - 2).max(1)),
        }
    }

    /// The cycles of the whole GEMM, operands offered on every cycle and results always taken; T tiles, pitch P:
    ///
    /// - output stationary: (T-1) P + K + 2R + C
    /// - weight stationary: (T-1) P + M + 2R + C + 1
    /// - and 1 more with a carry-save pair, for the final adders at the drain.
    pub fn law(&self) -> Law {
        let [rows, cols, length, tiles, pitch] =
            [self.rows, self.cols, self.length(), self.tile_count(), self.pitch()].map(|extent| extent as u64);
        let compute = tiles * length;
        let between = (tiles - 1) * (pitch - length);
        let fill = rows + cols - 1;
        let resolve = u64::from(self.carry_save);
        let parts = match self.dataflow {
            // One cycle to capture the results, then a row a cycle.
            Dataflow::OutputStationary => {
                Parts { fill, compute, drain: between + 1 + rows + resolve, ..Parts::default() }
            }
            // One cycle to add partial sums, one to be taken.
            Dataflow::WeightStationary | Dataflow::InputStationary => {
                Parts { load: rows + between, fill, compute, drain: 2 + resolve, ..Parts::default() }
            }
        };
        Law { cycles: parts.total(), parts }
    }
}
