//! Integers as narrow as their format.

use crate::{encoding::Format, matrix::Matrix};

/// `rows` x `cols` integers of an operand's format, row-major, one or two bytes each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::workload) struct Integers {
    rows: usize,
    cols: usize,
    cells: Cells,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cells {
    Int8(Vec<i8>),
    Uint8(Vec<u8>),
    Int16(Vec<i16>),
    Uint16(Vec<u16>),
}

impl Integers {
    /// All 0. A format has at most 16 bits.
    pub(super) fn zeros(format: Format, rows: usize, cols: usize) -> Self {
        let count = rows * cols;
        // Codes are never negative; a decoded integer is its own element.
        let signed = match format.element {
            Some(element) => element.fields().is_none(),
            None => format.signed,
        };
        let cells = match (format.stored_bits(), signed) {
            (0..=8, true) => Cells::Int8(vec![0; count]),
            (0..=8, false) => Cells::Uint8(vec![0; count]),
            (_, true) => Cells::Int16(vec![0; count]),
            (_, false) => Cells::Uint16(vec![0; count]),
        };
        Self { rows, cols, cells }
    }

    /// Sets one to a value that the format holds.
    pub(super) fn set(&mut self, row: usize, col: usize, value: i32) {
        let index = row * self.cols + col;
        match &mut self.cells {
            Cells::Int8(cells) => cells[index] = value as i8,
            Cells::Uint8(cells) => cells[index] = value as u8,
            Cells::Int16(cells) => cells[index] = value as i16,
            Cells::Uint16(cells) => cells[index] = value as u16,
        }
    }

    /// How often each value occurs, from the least to the greatest; values that do not occur are left out.
    pub(super) fn histogram(&self) -> Vec<(i32, u64)> {
        fn counted<T: Copy + Into<i32>>(cells: &[T], least: i32, values: usize) -> Vec<(i32, u64)> {
            let mut counts = vec![0_u64; values];
            cells.iter().for_each(|&cell| counts[(cell.into() - least) as usize] += 1);
            (least..).zip(counts).filter(|(_, count)| *count > 0).collect()
        }
        match &self.cells {
            Cells::Int8(cells) => counted(cells, i8::MIN.into(), 1 << 8),
            Cells::Uint8(cells) => counted(cells, 0, 1 << 8),
            Cells::Int16(cells) => counted(cells, i16::MIN.into(), 1 << 16),
            Cells::Uint16(cells) => counted(cells, 0, 1 << 16),
        }
    }

    /// The same as a matrix of words, four bytes each.
    pub(in crate::workload) fn into_matrix(self) -> Matrix<i32> {
        fn wide<T: Copy + Into<i32>>(rows: usize, cols: usize, cells: &[T]) -> Matrix<i32> {
            Matrix::from_fn(rows, cols, |row, col| cells[row * cols + col].into())
        }
        match &self.cells {
            Cells::Int8(cells) => wide(self.rows, self.cols, cells),
            Cells::Uint8(cells) => wide(self.rows, self.cols, cells),
            Cells::Int16(cells) => wide(self.rows, self.cols, cells),
            Cells::Uint16(cells) => wide(self.rows, self.cols, cells),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_keeps_its_extremes() {
        for format in (2..=16).flat_map(|bits| [Format::int(bits), Format::uint(bits)]) {
            let (least, greatest) = format.range();
            let mut integers = Integers::zeros(format, 2, 3);
            integers.set(0, 1, least);
            integers.set(1, 2, greatest);
            let counts = if least == 0 { vec![(0, 5), (greatest, 1)] } else { vec![(least, 1), (0, 4), (greatest, 1)] };
            assert_eq!(integers.histogram(), counts, "{format}");
            assert_eq!(integers.into_matrix().values(), [0, least, 0, 0, 0, greatest], "{format}");
        }
    }
}
