//! A TOML file a user wrote, with the place of everything in it.
//!
//! A [`Document`] is a file and the overrides of the command line as one tree whose values know where they were
//! written. It checks keys and types against the JSON schema of the structure it is read into, so that structure is the
//! only list of keys. Every error is a [`Mistake`]: code, place, label, help.

mod outline;
mod overrides;

use std::fs;
use std::ops::Range;
use std::path::Path;

use miette::NamedSource;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use crate::mistake::Mistake;

use overrides::Placed;

pub use overrides::Override;

/// What can be wrong with a design before anything in it is understood: code and page.
pub(super) fn error_codes() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "design::not_found",
            "The name is neither a shipped file nor a path that exists. A bare name (`opt1-os`) means a file that ships \
             inside the program; anything with a slash or ending in `.toml` is a path. `bitweight list` prints the \
             shipped names.",
        ),
        (
            "design::cannot_read",
            "The file exists but could not be read, or it is not UTF-8 text. The message has the system's reason.",
        ),
        (
            "design::syntax",
            "The file is not TOML. The place in the message is where the parser gave up; the mistake can be a little before \
             it: a quote left open, a missing `=`, a value without quotes.",
        ),
        (
            "design::unknown_key",
            "The file has a key that nothing reads. Such a key is nearly always a spelling mistake, and ignoring it would \
             run something else than what was asked for. `bitweight schema design` prints the keys that exist.",
        ),
        (
            "design::missing_key",
            "A key that has no default is not in the file. `bitweight schema design` says which keys are required.",
        ),
        (
            "design::wrong_type",
            "The key exists but its value has another TOML type, for example a quoted number where an integer is read.",
        ),
        (
            "design::bad_override",
            "`--set` takes `key=value`, for example `--set array.rows=16` or `--set encoding.kind=en-t`. The key is a TOML \
             key with dots, the value a TOML value; a value that is not TOML is taken as a string.",
        ),
    ]
}

/// A file and the overrides given for it, as one tree.
#[derive(Debug)]
pub struct Document {
    name: String,
    /// The file and behind it each override on a line of its own; spans of the tree point in here.
    text: String,
    /// Where the file ends in `text`.
    file_end: usize,
    overrides: Vec<Placed>,
}

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or an override is not `key=value`.
    pub fn read(path: &Path, overrides: &[Override]) -> Result<Self, Vec<Mistake>> {
        let shown = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|reason| {
            let missing = reason.kind() == std::io::ErrorKind::NotFound;
            let code = if missing { "design::not_found" } else { "design::cannot_read" };
            let message = format!("cannot read the design `{shown}`: {reason}");
            vec![Mistake::new(code, message, "give the path of a TOML file, or a shipped name")]
        })?;
        Self::parse(&shown, &text, overrides)
    }

    /// Reads `file`, which messages call `name`.
    ///
    /// # Errors
    /// The text is not TOML, or an override is not `key=value`.
    pub fn parse(name: &str, file: &str, overrides: &[Override]) -> Result<Self, Vec<Mistake>> {
        let mut text = file.to_owned();
        let mut placed = Vec::new();
        for given in overrides {
            placed.push(Placed::behind(&mut text, given));
        }
        let document = Self { name: name.to_owned(), text, file_end: file.len(), overrides: placed };
        document.tree().map_err(|mistake| vec![mistake])?;
        Ok(document)
    }

    /// The file with the overrides over it.
    fn tree(&self) -> Result<DeTable<'_>, Mistake> {
        let mut table = DeTable::parse(&self.text[..self.file_end])
            .map_err(|error| {
                let place = error.span().unwrap_or(0..0);
                let message = format!("this is not TOML: {}", error.message());
                let help = "strings stand in quotes, tables in brackets: `[array]`, `dataflow = \"output-stationary\"`";
                self.mistake("design::syntax", place, message, "here", help)
            })?
            .into_inner();
        for given in &self.overrides {
            let Some(over) = given.table() else {
                let typed = &self.text[given.place.clone()];
                if let Some((place, reason)) = given.value_fault() {
                    let message = format!("the value of `--set {typed}` is not TOML: {reason}");
                    let help = "a shell eats quotes: put the whole in single ones, \
                                e.g. --set 'transforms=[\"compress-accumulate\"]'";
                    return Err(self.mistake("design::bad_override", place, message, "here", help));
                }
                let message = format!("`--set {typed}` is not `key=value`");
                let label = "expected a TOML key, `=` and a value";
                return Err(self.mistake(
                    "design::bad_override",
                    given.place.clone(),
                    message,
                    label,
                    "for example `--set array.rows=16`",
                ));
            };
            overrides::merge(&mut table, over);
        }
        Ok(table)
    }

    /// The tree as a structure.
    ///
    /// # Errors
    /// Unknown keys, missing keys and wrong types, all of them.
    pub fn read_into<T: DeserializeOwned + JsonSchema>(&self) -> Result<T, Vec<Mistake>> {
        let table = self.tree().map_err(|mistake| vec![mistake])?;
        let mistakes = outline::check::<T>(self, &table);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let table = Spanned::new(0..self.file_end, table);
        T::deserialize(toml::de::Deserializer::from(table)).map_err(|error| {
            let place = error.span().unwrap_or(0..0);
            let message = format!("this value cannot be read: {}", error.message());
            vec![self.mistake(
                "design::wrong_type",
                place,
                message,
                "here",
                "`bitweight schema design` says what is read",
            )]
        })
    }

    /// Where the value of a key is written, given by its path with dots.
    fn place_of(&self, key: &str) -> Option<Range<usize>> {
        let mut table = &self.tree().ok()?;
        let mut names = key.split('.').peekable();
        while let Some(name) = names.next() {
            let (_, value) = table.iter().find(|(written, _)| written.get_ref() == name)?;
            match (names.peek(), value.get_ref()) {
                (None, _) => return Some(value.span()),
                (Some(_), DeValue::Table(inner)) => table = inner,
                _ => return None,
            }
        }
        None
    }

    /// An error about values that can be read, at the first of these keys that is written.
    pub(super) fn mistake_at_key(&self, keys: &[String], mistake: &Mistake) -> Option<Mistake> {
        let place = keys.iter().find_map(|key| self.place_of(key))?;
        Some(self.mistake(mistake.code(), place, mistake.to_string(), "this value", mistake.help()))
    }

    /// Whether a place is in an override, not in the file.
    fn is_override(&self, place: &Range<usize>) -> bool {
        self.overrides.iter().any(|given| given.place.start <= place.start && place.start <= given.place.end)
    }

    /// An error at a place of this document.
    pub(super) fn mistake(
        &self,
        code: impl Into<String>,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Mistake {
        let given = self
            .overrides
            .iter()
            .map(|given| &given.place)
            .find(|place| place.start == span.start || place.contains(&span.start));
        let (name, text, start) = match given {
            Some(given) => ("--set", &self.text[given.clone()], given.start),
            None => (self.name.as_str(), &self.text[..self.file_end], 0),
        };
        let span = (span.start - start).min(text.len())..(span.end - start).min(text.len());
        Mistake::new(code, message, help).at(NamedSource::new(name, text.to_owned()), span, label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mistake::render;

    #[derive(Debug, serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    struct Page {
        title: String,
        #[serde(default)]
        size: Option<Size>,
        #[serde(default)]
        line: Vec<Line>,
    }

    #[derive(Debug, serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    struct Size {
        width_mm: i64,
    }

    #[derive(Debug, serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Line {
        text: String,
    }

    fn read(file: &str, overrides: &[&str]) -> Result<Page, Vec<String>> {
        let overrides: Vec<Override> = overrides.iter().map(|&given| given.into()).collect();
        Document::parse("page.toml", file, &overrides)
            .and_then(|document| document.read_into())
            .map_err(|mistakes| mistakes.iter().map(|mistake| format!("{} {mistake}", mistake.code())).collect())
    }

    #[test]
    fn an_override_replaces_adds_and_reaches_into_arrays_of_tables() {
        let file = "title = \"a\"\n[[line]]\ntext = \"x\"\n[[line]]\ntext = \"y\"\n";
        let page = read(file, &["title=b", "size.width-mm = 7", "line.1.text=z"]).expect("a good page");
        assert_eq!((page.title.as_str(), page.size.map(|size| size.width_mm)), ("b", Some(7)));
        assert_eq!(page.line.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["x", "z"]);
    }

    #[test]
    fn every_unknown_key_missing_key_and_wrong_type_is_reported_at_once() {
        let mistakes = read("shape = \"a\"\n[size]\nwidth-mm = \"7\"\n[[line]]\n", &[]).expect_err("a bad page");
        assert_eq!(
            mistakes,
            [
                "design::unknown_key unknown key `shape`",
                "design::missing_key `title` is missing",
                "design::wrong_type `size.width-mm` is a string",
                "design::missing_key `text` is missing in `line.0`",
            ]
        );
    }

    #[test]
    fn an_integer_beyond_64_bits_is_said_to_be_one() {
        for typed in ["9223372036854775808", "0xFFFFFFFFFFFFFFFFF", "-9223372036854775809"] {
            let mistakes = read("title = \"a\"", &[&format!("size.width-mm={typed}")]).expect_err("a huge number");
            assert_eq!(mistakes, ["design::wrong_type `size.width-mm` is an integer of more than 64 bits"]);
        }
        let least = read("title = \"a\"", &["size.width-mm=-9223372036854775808"]).expect("the least of 64 bits");
        assert_eq!(least.size.map(|size| size.width_mm), Some(i64::MIN));
    }

    #[test]
    fn a_misspelt_key_is_not_also_reported_as_missing() {
        let mistakes = read("titel = \"a\"\n", &[]).expect_err("a bad page");
        assert_eq!(mistakes, ["design::unknown_key unknown key `titel`"]);
    }

    #[test]
    fn an_error_in_an_override_shows_the_override() {
        let overrides = ["size.width-mm=wide".into()];
        let document = Document::parse("page.toml", "title = \"a\"", &overrides).expect("TOML");
        let mistakes = document.read_into::<Page>().expect_err("a bad width");
        let rendered = render(&mistakes[0], false, false);
        assert!(rendered.contains("[--set:1:15]"), "{rendered}");
    }

    #[test]
    fn an_empty_override_is_shown_and_not_the_end_of_the_file() {
        let mistakes = Document::parse("page.toml", "title = \"a\"", &["".into()]).expect_err("no key");
        let rendered = render(&mistakes[0], false, false);
        assert!(rendered.contains("design::bad_override") && !rendered.contains("page.toml"), "{rendered}");
    }
}
