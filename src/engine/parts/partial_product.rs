//! Partial products: the multiple of the multiplicand that each digit selects.

use super::compressor::DotDiagram;
use super::copies::{Copies, Wire};
use super::encoder::EncoderPorts;
use super::reduce::word;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// The shape of the partial products of one multiplication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartialProducts {
    /// The select lines that choose them.
    pub digits: EncoderPorts,
    /// Bits of the multiplicand.
    pub multiplicand_bits: u32,
}

/// Partial products of lanes that have a digit each.
#[derive(Clone, Debug)]
pub struct PlacedLanes {
    /// One a lane.
    pub products: Vec<NetId>,
    /// A bit a lane: completes the negation of its product.
    pub signs: NetId,
}

impl PartialProducts {
    /// Bits of the partial product of `slot`: the multiplicand, as many places up as its largest multiple needs.
    pub fn width(&self, slot: u32) -> u32 {
        self.multiplicand_bits + self.digits.max_magnitude(slot).next_power_of_two().trailing_zeros()
    }

    /// The module: inputs `y_i` and the encoder's words, outputs `pp{slot}_o`.
    ///
    /// A partial product is a two's complement word in which negation is only half done: a negative digit complements
    /// it, and the 1 that is missing is the digit's `neg` line, added by the compressor tree.
    ///
    /// # Errors
    /// Whatever the builder notices.
    pub fn module(&self, netlist: &mut NetlistBuilder, prefix: &str) -> Result<ModuleId, NetlistError> {
        let (bits, digits) = (self.multiplicand_bits, &self.digits);
        let name = format!("{prefix}_partial_products_w{bits}_r{}x{}", 1 << digits.radix_bits, digits.slots);
        let mut m = ModuleBuilder::new(name);
        m.doc("Partial products: each digit selects a multiple of y_i; a negative digit complements it");
        m.doc("(the 1 that completes the negation is the digit's neg line, added by the compressor).");
        let y = m.input("y_i", bits, "multiplicand, two's complement");
        let mut ports = Vec::new();
        for lines in &digits.lines {
            let width = lines.slots.len() as u32;
            let net = m.input(&format!("{}_i", lines.name), width, "digit select lines, from the encoder");
            ports.push((lines, net));
        }
        let triple = digits.lines.iter().any(|lines| lines.magnitude == 3).then(|| {
            let zero = m.constant(1, 0);
            let doubled = m.concat(&[y, zero]);
            let (once, twice) = (m.sign_extend(y, bits + 2), m.sign_extend(doubled, bits + 2));
            m.add("triple", once, twice)
        });
        for slot in 0..digits.slots {
            let width = self.width(slot);
            let mut terms = Vec::new();
            let mut neg = None;
            for &(lines, port) in &ports {
                let Some(index) = lines.slots.iter().position(|&known| known == slot) else { continue };
                let line = m.bit(port, index as u32);
                let mask = m.sign_extend(line, width);
                if lines.magnitude == 0 {
                    neg = Some(mask);
                    continue;
                }
                let multiple = match (lines.magnitude, triple) {
                    (3, Some(triple)) => triple,
                    (1, _) => y,
                    (magnitude, _) => {
                        let zeros = m.constant(magnitude.trailing_zeros(), 0);
                        m.concat(&[y, zeros])
                    }
                };
                let multiple = m.sign_extend(multiple, width);
                terms.push(m.and(&format!("pp{slot}_{}", lines.name), &[multiple, mask]));
            }
            let selected = match terms[..] {
                [one] => one,
                _ => m.or(&format!("pp{slot}_abs"), &terms),
            };
            let value = match neg {
                Some(mask) => m.xor(&format!("pp{slot}"), &[selected, mask]),
                None => selected,
            };
            m.output(&format!("pp{slot}_o"), value, &format!("weight {}", 1u64 << (slot * digits.radix_bits)));
        }
        netlist.intern(m.finish()?)
    }

    /// Places the module once for each of `multiplicands`; `digits` has a lane of select lines for each, one bit a kind of line.
    /// These partial products have one slot.
    ///
    /// # Errors
    /// Whatever the builder notices.
    pub fn place_lanes(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        prefix: &str,
        digits: NetId,
        multiplicands: &[NetId],
    ) -> Result<PlacedLanes, NetlistError> {
        let lanes = multiplicands.len() as u32;
        let module = self.module(netlist, prefix)?;
        let y = m.join("b", multiplicands);
        let pp = m.bundle("pp", self.width(0), lanes);
        let mut wires = vec![("y_i".to_owned(), Wire::Own(y)), ("pp0_o".to_owned(), Wire::Own(pp))];
        let mut signs = Vec::new();
        for (bit, line) in (0..).zip(&self.digits.lines) {
            let bits: Vec<NetId> = (0..lanes)
                .map(|lane| {
                    let digit = m.lane(digits, lane);
                    m.bit(digit, bit)
                })
                .collect();
            if line.magnitude == 0 {
                signs.clone_from(&bits);
            }
            let bits = m.join(line.name, &bits);
            wires.push((format!("{}_i", line.name), Wire::Own(bits)));
        }
        let wires: Vec<(&str, Wire)> = wires.iter().map(|(port, wire)| (port.as_str(), *wire)).collect();
        Copies { netlist, module, name: "partial_product", axis: ("lane", lanes) }.place(m, &wires);
        let products = (0..lanes).map(|lane| m.lane(pp, lane)).collect();
        Ok(PlacedLanes { products, signs: word(m, &signs) })
    }

    /// The largest sum that [`add_offset_to`](Self::add_offset_to) can add.
    pub fn offset_maximum(&self) -> u64 {
        let product = |slot: u32| ((1_u64 << self.width(slot)) - 1) << (slot * self.digits.radix_bits);
        let signs = self.digits.lines.iter().find(|lines| lines.magnitude == 0);
        let completions: u64 =
            signs.map_or(0, |lines| lines.slots.iter().map(|&slot| 1_u64 << (slot * self.digits.radix_bits)).sum());
        (0..self.digits.slots).map(product).sum::<u64>() + completions
    }

    /// [`add_to`](Self::add_to) with offsets that make every partial product positive; returns their sum. `signs_name` names
    /// the word of inverted signs.
    pub fn add_offset_to(
        &self,
        m: &mut ModuleBuilder,
        diagram: &mut DotDiagram,
        signs_name: &str,
        pp: &[NetId],
        neg: Option<NetId>,
    ) -> u64 {
        let signs: Vec<NetId> = pp.iter().rev().map(|&pp| m.bit(pp, m.width(pp) - 1)).collect();
        let signs = m.concat(&signs);
        let signs_n = m.not(signs_name, signs);
        let mut offset = 0;
        for (slot, &pp) in (0..).zip(pp) {
            offset += diagram.add_offset(m, pp, (signs_n, slot), slot * self.digits.radix_bits, 0);
        }
        if let Some(neg) = neg {
            self.add_completions(diagram, neg, 0);
        }
        offset
    }

    /// Adds the partial products `pp` and the sign lines `neg` to a dot diagram. They are there `ready` stages after
    /// registers are.
    pub fn add_to(&self, m: &mut ModuleBuilder, diagram: &mut DotDiagram, pp: &[NetId], neg: NetId, ready: u32) {
        let low = |slot: u32| slot * self.digits.radix_bits;
        // One whose sign bit is beyond the diagram has no sign to extend.
        let has_sign = |m: &ModuleBuilder, slot: u32, pp: NetId| low(slot) + m.width(pp) <= diagram.width();
        let signed: Vec<NetId> =
            (0..).zip(pp).filter(|&(slot, &pp)| has_sign(m, slot, pp)).map(|(_, &pp)| pp).collect();
        let signs: Vec<NetId> = signed.iter().rev().map(|&pp| m.bit(pp, m.width(pp) - 1)).collect();
        let signs_n = (!signs.is_empty()).then(|| {
            let signs = m.concat(&signs);
            m.not("signs_n", signs)
        });
        for (slot, &pp) in (0..).zip(pp) {
            match (signs_n, signed.iter().position(|&other| other == pp)) {
                (Some(signs_n), Some(index)) => diagram.add_signed(m, pp, (signs_n, index as u32), low(slot), ready),
                _ => diagram.add_word(m, pp, low(slot), ready),
            }
        }
        // Sign lines pass fewer gates than the products do.
        self.add_completions(diagram, neg, ready.saturating_sub(1));
    }

    /// The ones that complete the negation of partial products.
    fn add_completions(&self, diagram: &mut DotDiagram, neg: NetId, ready: u32) {
        if let Some(lines) = self.digits.lines.iter().find(|lines| lines.magnitude == 0) {
            for (bit, &slot) in (0..).zip(&lines.slots) {
                diagram.add_bit(neg, bit, slot * self.digits.radix_bits, ready);
            }
        }
    }
}
