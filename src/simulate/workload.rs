//! All layers of a workload on one engine.

use super::audit::AuditShare;
use super::blocks::few_of;
use super::digits::{DigitStatistics, digit_statistics};
use super::gemm::{GemmRun, gemm, utilization};
use super::memory::before_blocks;
use super::product::{Case, ProductRun};
use super::skipped::SkippedValues;
use super::{MemoryPlan, MemoryRun, RunError, SimulateError, Words, events};
use crate::encoding::{BLOCK, EncodingError, Format};
use crate::engine::{Array, EngineError, EngineSpec, Family, Parts, Patterns};
use crate::matrix::{Blocks, Matrix};
use crate::notation::Operand;
use crate::workload::{
    Classification, Conv, DigitTally, Layer, LayerOperands, LayerResult, OperandFormats, TensorRecord, TensorTally,
    Workload, run_layers,
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

/// Which results are compared with the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compare {
    /// All of a workload of at most [`Compare::MOST_MACS`], else those of some tiles.
    #[default]
    Auto,
    /// All.
    All,
    /// Those of the audited tiles, at least a few of each layer. A result that a later layer reads is compared whatever is said.
    Sample,
}

impl Compare {
    /// Multiply-accumulates that are computed twice in a minute or so.
    pub const MOST_MACS: u64 = 20_000_000_000;

    fn is_all(self, workload: &Workload) -> bool {
        let macs = workload.layers.iter().map(Layer::macs).fold(0_u64, u64::saturating_add);
        match self {
            Compare::Auto => macs <= Self::MOST_MACS,
            Compare::All => true,
            Compare::Sample => false,
        }
    }
}

/// How a workload is run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Plan {
    /// Which engine runs it.
    pub method: Method,
    /// Which results are compared.
    pub compare: Compare,
}

impl From<Method> for Plan {
    fn from(method: Method) -> Self {
        Self { method, compare: Compare::default() }
    }
}

/// A workload that ran on an engine, every result that was compared equal to the reference.
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
    /// Formats of A and of B.
    pub formats: [Format; 2],
}

/// The operation that the PEs of an engine are credited with.
fn operation(spec: &EngineSpec) -> &'static str {
    match (spec.array, spec.family()) {
        (Array::Laconic { .. }, _) => "pairs of terms",
        (Array::Pragmatic { .. }, _) => "terms",
        (_, Family::Serial) if spec.takes_values() => "values",
        (_, Family::Serial) => "digits",
        _ if spec.kept().is_some() => "multiplications by stored weights",
        _ => "multiply-accumulates",
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
    /// Products of this shape, each with values of its own.
    pub products: u64,
    /// The convolution that they were lowered from.
    pub conv: Option<Conv>,
    /// How many times all that occurs; what follows is for one of them, all products one after the other.
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
    /// Results that were compared with the reference.
    pub compared: u64,
    /// Tiles of C that the products have: blocks of results as large as the array, which are those of the schedule where results stay.
    pub tiles: usize,
    /// How many of them ran at register level too and came out equal; 0 if all of it ran so.
    pub audited_tiles: usize,
    /// Places of K of these, the first ones, where a whole tile is too long to run so.
    pub audited_k: Option<usize>,
    /// Results that were clipped to the accumulator; 0 unless the engine saturates.
    pub clipped: u64,
    /// Results that are not the exact product, clipped: sums of an array in which an operand stays are clipped after each tile of K,
    /// and what was clipped before a sum was complete does not come back.
    pub inexact: u64,
    /// What memory did to it; `None` if the engine has none around it.
    pub memory: Option<MemoryRun>,
    /// Non-zero digits of the encoded operand; `None` if the engine encodes none.
    pub digits: Option<DigitStatistics>,
    /// What was left out because a value is zero; `None` if the engine skips none.
    pub skipped: Option<SkippedValues>,
    /// What is 0 in A and B as they are stored, and what they take; digits of what the engine encodes.
    pub tallies: [TensorTally; 2],
    /// What was done to the operands that come from files.
    pub tensors: Vec<TensorRecord>,
    /// Non-zero digits of each of these tensors under the engine's encoding, before anything is made 0 and whichever operand it
    /// encodes; `None` if it encodes none.
    pub tensor_digits: Vec<Option<u64>>,
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

/// Runs every layer of `workload` on the engine. Operands are always offered and results always taken, if the engine has no memory
/// around it.
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
    plan: impl Into<Plan>,
    progress: impl FnMut(&str),
) -> Result<WorkloadRun, RunError> {
    let registers = |spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>| gemm(spec, a, b, &Patterns::ALWAYS);
    workload_on(Engines { events: &events, registers: &registers }, spec, workload, plan.into(), progress)
}

/// What multiplies A by B on an engine.
pub(super) type Multiplier<'a> =
    dyn Fn(&EngineSpec, &Matrix<i32>, &Matrix<i32>) -> Result<GemmRun, SimulateError> + Sync + 'a;

/// Whatever claims to be the two engines.
#[derive(Clone, Copy)]
pub(super) struct Engines<'a> {
    /// The event-exact one.
    pub events: &'a Multiplier<'a>,
    /// The register-level one.
    pub registers: &'a Multiplier<'a>,
}

/// [`workload`] on whatever claims to be the engines.
pub(super) fn workload_on(
    engines: Engines,
    spec: &EngineSpec,
    workload: &Workload,
    Plan { method, compare }: Plan,
    mut progress: impl FnMut(&str),
) -> Result<WorkloadRun, RunError> {
    let formats = OperandFormats { a: spec.a_format(), b: spec.b_format() };
    let whole = before_blocks(spec);
    let all = compare.is_all(workload);
    // Before the first one runs: it may take long.
    counts_steps(&whole, workload)?;
    let plans = memory_plans(spec, workload)?;
    let mut layers = Vec::with_capacity(workload.layers.len());
    let outcomes = run_layers(workload, formats, |operands: &LayerOperands| {
        progress(&operands.layer.name);
        let memory = plans[layers.len()].as_ref();
        let case = Case { engines, spec: &whole, method, all, seed: workload.seed, memory, block: 0 };
        let run = layer(&case, operands);
        let (layer, c) = run.map_err(|error| RunError::of_layer(error, workload, operands.layer))?;
        layers.push(layer);
        Ok::<_, RunError>(c)
    })?;
    // Every product equalled the reference's, or the run had ended; so what follows from them does too, image for image.
    for (layer, outcome) in layers.iter_mut().zip(outcomes) {
        layer.classification = outcome.classification;
    }
    let peak_per_pe = layers.first().map_or(1, |layer| layer.peak_per_pe);
    let (rows, cols) = (spec.rows as usize, spec.cols as usize);
    let formats = [spec.a_format(), spec.b_format()];
    Ok(WorkloadRun { method, layers, rows, cols, peak_per_pe, operation: operation(spec), formats })
}

/// Checks that the engine counts the steps of all layers' tiles. Of those that are too long the longest is told of: what counts its
/// steps counts those of the others.
fn counts_steps(spec: &EngineSpec, workload: &Workload) -> Result<(), RunError> {
    let is_blocked = spec.a_format().is_blocked() || spec.b_format().is_blocked();
    let mut worst: Option<(&Layer, EngineError)> = None;
    for layer in &workload.layers {
        let k = if is_blocked { layer.k.min(BLOCK) } else { layer.k };
        if let Err(error) = spec.check_gemm((layer.m, layer.n, k))
            && worst.as_ref().is_none_or(|(_, known)| known.steps_too_many() < error.steps_too_many())
        {
            worst = Some((layer, error));
        }
    }
    worst.map_or(Ok(()), |(layer, error)| Err(RunError::of_layer(error.into(), workload, layer)))
}

/// What is around the engine in each layer: blocks that it cannot be cut into are told of before the first one runs.
fn memory_plans<'a>(spec: &'a EngineSpec, workload: &Workload) -> Result<Vec<Option<MemoryPlan<'a>>>, RunError> {
    let plan = |layer: &Layer| {
        let plan = MemoryPlan::new(spec, [layer.m, layer.n, layer.k], layer.conv);
        plan.map_err(|error| RunError::of_layer(error, workload, layer))
    };
    workload.layers.iter().map(plan).collect()
}

/// One layer: its products, one after the other, and its result if it is used.
fn layer(case: &Case, operands: &LayerOperands) -> Result<(LayerRun, Option<LayerResult>), SimulateError> {
    let (spec, layer) = (case.spec, operands.layer);
    sums_fit(spec, operands)?;
    let keep = layer.result_is_used();
    let is_blocked = spec.a_format().is_blocked() || spec.b_format().is_blocked();
    let mut result = keep.then(|| LayerResult::zeros(layer, is_blocked));
    let mut sum: Option<ProductRun> = None;
    for (index, product) in operands.products.iter().enumerate() {
        let name = if index == 0 { layer.name.clone() } else { format!("{}/{index}", layer.name) };
        // A few tiles a layer: of its first products, where it has several.
        let few = few_of(layer.products, index);
        let run = match product.exponents {
            [None, None] => {
                let run = case.product((&*product.a, &*product.b), keep, (&name, few))?;
                if let (Some(LayerResult::Integers(result)), Some(c)) = (&mut result, &run.c) {
                    layer.place(result, index, c);
                }
                run
            }
            _ => {
                // Of its blocks, as many as few.
                let (run, sums) = case.blocked_product(product, (&name, few.min(1)), few, keep)?;
                if let (Some(LayerResult::Weighed(result)), Some(sums)) = (&mut result, &sums) {
                    layer.place(result, index, sums);
                }
                run
            }
        };
        sum = Some(match sum {
            None => run,
            Some(sum) => sum.and(run),
        });
    }
    let internal = || SimulateError::Internal { design: spec.name.clone(), seed: None, what: "no product".into() };
    let ProductRun { counts, memory, checked, tiles, steps, audited, audited_k, .. } = sum.ok_or_else(internal)?;
    let skipped = SkippedValues::new(spec, &counts, steps);
    let tallies = tallies(spec, operands)?;
    let run = LayerRun {
        name: layer.name.clone(),
        m: layer.m,
        n: layer.n,
        k: layer.k,
        products: layer.products,
        conv: layer.conv,
        repeat: layer.repeat,
        cycles: counts.cycles,
        parts: counts.parts,
        macs: counts.macs,
        words: counts.words,
        peak_per_pe: counts.peak_per_pe,
        useful: counts.useful,
        compared: checked.compared,
        tiles,
        audited_tiles: audited,
        audited_k,
        clipped: checked.clipped,
        inexact: checked.inexact,
        memory,
        skipped,
        digits: digits(spec, operands, &tallies)?,
        tallies,
        tensors: operands.records.clone(),
        tensor_digits: tensor_digits(spec, &operands.records)?,
        classification: None,
    };
    Ok((run, result))
}

/// Checks that no sum of decoded numbers can be longer than the reference's 64 bits; sums of integers cannot.
fn sums_fit(spec: &EngineSpec, operands: &LayerOperands) -> Result<(), SimulateError> {
    let blocked = spec.a_format().is_blocked() || spec.b_format().is_blocked();
    let k = if blocked { operands.layer.k.min(BLOCK) } else { operands.layer.k };
    let bits = spec.a_word_bits() + spec.b_word_bits() + k.next_power_of_two().ilog2();
    let (a, b) = (spec.a_format(), spec.b_format());
    match (a.element.is_some() || b.element.is_some()) && bits > 64 {
        true => Err(SimulateError::LongSum { a, b, k, bits }),
        false => Ok(()),
    }
}

/// The non-zero digits of all values of each tensor, as they are in its file: [`tallies`] has what is left of them, and digits
/// only of what is encoded.
fn tensor_digits(spec: &EngineSpec, records: &[TensorRecord]) -> Result<Vec<Option<u64>>, SimulateError> {
    let digits = |record: &TensorRecord| {
        let Some(kind) = spec.encoding else { return Ok(None) };
        let format = if record.operand == "a" { spec.a_format() } else { spec.b_format() };
        let tally = DigitTally::new(kind, format, record.values.iter().copied())?;
        Ok(Some(tally.nonzero))
    };
    records.iter().map(digits).collect::<Result<_, EncodingError>>().map_err(|error| defect(spec, &error))
}

/// What cannot go wrong with the digits of operands that fit their format.
fn defect(spec: &EngineSpec, error: &EncodingError) -> SimulateError {
    SimulateError::Internal { design: spec.name.clone(), seed: None, what: error.to_string() }
}

/// The digits of the encoded operand, if there is one, of all products.
fn digits(
    spec: &EngineSpec,
    operands: &LayerOperands,
    [a, b]: &[TensorTally; 2],
) -> Result<Option<DigitStatistics>, SimulateError> {
    let Some(kind) = spec.encoding else { return Ok(None) };
    let (tensor, format, tally) = match spec.encoded {
        Operand::A => (&operands.layer.a, spec.a_format(), a),
        Operand::B => (&operands.layer.b, spec.b_format(), b),
    };
    let drawn_from = match &tensor.values {
        // The windows of a convolution have zeros that nobody drew, and so has what is pruned.
        crate::workload::Values::Drawn(distribution) if operands.layer.conv.is_none() && tensor.sparsity.is_none() => {
            Some(distribution)
        }
        _ => None,
    };
    let encoded = operands.products.iter().map(|product| match spec.encoded {
        Operand::A => &*product.a as &dyn Blocks,
        Operand::B => &*product.b,
    });
    let counted = match (operands.layer.conv, &tally.digits) {
        // What is stored is what is multiplied, and has been counted.
        (None, Some(tally)) => DigitStatistics::new(kind, format, tally.histogram.clone(), drawn_from),
        _ => digit_statistics(kind, format, encoded, drawn_from),
    };
    counted.map(Some).map_err(|error| defect(spec, &error))
}

/// What is 0 in the two operands.
fn tallies(spec: &EngineSpec, operands: &LayerOperands) -> Result<[TensorTally; 2], SimulateError> {
    let [a, b] = &operands.stored;
    // Laconic multiplies term by term, so both become digits.
    let both = matches!(spec.array, Array::Laconic { .. });
    let encoding = |operand: Operand| spec.encoding.filter(|_| both || spec.encoded == operand);
    let a = a.tally(spec.a_format(), encoding(Operand::A));
    let b = b.tally(spec.b_format(), encoding(Operand::B));
    Ok([a.map_err(|error| defect(spec, &error))?, b.map_err(|error| defect(spec, &error))?])
}
