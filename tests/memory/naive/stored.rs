//! What is stored of each matrix, the slow way: sets of places, and bits from the tables of docs/memory.md.

use std::collections::BTreeSet;

use super::Region;
use bitweight::engine::{Dataflow, EngineSpec};
use bitweight::notation::transform::Matching;
use bitweight::workload::Conv;

/// Places of a matrix, or of what it is made of.
pub type Elements = BTreeSet<(usize, usize)>;

/// The axes of A, B and C.
pub const OF: [[usize; 2]; 3] = [[0, 2], [2, 1], [0, 1]];

/// Places of a matrix in a region.
pub fn places(region: &Region, tensor: usize) -> Elements {
    let [first, second] = OF[tensor].map(|axis| region[axis].clone());
    first.flat_map(|x| second.clone().map(move |y| (x, y))).collect()
}

/// The element of the input (image and channel, pixel) that a place of A is; `None` in the padding.
fn of_input(conv: &Conv, (window, place): (usize, usize)) -> Option<(usize, usize)> {
    let [height, width] = conv.output().unwrap();
    let [kernel_height, kernel_width] = conv.kernel;
    let (image, y, x) = (window / (height * width), window / width % height, window % width);
    let (channel, row, col) =
        (place / (kernel_height * kernel_width), place / kernel_width % kernel_height, place % kernel_width);
    let y = (y * conv.stride[0] + row * conv.dilation[0]) as i64 - conv.padding[0] as i64;
    let x = (x * conv.stride[1] + col * conv.dilation[1]) as i64 - conv.padding[1] as i64;
    let inside = (0..conv.input[0] as i64).contains(&y) && (0..conv.input[1] as i64).contains(&x);
    inside.then(|| (image * conv.channels / conv.groups + channel, y as usize * conv.input[1] + x as usize))
}

/// Whether blocks of 32 elements of K share exponents.
pub fn is_blocked(spec: &EngineSpec) -> bool {
    spec.a_format().is_blocked() || spec.b_format().is_blocked()
}

/// How matrices are stored.
#[derive(Clone, Copy)]
pub struct Stored<'a> {
    pub spec: &'a EngineSpec,
    pub word_bits: [u64; 3],
    /// What A is the windows of, if it is.
    pub conv: Option<Conv>,
    /// Blocks of K whose results are summed outside of the engine; 1 of others.
    pub products: usize,
}

impl Stored<'_> {
    /// Elements of K that a group of stored ones stands for, and how many of it are stored.
    fn group(&self) -> [usize; 2] {
        let of = self.spec.parameters.n_of_m;
        let is_kept = self.spec.transforms.iter().any(|name| name == "compress-n-of-m");
        if is_kept { [of.m as usize, of.n as usize] } else { [1, 1] }
    }

    /// Stored elements for so many elements of K, which begin with a group.
    pub fn kept(&self, k: usize) -> usize {
        let [m, n] = self.group();
        (0..k).step_by(m).count() * n
    }

    /// Elements of K of so many stored ones.
    pub fn of_kept(&self, places: usize) -> usize {
        let [m, n] = self.group();
        places / n * m
    }

    /// What is stored of a matrix in a region.
    pub fn elements(&self, region: &Region, tensor: usize) -> Elements {
        match self.conv {
            Some(conv) if tensor == 0 => {
                places(region, 0).into_iter().filter_map(|place| of_input(&conv, place)).collect()
            }
            _ if tensor == 1 => {
                let [m, n, k] = region.clone();
                places(&[m, n, self.kept(k.start)..self.kept(k.end)], 1)
            }
            _ => places(region, tensor),
        }
    }

    /// How many that are, if it is no input of a convolution.
    pub fn count(&self, [m, n, k]: &Region, tensor: usize) -> u64 {
        let stored = self.kept(k.end) - self.kept(k.start);
        [m.len() * k.len(), stored * n.len(), m.len() * n.len()][tensor] as u64
    }

    /// Bits that tell the elements of a group apart.
    pub fn index_bits(&self) -> u64 {
        let [m, _] = self.group();
        (0..).find(|&bits| 1 << bits >= m).expect("bits")
    }

    /// Bits of exponents of a matrix in a region: a byte for each row of A or column of B.
    pub fn exponents(&self, region: &Region, tensor: usize) -> u64 {
        let format = [self.spec.a_format(), self.spec.b_format(), self.spec.a_format()][tensor];
        let is_blocked = tensor < 2 && format.is_blocked();
        if is_blocked { 8 * region[tensor].len() as u64 } else { 0 }
    }

    /// Whether a row of a tile of B has a bit that says whether there is anything in it.
    pub fn is_masked(&self) -> bool {
        let takes_values = self.spec.transforms.iter().any(|name| name == "skip-zero-values");
        takes_values && self.spec.parameters.matching == Matching::Both
    }

    /// Bits that DRAM moves of a region beside words.
    pub fn beside(&self, region: &Region, tensor: usize) -> u64 {
        let indices = if tensor == 1 { self.count(region, 1) * self.index_bits() } else { 0 };
        indices + self.exponents(region, tensor)
    }

    /// Bits that a buffer has of it beside words.
    pub fn beside_in_buffer(&self, region: &Region, tensor: usize) -> u64 {
        let tiles = region[1].clone().step_by(self.spec.cols as usize).count() * region[2].len();
        self.beside(region, tensor) + if tensor == 1 && self.is_masked() { tiles as u64 } else { 0 }
    }

    /// Bits that a buffer has for a word of a matrix. A place of C has two words if its partial sum of one block of K is there together
    /// with the sum of those before.
    pub fn bits_in_buffer(&self, tensor: usize) -> u64 {
        let tile = self.of_kept(self.spec.rows as usize);
        let goes_round = self.spec.dataflow() != Dataflow::OutputStationary && tile < 32;
        let words = if tensor == 2 && self.products > 1 && goes_round { 2 } else { 1 };
        words * self.word_bits[tensor]
    }
}
