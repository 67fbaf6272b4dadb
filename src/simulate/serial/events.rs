//! A GEMM from its digit counts: no cycle is looked at.

use super::pace::Pace;
use super::planes::Planes;
use super::shape::{SLOT_TO_DRAIN, Shape};
use super::total::{LaneCycles, finished};
use super::values::{Panels, Places, Sum};
use crate::engine::EngineSpec;
use crate::matrix::Matrix;
use crate::simulate::{GemmRun, SimulateError, Words};
use rayon::prelude::*;

/// Rows of A whose digits are kept at a time by one thread.
const BLOCK: usize = 32;

/// What one row of A contributes.
#[derive(Clone, Debug, Default)]
struct Row {
    digits: u64,
    pace: Pace,
}

/// The whole GEMM. `a` and `b` fit their formats and the shape's extents.
///
/// # Errors
/// [`SimulateError::Internal`] if a condition that every run must meet was violated.
pub fn run(spec: &EngineSpec, shape: &Shape, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<GemmRun, SimulateError> {
    let (c, mut rows) = match spec.sum_bits() {
        ..=32 => product::<i32>(spec, shape, a, b),
        _ => product::<i64>(spec, shape, a, b),
    };
    let (tiles_m, tiles_n) = shape.tiles();
    let padding = Row { digits: 0, pace: Pace::new(shape, &Planes::new(shape, None)) };
    rows.resize(tiles_m * shape.rows, padding);

    let (engine_rows, tiles) = (shape.rows as u64, tiles_n as u64);
    let (mut work, mut waits) = (0, 0);
    for (index, tile) in rows.chunks_exact(shape.rows).enumerate() {
        let meetings = tile[0].pace.segments.len();
        let slowest = |meeting: usize| tile.iter().map(|row| row.pace.segments[meeting]).max().unwrap_or(0);
        let cycles: u64 = (0..meetings).map(slowest).sum();
        work += cycles * tiles;
        // The results of the tile before, if there is one, leave a row a cycle.
        waits += engine_rows.saturating_sub(cycles) * (tiles - u64::from(index == 0));
    }
    let digits: Vec<u64> = rows.iter().map(|row| row.digits).collect();
    let all_digits: u64 = digits.iter().sum();
    let counts = LaneCycles {
        fill: SLOT_TO_DRAIN,
        drain: waits + 2 + engine_rows,
        busy: all_digits * tiles,
        empty: rows.iter().map(|row| row.pace.empty).sum::<u64>() * tiles,
        ..LaneCycles::default()
    };
    let words = Words {
        a: (shape.m * shape.k * shape.slots * tiles_n) as u64,
        b: all_digits * shape.n as u64,
        partial: 0,
        c: (shape.m * shape.n) as u64,
    };
    let cycles = work + counts.fill + counts.drain;
    finished(spec, shape, c, cycles, &counts, words, &digits)
}

/// The product, and the pace of each row of A.
fn product<T: Sum>(spec: &EngineSpec, shape: &Shape, a: &Matrix<i32>, b: &Matrix<i32>) -> (Matrix<i64>, Vec<Row>) {
    let panels = Panels::<T>::new(b);
    let mut c = vec![0; shape.m * shape.n];
    let rows = c.par_chunks_mut(BLOCK * shape.n).enumerate().flat_map_iter(|(block, c)| {
        let of_block = block * BLOCK..shape.m.min((block + 1) * BLOCK);
        let planes: Vec<Planes> = of_block.map(|m| Planes::new(shape, Some(a.row(m)))).collect();
        let places: Vec<Places> = planes.iter().map(|planes| Places::new(shape, planes)).collect();
        panels.multiply(spec, shape.radix_bits, &places, c);
        planes.into_iter().map(|planes| Row { digits: planes.nonzero(), pace: Pace::new(shape, &planes) })
    });
    let rows = rows.collect();
    let c = Matrix::from_rows(shape.m, shape.n, c).expect("M x N words were made");
    (c, rows)
}
