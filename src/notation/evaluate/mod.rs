//! A slow evaluator that runs a nest by the letter, digits and carry-save words and all.

mod machine;
mod word;

use miette::Diagnostic;
use thiserror::Error;

use super::{Extents, FullGroup, NOfM, Nest, NotationError, Operand};
use crate::encoding::{EncodingError, EncodingKind};
use crate::matrix::Matrix;

use machine::Machine;

/// How an element of the encoded operand becomes digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigitRule {
    /// The encoding.
    pub encoding: EncodingKind,
    /// Bits of the operand, 2 to 16.
    pub bits: u32,
}

/// What a nest is run on: C = A * B on an array.
#[derive(Clone, Copy)]
pub struct Problem<'a> {
    /// A, M x K.
    pub a: &'a Matrix<i32>,
    /// B, K x N.
    pub b: &'a Matrix<i32>,
    /// Places of M, N and K in the array (MP, NP, KP), each at least 1. Elements beyond the edge are zero.
    pub places: [u64; 3],
    /// Bits of every word in the array, 1 to 64, two's complement; results wrap to it.
    pub word_bits: u32,
    /// How A becomes digits; needed when it does.
    pub a_digits: Option<DigitRule>,
    /// How B becomes digits; needed when it does.
    pub b_digits: Option<DigitRule>,
}

impl Problem<'_> {
    /// How an operand becomes digits.
    pub fn digits(&self, operand: Operand) -> Option<DigitRule> {
        match operand {
            Operand::A => self.a_digits,
            Operand::B => self.b_digits,
        }
    }

    /// The extents of the loops of a nest.
    pub fn extents(&self, nest: &Nest) -> Extents {
        let [mp, np, kp] = self.places;
        let slots = |operand: Option<Operand>| {
            let rule = operand.and_then(|operand| self.digits(operand));
            rule.map_or(0, |rule| u64::from(rule.encoding.encoding().slots(rule.bits)))
        };
        let encoded = nest.encoded_operand();
        Extents {
            m: self.a.rows() as u64,
            n: self.b.cols() as u64,
            k: nest.kept().map_or(self.a.cols(), |kept| kept.places(self.a.cols())) as u64,
            mp,
            np,
            kp,
            bw: slots(encoded),
            bv: slots(encoded.map(Operand::other)),
        }
    }
}

/// Why a nest cannot be run on a problem.
#[derive(Clone, Debug, Error, Diagnostic, PartialEq)]
pub enum EvaluationError {
    /// The nest has mistakes.
    #[error("the nest is not well formed: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    #[diagnostic(code(notation::not_well_formed), help("mend the nest first"))]
    NotWellFormed(Vec<NotationError>),
    /// A and B do not multiply.
    #[error("A has {a_cols} columns and B has {b_rows} rows")]
    #[diagnostic(code(notation::shapes_differ), help("C = A * B needs as many columns of A as rows of B"))]
    ShapesDiffer {
        /// Columns of A.
        a_cols: usize,
        /// Rows of B.
        b_rows: usize,
    },
    /// An array without places.
    #[error("an array has at least one place in each of M, N and K")]
    #[diagnostic(code(notation::no_places), help("give MP, NP and KP values of 1 or more"))]
    NoPlaces,
    /// A word of no bits or of more than 64.
    #[error("words of {0} bits; the evaluator has words of 1 to 64 bits")]
    #[diagnostic(code(notation::word_bits), help("choose the width of the accumulator"))]
    WordBits(u32),
    /// The nest has digits of an operand for which the problem has no rule.
    #[error("`encode` needs an encoding, and the problem has none")]
    #[diagnostic(code(notation::no_digits), help("choose an encoding and the width of the operand"))]
    NoDigits,
    /// The nest keeps some elements of every group of B, and a group has more that are not zero.
    #[error("B[{row}.., {col}] has {nonzero} elements that are not zero in a group, and the nest keeps {kept}")]
    #[diagnostic(code(notation::not_n_of_m), help("prune B to as many elements that are not zero in every group"))]
    NotNOfM {
        /// The first row of the group.
        row: usize,
        /// Its column.
        col: usize,
        /// Its elements that are not zero.
        nonzero: usize,
        /// What is kept.
        kept: NOfM,
    },
    /// An element does not fit the encoded operand.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Encoding(#[from] EncodingError),
}

/// C as the nest computes it, M x N, every element sign-extended from `word_bits`.
///
/// # Errors
/// The nest is not well formed, or does not fit the problem.
pub fn evaluate(nest: &Nest, problem: &Problem<'_>) -> Result<Matrix<i64>, EvaluationError> {
    nest.well_formed().map_err(EvaluationError::NotWellFormed)?;
    let (a_cols, b_rows) = (problem.a.cols(), problem.b.rows());
    if a_cols != b_rows {
        return Err(EvaluationError::ShapesDiffer { a_cols, b_rows });
    }
    if problem.places.contains(&0) {
        return Err(EvaluationError::NoPlaces);
    }
    if !(1..=64).contains(&problem.word_bits) {
        return Err(EvaluationError::WordBits(problem.word_bits));
    }
    if let Some(kept) = nest.kept()
        && let Some(FullGroup { row, col, nonzero }) = kept.full_group(problem.b)
    {
        return Err(EvaluationError::NotNOfM { row, col, nonzero, kept });
    }
    let mut machine = Machine::new(nest, problem);
    machine.block(&nest.body)?;
    Ok(machine.result())
}
