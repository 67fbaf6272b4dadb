//! Which values are alive at a place of a nest, and why others are not.

use crate::notation::{Access, Axis, Loop, LoopKind, Nest, Statement, Tensor};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A two's complement word.
    Word,
    /// A word for each digit slot.
    Digits,
    /// The one digit of an iteration of a sparse loop.
    Digit,
}

/// A value that is alive.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) kind: Kind,
    /// The spatial loops that tell its copies apart.
    pub(super) indices: Vec<Axis>,
}

/// A value, the depth of the loop in whose iteration it lives, and whether a statement has written it there.
struct Entry {
    name: String,
    depth: usize,
    value: Value,
}

/// The scopes on the path to the current place.
pub(super) struct Scope<'a> {
    /// Loops around, outermost first.
    pub(super) loops: Vec<&'a Loop>,
    alive: Vec<Entry>,
    /// Names with the number of statements that write them, and whether the walk has passed the first.
    writers: Vec<(&'a str, usize, bool)>,
    /// Names whose life has ended, with the loop it ended in.
    ended: Vec<(String, &'a Loop)>,
}

impl<'a> Scope<'a> {
    /// The scope before the first line.
    pub(super) fn of(nest: &'a Nest) -> Scope<'a> {
        let mut writers: Vec<(&str, usize, bool)> = Vec::new();
        // `raise` changes a pair in place; it makes no new value.
        let makes = |statement: &Statement| !matches!(statement, Statement::Raise { .. });
        for (statement, _) in nest.statements().into_iter().filter(|(statement, _)| makes(statement)) {
            for write in statement.writes().into_iter().filter(|write| write.tensor().is_none()) {
                match writers.iter_mut().find(|(name, ..)| *name == write.name) {
                    Some((_, count, _)) => *count += 1,
                    None => writers.push((&write.name, 1, false)),
                }
            }
        }
        Scope { loops: Vec::new(), alive: Vec::new(), writers, ended: Vec::new() }
    }

    /// Into an iteration of a loop; what it carries and is not alive starts at zero.
    pub(super) fn enter(&mut self, of: &'a Loop) {
        for carried in &of.carried {
            if self.alive(&carried.name).is_none() {
                let value = Value { kind: Kind::Word, indices: carried.indices.clone() };
                self.alive.push(Entry { name: carried.name.clone(), depth: self.loops.len(), value });
            }
        }
        self.loops.push(of);
        if let Some(digit) = of.digit() {
            let value = Value { kind: Kind::Digit, indices: Vec::new() };
            self.alive.push(Entry { name: digit.to_owned(), depth: self.loops.len(), value });
        }
    }

    /// Behind the innermost loop: carried values live on, and so do values with a copy for each of its iterations.
    pub(super) fn leave(&mut self) {
        let Some(of) = self.loops.pop() else { return };
        let outside = self.loops.len();
        for mut entry in std::mem::take(&mut self.alive) {
            let copied = of.kind == LoopKind::Spatial && entry.value.indices.contains(&of.axis);
            if entry.depth <= outside || copied {
                entry.depth = entry.depth.min(outside);
                self.alive.push(entry);
            } else {
                self.ended.push((entry.name, of));
            }
        }
    }

    /// The value of a name, if it is alive.
    pub(super) fn alive(&self, name: &str) -> Option<&Value> {
        self.alive.iter().find(|entry| entry.name == name).map(|entry| &entry.value)
    }

    /// A value is written at this place.
    pub(super) fn write(&mut self, target: &Access, value: Value) {
        if let Some((.., passed)) = self.writers.iter_mut().find(|(name, ..)| *name == target.name) {
            *passed = true;
        }
        if self.alive(&target.name).is_none() {
            self.alive.push(Entry { name: target.name.clone(), depth: self.loops.len(), value });
        }
    }

    /// Statements of the nest that write a name.
    pub(super) fn writers(&self, name: &str) -> usize {
        self.writers.iter().find(|(writer, ..)| *writer == name).map_or(0, |(_, count, _)| *count)
    }

    /// Whether the walk has passed a statement that writes a name.
    pub(super) fn written_before(&self, name: &str) -> bool {
        self.writers.iter().any(|(writer, _, passed)| *writer == name && *passed)
    }

    /// The outermost loop between the level a value lives on and this place in which a write to it would be lost.
    pub(super) fn lost_in(&self, target: &Access) -> Option<&'a Loop> {
        let entry = self.alive.iter().find(|entry| entry.name == target.name)?;
        self.loops[entry.depth..].iter().copied().find(|inner| {
            let own_copy = inner.kind == LoopKind::Spatial && target.indices.contains(&inner.axis);
            !inner.carries(&target.name) && !own_copy
        })
    }

    /// Why a name is not alive, as the end of a sentence.
    pub(super) fn why_dead(&self, name: &str) -> String {
        if let Some((_, of)) = self.ended.iter().rev().find(|(ended, _)| ended == name) {
            return format!("which lives only inside `{of}`");
        }
        if self.writers(name) > 0 {
            return "which is written further on".to_owned();
        }
        "which no statement writes".to_owned()
    }

    /// Whether an index has a value here; `over` binds one more axis.
    pub(super) fn is_bound(&self, axis: Axis, over: Option<Axis>) -> bool {
        let bound = |wanted: Axis| over == Some(wanted) || self.loops.iter().any(|outer| outer.axis == wanted);
        bound(axis) || axis.parts().is_some_and(|(tile, place)| bound(tile) && bound(place))
    }
}

const WORDS: [&str; 20] = [
    "par",
    "for",
    "in",
    "carrying",
    "over",
    "encode",
    "map",
    "shift",
    "half_reduce",
    "add",
    "multiply",
    "passing",
    "meeting",
    "down",
    "sparse",
    "kept",
    "stored",
    "raise",
    "digit",
    "other",
];

/// Whether a name has a meaning of its own or cannot be written in the text form.
pub(super) fn is_reserved(name: &str) -> bool {
    let word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty();
    !word
        || WORDS.contains(&name)
        || Axis::from_name(name).is_some()
        || Axis::from_extent_name(name).is_some()
        || Tensor::from_name(name).is_some()
}
