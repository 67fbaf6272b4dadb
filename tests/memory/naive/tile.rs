//! The tiles of a run, what each takes and how long.

use std::ops::Range;

use super::stored::{Elements, is_blocked};
use super::{Case, Region, cut, passes};
use crate::pace::Pass;
use bitweight::engine::{Array, Dataflow, Family};
use bitweight::matrix::Matrix;
use bitweight::simulate::events;

/// A tile with what it asks for.
pub struct Tile {
    pub block: usize,
    pub work: u64,
    pub gap: u64,
    pub ends: bool,
    /// Elements that it reads, of A, B and (partial sums) C, and how many reads and results that are.
    pub uses: [Elements; 3],
    pub reads: [u64; 3],
    pub results: u64,
    pub makes: Elements,
    pub load: u64,
    /// Sums of blocks of K before, outside of the array, that its results are added to.
    pub adds_to: Elements,
    /// Bits that it reads beside words.
    pub beside: [u64; 3],
}

impl Case<'_> {
    pub fn extents(&self) -> [usize; 3] {
        [self.a.rows(), self.b.cols(), self.a.cols()]
    }

    pub fn stays(&self) -> bool {
        self.spec.dataflow() != Dataflow::OutputStationary
    }

    /// D, H, S, G of docs/cycles.md, and W.
    fn numbers(&self) -> [u64; 5] {
        let (r, c) = (u64::from(self.spec.rows), u64::from(self.spec.cols));
        let temporal = self.spec.transforms.iter().any(|name| name == "align-bit-weight")
            && format!("{:?}", self.spec.parameters.bit_weight) == "Temporal";
        let aligned = self.spec.transforms.iter().any(|name| name == "align-bit-weight");
        let w = if temporal { u64::from(self.spec.digit_slots()) } else { 1 };
        match self.spec.array {
            Array::Systolic(_) => [1, r + c - 2, 0, r + c - 1, 1],
            Array::Cube { depth } => [depth.into(), r + c - 2, 0, r + c - 1, w],
            Array::Matrix2d => [1, 0, 0, r, 1],
            Array::AdderTree { depth } => {
                let levels = (0..).find(|&levels| 1_u32 << levels >= depth).unwrap();
                [depth.into(), 0, if aligned { 2 } else { 1 + levels }, r, w]
            }
            Array::Stripes { lanes } => [lanes.into(), 0, 2, r, self.spec.digit_slots().into()],
            _ => unreachable!("no law"),
        }
    }

    /// Cycles from the end of a tile to its last result.
    pub fn tail(&self) -> u64 {
        let r = u64::from(self.spec.rows);
        let s = u64::from(self.spec.transforms.iter().any(|name| name == "compress-accumulate"));
        match self.spec.family() {
            Family::Dense => {
                let [_, h, stages, ..] = self.numbers();
                if self.stays() { h + 3 + s } else { h + stages + r + 2 + s }
            }
            // Where whole values are taken there are final adders only behind a pair.
            Family::Serial if self.spec.takes_values() => r + 3 + s,
            Family::Serial => r + 4,
            Family::Laconic => r + 3,
        }
    }

    /// A run of these rows, columns and places of K alone: its cycles, and words of A and B.
    fn alone(&self, [m, n, k]: [Range<usize>; 3]) -> (u64, [u64; 2]) {
        if k.is_empty() {
            return (self.tail(), [0, 0]);
        }
        let a = Matrix::from_fn(m.len(), k.len(), |row, col| self.a[(m.start + row, k.start + col)]);
        let b = Matrix::from_fn(k.len(), n.len(), |row, col| self.b[(k.start + row, n.start + col)]);
        let run = events(self.spec, &a, &b).expect("a run");
        (run.counts.cycles, [run.counts.words.a, run.counts.words.b])
    }

    /// Passes over K: one for each digit of an operand where rows take those of one bit weight.
    pub fn passes(&self) -> usize {
        passes(self.spec)
    }

    fn tile(&self, block: usize, region: Region, pass: usize) -> Tile {
        let [m, n, k] = region.clone().map(|range| range.len() as u64);
        let stored = self.stored();
        let whole_k = self.extents()[2];
        let is_cut = region[2].len() < whole_k;
        let ends = self.stays() || (region[2].end == whole_k && (!is_cut || pass + 1 == self.passes()));
        let mut uses = [0, 1, 2].map(|tensor| stored.elements(&region, tensor));
        let makes = uses[2].clone();
        if !(self.stays() && region[2].start > 0) {
            uses[2].clear();
        }
        let mut reads = [m * k, uses[1].len() as u64, uses[2].len() as u64];
        let rows = u64::from(self.spec.rows);
        let (work, gap) = match (self.spec.family(), self.spec.dataflow()) {
            (Family::Dense, Dataflow::OutputStationary) => {
                let [d, _, _, g, w] = self.numbers();
                ((stored.kept(region[2].len()) as u64).div_ceil(d) * w, g)
            }
            (Family::Dense, Dataflow::WeightStationary) => (m, 0),
            (Family::Dense, Dataflow::InputStationary) => (n, 0),
            (Family::Serial, _) if is_cut && self.passes() > 1 => {
                let digits = Pass::new(self.spec, self.a, region[0].clone(), pass);
                reads[1] = digits.digits(&region[2]) * n;
                (digits.cycles(&region[2]), rows)
            }
            (Family::Serial, _) => {
                let (cycles, words) = self.alone(region.clone());
                reads[..2].copy_from_slice(&words);
                (cycles - self.tail(), rows)
            }
            (Family::Laconic, _) => {
                let lanes = self.spec.array.depth() as usize;
                let (cycles, _) = self.alone(region.clone());
                let [rows_of_a, columns, places] = region.clone();
                let last = places.start + (places.len() - 1) / lanes * lanes;
                let (before, _) = self.alone([rows_of_a, columns, places.start..last]);
                (cycles - self.tail(), rows - 1 + cycles - before)
            }
        };
        let results = if ends { m * n } else { 0 };
        let mut beside = [0, reads[1] * stored.index_bits(), 0];
        // A bit for each element of A that is read.
        beside[1] += if stored.is_masked() { reads[0] } else { 0 };
        let mut adds_to = Elements::new();
        if is_blocked(self.spec) && region[2].end == whole_k {
            (0..2).for_each(|tensor| beside[tensor] += stored.exponents(&region, tensor));
            if self.product.0 > 0 {
                adds_to.clone_from(&makes);
            }
        }
        Tile { block, work, gap, ends, uses, reads, results, makes, load: rows, adds_to, beside }
    }

    pub fn tiles(&self, blocks: &[Region]) -> Vec<Tile> {
        let (r, c) = (self.spec.rows as usize, self.spec.cols as usize);
        let k_of_rows = self.stored().of_kept(r);
        let mut all = Vec::new();
        // A pass has begun when K begins again.
        let mut pass = 0;
        for (index, [m, n, k]) in blocks.iter().enumerate() {
            if k.start == 0 {
                pass = if index > 0 && blocks[index - 1][..2] == [m.clone(), n.clone()] { pass + 1 } else { 0 };
            }
            let pairs = |x: Vec<Range<usize>>, y: Vec<Range<usize>>| {
                x.into_iter().flat_map(move |x| y.clone().into_iter().map(move |y| (x.clone(), y))).collect::<Vec<_>>()
            };
            let regions: Vec<Region> = match self.spec.dataflow() {
                Dataflow::OutputStationary => {
                    pairs(cut(m.clone(), r), cut(n.clone(), c)).into_iter().map(|(m, n)| [m, n, k.clone()]).collect()
                }
                Dataflow::WeightStationary => pairs(cut(n.clone(), c), cut(k.clone(), k_of_rows))
                    .into_iter()
                    .map(|(n, k)| [m.clone(), n, k])
                    .collect(),
                Dataflow::InputStationary => pairs(cut(m.clone(), c), cut(k.clone(), k_of_rows))
                    .into_iter()
                    .map(|(m, k)| [m, n.clone(), k])
                    .collect(),
            };
            all.extend(regions.into_iter().map(|region| self.tile(index, region, pass)));
        }
        all
    }
}
