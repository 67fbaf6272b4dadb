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

/// A full or half adder of one column; one of its inputs may be the constant 1.
#[derive(Debug)]
struct Adder {
    inputs: Vec<Source>,
}

impl Adder {
    fn has_one(&self) -> bool {
        self.inputs.contains(&Source::One)
    }

    /// The inputs that are not constant.
    fn bits(&self) -> Vec<Source> {
        self.inputs.iter().copied().filter(|&input| input != Source::One).collect()
    }

    /// Adders of equal shape are one word-level row.
    fn shape(&self) -> (usize, bool) {
        (self.inputs.len(), self.has_one())
    }
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

    /// How many columns.
    pub fn width(&self) -> u32 {
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
        let offset = self.add_offset(m, net, (signs_n, sign_bit), low, ready);
        self.add_constant(offset.wrapping_neg());
    }

    /// Adds the two's complement word `net` with an offset that makes it positive, which is returned: half its range, at its
    /// weight. Sums of such words stay exact without sign extension, however wide the sum; whoever uses the sum takes
    /// the offsets away.
    pub fn add_offset(
        &mut self,
        m: &ModuleBuilder,
        net: NetId,
        (signs_n, sign_bit): (NetId, u32),
        low: u32,
        ready: u32,
    ) -> u64 {
        let top = m.width(net) - 1;
        for bit in 0..top {
            self.add_bit(net, bit, low + bit, ready);
        }
        if low + top >= self.width() {
            return 0;
        }
        self.add_bit(signs_n, sign_bit, low + top, ready);
        1 << (low + top)
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
        let mut all: Vec<Vec<Adder>> = Vec::new();
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
                // Continuing the neighbour's operands keeps words whole.
                let neighbour = all.last().and_then(|list| list.get(adders.len())).map_or(&[][..], |a| &a.inputs);
                adders.push(Adder { inputs: take(dots, stage, inputs, neighbour) });
            }
            carries = adders.len();
            all.push(adders);
        }
        all
    }

    /// Makes word-level cells of one stage's adders and puts their results back into the columns.
    fn place(&mut self, m: &mut ModuleBuilder, stage: u32, adders: Vec<Vec<Adder>>) {
        let top = adders.len() - 1;
        let deepest = adders.iter().map(Vec::len).max().unwrap_or(0);
        let mut row = 0;
        for index in 0..deepest {
            let adder = |column: usize| adders.get(column).and_then(|list| list.get(index));
            let shape = |column: usize| adder(column).map(Adder::shape);
            let mut column = 0;
            while column < adders.len() {
                let Some(kind) = shape(column) else {
                    column += 1;
                    continue;
                };
                // The carry out of the top column is dropped, so that column stands alone, without one.
                let mut end = column + 1;
                while column < top && end < top && shape(end) == Some(kind) {
                    end += 1;
                }
                let run: Vec<&Adder> = (column..end).filter_map(adder).collect();
                let name = format!("tree{stage}{}", letter(row));
                row += 1;
                let (sum, carry) = add_run(m, &name, &run, column == top);
                for (bit, at) in (column..end).enumerate() {
                    let dot = |net| Dot { source: Source::Bit { net, bit: bit as u32 }, ready: stage + 1 };
                    self.columns[at].push(dot(sum));
                    if let Some(carry) = carry {
                        self.columns[at + 1].push(Dot { source: carry_source(carry, &run, bit), ready: stage + 1 });
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

/// The carry word of a run of adders: a net, or, for bits added to the constant 1, those bits themselves.
#[derive(Clone, Copy)]
enum CarryWord {
    Net(NetId),
    Operand,
}

fn carry_source(carry: CarryWord, run: &[&Adder], bit: usize) -> Source {
    match carry {
        CarryWord::Net(net) => Source::Bit { net, bit: bit as u32 },
        CarryWord::Operand => run[bit].bits()[0],
    }
}

/// One word-level row of adders of one shape. Adding the constant 1 to one bit is a complement, to two bits an
/// equality and an or. `top`: the carry is dropped.
fn add_run(m: &mut ModuleBuilder, name: &str, run: &[&Adder], top: bool) -> (NetId, Option<CarryWord>) {
    let operands: Vec<NetId> = (0..run[0].bits().len())
        .map(|input| {
            let bits: Vec<_> = run.iter().map(|adder| Some(adder.bits()[input])).collect();
            let operand = word(m, &bits);
            if m.is_concat(operand) { m.named(&format!("{name}_{}", ["x", "y", "z"][input]), operand) } else { operand }
        })
        .collect();
    match (run[0].has_one(), &operands[..]) {
        (true, &[x]) => (m.not(&format!("{name}_s"), x), (!top).then_some(CarryWord::Operand)),
        (true, &[x, y]) => {
            let differ = m.xor(&format!("{name}_n"), &[x, y]);
            let sum = m.not(&format!("{name}_s"), differ);
            (sum, (!top).then(|| CarryWord::Net(m.or(&format!("{name}_c"), &[x, y]))))
        }
        _ if top => (m.xor(&format!("{name}_s"), &operands), None),
        (_, &[x, y, z]) => {
            let (sum, carry) = m.compress32(name, x, y, z);
            (sum, Some(CarryWord::Net(carry)))
        }
        (_, rest) => {
            let (sum, carry) = m.compress22(name, rest[0], rest[1]);
            (sum, Some(CarryWord::Net(carry)))
        }
    }
}

fn rank(source: Source) -> u32 {
    match source {
        Source::One => 0,
        Source::Bit { net, .. } => net.0 + 1,
    }
}

/// Removes `count` dots that are ready: those that continue `neighbour`, each in its place, then the oldest.
fn take(dots: &mut Vec<Dot>, stage: u32, count: usize, neighbour: &[Source]) -> Vec<Source> {
    let mut pick = |wanted: &dyn Fn(Source) -> bool| {
        let at = dots.iter().position(|dot| dot.ready <= stage && wanted(dot.source))?;
        Some(dots.remove(at).source)
    };
    let mut taken: Vec<Option<Source>> = vec![None; count];
    for (place, before) in taken.iter_mut().zip(neighbour) {
        *place = pick(&|source| match (*before, source) {
            (Source::Bit { net, bit }, Source::Bit { net: here, bit: at }) => net == here && at == bit + 1,
            (before, source) => before == source,
        });
    }
    for place in &mut taken {
        if place.is_none() {
            *place = pick(&|_| true);
        }
    }
    taken.into_iter().flatten().collect()
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
