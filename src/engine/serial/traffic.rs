//! What passes in one GEMM through the streams of an engine whose rows run at their own pace.

use super::{SerialSchedule, Take};
use crate::encoding::Encoding;
use crate::engine::EncoderPlace;
use crate::engine::parts::encoder::EncoderPorts;
use crate::engine::{EngineSpec, Patterns, Traffic};
use crate::matrix::Matrix;
use crate::netlist::wiring::mask;

impl SerialSchedule {
    /// The beats of every stream, in port order, with the results that arithmetic demands (a triple loop; wrapped to the
    /// accumulator, or clipped). `a` is M x K, `b` is K x N.
    pub fn traffic(
        &self,
        spec: &EngineSpec,
        (a, b): (&Matrix<i32>, &Matrix<i32>),
        patterns: &Patterns,
    ) -> Vec<Traffic> {
        let beats = Beats { spec, schedule: self, a, b };
        let tiles = self.tiles().0 * self.tiles().1;
        let b = match self.sequencing().take {
            Take::Digit | Take::Value { .. } => {
                let (readers, indices) = beats.each_lane(|row, lane| beats.b(row, lane)).into_iter().unzip();
                Traffic { readers, indices, pattern: patterns.b }
            }
            Take::Terms { .. } => Traffic {
                readers: beats.each_lane(|row, _| beats.b_groups(row)),
                indices: Vec::new(),
                pattern: patterns.b,
            },
        };
        vec![
            Traffic::single(vec![vec![self.groups() as u64]; tiles], patterns.cmd),
            Traffic {
                readers: beats.each_lane(|row, lane| beats.a(row, lane)),
                indices: Vec::new(),
                pattern: patterns.a,
            },
            b,
            Traffic::single(beats.c(), patterns.c),
        ]
    }

    /// The digits of element (row `row` of the tile, operand `index` of lane `lane`), least significant first; all 0 in padding.
    pub fn digits(
        &self,
        spec: &EngineSpec,
        a: &Matrix<i32>,
        (tile, row): (usize, usize),
        (lane, index): (usize, usize),
    ) -> Vec<i8> {
        let slots = self.sequencing().encoding.encoding().slots(spec.a_word_bits());
        let mut digits = vec![0; slots as usize];
        if let (Some(m), Some(k)) = (self.m_of(tile, row), self.k_of(lane, index)) {
            let encoding: &dyn Encoding = self.sequencing().encoding.encoding();
            encoding.encode_into(a[(m, k)], spec.a_word_bits(), &mut digits);
        }
        digits
    }
}

struct Beats<'a> {
    spec: &'a EngineSpec,
    schedule: &'a SerialSchedule,
    a: &'a Matrix<i32>,
    b: &'a Matrix<i32>,
}

impl Beats<'_> {
    /// What every reader of a or b has, readers in order.
    fn each_lane<T>(&self, of: impl Fn(usize, usize) -> T) -> Vec<T> {
        let lanes = self.schedule.sequencing().lanes as usize;
        (0..self.spec.rows as usize * lanes).map(|reader| of(reader / lanes, reader % lanes)).collect()
    }

    fn tiles(&self) -> std::ops::Range<usize> {
        0..self.schedule.tiles().0 * self.schedule.tiles().1
    }

    /// Operands of one lane in one pass, padding included.
    fn operands(&self) -> usize {
        self.schedule.groups() * self.schedule.sequencing().group as usize
    }

    /// Whether an operand of a lane has a row of B with a value that is not 0 in the columns of a tile.
    fn has_b(&self, tile: usize, lane: usize, index: usize) -> bool {
        let mut places = (0..self.spec.cols as usize).filter_map(|col| self.schedule.n_of(tile, col));
        self.schedule.k_of(lane, index).is_some_and(|k| places.any(|n| self.b[(k, n)] != 0))
    }

    /// Beats of a: every group once a pass; where B is looked at, each with the mask of its rows.
    fn a(&self, row: usize, lane: usize) -> Vec<Vec<u64>> {
        let schedule = self.schedule;
        let ports = EncoderPorts::new(schedule.sequencing().encoding, self.spec.a_word_bits());
        let mut beats = Vec::new();
        for tile in self.tiles() {
            let word = |index: usize| match schedule.sequencing().encoder {
                EncoderPlace::Stored => ports.pack(&schedule.digits(self.spec, self.a, (tile, row), (lane, index))),
                EncoderPlace::Pe | EncoderPlace::Edge => {
                    let element = schedule.m_of(tile, row).zip(schedule.k_of(lane, index));
                    element.map_or(0, |place| i64::from(self.a[place]) as u64 & mask(self.spec.a_bits))
                }
            };
            let group = schedule.sequencing().group as usize;
            let words: Vec<u64> = (0..self.operands()).map(word).collect();
            let first = beats.len();
            for _ in 0..schedule.passes() {
                beats.extend(words.chunks(group).map(<[u64]>::to_vec));
            }
            if schedule.sequencing().matches_b() {
                for (step, beat) in beats[first..].iter_mut().enumerate() {
                    let bit = |place: usize| u64::from(self.has_b(tile, lane, step * group + place)) << place;
                    beat.push((0..group).map(bit).sum());
                }
            }
        }
        beats
    }

    /// The operands of a lane whose rows of B are read in a tile, in their order: in each pass one for every digit that is not 0, or one
    /// for every value.
    fn kept(&self, (tile, row): (usize, usize), lane: usize) -> Vec<usize> {
        let schedule = self.schedule;
        if let Take::Value { .. } = schedule.sequencing().take {
            let value = |index: usize| {
                let place = schedule.m_of(tile, row).zip(schedule.k_of(lane, index));
                place.map_or(0, |place| self.a[place])
            };
            let matches = |index: usize| !schedule.sequencing().matches_b() || self.has_b(tile, lane, index);
            return (0..self.operands()).filter(|&index| value(index) != 0 && matches(index)).collect();
        }
        let digits: Vec<Vec<i8>> =
            (0..self.operands()).map(|index| schedule.digits(self.spec, self.a, (tile, row), (lane, index))).collect();
        let pass = |slot: usize| digits.iter().enumerate().filter(move |(_, digits)| digits[slot] != 0);
        (0..schedule.passes()).rev().flat_map(pass).map(|(index, _)| index).collect()
    }

    /// Beats of b and their indices.
    fn b(&self, row: usize, lane: usize) -> (Vec<Vec<u64>>, Vec<u64>) {
        let schedule = self.schedule;
        let (mut beats, mut indices) = (Vec::new(), Vec::new());
        for tile in self.tiles() {
            for index in self.kept((tile, row), lane) {
                // What is not 0 is no padding.
                let k = schedule.k_of(lane, index).unwrap_or(0);
                let word = |col: usize| schedule.n_of(tile, col).map_or(0, |n| i64::from(self.b[(k, n)]));
                let word = |col: usize| word(col) as u64 & mask(self.spec.b_bits);
                beats.push((0..self.spec.cols as usize).map(word).collect());
                indices.push(index as u64);
            }
        }
        (beats, indices)
    }

    /// Beats of b where every group has one: its rows of B, lane = column * G + position. Rows of padding get zeros.
    fn b_groups(&self, row: usize) -> Vec<Vec<u64>> {
        let schedule = self.schedule;
        let (group, cols) = (schedule.sequencing().group as usize, self.spec.cols as usize);
        let word = |tile: usize, index: usize, col: usize| {
            let place = schedule.m_of(tile, row).and(schedule.k_of(0, index).zip(schedule.n_of(tile, col)));
            place.map_or(0, |place| i64::from(self.b[place]) as u64 & mask(self.spec.b_bits))
        };
        let groups = self.tiles().flat_map(|tile| (0..schedule.groups()).map(move |step| (tile, step * group)));
        groups
            .map(|(tile, from)| (0..cols * group).map(|lane| word(tile, from + lane % group, lane / group)).collect())
            .collect()
    }

    /// Beats of c: rows of results, the last row of each tile first.
    fn c(&self) -> Vec<Vec<u64>> {
        let k = self.schedule.extents().2;
        let element = |(m, n)| {
            let product = |k| i64::from(self.a[(m, k)]) * i64::from(self.b[(k, n)]);
            let sum = (0..k).map(product).fold(0_i64, i64::wrapping_add);
            let bits = self.spec.acc_bits;
            let (least, greatest) = (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits));
            let sum = if self.spec.saturate { sum.clamp(least, greatest) } else { sum };
            sum as u64 & mask(bits)
        };
        let lane = |beat, col| self.schedule.c_place(beat, col).map_or(0, element);
        let beats = self.tiles().len() * self.spec.rows as usize;
        (0..beats).map(|beat| (0..self.spec.cols as usize).map(|col| lane(beat, col)).collect()).collect()
    }
}
