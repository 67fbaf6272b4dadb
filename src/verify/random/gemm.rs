//! GEMMs with operands and offer patterns.

use super::Draw;
use crate::encoding::{ElementFormat, Format};
use crate::engine::{Dataflow, EngineSpec, NOfM, Patterns};
use crate::matrix::Matrix;
use std::fmt;

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
    /// The least value everywhere; the greatest, if none is negative.
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
        // Kept places come in whole groups, so there may be a few more of them.
        let more = spec.kept().map_or(0, |kept| u64::from(kept.n) - 1);
        let max_length = (spec.max_length() - more).min(40);
        let mut along = |extent: u64| draw.between(1, extent * tiles.max(1));
        let (split_rows, split_cols) = (along(rows), along(cols));
        let steps = match draw.below(4) {
            0 => draw.between(1, 2),
            1 => draw.between(1, max_length),
            _ => draw.between(1, (rows + cols + 4).min(max_length)),
        };
        // The last step of K is full, or ends anywhere.
        let length = match u64::from(spec.step_operands()) {
            1 => steps,
            step => steps.div_ceil(step.isqrt()) * step - draw.below(2) * draw.below(step),
        };
        // Kept places stand for more elements of K; the last group may be cut off.
        let elements = |places: u64, draw: &mut Draw| match spec.kept() {
            None => places,
            Some(NOfM { n, m }) => places.div_ceil(n.into()) * u64::from(m) - draw.below(2) * draw.below(m.into()),
        };
        let (m, n, k) = match spec.dataflow() {
            Dataflow::OutputStationary => (split_rows, split_cols, elements(length, &mut draw)),
            Dataflow::WeightStationary => (length, split_cols, elements(split_rows, &mut draw)),
            Dataflow::InputStationary => (split_cols, length, split_rows),
        };
        let a = matrix(&mut draw, m as usize, k as usize, spec.a_format(), values);
        let mut b = matrix(&mut draw, k as usize, n as usize, spec.b_format(), values);
        if let Some(kept) = spec.kept() {
            prune(&mut draw, &mut b, kept);
        }
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

/// Leaves at most n of every m elements of a column as they are, any of them, and makes the others 0.
fn prune(draw: &mut Draw, b: &mut Matrix<i32>, NOfM { n, m }: NOfM) {
    let (n, m) = (n as usize, m as usize);
    for col in 0..b.cols() {
        for first in (0..b.rows()).step_by(m) {
            let mut rows: Vec<usize> = (first..b.rows().min(first + m)).collect();
            while rows.len() > n {
                let row = rows.swap_remove(draw.below(rows.len() as u64) as usize);
                b[(row, col)] = 0;
            }
        }
    }
}

fn matrix(draw: &mut Draw, rows: usize, cols: usize, format: Format, values: Values) -> Matrix<i32> {
    if let Some(element) = format.element {
        return elements(draw, rows, cols, element, values);
    }
    let (bits, signed) = (format.bits, format.signed);
    let half = 1_i64 << (bits - 1);
    let (least, greatest) = if signed { (-half, half - 1) } else { (0, 2 * half - 1) };
    let corners = if signed {
        [least, greatest, least + 1, greatest - 1, -1, 0, 1]
    } else {
        [least, greatest, least + 1, greatest - 1, half - 1, half, half + 1]
    };
    Matrix::from_fn(rows, cols, |row, col| {
        let uniform = least + draw.below(1 << bits) as i64;
        let value = match values {
            Values::Uniform => uniform,
            Values::Corners => draw.one_of(&corners),
            Values::Least => {
                if signed {
                    least
                } else {
                    greatest
                }
            }
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

/// Codes of numbers, negative zeros among them.
fn elements(draw: &mut Draw, rows: usize, cols: usize, format: ElementFormat, values: Values) -> Matrix<i32> {
    let (from, to) = format.element_range();
    let numbers: Vec<i32> = (from..=to).filter(|&element| format.is_number(element)).collect();
    let by_value = |element: &&i32| format.value(**element);
    // There are numbers.
    let least = numbers.iter().min_by_key(by_value).copied().unwrap_or_default();
    let greatest = numbers.iter().max_by_key(by_value).copied().unwrap_or_default();
    let mut corners = vec![least, greatest, 0];
    corners.extend(numbers.iter().copied().filter(|&element| format.value(element).abs() <= 1));
    Matrix::from_fn(rows, cols, |row, col| match values {
        Values::Uniform => draw.one_of(&numbers),
        Values::Corners => draw.one_of(&corners),
        Values::Least => least,
        Values::Alternating => [least, greatest][(row + col) % 2],
        Values::Sparse => [draw.one_of(&numbers), 0][usize::from(draw.below(4) > 0)],
    })
}
