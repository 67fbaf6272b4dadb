//! Running the layers of a workload on any engine, with the integer arithmetic between them.

use std::sync::Arc;

use super::{
    conv::{Conv, Filters, Windows},
    draw::{Drawn, Sampler},
    error::WorkloadError,
    layer::{Layer, Tensor, Values, Workload},
    operand_formats::{OperandFormats, OperandValues, lines_of, product_of},
    scaled::{Exponents, GRID_BITS, Lines, on_grid},
    tensor::{Request, TensorFile, TensorRecord, Want},
};
use crate::{
    encoding::{Distribution, Format},
    matrix::{Blocks, Matrix},
};

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
        Format { bits: self.a_bits, signed: self.a_signed, element: None }
    }

    /// The format of B.
    pub const fn b(self) -> Format {
        Format { bits: self.b_bits, signed: self.b_signed, element: None }
    }
}

/// One layer with its operands, ready to be multiplied.
pub struct LayerOperands<'a> {
    /// Which layer of the workload.
    pub index: usize,
    /// The layer.
    pub layer: &'a Layer,
    /// Its products, one after the other.
    pub products: Vec<ProductOperands>,
    /// What was done to those of A and B that come from files, in this order.
    pub records: Vec<TensorRecord>,
}

/// The operands of one product.
pub struct ProductOperands {
    /// M x K elements of the format of A.
    pub a: Arc<dyn Blocks + Send>,
    /// K x N elements of the format of B.
    pub b: Arc<dyn Blocks + Send>,
    /// The exponents that blocks of A and of B share, where their format has them.
    pub exponents: [Option<Arc<dyn Exponents>>; 2],
}

impl LayerOperands<'_> {
    /// A and B of the first product, as a whole.
    pub fn first(&self) -> (Matrix<i32>, Matrix<i32>) {
        (self.products[0].a.whole(), self.products[0].b.whole())
    }

    /// The result of all products, groups side by side, each multiplied by `gemm` as a whole.
    ///
    /// # Errors
    /// What `gemm` says.
    pub fn multiply<E>(
        &self,
        mut gemm: impl FnMut(&Matrix<i32>, &Matrix<i32>) -> Result<Matrix<i64>, E>,
    ) -> Result<Matrix<i64>, E> {
        let (rows, cols) = self.layer.result();
        let mut result = Matrix::filled(rows, cols, 0);
        for (index, product) in self.products.iter().enumerate() {
            let c = gemm(&product.a.whole(), &product.b.whole())?;
            self.layer.place(&mut result, index, &c);
        }
        Ok(result)
    }
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

/// Runs the layers in order, each once. `gemm` multiplies, and returns the layer's result ([`Layer::result`]), or nothing where it
/// [is not used](Layer::result_is_used); bias, requantisation and classification are the same whatever it is, so two engines that
/// multiply alike classify alike, image for image.
///
/// Returns one outcome a layer.
///
/// # Errors
/// Matrices that need more memory than they may take, a file that cannot be read, a value that does not fit in its operand, a label that is no class, or what `gemm` says.
///
/// # Panics
/// When `gemm` returns a matrix of another shape, or none where it is used.
pub fn run_network<E: From<WorkloadError>>(
    workload: &Workload,
    formats: impl Into<OperandFormats>,
    mut gemm: impl FnMut(&LayerOperands<'_>) -> Result<Option<Matrix<i64>>, E>,
) -> Result<Vec<LayerOutcome>, E> {
    workload.check_work()?;
    workload.check_memory()?;
    let formats = formats.into();
    let mut outcomes: Vec<LayerOutcome> = Vec::with_capacity(workload.layers.len());
    for (index, layer) in workload.layers.iter().enumerate() {
        let operands = workload.operands(index, formats, &outcomes)?;
        let result = gemm(&operands)?;
        drop(operands);
        let Some(mut result) = result.filter(|_| layer.result_is_used()) else {
            assert!(!layer.result_is_used(), "the result of `{}` is used", layer.name);
            outcomes.push(LayerOutcome { classification: None, output: None });
            continue;
        };
        let (rows, cols) = layer.result();
        assert_eq!((result.rows(), result.cols()), (rows, cols), "the result of `{}` has its shape", layer.name);
        if let Some(bias) = &layer.bias {
            let bias = workload.vector(layer, bias, "bias", cols)?;
            for row in 0..rows {
                result.row_mut(row).iter_mut().zip(&bias).for_each(|(sum, &bias)| *sum += i64::from(bias));
            }
        }
        let output = layer.requantize.map(|step| Matrix::from_fn(rows, cols, |m, n| step.apply(result[(m, n)])));
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

/// `a` or `b`, and where its values come from.
fn operand_of(layer: &Layer, want: Want) -> (&'static str, &Tensor) {
    match want {
        Want::B { .. } | Want::Filters(_) => ("b", &layer.b),
        _ => ("a", &layer.a),
    }
}

impl Workload {
    /// The operands of one layer; `earlier` are the outcomes of the layers before it.
    fn operands(
        &self,
        index: usize,
        formats: OperandFormats,
        earlier: &[LayerOutcome],
    ) -> Result<LayerOperands<'_>, WorkloadError> {
        let layer = &self.layers[index];
        self.formats_fit(layer, formats)?;
        let mut records = Vec::new();
        let products = match layer.conv {
            Some(conv) => self.conv_operands(layer, conv, formats, earlier, &mut records)?,
            None => {
                let (a, b) = (Want::A { rows: layer.m, cols: layer.k }, Want::B { rows: layer.k, cols: layer.n });
                let a = self.operands_of_products(layer, a, formats.a, earlier, &mut records)?;
                let b = self.operands_of_products(layer, b, formats.b, earlier, &mut records)?;
                a.into_iter().zip(b).map(product_of).collect()
            }
        };
        Ok(LayerOperands { index, layer, products, records })
    }

    /// The windows and filters of each group.
    fn conv_operands(
        &self,
        layer: &Layer,
        conv: Conv,
        formats: OperandFormats,
        earlier: &[LayerOutcome],
        records: &mut Vec<TensorRecord>,
    ) -> Result<Vec<ProductOperands>, WorkloadError> {
        let pixels = conv.input[0] * conv.input[1];
        let (images, filters) = (Want::Input(conv), Want::Filters(conv));
        let shape = images.extents();
        // Blocks lie along K of the products: what is drawn is lowered before it is quantised.
        let [a_grid, b_grid] = [&layer.a, &layer.b].map(|tensor| match &tensor.values {
            Values::Drawn(distribution) => on_grid(distribution).1,
            _ => 0,
        });
        let input = match layer.a.values {
            // The pixels of an earlier result are its rows.
            Values::Layer(_) => {
                let result = self.operand(layer, images, formats.a, earlier, records)?.elements.whole();
                Matrix::from_fn(shape.0, shape.1, |row, pixel| {
                    let (image, channel) = (row / conv.channels, row % conv.channels);
                    result[(image * pixels + pixel, channel)]
                })
            }
            _ => self.operand(layer, images, formats.a, earlier, records)?.elements.whole(),
        };
        let (input, (_, n, k)) = (Arc::new(input), conv.product());
        let weights = match layer.b.values {
            Values::Layer(_) => {
                let result = self.operand(layer, filters, formats.b, earlier, records)?.elements.whole();
                Arc::new(Matrix::from_fn(conv.filters, k, |filter, place| result[(place, filter)]))
            }
            _ => self.operand(layer, filters, formats.b, earlier, records)?.elements,
        };
        let lowered = |raw, format: Format, lines, grid| match format.is_blocked() {
            true => OperandValues::drawn(raw, format, lines, grid),
            false => OperandValues::plain(raw),
        };
        let group = |group: usize| {
            let windows = Arc::new(Windows { conv, group, input: input.clone() });
            let filters = Arc::new(Filters { weights: weights.clone(), filters: group * n..(group + 1) * n });
            product_of((
                lowered(windows, formats.a, Lines::Rows, a_grid),
                lowered(filters, formats.b, Lines::Cols, b_grid),
            ))
        };
        Ok((0..conv.groups).map(group).collect())
    }

    /// The values of an operand for each product of a layer; those of several are drawn.
    fn operands_of_products(
        &self,
        layer: &Layer,
        want: Want,
        format: Format,
        earlier: &[LayerOutcome],
        records: &mut Vec<TensorRecord>,
    ) -> Result<Vec<OperandValues>, WorkloadError> {
        let (operand, tensor) = operand_of(layer, want);
        let Values::Drawn(distribution) = &tensor.values else {
            return Ok(vec![self.operand(layer, want, format, earlier, records)?]);
        };
        let (sampler, grid) = self.sampler(tensor, distribution, format)?;
        let lines = lines_of(want);
        let drawn = |product: u64| {
            // The first product has the values that a layer of one product has.
            let key = if product == 0 { operand.to_owned() } else { format!("{operand}/{product}") };
            let raw = Arc::new(Drawn::new(sampler.clone(), (self.seed, &layer.name, &key), want.extents()));
            OperandValues::drawn(raw, format, lines, grid)
        };
        Ok((0..layer.products).map(drawn).collect())
    }

    fn sampler(
        &self,
        tensor: &Tensor,
        distribution: &Distribution,
        format: Format,
    ) -> Result<(Arc<Sampler>, i32), WorkloadError> {
        let (distribution, format, grid) = match format.element {
            None => (distribution.clone(), format, 0),
            Some(_) => {
                let (steps, grid) = on_grid(distribution);
                (steps, Format::int(GRID_BITS), grid)
            }
        };
        let pmf = distribution.pmf(format).map_err(|error| WorkloadError::BadDistribution {
            reason: error.to_string(),
            text: self.text.clone(),
            at: tensor.at,
        })?;
        Ok((Arc::new(Sampler::new(&pmf)), grid))
    }

    /// The values of an operand of which there is one for all products.
    fn operand(
        &self,
        layer: &Layer,
        want: Want,
        format: Format,
        earlier: &[LayerOutcome],
        records: &mut Vec<TensorRecord>,
    ) -> Result<OperandValues, WorkloadError> {
        let (operand, tensor) = operand_of(layer, want);
        let (rows, cols) = want.extents();
        let name = format!("{operand} of `{}`", layer.name);
        let values = match &tensor.values {
            // Clipped to the format by construction.
            Values::Drawn(distribution) => {
                let (sampler, grid) = self.sampler(tensor, distribution, format)?;
                let raw = Arc::new(Drawn::new(sampler, (self.seed, &layer.name, operand), (rows, cols)));
                if layer.conv.is_some() && format.is_blocked() {
                    return Ok(OperandValues::plain(raw));
                }
                return Ok(OperandValues::drawn(raw, format, lines_of(want), grid));
            }
            // Within the format, or an error.
            Values::File(file) => {
                let request = Request { files: &self.files, file, text: &self.text, tensor: &name, want };
                let (integers, exponents, record) = request.operand(format)?;
                records.push(record);
                let exponents = exponents.map(|exponents| Arc::new(exponents) as Arc<dyn Exponents>);
                return Ok(OperandValues { elements: Arc::new(integers.into_matrix()), exponents });
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
            None => Ok(OperandValues::plain(Arc::new(values))),
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

    fn vector(&self, layer: &Layer, file: &TensorFile, role: &str, length: usize) -> Result<Vec<i32>, WorkloadError> {
        let tensor = format!("{role} of `{}`", layer.name);
        let want = Want::Vector(length);
        Request { files: &self.files, file, text: &self.text, tensor: &tensor, want }.vector()
    }

    fn classify(
        &self,
        layer: &Layer,
        file: &TensorFile,
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
