//! Energy of a design on a run of it: the mapped gates are simulated with their delays, and every change is paid for.
//!
//! What one run is comes from the interpreter: it gives the state at every clock edge ([`Recording`]). The design is expanded into
//! cells (`expand`: all instances of a small one, a seeded sample of a large one), which get loads, slews and delays
//! (`electric`); between two edges their changes are worked out, glitches included (`waves`). What they settle to has to be
//! what the interpreter has at the next edge, or there is no figure: so each run is a proof of the mapping too. Changes cost what
//! `costs` says, which is also how a synthesised netlist is measured.

mod circuit;
mod connect;
pub mod costs;
mod electric;
mod expand;
mod recording;
mod sum;
mod template;
mod waves;

#[cfg(test)]
mod tests;

use rayon::prelude::*;
use thiserror::Error;

pub use costs::Energies;
pub use recording::Recording;
pub use sum::{Energy, PartEnergy};

use super::process::Process;
use super::timing::Design;
use super::{Estimate, EstimateError, Options};
use crate::netlist::Netlist;
use circuit::{Circuit, When};
use electric::{Electric, ticks};
use recording::bits;
use waves::{Counts, LANES, Scratch, Stimulus, Waves};

/// When inputs of the design change after the clock edge, as a share of the period.
const INPUTS_AT: f64 = 0.01;
/// Cells up to which every instance is looked at.
const WHOLE: f64 = 400_000.0;
/// Gates times cycles that are simulated at most, but for the least number of cycles.
const MOST_GATE_CYCLES: u64 = 16_000_000;
/// Cycles that are simulated at least, if the run has as many.
const LEAST_CYCLES: u64 = 64;

/// Cycles before the first operand that a run may have more than is said.
const MORE_CYCLES: u64 = 8;

/// Why there is no energy.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EnergyError {
    /// There is no estimate at all.
    #[error(transparent)]
    Estimate(#[from] EstimateError),
    /// The design cannot be taken apart into cells: a defect.
    #[error("no cells of the design can be simulated: {0}")]
    Structure(String),
    /// The cells do not compute what the netlist does: a defect of the mapping.
    #[error("in cycle {cycle} the cells settle to {} in `{net}`, the netlist to {}", u8::from(*.value), u8::from(!*.value))]
    Value { net: String, cycle: u32, value: bool },
    /// The simulator contradicts itself: a defect.
    #[error("the changes of net {net} do not end at what it settles to")]
    Changes { net: u32 },
    /// The run has no clock cycle.
    #[error("the run has no clock cycle")]
    Empty,
}

/// How many instances of a module there are, and how many are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Name of the module.
    pub module: String,
    /// In the design.
    pub of: u64,
    /// Looked at.
    pub taken: u64,
}

/// A design in cells, ready to be simulated.
#[derive(Clone, Debug)]
pub struct Plan {
    circuit: Circuit,
    electric: Electric,
    taken: Vec<Taken>,
    /// Names of the modules of the netlist.
    modules: Vec<String>,
    /// Index of the top.
    top: u32,
    /// Names of the words of [`Circuit::slots`].
    names: Vec<String>,
    seed: u64,
}

/// The estimate of a netlist, and its cells for [`Plan::measure`]. `seed` decides which instances and cycles of a large run are
/// looked at.
///
/// # Errors
/// As [`super::estimate`]; [`EnergyError::Structure`] is a defect.
pub fn prepare(
    netlist: &Netlist,
    process: &Process,
    options: Options,
    seed: u64,
) -> Result<(Estimate, Plan), EnergyError> {
    prepare_within(netlist, process, options, seed, WHOLE)
}

/// The same; of a design with more cells than `whole` a sample of instances is looked at.
fn prepare_within(
    netlist: &Netlist,
    process: &Process,
    options: Options,
    seed: u64,
    whole: f64,
) -> Result<(Estimate, Plan), EnergyError> {
    super::with_design(netlist, process, options, |estimate, design| {
        Plan::new(design, netlist, process, seed, whole).map(|plan| (estimate, plan))
    })?
}

impl Plan {
    fn new(design: &Design, netlist: &Netlist, process: &Process, seed: u64, whole: f64) -> Result<Plan, EnergyError> {
        let (circuit, expanded) =
            expand::expand(design, netlist, process, seed, whole).map_err(EnergyError::Structure)?;
        let taken =
            design.counts().into_iter().zip(expanded).zip(&netlist.modules).filter(|((_, taken), _)| *taken > 0);
        let taken = taken.map(|((of, taken), module)| Taken { module: module.name.clone(), of, taken }).collect();
        let electric = Electric::new(&circuit, process);
        let flat = crate::netlist::flatten::Flat::new(netlist);
        let names = circuit.slots.iter().map(|slot| flat.name(slot.word)).collect();
        let modules = netlist.modules.iter().map(|module| module.name.clone()).collect();
        let top = netlist.top.0;
        Ok(Plan { circuit, electric, taken, modules, top, names, seed })
    }

    /// Room for what a run of about `expected` cycles has to be seen of.
    pub fn recording(&self, expected: u64) -> Recording {
        let expected = expected + MORE_CYCLES;
        let most = (MOST_GATE_CYCLES / (self.circuit.gates.len() as u64 + 1)).max(LEAST_CYCLES);
        // Whole groups of cycles cost as much as groups that are not full.
        let most = most.div_ceil(LANES as u64) * LANES as u64;
        Recording::new(self.circuit.slots.clone(), expected, most, self.seed ^ 0x9e37_79b9)
    }

    /// Energy of the first `cycles` of a run at a clock.
    ///
    /// # Errors
    /// [`EnergyError`]: all of them are defects but a run without a cycle.
    pub fn measure(
        &self,
        process: &Process,
        recording: &Recording,
        cycles: u64,
        clock_ns: f64,
    ) -> Result<Energy, EnergyError> {
        let chosen = recording.cycles(cycles);
        if chosen.is_empty() {
            return Err(EnergyError::Empty);
        }
        let waves = Waves::new(&self.circuit, &self.electric, process);
        let inputs_at = ticks(clock_ns * 1e3 * INPUTS_AT).max(1);
        let begin = || (Scratch::default(), Ok::<_, EnergyError>(Counts::new(&waves)));
        let counts = chosen
            .par_chunks(LANES)
            .fold(begin, |(mut scratch, counts), group| {
                let counts = counts.and_then(|mut counts| {
                    self.run(&waves, recording, group, inputs_at, &mut scratch, &mut counts)?;
                    Ok::<_, EnergyError>(counts)
                });
                (scratch, counts)
            })
            .map(|(_, counts)| counts)
            .reduce(|| Ok(Counts::new(&waves)), |a, b| Ok::<_, EnergyError>(a?.and(&b?)))?;
        let run = sum::Run { clock_ns, cycles, simulated: chosen.len() as u64 };
        Ok(sum::add_up(self, process, &waves, &counts, run))
    }

    fn run(
        &self,
        waves: &Waves,
        recording: &Recording,
        group: &[u32],
        inputs_at: u32,
        scratch: &mut Scratch,
        counts: &mut Counts,
    ) -> Result<(), EnergyError> {
        let frames = |later: u32| group.iter().map(|&cycle| recording.frame(cycle + later)).collect::<Vec<_>>();
        let (before, after, next) = (frames(0), frames(1), frames(2));
        let circuit = &self.circuit;
        let mut stimuli = Vec::with_capacity(circuit.flip_flops.len() + circuit.given.len());
        for (flip_flop, &at) in circuit.flip_flops.iter().zip(&self.electric.flip_flops) {
            let shown = if flip_flop.is_inverted { u64::MAX } else { 0 };
            let [before, after] = [&before, &after].map(|frames| bits(frames, flip_flop.value) ^ shown);
            stimuli.push(Stimulus { net: flip_flop.q, before, after, at, is_late: false });
        }
        for (given, &at) in circuit.given.iter().zip(&self.electric.given) {
            let (before, after) = (bits(&before, given.value), bits(&after, given.value));
            let is_late = given.when == When::Input;
            let at = if is_late { inputs_at } else { at };
            stimuli.push(Stimulus { net: given.net, before, after, at: [at; 2], is_late });
        }
        waves.run(&stimuli, group.len(), scratch, counts).map_err(|net| EnergyError::Changes { net })?;
        let wrong = |net: u32, place: circuit::BitPlace, frames: &[Option<&[u64]>]| {
            let there =
                frames.iter().enumerate().fold(0, |there, (lane, frame)| there | u64::from(frame.is_some()) << lane);
            let differs = (scratch.settled(net) ^ bits(frames, place)) & there;
            let lane = differs.trailing_zeros() as usize;
            (differs != 0).then(|| EnergyError::Value {
                net: format!("{}[{}]", self.names[place.slot as usize], place.bit),
                cycle: group[lane],
                value: scratch.settled(net) >> lane & 1 == 1,
            })
        };
        let registers = circuit.flip_flops.iter().filter(|flip_flop| flip_flop.is_checked);
        let registers = registers.filter_map(|flip_flop| wrong(flip_flop.data, flip_flop.value, &next));
        let outputs = circuit.outputs.iter().filter_map(|&(net, place)| wrong(net, place, &after));
        registers.chain(outputs).next().map_or(Ok(()), Err)
    }
}
