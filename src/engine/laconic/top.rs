//! Laconic (Sharify et al., ISCA 2019): both operands as signed powers of two, one pair of terms a lane and cycle.
//!
//! When things happen, operands accepted at edge t, the step taking T cycles (the most pairs of any lane of the array, at
//! least 1): lanes work in cycles t + 1 to t + T, the next step is accepted at edge t + T; the last counts are in the
//! registers after edge t + T + 1, in the accumulator after the next one; the drain register captures one more later.

use super::control::step_control;
use super::terms::Terms;
use super::unit::unit;
use crate::encoding::EncodingKind;
use crate::engine::EngineSpec;
use crate::engine::parts::decoder::decoded;
use crate::engine::parts::links::Links;
use crate::engine::parts::reduce::all;
use crate::engine::parts::row_control::row_control;
use crate::engine::parts::saturator::saturators;
use crate::engine::stream::counted;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, SkewDepth};

/// The encoded operands, A then B.
pub(super) fn terms(spec: &EngineSpec) -> [Terms; 2] {
    let kind = spec.encoding.unwrap_or(EncodingKind::Csd);
    [Terms { kind, bits: spec.a_bits, signed: spec.a_signed }, Terms { kind, bits: spec.b_bits, signed: spec.b_signed }]
}

/// The top module.
pub(super) fn top(spec: &EngineSpec, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
    let (rows, cols, lanes) = (spec.rows, spec.cols, spec.array.depth());
    let prefix = spec.prefix();
    let [a_terms, b_terms] = terms(spec);
    let a_module = a_terms.module(netlist, &prefix, "a")?;
    let b_module = b_terms.module(netlist, &prefix, "b")?;
    let unit = unit(netlist, spec, (a_terms.slots(), b_terms.slots()))?;
    let step_control = step_control(netlist, spec)?;
    let row_control = row_control(netlist, &prefix, &[], true)?;

    let mut m = ModuleBuilder::new(spec.top_name());
    m.doc(format!("Laconic: {rows} x {cols} units of {}, with streams, control and drain.", counted(lanes, "lane")));
    m.doc("A beat of a is a column block of the A tile, a beat of b a row block of the B tile; both are");
    m.doc("broadcast, and held until the slowest lane of the array is done. Results leave row by row,");
    m.doc("the last row first.");
    let command = m.input("cmd_valid_i", 1, "a command is offered");
    let length = m.input("cmd_length_i", spec.length_bits, "steps of the tile, at least 1");
    let a_valid = m.input("a_valid_i", 1, "a beat of A is offered");
    let a_data = m.input_bundle("a_data_i", spec.a_format().stored_bits(), rows * lanes, "lane = row * lanes + k");
    let b_valid = m.input("b_valid_i", 1, "a beat of B is offered");
    let b_data = m.input_bundle("b_data_i", spec.b_format().stored_bits(), cols * lanes, "lane = column * lanes + k");
    let c_ready = m.input("c_ready_i", 1, "a row of results is taken");

    let advance = m.net("advance", 1);
    let [load, working, begins, ends, cmd_ready, a_ready, b_ready] =
        ["load", "working", "begins", "ends", "cmd_ready", "a_ready", "b_ready"].map(|name| m.net(name, 1));
    let unit_done = m.bundle("unit_done", 1, rows * cols);
    let bits: Vec<NetId> = (0..rows * cols).map(|unit| m.lane(unit_done, unit)).collect();
    let done = all(&mut m, "done", &bits);
    m.instance(
        netlist,
        "control",
        step_control,
        &[
            ("advance_i", advance),
            ("cmd_valid_i", command),
            ("cmd_length_i", length),
            ("cmd_ready_o", cmd_ready),
            ("a_valid_i", a_valid),
            ("a_ready_o", a_ready),
            ("b_valid_i", b_valid),
            ("b_ready_o", b_ready),
            ("done_i", done),
            ("load_o", load),
            ("working_o", working),
            ("begins_o", begins),
            ("ends_o", ends),
        ],
    );

    let a_data = decoded(netlist, &mut m, &prefix, ("a", spec.a_format()), (a_data, rows * lanes))?;
    let b_data = decoded(netlist, &mut m, &prefix, ("b", spec.b_format()), (b_data, cols * lanes))?;
    m.comment("Operands become terms at the edge of the array.");
    let edge = |m: &mut ModuleBuilder, side: &str, module: ModuleId, data: NetId, count: u32, slots: u32| {
        let [terms, negative] = ["terms", "negative"].map(|word| m.bundle(format!("{side}_{word}"), slots, count));
        // Terms of a are not taken again within a step.
        let held = (side == "b").then(|| m.bundle("b_held", slots, count));
        let mut links = Links::new(netlist, module, if side == "a" { "a_terms" } else { "b_terms" });
        links.all(m, "load_i", load);
        links.own(m, "x_i", data);
        links.own(m, "terms_o", terms);
        match held {
            Some(held) => links.own(m, "held_o", held),
            None => links.open(m, "held_o"),
        }
        links.own(m, "negative_o", negative);
        let links = links.links;
        m.grid(&format!("{side}_terms"), module, &[("operand", count)], links);
        (terms, held, negative)
    };
    let a_words = edge(&mut m, "a", a_module, a_data, rows * lanes, a_terms.slots());
    let b_words = edge(&mut m, "b", b_module, b_data, cols * lanes, b_terms.slots());

    m.comment("Step bits follow the counts; two edges after its last cycle a tile is captured.");
    let later = |m: &mut ModuleBuilder, name: &str, bit: NetId, edges: u32| {
        m.skew(name, bit, SkewDepth::Uniform(edges), Some(advance), true)
    };
    let count_valid = later(&mut m, "count_valid", working, 1);
    let count_first = later(&mut m, "count_first", begins, 1);
    let capture = later(&mut m, "capture", ends, 2);

    let drain_valid = m.net("drain_valid", 1);
    let drain_shift = m.and("drain_shift", &[drain_valid, advance]);
    let row_shift = m.bundle("row_shift", 1, rows);
    let nothing = m.constant(1, 0);
    let mut links = Links::new(netlist, row_control, "row_control");
    links.all(&mut m, "advance_i", advance);
    links.all(&mut m, "start_i", capture);
    links.all(&mut m, "shift_i", drain_shift);
    links.pass(&mut m, "full", 0, nothing, Some(drain_valid));
    links.own(&mut m, "row_shift_o", row_shift);
    let links = links.links;
    m.grid("row_control", row_control, &[("row", rows)], links);

    let c_data = m.output_bundle("c_data_o", spec.acc_bits, cols, "a row of results, one element a column");
    let zero = m.constant(spec.sum_bits(), 0);
    let drain_top = m.spread("drain_top", zero, cols);
    let mut links = Links::new(netlist, unit, "unit");
    for (port, net) in [
        ("advance_i", advance),
        ("load_i", load),
        ("count_valid_i", count_valid),
        ("count_first_i", count_first),
        ("capture_i", capture),
    ] {
        links.all(&mut m, port, net);
    }
    links.along(&mut m, "shift_i", 0, row_shift);
    links.along(&mut m, "a_terms_i", 0, a_words.0);
    links.along(&mut m, "a_negative_i", 0, a_words.2);
    links.along(&mut m, "b_terms_i", 1, b_words.0);
    if let Some(held) = b_words.1 {
        links.along(&mut m, "b_held_i", 1, held);
    }
    links.along(&mut m, "b_negative_i", 1, b_words.2);
    links.own(&mut m, "done_o", unit_done);
    let sums = if spec.saturate { m.bundle("sums", spec.sum_bits(), cols) } else { c_data };
    links.pass(&mut m, "drain_acc", 0, drain_top, Some(sums));
    let links = links.links;
    m.grid("unit", unit, &[("row", rows), ("col", cols)], links);

    if spec.saturate {
        saturators(netlist, &mut m, spec, sums, c_data)?;
    }
    let c_ready_n = m.not("c_ready_n", c_ready);
    m.comment("A row of results that is not taken freezes everything behind it.");
    let stalled = m.and("stalled", &[drain_valid, c_ready_n]);
    let go = m.not("go", stalled);
    m.drive(advance, go);
    m.output("cmd_ready_o", cmd_ready, "the command is taken");
    m.output("a_ready_o", a_ready, "the beat of A is taken");
    m.output("b_ready_o", b_ready, "the beat of B is taken");
    m.output("c_valid_o", drain_valid, "a row of results is offered");
    netlist.intern(m.finish()?)
}
