//! The event-exact engine against the register-level one: every field of a run, on random designs, shapes and data.
//! `BITWEIGHT_SEED=n` runs one design again.

mod seeds;

use std::collections::BTreeMap;
use std::sync::Mutex;

use bitweight::engine::{Family, Patterns};
use bitweight::simulate::{GemmRun, counts, events, gemm};
use bitweight::verify::{RandomGemm, describe, random_spec};

const DESIGNS: u64 = 1500;
const GEMMS: u64 = 2;

/// What two runs differ in.
fn difference(events: &GemmRun, registers: &GemmRun) -> Option<String> {
    if events == registers {
        return None;
    }
    let mut what = vec![
        format!("cycles {} and {}", events.counts.cycles, registers.counts.cycles),
        format!("{:?} and {:?}", events.counts.parts, registers.counts.parts),
        format!("{:?} and {:?}", events.counts.words, registers.counts.words),
    ];
    let values = || events.c.values().iter().zip(registers.c.values());
    if let Some(index) = values().position(|(ours, theirs)| ours != theirs) {
        let (row, col) = (index / events.c.cols(), index % events.c.cols());
        what.push(format!("C[{row}, {col}] = {} and {}", events.c[(row, col)], registers.c[(row, col)]));
    }
    if events.counts.useful != registers.counts.useful {
        what.push("useful operations differ".into());
    }
    Some(what.join("; "))
}

#[test]
fn every_field_of_a_run_equals_that_of_the_register_level_engine() {
    let seen = Mutex::new(BTreeMap::<Family, u64>::new());
    let pairs = seeds::each(0..DESIGNS, |seed| {
        let spec = random_spec(seed, 6);
        *seen.lock().expect("no check panics").entry(spec.family()).or_default() += GEMMS;
        for index in 0..GEMMS {
            let product = RandomGemm::new(&spec, seed * GEMMS + index, 3, false);
            let what = || format!("BITWEIGHT_SEED={seed}: {}\n  {product}", describe(&spec));
            let fast = events(&spec, &product.a, &product.b).map_err(|error| format!("{}: {error}", what()))?;
            if counts(&spec, &product.a, &product.b).as_ref() != Ok(&fast.counts) {
                return Err(format!("{}: counted otherwise without the product", what()));
            }
            let slow = gemm(&spec, &product.a, &product.b, &Patterns::ALWAYS)
                .map_err(|error| format!("{}: {error}", what()))?;
            if let Some(difference) = difference(&fast, &slow) {
                return Err(format!("{}: {difference}", what()));
            }
        }
        Ok(GEMMS)
    });
    let seen = seen.into_inner().expect("no check panics");
    println!("{pairs} pairs compared: {seen:?}");
    for family in [Family::Dense, Family::Serial, Family::Laconic] {
        assert!(seeds::only().is_some() || seen.get(&family) > Some(&80), "{family:?} is hardly compared: {seen:?}");
    }
}
