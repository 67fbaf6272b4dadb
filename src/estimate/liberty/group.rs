//! Statements and groups of a Liberty file, taken one after the other.

use super::error::Fault;
use super::token::{Token, Tokens};

/// Groups within each other.
const MOST_NESTED: usize = 32;
/// Bytes of a group, and of all that is kept beside cells.
const MOST_KEPT: usize = 64 << 20;

/// `name : value ;` or `name (value, ...) ;`
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    pub name: String,
    pub values: Vec<String>,
    pub line: usize,
}

/// `kind (name, ...) { ... }`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    pub kind: String,
    pub names: Vec<String>,
    pub line: usize,
    pub attributes: Vec<Attribute>,
    pub groups: Vec<Group>,
}

/// One of either.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Attribute(Attribute),
    Group(Group),
}

impl Group {
    /// The last statement of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().rev().find(|attribute| attribute.name == name)
    }

    /// The value of a statement as text; empty without one.
    pub fn text(&self, name: &str) -> &str {
        self.attribute(name).map_or("", Attribute::text)
    }

    /// Whether a statement says true.
    pub fn is_true(&self, name: &str) -> bool {
        self.text(name).eq_ignore_ascii_case("true")
    }

    /// The number of a statement, if there is one.
    pub fn number(&self, name: &str) -> Result<Option<f64>, Fault> {
        self.attribute(name).map(Attribute::number).transpose()
    }

    /// The groups of a kind.
    pub fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Group> {
        self.groups.iter().filter(move |group| group.kind == kind)
    }

    /// About what it takes, bytes.
    fn size(&self) -> usize {
        let inner = self.attributes.iter().map(|attribute| size(&attribute.values)).sum::<usize>();
        inner + size(&self.names) + self.groups.iter().map(Group::size).sum::<usize>()
    }

    /// Its first name.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }
}

impl Attribute {
    /// Its first value.
    pub fn text(&self) -> &str {
        self.values.first().map_or("", |value| value.trim())
    }

    /// Its first value as a finite number.
    pub fn number(&self) -> Result<f64, Fault> {
        let read = self.text().parse().ok().filter(|number: &f64| number.is_finite());
        read.ok_or_else(|| {
            let message = format!("`{}` of `{}` is no number", self.text(), self.name);
            Fault::new("liberty::bad_number", self.line, message).help("give a finite number")
        })
    }

    /// All numbers in its values, between which commas and spaces stand.
    pub fn numbers(&self) -> Result<Vec<f64>, Fault> {
        let words = self.values.iter().flat_map(|value| value.split(|c: char| c == ',' || c.is_whitespace()));
        let mut numbers = Vec::new();
        for word in words.filter(|word| !word.is_empty()) {
            let read = word.parse().ok().filter(|number: &f64| number.is_finite());
            numbers.push(read.ok_or_else(|| {
                let message = format!("`{word}` in `{}` is no number", self.name);
                Fault::new("liberty::bad_number", self.line, message).help("figures are finite numbers")
            })?);
        }
        Ok(numbers)
    }
}

/// About what a statement or the begin of a group takes, bytes.
fn size(values: &[String]) -> usize {
    values.iter().map(|value| value.len() + 64).sum::<usize>() + 128
}

/// What becomes of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// It is kept with what is in it.
    Whole,
    /// That it is there is kept.
    Mention,
    /// It is skipped.
    Nothing,
}

/// Takes groups from the words of a file.
pub struct Parser<'k> {
    tokens: Tokens,
    keep: &'k dyn Fn(&str) -> Keep,
    /// Bytes of what is kept.
    kept: usize,
}

impl Parser<'_> {
    /// `keep` decides by the kind of a group.
    pub fn new(tokens: Tokens, keep: &dyn Fn(&str) -> Keep) -> Parser<'_> {
        Parser { tokens, keep, kept: 0 }
    }

    /// What the comments before the library say, line by line.
    pub fn head(&mut self) -> Result<Vec<String>, Fault> {
        self.tokens.head().map_err(or_another_kind)
    }

    /// The begin of the file; the name of the library and its line.
    pub fn library(&mut self) -> Result<(String, usize), Fault> {
        let mut take = || self.tokens.take().map_err(or_another_kind);
        let (kind, line) = take()?;
        if kind != Token::Word("library".into()) || take()?.0 != Token::Mark('(') {
            return Err(not_liberty(line));
        }
        let name = self.values()?.into_iter().next().unwrap_or_default();
        match self.tokens.take()? {
            (Token::Mark('{'), _) => Ok((name, line)),
            (_, line) => Err(not_liberty(line)),
        }
    }

    /// The next statement or group of the library; `None` at its end.
    pub fn item(&mut self) -> Result<Option<Item>, Fault> {
        self.item_at(0)
    }

    /// The group is kept no longer: what it held does not count any more.
    pub fn let_go(&mut self, group: &Group) {
        self.kept -= group.size().min(self.kept);
    }

    /// The line of what stands behind the library, if anything does.
    pub fn behind(&mut self) -> Result<Option<usize>, Fault> {
        let (mut first, mut open) = (None, 0u64);
        loop {
            let (token, line) = self.tokens.take()?;
            match token {
                Token::End => return Ok(first),
                Token::Mark('{') => open += 1,
                Token::Mark('}') if open > 0 => open -= 1,
                Token::Mark('}') => {
                    let (line, message) = (first.unwrap_or(line), "a brace too many closes the library before its end");
                    let fault = Fault::new("liberty::unbalanced", line, message).label("this is behind the library");
                    return Err(fault.help("a group before has one `}` too many"));
                }
                Token::Mark(';') => continue,
                _ => {}
            }
            first = first.or(Some(line));
        }
    }

    fn item_at(&mut self, nested: usize) -> Result<Option<Item>, Fault> {
        loop {
            let (name, line) = match self.tokens.take()? {
                (Token::Mark(';'), _) => continue,
                (Token::Mark('}'), _) => return Ok(None),
                (Token::Word(name) | Token::Quoted(name), line) => (name, line),
                (Token::Mark(mark), line) => return Err(unexpected(line, &format!("`{mark}`"), "a statement")),
                (Token::End, line) => return Err(unclosed(line)),
            };
            return match self.tokens.take()? {
                (Token::Mark(':'), _) => {
                    let values = vec![self.value()?];
                    self.account(&values)?;
                    Ok(Some(Item::Attribute(Attribute { name, values, line })))
                }
                (Token::Mark('('), _) => {
                    let names = self.values()?;
                    self.account(&names)?;
                    if self.tokens.peek()?.0 != Token::Mark('{') {
                        return Ok(Some(Item::Attribute(Attribute { name, values: names, line })));
                    }
                    self.tokens.take()?;
                    match self.group(Group { kind: name, names, line, ..Group::default() }, nested)? {
                        Some(group) => Ok(Some(Item::Group(group))),
                        None => continue,
                    }
                }
                (Token::End, line) => Err(unclosed(line)),
                (_, line) => {
                    let fault =
                        Fault::new("liberty::syntax", line, format!("neither `:` nor `(` stands behind `{name}`"));
                    Err(fault.help(STATEMENTS))
                }
            };
        }
    }

    fn group(&mut self, mut group: Group, nested: usize) -> Result<Option<Group>, Fault> {
        let keep = (self.keep)(&group.kind);
        if keep != Keep::Whole {
            self.skip(&group)?;
            if keep == Keep::Nothing {
                self.kept -= size(&group.names);
            }
            return Ok((keep == Keep::Mention).then_some(group));
        }
        if nested == MOST_NESTED {
            let message = format!("groups more than {MOST_NESTED} deep");
            return Err(Fault::new("liberty::syntax", group.line, message).help("perhaps braces are missing"));
        }
        loop {
            match self.item_at(nested + 1) {
                Ok(None) => return Ok(Some(group)),
                Ok(Some(Item::Attribute(attribute))) => group.attributes.push(attribute),
                Ok(Some(Item::Group(inner))) => group.groups.push(inner),
                // The innermost open group is where to look.
                Err(fault) if fault.code == UNCLOSED && fault.label.is_empty() => return Err(never_closed(&group)),
                Err(fault) => return Err(fault),
            }
        }
    }

    fn skip(&mut self, group: &Group) -> Result<(), Fault> {
        let mut open = 1;
        while open > 0 {
            match self.tokens.take()?.0 {
                Token::Mark('{') => open += 1,
                Token::Mark('}') => open -= 1,
                Token::End => return Err(never_closed(group)),
                _ => {}
            }
        }
        Ok(())
    }

    /// What stands between a `:` and the `;` behind it, or the end of the line if there is none.
    fn value(&mut self) -> Result<String, Fault> {
        let mut value = String::new();
        let mut on = None;
        loop {
            let (token, line) = self.tokens.peek()?;
            let line = *line;
            let text = match token {
                Token::Mark(';') => {
                    self.tokens.take()?;
                    return Ok(value);
                }
                Token::Mark('{' | '}') | Token::End => return Ok(value),
                _ if on.is_some_and(|on| on != line) => return Ok(value),
                Token::Word(text) | Token::Quoted(text) => text.clone(),
                Token::Mark(mark) => mark.to_string(),
            };
            self.tokens.take()?;
            on = Some(line);
            if !value.is_empty() {
                value.push(' ');
            }
            value.push_str(&text);
        }
    }

    /// What stands up to the closing parenthesis.
    fn values(&mut self) -> Result<Vec<String>, Fault> {
        let mut values = Vec::new();
        loop {
            match self.tokens.take()? {
                (Token::Mark(')'), _) => return Ok(values),
                (Token::Mark(','), _) => {}
                (Token::Word(text) | Token::Quoted(text), _) => values.push(text),
                (Token::Mark(mark), line) => return Err(unexpected(line, &format!("`{mark}`"), "values up to a `)`")),
                (Token::End, line) => return Err(unclosed(line)),
            }
            if values.len() > MOST_KEPT / 64 {
                return Err(too_large(self.tokens.peek()?.1));
            }
        }
    }

    fn account(&mut self, values: &[String]) -> Result<(), Fault> {
        self.kept += size(values);
        if self.kept > MOST_KEPT {
            return Err(too_large(self.tokens.peek()?.1));
        }
        Ok(())
    }
}

fn not_liberty(line: usize) -> Fault {
    Fault::new("liberty::not_liberty", line, "this is no Liberty file")
        .help("a Liberty file begins with `library (NAME) {`")
        .label("not the begin of a library")
}

/// The words of another kind of file may be anything, also unclosed quotes.
fn or_another_kind(fault: Fault) -> Fault {
    if fault.code == UNCLOSED { not_liberty(fault.line) } else { fault }
}

const STATEMENTS: &str = "statements are `name : value ;`, `name (value, ...) ;` and `name (value, ...) { ... }`";

const UNCLOSED: &str = "liberty::unbalanced";

fn too_large(line: usize) -> Fault {
    let message = format!("more than {} MiB in one group, or beside the cells", MOST_KEPT >> 20);
    Fault::new("liberty::too_large", line, message)
        .help("perhaps braces are missing, so that one group holds the others")
}

/// The end of the file in the library itself; `group` names an inner one where there is one.
fn unclosed(line: usize) -> Fault {
    Fault::new(UNCLOSED, line, "the file ends within the library")
        .help("it was cut off, or a brace is missing")
        .label("")
}

fn never_closed(group: &Group) -> Fault {
    let message = format!("the file ends within `{} ({})`", group.kind, group.names.join(", "));
    Fault::new(UNCLOSED, group.line, message).help("it was cut off, or a brace is missing").label("opened here")
}

fn unexpected(line: usize, found: &str, wanted: &str) -> Fault {
    let message = format!("{found} where {wanted} was expected");
    Fault::new("liberty::syntax", line, message).help(STATEMENTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::liberty::input::Input;

    fn library(text: &str) -> Result<(String, Vec<Item>), Fault> {
        let tokens = Tokens::new(Input::bytes("t.lib", text.into()).text().expect("in memory"));
        let keep = |kind: &str| match kind {
            "noise" => Keep::Nothing,
            "latch" => Keep::Mention,
            _ => Keep::Whole,
        };
        let mut parser = Parser::new(tokens, &keep);
        let (name, _) = parser.library()?;
        let mut items = Vec::new();
        while let Some(item) = parser.item()? {
            items.push(item);
        }
        parser.behind()?;
        Ok((name, items))
    }

    #[test]
    fn statements_and_groups_are_read_with_their_lines() {
        let text = "library (\"l\") {\n a : 1\n b : x y; c (1, \"pf\")\n cell (A, B) {\n  latch (q) { z : 1; }\n noise () { { } }\n  k : \"\";}\n}";
        let (name, items) = library(text).expect("sound");
        assert_eq!(name, "l");
        let attribute = |name: &str, values: &[&str], line| Attribute {
            name: name.into(),
            values: values.iter().map(|value| value.to_string()).collect(),
            line,
        };
        let latch = Group { kind: "latch".into(), names: vec!["q".into()], line: 5, ..Group::default() };
        let cell = Group {
            kind: "cell".into(),
            names: vec!["A".into(), "B".into()],
            line: 4,
            attributes: vec![attribute("k", &[""], 7)],
            groups: vec![latch],
        };
        let expected = vec![
            Item::Attribute(attribute("a", &["1"], 2)),
            Item::Attribute(attribute("b", &["x y"], 3)),
            Item::Attribute(attribute("c", &["1", "pf"], 3)),
            Item::Group(cell),
        ];
        assert_eq!(items, expected);
    }

    #[test]
    fn what_does_not_read_is_refused_at_its_line() {
        let deep = format!("library(l){{{}", "\na(){".repeat(40));
        let cases = [
            ("", "liberty::not_liberty", 1),
            ("module m;\n", "liberty::not_liberty", 1),
            ("it's \"not\n", "liberty::not_liberty", 1),
            ("library(l)\n;", "liberty::not_liberty", 2),
            ("library(l){\na 1;", "liberty::syntax", 2),
            ("library(l){\n,", "liberty::syntax", 2),
            ("library(l){\na((1));", "liberty::syntax", 2),
            ("library(l){\na : 1;", "liberty::unbalanced", 2),
            ("library(l){\n\nb(x){\nc(y){\n", "liberty::unbalanced", 4),
            ("library(l){\n noise(x){\nc(y){\n", "liberty::unbalanced", 2),
            ("library(l){\nc(y){}}\n}", "liberty::unbalanced", 3),
            (&deep, "liberty::syntax", 34),
        ];
        for (text, code, line) in cases {
            let fault = library(text).expect_err("broken");
            assert_eq!((fault.code, fault.line), (code, line), "{text}");
        }
    }

    #[test]
    fn what_is_kept_is_bounded_and_what_is_skipped_does_not_count() {
        let statements = "a : 1;\n".repeat(200_000);
        let cells = |kind: &str| format!("library(l){{\n{}}}", format!("{kind} (x) {{ {statements} }}\n").repeat(3));
        let tokens = |text: String| Tokens::new(Input::bytes("t.lib", text.into()).text().expect("in memory"));
        let keep = |kind: &str| if kind == "noise" { Keep::Nothing } else { Keep::Whole };
        let read = |text: String, forget: bool| -> Result<(), Fault> {
            let mut parser = Parser::new(tokens(text), &keep);
            parser.library()?;
            while let Some(item) = parser.item()? {
                if let (Item::Group(group), true) = (item, forget) {
                    parser.let_go(&group);
                }
            }
            Ok(())
        };
        assert_eq!(read(cells("cell"), false).expect_err("three are too many").code, "liberty::too_large");
        assert!(read(cells("cell"), true).is_ok() && read(cells("noise"), false).is_ok());
        let skipped = format!("library(l){{\n{}}}", "noise (x) { }\n".repeat(500_000));
        assert!(read(skipped, false).is_ok());
    }

    #[test]
    fn numbers_are_finite() {
        let attribute = |value: &str| Attribute { name: "v".into(), values: vec![value.into()], line: 3 };
        assert_eq!(attribute("1, 2.5 -3e-1").numbers().expect("sound"), [1.0, 2.5, -0.3]);
        for value in ["1, nan", "1, 1e999", "1, x", "inf"] {
            assert_eq!(attribute(value).numbers().expect_err("none").code, "liberty::bad_number", "{value}");
        }
        assert_eq!(attribute("").number().expect_err("none").line, 3);
    }
}
