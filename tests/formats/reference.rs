//! The reference against the product of the real numbers in doubles.

use std::path::PathBuf;

use bitweight::encoding::{ElementFormat, Format};
use bitweight::matrix::Matrix;
use bitweight::workload::{
    Exact, LayerResult, OperandFormats, Workload, WorkloadError, run_layers, run_network, scaled_reference,
};

use crate::codes::real;

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

/// Sums of blocks with scales of their own have no common unit, so integers say nothing about them.
#[test]
fn integers_are_no_results_of_blocks_with_scales_of_their_own() {
    let text = "name = \"x\"\n\n[[gemm]]\nname = \"one\"\nm = 7\nn = 5\nk = 75\nrequantize = {}\n";
    let workload = Workload::from_text("x.toml", text.to_owned(), PathBuf::new()).expect("a workload");
    for (a, b) in [(ElementFormat::MxFp4, ElementFormat::MxFp4), (ElementFormat::Fp8E4m3, ElementFormat::MxInt8)] {
        let formats = OperandFormats { a: Format::of(a), b: Format::of(b) };
        let error = run_network(&workload, formats, |_| Ok::<_, WorkloadError>(Some(Matrix::filled(7, 5, 0))));
        let error = error.expect_err("integers");
        assert!(error.to_string().contains("`one` is integers"), "{error}");
        let whole = LayerResult::Weighed(Matrix::filled(7, 5, Exact::default()));
        run_layers(&workload, formats, |_| Ok::<_, WorkloadError>(Some(whole.clone()))).expect("weighed");
    }
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
