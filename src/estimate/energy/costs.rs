//! What changes cost: the rules by which both the estimate and the measurement of a synthesised netlist count.
//!
//! Half of C V^2 of its load for every change of a net. Inside of cells what the library says by slew and load: for an output the
//! mean over the inputs that may have caused the change, for an input that has energies of its own those. The energy of
//! a clock edge that moves the outputs of a flip-flop is that of the outputs; any other is the clock's.

use serde::{Deserialize, Serialize};

use crate::estimate::process::{Cell, ClockedOutput, Edge, EdgeEnergy, FlipFlop, OutputPin, Sense};

/// Energy by what spends it, pJ.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Energies {
    /// Charge of nets and of the inputs they lead to, clock and cells' own outputs apart.
    pub nets_pj: f64,
    /// Inside of logic cells.
    pub logic_pj: f64,
    /// Inside of flip-flops whose outputs or data move.
    pub registers_pj: f64,
    /// Clock pins: their charge, and what a clock edge costs in a flip-flop that stands still.
    pub clock_pj: f64,
    /// Leakage.
    pub leakage_pj: f64,
}

impl Energies {
    /// All of it, pJ.
    pub fn total_pj(&self) -> f64 {
        self.nets_pj + self.logic_pj + self.registers_pj + self.clock_pj + self.leakage_pj
    }

    /// Adds what `times` of another spend.
    pub fn add(&mut self, other: &Energies, times: f64) {
        self.nets_pj += times * other.nets_pj;
        self.logic_pj += times * other.logic_pj;
        self.registers_pj += times * other.registers_pj;
        self.clock_pj += times * other.clock_pj;
        self.leakage_pj += times * other.leakage_pj;
    }
}

/// How often something rises and falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    pub rises: u64,
    pub falls: u64,
}

impl Moves {
    /// Both.
    pub fn all(self) -> u64 {
        self.rises + self.falls
    }

    fn turned(self) -> Moves {
        Moves { rises: self.falls, falls: self.rises }
    }

    /// What so many edges cost, by the cost of one that rises and one that falls.
    pub fn cost(self, [rise, fall]: [f64; 2]) -> f64 {
        self.rises as f64 * rise + self.falls as f64 * fall
    }
}

/// Slews of the input's edges that make an output rise and fall, ns, for those of the input; the worse where it may be either.
pub fn edges_before(sense: Sense, [rise, fall]: [f64; 2]) -> [f64; 2] {
    match sense {
        Sense::Positive => [rise, fall],
        Sense::Negative => [fall, rise],
        Sense::NonUnate => [rise.max(fall); 2],
    }
}

/// Energy of a rising and of a falling edge of an output inside of its cell, fJ. `slews` are those of the inputs, ns. Which input
/// makes an edge is not known, so it is the mean of all.
pub fn output_fj(output: &OutputPin, slews: impl Fn(usize) -> [f64; 2], load_ff: f64) -> [f64; 2] {
    let mut sum = [0.0; 2];
    for arc in &output.arcs {
        let before = edges_before(arc.sense, slews(arc.input));
        let at = |edge: &Edge, slew: f64| edge.energy.as_ref().map_or(0.0, |energy| energy.at(slew, load_ff));
        sum[0] += at(&arc.rise, before[0]);
        sum[1] += at(&arc.fall, before[1]);
    }
    sum.map(|sum| sum / output.arcs.len().max(1) as f64)
}

/// The worst slews of an output, ns.
pub fn output_slews(output: &OutputPin, slews: impl Fn(usize) -> [f64; 2], load_ff: [f64; 2]) -> [f64; 2] {
    let mut worst: [f64; 2] = [0.0; 2];
    for arc in &output.arcs {
        let before = edges_before(arc.sense, slews(arc.input));
        worst[0] = worst[0].max(arc.rise.slew.at(before[0], load_ff[0]));
        worst[1] = worst[1].max(arc.fall.slew.at(before[1], load_ff[1]));
    }
    worst
}

/// Energies of edges at an input by itself, fJ.
pub fn pin_fj(energy: &EdgeEnergy, [rise, fall]: [f64; 2]) -> [f64; 2] {
    [energy.rise.at(rise, 0.0), energy.fall.at(fall, 0.0)]
}

/// What an output of a flip-flop does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Driven {
    pub moves: Moves,
    pub load_ff: f64,
}

/// Energy of a flip-flop, fJ: what its outputs cost, and what is the clock's. Outputs that nobody reads are `None`; they move all the
/// same, against the other one.
pub fn flip_flop_fj(flip_flop: &FlipFlop, q: Option<Driven>, qn: Option<Driven>, clock: Moves) -> (f64, f64) {
    let (q_moves, qn_moves) = match (q, qn) {
        (Some(q), Some(qn)) => (q.moves, qn.moves),
        (Some(q), None) => (q.moves, q.moves.turned()),
        (None, qn) => {
            let moves = qn.unwrap_or_default().moves;
            (moves.turned(), moves)
        }
    };
    let of = |output: &ClockedOutput, moves: Moves, driven: Option<Driven>| {
        let load = driven.map_or(0.0, |driven| driven.load_ff);
        let edge = |edge: &Edge| edge.energy.as_ref().map_or(0.0, |energy| energy.at(0.0, load));
        moves.cost([edge(&output.rise), edge(&output.fall)])
    };
    let outputs = of(&flip_flop.q, q_moves, q) + flip_flop.qn.as_ref().map_or(0.0, |output| of(output, qn_moves, qn));
    let clock_fj = flip_flop.clock.energy.as_ref().map_or(0.0, |energy| {
        // The energy of an edge that moves the outputs is theirs.
        let still = Moves { rises: clock.rises.saturating_sub(q_moves.all()), ..clock };
        still.cost(pin_fj(energy, [0.0; 2]))
    });
    (outputs, clock_fj)
}

/// Charge of so many changes of a net, fJ: half of C V^2 each.
pub fn charge_fj(load_ff: f64, volts: f64, changes: u64) -> f64 {
    0.5 * load_ff * volts * volts * changes as f64
}

/// Leakage of a cell over a time, pJ: nW for ns are 1e-18 J.
pub fn leakage_pj(leakage_nw: f64, duration_ns: f64) -> f64 {
    leakage_nw * duration_ns * 1e-6
}

/// What edges at an input of a logic cell cost, fJ, if the library has energies of inputs.
pub fn input_fj(cell: &Cell, input: usize, slews: [f64; 2]) -> Option<[f64; 2]> {
    let energy = cell.inputs.get(input)?.energy.as_ref()?;
    Some([energy.rise.at(slews[0], 0.0), energy.fall.at(slews[1], 0.0)])
}
