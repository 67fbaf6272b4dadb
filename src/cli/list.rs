//! `list`: what has a name.

use clap::Args;
use serde_json::{Value, json};

use super::columns::left_columns;
use super::session::Session;
use super::{Exit, Failure, Item, Kind, kinds};
use crate::mistake::{Mistake, did_you_mean};

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// designs, encodings, transforms, arrays, ...; all of them if absent
    kind: Option<String>,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    match &typed.kind {
        Some(name) => {
            let kind = kind_of(name)?;
            let items = (kind.items)();
            if session.json {
                session.answer_json(&json!({ "format_version": 1, "items": table_json(kind, &items) }))?;
            } else {
                session.answer(&if kind.headings.is_empty() { lines(&items, "") } else { table(kind, &items) })?;
            }
        }
        None => {
            let shown: Vec<(&Kind, Vec<Item>)> =
                kinds().iter().filter(|kind| kind.shown).map(|kind| (kind, (kind.items)())).collect();
            if session.json {
                let all: Vec<Value> = shown
                    .iter()
                    .map(|(kind, items)| json!({ "kind": kind.name, "items": items_json(items) }))
                    .collect();
                session.answer_json(&json!({ "format_version": 1, "kinds": all }))?;
            } else {
                let blocks: Vec<String> =
                    shown.iter().map(|(kind, items)| format!("{}\n{}", kind.name, lines(items, "  "))).collect();
                session.answer(&blocks.join("\n"))?;
                let hidden: Vec<&str> = kinds().iter().filter(|kind| !kind.shown).map(|kind| kind.name).collect();
                session.talk(&format!("\n`bitweight list KIND` also knows: {}", hidden.join(", ")));
            }
        }
    }
    Ok(Exit::Done)
}

fn kind_of(name: &str) -> Result<&'static Kind, Mistake> {
    let names = || kinds().iter().map(|kind| kind.name);
    kinds().iter().find(|kind| kind.name == name).ok_or_else(|| {
        let guess = did_you_mean(name, names(), "");
        let help = format!("{guess} One of: {}", names().collect::<Vec<_>>().join(", "));
        Mistake::new("cli::unknown_kind", format!("there is no kind `{name}`"), help.trim())
    })
}

fn items_json(items: &[Item]) -> Vec<Value> {
    items.iter().map(|item| json!({ "name": item.name, "summary": item.summary })).collect()
}

fn lines(items: &[Item], indent: &str) -> String {
    let width = items.iter().map(|item| item.name.len()).max().unwrap_or(0);
    items.iter().map(|item| format!("{indent}{:<width$}  {}\n", item.name, item.summary)).collect()
}

/// Items with what their kind shows of each, under headings.
fn table(kind: &Kind, items: &[Item]) -> String {
    let headings = std::iter::once("name").chain(kind.headings.iter().copied()).map(str::to_owned).collect();
    let rows = items.iter().map(|item| [vec![item.name.clone()], item.cells.clone()].concat());
    let rows: Vec<Vec<String>> = std::iter::once(headings).chain(rows).collect();
    left_columns(&rows)
}

/// The keys of a plain list, and what the kind shows of each.
fn table_json(kind: &Kind, items: &[Item]) -> Vec<Value> {
    let mut values = items_json(items);
    for (value, item) in values.iter_mut().zip(items) {
        for (heading, cell) in kind.headings.iter().zip(&item.cells) {
            value[heading.replace(' ', "_")] = Value::from(cell.as_str());
        }
    }
    values
}
