//! The processing element: digits of one bit weight times B, compressed into one carry-save pair.

use super::Serial;
use crate::engine::parts::compressor::DotDiagram;
use crate::engine::parts::encoder::{EncoderPorts, Lines};
use crate::engine::parts::links::enabled;
use crate::engine::parts::partial_product::PartialProducts;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// Partial products come from registers, through a selection.
const PARTIAL_PRODUCTS_READY: u32 = 1;

impl Serial<'_> {
    /// Partial products of `count` digits of one weight.
    fn products(&self, count: u32) -> PartialProducts {
        let line = |line: Lines| Lines { slots: (0..count).collect(), ..line };
        let lines = self.skipper().digits().lines.into_iter().map(line).collect();
        let digits = EncoderPorts { radix_bits: 0, slots: count, lines };
        PartialProducts { digits, multiplicand_bits: self.spec.b_word_bits() }
    }

    /// Select lines of one digit.
    pub(super) fn digit_bits(&self) -> u32 {
        self.skipper().digits().lines.len() as u32
    }

    /// The compressor tree: partial products of the lanes and the pair become a pair.
    fn compressor(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let (lanes, width) = (self.sequencing.lanes, self.spec.sum_bits());
        let products = self.products(lanes);
        let mut m = ModuleBuilder::new(format!("{}_compressor_{}to2_w{width}", self.prefix, lanes + 2));
        m.doc(format!("Compressor tree: {lanes} partial products of one bit weight and a carry-save pair become one"));
        m.doc("carry-save pair, sum + 2 * carry, without carry propagation.");
        let pp: Vec<NetId> = (0..lanes)
            .map(|lane| {
                m.input(&format!("pp{lane}_i"), products.width(lane), "partial product, complemented if negative")
            })
            .collect();
        let neg = m.input("neg_i", lanes, "completes the negation of each partial product");
        let sum = m.input("sum_i", width, "sum word of the carried pair");
        let carry = m.input("carry_i", width - 1, "carry word of the carried pair, weight 2");
        let mut diagram = DotDiagram::new(width);
        diagram.add_word(&m, sum, 0, 0);
        diagram.add_word(&m, carry, 1, 0);
        products.add_to(&mut m, &mut diagram, &pp, neg, PARTIAL_PRODUCTS_READY);
        let (sum, carry) = diagram.reduce(&mut m);
        m.output("sum_o", sum, "sum word");
        let carry = m.slice(carry, 1, width - 1);
        m.output("carry_o", carry, "carry word, weight 2");
        netlist.intern(m.finish()?)
    }

    /// The PE. With an encoder of its own (OPT3) it also has a digit sequencer, in step with those of its row; one that
    /// `leads` tells its row where it is.
    pub(super) fn pe(&self, netlist: &mut NetlistBuilder, leads: bool) -> Result<ModuleId, NetlistError> {
        let (spec, sequencing) = (self.spec, &self.sequencing);
        let (lanes, width) = (sequencing.lanes, spec.sum_bits());
        let sequences = sequencing.sequences_in_pe();
        let name = if leads { "lead_pe" } else { "pe" };
        let mut m = ModuleBuilder::new(format!("{}_{name}{}", self.prefix, self.formats()));
        m.doc("Processing element: the digits of a slot times their rows of B join the carry-save pair.");
        m.doc("Between two bit weights the pair is multiplied by the radix (Horner's rule).");
        if leads {
            m.doc("The first PE of a row: it tells the row what its digit sequencer does, and so what all do.");
        }
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let first = m.input("first_i", 1, "first slot of a tile: the pair starts at 0");
        let raises = sequencing.passes > 1;
        let raise = raises.then(|| m.input("raise_i", 1, "first slot of a pass: the pair is multiplied by the radix"));
        let take = m.input_bundle("take_i", 1, lanes, "digit and word of B are taken");
        let b: Vec<NetId> = (0..lanes).map(|lane| m.input(&format!("b{lane}_i"), spec.b_bits, "word of B")).collect();
        let (digit, step) = if sequences {
            let (digit, valid) = self.pe_sequencer(netlist, &mut m, advance, take, leads)?;
            let mut causes = vec![valid, first];
            causes.extend(raise);
            (digit, m.or("step", &causes))
        } else {
            let digit = m.input_bundle("digit_i", self.digit_bits(), lanes, "a digit, or 0");
            (digit, m.input("step_i", 1, "the slot has a digit, begins a tile or a pass"))
        };

        let mut chosen = Vec::new();
        for (lane, &b) in (0..).zip(&b) {
            let take = m.lane(take, lane);
            let b_q = m.register(&format!("b{lane}_q"), b, enabled(take));
            chosen.push(m.zero_extend(b_q, spec.b_word_bits()));
        }
        let placed = self.products(1).place_lanes(netlist, &mut m, &self.prefix, digit, &chosen)?;

        let keep = m.not("keep", first);
        let radix_bits = self.skipper().digits().radix_bits;
        let (mut stored, mut held) = (Vec::new(), Vec::new());
        for (stem, width) in [("sum", width), ("carry", width - 1)] {
            let q = m.net(format!("{stem}_q"), width);
            let raised = match raise {
                Some(raise) => {
                    let zeros = m.constant(radix_bits, 0);
                    let low = m.slice(q, 0, width - radix_bits);
                    let times = m.concat(&[low, zeros]);
                    m.mux(&format!("{stem}_raised"), raise, times, q)
                }
                None => q,
            };
            let mask = m.sign_extend(keep, width);
            held.push(m.and(&format!("{stem}_kept"), &[raised, mask]));
            stored.push(q);
        }
        let compressor = self.compressor(netlist)?;
        let [sum_d, carry_d] = [("sum_d", width), ("carry_d", width - 1)].map(|(name, width)| m.net(name, width));
        let names: Vec<String> = (0..lanes).map(|lane| format!("pp{lane}_i")).collect();
        let mut ports: Vec<(&str, NetId)> = names.iter().map(String::as_str).zip(placed.products).collect();
        ports.extend([("neg_i", placed.signs), ("sum_i", held[0]), ("carry_i", held[1])]);
        ports.extend([("sum_o", sum_d), ("carry_o", carry_d)]);
        m.instance(netlist, "compressor", compressor, &ports);
        let go = m.and("go", &[step, advance]);
        for (q, d) in stored.iter().zip([sum_d, carry_d]) {
            m.register_into(*q, d, enabled(go));
        }

        self.drained(&mut m, &[("sum", stored[0]), ("carry", stored[1])]);
        netlist.intern(m.finish()?)
    }

    /// The end of a PE: the words of a finished result go into its place in the drain chain.
    pub(super) fn drained(&self, m: &mut ModuleBuilder, words: &[(&str, NetId)]) {
        m.comment("The finished result is captured beside the next tile's accumulation, and leaves southwards.");
        let capture = m.input("capture_i", 1, "the result is finished");
        let load = m.input("drain_load_i", 1, "moves the drain chain, or captures");
        for &(stem, word) in words {
            let north = m.input(&format!("drain_{stem}_i"), m.width(word), "drain chain, from the north");
            let d = m.mux(&format!("drain_{stem}_d"), capture, word, north);
            let q = m.register(&format!("drain_{stem}_q"), d, enabled(load));
            m.output(&format!("drain_{stem}_o"), q, "drain chain, to the south");
        }
    }

    /// The digit sequencer of a PE of OPT3: its digit, and whether there is one.
    fn pe_sequencer(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        advance: NetId,
        take: NetId,
        leads: bool,
    ) -> Result<(NetId, NetId), NetlistError> {
        let skipper = self.skipper();
        let sequencer = skipper.sequencer(netlist)?;
        let accept = m.input("accept_i", 1, "a group enters");
        let group = self.sequencing.group;
        let a = m.input_bundle("a_data_i", skipper.input_bits(), group, "its operands");
        let [digit, valid] = [("digit", self.digit_bits()), ("valid", 1)].map(|(name, width)| m.net(name, width));
        let mut ports = vec![("advance_i", advance), ("accept_i", accept), ("a_i", a), ("take_i", take)];
        ports.extend([("digit_o", digit), ("valid_o", valid)]);
        if self.sequencing.passes > 1 {
            ports.push(("weight_i", m.input("weight_i", self.sequencing.passes, "its bit weight, one-hot")));
        }
        let mut told = vec![("asks", 1, "a digit is picked")];
        if skipper.picks() {
            told.push(("last", 1, "nothing is left after the picked digit"));
            told.push(("pick", group, "its position, one-hot"));
        }
        if skipper.tells_empty {
            told.push(("empty", 1, "the offered group has no digit that is not 0"));
        }
        let names: Vec<String> = told.iter().map(|(name, ..)| format!("{name}_o")).collect();
        for (&(name, width, doc), port) in told.iter().zip(&names) {
            let net = m.net(if leads { name.to_owned() } else { format!("{name}_unused") }, width);
            ports.push((port, net));
            if leads {
                m.output(port, net, doc);
            }
        }
        m.instance(netlist, "sequencer", sequencer, &ports);
        Ok((digit, valid))
    }
}
