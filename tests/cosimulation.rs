//! Random designs and GEMMs: the emitted Verilog under Icarus against arithmetic and the cycle law.

use bitweight::emit::{Provenance, engine_bundle, test_case};
use bitweight::engine::{Engine, Schedule};
use bitweight::verify::{RandomGemm, Tool, Toolbox, describe, lint, random_spec, run_bench};

fn provenance() -> Provenance {
    Provenance {
        hash: "0123456789abcdef".to_owned(),
        tool: "bitweight 0.1.0".to_owned(),
        regenerate: "bitweight emit random".to_owned(),
        clock_period_ns: 1.0,
    }
}

#[test]
fn smoke() {
    let tools = Toolbox::discover();
    let count: u64 = std::env::var("N").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let first: u64 = std::env::var("S").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
    for seed in first..first + count {
        let spec = random_spec(seed, 5);
        let engine = Engine::elaborate(&spec).unwrap_or_else(|error| panic!("{}: {error}", describe(&spec)));
        let cases: Vec<_> = (0..4)
            .map(|index| {
                let gemm = RandomGemm::new(&spec, 1000 * seed + index, 2, false);
                let (m, n, k) = gemm.extents();
                let schedule = Schedule::new(&spec, m, n, k).expect("a schedule");
                let cycles = schedule.law().cycles;
                test_case(&spec, &schedule, &gemm.to_string(), (&gemm.a, &gemm.b), &gemm.patterns, cycles)
            })
            .collect();
        let bundle = engine_bundle(&engine, &provenance(), &cases).expect("a bundle");
        let directory = tempfile::tempdir().expect("a directory");
        let here = if std::env::var("KEEP").is_ok() { directory.keep() } else { directory.path().to_owned() };
        bundle.write(&here).expect("files");
        println!("{seed}: {} in {}", describe(&spec), here.display());
        for (tool, _) in tools.found() {
            if let Err(error) = lint(*tool, &here, &bundle.rtl(), &bundle.top) {
                panic!("{}\n{error}", describe(&spec));
            }
        }
        let tool = if std::env::var("V").is_ok() { Tool::Verilator } else { Tool::Icarus };
        if let Err(error) = run_bench(tool, &bundle, &here, &here) {
            panic!("{}\n{error}", describe(&spec));
        }
    }
}
