//! ONNX models: the products and the integers that numpy makes of them, the extents that onnx.shape_inference finds, and files
//! that are no models.
//!
//! `scripts/onnx_fixtures.py` writes the models and what to expect of them.

mod mutations;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use bitweight::encoding::{ElementFormat, EncodingKind, Format, count_nonzero_digits};
use bitweight::workload::{
    LayerOperands, OnnxOptions, OperandFormats, OperandWidths, Quantize, TensorRecord, Workload, WorkloadError,
    run_network,
};
use miette::Diagnostic;
use serde::Deserialize;

const COMMITTED: &str = "tests/data/onnx";
const INT8: OperandWidths = OperandWidths::signed(8, 8);

/// A model and the layers that it must become.
#[derive(Debug, Deserialize)]
struct Case {
    model: String,
    #[serde(default)]
    shapes: BTreeMap<String, Vec<u64>>,
    #[serde(default)]
    given: BTreeMap<String, Vec<String>>,
    quantize: Option<String>,
    layers: Vec<Expected>,
}

#[derive(Debug, Deserialize)]
struct Expected {
    name: String,
    m: usize,
    n: usize,
    k: usize,
    products: u64,
    repeat: u64,
    a: Option<Vec<Vec<i32>>>,
    /// A matrix, or one for each product of a convolution.
    b: Option<Operand>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Operand {
    One(Vec<Vec<i32>>),
    Several(Vec<Vec<Vec<i32>>>),
}

impl Case {
    fn options(&self) -> OnnxOptions {
        let quantize = self.quantize.as_ref().map(|_| Quantize::PerChannel);
        OnnxOptions {
            shapes: self.shapes.clone().into_iter().collect(),
            inputs: self.given.clone().into_iter().collect(),
            quantize,
        }
    }
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(Path::new(COMMITTED).join("cases.json")).expect("the cases");
    serde_json::from_str(&text).expect("cases as the script writes them")
}

fn code(error: &WorkloadError) -> String {
    error.code().expect("every error has a code").to_string()
}

/// The layers with their operands, each told to `each`.
fn run(workload: &Workload, mut each: impl FnMut(&LayerOperands<'_>)) -> Result<(), WorkloadError> {
    let outcome = run_network(workload, INT8, |layer: &LayerOperands<'_>| {
        each(layer);
        Ok::<_, WorkloadError>(None)
    });
    outcome.map(|_| ())
}

fn rows(matrix: &bitweight::matrix::Matrix<i32>) -> Vec<Vec<i32>> {
    (0..matrix.rows()).map(|row| matrix.row(row).to_vec()).collect()
}

#[test]
fn committed_models_become_the_products_and_the_integers_that_numpy_makes_of_them() {
    let cases = cases();
    assert!(cases.len() > 15, "{}", cases.len());
    for case in &cases {
        let path = Path::new(COMMITTED).join(&case.model);
        let model = &case.model;
        let workload =
            Workload::from_onnx_file(&path, &case.options()).unwrap_or_else(|error| panic!("{model}: {error}"));
        let found: Vec<_> =
            workload.layers.iter().map(|of| (of.name.as_str(), of.m, of.n, of.k, of.products, of.repeat)).collect();
        let expected: Vec<_> =
            case.layers.iter().map(|of| (of.name.as_str(), of.m, of.n, of.k, of.products, of.repeat)).collect();
        assert_eq!(found, expected, "{model}");
        let mut seen = 0;
        run(&workload, |layer| {
            let expected = &case.layers[seen];
            seen += 1;
            let shown = format!("{} of {model}", layer.layer.name);
            let from_files = usize::from(expected.a.is_some()) + usize::from(expected.b.is_some());
            assert_eq!(layer.records.len(), from_files, "{shown}");
            if let Some(a) = &expected.a {
                assert_eq!(rows(&layer.products[0].a.whole()), *a, "A of {shown}");
            }
            let b: Vec<_> = layer.products.iter().map(|product| rows(&product.b.whole())).collect();
            match &expected.b {
                None => {}
                Some(Operand::One(matrix)) => assert_eq!(b, std::slice::from_ref(matrix), "B of {shown}"),
                Some(Operand::Several(matrices)) => assert_eq!(b, *matrices, "B of {shown}"),
            }
        })
        .unwrap_or_else(|error| panic!("{model}: {error}"));
    }
}

#[test]
fn extents_are_those_that_shape_inference_finds() {
    let text = std::fs::read_to_string(Path::new(COMMITTED).join("extents.txt")).expect("the extents");
    let mut found: BTreeMap<String, BTreeMap<String, Vec<u64>>> = BTreeMap::new();
    let by_model: BTreeMap<String, OnnxOptions> =
        cases().iter().map(|case| (case.model.clone(), case.options())).collect();
    let mut count = 0;
    for line in text.lines() {
        let [model, name, extents] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let options = by_model.get(&format!("{model}.onnx")).cloned().unwrap_or_default();
        let of = found.entry(model.to_owned()).or_insert_with(|| {
            let path = Path::new(COMMITTED).join(format!("{model}.onnx"));
            Workload::onnx_extents(&path, &options).unwrap_or_else(|error| panic!("{model}: {error}"))
        });
        let expected: Vec<u64> = match extents {
            "-" => Vec::new(),
            extents => extents.split('x').map(|extent| extent.parse().expect("a number")).collect(),
        };
        assert_eq!(of.get(name), Some(&expected), "{name} of {model}");
        count += 1;
    }
    assert!(count > 150, "{count}");
}

#[test]
fn notes_say_what_is_left_out_and_what_is_drawn() {
    let notes = |model: &str| {
        let workload = Workload::load(&format!("{COMMITTED}/{model}.onnx")).expect("a sound model");
        workload.notes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let views = notes("views");
    let file = format!("{COMMITTED}/views.onnx");
    assert_eq!(
        views,
        [
            format!(
                "{file}: 5 of 6 layers multiply the model's own weights; activations are drawn, and biases and zero points of \
                 activations are left out"
            ),
            format!("{file}: weights that the model computes before it runs are drawn: by Mul scaled x1"),
        ]
    );
    assert!(notes("qdq")[1].ends_with("not modelled: DequantizeLinear x1, QuantizeLinear x1"), "{:?}", notes("qdq"));
}

#[test]
fn integers_for_a_format_of_floats_are_named_by_the_type_that_the_file_has() {
    let workload = Workload::load(&format!("{COMMITTED}/qdq.onnx")).expect("a sound model");
    let mxfp4 = Format::of(ElementFormat::MxFp4);
    let formats = OperandFormats { a: mxfp4, b: mxfp4 };
    let error = run_network::<WorkloadError>(&workload, formats, |_| Ok(None)).expect_err("integers");
    assert_eq!(error.to_string(), "`u` of qdq.onnx holds numbers of type uint8");
}

#[test]
fn records_say_where_weights_stood_and_what_was_done_to_them() {
    let mut records: Vec<TensorRecord> = Vec::new();
    let workload = Workload::load(&format!("{COMMITTED}/qdq.onnx")).expect("a sound model");
    run(&workload, |layer| records.extend(layer.records.iter().cloned())).expect("it runs");
    let [uint8, per_axis, int4] = &records[..] else { panic!("{records:?}") };
    assert_eq!((uint8.file.as_str(), uint8.tensor.as_deref(), uint8.dtype.as_str()), ("qdq.onnx", Some("u"), "uint8"));
    assert_eq!((uint8.zero_points, per_axis.zero_points, int4.zero_points), (Some([128, 128]), Some([10, 40]), None));
    assert_eq!((int4.dtype.as_str(), &int4.shape[..], int4.elements), ("int4", &[4, 6][..], 24));
    assert!(records.iter().all(|record| record.quantized.is_none() && !record.transposed));
    // Every value is counted once.
    for record in &records {
        assert_eq!(record.values.iter().map(|(_, count)| count).sum::<u64>(), record.elements);
        assert!(record.values.is_sorted_by(|a, b| a.0 < b.0));
    }
    let workload = Workload::load(&format!("{COMMITTED}/recurrent.onnx")).expect("a sound model");
    let mut transposed = Vec::new();
    run(&workload, |layer| transposed.extend(layer.records.iter().map(|record| record.transposed))).expect("it runs");
    assert!(transposed.iter().all(|&transposed| transposed));
}

/// A workload whose B of 8 x 5 comes from a tensor of a model.
fn toml(keys: &str) -> Result<Workload, WorkloadError> {
    let text = format!("name = \"t\"\n[[gemm]]\nname = \"one\"\nm = 2\nn = 5\nk = 8\nb = {keys}\n");
    Workload::from_text("t.toml", text, PathBuf::from(COMMITTED))
}

#[test]
fn a_workload_names_a_tensor_of_a_model_as_of_any_other_file() {
    let expected = cases().into_iter().find(|case| case.model == "matmul_gemm.onnx").expect("a case");
    let Some(Operand::One(matrix)) = &expected.layers[0].b else { panic!("a matrix") };
    let workload = toml("{ onnx = \"matmul_gemm.onnx\", tensor = \"w\" }").expect("it is there");
    run(&workload, |layer| {
        assert_eq!(rows(&layer.products[0].b.whole()), *matrix);
        assert_eq!((layer.records[0].dtype.as_str(), &layer.records[0].shape[..]), ("float32", &[8, 5][..]));
    })
    .expect("it runs");
    let text = "name = \"t\"\n[[gemm]]\nname = \"one\"\nm = 2\nn = 4\nk = 6\n\
                b = { onnx = \"dynamic.onnx\", tensor = \"w\" }\n";
    let workload = Workload::from_text("t.toml", text.to_owned(), PathBuf::from(COMMITTED)).expect("it is there");
    run(&workload, |layer| assert_eq!(layer.records[0].dtype, "int8")).expect("it runs");
    for (keys, expected) in [
        ("{ onnx = \"matmul_gemm.onnx\", tensor = \"v\" }", "workload::tensor_shape"),
        ("{ onnx = \"matmul_gemm.onnx\", tensor = \"ww\" }", "workload::unknown_tensor"),
        ("{ onnx = \"matmul_gemm.onnx\" }", "workload::unknown_tensor"),
        ("{ onnx = \"cases.json\", tensor = \"w\" }", "workload::tensor_format"),
        ("{ onnx = \"nowhere.onnx\", tensor = \"w\" }", "workload::file_not_found"),
        ("{ onnx = \"a.onnx\", npz = \"b.npz\", tensor = \"w\" }", "workload::ambiguous_values"),
    ] {
        assert_eq!(code(&toml(keys).expect_err(keys)), expected, "{keys}");
    }
}

#[test]
fn extents_from_the_command_line_are_those_of_an_input() {
    let shape = |typed: &str| {
        let mut options = OnnxOptions::default();
        options.shape(typed).map(|()| options.shapes)
    };
    assert_eq!(shape("x=1,512").expect("extents"), [("x".to_owned(), vec![1, 512])]);
    assert_eq!(shape("a=b=3").expect("extents"), [("a=b".to_owned(), vec![3])]);
    assert_eq!(shape("rate=").expect("one number"), [("rate".to_owned(), vec![])]);
    for wrong in ["x", "x=0", "x=1,,2", "x=-1", "x=many", "x=99999999999"] {
        assert_eq!(shape(wrong).expect_err(wrong).code(), "workload::onnx_shape", "{wrong}");
    }
    let load = |shapes: &[(&str, &[u64])]| {
        let shapes = shapes.iter().map(|(name, shape)| ((*name).to_owned(), shape.to_vec())).collect();
        Workload::from_onnx_file(
            &Path::new(COMMITTED).join("attention.onnx"),
            &OnnxOptions { shapes, ..OnnxOptions::default() },
        )
    };
    assert_eq!(load(&[("x", &[2, 5, 8])]).expect("extents that fit").layers[1].products, 4);
    // None, another name, too few, another one than the model states.
    for shapes in [&[][..], &[("y", &[3, 7, 8][..])], &[("x", &[3, 7])], &[("x", &[3, 7, 9])]] {
        let error = load(shapes).expect_err("extents that do not fit");
        assert_eq!(code(&error), "workload::onnx_shape");
        let text = format!("{error} {}", error.help().expect("help"));
        assert!(text.contains("`x`") || text.contains("inputs are: x"), "{text}");
    }
}

#[test]
fn numbers_from_the_command_line_are_those_of_an_input() {
    let load = |given: &[(&str, &str)]| {
        let mut options = OnnxOptions::default();
        for (name, numbers) in given {
            options.input(&format!("{name}={numbers}")).expect("a form that is read");
        }
        Workload::from_onnx_file(&Path::new(COMMITTED).join("if_given.onnx"), &options)
    };
    let (rate, streaming, sizes) = (("rate", "16000"), ("streaming", "false"), ("sizes", "6,2"));
    let names = |given: &[(&str, &str)]| -> Vec<String> {
        load(given).expect("numbers that fit").layers.into_iter().map(|layer| layer.name).collect()
    };
    assert_eq!(names(&[rate, streaming, ("sizes", "4,3")]), ["then", "behind", "of-given"]);
    assert_eq!(names(&[("rate", "-1"), streaming, ("sizes", "4,3")]), ["else", "behind", "of-given"]);
    assert_eq!(names(&[rate, ("streaming", "1"), ("sizes", "4,3")]), ["else", "behind", "of-given"]);
    for (given, expected) in [
        // Sizes that do not go together; nothing decides the branch, and the help names what would.
        (&[rate, streaming, sizes][..], "workload::onnx_node"),
        (&[streaming, ("sizes", "4,3")], "workload::onnx_unsupported"),
        (&[rate, streaming], "workload::onnx_shape"),
        (&[rate, ("streaming", "2"), ("sizes", "4,3")], "workload::onnx_input"),
        (&[("rate", "1,2"), streaming, ("sizes", "4,3")], "workload::onnx_input"),
    ] {
        assert_eq!(code(&load(given).expect_err("numbers that do not fit")), expected, "{given:?}");
    }
    let help = load(&[streaming, ("sizes", "4,3")]).expect_err("undecided").help().expect("help").to_string();
    assert!(help.contains("--input rate=1"), "{help}");
}

#[test]
fn a_file_that_claims_much_is_refused_before_memory_is_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.onnx");
    let load = || code(&Workload::from_onnx_file(&path, &OnnxOptions::default()).expect_err("no model"));
    // 3 GiB of nothing.
    std::fs::File::create(&path).and_then(|file| file.set_len(3 << 30)).expect("a sparse file");
    assert_eq!(load(), "workload::onnx_format");
    // Two million nodes without anything.
    let graph = [0x0a, 0x00].repeat(2 << 20);
    let mut bytes = vec![0x3a];
    prost::encoding::encode_varint(graph.len() as u64, &mut bytes);
    bytes.extend(&graph);
    std::fs::write(&path, &bytes).expect("a file");
    assert_eq!(load(), "workload::onnx_format");
    // Graphs in graphs: node, attribute, graph, and so on.
    let mut bytes = Vec::new();
    for _ in 0..2000 {
        for key in [0x32, 0x2a, 0x0a] {
            let mut outer = vec![key];
            prost::encoding::encode_varint(bytes.len() as u64, &mut outer);
            outer.extend(&bytes);
            bytes = outer;
        }
    }
    let mut model = vec![0x3a];
    prost::encoding::encode_varint(bytes.len() as u64, &mut model);
    model.extend(&bytes);
    std::fs::write(&path, &model).expect("a file");
    assert_eq!(load(), "workload::onnx_format");
}

#[test]
fn mutated_models_are_read_or_refused_with_a_code_and_never_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = "external.onnx.data";
    std::fs::copy(Path::new(COMMITTED).join(data), folder.path().join(data)).expect("the values of a model");
    let mut random = mutations::source();
    let (mut read, mut refused) = (0, BTreeMap::<String, usize>::new());
    for case in &cases() {
        let original = std::fs::read(Path::new(COMMITTED).join(&case.model)).expect("a committed file");
        let path = folder.path().join(&case.model);
        let outcomes = mutations::hold((&path, &original), 400, &mut random, |_| {
            let workload = Workload::from_onnx_file(&path, &case.options())?;
            // What is drawn is not looked at: a mutated extent may make it large.
            let small = workload.layers.iter().all(|layer| layer.macs() < 1 << 24);
            if small { run(&workload, |layer| drop(layer.first())) } else { Ok(()) }
        });
        read += outcomes.read;
        for (code, count) in outcomes.refused {
            *refused.entry(code).or_default() += count;
        }
    }
    // The mutations reach past the first check, and many files are still sound.
    let codes: BTreeSet<&str> = refused.keys().map(String::as_str).collect();
    for expected in ["format", "graph", "node", "shape", "tensor"] {
        assert!(codes.contains(format!("workload::onnx_{expected}").as_str()), "{refused:?}");
    }
    assert!(read > 1000 && refused.values().sum::<usize>() > 3000, "{read} read, {refused:?}");
}

/// The int8 model of docs/workloads.md, where `scripts/test` put it.
#[test]
fn a_public_int8_model_runs_with_its_own_weights() {
    let Some(path) = std::env::var_os("BITWEIGHT_ONNX_MODEL").map(PathBuf::from) else {
        println!("skipped: no int8 model (BITWEIGHT_ONNX_MODEL is not set)");
        return;
    };
    let shapes = vec![("input_features".to_owned(), vec![1, 80, 800])];
    let workload =
        Workload::from_onnx_file(&path, &OnnxOptions { shapes, ..OnnxOptions::default() }).expect("a sound model");
    assert_eq!(workload.layers.len(), 39);
    let macs: u64 = workload.layers.iter().map(|layer| layer.macs() * layer.repeat).sum();
    assert_eq!(macs, 3_612_889_152);
    // Digits and zeros of all weights, counted in numpy.
    let (mut elements, mut zeros, mut digits) = (0, 0, 0);
    run(&workload, |layer| {
        for record in &layer.records {
            assert_eq!((record.dtype.as_str(), &record.quantized), ("int8", &None), "{}", layer.layer.name);
            elements += record.elements;
            zeros += record.zeros;
            let values = record.values.iter().flat_map(|&(value, count)| (0..count).map(move |_| value));
            let histogram = count_nonzero_digits(EncodingKind::EnT, 8, values).expect("int8");
            digits += (0_u64..).zip(&histogram).map(|(count, times)| count * times).sum::<u64>();
        }
    })
    .expect("it runs");
    let small = workload.layers.iter().find(|layer| layer.name == "node_linear_27").expect("a small layer");
    assert_eq!((small.m, small.n, small.k), (1, 64, 256));
    assert_eq!((elements, zeros, digits), (7_825_728, 181_082, 17_495_416));
}
