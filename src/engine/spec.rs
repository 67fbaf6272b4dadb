//! What an engine is made from, free of any file format.

use std::ops::RangeInclusive;

use super::{EngineError, Memory};
use crate::encoding::{ElementFormat, EncodingKind, Format};
use crate::netlist::ResetKind;
use crate::notation::Operand;
use crate::notation::transform::{Parameters, SyncPeriod};

/// Which operand stays in the PEs of a systolic array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataflow {
    /// Each PE keeps one element of C; rows are spatial M, columns spatial N, K is temporal.
    OutputStationary,
    /// Each PE keeps one element of B; rows are spatial K, columns spatial N, M is temporal.
    WeightStationary,
    /// Each PE keeps one element of A; rows are spatial K, columns spatial M, N is temporal.
    InputStationary,
}

impl Dataflow {
    /// Every dataflow, in the order of lists.
    pub const ALL: [Dataflow; 3] = [Dataflow::OutputStationary, Dataflow::WeightStationary, Dataflow::InputStationary];

    /// Its name in a TOML and in documents.
    pub fn name(self) -> &'static str {
        match self {
            Dataflow::OutputStationary => "output-stationary",
            Dataflow::WeightStationary => "weight-stationary",
            Dataflow::InputStationary => "input-stationary",
        }
    }

    /// The dimension that is temporal: a tile takes its steps along it.
    pub fn streamed(self) -> &'static str {
        match self {
            Dataflow::OutputStationary => "K",
            Dataflow::WeightStationary => "M",
            Dataflow::InputStationary => "N",
        }
    }
}

/// How PEs stand and how operands reach them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Array {
    /// rows x cols PEs that pass operands to their neighbours.
    Systolic(Dataflow),
    /// depth x rows x cols: operands pass through rows and columns, products are reduced through the depth; output stationary.
    Cube {
        /// Spatial K.
        depth: u32,
    },
    /// rows x cols dot-product units with broadcast operands and registered tree stages; output stationary.
    AdderTree {
        /// Spatial K: products of one unit.
        depth: u32,
    },
    /// rows x cols PEs, A broadcast along rows, B along columns; output stationary.
    Matrix2d,
    /// Dot-product units whose A arrives a bit a cycle (Stripes, MICRO 2016).
    Stripes {
        /// Spatial K: products of one unit.
        lanes: u32,
    },
    /// Dot-product units whose lanes take one non-zero term of A a cycle; rows at their own pace (Bit-Pragmatic, MICRO 2017).
    Pragmatic {
        /// Spatial K: products of one unit.
        lanes: u32,
        /// Bits of the shifter in a lane, 0 to 4: terms less than 2^bits places above the lowest one are taken with it.
        shift_bits: u32,
        /// Where rows meet.
        sync: SyncPeriod,
    },
    /// Dot-product units that take one pair of terms a lane and cycle (Laconic, ISCA 2019).
    Laconic {
        /// Spatial K: products of one unit.
        lanes: u32,
    },
}

impl Array {
    /// Its name in a TOML and in documents.
    pub fn name(self) -> &'static str {
        match self {
            Array::Systolic(_) => "systolic",
            Array::Cube { .. } => "cube",
            Array::AdderTree { .. } => "adder-tree",
            Array::Matrix2d => "matrix-2d",
            Array::Stripes { .. } => "stripes",
            Array::Pragmatic { .. } => "pragmatic",
            Array::Laconic { .. } => "laconic",
        }
    }

    /// Products of one PE and step: the spatial part of K inside of it.
    pub fn depth(self) -> u32 {
        match self {
            Array::Systolic(_) | Array::Matrix2d => 1,
            Array::Cube { depth } | Array::AdderTree { depth } => depth,
            Array::Stripes { lanes } | Array::Pragmatic { lanes, .. } | Array::Laconic { lanes } => lanes,
        }
    }
}

/// A way of building and running engines; which one a spec takes follows from its array and its nest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Every step takes as long as every other: cycles do not depend on the data.
    Dense,
    /// Rows take non-zero digits or values, each at its own pace.
    Serial,
    /// Laconic: all lanes hold their pair of operands until the slowest one is done.
    Laconic,
}

/// An engine: its array, formats, encoding and transforms.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EngineSpec {
    /// The design's name in kebab case, e.g. `opt1-os`; every module name begins with it.
    pub name: String,
    /// How PEs stand and how operands reach them.
    pub array: Array,
    /// PEs from north to south, 1 to 256.
    pub rows: u32,
    /// PEs from west to east, 1 to 256.
    pub cols: u32,
    /// Bits of an element of A inside the array, 2 to 16; of a decoded one at least those of its format.
    pub a_bits: u32,
    /// Whether A is two's complement, or never negative.
    pub a_signed: bool,
    /// What elements of A are decoded from where they come in; `None` of integers. Decoded words are signed.
    pub a_element: Option<ElementFormat>,
    /// Bits of an element of B inside the array, as of A.
    pub b_bits: u32,
    /// Whether B is two's complement, or never negative.
    pub b_signed: bool,
    /// What elements of B are decoded from where they come in; `None` of integers.
    pub b_element: Option<ElementFormat>,
    /// Bits of the accumulator and of a result, two's complement, at most 64. It wraps unless `saturate`.
    pub acc_bits: u32,
    /// Whether results are clipped to `acc_bits` where they leave; sums inside are then as wide as the longest tile needs.
    pub saturate: bool,
    /// How the encoded operand becomes digits; `None` leaves the `*` operator to the synthesiser.
    pub encoding: Option<EncodingKind>,
    /// The operand that becomes digits.
    pub encoded: Operand,
    /// Transforms of the nest, in order of application.
    pub transforms: Vec<String>,
    /// What the design chose about them.
    pub parameters: Parameters,
    /// Reset of the control registers.
    pub reset: ResetKind,
    /// Width of a tile's length in bits: of K (steps of K, operand groups) when output stationary, of the streamed dimension
    /// otherwise. Designs have one of [`LENGTH_BITS`](Self::LENGTH_BITS).
    pub length_bits: u32,
    /// The memory around it; `None`: operands are always offered and results always taken. No hardware follows from it.
    pub memory: Option<Memory>,
}

impl Default for EngineSpec {
    /// 4 x 4 PEs, systolic, output stationary, int8 by int8 into int32, `*`, no transform.
    fn default() -> Self {
        Self {
            name: "mac-os".to_owned(),
            array: Array::Systolic(Dataflow::OutputStationary),
            rows: 4,
            cols: 4,
            a_bits: 8,
            a_signed: true,
            a_element: None,
            b_bits: 8,
            b_signed: true,
            b_element: None,
            acc_bits: 32,
            saturate: false,
            encoding: None,
            encoded: Operand::A,
            transforms: Vec::new(),
            parameters: Parameters::default(),
            reset: ResetKind::AsyncLow,
            length_bits: Self::DEFAULT_LENGTH_BITS,
            memory: None,
        }
    }
}

impl EngineSpec {
    /// Bits that the counter of a tile's steps may have.
    pub const LENGTH_BITS: RangeInclusive<u32> = 4..=32;
    /// Bits that it has where nothing is said.
    pub const DEFAULT_LENGTH_BITS: u32 = 16;

    /// The prefix of every module name: the design's name in snake case.
    pub fn prefix(&self) -> String {
        self.name.replace('-', "_")
    }

    /// The name of the top module, `opt1_os_32x32` (`mac_cube_8x8x8`, depth first); a name that already ends in the size is
    /// not given it twice.
    pub fn top_name(&self) -> String {
        let depth = match self.array {
            Array::Systolic(_) | Array::Matrix2d => String::new(),
            deep => format!("{}x", deep.depth()),
        };
        let size = format!("_{depth}{}x{}", self.rows, self.cols);
        let prefix = self.prefix();
        if prefix.ends_with(&size) { prefix } else { prefix + &size }
    }

    /// The format of A.
    pub fn a_format(&self) -> Format {
        Format { bits: self.a_bits, signed: self.a_signed, element: self.a_element }
    }

    /// The format of B.
    pub fn b_format(&self) -> Format {
        Format { bits: self.b_bits, signed: self.b_signed, element: self.b_element }
    }

    /// Bits of an element of A as a two's complement word: one more than it has when it is unsigned.
    pub fn a_word_bits(&self) -> u32 {
        self.a_bits + u32::from(!self.a_signed)
    }

    /// Bits of an element of B as a two's complement word.
    pub fn b_word_bits(&self) -> u32 {
        self.b_bits + u32::from(!self.b_signed)
    }

    /// Elements of K whose products add up inside the array where an operand stays in it: one a row, or those that the kept
    /// places of the rows stand for.
    pub fn rows_of_k(&self) -> u32 {
        self.kept().map_or(self.rows, |kept| kept.elements(self.rows as usize) as u32)
    }

    /// Bits of a sum inside the array: `acc_bits`, or with `saturate` as many as the longest tile can need, at most 64.
    pub fn sum_bits(&self) -> u32 {
        if !self.saturate {
            return self.acc_bits;
        }
        let exact = self.longest_sum_bits();
        // Where an operand stays, a partial sum of `acc_bits` is added to a tile's.
        match self.dataflow() {
            Dataflow::OutputStationary => exact.clamp(self.acc_bits, 64),
            _ => (exact.max(self.acc_bits) + 1).min(64),
        }
    }

    /// Bits that the longest sum of a tile can need; designs that saturate have at most 64.
    pub fn longest_sum_bits(&self) -> u32 {
        let depth_bits = 32 - (self.step_operands() - 1).leading_zeros();
        self.a_word_bits() + self.b_word_bits() + self.length_bits + depth_bits
    }

    /// Bits of the encoded operand as a two's complement word.
    pub fn encoded_word_bits(&self) -> u32 {
        match self.encoded {
            Operand::A => self.a_word_bits(),
            Operand::B => self.b_word_bits(),
        }
    }

    /// Digit slots of the encoded operand; 1 if nothing is encoded.
    pub fn digit_slots(&self) -> u32 {
        self.encoding.map_or(1, |kind| kind.encoding().slots(self.encoded_word_bits()))
    }

    /// The longest tile: of K when output stationary (in steps), of the streamed dimension otherwise.
    pub fn max_length(&self) -> u64 {
        (1 << self.length_bits) - 1
    }

    /// Checks that the step counter counts a tile of so many steps.
    ///
    /// # Errors
    /// [`EngineError::TileTooLong`].
    pub fn check_length(&self, length: usize) -> Result<(), EngineError> {
        match length as u64 <= self.max_length() {
            true => Ok(()),
            false => Err(EngineError::TileTooLong {
                length,
                bits: self.length_bits,
                max: self.max_length(),
                dataflow: self.dataflow(),
            }),
        }
    }

    /// What stays in the PEs of the array.
    pub fn dataflow(&self) -> Dataflow {
        match self.array {
            Array::Systolic(dataflow) => dataflow,
            _ => Dataflow::OutputStationary,
        }
    }
}
