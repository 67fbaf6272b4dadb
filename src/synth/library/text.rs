//! The groups and attributes of a Liberty file, without its tables: what the flow has to know of a library.

use std::ops::Range;

/// Groups inside of groups that a library may have.
const DEEPEST: usize = 32;
/// Groups of tables, which nothing here reads.
const SKIPPED: [&str; 6] =
    ["timing", "internal_power", "leakage_power", "lu_table_template", "power_lut_template", "ccsn_first_stage"];

/// A group: `kind (arguments) { ... }`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Group {
    pub kind: String,
    pub arguments: Vec<String>,
    /// Names and values; those of `name (a, b);` joined with commas.
    pub attributes: Vec<(String, String)>,
    pub groups: Vec<Group>,
    /// Its bytes in the file, from its kind to its closing brace.
    pub span: Range<usize>,
}

impl Group {
    /// The value of an attribute, without quotes.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.attribute(name)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// Whether an attribute is `true`.
    pub fn is(&self, name: &str) -> bool {
        self.attribute(name) == Some("true")
    }

    /// The groups of a kind.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Group> {
        self.groups.iter().filter(move |group| group.kind == kind)
    }

    /// Its first argument.
    pub fn name(&self) -> &str {
        self.arguments.first().map_or("", String::as_str)
    }
}

/// What is wrong in a Liberty file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TextError {
    /// From 1.
    pub line: usize,
    pub what: String,
}

/// Reads the outermost group.
pub(super) fn read(text: &str) -> Result<Group, TextError> {
    let mut reader = Reader { text, at: 0 };
    match reader.statement(0)? {
        Some(Statement::Group(group)) if group.kind == "library" => Ok(group),
        _ => Err(TextError { line: 1, what: "it does not begin with `library (NAME) {`".to_owned() }),
    }
}

enum Statement {
    Group(Group),
    Attribute(String, String),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn error<T>(&self, what: impl Into<String>) -> Result<T, TextError> {
        let line =
            1 + self.text.as_bytes()[..self.at.min(self.text.len())].iter().filter(|&&byte| byte == b'\n').count();
        Err(TextError { line, what: what.into() })
    }

    /// White space, line continuations and comments.
    fn skip_blank(&mut self) {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at..) {
                Some([b'/', b'*', rest @ ..]) => {
                    let end = rest.windows(2).position(|pair| pair == b"*/").map_or(rest.len(), |end| end + 2);
                    self.at += 2 + end;
                }
                Some([b'/', b'/', rest @ ..]) => {
                    self.at += 2 + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                }
                Some([byte, ..]) if byte.is_ascii_whitespace() || matches!(byte, b'\\' | b';') => self.at += 1,
                _ => return,
            }
        }
    }

    /// A word, or what stands in quotes.
    fn word(&mut self) -> Result<String, TextError> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        if self.byte() == Some(b'"') {
            let Some(length) = bytes[start + 1..].iter().position(|&byte| byte == b'"') else {
                return self.error("a quotation mark is not closed");
            };
            self.at = start + length + 2;
            return Ok(self.text[start + 1..start + 1 + length].to_owned());
        }
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"(){}:;,\"".contains(byte);
        self.at += bytes[start..].iter().position(ends).unwrap_or(bytes.len() - start);
        if self.at == start {
            return match self.byte() {
                Some(byte) => self.error(format!("`{}` stands where a name or a value should", byte.escape_ascii())),
                None => self.error("the file ends in the middle of a group"),
            };
        }
        Ok(self.text[start..self.at].to_owned())
    }

    /// `name : value ;`, `name (values) ;` or a group; `None` at a closing brace.
    fn statement(&mut self, depth: usize) -> Result<Option<Statement>, TextError> {
        self.skip_blank();
        if self.byte() == Some(b'}') {
            self.at += 1;
            return Ok(None);
        }
        let start = self.at;
        let kind = self.word()?;
        self.skip_blank();
        match self.byte() {
            Some(b':') => {
                self.at += 1;
                self.skip_blank();
                let value = self.value()?;
                Ok(Some(Statement::Attribute(kind, value)))
            }
            Some(b'(') => {
                self.at += 1;
                let arguments = self.arguments()?;
                self.skip_blank();
                if self.byte() != Some(b'{') {
                    return Ok(Some(Statement::Attribute(kind, arguments.join(","))));
                }
                self.at += 1;
                let mut group = Group { kind, arguments, ..Group::default() };
                if SKIPPED.contains(&group.kind.as_str()) {
                    self.skip_group()?;
                } else {
                    self.fill(&mut group, depth)?;
                }
                group.span = start..self.at;
                Ok(Some(Statement::Group(group)))
            }
            _ => self.error(format!("`{kind}` is followed by neither `:` nor `(`")),
        }
    }

    /// What follows a colon, up to the semicolon or the end of the line: some files write `1.1 V` or an expression.
    fn value(&mut self) -> Result<String, TextError> {
        let first = self.word()?;
        let rest = &self.text[self.at..];
        let end = rest.find([';', '\n', '}']).unwrap_or(rest.len());
        self.at += end;
        Ok(format!("{first}{}", rest[..end].trim_end_matches('\\').trim_end()))
    }

    fn arguments(&mut self) -> Result<Vec<String>, TextError> {
        let mut arguments = Vec::new();
        loop {
            self.skip_blank();
            match self.byte() {
                Some(b')') => {
                    self.at += 1;
                    return Ok(arguments);
                }
                Some(b',' | b':') => self.at += 1,
                _ => arguments.push(self.word()?),
            }
        }
    }

    fn fill(&mut self, group: &mut Group, depth: usize) -> Result<(), TextError> {
        if depth >= DEEPEST {
            return self.error(format!("groups are nested more than {DEEPEST} deep"));
        }
        while let Some(statement) = self.statement(depth + 1)? {
            match statement {
                Statement::Group(inner) if SKIPPED.contains(&inner.kind.as_str()) => {}
                Statement::Group(inner) => group.groups.push(inner),
                Statement::Attribute(name, value) => group.attributes.push((name, value)),
            }
        }
        Ok(())
    }

    /// To behind the brace that closes a group which nobody reads.
    fn skip_group(&mut self) -> Result<(), TextError> {
        let bytes = self.text.as_bytes();
        let mut depth = 1;
        let mut in_quotes = false;
        while depth > 0 {
            match bytes.get(self.at) {
                Some(b'"') => in_quotes = !in_quotes,
                Some(b'{') if !in_quotes => depth += 1,
                Some(b'}') if !in_quotes => depth -= 1,
                None => return self.error("the file ends in the middle of a group"),
                _ => {}
            }
            self.at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_attributes_comments_and_continued_lines_are_read() {
        let text = "/* a */ library (\"x y\") { // b\n a : 1.5 ; unit (1, \\\n ff);\n cell(C) { area : 2\n\
                    pin (A) { timing () { values (\"1, }\"); } function : \"(A B)'\"; } } }";
        let library = read(text).expect("a library");
        assert_eq!(library.name(), "x y");
        assert_eq!((library.number("a"), library.attribute("unit")), (Some(1.5), Some("1,ff")));
        let cell = &library.groups[0];
        assert_eq!((cell.name(), cell.number("area")), ("C", Some(2.0)));
        assert_eq!(cell.groups[0].attribute("function"), Some("(A B)'"));
        assert!(text[cell.span.clone()].starts_with("cell(C)") && text[cell.span.clone()].ends_with("} }"));
    }

    #[test]
    fn what_is_broken_is_named_with_its_line() {
        let line = |text: &str| read(text).expect_err("an error").line;
        assert_eq!(line("library (x) {\n cell (C) {\n area : 1;\n"), 4);
        assert_eq!(line("library (x) {\n name : \"open\n"), 2);
        assert_eq!(line("library (x) {\n a b\n}"), 2);
        assert_eq!(line("cell (x) { }"), 1);
        assert_eq!(line(""), 1);
        let deep = format!("library (x) {{{}", "g () {".repeat(100));
        assert!(read(&deep).expect_err("an error").what.contains("nested"));
    }
}
