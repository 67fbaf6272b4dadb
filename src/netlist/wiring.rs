//! The normal form of wiring: every word is a list of parts, each a constant, a run of bits or a repeated bit.
//!
//! Slices, concatenations, extensions, lanes and plain wires cost no gate, so whoever prints, runs or counts a netlist wants to
//! look through them at the nets they are made of. [`Wiring`] does that inside one module, and stops at named nets; the
//! interpreter uses the same algebra through the hierarchy.

use super::{Item, Module, NetId, Op};

/// A run of bits of a word in normal form; lists of parts have the most significant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<N = NetId> {
    /// Known bits, at most 64 of them.
    Const {
        /// How many bits.
        width: u32,
        /// Their value.
        value: u64,
    },
    /// Bits `low .. low + width` of a net. In a bundle, lane `i` starts at bit `i` times the width of a lane.
    Bits {
        /// The net.
        net: N,
        /// Lowest bit.
        low: u32,
        /// How many bits.
        width: u32,
    },
    /// One bit, several times: the copies of a sign.
    Repeat {
        /// The net.
        net: N,
        /// Which of its bits.
        bit: u32,
        /// How many copies.
        count: u32,
    },
}

impl<N: Copy + PartialEq> Part<N> {
    /// How many bits the part is wide.
    pub fn width(&self) -> u32 {
        match *self {
            Part::Const { width, .. } | Part::Bits { width, .. } => width,
            Part::Repeat { count, .. } => count,
        }
    }

    /// Bits `low .. low + width` of the part.
    fn cut(self, low: u32, width: u32) -> Self {
        match self {
            Part::Const { value, .. } => Part::Const { width, value: (value >> low) & mask(width) },
            Part::Bits { net, low: start, .. } => Part::Bits { net, low: start + low, width },
            Part::Repeat { net, bit, .. } => Part::Repeat { net, bit, count: width },
        }
    }

    /// The part that is `self` directly before (above) `next`, if one part can be both.
    fn join(self, next: Self) -> Option<Self> {
        match (self, next) {
            (Part::Const { width: high, value: upper }, Part::Const { width, value }) if high + width <= 64 => {
                Some(Part::Const { width: high + width, value: (upper << width) | value })
            }
            (Part::Bits { net: upper, low: start, width: high }, Part::Bits { net, low, width })
                if upper == net && start == low + width =>
            {
                Some(Part::Bits { net, low, width: high + width })
            }
            (Part::Repeat { net: upper, bit: from, count: high }, Part::Repeat { net, bit, count })
                if upper == net && from == bit =>
            {
                Some(Part::Repeat { net, bit, count: high + count })
            }
            _ => None,
        }
    }
}

/// A word whose low `width` bits are 1; `width` is at most 64.
pub(crate) fn mask(width: u32) -> u64 {
    if width >= 64 { !0 } else { (1 << width) - 1 }
}

/// Total width of a list of parts.
pub fn width<N: Copy + PartialEq>(parts: &[Part<N>]) -> u32 {
    parts.iter().map(Part::width).sum()
}

/// Appends `part` below `parts`, merged with the last one where that is possible.
pub fn push<N: Copy + PartialEq>(parts: &mut Vec<Part<N>>, part: Part<N>) {
    if part.width() == 0 {
        return;
    }
    if let Some(joined) = parts.last().and_then(|last| last.join(part)) {
        parts.pop();
        parts.push(joined);
    } else {
        parts.push(part);
    }
}

/// Bits `low .. low + count` of a word in normal form.
pub fn slice<N: Copy + PartialEq>(parts: &[Part<N>], low: u32, count: u32) -> Vec<Part<N>> {
    let mut result = Vec::new();
    let mut end = width(parts);
    for part in parts {
        let start = end - part.width();
        let (from, to) = (start.max(low), end.min(low + count));
        if from < to {
            push(&mut result, part.cut(from - start, to - from));
        }
        end = start;
    }
    result
}

/// A word in normal form with copies of its top bit before it, up to `to` bits.
pub fn sign_extend<N: Copy + PartialEq>(parts: &[Part<N>], to: u32) -> Vec<Part<N>> {
    let count = to - width(parts);
    let mut result = Vec::new();
    match parts.first() {
        Some(&Part::Const { width, value }) => {
            let ones = if value >> (width - 1) & 1 == 1 { mask(count) } else { 0 };
            push(&mut result, Part::Const { width: count, value: ones });
        }
        Some(&Part::Bits { net, low, width }) => {
            push(&mut result, Part::Repeat { net, bit: low + width - 1, count });
        }
        Some(&Part::Repeat { net, bit, .. }) => push(&mut result, Part::Repeat { net, bit, count }),
        None => {}
    }
    parts.iter().for_each(|&part| push(&mut result, part));
    result
}

/// What a wiring operation makes of its operands, which are in normal form already; `out` is the width of the result.
/// `None` for [`Op::Lane`], [`Op::Spread`] and [`Op::Join`], where a bundle is involved, and for what is no wiring.
pub fn apply<N: Copy + PartialEq>(op: Op, operands: &[Vec<Part<N>>], out: u32) -> Option<Vec<Part<N>>> {
    let mut result = Vec::new();
    match op {
        Op::Const(value) => push(&mut result, Part::Const { width: out, value }),
        Op::Wire => return operands.first().cloned(),
        Op::Slice { low } => return Some(slice(operands.first()?, low, out)),
        Op::Concat => operands.iter().flatten().for_each(|&part| push(&mut result, part)),
        Op::ZeroExtend => {
            push(&mut result, Part::Const { width: out - width(operands.first()?), value: 0 });
            operands.first()?.iter().for_each(|&part| push(&mut result, part));
        }
        Op::SignExtend => return Some(sign_extend(operands.first()?, out)),
        _ => return None,
    }
    Some(result)
}

/// Looks through the unnamed nets of one module.
#[derive(Debug)]
pub struct Wiring<'a> {
    module: &'a Module,
    /// The wiring cell that drives each unnamed net.
    cells: Vec<Option<&'a super::Cell>>,
}

impl<'a> Wiring<'a> {
    /// Finds the wiring of `module`.
    pub fn new(module: &'a Module) -> Self {
        let mut cells = vec![None; module.nets.len()];
        for item in &module.items {
            if let Item::Cell(cell) = item
                && cell.op.is_wiring()
                && let [out] = cell.outputs[..]
                && module.net(out).name.is_empty()
            {
                cells[out.index()] = Some(cell);
            }
        }
        Self { module, cells }
    }

    /// The net as parts of named nets, most significant first. A named net is one part, itself.
    pub fn parts(&self, net: NetId) -> Vec<Part> {
        let Some(cell) = self.cells[net.index()] else {
            let data = self.module.net(net);
            return vec![Part::Bits { net, low: 0, width: data.width * data.lanes }];
        };
        let out = self.module.net(net).width;
        let operands: Vec<_> = cell.inputs.iter().map(|&input| self.parts(input)).collect();
        match cell.op {
            Op::Lane { index } => slice(&operands[0], index * out, out),
            // Lane 0 is lowest.
            Op::Join => {
                let mut parts = Vec::new();
                operands.iter().rev().flatten().for_each(|&part| push(&mut parts, part));
                parts
            }
            Op::Spread => {
                let mut parts = Vec::new();
                for &part in std::iter::repeat_n(&operands[0], self.module.net(net).lanes as usize).flatten() {
                    push(&mut parts, part);
                }
                parts
            }
            op => apply(op, &operands, out).unwrap_or_default(),
        }
    }

    /// Whether the net is printed in place: unnamed, and driven by wiring.
    pub fn is_inline(&self, net: NetId) -> bool {
        self.cells[net.index()].is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlist::ModuleBuilder;

    #[test]
    fn slices_of_extensions_of_concatenations_become_parts_of_named_nets() {
        let mut m = ModuleBuilder::new("m");
        let a = m.input("a_i", 4, "");
        let b = m.input_bundle("b_i", 3, 5, "");
        let lane = m.lane(b, 2);
        let zero = m.constant(2, 0);
        let joined = m.concat(&[lane, a, zero]);
        let wide = m.sign_extend(joined, 12);
        let cut = m.slice(wide, 1, 10);
        let module = m.finish().unwrap();
        let parts = Wiring::new(&module).parts(cut);
        let expected = [
            Part::Repeat { net: b, bit: 8, count: 2 },
            Part::Bits { net: b, low: 6, width: 3 },
            Part::Bits { net: a, low: 0, width: 4 },
            Part::Const { width: 1, value: 0 },
        ];
        assert_eq!(parts, expected);
    }

    #[test]
    fn neighbouring_bits_and_constants_merge_again() {
        let mut m = ModuleBuilder::new("m");
        let a = m.input("a_i", 8, "");
        let high = m.slice(a, 4, 4);
        let low = m.slice(a, 0, 4);
        let (one, two) = (m.constant(2, 1), m.constant(3, 2));
        let joined = m.concat(&[high, low, one, two]);
        let module = m.finish().unwrap();
        let wiring = Wiring::new(&module);
        assert_eq!(
            wiring.parts(joined),
            [Part::Bits { net: a, low: 0, width: 8 }, Part::Const { width: 5, value: 0b01010 }]
        );
        assert!(wiring.is_inline(joined) && !wiring.is_inline(a));
    }

    #[test]
    fn the_sign_of_a_constant_is_known() {
        let parts: [Part; 1] = [Part::Const { width: 3, value: 0b101 }];
        assert_eq!(sign_extend(&parts, 6), [Part::Const { width: 6, value: 0b111101 }]);
        assert_eq!(
            sign_extend(&[Part::Const::<NetId> { width: 3, value: 1 }], 6),
            [Part::Const { width: 6, value: 1 }]
        );
    }
}
