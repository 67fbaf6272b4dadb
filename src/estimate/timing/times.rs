//! When each edge of each net comes, how steep it is, and how long it takes from there to the next clock edge.
//!
//! As static timing does: the latest arrival and the largest slew of every edge, whatever path each belongs to; loads are the
//! capacitances of the pins that are read. After a change only what depends on it is worked out again, level by level.

use super::graph::{End, EndKind, Graph, NO_NET, Pin, Reader, Start};
use super::library::{ByEdge, EDGES, Library, Passed};
use super::ports::PortTiming;

/// No path leads here.
pub const NEVER: f64 = f64::NEG_INFINITY;

/// Smaller changes are not passed on, ns.
const NOTHING: f64 = 1e-9;

/// What a module sees of the world round it, by port index.
#[derive(Clone, Debug)]
pub struct Boundary {
    /// When an edge comes to an input after the clock edge; [`NEVER`] for ports that no path is to begin at.
    pub arrival_ns: Vec<ByEdge>,
    /// Its slew.
    pub slew_ns: Vec<ByEdge>,
    /// What an output drives outside.
    pub load_ff: Vec<ByEdge>,
    /// How long it takes from an output to the clock edge at the end of the path; [`NEVER`] if that is not to count.
    pub after_ns: Vec<ByEdge>,
}

impl Boundary {
    /// Nothing outside: no paths through ports, inputs without slew, outputs without load.
    pub fn closed(ports: usize) -> Boundary {
        Boundary {
            arrival_ns: vec![[NEVER; 2]; ports],
            slew_ns: vec![[0.0; 2]; ports],
            load_ff: vec![[0.0; 2]; ports],
            after_ns: vec![[NEVER; 2]; ports],
        }
    }
}

/// When something comes that is not worked out here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, ns after the clock edge.
    pub arrival_ns: ByEdge,
    /// How steep, ns.
    pub slew_ns: ByEdge,
}

/// What a graph is timed with.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    pub library: &'a Library,
    /// The modules of its grids.
    pub grids: Vec<Option<&'a PortTiming>>,
    pub boundary: Boundary,
    /// Whether the module is seen as synthesis sees it while it chooses drives, which knows nothing of what is round it: a buffer
    /// before every input, the load of one behind every end, and paths that begin and end there.
    pub blind: bool,
    /// What comes out of the grids by way of their inputs, by grid and port; the latest of that and of their own flip-flops
    /// counts.
    pub through: Vec<Vec<Option<Event>>>,
}

/// The worst end of all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worst {
    /// The period it needs, ns.
    pub period_ns: f64,
    /// Index of [`Graph::ends`].
    pub end: usize,
    /// The edge that is late.
    pub edge: usize,
}

/// Times of all nets.
#[derive(Clone, Debug)]
pub struct Times {
    pub load_ff: Vec<ByEdge>,
    pub arrival_ns: Vec<ByEdge>,
    pub slew_ns: Vec<ByEdge>,
    /// Per pin: from an edge of it to an edge of the output, `2 * from + to`.
    pub delay_ns: Vec<[f64; 4]>,
    /// From an edge of a net to the clock edge at the end of the longest path, set-up included; right after [`Times::look_back`].
    pub after_ns: Vec<ByEdge>,
    queue: Vec<Vec<u32>>,
    queued: Vec<bool>,
}

impl Times {
    /// Times a graph.
    pub fn new(graph: &Graph, context: &Context) -> Times {
        let nets = graph.nets();
        let depth = graph.levels.iter().max().map_or(1, |&level| level as usize + 1);
        let mut times = Times {
            load_ff: vec![[0.0; 2]; nets],
            arrival_ns: vec![[NEVER; 2]; nets],
            slew_ns: vec![[0.0; 2]; nets],
            delay_ns: vec![[NEVER; 4]; graph.pins.len()],
            after_ns: vec![[NEVER; 2]; nets],
            queue: vec![Vec::new(); depth],
            queued: vec![false; nets],
        };
        for pin in graph.pins.iter().filter(|pin| pin.net != NO_NET) {
            add(&mut times.load_ff[pin.net as usize], pin_ff(graph, context.library, pin));
        }
        for end in graph.ends.iter().filter(|end| end.net != NO_NET) {
            add(&mut times.load_ff[end.net as usize], context.end_ff(graph, end));
        }
        for net in 0..nets as u32 {
            let wire = context.library.wire_ff(graph.fan_out(net));
            add(&mut times.load_ff[net as usize], [wire; 2]);
        }
        for net in 0..graph.starts.len() as u32 {
            times.evaluate(graph, context, net);
        }
        for &gate in &graph.order {
            times.evaluate(graph, context, graph.net_of(gate));
        }
        times
    }

    /// Notes that a gate is of another cell now. [`update`](Self::update) must follow.
    pub fn set_cell(&mut self, graph: &mut Graph, context: &Context, gate: u32, cell: u32) {
        for place in graph.pin_range(gate) {
            let pin = graph.pins[place];
            if pin.net == NO_NET {
                continue;
            }
            let before = pin_ff(graph, context.library, &pin);
            let after = context.library.pin_ff(cell, pin.input).map(|load| load * pin.weight);
            add(&mut self.load_ff[pin.net as usize], [after[0] - before[0], after[1] - before[1]]);
            self.enqueue(graph, pin.net);
        }
        graph.cells[gate as usize] = cell;
        self.enqueue(graph, graph.net_of(gate));
    }

    fn enqueue(&mut self, graph: &Graph, net: u32) {
        if !std::mem::replace(&mut self.queued[net as usize], true) {
            self.queue[graph.levels[net as usize] as usize].push(net);
        }
    }

    /// Works out again what depends on the changes since the last time. Returns the longest period that any end on the way needs.
    pub fn update(&mut self, graph: &Graph, context: &Context) -> f64 {
        let mut period_ns = NEVER;
        for level in 0..self.queue.len() {
            let mut nets = std::mem::take(&mut self.queue[level]);
            for net in nets.drain(..) {
                self.queued[net as usize] = false;
                let changed = self.evaluate(graph, context, net);
                for &reader in graph.readers_of(net) {
                    match reader {
                        Reader::Pin(pin) if changed => {
                            self.enqueue(graph, graph.net_of(graph.pins[pin as usize].gate));
                        }
                        Reader::Pin(_) => {}
                        Reader::End(end) => {
                            let end = &graph.ends[end as usize];
                            let after = context.after(graph, end, self.slew_ns[net as usize]);
                            let arrival = self.arrival_ns[net as usize];
                            period_ns = period_ns.max(arrival[0] + after[0]).max(arrival[1] + after[1]);
                        }
                    }
                }
            }
            self.queue[level] = nets;
        }
        period_ns
    }

    /// Works a net out from its driver's inputs; whether that changed anything.
    fn evaluate(&mut self, graph: &Graph, context: &Context, net: u32) -> bool {
        let index = net as usize;
        let event = match graph.driver(net) {
            None => self.start(graph, context, net, self.load_ff[index]),
            Some(gate) => self.gate(graph, context, gate),
        };
        let known = Event { arrival_ns: self.arrival_ns[index], slew_ns: self.slew_ns[index] };
        (self.arrival_ns[index], self.slew_ns[index]) = (event.arrival_ns, event.slew_ns);
        let differs = |a: f64, b: f64| a != b && (a - b).abs() >= NOTHING;
        EDGES.iter().any(|&edge| {
            differs(known.arrival_ns[edge], event.arrival_ns[edge]) || differs(known.slew_ns[edge], event.slew_ns[edge])
        })
    }

    fn gate(&mut self, graph: &Graph, context: &Context, gate: u32) -> Event {
        let (cell, load) = (graph.cells[gate as usize], self.load_ff[graph.net_of(gate) as usize]);
        let mut event = Event::NEVER;
        for place in graph.pin_range(gate) {
            let pin = &graph.pins[place];
            if pin.net == NO_NET {
                continue;
            }
            let before = self.event(pin.net);
            let delays = &mut self.delay_ns[place];
            *delays = [NEVER; 4];
            context.library.pass(cell, pin.input, before.slew_ns, load, |passed| {
                let delay = &mut delays[2 * passed.from + passed.to];
                *delay = delay.max(passed.delay_ns);
                event.take(&before, &passed);
            });
        }
        event
    }

    /// What is known of a net.
    pub fn event(&self, net: u32) -> Event {
        Event { arrival_ns: self.arrival_ns[net as usize], slew_ns: self.slew_ns[net as usize] }
    }

    /// What would come out of a gate if it were `cell` with `load_ff`, and its inputs as `input` says of their pins.
    pub fn gate_as(
        &self,
        graph: &Graph,
        context: &Context,
        (gate, cell): (u32, u32),
        load_ff: ByEdge,
        mut input: impl FnMut(usize) -> Event,
    ) -> Event {
        let mut event = Event::NEVER;
        for place in graph.pin_range(gate) {
            let pin = &graph.pins[place];
            if pin.net != NO_NET {
                let before = input(place);
                context.library.pass(cell, pin.input, before.slew_ns, load_ff, |passed| event.take(&before, &passed));
            }
        }
        event
    }

    /// What would come to a net if its load were `load_ff`.
    pub fn with_load(&self, graph: &Graph, context: &Context, net: u32, load_ff: ByEdge) -> Event {
        match graph.driver(net) {
            None => self.start(graph, context, net, load_ff),
            Some(gate) => {
                let cell = graph.cells[gate as usize];
                self.gate_as(graph, context, (gate, cell), load_ff, |place| self.event(graph.pins[place].net))
            }
        }
    }

    fn start(&self, graph: &Graph, context: &Context, net: u32, load: ByEdge) -> Event {
        if context.blind {
            return match graph.starts[net as usize] {
                Start::Register(index) => context.library.launched(graph.registers[index as usize].cell, load),
                _ => context.library.driven(load),
            };
        }
        match graph.starts[net as usize] {
            Start::Register(index) => context.library.launch(graph.registers[index as usize].cell, load),
            Start::Port { port, .. } => Event {
                arrival_ns: context.boundary.arrival_ns[port as usize],
                slew_ns: context.boundary.slew_ns[port as usize],
            },
            Start::Reset => Event::NEVER,
            Start::Grid { grid, port } => {
                let Some(timing) = context.grids[grid as usize] else { return Event::NEVER };
                let own = timing.launch(context.library, port as usize, load).unwrap_or(Event::NEVER);
                let through = context.through[grid as usize][port as usize].unwrap_or(Event::NEVER);
                own.later(&through)
            }
        }
    }

    /// The end whose path needs the longest period, of those that a path leads to.
    pub fn worst(&self, graph: &Graph, context: &Context) -> Option<Worst> {
        let mut worst: Option<Worst> = None;
        for (index, end) in graph.ends.iter().enumerate().filter(|(_, end)| end.net != NO_NET) {
            let after = context.after(graph, end, self.slew_ns[end.net as usize]);
            for edge in EDGES {
                let period_ns = self.arrival_ns[end.net as usize][edge] + after[edge];
                if period_ns > worst.map_or(NEVER, |worst| worst.period_ns) {
                    worst = Some(Worst { period_ns, end: index, edge });
                }
            }
        }
        worst
    }

    /// Works out [`Times::after_ns`] of all nets.
    pub fn look_back(&mut self, graph: &Graph, context: &Context) {
        self.after_ns.fill([NEVER; 2]);
        for end in graph.ends.iter().filter(|end| end.net != NO_NET) {
            let after = context.after(graph, end, self.slew_ns[end.net as usize]);
            latest(&mut self.after_ns[end.net as usize], after);
        }
        for &gate in graph.order.iter().rev() {
            let after = self.after_ns[graph.net_of(gate) as usize];
            for place in graph.pin_range(gate) {
                let net = graph.pins[place].net;
                if net != NO_NET {
                    let after = self.after_pin(place, after);
                    latest(&mut self.after_ns[net as usize], after);
                }
            }
        }
    }

    /// From an edge of a pin to the end, if the output of its gate takes `after`.
    pub fn after_pin(&self, pin: usize, after: ByEdge) -> ByEdge {
        let delays = &self.delay_ns[pin];
        [(delays[0] + after[0]).max(delays[1] + after[1]), (delays[2] + after[0]).max(delays[3] + after[1])]
    }

    /// The period that the longest path through a net needs.
    pub fn through(&self, net: u32) -> f64 {
        let (arrival, after) = (self.arrival_ns[net as usize], self.after_ns[net as usize]);
        (arrival[0] + after[0]).max(arrival[1] + after[1])
    }
}

impl Event {
    /// Nothing comes.
    pub const NEVER: Event = Event { arrival_ns: [NEVER; 2], slew_ns: [0.0; 2] };

    /// Takes in what comes through an arc whose input is `before`.
    pub fn take(&mut self, before: &Event, passed: &Passed) {
        let arrival = &mut self.arrival_ns[passed.to];
        *arrival = arrival.max(before.arrival_ns[passed.from] + passed.delay_ns);
        self.slew_ns[passed.to] = self.slew_ns[passed.to].max(passed.slew_ns);
    }

    /// The later arrival and the larger slew.
    pub fn later(&self, other: &Event) -> Event {
        let mut event = *self;
        latest(&mut event.arrival_ns, other.arrival_ns);
        latest(&mut event.slew_ns, other.slew_ns);
        event
    }
}

impl Context<'_> {
    /// What an end loads its driver with, fF.
    pub fn end_ff(&self, graph: &Graph, end: &End) -> ByEdge {
        match self.blind {
            true => self.library.output_ff(),
            false => graph.end_ff(self.library, &self.grids, &self.boundary.load_ff, end),
        }
    }

    /// From an edge at an end to the clock edge.
    pub fn after(&self, graph: &Graph, end: &End, slew_ns: ByEdge) -> ByEdge {
        if self.blind {
            return [0.0; 2];
        }
        match end.kind {
            EndKind::Register(index) => {
                let cell = graph.registers[index as usize].cell;
                EDGES.map(|edge| self.library.setup(cell, edge, slew_ns[edge]))
            }
            EndKind::Port { port, .. } => self.boundary.after_ns[port as usize],
            EndKind::Grid { grid, port } => {
                let timing = self.grids[grid as usize];
                timing.map_or([NEVER; 2], |timing| timing.setup(port as usize, slew_ns))
            }
        }
    }
}

fn pin_ff(graph: &Graph, library: &Library, pin: &Pin) -> ByEdge {
    library.pin_ff(graph.cells[pin.gate as usize], pin.input).map(|load| load * pin.weight)
}

fn add(sum: &mut ByEdge, more: ByEdge) {
    sum[0] += more[0];
    sum[1] += more[1];
}

fn latest(known: &mut ByEdge, other: ByEdge) {
    known[0] = known[0].max(other[0]);
    known[1] = known[1].max(other[1]);
}
