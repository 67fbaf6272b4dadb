//! Counting: cells, areas and leakage of a design whose drives are chosen.

use std::collections::BTreeMap;

use super::body::Body;
use super::parts::PartKind;
use super::process::Process;
use super::timing::{Design, Graph, Library, Role};
use super::{CellCount, Estimate, ModuleEstimate, PartArea};
use crate::netlist::Netlist;

/// Counts of one module by cell, and areas by part.
#[derive(Default)]
struct Tally {
    /// By index of [`Process::cells`].
    cells: BTreeMap<usize, u64>,
    /// By index of [`Process::flip_flops`].
    flip_flops: BTreeMap<usize, u64>,
    /// By constant.
    ties: [u64; 2],
    areas: BTreeMap<PartKind, f64>,
}

impl Tally {
    fn of(graph: &Graph, body: &Body, process: &Process, library: &Library) -> Tally {
        let mut tally = Tally::default();
        for (gate, (&cell, &copies)) in graph.cells.iter().zip(&graph.copies).enumerate().filter(|(_, (_, c))| **c > 0)
        {
            let part = match graph.roles[gate] {
                Role::Logic(origin) | Role::Hold(origin) => body.origins[origin as usize].part,
                Role::Repeater | Role::Example => PartKind::Buffers,
            };
            *tally.cells.entry(cell as usize).or_default() += copies;
            *tally.areas.entry(part).or_default() += copies as f64 * process.cells()[cell as usize].area_um2;
        }
        for register in graph.registers.iter().filter(|register| register.copies > 0) {
            let part = body.origins[register.origin as usize].part;
            let cell = &process.flip_flops()[register.cell as usize];
            *tally.flip_flops.entry(register.cell as usize).or_default() += register.copies;
            *tally.areas.entry(part).or_default() += register.copies as f64 * cell.area_um2;
        }
        for value in [false, true] {
            if let Some(tie) = process.tie(value).filter(|_| graph.ties_off(library, value)) {
                tally.ties[usize::from(value)] += 1;
                *tally.areas.entry(PartKind::Registers).or_default() += tie.area_um2;
            }
        }
        tally
    }

    fn add(&mut self, other: &Tally, times: u64) {
        for (&cell, &count) in &other.cells {
            *self.cells.entry(cell).or_default() += times * count;
        }
        for (&cell, &count) in &other.flip_flops {
            *self.flip_flops.entry(cell).or_default() += times * count;
        }
        for (own, count) in self.ties.iter_mut().zip(other.ties) {
            *own += times * count;
        }
        for (&part, &area_um2) in &other.areas {
            *self.areas.entry(part).or_default() += times as f64 * area_um2;
        }
    }

    fn parts(&self) -> Vec<PartArea> {
        self.areas.iter().map(|(&part, &area_um2)| PartArea { part, area_um2 }).collect()
    }

    fn area_um2(&self) -> f64 {
        self.areas.values().sum()
    }

    fn flip_flops(&self) -> u64 {
        self.flip_flops.values().sum()
    }

    /// The cells by name, and their leakage, nW.
    fn cells(&self, process: &Process) -> (Vec<CellCount>, f64) {
        let (mut cells, mut leakage_nw) = (Vec::new(), 0.0);
        for (&index, &count) in &self.cells {
            let cell = &process.cells()[index];
            let function = cell.outputs[0].function;
            let kind = match (function.inputs(), function.table()) {
                (1, 0b01) => "inverter",
                (1, 0b10) => "buffer",
                _ => "gate",
            };
            cells.push(CellCount { kind, cell: cell.name.clone(), count });
            leakage_nw += count as f64 * cell.leakage_nw;
        }
        for (&index, &count) in &self.flip_flops {
            let cell = &process.flip_flops()[index];
            cells.push(CellCount { kind: "flip-flop", cell: cell.name.clone(), count });
            leakage_nw += count as f64 * cell.leakage_nw;
        }
        for (value, count) in [false, true].into_iter().zip(self.ties) {
            if let Some(tie) = process.tie(value).filter(|_| count > 0) {
                cells.push(CellCount { kind: "constant", cell: tie.name.clone(), count });
                leakage_nw += count as f64 * tie.leakage_nw;
            }
        }
        (cells, leakage_nw)
    }
}

/// Adds a design up.
pub fn add_up(netlist: &Netlist, process: &Process, design: &Design) -> Estimate {
    let mut total = Tally::default();
    let mut modules = Vec::new();
    for (index, count) in design.counts().into_iter().enumerate() {
        let (Some(part), Some(graph)) = (design.part(index), design.graph(index)) else { continue };
        let tally = Tally::of(graph, &part.body, process, design.library());
        total.add(&tally, count);
        modules.push(ModuleEstimate {
            name: netlist.modules[index].name.clone(),
            count,
            area_um2: tally.area_um2(),
            parts: tally.parts(),
            cells: tally.cells.values().chain(&tally.ties).sum::<u64>() + tally.flip_flops(),
            flip_flops: tally.flip_flops(),
            full_adders: part.mapped.full_adders as u64,
            half_adders: part.mapped.half_adders as u64,
            carry_chains: part.body.carry_chains.clone(),
        });
    }
    let (cells, leakage_nw) = total.cells(process);
    let path = design.path();
    Estimate {
        process: process.name.clone(),
        area_um2: total.area_um2(),
        min_period_ns: path.map(|path| path.delay_ns),
        critical_path: path.map(|path| path.steps.clone()).unwrap_or_default(),
        parts: total.parts(),
        cells,
        modules,
        leakage_mw: leakage_nw * 1e-6,
        asked_ns: None,
        curve: Vec::new(),
    }
}
