//! One product of a layer on an engine: counted, multiplied, compared with the reference, audited.
//!
//! A product that is small enough is multiplied as a whole. A larger one is counted from its operands a part at a time
//! ([`counts`]), and multiplied and compared a block of results at a time; so the memory that it takes does not grow with it.

use super::audit::{AuditShare, Tile, Tiles, audit};
use super::workload::{Engines, Method};
use super::{Counts, GemmRun, MemoryPlan, MemoryRun, SimulateError, compare, counts};
use crate::engine::{Dataflow, EngineSpec};
use crate::matrix::{Blocks, Matrix, ranges};
use crate::workload::{clipped_reference_of, reference_of};

/// Operands and results of a product that is multiplied as a whole, in bytes; about as much again is needed for copies.
const WHOLE_BYTES: u64 = 48 << 20;
/// Elements of an operand in a block, unless a tile has more.
const BLOCK_WORDS: usize = 1 << 21;

/// How a product is run.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub engines: Engines<'a>,
    pub spec: &'a EngineSpec,
    pub method: Method,
    /// Whether every result is compared with the reference; else those of the audited tiles are.
    pub all: bool,
    pub seed: u64,
    /// The memory around the engine, if there is one, in blocks for the layer.
    pub memory: Option<&'a MemoryPlan<'a>>,
    /// Which block of K the product is, of those that share exponents; else 0.
    pub block: usize,
}

/// What became of a product.
pub(super) struct ProductRun {
    pub counts: Counts,
    /// What memory did to them.
    pub memory: Option<MemoryRun>,
    /// Its results, where they were asked for.
    pub c: Option<Matrix<i64>>,
    pub checked: Checked,
    /// Tiles of C, blocks as large as the array, and those that ran again at register level.
    pub tiles: usize,
    pub audited: usize,
    /// Places of K of all these tiles: a block of K has only its own.
    pub steps: u64,
}

impl ProductRun {
    /// One after the other; the results of neither.
    pub fn and(self, other: Self) -> Self {
        Self {
            counts: self.counts.and(other.counts),
            memory: self.memory.zip(other.memory).map(|(one, other)| one.and(other)),
            c: None,
            checked: self.checked.and(other.checked),
            tiles: self.tiles + other.tiles,
            audited: self.audited + other.audited,
            steps: self.steps + other.steps,
        }
    }
}

impl Case<'_> {
    /// Runs the product of `a` and `b`. `name` chooses the audited tiles, `few` are those when nothing is said of their number.
    ///
    /// # Errors
    /// What the engine says, a result that is wrong or does not fit, an audit that finds a difference.
    pub fn product(
        &self,
        (a, b): (&dyn Blocks, &dyn Blocks),
        keep: bool,
        (name, few): (&str, usize),
    ) -> Result<ProductRun, SimulateError> {
        let (m, n, k) = (a.rows(), b.cols(), a.cols());
        let tiles = Tiles::new(self.spec, m, n);
        let share = match self.method {
            Method::Events(AuditShare::Few) => few.min(tiles.count()),
            Method::Events(share) => share.of(tiles.count()),
            Method::RegisterLevel => 0,
        };
        let audited = tiles.sample(share, self.seed, name);
        let words = |rows: usize, cols: usize| rows as u64 * cols as u64;
        let bytes = 4 * (words(m, k) + words(k, n)) + 16 * words(m, n);
        let is_whole = keep || bytes <= WHOLE_BYTES || self.method == Method::RegisterLevel;
        let (mut counts, c, checked) = match (is_whole, self.all) {
            (true, true) => self.whole(&a.whole(), &b.whole())?,
            (true, false) if self.method == Method::RegisterLevel || keep => self.whole(&a.whole(), &b.whole())?,
            (_, true) => (counts(self.spec, a, b)?, None, self.blocks(a, b)?),
            (_, false) => {
                // With no tile to audit, some are compared all the same: a run that checks nothing proves nothing.
                let some = tiles.sample(share.max(few.min(tiles.count())), self.seed, name);
                (counts(self.spec, a, b)?, None, self.tiles(a, b, &some)?)
            }
        };
        audit([self.engines.events, self.engines.registers], (a, b), c.as_ref(), &audited)?;
        let memory = self.memory.map(|memory| memory.run((a, b), self.block, &mut counts)).transpose()?;
        let (c, steps) = (c.filter(|_| keep), words(tiles.count(), k));
        Ok(ProductRun { counts, memory, c, checked, tiles: tiles.count(), audited: audited.len(), steps })
    }

    /// The product at once, the engine beside the reference (on another core, where there is one).
    fn whole(&self, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<(Counts, Option<Matrix<i64>>, Checked), SimulateError> {
        let engine = match self.method {
            Method::Events(_) => self.engines.events,
            Method::RegisterLevel => self.engines.registers,
        };
        let (run, (expected, checked)) = rayon::join(|| engine(a, b), || self.expected(a, b));
        let GemmRun { c, counts } = run?;
        compare(&c, &expected, self.spec.acc_bits)?;
        Ok((counts, Some(c), checked))
    }

    /// Every result, a block at a time.
    fn blocks(&self, a: &dyn Blocks, b: &dyn Blocks) -> Result<Checked, SimulateError> {
        let mut checked = Checked::default();
        let k = a.cols().max(1);
        // Whole tiles: an engine clips a sum where its tiles end.
        let side = |least: u32| (BLOCK_WORDS / k / least as usize).max(1) * least as usize;
        let (height, width) = (side(self.spec.rows), side(self.spec.cols));
        for cols in ranges(b.cols(), width) {
            let b = b.block(0..b.rows(), cols.clone());
            for rows in ranges(a.rows(), height) {
                let block = self.block(&a.whole_rows(rows.clone()), &b, (rows.start, cols.start))?;
                checked = checked.and(block);
            }
        }
        Ok(checked)
    }

    /// The results of some tiles.
    fn tiles(&self, a: &dyn Blocks, b: &dyn Blocks, tiles: &[Tile]) -> Result<Checked, SimulateError> {
        let mut checked = Checked::default();
        for Tile { rows, cols } in tiles {
            let b = b.block(0..b.rows(), cols.clone());
            checked = checked.and(self.block(&a.whole_rows(rows.clone()), &b, (rows.start, cols.start))?);
        }
        Ok(checked)
    }

    fn block(&self, a: &Matrix<i32>, b: &Matrix<i32>, (row, col): (usize, usize)) -> Result<Checked, SimulateError> {
        let (run, (expected, checked)) = rayon::join(|| (self.engines.events)(a, b), || self.expected(a, b));
        let compared = run.and_then(|run| compare(&run.c, &expected, self.spec.acc_bits));
        compared.map_err(|error| error.moved(row, col))?;
        Ok(checked)
    }

    /// What the reference says, clipped where the engine clips, and what comparing with it will have checked.
    fn expected(&self, a: &Matrix<i32>, b: &Matrix<i32>) -> (Matrix<i64>, Checked) {
        let spec = self.spec;
        let (a, b) = ((a, spec.a_format()), (b, spec.b_format()));
        let mut checked = Checked { compared: a.0.rows() as u64 * b.0.cols() as u64, ..Checked::default() };
        if !spec.saturate {
            return (reference_of(a, b), checked);
        }
        let steps = match spec.dataflow() {
            Dataflow::OutputStationary => a.0.cols(),
            // Sums leave the array, and are clipped, after each tile of K.
            Dataflow::WeightStationary | Dataflow::InputStationary => spec.rows_of_k() as usize,
        };
        let (c, clipped) = clipped_reference_of(a, b, steps, spec.acc_bits);
        checked.clipped = clipped;
        if clipped > 0 && steps < a.0.cols() {
            let (once, _) = clipped_reference_of(a, b, a.0.cols(), spec.acc_bits);
            checked.inexact = c.values().iter().zip(once.values()).filter(|(ours, once)| ours != once).count() as u64;
        }
        (c, checked)
    }
}

/// Results that were compared with the reference, all equal.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Checked {
    pub compared: u64,
    /// How many of them the accumulator clipped.
    pub clipped: u64,
    /// How many are therefore not the exact product, clipped: a sum that is clipped before it is complete does not come back.
    pub inexact: u64,
}

impl Checked {
    fn and(self, other: Self) -> Self {
        Self {
            compared: self.compared + other.compared,
            clipped: self.clipped + other.clipped,
            inexact: self.inexact + other.inexact,
        }
    }
}
