//! Static timing over the tables of a process, and the drive of every cell.
//!
//! A module is timed once, whatever the number of its instances, and is seen from round it by its ports. Delays and slews come from
//! the cells' tables over slew and load, rising and falling edges apart; of several paths to an edge the latest arrival and the
//! largest slew count. The clock is ideal. Cells begin as the smallest of their kind; those on the longest paths grow and
//! get repeaters until the required period is met or nothing helps any more, and those with time to spare shrink again.

mod graph;
mod grids;
mod hold;
mod library;
mod path;
mod ports;
mod repeaters;
mod size;
mod table;
mod times;
mod verilog;

use std::sync::Arc;

use super::body::Body;
use super::mapping::Mapped;
use super::process::Process;
use crate::netlist::{ModuleId, Netlist};

pub use graph::{EndKind, Graph, NO_NET, Reader, Role, Start, port_index};
pub use library::Library;
pub use path::{Path, Stage, Step};
pub use verilog::NotWritten;

use grids::{Flows, Placed};
use library::{ByEdge, EDGES};
use path::Names;
use ports::{PortTiming, View};
use size::Sized;
use times::{Boundary, Context, NEVER};

/// A mapped module.
#[derive(Debug)]
pub struct Part {
    pub body: Body,
    pub mapped: Mapped,
}

/// A timed module.
#[derive(Clone, Debug)]
struct Timed {
    sized: Sized,
    boundary: Boundary,
    flows: Vec<Option<Flows>>,
    ports: PortTiming,
}

impl Timed {
    /// What is outside, without the paths that lead there.
    fn closed(&self) -> Boundary {
        Boundary {
            load_ff: self.boundary.load_ff.clone(),
            slew_ns: self.boundary.slew_ns.clone(),
            ..Boundary::closed(self.boundary.load_ff.len())
        }
    }
}

/// How often both sides of borders are tried in turn.
const ROUNDS: u32 = 3;
/// A round is worth another one if it shortened the period by this share.
const WORTH: f64 = 0.01;

/// The modules of a design, leaf first, with their drives.
#[derive(Clone)]
pub struct Design<'a> {
    netlist: &'a Netlist,
    process: &'a Process,
    library: &'a Library,
    parts: Vec<Option<Arc<Part>>>,
    timed: Vec<Option<Timed>>,
}

impl<'a> Design<'a> {
    /// Times modules with the smallest cells; `parts` are by module index.
    pub fn new(
        netlist: &'a Netlist,
        process: &'a Process,
        library: &'a Library,
        parts: Vec<Option<Arc<Part>>>,
    ) -> Design<'a> {
        let timed = vec![None; parts.len()];
        let mut design = Design { netlist, process, library, parts, timed };
        (0..design.parts.len()).for_each(|index| design.begin(index));
        design.look_outside();
        design
    }

    /// The same design with some modules mapped in another way, and all others as they are.
    pub fn with(&self, replaced: impl IntoIterator<Item = (ModuleId, Arc<Part>)>) -> Design<'a> {
        let mut design = self.clone();
        let mut changed = vec![false; design.parts.len()];
        for (module, part) in replaced {
            design.parts[module.index()] = Some(part);
            changed[module.index()] = true;
        }
        for (index, changed) in changed.into_iter().enumerate() {
            if changed { design.begin(index) } else { design.look(index) }
        }
        design.look_outside();
        design
    }

    /// A module with the smallest cells.
    fn begin(&mut self, index: usize) {
        let Some(part) = self.parts[index].clone() else { return };
        let mut graph = Graph::new(self.netlist, &part.body, &part.mapped, self.library);
        let boundary = Boundary::closed(self.netlist.modules[index].ports.len());
        let context = self.context(index, boundary.clone(), &[]);
        repeaters::spread(&mut graph, &context);
        let sized = Sized::new(graph, &context);
        self.timed[index] = Some(Timed { sized, boundary, flows: Vec::new(), ports: PortTiming::default() });
        self.look(index);
    }

    /// The library that it is in.
    pub fn library(&self) -> &'a Library {
        self.library
    }

    /// How a module is mapped.
    pub fn part(&self, module: usize) -> Option<&Arc<Part>> {
        self.parts[module].as_ref()
    }

    /// What each module occurs in all, by module index.
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.parts.len()];
        counts[self.netlist.top.index()] = 1;
        // A module stands after those it contains.
        for (index, part) in self.parts.iter().enumerate().rev() {
            for grid in part.iter().flat_map(|part| &part.body.grids) {
                counts[grid.module.index()] += counts[index] * grid.count;
            }
        }
        counts
    }

    /// Area of everything, um2.
    pub fn total_um2(&self) -> f64 {
        self.counts().iter().enumerate().map(|(module, &count)| count as f64 * self.area_um2(module)).sum()
    }

    /// The longest path of the whole design.
    pub fn path(&self) -> Option<&Path> {
        self.timed[self.netlist.top.index()].as_ref()?.ports.internal.as_ref()
    }

    /// How long that is, ns; 0 for a design without a path from flip-flop to flip-flop.
    pub fn period_ns(&self) -> f64 {
        self.path().map_or(0.0, |path| path.delay_ns)
    }

    /// The cells of a module.
    pub fn graph(&self, module: usize) -> Option<&Graph> {
        self.timed[module].as_ref().map(|timed| &timed.sized.graph)
    }

    /// Area of one of a module without the grids in it, um2.
    pub fn area_um2(&self, module: usize) -> f64 {
        self.graph(module).map_or(0.0, |graph| graph.area_um2(self.library))
    }

    /// A module as structural Verilog.
    ///
    /// # Errors
    /// [`NotWritten`] for modules with grids or delay lines.
    pub fn verilog(&self, module: ModuleId) -> Result<String, NotWritten> {
        let (Some(part), Some(graph)) = (&self.parts[module.index()], self.graph(module.index())) else {
            return Err(NotWritten::Grid);
        };
        verilog::write(self.netlist.module(module), &part.body, graph, self.process)
    }

    /// Chooses drives for a period: `target_ns`, or where that cannot be had, or is 0, the shortest there is. Returns what is reached.
    pub fn size(&mut self, target_ns: f64) -> f64 {
        // First what is between the flip-flops of each module; what the slowest one takes is enough for the others. Paths of a module
        // with grids also lead into those, whose own share of them is not chosen yet.
        let mut period = target_ns;
        for index in 0..self.timed.len() {
            let Some(part) = &self.parts[index] else { continue };
            let leaf = part.body.grids.is_empty();
            let reached = self.speed_up(index, period, Timed::closed);
            if leaf {
                period = period.max(reached);
            }
            self.look(index);
        }
        self.look_outside();
        // Then paths that cross borders, with what each side takes of them now.
        for _round in 0..ROUNDS {
            let before = self.period_ns();
            if before <= period {
                break;
            }
            for index in (0..self.timed.len()).rev() {
                if self.timed[index].is_some() {
                    self.speed_up(index, period, |timed| timed.boundary.clone());
                    self.look(index);
                }
            }
            self.look_all();
            self.look_outside();
            if self.period_ns() > before * (1.0 - WORTH) {
                break;
            }
        }
        period = self.period_ns().max(target_ns);
        for index in 0..self.timed.len() {
            if let Some(mut timed) = self.timed[index].take() {
                let context = self.context(index, timed.boundary.clone(), &timed.flows);
                timed.sized = Sized { times: times::Times::new(&timed.sized.graph, &context), ..timed.sized };
                timed.sized.shrink(&context, period);
                self.timed[index] = Some(timed);
                self.look(index);
            }
        }
        self.look_outside();
        self.period_ns()
    }

    fn speed_up(&mut self, index: usize, target_ns: f64, boundary: impl Fn(&Timed) -> Boundary) -> f64 {
        let Some(mut timed) = self.timed[index].take() else { return 0.0 };
        let context = self.context(index, boundary(&timed), &timed.flows);
        timed.sized = Sized { times: times::Times::new(&timed.sized.graph, &context), ..timed.sized };
        let period = timed.sized.speed_up(&context, target_ns);
        self.timed[index] = Some(timed);
        period
    }

    fn context(&self, index: usize, boundary: Boundary, flows: &[Option<Flows>]) -> Context<'_> {
        let grids = self.parts[index].as_ref().map_or(&[][..], |part| &part.body.grids);
        let timing = |module: ModuleId| self.timed[module.index()].as_ref().map(|timed| &timed.ports);
        let grids: Vec<Option<&PortTiming>> = grids.iter().map(|grid| timing(grid.module)).collect();
        let ports = |grid: usize| grids[grid].map_or(0, |timing| timing.capacitance_ff.len());
        let through = (0..grids.len())
            .map(|grid| match flows.get(grid) {
                Some(Some(flows)) => flows.through_events(),
                _ => vec![None; ports(grid)],
            })
            .collect();
        Context { library: self.library, grids, boundary, through }
    }

    fn look_all(&mut self) {
        for index in 0..self.timed.len() {
            self.look(index);
        }
    }

    /// Works out again what is seen of a module, with the modules of its grids as they are now.
    fn look(&mut self, index: usize) {
        let (Some(mut timed), Some(part)) = (self.timed[index].take(), self.parts[index].clone()) else { return };
        let closed = timed.closed();
        let names =
            Names { netlist: self.netlist, module: ModuleId(index as u32), body: &part.body, process: self.process };
        // What passes straight through a grid may come back to it, or to another one.
        timed.flows.clear();
        for _round in 0..2 * part.body.grids.len() + 1 {
            let context = self.context(index, closed.clone(), &timed.flows);
            timed.sized.times = times::Times::new(&timed.sized.graph, &context);
            let flows = self.flows(&part.body, &timed.sized);
            let events = |flows: &[Option<Flows>]| -> Vec<_> {
                flows.iter().map(|flows| flows.as_ref().map(Flows::through_events)).collect()
            };
            let settled = events(&flows) == events(&timed.flows)
                || flows.iter().flatten().all(|flows| flows.through_events().iter().all(Option::is_none));
            timed.flows = flows;
            if settled {
                break;
            }
        }
        let context = self.context(index, closed, &timed.flows);
        let view = View {
            names,
            graph: &timed.sized.graph,
            times: &timed.sized.times,
            context: &context,
            flows: &timed.flows,
        };
        timed.ports = view.look(index == self.netlist.top.index());
        self.timed[index] = Some(timed);
    }

    fn flows(&self, body: &Body, sized: &Sized) -> Vec<Option<Flows>> {
        let flows = body.grids.iter().enumerate().map(|(index, grid)| {
            let timing = &self.timed[grid.module.index()].as_ref()?.ports;
            let placed = Placed { netlist: self.netlist, grid, index, timing };
            Some(placed.flows(self.library, &sized.graph, &sized.times))
        });
        flows.collect()
    }

    /// Tells every module what is round it: the latest arrivals, the largest loads and the longest ways on of all its grids.
    fn look_outside(&mut self) {
        for index in (0..self.timed.len()).rev() {
            let (Some(timed), Some(part)) = (&self.timed[index], &self.parts[index]) else { continue };
            let mut changes = Vec::new();
            let mut seen = timed.sized.clone();
            let context = self.context(index, timed.boundary.clone(), &timed.flows);
            seen.times = times::Times::new(&seen.graph, &context);
            seen.times.look_back(&seen.graph, &context);
            for (grid, (flows, entry)) in timed.flows.iter().zip(&part.body.grids).enumerate() {
                if let (Some(flows), Some(inner)) = (flows, &self.timed[entry.module.index()]) {
                    changes.push((entry.module, outside_of(&seen, grid, flows, entry, inner, self.netlist)));
                }
            }
            let mut fresh: Vec<ModuleId> = Vec::new();
            for (module, boundary) in changes {
                let Some(inner) = &mut self.timed[module.index()] else { continue };
                if fresh.contains(&module) {
                    inner.boundary.worse(&boundary);
                } else {
                    inner.boundary = boundary;
                    fresh.push(module);
                }
            }
        }
    }
}

/// What instances of a grid see.
fn outside_of(
    seen: &Sized,
    grid: usize,
    flows: &Flows,
    entry: &super::body::GridUse,
    inner: &Timed,
    netlist: &Netlist,
) -> Boundary {
    let mut boundary = Boundary::closed(inner.ports.capacitance_ff.len());
    for (port, event) in flows.events_in().enumerate() {
        if let Some(event) = event {
            (boundary.arrival_ns[port], boundary.slew_ns[port]) = (event.arrival_ns, event.slew_ns);
        }
    }
    boundary.load_ff.clone_from_slice(flows.outside_ff());
    // Inputs without a path from a flip-flop have a slew all the same.
    for end in seen.graph.ends.iter().filter(|end| end.net != NO_NET) {
        if let EndKind::Grid { grid: own, port } = end.kind
            && own as usize == grid
        {
            let slew = seen.times.slew_ns[end.net as usize];
            let known = &mut boundary.slew_ns[port as usize];
            *known = EDGES.map(|edge| known[edge].max(slew[edge]));
        }
    }
    for (net, start) in seen.graph.starts.iter().enumerate() {
        if let Start::Grid { grid: own, port } = *start
            && own as usize == grid
        {
            later(&mut boundary.after_ns[port as usize], seen.times.after_ns[net]);
        }
    }
    for &(into, out, _, _) in &entry.chains {
        let into = graph::port_index(netlist, entry.module, into) as usize;
        let out = graph::port_index(netlist, entry.module, out) as usize;
        later(&mut boundary.after_ns[out], inner.ports.setup(into, boundary.slew_ns[into]));
    }
    boundary
}

fn later(known: &mut ByEdge, other: ByEdge) {
    *known = EDGES.map(|edge| known[edge].max(other[edge]));
}

impl Boundary {
    /// Takes over whatever is worse in another.
    fn worse(&mut self, other: &Boundary) {
        let all = |known: &mut [ByEdge], other: &[ByEdge]| {
            known.iter_mut().zip(other).for_each(|(known, &other)| later(known, other));
        };
        all(&mut self.arrival_ns, &other.arrival_ns);
        all(&mut self.slew_ns, &other.slew_ns);
        all(&mut self.load_ff, &other.load_ff);
        all(&mut self.after_ns, &other.after_ns);
        debug_assert!(self.arrival_ns.iter().flatten().all(|&time| time >= NEVER));
    }
}
