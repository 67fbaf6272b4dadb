//! `paper`: the comparison of the HPCA 2025 paper, made again with this program's engines.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::bundle::{bundle_of, regenerate};
use super::check::elaborate;
use super::columns::columns;
use super::energy::powered;
use super::estimate::{DEFAULT_PROCESS, mistake, process};
use super::failure::defect;
use super::power::sample;
use super::session::Session;
use super::{Exit, Failure};
use crate::design::{Design, engine_spec};
use crate::estimate::{self, Estimate, Options, PartKind, Point, Process};
use crate::mistake::Mistake;
use crate::paper::{Comparison, DIFFERENCES, Figures, GROUPS, Measured, Row};
use crate::simulate::{self, Plan};
use crate::synth::{Goal, Library, Prepared, Versions, best_product, sweep};
use crate::workload::Workload;

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Path or shipped name of the workload that all engines run
    #[arg(default_value = "gemm-256")]
    workload: String,
    /// Process table of the estimates: path or shipped name
    #[arg(long, value_name = "PROCESS", default_value = DEFAULT_PROCESS, conflicts_with = "liberty")]
    process: String,
    /// Also synthesise every engine, with the cells of `--liberty`
    #[arg(long, requires = "liberty")]
    synth: bool,
    /// Cell library of estimates and synthesis: a Liberty file, packed with gzip or not; once a file of a library in several
    #[arg(long, value_name = "LIB")]
    liberty: Vec<PathBuf>,
}

/// Clocks that are tried, as multiples of the shortest one: what is asked for a clock may be smaller than what is fastest.
const CLOCKS: [f64; 7] = [1.0, 1.05, 1.1, 1.2, 1.4, 1.7, 2.2];

/// What all engines are measured with.
struct Bench<'a> {
    session: &'a Session,
    workload: Workload,
    /// Path or name that it was asked for by.
    workload_name: &'a str,
    process: Process,
    synthesis: Option<(Library, Versions)>,
    folder: PathBuf,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let workload = session.workload(&typed.workload)?;
    let library = if typed.liberty.is_empty() { None } else { Some(Library::load(&typed.liberty)?) };
    let process = match &library {
        Some(library) => library.process.clone(),
        None => process(&typed.process)?,
    };
    let versions = if typed.synth { Some(Versions::ask()?) } else { None };
    let tools = versions.iter().flat_map(|asked| [asked.yosys.clone(), asked.opensta.clone()]).collect();
    let bench = Bench {
        session,
        workload,
        workload_name: &typed.workload,
        process,
        synthesis: library.zip(versions),
        folder: session.folder(PathBuf::from("runs").join("paper")),
    };
    let comparison = bench.compare(tools)?;
    let json = comparison.to_json();
    session.write(&bench.folder.join("paper.json"), format!("{json:#}\n").as_bytes())?;
    let text = text(&comparison);
    session.write(&bench.folder.join("paper.txt"), text.as_bytes())?;
    if session.json {
        session.answer_json(&json)?;
    } else {
        session.answer(&text)?;
    }
    Ok(Exit::Done)
}

impl Bench<'_> {
    fn compare(&self, tools: Vec<String>) -> Result<Comparison, Failure> {
        let mut measured: BTreeMap<&str, Measured> = BTreeMap::new();
        for name in GROUPS.iter().flat_map(|group| std::iter::once(&group.baseline).chain(group.transformed)) {
            if !measured.contains_key(name) {
                measured.insert(name, self.measure(name)?);
            }
        }
        let engine = |name: &str| measured[name].clone();
        let rows = GROUPS.iter().map(|&group| Row {
            group,
            baseline: engine(group.baseline),
            transformed: group.transformed.iter().map(|name| engine(name)).collect(),
        });
        Ok(Comparison {
            process: self.process.name.clone(),
            workload: self.workload.name.clone(),
            tools,
            rows: rows.collect(),
        })
    }

    fn measure(&self, name: &str) -> Result<Measured, Failure> {
        self.session.detail(&format!("measuring {name}"));
        let design = self.session.design(name)?;
        let run = simulate::workload(&engine_spec(&design), &self.workload, Plan::default(), |_| {})?;
        Ok(Measured {
            design: design.name.clone(),
            size: design.size(),
            macs: run.macs(),
            cycles: run.cycles(),
            estimated: self.estimated(&design)?,
            synthesised: self
                .synthesis
                .as_ref()
                .map(|(lib, tools)| self.synthesised(&design, lib, tools))
                .transpose()?,
        })
    }

    /// The figures of the estimate at the clock of the least area x period.
    fn estimated(&self, design: &Design) -> Result<Figures, Failure> {
        let engine = elaborate(design)?;
        let clocks = estimate::clocks(&engine.netlist, &self.process, &CLOCKS);
        let (fastest, asked) = clocks.map_err(|error| mistake(design, &self.process, &error))?;
        let product = |point: &Point| point.period_ns * point.area_um2;
        let (mut clock_ns, mut least) = (None, product(&fastest));
        for point in &asked {
            if product(point) < least {
                (clock_ns, least) = (Some(point.period_ns), product(point));
            }
        }
        let at = Options { clock_ns, curve: false };
        let powered = powered(design, &self.process, at, self.workload_name, self.session)?;
        let (estimate, Some(drawn)) = (&powered.estimate, &powered.drawn) else {
            let reason = Mistake::new("cli::defect", "a clock that is longer than the shortest is not met", "");
            return Err(defect(&design.name, &reason).into());
        };
        Ok(Figures {
            period_ns: clock_ns.unwrap_or(fastest.period_ns),
            area_um2: estimate.area_um2,
            core_um2: Some(core_um2(estimate)),
            pj_per_mac: drawn.pj_per_mac(),
        })
    }

    /// The figures of synthesis, at the point of the least area x period of its curve.
    fn synthesised(&self, design: &Design, library: &Library, versions: &Versions) -> Result<Figures, Failure> {
        let engine = elaborate(design)?;
        let bundle = bundle_of(design, &regenerate(self.session, &design.name))?;
        let folder = self.folder.join("synth").join(&design.name);
        let prepared = Prepared::new(&engine.netlist, &bundle, library, versions, &folder)?;
        let points = sweep(&prepared, Goal::Curve)?;
        let Some(point) = best_product(&points) else {
            return Err(defect(&design.name, &Mistake::new("cli::defect", "a sweep without points", "")).into());
        };
        let sample = sample(design, self.workload_name, self.session)?;
        let power = prepared.power(point, &sample.bundle, point.min_period_ns)?;
        Ok(Figures {
            period_ns: point.min_period_ns,
            area_um2: point.area_um2,
            core_um2: None,
            pj_per_mac: power.timed.energies.total_pj() / sample.macs(),
        })
    }
}

/// The area without drain and control, um2.
fn core_um2(estimate: &Estimate) -> f64 {
    let is_core = |part: PartKind| !matches!(part, PartKind::Drain | PartKind::Control);
    estimate.parts.iter().filter(|part| is_core(part.part)).map(|part| part.area_um2).sum()
}

/// The comparison for a reader.
fn text(comparison: &Comparison) -> String {
    let Comparison { process, workload, tools, .. } = comparison;
    let mut text = format!(
        "the comparison of the HPCA 2025 paper (arXiv 2503.06342) on {workload} in {process}, each engine at its least area x period\n\n\
         engines, estimated\n{}",
        columns(&comparison.engine_table(|engine| Some(engine.estimated))),
    );
    if !tools.is_empty() {
        let synthesised = columns(&comparison.engine_table(|engine| engine.synthesised));
        text += &format!("\nengines, synthesised with {}\n{synthesised}", tools.join(" and "));
    }
    text += &format!(
        "\nratios to the untransformed engine, or to the rival\n{}\n{}",
        columns(&comparison.ratio_table()),
        columns(&Comparison::released_table()),
    );
    text += "\nwhat differs\n";
    for difference in DIFFERENCES {
        text += &format!("  - {difference}\n");
    }
    text
}
