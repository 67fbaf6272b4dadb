//! What changes cost: tables of the library for what happens in cells, capacitances for what happens on nets.

use std::collections::BTreeMap;

use super::flat::{Flat, FlatCell};
use super::vcd::Change;
use crate::estimate::energy::Energies;
use crate::estimate::energy::costs::{
    Driven, Moves, charge_fj, flip_flop_fj, input_fj, leakage_pj, output_fj, output_slews, pin_fj,
};
use crate::estimate::process::{Cell, FlipFlop, Function, Process};
use crate::synth::library::Library;

/// A pin at which an edge costs something inside the cell.
struct PinCost {
    cell: usize,
    rise_fj: f64,
    fall_fj: f64,
    /// Where it is spent, as a function of the nets of the cell's inputs.
    when: Option<(Function, Vec<u32>)>,
}

/// Counts changes and adds up what they cost.
pub(super) struct Meter<'a> {
    flat: &'a Flat,
    library: &'a Library,
    loads_ff: Vec<f64>,
    /// Of a rising and a falling edge of each net, ns.
    slews: Vec<[f64; 2]>,
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
            slews: vec![[0.0; 2]; nets],
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
            let Some(flip_flop) = flip_flop_named(process, &cell.kind) else { continue };
            for output in [Some(&flip_flop.q), flip_flop.qn.as_ref()].into_iter().flatten() {
                if let Some(net) = cell.pins.get(&output.name) {
                    let load = self.loads_ff[*net as usize];
                    self.slews[*net as usize] = [output.rise.slew.at(0.0, load), output.fall.slew.at(0.0, load)];
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
                    let worst = output_slews(output, |input| self.slews_at(cell, logic, input), [load; 2]);
                    self.slews[*to as usize] = worst;
                    ready.push(*to);
                }
            }
        }
    }

    /// Slews of an input of a cell, ns.
    fn slews_at(&self, cell: &FlatCell, logic: &Cell, input: usize) -> [f64; 2] {
        let net = logic.inputs.get(input).and_then(|input| cell.pins.get(&input.name));
        net.map_or([0.0; 2], |net| self.slews[*net as usize])
    }

    fn cost_pins(&mut self) {
        let (flat, process) = (self.flat, &self.library.process);
        for (index, cell) in flat.cells.iter().enumerate() {
            if let Some(logic) = process.cell_named(&cell.kind) {
                let nets: Option<Vec<u32>> =
                    logic.inputs.iter().map(|input| cell.pins.get(&input.name).copied()).collect();
                let Some(nets) = nets else { continue };
                for (input, net) in nets.iter().enumerate() {
                    let slews = self.slews[*net as usize];
                    let Some([rise_fj, fall_fj]) = input_fj(logic, input, slews) else { continue };
                    let when = logic.inputs[input].energy.as_ref().map(|energy| (energy.when, nets.clone()));
                    self.costs[*net as usize].push(PinCost { cell: index, rise_fj, fall_fj, when });
                }
            } else if let Some(flip_flop) = flip_flop_named(process, &cell.kind) {
                let timed = [Some(&flip_flop.data), flip_flop.enable.as_ref().map(|enable| &enable.pin)];
                for pin in timed.into_iter().flatten().map(|data| &data.pin) {
                    let (Some(net), Some(energy)) = (cell.pins.get(&pin.name), &pin.energy) else { continue };
                    let [rise_fj, fall_fj] = pin_fj(energy, self.slews[*net as usize]);
                    self.costs[*net as usize].push(PinCost { cell: index, rise_fj, fall_fj, when: None });
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

    fn moves(&self, net: u32) -> Moves {
        Moves { rises: self.rises[net as usize], falls: self.falls[net as usize] }
    }

    /// What all changes cost, over a run of `duration_ns`; `clock` is the clock's net.
    pub fn spent(&self, duration_ns: f64, clock: Option<u32>) -> Spent {
        let (flat, process) = (self.flat, &self.library.process);
        let mut energies = Energies::default();
        let mut modules_pj = vec![0.0; flat.modules.len()];
        let mut driver: BTreeMap<u32, usize> = BTreeMap::new();
        for (index, cell) in flat.cells.iter().enumerate() {
            let (mut logic_fj, mut registers_fj, mut clock_fj, mut leakage_nw) = (0.0, 0.0, 0.0, 0.0);
            if let Some(logic) = process.cell_named(&cell.kind) {
                logic_fj += self.inputs_fj[index];
                leakage_nw = logic.leakage_nw;
                for output in &logic.outputs {
                    let Some(net) = cell.pins.get(&output.name) else { continue };
                    driver.insert(*net, cell.module);
                    let load = self.loads_ff[*net as usize];
                    let slews = |input| self.slews_at(cell, logic, input);
                    logic_fj += self.moves(*net).cost(output_fj(output, slews, load));
                }
            } else if let Some(flip_flop) = flip_flop_named(process, &cell.kind) {
                leakage_nw = flip_flop.leakage_nw;
                let q = cell.pins.get(&flip_flop.q.name);
                let qn = flip_flop.qn.as_ref().and_then(|qn| cell.pins.get(&qn.name));
                for net in [q, qn].into_iter().flatten() {
                    driver.insert(*net, cell.module);
                }
                let driven = |net: &u32| Driven { moves: self.moves(*net), load_ff: self.loads_ff[*net as usize] };
                let clock = cell.pins.get(&flip_flop.clock.name).map_or(Moves::default(), |net| self.moves(*net));
                let (outputs_fj, own_clock_fj) = flip_flop_fj(flip_flop, q.map(driven), qn.map(driven), clock);
                registers_fj += self.inputs_fj[index] + outputs_fj;
                clock_fj += own_clock_fj;
            } else if let Some(tie) = process.ties.iter().find(|tie| tie.name == cell.kind) {
                leakage_nw = tie.leakage_nw;
            }
            let leakage_pj = leakage_pj(leakage_nw, duration_ns);
            energies.logic_pj += logic_fj * 1e-3;
            energies.registers_pj += registers_fj * 1e-3;
            energies.clock_pj += clock_fj * 1e-3;
            energies.leakage_pj += leakage_pj;
            modules_pj[cell.module] += (logic_fj + registers_fj + clock_fj) * 1e-3 + leakage_pj;
        }
        let mut changes = 0;
        for net in 0..flat.nets {
            let moves = self.moves(net).all();
            let pj = charge_fj(self.loads_ff[net as usize], process.conditions.voltage_v, moves) * 1e-3;
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
}

fn flip_flop_named<'a>(process: &'a Process, name: &str) -> Option<&'a FlipFlop> {
    process.flip_flops().iter().find(|one| one.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::library::tests::tiny;

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
