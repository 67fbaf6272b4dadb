//! How long rows that take digits need for a block of K in one pass, cycle by cycle from the rules of docs/skipping.md.

use std::collections::VecDeque;
use std::ops::Range;

use bitweight::engine::EngineSpec;
use bitweight::matrix::Matrix;
use bitweight::notation::transform::{EmptyGroups, LanePace, SyncPeriod};

/// Lanes that take groups together, from one meeting to the next.
struct Unit {
    /// Cycles of each group, and whether it is dropped where it is accepted.
    groups: VecDeque<(u64, bool)>,
    /// Cycles that are left of the group at hand.
    held: Option<u64>,
}

impl Unit {
    /// One cycle; gives whether nothing is left in it.
    fn cycle(&mut self) -> bool {
        self.held = self.held.map(|left| left - 1).filter(|&left| left > 0);
        let is_done = self.held.is_none() && self.groups.is_empty();
        match self.groups.front() {
            Some((_, true)) => drop(self.groups.pop_front()),
            Some(&(cycles, _)) if self.held.is_none() => {
                self.groups.pop_front();
                self.held = Some(cycles);
            }
            _ => {}
        }
        is_done
    }
}

/// Digits of one bit weight of rows of A.
pub struct Pass<'a> {
    spec: &'a EngineSpec,
    rows: Vec<Vec<i8>>,
}

impl<'a> Pass<'a> {
    /// Pass `pass` over rows of A, the top bit weight first.
    pub fn new(spec: &'a EngineSpec, a: &Matrix<i32>, m: Range<usize>, pass: usize) -> Self {
        let encoding = spec.encoding.expect("digits").encoding();
        let mut digits = vec![0; spec.digit_slots() as usize];
        let slot = digits.len() - 1 - pass;
        let mut row = |m: usize| {
            let digit = |&value: &i32| {
                encoding.write_digits(spec.a_format().value(value), spec.a_word_bits(), &mut digits);
                digits[slot]
            };
            a.row(m).iter().map(digit).collect()
        };
        let rows = m.map(&mut row).collect();
        Self { spec, rows }
    }

    /// Digits that are not 0 in a part of K.
    pub fn digits(&self, k: &Range<usize>) -> u64 {
        self.rows.iter().map(|row| row[k.clone()].iter().filter(|&&digit| digit != 0).count() as u64).sum()
    }

    /// Cycles of a part of K: rows meet after each stretch, and at its end.
    pub fn cycles(&self, k: &Range<usize>) -> u64 {
        let stretch = match self.spec.parameters.sync {
            SyncPeriod::Tile => k.len(),
            SyncPeriod::Operands(operands) => operands as usize,
        };
        assert!(matches!(self.spec.parameters.sync, SyncPeriod::Tile) || k.start.is_multiple_of(stretch));
        let starts = k.clone().step_by(stretch);
        starts.map(|start| self.stretch(start..k.end.min(start + stretch))).sum()
    }

    fn stretch(&self, k: Range<usize>) -> u64 {
        let mut units: Vec<Unit> = self.rows.iter().flat_map(|row| self.units(row, &k)).collect();
        // Every unit has its cycle, whether or not another one is done.
        (0..).find(|_| units.iter_mut().filter_map(|unit| (!unit.cycle()).then_some(())).count() == 0).expect("an end")
    }

    fn units(&self, row: &[i8], k: &Range<usize>) -> Vec<Unit> {
        let (of, spec) = (&self.spec.parameters, self.spec);
        let extended = spec.transforms.iter().any(|name| name == "extend-reduction");
        let (group, lanes) = (of.group as usize, if extended { of.lanes as usize } else { 1 });
        let drops = of.empty_groups == EmptyGroups::Skipped;
        // Whether each place of a lane's group has a digit.
        let lane = |from: usize, lane: usize| {
            let place = |at: usize| from + lane * group + at;
            (0..group).map(|at| place(at) < k.end && row[place(at)] != 0).collect::<Vec<_>>()
        };
        let count = |places: &[bool]| places.iter().filter(|&&is_digit| is_digit).count() as u64;
        let takes = |from: usize, cycles: u64| (cycles.max(1), drops && cycles == 0 && from > 0);
        let froms = k.clone().step_by(group * lanes);
        let unit = |groups| Unit { groups, held: None };
        if lanes > 1 && of.pace == LanePace::PerBitWeight {
            let of_lane = |index: usize| froms.clone().map(move |from| takes(from, count(&lane(from, index))));
            return (0..lanes).map(|index| unit(of_lane(index).collect())).collect();
        }
        let together = froms.map(|from| {
            let all: Vec<Vec<bool>> = (0..lanes).map(|index| lane(from, index)).collect();
            let cycles = match of.pace {
                LanePace::Lockstep if lanes > 1 => {
                    count(&(0..group).map(|at| all.iter().any(|lane| lane[at])).collect::<Vec<_>>())
                }
                _ => all.iter().map(|lane| count(lane)).max().expect("lanes"),
            };
            takes(from, cycles)
        });
        vec![unit(together.collect())]
    }
}
