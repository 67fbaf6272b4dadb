//! Memory around engines: the closed computation against buffers and a DRAM channel that are simulated cycle by cycle, against
//! counts by hand, and against what must hold whatever the numbers. `BITWEIGHT_SEED=n` runs one case again.

#[path = "memory/naive.rs"]
mod naive;
#[path = "memory/pace.rs"]
mod pace;
mod seeds;

use bitweight::design::{Design, engine_spec};
use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, BlockOrder, Buffer, Dataflow, EngineSpec, Family, Memory};
use bitweight::matrix::{Blocks, Matrix};
use bitweight::notation::transform::SyncPeriod;
use bitweight::simulate::workload as workload_run;
use bitweight::simulate::{Bound, Compare, GemmRun, MemoryPlan, MemoryRun, Plan, SimulateError, events};
use bitweight::verify::{Draw, RandomGemm, describe, random_spec_where};
use bitweight::workload::{Conv, OperandWidths, Workload, WorkloadError, run_network, shipped};
use proptest::prelude::*;

/// The run of a GEMM with memory, and what memory did.
fn run(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<(GemmRun, MemoryRun), SimulateError> {
    run_of(spec, (a, b), None)
}

/// The same of windows.
fn run_of(
    spec: &EngineSpec,
    (a, b): (&Matrix<i32>, &Matrix<i32>),
    conv: Option<Conv>,
) -> Result<(GemmRun, MemoryRun), SimulateError> {
    let mut run = events(spec, a, b)?;
    let plan = MemoryPlan::new(spec, [a.rows(), b.cols(), a.cols()], conv)?.expect("a memory");
    let memory = plan.run((a, b), &mut run.counts)?;
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

/// What memory counts, with integers that the tests can draw: weights that are stored compressed are refused.
fn is_counted(spec: &EngineSpec) -> bool {
    spec.kept().is_none() && spec.a_element.is_none() && spec.b_element.is_none()
}

/// A GEMM whose matrices are a few buffers large.
fn long_gemm(spec: &EngineSpec, draw: &mut Draw, longest_k: u64) -> (Matrix<i32>, Matrix<i32>) {
    let (m, n, k) = (draw.between(1, 40) as usize, draw.between(1, 40) as usize, draw.between(1, longest_k) as usize);
    let value = |draw: &mut Draw, bits: u32, signed: bool| {
        let value = draw.below(1 << bits) as i64 * draw.below(2) as i64;
        (value - if signed { 1 << (bits - 1) } else { 0 }) as i32
    };
    let a = Matrix::from_fn(m, k, |_, _| value(draw, spec.a_bits, spec.a_signed));
    let b = Matrix::from_fn(k, n, |_, _| value(draw, spec.b_bits, spec.b_signed));
    (a, b)
}

/// A convolution of one group.
fn random_conv(draw: &mut Draw) -> Conv {
    loop {
        let mut pair = |least, most| [(); 2].map(|()| draw.between(least, most) as usize);
        let (input, kernel, stride, dilation) = (pair(2, 12), pair(1, 4), pair(1, 2), pair(1, 2));
        let (padding, after) = (pair(0, 2), pair(0, 2));
        let (batch, channels) = (draw.between(1, 2) as usize, draw.between(1, 16) as usize);
        let filters = draw.between(1, 20) as usize;
        let conv = Conv { batch, channels, input, filters, kernel, stride, padding, after, dilation, groups: 1 };
        if conv.output().is_some() && conv.product().0 <= 100 {
            return conv;
        }
    }
}

/// Its windows and filters.
fn conv_operands(spec: &EngineSpec, draw: &mut Draw, conv: &Conv) -> (Matrix<i32>, Matrix<i32>) {
    let value = |draw: &mut Draw, bits: u32, signed: bool| {
        (draw.below(1 << bits) as i64 - if signed { 1 << (bits - 1) } else { 0 }) as i32
    };
    let (_, n, k) = conv.product();
    let pixels = conv.input[0] * conv.input[1];
    let input = Matrix::from_fn(conv.batch * conv.channels, pixels, |_, _| value(draw, spec.a_bits, spec.a_signed));
    let b = Matrix::from_fn(k, n, |_, _| value(draw, spec.b_bits, spec.b_signed));
    let windows = bitweight::workload::Windows { conv: *conv, group: 0, input: std::sync::Arc::new(input) };
    (windows.whole(), b)
}

fn engine(array: Array, rows: u32, cols: u32) -> EngineSpec {
    EngineSpec { array, rows, cols, length_bits: 16, ..EngineSpec::default() }
}

fn operands(m: usize, n: usize, k: usize) -> (Matrix<i32>, Matrix<i32>) {
    (Matrix::from_fn(m, k, |m, k| (m + k) as i32 % 7), Matrix::from_fn(k, n, |k, n| (k + n) as i32 % 5))
}

#[test]
fn a_memory_without_limits_changes_nothing_on_any_design() {
    let pairs = seeds::each(0..250, |seed| {
        let spec = random_spec_where(seed, 6, |spec| spec.kept().is_none());
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
                    return Err(format!(
                        "{}: {:?} {:?}, alone {:?}",
                        what(),
                        run.counts.parts,
                        run.counts.words,
                        alone.counts.parts
                    ));
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
    memory: &MemoryRun,
) -> Option<String> {
    let word_bits = memory.tensors.map(|tensor| u64::from(tensor.word_bits));
    let case = naive::Case { spec, memory: spec.memory.as_ref().expect("a memory"), a, b, word_bits, conv };
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
        // Of C the block before counts until the next one has its place; it may have been written back earlier.
        peak_bits: [0, 1, 2].map(|tensor| match tensor {
            2 if slow.peak_bits[2] < memory.tensors[2].peak_bits => slow.peak_bits[2],
            _ => memory.tensors[tensor].peak_bits,
        }),
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
    let done = match run_of(spec, (a, b), conv) {
        Ok((_, memory)) if memory.cycles > naive::PATIENCE / 4 => return Ok(None),
        Ok((_, done)) => done,
        Err(SimulateError::BufferTooSmall { .. } | SimulateError::LoopOrder { .. }) => return Ok(None),
        Err(error) => return Err(format!("{}: {error}", what())),
    };
    match difference(spec, (a, b), conv, &done) {
        None => Ok(Some(done)),
        Some(difference) => Err(format!("{}: {difference}", what())),
    }
}

/// K in blocks, and passes over them, for every way of keeping step.
#[test]
fn blocks_of_k_in_passes_cycle_by_cycle_give_the_same_counts() {
    let [free, meet, together] = [(); 3].map(|()| std::sync::atomic::AtomicU64::new(0));
    let pairs = seeds::each(0..200, |seed| {
        let spec = random_spec_where(seed, 4, |spec| {
            is_counted(spec) && spec.length_bits == 16 && spec.family() == Family::Serial
        });
        let mut draw = Draw::new(seed);
        let order = draw.one_of(&[None, Some(BlockOrder::Mnk), Some(BlockOrder::Nmk)]);
        let mut memory = random_memory(&mut draw, order);
        (memory.a.kib, memory.b.kib) = (Some(1), Some(1));
        let spec = with(&spec, memory);
        let [m, n, k] = [(1, 9), (1, 9), (120, 400)].map(|(least, most)| draw.between(least, most) as usize);
        let value = |draw: &mut Draw, bits: u32, signed: bool| {
            // A few rows of zeros, so that groups are empty.
            (draw.below(1 << bits) as i64 - if signed { 1 << (bits - 1) } else { 0 }) as i32
                * i32::from(draw.below(4) > 0)
        };
        let a = Matrix::from_fn(m, k, |_, _| value(&mut draw, spec.a_bits, spec.a_signed));
        let b = Matrix::from_fn(k, n, |_, _| value(&mut draw, spec.b_bits, spec.b_signed));
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
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
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
    let [several, partial, shared] = [(); 3].map(|()| std::sync::atomic::AtomicU64::new(0));
    let pairs = seeds::each(0..560, |seed| {
        let family = match seed % 4 {
            0 => Family::Dense,
            _ => [Family::Dense, Family::Serial, Family::Laconic][seed as usize % 7 % 3],
        };
        let stays = seed % 2 == 0;
        let spec = random_spec_where(seed, 6, |spec| {
            spec.family() == family
                && is_counted(spec)
                && spec.length_bits == 16
                // A tile of it alone makes a table of the terms of every operand that there can be.
                && (family != Family::Laconic || spec.a_bits.max(spec.b_bits) <= 10)
                && (family != Family::Dense || (spec.dataflow() != Dataflow::OutputStationary) == stays)
        });
        let mut draw = Draw::new(seed);
        // Wide operands, small buffers and narrow sums make partial sums move.
        let spec = match seed % 4 {
            0 => EngineSpec { a_bits: 16, b_bits: 16, acc_bits: 8, saturate: true, ..spec },
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
        let count = |counter: &std::sync::atomic::AtomicU64, holds: bool| {
            counter.fetch_add(holds.into(), std::sync::atomic::Ordering::Relaxed);
        };
        count(&several, done.blocks.iter().product::<usize>() > 2);
        count(&partial, done.tensors[2].dram_reads > 0);
        count(&shared, conv.is_some() && done.blocks[0] > 1 && done.tensors[0].round > done.tensors[0].elements);
        Ok(1)
    });
    let [several, partial, shared] = [several, partial, shared].map(|counter| counter.into_inner());
    println!(
        "{pairs} runs, {several} of more than two blocks, {partial} with partial sums from DRAM, {shared} whose blocks share input"
    );
    assert!(seeds::only().is_some() || (pairs > 300 && several > 170 && partial > 8 && shared > 15));
}

/// `a 1 16` is a buffer of 1 KiB with a port of 16 bits, `dram 16` the channel.
fn memory_of(text: &str) -> Memory {
    let mut memory = Memory::default();
    for part in text.split(", ") {
        let mut words = part.split(' ');
        let name = words.next().expect("a name");
        let numbers: Vec<u32> = words.map(|word| word.parse().expect("a number")).collect();
        let buffer = Buffer { kib: numbers.first().copied(), bits_per_cycle: numbers.get(1).copied() };
        match name {
            "a" => memory.a = buffer,
            "b" => memory.b = buffer,
            "c" => memory.c = buffer,
            _ => memory.dram_bits_per_cycle = numbers.first().copied(),
        }
    }
    memory
}

#[test]
fn the_examples_of_the_document_are_what_is_computed() {
    let text = std::fs::read_to_string("docs/memory.md").expect("the document");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip_while(|line| !line.starts_with("| design |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    assert_eq!(rows.len(), 5);
    for row in rows {
        let design = Design::load(row[0], &[]).expect("a shipped design");
        let spec = with(&engine_spec(&design), memory_of(row[4]));
        let [m, n, k] = [1, 2, 3].map(|column| row[column].parse().expect("an extent"));
        let (a, b) = operands(m, n, k);
        let (run, memory) = run(&spec, &a, &b).expect("a run");
        let [x, y, z] = memory.block;
        let [of_a, of_b, of_c] = memory.tensors;
        let found = [
            memory.order.name().to_owned(),
            format!("{x}x{y}x{z}"),
            of_a.dram_reads.to_string(),
            of_b.dram_reads.to_string(),
            of_c.dram_writes.to_string(),
            run.counts.cycles.to_string(),
            memory.sram_stall.to_string(),
            memory.dram_stall.to_string(),
        ];
        assert_eq!(found[..], row[5..], "{row:?}");
        assert_eq!(run.counts.parts.stall, memory.sram_stall + memory.dram_stall);
    }
}

/// Operands of K after which rows at their own pace may meet: all lanes' groups, those up to a meeting if there are some in K.
fn meeting_of(spec: &EngineSpec) -> usize {
    let of = &spec.parameters;
    let lanes = if spec.transforms.iter().any(|name| name == "extend-reduction") { of.lanes } else { 1 };
    let (group, sync) = match spec.array {
        Array::Pragmatic { lanes, sync, .. } => (lanes, sync),
        _ => (lanes * of.group, of.sync),
    };
    match sync {
        SyncPeriod::Tile => group as usize,
        SyncPeriod::Operands(operands) => operands as usize,
    }
}

/// Bits of DRAM, found by looking at every block in turn, for every size and order that the rules of docs/memory.md allow.
fn least_dram_bits(spec: &EngineSpec, memory: &Memory, extents: [usize; 3], word_bits: [u32; 3]) -> Option<u64> {
    let (r, c, depth) = (spec.rows as usize, spec.cols as usize, spec.array.depth() as usize);
    let stays = spec.dataflow() == Dataflow::OutputStationary;
    let steps = match spec.dataflow() {
        Dataflow::OutputStationary if spec.family() == Family::Serial => [r, c, meeting_of(spec)],
        Dataflow::OutputStationary => [r, c, depth],
        Dataflow::WeightStationary => [1, c, r],
        Dataflow::InputStationary => [c, 1, r],
    };
    let orders = memory.order.map_or(BlockOrder::ALL.to_vec(), |order| vec![order]);
    let halves = [memory.a, memory.b, memory.c].map(|buffer| buffer.half_bits());
    let multiples = |axis: usize| (1..=extents[axis].div_ceil(steps[axis])).map(move |count| count * steps[axis]);
    let mut least: Option<u64> = None;
    for (m, n) in multiples(0).flat_map(|m| multiples(1).map(move |n| (m, n))) {
        for k in multiples(2) {
            let sizes = [m, n, k].map(|size| size.max(1));
            for &order in &orders {
                let cuts_k = k < extents[2];
                let is_tile = m == r && n == c && order.name().ends_with('k');
                if stays && cuts_k && !is_tile {
                    continue;
                }
                let blocks = naive::blocks(extents, sizes, order, naive::passes(spec));
                let count = |block: &naive::Region, tensor: usize| {
                    let [m, n, k] = block.clone().map(|range| range.len() as u64);
                    [m * k, k * n, m * n][tensor] * u64::from(word_bits[tensor])
                };
                let fits = |block: &naive::Region| {
                    (0..3).all(|tensor| halves[tensor].is_none_or(|half| count(block, tensor) <= half))
                };
                if !blocks.iter().all(fits) {
                    continue;
                }
                let mut bits = 0;
                let mut before: Option<&naive::Region> = None;
                for block in &blocks {
                    let same = |axis: usize| before.is_some_and(|before| before[axis] == block[axis]);
                    bits += if same(0) && same(2) { 0 } else { count(block, 0) };
                    bits += if same(2) && same(1) { 0 } else { count(block, 1) };
                    // That of another pass over the same K is there too.
                    if !(same(0) && same(1)) {
                        bits += count(block, 2) * if block[2].start > 0 { 2 } else { 1 };
                    }
                    before = Some(block);
                }
                least = Some(least.map_or(bits, |least| least.min(bits)));
            }
        }
    }
    least
}

#[test]
fn no_blocks_and_no_order_move_fewer_bits_than_those_that_are_chosen() {
    let several = std::sync::atomic::AtomicU64::new(0);
    let pairs = seeds::each(0..150, |seed| {
        let spec = random_spec_where(seed, 6, |spec| is_counted(spec) && spec.length_bits == 16);
        let mut draw = Draw::new(seed);
        let order = draw.one_of(&[None, None, Some(0), Some(1), Some(2), Some(3), Some(4), Some(5)]);
        let mut memory = random_memory(&mut draw, order.map(|index| BlockOrder::ALL[index]));
        memory.dram_bits_per_cycle = None;
        let spec = with(&spec, memory);
        let of = |draw: &mut Draw, most: u64| draw.between(1, most) as usize;
        let (m, n, k) = (of(&mut draw, 24), of(&mut draw, 24), of(&mut draw, 90));
        let (a, b) = (Matrix::filled(m, k, 1), Matrix::filled(k, n, 1));
        let what = || format!("BITWEIGHT_SEED={seed}: {} M={m} N={n} K={k}\n  {memory:?}", describe(&spec));
        let found = run(&spec, &a, &b);
        let word_bits = found.as_ref().map_or([1; 3], |(_, memory)| memory.tensors.map(|tensor| tensor.word_bits));
        match found {
            Ok((_, done)) => {
                several.fetch_add((done.blocks != [1, 1, 1]).into(), std::sync::atomic::Ordering::Relaxed);
                let least = least_dram_bits(&spec, &memory, [m, n, k], word_bits);
                match least == Some(done.dram_bits) {
                    true => Ok(1),
                    false => Err(format!("{}: {} bits, least {least:?}", what(), done.dram_bits)),
                }
            }
            Err(SimulateError::BufferTooSmall { .. } | SimulateError::LoopOrder { .. }) => Ok(0),
            Err(error) => Err(format!("{}: {error}", what())),
        }
    });
    let several = several.into_inner();
    println!("{pairs} searches, {several} with several blocks");
    assert!(seeds::only().is_some() || (pairs > 80 && several > 40));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    /// With the same blocks (the same buffers, that is) nothing that is wider costs cycles, the parts sum, and stalls are what is lost.
    #[test]
    fn more_bandwidth_never_costs_cycles(seed in 0_u64..5000, which in 0_usize..4, more in 1_u32..400) {
        let spec = random_spec_where(seed, 6, |spec| is_counted(spec) && spec.length_bits == 16);
        let mut draw = Draw::new(seed);
        let memory = random_memory(&mut draw, None);
        let (a, b) = long_gemm(&spec, &mut draw, 250);
        let narrow = run(&with(&spec, memory), &a, &b);
        prop_assume!(!matches!(narrow, Err(SimulateError::BufferTooSmall { .. })));
        let (narrow, of_narrow) = narrow.expect("a run");
        let mut wider = memory;
        let port = match which {
            0 => &mut wider.a.bits_per_cycle,
            1 => &mut wider.b.bits_per_cycle,
            2 => &mut wider.c.bits_per_cycle,
            _ => &mut wider.dram_bits_per_cycle,
        };
        *port = port.map(|bits| bits + more);
        let (wide, of_wide) = run(&with(&spec, wider), &a, &b).expect("a run");
        prop_assert!(wide.counts.cycles <= narrow.counts.cycles, "{} cycles, wider {}", narrow.counts.cycles, wide.counts.cycles);
        prop_assert!(of_wide.dram_busy <= of_narrow.dram_busy);
        for (run, memory) in [(&narrow, &of_narrow), (&wide, &of_wide)] {
            prop_assert_eq!(run.counts.parts.total(), run.counts.cycles);
            prop_assert_eq!(memory.array_cycles + run.counts.parts.stall, run.counts.cycles);
            prop_assert!(run.counts.utilization() <= 1.0);
            for (tensor, buffer) in memory.tensors.iter().zip([wider.a, wider.b, wider.c]) {
                prop_assert!(buffer.half_bits().is_none_or(|half| tensor.peak_bits <= 2 * half));
                prop_assert_eq!(tensor.elements * tensor.rounds, tensor.dram_reads.max(tensor.dram_writes));
            }
        }
        prop_assert_eq!(&narrow.c, &wide.c);
    }
}

#[test]
fn sums_that_stay_in_the_array_name_the_orders_that_they_allow() {
    let (a, b) = operands(8, 8, 600);
    let memory = |order| Memory { order: Some(order), ..memory_of("a 1, b 1, c 1, dram 64") };
    let os = engine(Array::Systolic(Dataflow::OutputStationary), 4, 4);
    let skipping = skipping(4, 4);
    let ws = engine(Array::Systolic(Dataflow::WeightStationary), 4, 4);
    for order in BlockOrder::ALL {
        for stays in [&os, &skipping] {
            let result = run(&with(stays, memory(order)), &a, &b);
            match (order.name().ends_with('k'), result) {
                (true, Ok((_, memory))) => assert_eq!((memory.block[0], memory.block[1]), (4, 4)),
                // Two halves of 4 x 600 elements of 8 bits.
                (false, Err(SimulateError::LoopOrder { needed_kib: 5, tensor: "a", .. })) => {}
                (_, other) => panic!("{}: {other:?}", order.name()),
            }
        }
        run(&with(&ws, memory(order)), &a, &b).expect("all six");
    }
}

fn skipping(rows: u32, cols: u32) -> EngineSpec {
    EngineSpec {
        transforms: vec!["compress-accumulate".into(), "skip-zero-digits".into()],
        encoding: Some(EncodingKind::EnT),
        ..engine(Array::Matrix2d, rows, cols)
    }
}

#[test]
fn a_skipping_engine_reads_a_for_each_bit_weight_and_b_for_each_digit_from_sram_and_once_from_dram() {
    let spec = skipping(2, 3);
    // 91 is -1 -1 2 1 in radix 4, from the lowest: 4 digits that are not 0. 0 has none.
    let a = Matrix::from_fn(4, 5, |m, _| if m == 0 { 91 } else { 0 });
    let b = Matrix::filled(5, 6, 1);
    let (_, memory) = run(&with(&spec, memory_of("dram 64")), &a, &b).expect("a run");
    let [of_a, of_b, of_c] = memory.tensors;
    assert_eq!((of_a.dram_reads, of_b.dram_reads, of_c.dram_writes), (20, 30, 24));
    // 4 bit weights and 2 tiles along N; 5 operands of 4 digits, 6 columns.
    assert_eq!((of_a.sram_reads, of_b.sram_reads), (20 * 4 * 2, 5 * 4 * 6));
    assert_eq!(memory.bound(), Bound::Array);
    // K in three blocks: each of the 4 passes fetches all of them again, B for each of the 2 tiles along M, A for those along N.
    let a = Matrix::from_fn(4, 400, |m, _| if m == 0 { 91 } else { 0 });
    let b = Matrix::filled(400, 6, 1);
    let (run, memory) = run(&with(&spec, memory_of("a 1, b 1, dram 64")), &a, &b).expect("a run");
    let [cut_a, cut_b, cut_c] = memory.tensors;
    assert_eq!((memory.block, memory.blocks), ([2, 3, 136], [2, 2, 3]));
    assert_eq!((cut_a.rounds, cut_b.rounds, cut_c.rounds), (4 * 2, 4 * 2, 1));
    assert_eq!((cut_a.dram_reads, cut_b.dram_reads, cut_c.dram_writes), (1600 * 4 * 2, 2400 * 4 * 2, 24));
    assert_eq!((cut_a.sram_reads, cut_b.sram_reads), (1600 * 4 * 2, 400 * 4 * 6));
    assert_eq!(run.counts.words.a, 1600 * 4 * 2);
    assert_eq!((of_a.word_bits, of_b.word_bits, of_c.word_bits), (8, 8, 32));
}

#[test]
fn stored_words_are_powers_of_two_of_bits_and_select_lines_where_digits_are_stored() {
    let (a, b) = operands(3, 3, 3);
    let base = EngineSpec { a_bits: 5, b_bits: 12, acc_bits: 20, ..engine(Array::Matrix2d, 2, 2) };
    let bits = |spec: &EngineSpec| {
        let (_, memory) = run(&with(spec, Memory::default()), &a, &b).expect("a run");
        memory.tensors.map(|tensor| tensor.word_bits)
    };
    assert_eq!(bits(&base), [8, 16, 32]);
    // Three radix-4 digits of one, two and neg: 9 bits, less what the top digit cannot reach.
    let stored = EngineSpec {
        encoding: Some(EncodingKind::Booth4),
        transforms: vec!["share-encoder".into(), "store-encoded".into()],
        ..base
    };
    assert_eq!(bits(&stored)[0], 8);
    assert_eq!(bits(&EngineSpec { a_bits: 8, ..stored })[0], 16);
}

/// Layers of several products: groups of convolutions, one a channel, heads, and one that occurs twice.
const LAYERS: &str = "name = \"t\"\nvalues = { distribution = \"normal\", std = 20 }\n\
    [[conv]]\nname = \"grouped\"\ninput = [6, 9, 7]\nfilters = 9\nkernel = [3, 2]\npadding = [1, 1]\ngroups = 3\n\
    [[conv]]\nname = \"depth-wise\"\ninput = [5, 12, 12]\nfilters = 5\nkernel = [3, 3]\nstride = [2, 1]\ngroups = 5\nbatch = 2\n\
    [[conv]]\nname = \"plain\"\ninput = [40, 6, 6]\nfilters = 10\nkernel = [3, 3]\nrepeat = 2\n\
    [[attention]]\nname = \"heads\"\nqueries = 20\nheads = 4\nkv-heads = 2\nhead-dim = 24\n\
    [[gemm]]\nname = \"gemm\"\nm = 30\nn = 20\nk = 50\nrepeat = 3\n";

#[test]
fn a_layer_moves_what_its_products_move_one_after_the_other() {
    let workload = Workload::from_text("t.toml", LAYERS.to_owned(), ".".into()).expect("a workload");
    for design in ["mac-ws-4x4", "mac-is-4x4", "mac-os-4x4", "opt4c-4x4", "pragmatic-4x4", "laconic-4x4"] {
        let spec = engine_spec(&Design::load(design, &[]).expect("a shipped design"));
        let spec = with(&spec, memory_of("a 4 64, b 4 96, c 1 160, dram 48"));
        let run = workload_run(&spec, &workload, Plan::default(), |_| ()).expect("a run");
        let mut layers = run.layers.iter();
        run_network(&workload, OperandWidths::signed(8, 8), |operands| {
            let layer = layers.next().expect("a layer");
            let memory = layer.memory.as_ref().expect("memory");
            let word_bits = memory.tensors.map(|tensor| u64::from(tensor.word_bits));
            let mut sum: Option<naive::Found> = None;
            for product in &operands.products {
                let (a, b) = (product.a.whole(), product.b.whole());
                let around = spec.memory.as_ref().expect("memory");
                let case = naive::Case { spec: &spec, memory: around, a: &a, b: &b, word_bits, conv: layer.conv };
                let found = case.run(memory.block, memory.order);
                sum = Some(sum.map_or_else(|| found.clone(), |sum| sum.and(&found)));
            }
            let found = sum.expect("products");
            let what = format!("{design}, {}", layer.name);
            assert_eq!(found.cycles, memory.cycles, "{what}");
            assert_eq!(found.dram_reads, memory.tensors.map(|tensor| tensor.dram_reads), "{what}");
            assert_eq!(found.dram_writes, memory.tensors.map(|tensor| tensor.dram_writes), "{what}");
            assert_eq!(found.sram_reads, memory.tensors.map(|tensor| tensor.sram_reads), "{what}");
            assert_eq!(found.sram_writes, memory.tensors.map(|tensor| tensor.sram_writes), "{what}");
            assert_eq!(found.dram_busy, memory.dram_busy, "{what}");
            assert_eq!((layer.cycles, layer.parts.total()), (memory.cycles, memory.cycles), "{what}");
            assert_eq!(memory.array_cycles + layer.parts.stall, layer.cycles, "{what}");
            let stored = layer.conv.map_or(memory.tensors[0].elements, |conv| conv.input_words());
            assert_eq!(memory.tensors[0].elements, stored, "{what}");
            Ok::<_, WorkloadError>(None)
        })
        .expect("the operands");
        let stalls: u64 = run.layers.iter().map(|layer| layer.parts.stall * layer.repeat).sum();
        assert_eq!(run.parts().stall, stalls);
    }
}

/// 1 MiB for A and for B hold K of every layer whole, 32 rows of it.
#[test]
fn every_layer_of_every_shipped_network_has_blocks() {
    let mut plans = 0;
    for design in ["mac-os", "mac-ws", "mac-is", "mac-tree", "opt4c", "pragmatic", "laconic"] {
        let spec = engine_spec(&Design::load(design, &[]).expect("a shipped design"));
        let spec = with(&spec, memory_of("a 1024 256, b 1024 1024, c 512 1024, dram 512"));
        for shipped in shipped() {
            let workload = Workload::load(shipped.name).expect(shipped.name);
            for layer in &workload.layers {
                let plan = MemoryPlan::new(&spec, [layer.m, layer.n, layer.k], layer.conv);
                assert!(plan.as_ref().is_ok_and(Option::is_some), "{design} {} {}: {plan:?}", shipped.name, layer.name);
                plans += 1;
            }
        }
    }
    println!("{plans} plans");
}

#[test]
fn a_network_of_convolutions_runs_with_memory_and_fetches_less_than_its_windows() {
    let workload = Workload::load("mobilenet-v3-large").expect("a shipped workload");
    let spec = engine_spec(&Design::load("mac-ws", &[]).expect("a shipped design"));
    let spec = with(&spec, memory_of("a 64 256, b 64 256, c 64 2048, dram 128"));
    let plan = Plan { compare: Compare::Sample, ..Plan::default() };
    let run = workload_run(&spec, &workload, plan, |_| ()).expect("a run");
    for layer in &run.layers {
        let of_a = layer.memory.as_ref().expect("memory").tensors[0];
        let windows = layer.m as u64 * layer.k as u64 * layer.products;
        assert_eq!(of_a.round * of_a.rounds, of_a.dram_reads);
        // Of a kernel of several places that moves by less, windows share most of the input.
        let shares = layer.conv.is_some_and(|conv| conv.kernel[0] > conv.stride[0]);
        assert_eq!(of_a.round < windows, shares, "{}: {} of {windows}", layer.name, of_a.round);
    }
}
