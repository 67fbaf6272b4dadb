//! Compressor trees over columns of bits.
//!
//! A [`DotDiagram`] holds the bits to be added, column by column (column `i` weighs 2^i), with known constants summed up
//! beforehand. [`DotDiagram::reduce`] lowers every column to two bits with rows of full and half adders, in Dadda's order of
//! heights (Dadda, "Some schemes for parallel multipliers", 1965): adders stand only where bits are, so constants and sign
//! extension cost nothing. Bits that are there early (carry-save registers, constants) are compressed while later ones
//! are still being made.
//!
//! Adders of one stage in neighbouring columns become one word-level cell, so the tree reads as a few rows, not as
//! hundreds of gates.

use crate::netlist::{ModuleBuilder, NetId};

/// One bit of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    One,
    Bit { net: NetId, bit: u32 },
}

#[derive(Clone, Copy, Debug)]
struct Dot {
    source: Source,
    /// First stage that may use it.
    ready: u32,
}

/// Bits to be added, modulo 2^width.
#[derive(Debug)]
pub struct DotDiagram {
    columns: Vec<Vec<Dot>>,
    constant: u64,
}

#[derive(Debug)]
struct Adder {
    inputs: Vec<Source>,
}

/// Dadda's heights: each is 1.5 times the one before, rounded down.
fn next_height(height: usize) -> usize {
    let mut target = 2;
    while target * 3 / 2 < height {
        target = target * 3 / 2;
    }
    target
}

impl DotDiagram {
    /// Nothing to add yet; sums are modulo 2^`width`, `width` at most 64.
    pub fn new(width: u32) -> Self {
        Self { columns: vec![Vec::new(); width as usize], constant: 0 }
    }

    fn width(&self) -> u32 {
        self.columns.len() as u32
    }

    /// Adds the unsigned word `net`, its lowest bit in column `low`, usable from stage `ready` on.
    pub fn add_word(&mut self, m: &ModuleBuilder, net: NetId, low: u32, ready: u32) {
        for bit in 0..m.width(net) {
            self.add_bit(net, bit, low + bit, ready);
        }
    }

    /// Adds one bit of `net` in `column`; beyond the width it vanishes.
    pub fn add_bit(&mut self, net: NetId, bit: u32, column: u32, ready: u32) {
        if let Some(dots) = self.columns.get_mut(column as usize) {
            dots.push(Dot { source: Source::Bit { net, bit }, ready });
        }
    }

    /// Adds the two's complement word `net` whose sign bit is given inverted in bit `sign_bit` of `signs_n`: minus the sign
    /// equals its complement minus 1, so the sign extension is one constant.
    pub fn add_signed(
        &mut self,
        m: &ModuleBuilder,
        net: NetId,
        (signs_n, sign_bit): (NetId, u32),
        low: u32,
        ready: u32,
    ) {
        let top = m.width(net) - 1;
        for bit in 0..top {
            self.add_bit(net, bit, low + bit, ready);
        }
        if low + top < self.width() {
            self.add_bit(signs_n, sign_bit, low + top, ready);
            self.add_constant((1u64 << (low + top)).wrapping_neg());
        }
    }

    /// Adds a constant, modulo 2^width.
    pub fn add_constant(&mut self, value: u64) {
        self.constant = self.constant.wrapping_add(value);
    }

    /// The tallest column, constants included.
    pub fn height(&self) -> usize {
        let ones = |column: usize| (self.constant >> column & 1) as usize;
        self.columns.iter().enumerate().map(|(column, dots)| dots.len() + ones(column)).max().unwrap_or(0)
    }

    /// Builds the tree: two words whose sum is that of the diagram. The second has bit 0 constantly 0, so a carry-save
    /// register need not store it.
    pub fn reduce(mut self, m: &mut ModuleBuilder) -> (NetId, NetId) {
        let late = self.columns.iter().flatten().map(|dot| dot.ready).max().unwrap_or(0);
        for (column, dots) in self.columns.iter_mut().enumerate() {
            if self.constant >> column & 1 == 1 {
                dots.insert(0, Dot { source: Source::One, ready: 0 });
            }
        }
        let mut stage = 0;
        while stage < late || self.columns.iter().any(|dots| dots.len() > 2) || self.columns[0].len() > 1 {
            let adders = self.adders(stage, late);
            self.place(m, stage, adders);
            stage += 1;
        }
        let width = self.columns.len();
        let row = |index: usize| -> Vec<Option<Source>> {
            (0..width).map(|column| self.columns[column].get(index).map(|dot| dot.source)).collect()
        };
        let (first, second) = (row(0), row(1));
        (word(m, &first), word(m, &second))
    }

    /// The adders of one stage: they bring every column towards the next of Dadda's heights, carries of this stage counted.
    /// Before the `late` bits are there, only full adders over bits that are ready, and only in columns that are too tall.
    fn adders(&mut self, stage: u32, late: u32) -> Vec<Vec<Adder>> {
        let early = stage < late;
        let next = next_height(self.columns.iter().map(Vec::len).max().unwrap_or(0));
        let mut carries = 0;
        let mut all = Vec::new();
        for (column, dots) in self.columns.iter_mut().enumerate() {
            // Column 0 ends with one bit, so that the carry word needs no bit 0.
            let target = if column == 0 && next == 2 { 1 } else { next };
            let mut adders: Vec<Adder> = Vec::new();
            loop {
                let height = dots.len() + adders.len() + carries;
                let ready = dots.iter().filter(|dot| dot.ready <= stage).count();
                if height <= target || ready < if early { 3 } else { 2 } {
                    break;
                }
                let inputs = if !early && (height == target + 1 || ready == 2) { 2 } else { 3 };
                adders.push(Adder { inputs: take_ready(dots, stage, inputs) });
            }
            carries = adders.len();
            all.push(adders);
        }
        all
    }

    /// Makes word-level cells of one stage's adders and puts their results back into the columns.
    fn place(&mut self, m: &mut ModuleBuilder, stage: u32, adders: Vec<Vec<Adder>>) {
        let mut row = 0;
        let deepest = adders.iter().map(Vec::len).max().unwrap_or(0);
        for index in 0..deepest {
            let shape = |column: usize| adders.get(column).and_then(|list| list.get(index)).map(|a| a.inputs.len());
            let mut column = 0;
            while column < adders.len() {
                let Some(inputs) = shape(column) else {
                    column += 1;
                    continue;
                };
                // The carry out of the top column is dropped, so that column stands alone, without one.
                let top = adders.len() - 1;
                let mut end = column + 1;
                while column < top && end < top && shape(end) == Some(inputs) {
                    end += 1;
                }
                let operands: Vec<NetId> = (0..inputs)
                    .map(|input| {
                        let bits: Vec<_> =
                            (column..end).map(|column| Some(adders[column][index].inputs[input])).collect();
                        word(m, &bits)
                    })
                    .collect();
                let name = format!("tree{stage}{}", letter(row));
                row += 1;
                if column == top {
                    let sum = m.xor(&format!("{name}_s"), &operands);
                    self.columns[top].push(Dot { source: Source::Bit { net: sum, bit: 0 }, ready: stage + 1 });
                } else {
                    let (sum, carry) = match inputs {
                        3 => m.compress32(&name, operands[0], operands[1], operands[2]),
                        _ => m.compress22(&name, operands[0], operands[1]),
                    };
                    for (bit, at) in (column..end).enumerate() {
                        let dot = |net| Dot { source: Source::Bit { net, bit: bit as u32 }, ready: stage + 1 };
                        self.columns[at].push(dot(sum));
                        self.columns[at + 1].push(dot(carry));
                    }
                }
                column = end;
            }
        }
        for dots in &mut self.columns {
            dots.sort_by_key(|dot| (dot.ready, rank(dot.source)));
        }
    }
}

fn rank(source: Source) -> u32 {
    match source {
        Source::One => 0,
        Source::Bit { net, .. } => net.0 + 1,
    }
}

/// Removes the first `count` dots that are ready; all are once the late ones have arrived.
fn take_ready(dots: &mut Vec<Dot>, stage: u32, count: usize) -> Vec<Source> {
    let mut taken = Vec::with_capacity(count);
    dots.retain(|dot| {
        let take = taken.len() < count && dot.ready <= stage;
        if take {
            taken.push(dot.source);
        }
        !take
    });
    taken
}

/// `a`, `b`, ... `z`, `aa` ...
fn letter(index: usize) -> String {
    let last = char::from(b'a' + (index % 26) as u8);
    if index < 26 { last.to_string() } else { format!("{}{last}", letter(index / 26 - 1)) }
}

/// Bits, least significant first, as one word: neighbouring bits of a net become one slice, missing ones 0.
fn word(m: &mut ModuleBuilder, bits: &[Option<Source>]) -> NetId {
    let mut parts = Vec::new();
    let mut low = 0;
    while low < bits.len() {
        let mut end = low + 1;
        let part = match bits[low] {
            Some(Source::Bit { net, bit }) => {
                while end < bits.len() && bits[end] == Some(Source::Bit { net, bit: bit + (end - low) as u32 }) {
                    end += 1;
                }
                m.slice(net, bit, (end - low) as u32)
            }
            Some(Source::One) | None => {
                let known = |at: usize| !matches!(bits[at], Some(Source::Bit { .. }));
                while end < bits.len() && known(end) {
                    end += 1;
                }
                let value = (low..end).filter(|&at| bits[at].is_some()).fold(0, |value, at| value | 1u64 << (at - low));
                m.constant((end - low) as u32, value)
            }
        };
        parts.push(part);
        low = end;
    }
    parts.reverse();
    m.concat(&parts)
}
