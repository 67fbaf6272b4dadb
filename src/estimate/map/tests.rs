//! The mapped gates compute what the network says, and are as few as they should be.

use super::rewrite::rewrite;
use super::structures::library;
use super::truth::{INPUTS, depends, invert_input, swap, widen};
use super::*;
use crate::estimate::adder::{AdderKind, add, multiply};

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() >> 11) as usize % bound
    }
}

type Function = fn(&[u64]) -> u64;

/// Inputs, area, function. Areas are counted in inputs, as in most libraries; an exclusive or is twice a nand.
const CELLS: [(usize, f64, Function); 16] = [
    (1, 2.0, |x| !x[0]),
    (2, 3.0, |x| !(x[0] & x[1])),
    (3, 4.0, |x| !(x[0] & x[1] & x[2])),
    (2, 3.0, |x| !(x[0] | x[1])),
    (3, 4.0, |x| !(x[0] | x[1] | x[2])),
    (2, 4.0, |x| x[0] & x[1]),
    (2, 4.0, |x| x[0] | x[1]),
    (3, 4.0, |x| !(x[0] | x[1] & x[2])),
    (3, 4.0, |x| !(x[0] & (x[1] | x[2]))),
    (4, 5.0, |x| !(x[0] & x[1] | x[2] & x[3])),
    (4, 5.0, |x| !((x[0] | x[1]) & (x[2] | x[3]))),
    (5, 6.0, |x| !(x[0] & (x[1] | x[2]) & (x[3] | x[4]))),
    (6, 8.0, |x| !(x[0] & x[1] | x[2] & x[3] | x[4] & x[5])),
    (2, 6.0, |x| x[0] ^ x[1]),
    (2, 6.0, |x| !(x[0] ^ x[1])),
    (3, 7.0, |x| x[2] & x[1] | !x[2] & x[0]),
];

/// A library of some of the cells; delays grow with the pin, so that pins matter.
fn target(cells: &[usize]) -> Target {
    let gate = |&id: &usize| {
        let (inputs, area, function) = CELLS[id];
        let delays = (0..inputs).map(|pin| 0.01 * (area + pin as f64)).collect();
        TargetGate { id, inputs, table: widen(function(&INPUTS[..inputs]), inputs), area, delays }
    };
    Target::new(cells.iter().map(gate)).expect("it has an inverter and a gate")
}

fn all_cells() -> Target {
    target(&(0..CELLS.len()).collect::<Vec<_>>())
}

fn area(mapped: &Mapped) -> f64 {
    mapped.gates.iter().map(|gate| CELLS[gate.cell].1).sum()
}

/// The longest path by the delays of [`target`], ns.
fn depth(mapped: &Mapped) -> f64 {
    let mut times: Vec<f64> = Vec::new();
    let of = |signal: &Signal, times: &[f64]| if let Signal::Gate(gate) = signal { times[*gate as usize] } else { 0.0 };
    for gate in &mapped.gates {
        let pins = gate.inputs.iter().enumerate();
        let time = pins.map(|(pin, input)| of(input, &times) + 0.01 * (CELLS[gate.cell].1 + pin as f64));
        times.push(time.fold(0.0, f64::max));
    }
    mapped.roots.iter().flatten().map(|root| of(root, &times)).fold(0.0, f64::max)
}

/// Compares every root on some words of cases; the first word holds all cases of up to six leaves.
fn check(logic: &Logic, roots: &[Option<Bit>], mapped: &Mapped, random: &mut Random) {
    for round in 0..4 {
        let leaf = |index: usize, random: &mut Random| match INPUTS.get(index) {
            Some(&column) if round == 0 => column,
            _ => random.next(),
        };
        let leaves: Vec<u64> = (0..logic.nodes().len()).map(|index| leaf(index, random)).collect();
        let nodes = logic.evaluate(&leaves);
        let mut gates: Vec<u64> = Vec::new();
        let value = |signal: Signal, gates: &[u64]| match signal {
            Signal::Constant(value) => u64::from(value).wrapping_neg(),
            Signal::Leaf(leaf) => leaves[leaf as usize],
            Signal::Gate(gate) => gates[gate as usize],
        };
        for gate in &mapped.gates {
            let inputs: Vec<u64> = gate.inputs.iter().map(|&input| value(input, &gates)).collect();
            gates.push(CELLS[gate.cell].2(&inputs));
        }
        for (root, signal) in roots.iter().zip(&mapped.roots) {
            assert_eq!(root.is_some(), signal.is_some());
            let (Some(root), Some(signal)) = (root, signal) else { continue };
            let expected = nodes[root.node()] ^ u64::from(root.is_complement()).wrapping_neg();
            assert_eq!(value(*signal, &gates), expected, "{root:?} of {logic:?}");
        }
    }
}

/// Some gates on a few leaves, in which every gate may be read more than once.
fn random_logic(random: &mut Random, leaves: usize, gates: usize) -> (Logic, Vec<Option<Bit>>) {
    let mut logic = Logic::default();
    let mut bits: Vec<Bit> = (0..leaves).map(|_| logic.leaf()).collect();
    for _ in 0..gates {
        let recent = bits.len().min(12);
        let pick = |random: &mut Random| {
            let from = if random.below(2) == 0 { bits.len() - recent } else { 0 };
            bits[from + random.below(bits.len() - from)].flipped(random.below(2) == 1)
        };
        let [a, b, c] = [(); 3].map(|()| pick(random));
        bits.push(match random.below(5) {
            0 => logic.xor(a, b),
            1 => logic.mux(a, b, c),
            2 => logic.full_adder(a, b, c).1,
            _ => logic.and(a, b),
        });
    }
    let roots = (0..8).map(|_| (random.below(8) > 0).then(|| bits[random.below(bits.len())])).collect();
    (logic, roots)
}

#[test]
fn random_networks_are_mapped_to_what_they_compute_for_area_and_for_time_in_any_library() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let targets = [all_cells(), target(&[0, 1]), target(&[0, 3]), target(&[0, 5, 15]), target(&[0, 1, 13, 12, 11])];
    for round in 0..200 {
        let (logic, roots) = random_logic(&mut random, 3 + round % 10, 1 + round % 60);
        for target in &targets {
            let mapped = map(&logic, &roots, target, Goal::Area);
            check(&logic, &roots, &mapped, &mut random);
            let shortest = map(&logic, &roots, target, Goal::Delay { required_ns: 0.0 });
            check(&logic, &roots, &shortest, &mut random);
            let between = Goal::Delay { required_ns: (depth(&mapped) + depth(&shortest)) / 2.0 };
            check(&logic, &roots, &map(&logic, &roots, target, between), &mut random);
            let shallow = Subject::new(&logic, &roots, &[]).shallow().map(target, Goal::Delay { required_ns: 0.0 });
            check(&logic, &roots, &shallow, &mut random);
        }
    }
}

#[test]
fn rewriting_and_balancing_keep_every_root() {
    let mut random = Random(5);
    for round in 0..200 {
        let (logic, roots) = random_logic(&mut random, 6, 5 + round % 80);
        let asked: Vec<Bit> = roots.into_iter().flatten().collect();
        let (aig, lits, _) = Aig::from_logic(&logic, &asked, &|_| false);
        let values = |aig: &Aig, roots: &[Lit]| {
            let mut values = vec![0u64; aig.len()];
            (0..aig.leaves()).for_each(|leaf| values[leaf + 1] = INPUTS[leaf]);
            let of = |values: &[u64], l: Lit| values[node(l)] ^ u64::from(inverted(l)).wrapping_neg();
            for index in 0..aig.len() {
                if let Some([a, b]) = aig.operands(index) {
                    values[index] = of(&values, a) & of(&values, b);
                }
            }
            roots.iter().map(|&root| of(&values, root)).collect::<Vec<_>>()
        };
        let before = values(&aig, &lits);
        let balanced = balance::balance(&aig, &lits);
        assert_eq!(values(&balanced.aig, &balanced.roots), before);
        for even in [false, true] {
            let pass = rewrite(&aig, &lits, even).expect("nothing depends on itself");
            assert_eq!(values(&pass.aig, &pass.roots), before);
            assert!(even || pass.aig.len() <= aig.len(), "{} nodes from {}", pass.aig.len(), aig.len());
            for (index, &now) in pass.now.iter().enumerate().filter(|(_, now)| **now != aig::NONE) {
                assert_eq!(values(&pass.aig, &[now]), values(&aig, &[lit(index, false)]), "node {index}");
            }
        }
    }
}

#[test]
fn every_function_of_four_inputs_has_graphs_that_compute_it() {
    for table in 0..=u16::MAX {
        let (member, structures) = library().of(table);
        if table == 0 || table == u16::MAX {
            continue;
        }
        assert!(!structures.is_empty());
        for structure in structures {
            let input = |k: usize| {
                let column = INPUTS[member.order[k] as usize] as u16;
                if member.signs >> k & 1 == 1 { !column } else { column }
            };
            let mut values: Vec<u16> = (0..4).map(input).collect();
            let of = |values: &[u16], l: u8| values[usize::from(l >> 1)] ^ u16::from(l & 1).wrapping_neg();
            for &[a, b] in &structure.ands {
                values.push(of(&values, a) & of(&values, b));
            }
            let result = of(&values, structure.result) ^ u16::from(member.flip).wrapping_neg();
            assert_eq!(result, table, "{structure:?}");
        }
    }
}

#[test]
fn truth_tables_follow_their_inputs() {
    let mut random = Random(17);
    for _ in 0..50 {
        let table = random.next();
        for i in 0..6 {
            assert_eq!(invert_input(invert_input(table, i), i), table);
            assert!(!depends(widen(table, i), i), "a function of {i} inputs does not read input {i}");
            for j in i..6 {
                let moved = swap(table, i, j);
                for case in 0..64u32 {
                    let (a, b) = (case >> i & 1, case >> j & 1);
                    let other = case & !(1 << i) & !(1 << j) | b << i | a << j;
                    assert_eq!(moved >> case & 1, table >> other & 1);
                }
            }
        }
    }
}

#[test]
fn a_match_is_the_gate_with_its_inputs_as_it_says() {
    let target = all_cells();
    let mut matched = 0;
    for inputs in 2..=3 {
        for table in 0..1u64 << (1 << inputs) {
            let table = widen(table, inputs);
            if !(0..inputs).all(|input| depends(table, input)) {
                continue;
            }
            for found in target.matches(table) {
                let gate = &target.gates()[found.gate as usize];
                let pin = |pin: usize| {
                    let leaf = usize::from(found.order[pin]);
                    INPUTS[leaf] ^ u64::from(found.signs >> leaf & 1).wrapping_neg()
                };
                let pins: Vec<u64> = (0..gate.inputs).map(pin).collect();
                assert_eq!(CELLS[gate.id].2(&pins), table);
                matched += 1;
            }
        }
    }
    // Nands, nors, ands and ors in 4 signs each and the exclusive ors in 4; three inputs in 8, times the orders that differ.
    assert_eq!(matched, 4 * 4 + 2 * 4 + 2 * 8 + 2 * 3 * 8 + 6 * 8);
}

#[test]
fn a_library_that_cannot_invert_or_combine_is_refused() {
    let gate = |id: usize| {
        let (inputs, area, function) = CELLS[id];
        TargetGate { id, inputs, table: function(&INPUTS[..inputs]), area, delays: vec![0.0; inputs] }
    };
    assert_eq!(Target::new([gate(1)]).err(), Some(TargetError::NoInverter));
    assert_eq!(Target::new([gate(0), gate(13)]).err(), Some(TargetError::NoGate));
}

#[test]
fn a_carry_chain_shares_the_nand_of_each_full_adder() {
    // Two nands, an or-and-invert and an exclusive or for each exclusive or and carry: 20 a bit with everything shared, 24 for two
    // exclusive ors of 6 and three nands of 3 + 3 more where nothing is.
    let mut logic = Logic::default();
    let [x, y] = [(); 2].map(|()| (0..16).map(|_| logic.leaf()).collect::<Vec<_>>());
    let sum = add(&mut logic, AdderKind::RippleCarry, &x, &y, Bit::ZERO);
    let roots: Vec<_> = sum.into_iter().map(Some).collect();
    let mapped = map(&logic, &roots, &all_cells(), Goal::Area);
    assert!(area(&mapped) <= 16.0 * 20.0, "{}", area(&mapped));
}

#[test]
fn controls_of_many_bits_are_decoded_once() {
    // Two multiplexers in a row cost 14 a bit; one and-or-invert of three pairs, inverted, 10 and the decoder.
    let mut logic = Logic::default();
    let (load, capture) = (logic.leaf(), logic.leaf());
    let roots: Vec<_> = (0..32)
        .map(|_| {
            let [a, b, q] = [(); 3].map(|()| logic.leaf());
            let inner = logic.mux(capture, a, b);
            Some(logic.mux(load, inner, q))
        })
        .collect();
    let mapped = map(&logic, &roots, &all_cells(), Goal::Area);
    assert!(area(&mapped) <= 32.0 * 10.0 + 15.0, "{}", area(&mapped));
}

#[test]
fn a_mapping_for_time_is_shorter_and_no_larger_than_it_must_be() {
    let mut logic = Logic::default();
    let [x, y] = [(); 2].map(|()| (0..8).map(|_| logic.leaf()).collect::<Vec<_>>());
    let product = multiply(&mut logic, AdderKind::ParallelPrefix, &x, &y);
    let roots: Vec<_> = product.into_iter().map(Some).collect();
    let target = all_cells();
    let smallest = map(&logic, &roots, &target, Goal::Area);
    let shortest = map(&logic, &roots, &target, Goal::Delay { required_ns: 0.0 });
    assert!(depth(&shortest) < 0.9 * depth(&smallest), "{} against {}", depth(&shortest), depth(&smallest));
    assert!(area(&smallest) < area(&shortest));
    let required_ns = (depth(&shortest) + depth(&smallest)) / 2.0;
    let between = map(&logic, &roots, &target, Goal::Delay { required_ns });
    assert!(depth(&between) <= required_ns + 1e-5, "{} is longer than {required_ns}", depth(&between));
    assert!(area(&between) < area(&shortest));
}
