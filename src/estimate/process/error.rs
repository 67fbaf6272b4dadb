//! What can be wrong with a process table, with the place in the file.

use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use super::SHIPPED;

/// An error code with its meaning, for `list` and `explain`.
#[derive(Clone, Copy, Debug)]
pub struct ErrorCode {
    /// The stable code.
    pub code: &'static str,
    /// One line.
    pub summary: &'static str,
    /// What it means and what to do.
    pub explain: &'static str,
}

/// Every code that [`ProcessError`] can carry.
pub fn error_codes() -> &'static [ErrorCode] {
    &[
        ErrorCode {
            code: "process::unknown_process",
            summary: "no shipped process table has this name",
            explain: "A process is the bare name of a shipped table or the path of a TOML file. `bitweight list processes` \
                      prints the shipped ones; scripts/distill_liberty.py makes a table from a Liberty file.",
        },
        ErrorCode {
            code: "process::syntax",
            summary: "the file is no process table",
            explain: "The file is no TOML, lacks a key, has a key that no process table has, or a value of another type. \
                      processes/nangate45.toml is a complete example; every key carries its unit.",
        },
        ErrorCode {
            code: "process::unknown_cell",
            summary: "a cell's kind is not one that gate mapping uses",
            explain: "`kind` says what a cell computes: inv, inv-x4, buf, buf-x4, nand2 to nand4, nor2 to nor4, and2, or2, \
                      aoi21, oai21, aoi22, oai22, xor2, xnor2, mux2; a flip-flop is dff, dffr (reset to 0) or dffs (to 1). \
                      The library's own name of the cell goes into `cell`.",
        },
        ErrorCode {
            code: "process::duplicate_cell",
            summary: "two cells of one kind",
            explain: "A table has one cell of each kind, the smallest of the library.",
        },
        ErrorCode {
            code: "process::missing_cell",
            summary: "a cell without which nothing can be mapped is missing",
            explain: "A table needs inv, buf, nand2, nor2, xor2, mux2 and at least one flip-flop. All other kinds make the estimate \
                      better but may be left out.",
        },
        ErrorCode {
            code: "process::input_count",
            summary: "a list does not have one figure per input of the cell",
            explain: "`input-capacitance-ff`, `delay-ns` and `resistance-ns-per-ff` hold one figure per input: one for inv and \
                      buf, two for nand2, three for aoi21 (a, b, c of !(a & b | c)) and mux2 (select, one, zero), and so on.",
        },
        ErrorCode {
            code: "process::not_a_quantity",
            summary: "a figure is negative, infinite or not a number",
            explain: "Areas, capacitances, delays, resistances, leakages and energies are finite and not negative. A setup time \
                      may be negative.",
        },
    ]
}

/// A defect of a process table.
#[derive(Clone, Debug, Diagnostic, Error)]
pub enum ProcessError {
    /// No shipped table of this name.
    #[error("unknown process `{name}`")]
    #[diagnostic(code(process::unknown_process))]
    UnknownProcess {
        name: String,
        #[help]
        help: String,
    },
    /// Not TOML, or not of this form.
    #[error("{message}")]
    #[diagnostic(code(process::syntax), help("processes/nangate45.toml is a complete example"))]
    Syntax {
        message: String,
        #[source_code]
        source_code: Arc<NamedSource<String>>,
        #[label("here")]
        span: SourceSpan,
    },
    /// A kind that mapping does not know.
    #[error("unknown kind of cell `{kind}`")]
    #[diagnostic(code(process::unknown_cell))]
    UnknownCell {
        kind: String,
        #[source_code]
        source_code: Arc<NamedSource<String>>,
        #[label("no such kind")]
        span: SourceSpan,
        #[help]
        help: String,
    },
    /// Two cells of one kind.
    #[error("second cell of kind `{kind}`")]
    #[diagnostic(code(process::duplicate_cell), help("a table has one cell of each kind: keep the smaller"))]
    DuplicateCell {
        kind: String,
        #[source_code]
        source_code: Arc<NamedSource<String>>,
        #[label("already defined above")]
        span: SourceSpan,
    },
    /// A required kind is not there.
    #[error("no cell of kind `{kind}`")]
    #[diagnostic(code(process::missing_cell), help("inv, buf, nand2, nor2, xor2, mux2 and one flip-flop are needed"))]
    MissingCell {
        kind: &'static str,
        #[source_code]
        source_code: Arc<NamedSource<String>>,
        #[label("in this table")]
        span: SourceSpan,
    },
    /// A list of the wrong length.
    #[error("`{key}` of `{kind}` has {found} figures")]
    #[diagnostic(code(process::input_count), help("`{kind}` has {expected} inputs: one figure each"))]
    InputCount {
        key: &'static str,
        kind: &'static str,
        found: usize,
        expected: usize,
        #[source_code]
        source_code: Arc<NamedSource<String>>,
        #[label("{found} here")]
        span: SourceSpan,
    },
    /// A number that is no physical quantity.
    #[error("`{key}` is {value}")]
    #[diagnostic(code(process::not_a_quantity), help("it has to be finite and not negative"))]
    NotAQuantity {
        key: &'static str,
        value: f64,
        #[source_code]
        source_code: Arc<NamedSource<String>>,
        #[label("in this cell")]
        span: SourceSpan,
    },
}

impl ProcessError {
    pub(super) fn unknown_process(name: &str) -> ProcessError {
        let names: Vec<_> = SHIPPED.iter().map(|shipped| shipped.name).collect();
        let help = format!("shipped: {}; or the path of a table ending in .toml", names.join(", "));
        ProcessError::UnknownProcess { name: name.into(), help }
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ProcessError::UnknownProcess { .. } => "process::unknown_process",
            ProcessError::Syntax { .. } => "process::syntax",
            ProcessError::UnknownCell { .. } => "process::unknown_cell",
            ProcessError::DuplicateCell { .. } => "process::duplicate_cell",
            ProcessError::MissingCell { .. } => "process::missing_cell",
            ProcessError::InputCount { .. } => "process::input_count",
            ProcessError::NotAQuantity { .. } => "process::not_a_quantity",
        }
    }
}

/// The text of a file under its name, for the excerpts in messages.
pub(super) fn excerpt(path: &str, text: &str) -> Arc<NamedSource<String>> {
    Arc::new(NamedSource::new(path, text.to_owned()))
}

pub(super) fn span(range: Range<usize>) -> SourceSpan {
    (range.start, range.end - range.start).into()
}
