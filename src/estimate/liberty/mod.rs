//! Liberty files: what a library says of its cells becomes a process.
//!
//! A file is read once from its begin to its end, cell by cell, so that its size does not matter: only the cell at hand and
//! what is kept of those before are in memory. Text that says nothing of delay, capacitance, area and energy is skipped.
//! Kept are the cells that a synthesiser may pick for logic of at most six inputs, half and full adders, plain rising-edge
//! flip-flops with asynchronous reset and with enable, and the cells that drive a constant; notes name the others and say why.

mod cell;
mod error;
mod flip_flop;
mod group;
mod header;
mod input;
mod pin;
mod table;
mod token;
mod unit;

use std::collections::BTreeMap;
use std::path::Path;

pub use error::error_codes;
pub use input::Input;

use super::process::{Cell, Conditions, FlipFlop, Process, SIGNIFICANT_DIGITS, Tie};
use crate::mistake::Mistake;
use crate::note::Note;
use error::{Fault, Stop};
use group::{Group, Item, Keep, Parser};
use header::Header;
use table::Tables;
use token::Tokens;

/// Figures of all tables that are kept.
const MOST_FIGURES: usize = 16_000_000;
/// Cells that are kept.
const MOST_CELLS: usize = 100_000;
/// Cells that a note names.
const MOST_NAMED: usize = 6;

/// A process made of a Liberty file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The process.
    pub process: Process,
    /// Where it comes from, and what the comments at the begin of the file say, line by line.
    pub head: Vec<String>,
    /// What was left out, and why.
    pub notes: Vec<Note>,
}

/// Makes a process of this name from a Liberty file, plain or compressed by gzip.
///
/// # Errors
/// What cannot be read, with its place, or what the library lacks; see [`error_codes`].
pub fn import(path: &Path, name: &str) -> Result<Imported, Mistake> {
    import_from(&Input::file(path), name)
}

/// The same from any input.
///
/// # Errors
/// As [`import`].
pub fn import_from(input: &Input, name: &str) -> Result<Imported, Mistake> {
    let text = input.text().map_err(|reason| {
        let message = format!("cannot read `{}`: {reason}", input.name());
        Mistake::new("cli::cannot_read", message, "give the path of a Liberty file, .lib or .lib.gz")
    })?;
    Reader::read(Tokens::new(text), input.name(), name).map_err(|fault| fault.mistake(input))
}

/// Which groups matter.
fn keep(kind: &str) -> Keep {
    match kind {
        "cell" | "pin" | "ff" | "timing" | "internal_power" | "leakage_power" => Keep::Whole,
        "cell_rise" | "cell_fall" | "rise_transition" | "fall_transition" => Keep::Whole,
        "rise_constraint" | "fall_constraint" | "rise_power" | "fall_power" | "power" => Keep::Whole,
        "latch" | "latch_bank" | "ff_bank" | "statetable" | "test_cell" | "bus" | "bundle" => Keep::Mention,
        _ if Header::wants(kind) => Keep::Whole,
        _ => Keep::Nothing,
    }
}

/// A library while it is read.
struct Reader {
    header: Header,
    cells: BTreeMap<String, Cell>,
    flip_flops: BTreeMap<String, FlipFlop>,
    ties: Vec<Tie>,
    figures: usize,
    left_out: BTreeMap<&'static str, LeftOut>,
    notes: Vec<(usize, String)>,
}

/// Cells that are left out for one reason.
#[derive(Default)]
struct LeftOut {
    /// Where the first of them is.
    line: usize,
    count: usize,
    /// The names of the first ones.
    names: Vec<String>,
}

impl LeftOut {
    fn add(&mut self, line: usize, name: String) {
        self.count += 1;
        if self.count == 1 {
            self.line = line;
        }
        if self.names.len() < MOST_NAMED {
            self.names.push(name);
        }
    }
}

impl Reader {
    fn read(tokens: Tokens, file: &str, name: &str) -> Result<Imported, Fault> {
        let mut parser = Parser::new(tokens, &keep);
        let own_head = parser.head()?;
        let (library, line) = parser.library()?;
        let mut reader = Reader {
            header: Header::new(library, line),
            cells: BTreeMap::new(),
            flip_flops: BTreeMap::new(),
            ties: Vec::new(),
            figures: 0,
            left_out: BTreeMap::new(),
            notes: Vec::new(),
        };
        while let Some(item) = parser.item()? {
            match item {
                Item::Attribute(attribute) => reader.header.attribute(attribute)?,
                Item::Group(group) if group.kind == "cell" => {
                    reader.cell(&group)?;
                    parser.let_go(&group);
                }
                Item::Group(group) => reader.header.group(group),
            }
        }
        if let Some(line) = parser.behind()? {
            reader.notes.push((line, "what stands behind the library is not read".to_owned()));
        }
        reader.finish(file, name, line, own_head)
    }

    fn cell(&mut self, group: &Group) -> Result<(), Fault> {
        let units = self.header.units()?;
        let name = group.name().to_owned();
        if self.cells.contains_key(&name) || self.flip_flops.contains_key(&name) {
            self.left_out.entry("of the name of one before").or_default().add(group.line, name);
            return Ok(());
        }
        let tables = Tables { header: &self.header, units };
        let mut kept = || -> Result<usize, Stop> {
            let reason = cell::left_out(group);
            // Constants are no logic, they are put in where they are needed: libraries mark them `dont_use`.
            let ties =
                if matches!(reason, None | Some(cell::DONT_USE)) { cell::ties(group, tables)? } else { Vec::new() };
            if !ties.is_empty() {
                self.ties.extend(ties);
                return Ok(0);
            }
            if let Some(reason) = reason {
                return Err(Stop::LeftOut(reason));
            }
            if let Some(state) = group.all("ff").next() {
                let flip_flop = flip_flop::flip_flop(group, state, tables)?;
                let size = flip_flop.luts().map(|lut| lut.values().len()).sum();
                self.flip_flops.insert(name.clone(), flip_flop);
                return Ok(size);
            }
            let cell = cell::combinational(group, tables)?;
            let size = cell.luts().map(|lut| lut.values().len()).sum();
            self.cells.insert(name.clone(), cell);
            Ok(size)
        };
        match kept() {
            Ok(size) => self.figures += size,
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(Stop::LeftOut(reason)) => {
                self.left_out.entry(reason).or_default().add(group.line, name);
            }
        }
        let cells = self.cells.len() + self.flip_flops.len() + self.ties.len();
        if self.figures > MOST_FIGURES || cells > MOST_CELLS {
            let message = format!("more than {MOST_CELLS} cells or {} million figures", MOST_FIGURES / 1_000_000);
            return Err(Fault::new("liberty::too_large", group.line, message)
                .help("cut the library to the cells that are wanted"));
        }
        Ok(())
    }

    fn finish(mut self, file: &str, name: &str, line: usize, own_head: Vec<String>) -> Result<Imported, Fault> {
        let units = self.header.units()?;
        for (reason, LeftOut { line, count, names }) in &self.left_out {
            let plural = if *count == 1 { "" } else { "s" };
            let more = if *count > names.len() { format!(" and {} more", count - names.len()) } else { String::new() };
            let named = names.join(", ");
            self.notes.push((*line, format!("{count} cell{plural} left out, {reason}: {named}{more}")));
        }
        if !self.header.has_leakage() {
            self.notes.push((line, "no `leakage_power_unit`: leakage is taken as 0".to_owned()));
        }
        self.notes.sort();
        let note = |(line, text)| Note { file: file.to_owned(), line, column: 1, text };
        let process = Process::new(
            name.to_owned(),
            self.header.source(),
            self.header.conditions()?,
            self.header.wire_load(units)?,
            self.ties,
            self.cells.into_values().collect(),
            self.flip_flops.into_values().collect(),
        );
        if let Some(lacking) = process.lacking() {
            let message = format!("the library has no {lacking} that can be used");
            let help = "logic needs an inverter, a gate of two inputs and a rising-edge flip-flop; `bitweight explain \
                        liberty::missing-cell` says which cells are used";
            let reasons: Vec<&str> = self.left_out.keys().copied().collect();
            let help = if reasons.is_empty() {
                help.to_owned()
            } else {
                format!("{help}; cells were left out {}", reasons.join("; "))
            };
            return Err(Fault::new("liberty::missing_cell", line, message).help(help).label("in this library"));
        }
        let head = head(&process, file, own_head);
        Ok(Imported { process, head, notes: self.notes.into_iter().map(note).collect() })
    }
}

/// How every table begins that is made of a Liberty file.
pub const HEAD: &str = "# Made by `bitweight process import` of ";

/// What stands at the begin of the table.
fn head(process: &Process, file: &str, own: Vec<String>) -> Vec<String> {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let Conditions { corner, voltage_v, temperature_c, .. } = &process.conditions;
    let mut head = vec![
        format!("{}{base}; make it again rather than edit it.", HEAD.trim_start_matches("# ")),
        format!("Library {}, corner {corner}, {voltage_v} V, {temperature_c} C.", process.source.library),
        format!(
            "Tables begin with the names of their axes, slews down the rows and loads along the columns; figures have {SIGNIFICANT_DIGITS} \
             significant digits."
        ),
    ];
    if !own.is_empty() {
        head.push("The file begins with:".to_owned());
        head.extend(own.into_iter().map(|line| format!("  {line}")));
    }
    head
}
