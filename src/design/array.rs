//! The kinds of arrays by name, with their pages.

use crate::engine::{self, Dataflow};

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
    /// Serial in the pairs of terms of both operands.
    Laconic,
}

impl ArrayKind {
    /// Every kind, in the order of lists.
    pub const ALL: [Self; 6] =
        [Self::Systolic, Self::Cube, Self::AdderTree, Self::Matrix2d, Self::Stripes, Self::Laconic];

    /// The kind of an array.
    pub fn of(array: engine::Array) -> Self {
        match array {
            engine::Array::Systolic(_) => Self::Systolic,
            engine::Array::Cube { .. } => Self::Cube,
            engine::Array::AdderTree { .. } => Self::AdderTree,
            engine::Array::Matrix2d => Self::Matrix2d,
            engine::Array::Stripes { .. } => Self::Stripes,
            engine::Array::Laconic { .. } => Self::Laconic,
        }
    }

    /// The array of this kind; a kind that has no dataflow or no depth ignores it.
    pub fn with(self, dataflow: Dataflow, depth: u32) -> engine::Array {
        match self {
            Self::Systolic => engine::Array::Systolic(dataflow),
            Self::Cube => engine::Array::Cube { depth },
            Self::AdderTree => engine::Array::AdderTree { depth },
            Self::Matrix2d => engine::Array::Matrix2d,
            Self::Stripes => engine::Array::Stripes { lanes: depth },
            Self::Laconic => engine::Array::Laconic { lanes: depth },
        }
    }

    /// The name in a TOML.
    pub fn name(self) -> &'static str {
        self.with(Dataflow::OutputStationary, 1).name()
    }

    /// The key that says how much of K one unit takes at a time, where there is one.
    pub fn depth_key(self) -> Option<&'static str> {
        match self {
            Self::Systolic | Self::Matrix2d => None,
            Self::Cube | Self::AdderTree => Some("depth"),
            Self::Stripes | Self::Laconic => Some("lanes"),
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
                "rows x cols PEs, A broadcast along rows, B along columns; the one that skips zero digits"
            }
            Self::Stripes => "rival: dot-product units whose A arrives a bit a cycle (Stripes, MICRO 2016)",
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
            Self::Laconic => include_str!("../../docs/arrays/laconic.md"),
        }
    }
}
