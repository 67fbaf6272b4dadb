//! How much of a convolution's input a block of its windows takes: A is lowered from the input (im2col), and what is stored and
//! fetched is the input.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::workload::Conv;

/// The windows of one group as rows of A, and the elements of the input that they are made of.
#[derive(Clone, Debug)]
pub struct Windows {
    conv: Conv,
    /// Rows and columns of the output.
    output: [usize; 2],
    /// Which columns of the input the windows of a whole row of the output touch with a whole row of the kernel.
    whole: Columns,
    touched: u64,
}

/// Elements of one channel that some pixels touch with some taps, by the first pixel's place in its row, their number, and the taps:
/// the same wherever none of the rows is padding.
pub type Known = BTreeMap<[usize; 4], u64>;

/// Most of them that are remembered.
const MOST_KNOWN: usize = 1 << 16;

/// A set of columns of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Columns(Vec<u64>);

impl Columns {
    fn new(conv: &Conv, windows: Range<usize>, taps: Range<usize>) -> Self {
        let mut words = vec![0; conv.input[1].div_ceil(64)];
        for window in windows {
            for tap in taps.clone() {
                if let Some(col) = touched(conv, 1, window, tap) {
                    words[col / 64] |= 1 << (col % 64);
                }
            }
        }
        Self(words)
    }
}

/// The row (axis 0) or column (1) of the input that a window touches with a tap; `None` is padding.
fn touched(conv: &Conv, axis: usize, window: usize, tap: usize) -> Option<usize> {
    let at = (window * conv.stride[axis] + tap * conv.dilation[axis]).checked_sub(conv.padding[axis])?;
    (at < conv.input[axis]).then_some(at)
}

/// A range cut where a period ends: parts of one period each, as (how many of them, range within the period). The first and the
/// last may be a part of a period.
fn periods(range: &Range<usize>, period: usize) -> impl Iterator<Item = (u64, Range<usize>)> {
    let (first, last) = (range.start / period, range.end.saturating_sub(1) / period);
    let of = |index: usize| {
        let start = index * period;
        range.start.max(start) - start..range.end.min(start + period) - start
    };
    let parts = match last.saturating_sub(first) {
        _ if range.is_empty() => Vec::new(),
        0 => vec![(1, of(first))],
        1 => vec![(1, of(first)), (1, of(last))],
        between => vec![(1, of(first)), (between as u64 - 1, 0..period), (1, of(last))],
    };
    parts.into_iter()
}

impl Windows {
    /// The windows of a convolution whose filter fits its input.
    pub fn new(conv: Conv) -> Self {
        let output = conv.output().unwrap_or([1, 1]);
        let whole = Columns::new(&conv, 0..output[1], 0..conv.kernel[1]);
        let (windows, _, taps) = conv.product();
        let windows_of_group = Self { conv, output, whole, touched: 0 };
        let touched = windows_of_group.elements(&(0..windows), &(0..taps));
        Self { touched, ..windows_of_group }
    }

    /// Elements of the input of one group.
    pub fn input(&self) -> u64 {
        self.conv.input_words() / self.conv.groups as u64
    }

    /// Elements of the input of one group that any window touches.
    pub fn touched(&self) -> u64 {
        self.touched
    }

    /// Elements of the input that some rows and columns of A are made of, each counted once.
    pub fn elements(&self, rows: &Range<usize>, cols: &Range<usize>) -> u64 {
        self.elements_among(rows, cols, &mut Known::new())
    }

    /// The same for one after the other of many rows and columns of A: what is known of others is not counted again.
    pub fn elements_among(&self, rows: &Range<usize>, cols: &Range<usize>, known: &mut Known) -> u64 {
        let [height, width] = self.output;
        let taps = self.conv.kernel[0] * self.conv.kernel[1];
        let mut elements = 0;
        // Images do not share elements, nor do channels.
        for (images, pixels) in periods(rows, height * width) {
            for (channels, taps) in periods(cols, taps) {
                elements += images * channels * self.of_some_channel(&pixels, &taps, known);
            }
        }
        elements
    }

    /// [`of_channel`](Self::of_channel), or what is known of the same pixels in other rows.
    fn of_some_channel(&self, pixels: &Range<usize>, taps: &Range<usize>, known: &mut Known) -> u64 {
        let (conv, [_, width]) = (&self.conv, self.output);
        let row = |pixel: usize, tap: usize| pixel / width * conv.stride[0] + tap / conv.kernel[1] * conv.dilation[0];
        let (lowest, highest) = (row(pixels.start, taps.start), row(pixels.end - 1, taps.end - 1));
        if lowest < conv.padding[0] || highest - conv.padding[0] >= conv.input[0] {
            return self.of_channel(pixels, taps);
        }
        let place = [pixels.start % width, pixels.len(), taps.start, taps.end];
        if let Some(&elements) = known.get(&place) {
            return elements;
        }
        let elements = self.of_channel(pixels, taps);
        if known.len() < MOST_KNOWN {
            known.insert(place, elements);
        }
        elements
    }

    /// Elements of one channel of one image that some of its output pixels touch with some of the kernel's taps.
    fn of_channel(&self, pixels: &Range<usize>, taps: &Range<usize>) -> u64 {
        let (conv, [_, width]) = (&self.conv, self.output);
        let within = |range: &Range<usize>, row: usize, width: usize| {
            range.start.max(row * width) - row * width..range.end.min((row + 1) * width) - row * width
        };
        let out_rows = pixels.start / width..pixels.end.div_ceil(width);
        let kernel_rows = taps.start / conv.kernel[1]..taps.end.div_ceil(conv.kernel[1]);
        let lowest = out_rows.start * conv.stride[0] + kernel_rows.start * conv.dilation[0];
        let highest = (out_rows.end - 1) * conv.stride[0] + (kernel_rows.end - 1) * conv.dilation[0];
        let words = conv.input[1].div_ceil(64);
        // A row of the padded input for each that can be touched.
        let mut seen = vec![0_u64; (highest - lowest + 1) * words];
        for kernel_row in kernel_rows {
            let of_kernel = within(taps, kernel_row, conv.kernel[1]);
            let is_whole_kernel = of_kernel.len() == conv.kernel[1];
            // What whole rows of windows touch with a part of the kernel's row: the same for all of them.
            let mut of_whole_rows = None;
            for out_row in out_rows.clone() {
                if touched(conv, 0, out_row, kernel_row).is_none() {
                    continue;
                }
                let windows = within(pixels, out_row, width);
                let at = (out_row * conv.stride[0] + kernel_row * conv.dilation[0] - lowest) * words;
                let of_row;
                let Columns(touched) = if windows.len() < width {
                    of_row = Columns::new(conv, windows, of_kernel.clone());
                    &of_row
                } else if is_whole_kernel {
                    &self.whole
                } else {
                    &*of_whole_rows.get_or_insert_with(|| Columns::new(conv, windows, of_kernel.clone()))
                };
                seen[at..at + words].iter_mut().zip(touched).for_each(|(seen, touched)| *seen |= touched);
            }
        }
        seen.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
        #[test]
        fn elements_are_those_of_the_set_of_all_that_windows_touch(
            (groups, in_group, batch) in (1_usize..3, 1_usize..4, 1_usize..4),
            input in [1_usize..8, 1_usize..70], kernel in [1_usize..4, 1_usize..4], stride in [1_usize..4, 1_usize..4],
            padding in [0_usize..3, 0_usize..3], after in [0_usize..3, 0_usize..3], dilation in [1_usize..3, 1_usize..3],
            ends in [0_usize..10_000, 0_usize..10_000, 0_usize..10_000, 0_usize..10_000],
        ) {
            let (channels, filters) = (groups * in_group, groups);
            let conv = Conv { batch, channels, input, filters, kernel, stride, padding, after, dilation, groups };
            let Some([height, width]) = conv.output() else { return Ok(()) };
            let (m, _, k) = conv.product();
            let range = |one: usize, other: usize, extent: usize| {
                let (one, other) = (one % (extent + 1), other % (extent + 1));
                one.min(other)..one.max(other)
            };
            let (rows, cols) = (range(ends[0], ends[1], m), range(ends[2], ends[3], k));
            let mut set = BTreeSet::new();
            for (row, col) in rows.clone().flat_map(|row| cols.clone().map(move |col| (row, col))) {
                let (image, y, x) = (row / (height * width), row / width % height, row % width);
                let (channel, tap_y, tap_x) =
                    (col / (kernel[0] * kernel[1]), col / kernel[1] % kernel[0], col % kernel[1]);
                let at = |axis: usize, step: usize, tap: usize| {
                    (step * stride[axis] + tap * dilation[axis]) as isize - padding[axis] as isize
                };
                let (y, x) = (at(0, y, tap_y), at(1, x, tap_x));
                if (0..input[0] as isize).contains(&y) && (0..input[1] as isize).contains(&x) {
                    set.insert((image, channel, y, x));
                }
            }
            let windows = Windows::new(conv);
            proptest::prop_assert_eq!(windows.elements(&rows, &cols), set.len() as u64);
            // Of all blocks as high as these rows, one after the other.
            let (mut known, height) = (Known::new(), rows.len().max(1));
            for first in (0..m).step_by(height) {
                let rows = first..m.min(first + height);
                let counted = windows.elements_among(&rows, &cols, &mut known);
                proptest::prop_assert_eq!(counted, windows.elements(&rows, &cols));
            }
        }
    }
}
