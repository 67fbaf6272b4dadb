//! ONNX models as workloads: every matrix product and convolution of a network, with the model's own weights.
//!
//! A file is read without its values ([skeleton]), its nodes are walked through with what is known of their values
//! ([infer]: extents, and the integers that extents are computed from), and those that multiply become layers ([lower]). Weights
//! are read from the file when a layer runs ([data]), by the machinery that reads other tensors.

mod data;
mod error;
mod fact;
mod infer;
mod inputs;
mod layers;
mod lower;
mod options;
mod order;
mod place;
mod proto;
mod skeleton;
mod source;
mod view;
mod walk;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::error::WorkloadError;
use super::file_error::FileError;
use super::layer::{Files, Workload};
use crate::mistake::Mistake;
use error::{mistake, unfit};
use skeleton::Unfit;

pub(super) use data::Weights;
pub(super) use error::PAGES;
pub use options::OnnxOptions;
pub(super) use source::visit;

/// Whether a path is that of a model: it ends in `.onnx`.
pub(super) fn is_model(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"))
}

/// The messages of a model, without values.
fn read(path: &Path) -> Result<proto::Model, Unfit> {
    let unreadable = |error: std::io::Error| Unfit::Unreadable(error.to_string());
    // Values are read later, which a pipe does not allow.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Unfit::Unreadable("it is no regular file".to_owned()));
    }
    skeleton::read(&mut BufReader::new(File::open(path).map_err(unreadable)?))
}

impl Workload {
    /// The workload of an ONNX model: its products with its own weights, what they are multiplied by drawn evenly over the
    /// operands' range with seed 0. It is named after the file.
    ///
    /// # Errors
    /// A file that is no model, extents that are not known, a node that cannot be lowered, no product at all.
    pub fn from_onnx_file(path: &Path, options: &OnnxOptions) -> Result<Self, WorkloadError> {
        model(path, options).map_err(|mistake| WorkloadError::Onnx(Box::new(FileError(mistake))))?.checked()
    }

    /// The extents of every value of a model that are known before it runs, by their names: what `onnx.shape_inference` finds, to
    /// be held against it.
    ///
    /// # Errors
    /// As [`Workload::from_onnx_file`].
    pub fn onnx_extents(path: &Path, options: &OnnxOptions) -> Result<BTreeMap<String, Vec<u64>>, WorkloadError> {
        let shown = path.display().to_string();
        let walked =
            walked(path, &shown, options).map_err(|mistake| WorkloadError::Onnx(Box::new(FileError(mistake))))?;
        Ok(walked.all_extents())
    }

    /// The same, if it can be run.
    fn checked(self) -> Result<Self, WorkloadError> {
        self.check_work()?;
        self.check_memory(false)?;
        Ok(self)
    }
}

/// A model that has been walked through.
fn walked<'m>(path: &'m Path, shown: &'m str, options: &'m OnnxOptions) -> Result<walk::Walk<'m>, Mistake> {
    let read = read(path).map_err(|reason| unfit(shown, reason))?;
    let Some(graph) = read.graph.last() else {
        return Err(unfit(shown, Unfit::Format("it has no graph".to_owned().into())));
    };
    let mut walk = walk::Walk::new(path, shown, options);
    walk.model(graph)?;
    Ok(walk)
}

fn model(path: &Path, options: &OnnxOptions) -> Result<Workload, Mistake> {
    let shown = path.display().to_string();
    let walk = walked(path, &shown, options)?;
    if walk.products.is_empty() {
        let mut found: Vec<&str> = walk.others.keys().chain(walk.hidden.keys()).map(String::as_str).collect();
        found.truncate(12);
        let what = match (found.is_empty(), walk.notes.is_empty()) {
            (false, _) => format!("it has {}", found.join(", ")),
            (true, false) => walk.notes.join("; "),
            (true, true) => "it has no operation".to_owned(),
        };
        let help = "lowered are MatMul, Gemm, Conv, ConvTranspose, LSTM, GRU, RNN and their quantised forms";
        return Err(mistake("workload::onnx_empty", format!("nothing in {shown} is a product: {what}"), help));
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    Ok(layers::workload(walk, &name, Files::Folder(folder)))
}
