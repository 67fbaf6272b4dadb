//! What the cycles of a dense array follow from, beside its size.

use crate::engine::{Array, Dataflow, EngineError, EngineSpec};
use crate::notation::transform::BitWeightLoop;

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
    /// Registers between the last row of sums and the results: 1 if a carry-save pair is resolved there.
    pub resolve: u32,
}

impl Timing {
    /// The timing of a dense array.
    ///
    /// # Errors
    /// A transform that does not exist, or does not apply.
    pub fn new(spec: &EngineSpec) -> Result<Self, EngineError> {
        let hops = matches!(spec.array, Array::Systolic(_) | Array::Cube { .. });
        Ok(Self {
            hops,
            reach: if hops { spec.rows + spec.cols - 2 } else { 0 },
            stages: stages(spec),
            step_cycles: step_cycles(spec),
            resolve: u32::from(spec.carry_save()?),
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

    /// Cycles between a tile's last step and the next tile's first possible acceptance of its last one, both excluded: a step
    /// of several cycles is on its way for all of them.
    pub fn gap(&self, rows: u32) -> u32 {
        self.least_pitch(rows).saturating_sub(self.step_cycles)
    }
}

/// A tree's products are registered, then the words of each of its levels. Reduced within bit weights first, it has one register
/// behind the narrow trees and one behind their merger.
fn stages(spec: &EngineSpec) -> u32 {
    match spec.array {
        Array::AdderTree { .. } if aligns(spec) => 2,
        Array::Stripes { .. } => 2,
        Array::AdderTree { depth } => 1 + depth.next_power_of_two().trailing_zeros(),
        _ => 0,
    }
}

fn step_cycles(spec: &EngineSpec) -> u32 {
    match spec.parameters.bit_weight {
        // One bit of A a cycle.
        _ if matches!(spec.array, Array::Stripes { .. }) => spec.digit_slots(),
        BitWeightLoop::Temporal if aligns(spec) && spec.dataflow() == Dataflow::OutputStationary => spec.digit_slots(),
        _ => 1,
    }
}

fn aligns(spec: &EngineSpec) -> bool {
    spec.transforms.iter().any(|name| name == "align-bit-weight")
}
