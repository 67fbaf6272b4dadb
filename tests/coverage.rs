//! `docs/coverage.md`: its points are those that there are, a random sample of them earns every mark, and what is broken earns
//! none. `BITWEIGHT_SEED=n` runs the sample of a seed again.

#[allow(dead_code)]
mod bench;
#[allow(dead_code)]
mod seeds;

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use bench::toolbox;
use bitweight::coverage::{Mark, Marks, Survey, Trial, page, verilate};
use bitweight::design::engine_spec;
use bitweight::engine::Engine;
use bitweight::verify::{Draw, Tool};
use rayon::prelude::*;

/// Legal points of a sample.
const SAMPLE: usize = 60;

fn survey() -> &'static Survey {
    static SURVEY: OnceLock<Survey> = OnceLock::new();
    SURVEY.get_or_init(Survey::new)
}

/// Marks that the tools of this machine can give.
fn possible(mark: Mark) -> bool {
    match mark {
        Mark::Simulated | Mark::Emitted | Mark::Interpreter => true,
        Mark::Lint => [Tool::Icarus, Tool::Verilator, Tool::Yosys].iter().all(|&tool| toolbox().has(tool)),
        Mark::Verilator => toolbox().has(Tool::Verilator),
    }
}

#[test]
fn a_random_sample_of_60_legal_points_earns_every_mark() {
    let now =
        || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64 % 1_000_000_000);
    let seed = seeds::only().unwrap_or_else(now);
    println!("BITWEIGHT_SEED={seed}");
    let mut legal = survey().legal();
    let mut draw = Draw::new(seed);
    for place in 0..SAMPLE {
        let rest = (legal.len() - place) as u64;
        legal.swap(place, place + draw.below(rest) as usize);
    }
    legal.truncate(SAMPLE);
    let folder = tempfile::tempdir().expect("a directory");
    let mut trials: Vec<Trial> = legal
        .par_iter()
        .enumerate()
        .map(|(number, (_, design))| {
            let mut trial = Trial::new(design, seed.wrapping_add(number as u64));
            if possible(Mark::Lint) {
                trial.lint(toolbox(), &folder.path().join("lint"));
            }
            trial
        })
        .collect();
    if possible(Mark::Verilator) {
        for (batch, trials) in trials.chunks_mut(SAMPLE / 2).enumerate() {
            verilate(trials, &folder.path().join(format!("bench-{batch}")));
        }
    }
    for mark in Mark::ALL.into_iter().filter(|&mark| !possible(mark)) {
        println!("skipped: mark {} of the sample of points, for a missing tool", mark.letter());
    }
    let misses = |trial: &Trial| Mark::ALL.into_iter().any(|mark| possible(mark) && !trial.marks.has(mark));
    let failed: Vec<String> = legal
        .iter()
        .zip(&trials)
        .filter(|(_, trial)| misses(trial))
        .map(|((what, design), trial)| {
            format!("{} {what}\n{}\n{}", trial.marks.letters(), design.to_toml(), trial.faults.join("\n"))
        })
        .collect();
    assert_eq!(trials.len(), SAMPLE);
    let shown = failed.iter().take(3).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(
        failed.is_empty(),
        "BITWEIGHT_SEED={seed}: {} of {SAMPLE} points are not full, first:\n{shown}",
        failed.len()
    );
}

/// A page without what was earned: the points that there are and the reasons of the others.
fn without_marks(page: &str) -> Vec<String> {
    let is_mark = |word: &str| word.len() == 5 && word.chars().all(|letter| "SEILV-".contains(letter));
    let cell = |cell: &str| if is_mark(cell.trim()) { " marks ".to_owned() } else { cell.to_owned() };
    // The last column of tables that count is how many are full.
    let is_count = |line: &str| line.rsplit('|').nth(1).is_some_and(|last| last.trim().parse::<usize>().is_ok());
    let kept = |line: &str| match is_count(line) {
        true => line.rsplitn(3, '|').last().unwrap_or_default().to_owned(),
        false => line.split('|').map(cell).collect::<Vec<_>>().join("|"),
    };
    // A page of a run that was stopped says so.
    let is_point = |line: &&str| !line.is_empty() && !line.starts_with("**The run");
    page.lines().filter(is_point).map(kept).collect()
}

fn committed() -> String {
    std::fs::read_to_string("docs/coverage.md").expect("docs/coverage.md")
}

#[test]
fn the_committed_page_has_exactly_the_points_that_there_are_and_the_reasons_of_the_others() {
    let full = page(survey(), &vec![Marks::full(); survey().legal().len()]);
    let (ours, wanted) = (without_marks(&committed()), without_marks(&full));
    let line = ours.iter().zip(&wanted).position(|(ours, theirs)| ours != theirs);
    let line = line.unwrap_or(ours.len().min(wanted.len()));
    let of = |text: &[String]| text.get(line).cloned().unwrap_or_else(|| "(nothing)".to_owned());
    assert!(
        ours == wanted,
        "docs/coverage.md, line {} of those with text:\n  {}\nis not\n  {}\nrun scripts/coverage",
        line + 1,
        of(&ours),
        of(&wanted)
    );
}

#[test]
fn every_point_of_the_committed_page_is_full() {
    let full = page(survey(), &vec![Marks::full(); survey().legal().len()]);
    assert!(committed() == full, "docs/coverage.md has points that are not full: run scripts/coverage");
}

#[test]
fn a_point_is_shown_with_what_it_earned_and_the_totals_follow() {
    let mut earned = vec![Marks::full(); survey().legal().len()];
    let full = page(survey(), &earned);
    earned[0] = Marks::default();
    let less = page(survey(), &earned);
    assert!(!full.contains("-----") && less.contains("| none | ----- | SEILV |"), "{less}");
    let total = |text: &str| text.lines().find(|line| line.starts_with("| all |")).map(str::to_owned);
    let points = earned.len();
    assert!(total(&full).is_some_and(|line| line.ends_with(&format!("| {points} | {points} |"))));
    assert!(total(&less).is_some_and(|line| line.ends_with(&format!("| {points} | {} |", points - 1))));
}

/// The trials of three points, the one in the middle broken by `harm`.
fn one_is_broken(harm: impl Fn(&mut Trial)) -> Vec<Marks> {
    let legal = survey().legal();
    let folder = tempfile::tempdir().expect("a directory");
    let mut trials: Vec<Trial> = [0, 1, 2].map(|at| Trial::new(legal[at].1, 7)).into();
    harm(&mut trials[1]);
    for trial in &mut trials {
        trial.lint(toolbox(), &folder.path().join("lint"));
    }
    verilate(&mut trials, &folder.path().join("bench"));
    trials.into_iter().map(|trial| trial.marks).collect()
}

/// Changes the first line of the RTL, comments aside, in which `from` stands.
fn change(trial: &mut Trial, from: &str, to: &str) {
    let files = &mut trial.bundle.as_mut().expect("a bundle").files;
    let is_meant = |line: &&str| !line.trim_start().starts_with("//") && line.contains(from);
    for file in files.iter_mut().filter(|file| file.path.starts_with("rtl/")) {
        if let Some(line) = file.text.lines().find(is_meant).map(str::to_owned) {
            file.text = file.text.replacen(&line, &line.replacen(from, to, 1), 1);
            return;
        }
    }
    panic!("no line has `{from}`");
}

#[test]
fn wrong_verilog_costs_its_point_the_mark_of_verilator_and_its_neighbours_none() {
    if !(possible(Mark::Lint) && possible(Mark::Verilator)) {
        println!("skipped: broken points need `verilator`, `iverilog` and `yosys`");
        return;
    }
    let marks = one_is_broken(|trial| change(trial, " * ", " + "));
    assert_eq!(marks.iter().map(Marks::letters).collect::<Vec<_>>(), ["SEILV", "SEIL-", "SEILV"]);
}

#[test]
fn a_net_that_nothing_reads_costs_its_point_the_mark_of_the_linters() {
    if !(possible(Mark::Lint) && possible(Mark::Verilator)) {
        println!("skipped: broken points need `verilator`, `iverilog` and `yosys`");
        return;
    }
    let marks = one_is_broken(|trial| change(trial, "endmodule", "  wire idle = 1'b0;\nendmodule"));
    // Verilator is as strict when it builds.
    assert_eq!(marks.iter().map(Marks::letters).collect::<Vec<_>>(), ["SEILV", "SEI--", "SEILV"]);
}

#[test]
fn a_netlist_of_another_design_and_a_design_that_cannot_run_earn_no_marks_for_it() {
    let legal = survey().legal();
    let engine = |at: usize| Engine::elaborate(&engine_spec(legal[at].1)).expect("a sound engine");
    let from = bitweight::emit::Provenance {
        hash: "0123456789abcdef".to_owned(),
        tool: "bitweight".to_owned(),
        regenerate: "bitweight emit cell".to_owned(),
        clock_period_ns: 1.0,
    };
    assert!(Trial::of(&engine(1), &from, 7).marks.has(Mark::Interpreter));
    // The same ports, other arithmetic: int16 x int16 into int64 for int8 x int8 would not fit, int4 for int8 reads too few bits.
    let exchanged = Engine { netlist: engine(0).netlist, ..engine(1) };
    assert!(!Trial::of(&exchanged, &from, 7).marks.has(Mark::Interpreter));
    let mut refused = engine(1);
    refused.spec.transforms = vec!["extend-reduction".to_owned()];
    assert_eq!(Trial::of(&refused, &from, 7).marks, Marks::default());
}
