//! Covering: for every class and each of its signs the gate that makes it, chosen for area under required times.
//!
//! Cut enumeration and area flow after Manohararajah, Brown and Vranesic, "Heuristics for area minimization in LUT-based FPGA
//! technology mapping" (2006), exact local area after Mishchenko, Chatterjee and Brayton (2007), both signs of a node as in
//! Mishchenko et al., "Technology mapping with Boolean matching, supergates and choices" (2005).

use super::aig::{Lit, inverted, node};
use super::choices::Classes;
use super::cut::{Cut, WIDEST};
use super::hash::Map;
use super::pick::{NOTHING, OTHER_SIGN, Pick, Ranked, expected_readers, keep, pick};
use super::target::{Match, Target};

/// Cuts kept for each class, besides the class itself.
const CUTS: usize = 6;
/// Rounds of area flow, and of exact area. Fitted (docs/estimate.md): with more, covers become smaller than those of ABC.
const FLOW_ROUNDS: usize = 2;
const EXACT_ROUNDS: usize = 1;

/// A cover of classes by gates. Lists are by literal of a class.
pub struct Cover<'a> {
    classes: &'a Classes,
    target: &'a Target,
    /// What a class turned out to be, if it is not itself.
    alias: Vec<Lit>,
    cuts: Vec<Vec<Cut>>,
    /// How gates compute each of the cuts, and its complement.
    found: Vec<Vec<[&'a [Match]; 2]>>,
    picks: Vec<Pick>,
    /// Readers outside of the class.
    readers: Vec<u32>,
    expected: Vec<f32>,
    flow: Vec<f32>,
    arrival: Vec<f32>,
    required: Vec<f32>,
    /// Whether it is to be as fast as can be at first.
    fast: bool,
    inverter_area: f32,
    inverter_delay: f32,
    /// Area of the smallest gate with two inputs or more.
    smallest: f32,
    pending: Vec<Lit>,
}

impl<'a> Cover<'a> {
    /// Covers classes; with `required`, paths from leaves to roots shall take no longer, or else as short as was found.
    pub fn new(classes: &'a Classes, target: &'a Target, required: Option<f32>) -> Cover<'a> {
        let count = classes.ways.len();
        let inverter = &target.gates()[target.inverter()];
        let mut cover = Cover {
            classes,
            target,
            alias: (0..count as u32).map(|class| class << 1).collect(),
            cuts: Vec::with_capacity(count),
            found: vec![Vec::new(); count],
            picks: vec![Pick::special(NOTHING); 2 * count],
            readers: vec![0; 2 * count],
            expected: expected_readers(classes),
            flow: vec![0.0; 2 * count],
            arrival: vec![0.0; 2 * count],
            required: vec![f32::INFINITY; 2 * count],
            fast: required.is_some(),
            inverter_area: inverter.area as f32,
            inverter_delay: inverter.delays[0] as f32,
            smallest: target
                .gates()
                .iter()
                .filter(|gate| gate.inputs > 1)
                .map(|gate| gate.area as f32)
                .fold(f32::INFINITY, f32::min),
            pending: Vec::new(),
        };
        cover.enumerate();
        for round in 0..FLOW_ROUNDS {
            cover.count_readers();
            if let Some(required) = required {
                cover.require(required);
                cover.fast = false;
            }
            for lit in 0..2 * count {
                let weight = if round == 0 { 0.5 } else { 0.7 };
                cover.expected[lit] += weight * (cover.readers[lit] as f32 - cover.expected[lit]);
            }
            for class in classes.leaves + 1..count {
                if cover.alias[class] == (class as u32) << 1 {
                    cover.choose_by_flow(class);
                }
            }
        }
        cover.count_readers();
        for _round in 0..EXACT_ROUNDS {
            if let Some(required) = required {
                cover.require(required);
            }
            for class in classes.leaves + 1..count {
                if cover.alias[class] == (class as u32) << 1 {
                    cover.choose_exactly(class);
                }
            }
        }
        cover
    }

    /// When the last root arrives.
    pub fn latest(&self) -> f32 {
        let roots = self.classes.roots.iter().map(|&root| self.arrival[self.resolve(root) as usize]);
        roots.fold(0.0, f32::max)
    }

    /// The literal that stands for a root.
    pub fn resolve(&self, lit: Lit) -> Lit {
        self.alias[node(lit)] ^ (lit & 1)
    }

    /// How a literal is made.
    pub fn pick(&self, lit: Lit) -> &Pick {
        &self.picks[lit as usize]
    }

    /// Whether anything outside of its class reads a literal.
    pub fn is_read(&self, lit: Lit) -> bool {
        self.readers[lit as usize] > 0
    }

    /// Whether the literal's gate is there: for its own readers or for those of its complement.
    pub fn is_made(&self, lit: Lit) -> bool {
        let lit = lit as usize;
        self.readers[lit] > 0 && !self.picks[lit].is_inverter()
            || self.readers[lit ^ 1] > 0 && self.picks[lit ^ 1].is_inverter()
    }

    fn is_leaf(&self, lit: Lit) -> bool {
        node(lit) <= self.classes.leaves
    }

    /// Finds the cuts of every class, and a first choice.
    fn enumerate(&mut self) {
        let leaves = self.classes.leaves;
        self.cuts.push(vec![Cut::zero()]);
        for leaf in 1..=leaves {
            self.cuts.push(vec![Cut::of_node(leaf as u32)]);
            self.arrival[2 * leaf + 1] = self.inverter_delay;
            self.flow[2 * leaf + 1] = self.inverter_area / self.expected[2 * leaf + 1].max(1.0);
        }
        // Equal functions of equal leaves are one class.
        let mut known: Map<([u32; WIDEST], u64), Lit> = Map::default();
        let mut lists = [Vec::new(), Vec::new()];
        let mut seen: Vec<u64> = Vec::new();
        for class in leaves + 1..self.classes.ways.len() {
            lists.iter_mut().for_each(Vec::clear);
            seen.clear();
            let mut alias = None;
            for way in &self.classes.ways[class] {
                let [a, b] = way.operands;
                for x in &self.cuts[node(a)] {
                    for y in &self.cuts[node(b)] {
                        let (x, y) = ((x, inverted(a)), (y, inverted(b)));
                        let Some(cut) = Cut::fresh_and(x, y, way.flip, WIDEST, &mut seen) else { continue };
                        match *cut.leaves() {
                            [] => alias = Some(u32::from(cut.table != 0)),
                            [leaf] => alias = Some(leaf << 1 | (cut.table & 1) as u32),
                            _ => self.offer(cut, &mut lists),
                        }
                    }
                }
            }
            let [found, quick] = &mut lists;
            quick.retain(|ranked| found.iter().all(|known| known.cut != ranked.cut));
            found.append(quick);
            for Ranked { cut, .. } in found.iter() {
                let flip = cut.table & 1;
                let table = if flip == 1 { !cut.table } else { cut.table };
                let own = (class as u32) << 1 | flip as u32;
                let first = *known.entry((cut.padded(), table)).or_insert(own);
                if node(first) != class {
                    alias = Some(first ^ flip as u32);
                }
            }
            if let Some(alias) = alias.map(|alias| self.resolve(alias)) {
                self.alias[class] = alias;
                let same = self.cuts[node(alias)].iter().map(|cut| cut.flipped(inverted(alias))).collect();
                self.cuts.push(same);
                continue;
            }
            self.found[class] = found.iter().map(|ranked| ranked.found).collect();
            let mut cuts: Vec<Cut> = found.iter().map(|ranked| ranked.cut).collect();
            cuts.push(Cut::of_node(class as u32));
            self.cuts.push(cuts);
            self.choose_by_flow(class);
        }
    }

    /// Keeps a cut if it is among the best by area flow, or by arrival where that matters; one that no gate computes comes after
    /// all others.
    fn offer(&self, cut: Cut, kept: &mut [Vec<Ranked<'a>>; 2]) {
        let target = self.target;
        // No gate costs less than what it reads and the smallest gate.
        if kept[0].len() == CUTS && !self.fast {
            let cheaper = |&leaf: &u32| self.flow[2 * leaf as usize].min(self.flow[2 * leaf as usize + 1]);
            let least = self.smallest + cut.leaves().iter().map(cheaper).sum::<f32>();
            if least >= kept[0][CUTS - 1].key.0 {
                return;
            }
        }
        let found = [target.matches(cut.table), target.matches(!cut.table)];
        let (mut cost, mut time) = (f32::INFINITY, f32::INFINITY);
        for matched in found.into_iter().flatten() {
            let pick = pick(target, &cut, matched);
            cost = cost.min(self.flow_of(&pick));
            if self.fast {
                time = time.min(self.time_of(&pick));
            }
        }
        if cost == f32::INFINITY {
            let flow: f32 = cut.leaves().iter().map(|&leaf| self.flow[2 * leaf as usize]).sum();
            (cost, time) = (1e6 + flow, 1e6 + flow);
        }
        keep(&mut kept[0], CUTS, (cost, time), cut, found);
        if self.fast {
            keep(&mut kept[1], CUTS / 2, (time, cost), cut, found);
        }
    }

    fn area_of(&self, pick: &Pick) -> f32 {
        self.target.gates()[pick.gate()].area as f32
    }

    fn flow_of(&self, pick: &Pick) -> f32 {
        self.area_of(pick) + pick.inputs().iter().map(|&input| self.flow[input as usize]).sum::<f32>()
    }

    fn time_of(&self, pick: &Pick) -> f32 {
        let delays = &self.target.gates()[pick.gate()].delays;
        let each = pick.inputs().iter().zip(delays);
        each.fold(0.0, |time, (&input, &delay)| time.max(self.arrival[input as usize] + delay as f32))
    }

    /// The best gate for one sign of a class by a cost; those that are too late only if there is no other.
    fn best_gate(&mut self, lit: Lit, cost: fn(&mut Self, &Pick) -> f32) -> (f32, Pick, f32) {
        let cuts = std::mem::take(&mut self.cuts[node(lit)]);
        let found = std::mem::take(&mut self.found[node(lit)]);
        let required = self.required[lit as usize];
        let (fast, target) = (self.fast, self.target);
        let late = |time: f32| if fast { time } else { (time - required - 1e-6).max(0.0) };
        let mut best = (f32::INFINITY, Pick::special(NOTHING), f32::INFINITY);
        for (cut, found) in cuts.iter().zip(&found) {
            for matched in found[usize::from(inverted(lit))] {
                let pick = pick(target, cut, matched);
                let time = self.time_of(&pick);
                let (now, before) = (late(time), late(best.2));
                if now > before || now == before && self.area_of(&pick) > best.0 {
                    continue;
                }
                let cost = cost(self, &pick);
                if now < before || cost < best.0 - 1e-5 || cost < best.0 + 1e-5 && time < best.2 {
                    best = (cost, pick, time);
                }
            }
        }
        self.cuts[node(lit)] = cuts;
        self.found[node(lit)] = found;
        best
    }

    fn set(&mut self, lit: Lit, pick: Pick, time: f32) {
        self.picks[lit as usize] = pick;
        self.arrival[lit as usize] = time;
    }

    /// Whether a gate comes too late for a sign.
    fn too_late(&self, lit: Lit, time: f32) -> bool {
        !self.fast && time > self.required[lit as usize] + 1e-6
    }

    /// Whether a sign may come from the other through an inverter.
    fn in_time(&self, lit: Lit, other: f32, own: f32) -> bool {
        let time = other + self.inverter_delay;
        if self.fast { time < own } else { time <= self.required[lit as usize] + 1e-6 || time < own }
    }

    fn choose_by_flow(&mut self, class: usize) {
        let lits = [2 * class as u32, 2 * class as u32 + 1];
        let best = lits.map(|lit| self.best_gate(lit, |cover, pick| cover.flow_of(pick)));
        let expected = lits.map(|lit| self.expected[lit as usize].max(1.0));
        // What an inverter of the other sign would save.
        let gain = [0, 1].map(|i| {
            let other = &best[1 - i];
            let late = !self.in_time(lits[i], other.2, best[i].2);
            let shared = if self.fast { 1.0 } else { expected[1 - i] };
            match (late, self.too_late(lits[i], best[i].2)) {
                (true, _) => f32::NEG_INFINITY,
                // An own gate that is too late is none.
                (false, true) => f32::INFINITY,
                _ => best[i].0 - self.inverter_area - other.0 / shared,
            }
        });
        for i in 0..2 {
            let inverts = (gain[i] > 0.0 || best[i].0 == f32::INFINITY)
                && (gain[i] > gain[1 - i] || i == 1 && gain[i] == gain[0]);
            let (cost, time) = if inverts {
                let shared = best[1 - i].0 / expected[1 - i];
                self.set(lits[i], Pick::special(OTHER_SIGN), best[1 - i].2 + self.inverter_delay);
                (self.inverter_area + shared, 0.0)
            } else {
                (best[i].0, best[i].2)
            };
            if !inverts {
                self.set(lits[i], best[i].1, time);
            }
            self.flow[lits[i] as usize] = cost / expected[i];
        }
    }

    /// Readers of every literal, from the roots down.
    fn count_readers(&mut self) {
        self.readers.fill(0);
        for &root in &self.classes.roots {
            let root = self.resolve(root);
            self.readers[root as usize] += 1;
        }
        for class in (self.classes.leaves + 1..self.classes.ways.len()).rev() {
            for lit in [2 * class as u32, 2 * class as u32 + 1] {
                if self.is_made(lit) {
                    let pick = self.picks[lit as usize];
                    pick.inputs().iter().for_each(|&input| self.readers[input as usize] += 1);
                }
            }
        }
    }

    /// Required times, so that every root comes at `limit`, or when the last one does if that is later.
    fn require(&mut self, limit: f32) {
        let roots: Vec<Lit> = self.classes.roots.iter().map(|&root| self.resolve(root)).collect();
        let last = self.latest();
        self.required.fill(f32::INFINITY);
        for root in roots {
            self.required[root as usize] = limit.max(last);
        }
        for class in (self.classes.leaves + 1..self.classes.ways.len()).rev() {
            let lits = [2 * class, 2 * class + 1];
            for lit in lits {
                if self.readers[lit] > 0 && self.picks[lit].is_inverter() {
                    self.required[lit ^ 1] = self.required[lit ^ 1].min(self.required[lit] - self.inverter_delay);
                }
            }
            for lit in lits {
                if !self.is_made(lit as Lit) {
                    continue;
                }
                let pick = self.picks[lit];
                for (&input, &delay) in pick.inputs().iter().zip(&self.target.gates()[pick.gate()].delays) {
                    let time = self.required[lit] - delay as f32;
                    self.required[input as usize] = self.required[input as usize].min(time);
                }
            }
        }
    }

    /// One more reader of each of the pending literals; returns the area that comes with it.
    fn add_readers(&mut self) -> f32 {
        let mut area = 0.0;
        while let Some(lit) = self.pending.pop() {
            let at = lit as usize;
            self.readers[at] += 1;
            if self.readers[at] > 1 {
                continue;
            }
            area += self.first_reader(lit);
        }
        area
    }

    fn drop_readers(&mut self) -> f32 {
        let mut area = 0.0;
        while let Some(lit) = self.pending.pop() {
            let at = lit as usize;
            self.readers[at] -= 1;
            if self.readers[at] > 0 {
                continue;
            }
            area += self.first_reader(lit);
        }
        area
    }

    /// What a literal's first reader needs and its last one frees, apart from what gates read; that is then pending.
    fn first_reader(&mut self, lit: Lit) -> f32 {
        if self.is_leaf(lit) {
            return if inverted(lit) && node(lit) != 0 { self.inverter_area } else { 0.0 };
        }
        let (own, other) = (self.picks[lit as usize], self.picks[lit as usize ^ 1]);
        let other_is_read = self.readers[lit as usize ^ 1] > 0;
        let (inverter, made) = if own.is_inverter() {
            (self.inverter_area, (!other_is_read).then_some(other))
        } else {
            (0.0, (!(other_is_read && other.is_inverter())).then_some(own))
        };
        let Some(pick) = made else { return inverter };
        self.pending.extend(pick.inputs());
        inverter + self.area_of(&pick)
    }

    fn exact_area(&mut self, pick: &Pick) -> f32 {
        let own = self.area_of(pick);
        self.pending.extend(pick.inputs());
        let area = self.add_readers();
        self.pending.extend(pick.inputs());
        self.drop_readers();
        own + area
    }

    fn choose_exactly(&mut self, class: usize) {
        let lits = [2 * class as u32, 2 * class as u32 + 1];
        for lit in lits {
            if self.is_made(lit) {
                self.pending.extend(self.picks[lit as usize].inputs());
            }
        }
        self.drop_readers();
        let read = lits.map(|lit| self.is_read(lit));
        let exact: fn(&mut Self, &Pick) -> f32 = |cover, pick| cover.exact_area(pick);
        let mut best = lits.map(|lit| self.best_gate(lit, exact));
        let inverter = self.inverter_area;
        let may_invert = [0, 1].map(|i| self.in_time(lits[i], best[1 - i].2, best[i].2));
        let late = [0, 1].map(|i| may_invert[i] && self.too_late(lits[i], best[i].2));
        // Whether each sign inverts the other.
        let inverts = if read[0] && read[1] {
            // The second of two gates shares what the first one reads.
            self.pending.extend(best[0].1.inputs());
            self.add_readers();
            let second = self.best_gate(lits[1], exact);
            self.pending.extend(best[0].1.inputs());
            self.drop_readers();
            let options = [
                (if may_invert[1] { best[0].0 + inverter } else { f32::INFINITY }, [false, true]),
                (if may_invert[0] { best[1].0 + inverter } else { f32::INFINITY }, [true, false]),
                (if late[0] || late[1] { f32::INFINITY } else { best[0].0 + second.0 }, [false, false]),
            ];
            let cheapest = options.into_iter().min_by(|x, y| x.0.total_cmp(&y.0)).map_or([false; 2], |least| least.1);
            if cheapest == [false, false] {
                best[1] = second;
            }
            cheapest
        } else {
            let by_inverter = [0, 1].map(|i| may_invert[i] && (late[i] || best[1 - i].0 + inverter < best[i].0));
            match (read[0], read[1]) {
                (true, _) => [by_inverter[0], !by_inverter[0] && best[1].0 > inverter && may_invert[1]],
                (_, true) => [!by_inverter[1] && best[0].0 > inverter && may_invert[0], by_inverter[1]],
                _ => by_inverter,
            }
        };
        for i in 0..2 {
            if inverts[i] {
                self.set(lits[i], Pick::special(OTHER_SIGN), best[1 - i].2 + self.inverter_delay);
            } else {
                self.set(lits[i], best[i].1, best[i].2);
            }
        }
        for lit in lits {
            if self.is_made(lit) {
                self.pending.extend(self.picks[lit as usize].inputs());
            }
        }
        self.add_readers();
    }
}
