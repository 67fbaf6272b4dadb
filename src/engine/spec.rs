//! What an engine is made from, free of any file format.

use crate::encoding::EncodingKind;
use crate::netlist::ResetKind;
use crate::notation::Operand;

/// Which operand stays in the PEs of a systolic array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataflow {
    /// Each PE keeps one element of C; rows are spatial M, columns spatial N, K is temporal.
    OutputStationary,
    /// Each PE keeps one element of B; rows are spatial K, columns spatial N, M is temporal.
    WeightStationary,
}

impl Dataflow {
    /// Its name in a TOML and in documents.
    pub fn name(self) -> &'static str {
        match self {
            Dataflow::OutputStationary => "output-stationary",
            Dataflow::WeightStationary => "weight-stationary",
        }
    }
}

/// A systolic engine: its array, formats, encoding and transforms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EngineSpec {
    /// The design's name in kebab case, e.g. `opt1-os`; every module name begins with it.
    pub name: String,
    /// PEs from north to south, 1 to 256.
    pub rows: u32,
    /// PEs from west to east, 1 to 256.
    pub cols: u32,
    /// What stays in the PEs.
    pub dataflow: Dataflow,
    /// Bits of an element of A, two's complement, 2 to 16.
    pub a_bits: u32,
    /// Bits of an element of B, two's complement, 2 to 16.
    pub b_bits: u32,
    /// Bits of the accumulator and of a result, at least `a_bits + b_bits`, at most 64. It wraps.
    pub acc_bits: u32,
    /// How the encoded operand becomes digits; `None` leaves the `*` operator to the synthesiser.
    pub encoding: Option<EncodingKind>,
    /// The operand that becomes digits.
    pub encoded: Operand,
    /// Transforms of the nest, in order of application.
    pub transforms: Vec<String>,
    /// Reset of the control registers.
    pub reset: ResetKind,
    /// Width of a tile's length (K when output stationary, M when weight stationary), in bits.
    pub length_bits: u32,
}

impl EngineSpec {
    /// The prefix of every module name: the design's name in snake case.
    pub fn prefix(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The name of the top module, `opt1_os_32x32`; a name that already ends in the size is not given it twice.
    pub fn top_name(&self) -> String {
        let size = format!("_{}x{}", self.rows, self.cols);
        let prefix = self.prefix();
        if prefix.ends_with(&size) { prefix } else { prefix + &size }
    }

    /// The longest tile: K when output stationary, M when weight stationary.
    pub fn max_length(&self) -> u64 {
        (1 << self.length_bits) - 1
    }
}
