//! Operands as signed powers of two: the terms of a radix-2 encoding, and the hardware that takes them one after the other.

use crate::encoding::EncodingKind;
use crate::engine::parts::encoder::{EncoderPorts, encoder, place_encoder};
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, RegisterControl};

/// An operand's terms: how it is encoded, and how wide it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    /// A radix-2 encoding: every digit is 0, 1 or -1.
    pub kind: EncodingKind,
    /// Bits of the operand.
    pub bits: u32,
    /// Whether it is two's complement, or never negative.
    pub signed: bool,
}

impl Terms {
    fn word_bits(self) -> u32 {
        self.bits + u32::from(!self.signed)
    }

    /// Places a term can have: exponents 0 to `slots() - 1`.
    pub fn slots(self) -> u32 {
        EncoderPorts::new(self.kind, self.word_bits()).slots
    }

    /// The module at the array's edge: the terms of `x_i` at once, and of the operand that was loaded last for as long as
    /// it is worked on.
    pub fn module(self, netlist: &mut NetlistBuilder, prefix: &str, side: &str) -> Result<ModuleId, NetlistError> {
        let ports = EncoderPorts::new(self.kind, self.word_bits());
        let encode = encoder(netlist, prefix, self.kind, self.word_bits())?;
        let mut m = ModuleBuilder::new(format!("{prefix}_{side}_terms_w{}", self.bits));
        m.doc(format!("Terms of an element of {side}: bit i of a word stands for 2^i."));
        m.doc("Those of the element at the port are there at once, those of the element loaded last");
        m.doc("are held while the array works on it.");
        let load = m.input("load_i", 1, "takes the element at the port");
        let x = m.input("x_i", self.bits, "element");
        let word = if self.signed { x } else { m.zero_extend(x, self.word_bits()) };
        let lines = place_encoder(&mut m, netlist, encode, &ports, word);
        let (any, neg) = ports.signed_terms(&mut m, &lines);
        let enable = RegisterControl { enable: Some(load), ..Default::default() };
        let held = m.register("terms_q", any, enable);
        let neg_q = m.register("negative_q", neg, enable);
        m.output("terms_o", any, "terms of the element at the port");
        m.output("held_o", held, "terms of the element that was loaded");
        m.output("negative_o", neg_q, "which of them are negative");
        netlist.intern(m.finish()?)
    }
}

/// Whether a word has no 1.
pub(super) fn is_zero(m: &mut ModuleBuilder, name: &str, word: NetId) -> NetId {
    let zero = m.constant(m.width(word), 0);
    m.equal(name, word, zero)
}

/// The number of the one bit that is set in `pick`, 0 if none is.
pub(super) fn exponent(m: &mut ModuleBuilder, name: &str, pick: NetId) -> NetId {
    let slots = m.width(pick);
    let width = (32 - (slots - 1).leading_zeros()).max(1);
    let bits: Vec<NetId> = (0..width)
        .rev()
        .map(|bit| {
            let with: Vec<NetId> =
                (0..slots).filter(|slot| slot >> bit & 1 == 1).map(|slot| m.bit(pick, slot)).collect();
            match with[..] {
                [] => m.constant(1, 0),
                [one] => one,
                _ => m.or(&format!("{name}_bit{bit}"), &with),
            }
        })
        .collect();
    m.concat(&bits)
}
