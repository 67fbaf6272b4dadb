//! What the cycles of a dense array follow from, beside its size.

use super::Selection;
use crate::engine::{EngineError, EngineSpec};
use crate::notation::{Accumulation, BitWeight, Structure};

/// How long operands travel, wait and are worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Whether operands pass from PE to PE, one an edge; else they are broadcast from registers at the edges.
    pub hops: bool,
    /// Edges by which the last PE is behind the first: R + C - 2 where operands hop, else 0.
    pub reach: u32,
    /// Registers between the operand registers and the accumulator.
    pub stages: u32,
    /// Cycles of a step: the digit slots of the encoded operand where the loop over the bit weight is temporal, else 1.
    pub step_cycles: u32,
    /// How weights that are stored compressed lie in the array.
    pub selection: Option<Selection>,
    /// Registers between the last row of sums and the results: 1 if a carry-save pair is resolved there.
    pub resolve: u32,
}

impl Timing {
    /// The timing of a dense array.
    ///
    /// # Errors
    /// A transform that does not exist, or does not apply.
    pub fn new(spec: &EngineSpec) -> Result<Self, EngineError> {
        Self::of(spec, &spec.structure()?)
    }

    /// The timing of a dense array whose transformed nest has this structure.
    ///
    /// # Errors
    /// [`EngineError::Places`] if compressed weights do not fit the array.
    pub fn of(spec: &EngineSpec, structure: &Structure) -> Result<Self, EngineError> {
        let hops = structure.hops.a || structure.hops.b;
        let in_turn = matches!(structure.bit_weight, BitWeight::AlignedTemporal | BitWeight::Serial);
        Ok(Self {
            hops,
            reach: if hops { spec.rows + spec.cols - 2 } else { 0 },
            stages: stages(spec, structure),
            step_cycles: if in_turn { spec.digit_slots() } else { 1 },
            resolve: u32::from(structure.accumulation == Accumulation::CarrySave),
            selection: Selection::new(spec, structure.kept)?,
        })
    }

    /// Cycles by which the last steps of two output-stationary tiles are apart at least: until the rows of results before
    /// are out of the way of the next.
    ///
    /// Where operands hop, rows finish along a diagonal, and each capture follows behind the row that shifts out: one cycle more than the
    /// reach. Where they are broadcast all PEs capture at once, so the whole chain has to be empty: R cycles.
    pub fn least_pitch(&self, rows: u32) -> u32 {
        if self.hops { self.reach + 1 } else { rows }
    }
}

/// A tree's products are registered, then the words of each of its levels. Reduced within bit weights first, it has one register
/// behind the narrow trees and one behind their merger.
fn stages(spec: &EngineSpec, structure: &Structure) -> u32 {
    match is_staged(structure) {
        true if aligns(structure) => 2,
        true => 1 + spec.array.depth().next_power_of_two().trailing_zeros(),
        false => 0,
    }
}

/// Whether the places of K in a PE are reduced in stages: a chain of PEs that hand operands on has no stage to wait for, and digits
/// that are picked one by one are not reduced as words.
pub fn is_staged(structure: &Structure) -> bool {
    let hops = structure.hops.a || structure.hops.b;
    structure.spatial_k_inside_pe && !hops && structure.bit_weight != BitWeight::SparseTerms
}

/// Whether partial products of a bit weight are reduced before they move to it.
pub fn aligns(structure: &Structure) -> bool {
    matches!(structure.bit_weight, BitWeight::AlignedSpatial | BitWeight::AlignedTemporal | BitWeight::Serial)
}
