//! A row of PEs with its lanes: one row m of the C tile, at its own pace.

use super::Serial;
use super::lane::Group;
use super::sequencing::Take;
use crate::engine::parts::copies::{Copies, Wire};
use crate::engine::parts::links::control;
use crate::engine::parts::reduce::{all, any, lowest, word};
use crate::engine::parts::skipper::MATCH_DOC;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// Edges from the cycle in which a tile or pass starts to the pairs of its first digit.
const START_TO_PAIR: u32 = 2;

/// Nets that the parts of a row share.
pub(super) struct Row {
    pub advance: NetId,
    last_group: NetId,
    single: NetId,
    /// The stretch turns, for the row's group ports.
    turns: NetId,
    /// (L lanes) beats of a and b are offered.
    a_valid: NetId,
    b_valid: NetId,
    /// (L x G lanes)
    pub a_data: NetId,
    /// Which of the group's rows of B have anything, where that is looked at.
    a_match: Option<NetId>,
    /// (L lanes) a digit and its row of B are taken.
    pub take: NetId,
    /// (L lanes) the digits, and whether there are any, one edge later; PEs of OPT3 have their own.
    pub digit: Option<NetId>,
    pub valid: Option<NetId>,
    /// (L lanes) what streams a and b see.
    a_ready: NetId,
    b_ready: NetId,
    b_index: NetId,
}

/// Whether the row is at the end of a stretch, and of which.
pub(super) struct Ends {
    met: NetId,
    at_tile: Option<NetId>,
    at_pass: Option<NetId>,
}

impl Ends {
    /// From the wires of a group port, by name; `met` is the first.
    pub(super) fn new(wires: &[(&str, NetId)]) -> Self {
        let find = |name: &str| wires.iter().find(|(end, _)| *end == name).map(|&(_, net)| net);
        Self { met: wires[0].1, at_tile: find("at_tile"), at_pass: find("at_pass") }
    }
}

/// What the PEs of OPT3 are told and tell.
pub(super) struct Sequenced {
    pub accept: NetId,
    pub weight: Option<NetId>,
    /// Ports of the leading PE and the nets of the row.
    pub told: Vec<(&'static str, NetId)>,
}

/// The first cycle of a tile, and of a pass.
pub(super) struct Flags {
    pub first: NetId,
    pub raise: Option<NetId>,
}

/// Every lane of a bundle.
pub(super) fn lanes_of(m: &mut ModuleBuilder, bundle: NetId, count: u32) -> Vec<NetId> {
    (0..count).map(|lane| m.lane(bundle, lane)).collect()
}

impl Serial<'_> {
    /// The row module.
    pub(super) fn row(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        if let Take::Terms { shift_bits } = self.sequencing.take {
            return self.terms_row(netlist, shift_bits);
        }
        let (spec, sequencing) = (self.spec, &self.sequencing);
        let (lanes, cols) = (sequencing.lanes, spec.cols);
        let mut m = ModuleBuilder::new(format!("{}_row{}x{cols}", self.prefix, self.formats()));
        match self.skipper().takes_values() {
            true => m.doc(format!(
                "A row of {cols} PEs: takes the values of its row of A that are not 0 at its own pace, one a cycle."
            )),
            false => {
                m.doc(format!(
                    "A row of {cols} PEs: takes the digits of its row of A that are not 0 at its own pace, at most {lanes}"
                ));
                m.doc("a cycle.");
            }
        }
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let last_group = m.input("last_group_i", spec.length_bits, "number of the last group of a pass");
        let single = m.input("single_i", 1, "the next tile has one group a pass");
        let turn = self.turn_input(&mut m);
        let a_valid = m.input_bundle("a_valid_i", 1, lanes, "a group is offered");
        let operands = lanes * sequencing.group;
        let a_data = m.input_bundle("a_data_i", self.skipper().input_bits(), operands, "its operands");
        let a_match = sequencing.matches_b().then(|| m.input("a_match_i", sequencing.group, MATCH_DOC));
        let b_valid = m.input_bundle("b_valid_i", 1, lanes, "the row of B that is asked for is offered");
        let b_data = m.input_bundle("b_data_i", spec.b_bits, lanes * cols, "its words");
        let sequences = sequencing.sequences_in_pe();
        let [take, a_ready, b_ready] = ["take", "a_ready", "b_ready"].map(|name| m.bundle(name, 1, lanes));
        let (noun, taken_bits) = (self.skipper().noun(), self.skipper().taken_bits());
        let digit = (!sequences).then(|| m.bundle(noun, taken_bits, lanes));
        let valid = (!sequences).then(|| m.bundle("valid", 1, lanes));
        let b_index = m.bundle("b_index", sequencing.index_bits(spec), lanes);
        let turns = m.net("turns", 1);
        let row = Row {
            advance,
            last_group,
            single,
            turns,
            a_valid,
            b_valid,
            a_data,
            a_match,
            take,
            digit,
            valid,
            a_ready,
            b_ready,
            b_index,
        };

        let (ends, sequenced) = if sequencing.lanes_are_free() {
            (self.free_lanes(netlist, &mut m, &row)?, None)
        } else {
            self.joint_lanes(netlist, &mut m, &row)?
        };
        let flags = self.ends(&mut m, (advance, turns), &ends, turn, START_TO_PAIR);
        self.pes(netlist, &mut m, &row, b_data, &flags, sequenced)?;
        m.output_bundle_of("a_ready_o", a_ready, "a group is taken");
        m.output_bundle_of("b_ready_o", b_ready, "a row of B is asked for");
        m.output_bundle_of("b_index_o", b_index, "which one: the operand of the lane's pass");
        netlist.intern(m.finish()?)
    }

    /// Lanes with group ports of their own.
    fn free_lanes(&self, netlist: &mut NetlistBuilder, m: &mut ModuleBuilder, row: &Row) -> Result<Ends, NetlistError> {
        let lanes = self.sequencing.lanes;
        let lane = self.lane(netlist)?;
        let ends: Vec<(&str, NetId)> =
            self.end_wires().map(|end| (end, m.bundle(format!("lane_{end}"), 1, lanes))).collect();
        let ports: Vec<String> = ends.iter().map(|(end, _)| format!("{end}_o")).collect();
        let mut wires = self.lane_wires(row);
        wires.push(("last_group_i", Wire::Shared(row.last_group)));
        wires.push(("single_i", Wire::Shared(row.single)));
        wires.push(("turn_i", Wire::Shared(row.turns)));
        wires.push(("a_valid_i", Wire::Own(row.a_valid)));
        wires.push(("a_ready_o", Wire::Own(row.a_ready)));
        wires.extend(ports.iter().zip(&ends).map(|(port, &(_, net))| (port.as_str(), Wire::Own(net))));
        Copies { netlist, module: lane, name: "lane", axis: ("lane", lanes) }.place(m, &wires);
        m.comment("Lanes meet at the end of a stretch.");
        let together: Vec<(&str, NetId)> = ends
            .iter()
            .map(|&(end, net)| {
                let bits = lanes_of(m, net, lanes);
                (end, all(m, end, &bits))
            })
            .collect();
        Ok(Ends::new(&together))
    }

    /// The ports that every lane has.
    fn lane_wires(&self, row: &Row) -> Vec<(&'static str, Wire)> {
        let mut wires = vec![
            ("advance_i", Wire::Shared(row.advance)),
            ("a_data_i", Wire::Own(row.a_data)),
            ("b_valid_i", Wire::Own(row.b_valid)),
            ("b_ready_o", Wire::Own(row.b_ready)),
            ("b_index_o", Wire::Own(row.b_index)),
            ("take_o", Wire::Own(row.take)),
        ];
        wires.extend(row.digit.map(|digit| (self.skipper().taken_port(), Wire::Own(digit))));
        wires.extend(row.a_match.map(|matching| ("a_match_i", Wire::Own(matching))));
        wires.extend(row.valid.map(|valid| ("valid_o", Wire::Own(valid))));
        wires
    }

    /// Lanes that take groups together, with one group port.
    fn joint_lanes(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        row: &Row,
    ) -> Result<(Ends, Option<Sequenced>), NetlistError> {
        let sequencing = &self.sequencing;
        let lanes = sequencing.lanes;
        let port = self.port(netlist)?;
        let [accept, group_ready] = ["accept", "group_ready"].map(|name| m.net(name, 1));
        let weight = (sequencing.passes > 1).then(|| m.net("weight", sequencing.passes));
        let held = m.net("held", self.held_bits());
        let done = m.bundle("group_done", 1, lanes);
        let empty = sequencing.skips_empty.then(|| m.bundle("empty", 1, lanes));

        let offered = lanes_of(m, row.a_valid, lanes);
        let valid = all(m, "group_valid", &offered);
        let finished = lanes_of(m, done, lanes);
        let all_done = all(m, "all_done", &finished);
        let ends: Vec<(&str, NetId)> = self.end_wires().map(|end| (end, m.net(end, 1))).collect();
        let end_ports: Vec<String> = ends.iter().map(|(end, _)| format!("{end}_o")).collect();
        let mut ports = vec![
            ("advance_i", row.advance),
            ("valid_i", valid),
            ("last_group_i", row.last_group),
            ("single_i", row.single),
            ("turn_i", row.turns),
            ("done_i", all_done),
            ("ready_o", group_ready),
            ("accept_o", accept),
            ("held_o", held),
        ];
        if let Some(empty) = empty {
            let lanes = lanes_of(m, empty, lanes);
            ports.push(("empty_i", all(m, "all_empty", &lanes)));
        }
        ports.extend(weight.map(|weight| ("weight_o", weight)));
        ports.extend(end_ports.iter().zip(&ends).map(|(port, &(_, net))| (port.as_str(), net)));
        m.instance(netlist, "group_port", port, &ports);
        let readies: Vec<NetId> = (0..lanes as usize)
            .map(|lane| {
                let others = offered.iter().enumerate().filter(|&(other, _)| other != lane).map(|(_, &valid)| valid);
                let needs: Vec<NetId> = std::iter::once(group_ready).chain(others).collect();
                if lanes == 1 { group_ready } else { m.and(&format!("a_ready{lane}"), &needs) }
            })
            .collect();
        let readies = m.join("", &readies);
        m.drive(row.a_ready, readies);

        let ends = Ends::new(&ends);
        if sequencing.sequences_in_pe() {
            let told = self.lead(m, row, held, (done, empty));
            return Ok((ends, Some(Sequenced { accept, weight, told })));
        }
        let lane = self.lane(netlist)?;
        let mut wires = self.lane_wires(row);
        wires.push(("accept_i", Wire::Shared(accept)));
        wires.push(("held_i", Wire::Shared(held)));
        wires.push(("done_o", Wire::Own(done)));
        wires.extend(weight.map(|weight| ("weight_i", Wire::Shared(weight))));
        wires.extend(empty.map(|empty| ("empty_o", Wire::Own(empty))));
        if self.in_step() {
            m.comment("All lanes look at the lowest position at which any has a digit left.");
            let mask = m.bundle("mask", sequencing.group, lanes);
            let masks = lanes_of(m, mask, lanes);
            let together = m.or("masks", &masks);
            let pick = lowest(m, "masks", together);
            wires.extend([("mask_o", Wire::Own(mask)), ("pick_i", Wire::Shared(pick))]);
        }
        Copies { netlist, module: lane, name: "lane", axis: ("lane", lanes) }.place(m, &wires);
        Ok((ends, None))
    }

    /// The one lane of a row whose PEs sequence: they are in step, and the first of them speaks.
    fn lead(
        &self,
        m: &mut ModuleBuilder,
        row: &Row,
        held: NetId,
        (done, empty): (NetId, Option<NetId>),
    ) -> Vec<(&'static str, NetId)> {
        let skipper = self.skipper();
        let asks = m.net("asks", 1);
        let mut told = vec![("asks_o", asks)];
        let last = skipper.picks().then(|| m.net("last", 1));
        let pick = skipper.picks().then(|| m.net("pick", self.sequencing.group));
        told.extend(last.map(|last| ("last_o", last)));
        told.extend(pick.map(|pick| ("pick_o", pick)));
        told.extend(empty.map(|empty| ("empty_o", empty)));
        let turn = self.turn(m, Group { asks, last, pick, held }, row.b_valid, row.advance);
        for (net, value) in
            [(row.b_ready, turn.ready), (row.b_index, turn.index), (row.take, turn.take), (done, turn.done)]
        {
            m.drive(net, value);
        }
        told
    }

    /// The port that says when the row goes on from where all rows meet.
    pub(super) fn turn_input(&self, m: &mut ModuleBuilder) -> NetId {
        match self.sequencing.stretch {
            Some(_) => m.input("turn_i", 1, "the stretch of all rows turns; 0 while advance_i is 0"),
            None => m.input("start_i", 1, "a tile starts; 0 while advance_i is 0"),
        }
    }

    /// How the row ends a stretch and goes on (drives `turns`); makes the flags of the first slots, which are due `edges` edges after
    /// the turn.
    pub(super) fn ends(
        &self,
        m: &mut ModuleBuilder,
        (advance, turns): (NetId, NetId),
        ends: &Ends,
        turn: NetId,
        edges: u32,
    ) -> Flags {
        m.comment("The end of a stretch, and the turn to the next one.");
        let row_done = match ends.at_tile {
            Some(at_tile) => m.and("row_done", &[ends.met, at_tile]),
            None => ends.met,
        };
        m.output("row_done_o", row_done, "the row is at the end of the tile");
        let raises = self.sequencing.passes > 1;
        let later = ends.at_tile.filter(|_| raises).map(|at_tile| m.not("not_at_tile", at_tile));
        let (opens_tile, opens_pass) = if self.sequencing.stretch.is_some() {
            m.output("row_met_o", ends.met, "the row is at the end of the stretch");
            m.drive(turns, turn);
            let opens_tile = match ends.at_tile {
                Some(at_tile) => m.and("opens_tile", &[turn, at_tile]),
                None => turn,
            };
            let opens_pass =
                ends.at_pass.zip(later).map(|(at_pass, later)| m.and("opens_pass", &[turn, at_pass, later]));
            (opens_tile, opens_pass)
        } else {
            let opens_pass = later.map(|later| {
                let may_open = m.and("may_open_pass", &[later, advance]);
                m.and("opens_pass", &[ends.met, may_open])
            });
            let either = match opens_pass {
                Some(opens_pass) => m.or("either", &[turn, opens_pass]),
                None => turn,
            };
            m.drive(turns, either);
            (turn, opens_pass)
        };
        m.comment("The first slot of a tile, and of a pass, goes with what is taken in the cycle after the turn.");
        let mut flag = |opens: NetId, name: &str| {
            let names = (1..edges).map(|edge| match edge {
                1 => format!("{name}_cycle_q"),
                later => format!("{name}_slot{}_q", later - 1),
            });
            let names: Vec<String> = names.chain([format!("{name}_q")]).collect();
            names.iter().fold(opens, |bit, name| m.register(name, bit, control(advance)))
        };
        Flags { first: flag(opens_tile, "first"), raise: opens_pass.map(|opens| flag(opens, "raise")) }
    }

    /// Whether the slot of the row changes the pairs.
    pub(super) fn step(&self, m: &mut ModuleBuilder, valid: NetId, flags: &Flags) -> NetId {
        let mut causes = lanes_of(m, valid, self.sequencing.lanes);
        causes.push(flags.first);
        causes.extend(flags.raise);
        let causes = word(m, &causes);
        any(m, "step", causes)
    }
}
