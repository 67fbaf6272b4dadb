//! The types of stored numbers that are read.

use crate::encoding::ElementFormat;

/// A type of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::workload) enum Dtype {
    Bool,
    Int8,
    Uint8,
    Int16,
    Uint16,
    Int32,
    Uint32,
    Int64,
    Uint64,
    /// Codes of E4M3 floats.
    Float8E4m3,
    /// Codes of E5M2 floats.
    Float8E5m2,
    Float16,
    Bfloat16,
    Float32,
    Float64,
}

impl Dtype {
    /// As numpy and PyTorch call it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int8 => "int8",
            Self::Uint8 => "uint8",
            Self::Int16 => "int16",
            Self::Uint16 => "uint16",
            Self::Int32 => "int32",
            Self::Uint32 => "uint32",
            Self::Int64 => "int64",
            Self::Uint64 => "uint64",
            Self::Float8E4m3 => "float8_e4m3fn",
            Self::Float8E5m2 => "float8_e5m2",
            Self::Float16 => "float16",
            Self::Bfloat16 => "bfloat16",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
        }
    }

    /// For errors.
    pub(super) fn holds(self) -> String {
        format!("numbers of type {}", self.name())
    }

    pub(super) const fn bits(self) -> usize {
        match self {
            Self::Bool => 1,
            Self::Int8 | Self::Uint8 | Self::Float8E4m3 | Self::Float8E5m2 => 8,
            Self::Int16 | Self::Uint16 | Self::Float16 | Self::Bfloat16 => 16,
            Self::Int32 | Self::Uint32 | Self::Float32 => 32,
            Self::Int64 | Self::Uint64 | Self::Float64 => 64,
        }
    }

    /// Bytes that a number takes.
    pub(in crate::workload) const fn bytes(self) -> usize {
        self.bits().div_ceil(8)
    }

    pub(super) const fn is_real(self) -> bool {
        matches!(self, Self::Float16 | Self::Bfloat16 | Self::Float32 | Self::Float64)
    }

    /// The format whose codes it is.
    pub(super) const fn codes_of(self) -> Option<ElementFormat> {
        match self {
            Self::Float8E4m3 => Some(ElementFormat::Fp8E4m3),
            Self::Float8E5m2 => Some(ElementFormat::Fp8E5m2),
            _ => None,
        }
    }

    /// The integer of these bytes, the least significant first, or the code; reals have none.
    pub(super) fn integer(self, bytes: [u8; 8]) -> i128 {
        let low = [bytes[0], bytes[1]];
        let word = [bytes[0], bytes[1], bytes[2], bytes[3]];
        match self {
            Self::Bool | Self::Uint8 | Self::Float8E4m3 | Self::Float8E5m2 => bytes[0].into(),
            Self::Int8 => (bytes[0] as i8).into(),
            Self::Int16 => i16::from_le_bytes(low).into(),
            Self::Uint16 => u16::from_le_bytes(low).into(),
            Self::Int32 => i32::from_le_bytes(word).into(),
            Self::Uint32 => u32::from_le_bytes(word).into(),
            Self::Int64 => i64::from_le_bytes(bytes).into(),
            Self::Uint64 => u64::from_le_bytes(bytes).into(),
            Self::Float16 | Self::Bfloat16 | Self::Float32 | Self::Float64 => 0,
        }
    }

    /// The number of these bytes, the least significant first, exactly.
    pub(in crate::workload) fn real(self, bytes: [u8; 8]) -> f64 {
        let half = u16::from_le_bytes([bytes[0], bytes[1]]);
        match self {
            Self::Float16 => float16(half),
            // The upper half of a float32.
            Self::Bfloat16 => f64::from(f32::from_bits(u32::from(half) << 16)),
            Self::Float32 => f64::from(f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])),
            Self::Float64 => f64::from_le_bytes(bytes),
            _ => self.integer(bytes) as f64,
        }
    }
}

/// IEEE binary16: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction.
fn float16(bits: u16) -> f64 {
    let sign = u64::from(bits >> 15) << 63;
    let exponent = u64::from(bits >> 10 & 31);
    let fraction = u64::from(bits & 0x3ff);
    match exponent {
        // Multiples of 2^-24.
        0 => f64::from_bits(sign | (fraction as f64 / 16_777_216.0).to_bits()),
        31 => f64::from_bits(sign | 2047 << 52 | fraction << 42),
        _ => f64::from_bits(sign | (exponent + 1023 - 15) << 52 | fraction << 42),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_float16_is_the_number_that_its_fields_say() {
        for bits in 0..=u16::MAX {
            let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
            let magnitude = match exponent {
                0 => fraction * 2_f64.powi(-24),
                31 if fraction == 0.0 => f64::INFINITY,
                31 => f64::NAN,
                _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
            };
            let expected = if bits >> 15 == 1 { -magnitude } else { magnitude };
            let found = float16(bits);
            let is_same = if expected.is_nan() { found.is_nan() } else { found.to_bits() == expected.to_bits() };
            assert!(is_same, "{bits:#06x}: {found} and not {expected}");
        }
    }

    #[test]
    fn numbers_are_read_from_their_bytes() {
        let bytes = |low: &[u8]| {
            let mut all = [0; 8];
            all[..low.len()].copy_from_slice(low);
            all
        };
        assert_eq!(Dtype::Int8.integer(bytes(&[0x80])), -128);
        assert_eq!(Dtype::Uint8.integer(bytes(&[0x80])), 128);
        assert_eq!(Dtype::Int16.integer(bytes(&[0x00, 0x80])), -32768);
        assert_eq!(Dtype::Uint16.integer(bytes(&[0x00, 0x80])), 32768);
        assert_eq!(Dtype::Int32.integer(bytes(&[0xff, 0xff, 0xff, 0x7f])), i32::MAX.into());
        assert_eq!(Dtype::Uint32.integer([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]), u32::MAX.into());
        assert_eq!(Dtype::Int64.integer([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), -2);
        assert_eq!(Dtype::Uint64.integer([0xff; 8]), u64::MAX.into());
        assert_eq!(Dtype::Bfloat16.real(bytes(&[0x40, 0xc0])), -3.0);
        assert_eq!(Dtype::Float32.real(bytes(&1.5_f32.to_le_bytes())), 1.5);
        assert_eq!(Dtype::Float64.real((-0.1_f64).to_le_bytes()), -0.1);
    }
}
