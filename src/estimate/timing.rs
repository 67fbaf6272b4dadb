//! Static timing of one module, and the few numbers by which the modules round it see it.
//!
//! A module is seen through its ports: what an input loads and how long it takes to the next flip-flop, when an output is
//! ready after the clock edge, and how long it takes straight through. Bits of one port are not told apart in that view, the worst
//! stands for all; inside a module every bit counts for itself.

use super::body::{Body, Sink, Source};
use super::cover::{Mapped, Signal};
use super::fanout::{Drive, drive, repeater};
use super::process::CellKind;
use super::process::linear::{FlipFlop, Linear};
use crate::netlist::{Direction, ModuleId, NetId, Netlist};

/// A stretch of a path: the gates that compute one named net.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Hierarchical name of the net, or of the flip-flop at either end.
    pub net: String,
    /// Delay of the stretch, ns.
    pub delay_ns: f64,
    /// Cells passed.
    pub cells: u32,
    /// The addition passed, if it is one.
    pub(super) carry_chain: Option<(ModuleId, usize)>,
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
    fn extended(&self, steps: impl IntoIterator<Item = Step>) -> Path {
        let mut path = self.clone();
        for step in steps {
            path.delay_ns += step.delay_ns;
            match path.steps.last_mut() {
                Some(last) if last.net == step.net && last.carry_chain == step.carry_chain => {
                    last.delay_ns += step.delay_ns;
                    last.cells += step.cells;
                }
                _ => path.steps.push(step),
            }
        }
        path
    }

    /// The steps under a longer name.
    fn inside(&self, prefix: &str) -> Vec<Step> {
        let renamed = |step: &Step| Step { net: format!("{prefix}.{}", step.net), ..step.clone() };
        self.steps.iter().map(renamed).collect()
    }
}

/// A module as those round it see it. Lists are by port index; entries of ports of the other direction are empty.
#[derive(Clone, Debug, Default)]
pub struct PortTiming {
    /// Load of one bit of an input, fF.
    pub capacitance_ff: Vec<f64>,
    /// From an input to the flip-flop behind the longest path, set-up included.
    pub setup: Vec<Option<Path>>,
    /// From the clock edge to an output, without the load outside.
    pub launch: Vec<Option<Path>>,
    /// Resistance of an output, ns/fF.
    pub resistance_ns_per_ff: Vec<f64>,
    /// From an input straight to an output.
    pub through: Vec<(usize, usize, Path)>,
    /// From flip-flop to flip-flop inside, set-up included.
    pub internal: Option<Path>,
    /// Area of the repeaters inside, um2, and their number.
    pub buffers: u64,
}

/// When a gate's output is ready (ns), and which of its inputs it waited for; `None` if no path leads there.
type Arrival = Option<(f64, usize)>;

/// The longest paths to the ports of the instances of a grid, by port index.
type GridPaths = Vec<Option<Path>>;

/// What is needed to time one module.
pub struct Analysis<'a> {
    pub netlist: &'a Netlist,
    pub module: ModuleId,
    pub body: &'a Body,
    pub mapped: &'a Mapped,
    pub process: &'a Linear,
    /// The timing of the modules of its grids, by module index.
    pub known: &'a [Option<PortTiming>],
}

/// Loads and drives, worked out once.
struct Loads {
    leaves: Vec<Drive>,
    gates: Vec<Drive>,
}

/// From where paths start.
#[derive(Clone, Copy)]
enum Start {
    Clock,
    Port(usize),
}

impl Analysis<'_> {
    /// Times the module.
    pub fn run(&self) -> PortTiming {
        let ports = &self.netlist.module(self.module).ports;
        let loads = self.loads();
        let mut timing = PortTiming {
            capacitance_ff: vec![0.0; ports.len()],
            setup: vec![None; ports.len()],
            launch: vec![None; ports.len()],
            resistance_ns_per_ff: vec![0.0; ports.len()],
            ..PortTiming::default()
        };
        timing.buffers = loads.leaves.iter().chain(&loads.gates).map(|drive| drive.buffers).sum();
        let leaf_loads = self.leaf_loads();
        for (leaf, source) in self.body.sources.iter().enumerate() {
            if let Source::Port { port, .. } = *source {
                let seen = if loads.leaves[leaf].buffers > 0 {
                    repeater(self.process).input_capacitance_ff[0]
                } else {
                    leaf_loads[leaf]
                };
                timing.capacitance_ff[port] = timing.capacitance_ff[port].max(seen);
            }
        }
        for ((_, sink), signal) in self.body.sinks.iter().zip(&self.mapped.sinks) {
            if let (Sink::Port { port, .. }, Some(signal)) = (sink, signal) {
                let resistance = match *signal {
                    Signal::Constant(_) => 0.0,
                    Signal::Leaf(leaf) => loads.leaves[leaf as usize].resistance_ns_per_ff,
                    Signal::Gate(gate) => loads.gates[gate as usize].resistance_ns_per_ff,
                };
                timing.resistance_ns_per_ff[*port] = timing.resistance_ns_per_ff[*port].max(resistance);
            }
        }
        let (outputs, end) = self.paths(&loads, Start::Clock);
        timing.launch = outputs;
        timing.internal = worse(end, self.grids_internal());
        for (index, port) in ports.iter().enumerate() {
            if port.direction == Direction::Input {
                let (outputs, end) = self.paths(&loads, Start::Port(index));
                timing.setup[index] = end;
                let through = outputs.into_iter().enumerate().filter_map(|(to, path)| Some((index, to, path?)));
                timing.through.extend(through);
            }
        }
        timing
    }

    fn grids_internal(&self) -> Option<Path> {
        self.body.grids.iter().fold(None, |worst, grid| {
            let inside = self.known[grid.module.index()].as_ref().and_then(|timing| timing.internal.as_ref());
            worse(worst, inside.map(|path| Path::default().extended(path.inside(&grid.path))))
        })
    }

    fn port_index(&self, grid: usize, net: NetId) -> usize {
        let module = self.netlist.module(self.body.grids[grid].module);
        module.ports.iter().position(|port| port.net == net).unwrap_or(0)
    }

    fn grid_timing(&self, grid: usize) -> Option<&PortTiming> {
        self.known[self.body.grids[grid].module.index()].as_ref()
    }

    fn flip_flop(&self, index: usize) -> &FlipFlop {
        self.process.flip_flop(self.body.flip_flops[index].reset)
    }

    /// What a sink loads its driver with, fF.
    fn sink_load(&self, sink: &Sink) -> f64 {
        let mux = self.process.cell(CellKind::Mux2);
        let mux_input = |input: usize| mux.map_or(0.0, |cell| cell.input_capacitance_ff[input]);
        match *sink {
            Sink::Port { .. } => 0.0,
            Sink::FlipFlop(index) => self.flip_flop(index).data_capacitance_ff,
            Sink::DelayLine(index) => {
                let line = &self.body.delay_lines[index];
                if line.enabled { mux_input(1) } else { self.process.flip_flop(line.reset).data_capacitance_ff }
            }
            Sink::DelayLineEnable { count } => count as f64 * mux_input(0),
            Sink::Grid { grid, port, readers } => {
                let index = self.port_index(grid, port);
                readers as f64 * self.grid_timing(grid).map_or(0.0, |timing| timing.capacitance_ff[index])
            }
        }
    }

    fn loads_of(&self, want: impl Fn(Signal) -> Option<usize>, size: usize) -> Vec<f64> {
        let mut loads = vec![0.0; size];
        for gate in &self.mapped.gates {
            let Some(cell) = self.process.cell(gate.kind) else { continue };
            for (&input, &capacitance) in gate.inputs.iter().zip(&cell.input_capacitance_ff) {
                if let Some(index) = want(input) {
                    loads[index] += capacitance;
                }
            }
        }
        for ((_, sink), signal) in self.body.sinks.iter().zip(&self.mapped.sinks) {
            if let Some(index) = signal.and_then(&want) {
                loads[index] += self.sink_load(sink);
            }
        }
        loads
    }

    fn leaf_loads(&self) -> Vec<f64> {
        let want = |signal| if let Signal::Leaf(leaf) = signal { Some(leaf as usize) } else { None };
        self.loads_of(want, self.body.sources.len())
    }

    fn loads(&self) -> Loads {
        let want = |signal| if let Signal::Gate(gate) = signal { Some(gate as usize) } else { None };
        let gates = self
            .loads_of(want, self.mapped.gates.len())
            .into_iter()
            .zip(&self.mapped.gates)
            .map(|(load, gate)| {
                let slopes = self.process.cell(gate.kind).map_or(&[][..], |cell| &cell.resistance_ns_per_ff);
                drive(self.process, slopes.iter().copied().fold(0.0, f64::max), load)
            })
            .collect();
        let buffer = repeater(self.process);
        let leaf = |(load, source): (f64, &Source)| match *source {
            Source::FlipFlop(index) => drive(self.process, self.flip_flop(index).resistance_ns_per_ff, load),
            Source::DelayLine(index) => drive(
                self.process,
                self.process.flip_flop(self.body.delay_lines[index].reset).resistance_ns_per_ff,
                load,
            ),
            Source::Grid { grid, port } => {
                let index = self.port_index(grid, port);
                let resistance = self.grid_timing(grid).map_or(0.0, |timing| timing.resistance_ns_per_ff[index]);
                drive(self.process, resistance, load)
            }
            // An input with many readers is repeated at the border, so that its driver need not know them.
            Source::Port { .. } | Source::Reset if load > 6.0 * buffer.input_capacitance_ff[0] => {
                let tree = drive(self.process, buffer.resistance_ns_per_ff[0], load);
                Drive { delay_ns: buffer.delay_ns[0] + tree.delay_ns, buffers: tree.buffers + 1, ..tree }
            }
            Source::Port { .. } | Source::Reset => Drive { delay_ns: 0.0, resistance_ns_per_ff: 0.0, buffers: 0 },
        };
        let leaves = self.leaf_loads().into_iter().zip(&self.body.sources).map(leaf).collect();
        Loads { leaves, gates }
    }

    /// The longest paths from `start` to every output port, and the longest one to a flip-flop, set-up included.
    fn paths(&self, loads: &Loads, start: Start) -> (Vec<Option<Path>>, Option<Path>) {
        let ports = self.netlist.module(self.module).ports.len();
        let mut heads: Vec<Path> = Vec::new();
        let mut leaf_heads: Vec<Option<usize>> = vec![None; self.body.sources.len()];
        for (leaf, source) in self.body.sources.iter().enumerate() {
            let head = match (start, *source) {
                (Start::Clock, Source::FlipFlop(index)) => {
                    let origin = self.body.flip_flops[index].origin;
                    Some(self.launch(origin, self.flip_flop(index), &loads.leaves[leaf]))
                }
                (Start::Clock, Source::DelayLine(index)) => {
                    let line = &self.body.delay_lines[index];
                    Some(self.launch(line.origin, self.process.flip_flop(line.reset), &loads.leaves[leaf]))
                }
                (Start::Port(wanted), Source::Port { port, .. }) if port == wanted => {
                    let net = self.netlist.module(self.module).ports[port].net;
                    let name = self.netlist.module(self.module).net(net).name.clone();
                    let delay_ns = loads.leaves[leaf].delay_ns;
                    let step = Step { net: name, delay_ns, cells: u32::from(delay_ns > 0.0), carry_chain: None };
                    Some(Path::default().extended([step]))
                }
                _ => None,
            };
            if let (Some(head), true) = (head, self.mapped.live_leaves[leaf]) {
                leaf_heads[leaf] = Some(heads.len());
                heads.push(head);
            }
        }
        // Inputs and outputs of grids: known once the logic before them is, so the whole is repeated until nothing changes.
        let width = |grid: usize| self.netlist.module(self.body.grids[grid].module).ports.len();
        let mut outside: Vec<GridPaths> = (0..self.body.grids.len()).map(|grid| vec![None; width(grid)]).collect();
        let mut arrivals = Vec::new();
        let mut into = outside.clone();
        for _round in 0..2 * self.body.grids.len() + 2 {
            let out;
            (into, out) = self.settle_grids(start, &outside);
            for (leaf, source) in self.body.sources.iter().enumerate() {
                if let Source::Grid { grid, port } = *source {
                    let index = self.port_index(grid, port);
                    let Some(path) = &out[grid][index] else { continue };
                    let step = Step { delay_ns: loads.leaves[leaf].delay_ns, ..last_step(path) };
                    leaf_heads[leaf] = Some(heads.len());
                    heads.push(path.extended([Step { cells: 0, ..step }]));
                }
            }
            arrivals = self.arrivals(loads, &heads, &leaf_heads);
            let mut changed = false;
            for ((_, sink), signal) in self.body.sinks.iter().zip(&self.mapped.sinks) {
                let (Sink::Grid { grid, port, .. }, Some(signal)) = (sink, signal) else { continue };
                let index = self.port_index(*grid, *port);
                let Some(time) = self.time(*signal, &heads, &leaf_heads, &arrivals) else { continue };
                if outside[*grid][index].as_ref().is_none_or(|path| path.delay_ns < time - 1e-9) {
                    outside[*grid][index] = Some(self.trace(*signal, loads, &heads, &leaf_heads, &arrivals));
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let mut outputs = vec![None; ports];
        let mut worst: Option<(f64, Signal, f64, Option<u32>)> = None;
        let mut grid_end = None;
        for ((_, sink), signal) in self.body.sinks.iter().zip(&self.mapped.sinks) {
            let Some(signal) = *signal else { continue };
            let Some(time) = self.time(signal, &heads, &leaf_heads, &arrivals) else { continue };
            let (setup, origin) = match *sink {
                Sink::Port { port, .. } => {
                    let slot: &mut Option<Path> = &mut outputs[port];
                    if slot.as_ref().is_none_or(|path| path.delay_ns < time) {
                        *slot = Some(self.trace(signal, loads, &heads, &leaf_heads, &arrivals));
                    }
                    continue;
                }
                Sink::Grid { .. } => continue,
                Sink::FlipFlop(index) => (self.flip_flop(index).setup_ns, Some(self.body.flip_flops[index].origin)),
                Sink::DelayLine(index) => {
                    let line = &self.body.delay_lines[index];
                    (self.line_setup(line.enabled, 1, line.reset), Some(line.origin))
                }
                Sink::DelayLineEnable { .. } => (self.line_setup(true, 0, None), None),
            };
            if worst.is_none_or(|(before, _, with, _)| before + with < time + setup) {
                worst = Some((time, signal, setup, origin));
            }
        }
        for (grid, entry) in self.body.grids.iter().enumerate() {
            let Some(timing) = self.grid_timing(grid) else { continue };
            for (before, inside) in into[grid].iter().zip(&timing.setup) {
                if let (Some(before), Some(inside)) = (before, inside) {
                    grid_end = worse(grid_end, Some(before.extended(inside.inside(&entry.path))));
                }
            }
        }
        let end = worst.map(|(_, signal, setup, origin)| {
            let name =
                origin.map_or_else(|| "delay line enable".to_owned(), |o| self.body.origins[o as usize].net.clone());
            let step = Step { net: name, delay_ns: setup, cells: 0, carry_chain: None };
            self.trace(signal, loads, &heads, &leaf_heads, &arrivals).extended([step])
        });
        (outputs, worse(end, grid_end))
    }

    /// What grids see at their inputs and show at their outputs, for what comes to them from `outside`: also what passes straight
    /// through instances, from one to the next along a chain.
    fn settle_grids(&self, start: Start, outside: &[GridPaths]) -> (Vec<GridPaths>, Vec<GridPaths>) {
        (0..self.body.grids.len()).map(|grid| self.settle_grid(start, grid, &outside[grid])).unzip()
    }

    fn settle_grid(&self, start: Start, grid: usize, outside: &GridPaths) -> (GridPaths, GridPaths) {
        let (mut into, entry) = (outside.clone(), &self.body.grids[grid]);
        let Some(timing) = self.grid_timing(grid) else { return (into, vec![None; outside.len()]) };
        let renamed = |path: &Option<Path>| {
            let path = path.as_ref().filter(|_| matches!(start, Start::Clock));
            path.map(|path| Path::default().extended(path.inside(&entry.path)))
        };
        let mut out: GridPaths = timing.launch.iter().map(renamed).collect();
        // Links of each axis that the path at an input has passed, and at an output: an axis of n instances has n - 1.
        let (mut links_in, mut links_out) = (vec![[0; 3]; into.len()], vec![[0; 3]; out.len()]);
        loop {
            for (from, to, path) in &timing.through {
                let Some(before) = &into[*from] else { continue };
                if keep_worse(&mut out[*to], before.extended(path.inside(&entry.path))) {
                    links_out[*to] = links_in[*from];
                }
            }
            let mut changed = false;
            for &(port_in, port_out, axis, extent) in &entry.chains {
                let (a, b) = (self.port_index(grid, port_in), self.port_index(grid, port_out));
                let Some(path) = out[b].as_ref().filter(|_| links_out[b][axis] + 1 < extent) else { continue };
                let link = timing.resistance_ns_per_ff[b] * timing.capacitance_ff[a];
                let step = Step { delay_ns: link, cells: 0, ..last_step(path) };
                if keep_worse(&mut into[a], path.extended([step])) {
                    links_in[a] = links_out[b];
                    links_in[a][axis] += 1;
                    changed = true;
                }
            }
            if !changed {
                return (into, out);
            }
        }
    }

    fn launch(&self, origin: u32, flip_flop: &FlipFlop, drive: &Drive) -> Path {
        let net = self.body.origins[origin as usize].net.clone();
        let delay_ns = flip_flop.clock_to_q_ns + drive.delay_ns;
        Path::default().extended([Step { net, delay_ns, cells: 1, carry_chain: None }])
    }

    fn line_setup(&self, enabled: bool, input: usize, reset: Option<bool>) -> f64 {
        let flip_flop = self.process.flip_flop(reset);
        let Some(mux) = self.process.cell(CellKind::Mux2).filter(|_| enabled) else { return flip_flop.setup_ns };
        let load = flip_flop.data_capacitance_ff;
        flip_flop.setup_ns + mux.delay_ns[input] + mux.resistance_ns_per_ff[input] * load
    }

    fn arrivals(&self, loads: &Loads, heads: &[Path], leaf_heads: &[Option<usize>]) -> Vec<Arrival> {
        let mut arrivals: Vec<Arrival> = Vec::with_capacity(self.mapped.gates.len());
        for (index, gate) in self.mapped.gates.iter().enumerate() {
            let mut worst: Arrival = None;
            for (input, &signal) in gate.inputs.iter().enumerate() {
                let Some(before) = self.time(signal, heads, leaf_heads, &arrivals) else { continue };
                let own = self.process.cell(gate.kind).map_or(0.0, |cell| cell.delay_ns[input]);
                let time = before + own + loads.gates[index].delay_ns;
                if worst.is_none_or(|(known, _)| known < time) {
                    worst = Some((time, input));
                }
            }
            arrivals.push(worst);
        }
        arrivals
    }

    fn time(&self, signal: Signal, heads: &[Path], leaves: &[Option<usize>], arrivals: &[Arrival]) -> Option<f64> {
        match signal {
            Signal::Constant(_) => None,
            Signal::Leaf(leaf) => leaves[leaf as usize].map(|head| heads[head].delay_ns),
            Signal::Gate(gate) => arrivals[gate as usize].map(|(time, _)| time),
        }
    }

    /// The path by which a signal arrives last.
    fn trace(
        &self,
        mut signal: Signal,
        loads: &Loads,
        heads: &[Path],
        leaves: &[Option<usize>],
        arrivals: &[Arrival],
    ) -> Path {
        let mut backwards = Vec::new();
        while let Signal::Gate(index) = signal {
            let gate = &self.mapped.gates[index as usize];
            let Some((_, input)) = arrivals[index as usize] else { break };
            let own = self.process.cell(gate.kind).map_or(0.0, |cell| cell.delay_ns[input]);
            let origin = &self.body.origins[gate.tag as usize];
            backwards.push(Step {
                net: origin.net.clone(),
                delay_ns: own + loads.gates[index as usize].delay_ns,
                cells: 1,
                carry_chain: origin.carry_chain.map(|chain| (self.module, chain)),
            });
            signal = gate.inputs[input];
        }
        let head = match signal {
            Signal::Leaf(leaf) => leaves[leaf as usize].map(|head| heads[head].clone()).unwrap_or_default(),
            _ => Path::default(),
        };
        head.extended(backwards.into_iter().rev())
    }
}

fn last_step(path: &Path) -> Step {
    path.steps.last().cloned().unwrap_or(Step { net: String::new(), delay_ns: 0.0, cells: 0, carry_chain: None })
}

fn keep_worse(slot: &mut Option<Path>, path: Path) -> bool {
    if slot.as_ref().is_some_and(|known| known.delay_ns >= path.delay_ns - 1e-9) {
        return false;
    }
    *slot = Some(path);
    true
}

fn worse(a: Option<Path>, b: Option<Path>) -> Option<Path> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if a.delay_ns >= b.delay_ns { a } else { b }),
        (a, b) => a.or(b),
    }
}
