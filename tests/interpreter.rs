//! Random designs of every array and GEMMs: the interpreter of the netlist against the register-level engine, every result beat
//! and the cycle count, streams waiting or not; where nothing waits, the event-exact engine against both. `BITWEIGHT_SEED=n` runs one design again.

mod dense;
mod seeds;

use bitweight::emit::TestCase;
use bitweight::engine::{Engine, EngineSpec, Family};
use bitweight::notation::Accumulation;
use bitweight::verify::{
    Interpreted, RandomGemm, describe, difference, drive, random_gemms, random_spec, simulated_case,
};

const DESIGNS: u64 = 250;
const GEMMS: u32 = 8;

#[test]
fn the_interpreter_equals_the_register_level_engine_on_2000_random_pairs() {
    let pairs = seeds::each(0..DESIGNS, |seed| {
        let spec = random_spec(seed, 6);
        let what = || format!("BITWEIGHT_SEED={seed}: {}", describe(&spec));
        let engine = Engine::elaborate(&spec).map_err(|error| format!("{}: {error}", what()))?;
        let mut device = Interpreted::new(&engine.netlist).map_err(|error| format!("{}: {error}", what()))?;
        let streams = spec.streams();
        for gemm in random_gemms(&spec, seed, GEMMS, 3) {
            let differs = |why: String| format!("{}\n  {gemm}: {why}", what());
            let case = simulated_case(&spec, &gemm).map_err(differs)?;
            let measured = drive(&mut device, &streams, &case).map_err(differs)?;
            if let Some(why) = difference(&measured, &streams, &case) {
                return Err(differs(why));
            }
        }
        Ok(GEMMS.into())
    });
    println!("{pairs} pairs");
    assert!(seeds::only().is_some() || pairs >= 2000);
}

#[test]
fn the_interpreter_equals_the_register_level_engine_on_every_dense_array() {
    let pairs = seeds::each(0..160, |seed| {
        let spec = dense::spec(seed);
        let what = || format!("BITWEIGHT_SEED={seed}: {} {spec:?}", describe(&spec));
        let engine = Engine::elaborate(&spec).map_err(|error| format!("{}: {error}", what()))?;
        let mut device = Interpreted::new(&engine.netlist).map_err(|error| format!("{}: {error}", what()))?;
        let streams = spec.streams();
        for gemm in random_gemms(&spec, seed, 4, 3) {
            let differs = |why: String| format!("{}\n  {gemm}: {why}", what());
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

/// Streams of several cases in one: the first tile of a GEMM follows the last of the one before without a pause.
fn in_turn(cases: &[TestCase]) -> TestCase {
    let mut all = cases[0].clone();
    for case in &cases[1..] {
        for (stream, more) in all.streams.iter_mut().zip(&case.streams) {
            stream.readers.iter_mut().zip(&more.readers).for_each(|(beats, more)| beats.extend_from_slice(more));
            stream.indices.iter_mut().zip(&more.indices).for_each(|(indices, more)| indices.extend_from_slice(more));
        }
        all.cycles += case.cycles;
    }
    all
}

/// W_1 + sum over t = 2..T of max(W_t, R) + R + 4, each of `cases` one tile that takes W + R + 4 cycles alone; one less where whole
/// values are summed in words, which need no final adder.
fn law(spec: &EngineSpec, cases: &[TestCase]) -> u64 {
    let rows = u64::from(spec.rows);
    let structure = spec.structure().expect("a design that was built");
    let is_short = structure.values.is_some() && structure.accumulation == Accumulation::CarryPropagate;
    let outside = rows + if is_short { 3 } else { 4 };
    let work = |case: &TestCase| case.cycles - outside;
    work(&cases[0]) + cases[1..].iter().map(|case| work(case).max(rows)).sum::<u64>() + outside
}

#[test]
fn tiles_of_other_lengths_follow_each_other() {
    let pairs = seeds::each(0..120, |seed| {
        let spec = random_spec(seed, 4);
        let what = || format!("BITWEIGHT_SEED={seed}: {}", describe(&spec));
        let differs = |why: String| format!("{}: {why}", what());
        let engine = Engine::elaborate(&spec).map_err(|error| differs(error.to_string()))?;
        let mut device = Interpreted::new(&engine.netlist).map_err(|error| differs(error.to_string()))?;
        let streams = spec.streams();
        for waits in [false, true] {
            let patterns = RandomGemm::new(&spec, seed, 1, waits).patterns;
            let case = |index: u64| {
                let gemm = RandomGemm::new(&spec, 10 * seed + index, 1, waits);
                simulated_case(&spec, &RandomGemm { patterns, ..gemm })
            };
            let cases: Vec<TestCase> = (0..5).map(case).collect::<Result<_, _>>().map_err(differs)?;
            let all = in_turn(&cases);
            let measured = drive(&mut device, &streams, &all).map_err(differs)?;
            let cycles = match (spec.family(), waits) {
                (Family::Serial, false) => law(&spec, &cases),
                _ => measured.cycles,
            };
            if let Some(why) = difference(&measured, &streams, &TestCase { cycles, ..all }) {
                return Err(differs(why));
            }
        }
        Ok(2)
    });
    println!("{pairs} sequences");
}
