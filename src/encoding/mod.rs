//! A number becomes signed digits.

/// Which encoding turns an operand into digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EncodingKind {
    /// Radix 2, bit-serial: the bits, the top one negative.
    TwosComplement,
    /// Radix 2: the sign times the bits of the magnitude.
    SignMagnitude,
    /// Radix 2, canonical signed digits (non-adjacent form).
    Csd,
    /// Radix 4, modified Booth.
    Booth4,
    /// Radix 8, modified Booth.
    Booth8,
    /// Radix 4, EN-T: sign-magnitude with digits -1, 0, 1, 2.
    EnT,
    /// Radix 4: pairs of canonical signed digits.
    Naf4,
}
