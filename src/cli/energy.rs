//! Energy of an estimate on operands of a workload: the same block that `synth --power` measures.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::Failure;
use super::failure::defect;
use super::memory_energy::{MemoryEnergy, of_memory};
use super::power::{Block, KINDS, block, run_json};
use super::session::Session;
use crate::design::Design;
use crate::estimate::energy::{Energies, Energy, EnergyError, prepare};
use crate::estimate::{Estimate, Options, Process, round};
use crate::mistake::Mistake;
use crate::verify::{Moment, Watched, difference, drive};

/// An estimate with the energy of a block, if the clock is met.
pub(super) struct Powered {
    pub(super) estimate: Estimate,
    pub(super) drawn: Option<Drawn>,
}

/// What a block costs.
pub(super) struct Drawn {
    block: Block,
    pub(super) energy: Energy,
    memory: Option<MemoryEnergy>,
    /// Area of the design, and of what stands in grids, mm2.
    areas_mm2: [f64; 2],
}

/// Estimates a design and the energy of a block of a workload on it, at the clock of `options` or the shortest period.
///
/// # Errors
/// The workload cannot be read, or the design cannot multiply it; a defect.
pub(super) fn powered(
    design: &Design,
    process: &Process,
    options: Options,
    workload: &str,
    session: &Session,
) -> Result<Powered, Failure> {
    let block = block(design, workload, session)?;
    let of_defect = |error: &EnergyError| match error {
        EnergyError::Estimate(error) => super::estimate::mistake(design, process, error),
        error => defect(&design.name, error),
    };
    let prepared = prepare(&block.engine.netlist, process, options, block.workload.seed);
    let (estimate, plan) = prepared.map_err(|error| of_defect(&error))?;
    let Some(clock_ns) = clock(&estimate) else { return Ok(Powered { estimate, drawn: None }) };
    let mut recording = plan.recording(block.case.cycles);
    let streams = block.engine.spec.streams();
    let watch = |moment: Moment, netlist: &_| {
        if moment == Moment::Reset {
            recording.restart();
        }
        recording.take(netlist);
    };
    let wrong = |reason: String| defect(&design.name, &Mistake::new("cli::defect", reason, ""));
    let mut device = Watched::new(&block.engine.netlist, watch).map_err(wrong)?;
    let run = drive(&mut device, &streams, &block.case).map_err(wrong)?;
    if let Some(reason) = difference(&run, &streams, &block.case) {
        return Err(wrong(reason).into());
    }
    let energy = plan.measure(process, &recording, run.edges, clock_ns).map_err(|error| of_defect(&error))?;
    let memory = of_memory(&block.engine.spec, &block.workload)?;
    let outside = estimate.modules.last().map_or(0.0, |top| top.area_um2);
    let areas_mm2 = [estimate.area_um2 * 1e-6, (estimate.area_um2 - outside) * 1e-6];
    Ok(Powered { estimate, drawn: Some(Drawn { block, energy, memory, areas_mm2 }) })
}

/// The clock that energy is counted at; none if what was asked for is not met.
fn clock(estimate: &Estimate) -> Option<f64> {
    match (estimate.asked_ns, estimate.min_period_ns) {
        (Some(asked), period) => period.is_none_or(|period| period <= asked + 1e-6).then_some(asked),
        (None, period) => period,
    }
}

impl Powered {
    pub(super) fn to_json(&self, clock_ns: f64) -> Value {
        let mut json = self.estimate.to_json(Some(clock_ns));
        if let Some(drawn) = &self.drawn {
            json["power_mw"] = round(drawn.power_mw(), 5).into();
            for part in json["parts"].as_array_mut().into_iter().flatten() {
                let name = part["name"].as_str().unwrap_or_default().to_owned();
                let found = drawn.energy.parts.iter().find(|part| part.part.name() == name);
                part["energy_pj"] = round(found.map_or(0.0, |part| part.timed.total_pj()), 5).into();
            }
            json["energy"] = drawn.to_json();
        }
        json["limits"] = self.estimate.limits_with(self.drawn.is_some()).into();
        json
    }

    pub(super) fn text(&self) -> String {
        let energy = match &self.drawn {
            Some(drawn) => drawn.text(),
            None if self.estimate.asked_ns.is_some() => {
                "\nenergy\n  none: the clock is not met, and what does not settle has no energy\n".to_owned()
            }
            None => "\nenergy\n  none: a design without flip-flops has no clock\n".to_owned(),
        };
        self.estimate.text(&energy, self.drawn.is_some())
    }
}

impl Drawn {
    /// Energy of a multiply-accumulate, glitches included, pJ.
    pub(super) fn pj_per_mac(&self) -> f64 {
        self.energy.timed.total_pj() / self.block.macs()
    }

    /// Mean power, mW.
    fn power_mw(&self) -> f64 {
        self.energy.timed.total_pj() / (self.energy.cycles as f64 * self.energy.clock_ns)
    }

    /// Energy of what stands in grids, pJ.
    fn array_pj(&self) -> f64 {
        let top = &self.block.engine.netlist.top_module().name;
        self.energy.modules.iter().filter(|(name, _)| name != top).map(|(_, pj)| pj).sum()
    }

    /// TOPS/W and TOPS/mm2 of a share of the engine; a multiply-accumulate is two operations.
    fn efficiency(&self, energy_pj: f64, area_mm2: f64) -> [f64; 2] {
        let operations = 2.0 * self.block.macs();
        let time_ns = self.energy.cycles as f64 * self.energy.clock_ns;
        [operations / energy_pj, operations / time_ns * 1e-3 / area_mm2]
    }

    /// Name, energy and efficiency of the array and of the engine.
    fn levels(&self) -> [(&'static str, f64, [f64; 2]); 2] {
        let (array, engine) = (self.array_pj(), self.energy.timed.total_pj());
        [
            ("array", array, self.efficiency(array, self.areas_mm2[1])),
            ("engine", engine, self.efficiency(engine, self.areas_mm2[0])),
        ]
    }

    fn to_json(&self) -> Value {
        let macs = self.block.macs();
        let energy = &self.energy;
        let run = |energies: &Energies, changes: f64| run_json(energies, changes.round() as u64, macs);
        let parts = energy.parts.iter().map(|part| {
            json!({
                "name": part.part.name(), "with_delays_pj": round(part.timed.total_pj(), 5),
                "without_delays_pj": round(part.untimed.total_pj(), 5),
            })
        });
        let modules = energy.modules.iter().map(|(name, pj)| json!({ "name": name, "energy_pj": round(*pj, 5) }));
        let taken = energy.taken.iter().filter(|taken| taken.taken < taken.of);
        let taken = taken.map(|one| json!({ "module": one.module, "instances": one.of, "simulated": one.taken }));
        let mut levels = Map::new();
        for (name, pj, [per_watt, per_mm2]) in self.levels() {
            let level = json!({
                "pj_per_mac": round(pj / macs, 5), "tops_per_w": round(per_watt, 4), "tops_per_mm2": round(per_mm2, 4),
            });
            levels.insert(name.to_owned(), level);
        }
        let memory = self.memory.as_ref().map(|memory| memory.to_json(energy.timed.total_pj() / macs));
        json!({
            "workload": self.block.workload.name, "seed": self.block.workload.seed, "extents": self.block.extents, "macs": macs as u64,
            "clock_ns": round(energy.clock_ns, 5), "cycles": energy.cycles, "simulated_cycles": energy.simulated_cycles,
            "sampled": taken.collect::<Vec<_>>(), "power_mw": round(self.power_mw(), 5),
            "with_delays": run(&energy.timed, energy.changes[0]),
            "without_delays": run(&energy.untimed, energy.changes[1]),
            "glitch_share": round(energy.glitch_share(), 5), "parts": parts.collect::<Vec<_>>(),
            "modules": modules.collect::<Vec<_>>(), "array": levels["array"], "engine": levels["engine"], "memory": memory,
        })
    }

    fn text(&self) -> String {
        let macs = self.block.macs();
        let [m, n, k] = self.block.extents;
        let energy = &self.energy;
        let mut text = format!(
            "\nenergy at {} ns on {} (M={m} N={n} K={k}, {} cycles, registers and results as in the netlist)\n",
            round(energy.clock_ns, 4),
            self.block.workload.name,
            energy.cycles
        );
        if energy.simulated_cycles < energy.cycles {
            let _ = writeln!(text, "  a sample: {} of {} cycles", energy.simulated_cycles, energy.cycles);
        }
        for taken in energy.taken.iter().filter(|taken| taken.taken < taken.of) {
            let _ = writeln!(text, "  a sample: {} of {} {}", taken.taken, taken.of, taken.module);
        }
        let _ = writeln!(text, "  {:<18}{:>12} {:>14}  pJ a multiply-accumulate", "", "with delays", "without delays");
        let mut row = |name: &str, timed: f64, untimed: f64| {
            let _ = writeln!(text, "  {name:<18}{:>12.4} {:>14.4}", timed / macs, untimed / macs);
        };
        for (name, of) in KINDS {
            row(name, of(&energy.timed), of(&energy.untimed));
        }
        row("all", energy.timed.total_pj(), energy.untimed.total_pj());
        text += "by part\n";
        let mut row = |name: &str, timed: f64, untimed: f64| {
            let _ = writeln!(text, "  {name:<18}{:>12.4} {:>14.4}", timed / macs, untimed / macs);
        };
        for part in &energy.parts {
            row(part.part.name(), part.timed.total_pj(), part.untimed.total_pj());
        }
        let glitches = 100.0 * energy.glitch_share();
        let _ = writeln!(text, "  {:.2} mW; glitches are {glitches:.0} % of the energy", self.power_mw());
        for (name, pj, [per_watt, per_mm2]) in self.levels() {
            let _ = writeln!(
                text,
                "  {name:<8} {:>8.4} pJ a multiply-accumulate, {per_watt:.3} TOPS/W, {per_mm2:.3} TOPS/mm2",
                pj / macs
            );
        }
        text + &self.memory.as_ref().map_or_else(String::new, |memory| memory.text(energy.timed.total_pj() / macs))
    }
}
