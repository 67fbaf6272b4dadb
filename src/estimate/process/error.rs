//! What can be wrong with a process table.

use std::ops::Range;

use miette::NamedSource;
use serde_spanned::Spanned;

use super::SHIPPED;
use super::cuts::Cuts;
use crate::mistake::{Mistake, did_you_mean};

/// Every code of an error of a process table, with its page.
pub fn error_codes() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "process::unknown_process",
            "A process is the bare name of a shipped table or the path of a TOML file. `bitweight list processes` prints the shipped ones; \
             `bitweight process import` makes a table of a Liberty file.",
        ),
        (
            "process::syntax",
            "The file is no TOML, lacks a key, has a key that no process table has, or a value of another type. docs/processes.md lists \
             the keys; every one carries its unit. Tables are easier made than written: `bitweight process import` makes one of a Liberty \
             file.",
        ),
        (
            "process::bad_table",
            "A table is a text: the names of its two axes, `-` for an axis on which nothing depends, then its figures, row by row. As many \
             figures are needed as the points of the axes multiplied, all finite. The points of an axis rise.",
        ),
        (
            "process::unknown_axis",
            "A table names an axis that neither `slews-ps` nor `loads-ff` has. Delays, slews and energies have a slew down the rows and a \
             load along the columns, set-up times the slew of the clock and that of the data.",
        ),
        (
            "process::bad_function",
            "A function holds names of the cell's inputs, 0, 1, the operators ! ' ^ & * | + and parentheses. A cell has one to six inputs \
             and one or two outputs, and no output is constant.",
        ),
        (
            "process::bad_arc",
            "Every input that matters to an output has one `arc` of that output, or one of each `sense` if others say whether it is inverted; no \
             other input has any.",
        ),
        (
            "process::duplicate_cell",
            "Two cells have one name. Cells and flip-flops of a process are told apart by their names.",
        ),
        (
            "process::missing_cell",
            "Logic needs an inverter, a gate of two inputs that makes everything with it (a NAND, NOR, AND or OR) and a rising-edge \
             flip-flop. All other cells make the estimate better but may be left out.",
        ),
        (
            "process::not_a_quantity",
            "Areas are above 0; capacitances, leakages, loads and lengths are not below it; all are finite.",
        ),
    ]
}

pub(super) fn unknown_process(name: &str) -> Mistake {
    let names = || SHIPPED.iter().map(|shipped| shipped.name);
    let guess = did_you_mean(name, names(), "");
    let help =
        format!("{guess} shipped: {}; or the path of a table ending in .toml", names().collect::<Vec<_>>().join(", "));
    Mistake::new("process::unknown_process", format!("unknown process `{name}`"), help.trim())
}

/// A text under its name, for errors with their place.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub path: &'a str,
    pub text: &'a str,
    /// What was read of it; places are places there.
    pub cuts: &'a Cuts,
}

impl<'a> Place<'a> {
    /// An error at a stretch of what was read, of which the first line is shown.
    pub fn mistake(self, code: &str, span: Range<usize>, message: String, help: &str, label: &str) -> Mistake {
        let span = self.cuts.in_file(span.start)..self.cuts.in_file(span.end);
        let shown = self.text.get(span.clone()).and_then(|text| text.find('\n')).unwrap_or(span.len());
        let source = NamedSource::new(self.path, self.text.to_owned());
        Mistake::new(code, message, help).at(source, span.start..span.start + shown, label)
    }

    /// What a table says.
    pub fn table<'t>(self, text: &'t Spanned<String>) -> &'t str
    where
        'a: 't,
    {
        let cut = self.cuts.table(text.span().start).and_then(|range| self.text.get(range));
        cut.unwrap_or(text.get_ref())
    }
}
