//! The unit: one element of C, the terms of a step times its words of B.

use super::Serial;
use crate::engine::parts::compressor::DotDiagram;
use crate::engine::parts::links::enabled;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// Partial products come from registers, through a selection and a complement.
const PARTIAL_PRODUCTS_READY: u32 = 1;

impl Serial<'_> {
    /// The unit module.
    pub(super) fn unit(&self, netlist: &mut NetlistBuilder, shift_bits: u32) -> Result<ModuleId, NetlistError> {
        let (spec, lanes, width) = (self.spec, self.sequencing.group, self.spec.sum_bits());
        let one = self.shifted(shift_bits, 1);
        let mut m = ModuleBuilder::new(format!("{}_unit_l{lanes}{}", self.prefix, self.formats()));
        m.doc(format!(
            "Unit: {lanes} words of B are held for a step; in each cycle the terms that the row gives, each"
        ));
        m.doc("shifted in its lane, are summed, and the sum is shifted once more and accumulated.");
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let take_b = m.input("take_b_i", 1, "takes the words of B");
        let b = m.input_bundle("b_i", spec.b_bits, lanes, "words of B, lane = place of k");
        let given_bits = one.digits.lines.len() as u32;
        let given = m.input_bundle("given_i", given_bits, lanes, "the term of each lane, or none");
        let place = m.input("place_i", self.skipper().digits().slots, "how far up the sum in the tree register is");
        let first = m.input("first_i", 1, "it is the first of a tile: the accumulator starts at 0");
        let step = m.input("step_i", 1, "it is accumulated");

        let words: Vec<NetId> = (0..lanes)
            .map(|lane| {
                let b = m.lane(b, lane);
                let b_q = m.register(&format!("b{lane}_q"), b, enabled(take_b));
                m.zero_extend(b_q, spec.b_word_bits())
            })
            .collect();
        let shifted = one.place_lanes(netlist, &mut m, &self.prefix, given, &words)?;
        let tree_bits = self.tree_bits(shift_bits);
        let tree = self.lane_tree(netlist, shift_bits)?;
        let total = m.net("total", tree_bits);
        let names: Vec<String> = (0..lanes).map(|lane| format!("pp{lane}_i")).collect();
        let mut ports: Vec<(&str, NetId)> = names.iter().map(String::as_str).zip(shifted.products).collect();
        ports.extend([("neg_i", shifted.signs), ("total_o", total)]);
        m.instance(netlist, "lane_tree", tree, &ports);
        let tree_q = m.register("tree_q", total, enabled(advance));

        m.comment("The second shifter, and the accumulator.");
        let slots = m.width(place);
        let wide = m.sign_extend(tree_q, width.max(tree_bits));
        let places: Vec<NetId> = (0..slots.min(width))
            .map(|up| {
                let low = m.slice(wide, 0, width - up);
                let word = if up == 0 {
                    low
                } else {
                    let zeros = m.constant(up, 0);
                    m.concat(&[low, zeros])
                };
                let here = m.bit(place, up);
                let mask = m.sign_extend(here, width);
                m.and(&format!("at{up}"), &[word, mask])
            })
            .collect();
        let addend = if let [one] = places[..] { one } else { m.or("addend", &places) };
        let acc_q = m.net("acc_q", width);
        let keep = m.not("keep", first);
        let mask = m.sign_extend(keep, width);
        let kept = m.and("acc_kept", &[acc_q, mask]);
        let acc_d = m.add("acc_d", kept, addend);
        let go = m.and("go", &[step, advance]);
        m.register_into(acc_q, acc_d, enabled(go));
        self.drained(&mut m, &[("acc", acc_q)]);
        netlist.intern(m.finish()?)
    }

    /// The tree over the lanes of a unit, carries resolved.
    fn lane_tree(&self, netlist: &mut NetlistBuilder, shift_bits: u32) -> Result<ModuleId, NetlistError> {
        let (lanes, width) = (self.sequencing.group, self.tree_bits(shift_bits));
        let products = self.shifted(shift_bits, lanes);
        let mut m = ModuleBuilder::new(format!("{}_lane_tree_l{lanes}_w{width}", self.prefix));
        m.doc(format!("Tree: the shifted words of {lanes} lanes become one word."));
        let pp: Vec<NetId> = (0..lanes)
            .map(|lane| m.input(&format!("pp{lane}_i"), products.width(lane), "shifted word, complemented if negative"))
            .collect();
        let neg = m.input("neg_i", lanes, "completes the negation of each word");
        let mut diagram = DotDiagram::new(width);
        products.add_to(&mut m, &mut diagram, &pp, neg, PARTIAL_PRODUCTS_READY);
        let (sum, carry) = diagram.reduce(&mut m);
        let total = m.add("total", sum, carry);
        m.output("total_o", total, "their sum, two's complement");
        netlist.intern(m.finish()?)
    }
}
