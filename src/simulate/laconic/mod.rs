//! Laconic: operands are held until all units are done with them.
//!
//! A step accepted in cycle t is worked on in cycles t + 1 to t + T, the next one is accepted in cycle t + T. Two cycles
//! after its last one a tile is in the accumulators; the drain registers capture at the edge after, and rows leave.

mod driver;
mod events;
mod units;

pub(super) use driver::run;
pub(super) use events::{StepTerms, counts, step_terms};

use super::SimulateError;
use super::terms::SignedTerms;
use crate::encoding::{EncodingKind, Format};
use crate::engine::EngineSpec;
use crate::matrix::Matrix;

/// Both operands as terms, A first.
fn encoded(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> [Matrix<SignedTerms>; 2] {
    let kind = spec.encoding.unwrap_or(EncodingKind::Csd);
    let terms = |operand: &Matrix<i32>, format: Format| {
        Matrix::from_fn(operand.rows(), operand.cols(), |row, col| {
            SignedTerms::new(kind, format.value(operand[(row, col)]), format.word_bits())
        })
    };
    [terms(a, spec.a_format()), terms(b, spec.b_format())]
}

fn internal(spec: &EngineSpec, what: String) -> SimulateError {
    SimulateError::Internal { design: spec.name.clone(), seed: None, what }
}
