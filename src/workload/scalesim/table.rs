//! The cells of a topology file, each with its place.

use std::ops::Range;

use csv::{ByteRecord, ReaderBuilder};

/// Cells of a row that are looked at.
const MOST_CELLS: usize = 64;
/// What may stand between fields: that of which the header has most, commas where it has as many.
const SEPARATORS: [(char, &str); 3] = [(',', "commas"), ('\t', "tabs"), (';', "semicolons")];

/// One field, without the blanks and quotes round it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell<'t> {
    /// What it says; may be empty.
    pub text: &'t str,
    /// Where, in bytes of the file.
    pub at: Range<usize>,
}

/// One line of fields.
#[derive(Clone, Debug)]
pub(super) struct Record<'t> {
    /// Its first [`MOST_CELLS`] fields; at least one.
    pub cells: Vec<Cell<'t>>,
    /// The first field behind them that says something.
    pub beyond: Option<Range<usize>>,
}

impl Record<'_> {
    /// Where the row begins: at its first cell.
    pub fn start(&self) -> usize {
        self.cells.first().map_or(0, |cell| cell.at.start)
    }

    /// Whether no field says anything.
    pub fn is_empty(&self) -> bool {
        self.beyond.is_none() && self.cells.iter().all(|cell| cell.text.is_empty())
    }
}

/// What separates the fields of a file, with its name.
pub(super) fn separator(text: &str) -> (char, &'static str) {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: char| header.matches(separator).count();
    let others = SEPARATORS[1..].iter().filter(|(other, _)| count(*other) > count(','));
    others.max_by_key(|(other, _)| count(*other)).copied().unwrap_or(SEPARATORS[0])
}

/// The lines of a file that have a field; blank ones are left out, a byte-order mark is no part of the first field.
///
/// Quotes do not group: SCALE-Sim splits at every comma, and an unbalanced quote must not swallow the rest of the file.
/// Lines are cut one by one: a file of very many takes no memory for them.
pub(super) fn records(text: &str, separator: char) -> impl Iterator<Item = Record<'_>> {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(false)
        .delimiter(separator as u8)
        .from_reader(&text.as_bytes()[mark..]);
    let mut record = ByteRecord::new();
    std::iter::from_fn(move || {
        // Reading from memory cannot fail, and rows of any length are asked for.
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
            return None;
        }
        let from = record.position().map_or(0, |position| position.byte() as usize) + mark;
        // A record's position is where the one before ended: line ends and blank lines may come first.
        let blank = text[from..].bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        Some(cells(text, from + blank, &record))
    })
}

fn cells<'t>(text: &'t str, from: usize, record: &ByteRecord) -> Record<'t> {
    let mut cells = Vec::with_capacity(record.len().min(MOST_CELLS));
    let mut beyond = None;
    let mut start = from;
    for (index, field) in record.iter().enumerate() {
        let cell = trimmed(text, start..start + field.len());
        start += field.len() + 1;
        if index < MOST_CELLS {
            cells.push(cell);
        } else if !cell.text.is_empty() {
            beyond = Some(cell.at);
            break;
        }
    }
    Record { cells, beyond }
}

/// A field without what stands round it; one of blanks only is where it begins.
fn trimmed(text: &str, field: Range<usize>) -> Cell<'_> {
    let raw = text.get(field.clone()).unwrap_or_default();
    let blank = |letter: char| letter.is_whitespace() || letter == '"';
    let inside = raw.trim_start_matches(blank);
    let start = if inside.is_empty() { field.start } else { field.start + raw.len() - inside.len() };
    let inside = inside.trim_end_matches(blank);
    Cell { text: inside, at: start..start + inside.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_found_where_it_stands_behind_marks_blanks_line_ends_and_quotes() {
        let text = "\u{feff}name, a\u{a0},b\r\n\r\n  \"x y\" ,\t7 ,,\r\n\n\n,,,\nlast,8";
        let records: Vec<Record> = records(text, ',').collect();
        let rows: Vec<Vec<&str>> =
            records.iter().map(|record| record.cells.iter().map(|cell| cell.text).collect()).collect();
        let expected: [&[&str]; 4] = [&["name", "a", "b"], &["x y", "7", "", ""], &["", "", "", ""], &["last", "8"]];
        assert_eq!(rows, expected);
        for cell in records.iter().flat_map(|record| &record.cells) {
            assert_eq!(&text[cell.at.clone()], cell.text);
        }
        assert!(records[2].is_empty() && !records[1].is_empty());
    }

    #[test]
    fn a_very_long_row_is_not_kept_whole() {
        let text = format!("a{},x{}", ",".repeat(100_000), ",".repeat(100_000));
        let records: Vec<Record> = records(&text, ',').collect();
        assert_eq!((records[0].cells.len(), records[0].beyond.clone()), (MOST_CELLS, Some(100_002..100_003)));
    }

    #[test]
    fn the_header_says_what_separates_fields() {
        for (text, expected) in
            [("a,b;c", ','), ("a\tb\tc,", '\t'), ("\n\na\tb\n1,2", '\t'), ("a;b", ';'), ("a b", ','), ("", ',')]
        {
            assert_eq!(separator(text).0, expected, "{text:?}");
        }
    }
}
