//! `emit`: the RTL bundle of a design.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::bundle::bundle_of;
use super::session::{Session, cannot_write};
use super::{Exit, Failure};

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Path or shipped name
    design: String,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let design = session.design(&typed.design)?;
    let bundle = bundle_of(&design, &session.command_line("emit", &[&typed.design]))?;
    let folder = session.folder(PathBuf::from("rtl-out").join(&design.name));
    bundle.write(&folder).map_err(|error| cannot_write(&folder.display().to_string(), &error))?;
    let shown = folder.display().to_string();
    session.talk(&format!("wrote {} files below {shown}", bundle.files.len()));
    if session.json {
        let files: Vec<&str> = bundle.files.iter().map(|file| file.path.as_str()).collect();
        session.answer_json(&json!({ "format_version": 1, "folder": shown, "top": bundle.top, "files": files }))?;
    } else {
        session.answer(&format!("{shown}\n"))?;
    }
    Ok(Exit::Done)
}
