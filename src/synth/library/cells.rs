//! Takes cells out of the text of a Liberty file, and makes one text of several.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Groups that tables name.
const TEMPLATES: [&str; 2] = ["lu_table_template", "power_lut_template"];

/// A group that stands directly in the library.
pub(super) struct Group<'t> {
    kind: &'t str,
    pub name: &'t str,
    pub range: Range<usize>,
}

/// The cells and templates of a text, and where the library is closed.
pub(super) struct Layout<'t> {
    groups: Vec<Group<'t>>,
    end: usize,
}

/// The text with these cells only; whatever is no cell stays as it is.
///
/// The text is one that has been imported, so its braces close; nothing is done behind one that does not.
pub(super) fn with_cells(text: &str, kept: &BTreeSet<&str>) -> String {
    let (mut result, mut written) = (String::new(), 0);
    for Group { range, .. } in cells(&Layout::of(text)).filter(|cell| !kept.contains(cell.name)) {
        result.push_str(&text[written..range.start]);
        written = range.end;
    }
    result + &text[written..]
}

/// One library of several texts: the first one, with those of the `kept` cells that stand in the others, and their templates. A template
/// that the first one has by the same name with other axes gets another name.
///
/// The texts have been imported as one library, so that units and conditions are the same, and no cell stands in two.
pub(super) fn joined(texts: &[String], kept: &BTreeSet<&str>) -> String {
    let mut texts = texts.iter();
    let first = texts.next().map_or_else(String::new, |text| with_cells(text, kept));
    texts.fold(first, |whole, text| with_those_of(&whole, text, kept))
}

fn with_those_of(whole: &str, text: &str, kept: &BTreeSet<&str>) -> String {
    let (own, other) = (Layout::of(whole), Layout::of(text));
    let is_template = |group: &&Group<'_>| group.kind != "cell";
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let known: BTreeMap<(&str, &str), String> = own
        .groups
        .iter()
        .filter(is_template)
        .map(|group| ((group.kind, group.name), plain(&whole[group.range.clone()])))
        .collect();
    let is_known = |name: &str| TEMPLATES.iter().any(|kind| known.contains_key(&(*kind, name)));
    let mut renamed: BTreeMap<&str, String> = BTreeMap::new();
    for group in other.groups.iter().filter(is_template) {
        let same = known.get(&(group.kind, group.name)).map(|known| *known == plain(&text[group.range.clone()]));
        if same == Some(false) {
            let fresh = (2..).map(|number| format!("{}_{number}", group.name)).find(|name| !is_known(name));
            renamed.extend(fresh.map(|fresh| (group.name, fresh)));
        }
    }
    let is_new =
        |group: &&Group<'_>| !known.contains_key(&(group.kind, group.name)) || renamed.contains_key(group.name);
    let taken = |group: &Group<'_>| rename(&text[group.range.clone()], &renamed) + "\n";
    let templates: String = other.groups.iter().filter(is_template).filter(is_new).map(taken).collect();
    let added: String = cells(&other).filter(|cell| kept.contains(cell.name)).map(taken).collect();
    // Templates stand before the cells that name them.
    let begin = cells(&own).next().map_or(own.end, |cell| cell.range.start);
    [&whole[..begin], &templates, &whole[begin..own.end], &added, &whole[own.end..]].concat()
}

pub(super) fn cells<'l, 't>(layout: &'l Layout<'t>) -> impl Iterator<Item = &'l Group<'t>> {
    layout.groups.iter().filter(|group| group.kind == "cell")
}

/// The text with other names for templates, where groups are said to be of them.
fn rename(text: &str, names: &BTreeMap<&str, String>) -> String {
    if names.is_empty() {
        return text.to_owned();
    }
    let (mut result, mut at, mut before) = (String::new(), 0, ["", ""]);
    while let Some(length) = token(text, at) {
        let word = &text[at..at + length];
        let of_table = before[1] == "(" && !["cell", "pin"].contains(&before[0]);
        match names.get(word.trim_matches('"')).filter(|_| of_table) {
            Some(name) => result.push_str(name),
            None => result.push_str(word),
        }
        if !word.trim().is_empty() {
            before = [before[1], word];
        }
        at += length;
    }
    result
}

impl Layout<'_> {
    pub fn of(text: &str) -> Layout<'_> {
        let mut groups = Vec::new();
        let (mut at, mut depth) = (0, 0_usize);
        while let Some(length) = token(text, at) {
            match &text[at..at + length] {
                "{" => depth += 1,
                "}" if depth == 1 => return Layout { groups, end: at },
                "}" => depth = depth.saturating_sub(1),
                // Cells and templates stand in the library, and nothing else does.
                kind if depth == 1 && (kind == "cell" || TEMPLATES.contains(&kind)) => {
                    if let Some((name, end)) = group(text, at + length) {
                        groups.push(Group { kind, name, range: at..end });
                        at = end;
                        continue;
                    }
                }
                _ => {}
            }
            at += length;
        }
        Layout { groups, end: text.len() }
    }
}

/// Name and end of the group whose keyword ends at `at`; the word is an argument elsewhere.
pub(super) fn group(text: &str, at: usize) -> Option<(&str, usize)> {
    let behind = text[at..].trim_start().strip_prefix('(')?;
    let (name, behind) = behind.split_once(')')?;
    let open = text.len() - behind.trim_start().strip_prefix('{')?.len() - 1;
    let name = name.trim().trim_matches('"');
    let (mut at, mut depth) = (open, 0_usize);
    loop {
        let length = token(text, at)?;
        match &text[at..at + length] {
            "{" => depth += 1,
            "}" if depth <= 1 => return Some((name, at + length)),
            "}" => depth -= 1,
            _ => {}
        }
        at += length;
    }
}

/// Length of the string, comment, word or single letter at `at`; `None` at the end.
pub(super) fn token(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let first = rest.chars().next()?;
    let until = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |place| from + place + end.len());
    Some(match first {
        '"' => until("\"", 1),
        '/' if rest.starts_with("/*") => until("*/", 2),
        '/' if rest.starts_with("//") => until("\n", 2),
        _ if is_of_word(first) => rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len()),
        _ => first.len_utf8(),
    })
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_go_with_all_that_is_in_them_and_nothing_else_does() {
        let text = "library (cell) { define(a, cell, float); /* cell (A) { */ x : \"}\"; cell (\"A\") { pin (P) { f : \"{\"; } }\n cell(B){ /* } */ } cell_x (C) { } }";
        let kept = with_cells(text, &BTreeSet::from(["B"]));
        assert_eq!(
            kept,
            "library (cell) { define(a, cell, float); /* cell (A) { */ x : \"}\"; \n cell(B){ /* } */ } cell_x (C) { } }"
        );
        assert_eq!(with_cells(text, &BTreeSet::from(["A", "B"])), text);
        // What is not whole is left as it is.
        assert_eq!(with_cells("library (x) { cell (A) { ", &BTreeSet::new()), "library (x) { cell (A) { ");
    }

    #[test]
    fn several_texts_become_one_library_with_every_template_that_is_named() {
        let a =
            "library (a) { lu_table_template (t) { index_1 (\"1\"); }\n cell (A) { rise (t) { } }\n cell (X) { } }\n";
        let b = "library (b) { lu_table_template (t) { index_1 ( \"1\" ); } lu_table_template (u) { } cell (B) { rise (u) { } fall (t) { } } cell (Y) { } }";
        let c = "library (c) { lu_table_template (t) { index_1 (\"2\"); } power_lut_template (t) { } cell (C) { pin (t) { rise ( \"t\" ) { } } } }";
        let kept = BTreeSet::from(["A", "B", "C"]);
        let whole = joined(&[a, b, c].map(str::to_owned), &kept);
        assert_eq!(
            whole,
            "library (a) { lu_table_template (t) { index_1 (\"1\"); }\n lu_table_template (u) { }\n\
             lu_table_template (t_2) { index_1 (\"2\"); }\npower_lut_template (t_2) { }\n\
             cell (A) { rise (t) { } }\n \n \n"
                .replace(
                    "\n \n \n",
                    "\n  cell (B) { rise (u) { } fall (t) { } }\ncell (C) { pin (t) { rise ( t_2 ) { } } }\n}\n"
                )
        );
    }
}
