//! An error a user can mend.

use std::fmt::{self, Display};
use std::ops::Range;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use thiserror::Error;

/// Columns of a rendered error.
const WIDTH: usize = 100;

/// An error in what a user wrote: a code that `explain` knows, the place, and what to do.
#[derive(Clone, Debug, Error)]
#[error("{message}")]
pub struct Mistake {
    code: String,
    message: String,
    help: String,
    place: Option<Box<Place>>,
}

#[derive(Clone, Debug)]
struct Place {
    source: NamedSource<String>,
    span: Range<usize>,
    label: String,
}

impl Mistake {
    /// An error without a place in a file.
    pub fn new(code: impl Into<String>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), help: help.into(), place: None }
    }

    /// The same error with its place.
    pub fn at(mut self, source: NamedSource<String>, span: Range<usize>, label: impl Into<String>) -> Self {
        self.place = Some(Box::new(Place { source, span, label: label.into() }));
        self
    }

    /// The code, e.g. `design::unknown_dataflow`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What to do about it.
    pub fn help(&self) -> &str {
        &self.help
    }

    /// Where in its source it is; errors of one file are printed in this order.
    pub(super) fn start(&self) -> usize {
        self.place.as_ref().map_or(0, |place| place.span.start)
    }

    /// The error as plain ASCII, as it is printed where no terminal is.
    pub fn rendered(&self) -> String {
        render(self, GraphicalTheme::none())
    }

    /// The error with colours and box drawing, for a terminal.
    pub fn rendered_in_colour(&self) -> String {
        render(self, GraphicalTheme::unicode())
    }
}

fn render(mistake: &Mistake, theme: GraphicalTheme) -> String {
    let mut text = String::new();
    // Formatting into a string cannot fail; if it ever does, the bare message is still the truth.
    match GraphicalReportHandler::new_themed(theme)
        .with_width(WIDTH)
        .with_links(false)
        .render_report(&mut text, mistake)
    {
        Ok(()) => text,
        Err(fmt::Error) => format!("{mistake}\n"),
    }
}

impl Diagnostic for Mistake {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let explain = format!("`bitweight explain {}` says more.", self.code.replace('_', "-"));
        Some(Box::new(if self.help.is_empty() {
            explain
        } else {
            format!("{}. {explain}", self.help.trim_end_matches('.'))
        }))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|place| &place.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.place.as_ref()?;
        let label = LabeledSpan::new(Some(place.label.clone()), place.span.start, place.span.len());
        Some(Box::new(std::iter::once(label)))
    }
}

/// A code as it is stored, whether the user typed dashes or underscores.
pub fn normalize_code(typed: &str) -> String {
    typed.replace('-', "_").to_lowercase()
}
