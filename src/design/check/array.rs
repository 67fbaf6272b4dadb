//! The array: its kind, the keys that kind has, and its size.

use serde_spanned::Spanned;

use super::Check;
use crate::design::file::{ArrayFile, DesignFile, MAX_SHIFT_BITS};
use crate::design::{Array, ArrayChoices, ArrayKind, Design, MAX_DEPTH, MAX_PRODUCTS, MAX_SIZE, parameters};
use crate::engine::{Dataflow, EngineSpec};

impl Check<'_> {
    pub(super) fn array(&mut self, file: &ArrayFile) -> Array {
        let known = self.mistakes.len();
        let kind = file
            .kind
            .as_ref()
            .and_then(|written| {
                self.name_of("design::unknown_array", "array", written, ArrayKind::ALL.map(ArrayKind::name))
            })
            .map_or(ArrayKind::Systolic, |index| ArrayKind::ALL[index]);
        // What a kind needs is not asked of an unknown one.
        let is_known = self.mistakes.len() == known;
        let dataflow = self.dataflow(kind, file, is_known);
        let depths = [("depth", &file.depth), ("lanes", &file.lanes)];
        let mut depth = 1;
        for (key, written) in depths {
            match (written, kind.depth_key() == Some(key)) {
                (Some(written), true) => depth = self.size(key, written, MAX_DEPTH),
                (Some(written), false) if is_known => self.unused(kind, key, written),
                (None, true) => self.missing(kind, key, file),
                _ => {}
            }
        }
        let rows = self.size("rows", &file.rows, MAX_SIZE);
        let cols = self.size("cols", &file.cols, MAX_SIZE);
        let mut choices = ArrayChoices { dataflow, depth, ..ArrayChoices::default() };
        if kind == ArrayKind::Pragmatic {
            self.pragmatic(file, &mut choices);
        } else if is_known {
            if let Some(written) = &file.shift_bits {
                self.unused(kind, "shift-bits", written);
            }
            if let Some(written) = &file.sync {
                self.unused(kind, "sync", written);
            }
        }
        let length_bits = self.length_bits(file.length_bits.as_ref());
        Array { kind: kind.with(choices), rows, cols, length_bits }
    }

    fn length_bits(&mut self, written: Option<&Spanned<i64>>) -> u32 {
        let Some(written) = written else { return EngineSpec::DEFAULT_LENGTH_BITS };
        let range = EngineSpec::LENGTH_BITS;
        match u32::try_from(*written.get_ref()).ok().filter(|bits| range.contains(bits)) {
            Some(bits) => bits,
            None => {
                let message = format!("the counter of a tile's steps cannot have {} bits", written.get_ref());
                let help = format!(
                    "`length-bits` takes {} to {}: a tile has at most 2^length-bits - 1 steps",
                    range.start(),
                    range.end()
                );
                self.mistake("design::bad_length", written, message, "out of range".to_owned(), help);
                EngineSpec::DEFAULT_LENGTH_BITS
            }
        }
    }

    fn pragmatic(&mut self, file: &ArrayFile, choices: &mut ArrayChoices) {
        if let Some(written) = &file.shift_bits {
            match u32::try_from(*written.get_ref()).ok().filter(|&bits| bits <= MAX_SHIFT_BITS) {
                Some(bits) => choices.shift_bits = bits,
                None => {
                    let message = format!("the shifter of a lane cannot have {} bits", written.get_ref());
                    let help = format!("`shift-bits` takes 0 to {MAX_SHIFT_BITS}");
                    self.mistake("design::bad_shift", written, message, "out of range".to_owned(), help);
                }
            }
        }
        let lanes = choices.depth;
        if let Some(written) = &file.sync
            && let Some(period) = self.period(written, lanes, || format!("a row takes {lanes} operands at a time"))
        {
            choices.sync = period;
        }
    }

    fn dataflow(&mut self, kind: ArrayKind, file: &ArrayFile, is_known: bool) -> Dataflow {
        let found = file.dataflow.as_ref().and_then(|written| {
            self.name_of("design::unknown_dataflow", "dataflow", written, Dataflow::ALL.map(Dataflow::name))
        });
        match (&file.dataflow, kind) {
            (None, ArrayKind::Systolic) if is_known => self.missing(kind, "dataflow", file),
            (Some(_), ArrayKind::Systolic) | (None, _) => {}
            (Some(written), _) => self.unused(kind, "dataflow", written),
        }
        found.map_or(Dataflow::OutputStationary, |index| Dataflow::ALL[index])
    }

    /// A key that other kinds of arrays have.
    fn unused<T>(&mut self, kind: ArrayKind, key: &str, written: &Spanned<T>) {
        let name = kind.name();
        let message = format!("`{key}` means nothing to `{name}`");
        let help = match (key, kind.depth_key()) {
            ("dataflow", _) => {
                "remove it: only systolic arrays have a choice, the others are output stationary".to_owned()
            }
            ("shift-bits", _) => "remove it: only `pragmatic` has a choice".to_owned(),
            ("sync", _) => {
                "`pragmatic` has it here; for `skip-zero-digits` it stands in the section of that name".to_owned()
            }
            (_, Some(meant)) => format!("`{name}` calls it `{meant}`"),
            (_, None) => format!("remove it: a PE of `{name}` takes one element of K at a time"),
        };
        self.mistake("design::unused_key", written, message, "nothing reads this".to_owned(), help);
    }

    fn missing(&mut self, kind: ArrayKind, key: &str, file: &ArrayFile) {
        let message = format!("`{key}` is missing in `array`");
        let label = format!("no `{key}`");
        let help = match key {
            "dataflow" => {
                format!("a systolic array needs `dataflow`: {}", Dataflow::ALL.map(Dataflow::name).join(", "))
            }
            "depth" => {
                format!("`{}` needs `depth`, the part of K that is reduced in space: 1 to {MAX_DEPTH}", kind.name())
            }
            _ => format!("`{}` needs `lanes`, the products of one unit: 1 to {MAX_DEPTH}", kind.name()),
        };
        match &file.kind {
            Some(written) => self.mistake("design::missing_key", written, message, label, help),
            None => self.mistake("design::missing_key", &file.rows, message, label, help),
        }
    }

    fn size(&mut self, key: &str, written: &Spanned<i64>, greatest: u32) -> u32 {
        match u32::try_from(*written.get_ref()) {
            Ok(size) if (1..=greatest).contains(&size) => size,
            _ => {
                let size = written.get_ref();
                let message = match key {
                    "depth" => format!("an array cannot have a depth of {size}"),
                    _ => format!("an array cannot have {size} {key}"),
                };
                let help = format!("`{key}` takes 1 to {greatest}; larger problems are tiled onto the array");
                self.mistake("design::size_out_of_range", written, message, "out of range".to_owned(), help);
                1
            }
        }
    }

    /// Each size may be in range and their product still be too much to build.
    pub(super) fn size_of_the_whole(&mut self, design: &Design, file: &DesignFile) {
        let extended = design.transforms.iter().any(|name| name == parameters::EXTEND);
        let per_pe = if extended { design.parameters.lanes } else { design.array.kind.depth() };
        let Array { rows, cols, .. } = design.array;
        let products = u64::from(rows) * u64::from(cols) * u64::from(per_pe);
        if products > MAX_PRODUCTS {
            let message =
                format!("{rows} rows, {cols} columns and {per_pe} products a PE make {products} products at a time");
            let help = format!("at most {MAX_PRODUCTS} are built; larger problems are tiled onto the array");
            let label = "too large as a whole".to_owned();
            self.mistake("design::size_out_of_range", &file.array.rows, message, label, help);
        }
    }
}
