//! Liberty files: what a library says of its cells becomes a process.
//!
//! A file is read once from its begin to its end, cell by cell, so that its size does not matter: only the cell at hand and
//! what is kept of those before are in memory. Text that says nothing of delay, capacitance, area and energy is skipped.
//! Kept are the cells that a synthesiser may pick for logic of at most six inputs, half and full adders, plain rising-edge
//! flip-flops with asynchronous reset, set, or both, and with enable, and the cells that drive a constant; notes name the
//! others and say why. Several files can make one library: each is read by what it says itself, and all have to agree on units
//! and conditions.

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

use super::process::{Cell, Conditions, FlipFlop, Process, SIGNIFICANT_DIGITS, Source, Tie, WireLoad};
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
    import_all(&[Input::file(path)], name)
}

/// The same from one or several inputs that make one library.
///
/// # Errors
/// As [`import`]; units, conditions or cells of one input contradict those of another.
pub fn import_all(inputs: &[Input], name: &str) -> Result<Imported, Mistake> {
    let Some(first) = inputs.first() else {
        return Err(Mistake::new("cli::cannot_read", "no Liberty file is given", "give at least one path"));
    };
    let mut reader = Reader::default();
    for input in inputs {
        let text = input.text().map_err(|reason| {
            let message = format!("cannot read `{}`: {reason}", input.name());
            Mistake::new("cli::cannot_read", message, "give the path of a Liberty file, .lib or .lib.gz")
        })?;
        reader.read(Tokens::new(text), input.name()).map_err(|fault| fault.mistake(input))?;
    }
    reader.finish(name).map_err(|fault| fault.mistake(first))
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

/// A place in an input: its number and the line.
type Place = (usize, usize);

/// A library while it is read.
#[derive(Default)]
struct Reader {
    /// What has been read of files, the one at hand last.
    files: Vec<File>,
    cells: BTreeMap<String, Cell>,
    flip_flops: BTreeMap<String, FlipFlop>,
    ties: Vec<Tie>,
    /// Where each cell is that is kept.
    places: BTreeMap<String, Place>,
    figures: usize,
    left_out: BTreeMap<&'static str, LeftOut>,
    notes: Vec<(Place, String)>,
}

/// A file beside its cells.
struct File {
    name: String,
    /// Where the library begins.
    line: usize,
    /// What the comments before it say.
    head: Vec<String>,
    header: Header,
}

/// Cells that are left out for one reason.
#[derive(Default)]
struct LeftOut {
    /// Where the first of them is.
    place: Place,
    count: usize,
    /// The names of the first ones.
    names: Vec<String>,
}

impl LeftOut {
    fn add(&mut self, place: Place, name: String) {
        self.count += 1;
        if self.count == 1 {
            self.place = place;
        }
        if self.names.len() < MOST_NAMED {
            self.names.push(name);
        }
    }
}

impl Reader {
    fn read(&mut self, tokens: Tokens, name: &str) -> Result<(), Fault> {
        let mut parser = Parser::new(tokens, &keep);
        let head = parser.head()?;
        let (library, line) = parser.library()?;
        let mut header = Header::new(library, line);
        while let Some(item) = parser.item()? {
            match item {
                Item::Attribute(attribute) => header.attribute(attribute)?,
                Item::Group(group) if group.kind == "cell" => {
                    self.cell(&group, &mut header)?;
                    parser.let_go(&group);
                }
                Item::Group(group) => header.group(group),
            }
        }
        let file = self.files.len();
        if let Some(line) = parser.behind()? {
            self.notes.push(((file, line), "what stands behind the library is not read".to_owned()));
        }
        header.units()?;
        if let Some(first) = self.files.first() {
            header.agree(&first.header, &first.name)?;
        }
        if !header.has_leakage() {
            self.notes.push(((file, line), "no `leakage_power_unit`: leakage is taken as 0".to_owned()));
        }
        self.files.push(File { name: name.to_owned(), line, head, header });
        Ok(())
    }

    fn cell(&mut self, group: &Group, header: &mut Header) -> Result<(), Fault> {
        let units = header.units()?;
        let name = group.name().to_owned();
        let place = (self.files.len(), group.line);
        match self.places.get(&name).map(|&(file, line)| (self.files.get(file), line)) {
            Some((Some(other), line)) => {
                // The same library at another corner has the same cells, and that is what is wrong then.
                if let Err(fault) = header.agree(&other.header, &other.name)
                    && fault.code == "liberty::differing_files"
                {
                    return Err(fault);
                }
                let message = format!("the cell `{name}` is also in `{}`, line {line}", other.name);
                let help = "files of one library have different cells: leave one of them out";
                return Err(Fault::new("liberty::duplicate_cell", group.line, message).help(help));
            }
            Some((None, _)) => {
                self.left_out.entry("of the name of one before").or_default().add(place, name);
                return Ok(());
            }
            None => {}
        }
        let tables = Tables { header, units };
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
            Ok(size) => {
                self.figures += size;
                self.places.insert(name, place);
            }
            Err(Stop::Fault(fault)) => return Err(fault),
            Err(Stop::LeftOut(reason)) => {
                self.left_out.entry(reason).or_default().add(place, name);
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

    fn finish(mut self, name: &str) -> Result<Imported, Fault> {
        self.leave_out_double_resets();
        for (reason, LeftOut { place, count, names }) in &self.left_out {
            let plural = if *count == 1 { "" } else { "s" };
            let more = if *count > names.len() { format!(" and {} more", count - names.len()) } else { String::new() };
            let named = names.join(", ");
            self.notes.push((*place, format!("{count} cell{plural} left out, {reason}: {named}{more}")));
        }
        let (source, wire_load) = (self.source(), self.wire_load()?);
        let Some(first) = self.files.first_mut() else {
            return Err(Fault::new("liberty::not_liberty", 0, "there is no file").help("give at least one"));
        };
        let (conditions, line) = (first.header.conditions()?, first.line);
        self.notes.sort();
        let process = Process::new(
            name.to_owned(),
            source,
            conditions,
            wire_load,
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
        let head = head(&process, &self.files);
        let note =
            |((file, line), text): (Place, String)| Note { file: self.files[file].name.clone(), line, column: 1, text };
        Ok(Imported { process, head, notes: self.notes.into_iter().map(note).collect() })
    }

    /// Flip-flops with both set and reset stand in for those with one of them, where the library lacks either.
    fn leave_out_double_resets(&mut self) {
        let mut double = Vec::new();
        for (name, flip_flop) in self.flip_flops.iter().filter(|(_, flip_flop)| flip_flop.set.is_some()) {
            let has = |value: bool| {
                let of_one = |other: &FlipFlop| {
                    other.set.is_none()
                        && other.enable.is_some() == flip_flop.enable.is_some()
                        && other.reset_to(value).is_some()
                };
                self.flip_flops.values().any(of_one)
            };
            if has(false) && has(true) {
                double.push((self.places.get(name).copied().unwrap_or_default(), name.clone()));
            }
        }
        double.sort();
        for (place, name) in double {
            self.flip_flops.remove(&name);
            self.left_out.entry("flip-flops with both set and reset").or_default().add(place, name);
        }
    }

    /// Where the figures come from; what files say differently stands there one after the other.
    fn source(&self) -> Source {
        let all: Vec<Source> = self.files.iter().map(|file| file.header.source()).collect();
        let joined = |of: fn(&Source) -> &String| {
            let mut parts: Vec<&str> = Vec::new();
            for part in all.iter().map(|source| of(source).as_str()) {
                if !part.is_empty() && !parts.contains(&part) {
                    parts.push(part);
                }
            }
            parts.join(", ")
        };
        Source {
            library: joined(|source| &source.library),
            revision: joined(|source| &source.revision),
            date: joined(|source| &source.date),
            comment: joined(|source| &source.comment),
        }
    }

    /// The wire load of the first file that has one.
    fn wire_load(&mut self) -> Result<Option<WireLoad>, Fault> {
        let mut found: Option<WireLoad> = None;
        for (index, file) in self.files.iter_mut().enumerate() {
            let units = file.header.units()?;
            match (&found, file.header.wire_load(units)?) {
                (None, own) => found = own,
                (Some(known), Some(own)) if *known != own => {
                    let text =
                        format!("the wire load `{}` is not taken, but `{}` of a file before", own.name, known.name);
                    self.notes.push(((index, file.line), text));
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

/// How every table begins that is made of a Liberty file.
pub const HEAD: &str = "# Made by `bitweight process import` of ";

/// What stands at the begin of the table.
fn head(process: &Process, files: &[File]) -> Vec<String> {
    let base = |file: &File| file.name.rsplit(['/', '\\']).next().unwrap_or(&file.name).to_owned();
    let names: Vec<String> = files.iter().map(base).collect();
    let Conditions { corner, voltage_v, temperature_c, .. } = &process.conditions;
    let mut head = vec![
        format!("{}{}; make it again rather than edit it.", HEAD.trim_start_matches("# "), names.join(" ")),
        format!("Library {}, corner {corner}, {voltage_v} V, {temperature_c} C.", process.source.library),
        format!(
            "Tables begin with the names of their axes, slews down the rows and loads along the columns; figures have {SIGNIFICANT_DIGITS} \
             significant digits."
        ),
    ];
    // Files of one library mostly begin alike.
    let mut said: Vec<&[String]> = Vec::new();
    for (file, name) in files.iter().zip(&names).filter(|(file, _)| !file.head.is_empty()) {
        if said.contains(&file.head.as_slice()) {
            continue;
        }
        let alike = files.iter().all(|other| other.head == file.head);
        head.push(match (files.len(), alike) {
            (1, _) => "The file begins with:".to_owned(),
            (_, true) => "Each file begins with:".to_owned(),
            _ => format!("{name} begins with:"),
        });
        head.extend(file.head.iter().map(|line| format!("  {line}")));
        said.push(&file.head);
    }
    head
}
