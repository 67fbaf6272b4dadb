//! An error a user can mend.

use std::fmt::Display;
use std::ops::Range;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use textwrap::WordSplitter;
use thiserror::Error;

use crate::spelling;

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
    pub(crate) fn start(&self) -> usize {
        self.place.as_ref().map_or(0, |place| place.span.start)
    }
}

/// An error as it is shown: ASCII where no terminal is, box drawing and colours on one.
///
/// `explained` is whether `bitweight explain` has a page for its code.
pub fn render(error: &dyn Diagnostic, colour: bool, explained: bool) -> String {
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
    let mut handler = GraphicalReportHandler::new_themed(theme).with_width(WIDTH).with_links(false);
    // Names have dashes in them, and are to be copied: lines break between words only.
    handler = handler.with_word_splitter(WordSplitter::NoHyphenation);
    if let (Some(code), true) = (error.code(), explained) {
        handler = handler.with_footer(format!("`bitweight explain {}` says more.", code.to_string().replace('_', "-")));
    }
    let mut text = String::new();
    // Formatting into a string cannot fail; if it ever does, the bare message is still the truth.
    if handler.render_report(&mut text, error).is_err() {
        return format!("{error}\n");
    }
    let lines: Vec<&str> = text.trim_start_matches('\n').lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n"))
}

impl Diagnostic for Mistake {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn Display + 'a>)
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

/// The label of an unknown name: the name that was probably meant, or `otherwise`.
pub fn did_you_mean<'a>(word: &str, names: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    match spelling::nearest(word, names) {
        Some(name) => format!("did you mean `{name}`?"),
        None => otherwise.to_owned(),
    }
}
