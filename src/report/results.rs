//! `results.json`: what a run yields, for scripts and for drawing the report again.
//!
//! Keys are added, never renamed without another `format_version`. Cycles and counts are integers.

use serde::{Deserialize, Serialize};

use super::ReportError;
use super::convolution::Convolution;
use super::json::join_number_lists;
use super::memory::{Memory, MemoryTotal};
use super::scaled::{Scaled, scaled};
use super::sparsity::Sparsity;
use super::tensors::Tensor;
use crate::engine::Parts;
use crate::note::Note;
use crate::simulate::{LayerRun, Method, Scalesim, WorkloadRun};

/// Of this program's `results.json`.
pub const FORMAT_VERSION: u32 = 3;

/// A run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Which engine.
    pub design: DesignId,
    /// Which workload.
    pub workload: WorkloadId,
    /// All layers, repetitions included.
    pub total: Total,
    /// Each layer.
    pub layers: Vec<Layer>,
    /// What the PEs did.
    pub array: Array,
    /// What was simulated register by register.
    pub audit: Audit,
    /// How it was made.
    pub made: Made,
    /// Operands whose format has scales of its own; left out if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scaled: Vec<Scaled>,
    /// What was ignored in the files of design and workload, or taken otherwise than it reads; left out if there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

/// An engine, by name and by the hash of its resolved design.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignId {
    /// Its name.
    pub name: String,
    /// The first 16 hexadecimal digits of the SHA-256 of its resolved TOML.
    pub hash: String,
}

/// A workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadId {
    /// Its name.
    pub name: String,
    /// The seed of its drawn values.
    pub seed: u64,
}

/// Sums over all layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// Cycles, one layer after the other.
    pub cycles: u64,
    /// Where they went; they sum to `cycles`.
    pub parts: Parts,
    /// Useful multiply-accumulates.
    pub macs: u64,
    /// Useful operations over those that all PEs could have done in all cycles.
    pub utilization: f64,
    /// Whether every result that was compared equals the reference. A run that ends without an error has checked it.
    pub matches_reference: bool,
    /// What memory did, repetitions included; absent without memory around the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<MemoryTotal>,
    /// Results that were compared with the reference, each layer once; all of them if equal to `results`.
    pub compared: u64,
    /// Results, each layer once.
    pub results: u64,
    /// Cycles as SCALE-Sim counts them; left out unless they were asked for, as in each layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scalesim_cycles: Option<u64>,
    /// Why that is another number than `cycles`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scalesim_difference: Option<String>,
}

impl Total {
    /// What was compared with the reference, in words; `clipped` if that is clipped where the engine clips.
    pub fn comparison(&self, clipped: bool) -> String {
        match self.compared == self.results {
            true if clipped => "every result equals the reference, which clips where the engine does".to_owned(),
            true => "every result equals the reference".to_owned(),
            false => format!("{} of {} results were compared and equal the reference", self.compared, self.results),
        }
    }
}

/// One layer; its figures are for one of its `repeat` products.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B.
    pub k: usize,
    /// Products of this shape, each with values of its own.
    pub products: u64,
    /// The convolution that they were lowered from; `null` for a matrix product.
    pub conv: Option<Convolution>,
    /// How many times all that occurs.
    pub repeat: u64,
    /// Cycles of all products, once.
    pub cycles: u64,
    /// Where they went; they sum to `cycles`.
    pub parts: Parts,
    /// Useful operations over those that all PEs could have done.
    pub utilization: f64,
    /// Mean non-zero digits of an element of the encoded operand; `null` if none is encoded.
    pub digits_per_operand: Option<f64>,
    /// The part of the rows that is classified as labelled; `null` without labels.
    pub accuracy: Option<f64>,
    /// Useful multiply-accumulates of all products, once.
    pub macs: u64,
    /// Elements of A that entered the engine.
    pub a_words: u64,
    /// Elements of B that entered.
    pub b_words: u64,
    /// Partial sums that entered.
    pub partial_words: u64,
    /// Results that left, partial ones included.
    pub c_words: u64,
    /// Results that were clipped to the accumulator; 0 unless the engine saturates.
    pub clipped: u64,
    /// Results that are not the exact product, clipped, because a sum was clipped before it was complete.
    pub inexact: u64,
    /// Results that were compared with the reference.
    pub compared: u64,
    /// Tiles of C that the products have: blocks of results as large as the array. Where results stay they are those of the schedule;
    /// where B or A stays the schedule has other tiles, of that operand, and each of these here passes through all that K has.
    pub tiles: usize,
    /// How many of them ran again at register level.
    pub audited_tiles: usize,
    /// Places of K of these, the first ones; absent where tiles ran as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audited_k: Option<usize>,
    /// Elements of the encoded operand by their count of non-zero digits.
    pub digits: Option<Digits>,
    /// What was left out because a value is zero; records of engines that skip no values do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped_values: Option<Skipped>,
    /// Rows classified as labelled, and rows.
    pub classified: Option<Classified>,
    /// What memory did to all products, once; absent without memory around the engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Memory>,
    /// The operands that come from files, and what was done to them; records of older versions do not say.
    #[serde(default)]
    pub tensors: Vec<Tensor>,
    /// What is 0 in A and B, and what they take; records of older versions do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sparsity: Option<Sparsity>,
    /// Cycles of all products, once, as SCALE-Sim counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scalesim_cycles: Option<u64>,
}

/// What an engine that skips values of zero left out, of all products, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Multiply-accumulates, each with a word of B that was not read.
    pub macs: u64,
    /// Cycles, of the K of each tile that rows without a zero would take.
    pub cycles: u64,
    /// Bits of the masks of B that were read beside A.
    pub mask_bits: u64,
}

/// A histogram of non-zero digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Digits {
    /// The encoding.
    pub encoding: String,
    /// Elements with 0, 1, 2 .. non-zero digits.
    pub histogram: Vec<u64>,
    /// The exact probabilities for the distribution that the values are drawn from; `null` for values from elsewhere.
    pub expected: Option<Vec<f64>>,
    /// The exact probabilities if every value of the operand's format were equally frequent.
    pub uniform: Vec<f64>,
}

/// A classification, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classified {
    /// Rows classified as labelled.
    pub correct: usize,
    /// Rows.
    pub of: usize,
}

/// What each PE did, repetitions included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Array {
    /// PEs from north to south.
    pub rows: usize,
    /// PEs from west to east.
    pub cols: usize,
    /// What a PE is credited with, in the plural: `multiply-accumulates`, `multiplications by stored weights` where these
    /// are compressed, or `digits` where zeros are skipped.
    pub operation: String,
    /// Operations that a PE can do in a cycle.
    pub peak_per_pe: u64,
    /// Useful operations of each PE, a list a row.
    pub useful: Vec<Vec<u64>>,
}

impl Array {
    /// Operations that a PE could have done in so many cycles; those of a run are [checked](Results::from_json) to fit.
    pub fn possible(&self, cycles: u64) -> u64 {
        cycles * self.peak_per_pe
    }
}

/// Which engine computed a run, and what checked it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audit {
    /// `event-exact` or `register-level`.
    pub engine: String,
    /// How many tiles of each layer were to run again at register level; `null` if all of it ran so to begin with.
    pub share: Option<String>,
    /// The seed that chose them: the workload's.
    pub seed: u64,
    /// Tiles of C of all layers that ran again and came out equal. A run that ends without an error has found no difference.
    pub tiles: usize,
    /// Tiles of C of all layers.
    pub of: usize,
    /// Places of K of those that are too long to run so as a whole; absent if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_places: Option<usize>,
}

impl Audit {
    fn new(run: &WorkloadRun, seed: u64) -> Self {
        let (engine, share) = match run.method {
            Method::Events(share) => ("event-exact", Some(share.to_string())),
            Method::RegisterLevel => ("register-level", None),
        };
        Self {
            engine: engine.to_owned(),
            share,
            seed,
            tiles: run.layers.iter().map(|layer| layer.audited_tiles).sum(),
            of: run.layers.iter().map(|layer| layer.tiles).sum(),
            first_places: run.layers.iter().filter_map(|layer| layer.audited_k).min(),
        }
    }

    /// What was checked how, in a sentence.
    pub fn sentence(&self) -> String {
        match &self.share {
            None => "All of it was simulated register by register.".to_owned(),
            Some(_) if self.tiles == 0 => "No tile of C was simulated register by register.".to_owned(),
            Some(share) => format!(
                "Audit: {} of {} tiles of C ({share}, seed {}) simulated again register by register{}, no difference.",
                self.tiles,
                self.of,
                self.seed,
                self.first_places.map_or_else(String::new, |places| format!(
                    " (of those that are too long the first {places} places of K)"
                ))
            ),
        }
    }
}

/// How the run was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// This program's version.
    pub version: String,
    /// The command line that makes it again.
    pub command: String,
    /// The design in one line.
    pub summary: String,
    /// The resolved design.
    pub design_toml: String,
}

impl Results {
    /// The record of a run.
    pub fn new(design: DesignId, workload: WorkloadId, made: Made, run: &WorkloadRun) -> Self {
        let useful = run.useful();
        let audit = Audit::new(run, workload.seed);
        Self {
            format_version: FORMAT_VERSION,
            design,
            workload,
            total: Total {
                cycles: run.cycles(),
                parts: run.parts(),
                macs: run.macs(),
                utilization: rounded(run.utilization()),
                matches_reference: true,
                memory: MemoryTotal::new(run),
                compared: run.layers.iter().map(|layer| layer.compared).sum(),
                results: run.layers.iter().map(|layer| (layer.m * layer.n) as u64 * layer.products).sum(),
                scalesim_cycles: None,
                scalesim_difference: None,
            },
            layers: run.layers.iter().map(Layer::new).collect(),
            array: Array {
                rows: run.rows,
                cols: run.cols,
                operation: run.operation.to_owned(),
                peak_per_pe: run.peak_per_pe,
                useful: (0..run.rows).map(|row| useful.row(row).to_vec()).collect(),
            },
            audit,
            made,
            scaled: scaled(run),
            notes: Vec::new(),
        }
    }

    /// The same with notes about the files it is from.
    pub fn with_notes(self, notes: Vec<Note>) -> Self {
        Self { notes, ..self }
    }

    /// The same with SCALE-Sim's counts of its layers.
    pub fn with_scalesim(mut self, counted: &Scalesim) -> Self {
        for (layer, count) in self.layers.iter_mut().zip(&counted.layers) {
            layer.scalesim_cycles = Some(count.cycles.saturating_mul(layer.products));
        }
        self.total.scalesim_cycles = Some(counted.cycles);
        self.total.scalesim_difference = Some(counted.difference.clone());
        self
    }

    /// The text of `results.json`.
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a record of strings and numbers is JSON");
        join_number_lists(&text) + "\n"
    }

    /// Reads `results.json`.
    ///
    /// # Errors
    /// Text that is no record of a run, or of another format version.
    pub fn from_json(text: &str) -> Result<Self, ReportError> {
        let bad = |error: serde_json::Error| ReportError::BadResults { reason: error.to_string() };
        let value: serde_json::Value = serde_json::from_str(text).map_err(bad)?;
        let version = value.get("format_version").and_then(serde_json::Value::as_u64);
        if version != Some(u64::from(FORMAT_VERSION)) {
            let found = version.map_or_else(|| "none".to_owned(), |version| version.to_string());
            return Err(ReportError::BadVersion { found, expected: FORMAT_VERSION });
        }
        let results: Self = serde_json::from_value(value).map_err(bad)?;
        results.check().map_err(|reason| ReportError::BadResults { reason })?;
        Ok(results)
    }

    /// What every run makes true and a figure relies on: shapes that fit, sums that are sums.
    fn check(&self) -> Result<(), String> {
        let Array { rows, cols, useful, peak_per_pe, .. } = &self.array;
        let is_array = *rows > 0 && *cols > 0 && useful.len() == *rows;
        if !is_array || useful.iter().any(|row| row.len() != *cols) {
            return Err(format!("array.useful is not {rows} lists of {cols} numbers"));
        }
        let most = self.total.cycles.checked_mul(*peak_per_pe).ok_or("array.peak_per_pe is too large")?;
        if useful.iter().flatten().any(|&count| count > most) {
            return Err(format!("a PE of array.useful did more than {peak_per_pe} operations in some cycle"));
        }
        let sum_of = |parts: &Parts| parts.named().iter().try_fold(0_u64, |sum, (_, part)| sum.checked_add(*part));
        let mut cycles = Some(0_u64);
        let mut counts: Option<usize> = None;
        for layer in &self.layers {
            let name = &layer.name;
            if sum_of(&layer.parts) != Some(layer.cycles) {
                return Err(format!("the parts of layer `{name}` do not sum to its cycles"));
            }
            cycles = cycles.and_then(|sum| sum.checked_add(layer.cycles.checked_mul(layer.repeat)?));
            if let Some(Err(reason)) = layer.sparsity.as_ref().map(Sparsity::check) {
                return Err(format!("an operand of layer `{name}` {reason}"));
            }
            let Some(digits) = &layer.digits else { continue };
            let length = *counts.get_or_insert(digits.histogram.len());
            let expected = digits.expected.as_ref().map_or(length, Vec::len);
            if length == 0 || [digits.histogram.len(), expected, digits.uniform.len()].iter().any(|&of| of != length) {
                return Err(format!("the digit counts of layer `{name}` are not {length} numbers"));
            }
        }
        if sum_of(&self.total.parts) != Some(self.total.cycles) || cycles != Some(self.total.cycles) {
            return Err("total.cycles is not the sum of its parts and of the layers".into());
        }
        let counted = |layer: &Layer| layer.scalesim_cycles?.checked_mul(layer.repeat);
        let scalesim = self.layers.iter().try_fold(0_u64, |sum, layer| sum.checked_add(counted(layer)?));
        if self.total.scalesim_cycles.is_some() && scalesim != self.total.scalesim_cycles {
            return Err("total.scalesim_cycles is not the sum of the layers".into());
        }
        let layers = self.layers.iter().filter_map(|layer| Some((layer.repeat, layer.digits.as_ref()?)));
        let mut counted = layers.flat_map(|(repeat, digits)| digits.histogram.iter().map(move |&of| (repeat, of)));
        // A count is multiplied by at most a few dozen digits when its mean is taken.
        let elements = counted.try_fold(0_u64, |sum, (repeat, of)| sum.checked_add(of.checked_mul(repeat)?));
        match elements {
            Some(elements) if elements <= u64::MAX >> 8 => Ok(()),
            _ => Err("the digit counts are too large".into()),
        }
    }
}

impl Layer {
    fn new(layer: &LayerRun) -> Self {
        let classified = layer.classification.as_ref().map(|c| Classified { correct: c.correct(), of: c.labels.len() });
        Self {
            name: layer.name.clone(),
            m: layer.m,
            n: layer.n,
            k: layer.k,
            products: layer.products,
            conv: layer.conv.map(Convolution::new),
            repeat: layer.repeat,
            cycles: layer.cycles,
            parts: layer.parts,
            utilization: rounded(layer.utilization()),
            digits_per_operand: layer.digits.as_ref().map(|digits| rounded(digits.mean())),
            accuracy: layer.classification.as_ref().map(|classification| rounded(classification.accuracy())),
            macs: layer.macs,
            a_words: layer.words.a,
            b_words: layer.words.b,
            partial_words: layer.words.partial,
            c_words: layer.words.c,
            clipped: layer.clipped,
            inexact: layer.inexact,
            compared: layer.compared,
            tiles: layer.tiles,
            audited_tiles: layer.audited_tiles,
            audited_k: layer.audited_k,
            digits: layer.digits.as_ref().map(|digits| Digits {
                encoding: digits.encoding.name().to_owned(),
                histogram: digits.histogram.clone(),
                expected: digits.expected.as_ref().map(|shares| shares.iter().copied().map(rounded).collect()),
                uniform: digits.uniform.iter().copied().map(rounded).collect(),
            }),
            skipped_values: layer.skipped.map(|skipped| Skipped {
                macs: skipped.macs,
                cycles: skipped.cycles,
                mask_bits: skipped.mask_bits,
            }),
            classified,
            memory: layer.memory.as_ref().map(Memory::new),
            tensors: layer
                .tensors
                .iter()
                .zip(&layer.tensor_digits)
                .map(|(of, digits)| Tensor::new(of, *digits))
                .collect(),
            sparsity: Some(Sparsity::new(&layer.tallies)),
            scalesim_cycles: None,
        }
    }
}

/// To 12 decimals: more than any figure means, and few enough that a reader gets back the number that was written.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e12).round() / 1e12
}
