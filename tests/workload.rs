//! Workloads: the shipped ones, values from files and seeds, and networks in integer arithmetic.

use std::path::Path;

use bitweight::{
    encoding::{Distribution, Format},
    matrix::Matrix,
    workload::{
        LayerOperands, LayerOutcome, OperandWidths, Values, Workload, WorkloadError, reference, run_network, shipped,
    },
};
use miette::Diagnostic;

const INT8: OperandWidths = OperandWidths::signed(8, 8);

/// Runs a workload with the reference as engine.
fn run(workload: &Workload, widths: OperandWidths) -> Result<Vec<LayerOutcome>, WorkloadError> {
    run_network(workload, widths, |layer| layer.multiply(|a, b| Ok(reference(a, b))).map(Some))
}

/// The operands of the first layer.
fn operands(workload: &Workload, widths: OperandWidths) -> Result<(Matrix<i32>, Matrix<i32>), WorkloadError> {
    let mut first = None;
    run_network(workload, widths, |layer: &LayerOperands<'_>| {
        first.get_or_insert(layer.first());
        layer.multiply(|a, b| Ok(reference(a, b))).map(Some)
    })
    .map(|_| first.expect("a workload has a layer"))
}

/// A `.npy` file of version 1.
fn npy(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// A workload of one 2 x 1 x 3 product whose A is the given file.
fn with_a(folder: &Path, bytes: &[u8]) -> Result<Workload, WorkloadError> {
    std::fs::write(folder.join("a.npy"), bytes).unwrap();
    let text = "name = \"t\"\n[[gemm]]\nname = \"one\"\nm = 2\nn = 1\nk = 3\na = { npy = \"a.npy\" }\n";
    Workload::from_text("t.toml", text.to_owned(), folder.to_path_buf())
}

fn code(error: &WorkloadError) -> String {
    error.code().unwrap().to_string()
}

#[test]
fn every_shipped_workload_loads_by_its_name() {
    let mut names = Vec::new();
    for shipped in shipped() {
        let workload = Workload::load(shipped.name).unwrap();
        assert_eq!(workload.name, shipped.name);
        assert!(!shipped.summary.is_empty());
        names.push(shipped.name);
    }
    assert_eq!(names[..5], ["digits-mlp", "digits-mlp-pruned", "digits-mlp-float", "gemm-256", "gemm-1024"]);
    assert_eq!(names.len(), 16);
}

#[test]
fn a_shipped_workload_is_the_same_from_its_file() {
    let embedded = run(&Workload::load("digits-mlp").unwrap(), INT8).unwrap();
    let from_file = run(&Workload::load("workloads/digits-mlp.toml").unwrap(), INT8).unwrap();
    assert_eq!(embedded, from_file);
}

#[test]
fn digits_are_classified_as_the_training_script_predicts_image_for_image() {
    let outcomes = run(&Workload::load("digits-mlp").unwrap(), INT8).unwrap();
    let classification = outcomes[2].classification.as_ref().unwrap();
    let bytes = std::fs::read("tests/data/digits_mlp_predictions.npy").unwrap();
    let expected: Vec<u8> = npyz::NpyFile::new(&bytes[..]).unwrap().into_vec().unwrap();
    assert_eq!(classification.predictions, expected.into_iter().map(usize::from).collect::<Vec<_>>());
    assert_eq!(classification.correct(), 353);
    assert!(classification.accuracy() > 0.95);
    assert_eq!(classification.labels.len(), 360);
    assert!(outcomes[0].classification.is_none() && outcomes[2].output.is_none());
}

#[test]
fn hidden_layers_of_digits_use_most_of_the_range_of_int8() {
    let outcomes = run(&Workload::load("digits-mlp").unwrap(), INT8).unwrap();
    for outcome in &outcomes[..2] {
        let output = outcome.output.as_ref().unwrap();
        assert_eq!(output.values().iter().min(), Some(&-128), "the zero point, where ReLU stops");
        assert!(output.values().iter().max() > Some(&60), "{:?}", output.values().iter().max());
    }
}

#[test]
fn an_engine_that_multiplies_wrongly_classifies_wrongly() {
    let workload = Workload::load("digits-mlp").unwrap();
    let outcomes = run_network::<WorkloadError>(&workload, INT8, |layer| {
        let (a, b) = layer.first();
        let mut c = reference(&a, &b);
        // An accumulator of 16 bits that wraps around.
        for row in 0..c.rows() {
            c.row_mut(row).iter_mut().for_each(|sum| *sum = i64::from(*sum as i16));
        }
        Ok(Some(c))
    });
    assert!(outcomes.unwrap()[2].classification.as_ref().unwrap().accuracy() < 0.5);
}

#[test]
fn the_products_of_bert_base_are_all_there() {
    let workload = Workload::load("bert-base-128").unwrap();
    let macs: u64 = workload.layers.iter().map(|layer| layer.macs() * layer.repeat).sum();
    let per_block = 4 * 128 * 768 * 768 + 2 * 128 * 768 * 3072 + 12 * 2 * 128 * 128 * 64;
    assert_eq!(macs, 12 * per_block);
    for layer in &workload.layers {
        assert_eq!(layer.a.values, Values::Drawn(Distribution::Normal { std: 20.0 }), "{}", layer.name);
    }
}

#[test]
fn drawn_values_follow_the_width_and_the_seed() {
    let workload = Workload::load("gemm-256").unwrap();
    let (a, b) = operands(&workload, INT8).unwrap();
    assert_ne!(a.values(), b.values());
    assert_eq!((a.clone(), b), operands(&workload, INT8).unwrap());
    let narrow = operands(&workload, OperandWidths::signed(4, 8)).unwrap().0;
    assert_eq!((narrow.values().iter().min(), narrow.values().iter().max()), (Some(&-8), Some(&7)));
    assert_ne!(a, operands(&workload.with_seed(2), INT8).unwrap().0);
}

#[test]
fn npy_files_of_every_integer_type_byte_order_and_axis_order_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let expected = [1, 2, 3, -4, 5, 100];
    let le16: Vec<u8> = expected.iter().flat_map(|&v: &i32| (v as i16).to_le_bytes()).collect();
    let be16: Vec<u8> = expected.iter().flat_map(|&v| (v as i16).to_be_bytes()).collect();
    let le32: Vec<u8> = expected.iter().flat_map(|&v| v.to_le_bytes()).collect();
    let int8: Vec<u8> = expected.iter().map(|&v| v as i8 as u8).collect();
    let by_column: Vec<u8> = [0, 3, 1, 4, 2, 5].map(|index: usize| int8[index]).to_vec();
    for (descr, fortran, data) in [
        ("|i1", false, &int8),
        ("<i2", false, &le16),
        (">i2", false, &be16),
        ("<i4", false, &le32),
        ("|i1", true, &by_column),
    ] {
        let workload = with_a(folder.path(), &npy(descr, fortran, "(2, 3)", data)).unwrap();
        assert_eq!(operands(&workload, INT8).unwrap().0.values(), expected, "{descr}, Fortran order: {fortran}");
    }
    let unsigned = with_a(folder.path(), &npy("|u1", false, "(2, 3)", &[0, 1, 2, 3, 4, 127])).unwrap();
    assert_eq!(operands(&unsigned, INT8).unwrap().0.values(), [0, 1, 2, 3, 4, 127]);
}

#[test]
fn unsigned_bytes_above_127_need_an_unsigned_operand_or_nine_bits() {
    let folder = tempfile::tempdir().unwrap();
    let workload = with_a(folder.path(), &npy("|u1", false, "(2, 3)", &[0, 1, 2, 3, 200, 255])).unwrap();
    let error = operands(&workload, INT8).unwrap_err();
    assert!(error.to_string().contains("[1, 1] is 200, and int8 holds -128 to 127"), "{error}");
    assert!(operands(&workload, OperandWidths::signed(9, 8)).is_ok());
    let unsigned = OperandWidths { a_signed: false, ..INT8 };
    assert_eq!(operands(&workload, unsigned).unwrap().0.values(), [0, 1, 2, 3, 200, 255]);
    let negative = with_a(folder.path(), &npy("|i1", false, "(2, 3)", &[0, 1, 2, 3, 0xff, 5])).unwrap();
    let error = operands(&negative, unsigned).unwrap_err();
    assert!(error.to_string().contains("[1, 1] is -1, and uint8 holds 0 to 255"), "{error}");
    let wide =
        with_a(folder.path(), &npy("<u2", false, "(2, 3)", &[0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 0xff, 0xff])).unwrap();
    let uint16 = OperandWidths { a_bits: 16, ..unsigned };
    assert_eq!(operands(&wide, uint16).unwrap().0.values(), [0, 1, 2, 3, 4, 65535]);
}

#[test]
fn malformed_npy_files_are_errors_and_not_panics() {
    let folder = tempfile::tempdir().unwrap();
    let good = npy("|i1", false, "(2, 3)", &[0; 6]);
    let mut long_header = good.clone();
    long_header[8..10].copy_from_slice(&[255, 255]);
    let mut version_2 = b"\x93NUMPY\x02\x00".to_vec();
    version_2.extend(u32::MAX.to_le_bytes());
    let nested = "(".repeat(2000);
    for (expected, bytes) in [
        ("tensor_format", vec![]),
        ("tensor_format", good[..7].to_vec()),
        ("tensor_format", good[..40].to_vec()),
        ("tensor_format", long_header),
        ("tensor_format", version_2),
        ("tensor_format", npy("|i1", false, "(4294967296, 4294967296, 4294967296)", &[])),
        ("tensor_format", npy("|i1", false, "(99999999999999999999, 1)", &[])),
        ("tensor_format", npy("|i1", false, &nested, &[])),
        ("tensor_format", npy("|i1", false, "(2, -3)", &[0; 6])),
        ("tensor_format", npy("nonsense", false, "(2, 3)", &[0; 6])),
        ("tensor_dtype", npy("<f16", false, "(2, 3)", &[0; 96])),
        ("tensor_dtype", npy("<c8", false, "(2, 3)", &[0; 48])),
        ("tensor_dtype", npy("|S1", false, "(2, 3)", &[0; 6])),
        ("tensor_dtype", npy("|O", false, "(2, 3)", &[0; 6])),
        ("tensor_shape", npy("|i1", false, "(3, 2)", &[0; 6])),
        ("tensor_shape", npy("|i1", false, "(6,)", &[0; 6])),
        ("tensor_shape", npy("|i1", false, "()", &[0; 1])),
        ("tensor_shape", npy("|i1", false, "(2, 3, 1)", &[0; 6])),
    ] {
        let error = with_a(folder.path(), &bytes).unwrap_err();
        assert_eq!(code(&error), format!("workload::{expected}"), "{error}");
    }
    for (count, words) in [(5, "ends after 5 of 6 values"), (7, "goes on after its 6 values")] {
        let workload = with_a(folder.path(), &npy("|i1", false, "(2, 3)", &vec![0; count])).unwrap();
        let error = operands(&workload, INT8).unwrap_err();
        assert_eq!(code(&error), "workload::tensor_length");
        assert!(error.to_string().contains(words), "{error}");
    }
}

/// Three layers: the second reads the first as its a, the third reads the first as its b.
const CHAINED: &str = r#"
name = "chained"
[[gemm]]
name = "first"
m = 4
n = 3
k = 5
requantize = { multiplier = 3, shift = 6, zero-point = 5 }
[[gemm]]
name = "second"
m = 4
n = 6
k = 3
a = { layer = "first" }
requantize = { multiplier = 1, shift = 7, relu = true, bits = 4 }
[[gemm]]
name = "third"
m = 2
n = 3
k = 4
b = { layer = "first" }
"#;

#[test]
fn layers_feed_each_other_through_requantisation() {
    let workload = Workload::from_text("chained.toml", CHAINED.to_owned(), "".into()).unwrap();
    assert_eq!(workload.layers[1].a.values, Values::Layer(0));
    let mut seen = Vec::new();
    let outcomes = run_network::<WorkloadError>(&workload, INT8, |layer| {
        let (a, b) = layer.first();
        let c = reference(&a, &b);
        seen.push((a, b, c.clone()));
        Ok(Some(c))
    })
    .unwrap();
    let expected: Vec<i32> =
        seen[0].2.values().iter().map(|&acc| (((acc * 3 + 32) >> 6) + 5).clamp(-128, 127) as i32).collect();
    let first = outcomes[0].output.as_ref().unwrap();
    assert_eq!(first.values(), expected);
    assert_eq!(&seen[1].0, first);
    assert_eq!(&seen[2].1, first);
    let second = outcomes[1].output.as_ref().unwrap();
    assert!(second.values().iter().all(|value| (0..=7).contains(value)), "{second:?}");
    assert!(outcomes[2].output.is_none());
}

#[test]
fn a_chained_value_that_an_operand_cannot_hold_is_an_error() {
    let workload = Workload::from_text("chained.toml", CHAINED.to_owned(), "".into()).unwrap();
    let error = run(&workload, OperandWidths::signed(4, 8)).unwrap_err();
    assert!(
        matches!(&error, WorkloadError::ValueOutOfRange { tensor, format: Format { bits: 4, signed: true, .. }, .. } if tensor == "a of `second`"),
        "{error}"
    );
}

#[test]
fn what_the_engine_says_ends_the_run() {
    #[derive(Debug)]
    enum Failure {
        Engine(usize),
        Workload,
    }
    impl From<WorkloadError> for Failure {
        fn from(_: WorkloadError) -> Self {
            Self::Workload
        }
    }
    let workload = Workload::from_text("chained.toml", CHAINED.to_owned(), "".into()).unwrap();
    let error = run_network(&workload, INT8, |layer| match layer.index {
        0 => layer.multiply(|a, b| Ok(reference(a, b))).map(Some),
        index => Err(Failure::Engine(index)),
    })
    .unwrap_err();
    assert!(matches!(error, Failure::Engine(1)), "{error:?}");
    let error = run_network(&workload, OperandWidths::signed(4, 8), |layer| {
        layer.multiply(|a, b| Ok::<_, Failure>(reference(a, b))).map(Some)
    });
    assert!(matches!(error, Err(Failure::Workload)));
}

/// Each is about the last layer only, and found before the first one runs.
#[test]
fn what_follows_the_product_of_any_layer_is_checked_before_the_first_one_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let npy = |name: &str, dtype: &str, count: usize, bytes: &[u8]| {
        let header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': ({count},), }}");
        let header = format!("{header:<117}\n");
        let length = (header.len() as u16).to_le_bytes();
        let file = [&b"\x93NUMPY\x01\x00"[..], &length, header.as_bytes(), bytes].concat();
        std::fs::write(folder.path().join(name), file).expect("a file");
    };
    npy("labels.npy", "|u1", 2, &[0, 3]);
    npy("reals.npy", "<f4", 3, &[0; 12]);
    // Its header is right, and it ends too early.
    npy("short.npy", "<i4", 3, &[0; 8]);
    for (last, code) in [
        ("labels = { npy = \"labels.npy\" }", "workload::bad_label"),
        ("bias = { npy = \"reals.npy\" }", "workload::tensor_dtype"),
        ("bias = { npy = \"short.npy\" }", "workload::tensor_length"),
        ("requantize = {}", "workload::scaled"),
    ] {
        let layer = |name: &str, rest: &str| format!("[[gemm]]\nname = \"{name}\"\nm = 2\nn = 3\nk = 4\n{rest}\n");
        let text = format!("name = \"t\"\n{}{}{}", layer("first", ""), layer("second", ""), layer("last", last));
        let workload = Workload::from_text("t.toml", text, folder.path().to_path_buf()).expect("a workload");
        let mut runs = 0;
        let error = run_network(&workload, INT8, |layer| {
            runs += 1;
            layer.multiply(|a, b| Ok::<_, WorkloadError>(reference(a, b))).map(Some)
        })
        .expect_err(last);
        assert_eq!((error.code().expect("a code").to_string(), runs), (code.to_owned(), 0), "{last}");
    }
}

#[test]
fn values_come_from_the_tensor_else_from_the_workload_else_they_are_uniform() {
    let layer = "[[gemm]]\nname = \"one\"\nm = 1\nn = 1\nk = 1\n";
    let load = |head: &str, tail: &str| {
        Workload::from_text("t.toml", format!("name = \"t\"\n{head}\n{layer}{tail}"), "".into()).unwrap()
    };
    assert_eq!(load("", "").layers[0].a.values, Values::Drawn(Distribution::Uniform));
    let half =
        load("values = { distribution = \"half-normal\", std = 3 }", "b = { distribution = \"laplace\", scale = 2.5 }");
    assert_eq!(half.layers[0].a.values, Values::Drawn(Distribution::HalfNormal { std: 3.0 }));
    assert_eq!(half.layers[0].b.values, Values::Drawn(Distribution::Laplace { scale: 2.5 }));
    assert_eq!((half.seed, half.layers[0].repeat), (0, 1));
}

#[test]
fn values_that_contradict_themselves_are_errors() {
    let layer = "[[gemm]]\nname = \"one\"\nm = 1\nn = 1\nk = 1\n";
    for (expected, values) in [
        ("ambiguous_values", "{}"),
        ("ambiguous_values", "{ npy = \"a\", layer = \"b\" }"),
        ("bad_distribution", "{ std = 3.0 }"),
        ("bad_distribution", "{ distribution = \"normal\" }"),
        ("bad_distribution", "{ distribution = \"normal\", scale = 3.0 }"),
        ("bad_distribution", "{ distribution = \"normal\", std = inf }"),
        ("bad_distribution", "{ distribution = \"uniform\", std = 3.0 }"),
        ("bad_distribution", "{ distribution = \"laplace\", std = 3.0 }"),
        ("unknown_layer", "{ layer = \"one\" }"),
        ("unknown_key", "{ distribution = \"uniform\", sparcity = 0.5 }"),
        ("wrong_type", "{ distribution = \"uniform\", sparsity = 0.5 }"),
        ("bad_sparsity", "{ distribution = \"uniform\", sparsity = {} }"),
    ] {
        let text = format!("name = \"t\"\n{layer}a = {values}\n");
        let error = Workload::from_text("t.toml", text, "".into()).unwrap_err();
        assert_eq!(code(&error), format!("workload::{expected}"), "{values}: {error}");
    }
    let text = format!("name = \"t\"\nvalues = {{ npy = \"a.npy\" }}\n{layer}");
    let error = Workload::from_text("t.toml", text, "".into()).unwrap_err();
    assert_eq!(code(&error), "workload::ambiguous_values");
}

#[test]
fn too_much_memory_is_refused_before_it_is_taken() {
    let of = |extents: &str| {
        let text = format!("name = \"t\"\n[[gemm]]\nname = \"one\"\n{extents}\n");
        Workload::from_text("t.toml", text, "".into()).map_err(|error| code(&error))
    };
    let used = "requantize = { multiplier = 1, shift = 8 }";
    for (extents, expected) in [
        ("m = 16777216\nn = 16777216\nk = 16777216", "workload::too_much_work"),
        ("m = 1\nn = 1000000\nk = 1000000", "workload::too_much_work"),
        ("m = 1000000\nn = 1000000\nk = 2000\nrepeat = 1000000", "workload::too_much_work"),
    ] {
        assert_eq!(of(extents).map(|_| ()), Err(expected.to_owned()), "{extents}");
    }
    // A result that a later layer reads is in memory, one that is only compared is not.
    assert_eq!(of(&format!("m = 8200\nn = 8200\nk = 1\n{used}")).map(|_| ()), Err("workload::too_large".to_owned()));
    assert!(of(&format!("m = 7000\nn = 7000\nk = 1\n{used}")).is_ok());
    assert!(of("m = 100000\nn = 100000\nk = 2").is_ok());
}
