//! Layers in formats with scales: convolutions from files, real biases, labels, and results that go on as real numbers; against
//! windows, sums and quantisation that are written here once more, in doubles.

use std::path::Path;

use bitweight::design::{self, Design, Override};
use bitweight::encoding::{ElementFormat, Format};
use bitweight::engine::EngineSpec;
use bitweight::matrix::Matrix;
use bitweight::simulate::{self, AuditShare, Compare, LayerRun, Method, Plan};
use bitweight::workload::{
    Exact, LayerOperands, LayerOutcome, LayerResult, OperandFormats, Workload, WorkloadError, reference_of, run_layers,
    scaled_reference,
};

const MX: [ElementFormat; 4] =
    [ElementFormat::MxInt8, ElementFormat::MxFp4, ElementFormat::MxFp6E2m3, ElementFormat::MxFp6E3m2];

fn of(name: &str) -> Format {
    match ElementFormat::from_name(name) {
        Some(element) => Format::of(element),
        None => Format::int(8),
    }
}

/// A file of `numpy.save`.
fn npy(folder: &Path, name: &str, descr: &str, shape: &[usize], bytes: impl Iterator<Item = u8>) {
    let extents: String = shape.iter().map(|extent| format!("{extent},")).collect();
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({extents}), }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.bytes().chain(bytes));
    std::fs::write(folder.join(name), file).expect("written");
}

fn floats(folder: &Path, name: &str, shape: &[usize], values: &[f64]) {
    npy(folder, name, "<f4", shape, values.iter().flat_map(|&value| (value as f32).to_le_bytes()));
}

fn integers(folder: &Path, name: &str, values: &[u8]) {
    npy(folder, name, "|u1", &[values.len()], values.iter().copied());
}

/// Numbers of many sizes with few bits, zeros among them.
fn number(seed: usize) -> f64 {
    let mixed = (seed as u32).wrapping_mul(2_654_435_761) >> 7;
    let size = (mixed % 11) as i32 - 6;
    if mixed.is_multiple_of(13) { 0.0 } else { f64::from((mixed >> 8) as i32 % 2003 - 1001) * 2_f64.powi(size) }
}

fn numbers(count: usize, seed: usize) -> Vec<f64> {
    (0..count).map(|at| number(seed * 10_007 + at)).collect()
}

fn workload(folder: &Path, layers: &str) -> Workload {
    Workload::from_text("t.toml", format!("name = \"t\"\nseed = 2\n{layers}"), folder.to_path_buf())
        .expect("a workload")
}

fn spec(design: &str, [a, b]: [&str; 2]) -> EngineSpec {
    let set = [format!("operands.a={a}"), format!("operands.b={b}"), "operands.accumulator=int64".to_owned()];
    spec_with(design, &set)
}

fn spec_with(design: &str, set: &[String]) -> EngineSpec {
    let set: Vec<Override> = set.iter().map(|text| text.as_str().into()).collect();
    design::engine_spec(&Design::load(design, &set).unwrap_or_else(|mistakes| panic!("{design}: {mistakes:?}")))
}

/// Every result compared and every tile audited.
fn simulated(design: &str, formats: [&str; 2], workload: &Workload) -> Vec<LayerRun> {
    let plan = Plan { method: Method::Events(AuditShare::All), compare: Compare::All };
    let run = simulate::workload(&spec(design, formats), workload, plan, |_| ());
    run.unwrap_or_else(|error| panic!("{design} on {formats:?}: {error}")).layers
}

/// A product as the reference has it.
fn multiplied(formats: OperandFormats, layer: &LayerOperands<'_>) -> LayerResult {
    let (rows, cols) = (layer.layer.m, layer.layer.n);
    let is_blocked = formats.a.is_blocked() || formats.b.is_blocked();
    let mut result = LayerResult::zeros(layer.layer, is_blocked);
    for (index, product) in layer.products.iter().enumerate() {
        let (a, b) = (product.a.whole(), product.b.whole());
        let lines = [rows, cols];
        let exponents = [0, 1].map(|at| product.exponents[at].as_ref().map(|of| of.exponents(0..lines[at])));
        match &mut result {
            LayerResult::Integers(into) => {
                let c = reference_of((&a, formats.a), (&b, formats.b));
                layer.layer.place(into, index, &c);
            }
            LayerResult::Weighed(into) => {
                let exponents = [exponents[0].as_ref(), exponents[1].as_ref()];
                let c = scaled_reference((&a, formats.a), (&b, formats.b), exponents);
                layer.layer.place(into, index, &c);
            }
        }
    }
    result
}

/// The numbers that the operands of a layer are, their scales included: A as M x K and B as K x N of each product.
fn decoded(formats: OperandFormats, layer: &LayerOperands<'_>) -> Vec<[Matrix<f64>; 2]> {
    let number = |format: Format, element: i32| match format.element {
        Some(of) => of.value(element) as f64 * 2_f64.powi(-(of.fraction_bits() as i32)),
        None => f64::from(element),
    };
    let scale = |operand: usize, line: usize| match &layer.scales[operand] {
        None => 1.0,
        Some(scales) => scales[if scales.len() == 1 { 0 } else { line }],
    };
    let products = layer.products.iter().map(|product| {
        let exponents = [(0, product.a.rows()), (1, product.b.cols())]
            .map(|(operand, lines)| product.exponents[operand].as_ref().map(|of| of.exponents(0..lines)));
        let power = |operand: usize, line: usize, k: usize| {
            exponents[operand].as_ref().map_or(1.0, |of| 2_f64.powi(of[(line, k / 32)]))
        };
        let (a, b) = (product.a.whole(), product.b.whole());
        [
            Matrix::from_fn(a.rows(), a.cols(), |m, k| number(formats.a, a[(m, k)]) * power(0, m, k) * scale(0, m)),
            Matrix::from_fn(b.rows(), b.cols(), |k, n| number(formats.b, b[(k, n)]) * power(1, n, k) * scale(1, n)),
        ]
    });
    products.collect()
}

/// The number of a format that is nearest to one, of two the one whose mantissa is even, looked for among all.
fn nearest(format: ElementFormat, value: f64) -> f64 {
    let unit = 2_f64.powi(-(format.fraction_bits() as i32));
    let distance = |element: &i32| (format.value(*element) as f64 * unit - value).abs();
    let least = format.elements().map(|element| distance(&element)).fold(f64::MAX, f64::min);
    let near: Vec<i32> = format.elements().filter(|element| distance(element) == least).collect();
    let element = near.iter().find(|&&element| element & 1 == 0).unwrap_or(&near[0]);
    format.value(*element).max(-format.greatest()) as f64 * unit
}

/// A line along K in blocks of 32, each scaled by its greatest magnitude.
fn in_blocks(format: ElementFormat, line: &[f64]) -> Vec<f64> {
    let greatest = format.greatest() as f64 * 2_f64.powi(-(format.fraction_bits() as i32));
    let blocks = line.chunks(32).flat_map(|block| {
        let peak = block.iter().fold(0.0, |peak: f64, value| peak.max(value.abs()));
        let exponent = if peak == 0.0 { 0.0 } else { peak.log2().floor() - greatest.log2().floor() };
        let scale = 2_f64.powf(exponent);
        block.iter().map(move |&value| nearest(format, value / scale) * scale).collect::<Vec<_>>()
    });
    blocks.collect()
}

fn rows_of(matrix: &Matrix<f64>) -> Vec<Vec<f64>> {
    (0..matrix.rows()).map(|row| matrix.row(row).to_vec()).collect()
}

fn columns_of(matrix: &Matrix<f64>) -> Vec<Vec<f64>> {
    (0..matrix.cols()).map(|col| (0..matrix.rows()).map(|row| matrix[(row, col)]).collect()).collect()
}

const CONV: &str = "[[conv]]\nname = \"c\"\ninput = [8, 6, 5]\nfilters = 6\nkernel = [3, 3]\nstride = [2, 1]\n\
    padding = [1, 1]\ngroups = 2\nbatch = 2\na = { npy = \"x.npy\" }\nb = { npy = \"w.npy\" }\nbias = { npy = \"bias.npy\" }\n";

/// The windows of one group of `CONV`, from its definition: 2 images of 8 channels of 6 x 5 pixels.
fn windows(x: &[f64], group: usize) -> Vec<Vec<f64>> {
    let mut rows = Vec::new();
    for (image, y, column) in (0..2).flat_map(|image| (0..3).flat_map(move |y| (0..5).map(move |x| (image, y, x)))) {
        let mut window = Vec::new();
        for (channel, dy, dx) in (0..4).flat_map(|c| (0..3).flat_map(move |dy| (0..3).map(move |dx| (c, dy, dx)))) {
            let (row, col) = (2 * y + dy - 1, column + dx - 1);
            let is_inside = (0..6).contains(&row) && (0..5).contains(&col);
            let at = ((image * 8 + group * 4 + channel) * 6 + row as usize % 6) * 5 + col as usize % 5;
            window.push(if is_inside { x[at] } else { 0.0 });
        }
        rows.push(window);
    }
    rows
}

#[test]
fn convolutions_from_files_are_lowered_and_then_in_blocks_along_their_windows() {
    let folder = tempfile::tempdir().expect("a folder");
    let (x, w) = (numbers(2 * 8 * 6 * 5, 1), numbers(6 * 4 * 9, 2));
    floats(folder.path(), "x.npy", &[2, 8, 6, 5], &x);
    floats(folder.path(), "w.npy", &[6, 4, 3, 3], &w);
    floats(folder.path(), "bias.npy", &[6], &numbers(6, 3));
    let workload = workload(folder.path(), CONV);
    for format in MX {
        let formats = OperandFormats { a: Format::of(format), b: Format::of(format) };
        run_layers(&workload, formats, |layer| {
            let products = decoded(formats, layer);
            assert_eq!(products.len(), 2);
            let mut elements = 0;
            for (group, [a, b]) in products.iter().enumerate() {
                let expected: Vec<_> = windows(&x, group).iter().map(|window| in_blocks(format, window)).collect();
                assert_eq!(rows_of(a), expected, "{format}: windows of group {group}");
                let filters = w[group * 108..][..108].chunks(36).map(|filter| in_blocks(format, filter));
                assert_eq!(columns_of(b), filters.collect::<Vec<_>>(), "{format}: filters of group {group}");
                elements += a.values().len() as u64;
            }
            // What is recorded are the windows: blocks of 32 and of 4 of each.
            let [a, b] = [0, 1].map(|at| &layer.records[at]);
            let scales = [a, b].map(|record| record.quantized.as_ref().map(|of| (of.scheme.name(), of.scales)));
            assert_eq!(scales, [Some(("per-block", 2 * 2 * 30)), Some(("per-block", 6 * 2))], "{format}");
            assert_eq!((a.elements, &a.shape[..]), (elements, &[2, 8, 6, 5][..]), "{format}");
            assert_eq!(a.values.iter().map(|(_, count)| count).sum::<u64>(), elements);
            let zeros = products.iter().flat_map(|[a, _]| a.values()).filter(|&&value| value == 0.0).count();
            assert_eq!(a.zeros, zeros as u64, "{format}");
            Ok::<_, WorkloadError>(Some(multiplied(formats, layer)))
        })
        .expect("read");
    }
}

#[test]
fn engines_run_convolutions_from_files_in_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    floats(folder.path(), "x.npy", &[2, 8, 6, 5], &numbers(2 * 8 * 6 * 5, 1));
    floats(folder.path(), "w.npy", &[6, 4, 3, 3], &numbers(6 * 4 * 9, 2));
    floats(folder.path(), "bias.npy", &[6], &numbers(6, 3));
    let workload = workload(folder.path(), CONV);
    for (design, formats) in [
        ("opt4c-4x4", ["mxfp4", "mxfp4"]),
        ("opt3-4x4", ["mxint8", "mxint8"]),
        ("opt1-ws-4x4", ["mxfp6-e2m3", "int8"]),
        ("opt4e-4x4", ["fp8-e4m3", "mxfp6-e3m2"]),
        ("laconic-4x4", ["int8", "mxfp4"]),
        ("opt3-4x4", ["fp8-e4m3", "fp8-e4m3"]),
    ] {
        let layer = simulated(design, formats, &workload).remove(0);
        assert_eq!((layer.compared, layer.audited_tiles), (180, layer.tiles), "{design} on {formats:?}");
    }
}

/// Three layers: a convolution of 1 x 1 whose pixels are the rows of the next, with ReLU, without, and classified. All numbers are
/// small beside the greatest of each tensor, which is given; or of all sizes.
fn chain(folder: &Path, peak_of: Option<f64>) -> Workload {
    let scaled = |mut values: Vec<f64>| {
        let Some(peak_of) = peak_of else { return values };
        let peak = values.iter().fold(0.0, |peak: f64, value| peak.max(value.abs()));
        // The greatest magnitude in its place, so that a tensor's scale is known.
        values
            .iter_mut()
            .for_each(|value| *value = if value.abs() == peak { value.signum() * peak_of } else { *value / 4096.0 });
        values
    };
    floats(folder, "x.npy", &[40, 3, 4], &scaled(numbers(480, 4)));
    floats(folder, "w0.npy", &[36, 40, 1, 1], &scaled(numbers(36 * 40, 5)));
    floats(folder, "b0.npy", &[36], &numbers(36, 6));
    floats(folder, "w1.npy", &[36, 33], &scaled(numbers(36 * 33, 7)));
    floats(folder, "w2.npy", &[5, 33], &scaled(numbers(33 * 5, 8)));
    floats(folder, "b2.npy", &[5], &numbers(5, 9));
    integers(folder, "labels.npy", &[0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]);
    workload(
        folder,
        "[[conv]]\nname = \"l0\"\ninput = [40, 3, 4]\nfilters = 36\nkernel = [1, 1]\na = { npy = \"x.npy\" }\nb = { npy = \"w0.npy\" }\n\
         bias = { npy = \"b0.npy\" }\nrequantize = { relu = true }\n\
         [[gemm]]\nname = \"l1\"\nm = 12\nn = 33\nk = 36\na = { layer = \"l0\" }\nb = { npy = \"w1.npy\" }\nrequantize = {}\n\
         [[gemm]]\nname = \"l2\"\nm = 12\nn = 5\nk = 33\na = { layer = \"l1\" }\nb = { npy = \"w2.npy\", transpose = true }\n\
         bias = { npy = \"b2.npy\" }\nlabels = { npy = \"labels.npy\" }\n",
    )
}

/// Runs a chain on the reference; with the numbers of the operands of each layer.
fn run_chain(workload: &Workload, formats: OperandFormats) -> (Vec<[Matrix<f64>; 2]>, Vec<LayerOutcome>) {
    let mut operands = Vec::new();
    let outcomes = run_layers(workload, formats, |layer| {
        operands.extend(decoded(formats, layer));
        Ok::<_, WorkloadError>(Some(multiplied(formats, layer)))
    });
    (operands, outcomes.expect("a run"))
}

fn product([a, b]: &[Matrix<f64>; 2], bias: Option<&[f64]>) -> Matrix<f64> {
    Matrix::from_fn(a.rows(), b.cols(), |m, n| {
        (0..a.cols()).map(|k| a[(m, k)] * b[(k, n)]).sum::<f64>() + bias.map_or(0.0, |bias| f64::from(bias[n] as f32))
    })
}

fn first_greatest(row: &[f64]) -> usize {
    (0..row.len()).fold(0, |best, at| if row[at] > row[best] { at } else { best })
}

#[test]
fn results_of_blocks_go_on_as_the_nearest_single_precision_and_are_quantised_for_the_next_layer() {
    let folder = tempfile::tempdir().expect("a folder");
    let workload = chain(folder.path(), Some(512.0));
    for format in MX {
        let formats = OperandFormats { a: Format::of(format), b: Format::of(format) };
        let (operands, outcomes) = run_chain(&workload, formats);
        let biases = [Some(numbers(36, 6)), None, Some(numbers(5, 9))];
        let mut below_zero = 0;
        for (at, of_layer) in operands.iter().enumerate() {
            // Sums of so few bits are exact in doubles.
            let exact = product(of_layer, biases[at].as_deref());
            let Some(reals) = &outcomes[at].reals else {
                let predictions: Vec<usize> = (0..12).map(|row| first_greatest(exact.row(row))).collect();
                assert_eq!(outcomes[at].classification.as_ref().expect("labels").predictions, predictions, "{format}");
                continue;
            };
            let passed = |value: f64| if at == 0 { (value as f32).max(0.0) } else { value as f32 };
            let expected = Matrix::from_fn(exact.rows(), exact.cols(), |m, n| passed(exact[(m, n)]));
            assert_eq!(reals, &expected, "{format}: layer {at}");
            below_zero += exact.values().iter().filter(|&&value| value < 0.0).count();
            let next = &operands[at + 1][0];
            let quantised: Vec<Vec<f64>> = (0..12)
                .map(|row| in_blocks(format, &reals.row(row).iter().map(|&value| f64::from(value)).collect::<Vec<_>>()))
                .collect();
            assert_eq!(&rows_of(next), &quantised, "{format}: A of layer {}", at + 1);
        }
        assert!(below_zero > 50, "{format}: ReLU has something to do");
    }
}

#[test]
fn results_of_tensors_with_a_scale_are_scaled_before_a_bias_is_added() {
    let folder = tempfile::tempdir().expect("a folder");
    // A scale of 1 / 32 of what comes from files; what a layer passes on has any.
    let workload = chain(folder.path(), Some(14.0));
    let formats = OperandFormats { a: of("fp8-e4m3"), b: of("fp8-e4m3") };
    let (operands, outcomes) = run_chain(&workload, formats);
    let reals = outcomes[0].reals.as_ref().expect("passed on");
    let exact = product(&operands[0], Some(&numbers(36, 6)));
    let expected = Matrix::from_fn(12, 36, |m, n| (exact[(m, n)] as f32).max(0.0));
    assert_eq!(reals, &expected);
    let peak = reals.values().iter().fold(0.0, |peak: f64, &value| peak.max(f64::from(value)));
    let quantised =
        reals.values().iter().map(|&value| nearest(ElementFormat::Fp8E4m3, f64::from(value) / (peak / 448.0)));
    let quantised: Vec<f64> = quantised.map(|value| value * (peak / 448.0)).collect();
    assert_eq!(operands[1][0].values(), quantised);
    // The scale of the second product is rounded to single precision: half a unit in its last place.
    let exact = product(&operands[1], None);
    let largest = exact.values().iter().fold(0.0, |peak: f64, value| peak.max(value.abs()));
    for (ours, exact) in outcomes[1].reals.as_ref().expect("passed on").values().iter().zip(exact.values()) {
        assert!((f64::from(*ours) - exact).abs() <= exact.abs() * 2_f64.powi(-23) + largest * 1e-15, "{ours} {exact}");
    }
}

/// Scales are powers of two, so that every number is one of the grid and the product is exact in doubles.
#[test]
fn a_scale_a_channel_is_that_of_a_row_of_a_and_of_a_column_of_b() {
    let folder = tempfile::tempdir().expect("a folder");
    let (m, n, k) = (6, 5, 7);
    let integer = |at: usize| if at == 0 { 127.0 } else { f64::from((at * 53 % 199) as i32 - 99) };
    let a = Matrix::from_fn(m, k, |m, k| integer(k * (m + 3)) * 2_f64.powi(m as i32));
    let b = Matrix::from_fn(k, n, |k, n| integer(k * (n + 11)) * 2_f64.powi(-2 * n as i32));
    floats(folder.path(), "a.npy", &[m, k], a.values());
    floats(folder.path(), "b.npy", &[k, n], b.values());
    let workload = workload(
        folder.path(),
        "[[gemm]]\nname = \"l0\"\nm = 6\nn = 5\nk = 7\na = { npy = \"a.npy\", quantize = \"per-channel\" }\n\
         b = { npy = \"b.npy\", quantize = \"per-channel\" }\nrequantize = {}\n\
         [[gemm]]\nname = \"l1\"\nm = 6\nn = 5\nk = 5\na = { layer = \"l0\" }\n",
    );
    let formats = OperandFormats { a: of("int8"), b: of("int8") };
    let (_, outcomes) = run_chain(&workload, formats);
    let exact = product(&[a, b], None);
    let expected = Matrix::from_fn(m, n, |m, n| exact[(m, n)] as f32);
    assert_eq!(outcomes[0].reals.as_ref().expect("passed on"), &expected);
}

#[test]
fn engines_classify_what_the_reference_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let workload = chain(folder.path(), None);
    for (design, formats) in [
        ("opt4c-4x4", ["mxfp4", "mxfp4"]),
        ("opt3-4x4", ["mxint8", "mxint8"]),
        ("opt1-ws-4x4", ["mxfp6-e2m3", "fp8-e4m3"]),
        ("opt4e-4x4", ["fp8-e4m3", "fp8-e4m3"]),
        ("mac-os-4x4", ["int8", "int8"]),
        ("opt3-4x4", ["int8", "mxfp4"]),
    ] {
        let layers = simulated(design, formats, &workload);
        let (_, outcomes) = run_chain(&workload, OperandFormats { a: of(formats[0]), b: of(formats[1]) });
        assert_eq!(layers[2].classification, outcomes[2].classification, "{design} on {formats:?}");
        assert_eq!(layers.iter().map(|layer| layer.compared).sum::<u64>(), 12 * (36 + 33 + 5), "{design}");
        let predictions = &outcomes[2].classification.as_ref().expect("labels").predictions;
        assert!(predictions.iter().any(|class| class != &predictions[0]), "{formats:?}: more than one class");
    }
}

#[test]
fn the_first_of_equal_results_is_the_prediction_and_the_least_bit_decides() {
    let folder = tempfile::tempdir().expect("a folder");
    // Column 1 and 2 are alike and greatest; column 3 has 2^-30 more in row 1, which single precision does not see beside 2^10.
    let a = [1.0, 0.0, 1.0, 2_f64.powi(-30)];
    let mut rows = vec![0.0; 2 * 64];
    (rows[0], rows[32], rows[64], rows[96]) = (a[0], a[1], a[2], a[3]);
    let mut columns = vec![0.0; 4 * 64];
    for (column, (first, second)) in [(512.0, 0.0), (1024.0, 0.0), (1024.0, 0.0), (1024.0, 1.0)].into_iter().enumerate()
    {
        (columns[column * 64], columns[column * 64 + 32]) = (first, second);
    }
    floats(folder.path(), "a.npy", &[2, 64], &rows);
    floats(folder.path(), "b.npy", &[4, 64], &columns);
    integers(folder.path(), "labels.npy", &[1, 3]);
    let gemm = "[[gemm]]\nname = \"one\"\nm = 2\nn = 4\nk = 64\na = { npy = \"a.npy\" }\n\
                b = { npy = \"b.npy\", transpose = true }\nlabels = { npy = \"labels.npy\" }\n";
    let predictions = |more: &str| {
        let layers = simulated("opt4c-4x4", ["mxfp4", "mxfp4"], &workload(folder.path(), &format!("{gemm}{more}")));
        layers[0].classification.as_ref().expect("labels").predictions.clone()
    };
    assert_eq!(predictions(""), [1, 3]);
    // What goes on is rounded, so the first of the rounded ones.
    assert_eq!(predictions("requantize = {}\n"), [1, 1]);
    // A bias of 2^-31 is less than what column 3 has more, one of 2^-29 is not.
    floats(folder.path(), "bias.npy", &[4], &[0.0, 0.0, 2_f64.powi(-31), 0.0]);
    assert_eq!(predictions("bias = { npy = \"bias.npy\" }\n"), [2, 3]);
    floats(folder.path(), "bias.npy", &[4], &[0.0, 0.0, 2_f64.powi(-29), 0.0]);
    assert_eq!(predictions("bias = { npy = \"bias.npy\" }\n"), [2, 2]);
}

#[test]
fn sums_that_are_kept_are_the_exact_ones() {
    let mut one = Exact::default();
    one.add(1, -254);
    let mut other = one;
    other.add(-1, -254);
    assert!(one > other && other == Exact::default() && one.to_f32() == 0.0);
}

/// By scripts/train_digits.py: quantised, summed and rounded in numpy.
#[test]
fn the_perceptron_in_floating_point_classifies_as_numpy_does_image_for_image_in_each_format_of_blocks() {
    let perceptron = Workload::load("digits-mlp-float").expect("shipped");
    let bytes = std::fs::read("tests/data/digits_mlp_float_predictions.npy").expect("committed");
    let predicted: Vec<u8> = npyz::NpyFile::new(&bytes[..]).expect("npy").into_vec().expect("uint8");
    assert_eq!(predicted.len(), 4 * 360);
    for ((format, predicted), correct) in MX.iter().zip(predicted.chunks(360)).zip([352, 350, 354, 351]) {
        let name = format.name();
        let set = ["array.rows=16", "array.cols=16"].map(str::to_owned).into_iter();
        let set: Vec<String> = set.chain(["a", "b"].map(|operand| format!("operands.{operand}={name}"))).collect();
        let plan = Plan { compare: Compare::All, ..Plan::default() };
        let run = simulate::workload(&spec_with("opt4c", &set), &perceptron, plan, |_| ())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(run.layers.iter().map(|layer| layer.compared).sum::<u64>(), 360 * (128 + 64 + 10), "{name}");
        let classification = run.layers[2].classification.as_ref().expect("labels");
        let predicted: Vec<usize> = predicted.iter().map(|&class| usize::from(class)).collect();
        assert_eq!(classification.predictions, predicted, "{name}");
        assert_eq!(classification.correct(), correct, "{name}");
    }
}

#[test]
fn the_perceptron_in_floating_point_is_nearly_as_good_in_formats_with_a_scale_a_tensor() {
    let perceptron = Workload::load("digits-mlp-float").expect("shipped");
    let array = ["array.rows=16", "array.cols=16"];
    let fp8 = ["operands.a=fp8-e4m3", "operands.b=fp8-e4m3", "operands.accumulator=int64"];
    for (design, set, correct) in [("mac-os-4x4", array.to_vec(), 353), ("opt3-4x4", [&array[..], &fp8].concat(), 352)]
    {
        let set: Vec<String> = set.into_iter().map(str::to_owned).collect();
        let plan = Plan { compare: Compare::All, ..Plan::default() };
        let run = simulate::workload(&spec_with(design, &set), &perceptron, plan, |_| ())
            .unwrap_or_else(|error| panic!("{design}: {error}"));
        assert_eq!(run.layers.iter().map(|layer| layer.compared).sum::<u64>(), 360 * (128 + 64 + 10), "{design}");
        assert_eq!(run.layers[2].classification.as_ref().expect("labels").correct(), correct, "{design}");
    }
}
