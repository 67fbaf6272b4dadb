//! The port of one lane, or of lanes that take groups together: which group of which pass may enter.

use super::Serial;
use crate::engine::parts::reduce::any;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, RegisterControl};

/// Loads on every edge; `reset` under reset.
fn always(reset: u64) -> RegisterControl {
    RegisterControl { reset: Some(reset), ..Default::default() }
}

impl Serial<'_> {
    /// Whether the first group of a pass has to be told from the others at the port.
    fn port_tells_pass(&self) -> bool {
        self.sequencing.stretch.is_some()
    }

    /// Whether the end of a tile has to be told from other ends.
    pub(super) fn port_tells_tile(&self) -> bool {
        self.sequencing.passes > 1 || self.port_tells_pass()
    }

    /// Whether a row has to be told the ends of passes from other ends.
    pub(super) fn row_asks_pass(&self) -> bool {
        self.port_tells_pass() && self.sequencing.passes > 1
    }

    /// The group port: counts groups and passes, accepts a group when the one before is done, and closes at the end of a
    /// stretch until it turns.
    pub(super) fn port(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let (spec, sequencing) = (self.spec, &self.sequencing);
        let length_bits = spec.length_bits;
        let mut m = ModuleBuilder::new(format!("{}_group_port_len{length_bits}", self.prefix));
        m.doc("Group port: counts the groups and passes of a tile, accepts a group when the one before is");
        m.doc("done, and is closed from the last group of a stretch until the stretch turns.");
        let advance = m.input("advance_i", 1, "0 freezes the array");
        let valid = m.input("valid_i", 1, "a group is offered");
        let last_group = m.input("last_group_i", length_bits, "number of the last group of a pass");
        let single = m.input("single_i", 1, "the next tile has one group a pass");
        let turn = m.input("turn_i", 1, "the stretch turns: the next one may begin; 0 while advance_i is 0");
        let done = m.input("done_i", 1, "the group register is done, if advance_i is 1");

        let closed_q = m.net("closed_q", 1);
        let group_q = m.net("group_q", length_bits);
        let slots = sequencing.passes;
        let weight_q = (slots > 1).then(|| m.net("weight_q", slots));
        let at_pass = (sequencing.skips_empty || self.port_tells_pass()).then(|| {
            let counted = any(&mut m, "counted", group_q);
            m.not("at_pass", counted)
        });
        let at_top = weight_q.map(|weight_q| m.bit(weight_q, slots - 1));
        let at_tile = match (at_top, at_pass.filter(|_| self.port_tells_pass())) {
            (Some(at_top), Some(at_pass)) => Some(m.and("at_tile", &[at_top, at_pass])),
            (at_top, at_pass) => at_top.or(at_pass),
        };

        m.comment("Whether the offered group is the last of its pass. The number of the last group is that of the");
        m.comment("tile at hand; a port that waits for the next tile is told about its first group.");
        let at_last = m.equal("at_last_group", group_q, last_group);
        let fresh = match at_tile {
            Some(at_tile) => m.and("fresh", &[closed_q, at_tile]),
            None => closed_q,
        };
        let ends = m.mux("pass_ends", fresh, single, at_last);

        m.comment("Turns come last in a cycle: what an open port would do is ready before.");
        let is_open = m.not("is_open", closed_q);
        let goes_on = m.and("goes_on", &[is_open, advance]);
        let open = m.or("open", &[turn, goes_on]);
        let (room, takes, keeps) = match (sequencing.skips_empty, at_pass) {
            (true, Some(at_pass)) => {
                m.comment("An empty group is dropped, but the first of a pass.");
                let noun = self.skipper().noun();
                let empty = m.input("empty_i", 1, &format!("the offered group has no {noun} that is not 0"));
                let later = m.not("not_first", at_pass);
                let dropped = m.and("dropped", &[empty, later]);
                let room = m.or("room", &[done, dropped]);
                let takes = m.and("takes", &[valid, room]);
                let kept = m.not("kept", dropped);
                (room, takes, m.and("keeps", &[valid, kept, done]))
            }
            _ => {
                let takes = m.and("takes", &[valid, done]);
                (done, takes, takes)
            }
        };
        let ready = m.and("ready", &[open, room]);
        let moves = m.and("moves", &[open, takes]);
        let accept = if keeps == takes { moves } else { m.and("accept", &[open, keeps]) };

        let counting = RegisterControl { enable: Some(moves), reset: Some(0), clear: None };
        let one = m.constant(length_bits, 1);
        let more = m.add("group_more", group_q, one);
        let none = m.constant(length_bits, 0);
        let group_d = m.mux("group_d", ends, none, more);
        m.register_into(group_q, group_d, counting);
        let takes_last = (sequencing.stretch.is_none() || slots > 1).then(|| m.and("takes_last", &[takes, ends]));
        let closing = match (sequencing.stretch, takes_last) {
            (None, Some(takes_last)) => takes_last,
            (Some(stretch), _) if stretch > 1 => {
                m.comment("Groups of the stretch that are in.");
                let width = 32 - (stretch - 1).leading_zeros();
                let stretch_q = m.net("stretch_q", width);
                let top = m.constant(width, u64::from(stretch - 1));
                let full = m.equal("stretch_full", stretch_q, top);
                let closes = m.or("closes", &[ends, full]);
                let one = m.constant(width, 1);
                let more = m.add("stretch_more", stretch_q, one);
                let none = m.constant(width, 0);
                let stretch_d = m.mux("stretch_d", closes, none, more);
                m.register_into(stretch_q, stretch_d, counting);
                m.and("closing", &[takes, closes])
            }
            _ => takes,
        };
        let closed_d = m.mux("closed_d", open, closing, closed_q);
        m.register_into(closed_q, closed_d, always(1));

        if let (Some(weight_q), Some(takes_last)) = (weight_q, takes_last) {
            m.comment("The bit weight of the offered group, from the top slot down.");
            let (bottom, upper) = (m.bit(weight_q, 0), m.slice(weight_q, 1, slots - 1));
            let turned = m.concat(&[bottom, upper]);
            let pass = m.and("pass_in", &[open, takes_last]);
            let top = 1 << (slots - 1);
            let control = RegisterControl { enable: Some(pass), reset: Some(top), clear: None };
            m.register_into(weight_q, turned, control);
            m.output("weight_o", weight_q, "bit weight of the offered group, one-hot");
        }
        if sequencing.asks_by_index() {
            let held = self.held(&mut m, group_q, ends, (accept, counting));
            m.output("held_o", held, "where the group in the register begins");
        }
        let met = m.and("met", &[closed_q, done]);
        m.output("ready_o", ready, "a group is taken, if it is offered");
        m.output("accept_o", accept, "a group enters the group register");
        m.output("met_o", met, "all groups of the stretch are done");
        if let Some(at_tile) = at_tile.filter(|_| self.port_tells_tile()) {
            m.output("at_tile_o", at_tile, "the next group is the first of a tile");
        }
        if let Some(at_pass) = at_pass.filter(|_| self.row_asks_pass()) {
            m.output("at_pass_o", at_pass, "the next group is the first of a pass");
        }
        netlist.intern(m.finish()?)
    }

    /// Where the held group begins: its number, or times the group's size if that is no power of two.
    fn held(
        &self,
        m: &mut ModuleBuilder,
        group_q: NetId,
        ends: NetId,
        (accept, counting): (NetId, RegisterControl),
    ) -> NetId {
        let sequencing = &self.sequencing;
        let base = if sequencing.group.is_power_of_two() {
            group_q
        } else {
            let width = sequencing.index_bits(self.spec);
            let base_q = m.net("base_q", width);
            let size = m.constant(width, u64::from(sequencing.group));
            let more = m.add("base_more", base_q, size);
            let none = m.constant(width, 0);
            let base_d = m.mux("base_d", ends, none, more);
            m.register_into(base_q, base_d, counting);
            base_q
        };
        m.register("held_q", base, RegisterControl { enable: Some(accept), ..Default::default() })
    }
}
