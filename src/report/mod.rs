//! What a run leaves behind: versioned results, tables, and one page with figures.
//!
//! Nothing here computes a result: it records and draws. What an engine costs comes as plain data ([`Cost`]), however it
//! was estimated.

mod convolution;
mod cost;
mod error;
mod json;
mod memory;
mod number;
mod page;
mod plot;
mod results;
mod scaled;
mod sparsity;
mod table;
mod takeaway;
mod tensors;

use std::path::Path;

use crate::whole_file::write_whole;

pub use cost::{Cost, CostEfficiency, CostEnergy, CostPart, CostStep};
pub use error::{ReportError, error_codes};
pub use memory::{Memory, MemoryTotal, Metadata, Traffic, TrafficTotal, memory_sentence};
pub use page::{figures, html};
pub use results::{
    Array, Audit, Classified, DesignId, Digits, FORMAT_VERSION, Layer, Made, Results, Total, WorkloadId,
};
pub use sparsity::{OperandDigits, OperandSparsity, Sparsity, Stored};
pub use table::layers as layers_csv;
pub use takeaway::all_tensors;
pub use tensors::{Quantized, Tensor};

/// Writes `results.json` and `layers.csv` into `folder`.
///
/// # Errors
/// [`ReportError::CannotWrite`]; files already there are then still whole.
pub fn write_results(folder: &Path, results: &Results) -> Result<(), ReportError> {
    write(&folder.join("results.json"), &results.to_json())?;
    write(&folder.join("layers.csv"), &layers_csv(results)?)
}

/// Writes `report.html`, and its figures as `figures/*.svg`, into `folder`.
///
/// # Errors
/// As [`write_results`], or [`ReportError::CannotDraw`].
pub fn write_report(folder: &Path, results: &Results, cost: Option<&Cost>) -> Result<(), ReportError> {
    for (name, svg) in figures(results, cost)? {
        write(&folder.join("figures").join(name).with_extension("svg"), &svg)?;
    }
    write(&folder.join("report.html"), &html(results, cost)?)
}

fn write(path: &Path, text: &str) -> Result<(), ReportError> {
    write_whole(path, text.as_bytes())
        .map_err(|reason| ReportError::CannotWrite { path: path.display().to_string(), reason })
}

#[cfg(test)]
mod tests;
