//! And-inverter graphs with structural hashing.

use super::super::logic::{Bit, Logic, Node};

/// A node (upper bits), complemented if the lowest bit is set.
pub type Lit = u32;

/// Constant 0.
pub const ZERO: Lit = 0;
/// Constant 1.
pub const ONE: Lit = 1;
/// What stands as operands of a leaf.
pub const NONE: Lit = u32::MAX;

/// The node of a literal.
pub fn node(lit: Lit) -> usize {
    (lit >> 1) as usize
}

/// Whether a literal is complemented.
pub fn inverted(lit: Lit) -> bool {
    lit & 1 == 1
}

/// The literal of a node.
pub fn lit(node: usize, complement: bool) -> Lit {
    (node as u32) << 1 | complement as u32
}

/// A graph of conjunctions. Node 0 is constant 0, then come the leaves, then conjunctions of what stands before them.
#[derive(Clone, Debug)]
pub struct Aig {
    operands: Vec<[Lit; 2]>,
    tags: Vec<u32>,
    table: Table,
    leaves: usize,
}

impl Aig {
    /// A graph of so many leaves.
    pub fn new(leaves: usize) -> Aig {
        Aig { operands: vec![[NONE; 2]; leaves + 1], tags: vec![0; leaves + 1], table: Table::default(), leaves }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.operands.len()
    }

    /// How many leaves there are.
    pub fn leaves(&self) -> usize {
        self.leaves
    }

    /// The operands of a conjunction; `None` for the constant and leaves.
    pub fn operands(&self, node: usize) -> Option<[Lit; 2]> {
        let operands = self.operands[node];
        (operands[0] != NONE).then_some(operands)
    }

    /// Whom a node is counted for.
    pub fn tag(&self, node: usize) -> u32 {
        self.tags[node]
    }

    /// What `a & b` is if that needs no new node.
    pub fn find(&self, a: Lit, b: Lit) -> Option<Lit> {
        match self.simple(a, b) {
            Simple::Is(known) => Some(known),
            Simple::And(a, b) => self.table.get(&self.operands, a, b).map(|node| lit(node, false)),
        }
    }

    /// `a & b`; a node that is new belongs to `tag`.
    pub fn and(&mut self, a: Lit, b: Lit, tag: u32) -> Lit {
        let (a, b) = match self.simple(a, b) {
            Simple::Is(known) => return known,
            Simple::And(a, b) => (a, b),
        };
        if let Some(known) = self.table.get(&self.operands, a, b) {
            return lit(known, false);
        }
        self.operands.push([a, b]);
        self.tags.push(tag);
        let new = self.operands.len() - 1;
        self.table.insert(&self.operands, new);
        lit(new, false)
    }

    fn simple(&self, a: Lit, b: Lit) -> Simple {
        let (a, b) = if a <= b { (a, b) } else { (b, a) };
        if a == ZERO || a == b ^ 1 {
            return Simple::Is(ZERO);
        }
        if a == ONE || a == b {
            return Simple::Is(b);
        }
        for (x, y) in [(a, b), (b, a)] {
            let [p, q] = self.operands[node(y)];
            if p == NONE {
                continue;
            }
            let (same, opposite) = (p == x || q == x, p == x ^ 1 || q == x ^ 1);
            match (inverted(y), same, opposite) {
                (false, true, _) => return Simple::Is(y),
                (false, _, true) => return Simple::Is(ZERO),
                (true, _, true) => return Simple::Is(x),
                (true, true, _) => return self.simple(x, if p == x { q ^ 1 } else { p ^ 1 }),
                _ => {}
            }
        }
        Simple::And(a, b)
    }

    /// The part of a network that `roots` need, the roots in it, and the leaf of the network that each of its leaves is. An exclusive
    /// or takes the form that shares a conjunction with the carry of an adder.
    pub fn from_logic(logic: &Logic, roots: &[Bit], is_complement: &dyn Fn(u32) -> bool) -> (Aig, Vec<Lit>, Vec<u32>) {
        let mut needed = vec![false; logic.nodes().len()];
        roots.iter().for_each(|root| needed[root.node()] = true);
        let mut leaves = Vec::new();
        for (index, node) in logic.nodes().iter().enumerate().rev() {
            if !needed[index] {
                continue;
            }
            let below = match *node {
                Node::Zero => continue,
                Node::Leaf(leaf) => {
                    leaves.push(leaf);
                    continue;
                }
                Node::And(a, b) | Node::Xor(a, b) => [a, b, a],
                Node::Mux(s, one, zero) => [s, one, zero],
            };
            below.into_iter().for_each(|bit| needed[bit.node()] = true);
        }
        leaves.reverse();
        let mut aig = Aig::new(leaves.len());
        let mut next = (0..leaves.len()).map(|leaf| lit(leaf + 1, false));
        let mut lits = vec![ZERO; logic.nodes().len()];
        for (index, entry) in logic.nodes().iter().enumerate() {
            let of = |bit: Bit| lits[bit.node()] ^ bit.is_complement() as u32;
            let tag = logic.tag(index);
            lits[index] = match *entry {
                _ if !needed[index] => ZERO,
                Node::Zero => ZERO,
                Node::Leaf(leaf) => next.next().unwrap_or(ZERO) ^ u32::from(is_complement(leaf)),
                Node::And(a, b) => aig.and(of(a), of(b), tag),
                Node::Xor(a, b) => {
                    let (both, neither) = (aig.and(of(a), of(b), tag), aig.and(of(a) ^ 1, of(b) ^ 1, tag));
                    aig.and(both ^ 1, neither ^ 1, tag)
                }
                Node::Mux(s, one, zero) => {
                    let (first, second) = (aig.and(of(s), of(one), tag), aig.and(of(s) ^ 1, of(zero), tag));
                    aig.and(first ^ 1, second ^ 1, tag) ^ 1
                }
            };
        }
        let roots = roots.iter().map(|bit| lits[bit.node()] ^ bit.is_complement() as u32).collect();
        (aig, roots, leaves)
    }
}

enum Simple {
    Is(Lit),
    And(Lit, Lit),
}

/// Nodes by their operands: open addressing, nodes are never removed.
#[derive(Clone, Debug, Default)]
struct Table {
    slots: Vec<u32>,
    used: usize,
}

impl Table {
    fn place(&self, a: Lit, b: Lit) -> usize {
        let key = (u64::from(a) << 32 | u64::from(b)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (key >> 32) as usize & (self.slots.len() - 1)
    }

    fn get(&self, operands: &[[Lit; 2]], a: Lit, b: Lit) -> Option<usize> {
        if self.slots.is_empty() {
            return None;
        }
        let mut place = self.place(a, b);
        while self.slots[place] != 0 {
            let found = self.slots[place] as usize;
            if operands[found] == [a, b] {
                return Some(found);
            }
            place = (place + 1) & (self.slots.len() - 1);
        }
        None
    }

    fn insert(&mut self, operands: &[[Lit; 2]], new: usize) {
        if self.slots.len() < 2 * self.used + 16 {
            let before = std::mem::take(&mut self.slots);
            self.slots = vec![0; (4 * self.used + 64).next_power_of_two()];
            before.into_iter().filter(|&entry| entry != 0).for_each(|entry| self.put(operands, entry as usize));
        }
        self.put(operands, new);
        self.used += 1;
    }

    fn put(&mut self, operands: &[[Lit; 2]], new: usize) {
        let [a, b] = operands[new];
        let mut place = self.place(a, b);
        while self.slots[place] != 0 {
            place = (place + 1) & (self.slots.len() - 1);
        }
        self.slots[place] = new as u32;
    }
}
