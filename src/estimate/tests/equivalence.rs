//! The gates compute what the words say.

use super::example::{Random, TOP, alone, random_logic};
use crate::estimate::AdderKind;
use crate::estimate::body::{Body, Sink, Source};
use crate::estimate::choose::target_of;
use crate::estimate::mapping::{Goal, Mapped, Signal, Target, map_body};
use crate::estimate::process::Process;
use crate::estimate::timing::Library;
use crate::netlist::{Direction, Item, Module, ModuleBuilder, NetId, Netlist, Op, RegisterControl, ResetKind};

/// The value of every net of a module without state, computed word by word straight from the definition of each operation.
pub fn evaluate_words(module: &Module, inputs: &[(NetId, u64)]) -> Vec<u64> {
    let mut values = vec![0u64; module.nets.len()];
    for &(net, value) in inputs {
        values[net.index()] = value;
    }
    for item in &module.items {
        let Item::Cell(cell) = item else { continue };
        let width = |net: NetId| module.net(net).width;
        let mask = |net: NetId| if width(net) == 64 { !0 } else { (1u64 << width(net)) - 1 };
        let x: Vec<u64> = cell.inputs.iter().map(|net| values[net.index()]).collect();
        let signed = |i: usize| {
            let shift = 64 - width(cell.inputs[i]);
            (x[i] << shift) as i64 >> shift
        };
        let out = cell.outputs[0];
        let value = match cell.op {
            Op::Const(value) => value,
            Op::Wire | Op::ZeroExtend => x[0],
            Op::Slice { low } => x[0] >> low,
            Op::Concat => cell.inputs.iter().zip(&x).fold(0, |word, (&net, &part)| word << width(net) | part),
            Op::SignExtend => signed(0) as u64,
            Op::Lane { .. } | Op::Spread | Op::Join => unreachable!("not used here"),
            Op::Not => !x[0],
            Op::And => x.iter().fold(!0, |a, b| a & b),
            Op::Or => x.iter().fold(0, |a, b| a | b),
            Op::Xor | Op::Compress32 | Op::Compress22 => x.iter().fold(0, |a, b| a ^ b),
            Op::Mux => {
                if x[0] == 1 {
                    x[1]
                } else {
                    x[2]
                }
            }
            Op::Equal => u64::from(x[0] == x[1]),
            Op::Add => x[0].wrapping_add(x[1]),
            Op::Sub => x[0].wrapping_sub(x[1]),
            Op::MulSigned => (signed(0) as i128 * signed(1) as i128) as u64,
        };
        values[out.index()] = value & mask(out);
        if let Some(&carry) = cell.outputs.get(1) {
            let all = if x.len() == 3 { x[0] & x[1] | x[0] & x[2] | x[1] & x[2] } else { x[0] & x[1] };
            values[carry.index()] = all & mask(carry);
        }
    }
    values
}

pub fn target(process: &Process) -> Target {
    target_of(process, &Library::new(process)).expect("enough cells")
}

/// Every cell's value for given leaves, 64 independent cases at once.
pub fn evaluate_gates(process: &Process, mapped: &Mapped, leaves: &[u64]) -> Vec<u64> {
    let mut values: Vec<u64> = Vec::with_capacity(mapped.gates.len());
    for gate in &mapped.gates {
        let inputs: Vec<u64> = gate.inputs.iter().map(|&input| value_of(input, leaves, &values)).collect();
        values.push(process.cells()[gate.cell].outputs[0].function.evaluate(&inputs));
    }
    values
}

pub fn value_of(signal: Signal, leaves: &[u64], gates: &[u64]) -> u64 {
    match signal {
        Signal::Constant(value) => u64::from(value).wrapping_neg(),
        Signal::Leaf(leaf) => leaves[leaf as usize],
        Signal::Gate(gate) => gates[gate as usize],
    }
}

/// Compares a module without state with its gates on 64 random cases; returns how many output bits were compared.
fn compare(module: &Module, kinds: &[AdderKind], (process, target): (&Process, &Target), random: &mut Random) -> usize {
    let netlist = alone(module.clone());
    let body = Body::new(&netlist, TOP, kinds).expect("no loop");
    let mapped = map_body(&body, target, Goal::Area);
    let inputs: Vec<NetId> =
        module.ports.iter().filter(|port| port.direction == Direction::Input).map(|port| port.net).collect();
    let cases: Vec<Vec<(NetId, u64)>> = (0..64)
        .map(|case| {
            let value = |net: NetId, random: &mut Random| match case {
                0 => 0,
                1 => (1 << module.net(net).width) - 1,
                _ => random.next() & ((1 << module.net(net).width) - 1),
            };
            inputs.iter().map(|&net| (net, value(net, random))).collect()
        })
        .collect();
    let words: Vec<Vec<u64>> = cases.iter().map(|case| evaluate_words(module, case)).collect();
    let gather = |port: usize, bit: usize| {
        let net = module.ports[port].net;
        words.iter().enumerate().fold(0u64, |all, (case, values)| all | (values[net.index()] >> bit & 1) << case)
    };
    let leaves: Vec<u64> = body
        .sources
        .iter()
        .map(|source| if let Source::Port { port, bit } = *source { gather(port, bit) } else { 0 })
        .collect();
    let (nodes, gates) = (body.logic.evaluate(&leaves), evaluate_gates(process, &mapped, &leaves));
    for ((bit, sink), signal) in body.sinks.iter().zip(&mapped.sinks) {
        let Sink::Port { port, bit: index } = *sink else { continue };
        let expected = gather(port, index);
        let node = nodes[bit.node()] ^ if bit.is_complement() { !0 } else { 0 };
        let name = &module.net(module.ports[port].net).name;
        assert_eq!(node, expected, "logic of {name}[{index}] in {module:#?}");
        let gate = value_of(signal.expect("outputs are needed"), &leaves, &gates);
        assert_eq!(gate, expected, "gates of {name}[{index}] in {module:#?}");
    }
    body.sinks.len()
}

#[test]
fn random_logic_computes_the_same_in_words_in_bits_and_in_gates() {
    let process = Process::shipped("nangate45").expect("shipped");
    let target = target(&process);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut compared = 0;
    for round in 0..300 {
        let module = random_logic(&mut random, 1 + round % 40);
        let kind = AdderKind::ALL[round % 4];
        compared += compare(&module, &[kind; 64], (&process, &target), &mut random);
    }
    assert!(compared > 20_000, "only {compared} bits were compared");
}

#[test]
fn every_kind_of_adder_adds_and_subtracts_at_every_width() {
    let process = Process::shipped("nangate45").expect("shipped");
    let target = target(&process);
    let mut random = Random(7);
    for kind in AdderKind::ALL {
        for width in 1..=40 {
            let mut m = ModuleBuilder::new("adders");
            let (x, y) = (m.input("x_i", width, ""), m.input("y_i", width, ""));
            let sum = m.add("sum", x, y);
            let difference = m.sub("difference", x, y);
            m.output("sum_o", sum, "");
            m.output("difference_o", difference, "");
            compare(&m.finish().expect("sound"), &[kind; 2], (&process, &target), &mut random);
        }
    }
}

#[test]
fn multipliers_of_every_pair_of_widths_multiply() {
    let process = Process::shipped("nangate45").expect("shipped");
    let target = target(&process);
    let mut random = Random(11);
    for a in 1..=10 {
        for b in 1..=10 {
            let mut m = ModuleBuilder::new("multiplier");
            let (x, y) = (m.input("x_i", a, ""), m.input("y_i", b, ""));
            let product = m.mul_signed("product", x, y);
            m.output("p_o", product, "");
            let kind = if (a + b) % 2 == 0 { AdderKind::RippleCarry } else { AdderKind::ParallelPrefix };
            compare(&m.finish().expect("sound"), &[kind], (&process, &target), &mut random);
        }
    }
}

#[test]
fn what_a_register_loads_follows_clear_enable_and_a_synchronous_reset() {
    for name in ["nangate45", "asap7"] {
        let process = Process::shipped(name).expect("shipped");
        let target = target(&process);
        assert_eq!(target.inverts(None), name == "asap7", "flip-flops of asap7 hand out their complement");
        register_loads(&process, &target);
    }
}

fn register_loads(process: &Process, target: &Target) {
    let mut random = Random(3);
    for reset_kind in [ResetKind::AsyncLow, ResetKind::SyncLow, ResetKind::SyncHigh] {
        for controls in 0..4 {
            for reset in [None, Some(0), Some(1)] {
                let mut m = ModuleBuilder::new("register");
                let [d, e, c] = ["d_i", "enable_i", "clear_i"].map(|name| m.input(name, 1, ""));
                let (enable, clear) = ((controls & 1 == 1).then_some(e), (controls & 2 == 2).then_some(c));
                let q = m.register("q", d, RegisterControl { enable, clear, reset });
                m.output("q_o", q, "");
                let netlist = Netlist { reset: reset_kind, ..alone(m.finish().expect("sound")) };
                let body = Body::new(&netlist, TOP, &[]).expect("no loop");
                let mapped = map_body(&body, target, Goal::Area);
                let leaves: Vec<u64> = body.sources.iter().map(|_| random.next()).collect();
                // A pin that the module does not have cannot matter.
                let of = |wanted: Source| {
                    body.sources.iter().position(|&source| source == wanted).map_or(0, |leaf| leaves[leaf])
                };
                let [d, e, c] = [0, 1, 2].map(|port| of(Source::Port { port, bit: 0 }));
                let held = if enable.is_some() { e & d | !e & of(Source::FlipFlop(0)) } else { d };
                let next = if clear.is_some() { !c & held } else { held };
                let pin = of(Source::Reset);
                let asserted = if reset_kind == ResetKind::SyncLow { !pin } else { pin };
                let expected = match reset.filter(|_| reset_kind != ResetKind::AsyncLow) {
                    None => next,
                    Some(0) => !asserted & next,
                    Some(_) => asserted | next,
                };
                let sink = body.sinks.iter().position(|(_, sink)| *sink == Sink::FlipFlop(0)).expect("it loads");
                let signal = mapped.sinks[sink].expect("it is read");
                // What comes out of the flip-flop of some libraries is the complement of its value.
                let pins: Vec<u64> = body
                    .sources
                    .iter()
                    .zip(&leaves)
                    .map(|(source, &leaf)| match *source {
                        Source::FlipFlop(index) if target.inverts(body.flip_flops[index].reset) => !leaf,
                        _ => leaf,
                    })
                    .collect();
                let gates = evaluate_gates(process, &mapped, &pins);
                let case = format!("{}: {reset_kind:?}, controls {controls}, reset {reset:?}", process.name);
                assert_eq!(value_of(signal, &pins, &gates), expected, "{case}");
                let output = body.sinks.iter().position(|(_, sink)| matches!(sink, Sink::Port { .. })).expect("q_o");
                let shown = value_of(mapped.sinks[output].expect("it is read"), &pins, &gates);
                assert_eq!(shown, of(Source::FlipFlop(0)), "{case}");
            }
        }
    }
}
