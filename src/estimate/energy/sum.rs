//! From counted changes to energies, by what spends them and by part.

use std::collections::BTreeMap;

use super::circuit::{Owner, When};
use super::costs::{Driven, Energies, Moves, charge_fj, flip_flop_fj, input_fj, leakage_pj, output_fj, pin_fj};
use super::electric::{data_slews, slews_of};
use super::waves::{Counts, Edges, Waves};
use super::{Plan, Taken};
use crate::estimate::parts::PartKind;
use crate::estimate::process::Process;

/// What was simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Run {
    pub clock_ns: f64,
    /// Cycles of the run.
    pub cycles: u64,
    /// Of which simulated.
    pub simulated: u64,
}

/// Energy of a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartEnergy {
    /// What it is.
    pub part: PartKind,
    /// With delays.
    pub timed: Energies,
    /// With every change at once.
    pub untimed: Energies,
}

/// Energy of a run of a design.
#[derive(Clone, Debug, PartialEq)]
pub struct Energy {
    /// The clock period, ns.
    pub clock_ns: f64,
    /// Cycles of the run.
    pub cycles: u64,
    /// Cycles that were simulated with delays; the figures are scaled to all.
    pub simulated_cycles: u64,
    /// Instances looked at, by module.
    pub taken: Vec<Taken>,
    /// With delays.
    pub timed: Energies,
    /// With every change at once: without glitches.
    pub untimed: Energies,
    /// By part, in the order of [`PartKind::ALL`].
    pub parts: Vec<PartEnergy>,
    /// By module: its name, pJ of all of its copies without what they contain, with delays.
    pub modules: Vec<(String, f64)>,
    /// Changes of all nets but the clock, with delays and without.
    pub changes: [f64; 2],
}

impl Energy {
    /// Share of the energy that is there because of delays.
    pub fn glitch_share(&self) -> f64 {
        1.0 - self.untimed.total_pj() / self.timed.total_pj()
    }
}

/// Adds up with and without delays.
pub fn add_up(plan: &Plan, process: &Process, waves: &Waves, counts: &Counts, run: Run) -> Energy {
    let mut timed = Sums::new(plan, process, &counts.timed, run);
    let mut untimed = Sums::new(plan, process, &counts.settled, run);
    timed.all(waves);
    untimed.all(waves);
    let none = Energies::default();
    let parts = PartKind::ALL.into_iter().filter(|part| timed.parts.contains_key(part)).map(|part| PartEnergy {
        part,
        timed: timed.parts.get(&part).copied().unwrap_or(none),
        untimed: untimed.parts.get(&part).copied().unwrap_or(none),
    });
    let modules =
        timed.modules.iter().map(|(&module, energies)| (plan.modules[module as usize].clone(), energies.total_pj()));
    let total = |parts: &BTreeMap<PartKind, Energies>| {
        parts.values().fold(none, |mut sum, part| {
            sum.add(part, 1.0);
            sum
        })
    };
    Energy {
        clock_ns: run.clock_ns,
        cycles: run.cycles,
        simulated_cycles: run.simulated,
        taken: plan.taken.clone(),
        timed: total(&timed.parts),
        untimed: total(&untimed.parts),
        parts: parts.collect(),
        modules: modules.collect(),
        changes: [timed.changes, untimed.changes],
    }
}

struct Sums<'a> {
    plan: &'a Plan,
    process: &'a Process,
    edges: &'a Edges,
    run: Run,
    parts: BTreeMap<PartKind, Energies>,
    modules: BTreeMap<u32, Energies>,
    changes: f64,
}

impl<'a> Sums<'a> {
    fn new(plan: &'a Plan, process: &'a Process, edges: &'a Edges, run: Run) -> Self {
        let (parts, modules) = (BTreeMap::new(), BTreeMap::new());
        Sums { plan, process, edges, run, parts, modules, changes: 0.0 }
    }

    fn moves(&self, net: u32) -> Moves {
        Moves { rises: u64::from(self.edges.rises[net as usize]), falls: u64::from(self.edges.falls[net as usize]) }
    }

    fn add(&mut self, owner: Owner, energies: Energies) {
        let times = owner.weight * self.run.cycles as f64 / self.run.simulated as f64;
        self.parts.entry(owner.part).or_default().add(&energies, times);
        self.modules.entry(owner.module).or_default().add(&energies, times);
    }

    /// Charge of a net, pJ.
    fn charge(&mut self, net: u32, owner: Owner) -> f64 {
        let changes = self.moves(net).all();
        self.changes += owner.weight * self.run.cycles as f64 / self.run.simulated as f64 * changes as f64;
        charge_fj(self.plan.electric.load_ff[net as usize], self.process.conditions.voltage_v, changes) * 1e-3
    }

    fn all(&mut self, waves: &Waves) {
        let plan = self.plan;
        let mut conditions = waves.conditions.iter().enumerate().peekable();
        let simulated_ns = self.run.simulated as f64 * self.run.clock_ns;
        for (index, gate) in plan.circuit.gates.iter().enumerate() {
            let condition = conditions.next_if(|(_, condition)| condition.gate as usize == index);
            let cell = &self.process.cells()[gate.cell as usize];
            let slews = slews_of(&plan.electric, gate);
            let load = plan.electric.load_ff[gate.output as usize];
            let mut fj = self.moves(gate.output).cost(output_fj(&cell.outputs[0], &slews, load));
            for (input, &net) in gate.reads().iter().enumerate() {
                let Some(edge_fj) = input_fj(cell, input, slews(input)) else { continue };
                let moves = match condition.filter(|(_, condition)| condition.is_conditional(input)) {
                    Some((place, _)) => {
                        let [rises, falls] = self.edges.conditional[place][input].map(u64::from);
                        Moves { rises, falls }
                    }
                    None => self.moves(net),
                };
                fj += moves.cost(edge_fj);
            }
            let nets_pj = self.charge(gate.output, gate.owner);
            let leakage_pj = leakage_pj(cell.leakage_nw, simulated_ns);
            self.add(gate.owner, Energies { nets_pj, logic_pj: fj * 1e-3, leakage_pj, ..Energies::default() });
        }
        for flip_flop in &plan.circuit.flip_flops {
            self.flip_flop(flip_flop, simulated_ns);
        }
        for given in plan.circuit.given.iter().filter(|given| given.when == When::Input) {
            // Operands go to the registers behind the inputs.
            let owner = Owner { part: PartKind::Registers, module: plan.top, weight: 1.0 };
            let nets_pj = self.charge(given.net, owner);
            self.add(owner, Energies { nets_pj, ..Energies::default() });
        }
    }

    fn flip_flop(&mut self, flip_flop: &super::circuit::FlipFlop, simulated_ns: f64) {
        let electric = &self.plan.electric;
        let cell = &self.process.flip_flops()[flip_flop.cell as usize];
        let edges = Moves { rises: self.run.simulated, falls: self.run.simulated };
        let q = Driven { moves: self.moves(flip_flop.q), load_ff: electric.load_ff[flip_flop.q as usize] };
        let (mut registers_fj, mut clock_fj) = flip_flop_fj(cell, Some(q), None, edges);
        if let Some(energy) = &cell.data.pin.energy {
            registers_fj += self.moves(flip_flop.data).cost(pin_fj(energy, data_slews(electric, flip_flop)));
        }
        let volts = self.process.conditions.voltage_v;
        clock_fj += charge_fj(cell.clock.capacitance.nominal_ff, volts, edges.all());
        let nets_pj = self.charge(flip_flop.q, flip_flop.owner);
        let leakage_pj = leakage_pj(cell.leakage_nw, simulated_ns);
        let energies = Energies {
            nets_pj,
            registers_pj: registers_fj * 1e-3,
            clock_pj: clock_fj * 1e-3,
            leakage_pj,
            ..Energies::default()
        };
        self.add(flip_flop.owner, energies);
    }
}
