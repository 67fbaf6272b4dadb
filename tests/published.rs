//! Digit-serial engines against figures that others have published or measured.
//!
//! Cycles are the working cycles of a run, `compute + empty + sync`: those of the digits, without the way of the first digit to its
//! adder and of the results out of the array. Operands are drawn as a workload draws them: N(0, sigma), rounded, clipped to
//! int8. The table in docs/skipping.md is made here.

mod drawn;

use std::fmt::Write as _;

use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, EngineSpec, Patterns};
use bitweight::matrix::Matrix;
use bitweight::notation::transform::{EmptyGroups, LanePace, Parameters, SyncPeriod};
use bitweight::simulate::{GemmRun, events, gemm};

/// M x K operands of int8 and a K x 1 column of others.
fn operands(sigma: f64, m: usize, k: usize) -> (Matrix<i32>, Matrix<i32>) {
    drawn::operands(1, (sigma, 8), m, k)
}

/// One column of PEs in `rows` rows, en-t, `group` operands looked at together.
fn opt4c(rows: u32, group: u32) -> EngineSpec {
    EngineSpec {
        name: "opt4c".into(),
        array: Array::Matrix2d,
        rows,
        cols: 1,
        encoding: Some(EncodingKind::EnT),
        transforms: ["compress-accumulate", "skip-zero-digits", "share-encoder"].map(str::to_owned).to_vec(),
        parameters: Parameters {
            group,
            empty_groups: EmptyGroups::CostACycle,
            sync: SyncPeriod::Tile,
            ..Parameters::default()
        },
        ..EngineSpec::default()
    }
}

/// The same in one row with four lanes that share an accumulator.
fn opt4e(pace: LanePace, group: u32) -> EngineSpec {
    let mut spec = opt4c(1, group);
    spec.name = "opt4e".into();
    spec.transforms.push("extend-reduction".into());
    spec.parameters.lanes = 4;
    spec.parameters.pace = pace;
    spec
}

fn run(spec: &EngineSpec, (a, b): &(Matrix<i32>, Matrix<i32>)) -> GemmRun {
    events(spec, a, b).expect("a clean run")
}

fn working(run: &GemmRun) -> u64 {
    run.counts.parts.compute + run.counts.parts.empty + run.counts.parts.sync
}

fn cycles_per_operand(spec: &EngineSpec, operands: &(Matrix<i32>, Matrix<i32>)) -> f64 {
    working(&run(spec, operands)) as f64 / operands.0.values().len() as f64
}

#[track_caller]
fn assert_within(what: &str, ours: f64, published: f64, tolerance: f64) {
    assert!((ours - published).abs() <= tolerance, "{what}: {ours:.4}, published {published}");
}

/// What the released test bench averages: the non-zero digits of each group of four operands at one bit weight, the lowest weight
/// first; the last group of a vector is counted twice when it lasted one cycle.
///
/// Its operands are drawn again where they do not fit int8, not clipped: the exact means of the published columns (2.604 digits at
/// sigma 50, where clipping gives 2.593) say so. Here values at the ends of the range are dropped, which is where clipping put them.
fn printed_statistic(sigma: f64, vectors: usize, k: usize) -> f64 {
    let encoding = EncodingKind::EnT.encoding();
    let (mut digits, mut groups) = (0, 0);
    let (drawn, _) = operands(sigma, vectors + vectors / 50, k);
    let kept: Vec<i32> = drawn.values().iter().copied().filter(|value| (-127..=126).contains(value)).collect();
    assert!(kept.len() >= vectors * k);
    for vector in kept.chunks_exact(k).take(vectors) {
        let encoded: Vec<Vec<i8>> = vector.iter().map(|&value| encoding.encode(value, 8).expect("int8")).collect();
        let of_group = |slot: usize, group: &[Vec<i8>]| group.iter().filter(|digits| digits[slot] != 0).count() as u64;
        let counts: Vec<u64> =
            (0..4).flat_map(|slot| encoded.chunks(4).map(move |group| of_group(slot, group))).collect();
        let twice = counts.last().filter(|&&last| last <= 1);
        digits += counts.iter().chain(twice).sum::<u64>();
        groups += counts.len() + usize::from(twice.is_some());
    }
    digits as f64 / groups as f64
}

/// Measured by simulating the Verilog that the authors of OPT4C released (github.com/wqzustc/High-Performance-Tensor-Processing-Engines,
/// HPCA 2025, arXiv 2503.06342): sigma, clock cycles per operand at K = 128, and the statistic that its test bench prints at K = 32
/// and K = 128.
const RELEASED_OPT4C: [(f64, f64, [f64; 2]); 5] = [
    (10.0, 2.075, [1.7072, 1.7469]),
    (20.0, 2.343, [2.0558, 2.0997]),
    (30.0, 2.465, [2.2856, 2.3214]),
    (40.0, 2.558, [2.4532, 2.4797]),
    (50.0, 2.640, [2.5734, 2.5949]),
];

const DOT_PRODUCTS: usize = 2000;

#[test]
fn opt4c_takes_the_cycles_of_the_released_verilog_and_shows_the_statistic_that_its_authors_print() {
    let mut table = String::new();
    for (sigma, cycles, statistics) in RELEASED_OPT4C {
        let of_128 = operands(sigma, DOT_PRODUCTS, 128);
        let ours = cycles_per_operand(&opt4c(1, 4), &of_128);
        assert_within(&format!("sigma {sigma}: cycles per operand"), ours, cycles, 0.005 * cycles);
        let digits = run(&opt4c(1, 4), &of_128).counts.useful[(0, 0)] as f64 / of_128.0.values().len() as f64;
        let ours_printed = [32, 128].map(|k| printed_statistic(sigma, DOT_PRODUCTS, k));
        for ((ours, published), k) in ours_printed.into_iter().zip(statistics).zip([32, 128]) {
            assert_within(&format!("sigma {sigma}: the statistic at K = {k}"), ours, published, 0.01);
        }
        writeln!(
            table,
            "| {sigma} | {cycles:.3} | {ours:.3} | {digits:.3} | {:.3} / {:.3} | {:.3} / {:.3} |",
            statistics[0], statistics[1], ours_printed[0], ours_printed[1]
        )
        .expect("a string");
    }
    assert_documented(&table);
}

#[test]
fn one_row_alone_takes_the_same_cycles_register_by_register() {
    let (a, b) = operands(20.0, 8, 128);
    for spec in
        [opt4c(1, 4), opt4e(LanePace::Lockstep, 32), opt4e(LanePace::PerGroup, 4), opt4e(LanePace::PerBitWeight, 32)]
    {
        let registers = gemm(&spec, &a, &b, &Patterns::ALWAYS).expect("a clean run");
        assert_eq!(events(&spec, &a, &b).expect("a clean run"), registers);
    }
}

/// Cycles per operand of OPT4E with four lanes on N(0, 20) and en-t, as known for three ways of keeping step: digits only, no
/// cost of empty groups in the first and the last.
///
/// - In lockstep a cycle passes for each place at which any of the four lanes has a digit. With groups of 32 places an empty group
///   is so rare that its cycle does not show.
/// - Lanes that meet after every group of 4, an empty group costing a cycle.
/// - Lanes that run free inside one bit weight: the longest of four sums over K / 4 digits, so K matters; 0.578 is K = 256.
const OPT4E: [(&str, LanePace, u32, usize, f64); 3] = [
    ("lockstep", LanePace::Lockstep, 32, 1024, 0.772),
    ("per-group", LanePace::PerGroup, 4, 1024, 0.744),
    ("per-bit-weight", LanePace::PerBitWeight, 32, 256, 0.578),
];

#[test]
fn opt4e_takes_the_cycles_that_are_known_for_each_way_of_its_lanes_to_keep_step() {
    let mut table = String::new();
    for (name, pace, group, k, published) in OPT4E {
        let ours = cycles_per_operand(&opt4e(pace, group), &operands(20.0, 800, k));
        assert_within(name, ours, published, 0.01 * published);
        writeln!(table, "| `{name}` | {group} | {k} | {published:.3} | {ours:.3} |").expect("a string");
    }
    let ideal = run(&opt4c(1, 4), &operands(20.0, DOT_PRODUCTS, 128)).counts.useful[(0, 0)] as f64;
    assert_within("the ideal", ideal / (4 * DOT_PRODUCTS * 128) as f64, 0.529, 0.0015);
    assert_documented(&table);
}

/// The slowest of 32 rows over their mean, N(0, 20) and en-t, when they meet after so many operands. Known for rows that
/// meet after whole operands with all their digits; here that is the end of a tile with this K.
const SYNC: [(usize, u32, f64); 4] = [(16, 16, 1.18), (64, 32, 1.09), (256, 32, 1.05), (1024, 32, 1.02)];

#[test]
fn rows_that_meet_at_the_end_of_a_tile_lose_what_is_known_of_32_columns() {
    let mut table = String::new();
    for (k, group, published) in SYNC {
        let run = run(&opt4c(32, group), &operands(20.0, 32 * (204_800 / 32 / k).max(12), k));
        let ours = working(&run) as f64 / (run.counts.parts.compute + run.counts.parts.empty) as f64;
        assert_within(&format!("K = {k}"), ours, published, 0.01);
        writeln!(table, "| {k} | {group} | {published:.2} | {ours:.3} |").expect("a string");
    }
    assert_documented(&table);
}

/// Sixteen products a unit, csd, in `rows` rows that meet after every step, or one row alone.
fn pragmatic(rows: u32, shift_bits: u32) -> EngineSpec {
    let sync = if rows > 1 { SyncPeriod::Operands(16) } else { SyncPeriod::Tile };
    EngineSpec {
        name: "pragmatic".into(),
        array: Array::Pragmatic { lanes: 16, shift_bits, sync },
        rows,
        cols: 1,
        encoding: Some(EncodingKind::Csd),
        ..EngineSpec::default()
    }
}

/// 1024 x 1024 of N(0, 1), the largest magnitude scaled to 127.
fn scaled() -> Matrix<i32> {
    // The largest of a million is near five sigma, so none of these is clipped.
    let fine = drawn::operands(1, (5000.0, 16), 1024, 1024).0;
    let largest = fine.values().iter().map(|value| value.abs()).max().expect("values");
    assert!(largest < 32767, "a value was clipped");
    Matrix::from_fn(1024, 1024, |m, k| (f64::from(fine[(m, k)] * 127) / f64::from(largest)).round() as i32)
}

/// Cycles of a step of 16 operands of such values if a shifter reaches all places (`shift-bits = 4`); for one row, and for 16 in
/// step. Known from the definition, the most terms of any operand, on another draw: with it the largest value and so the scale change.
const PRAGMATIC: [(&str, f64, f64); 2] = [("N(0, 1)", 3.3013, 3.9975), ("max(0, N(0, 1))", 3.1393, 3.9450)];

/// The definition on our draw: the most terms of `rows` rows of 16 operands each, at least 1, summed over all steps.
fn most_terms(a: &Matrix<i32>, rows: usize) -> u64 {
    let terms =
        |value: i32| EncodingKind::Csd.encoding().encode(value, 8).expect("int8").iter().filter(|&&d| d != 0).count();
    let of_step = |m: usize, k: usize| {
        let values = (m..m + rows).flat_map(|m| &a.row(m)[k..k + 16]);
        values.map(|&value| terms(value)).max().unwrap_or(0).max(1) as u64
    };
    (0..1024).step_by(rows).map(|m| (0..1024).step_by(16).map(|k| of_step(m, k)).sum::<u64>()).sum()
}

#[test]
fn pragmatic_takes_the_cycles_that_are_known_for_full_shifting_and_more_for_less() {
    let normal = scaled();
    let b = Matrix::filled(1024, 1, 1);
    let rectified = Matrix::from_fn(1024, 1024, |m, k| normal[(m, k)].max(0));
    let mut table = String::new();
    for ((name, alone, in_step), a) in PRAGMATIC.into_iter().zip([&normal, &rectified]) {
        for (rows, known) in [(1, alone), (16, in_step)] {
            let steps = f64::from(1024 / rows * 64);
            let ours = [0, 1, 2, 3, 4]
                .map(|shift_bits| working(&events(&pragmatic(rows, shift_bits), a, &b).expect("a clean run")));
            assert_eq!(ours[4], most_terms(a, rows as usize), "{name}, {rows} rows");
            assert!(ours.is_sorted_by(|narrow, wide| narrow >= wide), "{name}, {rows} rows: {ours:?}");
            assert_within(&format!("{name}, {rows} rows"), ours[4] as f64 / steps, known, 0.01 * known);
            let ours = ours.map(|cycles| format!("{:.3}", cycles as f64 / steps)).join(" | ");
            writeln!(table, "| {name} | {rows} | {known:.4} | {ours} |").expect("a string");
        }
    }
    assert_documented(&table);
}

/// Every line of `table` is one of docs/skipping.md.
#[track_caller]
fn assert_documented(table: &str) {
    let page = std::fs::read_to_string("docs/skipping.md").expect("docs/skipping.md");
    for line in table.lines() {
        assert!(page.lines().any(|written| written == line), "docs/skipping.md lacks a line of\n{table}");
    }
}
