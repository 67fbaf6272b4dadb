//! From the keys of a file to a checked workload.

use miette::SourceSpan;
use serde_spanned::Spanned;

use super::{
    error::{FileText, WorkloadError},
    file::{self, FileKeys, GemmKeys, RequantizeKeys, ValuesKeys, VectorKeys},
    layer::{Files, Layer, PassedOn, Requantize, Tensor, Values, Workload},
    origin::Origin,
    sparsity::Sparsity,
    tensor::{Request, SourceKeys, TensorFile, Want},
};
use crate::{
    encoding::{Distribution, EncodingError, MAX_BITS, MIN_BITS, signed_range},
    spelling,
};

/// log2 of the layers of a workload: what is counted of each is kept, for each PE.
pub(super) const LAYER_BITS: u32 = 13;
/// log2 of the elements that an operand of a layer may have: they are looked at one by one.
const OPERAND_BITS: u32 = 33;
/// log2 of the multiply-accumulates of a layer, repetitions included: they are counted in 64 bits.
const MAC_BITS: u32 = 56;

/// What the first layer beyond [`LAYER_BITS`] is.
pub(super) fn beyond_layers() -> String {
    let most = 1 << LAYER_BITS;
    format!("is number {} of the workload, which may have {most}", most + 1)
}

/// The memory that the matrices of one layer, with the results that later layers read, may take.
pub const MEMORY_LIMIT_BYTES: u64 = 1 << 30;

pub(super) const GREATEST_EXTENT: i64 = 1 << 24;
pub(super) const GREATEST_REPEAT: i64 = 1_000_000;
const GREATEST_SHIFT: i64 = 62;
const LONGEST_NAME: usize = 64;

/// A workload from the text of its file.
///
/// # Errors
/// Everything in [`WorkloadError`] but values out of range, which depend on the design's operands.
pub(super) fn resolve(text: FileText, files: Files) -> Result<Workload, WorkloadError> {
    let keys = file::parse(&text)?;
    let default = Values::Drawn(Distribution::Uniform);
    let mut resolver = Resolver { text, files, default, default_sparsity: None, layers: Vec::new() };
    resolver.name(&keys.name)?;
    if let Some(values) = &keys.values {
        let inner = values.get_ref();
        if let Some(key) = inner.source().files().map(|(_, path)| path).next().or(inner.layer.as_ref()) {
            return Err(resolver.ambiguous("the values of all tensors can only be a distribution", span(key)));
        }
        resolver.default = resolver.values(values, "values", Want::Vector(0))?;
        if let Some(sparsity) = &inner.sparsity {
            resolver.default_sparsity = Some((resolver.sparsity(sparsity)?, span(sparsity)));
        }
    }
    for layer in in_order(&keys) {
        match layer {
            Keys::Gemm(keys) => {
                let layer = resolver.layer(keys)?;
                resolver.layers.push(layer);
            }
            Keys::Conv(keys) => {
                let layer = resolver.conv(keys)?;
                resolver.layers.push(layer);
            }
            Keys::Attention(keys) => {
                let layers = resolver.attention(keys)?;
                resolver.layers.extend(layers);
            }
        }
    }
    if resolver.layers.is_empty() {
        return Err(WorkloadError::NoLayers { at: span(&keys.name), text: resolver.text });
    }
    let Resolver { text, files, layers, .. } = resolver;
    let workload = Workload {
        name: keys.name.into_inner(),
        seed: keys.seed,
        layers,
        origin: Origin::Toml,
        notes: Vec::new(),
        text,
        files,
    };
    workload.check_work()?;
    workload.check_memory(false)?;
    Ok(workload)
}

/// The keys of a layer.
enum Keys<'a> {
    Gemm(&'a GemmKeys),
    Conv(&'a file::ConvKeys),
    Attention(&'a file::AttentionKeys),
}

/// All layers in the order of the file.
fn in_order(keys: &FileKeys) -> Vec<Keys<'_>> {
    let mut layers: Vec<(usize, Keys)> = Vec::new();
    layers.extend(keys.gemm.iter().map(|layer| (layer.span().start, Keys::Gemm(layer.get_ref()))));
    layers.extend(keys.conv.iter().map(|layer| (layer.span().start, Keys::Conv(layer.get_ref()))));
    layers.extend(keys.attention.iter().map(|layer| (layer.span().start, Keys::Attention(layer.get_ref()))));
    layers.sort_by_key(|(start, _)| *start);
    layers.into_iter().map(|(_, keys)| keys).collect()
}

pub(super) struct Resolver {
    pub(super) text: FileText,
    files: Files,
    default: Values,
    /// With the place where it is written.
    default_sparsity: Option<(Sparsity, SourceSpan)>,
    layers: Vec<Layer>,
}

pub(super) fn span<T>(value: &Spanned<T>) -> SourceSpan {
    value.span().into()
}

impl Resolver {
    fn layer(&self, keys: &GemmKeys) -> Result<Layer, WorkloadError> {
        let name = self.new_name(&keys.name, "")?;
        let extent = |key, value| self.within(key, value, GREATEST_EXTENT).map(|value| value as usize);
        let (m, n, k) = (extent("m", &keys.m)?, extent("n", &keys.n)?, extent("k", &keys.k)?);
        let repeat = self.times("repeat", keys.repeat.as_ref())?;
        let products = self.times("products", keys.products.as_ref())?;
        let at = span(&keys.name);
        let a = self.tensor(keys.a.as_ref(), (&format!("a of `{name}`"), at), Want::A { rows: m, cols: k })?;
        let b = self.tensor(keys.b.as_ref(), (&format!("b of `{name}`"), at), Want::B { rows: k, cols: n })?;
        let vector = |keys: &Option<Spanned<VectorKeys>>, role, want| {
            let keys = keys.as_ref();
            keys.map(|keys| self.vector(keys, &format!("{role} of `{name}`"), want)).transpose()
        };
        let bias = vector(&keys.bias, "bias", Want::Bias(n))?;
        let labels = vector(&keys.labels, "labels", Want::Vector(m))?;
        let requantize = keys.requantize.as_ref().map(|keys| self.requantize(keys)).transpose()?;
        if let (true, Some(written)) = (products > 1, &keys.products) {
            let from_files = [&a, &b].iter().any(|tensor| !matches!(tensor.values, Values::Drawn(_)));
            if from_files || bias.is_some() || requantize.is_some() || labels.is_some() {
                let reason = "several products have drawn values, and no bias, requantize or labels".to_owned();
                let help = "write a layer for each product, or leave out `products`".to_owned();
                return Err(self.bad_shape(reason, help, span(written)));
            }
        }
        Ok(Layer { name, m, n, k, products, repeat, conv: None, a, b, bias, requantize, labels, at })
    }

    /// An operand of the layer at `at`: from its keys, or as all that name no source.
    pub(super) fn tensor(
        &self,
        keys: Option<&Spanned<ValuesKeys>>,
        (tensor, at): (&str, SourceSpan),
        want: Want,
    ) -> Result<Tensor, WorkloadError> {
        let Some(keys) = keys else {
            let sparsity = self.sparsity_fits(self.default_sparsity, tensor, want)?;
            return Ok(Tensor { values: self.default.clone(), sparsity, at });
        };
        let values = self.values(keys, tensor, want)?;
        let written = keys.get_ref().sparsity.as_ref();
        let sparsity = written.map(|keys| Ok((self.sparsity(keys)?, span(keys)))).transpose()?;
        let sparsity = self.sparsity_fits(sparsity, tensor, want)?;
        Ok(Tensor { values, sparsity, at: self.values_span(keys) })
    }

    /// The name of a layer, which no layer has yet; `suffix` follows what is written.
    pub(super) fn new_name(&self, written: &Spanned<String>, suffix: &str) -> Result<String, WorkloadError> {
        let name = self.name(written)? + suffix;
        match self.layers.iter().find(|layer| layer.name == name) {
            None => Ok(name),
            Some(first) => {
                let (text, first) = (self.text.clone(), first.at);
                Err(WorkloadError::DuplicateLayer { name, text, first, at: span(written) })
            }
        }
    }

    /// How often something occurs; 1 if nothing is written.
    pub(super) fn times(&self, key: &'static str, written: Option<&Spanned<i64>>) -> Result<u64, WorkloadError> {
        written.map_or(Ok(1), |written| self.within(key, written, GREATEST_REPEAT)).map(|times| times as u64)
    }

    pub(super) fn bad_shape(&self, reason: String, help: String, at: SourceSpan) -> WorkloadError {
        WorkloadError::BadShape { reason, help, text: self.text.clone(), at }
    }

    fn name(&self, name: &Spanned<String>) -> Result<String, WorkloadError> {
        let text = name.get_ref();
        let is_sound = text.len() <= LONGEST_NAME
            && text.starts_with(|first: char| first.is_ascii_alphanumeric())
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "_-.".contains(letter));
        if is_sound {
            Ok(text.clone())
        } else {
            Err(WorkloadError::BadName { name: text.clone(), text: self.text.clone(), at: span(name) })
        }
    }

    pub(super) fn within(&self, key: &'static str, value: &Spanned<i64>, greatest: i64) -> Result<i64, WorkloadError> {
        let number = *value.get_ref();
        if (1..=greatest).contains(&number) {
            return Ok(number);
        }
        Err(WorkloadError::BadExtent { key, value: number, greatest, text: self.text.clone(), at: span(value) })
    }

    /// The narrowest place that says where values come from: the path or layer where there is one.
    pub(super) fn values_span(&self, keys: &Spanned<ValuesKeys>) -> SourceSpan {
        let inner = keys.get_ref();
        let file = inner.source().files().map(|(_, path)| path).next();
        file.or(inner.layer.as_ref()).or(inner.distribution.as_ref()).map_or(span(keys), span)
    }

    /// Where values come from.
    pub(super) fn values(&self, keys: &Spanned<ValuesKeys>, tensor: &str, want: Want) -> Result<Values, WorkloadError> {
        let inner = keys.get_ref();
        if let (None, Some(parameter)) = (&inner.distribution, inner.std.as_ref().or(inner.scale.as_ref())) {
            return Err(self.bad_distribution("a parameter of a distribution without a distribution", span(parameter)));
        }
        let file = self.one_file(inner.source(), span(keys))?;
        match (&inner.distribution, file, &inner.layer) {
            (None, None, None) => Err(self.ambiguous("nothing says where these values come from", span(keys))),
            (Some(name), None, None) => self.distribution(name, inner).map(Values::Drawn),
            (None, Some(file), None) => self.checked(file, tensor, want).map(Values::File),
            (None, None, Some(name)) => self.chained(name, tensor, want).map(Values::Layer),
            _ => Err(self.ambiguous("these values come from more than one place", span(keys))),
        }
    }

    pub(super) fn vector(
        &self,
        keys: &Spanned<VectorKeys>,
        tensor: &str,
        want: Want,
    ) -> Result<TensorFile, WorkloadError> {
        match self.one_file(keys.get_ref().source(), span(keys))? {
            Some(file) => self.checked(file, tensor, want),
            None => Err(self.ambiguous("nothing says where these values come from", span(keys))),
        }
    }

    /// The tensor of the file that is named, if one is.
    fn one_file(&self, keys: SourceKeys<'_>, at: SourceSpan) -> Result<Option<TensorFile>, WorkloadError> {
        match keys.files().count() {
            0 | 1 => keys.tensor_file(&self.text),
            _ => Err(self.ambiguous("these values come from more than one place", at)),
        }
    }

    /// The same tensor, if it is there and has the shape.
    fn checked(&self, file: TensorFile, tensor: &str, want: Want) -> Result<TensorFile, WorkloadError> {
        Request { files: &self.files, file: &file, text: &self.text, tensor, want }.check()?;
        Ok(file)
    }

    fn ambiguous(&self, reason: &str, at: SourceSpan) -> WorkloadError {
        WorkloadError::AmbiguousValues { reason: reason.to_owned(), text: self.text.clone(), at }
    }

    fn distribution(&self, name: &Spanned<String>, keys: &ValuesKeys) -> Result<Distribution, WorkloadError> {
        const NAMES: [&str; 4] = ["uniform", "normal", "laplace", "half-normal"];
        let (wanted, spare) = match name.get_ref().as_str() {
            "uniform" => (None, keys.std.as_ref().or(keys.scale.as_ref())),
            "normal" | "half-normal" => (Some(("std", &keys.std)), keys.scale.as_ref()),
            "laplace" => (Some(("scale", &keys.scale)), keys.std.as_ref()),
            unknown => {
                let hint = match spelling::nearest(unknown, NAMES) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => "no such distribution".to_owned(),
                };
                let (text, at) = (self.text.clone(), span(name));
                return Err(WorkloadError::UnknownDistribution { name: unknown.to_owned(), hint, text, at });
            }
        };
        if let Some(spare) = spare {
            let reason = format!("a {} distribution does not take this parameter", name.get_ref());
            return Err(self.bad_distribution(&reason, span(spare)));
        }
        let width = match wanted {
            None => None,
            Some((_, Some(width))) => Some(width),
            Some((parameter, None)) => {
                let reason = format!("a {} distribution needs `{parameter}`", name.get_ref());
                return Err(self.bad_distribution(&reason, span(name)));
            }
        };
        let value = width.map_or(1.0, |width| *width.get_ref());
        let distribution = match name.get_ref().as_str() {
            "normal" => Distribution::Normal { std: value },
            "half-normal" => Distribution::HalfNormal { std: value },
            "laplace" => Distribution::Laplace { scale: value },
            _ => Distribution::Uniform,
        };
        // Whether the parameter is sound does not depend on the operand's width.
        distribution.pmf(MIN_BITS).map_err(|error: EncodingError| {
            self.bad_distribution(&error.to_string(), width.map_or(span(name), span))
        })?;
        Ok(distribution)
    }

    fn bad_distribution(&self, reason: &str, at: SourceSpan) -> WorkloadError {
        WorkloadError::BadDistribution { reason: reason.to_owned(), text: self.text.clone(), at }
    }

    /// The index of the earlier layer of this name, whose requantised result is `rows` x `cols`.
    fn chained(&self, name: &Spanned<String>, tensor: &str, want: Want) -> Result<usize, WorkloadError> {
        let (rows, cols) = want.result();
        let (text, at) = (self.text.clone(), span(name));
        let wanted = name.get_ref().clone();
        let names = || self.layers.iter().map(|layer| layer.name.as_str());
        let Some(index) = names().position(|name| name == wanted) else {
            let hint = match spelling::nearest(&wanted, names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "a layer can only read from layers before it".to_owned(),
            };
            let earlier: Vec<&str> = names().collect();
            let help = match earlier.is_empty() {
                true => "this is the first layer: there is none before it".to_owned(),
                false => format!("the layers before this one: {}", earlier.join(", ")),
            };
            return Err(WorkloadError::UnknownLayer { name: wanted, hint, help, text, at });
        };
        let earlier = &self.layers[index];
        if earlier.products > 1 && earlier.conv.is_none() {
            return Err(WorkloadError::SeveralResults { name: wanted, products: earlier.products, text, at });
        }
        if earlier.requantize.is_none() {
            return Err(WorkloadError::NotRequantized { name: wanted, text, at });
        }
        let (m, n) = earlier.result();
        if (m, n) != (rows, cols) {
            let mismatch = format!("gives a {m} x {n} matrix, and {tensor} is {rows} x {cols}");
            return Err(WorkloadError::ChainedShape { name: wanted, mismatch, text, at });
        }
        Ok(index)
    }

    pub(super) fn requantize(&self, keys: &RequantizeKeys) -> Result<PassedOn, WorkloadError> {
        let (multiplier, shift) = match (&keys.multiplier, &keys.shift) {
            (Some(multiplier), Some(shift)) => (multiplier, shift),
            (None, None) => {
                let stray = keys.zero_point.as_ref().map(|key| ("zero-point", span(key)));
                return match stray.or(keys.bits.as_ref().map(|key| ("bits", span(key)))) {
                    None => Ok(PassedOn::Reals { relu: keys.relu.unwrap_or(false) }),
                    Some((key, at)) => {
                        let reason = format!("{key} is one of integers, which `multiplier` and `shift` make");
                        Err(WorkloadError::BadRequantize { reason, text: self.text.clone(), at })
                    }
                };
            }
            (one, other) => {
                let (key, help, written) = match one {
                    None => ("multiplier", "the integer by which a result is multiplied", other),
                    Some(_) => ("shift", "how many bits the product is shifted to the right", one),
                };
                let at = written.as_ref().map_or(SourceSpan::from(0), span);
                let help = format!("{help}; without both a result goes on as real numbers");
                return Err(WorkloadError::MissingKey { key: key.to_owned(), help, text: self.text.clone(), at });
            }
        };
        let check = |key: &str, value: &Spanned<i64>, least: i64, greatest: i64| {
            let number = *value.get_ref();
            if (least..=greatest).contains(&number) {
                return Ok(number);
            }
            let reason = format!("{key} = {number} is out of range: {least} to {greatest}");
            Err(WorkloadError::BadRequantize { reason, text: self.text.clone(), at: span(value) })
        };
        let multiplier = check("multiplier", multiplier, 1, i64::from(i32::MAX))?;
        let shift = check("shift", shift, 0, GREATEST_SHIFT)?;
        let (fewest, most) = (i64::from(MIN_BITS), i64::from(MAX_BITS));
        let bits = keys.bits.as_ref().map_or(Ok(8), |bits| check("bits", bits, fewest, most))? as u32;
        let (least, greatest) = signed_range(bits);
        let zero_point = keys
            .zero_point
            .as_ref()
            .map_or(Ok(0), |zero| check("zero-point", zero, i64::from(least), i64::from(greatest)))?;
        Ok(PassedOn::Integers(Requantize {
            multiplier: multiplier as i32,
            shift: shift as u32,
            zero_point: zero_point as i32,
            relu: keys.relu.unwrap_or(false),
            bits,
        }))
    }
}

impl Workload {
    /// Operands that can be looked at, and counts that do not overflow, those of all layers together either.
    ///
    /// # Errors
    /// [`WorkloadError::TooMuchWork`] for the first layer that has more, or with which there are more.
    pub(super) fn check_work(&self) -> Result<(), WorkloadError> {
        let mut total: u128 = 0;
        for (index, layer) in self.layers.iter().enumerate() {
            if index >> LAYER_BITS > 0 {
                let (layer, at, what) = (layer.name.clone(), layer.at, beyond_layers());
                let (help, text) = (self.origin.fewer_layers(), self.text.clone());
                return Err(WorkloadError::TooMuchWork { layer, what, help, text, at });
            }
            let [m, n, k] = [layer.m, layer.n, layer.k].map(|extent| extent as u128);
            let products = u128::from(layer.products);
            let macs = m * n * k * products * u128::from(layer.repeat);
            let checks = [
                (m * k * products, OPERAND_BITS, "elements of A"),
                (k * n * products, OPERAND_BITS, "elements of B"),
                (macs, MAC_BITS, "multiply-accumulates"),
            ];
            total += macs;
            let mut checks =
                checks.into_iter().chain([(total, MAC_BITS, "multiply-accumulates with the layers before it")]);
            if let Some((count, limit_bits, of)) = checks.find(|(count, bits, _)| count >> bits > 0) {
                let what = format!("has {count} {of}, more than the limit of 2^{limit_bits}");
                let (layer, at) = (layer.name.clone(), layer.at);
                return Err(WorkloadError::TooMuchWork {
                    layer,
                    what,
                    help: self.origin.shrink(),
                    text: self.text.clone(),
                    at,
                });
            }
        }
        Ok(())
    }

    /// What a run must have in memory as a whole: operands that are read or were computed (4 bytes a value), the input of a
    /// convolution, the requantised results so far (4 bytes), and a result that is used (with the engine's and the reference's own,
    /// 8 bytes each; where it is `weighed` by exponents of blocks, 120 for a layer, for a product and for its regions). Drawn
    /// operands, and results that are only compared, exist a block at a time.
    ///
    /// # Errors
    /// [`WorkloadError::TooLarge`] for the first layer that needs more than [`MEMORY_LIMIT_BYTES`].
    pub(super) fn check_memory(&self, weighed: bool) -> Result<(), WorkloadError> {
        let mut kept: u64 = 0;
        for layer in &self.layers {
            let words = |rows: usize, cols: usize| rows as u64 * cols as u64;
            let result = words(layer.result().0, layer.result().1);
            if layer.requantize.is_some() {
                kept = kept.saturating_add(4 * result);
            }
            let loading = |tensor: &Tensor, rows, cols| {
                // What is there as a whole is pruned into a copy.
                let pruned = if tensor.sparsity.is_some() { words(rows, cols).saturating_mul(4) } else { 0 };
                match &tensor.values {
                    Values::Drawn(_) => 0,
                    Values::File(file) => file.loading_bytes(rows, cols).max(pruned),
                    // Real numbers are quantised into a copy, by way of their bits.
                    Values::Layer(source)
                        if matches!(self.layers[*source].requantize, Some(PassedOn::Reals { .. })) =>
                    {
                        words(rows, cols).saturating_mul(8).max(pruned)
                    }
                    Values::Layer(_) => pruned,
                }
            };
            let (rows, cols) = match layer.conv {
                Some(conv) => (conv.batch * conv.channels, conv.input[0] * conv.input[1]),
                None => (layer.m, layer.k),
            };
            let loading = loading(&layer.a, rows, cols).max(loading(&layer.b, layer.k, layer.result().1));
            let is_drawn = |tensor: &Tensor| matches!(tensor.values, Values::Drawn(_));
            let a = match layer.conv {
                Some(conv) => conv.input_words(),
                None if is_drawn(&layer.a) => 0,
                None => words(layer.m, layer.k),
            };
            let b = if is_drawn(&layer.b) { 0 } else { words(layer.k, layer.n).saturating_mul(layer.products) };
            let each = if weighed { 376 } else { 16 };
            let used = if layer.result_is_used() { result.saturating_mul(each) } else { 0 };
            let needed = a.saturating_add(b).saturating_mul(4).saturating_add(loading.max(used)).saturating_add(kept);
            if needed > MEMORY_LIMIT_BYTES {
                let (layer, at) = (layer.name.clone(), layer.at);
                let (needed_mib, limit_mib) = (needed >> 20, MEMORY_LIMIT_BYTES >> 20);
                return Err(WorkloadError::TooLarge {
                    layer,
                    needed_mib,
                    limit_mib,
                    help: self.origin.shrink(),
                    text: self.text.clone(),
                    at,
                });
            }
        }
        Ok(())
    }
}
