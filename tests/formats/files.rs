//! Tensors from files: reals that become the nearest numbers, and codes and exponents that are taken as they are.

use bitweight::design::{self, Design, Override};
use bitweight::encoding::{ElementFormat, Format};
use bitweight::matrix::Matrix;
use bitweight::simulate;
use bitweight::workload::{OperandFormats, Workload, WorkloadError, run_network};

use crate::codes::nearest_of_all;

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
