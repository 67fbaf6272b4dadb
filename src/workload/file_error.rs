//! An error about a file that is no TOML: where it is found it is a [`Mistake`], and the workload's errors hold it.

use std::fmt::Display;

use miette::{Diagnostic, LabeledSpan, SourceCode};
use thiserror::Error;

use crate::mistake::Mistake;

/// What is wrong with a topology or a file of tensors, with its place.
#[derive(Debug, Error)]
#[error("{0}")]
pub struct FileError(pub(super) Mistake);

impl Diagnostic for FileError {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Diagnostic::code(&self.0)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Diagnostic::help(&self.0)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.0.labels()
    }
}
