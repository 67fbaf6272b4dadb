//! A cell of a library becomes a combinational cell of the process, a cell that drives a constant, or none.

use super::error::Stop;
use super::group::Group;
use super::pin::{Pin, pins, value};
use super::table::Tables;
use crate::estimate::process::{Arc, Cell, Function, InputEnergy, InputPin, OutputPin, Sense, Tie};

/// Parts of names of cells that no synthesiser picks for logic, and that no attribute tells from others.
const NEVER: [&str; 10] = ["clk", "ckinv", "dly", "delay", "hold", "lpflow", "isol", "probe", "spare", "antenna"];

/// The reason that holds for logic only.
pub const DONT_USE: &str = "marked `dont_use`";

/// Groups in a cell that hold a state which is no plain flip-flop's.
const STATES: [&str; 4] = ["latch", "latch_bank", "ff_bank", "statetable"];

/// Why a cell is not looked at any further, if it is not.
pub fn left_out(cell: &Group) -> Option<&'static str> {
    let has = |kind: &str| cell.all(kind).next().is_some();
    let name = cell.name().to_ascii_lowercase();
    let set = |names: &[&str]| names.iter().any(|name| cell.is_true(name));
    if set(&["dont_use"]) {
        Some(DONT_USE)
    } else if cell.attribute("clock_gating_integrated_cell").is_some() {
        Some("clock gates")
    } else if STATES.iter().any(|kind| has(kind)) {
        Some("latches and other states")
    } else if has("test_cell") {
        Some("for scan chains")
    } else if has("bus") || has("bundle") {
        Some("with buses")
    } else if set(&[
        "is_isolation_cell",
        "is_level_shifter",
        "always_on",
        "switch_cell_type",
        "pad_cell",
        "is_macro_cell",
    ]) {
        Some("for power domains, pads and macros")
    } else if cell.all("pin").any(|pin| pin.attribute("three_state").is_some()) {
        Some("with three-state outputs")
    } else if NEVER.iter().any(|part| name.contains(part)) || is_hold_buffer(&name) {
        Some("by their name for clocks, delays, isolation, probes or spares")
    } else {
        None
    }
}

/// Whether a name is that of a buffer against hold violations in the libraries that call them HB1, HB2, ...
fn is_hold_buffer(name: &str) -> bool {
    name.strip_prefix("hb").is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit()))
}

/// The outputs that drive a constant, if the cell does nothing else.
pub fn ties(cell: &Group, tables: Tables<'_>) -> Result<Vec<Tie>, Stop> {
    let (inputs, outputs) = (pins(cell, "input"), pins(cell, "output"));
    let mut ties = Vec::new();
    for output in outputs.iter().filter(|output| inputs.is_empty() && !output.group.text("function").is_empty()) {
        let value = value(output.group, "function", &|_| None)?;
        ties.push(Tie {
            name: cell.name().to_owned(),
            output: output.name.to_owned(),
            value: value != 0,
            area_um2: tables.area(cell)?,
            leakage_nw: tables.leakage(cell)?,
        });
    }
    Ok(ties)
}

/// The combinational cell.
pub fn combinational(cell: &Group, tables: Tables<'_>) -> Result<Cell, Stop> {
    let (inputs, outputs) = (pins(cell, "input"), pins(cell, "output"));
    match (inputs.len(), outputs.len()) {
        (0, _) | (_, 0) => return Err(Stop::LeftOut("without inputs or outputs")),
        (1..=Function::MAX_INPUTS, 1..=2) => {}
        _ => return Err(Stop::LeftOut("of more than six inputs or two outputs")),
    }
    if !pins(cell, "inout").is_empty() || outputs.iter().any(|output| output.group.text("function").is_empty()) {
        return Err(Stop::LeftOut("without a function"));
    }
    let names: Vec<&str> = inputs.iter().map(|pin| pin.name).collect();
    let functions = outputs.iter().map(|output| function(*output, &names)).collect::<Result<Vec<_>, _>>()?;
    if functions.iter().any(|function| (0..inputs.len()).all(|input| !function.depends_on(input))) {
        return Err(Stop::LeftOut("with a constant output"));
    }
    let words = Words { names: &names, outputs: &outputs, functions: &functions };
    Ok(Cell {
        name: cell.name().to_owned(),
        area_um2: tables.area(cell)?,
        leakage_nw: tables.leakage(cell)?,
        inputs: inputs.iter().map(|&pin| input(pin, &words, tables)).collect::<Result<_, Stop>>()?,
        outputs: outputs
            .iter()
            .enumerate()
            .map(|(index, &pin)| output(pin, index, &words, tables))
            .collect::<Result<_, Stop>>()?,
    })
}

/// What names in an expression of a cell stand for.
struct Words<'a> {
    names: &'a [&'a str],
    outputs: &'a [Pin<'a>],
    functions: &'a [Function],
}

impl Words<'_> {
    fn function(&self, group: &Group, name: &str) -> Result<Function, Stop> {
        let word = |words: &[u64], wanted: &str| {
            let input = self.names.iter().position(|name| *name == wanted);
            let output = || self.outputs.iter().position(|output| output.name == wanted);
            input.map(|input| words[input]).or_else(|| output().map(|output| self.functions[output].evaluate(words)))
        };
        table(self.names.len(), |words| value(group, name, &|wanted| word(words, wanted)))
    }

    fn with_senses<'g>(
        &self,
        groups: Vec<&'g Group>,
        function: Function,
        input: usize,
    ) -> Result<Vec<(Sense, &'g Group)>, Stop> {
        groups.into_iter().map(|group| Ok((self.sense(group, function, input)?, group))).collect()
    }

    /// How an output follows an input where the condition of a group holds.
    fn sense(&self, group: &Group, function: Function, input: usize) -> Result<Sense, Stop> {
        let whole = function.sense(input);
        match (whole, group.text("timing_sense")) {
            (Sense::NonUnate, "positive_unate") => Ok(Sense::Positive),
            (Sense::NonUnate, "negative_unate") => Ok(Sense::Negative),
            (Sense::NonUnate, _) if group.attribute("when").is_some() => {
                Ok(function.sense_where(input, self.function(group, "when")?))
            }
            _ => Ok(whole),
        }
    }
}

fn table(inputs: usize, words: impl FnOnce(&[u64]) -> Result<u64, Stop>) -> Result<Function, Stop> {
    let mut stop = None;
    let found = Function::of(inputs, |variables| {
        words(variables).unwrap_or_else(|error| {
            stop = Some(error);
            0
        })
    });
    match stop {
        Some(stop) => Err(stop),
        None => found.ok_or(Stop::LeftOut("of more than six inputs or two outputs")),
    }
}

fn function(output: Pin<'_>, names: &[&str]) -> Result<Function, Stop> {
    Words { names, outputs: &[], functions: &[] }.function(output.group, "function")
}

fn input(pin: Pin<'_>, words: &Words<'_>, tables: Tables<'_>) -> Result<InputPin, Stop> {
    let power: Vec<&Group> = pin.power().collect();
    let (rise, fall) = (tables.energy(&power, "rise")?, tables.energy(&power, "fall")?);
    let energy = match (rise, fall) {
        (Some(rise), Some(fall)) => {
            let mut spent = 0;
            for group in &power {
                let always = group.attribute("when").is_none();
                spent |= if always { u64::MAX } else { words.function(group, "when")?.table() };
            }
            let when = table(words.names.len(), |_| Ok(spent))?;
            Some(InputEnergy { rise, fall, when })
        }
        _ => None,
    };
    Ok(InputPin { name: pin.name.to_owned(), capacitance: tables.capacitance(pin)?, energy })
}

fn output(pin: Pin<'_>, index: usize, words: &Words<'_>, tables: Tables<'_>) -> Result<OutputPin, Stop> {
    let types = ["combinational", "combinational_rise", "combinational_fall"];
    let function = words.functions[index];
    let mut arcs = Vec::new();
    for (input, from) in words.names.iter().enumerate().filter(|&(input, _)| function.depends_on(input)) {
        let timing = words.with_senses(pin.timing(from, &types), function, input)?;
        let power = words.with_senses(pin.power_from(from), function, input)?;
        // An input that is inverted or not as others say has an arc for either, if the library tells them apart.
        let apart = timing.iter().all(|(sense, _)| *sense != Sense::NonUnate);
        let senses = match function.sense(input) {
            Sense::NonUnate if apart => vec![Sense::Positive, Sense::Negative],
            sense => vec![sense],
        };
        for sense in senses {
            let (timing, mut power) = (of_sense(&timing, sense), of_sense(&power, sense));
            if power.is_empty() {
                power = pin.power_from(from);
            }
            let (rise, fall) = (tables.edge(&timing, &power, "rise")?, tables.edge(&timing, &power, "fall")?);
            arcs.push(Arc { input, sense, rise, fall });
        }
    }
    Ok(OutputPin { name: pin.name.to_owned(), function, max_load_ff: tables.max_load(pin)?, arcs })
}

/// The groups that hold for edges of a sense.
fn of_sense<'g>(groups: &[(Sense, &'g Group)], sense: Sense) -> Vec<&'g Group> {
    let fits = |own: Sense| sense == Sense::NonUnate || own == sense || own == Sense::NonUnate;
    groups.iter().filter(|(own, _)| fits(*own)).map(|(_, group)| *group).collect()
}
