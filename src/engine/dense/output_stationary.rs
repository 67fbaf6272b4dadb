//! The output-stationary engine: rows are spatial M, columns spatial N, K is temporal.

use super::Context;
use crate::engine::parts::links::{Links, control};
use crate::engine::parts::row_control::row_control;
use crate::netlist::{ModuleBuilder, ModuleId, NetlistBuilder, NetlistError, SkewDepth};

/// Control bits that travel with a step.
const STEP_BITS: [&str; 3] = ["valid", "first", "last"];

pub(super) fn top(context: &Context, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
    let spec = context.spec;
    let (rows, cols) = (spec.rows, spec.cols);
    let pe = context.output_stationary_pe(netlist)?;
    let tile_control = context.output_stationary_control(netlist)?;
    let row_control = row_control(netlist, &context.prefix, &STEP_BITS, true)?;

    let mut m = ModuleBuilder::new(spec.top_name());
    m.doc(format!("Systolic array of {rows} x {cols} PEs, output stationary, with streams, skew, control and drain."));
    m.doc("A beat of a is a column of the A tile, a beat of b a row of the B tile; results leave row by");
    m.doc("row, the last row first.");
    let command = m.input("cmd_valid_i", 1, "a command is offered");
    let length = m.input("cmd_length_i", spec.length_bits, "K of the tile, at least 1");
    let a_valid = m.input("a_valid_i", 1, "a column of A is offered");
    let a_data = m.input_bundle("a_data_i", spec.a_bits, rows, "a column of A, one element a row");
    let b_valid = m.input("b_valid_i", 1, "a row of B is offered");
    let b_data = m.input_bundle("b_data_i", spec.b_bits, cols, "a row of B, one element a column");
    let c_ready = m.input("c_ready_i", 1, "a row of results is taken");

    let advance = m.net("advance", 1);
    let step: Vec<_> = STEP_BITS.iter().map(|bit| m.net(format!("step_{bit}"), 1)).collect();
    let [tile_ends, cmd_ready, a_ready, b_ready] =
        ["tile_ends", "cmd_ready", "a_ready", "b_ready"].map(|name| m.net(name, 1));
    let mut ports = vec![
        ("advance_i", advance),
        ("cmd_valid_i", command),
        ("cmd_length_i", length),
        ("cmd_ready_o", cmd_ready),
        ("a_valid_i", a_valid),
        ("a_ready_o", a_ready),
        ("b_valid_i", b_valid),
        ("b_ready_o", b_ready),
        ("tile_ends_o", tile_ends),
    ];
    ports.extend(["valid_o", "first_o", "last_o"].into_iter().zip(step.iter().copied()));
    m.instance(netlist, "control", tile_control, &ports);

    m.comment("Operands meet their step on the way in: row r and column c wait r and c cycles.");
    let a_skewed = m.skew("a_skewed", a_data, SkewDepth::Rising, Some(advance), false);
    let b_skewed = m.skew("b_skewed", b_data, SkewDepth::Rising, Some(advance), false);
    m.comment("The last PE has captured its result this long after the last step of a tile.");
    let drain_start = m.skew("drain_start", tile_ends, SkewDepth::Uniform(rows + cols), Some(advance), true);

    let drain_valid = m.net("drain_valid", 1);
    let drain_shift = m.and("drain_shift", &[drain_valid, advance]);
    let row_shift = m.bundle("row_shift", 1, rows);
    let nothing = m.constant(1, 0);
    let mut links = Links::new(netlist, row_control, "row_control");
    links.all(&mut m, "advance_i", advance);
    links.all(&mut m, "start_i", drain_start);
    links.all(&mut m, "shift_i", drain_shift);
    links.pass(&mut m, "full", 0, nothing, Some(drain_valid));
    links.own(&mut m, "row_shift_o", row_shift);
    let mut row_step = Vec::new();
    for (bit, &net) in STEP_BITS.iter().zip(&step) {
        links.pass(&mut m, bit, 0, net, None);
        let bundle = m.bundle(format!("row_{bit}"), 1, rows);
        links.own(&mut m, &format!("row_{bit}_o"), bundle);
        row_step.push(bundle);
    }
    let links = links.links;
    m.grid("row_control", row_control, &[("row", rows)], links);

    let mut links = Links::new(netlist, pe, "pe");
    links.all(&mut m, "advance_i", advance);
    for (bit, &bundle) in STEP_BITS.iter().zip(&row_step) {
        links.pass(&mut m, bit, 1, bundle, None);
    }
    links.pass(&mut m, "a", 1, a_skewed, None);
    links.pass(&mut m, "b", 0, b_skewed, None);
    links.along(&mut m, "shift_i", 0, row_shift);
    let c_data = m.output_bundle("c_data_o", spec.acc_bits, cols, "a row of results, one element a column");
    let mut bottom = Vec::new();
    for (stem, width) in context.sum_words() {
        let zero = m.constant(width, 0);
        let entry = m.spread(&format!("drain_{stem}_top"), zero, cols);
        let exit = if context.carries_pair() { m.bundle(format!("drain_{stem}"), width, cols) } else { c_data };
        links.pass(&mut m, &format!("drain_{stem}"), 0, entry, Some(exit));
        bottom.push(exit);
    }
    let links = links.links;
    m.grid("pe", pe, &[("row", rows), ("col", cols)], links);

    let c_ready_n = m.not("c_ready_n", c_ready);
    let c_valid = if let [sum, carry] = bottom[..] {
        context.final_adders(netlist, &mut m, advance, [sum, carry], c_data)?;
        m.register("c_valid_q", drain_valid, control(advance))
    } else {
        drain_valid
    };
    m.comment("A row of results that is not taken freezes everything behind it.");
    let stalled = m.and("stalled", &[c_valid, c_ready_n]);
    let go = m.not("go", stalled);
    m.drive(advance, go);
    m.output("cmd_ready_o", cmd_ready, "the command is taken");
    m.output("a_ready_o", a_ready, "the column of A is taken");
    m.output("b_ready_o", b_ready, "the row of B is taken");
    m.output("c_valid_o", c_valid, "a row of results is offered");
    netlist.intern(m.finish()?)
}
