//! Engines of every family on codes: random designs, decoders in netlist and Verilog, every pair of formats.

use std::{collections::BTreeMap, path::PathBuf};

use bitweight::design::{self, Design, Override};
use bitweight::emit::{Provenance, engine_bundle};
use bitweight::encoding::{ElementFormat, Format};
use bitweight::engine::{Engine, EngineSpec, Patterns};
use bitweight::matrix::Matrix;
use bitweight::simulate::{self, AuditShare};
use bitweight::verify::{
    Interpreted, RandomGemm, Tool, Values, describe, difference, drive, random_gemms, random_spec_where, run_bench,
    simulated_case,
};
use bitweight::workload::Workload;

use crate::bench::toolbox;
use crate::seeds;

fn has_elements(spec: &EngineSpec) -> bool {
    spec.a_element.is_some() || spec.b_element.is_some()
}

#[test]
fn random_designs_with_elements_agree_everywhere() {
    let pairs = seeds::each(0..200, |seed| {
        let spec = random_spec_where(seed, 5, has_elements);
        let what = || format!("BITWEIGHT_SEED={seed}: {}", describe(&spec));
        let differs = |why: String| format!("{}: {why}", what());
        let engine = Engine::elaborate(&spec).map_err(|error| differs(error.to_string()))?;
        let mut device = Interpreted::new(&engine.netlist).map_err(differs)?;
        let streams = spec.streams();
        for gemm in random_gemms(&spec, seed, 4, 3) {
            let differs = |why: String| format!("{}\n  {gemm}: {why}", what());
            // By events, by registers, by a triple loop.
            let case = simulated_case(&spec, &gemm).map_err(differs)?;
            let measured = drive(&mut device, &streams, &case).map_err(differs)?;
            if let Some(why) = difference(&measured, &streams, &case) {
                return Err(differs(why));
            }
        }
        Ok(4)
    });
    println!("{pairs} pairs");
}

fn provenance() -> Provenance {
    Provenance {
        hash: "0123456789abcdef".to_owned(),
        tool: "bitweight 0.1.0".to_owned(),
        regenerate: "bitweight emit random".to_owned(),
        clock_period_ns: 1.0,
    }
}

/// A 1 x 1 engine that multiplies every code by one.
fn every_code_times_one(format: ElementFormat) -> (EngineSpec, RandomGemm) {
    let name = format.name().to_owned();
    let bits = Format::of(format).bits;
    let spec = EngineSpec {
        name,
        rows: 1,
        cols: 1,
        a_bits: bits,
        a_element: Some(format),
        b_bits: 2,
        acc_bits: 40,
        ..EngineSpec::default()
    };
    let elements: Vec<i32> = {
        let (least, greatest) = format.element_range();
        (least..=greatest).filter(|&element| format.is_number(element)).collect()
    };
    let a = Matrix::from_rows(elements.len(), 1, elements).expect("a column");
    let gemm =
        RandomGemm { seed: 0, values: Values::Uniform, a, b: Matrix::filled(1, 1, 1), patterns: Patterns::ALWAYS };
    (spec, gemm)
}

#[test]
fn the_decoder_of_every_format_is_right_for_every_code_in_the_netlist_and_in_verilog() {
    for format in ElementFormat::ALL {
        let (spec, gemm) = every_code_times_one(format);
        let engine = Engine::elaborate(&spec).expect("an engine");
        let case = simulated_case(&spec, &gemm).expect("a run");
        let results: Vec<i64> = gemm.a.values().iter().map(|&element| format.value(element)).collect();
        let streams = spec.streams();
        let c = streams.iter().position(|stream| stream.is_output()).expect("results");
        let mask = (1_u64 << spec.acc_bits) - 1;
        let expected: Vec<u64> = results.iter().map(|&value| value as u64 & mask).collect();
        assert_eq!(case.streams[c].beats().concat(), expected, "{format}");
        let mut device = Interpreted::new(&engine.netlist).expect("a netlist");
        let measured = drive(&mut device, &streams, &case).expect("a run");
        assert_eq!(difference(&measured, &streams, &case), None, "{format}");
        if !toolbox().has(Tool::Icarus) {
            println!("skipped: co-simulation needs `iverilog`");
            continue;
        }
        let bundle = engine_bundle(&engine, &provenance(), &[case]).expect("a bundle");
        let directory = tempfile::tempdir().expect("a folder");
        bundle.write(directory.path()).expect("written");
        run_bench(Tool::Icarus, &bundle, directory.path(), directory.path()).expect("Icarus agrees");
    }
}

/// The modules of a design under their names without its own.
fn modules(design: &Design) -> BTreeMap<String, String> {
    let spec = design::engine_spec(design);
    let engine = Engine::elaborate(&spec).expect("an engine");
    let case = simulated_case(&spec, &RandomGemm::new(&spec, 1, 1, false)).expect("a run");
    let bundle = engine_bundle(&engine, &provenance(), &[case]).expect("a bundle");
    let is_rtl = |path: &str| path.starts_with("rtl/");
    bundle.files.iter().filter(|file| is_rtl(&file.path)).map(|file| (file.path.clone(), file.text.clone())).collect()
}

#[test]
fn an_int8_engine_runs_the_formats_that_fit_its_slots_and_only_a_decoder_is_added() {
    for name in ["opt4c-4x4", "opt4e-4x4", "opt3-4x4", "opt1-os-4x4", "mac-ws-4x4", "opt4c-stored-4x4", "laconic-4x4"] {
        let int8 = Design::load(name, &[]).expect(name);
        let (ours, top) = (modules(&int8), design::engine_spec(&int8).top_name());
        for format in [ElementFormat::MxInt8, ElementFormat::MxFp4, ElementFormat::MxFp6E2m3] {
            let overrides = ["a", "b"]
                .map(|operand| [format!("operands.{operand}={format}"), format!("operands.{operand}-word=8")]);
            let overrides: Vec<Override> = overrides.concat().iter().map(|text| text.as_str().into()).collect();
            let theirs = modules(&Design::load(name, &overrides).expect(name));
            let top = format!("rtl/{top}.v");
            let mut added: Vec<&String> = theirs.keys().filter(|path| !ours.contains_key(*path)).collect();
            // The head of every file names the formats.
            let code = |text: &String| {
                text.lines().filter(|line| !line.trim_start().starts_with("//")).map(str::to_owned).collect::<Vec<_>>()
            };
            for (path, text) in &ours {
                let same = theirs.get(path).map(code) == Some(code(text));
                let same = same || (*path == top && format != ElementFormat::MxInt8);
                assert!(same, "{path} of {name} with {format}");
            }
            if format != ElementFormat::MxInt8 {
                added.retain(|path| !path.contains("_decoder_"));
                assert!(theirs[&top].contains("_decoder_"), "{name} with {format}");
            }
            assert!(added.is_empty(), "{name} with {format}: {added:?}");
            assert!(ours.keys().any(|path| path.contains("_pe_") || path.contains("_unit_")), "{name}");
        }
    }
}

/// Every pair of formats and int8 on every family, by events with all tiles audited.
#[test]
fn every_pair_of_formats_runs_a_workload_on_every_family_but_two_of_e5m2() {
    let text = "name = \"x\"\nvalues = { distribution = \"laplace\", scale = 1.0 }\n\n[[gemm]]\nname = \"one\"\nm = 5\nn = 6\nk = 70\n\n[[conv]]\nname = \"c\"\ninput = [4, 5, 5]\nfilters = 4\nkernel = [3, 3]\ngroups = 2\n";
    let workload = Workload::from_text("x.toml", text.to_owned(), PathBuf::new()).expect("a workload");
    let names: Vec<&str> = ElementFormat::ALL.iter().map(|format| format.name()).chain(["int8"]).collect();
    let designs = [
        "opt3-4x4",
        "opt4c-4x4",
        "opt4e-4x4",
        "laconic-4x4",
        "pragmatic-4x4",
        "stripes-4x4",
        "opt1-ws-4x4",
        "opt2-tree-4x4",
    ];
    let mut pairs = 0;
    for (at, (a, b)) in names.iter().flat_map(|a| names.iter().map(move |b| (a, b))).enumerate() {
        for name in [designs[at % designs.len()], designs[(at + 3) % designs.len()]] {
            let overrides =
                [format!("operands.a={a}"), format!("operands.b={b}"), "operands.accumulator=int64".to_owned()];
            let overrides: Vec<Override> = overrides.iter().map(|text| text.as_str().into()).collect();
            let design = Design::load(name, &overrides);
            if (*a, *b) == ("fp8-e5m2", "fp8-e5m2") {
                let mistakes = design.expect_err("too wide");
                assert!(mistakes.iter().any(|mistake| mistake.code() == "design::wide_product"), "{mistakes:?}");
                continue;
            }
            let design = design.unwrap_or_else(|mistakes| panic!("{name} {a} {b}: {mistakes:?}"));
            let run = simulate::workload(
                &design::engine_spec(&design),
                &workload,
                simulate::Method::Events(AuditShare::All),
                |_| (),
            )
            .unwrap_or_else(|error| panic!("{name} on {a} by {b}: {error}"));
            assert!(run.layers.iter().all(|layer| layer.audited_tiles == layer.tiles && layer.tiles > 0));
            assert_eq!(run.layers[0].compared, 30);
            pairs += 1;
        }
    }
    assert_eq!(pairs, 96);
}
