//! How compressed weights and the words of A that they select from lie in an array.
//!
//! Of every m consecutive k of a column of B n places are stored, each with the index of its element in the group. An array
//! takes K by places: its rows where weights stay, its steps and the depth of a PE where results stay. The m words of A that
//! belong to a group come in together, once, and are there for all of its places.

use crate::engine::{Dataflow, EngineError, EngineSpec};
use crate::matrix::Matrix;
use crate::notation::NOfM;

/// Compressed weights on one array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// What is kept of a group.
    pub of: NOfM,
    /// Words of A that a PE selects from: those of all its groups.
    pub words: u32,
    /// Groups of a PE at a time, 1 unless its depth is more than n.
    pub groups: u32,
    /// Steps for which the words of A stay: 1 if the places of a PE hold whole groups.
    pub steps: u32,
}

impl Selection {
    /// Compressed weights on the array of a design, if it compresses them.
    ///
    /// # Errors
    /// [`EngineError::Places`] if the places of K in the array do not hold whole groups.
    pub fn new(spec: &EngineSpec, kept: Option<NOfM>) -> Result<Option<Self>, EngineError> {
        let Some(of) = kept else { return Ok(None) };
        let depth = spec.array.depth();
        let results_stay = spec.dataflow() == Dataflow::OutputStationary;
        let places = if results_stay { depth } else { spec.rows };
        let divides = results_stay && of.n.is_multiple_of(places);
        if !places.is_multiple_of(of.n) && !divides {
            return Err(EngineError::Places { places, n: of.n, m: of.m });
        }
        let groups = if results_stay { (depth / of.n).max(1) } else { 1 };
        let steps = if results_stay { (of.n / depth).max(1) } else { 1 };
        Ok(Some(Self { of, words: groups * of.m, groups, steps }))
    }

    /// Bits of an index.
    pub fn index_bits(&self) -> u32 {
        self.of.index_bits()
    }
}

/// B as it is stored: values and indices of the kept places, each `places` x N.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compressed {
    /// The element of each place, 0 in one that its group has no use for.
    pub values: Matrix<i32>,
    /// Its index in the group, below m; 0 in a place that is not used.
    pub indices: Matrix<u32>,
}

impl Compressed {
    /// Stores B, K x N, at most n elements of a group of which are not zero (see [`NOfM::full_group`]).
    pub fn new(b: &Matrix<i32>, of: NOfM) -> Self {
        let source = |place: usize, col: usize| of.source(b, place, col);
        let places = of.places(b.rows());
        Self {
            values: Matrix::from_fn(places, b.cols(), |place, col| source(place, col).map_or(0, |k| b[(k, col)])),
            indices: Matrix::from_fn(places, b.cols(), |place, col| {
                source(place, col).map_or(0, |k| (k % of.m as usize) as u32)
            }),
        }
    }
}
