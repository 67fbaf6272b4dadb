//! The memory around an engine, free of any file format: a double-buffered SRAM for each matrix, and one DRAM channel.
//!
//! No netlist depends on it. What it does to a run is in `src/simulate/memory/`.

/// A dimension of C\[M,N\] += A\[M,K\] * B\[K,N\] that is cut into blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockAxis {
    /// Rows of A and C.
    M,
    /// Columns of B and C.
    N,
    /// Columns of A, rows of B.
    K,
}

impl BlockAxis {
    /// `m`, `n` or `k`.
    pub fn name(self) -> &'static str {
        ["m", "n", "k"][self as usize]
    }
}

/// The nest of the loops over blocks, outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockOrder {
    /// M outermost, K innermost.
    Mnk,
    /// M outermost, N innermost.
    Mkn,
    /// N outermost, K innermost.
    Nmk,
    /// N outermost, M innermost.
    Nkm,
    /// K outermost, N innermost.
    Kmn,
    /// K outermost, M innermost.
    Knm,
}

impl BlockOrder {
    /// Every order; the first of those that are equally good is taken.
    pub const ALL: [BlockOrder; 6] = [Self::Mnk, Self::Mkn, Self::Nmk, Self::Nkm, Self::Kmn, Self::Knm];

    /// Its axes, outermost first.
    pub fn axes(self) -> [BlockAxis; 3] {
        use BlockAxis::{K, M, N};
        match self {
            Self::Mnk => [M, N, K],
            Self::Mkn => [M, K, N],
            Self::Nmk => [N, M, K],
            Self::Nkm => [N, K, M],
            Self::Kmn => [K, M, N],
            Self::Knm => [K, N, M],
        }
    }

    /// The order with the loop over K moved outside of the others.
    pub fn with_k_outermost(self) -> Self {
        match self {
            Self::Mnk | Self::Mkn | Self::Kmn => Self::Kmn,
            Self::Nmk | Self::Nkm | Self::Knm => Self::Knm,
        }
    }

    /// Its name in a TOML and in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mnk => "mnk",
            Self::Mkn => "mkn",
            Self::Nmk => "nmk",
            Self::Nkm => "nkm",
            Self::Kmn => "kmn",
            Self::Knm => "knm",
        }
    }
}

/// The SRAM of one matrix. Half of it holds the block that is used, half the one that comes next or leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Buffer {
    /// Both halves together; `None`: as large as need be.
    pub kib: Option<u32>,
    /// Bits between it and the array in a cycle; `None`: as many as the array asks for.
    pub bits_per_cycle: Option<u32>,
}

impl Buffer {
    /// Bits of one half, if there is a limit.
    pub fn half_bits(&self) -> Option<u64> {
        self.kib.map(|kib| u64::from(kib) * 1024 * 8 / 2)
    }
}

/// What stands between an engine and its matrices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    /// Elements of A.
    pub a: Buffer,
    /// Elements of B.
    pub b: Buffer,
    /// Results and partial sums.
    pub c: Buffer,
    /// Bits that the one DRAM channel moves in a cycle, either way; `None`: it takes no time.
    pub dram_bits_per_cycle: Option<u32>,
    /// The nest of the loops over blocks; `None`: the one that is chosen with the blocks, for each layer.
    pub order: Option<BlockOrder>,
    /// Extents of a block along M, N and K; `None`: chosen for each layer by DRAM traffic, of near-equal ones by time.
    pub block: [Option<u32>; 3],
}
