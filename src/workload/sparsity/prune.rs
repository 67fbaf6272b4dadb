//! A matrix with some of its values made 0, any part of which can be made again.

use std::ops::Range;
use std::sync::Arc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use super::cut::{Cut, cut, key};
use super::{Grid, Sparsity, Stand, Unit};
use crate::encoding::Format;
use crate::matrix::{Blocks, Matrix};

/// What is pruned.
pub(in crate::workload) struct Source<'a> {
    pub values: Arc<dyn Blocks + Send>,
    pub stand: Stand,
    /// The format of the values.
    pub format: Format,
    /// Seed, layer and tensor, from which draws follow.
    pub key: (u64, &'a str, &'a str),
}

/// What decides whether a value becomes 0.
enum Rule {
    /// A draw below the threshold.
    Drawn { key: [u8; 32], threshold: u128 },
    /// A unit below the cut.
    Cut(Cut),
    /// Not being among so many of its group.
    Kept(usize),
}

/// A matrix of which some values are 0; the others are those of another matrix.
pub(in crate::workload) struct Pruned {
    values: Arc<dyn Blocks + Send>,
    grid: Grid,
    rule: Rule,
}

impl Pruned {
    pub fn new(source: Source<'_>, sparsity: &Sparsity) -> Self {
        let Source { values, stand, format, key: (seed, layer, tensor) } = source;
        let grid = stand.grid(sparsity);
        let (least, greatest) = format.range();
        let greatest = least.unsigned_abs().max(greatest.unsigned_abs());
        let rule = match sparsity {
            Sparsity::Bernoulli(share) => Rule::Drawn {
                key: Sha256::digest(format!("bitweight sparsity 1/{seed}/{layer}/{tensor}")).into(),
                threshold: share.threshold(),
            },
            Sparsity::Magnitude(share) | Sparsity::Block { zero: share, .. } => {
                Rule::Cut(cut(&*values, &grid, greatest, share.of(grid.units())))
            }
            Sparsity::NOfM { n, .. } => Rule::Kept(*n as usize),
        };
        Self { values, grid, rule }
    }
}

impl Blocks for Pruned {
    fn rows(&self) -> usize {
        self.values.rows()
    }

    fn cols(&self) -> usize {
        self.values.cols()
    }

    fn block(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32> {
        match &self.rule {
            Rule::Drawn { key, threshold } => self.drawn((rows, cols), *key, *threshold),
            Rule::Cut(cut) if self.grid.unit == [1, 1] => {
                let mut block = self.values.block(rows.clone(), cols.clone());
                for row in rows.clone() {
                    let first = row as u64 * self.grid.cols as u64 + cols.start as u64;
                    for (value, place) in block.row_mut(row - rows.start).iter_mut().zip(first..) {
                        if cut.takes(u64::from(value.unsigned_abs()), place) {
                            *value = 0;
                        }
                    }
                }
                block
            }
            Rule::Cut(cut) => self.units((rows, cols), |unit, part, kept| {
                kept.fill(!cut.takes(key(&self.grid, unit, part), unit.place));
            }),
            Rule::Kept(count) => {
                let mut order = Vec::new();
                self.units((rows, cols), |unit, part, kept| {
                    order.clear();
                    // The greatest magnitude first, of equal ones the one that stands first.
                    order.extend(unit.values(part).zip(0..).map(|(value, k)| (u32::MAX - value.unsigned_abs(), k)));
                    if *count < order.len() {
                        order.select_nth_unstable(*count);
                    }
                    kept.fill(false);
                    order.iter().take(*count).for_each(|&(_, k): &(u32, usize)| kept[k] = true);
                })
            }
        }
    }
}

impl Pruned {
    /// Each value with a draw of its own, whose place in the stream is that of the value in the matrix.
    fn drawn(&self, (rows, cols): (Range<usize>, Range<usize>), key: [u8; 32], threshold: u128) -> Matrix<i32> {
        let mut block = self.values.block(rows.clone(), cols.clone());
        for row in rows.clone() {
            let mut generator = ChaCha8Rng::from_seed(key);
            // A draw takes two words of 32 bits.
            generator.set_word_pos(2 * (row as u128 * self.grid.cols as u128 + cols.start as u128));
            for value in block.row_mut(row - rows.start) {
                if u128::from(generator.next_u64()) < threshold {
                    *value = 0;
                }
            }
        }
        block
    }

    /// The values of some rows and columns, where `decide` says which values of each unit stay, row by row.
    fn units(
        &self,
        (rows, cols): (Range<usize>, Range<usize>),
        mut decide: impl FnMut(&Unit, &Matrix<i32>, &mut [bool]),
    ) -> Matrix<i32> {
        let mut block = Matrix::filled(rows.len(), cols.len(), 0);
        let mut kept = Vec::new();
        self.grid.visit(&*self.values, (rows.clone(), cols.clone()), |unit, part| {
            kept.resize(unit.height * unit.width, false);
            decide(unit, part, &mut kept);
            for down in rows.start.max(unit.row)..rows.end.min(unit.row + unit.height) {
                let local = down - unit.row;
                for across in cols.start.max(unit.col)..cols.end.min(unit.col + unit.width) {
                    if kept[local * unit.width + across - unit.col] {
                        block[(down - rows.start, across - cols.start)] = part[(local, unit.from + across - unit.col)];
                    }
                }
            }
        });
        block
    }
}
