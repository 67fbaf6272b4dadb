//! From products to the layers of a workload, and what there is to say about them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use miette::{NamedSource, SourceSpan};

use super::data::Weights;
use super::lower::{Form, Lowered};
use super::walk::Walk;
use crate::encoding::Distribution;
use crate::note::Note;
use crate::workload::layer::{Files, Layer, Tensor, Values, Workload};
use crate::workload::origin::Origin;
use crate::workload::scalesim::names::{LONGEST_NAME, cleaned, unique};
use crate::workload::tensor::{Container, TensorFile};

/// Operations that a note lists.
const MOST_OPERATIONS: usize = 40;

/// The workload of a model whose products are known. Errors about a layer show its line in a listing of all.
pub(super) fn workload(walk: Walk, file: &str, files: Files) -> Workload {
    let names = unique(walk.products.iter().enumerate().map(|(index, product)| name(product, index)).collect());
    let mut listing = format!("# {file} as products\n");
    let mut layers = Vec::with_capacity(names.len());
    for (product, name) in walk.products.iter().zip(names) {
        let line = line(product, &name);
        let at = SourceSpan::from(listing.len()..listing.len() + line.len());
        listing.push_str(&line);
        listing.push('\n');
        layers.push(layer(product, name, (file, at), walk.options.quantize));
    }
    let notes = notes(&walk, &layers);
    let stem = Path::new(file).file_stem().map(|stem| cleaned(&stem.to_string_lossy()));
    let name = stem.filter(|name| !name.is_empty()).unwrap_or_else(|| "model".to_owned());
    let text = Arc::new(NamedSource::new(format!("{file} (listing)"), listing));
    Workload { name, seed: 0, layers, origin: Origin::Model, notes, text, files }
}

/// The name of a layer: that of its node, of which the end tells more than the beginning.
fn name(product: &Lowered, index: usize) -> String {
    let room = LONGEST_NAME - product.suffix.len().min(LONGEST_NAME);
    let letters: Vec<char> = product.name.chars().collect();
    let mut from = letters.len().saturating_sub(room);
    // Not from the middle of a word on.
    if from > 0 {
        from = letters[from..].iter().position(|letter| "/.".contains(*letter)).map_or(from, |at| from + at + 1);
    }
    let clean = cleaned(&letters[from..].iter().collect::<String>());
    let clean = if clean.is_empty() { format!("{}-{}", cleaned(&product.operation), index + 1) } else { clean };
    clean + &product.suffix
}

/// A layer as the listing has it.
fn line(product: &Lowered, name: &str) -> String {
    let form = match &product.form {
        Form::Gemm { m, n, k, products: 1 } => format!("{m} x {n} x {k}"),
        Form::Gemm { m, n, k, products } => format!("{products} of {m} x {n} x {k}"),
        Form::Conv(conv) => {
            let [height, width] = conv.input;
            let [rows, cols] = conv.kernel;
            let (channels, filters) = (conv.channels, conv.filters);
            format!("{channels} x {height} x {width} by {filters} filters of {rows} x {cols}")
        }
    };
    let repeat = if product.repeat == 1 { String::new() } else { format!(", {} times", product.repeat) };
    let weights = |operand: &str, weights: &Option<Weights>| match weights {
        Some(weights) => format!(", {operand} = {}", weights.tensor.name.chars().take(120).collect::<String>()),
        None => String::new(),
    };
    let line =
        format!("{name}: {} {form}{repeat}{}{}", product.operation, weights("a", &product.a), weights("b", &product.b));
    line.chars().map(|letter| if letter.is_control() { '?' } else { letter }).collect()
}

fn layer(
    product: &Lowered,
    name: String,
    (file, at): (&str, SourceSpan),
    quantize: Option<crate::workload::tensor::Quantize>,
) -> Layer {
    let tensor = |weights: &Option<Weights>| {
        let values = match weights {
            None => Values::Drawn(Distribution::Uniform),
            Some(weights) => Values::File(TensorFile {
                path: file.to_owned(),
                container: Container::Onnx,
                tensor: Some(weights.tensor.name.clone()),
                packing: None,
                transpose: false,
                codes: false,
                exponents: None,
                quantize: quantize.filter(|_| weights.tensor.element.real().is_some()),
                part: Some(Arc::new(weights.clone())),
                at,
                tensor_at: None,
            }),
        };
        Tensor { values, sparsity: None, at }
    };
    let (a, b, repeat) = (tensor(&product.a), tensor(&product.b), product.repeat);
    let (bias, requantize, labels) = (None, None, None);
    match product.form {
        Form::Gemm { m, n, k, products } => {
            let [m, n, k] = [m, n, k].map(|extent| extent as usize);
            Layer { name, m, n, k, products, repeat, conv: None, a, b, bias, requantize, labels, at }
        }
        Form::Conv(conv) => {
            let ((m, n, k), products) = (conv.product(), conv.groups as u64);
            Layer { name, m, n, k, products, repeat, conv: Some(conv), a, b, bias, requantize, labels, at }
        }
    }
}

/// `Softmax x4, Relu x2`: the most frequent first.
fn counted(counts: &BTreeMap<String, usize>) -> String {
    let mut all: Vec<(&String, &usize)> = counts.iter().collect();
    all.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), name.as_str()));
    let left = all.len().saturating_sub(MOST_OPERATIONS);
    let mut text: Vec<String> =
        all.iter().take(MOST_OPERATIONS).map(|(name, count)| format!("{name} x{count}")).collect();
    text.extend((left > 0).then(|| format!("{left} more")));
    text.join(", ")
}

/// What was left out of the model, and what was drawn.
fn notes(walk: &Walk, layers: &[Layer]) -> Vec<Note> {
    let from_file = |tensor: &Tensor| matches!(tensor.values, Values::File(_));
    let own = layers.iter().filter(|layer| from_file(&layer.a) || from_file(&layer.b)).count();
    let mut said = vec![format!(
        "{own} of {} layers multiply the model's own weights; activations are drawn, and biases and zero points of \
         activations are left out",
        layers.len()
    )];
    if !walk.computed.is_empty() {
        said.push(format!("weights that the model computes before it runs are drawn: by {}", counted(&walk.computed)));
    }
    if !walk.hidden.is_empty() {
        said.push(format!("products in these are NOT counted: {}", counted(&walk.hidden)));
    }
    if !walk.others.is_empty() {
        said.push(format!("not modelled: {}", counted(&walk.others)));
    }
    let mut seen = BTreeSet::new();
    said.extend(walk.notes.iter().filter(|note| seen.insert(note.as_str())).cloned());
    said.into_iter().map(|text| Note { file: walk.shown.to_owned(), line: 0, column: 0, text }).collect()
}
