//! The kinds of cells that gate mapping knows, and what they compute.

/// A combinational cell by its function. Inputs are named by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CellKind {
    /// `!a`
    Inv,
    /// `!a`, of about four times the drive.
    InvX4,
    /// `a`
    Buf,
    /// `a`, of about four times the drive.
    BufX4,
    /// `!(a & b)`
    Nand2,
    /// `!(a & b & c)`
    Nand3,
    /// `!(a & b & c & d)`
    Nand4,
    /// `!(a | b)`
    Nor2,
    /// `!(a | b | c)`
    Nor3,
    /// `!(a | b | c | d)`
    Nor4,
    /// `a & b`
    And2,
    /// `a | b`
    Or2,
    /// `!(a & b | c)`
    Aoi21,
    /// `!((a | b) & c)`
    Oai21,
    /// `!(a & b | c & d)`
    Aoi22,
    /// `!((a | b) & (c | d))`
    Oai22,
    /// `a ^ b`
    Xor2,
    /// `!(a ^ b)`
    Xnor2,
    /// `a ? b : c`
    Mux2,
}

impl CellKind {
    /// Every kind, in the order of its declaration.
    pub const ALL: [CellKind; 19] = {
        use CellKind::*;
        [
            Inv, InvX4, Buf, BufX4, Nand2, Nand3, Nand4, Nor2, Nor3, Nor4, And2, Or2, Aoi21, Oai21, Aoi22, Oai22, Xor2,
            Xnor2, Mux2,
        ]
    };

    /// Kinds without which nothing can be mapped.
    pub const REQUIRED: [CellKind; 6] =
        [CellKind::Inv, CellKind::Buf, CellKind::Nand2, CellKind::Nor2, CellKind::Xor2, CellKind::Mux2];

    /// The name in process tables and counts.
    pub fn name(self) -> &'static str {
        match self {
            CellKind::Inv => "inv",
            CellKind::InvX4 => "inv-x4",
            CellKind::Buf => "buf",
            CellKind::BufX4 => "buf-x4",
            CellKind::Nand2 => "nand2",
            CellKind::Nand3 => "nand3",
            CellKind::Nand4 => "nand4",
            CellKind::Nor2 => "nor2",
            CellKind::Nor3 => "nor3",
            CellKind::Nor4 => "nor4",
            CellKind::And2 => "and2",
            CellKind::Or2 => "or2",
            CellKind::Aoi21 => "aoi21",
            CellKind::Oai21 => "oai21",
            CellKind::Aoi22 => "aoi22",
            CellKind::Oai22 => "oai22",
            CellKind::Xor2 => "xor2",
            CellKind::Xnor2 => "xnor2",
            CellKind::Mux2 => "mux2",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<CellKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// How many inputs it has.
    pub fn inputs(self) -> usize {
        use CellKind::*;
        match self {
            Inv | InvX4 | Buf | BufX4 => 1,
            Nand2 | Nor2 | And2 | Or2 | Xor2 | Xnor2 => 2,
            Nand3 | Nor3 | Aoi21 | Oai21 | Mux2 => 3,
            Nand4 | Nor4 | Aoi22 | Oai22 => 4,
        }
    }

    /// The function on 64 independent cases at once, one per bit. `x` holds [`inputs`](Self::inputs) words.
    pub fn evaluate(self, x: &[u64]) -> u64 {
        use CellKind::*;
        match self {
            Inv | InvX4 => !x[0],
            Buf | BufX4 => x[0],
            Nand2 => !(x[0] & x[1]),
            Nand3 => !(x[0] & x[1] & x[2]),
            Nand4 => !(x[0] & x[1] & x[2] & x[3]),
            Nor2 => !(x[0] | x[1]),
            Nor3 => !(x[0] | x[1] | x[2]),
            Nor4 => !(x[0] | x[1] | x[2] | x[3]),
            And2 => x[0] & x[1],
            Or2 => x[0] | x[1],
            Aoi21 => !(x[0] & x[1] | x[2]),
            Oai21 => !((x[0] | x[1]) & x[2]),
            Aoi22 => !(x[0] & x[1] | x[2] & x[3]),
            Oai22 => !((x[0] | x[1]) & (x[2] | x[3])),
            Xor2 => x[0] ^ x[1],
            Xnor2 => !(x[0] ^ x[1]),
            Mux2 => x[0] & x[1] | !x[0] & x[2],
        }
    }
}

/// A flip-flop by its reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlipFlopKind {
    /// Without reset.
    Dff,
    /// With an asynchronous reset to 0.
    Dffr,
    /// With an asynchronous reset to 1.
    Dffs,
}

impl FlipFlopKind {
    /// Every kind, in the order of its declaration.
    pub const ALL: [FlipFlopKind; 3] = [FlipFlopKind::Dff, FlipFlopKind::Dffr, FlipFlopKind::Dffs];

    /// The name in process tables and counts.
    pub fn name(self) -> &'static str {
        match self {
            FlipFlopKind::Dff => "dff",
            FlipFlopKind::Dffr => "dffr",
            FlipFlopKind::Dffs => "dffs",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<FlipFlopKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
