//! A convolution, and the matrix product that it is lowered to (im2col).
//!
//! Each group g of a convolution is a product of its own: row (b, y, x) of A has the window of output pixel (y, x) of image b, ordered by
//! channel, then by row and column of the kernel; column f of B has filter f of the group in the same order. So an input element
//! occurs in as many rows of A as windows cover it, which is the traffic that lowering costs.

use std::ops::Range;
use std::sync::Arc;

use crate::matrix::{Blocks, Matrix, count_times};

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

/// A place of a window: its channel, and how far down and right of the window's first pixel it is.
struct Place {
    channel: usize,
    steps: [usize; 2],
}

impl Windows {
    /// What stands at a place of K.
    fn place(&self, place: usize) -> Place {
        let conv = &self.conv;
        let [height, width] = conv.kernel;
        let (channel, within) = (place / (height * width), place % (height * width));
        let channel = self.group * (conv.channels / conv.groups) + channel;
        Place { channel, steps: [within / width * conv.dilation[0], within % width * conv.dilation[1]] }
    }

    /// Windows of one image along both sides.
    fn windows(&self) -> [usize; 2] {
        self.conv.output().map_or([1; 2], |output| output.map(|extent| extent.max(1)))
    }

    /// The elements of one window at some places, in front of which the input has `padding` pixels.
    fn window<'w>(&'w self, row: usize, places: &'w [Place]) -> impl Iterator<Item = i32> + 'w {
        let conv = &self.conv;
        let [down, across] = self.windows();
        let (image, pixel) = (row / (down * across), row % (down * across));
        let first = [pixel / across * conv.stride[0], pixel % across * conv.stride[1]];
        places.iter().map(move |place| {
            // What is before the input wraps beyond its end.
            let [y, x] = [0, 1].map(|axis| (first[axis] + place.steps[axis]).wrapping_sub(conv.padding[axis]));
            match y < conv.input[0] && x < conv.input[1] {
                true => self.input[(image * conv.channels + place.channel, y * conv.input[1] + x)],
                false => 0,
            }
        })
    }

    /// How many windows of an image, and places of each, fall on each pixel along a side.
    fn cover(&self, axis: usize) -> Vec<u64> {
        let conv = &self.conv;
        let mut cover = vec![0; conv.input[axis]];
        for step in 0..self.windows()[axis] {
            for tap in 0..conv.kernel[axis] {
                let at = (step * conv.stride[axis] + tap * conv.dilation[axis]).wrapping_sub(conv.padding[axis]);
                if let Some(count) = cover.get_mut(at) {
                    *count += 1;
                }
            }
        }
        cover
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
        let (height, width) = (rows.len(), cols.len());
        let places: Vec<Place> = cols.map(|place| self.place(place)).collect();
        let mut values = Vec::with_capacity(height * width);
        rows.for_each(|row| values.extend(self.window(row, &places)));
        Matrix::from_rows(height, width, values).expect("a value for each window and place")
    }

    /// The values of the input as often as windows fall on them.
    fn count_all(&self, least: i32, counts: &mut [u64]) -> Result<(), i32> {
        let conv = &self.conv;
        let cover = [0, 1].map(|axis| self.cover(axis));
        let channels = conv.channels / conv.groups;
        for image in 0..conv.batch {
            let first = image * conv.channels + self.group * channels;
            for channel in first..first + channels {
                for (row, &down) in self.input.row(channel).chunks(conv.input[1]).zip(&cover[0]) {
                    for (&value, &across) in row.iter().zip(&cover[1]) {
                        count_times((value, down * across), least, counts)?;
                    }
                }
            }
        }
        let inside: u64 = cover.iter().map(|cover| cover.iter().sum::<u64>()).product();
        let all = self.rows() as u64 * self.cols() as u64;
        count_times((0, all - inside * (conv.batch * channels) as u64), least, counts)
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
                let mut counts = [[0; 15]; 2];
                a.count_all(-7, &mut counts[0]).expect("values are -7 to 7");
                let (a, b) = (a.whole(), b.whole());
                a.count_all(-7, &mut counts[1]).expect("values are -7 to 7");
                proptest::prop_assert_eq!(counts[0], counts[1]);
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
