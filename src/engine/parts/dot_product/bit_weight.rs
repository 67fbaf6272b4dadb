//! Reduction within a bit weight (OPT2): all weights at once in a tree each, or one after the other in one tree.

use super::lanes::Lanes;
use super::pair::{OffsetPair, bits_of, finish_tree, place_tree, registered};
use super::{DotProduct, Weights};
use crate::encoding::EncodingKind;
use crate::engine::parts::compressor::DotDiagram;
use crate::engine::parts::copies::{Copies, Wire};
use crate::engine::parts::encoder::{EncoderPorts, Lines, encoder, place_encoder};
use crate::engine::parts::multiply::{Carried, Multiply};
use crate::engine::parts::partial_product::PartialProducts;
use crate::engine::parts::reduce::word;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

impl DotProduct {
    /// The digits of one bit weight in a narrow tree; its pair is shifted to where it belongs and accumulated.
    pub(super) fn one_weight(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        products: &PartialProducts,
        operands: (NetId, NetId),
        carried: (NetId, NetId),
        (advance, weights): (NetId, Weights),
    ) -> Result<Carried, NetlistError> {
        let digits = &products.digits;
        let line = |line: &Lines| Lines { slots: vec![0], ..line.clone() };
        let one = PartialProducts {
            digits: EncoderPorts {
                radix_bits: digits.radix_bits,
                slots: 1,
                lines: digits.lines.iter().map(line).collect(),
            },
            multiplicand_bits: products.multiplicand_bits,
        };
        let digit = match weights.select {
            Some(weight) => self.select_digits(netlist, m, (operands.0, self.depth), weight)?,
            None => operands.0,
        };
        let mut unit = self.clone();
        unit.multiply.encoded = true;
        let lanes = Lanes::new(&unit, netlist, m, &one, (digit, operands.1))?;
        let narrow = self.bit_weight(netlist, m, &one, &lanes, 0)?;
        let narrow = if self.staged { registered(m, "narrow", narrow, advance) } else { narrow };

        let (radix_bits, width) = (digits.radix_bits, self.multiply.acc_bits);
        let mut shifter = ModuleBuilder::new(format!(
            "{}_shifter_w{}_{}x{radix_bits}",
            self.prefix(),
            m.width(narrow.sum),
            digits.slots
        ));
        shifter.doc("Shifter: a narrow carry-save pair is moved to its bit weight, which is one-hot.");
        let weight = shifter.input("weight_i", digits.slots, "bit weight, one-hot");
        let mut wires = vec![("weight_i".to_owned(), weights.shift)];
        let mut shifted = Vec::new();
        for (name, net) in [("sum", narrow.sum), ("carry", narrow.carry)] {
            let bits = m.width(net);
            let word = shifter.input(&format!("{name}_i"), bits, &format!("{name} word"));
            let total = (bits + (digits.slots - 1) * radix_bits).min(width);
            let moved: Vec<NetId> = (0..digits.slots)
                .map(|slot| {
                    let line = shifter.bit(weight, slot);
                    let mask = shifter.sign_extend(line, bits);
                    let masked = shifter.and(&format!("{name}_at{slot}"), &[word, mask]);
                    let zeros = shifter.constant((slot * radix_bits).max(1), 0);
                    let moved = if slot == 0 { masked } else { shifter.concat(&[masked, zeros]) };
                    match shifter.width(moved) <= total {
                        true => shifter.zero_extend(moved, total),
                        false => shifter.slice(moved, 0, total),
                    }
                })
                .collect();
            let word = if let [one] = moved[..] { one } else { shifter.or(&format!("{name}_shifted"), &moved) };
            shifter.output(&format!("{name}_o"), word, &format!("{name} word at its weight"));
            let out = m.net(format!("shifted_{name}"), total);
            wires.extend([(format!("{name}_i"), net), (format!("{name}_o"), out)]);
            shifted.push(out);
        }
        let shifter = netlist.intern(shifter.finish()?)?;
        let wires: Vec<(&str, NetId)> = wires.iter().map(|(port, net)| (port.as_str(), *net)).collect();
        m.instance(netlist, "shifter", shifter, &wires);
        let pair = OffsetPair { sum: shifted[0], carry: shifted[1], ..narrow };
        let pair = if self.staged { registered(m, "shifted", pair, advance) } else { pair };

        m.comment("The offset of the narrow sum, at its weight, is taken away.");
        let minus: Vec<u64> =
            (0..digits.slots).map(|slot| (pair.offset << (slot * radix_bits)).wrapping_neg()).collect();
        let columns: Vec<NetId> = (0..width)
            .rev()
            .map(|column| {
                let with: Vec<u32> =
                    (0..digits.slots).filter(|&slot| minus[slot as usize] >> column & 1 == 1).collect();
                let bits: Vec<NetId> = with.iter().map(|&slot| m.bit(weights.sum, slot)).collect();
                match bits[..] {
                    [] => m.constant(1, 0),
                    [one] => one,
                    // Exactly one weight is set whenever something is accumulated.
                    _ if with.len() == digits.slots as usize => m.constant(1, 1),
                    _ => m.or(&format!("offset{column}"), &bits),
                }
            })
            .collect();
        let correction = m.concat(&columns);
        self.accumulate(netlist, m, &OffsetPair { offset: 0, ..pair }, carried, Some(correction))
    }

    /// The digit of the bit weight `weight` of each of `count` multipliers.
    ///
    /// # Errors
    /// Whatever the builders notice.
    pub fn select_digits(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        (multipliers, count): (NetId, u32),
        weight: NetId,
    ) -> Result<NetId, NetlistError> {
        let module = selector(netlist, &self.multiply)?;
        let digit = m.bundle("digit", self.digit_bits(), count);
        let wires =
            [("x_i", Wire::Own(multipliers)), ("weight_i", Wire::Shared(weight)), ("digit_o", Wire::Own(digit))];
        Copies { netlist, module, name: "digit_select", axis: ("k", count) }.place(m, &wires);
        Ok(digit)
    }

    /// Select lines of one digit of a multiplier.
    pub fn digit_bits(&self) -> u32 {
        self.multiply.partial_products().map_or(1, |products| products.digits.lines.len() as u32)
    }

    /// A narrow tree for each bit weight, then all of them shifted and joined.
    pub(super) fn aligned(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        products: &PartialProducts,
        lanes: &Lanes,
        advance: NetId,
    ) -> Result<OffsetPair, NetlistError> {
        let mut pairs = Vec::new();
        for slot in 0..products.digits.slots {
            let name = format!("weight{slot}");
            let pair = self.bit_weight(netlist, m, products, lanes, slot)?;
            let pair = if self.staged { registered(m, &name, pair, advance) } else { pair };
            pairs.push((pair, slot * products.digits.radix_bits));
        }
        let all = match pairs[..] {
            [(only, 0)] => only,
            _ => self.sum_of(netlist, m, "aligned", &pairs)?,
        };
        Ok(if self.staged { registered(m, "aligned", all, advance) } else { all })
    }

    /// The sum of all lanes' partial products of one bit weight, unshifted.
    pub(super) fn bit_weight(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        products: &PartialProducts,
        lanes: &Lanes,
        slot: u32,
    ) -> Result<OffsetPair, NetlistError> {
        let bits = products.width(slot);
        let place = products.digits.lines.iter().find(|lines| lines.magnitude == 0);
        let place = place.and_then(|lines| lines.slots.iter().position(|&known| known == slot));
        let each = ((1_u64 << bits) - 1) + u64::from(place.is_some());
        let (maximum, offset) = (each * u64::from(self.depth), u64::from(self.depth) << (bits - 1));
        // A pair of one bit would have no carry word.
        let width = bits_of(maximum).max(2);
        let sign = if place.is_some() { "signed" } else { "unsigned" };
        let mut tree = ModuleBuilder::new(format!("{}_weight_tree_{}to2_{sign}_w{bits}", self.prefix(), self.depth));
        tree.doc(format!(
            "Reduction of one bit weight: {} partial products, unshifted, become a carry-save pair,",
            self.depth
        ));
        tree.doc("sum + 2 * carry, with an offset that makes each of them positive.");
        let pp = tree.input_bundle("pp_i", bits, self.depth, "partial products, complemented if negative");
        let neg = place.is_some().then(|| tree.input("neg_i", self.depth, "completes the negation, a bit a lane"));
        let words: Vec<NetId> = match self.depth {
            1 => vec![pp],
            depth => (0..depth).map(|lane| tree.lane(pp, lane)).collect(),
        };
        let signs: Vec<NetId> = words.iter().rev().map(|&word| tree.bit(word, bits - 1)).collect();
        let signs = tree.concat(&signs);
        let signs_n = tree.not("signs_n", signs);
        let mut diagram = DotDiagram::new(width);
        for (lane, &word) in (0..).zip(&words) {
            diagram.add_offset(&tree, word, (signs_n, lane), 0, 0);
            if let Some(neg) = neg {
                diagram.add_bit(neg, lane, 0, 0);
            }
        }
        finish_tree(&mut tree, diagram, width);
        let tree = netlist.intern(tree.finish()?)?;
        let mut wires = vec![("pp_i".to_owned(), lanes.pp[slot as usize])];
        if let (Some(place), Some(all)) = (place, lanes.neg) {
            let bits: Vec<NetId> = (0..self.depth)
                .rev()
                .map(|lane| {
                    let word = if self.depth == 1 { all } else { m.lane(all, lane) };
                    m.bit(word, place as u32)
                })
                .collect();
            wires.push(("neg_i".to_owned(), m.concat(&bits)));
        }
        let names = (format!("weight{slot}_sum"), format!("weight{slot}_carry"));
        let name = format!("weight_tree{slot}");
        let (sum, carry) = place_tree(m, netlist, &name, tree, wires, (&names.0, &names.1), width);
        Ok(OffsetPair { sum, carry, offset, maximum })
    }
}

/// The digit of one bit weight of a multiplier: input `x_i` (encoded here, unless it is already) and `weight_i`, one-hot; output
/// `digit_o`, a bit for each kind of line.
fn selector(netlist: &mut NetlistBuilder, multiply: &Multiply) -> Result<ModuleId, NetlistError> {
    let kind = multiply.encoding.unwrap_or(EncodingKind::Booth4);
    let digits = EncoderPorts::new(kind, multiply.multiplier_bits);
    let encode = match multiply.encoded {
        true => None,
        false => Some(encoder(netlist, &multiply.prefix, kind, multiply.multiplier_bits)?),
    };
    let mut m = ModuleBuilder::new(format!("{}_digit_select_w{}", multiply.prefix, multiply.multiplier_bits));
    m.doc("Digit of one bit weight: a bit for each magnitude, and its sign.");
    let x = m.input("x_i", multiply.multiplier_port_bits(), "multiplier");
    let weight = m.input("weight_i", digits.slots, "bit weight, one-hot");
    let lines = match encode {
        Some(encode) => place_encoder(&mut m, netlist, encode, &digits, x),
        None => digits.words(&mut m, x),
    };
    let bits = digits.at_weight(&mut m, &lines, weight);
    let digit = word(&mut m, &bits);
    m.output("digit_o", digit, "digit");
    netlist.intern(m.finish()?)
}
