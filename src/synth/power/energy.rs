//! What changes cost: tables of the library for what happens in cells, capacitances for what happens on nets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::flat::Flat;
use super::vcd::Change;
use crate::estimate::process::{Arc, Cell, ClockedOutput, Edge, Function, Lut, Sense};
use crate::synth::library::Library;

/// Energy by what spends it, pJ.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Energies {
    /// Charge of nets and of the inputs they lead to, clock and cells' own outputs apart.
    pub nets_pj: f64,
    /// Inside of logic cells.
    pub logic_pj: f64,
    /// Inside of flip-flops whose outputs or data move.
    pub registers_pj: f64,
    /// Clock pins: their charge, and what a clock edge costs in a flip-flop that stands still.
    pub clock_pj: f64,
    /// Leakage.
    pub leakage_pj: f64,
}

impl Energies {
    /// All of it, pJ.
    pub fn total_pj(&self) -> f64 {
        self.nets_pj + self.logic_pj + self.registers_pj + self.clock_pj + self.leakage_pj
    }
}

/// A pin at which an edge costs something inside the cell.
struct PinCost {
    cell: usize,
    rise_fj: f64,
    fall_fj: f64,
    /// Where it is spent, as a function of the nets of the cell's inputs.
    when: Option<(Function, Vec<u32>)>,
}

/// Slews of a net, ns.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Slews {
    rise: f64,
    fall: f64,
}

/// Counts changes and adds up what they cost.
pub(super) struct Meter<'a> {
    flat: &'a Flat,
    library: &'a Library,
    loads_ff: Vec<f64>,
    slews: Vec<Slews>,
    costs: Vec<Vec<PinCost>>,
    values: Vec<Option<bool>>,
    rises: Vec<u64>,
    falls: Vec<u64>,
    /// What edges at inputs cost inside of cells, by cell, fJ.
    inputs_fj: Vec<f64>,
}

/// What a run cost.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spent {
    pub energies: Energies,
    /// By module, in the order of [`Flat::modules`], pJ; without the charge of nets that inputs of the top drive.
    pub modules_pj: Vec<f64>,
    /// Changes of all nets but the clock.
    pub changes: u64,
}

impl<'a> Meter<'a> {
    pub fn new(flat: &'a Flat, library: &'a Library) -> Self {
        let nets = flat.nets as usize;
        let mut meter = Self {
            flat,
            library,
            loads_ff: vec![0.0; nets],
            slews: vec![Slews::default(); nets],
            costs: (0..nets).map(|_| Vec::new()).collect(),
            values: vec![None; nets],
            rises: vec![0; nets],
            falls: vec![0; nets],
            inputs_fj: vec![0.0; flat.cells.len()],
        };
        for cell in &flat.cells {
            for (pin, net) in &cell.pins {
                meter.loads_ff[*net as usize] += library.input_capacitance_ff(&cell.kind, pin).unwrap_or(0.0);
            }
        }
        meter.propagate_slews();
        meter.cost_pins();
        meter
    }

    /// The worst slew of each net, from flip-flops and inputs with an edge of no duration.
    fn propagate_slews(&mut self) {
        let (flat, process) = (self.flat, &self.library.process);
        let mut waits = vec![0_usize; flat.cells.len()];
        let mut readers: Vec<Vec<usize>> = vec![Vec::new(); flat.nets as usize];
        let mut is_driven = vec![false; flat.nets as usize];
        for (index, cell) in flat.cells.iter().enumerate() {
            let Some(logic) = process.cell_named(&cell.kind) else { continue };
            for net in logic.outputs.iter().filter_map(|output| cell.pins.get(&output.name)) {
                is_driven[*net as usize] = true;
            }
            for net in logic.inputs.iter().filter_map(|input| cell.pins.get(&input.name)) {
                readers[*net as usize].push(index);
                waits[index] += 1;
            }
        }
        let mut ready: Vec<u32> = (0..flat.nets).filter(|net| !is_driven[*net as usize]).collect();
        for cell in &flat.cells {
            let Some(flip_flop) = process.flip_flops().iter().find(|one| one.name == cell.kind) else { continue };
            for output in [Some(&flip_flop.q), flip_flop.qn.as_ref()].into_iter().flatten() {
                if let Some(net) = cell.pins.get(&output.name) {
                    let load = self.loads_ff[*net as usize];
                    self.slews[*net as usize] =
                        Slews { rise: output.rise.slew.at(0.0, load), fall: output.fall.slew.at(0.0, load) };
                }
            }
        }
        while let Some(net) = ready.pop() {
            for index in std::mem::take(&mut readers[net as usize]) {
                waits[index] -= 1;
                let cell = &flat.cells[index];
                let Some(logic) = process.cell_named(&cell.kind).filter(|_| waits[index] == 0) else { continue };
                for output in &logic.outputs {
                    let Some(to) = cell.pins.get(&output.name) else { continue };
                    let load = self.loads_ff[*to as usize];
                    let mut worst = Slews::default();
                    for arc in &output.arcs {
                        let (before_rise, before_fall) = self.edges_before(cell, logic, arc);
                        worst.rise = worst.rise.max(arc.rise.slew.at(before_rise, load));
                        worst.fall = worst.fall.max(arc.fall.slew.at(before_fall, load));
                    }
                    self.slews[*to as usize] = worst;
                    ready.push(*to);
                }
            }
        }
    }

    /// Slews of the input's edges that make the output rise and fall, ns; the worse where it may be either.
    fn edges_before(&self, cell: &super::flat::FlatCell, logic: &Cell, arc: &Arc) -> (f64, f64) {
        let net = logic.inputs.get(arc.input).and_then(|input| cell.pins.get(&input.name));
        let Slews { rise, fall } = net.map_or_else(Slews::default, |net| self.slews[*net as usize]);
        match arc.sense {
            Sense::Positive => (rise, fall),
            Sense::Negative => (fall, rise),
            Sense::NonUnate => (rise.max(fall), rise.max(fall)),
        }
    }

    fn cost_pins(&mut self) {
        let (flat, process) = (self.flat, &self.library.process);
        let at = |lut: &Lut, slew: f64| lut.at(slew, 0.0);
        for (index, cell) in flat.cells.iter().enumerate() {
            if let Some(logic) = process.cell_named(&cell.kind) {
                let nets: Option<Vec<u32>> =
                    logic.inputs.iter().map(|input| cell.pins.get(&input.name).copied()).collect();
                let Some(nets) = nets else { continue };
                for (input, net) in logic.inputs.iter().zip(&nets) {
                    let Some(energy) = &input.energy else { continue };
                    let slews = self.slews[*net as usize];
                    self.costs[*net as usize].push(PinCost {
                        cell: index,
                        rise_fj: at(&energy.rise, slews.rise),
                        fall_fj: at(&energy.fall, slews.fall),
                        when: Some((energy.when, nets.clone())),
                    });
                }
            } else if let Some(flip_flop) = process.flip_flops().iter().find(|one| one.name == cell.kind) {
                let timed = [Some(&flip_flop.data), flip_flop.enable.as_ref().map(|enable| &enable.pin)];
                for pin in timed.into_iter().flatten().map(|data| &data.pin) {
                    let (Some(net), Some(energy)) = (cell.pins.get(&pin.name), &pin.energy) else { continue };
                    let slews = self.slews[*net as usize];
                    self.costs[*net as usize].push(PinCost {
                        cell: index,
                        rise_fj: at(&energy.rise, slews.rise),
                        fall_fj: at(&energy.fall, slews.fall),
                        when: None,
                    });
                }
            }
        }
    }

    /// Takes a change into account.
    pub fn change(&mut self, (_, net, value): Change) {
        let net = net as usize;
        let Some(old) = self.values.get(net).copied() else { return };
        self.values[net] = value;
        let (Some(old), Some(new)) = (old, value) else { return };
        if old == new {
            return;
        }
        if new {
            self.rises[net] += 1;
        } else {
            self.falls[net] += 1;
        }
        for cost in &self.costs[net] {
            let is_spent = cost.when.as_ref().is_none_or(|(when, nets)| {
                let bit = |(index, net): (usize, &u32)| usize::from(self.values[*net as usize] == Some(true)) << index;
                when.value(nets.iter().enumerate().map(bit).sum())
            });
            if is_spent {
                self.inputs_fj[cost.cell] += if new { cost.rise_fj } else { cost.fall_fj };
            }
        }
    }

    /// What all changes cost, over a run of `duration_ns`; `clock` is the clock's net.
    pub fn spent(&self, duration_ns: f64, clock: Option<u32>) -> Spent {
        let (flat, process) = (self.flat, &self.library.process);
        let mut energies = Energies::default();
        let mut modules_pj = vec![0.0; flat.modules.len()];
        let volts = process.conditions.voltage_v;
        let mut driver: BTreeMap<u32, usize> = BTreeMap::new();
        for (index, cell) in flat.cells.iter().enumerate() {
            let (mut logic_fj, mut registers_fj, mut clock_fj, mut leakage_nw) = (0.0, 0.0, 0.0, 0.0);
            if let Some(logic) = process.cell_named(&cell.kind) {
                logic_fj += self.inputs_fj[index];
                leakage_nw = logic.leakage_nw;
                for output in &logic.outputs {
                    let Some(net) = cell.pins.get(&output.name) else { continue };
                    driver.insert(*net, cell.module);
                    logic_fj += self.of_output(cell, logic, &output.arcs, *net);
                }
            } else if let Some(flip_flop) = process.flip_flops().iter().find(|one| one.name == cell.kind) {
                registers_fj += self.inputs_fj[index];
                leakage_nw = flip_flop.leakage_nw;
                let q = cell.pins.get(&flip_flop.q.name);
                let qn = flip_flop.qn.as_ref().and_then(|qn| cell.pins.get(&qn.name));
                let count = |net: Option<&u32>| {
                    net.map_or((0, 0), |net| (self.rises[*net as usize], self.falls[*net as usize]))
                };
                // An output that nobody reads moves all the same, against the other one.
                let (q_moves, qn_moves) = match (q, qn) {
                    (Some(_), Some(_)) => (count(q), count(qn)),
                    (Some(_), None) => (count(q), (count(q).1, count(q).0)),
                    (None, _) => ((count(qn).1, count(qn).0), count(qn)),
                };
                let of = |output: &ClockedOutput, net: Option<&u32>, moves: (u64, u64)| {
                    let load = net.map_or(0.0, |net| self.loads_ff[*net as usize]);
                    let edge = |edge: &Edge| edge.energy.as_ref().map_or(0.0, |energy| energy.at(0.0, load));
                    moves.0 as f64 * edge(&output.rise) + moves.1 as f64 * edge(&output.fall)
                };
                registers_fj += of(&flip_flop.q, q, q_moves);
                if let Some(output) = &flip_flop.qn {
                    registers_fj += of(output, qn, qn_moves);
                }
                for net in [q, qn].into_iter().flatten() {
                    driver.insert(*net, cell.module);
                }
                if let (Some(net), Some(energy)) = (cell.pins.get(&flip_flop.clock.name), &flip_flop.clock.energy) {
                    let (rises, falls) = (self.rises[*net as usize], self.falls[*net as usize]);
                    // The energy of an edge that moves the outputs is theirs.
                    let still = rises.saturating_sub(q_moves.0 + q_moves.1);
                    clock_fj += still as f64 * energy.rise.at(0.0, 0.0) + falls as f64 * energy.fall.at(0.0, 0.0);
                }
            } else if let Some(tie) = process.ties.iter().find(|tie| tie.name == cell.kind) {
                leakage_nw = tie.leakage_nw;
            }
            // nW for ns are 1e-18 J.
            let leakage_pj = leakage_nw * duration_ns * 1e-6;
            energies.logic_pj += logic_fj * 1e-3;
            energies.registers_pj += registers_fj * 1e-3;
            energies.clock_pj += clock_fj * 1e-3;
            energies.leakage_pj += leakage_pj;
            modules_pj[cell.module] += (logic_fj + registers_fj + clock_fj) * 1e-3 + leakage_pj;
        }
        let mut changes = 0;
        for net in 0..flat.nets {
            let moves = self.rises[net as usize] + self.falls[net as usize];
            let pj = 0.5 * self.loads_ff[net as usize] * volts * volts * moves as f64 * 1e-3;
            if Some(net) == clock {
                energies.clock_pj += pj;
                continue;
            }
            changes += moves;
            energies.nets_pj += pj;
            if let Some(module) = driver.get(&net) {
                modules_pj[*module] += pj;
            }
        }
        Spent { energies, modules_pj, changes }
    }

    /// What the edges of an output cost inside its cell, fJ: which input made them is not known, so the mean of all.
    fn of_output(&self, cell: &super::flat::FlatCell, logic: &Cell, arcs: &[Arc], net: u32) -> f64 {
        let load = self.loads_ff[net as usize];
        let (mut rise, mut fall) = (0.0, 0.0);
        for arc in arcs {
            let (before_rise, before_fall) = self.edges_before(cell, logic, arc);
            rise += arc.rise.energy.as_ref().map_or(0.0, |energy| energy.at(before_rise, load));
            fall += arc.fall.energy.as_ref().map_or(0.0, |energy| energy.at(before_fall, load));
        }
        let count = arcs.len().max(1) as f64;
        (rise * self.rises[net as usize] as f64 + fall * self.falls[net as usize] as f64) / count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::library::tests::tiny;
    use crate::synth::power::flat::FlatCell;

    #[test]
    fn two_inverters_cost_what_their_tables_and_capacitances_say() {
        let cell = |path: &str, from: u32, to: u32| FlatCell {
            path: path.to_owned(),
            kind: "INV_1".to_owned(),
            module: 0,
            pins: [("A".to_owned(), from), ("Y".to_owned(), to)].into(),
        };
        let flat = Flat {
            top: "top".to_owned(),
            modules: vec!["top".to_owned()],
            cells: vec![cell("g1", 0, 1), cell("g2", 1, 2)],
            ports: Vec::new(),
            nets: 3,
            constants: [None; 2],
        };
        let library = tiny();
        let mut meter = Meter::new(&flat, &library);
        let levels = [(0, [false, true, false]), (10, [true, false, true]), (20, [false, true, false])];
        for (time, values) in levels {
            for (net, value) in values.into_iter().enumerate() {
                meter.change((time, net as u32, Some(value)));
            }
        }
        let spent = meter.spent(1000.0, None);
        assert_eq!(spent.changes, 6);
        // Two nets with an input of 1 fF at 1 V, half of C V^2 for each of their four changes.
        assert!((spent.energies.nets_pj - 0.5e-3 * 4.0).abs() < 1e-9, "{:?}", spent.energies);
        // By hand from the tables, at no slew for the first and at 0.0068 and 0.0055 ns for the second: 0.4797 + 0.3197 +
        // 0.3217 + 0.4813 fJ. The tables have four digits.
        assert!((spent.energies.logic_pj - 1.6024e-3).abs() < 1e-6, "{:?}", spent.energies);
        // Two cells of 10 nW for a microsecond.
        assert!((spent.energies.leakage_pj - 0.02).abs() < 1e-9, "{:?}", spent.energies);
    }

    #[test]
    fn what_was_unknown_before_is_no_change() {
        let flat = Flat {
            top: "top".to_owned(),
            modules: Vec::new(),
            cells: Vec::new(),
            ports: Vec::new(),
            nets: 1,
            constants: [None; 2],
        };
        let library = tiny();
        let mut meter = Meter::new(&flat, &library);
        for value in [None, Some(true), None, Some(false), Some(false), Some(true)] {
            meter.change((0, 0, value));
        }
        assert_eq!(meter.spent(1.0, None).changes, 1);
    }
}
