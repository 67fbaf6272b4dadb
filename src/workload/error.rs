//! Everything that can be wrong with a workload file or with the files it names.

use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use super::file_error::FileError;
use crate::encoding::Format;

/// The text of a workload file with its name, shared by the errors about it.
pub type FileText = Arc<NamedSource<String>>;

/// A workload that cannot be used, with the place in its file.
#[derive(Debug, Error, Diagnostic)]
pub enum WorkloadError {
    /// A SCALE-Sim topology that cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Topology(FileError),
    /// An ONNX model that cannot be used.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Onnx(Box<FileError>),
    /// Neither a shipped workload nor a file.
    #[error("there is no workload `{name}`")]
    #[diagnostic(
        code(workload::not_found),
        help("{hint}give a path to a TOML file, a SCALE-Sim CSV or an ONNX model, or one of: {known}")
    )]
    NotFound {
        /// What was asked for.
        name: String,
        /// "did you mean ..., " or nothing.
        hint: String,
        /// The shipped ones.
        known: String,
    },
    /// The file cannot be read.
    #[error("cannot read the workload {path}: {reason}")]
    #[diagnostic(
        code(workload::cannot_read),
        help("a workload is a TOML file or a SCALE-Sim CSV, in UTF-8, that you may read")
    )]
    CannotRead {
        /// The file.
        path: String,
        /// What the operating system says.
        reason: String,
    },
    /// Not TOML.
    #[error("this is not TOML: {reason}")]
    #[diagnostic(code(workload::syntax), help("https://toml.io has the grammar on one page"))]
    Syntax {
        /// What the parser says.
        reason: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
    /// A key that means nothing here.
    #[error("unknown key `{key}`")]
    #[diagnostic(code(workload::unknown_key), help("the keys here are: {known}"))]
    UnknownKey {
        /// The key.
        key: String,
        /// What the label says.
        hint: String,
        /// The keys that exist.
        known: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("{hint}")]
        at: SourceSpan,
    },
    /// A key that must be there is not.
    #[error("the key `{key}` is missing")]
    #[diagnostic(code(workload::missing_key), help("{help}"))]
    MissingKey {
        /// The key.
        key: String,
        /// What it is for.
        help: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("`{key}` belongs in here")]
        at: SourceSpan,
    },
    /// A value of another type.
    #[error("{reason}")]
    #[diagnostic(code(workload::wrong_type), help("numbers stand bare, names and paths in double quotes"))]
    WrongType {
        /// What the parser says.
        reason: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("this value")]
        at: SourceSpan,
    },
    /// Nothing to compute.
    #[error("the workload has no layer")]
    #[diagnostic(code(workload::no_layers), help("add a table `[[gemm]]` with name, m, n and k"))]
    NoLayers {
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("no `[[gemm]]` in this file")]
        at: SourceSpan,
    },
    /// A name that cannot stand in a file name or a column.
    #[error("`{name}` cannot be a name")]
    #[diagnostic(
        code(workload::bad_name),
        help("a name has 1 to 64 letters, digits, `_`, `-` and `.`, and begins with a letter or a digit")
    )]
    BadName {
        /// The name.
        name: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("this name")]
        at: SourceSpan,
    },
    /// Two layers of one name.
    #[error("two layers are named `{name}`")]
    #[diagnostic(code(workload::duplicate_layer), help("rename one: results and chained inputs are found by name"))]
    DuplicateLayer {
        /// The name.
        name: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// The first one.
        #[label("first here")]
        first: SourceSpan,
        /// The second one.
        #[label("and again here")]
        at: SourceSpan,
    },
    /// An extent or a repetition out of range.
    #[error("{key} = {value} is out of range")]
    #[diagnostic(code(workload::bad_extent), help("{key} is 1 to {greatest}"))]
    BadExtent {
        /// `m`, `n`, `k` or `repeat`.
        key: &'static str,
        /// What it was.
        value: i64,
        /// The greatest one allowed.
        greatest: i64,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("this number")]
        at: SourceSpan,
    },
    /// More work than a run can do.
    #[error("layer `{layer}` {what}")]
    #[diagnostic(code(workload::too_much_work), help("{help}"))]
    TooMuchWork {
        /// The layer.
        layer: String,
        /// Of what it has how many, and how many there may be.
        what: String,
        /// What to do about it.
        help: &'static str,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("this layer")]
        at: SourceSpan,
    },
    /// More memory than a run may take.
    #[error("layer `{layer}` needs {needed_mib} MiB for its matrices, more than the limit of {limit_mib} MiB")]
    #[diagnostic(code(workload::too_large), help("{help}"))]
    TooLarge {
        /// The layer.
        layer: String,
        /// Memory for operands, results and what later layers read, in MiB.
        needed_mib: u64,
        /// The limit, in MiB.
        limit_mib: u64,
        /// What to do about it.
        help: &'static str,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("this layer")]
        at: SourceSpan,
    },
    /// A distribution that does not exist.
    #[error("unknown distribution `{name}`")]
    #[diagnostic(code(workload::unknown_distribution), help("one of: uniform, normal, laplace, half-normal"))]
    UnknownDistribution {
        /// The name.
        name: String,
        /// What the label says.
        hint: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("{hint}")]
        at: SourceSpan,
    },
    /// A distribution with a wrong parameter.
    #[error("{reason}")]
    #[diagnostic(
        code(workload::bad_distribution),
        help("normal and half-normal take std, laplace takes scale, uniform takes nothing; above 0, in integer units")
    )]
    BadDistribution {
        /// What is wrong.
        reason: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
    /// A sparsity that makes no sense.
    #[error("{reason}")]
    #[diagnostic(code(workload::bad_sparsity), help("{help}"))]
    BadSparsity {
        /// What is wrong.
        reason: String,
        /// What would be right.
        help: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
    /// Values from nowhere or from several places.
    #[error("{reason}")]
    #[diagnostic(
        code(workload::ambiguous_values),
        help("give exactly one of: distribution, npy, npz, safetensors, onnx, layer")
    )]
    AmbiguousValues {
        /// What is wrong.
        reason: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("the values of this tensor")]
        at: SourceSpan,
    },
    /// A file of tensors that cannot be used, with the place that names it.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tensor(Box<FileError>),
    /// A format with scales of its own does not go with what is asked for.
    #[error("{reason}")]
    #[diagnostic(code(workload::scaled), help("{help}"))]
    Scaled {
        /// What does not go.
        reason: String,
        /// What to do.
        help: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("here")]
        at: SourceSpan,
    },
    /// A value that the operand cannot hold.
    #[error("{tensor}[{row}, {col}] is {value}, and {format} holds {least} to {greatest}")]
    #[diagnostic(code(workload::value_out_of_range), help("{help}"))]
    ValueOutOfRange {
        /// Which tensor of which layer.
        tensor: String,
        /// Its row.
        row: usize,
        /// Its column.
        col: usize,
        /// The value; those of files have up to 64 bits, with a sign or without.
        value: Box<i128>,
        /// Format of the operand.
        format: Format,
        /// The least value of that format.
        least: i32,
        /// The greatest value of that format.
        greatest: i32,
        /// What to do about it.
        help: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("these values")]
        at: SourceSpan,
    },
    /// An input from a layer that does not come earlier.
    #[error("no earlier layer is named `{name}`")]
    #[diagnostic(code(workload::unknown_layer), help("{help}"))]
    UnknownLayer {
        /// The name.
        name: String,
        /// What the label says.
        hint: String,
        /// The layers that may be named.
        help: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("{hint}")]
        at: SourceSpan,
    },
    /// An input from a layer of another shape.
    #[error("`{name}` {mismatch}")]
    #[diagnostic(code(workload::chained_shape), help("the result of a layer is M x N; a is M x K and b is K x N"))]
    ChainedShape {
        /// The earlier layer.
        name: String,
        /// The shape of its result and the one that is needed.
        mismatch: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("this input")]
        at: SourceSpan,
    },
    /// An input from a layer whose results are still wide.
    #[error("the results of `{name}` are not requantised, so they do not fit an operand")]
    #[diagnostic(
        code(workload::not_requantized),
        help(
            "give `{name}` a requantize = {{ multiplier = .., shift = .., zero-point = .. }}; or = {{ relu = .. }} to pass real \
             numbers on"
        )
    )]
    NotRequantized {
        /// The earlier layer.
        name: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("this input")]
        at: SourceSpan,
    },
    /// A convolution or attention whose extents do not go together.
    #[error("{reason}")]
    #[diagnostic(code(workload::bad_shape), help("{help}"))]
    BadShape {
        /// What does not fit.
        reason: String,
        /// What would.
        help: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("this does not fit")]
        at: SourceSpan,
    },
    /// A result of several products.
    #[error("`{name}` has {products} products, and so no one result to read")]
    #[diagnostic(
        code(workload::several_results),
        help("read from a layer with `products = 1`, or draw the values of this one")
    )]
    SeveralResults {
        /// The earlier layer.
        name: String,
        /// How many.
        products: u64,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("this input")]
        at: SourceSpan,
    },
    /// A requantisation that makes no sense.
    #[error("{reason}")]
    #[diagnostic(
        code(workload::bad_requantize),
        help(
            "q = clamp(((acc * multiplier + 2^(shift-1)) >> shift) + zero-point), acc being the result plus its bias; without \
             both only relu"
        )
    )]
    BadRequantize {
        /// What is wrong.
        reason: String,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("this number")]
        at: SourceSpan,
    },
    /// A label that is no column of the result.
    #[error("label {value} of image {row} is not a class: the result has {classes} columns")]
    #[diagnostic(code(workload::bad_label), help("a label is the column that should be the greatest, counted from 0"))]
    BadLabel {
        /// The label.
        value: i32,
        /// The row of the result it belongs to.
        row: usize,
        /// Number of classes.
        classes: usize,
        /// The file.
        #[source_code]
        text: FileText,
        /// Where.
        #[label("these labels")]
        at: SourceSpan,
    },
}
