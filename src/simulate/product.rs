//! One product of a layer on an engine: counted, multiplied, compared with the reference, audited.
//!
//! A product that is small enough is multiplied as a whole. A larger one is counted from its operands a part at a time
//! ([`counts`]), and multiplied and compared a block of results at a time, the sums of a long K a piece of it at a time; so the
//! memory that it takes does not grow with it.

use std::ops::Range;

use super::audit::{AuditShare, Tile, Tiles, audit};
use super::word::{clip, wrap};
use super::workload::{Engines, Method};
use super::{Counts, GemmRun, MemoryPlan, MemoryRun, SimulateError, check_bytes_or, compare, counts};
use crate::engine::{Dataflow, EngineSpec};
use crate::matrix::{Blocks, Matrix, ranges};
use crate::workload::{ReferenceSums, clipped_reference_of, reference_of};

/// Operands and results of a product that is multiplied as a whole, in bytes; about as much again is needed for copies.
const WHOLE_BYTES: u64 = 48 << 20;
/// Elements of an operand in a block; the sums of a tile that has more are made in pieces of K.
const BLOCK_WORDS: usize = 1 << 21;
/// Elements of an operand of a tile that is too long to run at register level as a whole, as far as it does.
const AUDITED_WORDS: usize = 1 << 18;
/// Bytes of a product that runs at register level, operands and what registers take of them.
const REGISTER_BYTES: u64 = 1 << 30;

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
    /// Places of K of these, where they are too long to run so as a whole.
    pub audited_k: Option<usize>,
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
            audited_k: self.audited_k.or(other.audited_k),
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
        let registers = self.method == Method::RegisterLevel;
        if registers {
            // An element, and its digits as they are encoded.
            let each = 4 + 2 * u64::from(self.spec.digit_slots());
            let help = "leave `--register-level` out: a sample of the tiles runs so all the same";
            let bytes = bytes.saturating_add(each * words(m, k));
            check_bytes_or("whole operands at register level", bytes, REGISTER_BYTES, help)?;
        }
        let is_whole = bytes <= WHOLE_BYTES || registers;
        let (mut counts, c, checked) = match (is_whole, self.all || keep) {
            (true, true) => self.whole(&a.whole(), &b.whole())?,
            (true, false) if registers => self.whole(&a.whole(), &b.whole())?,
            (_, true) => {
                let counts = counts(self.spec, a, b)?;
                let (c, checked) = self.blocks(a, b, keep)?;
                (counts, c, checked)
            }
            (_, false) => {
                // With no tile to audit, some are compared all the same: a run that checks nothing proves nothing.
                let some = tiles.sample(share.max(few.min(tiles.count())), self.seed, name);
                (counts(self.spec, a, b)?, None, self.tiles(a, b, &some)?)
            }
        };
        let audited_k = self.audited_k(k);
        let engines = [self.engines.events, self.engines.registers];
        audit(self.spec, engines, (a, b, audited_k), c.as_ref(), &audited)?;
        let memory = self.memory.map(|memory| memory.run((a, b), self.block, &mut counts)).transpose()?;
        let (c, steps) = (c.filter(|_| keep), words(tiles.count(), k));
        let audited_k = Some(audited_k).filter(|&audited_k| audited_k < k && !audited.is_empty());
        Ok(ProductRun { counts, memory, c, checked, tiles: tiles.count(), audited: audited.len(), audited_k, steps })
    }

    /// The product at once, the engine beside the reference (on another core, where there is one).
    fn whole(&self, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<(Counts, Option<Matrix<i64>>, Checked), SimulateError> {
        let engine = match self.method {
            Method::Events(_) => self.engines.events,
            Method::RegisterLevel => self.engines.registers,
        };
        let (run, (expected, checked)) = rayon::join(|| engine(self.spec, a, b), || self.expected(a, b));
        let GemmRun { c, counts } = run?;
        compare(&c, &expected, self.spec.acc_bits)?;
        Ok((counts, Some(c), checked))
    }

    /// Places of K that the operands of a tile have at a time; all of them if they are few enough.
    fn places(&self, k: usize) -> usize {
        self.places_of(BLOCK_WORDS, k)
    }

    /// The same in so many elements of an operand.
    fn places_of(&self, words: usize, k: usize) -> usize {
        // Whole groups of what is kept, and whole tiles of K.
        let whole = match self.spec.dataflow() {
            Dataflow::OutputStationary => self.spec.kept().map_or(1, |kept| kept.m as usize),
            Dataflow::WeightStationary | Dataflow::InputStationary => self.spec.rows_of_k() as usize,
        };
        let places = words / self.spec.rows.max(self.spec.cols) as usize;
        if k <= places { k } else { (places / whole).max(1) * whole }
    }

    /// Places of K of a tile that runs at register level.
    fn audited_k(&self, k: usize) -> usize {
        if self.places(k) < k { self.places_of(AUDITED_WORDS, k).min(k) } else { k }
    }

    /// Every result, a block at a time; all of them together if they are to be kept.
    fn blocks(
        &self,
        a: &dyn Blocks,
        b: &dyn Blocks,
        keep: bool,
    ) -> Result<(Option<Matrix<i64>>, Checked), SimulateError> {
        let mut checked = Checked::default();
        let mut kept = keep.then(|| Matrix::filled(a.rows(), b.cols(), 0));
        let places = self.places(a.cols()).max(1);
        // Whole tiles: an engine clips a sum where its tiles end.
        let side = |least: u32| (BLOCK_WORDS / places / least as usize).max(1) * least as usize;
        let (height, width) = (side(self.spec.rows), side(self.spec.cols));
        for cols in ranges(b.cols(), width) {
            let is_whole = places >= a.cols();
            let b_block = is_whole.then(|| b.block(0..b.rows(), cols.clone()));
            for rows in ranges(a.rows(), height) {
                let (c, of_block) = match &b_block {
                    Some(b) => self.block(&a.whole_rows(rows.clone()), b, (rows.start, cols.start))?,
                    None => self.in_pieces((a, b), (rows.clone(), cols.clone()))?,
                };
                checked = checked.and(of_block);
                let Some(kept) = &mut kept else { continue };
                rows.enumerate().for_each(|(row, m)| kept.row_mut(m)[cols.clone()].copy_from_slice(c.row(row)));
            }
        }
        Ok((kept, checked))
    }

    /// The results of some tiles.
    fn tiles(&self, a: &dyn Blocks, b: &dyn Blocks, tiles: &[Tile]) -> Result<Checked, SimulateError> {
        let mut checked = Checked::default();
        for Tile { rows, cols } in tiles {
            let (_, of_tile) = match self.places(a.cols()) >= a.cols() {
                true => {
                    let b = b.block(0..b.rows(), cols.clone());
                    self.block(&a.whole_rows(rows.clone()), &b, (rows.start, cols.start))?
                }
                false => self.in_pieces((a, b), (rows.clone(), cols.clone()))?,
            };
            checked = checked.and(of_tile);
        }
        Ok(checked)
    }

    fn block(
        &self,
        a: &Matrix<i32>,
        b: &Matrix<i32>,
        (row, col): (usize, usize),
    ) -> Result<(Matrix<i64>, Checked), SimulateError> {
        let (run, (expected, checked)) = rayon::join(|| (self.engines.events)(self.spec, a, b), || self.expected(a, b));
        let c = run?.c;
        compare(&c, &expected, self.spec.acc_bits).map_err(|error| error.moved(row, col))?;
        Ok((c, checked))
    }

    /// [`block`](Self::block) of operands that have a long K: sums a piece of it at a time.
    ///
    /// The sums of an array are numbers modulo 2^`sum_bits`, so those of pieces may be added, and are clipped where the array clips: at
    /// the end where results stay, else after each tile of K, which is then a piece.
    fn in_pieces(
        &self,
        (a, b): (&dyn Blocks, &dyn Blocks),
        (rows, cols): (Range<usize>, Range<usize>),
    ) -> Result<(Matrix<i64>, Checked), SimulateError> {
        let spec = self.spec;
        let stays = spec.dataflow() == Dataflow::OutputStationary;
        let clips_between = spec.saturate && !stays;
        let places = if clips_between { spec.rows_of_k() as usize } else { self.places(a.cols()) };
        let of_piece = EngineSpec { saturate: false, acc_bits: spec.sum_bits(), ..spec.clone() };
        let mut sums = vec![0_i64; rows.len() * cols.len()];
        let leaving = |sum: i64| match spec.saturate {
            true => clip(wrap(sum, spec.sum_bits()), spec.acc_bits),
            false => wrap(sum, spec.acc_bits),
        };
        let mut reference = ReferenceSums::new(rows.len(), cols.len());
        for k in ranges(a.cols(), places) {
            let (a, b) = (a.block(rows.clone(), k.clone()), b.block(k, cols.clone()));
            let operands = ((&a, spec.a_format()), (&b, spec.b_format()));
            let (run, exact) =
                rayon::join(|| (self.engines.events)(&of_piece, &a, &b), || reference_of(operands.0, operands.1));
            for (sum, &of_piece) in sums.iter_mut().zip(run?.c.values()) {
                *sum = sum.wrapping_add(of_piece);
                *sum = if clips_between { leaving(*sum) } else { *sum };
            }
            reference.add(&exact);
            if clips_between {
                reference.clip(spec.acc_bits);
            }
        }
        if spec.saturate && stays {
            reference.clip(spec.acc_bits);
        }
        let c = Matrix::from_rows(rows.len(), cols.len(), sums.into_iter().map(leaving).collect());
        let c = c.ok_or_else(|| self.internal("results without a place".to_owned()))?;
        let compared = compare(&c, reference.sums(), spec.acc_bits);
        compared.map_err(|error| error.moved(rows.start, cols.start))?;
        let inexact = if clips_between { reference.differ_clipped_once(spec.acc_bits) } else { 0 };
        Ok((c, Checked { compared: (rows.len() * cols.len()) as u64, clipped: reference.clipped(), inexact }))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Array, Patterns};
    use crate::simulate::{events, gemm};

    /// Sums of a long K in pieces are those of all of it at once: wrapped, clipped at the end, clipped after each tile of K.
    #[test]
    fn results_in_pieces_of_k_are_those_of_the_whole() {
        let registers = |spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>| gemm(spec, a, b, &Patterns::ALWAYS);
        let engines = Engines { events: &events, registers: &registers };
        let serial = EngineSpec {
            array: Array::Matrix2d,
            encoding: Some(crate::encoding::EncodingKind::EnT),
            transforms: ["compress-accumulate", "skip-zero-digits"].map(str::to_owned).to_vec(),
            ..EngineSpec::default()
        };
        let dense = |dataflow| EngineSpec { array: Array::Systolic(dataflow), ..EngineSpec::default() };
        let kinds = Dataflow::ALL.map(dense).into_iter().chain([serial]);
        for (kind, saturate) in kinds.flat_map(|kind| [(kind.clone(), false), (kind, true)]) {
            // 20 bits hold a tile of K and not all of K.
            let acc_bits = 20;
            let spec = &EngineSpec { rows: 64, cols: 64, length_bits: 20, acc_bits, saturate, ..kind };
            let case = Case { engines, spec, method: Method::default(), all: true, seed: 1, memory: None, block: 0 };
            let k = 3 * (BLOCK_WORDS / 64) / 2;
            assert!(case.places(k) < k);
            // Without `saturate` an overflow would be an error: sums that come back from beyond, but for one that stays.
            let a = Matrix::from_fn(3, k, |m, k| if m == 0 { 1 } else { (k as i32 * 37 + m as i32) % 255 - 127 });
            let sign = |k: usize| if (k / 7000).is_multiple_of(2) { 1 } else { -1 };
            let b = Matrix::from_fn(k, 2, |k, n| sign(k) * if n == 0 { 1 } else { 100 * i32::from(saturate) });
            let (c, whole) = case.block(&a, &b, (0, 0)).expect("a clean run");
            let (in_pieces, checked) = case.in_pieces((&a, &b), (0..3, 0..2)).expect("a clean run");
            assert_eq!(in_pieces, c, "{:?} {saturate}", spec.array);
            // What is clipped between tiles of K does not come back.
            let clips_between = saturate && spec.dataflow() != Dataflow::OutputStationary;
            assert_eq!(whole.inexact > 0, clips_between, "{:?}", spec.array);
            let counts = |of: &Checked| [of.compared, of.clipped, of.inexact];
            assert_eq!(counts(&checked), counts(&whole), "{:?} {saturate}", spec.array);
        }
    }
}
