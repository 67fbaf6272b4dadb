//! Topologies of SCALE-Sim: CSV files of convolutions or GEMMs, read as they are found, with notes about what they say in vain.
//!
//! [`Topology`] has typed rows; what becomes of them as layers is in `lower.rs` alone.

mod error;
mod header;
mod lower;
pub(in crate::workload) mod names;
mod reader;
mod rows;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::NamedSource;

use super::error::WorkloadError;
use super::file_error::FileError;
use super::layer::{Files, Workload};
use super::origin::Origin;
use crate::note::Notes;
use error::Source;

pub(super) use error::PAGES;
pub use header::TopologyForm;
pub use rows::{ConvRow, GemmRow, RowCommon, SparsityRatio, Topology, TopologyRow};

/// Whether a path is that of a topology: it ends in `.csv`.
pub(super) fn is_topology(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"))
}

impl Workload {
    /// The workload of a topology's text, named after the file, which messages call `shown`; `form` overrides what its header
    /// says. Values are drawn evenly over the operands' range with seed 0.
    ///
    /// # Errors
    /// The first row that is broken, a file without layers, or more work than can be counted.
    pub fn from_topology(shown: &str, text: String, form: Option<TopologyForm>) -> Result<Self, WorkloadError> {
        let mut notes = Notes::new(shown, &text);
        let layers = Topology::read(Source { shown, text: &text }, form, &mut notes)
            .and_then(|topology| lower::layers(&topology, &Source { shown, text: &text }, &mut notes))
            .map_err(|mistake| WorkloadError::Topology(FileError(mistake)))?;
        let notes = notes.finish();
        let stem = Path::new(shown).file_stem().map(|stem| names::cleaned(&stem.to_string_lossy()));
        let name = stem.filter(|name| !name.is_empty()).unwrap_or_else(|| "topology".to_owned());
        let text = Arc::new(NamedSource::new(shown, text));
        Ok(Self { name, seed: 0, layers, origin: Origin::Topology, notes, text, files: Files::Folder(PathBuf::new()) })
    }
}
