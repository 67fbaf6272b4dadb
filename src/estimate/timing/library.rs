//! A process as timing reads it: flat tables, and cells of one function by drive.

use super::hold::{self, Hold};
use super::table::{Pool, Table};
use super::times::Event;
use crate::estimate::mapping::{Target, TargetError, TargetGate};
use crate::estimate::process::{self, Process, Sense};

/// Index of a rising edge in every pair of values by edge.
pub const RISE: usize = 0;
/// Readers up to which a wire-load model is laid out point by point.
const MOST_READERS: u32 = 1_000;
/// Index of a falling edge.
pub const FALL: usize = 1;
/// Load over input capacitance at which cells are compared: ABC's `map -G 250`, its default.
const GAIN: f64 = 2.5;
/// Delays count as much more as the number of inputs to this power: ABC's `map -B 0.9`, so that shallow logic is of small gates.
const BIAS: f64 = 0.9;
/// Both edges.
pub const EDGES: [usize; 2] = [RISE, FALL];

/// Two values, for the rising and the falling edge.
pub type ByEdge = [f64; 2];

/// Delay and slew of an edge of an output, over slew of the input and load.
#[derive(Clone, Copy, Debug)]
struct EdgeTables {
    delay: Table,
    slew: Table,
}

/// From an input to the output.
#[derive(Clone, Copy, Debug)]
struct Arc {
    /// Whether an edge of the output follows an edge of the same or of the other direction.
    same: bool,
    opposite: bool,
    edges: [EdgeTables; 2],
}

/// A combinational cell.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Area, um2.
    pub area_um2: f64,
    /// Capacitance of each input, fF, for a rising and for a falling edge.
    pub capacitance_ff: Vec<ByEdge>,
    /// What its output may drive, fF.
    pub max_load_ff: f64,
    /// Its family, an index of [`Library::families`].
    pub family: u32,
    /// Where the arcs of each input begin, and where those of the last one end.
    arcs: Vec<u32>,
}

/// A flip-flop.
#[derive(Clone, Debug)]
pub struct FlipFlop {
    /// Area, um2.
    pub area_um2: f64,
    /// Whether its output is the complement of the data.
    pub inverted: bool,
    /// Reset and set: the value, and whether 0 acts.
    pub resets: Vec<(bool, bool)>,
    /// Capacitance of the data input, fF.
    pub data_ff: ByEdge,
    clock_to_q: [EdgeTables; 2],
    setup: [Table; 2],
}

/// Everything timing needs of a process.
#[derive(Debug)]
pub struct Library {
    pool: Pool,
    arcs: Vec<Arc>,
    /// Cells, as [`Process::cells`].
    pub cells: Vec<Cell>,
    /// Flip-flops, as [`Process::flip_flops`].
    pub flip_flops: Vec<FlipFlop>,
    /// Cells of one function and order of pins, smallest first.
    pub families: Vec<Vec<u32>>,
    /// Buffers, smallest first; inverters are not among them.
    pub repeaters: Vec<u32>,
    /// The buffer before every input of a module in synthesis, [`Process::driving_buffer`].
    pub driver: Option<u32>,
    /// Flip-flops by reset: without, to 0, to 1; smallest first. Those of a kind are all inverted or all not.
    by_reset: [Vec<u32>; 3],
    /// The multiplexers by which registers without enable are held: of such that hand out their data, and their complement.
    holds: [Option<Hold>; 2],
    /// The smallest inverter.
    inverter: Option<u32>,
    /// Area of a cell of each constant, um2; 0 for none.
    pub tie_um2: [f64; 2],
    typical_slew_ns: f64,
    /// Capacitance of a net's wires by its number of readers, fF; empty for none.
    wires_ff: Vec<f64>,
    /// What every reader beyond those adds, fF.
    more_wire_ff: f64,
}

/// One evaluation of an arc: the edges of input and output, delay and slew of the output.
pub struct Passed {
    /// Edge of the input.
    pub from: usize,
    /// Edge of the output.
    pub to: usize,
    /// Delay, ns.
    pub delay_ns: f64,
    /// Slew of the output, ns.
    pub slew_ns: f64,
}

impl Library {
    /// Lays a process out.
    pub fn new(process: &Process) -> Library {
        let mut pool = Pool::default();
        let mut arcs = Vec::new();
        let cells: Vec<Cell> = process.cells().iter().map(|cell| lay_out(&mut pool, &mut arcs, cell)).collect();
        let flip_flops = process.flip_flops().iter().map(|cell| lay_out_flip_flop(&mut pool, cell)).collect();
        let mut library = Library {
            pool,
            arcs,
            cells,
            flip_flops,
            families: Vec::new(),
            repeaters: Vec::new(),
            driver: find_driver(process),
            by_reset: Default::default(),
            holds: [hold::find(process, false), hold::find(process, true)],
            inverter: None,
            tie_um2: [false, true].map(|value| process.tie(value).map_or(0.0, |tie| tie.area_um2)),
            typical_slew_ns: 0.0,
            wires_ff: wires(process),
            more_wire_ff: process.wire_load.as_ref().map_or(0.0, |wires| wires.slope * wires.capacitance_ff),
        };
        library.find_families(process);
        library.inverter = process.inverters().first().and_then(|cell| {
            let index = process.cells().iter().position(|other| other.name == cell.name)?;
            Some(library.smallest(index as u32))
        });
        library.find_flip_flops(process);
        library.find_typical_slew();
        library
    }

    fn find_flip_flops(&mut self, process: &Process) {
        let area = |index: &u32| self.flip_flops[*index as usize].area_um2;
        // What stands behind one that hands out its complement is an inverter at worst.
        let inverter = self.inverter.map_or(0.0, |cell| self.cells[cell as usize].area_um2);
        let cost = |index: &u32| {
            let inverted = self.flip_flops[*index as usize].inverted;
            area(index) + if inverted { inverter } else { 0.0 }
        };
        let mut by_reset: [Vec<u32>; 3] = Default::default();
        for (index, cell) in process.flip_flops().iter().enumerate().filter(|(_, cell)| cell.enable.is_none()) {
            let index = index as u32;
            match cell.reset {
                None => by_reset[0].push(index),
                Some(_) => cell.resets().for_each(|reset| by_reset[1 + usize::from(reset.value)].push(index)),
            }
        }
        for kind in &mut by_reset {
            kind.sort_by(|a, b| area(a).total_cmp(&area(b)));
            let best = kind.iter().min_by(|a, b| cost(a).total_cmp(&cost(b)));
            let inverted = best.is_some_and(|&best| self.flip_flops[best as usize].inverted);
            kind.retain(|&index| self.flip_flops[index as usize].inverted == inverted);
        }
        self.by_reset = by_reset;
    }

    /// Whether registers that are reset to `reset`, or to nothing, hand out the complement of their value.
    pub fn inverts(&self, reset: Option<bool>) -> bool {
        self.flip_flops_for(reset).first().is_some_and(|&first| self.flip_flops[first as usize].inverted)
    }

    /// The smallest inverter.
    pub fn inverter(&self) -> Option<u32> {
        self.inverter
    }

    /// The multiplexer that holds registers without an enable whose output is the data, or its complement.
    pub fn hold(&self, inverted: bool) -> Option<Hold> {
        self.holds[usize::from(inverted)]
    }

    /// The flip-flops for a register bit that is reset to `reset`, or to nothing, smallest first. A library without plain
    /// flip-flops lends its resettable ones, and the other way round (the reset is then a gate before the data input, which is
    /// not counted).
    pub fn flip_flops_for(&self, reset: Option<bool>) -> &[u32] {
        let order = match reset {
            None => [0, 1, 2],
            Some(false) => [1, 2, 0],
            Some(true) => [2, 1, 0],
        };
        let found = order.into_iter().map(|kind| &self.by_reset[kind]).find(|kind| !kind.is_empty());
        found.map_or(&[], |kind| kind)
    }

    fn find_families(&mut self, process: &Process) {
        let mut known: std::collections::BTreeMap<_, u32> = std::collections::BTreeMap::new();
        for (index, cell) in process.cells().iter().enumerate() {
            let functions: Vec<_> = cell.outputs.iter().map(|output| output.function).collect();
            let family = *known.entry(functions).or_insert(self.families.len() as u32);
            if family as usize == self.families.len() {
                self.families.push(Vec::new());
            }
            self.families[family as usize].push(index as u32);
            self.cells[index].family = family;
        }
        for family in &mut self.families {
            family.sort_by(|&a, &b| self.cells[a as usize].area_um2.total_cmp(&self.cells[b as usize].area_um2));
        }
        let is_repeater = |cell: &process::Cell| matches!(&cell.outputs[..], [output] if output.function.inputs() == 1 && output.function.table() == 0b10);
        let first = process.cells().iter().position(is_repeater);
        self.repeaters = first.map(|cell| self.variants(cell as u32).to_vec()).unwrap_or_default();
    }

    /// The cells as the flow's mapper sees them: with the delays that they have behind an ordinary net and before [`GAIN`] times
    /// their own load, and dearer the more inputs they have, by [`BIAS`].
    ///
    /// # Errors
    /// If they do not suffice to map every network.
    pub fn target(&self, process: &Process) -> Result<Target, TargetError> {
        let slew = [self.typical_slew_ns; 2];
        let gates = process.cells().iter().enumerate().filter(|(_, cell)| cell.outputs.len() == 1).map(|(id, cell)| {
            let bias = if cell.inputs.len() > 1 { (cell.inputs.len() as f64).powf(BIAS) } else { 1.0 };
            let delay = |input: usize| {
                let load = self.pin_ff(id as u32, input as u8).map(|own| GAIN * own);
                // Edges alternate along a path, so that their mean counts.
                let (mut sum, mut edges) = (0.0, 0u32);
                self.pass(id as u32, input as u8, slew, load, |passed| {
                    (sum, edges) = (sum + passed.delay_ns, edges + 1)
                });
                bias * sum / f64::from(edges.max(1))
            };
            let function = cell.outputs[0].function;
            let delays = (0..cell.inputs.len()).map(delay).collect();
            TargetGate { id, inputs: function.inputs(), table: function.table(), area: cell.area_um2, delays }
        });
        let target = Target::new(gates)?;
        Ok(target.with_inverted_registers([None, Some(false), Some(true)].map(|reset| self.inverts(reset))))
    }

    /// The cells that may stand for `cell`, smallest first, itself among them.
    pub fn variants(&self, cell: u32) -> &[u32] {
        &self.families[self.cells[cell as usize].family as usize]
    }

    /// Capacitance of the wires of a net with so many readers, fF.
    pub fn wire_ff(&self, readers: u64) -> f64 {
        match self.wires_ff.get(readers as usize) {
            Some(&known) => known,
            None => {
                let last = self.wires_ff.last().copied().unwrap_or(0.0);
                last + (readers + 1 - self.wires_ff.len() as u64) as f64 * self.more_wire_ff
            }
        }
    }

    /// What an edge of each direction at `input` (slews in ns) does at the output of `cell` with `load_ff`.
    pub fn pass(&self, cell: u32, input: u8, slew_ns: ByEdge, load_ff: ByEdge, mut each: impl FnMut(Passed)) {
        let bounds = &self.cells[cell as usize].arcs;
        let (first, end) = (bounds[usize::from(input)], bounds[usize::from(input) + 1]);
        for arc in &self.arcs[first as usize..end as usize] {
            for to in EDGES {
                for (wanted, from) in [(arc.same, to), (arc.opposite, 1 - to)] {
                    if wanted {
                        let tables = &arc.edges[to];
                        let (delay_ns, slew_ns) =
                            self.pool.look_up_both(tables.delay, tables.slew, slew_ns[from], load_ff[to]);
                        each(Passed { from, to, delay_ns, slew_ns });
                    }
                }
            }
        }
    }

    /// What comes out of a flip-flop after a clock edge without slew at 0 ns.
    pub fn launch(&self, flip_flop: u32, load_ff: ByEdge) -> Event {
        let mut event = Event::NEVER;
        for to in EDGES {
            let tables = &self.flip_flops[flip_flop as usize].clock_to_q[to];
            (event.arrival_ns[to], event.slew_ns[to]) =
                self.pool.look_up_both(tables.delay, tables.slew, 0.0, load_ff[to]);
        }
        event
    }

    /// What comes to an input that synthesis drives by its buffer, as [`launched`](Self::launched).
    pub fn driven(&self, load_ff: ByEdge) -> Event {
        let begin = Event { arrival_ns: [0.0; 2], slew_ns: [0.0; 2] };
        let Some(driver) = self.driver else { return begin };
        later_than_alone(load_ff, |load_ff| {
            let mut event = Event::NEVER;
            self.pass(driver, 0, [0.0; 2], load_ff, |passed| event.take(&begin, &passed));
            event
        })
    }

    /// What comes out of a flip-flop, from when it would come without a load: no size of other cells changes that.
    pub fn launched(&self, flip_flop: u32, load_ff: ByEdge) -> Event {
        later_than_alone(load_ff, |load_ff| self.launch(flip_flop, load_ff))
    }

    /// What synthesis takes the load of every output to be, fF.
    pub fn output_ff(&self) -> ByEdge {
        self.driver.map_or([0.0; 2], |driver| self.pin_ff(driver, 0))
    }

    /// Capacitance of an input of a cell, fF.
    pub fn pin_ff(&self, cell: u32, input: u8) -> ByEdge {
        self.cells[cell as usize].capacitance_ff[usize::from(input)]
    }

    /// The slew behind a middle repeater that drives four of its kind, ns: what an ordinary net has.
    pub fn typical_slew_ns(&self) -> f64 {
        self.typical_slew_ns
    }

    fn find_typical_slew(&mut self) {
        if self.repeaters.is_empty() {
            return;
        }
        let cell = self.middle_repeater();
        let load = self.pin_ff(cell, 0).map(|load| 4.0 * load);
        // Two in a row: the first one's input is not typical.
        for _ in 0..2 {
            let slew = self.typical_slew_ns;
            let mut next: f64 = 0.0;
            self.pass(cell, 0, [slew; 2], load, |passed| next = next.max(passed.slew_ns));
            self.typical_slew_ns = next;
        }
    }

    /// The repeater used where nothing speaks for another: of the middle of those there are.
    pub fn middle_repeater(&self) -> u32 {
        self.repeaters[self.repeaters.len() / 2]
    }

    /// The smallest cell of a family that may drive a load, or the strongest.
    pub fn able(&self, cell: u32, load_ff: ByEdge) -> u32 {
        let variants = self.variants(cell);
        let load = load_ff[0].max(load_ff[1]);
        let able = variants.iter().copied().find(|&cell| self.cells[cell as usize].max_load_ff >= load);
        able.unwrap_or_else(|| {
            let strength = |cell: &u32| self.cells[*cell as usize].max_load_ff;
            variants.iter().copied().max_by(|a, b| strength(a).total_cmp(&strength(b))).unwrap_or(cell)
        })
    }

    /// The smallest cell of the family of `cell`.
    pub fn smallest(&self, cell: u32) -> u32 {
        self.variants(cell)[0]
    }

    /// How long before a clock edge without slew an edge of the data must have come, ns.
    pub fn setup(&self, flip_flop: u32, edge: usize, slew_ns: f64) -> f64 {
        self.pool.look_up(self.flip_flops[flip_flop as usize].setup[edge], 0.0, slew_ns)
    }
}

fn store(pool: &mut Pool, lut: &process::Lut) -> Table {
    pool.table(lut.rows(), lut.columns(), lut.values())
}

fn store_edge(pool: &mut Pool, edge: &process::Edge) -> EdgeTables {
    EdgeTables { delay: store(pool, &edge.delay), slew: store(pool, &edge.slew) }
}

fn lay_out(pool: &mut Pool, arcs: &mut Vec<Arc>, cell: &process::Cell) -> Cell {
    let output = &cell.outputs[0];
    let mut bounds = vec![arcs.len() as u32];
    for input in 0..cell.inputs.len() {
        for arc in output.arcs.iter().filter(|arc| arc.input == input) {
            arcs.push(Arc {
                same: arc.sense != Sense::Negative,
                opposite: arc.sense != Sense::Positive,
                edges: [store_edge(pool, &arc.rise), store_edge(pool, &arc.fall)],
            });
        }
        bounds.push(arcs.len() as u32);
    }
    Cell {
        area_um2: cell.area_um2,
        capacitance_ff: cell.inputs.iter().map(|pin| [pin.capacitance.rise_ff, pin.capacitance.fall_ff]).collect(),
        max_load_ff: output.max_load_ff.unwrap_or(f64::INFINITY),
        family: 0,
        arcs: bounds,
    }
}

fn lay_out_flip_flop(pool: &mut Pool, cell: &process::FlipFlop) -> FlipFlop {
    let data = &cell.data.pin.capacitance;
    FlipFlop {
        area_um2: cell.area_um2,
        inverted: cell.q.inverted,
        resets: cell.resets().map(|reset| (reset.value, reset.active_low)).collect(),
        data_ff: [data.rise_ff, data.fall_ff],
        clock_to_q: [store_edge(pool, &cell.q.rise), store_edge(pool, &cell.q.fall)],
        setup: [store(pool, &cell.data.setup_rise), store(pool, &cell.data.setup_fall)],
    }
}

/// Capacitance of the wires of a net with 0, 1, 2, ... readers, as far as the library's model goes before it is a line.
fn wires(process: &Process) -> Vec<f64> {
    let Some(wires) = &process.wire_load else { return vec![0.0] };
    let last = wires.lengths.last().map_or(0, |last| last.0).min(MOST_READERS);
    let known = (1..=last).map(|readers| wires.length(readers) * wires.capacitance_ff);
    std::iter::once(0.0).chain(known).collect()
}

fn later_than_alone(load_ff: ByEdge, event: impl Fn(ByEdge) -> Event) -> Event {
    let (loaded, alone) = (event(load_ff), event([0.0; 2]));
    Event { arrival_ns: EDGES.map(|edge| loaded.arrival_ns[edge] - alone.arrival_ns[edge]), ..loaded }
}

fn find_driver(process: &Process) -> Option<u32> {
    let driver = process.driving_buffer()?;
    process.cells().iter().position(|cell| cell.name == driver.name).map(|index| index as u32)
}
