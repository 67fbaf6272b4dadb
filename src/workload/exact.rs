//! Sums of integers times powers of two, exactly: what results in formats with shared exponents are held against, and what a
//! bias is added to.

use std::cmp::Ordering;

/// Limbs of a number: products of 66 bits at most, weighed by 2^-254 to 2^254, 2^24 of them, times a scale in single precision.
const LIMBS: usize = 15;
/// The exponent of the lowest bit: two shared exponents of -127, a scale's last bit of 2^-149, and 32 bits behind the points of both
/// formats; whole limbs of it.
const LOWEST: i32 = -448;

/// A number in fixed point, two's complement, 960 bits from 2^-448 up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exact([u64; LIMBS]);

impl Exact {
    /// Adds `value * 2^exponent`; the exponent is -448 to 254, and below -254 only of what sums leave room for.
    pub fn add(&mut self, value: i128, exponent: i32) {
        let shift = (exponent - LOWEST).unsigned_abs() as usize;
        let (first, bits) = (shift / 64, shift % 64);
        let sign = if value < 0 { u64::MAX } else { 0 };
        // The limbs of the value from its lowest on, its sign without end.
        let limb = |index: usize| match index {
            0 => value as u64,
            1 => (value >> 64) as u64,
            _ => sign,
        };
        let mut carry = false;
        for (index, sum) in self.0.iter_mut().skip(first).enumerate() {
            // Only the sign is left, and its carry undoes it.
            if index > 2 && carry == (value < 0) {
                return;
            }
            let low = limb(index) << bits;
            let below = if bits == 0 || index == 0 { 0 } else { limb(index - 1) >> (64 - bits) };
            let (added, over) = sum.overflowing_add(low | below);
            let (added, over_again) = added.overflowing_add(u64::from(carry));
            (*sum, carry) = (added, over || over_again);
        }
    }

    /// Adds another sum.
    pub fn add_sum(&mut self, other: &Self) {
        let mut carry = false;
        for (limb, &of_other) in self.0.iter_mut().zip(&other.0) {
            let (added, over) = limb.overflowing_add(of_other);
            let (added, over_again) = added.overflowing_add(u64::from(carry));
            (*limb, carry) = (added, over || over_again);
        }
    }

    /// Adds a finite number.
    pub fn add_f32(&mut self, value: f32) {
        let (mantissa, exponent) = parts(value);
        self.add(i128::from(mantissa) * if value < 0.0 { -1 } else { 1 }, exponent);
    }

    /// The product with a finite positive number and a power of two, -32 to 0. Exact for sums whose lowest bit is 2^-254.
    pub fn scaled(self, by: f32, power: i32) -> Self {
        let (mantissa, exponent) = parts(by);
        let (negative, magnitude) = self.magnitude();
        let mut product = Self::default();
        let mut carry = 0;
        for (limb, &factor) in product.0.iter_mut().zip(&magnitude) {
            let wide = u128::from(factor) * u128::from(mantissa) + carry;
            (*limb, carry) = (wide as u64, wide >> 64);
        }
        let moved = Self(shifted(&product.0, exponent + power));
        if negative { Self(negated(&moved.0)) } else { moved }
    }

    /// Whether it is below 0, and its magnitude.
    fn magnitude(&self) -> (bool, [u64; LIMBS]) {
        let negative = self.0[LIMBS - 1] >> 63 == 1;
        (negative, if negative { negated(&self.0) } else { self.0 })
    }

    /// The nearest number in single precision, ties to the even mantissa; infinite beyond the greatest.
    pub fn to_f32(self) -> f32 {
        const MANTISSA_BITS: i32 = 24;
        const LEAST_EXPONENT: i32 = -149;
        let (negative, magnitude) = self.magnitude();
        let Some(top) = magnitude.iter().rposition(|&limb| limb != 0) else { return 0.0 };
        let highest = 64 * top as i32 + 63 - magnitude[top].leading_zeros() as i32;
        // The last bit that is kept, above which are at most 24.
        let last = (highest - (MANTISSA_BITS - 1)).max(LEAST_EXPONENT - LOWEST);
        let kept = shifted(&magnitude, -last)[0];
        let bit = |at: i32| magnitude[(at / 64) as usize] >> (at % 64) & 1 == 1;
        let is_rest_zero = (0..(last - 1).max(0)).all(|at| !bit(at));
        let up = bit(last - 1) && (!is_rest_zero || kept & 1 == 1);
        // At most 2^24 times a power of two: exact in double precision, and in single but where it is infinite.
        let rounded = (kept + u64::from(up)) as f64 * 2_f64.powi(last + LOWEST);
        (if negative { -rounded } else { rounded }) as f32
    }

    /// The nearest double, about; for messages and reports.
    pub fn to_f64(self) -> f64 {
        let (negative, magnitude) = self.magnitude();
        let weight = |index: usize| 2_f64.powi(LOWEST + 64 * index as i32);
        let sum: f64 = magnitude.iter().enumerate().map(|(index, &limb)| limb as f64 * weight(index)).sum();
        if negative { -sum } else { sum }
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |of: &Self| of.0[LIMBS - 1] as i64;
        sign(self).cmp(&sign(other)).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The magnitude of a finite number as an integer of at most 24 bits times a power of two.
fn parts(value: f32) -> (u32, i32) {
    let bits = value.to_bits();
    let (exponent, fraction) = ((bits >> 23 & 0xff) as i32, bits & 0x7f_ffff);
    if exponent == 0 { (fraction, -149) } else { (fraction | 1 << 23, exponent - 150) }
}

fn negated(of: &[u64; LIMBS]) -> [u64; LIMBS] {
    let mut carry = true;
    of.map(|limb| {
        let (sum, over) = (!limb).overflowing_add(u64::from(carry));
        carry = over;
        sum
    })
}

/// A magnitude times 2^by; bits that leave it at either end are lost.
fn shifted(of: &[u64; LIMBS], by: i32) -> [u64; LIMBS] {
    let (limbs, bits) = (by.div_euclid(64), by.rem_euclid(64) as u32);
    let at = |index: i32| usize::try_from(index).ok().and_then(|index| of.get(index)).copied().unwrap_or(0);
    std::array::from_fn(|index| {
        let from = index as i32 - limbs;
        let below = if bits == 0 { 0 } else { at(from - 1) >> (64 - bits) };
        at(from) << bits | below
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_doubles_where_doubles_are_exact() {
        for (value, exponent) in
            [(1, 0), (-1, 0), (3, 254), (-3, -254), (i128::from(i64::MIN), 190), (1 << 66, -100), (-5, 7)]
        {
            let mut sum = Exact::default();
            sum.add(value, exponent);
            assert_eq!(sum.to_f64(), value as f64 * 2_f64.powi(exponent), "{value} * 2^{exponent}");
            sum.add(-value, exponent);
            assert_eq!(sum, Exact::default(), "{value} * 2^{exponent} less itself");
        }
    }

    #[test]
    fn a_sum_does_not_depend_on_the_order_or_on_how_a_term_is_cut() {
        let terms: Vec<(i128, i32)> =
            (0..400).map(|at| ((at * 7_919 - 1_234_567) << (at % 40), (at * 37 % 509) as i32 - 254)).collect();
        let mut forward = Exact::default();
        terms.iter().for_each(|&(value, exponent)| forward.add(value, exponent));
        let mut backward = Exact::default();
        for &(value, exponent) in terms.iter().rev() {
            backward.add(value - 1, exponent);
            backward.add(1, exponent);
        }
        assert_eq!(forward, backward);
        let mut raised = Exact::default();
        for &(value, exponent) in terms.iter().filter(|term| term.1 > -254) {
            raised.add(2 * value, exponent - 1);
            raised.add(-value, exponent);
        }
        assert_eq!(raised, Exact::default());
    }

    fn exact(value: f32) -> Exact {
        let mut sum = Exact::default();
        sum.add_f32(value);
        sum
    }

    /// Numbers of all sizes, subnormal ones among them.
    fn numbers() -> impl Iterator<Item = f32> {
        let spread = (0..4000_u32).map(|at| f32::from_bits(at.wrapping_mul(1_073_807_359)));
        let ends = [0.0, f32::MIN_POSITIVE, f32::from_bits(1), f32::MAX, -f32::MAX, 1.0, -1.5];
        spread.chain(ends).filter(|value| value.is_finite())
    }

    #[test]
    fn numbers_in_single_precision_stay_what_they_are_and_are_ordered() {
        let all: Vec<f32> = numbers().collect();
        for pair in all.windows(2) {
            assert_eq!(exact(pair[0]).to_f32(), pair[0]);
            assert_eq!(exact(pair[0]).cmp(&exact(pair[1])), pair[0].partial_cmp(&pair[1]).expect("finite"), "{pair:?}");
        }
    }

    #[test]
    fn a_sum_is_rounded_once_to_the_nearest_number_in_single_precision() {
        // A double holds these sums exactly, and its own conversion rounds to the nearest, ties to even.
        for (at, value) in numbers().enumerate() {
            for step in 0..8 {
                let (one, other) = (f64::from(value), f64::from(value) * 2_f64.powi(-20 - step) * (at % 3 + 1) as f64);
                let sum = one + other;
                let mut ours = exact(value);
                let (mantissa, exponent) = parts(value);
                let signed = i128::from(mantissa) * if value < 0.0 { -1 } else { 1 };
                ours.add(signed * (at % 3 + 1) as i128, exponent - 20 - step);
                if sum - one == other {
                    assert_eq!(ours.to_f32(), sum as f32, "{one:e} + {other:e}");
                }
            }
        }
        // Half of a step to the even neighbour, a little more of it up, whatever is far below.
        let mut tie = exact(1.0);
        tie.add(1, -24);
        assert_eq!(tie.to_f32(), 1.0);
        tie.add(1, -254);
        assert_eq!(tie.to_f32(), 1.0 + f32::EPSILON);
        let mut beyond = exact(f32::MAX);
        beyond.add(1, 103);
        assert_eq!(beyond.to_f32(), f32::INFINITY);
    }

    #[test]
    fn scaling_is_the_product_from_the_lowest_bit_to_the_highest() {
        for scale in numbers().filter(|&scale| scale > 0.0) {
            for (value, exponent, power) in
                [(1, -254, -32), (-77, 12, -4), ((1 << 66) - 1, 254, 0), (-(1 << 40) - 1, -3, -12)]
            {
                let mut sum = Exact::default();
                sum.add(value, exponent);
                let (mantissa, lowest) = parts(scale);
                let mut expected = Exact::default();
                let at = exponent + lowest + power;
                expected.add(value * i128::from(mantissa), at);
                assert_eq!(sum.scaled(scale, power), expected, "{value} * 2^{exponent} * {scale:e} * 2^{power}");
            }
        }
    }
}
