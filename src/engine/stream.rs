//! The streams of an engine, how they are offered, and how the cycles of a run are counted.

use serde::{Deserialize, Serialize};

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

/// One ready/valid stream of a top module: ports `{name}_valid_*`, `{name}_ready_*` and `fields`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamInfo {
    /// What it carries.
    pub role: Stream,
    /// Data ports, in the order of the words of a beat.
    pub fields: Vec<String>,
    /// Fields at the end of the list that have one lane a reader, such as a mask; the others have as many as each other.
    pub masks: u32,
    /// Copies of the stream that shake hands on their own, such as one a row: valid and ready have a lane for each, and each
    /// field has the lanes of reader 0, then those of reader 1 ... 1 for an ordinary stream.
    pub readers: u32,
    /// An output port with one lane a reader that says, while the reader's ready is 1, which word the engine wants: a
    /// memory is read with it, a test bench compares it.
    pub index: Option<String>,
    /// What its beats are, and in which order.
    pub doc: String,
}

impl StreamInfo {
    /// A stream with one reader and no index.
    pub fn new(role: Stream, fields: &[&str], doc: &str) -> Self {
        let fields = fields.iter().map(|&field| field.to_owned()).collect();
        Self { role, fields, masks: 0, readers: 1, index: None, doc: doc.to_owned() }
    }

    /// `cmd`, `a`, `b`, `p` or `c`.
    pub fn name(&self) -> &'static str {
        match self.role {
            Stream::Command => "cmd",
            Stream::A => "a",
            Stream::B => "b",
            Stream::Partial => "p",
            Stream::C => "c",
        }
    }

    /// Whether the engine is its source.
    pub fn is_output(&self) -> bool {
        self.role == Stream::C
    }

    /// Whether its first accepted beat begins the count of cycles.
    pub fn is_operand(&self) -> bool {
        matches!(self.role, Stream::A | Stream::B)
    }

    /// Name of the valid port.
    pub fn valid(&self) -> String {
        format!("{}_valid_{}", self.name(), if self.is_output() { "o" } else { "i" })
    }

    /// Name of the ready port.
    pub fn ready(&self) -> String {
        format!("{}_ready_{}", self.name(), if self.is_output() { "i" } else { "o" })
    }
}

/// A count with its noun, for documentation: `1 lane`, `4 lanes`.
pub(super) fn counted(count: u32, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        several => format!("{several} {noun}s"),
    }
}

/// What passes through one stream in one run. Beats of an output stream are the expected ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// For each reader the words of each of its beats: the fields in their order, lane 0 first.
    pub readers: Vec<Vec<Vec<u64>>>,
    /// For each reader the index that is asked for with each beat; empty if the stream has none.
    pub indices: Vec<Vec<u64>>,
    /// In cycle `t` after reset a new beat is offered (results: taken) if bit `t % 64` is set; one pattern for all readers.
    pub pattern: u64,
}

impl Traffic {
    /// The traffic of a stream with one reader.
    pub fn single(beats: Vec<Vec<u64>>, pattern: u64) -> Self {
        Self { readers: vec![beats], indices: Vec::new(), pattern }
    }

    /// The beats of the first reader: all of them in an ordinary stream.
    pub fn beats(&self) -> &[Vec<u64>] {
        self.readers.first().map_or(&[], Vec::as_slice)
    }
}

/// One tile's command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// Steps of the tile: K over the depth of a PE when output stationary, M when weight, N when input stationary.
    pub length: u32,
    /// Whether partial sums are added to the results (where an operand stays).
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Each part with its name, in the order in which a tile passes them.
    pub fn named(&self) -> [(&'static str, u64); 7] {
        let Parts { load, fill, compute, sync, empty, drain, stall } = *self;
        [
            ("load", load),
            ("fill", fill),
            ("compute", compute),
            ("sync", sync),
            ("empty", empty),
            ("drain", drain),
            ("stall", stall),
        ]
    }

    /// The sum of all parts.
    pub fn total(&self) -> u64 {
        self.named().iter().map(|(_, cycles)| cycles).sum()
    }

    /// The parts of `count` runs with these parts.
    pub fn times(self, count: u64) -> Parts {
        let Parts { load, fill, compute, sync, empty, drain, stall } = self;
        let [load, fill, compute, sync] = [load, fill, compute, sync].map(|cycles| cycles * count);
        let [empty, drain, stall] = [empty, drain, stall].map(|cycles| cycles * count);
        Parts { load, fill, compute, sync, empty, drain, stall }
    }
}

/// One run after the other.
impl std::iter::Sum for Parts {
    fn sum<I: Iterator<Item = Parts>>(runs: I) -> Parts {
        runs.fold(Parts::default(), |sum, run| Parts {
            load: sum.load + run.load,
            fill: sum.fill + run.fill,
            compute: sum.compute + run.compute,
            sync: sum.sync + run.sync,
            empty: sum.empty + run.empty,
            drain: sum.drain + run.drain,
            stall: sum.stall + run.stall,
        })
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
