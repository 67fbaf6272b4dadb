//! All layers of a workload on one engine.

use miette::Diagnostic;
use thiserror::Error;

use super::digits::{DigitStatistics, digit_statistics};
use super::gemm::{GemmRun, gemm, utilization};
use super::{SimulateError, Words, compare};
use crate::encoding::EncodingError;
use crate::engine::{EngineSpec, Parts, Patterns};
use crate::matrix::Matrix;
use crate::notation::Operand;
use crate::workload::{Classification, LayerOperands, OperandWidths, Workload, WorkloadError, reference, run_network};

/// A workload that ran on an engine, every result equal to the reference.
#[derive(Clone, Debug)]
pub struct WorkloadRun {
    /// Its layers, in order.
    pub layers: Vec<LayerRun>,
    /// PEs from north to south.
    pub rows: usize,
    /// PEs from west to east.
    pub cols: usize,
}

/// One layer on an engine.
#[derive(Clone, Debug)]
pub struct LayerRun {
    /// Its name in the workload.
    pub name: String,
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B.
    pub k: usize,
    /// How many times the product occurs; what follows is for one of them.
    pub repeat: u64,
    /// From the first operand to the last result, both included.
    pub cycles: u64,
    /// Where they went.
    pub parts: Parts,
    /// Useful multiply-accumulates.
    pub macs: u64,
    /// Words in and out of the engine.
    pub words: Words,
    /// Operations that a PE can do in a cycle.
    pub peak_per_pe: u64,
    /// Useful operations of each PE, rows x cols.
    pub useful: Matrix<u64>,
    /// Non-zero digits of the encoded operand; `None` if the engine encodes none.
    pub digits: Option<DigitStatistics>,
    /// Where the layer has labels: what the engine's results classify.
    pub classification: Option<Classification>,
}

impl LayerRun {
    /// Useful operations over those that all PEs could have done, 0 to 1.
    pub fn utilization(&self) -> f64 {
        utilization(&self.useful, self.peak_per_pe, self.cycles)
    }
}

impl WorkloadRun {
    /// Cycles of all layers, repetitions included, one after the other.
    pub fn cycles(&self) -> u64 {
        self.layers.iter().map(|layer| layer.cycles * layer.repeat).sum()
    }

    /// Parts of all layers, repetitions included; they sum to [`cycles`](Self::cycles).
    pub fn parts(&self) -> Parts {
        let sum = |part: fn(&Parts) -> u64| self.layers.iter().map(|layer| part(&layer.parts) * layer.repeat).sum();
        Parts {
            load: sum(|parts| parts.load),
            fill: sum(|parts| parts.fill),
            compute: sum(|parts| parts.compute),
            sync: sum(|parts| parts.sync),
            empty: sum(|parts| parts.empty),
            drain: sum(|parts| parts.drain),
            stall: sum(|parts| parts.stall),
        }
    }

    /// Useful multiply-accumulates of all layers, repetitions included.
    pub fn macs(&self) -> u64 {
        self.layers.iter().map(|layer| layer.macs * layer.repeat).sum()
    }

    /// Useful operations over those that all PEs could have done, 0 to 1.
    pub fn utilization(&self) -> f64 {
        let peak = self.layers.first().map_or(1, |layer| layer.peak_per_pe);
        utilization(&self.useful(), peak, self.cycles())
    }

    /// Useful operations of each PE, rows x cols, repetitions included.
    pub fn useful(&self) -> Matrix<u64> {
        Matrix::from_fn(self.rows, self.cols, |row, col| {
            self.layers.iter().map(|layer| layer.useful[(row, col)] * layer.repeat).sum()
        })
    }
}

/// Why a workload did not run to its end.
#[derive(Debug, Error, Diagnostic)]
pub enum RunError {
    /// The workload's fault.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Workload(#[from] WorkloadError),
    /// A layer's result is wrong, or it could not run.
    #[error("layer `{layer}`: {error}")]
    #[diagnostic(forward(error))]
    Layer {
        /// Which layer.
        layer: String,
        /// What is the matter with it.
        error: Box<SimulateError>,
    },
}

impl RunError {
    /// Whether the simulation ran and its answer is "no" (exit code 1), rather than that it could not run (2).
    pub fn is_answer(&self) -> bool {
        matches!(self, RunError::Layer { error, .. } if error.is_answer())
    }
}

/// Runs every layer of `workload` on the engine, operands always offered and results always taken.
///
/// Each product is compared with the reference before the next layer sees it. `progress` is told each layer before it
/// runs.
///
/// # Errors
/// A workload that cannot be used, or the first layer that could not run, overflowed the accumulator or came out wrong.
pub fn workload(spec: &EngineSpec, workload: &Workload, progress: impl FnMut(&str)) -> Result<WorkloadRun, RunError> {
    workload_on(&|a, b| gemm(spec, a, b, &Patterns::ALWAYS), spec, workload, progress)
}

/// What multiplies A by B.
pub(super) type Multiplier<'a> = dyn Fn(&Matrix<i32>, &Matrix<i32>) -> Result<GemmRun, SimulateError> + Sync + 'a;

/// [`workload`] on whatever claims to be the engine of `spec`.
pub(super) fn workload_on(
    engine: &Multiplier,
    spec: &EngineSpec,
    workload: &Workload,
    mut progress: impl FnMut(&str),
) -> Result<WorkloadRun, RunError> {
    let widths = OperandWidths { a_bits: spec.a_bits, b_bits: spec.b_bits };
    let mut layers = Vec::with_capacity(workload.layers.len());
    let outcomes = run_network(workload, widths, |operands: &LayerOperands| {
        progress(&operands.layer.name);
        let (run, digits) = layer(engine, spec, operands).map_err(|error| RunError::Layer {
            layer: operands.layer.name.clone(),
            error: Box::new(error.with_seed(workload.seed)),
        })?;
        layers.push(LayerRun {
            name: operands.layer.name.clone(),
            m: operands.layer.m,
            n: operands.layer.n,
            k: operands.layer.k,
            repeat: operands.layer.repeat,
            cycles: run.cycles,
            parts: run.parts,
            macs: run.macs,
            words: run.words,
            peak_per_pe: run.peak_per_pe,
            useful: run.useful,
            digits,
            classification: None,
        });
        Ok::<_, RunError>(run.c)
    })?;
    // Every product equalled the reference's, or the run had ended; so what follows from them does too, image for image.
    for (layer, outcome) in layers.iter_mut().zip(outcomes) {
        layer.classification = outcome.classification;
    }
    Ok(WorkloadRun { layers, rows: spec.rows as usize, cols: spec.cols as usize })
}

/// One layer: the engine beside the reference (on another core, where there is one), then compared.
fn layer(
    engine: &Multiplier,
    spec: &EngineSpec,
    operands: &LayerOperands,
) -> Result<(GemmRun, Option<DigitStatistics>), SimulateError> {
    let (a, b) = (&operands.a, &operands.b);
    let (run, exact) = rayon::join(|| engine(a, b), || reference(a, b));
    let run = run?;
    compare(&run.c, &exact, spec.acc_bits)?;
    let digits = match spec.encoding {
        None => None,
        Some(kind) => {
            let (operand, tensor, bits) = match spec.encoded {
                Operand::A => (a, &operands.layer.a, spec.a_bits),
                Operand::B => (b, &operands.layer.b, spec.b_bits),
            };
            let drawn_from = match &tensor.values {
                crate::workload::Values::Drawn(distribution) => Some(distribution),
                _ => None,
            };
            let counted = digit_statistics(kind, bits, operand, drawn_from);
            Some(counted.map_err(|error: EncodingError| SimulateError::Internal {
                design: spec.name.clone(),
                seed: None,
                what: error.to_string(),
            })?)
        }
    };
    Ok((run, digits))
}
