//! What stands before the trees: encoders and partial products of all lanes.

use super::{DotProduct, no_encoding};
use crate::engine::parts::copies::Wire;
use crate::engine::parts::encoder::encoder;
use crate::engine::parts::partial_product::PartialProducts;
use crate::netlist::{ModuleBuilder, NetId, NetlistBuilder, NetlistError};

/// What every lane has before its partial products are reduced: bundles of `depth` lanes.
pub(super) struct Lanes {
    /// Partial products, slot by slot.
    pub pp: Vec<NetId>,
    /// Sign lines, if the encoding has any.
    pub neg: Option<NetId>,
}

/// Ports of a tree that takes the partial products of one or several lanes.
pub(super) struct TreePorts {
    pub pp: Vec<NetId>,
    pub neg: Option<NetId>,
    pub depth: u32,
}

impl Lanes {
    /// Encoders (unless the multiplier is encoded already) and partial products of all lanes.
    pub(super) fn new(
        unit: &DotProduct,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        products: &PartialProducts,
        (multiplier, multiplicand): (NetId, NetId),
    ) -> Result<Self, NetlistError> {
        let (multiply, depth) = (&unit.multiply, unit.depth);
        let lines = &products.digits.lines;
        let digits: Vec<NetId> = if multiply.encoded {
            let mut low = 0;
            let mut digits = Vec::new();
            for lines in lines {
                let width = lines.slots.len() as u32;
                let words: Vec<NetId> = (0..depth)
                    .map(|lane| {
                        let word = if depth == 1 { multiplier } else { m.lane(multiplier, lane) };
                        m.slice(word, low, width)
                    })
                    .collect();
                digits.push(m.join(&format!("digit_{}", lines.name), &words));
                low += width;
            }
            digits
        } else {
            let kind = multiply.encoding.ok_or_else(|| no_encoding(m))?;
            let encode = encoder(netlist, unit.prefix(), kind, multiply.multiplier_bits)?;
            let mut wires = vec![("x_i".to_owned(), multiplier)];
            let mut digits = Vec::new();
            for lines in lines {
                let net = m.bundle(format!("digit_{}", lines.name), lines.slots.len() as u32, depth);
                wires.push((format!("{}_o", lines.name), net));
                digits.push(net);
            }
            let wires: Vec<(&str, Wire)> = wires.iter().map(|(port, net)| (port.as_str(), Wire::Own(*net))).collect();
            unit.copies(netlist, encode, "encoder").place(m, &wires);
            digits
        };
        let select = products.module(netlist, unit.prefix())?;
        let mut wires = vec![("y_i".to_owned(), multiplicand)];
        wires.extend(lines.iter().zip(&digits).map(|(lines, &net)| (format!("{}_i", lines.name), net)));
        let mut pp = Vec::new();
        for slot in 0..products.digits.slots {
            let net = m.bundle(format!("pp{slot}"), products.width(slot), depth);
            wires.push((format!("pp{slot}_o"), net));
            pp.push(net);
        }
        let wires: Vec<(&str, Wire)> = wires.iter().map(|(port, net)| (port.as_str(), Wire::Own(*net))).collect();
        unit.copies(netlist, select, "partial_products").place(m, &wires);
        let neg = lines.iter().position(|lines| lines.magnitude == 0).map(|index| digits[index]);
        Ok(Self { pp, neg })
    }

    /// The ports of a tree over `depth` lanes.
    pub(super) fn ports(&self, tree: &mut ModuleBuilder, products: &PartialProducts, depth: u32) -> TreePorts {
        let pp = (0..products.digits.slots)
            .map(|slot| {
                let doc = "partial product of each lane, complemented if negative";
                tree.input_bundle(&format!("pp{slot}_i"), products.width(slot), depth, doc)
            })
            .collect();
        let signed = products.digits.lines.iter().find(|lines| lines.magnitude == 0);
        let neg = signed.map(|lines| {
            let doc = "completes the negation of each partial product";
            tree.input_bundle("neg_i", lines.slots.len() as u32, depth, doc)
        });
        TreePorts { pp, neg, depth }
    }

    /// What is connected to those ports.
    pub(super) fn wires(&self) -> Vec<(String, NetId)> {
        let mut wires: Vec<(String, NetId)> =
            self.pp.iter().enumerate().map(|(slot, &net)| (format!("pp{slot}_i"), net)).collect();
        wires.extend(self.neg.map(|neg| ("neg_i".to_owned(), neg)));
        wires
    }
}

impl TreePorts {
    /// Partial products and sign lines of one lane.
    pub(super) fn lane(&self, tree: &mut ModuleBuilder, lane: u32) -> (Vec<NetId>, Option<NetId>) {
        let mut of = |net: NetId| if self.depth == 1 { net } else { tree.lane(net, lane) };
        (self.pp.iter().map(|&net| of(net)).collect(), self.neg.map(of))
    }
}
