//! Paths as a reader sees them: stretches by named net, each with the cells it passes.

use super::graph::{EndKind, Graph, NO_NET, Reader, Role, Start};
use super::library::{ByEdge, EDGES, RISE};
use super::times::{Context, NEVER, Times};
use crate::estimate::body::Body;
use crate::estimate::process::Process;
use crate::netlist::{ModuleId, Netlist};

/// A cell that a path passes.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Its name in the library.
    pub cell: String,
    /// Whether its output rises.
    pub rising: bool,
    /// From its input to its output, ns.
    pub delay_ns: f64,
    /// Slew of its output, ns.
    pub slew_ns: f64,
    /// What its output drives, fF.
    pub load_ff: f64,
}

/// A stretch of a path: the gates that compute one named net.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Hierarchical name of the net, or of the flip-flop at either end.
    pub net: String,
    /// Delay of the stretch, ns.
    pub delay_ns: f64,
    /// The cells passed, first to last.
    pub stages: Vec<Stage>,
    /// The module whose gates are passed.
    pub(in crate::estimate) module: ModuleId,
    /// The addition passed, if it is one.
    pub(in crate::estimate) carry_chain: Option<(ModuleId, usize)>,
}

/// A path with its delay.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    /// The sum of its steps' delays, ns.
    pub delay_ns: f64,
    /// Its stretches, first to last.
    pub steps: Vec<Step>,
}

impl Path {
    /// Goes on; a step on the net of the last one becomes part of that.
    pub fn push(&mut self, step: Step) {
        self.delay_ns += step.delay_ns;
        match self.steps.last_mut() {
            Some(last) if last.net == step.net && last.carry_chain == step.carry_chain => {
                last.delay_ns += step.delay_ns;
                last.stages.extend(step.stages);
            }
            _ => self.steps.push(step),
        }
    }

    /// This path and then that one.
    pub fn then(mut self, other: Path) -> Path {
        other.steps.into_iter().for_each(|step| self.push(step));
        self
    }

    /// The path under a longer name.
    pub fn inside(&self, prefix: &str) -> Path {
        let renamed = |step: &Step| Step { net: format!("{prefix}.{}", step.net), ..step.clone() };
        Path { delay_ns: self.delay_ns, steps: self.steps.iter().map(renamed).collect() }
    }

    /// The path with its last stretch slower, so that the whole takes `delay_ns`: the load outside was not known inside.
    pub fn ending_at(mut self, delay_ns: f64) -> Path {
        if let Some(last) = self.steps.last_mut() {
            last.delay_ns += delay_ns - self.delay_ns;
            if let Some(stage) = last.stages.last_mut() {
                stage.delay_ns += delay_ns - self.delay_ns;
            }
            self.delay_ns = delay_ns;
        }
        self
    }

    /// The path with its first stretch slower, so that the whole takes `delay_ns`: the slew outside was not known inside.
    pub fn beginning_for(mut self, delay_ns: f64) -> Path {
        if let Some(first) = self.steps.first_mut() {
            first.delay_ns += delay_ns - self.delay_ns;
            self.delay_ns = delay_ns;
        }
        self
    }
}

/// What paths are named after.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    pub netlist: &'a Netlist,
    pub module: ModuleId,
    pub body: &'a Body,
    pub process: &'a Process,
}

impl Names<'_> {
    fn port(&self, port: u32) -> String {
        let module = self.netlist.module(self.module);
        module.net(module.ports[port as usize].net).name.clone()
    }

    fn origin(&self, origin: u32) -> (String, Option<(ModuleId, usize)>) {
        let origin = &self.body.origins[origin as usize];
        (origin.net.clone(), origin.carry_chain.map(|chain| (self.module, chain)))
    }

    /// The net that a net of the graph is, or for a repeater the one it repeats.
    fn net(&self, graph: &Graph, net: u32) -> (String, Option<(ModuleId, usize)>) {
        match graph.driver(net) {
            Some(gate) => match graph.roles[gate as usize] {
                Role::Logic(origin) | Role::Hold(origin) => self.origin(origin),
                Role::Repeater => self.net(graph, graph.pins_of(gate)[0].net),
                Role::Example => ("delay line enable".to_owned(), None),
            },
            None => match graph.starts[net as usize] {
                Start::Port { port, .. } => (self.port(port), None),
                Start::Reset => ("reset".to_owned(), None),
                Start::Register(index) => (self.origin(graph.registers[index as usize].origin).0, None),
                Start::Grid { grid, port } => {
                    let grid = &self.body.grids[grid as usize];
                    let inner = self.netlist.module(grid.module);
                    (format!("{}.{}", grid.path, inner.net(inner.ports[port as usize].net).name), None)
                }
            },
        }
    }

    fn end(&self, graph: &Graph, kind: EndKind) -> String {
        match kind {
            EndKind::Register(index) => self.origin(graph.registers[index as usize].origin).0,
            EndKind::Port { port, .. } => self.port(port),
            EndKind::Grid { grid, .. } => self.body.grids[grid as usize].path.clone(),
        }
    }
}

/// An edge of a net.
pub type Place = (u32, usize);

/// The way by which an edge comes last, from where it begins. `arrival_ns` may be those of other beginnings than the times' own.
pub fn way(graph: &Graph, times: &Times, arrival_ns: &[ByEdge], (mut net, mut edge): Place) -> Vec<Place> {
    let mut way = vec![(net, edge)];
    while let Some(gate) = graph.driver(net) {
        let mut before: Option<(f64, u32, usize)> = None;
        for place in graph.pin_range(gate) {
            let pin = &graph.pins[place];
            if pin.net == NO_NET {
                continue;
            }
            for from in EDGES {
                let time = arrival_ns[pin.net as usize][from] + times.delay_ns[place][2 * from + edge];
                if time > before.map_or(NEVER, |before| before.0) {
                    before = Some((time, pin.net, from));
                }
            }
        }
        let Some((_, from, at)) = before else { break };
        (net, edge) = (from, at);
        way.push((net, edge));
    }
    way.reverse();
    way
}

/// The way that takes an edge longest to a clock edge, and the end where that is.
pub fn way_on(
    graph: &Graph,
    times: &Times,
    context: &Context,
    (mut net, mut edge): Place,
) -> (Vec<Place>, Option<u32>) {
    let mut way = vec![(net, edge)];
    loop {
        let mut next: Option<(f64, Reader, usize)> = None;
        for &reader in graph.readers_of(net) {
            match reader {
                Reader::End(end) => {
                    let after = context.after(graph, &graph.ends[end as usize], times.slew_ns[net as usize])[edge];
                    if after > next.map_or(NEVER, |next| next.0) {
                        next = Some((after, reader, edge));
                    }
                }
                Reader::Pin(pin) => {
                    let output = graph.net_of(graph.pins[pin as usize].gate);
                    for to in EDGES {
                        let after = times.delay_ns[pin as usize][2 * edge + to] + times.after_ns[output as usize][to];
                        if after > next.map_or(NEVER, |next| next.0) {
                            next = Some((after, reader, to));
                        }
                    }
                }
            }
        }
        match next {
            Some((_, Reader::Pin(pin), to)) => (net, edge) = (graph.net_of(graph.pins[pin as usize].gate), to),
            Some((_, Reader::End(end), _)) => return (way, Some(end)),
            None => return (way, None),
        }
        way.push((net, edge));
    }
}

/// The steps of a way after its first place.
pub fn steps(names: Names, graph: &Graph, times: &Times, way: &[Place]) -> Vec<Step> {
    let mut steps = Vec::new();
    for pair in way.windows(2) {
        let [(before, from), (net, to)] = [pair[0], pair[1]];
        let Some(gate) = graph.driver(net) else { continue };
        let pins = graph.pin_range(gate).filter(|&place| graph.pins[place].net == before);
        let delay_ns = pins.map(|place| times.delay_ns[place][2 * from + to]).fold(NEVER, f64::max);
        let cell = &names.process.cells()[graph.cells[gate as usize] as usize].name;
        let (name, carry_chain) = names.net(graph, net);
        let stage = stage(times, cell, (net, to), delay_ns);
        steps.push(Step { net: name, delay_ns, stages: vec![stage], module: names.module, carry_chain });
    }
    steps
}

/// The first step of a way that begins in the module: a flip-flop after its clock edge, or a port.
pub fn first_step(names: Names, graph: &Graph, times: &Times, (net, edge): Place) -> Step {
    let (name, _) = names.net(graph, net);
    let Start::Register(index) = graph.starts[net as usize] else {
        return Step { net: name, delay_ns: 0.0, stages: Vec::new(), module: names.module, carry_chain: None };
    };
    let delay_ns = times.arrival_ns[net as usize][edge];
    let cell = &names.process.flip_flops()[graph.registers[index as usize].cell as usize].name;
    Step {
        net: name,
        delay_ns,
        stages: vec![stage(times, cell, (net, edge), delay_ns)],
        module: names.module,
        carry_chain: None,
    }
}

/// The last step: the set-up of a flip-flop.
pub fn last_step(names: Names, graph: &Graph, end: u32, delay_ns: f64) -> Step {
    let net = names.end(graph, graph.ends[end as usize].kind);
    Step { net, delay_ns, stages: Vec::new(), module: names.module, carry_chain: None }
}

fn stage(times: &Times, cell: &str, (net, edge): Place, delay_ns: f64) -> Stage {
    Stage {
        cell: cell.to_owned(),
        rising: edge == RISE,
        delay_ns,
        slew_ns: times.slew_ns[net as usize][edge],
        load_ff: times.load_ff[net as usize][edge],
    }
}
