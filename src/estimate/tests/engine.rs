//! Whole engines.

use std::time::Instant;

use crate::encoding::EncodingKind;
use crate::engine::{Array, Dataflow, Engine, EngineSpec, Operand};
use crate::estimate::process::Process;
use crate::estimate::{Estimate, Options, PartKind, estimate};
use crate::netlist::ResetKind;

fn spec(name: &str, dataflow: Dataflow, size: u32) -> EngineSpec {
    let transforms = if name.starts_with("opt1") { vec!["compress-accumulate".to_owned()] } else { Vec::new() };
    EngineSpec {
        name: name.into(),
        rows: size,
        cols: size,
        array: Array::Systolic(dataflow),
        a_bits: 8,
        b_bits: 8,
        acc_bits: 32,
        encoding: Some(EncodingKind::Booth4),
        encoded: Operand::A,
        transforms,
        reset: ResetKind::AsyncLow,
        length_bits: 16,
        ..EngineSpec::default()
    }
}

fn of(spec: &EngineSpec) -> Estimate {
    let engine = Engine::elaborate(spec).expect("a sound specification");
    estimate(&engine.netlist, &Process::shipped("nangate45").expect("shipped"), Options::default()).expect("no loop")
}

const DATAFLOWS: [(&str, Dataflow); 2] = [("os", Dataflow::OutputStationary), ("ws", Dataflow::WeightStationary)];

#[test]
fn opt1_shortens_the_clock_of_both_systolic_arrays() {
    for (suffix, dataflow) in DATAFLOWS {
        let mac = of(&spec(&format!("mac-{suffix}"), dataflow, 8));
        let opt1 = of(&spec(&format!("opt1-{suffix}"), dataflow, 8));
        let (slow, fast) = (mac.min_period_ns.expect("state"), opt1.min_period_ns.expect("state"));
        // 1.32 x in the open flow at the best points of both PEs, 2.1 x in the published 28 nm figures.
        // Where results drain through the PEs the estimate takes OPT1's way of the drain's control, across three modules, to be
        // slower than synthesis makes it (2 x 2 PEs: 0.64 ns; synthesis closes at 0.56 ns, and there the PE sets the period).
        let least = if dataflow == Dataflow::OutputStationary { 1.0 } else { 1.2 };
        assert!((least..2.2).contains(&(slow / fast)), "{suffix}: {slow} against {fast} ns");
        assert!(mac.critical_path.iter().any(|step| step.net.ends_with("acc_d")), "{mac}");
        assert!(opt1.critical_path.iter().all(|step| !step.net.ends_with("acc_d")), "{opt1}");
    }
}

#[test]
fn area_is_told_apart_by_part() {
    for (suffix, dataflow) in DATAFLOWS {
        let estimate = of(&spec(&format!("opt1-{suffix}"), dataflow, 8));
        let area = |wanted| estimate.parts.iter().filter(|p| p.part == wanted).map(|p| p.area_um2).sum::<f64>();
        use PartKind::*;
        for part in [Encoder, PartialProducts, Compressor, Adders, Registers, Skew, Control, Buffers] {
            assert!(area(part) > 0.0, "{suffix}: no {}", part.name());
        }
        assert_eq!(area(Drain) > 0.0, dataflow == Dataflow::OutputStationary);
        assert_eq!(area(Multiplier), 0.0);
        let sum: f64 = PartKind::ALL.into_iter().map(area).sum();
        assert!((sum - estimate.area_um2).abs() < 1e-6 * sum);
    }
    let mut behavioural = spec("mac-os", Dataflow::OutputStationary, 4);
    behavioural.encoding = None;
    let estimate = of(&behavioural);
    assert!(estimate.parts.iter().any(|part| part.part == PartKind::Multiplier && part.area_um2 > 0.0));
}

#[test]
fn the_multiplexers_of_compressed_weights_are_a_part_and_on_the_critical_path() {
    let of_weights = |transforms: &[&str]| {
        let transforms = transforms.iter().map(|&name| name.to_owned()).collect();
        of(&EngineSpec { transforms, ..spec("mac-ws", Dataflow::WeightStationary, 4) })
    };
    let (plain, kept) = (of_weights(&[]), of_weights(&["compress-n-of-m"]));
    let selection = |estimate: &Estimate| {
        estimate.parts.iter().find(|part| part.part == PartKind::Selection).map(|part| part.area_um2)
    };
    assert!(selection(&kept) > Some(0.0) && selection(&plain).unwrap_or(0.0) == 0.0);
    assert!(kept.critical_path.iter().any(|step| step.net.contains("u_select")), "{kept}");
}

#[test]
fn a_design_s_own_name_is_not_mistaken_for_a_part() {
    let (plain, named) = ("opt1-os", "opt1-encoder-drain-control");
    let [plain, named] = [plain, named].map(|name| of(&spec(name, Dataflow::OutputStationary, 4)));
    assert_eq!(plain.parts, named.parts);
}

#[test]
fn every_encoding_and_reset_has_an_estimate_and_the_same_one_twice() {
    for encoding in EncodingKind::ALL {
        for reset in [ResetKind::AsyncLow, ResetKind::SyncLow, ResetKind::SyncHigh] {
            let spec = EngineSpec { encoding: Some(encoding), reset, ..spec("opt1-os", Dataflow::OutputStationary, 3) };
            let first = of(&spec);
            assert!(first.area_um2 > 9.0 * 900.0 && first.min_period_ns.is_some_and(|period| period > 0.4));
            assert_eq!(first, of(&spec));
            let resettable = first.cells.iter().any(|cell| cell.cell.starts_with("DFFR"));
            assert_eq!(resettable, reset == ResetKind::AsyncLow, "a synchronous reset is a gate");
        }
    }
}

#[test]
fn an_engine_of_128_by_128_pes_takes_no_longer_than_a_small_one() {
    let engine = Engine::elaborate(&spec("opt1-os", Dataflow::OutputStationary, 128)).expect("sound");
    let process = Process::shipped("nangate45").expect("shipped");
    let start = Instant::now();
    let estimate = estimate(&engine.netlist, &process, Options::default()).expect("no loop");
    let seconds = start.elapsed().as_secs_f64();
    // 0.25 s of one core as tests are compiled; eight times that beside others.
    assert!(seconds < 2.0, "{seconds} s");
    assert_eq!(estimate.modules.iter().map(|module| module.count).max(), Some(128 * 128));
}

#[test]
fn json_carries_what_scripts_read_and_says_where_its_errors_are() {
    let estimate = of(&spec("opt1-os", Dataflow::OutputStationary, 4));
    let json = estimate.to_json(Some(0.8));
    assert_eq!(json["format_version"], 2);
    assert_eq!(
        (&json["process"], &json["calibration"]),
        (&"nangate45".into(), &"errors against synthesis: docs/estimate.md".into())
    );
    assert_eq!((&json["clock_ns"], &json["power_mw"]), (&0.8.into(), &serde_json::Value::Null));
    assert!((json["area_um2"].as_f64().expect("a number") - estimate.area_um2).abs() < 0.01);
    assert_eq!(json["min_period_ns"], estimate.to_json(None)["clock_ns"]);
    let parts = json["parts"].as_array().expect("a list");
    assert!(parts.iter().all(|part| part["name"].is_string() && part["area_um2"].as_f64() > Some(0.0)));
    let last = json["critical_path"].as_array().and_then(|path| path.last()).expect("a path");
    let difference = last["arrival_ns"].as_f64().expect("a number") - json["min_period_ns"].as_f64().expect("a number");
    assert!(difference.abs() < 2e-5);
    assert!(estimate.to_string().contains("errors against synthesis"));
    assert!(
        json["limits"]
            .as_array()
            .is_some_and(|limits| limits.iter().any(|l| l.as_str().is_some_and(|l| l.contains("power"))))
    );
}
