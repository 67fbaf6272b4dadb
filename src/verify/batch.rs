//! Several test benches in one simulator: the compiler of Verilator costs seconds, a few more designs in it cost little.

use crate::emit::{Bundle, EmittedFile};
use crate::verify::tool::{Talk, ToolError, run};
use std::fmt::Write;
use std::io;
use std::path::Path;

/// Why a batch has no verdict, or a bad one.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The files cannot be written.
    #[error("cannot write the batch: {0}")]
    Io(#[from] io::Error),
    /// The compiler complained, or a bench failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
}

/// Runs the test benches of all `bundles` under Verilator, in one build below `directory`. No two may have a module of one name, so
/// designs have to differ in theirs.
///
/// # Errors
/// [`BatchError`] if the compiler is not silent or a bench fails; its log names the test bench.
pub fn run_batch(bundles: &[Bundle], directory: &Path) -> Result<(), BatchError> {
    let (mut list, mut top) = (String::new(), String::from("module batch;\n"));
    for bundle in bundles {
        let folder = directory.join(&bundle.top);
        for file in &bundle.files {
            let is_bench = file.path.ends_with("_tb.sv");
            if !(is_bench || file.path.starts_with("rtl/") || file.path.starts_with("tb/vectors/")) {
                continue;
            }
            let path = folder.join(&file.path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            if is_bench {
                std::fs::write(&path, one_of_many(file, &bundle.top))?;
            } else {
                std::fs::write(&path, &file.text)?;
            }
            if !file.path.starts_with("tb/vectors/") {
                let _ = writeln!(list, "{}/{}", bundle.top, file.path);
            }
        }
        let _ = writeln!(top, "  {0}_tb u_{0} ();", bundle.top);
    }
    top.push_str("endmodule\n");
    std::fs::write(directory.join("batch.sv"), top)?;
    std::fs::write(directory.join("batch.f"), list + "batch.sv\n")?;
    let flags = ["--binary", "--timing", "-Wall", "-O3", "-CFLAGS", "-O0", "-MAKEFLAGS", "OPT_FAST=-O0", "-j", "2"];
    let mut arguments = flags.to_vec();
    arguments.extend(["--top-module", "batch", "-Mdir", "verilator", "-f", "batch.f"]);
    run("verilator", &arguments, directory, Talk::Free)?;
    let program = "verilator/Vbatch".to_owned();
    let log = run(&directory.join(&program).to_string_lossy(), &[], directory, Talk::Free)?;
    let passed = |bundle: &Bundle| log.lines().any(|line| line.starts_with(&format!("PASS {}: ", bundle.top)));
    match bundles.iter().find(|bundle| !passed(bundle)) {
        None if !log.contains("FAIL") => Ok(()),
        missing => {
            let reason =
                missing.map_or_else(|| "a bench failed".to_owned(), |one| format!("`{}` did not pass", one.top));
            Err(ToolError::Failed { command: program, directory: directory.to_owned(), reason, log }.into())
        }
    }
}

/// The text of a bench that ends without ending its neighbours, finds its vectors in its own folder, and says who speaks.
fn one_of_many(bench: &EmittedFile, top: &str) -> String {
    bench
        .text
        .replace("  reg clk = 1'b0;\n", "  reg clk = 1'b0;\n  reg done = 1'b0;\n")
        .replace("    forever begin\n", "    while (!done) begin\n")
        .replace("    $finish(0);\n", "    done = 1'b1;\n")
        .replace("\"tb/vectors/", &format!("\"{top}/tb/vectors/"))
        .replace("\"FAIL ", &format!("\"FAIL {top}: "))
        .replace("\"PASS ", &format!("\"PASS {top}: "))
}
