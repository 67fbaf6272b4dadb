//! A module as those round it see it: by its ports.
//!
//! Bits of one port are not told apart in that view, the worst stands for all; inside a module every bit counts for itself.

use super::graph::{EndKind, Graph, NO_NET, Start};
use super::grids::{Flows, Placed};
use super::library::{ByEdge, EDGES, Library};
use super::path::{Names, Path, Place, first_step, last_step, steps, way, way_on};
use super::times::{Boundary, Context, Event, NEVER, Times};
use crate::netlist::Direction;

/// Slews at which the time from an input to the clock edge is worked out, in slews of the library's middle repeater: between
/// and beyond them it is taken for linear. Set-up times and delays of first gates are close to that over this range.
const SLEWS: [f64; 2] = [1.0, 4.0];

/// What stands behind an output: enough to say what a load outside does.
#[derive(Clone, Debug)]
enum Driver {
    Register(u32),
    Gate {
        cell: u32,
        inputs: Vec<(u8, Event)>,
    },
    /// An input port, straight through.
    Wire(Event),
}

/// The driver of an output and what it drives inside.
#[derive(Clone, Debug)]
struct Output {
    driver: Driver,
    inside_ff: ByEdge,
}

impl Output {
    fn at(&self, library: &Library, outside_ff: ByEdge) -> Event {
        let load = EDGES.map(|edge| self.inside_ff[edge] + outside_ff[edge]);
        match &self.driver {
            Driver::Register(cell) => library.launch(*cell, load),
            Driver::Gate { cell, inputs } => {
                let mut event = Event::NEVER;
                for (input, before) in inputs {
                    library.pass(*cell, *input, before.slew_ns, load, |passed| event.take(before, &passed));
                }
                event
            }
            Driver::Wire(event) => *event,
        }
    }

    /// By how much a load outside delays each edge, whatever way it comes.
    fn slower_by(&self, library: &Library, outside_ff: ByEdge) -> ByEdge {
        let unclocked = |event: &Event| Event { arrival_ns: [0.0; 2], ..*event };
        let driver = match &self.driver {
            Driver::Gate { cell, inputs } => {
                let inputs = inputs.iter().map(|(input, event)| (*input, unclocked(event))).collect();
                Driver::Gate { cell: *cell, inputs }
            }
            other => other.clone(),
        };
        let output = Output { driver, inside_ff: self.inside_ff };
        let (with, without) = (output.at(library, outside_ff), output.at(library, [0.0; 2]));
        EDGES.map(|edge| (with.arrival_ns[edge] - without.arrival_ns[edge]).max(0.0))
    }
}

/// From the clock edge to an output.
#[derive(Clone, Debug)]
struct Launch {
    output: Output,
    path: Path,
}

/// From an input to the clock edge at the end of the longest path, by edge, at two slews.
#[derive(Clone, Debug)]
struct Setup {
    slews_ns: [f64; 2],
    after_ns: [ByEdge; 2],
    path: Path,
}

/// From an input straight to an output.
#[derive(Clone, Debug)]
pub struct Through {
    pub from: usize,
    pub to: usize,
    /// From an edge of the one to an edge of the other without a load outside, `2 * from + to`, ns.
    delay_ns: [f64; 4],
    output: Output,
    path: Path,
}

/// The ports of a module. Lists are by port index; entries of ports of the other direction are empty.
#[derive(Clone, Debug, Default)]
pub struct PortTiming {
    /// What one bit of an input loads its driver with, fF.
    pub capacitance_ff: Vec<ByEdge>,
    launches: Vec<Option<Launch>>,
    setups: Vec<Option<Setup>>,
    /// Ways straight through.
    pub through: Vec<Through>,
    /// The longest path from flip-flop to flip-flop inside, set-up included.
    pub internal: Option<Path>,
}

impl PortTiming {
    /// What comes out of an output with a load outside, if a path from a clock edge leads there.
    pub fn launch(&self, library: &Library, port: usize, outside_ff: ByEdge) -> Option<Event> {
        self.launches[port].as_ref().map(|launch| launch.output.at(library, outside_ff))
    }

    /// The path there, as long as `event` says.
    pub fn launch_path(&self, port: usize, event: &Event) -> Path {
        let path = self.launches[port].as_ref().map(|launch| launch.path.clone()).unwrap_or_default();
        path.ending_at(event.arrival_ns[0].max(event.arrival_ns[1]))
    }

    /// How long before the clock edge an edge with this slew must come to an input; [`NEVER`] if nothing inside waits for it.
    pub fn setup(&self, port: usize, slew_ns: ByEdge) -> ByEdge {
        let Some(setup) = &self.setups[port] else { return [NEVER; 2] };
        let [low, high] = setup.slews_ns;
        EDGES.map(|edge| {
            let [first, second] = setup.after_ns.map(|after| after[edge]);
            if first == NEVER { NEVER } else { first + (second - first) * (slew_ns[edge] - low) / (high - low) }
        })
    }

    /// The path there, as long as `after_ns` says.
    pub fn setup_path(&self, port: usize, after_ns: f64) -> Path {
        let path = self.setups[port].as_ref().map(|setup| setup.path.clone()).unwrap_or_default();
        path.beginning_for(after_ns)
    }
}

impl Through {
    /// What comes out if `before` comes in.
    pub fn pass(&self, library: &Library, before: &Event, outside_ff: ByEdge) -> Event {
        let slower = self.output.slower_by(library, outside_ff);
        let slew_ns = self.output.at(library, outside_ff).slew_ns;
        let arrival_ns = EDGES.map(|to| {
            let way = |from: usize| before.arrival_ns[from] + self.delay_ns[2 * from + to];
            way(0).max(way(1)) + slower[to]
        });
        Event { arrival_ns, slew_ns }
    }

    /// The path, as long as it took from `before` to `after`.
    pub fn path(&self, before: &Event, after: &Event) -> Path {
        let last = |event: &Event| event.arrival_ns[0].max(event.arrival_ns[1]);
        self.path.clone().ending_at(last(after) - last(before))
    }
}

/// A timed graph with all that its paths are told from.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub names: Names<'a>,
    pub graph: &'a Graph,
    /// No arrivals at inputs, nothing after outputs.
    pub times: &'a Times,
    pub context: &'a Context<'a>,
    pub flows: &'a [Option<Flows>],
}

impl View<'_> {
    /// Looks at a module from outside. Nobody looks at the ports of the top.
    pub fn look(&self, top: bool) -> PortTiming {
        let ports = &self.names.netlist.module(self.names.module).ports;
        let mut timing = PortTiming {
            capacitance_ff: vec![[0.0; 2]; ports.len()],
            launches: vec![None; ports.len()],
            setups: vec![None; ports.len()],
            ..PortTiming::default()
        };
        timing.internal = self.longest();
        if top {
            return timing;
        }
        for (net, start) in self.graph.starts.iter().enumerate() {
            if let Start::Port { port, .. } = *start {
                let known = &mut timing.capacitance_ff[port as usize];
                *known = EDGES.map(|edge| known[edge].max(self.times.load_ff[net][edge]));
            }
        }
        self.launches(&mut timing);
        self.setups(&mut timing);
        self.throughs(&mut timing);
        timing
    }

    fn placed(&self, grid: usize) -> Option<(Placed<'_>, &Flows)> {
        let timing = self.context.grids[grid]?;
        let placed = Placed { netlist: self.names.netlist, grid: &self.names.body.grids[grid], index: grid, timing };
        self.flows.get(grid)?.as_ref().map(|flows| (placed, flows))
    }

    /// The longest path from flip-flop to flip-flop: of the graph, into and inside of its grids.
    fn longest(&self) -> Option<Path> {
        let mut longest: Option<Path> = None;
        let mut offer = |path: Path| {
            if longest.as_ref().is_none_or(|known| known.delay_ns < path.delay_ns) {
                longest = Some(path);
            }
        };
        if let Some(worst) = self.times.worst(self.graph, self.context) {
            let end = &self.graph.ends[worst.end];
            let path = self.path_to((end.net, worst.edge));
            let after = worst.period_ns - self.times.arrival_ns[end.net as usize][worst.edge];
            offer(path.then(self.tail(self.graph, self.context, worst.end as u32, after)));
        }
        for grid in 0..self.context.grids.len() {
            let Some((placed, flows)) = self.placed(grid) else { continue };
            if let Some(path) = &placed.timing.internal {
                offer(path.inside(&placed.grid.path));
            }
            if let Some((outside, path)) = placed.worst_inside(flows) {
                offer(self.before(outside).then(path));
            }
        }
        longest
    }

    /// The path to an end of the graph.
    fn before(&self, end: Option<(u32, usize)>) -> Path {
        end.map_or_else(Path::default, |(end, edge)| self.path_to((self.graph.ends[end as usize].net, edge)))
    }

    /// What comes after an end.
    fn tail(&self, graph: &Graph, context: &Context, end: u32, after_ns: f64) -> Path {
        let mut path = Path::default();
        match graph.ends[end as usize].kind {
            EndKind::Grid { grid, port } => {
                if let Some(timing) = context.grids[grid as usize] {
                    let inside = &self.names.body.grids[grid as usize].path;
                    path = timing.setup_path(port as usize, after_ns).inside(inside);
                }
            }
            _ => path.push(last_step(self.names, graph, end, after_ns)),
        }
        path
    }

    /// The path by which an edge comes last from a clock edge.
    fn path_to(&self, place: Place) -> Path {
        let way = way(self.graph, self.times, &self.times.arrival_ns, place);
        let mut path = self.head(way[0]);
        steps(self.names, self.graph, self.times, &way).into_iter().for_each(|step| path.push(step));
        path
    }

    /// The path to the first net of a way in this graph.
    fn head(&self, (net, edge): Place) -> Path {
        let mut path = Path::default();
        if let Start::Grid { grid, port } = self.graph.starts[net as usize]
            && let Some((placed, flows)) = self.placed(grid as usize)
        {
            let event = self.times.event(net);
            let own = placed.timing.launch(self.context.library, port as usize, self.times.load_ff[net as usize]);
            let path = match own {
                Some(own) if own.arrival_ns[edge] >= event.arrival_ns[edge] => {
                    placed.timing.launch_path(port as usize, &own).inside(&placed.grid.path)
                }
                _ => {
                    let (outside, path) = placed.path_out(flows, port);
                    self.before(outside).then(path)
                }
            };
            return path.ending_at(event.arrival_ns[edge]);
        }
        path.push(first_step(self.names, self.graph, self.times, (net, edge)));
        path
    }
}

/// Times of a graph seen from outside alone: no arrivals at inputs, nothing after outputs.
fn seen(graph: &Graph, context: &Context, slew_ns: f64) -> (Times, Boundary) {
    let ports = context.boundary.load_ff.len();
    let boundary = Boundary { slew_ns: vec![[slew_ns; 2]; ports], ..Boundary::closed(ports) };
    let outside = Context { boundary: boundary.clone(), ..context.clone() };
    let mut times = Times::new(graph, &outside);
    times.look_back(graph, &outside);
    (times, boundary)
}

impl View<'_> {
    fn launches(&self, timing: &mut PortTiming) {
        let View { graph, times, context, .. } = *self;
        let mut worst = vec![NEVER; timing.launches.len()];
        for end in graph.ends.iter().filter(|end| end.net != NO_NET) {
            let EndKind::Port { port, .. } = end.kind else { continue };
            let arrival = times.arrival_ns[end.net as usize];
            let edge = usize::from(arrival[1] > arrival[0]);
            if arrival[edge] <= worst[port as usize] {
                continue;
            }
            let begins = way(graph, times, &times.arrival_ns, (end.net, edge))[0];
            if matches!(graph.starts.get(begins.0 as usize), Some(Start::Port { .. })) {
                continue;
            }
            worst[port as usize] = arrival[edge];
            let output = output(graph, times, context, end.net, port);
            let path = self.path_to((end.net, edge));
            timing.launches[port as usize] = Some(Launch { output, path });
        }
    }
}

fn output(graph: &Graph, times: &Times, context: &Context, net: u32, port: u32) -> Output {
    let outside = context.boundary.load_ff[port as usize];
    let load = times.load_ff[net as usize];
    let inside_ff = EDGES.map(|edge| (load[edge] - outside[edge]).max(0.0));
    let driver = match graph.driver(net) {
        Some(gate) => Driver::Gate {
            cell: graph.cells[gate as usize],
            inputs: graph
                .pins_of(gate)
                .iter()
                .filter(|pin| pin.net != NO_NET)
                .map(|pin| (pin.input, times.event(pin.net)))
                .collect(),
        },
        None => match graph.starts[net as usize] {
            Start::Register(index) => Driver::Register(graph.registers[index as usize].cell),
            _ => Driver::Wire(times.event(net)),
        },
    };
    Output { driver, inside_ff }
}

impl View<'_> {
    fn setups(&self, timing: &mut PortTiming) {
        let View { names, graph, context, .. } = *self;
        let slews_ns = SLEWS.map(|slew| slew * context.library.typical_slew_ns());
        let [fast, slow] = slews_ns.map(|slew| seen(graph, context, slew));
        let closed = Context { boundary: fast.1, ..context.clone() };
        let mut worst = vec![(NEVER, 0, 0); timing.setups.len()];
        for (net, start) in graph.starts.iter().enumerate() {
            let Start::Port { port, .. } = *start else { continue };
            let after_ns = [fast.0.after_ns[net], slow.0.after_ns[net]];
            let entry = &mut timing.setups[port as usize];
            if after_ns[0] == [NEVER; 2] {
                continue;
            }
            let known = entry.get_or_insert(Setup { slews_ns, after_ns, path: Path::default() });
            for (known, new) in known.after_ns.iter_mut().zip(after_ns) {
                *known = EDGES.map(|edge| known[edge].max(new[edge]));
            }
            for edge in EDGES {
                if after_ns[0][edge] > worst[port as usize].0 {
                    worst[port as usize] = (after_ns[0][edge], net as u32, edge);
                }
            }
        }
        for (entry, (_, net, edge)) in timing.setups.iter_mut().zip(worst) {
            let Some(entry) = entry else { continue };
            let (way, end) = way_on(graph, &fast.0, &closed, (net, edge));
            let mut path = Path::default();
            path.push(first_step(names, graph, &fast.0, (net, edge)));
            steps(names, graph, &fast.0, &way).into_iter().for_each(|step| path.push(step));
            if let (Some(end), Some(&(net, edge))) = (end, way.last()) {
                let slew = fast.0.slew_ns[net as usize];
                let after = closed.after(graph, &graph.ends[end as usize], slew)[edge];
                path = path.then(self.tail(graph, &closed, end, after));
            }
            entry.path = path;
        }
    }
}

/// Which nets an output port depends on without a flip-flop between.
fn before_outputs(graph: &Graph) -> Vec<bool> {
    let mut reached = vec![false; graph.nets()];
    for end in graph.ends.iter().filter(|end| end.net != NO_NET && matches!(end.kind, EndKind::Port { .. })) {
        reached[end.net as usize] = true;
    }
    for &gate in graph.order.iter().rev() {
        if reached[graph.net_of(gate) as usize] {
            for pin in graph.pins_of(gate).iter().filter(|pin| pin.net != NO_NET) {
                reached[pin.net as usize] = true;
            }
        }
    }
    reached
}

impl View<'_> {
    fn throughs(&self, timing: &mut PortTiming) {
        let View { names, graph, context, .. } = *self;
        let reached = before_outputs(graph);
        let ports = &names.netlist.module(names.module).ports;
        let passes = |port: usize| {
            graph.starts.iter().enumerate().any(|(net, start)| {
                reached[net] && matches!(start, Start::Port { port: own, .. } if *own as usize == port)
            })
        };
        let inputs = (0..ports.len()).filter(|&port| ports[port].direction == Direction::Input && passes(port));
        let inputs: Vec<usize> = inputs.collect();
        if inputs.is_empty() {
            return;
        }
        let (times, _) = seen(graph, context, SLEWS[0] * context.library.typical_slew_ns());
        for from in inputs {
            for edge in EDGES {
                let arrival_ns = arrivals_from(graph, &times, from, edge);
                for end in graph.ends.iter().filter(|end| end.net != NO_NET) {
                    let EndKind::Port { port: to, .. } = end.kind else { continue };
                    let arrival = arrival_ns[end.net as usize];
                    let last = usize::from(arrival[1] > arrival[0]);
                    if arrival[last] == NEVER {
                        continue;
                    }
                    let to = to as usize;
                    let index = timing.through.iter().position(|through| through.from == from && through.to == to);
                    let index = index.unwrap_or_else(|| {
                        let output = output(graph, &times, context, end.net, to as u32);
                        let path = Path { delay_ns: NEVER, ..Path::default() };
                        timing.through.push(Through { from, to, delay_ns: [NEVER; 4], output, path });
                        timing.through.len() - 1
                    });
                    let through = &mut timing.through[index];
                    for to in EDGES {
                        let delay = &mut through.delay_ns[2 * edge + to];
                        *delay = delay.max(arrival[to]);
                    }
                    if arrival[last] > through.path.delay_ns {
                        let way = way(graph, &times, &arrival_ns, (end.net, last));
                        let mut path = Path::default();
                        path.push(first_step(names, graph, &times, way[0]));
                        steps(names, graph, &times, &way).into_iter().for_each(|step| path.push(step));
                        through.path = path;
                        through.output = output(graph, &times, context, end.net, to as u32);
                    }
                }
            }
        }
    }
}

/// When edges come to every net if one edge comes to all bits of a port at 0 ns.
fn arrivals_from(graph: &Graph, times: &Times, from: usize, edge: usize) -> Vec<ByEdge> {
    let mut arrival_ns = vec![[NEVER; 2]; graph.nets()];
    for (net, start) in graph.starts.iter().enumerate() {
        if matches!(start, Start::Port { port, .. } if *port as usize == from) {
            arrival_ns[net][edge] = 0.0;
        }
    }
    for &gate in &graph.order {
        let net = graph.net_of(gate) as usize;
        for place in graph.pin_range(gate).filter(|&place| graph.pins[place].net != NO_NET) {
            let before = arrival_ns[graph.pins[place].net as usize];
            for at in EDGES {
                for to in EDGES {
                    arrival_ns[net][to] = arrival_ns[net][to].max(before[at] + times.delay_ns[place][2 * at + to]);
                }
            }
        }
    }
    arrival_ns
}
