//! Emitted Verilog under the linters: every one has to be silent.

use crate::verify::tool::{Talk, Tool, ToolError, run};
use std::path::Path;

/// Holds the RTL of a bundle in `directory` against one tool. `files` are relative paths, leaf first; `top` is the top module.
///
/// OpenSTA reads no RTL, so it has nothing to say here.
///
/// # Errors
/// [`ToolError`] if the tool says anything at all.
pub fn lint(tool: Tool, directory: &Path, files: &[&str], top: &str) -> Result<(), ToolError> {
    match tool {
        Tool::Icarus => {
            let mut arguments = vec!["-g2005", "-Wall", "-t", "null", "-s", top];
            arguments.extend(files);
            run("iverilog", &arguments, directory, Talk::Silent)?;
        }
        Tool::Verilator => {
            let mut arguments = vec!["--lint-only", "-Wall", "--top-module", top];
            arguments.extend(files);
            run("verilator", &arguments, directory, Talk::Silent)?;
        }
        Tool::Yosys => {
            let script = format!("read_verilog {}; hierarchy -check -top {top}; proc; check -assert", files.join(" "));
            run("yosys", &["-q", "-p", &script], directory, Talk::Silent)?;
        }
        Tool::Verible => {
            run("verible-verilog-lint", files, directory, Talk::Silent)?;
        }
        Tool::OpenSta => {}
    }
    Ok(())
}
