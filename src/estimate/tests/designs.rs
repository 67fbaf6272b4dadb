//! Every shipped design of 4 by 4 PEs: its gates compute what its bits say, and merging registers changes nothing that is seen.

use std::collections::BTreeSet;

use super::equivalence::{evaluate_gates, target, value_of};
use super::example::Random;
use crate::design::{Design, engine_spec, shipped};
use crate::engine::Engine;
use crate::estimate::body::{Body, Sink, Source};
use crate::estimate::live::Liveness;
use crate::estimate::mapping::{Goal, Logics, Target};
use crate::estimate::process::Process;
use crate::netlist::{ModuleId, Netlist};

/// Cycles that the bits of a module run with its registers merged and as they are.
const CYCLES: usize = 60;

/// The top and every module of which there is a grid.
fn mapped_modules(netlist: &Netlist) -> BTreeSet<ModuleId> {
    let mut found = BTreeSet::new();
    let mut pending = vec![netlist.top];
    while let Some(module) = pending.pop() {
        if found.insert(module) {
            let body = Body::new(netlist, module, &[]).expect("no loop");
            pending.extend(body.grids.iter().map(|grid| grid.module));
        }
    }
    found
}

fn small_designs() -> Vec<Netlist> {
    let small = shipped().iter().filter(|design| design.name.ends_with("-4x4"));
    small
        .map(|design| {
            let design = Design::load(design.name, &[]).expect("a shipped design");
            Engine::elaborate(&engine_spec(&design)).expect("a sound design").netlist
        })
        .collect()
}

/// Compares every sink that anybody needs on some words of random cases; returns how many were compared.
fn compare(body: &Body, process: &Process, target: &Target, random: &mut Random) -> usize {
    let live = Liveness::of(body);
    let mut compared = 0;
    let fast = Goal::Delay { required_ns: 0.0 };
    let mut logics = Logics::new(body, target);
    for (shallow, goal) in [(false, Goal::Area), (false, fast), (true, fast)] {
        let mapped = logics.map(body, shallow, target, goal);
        for _ in 0..4 {
            let leaves: Vec<u64> = body.sources.iter().map(|_| random.next()).collect();
            let (nodes, gates) = (body.logic.evaluate(&leaves), evaluate_gates(process, &mapped, &leaves));
            for (((bit, sink), signal), live) in body.sinks.iter().zip(&mapped.sinks).zip(&live.sinks) {
                assert_eq!(signal.is_some(), *live, "{sink:?}");
                let Some(signal) = *signal else { continue };
                let expected = nodes[bit.node()] ^ u64::from(bit.is_complement()).wrapping_neg();
                assert_eq!(value_of(signal, &leaves, &gates), expected, "{sink:?} for {goal:?}");
                compared += 1;
            }
        }
    }
    compared
}

#[test]
fn every_shipped_small_design_is_mapped_to_what_its_bits_compute() {
    let process = Process::shipped("nangate45").expect("shipped");
    let target = target(&process);
    let mut random = Random(23);
    let designs = small_designs();
    assert!(designs.len() >= 38, "only {} designs", designs.len());
    let mut compared = 0;
    for netlist in &designs {
        for module in mapped_modules(netlist) {
            let body = Body::new(netlist, module, &[]).expect("no loop");
            compared += compare(&body, &process, &target, &mut random);
        }
    }
    assert!(compared > 100_000, "only {compared} signals were compared");
}

/// Cycles after which registers that load a constant and have no reset hold it, whatever they started with.
const SETTLED: usize = 8;

/// What a module shows outside in each cycle once it has settled, for inputs from a seed; flip-flops start with their reset, or
/// with 0.
fn shown(body: &Body, seed: u64) -> Vec<u64> {
    let mut random = Random(seed);
    let start = |index: usize| u64::from(body.flip_flops[index].reset.unwrap_or(false)).wrapping_neg();
    let mut held: Vec<u64> = (0..body.flip_flops.len()).map(start).collect();
    let mut shown = Vec::new();
    for cycle in 0..CYCLES {
        let leaf = |source: &Source, random: &mut Random| {
            let outside = random.next();
            if let Source::FlipFlop(index) = *source { held[index] } else { outside }
        };
        let leaves: Vec<u64> = body.sources.iter().map(|source| leaf(source, &mut random)).collect();
        let nodes = body.logic.evaluate(&leaves);
        for (bit, sink) in &body.sinks {
            let value = nodes[bit.node()] ^ u64::from(bit.is_complement()).wrapping_neg();
            match *sink {
                Sink::FlipFlop(index) => held[index] = value,
                _ if cycle >= SETTLED => shown.push(value),
                _ => {}
            }
        }
    }
    shown
}

#[test]
fn merging_registers_changes_nothing_that_a_module_shows() {
    let mut merged = 0;
    for netlist in small_designs() {
        for module in mapped_modules(&netlist) {
            let before = Body::with_all_registers(&netlist, module, &[]).expect("no loop");
            let after = Body::new(&netlist, module, &[]).expect("no loop");
            let count = |body: &Body| {
                let live = Liveness::of(body);
                let sinks = body.sinks.iter().zip(&live.sinks);
                sinks.filter(|((_, sink), live)| **live && matches!(sink, Sink::FlipFlop(_))).count()
            };
            merged += count(&before) - count(&after);
            assert!(shown(&before, 41) == shown(&after, 41), "{}", netlist.module(module).name);
        }
    }
    assert!(merged > 0, "nothing was merged, so nothing was compared");
}
