//! `explain`: the page of a name.

use clap::Args;
use serde_json::json;

use super::session::Session;
use super::{Exit, Failure, Item, kinds};
use crate::mistake::{Mistake, did_you_mean, normalize_code};

/// Columns of a page.
const WIDTH: usize = 100;

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// An error code (`design::unknown-dataflow`), encoding, transform, array, metric or shipped file
    name: String,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let (kind, item) = find(&typed.name)?;
    if session.json {
        session.answer_json(&json!({ "format_version": 1, "kind": kind, "name": item.name, "summary": item.summary, "page": item.page }))?;
    } else {
        session.answer(&wrapped(&item.page))?;
    }
    Ok(Exit::Done)
}

fn find(typed: &str) -> Result<(&'static str, Item), Mistake> {
    let wanted = normalize_code(typed);
    let mut names = Vec::new();
    for kind in kinds() {
        for item in (kind.items)() {
            if normalize_code(&item.name) == wanted {
                return Ok((kind.name, item));
            }
            names.push(item.name);
        }
    }
    let guess = did_you_mean(typed, names.iter().map(String::as_str), "");
    let help = format!("{guess} `bitweight list` prints what has a name, `bitweight list errors` the codes");
    Err(Mistake::new("cli::unknown_name", format!("nothing is called `{typed}`"), help.trim()))
}

/// Breaks lines that are too long; lines that fit stay as they are, so that tables and examples survive.
fn wrapped(page: &str) -> String {
    let mut text = String::new();
    for line in page.lines() {
        let mut column = 0;
        if line.chars().count() <= WIDTH {
            text.push_str(line);
        } else {
            for word in line.split_whitespace() {
                let length = word.chars().count();
                if column > 0 && column + 1 + length > WIDTH {
                    text.push('\n');
                    column = 0;
                } else if column > 0 {
                    text.push(' ');
                    column += 1;
                }
                text.push_str(word);
                column += length;
            }
        }
        text.push('\n');
    }
    text
}
