//! The adders at the drain, one for each column of an array, outside the loop over K.

use crate::netlist::{ModuleBuilder, ModuleId, NetlistBuilder, NetlistError, RegisterControl};

/// `sum_o <= s_i + 2 * c_i`: resolves a carry-save pair, once for each result instead of once for each product (OPT1). The
/// register loads when `advance_i` is 1.
///
/// # Errors
/// Whatever the builder notices.
pub fn final_adder(netlist: &mut NetlistBuilder, prefix: &str, width: u32) -> Result<ModuleId, NetlistError> {
    let mut m = ModuleBuilder::new(format!("{prefix}_final_adder_w{width}"));
    m.doc("Final adder: resolves the carry-save pair of a result, shared by a whole column.");
    m.doc("Latency 1, rate 1.");
    let advance = m.input("advance_i", 1, "loads the register");
    let sum = m.input("sum_i", width, "sum word");
    let carry = m.input("carry_i", width - 1, "carry word, weight 2");
    let zero = m.constant(1, 0);
    let carry = m.concat(&[carry, zero]);
    let total = m.add("result", sum, carry);
    let q = m.register("result_q", total, RegisterControl { enable: Some(advance), ..Default::default() });
    m.output("result_o", q, "sum + 2 * carry, one edge later");
    netlist.intern(m.finish()?)
}

/// `result_o <= result_i + (accumulate_i ? partial_i : 0)`: joins the partial sums of earlier tiles of K. The register
/// loads when `take_i` is 1.
///
/// # Errors
/// Whatever the builder notices.
pub fn partial_sum_adder(
    netlist: &mut NetlistBuilder,
    prefix: &str,
    width: u32,
    partial_bits: u32,
) -> Result<ModuleId, NetlistError> {
    let mut m = ModuleBuilder::new(format!("{prefix}_partial_sum_adder_w{width}"));
    m.doc("Partial sum adder: adds the result of earlier tiles of K to a column's result.");
    m.doc("Latency 1, rate 1.");
    let take = m.input("take_i", 1, "loads the register");
    let accumulate = m.input("accumulate_i", 1, "adds the partial sum");
    let result = m.input("result_i", width, "from the array");
    let partial = m.input("partial_i", partial_bits, "partial sum of earlier tiles");
    let partial = m.sign_extend(partial, width);
    let mask = m.sign_extend(accumulate, width);
    let gated = m.and("gated", &[partial, mask]);
    let total = m.add("total", result, gated);
    let q = m.register("total_q", total, RegisterControl { enable: Some(take), ..Default::default() });
    m.output("result_o", q, "the sum, one edge later");
    netlist.intern(m.finish()?)
}
