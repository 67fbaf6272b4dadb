//! Layers whose operands have shared exponents: a product for each block of K on the engine, and what becomes of their results outside.
//!
//! Inside a block all exponents are alike, so the engine multiplies integers. Its exact results are then weighed by both blocks'
//! powers of two and summed, and held against the reference's sums of weighed terms.

use std::ops::Range;

use rayon::prelude::*;

use super::audit::{AuditShare, Tiles};
use super::product::{Case, ProductRun};
use super::{SimulateError, workload::Method};
use crate::encoding::BLOCK;
use crate::matrix::{Blocks, Matrix, ranges};
use crate::workload::{Exact, ProductOperands, scaled_reference};

/// Rows of results that are compared together, at most; and columns, unless rows are few.
const REGION: usize = 64;
/// Elements of B that they are products of, if these are more columns.
const REGION_WORDS: usize = 1 << 20;

/// Places of K that are weighed together: whole blocks.
const PIECE: usize = 512 * BLOCK;

/// Some rows and columns of an operand.
struct Part<'a> {
    of: &'a dyn Blocks,
    rows: Range<usize>,
    cols: Range<usize>,
}

impl Blocks for Part<'_> {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn cols(&self) -> usize {
        self.cols.len()
    }

    fn block(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32> {
        let within = |outer: &Range<usize>, inner: Range<usize>| outer.start + inner.start..outer.start + inner.end;
        self.of.block(within(&self.rows, rows), within(&self.cols, cols))
    }
}

impl Case<'_> {
    /// Runs a product in blocks of K. `audited` of its blocks have audited tiles, `few` each. The weighed sums are returned where they
    /// are to be kept, and all compared then.
    ///
    /// # Errors
    /// Those of [`Case::product`]; weighed sums that differ.
    pub fn blocked_product(
        &self,
        product: &ProductOperands,
        (name, few): (&str, usize),
        audited: usize,
        keep: bool,
    ) -> Result<(ProductRun, Option<Matrix<Exact>>), SimulateError> {
        let (a, b) = (&*product.a, &*product.b);
        let mut sum: Option<ProductRun> = None;
        for (index, k) in ranges(a.cols(), BLOCK).enumerate() {
            let a = Part { of: a, rows: 0..a.rows(), cols: k.clone() };
            let b = Part { of: b, rows: k, cols: 0..b.cols() };
            let name = if index == 0 { name.to_owned() } else { format!("{name}/block{index}") };
            let few = if index < audited { few } else { 0 };
            let run = Case { block: index, ..*self }.product((&a, &b), false, (&name, few))?;
            sum = Some(match sum {
                None => run,
                Some(sum) => sum.and(run),
            });
        }
        let mut run = sum.ok_or_else(|| self.internal("a product without K".to_owned()))?;
        if run.memory.as_ref().is_some_and(|memory| !memory.is_conserved()) {
            return Err(
                self.internal("the words of all blocks are not those of a round, as often as it comes".to_owned())
            );
        }
        let tiles = Tiles::new(self.spec, a.rows(), b.cols());
        let side = |least: u32, about: usize| about.next_multiple_of(least as usize);
        let regions: Vec<(Range<usize>, Range<usize>)> = match self.all || keep || self.method == Method::RegisterLevel
        {
            true => {
                let wide = (REGION_WORDS / a.cols().max(1)).min(REGION * REGION / a.rows().clamp(1, REGION));
                let (height, width) = (side(self.spec.rows, REGION), side(self.spec.cols, wide.max(REGION)));
                ranges(a.rows(), height)
                    .flat_map(|rows| ranges(b.cols(), width).map(move |cols| (rows.clone(), cols)))
                    .collect()
            }
            false => {
                let some = tiles.sample(few.min(tiles.count()), self.seed, name);
                some.into_iter().map(|tile| (tile.rows, tile.cols)).collect()
            }
        };
        // Blocks were compared one by one; what a reader is told of are the sums.
        run.checked.compared = 0;
        let clips = run.checked.clipped > 0;
        run.checked.inexact = 0;
        let mut kept = keep.then(|| Matrix::filled(a.rows(), b.cols(), Exact::default()));
        let weighed = |(rows, cols): &(Range<usize>, Range<usize>)| {
            let weighed = self.weighed(product, (rows.clone(), cols.clone()), clips);
            weighed.map(|(sums, differing)| (keep.then_some(sums), differing))
        };
        // In their order, so that the first region that differs is the one that is told of.
        let weighed: Vec<_> = regions.par_iter().map(weighed).collect();
        for ((rows, cols), of_region) in regions.into_iter().zip(weighed) {
            let (sums, differing) = of_region?;
            if let (Some(kept), Some(sums)) = (&mut kept, sums) {
                for (row, at) in rows.clone().enumerate() {
                    kept.row_mut(at)[cols.clone()].copy_from_slice(sums.row(row));
                }
            }
            run.checked.inexact += differing;
            run.checked.compared += (rows.len() * cols.len()) as u64;
        }
        Ok((run, kept))
    }

    /// The weighed sums of some results, compared; and how many differ, which only clipped ones may.
    fn weighed(
        &self,
        product: &ProductOperands,
        (rows, cols): (Range<usize>, Range<usize>),
        clips: bool,
    ) -> Result<(Matrix<Exact>, u64), SimulateError> {
        let [a_exponents, b_exponents] = [0, 1].map(|operand| {
            let lines = if operand == 0 { rows.clone() } else { cols.clone() };
            product.exponents[operand].as_ref().map(|exponents| exponents.exponents(lines))
        });
        let mut sums = Matrix::filled(rows.len(), cols.len(), Exact::default());
        let mut expected = sums.clone();
        // A long K a piece at a time, of whole blocks.
        for places in ranges(product.a.cols(), PIECE) {
            let a = product.a.block(rows.clone(), places.clone());
            let b = product.b.block(places.clone(), cols.clone());
            let of_piece = places.start / BLOCK..places.end.div_ceil(BLOCK);
            let [a_exponents, b_exponents] = [&a_exponents, &b_exponents]
                .map(|of| of.as_ref().map(|of: &Matrix<i32>| of.block(0..of.rows(), of_piece.clone())));
            for (index, k) in ranges(a.cols(), BLOCK).enumerate() {
                let (a, b) = (a.block(0..a.rows(), k.clone()), b.block(k, 0..b.cols()));
                let c = (self.engines.events)(self.spec, &a, &b)?.c;
                for m in 0..c.rows() {
                    for (n, (sum, &result)) in sums.row_mut(m).iter_mut().zip(c.row(m)).enumerate() {
                        let exponent = |of: &Option<Matrix<i32>>, line| of.as_ref().map_or(0, |of| of[(line, index)]);
                        sum.add(i128::from(result), exponent(&a_exponents, m) + exponent(&b_exponents, n));
                    }
                }
            }
            let exponents = [a_exponents.as_ref(), b_exponents.as_ref()];
            let of_piece = scaled_reference((&a, self.spec.a_format()), (&b, self.spec.b_format()), exponents);
            if places.len() == product.a.cols() {
                expected = of_piece;
                continue;
            }
            for m in 0..of_piece.rows() {
                expected.row_mut(m).iter_mut().zip(of_piece.row(m)).for_each(|(sum, of_piece)| sum.add_sum(of_piece));
            }
        }
        let differs = |at: &usize| sums.values()[*at] != expected.values()[*at];
        let all = 0..sums.values().len();
        match all.clone().find(differs) {
            Some(at) if !clips => {
                let (row, col) = (rows.start + at / cols.len(), cols.start + at % cols.len());
                let [ours, exact] = [&sums, &expected].map(|of| of.values()[at].to_f64());
                Err(self
                    .internal(format!("with shared exponents C[{row}, {col}] is {ours:e}, the reference's {exact:e}")))
            }
            _ => {
                let differing = all.filter(differs).count() as u64;
                Ok((sums, differing))
            }
        }
    }

    pub(super) fn internal(&self, what: String) -> SimulateError {
        SimulateError::Internal { design: self.spec.name.clone(), seed: Some(self.seed), what }
    }
}

/// Tiles that are audited of each of `products` products in a layer, the `index`th of them.
pub(super) fn few_of(products: u64, index: usize) -> usize {
    if products == 1 { AuditShare::FEW } else { usize::from(index < AuditShare::FEW) }
}
