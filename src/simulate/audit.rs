//! Some tiles of a product run again, register by register: a sample of what the event-exact engine says, checked.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{GemmRun, Multiplier, SimulateError};
use crate::engine::{Dataflow, EngineSpec, Parts};
use crate::matrix::{Blocks, Matrix};

/// How many tiles of each layer run again at register level.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum AuditShare {
    /// [`AuditShare::FEW`] of them.
    #[default]
    Few,
    /// This part of them, 0 to 1, rounded up.
    Part(f64),
    /// All of them.
    All,
}

impl AuditShare {
    /// Tiles of a layer when nothing else is said.
    pub const FEW: usize = 4;

    /// How many of `tiles`.
    pub fn of(self, tiles: usize) -> usize {
        match self {
            AuditShare::Few => tiles.min(Self::FEW),
            AuditShare::Part(part) => ((part * tiles as f64).ceil() as usize).min(tiles),
            AuditShare::All => tiles,
        }
    }
}

impl FromStr for AuditShare {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse::<f64>()) {
            ("all", _) => Ok(AuditShare::All),
            (_, Ok(part)) if (0.0..=1.0).contains(&part) => Ok(AuditShare::Part(part)),
            _ => Err("give the part of the tiles, 0 to 1, or `all`".to_owned()),
        }
    }
}

impl fmt::Display for AuditShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuditShare::Few => write!(f, "{} tiles a layer", Self::FEW),
            AuditShare::Part(part) => write!(f, "{part} of the tiles"),
            AuditShare::All => write!(f, "all tiles"),
        }
    }
}

/// A block of C as large as the array: a sub-GEMM of these rows of A and columns of B, with the whole of K.
///
/// Output stationary it is a tile of the array. Weight and input stationary it is that many steps of the column block's
/// tiles of K, all of them, so that partial sums go round and values can be compared with the whole product's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Rows of A and C.
    pub rows: Range<usize>,
    /// Columns of B and C.
    pub cols: Range<usize>,
}

/// The first of its elements and the one after its last, as Rust and Python write them.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "C[{}..{}, {}..{}]", self.rows.start, self.rows.end, self.cols.start, self.cols.end)
    }
}

/// What a tile's run at register level has otherwise than the event-exact engine.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Difference {
    /// A value.
    #[error("C[{row}, {col}] is {events}, register by register {registers}")]
    Element {
        /// Row in the whole product.
        row: usize,
        /// Column in the whole product.
        col: usize,
        /// The value in the event-exact run.
        events: i64,
        /// The value at register level.
        registers: i64,
    },
    /// The count of cycles.
    #[error("it takes {events} cycles, register by register {registers}")]
    Cycles {
        /// Of the event-exact run.
        events: u64,
        /// At register level.
        registers: u64,
    },
    /// Where the same cycles go.
    #[error("its cycles are {events:?}, register by register {registers:?}")]
    Parts {
        /// Of the event-exact run.
        events: Parts,
        /// At register level.
        registers: Parts,
    },
    /// What else a run counts.
    #[error("its words or its useful operations are counted differently")]
    Counts,
}

/// The tiles of a product M x N, row by row.
pub struct Tiles {
    m: usize,
    n: usize,
    height: usize,
    width: usize,
}

impl Tiles {
    /// Those of a product on an engine.
    pub fn new(spec: &EngineSpec, m: usize, n: usize) -> Self {
        let (height, width) = match spec.dataflow() {
            Dataflow::OutputStationary | Dataflow::WeightStationary => (spec.rows, spec.cols),
            // The columns of the array hold rows of A.
            Dataflow::InputStationary => (spec.cols, spec.rows),
        };
        Self { m, n, height: height as usize, width: width as usize }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.m.div_ceil(self.height) * self.n.div_ceil(self.width)
    }

    /// One of them.
    pub fn tile(&self, index: usize) -> Tile {
        let across = self.n.div_ceil(self.width);
        let (row, col) = (index / across * self.height, index % across * self.width);
        Tile { rows: row..self.m.min(row + self.height), cols: col..self.n.min(col + self.width) }
    }

    /// `count` different ones, in order; which, follows from the seed and the layer's name.
    pub fn sample(&self, count: usize, seed: u64, layer: &str) -> Vec<Tile> {
        let all = self.count();
        let key = Sha256::digest(format!("bitweight audit 1/{seed}/{layer}"));
        let mut generator = ChaCha8Rng::from_seed(key.into());
        // Floyd's way of drawing without replacement: as many draws as tiles are wanted.
        let mut chosen = std::collections::BTreeSet::new();
        for last in all - count.min(all)..all {
            let drawn = (generator.next_u64() % (last as u64 + 1)) as usize;
            if !chosen.insert(drawn) {
                chosen.insert(last);
            }
        }
        chosen.into_iter().map(|index| self.tile(index)).collect()
    }
}

/// Runs each tile on both engines, the first `k` places of it, and holds them against each other and, if the product `c` is there and
/// K is whole, against its block of it.
///
/// # Errors
/// [`SimulateError::Audit`] with the first tile that differs, or what an engine says.
pub fn audit(
    spec: &EngineSpec,
    [events, registers]: [&Multiplier; 2],
    (a, b, k): (&dyn Blocks, &dyn Blocks, usize),
    c: Option<&Matrix<i64>>,
    tiles: &[Tile],
) -> Result<(), SimulateError> {
    let c = c.filter(|_| k == a.cols());
    let check = |tile: &Tile| {
        let rows = a.block(tile.rows.clone(), 0..k);
        let cols = b.block(0..k, tile.cols.clone());
        let runs = events(spec, &rows, &cols).and_then(|run| Ok((run, registers(spec, &rows, &cols)?)));
        let differs = |(events, registers): (GemmRun, GemmRun)| match difference(tile, &events, &registers, c) {
            None => Ok(()),
            Some(what) => Err(SimulateError::Audit { tile: tile.to_string(), what: Box::new(what) }),
        };
        runs.and_then(differs).err()
    };
    tiles.par_iter().find_map_first(check).map_or(Ok(()), Err)
}

fn difference(tile: &Tile, events: &GemmRun, registers: &GemmRun, c: Option<&Matrix<i64>>) -> Option<Difference> {
    for (row, m) in tile.rows.clone().enumerate() {
        for (col, n) in tile.cols.clone().enumerate() {
            let register = registers.c[(row, col)];
            for value in c.map(|c| c[(m, n)]).into_iter().chain([events.c[(row, col)]]) {
                if value != register {
                    return Some(Difference::Element { row: m, col: n, events: value, registers: register });
                }
            }
        }
    }
    if events.counts.cycles != registers.counts.cycles {
        return Some(Difference::Cycles { events: events.counts.cycles, registers: registers.counts.cycles });
    }
    if events.counts.parts != registers.counts.parts {
        return Some(Difference::Parts { events: events.counts.parts, registers: registers.counts.parts });
    }
    (events != registers).then_some(Difference::Counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Array, Patterns};
    use crate::simulate::{events, gemm};

    fn spec(dataflow: Dataflow) -> EngineSpec {
        EngineSpec { array: Array::Systolic(dataflow), rows: 3, cols: 2, ..EngineSpec::default() }
    }

    #[test]
    fn tiles_cover_every_element_once_and_a_sample_has_no_tile_twice() {
        for dataflow in Dataflow::ALL {
            let tiles = Tiles::new(&spec(dataflow), 10, 7);
            let mut seen = Matrix::filled(10, 7, 0);
            for tile in tiles.sample(tiles.count(), 5, "x") {
                for (row, col) in tile.rows.flat_map(|row| tile.cols.clone().map(move |col| (row, col))) {
                    seen[(row, col)] += 1;
                }
            }
            assert_eq!(seen, Matrix::filled(10, 7, 1), "{dataflow:?}");
            let samples = [(5, "x"), (6, "x"), (5, "y"), (5, "x")].map(|(seed, layer)| tiles.sample(3, seed, layer));
            assert!(samples.iter().all(|sample| sample.len() == 3));
            assert!(samples[0] == samples[3] && samples[0] != samples[1] && samples[0] != samples[2]);
        }
    }

    #[test]
    fn a_share_is_rounded_up_and_never_more_than_there_is() {
        let share = |text: &str| text.parse::<AuditShare>();
        assert_eq!(AuditShare::default().of(3), 3);
        assert_eq!(AuditShare::default().of(300), AuditShare::FEW);
        for (text, tiles) in [("0", 0), ("0.001", 1), ("0.5", 5), ("1", 10), ("all", 10)] {
            assert_eq!(share(text).map(|share| share.of(10)), Ok(tiles), "{text}");
        }
        for text in ["-0.1", "1.1", "nan", "some", ""] {
            assert!(share(text).is_err(), "{text}");
        }
    }

    /// A fault of the event-exact engine that the reference cannot see, and one of a value.
    #[test]
    fn an_audit_of_all_tiles_finds_one_wrong_element_and_one_wrong_cycle() {
        for dataflow in [Dataflow::OutputStationary, Dataflow::WeightStationary] {
            let spec = spec(dataflow);
            let a = Matrix::from_fn(7, 5, |m, k| (m * 5 + k) as i32 - 17);
            let b = Matrix::from_fn(5, 9, |k, n| 3 * n as i32 - 11 * k as i32);
            let registers = |spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>| gemm(spec, a, b, &Patterns::ALWAYS);
            let good = |spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>| events(spec, a, b);
            let tiles = Tiles::new(&spec, 7, 9);
            let all = tiles.sample(tiles.count(), 1, "x");
            let mut c = events(&spec, &a, &b).unwrap().c;
            let audit = |of: [&Multiplier; 2], c: &Matrix<i64>| audit(&spec, of, (&a, &b, 5), Some(c), &all);
            assert_eq!(audit([&good, &registers], &c), Ok(()));

            // The last row of tiles is one row high.
            let slow = |spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>| {
                let mut run = events(spec, a, b)?;
                run.counts.cycles += u64::from(a.rows() == 1);
                Ok(run)
            };
            let Err(SimulateError::Audit { tile, what }) = audit([&slow, &registers], &c) else {
                panic!("{dataflow:?}: a wrong cycle count passed")
            };
            assert_eq!(tile, "C[6..7, 0..2]");
            assert!(matches!(*what, Difference::Cycles { events, registers } if events == registers + 1), "{what}");

            let right = c[(4, 3)];
            c[(4, 3)] += 1;
            let error = audit([&good, &registers], &c).unwrap_err();
            let what = Difference::Element { row: 4, col: 3, events: right + 1, registers: right };
            assert_eq!(error, SimulateError::Audit { tile: "C[3..6, 2..4]".into(), what: Box::new(what) });
            assert!(error.is_answer());
        }
    }
}
