//! `explain`: the page of a name.

use clap::Args;
use serde_json::json;

use super::session::Session;
use super::{Exit, Failure, Item, Kind, kinds};
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
        session.answer_json(&json!({ "format_version": 1, "kind": kind.name, "name": item.name, "summary": item.summary, "page": item.page }))?;
    } else {
        session.answer(&if kind.files { item.page } else { wrapped(&item.page) })?;
    }
    Ok(Exit::Done)
}

/// What has a name. Prose comes before a file: of an array and a design of one name, the page of the array is shown; `check` shows
/// designs.
fn find(typed: &str) -> Result<(&'static Kind, Item), Mistake> {
    let wanted = normalize_code(typed);
    let mut names = Vec::new();
    let (files, prose): (Vec<&Kind>, Vec<&Kind>) = kinds().iter().partition(|kind| kind.files);
    for kind in prose.into_iter().chain(files) {
        for item in (kind.items)() {
            if normalize_code(&item.name) == wanted {
                return Ok((kind, item));
            }
            names.push(item.name);
        }
    }
    let guess = did_you_mean(typed, names.iter().map(String::as_str), "");
    let help = format!("{guess} `bitweight list` prints what has a name, `bitweight list errors` the codes");
    Err(Mistake::new("cli::unknown_name", format!("nothing is called `{typed}`"), help.trim()))
}

/// Fills paragraphs that have a line that is too long; others, and tables and nests, stay as they are.
fn wrapped(page: &str) -> String {
    let block = |block: &str| {
        let fits = block.lines().all(|line| line.chars().count() <= WIDTH);
        if fits || block.starts_with(' ') { block.to_owned() } else { filled(block) }
    };
    page.trim_end().split("\n\n").map(block).collect::<Vec<_>>().join("\n\n") + "\n"
}

/// The lines of a paragraph, or of each item of a list, filled up to [`WIDTH`]; rows of tables and headings stand alone.
fn filled(block: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for line in block.lines() {
        let alone = |line: &str| line.starts_with(['|', '#']);
        match parts.last_mut() {
            Some(part) if !alone(line) && !alone(part) && !line.starts_with("- ") => {
                part.push(' ');
                part.push_str(line.trim());
            }
            _ => parts.push(line.to_owned()),
        }
    }
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        let indent = if part.starts_with("- ") { "  " } else { "" };
        let mut line = String::new();
        for word in part.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::replace(&mut line, format!("{indent}{word}")));
            } else {
                line = if line.is_empty() { word.to_owned() } else { line + " " + word };
            }
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_but_that_of_a_design_with_the_name_of_its_array() {
        let mut hidden = Vec::new();
        for kind in kinds() {
            for item in (kind.items)() {
                let (found, _) = find(&item.name).expect("a page");
                if found.name != kind.name {
                    hidden.push((kind.name, item.name, found.name));
                }
            }
        }
        assert!(!hidden.is_empty());
        assert!(hidden.iter().all(|(kind, _, found)| (*kind, *found) == ("designs", "arrays")), "{hidden:?}");
    }

    #[test]
    fn no_page_of_prose_is_wider_than_a_terminal() {
        for kind in kinds().iter().filter(|kind| !kind.files) {
            for item in (kind.items)() {
                // Nests are text of the notation, which has no continuation lines.
                let page = wrapped(&item.page);
                let long = page.lines().find(|line| line.chars().count() > WIDTH && !line.starts_with(' '));
                assert_eq!(long, None, "{}", item.name);
            }
        }
    }

    #[test]
    fn a_paragraph_with_a_long_line_is_filled_and_tables_lists_and_nests_stay_what_they_are() {
        let word = "twenty-letters-long.";
        let long = [word; 6].join(" ");
        let page = format!("# title\n\n{long}\nshort\n\n- {long}\n  more\n- next\n\n| a |\n|---|\n\n  {long}\n");
        let four = [word; 4].join(" ");
        let two = [word; 2].join(" ");
        let expected =
            format!("# title\n\n{four}\n{two} short\n\n- {four}\n  {two} more\n- next\n\n| a |\n|---|\n\n  {long}\n");
        assert_eq!(wrapped(&page), expected);
    }
}
