//! What the gates of a design are for: the rows of "area by part".

use crate::netlist::{Cell, Module, Op, Register};

/// A row of the table of areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartKind {
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
    /// Flip-flops of the PEs.
    Registers,
    /// Delay lines that skew the streams.
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
    pub const ALL: [PartKind; 10] = [
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

/// What a cell is counted as. `top` says that it stands in the module that is being mapped, not in one of its instances.
pub fn of_cell(module: &Module, cell: &Cell, top: bool) -> PartKind {
    let net = cell.outputs.first().map_or("", |&net| module.net(net).name.as_str());
    match cell.op {
        Op::Compress32 | Op::Compress22 => PartKind::Compressor,
        Op::MulSigned => PartKind::Multiplier,
        _ => by_name(module, net).unwrap_or(match cell.op {
            Op::Add | Op::Sub if !top => PartKind::Adders,
            Op::Add | Op::Sub => PartKind::Adders,
            _ => PartKind::Control,
        }),
    }
}

/// What a register is counted as.
pub fn of_register(module: &Module, register: &Register, _top: bool) -> PartKind {
    match by_name(module, &module.net(register.q).name) {
        Some(PartKind::Drain) => PartKind::Drain,
        _ => PartKind::Registers,
    }
}

/// The part that a module's or net's name speaks of: the names are the paper's words, and generators keep to them.
fn by_name(module: &Module, net: &str) -> Option<PartKind> {
    [net, module.name.as_str()].into_iter().find_map(|name| {
        let has = |word: &str| name.contains(word);
        if has("encode") {
            Some(PartKind::Encoder)
        } else if has("partial_product") {
            Some(PartKind::PartialProducts)
        } else if has("compress") {
            Some(PartKind::Compressor)
        } else if has("drain") {
            Some(PartKind::Drain)
        } else {
            None
        }
    })
}
