//! Laconic, an engine of others that is built from our parts: what readers compare with.
//!
//! rows x cols dot-product units; operands are broadcast and held until all units are done with them.

mod control;
mod histogram;
mod lane;
mod terms;
mod top;
mod unit;

use super::stream::counted;
use super::{Array, EngineError, EngineSpec};
use crate::netlist::{Netlist, NetlistBuilder};

/// The netlist of the complete engine.
///
/// # Errors
/// An array that is another; whatever the builders notice, which is a defect of the generator.
pub fn netlist(spec: &EngineSpec) -> Result<Netlist, EngineError> {
    // Terms are powers of two, so digits must be 0, 1 or -1.
    let has_terms = spec.encoding.is_some_and(|kind| kind.encoding().radix() == 2);
    if !has_terms || !spec.transforms.is_empty() {
        return Err(EngineError::NotBuilt { array: spec.array.name() });
    }
    let mut netlist = NetlistBuilder::new();
    let top = match spec.array {
        Array::Laconic { .. } => top::top(spec, &mut netlist)?,
        _ => return Err(EngineError::NotBuilt { array: spec.array.name() }),
    };
    Ok(netlist.finish(top, spec.reset))
}

/// Latency of one tile and pitch of several, with the numbers of this array.
pub fn law_text(spec: &EngineSpec) -> Vec<String> {
    let (rows, lanes) = (spec.rows, spec.array.depth());
    vec![
        format!("Latency of a tile: the cycles of its steps and {} more, first operand to last result.", rows + 3),
        format!(
            "Rate: a step takes {} of k, and as many cycles as the slowest lane of the array has pairs of",
            counted(lanes, "place")
        ),
        format!(
            "terms, at least 1; the last step of a tile is accepted at least {} after the end of the tile before.",
            counted(rows - 1, "cycle")
        ),
    ]
}
