//! The nest of a design, and what it says: which generator is asked, and what it is asked for.

use std::cell::RefCell;

use super::{Array, Dataflow, EngineError, EngineSpec, Family};
use crate::encoding::EncodingKind;
use crate::notation::gemm::Shape;
use crate::notation::transform::Parameters;
use crate::notation::{Accumulation, EncoderPlace, NOfM, Nest, Operand, Structure, gemm, transform};

/// All that a nest is made from.
struct Ingredients {
    array: Array,
    encoding: Option<EncodingKind>,
    encoded: Operand,
    transforms: Vec<String>,
    parameters: Parameters,
}

impl Ingredients {
    fn of(spec: &EngineSpec) -> Self {
        let EngineSpec { array, encoding, encoded, ref transforms, parameters, .. } = *spec;
        Self { array, encoding, encoded, transforms: transforms.clone(), parameters }
    }

    fn are_of(&self, spec: &EngineSpec) -> bool {
        self.array == spec.array
            && self.encoding == spec.encoding
            && self.encoded == spec.encoded
            && self.parameters == spec.parameters
            && self.transforms == spec.transforms
    }

    /// The nest of the dataflow, and what the transforms make of it. It sees no more than what is compared.
    fn nests(&self) -> Result<(Nest, Nest), EngineError> {
        let encoded = self.encoding.map(|_| self.encoded);
        let shape = match self.array {
            Array::Systolic(Dataflow::OutputStationary) => Shape::OutputStationary,
            Array::Systolic(Dataflow::WeightStationary) => Shape::WeightStationary,
            Array::Systolic(Dataflow::InputStationary) => Shape::InputStationary,
            Array::Cube { .. } => Shape::Cube,
            Array::AdderTree { .. } => Shape::AdderTree,
            Array::Matrix2d => Shape::Matrix2d,
            Array::Stripes { .. } => Shape::Stripes,
            Array::Pragmatic { sync, .. } => Shape::Pragmatic(sync),
            Array::Laconic { .. } => Shape::Laconic,
        };
        let base = gemm::base(shape, encoded);
        let mut nest = base.clone();
        for name in &self.transforms {
            let rewrite =
                transform::by_name(name).ok_or_else(|| EngineError::UnknownTransform { name: name.clone() })?;
            nest = rewrite.apply(&nest, &self.parameters)?;
        }
        Ok((base, nest))
    }
}

thread_local! {
    /// The structure that this thread asked for last: one design is asked many times, for each tile of a product.
    static LAST: RefCell<Option<(Ingredients, Structure)>> = const { RefCell::new(None) };
}

impl EngineSpec {
    /// The nest of the dataflow, and what the transforms make of it.
    ///
    /// # Errors
    /// A transform that does not exist, or does not apply.
    pub fn nests(&self) -> Result<(Nest, Nest), EngineError> {
        Ingredients::of(self).nests()
    }

    /// What the transformed nest asks of the hardware.
    ///
    /// # Errors
    /// A transform that does not exist, or does not apply.
    pub fn structure(&self) -> Result<Structure, EngineError> {
        let known = LAST.with_borrow(|last| last.as_ref().filter(|last| last.0.are_of(self)).map(|last| last.1));
        match known {
            Some(structure) => Ok(structure),
            None => {
                let structure = self.nests()?.1.structure();
                LAST.set(Some((Ingredients::of(self), structure)));
                Ok(structure)
            }
        }
    }

    /// How it is built and run, as the array and the transformed nest say; a nest that does not exist skips nothing.
    pub fn family(&self) -> Family {
        match self.array {
            // Its nest has no word for lanes that all wait for the slowest.
            Array::Laconic { .. } => Family::Laconic,
            _ if self.structure().is_ok_and(|structure| structure.skips()) => Family::Serial,
            _ => Family::Dense,
        }
    }

    /// Whether rows take whole values that are not zero.
    pub fn takes_values(&self) -> bool {
        self.structure().is_ok_and(|structure| structure.values.is_some())
    }

    /// What is kept of each group of K where B is stored compressed.
    pub fn kept(&self) -> Option<NOfM> {
        self.structure().ok()?.kept
    }

    /// Operands of K that a result takes in a step: the products of a PE; where zeros are skipped, the groups of all its lanes.
    pub fn step_operands(&self) -> u32 {
        self.array.depth() * self.structure().map_or(1, |structure| structure.group_operands())
    }

    /// Where the encoded operand becomes digits; a nest that does not exist has it in the PEs.
    pub fn encoder_place(&self) -> EncoderPlace {
        self.structure().map_or(EncoderPlace::Pe, |structure| structure.encoder)
    }

    /// Whether sums are carried as carry-save pairs, as the transformed nest says.
    ///
    /// # Errors
    /// A transform that does not exist, or does not apply.
    pub fn carry_save(&self) -> Result<bool, EngineError> {
        Ok(self.structure()?.accumulation == Accumulation::CarrySave)
    }
}
