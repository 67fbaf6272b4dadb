//! What an engine cannot do.

use super::{Dataflow, EngineSpec};
use crate::netlist::NetlistError;
use crate::notation::transform::TransformError;
use thiserror::Error;

/// Why an engine could not be made, or could not run a GEMM.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EngineError {
    /// An extent of the GEMM is 0.
    #[error("a GEMM of {m} x {n} x {k} has nothing to multiply")]
    EmptyGemm { m: usize, n: usize, k: usize },
    /// A tile is longer than the engine can count.
    #[error(
        "a tile of {length} steps along {} does not fit the engine's {bits}-bit step counter (at most {max})",
        .dataflow.streamed()
    )]
    TileTooLong { length: usize, bits: u32, max: u64, dataflow: Dataflow },
    /// A transform that is not in the registry.
    #[error("there is no transform `{name}`")]
    UnknownTransform { name: String },
    /// A transform does not apply to the nest.
    #[error(transparent)]
    Nest(#[from] TransformError),
    /// An array that is described but has no generator yet.
    #[error("there is no generator for the array `{array}` with these transforms")]
    NotBuilt { array: &'static str },
    /// Rows would meet in the middle of a group.
    #[error("rows cannot meet after every {operands} operands: a group of all lanes has {step}")]
    SyncPeriod { operands: u32, step: u32 },
    /// Groups of compressed weights do not fit the places of K in the array.
    #[error("{places} places of K in the array are no multiple of the {n} that a group of {m} keeps")]
    Places { places: u32, n: u32, m: u32 },
    /// The generator made an inconsistent netlist: a defect of this program.
    #[error("internal error: the generated netlist is inconsistent: {0}")]
    Netlist(#[from] NetlistError),
}

impl EngineError {
    /// Steps of the tile, if it is its length that is the matter.
    pub fn steps_too_many(&self) -> Option<usize> {
        match self {
            EngineError::TileTooLong { length, .. } => Some(*length),
            _ => None,
        }
    }

    /// Bits of a counter that would count the steps of the tile, if it is the tile's length that is the matter and the widest
    /// counter counts it.
    pub fn length_bits_needed(&self) -> Option<u32> {
        let bits = usize::BITS - self.steps_too_many()?.leading_zeros();
        EngineSpec::LENGTH_BITS.contains(&bits).then_some(bits)
    }
}
