//! `new`: a commented copy of a design to edit.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::session::Session;
use super::{Exit, Failure};
use crate::design::scalesim::{ScalesimConfig, is_config};
use crate::design::{Design, shipped};
use crate::mistake::Mistake;

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Name of the new design; the file is NAME.toml
    name: String,
    /// The design to copy: a shipped name, a path, or a SCALE-Sim configuration (`.cfg`)
    #[arg(long, value_name = "DESIGN")]
    from: String,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    // Reports a missing or broken original before anything is written.
    let (_, notes) = Design::load_noted(&typed.from, &[])?;
    session.say_notes(&notes);
    let original = match shipped().iter().find(|design| design.name == typed.from) {
        Some(design) => design.text.to_owned(),
        None if is_config(&typed.from) => ScalesimConfig::read(&typed.from)?.0.to_toml(&typed.from),
        None => std::fs::read_to_string(&typed.from).map_err(|reason| {
            let message = format!("cannot read the design `{}`: {reason}", typed.from);
            Mistake::new("design::cannot_read", message, "give a shipped name or the path of a TOML file")
        })?,
    };
    let path = session.out.clone().unwrap_or_default().join(format!("{}.toml", typed.name));
    let text = renamed(&original, &typed.name, &typed.from, &path);
    // A bad name is an error of the copy, shown in the copy.
    Design::from_toml(&path.display().to_string(), &text, &[])?;
    if path.exists() {
        let message = format!("`{}` exists", path.display());
        return Err(Mistake::new("cli::file_exists", message, "choose another name, or remove the file").into());
    }
    session.write(&path, text.as_bytes())?;
    if session.json {
        session.answer_json(&json!({ "format_version": 1, "file": path.display().to_string() }))?;
    } else {
        session.answer(&format!("{}\n", path.display()))?;
    }
    Ok(Exit::Done)
}

/// The original with another name, and without the line that points an editor at a schema beside it.
fn renamed(original: &str, name: &str, from: &str, path: &Path) -> String {
    let path: PathBuf = path.to_path_buf();
    let mut text = format!("# A copy of `{from}` to edit. Look at it with: bitweight check {}\n", path.display());
    let mut is_renamed = false;
    for line in original.lines().filter(|line| !line.starts_with("#:schema")) {
        let names = line.split('=').next().is_some_and(|key| key.trim() == "name");
        if names && !is_renamed {
            text.push_str(&format!("name = \"{name}\"\n"));
            is_renamed = true;
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
