//! B as its readers see it, a beat at a time.

use super::shape::Shape;
use crate::matrix::Matrix;

/// The beats of b that any reader may want.
#[derive(Clone, Debug)]
pub struct BeatsOfB {
    /// For each tile of N the padded K rows of B, in beats of `b_rows` rows; in a beat lane = column * `b_rows` + row.
    panels: Vec<Vec<i32>>,
    /// What a row of padding reads.
    padding: Vec<i32>,
}

impl BeatsOfB {
    /// B on an engine.
    pub fn new(shape: &Shape, b: &Matrix<i32>) -> Self {
        let (rows, words) = (shape.b_rows, shape.b_rows * shape.cols);
        let word = |k: usize, n: usize| if k < shape.k && n < shape.n { b[(k, n)] } else { 0 };
        let panel = |tile: usize| {
            let places = 0..shape.padded_k() * shape.cols;
            let place = |at: usize| (at / words * rows + at % rows, at % words / rows);
            places.map(place).map(|(k, col)| word(k, tile * shape.cols + col)).collect()
        };
        Self { panels: (0..shape.tiles().1).map(panel).collect(), padding: vec![0; words] }
    }

    /// The beat that begins with row `k` of the B of tile `tile`, in which the reader has row `row` of PEs.
    pub fn beat(&self, shape: &Shape, (tile, row): (usize, usize), k: usize) -> &[i32] {
        let (tile_m, tile_n) = (tile / shape.tiles().1, tile % shape.tiles().1);
        match tile_m * shape.rows + row < shape.m {
            true => &self.panels[tile_n][k * shape.cols..(k + shape.b_rows) * shape.cols],
            false => &self.padding,
        }
    }
}
