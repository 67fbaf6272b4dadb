//! `run`: simulate, estimate and report in one go.

use super::estimate::{DEFAULT_PROCESS, cost_of, estimate_of, process};
use super::session::Session;
use super::simulate::{Meant, Typed, results_of, table};
use super::{Exit, Failure};
use crate::estimate::Options;
use crate::report::{write_report, write_results};

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let meant = Meant::new("run", typed, session)?;
    let results = results_of(&meant, session)?;
    let estimate = estimate_of(&meant.design, &process(DEFAULT_PROCESS)?, Options::default())?;
    let json = estimate.to_json(Some(meant.design.rtl.clock_period_ns));
    let folder = &meant.folder;
    write_results(folder, &results).map_err(Failure::one)?;
    session.write_quietly(&folder.join("estimate.json"), format!("{json:#}\n").as_bytes())?;
    write_report(folder, &results, Some(&cost_of(&json)?)).map_err(Failure::one)?;
    session.talk(&format!("wrote results.json, layers.csv, estimate.json and report.html in {}", folder.display()));
    if session.json {
        session.answer(&results.to_json())?;
    } else {
        let area_mm2 = estimate.area_um2 / 1e6;
        let period = estimate.min_period_ns.map_or_else(|| "no clocked path".to_owned(), |ns| format!("{ns:.2} ns"));
        let report = folder.join("report.html");
        session.answer(&format!(
            "{}\nestimate in {}: {area_mm2:.3} mm2, shortest clock period {period}\nreport: {}\n",
            table(&results),
            estimate.process,
            report.display()
        ))?;
    }
    Ok(Exit::Done)
}
