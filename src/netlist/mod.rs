//! Hardware as data: modules, nets, word-level cells, registers, instances and grids of them.
//!
//! One [`Netlist`] is what the interpreter runs, what `emit` prints as Verilog and what `estimate` counts: nothing else in
//! the project knows what a PE contains (ARCHITECTURE.md, invariant 1). Widths are run-time values, every operation
//! states the width of each operand, and the [`ModuleBuilder`] refuses unequal ones, so that no language's context-width
//! rule can change what a cell computes.
//!
//! # Conventions
//! - A **net** is an unsigned word of 1 to 64 bits, or a bundle of equal words, its *lanes* (one per row of an array, say).
//!   Cells work on nets of one lane; bundles meet grids, [`Skew`]s and ports.
//! - **Clock and reset are implicit**: every module with state is clocked by the one rising edge, and reset by the one
//!   reset, whose kind is [`Netlist::reset`]. They appear as ports only in the printed Verilog.
//! - Items stand in the order in which they were made; a net is made before it is used, except where a register or a grid
//!   closes a loop.

mod build;
mod check;
mod error;
pub mod flatten;
mod interpret;
mod op;
pub mod wiring;

pub use build::{ModuleBuilder, NetlistBuilder, RegisterControl};
pub use check::check;
pub use error::{NetlistError, error_codes};
pub use interpret::{Interpreter, PortHandle};
pub use op::Op;

/// Index of a module in [`Netlist::modules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// Index of a net in its module's [`Module::nets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetId(pub u32);

impl ModuleId {
    /// The position in [`Netlist::modules`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl NetId {
    /// The position in [`Module::nets`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The widest word a net can carry, in bits.
pub const MAX_WIDTH: u32 = 64;

/// How registers are reset; one kind for a whole netlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ResetKind {
    /// Asynchronous, active low: port `rst_ni`.
    #[default]
    AsyncLow,
    /// Sampled at the clock edge, active low: port `rst_ni`.
    SyncLow,
    /// Sampled at the clock edge, active high: port `rst_i`.
    SyncHigh,
}

/// A complete design: its modules, leaf first, and which of them is the top.
#[derive(Clone, Debug)]
pub struct Netlist {
    /// Every module once, a module after all those it instantiates.
    pub modules: Vec<Module>,
    /// The module that is the design.
    pub top: ModuleId,
    /// The reset of every register that has one.
    pub reset: ResetKind,
}

impl Netlist {
    /// The module with this index.
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.index()]
    }

    /// The top module.
    pub fn top_module(&self) -> &Module {
        self.module(self.top)
    }
}

/// One module: a body per set of parameters; values stand in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// `lower_snake_case`, unique in the netlist.
    pub name: String,
    /// What it does, one line each; printed in the header of its Verilog.
    pub doc: Vec<String>,
    /// Ports in the order of the port list (clock and reset, which come first in Verilog, are implicit).
    pub ports: Vec<Port>,
    /// Every net, ports included.
    pub nets: Vec<Net>,
    /// Cells, registers, instances, in the order they were made.
    pub items: Vec<Item>,
}

impl Module {
    /// The net with this index.
    pub fn net(&self, id: NetId) -> &Net {
        &self.nets[id.index()]
    }

    /// The port of this name.
    pub fn port(&self, name: &str) -> Option<&Port> {
        self.ports.iter().find(|port| self.net(port.net).name == name)
    }
}

/// Which way a port carries data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Into the module; its net is driven from outside.
    Input,
    /// Out of the module; its net is driven inside.
    Output,
}

/// A port is a net that is seen from outside; its name, width and lanes are the net's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The net.
    pub net: NetId,
    /// In or out.
    pub direction: Direction,
    /// What it carries, for port tables.
    pub doc: String,
}

/// A named word, or bundle of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    /// `lower_snake_case`; ports end in `_i` or `_o`, register outputs in `_q`; a net left open on purpose contains `unused`.
    pub name: String,
    /// Bits of one lane, 1 to [`MAX_WIDTH`].
    pub width: u32,
    /// How many words; 1 for an ordinary net. In Verilog lane `i` is bits `i * width +: width` of one flat vector.
    pub lanes: u32,
}

/// One thing in a module's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A word-level operation.
    Cell(Cell),
    /// A word of flip-flops.
    Register(Register),
    /// A bundle of delay lines, one per lane, each with its own depth.
    Skew(Skew),
    /// One copy of another module.
    Instance(Instance),
    /// A 1- to 3-dimensional array of copies of another module.
    Grid(Grid),
    /// A line of comment in the printed Verilog, before the next item.
    Comment(String),
}

/// A word-level operation. Widths are those of the nets; [`Op`] says what they have to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What it computes.
    pub op: Op,
    /// Operands, in the order that [`Op`] gives.
    pub inputs: Vec<NetId>,
    /// One result, or two (sum, carry) for the compressor rows.
    pub outputs: Vec<NetId>,
}

/// A word of flip-flops: at a rising edge `q <= clear ? 0 : enable ? d : q`, and 0 (or `reset`) under reset.
///
/// `clear` wins over `enable`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Next value.
    pub d: NetId,
    /// The stored value.
    pub q: NetId,
    /// One bit; without it the register loads on every edge.
    pub enable: Option<NetId>,
    /// One bit; sets the register to 0 at the edge.
    pub clear: Option<NetId>,
    /// The value under reset; `None` for a data register that the design does not need reset. An interpreter starts it at 0.
    pub reset: Option<u64>,
}

/// A bundle of delay lines: lane `i` of `output` is lane `i` of `input`, `depth(i)` edges later.
///
/// It is how operands are skewed on their way into a systolic array. A lane of depth 0 is a wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skew {
    /// Instance-like name, e.g. `a_skew`.
    pub name: String,
    /// Bundle in.
    pub input: NetId,
    /// Bundle out, of the same width and lanes.
    pub output: NetId,
    /// One bit; without it the lines move on every edge.
    pub enable: Option<NetId>,
    /// How many registers each lane passes.
    pub depth: SkewDepth,
    /// Whether the registers are reset (to 0).
    pub reset: bool,
}

/// The depth of each lane of a [`Skew`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkewDepth {
    /// The same for all.
    Uniform(u32),
    /// Lane `i` has depth `i`.
    Rising,
    /// Lane `i` has depth `i / n`: lanes in groups of `n`.
    RisingBy(u32),
    /// Lane `i` of `n` has depth `n - 1 - i`.
    Falling,
}

impl SkewDepth {
    /// Registers in lane `lane` of `lanes`.
    pub fn of(self, lane: u32, lanes: u32) -> u32 {
        match self {
            SkewDepth::Uniform(depth) => depth,
            SkewDepth::Rising => lane,
            SkewDepth::RisingBy(group) => lane / group,
            SkewDepth::Falling => lanes - 1 - lane,
        }
    }
}

/// One copy of a module. Every port of it is connected, or named as left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Printed with `u_` before it.
    pub name: String,
    /// What it is a copy of.
    pub module: ModuleId,
    /// (port of the child, net of the parent): equal width and lanes. One entry per port, in the child's port order.
    pub connections: Vec<(NetId, NetId)>,
}

/// An array of copies of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Printed as `gen_{axis}` labels round `u_{name}`.
    pub name: String,
    /// What it is an array of.
    pub module: ModuleId,
    /// (name, extent) of each dimension, outermost first: `[("row", 4), ("col", 8)]`. Instance index is row-major.
    pub axes: Vec<(String, u32)>,
    /// How each port of the instances is connected. Every port of the child appears exactly once (a [`Link::Pass`]
    /// names two).
    pub links: Vec<Link>,
}

impl Grid {
    /// How many instances there are.
    pub fn count(&self) -> u32 {
        self.axes.iter().map(|(_, extent)| extent).product()
    }
}

/// How one port (or a pair of ports) of every instance of a [`Grid`] is connected. `port` is a net of the child module.
///
/// A port of several lanes takes as many neighbouring lanes of the net outside: what is said of a lane below holds for
/// that group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Input: the same net to every instance.
    All { port: NetId, net: NetId },
    /// Input: instance with coordinate `x` on `axis` takes lane `x` of `net`.
    Along { port: NetId, axis: usize, net: NetId },
    /// Input or output: each instance has lane (its row-major index) of `net`.
    Own { port: NetId, net: NetId },
    /// Output that nobody reads.
    Open { port: NetId },
    /// A chain through the grid along `axis`: input port `into` takes port `out` of the neighbour before it, where "before"
    /// is the lower coordinate, or the higher one if `reverse`. The first instance of each chain takes a lane of
    /// `entry`; the last one's output goes to a lane of `exit`. Both have one lane per combination of the other axes'
    /// coordinates, row-major (so one lane in a 1-dimensional grid).
    Pass { into: NetId, out: NetId, axis: usize, reverse: bool, entry: NetId, exit: Option<NetId> },
}
