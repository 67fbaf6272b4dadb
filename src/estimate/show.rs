//! An estimate for people and for scripts.

use std::fmt;

use serde_json::{Value, json};

use super::{Estimate, FORMAT_VERSION, Point, Stage};

/// What every estimate says of itself.
pub const CALIBRATION: &str = "errors against synthesis: docs/estimate.md";

impl Estimate {
    /// What the figures leave out.
    pub fn limits() -> &'static [&'static str] {
        &[
            "an estimate of what Yosys, ABC and OpenSTA make of the same Verilog: docs/estimate.md has the measured errors",
            "wires by the library's wire-load model, capacitance only; no clock tree, no reset tree, no clock skew",
            "modules of a grid keep their border: no logic is shared or removed across it",
            "no energy without a workload (`estimate --power`): it depends on the operands, and without glitches designs come in the wrong order",
        ]
    }

    /// The same of an estimate with or without energy.
    pub fn limits_with(&self, energy: bool) -> &'static [&'static str] {
        let limits = Self::limits();
        if energy { &limits[..limits.len() - 1] } else { limits }
    }

    /// The estimate for people, with what is said of its energy before its limits; one whose energy was `counted` does not say that there
    /// is none.
    pub fn text(&self, energy: &str, counted: bool) -> String {
        let limits = self.limits_with(counted).iter().map(|limit| format!("  - {limit}\n"));
        format!("{}{energy}\nlimits\n{}", Body(self), limits.collect::<String>())
    }

    /// `estimate.json`. `clock_ns` is the period the design asks for; without one the smallest possible period stands there.
    pub fn to_json(&self, clock_ns: Option<f64>) -> Value {
        let parts: Vec<Value> = self
            .parts
            .iter()
            .map(|part| json!({"name": part.part.name(), "area_um2": round(part.area_um2, 3), "energy_pj": null}))
            .collect();
        let path: Vec<Value> = self
            .path_with_arrivals()
            .map(|(arrival, step)| {
                let (delay_ns, arrival_ns) = (round(step.delay_ns, 5), round(arrival, 5));
                let passed: Vec<Value> = step.stages.iter().map(stage).collect();
                json!({
                    "net": step.net, "delay_ns": delay_ns, "arrival_ns": arrival_ns, "cells": step.stages.len(),
                    "passed": passed,
                })
            })
            .collect();
        let modules: Vec<Value> = self
            .modules
            .iter()
            .map(|module| {
                let adders: Vec<Value> = module
                    .carry_chains
                    .iter()
                    .map(|chain| json!({"net": chain.net, "bits": chain.width, "kind": chain.kind.name()}))
                    .collect();
                json!({
                    "name": module.name, "count": module.count, "area_um2": round(module.area_um2, 3),
                    "cells": module.cells, "flip_flops": module.flip_flops, "full_adders": module.full_adders,
                    "half_adders": module.half_adders, "adders": adders,
                })
            })
            .collect();
        let cells: Vec<Value> =
            self.cells.iter().map(|c| json!({"kind": c.kind, "cell": c.cell, "count": c.count})).collect();
        let period = self.min_period_ns.map(|period| round(period, 5));
        let point =
            |point: &Point| json!({"period_ns": round(point.period_ns, 5), "area_um2": round(point.area_um2, 3)});
        let curve: Vec<Value> = self.curve.iter().map(point).collect();
        json!({
            "format_version": FORMAT_VERSION,
            "calibration": CALIBRATION,
            "process": self.process,
            "area_um2": round(self.area_um2, 3),
            "min_period_ns": period,
            "clock_ns": clock_ns.or(period),
            "asked_ns": self.asked_ns,
            "curve": curve,
            "power_mw": null,
            "parts": parts,
            "critical_path": path,
            "cells": cells,
            "modules": modules,
            "limits": Estimate::limits(),
        })
    }

    /// Steps of the critical path with the time at which each ends, ns.
    pub fn path_with_arrivals(&self) -> impl Iterator<Item = (f64, &super::Step)> {
        self.critical_path.iter().scan(0.0, |time, step| {
            *time += step.delay_ns;
            Some((*time, step))
        })
    }
}

fn stage(stage: &Stage) -> Value {
    json!({
        "cell": stage.cell, "edge": if stage.rising { "rise" } else { "fall" }, "delay_ns": round(stage.delay_ns, 5),
        "slew_ns": round(stage.slew_ns, 5), "load_ff": round(stage.load_ff, 3),
    })
}

/// To `digits` decimals, so that files do not carry digits without meaning.
pub fn round(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text("", false))
    }
}

/// Everything but energy and limits.
struct Body<'a>(&'a Estimate);

impl fmt::Display for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Body(estimate) = self;
        writeln!(f, "estimate in {} ({CALIBRATION})", estimate.process)?;
        writeln!(f, "  area        {:.0} um2", estimate.area_um2)?;
        match estimate.min_period_ns {
            Some(period) => writeln!(f, "  min period  {period:.3} ns ({:.0} MHz)", 1000.0 / period)?,
            None => writeln!(f, "  min period  none: no path from flip-flop to flip-flop")?,
        }
        if let Some(asked) = estimate.asked_ns {
            // A digit that is not shown must not decide.
            let met =
                if estimate.min_period_ns.is_none_or(|period| period <= asked + 1e-6) { "met" } else { "not met" };
            writeln!(f, "  clock       {asked:.3} ns: {met}")?;
        }
        if !estimate.curve.is_empty() {
            writeln!(f, "\narea against period")?;
            for point in &estimate.curve {
                writeln!(f, "  {:>7.3} ns {:>14.0} um2", point.period_ns, point.area_um2)?;
            }
        }
        writeln!(f, "\narea by part")?;
        for part in &estimate.parts {
            let share = 100.0 * part.area_um2 / estimate.area_um2;
            writeln!(f, "  {:<17}{:>14.0} um2 {share:>5.1} %", part.part.name(), part.area_um2)?;
        }
        writeln!(f, "\nmodules")?;
        for module in &estimate.modules {
            writeln!(
                f,
                "  {} x{}: {:.0} um2, {} cells, {} flip-flops, {} full and {} half adders",
                module.name,
                module.count,
                module.area_um2,
                module.cells,
                module.flip_flops,
                module.full_adders,
                module.half_adders
            )?;
            for chain in &module.carry_chains {
                writeln!(f, "    {} ({} bits): {}", chain.net, chain.width, chain.kind.name())?;
            }
        }
        writeln!(f, "\ncritical path")?;
        for (arrival, step) in estimate.path_with_arrivals() {
            writeln!(f, "  {arrival:>7.3} ns  +{:.3}  {}", step.delay_ns, step.net)?;
            for stage in &step.stages {
                let edge = if stage.rising { "rises" } else { "falls" };
                let (delay, slew, load) = (stage.delay_ns, stage.slew_ns, stage.load_ff);
                writeln!(
                    f,
                    "              +{delay:.3}    {} {edge}, slew {slew:.3} ns, load {load:.1} fF",
                    stage.cell
                )?;
            }
        }
        Ok(())
    }
}
