//! The top module: control, the grid of rows, final adders.

use super::row::lanes_of;
use super::streams::index_doc;
use super::{Serial, Take};
use crate::engine::EncoderPlace;
use crate::engine::parts::adder::final_adder;
use crate::engine::parts::copies::{Copies, Wire};
use crate::engine::parts::links::{Links, control};
use crate::engine::parts::reduce::all;
use crate::engine::parts::saturator::saturators;
use crate::engine::parts::skipper::MATCH_DOC;
use crate::engine::stream::counted;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

impl Serial<'_> {
    /// The complete engine.
    pub(super) fn top(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let (spec, sequencing) = (self.spec, &self.sequencing);
        let (rows, cols) = (spec.rows, spec.cols);
        let readers = rows * sequencing.lanes;
        let tile_control = self.control(netlist)?;
        let row = self.row(netlist)?;

        let mut m = ModuleBuilder::new(spec.top_name());
        let takes_values = self.skipper().takes_values();
        if takes_values {
            m.doc(format!(
                "Array of {rows} x {cols} PEs that skips values of zero, output stationary, with streams, control and drain."
            ));
            m.doc("Each row has its own reader of streams a and b, and asks for the rows of B whose values of A are");
            m.doc("not 0; results leave row by row, the last row first.");
        } else if sequencing.asks_by_index() {
            m.doc(format!(
                "Digit-serial array of {rows} x {cols} PEs, output stationary, with streams, control and drain."
            ));
            m.doc("Each lane of each row has its own reader of streams a and b, and asks for the rows of B whose");
            m.doc("digits of A are not 0; results leave row by row, the last row first.");
        } else {
            let lanes = counted(sequencing.group, "lane");
            m.doc(format!("Bit-Pragmatic: {rows} x {cols} units of {lanes}, with streams, control and drain."));
            m.doc("Each row has its own readers of streams a and b and works at its own pace; results leave row");
            m.doc("by row, the last row first.");
        }
        let command = m.input("cmd_valid_i", 1, "a command is offered");
        let length = m.input("cmd_length_i", spec.length_bits, sequencing.length_doc());
        let a_valid = m.input_bundle("a_valid_i", 1, readers, "a group of operands is offered, a lane each");
        let a_bits = self.skipper().input_bits();
        let a_doc = match sequencing.encoder {
            EncoderPlace::Stored => "the select lines of the group, its first operand lowest",
            EncoderPlace::Pe | EncoderPlace::Edge => "the group, its first operand lowest",
        };
        let a_data = m.input_bundle("a_data_i", a_bits, readers * sequencing.group, a_doc);
        let a_match = sequencing.matches_b().then(|| m.input_bundle("a_match_i", sequencing.group, readers, MATCH_DOC));
        let b_valid = m.input_bundle("b_valid_i", 1, readers, "what is asked for of B is offered");
        let (b_words, what) = match sequencing.take {
            Take::Digit | Take::Value { .. } => (cols, "the row of B, one element a column"),
            Take::Terms { .. } => (cols * sequencing.group, "a step's rows of B, lane = column * lanes + k"),
        };
        let b_data = m.input_bundle("b_data_i", spec.b_bits, readers * b_words, what);
        let c_ready = m.input("c_ready_i", 1, "a row of results is taken");

        let [advance, cmd_ready, capture] = ["advance", "cmd_ready", "capture"].map(|name| m.net(name, 1));
        let (last_group, single) = (m.net("last_group", spec.length_bits), m.net("single", 1));
        let row_done = m.bundle("row_done", 1, rows);
        let row_met = sequencing.stretch.map(|_| m.bundle("row_met", 1, rows));
        let (turn_port, turn_name) = match sequencing.stretch {
            Some(_) => (("turn_i", "turn_o"), "turn"),
            None => (("start_i", "start_o"), "start"),
        };
        let turn = m.net(turn_name, 1);
        m.comment("Rows meet here.");
        let bits = lanes_of(&mut m, row_done, rows);
        let rows_done = all(&mut m, "rows_done", &bits);
        let rows_met = row_met.map(|row_met| {
            let bits = lanes_of(&mut m, row_met, rows);
            all(&mut m, "rows_met", &bits)
        });
        let mut ports = vec![
            ("advance_i", advance),
            ("cmd_valid_i", command),
            ("cmd_length_i", length),
            ("rows_done_i", rows_done),
            ("cmd_ready_o", cmd_ready),
            ("last_group_o", last_group),
            ("single_o", single),
            (turn_port.1, turn),
            ("capture_o", capture),
        ];
        ports.extend(rows_met.map(|met| ("rows_met_i", met)));
        m.instance(netlist, "control", tile_control, &ports);

        let drain_valid = m.net("drain_valid", 1);
        let drain_shift = m.and("drain_shift", &[drain_valid, advance]);
        let a_ready = m.output_bundle("a_ready_o", 1, readers, "the group is taken");
        let b_ready = m.output_bundle("b_ready_o", 1, readers, "a beat of B is asked for, and taken");
        let b_index = sequencing.asks_by_index().then(|| {
            let bits = sequencing.index_bits(spec);
            m.output_bundle("b_index_o", bits, readers, &index_doc(sequencing))
        });
        let mut links = Links::new(netlist, row, "row");
        let shared = [("advance_i", advance), ("last_group_i", last_group), ("single_i", single)];
        let shared = shared.into_iter().chain([(turn_port.0, turn), ("capture_i", capture)]);
        for (port, net) in shared.chain([("shift_i", drain_shift)]) {
            links.all(&mut m, port, net);
        }
        let offered = [("a_valid_i", a_valid), ("a_data_i", a_data), ("b_valid_i", b_valid), ("b_data_i", b_data)];
        let asked = [("a_ready_o", a_ready), ("b_ready_o", b_ready), ("row_done_o", row_done)];
        let sometimes = [
            a_match.map(|matching| ("a_match_i", matching)),
            b_index.map(|index| ("b_index_o", index)),
            row_met.map(|met| ("row_met_o", met)),
        ];
        for (port, net) in offered.into_iter().chain(asked).chain(sometimes.into_iter().flatten()) {
            links.own(&mut m, port, net);
        }
        let nothing = m.constant(1, 0);
        links.pass(&mut m, "full", 0, nothing, Some(drain_valid));
        let drained: Vec<NetId> = self
            .drain_words()
            .into_iter()
            .map(|(stem, width)| {
                let stem = format!("drain_{stem}");
                let zero = m.constant(width, 0);
                let entry = m.spread(&format!("{stem}_top"), zero, cols);
                let exit = m.bundle(stem.clone(), width, cols);
                links.pass(&mut m, &stem, 0, entry, Some(exit));
                exit
            })
            .collect();
        let links = links.links;
        m.grid("row", row, &[("row", rows)], links);

        let c_data = m.output_bundle("c_data_o", spec.acc_bits, cols, "a row of results, one element a column");
        // A pair is resolved on its way out; a word leaves as it is.
        let c_valid = match drained[..] {
            [sum, carry] => {
                self.final_adders(netlist, &mut m, advance, [sum, carry], c_data)?;
                m.register("c_valid_q", drain_valid, control(advance))
            }
            [word] if spec.saturate => {
                saturators(netlist, &mut m, spec, word, c_data)?;
                drain_valid
            }
            _ => {
                m.drive(c_data, drained[0]);
                drain_valid
            }
        };
        m.comment("A row of results that is not taken freezes everything behind it.");
        let c_ready_n = m.not("c_ready_n", c_ready);
        let stalled = m.and("stalled", &[c_valid, c_ready_n]);
        let go = m.not("go", stalled);
        m.drive(advance, go);
        m.output("cmd_ready_o", cmd_ready, "the command is taken");
        m.output("c_valid_o", c_valid, "a row of results is offered");
        netlist.intern(m.finish()?)
    }

    fn final_adders(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        advance: NetId,
        pair: [NetId; 2],
        results: NetId,
    ) -> Result<(), NetlistError> {
        let (spec, axis) = (self.spec, ("col", self.spec.cols));
        m.comment("Final adders: carries propagate here, once for each result.");
        let adder = final_adder(netlist, &self.prefix, spec.sum_bits())?;
        let sums = if spec.saturate { m.bundle("resolved", spec.sum_bits(), spec.cols) } else { results };
        let wires = [
            ("advance_i", Wire::Shared(advance)),
            ("sum_i", Wire::Own(pair[0])),
            ("carry_i", Wire::Own(pair[1])),
            ("result_o", Wire::Own(sums)),
        ];
        Copies { netlist, module: adder, name: "final_adder", axis }.place(m, &wires);
        if spec.saturate {
            saturators(netlist, m, spec, sums, results)?;
        }
        Ok(())
    }
}
