//! Bit-serial engines of others, built from our parts: what readers compare with.
//!
//! rows x cols dot-product units; operands are broadcast and held until all units are done with them.

mod control;
mod histogram;
mod laconic;
mod laconic_lane;
mod laconic_unit;
mod terms;

use super::{Array, EngineError, EngineSpec};
use crate::netlist::{Netlist, NetlistBuilder};

/// The netlist of the complete engine.
///
/// # Errors
/// An array that is none of these; whatever the builders notice, which is a defect of the generator.
pub fn netlist(spec: &EngineSpec) -> Result<Netlist, EngineError> {
    let mut netlist = NetlistBuilder::new();
    let top = match spec.array {
        Array::Laconic { .. } => laconic::top(spec, &mut netlist)?,
        _ => return Err(EngineError::NotBuilt { array: spec.array.name() }),
    };
    Ok(netlist.finish(top, spec.reset))
}
