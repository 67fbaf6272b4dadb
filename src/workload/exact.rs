//! Sums of integers times powers of two, exactly: what results in formats with shared exponents are held against.

/// Limbs of a number: products of 66 bits at most, weighed by 2^-254 to 2^254, and 2^24 of them.
const LIMBS: usize = 10;
/// The exponent of the lowest bit: two shared exponents of -127.
const LOWEST: i32 = -254;

/// A number in fixed point, two's complement, 640 bits from 2^-254 up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exact([u64; LIMBS]);

impl Exact {
    /// Adds `value * 2^exponent`; the exponent is -254 to 254.
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
            let low = limb(index) << bits;
            let below = if bits == 0 || index == 0 { 0 } else { limb(index - 1) >> (64 - bits) };
            let (added, over) = sum.overflowing_add(low | below);
            let (added, over_again) = added.overflowing_add(u64::from(carry));
            (*sum, carry) = (added, over || over_again);
        }
    }

    /// The nearest double, about; for messages and reports.
    pub fn to_f64(self) -> f64 {
        let negative = self.0[LIMBS - 1] >> 63 == 1;
        let mut magnitude = self.0;
        if negative {
            let mut carry = true;
            for limb in &mut magnitude {
                let (sum, over) = (!*limb).overflowing_add(u64::from(carry));
                (*limb, carry) = (sum, over);
            }
        }
        let weight = |index: usize| 2_f64.powi(LOWEST + 64 * index as i32);
        let sum: f64 = magnitude.iter().enumerate().map(|(index, &limb)| limb as f64 * weight(index)).sum();
        if negative { -sum } else { sum }
    }
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
}
