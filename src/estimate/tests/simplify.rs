//! What constants, repeated bits and unread outputs leave of the logic.

use super::example::{TOP, alone};
use crate::estimate::body::Body;
use crate::estimate::choose::target_of;
use crate::estimate::logic::{Bit, Logic};
use crate::estimate::mapping::{Goal, Mapped, map_body};
use crate::estimate::process::Process;
use crate::estimate::timing::Library;
use crate::netlist::{ModuleBuilder, RegisterControl};

fn mapped(m: ModuleBuilder) -> Mapped {
    let netlist = alone(m.finish().expect("a sound module"));
    let body = Body::new(&netlist, TOP, &[]).expect("no loop");
    let process = Process::shipped("nangate45").expect("shipped");
    let target = target_of(&process, &Library::new(&process)).expect("enough cells");
    map_body(&body, &target, Goal::Area)
}

#[test]
fn known_bits_never_become_gates() {
    let mut logic = Logic::default();
    let (a, b) = (logic.leaf(), logic.leaf());
    assert_eq!(logic.and(a, Bit::ZERO), Bit::ZERO);
    assert_eq!(logic.and(a, Bit::ONE), a);
    assert_eq!(logic.and(a, !a), Bit::ZERO);
    assert_eq!(logic.xor(a, Bit::ONE), !a);
    assert_eq!(logic.xor(!a, a), Bit::ONE);
    assert_eq!(logic.mux(Bit::ONE, a, b), a);
    assert_eq!(logic.mux(b, a, a), a);
    assert_eq!(logic.full_adder(a, b, b), (a, b));
    assert_eq!(logic.full_adder(a, !a, b), (!b, b));
    assert_eq!(logic.nodes().len(), 3, "constant 0 and the two leaves");
}

#[test]
fn the_same_function_of_the_same_bits_is_built_once() {
    let mut logic = Logic::default();
    let (a, b) = (logic.leaf(), logic.leaf());
    let first = logic.and(a, b);
    assert_eq!(logic.and(b, a), first);
    assert_eq!(logic.xor(!a, b), {
        let x = logic.xor(a, b);
        !x
    });
    assert_eq!(logic.mux(!a, b, first), logic.mux(a, first, b));
}

#[test]
fn adding_a_constant_of_zero_costs_nothing() {
    let mut m = ModuleBuilder::new("plus_zero");
    let x = m.input("x_i", 16, "");
    let zero = m.constant(16, 0);
    let sum = m.add("sum", x, zero);
    m.output("sum_o", sum, "");
    assert!(mapped(m).gates.is_empty());
}

#[test]
fn a_sign_extended_operand_repeats_one_adder_of_its_sign_columns() {
    // 32 columns of full adders, but x, y and z are one bit each, repeated: one adder is enough for all.
    let mut m = ModuleBuilder::new("signs");
    let inputs = ["x_i", "y_i", "z_i"].map(|name| m.input(name, 1, ""));
    let [x, y, z] = inputs.map(|net| m.sign_extend(net, 32));
    let (sum, carry) = m.compress32("tree", x, y, z);
    m.output("sum_o", sum, "");
    m.output("carry_o", carry, "");
    let mapped = mapped(m);
    assert_eq!((mapped.full_adders, mapped.half_adders), (1, 0));
    assert_eq!(mapped.gates.len(), 5, "two exclusive ors and three nands: {:?}", mapped.gates);
}

#[test]
fn a_row_of_full_adders_counts_as_many_as_it_has_unknown_columns() {
    // z has 4 unknown bits, 8 zeros below and none above: 4 full adders, 8 half adders.
    let mut m = ModuleBuilder::new("row");
    let (x, y, z) = (m.input("x_i", 12, ""), m.input("y_i", 12, ""), m.input("z_i", 4, ""));
    let zeros = m.constant(8, 0);
    let z = m.concat(&[z, zeros]);
    let (sum, carry) = m.compress32("row", x, y, z);
    m.output("sum_o", sum, "");
    m.output("carry_o", carry, "");
    let mapped = mapped(m);
    assert_eq!((mapped.full_adders, mapped.half_adders), (4, 8));
}

#[test]
fn an_eight_by_eight_multiplier_has_dadda_s_number_of_adders() {
    // Dadda, 1965: an n by n tree takes n^2 - 4n + 3 full and n - 1 half adders; Baugh and Wooley add one bit in column
    // n and one in column 2n - 1, and the final adder n + n - 2 more.
    let mut m = ModuleBuilder::new("multiplier");
    let (x, y) = (m.input("x_i", 8, ""), m.input("y_i", 8, ""));
    let product = m.mul_signed("product", x, y);
    m.output("p_o", product, "");
    let mapped = mapped(m);
    let total = mapped.full_adders + mapped.half_adders;
    assert!((40..=44).contains(&total), "{} full and {} half adders", mapped.full_adders, mapped.half_adders);
}

#[test]
fn a_register_that_nobody_reads_is_removed_with_its_logic() {
    let mut m = ModuleBuilder::new("unread");
    let (x, y) = (m.input("x_i", 8, ""), m.input("y_i", 8, ""));
    let product = m.mul_signed("product", x, y);
    m.register("unused_q", product, RegisterControl::default());
    let kept = m.register("kept_q", x, RegisterControl::default());
    m.output("kept_o", kept, "");
    let mapped = mapped(m);
    assert!(mapped.gates.is_empty());
    assert_eq!(mapped.live_leaves.iter().filter(|live| **live).count(), 16, "x_i and kept_q");
}

#[test]
fn an_enabled_register_costs_a_multiplexer_and_a_cleared_one_a_gate() {
    let count = |enable: bool, clear: bool| {
        let mut m = ModuleBuilder::new("register");
        let (x, e, c) = (m.input("x_i", 1, ""), m.input("enable_i", 1, ""), m.input("clear_i", 1, ""));
        let control = RegisterControl { enable: enable.then_some(e), clear: clear.then_some(c), ..Default::default() };
        let q = m.register("q", x, control);
        m.output("q_o", q, "");
        mapped(m).gates.len()
    };
    assert_eq!(count(false, false), 0);
    assert_eq!(count(true, false), 1);
    assert!((1..=2).contains(&count(false, true)));
    assert!(count(true, true) > count(true, false));
}

#[test]
fn registers_that_always_hold_the_same_are_one() {
    let registers = |same: bool| {
        let mut m = ModuleBuilder::new("twins");
        let (x, y, enable) = (m.input("x_i", 4, ""), m.input("y_i", 4, ""), m.input("enable_i", 1, ""));
        let control = RegisterControl { enable: Some(enable), ..Default::default() };
        // Two stages: the second ones are equal because the first ones are.
        let inputs = [("first_left_q", x), ("first_right_q", if same { x } else { y })];
        let first = inputs.map(|(name, d)| m.register(name, d, control));
        let second = [("left_q", first[0]), ("right_q", first[1])].map(|(name, d)| m.register(name, d, control));
        m.output("left_o", second[0], "");
        m.output("right_o", second[1], "");
        let mapped = mapped(m);
        mapped.live_leaves.iter().filter(|live| **live).count()
    };
    // Inputs, enable and two stages of four bits, or of twice four.
    assert_eq!(registers(true), 4 + 1 + 2 * 4);
    assert_eq!(registers(false), 8 + 1 + 4 * 4);
}
