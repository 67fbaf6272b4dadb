//! The row of Bit-Pragmatic: every operand of a step gives its terms, lowest places first, to units that sum them in a tree
//! and shift the sum as a whole.
//!
//! A lane's shifter reaches 2^S - 1 places above the lowest term of all lanes; how far that is up is left to the second shifter,
//! behind the tree (Albericio et al., Bit-Pragmatic Deep Neural Network Computing, MICRO 2017).

mod lane;
mod row;
mod unit;

use super::Serial;
use crate::engine::parts::encoder::{EncoderPorts, Lines};
use crate::engine::parts::partial_product::PartialProducts;

/// Select lines for a multiple of B by each distance that a lane can shift; the largest is 2^4 - 1 places.
const DISTANCES: [&str; 16] = [
    "by0", "by1", "by2", "by3", "by4", "by5", "by6", "by7", "by8", "by9", "by10", "by11", "by12", "by13", "by14",
    "by15",
];

impl Serial<'_> {
    /// Distances that a lane can shift: 2^S, or all that two terms of an operand can be apart.
    fn distances(&self, shift_bits: u32) -> u32 {
        (1 << shift_bits).min(self.skipper().digits().slots)
    }

    /// The multiples of B that `lanes` lanes give to the tree: B shifted by the distance whose line is set, complemented if the
    /// sign line is; none if no line is.
    fn shifted(&self, shift_bits: u32, lanes: u32) -> PartialProducts {
        let slots: Vec<u32> = (0..lanes).collect();
        let line = |name, magnitude| Lines { name, magnitude, slots: slots.clone() };
        let distances = (0..self.distances(shift_bits)).map(|by| line(DISTANCES[by as usize], 1 << by));
        let lines = distances.chain([line("neg", 0)]).collect();
        let digits = EncoderPorts { radix_bits: 0, slots: lanes, lines };
        PartialProducts { digits, multiplicand_bits: self.spec.b_word_bits() }
    }

    /// Bits of the sum of all lanes: a lane's largest magnitude is a power of two, which takes a bit more than the others.
    fn tree_bits(&self, shift_bits: u32) -> u32 {
        let lanes = self.sequencing.group;
        self.shifted(shift_bits, 1).width(0) + (32 - (lanes - 1).leading_zeros()) + 1
    }
}
