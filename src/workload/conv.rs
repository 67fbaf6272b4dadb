//! A convolution, and the matrix product that it is lowered to (im2col).
//!
//! Each group g of a convolution is a product of its own: row (b, y, x) of A has the window of output pixel (y, x) of image b, ordered by
//! channel, then by row and column of the kernel; column f of B has filter f of the group in the same order. So an input element
//! occurs in as many rows of A as windows cover it, which is the traffic that lowering costs.

use std::ops::Range;
use std::sync::Arc;

use crate::matrix::{Blocks, Matrix};

/// The shape of a 2D convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    /// Images.
    pub batch: usize,
    /// Input channels.
    pub channels: usize,
    /// Input rows and columns.
    pub input: [usize; 2],
    /// Output channels.
    pub filters: usize,
    /// Rows and columns of a filter.
    pub kernel: [usize; 2],
    /// Steps between windows.
    pub stride: [usize; 2],
    /// Rows of zeros above and columns of zeros left.
    pub padding: [usize; 2],
    /// Rows of zeros below and columns of zeros right; mostly as many.
    pub after: [usize; 2],
    /// Distance of the elements that a filter touches.
    pub dilation: [usize; 2],
    /// Parts of the channels that only meet their own filters; `channels` of them if it is depth-wise.
    pub groups: usize,
}

impl Conv {
    /// Rows or columns of input that a filter spans.
    pub fn span(&self, axis: usize) -> usize {
        (self.kernel[axis] - 1) * self.dilation[axis] + 1
    }

    /// Rows and columns of the output; `None` if a filter is larger than its padded input.
    pub fn output(&self) -> Option<[usize; 2]> {
        let extent = |axis: usize| {
            let padded = self.input[axis] + self.padding[axis] + self.after[axis];
            Some((padded.checked_sub(self.span(axis))?) / self.stride[axis] + 1)
        };
        Some([extent(0)?, extent(1)?])
    }

    /// M, N and K of the product of one group. The filter fits.
    pub fn product(&self) -> (usize, usize, usize) {
        let [height, width] = self.output().unwrap_or([0, 0]);
        let k = self.channels / self.groups * self.kernel[0] * self.kernel[1];
        (self.batch * height * width, self.filters / self.groups, k)
    }

    /// Elements of the input.
    pub fn input_words(&self) -> u64 {
        [self.batch, self.channels, self.input[0], self.input[1]].iter().map(|&extent| extent as u64).product()
    }

    /// Elements of the filters.
    pub fn weights(&self) -> u64 {
        let (_, n, k) = self.product();
        (n * self.groups) as u64 * k as u64
    }
}

/// A of one group: the windows of its channels.
#[derive(Clone, Debug)]
pub struct Windows {
    /// The convolution.
    pub conv: Conv,
    /// Which group.
    pub group: usize,
    /// The input: a row a channel, images one after the other; each the rows of an image side by side.
    pub input: Arc<Matrix<i32>>,
}

impl Windows {
    /// The element of the input at a place of a window; `None` is padding.
    fn source(&self, row: usize, place: usize) -> Option<(usize, usize)> {
        let conv = &self.conv;
        let [_, width_out] = conv.output()?;
        let pixels = row % self.pixels();
        let image = row / self.pixels();
        let [height, width] = conv.kernel;
        let (channel, within) = (place / (height * width), place % (height * width));
        let at = |axis: usize, step: usize, tap: usize| {
            let at = (step * conv.stride[axis] + tap * conv.dilation[axis]).checked_sub(conv.padding[axis])?;
            (at < conv.input[axis]).then_some(at)
        };
        let y = at(0, pixels / width_out, within / width)?;
        let x = at(1, pixels % width_out, within % width)?;
        let channel = self.group * (conv.channels / conv.groups) + channel;
        Some((image * conv.channels + channel, y * conv.input[1] + x))
    }

    /// Windows of one image.
    fn pixels(&self) -> usize {
        self.conv.output().map_or(1, |[height, width]| height * width).max(1)
    }
}

impl Blocks for Windows {
    fn rows(&self) -> usize {
        self.conv.product().0
    }

    fn cols(&self) -> usize {
        self.conv.product().2
    }

    fn block(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32> {
        let (first, place) = (rows.start, cols.start);
        Matrix::from_fn(rows.len(), cols.len(), |row, col| {
            self.source(first + row, place + col).map_or(0, |source| self.input[source])
        })
    }
}

/// B of one group: its filters as columns.
pub struct Filters {
    /// A row a filter, of all groups.
    pub weights: Arc<dyn Blocks + Send>,
    /// The filters of the group.
    pub filters: Range<usize>,
}

impl Blocks for Filters {
    fn rows(&self) -> usize {
        self.weights.cols()
    }

    fn cols(&self) -> usize {
        self.filters.len()
    }

    fn block(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32> {
        let filters = self.filters.start + cols.start..self.filters.start + cols.end;
        let weights = self.weights.block(filters, rows);
        Matrix::from_fn(weights.cols(), weights.rows(), |row, col| weights[(col, row)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A convolution by its definition: output (image, filter, y, x).
    fn directly(conv: &Conv, input: &Matrix<i32>, weights: &Matrix<i32>, at: (usize, usize, usize, usize)) -> i64 {
        let (image, filter, y, x) = at;
        let (in_group, out_group) = (conv.channels / conv.groups, conv.filters / conv.groups);
        let mut sum = 0;
        for channel in 0..in_group {
            for (row, col) in (0..conv.kernel[0]).flat_map(|row| (0..conv.kernel[1]).map(move |col| (row, col))) {
                let y = (y * conv.stride[0] + row * conv.dilation[0]) as isize - conv.padding[0] as isize;
                let x = (x * conv.stride[1] + col * conv.dilation[1]) as isize - conv.padding[1] as isize;
                let inside = y >= 0 && x >= 0 && y < conv.input[0] as isize && x < conv.input[1] as isize;
                if inside {
                    let channel_of_all = filter / out_group * in_group + channel;
                    let pixel = y as usize * conv.input[1] + x as usize;
                    let value = input[(image * conv.channels + channel_of_all, pixel)];
                    let tap = (channel * conv.kernel[0] + row) * conv.kernel[1] + col;
                    sum += i64::from(value) * i64::from(weights[(filter, tap)]);
                }
            }
        }
        sum
    }

    proptest::proptest! {
        #[test]
        fn the_products_of_all_groups_are_the_convolution(
            (groups, in_group, out_group, batch) in (1_usize..4, 1_usize..3, 1_usize..4, 1_usize..3),
            input in [1_usize..8, 1_usize..8], kernel in [1_usize..4, 1_usize..4], stride in [1_usize..4, 1_usize..4],
            padding in [0_usize..3, 0_usize..3], after in [0_usize..3, 0_usize..3], dilation in [1_usize..3, 1_usize..3],
        ) {
            let (channels, filters) = (groups * in_group, groups * out_group);
            let conv = Conv { batch, channels, input, filters, kernel, stride, padding, after, dilation, groups };
            let Some([height, width]) = conv.output() else { return Ok(()) };
            let (m, n, k) = conv.product();
            let value = |row: usize, col: usize| ((row * 31 + col * 17) % 15) as i32 - 7;
            let image = Arc::new(Matrix::from_fn(batch * channels, input[0] * input[1], value));
            let weights = Matrix::from_fn(filters, k, |row, col| value(col + 3, row + 1));
            let shared: Arc<dyn Blocks + Send> = Arc::new(weights.clone());
            for group in 0..groups {
                let a = Windows { conv, group, input: image.clone() };
                let b = Filters { weights: shared.clone(), filters: group * n..(group + 1) * n };
                proptest::prop_assert_eq!(((a.rows(), a.cols()), (b.rows(), b.cols())), ((m, k), (k, n)));
                let (a, b) = (a.whole(), b.whole());
                for (row, col) in (0..m).flat_map(|row| (0..n).map(move |col| (row, col))) {
                    let sum: i64 = (0..k).map(|k| i64::from(a[(row, k)]) * i64::from(b[(k, col)])).sum();
                    let pixel = row % (height * width);
                    let at = (row / (height * width), group * n + col, pixel / width, pixel % width);
                    proptest::prop_assert_eq!(sum, directly(&conv, &image, &weights, at));
                }
            }
        }
    }
}
