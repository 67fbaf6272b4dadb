//! Area, gate counts and the critical path of a netlist in a process, without a synthesiser.
//!
//! Every distinct module is taken apart into bits (`body`), simplified and shared (`logic`), covered with standard cells
//! (`cover`) and timed (`timing`) once, whatever the size of the array; grids multiply. Additions begin as the small
//! ripple-carry adders, and each one that is found on the critical path becomes a parallel-prefix adder where that makes the
//! clock faster.
//!
//! The figures are **not calibrated yet**: no wires, no clock tree, no sizing of single gates, delays of one input slew.
//! [`Estimate::limits`] says so to the reader.

mod adder;
mod body;
mod cover;
mod expand;
mod fanout;
pub mod liberty;
mod logic;
pub mod memories;
mod parts;
pub mod process;
mod show;
mod timing;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use thiserror::Error;

pub use adder::AdderKind;
pub use body::CarryChain;
pub use parts::PartKind;
pub use process::Process;
pub use timing::{Path, Step};

use crate::netlist::{ModuleId, Netlist};
use body::Body;
use cover::Mapped;
use process::linear::Linear;
use process::{CellKind, FlipFlopKind};
use timing::{Analysis, PortTiming};

/// Version of [`Estimate::to_json`]; keys are added, never renamed without a new one.
pub const FORMAT_VERSION: u32 = 1;

/// Why a netlist has no estimate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EstimateError {
    /// Combinational logic feeds itself, so it has no delay.
    #[error("combinational loop through `{net}`")]
    Loop { net: String },
    /// The process has no cell of a kind without which nothing can be mapped.
    #[error("the process has no cell `{kind}`")]
    MissingCell { kind: &'static str },
}

/// One row of the table of areas.
#[derive(Clone, Debug, PartialEq)]
pub struct PartArea {
    /// What it is.
    pub part: PartKind,
    /// All of it in the design, um2.
    pub area_um2: f64,
}

/// How often a cell occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellCount {
    /// The kind: `nand2`, `dffr`, ...
    pub kind: &'static str,
    /// The cell's name in the library.
    pub cell: String,
    /// How many in the whole design.
    pub count: u64,
}

/// A module that is mapped by itself: the top, and every module of which there is a grid. Instances are part of the module they
/// stand in.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleEstimate {
    /// Its name.
    pub name: String,
    /// How many of it there are in the design.
    pub count: u64,
    /// Area of one, without the grids in it, um2.
    pub area_um2: f64,
    /// Its area by part, um2.
    pub parts: Vec<PartArea>,
    /// Standard cells in one, flip-flops and repeaters included.
    pub cells: u64,
    /// Flip-flops in one.
    pub flip_flops: u64,
    /// Full adders in one whose sum and carry are used.
    pub full_adders: u64,
    /// Half adders in one whose sum and carry are used.
    pub half_adders: u64,
    /// The additions and how they are built.
    pub carry_chains: Vec<CarryChain>,
}

/// Area, counts and critical path of a design.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Name of the process.
    pub process: String,
    /// Everything, um2.
    pub area_um2: f64,
    /// Clock-to-output, longest path and set-up, ns; `None` for a design without a path from flip-flop to flip-flop.
    pub min_period_ns: Option<f64>,
    /// The path that sets it; its last step is the set-up of the flip-flop at its end.
    pub critical_path: Vec<Step>,
    /// Area by part, the design's largest concerns first in the order of [`PartKind::ALL`].
    pub parts: Vec<PartArea>,
    /// Cells of the design by kind.
    pub cells: Vec<CellCount>,
    /// Modules mapped, leaf first.
    pub modules: Vec<ModuleEstimate>,
    /// Leakage, mW.
    pub leakage_mw: f64,
}

/// A module taken apart and mapped.
struct Work {
    body: Body,
    mapped: Mapped,
    kinds: Vec<AdderKind>,
}

/// Estimates a netlist that has passed its checks.
///
/// # Errors
/// [`EstimateError::Loop`], which a checked netlist has not; [`EstimateError::MissingCell`].
pub fn estimate(netlist: &Netlist, process: &Process) -> Result<Estimate, EstimateError> {
    let process = &Linear::new(process).map_err(|kind| EstimateError::MissingCell { kind })?;
    let mut work: Vec<Option<Work>> = (0..netlist.modules.len()).map(|_| None).collect();
    map_with_grids(netlist, process, netlist.top, &mut work)?;
    let mut timing = time(netlist, process, &work);
    while let Some(faster) = speed_up(netlist, process, &mut work, &timing)? {
        timing = faster;
    }
    Ok(add_up(netlist, process, &work, &timing))
}

/// Gives the ripple-carry adders on the critical path a parallel-prefix tree. Returns the new timing, or `None` if there are none
/// or the clock is not faster for it; then nothing is changed.
fn speed_up(
    netlist: &Netlist,
    process: &Linear,
    work: &mut [Option<Work>],
    timing: &[Option<PortTiming>],
) -> Result<Option<Vec<Option<PortTiming>>>, EstimateError> {
    let critical =
        |timing: &[Option<PortTiming>]| timing[netlist.top.index()].as_ref().and_then(|top| top.internal.clone());
    let Some(before) = critical(timing) else { return Ok(None) };
    let mut kinds: BTreeMap<ModuleId, Vec<AdderKind>> = BTreeMap::new();
    for (module, chain) in before.steps.iter().filter_map(|step| step.carry_chain) {
        let Some(known) = &work[module.index()] else { continue };
        if known.body.carry_chains[chain].kind == AdderKind::RippleCarry {
            let entry = kinds.entry(module).or_insert_with(|| known.kinds.clone());
            entry.resize(known.body.carry_chains.len(), AdderKind::RippleCarry);
            entry[chain] = AdderKind::ParallelPrefix;
        }
    }
    let mut replaced = Vec::new();
    for (module, kinds) in kinds {
        let faster = map(netlist, process, module, kinds)?;
        replaced.push((module, work[module.index()].replace(faster)));
    }
    if !replaced.is_empty() {
        let after = time(netlist, process, work);
        if critical(&after).is_some_and(|after| after.delay_ns < before.delay_ns) {
            return Ok(Some(after));
        }
    }
    for (module, before) in replaced {
        work[module.index()] = before;
    }
    Ok(None)
}

fn map(netlist: &Netlist, process: &Linear, module: ModuleId, kinds: Vec<AdderKind>) -> Result<Work, EstimateError> {
    let body = Body::new(netlist, module, &kinds)?;
    let mapped = cover::cover(&body, process);
    Ok(Work { body, mapped, kinds })
}

fn map_with_grids(
    netlist: &Netlist,
    process: &Linear,
    module: ModuleId,
    work: &mut [Option<Work>],
) -> Result<(), EstimateError> {
    if work[module.index()].is_some() {
        return Ok(());
    }
    let mapped = map(netlist, process, module, Vec::new())?;
    let children: Vec<ModuleId> = mapped.body.grids.iter().map(|grid| grid.module).collect();
    work[module.index()] = Some(mapped);
    children.into_iter().try_for_each(|child| map_with_grids(netlist, process, child, work))
}

/// Times every mapped module, leaf first.
fn time(netlist: &Netlist, process: &Linear, work: &[Option<Work>]) -> Vec<Option<PortTiming>> {
    let mut known: Vec<Option<PortTiming>> = vec![None; work.len()];
    for (index, entry) in work.iter().enumerate() {
        if let Some(Work { body, mapped, .. }) = entry {
            let module = ModuleId(index as u32);
            let timing = Analysis { netlist, module, body, mapped, process, known: &known }.run();
            known[index] = Some(timing);
        }
    }
    known
}

/// Counts of one module by kind of cell, and areas by part.
#[derive(Default)]
struct Tally {
    cells: BTreeMap<CellKind, u64>,
    flip_flops: BTreeMap<FlipFlopKind, u64>,
    areas: BTreeMap<PartKind, f64>,
}

impl Tally {
    fn of(work: &Work, timing: &PortTiming, process: &Linear) -> Tally {
        let Work { body, mapped, .. } = work;
        let mut tally = Tally::default();
        for gate in &mapped.gates {
            tally.cell(process, gate.kind, 1, body.origins[gate.tag as usize].part);
        }
        for (source, _) in body.sources.iter().zip(&mapped.live_leaves).filter(|(_, live)| **live) {
            match *source {
                body::Source::FlipFlop(index) => {
                    let bit = &body.flip_flops[index];
                    tally.flip_flop(process, bit.reset, 1, body.origins[bit.origin as usize].part);
                }
                body::Source::DelayLine(index) => {
                    let line = &body.delay_lines[index];
                    let part = body.origins[line.origin as usize].part;
                    tally.flip_flop(process, line.reset, line.depth.into(), part);
                    if line.enabled {
                        tally.cell(process, CellKind::Mux2, line.depth.into(), part);
                    }
                }
                _ => {}
            }
        }
        tally.cell(process, fanout::repeater(process).kind, timing.buffers, PartKind::Buffers);
        tally
    }

    fn cell(&mut self, process: &Linear, kind: CellKind, count: u64, part: PartKind) {
        if let Some(cell) = process.cell(kind).filter(|_| count > 0) {
            *self.cells.entry(kind).or_default() += count;
            *self.areas.entry(part).or_default() += cell.area_um2 * count as f64;
        }
    }

    fn flip_flop(&mut self, process: &Linear, reset: Option<bool>, count: u64, part: PartKind) {
        let cell = process.flip_flop(reset);
        *self.flip_flops.entry(cell.kind).or_default() += count;
        *self.areas.entry(part).or_default() += cell.area_um2 * count as f64;
    }

    fn parts(&self) -> Vec<PartArea> {
        self.areas.iter().map(|(&part, &area_um2)| PartArea { part, area_um2 }).collect()
    }
}

fn add_up(netlist: &Netlist, process: &Linear, work: &[Option<Work>], timing: &[Option<PortTiming>]) -> Estimate {
    let mut counts = vec![0u64; work.len()];
    counts[netlist.top.index()] = 1;
    // A module stands after those it contains.
    for (index, entry) in work.iter().enumerate().rev() {
        for grid in entry.iter().flat_map(|work| &work.body.grids) {
            counts[grid.module.index()] += counts[index] * grid.count;
        }
    }
    let mut total = Tally::default();
    let mut modules = Vec::new();
    for (index, entry) in work.iter().enumerate() {
        let (Some(work), Some(timing)) = (entry, &timing[index]) else { continue };
        let (tally, count) = (Tally::of(work, timing, process), counts[index]);
        for (&kind, &cells) in &tally.cells {
            *total.cells.entry(kind).or_default() += count * cells;
        }
        for (&kind, &cells) in &tally.flip_flops {
            *total.flip_flops.entry(kind).or_default() += count * cells;
        }
        for (&part, &area_um2) in &tally.areas {
            *total.areas.entry(part).or_default() += count as f64 * area_um2;
        }
        let flip_flops = tally.flip_flops.values().sum::<u64>();
        modules.push(ModuleEstimate {
            name: netlist.modules[index].name.clone(),
            count,
            area_um2: tally.areas.values().sum(),
            parts: tally.parts(),
            cells: tally.cells.values().sum::<u64>() + flip_flops,
            flip_flops,
            full_adders: work.mapped.full_adders as u64,
            half_adders: work.mapped.half_adders as u64,
            carry_chains: work.body.carry_chains.clone(),
        });
    }
    let path = timing[netlist.top.index()].as_ref().and_then(|top| top.internal.clone());
    let mut cells = Vec::new();
    let mut leakage_nw = 0.0;
    for (&kind, &count) in &total.cells {
        if let Some(cell) = process.cell(kind) {
            cells.push(CellCount { kind: kind.name(), cell: cell.name.clone(), count });
            leakage_nw += cell.leakage_nw * count as f64;
        }
    }
    for kind in [None, Some(false), Some(true)] {
        let cell = process.flip_flop(kind);
        if let Some(count) = total.flip_flops.remove(&cell.kind) {
            cells.push(CellCount { kind: cell.kind.name(), cell: cell.name.clone(), count });
            leakage_nw += cell.leakage_nw * count as f64;
        }
    }
    Estimate {
        process: process.name.clone(),
        area_um2: total.areas.values().sum(),
        min_period_ns: path.as_ref().map(|path| path.delay_ns),
        critical_path: path.map(|path| path.steps).unwrap_or_default(),
        parts: total.parts(),
        cells,
        modules,
        leakage_mw: leakage_nw * 1e-6,
    }
}
