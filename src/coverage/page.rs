//! `docs/coverage.md`: what every point earned, or why there is none.

use std::fmt::Write;

use super::axes::FORMATS;
use super::survey::{ArraySurvey, Chain, Reason, Survey};
use super::trial::Marks;
use crate::design::encoding_name;
use crate::notation::transform;

const HEAD: &str = "\
# Coverage

Every array with every chain of transforms, encoding and combination of formats. `scripts/coverage` makes this page: it asks the checks of
designs which points are legal, and runs every one that is. A random sample of 60 runs in `tests/coverage.rs` on every test run, and
the page has to name exactly the points that there are.

| mark | earned when |
|---|---|
| S | the register-level engine computes 4 random products, streams waiting in two of them, and where nothing waits equals the event-exact engine in every field |
| E | the bundle was made: Verilog, test bench, vectors |
| I | the interpreter of the netlist shows the same results after the same cycles |
| L | the lints of Verilator (`-Wall`), Icarus (`-Wall`) and Yosys (`check -assert`) have nothing to say |
| V | the emitted test bench passes under Verilator: the same results after the same cycles |

A dash stands for a mark that was not earned. Arrays are 2 x 3 with a depth of 3, groups have 2 operands, there are 2 lanes; operand `a` is
encoded. Sums are int32, with int16 operands int64. Chains with `skip-zero-values` or `compress-n-of-m` are points in int8 only. Other sizes, formats and parameters, and operand `b`, are drawn by the random tests that
[ARCHITECTURE.md](../ARCHITECTURE.md) lists.

Chains are all that begin with the bare array and add one transform that the nest takes, in any order. Two orders that arrive at the same
nest are one chain. Each chain is numbered; what may not follow it stands below with the reason that `check` gives.

";

/// The page. `earned` has the marks of each legal point, in the order of [`Survey::legal`]; of points that it does not reach, none.
pub fn page(survey: &Survey, earned: &[Marks]) -> String {
    let mut text = HEAD.to_owned();
    let mut totals = String::from("| array | chains | points | legal | full |\n|---|---|---|---|---|\n");
    let (mut arrays, mut sums, mut at) = (String::new(), [0; 4], 0);
    for of in &survey.arrays {
        let tallies: Vec<Tally> = of.chains.iter().map(|chain| Tally::take(chain, earned, &mut at)).collect();
        let counts = [
            of.chains.len(),
            of.chains.iter().map(|chain| chain.cells.len()).sum(),
            tallies.iter().map(|tally| tally.legal).sum(),
            tallies.iter().map(|tally| tally.full).sum(),
        ];
        row(&mut totals, &of.array.name(), counts);
        sums = std::array::from_fn(|index| sums[index] + counts[index]);
        array(&mut arrays, of, &tallies);
    }
    row(&mut totals, "all", sums);
    if earned.len() < sums[2] {
        let _ = writeln!(text, "**The run that made this page was stopped after {} points.**\n", earned.len());
    }
    text.push_str(&totals);
    text.push_str(&arrays);
    text
}

fn row(table: &mut String, name: &str, counts: [usize; 4]) {
    let [chains, points, legal, full] = counts;
    // Writing into a string cannot fail.
    let _ = writeln!(table, "| {name} | {chains} | {points} | {legal} | {full} |");
}

/// The cells of a chain as they are shown, and how many there are.
struct Tally {
    legal: usize,
    full: usize,
    /// Marks, or why not; encoding by encoding.
    shown: Vec<Result<String, Reason>>,
}

impl Tally {
    /// Takes the marks of the chain's legal cells from `earned`.
    fn take(chain: &Chain, earned: &[Marks], at: &mut usize) -> Self {
        let mut tally = Self { legal: 0, full: 0, shown: Vec::new() };
        for cell in &chain.cells {
            tally.shown.push(cell.design.as_ref().map_err(Clone::clone).map(|_| {
                let marks = earned.get(*at).cloned().unwrap_or_default();
                *at += 1;
                tally.legal += 1;
                tally.full += usize::from(marks.is_full());
                marks.letters()
            }));
        }
        tally
    }

    fn looks_like(&self, other: &Self) -> bool {
        let alike = |(ours, theirs): (&Result<String, Reason>, &Result<String, Reason>)| {
            ours.as_ref().ok() == theirs.as_ref().ok()
        };
        self.shown.iter().zip(&other.shown).all(alike)
    }
}

fn array(text: &mut String, of: &ArraySurvey, tallies: &[Tally]) {
    let _ = writeln!(text, "\n## {}\n\n| | chain of transforms | legal | full |\n|---|---|---|---|", of.array.name());
    for (index, (chain, tally)) in of.chains.iter().zip(tallies).enumerate() {
        let steps: Vec<String> = chain.steps.iter().map(|step| step.name()).collect();
        let steps = if steps.is_empty() { "none".to_owned() } else { steps.join(", ") };
        let _ = writeln!(text, "| {} | {steps} | {} | {} |", index + 1, tally.legal, tally.full);
    }
    // Chains whose cells show the same share a table; why a cell is refused may differ.
    let mut tables: Vec<Vec<usize>> = Vec::new();
    for (index, tally) in tallies.iter().enumerate() {
        match tables.iter_mut().find(|chains| tallies[chains[0]].looks_like(tally)) {
            Some(chains) => chains.push(index),
            None => tables.push(vec![index]),
        }
    }
    for chains in tables {
        cells(text, of, &chains, tallies);
    }
    refusals(text, of);
}

fn cells(text: &mut String, of: &ArraySurvey, chains: &[usize], tallies: &[Tally]) {
    let title = if chains.len() == 1 { "Chain" } else { "Each of the chains" };
    let names = FORMATS.map(|formats| formats.name());
    let _ = writeln!(text, "\n{title} {}:\n\n| encoding | {} |", listed(chains), names.join(" | "));
    let _ = writeln!(text, "|---{}|", "|---".repeat(names.len()));
    // Refused cells have a number for each set of reasons that the chains give.
    let mut notes: Vec<Vec<&Reason>> = Vec::new();
    for (at, cell) in of.chains[chains[0]].cells.iter().enumerate() {
        if at % FORMATS.len() == 0 {
            let _ = write!(text, "| {} |", encoding_name(cell.encoding));
        }
        let shown: Vec<_> = chains.iter().map(|&chain| tallies[chain].shown[at].as_ref()).collect();
        let _ = match shown[0] {
            Ok(marks) => write!(text, " {marks} |"),
            Err(_) => {
                let reasons: Vec<&Reason> = shown.into_iter().filter_map(Result::err).collect();
                let known = notes.iter().position(|note| *note == reasons).unwrap_or(notes.len());
                if known == notes.len() {
                    notes.push(reasons);
                }
                write!(text, " ({}) |", known + 1)
            }
        };
        if (at + 1) % FORMATS.len() == 0 {
            text.push('\n');
        }
    }
    for (index, reasons) in notes.into_iter().enumerate() {
        let mut grouped: Vec<(&Reason, Vec<usize>)> = Vec::new();
        for (reason, &chain) in reasons.into_iter().zip(chains) {
            match grouped.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, chains)) => chains.push(chain),
                None => grouped.push((reason, vec![chain])),
            }
        }
        let all = grouped.len() == 1;
        let sentences = grouped.into_iter().map(|(reason, chains)| match all {
            true => sentence(reason),
            false => format!("chains {}: {}", listed(&chains), sentence(reason)),
        });
        let _ = writeln!(text, "\n({}) {}", index + 1, sentences.collect::<Vec<_>>().join("; "));
    }
}

/// What may not follow which chains, in the order of the transforms.
fn refusals(text: &mut String, of: &ArraySurvey) {
    type Row<'r> = (&'r str, &'r Reason, Vec<usize>, Vec<&'static str>);
    let mut rows: Vec<Row> = Vec::new();
    for refusal in &of.refusals {
        let transform = refusal.step.transform;
        let after = of.chains.iter().position(|chain| chain.steps == refusal.after).unwrap_or(0);
        for (encoding, reason) in &refusal.reasons {
            let encoding = encoding_name(*encoding);
            match rows.iter_mut().find(|(of, known, ..)| *of == transform && *known == reason) {
                Some((.., chains, encodings)) => {
                    chains.push(after);
                    encodings.push(encoding);
                }
                None => rows.push((transform, reason, vec![after], vec![encoding])),
            }
        }
    }
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|(transform, ..)| transform::ALL.iter().position(|known| known.name() == *transform));
    let _ = writeln!(text, "\nWhat does not apply:\n\n| transform | after chain | why not |\n|---|---|---|");
    for (transform, reason, mut chains, encodings) in rows {
        chains.dedup();
        let only = if encodings.iter().all(|encoding| *encoding == "none") { ", encoding `none`" } else { "" };
        let why = sentence(reason).replacen(&format!("`{transform}` does not apply: it "), "", 1);
        let _ = writeln!(text, "| {transform} | {}{only} | {why} |", listed(&chains));
    }
}

fn sentence(reason: &Reason) -> String {
    format!("{} (`{}`)", reason.message.replace('|', "\\|"), reason.code)
}

/// Numbers of chains, counted from 1, runs of them as `2-5`.
fn listed(chains: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &chain in chains {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == chain => *last = chain,
            _ => runs.push((chain, chain)),
        }
    }
    let shown = runs.iter().map(|&(first, last)| match last - first {
        0 => (first + 1).to_string(),
        1 => format!("{}, {}", first + 1, last + 1),
        _ => format!("{}-{}", first + 1, last + 1),
    });
    shown.collect::<Vec<_>>().join(", ")
}
