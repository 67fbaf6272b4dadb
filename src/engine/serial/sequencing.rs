//! What a design whose rows run at their own pace chose, in one place.

use crate::encoding::EncodingKind;
use crate::engine::parts::encoder::EncoderPorts;
use crate::engine::{Array, EncoderPlace, EngineError, EngineSpec, Operand};
use crate::notation::transform::{EmptyGroups, LanePace, Matching, SyncPeriod};
use crate::notation::{Accumulation, BitWeight, SkippedValues, Structure};

/// What a lane of a row takes from a group of operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Take {
    /// A digit of one bit weight a cycle; a tile has a pass for each bit weight.
    Digit,
    /// From every operand of the group its lowest term, each in a lane of its own (Bit-Pragmatic).
    Terms {
        /// Terms less than 2^shift_bits places above the lowest one are taken with it.
        shift_bits: u32,
    },
    /// A value a cycle, all its bit weights at once.
    Value {
        /// Whether a value is taken only where B has one, too.
        matching: Matching,
    },
}

/// The sequencing of an engine whose rows run at their own pace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequencing {
    /// What is taken from a group in a cycle.
    pub take: Take,
    /// How A becomes digits; without meaning where values are taken and none are encoded.
    pub encoding: EncodingKind,
    /// Where it does.
    pub encoder: EncoderPlace,
    /// G, operands of a group.
    pub group: u32,
    /// L, groups that are worked on at a time for one accumulator.
    pub lanes: u32,
    /// How lanes keep step; without meaning if there is one.
    pub pace: LanePace,
    /// Whether empty groups are dropped at the port.
    pub skips_empty: bool,
    /// Groups of a lane between two meetings of all rows; `None`: rows meet at the end of a tile.
    pub stretch: Option<u32>,
    /// Passes of a tile: BW, the slots of an operand, where digits of one bit weight are taken; else 1.
    pub passes: u32,
    /// Whether a PE keeps its sum as a carry-save pair.
    pub keeps_pair: bool,
}

impl Sequencing {
    /// What the sparse loop of the transformed nest says.
    ///
    /// # Errors
    /// [`EngineError::NotBuilt`] if the design skips neither digits nor values and is not Pragmatic; [`EngineError::SyncPeriod`] if the rows would meet in
    /// the middle of a group.
    pub fn new(spec: &EngineSpec) -> Result<Self, EngineError> {
        let not_built = EngineError::NotBuilt { array: spec.array.name() };
        let structure = spec.structure()?;
        if let Some(values) = structure.values {
            return Self::of_values(spec, &structure, values);
        }
        let Some(encoding) = spec.encoding else { return Err(not_built) };
        if let Array::Pragmatic { lanes, shift_bits, sync } = spec.array {
            let radix_2 = EncoderPorts::new(encoding, spec.a_word_bits()).radix_bits == 1;
            if structure.bit_weight != BitWeight::SparseTerms || spec.encoded != Operand::A || !radix_2 {
                return Err(not_built);
            }
            return Ok(Self {
                take: Take::Terms { shift_bits },
                encoding,
                encoder: structure.encoder,
                group: lanes,
                lanes: 1,
                pace: LanePace::PerGroup,
                skips_empty: false,
                stretch: stretch(sync, lanes)?,
                passes: 1,
                keeps_pair: false,
            });
        }
        let BitWeight::Sparse { group, empty_groups, sync, lanes } = structure.bit_weight else {
            return Err(not_built);
        };
        let encoder = structure.encoder;
        let extended = lanes.is_some();
        if spec.array != Array::Matrix2d || spec.encoded != Operand::A || (extended && encoder == EncoderPlace::Pe) {
            return Err(not_built);
        }
        let (lanes, pace) = lanes.unwrap_or((1, LanePace::PerGroup));
        Ok(Self {
            take: Take::Digit,
            encoding,
            encoder,
            group,
            lanes,
            pace: if lanes == 1 { LanePace::PerGroup } else { pace },
            skips_empty: empty_groups == EmptyGroups::Skipped,
            stretch: stretch(sync, lanes * group)?,
            passes: EncoderPorts::new(encoding, spec.a_word_bits()).slots,
            keeps_pair: true,
        })
    }

    /// Rows that take whole values.
    fn of_values(spec: &EngineSpec, structure: &Structure, values: SkippedValues) -> Result<Self, EngineError> {
        // Encoders of B cannot be shared by a row, which is one of A.
        let of_b = spec.encoding.is_some() && spec.encoded == Operand::B;
        if spec.array != Array::Matrix2d || (of_b && structure.encoder != EncoderPlace::Pe) {
            return Err(EngineError::NotBuilt { array: spec.array.name() });
        }
        Ok(Self {
            take: Take::Value { matching: values.matching },
            encoding: spec.encoding.unwrap_or(EncodingKind::Booth4),
            encoder: structure.encoder,
            group: values.group,
            lanes: 1,
            pace: LanePace::PerGroup,
            skips_empty: values.empty_groups == EmptyGroups::Skipped,
            stretch: stretch(values.sync, values.group)?,
            passes: 1,
            keeps_pair: structure.accumulation == Accumulation::CarrySave,
        })
    }

    /// Whether a reader of b asks for a row of B by its index.
    pub fn asks_by_index(&self) -> bool {
        !matches!(self.take, Take::Terms { .. })
    }

    /// Whether a group of A comes with a mask of the rows of B that have anything in the tile.
    pub fn matches_b(&self) -> bool {
        self.take == (Take::Value { matching: Matching::Both })
    }

    /// Whether every PE has a digit sequencer of its own.
    pub fn sequences_in_pe(&self) -> bool {
        self.take == Take::Digit && self.encoder == EncoderPlace::Pe
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

/// Groups of a lane between two meetings of all rows that take `step` operands of K at a time.
fn stretch(sync: SyncPeriod, step: u32) -> Result<Option<u32>, EngineError> {
    match sync {
        SyncPeriod::Tile => Ok(None),
        SyncPeriod::Operands(operands) if operands > 0 && operands.is_multiple_of(step) => Ok(Some(operands / step)),
        SyncPeriod::Operands(operands) => Err(EngineError::SyncPeriod { operands, step }),
    }
}
