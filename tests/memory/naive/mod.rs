//! Memory the slow way: buffers are sets of elements, DRAM moves bits, the array works, cycle by cycle. Nothing here is shared with
//! `src/simulate/memory`, not even what a tile costs: that of a dense array is written from the tables of docs/cycles.md, that of
//! a skipping one is a run of the tile alone or, for a block of K in a pass, counted by the rules of docs/skipping.md.

mod run;
mod stored;
mod tile;

use std::ops::Range;

use bitweight::engine::{BlockAxis, BlockOrder, EngineSpec, Memory};
use bitweight::matrix::Matrix;
use bitweight::workload::Conv;

pub use stored::{Stored, is_blocked};

/// Longest run that is simulated.
pub const PATIENCE: u64 = 160_000;

/// A box of M, N and K.
pub type Region = [Range<usize>; 3];

const AXES: [BlockAxis; 3] = [BlockAxis::M, BlockAxis::N, BlockAxis::K];

/// What the slow way finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub cycles: u64,
    pub results_out: u64,
    pub dram_busy: u64,
    pub dram_reads: [u64; 3],
    pub dram_writes: [u64; 3],
    pub sram_reads: [u64; 3],
    pub sram_writes: [u64; 3],
    pub port_cycles: [u64; 3],
    pub peak_bits: [u64; 3],
    /// Bits beside words: indices, exponents, masks.
    pub beside_dram_reads: [u64; 3],
    pub beside_sram_reads: [u64; 3],
    pub beside_sram_writes: [u64; 3],
}

impl Found {
    /// One run after the other.
    pub fn and(&self, other: &Self) -> Self {
        let sum = |one: [u64; 3], other: [u64; 3]| [0, 1, 2].map(|tensor| one[tensor] + other[tensor]);
        Self {
            cycles: self.cycles + other.cycles,
            results_out: self.cycles + other.results_out,
            dram_busy: self.dram_busy + other.dram_busy,
            dram_reads: sum(self.dram_reads, other.dram_reads),
            dram_writes: sum(self.dram_writes, other.dram_writes),
            sram_reads: sum(self.sram_reads, other.sram_reads),
            sram_writes: sum(self.sram_writes, other.sram_writes),
            port_cycles: sum(self.port_cycles, other.port_cycles),
            peak_bits: [0, 1, 2].map(|tensor| self.peak_bits[tensor].max(other.peak_bits[tensor])),
            beside_dram_reads: sum(self.beside_dram_reads, other.beside_dram_reads),
            beside_sram_reads: sum(self.beside_sram_reads, other.beside_sram_reads),
            beside_sram_writes: sum(self.beside_sram_writes, other.beside_sram_writes),
        }
    }
}

/// Passes over K of an engine whose rows take digits of one bit weight; else 1.
pub fn passes(spec: &EngineSpec) -> usize {
    match spec.transforms.iter().any(|name| name == "skip-zero-digits") {
        true => spec.digit_slots() as usize,
        false => 1,
    }
}

/// A GEMM on an engine with memory.
pub struct Case<'a> {
    pub spec: &'a EngineSpec,
    pub memory: &'a Memory,
    pub a: &'a Matrix<i32>,
    pub b: &'a Matrix<i32>,
    pub word_bits: [u64; 3],
    /// What A is the windows of, if it is.
    pub conv: Option<Conv>,
    /// Which block of K it is of those that share exponents, and how many there are; (0, 1) of others.
    pub product: (usize, usize),
}

impl<'a> Case<'a> {
    fn stored(&self) -> Stored<'a> {
        let (_, products) = self.product;
        // Blocks lie along the windows, so these are what is stored.
        let conv = self.conv.filter(|_| !is_blocked(self.spec));
        Stored { spec: self.spec, word_bits: self.word_bits, conv, products }
    }
}

fn cut(range: Range<usize>, step: usize) -> Vec<Range<usize>> {
    let end = range.end;
    range.step_by(step).map(|start| start..end.min(start + step)).collect()
}

/// Blocks in the order of three nested loops; if K is cut they come in `passes`, a loop outside of that over K.
pub fn blocks(extents: [usize; 3], sizes: [usize; 3], order: BlockOrder, passes: usize) -> Vec<Region> {
    let axes = order.axes().map(|axis| AXES.iter().position(|&of| of == axis).unwrap());
    let ranges = axes.map(|axis| match cut(0..extents[axis], sizes[axis]) {
        ranges if axis == 2 && ranges.len() > 1 => (0..passes).flat_map(|_| ranges.clone()).collect(),
        ranges => ranges,
    });
    let mut all = Vec::new();
    for x in &ranges[0] {
        for y in &ranges[1] {
            for z in &ranges[2] {
                let mut region: Region = [0..0, 0..0, 0..0];
                for (axis, range) in axes.into_iter().zip([x, y, z]) {
                    region[axis] = range.clone();
                }
                all.push(region);
            }
        }
    }
    all
}
