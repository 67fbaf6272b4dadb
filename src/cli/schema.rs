//! `schema`: the JSON schema of a file, for editors.

use clap::{Args, ValueEnum};
use schemars::schema_for;

use super::session::Session;
use super::{Exit, Failure};
use crate::design::DesignFile;

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Which file
    kind: FileKind,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FileKind {
    /// A design.
    Design,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let schema = match typed.kind {
        FileKind::Design => schema_for!(DesignFile),
    };
    session.answer_json(schema.as_value())?;
    Ok(Exit::Done)
}
