//! What a tile asks of the array and of the buffers: cycles and words.

use super::blocks::Block;
use super::stored::Stored;
use super::tiling::{Region, Tensor, Tiling};
use crate::engine::{Dataflow, EngineSpec, Family, Schedule};
use crate::matrix::Blocks;
use crate::simulate::laconic::StepTerms;
use crate::simulate::serial::TileRows;
use crate::simulate::{SimulateError, laconic, serial};

/// A tile, or the part of one that lies in a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Cycles from its first step until the array can take the first step of the next one, nothing else in the way.
    pub work: u64,
    /// The same in the engine alone, whose rows do not meet at the end of a block: those of a whole tile come with its last part.
    pub alone: u64,
    /// Cycles by which its end is behind the end of the tile before at least, whose results have to be out of the way.
    pub gap: u64,
    /// Elements of A that enter the array.
    pub a: u64,
    /// Words of B that enter.
    pub b: u64,
    /// Bits that come with words of A and of B: indices, masks, and exponents where results are weighed.
    pub metadata: [u64; 2],
    /// Partial sums that enter.
    pub partial: u64,
    /// Sums of earlier blocks of K, outside of the array, that its results are added to.
    pub sums: u64,
    /// Results that leave, partial ones included.
    pub results: u64,
    /// Whether its results leave with it; else it goes on in the next block.
    pub ends_tile: bool,
}

/// How tiles follow each other on an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Results stay, operands stream past them.
    ResultsStay,
    /// An operand stays: it takes cycles to move in, and may follow once the last PE has swapped.
    OperandStays {
        /// Cycles of moving in.
        load: u64,
        /// Cycles from a tile's first step until the next operand may begin to move in.
        swap: u64,
    },
}

/// The tiles of a GEMM on an engine.
#[derive(Clone, Debug)]
pub struct Work {
    /// How they follow each other.
    pub chain: Chain,
    /// Cycles from the end of a tile until its last result has left.
    pub tail: u64,
    /// Whether tiles of the same extents ask for the same wherever they lie, but at the ends of K: what elements there are does not
    /// matter.
    pub repeats: bool,
    dataflow: Dataflow,
    k: usize,
    rows: usize,
    cols: usize,
    stored: Stored,
    pace: Pace,
}

#[derive(Clone, Debug)]
enum Pace {
    /// Every step takes `step_cycles`, tiles whose results stay end at least `gap` cycles apart.
    Steps { depth: usize, step_cycles: u64, gap: u64 },
    /// Cycles and rows of B of the tiles, and of their parts if K is cut; A is read once in each pass.
    Rows(TileRows),
    /// Cycles of each step of each tile.
    Terms { steps: StepTerms, lanes: usize },
}

impl Work {
    /// The work of C = A * B in blocks.
    ///
    /// # Errors
    /// A GEMM that the engine cannot count.
    pub fn new(
        spec: &EngineSpec,
        (a, b): (&dyn Blocks, &dyn Blocks),
        blocks: &super::blocks::Blocks,
    ) -> Result<Self, SimulateError> {
        let (m, n, k) = (a.rows(), b.cols(), a.cols());
        let rows = u64::from(spec.rows);
        let (tail, pace, chain) = match spec.family() {
            Family::Dense => {
                // Blocks of the axis that streams are chosen so that their tiles are counted.
                let schedule = Schedule::of_any_length(spec, (m, n, k))?;
                let timing = schedule.timing();
                let parts = schedule.law().parts;
                let gap = u64::from(timing.least_pitch(spec.rows));
                let pace =
                    Pace::Steps { depth: spec.array.depth() as usize, step_cycles: timing.step_cycles.into(), gap };
                match spec.dataflow() {
                    // Its drain without what tiles wait for each other: the capture, the rows, the final adders.
                    Dataflow::OutputStationary => {
                        (parts.fill + 1 + rows + u64::from(timing.resolve), pace, Chain::ResultsStay)
                    }
                    Dataflow::WeightStationary | Dataflow::InputStationary => {
                        (parts.fill + parts.drain, pace, Chain::of_dense(spec, timing))
                    }
                }
            }
            Family::Serial => {
                let counted = serial::tile_rows(spec, (a, b), blocks.sizes[2])?;
                (counted.tail, Pace::Rows(counted), Chain::ResultsStay)
            }
            Family::Laconic => {
                let steps = laconic::step_terms(spec, a, b)?;
                let lanes = spec.array.depth() as usize;
                (StepTerms::FILL + rows, Pace::Terms { steps, lanes }, Chain::ResultsStay)
            }
        };
        let (dataflow, rows, cols) = (spec.dataflow(), spec.rows as usize, spec.cols as usize);
        let repeats = matches!(pace, Pace::Steps { .. });
        Ok(Self { chain, tail, repeats, dataflow, k, rows, cols, stored: blocks.stored, pace })
    }

    /// What a tile of a block asks for; its K is that of the product.
    pub fn demand(&self, tile: &Region, blocks: &super::blocks::Blocks, block: &Block) -> Demand {
        let demand = self.words(tile, blocks, block);
        let (stored, extents) = (&self.stored, tile.extents());
        let mut metadata = [
            stored.index_bits(Tensor::A, demand.a),
            stored.index_bits(Tensor::B, demand.b) + stored.masks_read(demand.a),
        ];
        let mut sums = 0;
        // Results of a block that shares exponents are weighed, and added to what there is of those before.
        if stored.block_of_k.is_some() && tile.k.end == self.k {
            metadata[0] += stored.exponents(Tensor::A, extents);
            metadata[1] += stored.exponents(Tensor::B, extents);
            sums = if block.at[2] > 0 { demand.results } else { 0 };
        }
        Demand { metadata, sums, ..demand }
    }

    fn words(&self, tile: &Region, blocks: &super::blocks::Blocks, block: &Block) -> Demand {
        let [m, n, k] = tile.extents().map(|extent| extent as u64);
        let places = self.stored.words(Tensor::B, [1, 1, tile.k.len()]);
        let is_last_pass = block.pass + 1 == blocks.passes;
        let ends_tile = self.dataflow != Dataflow::OutputStationary || (tile.k.end == self.k && is_last_pass);
        let results = if ends_tile { m * n } else { 0 };
        let partial = if self.dataflow != Dataflow::OutputStationary && tile.k.start > 0 { m * n } else { 0 };
        let plain = Demand { a: m * k, b: places * n, partial, results, ends_tile, ..Demand::default() };
        let as_alone = |demand: Demand| Demand { alone: demand.work, ..demand };
        match &self.pace {
            Pace::Steps { depth, step_cycles, gap } => match self.dataflow {
                Dataflow::OutputStationary => {
                    as_alone(Demand { work: places.div_ceil(*depth as u64) * step_cycles, gap: *gap, ..plain })
                }
                Dataflow::WeightStationary => as_alone(Demand { work: m, ..plain }),
                Dataflow::InputStationary => as_alone(Demand { work: n, ..plain }),
            },
            Pace::Rows(rows) => {
                let row = rows.tile(tile.m.start / self.rows, tile.n.start / self.cols);
                let gap = self.rows as u64;
                let [_, _, blocks_of_k] = blocks.counts;
                match row.parts.get(block.pass * blocks_of_k + block.at[2]) {
                    None => {
                        let b = row.rows_of_b * n;
                        as_alone(Demand { work: row.cycles, gap, a: plain.a * rows.passes, b, ..plain })
                    }
                    Some(part) => {
                        let alone = if ends_tile { row.cycles } else { 0 };
                        Demand { work: part.cycles, alone, gap, b: part.rows_of_b * n, ..plain }
                    }
                }
            }
            Pace::Terms { steps, lanes } => {
                let place = (tile.m.start / self.rows, tile.n.start / self.cols);
                let (mut work, mut last) = (0, 0);
                for from in tile.k.clone().step_by(*lanes) {
                    last = steps.cycles(place, from..tile.k.end.min(from + lanes));
                    work += last;
                }
                // The last step is accepted when the rows of the tile before are all but out.
                as_alone(Demand { work, gap: self.rows as u64 - 1 + last, ..plain })
            }
        }
    }

    /// Words that pass the array's ports if the streamed axis is cut into `cuts`: those of the engine alone, but that the
    /// operand that stays moves in once for each cut.
    pub fn moves_in(&self, cuts: u64) -> [u64; 2] {
        match self.dataflow {
            Dataflow::OutputStationary => [1, 1],
            Dataflow::WeightStationary => [1, cuts],
            Dataflow::InputStationary => [cuts, 1],
        }
    }

    /// Cuts of the streamed axis that make tiles of their own.
    pub fn cuts(&self, tiling: &Tiling, counts: [usize; 3]) -> u64 {
        match self.dataflow {
            Dataflow::OutputStationary => 1,
            _ => counts[tiling.streamed() as usize] as u64,
        }
    }
}
