//! `synth` on a small design with a small library of our own: the whole way through Yosys, ABC and OpenSTA.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use bitweight::verify::{Tool, Toolbox};
use serde_json::Value;

const LIBRARY: &str = "tests/data/liberty/tiny.lib";
const DESIGN: [&str; 8] =
    ["mac-os-4x4", "--set", "array.rows=2", "--set", "array.cols=2", "--set", "operands.a=\"int4\"", "--liberty"];

/// Whether Yosys and OpenSTA are there; says so if not, or fails if they are required.
fn has_tools() -> bool {
    let tools = Toolbox::discover();
    let missing = [Tool::Yosys, Tool::OpenSta, Tool::Icarus].into_iter().find(|&tool| !tools.has(tool));
    if let Some(tool) = missing {
        assert!(std::env::var_os("BITWEIGHT_REQUIRE_TOOLS").is_none(), "`{}` is required", tool.program());
        println!("skipped: synthesis needs `{}`", tool.program());
    }
    missing.is_none()
}

fn synth(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bitweight"))
        .arg("synth")
        .args(DESIGN)
        .arg(LIBRARY)
        .args(["--format", "json", "--out"])
        .arg(folder)
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn answer(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("no {key} in {value}"))
}

#[test]
fn areas_add_up_cells_are_those_of_the_netlist_and_a_second_run_reads_what_the_first_one_kept() {
    if !has_tools() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let first = synth(folder.path(), &["--clock", "100ns"]);
    assert_eq!(first.status.code(), Some(0), "{}", String::from_utf8_lossy(&first.stderr));
    let json = answer(&first);
    let points = json["points"].as_array().expect("points");
    assert_eq!(points.len(), 9, "three scripts at three targets");

    // The smallest point that closes at 100 ns is the smallest of all.
    let least = points.iter().map(|point| number(point, "area_um2")).fold(f64::INFINITY, f64::min);
    assert_eq!(number(&json["answer"], "area_um2"), least);
    for point in points {
        let path = folder.path().join("synth").join(point["folder"].as_str().expect("a folder"));
        let netlist = fs::read_to_string(path.join("mapped.v")).expect("the netlist");
        // A 2 x 2 grid of PEs stands in the top, and each has the cells that its text has.
        assert_eq!(netlist.matches("  mac_os_4x4_pe_").count(), 4, "{}", path.display());
        let period = number(point, "min_period_ns");
        assert!(period > 0.1 && period < 10.0, "{period} ns");
    }
    let modules = json["answer"]["modules"].as_array().expect("modules");
    let area: f64 = modules.iter().map(|module| number(module, "count") * number(module, "area_um2")).sum();
    assert!((area - least).abs() < 0.01, "{area} of {least} um2");
    // A path begins at the clock of a flip-flop, moves forward, and ends at the data of one.
    let path = json["fastest"]["critical_path"].as_array().expect("a path");
    let arrivals: Vec<f64> = path.iter().map(|step| number(step, "arrival_ns")).collect();
    assert!(arrivals.len() > 5 && arrivals.is_sorted(), "{arrivals:?}");
    let ends = |step: Option<&Value>, pin: &str| {
        step.is_some_and(|step| step["pin"].as_str().is_some_and(|at| at.ends_with(pin)))
    };
    assert!(ends(path.first(), "/CK") && ends(path.last(), "/D"), "{path:?}");

    // Energy is measured on a netlist that computes right, and an array of plain MACs glitches.
    let powered = answer(&synth(folder.path(), &["--clock", "100ns", "--power", "gemm-256"]));
    let power = &powered["power"];
    assert_eq!(power["extents"], serde_json::json!([4, 4, 64]));
    // A tile takes 64 cycles and 4 tiles follow each other; fill and drain are less than a tile.
    let cycles = number(power, "cycles");
    assert!((4.0 * 64.0..5.0 * 64.0).contains(&cycles), "{cycles} cycles");
    let (timed, untimed) = (&power["with_delays"], &power["without_delays"]);
    assert!(number(timed, "changes") > 1.1 * number(untimed, "changes"), "{power:#}");
    let share = number(power, "glitch_share");
    let of_totals = 1.0 - number(untimed, "pj_per_mac") / number(timed, "pj_per_mac");
    assert!(share > 0.02 && (share - of_totals).abs() < 1e-3, "{power:#}");
    let kinds = ["nets_pj", "logic_cells_pj", "registers_pj", "clock_pj", "leakage_pj"];
    let sum: f64 = kinds.iter().map(|kind| number(timed, kind)).sum();
    assert!((sum / number(power, "macs") / number(timed, "pj_per_mac") - 1.0).abs() < 1e-3, "{power:#}");

    // The estimate counts the same on the cells that it chose: what is the same in both has the same energy.
    let process = folder.path().join("tiny.toml");
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_bitweight")).args(arguments).output().expect("the program runs");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        output
    };
    run(&["process", "import", LIBRARY, "--out", &folder.path().display().to_string()]);
    let (process, out) = (process.display().to_string(), folder.path().display().to_string());
    let fixed = ["--process", &process, "--clock", "100ns", "--power", "gemm-256", "--format", "json", "--out", &out];
    let estimate = answer(&run(&[&["estimate"][..], &DESIGN[..DESIGN.len() - 1], &fixed].concat()));
    let estimate = &estimate["energy"];
    assert_eq!(
        ["macs", "cycles", "extents"].map(|key| &estimate[key]),
        ["macs", "cycles", "extents"].map(|key| &power[key])
    );
    let ratio = |run: &str, kind: &str| number(&estimate[run], kind) / number(&power[run], kind);
    for kind in ["clock_pj", "pj_per_mac"] {
        let beside = number(&power["estimate"]["with_delays"], kind);
        let alone = number(&estimate["with_delays"], kind);
        // Tables of a process have four digits, those of the library all that it has.
        assert!((beside / alone - 1.0).abs() < 1e-3, "`synth` prints {beside} beside it, `estimate` {alone}");
    }
    assert!((ratio("with_delays", "clock_pj") - 1.0).abs() < 0.01, "{estimate:#} {power:#}");
    // Other gates, so other nets; the bar of the estimate for any design.
    assert!((ratio("without_delays", "pj_per_mac") - 1.0).abs() < 0.15, "{estimate:#} {power:#}");
    assert!((ratio("with_delays", "pj_per_mac") - 1.0).abs() < 0.25, "{estimate:#} {power:#}");

    // Without what the second half needs only what was kept can answer.
    for entry in fs::read_dir(folder.path().join("synth")).expect("the folder") {
        drop(fs::remove_file(entry.expect("an entry").path().join("front.il")));
    }
    let second = synth(folder.path(), &["--clock", "100ns"]);
    assert_eq!(answer(&second), json);

    // No array of this library closes at 10 ps, and that is an answer.
    let folder = tempfile::tempdir().expect("another folder");
    let third = synth(folder.path(), &["--clock", "10ps"]);
    assert_eq!(third.status.code(), Some(1), "{}", String::from_utf8_lossy(&third.stderr));
    assert_eq!(answer(&third)["answer"], Value::Null);
}

/// Yosys of the versions up to 2025 swaps set and reset of such flip-flops, and a netlist of them computes nothing.
#[test]
fn flip_flops_with_an_inverted_output_and_both_set_and_reset_from_a_file_of_their_own_compute_right() {
    if !has_tools() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(LIBRARY).expect("the library");
    let end = text.find("  cell (DFF_1)").expect("flip-flops stand behind the logic");
    let logic = folder.path().join("logic.lib");
    fs::write(&logic, format!("{}}}\n", &text[..end])).expect("a library");
    let output = Command::new(env!("CARGO_BIN_EXE_bitweight"))
        .arg("synth")
        .args(DESIGN)
        .arg(&logic)
        .args(["--liberty", "tests/data/liberty/turned.lib", "--clock", "100ns", "--power", "gemm-256"])
        .args(["--format", "json", "--out"])
        .arg(folder.path())
        .output()
        .expect("the program runs");
    let json = answer(&output);
    assert_eq!(output.status.code(), Some(0), "{json:#}");
    assert_eq!(json["library"]["file"], "logic.lib turned.lib");
    assert!(number(&json["power"], "macs") > 0.0, "{json:#}");
    let least = &json["answer"];
    let netlist = folder.path().join("synth").join(least_folder(&json)).join("mapped.v");
    let netlist = fs::read_to_string(netlist).expect("the netlist");
    assert!(netlist.contains("DFFQN_1") && netlist.contains("DFFSRQN_1"), "{netlist}");
    // And costs what the estimate says, within what ABC varies.
    let flip_flops: f64 = least["modules"]
        .as_array()
        .expect("modules")
        .iter()
        .map(|module| number(module, "count") * number(module, "flip_flops"))
        .sum();
    let off = json["estimate"][0]["error_percent"].as_f64().expect("an error");
    assert!(flip_flops > 100.0 && off.abs() < 15.0, "{flip_flops} flip-flops, {off} %");
}

/// The folder of the smallest point.
fn least_folder(json: &Value) -> String {
    let points = json["points"].as_array().expect("points");
    let least = points.iter().min_by(|a, b| number(a, "area_um2").total_cmp(&number(b, "area_um2")));
    least.and_then(|point| point["folder"].as_str()).expect("a folder").to_owned()
}

#[test]
fn a_library_whose_delays_cannot_be_is_refused_with_the_period_that_they_give() {
    if !has_tools() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(LIBRARY).expect("the library").replace("values (\"0.", "values (\"-9.");
    let library = folder.path().join("broken.lib");
    fs::write(&library, text).expect("a library");
    let output = Command::new(env!("CARGO_BIN_EXE_bitweight"))
        .args(["synth", "mac-os-4x4", "--set", "array.rows=2", "--set", "array.cols=2", "--liberty"])
        .arg(&library)
        .arg("--out")
        .arg(folder.path())
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("synth::no_period"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_tool_that_fails_is_a_failure_that_names_its_log() {
    use std::os::unix::fs::PermissionsExt;
    if !has_tools() {
        return;
    }
    // Tells its version, and fails at work.
    let folder = tempfile::tempdir().expect("a folder");
    let tool = folder.path().join("yosys");
    fs::write(
        &tool,
        "#!/bin/sh\n[ \"$1\" = -V ] && echo 'Yosys 0.0' && exit 0\necho 'ERROR: no room' | tee yosys.log\nexit 1\n",
    )
    .expect("a tool");
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).expect("a tool");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").expect("a path"));
    let output = Command::new(env!("CARGO_BIN_EXE_bitweight"))
        .args(["synth", "mac-os-4x4", "--liberty", LIBRARY, "--out"])
        .arg(folder.path())
        .env("PATH", path)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("synth::tool_failed") && said.contains(".log"), "{said}");
}
