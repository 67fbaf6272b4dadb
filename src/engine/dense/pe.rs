//! The processing elements.

use super::Context;
use crate::engine::Operand;
use crate::engine::parts::dot_product::Weights;
use crate::engine::parts::links::{control, enabled};
use crate::engine::parts::multiply::Carried;
use crate::engine::stream::counted;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, SkewDepth};

fn carried(words: &[NetId]) -> Carried {
    match *words {
        [sum, carry] => Carried::Pair(sum, carry),
        _ => Carried::Word(words[0]),
    }
}

fn words(carried: Carried) -> Vec<NetId> {
    match carried {
        Carried::Word(acc) => vec![acc],
        Carried::Pair(sum, carry) => vec![sum, carry],
    }
}

impl Context<'_> {
    fn pe_doc(&self, m: &mut ModuleBuilder, what: &str) {
        let spec = self.spec;
        m.doc(format!(
            "Processing element, {what}: a is {} bits, b is {} bits, two's complement.",
            spec.a_bits, spec.b_bits
        ));
        if let Some(selection) = self.timing.selection {
            m.doc(format!(
                "An element of b selects the word of a that it is multiplied by, one of {} of its group.",
                selection.of.m
            ));
        }
        m.doc(match self.carries_pair() {
            true => "The sum is kept as a carry-save pair: no carry propagates inside the loop over K (OPT1).",
            false => "The product is resolved and added by carry-propagate adders inside the loop over K.",
        });
    }

    /// The PE of an output-stationary array. Where operands hop, a and its control bits go east, b goes south, each through one
    /// register; where they are broadcast, they and the control bits come from registers at the edge. The sum stays, is captured
    /// one edge after its last product is in, and leaves southwards.
    pub(super) fn output_stationary_pe(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let (spec, hops) = (self.spec, self.timing.hops);
        let depth = spec.array.depth();
        let mut m = ModuleBuilder::new(format!("{}_pe{}", self.prefix, self.formats()));
        self.pe_doc(&mut m, "output stationary");
        let every = match self.timing.step_cycles {
            1 => "a cycle".to_owned(),
            cycles => format!("every {cycles} cycles"),
        };
        let edges = counted(self.timing.stages + 1, "edge");
        let from = if hops { "are registered" } else { "come from the edge" };
        m.doc(format!("Operands {from}; {} {every}, accumulated {edges} later.", counted(depth, "product")));
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let (a_bits, b_bits) = (self.pe_bits(Operand::A), self.pe_bits(Operand::B));
        let [from_west, from_north] = match hops {
            true => ["from the west", "from the north"],
            false => ["of this row", "of this column"],
        };
        let (flags, a, b);
        if hops {
            let valid = m.input("valid_i", 1, "operands are a step of a tile");
            let first = m.input("first_i", 1, "first step of a tile: the sum starts at 0");
            let last = m.input("last_i", 1, "last step of a tile");
            flags = [valid, first, last];
        } else {
            let valid = m.input("valid_i", 1, "products are those of a step of a tile");
            let first = m.input("first_i", 1, "of its first step: the sum starts at 0");
            let capture = m.input("capture_i", 1, "the sum is complete");
            flags = [valid, first, capture];
        }
        let weights = self.timing.step_cycles;
        let weight = (weights > 1 && !self.selects_at_the_edge())
            .then(|| m.input("weight_i", weights, "bit weight at hand, one-hot"));
        let later = match self.timing.stages {
            0 => None,
            _ => (weights > 1).then(|| {
                let shift = m.input("shift_weight_i", weights, "bit weight of the narrow sum");
                (shift, m.input("sum_weight_i", weights, "bit weight of the shifted sum"))
            }),
        };
        let held = self.timing.selection.is_some_and(|selection| selection.steps > 1);
        let group = (held && hops).then(|| m.input("group_i", 1, "the words of a are those of another group"));
        a = m.input_bundle("a_i", a_bits, self.words_of_a(), from_west);
        b = m.input_bundle("b_i", b_bits, depth, from_north);
        let index = self.timing.selection.map(|selection| {
            m.input_bundle("b_index_i", selection.index_bits(), depth, "places of the weights in their groups")
        });
        let shift = m.input("shift_i", 1, "moves the drain chain");
        let drain: Vec<(NetId, &str)> = self
            .sum_words()
            .iter()
            .map(|&(stem, width)| (m.input(&format!("drain_{stem}_i"), width, "drain chain, from the north"), stem))
            .collect();

        let (valid_q, first_q, a_q, b_q);
        let mut index_q = index;
        let mut passed = Vec::new();
        if hops {
            valid_q = m.register("valid_q", flags[0], control(advance));
            first_q = m.register("first_q", flags[1], control(advance));
            let last_q = m.register("last_q", flags[2], control(advance));
            // Operands are held while the digits of a step are worked on.
            let load = match weight {
                Some(weight) => {
                    let begins = m.bit(weight, 0);
                    m.and("step_begins", &[begins, advance])
                }
                None => advance,
            };
            // The words of a group stay for all of its places.
            let load_a = group.map_or(load, |group| m.and("group_begins", &[group, advance]));
            a_q = operand_register(&mut m, "a_q", (a, self.words_of_a()), load_a);
            b_q = operand_register(&mut m, "b_q", (b, depth), load);
            index_q = index.map(|index| operand_register(&mut m, "b_index_q", (index, depth), load));
            passed = vec![("valid_o", valid_q), ("first_o", first_q), ("last_o", last_q), ("a_o", a_q), ("b_o", b_q)];
            passed.extend(index_q.map(|index_q| ("b_index_o", index_q)));
            passed.extend(group.map(|group| ("group_o", m.register("group_q", group, control(advance)))));
        } else {
            (valid_q, first_q, a_q, b_q) = (flags[0], flags[1], a, b);
        }
        let weight_q = match (hops, weight) {
            (true, Some(weight)) => Some(m.register("weight_q", weight, control(advance))),
            _ => weight,
        };
        if let (true, Some(weight_q)) = (hops, weight_q) {
            passed.push(("weight_o", weight_q));
        }
        let weights = later.or(weight_q.zip(weight_q)).map(|(shift, sum)| Weights { select: weight_q, shift, sum });

        let step = m.and("step", &[valid_q, advance]);
        let keep = m.not("keep", first_q);
        let mut stored = Vec::new();
        let mut held = Vec::new();
        for (stem, width) in self.sum_words() {
            let q = m.net(format!("{stem}_q"), width);
            let mask = m.sign_extend(keep, width);
            held.push(m.and(&format!("{stem}_kept"), &[q, mask]));
            stored.push(q);
        }
        let a_selected = self.selected(netlist, &mut m, a_q, index_q)?;
        let operands = self.roles(&mut m, a_selected, b_q);
        let next = self.dot_product().build(netlist, &mut m, operands, carried(&held), (advance, weights))?;
        for (q, d) in stored.iter().zip(words(next)) {
            m.register_into(*q, d, enabled(step));
        }

        m.comment("The finished sum is captured beside the next tile's accumulation, and leaves southwards.");
        let capture_q = match passed[..] {
            [(_, valid), _, (_, last), ..] => {
                let finished = m.and("finished", &[valid, last]);
                m.register("capture_q", finished, control(advance))
            }
            _ => flags[2],
        };
        let capture = m.and("capture", &[capture_q, advance]);
        let load = m.or("drain_load", &[capture, shift]);
        for (&(from_north, stem), &sum) in drain.iter().zip(&stored) {
            let d = m.mux(&format!("drain_{stem}_d"), capture_q, sum, from_north);
            let q = m.register(&format!("drain_{stem}_q"), d, enabled(load));
            m.output(&format!("drain_{stem}_o"), q, "drain chain, to the south");
        }
        for (port, net) in passed {
            m.output_bundle_of(port, net, if port.starts_with("b_") { "to the south" } else { "to the east" });
        }
        netlist.intern(m.finish()?)
    }

    /// The PE of an array in which an operand stays. The other one goes east, sums go south, each through one register; what stays
    /// goes south through shadow registers and is swapped in by a bit that travels with the first row of a tile.
    pub(super) fn weight_stationary_pe(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let (streamed, stays) = self.stationary();
        let (x, w) = (streamed.name, stays.name);
        let mut m = ModuleBuilder::new(format!("{}_pe{}", self.prefix, self.formats()));
        self.pe_doc(&mut m, self.spec.dataflow().name().replace('-', " ").as_str());
        m.doc(format!(
            "{x} is registered, multiplied and added to the sum from the north one edge later; rate 1 a cycle."
        ));
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let doc = format!("{x}_i is the first {} of a tile: its {w}s are in the shadow registers", streamed.beat);
        let swap = m.input("swap_i", 1, &doc);
        let lanes = self.timing.selection.map_or(1, |selection| selection.words);
        let a = m.input_bundle(&format!("{x}_i"), self.array_bits(streamed.operand), lanes, "from the west");
        let load = m.input("load_i", 1, "moves the chain of shadow registers");
        let weight = m.input(
            &format!("{w}_i"),
            self.array_bits(stays.operand),
            &format!("{w}s on their way in, from the north"),
        );
        let index = self.timing.selection.map(|selection| {
            let doc = format!("places of the {w}s in their groups, from the north");
            m.input(&format!("{w}_index_i"), selection.index_bits(), &doc)
        });
        let sums: Vec<(NetId, &str)> = self
            .sum_words()
            .iter()
            .map(|&(stem, width)| (m.input(&format!("{stem}_i"), width, "sum, from the north"), stem))
            .collect();

        let swap_q = m.register("swap_q", swap, control(advance));
        let streamed_q = operand_register(&mut m, &format!("{x}_q"), (a, lanes), advance);
        let shadow_q = m.register("shadow_q", weight, enabled(load));
        let take = m.and("take", &[swap, advance]);
        let weight_q = m.register(&format!("{w}_q"), shadow_q, enabled(take));
        let shadow_index_q = index.map(|index| m.register("shadow_index_q", index, enabled(load)));
        let index_q = shadow_index_q.map(|shadow| m.register(&format!("{w}_index_q"), shadow, enabled(take)));
        let selected = self.selected(netlist, &mut m, streamed_q, index_q)?;

        let from_north: Vec<NetId> = sums.iter().map(|&(net, _)| net).collect();
        let operands = match stays.operand {
            Operand::B => self.roles(&mut m, selected, weight_q),
            Operand::A => self.roles(&mut m, weight_q, selected),
        };
        let next = self.dot_product().build(netlist, &mut m, operands, carried(&from_north), (advance, None))?;
        for (&(_, stem), d) in sums.iter().zip(words(next)) {
            let q = m.register(&format!("{stem}_q"), d, enabled(advance));
            m.output(&format!("{stem}_o"), q, "sum, to the south");
        }
        m.output("swap_o", swap_q, "to the east");
        m.output_bundle_of(&format!("{x}_o"), streamed_q, "to the east");
        m.output(&format!("{w}_o"), shadow_q, &format!("{w}s on their way in, to the south"));
        if let Some(shadow) = shadow_index_q {
            m.output(&format!("{w}_index_o"), shadow, "their places, to the south");
        }
        netlist.intern(m.finish()?)
    }
}

/// The register of an operand of one or several lanes.
fn operand_register(m: &mut ModuleBuilder, name: &str, (operand, lanes): (NetId, u32), advance: NetId) -> NetId {
    match lanes {
        1 => m.register(name, operand, enabled(advance)),
        _ => m.skew(name, operand, SkewDepth::Uniform(1), Some(advance), false),
    }
}
