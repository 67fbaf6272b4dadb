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

use super::compressor::DotDiagram;
use super::copies::{Copies, Wire};
use super::encoder::{EncoderPorts, Lines, encoder, place_encoder};
use super::multiply::{Carried, Multiply};
use super::partial_product::PartialProducts;
use super::reduce::word;
use crate::encoding::EncodingKind;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError, RegisterControl, SkewDepth};

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

/// A carry-save pair `sum + 2 * carry` that is exact, less `offset`.
#[derive(Clone, Copy, Debug)]
struct OffsetPair {
    sum: NetId,
    carry: NetId,
    offset: u64,
    /// The largest value of the pair.
    maximum: u64,
}

/// Where the bit weights are worked on one after the other: the one at hand, one-hot, at each stage.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// Where digits are selected.
    pub select: NetId,
    /// Where the narrow sum is shifted.
    pub shift: NetId,
    /// Where the shifted sum is accumulated.
    pub sum: NetId,
}

/// Bits of the numbers 0 to `maximum`.
fn bits_of(maximum: u64) -> u32 {
    64 - maximum.leading_zeros()
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

    /// The digits of one bit weight in a narrow tree; its pair is shifted to where it belongs and accumulated.
    fn one_weight(
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
        let selected = selector(netlist, &self.multiply)?;
        let digit = m.bundle("digit", digits.lines.len() as u32, self.depth);
        let wires =
            [("x_i", Wire::Own(operands.0)), ("weight_i", Wire::Shared(weights.select)), ("digit_o", Wire::Own(digit))];
        self.copies(netlist, selected, "digit_select").place(m, &wires);
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

    /// A narrow tree for each bit weight, then all of them shifted and joined.
    fn aligned(
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
    fn bit_weight(
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

    /// One pair from several, each shifted to its weight.
    fn sum_of(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        name: &str,
        pairs: &[(OffsetPair, u32)],
    ) -> Result<OffsetPair, NetlistError> {
        let total =
            |value: &dyn Fn(&OffsetPair) -> u64| pairs.iter().map(|(pair, low)| value(pair) << low).sum::<u64>();
        let maximum = total(&|pair| pair.maximum);
        let width = bits_of(maximum);
        let shapes: Vec<String> = pairs.iter().map(|(pair, low)| format!("w{}l{low}", m.width(pair.sum))).collect();
        let mut tree = ModuleBuilder::new(format!("{}_join_{}", self.prefix(), shapes.join("_")));
        tree.doc(format!("Joins {} carry-save pairs, each at its weight, into one.", pairs.len()));
        let mut diagram = DotDiagram::new(width);
        let mut wires = Vec::new();
        for (index, (pair, low)) in pairs.iter().enumerate() {
            let names = (format!("sum{index}_i"), format!("carry{index}_i"));
            let sum = tree.input(&names.0, m.width(pair.sum), &format!("sum word, weight {}", 1_u64 << low));
            let carry = tree.input(&names.1, m.width(pair.carry), &format!("carry word, weight {}", 2_u64 << low));
            diagram.add_word(&tree, sum, *low, 0);
            diagram.add_word(&tree, carry, low + 1, 0);
            wires.extend([(names.0, pair.sum), (names.1, pair.carry)]);
        }
        finish_tree(&mut tree, diagram, width);
        let tree = netlist.intern(tree.finish()?)?;
        let names = (format!("{name}_sum"), format!("{name}_carry"));
        let (sum, carry) = place_tree(m, netlist, &format!("{name}_tree"), tree, wires, (&names.0, &names.1), width);
        Ok(OffsetPair { sum, carry, offset: total(&|pair| pair.offset), maximum })
    }

    /// The carried pair plus a pair, whose offset is taken away.
    fn accumulate(
        &self,
        netlist: &mut NetlistBuilder,
        m: &mut ModuleBuilder,
        pair: &OffsetPair,
        carried: (NetId, NetId),
        correction: Option<NetId>,
    ) -> Result<Carried, NetlistError> {
        let width = self.multiply.acc_bits;
        let (sum_bits, carry_bits) = (m.width(pair.sum), m.width(pair.carry));
        let mut tree = ModuleBuilder::new(format!("{}_compressor_4to2_w{width}_from{sum_bits}", self.prefix()));
        tree.doc("Compressor: a narrow carry-save pair is added to the carried one, and its offset taken away.");
        let low_sum = tree.input("low_sum_i", sum_bits, "sum word of the narrow pair");
        let low_carry = tree.input("low_carry_i", carry_bits, "carry word of the narrow pair, weight 2");
        let sum = tree.input("sum_i", width, "sum word of the carried pair");
        let carry = tree.input("carry_i", width - 1, "carry word of the carried pair, weight 2");
        let mut diagram = DotDiagram::new(width);
        diagram.add_word(&tree, sum, 0, 0);
        diagram.add_word(&tree, carry, 1, 0);
        diagram.add_word(&tree, low_sum, 0, 0);
        diagram.add_word(&tree, low_carry, 1, 0);
        diagram.add_constant(pair.offset.wrapping_neg());
        if correction.is_some() {
            let correction = tree.input("correction_i", width, "minus the offset of the narrow pair");
            diagram.add_word(&tree, correction, 0, 0);
        }
        finish_tree(&mut tree, diagram, width);
        let tree = netlist.intern(tree.finish()?)?;
        let mut wires = vec![
            ("low_sum_i".to_owned(), pair.sum),
            ("low_carry_i".to_owned(), pair.carry),
            ("sum_i".to_owned(), carried.0),
            ("carry_i".to_owned(), carried.1),
        ];
        wires.extend(correction.map(|net| ("correction_i".to_owned(), net)));
        let (sum, carry) = place_tree(m, netlist, "compressor", tree, wires, ("sum_d", "carry_d"), width);
        Ok(Carried::Pair(sum, carry))
    }
}

/// What every lane has before its partial products are reduced: bundles of `depth` lanes.
struct Lanes {
    /// Partial products, slot by slot.
    pp: Vec<NetId>,
    /// Sign lines, if the encoding has any.
    neg: Option<NetId>,
}

/// Ports of a tree that takes the partial products of one or several lanes.
struct TreePorts {
    pp: Vec<NetId>,
    neg: Option<NetId>,
    depth: u32,
}

impl Lanes {
    /// Encoders (unless the multiplier is encoded already) and partial products of all lanes.
    fn new(
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
    fn ports(&self, tree: &mut ModuleBuilder, products: &PartialProducts, depth: u32) -> TreePorts {
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
    fn wires(&self) -> Vec<(String, NetId)> {
        let mut wires: Vec<(String, NetId)> =
            self.pp.iter().enumerate().map(|(slot, &net)| (format!("pp{slot}_i"), net)).collect();
        wires.extend(self.neg.map(|neg| ("neg_i".to_owned(), neg)));
        wires
    }
}

impl TreePorts {
    /// Partial products and sign lines of one lane.
    fn lane(&self, tree: &mut ModuleBuilder, lane: u32) -> (Vec<NetId>, Option<NetId>) {
        let mut of = |net: NetId| if self.depth == 1 { net } else { tree.lane(net, lane) };
        (self.pp.iter().map(|&net| of(net)).collect(), self.neg.map(of))
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

/// The pair one edge later.
fn registered(m: &mut ModuleBuilder, name: &str, pair: OffsetPair, advance: NetId) -> OffsetPair {
    let load = RegisterControl { enable: Some(advance), ..Default::default() };
    let sum = m.register(&format!("{name}_sum_q"), pair.sum, load);
    let carry = m.register(&format!("{name}_carry_q"), pair.carry, load);
    OffsetPair { sum, carry, ..pair }
}

/// Reduces the diagram and gives the tree its outputs, the carry word without its constant lowest bit.
fn finish_tree(tree: &mut ModuleBuilder, diagram: DotDiagram, width: u32) {
    let (sum, carry) = diagram.reduce(tree);
    tree.output("sum_o", sum, "sum word");
    let carry = tree.slice(carry, 1, width - 1);
    tree.output("carry_o", carry, "carry word, weight 2");
}

/// Places a tree whose results are the nets `sum` and `carry`.
fn place_tree(
    m: &mut ModuleBuilder,
    netlist: &NetlistBuilder,
    name: &str,
    tree: ModuleId,
    mut wires: Vec<(String, NetId)>,
    (sum, carry): (&str, &str),
    width: u32,
) -> (NetId, NetId) {
    let (sum, carry) = (m.net(sum, width), m.net(carry, width - 1));
    wires.extend([("sum_o".to_owned(), sum), ("carry_o".to_owned(), carry)]);
    let wires: Vec<(&str, NetId)> = wires.iter().map(|(port, net)| (port.as_str(), *net)).collect();
    m.instance(netlist, name, tree, &wires);
    (sum, carry)
}

fn no_encoding(m: &ModuleBuilder) -> NetlistError {
    NetlistError::WordWidth {
        module: m.module_name().to_owned(),
        net: "a pair without an encoding".to_owned(),
        width: 0,
    }
}
