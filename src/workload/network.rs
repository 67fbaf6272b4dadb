//! Running the layers of a workload on any engine, with the integer arithmetic between them.

use super::{
    draw,
    error::WorkloadError,
    layer::{Layer, NpyFile, Values, Workload},
    npy::Request,
};
use crate::{encoding::Format, matrix::Matrix};

/// The formats of the two operands of a design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperandWidths {
    /// Bits of an element of A.
    pub a_bits: u32,
    /// Whether A is two's complement, or never negative.
    pub a_signed: bool,
    /// Bits of an element of B.
    pub b_bits: u32,
    /// Whether B is two's complement, or never negative.
    pub b_signed: bool,
}

impl OperandWidths {
    /// Two's complement operands.
    pub const fn signed(a_bits: u32, b_bits: u32) -> Self {
        Self { a_bits, a_signed: true, b_bits, b_signed: true }
    }

    /// The format of A.
    pub const fn a(self) -> Format {
        Format { bits: self.a_bits, signed: self.a_signed }
    }

    /// The format of B.
    pub const fn b(self) -> Format {
        Format { bits: self.b_bits, signed: self.b_signed }
    }
}

/// One product with its operands, ready to be multiplied.
#[derive(Debug)]
pub struct LayerOperands<'a> {
    /// Which layer of the workload.
    pub index: usize,
    /// The layer.
    pub layer: &'a Layer,
    /// M x K values of the format of A.
    pub a: Matrix<i32>,
    /// K x N values of the format of B.
    pub b: Matrix<i32>,
}

/// What became of one layer, besides its product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerOutcome {
    /// Where the layer has labels.
    pub classification: Option<Classification>,
    /// Where the layer is requantised: M x N operands for later layers.
    pub output: Option<Matrix<i32>>,
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

/// Runs the layers in order, each product once. `gemm` multiplies; bias, requantisation and classification are the same
/// whatever it is, so two engines that multiply alike classify alike, image for image.
///
/// Returns one outcome a layer.
///
/// # Errors
/// Matrices that need more memory than they may take, a file that cannot be read, a value that does not fit in its operand, a label that is no class, or what `gemm` says.
///
/// # Panics
/// When `gemm` returns a matrix that is not M x N.
pub fn run_network<E: From<WorkloadError>>(
    workload: &Workload,
    widths: OperandWidths,
    mut gemm: impl FnMut(&LayerOperands<'_>) -> Result<Matrix<i64>, E>,
) -> Result<Vec<LayerOutcome>, E> {
    workload.check_memory()?;
    let mut outcomes: Vec<LayerOutcome> = Vec::with_capacity(workload.layers.len());
    for (index, layer) in workload.layers.iter().enumerate() {
        let operands = workload.operands(index, widths, &outcomes)?;
        let mut result = gemm(&operands)?;
        drop(operands);
        assert_eq!((result.rows(), result.cols()), (layer.m, layer.n), "the result of `{}` is M x N", layer.name);
        if let Some(bias) = &layer.bias {
            let bias = workload.vector(layer, bias, "bias", layer.n)?;
            for row in 0..layer.m {
                result.row_mut(row).iter_mut().zip(&bias).for_each(|(sum, &bias)| *sum += i64::from(bias));
            }
        }
        let output = layer.requantize.map(|step| Matrix::from_fn(layer.m, layer.n, |m, n| step.apply(result[(m, n)])));
        let classification = match &layer.labels {
            None => None,
            Some(labels) => Some(workload.classify(layer, labels, &result, output.as_ref())?),
        };
        outcomes.push(LayerOutcome { classification, output });
    }
    Ok(outcomes)
}

/// The column of the first of the greatest values.
fn greatest<T: PartialOrd + Copy>(row: &[T]) -> usize {
    let mut best = 0;
    for (column, &value) in row.iter().enumerate() {
        if value > row[best] {
            best = column;
        }
    }
    best
}

impl Workload {
    /// The operands of one layer; `earlier` are the outcomes of the layers before it.
    fn operands(
        &self,
        index: usize,
        widths: OperandWidths,
        earlier: &[LayerOutcome],
    ) -> Result<LayerOperands<'_>, WorkloadError> {
        let layer = &self.layers[index];
        let a = self.operand(layer, "a", widths.a(), earlier)?;
        let b = self.operand(layer, "b", widths.b(), earlier)?;
        Ok(LayerOperands { index, layer, a, b })
    }

    fn operand(
        &self,
        layer: &Layer,
        operand: &str,
        format: Format,
        earlier: &[LayerOutcome],
    ) -> Result<Matrix<i32>, WorkloadError> {
        let (tensor, rows, cols) = match operand {
            "a" => (&layer.a, layer.m, layer.k),
            _ => (&layer.b, layer.k, layer.n),
        };
        let name = format!("{operand} of `{}`", layer.name);
        let values = match &tensor.values {
            // Clipped to the format by construction.
            Values::Drawn(distribution) => {
                let drawn = draw::draw(distribution, format, (self.seed, &layer.name, operand), (rows, cols));
                return drawn.map_err(|error| WorkloadError::BadDistribution {
                    reason: error.to_string(),
                    text: self.text.clone(),
                    at: tensor.at,
                });
            }
            Values::Npy(path) => {
                let file = NpyFile { path: path.clone(), at: tensor.at };
                let shape = [rows, cols];
                Request { files: &self.files, file: &file, text: &self.text, tensor: &name, shape: &shape }.read()?
            }
            Values::Layer(source) => {
                let output = earlier.get(*source).and_then(|outcome| outcome.output.clone());
                output.ok_or_else(|| WorkloadError::NotRequantized {
                    name: self.layers[*source].name.clone(),
                    text: self.text.clone(),
                    at: tensor.at,
                })?
            }
        };
        let (least, greatest) = format.range();
        match values.values().iter().position(|value| !(least..=greatest).contains(value)) {
            None => Ok(values),
            Some(index) => Err(WorkloadError::ValueOutOfRange {
                tensor: name,
                row: index / cols,
                col: index % cols,
                value: values.values()[index],
                format,
                least,
                greatest,
                text: self.text.clone(),
                at: tensor.at,
            }),
        }
    }

    fn vector(&self, layer: &Layer, file: &NpyFile, role: &str, length: usize) -> Result<Vec<i32>, WorkloadError> {
        let tensor = format!("{role} of `{}`", layer.name);
        let request = Request { files: &self.files, file, text: &self.text, tensor: &tensor, shape: &[length] };
        Ok(request.read()?.values().to_vec())
    }

    fn classify(
        &self,
        layer: &Layer,
        file: &NpyFile,
        result: &Matrix<i64>,
        output: Option<&Matrix<i32>>,
    ) -> Result<Classification, WorkloadError> {
        let mut labels = Vec::with_capacity(layer.m);
        for (row, value) in self.vector(layer, file, "labels", layer.m)?.into_iter().enumerate() {
            match usize::try_from(value).ok().filter(|&label| label < layer.n) {
                Some(label) => labels.push(label),
                None => {
                    let (text, at) = (self.text.clone(), file.at);
                    return Err(WorkloadError::BadLabel { value, row, classes: layer.n, text, at });
                }
            }
        }
        let predictions = (0..layer.m).map(|row| match output {
            Some(output) => greatest(output.row(row)),
            None => greatest(result.row(row)),
        });
        Ok(Classification { predictions: predictions.collect(), labels })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_values_the_first_is_the_greatest() {
        assert_eq!(greatest(&[1, 5, 5, 2]), 1);
        assert_eq!(greatest(&[-3, -3]), 0);
        assert_eq!(greatest(&[7_i64]), 0);
    }
}
