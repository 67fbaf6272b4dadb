//! Remarks about places of a user's file: what was ignored, or taken otherwise than it reads, and is no error.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Notes about one file; what goes beyond is counted in a last one.
const MOST_NOTES: usize = 1000;

/// A remark about a place of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; 0 of a file that has none.
    pub line: usize,
    /// The character of the line, from 1; 0 of a file that has none.
    pub column: usize,
    /// What there is to say.
    pub text: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.text),
            line => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.text),
        }
    }
}

/// The notes about one file while it is read.
#[derive(Debug)]
pub struct Notes<'t> {
    file: &'t str,
    text: &'t str,
    /// Offset of the first byte of each line.
    lines: Vec<usize>,
    notes: Vec<Note>,
    unsaid: usize,
}

impl<'t> Notes<'t> {
    /// No note yet about the file of this name and text.
    pub fn new(file: &'t str, text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(end, _)| end + 1);
        Self { file, text, lines: std::iter::once(0).chain(ends).collect(), notes: Vec::new(), unsaid: 0 }
    }

    /// Line and column, from 1, of a byte of the text.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|&start| start <= offset);
        let before = self.text.get(self.lines[line - 1]..offset).unwrap_or_default();
        (line, before.chars().filter(|&letter| letter != '\u{feff}').count() + 1)
    }

    /// A remark about the byte at `offset`.
    pub fn add(&mut self, offset: usize, text: impl Into<String>) {
        if self.notes.len() >= MOST_NOTES {
            self.unsaid += 1;
            return;
        }
        let (line, column) = self.place(offset);
        self.notes.push(Note { file: self.file.to_owned(), line, column, text: text.into() });
    }

    /// All notes, in the order of their places.
    pub fn finish(self) -> Vec<Note> {
        let Self { file, mut notes, unsaid, .. } = self;
        notes.sort_by_key(|note| (note.line, note.column));
        if unsaid > 0 {
            let (line, column) = notes.last().map_or((1, 1), |note| (note.line, note.column));
            let text = format!("{unsaid} more notes about this file are left out");
            notes.push(Note { file: file.to_owned(), line, column, text });
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_characters_and_notes_come_in_their_order() {
        let text = "\u{feff}ab\r\n\u{e4}\u{e4}x\n\nlast";
        let mut notes = Notes::new("f.csv", text);
        for (sought, place) in [("ab", (1, 1)), ("x", (2, 3)), ("last", (4, 1))] {
            assert_eq!(notes.place(text.find(sought).expect("in the text")), place, "{sought}");
        }
        notes.add(text.len(), "end");
        notes.add(3, "begin");
        let said: Vec<String> = notes.finish().iter().map(Note::to_string).collect();
        assert_eq!(said, ["f.csv:1:1: begin", "f.csv:4:5: end"]);
    }

    #[test]
    fn more_notes_than_anyone_reads_are_counted() {
        let mut notes = Notes::new("f", "x");
        (0..MOST_NOTES + 7).for_each(|_| notes.add(0, "again"));
        let notes = notes.finish();
        assert_eq!(notes.len(), MOST_NOTES + 1);
        assert_eq!(notes[MOST_NOTES].text, "7 more notes about this file are left out");
    }
}
