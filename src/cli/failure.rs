//! Why a command could not run.

use std::io::{self, Write};

use miette::Diagnostic;

use super::{Exit, registry};
use crate::mistake::{Mistake, normalize_code, render};
use crate::simulate::RunError;

/// A command that could not run, or whose reader went away.
#[derive(Debug)]
pub enum Failure {
    /// Errors of the user's files or arguments, in the order in which they are printed.
    Reports(Vec<Box<dyn Diagnostic + Send + Sync>>),
    /// The command ran and its answer is no: why.
    No(Box<dyn Diagnostic + Send + Sync>),
    /// Whoever read our output has closed it, like `head`: they have all they want.
    ClosedPipe,
}

impl Failure {
    /// One error.
    pub fn one(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self::Reports(vec![Box::new(error)])
    }

    /// Prints the errors and says how the command ends.
    pub(super) fn report(&self, colour: bool) -> Exit {
        match self {
            Self::ClosedPipe => Exit::Done,
            Self::No(error) => {
                show(error.as_ref(), colour, "");
                Exit::No
            }
            Self::Reports(errors) => {
                for (index, error) in errors.iter().enumerate() {
                    show(error.as_ref(), colour, if index > 0 { "\n" } else { "" });
                }
                Exit::CouldNot
            }
        }
    }
}

/// Prints an error on standard error.
fn show(error: &dyn Diagnostic, colour: bool, gap: &str) {
    let code = error.code().map(|code| normalize_code(&code.to_string()));
    let has_page = code.is_some_and(|code| registry::explained_codes().iter().any(|item| item.name == code));
    let text = format!("{gap}{}", render(error, colour, has_page));
    // When standard error is gone there is nobody left to tell.
    drop(io::stderr().write_all(text.as_bytes()));
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        if error.is_answer() { Self::No(Box::new(error)) } else { Self::one(error) }
    }
}

impl From<Mistake> for Failure {
    fn from(mistake: Mistake) -> Self {
        Self::one(mistake)
    }
}

impl From<Vec<Mistake>> for Failure {
    fn from(mistakes: Vec<Mistake>) -> Self {
        Self::Reports(mistakes.into_iter().map(|mistake| Box::new(mistake) as Box<_>).collect())
    }
}

/// Something that cannot fail on what a user may write has failed.
pub(super) fn defect(design: &str, error: &dyn std::fmt::Display) -> Mistake {
    let help = "this is a defect of bitweight: please report it with the design";
    Mistake::new("cli::defect", format!("`{design}` cannot be built: {error}"), help)
}

/// The codes of the command line itself, with the pages that `explain` prints.
pub fn error_codes() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "cli::unknown_name",
            "`explain` takes the name of an encoding, a transform, an array, a shipped file, a metric, or an error code. Codes \
             may be typed with dashes or underscores. `bitweight list KIND` prints the names of a kind.",
        ),
        (
            "cli::unknown_kind",
            "`list` takes a kind of thing: designs, encodings, transforms, arrays and so on. Without a kind it lists them all.",
        ),
        (
            "cli::missing_tool",
            "`verify --require-tools` asks for a tool that is not on the path. Without the option its checks are counted as \
             skipped. `scripts/test` installs Icarus Verilog, Verilator, Yosys and OpenSTA from Debian where it may.",
        ),
        (
            "cli::file_exists",
            "`new` does not write over a file, which may be one that was edited, and `process import` over none that it did not make. \
             Choose another name, or remove the old file.",
        ),
        (
            "cli::cannot_read",
            "A file named on the command line could not be read; the message has the system's reason. Designs and workloads \
             have codes of their own for this.",
        ),
        (
            "cli::cannot_write",
            "A file of the answer could not be written; the message has the system's reason. Files are written under a \
             temporary name and renamed, so an old file of that name is still whole.",
        ),
        (
            "cli::defect",
            "bitweight made something that its own checks refuse. No design should be able to cause this; the message says \
             what was refused. Please report it with the design.",
        ),
        (
            "cli::unused_override",
            "`--set` overrides a key while a design is read. This verb reads none, or, like `new`, copies the text of one, \
             comments and all, and would write the old value; give `--set` to `check`, `simulate`, `estimate`, `synth`, \
             `run`, `emit` or `verify`, or edit the copy.",
        ),
        (
            "cli::unused_topology",
            "`--topology` says whether the rows of a SCALE-Sim topology are GEMMs or convolutions, where its header does not. \
             Other workloads say so themselves, and the option would be lost without a word.",
        ),
        (
            "cli::unused_shape",
            "`--shape` gives the extents of an input of an ONNX model, where the model leaves them open, and `--quantize` says \
             how its real weights become integers. Other workloads say so themselves, and the option would be lost without a \
             word.",
        ),
        (
            "cli::bad_name",
            "A process is called by the name of its file, so the name has letters of ASCII, digits, `-` and `_`. `process import` takes \
             that of the Liberty file up to its first dot, or the one given by `--name`.",
        ),
        (
            "cli::no_netlist",
            "`estimate --netlist` writes a design of one module; the module of a grid is estimated once for all its instances, and so \
             no netlist of the whole is ever made. Delay lines are counted and not made either.",
        ),
        (
            "cli::operands",
            "The operands that energy is counted on, by `estimate --power` and `synth --power`, are a block of the first product of the \
             workload: two tiles along each dimension that the array splits, and up to 64 along the one that it does not. The message \
             says why this design cannot multiply it.",
        ),
        ("cli::bad_threads", "`-j` takes the number of threads, 1 or more. Without it every core is used."),
    ]
}
