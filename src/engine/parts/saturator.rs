//! Where wide sums become results of a narrower format.

use super::copies::{Copies, Wire};
use crate::engine::EngineSpec;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// One saturator a column: clips a row of sums of `sum_bits` and shows them as `results`, of `acc_bits`.
///
/// # Errors
/// Whatever the builder notices.
pub fn saturators(
    netlist: &mut NetlistBuilder,
    m: &mut ModuleBuilder,
    spec: &EngineSpec,
    sums: NetId,
    results: NetId,
) -> Result<(), NetlistError> {
    let module = saturator(netlist, &spec.prefix(), spec.sum_bits(), spec.acc_bits)?;
    m.comment("Results too large for their format are clipped to its ends.");
    let wires = [("sum_i", Wire::Own(sums)), ("result_o", Wire::Own(results))];
    Copies { netlist, module, name: "saturator", axis: ("col", spec.cols) }.place(m, &wires);
    Ok(())
}

/// `result_o` is `sum_i` clipped to the range of two's complement words of `result_bits`.
///
/// # Errors
/// Whatever the builder notices.
fn saturator(
    netlist: &mut NetlistBuilder,
    prefix: &str,
    sum_bits: u32,
    result_bits: u32,
) -> Result<ModuleId, NetlistError> {
    let mut m = ModuleBuilder::new(format!("{prefix}_saturator_w{sum_bits}to{result_bits}"));
    m.doc(format!("Saturator: a sum of {sum_bits} bits is clipped to {result_bits} bits, two's complement."));
    let sum = m.input("sum_i", sum_bits, "sum");
    let result = if sum_bits == result_bits {
        sum
    } else {
        let low = m.slice(sum, 0, result_bits);
        // It fits if all bits from the result's sign bit up are equal.
        let high_bits = sum_bits - result_bits + 1;
        let high = m.slice(sum, result_bits - 1, high_bits);
        let zeros = m.constant(high_bits, 0);
        let ones = m.constant(high_bits, u64::MAX >> (64 - high_bits));
        let is_positive = m.equal("fits_positive", high, zeros);
        let is_negative = m.equal("fits_negative", high, ones);
        let fits = m.or("fits", &[is_positive, is_negative]);
        let sign = m.bit(sum, sum_bits - 1);
        let sign_n = m.not("sign_n", sign);
        let rest = m.sign_extend(sign_n, result_bits - 1);
        let end = m.concat(&[sign, rest]);
        m.mux("clipped", fits, low, end)
    };
    m.output("result_o", result, "clipped");
    netlist.intern(m.finish()?)
}
