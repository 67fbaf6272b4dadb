//! The nests of every shipped design, before and after each of its transforms, as committed in `tests/goldens/nests/shipped`.
//!
//! Designs that differ in size only have the same nests: these are in one file, named after the first of them in the order of
//! `bitweight list designs`, and `designs.txt` there says whose nests are in which file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use bitweight::design::{Design, engine_spec, shipped};
use bitweight::encoding::EncodingKind;
use bitweight::engine::EngineSpec;
use bitweight::matrix::Matrix;
use bitweight::notation::{DigitRule, EvaluationError, NOfM, Nest, Operand, Problem, evaluate};

/// The nest of the array, then that after each transform with the transform's name.
fn stages(spec: &EngineSpec) -> Vec<(Option<String>, Nest)> {
    let stage = |count: usize| {
        let mut spec = spec.clone();
        spec.transforms.truncate(count);
        let (_, nest) = spec.nests().expect("a shipped design");
        (spec.transforms.last().cloned(), nest)
    };
    (0..=spec.transforms.len()).map(stage).collect()
}

fn text(stages: &[(Option<String>, Nest)]) -> String {
    let mut text = String::new();
    for (after, nest) in stages {
        match after {
            None => write!(text, "# the array\n{nest}"),
            Some(transform) => write!(text, "\n# after {transform}\n{nest}"),
        }
        .expect("a string");
    }
    text
}

/// Each of the shipped designs with its specification.
fn specs() -> impl Iterator<Item = (&'static str, EngineSpec)> {
    shipped().iter().map(|of| (of.name, engine_spec(&Design::load(of.name, &[]).expect("a shipped design"))))
}

#[test]
fn every_shipped_design_has_its_nests_committed_before_and_after_each_transform() {
    let mut files: BTreeMap<String, &str> = BTreeMap::new();
    let mut list = String::new();
    for (name, spec) in specs() {
        let stages = stages(&spec);
        let text = text(&stages);
        let file = *files.entry(text.clone()).or_insert(name);
        if file == name {
            crate::golden(&format!("shipped/{name}.nest"), &text);
            // The parts of the file are the nests again.
            let parts: Vec<Nest> = text.split("\n\n").map(|part| part.parse().expect("a nest")).collect();
            assert_eq!(parts, stages.into_iter().map(|(_, nest)| nest).collect::<Vec<_>>(), "{name}");
        }
        writeln!(list, "{name:24} {file}.nest").expect("a string");
    }
    crate::golden("shipped/designs.txt", &list);
    let written: BTreeSet<String> = files.values().map(|file| format!("{file}.nest")).collect();
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir("tests/goldens/nests/shipped").expect("the folder of goldens") {
        found.insert(entry.expect("a file").file_name().into_string().expect("a name in ASCII"));
    }
    found.remove("designs.txt");
    assert_eq!(found, written, "a golden that no design has");
}

/// Extremes and zeros, so that digits are skipped.
fn operands(spec: &EngineSpec) -> (Matrix<i32>, Matrix<i32>) {
    let value = |row: usize, col: usize| [-128, 127, 0, 91, -1, 0, 64, -85][(3 * row + 5 * col) % 8];
    let mut b = Matrix::from_fn(7, 4, |row, col| value(col, row + 1));
    if let Some(kept) = spec.kept() {
        prune(&mut b, kept);
    }
    (Matrix::from_fn(5, 7, value), b)
}

/// Makes all but the last n of every m elements of a column zero.
pub fn prune(b: &mut Matrix<i32>, NOfM { n, m }: NOfM) {
    for col in 0..b.cols() {
        for first in (0..b.rows()).step_by(m as usize) {
            let end = b.rows().min(first + m as usize);
            (first..end.saturating_sub(n as usize)).for_each(|row| b[(row, col)] = 0);
        }
    }
}

/// What a nest makes of the operands with digits in the encoding of its design, of B too, in another, where the nest wants them.
fn computed(spec: &EngineSpec, nest: &Nest) -> Result<Matrix<i64>, EvaluationError> {
    let (a, b) = operands(spec);
    let rule = |encoding| DigitRule { encoding, bits: 8 };
    let digits = [spec.encoding.map(rule), Some(rule(EncodingKind::Booth8))];
    let [a_digits, b_digits] = if spec.encoded == Operand::A { digits } else { [digits[1], digits[0]] };
    evaluate(nest, &Problem { a: &a, b: &b, places: [2, 3, 3], word_bits: 32, a_digits, b_digits })
}

fn product(spec: &EngineSpec) -> Matrix<i64> {
    let (a, b) = operands(spec);
    Matrix::from_fn(5, 4, |row, col| (0..7).map(|k| i64::from(a[(row, k)] * b[(k, col)])).sum())
}

#[test]
fn every_nest_of_a_shipped_design_computes_the_product() {
    for (name, spec) in specs() {
        for (after, nest) in stages(&spec) {
            assert_eq!(computed(&spec, &nest), Ok(product(&spec)), "{name} after {after:?}\n{nest}");
        }
    }
}

/// A shipped design, a part of its last nest, and what makes the nest wrong in that part's place.
const WRONG: [(&str, &str, &str); 15] = [
    ("opt1-os", "map(B[k,n], digits[bw])", "B[k,n]"),
    ("opt1-ws", " over bw, s, c)", " over bw)"),
    ("opt2-cube", "shift(ns[bw], bw) over bw", "ns[bw] over bw"),
    ("opt2-tree-temporal-4x4", "shift(nc, bw)", "nc"),
    ("opt3", "down(BW)", "BW"),
    ("opt3", "      s, c = raise(s, c)\n", ""),
    ("opt4c", "map(B[k,n], digit)", "B[k,n]"),
    ("opt4e", "pp[g] over g, ", ""),
    ("skip-values", "multiply(A[m,k], B[k,n])", "multiply(A[m,k], A[m,k])"),
    ("skip-values-opt1-4x4", " over bw, s[np], c[np])", " over bw)"),
    ("stripes", "shift(map(B[k,n], digits[bw]), bw)", "map(B[k,n], digits[bw])"),
    ("laconic", "shift(multiply(digit, other), bw)", "multiply(digit, other)"),
    ("laconic", ", bw), bv)", ", bw), bw)"),
    ("laconic", ", bw), bv)", ", bv), bv)"),
    ("laconic", "multiply(digit, other)", "multiply(other, other)"),
];

#[test]
fn a_nest_with_one_mistake_does_not_compute_the_product() {
    for (wanted, right, wrong) in WRONG {
        let (_, spec) = specs().find(|(name, _)| *name == wanted).expect("a shipped design");
        let text = spec.nests().expect("a nest").1.to_string();
        assert!(text.contains(right), "{wanted} has no `{right}`\n{text}");
        let changed: Nest = text.replace(right, wrong).parse().expect("a nest");
        let c = computed(&spec, &changed).unwrap_or_else(|error| panic!("{error}\n{changed}"));
        assert_ne!(c, product(&spec), "{wanted}\n{changed}");
    }
}
