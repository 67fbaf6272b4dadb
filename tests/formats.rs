//! Number formats whose elements are codes: what they decode to, and engines of every family on them.
//! `BITWEIGHT_SEED=n` runs one random design again.

#[allow(dead_code)]
mod bench;
mod seeds;

use std::{collections::BTreeMap, path::PathBuf};

use bench::toolbox;
use bitweight::design::{self, Design, Override};
use bitweight::emit::{Provenance, engine_bundle};
use bitweight::encoding::{ElementFormat, EncodingKind, Format, MAX_DECODED_BITS, uniform_digit_histogram};
use bitweight::engine::{Engine, EngineSpec, Patterns};
use bitweight::matrix::Matrix;
use bitweight::simulate::{self, AuditShare};
use bitweight::verify::{
    Interpreted, RandomGemm, Tool, Values, describe, difference, drive, random_gemms, random_spec_where, run_bench,
    simulated_case,
};
use bitweight::workload::{OperandFormats, Workload, WorkloadError, run_network, scaled_reference};

/// Sign, exponent and mantissa bits and bias, from the specifications; not what the program has.
const FLOATS: [(ElementFormat, u32, u32, i32); 5] = [
    (ElementFormat::MxFp4, 2, 1, 1),
    (ElementFormat::MxFp6E2m3, 2, 3, 1),
    (ElementFormat::MxFp6E3m2, 3, 2, 3),
    (ElementFormat::Fp8E4m3, 4, 3, 7),
    (ElementFormat::Fp8E5m2, 5, 2, 15),
];

/// The real number of a code, in doubles; `None` if it is none.
fn real(format: ElementFormat, code: i32) -> Option<f64> {
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
fn nearest_of_all(format: ElementFormat, value: f64) -> i64 {
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

fn has_elements(spec: &EngineSpec) -> bool {
    spec.a_element.is_some() || spec.b_element.is_some()
}

#[test]
fn random_designs_with_elements_agree_everywhere() {
    let pairs = seeds::each(0..200, |seed| {
        let spec = random_spec_where(seed, 5, has_elements);
        let what = || format!("BITWEIGHT_SEED={seed}: {}", describe(&spec));
        let differs = |why: String| format!("{}: {why}", what());
        let engine = Engine::elaborate(&spec).map_err(|error| differs(error.to_string()))?;
        let mut device = Interpreted::new(&engine.netlist).map_err(differs)?;
        let streams = spec.streams();
        for gemm in random_gemms(&spec, seed, 4, 3) {
            let differs = |why: String| format!("{}\n  {gemm}: {why}", what());
            // By events, by registers, by a triple loop.
            let case = simulated_case(&spec, &gemm).map_err(differs)?;
            let measured = drive(&mut device, &streams, &case).map_err(differs)?;
            if let Some(why) = difference(&measured, &streams, &case) {
                return Err(differs(why));
            }
        }
        Ok(4)
    });
    println!("{pairs} pairs");
}

fn provenance() -> Provenance {
    Provenance {
        hash: "0123456789abcdef".to_owned(),
        tool: "bitweight 0.1.0".to_owned(),
        regenerate: "bitweight emit random".to_owned(),
        clock_period_ns: 1.0,
    }
}

/// A 1 x 1 engine that multiplies every code by one.
fn every_code_times_one(format: ElementFormat) -> (EngineSpec, RandomGemm) {
    let name = format.name().to_owned();
    let bits = Format::of(format).bits;
    let spec = EngineSpec {
        name,
        rows: 1,
        cols: 1,
        a_bits: bits,
        a_element: Some(format),
        b_bits: 2,
        acc_bits: 40,
        ..EngineSpec::default()
    };
    let elements: Vec<i32> = {
        let (least, greatest) = format.element_range();
        (least..=greatest).filter(|&element| format.is_number(element)).collect()
    };
    let a = Matrix::from_rows(elements.len(), 1, elements).expect("a column");
    let gemm =
        RandomGemm { seed: 0, values: Values::Uniform, a, b: Matrix::filled(1, 1, 1), patterns: Patterns::ALWAYS };
    (spec, gemm)
}

#[test]
fn the_decoder_of_every_format_is_right_for_every_code_in_the_netlist_and_in_verilog() {
    for format in ElementFormat::ALL {
        let (spec, gemm) = every_code_times_one(format);
        let engine = Engine::elaborate(&spec).expect("an engine");
        let case = simulated_case(&spec, &gemm).expect("a run");
        let results: Vec<i64> = gemm.a.values().iter().map(|&element| format.value(element)).collect();
        let streams = spec.streams();
        let c = streams.iter().position(|stream| stream.is_output()).expect("results");
        let mask = (1_u64 << spec.acc_bits) - 1;
        let expected: Vec<u64> = results.iter().map(|&value| value as u64 & mask).collect();
        assert_eq!(case.streams[c].beats().concat(), expected, "{format}");
        let mut device = Interpreted::new(&engine.netlist).expect("a netlist");
        let measured = drive(&mut device, &streams, &case).expect("a run");
        assert_eq!(difference(&measured, &streams, &case), None, "{format}");
        if !toolbox().has(Tool::Icarus) {
            println!("skipped: co-simulation needs `iverilog`");
            continue;
        }
        let bundle = engine_bundle(&engine, &provenance(), &[case]).expect("a bundle");
        let directory = tempfile::tempdir().expect("a folder");
        bundle.write(directory.path()).expect("written");
        run_bench(Tool::Icarus, &bundle, directory.path(), directory.path()).expect("Icarus agrees");
    }
}

/// The modules of a design under their names without its own.
fn modules(design: &Design) -> BTreeMap<String, String> {
    let spec = design::engine_spec(design);
    let engine = Engine::elaborate(&spec).expect("an engine");
    let case = simulated_case(&spec, &RandomGemm::new(&spec, 1, 1, false)).expect("a run");
    let bundle = engine_bundle(&engine, &provenance(), &[case]).expect("a bundle");
    let is_rtl = |path: &str| path.starts_with("rtl/");
    bundle.files.iter().filter(|file| is_rtl(&file.path)).map(|file| (file.path.clone(), file.text.clone())).collect()
}

#[test]
fn an_int8_engine_runs_the_formats_that_fit_its_slots_and_only_a_decoder_is_added() {
    for name in ["opt4c-4x4", "opt4e-4x4", "opt3-4x4", "opt1-os-4x4", "mac-ws-4x4", "opt4c-stored-4x4", "laconic-4x4"] {
        let int8 = Design::load(name, &[]).expect(name);
        let (ours, top) = (modules(&int8), design::engine_spec(&int8).top_name());
        for format in [ElementFormat::MxInt8, ElementFormat::MxFp4, ElementFormat::MxFp6E2m3] {
            let overrides = ["a", "b"]
                .map(|operand| [format!("operands.{operand}={format}"), format!("operands.{operand}-word=8")]);
            let overrides: Vec<Override> = overrides.concat().iter().map(|text| text.as_str().into()).collect();
            let theirs = modules(&Design::load(name, &overrides).expect(name));
            let top = format!("rtl/{top}.v");
            let mut added: Vec<&String> = theirs.keys().filter(|path| !ours.contains_key(*path)).collect();
            // The head of every file names the formats.
            let code = |text: &String| {
                text.lines().filter(|line| !line.trim_start().starts_with("//")).map(str::to_owned).collect::<Vec<_>>()
            };
            for (path, text) in &ours {
                let same = theirs.get(path).map(code) == Some(code(text));
                let same = same || (*path == top && format != ElementFormat::MxInt8);
                assert!(same, "{path} of {name} with {format}");
            }
            if format != ElementFormat::MxInt8 {
                added.retain(|path| !path.contains("_decoder_"));
                assert!(theirs[&top].contains("_decoder_"), "{name} with {format}");
            }
            assert!(added.is_empty(), "{name} with {format}: {added:?}");
            assert!(ours.keys().any(|path| path.contains("_pe_") || path.contains("_unit_")), "{name}");
        }
    }
}

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

/// The product in doubles, from codes and exponents by the specification.
fn in_doubles(
    (a, a_format, a_exponents): (&Matrix<i32>, Format, Option<&Matrix<i32>>),
    (b, b_format, b_exponents): (&Matrix<i32>, Format, Option<&Matrix<i32>>),
) -> Matrix<f64> {
    let number = |format: Format, element: i32| match format.element {
        Some(ElementFormat::MxInt8) => f64::from(element) / 64.0,
        Some(of) => real(of, element).expect("a number"),
        None => f64::from(element),
    };
    let scale = |of: Option<&Matrix<i32>>, line, k| of.map_or(1.0, |of: &Matrix<i32>| 2_f64.powi(of[(line, k / 32)]));
    Matrix::from_fn(a.rows(), b.cols(), |m, n| {
        let term = |k| {
            let a = number(a_format, a[(m, k)]) * scale(a_exponents, m, k);
            a * number(b_format, b[(k, n)]) * scale(b_exponents, n, k)
        };
        (0..a.cols()).map(term).sum()
    })
}

#[test]
fn the_reference_is_the_product_of_the_real_numbers() {
    let of = |name: &str| ElementFormat::from_name(name).map_or(Format::int(8), Format::of);
    for (a, b) in [
        ("mxfp4", "mxfp4"),
        ("mxint8", "fp8-e4m3"),
        ("int8", "mxfp6-e3m2"),
        ("mxfp6-e2m3", "mxint8"),
        ("fp8-e4m3", "mxfp4"),
    ] {
        let formats = OperandFormats { a: of(a), b: of(b) };
        let text = "name = \"x\"\nseed = 5\nvalues = { distribution = \"normal\", std = 3.0 }\n\n[[gemm]]\nname = \"one\"\nm = 7\nn = 5\nk = 75\n";
        let workload = Workload::from_text("x.toml", text.to_owned(), PathBuf::new()).expect("a workload");
        run_network(&workload, formats, |layer| {
            let product = &layer.products[0];
            let (a, b) = layer.first();
            let [a_exponents, b_exponents] = [(0, 7), (1, 5)].map(|(operand, lines)| {
                product.exponents[operand].as_ref().map(|exponents| exponents.exponents(0..lines))
            });
            let exponents = [a_exponents.as_ref(), b_exponents.as_ref()];
            assert_eq!(exponents.map(|of| of.is_some()), [formats.a.is_blocked(), formats.b.is_blocked()]);
            let exact = scaled_reference((&a, formats.a), (&b, formats.b), exponents);
            let doubles = in_doubles((&a, formats.a, exponents[0]), (&b, formats.b, exponents[1]));
            let fraction = |format: Format| format.element.map_or(0, |of| of.fraction_bits() as i32);
            let unit = 2_f64.powi(-fraction(formats.a) - fraction(formats.b));
            // Sums of so few bits are exact in doubles.
            let exact = Matrix::from_fn(7, 5, |m, n| exact[(m, n)].to_f64() * unit);
            assert_eq!(exact, doubles, "{} by {}", formats.a, formats.b);
            assert!(exact.values().iter().any(|&value| value != 0.0));
            Ok::<_, WorkloadError>(None)
        })
        .expect("drawn");
    }
}

/// Every pair of formats and int8 on every family, by events with all tiles audited.
#[test]
fn every_pair_of_formats_runs_a_workload_on_every_family_but_two_of_e5m2() {
    let text = "name = \"x\"\nvalues = { distribution = \"laplace\", scale = 1.0 }\n\n[[gemm]]\nname = \"one\"\nm = 5\nn = 6\nk = 70\n\n[[conv]]\nname = \"c\"\ninput = [4, 5, 5]\nfilters = 4\nkernel = [3, 3]\ngroups = 2\n";
    let workload = Workload::from_text("x.toml", text.to_owned(), PathBuf::new()).expect("a workload");
    let names: Vec<&str> = ElementFormat::ALL.iter().map(|format| format.name()).chain(["int8"]).collect();
    let designs = [
        "opt3-4x4",
        "opt4c-4x4",
        "opt4e-4x4",
        "laconic-4x4",
        "pragmatic-4x4",
        "stripes-4x4",
        "opt1-ws-4x4",
        "opt2-tree-4x4",
    ];
    let mut pairs = 0;
    for (at, (a, b)) in names.iter().flat_map(|a| names.iter().map(move |b| (a, b))).enumerate() {
        for name in [designs[at % designs.len()], designs[(at + 3) % designs.len()]] {
            let overrides =
                [format!("operands.a={a}"), format!("operands.b={b}"), "operands.accumulator=int64".to_owned()];
            let overrides: Vec<Override> = overrides.iter().map(|text| text.as_str().into()).collect();
            let design = Design::load(name, &overrides);
            if (*a, *b) == ("fp8-e5m2", "fp8-e5m2") {
                let mistakes = design.expect_err("too wide");
                assert!(mistakes.iter().any(|mistake| mistake.code() == "design::wide_product"), "{mistakes:?}");
                continue;
            }
            let design = design.unwrap_or_else(|mistakes| panic!("{name} {a} {b}: {mistakes:?}"));
            let run = simulate::workload(
                &design::engine_spec(&design),
                &workload,
                simulate::Method::Events(AuditShare::All),
                |_| (),
            )
            .unwrap_or_else(|error| panic!("{name} on {a} by {b}: {error}"));
            assert!(run.layers.iter().all(|layer| layer.audited_tiles == layer.tiles && layer.tiles > 0));
            assert_eq!(run.layers[0].compared, 30);
            pairs += 1;
        }
    }
    assert_eq!(pairs, 96);
}

/// A little-endian `.npy` file of float32.
fn npy(values: &Matrix<f64>) -> Vec<u8> {
    let mut header =
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", values.rows(), values.cols());
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.values().iter().flat_map(|&value| (value as f32).to_le_bytes()));
    bytes
}

#[test]
fn tensors_from_files_become_the_nearest_numbers_of_their_block_or_tensor() {
    let (m, k, n) = (4, 75, 3);
    let value = |seed: usize, size: i32| f64::from((seed as i32 * 7919 % 2003 - 1001) as f32) * 2_f64.powi(size - 6);
    let a = Matrix::from_fn(m, k, |m, k| if m == 2 && k < 32 { 0.0 } else { value(m * 75 + k, (k / 32 * 9) as i32) });
    // Stored as PyTorch does, N x K.
    let b = Matrix::from_fn(n, k, |n, k| value(1000 + n * 75 + k, n as i32 * 3 - 20));
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.npy"), npy(&a)).expect("written");
    std::fs::write(folder.path().join("b.npy"), npy(&b)).expect("written");
    let text = format!(
        "name = \"files\"\n\n[[gemm]]\nname = \"one\"\nm = {m}\nn = {n}\nk = {k}\na = {{ npy = \"a.npy\" }}\n\
         b = {{ npy = \"b.npy\", transpose = true }}\n"
    );
    let workload = Workload::from_text("files.toml", text, folder.path().to_path_buf()).expect("a workload");
    for format in ElementFormat::ALL {
        let formats = OperandFormats { a: Format::of(format), b: Format::of(format) };
        run_network(&workload, formats, |layer| {
            let product = &layer.products[0];
            let (a_elements, b_elements) = layer.first();
            let unit = 2_f64.powi(-(format.fraction_bits() as i32));
            let greatest = format.greatest() as f64 * unit;
            for (operand, (reals, elements)) in [(&a, &a_elements), (&b, &b_elements)].into_iter().enumerate() {
                let exponents = product.exponents[operand].as_ref().map(|of| of.exponents(0..reals.rows()));
                let peak = |values: &[f64]| values.iter().fold(0.0, |peak: f64, value| peak.max(value.abs()));
                for line in 0..reals.rows() {
                    for k in 0..reals.cols() {
                        let scale = match &exponents {
                            None => peak(reals.values()) / greatest,
                            Some(exponents) => {
                                let block = &reals.row(line)[k / 32 * 32..reals.cols().min(k / 32 * 32 + 32)];
                                let expected = match peak(block) {
                                    0.0 => 0,
                                    peak => peak.log2().floor() as i32 - greatest.log2().floor() as i32,
                                };
                                assert_eq!(exponents[(line, k / 32)], expected, "{format} [{line}, {k}]");
                                2_f64.powi(expected)
                            }
                        };
                        let element = if operand == 0 { elements[(line, k)] } else { elements[(k, line)] };
                        let nearest = nearest_of_all(format, reals[(line, k)] / scale);
                        assert_eq!(format.value(element), nearest, "{format} [{line}, {k}]: {}", reals[(line, k)]);
                    }
                }
            }
            let record = &layer.records[1];
            let scales = record.quantized.as_ref().map(|quantized| (quantized.scheme.name(), quantized.scales));
            let is_blocked = formats.b.is_blocked();
            assert_eq!(scales, Some(if is_blocked { ("per-block", 9) } else { ("per-tensor", 1) }), "{format}");
            Ok::<_, WorkloadError>(None)
        })
        .expect("read");
    }
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

/// An array of bytes as `.npy`.
fn npy_bytes(rows: usize, cols: usize, values: &[u8]) -> Vec<u8> {
    let mut bytes = npy(&Matrix::filled(rows, cols, 0.0));
    bytes.truncate(bytes.len() - 4 * rows * cols);
    let at = bytes.windows(3).position(|window| window == b"<f4").expect("the type");
    bytes.splice(at..at + 3, *b"|u1");
    bytes.extend(values);
    bytes
}

#[test]
fn codes_and_exponents_from_files_are_taken_as_they_are_and_nan_is_an_error() {
    let (m, k, n) = (2, 40, 3);
    let codes: Vec<u8> = (0..m * k).map(|at| (at * 5 % 16) as u8).collect();
    let e4m3: Vec<u8> = (0..n * k).map(|at| (at * 7 % 120) as u8 | if at % 3 == 0 { 128 } else { 0 }).collect();
    let exponents = [127, 130, 0, 254];
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: Vec<u8>| std::fs::write(folder.path().join(name), bytes).expect("written");
    write("a.npy", npy_bytes(m, k, &codes));
    write("e.npy", npy_bytes(m, 2, &exponents));
    write("b.npy", npy_bytes(n, k, &e4m3));
    let workload = || {
        let text = format!(
            "name = \"codes\"\n\n[[gemm]]\nname = \"one\"\nm = {m}\nn = {n}\nk = {k}\n\
             a = {{ npy = \"a.npy\", codes = true, exponents = \"e.npy\" }}\n\
             b = {{ npy = \"b.npy\", codes = true, transpose = true }}\n"
        );
        Workload::from_text("codes.toml", text, folder.path().to_path_buf()).expect("a workload")
    };
    let formats = OperandFormats { a: Format::of(ElementFormat::MxFp4), b: Format::of(ElementFormat::Fp8E4m3) };
    let take = |workload: &Workload, formats| {
        run_network(workload, formats, |layer| {
            let (a, b) = layer.first();
            let canonical = |code: u8, zero: u8| if code == zero { 0 } else { i32::from(code) };
            assert_eq!(a, Matrix::from_fn(m, k, |m, at| canonical(codes[m * k + at], 8)));
            assert_eq!(b, Matrix::from_fn(k, n, |at, n| canonical(e4m3[n * k + at], 128)));
            let exponents = layer.products[0].exponents[0].as_ref().expect("blocks").exponents(0..m);
            assert_eq!(exponents.values(), [0, 3, -127, 127]);
            Ok::<_, WorkloadError>(None)
        })
    };
    take(&workload(), formats).expect("read");
    // An engine runs them.
    let overrides = ["operands.a=mxfp4", "operands.b=fp8-e4m3"].map(Override::from);
    let design = Design::load("opt4e-4x4", &overrides).expect("a design");
    simulate::workload(&design::engine_spec(&design), &workload(), simulate::Method::RegisterLevel, |_| ())
        .expect("a run");
    let refused = |formats| take(&workload(), formats).expect_err("refused").to_string();
    for (formats, expected) in [
        (OperandFormats { a: Format::int(8), ..formats }, "a of `one` is int8, and a.npy holds codes"),
        (
            OperandFormats { a: Format::of(ElementFormat::Fp8E4m3), ..formats },
            "a of `one` is fp8-e4m3, and a.npy holds codes",
        ),
        (
            OperandFormats { b: Format::of(ElementFormat::MxFp4), ..formats },
            "b of `one` is mxfp4, and b.npy holds codes",
        ),
    ] {
        assert_eq!(refused(formats), expected);
    }
    write("b.npy", npy_bytes(n, k, &[127; 120]));
    assert_eq!(refused(formats), "b of `one`[0, 0] is the code 127, which is no number of fp8-e4m3");
    write("e.npy", npy_bytes(m, 2, &[1, 2, 255, 3]));
    assert_eq!(refused(formats), "the exponents of a of `one` at [1, 0] are NaN (255)");
}
