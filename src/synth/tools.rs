//! Yosys and OpenSTA as processes that keep their logs.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::mistake::Mistake;
use crate::verify::{Tool, Toolbox};

/// Lines around an error that are shown.
const EXCERPT: usize = 4;

/// The versions of the tools, which are part of every result's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// What `yosys -V` says first, without what differs from build to build.
    pub yosys: String,
    /// What `sta -version` says.
    pub opensta: String,
}

impl Versions {
    /// Asks both.
    ///
    /// # Errors
    /// One is not installed.
    pub fn ask() -> Result<Self, Mistake> {
        let tools = Toolbox::discover();
        let version = |tool: Tool| {
            tools.version(tool).map(str::to_owned).ok_or_else(|| {
                let message = format!("`{}` ({tool}) is not installed", tool.program());
                Mistake::new(
                    "synth::missing_tool",
                    message,
                    "install it, e.g. `apt-get install yosys opensta` on Debian",
                )
            })
        };
        let yosys = version(Tool::Yosys)?;
        let yosys = yosys.split(" (").next().unwrap_or_default().to_owned();
        Ok(Self { yosys, opensta: format!("OpenSTA {}", version(Tool::OpenSta)?) })
    }
}

/// Looks for Icarus Verilog.
///
/// # Errors
/// It is not installed.
pub(super) fn require_icarus() -> Result<(), Mistake> {
    if Toolbox::discover().has(Tool::Icarus) {
        return Ok(());
    }
    let message = format!("`{}` ({}) is not installed", Tool::Icarus.program(), Tool::Icarus);
    Err(Mistake::new("synth::missing_tool", message, "install it, e.g. `apt-get install iverilog` on Debian"))
}

/// Runs a program in `folder`, keeps all it says in `log` there, and returns that.
///
/// # Errors
/// `synth::tool_failed` if it cannot run, ends with another code than 0, or says `Error` at the beginning of a line.
pub(super) fn run(program: &str, arguments: &[&str], folder: &Path, log: &str) -> Result<String, Mistake> {
    let path = folder.join(log);
    let shown = path.display();
    let output =
        Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output().map_err(|reason| {
            let message = format!("cannot run `{program}`: {reason}");
            Mistake::new("synth::tool_failed", message, "see whether the program runs by itself")
        })?;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    write(&path, &said)?;
    let complaint = said.lines().position(is_error);
    if output.status.success() && complaint.is_none() {
        return Ok(said);
    }
    let lines: Vec<&str> = said.lines().collect();
    let from = complaint.unwrap_or(lines.len().saturating_sub(EXCERPT));
    let excerpt = lines[from..lines.len().min(from + EXCERPT)].join("\n");
    let message = format!("`{program}` failed:\n{excerpt}");
    Err(Mistake::new("synth::tool_failed", message, format!("the whole log is `{shown}`, the script lies beside it")))
}

/// Whether a line of a log says that something failed: `Error: ...` of OpenSTA, `ERROR: ...` of Yosys, `ABC: Error ...`.
fn is_error(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("ABC: ");
    let word = line.split(|letter: char| !letter.is_ascii_alphabetic()).next().unwrap_or_default();
    ["error", "fatal"].contains(&word.to_ascii_lowercase().as_str())
}

/// Writes a file of a run.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Mistake> {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    written.map_err(|reason| {
        let message = format!("cannot write `{}`: {reason}", path.display());
        Mistake::new("synth::cannot_write", message, "free the place, or choose another folder with `--out`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_a_log_is_a_failure_that_shows_the_line_and_the_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let say = |text: &str| run("printf", &[text], folder.path(), "a.log");
        assert_eq!(say("fine, 0 errors\\n").expect("no error"), "fine, 0 errors\n");
        for text in ["a\\nError: netlist.v, line 3\\nb\\n", "ERROR: no such cell\\n", "ABC: Error: no\\n", "Fatal: x"] {
            let error = say(text).expect_err(text);
            assert_eq!(error.code(), "synth::tool_failed");
            let shown = error.to_string().to_ascii_lowercase();
            assert!(shown.contains("error") || shown.contains("fatal"), "{shown}");
            assert!(error.help().contains("a.log"), "{}", error.help());
        }
        assert!(run("false", &[], folder.path(), "b.log").is_err());
        assert!(run("no-such-program", &[], folder.path(), "c.log").is_err());
    }
}
