//! The machine word of an operand.

use std::fmt::Debug;

/// An operand's word: `i16` where both operands fit it, `i32` for unsigned ones of 16 bits and for digits at their weight, `i64` for
/// decoded ones of more bits.
pub trait Element: Copy + Default + PartialEq + Debug + Into<i64> + Send + Sync + 'static {
    /// The element that holds `value`, which fits.
    fn new(value: i64) -> Self;
    /// The product modulo 2^32.
    fn product32(self, other: Self) -> u32;
    /// The exact product modulo 2^64.
    fn product64(self, other: Self) -> u64;
}

impl Element for i16 {
    fn new(value: i64) -> Self {
        value as i16
    }

    #[inline(always)]
    fn product32(self, other: Self) -> u32 {
        (i32::from(self) * i32::from(other)) as u32
    }

    #[inline(always)]
    fn product64(self, other: Self) -> u64 {
        // 16 x 16 bits always fit 32, where a product is cheaper.
        i64::from(i32::from(self) * i32::from(other)) as u64
    }
}

impl Element for i32 {
    fn new(value: i64) -> Self {
        value as i32
    }

    #[inline(always)]
    fn product32(self, other: Self) -> u32 {
        self.wrapping_mul(other) as u32
    }

    #[inline(always)]
    fn product64(self, other: Self) -> u64 {
        (i64::from(self) * i64::from(other)) as u64
    }
}

impl Element for i64 {
    fn new(value: i64) -> Self {
        value
    }

    #[inline(always)]
    fn product32(self, other: Self) -> u32 {
        self.wrapping_mul(other) as u32
    }

    #[inline(always)]
    fn product64(self, other: Self) -> u64 {
        self.wrapping_mul(other) as u64
    }
}
