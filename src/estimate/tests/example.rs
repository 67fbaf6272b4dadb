//! Processing elements built by hand, and random logic: what the other tests measure.

use crate::netlist::{Module, ModuleBuilder, ModuleId, NetId, Netlist, NetlistBuilder, Op, RegisterControl, ResetKind};

/// A small deterministic generator (xorshift64*).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }
}

/// A netlist of one module.
pub fn alone(module: Module) -> Netlist {
    let mut netlist = NetlistBuilder::new();
    let top = netlist.intern(module).expect("one module");
    netlist.finish(top, ResetKind::AsyncLow)
}

pub const TOP: ModuleId = ModuleId(0);

/// Radix-4 Booth partial products of two 8-bit operands, extended to `width` bits and shifted to their weight, and the four
/// corrections that complete the negative ones.
pub fn booth_partial_products(m: &mut ModuleBuilder, a: NetId, b: NetId, width: u32) -> (Vec<NetId>, NetId) {
    let zero = m.constant(1, 0);
    let mut rows = Vec::new();
    let mut corrections = Vec::new();
    let wide = m.sign_extend(b, 9);
    let low = m.slice(b, 0, 8);
    let double = m.concat(&[low, zero]);
    for slot in 0..4u32 {
        let high = m.bit(a, 2 * slot + 1);
        let mid = m.bit(a, 2 * slot);
        let below = if slot == 0 { zero } else { m.bit(a, 2 * slot - 1) };
        let one = m.xor(&format!("encoder_one_{slot}"), &[mid, below]);
        let same = m.equal(&format!("encoder_same_{slot}"), mid, below);
        let differs = m.xor(&format!("encoder_differs_{slot}"), &[high, mid]);
        let two = m.and(&format!("encoder_two_{slot}"), &[same, differs]);
        let one_mask = m.sign_extend(one, 9);
        let two_mask = m.sign_extend(two, 9);
        let neg_mask = m.sign_extend(high, 9);
        let single = m.and(&format!("partial_product_single_{slot}"), &[wide, one_mask]);
        let doubled = m.and(&format!("partial_product_double_{slot}"), &[double, two_mask]);
        let chosen = m.or(&format!("partial_product_chosen_{slot}"), &[single, doubled]);
        let signed = m.xor(&format!("partial_product_{slot}"), &[chosen, neg_mask]);
        let mut row = m.sign_extend(signed, width - 2 * slot);
        if slot > 0 {
            let zeros = m.constant(2 * slot, 0);
            row = m.concat(&[row, zeros]);
        }
        rows.push(row);
        corrections.push((slot, high));
    }
    // -x = !x + 1: the ones have weights 0, 2, 4, 6.
    let mut bits = Vec::new();
    for &(slot, high) in corrections.iter().rev() {
        bits.push(high);
        if slot > 0 {
            bits.push(zero);
        }
    }
    let packed = m.concat(&bits);
    let correction = m.zero_extend(packed, width);
    (rows, correction)
}

/// A carry word moved to its weight, its top bit dropped.
fn shifted(m: &mut ModuleBuilder, carry: NetId) -> NetId {
    let width = m.width(carry);
    let kept = m.slice(carry, 0, width - 1);
    let zero = m.constant(1, 0);
    m.concat(&[kept, zero])
}

/// Rows of equal width to two, by rows of full adders.
pub fn tree(m: &mut ModuleBuilder, mut rows: Vec<NetId>) -> (NetId, NetId) {
    let mut index = 0;
    while rows.len() > 2 {
        let mut next = Vec::new();
        for chunk in rows.chunks(3) {
            match *chunk {
                [x, y, z] => {
                    let (sum, carry) = m.compress32(&format!("compressor_{index}"), x, y, z);
                    index += 1;
                    let carry = shifted(m, carry);
                    next.extend([sum, carry]);
                }
                ref rest => next.extend(rest),
            }
        }
        rows = next;
    }
    (rows[0], rows[1])
}

/// The structural MAC: encoder, partial products, tree, adder, accumulator with its adder; operands registered.
pub fn mac_pe() -> Netlist {
    let mut m = ModuleBuilder::new("mac_pe");
    let (a, b) = (m.input("a_i", 8, ""), m.input("b_i", 8, ""));
    let a_q = m.register("a_q", a, RegisterControl::default());
    let b_q = m.register("b_q", b, RegisterControl::default());
    let (mut rows, correction) = booth_partial_products(&mut m, a_q, b_q, 16);
    rows.push(correction);
    let (sum, carry) = tree(&mut m, rows);
    let product = m.add("product", sum, carry);
    let extended = m.sign_extend(product, 32);
    let acc_d = m.net("acc_d", 32);
    let acc_q = m.register("acc_q", acc_d, RegisterControl { reset: Some(0), ..Default::default() });
    m.cell(Op::Add, &[acc_q, extended], &[acc_d]);
    m.output("c_o", acc_q, "");
    alone(m.finish().expect("a sound module"))
}

/// The OPT1 PE: the tree takes four partial products, sum and carry; no carry propagates.
pub fn opt1_pe() -> Netlist {
    let mut m = ModuleBuilder::new("opt1_pe");
    let (a, b) = (m.input("a_i", 8, ""), m.input("b_i", 8, ""));
    let a_q = m.register("a_q", a, RegisterControl::default());
    let b_q = m.register("b_q", b, RegisterControl::default());
    let (mut rows, correction) = booth_partial_products(&mut m, a_q, b_q, 32);
    rows.push(correction);
    let sum_d = m.net("sum_d", 32);
    let carry_d = m.net("carry_d", 32);
    let reset = RegisterControl { reset: Some(0), ..Default::default() };
    let sum_q = m.register("sum_q", sum_d, reset);
    let carry_q = m.register("carry_q", carry_d, reset);
    rows.extend([sum_q, carry_q]);
    let (sum, carry) = tree(&mut m, rows);
    m.drive(sum_d, sum);
    m.drive(carry_d, carry);
    m.output("sum_o", sum_q, "");
    m.output("carry_o", carry_q, "");
    alone(m.finish().expect("a sound module"))
}

/// A module of `cells` random operations on two to four random inputs; every net that nobody reads is an output.
pub fn random_logic(random: &mut Random, cells: usize) -> Module {
    let mut m = ModuleBuilder::new("random_logic");
    let mut nets: Vec<NetId> = Vec::new();
    for index in 0..2 + random.below(3) {
        let width = 1 + random.below(12) as u32;
        nets.push(m.input(&format!("in{index}_i"), width, ""));
    }
    let mut fresh = Vec::new();
    for index in 0..cells {
        let pick = |random: &mut Random| nets[random.below(nets.len() as u64) as usize];
        let x = pick(random);
        let width = m.width(x);
        // Brings another net to the width of `x`, by wiring of some kind.
        let like = |m: &mut ModuleBuilder, random: &mut Random| {
            let y = pick(random);
            let have = m.width(y);
            if have >= width {
                m.slice(y, random.below(u64::from(have - width) + 1) as u32, width)
            } else if random.below(2) == 0 {
                m.sign_extend(y, width)
            } else {
                m.zero_extend(y, width)
            }
        };
        let (y, z) = (like(&mut m, random), like(&mut m, random));
        let name = format!("n{index}");
        let made = match random.below(14) {
            0 => vec![m.not(&name, x)],
            1 => vec![m.and(&name, &[x, y])],
            2 => vec![m.or(&name, &[x, y, z])],
            3 => vec![m.xor(&name, &[x, y, z])],
            4 => {
                let select = pick(random);
                let select = m.bit(select, random.below(u64::from(m.width(select))) as u32);
                vec![m.mux(&name, select, y, z)]
            }
            5 => vec![m.equal(&name, x, y)],
            6 => vec![m.add(&name, x, y)],
            7 => vec![m.sub(&name, x, y)],
            8 if width <= 8 => {
                let narrow = pick(random);
                let narrow = m.slice(narrow, 0, m.width(narrow).min(5));
                vec![m.mul_signed(&name, x, narrow)]
            }
            9 | 10 => {
                let (sum, carry) = m.compress32(&name, x, y, z);
                vec![sum, carry]
            }
            11 => {
                let (sum, carry) = m.compress22(&name, x, y);
                vec![sum, carry]
            }
            12 => {
                let value = random.next() & ((1 << width) - 1);
                let known = m.constant(width, value);
                vec![m.add(&name, x, known)]
            }
            _ if width + m.width(y) <= 20 => {
                let joined = m.concat(&[x, y]);
                vec![m.named(&name, joined)]
            }
            _ => vec![m.named(&name, y)],
        };
        nets.extend(&made);
        fresh.extend(made);
    }
    for (index, net) in fresh.into_iter().enumerate() {
        m.output(&format!("out{index}_o"), net, "");
    }
    m.finish().expect("widths were made to meet")
}
