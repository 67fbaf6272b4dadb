//! The drain chain: sums of all PEs, which move south a row an edge and leave at the bottom.

use super::shape::Shape;

/// A final adder a column with the register behind it.
#[derive(Clone, Debug)]
struct FinalAdder {
    valid: bool,
    row: Vec<u64>,
}

/// The chain, and behind it the final adders if a PE has a pair.
#[derive(Clone, Debug)]
pub struct Drain {
    cols: usize,
    rows: usize,
    /// A vector for each word of a PE.
    chain: Vec<Vec<u64>>,
    /// Rows that are to leave the chain.
    left: usize,
    adder: Option<FinalAdder>,
}

impl Drain {
    /// Empty.
    pub fn new(shape: &Shape, words: usize) -> Self {
        Self {
            cols: shape.cols,
            rows: shape.rows,
            chain: vec![vec![0; shape.rows * shape.cols]; words],
            left: 0,
            adder: shape.has_pairs.then(|| FinalAdder { valid: false, row: vec![0; shape.cols] }),
        }
    }

    /// Whether a row of results is at the output.
    pub fn is_offered(&self) -> bool {
        self.adder.as_ref().map_or(self.left > 0, |adder| adder.valid)
    }

    /// The row at the output.
    pub fn row(&self) -> Vec<u64> {
        self.adder.as_ref().map_or_else(|| self.bottom(), |adder| adder.row.clone())
    }

    fn bottom(&self) -> Vec<u64> {
        let sum = |place: usize| self.chain.iter().fold(0, |sum: u64, words| sum.wrapping_add(words[place]));
        ((self.rows - 1) * self.cols..self.rows * self.cols).map(sum).collect()
    }

    /// An edge; `finished` are the sums of a tile that is done.
    pub fn edge(&mut self, finished: Option<&[Vec<u64>]>) {
        let (bottom, any_left) = (self.bottom(), self.left > 0);
        if let Some(adder) = &mut self.adder {
            *adder = FinalAdder { valid: any_left, row: bottom };
        }
        if let Some(sums) = finished {
            self.chain.clone_from_slice(sums);
            self.left = self.rows;
        } else if any_left {
            for words in &mut self.chain {
                words.copy_within(..(self.rows - 1) * self.cols, self.cols);
            }
            self.left -= 1;
        }
    }
}
