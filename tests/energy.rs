//! `estimate --power`: figures that add up, every shipped small design, and what the answer does not depend on.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn estimate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bitweight"))
        .arg("estimate")
        .args(arguments)
        .args(["--format", "json", "-q", "--out"])
        .arg(folder)
        .output()
        .expect("the program runs")
}

fn answer(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let output = estimate(folder.path(), arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {said}"))
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("no {key} in {value}"))
}

const KINDS: [&str; 5] = ["nets_pj", "logic_cells_pj", "registers_pj", "clock_pj", "leakage_pj"];

/// Figures have five decimals, and some dozen of them are added.
const ROUNDED: f64 = 1e-6;

#[test]
fn figures_add_up_by_what_spends_them_by_part_and_by_module() {
    let json = answer(&["mac-os-4x4", "--clock", "2ns", "--power", "gemm-256"]);
    let energy = &json["energy"];
    let run = &energy["with_delays"];
    let kinds: f64 = KINDS.iter().map(|kind| number(run, kind)).sum();
    let sum = |list: &str, key: &str| {
        energy[list].as_array().expect("a list").iter().map(|row| number(row, key)).sum::<f64>()
    };
    for other in [sum("parts", "with_delays_pj"), sum("modules", "energy_pj")] {
        assert!((other / kinds - 1.0).abs() < ROUNDED, "{other} of {kinds}");
    }
    let macs = number(energy, "macs");
    assert_eq!((energy["extents"].clone(), macs), (serde_json::json!([8, 8, 64]), 4096.0));
    let per_mac = number(run, "pj_per_mac");
    assert!((kinds / macs - per_mac).abs() < 1e-4);
    // 2 operations a multiply-accumulate: 2 / pJ are TOPS/W.
    let engine = &energy["engine"];
    assert!((number(engine, "tops_per_w") * number(engine, "pj_per_mac") / 2.0 - 1.0).abs() < 1e-3);
    let time_ns = number(energy, "cycles") * 2.0;
    assert!((number(&json, "power_mw") * time_ns / kinds - 1.0).abs() < 1e-4);
    let area_mm2 = number(&json, "area_um2") * 1e-6;
    assert!((number(engine, "tops_per_mm2") * area_mm2 * time_ns / (2e-3 * macs) - 1.0).abs() < 1e-3);
    // The array is what stands in the grids: less energy, less area.
    assert!(number(&energy["array"], "tops_per_w") > number(engine, "tops_per_w"));
    let of_parts: f64 = json["parts"].as_array().expect("parts").iter().map(|part| number(part, "energy_pj")).sum();
    assert!((of_parts / kinds - 1.0).abs() < ROUNDED, "every part with area has its energy");
    assert!(!json["limits"].to_string().contains("no energy"));
    assert_eq!(energy["simulated_cycles"], energy["cycles"], "nothing of a small design is sampled");
}

#[test]
fn cells_of_every_small_shipped_design_settle_to_what_the_netlist_has() {
    let list = Command::new(env!("CARGO_BIN_EXE_bitweight")).args(["list", "designs", "--format", "json"]).output();
    let list: Value = serde_json::from_slice(&list.expect("the program runs").stdout).expect("JSON");
    let names = list["items"].as_array().expect("items").iter().filter_map(|item| item["name"].as_str());
    // A product whose weights keep 2 of 4 comes from a file.
    let names: Vec<&str> = names.filter(|name| name.ends_with("-4x4") && !name.contains("2-4")).collect();
    assert!(names.len() > 30, "{names:?}");
    // The flip-flops of asap7 show the complement of what they hold.
    for (name, process) in names.into_iter().flat_map(|name| [(name, "nangate45"), (name, "asap7")]) {
        let json = answer(&[name, "--power", "gemm-256", "--clock", "4ns", "--process", process]);
        let energy = &json["energy"];
        let share = number(energy, "glitch_share");
        assert!((0.01..0.7).contains(&share) && number(energy, "cycles") > 20.0, "{name}, {process}: {energy}");
    }
}

#[test]
fn more_threads_give_the_same_bytes_and_another_seed_others() {
    let with = |more: &[&str]| {
        let fixed = ["opt4c-4x4", "--clock", "2ns", "--power", "gemm-256"];
        answer(&[&fixed[..], more].concat())["energy"].clone()
    };
    let one = with(&["-j", "1"]);
    assert_eq!(one, with(&["-j", "3"]));
    assert_ne!(one["with_delays"], with(&["--seed", "9"])["with_delays"]);
}

#[test]
fn leakage_and_clock_follow_the_period_and_charge_does_not() {
    let at = |clock: &str| answer(&["opt1-os-4x4", "--clock", clock, "--power", "gemm-256"])["energy"].clone();
    // Both are met without a change of the netlist.
    let (fast, slow) = (at("20ns"), at("40ns"));
    let ratio = |kind: &str| number(&slow["with_delays"], kind) / number(&fast["with_delays"], kind);
    assert!((ratio("leakage_pj") - 2.0).abs() < 1e-3 && (ratio("clock_pj") - 1.0).abs() < 1e-6);
    // Inputs change 1 % of the period after the edge, which moves some glitches.
    assert!((ratio("nets_pj") - 1.0).abs() < 0.02, "{}", ratio("nets_pj"));
}

#[test]
fn memory_round_an_engine_costs_what_its_counted_bits_do() {
    let set = ["--set", "array.rows=4", "--set", "array.cols=4"];
    let json = answer(&[&["mac-ws-edge", "--power", "gemm-256"][..], &set[..]].concat());
    let memory = &json["energy"]["memory"];
    let macs = number(memory, "macs");
    assert_eq!(macs, 256f64.powi(3));
    // 1300 and 2600 pJ for 64 bits.
    let bits = number(memory, "dram_bits");
    for (index, pj) in [1300.0, 2600.0].into_iter().enumerate() {
        let found = memory["dram_pj_per_mac"][index].as_f64().expect("a figure");
        assert!((found / (bits * pj / 64.0 / macs) - 1.0).abs() < 1e-3, "{memory}");
    }
    let buffers = memory["sram"].as_array().expect("buffers");
    let sizes: Vec<u64> = buffers.iter().filter_map(|buffer| buffer["bytes"].as_u64()).collect();
    assert_eq!(sizes, [64 << 10, 64 << 10, 256 << 10]);
    let sum: f64 = buffers.iter().map(|buffer| number(buffer, "pj_per_mac")).sum();
    assert!((sum - number(memory, "sram_pj_per_mac")).abs() < 1e-4);
    let engine = number(&json["energy"]["engine"], "pj_per_mac");
    let least = memory["with_engine_pj_per_mac"][0].as_f64().expect("a figure");
    let dram = memory["dram_pj_per_mac"][0].as_f64().expect("a figure");
    assert!((least - engine - sum - dram).abs() < 1e-3);
    assert_eq!(answer(&["mac-os-4x4", "--power", "gemm-256"])["energy"]["memory"], Value::Null);
}

#[test]
fn a_clock_that_is_not_met_has_no_energy() {
    let json = answer(&["mac-os-4x4", "--clock", "0.1ns", "--power", "gemm-256"]);
    assert!(json["energy"].is_null() && json["power_mw"].is_null());
    assert!(json["limits"].to_string().contains("no energy"));
}
