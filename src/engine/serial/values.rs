//! The processing element of rows that take whole values: the multiply-accumulate of a dense array behind a slot.

use super::Serial;
use crate::engine::Operand;
use crate::engine::parts::links::{control, enabled};
use crate::engine::parts::multiply::{Carried, Multiply};
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

impl Serial<'_> {
    /// The multiply-accumulate of a PE.
    fn multiply(&self) -> Multiply {
        let spec = self.spec;
        let (multiplier_bits, multiplicand_bits) = match spec.encoded {
            Operand::A => (spec.a_word_bits(), spec.b_word_bits()),
            Operand::B => (spec.b_word_bits(), spec.a_word_bits()),
        };
        Multiply {
            prefix: self.prefix.clone(),
            encoding: spec.encoding,
            multiplier_bits,
            multiplicand_bits,
            acc_bits: spec.sum_bits(),
            encoded: self.skipper().takes_lines(),
        }
    }

    /// The PE.
    pub(super) fn value_pe(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let spec = self.spec;
        let skipper = self.skipper();
        let mut m = ModuleBuilder::new(format!("{}_pe{}", self.prefix, self.formats()));
        m.doc("Processing element: the value of a slot times its word of B joins the sum.");
        m.doc(match self.sequencing.keeps_pair {
            true => "The sum is kept as a carry-save pair: no carry propagates inside the loop over K (OPT1).",
            false => "The product is resolved and added by carry-propagate adders inside the loop over K.",
        });
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let first = m.input("first_i", 1, "first slot of a tile: the sum starts at 0");
        let step = m.input("step_i", 1, "the slot has a value, or begins a tile");
        let take = m.input("take_i", 1, "value and word of B are taken");
        let what = if skipper.takes_lines() { "the select lines of the value" } else { "the value, or 0" };
        let a = m.input("a_i", skipper.taken_bits(), what);
        let b = m.input("b0_i", spec.b_bits, "word of B");
        m.comment("A tile without a value multiplies 0 by what is here, which has to be a word from the start.");
        let b_q = m.register("b_q", b, control(take));

        let a = if skipper.takes_lines() { a } else { m.zero_extend(a, spec.a_word_bits()) };
        let b = m.zero_extend(b_q, spec.b_word_bits());
        let operands = match spec.encoded {
            Operand::A => (a, b),
            Operand::B => (b, a),
        };
        let keep = m.not("keep", first);
        let (mut stored, mut held) = (Vec::new(), Vec::new());
        for (stem, width) in self.drain_words() {
            let q = m.net(format!("{stem}_q"), width);
            let mask = m.sign_extend(keep, width);
            held.push(m.and(&format!("{stem}_kept"), &[q, mask]));
            stored.push((stem, q));
        }
        let carried = match held[..] {
            [sum, carry] => Carried::Pair(sum, carry),
            _ => Carried::Word(held[0]),
        };
        let next: Vec<NetId> = match self.multiply().build(netlist, &mut m, operands, carried)? {
            Carried::Pair(sum, carry) => vec![sum, carry],
            Carried::Word(acc) => vec![acc],
        };
        let go = m.and("go", &[step, advance]);
        for (&(_, q), d) in stored.iter().zip(next) {
            m.register_into(q, d, enabled(go));
        }
        self.drained(&mut m, &stored);
        netlist.intern(m.finish()?)
    }
}
