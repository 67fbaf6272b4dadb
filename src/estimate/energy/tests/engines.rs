//! Whole engines on products of matrices.

use crate::encoding::EncodingKind;
use crate::engine::{Array, Dataflow, Engine, EngineSpec, Operand, Patterns};
use crate::estimate::energy::{Energy, EnergyError, Plan, Recording, WHOLE, prepare_within};
use crate::estimate::process::Process;
use crate::estimate::{Options, PartKind};
use crate::matrix::Matrix;
use crate::netlist::{Interpreter, ResetKind};
use crate::verify::{Moment, Watched, case_of, difference, drive};

pub const CLOCK_NS: f64 = 3.0;

pub fn process() -> Process {
    Process::shipped("nangate45").expect("shipped")
}

pub fn spec(array: Array, transforms: &[&str], size: u32) -> EngineSpec {
    EngineSpec {
        name: "one".into(),
        rows: size,
        cols: size,
        array,
        a_bits: 4,
        b_bits: 4,
        acc_bits: 16,
        encoding: Some(EncodingKind::Booth4),
        encoded: Operand::A,
        transforms: transforms.iter().map(|&name| name.to_owned()).collect(),
        reset: ResetKind::AsyncLow,
        length_bits: 8,
        ..EngineSpec::default()
    }
}

/// A run of an engine: its cells, what was seen of it, and its cycles.
pub struct Ran {
    pub plan: Plan,
    pub recording: Recording,
    pub edges: u64,
    pub process: Process,
}

/// Runs a product of N x N x 12 whose operands `keep` says how many in eight of are not 0.
pub fn run(spec: &EngineSpec, keep: u64) -> Ran {
    run_within(spec, keep, WHOLE)
}

/// The same; of a design with more cells than `whole` a sample is looked at.
fn run_within(spec: &EngineSpec, keep: u64, whole: f64) -> Ran {
    let engine = Engine::elaborate(spec).expect("a sound specification");
    let process = process();
    let options = Options { clock_ns: Some(CLOCK_NS), curve: false };
    let (estimate, plan) = prepare_within(&engine.netlist, &process, options, 1, whole).expect("cells");
    assert!(estimate.min_period_ns.is_some_and(|period| period <= CLOCK_NS));
    let mut state = 5u64;
    let mut value = |_, _| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let value = (state >> 40) % 15;
        if (state >> 50) % 8 < keep { value as i32 - 7 } else { 0 }
    };
    let side = 2 * spec.rows as usize;
    let (a, b) = (Matrix::from_fn(side, 12, &mut value), Matrix::from_fn(12, side, &mut value));
    let case = case_of(spec, "a product", &a, &b, &Patterns::ALWAYS).expect("it multiplies");
    let mut recording = plan.recording(case.cycles);
    let watch = |moment: Moment, design: &Interpreter| {
        if moment == Moment::Reset {
            recording.restart();
        }
        recording.take(design);
    };
    let mut device = Watched::new(&engine.netlist, watch).expect("sound");
    let streams = spec.streams();
    let measured = drive(&mut device, &streams, &case).expect("it runs");
    assert_eq!(difference(&measured, &streams, &case), None);
    drop(device);
    Ran { plan, recording, edges: measured.edges, process }
}

impl Ran {
    pub fn measure(&self) -> Result<Energy, EnergyError> {
        self.plan.measure(&self.process, &self.recording, self.edges, CLOCK_NS)
    }
}

const OUTPUT_STATIONARY: Array = Array::Systolic(Dataflow::OutputStationary);
const WEIGHT_STATIONARY: Array = Array::Systolic(Dataflow::WeightStationary);

#[test]
fn cells_settle_to_the_registers_and_outputs_of_the_netlist_in_every_cycle() {
    let specs = [
        spec(OUTPUT_STATIONARY, &[], 2),
        spec(WEIGHT_STATIONARY, &["compress-accumulate"], 3),
        spec(Array::Matrix2d, &["compress-accumulate", "skip-zero-digits", "share-encoder"], 2),
        spec(Array::AdderTree { depth: 2 }, &[], 2),
        EngineSpec { reset: ResetKind::SyncHigh, ..spec(OUTPUT_STATIONARY, &[], 2) },
    ];
    for spec in specs {
        let ran = run(&spec, 8);
        let energy = ran.measure().unwrap_or_else(|error| panic!("{:?} {error}", spec.array));
        // Every cycle was looked at, and delays make glitches.
        assert!(energy.simulated_cycles + 1 >= energy.cycles && energy.cycles > 12, "{energy:?}");
        assert!((0.02..0.7).contains(&energy.glitch_share()), "{energy:?}");
        let sum: f64 = energy.parts.iter().map(|part| part.timed.total_pj()).sum();
        let modules: f64 = energy.modules.iter().map(|(_, pj)| pj).sum();
        let total = energy.timed.total_pj();
        assert!((sum / total - 1.0).abs() < 1e-9 && (modules / total - 1.0).abs() < 1e-9, "{energy:?}");
    }
}

#[test]
fn a_gate_of_another_function_is_seen() {
    let mut ran = run(&spec(OUTPUT_STATIONARY, &[], 2), 8);
    let cell = |name: &str| ran.process.cells().iter().position(|cell| cell.name == name).expect("a cell") as u32;
    let (xor, xnor, nand, nor) = (cell("XOR2_X1"), cell("XNOR2_X1"), cell("NAND2_X1"), cell("NOR2_X1"));
    let swaps = [(xor, xnor), (xnor, xor), (nand, nor), (nor, nand)];
    let sound = ran.plan.circuit.gates.clone();
    let (mut tried, mut seen) = (0, 0);
    for index in (0..sound.len()).step_by(sound.len() / 80) {
        let Some((_, other)) = swaps.iter().find(|(one, _)| *one == sound[index].cell) else { continue };
        ran.plan.circuit.gates[index].cell = *other;
        tried += 1;
        seen += usize::from(matches!(ran.measure(), Err(EnergyError::Value { .. })));
        ran.plan.circuit.gates[index] = sound[index];
    }
    // Some gates decide nothing in a run of a few products.
    assert!(tried >= 10 && seen * 10 >= tried * 8, "{seen} of {tried}");
    assert!(ran.measure().is_ok());
}

#[test]
fn threads_do_not_change_a_digit() {
    let ran = run(&spec(OUTPUT_STATIONARY, &[], 2), 8);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| ran.measure().expect("energy"))
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn operands_that_are_mostly_0_cost_less_and_least_in_what_computes() {
    let spec = spec(OUTPUT_STATIONARY, &[], 2);
    let (dense, sparse) = (run(&spec, 8).measure().expect("energy"), run(&spec, 1).measure().expect("energy"));
    let part = |energy: &Energy, wanted: PartKind| {
        energy.parts.iter().filter(|part| part.part == wanted).map(|part| part.timed.total_pj()).sum::<f64>()
    };
    assert_eq!(dense.cycles, sparse.cycles);
    assert!((dense.timed.clock_pj / sparse.timed.clock_pj - 1.0).abs() < 0.15, "the clock runs for both");
    assert!(sparse.timed.total_pj() < 0.8 * dense.timed.total_pj());
    let share = |wanted| part(&sparse, wanted) / part(&dense, wanted);
    assert!(share(PartKind::PartialProducts) < 0.5 && share(PartKind::PartialProducts) < share(PartKind::Registers));
}

#[test]
fn a_sample_of_a_large_array_stands_for_all_of_it() {
    let spec = spec(OUTPUT_STATIONARY, &[], 6);
    let (whole, sampled) = (run(&spec, 8), run_within(&spec, 8, 3_000.0));
    let pes = sampled.plan.taken.iter().find(|taken| taken.of == 36).expect("a grid of PEs");
    assert!((8..30).contains(&pes.taken), "{pes:?}");
    let (full, estimate) = (whole.measure().expect("energy"), sampled.measure().expect("energy"));
    // PEs differ in their operands: a few percent.
    let error = estimate.timed.total_pj() / full.timed.total_pj() - 1.0;
    assert!(error.abs() < 0.06, "{error}: {estimate:?} {full:?}");
    let leakage = estimate.timed.leakage_pj / full.timed.leakage_pj - 1.0;
    assert!(leakage.abs() < 1e-9, "{leakage}");
}
