//! The lines of an INI file, each with its place: sections, and keys with `:` or `=`.

use std::ops::Range;

/// A piece of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece<'t> {
    /// What it says, without blanks round it.
    pub text: &'t str,
    /// Where, in bytes of the file.
    pub at: Range<usize>,
}

impl<'t> Piece<'t> {
    /// The part of a piece, without the blanks round it; one of blanks only is where it begins.
    fn part(&self, range: Range<usize>) -> Self {
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let text = raw.trim();
        let skipped = if text.is_empty() { 0 } else { raw.len() - raw.trim_start().len() };
        let start = self.at.start + range.start + skipped;
        Self { text, at: start..start + text.len() }
    }
}

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line<'t> {
    /// `[section]`, without the brackets.
    Section(Piece<'t>),
    /// A key with its value, which may be empty.
    Entry(Piece<'t>, Piece<'t>),
    /// Neither.
    Broken(Piece<'t>),
}

/// The lines that are neither blank nor comments. Comments begin a line, or follow a blank, with `#` or `;`.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    for raw in text[start..].split_inclusive('\n') {
        let whole = Piece { text: raw, at: start..start + raw.len() };
        start += raw.len();
        let comment = raw.char_indices().zip(std::iter::once(' ').chain(raw.chars()));
        let end =
            comment.into_iter().find(|&((_, letter), before)| matches!(letter, '#' | ';') && before.is_whitespace());
        let line = whole.part(0..end.map_or(raw.len(), |((end, _), _)| end));
        if !line.text.is_empty() {
            lines.push(meaning(line));
        }
    }
    lines
}

fn meaning(line: Piece<'_>) -> Line<'_> {
    if line.text.starts_with('[') {
        return match line.text.find(']') {
            Some(end) if end + 1 == line.text.len() => Line::Section(line.part(1..end)),
            _ => Line::Broken(line),
        };
    }
    match line.text.find([':', '=']) {
        Some(sign) if sign > 0 => Line::Entry(line.part(0..sign), line.part(sign + 1..line.text.len())),
        _ => Line::Broken(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keys_and_values_are_found_where_they_stand() {
        let text =
            "\u{feff}; note\r\n[ general ]\r\n run_name = a b # c\nRows: 3\nEmpty:\n\nbroken\n[open\n= 7\nurl = a;b:c";
        let lines = lines(text);
        let entry = |key, value| (key, value);
        let seen: Vec<(&str, &str)> = lines
            .iter()
            .map(|line| match line {
                Line::Section(name) => entry("[]", name.text),
                Line::Entry(key, value) => entry(key.text, value.text),
                Line::Broken(line) => entry("?", line.text),
            })
            .collect();
        let expected = [
            ("[]", "general"),
            ("run_name", "a b"),
            ("Rows", "3"),
            ("Empty", ""),
            ("?", "broken"),
            ("?", "[open"),
            ("?", "= 7"),
            ("url", "a;b:c"),
        ];
        assert_eq!(seen, expected);
        for piece in lines.iter().flat_map(|line| match line {
            Line::Section(piece) | Line::Broken(piece) => vec![piece],
            Line::Entry(key, value) => vec![key, value],
        }) {
            assert_eq!(&text[piece.at.clone()], piece.text);
        }
    }
}
