//! What memory did to a run: its part of `results.json`, its columns of `layers.csv`, its sentence.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::number::{grouped, percent, share};
use super::results::Results;
use crate::simulate::{MemoryRun, Tensor, TensorTraffic, WorkloadRun};

/// Of all products of a layer, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The loops over blocks, outermost first.
    pub loop_order: String,
    /// Extents of a block along M, N and K.
    pub block: [usize; 3],
    /// Blocks along M, N and K.
    pub blocks: [usize; 3],
    /// What is busy longest: `array`, `dram`, `sram-a`, `sram-b` or `sram-c`.
    pub bound: String,
    /// Cycles of the same tiles with everything always offered.
    pub array_cycles: u64,
    /// Cycles of stall because buffers are read too slowly, or because rows at their own pace meet at the end of a block of K.
    pub sram_stall: u64,
    /// Cycles of stall because blocks come or go too slowly.
    pub dram_stall: u64,
    /// Cycles in which DRAM moves something.
    pub dram_busy: u64,
    /// Bits that DRAM moves.
    pub dram_bits: u64,
    /// A.
    pub a: Traffic,
    /// B.
    pub b: Traffic,
    /// Results and partial sums.
    pub c: Traffic,
}

/// Of one matrix. Words are elements, of B those that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Bits of a stored element.
    pub word_bits: u32,
    /// Words that the matrix has as it is stored; of A of a convolution the input's, or the windows' where blocks of K share exponents.
    pub words: u64,
    /// Words that DRAM moves in a round: those of all blocks, whose windows may share some of the input.
    pub round_words: u64,
    /// How often DRAM sends the blocks of A or B, or takes those of C.
    pub rounds: u64,
    /// Words that DRAM sends.
    pub dram_read_words: u64,
    /// Words that DRAM takes.
    pub dram_write_words: u64,
    /// Words read from the buffer.
    pub sram_read_words: u64,
    /// Words written to it.
    pub sram_write_words: u64,
    /// The same in bits, metadata included.
    pub dram_read_bits: u64,
    /// Bits that DRAM takes.
    pub dram_write_bits: u64,
    /// Bits read from the buffer.
    pub sram_read_bits: u64,
    /// Bits written to it.
    pub sram_write_bits: u64,
    /// Most bits that the buffer holds.
    pub peak_bits: u64,
    /// Bits of the buffer; `null` without a limit.
    pub buffer_bits: Option<u64>,
    /// What moves beside the words, if anything does: indices of kept elements, exponents that blocks share, masks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

/// Bits that move beside the words of a matrix, and are in its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Of all words of the matrix, as DRAM stores them.
    pub bits: u64,
    /// Bits that DRAM sends.
    pub dram_read_bits: u64,
    /// Bits read from the buffer.
    pub sram_read_bits: u64,
    /// Bits written to it.
    pub sram_write_bits: u64,
}

/// Of all layers, repetitions included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryTotal {
    /// Layers by what bounds them.
    pub bounds: BTreeMap<String, usize>,
    /// Cycles of stall because buffers are read too slowly, or because rows at their own pace meet at the end of a block of K.
    pub sram_stall: u64,
    /// Cycles of stall because blocks come or go too slowly.
    pub dram_stall: u64,
    /// Cycles in which DRAM moves something.
    pub dram_busy: u64,
    /// Bits that DRAM moves.
    pub dram_bits: u64,
    /// A.
    pub a: TrafficTotal,
    /// B.
    pub b: TrafficTotal,
    /// Results and partial sums.
    pub c: TrafficTotal,
}

/// Of one matrix of all layers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficTotal {
    /// Words that DRAM sends.
    pub dram_read_words: u64,
    /// Words that DRAM takes.
    pub dram_write_words: u64,
    /// Words read from the buffer.
    pub sram_read_words: u64,
    /// Words written to it.
    pub sram_write_words: u64,
}

impl Memory {
    /// The record of a run.
    pub fn new(run: &MemoryRun) -> Self {
        let [a, b, c] = run.tensors.each_ref().map(Traffic::new);
        Self {
            loop_order: run.order.name().to_owned(),
            block: run.block,
            blocks: run.blocks,
            bound: run.bound().name().to_owned(),
            array_cycles: run.array_cycles,
            sram_stall: run.sram_stall,
            dram_stall: run.dram_stall,
            dram_busy: run.dram_busy,
            dram_bits: run.dram_bits,
            a,
            b,
            c,
        }
    }
}

impl Traffic {
    fn new(tensor: &TensorTraffic) -> Self {
        let bits = |words: u64| words * u64::from(tensor.word_bits);
        let beside = tensor.metadata;
        let metadata = (beside != Default::default()).then_some(Metadata {
            bits: beside.stored,
            dram_read_bits: beside.dram_reads,
            sram_read_bits: beside.sram_reads,
            sram_write_bits: beside.sram_writes,
        });
        Self {
            word_bits: tensor.word_bits,
            words: tensor.elements,
            round_words: tensor.round,
            rounds: tensor.rounds,
            dram_read_words: tensor.dram_reads,
            dram_write_words: tensor.dram_writes,
            sram_read_words: tensor.sram_reads,
            sram_write_words: tensor.sram_writes,
            dram_read_bits: bits(tensor.dram_reads) + beside.dram_reads,
            dram_write_bits: bits(tensor.dram_writes),
            sram_read_bits: bits(tensor.sram_reads) + beside.sram_reads,
            sram_write_bits: bits(tensor.sram_writes) + beside.sram_writes,
            peak_bits: tensor.peak_bits,
            buffer_bits: tensor.buffer_bits,
            metadata,
        }
    }
}

impl MemoryTotal {
    /// The sums of a run; `None` without memory.
    pub fn new(run: &WorkloadRun) -> Option<Self> {
        let layers: Vec<(u64, &MemoryRun)> =
            run.layers.iter().filter_map(|layer| Some((layer.repeat, layer.memory.as_ref()?))).collect();
        if layers.is_empty() {
            return None;
        }
        let mut bounds = BTreeMap::new();
        for (_, memory) in &layers {
            *bounds.entry(memory.bound().name().to_owned()).or_default() += 1;
        }
        let sum = |of: &dyn Fn(&MemoryRun) -> u64| layers.iter().map(|(repeat, memory)| repeat * of(memory)).sum();
        let traffic = |tensor: Tensor| {
            let sum = |of: fn(&TensorTraffic) -> u64| sum(&|memory| of(&memory.tensors[tensor as usize]));
            TrafficTotal {
                dram_read_words: sum(|tensor| tensor.dram_reads),
                dram_write_words: sum(|tensor| tensor.dram_writes),
                sram_read_words: sum(|tensor| tensor.sram_reads),
                sram_write_words: sum(|tensor| tensor.sram_writes),
            }
        };
        Some(Self {
            bounds,
            sram_stall: sum(&|memory| memory.sram_stall),
            dram_stall: sum(&|memory| memory.dram_stall),
            dram_busy: sum(&|memory| memory.dram_busy),
            dram_bits: sum(&|memory| memory.dram_bits),
            a: traffic(Tensor::A),
            b: traffic(Tensor::B),
            c: traffic(Tensor::C),
        })
    }
}

/// What bounds a layer, in words.
pub fn bound_words(bound: &str) -> &str {
    match bound {
        "array" => "the array",
        "dram" => "DRAM",
        "sram-a" => "the buffer of A",
        "sram-b" => "the buffer of B",
        "sram-c" => "the buffer of C",
        other => other,
    }
}

/// What memory did, in a sentence or two; `None` without memory.
pub fn memory_sentence(results: &Results) -> Option<String> {
    let total = results.total.memory.as_ref()?;
    let layers = total.bounds.values().fold(0, |sum: usize, &count| sum.saturating_add(count));
    let mut bounds: Vec<(&str, usize)> = total.bounds.iter().map(|(name, &count)| (name.as_str(), count)).collect();
    bounds.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    let bounds: Vec<String> = bounds
        .iter()
        .enumerate()
        .map(|(index, (name, count))| match index {
            0 => format!("{} bounds {count} of {layers} layers", bound_words(name)),
            _ => format!("{} {count}", bound_words(name)),
        })
        .collect();
    let bounds = bounds.join(", ");
    let (first, rest) = bounds.split_at(1);
    let stall = results.total.parts.stall;
    Some(format!(
        "{}{rest}. Memory stalls the array for {} cycles, {} of all; DRAM moves {} bits and is busy for {} of the time.",
        first.to_uppercase(),
        grouped(stall),
        percent(share(stall, results.total.cycles)),
        grouped(total.dram_bits),
        percent(share(total.dram_busy, results.total.cycles)),
    ))
}

/// The columns of `layers.csv` that only runs with memory have.
pub const COLUMNS: [&str; 14] = [
    "loop_order",
    "bound",
    "sram_stall",
    "dram_stall",
    "a_dram_read_words",
    "b_dram_read_words",
    "c_dram_read_words",
    "c_dram_write_words",
    "a_sram_read_words",
    "a_sram_write_words",
    "b_sram_read_words",
    "b_sram_write_words",
    "c_sram_read_words",
    "c_sram_write_words",
];

/// The cells of these columns.
pub fn cells(memory: &Memory) -> [String; 14] {
    let Memory { a, b, c, .. } = memory;
    [
        memory.loop_order.clone(),
        memory.bound.clone(),
        memory.sram_stall.to_string(),
        memory.dram_stall.to_string(),
        a.dram_read_words.to_string(),
        b.dram_read_words.to_string(),
        c.dram_read_words.to_string(),
        c.dram_write_words.to_string(),
        a.sram_read_words.to_string(),
        a.sram_write_words.to_string(),
        b.sram_read_words.to_string(),
        b.sram_write_words.to_string(),
        c.sram_read_words.to_string(),
        c.sram_write_words.to_string(),
    ]
}

/// A row of the page's table of memory.
pub fn page_row(memory: &Memory, stall: u64) -> Vec<String> {
    let block = memory.block.map(|extent| extent.to_string()).join(" \u{d7} ");
    let peak = |traffic: &Traffic| match traffic.buffer_bits {
        Some(buffer) => percent(share(traffic.peak_bits, buffer)),
        None => "\u{2013}".to_owned(),
    };
    let Memory { a, b, c, .. } = memory;
    let mut row = vec![memory.loop_order.clone(), block, bound_words(&memory.bound).to_owned(), grouped(stall)];
    row.extend([a, b, c].map(|traffic| {
        let words = grouped(traffic.dram_read_words.saturating_add(traffic.dram_write_words));
        format!("{words} (\u{d7} {})", traffic.rounds)
    }));
    row.extend([a, b, c].map(|traffic| grouped(traffic.sram_read_words.saturating_add(traffic.sram_write_words))));
    row.extend([a, b, c].map(peak));
    row
}
