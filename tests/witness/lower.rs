//! Any netlist becomes a circuit of rust-hdl.
//!
//! The hierarchy is walked here once more, from the documentation of `netlist` alone: a port of an instance is another name for
//! the word that it is connected to, so nothing is left of the hierarchy but words.

use bitweight::netlist::{Direction, Grid, Item, Link, ModuleId, NetId, Netlist};
use rust_hdl::core::atom::AtomKind;

use crate::circuit::{Circuit, Flop, Gate};
use crate::wire::Wire;

/// The circuit of a netlist, registers at their reset values (0 without one).
pub fn lower(netlist: &Netlist) -> Circuit {
    let mut lowering = Lowering { netlist, circuit: Circuit::default() };
    let top = netlist.top_module();
    let mut ports = Vec::new();
    for port in &top.ports {
        let net = top.net(port.net);
        let (kind, list) = match port.direction {
            Direction::Input => (AtomKind::InputParameter, true),
            Direction::Output => (AtomKind::OutputParameter, false),
        };
        let words: Vec<usize> = (0..net.lanes).map(|_| lowering.word(net.width, kind)).collect();
        let named = (net.name.clone(), words.clone());
        if list {
            lowering.circuit.inputs.push(named)
        } else {
            lowering.circuit.outputs.push(named)
        }
        ports.push((port.net, words));
    }
    lowering.module(netlist.top, &ports);
    lowering.circuit
}

struct Lowering<'a> {
    netlist: &'a Netlist,
    circuit: Circuit,
}

impl Lowering<'_> {
    fn word(&mut self, width: u32, kind: AtomKind) -> usize {
        self.circuit.words.push(Wire::new(width, kind));
        self.circuit.words.len() - 1
    }

    /// Puts one instance of a module into the circuit; `ports` are the words of its ports, lane by lane.
    fn module(&mut self, id: ModuleId, ports: &[(NetId, Vec<usize>)]) {
        let netlist = self.netlist;
        let module = netlist.module(id);
        let mut nets: Vec<Vec<usize>> = Vec::new();
        for (index, net) in module.nets.iter().enumerate() {
            nets.push(match ports.iter().find(|(port, _)| port.index() == index) {
                Some((_, words)) => words.clone(),
                None => (0..net.lanes).map(|_| self.word(net.width, AtomKind::LocalSignal)).collect(),
            });
        }
        for item in &module.items {
            match item {
                Item::Cell(cell) => {
                    let width = |net: NetId| module.net(net).width;
                    let lane = |net: NetId| match cell.op {
                        bitweight::netlist::Op::Lane { index } => nets[net.index()][index as usize],
                        _ => nets[net.index()][0],
                    };
                    let sources: Vec<_> = cell.inputs.iter().map(|&net| (lane(net), width(net))).collect();
                    // Spread drives every lane of its bundle; every other operation drives nets of one lane.
                    let results: Vec<&Vec<usize>> = cell.outputs.iter().map(|net| &nets[net.index()]).collect();
                    let widths: Vec<u32> = cell.outputs.iter().map(|&net| width(net)).collect();
                    for (copy, &first) in results[0].iter().enumerate() {
                        let rest = results[1..].iter().map(|words| words[copy]);
                        let targets = std::iter::once(first).chain(rest).zip(widths.iter().copied()).collect();
                        self.circuit.gates.push(Gate::new(cell.op, sources.clone(), targets));
                    }
                }
                Item::Register(register) => {
                    let one = |net: Option<NetId>| net.map(|net| nets[net.index()][0]);
                    let width = module.net(register.q).width;
                    let initial = register.reset.unwrap_or(0);
                    for (&d, &q) in nets[register.d.index()].iter().zip(&nets[register.q.index()]) {
                        let flop = Flop::new(width, initial, [d, q], one(register.enable), one(register.clear));
                        self.circuit.flops.push(flop);
                    }
                }
                Item::Skew(skew) => {
                    let width = module.net(skew.input).width;
                    let enable = skew.enable.map(|net| nets[net.index()][0]);
                    let lanes = nets[skew.input.index()].len() as u32;
                    for lane in 0..lanes {
                        let mut from = nets[skew.input.index()][lane as usize];
                        let to = nets[skew.output.index()][lane as usize];
                        let depth = skew.depth.of(lane, lanes);
                        for stage in 0..depth {
                            let q = if stage + 1 == depth { to } else { self.word(width, AtomKind::LocalSignal) };
                            self.circuit.flops.push(Flop::new(width, 0, [from, q], enable, None));
                            from = q;
                        }
                        if depth == 0 {
                            let wire = bitweight::netlist::Op::Wire;
                            self.circuit.gates.push(Gate::new(wire, vec![(from, width)], vec![(to, width)]));
                        }
                    }
                }
                Item::Instance(instance) => {
                    let ports: Vec<_> =
                        instance.connections.iter().map(|&(port, net)| (port, nets[net.index()].clone())).collect();
                    self.module(instance.module, &ports);
                }
                Item::Grid(grid) => self.grid(grid, &nets),
                Item::Comment(_) => {}
            }
        }
    }

    fn grid(&mut self, grid: &Grid, nets: &[Vec<usize>]) {
        let netlist = self.netlist;
        let child = netlist.module(grid.module);
        let extents: Vec<usize> = grid.axes.iter().map(|&(_, extent)| extent as usize).collect();
        let count: usize = extents.iter().product();
        let place = |instance: usize| {
            let mut rest = instance;
            let mut coordinates = vec![0; extents.len()];
            for axis in (0..extents.len()).rev() {
                coordinates[axis] = rest % extents[axis];
                rest /= extents[axis];
            }
            coordinates
        };
        let number = |coordinates: &[usize]| {
            coordinates.iter().zip(&extents).fold(0, |number, (&coordinate, &extent)| number * extent + coordinate)
        };
        // Row-major over all axes but one.
        let chain = |coordinates: &[usize], without: usize| {
            (0..extents.len())
                .filter(|&axis| axis != without)
                .fold(0, |number, axis| number * extents[axis] + coordinates[axis])
        };
        let mut ports: Vec<Vec<(NetId, Vec<usize>)>> = vec![Vec::new(); count];
        for link in &grid.links {
            match *link {
                Link::All { port, net } => ports.iter_mut().for_each(|p| p.push((port, vec![nets[net.index()][0]]))),
                Link::Along { port, axis, net } => {
                    for (instance, list) in ports.iter_mut().enumerate() {
                        list.push((port, vec![nets[net.index()][place(instance)[axis]]]));
                    }
                }
                Link::Own { port, net } => {
                    for (instance, list) in ports.iter_mut().enumerate() {
                        list.push((port, vec![nets[net.index()][instance]]));
                    }
                }
                Link::Open { port } => {
                    for list in &mut ports {
                        let word = self.word(child.net(port).width, AtomKind::LocalSignal);
                        list.push((port, vec![word]));
                    }
                }
                Link::Pass { into, out, axis, reverse, entry, exit } => {
                    let (first, last) = if reverse { (extents[axis] - 1, 0) } else { (0, extents[axis] - 1) };
                    let results: Vec<usize> = (0..count)
                        .map(|instance| {
                            let at = place(instance);
                            match exit {
                                Some(net) if at[axis] == last => nets[net.index()][chain(&at, axis)],
                                _ => self.word(child.net(out).width, AtomKind::LocalSignal),
                            }
                        })
                        .collect();
                    for (instance, list) in ports.iter_mut().enumerate() {
                        let mut at = place(instance);
                        let from = if at[axis] == first {
                            nets[entry.index()][chain(&at, axis)]
                        } else {
                            at[axis] = if reverse { at[axis] + 1 } else { at[axis] - 1 };
                            results[number(&at)]
                        };
                        list.push((into, vec![from]));
                        list.push((out, vec![results[instance]]));
                    }
                }
            }
        }
        for list in ports {
            self.module(grid.module, &list);
        }
    }
}
