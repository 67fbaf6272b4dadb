//! What a digit-serial design chose, in one place.

use crate::encoding::EncodingKind;
use crate::engine::parts::encoder::EncoderPorts;
use crate::engine::{Array, EncoderPlace, EngineError, EngineSpec, Operand};
use crate::notation::BitWeight;
use crate::notation::transform::{EmptyGroups, LanePace, SyncPeriod};

/// The sequencing of a digit-serial engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequencing {
    /// How A becomes digits.
    pub encoding: EncodingKind,
    /// Where it does.
    pub encoder: EncoderPlace,
    /// G, operands of a group.
    pub group: u32,
    /// L, digits that enter one accumulator in a cycle.
    pub lanes: u32,
    /// How lanes keep step; without meaning if there is one.
    pub pace: LanePace,
    /// Whether empty groups are dropped at the port.
    pub skips_empty: bool,
    /// Groups of a lane between two meetings of all rows; `None`: rows meet at the end of a tile.
    pub stretch: Option<u32>,
    /// BW, slots of an operand: passes of a tile.
    pub passes: u32,
}

impl Sequencing {
    /// What the sparse loop of the transformed nest says.
    ///
    /// # Errors
    /// [`EngineError::NotBuilt`] if the design is none of OPT3, OPT4C, OPT4E; [`EngineError::SyncPeriod`] if the rows would meet in
    /// the middle of a group.
    pub fn new(spec: &EngineSpec) -> Result<Self, EngineError> {
        let not_built = EngineError::NotBuilt { array: spec.array.name() };
        let Some(encoding) = spec.encoding else { return Err(not_built) };
        let structure = spec.structure()?;
        let BitWeight::Sparse { group, empty_groups, sync, lanes } = structure.bit_weight else {
            return Err(not_built);
        };
        let encoder = structure.encoder;
        let extended = lanes.is_some();
        if spec.array != Array::Matrix2d || spec.encoded != Operand::A || (extended && encoder == EncoderPlace::Pe) {
            return Err(not_built);
        }
        let (lanes, pace) = lanes.unwrap_or((1, LanePace::PerGroup));
        let step = lanes * group;
        let stretch = match sync {
            SyncPeriod::Tile => None,
            SyncPeriod::Operands(operands) if operands > 0 && operands.is_multiple_of(step) => Some(operands / step),
            SyncPeriod::Operands(operands) => return Err(EngineError::SyncPeriod { operands, step }),
        };
        Ok(Self {
            encoding,
            encoder,
            group,
            lanes,
            pace: if lanes == 1 { LanePace::PerGroup } else { pace },
            skips_empty: empty_groups == EmptyGroups::Skipped,
            stretch,
            passes: EncoderPorts::new(encoding, spec.a_word_bits()).slots,
        })
    }

    /// Whether each lane accepts its groups on its own.
    pub fn lanes_are_free(&self) -> bool {
        self.pace == LanePace::PerBitWeight
    }

    /// Bits of `b_index_o`: any operand of a lane's longest pass.
    pub fn index_bits(&self, spec: &EngineSpec) -> u32 {
        spec.length_bits + self.position_bits()
    }

    /// Bits of a position in a group; 0 if there is one.
    pub fn position_bits(&self) -> u32 {
        32 - (self.group - 1).leading_zeros()
    }
}
