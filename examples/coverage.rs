//! Checks every legal point of `docs/coverage.md` and prints that page; `scripts/coverage` runs it.
//!
//! `cargo run --release --example coverage [MOST]` prints the page on standard output and progress on standard error, and ends with
//! 1 if a point is not full. `MOST` stops after so many points, to time them; the others then show no marks.

use std::process::ExitCode;

use bitweight::coverage::{Marks, Survey, Trial, page, verilate};
use bitweight::design::Design;
use bitweight::verify::Toolbox;
use rayon::prelude::*;

/// Points in one build of Verilator.
const BATCH: usize = 40;
/// Of operands and offers; each point adds its number.
const SEED: u64 = 1;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, String> {
    let most = match std::env::args().nth(1) {
        None => usize::MAX,
        Some(most) => most.parse().map_err(|_| format!("`{most}` is no number of points"))?,
    };
    let tools = Toolbox::discover();
    let survey = Survey::new();
    let legal = survey.legal();
    let mut earned = Vec::new();
    for (start, batch) in (0..).step_by(BATCH).zip(legal[..legal.len().min(most)].chunks(BATCH)) {
        let designs: Vec<&Design> = batch.iter().map(|(_, design)| *design).collect();
        let trials = check(&designs, start, &tools)?;
        for ((what, _), trial) in batch.iter().zip(&trials) {
            if !trial.marks.is_full() {
                eprintln!("{} {what}\n{}", trial.marks.letters(), trial.faults.join("\n"));
            }
        }
        earned.extend(trials.into_iter().map(|trial| trial.marks));
        let full = earned.iter().filter(|marks| marks.is_full()).count();
        eprintln!("{} of {} points checked, {full} full", earned.len(), legal.len());
    }
    print!("{}", page(&survey, &earned));
    Ok(earned.len() == legal.len() && earned.iter().all(Marks::is_full))
}

fn check(designs: &[&Design], first: usize, tools: &Toolbox) -> Result<Vec<Trial>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut trials: Vec<Trial> = (first as u64..)
        .zip(designs)
        .collect::<Vec<_>>()
        .into_par_iter()
        .map(|(number, design)| {
            let mut trial = Trial::new(design, SEED + number);
            trial.lint(tools, &folder.path().join("lint"));
            trial
        })
        .collect();
    verilate(&mut trials, &folder.path().join("bench"));
    Ok(trials)
}
