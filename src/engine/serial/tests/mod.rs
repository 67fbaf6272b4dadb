//! Digit-serial hardware against arithmetic and the documented timing.

use super::SerialSchedule;
use crate::emit::TestCase;
use crate::encoding::EncodingKind;
use crate::engine::{Array, EngineSpec, Patterns};
use crate::matrix::Matrix;
use crate::notation::transform::{EmptyGroups, LanePace, Parameters, SyncPeriod};
use crate::simulate;
use crate::verify::{Draw, Interpreted, difference, drive};

fn pattern(draw: &mut Draw) -> u64 {
    let mut word = || draw.below(1 << 32) << 32 | draw.below(1 << 32);
    let (x, y) = (word(), word());
    match x % 4 {
        0 => !0,
        1 => x | y,
        2 => x | 1,
        _ => x & y | 1 << 40,
    }
}

fn random_spec(draw: &mut Draw) -> EngineSpec {
    let lanes = draw.one_of(&[1, 1, 2, 4, 8]);
    let group = draw.between(1, 6) as u32;
    let mut transforms = vec!["compress-accumulate", "skip-zero-digits"];
    let share = lanes > 1 || draw.below(2) == 0;
    if share {
        transforms.push("share-encoder");
        if draw.below(3) == 0 {
            transforms.push("store-encoded");
        }
    }
    if lanes > 1 {
        transforms.push("extend-reduction");
    }
    let sync = match draw.below(2) {
        0 => SyncPeriod::Tile,
        _ => SyncPeriod::Operands(lanes * group * draw.between(1, 3) as u32),
    };
    let parameters = Parameters {
        group,
        lanes,
        sync,
        empty_groups: draw.one_of(&[EmptyGroups::CostACycle, EmptyGroups::Skipped]),
        pace: draw.one_of(&[LanePace::Lockstep, LanePace::PerGroup, LanePace::PerBitWeight]),
        ..Parameters::default()
    };
    let (a_bits, b_bits) = (draw.between(2, 16) as u32, draw.between(2, 16) as u32);
    EngineSpec {
        name: "serial".to_owned(),
        array: Array::Matrix2d,
        rows: draw.between(1, 4) as u32,
        cols: draw.between(1, 3) as u32,
        a_bits,
        b_bits,
        a_signed: draw.below(3) > 0,
        b_signed: draw.below(3) > 0,
        acc_bits: (a_bits + b_bits + draw.one_of(&[0, 0, 1, 9, 48])).clamp(8, 64),
        saturate: draw.below(4) == 0,
        encoding: Some(EncodingKind::ALL[draw.below(7) as usize]),
        transforms: transforms.into_iter().map(str::to_owned).collect(),
        parameters,
        length_bits: draw.between(6, 9) as u32,
        ..EngineSpec::default()
    }
}

fn operands(draw: &mut Draw, rows: usize, cols: usize, bits: u32, signed: bool) -> Matrix<i32> {
    let sparse = draw.below(3);
    Matrix::from_fn(rows, cols, |_, _| {
        if draw.below(4) < sparse {
            return 0;
        }
        let word = draw.below(1 << bits) as i32;
        if signed { (word << (32 - bits)) >> (32 - bits) } else { word }
    })
}

/// Runs a random GEMM on a random design.
fn check(seed: u64, always: bool) {
    let mut draw = Draw::new(seed);
    let spec = random_spec(&mut draw);
    let (rows, cols) = (u64::from(spec.rows), u64::from(spec.cols));
    let step = u64::from(spec.parameters.group * spec.parameters.lanes);
    let m = draw.between(1, 2 * rows) as usize;
    let n = draw.between(1, 2 * cols) as usize;
    let k = draw.between(1, 4 * step) as usize;
    let a = operands(&mut draw, m, k, spec.a_bits, spec.a_signed);
    let b = operands(&mut draw, k, n, spec.b_bits, spec.b_signed);
    let mut next = || if always { !0 } else { pattern(&mut draw) };
    let patterns = Patterns { cmd: next(), a: next(), b: next(), p: !0, c: next() };
    let schedule = SerialSchedule::new(&spec, m, n, k).unwrap();
    let run = simulate::serial::gemm(&spec, &a, &b, &patterns).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    let streams = schedule.traffic(&spec, (&a, &b), &patterns);
    let case = TestCase { name: "random".to_owned(), streams, cycles: run.counts.cycles };
    let netlist = super::netlist(&spec).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{spec:?}"));
    let mut device = Interpreted::new(&netlist).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{spec:?}"));
    let measured = drive(&mut device, &spec.streams(), &case);
    let wrong = measured.and_then(|measured| match difference(&measured, &spec.streams(), &case) {
        Some(wrong) => Err(wrong),
        None => Ok(()),
    });
    if let Err(wrong) = wrong {
        panic!("seed {seed}: {wrong}\n{m} x {n} x {k}, {patterns:?}\n{spec:?}");
    }
}

#[test]
fn random_engines_that_are_always_served_have_the_documented_cycles() {
    (0..60).for_each(|seed| check(seed, true));
}

#[test]
fn random_engines_that_wait_have_the_documented_cycles() {
    (1000..1080).for_each(|seed| check(seed, false));
}
