//! The simulator: what every net does within a clock cycle, in up to 64 cycles at once.
//!
//! Between two clock edges a design has no loops, so no queue of events is needed: gates are taken in the order of what they read, and
//! each merges the changes of its inputs to those of its output. A cycle begins with everything settled to the state of the
//! cycle before, which the interpreter knows, so cycles do not wait for each other. Delays are inertial: a change that
//! another one overtakes within the delay of the gate never comes.

use super::circuit::{CONSTANTS, Circuit, MOST_INPUTS};
use super::electric::{Delays, Electric};
use crate::estimate::process::{Function, Process};

/// Cycles at once.
pub const LANES: usize = 64;
/// No time.
const NEVER: u32 = u32::MAX;
/// No entry.
const NONE: u32 = u32::MAX;

/// A gate, ready to run.
#[derive(Clone, Copy, Debug)]
struct Step {
    function: Function,
    inputs: [u32; MOST_INPUTS],
    output: u32,
    delays: Delays,
    /// Index of [`Waves::conditions`].
    condition: u32,
}

/// Where edges at inputs of a gate cost something.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    /// The gate, by index of [`Circuit::gates`].
    pub gate: u32,
    /// By input: in which cases an edge of it is counted.
    when: [Option<Function>; MOST_INPUTS],
}

/// What the nets that nothing drives do: 64 cycles, a bit each.
#[derive(Clone, Copy, Debug)]
pub struct Stimulus {
    pub net: u32,
    /// Before the clock edge.
    pub before: u64,
    /// After it.
    pub after: u64,
    /// When it falls, and when it rises, in ticks after the edge.
    pub at: [u32; 2],
    /// Comes after everything that the clock edge changed has settled, if there are no delays.
    pub is_late: bool,
}

/// Rising and falling edges by net.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edges {
    pub rises: Vec<u32>,
    pub falls: Vec<u32>,
    /// By condition and input: counted edges, rising and falling.
    pub conditional: Vec<[[u32; 2]; MOST_INPUTS]>,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// With delays.
    pub timed: Edges,
    /// Everything at once.
    pub settled: Edges,
}

impl Edges {
    fn new(nets: usize, conditions: usize) -> Edges {
        Edges { rises: vec![0; nets], falls: vec![0; nets], conditional: vec![[[0; 2]; MOST_INPUTS]; conditions] }
    }

    fn add(&mut self, other: &Edges) {
        let sum = |own: &mut [u32], other: &[u32]| own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
        sum(&mut self.rises, &other.rises);
        sum(&mut self.falls, &other.falls);
        let own = self.conditional.iter_mut().flatten().flatten();
        own.zip(other.conditional.iter().flatten().flatten()).for_each(|(own, other)| *own += other);
    }
}

impl Counts {
    /// Nothing yet.
    pub fn new(waves: &Waves) -> Counts {
        let edges = Edges::new(waves.nets, waves.conditions.len());
        Counts { timed: edges.clone(), settled: edges }
    }

    /// Adds what was counted elsewhere.
    #[must_use]
    pub fn and(mut self, other: &Counts) -> Counts {
        self.timed.add(&other.timed);
        self.settled.add(&other.settled);
        self
    }
}

/// A circuit, ready to run.
#[derive(Clone, Debug)]
pub struct Waves {
    nets: usize,
    steps: Vec<Step>,
    pub conditions: Vec<Condition>,
}

/// What a net does in each of the cycles.
#[derive(Clone, Copy, Debug, Default)]
struct Wave {
    /// Before the clock edge.
    before: u64,
    /// In which cycles it changes at all.
    active: u64,
    /// Where its changes begin: for each such cycle their number, and the times.
    at: u32,
}

/// Room to work in, used again for the next cycles.
#[derive(Debug, Default)]
pub struct Scratch {
    waves: Vec<Wave>,
    /// Values after what the clock edge changed, and after all.
    middle: Vec<u64>,
    after: Vec<u64>,
    changes: Vec<u32>,
}

impl Scratch {
    /// What a net settles to, a bit a cycle.
    pub fn settled(&self, net: u32) -> u64 {
        self.after[net as usize]
    }
}

impl Waves {
    /// Prepares a circuit.
    pub fn new(circuit: &Circuit, electric: &Electric, process: &Process) -> Waves {
        let mut waves = Waves { nets: circuit.nets as usize, steps: Vec::new(), conditions: Vec::new() };
        for (index, (gate, &delays)) in circuit.gates.iter().zip(&electric.gates).enumerate() {
            let cell = &process.cells()[gate.cell as usize];
            let mut when = [None; MOST_INPUTS];
            for (when, input) in when.iter_mut().zip(&cell.inputs) {
                let all = Function::new(cell.inputs.len(), u64::MAX);
                *when = input.energy.as_ref().map(|energy| energy.when).filter(|when| Some(*when) != all);
            }
            let condition = if when.iter().any(Option::is_some) {
                waves.conditions.push(Condition { gate: index as u32, when });
                waves.conditions.len() as u32 - 1
            } else {
                NONE
            };
            waves.steps.push(Step {
                function: cell.outputs[0].function,
                inputs: gate.inputs,
                output: gate.output,
                delays,
                condition,
            });
        }
        waves
    }

    /// Simulates `lanes` cycles.
    ///
    /// # Errors
    /// A net that its changes do not leave at what it settles to: a defect.
    pub fn run(
        &self,
        stimuli: &[Stimulus],
        lanes: usize,
        scratch: &mut Scratch,
        counts: &mut Counts,
    ) -> Result<(), u32> {
        let mask = if lanes >= LANES { u64::MAX } else { (1 << lanes) - 1 };
        scratch.waves.clear();
        scratch.waves.resize(self.nets, Wave::default());
        scratch.middle.clear();
        scratch.middle.resize(self.nets, 0);
        scratch.after.clear();
        scratch.after.resize(self.nets, 0);
        scratch.changes.clear();
        scratch.waves[CONSTANTS[1] as usize].before = u64::MAX;
        scratch.middle[CONSTANTS[1] as usize] = u64::MAX;
        scratch.after[CONSTANTS[1] as usize] = u64::MAX;
        for stimulus in stimuli {
            self.begin(stimulus, mask, scratch, counts);
        }
        for step in &self.steps {
            self.settle(step, mask, scratch, counts);
            let toggled = match step.function.inputs() {
                1 => self.step::<1>(step, scratch, counts),
                2 => self.step::<2>(step, scratch, counts),
                3 => self.step::<3>(step, scratch, counts),
                4 => self.step::<4>(step, scratch, counts),
                5 => self.step::<5>(step, scratch, counts),
                _ => self.step::<6>(step, scratch, counts),
            };
            let output = step.output as usize;
            if (scratch.waves[output].before ^ toggled ^ scratch.after[output]) & mask != 0 {
                return Err(step.output);
            }
        }
        Ok(())
    }

    fn begin(&self, stimulus: &Stimulus, mask: u64, scratch: &mut Scratch, counts: &mut Counts) {
        let net = stimulus.net as usize;
        let changed = (stimulus.before ^ stimulus.after) & mask;
        scratch.waves[net] = Wave { before: stimulus.before, active: changed, at: scratch.changes.len() as u32 };
        scratch.middle[net] = if stimulus.is_late { stimulus.before } else { stimulus.after };
        scratch.after[net] = stimulus.after;
        let mut left = changed;
        while left != 0 {
            let lane = left.trailing_zeros();
            left &= left - 1;
            let to = (stimulus.after >> lane & 1) as usize;
            scratch.changes.extend([1, stimulus.at[to]]);
        }
        let rises = (changed & stimulus.after).count_ones();
        let falls = (changed & !stimulus.after).count_ones();
        for edges in [&mut counts.timed, &mut counts.settled] {
            edges.rises[net] += rises;
            edges.falls[net] += falls;
        }
    }

    /// Values before and after, and the changes that there are without delays.
    fn settle(&self, step: &Step, mask: u64, scratch: &mut Scratch, counts: &mut Counts) {
        let count = step.function.inputs();
        let mut words = [[0u64; MOST_INPUTS]; 3];
        for (input, &net) in step.inputs[..count].iter().enumerate() {
            let net = net as usize;
            words[0][input] = scratch.waves[net].before;
            words[1][input] = scratch.middle[net];
            words[2][input] = scratch.after[net];
        }
        let value = |words: &[u64; MOST_INPUTS]| step.function.evaluate(&words[..count]);
        let output = step.output as usize;
        let before = value(&words[0]);
        let middle = if words[1] == words[0] { before } else { value(&words[1]) };
        let after = if words[2] == words[1] { middle } else { value(&words[2]) };
        scratch.waves[output].before = before;
        scratch.middle[output] = middle;
        scratch.after[output] = after;
        for (from, to) in [(before, middle), (middle, after)] {
            counts.settled.rises[output] += (!from & to & mask).count_ones();
            counts.settled.falls[output] += (from & !to & mask).count_ones();
        }
        if step.condition != NONE {
            let condition = self.conditions[step.condition as usize];
            let counted = &mut counts.settled.conditional[step.condition as usize];
            for (from, to) in [(words[0], words[1]), (words[1], words[2])] {
                for input in 0..count {
                    let Some(when) = condition.when[input] else { continue };
                    let holds = when.evaluate(&to[..count]) & mask;
                    counted[input][0] += (!from[input] & to[input] & holds).count_ones();
                    counted[input][1] += (from[input] & !to[input] & holds).count_ones();
                }
            }
        }
    }

    /// The changes of a gate's output; returns the cycles in which it ends otherwise than it began.
    fn step<const N: usize>(&self, step: &Step, scratch: &mut Scratch, counts: &mut Counts) -> u64 {
        let mut inputs = [Wave::default(); N];
        let mut active = 0;
        for (wave, &net) in inputs.iter_mut().zip(&step.inputs) {
            *wave = scratch.waves[net as usize];
            active |= wave.active;
        }
        let first = scratch.changes.len() as u32;
        if active == 0 {
            return 0;
        }
        let table = step.function.table();
        let mut cursors: [usize; N] = inputs.map(|wave| wave.at as usize);
        let (mut moved, mut toggled) = (0u64, 0u64);
        let (mut rises, mut falls) = (0, 0);
        let mut left = active;
        while left != 0 {
            let lane = left.trailing_zeros();
            left &= left - 1;
            let (mut case, mut next, mut end) = (0u32, [NEVER; N], [0usize; N]);
            for input in 0..N {
                case |= ((inputs[input].before >> lane & 1) as u32) << input;
                if inputs[input].active >> lane & 1 == 1 {
                    let begin = cursors[input];
                    end[input] = begin + 1 + scratch.changes[begin] as usize;
                    cursors[input] = begin + 1;
                    next[input] = take(&scratch.changes, &mut cursors[input], end[input], step.delays.later[input]);
                }
            }
            let mut value = table >> case & 1;
            let began = value;
            let place = scratch.changes.len();
            scratch.changes.push(0);
            let mut pending = NEVER;
            loop {
                let time = next.iter().fold(NEVER, |least, &time| least.min(time));
                if time == NEVER {
                    break;
                }
                for input in 0..N {
                    if next[input] == time {
                        case ^= 1 << input;
                        next[input] = take(&scratch.changes, &mut cursors[input], end[input], step.delays.later[input]);
                        if step.condition != NONE {
                            self.count_condition(step, input, case, counts);
                        }
                    }
                }
                if pending <= time {
                    scratch.changes.push(pending);
                    value ^= 1;
                    pending = NEVER;
                }
                let new = table >> case & 1;
                if new == value {
                    pending = NEVER;
                } else if pending == NEVER {
                    pending = time + step.delays.to[new as usize];
                }
            }
            if pending != NEVER {
                scratch.changes.push(pending);
                value ^= 1;
            }
            let changes = (scratch.changes.len() - place - 1) as u32;
            if changes == 0 {
                scratch.changes.pop();
                continue;
            }
            scratch.changes[place] = changes;
            moved |= 1 << lane;
            toggled |= (value ^ began) << lane;
            // Changes alternate, beginning with the opposite of where it began.
            rises += (changes + 1 - began as u32) / 2;
            falls += (changes + began as u32) / 2;
        }
        let wave = &mut scratch.waves[step.output as usize];
        (wave.active, wave.at) = (moved, first);
        counts.timed.rises[step.output as usize] += rises;
        counts.timed.falls[step.output as usize] += falls;
        toggled
    }

    #[cold]
    fn count_condition(&self, step: &Step, input: usize, case: u32, counts: &mut Counts) {
        let holds = self.conditions[step.condition as usize].when[input].is_some_and(|when| when.value(case as usize));
        if holds {
            let fell = case >> input & 1 == 0;
            counts.timed.conditional[step.condition as usize][input][usize::from(fell)] += 1;
        }
    }
}

impl Condition {
    /// Whether an input's edges are counted by condition.
    pub fn is_conditional(&self, input: usize) -> bool {
        self.when[input].is_some()
    }
}

/// The next change of an input that acts `later`, and moves past it. Two changes that are less than that apart never come.
#[inline]
fn take(changes: &[u32], cursor: &mut usize, end: usize, later: u32) -> u32 {
    while *cursor < end {
        let time = changes[*cursor] + later;
        if later != 0 && *cursor + 1 < end && changes[*cursor + 1] < time {
            *cursor += 2;
            continue;
        }
        *cursor += 1;
        return time;
    }
    NEVER
}
