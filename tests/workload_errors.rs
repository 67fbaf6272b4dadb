//! Every mistake in a workload file has a code, a place, a page and a failing example with its rendered text.
//!
//! An example is `CODE.toml`, or `CODE.WHAT.toml` where a code has several, or `.args`: a model and options; `scripts/tensor_fixtures.py` writes the binary
//! files that some of them name, `scripts/onnx_fixtures.py` the models.
//!
//! `BITWEIGHT_BLESS=1` writes the rendered texts anew.

use std::{collections::BTreeSet, path::Path};

use bitweight::encoding::{ElementFormat, Format};
use bitweight::workload::{
    OnnxOptions, OperandFormats, OperandWidths, Workload, WorkloadError, error_codes, reference, run_network,
};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

const EXAMPLES: &str = "tests/errors/workload";

/// Loads a workload and runs it with the reference as engine.
fn run(name_or_path: &str) -> Result<(), WorkloadError> {
    let workload = match name_or_path.ends_with(".args") {
        true => model(&std::fs::read_to_string(name_or_path).unwrap())?,
        false => Workload::load(name_or_path)?,
    };
    // Examples of formats with scales; the names of the others do not say theirs, and are of int8.
    let (mxfp4, fp8) = (Format::of(ElementFormat::MxFp4), Format::of(ElementFormat::Fp8E4m3));
    let formats = [
        (".int8_", Format::int(8), Format::int(8)),
        (".uint8_", Format::uint(8), Format::int(8)),
        (".fp8_", fp8, fp8),
        (".mxfp4_", mxfp4, mxfp4),
        ("/scaled.", mxfp4, fp8),
    ];
    let formats = match formats.into_iter().find(|(name, ..)| name_or_path.contains(name)) {
        Some((_, a, b)) => OperandFormats { a, b },
        None => OperandWidths::signed(8, 8).into(),
    };
    run_network(&workload, formats, |layer| layer.multiply(|a, b| Ok(reference(a, b))).map(Some)).map(|_| ())
}

/// The model of a line with options, as the program takes them.
fn model(line: &str) -> Result<Workload, WorkloadError> {
    let mut words = line.split_whitespace();
    let (path, mut options) = (words.next().unwrap(), OnnxOptions::default());
    while let Some(option) = words.next() {
        let value = words.next().unwrap();
        let taken = if option == "--shape" { options.shape(value) } else { options.input(value) };
        taken.unwrap();
    }
    Workload::from_onnx_file(Path::new(path), &options)
}

fn rendered(error: &WorkloadError) -> String {
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::none()).with_width(100).with_links(false);
    handler.render_report(&mut text, error).unwrap();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
}

fn check(example: &str, input: &str) {
    let code = example.split('.').next().unwrap_or_default();
    check_error(example, &run(input).expect_err(code));
}

fn check_error(example: &str, error: &WorkloadError) {
    let code = example.split('.').next().unwrap_or_default();
    assert_eq!(error.code().unwrap().to_string(), format!("workload::{code}"), "{error}");
    assert!(error.help().is_some_and(|help| !help.to_string().is_empty()), "{code} has no help");
    let text = rendered(error);
    let golden = Path::new(EXAMPLES).join(format!("{example}.txt"));
    if std::env::var_os("BITWEIGHT_BLESS").is_some() {
        std::fs::write(&golden, &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(&golden).unwrap_or_default(), "{}", golden.display());
}

#[test]
fn every_example_fails_with_its_code_and_its_text() {
    let mut examples = BTreeSet::new();
    for entry in std::fs::read_dir(EXAMPLES).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| ["toml", "csv", "onnx", "args"].iter().any(|known| extension == *known))
        {
            let example = path.file_stem().unwrap().to_str().unwrap();
            check(example, path.to_str().unwrap());
            let code = example.split('.').next().unwrap_or_default();
            examples.insert(format!("workload::{code}"));
        }
    }
    check("not_found", "gemm-265");
    check("cannot_read", EXAMPLES);
    // Files of one layer too many, which would be long.
    let rows: String = (0..8193).map(|layer| format!("l{layer},1,1,1\n")).collect();
    let topology = Workload::from_topology("many.csv", format!("Layer,M,N,K\n{rows}"), None);
    check_error("too_much_work.topology", &topology.expect_err("too many rows"));
    let layer = |layer| format!("\n[[gemm]]\nname = \"l{layer}\"\nm = 1\nn = 1\nk = 1\n");
    let layers: String = (0..8193).map(layer).collect();
    let workload = Workload::from_text("many.toml", format!("name = \"many\"\n{layers}"), "".into());
    check_error("too_much_work.layers", &workload.expect_err("too many layers"));
    examples.extend(["workload::not_found".to_owned(), "workload::cannot_read".to_owned()]);
    let pages: BTreeSet<String> = error_codes().into_iter().map(|(code, _)| code.to_owned()).collect();
    assert_eq!(examples, pages, "an example for each page and a page for each example");
}

#[test]
fn every_code_in_the_source_has_a_page() {
    let source = include_str!("../src/workload/error.rs");
    let codes: Vec<String> =
        source.split("code(").skip(1).map(|rest| rest.chars().take_while(|&letter| letter != ')').collect()).collect();
    let pages: Vec<&str> = error_codes().into_iter().map(|(code, _)| code).collect();
    // Those of topologies and models are written where they are found; `tests/errors.rs` looks for a page of every one.
    let (topologies, pages): (Vec<&str>, Vec<&str>) = pages.into_iter().partition(|code| code.contains("topology_"));
    assert_eq!(topologies.len(), 7);
    let (models, pages): (Vec<&str>, Vec<&str>) = pages.into_iter().partition(|code| code.contains("onnx_"));
    assert_eq!(models.len(), 8);
    assert_eq!(codes, pages[..codes.len()], "in the same order");
    // Those of files of tensors are words in the code that makes them.
    let sources = [include_str!("../src/workload/tensor/fault.rs"), include_str!("../src/workload/tensor/keys.rs")];
    let in_quotes = sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2));
    let written: BTreeSet<&str> = in_quotes.filter(|word| word.starts_with("workload::")).collect();
    assert_eq!(written, pages[codes.len()..].iter().copied().collect());
}

#[test]
fn pages_fit_a_terminal_and_say_something() {
    for (code, page) in error_codes() {
        assert!(page.len() > 80, "{code}");
        assert!(page.lines().all(|line| line.chars().count() <= 100), "{code} has a long line");
    }
}
