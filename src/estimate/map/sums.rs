//! Shallow logic: every function of up to six nodes is made anew as a balanced sum of balanced products where that comes earlier.
//!
//! After Mishchenko, Brayton, Jang and Kravets, "Delay optimization using SOP balancing" (ICCAD 2011), which ABC knows as `if -g`. Paths
//! become shorter by a quarter or more for about as much more area.

use super::aig::{Aig, Lit, NONE, ONE, inverted, node};
use super::choices::Classes;
use super::cut::{Cut, WIDEST};
use super::hash::Map;
use super::products::{Sum, sum_of};

/// Cuts kept for each class by depth, and by area. Fitted (docs/estimate.md): as many levels and conjunctions as ABC finds.
const SHALLOW: usize = 10;
const SMALL: usize = 3;
/// Rounds in which classes that have time are made smaller.
const ROUNDS: usize = 3;
/// More products than this are not worth looking at.
const MOST_PRODUCTS: usize = 32;

/// A way to make a class: a sum of products of a cut's leaves.
#[derive(Clone, Copy)]
struct Way {
    cut: Cut,
    /// Index of [`Shallow::sums`].
    sum: u32,
}

struct Shallow<'a> {
    classes: &'a Classes,
    /// Leaves of a cut at most.
    widest: usize,
    sums: Vec<Sum>,
    known: Map<u64, u32>,
    alias: Vec<Lit>,
    cuts: Vec<Vec<Cut>>,
    ways: Vec<Vec<Way>>,
    chosen: Vec<u32>,
    /// Depth in conjunctions.
    depth: Vec<u32>,
    flow: Vec<f32>,
    readers: Vec<f32>,
}

/// A graph of the same functions with fewer levels, made of cuts of at most `widest` leaves; its roots; and where the classes that it
/// needs are in it, [`NONE`] for others.
pub fn shallow(classes: &Classes, widest: usize) -> (Aig, Vec<Lit>, Vec<Lit>) {
    let count = classes.ways.len();
    let mut state = Shallow {
        classes,
        widest,
        sums: Vec::new(),
        known: Map::default(),
        alias: (0..count as u32).map(|class| class << 1).collect(),
        cuts: Vec::with_capacity(count),
        ways: vec![Vec::new(); count],
        chosen: vec![0; count],
        depth: vec![0; count],
        flow: vec![0.0; count],
        readers: first_readers(classes),
    };
    state.enumerate();
    let roots: Vec<Lit> = classes.roots.iter().map(|&root| state.resolve(root)).collect();
    for _round in 0..ROUNDS {
        let required = state.require(&roots);
        state.recover(&required);
    }
    state.build(&roots)
}

/// How often the first ways read each class.
fn first_readers(classes: &Classes) -> Vec<f32> {
    let mut readers = vec![0.0; classes.ways.len()];
    classes.roots.iter().for_each(|&root| readers[node(root)] += 1.0);
    for way in classes.ways.iter().filter_map(|ways| ways.last()) {
        way.operands.iter().for_each(|&operand| readers[node(operand)] += 1.0);
    }
    readers
}

impl Shallow<'_> {
    fn resolve(&self, lit: Lit) -> Lit {
        self.alias[node(lit)] ^ (lit & 1)
    }

    fn sum(&mut self, table: u64) -> u32 {
        let next = self.sums.len() as u32;
        let sums = &mut self.sums;
        *self.known.entry(table).or_insert_with(|| {
            sums.push(sum_of(table));
            next
        })
    }

    fn depth_of(&self, way: &Way) -> u32 {
        let mut leaves = [0; WIDEST];
        for (depth, &leaf) in leaves.iter_mut().zip(way.cut.leaves()) {
            *depth = self.depth[leaf as usize];
        }
        self.sums[way.sum as usize].depth(&leaves)
    }

    fn flow_of(&self, way: &Way) -> f32 {
        let leaves = way.cut.leaves().iter().map(|&leaf| self.flow[leaf as usize]);
        self.sums[way.sum as usize].conjunctions as f32 + leaves.sum::<f32>()
    }

    fn enumerate(&mut self) {
        let leaves = self.classes.leaves;
        self.cuts.push(vec![Cut::zero()]);
        self.cuts.extend((1..=leaves as u32).map(|leaf| vec![Cut::of_node(leaf)]));
        let mut seen: Vec<u64> = Vec::new();
        for class in leaves + 1..self.classes.ways.len() {
            let mut by_depth: Vec<((u32, usize), f32, Way)> = Vec::with_capacity(SHALLOW + 1);
            let mut by_area: Vec<(f32, u32, Way)> = Vec::with_capacity(SMALL + 1);
            let mut alias = None;
            seen.clear();
            for way in &self.classes.ways[class] {
                let [a, b] = way.operands.map(|operand| self.resolve(operand));
                for i in 0..self.cuts[node(a)].len() {
                    for j in 0..self.cuts[node(b)].len() {
                        let x = (&self.cuts[node(a)][i], inverted(a));
                        let y = (&self.cuts[node(b)][j], inverted(b));
                        let Some(cut) = Cut::fresh_and(x, y, way.flip, self.widest, &mut seen) else { continue };
                        match *cut.leaves() {
                            [] => alias = Some(u32::from(cut.table != 0)),
                            [leaf] => alias = Some(leaf << 1 | (cut.table & 1) as u32),
                            _ => {
                                let way = Way { cut, sum: self.sum(cut.table) };
                                if self.sums[way.sum as usize].products.len() > MOST_PRODUCTS {
                                    continue;
                                }
                                let (depth, flow) = (self.depth_of(&way), self.flow_of(&way));
                                keep(&mut by_depth, SHALLOW, ((depth, cut.leaves().len()), flow, way));
                                keep(&mut by_area, SMALL, (flow, depth, way));
                            }
                        }
                    }
                }
            }
            if let Some(alias) = alias {
                let alias = self.resolve(alias);
                self.alias[class] = alias;
                self.depth[class] = self.depth[node(alias)];
                self.cuts.push(self.cuts[node(alias)].iter().map(|cut| cut.flipped(inverted(alias))).collect());
                continue;
            }
            if let Some(&((depth, _), flow, _)) = by_depth.first() {
                self.depth[class] = depth;
                self.flow[class] = flow / self.readers[class].max(1.0);
            }
            let mut ways: Vec<Way> = by_depth.into_iter().map(|entry| entry.2).collect();
            for (_, _, way) in by_area {
                if ways.iter().all(|known| known.cut != way.cut) {
                    ways.push(way);
                }
            }
            let mut cuts: Vec<Cut> = ways.iter().map(|way| way.cut).collect();
            cuts.push(Cut::of_node(class as u32));
            self.cuts.push(cuts);
            self.ways[class] = ways;
        }
    }

    /// How deep each class may be if no root becomes deeper than the deepest is. Counts readers as well.
    fn require(&mut self, roots: &[Lit]) -> Vec<u32> {
        let deepest = roots.iter().map(|&root| self.depth[node(root)]).max().unwrap_or(0);
        let mut required = vec![u32::MAX; self.classes.ways.len()];
        let mut readers = vec![0.0f32; self.classes.ways.len()];
        for &root in roots {
            required[node(root)] = deepest;
            readers[node(root)] += 1.0;
        }
        for class in (self.classes.leaves + 1..self.classes.ways.len()).rev() {
            if readers[class] == 0.0 {
                continue;
            }
            let way = &self.ways[class][self.chosen[class] as usize];
            let mut leaves = [0; WIDEST];
            for (depth, &leaf) in leaves.iter_mut().zip(way.cut.leaves()) {
                *depth = self.depth[leaf as usize];
            }
            let below = self.sums[way.sum as usize].levels(&leaves);
            for (&leaf, &levels) in way.cut.leaves().iter().zip(&below) {
                let leaf = leaf as usize;
                required[leaf] = required[leaf].min(required[class].saturating_sub(levels.into()));
                readers[leaf] += 1.0;
            }
        }
        for (known, new) in self.readers.iter_mut().zip(readers) {
            *known = (*known + 2.0 * new) / 3.0;
        }
        required
    }

    /// Chooses the smallest way of each class that is not too deep.
    fn recover(&mut self, required: &[u32]) {
        for (class, &required) in required.iter().enumerate().skip(self.classes.leaves + 1) {
            if self.ways[class].is_empty() {
                self.depth[class] = self.depth[node(self.alias[class])];
                continue;
            }
            let mut best: Option<(u32, f32, u32, usize)> = None;
            for (index, way) in self.ways[class].iter().enumerate() {
                let (depth, flow) = (self.depth_of(way), self.flow_of(way));
                let late = depth.saturating_sub(required);
                if best.is_none_or(|best| (late, flow, depth) < (best.0, best.1, best.2)) {
                    best = Some((late, flow, depth, index));
                }
            }
            if let Some((_, flow, depth, index)) = best {
                self.chosen[class] = index as u32;
                self.depth[class] = depth;
                self.flow[class] = flow / self.readers[class].max(1.0);
            }
        }
    }

    /// Builds what the roots need.
    fn build(&self, roots: &[Lit]) -> (Aig, Vec<Lit>, Vec<Lit>) {
        let count = self.classes.ways.len();
        let mut needed = vec![false; count];
        roots.iter().for_each(|&root| needed[node(root)] = true);
        for class in (self.classes.leaves + 1..count).rev().filter(|&class| !self.ways[class].is_empty()) {
            if needed[class] {
                let way = &self.ways[class][self.chosen[class] as usize];
                way.cut.leaves().iter().for_each(|&leaf| needed[leaf as usize] = true);
            }
        }
        let mut graph = Built { aig: Aig::new(self.classes.leaves), levels: vec![0; self.classes.leaves + 1] };
        let mut lits: Vec<Lit> = vec![NONE; count];
        (0..=self.classes.leaves as u32).for_each(|leaf| lits[leaf as usize] = leaf << 1);
        for class in (self.classes.leaves + 1..count).filter(|&class| needed[class] && !self.ways[class].is_empty()) {
            let way = &self.ways[class][self.chosen[class] as usize];
            let leaves: Vec<Lit> = way.cut.leaves().iter().map(|&leaf| lits[leaf as usize]).collect();
            lits[class] = graph.sum(&self.sums[way.sum as usize], &leaves, self.classes.tags[class]);
        }
        let roots = roots.iter().map(|&root| lits[node(root)] ^ (root & 1)).collect();
        (graph.aig, roots, lits)
    }
}

fn keep<A: PartialOrd, B: PartialOrd>(kept: &mut Vec<(A, B, Way)>, most: usize, entry: (A, B, Way)) {
    let place = kept.partition_point(|known| (&known.0, &known.1) <= (&entry.0, &entry.1));
    if place < most {
        kept.truncate(most - 1);
        kept.insert(place, entry);
    }
}

/// A graph with the level of each node.
struct Built {
    aig: Aig,
    levels: Vec<u32>,
}

impl Built {
    fn level(&self, of: Lit) -> u32 {
        self.levels[node(of)]
    }

    fn and(&mut self, a: Lit, b: Lit, tag: u32) -> Lit {
        let new = self.aig.and(a, b, tag);
        if self.levels.len() < self.aig.len() {
            self.levels.push(1 + self.level(a).max(self.level(b)));
        }
        new
    }

    /// The conjunction of operands, the lowest first.
    fn all(&mut self, mut operands: Vec<Lit>, tag: u32) -> Lit {
        while let Some(first) = least(&operands, |&of| self.level(of)) {
            let a = operands.swap_remove(first);
            let Some(second) = least(&operands, |&of| self.level(of)) else { return a };
            let b = operands.swap_remove(second);
            let both = self.and(a, b, tag);
            operands.push(both);
        }
        ONE
    }

    fn sum(&mut self, sum: &Sum, leaves: &[Lit], tag: u32) -> Lit {
        let mut terms = Vec::with_capacity(sum.products.len());
        for product in &sum.products {
            let literals = product.literals().map(|(input, sign)| leaves[input] ^ u32::from(sign));
            let term = self.all(literals.collect(), tag);
            terms.push(term ^ 1);
        }
        let neither = if terms.is_empty() { ONE } else { self.all(terms, tag) };
        neither ^ 1 ^ u32::from(sum.complement)
    }
}

/// The first of the least.
pub(super) fn least<T, K: Ord>(list: &[T], key: impl Fn(&T) -> K) -> Option<usize> {
    (0..list.len()).min_by_key(|&index| key(&list[index]))
}
