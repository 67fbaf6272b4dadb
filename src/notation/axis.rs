//! The index space of a GEMM: M, N, K and the bit weight, whole or split over time and space.

use std::fmt;

/// A dimension of C\[M,N\] += A\[M,K\] * B\[K,N\] with the bit weight of the encoded operand as the fourth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Rows of A and C.
    M,
    /// Columns of B and C.
    N,
    /// The reduction: columns of A, rows of B.
    K,
    /// Digits of the encoded operand, weight `radix^bw`.
    BitWeight,
    /// Digits of the other operand, where both are encoded.
    OtherBitWeight,
    /// Digits that share an accumulator.
    Lane,
}

/// A loop variable, and at the same time the name of its extent.
///
/// `m`, `n`, `k` run over their whole dimension. A split dimension has two loops, `mt` over tiles and `mp` over the
/// places of the array, and `m` then stands for `mt * MP + mp`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// All of M.
    M,
    /// Tiles of M: M / MP, rounded up.
    Mt,
    /// Places of M in the array.
    Mp,
    /// All of N.
    N,
    /// Tiles of N: N / NP, rounded up.
    Nt,
    /// Places of N in the array.
    Np,
    /// All of K.
    K,
    /// Tiles of K: K / KP, rounded up.
    Kt,
    /// Places of K in the array.
    Kp,
    /// Digit slots of the encoded operand.
    Bw,
    /// Digit slots of the other operand, where both are encoded.
    Bv,
    /// Lanes of one accumulator; the sparse loop around says how many.
    G,
}

impl Axis {
    /// Every axis, dimension by dimension.
    pub const ALL: [Axis; 12] = [
        Axis::M,
        Axis::Mt,
        Axis::Mp,
        Axis::N,
        Axis::Nt,
        Axis::Np,
        Axis::K,
        Axis::Kt,
        Axis::Kp,
        Axis::Bw,
        Axis::Bv,
        Axis::G,
    ];

    /// The dimension it runs over, wholly or in part.
    pub fn dimension(self) -> Dimension {
        match self {
            Axis::M | Axis::Mt | Axis::Mp => Dimension::M,
            Axis::N | Axis::Nt | Axis::Np => Dimension::N,
            Axis::K | Axis::Kt | Axis::Kp => Dimension::K,
            Axis::Bw => Dimension::BitWeight,
            Axis::Bv => Dimension::OtherBitWeight,
            Axis::G => Dimension::Lane,
        }
    }

    /// The two parts of a whole dimension: tiles, then places. `None` for a part and for the bit weight.
    pub fn parts(self) -> Option<(Axis, Axis)> {
        match self {
            Axis::M => Some((Axis::Mt, Axis::Mp)),
            Axis::N => Some((Axis::Nt, Axis::Np)),
            Axis::K => Some((Axis::Kt, Axis::Kp)),
            _ => None,
        }
    }

    /// The whole dimension an axis belongs to; itself when it is whole.
    pub fn whole(self) -> Axis {
        match self.dimension() {
            Dimension::M => Axis::M,
            Dimension::N => Axis::N,
            Dimension::K => Axis::K,
            Dimension::BitWeight => Axis::Bw,
            Dimension::OtherBitWeight => Axis::Bv,
            Dimension::Lane => Axis::G,
        }
    }

    /// As a loop variable: `kp`.
    pub fn name(self) -> &'static str {
        match self {
            Axis::M => "m",
            Axis::Mt => "mt",
            Axis::Mp => "mp",
            Axis::N => "n",
            Axis::Nt => "nt",
            Axis::Np => "np",
            Axis::K => "k",
            Axis::Kt => "kt",
            Axis::Kp => "kp",
            Axis::Bw => "bw",
            Axis::Bv => "bv",
            Axis::G => "g",
        }
    }

    /// As an extent: `KP`.
    pub fn extent_name(self) -> &'static str {
        match self {
            Axis::M => "M",
            Axis::Mt => "MT",
            Axis::Mp => "MP",
            Axis::N => "N",
            Axis::Nt => "NT",
            Axis::Np => "NP",
            Axis::K => "K",
            Axis::Kt => "KT",
            Axis::Kp => "KP",
            Axis::Bw => "BW",
            Axis::Bv => "BV",
            Axis::G => "G",
        }
    }

    /// The axis of a loop variable.
    pub fn from_name(name: &str) -> Option<Axis> {
        Axis::ALL.into_iter().find(|axis| axis.name() == name)
    }

    /// The axis of an extent.
    pub fn from_extent_name(name: &str) -> Option<Axis> {
        Axis::ALL.into_iter().find(|axis| axis.extent_name() == name)
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The extents of a problem and of the array it runs on, in iterations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extents {
    /// Rows of A and C.
    pub m: u64,
    /// Columns of B and C.
    pub n: u64,
    /// Length of the reduction.
    pub k: u64,
    /// Places of M in the array, at least 1.
    pub mp: u64,
    /// Places of N in the array, at least 1.
    pub np: u64,
    /// Places of K in the array, at least 1.
    pub kp: u64,
    /// Digit slots of the encoded operand.
    pub bw: u64,
    /// Digit slots of the other operand, where both are encoded.
    pub bv: u64,
}

impl Extents {
    /// Iterations of a loop over `axis`. The last tile of a split dimension may be partly empty.
    pub fn of(&self, axis: Axis) -> u64 {
        match axis {
            Axis::M => self.m,
            Axis::Mt => self.m.div_ceil(self.mp),
            Axis::Mp => self.mp,
            Axis::N => self.n,
            Axis::Nt => self.n.div_ceil(self.np),
            Axis::Np => self.np,
            Axis::K => self.k,
            Axis::Kt => self.k.div_ceil(self.kp),
            Axis::Kp => self.kp,
            Axis::Bw => self.bw,
            Axis::Bv => self.bv,
            // The nest, not the problem, has the number of lanes.
            Axis::G => 1,
        }
    }
}
