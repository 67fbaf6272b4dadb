//! Logic becomes standard cells: each tree of the network is covered with the cheapest cells that compute it.
//!
//! Dynamic programming over trees, both polarities of every node, after Keutzer's DAGON. A node with several readers is the root
//! of a tree of its own; it is made in its cheaper polarity, and inverted for readers of the other.

use super::body::{Body, Sink, Source};
use super::logic::{Bit, Logic, Node};
use super::process::CellKind;
use super::process::linear::{LibraryCell, Linear};

/// A value in the mapped netlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Known.
    Constant(bool),
    /// A leaf of the logic, by leaf number.
    Leaf(u32),
    /// The output of a cell, by index of [`Mapped::gates`].
    Gate(u32),
}

/// One standard cell.
#[derive(Clone, Debug)]
pub struct Gate {
    /// What it computes.
    pub kind: CellKind,
    /// What its inputs are.
    pub inputs: Vec<Signal>,
    /// The tag of the logic it implements, an index of [`Body::origins`].
    pub tag: u32,
}

/// The logic of a module in standard cells.
#[derive(Debug)]
pub struct Mapped {
    /// Cells, each after those it reads.
    pub gates: Vec<Gate>,
    /// What each of [`Body::sinks`] reads; `None` for sinks whose value nobody needs.
    pub sinks: Vec<Option<Signal>>,
    /// Whether each leaf is read.
    pub live_leaves: Vec<bool>,
    /// Full adders whose sum and carry are both used.
    pub full_adders: usize,
    /// Half adders whose sum and carry are both used.
    pub half_adders: usize,
}

/// Which nodes and sinks matter: those on which an output port, a grid, or a flip-flop that matters itself depends.
struct Liveness {
    nodes: Vec<bool>,
    sinks: Vec<bool>,
}

impl Liveness {
    fn of(body: &Body) -> Liveness {
        let mut live = Liveness { nodes: vec![false; body.logic.nodes().len()], sinks: vec![false; body.sinks.len()] };
        let mut flip_flops = vec![None; body.flip_flops.len()];
        let mut delay_lines = vec![None; body.delay_lines.len()];
        for (index, (_, sink)) in body.sinks.iter().enumerate() {
            match *sink {
                Sink::FlipFlop(flip_flop) => flip_flops[flip_flop] = Some(index),
                Sink::DelayLine(line) => delay_lines[line] = Some(index),
                Sink::Port { .. } | Sink::DelayLineEnable { .. } | Sink::Grid { .. } => live.sinks[index] = true,
            }
        }
        let mut pending: Vec<usize> =
            body.sinks.iter().zip(&live.sinks).filter(|(_, live)| **live).map(|((bit, _), _)| bit.node()).collect();
        while let Some(node) = pending.pop() {
            if std::mem::replace(&mut live.nodes[node], true) {
                continue;
            }
            match body.logic.nodes()[node] {
                Node::Zero => {}
                Node::Leaf(leaf) => {
                    let sink = match body.sources[leaf as usize] {
                        Source::FlipFlop(index) => flip_flops[index],
                        Source::DelayLine(index) => delay_lines[index],
                        _ => None,
                    };
                    if let Some(sink) = sink {
                        live.sinks[sink] = true;
                        pending.push(body.sinks[sink].0.node());
                    }
                }
                Node::And(a, b) | Node::Xor(a, b) => pending.extend([a.node(), b.node()]),
                Node::Mux(s, one, zero) => pending.extend([s.node(), one.node(), zero.node()]),
            }
        }
        live
    }
}

/// The best way found to make a node in one polarity.
#[derive(Clone, Copy)]
struct Choice {
    cost: f64,
    kind: CellKind,
    inputs: [Bit; 4],
}

struct Cover<'a> {
    logic: &'a Logic,
    process: &'a Linear,
    readers: Vec<u32>,
    /// Per node, for the true and the complemented value.
    best: Vec<[Option<Choice>; 2]>,
}

/// Covers the live logic of a module.
pub fn cover(body: &Body, process: &Linear) -> Mapped {
    let live = Liveness::of(body);
    let nodes = body.logic.nodes();
    let mut readers = vec![0u32; nodes.len()];
    for (node, _) in nodes.iter().zip(&live.nodes).filter(|(_, live)| **live) {
        match *node {
            Node::And(a, b) | Node::Xor(a, b) => [a, b].iter().for_each(|bit| readers[bit.node()] += 1),
            Node::Mux(s, one, zero) => [s, one, zero].iter().for_each(|bit| readers[bit.node()] += 1),
            Node::Zero | Node::Leaf(_) => {}
        }
    }
    for ((bit, _), _) in body.sinks.iter().zip(&live.sinks).filter(|(_, live)| **live) {
        readers[bit.node()] += 1;
    }
    let mut cover = Cover { logic: &body.logic, process, readers, best: vec![[None, None]; nodes.len()] };
    for node in 0..nodes.len() {
        if live.nodes[node] {
            cover.choose(node);
        }
    }
    let (gates, sinks) = cover.emit(body, &live);
    let live_leaves = body.leaves.iter().map(|bit| live.nodes[bit.node()]).collect();
    let used = |full: bool| {
        let both = |cell: &&super::logic::AdderCell| {
            cell.full == full && live.nodes[cell.sum.node()] && live.nodes[cell.carry.node()]
        };
        body.logic.adders().filter(both).count()
    };
    Mapped { gates, sinks, live_leaves, full_adders: used(true), half_adders: used(false) }
}

/// What a nanosecond of delay is worth in the choice between cells, um2 in a process like Nangate 45: enough to prefer the faster
/// of two cells of about one size, no more.
const DELAY_WEIGHT: f64 = 0.3;

impl Cover<'_> {
    /// Cost of a cell itself: its area, and a little for its delay, scaled so that the process's inverter has area 1 and delay 1.
    fn cell_cost(&self, kind: CellKind) -> Option<f64> {
        let cell = self.process.cell(kind)?;
        let load = self.process.nominal_load_ff / 2.0;
        let delay = |cell: &LibraryCell| {
            let total: f64 = cell.delay_ns.iter().zip(&cell.resistance_ns_per_ff).map(|(d, r)| d + r * load).sum();
            total / cell.delay_ns.len() as f64
        };
        let inverter = self.process.cell(CellKind::Inv)?;
        Some(cell.area_um2 / inverter.area_um2 + DELAY_WEIGHT * delay(cell) / delay(inverter))
    }

    fn is_leaf(&self, node: usize) -> bool {
        matches!(self.logic.nodes()[node], Node::Leaf(_) | Node::Zero)
    }

    /// The polarity in which a node with several readers is made.
    fn primary(&self, node: usize) -> bool {
        match self.best[node] {
            [Some(plain), Some(inverted)] => inverted.cost < plain.cost,
            _ => false,
        }
    }

    fn input_cost(&self, bit: Bit) -> f64 {
        let inverter = self.cell_cost(CellKind::Inv).unwrap_or(1.0);
        let node = bit.node();
        if self.is_leaf(node) {
            return if bit.is_complement() { inverter } else { 0.0 };
        }
        if self.readers[node] > 1 {
            return if bit.is_complement() == self.primary(node) { 0.0 } else { inverter };
        }
        self.best[node][usize::from(bit.is_complement())].map_or(f64::INFINITY, |choice| choice.cost)
    }

    fn offer(&mut self, node: usize, complement: bool, kind: CellKind, inputs: &[Bit]) {
        let Some(own) = self.cell_cost(kind) else { return };
        let cost = own + inputs.iter().map(|&input| self.input_cost(input)).sum::<f64>();
        let slot = &mut self.best[node][usize::from(complement)];
        if slot.is_none_or(|best| cost < best.cost - 1e-9) {
            let mut padded = [Bit::ZERO; 4];
            padded[..inputs.len()].copy_from_slice(inputs);
            *slot = Some(Choice { cost, kind, inputs: padded });
        }
    }

    /// The operands of a conjunction that only `bit`'s reader reads, so that a larger cell may swallow it.
    fn inner(&self, bit: Bit) -> Option<(Bit, Bit)> {
        match self.logic.nodes()[bit.node()] {
            Node::And(a, b) if self.readers[bit.node()] == 1 => Some((a, b)),
            _ => None,
        }
    }

    fn choose(&mut self, node: usize) {
        match self.logic.nodes()[node] {
            Node::Zero | Node::Leaf(_) => return,
            Node::And(a, b) => self.choose_and(node, a, b),
            Node::Xor(a, b) => {
                for (i, j) in [(false, false), (true, true), (false, true), (true, false)] {
                    let inputs = [a.flipped(i), b.flipped(j)];
                    self.offer(node, i != j, CellKind::Xor2, &inputs);
                    self.offer(node, i == j, CellKind::Xnor2, &inputs);
                }
            }
            Node::Mux(s, one, zero) => {
                for flip in [false, true] {
                    let (one, zero) = (one.flipped(flip), zero.flipped(flip));
                    self.offer(node, flip, CellKind::Mux2, &[s, one, zero]);
                    self.offer(node, flip, CellKind::Mux2, &[!s, zero, one]);
                    self.offer(node, !flip, CellKind::Aoi22, &[s, one, !s, zero]);
                    self.offer(node, !flip, CellKind::Oai22, &[!s, one, s, zero]);
                }
            }
        }
        // Either polarity may also be the other one inverted; never both, since an inverter costs more than nothing.
        let inverter = self.cell_cost(CellKind::Inv).unwrap_or(1.0);
        let direct = self.best[node];
        for complement in [false, true] {
            let Some(other) = direct[usize::from(!complement)] else { continue };
            let cost = other.cost + inverter;
            if direct[usize::from(complement)].is_none_or(|own| cost < own.cost) {
                let inputs = [Bit::of(node, !complement), Bit::ZERO, Bit::ZERO, Bit::ZERO];
                self.best[node][usize::from(complement)] = Some(Choice { cost, kind: CellKind::Inv, inputs });
            }
        }
    }

    fn choose_and(&mut self, node: usize, a: Bit, b: Bit) {
        self.offer(node, true, CellKind::Nand2, &[a, b]);
        self.offer(node, true, CellKind::Or2, &[!a, !b]);
        self.offer(node, false, CellKind::And2, &[a, b]);
        self.offer(node, false, CellKind::Nor2, &[!a, !b]);
        for (x, y) in [(a, b), (b, a)] {
            let Some((c, d)) = self.inner(x) else { continue };
            let other = self.inner(y);
            if x.is_complement() {
                self.offer(node, true, CellKind::Oai21, &[!c, !d, y]);
                self.offer(node, false, CellKind::Aoi21, &[c, d, !y]);
                if let Some((e, f)) = other.filter(|_| y.is_complement()) {
                    self.offer(node, true, CellKind::Oai22, &[!c, !d, !e, !f]);
                    self.offer(node, false, CellKind::Aoi22, &[c, d, e, f]);
                }
                continue;
            }
            self.offer(node, true, CellKind::Nand3, &[c, d, y]);
            self.offer(node, false, CellKind::Nor3, &[!c, !d, !y]);
            if let Some((e, f)) = other.filter(|_| !y.is_complement()) {
                self.offer(node, true, CellKind::Nand4, &[c, d, e, f]);
                self.offer(node, false, CellKind::Nor4, &[!c, !d, !e, !f]);
            }
            for (p, q) in [(c, d), (d, c)] {
                if let Some((e, f)) = self.inner(p).filter(|_| !p.is_complement()) {
                    self.offer(node, true, CellKind::Nand4, &[e, f, q, y]);
                    self.offer(node, false, CellKind::Nor4, &[!e, !f, !q, !y]);
                }
            }
        }
    }

    /// Which cell makes a node in a polarity that somebody wants.
    fn choice(&self, node: usize, complement: bool) -> Option<Choice> {
        if !self.is_leaf(node) && (self.readers[node] <= 1 || complement == self.primary(node)) {
            return self.best[node][usize::from(complement)];
        }
        let inputs = [Bit::of(node, !complement), Bit::ZERO, Bit::ZERO, Bit::ZERO];
        Some(Choice { cost: 0.0, kind: CellKind::Inv, inputs })
    }

    fn emit(&self, body: &Body, live: &Liveness) -> (Vec<Gate>, Vec<Option<Signal>>) {
        let nodes = self.logic.nodes();
        let mut wanted = vec![[false; 2]; nodes.len()];
        for ((bit, _), _) in body.sinks.iter().zip(&live.sinks).filter(|(_, live)| **live) {
            wanted[bit.node()][usize::from(bit.is_complement())] = true;
        }
        // A cell's inputs stand before its node, except for the inverter of a node of its own: that one comes second.
        let order = |node: usize| {
            let inverted_second = |c: bool| {
                self.choice(node, c)
                    .is_some_and(|choice| choice.kind == CellKind::Inv && choice.inputs[0].node() == node)
            };
            if self.is_leaf(node) || !inverted_second(false) { [false, true] } else { [true, false] }
        };
        for node in (1..nodes.len()).rev() {
            for complement in order(node).into_iter().rev() {
                let plain_leaf = self.is_leaf(node) && !complement;
                if !wanted[node][usize::from(complement)] || plain_leaf {
                    continue;
                }
                if let Some(choice) = self.choice(node, complement) {
                    for input in &choice.inputs[..choice.kind.inputs()] {
                        wanted[input.node()][usize::from(input.is_complement())] = true;
                    }
                }
            }
        }
        let mut signals: Vec<[Option<Signal>; 2]> = vec![[None; 2]; nodes.len()];
        signals[0] = [Some(Signal::Constant(false)), Some(Signal::Constant(true))];
        let mut gates = Vec::new();
        for node in 1..nodes.len() {
            if let Node::Leaf(leaf) = nodes[node] {
                signals[node][0] = Some(Signal::Leaf(leaf));
            }
            for complement in order(node) {
                let slot = usize::from(complement);
                if !wanted[node][slot] || signals[node][slot].is_some() {
                    continue;
                }
                let Some(choice) = self.choice(node, complement) else { continue };
                let inputs = choice.inputs[..choice.kind.inputs()]
                    .iter()
                    .map(|input| {
                        signals[input.node()][usize::from(input.is_complement())].unwrap_or(Signal::Constant(false))
                    })
                    .collect();
                signals[node][slot] = Some(Signal::Gate(gates.len() as u32));
                gates.push(Gate { kind: choice.kind, inputs, tag: self.logic.tag(node) });
            }
        }
        let read = |(&(bit, _), &live): (&(Bit, Sink), &bool)| {
            if live { signals[bit.node()][usize::from(bit.is_complement())] } else { None }
        };
        let sinks = body.sinks.iter().zip(&live.sinks).map(read).collect();
        (gates, sinks)
    }
}
