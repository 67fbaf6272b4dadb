//! External tools as processes: which are there, in which version, and what they said.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use thiserror::Error;

/// A tool that emitted Verilog is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tool {
    /// Icarus Verilog: event-driven simulation.
    Icarus,
    /// Verilator: lint, and simulation by translation to C++.
    Verilator,
    /// Yosys: elaboration and synthesis.
    Yosys,
    /// OpenSTA: reads the constraints.
    OpenSta,
    /// Verible: style lint; not in Debian, so never required.
    Verible,
}

impl Tool {
    /// Every tool, in the order in which checks run.
    pub const ALL: [Tool; 5] = [Tool::Icarus, Tool::Verilator, Tool::Yosys, Tool::OpenSta, Tool::Verible];

    /// The program that must be on the path.
    pub fn program(self) -> &'static str {
        match self {
            Tool::Icarus => "iverilog",
            Tool::Verilator => "verilator",
            Tool::Yosys => "yosys",
            Tool::OpenSta => "sta",
            Tool::Verible => "verible-verilog-lint",
        }
    }

    /// Whether `--require-tools` insists on it.
    pub fn is_required(self) -> bool {
        self != Tool::Verible
    }

    fn version_argument(self) -> &'static str {
        match self {
            Tool::Icarus | Tool::Yosys => "-V",
            Tool::Verilator | Tool::Verible => "--version",
            Tool::OpenSta => "-version",
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tool::Icarus => "icarus",
            Tool::Verilator => "verilator",
            Tool::Yosys => "yosys",
            Tool::OpenSta => "opensta",
            Tool::Verible => "verible",
        })
    }
}

/// Why a run of a tool counts as failed.
#[derive(Debug, Error)]
pub enum ToolError {
    /// The program is not on the path.
    #[error("`{program}` ({tool}) is not installed")]
    Missing { tool: Tool, program: &'static str },
    /// The program could not be started.
    #[error("cannot run `{program}`: {source}")]
    Start { program: String, source: std::io::Error },
    /// It ended badly, or its log holds an error or a warning.
    #[error("{reason}: `{command}` in {}\n{log}", directory.display())]
    Failed { command: String, directory: PathBuf, reason: String, log: String },
}

/// The tools of this machine.
#[derive(Clone, Debug)]
pub struct Toolbox {
    found: Vec<(Tool, String)>,
}

impl Toolbox {
    /// Asks every tool for its version.
    pub fn discover() -> Self {
        let version = |tool: Tool| {
            let output =
                Command::new(tool.program()).arg(tool.version_argument()).stdin(Stdio::null()).output().ok()?;
            let text = String::from_utf8_lossy(&output.stdout);
            let first = text.lines().map(str::trim).find(|line| !line.is_empty());
            Some((tool, first.unwrap_or("unknown version").to_owned()))
        };
        Toolbox { found: Tool::ALL.into_iter().filter_map(version).collect() }
    }

    /// The first line of what the tool says of its version; `None` if it is not installed.
    pub fn version(&self, tool: Tool) -> Option<&str> {
        self.found.iter().find(|(known, _)| *known == tool).map(|(_, version)| version.as_str())
    }

    /// Whether the tool is installed.
    pub fn has(&self, tool: Tool) -> bool {
        self.version(tool).is_some()
    }

    /// Installed tools and their versions.
    pub fn found(&self) -> &[(Tool, String)] {
        &self.found
    }
}

/// How much a program may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talk {
    /// Not a word: linters and compilers.
    Silent,
    /// Anything but errors and warnings.
    Free,
}

/// Runs a program in `directory` and returns its standard output.
///
/// # Errors
/// [`ToolError`] if it cannot be started, ends with another code than 0, or says what `talk` does not allow: some tools
/// report errors and still end with 0, so every log is read.
pub fn run(program: &str, arguments: &[&str], directory: &Path, talk: Talk) -> Result<String, ToolError> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .map_err(|source| ToolError::Start { program: program.to_owned(), source })?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let reason = if !output.status.success() {
        Some(match output.status.code() {
            Some(code) => format!("ended with code {code}"),
            None => "was killed".to_owned(),
        })
    } else if let Some(line) = stdout.lines().chain(stderr.lines()).find(|line| complains(line)) {
        Some(format!("complained (`{}`)", line.trim()))
    } else if talk == Talk::Silent && !(stdout.trim().is_empty() && stderr.trim().is_empty()) {
        Some("was not silent".to_owned())
    } else {
        None
    };
    match reason {
        None => Ok(stdout),
        Some(reason) => {
            let command = std::iter::once(program).chain(arguments.iter().copied()).collect::<Vec<_>>().join(" ");
            let log = format!("{stdout}{stderr}");
            Err(ToolError::Failed { command, directory: directory.to_owned(), reason, log })
        }
    }
}

/// Whether a line of a log is an error or a warning.
fn complains(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    // "0 errors" and the like are good news.
    let good = ["0 error", "no error", "0 warning", "no warning", "found and reported 0 problems"];
    (line.contains("error") || line.contains("warning")) && !good.iter().any(|news| line.contains(news))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_the_log_of_a_program_that_ends_with_0_is_a_failure() {
        let here = Path::new(".");
        assert!(run("echo", &["all good"], here, Talk::Free).is_ok());
        assert!(run("echo", &["Error: no such cell"], here, Talk::Free).is_err());
        assert!(run("echo", &["%Warning-WIDTH: x"], here, Talk::Free).is_err());
        assert!(run("echo", &["all good"], here, Talk::Silent).is_err());
        assert!(run("false", &[], here, Talk::Silent).is_err());
        assert!(matches!(run("no-such-program", &[], here, Talk::Free), Err(ToolError::Start { .. })));
    }

    #[test]
    fn good_news_about_errors_is_no_complaint() {
        assert!(!complains("Found and reported 0 problems."));
        assert!(!complains("0 errors, 0 warnings"));
        assert!(complains("ERROR: Found 2 problems"));
    }
}
