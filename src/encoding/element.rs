//! Number formats beyond integers: the element formats of OCP Microscaling (MX) v1.0 and of OCP FP8.
//!
//! A float of few bits is a sparse fixed-point number: with its exponent spent as a shift of its significand, every code of a format is an
//! exact integer multiple of the format's smallest number. That integer is what becomes digits; the exponent is then the bit
//! weight of the digits.

use std::fmt;

/// Elements that share an exponent in an MX format: a block lies along K.
pub const BLOCK: usize = 32;

/// What shares a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scaling {
    /// Each block of [`BLOCK`] elements along K: a power of two (E8M0, exponents -127 to 127).
    Block,
    /// The whole tensor.
    Tensor,
}

/// A format whose elements are codes.
///
/// An **element** is what a file or a port holds: the code, 0 to 2^bits - 1 (sign on top, then exponent, then mantissa), of a float; the
/// integer of `mxint8`. Its **decoded** value is an exact integer in units of `2^-fraction_bits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ElementFormat {
    /// MXINT8: two's complement, 6 bits behind the point.
    MxInt8,
    /// MXFP4: E2M1.
    MxFp4,
    /// MXFP6 with E2M3.
    MxFp6E2m3,
    /// MXFP6 with E3M2.
    MxFp6E3m2,
    /// FP8 E4M3: no infinities, one NaN of either sign.
    Fp8E4m3,
    /// FP8 E5M2: infinities and NaNs as in IEEE 754.
    Fp8E5m2,
}

/// Exponent bits, mantissa bits, exponent bias and greatest code of a float.
struct Float {
    exponent: u32,
    mantissa: u32,
    bias: u32,
    greatest: i32,
}

impl ElementFormat {
    /// Every format, in the order in which they are listed.
    pub const ALL: [Self; 6] =
        [Self::MxInt8, Self::MxFp4, Self::MxFp6E2m3, Self::MxFp6E3m2, Self::Fp8E4m3, Self::Fp8E5m2];

    /// The name in a TOML and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MxInt8 => "mxint8",
            Self::MxFp4 => "mxfp4",
            Self::MxFp6E2m3 => "mxfp6-e2m3",
            Self::MxFp6E3m2 => "mxfp6-e3m2",
            Self::Fp8E4m3 => "fp8-e4m3",
            Self::Fp8E5m2 => "fp8-e5m2",
        }
    }

    /// The format of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// One line for `list formats`.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::MxInt8 => "8-bit integers, blocks of 32 along K share a power of two",
            Self::MxFp4 => "E2M1 floats, blocks of 32 along K share a power of two",
            Self::MxFp6E2m3 => "E2M3 floats, blocks of 32 along K share a power of two",
            Self::MxFp6E3m2 => "E3M2 floats, blocks of 32 along K share a power of two",
            Self::Fp8E4m3 => "E4M3 floats up to 448, one scale a tensor",
            Self::Fp8E5m2 => "E5M2 floats up to 57344, one scale a tensor",
        }
    }

    const fn float(self) -> Option<Float> {
        let (exponent, mantissa, bias, greatest) = match self {
            Self::MxInt8 => return None,
            Self::MxFp4 => (2, 1, 1, 0x7),
            Self::MxFp6E2m3 => (2, 3, 1, 0x1f),
            Self::MxFp6E3m2 => (3, 2, 3, 0x1f),
            Self::Fp8E4m3 => (4, 3, 7, 0x7e),
            Self::Fp8E5m2 => (5, 2, 15, 0x7b),
        };
        Some(Float { exponent, mantissa, bias, greatest })
    }

    /// What shares a scale.
    pub const fn scaling(self) -> Scaling {
        match self {
            Self::Fp8E4m3 | Self::Fp8E5m2 => Scaling::Tensor,
            _ => Scaling::Block,
        }
    }

    /// Bits of an element as it is stored, and on the ports of an engine.
    pub const fn code_bits(self) -> u32 {
        match self.float() {
            Some(Float { exponent, mantissa, .. }) => 1 + exponent + mantissa,
            None => 8,
        }
    }

    /// Exponent and mantissa bits; `None` of `mxint8`, whose element is its decoded value.
    pub const fn fields(self) -> Option<(u32, u32)> {
        match self.float() {
            Some(Float { exponent, mantissa, .. }) => Some((exponent, mantissa)),
            None => None,
        }
    }

    /// Bits of the two's complement word that holds every decoded value.
    pub const fn word_bits(self) -> u32 {
        match self {
            Self::MxInt8 => 8,
            _ => 65 - self.greatest().leading_zeros(),
        }
    }

    /// A decoded value counts multiples of 2^-`fraction_bits`.
    pub const fn fraction_bits(self) -> u32 {
        match self.float() {
            Some(Float { mantissa, bias, .. }) => bias - 1 + mantissa,
            None => 6,
        }
    }

    /// The exponent of the greatest number: floor(log2) of it.
    pub const fn greatest_exponent(self) -> i32 {
        63 - self.greatest().leading_zeros() as i32 - self.fraction_bits() as i32
    }

    /// The greatest magnitude that quantisation makes, decoded.
    pub const fn greatest(self) -> i64 {
        match self.float() {
            Some(Float { greatest, .. }) => self.value(greatest),
            None => 127,
        }
    }

    /// The least and the greatest element.
    pub const fn element_range(self) -> (i32, i32) {
        match self {
            Self::MxInt8 => (-128, 127),
            _ => (0, (1 << self.code_bits()) - 1),
        }
    }

    /// Whether an element is in the range and stands for a number: neither an infinity nor NaN.
    pub const fn is_number(self, element: i32) -> bool {
        let (least, greatest) = self.element_range();
        if element < least || element > greatest {
            return false;
        }
        match self {
            Self::Fp8E4m3 => element & 0x7f != 0x7f,
            Self::Fp8E5m2 => element & 0x7c != 0x7c,
            _ => true,
        }
    }

    /// The element of a byte of a file (a signed one may be negative), which need be no number; there is one zero.
    pub const fn of_byte(self, byte: i32) -> i32 {
        let code = byte & 0xff;
        match self {
            // What is no byte stays what no element is.
            _ if byte < -128 || byte > 255 => byte,
            Self::MxInt8 => code as i8 as i32,
            _ if self.is_number(code) && self.value(code) == 0 => 0,
            _ => code,
        }
    }

    /// The decoded value of an element that [is a number](Self::is_number).
    pub const fn value(self, element: i32) -> i64 {
        let Some(Float { exponent, mantissa, .. }) = self.float() else { return element as i64 };
        let fraction = (element & ((1 << mantissa) - 1)) as i64;
        let power = (element >> mantissa) & ((1 << exponent) - 1);
        let magnitude = if power == 0 { fraction } else { (fraction | 1 << mantissa) << (power - 1) };
        if (element >> (exponent + mantissa)) & 1 == 1 { -magnitude } else { magnitude }
    }

    /// Every element that is a number, each value once: the negative zero of a float is left out.
    pub fn elements(self) -> impl Iterator<Item = i32> {
        let (least, greatest) = self.element_range();
        let negative_zero = (self != Self::MxInt8).then(|| 1 << (self.code_bits() - 1));
        (least..=greatest).filter(move |&element| self.is_number(element) && Some(element) != negative_zero)
    }

    /// The element nearest to `numerator / denominator` in units of 2^-[`fraction_bits`](Self::fraction_bits), ties to the even mantissa,
    /// and whether it had to be clipped to the greatest. Exact; a quotient of up to 63 bits.
    pub fn nearest(self, negative: bool, numerator: u128, denominator: u128) -> (i32, bool) {
        let whole_bits = 128 - (numerator / denominator).leading_zeros();
        let dropped = self.dropped_bits(whole_bits);
        let step = denominator << dropped;
        let (quotient, rest) = (numerator / step, numerator % step);
        let up = 2 * rest > step || (2 * rest == step && quotient & 1 == 1);
        let magnitude = (quotient + u128::from(up)) << dropped;
        let clipped = magnitude > self.greatest() as u128;
        let magnitude = if clipped { self.greatest() } else { magnitude as i64 };
        (self.element(negative, magnitude), clipped)
    }

    /// [`nearest`](Self::nearest) to a finite real number.
    pub fn nearest_real(self, value: f64) -> (i32, bool) {
        // A power of two more changes no digit of a double of this size.
        let scaled = value.abs() * f64::from(1 << self.fraction_bits());
        if scaled > 2.0 * self.greatest() as f64 {
            return (self.element(value < 0.0, self.greatest()), true);
        }
        let whole_bits = 64 - (scaled as u64).leading_zeros();
        let step = (1_u64 << self.dropped_bits(whole_bits)) as f64;
        let magnitude = ((scaled / step).round_ties_even() * step) as i64;
        let clipped = magnitude > self.greatest();
        (self.element(value < 0.0, magnitude.min(self.greatest())), clipped)
    }

    /// Bits at the end of a magnitude of so many bits that no code has.
    fn dropped_bits(self, whole_bits: u32) -> u32 {
        self.fields().map_or(0, |(_, mantissa)| whole_bits.saturating_sub(mantissa + 1))
    }

    /// The element of a magnitude that is some element's; 0 is never negative.
    fn element(self, negative: bool, magnitude: i64) -> i32 {
        let Some(Float { exponent, mantissa, .. }) = self.float() else {
            return if negative { -magnitude as i32 } else { magnitude as i32 };
        };
        let bits = 64 - magnitude.leading_zeros();
        let code = match bits.checked_sub(mantissa) {
            Some(power) if power > 0 => {
                (power << mantissa) as i32 | (magnitude >> (power - 1)) as i32 & ((1 << mantissa) - 1)
            }
            _ => magnitude as i32,
        };
        code | i32::from(negative && magnitude != 0) << (exponent + mantissa)
    }

    /// The page that `explain` prints.
    pub fn explain(self) -> String {
        let (code, word) = (self.code_bits(), self.word_bits());
        let unit = self.fraction_bits();
        let greatest = self.greatest() as f64 / f64::from(1 << unit);
        let (mut page, source);
        match self.float() {
            Some(Float { exponent, mantissa, bias, .. }) => {
                page = format!(
                    "## What it is\nA float of {code} bits: a sign, {exponent} bits of exponent with bias {bias}, {mantissa} of \
                     mantissa. An exponent of 0 has\nno leading 1 (subnormal numbers)."
                );
            }
            None => {
                page = "## What it is\nA two's complement integer of 8 bits, 6 of them behind the point.".to_owned();
            }
        }
        match self {
            Self::Fp8E4m3 => page += " Codes S.1111.111 are NaN; there are no infinities.",
            Self::Fp8E5m2 => page += " Codes with exponent 31 are infinities and NaN.",
            _ => {}
        }
        match self.scaling() {
            Scaling::Block => {
                page += "\nBlocks of 32 elements along K share a power of two (E8M0).";
                source = "OCP Microscaling Formats (MX) Specification, version 1.0, 2023.";
            }
            Scaling::Tensor => {
                page += "\nA tensor has one scale.";
                source = "OCP 8-bit Floating Point Specification (OFP8), revision 1.0, 2023.";
            }
        }
        page += &format!(
            "\n\n## Range\nThe greatest number is {greatest}, the least above 0 is 2^-{unit}. An element is decoded to an integer of\n\
             {word} bits in units of 2^-{unit}, exactly: its exponent becomes the bit weight of its digits.\n"
        );
        page += &format!(
            "\n## In a design\n`a = \"{}\"`, `b` alike. Ports carry the {code} bits of an element; a decoder at the edge of the array \
             makes the\nword of it, unless digits are stored. `a-word = 8` makes that word wider, such as an int8 engine has it.\n\
             docs/formats.md has scales, sums and the digits per element.\n\n## Source\n{source}\n",
            self.name()
        );
        page
    }
}

impl fmt::Display for ElementFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
