//! The text of a process file without its tables.
//!
//! Tables are nearly all of a file, and reading them as TOML would take most of the time: an empty text stands for each, and
//! places in what is left are known in the file.

use std::ops::Range;

/// Opens and closes the text of a table.
const QUOTES: &str = "\"\"\"";

/// What is left of a file.
pub(super) struct Cuts {
    /// The TOML, with an empty text for each table.
    pub short: String,
    /// Where each of them begins in `short`, and the text of the table in the file.
    cuts: Vec<(usize, Range<usize>)>,
}

impl Cuts {
    /// Takes the tables out of a file: texts of several lines for keys in ps and fJ, without escapes.
    pub fn new(text: &str) -> Cuts {
        let (mut short, mut cuts, mut from) = (String::new(), Vec::new(), 0);
        while let Some(open) = text[from..].find(QUOTES) {
            let (key, begin) = (from + open, from + open + QUOTES.len());
            let line = text[from..key].rfind('\n').map_or("", |end| &text[from + end + 1..key]);
            let is_table = !line.starts_with('#') && ["-ps = ", "-fj = "].iter().any(|end| line.ends_with(end));
            let close = text[begin..].find(QUOTES).map(|close| begin + close);
            // Another text of several lines, or none that is closed: all that follows is TOML's.
            let Some(end) = close.filter(|&end| is_table && !text[begin..end].contains('\\')) else { break };
            short.push_str(&text[from..key]);
            cuts.push((short.len(), begin..end));
            short.push_str("\"\"");
            from = end + QUOTES.len();
        }
        short.push_str(&text[from..]);
        Cuts { short, cuts }
    }

    /// The table that was taken out where an empty text stands now.
    pub fn table(&self, at: usize) -> Option<Range<usize>> {
        let found = self.cuts.binary_search_by_key(&at, |&(begin, _)| begin);
        found.ok().map(|index| self.cuts[index].1.clone())
    }

    /// A place of what is left, in the file.
    pub fn in_file(&self, at: usize) -> usize {
        // Behind a table, its length is missing; an empty text is the table with its quotes.
        match self.cuts.partition_point(|&(begin, _)| begin + 2 <= at).checked_sub(1).map(|last| &self.cuts[last]) {
            Some((begin, table)) => at - (begin + 2) + table.end + QUOTES.len(),
            None => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_taken_out_and_places_are_known() {
        let text = "x = 1\nrise-delay-ps = \"\"\"s1 l1\n1 2\"\"\"\nb = 1\nc-fj = \"\"\"- -\n3\"\"\" # more\n";
        let cuts = Cuts::new(text);
        assert_eq!(cuts.short, "x = 1\nrise-delay-ps = \"\"\nb = 1\nc-fj = \"\" # more\n");
        for word in ["x", "rise", "b =", "c-fj", "more", "\"\"\nb"] {
            let at = cuts.short.find(word).expect("there");
            let letters = &word[..1];
            assert!(text[cuts.in_file(at)..].starts_with(letters), "{word}");
        }
        let at = cuts.short.find("c-fj").expect("there") + "c-fj = ".len();
        assert_eq!(cuts.table(at).map(|range| &text[range]), Some("- -\n3"));
        assert_eq!(cuts.table(at + 1), None);
    }

    #[test]
    fn what_is_no_plain_table_stays() {
        for odd in [
            "a = \"\"\"\nx\"\"\"\n",
            "\nc-fj = \"\"\"- -\n3\\\n\"\"\"",
            "\nc-fj = \"\"\"- -\n3",
            "\n# d-ps = \"\"\"\nb = 1\n\"\"\"",
        ] {
            assert_eq!(Cuts::new(odd).short, odd);
        }
    }
}
