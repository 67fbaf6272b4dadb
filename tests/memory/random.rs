//! Random designs, memories and GEMMs: the closed computation and the slow one agree on every count.

use std::sync::atomic::{AtomicU64, Ordering};

use bitweight::engine::{BlockOrder, Buffer, Dataflow, EngineSpec, Family, Memory};
use bitweight::matrix::Matrix;
use bitweight::notation::transform::SyncPeriod;
use bitweight::simulate::{MemoryRun, SimulateError};
use bitweight::verify::{Draw, RandomGemm, describe, random_spec_where};
use bitweight::workload::Conv;
use proptest::prelude::*;

use crate::cases::{
    alone, conv_operands, counts_steps, is_legal, long_gemm, products, random_conv, random_memory, run, runs, value,
    with,
};
use crate::{naive, seeds};

#[test]
fn a_memory_without_limits_changes_nothing_on_any_design() {
    let pairs = seeds::each(0..250, |seed| {
        let spec = random_spec_where(seed, 6, is_legal);
        let gemm = RandomGemm::new(&spec, seed, 3, false);
        let what = || format!("BITWEIGHT_SEED={seed}: {}\n  {gemm}", describe(&spec));
        let alone = alone(&spec, (&gemm.a, &gemm.b)).map_err(|error| format!("{}: {error}", what()))?;
        // Every order, and buffers as large as they come.
        for order in [None].into_iter().chain(BlockOrder::ALL.map(Some)) {
            let large = Buffer { kib: Some(1 << 20), bits_per_cycle: None };
            for buffer in [Buffer::default(), large] {
                let memory = Memory { a: buffer, b: buffer, c: buffer, order, ..Memory::default() };
                let runs = runs(&with(&spec, memory), (&gemm.a, &gemm.b), None);
                let runs = runs.map_err(|error| format!("{}: {error}", what()))?;
                for ((run, memory), alone) in runs.iter().zip(&alone) {
                    if run != alone || memory.blocks != [1, 1, runs.len()] {
                        let counts = &run.counts;
                        return Err(format!("{}: {counts:?}, alone {:?}", what(), alone.counts));
                    }
                }
            }
        }
        Ok(1)
    });
    println!("{pairs} designs");
}

/// What the slow way finds otherwise.
fn difference(
    spec: &EngineSpec,
    (a, b): (&Matrix<i32>, &Matrix<i32>),
    conv: Option<Conv>,
    product: (usize, usize),
    memory: &MemoryRun,
) -> Option<String> {
    let word_bits = memory.tensors.map(|tensor| u64::from(tensor.word_bits));
    let case = naive::Case { spec, memory: spec.memory.as_ref().expect("a memory"), a, b, word_bits, conv, product };
    let slow = case.run(memory.block, memory.order);
    let fast = naive::Found {
        cycles: memory.cycles,
        results_out: memory.results_out,
        dram_busy: memory.dram_busy,
        dram_reads: memory.tensors.map(|tensor| tensor.dram_reads),
        dram_writes: memory.tensors.map(|tensor| tensor.dram_writes),
        sram_reads: memory.tensors.map(|tensor| tensor.sram_reads),
        sram_writes: memory.tensors.map(|tensor| tensor.sram_writes),
        port_cycles: memory.tensors.map(|tensor| tensor.port_cycles),
        peak_bits: memory.tensors.map(|tensor| tensor.peak_bits),
        beside_dram_reads: memory.tensors.map(|tensor| tensor.metadata.dram_reads),
        beside_sram_reads: memory.tensors.map(|tensor| tensor.metadata.sram_reads),
        beside_sram_writes: memory.tensors.map(|tensor| tensor.metadata.sram_writes),
    };
    (fast != slow).then(|| format!("{:?} in blocks of {:?}\n  {fast:?}\n  slowly {slow:?}", memory.order, memory.block))
}

/// What memory does to a product if it is the same slowly; `None` if no blocks fit or it would take too long.
fn same_slowly(
    seed: u64,
    spec: &EngineSpec,
    (a, b): (&Matrix<i32>, &Matrix<i32>),
    conv: Option<Conv>,
) -> Result<Option<MemoryRun>, String> {
    let what = || {
        let (m, n, k) = (a.rows(), b.cols(), a.cols());
        format!("BITWEIGHT_SEED={seed}: {} M={m} N={n} K={k} {conv:?}\n  {:?}", describe(spec), spec.memory)
    };
    let done = match runs(spec, (a, b), conv) {
        Ok(runs) if runs.iter().map(|(_, memory)| memory.cycles).sum::<u64>() > naive::PATIENCE / 4 => return Ok(None),
        Ok(runs) => runs,
        Err(SimulateError::BufferTooSmall { .. } | SimulateError::LoopOrder { .. }) => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", what())),
    };
    for (index, ((a, b), (_, memory))) in products(spec, (a, b)).iter().zip(&done).enumerate() {
        if let Some(difference) = difference(spec, (a, b), conv, (index, done.len()), memory) {
            return Err(format!("{} product {index}: {difference}", what()));
        }
    }
    let sum = done.into_iter().map(|(_, memory)| memory).reduce(MemoryRun::and).expect("a product");
    match sum.is_conserved() {
        true => Ok(Some(sum)),
        false => Err(format!("{}: {sum:?} is not conserved", what())),
    }
}

/// K in blocks, and passes over them, for every way of keeping step.
#[test]
fn blocks_of_k_in_passes_cycle_by_cycle_give_the_same_counts() {
    let [free, meet, together] = [(); 3].map(|()| AtomicU64::new(0));
    let pairs = seeds::each(0..200, |seed| {
        let spec = random_spec_where(seed, 4, |spec| {
            // Blocks that share exponents are short.
            spec.length_bits >= 16 && spec.family() == Family::Serial && !naive::is_blocked(spec)
        });
        let mut draw = Draw::new(seed);
        let order = draw.one_of(&[None, Some(BlockOrder::Mnk), Some(BlockOrder::Nmk)]);
        let mut memory = random_memory(&mut draw, order);
        (memory.a.kib, memory.b.kib) = (Some(1), Some(1));
        let spec = with(&spec, memory);
        let [m, n, k] = [(1, 9), (1, 9), (120, 400)].map(|(least, most)| draw.between(least, most) as usize);
        // A few more zeros, so that groups are empty.
        let value = |draw: &mut Draw, format| value(draw, format) * i32::from(draw.below(4) > 0);
        let a = Matrix::from_fn(m, k, |_, _| value(&mut draw, spec.a_format()));
        let b = Matrix::from_fn(k, n, |_, _| value(&mut draw, spec.b_format()));
        let Some(done) = same_slowly(seed, &spec, (&a, &b), None)? else { return Ok(0) };
        if done.blocks[2] == 1 {
            return Ok(0);
        }
        // Rows that meet at the ends of blocks anyway lose nothing there.
        let counter =
            match (spec.parameters.sync, memory.a.bits_per_cycle, memory.b.bits_per_cycle, memory.c.bits_per_cycle) {
                (SyncPeriod::Operands(_), None, None, None) if done.sram_stall > 0 => {
                    return Err(format!("BITWEIGHT_SEED={seed}: {} cycles lost where rows meet", done.sram_stall));
                }
                (SyncPeriod::Operands(_), ..) => &meet,
                _ if done.sram_stall > 0 => &free,
                _ => &together,
            };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(1)
    });
    let [free, meet, together] = [free, meet, together].map(|counter| counter.into_inner());
    println!(
        "{pairs} runs with K in blocks: rows meet in {meet}, lose cycles at ends of blocks or ports in {free}, none in {together}"
    );
    assert!(seeds::only().is_some() || (pairs > 80 && free > 20 && meet > 10));
}

#[test]
fn buffers_and_dram_cycle_by_cycle_give_the_same_counts() {
    let counters: [AtomicU64; 7] = Default::default();
    let [several, partial, shared, kept, blocked, goes_round, masked] = &counters;
    let pairs = seeds::each(0..560, |seed| {
        let family = match seed % 4 {
            0 => Family::Dense,
            _ => [Family::Dense, Family::Serial, Family::Laconic][seed as usize % 7 % 3],
        };
        let stays = seed % 2 == 0;
        let spec = random_spec_where(seed, 6, |spec| {
            spec.family() == family
                && is_legal(spec)
                && counts_steps(spec)
                // A tile of it alone makes a table of the terms of every operand that there can be.
                && (family != Family::Laconic || spec.a_bits.max(spec.b_bits) <= 10)
                && (family != Family::Dense || (spec.dataflow() != Dataflow::OutputStationary) == stays)
        });
        let mut draw = Draw::new(seed);
        // Wide operands, small buffers and narrow sums make partial sums move.
        let spec = match seed % 4 {
            0 if spec.a_element.is_none() && spec.b_element.is_none() => {
                EngineSpec { a_bits: 16, b_bits: 16, acc_bits: 8, saturate: true, ..spec }
            }
            _ => spec,
        };
        let order = draw.one_of(&[None, Some(0), Some(1), Some(2), Some(3), Some(4), Some(4), Some(5), Some(5)]);
        let mut memory = random_memory(&mut draw, order.map(|index| BlockOrder::ALL[index]));
        if seed % 4 == 0 {
            (memory.a.kib, memory.b.kib, memory.c.kib) = (Some(1), Some(1), Some(1));
            memory.order = Some(draw.one_of(&[BlockOrder::Mkn, BlockOrder::Nkm, BlockOrder::Kmn, BlockOrder::Knm]));
            memory.dram_bits_per_cycle = memory.dram_bits_per_cycle.max(Some(32));
        }
        let is_conv = seed % 4 != 0 && draw.one_of(&[false, true]);
        if is_conv {
            memory.a.kib = Some(1);
        }
        let spec = with(&spec, memory);
        // With a short K it is the results that are held up.
        let longest_k = if seed % 4 == 3 { 6 } else { 250 };
        let conv = is_conv.then(|| random_conv(&mut draw));
        let (a, b) = match &conv {
            Some(conv) => conv_operands(&spec, &mut draw, conv),
            None => long_gemm(&spec, &mut draw, longest_k),
        };
        let Some(done) = same_slowly(seed, &spec, (&a, &b), conv)? else { return Ok(0) };
        let count = |counter: &AtomicU64, holds: bool| {
            counter.fetch_add(holds.into(), Ordering::Relaxed);
        };
        let is_limited = done.dram_stall > 0 && done.sram_stall > 0;
        count(kept, spec.kept().is_some() && (done.blocks[2] > 1 || is_limited));
        count(blocked, naive::is_blocked(&spec) && done.blocks[2] > 1 && done.tensors[2].rounds == 1);
        count(goes_round, naive::is_blocked(&spec) && done.blocks[2] > 1 && done.tensors[2].rounds > 1);
        count(masked, done.tensors[1].metadata.sram_reads > 0 && spec.takes_values());
        count(several, done.blocks.iter().product::<usize>() > 2);
        count(partial, done.tensors[2].dram_reads > 0);
        count(shared, conv.is_some() && done.blocks[0] > 1 && done.tensors[0].round > done.tensors[0].elements);
        Ok(1)
    });
    let [several, partial, shared, kept, blocked, goes_round, masked] = counters.map(AtomicU64::into_inner);
    println!(
        "{pairs} runs, {several} of more than two blocks, {partial} with partial sums from DRAM, {shared} whose blocks share \
         input, {kept} of compressed weights, {blocked} with sums of blocks that stay and {goes_round} that go round, {masked} with masks"
    );
    assert!(seeds::only().is_some() || (pairs > 300 && several > 170 && partial > 8 && shared > 15));
    assert!(seeds::only().is_some() || (kept > 8 && blocked > 8 && goes_round > 8 && masked > 8));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// With the same blocks (the same buffers, that is) nothing that is wider costs cycles, the parts sum, and stalls are what is lost.
    #[test]
    fn more_bandwidth_never_costs_cycles(seed in 0_u64..5000, which in 0_usize..4, more in 1_u32..400) {
        let spec = random_spec_where(seed, 6, |spec| is_legal(spec) && counts_steps(spec));
        let mut draw = Draw::new(seed);
        let memory = random_memory(&mut draw, None);
        let (a, b) = long_gemm(&spec, &mut draw, 250);
        let narrow = run(&with(&spec, memory), &a, &b);
        prop_assume!(!matches!(narrow, Err(SimulateError::BufferTooSmall { .. })));
        let (narrow, of_narrow) = narrow.expect("a run");
        // What is chosen may be another thing where more bits come in a cycle.
        let mut wider = Memory { order: Some(of_narrow.order), block: of_narrow.block.map(|size| Some(size as u32)), ..memory };
        let port = match which {
            0 => &mut wider.a.bits_per_cycle,
            1 => &mut wider.b.bits_per_cycle,
            2 => &mut wider.c.bits_per_cycle,
            _ => &mut wider.dram_bits_per_cycle,
        };
        *port = port.map(|bits| bits + more);
        let (wide, of_wide) = run(&with(&spec, wider), &a, &b).expect("a run");
        prop_assert!(wide.cycles <= narrow.cycles, "{} cycles, wider {}", narrow.cycles, wide.cycles);
        prop_assert!(of_wide.dram_busy <= of_narrow.dram_busy);
        for (run, memory) in [(&narrow, &of_narrow), (&wide, &of_wide)] {
            prop_assert_eq!(run.parts.total(), run.cycles);
            prop_assert_eq!(memory.array_cycles + run.parts.stall, run.cycles);
            prop_assert!(run.utilization() <= 1.0);
            for (tensor, buffer) in memory.tensors.iter().zip([wider.a, wider.b, wider.c]) {
                prop_assert!(buffer.half_bits().is_none_or(|half| tensor.peak_bits <= 2 * half));
                prop_assert_eq!(tensor.elements * tensor.rounds, tensor.dram_reads.max(tensor.dram_writes));
                let fetched = tensor.metadata.stored * tensor.rounds;
                prop_assert_eq!(fetched, tensor.metadata.dram_reads);
            }
        }
        prop_assert_eq!(&narrow.useful, &wide.useful);
    }
}
