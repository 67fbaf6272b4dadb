//! Codes against the definitions of the specifications: numbers, quantisation, digits.

use bitweight::encoding::{ElementFormat, EncodingKind, Format};

/// Sign, exponent and mantissa bits and bias, from the specifications; not what the program has.
const FLOATS: [(ElementFormat, u32, u32, i32); 5] = [
    (ElementFormat::MxFp4, 2, 1, 1),
    (ElementFormat::MxFp6E2m3, 2, 3, 1),
    (ElementFormat::MxFp6E3m2, 3, 2, 3),
    (ElementFormat::Fp8E4m3, 4, 3, 7),
    (ElementFormat::Fp8E5m2, 5, 2, 15),
];

/// The real number of a code, in doubles; `None` if it is none.
pub fn real(format: ElementFormat, code: i32) -> Option<f64> {
    let Some(&(_, e, m, bias)) = FLOATS.iter().find(|float| float.0 == format) else {
        return Some(f64::from(code as i8) / 64.0);
    };
    let (sign, exponent, mantissa) = (code >> (e + m) & 1, code >> m & ((1 << e) - 1), code & ((1 << m) - 1));
    let is_special = match format {
        ElementFormat::Fp8E4m3 => exponent == 15 && mantissa == 7,
        ElementFormat::Fp8E5m2 => exponent == 31,
        _ => false,
    };
    let fraction = f64::from(mantissa) / 2_f64.powi(m as i32);
    let magnitude = match exponent {
        0 => fraction * 2_f64.powi(1 - bias),
        _ => (1.0 + fraction) * 2_f64.powi(exponent - bias),
    };
    (!is_special).then_some(if sign == 1 { -magnitude } else { magnitude })
}

#[test]
fn every_code_decodes_to_the_number_of_the_specification() {
    let e2m1 = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0];
    for (code, &value) in e2m1.iter().enumerate() {
        assert_eq!(real(ElementFormat::MxFp4, code as i32), Some(value));
    }
    for (format, greatest, numbers) in [
        (ElementFormat::MxInt8, 127.0 / 64.0, 256),
        (ElementFormat::MxFp4, 6.0, 15),
        (ElementFormat::MxFp6E2m3, 7.5, 63),
        (ElementFormat::MxFp6E3m2, 28.0, 63),
        (ElementFormat::Fp8E4m3, 448.0, 253),
        (ElementFormat::Fp8E5m2, 57344.0, 247),
    ] {
        let unit = 2_f64.powi(-(format.fraction_bits() as i32));
        let (least, most) = format.element_range();
        for code in least..=most {
            let expected = real(format, code);
            assert_eq!(format.is_number(code), expected.is_some(), "{format} {code}");
            if let Some(expected) = expected {
                assert_eq!(format.value(code) as f64 * unit, expected, "{format} {code}");
            }
        }
        assert!(!format.is_number(least - 1) && !format.is_number(most + 1), "{format}");
        assert_eq!(format.greatest() as f64 * unit, greatest, "{format}");
        assert_eq!(format.elements().count(), numbers, "{format}");
        let word = Format::of(format).bits;
        let fits = |value: i64| value >= -(1 << (word - 1)) && value < 1 << (word - 1);
        assert!(format.elements().all(|element| fits(format.value(element))));
        assert!(format.elements().any(|element| format.value(element).unsigned_abs() >= 1 << (word - 2)), "{format}");
        assert_eq!(format.greatest_exponent(), greatest.log2().floor() as i32, "{format}");
    }
}

/// The nearest number, by looking at all of them: ties to the one whose mantissa ends in 0.
pub fn nearest_of_all(format: ElementFormat, value: f64) -> i64 {
    let unit = 2_f64.powi(format.fraction_bits() as i32);
    let distance = |element: &i32| (format.value(*element) as f64 - value * unit).abs();
    let least = format.elements().map(|element| distance(&element)).fold(f64::MAX, f64::min);
    let near: Vec<i32> = format.elements().filter(|element| distance(element) == least).collect();
    let even = near.iter().find(|&&element| element & 1 == 0);
    let element = *even.unwrap_or(&near[0]);
    // Quantisation is symmetric.
    format.value(element).max(-format.greatest())
}

#[test]
fn quantisation_takes_the_nearest_number_and_of_two_the_even_one() {
    for format in ElementFormat::ALL {
        let unit = 2_f64.powi(-(format.fraction_bits() as i32));
        let mut magnitudes: Vec<i64> = format.elements().map(|element| format.value(element).abs()).collect();
        magnitudes.sort_unstable();
        magnitudes.dedup();
        let mut tried = Vec::new();
        for pair in magnitudes.windows(2) {
            let (low, high) = (pair[0] as f64, pair[1] as f64);
            tried.extend([low, (low + high) / 2.0, (low + high) / 2.0 - 0.125, (low + high) / 2.0 + 0.125]);
        }
        tried.extend([format.greatest() as f64, format.greatest() as f64 * 1.04, format.greatest() as f64 * 7.0]);
        for value in tried.into_iter().flat_map(|value| [value, -value]) {
            let expected = nearest_of_all(format, value * unit);
            let (element, clipped) = format.nearest_real(value * unit);
            assert_eq!(format.value(element), expected, "{format}: {value} units");
            let (exact, exactly_clipped) = format.nearest(value < 0.0, (value.abs() * 8.0) as u128 * 3, 24);
            assert_eq!((exact, exactly_clipped), (element, clipped), "{format}: {value} units");
            assert!(!clipped || value.abs() > format.greatest() as f64, "{format}: {value} units");
        }
        assert_eq!(format.nearest_real(-0.0), (0, false), "{format} has one zero");
    }
}

/// Every digit of every code, of every encoding, stands for the decoded value.
#[test]
fn digits_of_every_code_sum_to_its_number() {
    for format in ElementFormat::ALL {
        for kind in EncodingKind::ALL {
            let (encoding, bits) = (kind.encoding(), Format::of(format).bits);
            let mut digits = vec![0; encoding.slots(bits) as usize];
            for element in format.elements() {
                encoding.write_digits(format.value(element), bits, &mut digits);
                assert_eq!(encoding.decode(&digits), format.value(element), "{kind} of {format} {element}");
                let expected = digits.iter().filter(|&&digit| digit != 0).count();
                assert_eq!(encoding.nonzero_digits_of(format.value(element), bits) as usize, expected);
            }
        }
    }
}
