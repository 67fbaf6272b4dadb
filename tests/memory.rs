//! Memory around engines: the closed computation against buffers and a DRAM channel that are simulated cycle by cycle, against
//! counts by hand, and against what must hold whatever the numbers. `BITWEIGHT_SEED=n` runs one case again.

#[path = "memory/naive.rs"]
mod naive;
mod seeds;

use bitweight::engine::{Array, BlockOrder, Buffer, Dataflow, EngineSpec, Family, Memory};
use bitweight::matrix::Matrix;
use bitweight::simulate::{Bound, GemmRun, MemoryRun, SimulateError, events, with_memory};
use bitweight::verify::{Draw, RandomGemm, describe, random_spec, random_spec_where};

/// The run of a GEMM with memory, and what memory did.
fn run(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<(GemmRun, MemoryRun), SimulateError> {
    let mut run = events(spec, a, b)?;
    let memory = with_memory(spec, (a, b), &mut run)?.expect("a memory");
    Ok((run, memory))
}

fn with(spec: &EngineSpec, memory: Memory) -> EngineSpec {
    EngineSpec { memory: Some(memory), ..spec.clone() }
}

/// Buffers of 1 KiB, so operands have to be long to need several blocks.
fn random_memory(draw: &mut Draw, order: Option<BlockOrder>) -> Memory {
    let mut buffer = || Buffer {
        kib: draw.one_of(&[Some(1), Some(1), Some(2), None]),
        bits_per_cycle: draw.one_of(&[None, Some(5), Some(16), Some(64), Some(1000)]),
    };
    let (a, b, c) = (buffer(), buffer(), buffer());
    Memory { a, b, c, dram_bits_per_cycle: draw.one_of(&[None, Some(9), Some(32), Some(100), Some(5000)]), order }
}

/// A GEMM whose matrices are a few buffers large.
fn long_gemm(spec: &EngineSpec, draw: &mut Draw) -> (Matrix<i32>, Matrix<i32>) {
    let (m, n, k) = (draw.between(1, 40) as usize, draw.between(1, 40) as usize, draw.between(1, 250) as usize);
    let value = |draw: &mut Draw, bits: u32, signed: bool| {
        let value = draw.below(1 << bits) as i64 * draw.below(2) as i64;
        (value - if signed { 1 << (bits - 1) } else { 0 }) as i32
    };
    let a = Matrix::from_fn(m, k, |_, _| value(draw, spec.a_bits, spec.a_signed));
    let b = Matrix::from_fn(k, n, |_, _| value(draw, spec.b_bits, spec.b_signed));
    (a, b)
}

fn engine(array: Array, rows: u32, cols: u32) -> EngineSpec {
    EngineSpec { array, rows, cols, length_bits: 16, ..EngineSpec::default() }
}

fn operands(m: usize, n: usize, k: usize) -> (Matrix<i32>, Matrix<i32>) {
    (Matrix::from_fn(m, k, |m, k| (m + k) as i32 % 7), Matrix::from_fn(k, n, |k, n| (k + n) as i32 % 5))
}

#[test]
fn a_memory_without_limits_changes_nothing_on_any_design() {
    let pairs = seeds::each(0..600, |seed| {
        let spec = random_spec(seed, 6);
        let gemm = RandomGemm::new(&spec, seed, 3, false);
        let what = || format!("BITWEIGHT_SEED={seed}: {}\n  {gemm}", describe(&spec));
        let alone = events(&spec, &gemm.a, &gemm.b).map_err(|error| format!("{}: {error}", what()))?;
        // Every order, and buffers as large as they come.
        for order in [None].into_iter().chain(BlockOrder::ALL.map(Some)) {
            let large = Buffer { kib: Some(1 << 20), bits_per_cycle: None };
            for buffer in [Buffer::default(), large] {
                let memory = Memory { a: buffer, b: buffer, c: buffer, dram_bits_per_cycle: None, order };
                let (run, memory) =
                    run(&with(&spec, memory), &gemm.a, &gemm.b).map_err(|error| format!("{}: {error}", what()))?;
                if run != alone || memory.blocks != [1, 1, 1] {
                    return Err(format!("{}: {:?} {:?}, alone {:?}", what(), run.parts, run.words, alone.parts));
                }
            }
        }
        Ok(1)
    });
    println!("{pairs} designs");
}

/// What the slow way finds otherwise.
fn difference(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>, memory: &MemoryRun) -> Option<String> {
    let word_bits = memory.tensors.map(|tensor| u64::from(tensor.word_bits));
    let case = naive::Case { spec, memory: spec.memory.as_ref().expect("a memory"), a, b, word_bits };
    let slow = case.run(memory.block, memory.order);
    let fast = naive::Found {
        cycles: memory.cycles,
        dram_busy: memory.dram_busy,
        dram_reads: memory.tensors.map(|tensor| tensor.dram_reads),
        dram_writes: memory.tensors.map(|tensor| tensor.dram_writes),
        sram_reads: memory.tensors.map(|tensor| tensor.sram_reads),
        sram_writes: memory.tensors.map(|tensor| tensor.sram_writes),
        port_cycles: memory.tensors.map(|tensor| tensor.port_cycles),
        // Of C the block before counts until the next one has its place; it may have been written back earlier.
        peak_bits: [0, 1, 2].map(|tensor| match tensor {
            2 if slow.peak_bits[2] < memory.tensors[2].peak_bits => slow.peak_bits[2],
            _ => memory.tensors[tensor].peak_bits,
        }),
    };
    (fast != slow).then(|| format!("{:?} in blocks of {:?}\n  {fast:?}\n  slowly {slow:?}", memory.order, memory.block))
}

#[test]
fn buffers_and_dram_cycle_by_cycle_give_the_same_counts() {
    let (several, partial) = (std::sync::atomic::AtomicU64::new(0), std::sync::atomic::AtomicU64::new(0));
    let pairs = seeds::each(0..700, |seed| {
        let family = [Family::Dense, Family::Serial, Family::Rival][seed as usize % 7 % 3];
        let stays = seed % 2 == 0;
        let spec = random_spec_where(seed, 6, |spec| {
            spec.family() == family
                && spec.length_bits == 16
                && (family != Family::Dense || (spec.dataflow() != Dataflow::OutputStationary) == stays)
        });
        let mut draw = Draw::new(seed);
        let order = draw.one_of(&[None, Some(0), Some(1), Some(2), Some(3), Some(4), Some(5)]);
        let memory = random_memory(&mut draw, order.map(|index| BlockOrder::ALL[index]));
        let spec = with(&spec, memory);
        let (a, b) = long_gemm(&spec, &mut draw);
        let what = || {
            let (m, n, k) = (a.rows(), b.cols(), a.cols());
            format!("BITWEIGHT_SEED={seed}: {} M={m} N={n} K={k}\n  {memory:?}", describe(&spec))
        };
        let (_, done) = match run(&spec, &a, &b) {
            Ok((_, memory)) if memory.cycles > naive::PATIENCE / 2 => return Ok(0),
            Ok(done) => done,
            Err(SimulateError::BufferTooSmall { .. } | SimulateError::LoopOrder { .. }) => return Ok(0),
            Err(error) => return Err(format!("{}: {error}", what())),
        };
        let count = |counter: &std::sync::atomic::AtomicU64, holds: bool| {
            counter.fetch_add(holds.into(), std::sync::atomic::Ordering::Relaxed);
        };
        count(&several, done.blocks.iter().product::<usize>() > 2);
        count(&partial, done.tensors[2].dram_reads > 0);
        difference(&spec, &a, &b, &done).map_or(Ok(1), |difference| Err(format!("{}: {difference}", what())))
    });
    let (several, partial) = (several.into_inner(), partial.into_inner());
    println!("{pairs} runs, {several} of more than two blocks, {partial} with partial sums from DRAM");
    assert!(seeds::only().is_some() || (pairs > 400 && several > 250 && partial > 20));
}
