//! Combinational logic as data: a network of and, xor and mux on single bits, shared and simplified while it is built.
//!
//! Building is where most of an estimate's accuracy comes from: a bit that is known, repeated or complementary never becomes
//! a gate, and the same function of the same bits is built once, so that the columns of a sign extension share their
//! adders (what a synthesiser's common-subexpression pass would find).

use std::collections::{BTreeMap, BTreeSet};

/// A node of a [`Logic`] network, or its complement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bit(u32);

impl Bit {
    /// Constant 0.
    pub const ZERO: Bit = Bit(0);
    /// Constant 1.
    pub const ONE: Bit = Bit(1);

    /// The node with this index, complemented or not.
    pub fn of(node: usize, complement: bool) -> Bit {
        Bit((node as u32) << 1 | complement as u32)
    }

    fn of_node(node: usize) -> Bit {
        Bit::of(node, false)
    }

    /// The constant `value`.
    pub fn constant(value: bool) -> Bit {
        Bit(value as u32)
    }

    /// Index of the node.
    pub fn node(self) -> usize {
        (self.0 >> 1) as usize
    }

    /// Whether it is the node's complement.
    pub fn is_complement(self) -> bool {
        self.0 & 1 == 1
    }

    /// The value, if it is known.
    pub fn known(self) -> Option<bool> {
        (self.node() == 0).then_some(self.is_complement())
    }

    /// Complemented if `flip`.
    pub fn flipped(self, flip: bool) -> Bit {
        Bit(self.0 ^ flip as u32)
    }
}

impl std::ops::Not for Bit {
    type Output = Bit;

    fn not(self) -> Bit {
        Bit(self.0 ^ 1)
    }
}

/// What a node computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// Constant 0; node 0 alone.
    Zero,
    /// A value from outside: a port, a flip-flop, an instance.
    Leaf(u32),
    /// `a & b`, `a < b`.
    And(Bit, Bit),
    /// `a ^ b`, neither complemented, `a < b`.
    Xor(Bit, Bit),
    /// `select ? one : zero`, `select` and `zero` not complemented.
    Mux(Bit, Bit, Bit),
}

/// A full or half adder that was asked for and did not fall to constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AdderCell {
    /// Its sum.
    pub sum: Bit,
    /// Its carry.
    pub carry: Bit,
    /// Three operands, not two.
    pub full: bool,
}

/// A network. Nodes stand before their readers.
#[derive(Debug)]
pub struct Logic {
    nodes: Vec<Node>,
    tags: Vec<u32>,
    known: BTreeMap<Node, u32>,
    adders: BTreeSet<AdderCell>,
    leaves: u32,
    tag: u32,
}

impl Default for Logic {
    fn default() -> Self {
        Logic {
            nodes: vec![Node::Zero],
            tags: vec![0],
            known: BTreeMap::new(),
            adders: BTreeSet::new(),
            leaves: 0,
            tag: 0,
        }
    }
}

impl Logic {
    /// Nodes made from now on belong to `tag`, a number of the caller's.
    pub fn set_tag(&mut self, tag: u32) {
        self.tag = tag;
    }

    /// The tag under which a node was made first.
    pub fn tag(&self, node: usize) -> u32 {
        self.tags[node]
    }

    /// Every node.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The adder cells asked for so far, those that constants made simpler left out.
    pub fn adders(&self) -> impl Iterator<Item = &AdderCell> {
        self.adders.iter()
    }

    fn push(&mut self, node: Node) -> Bit {
        self.nodes.push(node);
        self.tags.push(self.tag);
        Bit::of_node(self.nodes.len() - 1)
    }

    fn shared(&mut self, node: Node) -> Bit {
        if let Some(&index) = self.known.get(&node) {
            return Bit::of_node(index as usize);
        }
        let bit = self.push(node);
        self.known.insert(node, bit.node() as u32);
        bit
    }

    /// A new leaf; leaves are numbered from 0 in the order of these calls.
    pub fn leaf(&mut self) -> Bit {
        let bit = self.push(Node::Leaf(self.leaves));
        self.leaves += 1;
        bit
    }

    /// `a & b`
    pub fn and(&mut self, a: Bit, b: Bit) -> Bit {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        if a == Bit::ZERO || a == !b {
            return Bit::ZERO;
        }
        if a == Bit::ONE || a == b {
            return b;
        }
        for (x, y) in [(a, b), (b, a)] {
            if let Node::And(p, q) = self.nodes[y.node()] {
                match (y.is_complement(), p == x || q == x, p == !x || q == !x) {
                    (false, true, _) => return y,
                    (false, _, true) => return Bit::ZERO,
                    (true, _, true) => return x,
                    (true, true, _) => {
                        let other = if p == x { q } else { p };
                        return self.and(x, !other);
                    }
                    _ => {}
                }
            }
        }
        self.shared(Node::And(a, b))
    }

    /// `a | b`
    pub fn or(&mut self, a: Bit, b: Bit) -> Bit {
        !self.and(!a, !b)
    }

    /// `a ^ b`
    pub fn xor(&mut self, a: Bit, b: Bit) -> Bit {
        let flip = a.is_complement() ^ b.is_complement();
        let (a, b) = (a.flipped(a.is_complement()), b.flipped(b.is_complement()));
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        if a == b {
            return Bit::constant(flip);
        }
        if a == Bit::ZERO {
            return b.flipped(flip);
        }
        self.shared(Node::Xor(a, b)).flipped(flip)
    }

    /// `select ? one : zero`
    pub fn mux(&mut self, select: Bit, one: Bit, zero: Bit) -> Bit {
        if select.is_complement() {
            return self.mux(!select, zero, one);
        }
        if select == Bit::ZERO || one == zero {
            return zero;
        }
        if one == !zero {
            return self.xor(select, zero);
        }
        if one == Bit::ZERO || one == !select {
            return self.and(!select, zero);
        }
        if one == Bit::ONE || one == select {
            return self.or(select, zero);
        }
        if zero == Bit::ZERO || zero == select {
            return self.and(select, one);
        }
        if zero == Bit::ONE || zero == !select {
            return self.or(!select, one);
        }
        let flip = zero.is_complement();
        self.shared(Node::Mux(select, one.flipped(flip), zero.flipped(flip))).flipped(flip)
    }

    /// Sum and carry of two bits.
    pub fn half_adder(&mut self, a: Bit, b: Bit) -> (Bit, Bit) {
        let (sum, carry) = (self.xor(a, b), self.and(a, b));
        if carry.known().is_none() && carry.node() != a.node() && carry.node() != b.node() {
            self.adders.insert(AdderCell { sum, carry, full: false });
        }
        (sum, carry)
    }

    /// Sum and carry of three bits.
    pub fn full_adder(&mut self, a: Bit, b: Bit, c: Bit) -> (Bit, Bit) {
        // A known operand, or two that are equal or opposite, leave less than an adder.
        for (x, y, z) in [(a, b, c), (b, c, a), (c, a, b)] {
            match x.known() {
                Some(false) => return self.half_adder(y, z),
                Some(true) => return (!self.xor(y, z), self.or(y, z)),
                None => {}
            }
            if x == y {
                return (z, x);
            }
            if x == !y {
                return (!z, z);
            }
        }
        let half = self.xor(a, b);
        let sum = self.xor(half, c);
        let (both, through) = (self.and(a, b), self.and(half, c));
        let carry = self.or(both, through);
        self.adders.insert(AdderCell { sum, carry, full: true });
        (sum, carry)
    }

    /// The network with leaves replaced by earlier nodes of it, simplified anew, and where every node of this one is in it.
    pub fn with_leaves(&self, instead: impl Fn(u32) -> Option<Bit>) -> (Logic, Vec<Bit>) {
        let mut new = Logic::default();
        let mut now: Vec<Bit> = Vec::with_capacity(self.nodes.len());
        for (index, &node) in self.nodes.iter().enumerate() {
            new.set_tag(self.tags[index]);
            let of = |bit: Bit| now[bit.node()].flipped(bit.is_complement());
            let bit = match node {
                Node::Zero => Bit::ZERO,
                Node::Leaf(leaf) => {
                    let own = new.leaf();
                    instead(leaf).map_or(own, of)
                }
                Node::And(a, b) => new.and(of(a), of(b)),
                Node::Xor(a, b) => new.xor(of(a), of(b)),
                Node::Mux(select, one, zero) => new.mux(of(select), of(one), of(zero)),
            };
            now.push(bit);
        }
        let of = |bit: Bit| now[bit.node()].flipped(bit.is_complement());
        let adders = self.adders.iter().map(|cell| AdderCell { sum: of(cell.sum), carry: of(cell.carry), ..*cell });
        new.adders = adders.filter(|cell| cell.sum.known().is_none() && cell.carry.known().is_none()).collect();
        (new, now)
    }

    /// Every node's value for given leaves, 64 independent cases at once.
    pub fn evaluate(&self, leaves: &[u64]) -> Vec<u64> {
        let mut values: Vec<u64> = Vec::with_capacity(self.nodes.len());
        for &node in &self.nodes {
            let of = |bit: Bit| values[bit.node()] ^ if bit.is_complement() { u64::MAX } else { 0 };
            values.push(match node {
                Node::Zero => 0,
                Node::Leaf(index) => leaves[index as usize],
                Node::And(a, b) => of(a) & of(b),
                Node::Xor(a, b) => of(a) ^ of(b),
                Node::Mux(select, one, zero) => of(select) & of(one) | !of(select) & of(zero),
            });
        }
        values
    }
}
