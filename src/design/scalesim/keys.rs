//! The keys of a SCALE-Sim configuration, and what their values may be.

use super::super::MAX_SIZE;
use super::super::file::MAX_KIB;
use crate::engine::Dataflow;

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// PEs along a side of the array.
    Size,
    /// `os`, `ws` or `is`.
    Dataflow,
    /// Size of a buffer, up to so many kB.
    Kilobytes(u32),
    /// A whole number.
    Number,
    /// Whole numbers of 1 or more with commas between them.
    Bandwidths,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Anything.
    Text,
}

/// A key with its section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub section: &'static str,
    pub name: &'static str,
    pub kind: Kind,
    /// Whether it speaks of what is not modelled about memories.
    pub is_vain: bool,
}

const fn key(section: &'static str, name: &'static str, kind: Kind) -> Key {
    Key { section, name, kind, is_vain: false }
}

const fn vain(section: &'static str, name: &'static str, kind: Kind) -> Key {
    Key { section, name, kind, is_vain: true }
}

/// The word for a bandwidth that is given; with the other one it is what never holds up the array.
pub(super) const USER: &str = "USER";
/// Bytes of a sum of the designs that are made: an int32. SCALE-Sim's have one.
pub(super) const BYTES_OF_SUM: u32 = 4;

const PRESETS: &str = "architecture_presets";

/// Every key that SCALE-Sim reads.
pub(super) static KEYS: [Key; 29] = [
    key("general", "run_name", Kind::Text),
    key(PRESETS, "ArrayHeight", Kind::Size),
    key(PRESETS, "ArrayWidth", Kind::Size),
    key(PRESETS, "Dataflow", Kind::Dataflow),
    key(PRESETS, "IfmapSramSzkB", Kind::Kilobytes(MAX_KIB)),
    key(PRESETS, "FilterSramSzkB", Kind::Kilobytes(MAX_KIB)),
    key(PRESETS, "OfmapSramSzkB", Kind::Kilobytes(MAX_KIB / BYTES_OF_SUM)),
    key(PRESETS, "Bandwidth", Kind::Bandwidths),
    vain(PRESETS, "IfmapOffset", Kind::Number),
    vain(PRESETS, "FilterOffset", Kind::Number),
    vain(PRESETS, "OfmapOffset", Kind::Number),
    vain(PRESETS, "MemoryBanks", Kind::Number),
    vain(PRESETS, "ReadRequestBuffer", Kind::Number),
    vain(PRESETS, "WriteRequestBuffer", Kind::Number),
    vain("layout", "IfmapCustomLayout", Kind::Flag),
    vain("layout", "IfmapSRAMBankBandwidth", Kind::Number),
    vain("layout", "IfmapSRAMBankNum", Kind::Number),
    vain("layout", "IfmapSRAMBankPort", Kind::Number),
    vain("layout", "FilterCustomLayout", Kind::Flag),
    vain("layout", "FilterSRAMBankBandwidth", Kind::Number),
    vain("layout", "FilterSRAMBankNum", Kind::Number),
    vain("layout", "FilterSRAMBankPort", Kind::Number),
    key("sparsity", "SparsitySupport", Kind::Flag),
    key("sparsity", "SparseRep", Kind::Text),
    key("sparsity", "OptimizedMapping", Kind::Flag),
    key("sparsity", "BlockSize", Kind::Number),
    key("sparsity", "RandomNumberGeneratorSeed", Kind::Number),
    key("run_presets", "InterfaceBandwidth", Kind::Word(&["CALC", USER])),
    vain("run_presets", "UseRamulatorTrace", Kind::Flag),
];

/// What a value says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Size(u32),
    Dataflow(Dataflow),
    Number(u64),
    Numbers(Vec<u64>),
    Kilobytes(u32),
    Flag(bool),
    Text(String),
}

impl Kind {
    /// The value of a text; `None` if it is none of this kind.
    pub fn value(self, text: &str) -> Option<Value> {
        let flag = |text: &str| match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        };
        match self {
            Self::Size => text.parse().ok().filter(|size| (1..=MAX_SIZE).contains(size)).map(Value::Size),
            Self::Dataflow => match text.to_ascii_lowercase().as_str() {
                "os" => Some(Value::Dataflow(Dataflow::OutputStationary)),
                "ws" => Some(Value::Dataflow(Dataflow::WeightStationary)),
                "is" => Some(Value::Dataflow(Dataflow::InputStationary)),
                _ => None,
            },
            Self::Number => text.parse().ok().map(Value::Number),
            Self::Kilobytes(most) => text.parse().ok().filter(|size| (1..=most).contains(size)).map(Value::Kilobytes),
            Self::Bandwidths => {
                let number = |number: &str| number.trim().parse().ok().filter(|&number| number > 0);
                text.split(',').map(number).collect::<Option<_>>().map(Value::Numbers)
            }
            Self::Flag => flag(text).map(Value::Flag),
            Self::Word(words) => {
                let found = words.iter().find(|word| word.eq_ignore_ascii_case(text));
                found.map(|&word| Value::Text(word.to_owned()))
            }
            Self::Text => Some(Value::Text(text.to_owned())),
        }
    }

    /// What may be written, for the help of an error.
    pub fn wanted(self) -> String {
        match self {
            Self::Size => format!("a whole number of 1 to {MAX_SIZE}: larger arrays are not built"),
            Self::Dataflow => "os, ws or is".to_owned(),
            Self::Number => "a whole number, 0 or more".to_owned(),
            Self::Kilobytes(most) => format!("a whole number of 1 to {most}, both halves of the buffer together"),
            Self::Bandwidths => "whole numbers of 1 or more, with commas between them if there are several".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Word(words) => words.join(" or "),
            Self::Text => "any text".to_owned(),
        }
    }
}
