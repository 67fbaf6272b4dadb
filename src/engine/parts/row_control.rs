//! What travels down the west edge of the array: one module a row.

use super::links::control;
use crate::netlist::{ModuleBuilder, ModuleId, NetlistBuilder, NetlistError};

/// Passes control bits southwards, one row a cycle, and east into its own row. With `drains`, it also holds one bit of
/// the drain chain: whether this row still has a result of the tile that is leaving, so that rows already emptied
/// do not move what they capture next.
pub fn row_control(
    netlist: &mut NetlistBuilder,
    prefix: &str,
    bits: &[(&str, u32)],
    drains: bool,
) -> Result<ModuleId, NetlistError> {
    let mut m = ModuleBuilder::new(format!("{}_row_control", prefix));
    if bits.is_empty() {
        m.doc("Row control: what the drain chain needs to know about a row.");
    } else {
        m.doc("Row control: passes the control bits of a step to its row at once and to the next row one");
        m.doc("edge later.");
    }
    let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
    let inputs: Vec<_> =
        bits.iter().map(|&(bit, width)| m.input(&format!("{bit}_i"), width, "from the row above")).collect();
    if drains {
        m.doc("Its drain bit is 1 while the row holds a result that has to leave.");
        let start = m.input("start_i", 1, "every PE has captured its result");
        let shift = m.input("shift_i", 1, "one row of results leaves");
        let above = m.input("full_i", 1, "drain bit of the row above");
        let full_q = m.net("full_q", 1);
        let moved = m.mux("moved", shift, above, full_q);
        let d = m.or("full_d", &[start, moved]);
        m.register_into(full_q, d, control(advance));
        m.output("full_o", full_q, "drain bit");
        let row_shift = m.and("row_shift", &[shift, full_q]);
        m.output("row_shift_o", row_shift, "moves the drain chain in this row");
    }
    for (&(bit, _), net) in bits.iter().zip(inputs) {
        let q = m.register(&format!("{bit}_q"), net, control(advance));
        m.output(&format!("{bit}_o"), q, "to the row below");
        m.output(&format!("row_{bit}_o"), net, "to the first PE of this row");
    }
    netlist.intern(m.finish()?)
}
