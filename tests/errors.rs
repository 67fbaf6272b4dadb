//! Every mistake a user can make has a code, a page, and one failing example with its rendered text.
//!
//! An example is `tests/errors/LAYER/CODE.toml`, a design given to `check`, or `CODE.args`, a command line, or `CODE.WHAT` of
//! either where a code has several; its golden is `CODE.txt`, what the program says on standard error. `BITWEIGHT_BLESS=1` writes the goldens anew. The examples of
//! workloads have a test of their own, `workload_errors.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bitweight::cli::{explained_codes, kinds};

/// Layers whose examples are run here.
const LAYERS: [&str; 9] =
    ["design", "cli", "encoding", "notation", "simulate", "process", "liberty", "synth", "report"];
/// Codes of these layers that no command line can cause; each is covered by a unit test of its layer.
const UNREACHABLE: [&str; 15] = [
    // Only a file of half a gigabyte causes it.
    "liberty::too_large",
    // These need the tools, or depend on the machine; every design has registers.
    "synth::tool_failed",
    "synth::cannot_write",
    "synth::no_period",
    "synth::wrong_values",
    "synth::no_register_path",
    // Only a figure that cannot be drawn causes it.
    "report::cannot_draw",
    // The reader of workloads refuses such operands first; the other three are defects of this program.
    "simulate::operand_range",
    "simulate::shape",
    "simulate::mismatch",
    "simulate::audit",
    "simulate::internal",
    // Only a generator that makes an inconsistent netlist causes it.
    "cli::defect",
    // Distributions come from workloads, whose reader checks them first.
    "encoding::bad_distribution",
    "encoding::bad_histogram",
];

/// Runs the program; words like `PATH=/nowhere` in front of the verb set its environment.
fn run(words: &[&str]) -> Output {
    let settings = words.iter().take_while(|word| word.contains('=')).count();
    let environment = words[..settings].iter().filter_map(|word| word.split_once('='));
    Command::new(env!("CARGO_BIN_EXE_bitweight"))
        .args(&words[settings..])
        .env("NO_COLOR", "1")
        .envs(environment)
        .output()
        .expect("the program runs")
}

/// Examples of a layer: code and command line.
fn examples(layer: &str) -> Vec<(String, Vec<String>, PathBuf)> {
    let folder = Path::new("tests/errors").join(layer);
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).expect("the examples") {
        let path = entry.expect("an entry").path();
        let arguments: Vec<String> = match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => continue,
            Some("toml") => vec!["check".to_owned(), path.display().to_string()],
            Some("args") => {
                let line = fs::read_to_string(&path).expect("a command line");
                line.split_whitespace().map(str::to_owned).collect()
            }
            _ => continue,
        };
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let code = stem.split('.').next().unwrap_or_default();
        found.push((format!("{layer}::{code}"), arguments, path.with_extension("txt")));
    }
    found.sort();
    found
}

#[test]
fn every_example_fails_with_its_code_its_text_and_its_exit_code() {
    for (code, arguments, golden) in LAYERS.iter().flat_map(|layer| examples(layer)) {
        let output = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        // A simulation that ran and found the answer to be no is 1, all else could not run.
        let exit =
            if ["simulate::accumulator_overflow", "simulate::mismatch"].contains(&code.as_str()) { 1 } else { 2 };
        assert_eq!(output.status.code(), Some(exit), "{code}: {said}");
        assert!(output.stdout.is_empty(), "{code}: an error is no answer");
        assert_eq!(said.lines().next(), Some(code.as_str()), "{said}");
        assert!(said.contains("  help: "), "{code} has no help: {said}");
        assert!(said.contains("bitweight explain"), "{code} has no page: {said}");
        if std::env::var_os("BITWEIGHT_BLESS").is_some() {
            fs::write(&golden, &said).expect("the golden");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(said, expected, "{} (BITWEIGHT_BLESS=1 writes it anew)", golden.display());
    }
}

#[test]
fn every_design_and_command_line_code_has_an_example() {
    let shown: BTreeSet<String> = LAYERS.iter().flat_map(|layer| examples(layer)).map(|(code, ..)| code).collect();
    for code in explained_codes().into_iter().map(|item| item.name) {
        let layer = code.split("::").next().unwrap_or_default();
        // A design can cause two of notation's codes; the others are for nests given as text, in `tests/notation`.
        let needs_one = ["design", "cli", "encoding", "process", "liberty", "report", "simulate", "synth"]
            .contains(&layer)
            && !UNREACHABLE.contains(&code.as_str());
        assert!(!needs_one || shown.contains(&code), "{code} has no example in tests/errors/{layer}");
    }
    let pages: BTreeSet<String> = explained_codes().into_iter().map(|item| item.name).collect();
    assert!(shown.is_subset(&pages), "codes without a page: {:?}", shown.difference(&pages));
}

#[test]
fn every_code_written_in_a_source_file_has_a_page() {
    let pages: BTreeSet<String> = explained_codes().into_iter().map(|item| item.name).collect();
    // Errors of these layers are wrapped: no user can cause them, `cli::defect` is their page.
    let internal = ["netlist", "emit", "engine"];
    let mut seen = 0;
    for file in rust_files(Path::new("src")) {
        let text = fs::read_to_string(&file).expect("a source file");
        let in_quotes = text.split('"').skip(1).step_by(2);
        let in_attributes = text.split("code(").skip(1).filter_map(|rest| rest.split(')').next());
        for code in in_quotes.chain(in_attributes).filter(|piece| is_code(piece)) {
            let layer = code.split("::").next().unwrap_or_default();
            if kinds_of_codes().contains(&layer) && !internal.contains(&layer) {
                assert!(pages.contains(code), "{} of {} has no page", code, file.display());
                seen += 1;
            }
        }
    }
    assert!(seen >= pages.len() / 2, "only {seen} codes found: the search is broken");
}

#[test]
fn every_name_and_code_is_explained_with_dashes_and_with_underscores() {
    for item in kinds().iter().flat_map(|kind| (kind.items)()) {
        assert!(item.page.len() > 40, "the page of {} says nothing", item.name);
        assert!(!item.summary.is_empty() && !item.summary.contains('\n'), "the summary of {}", item.name);
    }
    for name in ["design::unknown-dataflow", "design::unknown_dataflow", "en-t", "compress_accumulate"] {
        let output = run(&["explain", name]);
        assert!(output.status.success() && output.stdout.len() > 40, "explain {name}");
    }
}

fn is_code(piece: &str) -> bool {
    let good = |word: &str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
    piece.split_once("::").is_some_and(|(layer, what)| good(layer) && good(what))
}

fn kinds_of_codes() -> [&'static str; 13] {
    [
        "process", "liberty", "report", "encoding", "notation", "netlist", "engine", "design", "workload", "simulate",
        "emit", "synth", "cli",
    ]
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a source folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
