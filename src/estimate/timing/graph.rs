//! A mapped module as flat lists: nets, gates, pins, and where paths begin and end.
//!
//! Things that are alike stand there once and count many times: a delay line is one flip-flop with copies, a tree of repeaters
//! for a thousand equal readers is one repeater a level, with copies, and with a weight at its input that says how many of them
//! one driver sees.

use super::library::{ByEdge, Library};
use super::ports::PortTiming;
use crate::estimate::body::{Body, Sink, Source};
use crate::estimate::mapping::{Mapped, Signal};
use crate::netlist::{ModuleId, NetId, Netlist};

/// No net: the input is a constant.
pub const NO_NET: u32 = u32::MAX;

/// Where a net without a gate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// A bit of an input port, by port index.
    Port { port: u32, bit: u32 },
    /// The synchronous reset.
    Reset,
    /// A flip-flop, by index of [`Graph::registers`]; the complement of its value if the library's flip-flops have no other output.
    Register(u32),
    /// An output port of the instances of a grid, by index of the port.
    Grid { grid: u32, port: u32 },
}

/// Who reads a net and is no gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndKind {
    /// The data input of a flip-flop, by index of [`Graph::registers`].
    Register(u32),
    /// A bit of an output port, by port index.
    Port { port: u32, bit: u32 },
    /// An input port of instances of a grid, by index of the port.
    Grid { grid: u32, port: u32 },
}

/// An end of paths.
#[derive(Clone, Copy, Debug)]
pub struct End {
    /// What is read; [`NO_NET`] for a constant.
    pub net: u32,
    /// How many of it there are for one driver.
    pub weight: f64,
    /// What it is.
    pub kind: EndKind,
    /// Index of [`Body::sinks`].
    pub sink: u32,
}

/// An input of a gate.
#[derive(Clone, Copy, Debug)]
pub struct Pin {
    /// What it reads; [`NO_NET`] for a constant.
    pub net: u32,
    /// Whose input it is.
    pub gate: u32,
    /// Which input of the cell.
    pub input: u8,
    /// How many such pins one driver sees.
    pub weight: f64,
}

/// A flip-flop, or a row of them.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// An index of [`Library::flip_flops`].
    pub cell: u32,
    /// How many.
    pub copies: u64,
    /// Its value under an asynchronous reset.
    pub reset: Option<bool>,
    /// Index of [`Body::origins`].
    pub origin: u32,
}

/// What a gate is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Logic, with its index of [`Body::origins`].
    Logic(u32),
    /// The multiplexers of a delay line that can be held.
    Hold(u32),
    /// Repeats the net it reads.
    Repeater,
    /// Stands for others of its kind in timing and is no cell itself.
    Example,
}

/// A reader of a net: a pin or an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    Pin(u32),
    End(u32),
}

/// The lists. A net is a number: those of `starts` come first, then one for every gate.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub starts: Vec<Start>,
    /// The cell of each gate, an index of [`Library::cells`].
    pub cells: Vec<u32>,
    /// How many of each gate there are.
    pub copies: Vec<u64>,
    pub roles: Vec<Role>,
    first_pins: Vec<u32>,
    pub pins: Vec<Pin>,
    pub ends: Vec<End>,
    pub registers: Vec<Register>,
    /// Gates, each after those it reads.
    pub order: Vec<u32>,
    /// How many gates there are at most before each net.
    pub levels: Vec<u32>,
    first_readers: Vec<u32>,
    readers: Vec<Reader>,
}

impl Graph {
    /// Lists what is alive of a module. Every cell is the smallest of its family.
    pub fn new(netlist: &Netlist, body: &Body, mapped: &Mapped, library: &Library) -> Graph {
        let mut graph = Graph::default();
        let register = |reset: Option<bool>, copies: u32, origin: u32| Register {
            cell: library.flip_flops_for(reset).first().copied().unwrap_or(0),
            copies: copies.into(),
            reset,
            origin,
        };
        graph.registers.extend(body.flip_flops.iter().map(|bit| register(bit.reset, 1, bit.origin)));
        graph.registers.extend(body.delay_lines.iter().map(|line| register(line.reset, line.depth, line.origin)));
        let mut lines = vec![NO_NET; body.delay_lines.len()];
        for (leaf, source) in body.sources.iter().enumerate() {
            if let Source::DelayLine(index) = *source {
                lines[index] = leaf as u32;
            }
            graph.starts.push(match *source {
                Source::Port { port, bit } => Start::Port { port: port as u32, bit: bit as u32 },
                Source::Reset => Start::Reset,
                Source::FlipFlop(index) => Start::Register(index as u32),
                Source::DelayLine(index) => Start::Register((body.flip_flops.len() + index) as u32),
                Source::Grid { grid, port, .. } => {
                    Start::Grid { grid: grid as u32, port: port_index(netlist, body.grids[grid].module, port) }
                }
            });
            if let (Start::Register(index), false) = (graph.starts[leaf], mapped.live_leaves[leaf]) {
                graph.registers[index as usize].copies = 0;
            }
        }
        graph.first_pins.push(0);
        let starts = graph.starts.len() as u32;
        let net = |signal: Signal| match signal {
            Signal::Constant(_) => NO_NET,
            Signal::Leaf(leaf) => leaf,
            Signal::Gate(gate) => starts + gate,
        };
        for gate in &mapped.gates {
            let cell = library.smallest(gate.cell as u32);
            let inputs = gate.inputs.iter().map(|&signal| (net(signal), 1.0));
            graph.push(cell, 1, Role::Logic(gate.tag), inputs);
        }
        for (index, signal) in mapped.sinks.iter().enumerate() {
            let Some(signal) = *signal else { continue };
            let first = graph.ends.len();
            graph.sink(netlist, body, library, &lines, body.sinks[index].1, net(signal));
            graph.ends[first..].iter_mut().for_each(|end| end.sink = index as u32);
        }
        graph.index();
        graph
    }

    /// Lists what a sink reads; `lines` are the nets of the delay lines' ends.
    fn sink(&mut self, netlist: &Netlist, body: &Body, library: &Library, lines: &[u32], sink: Sink, net: u32) {
        match sink {
            Sink::Port { port, bit } => self.end(net, 1.0, EndKind::Port { port: port as u32, bit: bit as u32 }),
            Sink::FlipFlop(index) => self.end(net, 1.0, EndKind::Register(index as u32)),
            Sink::DelayLine(index) => {
                let line = &body.delay_lines[index];
                let register = (body.flip_flops.len() + index) as u32;
                let end = EndKind::Register(register);
                let inverted = library.inverts(line.reset);
                let hold = library.hold(inverted).filter(|_| line.enabled);
                // From one to the next of flip-flops that hand out their complement an inverter stands, or a multiplexer that inverts.
                let inverters = match hold {
                    Some(hold) if !hold.inverting => line.depth,
                    Some(_) => 0,
                    None => line.depth - 1,
                };
                if let (true, 1.., Some(inverter)) = (inverted, inverters, library.inverter()) {
                    let next = self.push(inverter, inverters.into(), Role::Hold(line.origin), [(lines[index], 1.0)]);
                    self.end(next, 1.0, end);
                }
                let Some(hold) = hold else { return self.end(net, 1.0, end) };
                let mut inputs = hold.inputs(NO_NET);
                inputs[usize::from(hold.data)] = (net, 1.0);
                let held = self.push(hold.cell, line.depth.into(), Role::Hold(line.origin), inputs);
                self.end(held, 1.0, end);
            }
            Sink::DelayLineEnable { count } => {
                // Lines are alike, or nearly so: the first one stands for all.
                let first = body.delay_lines.iter().find(|line| line.enabled);
                let Some(hold) = first.and_then(|line| library.hold(library.inverts(line.reset))) else { return };
                let mut inputs = hold.inputs(NO_NET);
                inputs[usize::from(hold.select)] = (net, count as f64);
                if let Some(not_select) = hold.not_select {
                    inputs[usize::from(not_select)] = (net, count as f64);
                }
                let held = self.push(hold.cell, 0, Role::Example, inputs);
                if let Some(first) = body.delay_lines.iter().position(|line| line.enabled) {
                    self.end(held, 1.0, EndKind::Register((body.flip_flops.len() + first) as u32));
                }
            }
            Sink::Grid { grid, port, readers, .. } => {
                let port = port_index(netlist, body.grids[grid].module, port);
                self.end(net, readers as f64, EndKind::Grid { grid: grid as u32, port });
            }
        }
    }

    fn end(&mut self, net: u32, weight: f64, kind: EndKind) {
        self.ends.push(End { net, weight, kind, sink: 0 });
    }

    /// Adds a gate and returns its net. [`index`](Self::index) must follow.
    pub fn push(&mut self, cell: u32, copies: u64, role: Role, inputs: impl IntoIterator<Item = (u32, f64)>) -> u32 {
        let gate = self.cells.len() as u32;
        self.cells.push(cell);
        self.copies.push(copies);
        self.roles.push(role);
        for (input, (net, weight)) in inputs.into_iter().enumerate() {
            self.pins.push(Pin { net, gate, input: input as u8, weight });
        }
        self.first_pins.push(self.pins.len() as u32);
        self.starts.len() as u32 + gate
    }

    /// Finds the readers of every net, and the order of the gates, anew.
    pub fn index(&mut self) {
        let nets = self.nets();
        let mut first = vec![0u32; nets + 1];
        let read = self.pins.iter().map(|pin| pin.net).chain(self.ends.iter().map(|end| end.net));
        for net in read.clone().filter(|&net| net != NO_NET) {
            first[net as usize + 1] += 1;
        }
        for net in 0..nets {
            first[net + 1] += first[net];
        }
        let mut next = first.clone();
        let mut readers = vec![Reader::Pin(0); first[nets] as usize];
        for (index, net) in read.enumerate().filter(|&(_, net)| net != NO_NET) {
            let pins = self.pins.len();
            let reader = if index < pins { Reader::Pin(index as u32) } else { Reader::End((index - pins) as u32) };
            readers[next[net as usize] as usize] = reader;
            next[net as usize] += 1;
        }
        (self.first_readers, self.readers) = (first, readers);
        self.sort();
    }

    fn sort(&mut self) {
        let starts = self.starts.len() as u32;
        let mut missing: Vec<u32> = (0..self.cells.len() as u32)
            .map(|gate| self.pins_of(gate).iter().filter(|pin| pin.net != NO_NET && pin.net >= starts).count() as u32)
            .collect();
        self.levels = vec![0; self.nets()];
        self.order.clear();
        self.order.extend((0..self.cells.len() as u32).filter(|&gate| missing[gate as usize] == 0));
        let mut done = 0;
        while done < self.order.len() {
            let gate = self.order[done];
            done += 1;
            let before = self.pins_of(gate).iter().filter(|pin| pin.net != NO_NET);
            let level = before.map(|pin| self.levels[pin.net as usize]).max().unwrap_or(0) + 1;
            self.levels[(starts + gate) as usize] = level;
            let net = (starts + gate) as usize;
            for place in self.first_readers[net]..self.first_readers[net + 1] {
                if let Reader::Pin(pin) = self.readers[place as usize] {
                    let reader = self.pins[pin as usize].gate;
                    missing[reader as usize] -= 1;
                    if missing[reader as usize] == 0 {
                        self.order.push(reader);
                    }
                }
            }
        }
    }

    /// How many nets there are.
    pub fn nets(&self) -> usize {
        self.starts.len() + self.cells.len()
    }

    /// The gate that drives a net, if one does.
    pub fn driver(&self, net: u32) -> Option<u32> {
        net.checked_sub(self.starts.len() as u32)
    }

    /// The net of a gate.
    pub fn net_of(&self, gate: u32) -> u32 {
        self.starts.len() as u32 + gate
    }

    /// The pins of a gate by number.
    pub fn pin_range(&self, gate: u32) -> std::ops::Range<usize> {
        self.first_pins[gate as usize] as usize..self.first_pins[gate as usize + 1] as usize
    }

    /// The pins of a gate.
    pub fn pins_of(&self, gate: u32) -> &[Pin] {
        &self.pins[self.pin_range(gate)]
    }

    /// Who reads a net.
    pub fn readers_of(&self, net: u32) -> &[Reader] {
        let net = net as usize;
        &self.readers[self.first_readers[net] as usize..self.first_readers[net + 1] as usize]
    }

    /// How many inputs one driver of a net sees.
    pub fn fan_out(&self, net: u32) -> u64 {
        let weight = |reader: &Reader| match *reader {
            Reader::Pin(pin) => self.pins[pin as usize].weight,
            Reader::End(end) => self.ends[end as usize].weight,
        };
        self.readers_of(net).iter().map(weight).sum::<f64>().round() as u64
    }

    /// Area of everything, um2.
    pub fn area_um2(&self, library: &Library) -> f64 {
        let gates = self.cells.iter().zip(&self.copies);
        let registers = self.registers.iter().map(|r| r.copies as f64 * library.flip_flops[r.cell as usize].area_um2);
        let ties = [false, true].into_iter().filter(|&value| self.ties_off(library, value));
        gates.map(|(&cell, &copies)| copies as f64 * library.cells[cell as usize].area_um2).sum::<f64>()
            + registers.sum::<f64>()
            + ties.map(|value| library.tie_um2[usize::from(value)]).sum::<f64>()
    }

    /// Whether a set or reset of some register is not wanted and reads the constant `value`: one cell of it serves a module.
    pub fn ties_off(&self, library: &Library, value: bool) -> bool {
        let unwanted = |register: &Register| {
            let resets = &library.flip_flops[register.cell as usize].resets;
            resets.iter().any(|&(to, active_low)| register.reset != Some(to) && active_low == value)
        };
        self.registers.iter().any(|register| register.copies > 0 && unwanted(register))
    }

    /// What an end loads its driver with, fF.
    pub fn end_ff(&self, library: &Library, grids: &[Option<&PortTiming>], outside_ff: &[ByEdge], end: &End) -> ByEdge {
        let one = match end.kind {
            EndKind::Register(index) => library.flip_flops[self.registers[index as usize].cell as usize].data_ff,
            EndKind::Port { port, .. } => outside_ff[port as usize],
            EndKind::Grid { grid, port } => {
                grids[grid as usize].map_or([0.0; 2], |timing| timing.capacitance_ff[port as usize])
            }
        };
        one.map(|load| load * end.weight)
    }
}

/// The index of a port in the ports of its module.
pub fn port_index(netlist: &Netlist, module: ModuleId, net: NetId) -> u32 {
    netlist.module(module).ports.iter().position(|port| port.net == net).unwrap_or(0) as u32
}
