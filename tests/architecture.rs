//! The walls of ARCHITECTURE.md: who may import whom, who reads and writes files, and that what the documents name exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each top-level module with the modules it may import. A module that is not here fails the test.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("matrix", &[]),
    ("spelling", &[]),
    ("whole_file", &[]),
    ("mistake", &["spelling"]),
    ("encoding", &[]),
    // Nests know digits and matrices, never arrays.
    ("notation", &["encoding", "matrix"]),
    ("netlist", &[]),
    // Engines know no file format.
    ("engine", &["encoding", "notation", "netlist", "matrix"]),
    ("design", &["encoding", "notation", "netlist", "engine", "mistake", "spelling"]),
    ("workload", &["encoding", "matrix", "mistake", "spelling"]),
    // The fast path never looks at the netlist; simulate, emit and estimate do not know each other.
    ("simulate", &["encoding", "notation", "engine", "workload", "matrix"]),
    ("emit", &["encoding", "engine", "netlist", "matrix", "whole_file"]),
    ("estimate", &["netlist", "mistake", "spelling"]),
    ("verify", &["encoding", "notation", "netlist", "engine", "simulate", "emit", "matrix"]),
    (
        "report",
        &[
            "encoding",
            "notation",
            "netlist",
            "engine",
            "design",
            "workload",
            "simulate",
            "estimate",
            "matrix",
            "mistake",
            "whole_file",
        ],
    ),
    (
        "cli",
        &[
            "encoding",
            "notation",
            "netlist",
            "engine",
            "design",
            "workload",
            "simulate",
            "emit",
            "estimate",
            "verify",
            "report",
            "matrix",
            "mistake",
            "spelling",
            "whole_file",
        ],
    ),
];
/// Where files are written: results, bundles, the scratch folders of verification, and the one function that does it.
const WRITERS: [&str; 4] = ["report", "emit", "verify", "whole_file"];
/// Where files are read: what users write, and what a bundle replaces. `cli` reads what `report` and `new` are given.
const READERS: [&str; 7] = ["design", "workload", "estimate", "report", "emit", "verify", "cli"];
/// Most lines of a source file without a reason in its header.
const MOST_LINES: usize = 500;

/// The top-level module a source file belongs to.
fn module_of(file: &Path) -> String {
    let inside = file.strip_prefix("src").expect("below src");
    let first = inside.components().next().expect("a file").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Source files, tests aside.
fn sources() -> Vec<PathBuf> {
    let is_test =
        |path: &Path| path.components().any(|part| ["tests", "tests.rs"].iter().any(|name| part.as_os_str() == *name));
    files_below(Path::new("src"), "rs").into_iter().filter(|path| !is_test(path)).collect()
}

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return files };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(files_below(&path, ending));
        } else if path.extension().is_some_and(|found| found == ending) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The code of a file: no comments, nothing behind its unit tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source file");
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules that a piece of code names behind `crate::`, in a path or in braces.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let word = |text: &str| {
            text.chars().take_while(|&letter| letter.is_alphanumeric() || letter == '_').collect::<String>()
        };
        match rest.strip_prefix('{') {
            None => {
                found.insert(word(rest));
            }
            Some(list) => {
                let mut depth = 0;
                let mut item = String::new();
                for letter in list.chars() {
                    match letter {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => found.insert(word(&std::mem::take(&mut item))).then_some(()).unwrap_or(()),
                        _ if letter.is_whitespace() => {}
                        _ => item.push(letter),
                    }
                }
                found.insert(word(&item));
            }
        }
    }
    found.remove("");
    found
}

#[test]
fn a_module_imports_only_what_the_architecture_allows() {
    let modules: BTreeSet<String> = sources().iter().map(|file| module_of(file)).collect();
    for file in sources() {
        let module = module_of(&file);
        if module == "lib" || module == "main" {
            continue;
        }
        let (_, allowed) = MAY_IMPORT
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("the module {module} has no row in MAY_IMPORT"));
        for import in imports(&code(&file)).into_iter().filter(|import| modules.contains(import)) {
            let fine = import == module || allowed.contains(&import.as_str());
            assert!(fine, "{} imports crate::{import}, which {module} may not", file.display());
        }
    }
}

#[test]
fn the_import_table_is_an_order_without_cycles() {
    for (index, (module, allowed)) in MAY_IMPORT.iter().enumerate() {
        for import in *allowed {
            let above = MAY_IMPORT[..index].iter().any(|(name, _)| name == import);
            assert!(above, "{module} may import {import}, which does not stand above it");
        }
    }
}

#[test]
fn imports_are_found_in_paths_and_in_braces() {
    let found =
        imports("use crate::{engine::{Engine, Law}, matrix::Matrix}; crate::netlist::check(); use crate::emit;");
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["emit", "engine", "matrix", "netlist"]);
}

#[test]
fn only_the_named_layers_read_and_write_files() {
    let writes = ["fs::write", "File::create", "create_dir", "fs::rename", "remove_file", "OpenOptions"];
    let reads = ["fs::read", "File::open", "read_dir", "fs::metadata"];
    for file in sources() {
        let module = module_of(&file);
        let code = code(&file);
        let has = |words: &[&str]| words.iter().any(|word| code.contains(word));
        assert!(!has(&writes) || WRITERS.contains(&module.as_str()), "{} writes files", file.display());
        assert!(!has(&reads) || READERS.contains(&module.as_str()), "{} reads files", file.display());
    }
}

#[test]
fn nothing_in_the_program_depends_on_the_time_or_on_the_order_of_a_hash_map() {
    for file in sources() {
        let code = code(&file);
        for word in ["HashMap", "HashSet", "SystemTime", "thread_rng", "unsafe "] {
            assert!(!code.contains(word), "{} has {word}", file.display());
        }
    }
}

#[test]
fn long_source_files_say_why() {
    for file in files_below(Path::new("src"), "rs") {
        let text = fs::read_to_string(&file).expect("a source file");
        let header: String = text.lines().take_while(|line| line.starts_with("//!")).collect();
        let lines = text.lines().count();
        assert!(
            lines <= MOST_LINES || header.contains("500 lines"),
            "{} has {lines} lines and no reason",
            file.display()
        );
    }
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut documents = files_below(Path::new("docs"), "md");
    documents.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from));
    let tops: BTreeSet<String> = fs::read_dir(".")
        .expect("the repository")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let mut seen = 0;
    for document in documents {
        let text = fs::read_to_string(&document).unwrap_or_else(|error| panic!("{}: {error}", document.display()));
        for path in
            quoted_paths(&text).into_iter().filter(|path| tops.contains(path.split('/').next().unwrap_or_default()))
        {
            seen += 1;
            assert!(Path::new(path).exists(), "{} names {path}, which does not exist", document.display());
        }
        for link in links(&text) {
            seen += 1;
            let target = document.parent().unwrap_or(Path::new("")).join(link);
            assert!(target.exists(), "{} links to {link}, which does not exist", document.display());
        }
    }
    assert!(seen > 20, "only {seen} paths found: the search is broken");
}

/// Words in backquotes that are paths: a slash or a file ending, no placeholder, no option.
fn quoted_paths(text: &str) -> Vec<&str> {
    let words = text.split('`').skip(1).step_by(2);
    words
        .filter(|word| word.contains('/') || word.contains('.'))
        .filter(|word| {
            word.chars().all(|letter| {
                letter.is_ascii_lowercase()
                    || letter.is_ascii_digit()
                    || "/._-+".contains(letter)
                    || letter.is_ascii_uppercase()
            })
        })
        .filter(|word| !["NAME", "DESIGN", "CODE", "LAYER", "target/", "runs/"].iter().any(|hole| word.contains(hole)))
        .collect()
}

/// Relative link targets, without their anchors.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets
        .map(|link| link.split('#').next().unwrap_or_default())
        .filter(|link| !link.is_empty() && !link.contains("://"))
        .collect()
}
