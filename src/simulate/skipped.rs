//! What an engine that skips values of zero saved.

use super::Counts;
use crate::engine::EngineSpec;
use crate::notation::transform::Matching;

/// What was left out because a value is zero, of a layer's products together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SkippedValues {
    /// Multiply-accumulates, each with a word of B that was not read.
    pub macs: u64,
    /// Cycles: K for each tile, less those in which rows worked, waited for each other or lost one to a group without anything to
    /// take.
    pub cycles: u64,
    /// Bits of the masks of B that were read beside A: one for each word of A where both operands are matched, else none.
    pub mask_bits: u64,
}

impl SkippedValues {
    /// Of products whose tiles have `steps` places of K, all tiles together; `None` if the engine skips no values.
    pub fn new(spec: &EngineSpec, counts: &Counts, steps: u64) -> Option<Self> {
        if !spec.takes_values() {
            return None;
        }
        let parts = counts.parts;
        Some(Self {
            macs: counts.macs - counts.words.b,
            cycles: steps - (parts.compute + parts.empty + parts.sync),
            mask_bits: if spec.parameters.matching == Matching::Both { counts.words.a } else { 0 },
        })
    }
}
