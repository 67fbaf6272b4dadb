//! From a specification to nests and hardware.

use super::{
    Array, Dataflow, EngineError, EngineSpec, Family, Patterns, Schedule, StreamInfo, Traffic, dense, rival, serial,
};
use crate::matrix::Matrix;
use crate::netlist::Netlist;
use crate::notation::gemm::Shape;
use crate::notation::{Accumulation, Nest, Structure, gemm, transform};

/// A complete engine: what it computes where and when, and the hardware that does it.
#[derive(Clone, Debug)]
pub struct Engine {
    /// What it was made from.
    pub spec: EngineSpec,
    /// The nest of the dataflow, no transform applied.
    pub base_nest: Nest,
    /// The nest after all transforms: what is built.
    pub nest: Nest,
    /// The hardware.
    pub netlist: Netlist,
}

impl Engine {
    /// Applies the transforms and builds what the resulting nest describes.
    ///
    /// # Errors
    /// [`EngineError::Nest`] if a transform does not exist or does not apply; [`EngineError::Netlist`] is a defect of a
    /// generator.
    pub fn elaborate(spec: &EngineSpec) -> Result<Self, EngineError> {
        let (base_nest, nest) = spec.nests()?;
        let structure = nest.structure();
        let netlist = match spec.family() {
            Family::Dense => dense::netlist(spec, structure)?,
            Family::Serial => serial::netlist(spec)?,
            Family::Rival => rival::netlist(spec)?,
        };
        Ok(Self { spec: spec.clone(), base_nest, nest, netlist })
    }
}

impl Engine {
    /// Latency of one tile and pitch of several, with the numbers of this array, a line each.
    pub fn law_text(&self) -> Vec<String> {
        match self.spec.family() {
            Family::Dense => dense::law_text(&self.spec),
            Family::Serial => serial::law_text(&self.spec),
            Family::Rival => rival::law_text(&self.spec),
        }
    }
}

impl EngineSpec {
    /// The streams of the top module, in port order.
    pub fn streams(&self) -> Vec<StreamInfo> {
        match self.family() {
            Family::Dense => dense::streams(self),
            Family::Serial => serial::streams(self),
            // Operands come as to an array of adder trees.
            Family::Rival => dense::streams(self),
        }
    }

    /// The beats of every stream in one GEMM, in port order, with the results that arithmetic demands. `a` is M x K, `b` is
    /// K x N.
    ///
    /// # Errors
    /// A GEMM without an element or with a tile that is too long; a design that cannot be built.
    pub fn traffic(
        &self,
        (a, b): (&Matrix<i32>, &Matrix<i32>),
        patterns: &Patterns,
    ) -> Result<Vec<Traffic>, EngineError> {
        let (m, n, k) = (a.rows(), b.cols(), a.cols());
        match self.family() {
            Family::Dense | Family::Rival => Ok(Schedule::new(self, m, n, k)?.traffic(self, (a, b), patterns)),
            Family::Serial => Ok(serial::SerialSchedule::new(self, m, n, k)?.traffic(self, (a, b), patterns)),
        }
    }

    /// The nest of the dataflow, and what the transforms make of it.
    ///
    /// # Errors
    /// A transform that does not exist, or does not apply.
    pub fn nests(&self) -> Result<(Nest, Nest), EngineError> {
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

    /// What the transformed nest asks of the hardware.
    ///
    /// # Errors
    /// A transform that does not exist, or does not apply.
    pub fn structure(&self) -> Result<Structure, EngineError> {
        Ok(self.nests()?.1.structure())
    }

    /// Whether sums are carried as carry-save pairs, as the transformed nest says.
    ///
    /// # Errors
    /// A transform that does not exist, or does not apply.
    pub fn carry_save(&self) -> Result<bool, EngineError> {
        Ok(self.structure()?.accumulation == Accumulation::CarrySave)
    }
}
