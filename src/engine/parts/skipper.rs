//! The sequencer: of a group of operands, one digit or value that is not 0 in each cycle.
//!
//! A group is a few operands of K, looked at in one bit weight. They are encoded where they come in, the digit of the bit weight
//! is selected and registered with a mask of the digits that are not 0; the lowest of these is picked until the mask is
//! empty. Where whole values are taken they are registered as they come, and the mask says which are not 0.

use super::copies::{Copies, Wire};
use super::encoder::{EncoderPorts, edge_encoder, encoder, place_encoder};
use super::reduce::{any, lowest_and_rest, word};
use crate::encoding::EncodingKind;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, RegisterControl};

/// What the mask of B is that goes with a group.
pub const MATCH_DOC: &str = "which rows of B, of the group's operands, have a value that is not 0 in the tile";

/// What is picked from a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picked {
    /// A digit of the bit weight at hand.
    Digit,
    /// A value, all its bit weights at once.
    Value {
        /// Whether it becomes select lines on its way to the slot.
        encodes: bool,
    },
}

/// A sequencer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipper {
    /// Prefix of module names.
    pub prefix: String,
    /// What is picked.
    pub picked: Picked,
    /// How operands become digits; without meaning for values that are not encoded here or elsewhere.
    pub encoding: EncodingKind,
    /// Bits of an operand where it comes in.
    pub operand_bits: u32,
    /// Whether it is two's complement, or never negative.
    pub signed: bool,
    /// Whether select lines come in, encoded elsewhere.
    pub stored: bool,
    /// Operands of a group.
    pub group: u32,
    /// Whether somebody wants to know that an offered group has no digit.
    pub tells_empty: bool,
    /// Whether the position is picked elsewhere, for several sequencers at once.
    pub in_step: bool,
    /// Whether a group comes with a mask of the operands that may be picked.
    pub matches: bool,
}

impl Skipper {
    /// The digits of an operand.
    pub fn digits(&self) -> EncoderPorts {
        EncoderPorts::new(self.encoding, self.operand_bits + u32::from(!self.signed))
    }

    /// Bits of one operand in stream a.
    pub fn input_bits(&self) -> u32 {
        if self.stored { self.digits().word_bits() } else { self.operand_bits }
    }

    /// Whether there is something to pick from.
    pub fn picks(&self) -> bool {
        self.group > 1
    }

    /// Whether whole values are picked.
    pub fn takes_values(&self) -> bool {
        matches!(self.picked, Picked::Value { .. })
    }

    /// Whether a value reaches the slot as select lines.
    pub fn takes_lines(&self) -> bool {
        self.takes_values() && (self.stored || self.encodes())
    }

    fn encodes(&self) -> bool {
        self.picked == Picked::Value { encodes: true }
    }

    /// What is picked, in a word.
    pub fn noun(&self) -> &'static str {
        if self.takes_values() { "value" } else { "digit" }
    }

    /// The port that shows what was taken.
    pub fn taken_port(&self) -> &'static str {
        if self.takes_values() { "value_o" } else { "digit_o" }
    }

    /// Bits of what was taken: the select lines of a digit, or a value, or all its select lines.
    pub fn taken_bits(&self) -> u32 {
        if self.encodes() { self.digits().word_bits() } else { self.shown_bits() }
    }

    /// Bits of what an operand shows when it is picked.
    fn shown_bits(&self) -> u32 {
        if self.takes_values() { self.input_bits() } else { self.digits().lines.len() as u32 }
    }

    /// Bit weights that are looked at one after the other.
    fn slots(&self) -> u32 {
        if self.takes_values() { 1 } else { self.digits().slots }
    }

    fn tag(&self) -> String {
        let picked = if self.takes_values() { "value" } else { self.encoding.name() };
        format!("{}_w{}", picked.replace('-', "_"), self.operand_bits)
    }

    /// One operand of a group whose value is taken: `accept_i` registers `a_i`, `pick_i` shows it.
    fn value_operand(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let mut m = ModuleBuilder::new(format!("{}_operand_{}", self.prefix, self.tag()));
        m.doc("One operand of a group: it is registered, and shown while it is picked.");
        let accept = m.input("accept_i", 1, "loads the register");
        let a = m.input("a_i", self.input_bits(), if self.stored { "select lines of the operand" } else { "operand" });
        let nonzero = if self.stored {
            m.comment("A value is not 0 if any of its digits has a magnitude.");
            let digits = self.digits();
            let words = digits.words(&mut m, a);
            let lines = digits.lines.iter().zip(words).filter(|(line, _)| line.magnitude != 0);
            let magnitudes: Vec<NetId> = lines.map(|(line, word)| any(&mut m, line.name, word)).collect();
            if let [one] = magnitudes[..] { one } else { m.or("nonzero", &magnitudes) }
        } else {
            any(&mut m, "nonzero", a)
        };
        let a_q = m.register("a_q", a, RegisterControl { enable: Some(accept), ..Default::default() });
        m.output("nonzero_o", nonzero, "a_i is not 0");
        self.show(&mut m, a_q);
        netlist.intern(m.finish()?)
    }

    /// The end of an operand: what it registered is shown while it is picked.
    fn show(&self, m: &mut ModuleBuilder, registered: NetId) {
        let noun = self.noun();
        let shown = if self.picks() {
            let pick = m.input("pick_i", 1, &format!("shows the {noun}"));
            let pick = m.sign_extend(pick, m.width(registered));
            m.and("shown", &[registered, pick])
        } else {
            registered
        };
        m.output(self.taken_port(), shown, &format!("the registered {noun}, or 0"));
    }

    /// One operand of a group: `a_i` is encoded, `weight_i` (one-hot, none if there is one slot) selects the digit, `accept_i`
    /// registers it, `pick_i` shows it.
    fn operand(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let digits = self.digits();
        let mut m = ModuleBuilder::new(format!("{}_operand_{}", self.prefix, self.tag()));
        m.doc("One operand of a group: its digit of the bit weight at hand is registered, and shown while");
        m.doc("it is picked. A digit is a bit for each magnitude, and its sign.");
        let accept = m.input("accept_i", 1, "loads the register");
        let weight = (digits.slots > 1).then(|| m.input("weight_i", digits.slots, "the bit weight, one-hot"));
        let what = if self.stored { "select lines of the operand" } else { "operand" };
        let a = m.input("a_i", self.input_bits(), what);
        let lines = if self.stored {
            digits.words(&mut m, a)
        } else {
            let x = m.zero_extend(a, self.operand_bits + u32::from(!self.signed));
            let encode = encoder(netlist, &self.prefix, self.encoding, m.width(x))?;
            place_encoder(&mut m, netlist, encode, &digits, x)
        };
        let digit = match weight {
            Some(weight) => digits.at_weight(&mut m, &lines, weight),
            None => lines,
        };
        let shown = digits.lines.iter().zip(&digit).filter(|(line, _)| line.magnitude != 0);
        let magnitudes: Vec<NetId> = shown.map(|(_, &bit)| bit).collect();
        let nonzero = if let [one] = magnitudes[..] { one } else { m.or("nonzero", &magnitudes) };
        let digit = word(&mut m, &digit);
        let digit_q = m.register("digit_q", digit, RegisterControl { enable: Some(accept), ..Default::default() });
        m.output("nonzero_o", nonzero, "the digit of a_i is not 0");
        self.show(&mut m, digit_q);
        netlist.intern(m.finish()?)
    }

    /// The module: inputs `advance_i`, `accept_i` (a group enters), `weight_i`, `a_i` (an operand a lane) and `take_i` (the picked
    /// digit is taken); outputs `asks_o`, `digit_o` (of values `value_o`) and `valid_o` (registered), and as configured the input `match_i`, `empty_o`, `last_o`, `pick_o`,
    /// or `mask_o` with the input `pick_i`.
    ///
    /// # Errors
    /// Whatever the builder notices.
    pub fn sequencer(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let (noun, port) = (self.noun(), self.taken_port());
        let operand = if self.takes_values() { self.value_operand(netlist)? } else { self.operand(netlist)? };
        let mut m = ModuleBuilder::new(format!("{}_sequencer_{}_g{}", self.prefix, self.tag(), self.group));
        m.doc(match self.takes_values() {
            true => format!("Sequencer: of a group of {} operands, the values that are not 0, one a", self.group),
            false => format!(
                "Digit sequencer: of a group of {} operands, the digits of one bit weight that are not 0, one a",
                self.group
            ),
        });
        m.doc(format!("cycle, the lowest position first. A taken {noun} is shown one edge later."));
        let advance = m.input("advance_i", 1, &format!("moves the shown {noun}"));
        let accept = m.input("accept_i", 1, "a group enters; 0 while advance_i is 0");
        let weight = (self.slots() > 1).then(|| m.input("weight_i", self.slots(), "its bit weight, one-hot"));
        let a = m.input_bundle("a_i", self.input_bits(), self.group, "its operands");
        let take = m.input("take_i", 1, &format!("the picked {noun} is taken; 0 while advance_i is 0"));

        let mask_q = m.net("mask_q", self.group);
        let nonzero = m.bundle("nonzero", 1, self.group);
        let shown = m.bundle("shown", self.shown_bits(), self.group);
        let picked = match (self.picks(), self.in_step) {
            (false, _) => None,
            (true, false) => Some(lowest_and_rest(&mut m, "mask", mask_q)),
            (true, true) => {
                let looked = m.input("pick_i", self.group, "the position that is looked at, one-hot");
                let others = m.not("others", looked);
                let pick = m.and("mask_pick", &[mask_q, looked]);
                Some((pick, m.and("mask_rest", &[mask_q, others])))
            }
        };
        let pick = picked.map(|(pick, _)| pick);
        let operands = Copies { netlist, module: operand, name: "operand", axis: ("operand", self.group) };
        let mut links = vec![("accept_i", Wire::Shared(accept)), ("a_i", Wire::Own(a))];
        links.extend([("nonzero_o", Wire::Own(nonzero)), (port, Wire::Own(shown))]);
        links.extend(weight.map(|weight| ("weight_i", Wire::Shared(weight))));
        if let Some(pick) = pick {
            let bits: Vec<NetId> = (0..self.group).map(|bit| m.bit(pick, bit)).collect();
            let picks = m.join("picks", &bits);
            links.push(("pick_i", Wire::Own(picks)));
        }
        operands.place(&mut m, &links);

        let lanes: Vec<NetId> = (0..self.group).map(|lane| m.lane(nonzero, lane)).collect();
        let mut offered = word(&mut m, &lanes);
        if self.matches {
            m.comment("Only where both operands are not 0.");
            let matching = m.input("match_i", self.group, MATCH_DOC);
            offered = m.and("matched", &[offered, matching]);
        }
        let asks = match pick {
            Some(pick) if self.in_step => any(&mut m, "asks", pick),
            _ => any(&mut m, "asks", mask_q),
        };
        let rest = match picked {
            Some((_, rest)) => rest,
            None => m.constant(1, 0),
        };
        // Whether a group enters is known last.
        let left = m.mux("mask_left", take, rest, mask_q);
        let mask_d = m.mux("mask_d", accept, offered, left);
        m.register_into(mask_q, mask_d, RegisterControl { reset: Some(0), ..Default::default() });

        let lanes: Vec<NetId> = (0..self.group).map(|lane| m.lane(shown, lane)).collect();
        let mut digit = if let [one] = lanes[..] { one } else { m.or(noun, &lanes) };
        if self.encodes() {
            let encode = edge_encoder(netlist, &self.prefix, self.encoding, (self.operand_bits, self.signed))?;
            let lines = m.net("lines", self.taken_bits());
            m.instance(netlist, "edge_encoder", encode, &[("x_i", digit), ("digits_o", lines)]);
            digit = lines;
        }
        let taken = m.sign_extend(take, self.taken_bits());
        let digit_d = m.and(&format!("{noun}_d"), &[digit, taken]);
        let register = RegisterControl { enable: Some(advance), ..Default::default() };
        let digit_q = m.register(&format!("{noun}_q"), digit_d, register);
        let control = RegisterControl { enable: Some(advance), reset: Some(0), clear: None };
        let valid_q = m.register("valid_q", take, control);
        m.output("asks_o", asks, &format!("a {noun} is picked"));
        if self.tells_empty {
            let some = any(&mut m, "offered_any", offered);
            let empty = m.not("empty", some);
            m.output("empty_o", empty, &format!("the offered group has no {noun} that is not 0"));
        }
        if let Some((pick, rest)) = picked {
            let none = m.constant(self.group, 0);
            let last = m.equal("last", rest, none);
            m.output("last_o", last, &format!("nothing is left after the picked {noun}"));
            if self.in_step {
                m.output("mask_o", mask_q, &format!("the {noun}s that are left"));
            } else {
                m.output("pick_o", pick, "its position, one-hot");
            }
        }
        m.output(port, digit_q, &format!("the {noun} that was taken, or 0"));
        m.output("valid_o", valid_q, &format!("a {noun} was taken"));
        netlist.intern(m.finish()?)
    }
}
