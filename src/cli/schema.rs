//! `schema`: the JSON schema of a file, for editors.

use clap::{Args, ValueEnum};
use schemars::schema_for;

use super::session::Session;
use super::{Exit, Failure};
use crate::design::DesignFile;
use crate::estimate::process;
use crate::workload;

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Which file
    kind: FileKind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FileKind {
    /// A design.
    Design,
    /// A workload.
    Workload,
    /// A process table.
    Process,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let schema = match typed.kind {
        FileKind::Design => schema_for!(DesignFile),
        FileKind::Workload => workload::schema(),
        FileKind::Process => process::schema(),
    };
    session.answer_json(schema.as_value())?;
    Ok(Exit::Done)
}
