//! `--set key=value`, applied to the tree before anything is checked.

use std::borrow::Cow;
use std::ops::Range;

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

/// One `key=value` as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override(pub String);

impl From<&str> for Override {
    fn from(typed: &str) -> Self {
        Self(typed.to_owned())
    }
}

/// An override with its place behind the text of the file.
#[derive(Debug)]
pub(super) struct Placed {
    /// Where it stands in the document's text.
    pub(super) place: Range<usize>,
    /// What the parser reads: blanks in front move every span to `place`.
    padded: String,
    /// A value that is not TOML, taken as a string; `padded` then has a 0 in its place.
    word: Option<Spanned<String>>,
}

impl Placed {
    /// Appends an override to the text.
    pub(super) fn behind(text: &mut String, given: &Override) -> Self {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let start = text.len();
        let typed = given.0.as_str();
        text.push_str(typed);
        text.push('\n');
        let mut placed =
            Self { place: start..start + typed.len(), padded: format!("{}{typed}", " ".repeat(start)), word: None };
        if let (Err(_), Some((key, value))) = (DeTable::parse(&placed.padded), typed.split_once('=')) {
            let from = start + key.len() + 1 + (value.len() - value.trim_start().len());
            let word = value.trim();
            if !word.is_empty() && !word.starts_with(['"', '\'', '[', '{']) {
                placed.word = Some(Spanned::new(from..from + word.len(), word.to_owned()));
                placed.padded = format!("{}{key}=0", " ".repeat(start));
            }
        }
        placed
    }

    /// Where a value is not TOML although its key is, and why.
    pub(super) fn value_fault(&self) -> Option<(Range<usize>, String)> {
        let error = DeTable::parse(&self.padded).err()?;
        let typed = &self.padded[self.place.start..];
        // An equals sign may stand in a quoted key, which is then no key to its left.
        let (key, value) = typed.split_once('=')?;
        let is_value = !value.trim().is_empty() && DeTable::parse(&format!("{key}=0")).is_ok();
        // A bracket or quote that is missing is missed behind the end: the whole value is then the place.
        let whole = self.place.end - value.trim_start().len()..self.place.end;
        let inside = |span: &Range<usize>| self.place.start <= span.start && span.start < self.place.end;
        let place = error.span().filter(inside).map_or(whole, |span| span.start..span.end.min(self.place.end));
        is_value.then(|| (place, error.message().to_owned()))
    }

    /// The override as a table of its own; `None` when it is not `key=value`.
    pub(super) fn table(&self) -> Option<DeTable<'_>> {
        if self.padded.contains(['\n', '\r']) {
            return None;
        }
        let mut table = DeTable::parse(&self.padded).ok()?.into_inner();
        if table.len() != 1 {
            return None;
        }
        if let Some(word) = &self.word {
            let value = DeValue::String(Cow::Owned(word.get_ref().clone()));
            *leaf(&mut table)? = Spanned::new(word.span(), value);
        }
        // A table that only the dots made has no text of its own; its place is the override.
        place_tables(&mut table, &self.place);
        Some(table)
    }
}

fn leaf<'a, 't>(table: &'a mut DeTable<'t>) -> Option<&'a mut Spanned<DeValue<'t>>> {
    let (_, value) = table.iter_mut().next()?;
    if value.get_ref().is_table() {
        match value.get_mut() {
            DeValue::Table(inner) => leaf(inner),
            _ => None,
        }
    } else {
        Some(value)
    }
}

fn place_tables(table: &mut DeTable<'_>, place: &Range<usize>) {
    for (_, value) in table.iter_mut() {
        if let DeValue::Table(inner) = value.get_mut() {
            place_tables(inner, place);
            let inner = std::mem::take(inner);
            *value = Spanned::new(place.clone(), DeValue::Table(inner));
        }
    }
}

/// Tables merge, a number as key reaches into an array, anything else replaces.
pub(super) fn merge<'t>(base: &mut DeTable<'t>, over: DeTable<'t>) {
    for (key, value) in over {
        match (base.get_mut(&key).map(Spanned::get_mut), value.get_ref()) {
            (Some(DeValue::Table(inner)), DeValue::Table(_)) => {
                if let DeValue::Table(table) = value.into_inner() {
                    merge(inner, table);
                }
            }
            (Some(DeValue::Array(items)), DeValue::Table(table)) if reaches(items.len(), table) => {
                if let DeValue::Table(table) = value.into_inner() {
                    for (index, item) in table {
                        let place = index.get_ref().parse::<usize>().ok().and_then(|index| items.get_mut(index));
                        let Some(place) = place else { continue };
                        if !(place.get_ref().is_table() && item.get_ref().is_table()) {
                            // With its own place, which errors show.
                            *place = item;
                        } else if let (DeValue::Table(inner), DeValue::Table(item)) =
                            (place.get_mut(), item.into_inner())
                        {
                            merge(inner, item);
                        }
                    }
                }
            }
            _ => {
                base.remove(&key);
                base.insert(key, value);
            }
        }
    }
}

fn reaches(length: usize, table: &DeTable<'_>) -> bool {
    table.keys().all(|key| key.get_ref().parse::<usize>().is_ok_and(|index| index < length))
}
