//! The exponential and the complementary error function from the four basic operations.
//!
//! The operating system's mathematical library rounds these functions as it likes, so values drawn through it could
//! differ between platforms. IEEE addition, multiplication and division are the same everywhere, so these are too.

/// `ln 2` in two parts; the first has trailing zeros, so that its product with a small integer is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
const TWO_OVER_SQRT_PI: f64 = std::f64::consts::FRAC_2_SQRT_PI;

/// `e^-x` for `x >= 0`; 0 from where the result would be subnormal.
pub(super) fn exp_negative(x: f64) -> f64 {
    if x > 708.0 {
        return 0.0;
    }
    let halvings = (x / std::f64::consts::LN_2) as u64;
    let rest = (x - halvings as f64 * LN_2_HIGH) - halvings as f64 * LN_2_LOW;
    // 0 <= rest < 0.7 (up to rounding): 20 terms reach below 1e-19.
    let series = (1..=20).rev().fold(1.0, |sum, n| 1.0 - sum * rest / f64::from(n));
    // A power of two by its exponent field; at most 2^-1021, still a normal number.
    series * f64::from_bits((1023 - halvings) << 52)
}

/// `erfc(x) = 2/sqrt(pi) * integral of e^(-t^2) from x`, for `x >= 0`; relative error below 1e-13.
pub(super) fn erfc(x: f64) -> f64 {
    let gauss = exp_negative(x * x);
    if x < 2.0 {
        // erf(x) = 2/sqrt(pi) e^(-x^2) sum of 2^n x^(2n+1) / (1*3*..*(2n+1)): all terms positive, nothing cancels.
        let mut term = x;
        let mut sum = x;
        let mut n = 1.0;
        while term > sum * 1e-18 {
            term *= 2.0 * x * x / (2.0 * n + 1.0);
            sum += term;
            n += 1.0;
        }
        1.0 - TWO_OVER_SQRT_PI * gauss * sum
    } else {
        // The continued fraction x + (1/2)/(x + (2/2)/(x + (3/2)/(x + ..))), from far enough down.
        let fraction = (1..=100).rev().fold(x, |below, n| x + f64::from(n) / 2.0 / below);
        0.5 * TWO_OVER_SQRT_PI * gauss / fraction
    }
}

/// `P(Z > z)` of a standard normal variable, for `z >= 0`.
pub(super) fn normal_tail(z: f64) -> f64 {
    0.5 * erfc(z * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erfc_has_the_tabulated_values() {
        // Abramowitz and Stegun, table 7.1 and 7.3, to the digits a double holds.
        for (x, expected) in [
            (0.0, 1.0),
            (0.5, 0.479_500_122_186_953_5),
            (1.0, 0.157_299_207_050_285_13),
            (1.999_999_9, 0.004_677_737_047_746_216),
            (2.0, 0.004_677_734_981_047_266),
            (3.0, 2.209_049_699_858_544e-5),
            (5.0, 1.537_459_794_428_035e-12),
            (20.0, 5.395_865_611_607_901e-176),
        ] {
            let error = (erfc(x) - expected).abs() / expected;
            assert!(error < 2e-13, "erfc({x}) = {} and not {expected}", erfc(x));
        }
    }

    #[test]
    fn the_exponential_agrees_with_the_platforms_to_a_few_units_in_the_last_place() {
        for step in 0..7000 {
            let x = f64::from(step) * 0.1;
            let expected = (-x).exp();
            assert!((exp_negative(x) - expected).abs() <= 1e-15 * expected, "e^-{x}");
        }
        assert_eq!(exp_negative(1e6), 0.0);
    }
}
