//! The seven encodings against their definition, the published tables and each other, for every value of every width.

use std::path::PathBuf;

use bitweight::encoding::{
    DigitCounts, Distribution, ElementFormat, EncodingError, EncodingKind, Format, MAX_WORD_BITS, MIN_BITS,
    bits_needed, count_nonzero_digits, error_codes, expected_nonzero_digits, nonzero_digit_histogram, signed_range,
    slot_activity,
};

/// Names of the encodings in the reference tables.
const TABLE_NAMES: [(EncodingKind, &str); 7] = [
    (EncodingKind::TwosComplement, "radix2_twos"),
    (EncodingKind::SignMagnitude, "radix2_signmag"),
    (EncodingKind::Csd, "csd_naf"),
    (EncodingKind::Booth4, "booth_radix4"),
    (EncodingKind::Booth8, "booth_radix8"),
    (EncodingKind::EnT, "en_t"),
    (EncodingKind::Naf4, "naf_radix4"),
];

/// A reference table, or `None` (said on stderr) where `BITWEIGHT_SHARED` is not set.
fn reference(name: &str) -> Option<PathBuf> {
    match std::env::var_os("BITWEIGHT_SHARED") {
        Some(shared) => Some(PathBuf::from(shared).join("reference").join(name)),
        None => {
            eprintln!("skipped: comparison with {name} (BITWEIGHT_SHARED is not set)");
            None
        }
    }
}

/// Every width of a word with every value of it.
fn every_value() -> impl Iterator<Item = (u32, i32)> {
    (MIN_BITS..=MAX_WORD_BITS).flat_map(|bits| {
        let (least, greatest) = signed_range(bits);
        (least..=greatest).map(move |value| (bits, value))
    })
}

#[test]
fn every_value_of_every_width_decodes_to_itself_with_digits_of_the_set() {
    for kind in EncodingKind::ALL {
        let encoding = kind.encoding();
        for (bits, value) in every_value() {
            let digits = encoding.encode(value, bits).unwrap();
            assert_eq!(digits.len() as u32, encoding.slots(bits));
            assert_eq!(encoding.decode(&digits), i64::from(value), "{kind} at {bits} bits: {digits:?}");
            assert!(
                digits.iter().all(|digit| encoding.digit_set().contains(digit)),
                "{kind} of {value} at {bits} bits: {digits:?}"
            );
            let nonzero = digits.iter().filter(|&&digit| digit != 0).count() as u32;
            assert_eq!(encoding.nonzero_digits(value, bits), nonzero);
        }
    }
}

#[test]
fn every_digit_of_a_digit_set_occurs() {
    for kind in EncodingKind::ALL {
        let encoding = kind.encoding();
        let mut seen = std::collections::BTreeSet::new();
        for value in -128..=127 {
            seen.extend(encoding.encode(value, 8).unwrap());
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), encoding.digit_set(), "{kind}");
    }
}

#[test]
fn wider_operands_only_add_zero_digits_except_to_bit_serial_ones() {
    for kind in EncodingKind::ALL.into_iter().filter(|&kind| kind != EncodingKind::TwosComplement) {
        for value in -128..=127 {
            let narrow = kind.encoding().encode(value, 8).unwrap();
            let wide = kind.encoding().encode(value, 16).unwrap();
            assert_eq!(wide[..narrow.len()], narrow, "{kind} of {value}");
            assert!(wide[narrow.len()..].iter().all(|&digit| digit == 0), "{kind} of {value}");
        }
    }
}

#[test]
fn canonical_digits_are_never_adjacent() {
    for (bits, value) in every_value() {
        let digits = EncodingKind::Csd.encoding().encode(value, bits).unwrap();
        assert!(digits.windows(2).all(|pair| pair[0] == 0 || pair[1] == 0), "{value} at {bits} bits: {digits:?}");
    }
}

#[test]
fn en_t_flips_all_digits_with_the_sign() {
    for (bits, value) in every_value().filter(|&(bits, value)| value > signed_range(bits).0) {
        let digits = EncodingKind::EnT.encoding().encode(value, bits).unwrap();
        let flipped: Vec<i8> = digits.iter().map(|digit| -digit).collect();
        assert_eq!(EncodingKind::EnT.encoding().encode(-value, bits).unwrap(), flipped);
        assert!(value < 0 || digits.iter().all(|&digit| digit >= -1), "{value} at {bits} bits: {digits:?}");
    }
}

#[test]
fn the_nonzero_slots_of_naf_4_are_a_subset_of_those_of_booth_4_and_en_t() {
    let naf4 = EncodingKind::Naf4.encoding();
    for (bits, value) in every_value() {
        let digits = naf4.encode(value, bits).unwrap();
        for other in [EncodingKind::Booth4, EncodingKind::EnT] {
            let others = other.encoding().encode(value, bits).unwrap();
            assert_eq!(others.len(), digits.len());
            let is_subset = digits.iter().zip(&others).all(|(&naf, &other)| naf == 0 || other != 0);
            assert!(is_subset, "{value} at {bits} bits: naf-4 {digits:?}, {other} {others:?}");
        }
    }
}

#[test]
fn the_nonzero_slots_of_naf_4_are_a_subset_of_those_of_every_radix_4_recoding() {
    // All 5^5 strings of five digits -2..2, so every recoding of every value they reach.
    for index in 0..5_u32.pow(5) {
        let digits: Vec<i8> = (0..5).map(|slot| (index / 5_u32.pow(slot) % 5) as i8 - 2).collect();
        let value = EncodingKind::Naf4.encoding().decode(&digits) as i32;
        let naf = EncodingKind::Naf4.encoding().encode(value, 11).unwrap();
        let is_subset = naf.iter().enumerate().all(|(slot, &n)| n == 0 || digits.get(slot).is_some_and(|&d| d != 0));
        assert!(is_subset, "{value}: naf-4 {naf:?}, another recoding {digits:?}");
    }
}

#[test]
fn the_digits_of_every_8_bit_value_are_those_of_the_reference_table() {
    let Some(path) = reference("recoding_int8.csv") else { return };
    let mut table = csv::Reader::from_path(path).unwrap();
    let header = table.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|column| column == name).unwrap_or_else(|| panic!("no {name}"));
    let columns: Vec<_> = TABLE_NAMES
        .iter()
        .map(|(kind, name)| (kind, column(&format!("{name}_digits_lsb_first")), column(&format!("{name}_nnz"))))
        .collect();
    let mut rows = 0;
    for record in table.records() {
        let record = record.unwrap();
        let value: i32 = record[column("value")].parse().unwrap();
        for &(kind, digits, nonzero) in &columns {
            let expected: Vec<i8> = record[digits].split(' ').map(|digit| digit.parse().unwrap()).collect();
            assert_eq!(kind.encoding().encode(value, 8).unwrap(), expected, "{kind} of {value}");
            assert_eq!(kind.encoding().nonzero_digits(value, 8).to_string(), record[nonzero], "{kind} of {value}");
        }
        rows += 1;
    }
    assert_eq!(rows, 256);
}

#[test]
fn counts_of_nonzero_digits_are_those_of_the_reference_histograms() {
    let Some(path) = reference("recoding_histograms.csv") else { return };
    let mut table = csv::Reader::from_path(path).unwrap();
    let header = table.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|column| column == name).unwrap_or_else(|| panic!("no {name}"));
    let mut rows = 0;
    for record in table.records() {
        let record = record.unwrap();
        let Some(&(kind, _)) = TABLE_NAMES.iter().find(|(_, name)| *name == &record[column("encoding")]) else {
            continue;
        };
        let bits: u32 = record[column("bits")].parse().unwrap();
        let encoding = kind.encoding();
        assert_eq!(encoding.radix().to_string(), record[column("radix")], "{kind} at {bits} bits");
        assert_eq!(encoding.slots(bits).to_string(), record[column("slots")], "{kind} at {bits} bits");
        let (least, greatest) = signed_range(bits);
        let counts = count_nonzero_digits(kind, bits, least..=greatest).unwrap();
        for expected_count in 0..=16 {
            let ours = counts.get(expected_count).copied().unwrap_or(0);
            let expected: u64 = record[column(&format!("n{expected_count}"))].parse().unwrap();
            assert_eq!(ours, expected, "{kind} at {bits} bits: values with {expected_count} non-zero digits");
        }
        let mean = expected_nonzero_digits(kind, bits, &Distribution::Uniform).unwrap();
        assert_eq!(format!("{mean:.6}"), record[column("mean_nnz_uniform")], "{kind} at {bits} bits");
        rows += 1;
    }
    assert_eq!(rows, 21, "seven encodings at 4, 8 and 16 bits");
}

#[test]
fn mean_nonzero_digits_are_the_published_ones() {
    let encodings = [
        EncodingKind::TwosComplement,
        EncodingKind::SignMagnitude,
        EncodingKind::Booth4,
        EncodingKind::EnT,
        EncodingKind::Naf4,
        EncodingKind::Booth8,
    ];
    // The published table has 1.926 for booth-4 on N(0,10). The exact mean is 1.92549, which becomes 1.926 when it is
    // rounded twice; every other cell is the exact mean rounded once.
    let published = [
        (Distribution::Uniform, ["4.000", "3.504", "3.000", "2.918", "2.777", "2.500"]),
        (Distribution::Normal { std: 10.0 }, ["3.931", "1.890", "1.925", "1.762", "1.731", "1.566"]),
        (Distribution::Normal { std: 20.0 }, ["3.976", "2.344", "2.294", "2.115", "2.063", "1.824"]),
        (Distribution::Normal { std: 50.0 }, ["3.997", "2.980", "2.756", "2.593", "2.490", "2.260"]),
    ];
    for (distribution, means) in published {
        for (kind, mean) in encodings.into_iter().zip(means) {
            let ours = expected_nonzero_digits(kind, 8_u32, &distribution).unwrap();
            assert_eq!(format!("{ours:.3}"), mean, "{kind} on {distribution:?}");
        }
    }
}

#[test]
fn digits_per_operand_of_en_t_are_those_measured_on_the_published_verilog() {
    // Reference table of partial products: sigma, non-zero digits per operand; measured on samples, so to one in the
    // third decimal.
    for (std, measured) in [(10.0, 1.761), (20.0, 2.115), (30.0, 2.336), (40.0, 2.493), (50.0, 2.602)] {
        let ours = expected_nonzero_digits(EncodingKind::EnT, 8_u32, &Distribution::Normal { std }).unwrap();
        assert!((ours - measured).abs() < 0.01, "std {std}: {ours}, measured {measured}");
    }
}

#[test]
fn exact_histograms_sum_to_one_and_the_activity_of_the_slots_to_the_mean() {
    for kind in EncodingKind::ALL {
        for format in [2, 5, 8, 11, 16].map(Format::int).into_iter().chain([2, 7, 16].map(Format::uint)) {
            let distribution = Distribution::Laplace { scale: 9.5 };
            let histogram = nonzero_digit_histogram(kind, format, &distribution).unwrap();
            assert_eq!(histogram.len() as u32, kind.encoding().slots(format.word_bits()) + 1);
            assert!((histogram.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let mean = expected_nonzero_digits(kind, format, &distribution).unwrap();
            let activity: f64 = slot_activity(kind, format, &distribution).unwrap().iter().sum();
            assert!((mean - activity).abs() < 1e-12, "{kind} in {format}: {mean}, {activity}");
        }
    }
}

#[test]
fn an_empirical_distribution_of_all_values_is_the_uniform_one() {
    let everything = Distribution::empirical(-128..=127);
    for kind in EncodingKind::ALL {
        let measured = nonzero_digit_histogram(kind, 8_u32, &everything).unwrap();
        let exact = nonzero_digit_histogram(kind, 8_u32, &Distribution::Uniform).unwrap();
        assert_eq!(measured, exact, "{kind}");
    }
}

#[test]
fn numbers_and_widths_out_of_range_are_errors() {
    let encoding = EncodingKind::Booth4.encoding();
    assert_eq!(encoding.encode(0, 1), Err(EncodingError::UnsupportedWidth { bits: 1 }));
    assert_eq!(encoding.encode(0, 18), Err(EncodingError::UnsupportedWidth { bits: 18 }));
    let too_large = EncodingError::ValueOutOfRange { value: 128, format: Format::int(8), least: -128, greatest: 127 };
    assert_eq!(encoding.encode(128, 8), Err(too_large.clone()));
    assert_eq!(count_nonzero_digits(EncodingKind::EnT, 8, [1, 128]), Err(too_large));
    assert!(encoding.encode(i32::MIN, 16).is_err());
    assert!(slot_activity(EncodingKind::EnT, 0_u32, &Distribution::Uniform).is_err());
    assert_eq!(DigitCounts::new(EncodingKind::EnT, 8).unwrap().of(i32::MAX), None);
}

#[test]
fn bits_needed_is_the_narrowest_width_that_holds_a_value() {
    for (value, bits) in
        [(0, 2), (1, 2), (-2, 2), (2, 3), (-3, 3), (91, 8), (127, 8), (-128, 8), (128, 9), (i32::MIN, 32)]
    {
        assert_eq!(bits_needed(value), bits, "{value}");
    }
}

#[test]
fn every_encoding_is_found_by_its_name_and_explains_itself_with_the_digits_of_91() {
    for (index, kind) in EncodingKind::ALL.into_iter().enumerate() {
        let encoding = kind.encoding();
        assert_eq!(encoding.kind(), kind);
        assert_eq!(kind as usize, index);
        assert_eq!(EncodingKind::from_name(encoding.name()), Some(kind));
        assert!(!encoding.summary().is_empty() && !encoding.summary().contains('\n'));
        let headings: Vec<_> = encoding.explain().lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, ["What it is", "Digits", "Example", "Hardware", "Source"], "{kind}");
        let digits: Vec<_> = encoding.encode(91, 8).unwrap().iter().rev().map(i8::to_string).collect();
        let example = format!("most significant first: {}\n", digits.join(" "));
        assert!(encoding.explain().contains(&example), "{kind} does not show {example}");
        assert!(encoding.explain().lines().all(|line| line.chars().count() <= 100), "{kind} has a long line");
    }
    assert_eq!(EncodingKind::from_name("booth"), None);
}

#[test]
fn every_error_has_a_page() {
    use miette::Diagnostic;
    let errors = [
        EncodingError::UnsupportedWidth { bits: 1 },
        EncodingError::ValueOutOfRange { value: 9, format: Format::int(2), least: -2, greatest: 1 },
        EncodingError::NotANumber { element: 9, format: ElementFormat::MxFp4, least: -8, greatest: 7 },
        EncodingError::BadDistribution { distribution: "normal", parameter: "std", value: 0.0 },
        EncodingError::BadHistogram,
    ];
    for (error, (code, page)) in errors.iter().zip(error_codes()) {
        assert_eq!(error.code().unwrap().to_string(), *code);
        assert!(error.help().is_some() && page.len() > 40);
    }
    assert_eq!(errors.len(), error_codes().len());
}
