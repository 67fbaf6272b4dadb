//! What the gates of a design are for: the rows of "area by part".

use crate::netlist::{Cell, Module, Netlist, Op, Register, Skew, SkewDepth};

/// A row of the table of areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartKind {
    /// Indices of compressed weights choose words of A.
    Selection,
    /// Operands become digits.
    Encoder,
    /// Digits choose multiples of the other operand.
    PartialProducts,
    /// A `*` left to the synthesiser.
    Multiplier,
    /// Rows of full and half adders without carry propagation.
    Compressor,
    /// Carry-propagate adders.
    Adders,
    /// Flip-flops that hold words: operands, sums, stages of a pipeline.
    Registers,
    /// Delay lines that skew the streams: those whose depth differs between lanes.
    Skew,
    /// Where results leave.
    Drain,
    /// Everything that decides when.
    Control,
    /// Repeaters of nets with many readers.
    Buffers,
}

impl PartKind {
    /// Every kind, in the order of reports.
    pub const ALL: [PartKind; 11] = [
        PartKind::Selection,
        PartKind::Encoder,
        PartKind::PartialProducts,
        PartKind::Multiplier,
        PartKind::Compressor,
        PartKind::Adders,
        PartKind::Registers,
        PartKind::Skew,
        PartKind::Drain,
        PartKind::Control,
        PartKind::Buffers,
    ];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            PartKind::Selection => "selection",
            PartKind::Encoder => "encoder",
            PartKind::PartialProducts => "partial products",
            PartKind::Multiplier => "multiplier",
            PartKind::Compressor => "compressor",
            PartKind::Adders => "adders",
            PartKind::Registers => "registers",
            PartKind::Skew => "skew",
            PartKind::Drain => "drain",
            PartKind::Control => "control",
            PartKind::Buffers => "buffers",
        }
    }
}

/// Tells the parts of a design apart by the names of its modules and nets: those are the paper's words, and generators keep to
/// them.
#[derive(Clone, Copy, Debug)]
pub struct Classifier {
    /// Characters that all module names of the design begin with.
    prefix: usize,
}

impl Classifier {
    /// A classifier that does not mistake the design's own name for a part.
    pub fn new(netlist: &Netlist) -> Classifier {
        let names: Vec<&str> = netlist.modules.iter().map(|module| module.name.as_str()).collect();
        let Some((first, rest)) = names.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            return Classifier { prefix: 0 };
        };
        let same = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
        let shared = rest.iter().map(|name| same(first, name)).min().unwrap_or(0);
        Classifier { prefix: first[..shared].rfind('_').map_or(0, |end| end + 1) }
    }

    fn module(self, module: &Module) -> &str {
        module.name.get(self.prefix..).unwrap_or("")
    }

    /// What a cell is counted as.
    pub fn cell(self, module: &Module, cell: &Cell) -> PartKind {
        let net = cell.outputs.first().map_or("", |&net| module.net(net).name.as_str());
        let name = self.module(module);
        if name.starts_with("select_") {
            PartKind::Selection
        } else if name.contains("encoder") || net.contains("encoder") {
            PartKind::Encoder
        } else if name.contains("partial_product") || net.contains("partial_product") {
            PartKind::PartialProducts
        } else if name.contains("control") {
            PartKind::Control
        } else if name.contains("compressor") || matches!(cell.op, Op::Compress32 | Op::Compress22) {
            PartKind::Compressor
        } else if cell.op == Op::MulSigned {
            PartKind::Multiplier
        } else if matches!(cell.op, Op::Add | Op::Sub) || name.contains("adder") {
            PartKind::Adders
        } else if net.contains("drain") {
            PartKind::Drain
        } else {
            PartKind::Control
        }
    }

    /// What a register is counted as, with the multiplexers that hold its value.
    pub fn register(self, module: &Module, register: &Register) -> PartKind {
        let net = module.net(register.q);
        if self.module(module).contains("control") || net.width == 1 {
            PartKind::Control
        } else if net.name.contains("drain") {
            PartKind::Drain
        } else {
            PartKind::Registers
        }
    }

    /// What a bundle of delay lines is counted as. Lines that are all of one depth are the stages of a pipeline, registers like
    /// others; only where lanes wait differently long is anything skewed.
    pub fn skew(self, module: &Module, skew: &Skew) -> PartKind {
        match skew.depth {
            _ if module.net(skew.input).width == 1 => PartKind::Control,
            SkewDepth::Rising | SkewDepth::RisingBy(_) | SkewDepth::Falling => PartKind::Skew,
            SkewDepth::Uniform(_) if module.net(skew.output).name.contains("drain") => PartKind::Drain,
            SkewDepth::Uniform(_) => PartKind::Registers,
        }
    }
}
