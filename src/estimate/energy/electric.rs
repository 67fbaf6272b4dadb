//! Loads, slews and delays of a circuit, as gate-level simulation of a synthesised netlist has them: no wires, the worst slews of
//! each net, inputs and the clock without slew.

use super::circuit::{Circuit, FlipFlop, Gate, MOST_INPUTS, When};
use super::costs::{edges_before, output_slews};
use crate::estimate::process::{Arc, Process};

/// The unit of times, ps.
pub const TICK_PS: f64 = 0.1;
/// A pin that is later than the earliest one of its cell by this has a delay of its own, ps.
const LEAST_PIN_DELAY_PS: f64 = 1.0;

/// Delays of a gate, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// Of the output to 0 and to 1, from the earliest input.
    pub to: [u32; 2],
    /// How much later an edge of each input acts; what is shorter than that at the input is swallowed.
    pub later: [u32; MOST_INPUTS],
}

/// What the cells make of the nets.
#[derive(Clone, Debug)]
pub struct Electric {
    /// Nominal loads of nets, fF.
    pub load_ff: Vec<f64>,
    /// Slews of a rising and a falling edge, ns.
    pub slew_ns: Vec<[f64; 2]>,
    /// By gate.
    pub gates: Vec<Delays>,
    /// Of each flip-flop from the clock to its output at 0 and at 1, in ticks.
    pub flip_flops: Vec<[u32; 2]>,
    /// When the last change comes to each net that is [`When::As`] another one, by index of [`Circuit::given`], in ticks.
    pub given: Vec<u32>,
}

impl Electric {
    /// Works everything out.
    pub fn new(circuit: &Circuit, process: &Process) -> Electric {
        let nets = circuit.nets as usize;
        // Nominal, and by edge: what tables of energy and those of delay take.
        let mut loads = vec![[0.0; 3]; nets];
        let mut add = |net: u32, ff: [f64; 3]| {
            if net != u32::MAX {
                (0..3).for_each(|edge| loads[net as usize][edge] += ff[edge]);
            }
        };
        for gate in &circuit.gates {
            for (pin, &net) in process.cells()[gate.cell as usize].inputs.iter().zip(&gate.inputs) {
                add(net, [pin.capacitance.nominal_ff, pin.capacitance.rise_ff, pin.capacitance.fall_ff]);
            }
        }
        for flip_flop in &circuit.flip_flops {
            let pin = process.flip_flops()[flip_flop.cell as usize].data.pin.capacitance;
            add(flip_flop.data, [pin.nominal_ff, pin.rise_ff, pin.fall_ff]);
        }
        circuit.more_loads.iter().for_each(|more| add(more.net, more.ff));
        let by_edge = |net: u32| [loads[net as usize][1], loads[net as usize][2]];
        let mut electric = Electric {
            load_ff: loads.iter().map(|load| load[0]).collect(),
            slew_ns: vec![[0.0; 2]; nets],
            gates: Vec::with_capacity(circuit.gates.len()),
            flip_flops: Vec::with_capacity(circuit.flip_flops.len()),
            given: vec![0; circuit.given.len()],
        };
        for flip_flop in &circuit.flip_flops {
            let load = by_edge(flip_flop.q);
            let output = &process.flip_flops()[flip_flop.cell as usize].q;
            electric.slew_ns[flip_flop.q as usize] =
                [output.rise.slew.at(0.0, load[0]), output.fall.slew.at(0.0, load[1])];
            electric.flip_flops.push([
                at_least_one(output.fall.delay.at(0.0, load[1]) * 1e3),
                at_least_one(output.rise.delay.at(0.0, load[0]) * 1e3),
            ]);
        }
        for gate in &circuit.gates {
            let load = by_edge(gate.output);
            let output = &process.cells()[gate.cell as usize].outputs[0];
            let slews = |input: usize| electric.slew_ns[gate.inputs[input] as usize];
            let delays = delays(&output.arcs, slews, load);
            let slew = output_slews(output, slews, load);
            electric.slew_ns[gate.output as usize] = slew;
            electric.gates.push(delays);
        }
        electric.find_arrivals(circuit);
        electric
    }

    /// The latest changes, to give those nets theirs that are like others. Those others may have such nets before them: their
    /// own likes come a moment too early then.
    fn find_arrivals(&mut self, circuit: &Circuit) {
        if circuit.given.iter().all(|given| given.when == When::Input) {
            return;
        }
        let mut last = vec![0u32; circuit.nets as usize];
        for (flip_flop, delay) in circuit.flip_flops.iter().zip(&self.flip_flops) {
            last[flip_flop.q as usize] = delay[0].max(delay[1]);
        }
        for (gate, delays) in circuit.gates.iter().zip(&self.gates) {
            let before = gate.reads().iter().zip(delays.later).map(|(&net, later)| last[net as usize] + later).max();
            last[gate.output as usize] = before.unwrap_or(0) + delays.to[0].max(delays.to[1]);
        }
        for (at, given) in self.given.iter_mut().zip(&circuit.given) {
            if let When::As(like) = given.when {
                *at = last[like as usize];
            }
        }
    }
}

/// Ticks of a time in ps; no gate is faster than one tick.
fn at_least_one(ps: f64) -> u32 {
    ticks(ps).max(1)
}

/// Ticks of a time in ps.
pub fn ticks(ps: f64) -> u32 {
    (ps / TICK_PS).round().max(0.0) as u32
}

/// Delays of a gate; where a library tells conditions apart, the mean of its arcs.
fn delays(arcs: &[Arc], slews: impl Fn(usize) -> [f64; 2], load_ff: [f64; 2]) -> Delays {
    let mut sums = [(0.0, 0.0, 0.0); MOST_INPUTS];
    for arc in arcs {
        let before = edges_before(arc.sense, slews(arc.input));
        let sum = &mut sums[arc.input];
        sum.0 += 1e3 * arc.rise.delay.at(before[0], load_ff[0]);
        sum.1 += 1e3 * arc.fall.delay.at(before[1], load_ff[1]);
        sum.2 += 1.0;
    }
    let known = sums.map(|(rise, fall, count)| (count > 0.0).then(|| (rise / count, fall / count)));
    let least = |of: fn(&(f64, f64)) -> f64| {
        let least = known.iter().flatten().map(of).fold(f64::INFINITY, f64::min);
        if least.is_finite() { least.max(TICK_PS) } else { 0.0 }
    };
    let (rise, fall) = (least(|delay| delay.0), least(|delay| delay.1));
    let later = known.map(|delay| {
        let later = delay.map_or(0.0, |(own_rise, own_fall)| (own_rise - rise + own_fall - fall) / 2.0);
        if later < LEAST_PIN_DELAY_PS { 0 } else { ticks(later) }
    });
    Delays { to: [ticks(fall), ticks(rise)], later }
}

/// Slews of what a gate reads.
pub fn slews_of<'a>(electric: &'a Electric, gate: &'a Gate) -> impl Fn(usize) -> [f64; 2] + 'a {
    |input| electric.slew_ns[gate.inputs[input] as usize]
}

/// Slews of what a flip-flop loads.
pub fn data_slews(electric: &Electric, flip_flop: &FlipFlop) -> [f64; 2] {
    electric.slew_ns[flip_flop.data as usize]
}
