//! The streams of an engine, how they are offered, and how the cycles of a run are counted.

/// A stream of a complete engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// Commands, one a tile.
    Command,
    /// Elements of A.
    A,
    /// Elements of B.
    B,
    /// Partial sums of earlier tiles of K; weight stationary only.
    Partial,
    /// Results.
    C,
}

/// One tile's command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// Steps of the tile: K when output stationary, M when weight stationary.
    pub length: u32,
    /// Whether partial sums are added to the results (weight stationary).
    pub accumulate: bool,
}

/// When each stream is offered (results: taken): cycle `t`, counted from the first edge after reset, looks at bit
/// `t % 64`. A beat once offered stays offered until it is accepted. No pattern may be 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patterns {
    /// Commands.
    pub cmd: u64,
    /// Elements of A.
    pub a: u64,
    /// Elements of B.
    pub b: u64,
    /// Partial sums.
    pub p: u64,
    /// Results taken.
    pub c: u64,
}

impl Patterns {
    /// Everything offered and taken on every cycle: what cycle laws assume.
    pub const ALWAYS: Patterns = Patterns { cmd: !0, a: !0, b: !0, p: !0, c: !0 };
}

/// Where the cycles of a run went; the parts sum to the total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Weights on their way in, not hidden behind other work.
    pub load: u64,
    /// Until the last PE has its first useful product.
    pub fill: u64,
    /// Steps in which operands were accepted.
    pub compute: u64,
    /// Columns waiting for slower ones.
    pub sync: u64,
    /// Groups without a non-zero digit that still cost a cycle.
    pub empty: u64,
    /// Results on their way out, not hidden.
    pub drain: u64,
    /// Waiting for operands, or for results to be taken.
    pub stall: u64,
}

impl Parts {
    /// The sum of all parts.
    pub fn total(&self) -> u64 {
        self.load + self.fill + self.compute + self.sync + self.empty + self.drain + self.stall
    }
}

/// The closed form of a run's cycles, operands offered on every cycle and results always taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Law {
    /// From the edge that accepts the first operand to the one on which the last result is accepted, both included.
    pub cycles: u64,
    /// The same, split.
    pub parts: Parts,
}
