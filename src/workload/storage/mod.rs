//! What a tensor takes in memory in each storage format: bytes of values and of what says where they stand.
//!
//! A tensor is a number of fibres of one length, which run along K: the rows of A, the columns of B, the filters of a convolution, the
//! channels of a pixel. Every array of a format is packed bit by bit and ends at a whole byte. The unit tests build the
//! bytes and read them back.

#[cfg(test)]
mod tests;

use std::fmt;

/// How the values of a tensor are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageFormat {
    /// Every value.
    Dense,
    /// A bit for each value says whether it is 0; the others follow.
    Bitmap,
    /// Compressed sparse rows, a row being a fibre: the values that are not 0, the place of each in its fibre, and where each
    /// fibre begins and the last one ends.
    Csr,
    /// `n` values of each group of `m` along a fibre, and the place of each in its group.
    NOfM {
        /// Values that are stored of a group.
        n: u32,
        /// Values of a group; the last one of a fibre may have fewer.
        m: u32,
    },
    /// A bit for each block says whether it is all 0; the values of the others follow.
    BlockBitmap {
        /// Rows and columns of a block of the operand.
        extents: [u32; 2],
    },
}

impl StorageFormat {
    /// As in results.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dense => "dense",
            Self::Bitmap => "bitmap",
            Self::Csr => "csr",
            Self::NOfM { .. } => "n-of-m",
            Self::BlockBitmap { .. } => "block-bitmap",
        }
    }
}

/// With its parameters.
impl fmt::Display for StorageFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NOfM { n, m } => write!(formatter, "{n}-of-{m}"),
            Self::BlockBitmap { extents: [rows, cols] } => write!(formatter, "block-bitmap {rows} x {cols}"),
            _ => formatter.write_str(self.name()),
        }
    }
}

/// The shape of a tensor as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fibres {
    /// How many there are.
    pub count: u64,
    /// Values of each.
    pub length: u64,
    /// Bits of a value.
    pub bits: u32,
}

/// What a tensor takes in one format, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSize {
    /// How it is stored.
    pub format: StorageFormat,
    /// Its values.
    pub value_bytes: u64,
    /// What says where they stand.
    pub metadata_bytes: u64,
}

/// Whole bytes of so many words of so many bits.
const fn bytes(words: u64, bits: u32) -> u64 {
    (words * bits as u64).div_ceil(8)
}

/// Bits that tell so many things apart: ceil(log2 things), 0 for one.
pub const fn bits_for(things: u64) -> u32 {
    if things <= 1 { 0 } else { u64::BITS - (things - 1).leading_zeros() }
}

impl StoredSize {
    /// Both together.
    pub const fn bytes(&self) -> u64 {
        self.value_bytes + self.metadata_bytes
    }

    /// Those of two tensors of one format.
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            format: self.format,
            value_bytes: self.value_bytes + other.value_bytes,
            metadata_bytes: self.metadata_bytes + other.metadata_bytes,
        }
    }
}

impl Fibres {
    /// Values of all of them.
    pub const fn elements(&self) -> u64 {
        self.count * self.length
    }

    /// Every value.
    pub const fn dense(&self) -> StoredSize {
        let value_bytes = bytes(self.elements(), self.bits);
        StoredSize { format: StorageFormat::Dense, value_bytes, metadata_bytes: 0 }
    }

    /// So many values that are not 0, and a bit for each value.
    pub const fn bitmap(&self, nonzeros: u64) -> StoredSize {
        let metadata_bytes = bytes(self.elements(), 1);
        StoredSize { format: StorageFormat::Bitmap, value_bytes: bytes(nonzeros, self.bits), metadata_bytes }
    }

    /// So many values that are not 0, an index of ceil(log2 length) bits for each, and count + 1 pointers of ceil(log2(nonzeros + 1))
    /// bits.
    pub const fn csr(&self, nonzeros: u64) -> StoredSize {
        let indexes = bytes(nonzeros, bits_for(self.length));
        let pointers = bytes(self.count + 1, bits_for(nonzeros + 1));
        let value_bytes = bytes(nonzeros, self.bits);
        StoredSize { format: StorageFormat::Csr, value_bytes, metadata_bytes: indexes + pointers }
    }

    /// `n` values for each group of `m`, 0 where fewer are not, and an index of ceil(log2 m) bits for each.
    pub const fn n_of_m(&self, n: u32, m: u32) -> StoredSize {
        let slots = self.count * self.length.div_ceil(m as u64) * n as u64;
        StoredSize {
            format: StorageFormat::NOfM { n, m },
            value_bytes: bytes(slots, self.bits),
            metadata_bytes: bytes(slots, bits_for(m as u64)),
        }
    }

    /// So many values in blocks that are not all 0, and a bit for each of so many blocks.
    pub const fn block_bitmap(&self, extents: [u32; 2], blocks: u64, kept: u64) -> StoredSize {
        let format = StorageFormat::BlockBitmap { extents };
        StoredSize { format, value_bytes: bytes(kept, self.bits), metadata_bytes: bytes(blocks, 1) }
    }
}
