//! The bit-serial engines of others: operands are held until all units are done with them.
//!
//! A step accepted in cycle t is worked on in cycles t + 1 to t + T, the next one is accepted in cycle t + T. Two cycles
//! after its last one a tile is in the accumulators; the drain registers capture at the edge after, and rows leave.

mod driver;
mod events;
mod laconic;

pub(super) use driver::run;
pub(super) use events::{StepTerms, counts, step_terms};

use super::SimulateError;
use super::terms::SignedTerms;
use crate::encoding::EncodingKind;
use crate::engine::EngineSpec;
use crate::matrix::Matrix;

/// Both operands as terms, A first.
fn encoded(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<[Matrix<SignedTerms>; 2], SimulateError> {
    let kind = spec.encoding.unwrap_or(EncodingKind::Csd);
    let terms = |operand: &Matrix<i32>, bits: u32| -> Result<Matrix<SignedTerms>, SimulateError> {
        let mut all = Matrix::filled(operand.rows(), operand.cols(), SignedTerms::default());
        for row in 0..operand.rows() {
            for (place, &value) in all.row_mut(row).iter_mut().zip(operand.row(row)) {
                *place = SignedTerms::new(kind, value, bits).map_err(|error| internal(spec, error.to_string()))?;
            }
        }
        Ok(all)
    };
    Ok([terms(a, spec.a_word_bits())?, terms(b, spec.b_word_bits())?])
}

fn internal(spec: &EngineSpec, what: String) -> SimulateError {
    SimulateError::Internal { design: spec.name.clone(), seed: None, what }
}
