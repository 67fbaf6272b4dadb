//! What a net is made of, in bits of nets that have a name: unnamed wiring is printed in place.

use crate::netlist::{Cell, Item, Module, NetId, Op};

/// A run of bits of a word; a word is a list of them, most significant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `width` known bits.
    Const { width: u32, value: u64 },
    /// Bits `low .. low + width` of a named net (of all its lanes, seen as one flat vector).
    Bits { net: NetId, low: u32, width: u32 },
    /// One bit of a named net, `count` times.
    Repeat { net: NetId, bit: u32, count: u32 },
}

impl Part {
    /// Bits in the run.
    pub fn width(self) -> u32 {
        match self {
            Part::Const { width, .. } | Part::Bits { width, .. } => width,
            Part::Repeat { count, .. } => count,
        }
    }

    /// `width` bits from `low` up.
    fn cut(self, low: u32, width: u32) -> Part {
        match self {
            Part::Const { value, .. } => Part::Const { width, value: (value >> low) & mask(width) },
            Part::Bits { net, low: base, .. } => Part::Bits { net, low: base + low, width },
            Part::Repeat { net, bit, .. } => Part::Repeat { net, bit, count: width },
        }
    }

    /// `self` above `below` as one run, if they continue each other.
    fn join(self, below: Part) -> Option<Part> {
        match (self, below) {
            (Part::Const { width: high, value }, Part::Const { width: low, value: rest }) if high + low <= 64 => {
                Some(Part::Const { width: high + low, value: value.checked_shl(low).unwrap_or(0) | rest })
            }
            (Part::Bits { net, low, width }, Part::Bits { net: other, low: base, width: under })
                if net == other && low == base + under =>
            {
                Some(Part::Bits { net, low: base, width: width + under })
            }
            (Part::Repeat { net, bit, count }, Part::Repeat { net: other, bit: same, count: more })
                if net == other && bit == same =>
            {
                Some(Part::Repeat { net, bit, count: count + more })
            }
            _ => None,
        }
    }
}

/// `width` ones.
pub(super) fn mask(width: u32) -> u64 {
    if width >= 64 { !0 } else { (1 << width) - 1 }
}

/// Bits `low .. low + width` of a word.
pub(super) fn slice(parts: &[Part], low: u32, width: u32) -> Vec<Part> {
    let mut cut = Vec::new();
    let mut base: u32 = parts.iter().map(|part| part.width()).sum();
    for part in parts {
        base -= part.width();
        let from = low.max(base);
        let to = (low + width).min(base + part.width());
        if from < to {
            cut.push(part.cut(from - base, to - from));
        }
    }
    cut
}

/// Appends lower bits, joining runs that continue each other.
fn append(parts: &mut Vec<Part>, more: &[Part]) {
    for &part in more {
        match parts.last().and_then(|last| last.join(part)) {
            Some(joined) => *parts.last_mut().expect("a last part was joined") = joined,
            None => parts.push(part),
        }
    }
}

/// The normal form of every net of a module.
#[derive(Debug)]
pub(super) struct Wiring {
    parts: Vec<Vec<Part>>,
}

impl Wiring {
    /// Resolves all unnamed wiring of `module`.
    pub fn new(module: &Module) -> Self {
        let mut driver: Vec<Option<&Cell>> = vec![None; module.nets.len()];
        for item in &module.items {
            if let Item::Cell(cell) = item
                && cell.op.is_wiring()
                && module.net(cell.outputs[0]).name.is_empty()
            {
                driver[cell.outputs[0].index()] = Some(cell);
            }
        }
        let mut wiring = Wiring { parts: vec![Vec::new(); module.nets.len()] };
        for index in 0..module.nets.len() {
            wiring.resolve(module, &driver, NetId(index as u32));
        }
        wiring
    }

    /// The runs of a net, most significant first.
    pub fn parts(&self, net: NetId) -> &[Part] {
        &self.parts[net.index()]
    }

    /// The right-hand side of a wiring cell.
    pub fn of_cell(&self, module: &Module, cell: &Cell) -> Vec<Part> {
        let width = module.net(cell.outputs[0]).width;
        let input = |position: usize| self.parts(cell.inputs[position]);
        let mut parts = Vec::new();
        match cell.op {
            Op::Const(value) => parts.push(Part::Const { width, value }),
            Op::Slice { low } => parts = slice(input(0), low, width),
            Op::Lane { index } => parts = slice(input(0), index * width, width),
            Op::Concat => cell.inputs.iter().for_each(|&net| append(&mut parts, self.parts(net))),
            Op::ZeroExtend | Op::SignExtend => {
                let narrow = module.net(cell.inputs[0]).width;
                let count = width - narrow;
                if count > 0 {
                    let top = slice(input(0), narrow - 1, 1)[0];
                    parts.push(match (cell.op, top) {
                        (Op::SignExtend, Part::Bits { net, low, .. }) => Part::Repeat { net, bit: low, count },
                        (Op::SignExtend, Part::Repeat { net, bit, .. }) => Part::Repeat { net, bit, count },
                        (Op::SignExtend, Part::Const { value: 1, .. }) => {
                            Part::Const { width: count, value: mask(count) }
                        }
                        _ => Part::Const { width: count, value: 0 },
                    });
                }
                append(&mut parts, input(0));
            }
            Op::Spread => {
                (0..module.net(cell.outputs[0]).lanes).for_each(|_| append(&mut parts, input(0)));
            }
            _ => parts = input(0).to_vec(),
        }
        parts
    }

    fn resolve(&mut self, module: &Module, driver: &[Option<&Cell>], net: NetId) {
        if !self.parts[net.index()].is_empty() {
            return;
        }
        self.parts[net.index()] = match driver[net.index()] {
            None => {
                let declared = module.net(net);
                vec![Part::Bits { net, low: 0, width: declared.width * declared.lanes }]
            }
            Some(cell) => {
                for &input in &cell.inputs {
                    self.resolve(module, driver, input);
                }
                self.of_cell(module, cell)
            }
        };
    }
}
