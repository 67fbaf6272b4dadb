//! Running the layers of a workload on any engine, with the arithmetic between them.

use std::sync::Arc;

use super::{
    after::{After, LayerOutcome, LayerResult},
    conv::{Conv, Filters, Windows},
    draw::{Drawn, Sampler},
    error::WorkloadError,
    layer::{Layer, Tensor, Values, Workload},
    operand_formats::{OperandFormats, OperandValues, bits_of, lines_of, product_of},
    scaled::{Blocked, Census, Exponents, GRID_BITS, Lines, LinesFrom, Raw, on_grid},
    sparsity::{Pruned, Source, Stand, StoredOperand},
    tensor::{Loaded, Quantize, Quantized, Request, TensorRecord, Want},
};
use crate::{
    encoding::{Distribution, ElementFormat, Format},
    matrix::{Blocks, Matrix, parts},
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
    /// What 1 of the numbers of A and of B stands for beside shared exponents: one, or one a row of A or column of B; `None` of integers
    /// that nobody gave a scale.
    pub scales: [Option<Vec<f64>>; 2],
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

/// Runs the layers in order, each once. `gemm` multiplies, and returns the layer's result ([`Layer::result`]), or nothing where it
/// [is not used](Layer::result_is_used); bias, requantisation and classification are the same whatever it is, so two engines that
/// multiply alike classify alike, image for image. Formats whose blocks share exponents have results that integers cannot be: these are
/// an error, see [`run_layers`].
///
/// Returns one outcome a layer.
///
/// # Errors
/// Matrices that need more memory than they may take, a file that cannot be read, a value that does not fit in its operand, a
/// label that is no class, a result that is used of a format whose blocks share exponents, or what `gemm` says. What follows the
/// products of all layers is checked before the first one.
///
/// # Panics
/// When `gemm` returns a matrix of another shape, or none where it is used.
pub fn run_network<E: From<WorkloadError>>(
    workload: &Workload,
    formats: impl Into<OperandFormats>,
    mut gemm: impl FnMut(&LayerOperands<'_>) -> Result<Option<Matrix<i64>>, E>,
) -> Result<Vec<LayerOutcome>, E> {
    run_layers(workload, formats, |operands| Ok(gemm(operands)?.map(LayerResult::Integers)))
}

/// [`run_network`] with results that may be weighed by the exponents of blocks.
///
/// # Errors
/// As [`run_network`], but that results may be [weighed](LayerResult::Weighed); a real result that single precision cannot hold.
///
/// # Panics
/// As [`run_network`].
pub fn run_layers<E: From<WorkloadError>>(
    workload: &Workload,
    formats: impl Into<OperandFormats>,
    mut gemm: impl FnMut(&LayerOperands<'_>) -> Result<Option<LayerResult>, E>,
) -> Result<Vec<LayerOutcome>, E> {
    let formats = formats.into();
    workload.check_work()?;
    workload.check_memory(formats.a.is_blocked() || formats.b.is_blocked())?;
    // What is wrong with any layer is said before the first one runs.
    let after = workload.layers.iter().map(|layer| After::new(workload, layer, formats));
    let after: Vec<After<'_>> = after.collect::<Result<_, _>>()?;
    let mut outcomes: Vec<LayerOutcome> = Vec::with_capacity(workload.layers.len());
    for (index, (layer, after)) in workload.layers.iter().zip(&after).enumerate() {
        let operands = workload.operands(index, formats, &outcomes)?;
        let real = after.real(&operands)?;
        let result = gemm(&operands)?;
        drop(operands);
        let Some(result) = result.filter(|_| layer.result_is_used()) else {
            assert!(!layer.result_is_used(), "the result of `{}` is used", layer.name);
            outcomes.push(LayerOutcome::default());
            continue;
        };
        assert_eq!(result.extents(), layer.result(), "the result of `{}` has its shape", layer.name);
        outcomes.push(after.outcome(real.as_ref(), result)?);
    }
    Ok(outcomes)
}

/// What distinguishes the draws of an operand's products: the first has the values that a layer of one product has.
fn key_of(operand: &str, product: usize) -> String {
    if product == 0 { operand.to_owned() } else { format!("{operand}/{product}") }
}

/// How many values are 0.
fn zeros(of: &dyn Blocks) -> u64 {
    const WORDS: usize = 1 << 18;
    let zeros = |(rows, cols)| of.block(rows, cols).values().iter().filter(|&&value| value == 0).count() as u64;
    parts(of.rows(), of.cols(), WORDS).map(zeros).sum()
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

/// What an operand of a convolution in blocks is when it is lowered: quantised then, but for filters of a file, which are elements.
enum Lowering {
    Quantised(Raw),
    Elements(Arc<dyn Exponents>),
}

impl Lowering {
    fn new(tensor: &Tensor, values: &OperandValues) -> Self {
        match (&values.exponents, &tensor.values) {
            (Some(exponents), _) => Self::Elements(exponents.clone()),
            (None, Values::Drawn(distribution)) => Self::Quantised(on_grid(distribution).1),
            (None, _) => Self::Quantised(Raw::Single),
        }
    }

    /// Some lines of it, from one on.
    fn values(&self, raw: Arc<dyn Blocks + Send>, element: ElementFormat, lines: Lines, from: usize) -> OperandValues {
        match self {
            Self::Quantised(kind) => OperandValues::blocked(Arc::new(Blocked { raw, element, lines, kind: *kind })),
            Self::Elements(exponents) => {
                let exponents = Arc::new(LinesFrom(exponents.clone(), from));
                OperandValues { elements: raw, exponents: Some(exponents), scales: Some(vec![1.0]) }
            }
        }
    }
}

/// Completes the record of the input of a convolution that was lowered, a matrix a group, and then quantised.
fn lowered_record(record: &mut TensorRecord, windows: &[Arc<Windows>], element: ElementFormat) {
    let mut census = Census::default();
    for raw in windows {
        Blocked { raw: raw.clone(), element, lines: Lines::Rows, kind: Raw::Single }.census(&mut census);
    }
    let [least, greatest] = census.exponents.unwrap_or([0; 2]).map(|exponent| 2_f64.powi(exponent));
    record.quantized = Some(Quantized {
        scheme: Quantize::PerBlock,
        format: Format::of(element),
        scales: census.blocks,
        scale_min: least,
        scale_max: greatest,
        clipped: census.clipped,
    });
    record.elements = census.elements.values().sum();
    record.zeros = census.elements.get(&0).copied().unwrap_or(0);
    record.values = census.elements.into_iter().collect();
}

/// Products, operands as they are stored, and their scales.
type ConvOperands = (Vec<ProductOperands>, [StoredOperand; 2], [Option<Vec<f64>>; 2]);

impl Workload {
    /// The operands of one layer; `earlier` are the outcomes of the layers before it.
    fn operands(
        &self,
        index: usize,
        formats: OperandFormats,
        earlier: &[LayerOutcome],
    ) -> Result<LayerOperands<'_>, WorkloadError> {
        let layer = &self.layers[index];
        let mut records = Vec::new();
        let (products, stored, scales) = match layer.conv {
            Some(conv) => self.conv_operands(layer, conv, formats, earlier, &mut records)?,
            None => {
                let (a, b) = (Want::A { rows: layer.m, cols: layer.k }, Want::B { rows: layer.k, cols: layer.n });
                let (mut a, a_stored) = self.operands_of_products(layer, a, formats.a, earlier, &mut records)?;
                let (mut b, b_stored) = self.operands_of_products(layer, b, formats.b, earlier, &mut records)?;
                let scales = [&mut a, &mut b].map(|of| of.first_mut().and_then(|values| values.scales.take()));
                (a.into_iter().zip(b).map(product_of).collect(), [a_stored, b_stored], scales)
            }
        };
        Ok(LayerOperands { index, layer, products, stored, records, scales })
    }

    /// The windows and filters of each group, and the input and the filters.
    fn conv_operands(
        &self,
        layer: &Layer,
        conv: Conv,
        formats: OperandFormats,
        earlier: &[LayerOutcome],
        records: &mut Vec<TensorRecord>,
    ) -> Result<ConvOperands, WorkloadError> {
        let pixels = conv.input[0] * conv.input[1];
        let (images, filters) = (Want::Input(conv), Want::Filters(conv));
        let shape = images.extents();
        let values = self.operand(layer, images, formats.a, earlier, records)?;
        let a_lowering = Lowering::new(&layer.a, &values);
        let mut a_scales = values.scales;
        let mut input = values.elements;
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
        let values = self.operand(layer, filters, formats.b, earlier, records)?;
        let b_lowering = Lowering::new(&layer.b, &values);
        let mut b_scales = values.scales;
        let mut weights = values.elements;
        if let Values::Layer(_) = layer.b.values {
            let result = weights.whole();
            weights = Arc::new(Matrix::from_fn(conv.filters, k, |filter, place| result[(place, filter)]));
        }
        let mut b = self.pruned(layer, filters, formats.b, vec![weights]);
        // Blocks lie along K of the products: what has none yet is lowered before it is quantised, else after.
        for (tensor, format, stored, scales) in
            [(&layer.a, formats.a, &mut a, &mut a_scales), (&layer.b, formats.b, &mut b, &mut b_scales)]
        {
            if !format.is_blocked() {
                let values = quantised(tensor, format, Lines::Rows, stored.parts[0].clone());
                stored.parts[0] = values.elements;
                *scales = scales.take().or(values.scales);
            }
        }
        let input = Arc::new(a.parts[0].whole());
        a.parts[0] = input.clone();
        let windows: Vec<_> =
            (0..conv.groups).map(|group| Arc::new(Windows { conv, group, input: input.clone() })).collect();
        let (mut lowered_a, mut lowered_b) = (Vec::new(), Vec::new());
        for (group, windows) in windows.iter().enumerate() {
            lowered_a.push(match formats.a.element.filter(|_| formats.a.is_blocked()) {
                Some(element) => a_lowering.values(windows.clone(), element, Lines::Rows, 0),
                None => OperandValues::plain(windows.clone()),
            });
            let from = group * n;
            let filters = Arc::new(Filters { weights: b.parts[0].clone(), filters: from..from + n });
            lowered_b.push(match formats.b.element.filter(|_| formats.b.is_blocked()) {
                Some(element) => b_lowering.values(filters, element, Lines::Cols, from),
                None => OperandValues::plain(filters),
            });
        }
        if let (Values::File(_), true, Some(element)) = (&layer.a.values, formats.a.is_blocked(), formats.a.element)
            && let Some(record) = records.iter_mut().find(|record| record.operand == "a")
        {
            lowered_record(record, &windows, element);
        }
        if formats.a.is_blocked() {
            a_scales = Some(vec![1.0]);
        }
        if formats.b.is_blocked() {
            b_scales = Some(vec![1.0]);
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
        Ok((lowered_a.into_iter().zip(lowered_b).map(product_of).collect(), [a, b], [a_scales, b_scales]))
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
            let values = self.operand(layer, want, format, earlier, records)?;
            let stored = self.pruned(layer, want, format, vec![values.elements.clone()]);
            return Ok((vec![OperandValues { elements: stored.parts[0].clone(), ..values }], stored));
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
                if let (Want::Input(_), true) = (want, format.is_blocked()) {
                    let (bits, record) = request.bits(format)?;
                    records.push(record);
                    return Ok(OperandValues::plain(Arc::new(bits)));
                }
                let Loaded { integers, exponents, scales, record } = request.operand(format)?;
                records.push(record);
                let exponents = exponents.map(|exponents| Arc::new(exponents) as Arc<dyn Exponents>);
                return Ok(OperandValues { elements: Arc::new(integers.into_matrix()), exponents, scales });
            }
            Values::Layer(source) => {
                let outcome = earlier.get(*source);
                if let Some(numbers) = outcome.and_then(|outcome| outcome.reals.as_ref()) {
                    if let (Want::Input(_) | Want::Filters(_), true) = (want, format.is_blocked()) {
                        return Ok(OperandValues::plain(Arc::new(bits_of(numbers))));
                    }
                    let quantised = OperandValues::of_reals(numbers, format, lines_of(want));
                    return quantised.map_err(|at| self.below_zero(&name, tensor, format, numbers, at));
                }
                let output = outcome.and_then(|outcome| outcome.output.clone());
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
                value: Box::new(values.values()[index].into()),
                format,
                help: self.origin.widen(format, Some(operand), values.values()[index].into()),
                least,
                greatest,
                text: self.text.clone(),
                at: tensor.at,
            }),
        }
    }
}
