//! From the keys of a file to a checked workload.

use miette::SourceSpan;
use serde_spanned::Spanned;

use super::{
    error::{FileText, WorkloadError},
    file::{self, GemmKeys, NpyKeys, RequantizeKeys, ValuesKeys},
    layer::{Files, Layer, NpyFile, Requantize, Tensor, Values, Workload},
    npy::Request,
};
use crate::{
    encoding::{Distribution, EncodingError, MAX_BITS, MIN_BITS, signed_range},
    spelling,
};

/// The memory that the matrices of one layer, with the results that later layers read, may take.
pub const MEMORY_LIMIT_BYTES: u64 = 1 << 30;

const GREATEST_EXTENT: i64 = 1 << 24;
const GREATEST_REPEAT: i64 = 1_000_000;
const GREATEST_SHIFT: i64 = 62;
const LONGEST_NAME: usize = 64;

/// A workload from the text of its file.
///
/// # Errors
/// Everything in [`WorkloadError`] but values out of range, which depend on the design's operands.
pub(super) fn resolve(text: FileText, files: Files) -> Result<Workload, WorkloadError> {
    let keys = file::parse(&text)?;
    let mut resolver = Resolver { text, files, default: Values::Drawn(Distribution::Uniform), layers: Vec::new() };
    resolver.name(&keys.name)?;
    if let Some(values) = &keys.values {
        if let Some(key) = values.get_ref().npy.as_ref().or(values.get_ref().layer.as_ref()) {
            return Err(resolver.ambiguous("the values of all tensors can only be a distribution", span(key)));
        }
        resolver.default = resolver.values(values, "values", (0, 0))?;
    }
    for gemm in &keys.gemm {
        let layer = resolver.layer(gemm.get_ref())?;
        resolver.layers.push(layer);
    }
    if resolver.layers.is_empty() {
        return Err(WorkloadError::NoLayers { at: span(&keys.name), text: resolver.text });
    }
    let Resolver { text, files, layers, .. } = resolver;
    let workload = Workload { name: keys.name.into_inner(), seed: keys.seed, layers, notes: Vec::new(), text, files };
    workload.check_memory()?;
    Ok(workload)
}

struct Resolver {
    text: FileText,
    files: Files,
    default: Values,
    layers: Vec<Layer>,
}

fn span<T>(value: &Spanned<T>) -> SourceSpan {
    value.span().into()
}

impl Resolver {
    fn layer(&self, keys: &GemmKeys) -> Result<Layer, WorkloadError> {
        let name = self.name(&keys.name)?;
        if let Some(first) = self.layers.iter().find(|layer| layer.name == name) {
            let (text, first) = (self.text.clone(), first.at);
            return Err(WorkloadError::DuplicateLayer { name, text, first, at: span(&keys.name) });
        }
        let extent = |key, value| self.within(key, value, GREATEST_EXTENT).map(|value| value as usize);
        let (m, n, k) = (extent("m", &keys.m)?, extent("n", &keys.n)?, extent("k", &keys.k)?);
        let repeat = keys.repeat.as_ref().map_or(Ok(1), |repeat| self.within("repeat", repeat, GREATEST_REPEAT))?;
        let at = span(&keys.name);
        let tensor = |keys: &Option<Spanned<ValuesKeys>>, operand, shape| match keys {
            None => Ok(Tensor { values: self.default.clone(), at }),
            Some(keys) => {
                let values = self.values(keys, &format!("{operand} of `{name}`"), shape)?;
                Ok(Tensor { values, at: self.values_span(keys) })
            }
        };
        let a = tensor(&keys.a, "a", (m, k))?;
        let b = tensor(&keys.b, "b", (k, n))?;
        let vector = |keys: &Option<NpyKeys>, role, length| {
            keys.as_ref().map(|keys| self.npy(&keys.npy, &format!("{role} of `{name}`"), &[length])).transpose()
        };
        let bias = vector(&keys.bias, "bias", n)?;
        let labels = vector(&keys.labels, "labels", m)?;
        let requantize = keys.requantize.as_ref().map(|keys| self.requantize(keys)).transpose()?;
        Ok(Layer { name, m, n, k, repeat: repeat as u64, a, b, bias, requantize, labels, at })
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

    fn within(&self, key: &'static str, value: &Spanned<i64>, greatest: i64) -> Result<i64, WorkloadError> {
        let number = *value.get_ref();
        if (1..=greatest).contains(&number) {
            return Ok(number);
        }
        Err(WorkloadError::BadExtent { key, value: number, greatest, text: self.text.clone(), at: span(value) })
    }

    /// The narrowest place that says where values come from: the path or layer where there is one.
    fn values_span(&self, keys: &Spanned<ValuesKeys>) -> SourceSpan {
        let inner = keys.get_ref();
        inner.npy.as_ref().or(inner.layer.as_ref()).or(inner.distribution.as_ref()).map_or(span(keys), span)
    }

    fn values(
        &self,
        keys: &Spanned<ValuesKeys>,
        tensor: &str,
        (rows, cols): (usize, usize),
    ) -> Result<Values, WorkloadError> {
        let inner = keys.get_ref();
        if let (None, Some(parameter)) = (&inner.distribution, inner.std.as_ref().or(inner.scale.as_ref())) {
            return Err(self.bad_distribution("a parameter of a distribution without a distribution", span(parameter)));
        }
        match (&inner.distribution, &inner.npy, &inner.layer) {
            (Some(name), None, None) => self.distribution(name, inner).map(Values::Drawn),
            (None, Some(path), None) => Ok(Values::Npy(self.npy(path, tensor, &[rows, cols])?.path)),
            (None, None, Some(name)) => self.chained(name, tensor, (rows, cols)).map(Values::Layer),
            (None, None, None) => Err(self.ambiguous("nothing says where these values come from", span(keys))),
            _ => Err(self.ambiguous("these values come from more than one place", span(keys))),
        }
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

    fn npy(&self, path: &Spanned<String>, tensor: &str, shape: &[usize]) -> Result<NpyFile, WorkloadError> {
        let file = NpyFile { path: path.get_ref().clone(), at: span(path) };
        Request { files: &self.files, file: &file, text: &self.text, tensor, shape }.check()?;
        Ok(file)
    }

    /// The index of the earlier layer of this name, whose requantised result is `rows` x `cols`.
    fn chained(
        &self,
        name: &Spanned<String>,
        tensor: &str,
        (rows, cols): (usize, usize),
    ) -> Result<usize, WorkloadError> {
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
        if earlier.requantize.is_none() {
            return Err(WorkloadError::NotRequantized { name: wanted, text, at });
        }
        if (earlier.m, earlier.n) != (rows, cols) {
            let mismatch = format!("gives a {} x {} matrix, and {tensor} is {rows} x {cols}", earlier.m, earlier.n);
            return Err(WorkloadError::ChainedShape { name: wanted, mismatch, text, at });
        }
        Ok(index)
    }

    fn requantize(&self, keys: &RequantizeKeys) -> Result<Requantize, WorkloadError> {
        let check = |key: &str, value: &Spanned<i64>, least: i64, greatest: i64| {
            let number = *value.get_ref();
            if (least..=greatest).contains(&number) {
                return Ok(number);
            }
            let reason = format!("{key} = {number} is out of range: {least} to {greatest}");
            Err(WorkloadError::BadRequantize { reason, text: self.text.clone(), at: span(value) })
        };
        let multiplier = check("multiplier", &keys.multiplier, 1, i64::from(i32::MAX))?;
        let shift = check("shift", &keys.shift, 0, GREATEST_SHIFT)?;
        let (fewest, most) = (i64::from(MIN_BITS), i64::from(MAX_BITS));
        let bits = keys.bits.as_ref().map_or(Ok(8), |bits| check("bits", bits, fewest, most))? as u32;
        let (least, greatest) = signed_range(bits);
        let zero_point = keys
            .zero_point
            .as_ref()
            .map_or(Ok(0), |zero| check("zero-point", zero, i64::from(least), i64::from(greatest)))?;
        Ok(Requantize {
            multiplier: multiplier as i32,
            shift: shift as u32,
            zero_point: zero_point as i32,
            relu: keys.relu.unwrap_or(false),
            bits,
        })
    }
}

impl Workload {
    /// Operands (4 bytes a value), the result and the reference's result (8 bytes each), and the requantised results so
    /// far (4 bytes).
    ///
    /// # Errors
    /// [`WorkloadError::TooLarge`] for the first layer that needs more than [`MEMORY_LIMIT_BYTES`].
    pub(super) fn check_memory(&self) -> Result<(), WorkloadError> {
        let mut kept: u64 = 0;
        for layer in &self.layers {
            let words = |rows: usize, cols: usize| rows as u64 * cols as u64;
            let result = words(layer.m, layer.n);
            if layer.requantize.is_some() {
                kept = kept.saturating_add(4 * result);
            }
            let operands = 4 * (words(layer.m, layer.k) + words(layer.k, layer.n));
            let needed = operands.saturating_add(16 * result).saturating_add(kept);
            if needed > MEMORY_LIMIT_BYTES {
                let (layer, at) = (layer.name.clone(), layer.at);
                let (needed_mib, limit_mib) = (needed >> 20, MEMORY_LIMIT_BYTES >> 20);
                return Err(WorkloadError::TooLarge { layer, needed_mib, limit_mib, text: self.text.clone(), at });
            }
        }
        Ok(())
    }
}
