//! All layers of a workload on one engine.

use miette::Diagnostic;
use thiserror::Error;

use super::audit::{AuditShare, Tiles, audit};
use super::digits::{DigitStatistics, digit_statistics};
use super::gemm::{GemmRun, gemm, utilization};
use super::{SimulateError, Words, compare, events};
use crate::encoding::{EncodingError, Format};
use crate::engine::{Dataflow, EngineSpec, Family, Parts, Patterns};
use crate::matrix::Matrix;
use crate::notation::Operand;
use crate::workload::{
    Classification, LayerOperands, OperandWidths, TensorRecord, Workload, WorkloadError, clipped_reference, reference,
    run_network,
};

/// Which engine runs a workload.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// The event-exact one; a share of the tiles runs again at register level.
    Events(AuditShare),
    /// The register-level one.
    RegisterLevel,
}

impl Default for Method {
    fn default() -> Self {
        Method::Events(AuditShare::default())
    }
}

/// A workload that ran on an engine, every result equal to the reference.
#[derive(Clone, Debug)]
pub struct WorkloadRun {
    /// Which engine ran it.
    pub method: Method,
    /// Its layers, in order.
    pub layers: Vec<LayerRun>,
    /// PEs from north to south.
    pub rows: usize,
    /// PEs from west to east.
    pub cols: usize,
    /// Operations that a PE can do in a cycle.
    pub peak_per_pe: u64,
    /// What these operations are, in the plural.
    pub operation: &'static str,
}

/// The operation that the PEs of an engine are credited with.
fn operation(spec: &EngineSpec) -> &'static str {
    match spec.family() {
        Family::Dense => "multiply-accumulates",
        Family::Serial => "digits",
        Family::Rival => "pairs of terms",
    }
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
    /// Operations that a PE can do in a cycle; see [`WorkloadRun::operation`].
    pub peak_per_pe: u64,
    /// Useful operations of each PE, rows x cols.
    pub useful: Matrix<u64>,
    /// Tiles of the array that C has.
    pub tiles: usize,
    /// How many of them ran at register level too and came out equal; 0 if all of it ran so.
    pub audited_tiles: usize,
    /// Results that were clipped to the accumulator; 0 unless the engine saturates.
    pub clipped: u64,
    /// Non-zero digits of the encoded operand; `None` if the engine encodes none.
    pub digits: Option<DigitStatistics>,
    /// What was done to the operands that come from files.
    pub tensors: Vec<TensorRecord>,
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
        self.layers.iter().map(|layer| layer.parts.times(layer.repeat)).sum()
    }

    /// Useful multiply-accumulates of all layers, repetitions included.
    pub fn macs(&self) -> u64 {
        self.layers.iter().map(|layer| layer.macs * layer.repeat).sum()
    }

    /// Useful operations over those that all PEs could have done, 0 to 1.
    pub fn utilization(&self) -> f64 {
        utilization(&self.useful(), self.peak_per_pe, self.cycles())
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
/// A workload that cannot be used, or the first layer that could not run, overflowed the accumulator, came out wrong or
/// differs from its audited tiles.
pub fn workload(
    spec: &EngineSpec,
    workload: &Workload,
    method: Method,
    progress: impl FnMut(&str),
) -> Result<WorkloadRun, RunError> {
    let events = |a: &Matrix<i32>, b: &Matrix<i32>| events(spec, a, b);
    let registers = |a: &Matrix<i32>, b: &Matrix<i32>| gemm(spec, a, b, &Patterns::ALWAYS);
    workload_on(Engines { events: &events, registers: &registers }, spec, workload, method, progress)
}

/// What multiplies A by B.
pub(super) type Multiplier<'a> = dyn Fn(&Matrix<i32>, &Matrix<i32>) -> Result<GemmRun, SimulateError> + Sync + 'a;

/// Whatever claims to be the two engines of a spec.
#[derive(Clone, Copy)]
pub(super) struct Engines<'a> {
    /// The event-exact one.
    pub events: &'a Multiplier<'a>,
    /// The register-level one.
    pub registers: &'a Multiplier<'a>,
}

/// [`workload`] on whatever claims to be the engines of `spec`.
pub(super) fn workload_on(
    engines: Engines,
    spec: &EngineSpec,
    workload: &Workload,
    method: Method,
    mut progress: impl FnMut(&str),
) -> Result<WorkloadRun, RunError> {
    let widths =
        OperandWidths { a_bits: spec.a_bits, a_signed: spec.a_signed, b_bits: spec.b_bits, b_signed: spec.b_signed };
    let mut layers = Vec::with_capacity(workload.layers.len());
    let outcomes = run_network(workload, widths, |operands: &LayerOperands| {
        progress(&operands.layer.name);
        let case = Case { engines, spec, method, seed: workload.seed };
        let (layer, c) = case.layer(operands).map_err(|error| RunError::Layer {
            layer: operands.layer.name.clone(),
            error: Box::new(error.with_seed(workload.seed)),
        })?;
        layers.push(layer);
        Ok::<_, RunError>(c)
    })?;
    // Every product equalled the reference's, or the run had ended; so what follows from them does too, image for image.
    for (layer, outcome) in layers.iter_mut().zip(outcomes) {
        layer.classification = outcome.classification;
    }
    let peak_per_pe = layers.first().map_or(1, |layer| layer.peak_per_pe);
    let (rows, cols) = (spec.rows as usize, spec.cols as usize);
    Ok(WorkloadRun { method, layers, rows, cols, peak_per_pe, operation: operation(spec) })
}

/// How the layers of a run are run.
struct Case<'a> {
    engines: Engines<'a>,
    spec: &'a EngineSpec,
    method: Method,
    seed: u64,
}

impl Case<'_> {
    /// One layer: the engine beside the reference (on another core, where there is one), compared, then audited.
    fn layer(&self, operands: &LayerOperands) -> Result<(LayerRun, Matrix<i64>), SimulateError> {
        let (a, b, layer) = (&operands.a, &operands.b, operands.layer);
        let engine = match self.method {
            Method::Events(_) => self.engines.events,
            Method::RegisterLevel => self.engines.registers,
        };
        let (run, (expected, clipped)) = rayon::join(|| engine(a, b), || self.expected(a, b));
        let run = run?;
        compare(&run.c, &expected, self.spec.acc_bits)?;
        drop(expected);
        let tiles = Tiles::new(self.spec, layer.m, layer.n);
        let audited = match self.method {
            Method::Events(share) => tiles.sample(share.of(tiles.count()), self.seed, &layer.name),
            Method::RegisterLevel => Vec::new(),
        };
        audit([self.engines.events, self.engines.registers], (a, b), &run.c, &audited)?;
        let run_of_layer = LayerRun {
            name: layer.name.clone(),
            m: layer.m,
            n: layer.n,
            k: layer.k,
            repeat: layer.repeat,
            cycles: run.cycles,
            parts: run.parts,
            macs: run.macs,
            words: run.words,
            peak_per_pe: run.peak_per_pe,
            useful: run.useful,
            tiles: tiles.count(),
            audited_tiles: audited.len(),
            clipped,
            digits: self.digits(operands)?,
            tensors: operands.records.clone(),
            classification: None,
        };
        Ok((run_of_layer, run.c))
    }

    /// What the reference says, and how many results the accumulator clips.
    fn expected(&self, a: &Matrix<i32>, b: &Matrix<i32>) -> (Matrix<i64>, u64) {
        let spec = self.spec;
        let steps = match spec.dataflow() {
            _ if !spec.saturate => return (reference(a, b), 0),
            Dataflow::OutputStationary => a.cols(),
            // Sums leave the array, and are clipped, after each tile of K.
            Dataflow::WeightStationary | Dataflow::InputStationary => spec.rows as usize,
        };
        clipped_reference(a, b, steps, spec.acc_bits)
    }

    /// The digits of the encoded operand, if there is one.
    fn digits(&self, operands: &LayerOperands) -> Result<Option<DigitStatistics>, SimulateError> {
        let spec = self.spec;
        let Some(kind) = spec.encoding else { return Ok(None) };
        let (operand, tensor, format) = match spec.encoded {
            Operand::A => (&operands.a, &operands.layer.a, Format { bits: spec.a_bits, signed: spec.a_signed }),
            Operand::B => (&operands.b, &operands.layer.b, Format { bits: spec.b_bits, signed: spec.b_signed }),
        };
        let drawn_from = match &tensor.values {
            crate::workload::Values::Drawn(distribution) => Some(distribution),
            _ => None,
        };
        let counted = digit_statistics(kind, format, operand, drawn_from);
        let defect = |error: EncodingError| SimulateError::Internal {
            design: spec.name.clone(),
            seed: None,
            what: error.to_string(),
        };
        counted.map(Some).map_err(defect)
    }
}
