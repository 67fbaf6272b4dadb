//! Flip-flops that always hold the same value are one, and those that never change are none: a synthesiser's register merging.

use std::collections::BTreeMap;

use super::{Body, Sink, Source};
use crate::estimate::logic::{Bit, Node};

/// Cycles of random inputs that tell flip-flops apart before any proof is tried.
const CYCLES: usize = 12;
/// Rounds of proof; a module that needs more keeps its flip-flops.
const ROUNDS: usize = 8;

/// Merges the flip-flops of a module. Those without reset count as equal if they are from the first load on.
pub fn merge_registers(body: &mut Body) {
    // A constant may make another one.
    for _round in 0..ROUNDS {
        let constants = constants(body);
        if constants.iter().all(Option::is_none) {
            break;
        }
        replace(body, &constants);
    }
    let classes = Registers::of(body).classes(body);
    let leaders = leaders(&classes);
    if (0..leaders.len()).any(|index| leaders[index] != index) {
        let leaves = Registers::of(body).leaves;
        let instead: Vec<Option<Bit>> = leaders
            .iter()
            .enumerate()
            .map(|(index, &leader)| (leader != index).then(|| body.leaves[leaves[leader]]))
            .collect();
        replace(body, &instead);
    }
}

/// The flip-flops that load a constant, which is that of their reset if they have one.
fn constants(body: &Body) -> Vec<Option<Bit>> {
    let mut found = vec![None; body.flip_flops.len()];
    let registers = Registers::of(body);
    // One that was replaced has no readers left.
    let read = read(body);
    for (bit, sink) in &body.sinks {
        let Sink::FlipFlop(index) = *sink else { continue };
        let own = body.leaves[registers.leaves[index]];
        let reset = body.flip_flops[index].reset;
        let value = match (bit.known(), reset) {
            (Some(value), None) => Some(value),
            (Some(value), Some(reset)) if value == reset => Some(value),
            // It holds its reset for ever.
            (None, Some(reset)) if *bit == own => Some(reset),
            _ => None,
        };
        found[index] = value.map(Bit::constant).filter(|_| read[own.node()]);
    }
    found
}

/// Whether anything reads each node.
fn read(body: &Body) -> Vec<bool> {
    let mut read = vec![false; body.logic.nodes().len()];
    body.sinks.iter().for_each(|(bit, _)| read[bit.node()] = true);
    for node in body.logic.nodes() {
        match *node {
            Node::Zero | Node::Leaf(_) => {}
            Node::And(a, b) | Node::Xor(a, b) => [a, b].iter().for_each(|bit| read[bit.node()] = true),
            Node::Mux(s, one, zero) => [s, one, zero].iter().for_each(|bit| read[bit.node()] = true),
        }
    }
    read
}

/// Lets other bits stand for the outputs of flip-flops.
fn replace(body: &mut Body, instead: &[Option<Bit>]) {
    let of_leaf = |leaf: u32| match body.sources[leaf as usize] {
        Source::FlipFlop(index) => instead[index],
        _ => None,
    };
    let (logic, now) = body.logic.with_leaves(of_leaf);
    for (bit, _) in &mut body.sinks {
        *bit = now[bit.node()].flipped(bit.is_complement());
    }
    let nodes = logic.nodes().iter().enumerate();
    let leaves = nodes.filter(|(_, node)| matches!(node, Node::Leaf(_))).map(|(index, _)| Bit::of(index, false));
    body.leaves = leaves.collect();
    body.logic = logic;
}

/// For each flip-flop the first of its class.
fn leaders(classes: &[usize]) -> Vec<usize> {
    let mut first = BTreeMap::new();
    classes.iter().enumerate().map(|(index, &class)| *first.entry(class).or_insert(index)).collect()
}

/// Where the outputs and inputs of flip-flops are.
struct Registers {
    /// Leaf number of each output.
    leaves: Vec<usize>,
    /// What each loads.
    next: Vec<Bit>,
}

impl Registers {
    fn of(body: &Body) -> Registers {
        let count = body.flip_flops.len();
        let mut registers = Registers { leaves: vec![0; count], next: vec![Bit::ZERO; count] };
        for (leaf, source) in body.sources.iter().enumerate() {
            if let Source::FlipFlop(index) = *source {
                registers.leaves[index] = leaf;
            }
        }
        for (bit, sink) in &body.sinks {
            if let Sink::FlipFlop(index) = *sink {
                registers.next[index] = *bit;
            }
        }
        registers
    }

    /// A class for each flip-flop: those of one class load the same if they hold the same.
    fn classes(&self, body: &Body) -> Vec<usize> {
        let alone: Vec<usize> = (0..self.next.len()).collect();
        let mut classes = self.guess(body);
        for _round in 0..ROUNDS {
            let first = leaders(&classes);
            if first == alone {
                return alone;
            }
            let of_leaf = |leaf: u32| match body.sources[leaf as usize] {
                Source::FlipFlop(index) => (first[index] != index).then(|| body.leaves[self.leaves[first[index]]]),
                _ => None,
            };
            let (_, now) = body.logic.with_leaves(of_leaf);
            let loads = |index: usize| {
                let next = self.next[index];
                now[next.node()].flipped(next.is_complement())
            };
            let refined = numbered(classes.iter().enumerate().map(|(index, &class)| (class, loads(index))));
            if refined == classes {
                return classes;
            }
            classes = refined;
        }
        alone
    }

    /// Classes that some cycles of random inputs do not tell apart. Flip-flops of one reset start with the same bit, a random one in
    /// each of 64 cases, as that is what a proof may suppose of a class.
    fn guess(&self, body: &Body) -> Vec<usize> {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut random = move || {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d)
        };
        let starts = [random(), random(), random()];
        let start = |reset: Option<bool>| starts[reset.map_or(0, |value| 1 + usize::from(value))];
        let mut held: Vec<u64> = body.flip_flops.iter().map(|flip_flop| start(flip_flop.reset)).collect();
        let mut classes = numbered(body.flip_flops.iter().map(|flip_flop| flip_flop.reset));
        for _cycle in 0..CYCLES {
            let mut leaves: Vec<u64> = body.sources.iter().map(|_| random()).collect();
            for (&leaf, &value) in self.leaves.iter().zip(&held) {
                leaves[leaf] = value;
            }
            let values = body.logic.evaluate(&leaves);
            for (value, next) in held.iter_mut().zip(&self.next) {
                *value = values[next.node()] ^ if next.is_complement() { u64::MAX } else { 0 };
            }
            classes = numbered(classes.iter().zip(&held));
        }
        classes
    }
}

/// Numbers equal entries equally, in the order in which they occur first.
fn numbered<K: Ord>(keys: impl Iterator<Item = K>) -> Vec<usize> {
    let mut known = BTreeMap::new();
    keys.map(|key| {
        let next = known.len();
        *known.entry(key).or_insert(next)
    })
    .collect()
}
