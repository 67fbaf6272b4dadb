//! Operands in formats with scales, and what becomes of these.

use serde::{Deserialize, Serialize};

use crate::simulate::WorkloadRun;

/// An operand in a format with scales.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaled {
    /// `a` or `b`.
    pub operand: String,
    /// Its format, e.g. `mxfp4`.
    pub format: String,
    /// What shares a scale: `per-block`, 32 elements along K, or `per-tensor`.
    pub scheme: String,
    /// Bits of the integers that elements are decoded to.
    pub word_bits: u32,
    /// These integers count multiples of 2^-`fraction_bits`, times the scale.
    pub fraction_bits: u32,
}

impl Scaled {
    /// What becomes of its elements and scales, a sentence.
    pub fn sentence(&self) -> String {
        let Self { operand, format, word_bits, fraction_bits, scheme } = self;
        let rest = match scheme.as_str() {
            "per-block" => {
                "Blocks of 32 along K are products of their own on the engine; their shared exponents are applied where results \
                 leave, outside of it, exactly."
            }
            _ => "The scale of the tensor is not applied.",
        };
        let operand = operand.to_uppercase();
        format!(
            "Elements of {operand}, {format}, are decoded to {word_bits}-bit multiples of 2^-{fraction_bits}. {rest}"
        )
    }
}

/// Those of a run.
pub(super) fn scaled(run: &WorkloadRun) -> Vec<Scaled> {
    let operands = ["a", "b"].into_iter().zip(run.formats);
    let scaled = operands.filter_map(|(operand, format)| {
        Some(Scaled {
            operand: operand.to_owned(),
            format: format.to_string(),
            scheme: if format.is_blocked() { "per-block" } else { "per-tensor" }.to_owned(),
            word_bits: format.bits,
            fraction_bits: format.element?.fraction_bits(),
        })
    });
    scaled.collect()
}
