//! From TOML to a checked process.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, schema_for};
use serde::Deserialize;
use serde_spanned::Spanned;

use super::axes::{Axes, Columns};
use super::cuts::Cuts;
use super::error::Place;
use super::expression::{ExpressionError, evaluate};
use super::library::{
    Arc, Capacitance, Cell, ClockedOutput, Conditions, ControlPin, DataPin, Edge, EdgeEnergy, Enable, FlipFlop,
    InputEnergy, InputPin, OutputPin, Process, Reset, Source, Tie, WireLoad,
};
use super::{Function, Lut, Sense};
use crate::mistake::Mistake;

type Text = Spanned<String>;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    /// The name of the process.
    #[schemars(with = "String")]
    name: Text,
    source: Source,
    conditions: Conditions,
    /// The library's default wire-load model.
    wire_load: Option<WireLoad>,
    /// Axes of slews by name: rising figures with spaces between them, ps.
    #[schemars(with = "BTreeMap<String, String>")]
    slews_ps: BTreeMap<String, Text>,
    /// Axes of loads by name: rising figures with spaces between them, fF.
    #[schemars(with = "BTreeMap<String, String>")]
    loads_ff: BTreeMap<String, Text>,
    /// Cells that drive a constant.
    #[serde(default)]
    tie: Vec<Tie>,
    cell: Vec<CellEntry>,
    flip_flop: Vec<FlipFlopEntry>,
}

/// A combinational cell.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CellEntry {
    /// The name in the library.
    #[schemars(with = "String")]
    name: Text,
    area_um2: f64,
    leakage_nw: f64,
    /// One to six.
    input: Vec<InputEntry>,
    /// One or two.
    output: Vec<OutputEntry>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct InputEntry {
    name: String,
    /// The nominal one, as a rising edge sees it, as a falling edge sees it.
    capacitance_ff: [f64; 3],
    /// Energy of a rising edge beside that of outputs: a table.
    #[schemars(with = "Option<String>")]
    rise_energy_fj: Option<Text>,
    /// Energy of a falling edge: a table.
    #[schemars(with = "Option<String>")]
    fall_energy_fj: Option<Text>,
    /// Where that energy is spent, a function of the inputs; everywhere if absent.
    #[schemars(with = "Option<String>")]
    energy_when: Option<Text>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct OutputEntry {
    name: String,
    /// Of the inputs, as `!(A & B)`.
    #[schemars(with = "String")]
    function: Text,
    max_load_ff: Option<f64>,
    /// One for each input that matters.
    arc: Vec<ArcEntry>,
}

/// From an input to an output. A table is a text: the name of its axis of slews, of its axis of loads, then its figures row by row.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ArcEntry {
    #[schemars(with = "String")]
    input: Text,
    /// Of an input that is inverted or not as others say, if it has two arcs.
    sense: Option<OneSense>,
    /// Until the output rises.
    #[schemars(with = "String")]
    rise_delay_ps: Text,
    #[schemars(with = "String")]
    rise_slew_ps: Text,
    /// Inside the cell, without the charge of the load.
    #[schemars(with = "Option<String>")]
    rise_energy_fj: Option<Text>,
    /// Until the output falls.
    #[schemars(with = "String")]
    fall_delay_ps: Text,
    #[schemars(with = "String")]
    fall_slew_ps: Text,
    #[schemars(with = "Option<String>")]
    fall_energy_fj: Option<Text>,
}

/// A sense of an input that has both.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum OneSense {
    Positive,
    Negative,
}

/// A rising-edge flip-flop.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct FlipFlopEntry {
    /// The name in the library.
    #[schemars(with = "String")]
    name: Text,
    area_um2: f64,
    leakage_nw: f64,
    clock: ControlEntry,
    data: DataEntry,
    enable: Option<EnableEntry>,
    /// The asynchronous reset or set; of a flip-flop with both, what resets it to 0.
    reset: Option<ResetEntry>,
    /// Of a flip-flop with both, what sets it to 1.
    set: Option<ResetEntry>,
    /// The one with the value of the data first.
    output: Vec<ClockedEntry>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ControlEntry {
    name: String,
    capacitance_ff: [f64; 3],
    /// Energy of a rising edge while the outputs stand still: a table.
    #[schemars(with = "Option<String>")]
    rise_energy_fj: Option<Text>,
    #[schemars(with = "Option<String>")]
    fall_energy_fj: Option<Text>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct DataEntry {
    name: String,
    capacitance_ff: [f64; 3],
    #[schemars(with = "Option<String>")]
    rise_energy_fj: Option<Text>,
    #[schemars(with = "Option<String>")]
    fall_energy_fj: Option<Text>,
    /// Over the slew of the clock and that of the data: a table with two axes of slews.
    #[schemars(with = "String")]
    rise_setup_ps: Text,
    #[schemars(with = "String")]
    fall_setup_ps: Text,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct EnableEntry {
    /// Whether 0 lets the data in.
    active_low: bool,
    pin: DataEntry,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ResetEntry {
    /// Whether 0 resets.
    active_low: bool,
    /// To what it resets.
    value: bool,
    pin: ControlEntry,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ClockedEntry {
    name: String,
    /// Whether it is the complement of the data.
    inverted: bool,
    max_load_ff: Option<f64>,
    #[schemars(with = "String")]
    rise_delay_ps: Text,
    #[schemars(with = "String")]
    rise_slew_ps: Text,
    #[schemars(with = "Option<String>")]
    rise_energy_fj: Option<Text>,
    #[schemars(with = "String")]
    fall_delay_ps: Text,
    #[schemars(with = "String")]
    fall_slew_ps: Text,
    #[schemars(with = "Option<String>")]
    fall_energy_fj: Option<Text>,
}

/// The JSON schema of a process table.
pub fn schema() -> Schema {
    schema_for!(File)
}

impl Process {
    /// Reads a table; `path` is only quoted in messages.
    ///
    /// # Errors
    /// The first defect of the text, with its place.
    pub fn parse(path: &str, text: &str) -> Result<Process, Mistake> {
        let cuts = Cuts::new(text);
        let place = Place { path, text, cuts: &cuts };
        let file: File = toml::from_str(&cuts.short).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let help = "docs/processes.md lists the keys; `bitweight process import` makes a table of a Liberty file";
            place.mistake("process::syntax", span, error.message().to_owned(), help, "here")
        })?;
        let at = file.name.span();
        let loader = Loader { place, axes: Axes::new(place, file.slews_ps, file.loads_ff)? };
        let lengths = file.wire_load.iter().flat_map(|wires| {
            let own = [
                ("capacitance-ff", wires.capacitance_ff),
                ("resistance-kohm", wires.resistance_kohm),
                ("slope", wires.slope),
            ];
            own.into_iter().chain(wires.lengths.iter().map(|&(_, length)| ("lengths", length)))
        });
        loader.quantities(at.clone(), lengths)?;
        loader.quantities(at.clone(), file.tie.iter().map(|tie| ("leakage-nw", tie.leakage_nw)))?;
        file.tie.iter().try_for_each(|tie| loader.area(at.clone(), tie.area_um2))?;
        if file.wire_load.as_ref().is_some_and(|wires| !wires.lengths.is_sorted_by(|a, b| a.0 < b.0)) {
            let help = "`lengths` are pairs of a number of readers and a length, the numbers rising";
            return Err(place.mistake(
                "process::not_a_quantity",
                at,
                "the wire load is in no order".into(),
                help,
                "in this table",
            ));
        }
        let mut names = BTreeSet::new();
        for name in file.cell.iter().map(|cell| &cell.name).chain(file.flip_flop.iter().map(|cell| &cell.name)) {
            if !names.insert(name.get_ref()) {
                let message = format!("a second cell `{}`", name.get_ref());
                return Err(place.mistake(
                    "process::duplicate_cell",
                    name.span(),
                    message,
                    "names are unique",
                    "of the name of one before",
                ));
            }
        }
        let process = Process::new(
            file.name.get_ref().clone(),
            file.source,
            file.conditions,
            file.wire_load,
            file.tie,
            file.cell.iter().map(|entry| loader.cell(entry)).collect::<Result<_, _>>()?,
            file.flip_flop.iter().map(|entry| loader.flip_flop(entry)).collect::<Result<_, _>>()?,
        );
        match process.lacking() {
            None => Ok(process),
            Some(lacking) => {
                let help = "logic needs an inverter, a gate of two inputs and a flip-flop";
                Err(place.mistake("process::missing_cell", at, format!("there is no {lacking}"), help, "in this table"))
            }
        }
    }
}

struct Loader<'a> {
    place: Place<'a>,
    axes: Axes<'a>,
}

/// The texts of the tables of one edge: delay, slew, energy.
type EdgeTexts<'t> = (&'t Text, &'t Text, &'t Option<Text>);

impl Loader<'_> {
    fn cell(&self, entry: &CellEntry) -> Result<Cell, Mistake> {
        let at = entry.name.span();
        let names: Vec<&str> = entry.input.iter().map(|input| input.name.as_str()).collect();
        if !(1..=Function::MAX_INPUTS).contains(&names.len()) || !(1..=2).contains(&entry.output.len()) {
            let message =
                format!("`{}` has {} inputs and {} outputs", entry.name.get_ref(), names.len(), entry.output.len());
            let help = "a cell has one to six inputs and one or two outputs";
            return Err(self.place.mistake("process::bad_function", at, message, help, "this cell"));
        }
        self.quantities(at.clone(), [("leakage-nw", entry.leakage_nw)])?;
        self.area(at.clone(), entry.area_um2)?;
        Ok(Cell {
            name: entry.name.get_ref().clone(),
            area_um2: entry.area_um2,
            leakage_nw: entry.leakage_nw,
            inputs: entry.input.iter().map(|input| self.input(input, &names, &at)).collect::<Result<_, _>>()?,
            outputs: entry.output.iter().map(|output| self.output(output, &names, &at)).collect::<Result<_, _>>()?,
        })
    }

    fn input(&self, entry: &InputEntry, names: &[&str], at: &std::ops::Range<usize>) -> Result<InputPin, Mistake> {
        let capacitance = self.capacitance(entry.capacitance_ff, at)?;
        let when = match &entry.energy_when {
            Some(text) => self.function(text, names)?,
            None => Function::of(names.len(), |_| u64::MAX).expect("at most six inputs: `cell` has counted them"),
        };
        let energy = self.energy(&entry.rise_energy_fj, &entry.fall_energy_fj)?;
        let energy = energy.map(|EdgeEnergy { rise, fall }| InputEnergy { rise, fall, when });
        Ok(InputPin { name: entry.name.clone(), capacitance, energy })
    }

    fn output(&self, entry: &OutputEntry, names: &[&str], at: &std::ops::Range<usize>) -> Result<OutputPin, Mistake> {
        let function = self.function(&entry.function, names)?;
        if (0..names.len()).all(|input| !function.depends_on(input)) {
            let help = "a cell that drives a constant is a `tie`";
            return Err(self.place.mistake(
                "process::bad_function",
                entry.function.span(),
                "a constant output".into(),
                help,
                "here",
            ));
        }
        self.quantities(at.clone(), entry.max_load_ff.map(|load| ("max-load-ff", load)))?;
        let mut arcs = Vec::new();
        for arc in &entry.arc {
            let known = names.iter().position(|name| name == arc.input.get_ref());
            let Some(input) = known.filter(|&input| function.depends_on(input)) else {
                let message = format!("`{}` is no input that matters to `{}`", arc.input.get_ref(), entry.name);
                let help = format!("`{}` depends on {}", entry.name, entry.function.get_ref());
                return Err(self.place.mistake("process::bad_arc", arc.input.span(), message, &help, "from here"));
            };
            let rise = self.edge((&arc.rise_delay_ps, &arc.rise_slew_ps, &arc.rise_energy_fj))?;
            let fall = self.edge((&arc.fall_delay_ps, &arc.fall_slew_ps, &arc.fall_energy_fj))?;
            let sense = match arc.sense {
                Some(OneSense::Positive) => Sense::Positive,
                Some(OneSense::Negative) => Sense::Negative,
                None => function.sense(input),
            };
            arcs.push(Arc { input, sense, rise, fall });
        }
        arcs.sort_by_key(|arc| (arc.input, arc.sense));
        let complete = |input: usize| {
            let senses: Vec<Sense> = arcs.iter().filter(|arc| arc.input == input).map(|arc| arc.sense).collect();
            let whole = function.sense(input);
            senses == [whole] || (whole == Sense::NonUnate && senses == [Sense::Positive, Sense::Negative])
        };
        if !(0..names.len()).filter(|&input| function.depends_on(input)).all(complete) {
            let message = format!("`{}` does not have one arc for each input of its function", entry.name);
            let help = "every input that matters has one arc, or one of each `sense` where it has both";
            return Err(self.place.mistake("process::bad_arc", entry.function.span(), message, help, "this function"));
        }
        Ok(OutputPin { name: entry.name.clone(), function, max_load_ff: entry.max_load_ff, arcs })
    }

    fn flip_flop(&self, entry: &FlipFlopEntry) -> Result<FlipFlop, Mistake> {
        let at = entry.name.span();
        self.quantities(at.clone(), [("leakage-nw", entry.leakage_nw)])?;
        self.area(at.clone(), entry.area_um2)?;
        let clocked = |output: &ClockedEntry| -> Result<ClockedOutput, Mistake> {
            self.quantities(at.clone(), output.max_load_ff.map(|load| ("max-load-ff", load)))?;
            Ok(ClockedOutput {
                name: output.name.clone(),
                inverted: output.inverted,
                max_load_ff: output.max_load_ff,
                rise: self.edge((&output.rise_delay_ps, &output.rise_slew_ps, &output.rise_energy_fj))?,
                fall: self.edge((&output.fall_delay_ps, &output.fall_slew_ps, &output.fall_energy_fj))?,
            })
        };
        let (q, qn) = match &entry.output[..] {
            [q] => (clocked(q)?, None),
            [q, qn] if !q.inverted && qn.inverted => (clocked(q)?, Some(clocked(qn)?)),
            _ => {
                let message =
                    format!("the outputs of `{}` are not one, or a plain and an inverted one", entry.name.get_ref());
                let help = "the first output has the value of the data, the second is `inverted`";
                return Err(self.place.mistake("process::bad_function", at, message, help, "this flip-flop"));
            }
        };
        let enable =
            |entry: &EnableEntry| Ok(Enable { pin: self.data(&entry.pin, &at)?, active_low: entry.active_low });
        let reset = |entry: &ResetEntry| {
            Ok(Reset { pin: self.control(&entry.pin, &at)?, active_low: entry.active_low, value: entry.value })
        };
        if let Some(set) = &entry.set
            && entry.reset.as_ref().is_none_or(|reset| reset.value || !set.value)
        {
            let message = format!("the set of `{}` stands beside no reset to 0, or sets no 1", entry.name.get_ref());
            let help = "`reset` alone may have either value; with a `set` beside it, that has `value = true`, the reset `value = false`";
            return Err(self.place.mistake("process::bad_function", at, message, help, "this flip-flop"));
        }
        Ok(FlipFlop {
            name: entry.name.get_ref().clone(),
            area_um2: entry.area_um2,
            leakage_nw: entry.leakage_nw,
            clock: self.control(&entry.clock, &at)?,
            data: self.data(&entry.data, &at)?,
            enable: entry.enable.as_ref().map(enable).transpose()?,
            reset: entry.reset.as_ref().map(reset).transpose()?,
            set: entry.set.as_ref().map(reset).transpose()?,
            q,
            qn,
        })
    }

    fn control(&self, entry: &ControlEntry, at: &std::ops::Range<usize>) -> Result<ControlPin, Mistake> {
        let energy = self.energy(&entry.rise_energy_fj, &entry.fall_energy_fj)?;
        Ok(ControlPin { name: entry.name.clone(), capacitance: self.capacitance(entry.capacitance_ff, at)?, energy })
    }

    fn data(&self, entry: &DataEntry, at: &std::ops::Range<usize>) -> Result<DataPin, Mistake> {
        let energy = self.energy(&entry.rise_energy_fj, &entry.fall_energy_fj)?;
        let capacitance = self.capacitance(entry.capacitance_ff, at)?;
        Ok(DataPin {
            pin: ControlPin { name: entry.name.clone(), capacitance, energy },
            setup_rise: self.axes.time(&entry.rise_setup_ps, Columns::Slews)?,
            setup_fall: self.axes.time(&entry.fall_setup_ps, Columns::Slews)?,
        })
    }

    fn edge(&self, (delay, slew, energy): EdgeTexts<'_>) -> Result<Edge, Mistake> {
        Ok(Edge {
            delay: self.axes.time(delay, Columns::Loads)?,
            slew: self.axes.time(slew, Columns::Loads)?,
            energy: energy.as_ref().map(|text| self.axes.energy(text)).transpose()?,
        })
    }

    fn energy(&self, rise: &Option<Text>, fall: &Option<Text>) -> Result<Option<EdgeEnergy>, Mistake> {
        let table = |text: &Option<Text>| text.as_ref().map(|text| self.axes.energy(text)).transpose();
        Ok(match (table(rise)?, table(fall)?) {
            (None, None) => None,
            // An edge without a table costs nothing.
            (rise, fall) => {
                let none = || Lut::constant(0.0);
                Some(EdgeEnergy { rise: rise.unwrap_or_else(none), fall: fall.unwrap_or_else(none) })
            }
        })
    }

    fn function(&self, text: &Text, names: &[&str]) -> Result<Function, Mistake> {
        let mut error = None;
        let function = Function::of(names.len(), |words| {
            let word = |name: &str| names.iter().position(|known| *known == name).map(|input| words[input]);
            evaluate(text.get_ref(), &word).unwrap_or_else(|reason| {
                error = Some(reason);
                0
            })
        });
        let message = match (error, function) {
            (None, Some(function)) => return Ok(function),
            (Some(ExpressionError::UnknownName(name)), _) => format!("`{name}` is no input of the cell"),
            _ => format!("`{}` does not read as a function", text.get_ref()),
        };
        let help = format!("a function of {}, with ! ^ & | and parentheses", names.join(", "));
        Err(self.place.mistake("process::bad_function", text.span(), message, &help, "this function"))
    }

    fn capacitance(&self, figures: [f64; 3], at: &std::ops::Range<usize>) -> Result<Capacitance, Mistake> {
        self.quantities(at.clone(), figures.map(|figure| ("capacitance-ff", figure)))?;
        let [nominal_ff, rise_ff, fall_ff] = figures;
        Ok(Capacitance { nominal_ff, rise_ff, fall_ff })
    }

    fn quantities(
        &self,
        at: std::ops::Range<usize>,
        quantities: impl IntoIterator<Item = (&'static str, f64)>,
    ) -> Result<(), Mistake> {
        let wrong = quantities.into_iter().find(|(_, value)| !(value.is_finite() && *value >= 0.0));
        wrong.map_or(Ok(()), |(key, value)| {
            let message = format!("`{key}` is {value}");
            Err(self.place.mistake("process::not_a_quantity", at, message, "it is finite and not below 0", "here"))
        })
    }

    fn area(&self, at: std::ops::Range<usize>, area_um2: f64) -> Result<(), Mistake> {
        if area_um2.is_finite() && area_um2 > 0.0 {
            return Ok(());
        }
        let message = format!("`area-um2` is {area_um2}");
        Err(self.place.mistake("process::not_a_quantity", at, message, "it is finite and above 0", "here"))
    }
}
