//! Rows that skip values of zero against laws that are known without an engine: the expected cycles of a group of independent
//! values, the slowest of many rows, intersections; and against counts made directly from the operands.

use bitweight::engine::{Array, EngineSpec, Patterns};
use bitweight::matrix::Matrix;
use bitweight::notation::transform::{EmptyGroups, Matching, Parameters};
use bitweight::simulate::{Counts, counts, events, gemm};
use bitweight::verify::Draw;

/// `*`, words, rows that meet at the end of a tile.
fn engine(rows: u32, cols: u32, parameters: Parameters) -> EngineSpec {
    let transforms = vec!["skip-zero-values".to_owned()];
    EngineSpec {
        name: "values".into(),
        array: Array::Matrix2d,
        rows,
        cols,
        transforms,
        parameters,
        ..EngineSpec::default()
    }
}

fn grouped(group: u32) -> Parameters {
    Parameters { group, ..Parameters::default() }
}

/// Independent values, each not 0 with probability `percent` / 100.
fn bernoulli(seed: u64, (rows, cols): (usize, usize), percent: u64) -> Matrix<i32> {
    let mut draw = Draw::new(seed);
    Matrix::from_fn(rows, cols, |_, _| if draw.below(100) < percent { draw.between(1, 127) as i32 } else { 0 })
}

/// Cycles in which rows work or wait for each other: those that are neither fill nor drain.
fn work(counts: &Counts) -> u64 {
    counts.parts.compute + counts.parts.empty + counts.parts.sync
}

/// The probabilities of 0 to `of` successes.
fn binomial(of: u32, p: f64) -> Vec<f64> {
    (0..of).fold(vec![1.0], |before, _| {
        let mut after = vec![0.0; before.len() + 1];
        for (count, chance) in before.into_iter().enumerate() {
            after[count] += chance * (1.0 - p);
            after[count + 1] += chance * p;
        }
        after
    })
}

/// The distribution of the cycles of a group: at least one.
fn group_cycles(group: u32, density: f64) -> Vec<f64> {
    let mut cycles = binomial(group, density);
    cycles[1] += cycles[0];
    cycles[0] = 0.0;
    cycles
}

fn mean(distribution: &[f64]) -> f64 {
    distribution.iter().enumerate().map(|(value, chance)| value as f64 * chance).sum()
}

fn variance(distribution: &[f64]) -> f64 {
    let mean = mean(distribution);
    distribution.iter().enumerate().map(|(value, chance)| (value as f64 - mean).powi(2) * chance).sum()
}

fn convolved(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut sum = vec![0.0; a.len() + b.len() - 1];
    for (i, a) in a.iter().enumerate() {
        b.iter().enumerate().for_each(|(j, b)| sum[i + j] += a * b);
    }
    sum
}

/// Five standard deviations of the mean of `samples` draws: beyond them by chance once in two million times.
fn tolerance(distribution: &[f64], samples: usize) -> f64 {
    // Rounding, where every draw is the same.
    1e-9 + 5.0 * (variance(distribution) / samples as f64).sqrt()
}

#[test]
fn a_group_of_independent_values_takes_the_expected_cycles() {
    let (m, k) = (500, 480);
    for (group, percent) in [(1, 30), (4, 10), (4, 50), (4, 90), (8, 25), (32, 5)] {
        let density = percent as f64 / 100.0;
        let law = group_cycles(group, density);
        // E max(1, Bin(G, d)) = G d + (1 - d)^G.
        let closed = f64::from(group) * density + (1.0 - density).powi(group as i32);
        assert!((mean(&law) - closed).abs() < 1e-12);
        let a = bernoulli(u64::from(group) * 1000 + percent, (m, k), percent);
        let run = counts(&engine(1, 1, grouped(group)), &a, &Matrix::filled(k, 1, 1)).expect("a run");
        let groups = m * k / group as usize;
        let measured = work(&run) as f64 / groups as f64;
        let off = (measured - closed).abs();
        assert!(off < tolerance(&law, groups), "group {group}, {percent} %: {measured}, not {closed}");
    }
}

#[test]
fn dropped_groups_cost_what_the_group_before_them_does_not_hide() {
    let (m, k, group) = (200, 4000, 4_u32);
    for percent in [5, 15, 40] {
        let count = binomial(group, percent as f64 / 100.0);
        // A group with c values and the e dropped ones behind it take max(c, e + 1) cycles: one group a cycle passes the port.
        let dropped = |e: u32| count[0].powi(e as i32) * (1.0 - count[0]);
        let mut expected = 0.0;
        for (c, chance) in count.iter().enumerate().skip(1) {
            for e in 0..200 {
                expected += chance * dropped(e) * f64::from((c as u32).max(e + 1));
            }
        }
        let a = bernoulli(percent, (m, k), percent);
        let parameters = Parameters { empty_groups: EmptyGroups::Skipped, ..grouped(group) };
        let run = counts(&engine(1, 1, parameters), &a, &Matrix::filled(k, 1, 1)).expect("a run");
        let groups = m * k / group as usize;
        let measured = work(&run) as f64 / groups as f64;
        // Groups are not independent here; at the ends of a row there is up to a group's difference, one in a thousand.
        assert!((measured / expected - 1.0).abs() < 0.01, "{percent} %: {measured}, not {expected}");
    }
}

/// The slowest of `rows` rows of each tile, counted from the operands alone.
fn slowest(a: &Matrix<i32>, rows: usize, group: usize) -> u64 {
    let cycles = |m: usize| -> u64 {
        let groups = a.row(m).chunks(group);
        groups.map(|group| group.iter().filter(|&&value| value != 0).count().max(1) as u64).sum()
    };
    let tile = |first: usize| (first..first + rows).map(cycles).max().unwrap_or(0);
    (0..a.rows()).step_by(rows).map(tile).sum()
}

#[test]
fn thirty_two_rows_that_meet_at_the_end_of_a_tile_wait_for_the_slowest() {
    let (tiles, rows, k) = (60, 32, 128);
    for (group, percent) in [(4, 20), (4, 50), (16, 50)] {
        let a = bernoulli(7 + percent, (tiles * rows, k), percent);
        let run = counts(&engine(rows as u32, 1, grouped(group)), &a, &Matrix::filled(k, 1, 1)).expect("a run");
        assert_eq!(work(&run), slowest(&a, rows, group as usize), "group {group}, {percent} %");
        // And what is expected of independent values: the distribution of a row's sum, that of the greatest of 32.
        let of_group = group_cycles(group, percent as f64 / 100.0);
        let row = (0..k / group as usize).fold(vec![1.0], |sum, _| convolved(&sum, &of_group));
        let mut below = 0.0;
        let at_most: Vec<f64> = row
            .iter()
            .map(|chance| {
                below += chance;
                f64::min(below, 1.0).powi(rows as i32)
            })
            .collect();
        let greatest: Vec<f64> = (0..at_most.len())
            .map(|value| at_most[value] - if value == 0 { 0.0 } else { at_most[value - 1] })
            .collect();
        let measured = work(&run) as f64 / tiles as f64;
        let expected = mean(&greatest);
        let off = (measured - expected).abs();
        assert!(off < tolerance(&greatest, tiles), "group {group}, {percent} %: {measured}, not {expected}");
        let (of_k, slowest) = (mean(&row) / k as f64, expected / mean(&row));
        let line = format!("| {:?} | {group} | {of_k:.3} | {slowest:.3} |", percent as f64 / 100.0);
        assert!(include_str!("../docs/skipping.md").contains(&line), "docs/skipping.md has not `{line}`");
    }
}

#[test]
fn matching_both_takes_an_intersection_of_one_column_and_the_union_of_several() {
    let (m, n, k, group) = (96, 24, 400, 4);
    let (of_a, of_b) = (40, 30);
    let a = bernoulli(1, (m, k), of_a);
    let b = bernoulli(2, (k, n), of_b);
    for cols in [1, 2, 3] {
        let both = Parameters { matching: Matching::Both, ..grouped(group) };
        let run = counts(&engine(1, cols, both), &a, &b).expect("a run");
        // A place is taken where A is not 0 and any of the tile's columns of B is not.
        let density = of_a as f64 / 100.0 * (1.0 - (1.0 - of_b as f64 / 100.0).powi(cols as i32));
        let law = group_cycles(group, density);
        let tiles = m * n / cols as usize;
        let measured = work(&run) as f64 / (tiles * k / group as usize) as f64;
        // Tiles share rows and columns, so only the smaller of both numbers of them is independent.
        let independent = m.min(n / cols as usize) * k / group as usize;
        let off = (measured - mean(&law)).abs();
        assert!(off < tolerance(&law, independent), "{cols} columns: {measured}, not {}", mean(&law));
        // Counted directly: values that are taken, once for each column of the tile.
        let width = cols as usize;
        let has = |tile: usize, k: usize| b.row(k)[tile * width..(tile + 1) * width].iter().any(|&value| value != 0);
        let mut taken = 0;
        for tile in 0..n / width {
            let seen: Vec<bool> = (0..k).map(|k| has(tile, k)).collect();
            taken +=
                (0..m).flat_map(|m| a.row(m).iter().zip(&seen)).filter(|(value, seen)| **value != 0 && **seen).count();
        }
        assert_eq!(run.words.b, (taken * width) as u64);
        assert_eq!(run.words.a, (m * k * (n / width)) as u64);
        assert!(run.utilization() <= 1.0);
    }
}

/// Blocks of B that are zero are skipped as wholes, whatever A is.
#[test]
fn a_tile_of_b_that_is_zero_costs_its_empty_groups_only() {
    let (rows, cols, k, group) = (4, 4, 64, 8);
    let a = Matrix::filled(8, k, 5);
    let b = Matrix::from_fn(k, 8, |k, n| if n < 4 && k < 32 { 3 } else { 0 });
    let both = Parameters { matching: Matching::Both, ..grouped(group) };
    let run = gemm(&engine(rows, cols, both), &a, &b, &Patterns::ALWAYS).expect("a run");
    // In the first tile of N half of the groups are full, and the others cost a cycle; in the second all of them do.
    let per_row_of_tiles = (32 + 4) + 8;
    assert_eq!(work(&run.counts), 2 * per_row_of_tiles);
    assert_eq!(run.counts.parts.compute, 2 * 32);
    let skipped = Parameters { empty_groups: EmptyGroups::Skipped, ..both };
    let run = gemm(&engine(rows, cols, skipped), &a, &b, &Patterns::ALWAYS).expect("a run");
    // One that is dropped passes the port while the group before it is worked on, and the first of a tile is not dropped.
    assert_eq!(run.counts.parts.compute, 2 * 32);
    assert!(work(&run.counts) < 2 * per_row_of_tiles);
}

#[test]
fn without_a_zero_a_row_takes_as_long_as_k_and_nothing_ever_takes_longer() {
    for (group, k) in [(1, 7), (4, 10), (4, 64), (32, 33)] {
        let spec = engine(3, 2, grouped(group));
        let b = Matrix::from_fn(k, 5, |k, n| (k * 3 + n) as i32 % 23 - 11);
        let full = events(&spec, &Matrix::filled(7, k, -1), &b).expect("a run").counts;
        let tiles = 3 * 3;
        assert_eq!(full.parts.compute, (7 * k) as u64, "group {group}, K {k}");
        assert_eq!(work(&full), (tiles * k) as u64, "group {group}, K {k}");
        assert_eq!(full.cycles, (tiles * k) as u64 + 3 + 3);
        for percent in [0, 1, 30, 90] {
            let run = events(&spec, &bernoulli(percent, (7, k), percent), &b).expect("a run").counts;
            assert!(work(&run) <= work(&full) && run.utilization() <= 1.0);
        }
    }
}
