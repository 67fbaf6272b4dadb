//! Static timing over the tables of a process, and the drive of every cell.
//!
//! A module is timed once, whatever the number of its instances, and is seen from round it by its ports. Delays and slews come from
//! the cells' tables over slew and load, rising and falling edges apart; of several paths to an edge the latest arrival and the
//! largest slew count. The clock is ideal. Drives are chosen as synthesis chooses them, one module at a time and blind for what
//! is round it: cells begin as the smallest of their kind; those on the longest paths of the logic grow and get repeaters until a
//! target is met or nothing helps any more, and those with time to spare shrink again. Only then is the whole timed.

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
use path::Names;
use ports::{PortTiming, View};
use size::Sized;
use times::{Boundary, Context, Times};

/// A mapped module.
#[derive(Debug)]
pub struct Part {
    pub body: Arc<Body>,
    pub mapped: Mapped,
}

/// A mapped module with its drives.
#[derive(Clone, Debug)]
pub struct Driven {
    pub part: Arc<Part>,
    graph: Graph,
}

/// What a target asks for at least, as a share of the delay of the smallest cells: the flow's `buffer` gives cells sizes before any
/// target is looked at, and `dnsize` takes only part of that back. Fitted (docs/estimate.md).
const UNASKED: f64 = 0.85;

impl Driven {
    /// Chooses drives for the logic of a module as synthesis does, which sees one module at a time: no path through the logic shall
    /// take longer than `target_ns`, or than can be had.
    pub fn new(netlist: &Netlist, library: &Library, part: Arc<Part>, target_ns: f64) -> Driven {
        let mut graph = Graph::new(netlist, &part.body, &part.mapped, library);
        let ports = netlist.modules.iter().map(|module| module.ports.len()).max().unwrap_or(0);
        let context =
            Context { library, grids: Vec::new(), boundary: Boundary::closed(ports), blind: true, through: Vec::new() };
        repeaters::spread(&mut graph, &context);
        let mut sized = Sized::new(graph, &context);
        let target_ns = target_ns.min(UNASKED * sized.period_ns(&context));
        let reached = sized.speed_up(&context, target_ns);
        sized.shrink(&context, target_ns.max(reached));
        Driven { part, graph: sized.graph }
    }
}

/// A timed module.
#[derive(Clone, Debug)]
struct Timed {
    graph: Graph,
    times: Times,
    flows: Vec<Option<Flows>>,
    ports: PortTiming,
}

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
    /// Puts modules together; `modules` are by module index.
    pub fn new(
        netlist: &'a Netlist,
        process: &'a Process,
        library: &'a Library,
        modules: Vec<Option<Arc<Driven>>>,
    ) -> Design<'a> {
        let parts = modules.iter().map(|module| module.as_ref().map(|module| module.part.clone())).collect();
        let timed = vec![None; modules.len()];
        let mut design = Design { netlist, process, library, parts, timed };
        for (index, module) in modules.iter().enumerate() {
            if let Some(module) = module {
                design.begin(index, module.graph.clone());
            }
        }
        design
    }

    /// A module in the place where it stands, behind those that it has grids of.
    fn begin(&mut self, index: usize, mut graph: Graph) {
        let context = self.context(index, &[]);
        repeaters::repeat_into_grids(&mut graph, &context, index == self.netlist.top.index());
        let times = Times::new(&graph, &context);
        self.timed[index] = Some(Timed { graph, times, flows: Vec::new(), ports: PortTiming::default() });
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
        self.timed[module].as_ref().map(|timed| &timed.graph)
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

    fn context(&self, index: usize, flows: &[Option<Flows>]) -> Context<'_> {
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
        let boundary = Boundary::closed(self.netlist.modules[index].ports.len());
        Context { library: self.library, grids, boundary, blind: false, through }
    }

    /// Works out what is seen of a module.
    fn look(&mut self, index: usize) {
        let (Some(mut timed), Some(part)) = (self.timed[index].take(), self.parts[index].clone()) else { return };
        let names =
            Names { netlist: self.netlist, module: ModuleId(index as u32), body: &part.body, process: self.process };
        // What passes straight through a grid may come back to it, or to another one.
        timed.flows.clear();
        for _round in 0..2 * part.body.grids.len() + 1 {
            let context = self.context(index, &timed.flows);
            timed.times = Times::new(&timed.graph, &context);
            let flows = self.flows(&part.body, &timed);
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
        let context = self.context(index, &timed.flows);
        let view = View { names, graph: &timed.graph, times: &timed.times, context: &context, flows: &timed.flows };
        timed.ports = view.look(index == self.netlist.top.index());
        self.timed[index] = Some(timed);
    }

    fn flows(&self, body: &Body, timed: &Timed) -> Vec<Option<Flows>> {
        let flows = body.grids.iter().enumerate().map(|(index, grid)| {
            let timing = &self.timed[grid.module.index()].as_ref()?.ports;
            let placed = Placed { netlist: self.netlist, grid, index, timing };
            Some(placed.flows(self.library, &timed.graph, &timed.times))
        });
        flows.collect()
    }
}
