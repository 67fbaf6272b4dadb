//! The histogram of a step: for each power of two, how many lanes add it less how many subtract it.

use crate::engine::parts::compressor::DotDiagram;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// Bits of a signed count of up to `lanes` either way.
pub(super) fn count_bits(lanes: u32) -> u32 {
    33 - lanes.leading_zeros()
}

/// The module of one counter: `plus_i` and `minus_i` are `lanes` bits, `count_o` is their difference in two's complement.
pub(super) fn counter(netlist: &mut NetlistBuilder, prefix: &str, lanes: u32) -> Result<ModuleId, NetlistError> {
    let width = count_bits(lanes);
    let mut m = ModuleBuilder::new(format!("{prefix}_counter_l{lanes}"));
    m.doc(format!("Histogram counter: ones of plus_i less ones of minus_i, {lanes} lanes."));
    let plus = m.input("plus_i", lanes, "a bit for each lane that adds this power of two");
    let minus = m.input("minus_i", lanes, "a bit for each lane that subtracts it");
    let minus_n = m.not("minus_n", minus);
    let mut diagram = DotDiagram::new(width);
    for lane in 0..lanes {
        diagram.add_bit(plus, lane, 0, 0);
        // Minus x is its complement minus 1.
        diagram.add_bit(minus_n, lane, 0, 0);
    }
    diagram.add_constant(u64::from(lanes).wrapping_neg());
    let (sum, carry) = diagram.reduce(&mut m);
    let count = m.add("count", sum, carry);
    m.output("count_o", count, "difference, two's complement");
    netlist.intern(m.finish()?)
}

/// The module of the final tree: `acc_i` plus every count at its power of two, modulo 2^`width`.
pub(super) fn final_tree(
    netlist: &mut NetlistBuilder,
    prefix: &str,
    (exponents, lanes): (u32, u32),
    width: u32,
) -> Result<ModuleId, NetlistError> {
    let bits = count_bits(lanes);
    let mut m = ModuleBuilder::new(format!("{prefix}_final_tree_e{exponents}_l{lanes}_w{width}"));
    m.doc("Final tree: the accumulator plus every count at its power of two.");
    let acc = m.input("acc_i", width, "accumulator");
    let counts = m.input_bundle("count_i", bits, exponents, "counts, lane e at 2^e");
    let words: Vec<NetId> = (0..exponents).map(|exponent| m.lane(counts, exponent)).collect();
    let signs: Vec<NetId> = words.iter().rev().map(|&word| m.bit(word, bits - 1)).collect();
    let signs = m.concat(&signs);
    let signs_n = m.not("signs_n", signs);
    let mut diagram = DotDiagram::new(width);
    diagram.add_word(&m, acc, 0, 0);
    for (exponent, &word) in (0..).zip(&words) {
        diagram.add_signed(&m, word, (signs_n, exponent), exponent, 0);
    }
    let (sum, carry) = diagram.reduce(&mut m);
    let total = m.add("total", sum, carry);
    m.output("acc_o", total, "sum");
    netlist.intern(m.finish()?)
}
