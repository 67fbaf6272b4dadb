//! Operands laid out so that a beat is a slice.

use crate::matrix::Matrix;

/// A matrix in 16-bit words, its rows padded with zeros to whole beats.
#[derive(Clone, Debug)]
pub struct Panel {
    words: Vec<i16>,
    stride: usize,
    lanes: usize,
}

impl Panel {
    /// `matrix` in beats of `lanes` elements of a row.
    pub fn rows(matrix: &Matrix<i32>, lanes: usize) -> Self {
        let mut panel = Self::zeros(matrix.rows(), matrix.cols(), lanes);
        for row in 0..matrix.rows() {
            let words = &mut panel.words[row * panel.stride..];
            for (word, &value) in words.iter_mut().zip(matrix.row(row)) {
                *word = value as i16;
            }
        }
        panel
    }

    /// The transpose of `matrix` in beats of `lanes` elements of a column.
    pub fn columns(matrix: &Matrix<i32>, lanes: usize) -> Self {
        let mut panel = Self::zeros(matrix.cols(), matrix.rows(), lanes);
        for row in 0..matrix.rows() {
            for (col, &value) in matrix.row(row).iter().enumerate() {
                panel.words[col * panel.stride + row] = value as i16;
            }
        }
        panel
    }

    fn zeros(rows: usize, length: usize, lanes: usize) -> Self {
        let stride = length.next_multiple_of(lanes);
        Self { words: vec![0; rows * stride], stride, lanes }
    }

    /// The beat whose first lane is element `from` of row `row`.
    pub fn beat(&self, row: usize, from: usize) -> &[i16] {
        let start = row * self.stride + from;
        &self.words[start..start + self.lanes]
    }
}
