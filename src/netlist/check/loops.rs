//! Combinational loops, through the hierarchy, by words.
//!
//! Modules are visited leaf first. Of each, only which output words depend on which input words within one cycle is
//! kept, so that a body is looked at once however often it is instantiated. A grid is unfolded only along the ports that
//! have such a path.

use crate::netlist::flatten::{coordinate, is_output, stride, without_coordinate};
use crate::netlist::{Direction, Grid, Item, Link, Module, NetId, Netlist, NetlistError, Op};

/// A lane of a port.
type PortWord = (NetId, u32);

/// Checks every module; reports at most one loop of each.
pub fn check(netlist: &Netlist, errors: &mut Vec<NetlistError>) {
    let mut summaries: Vec<Vec<(PortWord, PortWord)>> = Vec::new();
    for module in &netlist.modules {
        let graph = Graph::new(netlist, module, &summaries);
        if let Some(nodes) = graph.find_loop() {
            let path = nodes.into_iter().map(|node| graph.name(node)).collect();
            errors.push(NetlistError::CombinationalLoop { module: module.name.clone(), path });
            // Callers would see the loop again through a summary that means nothing.
            return;
        }
        summaries.push(graph.summary());
    }
}

/// Which words depend on which inside a module. Nodes are the lanes of its nets, then the ports of unfolded grids.
struct Graph<'a> {
    netlist: &'a Netlist,
    module: &'a Module,
    /// First node of each net.
    bases: Vec<u32>,
    /// Node to nodes that depend on it.
    readers: Vec<Vec<u32>>,
    /// (first node, grid, child's ports that have nodes).
    grids: Vec<(u32, &'a Grid, Vec<String>)>,
}

impl<'a> Graph<'a> {
    fn new(netlist: &'a Netlist, module: &'a Module, summaries: &[Vec<(PortWord, PortWord)>]) -> Self {
        let mut nodes = 0;
        let mut bases = Vec::with_capacity(module.nets.len());
        for net in &module.nets {
            bases.push(nodes);
            nodes += net.lanes;
        }
        let mut graph = Self { netlist, module, bases, readers: vec![Vec::new(); nodes as usize], grids: Vec::new() };
        for item in &module.items {
            match item {
                Item::Cell(cell) => {
                    // Wires keep lanes apart, joins give each operand its own.
                    if let (Op::Wire | Op::Join, &[to]) = (cell.op, &cell.outputs[..]) {
                        for lane in 0..module.net(to).lanes {
                            let (input, from) = if cell.op == Op::Join { (lane as usize, 0) } else { (0, lane) };
                            if let Some(&net) = cell.inputs.get(input) {
                                graph.edge(graph.node(net, from), graph.node(to, lane));
                            }
                        }
                        continue;
                    }
                    for (&from, &to) in cell.inputs.iter().flat_map(|i| cell.outputs.iter().map(move |o| (i, o))) {
                        let lane = if let Op::Lane { index } = cell.op { index } else { 0 };
                        for to_lane in 0..module.net(to).lanes {
                            graph.edge(graph.node(from, lane), graph.node(to, to_lane));
                        }
                    }
                }
                Item::Skew(skew) => {
                    let lanes = module.net(skew.output).lanes;
                    for lane in (0..lanes).filter(|&lane| skew.depth.of(lane, lanes) == 0) {
                        graph.edge(graph.node(skew.input, lane), graph.node(skew.output, lane));
                    }
                }
                Item::Instance(instance) => {
                    let outer = |port| instance.connections.iter().find(|pair| pair.0 == port).map(|pair| pair.1);
                    for &((from, from_lane), (to, to_lane)) in &summaries[instance.module.index()] {
                        if let (Some(from), Some(to)) = (outer(from), outer(to)) {
                            graph.edge(graph.node(from, from_lane), graph.node(to, to_lane));
                        }
                    }
                }
                Item::Grid(grid) => graph.unfold(grid, &summaries[grid.module.index()]),
                Item::Register(_) | Item::Comment(_) => {}
            }
        }
        graph
    }

    fn node(&self, net: NetId, lane: u32) -> u32 {
        self.bases[net.index()] + lane
    }

    fn edge(&mut self, from: u32, to: u32) {
        self.readers[from as usize].push(to);
    }

    fn unfold(&mut self, grid: &'a Grid, paths: &[(PortWord, PortWord)]) {
        if paths.is_empty() {
            return;
        }
        let mut ports: Vec<PortWord> = paths.iter().flat_map(|&(from, to)| [from, to]).collect();
        ports.sort_unstable();
        ports.dedup();
        let (count, base, width) = (grid.count(), self.readers.len() as u32, ports.len() as u32);
        self.readers.resize((base + count * width) as usize, Vec::new());
        let child = self.netlist.module(grid.module);
        let names = ports.iter().map(|&(port, _)| child.net(port).name.clone()).collect();
        self.grids.push((base, grid, names));
        let inner = |port: PortWord, instance: u32| {
            ports.binary_search(&port).ok().map(|index| base + instance * width + index as u32)
        };
        for instance in 0..count {
            for &(from, to) in paths {
                if let (Some(from), Some(to)) = (inner(from, instance), inner(to, instance)) {
                    self.edge(from, to);
                }
            }
            for link in &grid.links {
                self.link(grid, link, instance, inner);
            }
        }
    }

    fn link(&mut self, grid: &Grid, link: &Link, instance: u32, inner: impl Fn(PortWord, u32) -> Option<u32>) {
        let child = self.netlist.module(grid.module);
        let Some(first) = link.ports().next() else { return };
        let lanes = child.net(first).lanes;
        for lane in 0..lanes {
            let outside = |graph: &Self, net: NetId, place: u32| graph.node(net, place * lanes + lane);
            // Both directions of an `Own` link are added here: for an output the edge leads out.
            let (outer, port) = match *link {
                Link::All { port, net } => (outside(self, net, 0), port),
                Link::Along { port, axis, net } => (outside(self, net, coordinate(grid, axis, instance)), port),
                Link::Own { port, net } => (outside(self, net, instance), port),
                Link::Open { .. } => return,
                Link::Pass { into, out, axis, reverse, entry, exit } => {
                    let last = grid.axes[axis].1 - 1;
                    let (first, last) = if reverse { (last, 0) } else { (0, last) };
                    let (at, others) = (coordinate(grid, axis, instance), without_coordinate(grid, axis, instance));
                    let step = stride(grid, axis);
                    let source = if at == first {
                        Some(outside(self, entry, others))
                    } else {
                        inner((out, lane), if reverse { instance + step } else { instance - step })
                    };
                    if let (Some(source), Some(into)) = (source, inner((into, lane), instance)) {
                        self.edge(source, into);
                    }
                    if let (true, Some(exit), Some(out)) = (at == last, exit, inner((out, lane), instance)) {
                        self.edge(out, outside(self, exit, others));
                    }
                    continue;
                }
            };
            let Some(node) = inner((port, lane), instance) else { continue };
            if is_output(child, port) { self.edge(node, outer) } else { self.edge(outer, node) }
        }
    }

    /// Some loop, as its nodes in order, the first one again at the end.
    fn find_loop(&self) -> Option<Vec<u32>> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.readers.len()];
        for start in 0..self.readers.len() as u32 {
            if marks[start as usize] != Mark::New {
                continue;
            }
            let mut stack = vec![(start, 0)];
            marks[start as usize] = Mark::Open;
            while let Some((node, next)) = stack.last_mut() {
                let Some(&reader) = self.readers[*node as usize].get(*next) else {
                    marks[*node as usize] = Mark::Done;
                    stack.pop();
                    continue;
                };
                *next += 1;
                match marks[reader as usize] {
                    Mark::New => {
                        marks[reader as usize] = Mark::Open;
                        stack.push((reader, 0));
                    }
                    Mark::Open => {
                        let nodes = stack.iter().map(|entry| entry.0).skip_while(|&node| node != reader);
                        return Some(nodes.chain([reader]).collect());
                    }
                    Mark::Done => {}
                }
            }
        }
        None
    }

    /// Which output words depend on which input words.
    fn summary(&self) -> Vec<(PortWord, PortWord)> {
        let words = |direction| {
            let ports = self.module.ports.iter().filter(move |port| port.direction == direction);
            ports.flat_map(|port| (0..self.module.net(port.net).lanes).map(move |lane| (port.net, lane)))
        };
        let mut summary = Vec::new();
        let mut seen = vec![u32::MAX; self.readers.len()];
        for (round, input) in words(Direction::Input).enumerate() {
            let round = round as u32;
            let mut pending = vec![self.node(input.0, input.1)];
            while let Some(node) = pending.pop() {
                if std::mem::replace(&mut seen[node as usize], round) != round {
                    pending.extend(&self.readers[node as usize]);
                }
            }
            let reached = |&(net, lane): &PortWord| seen[self.node(net, lane) as usize] == round;
            summary.extend(words(Direction::Output).filter(reached).map(|output| (input, output)));
        }
        summary
    }

    fn name(&self, node: u32) -> String {
        if let Some((base, grid, ports)) = self.grids.iter().rev().find(|(base, ..)| *base <= node) {
            let (instance, port) = ((node - base) / ports.len() as u32, (node - base) % ports.len() as u32);
            let at: String =
                (0..grid.axes.len()).map(|axis| format!("[{}]", coordinate(grid, axis, instance))).collect();
            return format!("u_{}{at}.{}", grid.name, ports[port as usize]);
        }
        let index = self.bases.partition_point(|&base| base <= node) - 1;
        let net = &self.module.nets[index];
        let name = if net.name.is_empty() { format!("_{index}") } else { net.name.clone() };
        if net.lanes > 1 { format!("{name}[{}]", node - self.bases[index]) } else { name }
    }
}
