//! Why a report could not be made.

use miette::Diagnostic;
use thiserror::Error;

/// Why a report could not be made.
#[derive(Debug, Error, Diagnostic)]
pub enum ReportError {
    /// A `results.json` of another version of this program.
    #[error("this is results format {found}, and this program reads {expected}")]
    #[diagnostic(code(report::bad_version), help("simulate again with this version of bitweight"))]
    BadVersion {
        /// What the file says.
        found: String,
        /// What this program writes.
        expected: u32,
    },
    /// A file that is no record of a run.
    #[error("this is no record of a run: {reason}")]
    #[diagnostic(code(report::bad_results), help("give the folder or the results.json that `run` or `simulate` wrote"))]
    BadResults {
        /// Why not.
        reason: String,
    },
    /// A figure or the page could not be drawn.
    #[error("the report cannot be drawn: {reason}")]
    #[diagnostic(
        code(report::cannot_draw),
        help("this is a defect of bitweight; please report it with the results.json")
    )]
    CannotDraw {
        /// Why not.
        reason: String,
    },
    /// A file could not be written.
    #[error("cannot write {path}: {reason}")]
    #[diagnostic(code(report::cannot_write), help("choose another folder with `-o`"))]
    CannotWrite {
        /// Which file.
        path: String,
        /// The system's reason.
        reason: std::io::Error,
    },
}

/// Each code of this module with the page that `explain` prints.
pub fn error_codes() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "report::bad_version",
            "\
`results.json` carries a `format_version`. Keys are added without another version; a renamed or
removed key takes a new one, and an older program must not guess what it means.
",
        ),
        (
            "report::bad_results",
            "\
`report` draws again from the results.json of an earlier `run` or `simulate`. The file given is not
JSON, or lacks keys that every run writes; the message has the place.
",
        ),
        (
            "report::cannot_draw",
            "\
A figure or the page could not be drawn from complete results. It is a defect of bitweight.
",
        ),
        (
            "report::cannot_write",
            "\
A file of the report could not be written; the message has the system's reason. Files are written
under a temporary name and renamed, so an old file of that name is still whole.
",
        ),
    ]
}
