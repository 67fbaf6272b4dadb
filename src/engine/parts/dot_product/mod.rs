//! Several products at once: what a PE with a spatial part of K does in a step.
//!
//! - *Words*: every product is resolved, a binary tree of adders sums them, an adder accumulates.
//! - *Pairs* (OPT1): all partial products of all lanes meet the carried pair in one compressor tree. With stages, each
//!   lane compresses its product to a pair, a tree of 4:2 compressors joins them, a register after each level.
//! - *Aligned pairs* (OPT2): the partial products of one bit weight are summed in a narrow tree of their own, without shift
//!   or sign extension; the pairs of all bit weights are shifted and meet the carried pair.
//!
//! Inside a staged or aligned tree, words carry an offset that makes them positive ([`DotDiagram::add_offset`]): so a pair
//! is exact at its own width, and widens by zeros. The offsets are one constant, taken away where the pair is accumulated.

mod bit_weight;
mod lanes;
mod pair;

use super::compressor::DotDiagram;
use super::copies::{Copies, Wire};
use super::multiply::{Carried, Multiply};
use super::partial_product::PartialProducts;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, RegisterControl, SkewDepth};
use lanes::Lanes;
use pair::{OffsetPair, bits_of, finish_tree, place_tree, registered};

/// A unit of `depth` multiplications and one accumulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DotProduct {
    /// One of its multiplications.
    pub multiply: Multiply,
    /// How many there are.
    pub depth: u32,
    /// Whether partial products are reduced bit weight by bit weight.
    pub aligned: bool,
    /// Whether there is a register after the products and after each level of the tree.
    pub staged: bool,
}

/// Where the bit weights are worked on one after the other: the one at hand, one-hot, at each stage.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// Where digits are selected; `None` if the multiplier arrives as the digit of the bit weight at hand.
    pub select: Option<NetId>,
    /// Where the narrow sum is shifted.
    pub shift: NetId,
    /// Where the shifted sum is accumulated.
    pub sum: NetId,
}

impl DotProduct {
    /// Registers between operands and accumulator, `carries_pair` saying what is accumulated.
    pub fn stages(&self, carries_pair: bool) -> u32 {
        match (self.staged, carries_pair && self.aligned) {
            (false, _) => 0,
            (true, true) => 2,
            (true, false) => 1 + self.levels(),
        }
    }

    /// Levels of a binary tree over all lanes.
    fn levels(&self) -> u32 {
        32 - (self.depth - 1).leading_zeros()
    }

    /// Builds `carried + sum over lanes of multiplier * multiplicand`, modulo 2^acc_bits. Operands have a lane each; `advance`
    /// moves the stages; `weights` are given where the loop over the bit weight is temporal, for aligned pairs. The result belongs to operands of [`stages`](Self::stages) edges ago.
    ///
    /// # Errors
    /// Whatever the builders notice.
    pub fn build(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        operands: (NetId, NetId),
        carried: Carried,
        (advance, weights): (NetId, Option<Weights>),
    ) -> Result<Carried, NetlistError> {
        match carried {
            _ if self.depth == 1 && !self.staged && weights.is_none() => {
                self.multiply.build(netlist, m, operands, carried)
            }
            Carried::Word(acc) if weights.is_some() => {
                let products = self.multiply.partial_products().ok_or_else(|| no_encoding(m))?;
                let weights = weights.ok_or_else(|| no_encoding(m))?;
                // The accumulator is one word: it enters the last compressor alone, and carries propagate behind it.
                let nothing = m.constant(self.multiply.acc_bits - 1, 0);
                let next = self.one_weight(netlist, m, &products, operands, (acc, nothing), (advance, weights))?;
                let Carried::Pair(sum, carry) = next else { return Ok(next) };
                let zero = m.constant(1, 0);
                let carry = m.concat(&[carry, zero]);
                Ok(Carried::Word(m.add("acc_d", sum, carry)))
            }
            Carried::Word(acc) => self.words(netlist, m, operands, acc, advance).map(Carried::Word),
            Carried::Pair(sum, carry) => {
                let products = self.multiply.partial_products().ok_or_else(|| no_encoding(m))?;
                if let Some(weights) = weights {
                    return self.one_weight(netlist, m, &products, operands, (sum, carry), (advance, weights));
                }
                let lanes = Lanes::new(self, netlist, m, &products, operands)?;
                let pair = if self.aligned {
                    self.aligned(netlist, m, &products, &lanes, advance)?
                } else if self.staged {
                    self.joined(netlist, m, &products, &lanes, advance)?
                } else {
                    return self.at_once(netlist, m, &products, &lanes, (sum, carry));
                };
                self.accumulate(netlist, m, &pair, (sum, carry), None)
            }
        }
    }

    fn prefix(&self) -> &str {
        &self.multiply.prefix
    }

    fn copies<'a>(&self, netlist: &'a NetlistBuilder, module: ModuleId, name: &'static str) -> Copies<'a> {
        Copies { netlist, module, name, axis: ("k", self.depth) }
    }

    /// Resolved products in a tree of adders.
    fn words(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        (multiplier, multiplicand): (NetId, NetId),
        acc: NetId,
        advance: NetId,
    ) -> Result<NetId, NetlistError> {
        let multiply = &self.multiply;
        let width = multiply.multiplier_bits + multiply.multiplicand_bits;
        let mut lane = ModuleBuilder::new(format!(
            "{}_multiplier_w{}x{}",
            self.prefix(),
            multiply.multiplier_bits,
            multiply.multiplicand_bits
        ));
        lane.doc("Multiplier of one lane: the product, its carries resolved.");
        let what = if multiply.encoded { "select lines of the multiplier" } else { "multiplier" };
        let x = lane.input("x_i", multiply.multiplier_port_bits(), what);
        let y = lane.input("y_i", multiply.multiplicand_bits, "multiplicand");
        let product = multiply.product(netlist, &mut lane, (x, y))?;
        lane.output("product_o", product, "product, two's complement");
        let lane = netlist.intern(lane.finish()?)?;
        let mut products = m.bundle("products", width, self.depth);
        let wires =
            [("x_i", Wire::Own(multiplier)), ("y_i", Wire::Own(multiplicand)), ("product_o", Wire::Own(products))];
        self.copies(netlist, lane, "multiplier").place(m, &wires);
        if self.staged {
            products = m.skew("products_q", products, SkewDepth::Uniform(1), Some(advance), false);
        }
        let mut words: Vec<NetId> = match self.depth {
            1 => vec![products],
            depth => (0..depth).map(|lane| m.lane(products, lane)).collect(),
        };
        let load = RegisterControl { enable: Some(advance), ..Default::default() };
        let mut level = 0;
        while words.len() > 1 {
            level += 1;
            let width = width + level;
            words = words
                .chunks(2)
                .enumerate()
                .map(|(place, pair)| {
                    let name = format!("sum{level}_{place}");
                    let wide: Vec<NetId> = pair.iter().map(|&word| m.sign_extend(word, width)).collect();
                    let sum = match wide[..] {
                        [left, right] => m.add(&name, left, right),
                        _ => wide[0],
                    };
                    if self.staged { m.register(&format!("{name}_q"), sum, load) } else { sum }
                })
                .collect();
        }
        let total = match m.width(words[0]) <= multiply.acc_bits {
            true => m.sign_extend(words[0], multiply.acc_bits),
            // What lies above the accumulator is of no weight in it.
            false => m.slice(words[0], 0, multiply.acc_bits),
        };
        Ok(m.add("acc_d", acc, total))
    }

    /// One compressor tree over the partial products of all lanes and the carried pair.
    fn at_once(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        products: &PartialProducts,
        lanes: &Lanes,
        carried: (NetId, NetId),
    ) -> Result<Carried, NetlistError> {
        let (width, slots) = (self.multiply.acc_bits, products.digits.slots);
        let addends = self.depth * slots + 2;
        let mut tree = ModuleBuilder::new(format!("{}_compressor_{addends}to2_w{width}", self.prefix()));
        tree.doc(format!(
            "Compressor tree: {slots} partial products of each of {} lanes and a carry-save pair",
            self.depth
        ));
        tree.doc("become one carry-save pair, sum + 2 * carry, without carry propagation.");
        let ports = lanes.ports(&mut tree, products, self.depth);
        let sum = tree.input("sum_i", width, "sum word of the carried pair");
        let carry = tree.input("carry_i", width - 1, "carry word of the carried pair, weight 2");
        let mut diagram = DotDiagram::new(width);
        diagram.add_word(&tree, sum, 0, 0);
        diagram.add_word(&tree, carry, 1, 0);
        for lane in 0..self.depth {
            let (pp, neg) = ports.lane(&mut tree, lane);
            let offset = products.add_offset_to(&mut tree, &mut diagram, &format!("signs{lane}_n"), &pp, neg);
            diagram.add_constant(offset.wrapping_neg());
        }
        finish_tree(&mut tree, diagram, width);
        let tree = netlist.intern(tree.finish()?)?;
        let mut wires = lanes.wires();
        wires.extend([("sum_i".to_owned(), carried.0), ("carry_i".to_owned(), carried.1)]);
        let (sum, carry) = place_tree(m, netlist, "compressor", tree, wires, ("sum_d", "carry_d"), width);
        Ok(Carried::Pair(sum, carry))
    }

    /// A pair for each lane, joined by 4:2 compressors, a register after each level.
    fn joined(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        products: &PartialProducts,
        lanes: &Lanes,
        advance: NetId,
    ) -> Result<OffsetPair, NetlistError> {
        let slots = products.digits.slots;
        let maximum = products.offset_maximum();
        let width = bits_of(maximum);
        let mut tree = ModuleBuilder::new(format!("{}_compressor_{slots}to2_w{width}", self.prefix()));
        tree.doc(format!("Compressor tree: the {slots} partial products of a lane become a carry-save pair,"));
        tree.doc("sum + 2 * carry, with an offset that makes each of them positive.");
        let ports = lanes.ports(&mut tree, products, 1);
        let mut diagram = DotDiagram::new(width);
        let (pp, neg) = ports.lane(&mut tree, 0);
        let offset = products.add_offset_to(&mut tree, &mut diagram, "signs_n", &pp, neg);
        finish_tree(&mut tree, diagram, width);
        let tree = netlist.intern(tree.finish()?)?;
        let (sums, carries) =
            (m.bundle("lane_sums", width, self.depth), m.bundle("lane_carries", width - 1, self.depth));
        let wires = lanes.wires();
        let mut wires: Vec<(&str, Wire)> = wires.iter().map(|(port, net)| (port.as_str(), Wire::Own(*net))).collect();
        wires.extend([("sum_o", Wire::Own(sums)), ("carry_o", Wire::Own(carries))]);
        self.copies(netlist, tree, "lane_compressor").place(m, &wires);
        let stage = |m: &mut ModuleBuilder, name: &str, bundle: NetId| {
            m.skew(name, bundle, SkewDepth::Uniform(1), Some(advance), false)
        };
        let (sums, carries) = (stage(m, "lane_sums_q", sums), stage(m, "lane_carries_q", carries));
        let mut pairs: Vec<OffsetPair> = (0..self.depth)
            .map(|lane| match self.depth {
                1 => OffsetPair { sum: sums, carry: carries, offset, maximum },
                _ => OffsetPair { sum: m.lane(sums, lane), carry: m.lane(carries, lane), offset, maximum },
            })
            .collect();
        let mut level = 0;
        while pairs.len() > 1 {
            level += 1;
            let mut next = Vec::new();
            for (place, two) in pairs.chunks(2).enumerate() {
                let name = format!("join{level}_{place}");
                let joined = match *two {
                    [left, right] => self.sum_of(netlist, m, &name, &[(left, 0), (right, 0)])?,
                    _ => two[0],
                };
                next.push(registered(m, &name, joined, advance));
            }
            pairs = next;
        }
        Ok(pairs[0])
    }
}

fn no_encoding(m: &ModuleBuilder) -> NetlistError {
    NetlistError::WordWidth {
        module: m.module_name().to_owned(),
        net: "a pair without an encoding".to_owned(),
        width: 0,
    }
}
