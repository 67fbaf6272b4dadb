//! From counts of lanes and cycles to the parts and totals of a run.

use super::matches::Matches;
use super::ports::Taken;
use super::shape::Shape;
use super::taking::{RowCounts, Taking};
use super::unit::Unit;
use crate::engine::{EngineSpec, Parts};
use crate::matrix::Matrix;
use crate::simulate::word::wrap;
use crate::simulate::{Counts, SimulateError, Words};

/// What leaves the engine for a sum of `sum_bits`: clipped to the accumulator if it saturates, wrapped otherwise.
pub fn result(sum: i64, spec: &EngineSpec) -> i64 {
    let sum = wrap(sum, spec.sum_bits());
    if !spec.saturate {
        return wrap(sum, spec.acc_bits);
    }
    let greatest = i64::MAX >> (64 - spec.acc_bits);
    sum.clamp(!greatest, greatest)
}

/// Cycles by cause: of the whole array, or of each adder of a PE of each row.
///
/// An adder is what adds one digit, term or value in a cycle: a lane of a row of digits, an operand of a group of terms. Its cycle is
/// *busy* with one, or *empty* when a group that has none at all costs it, or *starved* when a stream offers nothing. Otherwise it
/// waits for another one: that remainder is `sync`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneCycles {
    /// Cycles until the first group is at hand, and of the last digits or terms on their way to the last sums.
    pub fill: u64,
    /// Cycles in which all wait for results to leave.
    pub drain: u64,
    /// Cycles in which results are not taken.
    pub frozen: u64,
    /// Adders' cycles with a digit or term.
    pub busy: u64,
    /// Adders' cycles of empty groups.
    pub empty: u64,
    /// Adders' cycles without an operand.
    pub starved: u64,
}

impl LaneCycles {
    /// Adds one cycle of work.
    pub fn count<T: Taking>(&mut self, shape: &Shape, units: &[Unit<T>], runs: bool, taken: &Taken) {
        let adders = shape.adders_of_unit() as u64;
        for (index, (unit, work)) in units.iter().zip(&taken.work).enumerate() {
            let reader = index * shape.lanes_of_unit();
            self.busy += u64::from(work.busy);
            self.empty += u64::from(work.empty);
            self.starved += u64::from(work.starved);
            let waits = unit.waits && runs && !unit.dropped;
            match () {
                () if unit.held.is_some() || waits => {}
                () if unit.waits && unit.dropped => self.empty += adders,
                () if shape.skips_empty && taken.a[reader] => self.empty += adders,
                () => self.starved += adders,
            }
        }
    }
}

/// The counts of a run, if they meet the conditions of every run. `rows` are the rows of A, padded to whole tiles, each in every
/// version.
///
/// # Errors
/// [`SimulateError::Internal`] with the condition that is violated: a defect of this program.
pub fn finished(
    spec: &EngineSpec,
    shape: &Shape,
    matches: &Matches,
    (cycles, counts, words): (u64, &LaneCycles, Words),
    rows: &[RowCounts],
) -> Result<Counts, SimulateError> {
    let internal = |what: String| SimulateError::Internal { design: spec.name.clone(), seed: None, what };
    let adders = (shape.rows * shape.adders) as u64;
    let parts = Parts {
        fill: counts.fill,
        drain: counts.drain,
        compute: counts.busy / adders,
        empty: counts.empty / adders,
        stall: counts.frozen + counts.starved / adders,
        ..Parts::default()
    };
    let Some(sync) = cycles.checked_sub(parts.total()) else {
        return Err(internal(format!("parts {parts:?} sum to more than {cycles} cycles")));
    };
    let of_version = |version: usize| -> u64 {
        let useful: u64 = rows.iter().skip(version).step_by(matches.versions()).map(|row| row.useful).sum();
        useful * matches.tiles(version).count() as u64
    };
    let all_useful: u64 = (0..matches.versions()).map(of_version).sum();
    if counts.busy != all_useful {
        return Err(internal(format!("{} were added of {all_useful}", counts.busy)));
    }
    let expected = words_of(shape, matches, rows);
    if words != expected {
        return Err(internal(format!("words in and out are {words:?}, but the tiles consume {expected:?}")));
    }
    let useful = useful(shape, matches, rows);
    let peak_per_pe = shape.adders as u64;
    if useful.values().iter().any(|&done| done > cycles * peak_per_pe) {
        return Err(internal(format!("a PE added more than {cycles} cycles have places for")));
    }
    let macs = shape.m as u64 * shape.n as u64 * shape.k as u64;
    Ok(Counts { cycles, parts: Parts { sync, ..parts }, macs, words, peak_per_pe, useful })
}

/// Words of the GEMM that cross the ports; padding is not counted.
pub fn words_of(shape: &Shape, matches: &Matches, rows: &[RowCounts]) -> Words {
    let of_version = |version: usize| -> u64 {
        let rows_of_b: u64 = rows.iter().skip(version).step_by(matches.versions()).map(|row| row.rows_of_b).sum();
        let cols: usize = matches.tiles(version).map(|tile| shape.cols.min(shape.n - tile * shape.cols)).sum();
        rows_of_b * cols as u64
    };
    Words {
        a: (shape.m * shape.k * shape.passes * shape.tiles().1) as u64,
        b: (0..matches.versions()).map(of_version).sum(),
        partial: 0,
        c: (shape.m * shape.n) as u64,
    }
}

/// Digits, terms or values that each PE adds.
fn useful(shape: &Shape, matches: &Matches, rows: &[RowCounts]) -> Matrix<u64> {
    let versions = matches.versions();
    Matrix::from_fn(shape.rows, shape.cols, |row, col| {
        let of_version = |version: usize| -> u64 {
            let of_row = rows.iter().skip(row * versions + version).step_by(shape.rows * versions);
            let columns = matches.tiles(version).filter(|tile| tile * shape.cols + col < shape.n).count();
            of_row.map(|row| row.useful).sum::<u64>() * columns as u64
        };
        (0..versions).map(of_version).sum()
    })
}
