//! Takes cells out of the text of a Liberty file.

use std::collections::BTreeSet;

/// The text with these cells only; whatever is no cell stays as it is.
///
/// The text is one that has been imported, so its braces close; nothing is done behind one that does not.
pub(super) fn with_cells(text: &str, kept: &BTreeSet<&str>) -> String {
    let mut result = String::new();
    let (mut written, mut at, mut depth) = (0, 0, 0_usize);
    while let Some(length) = token(text, at) {
        match &text[at..at + length] {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            // Cells stand in the library, and nothing else does.
            "cell" if depth == 1 => {
                if let Some((name, end)) = cell(text, at + length)
                    && !kept.contains(name)
                {
                    result.push_str(&text[written..at]);
                    (written, at) = (end, end);
                    continue;
                }
            }
            _ => {}
        }
        at += length;
    }
    result + &text[written..]
}

/// Name and end of the cell whose keyword ends at `at`; the word is an argument elsewhere.
fn cell(text: &str, at: usize) -> Option<(&str, usize)> {
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
fn token(text: &str, at: usize) -> Option<usize> {
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
}
