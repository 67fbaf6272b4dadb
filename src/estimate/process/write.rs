//! A process as TOML.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::axes::PS;
use super::library::{
    Capacitance, Cell, ClockedOutput, ControlPin, DataPin, Edge, FlipFlop, InputPin, OutputPin, Process,
};
use super::lut::{Axis, Lut};
use super::{Function, Sense};

/// Significant digits of the figures of a table: off by at most 0.05 %, far less than a library is from silicon, and a third of
/// the size of what libraries print.
pub const SIGNIFICANT_DIGITS: usize = 4;
/// Significant digits of all other figures.
const PRECISE_DIGITS: usize = 6;

/// The text of a process table; [`Process::parse`] reads it. `head` is put before it as comments, one a line.
pub fn to_toml(process: &Process, head: &[String]) -> String {
    let axes = Names::of(process);
    let mut text = String::new();
    for line in head {
        let _ = writeln!(text, "{}", format!("# {line}").trim_end());
    }
    let mut out = Writer { text, axes };
    out.begin(process);
    process.cells().iter().for_each(|cell| out.cell(cell));
    process.flip_flops().iter().for_each(|flip_flop| out.flip_flop(flip_flop));
    out.text
}

/// The axes as they are written, in the order in which they come: their place is their name.
#[derive(Default)]
struct Names {
    slews: Known,
    loads: Known,
}

/// Axes of a kind.
#[derive(Default)]
struct Known {
    all: Vec<String>,
    places: BTreeMap<String, usize>,
}

fn points(axis: &Axis, scale: f64) -> String {
    axis.iter().map(|point| figure(point * scale, PRECISE_DIGITS)).collect::<Vec<_>>().join(" ")
}

impl Names {
    fn of(process: &Process) -> Names {
        let mut names = Names::default();
        let mut add = |lut: &Lut, setup: bool| {
            Self::add(&mut names.slews, lut.rows(), PS);
            match setup {
                true => Self::add(&mut names.slews, lut.columns(), PS),
                false => Self::add(&mut names.loads, lut.columns(), 1.0),
            }
        };
        process.cells().iter().flat_map(Cell::luts).for_each(|lut| add(lut, false));
        for flip_flop in process.flip_flops() {
            let setups: Vec<&Lut> = flip_flop.setups().collect();
            flip_flop.luts().for_each(|lut| add(lut, setups.iter().any(|setup| std::ptr::eq(*setup, lut))));
        }
        names
    }

    fn add(known: &mut Known, axis: &Axis, scale: f64) {
        let text = points(axis, scale);
        if axis.len() > 1 && !known.places.contains_key(&text) {
            known.places.insert(text.clone(), known.all.len());
            known.all.push(text);
        }
    }

    fn slew(&self, axis: &Axis) -> String {
        Self::name(&self.slews, 's', &points(axis, PS))
    }

    fn load(&self, axis: &Axis) -> String {
        Self::name(&self.loads, 'l', &points(axis, 1.0))
    }

    fn name(known: &Known, letter: char, text: &str) -> String {
        known.places.get(text).map_or_else(|| "-".to_owned(), |index| format!("{letter}{}", index + 1))
    }
}

struct Writer {
    text: String,
    axes: Names,
}

impl Writer {
    fn line(&mut self, key: &str, value: impl std::fmt::Display) {
        // Writing into a text cannot fail.
        let _ = writeln!(self.text, "{key} = {value}");
    }

    fn quoted(&mut self, key: &str, value: &str) {
        self.line(key, toml::Value::from(value));
    }

    fn figure(&mut self, key: &str, value: f64) {
        self.line(key, figure(value, PRECISE_DIGITS));
    }

    fn heading(&mut self, heading: &str) {
        let _ = writeln!(self.text, "\n{heading}");
    }

    fn begin(&mut self, process: &Process) {
        self.quoted("name", &process.name);
        self.heading("[source]");
        for (key, value) in [
            ("library", &process.source.library),
            ("revision", &process.source.revision),
            ("date", &process.source.date),
            ("comment", &process.source.comment),
        ] {
            self.quoted(key, value);
        }
        self.heading("[conditions]");
        self.quoted("corner", &process.conditions.corner);
        for (key, value) in [
            ("voltage-v", process.conditions.voltage_v),
            ("temperature-c", process.conditions.temperature_c),
            ("slew-from-percent", process.conditions.slew_from_percent),
            ("slew-to-percent", process.conditions.slew_to_percent),
        ] {
            self.figure(key, value);
        }
        if let Some(wires) = &process.wire_load {
            self.heading("[wire-load]");
            self.quoted("name", &wires.name);
            self.figure("capacitance-ff", wires.capacitance_ff);
            self.figure("resistance-kohm", wires.resistance_kohm);
            self.figure("slope", wires.slope);
            let pair = |&(readers, length): &(u32, f64)| format!("[{readers}, {}]", figure(length, PRECISE_DIGITS));
            let pairs: Vec<String> = wires.lengths.iter().map(pair).collect();
            self.line("lengths", format!("[{}]", pairs.join(", ")));
        }
        let axes = std::mem::take(&mut self.axes);
        for (heading, letter, known) in [("[slews-ps]", 's', &axes.slews.all), ("[loads-ff]", 'l', &axes.loads.all)] {
            self.heading(heading);
            for (index, axis) in known.iter().enumerate() {
                self.quoted(&format!("{letter}{}", index + 1), axis);
            }
        }
        self.axes = axes;
        for tie in &process.ties {
            self.heading("[[tie]]");
            self.quoted("name", &tie.name);
            self.quoted("output", &tie.output);
            self.line("value", tie.value);
            self.figure("area-um2", tie.area_um2);
            self.figure("leakage-nw", tie.leakage_nw);
        }
    }

    fn cell(&mut self, cell: &Cell) {
        self.heading("[[cell]]");
        self.quoted("name", &cell.name);
        self.figure("area-um2", cell.area_um2);
        self.figure("leakage-nw", cell.leakage_nw);
        let names: Vec<&str> = cell.inputs.iter().map(|input| input.name.as_str()).collect();
        cell.inputs.iter().for_each(|input| self.input(input, &names));
        cell.outputs.iter().for_each(|output| self.output(output, &names));
    }

    fn input(&mut self, input: &InputPin, names: &[&str]) {
        self.heading("[[cell.input]]");
        self.quoted("name", &input.name);
        self.capacitance(input.capacitance);
        if let Some(energy) = &input.energy {
            self.table("rise-energy-fj", &energy.rise, 1.0);
            self.table("fall-energy-fj", &energy.fall, 1.0);
            if energy.when.complement().table() != 0 {
                self.quoted("energy-when", &expression(energy.when, names));
            }
        }
    }

    fn output(&mut self, output: &OutputPin, names: &[&str]) {
        self.heading("[[cell.output]]");
        self.quoted("name", &output.name);
        self.quoted("function", &expression(output.function, names));
        if let Some(most) = output.max_load_ff {
            self.figure("max-load-ff", most);
        }
        for arc in &output.arcs {
            self.heading("[[cell.output.arc]]");
            self.quoted("input", names[arc.input]);
            if arc.sense != output.function.sense(arc.input) {
                self.quoted("sense", arc.sense.name());
            }
            self.edge("rise", &arc.rise);
            self.edge("fall", &arc.fall);
        }
    }

    fn flip_flop(&mut self, flip_flop: &FlipFlop) {
        self.heading("[[flip-flop]]");
        self.quoted("name", &flip_flop.name);
        self.figure("area-um2", flip_flop.area_um2);
        self.figure("leakage-nw", flip_flop.leakage_nw);
        self.heading("[flip-flop.clock]");
        self.control(&flip_flop.clock);
        self.heading("[flip-flop.data]");
        self.data(&flip_flop.data);
        if let Some(enable) = &flip_flop.enable {
            self.heading("[flip-flop.enable]");
            self.line("active-low", enable.active_low);
            self.heading("[flip-flop.enable.pin]");
            self.data(&enable.pin);
        }
        for (name, reset) in [("reset", &flip_flop.reset), ("set", &flip_flop.set)] {
            let Some(reset) = reset else { continue };
            self.heading(&format!("[flip-flop.{name}]"));
            self.line("active-low", reset.active_low);
            self.line("value", reset.value);
            self.heading(&format!("[flip-flop.{name}.pin]"));
            self.control(&reset.pin);
        }
        for output in [&flip_flop.q].into_iter().chain(&flip_flop.qn) {
            self.clocked(output);
        }
    }

    fn control(&mut self, pin: &ControlPin) {
        self.quoted("name", &pin.name);
        self.capacitance(pin.capacitance);
        if let Some(energy) = &pin.energy {
            self.table("rise-energy-fj", &energy.rise, 1.0);
            self.table("fall-energy-fj", &energy.fall, 1.0);
        }
    }

    fn data(&mut self, data: &DataPin) {
        self.control(&data.pin);
        self.setup("rise-setup-ps", &data.setup_rise);
        self.setup("fall-setup-ps", &data.setup_fall);
    }

    fn clocked(&mut self, output: &ClockedOutput) {
        self.heading("[[flip-flop.output]]");
        self.quoted("name", &output.name);
        self.line("inverted", output.inverted);
        if let Some(most) = output.max_load_ff {
            self.figure("max-load-ff", most);
        }
        self.edge("rise", &output.rise);
        self.edge("fall", &output.fall);
    }

    fn capacitance(&mut self, capacitance: Capacitance) {
        let figures = [capacitance.nominal_ff, capacitance.rise_ff, capacitance.fall_ff];
        self.line("capacitance-ff", format!("[{}]", figures.map(|value| figure(value, PRECISE_DIGITS)).join(", ")));
    }

    fn edge(&mut self, edge: &str, tables: &Edge) {
        self.table(&format!("{edge}-delay-ps"), &tables.delay, PS);
        self.table(&format!("{edge}-slew-ps"), &tables.slew, PS);
        if let Some(energy) = &tables.energy {
            self.table(&format!("{edge}-energy-fj"), energy, 1.0);
        }
    }

    fn table(&mut self, key: &str, lut: &Lut, scale: f64) {
        let columns = self.axes.load(lut.columns());
        self.figures(key, lut, &columns, scale);
    }

    fn setup(&mut self, key: &str, lut: &Lut) {
        let columns = self.axes.slew(lut.columns());
        self.figures(key, lut, &columns, PS);
    }

    fn figures(&mut self, key: &str, lut: &Lut, columns: &str, scale: f64) {
        let rows = self.axes.slew(lut.rows());
        let _ = write!(self.text, "{key} = \"\"\"{rows} {columns}");
        // A column is written as a row, there is no other to tell its figures from.
        let width = if lut.columns().len() == 1 { lut.values().len() } else { lut.columns().len() };
        for row in lut.values().chunks(width) {
            let figures: Vec<String> = row.iter().map(|value| figure(value * scale, SIGNIFICANT_DIGITS)).collect();
            let _ = write!(self.text, "\n{}", figures.join(" "));
        }
        self.text.push_str("\"\"\"\n");
    }
}

/// A number with so many significant digits and no zeros at its end.
fn figure(value: f64, digits: usize) -> String {
    let rounded = format!("{value:.*e}", digits - 1);
    let Some((mantissa, exponent)) = rounded.split_once('e') else { return rounded };
    let Ok(exponent) = exponent.parse::<i32>() else { return rounded };
    if !(-9..=15).contains(&exponent) {
        return if value.abs() < 1e-9 { "0".to_owned() } else { rounded };
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let all: String = mantissa.chars().filter(|letter| *letter != '.').collect();
    let all = all.trim_end_matches('0');
    let text = match usize::try_from(exponent) {
        Ok(exponent) if all.len() <= exponent + 1 => format!("{all:0<0$}", exponent + 1),
        Ok(exponent) => format!("{}.{}", &all[..=exponent], &all[exponent + 1..]),
        Err(_) => format!("0.{}{all}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
    };
    if all.is_empty() { "0".to_owned() } else { format!("{sign}{text}") }
}

/// A function, or its complement if that is shorter, as a sum of products.
fn expression(function: Function, names: &[&str]) -> String {
    let (plain, inverse) = (products(function, names), products(function.complement(), names));
    let literals = |products: &[String]| products.iter().map(|product| product.matches('&').count() + 1).sum::<usize>();
    match (&plain[..], &inverse[..]) {
        ([], _) => "0".to_owned(),
        (_, []) => "1".to_owned(),
        // A function that falls with every input reads as the complement of one that rises.
        _ if literals(&inverse) < literals(&plain) || falls(function) => match &inverse[..] {
            [one] if !one.contains('&') => format!("!{one}"),
            _ => format!("!({})", inverse.join(" | ")),
        },
        _ => plain.join(" | "),
    }
}

fn falls(function: Function) -> bool {
    (0..function.inputs()).all(|input| function.sense(input) == Sense::Negative)
}

/// Products that together are the function, the shortest first that cover something new.
fn products(function: Function, names: &[&str]) -> Vec<String> {
    let cases = 1usize << function.inputs();
    // A product by the cases it holds in: of each input it wants a 1, a 0, or nothing.
    let mut cubes: BTreeMap<(usize, Vec<u8>), u64> = BTreeMap::new();
    for code in 0..3usize.pow(function.inputs() as u32) {
        let wants: Vec<u8> = (0..function.inputs()).map(|input| (code / 3usize.pow(input as u32) % 3) as u8).collect();
        let holds = |case: usize| {
            wants.iter().enumerate().all(|(input, &want)| want == 2 || want == 1 - (case >> input & 1) as u8)
        };
        let table = (0..cases).filter(|&case| holds(case)).map(|case| 1u64 << case).sum::<u64>();
        if table & !function.table() == 0 {
            cubes.insert((wants.iter().filter(|want| **want != 2).count(), wants), table);
        }
    }
    let (mut left, mut chosen) = (function.table(), Vec::new());
    for ((_, wants), table) in cubes {
        if table & left != 0 {
            left &= !table;
            let literal = |(input, want): (usize, u8)| match want {
                0 => Some(names[input].to_owned()),
                1 => Some(format!("!{}", names[input])),
                _ => None,
            };
            let literals: Vec<String> = wants.into_iter().enumerate().filter_map(literal).collect();
            chosen.push(if literals.is_empty() { "1".to_owned() } else { literals.join(" & ") });
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::process::expression::evaluate;

    #[test]
    fn figures_have_so_many_digits_and_no_more() {
        let cases = [
            (0.0, "0"),
            (1.0, "1"),
            (46.8754, "46.88"),
            (178.699, "178.7"),
            (1772.26, "1772"),
            (17722.6, "17720"),
            (-0.0131894, "-0.01319"),
            (0.09999951, "0.1"),
            (9999.9, "10000"),
            (1e-12, "0"),
            (-1e-12, "0"),
            (2e20, "2.000e20"),
        ];
        for (value, text) in cases {
            assert_eq!(figure(value, 4), text);
        }
    }

    #[test]
    fn functions_read_back_as_what_they_are() {
        let names = ["A", "B", "C", "D", "E", "F"];
        let mut state = 1u64;
        for round in 0..200usize {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let inputs = round % 7;
            let function = Function::new(inputs, state ^ state >> 31).expect("at most six");
            let text = expression(function, &names[..inputs]);
            let again = Function::of(inputs, |words| {
                evaluate(&text, &|name| names.iter().position(|known| *known == name).map(|input| words[input]))
                    .expect(&text)
            });
            assert_eq!(again, Some(function), "{text}");
        }
        let text = |inputs, of: fn(&[u64]) -> u64| expression(Function::of(inputs, of).expect("few"), &names[..inputs]);
        assert_eq!(text(2, |x| !(x[0] & x[1])), "!(A & B)");
        assert_eq!(text(3, |x| !(x[0] & x[1] | x[2])), "!(C | A & B)");
        assert_eq!(text(2, |x| x[0] & !x[1]), "A & !B");
        assert_eq!(text(1, |x| !x[0]), "!A");
    }
}
