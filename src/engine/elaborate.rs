//! From a specification to nests and hardware.

use super::{EngineError, EngineSpec, Family, Patterns, Schedule, StreamInfo, Traffic, dense, laconic, serial};
use crate::matrix::Matrix;
use crate::netlist::Netlist;
use crate::notation::Nest;

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
            Family::Laconic => laconic::netlist(spec)?,
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
            Family::Laconic => laconic::law_text(&self.spec),
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
            Family::Laconic => dense::streams(self),
        }
    }

    /// Checks that an M x N x K GEMM can run: it has elements, and the step counter counts its tiles.
    ///
    /// # Errors
    /// A GEMM without an element or with a tile that is too long; a design that cannot be built.
    pub fn check_gemm(&self, (m, n, k): (usize, usize, usize)) -> Result<(), EngineError> {
        match self.family() {
            Family::Dense | Family::Laconic => Schedule::new(self, m, n, k).map(drop),
            Family::Serial => serial::SerialSchedule::new(self, m, n, k).map(drop),
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
            Family::Dense | Family::Laconic => Ok(Schedule::new(self, m, n, k)?.traffic(self, (a, b), patterns)),
            Family::Serial => Ok(serial::SerialSchedule::new(self, m, n, k)?.traffic(self, (a, b), patterns)),
        }
    }
}
