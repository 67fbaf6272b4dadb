//! The processing elements.

use super::Context;
use crate::engine::parts::links::{control, enabled};
use crate::engine::parts::multiply::Carried;
use crate::engine::{EngineSpec, Operand};
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

fn roles(spec: &EngineSpec, a: NetId, b: NetId) -> (NetId, NetId) {
    match spec.encoded {
        Operand::A => (a, b),
        Operand::B => (b, a),
    }
}

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
        m.doc(match self.carries_pair() {
            true => "The sum is kept as a carry-save pair: no carry propagates inside the loop over K (OPT1).",
            false => "The product is resolved and added by carry-propagate adders inside the loop over K.",
        });
    }

    /// The PE of an output-stationary array. a and its control bits go east, b goes south, each through one register; the sum
    /// stays, is captured one edge after its last product is in, and leaves southwards.
    pub(super) fn output_stationary_pe(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let spec = self.spec;
        let mut m = ModuleBuilder::new(format!("{}_pe{}", self.prefix, self.formats()));
        self.pe_doc(&mut m, "output stationary");
        m.doc("Operands are registered, multiplied and accumulated one edge later; rate 1 product a cycle.");
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let valid = m.input("valid_i", 1, "operands are a step of a tile");
        let first = m.input("first_i", 1, "first step of a tile: the sum starts at 0");
        let last = m.input("last_i", 1, "last step of a tile");
        let a = m.input("a_i", spec.a_bits, "from the west");
        let b = m.input("b_i", spec.b_bits, "from the north");
        let shift = m.input("shift_i", 1, "moves the drain chain");
        let drain: Vec<(NetId, &str)> = self
            .sum_words()
            .iter()
            .map(|&(stem, width)| (m.input(&format!("drain_{stem}_i"), width, "drain chain, from the north"), stem))
            .collect();

        let valid_q = m.register("valid_q", valid, control(advance));
        let first_q = m.register("first_q", first, control(advance));
        let last_q = m.register("last_q", last, control(advance));
        let a_q = m.register("a_q", a, enabled(advance));
        let b_q = m.register("b_q", b, enabled(advance));

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
        let next = self.multiply().build(netlist, &mut m, roles(spec, a_q, b_q), carried(&held))?;
        for (q, d) in stored.iter().zip(words(next)) {
            m.register_into(*q, d, enabled(step));
        }

        m.comment("The finished sum is captured beside the next tile's accumulation, and leaves southwards.");
        let finished = m.and("finished", &[valid_q, last_q]);
        let capture_q = m.register("capture_q", finished, control(advance));
        let capture = m.and("capture", &[capture_q, advance]);
        let load = m.or("drain_load", &[capture, shift]);
        for (&(from_north, stem), &sum) in drain.iter().zip(&stored) {
            let d = m.mux(&format!("drain_{stem}_d"), capture_q, sum, from_north);
            let q = m.register(&format!("drain_{stem}_q"), d, enabled(load));
            m.output(&format!("drain_{stem}_o"), q, "drain chain, to the south");
        }
        m.output("valid_o", valid_q, "to the east");
        m.output("first_o", first_q, "to the east");
        m.output("last_o", last_q, "to the east");
        m.output("a_o", a_q, "to the east");
        m.output("b_o", b_q, "to the south");
        netlist.intern(m.finish()?)
    }

    /// The PE of a weight-stationary array. a goes east, sums go south, each through one register; weights go south through
    /// shadow registers and are swapped in by a bit that travels with the first row of a tile.
    pub(super) fn weight_stationary_pe(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let spec = self.spec;
        let mut m = ModuleBuilder::new(format!("{}_pe{}", self.prefix, self.formats()));
        self.pe_doc(&mut m, "weight stationary");
        m.doc("a is registered, multiplied and added to the sum from the north one edge later; rate 1 a cycle.");
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let swap = m.input("swap_i", 1, "a_i is the first row of a tile: its weights are in the shadow registers");
        let a = m.input("a_i", spec.a_bits, "from the west");
        let load = m.input("load_i", 1, "moves the chain of shadow registers");
        let weight = m.input("weight_i", spec.b_bits, "weights on their way in, from the north");
        let sums: Vec<(NetId, &str)> = self
            .sum_words()
            .iter()
            .map(|&(stem, width)| (m.input(&format!("{stem}_i"), width, "sum, from the north"), stem))
            .collect();

        let swap_q = m.register("swap_q", swap, control(advance));
        let a_q = m.register("a_q", a, enabled(advance));
        let shadow_q = m.register("shadow_q", weight, enabled(load));
        let take = m.and("take", &[swap, advance]);
        let weight_q = m.register("weight_q", shadow_q, enabled(take));

        let from_north: Vec<NetId> = sums.iter().map(|&(net, _)| net).collect();
        let next = self.multiply().build(netlist, &mut m, roles(spec, a_q, weight_q), carried(&from_north))?;
        for (&(_, stem), d) in sums.iter().zip(words(next)) {
            let q = m.register(&format!("{stem}_q"), d, enabled(advance));
            m.output(&format!("{stem}_o"), q, "sum, to the south");
        }
        m.output("swap_o", swap_q, "to the east");
        m.output("a_o", a_q, "to the east");
        m.output("weight_o", shadow_q, "weights on their way in, to the south");
        netlist.intern(m.finish()?)
    }
}
