//! The engine in which an operand stays: rows are spatial K. Weight stationary, columns are spatial N and M is temporal; input
//! stationary, columns are spatial M and N is temporal: the same array with the operands exchanged.

use super::traffic::{rows_of_a_group, select_lines};
use super::{Context, Selection};
use crate::engine::parts::adder::partial_sum_adder;
use crate::engine::parts::copies::{Copies, Wire};
use crate::engine::parts::links::{Links, control};
use crate::engine::parts::row_control::row_control;
use crate::engine::parts::saturator::saturators;
use crate::engine::parts::select::group_feed;
use crate::engine::{NOfM, Operand};
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, SkewDepth};

pub(super) fn top(context: &Context, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
    let spec = context.spec;
    let (rows, cols) = (spec.rows, spec.cols);
    let pe = context.weight_stationary_pe(netlist)?;
    let tile_control = context.weight_stationary_control(netlist)?;
    let row_control = row_control(netlist, &context.prefix, &[("swap", 1)], false)?;
    let (streamed, stays) = context.stationary();
    let (beat, matrix, kept) = (streamed.beat, streamed.matrix, stays.matrix);

    let mut m = ModuleBuilder::new(spec.top_name());
    let name = spec.dataflow().name().replace('-', " ");
    m.doc(format!("Systolic array of {rows} x {cols} PEs, {name}, with streams, skew, control and deskew."));
    let letters = if streamed.operand == Operand::A { ["a", "b"] } else { ["b", "a"] };
    m.doc(match streamed.operand {
        Operand::A => "A beat of a is a row of the A tile, a beat of b a row of the weight tile (last row of K first);",
        Operand::B => {
            "A beat of b is a column of the B tile, a beat of a a column of the A tile (last one of K first);"
        }
    });
    m.doc(format!(
        "results leave in the order of the {beat}s of {matrix}, with the partial sums of stream p added if the"
    ));
    m.doc("command says so.");
    if let Some(selection) = context.timing.selection {
        let NOfM { n, m: group } = selection.of;
        m.doc(format!("Weights are stored {n} of {group} along K, a row of them a kept place: each has its index"));
        let rows = if n == 1 { "a row has".to_owned() } else { format!("{n} rows share") };
        m.doc(format!("in the group (b_index_i), and selects one of the {group} words of a that {rows}."));
    }
    let command = m.input("cmd_valid_i", 1, "a command is offered");
    let length = m.input("cmd_length_i", spec.length_bits, &format!("{beat}s of {matrix} in the tile, at least 1"));
    let accumulate = m.input("cmd_accumulate_i", 1, "partial sums are added to the results of the tile");
    let mut operand = |operand: Operand| {
        let is_streamed = operand == streamed.operand;
        let letter = if operand == Operand::A { "a" } else { "b" };
        let (beat, matrix, lanes) =
            if is_streamed { (beat, matrix, spec.rows_of_k()) } else { (stays.beat, kept, cols) };
        let place = if is_streamed { "row of the array" } else { "column" };
        let valid = m.input(&format!("{letter}_valid_i"), 1, &format!("a {beat} of {matrix} is offered"));
        let bits = context.stream_bits(operand);
        let lines = select_lines(spec, operand);
        let doc = match context.timing.selection {
            Some(Selection { of: NOfM { n, m: group }, .. }) if is_streamed => {
                format!("a {beat} of {matrix}, {group} elements for {}", rows_of_a_group(n))
            }
            _ => format!("a {beat} of {matrix}, one element a {place}{lines}"),
        };
        (valid, m.input_bundle(&format!("{letter}_data_i"), bits, lanes, &doc))
    };
    let (a, b) = (operand(Operand::A), operand(Operand::B));
    let index = context.timing.selection.map(|selection| {
        let doc = format!("place of each element in its group of {}", selection.of.m);
        m.input_bundle("b_index_i", selection.index_bits(), cols, &doc)
    });
    let ((x_valid, x_data), (w_valid, w_data)) = if streamed.operand == Operand::A { (a, b) } else { (b, a) };
    let p_valid = m.input("p_valid_i", 1, &format!("a {beat} of partial sums is offered"));
    let p_doc = format!("a {beat} of partial sums, one element a column");
    let p_data = m.input_bundle("p_data_i", spec.acc_bits, cols, &p_doc);
    let c_ready = m.input("c_ready_i", 1, &format!("a {beat} of results is taken"));

    let advance = m.net("advance", 1);
    let [step, swap, adds, load, cmd_ready] =
        ["step", "swap", "adds_partial", "load", "cmd_ready"].map(|name| m.net(name, 1));
    let [a_ready, b_ready] = ["a_ready", "b_ready"].map(|name| m.net(name, 1));
    let (x_ready, w_ready) = if streamed.operand == Operand::A { (a_ready, b_ready) } else { (b_ready, a_ready) };
    let control_port = |letter: &str, end: &str| format!("{letter}_{end}");
    let ports = [
        control_port(letters[0], "valid_i"),
        control_port(letters[0], "ready_o"),
        control_port(letters[1], "valid_i"),
        control_port(letters[1], "ready_o"),
    ];
    m.instance(
        netlist,
        "control",
        tile_control,
        &[
            ("advance_i", advance),
            ("cmd_valid_i", command),
            ("cmd_length_i", length),
            ("cmd_accumulate_i", accumulate),
            ("cmd_ready_o", cmd_ready),
            (&ports[0], x_valid),
            (&ports[1], x_ready),
            (&ports[2], w_valid),
            (&ports[3], w_ready),
            ("valid_o", step),
            ("swap_o", swap),
            ("accumulate_o", adds),
            ("load_o", load),
        ],
    );

    let w_data = context.edge(netlist, &mut m, stays.operand, (w_data, cols))?;
    let x_skewed = match context.timing.selection {
        None => {
            m.comment(format!("Row r of the array waits r cycles for its element of a {beat} of {matrix}."));
            let skewed = m.skew(&format!("{}_skewed", streamed.name), x_data, SkewDepth::Rising, Some(advance), false);
            // Select lines and decoded words are wider than operands, so what makes them stands behind the skew.
            context.edge(netlist, &mut m, streamed.operand, (skewed, rows))?
        }
        Some(selection) => {
            // A group is fed to several rows, and decoded once before.
            let words = context.edge(netlist, &mut m, streamed.operand, (x_data, spec.rows_of_k()))?;
            context.feed_groups(netlist, &mut m, &selection, words, advance)?
        }
    };
    let row_swap = m.bundle("row_swap", 1, rows);
    let mut links = Links::new(netlist, row_control, "row_control");
    links.all(&mut m, "advance_i", advance);
    links.pass(&mut m, "swap", 0, swap, None);
    links.own(&mut m, "row_swap_o", row_swap);
    let links = links.links;
    m.grid("row_control", row_control, &[("row", rows)], links);

    let mut links = Links::new(netlist, pe, "pe");
    links.all(&mut m, "advance_i", advance);
    links.all(&mut m, "load_i", load);
    links.pass(&mut m, "swap", 1, row_swap, None);
    links.pass(&mut m, streamed.name, 1, x_skewed, None);
    links.pass(&mut m, stays.name, 0, w_data, None);
    if let Some(index) = index {
        links.pass(&mut m, &format!("{}_index", stays.name), 0, index, None);
    }
    let mut bottom = Vec::new();
    for (stem, width) in context.sum_words() {
        let zero = m.constant(width, 0);
        let entry = m.spread(&format!("{stem}_top"), zero, cols);
        let exit = m.bundle(format!("{stem}_bottom"), width, cols);
        links.pass(&mut m, stem, 0, entry, Some(exit));
        bottom.push(exit);
    }
    let links = links.links;
    m.grid("pe", pe, &[("row", rows), ("col", cols)], links);

    let resolved = if let [sum, carry] = bottom[..] {
        let resolved = m.bundle("resolved", spec.sum_bits(), cols);
        context.final_adders(netlist, &mut m, advance, [sum, carry], resolved)?;
        resolved
    } else {
        bottom[0]
    };
    m.comment("Columns finish one cycle after another; the early ones wait for the last.");
    let deskewed = m.skew("deskewed", resolved, SkewDepth::Falling, Some(advance), false);

    m.comment(format!("A {beat} of results is complete this long after its {beat} of {matrix} was taken."));
    let latency = rows + cols + u32::from(context.carries_pair());
    let row_valid = m.skew("row_valid", step, SkewDepth::Uniform(latency), Some(advance), true);
    let row_adds = m.skew("row_adds", adds, SkewDepth::Uniform(latency), Some(advance), true);

    m.comment("It leaves when the result before it is taken and its partial sums, if any, are there.");
    let c_valid_q = m.net("c_valid_q", 1);
    let c_ready_n = m.not("c_ready_n", c_ready);
    let stalled = m.and("stalled", &[c_valid_q, c_ready_n]);
    let take = m.not("take", stalled);
    let wants_p = m.and("wants_partial", &[row_valid, row_adds]);
    let p_ready = m.and("p_ready", &[wants_p, take]);
    let p_valid_n = m.not("p_valid_n", p_valid);
    let waits = m.and("waits_for_partial", &[wants_p, p_valid_n]);
    let waits_n = m.not("waits_n", waits);
    let go = m.and("go", &[take, waits_n]);
    m.drive(advance, go);
    let offered = m.and("offered", &[row_valid, waits_n]);
    m.register_into(c_valid_q, offered, control(take));
    let c_doc = format!("a {beat} of results, one element a column");
    let c_data = m.output_bundle("c_data_o", spec.acc_bits, cols, &c_doc);
    let sums = if spec.saturate { m.bundle("sums", spec.sum_bits(), cols) } else { c_data };
    let adder = partial_sum_adder(netlist, &context.prefix, spec.sum_bits(), spec.acc_bits)?;
    let mut links = Links::new(netlist, adder, "partial_sum_adder");
    links.all(&mut m, "take_i", take);
    links.all(&mut m, "accumulate_i", row_adds);
    links.own(&mut m, "result_i", deskewed);
    links.own(&mut m, "partial_i", p_data);
    links.own(&mut m, "result_o", sums);
    let links = links.links;
    m.grid("partial_sum_adder", adder, &[("col", cols)], links);
    if spec.saturate {
        saturators(netlist, &mut m, spec, sums, c_data)?;
    }
    m.output("cmd_ready_o", cmd_ready, "the command is taken");
    let taken = |operand: Operand| {
        let (beat, matrix) = if operand == streamed.operand { (beat, matrix) } else { (stays.beat, kept) };
        format!("the {beat} of {matrix} is taken")
    };
    m.output("a_ready_o", a_ready, &taken(Operand::A));
    m.output("b_ready_o", b_ready, &taken(Operand::B));
    m.output("p_ready_o", p_ready, &format!("the {beat} of partial sums is taken"));
    m.output("c_valid_o", c_valid_q, &format!("a {beat} of results is offered"));
    netlist.intern(m.finish()?)
}

impl Context<'_> {
    /// The words of a beat of A for each row of the array, row r r cycles later: m words, those of its group.
    fn feed_groups(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        selection: &Selection,
        beat: NetId,
        advance: NetId,
    ) -> Result<NetId, NetlistError> {
        let (spec, NOfM { n, m: words }) = (self.spec, selection.of);
        let groups = spec.rows / n;
        m.comment(format!("The words of a group are for {}; row r waits r cycles for them.", rows_of_a_group(n)));
        let mut groups_skewed = beat;
        for line in 0..if groups > 1 { n } else { 0 } {
            // Group g waits g cycles in each of n lines.
            let name = format!("a_skewed{line}");
            groups_skewed = m.skew(&name, groups_skewed, SkewDepth::RisingBy(words), Some(advance), false);
        }
        if n == 1 {
            return Ok(groups_skewed);
        }
        let bits = self.array_bits(Operand::A);
        let module = group_feed(netlist, &self.prefix, (words, n, bits))?;
        let rows = m.bundle("a_rows", bits, spec.rows * words);
        let wires = [("advance_i", Wire::Shared(advance)), ("x_i", Wire::Own(groups_skewed)), ("x_o", Wire::Own(rows))];
        Copies { netlist, module, name: "group_feed", axis: ("group", groups) }.place(m, &wires);
        Ok(rows)
    }
}
