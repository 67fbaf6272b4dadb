//! From counts of lanes and cycles to the parts and totals of a run.

use super::ports::Taken;
use super::shape::Shape;
use super::unit::Unit;
use crate::engine::{EngineSpec, Parts};
use crate::matrix::Matrix;
use crate::simulate::{GemmRun, SimulateError, Words};

/// Cycles by cause: of the whole array, or of each lane of each row.
///
/// A lane's cycle is *busy* with a digit, or *empty* when a group that has no digit in any lane of its unit costs it, or *starved*
/// when a stream offers nothing. Otherwise the lane waits for another one: that remainder is `sync`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneCycles {
    /// Cycles until the first digit is in its lane, and of the last one on its way to the last sum.
    pub fill: u64,
    /// Cycles of all lanes waiting for results to leave.
    pub drain: u64,
    /// Cycles in which results are not taken.
    pub frozen: u64,
    /// Lane cycles with a digit.
    pub busy: u64,
    /// Lane cycles of empty groups.
    pub empty: u64,
    /// Lane cycles without an operand.
    pub starved: u64,
}

impl LaneCycles {
    /// Adds one cycle of work.
    pub fn count(&mut self, shape: &Shape, units: &[Unit], runs: bool, taken: &Taken) {
        let lanes = shape.lanes_of_unit() as u64;
        for (index, (unit, work)) in units.iter().zip(&taken.work).enumerate() {
            let reader = index * shape.lanes_of_unit();
            self.busy += u64::from(work.takes_b.count_ones());
            let waits = unit.waits && runs && !unit.dropped;
            match () {
                () if work.empty_slot => self.empty += lanes,
                () if unit.held.is_some() => self.starved += u64::from((work.wants_b & !work.takes_b).count_ones()),
                () if waits => {}
                () if unit.waits && unit.dropped => self.empty += lanes,
                () if shape.skips_empty && taken.a[reader] => self.empty += lanes,
                () => self.starved += lanes,
            }
        }
    }
}

/// The run whose counts these are, if they meet the conditions of every run. `digits` are the non-zero digits of each row of A,
/// padded to whole tiles.
///
/// # Errors
/// [`SimulateError::Internal`] with the condition that is violated: a defect of this program.
pub fn finished(
    spec: &EngineSpec,
    shape: &Shape,
    c: Matrix<i64>,
    cycles: u64,
    counts: &LaneCycles,
    words: Words,
    digits: &[u64],
) -> Result<GemmRun, SimulateError> {
    let internal = |what: String| SimulateError::Internal { design: spec.name.clone(), seed: None, what };
    let lanes = (shape.rows * shape.lanes) as u64;
    let tiles_n = shape.tiles().1;
    let parts = Parts {
        fill: counts.fill,
        drain: counts.drain,
        compute: counts.busy / lanes,
        empty: counts.empty / lanes,
        stall: counts.frozen + counts.starved / lanes,
        ..Parts::default()
    };
    let Some(sync) = cycles.checked_sub(parts.total()) else {
        return Err(internal(format!("parts {parts:?} sum to more than {cycles} cycles")));
    };
    let all_digits: u64 = digits.iter().sum();
    if counts.busy != all_digits * tiles_n as u64 {
        return Err(internal(format!("lanes did {} digits of {all_digits} in {tiles_n} tiles", counts.busy)));
    }
    let expected = Words {
        a: (shape.m * shape.k * shape.slots * tiles_n) as u64,
        b: all_digits * shape.n as u64,
        partial: 0,
        c: (shape.m * shape.n) as u64,
    };
    if words != expected {
        return Err(internal(format!("words in and out are {words:?}, but the tiles consume {expected:?}")));
    }
    let useful = useful(shape, digits);
    let peak_per_pe = shape.lanes as u64;
    if useful.values().iter().any(|&done| done > cycles * peak_per_pe) {
        return Err(internal(format!("a PE added more digits than {cycles} cycles have places")));
    }
    let macs = shape.m as u64 * shape.n as u64 * shape.k as u64;
    Ok(GemmRun { c, cycles, parts: Parts { sync, ..parts }, macs, words, peak_per_pe, useful })
}

/// Digits that each PE adds.
fn useful(shape: &Shape, digits: &[u64]) -> Matrix<u64> {
    let tiles_n = shape.tiles().1;
    Matrix::from_fn(shape.rows, shape.cols, |row, col| {
        let of_row: u64 = digits.iter().skip(row).step_by(shape.rows).sum();
        let columns = (0..tiles_n).filter(|tile| tile * shape.cols + col < shape.n).count();
        of_row * columns as u64
    })
}
