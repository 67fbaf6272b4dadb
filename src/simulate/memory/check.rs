//! What every run with memory must make true, checked from other formulas than those that made it.

use super::MemoryRun;
use super::blocks::Blocks;
use super::tiling::{Tensor, Tiling};
use crate::engine::Memory;
use crate::simulate::Counts;

/// The conditions on one product: all of K, or one of the blocks of it that share exponents. `moves_in` says how often the elements of
/// A and of B enter the array for each time that they enter the engine alone, whose run is `alone`.
///
/// # Errors
/// The first that is violated, in words.
pub fn check(
    memory: &Memory,
    tiling: &Tiling,
    (blocks, product): (&Blocks, usize),
    moves_in: [u64; 2],
    alone: &Counts,
    run: &MemoryRun,
) -> Result<(), String> {
    let equal = |what: &str, counted: u64, expected: u64| match counted == expected {
        true => Ok(()),
        false => Err(format!("{what}: {counted} are counted, {expected} follow")),
    };
    let [a, b, c] = &run.tensors;
    let stored = &blocks.stored;
    let [m, n, _] = blocks.extents;
    let extents = [m, n, blocks.k_of_product(product).len()];
    // Sums outside of the array: those that come in, those that are there before and after.
    let is_whole = blocks.products() == 1;
    let (is_first, is_last) = (product == 0, product + 1 == blocks.products());
    let sums = Tensor::C.elements(extents);
    let stay = blocks.rounds(Tensor::C) == 1;
    let (before, after) = (if stay && !is_first { sums } else { 0 }, if stay && !is_last { sums } else { 0 });
    let mut bits = 0;
    for tensor in Tensor::ALL {
        let (name, traffic) = (tensor.name(), &run.tensors[tensor as usize]);
        let (sent, taken) = match tensor {
            _ if is_whole => blocks.dram_words(tensor),
            Tensor::C => (if is_first { 0 } else { sums - before }, sums - after),
            _ => (stored.words(tensor, extents) * blocks.rounds(tensor), 0),
        };
        if is_whole {
            equal(
                &format!("rounds of {name}"),
                traffic.round * traffic.rounds,
                traffic.dram_reads.max(traffic.dram_writes),
            )?;
        }
        equal(&format!("words of {name} from DRAM"), traffic.dram_reads, sent)?;
        equal(&format!("words of {name} to DRAM"), traffic.dram_writes, taken)?;
        let words = if is_whole { blocks.round(tensor) } else { stored.words(tensor, extents) };
        let beside = stored.beside(tensor, extents, words);
        equal(&format!("metadata of {name} from DRAM"), traffic.metadata.dram_reads, beside * blocks.rounds(tensor))?;
        bits += stored.bits(tensor, sent + taken) + traffic.metadata.dram_reads;
        if traffic.buffer_bits.is_some_and(|buffer| traffic.peak_bits > buffer) {
            return Err(format!("the buffer of {name} holds {} bits, more than it has", traffic.peak_bits));
        }
    }
    let windows = Tensor::A.elements(blocks.extents);
    if a.round > windows {
        return Err(format!("a round of A has {} words, its blocks {windows} elements", a.round));
    }
    equal("words of A to the array", a.sram_reads, alone.words.a * moves_in[0])?;
    equal("words of B to the array", b.sram_reads, alone.words.b * moves_in[1])?;
    equal("partial sums to the array", c.partial, alone.words.partial)?;
    equal("results of the array", c.results, alone.words.c)?;
    // A row of A is weighed with each tile of results that lies in it, and so is a column of B.
    let [across, along] = tiling.tiles_of_results(blocks.counts);
    let [of_a, of_b] = [Tensor::A, Tensor::B].map(|tensor| stored.exponents(tensor, extents));
    equal("metadata of A to the array", a.metadata.sram_reads, of_a * across)?;
    let read = stored.index_bits(Tensor::B, b.sram_reads) + stored.masks_read(alone.words.a) + of_b * along;
    equal("metadata of B to the array", b.metadata.sram_reads, read)?;
    equal("sums outside of the array", c.sums, if is_first { 0 } else { sums })?;
    equal("reads of C", c.sram_reads, c.partial + c.sums + c.dram_writes)?;
    equal("writes of C", c.sram_writes, c.results + c.dram_reads)?;
    // Each sum that is written is read once, by the array or for DRAM or by what adds to it.
    equal("words of C that are read", c.sram_reads + after, c.sram_writes + before)?;
    equal("bits of DRAM", run.dram_bits, bits)?;
    if moves_in == [1, 1] {
        equal("cycles of the array alone", run.array_cycles, alone.cycles)?;
    }
    // Many short transfers on a wide channel: more places for bits than 64 bits count.
    let places = memory.dram_bits_per_cycle.map(|width| u128::from(run.dram_busy) * u128::from(width));
    if places.is_some_and(|places| places < u128::from(bits)) || run.dram_busy > run.cycles {
        return Err(format!("DRAM is busy for {} of {} cycles and moves {bits} bits", run.dram_busy, run.cycles));
    }
    equal("cycles", run.cycles, run.array_cycles + run.sram_stall + run.dram_stall)?;
    let most = run.cycles.saturating_mul(alone.peak_per_pe);
    match alone.useful.values().iter().any(|&useful| useful > most) {
        true => Err(format!("a PE did more than {} cycles have places for", run.cycles)),
        false => Ok(()),
    }
}
