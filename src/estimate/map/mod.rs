//! Technology mapping: logic becomes the standard cells of a library.
//!
//! The network becomes a graph of conjunctions (`aig`) that is balanced and rewritten (`balance`, `rewrite`, `structures`); all graphs
//! on the way are kept as choices (`choices`), from which short paths can be made (`sums`, `products`); and the whole is covered with
//! gates by Boolean matching (`cut`, `truth`, `target`, `pick`, `cover`).

mod aig;
mod balance;
mod choices;
mod cover;
mod cut;
mod hash;
mod pick;
mod products;
mod rewrite;
mod structures;
mod sums;
mod target;
mod truth;

#[cfg(test)]
mod tests;

pub use target::{Target, TargetError, TargetGate};

use super::logic::{Bit, Logic, Node};
use aig::{Aig, Lit, inverted, lit, node};
use choices::{Classes, Store};
use cover::Cover;

/// What a mapping is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// The least area.
    Area,
    /// The least area at which no path from a leaf to a root is longer than this, ns, by the delays of the target; the shortest paths
    /// that were found, if that is less than can be had.
    Delay { required_ns: f64 },
}

/// A value in the mapped netlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Known.
    Constant(bool),
    /// A leaf of the logic, by leaf number.
    Leaf(u32),
    /// The output of a gate, by index of [`Mapped::gates`].
    Gate(u32),
}

/// One standard cell.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The number of [`TargetGate::id`].
    pub cell: usize,
    /// What its inputs are, in the order of the cell's.
    pub inputs: Vec<Signal>,
    /// The tag of the logic it implements.
    pub tag: u32,
}

/// A network in standard cells.
#[derive(Clone, Debug, Default)]
pub struct Mapped {
    /// Gates, each after those it reads.
    pub gates: Vec<Gate>,
    /// What stands for each root; `None` for those that were not asked for.
    pub roots: Vec<Option<Signal>>,
}

/// What `roots` need of a network, with every structure for it that was found.
#[derive(Debug)]
pub struct Subject {
    classes: Classes,
    /// Leaves of the network, by leaf of the classes.
    leaves: Vec<u32>,
    /// Roots that are no plain leaves, each once, in rising order.
    asked: Vec<Bit>,
    /// What stands for each root that is a leaf.
    roots: Vec<Option<Root>>,
}

#[derive(Clone, Copy, Debug)]
enum Root {
    Leaf(u32),
    /// By place in [`Subject::asked`].
    Asked(usize),
}

impl Subject {
    /// Balances and rewrites a network. Only the complement of some leaves may be there, by leaf number; of none beyond the end of
    /// `complements`. A signal that is such a leaf is the complement.
    pub fn new(logic: &Logic, roots: &[Option<Bit>], complements: &[bool]) -> Subject {
        let is_complement = |leaf: u32| complements.get(leaf as usize).copied().unwrap_or(false);
        // An array has many roots that are leaves, and many that are the same.
        let plain = |bit: Bit| match logic.nodes()[bit.node()] {
            Node::Leaf(leaf) if bit.is_complement() == is_complement(leaf) => Some(leaf),
            _ => None,
        };
        let mut asked: Vec<Bit> = roots.iter().flatten().copied().filter(|&bit| plain(bit).is_none()).collect();
        asked.sort_unstable();
        asked.dedup();
        let of = |bit: Bit| match plain(bit) {
            Some(leaf) => Some(Root::Leaf(leaf)),
            None => asked.binary_search(&bit).ok().map(Root::Asked),
        };
        let roots = roots.iter().map(|root| root.and_then(of)).collect();
        let (aig, lits, leaves) = Aig::from_logic(logic, &asked, &is_complement);
        Subject { classes: optimise(aig, lits), leaves, asked, roots }
    }

    /// The same functions with short paths in the place of small structures: twice a balanced sum of products for every
    /// node, as the flow's script for speed has it.
    pub fn shallow(&self) -> Subject {
        let (aig, lits, _) = sums::shallow(&self.classes, cut::WIDEST);
        let classes = optimise(aig, lits);
        let (aig, lits, _) = sums::shallow(&classes, cut::WIDEST);
        let classes = optimise(aig, lits);
        Subject { classes, leaves: self.leaves.clone(), asked: self.asked.clone(), roots: self.roots.clone() }
    }

    /// Covers it with gates.
    pub fn map(&self, target: &Target, goal: Goal) -> Mapped {
        let required = match goal {
            Goal::Area => None,
            Goal::Delay { required_ns } => Some(required_ns as f32),
        };
        let cover = Cover::new(&self.classes, target, required);
        let (gates, found) = emit(&cover, &self.classes, target, &self.leaves);
        let of = |root: Root| match root {
            Root::Leaf(leaf) => Signal::Leaf(leaf),
            Root::Asked(place) => found[place],
        };
        Mapped { gates, roots: self.roots.iter().map(|root| root.map(of)).collect() }
    }
}

/// Maps what `roots` need of a network.
#[cfg(test)]
pub fn map(logic: &Logic, roots: &[Option<Bit>], target: &Target, goal: Goal) -> Mapped {
    Subject::new(logic, roots, &[]).map(target, goal)
}

/// Leaves of the small sums that are choices everywhere: they stand for what ABC's `dch` finds by looking for equal functions.
/// Fitted (docs/estimate.md).
const CHOICES_OF: usize = 3;

/// Balances and rewrites a graph; returns everything that was found on the way.
fn optimise(aig: Aig, roots: Vec<Lit>) -> Classes {
    let mut store = Store::new(aig.leaves());
    let mut at = store.add(&aig);
    let (mut aig, mut roots) = (aig, roots);
    for step in script() {
        let pass = match step {
            Step::Balance => balance::balance(&aig, &roots),
            Step::Rewrite { even } => match rewrite::rewrite(&aig, &roots, even) {
                Some(pass) => pass,
                None => continue,
            },
        };
        let now = store.add(&pass.aig);
        for (index, &new) in pass.now.iter().enumerate().filter(|(_, new)| **new != aig::NONE) {
            store.unite(at[index], now[node(new)] ^ u32::from(inverted(new)));
        }
        (aig, roots, at) = (pass.aig, pass.roots, now);
    }
    store.add_products();
    store.add_forms();
    store.close();
    let roots: Vec<Lit> = roots.iter().map(|&root| at[node(root)] ^ u32::from(inverted(root))).collect();
    let classes = store.classes(&roots);
    let (aig, _, of_class) = sums::shallow(&classes, CHOICES_OF);
    let at = store.add(&aig);
    for (class, &new) in of_class.iter().enumerate().filter(|(_, new)| **new != aig::NONE) {
        store.unite(classes.tops[class], at[node(new)] ^ u32::from(inverted(new)));
    }
    store.close();
    store.classes(&roots)
}

#[derive(Clone, Copy)]
enum Step {
    Balance,
    Rewrite { even: bool },
}

fn script() -> Vec<Step> {
    use Step::{Balance, Rewrite};
    vec![Rewrite { even: false }, Balance, Rewrite { even: true }, Rewrite { even: false }, Balance]
}

/// The gates of a cover, and what stands for each of the classes' roots.
fn emit(cover: &Cover, classes: &Classes, target: &Target, leaves: &[u32]) -> (Vec<Gate>, Vec<Signal>) {
    let mut gates = Vec::new();
    let mut add = |cell: usize, inputs: Vec<Signal>, tag: u32| {
        gates.push(Gate { cell, inputs, tag });
        Signal::Gate(gates.len() as u32 - 1)
    };
    let mut signals: Vec<Option<Signal>> = vec![None; 2 * classes.ways.len()];
    signals[0] = Some(Signal::Constant(false));
    signals[1] = Some(Signal::Constant(true));
    let inverter = target.gates()[target.inverter()].id;
    for class in 1..classes.ways.len() {
        let lits = [lit(class, false), lit(class, true)];
        let tag = classes.tags[class];
        if let Some(&leaf) = leaves.get(class - 1) {
            signals[lits[0] as usize] = Some(Signal::Leaf(leaf));
        } else {
            for of in lits.into_iter().filter(|&of| cover.is_made(of)) {
                let pick = cover.pick(of);
                let read = |&input: &Lit| signals[input as usize].unwrap_or(Signal::Constant(false));
                let inputs = pick.inputs().iter().map(read).collect();
                signals[of as usize] = Some(add(target.gates()[pick.gate()].id, inputs, tag));
            }
        }
        for of in lits {
            if let (None, true, Some(other)) = (signals[of as usize], cover.is_read(of), signals[of as usize ^ 1]) {
                signals[of as usize] = Some(add(inverter, vec![other], tag));
            }
        }
    }
    let of = |&root: &Lit| signals[cover.resolve(root) as usize].unwrap_or(Signal::Constant(false));
    let roots = classes.roots.iter().map(of).collect();
    (gates, roots)
}
