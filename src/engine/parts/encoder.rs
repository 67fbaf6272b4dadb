//! Encoders: a two's complement operand becomes the select lines of its digits.
//!
//! A digit leaves the encoder as one-hot magnitude lines (`one`, `two` ...; none set is 0) and a sign line. A sign line
//! may be set on a digit of 0: minus zero, which the partial product and its correction bit cancel.

use super::reduce::any;
use crate::encoding::EncodingKind;
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

/// The select lines of one kind, over the slots that can have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Port stem: `one`, `two`, `three`, `four` or `neg`.
    pub name: &'static str,
    /// Digit magnitude that it selects; 0 for the sign.
    pub magnitude: u32,
    /// Slots, ascending; bit `i` of the port belongs to `slots[i]`.
    pub slots: Vec<u32>,
}

/// What an encoder's ports carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncoderPorts {
    /// log2 of the radix.
    pub radix_bits: u32,
    /// How many digits.
    pub slots: u32,
    /// Magnitude lines, ascending, then the sign.
    pub lines: Vec<Lines>,
}

impl EncoderPorts {
    /// The ports of the encoder of `kind` for operands of `bits` bits.
    pub fn new(kind: EncodingKind, bits: u32) -> Self {
        let radix_bits = match kind {
            EncodingKind::TwosComplement | EncodingKind::SignMagnitude | EncodingKind::Csd => 1,
            EncodingKind::Booth4 | EncodingKind::EnT | EncodingKind::Naf4 => 2,
            EncodingKind::Booth8 => 3,
        };
        let slots = bits.div_ceil(radix_bits);
        let all = || (0..slots).collect::<Vec<_>>();
        // A top slot that holds fewer bits than the others only reaches the smaller magnitudes.
        let top_bits = bits - (slots - 1) * radix_bits;
        let below = |full: u32| (0..slots - u32::from(top_bits < full)).collect::<Vec<_>>();
        let line = |name, magnitude, slots| Lines { name, magnitude, slots };
        let mut lines = vec![line("one", 1, all())];
        if radix_bits == 2 {
            lines.push(line("two", 2, below(2)));
        }
        if radix_bits == 3 {
            lines.push(line("two", 2, below(2)));
            lines.push(line("three", 3, below(3)));
            lines.push(line("four", 4, below(3)));
        }
        let signed = if kind == EncodingKind::TwosComplement { vec![slots - 1] } else { all() };
        lines.push(line("neg", 0, signed));
        lines.retain(|lines| !lines.slots.is_empty());
        Self { radix_bits, slots, lines }
    }

    /// Bits of all select lines of an operand.
    pub fn word_bits(&self) -> u32 {
        self.lines.iter().map(|lines| lines.slots.len() as u32).sum()
    }

    /// The select lines of `digits` (least significant first) as one word, the words of `lines` side by side, the first one
    /// lowest. A digit of 0 has no line set.
    pub fn pack(&self, digits: &[i8]) -> u64 {
        let mut word = 0;
        let mut bit = 0;
        for lines in &self.lines {
            for &slot in &lines.slots {
                let digit = digits[slot as usize];
                let set = match lines.magnitude {
                    0 => digit < 0,
                    magnitude => u32::from(digit.unsigned_abs()) == magnitude,
                };
                word |= u64::from(set) << bit;
                bit += 1;
            }
        }
        word
    }

    /// The words of `lines`, cut out of all select lines as one word.
    pub fn words(&self, m: &mut ModuleBuilder, packed: NetId) -> Vec<NetId> {
        let mut low = 0;
        let mut words = Vec::new();
        for lines in &self.lines {
            let width = lines.slots.len() as u32;
            words.push(m.slice(packed, low, width));
            low += width;
        }
        words
    }

    /// The terms of a radix-2 encoding, from the words of `lines`: which digits are not 0, and which have a sign, over all slots.
    pub fn signed_terms(&self, m: &mut ModuleBuilder, words: &[NetId]) -> (NetId, NetId) {
        let mut at = |magnitude: u32| {
            let found = self.lines.iter().zip(words).find(|(lines, _)| lines.magnitude == magnitude);
            // The slots of a line follow each other up to the top one.
            match found {
                Some((_, &word)) if m.width(word) == self.slots => word,
                Some((_, &word)) => {
                    let zeros = m.constant(self.slots - m.width(word), 0);
                    m.concat(&[word, zeros])
                }
                None => m.constant(self.slots, 0),
            }
        };
        (at(1), at(0))
    }

    /// One digit's lines: those of the slot that is set in the one-hot word `weight`.
    pub fn at_weight(&self, m: &mut ModuleBuilder, words: &[NetId], weight: NetId) -> Vec<NetId> {
        let mut bits = Vec::new();
        for (lines, &all) in self.lines.iter().zip(words) {
            // The slots of a line follow each other.
            let weight = m.slice(weight, lines.slots[0], m.width(all));
            let at_weight = m.and(&format!("{}_at_weight", lines.name), &[all, weight]);
            bits.push(any(m, lines.name, at_weight));
        }
        bits
    }

    /// The largest digit magnitude that slot `slot` can have.
    pub fn max_magnitude(&self, slot: u32) -> u32 {
        self.lines.iter().filter(|lines| lines.slots.contains(&slot)).map(|lines| lines.magnitude).max().unwrap_or(0)
    }
}

/// Places an encoder and returns the words of its lines.
pub fn place_encoder(
    m: &mut ModuleBuilder,
    netlist: &NetlistBuilder,
    encode: ModuleId,
    ports: &EncoderPorts,
    x: NetId,
) -> Vec<NetId> {
    let mut wires = vec![("x_i".to_owned(), x)];
    let mut words = Vec::new();
    for lines in &ports.lines {
        let net = m.net(format!("all_{}", lines.name), lines.slots.len() as u32);
        wires.push((format!("{}_o", lines.name), net));
        words.push(net);
    }
    let wires: Vec<(&str, NetId)> = wires.iter().map(|(port, net)| (port.as_str(), *net)).collect();
    m.instance(netlist, "encoder", encode, &wires);
    words
}

/// An encoder at the edge of an array: input `x_i` of `bits` bits, two's complement if `signed`; output `digits_o`, all select
/// lines as one word, those of the first kind lowest.
///
/// # Errors
/// Those of [`encoder`].
pub fn edge_encoder(
    netlist: &mut NetlistBuilder,
    prefix: &str,
    kind: EncodingKind,
    (bits, signed): (u32, bool),
) -> Result<ModuleId, NetlistError> {
    let word_bits = bits + u32::from(!signed);
    let ports = EncoderPorts::new(kind, word_bits);
    let encode = encoder(netlist, prefix, kind, word_bits)?;
    let tag = kind.encoding().name().replace('-', "_");
    let mut m = ModuleBuilder::new(format!("{prefix}_edge_encoder_{tag}_w{bits}"));
    m.doc("Encoder at the edge: all select lines of an operand as one word, a kind of line after the other,");
    let names: Vec<&str> = ports.lines.iter().map(|lines| lines.name).collect();
    m.doc(format!("from the lowest bit: {}.", names.join(", ")));
    let x = m.input("x_i", bits, if signed { "operand, two's complement" } else { "operand, never negative" });
    let x = if signed { x } else { m.zero_extend(x, word_bits) };
    let mut words = place_encoder(&mut m, netlist, encode, &ports, x);
    words.reverse();
    let digits = m.concat(&words);
    m.output("digits_o", digits, "select lines");
    netlist.intern(m.finish()?)
}

/// The encoder module: input `x_i`, one output word a kind of line (`one_o`, `two_o`, ... `neg_o`).
///
/// # Errors
/// None with widths of 2 to 16 bits; whatever the builder notices otherwise.
pub fn encoder(
    netlist: &mut NetlistBuilder,
    prefix: &str,
    kind: EncodingKind,
    bits: u32,
) -> Result<ModuleId, NetlistError> {
    let ports = EncoderPorts::new(kind, bits);
    let tag = kind.encoding().name().replace('-', "_");
    let mut m = ModuleBuilder::new(format!("{prefix}_encoder_{tag}_w{bits}"));
    m.doc(format!(
        "{} encoder: {} {bits}-bit two's complement operand becomes {} digits",
        kind.encoding().name(),
        if matches!(bits, 8 | 11) { "an" } else { "a" },
        ports.slots
    ));
    m.doc(format!(
        "of radix {}; bit i of a port belongs to the i-th slot that has such a line.",
        1 << ports.radix_bits
    ));
    let x = m.input("x_i", bits, "operand, two's complement");
    let words = match kind {
        EncodingKind::TwosComplement => twos_complement(&mut m, x),
        EncodingKind::SignMagnitude => sign_magnitude(&mut m, x),
        EncodingKind::Csd => {
            let (negative, any) = canonical(&mut m, x);
            vec![any, negative]
        }
        EncodingKind::Naf4 => naf4(&mut m, x, ports.slots),
        EncodingKind::Booth4 => booth4(&mut m, x, ports.slots),
        EncodingKind::Booth8 => booth8(&mut m, x, &ports),
        EncodingKind::EnT => en_t(&mut m, x, &ports),
    };
    for (lines, word) in ports.lines.iter().zip(words) {
        let doc = match lines.magnitude {
            0 => "digit is negative".to_owned(),
            magnitude => format!("digit is {magnitude} or -{magnitude}"),
        };
        m.output(&format!("{}_o", lines.name), word, &doc);
    }
    netlist.intern(m.finish()?)
}

fn twos_complement(m: &mut ModuleBuilder, x: NetId) -> Vec<NetId> {
    let top = m.bit(x, m.width(x) - 1);
    vec![x, top]
}

/// The magnitude of `x` and its sign.
fn magnitude(m: &mut ModuleBuilder, x: NetId) -> (NetId, NetId) {
    let bits = m.width(x);
    let sign = m.bit(x, bits - 1);
    let sign = m.named("sign", sign);
    let mask = m.sign_extend(sign, bits);
    let flipped = m.xor("flipped", &[x, mask]);
    let carry = m.zero_extend(sign, bits);
    (m.add("magnitude", flipped, carry), sign)
}

fn sign_magnitude(m: &mut ModuleBuilder, x: NetId) -> Vec<NetId> {
    let (magnitude, sign) = magnitude(m, x);
    let neg = m.sign_extend(sign, m.width(x));
    vec![magnitude, neg]
}

/// Canonical signed digits of `x`: the negative ones, and all that are not 0. The digits of x are the bits of 3x minus
/// those of x, one place up; 3x >> 1 is x + (x >> 1).
fn canonical(m: &mut ModuleBuilder, x: NetId) -> (NetId, NetId) {
    let bits = m.width(x);
    let upper = m.slice(x, 1, bits - 1);
    let upper = m.sign_extend(upper, bits);
    let half = m.named("half", upper);
    let triple = m.add("triple_half", x, half);
    let triple_n = m.not("triple_half_n", triple);
    let negative = m.and("negative", &[half, triple_n]);
    let any = m.xor("nonzero", &[half, triple]);
    (negative, any)
}

/// Every second bit of `x` from `from` on, as a word.
fn every(m: &mut ModuleBuilder, x: NetId, from: u32, step: u32) -> Option<NetId> {
    let picks: Vec<NetId> = (from..m.width(x)).step_by(step as usize).map(|bit| m.bit(x, bit)).collect();
    let picks: Vec<NetId> = picks.into_iter().rev().collect();
    (!picks.is_empty()).then(|| m.concat(&picks))
}

fn naf4(m: &mut ModuleBuilder, x: NetId, slots: u32) -> Vec<NetId> {
    let (negative, any) = canonical(m, x);
    let mut words: Vec<NetId> = (0..2).filter_map(|from| every(m, any, from, 2)).collect();
    let even = every(m, negative, 0, 2);
    let odd = every(m, negative, 1, 2);
    // At most one digit of a pair is not 0, so the pair's sign is the sign of either.
    let neg = match (even, odd) {
        (Some(even), Some(odd)) => {
            let odd = m.zero_extend(odd, slots);
            m.or("neg", &[even, odd])
        }
        (even, _) => even.unwrap_or(negative),
    };
    words.push(neg);
    words
}

/// `x` sign-extended to `slots * step` bits with a 0 below, and cut into one word for each position of the overlapping
/// groups of `step + 1` bits, lowest position first.
fn overlapping(m: &mut ModuleBuilder, x: NetId, slots: u32, step: u32) -> Vec<NetId> {
    let zero = m.constant(1, 0);
    let extended = m.sign_extend(x, slots * step);
    let padded = m.concat(&[extended, zero]);
    let padded = m.named("padded", padded);
    (0..=step)
        .map(|position| {
            let bits: Vec<NetId> = (0..slots).rev().map(|slot| m.bit(padded, slot * step + position)).collect();
            let word = m.concat(&bits);
            m.named(["below", "low", "high", "top"][position as usize], word)
        })
        .collect()
}

fn booth4(m: &mut ModuleBuilder, x: NetId, slots: u32) -> Vec<NetId> {
    let twos = (m.width(x) / 2).min(slots);
    let [below, low, high] = overlapping(m, x, slots, 2)[..] else { return Vec::new() };
    let one = m.xor("one", &[below, low]);
    let mut words = vec![one];
    if twos > 0 {
        let [odd, low, full] = [one, low, high].map(|word| m.slice(word, 0, twos));
        let even = m.not("even", odd);
        let step = m.xor("step", &[full, low]);
        words.push(m.and("two", &[even, step]));
    }
    words.push(high);
    words
}

fn booth8(m: &mut ModuleBuilder, x: NetId, ports: &EncoderPorts) -> Vec<NetId> {
    let [below, low, high, top] = overlapping(m, x, ports.slots, 3)[..] else { return Vec::new() };
    // A negative digit is the complement of the positive one with its bits flipped.
    let below = m.xor("below_abs", &[below, top]);
    let low = m.xor("low_abs", &[low, top]);
    let high = m.xor("high_abs", &[high, top]);
    let odd = m.xor("odd", &[low, below]);
    let mut words = Vec::new();
    for lines in &ports.lines {
        // The slots of a line are always the lowest ones.
        let [below, low, high, odd] = [below, low, high, odd].map(|word| m.slice(word, 0, lines.slots.len() as u32));
        words.push(match lines.magnitude {
            1 => {
                let high_n = m.not("high_abs_n", high);
                m.and("one", &[odd, high_n])
            }
            2 => {
                let even = m.not("even", odd);
                let step = m.xor("step", &[high, low]);
                m.and("two", &[even, step])
            }
            3 => m.and("three", &[odd, high]),
            4 => m.and("four", &[high, low, below]),
            _ => top,
        });
    }
    words
}

/// EN-T (ICCD 2024, arXiv 2404.11887): radix-4 digits of the magnitude from the bottom; 3 becomes -1 and 4 becomes 0, each with a
/// carry; the operand's sign flips all digits.
fn en_t(m: &mut ModuleBuilder, x: NetId, ports: &EncoderPorts) -> Vec<NetId> {
    let (magnitude, sign) = magnitude(m, x);
    let bits = m.width(magnitude);
    let (mut ones, mut twos, mut negs) = (Vec::new(), Vec::new(), Vec::new());
    let mut carry: Option<NetId> = None;
    for slot in 0..ports.slots {
        let low = m.bit(magnitude, 2 * slot);
        let high = (2 * slot + 1 < bits).then(|| m.bit(magnitude, 2 * slot + 1));
        let last = slot + 1 == ports.slots;
        let one = match carry {
            Some(carry) => m.xor(&format!("one{slot}"), &[low, carry]),
            None => low,
        };
        ones.push(one);
        let Some(high) = high else {
            // One bit, the top one of 2^(bits-1): no carry can meet it.
            negs.push(sign);
            continue;
        };
        let both = carry.map(|carry| m.and(&format!("both{slot}"), &[low, carry]));
        let turned = match both {
            Some(both) => m.xor(&format!("half{slot}"), &[high, both]),
            None => high,
        };
        let one_n = m.not(&format!("even{slot}"), one);
        twos.push(m.and(&format!("two{slot}"), &[turned, one_n]));
        if last {
            negs.push(sign);
            continue;
        }
        let three = m.and(&format!("three{slot}"), &[high, one]);
        negs.push(m.xor(&format!("neg{slot}"), &[sign, three]));
        carry = Some(match both {
            Some(both) => {
                let four = m.and(&format!("four{slot}"), &[high, both]);
                m.or(&format!("carry{slot}"), &[three, four])
            }
            None => three,
        });
    }
    let mut words = Vec::new();
    for mut bits in [ones, twos, negs] {
        bits.reverse();
        if !bits.is_empty() {
            words.push(m.concat(&bits));
        }
    }
    words
}
