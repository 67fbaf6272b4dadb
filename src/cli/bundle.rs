//! The bundle of a design with the test cases that go into it.

use super::check::elaborate;
use super::failure::defect;
use crate::design::Design;
use crate::emit::{Bundle, Provenance, TestCase, engine_bundle, test_case};
use crate::engine::{EngineSpec, Schedule};
use crate::mistake::Mistake;
use crate::simulate::gemm;
use crate::verify::{RandomGemm, Values};

/// What the test bench of every bundle runs: how operands are chosen, and whether streams wait.
const CASES: [(Values, bool); 6] = [
    (Values::Uniform, false),
    (Values::Corners, false),
    (Values::Least, false),
    (Values::Alternating, false),
    (Values::Sparse, false),
    (Values::Uniform, true),
];
/// Tiles along each split loop, at most.
const TILES: u64 = 2;

/// The bundle of `design`; `command` makes it again.
///
/// # Errors
/// None that a design can cause: an inconsistent netlist, or an engine that does not compute its own test cases.
pub(super) fn bundle_of(design: &Design, command: &str) -> Result<Bundle, Mistake> {
    let engine = elaborate(design)?;
    let provenance = Provenance {
        hash: design.hash(),
        tool: concat!("bitweight ", env!("CARGO_PKG_VERSION")).to_owned(),
        regenerate: command.to_owned(),
        clock_period_ns: design.rtl.clock_period_ns,
    };
    let cases = test_cases(&engine.spec).map_err(|error| defect(&design.name, error.as_ref()))?;
    engine_bundle(&engine, &provenance, &cases).map_err(|error| defect(&design.name, &error))
}

fn test_cases(spec: &EngineSpec) -> Result<Vec<TestCase>, Box<dyn std::error::Error>> {
    let mut seed = 0;
    let mut cases = Vec::new();
    for (values, stalls) in CASES {
        // The seed chooses the values' kind too: take the next one that chooses the wanted kind.
        let drawn = loop {
            seed += 1;
            let drawn = RandomGemm::new(spec, seed, TILES, stalls);
            if drawn.values == values {
                break drawn;
            }
        };
        let (a, b) = (&drawn.a, &drawn.b);
        let schedule = Schedule::new(spec, a.rows(), b.cols(), a.cols())?;
        let cycles = gemm(spec, a, b, &drawn.patterns)?.cycles;
        cases.push(test_case(spec, &schedule, &drawn.to_string(), (a, b), &drawn.patterns, cycles));
    }
    Ok(cases)
}
