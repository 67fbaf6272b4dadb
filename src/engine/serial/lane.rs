//! A lane: a digit sequencer and the readers of its streams.

use super::Serial;
use super::sequencing::Take;
use crate::engine::EncoderPlace;
use crate::engine::parts::skipper::{MATCH_DOC, Picked, Skipper};
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};
use crate::notation::transform::LanePace;

/// What a sequencer says of its group: functions of registers.
pub(super) struct Group {
    /// A digit is picked.
    pub asks: NetId,
    /// Nothing is left after it; always so without it.
    pub last: Option<NetId>,
    /// Its position, one-hot; `None` if there is one.
    pub pick: Option<NetId>,
    /// Where the group begins.
    pub held: NetId,
}

/// What a lane does in a cycle.
pub(super) struct Turn {
    /// It wants a beat of b.
    pub ready: NetId,
    /// Which one.
    pub index: NetId,
    /// It takes its digit and the beat.
    pub take: NetId,
    /// Nothing is left of its group after this cycle; without meaning while `advance` is 0.
    pub done: NetId,
}

impl Serial<'_> {
    pub(super) fn skipper(&self) -> Skipper {
        let (place, of_a) = (self.sequencing.encoder, self.spec.encoding.is_some());
        Skipper {
            picked: match self.sequencing.take {
                Take::Value { .. } => Picked::Value { encodes: of_a && place == EncoderPlace::Edge },
                Take::Digit | Take::Terms { .. } => Picked::Digit,
            },
            prefix: self.prefix.clone(),
            encoding: self.sequencing.encoding,
            operand_bits: self.spec.a_bits,
            signed: self.spec.a_signed,
            stored: place == EncoderPlace::Stored,
            group: self.sequencing.group,
            tells_empty: self.sequencing.skips_empty,
            in_step: self.in_step(),
            matches: self.sequencing.matches_b(),
        }
    }

    /// Whether the lanes of a row look at one position together.
    pub(super) fn in_step(&self) -> bool {
        self.sequencing.pace == LanePace::Lockstep && self.sequencing.group > 1
    }

    /// Takes the picked digit when its row of B is offered.
    pub(super) fn turn(&self, m: &mut ModuleBuilder, group: Group, b_valid: NetId, advance: NetId) -> Turn {
        let ready = m.and("wants_b", &[group.asks, advance]);
        let take = m.and("takes", &[ready, b_valid]);
        // Not `take`: `advance` has many readers, and who asks whether a group is done moves with it in any case.
        let idle = m.not("idle", group.asks);
        let worked = m.or("worked", &[idle, b_valid]);
        let done = match group.last {
            Some(last) => m.and("finishes", &[worked, last]),
            None => worked,
        };
        let index = self.index(m, group.pick, group.held);
        Turn { ready, index, take, done }
    }

    /// Where the group begins and the position in it.
    fn index(&self, m: &mut ModuleBuilder, pick: Option<NetId>, held: NetId) -> NetId {
        let Some(pick) = pick else { return held };
        let group = self.sequencing.group;
        let mut position = Vec::new();
        for bit in (0..self.sequencing.position_bits()).rev() {
            let bits: Vec<NetId> =
                (0..group).filter(|place| place >> bit & 1 == 1).map(|place| m.bit(pick, place)).collect();
            position.push(if let [one] = bits[..] { one } else { m.or(&format!("position_{bit}"), &bits) });
        }
        let position = m.concat(&position);
        if group.is_power_of_two() {
            return m.concat(&[held, position]);
        }
        let position = m.zero_extend(position, m.width(held));
        m.add("index", held, position)
    }

    /// The lane module. Lanes that take groups together are told by the row when; a free lane has a group port of its own.
    pub(super) fn lane(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let (spec, sequencing) = (self.spec, &self.sequencing);
        let skipper = self.skipper();
        let sequencer = skipper.sequencer(netlist)?;
        let free = sequencing.lanes_are_free();
        let mut m = ModuleBuilder::new(format!("{}_lane_len{}_g{}", self.prefix, spec.length_bits, sequencing.group));
        let noun = skipper.noun();
        m.doc(format!(
            "Lane: takes the {noun}s of its group that are not 0, one a cycle, each with the row of B it asks for."
        ));
        let advance = m.input("advance_i", 1, "0 freezes the array");
        let a = m.input_bundle("a_data_i", skipper.input_bits(), sequencing.group, "a group of operands");
        let b_valid = m.input("b_valid_i", 1, "the row of B is offered");
        let slots = sequencing.passes;
        let done = m.net("group_done", 1);
        let empty = sequencing.skips_empty.then(|| m.net("empty", 1));
        let (accept, weight, held, ends) = if free {
            let port = self.port(netlist)?;
            let accept = m.net("accept", 1);
            let weight = (slots > 1).then(|| m.net("weight", slots));
            let held = m.net("held", self.held_bits());
            let ends = self.end_wires().map(|end| (end, m.net(end, 1))).collect::<Vec<_>>();
            let mut ports = vec![("advance_i", advance), ("done_i", done), ("accept_o", accept), ("held_o", held)];
            ports.push(("valid_i", m.input("a_valid_i", 1, "a group is offered")));
            ports.push((
                "last_group_i",
                m.input("last_group_i", spec.length_bits, "number of the last group of a pass"),
            ));
            ports.push(("single_i", m.input("single_i", 1, "the next tile has one group a pass")));
            ports.push(("turn_i", m.input("turn_i", 1, "the stretch turns")));
            let ready = m.net("a_ready", 1);
            ports.push(("ready_o", ready));
            ports.extend(weight.map(|weight| ("weight_o", weight)));
            ports.extend(empty.map(|empty| ("empty_i", empty)));
            let outs: Vec<(String, NetId)> = ends.iter().map(|&(end, net)| (format!("{end}_o"), net)).collect();
            ports.extend(outs.iter().map(|(port, net)| (port.as_str(), *net)));
            m.instance(netlist, "group_port", port, &ports);
            m.output("a_ready_o", ready, "a group is taken, if it is offered");
            (accept, weight, held, ends)
        } else {
            let accept = m.input("accept_i", 1, "a group enters");
            let weight = (slots > 1).then(|| m.input("weight_i", slots, "its bit weight, one-hot"));
            let held = m.input("held_i", self.held_bits(), "where the group in the register begins");
            (accept, weight, held, Vec::new())
        };

        let asks = m.net("asks", 1);
        let last = skipper.picks().then(|| m.net("last", 1));
        let take = m.net("take", 1);
        let [digit, valid] = [(noun, skipper.taken_bits()), ("valid", 1)].map(|(name, width)| m.net(name, width));
        let mut ports =
            vec![("advance_i", advance), ("accept_i", accept), ("a_i", a), ("take_i", take), ("asks_o", asks)];
        ports.extend([(skipper.taken_port(), digit), ("valid_o", valid)]);
        ports.extend(weight.map(|weight| ("weight_i", weight)));
        ports.extend(last.map(|last| ("last_o", last)));
        if skipper.matches {
            ports.push(("match_i", m.input("a_match_i", sequencing.group, MATCH_DOC)));
        }
        ports.extend(empty.map(|empty| ("empty_o", empty)));
        let pick = match (skipper.picks(), skipper.in_step) {
            (false, _) => None,
            (true, false) => {
                let pick = m.net("pick", sequencing.group);
                ports.push(("pick_o", pick));
                Some(pick)
            }
            (true, true) => {
                let pick = m.input("pick_i", sequencing.group, "the position that all lanes look at, one-hot");
                let mask = m.net("mask", sequencing.group);
                ports.extend([("pick_i", pick), ("mask_o", mask)]);
                m.instance(netlist, "sequencer", sequencer, &ports);
                m.output("mask_o", mask, "the digits that are left");
                Some(pick)
            }
        };
        if !skipper.in_step {
            m.instance(netlist, "sequencer", sequencer, &ports);
        }
        let turn = self.turn(&mut m, Group { asks, last, pick, held }, b_valid, advance);
        m.drive(take, turn.take);
        m.drive(done, turn.done);
        m.output("b_ready_o", turn.ready, "the lane asks for a row of B");
        m.output("b_index_o", turn.index, "which one: its operand of the pass");
        m.output("take_o", turn.take, &format!("it is taken, with its {noun}"));
        m.output(skipper.taken_port(), digit, &format!("the {noun}, one edge later"));
        m.output("valid_o", valid, "there is one");
        if free {
            for (end, net) in ends {
                m.output(&format!("{end}_o"), net, "the stretch is over here");
            }
        } else {
            m.output("done_o", done, "nothing is left of the group after this cycle, if advance_i is 1");
            if let Some(empty) = empty {
                m.output("empty_o", empty, &format!("the offered group has no {noun} that is not 0"));
            }
        }
        netlist.intern(m.finish()?)
    }

    /// Bits of the word that says where a group begins.
    pub(super) fn held_bits(&self) -> u32 {
        let sequencing = &self.sequencing;
        if sequencing.group.is_power_of_two() { self.spec.length_bits } else { sequencing.index_bits(self.spec) }
    }

    /// What a port says about the end of its stretch: `met`, and as needed `at_tile` and `at_pass`.
    pub(super) fn end_wires(&self) -> impl Iterator<Item = &'static str> {
        let tile = self.port_tells_tile().then_some("at_tile");
        let pass = self.row_asks_pass().then_some("at_pass");
        std::iter::once("met").chain(tile).chain(pass)
    }
}
