//! A mapped module as every instance of it is expanded.

use super::circuit::CONSTANTS;
use crate::estimate::body::{Body, Sink, Source};
use crate::estimate::mapping::{Mapped, Signal};
use crate::estimate::process::Process;
use crate::estimate::timing::{Design, EndKind, Graph, NO_NET, Reader, Role, Start, port_index};
use crate::netlist::flatten::with_coordinate;
use crate::netlist::{Direction, Grid, Item, Link, ModuleId, Netlist};

/// A net of a module's graph, or a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Constant(bool),
    Net(u32),
}

/// A delay line and what moves it.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Index of [`Body::delay_lines`].
    pub line: u32,
    /// What enters it.
    pub enters: Place,
    /// The multiplexer before each flip-flop: its cell, and the gate that stands for the readers of its select.
    pub hold: Option<(u32, u32)>,
}

/// Capacitance that a bit of a port has: nominal, for a rising and for a falling edge, fF.
pub type PortLoad = [f64; 3];

/// A module.
#[derive(Debug)]
pub struct Template<'a> {
    pub body: &'a Body,
    pub mapped: &'a Mapped,
    pub graph: &'a Graph,
    /// First of each net's copies in an instance.
    pub offsets: Vec<u32>,
    /// Nets of an instance.
    pub size: u32,
    /// Net of each bit of each input port.
    pub inputs: Vec<Vec<u32>>,
    /// What each bit of each output port shows.
    pub outputs: Vec<Vec<Place>>,
    /// Net of each flip-flop or end of a delay line, by index of [`Graph::registers`].
    pub q_nets: Vec<u32>,
    pub lines: Vec<Line>,
    /// What each bit of an input port drives inside.
    pub port_ff: Vec<Vec<PortLoad>>,
    /// The grids of [`Body::grids`].
    pub grids: Vec<&'a Grid>,
    /// Gates and flip-flops of an instance, with those of its grids.
    pub cells: f64,
}

/// The modules of a design that occur, by module index; a module comes after those it contains.
pub fn templates<'a>(design: &'a Design, netlist: &'a Netlist, process: &Process) -> Vec<Option<Template<'a>>> {
    let mut templates: Vec<Option<Template<'a>>> = Vec::new();
    for index in 0..netlist.modules.len() {
        let made = match (design.part(index), design.graph(index)) {
            (Some(part), Some(graph)) => {
                let maker =
                    Maker { netlist, module: ModuleId(index as u32), body: &part.body, mapped: &part.mapped, graph };
                Some(maker.make(process, &templates))
            }
            _ => None,
        };
        templates.push(made);
    }
    templates
}

/// What a reader reads, by its net and its index of [`Body::sinks`].
fn place(mapped: &Mapped, net: u32, sink: u32) -> Place {
    match net {
        NO_NET => Place::Constant(matches!(mapped.sinks[sink as usize], Some(Signal::Constant(true)))),
        net => Place::Net(net),
    }
}

impl Template<'_> {
    /// What a reader reads, by its net and its index of [`Body::sinks`].
    pub fn place(&self, net: u32, sink: u32) -> Place {
        place(self.mapped, net, sink)
    }
}

struct Maker<'a> {
    netlist: &'a Netlist,
    module: ModuleId,
    body: &'a Body,
    mapped: &'a Mapped,
    graph: &'a Graph,
}

impl<'a> Maker<'a> {
    fn make(self, process: &Process, known: &[Option<Template<'a>>]) -> Template<'a> {
        let Maker { netlist, module, body, mapped, graph } = self;
        let ports = &netlist.module(module).ports;
        let mut offsets = Vec::with_capacity(graph.nets());
        let mut size = 0;
        for net in 0..graph.nets() as u32 {
            offsets.push(size);
            size += self.copies(net);
        }
        let mut inputs = vec![Vec::new(); ports.len()];
        let mut q_nets = vec![NO_NET; graph.registers.len()];
        for (net, start) in graph.starts.iter().enumerate() {
            match *start {
                Start::Port { port, .. } => inputs[port as usize].push(net as u32),
                Start::Register(index) => q_nets[index as usize] = net as u32,
                Start::Reset | Start::Grid { .. } => {}
            }
        }
        let mut outputs = vec![Vec::new(); ports.len()];
        for end in &graph.ends {
            if let EndKind::Port { port, .. } = end.kind {
                outputs[port as usize].push(place(self.mapped, end.net, end.sink));
            }
        }
        let grids: Vec<&Grid> = body.grids.iter().filter_map(|grid| find_grid(netlist, module, &grid.path)).collect();
        let port_ff = ports.iter().zip(&inputs).map(|(port, bits)| match port.direction {
            Direction::Input => bits.iter().map(|&net| self.load(process, known, &grids, net)).collect(),
            Direction::Output => Vec::new(),
        });
        let port_ff = port_ff.collect();
        let own: u64 = graph.copies.iter().sum::<u64>() + graph.registers.iter().map(|r| r.copies).sum::<u64>();
        let inside = body
            .grids
            .iter()
            .map(|grid| grid.count as f64 * known[grid.module.index()].as_ref().map_or(0.0, |template| template.cells));
        let cells = own as f64 + inside.sum::<f64>();
        let lines = self.lines();
        Template { body, mapped, graph, offsets, size, inputs, outputs, q_nets, lines, port_ff, grids, cells }
    }

    /// How many nets there are of a net of the graph.
    fn copies(&self, net: u32) -> u32 {
        match self.graph.driver(net).map(|gate| (self.graph.roles[gate as usize], self.graph.copies[gate as usize])) {
            None => 1,
            // Multiplexers of delay lines have nets for each stage of the line.
            Some((Role::Hold(_) | Role::Example, _)) => 0,
            Some((_, copies)) => copies as u32,
        }
    }

    fn lines(&self) -> Vec<Line> {
        let (mut lines, mut waiting) = (Vec::new(), Vec::new());
        for end in &self.graph.ends {
            let hold = self.graph.driver(end.net).filter(|_| end.net != NO_NET);
            match self.body.sinks[end.sink as usize].1 {
                // The inverter between flip-flops that show their complement is no end of the line.
                Sink::DelayLine(_) if hold.is_some_and(|gate| self.is_inverter_of_line(gate)) => {}
                Sink::DelayLine(line) => {
                    let hold = hold.filter(|&gate| matches!(self.graph.roles[gate as usize], Role::Hold(_)));
                    let enters = match hold {
                        Some(gate) => {
                            let data = self.graph.pins_of(gate).iter().find(|pin| pin.weight > 0.0);
                            place(self.mapped, data.map_or(NO_NET, |pin| pin.net), end.sink)
                        }
                        None => place(self.mapped, end.net, end.sink),
                    };
                    if self.body.delay_lines[line].enabled && hold.is_some() {
                        waiting.push(lines.len());
                    }
                    let cell = hold.map(|gate| (self.graph.cells[gate as usize], NO_NET));
                    lines.push(Line { line: line as u32, enters, hold: cell });
                }
                Sink::DelayLineEnable { .. } => {
                    for at in waiting.drain(..) {
                        if let (Some((_, select)), Some(gate)) = (&mut lines[at].hold, hold) {
                            *select = gate;
                        }
                    }
                }
                _ => {}
            }
        }
        lines
    }

    fn is_inverter_of_line(&self, gate: u32) -> bool {
        matches!(self.graph.roles[gate as usize], Role::Hold(_)) && self.graph.pins_of(gate).len() == 1
    }

    /// What a net drives inside of the module.
    fn load(&self, process: &Process, known: &[Option<Template<'a>>], grids: &[&Grid], net: u32) -> PortLoad {
        let mut sum = [0.0; 3];
        let mut add = |load: PortLoad, weight: f64| (0..3).for_each(|edge| sum[edge] += weight * load[edge]);
        for reader in self.graph.readers_of(net) {
            match *reader {
                Reader::Pin(pin) => {
                    let pin = &self.graph.pins[pin as usize];
                    let cell = &process.cells()[self.graph.cells[pin.gate as usize] as usize];
                    let capacitance = cell.inputs[usize::from(pin.input)].capacitance;
                    add([capacitance.nominal_ff, capacitance.rise_ff, capacitance.fall_ff], pin.weight);
                }
                Reader::End(end) => {
                    let end = &self.graph.ends[end as usize];
                    match (end.kind, self.body.sinks[end.sink as usize].1) {
                        (EndKind::Register(register), _) => {
                            let cell = self.graph.registers[register as usize].cell;
                            let pin = process.flip_flops()[cell as usize].data.pin.capacitance;
                            add([pin.nominal_ff, pin.rise_ff, pin.fall_ff], end.weight);
                        }
                        (EndKind::Grid { grid, port }, Sink::Grid { link, bit, .. }) => {
                            let module = self.body.grids[grid as usize].module;
                            let Some(template) = &known[module.index()] else { continue };
                            let bits = template.inputs[port as usize].len() as u32;
                            let inside = match grids[grid as usize].links[link as usize] {
                                Link::All { .. } => bit,
                                _ => bit % bits.max(1),
                            };
                            add(template.port_ff[port as usize][inside as usize], end.weight);
                        }
                        _ => {}
                    }
                }
            }
        }
        sum
    }
}

/// The grid at a path of instances.
fn find_grid<'a>(netlist: &'a Netlist, module: ModuleId, path: &str) -> Option<&'a Grid> {
    let mut module = netlist.module(module);
    let mut rest = path;
    loop {
        let (segment, more) = rest.split_once('.').map_or((rest, None), |(first, more)| (first, Some(more)));
        let name = segment.strip_prefix("u_")?;
        let found = module.items.iter().find_map(|item| match (item, more) {
            (Item::Grid(grid), None) if grid.name == name => Some(Ok(grid)),
            (Item::Instance(instance), Some(_)) if instance.name == name => Some(Err(instance.module)),
            _ => None,
        })?;
        match found {
            Ok(grid) => return Some(grid),
            Err(inner) => (module, rest) = (netlist.module(inner), more?),
        }
    }
}

/// The net of a constant.
pub fn constant(value: bool) -> u32 {
    CONSTANTS[usize::from(value)]
}

/// Where a bit of a grid's net outside leads.
pub enum Reach {
    /// The bit of the port, of every instance.
    All(u32),
    /// Of those with this coordinate on the axis.
    Along { axis: usize, at: u32, bit: u32 },
    /// Of one.
    One { instance: u32, bit: u32 },
}

/// Where bit `bit` of the net outside leads by a link whose port has `bits` bits.
pub fn reach(grid: &Grid, link: &Link, bits: u32, bit: u32) -> Reach {
    let bits = bits.max(1);
    let (place, inside) = (bit / bits, bit % bits);
    match *link {
        Link::Along { axis, .. } => Reach::Along { axis, at: place, bit: inside },
        Link::Own { .. } => Reach::One { instance: place, bit: inside },
        Link::Pass { axis, reverse, .. } => {
            let first = if reverse { grid.axes[axis].1 - 1 } else { 0 };
            Reach::One { instance: with_coordinate(grid, axis, place, first), bit: inside }
        }
        Link::All { .. } | Link::Open { .. } => Reach::All(bit),
    }
}

/// The instance and the bit of its port that a bit of a net outside shows; the index of the port.
pub fn shown_by(
    netlist: &Netlist,
    module: ModuleId,
    grid: &Grid,
    source: Source,
    bits: u32,
) -> Option<(u32, u32, u32)> {
    let Source::Grid { port, bit, .. } = source else { return None };
    let (place, inside) = (bit / bits.max(1), bit % bits.max(1));
    let index = port_index(netlist, module, port);
    let instance = grid.links.iter().find_map(|link| match *link {
        Link::Own { port: own, .. } if own == port => Some(place),
        Link::Pass { out, axis, reverse, exit: Some(_), .. } if out == port => {
            let last = if reverse { 0 } else { grid.axes[axis].1 - 1 };
            Some(with_coordinate(grid, axis, place, last))
        }
        _ => None,
    })?;
    Some((instance, index, inside))
}
