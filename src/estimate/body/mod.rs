//! One module as bits: its instances inlined, its grids left as black boxes, its words taken apart.
//!
//! Inlining instances is what a synthesiser does inside a PE: constants and shared logic cross the borders of the leaf
//! modules. A grid keeps its border, so that an array costs one PE of work, whatever its size.

mod merge;
mod walk;

use super::adder::AdderKind;
use super::logic::{Bit, Logic};
use super::parts::PartKind;
use crate::netlist::{ModuleId, NetId};

/// Where a node or flip-flop comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Hierarchical name of the net it computes, e.g. `u_tree.sum_s`.
    pub net: String,
    /// What it is counted as.
    pub part: PartKind,
    /// The adder it is part of, as an index of [`Body::carry_chains`].
    pub carry_chain: Option<usize>,
}

/// A word-level addition, whose gates a carry ripples or jumps through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarryChain {
    /// Hierarchical name of the net of the sum.
    pub net: String,
    /// Bits.
    pub width: u32,
    /// How it is built.
    pub kind: AdderKind,
}

/// What a leaf of the logic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A bit of an input port of the module, by port index; bits of all lanes are numbered through.
    Port { port: usize, bit: usize },
    /// The reset of a design whose resets are synchronous, active high.
    Reset,
    /// The output of a flip-flop, by index of [`Body::flip_flops`].
    FlipFlop(usize),
    /// The end of a delay line, by index of [`Body::delay_lines`].
    DelayLine(usize),
    /// A bit of an output port of the instances of a grid, by index of [`Body::grids`] and net of its module; `bit` numbers those of
    /// all instances through, as the net round the grid has them.
    Grid { grid: usize, port: NetId, bit: u32 },
}

/// What reads a bit of the logic from outside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    /// A bit of an output port, by port index.
    Port { port: usize, bit: usize },
    /// The data input of a flip-flop.
    FlipFlop(usize),
    /// The beginning of a delay line.
    DelayLine(usize),
    /// The enable of `count` flip-flops inside of delay lines.
    DelayLineEnable { count: u64 },
    /// A bit of an input port of `readers` instances of a grid, by the link of the grid; `bit` is that of the net round the grid.
    Grid { grid: usize, port: NetId, readers: u64, link: u32, bit: u32 },
}

/// One flip-flop.
#[derive(Clone, Copy, Debug)]
pub struct FlipFlopBit {
    /// Value under reset, if it has one and the reset is asynchronous.
    pub reset: Option<bool>,
    /// Index of [`Body::origins`].
    pub origin: u32,
    /// Which bit of the net.
    pub bit: u32,
}

/// One bit of a lane of a `Skew` that is at least one deep.
#[derive(Clone, Copy, Debug)]
pub struct DelayLineBit {
    /// Flip-flops in a row.
    pub depth: u32,
    /// Whether each has a multiplexer to hold its value.
    pub enabled: bool,
    /// Whether they are reset (to 0) asynchronously.
    pub reset: Option<bool>,
    /// Index of [`Body::origins`].
    pub origin: u32,
    /// Which bit of the net, lanes numbered through.
    pub bit: u32,
}

/// A grid of the module or of one of its instances.
#[derive(Clone, Debug)]
pub struct GridUse {
    /// Hierarchical name, e.g. `u_pe`.
    pub path: String,
    /// What it is a grid of.
    pub module: ModuleId,
    /// How many instances.
    pub count: u64,
    /// Chains from instance to instance: (input port, output port, number of the axis, its extent).
    pub chains: Vec<(NetId, NetId, usize, u32)>,
}

/// A module as bits.
#[derive(Debug)]
pub struct Body {
    /// Its combinational logic.
    pub logic: Logic,
    /// What the leaves are, by leaf number.
    pub sources: Vec<Source>,
    /// The node of each leaf.
    pub leaves: Vec<Bit>,
    /// What is read, and by whom.
    pub sinks: Vec<(Bit, Sink)>,
    /// Single flip-flops.
    pub flip_flops: Vec<FlipFlopBit>,
    /// Flip-flops in rows.
    pub delay_lines: Vec<DelayLineBit>,
    /// Grids.
    pub grids: Vec<GridUse>,
    /// What tags and origins mean.
    pub origins: Vec<Origin>,
    /// The additions.
    pub carry_chains: Vec<CarryChain>,
}
