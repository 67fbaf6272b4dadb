//! Random designs of every array and GEMMs: the interpreter of the netlist against the register-level engine, every result beat
//! and the cycle count, streams waiting or not; where nothing waits, the event-exact engine against both. `BITWEIGHT_SEED=n` runs one design again.

mod dense;
mod seeds;

use bitweight::engine::Engine;
use bitweight::verify::{Interpreted, describe, difference, drive, random_gemms, random_spec, simulated_case};

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
