//! A GEMM as a case: the register-level engine says how many cycles it takes, arithmetic what comes out.

use crate::emit::{TestCase, test_case};
use crate::engine::{Dataflow, EngineSpec, Patterns};
use crate::matrix::Matrix;
use crate::simulate::{self, GemmRun};
use crate::verify::random::{Draw, RandomGemm, Values};

/// Runs a GEMM on the register-level engine, holds its result against the triple loop and, if nothing waits, all of it against the
/// event-exact engine, and returns the case for everyone else.
///
/// # Errors
/// A sentence with what differs.
pub fn simulated_case(spec: &EngineSpec, gemm: &RandomGemm) -> Result<TestCase, String> {
    case_of(spec, &gemm.to_string(), &gemm.a, &gemm.b, &gemm.patterns)
}

/// The same of any operands, M x K and K x N, under a name.
///
/// # Errors
/// As [`simulated_case`].
pub fn case_of(
    spec: &EngineSpec,
    name: &str,
    a: &Matrix<i32>,
    b: &Matrix<i32>,
    patterns: &Patterns,
) -> Result<TestCase, String> {
    let run = simulate::gemm(spec, a, b, patterns).map_err(|error| error.to_string())?;
    let exact = product(spec, a, b);
    for row in 0..exact.rows() {
        for (col, (ours, exact)) in run.c.row(row).iter().zip(exact.row(row)).enumerate() {
            if ours != exact {
                return Err(format!("C[{row},{col}] is {ours}, not {exact}"));
            }
        }
    }
    if run.counts.parts.total() != run.counts.cycles {
        return Err(format!("parts {:?} do not sum to {} cycles", run.counts.parts, run.counts.cycles));
    }
    if *patterns == Patterns::ALWAYS {
        let events = simulate::events(spec, a, b).map_err(|error| error.to_string())?;
        if events != run {
            return Err(unlike(&run, &events));
        }
    }
    test_case(spec, name, (a, b), patterns, run.counts.cycles).map_err(|error| error.to_string())
}

/// In what the event-exact engine differs.
fn unlike(run: &GemmRun, events: &GemmRun) -> String {
    let (run, events) = (&run.counts, &events.counts);
    let field = if (run.cycles, run.parts) != (events.cycles, events.parts) {
        format!("{} cycles {:?}, by events {} {:?}", run.cycles, run.parts, events.cycles, events.parts)
    } else if (run.words, run.macs, run.peak_per_pe) != (events.words, events.macs, events.peak_per_pe) {
        format!("{:?}, by events {:?}", run.words, events.words)
    } else if run.useful != events.useful {
        format!("useful operations {:?}, by events {:?}", run.useful, events.useful)
    } else {
        "other results than by events".to_owned()
    };
    format!("the register-level engine has {field}")
}

/// The product by a triple loop, wrapped to the accumulator or clipped to it: where partial sums leave the array between tiles of
/// K, after each of them.
fn product(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Matrix<i64> {
    let tile = match spec.dataflow() {
        Dataflow::OutputStationary => a.cols(),
        Dataflow::WeightStationary | Dataflow::InputStationary => spec.rows_of_k() as usize,
    };
    let half = 1_i128 << (spec.acc_bits - 1);
    let (a_format, b_format) = (spec.a_format(), spec.b_format());
    Matrix::from_fn(a.rows(), b.cols(), |row, col| {
        let mut sum = 0_i128;
        for step in 0..a.cols() {
            sum += i128::from(a_format.value(a[(row, step)])) * i128::from(b_format.value(b[(step, col)]));
            if spec.saturate && ((step + 1) % tile == 0 || step + 1 == a.cols()) {
                sum = sum.clamp(-half, half - 1);
            }
        }
        simulate::wrap(sum as i64, spec.acc_bits)
    })
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
