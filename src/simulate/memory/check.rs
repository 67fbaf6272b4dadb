//! What every run with memory must make true, checked from other formulas than those that made it.

use super::MemoryRun;
use super::blocks::Blocks;
use super::tiling::Tensor;
use crate::engine::Memory;
use crate::simulate::Counts;

/// The conditions. `moves_in` says how often the elements of A and of B enter the array for each time that they enter the
/// engine alone, whose run is `alone`.
///
/// # Errors
/// The first that is violated, in words.
pub fn check(
    memory: &Memory,
    blocks: &Blocks,
    moves_in: [u64; 2],
    alone: &Counts,
    run: &MemoryRun,
) -> Result<(), String> {
    let equal = |what: &str, counted: u64, expected: u64| match counted == expected {
        true => Ok(()),
        false => Err(format!("{what}: {counted} are counted, {expected} follow")),
    };
    let mut bits = 0;
    for tensor in Tensor::ALL {
        let (name, traffic) = (tensor.name(), &run.tensors[tensor as usize]);
        let (sent, taken) = blocks.dram_elements(tensor);
        equal(
            &format!("rounds of {name}"),
            traffic.round * traffic.rounds,
            traffic.dram_reads.max(traffic.dram_writes),
        )?;
        equal(&format!("words of {name} from DRAM"), traffic.dram_reads, sent)?;
        equal(&format!("words of {name} to DRAM"), traffic.dram_writes, taken)?;
        bits += (sent + taken) * u64::from(traffic.word_bits);
        if traffic.buffer_bits.is_some_and(|buffer| traffic.peak_bits > buffer) {
            return Err(format!("the buffer of {name} holds {} bits, more than it has", traffic.peak_bits));
        }
    }
    let [a, b, c] = &run.tensors;
    let windows = Tensor::A.elements(blocks.extents);
    if a.round > windows {
        return Err(format!("a round of A has {} words, its blocks {windows} elements", a.round));
    }
    equal("words of A to the array", a.sram_reads, alone.words.a * moves_in[0])?;
    equal("words of B to the array", b.sram_reads, alone.words.b * moves_in[1])?;
    equal("partial sums to the array", c.partial, alone.words.partial)?;
    equal("results of the array", c.results, alone.words.c)?;
    equal("reads of C", c.sram_reads, c.partial + c.dram_writes)?;
    equal("writes of C", c.sram_writes, c.results + c.dram_reads)?;
    // Each sum that is written is read once, by the array or for DRAM.
    equal("words of C that are read", c.sram_reads, c.sram_writes)?;
    equal("bits of DRAM", run.dram_bits, bits)?;
    if moves_in == [1, 1] {
        equal("cycles of the array alone", run.array_cycles, alone.cycles)?;
    }
    let width = memory.dram_bits_per_cycle.map(u64::from);
    if width.is_some_and(|width| run.dram_busy * width < bits) || run.dram_busy > run.cycles {
        return Err(format!("DRAM is busy for {} of {} cycles and moves {bits} bits", run.dram_busy, run.cycles));
    }
    equal("cycles", run.cycles, run.array_cycles + run.sram_stall + run.dram_stall)?;
    let most = run.cycles.saturating_mul(alone.peak_per_pe);
    match alone.useful.values().iter().any(|&useful| useful > most) {
        true => Err(format!("a PE did more than {} cycles have places for", run.cycles)),
        false => Ok(()),
    }
}
