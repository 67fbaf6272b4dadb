//! A dense row-major matrix, the currency between workloads, schedules and engines; and matrices that are made a part at a time.

use std::ops::Range;

/// `rows` x `cols` values, row-major.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matrix<T> {
    rows: usize,
    cols: usize,
    data: Vec<T>,
}

impl<T: Clone> Matrix<T> {
    /// A matrix of `rows` x `cols` copies of `value`.
    pub fn filled(rows: usize, cols: usize, value: T) -> Self {
        Self { rows, cols, data: vec![value; rows * cols] }
    }
}

impl<T> Matrix<T> {
    /// A matrix from its values, row-major; `None` unless there are `rows * cols` of them.
    pub fn from_rows(rows: usize, cols: usize, data: Vec<T>) -> Option<Self> {
        (data.len() == rows * cols).then_some(Self { rows, cols, data })
    }

    /// A matrix whose value at row `i`, column `j` is `value(i, j)`.
    pub fn from_fn(rows: usize, cols: usize, mut value: impl FnMut(usize, usize) -> T) -> Self {
        let mut data = Vec::with_capacity(rows * cols);
        for row in 0..rows {
            data.extend((0..cols).map(|col| value(row, col)));
        }
        Self { rows, cols, data }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// All values, row-major.
    pub fn values(&self) -> &[T] {
        &self.data
    }

    /// All values, row-major, taken out.
    pub fn into_values(self) -> Vec<T> {
        self.data
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[T] {
        &self.data[row * self.cols..(row + 1) * self.cols]
    }

    /// One row, to change.
    pub fn row_mut(&mut self, row: usize) -> &mut [T] {
        &mut self.data[row * self.cols..(row + 1) * self.cols]
    }
}

impl<T> std::ops::Index<(usize, usize)> for Matrix<T> {
    type Output = T;

    fn index(&self, (row, col): (usize, usize)) -> &T {
        &self.data[row * self.cols + col]
    }
}

impl<T> std::ops::IndexMut<(usize, usize)> for Matrix<T> {
    fn index_mut(&mut self, (row, col): (usize, usize)) -> &mut T {
        &mut self.data[row * self.cols + col]
    }
}

/// A matrix of operands that is made or read a part at a time, so that it need not be in memory as a whole. A part has the same values
/// whenever it is asked for.
pub trait Blocks: Sync {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// Number of columns.
    fn cols(&self) -> usize;

    /// The values of some rows and columns, which exist.
    fn block(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32>;

    /// Some rows as a whole.
    fn whole_rows(&self, rows: Range<usize>) -> Matrix<i32> {
        self.block(rows, 0..self.cols())
    }

    /// All of it.
    fn whole(&self) -> Matrix<i32> {
        self.block(0..self.rows(), 0..self.cols())
    }

    /// Adds to `counts` how often each value occurs in some rows and columns; the first place is that of `least`.
    ///
    /// # Errors
    /// A value that has no place.
    fn count(&self, rows: Range<usize>, cols: Range<usize>, least: i32, counts: &mut [u64]) -> Result<(), i32> {
        count_each(self.block(rows, cols).values(), least, counts)
    }

    /// [`count`](Self::count) of all of it, a part at a time.
    ///
    /// # Errors
    /// A value that has no place.
    fn count_all(&self, least: i32, counts: &mut [u64]) -> Result<(), i32> {
        parts(self.rows(), self.cols(), COUNTED_WORDS)
            .try_for_each(|(rows, cols)| self.count(rows, cols, least, counts))
    }
}

/// Values that are counted together.
const COUNTED_WORDS: usize = 1 << 20;

/// Adds to `counts` how often each of some values occurs; the first place is that of `least`.
///
/// # Errors
/// The first value that has no place.
pub fn count_each(values: &[i32], least: i32, counts: &mut [u64]) -> Result<(), i32> {
    values.iter().try_for_each(|&value| count_times((value, 1), least, counts))
}

/// Adds to `counts` a value that occurs so often; the first place is that of `least`.
///
/// # Errors
/// The value, if it has no place.
#[inline]
pub fn count_times((value, times): (i32, u64), least: i32, counts: &mut [u64]) -> Result<(), i32> {
    let place = usize::try_from(i64::from(value) - i64::from(least)).ok();
    *place.and_then(|place| counts.get_mut(place)).ok_or(value)? += times;
    Ok(())
}

impl Blocks for Matrix<i32> {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cols(&self) -> usize {
        self.cols
    }

    fn block(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32> {
        let (height, width) = (rows.len(), cols.len());
        let mut data = Vec::with_capacity(height * width);
        rows.for_each(|row| data.extend_from_slice(&self.row(row)[cols.clone()]));
        Matrix { rows: height, cols: width, data }
    }
}

/// All rows of a matrix from the first on, as many at a time as have about `words` values, at least one; each part with the number of
/// its first row.
pub fn strips(of: &dyn Blocks, words: usize) -> impl Iterator<Item = (usize, Matrix<i32>)> + '_ {
    let height = (words / of.cols().max(1)).max(1);
    ranges(of.rows(), height).map(move |rows| (rows.start, of.whole_rows(rows)))
}

/// All rows and columns of a matrix in parts of about `words` values: whole rows, or parts of one if it has more.
pub fn parts(rows: usize, cols: usize, words: usize) -> impl Iterator<Item = (Range<usize>, Range<usize>)> {
    let width = cols.clamp(1, words.max(1));
    let height = (words / width).max(1);
    ranges(rows, height).flat_map(move |rows| ranges(cols, width).map(move |cols| (rows.clone(), cols)))
}

/// `0..extent` in parts of `part`, the last of which may be shorter.
pub fn ranges(extent: usize, part: usize) -> impl Iterator<Item = Range<usize>> {
    (0..extent).step_by(part).map(move |from| from..extent.min(from + part))
}
