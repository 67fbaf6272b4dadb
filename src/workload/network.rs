//! Running the layers of a workload on any engine, with the integer arithmetic between them.

use std::sync::Arc;

use super::{
    conv::{Conv, Filters, Windows},
    draw::{Drawn, Sampler},
    error::WorkloadError,
    layer::{Layer, Tensor, Values, Workload},
    operand_formats::{OperandFormats, OperandValues, lines_of, product_of},
    scaled::{Exponents, GRID_BITS, Lines, on_grid},
    sparsity::{Pruned, Source, Stand, StoredOperand},
    tensor::{Request, TensorFile, TensorRecord, Want},
};
use crate::{
    encoding::{Distribution, Format},
    matrix::{Blocks, Matrix, strips},
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
    /// A and B as they are stored.
    pub stored: [StoredOperand; 2],
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

/// What distinguishes the draws of an operand's products: the first has the values that a layer of one product has.
fn key_of(operand: &str, product: usize) -> String {
    if product == 0 { operand.to_owned() } else { format!("{operand}/{product}") }
}

/// How many values are 0.
fn zeros(of: &dyn Blocks) -> u64 {
    const WORDS: usize = 1 << 18;
    strips(of, WORDS).map(|(_, strip)| strip.values().iter().filter(|&&value| value == 0).count() as u64).sum()
}

/// `a` or `b`, and where its values come from.
fn operand_of(layer: &Layer, want: Want) -> (&'static str, &Tensor) {
    match want {
        Want::B { .. } | Want::Filters(_) => ("b", &layer.b),
        _ => ("a", &layer.a),
    }
}

/// What is drawn as elements of a format; what comes from elsewhere is that already.
fn quantised(tensor: &Tensor, format: Format, lines: Lines, values: Arc<dyn Blocks + Send>) -> OperandValues {
    match &tensor.values {
        Values::Drawn(distribution) => OperandValues::drawn(values, format, lines, on_grid(distribution).1),
        _ => OperandValues::plain(values),
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
        let (products, stored) = match layer.conv {
            Some(conv) => self.conv_operands(layer, conv, formats, earlier, &mut records)?,
            None => {
                let (a, b) = (Want::A { rows: layer.m, cols: layer.k }, Want::B { rows: layer.k, cols: layer.n });
                let (a, a_stored) = self.operands_of_products(layer, a, formats.a, earlier, &mut records)?;
                let (b, b_stored) = self.operands_of_products(layer, b, formats.b, earlier, &mut records)?;
                (a.into_iter().zip(b).map(product_of).collect(), [a_stored, b_stored])
            }
        };
        Ok(LayerOperands { index, layer, products, stored, records })
    }

    /// The windows and filters of each group, and the input and the filters.
    fn conv_operands(
        &self,
        layer: &Layer,
        conv: Conv,
        formats: OperandFormats,
        earlier: &[LayerOutcome],
        records: &mut Vec<TensorRecord>,
    ) -> Result<(Vec<ProductOperands>, [StoredOperand; 2]), WorkloadError> {
        let pixels = conv.input[0] * conv.input[1];
        let (images, filters) = (Want::Input(conv), Want::Filters(conv));
        let shape = images.extents();
        let mut input = self.operand(layer, images, formats.a, earlier, records)?.elements;
        if let Values::Layer(_) = layer.a.values {
            // The pixels of an earlier result are its rows.
            let result = input.whole();
            input = Arc::new(Matrix::from_fn(shape.0, shape.1, |row, pixel| {
                let (image, channel) = (row / conv.channels, row % conv.channels);
                result[(image * pixels + pixel, channel)]
            }));
        }
        let mut a = self.pruned(layer, images, formats.a, vec![input]);
        let (m, n, k) = conv.product();
        let mut weights = self.operand(layer, filters, formats.b, earlier, records)?.elements;
        if let Values::Layer(_) = layer.b.values {
            let result = weights.whole();
            weights = Arc::new(Matrix::from_fn(conv.filters, k, |filter, place| result[(place, filter)]));
        }
        let mut b = self.pruned(layer, filters, formats.b, vec![weights]);
        // Blocks lie along K of the products: what is drawn is lowered before it is quantised, else after.
        for (tensor, format, stored) in [(&layer.a, formats.a, &mut a), (&layer.b, formats.b, &mut b)] {
            if !format.is_blocked() {
                stored.parts[0] = quantised(tensor, format, Lines::Rows, stored.parts[0].clone()).elements;
            }
        }
        let input = Arc::new(a.parts[0].whole());
        a.parts[0] = input.clone();
        let lowered = |tensor, format: Format, lines, values| match format.is_blocked() {
            true => quantised(tensor, format, lines, values),
            false => OperandValues::plain(values),
        };
        let (mut lowered_a, mut lowered_b) = (Vec::new(), Vec::new());
        for group in 0..conv.groups {
            let windows = Arc::new(Windows { conv, group, input: input.clone() });
            lowered_a.push(lowered(&layer.a, formats.a, Lines::Rows, windows));
            let filters = group * n..(group + 1) * n;
            let filters = Arc::new(Filters { weights: b.parts[0].clone(), filters });
            lowered_b.push(lowered(&layer.b, formats.b, Lines::Cols, filters));
        }
        // Elements with scales of their own are only made of what is lowered, and counted there; filters keep their groups.
        let elements = |of: &[OperandValues]| of.iter().map(|values| values.elements.clone()).collect();
        if formats.a.is_blocked() {
            let stand = Stand::of(Want::A { rows: m, cols: k });
            a = StoredOperand { parts: elements(&lowered_a), is_lowered: true, stand, ..a };
        }
        if formats.b.is_blocked() {
            b = StoredOperand { parts: elements(&lowered_b), stand: Stand::of(Want::B { rows: k, cols: n }), ..b };
        }
        Ok((lowered_a.into_iter().zip(lowered_b).map(product_of).collect(), [a, b]))
    }

    /// The values of an operand for each product of a layer; those of several are drawn.
    fn operands_of_products(
        &self,
        layer: &Layer,
        want: Want,
        format: Format,
        earlier: &[LayerOutcome],
        records: &mut Vec<TensorRecord>,
    ) -> Result<(Vec<OperandValues>, StoredOperand), WorkloadError> {
        let (operand, tensor) = operand_of(layer, want);
        let Values::Drawn(distribution) = &tensor.values else {
            let OperandValues { elements, exponents } = self.operand(layer, want, format, earlier, records)?;
            let stored = self.pruned(layer, want, format, vec![elements]);
            return Ok((vec![OperandValues { elements: stored.parts[0].clone(), exponents }], stored));
        };
        let sampler = self.sampler(tensor, distribution, format)?;
        let drawn = |product: usize| -> Arc<dyn Blocks + Send> {
            let key = key_of(operand, product);
            Arc::new(Drawn::new(sampler.clone(), (self.seed, &layer.name, &key), want.extents()))
        };
        let mut stored = self.pruned(layer, want, format, (0..layer.products as usize).map(drawn).collect());
        let lines = lines_of(want);
        let values: Vec<_> = stored.parts.iter().map(|raw| quantised(tensor, format, lines, raw.clone())).collect();
        stored.parts = values.iter().map(|values| values.elements.clone()).collect();
        Ok((values, stored))
    }

    /// An operand with what its sparsity leaves of it. What is drawn stays to be made block by block, before it is quantised; what is
    /// there as a whole is pruned at once, and what that changed counted.
    fn pruned(&self, layer: &Layer, want: Want, format: Format, parts: Vec<Arc<dyn Blocks + Send>>) -> StoredOperand {
        let (operand, tensor) = operand_of(layer, want);
        let stand = Stand::of(want);
        let Some(sparsity) = tensor.sparsity else {
            return StoredOperand { parts, sparsity: None, changed: None, is_lowered: false, stand };
        };
        let is_drawn = matches!(tensor.values, Values::Drawn(_));
        let format = if is_drawn && format.element.is_some() { Format::int(GRID_BITS) } else { format };
        let mut changed = 0;
        let prune = |(product, values): (usize, Arc<dyn Blocks + Send>)| -> Arc<dyn Blocks + Send> {
            let key = key_of(operand, product);
            let source = Source { values: values.clone(), stand, format, key: (self.seed, &layer.name, &key) };
            let pruned = Pruned::new(source, &sparsity);
            if is_drawn {
                return Arc::new(pruned);
            }
            let pruned = pruned.whole();
            // Values only ever become 0.
            changed += zeros(&pruned) - zeros(&*values);
            Arc::new(pruned)
        };
        let parts = parts.into_iter().enumerate().map(prune).collect();
        let changed = (!is_drawn).then_some(changed);
        StoredOperand { parts, sparsity: Some(sparsity), changed, is_lowered: false, stand }
    }

    fn sampler(
        &self,
        tensor: &Tensor,
        distribution: &Distribution,
        format: Format,
    ) -> Result<Arc<Sampler>, WorkloadError> {
        let (distribution, format) = match format.element {
            None => (distribution.clone(), format),
            Some(_) => (on_grid(distribution).0, Format::int(GRID_BITS)),
        };
        let pmf = distribution.pmf(format).map_err(|error| WorkloadError::BadDistribution {
            reason: error.to_string(),
            text: self.text.clone(),
            at: tensor.at,
        })?;
        Ok(Arc::new(Sampler::new(&pmf)))
    }

    /// The values of an operand of which there is one for all products; what is drawn is not quantised yet.
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
                let sampler = self.sampler(tensor, distribution, format)?;
                let raw = Arc::new(Drawn::new(sampler, (self.seed, &layer.name, operand), (rows, cols)));
                return Ok(OperandValues::plain(raw));
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
                help: self.origin.widen(format, Some(operand), values.values()[index]),
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
