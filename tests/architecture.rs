//! The walls of ARCHITECTURE.md, held against the repository as it is: who may import whom, who touches files, what ships,
//! and that every path that a document names exists.
//!
//! The rules are pure functions; each is shown a violation in its own file, so none of these tests can pass by being blind.

#[path = "architecture/rules.rs"]
mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rules::{LAYERS, NEVER};

/// Documents that a stranger looks for.
const DOCUMENTS: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/// Files below a folder, as paths from the repository with `/`, in order; what git does not keep is left out.
fn files_below(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(if folder.is_empty() { "." } else { folder }) else { return files };
    for entry in entries {
        let entry = entry.expect("an entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let is_kept = !(folder.is_empty() && [".git", "target", "runs"].contains(&name.as_str()));
        if !is_kept {
            continue;
        }
        match entry.file_type().expect("a type").is_dir() {
            true => files.extend(files_below(&path)),
            false => files.push(path),
        }
    }
    files.sort();
    files
}

/// Rust files below a folder with their text.
fn rust_files(folder: &str) -> Vec<(String, String)> {
    let files = files_below(folder).into_iter().filter(|path| path.ends_with(".rs"));
    files
        .map(|path| (fs::read_to_string(&path).expect("a source file"), path))
        .map(|(text, path)| (path, text))
        .collect()
}

/// Source files without those that hold only unit tests.
fn sources() -> Vec<(String, String)> {
    let is_test = |path: &str| path.split('/').any(|part| part == "tests" || part == "tests.rs");
    let files: Vec<_> = rust_files("src").into_iter().filter(|(path, _)| !is_test(path)).collect();
    assert!(files.len() > 100, "only {} source files found: the search is broken", files.len());
    files
}

fn assert_none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_module_imports_only_what_stands_above_it() {
    let sources = sources();
    let modules: BTreeSet<String> = sources.iter().map(|(path, _)| rules::module_of(path).to_owned()).collect();
    let faults = sources.iter().flat_map(|(path, text)| rules::import_faults(LAYERS, &modules, path, text));
    assert_none(faults.collect());
}

#[test]
fn the_table_of_layers_is_an_order_and_keeps_the_walls_that_must_never_fall() {
    assert_none(rules::table_faults(LAYERS, NEVER));
}

#[test]
fn only_the_named_layers_read_and_write_files() {
    assert_none(sources().iter().flat_map(|(path, text)| rules::file_faults(path, text)).collect());
}

#[test]
fn no_output_depends_on_the_time_or_on_the_order_of_a_hash_map() {
    // The mapper's tables hash with a function of their own, the same in every run.
    let mut sources = sources();
    sources.retain(|(path, _)| path != "src/estimate/map/hash.rs");
    assert_none(sources.iter().flat_map(|(path, text)| rules::determinism_faults(path, text)).collect());
}

#[test]
fn long_source_files_say_why() {
    assert_none(rust_files("src").iter().filter_map(|(path, text)| rules::length_fault(path, text)).collect());
}

#[test]
fn nothing_is_promised_instead_of_done_and_every_test_runs() {
    let files = ["src", "tests", "benches", "examples"].into_iter().flat_map(rust_files);
    assert_none(files.flat_map(|(path, text)| rules::placeholder_faults(&path, &text)).collect());
}

#[test]
fn plotters_is_known_to_one_file_of_the_report() {
    let users: Vec<String> = sources()
        .into_iter()
        .filter(|(_, text)| rules::code(text).contains("plotters::"))
        .map(|(path, _)| path)
        .collect();
    assert!(users.len() <= 1 && users.iter().all(|path| path.starts_with("src/report/")), "{users:?}");
}

#[test]
fn the_witness_of_the_tests_does_not_ship() {
    let manifest: toml::Table = fs::read_to_string("Cargo.toml").expect("the manifest").parse().expect("TOML");
    let shipped = rules::shipped_dependencies(&manifest);
    assert!(shipped.contains("serde"), "no dependencies found: the search is broken");
    assert!(!shipped.iter().any(|name| name.starts_with("rust-hdl") || name.starts_with("rust_hdl")), "{shipped:?}");
}

#[test]
fn where_packages_come_from_is_the_machines_business() {
    let mut faults = Vec::new();
    for path in files_below("") {
        // The lock file has the default index of cargo, which is checked, and what is not text has no names.
        match fs::read_to_string(&path) {
            Ok(text) if path == "Cargo.lock" => faults.extend(rules::lock_faults(&text)),
            Ok(text) => faults.extend(rules::registry_faults(&path, &text)),
            Err(_) => {}
        }
    }
    assert_none(faults);
}

#[test]
fn every_path_that_a_document_names_exists() {
    let documents = files_below("docs").into_iter().filter(|path| path.ends_with(".md"));
    let mut seen = 0;
    let mut faults = Vec::new();
    for document in DOCUMENTS.map(str::to_owned).into_iter().chain(documents) {
        let Ok(text) = fs::read_to_string(&document) else {
            faults.push(format!("there is no {document}"));
            continue;
        };
        let folder = Path::new(&document).parent().unwrap_or(Path::new(""));
        let links = rules::links(&text).into_iter().map(|link| folder.join(link));
        for path in rules::named_paths(&text).into_iter().map(Into::into).chain(links) {
            seen += 1;
            if !path.exists() {
                faults.push(format!("{document} names {}, which does not exist", path.display()));
            }
        }
    }
    assert_none(faults);
    assert!(seen > 40, "only {seen} paths found: the search is broken");
}

#[test]
fn every_module_of_the_source_has_its_line_in_the_architecture() {
    let text = fs::read_to_string("ARCHITECTURE.md").expect("the document");
    let modules: BTreeSet<String> = sources().iter().map(|(path, _)| rules::module_of(path).to_owned()).collect();
    let named = |module: &str| module == "lib" || text.contains(&format!("`src/{module}"));
    assert_none(
        modules.into_iter().filter(|module| !named(module)).map(|module| format!("no line for {module}")).collect(),
    );
}
