//! Checks every legal point of `docs/coverage.md` and prints that page; `scripts/coverage` runs it.
//!
//! `cargo run --release --example coverage [--only TEXT] [MOST]` prints the page on standard output and progress on standard error,
//! and ends with 1 if a point is not full. `--only` checks the points whose description contains the text (an array, a transform, an
//! encoding), and takes the others as full, as the committed page has them: for a change that touches those alone. `MOST` stops
//! after so many points, to time them; the others then show no marks.

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
    let (only, most) = arguments()?;
    let tools = Toolbox::discover();
    let survey = Survey::new();
    let legal = survey.legal();
    if let Some(text) = &only {
        let checked: Vec<_> = legal.iter().filter(|(what, _)| what.contains(text)).collect();
        let earned = check_all(&checked, most, &tools)?;
        let mut of_checked = earned.iter().cloned();
        let marks: Vec<Marks> = legal
            .iter()
            .map(|(what, _)| match what.contains(text) {
                true => of_checked.next().unwrap_or_default(),
                false => Marks::full(),
            })
            .collect();
        eprintln!("{} points were not checked", legal.len() - earned.len());
        print!("{}", page(&survey, &marks));
        return Ok(earned.len() == checked.len() && earned.iter().all(Marks::is_full));
    }
    let earned = check_all(&legal.iter().collect::<Vec<_>>(), most, &tools)?;
    print!("{}", page(&survey, &earned));
    Ok(earned.len() == legal.len() && earned.iter().all(Marks::is_full))
}

/// The text of `--only`, and how many points at most.
fn arguments() -> Result<(Option<String>, usize), String> {
    let mut arguments = std::env::args().skip(1).peekable();
    let only = match arguments.next_if(|argument| argument == "--only") {
        Some(_) => Some(arguments.next().ok_or("--only wants a text")?),
        None => None,
    };
    let most = match arguments.next() {
        None => usize::MAX,
        Some(most) => most.parse().map_err(|_| format!("`{most}` is no number of points"))?,
    };
    Ok((only, most))
}

fn check_all(points: &[&(String, &Design)], most: usize, tools: &Toolbox) -> Result<Vec<Marks>, String> {
    let mut earned = Vec::new();
    for (start, batch) in (0..).step_by(BATCH).zip(points[..points.len().min(most)].chunks(BATCH)) {
        let designs: Vec<&Design> = batch.iter().map(|(_, design)| *design).collect();
        let trials = check(&designs, start, tools)?;
        for ((what, _), trial) in batch.iter().zip(&trials) {
            if !trial.marks.is_full() {
                eprintln!("{} {what}\n{}", trial.marks.letters(), trial.faults.join("\n"));
            }
        }
        earned.extend(trials.into_iter().map(|trial| trial.marks));
        let full = earned.iter().filter(|marks| marks.is_full()).count();
        eprintln!("{} of {} points checked, {full} full", earned.len(), points.len());
    }
    Ok(earned)
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
