//! Which rows of B have anything to be multiplied by, tile of N by tile of N.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::shape::Shape;
use crate::engine::Take;
use crate::matrix::{Blocks, strips};
use crate::notation::transform::Matching;
use crate::simulate::{SimulateError, check_bytes};

/// What looks at B.
const BOTH: Take = Take::Value { matching: Matching::Both };
/// Most bytes of what is kept of it.
const MOST_BYTES: u64 = 1 << 27;
/// Elements of B that are looked at together.
const BLOCK_WORDS: usize = 1 << 20;

/// How the tiles of N see a row of A. Tiles in which the same rows of B have a value that is not zero see the same: they share a
/// *version* of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matches {
    /// For each tile of N its version.
    of_tile: Vec<usize>,
    /// For each version which operands of K are seen; `None` is all of them.
    seen: Vec<Option<Bits>>,
}

/// A bit for each operand of K: a long K has many.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bits(Vec<u64>);

impl Bits {
    fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    fn set(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    fn has(&self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }
}

impl Matches {
    /// Whether what is kept of B can be.
    ///
    /// # Errors
    /// [`SimulateError::TooMuchMemory`].
    pub fn check(shape: &Shape) -> Result<(), SimulateError> {
        if shape.take != BOTH {
            return Ok(());
        }
        let words = (shape.tiles().1 as u64).saturating_mul(shape.k.div_ceil(64) as u64);
        check_bytes("the bits of rows of B that hold anything", words.saturating_mul(8), MOST_BYTES)
    }

    /// Those of B on an engine: one version, unless it looks at B.
    pub fn new(shape: &Shape, b: &dyn Blocks) -> Self {
        let tiles = shape.tiles().1;
        if shape.take != BOTH {
            return Self { of_tile: vec![0; tiles], seen: vec![None] };
        }
        let mut seen = vec![Bits::none(shape.k); tiles];
        for (first, block) in strips(b, BLOCK_WORDS) {
            for row in 0..block.rows() {
                for (seen, words) in seen.iter_mut().zip(block.row(row).chunks(shape.cols)) {
                    if words.iter().any(|&element| shape.b_format.value(element) != 0) {
                        seen.set(first + row);
                    }
                }
            }
        }
        let mut known = BTreeMap::new();
        let of_tile = seen.into_iter().map(|seen| {
            let next = known.len();
            *known.entry(seen).or_insert(next)
        });
        let of_tile = of_tile.collect();
        let mut versions = vec![None; known.len()];
        known.into_iter().for_each(|(seen, version)| versions[version] = Some(seen));
        Self { of_tile, seen: versions }
    }

    /// Versions.
    pub fn versions(&self) -> usize {
        self.seen.len()
    }

    /// The version that tile `tile_n` of N sees.
    pub fn of_tile(&self, tile_n: usize) -> usize {
        self.of_tile[tile_n]
    }

    /// The tiles of N that see a version.
    pub fn tiles(&self, version: usize) -> impl Iterator<Item = usize> {
        self.of_tile.iter().enumerate().filter(move |&(_, &of)| of == version).map(|(tile, _)| tile)
    }

    /// Operands `from` on of a row of A as a version sees them: with 0 in place of what meets a row of B without anything.
    pub fn seen<'r>(&self, version: usize, from: usize, row: &'r [i32]) -> Cow<'r, [i32]> {
        match &self.seen[version] {
            None => Cow::Borrowed(row),
            Some(seen) => {
                row.iter().enumerate().map(|(at, &value)| if seen.has(from + at) { value } else { 0 }).collect()
            }
        }
    }
}
