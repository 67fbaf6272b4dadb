//! What is multiplied: workloads as TOML files, their values, the software reference, and the arithmetic between layers.

mod after;
mod conv;
mod conv_layer;
mod draw;
mod element_reference;
mod error;
mod exact;
mod explain;
mod file;
mod file_error;
mod layer;
mod network;
mod onnx;
mod operand_formats;
mod origin;
mod reference;
mod resolve;
mod scaled;
pub mod scalesim;
mod shipped;
mod sparsity;
mod storage;
mod tensor;
mod tensor_scaled;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use miette::NamedSource;

pub use after::{Classification, LayerOutcome, LayerResult};
pub use conv::{Conv, Windows};
pub use element_reference::{SharedExponents, clipped_reference_of, reference_of, scaled_reference};
pub use error::{FileText, WorkloadError};
pub use exact::Exact;
pub use explain::error_codes;
pub use file::schema;
pub use file_error::FileError;
pub use layer::{Layer, PassedOn, Requantize, Tensor, Values, Workload};
pub use network::{LayerOperands, OperandWidths, ProductOperands, run_layers, run_network};
pub use onnx::OnnxOptions;
pub use operand_formats::OperandFormats;
pub use origin::Origin;
pub use reference::{ReferenceSums, clipped_reference, reference};
pub use resolve::MEMORY_LIMIT_BYTES;
pub use scaled::Exponents;
pub use shipped::{Shipped, shipped};
pub use sparsity::{DigitTally, Share, Sparsity, StoredOperand, TensorTally};
pub use storage::{Fibres, StorageFormat, StoredSize, bits_for};
pub use tensor::{Container, Packing, Quantize, Quantized, TensorFile, TensorRecord};

use crate::spelling;
use layer::Files;
use scalesim::TopologyForm;

/// A workload is a page of text; this is a thousand.
const GREATEST_FILE_BYTES: u64 = 4 << 20;

impl Workload {
    /// The shipped workload of this name, or the one in the file at this path.
    ///
    /// # Errors
    /// When there is neither, or the file or one that it names cannot be used.
    pub fn load(name_or_path: &str) -> Result<Self, WorkloadError> {
        if let Some(shipped) = shipped().iter().find(|shipped| shipped.name == name_or_path) {
            let text = NamedSource::new(format!("{}.toml", shipped.name), shipped.text.to_owned());
            return resolve::resolve(Arc::new(text), Files::Embedded(shipped));
        }
        let path = Path::new(name_or_path);
        if path.exists() {
            return match path {
                path if scalesim::is_topology(path) => Self::from_topology_file(path, None),
                path if onnx::is_model(path) => Self::from_onnx_file(path, &OnnxOptions::default()),
                path => Self::from_file(path),
            };
        }
        let names = || shipped().iter().map(|shipped| shipped.name);
        let hint = spelling::nearest(name_or_path, names());
        Err(WorkloadError::NotFound {
            name: name_or_path.to_owned(),
            hint: hint.map_or_else(String::new, |meant| format!("did you mean `{meant}`? Otherwise ")),
            known: names().collect::<Vec<_>>().join(", "),
        })
    }

    /// The workload in a file; the paths in it are relative to its folder.
    ///
    /// # Errors
    /// When the file or one that it names cannot be used.
    pub fn from_file(path: &Path) -> Result<Self, WorkloadError> {
        let (shown, text) = read_text(path)?;
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
        Self::from_text(&shown, text, folder)
    }

    /// The workload in a SCALE-Sim topology; `form` overrides what its header says.
    ///
    /// # Errors
    /// When the file cannot be read, or those of [`Workload::from_topology`].
    pub fn from_topology_file(path: &Path, form: Option<TopologyForm>) -> Result<Self, WorkloadError> {
        let (shown, text) = read_text(path)?;
        Self::from_topology(&shown, text, form)
    }

    /// A workload from text; `shown` is the file name in messages, `folder` where the files it names are.
    ///
    /// # Errors
    /// When the text or a file that it names cannot be used.
    pub fn from_text(shown: &str, text: String, folder: PathBuf) -> Result<Self, WorkloadError> {
        resolve::resolve(Arc::new(NamedSource::new(shown, text)), Files::Folder(folder))
    }

    /// The same workload with other drawn values.
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }
}

/// The name and the text of a file.
fn read_text(path: &Path) -> Result<(String, String), WorkloadError> {
    let shown = path.display().to_string();
    let cannot_read = |reason: String| WorkloadError::CannotRead { path: shown.clone(), reason };
    let bytes = std::fs::metadata(path).map_err(|error| cannot_read(error.to_string()))?.len();
    if bytes > GREATEST_FILE_BYTES {
        return Err(cannot_read(format!("it has {bytes} bytes, more than {GREATEST_FILE_BYTES}")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| cannot_read(error.to_string()))?;
    Ok((shown, text))
}
