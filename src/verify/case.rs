//! A GEMM as a case: the register-level engine says how many cycles it takes, arithmetic what comes out.

use crate::emit::{TestCase, test_case};
use crate::engine::{EngineSpec, Patterns, Schedule};
use crate::simulate;
use crate::verify::random::{Draw, RandomGemm, Values};

/// Runs a GEMM on the register-level engine, holds its result against the triple loop and, if nothing waits, its cycles against
/// the law, and returns the case for everyone else.
///
/// # Errors
/// A sentence with what differs.
pub fn simulated_case(spec: &EngineSpec, gemm: &RandomGemm) -> Result<TestCase, String> {
    let (m, n, k) = gemm.extents();
    let schedule = Schedule::new(spec, m, n, k).map_err(|error| error.to_string())?;
    let run = simulate::gemm(spec, &gemm.a, &gemm.b, &gemm.patterns).map_err(|error| error.to_string())?;
    for row in 0..m {
        for col in 0..n {
            let product = |step: usize| i64::from(gemm.a[(row, step)]) * i64::from(gemm.b[(step, col)]);
            let exact = (0..k).map(product).fold(0_i64, i64::wrapping_add);
            let wrapped = simulate::wrap(exact, spec.acc_bits);
            if run.c[(row, col)] != wrapped {
                return Err(format!("C[{row},{col}] is {}, not {wrapped}", run.c[(row, col)]));
            }
        }
    }
    let law = schedule.law();
    if gemm.patterns == Patterns::ALWAYS && (run.cycles, run.parts) != (law.cycles, law.parts) {
        return Err(format!("{} cycles {:?}, the law says {} {:?}", run.cycles, run.parts, law.cycles, law.parts));
    }
    if run.parts.total() != run.cycles {
        return Err(format!("parts {:?} do not sum to {} cycles", run.parts, run.cycles));
    }
    Ok(test_case(spec, &schedule, &gemm.to_string(), (&gemm.a, &gemm.b), &gemm.patterns, run.cycles))
}

/// GEMMs that any design is held against: from `seed`, of up to `tiles` tiles along each split loop, every other one with
/// streams that wait.
pub fn random_gemms(spec: &EngineSpec, seed: u64, count: u32, tiles: u64) -> Vec<RandomGemm> {
    let mut draw = Draw::new(seed);
    (0..count).map(|index| RandomGemm::new(spec, draw.below(1 << 32), tiles, index % 2 == 1)).collect()
}

/// The cases of a shipped bundle: every kind of operand, corner cases first, one run with streams that wait.
///
/// # Errors
/// A sentence with what the simulator got wrong.
pub fn bench_cases(spec: &EngineSpec, seed: u64) -> Result<Vec<TestCase>, String> {
    let kinds = [Values::Corners, Values::Least, Values::Alternating, Values::Sparse, Values::Uniform];
    let mut cases = Vec::new();
    for (index, &values) in kinds.iter().enumerate() {
        cases.push(simulated_case(spec, &RandomGemm::of_values(spec, seed + index as u64, 1, false, values))?);
    }
    // Two tiles along each split loop, and streams that wait.
    cases.push(simulated_case(spec, &RandomGemm::of_values(spec, seed + 5, 2, false, Values::Corners))?);
    cases.push(simulated_case(spec, &RandomGemm::of_values(spec, seed + 6, 2, true, Values::Uniform))?);
    Ok(cases)
}
