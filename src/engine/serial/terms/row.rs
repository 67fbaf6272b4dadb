//! A row of units with its lanes: one row m of the C tile, at its own pace.

use super::Serial;
use crate::engine::parts::copies::{Copies, Wire};
use crate::engine::parts::links::{control, enabled};
use crate::engine::parts::reduce::{all, lowest};
use crate::engine::serial::row::{Ends, lanes_of};
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, RegisterControl};

/// Edges from the cycle in which a tile starts to the accumulator of its first terms.
const START_TO_ACCUMULATOR: u32 = 3;

/// Nets that the parts of a row share.
struct Row {
    advance: NetId,
    /// Terms are given.
    take: NetId,
    /// The beat of b is wanted, and is taken.
    wants_b: NetId,
    take_b: NetId,
    /// (L lanes) the term of each lane, or none, one edge later.
    given: NetId,
    /// The lowest place of all lanes, one-hot, one edge later.
    place_q: NetId,
}

impl Serial<'_> {
    /// The row module.
    pub(in crate::engine::serial) fn terms_row(
        &self,
        netlist: &mut NetlistBuilder,
        shift_bits: u32,
    ) -> Result<ModuleId, NetlistError> {
        let (spec, sequencing) = (self.spec, &self.sequencing);
        let (lanes, cols) = (sequencing.group, spec.cols);
        let mut m = ModuleBuilder::new(format!("{}_row{}x{cols}", self.prefix, self.formats()));
        m.doc(format!(
            "A row of {cols} units: works on {lanes} operands of its row of A until all their terms are given, at"
        ));
        m.doc("its own pace.");
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let last_group = m.input("last_group_i", spec.length_bits, "number of the last step of a tile");
        let single = m.input("single_i", 1, "the next tile has one step");
        let turn = self.turn_input(&mut m);
        let a_valid = m.input("a_valid_i", 1, "a beat of A is offered");
        let a_data = m.input_bundle("a_data_i", self.skipper().input_bits(), lanes, "its operands");
        let b_valid = m.input("b_valid_i", 1, "a beat of B is offered");
        let b_data = m.input_bundle("b_data_i", spec.b_bits, lanes * cols, "its words, lane = column * lanes + k");

        let port = self.port(netlist)?;
        let [accept, a_ready, done, turns] = ["accept", "a_ready", "group_done", "turns"].map(|name| m.net(name, 1));
        let ends: Vec<(&str, NetId)> = self.end_wires().map(|end| (end, m.net(end, 1))).collect();
        let end_ports: Vec<String> = ends.iter().map(|(end, _)| format!("{end}_o")).collect();
        let mut ports = vec![
            ("advance_i", advance),
            ("valid_i", a_valid),
            ("last_group_i", last_group),
            ("single_i", single),
            ("turn_i", turns),
            ("done_i", done),
            ("ready_o", a_ready),
            ("accept_o", accept),
        ];
        ports.extend(end_ports.iter().zip(&ends).map(|(port, &(_, net))| (port.as_str(), net)));
        m.instance(netlist, "group_port", port, &ports);

        let row = self.lanes(netlist, &mut m, shift_bits, (advance, accept), (a_data, b_valid, done))?;
        let first = self.ends(&mut m, (advance, turns), &Ends::new(&ends), turn, START_TO_ACCUMULATOR).first;
        self.units(netlist, &mut m, shift_bits, &row, b_data, first)?;
        m.output("a_ready_o", a_ready, "the beat of A is taken");
        m.output("b_ready_o", row.wants_b, "the beat of B is asked for");
        netlist.intern(m.finish()?)
    }

    /// The lanes, and what they do in a cycle; drives `done`.
    fn lanes(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        shift_bits: u32,
        (advance, accept): (NetId, NetId),
        (a_data, b_valid, done): (NetId, NetId, NetId),
    ) -> Result<Row, NetlistError> {
        let lanes = self.sequencing.group;
        let slots = self.skipper().digits().slots;
        m.comment("A step waits for its words of B in its first cycle; they stay until the next step's come.");
        let (busy_q, fresh_q) = (m.net("busy_q", 1), m.net("fresh_q", 1));
        let wants_b = m.and("wants_b", &[fresh_q, advance]);
        let take_b = m.and("take_b", &[wants_b, b_valid]);
        let stale = m.not("stale", fresh_q);
        let supplied = m.or("supplied", &[stale, b_valid]);
        let take = m.and("take", &[busy_q, supplied, advance]);

        m.comment("Terms less than 2^S places above the lowest one are within reach.");
        let [left, last] = [("left", slots), ("last", 1)].map(|(name, width)| m.bundle(name, width, lanes));
        let masks = lanes_of(m, left, lanes);
        let together = if let [one] = masks[..] { one } else { m.or("together", &masks) };
        let place = lowest(m, "place", together);
        let places: Vec<NetId> = (0..self.distances(shift_bits))
            .map(|by| {
                let low = m.slice(place, 0, slots - by);
                if by == 0 {
                    return low;
                }
                let zeros = m.constant(by, 0);
                m.concat(&[low, zeros])
            })
            .collect();
        let reach = if let [one] = places[..] { one } else { m.or("reach", &places) };
        let lane = self.term_lane(netlist, shift_bits)?;
        let given = m.bundle("given", self.shifted(shift_bits, 1).digits.lines.len() as u32, lanes);
        let wires = [
            ("advance_i", Wire::Shared(advance)),
            ("accept_i", Wire::Shared(accept)),
            ("take_i", Wire::Shared(take)),
            ("place_i", Wire::Shared(place)),
            ("reach_i", Wire::Shared(reach)),
            ("a_i", Wire::Own(a_data)),
            ("left_o", Wire::Own(left)),
            ("last_o", Wire::Own(last)),
            ("given_o", Wire::Own(given)),
        ];
        Copies { netlist, module: lane, name: "lane", axis: ("lane", lanes) }.place(m, &wires);

        let lasts = lanes_of(m, last, lanes);
        let all_last = all(m, "all_last", &lasts);
        let idle = m.not("idle", busy_q);
        let finishes = m.and("finishes", &[supplied, all_last]);
        let finished = m.or("finished", &[idle, finishes]);
        m.drive(done, finished);
        let ends = m.and("step_ends", &[take, all_last]);
        let goes_on = m.not("goes_on", ends);
        let still_busy = m.and("still_busy", &[busy_q, goes_on]);
        let busy_d = m.or("busy_d", &[accept, still_busy]);
        let always = RegisterControl { reset: Some(0), ..Default::default() };
        m.register_into(busy_q, busy_d, always);
        let waiting = m.not("b_not_taken", take_b);
        let still = m.and("still_fresh", &[fresh_q, waiting]);
        let fresh_d = m.or("fresh_d", &[accept, still]);
        m.register_into(fresh_q, fresh_d, always);
        let place_q = m.register("place_q", place, enabled(advance));
        Ok(Row { advance, take, wants_b, take_b, given, place_q })
    }

    /// The units, and the stages that go with them.
    fn units(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        shift_bits: u32,
        row: &Row,
        b_data: NetId,
        first: NetId,
    ) -> Result<(), NetlistError> {
        let cols = self.spec.cols;
        let (capture, load) = self.row_drain(netlist, m, row.advance)?;
        m.comment("Terms go from the slot to the tree register and on to the accumulator.");
        let in_slot = m.register("in_slot_q", row.take, control(row.advance));
        let in_tree = m.register("in_tree_q", in_slot, control(row.advance));
        let tree_place = m.register("tree_place_q", row.place_q, enabled(row.advance));
        let step = m.or("step", &[in_tree, first]);
        let unit = self.unit(netlist, shift_bits)?;
        let mut wires = vec![
            ("advance_i", Wire::Shared(row.advance)),
            ("take_b_i", Wire::Shared(row.take_b)),
            ("given_i", Wire::Shared(row.given)),
            ("place_i", Wire::Shared(tree_place)),
            ("first_i", Wire::Shared(first)),
            ("step_i", Wire::Shared(step)),
            ("capture_i", Wire::Shared(capture)),
            ("drain_load_i", Wire::Shared(load)),
            ("b_i", Wire::Own(b_data)),
        ];
        let width = self.spec.sum_bits();
        let north = m.input_bundle("drain_acc_i", width, cols, "drain chain, from the north");
        let south = m.output_bundle("drain_acc_o", width, cols, "drain chain, to the south");
        wires.extend([("drain_acc_i", Wire::Own(north)), ("drain_acc_o", Wire::Own(south))]);
        Copies { netlist, module: unit, name: "unit", axis: ("col", cols) }.place(m, &wires);
        Ok(())
    }
}
