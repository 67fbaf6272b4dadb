//! `paper`: ratios follow from the figures beside them, the figures are those of the other verbs, and what cannot be is refused.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Small arrays, so that all engines together take seconds.
const SMALL: [&str; 4] = ["--set", "array.rows=2", "--set", "array.cols=2"];

fn run(verb: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bitweight"))
        .args(verb)
        .arg("--out")
        .arg(folder)
        .output()
        .expect("the program runs")
}

fn answer(verb: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(&[verb, &["--format", "json", "-q"]].concat(), folder.path());
    assert_eq!(output.status.code(), Some(0), "{verb:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn number(value: &Value, path: &str) -> f64 {
    value.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("no {path} in {value}"))
}

#[test]
fn ratios_follow_from_figures_which_are_those_of_simulate_and_estimate() {
    let paper = answer(&[&["paper"][..], &SMALL].concat());
    let rows = paper["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 6);
    for row in rows {
        let baseline = &row["baseline"];
        for engine in row["transformed"].as_array().expect("engines") {
            // Figures have five significant digits.
            let near =
                |found: f64, wanted: f64| assert!((found / wanted - 1.0).abs() < 2e-4, "{found} {wanted}: {engine}");
            let tops = |engine: &Value| {
                2e-3 * number(engine, "/macs") / (number(engine, "/cycles") * number(engine, "/estimated/period_ns"))
            };
            let density = |engine: &Value| tops(engine) / (number(engine, "/estimated/area_um2") * 1e-6);
            near(number(engine, "/ratios/estimated/area_efficiency"), density(engine) / density(baseline));
            let energy = |engine: &Value| number(engine, "/estimated/pj_per_mac");
            near(number(engine, "/ratios/estimated/energy_efficiency"), energy(baseline) / energy(engine));
            assert!(number(engine, "/estimated/core_um2") < number(engine, "/estimated/area_um2"));
            assert!(engine["synthesised"].is_null() && engine["ratios"]["synthesised"].is_null());
        }
    }
    // One engine by the verbs that a reader would ask.
    let opt1 = &rows[0]["transformed"][0];
    assert_eq!(opt1["design"], "opt1-os");
    let simulated = answer(&[&["simulate", "opt1-os", "gemm-256"][..], &SMALL].concat());
    assert_eq!(opt1["cycles"], simulated["total"]["cycles"]);
    let clock = format!("{}ns", number(opt1, "/estimated/period_ns") * 1.00005);
    let estimate = answer(&[&["estimate", "opt1-os", "--clock", &clock, "--power", "gemm-256"][..], &SMALL].concat());
    // The clock has five digits here, and at a clock that is longer by so little another netlist may be the smallest: in this
    // case by 4 % of area.
    assert!((number(&estimate, "/area_um2") / number(opt1, "/estimated/area_um2") - 1.0).abs() < 0.08, "{estimate}");
    let pj = number(&estimate, "/energy/with_delays/pj_per_mac");
    assert!((pj / number(opt1, "/estimated/pj_per_mac") - 1.0).abs() < 0.08, "{pj}: {opt1}");
}

#[test]
fn what_was_asked_for_is_written_and_what_cannot_be_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(&["paper", "--synth"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--liberty"));
    let output = run(&["paper", "gemm-25"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(!folder.path().join("paper.json").exists());
    let output = run(&["paper", "--set", "array.rows=1000"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("array.rows"));
}
