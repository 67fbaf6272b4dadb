//! The keys of a SCALE-Sim configuration, and what their values may be.

use super::super::MAX_SIZE;
use crate::engine::Dataflow;

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// PEs along a side of the array.
    Size,
    /// `os`, `ws` or `is`.
    Dataflow,
    /// A whole number.
    Number,
    /// Whole numbers with commas between them.
    Numbers,
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
    /// Whether it speaks of memories, which are not modelled.
    pub memory: bool,
}

const fn key(section: &'static str, name: &'static str, kind: Kind) -> Key {
    Key { section, name, kind, memory: false }
}

const fn memory(section: &'static str, name: &'static str, kind: Kind) -> Key {
    Key { section, name, kind, memory: true }
}

const PRESETS: &str = "architecture_presets";

/// Every key that SCALE-Sim reads.
pub(super) static KEYS: [Key; 29] = [
    key("general", "run_name", Kind::Text),
    key(PRESETS, "ArrayHeight", Kind::Size),
    key(PRESETS, "ArrayWidth", Kind::Size),
    key(PRESETS, "Dataflow", Kind::Dataflow),
    memory(PRESETS, "IfmapSramSzkB", Kind::Number),
    memory(PRESETS, "FilterSramSzkB", Kind::Number),
    memory(PRESETS, "OfmapSramSzkB", Kind::Number),
    memory(PRESETS, "Bandwidth", Kind::Numbers),
    memory(PRESETS, "IfmapOffset", Kind::Number),
    memory(PRESETS, "FilterOffset", Kind::Number),
    memory(PRESETS, "OfmapOffset", Kind::Number),
    memory(PRESETS, "MemoryBanks", Kind::Number),
    memory(PRESETS, "ReadRequestBuffer", Kind::Number),
    memory(PRESETS, "WriteRequestBuffer", Kind::Number),
    memory("layout", "IfmapCustomLayout", Kind::Flag),
    memory("layout", "IfmapSRAMBankBandwidth", Kind::Number),
    memory("layout", "IfmapSRAMBankNum", Kind::Number),
    memory("layout", "IfmapSRAMBankPort", Kind::Number),
    memory("layout", "FilterCustomLayout", Kind::Flag),
    memory("layout", "FilterSRAMBankBandwidth", Kind::Number),
    memory("layout", "FilterSRAMBankNum", Kind::Number),
    memory("layout", "FilterSRAMBankPort", Kind::Number),
    key("sparsity", "SparsitySupport", Kind::Flag),
    key("sparsity", "SparseRep", Kind::Text),
    key("sparsity", "OptimizedMapping", Kind::Flag),
    key("sparsity", "BlockSize", Kind::Number),
    key("sparsity", "RandomNumberGeneratorSeed", Kind::Number),
    memory("run_presets", "InterfaceBandwidth", Kind::Word(&["CALC", "USER"])),
    memory("run_presets", "UseRamulatorTrace", Kind::Flag),
];

/// What a value says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Size(u32),
    Dataflow(Dataflow),
    Number(u64),
    Numbers(Vec<u64>),
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
            Self::Numbers => {
                text.split(',').map(|number| number.trim().parse().ok()).collect::<Option<_>>().map(Value::Numbers)
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
            Self::Numbers => "whole numbers, with commas between them if there are several".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Word(words) => words.join(" or "),
            Self::Text => "any text".to_owned(),
        }
    }
}
