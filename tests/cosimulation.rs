//! Random designs and GEMMs: the emitted Verilog under Icarus and Verilator against arithmetic and the cycles of the
//! register-level engine, streams waiting or not; the linters silent. `BITWEIGHT_SEED=n` runs one design again.

#[allow(dead_code)]
mod bench;
mod seeds;

use bench::toolbox;
use bitweight::emit::{Provenance, engine_bundle};
use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, Dataflow, Engine, EngineError, EngineSpec, Patterns};
use bitweight::matrix::Matrix;
use bitweight::notation::transform::SyncPeriod;
use bitweight::simulate::{SimulateError, events, gemm};
use bitweight::verify::{
    Interpreted, Plan, RandomGemm, Status, Tool, Values, describe, design, difference, drive, lint, random_gemms,
    random_spec, run_batch, run_bench, simulated_case,
};

const DESIGNS: u64 = 60;
const GEMMS: u32 = 4;

fn provenance() -> Provenance {
    Provenance {
        hash: "0123456789abcdef".to_owned(),
        tool: "bitweight 0.1.0".to_owned(),
        regenerate: "bitweight emit random".to_owned(),
        clock_period_ns: 1.0,
    }
}

#[test]
fn the_emitted_verilog_equals_the_register_level_engine_on_240_random_pairs() {
    if !toolbox().has(Tool::Icarus) {
        println!("skipped: co-simulation needs `iverilog`");
        return;
    }
    let pairs = seeds::each(0..DESIGNS, |seed| {
        let spec = random_spec(seed, 5);
        let what = format!("BITWEIGHT_SEED={seed}: {}", describe(&spec));
        let engine = Engine::elaborate(&spec).map_err(|error| format!("{what}: {error}"))?;
        let mut cases = Vec::new();
        for gemm in random_gemms(&spec, seed, GEMMS, 2) {
            cases.push(simulated_case(&spec, &gemm).map_err(|why| format!("{what}\n  {gemm}: {why}"))?);
        }
        let bundle = engine_bundle(&engine, &provenance(), &cases).map_err(|error| format!("{what}: {error}"))?;
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        bundle.write(directory.path()).map_err(|error| error.to_string())?;
        for (tool, _) in toolbox().found() {
            lint(*tool, directory.path(), &bundle.rtl(), &bundle.top)
                .map_err(|error| format!("{what}: {tool}: {error}"))?;
        }
        run_bench(Tool::Icarus, &bundle, directory.path(), directory.path()).map_err(|error| {
            let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
            format!("{what}\n  {}\n{error}", names.join("\n  "))
        })?;
        Ok(GEMMS.into())
    });
    println!("{pairs} pairs");
    assert!(seeds::only().is_some() || pairs >= 200);
}

/// Designs in one build of Verilator.
const BATCH: u64 = 20;

#[test]
fn verilator_equals_the_register_level_engine_on_160_random_pairs() {
    if !toolbox().has(Tool::Verilator) {
        println!("skipped: co-simulation needs `verilator`");
        return;
    }
    // Seeds that the other test does not use.
    let first = 5000;
    let pairs = seeds::each(first..first + 2, |batch| {
        let seeds = match seeds::only() {
            Some(seed) => seed..seed + 1,
            None => first + (batch - first) * BATCH..first + (batch - first + 1) * BATCH,
        };
        let mut bundles = Vec::new();
        let mut designs = Vec::new();
        for seed in seeds {
            let spec = EngineSpec { name: format!("random-{seed}"), ..random_spec(seed, 3) };
            let what = format!("BITWEIGHT_SEED={seed}: {}", describe(&spec));
            let engine = Engine::elaborate(&spec).map_err(|error| format!("{what}: {error}"))?;
            let cases = random_gemms(&spec, seed, GEMMS, 2);
            let cases: Result<Vec<_>, _> = cases.iter().map(|gemm| simulated_case(&spec, gemm)).collect();
            let cases = cases.map_err(|why| format!("{what}: {why}"))?;
            bundles.push(engine_bundle(&engine, &provenance(), &cases).map_err(|error| format!("{what}: {error}"))?);
            designs.push(what);
        }
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        run_batch(&bundles, directory.path()).map_err(|error| format!("{}\n{error}", designs.join("\n")))?;
        Ok(u64::from(GEMMS) * bundles.len() as u64)
    });
    println!("{pairs} pairs");
    assert!(seeds::only().is_some() || pairs >= 150);
}

#[test]
fn everyone_agrees_on_a_few_designs_verilator_included() {
    for seed in [1001, 1006] {
        let spec = random_spec(seed, 4);
        let engine = Engine::elaborate(&spec).expect("a sound engine");
        let directory = tempfile::tempdir().expect("a directory");
        let plan = Plan { cases: 8, seed, require_tools: false };
        let outcome = design(&engine, &provenance(), &plan, directory.path(), &mut |_| {}).expect("checks that run");
        for check in &outcome.checks {
            println!("{}: {:?} {} {}", check.name, check.status, check.cases, check.detail);
            let tool = Tool::ALL.into_iter().find(|tool| check.name.ends_with(&tool.to_string()));
            let there = tool.is_none_or(|tool| toolbox().has(tool));
            let wanted = if there { Status::Pass } else { Status::Skipped };
            assert_eq!(check.status, wanted, "{}: {}: {}", describe(&spec), check.name, check.detail);
        }
        assert!(outcome.agree);
    }
}

/// Engines whose steps are counted by 4 bits, and the elements of the axis of steps in one: a tile has at most 15.
fn short_counters() -> Vec<(EngineSpec, usize)> {
    let spec = |array, transforms: &[&str]| EngineSpec {
        name: "short".to_owned(),
        array,
        rows: 2,
        cols: 3,
        encoding: Some(EncodingKind::Csd),
        transforms: transforms.iter().map(|&name| name.to_owned()).collect(),
        length_bits: 4,
        ..EngineSpec::default()
    };
    let systolic = |dataflow| (spec(Array::Systolic(dataflow), &["compress-accumulate"]), 1);
    let bits = EngineSpec { encoding: Some(EncodingKind::TwosComplement), ..spec(Array::Stripes { lanes: 2 }, &[]) };
    let shifted = Array::Pragmatic { lanes: 2, shift_bits: 2, sync: SyncPeriod::Tile };
    let skipping = spec(Array::Matrix2d, &["compress-accumulate", "skip-zero-digits"]);
    let group = skipping.parameters.group as usize;
    vec![
        systolic(Dataflow::OutputStationary),
        systolic(Dataflow::WeightStationary),
        systolic(Dataflow::InputStationary),
        (spec(Array::Cube { depth: 3 }, &[]), 3),
        (spec(Array::AdderTree { depth: 4 }, &[]), 4),
        (bits, 2),
        (spec(shifted, &[]), 2),
        (skipping, group),
        (spec(Array::Laconic { lanes: 2 }, &[]), 2),
    ]
}

#[test]
fn the_longest_tile_that_a_narrow_counter_counts_runs_everywhere_and_one_step_more_is_refused() {
    for (spec, elements) in short_counters() {
        let what = describe(&spec);
        let operands = |steps: usize| {
            let [m, n, k] = match spec.dataflow() {
                Dataflow::OutputStationary => [5, 4, steps * elements],
                Dataflow::WeightStationary => [steps, 4, 5],
                Dataflow::InputStationary => [5, steps, 4],
            };
            let of = |rows, cols| Matrix::from_fn(rows, cols, |row, col| ((row * 7 + col * 5) % 255) as i32 - 127);
            (of(m, k), of(k, n))
        };
        let case = |patterns| {
            let (a, b) = operands(15);
            let of = RandomGemm { seed: 0, values: Values::Uniform, a, b, patterns };
            simulated_case(&spec, &of).unwrap_or_else(|why| panic!("{what}: {why}"))
        };
        let waiting = Patterns { a: 0x9a5c_33d1, b: 0x5f0f_1e77, c: 0x1111_1111, ..Patterns::ALWAYS };
        let cases = [case(Patterns::ALWAYS), case(waiting)];
        let engine = Engine::elaborate(&spec).expect("an engine");
        for case in &cases {
            let mut device = Interpreted::new(&engine.netlist).expect("a sound netlist");
            let measured = drive(&mut device, &spec.streams(), case).unwrap_or_else(|why| panic!("{what}: {why}"));
            assert_eq!(difference(&measured, &spec.streams(), case), None, "{what}");
        }
        if toolbox().has(Tool::Icarus) {
            let bundle = engine_bundle(&engine, &provenance(), &cases).expect("a bundle");
            let directory = tempfile::tempdir().expect("a folder");
            bundle.write(directory.path()).expect("written");
            run_bench(Tool::Icarus, &bundle, directory.path(), directory.path())
                .unwrap_or_else(|why| panic!("{what}: {why}"));
        } else {
            println!("skipped: co-simulation needs `iverilog`");
        }
        let (a, b) = operands(16);
        for refused in [gemm(&spec, &a, &b, &Patterns::ALWAYS), events(&spec, &a, &b)] {
            let error = refused.expect_err("16 steps");
            let SimulateError::Engine(error) = error else { panic!("{what}: {error}") };
            assert!(matches!(error, EngineError::TileTooLong { length: 16, bits: 4, max: 15, .. }), "{what}: {error}");
            assert_eq!(error.length_bits_needed(), Some(5), "{what}");
        }
        let wider = EngineSpec { length_bits: 5, ..spec.clone() };
        events(&wider, &a, &b).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}
