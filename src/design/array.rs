//! The kinds of arrays by name, with their pages.

use crate::engine::{self, Dataflow};
use crate::notation::transform::SyncPeriod;

/// Arrays that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArrayKind {
    /// Neighbours pass operands on; two-dimensional.
    Systolic,
    /// Systolic in two dimensions, products reduced through the third.
    Cube,
    /// Dot-product units with broadcast operands and registered tree stages.
    AdderTree,
    /// PEs with broadcast operands.
    Matrix2d,
    /// Bit-serial in one operand.
    Stripes,
    /// Serial in the non-zero terms of one operand.
    Pragmatic,
    /// Serial in the pairs of terms of both operands.
    Laconic,
}

/// What some kinds of arrays have; the others ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrayChoices {
    /// What stays in a systolic array.
    pub dataflow: Dataflow,
    /// Places of K in one PE.
    pub depth: u32,
    /// Bits of the shifter in a lane.
    pub shift_bits: u32,
    /// Where rows meet.
    pub sync: SyncPeriod,
}

impl Default for ArrayChoices {
    /// The published Bit-Pragmatic shifts by 2 bits in a lane.
    fn default() -> Self {
        Self { dataflow: Dataflow::OutputStationary, depth: 1, shift_bits: 2, sync: SyncPeriod::Tile }
    }
}

impl ArrayKind {
    /// Every kind, in the order of lists.
    pub const ALL: [Self; 7] =
        [Self::Systolic, Self::Cube, Self::AdderTree, Self::Matrix2d, Self::Stripes, Self::Pragmatic, Self::Laconic];

    /// The kind of an array.
    pub fn of(array: engine::Array) -> Self {
        match array {
            engine::Array::Systolic(_) => Self::Systolic,
            engine::Array::Cube { .. } => Self::Cube,
            engine::Array::AdderTree { .. } => Self::AdderTree,
            engine::Array::Matrix2d => Self::Matrix2d,
            engine::Array::Stripes { .. } => Self::Stripes,
            engine::Array::Pragmatic { .. } => Self::Pragmatic,
            engine::Array::Laconic { .. } => Self::Laconic,
        }
    }

    /// The array of this kind.
    pub fn with(self, choices: ArrayChoices) -> engine::Array {
        let ArrayChoices { dataflow, depth, shift_bits, sync } = choices;
        match self {
            Self::Systolic => engine::Array::Systolic(dataflow),
            Self::Cube => engine::Array::Cube { depth },
            Self::AdderTree => engine::Array::AdderTree { depth },
            Self::Matrix2d => engine::Array::Matrix2d,
            Self::Stripes => engine::Array::Stripes { lanes: depth },
            Self::Pragmatic => engine::Array::Pragmatic { lanes: depth, shift_bits, sync },
            Self::Laconic => engine::Array::Laconic { lanes: depth },
        }
    }

    /// The name in a TOML.
    pub fn name(self) -> &'static str {
        self.with(ArrayChoices::default()).name()
    }

    /// The key that says how much of K one unit takes at a time, where there is one.
    pub fn depth_key(self) -> Option<&'static str> {
        match self {
            Self::Systolic | Self::Matrix2d => None,
            Self::Cube | Self::AdderTree => Some("depth"),
            Self::Stripes | Self::Pragmatic | Self::Laconic => Some("lanes"),
        }
    }

    /// One line for lists.
    pub fn summary(self) -> &'static str {
        match self {
            Self::Systolic => {
                "rows x cols PEs that pass operands to their neighbours; output, weight or input stationary"
            }
            Self::Cube => {
                "depth x rows x cols: operands pass through rows and columns, products are summed through the depth"
            }
            Self::AdderTree => {
                "rows x cols dot-product units of depth products, operands broadcast, registered tree stages"
            }
            Self::Matrix2d => {
                "rows x cols PEs, A broadcast along rows, B along columns; the one that skips zero digits or values"
            }
            Self::Stripes => "rival: dot-product units whose A arrives a bit a cycle (Stripes, MICRO 2016)",
            Self::Pragmatic => {
                "rival: each lane takes a non-zero term of A a cycle, rows at their own pace (Bit-Pragmatic, MICRO 2017)"
            }
            Self::Laconic => "rival: each lane takes a pair of terms of A and B a cycle (Laconic, ISCA 2019)",
        }
    }

    /// The page that `explain` prints.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Systolic => include_str!("../../docs/arrays/systolic.md"),
            Self::Cube => include_str!("../../docs/arrays/cube.md"),
            Self::AdderTree => include_str!("../../docs/arrays/adder-tree.md"),
            Self::Matrix2d => include_str!("../../docs/arrays/matrix-2d.md"),
            Self::Stripes => include_str!("../../docs/arrays/stripes.md"),
            Self::Pragmatic => include_str!("../../docs/arrays/pragmatic.md"),
            Self::Laconic => include_str!("../../docs/arrays/laconic.md"),
        }
    }
}
