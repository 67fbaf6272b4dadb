//! A lane: the terms of one operand, given one after the other.

use super::Serial;
use crate::engine::parts::encoder::{encoder, place_encoder};
use crate::engine::parts::links::{control, enabled};
use crate::engine::parts::reduce::{any, lowest, word};
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

impl Serial<'_> {
    /// The lane module. Its operand is shared by all columns.
    pub(super) fn term_lane(&self, netlist: &mut NetlistBuilder, shift_bits: u32) -> Result<ModuleId, NetlistError> {
        let skipper = self.skipper();
        let digits = skipper.digits();
        let slots = digits.slots;
        let mut m =
            ModuleBuilder::new(format!("{}_term_lane_{}_w{}", self.prefix, self.encoding_tag(), self.spec.a_bits));
        m.doc("Term lane: the terms of one operand of a step, the lowest place first. A term is given when it");
        m.doc("is within reach of the shifters, counted from the lowest place at which any lane has one.");
        let advance = m.input("advance_i", 1, "moves the given term");
        let accept = m.input("accept_i", 1, "takes the operand; 0 while advance_i is 0");
        let take = m.input("take_i", 1, "terms within reach are given; 0 while advance_i is 0");
        let place = m.input("place_i", slots, "the lowest place of all lanes, one-hot");
        let reach = m.input("reach_i", slots, "the places within reach of it");
        let what = if skipper.stored { "select lines of the operand" } else { "operand" };
        let a = m.input("a_i", skipper.input_bits(), what);
        let lines = if skipper.stored {
            digits.words(&mut m, a)
        } else {
            let x = m.zero_extend(a, self.spec.a_word_bits());
            let encode = encoder(netlist, &self.prefix, self.sequencing.encoding, m.width(x))?;
            place_encoder(&mut m, netlist, encode, &digits, x)
        };
        let (terms, negative) = digits.signed_terms(&mut m, &lines);

        let left_q = m.net("left_q", slots);
        let first = lowest(&mut m, "first", left_q);
        let gives = m.and("gives", &[first, reach]);
        let others = m.not("others", gives);
        let rest = m.and("rest", &[left_q, others]);
        let left_d = m.mux("left_d", accept, terms, rest);
        let moves = m.or("moves", &[accept, take]);
        m.register_into(left_q, left_d, control(moves));
        let negative_q = m.register("negative_q", negative, enabled(accept));

        m.comment("How far the given term is above the lowest place, and its sign; nothing if none is given.");
        let distances: Vec<NetId> = (0..self.distances(shift_bits))
            .map(|by| {
                let (above, from) = (m.slice(gives, by, slots - by), m.slice(place, 0, slots - by));
                let hit = m.and(&format!("hit{by}"), &[above, from]);
                any(&mut m, &format!("by{by}"), hit)
            })
            .collect();
        let signs = m.and("signs", &[gives, negative_q]);
        let sign = any(&mut m, "neg", signs);
        let lines: Vec<NetId> = distances.into_iter().chain([sign]).collect();
        let lines = word(&mut m, &lines);
        let mask = m.sign_extend(take, m.width(lines));
        let given = m.and("given", &[lines, mask]);
        let given_q = m.register("given_q", given, enabled(advance));
        let none = m.constant(slots, 0);
        let last = m.equal("last", rest, none);
        m.output("left_o", left_q, "places of the terms that are left");
        m.output("last_o", last, "nothing is left when the terms within reach are given");
        m.output("given_o", given_q, "the term that was given: its distance one-hot, its sign on top");
        netlist.intern(m.finish()?)
    }

    fn encoding_tag(&self) -> String {
        self.sequencing.encoding.name().replace('-', "_")
    }
}
