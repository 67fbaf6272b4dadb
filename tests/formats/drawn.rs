//! Digits of drawn values against counts made before, and the tables of docs/formats.md.

use std::path::PathBuf;

use bitweight::encoding::{ElementFormat, EncodingKind, Format, MAX_DECODED_BITS, uniform_digit_histogram};
use bitweight::matrix::Matrix;
use bitweight::workload::{OperandFormats, Workload, WorkloadError, run_network};

/// Elements and exponents of A of a drawn layer.
fn drawn(format: ElementFormat, distribution: &str, (m, k): (usize, usize)) -> (Matrix<i32>, Option<Matrix<i32>>) {
    let text =
        format!("name = \"drawn\"\nvalues = {distribution}\n\n[[gemm]]\nname = \"one\"\nm = {m}\nn = 1\nk = {k}\n");
    let workload = Workload::from_text("drawn.toml", text, PathBuf::new()).expect("a workload");
    let formats = OperandFormats { a: Format::of(format), b: Format::int(8) };
    let mut found = None;
    run_network(&workload, formats, |layer| {
        let product = &layer.products[0];
        let exponents = product.exponents[0].as_ref().map(|exponents| exponents.exponents(0..m));
        found = Some((product.a.whole(), exponents));
        Ok::<_, WorkloadError>(None)
    })
    .expect("drawn");
    found.expect("a layer")
}

/// The significand of an element with its sign, its exponent left out; of an integer all of it.
fn significand(format: ElementFormat, element: i32) -> i64 {
    let Some((exponent_bits, mantissa_bits)) = format.fields() else { return format.value(element) };
    let exponent = element >> mantissa_bits & ((1 << exponent_bits) - 1);
    format.value(element) >> (exponent - 1).max(0)
}

/// Mean digits that are not 0 of some numbers.
fn mean_digits(kind: EncodingKind, numbers: &[i64]) -> f64 {
    let digits = |&number: &i64| u64::from(kind.encoding().nonzero_digits_of(number, MAX_DECODED_BITS));
    numbers.iter().map(digits).sum::<u64>() as f64 / numbers.len() as f64
}

#[test]
fn digits_of_drawn_values_are_those_that_were_counted_before() {
    let Some(shared) = std::env::var_os("BITWEIGHT_SHARED") else {
        println!("skipped: the counts of digits need BITWEIGHT_SHARED");
        return;
    };
    let path = PathBuf::from(shared).join("reference/number_formats.csv");
    let text = std::fs::read_to_string(&path).expect("the table");
    let mut compared = 0;
    for line in text.lines().skip(1) {
        // One cell is in quotes and has a comma.
        let cells: Vec<String> = line
            .split('"')
            .enumerate()
            .map(|(at, part)| if at % 2 == 1 { part.replace(',', ";") } else { part.to_owned() })
            .collect::<String>()
            .split(',')
            .map(str::to_owned)
            .collect();
        let format = match cells[1].as_str() {
            "FP8_E4M3" => ElementFormat::Fp8E4m3,
            "FP8_E5M2" => ElementFormat::Fp8E5m2,
            "FP6_E2M3" => ElementFormat::MxFp6E2m3,
            "FP6_E3M2" => ElementFormat::MxFp6E3m2,
            "FP4_E2M1" => ElementFormat::MxFp4,
            "MXINT8" => ElementFormat::MxInt8,
            _ => continue,
        };
        let distribution = match cells[0].as_str() {
            "normal" => "{ distribution = \"normal\", std = 1.0 }",
            _ => "{ distribution = \"laplace\", scale = 1.0 }",
        };
        let (elements, _) = drawn(format, distribution, (512, 1024));
        let elements = elements.values();
        let numbers: Vec<i64> = elements.iter().map(|&element| format.value(element)).collect();
        // The table has the recodings of a significand that need to know where a pair of bits begins by itself, as if its exponent were
        // applied to the product; where it is the digits' bit weight, pairs begin at even ones.
        let significands: Vec<i64> = elements.iter().map(|&element| significand(format, element)).collect();
        let magnitudes: Vec<i64> = significands.iter().map(|number| number.abs()).collect();
        let zeros = numbers.iter().filter(|&&number| number == 0).count() as f64 / numbers.len() as f64;
        let ours = [
            zeros,
            mean_digits(EncodingKind::SignMagnitude, &numbers),
            mean_digits(EncodingKind::Naf4, &numbers),
            mean_digits(EncodingKind::EnT, &significands),
            mean_digits(EncodingKind::Booth4, &magnitudes),
        ];
        for (index, ours) in ours.into_iter().enumerate() {
            let theirs: f64 = cells[5 + index].parse().expect("a number");
            // Two samples. A value has digits with a standard deviation of up to 1.4, and those of a block move together: 16,384 blocks
            // of ours give a standard error of at most 0.003. What is smaller than half a step of the grid, 1/2048 of the width, is 0.
            let tolerance = if index == 0 { 0.002 } else { 0.012 };
            assert!((ours - theirs).abs() < tolerance, "{line}: column {}, ours {ours:.4}", 5 + index);
        }
        if let Ok(uniform) = cells[10].parse::<f64>() {
            let histogram = uniform_digit_histogram(EncodingKind::Naf4, Format::of(format)).expect("a format");
            let mean: f64 = (0..).zip(&histogram).map(|(count, part)| f64::from(count) * part).sum();
            assert!((mean - uniform).abs() < 0.00006, "{line}: {mean:.4} over all codes");
        }
        compared += 1;
    }
    assert_eq!(compared, 12);
}

/// Cells of the rows of the table of docs/formats.md that begins with these headings.
fn table(headings: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string("docs/formats.md").expect("the page");
    let cells =
        |line: &str| line.split('|').map(|cell| cell.trim().replace('`', "")).filter(|cell| !cell.is_empty()).collect();
    let rows = text.lines().skip_while(|line| !line.replace('`', "").starts_with(headings)).skip(2);
    rows.take_while(|line| line.starts_with('|')).map(cells).collect()
}

#[test]
fn the_tables_of_the_page_are_what_the_formats_have() {
    let rows = table("| name | element |");
    assert_eq!(rows.len(), ElementFormat::ALL.len());
    for (row, format) in rows.iter().zip(ElementFormat::ALL) {
        let unit = format.fraction_bits();
        let greatest = format.greatest() as f64 * 2_f64.powi(-(unit as i32));
        let scale = if Format::of(format).is_blocked() { "a block" } else { "a tensor" };
        let written = [
            format.code_bits().to_string(),
            format.word_bits().to_string(),
            format!("2^-{unit}"),
            greatest.to_string(),
        ];
        assert_eq!((row[0].as_str(), &row[2..6], row[6].as_str()), (format.name(), &written[..], scale));
    }
    let rows = table("| format | slots of naf-4 |");
    assert_eq!(rows.len(), 5);
    for row in rows {
        let format = ElementFormat::from_name(&row[0]).expect("a format");
        let slots = EncodingKind::Naf4.encoding().slots(Format::of(format).bits);
        let histogram = uniform_digit_histogram(EncodingKind::Naf4, Format::of(format)).expect("a format");
        let mean: f64 = (0..).zip(&histogram).map(|(count, part)| f64::from(count) * part).sum();
        assert_eq!(row[1..3], [slots.to_string(), format!("{mean:.3}")], "{format}");
        let (elements, _) = drawn(format, "{ distribution = \"normal\", std = 1.0 }", (256, 1024));
        let numbers: Vec<i64> = elements.values().iter().map(|&element| format.value(element)).collect();
        let normal = mean_digits(EncodingKind::Naf4, &numbers);
        assert!((normal - row[3].parse::<f64>().expect("a number")).abs() < 0.01, "{format}: {normal:.3}");
    }
}
