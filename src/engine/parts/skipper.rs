//! The digit sequencer: of a group of operands, one digit that is not 0 in each cycle.
//!
//! A group is a few operands of K, looked at in one bit weight. They are encoded where they come in, the digit of the bit weight
//! is selected and registered with a mask of the digits that are not 0; the lowest of these is picked until the mask is
//! empty.

use super::copies::{Copies, Wire};
use super::encoder::{EncoderPorts, encoder, place_encoder};
use super::reduce::{any, lowest_and_rest, word};
use crate::encoding::EncodingKind;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, RegisterControl};

/// A digit sequencer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipper {
    /// Prefix of module names.
    pub prefix: String,
    /// How operands become digits.
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

    fn tag(&self) -> String {
        format!("{}_w{}", self.encoding.name().replace('-', "_"), self.operand_bits)
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
        let shown = if self.picks() {
            let pick = m.input("pick_i", 1, "shows the digit");
            let pick = m.sign_extend(pick, m.width(digit_q));
            m.and("shown", &[digit_q, pick])
        } else {
            digit_q
        };
        m.output("digit_o", shown, "the registered digit, or 0");
        netlist.intern(m.finish()?)
    }

    /// The module: inputs `advance_i`, `accept_i` (a group enters), `weight_i`, `a_i` (an operand a lane) and `take_i` (the picked
    /// digit is taken); outputs `asks_o`, `digit_o` and `valid_o` (registered), and as configured `empty_o`, `last_o`, `pick_o`,
    /// or `mask_o` with the input `pick_i`.
    ///
    /// # Errors
    /// Whatever the builder notices.
    pub fn sequencer(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let operand = self.operand(netlist)?;
        let digits = self.digits();
        let digit_bits = digits.lines.len() as u32;
        let mut m = ModuleBuilder::new(format!("{}_sequencer_{}_g{}", self.prefix, self.tag(), self.group));
        m.doc(format!(
            "Digit sequencer: of a group of {} operands, the digits of one bit weight that are not 0, one a",
            self.group
        ));
        m.doc("cycle, the lowest position first. A taken digit is shown one edge later.");
        let advance = m.input("advance_i", 1, "moves the shown digit");
        let accept = m.input("accept_i", 1, "a group enters; 0 while advance_i is 0");
        let weight = (digits.slots > 1).then(|| m.input("weight_i", digits.slots, "its bit weight, one-hot"));
        let a = m.input_bundle("a_i", self.input_bits(), self.group, "its operands");
        let take = m.input("take_i", 1, "the picked digit is taken; 0 while advance_i is 0");

        let mask_q = m.net("mask_q", self.group);
        let nonzero = m.bundle("nonzero", 1, self.group);
        let shown = m.bundle("shown", digit_bits, self.group);
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
        links.extend([("nonzero_o", Wire::Own(nonzero)), ("digit_o", Wire::Own(shown))]);
        links.extend(weight.map(|weight| ("weight_i", Wire::Shared(weight))));
        if let Some(pick) = pick {
            let bits: Vec<NetId> = (0..self.group).map(|bit| m.bit(pick, bit)).collect();
            let picks = m.join("picks", &bits);
            links.push(("pick_i", Wire::Own(picks)));
        }
        operands.place(&mut m, &links);

        let lanes: Vec<NetId> = (0..self.group).map(|lane| m.lane(nonzero, lane)).collect();
        let offered = word(&mut m, &lanes);
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
        let digit = if let [one] = lanes[..] { one } else { m.or("digit", &lanes) };
        let taken = m.sign_extend(take, digit_bits);
        let digit_d = m.and("digit_d", &[digit, taken]);
        let digit_q = m.register("digit_q", digit_d, RegisterControl { enable: Some(advance), ..Default::default() });
        let control = RegisterControl { enable: Some(advance), reset: Some(0), clear: None };
        let valid_q = m.register("valid_q", take, control);
        m.output("asks_o", asks, "a digit is picked");
        if self.tells_empty {
            let some = any(&mut m, "offered_any", offered);
            let empty = m.not("empty", some);
            m.output("empty_o", empty, "the offered group has no digit that is not 0");
        }
        if let Some((pick, rest)) = picked {
            let none = m.constant(self.group, 0);
            let last = m.equal("last", rest, none);
            m.output("last_o", last, "nothing is left after the picked digit");
            if self.in_step {
                m.output("mask_o", mask_q, "the digits that are left");
            } else {
                m.output("pick_o", pick, "its position, one-hot");
            }
        }
        m.output("digit_o", digit_q, "the digit that was taken, or 0");
        m.output("valid_o", valid_q, "a digit was taken");
        netlist.intern(m.finish()?)
    }
}
