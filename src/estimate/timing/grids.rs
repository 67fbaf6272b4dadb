//! What comes to the inputs of a grid's instances and out of their outputs: from outside, from their flip-flops, and straight
//! through instances, from one to the next along a chain.

use super::graph::{EndKind, Graph, NO_NET, Start, port_index};
use super::library::{ByEdge, Library};
use super::path::Path;
use super::ports::PortTiming;
use super::times::{Event, NEVER, Times};
use crate::estimate::body::GridUse;
use crate::netlist::Netlist;

/// Where a flow comes from.
#[derive(Clone, Copy, Debug)]
enum From {
    /// An end of the graph round the grid.
    Outside { end: u32, edge: usize },
    /// The flip-flops of an instance, by output port.
    Launch { port: u32 },
    /// An input of an instance, straight through it: index of the way, and the flow that came in.
    Through { way: u32, before: u32 },
}

/// The end of the graph round a grid, with its edge, by which a path came in, if it did not begin inside.
pub type Outside = Option<(u32, usize)>;

/// Something that comes to a port of the instances.
#[derive(Clone, Copy, Debug)]
struct Flow {
    event: Event,
    from: From,
    /// Links of each axis passed; an axis of n instances has n - 1.
    links: [u32; 3],
}

/// The latest flows of a grid.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    all: Vec<Flow>,
    /// The latest at each input port, an index of `all`.
    into: Vec<Option<u32>>,
    /// The latest at each output port.
    out: Vec<Option<u32>>,
    /// What the outputs drive at most in the module round the grid, by port.
    outside_ff: Vec<ByEdge>,
}

/// A link of a chain.
struct Link {
    input: usize,
    output: usize,
    axis: usize,
    extent: u32,
}

/// A grid in the graph round it.
pub struct Placed<'a> {
    pub netlist: &'a Netlist,
    pub grid: &'a GridUse,
    pub index: usize,
    pub timing: &'a PortTiming,
}

impl Placed<'_> {
    fn links(&self) -> Vec<Link> {
        let index = |net| port_index(self.netlist, self.grid.module, net) as usize;
        let link = |&(into, out, axis, extent)| Link { input: index(into), output: index(out), axis, extent };
        self.grid.chains.iter().map(link).collect()
    }

    /// Follows everything that comes to the grid as long as anything comes later for it.
    pub fn flows(&self, library: &Library, graph: &Graph, times: &Times) -> Flows {
        let ports = self.timing.capacitance_ff.len();
        let mut flows = Flows {
            into: vec![None; ports],
            out: vec![None; ports],
            outside_ff: vec![[0.0; 2]; ports],
            ..Flows::default()
        };
        let own = |grid: u32| grid as usize == self.index;
        for (net, start) in graph.starts.iter().enumerate() {
            if let Start::Grid { grid, port } = *start
                && own(grid)
            {
                let load = &mut flows.outside_ff[port as usize];
                *load = [load[0].max(times.load_ff[net][0]), load[1].max(times.load_ff[net][1])];
            }
        }
        let links = self.links();
        for link in &links {
            let (load, more) = (&mut flows.outside_ff[link.output], self.timing.capacitance_ff[link.input]);
            *load = [load[0].max(more[0]), load[1].max(more[1])];
        }
        for (index, end) in graph.ends.iter().enumerate().filter(|(_, end)| end.net != NO_NET) {
            let EndKind::Grid { grid, port } = end.kind else { continue };
            let event = times.event(end.net);
            if own(grid) && last(&event) > NEVER {
                let edge = usize::from(event.arrival_ns[1] > event.arrival_ns[0]);
                let from = From::Outside { end: index as u32, edge };
                flows.offer_into(port as usize, Flow { event, from, links: [0; 3] });
            }
        }
        for port in 0..ports {
            if let Some(event) = self.timing.launch(library, port, flows.outside_ff[port]) {
                let from = From::Launch { port: port as u32 };
                flows.offer_out(port, Flow { event, from, links: [0; 3] });
            }
        }
        loop {
            let mut changed = false;
            for (way, through) in self.timing.through.iter().enumerate() {
                let Some(before) = flows.into[through.from] else { continue };
                let flow = flows.all[before as usize];
                let event = through.pass(library, &flow.event, flows.outside_ff[through.to]);
                let from = From::Through { way: way as u32, before };
                flows.offer_out(through.to, Flow { event, from, ..flow });
            }
            for link in &links {
                let Some(flow) = flows.out[link.output].map(|flow| flows.all[flow as usize]) else { continue };
                if flow.links[link.axis] + 1 < link.extent {
                    let mut flow = flow;
                    flow.links[link.axis] += 1;
                    changed |= flows.offer_into(link.input, flow);
                }
            }
            if !changed {
                return flows;
            }
        }
    }

    /// The path of a flow, but for what is outside of the grid: the end of that path, if it has one, and what follows.
    fn path(&self, flows: &Flows, flow: u32) -> (Outside, Path) {
        let Flow { event, from, .. } = flows.all[flow as usize];
        match from {
            From::Outside { end, edge } => (Some((end, edge)), Path::default()),
            From::Launch { port } => (None, self.timing.launch_path(port as usize, &event).inside(&self.grid.path)),
            From::Through { way, before } => {
                let (outside, path) = self.path(flows, before);
                let through = self.timing.through[way as usize].path(&flows.all[before as usize].event, &event);
                (outside, path.then(through.inside(&self.grid.path)))
            }
        }
    }

    /// The path of what comes out of a port last.
    pub fn path_out(&self, flows: &Flows, port: u32) -> (Outside, Path) {
        flows.out[port as usize].map_or((None, Path::default()), |flow| self.path(flows, flow))
    }

    /// The longest path into a flip-flop of the instances from elsewhere: the path as [`Self::path_out`] gives it.
    pub fn worst_inside(&self, flows: &Flows) -> Option<(Outside, Path)> {
        let mut worst: Option<(f64, usize, u32, f64)> = None;
        for (port, flow) in flows.into.iter().enumerate() {
            let Some(flow) = *flow else { continue };
            let event = flows.all[flow as usize].event;
            let after = self.timing.setup(port, event.slew_ns);
            for edge in [0, 1] {
                let period = event.arrival_ns[edge] + after[edge];
                if period > worst.map_or(NEVER, |worst| worst.0) {
                    worst = Some((period, port, flow, after[edge]));
                }
            }
        }
        let (_, port, flow, after) = worst?;
        let (outside, path) = self.path(flows, flow);
        Some((outside, path.then(self.timing.setup_path(port, after).inside(&self.grid.path))))
    }
}

impl Flows {
    fn offer(slot: &mut Option<u32>, all: &mut Vec<Flow>, flow: Flow) -> bool {
        let known = slot.map_or(NEVER, |known| last(&all[known as usize].event));
        if last(&flow.event) <= known + 1e-9 {
            return false;
        }
        *slot = Some(all.len() as u32);
        all.push(flow);
        true
    }

    fn offer_into(&mut self, port: usize, flow: Flow) -> bool {
        Flows::offer(&mut self.into[port], &mut self.all, flow)
    }

    fn offer_out(&mut self, port: usize, flow: Flow) -> bool {
        Flows::offer(&mut self.out[port], &mut self.all, flow)
    }

    /// What comes out of each output port by way of inputs; `None` where the instances' own flip-flops are later.
    pub fn through_events(&self) -> Vec<Option<Event>> {
        let through = |flow: u32| {
            let flow = &self.all[flow as usize];
            matches!(flow.from, From::Through { .. }).then_some(flow.event)
        };
        self.out.iter().map(|flow| flow.and_then(through)).collect()
    }
}

fn last(event: &Event) -> f64 {
    event.arrival_ns[0].max(event.arrival_ns[1])
}
