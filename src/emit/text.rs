//! Lines of at most 100 columns.

/// The widest line of emitted text, in columns.
pub(super) const COLUMNS: usize = 100;

/// Grows a file line by line.
#[derive(Debug, Default)]
pub(super) struct Text {
    text: String,
}

impl Text {
    /// One statement, `indent` columns in, broken at spaces where it is too long.
    pub fn line(&mut self, indent: usize, statement: &str) {
        self.wrapped(indent, indent + 4, "", statement);
    }

    /// A comment, broken into several where it is too long.
    pub fn comment(&mut self, indent: usize, words: &str) {
        self.wrapped(indent, indent, "// ", words);
    }

    /// An empty line, unless there is one already or nothing before it.
    pub fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") && !self.text.ends_with("(\n") {
            self.text.push('\n');
        }
    }

    /// All of it.
    pub fn finish(self) -> String {
        self.text
    }

    fn wrapped(&mut self, first: usize, further: usize, prefix: &str, words: &str) {
        let mut rest = words.trim_end();
        let mut indent = first;
        loop {
            let room = COLUMNS.saturating_sub(indent + prefix.len());
            let whole = rest.len() <= room;
            // A word that is longer than a line stays whole.
            let cut = if whole {
                rest.len()
            } else {
                let spaces = spaces(rest, prefix.is_empty());
                let fits = spaces.iter().rev().find(|&&at| at <= room);
                fits.or(spaces.first()).copied().unwrap_or(rest.len())
            };
            let line = format!("{:indent$}{prefix}{}", "", &rest[..cut]);
            self.text.push_str(line.trim_end());
            self.text.push('\n');
            rest = rest[cut..].trim_start();
            if rest.is_empty() {
                return;
            }
            indent = further;
        }
    }
}

/// Where `words` may be broken: at spaces, in code only outside of string literals.
fn spaces(words: &str, is_code: bool) -> Vec<usize> {
    let mut in_string = false;
    let mut found = Vec::new();
    for (at, letter) in words.char_indices() {
        in_string ^= is_code && letter == '"';
        if letter == ' ' && at > 0 && !in_string {
            found.push(at);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_statements_break_at_spaces_and_lose_none_of_their_words() {
        let words: Vec<String> = (0..80).map(|i| format!("word{i}")).collect();
        let mut text = Text::default();
        text.line(2, &words.join(" "));
        let printed = text.finish();
        assert!(printed.lines().all(|line| line.len() <= COLUMNS && !line.ends_with(' ')));
        assert_eq!(printed.split_whitespace().collect::<Vec<_>>(), words);
        assert!(printed.lines().skip(1).all(|line| line.starts_with("      word")));
    }

    #[test]
    fn gaps_do_not_add_up() {
        let mut text = Text::default();
        text.gap();
        text.line(0, "a");
        text.gap();
        text.gap();
        text.comment(2, "b");
        assert_eq!(text.finish(), "a\n\n  // b\n");
    }
}
