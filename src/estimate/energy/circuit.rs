//! A design in cells, without hierarchy: every gate and flip-flop of the instances that are looked at, with numbered nets.

use crate::estimate::parts::PartKind;
use crate::netlist::flatten::Word;

/// Most inputs of a gate.
pub const MOST_INPUTS: usize = 6;
/// The nets that are always 0 and always 1.
pub const CONSTANTS: [u32; 2] = [0, 1];

/// A gate of one output.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// Index of the process's cells.
    pub cell: u32,
    /// What its inputs read, in the order of the cell's.
    pub inputs: [u32; MOST_INPUTS],
    pub output: u32,
    pub owner: Owner,
}

/// A flip-flop.
#[derive(Clone, Copy, Debug)]
pub struct FlipFlop {
    /// Index of the process's flip-flops.
    pub cell: u32,
    pub data: u32,
    pub q: u32,
    /// Where the interpreter holds its value.
    pub value: BitPlace,
    /// Whether `q` shows the complement of its value.
    pub is_inverted: bool,
    /// Whether what it loads next is what `data` settles to. Not of lines that are held in a library without a multiplexer.
    pub is_checked: bool,
    pub owner: Owner,
}

/// To whom a cell or a net is counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Owner {
    pub part: PartKind,
    /// The module, by index in the netlist.
    pub module: u32,
    /// How many it stands for.
    pub weight: f64,
}

/// A bit of a recorded word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitPlace {
    /// Index of [`Circuit::slots`].
    pub slot: u32,
    pub bit: u32,
}

/// A word that is recorded: a net, or what a delay line holds some registers before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    pub word: Word,
    pub back: u32,
}

/// When a net changes that nothing of the circuit drives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// An input of the design: a moment after the clock edge.
    Input,
    /// As late as this net at the latest: its like in an instance that is looked at.
    As(u32),
}

/// A net whose values come from the interpreter.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    pub net: u32,
    pub value: BitPlace,
    pub when: When,
}

/// What a net drives that is not in the circuit, fF: nominal, for a rising and for a falling edge.
#[derive(Clone, Copy, Debug)]
pub struct MoreLoad {
    pub net: u32,
    pub ff: [f64; 3],
}

/// Gates, flip-flops and nets. Nets are numbered from 0; the first two are [`CONSTANTS`].
#[derive(Clone, Debug, Default)]
pub struct Circuit {
    pub nets: u32,
    /// Each after those it reads.
    pub gates: Vec<Gate>,
    pub flip_flops: Vec<FlipFlop>,
    pub given: Vec<Given>,
    pub more_loads: Vec<MoreLoad>,
    /// Nets that must settle to these values: the outputs of the design.
    pub outputs: Vec<(u32, BitPlace)>,
    /// Words that have to be recorded.
    pub slots: Vec<Slot>,
}

impl Circuit {
    /// Orders the gates by what they read, near ones together. `false` if some read themselves.
    pub fn sort(&mut self) -> bool {
        let nets = self.nets as usize;
        let mut driver = vec![u32::MAX; nets];
        for (index, gate) in self.gates.iter().enumerate() {
            driver[gate.output as usize] = index as u32;
        }
        let mut done = vec![false; self.gates.len()];
        let mut open = vec![false; self.gates.len()];
        let mut order = Vec::with_capacity(self.gates.len());
        let mut stack = Vec::new();
        for first in 0..self.gates.len() as u32 {
            stack.push(first);
            while let Some(&gate) = stack.last() {
                let index = gate as usize;
                if done[index] {
                    stack.pop();
                    continue;
                }
                let is_again = std::mem::replace(&mut open[index], true);
                let mut waits = false;
                for input in self.gates[index].inputs {
                    let before = if input == u32::MAX { u32::MAX } else { driver[input as usize] };
                    if before == u32::MAX || done[before as usize] {
                        continue;
                    }
                    if is_again || open[before as usize] {
                        return false;
                    }
                    waits = true;
                    stack.push(before);
                }
                if !waits {
                    done[index] = true;
                    order.push(self.gates[index]);
                    stack.pop();
                }
            }
        }
        self.gates = order;
        true
    }
}

impl Gate {
    /// The nets that are read.
    pub fn reads(&self) -> &[u32] {
        let count = self.inputs.iter().position(|&net| net == u32::MAX).unwrap_or(MOST_INPUTS);
        &self.inputs[..count]
    }
}
