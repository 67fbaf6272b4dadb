//! What follows a layer's product: bias, what goes on to later layers, and classification. The same for the engine and for the
//! software reference, and it belongs to neither.
//!
//! In integers, or in real numbers where it is known what 1 of either operand stands for. A real result is exact up to where it goes
//! on: the sum, times one scale in single precision, plus a bias in single precision, in fixed point.

use miette::SourceSpan;

use super::{
    error::WorkloadError,
    exact::Exact,
    layer::{Layer, PassedOn, Requantize, Tensor, Values, Workload},
    network::LayerOperands,
    operand_formats::OperandFormats,
    tensor::{Bias, Quantize, Request, TensorFile, Want},
};
use crate::encoding::Format;
use crate::matrix::Matrix;

/// The sums of a layer, M x N.
#[derive(Clone, Debug, PartialEq)]
pub enum LayerResult {
    /// Integers, in units of the numbers of both formats.
    Integers(Matrix<i64>),
    /// Weighed by the exponents of blocks, in the same units.
    Weighed(Matrix<Exact>),
}

impl LayerResult {
    /// All 0, of a layer.
    pub fn zeros(layer: &Layer, weighed: bool) -> Self {
        let (rows, cols) = layer.result();
        match weighed {
            true => Self::Weighed(Matrix::filled(rows, cols, Exact::default())),
            false => Self::Integers(Matrix::filled(rows, cols, 0)),
        }
    }

    /// Rows and columns.
    pub fn extents(&self) -> (usize, usize) {
        match self {
            Self::Integers(sums) => (sums.rows(), sums.cols()),
            Self::Weighed(sums) => (sums.rows(), sums.cols()),
        }
    }

    fn exact(&self, row: usize, col: usize) -> Exact {
        match self {
            Self::Weighed(sums) => sums[(row, col)],
            Self::Integers(sums) => {
                let mut sum = Exact::default();
                sum.add(i128::from(sums[(row, col)]), 0);
                sum
            }
        }
    }
}

/// What became of one layer, besides its product.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LayerOutcome {
    /// Where the layer has labels.
    pub classification: Option<Classification>,
    /// Where the layer is requantised to integers: M x N operands for later layers.
    pub output: Option<Matrix<i32>>,
    /// Where it passes real numbers on: M x N of them, which a later layer quantises.
    pub reals: Option<Matrix<f32>>,
}

/// Which column of each row is the greatest, and which should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// The first of the greatest values of each row.
    pub predictions: Vec<usize>,
    /// What it should have been.
    pub labels: Vec<usize>,
}

impl Classification {
    /// Rows whose prediction is their label.
    pub fn correct(&self) -> usize {
        self.predictions.iter().zip(&self.labels).filter(|(prediction, label)| prediction == label).count()
    }

    /// The part of the rows that is correct, 0 to 1.
    pub fn accuracy(&self) -> f64 {
        self.correct() as f64 / self.labels.len() as f64
    }
}

/// The column of the first of the greatest values.
fn greatest<T: PartialOrd>(row: impl Iterator<Item = T>) -> usize {
    let mut best: Option<(usize, T)> = None;
    for (column, value) in row.enumerate() {
        if best.as_ref().is_none_or(|(_, best)| value > *best) {
            best = Some((column, value));
        }
    }
    best.map_or(0, |(column, _)| column)
}

/// What follows the product of a layer.
pub(super) struct After<'a> {
    workload: &'a Workload,
    layer: &'a Layer,
    formats: OperandFormats,
    bias: Option<Bias>,
    labels: Option<Vec<usize>>,
    /// Whether results are real numbers.
    is_real: bool,
}

/// How a sum becomes a real number.
pub(super) struct Real {
    /// What 1 of A and of B stands for: one, or one a row of A and a column of B.
    scales: [Vec<f64>; 2],
    /// Bits behind the points of both formats, negative.
    power: i32,
}

impl Real {
    /// What 1 of a product stands for: the product in double precision, rounded to single.
    fn scale(&self, row: usize, col: usize) -> f32 {
        let of = |scales: &[f64], line: usize| if scales.len() == 1 { scales[0] } else { scales[line] };
        (of(&self.scales[0], row) * of(&self.scales[1], col)) as f32
    }
}

/// A real result in single precision; a zero has no sign.
fn passed_on(sum: Exact, relu: bool) -> f32 {
    let value = sum.to_f32();
    if value == 0.0 || (relu && value < 0.0) { 0.0 } else { value }
}

impl<'a> After<'a> {
    /// What follows the product of a layer; reads the bias and the labels. It needs no operands, so that what is wrong with any layer
    /// is said before the first one runs.
    ///
    /// # Errors
    /// A file that cannot be read, a label that is no class; integers that are added to sums without a common unit, or real numbers to
    /// sums of which nobody says what they count; a scale that runs along K; what a format cannot give.
    pub(super) fn new(
        workload: &'a Workload,
        layer: &'a Layer,
        formats: OperandFormats,
    ) -> Result<Self, WorkloadError> {
        workload.formats_fit(layer, formats)?;
        let (_, cols) = layer.result();
        let tensor = format!("bias of `{}`", layer.name);
        let request = |file| Request {
            files: &workload.files,
            file,
            text: &workload.text,
            tensor: &tensor,
            want: Want::Bias(cols),
        };
        let bias = layer.bias.as_ref().map(|file| request(file).bias()).transpose()?;
        let is_blocked = formats.a.is_blocked() || formats.b.is_blocked();
        if let (Some(Bias::Integers(_)), Some(file), true) = (&bias, &layer.bias, is_blocked) {
            let reason =
                format!("{tensor} is integers, and sums of blocks with scales of their own have no common unit");
            let help = "store it as float32: real numbers are added to the real results";
            return Err(workload.scaled(reason, help, file.at));
        }
        let known = workload.scales_are_known(layer, formats)?;
        let has_scales = known == [true; 2];
        let integers = matches!(layer.requantize, Some(PassedOn::Integers(_)));
        if let (Some(Bias::Reals(_)), Some(file)) = (&bias, &layer.bias)
            && (integers || !has_scales)
        {
            return Err(request(file).real_bias());
        }
        let passes_reals = matches!(layer.requantize, Some(PassedOn::Reals { .. }));
        if passes_reals && !has_scales {
            let letter = if known[0] { "b" } else { "a" };
            let reason =
                format!("`{}` passes real numbers on, and nothing says what 1 of {letter}, integers, is", layer.name);
            let help = "read a and b from files of floats, which are quantised, or from layers that pass real numbers on; or \
                        say `multiplier` and `shift`";
            return Err(workload.scaled(reason, help, layer.at));
        }
        let is_real = layer.result_is_used()
            && !integers
            && !matches!(bias, Some(Bias::Integers(_)) if !passes_reals)
            && (is_blocked || has_scales);
        if is_real {
            workload.scales_are_summable(layer)?;
        }
        let labels = layer.labels.as_ref().map(|file| workload.labels(layer, file)).transpose()?;
        Ok(Self { workload, layer, formats, bias, labels, is_real })
    }

    /// How sums of these operands become real numbers, if they do.
    ///
    /// # Errors
    /// A scale that single precision cannot hold.
    pub(super) fn real(&self, operands: &LayerOperands<'_>) -> Result<Option<Real>, WorkloadError> {
        self.is_real.then(|| self.workload.real(self.layer, self.formats, operands)).transpose()
    }

    /// What becomes of the sums.
    ///
    /// # Errors
    /// Integers where blocks share exponents, which sums of them are weighed by; a number that single precision cannot hold.
    pub(super) fn outcome(&self, real: Option<&Real>, result: LayerResult) -> Result<LayerOutcome, WorkloadError> {
        let is_blocked = self.formats.a.is_blocked() || self.formats.b.is_blocked();
        match (real, result) {
            (_, LayerResult::Integers(_)) if is_blocked => {
                let reason =
                    format!("the result of `{}` is integers, and its blocks have scales of their own", self.layer.name);
                let help = "`run_layers` takes results that are weighed by the exponents of blocks";
                Err(self.workload.scaled(reason, help, self.layer.at))
            }
            (Some(real), result) => self.reals(real, &result),
            (None, LayerResult::Integers(sums)) => Ok(self.integers(sums)),
            // Only sums that are real numbers are weighed.
            (None, LayerResult::Weighed(_)) => Ok(LayerOutcome::default()),
        }
    }

    fn integers(&self, mut result: Matrix<i64>) -> LayerOutcome {
        let (rows, cols) = self.layer.result();
        if let Some(Bias::Integers(bias)) = &self.bias {
            for row in 0..rows {
                result.row_mut(row).iter_mut().zip(bias).for_each(|(sum, &bias)| *sum += i64::from(bias));
            }
        }
        let requantized = |step: &Requantize| Matrix::from_fn(rows, cols, |m, n| step.apply(result[(m, n)]));
        let output = match &self.layer.requantize {
            Some(PassedOn::Integers(step)) => Some(requantized(step)),
            _ => None,
        };
        let predictions = (0..rows).map(|row| match &output {
            Some(output) => greatest(output.row(row).iter().copied()),
            None => greatest(result.row(row).iter().copied()),
        });
        LayerOutcome { classification: self.classified(predictions), output, reals: None }
    }

    fn reals(&self, real: &Real, result: &LayerResult) -> Result<LayerOutcome, WorkloadError> {
        let (rows, cols) = self.layer.result();
        let relu = match self.layer.requantize {
            Some(PassedOn::Reals { relu }) => Some(relu),
            _ => None,
        };
        let mut passed = Vec::with_capacity(if relu.is_some() { rows * cols } else { 0 });
        let mut predictions = Vec::with_capacity(rows);
        for m in 0..rows {
            let value = |n: usize| {
                let mut sum = result.exact(m, n);
                if let Some(Bias::Integers(bias)) = &self.bias {
                    sum.add(i128::from(bias[n]), 0);
                }
                let mut value = sum.scaled(real.scale(m, n), real.power);
                if let Some(Bias::Reals(bias)) = &self.bias {
                    value.add_f32(bias[n]);
                }
                value
            };
            let Some(relu) = relu else {
                predictions.push(greatest((0..cols).map(value)));
                continue;
            };
            passed.extend((0..cols).map(|n| passed_on(value(n), relu)));
            let row = &passed[m * cols..];
            if let Some(n) = row.iter().position(|value| !value.is_finite()) {
                let name = &self.layer.name;
                let reason = format!("result [{m}, {n}] of `{name}` is beyond single precision, in which it goes on");
                return Err(self.workload.scaled(reason, "make the numbers of a or b smaller", self.layer.at));
            }
            predictions.push(greatest(row.iter().copied()));
        }
        let classification = self.classified(predictions.into_iter());
        let reals = relu.and_then(|_| Matrix::from_rows(rows, cols, passed));
        Ok(LayerOutcome { classification, output: None, reals })
    }

    /// Predictions and labels, where there are any.
    fn classified(&self, predictions: impl Iterator<Item = usize>) -> Option<Classification> {
        let labels = self.labels.clone()?;
        Some(Classification { predictions: predictions.collect(), labels })
    }
}

impl Workload {
    pub(super) fn scaled(&self, reason: String, help: &str, at: SourceSpan) -> WorkloadError {
        WorkloadError::Scaled { reason, help: help.to_owned(), text: self.text.clone(), at }
    }

    /// Whether it is known what 1 of A and of B stands for, as [`LayerOperands::scales`] will say.
    fn scales_are_known(&self, layer: &Layer, formats: OperandFormats) -> Result<[bool; 2], WorkloadError> {
        let [a, b] = match layer.conv {
            Some(conv) => [Want::Input(conv), Want::Filters(conv)],
            None => [Want::A { rows: layer.m, cols: layer.k }, Want::B { rows: layer.k, cols: layer.n }],
        };
        let is_known = |letter: &str, tensor: &Tensor, want: Want, format: Format| match &tensor.values {
            _ if format.is_blocked() => Ok(true),
            Values::Drawn(_) => Ok(format.element.is_some()),
            Values::Layer(source) => Ok(matches!(self.layers[*source].requantize, Some(PassedOn::Reals { .. }))),
            Values::File(file) => {
                let tensor = format!("{letter} of `{}`", layer.name);
                let request = Request { files: &self.files, file, text: &self.text, tensor: &tensor, want };
                Ok(file.codes || request.is_real()?)
            }
        };
        Ok([is_known("a", &layer.a, a, formats.a)?, is_known("b", &layer.b, b, formats.b)?])
    }

    /// Checks that no scale runs along K.
    fn scales_are_summable(&self, layer: &Layer) -> Result<(), WorkloadError> {
        if let (Some(_), Values::File(file)) = (layer.conv, &layer.a.values)
            && file.quantize == Some(Quantize::PerChannel)
        {
            let reason =
                format!("the channels of the input of `{}` have scales of their own, and are summed", layer.name);
            return Err(self.scaled(reason, "quantise the input per tensor: leave `quantize` out", file.at));
        }
        Ok(())
    }

    /// How the sums of a layer become real numbers. Integers without a scale have an unknown one, the same for all.
    ///
    /// # Errors
    /// A scale that single precision cannot hold.
    fn real(
        &self,
        layer: &Layer,
        formats: OperandFormats,
        operands: &LayerOperands<'_>,
    ) -> Result<Real, WorkloadError> {
        let fraction = |format: Format| format.element.map_or(0, |of| of.fraction_bits() as i32);
        let scales = [0, 1].map(|operand| operands.scales[operand].clone().unwrap_or_else(|| vec![1.0]));
        let ends = |pick: fn(f64, f64) -> f64, start: f64| {
            let [a, b] = [0, 1].map(|operand| scales[operand].iter().copied().fold(start, pick));
            (a * b) as f32
        };
        let (least, greatest) = (ends(f64::min, f64::INFINITY), ends(f64::max, 0.0));
        if !(least > 0.0 && greatest.is_finite()) {
            let reason = format!(
                "what 1 of a product of `{}` stands for is beyond single precision: the scales of a and b are too small or too \
                 great",
                layer.name
            );
            return Err(self.scaled(reason, "scale the numbers of a or b", layer.at));
        }
        Ok(Real { scales, power: -fraction(formats.a) - fraction(formats.b) })
    }

    /// The error about a number of an earlier layer, the `at`th, that an unsigned format cannot hold.
    pub(super) fn below_zero(
        &self,
        name: &str,
        tensor: &Tensor,
        format: Format,
        numbers: &Matrix<f32>,
        at: usize,
    ) -> WorkloadError {
        let (row, col, value) = (at / numbers.cols(), at % numbers.cols(), numbers.values()[at]);
        let reason = format!("{name}[{row}, {col}] is {value:?}, which {format} cannot hold");
        self.scaled(reason, "give the earlier layer relu = true, or the operand a signed format", tensor.at)
    }

    /// The labels of a layer.
    fn labels(&self, layer: &Layer, file: &TensorFile) -> Result<Vec<usize>, WorkloadError> {
        let tensor = format!("labels of `{}`", layer.name);
        let want = Want::Vector(layer.m);
        let request = Request { files: &self.files, file, text: &self.text, tensor: &tensor, want };
        let mut labels = Vec::with_capacity(layer.m);
        for (row, value) in request.vector()?.into_iter().enumerate() {
            match usize::try_from(value).ok().filter(|&label| label < layer.n) {
                Some(label) => labels.push(label),
                None => {
                    let (text, at) = (self.text.clone(), file.at);
                    return Err(WorkloadError::BadLabel { value, row, classes: layer.n, text, at });
                }
            }
        }
        Ok(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_values_the_first_is_the_greatest() {
        assert_eq!(greatest([1, 5, 5, 2].into_iter()), 1);
        assert_eq!(greatest([-3, -3].into_iter()), 0);
        assert_eq!(greatest([7_i64].into_iter()), 0);
    }
}
