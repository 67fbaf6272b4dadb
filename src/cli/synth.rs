//! `synth`: area and clock from Yosys and OpenSTA, beside the estimate.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::bundle::{bundle_of, regenerate};
use super::check::elaborate;
use super::energy::powered;
use super::estimate::estimate_of;
use super::power::{Measured, sample};
use super::session::Session;
use super::{Exit, Failure};
use crate::design::Design;
use crate::estimate::{Estimate, Options, Process, round};
use crate::synth::{
    FORMAT_VERSION, Goal, Library, Point, Prepared, Script, Versions, best_product, envelope, fastest, smallest_at,
    sweep,
};

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Path or shipped name
    design: String,
    /// Cell library: a Liberty file, packed with gzip or not; once more for each further file of the same library
    #[arg(long, value_name = "LIB", required = true)]
    liberty: Vec<PathBuf>,
    /// The clock period to close at, e.g. `2ns` or `800ps`
    #[arg(long, value_name = "PERIOD", value_parser = period_ns, conflicts_with = "curve")]
    clock: Option<f64>,
    /// Simulate the netlist at `--clock` on operands of a workload, a path or shipped name, and add up its energy
    #[arg(long, value_name = "WORKLOAD", requires = "clock")]
    power: Option<String>,
    /// Sweep the target and print area against period
    #[arg(long)]
    curve: bool,
}

/// A period in ns or ps.
fn period_ns(typed: &str) -> Result<f64, String> {
    let scaled = [("ns", 1.0), ("ps", 1e-3)].into_iter().find_map(|(unit, scale)| {
        let number: f64 = typed.trim().strip_suffix(unit)?.trim_end().parse().ok()?;
        Some(number * scale)
    });
    scaled
        .filter(|ns| (1e-3..=1e6).contains(ns))
        .ok_or_else(|| "give a period of at least 1 ps with its unit, e.g. `2ns` or `800ps`".to_owned())
}

/// Everything that the answer tells.
struct Synthesis<'a> {
    design: &'a Design,
    library: &'a Library,
    liberty: String,
    versions: Versions,
    goal: Goal,
    points: Vec<Point>,
    folder: String,
    estimate: Estimate,
    measured: Option<Measured>,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let design = session.design(&typed.design)?;
    let library = Library::load(&typed.liberty)?;
    let versions = Versions::ask()?;
    session.say_notes(&library.notes);
    let options = Options { clock_ns: typed.clock, curve: false };
    let estimate = estimate_of(&design, &library.process, options)?;
    let engine = elaborate(&design)?;
    let bundle = bundle_of(&design, &regenerate(session, &typed.design))?;
    let folder = session.folder(PathBuf::from("runs").join(&design.name));
    let work = folder.join("synth");
    let prepared = Prepared::new(&engine.netlist, &bundle, &library, &versions, &work)?;
    let goal = match (typed.clock, typed.curve) {
        (Some(clock_ns), _) => Goal::Clock(clock_ns),
        (None, true) => Goal::Curve,
        (None, false) => Goal::Quick,
    };
    let points = sweep(&prepared, goal)?;
    let measured = match (&typed.power, goal) {
        (Some(workload), Goal::Clock(clock_ns)) => {
            measure(&design, (&prepared, &library.process), &points, workload, clock_ns, session)?
        }
        _ => None,
    };
    let names = typed.liberty.iter().filter_map(|path| path.file_name()).map(|name| name.to_string_lossy());
    let liberty = names.collect::<Vec<_>>().join(" ");
    let work = work.display().to_string();
    let synthesis = Synthesis {
        design: &design,
        library: &library,
        liberty,
        versions,
        goal,
        points,
        folder: work,
        estimate,
        measured,
    };
    let value = synthesis.to_json();
    session.write(&folder.join("synth.json"), format!("{value:#}\n").as_bytes())?;
    if session.json {
        session.answer_json(&value)?;
    } else {
        session.answer(&synthesis.text())?;
    }
    let is_met = !matches!(goal, Goal::Clock(clock_ns) if smallest_at(&synthesis.points, clock_ns).is_none());
    Ok(if is_met { Exit::Done } else { Exit::No })
}

/// The energy of the point that closes at a clock; none if none does.
fn measure(
    design: &Design,
    (prepared, process): (&Prepared, &Process),
    points: &[Point],
    workload: &str,
    clock_ns: f64,
    session: &Session,
) -> Result<Option<Measured>, Failure> {
    let Some(point) = smallest_at(points, clock_ns) else { return Ok(None) };
    let sample = sample(design, workload, session)?;
    let power = prepared.power(point, &sample.bundle, clock_ns)?;
    let options = Options { clock_ns: Some(clock_ns), curve: false };
    let estimated = powered(design, process, options, workload, session)?.drawn.map(|drawn| drawn.energy);
    Ok(Some(Measured { sample, power, clock_ns, estimated }))
}

/// By how much an estimate is off, %.
fn error_percent(estimated: f64, synthesised: f64) -> f64 {
    100.0 * (estimated / synthesised - 1.0)
}

/// A quantity from both.
struct Compared {
    what: String,
    unit: &'static str,
    synthesised: f64,
    estimated: f64,
}

impl Synthesis<'_> {
    /// The point that answers the goal.
    fn answer(&self) -> Option<&Point> {
        match self.goal {
            Goal::Clock(clock_ns) => smallest_at(&self.points, clock_ns),
            Goal::Curve | Goal::Quick => best_product(&self.points),
        }
    }

    /// For a clock that was asked for, the area of the estimate at it beside the smallest one; else the estimate has its shortest period:
    /// that beside the fastest one, and its area beside the smallest at that period.
    fn compared(&self) -> Vec<Compared> {
        let estimate = &self.estimate;
        let clock = match self.goal {
            Goal::Clock(clock_ns) => Some(clock_ns),
            Goal::Curve | Goal::Quick => estimate.min_period_ns,
        };
        let mut compared = Vec::new();
        let shortest = estimate.min_period_ns.filter(|_| !matches!(self.goal, Goal::Clock(_)));
        if let (Some(fastest), Some(estimated)) = (fastest(&self.points), shortest) {
            let synthesised = fastest.min_period_ns;
            compared.push(Compared { what: "min period".to_owned(), unit: "ns", synthesised, estimated });
        }
        let is_met = |clock: &f64| estimate.min_period_ns.is_none_or(|period| period <= *clock);
        if let Some((clock, point)) =
            clock.filter(is_met).and_then(|clock| Some((clock, smallest_at(&self.points, clock)?)))
        {
            let (what, synthesised) = (format!("area at {clock:.3} ns"), point.area_um2);
            compared.push(Compared { what, unit: "um2", synthesised, estimated: estimate.area_um2 });
        }
        compared
    }

    fn to_json(&self) -> Value {
        let front = envelope(&self.points);
        let point = |point: &Point| {
            json!({
                "script": point.script.name(), "target_ps": point.target_ps, "min_period_ns": point.min_period_ns,
                "area_um2": round(point.area_um2, 3), "cells": point.cells, "flip_flops": point.flip_flops,
                "on_envelope": front.iter().any(|kept| std::ptr::eq(*kept, point)), "folder": point.folder,
            })
        };
        let full = |point: &Point| {
            let modules: Vec<Value> = point
                .modules
                .iter()
                .map(|module| {
                    json!({
                        "name": module.name, "count": module.count, "area_um2": round(module.area_um2, 3),
                        "cells": module.cells, "flip_flops": module.flip_flops,
                    })
                })
                .collect();
            json!({
                "script": point.script.name(), "target_ps": point.target_ps, "min_period_ns": point.min_period_ns,
                "area_um2": round(point.area_um2, 3), "modules": modules, "critical_path": point.critical_path,
            })
        };
        let compared: Vec<Value> = self
            .compared()
            .iter()
            .map(|row| {
                json!({
                    "what": row.what, "unit": row.unit, "synthesised": round(row.synthesised, 5),
                    "estimated": round(row.estimated, 5),
                    "error_percent": round(error_percent(row.estimated, row.synthesised), 2),
                })
            })
            .collect();
        let clock = if let Goal::Clock(clock_ns) = self.goal { Some(clock_ns) } else { None };
        json!({
            "format_version": FORMAT_VERSION,
            "design": { "name": self.design.name, "hash": self.design.hash() },
            "library": {
                "name": self.library.process.source.library, "file": self.liberty, "sha256": self.library.digest,
                "cells": self.library.process.cells().len(), "flip_flops": self.library.process.flip_flops().len(),
            },
            "tools": [self.versions.yosys, self.versions.opensta],
            "clock_ns": clock,
            "points": self.points.iter().map(point).collect::<Vec<_>>(),
            "fastest": fastest(&self.points).map(full),
            "answer": self.answer().map(full),
            "estimate": compared,
            "power": self.measured.as_ref().map(Measured::to_json),
        })
    }

    fn text(&self) -> String {
        let (library, versions) = (self.library, &self.versions);
        let mut text = format!(
            "synthesis of {} with {} ({})\n{}, {}; scripts {}\n\n  {:<9} {:>9} {:>11} {:>12} {:>9} {:>11}\n",
            self.design.name,
            library.process.source.library,
            self.liberty,
            versions.yosys,
            versions.opensta,
            Script::ALL.map(Script::name).join(", "),
            "script",
            "target ps",
            "period ns",
            "area um2",
            "cells",
            "flip-flops"
        );
        let front = envelope(&self.points);
        for point in if self.goal == Goal::Curve { front.clone() } else { self.points.iter().collect() } {
            let mark = if front.iter().any(|kept| std::ptr::eq(*kept, point)) { "" } else { "  beaten" };
            text += &format!(
                "  {:<9} {:>9} {:>11.3} {:>12.0} {:>9} {:>11}{mark}\n",
                point.script.name(),
                point.target_ps,
                point.min_period_ns,
                point.area_um2,
                point.cells,
                point.flip_flops
            );
        }
        let line = |what: &str, point: &Point| {
            format!(
                "{what:<22}{:.3} ns  {:.0} um2  ({} {} ps)\n",
                point.min_period_ns,
                point.area_um2,
                point.script.name(),
                point.target_ps
            )
        };
        text.push('\n');
        if let Some(point) = fastest(&self.points) {
            text += &line("fastest", point);
        }
        if let Some(point) = best_product(&self.points) {
            text += &line("least area x period", point);
        }
        if let Goal::Clock(clock_ns) = self.goal {
            text += &match smallest_at(&self.points, clock_ns) {
                Some(point) => line(&format!("smallest at {clock_ns} ns"), point),
                None => format!("NOT closed at {clock_ns} ns\n"),
            };
        }
        if let Some(point) = self.answer() {
            text += "\narea by module\n";
            for module in &point.modules {
                text += &format!(
                    "  {} x{}: {:.0} um2, {} cells, {} flip-flops\n",
                    module.name, module.count, module.area_um2, module.cells, module.flip_flops
                );
            }
        }
        text += &self.comparison();
        text += &self.measured.as_ref().map(Measured::text).unwrap_or_default();
        text + &format!("\nlogs and netlists: {}\n", self.folder)
    }

    fn comparison(&self) -> String {
        let mut text =
            format!("\n{:<22}{:>11} {:>11} {:>8}\n", "beside the estimate", "synthesis", "estimate", "error");
        for Compared { what, unit, synthesised, estimated } in self.compared() {
            let digits = if unit == "ns" { 3 } else { 0 };
            text += &format!(
                "  {what:<20}{synthesised:>11.digits$} {estimated:>11.digits$} {:>+7.1} % ({unit})\n",
                error_percent(estimated, synthesised)
            );
        }
        text
    }
}
