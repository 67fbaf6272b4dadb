//! The output-stationary engine: rows are spatial M, columns spatial N. Operands hop from PE to PE (systolic array, cube) or are
//! broadcast (2D matrix, adder tree).

use super::Context;
use super::traffic::select_lines;
use crate::engine::parts::links::{Links, control};
use crate::engine::parts::row_control::row_control;
use crate::engine::parts::saturator::saturators;
use crate::engine::{Array, NOfM, Operand};
use crate::netlist::{ModuleBuilder, ModuleId, NetlistBuilder, NetlistError, SkewDepth};

/// Control bits that travel with a step.
const STEP_BITS: [&str; 3] = ["valid", "first", "last"];

pub(super) fn top(context: &Context, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
    let spec = context.spec;
    let (rows, cols) = (spec.rows, spec.cols);
    let pe = context.output_stationary_pe(netlist)?;
    let tile_control = context.output_stationary_control(netlist)?;
    let (hops, depth) = (context.timing.hops, spec.array.depth());
    let weights = context.timing.step_cycles;
    let mut step_bits: Vec<(&str, u32)> = STEP_BITS.iter().map(|&bit| (bit, 1)).collect();
    if !hops {
        // All PEs capture at once, so the last step does not travel.
        step_bits.pop();
    }
    if weights > 1 {
        step_bits.push(("weight", weights));
    }
    let held = context.timing.selection.is_some_and(|selection| selection.steps > 1);
    if held {
        step_bits.push(("group", 1));
    }
    let row_control = row_control(netlist, &context.prefix, if hops { &step_bits } else { &[] }, true)?;

    let mut m = ModuleBuilder::new(spec.top_name());
    let size =
        if depth > 1 { format!("{depth} x {rows} x {cols} multipliers") } else { format!("{rows} x {cols} PEs") };
    let (array, moves) = match spec.array {
        Array::Systolic(_) => ("Systolic array", "streams, skew, control and drain"),
        Array::Cube { .. } => ("Cube", "streams, skew, control and drain"),
        Array::Stripes { .. } => ("Stripes", "streams, broadcast, control and drain"),
        Array::AdderTree { .. } => ("Adder trees", "streams, broadcast, control and drain"),
        _ => ("2D matrix", "streams, broadcast, control and drain"),
    };
    m.doc(format!("{array} of {size}, output stationary, with {moves}."));
    if let Some(selection) = context.timing.selection {
        m.doc(format!(
            "A beat of a is {} columns of the A tile; results leave row by row, the last row first.",
            selection.words
        ));
    } else if depth == 1 {
        m.doc("A beat of a is a column of the A tile, a beat of b a row of the B tile; results leave row by");
        m.doc("row, the last row first.");
    } else {
        m.doc(format!(
            "A beat of a is {depth} columns of the A tile, a beat of b {depth} rows of the B tile; results leave"
        ));
        m.doc("row by row, the last row first.");
    }
    if let Some(selection) = context.timing.selection {
        let NOfM { n, m: group } = selection.of;
        m.doc(format!("B is stored {n} of {group} along K: an element comes with its index in the group (b_index_i)"));
        let stays = match selection.steps {
            1 => String::new(),
            steps => format!(", which stay for {steps} steps"),
        };
        m.doc(format!("and selects one of the {group} columns of A that belong to the group{stays}."));
    }
    let command = m.input("cmd_valid_i", 1, "a command is offered");
    let length = m.input(
        "cmd_length_i",
        spec.length_bits,
        match context.timing.selection {
            None if depth == 1 => "K of the tile, at least 1",
            Some(selection) if selection.steps > 1 => "steps of the tile, those of whole groups",
            _ => "steps of the tile, at least 1",
        },
    );
    let a_valid = m.input("a_valid_i", 1, "a column of A is offered");
    let a_bits = context.stream_bits(Operand::A);
    let words = context.words_of_a();
    let a_doc = match (words, context.timing.selection) {
        (words, Some(_)) => format!("columns of A, lane = row * {words} + k"),
        (1, None) => "a column of A, one element a row".to_owned(),
        _ => "columns of A, lane = row * depth + k".to_owned(),
    };
    let a_data =
        m.input_bundle("a_data_i", a_bits, rows * words, &format!("{a_doc}{}", select_lines(spec, Operand::A)));
    let b_valid = m.input("b_valid_i", 1, "a row of B is offered");
    let b_bits = context.stream_bits(Operand::B);
    let b_doc = if depth == 1 { "a row of B, one element a column" } else { "rows of B, lane = column * depth + k" };
    let b_data =
        m.input_bundle("b_data_i", b_bits, cols * depth, &format!("{b_doc}{}", select_lines(spec, Operand::B)));
    let index = context.timing.selection.map(|selection| {
        let doc = format!("place of each element in its group of {}", selection.of.m);
        m.input_bundle("b_index_i", selection.index_bits(), cols * depth, &doc)
    });
    let c_ready = m.input("c_ready_i", 1, "a row of results is taken");

    let advance = m.net("advance", 1);
    let step: Vec<_> = step_bits.iter().map(|&(bit, width)| m.net(format!("step_{bit}"), width)).collect();
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
    let step_ports: Vec<String> = step_bits.iter().map(|(bit, _)| format!("{bit}_o")).collect();
    ports.extend(step_ports.iter().map(String::as_str).zip(step.iter().copied()));
    m.instance(netlist, "control", tile_control, &ports);

    let (a_entry, b_entry, index_entry, drain_start, mut flags);
    if hops {
        m.comment("Operands meet their step on the way in: row r and column c wait r and c cycles.");
        let depth_of = |lanes: u32| if lanes == 1 { SkewDepth::Rising } else { SkewDepth::RisingBy(lanes) };
        let a_skewed = m.skew("a_skewed", a_data, depth_of(words), Some(advance), false);
        let b_skewed = m.skew("b_skewed", b_data, depth_of(depth), Some(advance), false);
        index_entry = index.map(|index| m.skew("b_index_skewed", index, depth_of(depth), Some(advance), false));
        // Select lines are wider than operands, so encoders stand behind the skew.
        a_entry = context.edge(netlist, &mut m, Operand::A, (a_skewed, rows * words))?;
        b_entry = context.edge(netlist, &mut m, Operand::B, (b_skewed, cols * depth))?;
        flags = Vec::new();
        m.comment("The last PE has captured its result this long after the last step of a tile.");
        drain_start = m.skew("drain_start", tile_ends, SkewDepth::Uniform(rows + cols), Some(advance), true);
    } else {
        let a_data = context.edge(netlist, &mut m, Operand::A, (a_data, rows * words))?;
        let b_data = context.edge(netlist, &mut m, Operand::B, (b_data, cols * depth))?;
        m.comment("Operands and their step are registered once and broadcast.");
        // A step of several cycles finds its operands in these registers until it is over.
        let step_weight = (weights > 1).then(|| step[2]);
        let load = match step_weight {
            Some(weight) => {
                let begins = m.bit(weight, 0);
                m.and("step_begins", &[begins, advance])
            }
            None => advance,
        };
        // The words of a group stay there for all of its places.
        let load_a = match step.last() {
            Some(&group) if held => m.and("group_begins", &[group, advance]),
            _ => load,
        };
        let a_edge = m.skew("a_edge", a_data, SkewDepth::Uniform(1), Some(load_a), false);
        index_entry = index.map(|index| m.skew("b_index_edge", index, SkewDepth::Uniform(1), Some(load), false));
        let b_edge = m.skew("b_edge", b_data, SkewDepth::Uniform(1), Some(load), false);
        let later = |m: &mut ModuleBuilder, name: &str, bit, edges| {
            m.skew(name, bit, SkewDepth::Uniform(edges), Some(advance), true)
        };
        let edges = 1 + context.timing.stages;
        flags = vec![
            ("valid_i", later(&mut m, "sum_valid", step[0], edges)),
            ("first_i", later(&mut m, "sum_first", step[1], edges)),
        ];
        let weight = step_weight.map(|weight| later(&mut m, "weight_q", weight, 1));
        a_entry = context.broadcast(netlist, &mut m, Operand::A, (a_edge, rows * words), weight)?;
        b_entry = context.broadcast(netlist, &mut m, Operand::B, (b_edge, cols * depth), weight)?;
        if let Some(weight) = weight.filter(|_| !context.selects_at_the_edge()) {
            flags.push(("weight_i", weight));
        }
        if let Some(weight) = step_weight
            && context.timing.stages > 0
        {
            flags.push(("shift_weight_i", later(&mut m, "shift_weight", weight, 2)));
            flags.push(("sum_weight_i", later(&mut m, "sum_weight", weight, 3)));
        }
        m.comment("All PEs capture their results this long after the last step of a tile.");
        drain_start = later(&mut m, "capture", tile_ends, edges + 1);
        flags.push(("capture_i", drain_start));
    }

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
    for (&(bit, width), &net) in step_bits.iter().zip(&step).filter(|_| hops) {
        links.pass(&mut m, bit, 0, net, None);
        let bundle = m.bundle(format!("row_{bit}"), width, rows);
        links.own(&mut m, &format!("row_{bit}_o"), bundle);
        row_step.push(bundle);
    }
    let links = links.links;
    m.grid("row_control", row_control, &[("row", rows)], links);

    let mut links = Links::new(netlist, pe, "pe");
    links.all(&mut m, "advance_i", advance);
    for (&(bit, _), &bundle) in step_bits.iter().zip(&row_step) {
        links.pass(&mut m, bit, 1, bundle, None);
    }
    for (port, net) in flags {
        links.all(&mut m, port, net);
    }
    if hops {
        links.pass(&mut m, "a", 1, a_entry, None);
        links.pass(&mut m, "b", 0, b_entry, None);
        if let Some(index) = index_entry {
            links.pass(&mut m, "b_index", 0, index, None);
        }
    } else {
        links.along(&mut m, "a_i", 0, a_entry);
        links.along(&mut m, "b_i", 1, b_entry);
        if let Some(index) = index_entry {
            links.along(&mut m, "b_index_i", 1, index);
        }
    }
    links.along(&mut m, "shift_i", 0, row_shift);
    let c_data = m.output_bundle("c_data_o", spec.acc_bits, cols, "a row of results, one element a column");
    let mut bottom = Vec::new();
    for (stem, width) in context.sum_words() {
        let zero = m.constant(width, 0);
        let entry = m.spread(&format!("drain_{stem}_top"), zero, cols);
        let direct = !context.carries_pair() && !spec.saturate;
        let exit = if direct { c_data } else { m.bundle(format!("drain_{stem}"), width, cols) };
        links.pass(&mut m, &format!("drain_{stem}"), 0, entry, Some(exit));
        bottom.push(exit);
    }
    let links = links.links;
    m.grid("pe", pe, &[("row", rows), ("col", cols)], links);

    let c_ready_n = m.not("c_ready_n", c_ready);
    let c_valid = if let [sum, carry] = bottom[..] {
        let resolved = if spec.saturate { m.bundle("resolved", spec.sum_bits(), cols) } else { c_data };
        context.final_adders(netlist, &mut m, advance, [sum, carry], resolved)?;
        if spec.saturate {
            saturators(netlist, &mut m, spec, resolved, c_data)?;
        }
        m.register("c_valid_q", drain_valid, control(advance))
    } else {
        if spec.saturate {
            saturators(netlist, &mut m, spec, bottom[0], c_data)?;
        }
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
