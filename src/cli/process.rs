//! `process`: tables of standard cells. `process import` makes one of a Liberty file.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::session::Session;
use super::{Exit, Failure};
use crate::estimate::liberty::{self, Imported, Input};
use crate::estimate::process::to_toml;
use crate::mistake::Mistake;

#[derive(Args, Debug)]
pub(super) struct Typed {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Distil a Liberty file, or several of one library, into NAME.toml
    Import(Import),
}

#[derive(Args, Debug)]
struct Import {
    /// The Liberty file, .lib or .lib.gz; several if the library is in as many
    #[arg(required = true)]
    liberty: Vec<PathBuf>,
    /// Name of the process; that of the file if absent, and needed for several
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let Verb::Import(typed) = &typed.verb;
    let name = name_of(typed)?;
    let path = session.out.clone().unwrap_or_default().join(format!("{name}.toml"));
    // A table that was made before is made again; another file of that name may be anything.
    let is_own = |path: &Path| std::fs::read_to_string(path).is_ok_and(|text| text.starts_with(liberty::HEAD));
    if path.exists() && !is_own(&path) {
        let message = format!("`{}` exists", path.display());
        return Err(Mistake::new("cli::file_exists", message, "choose another name, or remove the file").into());
    }
    let inputs: Vec<Input> = typed.liberty.iter().map(|path| Input::file(path)).collect();
    let imported = liberty::import_all(&inputs, &name)?;
    session.say_notes(&imported.notes);
    session.write(&path, to_toml(&imported.process, &imported.head).as_bytes())?;
    let file = path.display().to_string();
    if session.json {
        session.answer_json(&to_json(&imported, &file))?;
    } else {
        let Imported { process, .. } = &imported;
        let (cells, flip_flops) = (process.cells().len(), process.flip_flops().len());
        session.answer(&format!("{file}: {cells} cells, {flip_flops} flip-flops of {}\n", process.source.library))?;
    }
    Ok(Exit::Done)
}

fn to_json(imported: &Imported, file: &str) -> Value {
    let Imported { process, notes, .. } = imported;
    let cells: Vec<&str> = process.cells().iter().map(|cell| cell.name.as_str()).collect();
    let flip_flops: Vec<&str> = process.flip_flops().iter().map(|cell| cell.name.as_str()).collect();
    let said: Vec<String> = notes.iter().map(ToString::to_string).collect();
    json!({
        "format_version": 1, "file": file, "name": process.name, "library": process.source.library,
        "cells": cells, "flip_flops": flip_flops, "notes": said
    })
}

/// The name that was asked for, or that of the only file up to its first dot.
fn name_of(typed: &Import) -> Result<String, Mistake> {
    let file = match (&typed.liberty[..], &typed.name) {
        ([_, _, ..], None) => {
            let message = format!("a process of {} files has no name yet", typed.liberty.len());
            return Err(Mistake::new("cli::bad_name", message, "give one by `--name`"));
        }
        (files, _) => files.first().and_then(|path| path.file_name()),
    };
    let file = file.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = typed.name.clone().unwrap_or_else(|| file.split('.').next().unwrap_or_default().to_owned());
    let good = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    if name.is_empty() || !name.chars().all(good) {
        let message = format!("`{name}` cannot be the name of a process");
        return Err(Mistake::new("cli::bad_name", message, "give one of letters, digits, - and _ by `--name`"));
    }
    Ok(name)
}
