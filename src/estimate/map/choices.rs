//! Several graphs of one function, laid over each other: each node knows every way in which it was ever made.
//!
//! A mapper that sees all of them is not bound to the structure that one graph happens to have (Chatterjee et al.,
//! "Reducing structural bias in technology mapping", ICCAD 2005). Here that nodes are equal is known from how one graph was made
//! from the other.

use super::aig::{Aig, Lit, NONE, ZERO, inverted, lit, node};
use super::hash::Map;

/// Nodes of all graphs, equal ones united.
pub struct Store {
    aig: Aig,
    /// An equal literal of an earlier node, or the node itself.
    same: Vec<Lit>,
}

/// One way to make a class: the conjunction of `operands`, complemented if `flip`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    pub operands: [Lit; 2],
    pub flip: bool,
}

/// Classes of equal nodes in an order in which operands come first; operands and roots are literals of classes. Class 0 is
/// constant 0, then come the leaves.
#[derive(Debug)]
pub struct Classes {
    pub ways: Vec<Vec<Way>>,
    pub tags: Vec<u32>,
    pub roots: Vec<Lit>,
    pub leaves: usize,
    /// The store's literal of each class.
    pub tops: Vec<Lit>,
}

impl Store {
    /// A store for graphs of so many leaves.
    pub fn new(leaves: usize) -> Store {
        let aig = Aig::new(leaves);
        Store { same: (0..aig.len()).map(|index| lit(index, false)).collect(), aig }
    }

    fn and(&mut self, a: Lit, b: Lit, tag: u32) -> Lit {
        let new = self.aig.and(a, b, tag);
        while self.same.len() < self.aig.len() {
            self.same.push(lit(self.same.len(), false));
        }
        new
    }

    /// Adds a graph; returns where its nodes are.
    pub fn add(&mut self, aig: &Aig) -> Vec<Lit> {
        let mut at = vec![ZERO; aig.len()];
        for index in 0..aig.len() {
            at[index] = match aig.operands(index) {
                None => lit(index, false),
                Some(operands) => {
                    let [a, b] = operands.map(|operand| at[node(operand)] ^ (operand & 1));
                    self.and(a, b, aig.tag(index))
                }
            };
        }
        at
    }

    fn find(&mut self, of: Lit) -> Lit {
        let mut top = of;
        while self.same[node(top)] != top & !1 {
            top = self.same[node(top)] ^ (top & 1);
        }
        self.same[node(of)] = top ^ (of & 1);
        top
    }

    /// Says that two literals are equal.
    pub fn unite(&mut self, a: Lit, b: Lit) {
        let (a, b) = (self.find(a), self.find(b));
        let (first, second) = if a <= b { (a, b) } else { (b, a) };
        if node(first) != node(second) {
            self.same[node(second)] = first ^ (second & 1);
        }
    }

    /// Gives every multiplexer and exclusive or its other form: !(s a) !(!s b) is the complement of !(s !a) !(!s !b).
    pub fn add_forms(&mut self) {
        for index in 0..self.aig.len() {
            let Some([p, q]) = self.aig.operands(index).filter(|[p, q]| inverted(*p) && inverted(*q)) else { continue };
            let (Some(p), Some(q)) = (self.aig.operands(node(p)), self.aig.operands(node(q))) else { continue };
            let tag = self.aig.tag(index);
            for (s, a) in [(p[0], p[1]), (p[1], p[0])] {
                let Some(b) = [(q[0], q[1]), (q[1], q[0])].iter().find(|(t, _)| *t == s ^ 1).map(|(_, b)| *b) else {
                    continue;
                };
                let (first, second) = (self.and(s, a ^ 1, tag), self.and(s ^ 1, b ^ 1, tag));
                let other = self.and(first ^ 1, second ^ 1, tag);
                self.unite(lit(index, false), other ^ 1);
            }
        }
    }

    /// Multiplies out conjunctions with a disjunction: x (a b + r) is (x a) b + x r, which costs nothing where `x a` serves many
    /// bits, as the controls of a register's or multiplexer's bits do.
    pub fn add_products(&mut self) {
        let mut uses: Map<[Lit; 2], u32> = Map::default();
        let found: Vec<Product> = (0..self.aig.len()).flat_map(|index| self.products(index)).collect();
        for product in &found {
            for term in product.terms {
                for (control, _) in self.splits(term) {
                    *uses.entry(ordered(product.factor, control)).or_default() += 1;
                }
            }
        }
        for Product { index, factor, terms } in found {
            let tag = self.aig.tag(index);
            let control = |store: &Store, term: Lit| {
                let splits = store.splits(term).into_iter();
                let counted = splits.map(|split| (uses.get(&ordered(factor, split.0)).copied().unwrap_or(0), split));
                counted.max_by_key(|(count, _)| *count).filter(|(count, _)| *count >= SHARED).map(|(_, split)| split)
            };
            let split = terms.map(|term| control(self, term));
            if split == [None, None] {
                continue;
            }
            let made = [0, 1].map(|i| match split[i] {
                Some((control, rest)) => {
                    let both = self.and(factor, control, tag);
                    self.and(both, rest, tag)
                }
                None => self.and(factor, terms[i], tag),
            });
            let neither = self.and(made[0] ^ 1, made[1] ^ 1, tag);
            self.unite(lit(index, false), neither ^ 1);
        }
    }

    /// A node as a factor times a sum of two terms, in every way that its operands allow.
    fn products(&self, index: usize) -> Vec<Product> {
        let Some([a, b]) = self.aig.operands(index) else { return Vec::new() };
        let of = |factor: Lit, sum: Lit| {
            let [p, q] = self.aig.operands(node(sum)).filter(|_| inverted(sum))?;
            Some(Product { index, factor, terms: [p ^ 1, q ^ 1] })
        };
        [of(a, b), of(b, a)].into_iter().flatten().collect()
    }

    /// The operands of a conjunction, either first.
    fn splits(&self, term: Lit) -> Vec<(Lit, Lit)> {
        match self.aig.operands(node(term)) {
            Some([a, b]) if !inverted(term) => vec![(a, b), (b, a)],
            _ => Vec::new(),
        }
    }

    /// Unites nodes whose operands have become equal.
    pub fn close(&mut self) {
        for _round in 0..4 {
            let mut known: Map<[Lit; 2], Lit> = Map::default();
            let mut changed = false;
            for index in 0..self.aig.len() {
                let Some(operands) = self.aig.operands(index) else { continue };
                let mut operands = operands.map(|operand| self.find(operand));
                operands.sort_unstable();
                let own = self.find(lit(index, false));
                let [a, b] = operands;
                let other = match (a, b) {
                    (ZERO, _) => ZERO,
                    (1, other) => other,
                    (a, b) if a == b => a,
                    (a, b) if a == b ^ 1 => ZERO,
                    _ => *known.entry(operands).or_insert(own),
                };
                if self.find(other) != own {
                    self.unite(other, own);
                    changed = true;
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// The classes that `roots` may need.
    pub fn classes(&mut self, roots: &[Lit]) -> Classes {
        let count = self.aig.len();
        let tops: Vec<Lit> = (0..count).map(|index| self.find(lit(index, false))).collect();
        let of = |l: Lit| tops[node(l)] ^ (l & 1);
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); count];
        for index in 0..count {
            if self.aig.operands(index).is_some() {
                members[node(tops[index])].push(index as u32);
            }
        }
        let mut order = Order { number: vec![NONE; count], open: vec![false; count], failures: vec![0; count] };
        let leaves = self.aig.leaves();
        let mut classes = Classes {
            ways: vec![Vec::new(); leaves + 1],
            tags: (0..=leaves).map(|leaf| self.aig.tag(leaf)).collect(),
            roots: Vec::new(),
            leaves,
            tops: (0..=leaves).map(|leaf| lit(leaf, false)).collect(),
        };
        (0..=leaves).for_each(|leaf| order.number[leaf] = leaf as u32);
        for &root in roots {
            let top = node(of(root));
            self.number(top, &tops, &members, &mut order, &mut classes);
            classes.roots.push(order.number[top] << 1 | of(root) & 1);
        }
        classes
    }

    /// Numbers a class after those it is made from. A way that would lead back to a class on the way here is left out; the first
    /// way of a class never does, as its operands are older than the class.
    fn number(&self, root: usize, tops: &[Lit], members: &[Vec<u32>], order: &mut Order, classes: &mut Classes) {
        /// A class being worked at: which member, which operand of it, and what is kept so far.
        struct Frame {
            class: usize,
            member: usize,
            kept: Vec<Way>,
        }
        let mut stack = Vec::new();
        if order.number[root] == NONE {
            order.open[root] = true;
            stack.push(Frame { class: root, member: 0, kept: Vec::new() });
        }
        while let Some(frame) = stack.last_mut() {
            let class = frame.class;
            let Some(&member) = members[class].get(frame.member) else {
                let Some(frame) = stack.pop() else { return };
                order.open[class] = false;
                if frame.kept.is_empty() {
                    order.failures[class] += 1;
                    if let Some(above) = stack.last_mut() {
                        above.member += 1;
                    }
                    continue;
                }
                order.number[class] = classes.ways.len() as u32;
                classes.tags.push(self.aig.tag(class));
                classes.ways.push(frame.kept);
                classes.tops.push(lit(class, false));
                continue;
            };
            let Some(operands) = self.aig.operands(member as usize) else {
                frame.member += 1;
                continue;
            };
            let below = operands.map(|operand| tops[node(operand)] ^ (operand & 1));
            let safe = frame.member == 0;
            let usable = |l: Lit| {
                let class = node(l);
                order.number[class] != NONE || !order.open[class] && (safe || order.failures[class] < 3)
            };
            if !below.iter().all(|&l| usable(l)) {
                frame.member += 1;
                continue;
            }
            if let Some(&missing) = below.iter().find(|&&l| order.number[node(l)] == NONE) {
                order.open[node(missing)] = true;
                stack.push(Frame { class: node(missing), member: 0, kept: Vec::new() });
                continue;
            }
            let mut operands = below.map(|l| order.number[node(l)] << 1 | l & 1);
            operands.sort_unstable();
            // The class's literal is its oldest member's.
            let way = Way { operands, flip: inverted(tops[member as usize]) };
            if !frame.kept.contains(&way) {
                frame.kept.push(way);
            }
            frame.member += 1;
        }
    }
}

/// So many bits make it worth while to multiply out.
const SHARED: u32 = 4;

/// A node that is `factor` and one of `terms`.
struct Product {
    index: usize,
    factor: Lit,
    terms: [Lit; 2],
}

fn ordered(a: Lit, b: Lit) -> [Lit; 2] {
    [a.min(b), a.max(b)]
}

struct Order {
    number: Vec<u32>,
    open: Vec<bool>,
    failures: Vec<u8>,
}
