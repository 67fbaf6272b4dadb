//! The rules as pure functions over text, so that each can be shown a violation. Below them, one planted violation each:
//! a rule and what it must refuse stay in one file, which makes it longer than 500 lines.

use std::collections::BTreeSet;

/// Each top-level module of `src`, bottom up, with the modules that it may import. A module that is not here may not exist.
pub const LAYERS: &[(&str, &[&str])] = &[
    ("matrix", &[]),
    ("spelling", &[]),
    ("whole_file", &[]),
    ("mistake", &["spelling"]),
    ("note", &[]),
    ("encoding", &[]),
    // Nests know digits and matrices, never arrays.
    ("notation", &["encoding", "matrix"]),
    ("netlist", &[]),
    // Engines know no file format.
    ("engine", &["encoding", "notation", "netlist", "matrix"]),
    ("design", &["encoding", "notation", "netlist", "engine", "mistake", "note", "spelling"]),
    ("workload", &["encoding", "matrix", "mistake", "note", "spelling"]),
    // Simulation never looks at the netlist, or holding the two against each other would prove nothing.
    ("simulate", &["encoding", "notation", "engine", "workload", "matrix"]),
    ("emit", &["encoding", "engine", "netlist", "matrix", "whole_file"]),
    ("estimate", &["netlist", "mistake", "note", "spelling"]),
    ("verify", &["encoding", "notation", "netlist", "engine", "simulate", "emit", "matrix"]),
    // Cells and their tables are those of the estimate; what comes out is measured.
    ("synth", &["netlist", "emit", "estimate", "verify", "mistake", "note"]),
    // Published figures and ratios; who measures hands its figures in.
    ("paper", &[]),
    // What can be written in a TOML, and what it earns in verification; nothing that ships in the program needs it.
    ("coverage", &["encoding", "notation", "engine", "design", "emit", "verify", "mistake"]),
    (
        "report",
        &[
            "encoding",
            "notation",
            "engine",
            "design",
            "workload",
            "simulate",
            "estimate",
            "verify",
            "matrix",
            "mistake",
            "note",
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
            "synth",
            "paper",
            "report",
            "matrix",
            "mistake",
            "note",
            "spelling",
            "whole_file",
        ],
    ),
];

/// Imports that no change of [`LAYERS`] may allow, whatever else moves.
pub const NEVER: &[(&str, &str)] = &[
    ("encoding", "notation"),
    ("notation", "engine"),
    ("engine", "design"),
    ("engine", "workload"),
    ("simulate", "netlist"),
    ("simulate", "emit"),
    ("simulate", "estimate"),
    ("emit", "simulate"),
    ("emit", "estimate"),
    ("estimate", "simulate"),
    ("estimate", "emit"),
    ("estimate", "synth"),
];

/// Layers that write files: results, bundles, the scratch folders of verification, and the one function that does it.
const WRITERS: [&str; 5] = ["report", "emit", "verify", "synth", "whole_file"];
/// Layers that read files: what users write, what a bundle replaces, and what `new` and `report` are given.
const READERS: [&str; 8] = ["design", "workload", "estimate", "report", "emit", "verify", "synth", "cli"];
/// Most lines of a source file that gives no reason.
const MOST_LINES: usize = 500;

/// Rows of a layer table that import something not above them, or something in `never`.
pub fn table_faults(layers: &[(&str, &[&str])], never: &[(&str, &str)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, (module, allowed)) in layers.iter().enumerate() {
        for import in *allowed {
            if !layers[..index].iter().any(|(above, _)| above == import) {
                faults.push(format!("{module} may import {import}, which does not stand above it"));
            }
            if never.contains(&(module, import)) {
                faults.push(format!("{module} may import {import}, and must never"));
            }
        }
    }
    faults
}

/// What the program contains: comments and the contents of strings are blanks, items under `#[cfg(test)]` are gone.
pub fn code(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::new();
    let mut at = 0;
    while at < letters.len() {
        let rest = &letters[at..];
        let length = match rest {
            ['/', '/', ..] => rest.iter().position(|&letter| letter == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => block_comment(rest),
            ['r', '"' | '#', ..] if !code.ends_with(is_word) => raw_string(rest).unwrap_or(0),
            ['"', ..] => string(rest),
            ['\'', '\\', ..] => 3 + rest[3.min(rest.len())..].iter().position(|&letter| letter == '\'').unwrap_or(0),
            ['\'', _, '\'', ..] => 3,
            _ => 0,
        };
        match length {
            0 => code.push(letters[at]),
            _ => code.push(' '),
        }
        at += length.max(1);
    }
    without_tests(&code)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Length of the block comment at the front; they nest.
fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// Length of the string at the front.
fn string(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// Length of the raw string at the front, `None` if it is none (`r#name`).
fn raw_string(rest: &[char]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|&&letter| letter == '#').count();
    if rest.get(1 + hashes) != Some(&'"') {
        return None;
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    let body = &rest[2 + hashes..];
    let end = body.windows(closing.len()).position(|window| window == closing)?;
    Some(2 + hashes + end + closing.len())
}

/// Removes each item that follows `#[cfg(test)]`: up to its semicolon, or to the brace that closes it.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut kept = String::new();
    let mut rest = code;
    while let Some(at) = rest.find(MARK) {
        kept.push_str(&rest[..at]);
        rest = &rest[at + MARK.len()..];
        let mut depth = 0;
        let end = rest.char_indices().find(|&(_, letter)| {
            depth += i32::from(letter == '{') - i32::from(letter == '}');
            depth == 0 && matches!(letter, ';' | '}')
        });
        rest = end.map_or("", |(end, letter)| &rest[end + letter.len_utf8()..]);
    }
    kept + rest
}

/// The top-level module of a file, by its path from the repository, e.g. `src/emit/name.rs`.
pub fn module_of(path: &str) -> &str {
    let inside = path.strip_prefix("src/").unwrap_or(path);
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

/// How many `super::` lead from a file's module to the crate.
fn depth_of(path: &str) -> usize {
    let inside = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs").trim_end_matches("/mod");
    inside.split('/').count()
}

/// The names behind `crate::`, or behind as many `super::` as lead there, in paths and in braces.
pub fn imports(path: &str, code: &str) -> BTreeSet<String> {
    let root = "super::".repeat(depth_of(path));
    let mut found = BTreeSet::new();
    for way in ["crate::", root.as_str()] {
        for (at, _) in code.match_indices(way) {
            let before = &code[..at];
            let continues = before.ends_with(is_word) || before.ends_with("::");
            if !continues {
                first_names(&code[at + way.len()..], &mut found);
            }
        }
    }
    found.remove("self");
    found.remove("super");
    found
}

/// The first name of each path in what follows `crate::`: one path, or a list in braces.
fn first_names(rest: &str, found: &mut BTreeSet<String>) {
    let word = |text: &str| text.trim_start().chars().take_while(|&letter| is_word(letter)).collect::<String>();
    let Some(list) = rest.trim_start().strip_prefix('{') else {
        found.insert(word(rest));
        return;
    };
    let mut depth = 0;
    let mut start = 0;
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.insert(word(&list[start..at]));
                start = at + 1;
                if letter == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.remove("");
}

/// Imports of a source file that its layer may not have. `modules` are the top-level modules that exist.
pub fn import_faults(layers: &[(&str, &[&str])], modules: &BTreeSet<String>, path: &str, text: &str) -> Vec<String> {
    let module = module_of(path);
    if matches!(module, "lib" | "main") {
        return Vec::new();
    }
    let Some((_, allowed)) = layers.iter().find(|(name, _)| *name == module) else {
        return vec![format!("{path}: the module {module} has no row in LAYERS")];
    };
    imports(path, &code(text))
        .into_iter()
        .filter(|import| modules.contains(import) && import != module && !allowed.contains(&import.as_str()))
        .map(|import| format!("{path} imports crate::{import}, which {module} may not"))
        .collect()
}

/// Files read or written by a layer that is pure.
pub fn file_faults(path: &str, text: &str) -> Vec<String> {
    let writes = ["fs::write", "File::create", "create_dir", "fs::rename", "remove_file", "OpenOptions"];
    let reads = ["fs::read", "File::open", "read_dir", "fs::metadata"];
    let (module, code) = (module_of(path), code(text));
    let has = |words: &[&str]| words.iter().any(|word| code.contains(word));
    let mut faults = Vec::new();
    if has(&writes) && !WRITERS.contains(&module) {
        faults.push(format!("{path} writes files"));
    }
    if has(&reads) && !READERS.contains(&module) {
        faults.push(format!("{path} reads files"));
    }
    faults
}

/// What makes an output differ from run to run, or is not safe Rust.
pub fn determinism_faults(path: &str, text: &str) -> Vec<String> {
    let code = code(text);
    let words = ["HashMap", "HashSet", "SystemTime", "std::time", "thread_rng", "unsafe "];
    words.iter().filter(|word| code.contains(**word)).map(|word| format!("{path} has {word}")).collect()
}

/// A file that is too long and whose header does not say why.
pub fn length_fault(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    let header: Vec<&str> = text.lines().take_while(|line| line.starts_with("//!")).collect();
    let has_reason = header.iter().any(|line| line.contains("500 lines"));
    (lines > MOST_LINES && !has_reason)
        .then(|| format!("{path} has {lines} lines; shorten it, or say in its header why it has more than 500 lines"))
}

/// Work that is promised instead of done, and tests that do not run. The words are put together here so that this file may
/// hold them.
pub fn placeholder_faults(path: &str, text: &str) -> Vec<String> {
    let words = [concat!("to", "do!"), concat!("unimple", "mented!"), concat!("#[ig", "nore")];
    words.iter().filter(|word| text.contains(**word)).map(|word| format!("{path} has {word}")).collect()
}

/// Hosts of package registries and settings that point at one: where packages come from is the machine's business.
pub fn registry_faults(path: &str, text: &str) -> Vec<String> {
    let words = [
        concat!("crates", ".io"),
        concat!("py", "pi.org"),
        concat!("python", "hosted.org"),
        concat!("npm", "js."),
        concat!("ruby", "gems.org"),
        concat!("proxy.go", "lang"),
        concat!("index", "-url"),
        concat!("replace", "-with"),
        concat!("arti", "factory"),
    ];
    let lower = text.to_lowercase();
    words.iter().filter(|word| lower.contains(**word)).map(|word| format!("{path} names {word}")).collect()
}

/// Sources in a Cargo.lock other than cargo's own default index.
pub fn lock_faults(text: &str) -> Vec<String> {
    let sources = text.lines().filter_map(|line| line.strip_prefix("source = \""));
    sources.filter(|source| !source.starts_with("registry+https://github.com/rust-lang/")).map(str::to_owned).collect()
}

/// Packages that a manifest ships with: all dependencies but those of tests, on any platform.
pub fn shipped_dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut tables = vec![manifest];
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    tables.extend(targets.into_iter().flat_map(|of| of.values()).filter_map(toml::Value::as_table));
    for table in tables {
        for kind in ["dependencies", "build-dependencies"] {
            let listed = table.get(kind).and_then(toml::Value::as_table).into_iter().flatten();
            for (name, value) in listed {
                names.insert(name.clone());
                // `witness = { package = ".." }` is the package under another name.
                names.extend(value.get("package").and_then(toml::Value::as_str).map(str::to_owned));
            }
        }
    }
    names
}

/// Folders in which a path of this repository begins.
const ROOTS: [&str; 14] = [
    "src",
    "tests",
    "docs",
    "designs",
    "workloads",
    "processes",
    "schemas",
    "scripts",
    "rtl-out",
    "reports",
    "benches",
    "examples",
    ".ci",
    "Cargo.toml",
];

/// The text outside of fenced blocks.
fn unfenced(text: &str) -> String {
    let mut inside = false;
    let kept = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    kept.collect::<Vec<_>>().join("\n")
}

/// Paths of this repository that a Markdown text names in backquotes. Where a part of a path is a placeholder (`*`, `{}`,
/// `<>`, or a word in capitals such as `NAME`), what stands before it.
pub fn named_paths(text: &str) -> Vec<String> {
    let text = unfenced(text);
    let words = code_spans(&text);
    let is_root = |word: &str| {
        let first = word.split('/').next().unwrap_or_default();
        let document = !word.contains('/') && (word.ends_with(".md") || word.starts_with("LICENSE-"));
        (ROOTS.contains(&first) && (word.contains('/') || word.contains('.'))) || document || word == "Cargo.lock"
    };
    words
        .into_iter()
        .filter(|word| !word.contains(char::is_whitespace) && is_root(word))
        .map(|word| {
            let known = word.split('/').take_while(|part| !is_placeholder(part)).collect::<Vec<_>>();
            known.join("/")
        })
        .collect()
}

/// What stands in backquotes: a span ends with as many of them as it began with.
fn code_spans(text: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let quotes = rest[at..].chars().take_while(|&letter| letter == '`').count();
        let (fence, inside) = rest[at..].split_at(quotes);
        let Some(end) = inside.find(fence) else { break };
        spans.push(&inside[..end]);
        rest = &inside[end + quotes..];
    }
    spans
}

fn is_placeholder(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part);
    let capitals = !stem.is_empty() && stem.chars().all(|letter| letter.is_ascii_uppercase());
    part.contains(['*', '{', '<']) || (capitals && !part.ends_with(".md") && part != "README")
}

/// Relative targets of Markdown links, without their anchors.
pub fn links(text: &str) -> Vec<String> {
    let text = unfenced(text);
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets
        .map(|link| link.split('#').next().unwrap_or_default().to_owned())
        .filter(|link| !link.is_empty() && !link.contains("://") && !link.contains(char::is_whitespace))
        .collect()
}

mod planted {
    use super::*;

    fn modules() -> BTreeSet<String> {
        LAYERS.iter().map(|(name, _)| (*name).to_owned()).collect()
    }

    fn faults(path: &str, text: &str) -> usize {
        import_faults(LAYERS, &modules(), path, text).len()
    }

    #[test]
    fn a_forbidden_import_is_found_in_every_way_of_writing_it() {
        for text in [
            "use crate::netlist::Netlist;",
            "use crate::{engine::{Engine, Law}, netlist};",
            "use crate::{\n    matrix::Matrix,\n    netlist::{self, Op},\n};",
            "use {crate::engine::Engine, crate::netlist::Netlist};",
            "fn f() { let _ = crate::netlist::MAX_WIDTH; }",
            "use super::super::netlist::Netlist;",
            "use super::super::{engine, netlist};",
            "let mark = '\"'; use crate::netlist; let other = '\"';",
            "let url = \"https://a\"; use crate::netlist;",
            "#[cfg(test)]\nmod tests { fn f() { let brace = \"}\"; } }\nuse crate::netlist;",
        ] {
            assert_eq!(faults("src/simulate/gemm.rs", text), 1, "{text}");
        }
        assert_eq!(faults("src/simulate/mod.rs", "use super::netlist::Netlist;"), 1);
        assert_eq!(faults("src/matrix.rs", "use super::netlist::Netlist;"), 1);
        assert_eq!(faults("src/engine/systolic/mod.rs", "use super::super::design;"), 1);
    }

    #[test]
    fn comments_strings_tests_and_neighbours_are_no_imports() {
        for text in [
            "// use crate::netlist;",
            "/// See [`Netlist`](crate::netlist::Netlist).",
            "/* one /* two */ use crate::netlist; */",
            "let text = \"crate::netlist \\\" crate::netlist\";",
            "let text = r#\"crate::netlist \" crate::netlist\"#;",
            "#[cfg(test)]\nmod tests { use crate::netlist::ResetKind; }",
            "#[cfg(test)]\nuse crate::netlist::ResetKind;",
            "use super::netlist;",
            "use crate::engine::netlist;",
            "use crate::simulate::Words;",
            "use another_crate::netlist;",
        ] {
            assert_eq!(faults("src/simulate/gemm.rs", text), 0, "{text}");
        }
    }

    #[test]
    fn each_wall_that_must_never_fall_is_guarded() {
        for (module, import) in NEVER {
            assert_eq!(faults(&format!("src/{module}/mod.rs"), &format!("use crate::{import}::Thing;")), 1);
            let broken: [(&str, &[&str]); 2] = [(import, &[]), (module, &[import])];
            assert_eq!(table_faults(&broken, NEVER).len(), 1);
        }
    }

    #[test]
    fn a_module_without_a_row_and_a_row_that_imports_downwards_are_found() {
        assert_eq!(faults("src/utils/mod.rs", ""), 1);
        let upside_down: [(&str, &[&str]); 2] = [("encoding", &["matrix"]), ("matrix", &[])];
        assert_eq!(table_faults(&upside_down, &[]).len(), 1);
    }

    #[test]
    fn a_pure_layer_that_touches_files_is_found() {
        assert_eq!(file_faults("src/engine/spec.rs", "std::fs::write(path, text)").len(), 1);
        assert_eq!(file_faults("src/simulate/gemm.rs", "let text = std::fs::read_to_string(path);").len(), 1);
        assert_eq!(file_faults("src/workload/mod.rs", "let text = std::fs::read_to_string(path);").len(), 0);
        assert_eq!(file_faults("src/workload/mod.rs", "File::create(path)").len(), 1);
        assert_eq!(
            file_faults("src/engine/spec.rs", "#[cfg(test)]\nmod tests { fn f() { fs::write(a, b) } }").len(),
            0
        );
    }

    #[test]
    fn clocks_hash_maps_and_unsafe_code_are_found() {
        assert_eq!(determinism_faults("src/x.rs", "use std::collections::HashMap;").len(), 1);
        assert_eq!(determinism_faults("src/x.rs", "unsafe { f() }; SystemTime::now()").len(), 2);
        assert_eq!(determinism_faults("src/x.rs", "// no HashMap here").len(), 0);
    }

    #[test]
    fn a_long_file_needs_a_reason_in_its_header() {
        let long = "fn f() {}\n".repeat(MOST_LINES + 1);
        assert!(length_fault("src/x.rs", &long).is_some());
        assert!(length_fault("src/x.rs", &format!("//! A table.\n{long}//! more than 500 lines\n")).is_some());
        assert!(length_fault("src/x.rs", &format!("//! A table has\n//! more than 500 lines.\n{long}")).is_none());
        assert!(length_fault("src/x.rs", &"fn f() {}\n".repeat(MOST_LINES)).is_none());
    }

    #[test]
    fn promises_and_tests_that_do_not_run_are_found() {
        for word in [concat!("to", "do!()"), concat!("unimple", "mented!()"), concat!("#[ig", "nore = \"slow\"]")] {
            assert_eq!(placeholder_faults("tests/x.rs", &format!("fn f() {{ {word} }}")).len(), 1, "{word}");
        }
        assert_eq!(placeholder_faults("tests/x.rs", "// nothing is left to do").len(), 0);
    }

    #[test]
    fn a_registry_host_and_a_foreign_source_are_found() {
        assert_eq!(registry_faults("README.md", concat!("see https://Crates", ".io/x")).len(), 1);
        assert_eq!(registry_faults(".cargo/config", concat!("replace", "-with = \"mirror\"")).len(), 1);
        assert_eq!(registry_faults("README.md", "see https://github.com/x").len(), 0);
        assert_eq!(lock_faults("source = \"registry+https://github.com/rust-lang/index\"\n").len(), 0);
        assert_eq!(lock_faults("name = \"x\"\nsource = \"registry+http://mirror/\"\n").len(), 1);
    }

    #[test]
    fn a_witness_among_the_shipped_dependencies_is_found() {
        for manifest in [
            "[dependencies]\nrust-hdl = \"0.46\"",
            "[build-dependencies]\nrust-hdl = \"0.46\"",
            "[target.'cfg(unix)'.dependencies]\nrust-hdl = \"0.46\"",
            "[dependencies]\nwitness = { package = \"rust-hdl\", version = \"0.46\" }",
        ] {
            assert!(shipped_dependencies(&manifest.parse().expect("TOML")).contains("rust-hdl"), "{manifest}");
        }
        let manifest = "[dependencies]\nserde = \"1\"\n[dev-dependencies]\nrust-hdl = \"0.46\"";
        assert!(!shipped_dependencies(&manifest.parse().expect("TOML")).contains("rust-hdl"));
    }

    #[test]
    fn paths_are_found_in_backquotes_and_placeholders_are_cut_off() {
        let text = "`` `quoted `` `src/emit/name.rs`, `tests/errors/LAYER/CODE.toml`, `designs/*.toml`, `CHANGELOG.md`\n\
                    ```\n`src/not/this.rs`\n```\n`results.json` `a / b` `bitweight check src/x` `docs/` `Cargo.toml`";
        let expected =
            ["src/emit/name.rs", "tests/errors", "designs", "CHANGELOG.md", "docs/", "Cargo.toml"].map(str::to_owned);
        assert_eq!(named_paths(text), expected);
        assert_eq!(links("[a](docs/rtl.md#reset) [b](https://x.y) [c](#here) f[i](j, k)"), ["docs/rtl.md"]);
    }
}
