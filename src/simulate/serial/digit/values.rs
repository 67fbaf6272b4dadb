//! The product through the transformed arithmetic, a row of A at a time: at each bit weight multiples of rows of B are
//! added for the digits that are not 0, and what has been summed is raised to the next weight.
//!
//! Sums are modulo 2^32 or 2^64, so the low `sum_bits` of them are those of the engine, and those of pieces of K may be added.

use std::ops::Range;

use super::row::Planes;
use crate::engine::EngineSpec;
use crate::matrix::Matrix;
use crate::simulate::serial::events::{CountedTile, RunningTile};
use crate::simulate::serial::pace::Meets;
use crate::simulate::serial::shape::Shape;
use crate::simulate::serial::taking::EncodedRow;
use crate::simulate::serial::total::result;
use rayon::prelude::*;

/// Rows of A whose digits are kept at a time by one thread, if a tile has no more.
const BLOCK: usize = 32;

/// Columns of a panel of B: as many sums as stay in vector registers.
const COLS: usize = 32;

/// The largest magnitude of a digit in any encoding.
const MAGNITUDES: usize = 4;

/// A word of a sum.
pub trait Sum: Copy + Default + Send + Sync + 'static {
    /// The word of an element of B, modulo 2^w.
    fn from_value(value: i64) -> Self;
    /// Sum modulo 2^w.
    fn plus(self, other: Self) -> Self;
    /// Difference modulo 2^w.
    fn minus(self, other: Self) -> Self;
    /// Times 2^bits.
    fn raised(self, bits: u32) -> Self;
    /// Sign-extended.
    fn value(self) -> i64;
}

macro_rules! sum {
    ($word:ty) => {
        impl Sum for $word {
            fn from_value(value: i64) -> Self {
                value as $word
            }
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            #[inline(always)]
            fn raised(self, bits: u32) -> Self {
                self << bits
            }
            fn value(self) -> i64 {
                i64::from(self)
            }
        }
    };
}

sum!(i32);
sum!(i64);

/// B in panels of [`COLS`] columns, each K rows one after the other; columns past the last are 0.
pub struct Panels<T> {
    words: Vec<Vec<[T; COLS]>>,
    n: usize,
}

impl<T: Sum> Panels<T> {
    /// The panels of some rows of B.
    pub fn new(shape: &Shape, b: &Matrix<i32>, rows: Range<usize>) -> Self {
        let panel = |from: usize| {
            let row = |k: usize| {
                let mut words = [T::default(); COLS];
                for (word, &value) in words.iter_mut().zip(&b.row(k)[from..]) {
                    *word = T::from_value(shape.b_format.value(value));
                }
                words
            };
            rows.clone().map(row).collect()
        };
        Self { words: (0..b.cols()).step_by(COLS).map(panel).collect(), n: b.cols() }
    }

    /// Adds rows of A times B: for each row its places of digits, and N sums.
    pub fn multiply(&self, radix_bits: u32, rows: &[Places], c: &mut [i64]) {
        // A panel stays in the cache while all rows of the block use it.
        for (index, panel) in self.words.iter().enumerate() {
            for (places, c) in rows.iter().zip(c.chunks_exact_mut(self.n)) {
                let sums = places.sum(panel, radix_bits);
                for (c, sum) in c[index * COLS..].iter_mut().zip(sums) {
                    *c = c.wrapping_add(sum.value());
                }
            }
        }
    }
}

/// Where the digits of a row of A are that are not 0: for each bit weight, the top one first, and for each magnitude the operands
/// with that digit and those with its negative.
pub struct Places {
    passes: Vec<[[Vec<u32>; 2]; MAGNITUDES]>,
}

impl Places {
    /// The places of the digits in `planes`.
    pub fn new(shape: &Shape, planes: &Planes) -> Self {
        let pass = |slot: usize| {
            let mut places: [[Vec<u32>; 2]; MAGNITUDES] = Default::default();
            for (k, &digit) in planes.plane(slot).iter().enumerate().filter(|&(_, &digit)| digit != 0) {
                places[usize::from(digit.unsigned_abs()) - 1][usize::from(digit < 0)].push(k as u32);
            }
            places
        };
        Self { passes: (0..shape.passes).rev().map(pass).collect() }
    }

    /// Horner's rule over the bit weights.
    fn sum<T: Sum>(&self, panel: &[[T; COLS]], radix_bits: u32) -> [T; COLS] {
        let mut sums = [T::default(); COLS];
        for pass in &self.passes {
            sums = sums.map(|sum| sum.raised(radix_bits));
            for (magnitude, [positive, negative]) in (1_u32..).zip(pass) {
                if positive.is_empty() && negative.is_empty() {
                    continue;
                }
                let mut digits = [T::default(); COLS];
                for &k in positive {
                    let b = &panel[k as usize];
                    (0..COLS).for_each(|col| digits[col] = digits[col].plus(b[col]));
                }
                for &k in negative {
                    let b = &panel[k as usize];
                    (0..COLS).for_each(|col| digits[col] = digits[col].minus(b[col]));
                }
                // The multiple of a sum is the sum of the multiples: once for all operands with this digit.
                for bit in (0..u32::BITS).filter(|bit| magnitude >> bit & 1 == 1) {
                    (0..COLS).for_each(|col| sums[col] = sums[col].plus(digits[col].raised(bit)));
                }
            }
        }
        sums
    }
}

/// The product, and what its rows of tiles have.
pub fn product<T: Sum>(
    spec: &EngineSpec,
    shape: &Shape,
    a: &Matrix<i32>,
    b: &Matrix<i32>,
) -> (Matrix<i64>, Vec<CountedTile>) {
    let mut c = vec![0; shape.m * shape.n];
    let mut tiles = vec![RunningTile::new(shape, Meets::of(shape)); shape.tiles().0];
    let together = (BLOCK / shape.rows).max(1);
    let rows = together * shape.rows;
    for piece in shape.pieces(rows.min(shape.m)) {
        let panels = Panels::<T>::new(shape, b, piece.k.clone());
        let blocks = c.par_chunks_mut(rows * shape.n).zip(tiles.par_chunks_mut(together)).enumerate();
        blocks.for_each(|(block, (c, tiles))| {
            let of_tiles = block * rows..block * rows + tiles.len() * shape.rows;
            let of_row = |m: usize| Planes::new(&piece.shape, (m < shape.m).then(|| &a.row(m)[piece.k.clone()]));
            let planes: Vec<Planes> = of_tiles.map(of_row).collect();
            let places: Vec<Places> = planes.iter().map(|planes| Places::new(shape, planes)).collect();
            panels.multiply(shape.radix_bits, &places, c);
            for (tile, planes) in tiles.iter_mut().zip(planes.chunks_exact(shape.rows)) {
                planes.iter().enumerate().for_each(|(at, row)| tile.take(shape, &piece, at, row));
                tile.meet();
            }
        });
    }
    c.par_iter_mut().for_each(|sum| *sum = result(*sum, spec));
    let c = Matrix::from_rows(shape.m, shape.n, c).expect("M x N words were made");
    (c, tiles.into_iter().map(RunningTile::ended).collect())
}
