//! The program with files of SCALE-Sim: what it writes, says and refuses.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn bitweight(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bitweight"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .output()
        .expect("the program runs")
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    (text(&output.stdout), text(&output.stderr))
}

const CFG: &str = "tests/data/scalesim/small.cfg";
const CSV: &str = "tests/data/scalesim/small.csv";

#[test]
fn a_configuration_becomes_a_design_to_edit() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let (answer, talk) = said(&bitweight(&["new", "my-array", "--from", CFG, "--out", out]));
    let path = folder.path().join("my-array.toml");
    assert_eq!(answer.trim(), path.to_str().expect("UTF-8"), "{talk}");
    assert!(talk.contains("note: tests/data/scalesim/small.cfg:8:1: "), "{talk}");
    let text = fs::read_to_string(&path).expect("the design");
    assert!(text.contains("name = \"my-array\"") && text.contains("rows = 4\ncols = 8\n"), "{text}");
    assert!(text.contains("[memory]\na = { kib = 64 }\ndram-bits-per-cycle = 480\n"), "{text}");
    let check = bitweight(&["check", path.to_str().expect("UTF-8")]);
    assert!(said(&check).0.starts_with("# my-array: 4x8 systolic weight stationary"), "{check:?}");
}

#[test]
fn a_run_keeps_counts_and_notes_in_its_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().to_str().expect("UTF-8");
    let arguments =
        ["run", CFG, CSV, "--cycles", "scalesim", "--set", "array.rows=8", "--topology", "conv", "--out", out];
    let output = bitweight(&arguments);
    assert!(output.status.success(), "{output:?}");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file of the run");
    let results: Value = serde_json::from_str(&read("results.json")).expect("JSON");
    // 8 x 8: 49 steps in 4 x 1 folds, 49 in 2 x 1 for each of 8 channels, 1 in 49 x 2; each 2 * 8 + 8 - 2 = 22 longer.
    let expected = [4 * 71 - 1, 2 * 71 - 1, 98 * 23 - 1];
    for (layer, cycles) in expected.into_iter().enumerate() {
        assert_eq!(results["layers"][layer]["scalesim_cycles"], cycles, "{}", results["layers"][layer]["name"]);
    }
    assert_eq!(results["total"]["scalesim_cycles"], expected[0] + 8 * expected[1] + expected[2]);
    let difference = results["total"]["scalesim_difference"].as_str().expect("a sentence");
    let notes = results["notes"].as_array().expect("notes");
    let places: Vec<(&str, u64, u64)> = notes
        .iter()
        .map(|note| {
            let file =
                Path::new(note["file"].as_str().expect("a name")).file_name().expect("a file").to_str().expect("UTF-8");
            (file, note["line"].as_u64().expect("a line"), note["column"].as_u64().expect("a column"))
        })
        .collect();
    assert_eq!(places, [("small.cfg", 8, 1), ("small.csv", 3, 1), ("small.csv", 4, 1), ("small.csv", 4, 32)]);
    let page = read("report.html");
    assert!(page.contains(difference) && page.contains("SCALE-Sim<br>cycles"), "the page has sentence and column");
    assert!(page.contains("means nothing here and is ignored"), "the page has the notes");
    let command = results["made"]["command"].as_str().expect("a command");
    assert_eq!(
        command,
        "bitweight run tests/data/scalesim/small.cfg tests/data/scalesim/small.csv --topology conv --cycles scalesim --set 'array.rows=8'"
    );
    assert!(said(&output).1.starts_with("note: "), "{output:?}");
    let quiet = bitweight(&["-q", "simulate", CFG, CSV, "--out", out]);
    assert_eq!(said(&quiet).1, "");
    assert!(!said(&quiet).0.contains("SCALE-Sim"));
}

#[test]
fn rows_of_another_form_than_was_given_are_refused_with_what_to_give() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("g.csv");
    fs::write(&path, "Layer, M, N, K,\na, 2, 3, 4,\n").expect("a file");
    let output = bitweight(&["simulate", "mac-os-4x4", path.to_str().expect("UTF-8"), "--topology", "conv"]);
    assert_eq!(output.status.code(), Some(2));
    let talk = said(&output).1;
    assert!(talk.contains("workload::topology_missing") && talk.contains("g.csv:2:"), "{talk}");
    assert!(talk.contains("`--topology gemm`"), "{talk}");
}

#[test]
fn an_array_that_is_not_systolic_is_refused_before_anything_runs() {
    let output = bitweight(&["simulate", "mac-cube", "no-such-workload.csv", "--cycles", "scalesim"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).1.contains("simulate::not_systolic"), "{output:?}");
}

#[test]
fn a_design_that_stores_weights_n_of_m_says_what_the_ratio_of_a_row_means_to_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("g.csv");
    let out = folder.path().join("run");
    let [path, out] = [&path, &out].map(|path| path.to_str().expect("UTF-8"));
    let hint = |design: &str, rows: &str| {
        fs::write(path, format!("Layer, M, N, K, Sparsity,\n{rows}")).expect("a file");
        said(&bitweight(&["-v", "simulate", design, path, "--out", out])).1
    };
    let both = hint("mac-ws-2-4-4x4", "a, 2, 3, 16, 2:4,\nb, 2, 3, 16, 1:4,\n");
    let expected = "g.csv: `mac-ws-2-4-4x4` stores 2 of 4 weights along K (`compress-n-of-m`), and its cycles follow from that, \
                    whatever the N:M of a row: weights of 1:4 fit, leave places at 0, and are no faster for that; weights of 2:4 \
                    fill these places";
    assert!(both.contains(expected), "{both}");
    let dense = hint("mac-ws-2-4-4x4", "a, 2, 3, 16, 3:4,\n");
    assert!(dense.contains("weights of 3:4 can have 3 in 4, and one group that has is an error"), "{dense}");
    assert!(dense.contains("simulate::not_n_of_m") && dense.contains("write 2:4 there"), "{dense}");
    for (design, rows) in [("mac-ws-4x4", "a, 2, 3, 16, 2:4,\n"), ("mac-ws-2-4-4x4", "a, 2, 3, 16, ,\n")] {
        assert!(!hint(design, rows).contains("compress-n-of-m`)"), "{design}");
    }
}
