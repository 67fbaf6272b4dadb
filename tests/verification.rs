//! What holds engines against each other must itself be able to say no: each of its checks is shown what it is there for.

#[allow(dead_code)]
mod bench;

use bitweight::emit::{Provenance, TestCase};
use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, Dataflow, Engine, EngineSpec, Operand, Patterns};
use bitweight::netlist::ResetKind;
use bitweight::verify::{
    Device, Interpreted, Plan, RandomGemm, Status, Tool, Values, design, difference, drive, lint, simulated_case,
};

const RESULTS: usize = 3;

fn spec() -> EngineSpec {
    EngineSpec {
        name: "judged".to_owned(),
        rows: 2,
        cols: 3,
        array: Array::Systolic(Dataflow::OutputStationary),
        a_bits: 5,
        b_bits: 4,
        acc_bits: 16,
        encoding: Some(EncodingKind::EnT),
        encoded: Operand::A,
        transforms: Vec::new(),
        reset: ResetKind::AsyncLow,
        length_bits: 8,
        ..EngineSpec::default()
    }
}

/// A GEMM of several tiles whose results have to wait now and then.
fn case(spec: &EngineSpec) -> TestCase {
    let mut gemm = RandomGemm::of_values(spec, 5, 3, false, Values::Uniform);
    gemm.patterns = Patterns { c: 0x1111_1111_1111_1111, ..Patterns::ALWAYS };
    simulated_case(spec, &gemm).expect("a sound simulator")
}

/// What is wrong with a case, by the interpreter of a sound netlist.
fn verdict(spec: &EngineSpec, case: &TestCase) -> Option<String> {
    let engine = Engine::elaborate(spec).expect("a sound engine");
    let mut device = Interpreted::new(&engine.netlist).expect("a sound netlist");
    judged(&mut device, spec, case)
}

fn judged<D: Device>(device: &mut D, spec: &EngineSpec, case: &TestCase) -> Option<String> {
    let streams = spec.streams();
    match drive(device, &streams, case) {
        Ok(measured) => difference(&measured, &streams, case),
        Err(wrong) => Some(wrong),
    }
}

#[test]
fn a_wrong_value_a_wrong_cycle_count_and_a_wrong_number_of_results_are_seen() {
    let spec = spec();
    let sound = case(&spec);
    assert_eq!(verdict(&spec, &sound), None);
    type Change = fn(&mut TestCase);
    let changes: [(&str, Change); 5] = [
        ("cycles, not", |case| case.cycles += 1),
        ("cycles, not", |case| case.cycles -= 1),
        ("result beat", |case| case.streams[RESULTS].readers[0].last_mut().expect("results")[2] ^= 1),
        ("a result beat after the last", |case| drop(case.streams[RESULTS].readers[0].pop())),
        ("not done after", |case| case.streams[RESULTS].readers[0].push(vec![0; 3])),
    ];
    for (message, change) in changes {
        let mut wrong = sound.clone();
        change(&mut wrong);
        let said = verdict(&spec, &wrong).expect(message);
        assert!(said.contains(message), "{said}");
    }
}

/// A sound device but for one output, which on every other edge shows something else.
struct Fickle {
    device: Interpreted,
    port: &'static str,
    odd: bool,
}

impl Device for Fickle {
    type Port = (<Interpreted as Device>::Port, bool);

    fn port(&self, name: &str) -> Option<Self::Port> {
        Some((self.device.port(name)?, name == self.port))
    }

    fn set(&mut self, port: Self::Port, lane: usize, value: u64) {
        self.device.set(port.0, lane, value);
    }

    fn get(&self, port: Self::Port, lane: usize) -> u64 {
        let value = self.device.get(port.0, lane);
        if port.1 && self.odd { value & !1 } else { value }
    }

    fn settle(&mut self) {
        self.device.settle();
    }

    fn step(&mut self) {
        self.odd = !self.odd;
        self.device.step();
    }

    fn reset(&mut self) {
        self.odd = false;
        self.device.reset();
    }
}

#[test]
fn a_result_that_changes_or_is_withdrawn_before_it_is_taken_is_seen() {
    let spec = spec();
    let case = case(&spec);
    let engine = Engine::elaborate(&spec).expect("a sound engine");
    for (port, message) in [("c_data_o", "changed before it was taken"), ("c_valid_o", "withdrawn before it was taken")]
    {
        let device = Interpreted::new(&engine.netlist).expect("a sound netlist");
        let said = judged(&mut Fickle { device, port, odd: false }, &spec, &case).expect(message);
        assert!(said.contains(message), "{said}");
    }
}

/// OPT1 leaves the same results one cycle later: only who measures cycles can tell the two apart.
#[test]
fn an_engine_that_is_a_cycle_late_does_not_agree_with_anyone() {
    let mut engine = Engine::elaborate(&spec()).expect("a sound engine");
    let late = EngineSpec { transforms: vec!["compress-accumulate".to_owned()], ..spec() };
    engine.netlist = Engine::elaborate(&late).expect("a sound engine").netlist;
    let from = Provenance {
        hash: "0123456789abcdef".to_owned(),
        tool: "bitweight 0.1.0".to_owned(),
        regenerate: "bitweight emit judged".to_owned(),
        clock_period_ns: 1.0,
    };
    let plan = Plan { cases: 2, seed: 1, require_tools: false };
    let directory = tempfile::tempdir().expect("a directory");
    let outcome = design(&engine, &from, &plan, directory.path(), &mut |_| {}).expect("checks that run");
    assert!(!outcome.agree);
    for check in outcome.checks {
        assert_eq!(check.status == Status::Skipped, check.cases == 0, "{}: {} cases", check.name, check.cases);
        let wanted = match check.name.as_str() {
            "interpreter" => Status::Fail,
            "icarus" if bench::toolbox().has(Tool::Icarus) => Status::Fail,
            "verilator" if bench::toolbox().has(Tool::Verilator) => Status::Fail,
            "register-level" => Status::Pass,
            _ => continue,
        };
        assert_eq!(check.status, wanted, "{}: {}", check.name, check.detail);
    }
}

#[test]
fn every_linter_objects_to_a_name_that_nobody_declared() {
    let directory = tempfile::tempdir().expect("a directory");
    let text =
        "module wide (\n  input wire [3:0] a_i,\n  output wire [2:0] b_o\n);\n\n  assign b_o = a_i + c;\n\nendmodule\n";
    std::fs::write(directory.path().join("wide.v"), text).expect("a file");
    for tool in [Tool::Icarus, Tool::Verilator, Tool::Yosys] {
        if bench::toolbox().has(tool) {
            assert!(lint(tool, directory.path(), &["wide.v"], "wide").is_err(), "{tool} said nothing");
        }
    }
}
