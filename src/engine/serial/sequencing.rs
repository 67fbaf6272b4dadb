//! What a digit-serial design chose, in one place.

use crate::encoding::EncodingKind;
use crate::engine::parts::encoder::EncoderPorts;
use crate::engine::{Array, EncoderPlace, EngineError, EngineSpec, Operand};
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
    /// What the transforms and parameters of `spec` say.
    ///
    /// # Errors
    /// [`EngineError::NotBuilt`] if the design is none of OPT3, OPT4C, OPT4E; [`EngineError::SyncPeriod`] if the rows would meet in
    /// the middle of a group.
    pub fn new(spec: &EngineSpec) -> Result<Self, EngineError> {
        let not_built = EngineError::NotBuilt { array: spec.array.name() };
        let has = |name: &str| spec.transforms.iter().any(|transform| transform == name);
        let Some(encoding) = spec.encoding else { return Err(not_built) };
        let encoder = spec.encoder_place();
        let extended = has("extend-reduction");
        if spec.array != Array::Matrix2d || spec.encoded != Operand::A || (extended && encoder == EncoderPlace::Pe) {
            return Err(not_built);
        }
        let parameters = &spec.parameters;
        let lanes = if extended { parameters.lanes } else { 1 };
        let step = lanes * parameters.group;
        let stretch = match parameters.sync {
            SyncPeriod::Tile => None,
            SyncPeriod::Operands(operands) if operands > 0 && operands.is_multiple_of(step) => Some(operands / step),
            SyncPeriod::Operands(operands) => return Err(EngineError::SyncPeriod { operands, step }),
        };
        Ok(Self {
            encoding,
            encoder,
            group: parameters.group,
            lanes,
            pace: if lanes == 1 { LanePace::PerGroup } else { parameters.pace },
            skips_empty: parameters.empty_groups == EmptyGroups::Skipped,
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
