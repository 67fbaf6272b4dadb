//! Which rows of B have anything to be multiplied by, tile of N by tile of N.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::shape::Shape;
use crate::engine::Take;
use crate::matrix::{Blocks, strips};
use crate::notation::transform::Matching;

/// Elements of B that are looked at together.
const BLOCK_WORDS: usize = 1 << 20;

/// How the tiles of N see a row of A. Tiles in which the same rows of B have a value that is not zero see the same: they share a
/// *version* of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matches {
    /// For each tile of N its version.
    of_tile: Vec<usize>,
    /// For each version which operands of K are seen; `None` is all of them.
    seen: Vec<Option<Vec<bool>>>,
}

impl Matches {
    /// Those of B on an engine: one version, unless it looks at B.
    pub fn new(shape: &Shape, b: &dyn Blocks) -> Self {
        let tiles = shape.tiles().1;
        if shape.take != (Take::Value { matching: Matching::Both }) {
            return Self { of_tile: vec![0; tiles], seen: vec![None] };
        }
        let mut seen = vec![vec![false; shape.k]; tiles];
        for (first, block) in strips(b, BLOCK_WORDS) {
            for row in 0..block.rows() {
                for (seen, words) in seen.iter_mut().zip(block.row(row).chunks(shape.cols)) {
                    seen[first + row] = words.iter().any(|&word| word != 0);
                }
            }
        }
        let mut known = BTreeMap::new();
        let mut versions = Vec::new();
        let of_tile = seen.into_iter().map(|seen| {
            *known.entry(seen).or_insert_with_key(|seen| {
                versions.push(Some(seen.clone()));
                versions.len() - 1
            })
        });
        let of_tile = of_tile.collect();
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

    /// A row of A as a version sees it: with 0 in place of what meets a row of B without anything.
    pub fn seen<'r>(&self, version: usize, row: &'r [i32]) -> Cow<'r, [i32]> {
        match &self.seen[version] {
            None => Cow::Borrowed(row),
            Some(seen) => row.iter().zip(seen).map(|(&value, &seen)| if seen { value } else { 0 }).collect(),
        }
    }
}
