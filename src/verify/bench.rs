//! The emitted test bench under the simulators.

use crate::emit::Bundle;
use crate::verify::tool::{Talk, Tool, ToolError, run};
use std::path::Path;

/// Writes nothing but build files below `build`: compiles the bundle in `directory` and runs its test bench, which has to say
/// that it passed.
///
/// # Errors
/// [`ToolError`] if the compiler is not silent, or the bench fails.
pub fn run_bench(tool: Tool, bundle: &Bundle, directory: &Path, build: &Path) -> Result<(), ToolError> {
    let bench = format!("{}_tb", bundle.top);
    let build = build.to_string_lossy();
    let (program, arguments) = match tool {
        Tool::Icarus => {
            let image = format!("{build}/{bench}.vvp");
            run("iverilog", &["-g2012", "-Wall", "-s", &bench, "-o", &image, "-c", "tb.f"], directory, Talk::Silent)?;
            ("vvp".to_owned(), vec!["-n".to_owned(), image])
        }
        _ => {
            let objects = format!("{build}/verilator");
            // Compiling takes longer than the few thousand cycles of a bench.
            let flags =
                ["--binary", "--timing", "-Wall", "-O3", "-CFLAGS", "-O0", "-MAKEFLAGS", "OPT_FAST=-O0", "-j", "2"];
            let mut arguments = flags.to_vec();
            arguments.extend(["--top-module", &bench, "-Mdir", &objects, "-f", "tb.f"]);
            run("verilator", &arguments, directory, Talk::Free)?;
            (format!("{objects}/V{bench}"), Vec::new())
        }
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let log = run(&program, &arguments, directory, Talk::Free)?;
    let passed = log.lines().any(|line| line.starts_with("PASS ")) && !log.contains("FAIL");
    if passed {
        return Ok(());
    }
    let reason = "the test bench did not pass".to_owned();
    Err(ToolError::Failed { command: program, directory: directory.to_owned(), reason, log })
}
