//! Why a workload did not run to its end, and the place in its file where that is one.

use std::fmt::Display;

use miette::{Diagnostic, LabeledSpan, SourceCode, SourceSpan};
use thiserror::Error;

use super::SimulateError;
use crate::workload::{FileText, Layer, Workload, WorkloadError};

/// Why a workload did not run to its end.
#[derive(Debug, Error)]
pub enum RunError {
    /// The workload's fault.
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    /// A layer's result is wrong, or it could not run.
    #[error("layer `{layer}`: {error}")]
    Layer {
        /// Which layer.
        layer: String,
        /// What is the matter with it.
        error: Box<SimulateError>,
        /// What to do about it in a layer of this workload, where that depends on what it was made from.
        advice: Option<String>,
        /// Where the layer stands, if it is its extents that are the matter.
        place: Option<(FileText, SourceSpan)>,
    },
}

impl RunError {
    /// What is the matter with a layer of a workload.
    pub(super) fn of_layer(error: SimulateError, workload: &Workload, layer: &Layer) -> Self {
        RunError::Layer {
            layer: layer.name.clone(),
            advice: error.advice(workload.origin),
            place: error.is_about_extents().then(|| workload.place(layer)),
            error: Box::new(error.with_seed(workload.seed)),
        }
    }

    /// The keys of the design that it is about, as [`SimulateError::keys`].
    pub fn keys(&self) -> Vec<String> {
        match self {
            RunError::Workload(_) => Vec::new(),
            RunError::Layer { error, .. } => error.keys(),
        }
    }

    fn inner(&self) -> &dyn Diagnostic {
        match self {
            RunError::Workload(error) => error,
            RunError::Layer { error, .. } => error.as_ref(),
        }
    }
}

impl Diagnostic for RunError {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.inner().code()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        match self {
            RunError::Layer { advice: Some(advice), .. } => Some(Box::new(advice)),
            _ => self.inner().help(),
        }
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        match self {
            RunError::Layer { place: Some((text, _)), .. } => Some(text),
            _ => self.inner().source_code(),
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        match self {
            RunError::Layer { place: Some((_, at)), .. } => {
                Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some("this layer".to_owned()), *at))))
            }
            _ => self.inner().labels(),
        }
    }
}

impl RunError {
    /// Whether the simulation ran and its answer is "no" (exit code 1), rather than that it could not run (2).
    pub fn is_answer(&self) -> bool {
        matches!(self, RunError::Layer { error, .. } if error.is_answer())
    }
}
