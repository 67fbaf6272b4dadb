//! A process: the standard cells of a library with their tables, in ns, fF, fJ, nW and um2.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::function::{Function, Sense};
use super::lut::Lut;

/// See [`Process::driving_buffer`].
const DRIVER_STRENGTH: f64 = 3.5;

/// A process.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// Where its figures come from.
    pub source: Source,
    /// Under which conditions they hold.
    pub conditions: Conditions,
    /// What wires add by their number of readers, if the library says so.
    pub wire_load: Option<WireLoad>,
    /// The cells that drive a constant.
    pub ties: Vec<Tie>,
    pub(super) cells: Vec<Cell>,
    pub(super) flip_flops: Vec<FlipFlop>,
}

/// Where a table's figures come from.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the cell library.
    pub library: String,
    /// Its revision.
    #[serde(default)]
    pub revision: String,
    /// Its date.
    #[serde(default)]
    pub date: String,
    /// Whatever else identifies it.
    #[serde(default)]
    pub comment: String,
}

/// The conditions under which the figures hold.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Conditions {
    /// Process corner.
    pub corner: String,
    /// Supply, V.
    pub voltage_v: f64,
    /// Temperature, degrees Celsius.
    pub temperature_c: f64,
    /// A slew is the time from this share of the supply, %, ...
    pub slew_from_percent: f64,
    /// ... to this one, %.
    pub slew_to_percent: f64,
}

/// A wire-load model: length by the number of readers, then capacitance and resistance by length.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WireLoad {
    /// Its name.
    pub name: String,
    /// fF for a unit of length.
    pub capacitance_ff: f64,
    /// kOhm for a unit of length.
    pub resistance_kohm: f64,
    /// What each reader beyond the last of `lengths` adds to the length.
    pub slope: f64,
    /// Number of readers and length, by rising number.
    pub lengths: Vec<(u32, f64)>,
}

/// A cell that drives a constant.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tie {
    /// Its name in the library.
    pub name: String,
    /// The output.
    pub output: String,
    /// What it drives.
    pub value: bool,
    /// Area, um2; of a cell that drives both constants, the whole.
    pub area_um2: f64,
    /// Leakage, nW.
    pub leakage_nw: f64,
}

/// A combinational cell with one output, or two: half and full adders.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its name in the library.
    pub name: String,
    /// Area, um2.
    pub area_um2: f64,
    /// Leakage, nW, the mean of its states.
    pub leakage_nw: f64,
    /// One to six.
    pub inputs: Vec<InputPin>,
    /// One or two.
    pub outputs: Vec<OutputPin>,
}

/// Capacitance of an input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacitance {
    /// What the library gives without an edge, fF.
    pub nominal_ff: f64,
    /// As a rising edge sees it, fF.
    pub rise_ff: f64,
    /// As a falling edge sees it, fF.
    pub fall_ff: f64,
}

/// An input of a combinational cell.
#[derive(Clone, Debug, PartialEq)]
pub struct InputPin {
    /// Its name in the library.
    pub name: String,
    /// Its capacitance.
    pub capacitance: Capacitance,
    /// What an edge at the input costs inside the cell beside the energy of outputs that it moves.
    pub energy: Option<InputEnergy>,
}

/// Energy of an edge at an input, fJ over its slew (ns), the mean of the conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct InputEnergy {
    /// Of a rising edge.
    pub rise: Lut,
    /// Of a falling edge.
    pub fall: Lut,
    /// Where it is spent at all, as a function of the cell's inputs, the edge's own included; some libraries have it only where
    /// no output moves.
    pub when: Function,
}

/// An output of a combinational cell.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputPin {
    /// Its name in the library.
    pub name: String,
    /// Of the cell's inputs, in their order.
    pub function: Function,
    /// The most it may drive, fF.
    pub max_load_ff: Option<f64>,
    /// By rising input: one for each input that matters; or, where the library tells them apart, two for one that is inverted or
    /// not as others say, of positive and of negative sense.
    pub arcs: Vec<Arc>,
}

/// From an input to an output. An arc of a sense holds for the edges of that sense: a positive one for a rising output after a
/// rising input. Where the library tells conditions of other inputs apart, delays and slews are the worst of them,
/// point by point, and energies the mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Arc {
    /// Index of [`Cell::inputs`].
    pub input: usize,
    /// Which edge of the input makes which of the output.
    pub sense: Sense,
    /// The output rises.
    pub rise: Edge,
    /// The output falls.
    pub fall: Edge,
}

/// One edge of an output, over the slew of the input (ns) and the load of the output (fF).
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// From the input's edge to the output's, ns.
    pub delay: Lut,
    /// Slew of the output's edge, ns.
    pub slew: Lut,
    /// Energy inside the cell, fJ, without the charge of the load.
    pub energy: Option<Lut>,
}

/// A rising-edge flip-flop.
#[derive(Clone, Debug, PartialEq)]
pub struct FlipFlop {
    /// Its name in the library.
    pub name: String,
    /// Area, um2.
    pub area_um2: f64,
    /// Leakage, nW, the mean of its states.
    pub leakage_nw: f64,
    /// The clock.
    pub clock: ControlPin,
    /// The data input.
    pub data: DataPin,
    /// The enable of a flip-flop that holds its value without one.
    pub enable: Option<Enable>,
    /// The asynchronous reset or set; the reset of a flip-flop that has both.
    pub reset: Option<Reset>,
    /// The asynchronous set of a flip-flop that has both. Whichever is not wanted is tied off.
    pub set: Option<Reset>,
    /// The output with the value of the data, or the inverted one where there is no other.
    pub q: ClockedOutput,
    /// The inverted output of a flip-flop that has both.
    pub qn: Option<ClockedOutput>,
}

/// An input of a flip-flop whose time does not matter: clock, reset.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlPin {
    /// Its name in the library.
    pub name: String,
    /// Its capacitance.
    pub capacitance: Capacitance,
    /// Energy of its edges while the outputs stand still.
    pub energy: Option<EdgeEnergy>,
}

/// Energy of an edge at an input of a flip-flop while its outputs stand still, fJ over the slew of the edge (ns), the mean of
/// the conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeEnergy {
    /// Of a rising edge.
    pub rise: Lut,
    /// Of a falling edge.
    pub fall: Lut,
}

/// An input that has to stand still before the clock edge.
#[derive(Clone, Debug, PartialEq)]
pub struct DataPin {
    /// The pin.
    pub pin: ControlPin,
    /// How long before the clock edge a rising edge must have come, ns over the slew of the clock and that of the data.
    pub setup_rise: Lut,
    /// The same of a falling edge.
    pub setup_fall: Lut,
}

/// The enable of a flip-flop.
#[derive(Clone, Debug, PartialEq)]
pub struct Enable {
    /// The pin.
    pub pin: DataPin,
    /// Whether 0 lets the data in.
    pub active_low: bool,
}

/// The asynchronous reset or set of a flip-flop.
#[derive(Clone, Debug, PartialEq)]
pub struct Reset {
    /// The pin.
    pub pin: ControlPin,
    /// Whether 0 resets.
    pub active_low: bool,
    /// What the data of the last edge seems to have been after it: 1 is a set.
    pub value: bool,
}

/// An output of a flip-flop.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockedOutput {
    /// Its name in the library.
    pub name: String,
    /// Whether it is the complement of the data.
    pub inverted: bool,
    /// The most it may drive, fF.
    pub max_load_ff: Option<f64>,
    /// It rises after the clock edge; the input slew is that of the clock.
    pub rise: Edge,
    /// It falls after the clock edge.
    pub fall: Edge,
}

impl Process {
    /// A process of these cells.
    pub fn new(
        name: String,
        source: Source,
        conditions: Conditions,
        wire_load: Option<WireLoad>,
        ties: Vec<Tie>,
        mut cells: Vec<Cell>,
        mut flip_flops: Vec<FlipFlop>,
    ) -> Process {
        cells.sort_by(|a, b| a.name.cmp(&b.name));
        flip_flops.sort_by(|a, b| a.name.cmp(&b.name));
        Process { name, source, conditions, wire_load, ties, cells, flip_flops }
    }

    /// What no logic can be made without and is missing, if anything is.
    pub fn lacking(&self) -> Option<&'static str> {
        // With inverters, each of these makes every other function.
        let pair = [0b0001, 0b0111, 0b1000, 0b1110];
        let is_pair = |cell: &Cell| {
            let [output] = &cell.outputs[..] else { return false };
            output.function.inputs() == 2 && pair.contains(&output.function.table())
        };
        if self.inverters().is_empty() {
            Some("inverter")
        } else if !self.cells.iter().any(is_pair) {
            Some("NAND, NOR, AND or OR of two inputs")
        } else if self.flip_flops.is_empty() {
            Some("rising-edge flip-flop")
        } else {
            None
        }
    }

    /// The combinational cells, in the order of their names.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The flip-flops, in the order of their names.
    pub fn flip_flops(&self) -> &[FlipFlop] {
        &self.flip_flops
    }

    /// The cell of a name.
    pub fn cell_named(&self, name: &str) -> Option<&Cell> {
        self.cells.binary_search_by(|cell| cell.name.as_str().cmp(name)).ok().map(|index| &self.cells[index])
    }

    /// The cells of the same function as this one, pin by pin, itself included, from the weakest to the strongest.
    pub fn family(&self, cell: &Cell) -> Vec<&Cell> {
        let mut family: Vec<&Cell> = self.cells.iter().filter(|other| other.computes_as(cell)).collect();
        family.sort_by(|a, b| b.weakness().total_cmp(&a.weakness()));
        family
    }

    /// The cells of one input that invert it, from the weakest to the strongest.
    pub fn inverters(&self) -> Vec<&Cell> {
        self.of_one_input(0b01)
    }

    /// The cells of one input that repeat it, from the weakest to the strongest.
    pub fn buffers(&self) -> Vec<&Cell> {
        self.of_one_input(0b10)
    }

    /// The buffer that stands before every input of a module in synthesis, and repeats signals into modules: the weakest that is at
    /// least `DRIVER_STRENGTH` times as strong as the weakest of all, or the strongest.
    pub fn driving_buffer(&self) -> Option<&Cell> {
        let buffers = self.buffers();
        let strength = |cell: &Cell| 1.0 / cell.weakness();
        let weakest = strength(buffers.first()?);
        let strong = buffers.iter().find(|cell| strength(cell) >= DRIVER_STRENGTH * weakest);
        strong.or(buffers.last()).copied()
    }

    fn of_one_input(&self, table: u64) -> Vec<&Cell> {
        let found = self.cells.iter().find(|cell| {
            matches!(&cell.outputs[..], [output] if output.function.inputs() == 1 && output.function.table() == table)
        });
        found.map_or_else(Vec::new, |cell| self.family(cell))
    }

    /// The smallest flip-flop with this reset (its value), and perhaps a set or reset beside, and this enable. A library may lack
    /// it.
    pub fn flip_flop(&self, reset: Option<bool>, enable: bool) -> Option<&FlipFlop> {
        let resets = |f: &FlipFlop| match reset {
            Some(value) => f.reset_to(value).is_some(),
            None => f.reset.is_none(),
        };
        let fits = |f: &&FlipFlop| resets(f) && f.enable.is_some() == enable;
        self.flip_flops.iter().filter(fits).min_by(|a, b| a.area_um2.total_cmp(&b.area_um2))
    }

    /// The smallest cell that drives a constant.
    pub fn tie(&self, value: bool) -> Option<&Tie> {
        let fits = |tie: &&Tie| tie.value == value;
        self.ties.iter().filter(fits).min_by(|a, b| a.area_um2.total_cmp(&b.area_um2))
    }
}

impl Cell {
    /// Whether the other cell computes the same, pin by pin.
    fn computes_as(&self, other: &Cell) -> bool {
        let functions = |cell: &Cell| cell.outputs.iter().map(|output| output.function).collect::<Vec<_>>();
        self.outputs.len() == other.outputs.len() && functions(self) == functions(other)
    }

    /// What a femtofarad more adds to the slowest way through the cell, ns/fF: the slope of its delay over the whole axis of
    /// loads at the smallest slew.
    pub fn weakness(&self) -> f64 {
        let slope = |delay: &Lut| {
            let (row, loads) = (delay.rows()[0], delay.columns());
            match loads[..] {
                [first, .., last] => (delay.at(row, last) - delay.at(row, first)) / (last - first),
                _ => 0.0,
            }
        };
        let arcs = self.outputs.iter().flat_map(|output| &output.arcs);
        arcs.flat_map(|arc| [&arc.rise, &arc.fall]).map(|edge| slope(&edge.delay)).fold(0.0, f64::max)
    }
}

impl Edge {
    fn luts(&self) -> impl Iterator<Item = &Lut> {
        [&self.delay, &self.slew].into_iter().chain(&self.energy)
    }
}

impl Cell {
    /// All of its tables.
    pub fn luts(&self) -> impl Iterator<Item = &Lut> {
        let arcs = self.outputs.iter().flat_map(|output| &output.arcs);
        let energies = self.inputs.iter().flat_map(|input| &input.energy);
        let outputs = arcs.flat_map(|arc| arc.rise.luts().chain(arc.fall.luts()));
        outputs.chain(energies.flat_map(|energy| [&energy.rise, &energy.fall]))
    }
}

impl FlipFlop {
    /// All of its tables.
    pub fn luts(&self) -> impl Iterator<Item = &Lut> {
        let controls = [&self.clock].into_iter().chain(self.timed().map(|data| &data.pin));
        let controls = controls.chain(self.resets().map(|reset| &reset.pin));
        let energies = controls.flat_map(|pin| &pin.energy).flat_map(|energy| [&energy.rise, &energy.fall]);
        let outputs = [&self.q].into_iter().chain(&self.qn);
        outputs.flat_map(|output| output.rise.luts().chain(output.fall.luts())).chain(self.setups()).chain(energies)
    }

    /// Its reset, its set, or both.
    pub fn resets(&self) -> impl Iterator<Item = &Reset> {
        self.reset.iter().chain(&self.set)
    }

    /// What makes the data of the last edge seem to have been this value.
    pub fn reset_to(&self, value: bool) -> Option<&Reset> {
        self.resets().find(|reset| reset.value == value)
    }

    /// Its tables of set-up times, over two slews.
    pub fn setups(&self) -> impl Iterator<Item = &Lut> {
        self.timed().flat_map(|data| [&data.setup_rise, &data.setup_fall])
    }

    fn timed(&self) -> impl Iterator<Item = &DataPin> {
        [&self.data].into_iter().chain(self.enable.as_ref().map(|enable| &enable.pin))
    }
}

impl WireLoad {
    /// Length of a wire with this many readers.
    pub fn length(&self, readers: u32) -> f64 {
        let Some(&(most, longest)) = self.lengths.last() else { return self.slope * f64::from(readers) };
        if readers >= most {
            return longest + self.slope * f64::from(readers - most);
        }
        // Between the numbers that the model names, on the line from one to the next; below the first one its length.
        let above = self.lengths.partition_point(|&(number, _)| number < readers);
        let (high, high_length) = self.lengths[above];
        match above.checked_sub(1).map(|below| self.lengths[below]) {
            Some((low, length)) if high > readers => {
                length + (high_length - length) * f64::from(readers - low) / f64::from(high - low)
            }
            _ => high_length,
        }
    }
}
