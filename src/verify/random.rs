//! Random designs and GEMMs from a seed. The same seed makes the same case on every machine; each describes itself so that a
//! failure can be made again.

use crate::encoding::EncodingKind;
use crate::engine::{Array, Dataflow, EngineSpec, Operand, Patterns};
use crate::matrix::Matrix;
use crate::netlist::ResetKind;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::fmt;

/// Draws from a seed.
#[derive(Debug)]
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// A generator.
    pub fn new(seed: u64) -> Self {
        Draw(ChaCha8Rng::seed_from_u64(seed))
    }

    /// 0 to `bound - 1`; 0 if there is nothing to choose from.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The bias is below 2^-40 for the bounds in use.
        self.0.next_u64() % bound.max(1)
    }

    /// `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// One of `choices`.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// A pattern that is all ones, dense or sparse, never 0.
    fn pattern(&mut self) -> u64 {
        let bits = [self.0.next_u64(), self.0.next_u64(), self.0.next_u64()];
        let pattern = match self.below(4) {
            0 => !0,
            1 => bits[0] | bits[1],
            2 => bits[0],
            _ => bits[0] & bits[1] & bits[2],
        };
        if pattern == 0 { 1 << self.below(64) } else { pattern }
    }
}

/// A design of at most `max_side` rows and columns that can be elaborated. One in four is a single row or column.
pub fn random_spec(seed: u64, max_side: u32) -> EngineSpec {
    let mut draw = Draw::new(seed);
    let side = |draw: &mut Draw| draw.between(1, u64::from(max_side)) as u32;
    let (mut rows, mut cols) = (side(&mut draw), side(&mut draw));
    match draw.below(8) {
        0 => rows = 1,
        1 => cols = 1,
        _ => {}
    }
    let a_bits = draw.between(2, 16) as u32;
    let mut b_bits = draw.between(2, 16) as u32;
    if a_bits == b_bits && draw.below(4) > 0 {
        b_bits = if b_bits == 16 { 2 } else { b_bits + 1 };
    }
    let product_bits = a_bits + b_bits;
    let acc_bits = match draw.below(4) {
        0 => product_bits,
        1 => product_bits + draw.between(0, 12) as u32,
        2 => product_bits.max(32),
        // The widest words: what a mask or a shift of 64 bits gets wrong shows nowhere else.
        _ => draw.between(44, 64).max(64 * draw.below(2)) as u32,
    };
    let encoding = match draw.below(9) {
        0 => None,
        other => Some(EncodingKind::ALL[(other as usize - 1) % EncodingKind::ALL.len()]),
    };
    let compressed = encoding.is_some() && draw.below(2) == 1;
    EngineSpec {
        name: "random".to_owned(),
        rows,
        cols,
        array: Array::Systolic(draw.one_of(&[Dataflow::OutputStationary, Dataflow::WeightStationary])),
        a_bits,
        b_bits,
        acc_bits,
        encoding,
        encoded: draw.one_of(&[Operand::A, Operand::B]),
        transforms: if compressed { vec!["compress-accumulate".to_owned()] } else { Vec::new() },
        reset: draw.one_of(&[ResetKind::AsyncLow, ResetKind::SyncLow, ResetKind::SyncHigh]),
        length_bits: draw.one_of(&[8, 16]),
        ..EngineSpec::default()
    }
}

/// A GEMM with operands and offer patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RandomGemm {
    /// What it was made from.
    pub seed: u64,
    /// How operands were chosen.
    pub values: Values,
    /// M x K.
    pub a: Matrix<i32>,
    /// K x N.
    pub b: Matrix<i32>,
    /// When streams are offered and results taken.
    pub patterns: Patterns,
}

/// How the operands of a random GEMM are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Every representable value alike.
    Uniform,
    /// Least, greatest, -1, 0, 1 and their neighbours.
    Corners,
    /// The least value everywhere.
    Least,
    /// Least and greatest in turn.
    Alternating,
    /// Mostly zeros.
    Sparse,
}

impl RandomGemm {
    /// A GEMM of about `tiles` tiles along each split loop of `spec`'s array, edges included. `stalls` lets streams wait.
    pub fn new(spec: &EngineSpec, seed: u64, tiles: u64, stalls: bool) -> Self {
        let kinds =
            [Values::Uniform, Values::Uniform, Values::Corners, Values::Least, Values::Alternating, Values::Sparse];
        let values = Draw::new(!seed).one_of(&kinds);
        Self::of_values(spec, seed, tiles, stalls, values)
    }

    /// The same with operands of one kind.
    pub fn of_values(spec: &EngineSpec, seed: u64, tiles: u64, stalls: bool, values: Values) -> Self {
        let mut draw = Draw::new(seed);
        let (rows, cols) = (u64::from(spec.rows), u64::from(spec.cols));
        let max_length = spec.max_length().min(40);
        let mut along = |extent: u64| draw.between(1, extent * tiles.max(1));
        let (split_rows, n) = (along(rows), along(cols));
        let length = match draw.below(4) {
            0 => draw.between(1, 2),
            1 => draw.between(1, max_length),
            _ => draw.between(1, (rows + cols + 4).min(max_length)),
        };
        let (m, k) = match spec.dataflow() {
            Dataflow::OutputStationary => (split_rows, length),
            Dataflow::WeightStationary | Dataflow::InputStationary => (length, split_rows),
        };
        let a = matrix(&mut draw, m as usize, k as usize, spec.a_bits, values);
        let b = matrix(&mut draw, k as usize, n as usize, spec.b_bits, values);
        let patterns = if stalls {
            let mut next = || draw.pattern();
            Patterns { cmd: next(), a: next(), b: next(), p: next(), c: next() }
        } else {
            Patterns::ALWAYS
        };
        RandomGemm { seed, values, a, b, patterns }
    }

    /// Extents (M, N, K).
    pub fn extents(&self) -> (usize, usize, usize) {
        (self.a.rows(), self.b.cols(), self.a.cols())
    }
}

impl fmt::Display for RandomGemm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (m, n, k) = self.extents();
        write!(f, "seed {}: M={m} N={n} K={k} {:?}", self.seed, self.values)?;
        let Patterns { cmd, a, b, p, c } = self.patterns;
        if self.patterns != Patterns::ALWAYS {
            write!(f, " patterns cmd={cmd:x} a={a:x} b={b:x} p={p:x} c={c:x}")?;
        }
        Ok(())
    }
}

fn matrix(draw: &mut Draw, rows: usize, cols: usize, bits: u32, values: Values) -> Matrix<i32> {
    let (least, greatest) = (-(1_i64 << (bits - 1)), (1_i64 << (bits - 1)) - 1);
    let corners = [least, greatest, least + 1, greatest - 1, -1, 0, 1];
    Matrix::from_fn(rows, cols, |row, col| {
        let uniform = least + draw.below(1 << bits) as i64;
        let value = match values {
            Values::Uniform => uniform,
            Values::Corners => draw.one_of(&corners),
            Values::Least => least,
            Values::Alternating => [least, greatest][(row + col) % 2],
            Values::Sparse => {
                if draw.below(4) == 0 {
                    uniform
                } else {
                    0
                }
            }
        };
        value as i32
    })
}

/// All that is needed to make a design again.
pub fn describe(spec: &EngineSpec) -> String {
    let encoding = spec.encoding.map_or("none", EncodingKind::name);
    format!(
        "{} {}x{} {:?} a{} b{} acc{} {encoding} of {:?} {:?} {:?} length {}",
        spec.name,
        spec.rows,
        spec.cols,
        spec.array,
        spec.a_bits,
        spec.b_bits,
        spec.acc_bits,
        spec.encoded,
        spec.transforms,
        spec.reset,
        spec.length_bits
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_design_and_the_same_operands() {
        for seed in 0..50 {
            let spec = random_spec(seed, 6);
            assert_eq!(spec, random_spec(seed, 6));
            assert_eq!(RandomGemm::new(&spec, seed, 2, true), RandomGemm::new(&spec, seed, 2, true));
        }
    }

    #[test]
    fn random_designs_cover_every_choice() {
        let specs: Vec<EngineSpec> = (0..400).map(|seed| random_spec(seed, 6)).collect();
        let any = |holds: &dyn Fn(&EngineSpec) -> bool| specs.iter().any(holds);
        for kind in EncodingKind::ALL {
            for carry_save in [false, true] {
                for dataflow in [Dataflow::OutputStationary, Dataflow::WeightStationary] {
                    for encoded in [Operand::A, Operand::B] {
                        assert!(
                            any(&|spec| spec.encoding == Some(kind)
                                && spec.transforms.is_empty() != carry_save
                                && spec.dataflow() == dataflow
                                && spec.encoded == encoded),
                            "{kind:?} {carry_save} {dataflow:?} {encoded:?}"
                        );
                    }
                }
            }
        }
        assert!(any(&|spec| spec.encoding.is_none()));
        assert!(any(&|spec| spec.rows == 1 && spec.cols > 1) && any(&|spec| spec.cols == 1 && spec.rows > 1));
        assert!(any(&|spec| spec.a_bits == 2) && any(&|spec| spec.b_bits == 16));
        assert!(any(&|spec| spec.acc_bits == spec.a_bits + spec.b_bits) && any(&|spec| spec.acc_bits == 64));
        for reset in [ResetKind::AsyncLow, ResetKind::SyncLow, ResetKind::SyncHigh] {
            assert!(any(&|spec| spec.reset == reset));
        }
    }

    #[test]
    fn operands_stay_in_range_and_patterns_are_never_0() {
        for seed in 0..200 {
            let spec = random_spec(seed, 4);
            let gemm = RandomGemm::new(&spec, seed, 2, true);
            let range = |bits: u32| -(1 << (bits - 1))..1 << (bits - 1);
            assert!(gemm.a.values().iter().all(|value| range(spec.a_bits).contains(value)));
            assert!(gemm.b.values().iter().all(|value| range(spec.b_bits).contains(value)));
            let Patterns { cmd, a, b, p, c } = gemm.patterns;
            assert!([cmd, a, b, p, c].iter().all(|&pattern| pattern != 0));
        }
    }
}
