//! What was typed. Nothing here has an effect.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{
    check, completions, emit, encode, estimate, exit, explain, list, new, paper, process, report, schema, simulate,
    synth, verify,
};

/// Simulate tensor engines in the bit-weight dimension, emit their Verilog, and prove that the two agree.
#[derive(Debug, Parser)]
#[command(name = "bitweight", version, after_help = exit::help(), subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Typed {
    #[command(flatten)]
    pub(super) globals: Globals,
    #[command(subcommand)]
    pub(super) verb: Verb,
}

/// Options of every verb.
#[derive(Args, Debug)]
pub(super) struct Globals {
    /// Folder to write into
    #[arg(short, long, global = true, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Override a key of the design, e.g. `array.rows=16`; may be repeated
    #[arg(long = "set", global = true, value_name = "KEY=VALUE")]
    pub(super) overrides: Vec<String>,
    /// Seed of drawn values, instead of the workload's
    #[arg(long, global = true, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Threads; all cores if absent
    #[arg(short, global = true, value_name = "N")]
    pub(super) jobs: Option<usize>,
    /// Form of the answer on standard output
    #[arg(long, global = true, value_name = "FORM", default_value = "human")]
    pub(super) format: Format,
    /// Say nothing but the answer
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more on standard error
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
    /// Colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
}

/// Form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Text for people.
    Human,
    /// One JSON object with `format_version`.
    Json,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// List designs, encodings, transforms, arrays and more
    List(list::Typed),
    /// Explain an error code, encoding, transform, array or metric
    Explain(explain::Typed),
    /// Make a commented copy of a design to edit
    New(new::Typed),
    /// Load designs, elaborate them, and print them resolved with their loop nests
    Check(check::Typed),
    /// Print the digits of a number under each encoding
    Encode(encode::Typed),
    /// Run a workload, cycle-exact, and compare it with the software reference
    Simulate(simulate::Typed),
    /// Estimate area and clock
    Estimate(estimate::Typed),
    /// Synthesise with Yosys and OpenSTA, and hold the estimate against it
    Synth(synth::Typed),
    /// Simulate, estimate and report
    Run(simulate::Typed),
    /// Draw the page of a run again
    Report(report::Typed),
    /// Write the RTL bundle
    Emit(emit::Typed),
    /// Hold simulation, interpreted netlist and emitted Verilog against each other
    Verify(verify::Typed),
    /// Make the comparison of the HPCA 2025 paper again
    Paper(paper::Typed),
    /// Make a process table of a Liberty file
    Process(process::Typed),
    /// Print the JSON schema of a file
    Schema(schema::Typed),
    /// Print the completions of a shell
    Completions(completions::Typed),
}
