//! Rewriting: a node's cone down to a cut of four nodes gives way to a graph that needs fewer new nodes than the cone frees.
//!
//! After Mishchenko, Chatterjee and Brayton, "DAG-aware AIG rewriting" (DAC 2006): nodes that exist already, for whomever, cost
//! nothing.

use super::aig::{Aig, Lit, NONE, inverted, lit, node};
use super::cut::Cut;
use super::structures::{Member, Structure, library};

/// Cuts kept for each node.
const CUTS: usize = 8;

/// A graph made from another, and where the other's nodes are in it.
pub struct Pass {
    pub aig: Aig,
    pub roots: Vec<Lit>,
    /// For each node of the graph before: an equal literal, or [`NONE`].
    pub now: Vec<Lit>,
}

struct Rewrite {
    aig: Aig,
    /// Readers of each node that the roots need.
    readers: Vec<u32>,
    /// What stands in the place of a node, or [`NONE`].
    instead: Vec<Lit>,
    cuts: Vec<Vec<Cut>>,
}

/// Rewrites every node for which that saves nodes, or, with `even`, costs none.
pub fn rewrite(aig: &Aig, roots: &[Lit], even: bool) -> Option<Pass> {
    let nodes = aig.len();
    let mut state = Rewrite {
        aig: aig.clone(),
        readers: vec![0; nodes],
        instead: vec![NONE; nodes],
        cuts: vec![Vec::new(); nodes],
    };
    for &root in roots {
        state.add_reader(node(root));
    }
    for index in 0..nodes {
        if aig.operands(index).is_none() {
            state.cuts[index] = vec![if index == 0 { Cut::zero() } else { Cut::of_node(index as u32) }];
        } else if state.readers[index] > 0 && state.instead[index] == NONE {
            state.visit(index, even);
        }
    }
    compact(&state, nodes, roots)
}

impl Rewrite {
    fn resolve(&self, mut of: Lit) -> Lit {
        while self.instead[node(of)] != NONE {
            of = self.instead[node(of)] ^ (of & 1);
        }
        of
    }

    fn operands(&self, index: usize) -> Option<[Lit; 2]> {
        self.aig.operands(index).map(|operands| operands.map(|operand| self.resolve(operand)))
    }

    /// One more reader of a node; a node that had none reads its operands from now on.
    fn add_reader(&mut self, index: usize) {
        let mut pending = vec![index];
        while let Some(index) = pending.pop() {
            self.readers[index] += 1;
            if self.readers[index] == 1 {
                pending.extend(self.operands(index).into_iter().flatten().map(node));
            }
        }
    }

    /// One reader less; returns how many nodes nobody reads any more.
    fn drop_reader(&mut self, index: usize) -> u32 {
        let mut freed = 0;
        let mut pending = vec![index];
        while let Some(index) = pending.pop() {
            // Where nodes came to depend on themselves counts are lost; what comes of it is thrown away ([`compact`]).
            if self.readers[index] == 0 {
                continue;
            }
            self.readers[index] -= 1;
            if self.readers[index] == 0
                && let Some(operands) = self.operands(index)
            {
                freed += 1;
                pending.extend(operands.map(node));
            }
        }
        freed
    }

    fn grow(&mut self) {
        while self.readers.len() < self.aig.len() {
            self.readers.push(0);
            self.instead.push(NONE);
            self.cuts.push(Vec::new());
        }
    }

    /// Lets `new` stand for a node.
    fn replace(&mut self, index: usize, new: Lit) {
        let readers = self.readers[index];
        self.add_reader(node(new));
        self.readers[node(new)] += readers - 1;
        // The node loses all its readers, and its operands one.
        self.readers[index] = 1;
        self.drop_reader(index);
        self.instead[index] = new;
    }

    fn visit(&mut self, index: usize, even: bool) {
        let Some(before) = self.aig.operands(index) else { return };
        let [a, b] = before.map(|operand| self.resolve(operand));
        if [a, b] != before {
            let new = self.aig.and(a, b, self.aig.tag(index));
            self.grow();
            if node(new) != index {
                self.replace(index, new);
                self.find_cuts(node(new));
                return;
            }
        }
        self.find_cuts(index);
        if let Some(new) = self.better(index, even) {
            self.replace(index, new);
        }
    }

    fn find_cuts(&mut self, index: usize) {
        let mut pending = vec![index];
        while let Some(&index) = pending.last() {
            if !self.cuts[index].is_empty() {
                pending.pop();
                continue;
            }
            let Some(operands) = self.operands(index) else { return };
            let missing = operands.map(node).into_iter().filter(|&below| self.cuts[below].is_empty());
            let before = pending.len();
            pending.extend(missing);
            if pending.len() > before {
                continue;
            }
            let [a, b] = operands;
            let mut found: Vec<Cut> = Vec::with_capacity(CUTS + 1);
            for x in &self.cuts[node(a)] {
                for y in &self.cuts[node(b)] {
                    let Some(cut) = Cut::and(x, inverted(a), y, inverted(b), 4) else { continue };
                    if found.len() < CUTS && !found.iter().any(|known| known.within(&cut)) {
                        found.retain(|known| !cut.within(known));
                        found.push(cut);
                    }
                }
            }
            found.push(Cut::of_node(index as u32));
            self.cuts[index] = found;
            pending.pop();
        }
    }

    /// The literal of a better graph for a node, already built.
    fn better(&mut self, index: usize, even: bool) -> Option<Lit> {
        let mut best: Option<(i32, Cut, Member, &'static Structure)> = None;
        for at in 0..self.cuts[index].len() {
            let cut = self.cuts[index][at];
            if cut.leaves().is_empty() {
                return Some(lit(0, cut.table != 0));
            }
            let usable = |&leaf: &u32| {
                let leaf = leaf as usize;
                self.instead[leaf] == NONE && (self.readers[leaf] > 0 || self.aig.operands(leaf).is_none())
            };
            if cut.leaves() == [index as u32] || !cut.leaves().iter().all(usable) {
                continue;
            }
            for &leaf in cut.leaves() {
                self.readers[leaf as usize] += 1;
            }
            let readers = std::mem::replace(&mut self.readers[index], 1);
            let freed = self.drop_reader(index) as i32;
            let (member, structures) = library().of(cut.table as u16);
            for structure in structures {
                let floor = best.as_ref().map_or(if even { -1 } else { 0 }, |best| best.0);
                if let Some(added) = self.price(index, &cut, member, structure, freed - floor) {
                    best = Some((freed - added, cut, member, structure));
                }
            }
            self.add_reader(index);
            self.readers[index] = readers;
            for &leaf in cut.leaves() {
                self.readers[leaf as usize] -= 1;
            }
        }
        let (_, cut, member, structure) = best?;
        let tag = self.aig.tag(index);
        let mut lits = inputs(&cut, member);
        for (&[a, b], at) in structure.ands.iter().zip(4..) {
            let operand = |of: u8| lits[(of >> 1) as usize] ^ u32::from(of & 1);
            let (a, b) = (operand(a), operand(b));
            let new = self.aig.and(a, b, tag);
            self.grow();
            lits[at] = self.resolve(new);
        }
        let new = lits[(structure.result >> 1) as usize] ^ u32::from(structure.result & 1) ^ u32::from(member.flip);
        let new = self.resolve(new);
        self.find_cuts(node(new));
        (node(new) != index).then_some(new)
    }

    /// How many nodes a graph adds, if they are fewer than `below`.
    fn price(&self, index: usize, cut: &Cut, member: Member, structure: &Structure, below: i32) -> Option<i32> {
        let mut lits = inputs(cut, member);
        let mut added = 0;
        for (&[a, b], at) in structure.ands.iter().zip(4..) {
            let operand = |of: u8| {
                let known = lits[(of >> 1) as usize];
                if known == NONE { NONE } else { known ^ u32::from(of & 1) }
            };
            let (a, b) = (operand(a), operand(b));
            let found = if a == NONE || b == NONE { None } else { self.aig.find(a, b) };
            match found.map(|found| self.resolve(found)) {
                Some(found) if node(found) == index => return None,
                Some(found) => {
                    added += i32::from(self.readers[node(found)] == 0 && self.aig.operands(node(found)).is_some());
                    lits[at] = found;
                }
                None => {
                    added += 1;
                    lits[at] = NONE;
                }
            }
            if added >= below {
                return None;
            }
        }
        (added < below).then_some(added)
    }
}

/// The most literals of a graph of [`library`], inputs included.
const MOST: usize = 20;

/// The literals of a class's graph, of which only the inputs are known.
fn inputs(cut: &Cut, member: Member) -> [Lit; MOST] {
    let mut lits = [NONE; MOST];
    for (k, lit_of) in lits.iter_mut().enumerate().take(4) {
        let leaf = cut.leaves().get(member.order[k] as usize).copied().unwrap_or(0);
        *lit_of = lit(leaf as usize, member.signs >> k & 1 == 1);
    }
    lits
}

/// What the roots need, in an order in which operands come first. `None` if nodes came to depend on themselves.
fn compact(state: &Rewrite, nodes: usize, roots: &[Lit]) -> Option<Pass> {
    let mut aig = Aig::new(state.aig.leaves());
    let mut made = vec![NONE; state.aig.len()];
    let mut open = vec![false; state.aig.len()];
    (0..=aig.leaves()).for_each(|leaf| made[leaf] = lit(leaf, false));
    for &root in roots {
        let mut pending = vec![node(state.resolve(root))];
        while let Some(&index) = pending.last() {
            if made[index] != NONE {
                pending.pop();
                continue;
            }
            let operands = state.operands(index)?;
            let before = pending.len();
            pending.extend(operands.map(node).into_iter().filter(|&below| made[below] == NONE));
            if pending.len() > before {
                if std::mem::replace(&mut open[index], true) {
                    return None;
                }
                continue;
            }
            let [a, b] = operands.map(|operand| made[node(operand)] ^ (operand & 1));
            made[index] = aig.and(a, b, state.aig.tag(index));
            pending.pop();
        }
    }
    let literal = |of: Lit| {
        let of = state.resolve(of);
        if made[node(of)] == NONE { NONE } else { made[node(of)] ^ (of & 1) }
    };
    let now = (0..nodes).map(|index| literal(lit(index, false))).collect();
    let roots = roots.iter().map(|&root| literal(root)).collect();
    Some(Pass { aig, roots, now })
}
