//! One straight line a cell, for the first timing: it goes when that goes.
//!
//! Delays are `delay_ns + resistance_ns_per_ff * load`, fitted to the tables at the output slew of an inverter that drives four
//! inverters (FO4), for loads of 1 to 16 inverter inputs; rise and fall are averaged. The smallest cell that computes a function
//! stands for it.

use super::Function;
use super::cell::{CellKind, FlipFlopKind};
use super::library::{Cell, Edge, FlipFlop as Sequential, Process};

/// A combinational cell: the smallest one of its library that computes its kind's function.
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryCell {
    /// What it computes.
    pub kind: CellKind,
    /// Its name in the library.
    pub name: String,
    /// Area, um2.
    pub area_um2: f64,
    /// Capacitance of each input, fF; inputs in the order of [`CellKind`].
    pub input_capacitance_ff: Vec<f64>,
    /// Delay from each input to the output without load, ns; the mean of the rising and falling edge.
    pub delay_ns: Vec<f64>,
    /// What a femtofarad of load adds to the delay from each input, ns.
    pub resistance_ns_per_ff: Vec<f64>,
    /// Leakage, nW.
    pub leakage_nw: f64,
}

/// A rising-edge flip-flop.
#[derive(Clone, Debug, PartialEq)]
pub struct FlipFlop {
    /// Plain, with reset or with set.
    pub kind: FlipFlopKind,
    /// Its name in the library.
    pub name: String,
    /// Area, um2.
    pub area_um2: f64,
    /// Capacitance of the data input, fF.
    pub data_capacitance_ff: f64,
    /// From the clock edge to the output without load, ns.
    pub clock_to_q_ns: f64,
    /// What a femtofarad of load adds, ns.
    pub resistance_ns_per_ff: f64,
    /// How long before the edge the data must stand still, ns.
    pub setup_ns: f64,
    /// Leakage, nW.
    pub leakage_nw: f64,
}

/// The cells that the first mapping knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// Name of the process.
    pub name: String,
    /// Four inputs of the smallest inverter, fF.
    pub nominal_load_ff: f64,
    cells: Vec<Option<LibraryCell>>,
    flip_flops: Vec<Option<FlipFlop>>,
}

/// At what slew and over which loads lines are fitted.
struct Fit {
    slew_ns: f64,
    loads_ff: [f64; 5],
}

impl Linear {
    /// The lines of a process, or the kind of cell that it lacks.
    ///
    /// # Errors
    /// The name of the kind.
    pub fn new(process: &Process) -> Result<Linear, &'static str> {
        let inverter = smallest(process, CellKind::Inv).ok_or(CellKind::Inv.name())?;
        let fit = Fit::fo4(inverter.0);
        let mut cells: Vec<Option<LibraryCell>> = vec![None; CellKind::ALL.len()];
        for kind in CellKind::ALL {
            let base = match kind {
                CellKind::InvX4 => CellKind::Inv,
                CellKind::BufX4 => CellKind::Buf,
                kind => kind,
            };
            let candidates = candidates(process, base).map(|(cell, order)| fit.cell(kind, cell, &order));
            cells[kind as usize] = if kind == base {
                smallest(process, kind).map(|(cell, order)| fit.cell(kind, cell, &order))
            } else {
                // The cell whose resistance is nearest to a quarter of the smallest one's.
                let weakest = cells[base as usize].as_ref().map_or(0.0, |cell| cell.resistance_ns_per_ff[0]);
                let off = |cell: &LibraryCell| (cell.resistance_ns_per_ff[0] - weakest / 4.0).abs();
                candidates.min_by(|a, b| off(a).total_cmp(&off(b)).then(a.area_um2.total_cmp(&b.area_um2)))
            };
        }
        if let Some(kind) = CellKind::REQUIRED.into_iter().find(|&kind| cells[kind as usize].is_none()) {
            return Err(kind.name());
        }
        let flip_flops: Vec<Option<FlipFlop>> = FlipFlopKind::ALL
            .into_iter()
            .map(|kind| {
                let reset = [None, Some(false), Some(true)][kind as usize];
                process
                    .flip_flop(reset, false)
                    .filter(|found| !found.q.inverted)
                    .map(|found| fit.flip_flop(kind, found))
            })
            .collect();
        if flip_flops.iter().all(Option::is_none) {
            return Err(FlipFlopKind::Dff.name());
        }
        Ok(Linear { name: process.name.clone(), nominal_load_ff: fit.loads_ff[2], cells, flip_flops })
    }

    /// The cell of a kind, if the library has one.
    pub fn cell(&self, kind: CellKind) -> Option<&LibraryCell> {
        self.cells[kind as usize].as_ref()
    }

    /// The flip-flop for a register bit that is reset to `reset`, or to nothing. A library without plain flip-flops lends its
    /// resettable ones, and the other way round (the reset is then a gate before the data input, which is not counted).
    pub fn flip_flop(&self, reset: Option<bool>) -> &FlipFlop {
        use FlipFlopKind::{Dff, Dffr, Dffs};
        let order = match reset {
            None => [Dff, Dffr, Dffs],
            Some(false) => [Dffr, Dffs, Dff],
            Some(true) => [Dffs, Dffr, Dff],
        };
        let found = order.into_iter().find_map(|kind| self.flip_flops[kind as usize].as_ref());
        found.expect("`new` refuses a process without flip-flops")
    }
}

/// Cells of a kind, with the cell's input for each of the kind's.
fn candidates(process: &Process, kind: CellKind) -> impl Iterator<Item = (&Cell, Vec<usize>)> {
    let wanted = Function::of(kind.inputs(), |words| kind.evaluate(words));
    process.cells().iter().filter_map(move |cell| {
        let [output] = &cell.outputs[..] else { return None };
        let fits = |order: &Vec<usize>| Some(output.function.permuted(order)) == wanted;
        let orders = if output.function.inputs() == kind.inputs() { orders(kind.inputs()) } else { Vec::new() };
        orders.into_iter().find(fits).map(|order| (cell, order))
    })
}

fn smallest(process: &Process, kind: CellKind) -> Option<(&Cell, Vec<usize>)> {
    candidates(process, kind).min_by(|a, b| a.0.area_um2.total_cmp(&b.0.area_um2))
}

/// Every order of so many things, the unchanged one first.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in 0..count {
        for rest in orders(count - 1) {
            let rest = rest.into_iter().map(|index| if index < first { index } else { index + 1 });
            all.push(std::iter::once(first).chain(rest).collect());
        }
    }
    all
}

impl Fit {
    /// The slew at which an inverter that drives four of itself reproduces its own input slew.
    fn fo4(inverter: &Cell) -> Fit {
        let (arc, input) = (&inverter.outputs[0].arcs[0], inverter.inputs[0].capacitance.nominal_ff);
        let next = |slew: f64| (arc.rise.slew.at(slew, 4.0 * input) + arc.fall.slew.at(slew, 4.0 * input)) / 2.0;
        let slew_ns = (0..50).fold(0.0, |slew, _| next(slew));
        Fit { slew_ns, loads_ff: [1.0, 2.0, 4.0, 8.0, 16.0].map(|factor| factor * input) }
    }

    /// Intercept (ns) and slope (ns/fF) of the mean of the worst rising and the worst falling delay.
    fn line(&self, rise: &[&Edge], fall: &[&Edge]) -> (f64, f64) {
        let worst =
            |edges: &[&Edge], load| edges.iter().map(|edge| edge.delay.at(self.slew_ns, load)).fold(0.0, f64::max);
        let delay = |load: f64| (worst(rise, load) + worst(fall, load)) / 2.0;
        let count = self.loads_ff.len() as f64;
        let (mean_x, mean_y) = (
            self.loads_ff.iter().sum::<f64>() / count,
            self.loads_ff.iter().map(|&load| delay(load)).sum::<f64>() / count,
        );
        let slope: f64 = self.loads_ff.iter().map(|&load| (load - mean_x) * (delay(load) - mean_y)).sum();
        let slope = slope / self.loads_ff.iter().map(|load| (load - mean_x).powi(2)).sum::<f64>();
        (mean_y - slope * mean_x, slope)
    }

    fn cell(&self, kind: CellKind, cell: &Cell, order: &[usize]) -> LibraryCell {
        let arcs = |input: usize| cell.outputs[0].arcs.iter().filter(move |arc| arc.input == input);
        let edges =
            |input: usize| (arcs(input).map(|arc| &arc.rise).collect(), arcs(input).map(|arc| &arc.fall).collect());
        let line = |&input: &usize| -> (f64, f64) {
            let (rise, fall): (Vec<&Edge>, Vec<&Edge>) = edges(input);
            self.line(&rise, &fall)
        };
        let (delay_ns, resistance_ns_per_ff) = order.iter().map(line).unzip();
        LibraryCell {
            kind,
            name: cell.name.clone(),
            area_um2: cell.area_um2,
            input_capacitance_ff: order.iter().map(|&input| cell.inputs[input].capacitance.nominal_ff).collect(),
            delay_ns,
            resistance_ns_per_ff,
            leakage_nw: cell.leakage_nw,
        }
    }

    fn flip_flop(&self, kind: FlipFlopKind, cell: &Sequential) -> FlipFlop {
        let (clock_to_q_ns, resistance_ns_per_ff) = self.line(&[&cell.q.rise], &[&cell.q.fall]);
        let setup = |lut: &super::Lut| lut.at(self.slew_ns, self.slew_ns);
        FlipFlop {
            kind,
            name: cell.name.clone(),
            area_um2: cell.area_um2,
            data_capacitance_ff: cell.data.pin.capacitance.nominal_ff,
            clock_to_q_ns,
            resistance_ns_per_ff,
            setup_ns: setup(&cell.data.setup_rise).max(setup(&cell.data.setup_fall)),
            leakage_nw: cell.leakage_nw,
        }
    }
}
