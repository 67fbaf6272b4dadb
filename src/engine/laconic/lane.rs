//! A lane of Laconic: one pair of terms a cycle, exponents added, the sum decoded.

use super::terms::{exponent, is_zero};
use crate::engine::parts::reduce::lowest_and_rest;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, RegisterControl};

/// The lane module for operands of `a_slots` and `b_slots` places.
///
/// After `load_i` it takes the terms of a one after the other, for each of them those of b. In each cycle at most one bit
/// of `plus_o` or `minus_o` is set: bit e says that this pair adds or subtracts 2^e. `done_o` is 1 in the cycle of
/// the last pair and after it (without a pair at once).
pub(super) fn lane(
    netlist: &mut NetlistBuilder,
    prefix: &str,
    (a_slots, b_slots): (u32, u32),
) -> Result<ModuleId, NetlistError> {
    let mut m = ModuleBuilder::new(format!("{prefix}_lane_a{a_slots}_b{b_slots}"));
    m.doc("Lane: one pair of terms a cycle, all terms of b for each term of a.");
    m.doc("Exponents are added and decoded: bit e of plus_o or minus_o stands for 2^e.");
    let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
    let load = m.input("load_i", 1, "takes new operands at the next edge; 0 while advance_i is 0");
    let a_terms = m.input("a_terms_i", a_slots, "terms of the next a");
    let a_negative = m.input("a_negative_i", a_slots, "which terms of this a are negative");
    let b_terms = m.input("b_terms_i", b_slots, "terms of the next b");
    let b_held = m.input("b_held_i", b_slots, "terms of this b");
    let b_negative = m.input("b_negative_i", b_slots, "which terms of this b are negative");

    let a_left = m.net("a_left_q", a_slots);
    let b_left = m.net("b_left_q", b_slots);
    let (a_pick, a_rest) = lowest_and_rest(&mut m, "a", a_left);
    let (b_pick, b_rest) = lowest_and_rest(&mut m, "b", b_left);
    let a_none = is_zero(&mut m, "a_none", a_left);
    let b_none = is_zero(&mut m, "b_none", b_left);
    let idle = m.or("idle", &[a_none, b_none]);
    let a_last = is_zero(&mut m, "a_last", a_rest);
    let b_last = is_zero(&mut m, "b_last", b_rest);
    let last = m.and("last_pair", &[a_last, b_last]);
    let done = m.or("done", &[idle, last]);

    m.comment("The next term of b; after the last one b starts again with the next term of a. Whether all lanes");
    m.comment("are done, and new operands loaded, is known last.");
    let a_next = m.mux("a_next", b_last, a_rest, a_left);
    let b_next = m.mux("b_next", b_last, b_held, b_rest);
    let a_kept = m.mux("a_kept", advance, a_next, a_left);
    let b_kept = m.mux("b_kept", advance, b_next, b_left);
    let a_d = m.mux("a_left_d", load, a_terms, a_kept);
    let b_d = m.mux("b_left_d", load, b_terms, b_kept);
    let control = RegisterControl { reset: Some(0), ..Default::default() };
    m.register_into(a_left, a_d, control);
    m.register_into(b_left, b_d, control);

    m.comment("Exponent adder and decoder.");
    let exponents = a_slots + b_slots - 1;
    let width = 32 - (exponents - 1).leading_zeros().min(31);
    let a_exponent = exponent(&mut m, "a_exponent", a_pick);
    let b_exponent = exponent(&mut m, "b_exponent", b_pick);
    let (a_wide, b_wide) = (m.zero_extend(a_exponent, width), m.zero_extend(b_exponent, width));
    let total = m.add("exponent", a_wide, b_wide);
    let hits: Vec<NetId> = (0..exponents)
        .rev()
        .map(|exponent| {
            let value = m.constant(width, u64::from(exponent));
            m.equal(&format!("is{exponent}"), total, value)
        })
        .collect();
    let hit = m.concat(&hits);
    let a_sign = m.and("a_signed_pick", &[a_pick, a_negative]);
    let a_plus = is_zero(&mut m, "a_plus", a_sign);
    let b_sign = m.and("b_signed_pick", &[b_pick, b_negative]);
    let b_plus = is_zero(&mut m, "b_plus", b_sign);
    let minus = m.xor("minus", &[a_plus, b_plus]);
    let plus = m.not("plus", minus);
    let busy = m.not("busy", idle);
    let adds = m.and("adds", &[plus, busy]);
    let subtracts = m.and("subtracts", &[minus, busy]);
    let (adds, subtracts) = (m.sign_extend(adds, exponents), m.sign_extend(subtracts, exponents));
    let plus_o = m.and("plus_hit", &[hit, adds]);
    let minus_o = m.and("minus_hit", &[hit, subtracts]);
    m.output("plus_o", plus_o, "powers of two that are added");
    m.output("minus_o", minus_o, "powers of two that are subtracted");
    m.output("done_o", done, "no pair is left after this cycle");
    netlist.intern(m.finish()?)
}
