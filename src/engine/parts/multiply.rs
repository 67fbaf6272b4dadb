//! The multiply-accumulate of a PE: encoder, partial products, compressor tree, and the adders that the nest leaves inside.

use super::compressor::DotDiagram;
use super::encoder::{EncoderPorts, encoder};
use super::partial_product::PartialProducts;
use crate::encoding::EncodingKind;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// Stages of full adders that pass before partial products are there: encoder and selection take about as long as two.
const PARTIAL_PRODUCTS_READY: u32 = 2;

/// What is carried from one product to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// A resolved sum: a carry-propagate adder stands inside the loop over K.
    Word(NetId),
    /// A carry-save pair, the second word one bit narrower and of weight 2.
    Pair(NetId, NetId),
}

/// A multiply-accumulate unit: which operand is encoded, and how wide everything is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multiply {
    /// Prefix of module names.
    pub prefix: String,
    /// `None`: the `*` operator.
    pub encoding: Option<EncodingKind>,
    /// Bits of the operand that becomes digits.
    pub multiplier_bits: u32,
    /// Bits of the other operand.
    pub multiplicand_bits: u32,
    /// Bits of the accumulator.
    pub acc_bits: u32,
    /// Whether the multiplier comes as select lines, encoded elsewhere.
    pub encoded: bool,
}

impl Multiply {
    fn product_bits(&self) -> u32 {
        self.multiplier_bits + self.multiplicand_bits
    }

    /// The partial products; `None` without an encoding.
    pub fn partial_products(&self) -> Option<PartialProducts> {
        let digits = EncoderPorts::new(self.encoding?, self.multiplier_bits);
        Some(PartialProducts { digits, multiplicand_bits: self.multiplicand_bits })
    }

    /// Bits of the multiplier where it comes in: select lines if it is `encoded` already.
    pub fn multiplier_port_bits(&self) -> u32 {
        match self.partial_products() {
            Some(products) if self.encoded => products.digits.word_bits(),
            _ => self.multiplier_bits,
        }
    }

    /// Builds `carried + multiplier * multiplicand`, modulo 2^acc_bits, in the module `m`.
    ///
    /// # Errors
    /// Whatever the builders notice; a carry-save pair without an encoding has no partial products to compress and is
    /// treated as one: the product is a single addend.
    pub fn build(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        (multiplier, multiplicand): (NetId, NetId),
        carried: Carried,
    ) -> Result<Carried, NetlistError> {
        match carried {
            Carried::Word(_) => {
                let product = self.product(netlist, m, (multiplier, multiplicand))?;
                Ok(self.accumulate(m, product, carried))
            }
            Carried::Pair(..) if self.encoding.is_none() => {
                let product = m.mul_signed("product", multiplier, multiplicand);
                Ok(self.accumulate(m, product, carried))
            }
            Carried::Pair(..) => {
                let (sum, carry) = self.compressed(netlist, m, (multiplier, multiplicand), Some(carried))?;
                Ok(Carried::Pair(sum, carry))
            }
        }
    }

    /// Builds the resolved product, `multiplier_bits + multiplicand_bits` wide.
    ///
    /// # Errors
    /// Whatever the builders notice.
    pub fn product(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        operands: (NetId, NetId),
    ) -> Result<NetId, NetlistError> {
        if self.encoding.is_none() {
            return Ok(m.mul_signed("product", operands.0, operands.1));
        }
        let (sum, carry) = self.compressed(netlist, m, operands, None)?;
        let zero = m.constant(1, 0);
        let carry = m.concat(&[carry, zero]);
        Ok(m.add("product", sum, carry))
    }

    /// Encoder, partial products and compressor, with the carried pair if there is one.
    fn compressed(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        (multiplier, multiplicand): (NetId, NetId),
        carried: Option<Carried>,
    ) -> Result<(NetId, NetId), NetlistError> {
        let kind = self.encoding.unwrap_or(EncodingKind::Booth4);
        let digits = EncoderPorts::new(kind, self.multiplier_bits);
        let products = PartialProducts { digits, multiplicand_bits: self.multiplicand_bits };
        let encode = match self.encoded {
            true => None,
            false => Some(encoder(netlist, &self.prefix, kind, self.multiplier_bits)?),
        };
        let select = products.module(netlist, &self.prefix)?;
        let compress = self.compressor(netlist, &products, carried.is_some())?;

        let mut selects = vec![("x_i".to_owned(), multiplier)];
        let mut chosen = vec![("y_i".to_owned(), multiplicand)];
        let mut neg = None;
        let mut low = 0;
        for lines in &products.digits.lines {
            let width = lines.slots.len() as u32;
            let net = if self.encoded {
                m.slice(multiplier, low, width)
            } else {
                m.net(format!("digit_{}", lines.name), width)
            };
            low += width;
            selects.push((format!("{}_o", lines.name), net));
            chosen.push((format!("{}_i", lines.name), net));
            if lines.magnitude == 0 {
                neg = Some(net);
            }
        }
        let mut rows = Vec::new();
        for slot in 0..products.digits.slots {
            let net = m.net(format!("pp{slot}"), products.width(slot));
            chosen.push((format!("pp{slot}_o"), net));
            rows.push((format!("pp{slot}_i"), net));
        }
        if let Some(neg) = neg {
            rows.push(("neg_i".to_owned(), neg));
        }
        if let Some(encode) = encode {
            connect(m, netlist, "encoder", encode, &selects);
        }
        connect(m, netlist, "partial_products", select, &chosen);
        let width = if let Some(Carried::Pair(sum, carry)) = carried {
            rows.push(("sum_i".to_owned(), sum));
            rows.push(("carry_i".to_owned(), carry));
            self.acc_bits
        } else {
            self.product_bits()
        };
        let sum = m.net("sum_d", width);
        let carry = m.net("carry_d", width - 1);
        rows.push(("sum_o".to_owned(), sum));
        rows.push(("carry_o".to_owned(), carry));
        connect(m, netlist, "compressor", compress, &rows);
        Ok((sum, carry))
    }

    /// Adds a resolved product.
    fn accumulate(&self, m: &mut ModuleBuilder, product: NetId, carried: Carried) -> Carried {
        let product = m.sign_extend(product, self.acc_bits);
        match carried {
            Carried::Word(acc) => Carried::Word(m.add("acc_d", acc, product)),
            Carried::Pair(sum, carry) => {
                let zero = m.constant(1, 0);
                let carry = m.concat(&[carry, zero]);
                let (sum, carry) = m.compress32("pair_d", sum, carry, product);
                let kept = m.slice(carry, 0, self.acc_bits - 1);
                Carried::Pair(sum, kept)
            }
        }
    }

    /// The compressor module: inputs `pp{slot}_i`, `neg_i` and, if `carries`, the pair `sum_i`, `carry_i`; outputs a pair.
    fn compressor(
        &self,
        netlist: &mut NetlistBuilder,
        products: &PartialProducts,
        carries: bool,
    ) -> Result<ModuleId, NetlistError> {
        let width = if carries { self.acc_bits } else { self.product_bits() };
        let slots = products.digits.slots;
        let addends = slots + if carries { 2 } else { 0 };
        let mut m = ModuleBuilder::new(format!("{}_compressor_{addends}to2_w{width}", self.prefix));
        m.doc(format!(
            "Compressor tree: {slots} partial products{}",
            if carries { " and a carry-save pair" } else { "" }
        ));
        m.doc("become one carry-save pair, sum + 2 * carry, without carry propagation. Sign extension is");
        m.doc("one constant, folded into the columns where it falls (Dadda's heights).");
        let pp: Vec<NetId> = (0..slots)
            .map(|slot| {
                m.input(&format!("pp{slot}_i"), products.width(slot), "partial product, complemented if negative")
            })
            .collect();
        let signed = products.digits.lines.iter().find(|lines| lines.magnitude == 0);
        let neg_bits = signed.map_or(1, |lines| lines.slots.len() as u32);
        let neg = m.input("neg_i", neg_bits, "completes the negation of each partial product");
        let mut diagram = DotDiagram::new(width);
        if carries {
            let sum = m.input("sum_i", width, "sum word of the carried pair");
            let carry = m.input("carry_i", width - 1, "carry word of the carried pair, weight 2");
            diagram.add_word(&m, sum, 0, 0);
            diagram.add_word(&m, carry, 1, 0);
        }
        products.add_to(&mut m, &mut diagram, &pp, neg, PARTIAL_PRODUCTS_READY);
        let (sum, carry) = diagram.reduce(&mut m);
        m.output("sum_o", sum, "sum word");
        let carry = m.slice(carry, 1, width - 1);
        m.output("carry_o", carry, "carry word, weight 2");
        netlist.intern(m.finish()?)
    }
}

fn connect(m: &mut ModuleBuilder, netlist: &NetlistBuilder, name: &str, module: ModuleId, ports: &[(String, NetId)]) {
    let ports: Vec<(&str, NetId)> = ports.iter().map(|(port, net)| (port.as_str(), *net)).collect();
    m.instance(netlist, name, module, &ports);
}
