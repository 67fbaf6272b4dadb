//! How a command ends.

use std::process::ExitCode;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, and the answer is yes.
    Done = 0,
    /// It ran, and the answer is no: a mismatch, or a lint or verification that failed.
    No = 1,
    /// It could not run: usage, a bad file, a missing tool, input or output.
    CouldNot = 2,
}

impl Exit {
    /// Every exit code.
    pub const ALL: [Self; 3] = [Self::Done, Self::No, Self::CouldNot];

    /// What it means.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Done => "done, and the answer is yes",
            Self::No => "it ran, and the answer is no: a mismatch, or a lint or verification that failed",
            Self::CouldNot => "it could not run: usage, a bad file, a missing tool, input or output",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// The paragraph under `--help`.
pub(super) fn help() -> String {
    let lines: Vec<String> = Exit::ALL.iter().map(|&exit| format!("  {}  {}", exit as u8, exit.sentence())).collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}
