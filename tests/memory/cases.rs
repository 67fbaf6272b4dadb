//! Engines, memories and operands that the tests draw or spell, and runs of them.

use bitweight::encoding::Format;
use bitweight::engine::{Array, BlockOrder, Buffer, Dataflow, EngineSpec, Memory};
use bitweight::matrix::Matrix;
use bitweight::simulate::{Counts, GemmRun, MemoryPlan, MemoryRun, SimulateError, events};
use bitweight::verify::Draw;
use bitweight::workload::Conv;

use crate::naive::is_blocked;

/// Whether a design could say it: groups of what is kept begin anew in each block that shares exponents, so the longer are made of the
/// shorter (`design::groups_of_blocks`).
pub fn is_legal(spec: &EngineSpec) -> bool {
    !is_blocked(spec) || spec.kept().is_none_or(|kept| 32_u32.is_multiple_of(kept.m))
}

/// Whether the step counter of a design counts what is drawn here, or blocks are cut so that it does.
pub fn counts_steps(spec: &EngineSpec) -> bool {
    spec.length_bits >= 16 || spec.dataflow() != Dataflow::OutputStationary
}

/// The products that a GEMM is: those of blocks of 32 of K where these share exponents.
pub fn products(spec: &EngineSpec, (a, b): (&Matrix<i32>, &Matrix<i32>)) -> Vec<(Matrix<i32>, Matrix<i32>)> {
    let most = if is_blocked(spec) { 32 } else { a.cols() };
    let part = |from: usize| {
        let k = from..a.cols().min(from + most);
        (
            Matrix::from_fn(a.rows(), k.len(), |row, col| a[(row, from + col)]),
            Matrix::from_fn(k.len(), b.cols(), |row, col| b[(from + row, col)]),
        )
    };
    (0..a.cols()).step_by(most).map(part).collect()
}

/// The same engine before memory cuts what it does: it is the steps of blocks that have to be counted.
fn whole(spec: &EngineSpec) -> EngineSpec {
    EngineSpec { length_bits: spec.length_bits.max(16), ..spec.clone() }
}

/// The runs of the products of a GEMM without memory.
pub fn alone(spec: &EngineSpec, operands: (&Matrix<i32>, &Matrix<i32>)) -> Result<Vec<GemmRun>, SimulateError> {
    let whole = whole(spec);
    products(spec, operands).iter().map(|(a, b)| events(&whole, a, b)).collect()
}

/// The runs of the products of a GEMM with memory, lowered from a convolution if it is, and what memory did to each.
pub fn runs(
    spec: &EngineSpec,
    (a, b): (&Matrix<i32>, &Matrix<i32>),
    conv: Option<Conv>,
) -> Result<Vec<(GemmRun, MemoryRun)>, SimulateError> {
    let plan = MemoryPlan::new(spec, [a.rows(), b.cols(), a.cols()], conv)?.expect("a memory");
    let whole = whole(spec);
    let run = |(index, (a, b)): (usize, &(Matrix<i32>, Matrix<i32>))| {
        let mut run = events(&whole, a, b)?;
        let memory = plan.run((a, b), index, &mut run.counts)?;
        Ok((run, memory))
    };
    products(spec, (a, b)).iter().enumerate().map(run).collect()
}

/// All of them together.
pub fn run(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<(Counts, MemoryRun), SimulateError> {
    let runs = runs(spec, (a, b), None)?.into_iter().map(|(run, memory)| (run.counts, memory));
    Ok(runs.reduce(|(counts, sum), (more, memory)| (counts.and(more), sum.and(memory))).expect("a product"))
}

pub fn with(spec: &EngineSpec, memory: Memory) -> EngineSpec {
    EngineSpec { memory: Some(memory), ..spec.clone() }
}

/// Buffers of 1 KiB, so operands have to be long to need several blocks.
pub fn random_memory(draw: &mut Draw, order: Option<BlockOrder>) -> Memory {
    let mut buffer = || Buffer {
        kib: draw.one_of(&[Some(1), Some(1), Some(2), None]),
        bits_per_cycle: draw.one_of(&[None, Some(5), Some(16), Some(64), Some(1000)]),
    };
    let (a, b, c) = (buffer(), buffer(), buffer());
    let dram_bits_per_cycle = draw.one_of(&[None, Some(9), Some(32), Some(100), Some(5000)]);
    Memory { a, b, c, dram_bits_per_cycle, order, ..Memory::default() }
}

/// An element of a format, often the least or 0.
pub fn value(draw: &mut Draw, format: Format) -> i32 {
    if let Some(element) = format.element {
        let (from, to) = element.element_range();
        let value = draw.between(0, (to - from) as u64) as i32 + from;
        return if element.is_number(value) && draw.below(3) > 0 { value } else { 0 };
    }
    let value = draw.below(1 << format.bits) as i64 * draw.below(2) as i64;
    (value - if format.signed { 1 << (format.bits - 1) } else { 0 }) as i32
}

/// B with at most n of every m elements of a column, if the engine stores it so.
pub fn pruned(spec: &EngineSpec, mut b: Matrix<i32>) -> Matrix<i32> {
    let Some(kept) = spec.kept() else { return b };
    for col in 0..b.cols() {
        for group in 0..b.rows().div_ceil(kept.m as usize) {
            let first = group * kept.m as usize;
            // Others in each group.
            let places = (0..kept.m as usize).map(|place| first + (place + group + col) % kept.m as usize);
            let rows = b.rows();
            for row in places.skip(kept.n as usize).filter(|&row| row < rows) {
                b[(row, col)] = 0;
            }
        }
    }
    b
}

/// A GEMM whose matrices are a few buffers large.
pub fn long_gemm(spec: &EngineSpec, draw: &mut Draw, longest_k: u64) -> (Matrix<i32>, Matrix<i32>) {
    let (m, n, k) = (draw.between(1, 40) as usize, draw.between(1, 40) as usize, draw.between(1, longest_k) as usize);
    let a = Matrix::from_fn(m, k, |_, _| value(draw, spec.a_format()));
    let b = Matrix::from_fn(k, n, |_, _| value(draw, spec.b_format()));
    (a, pruned(spec, b))
}

/// A convolution of one group.
pub fn random_conv(draw: &mut Draw) -> Conv {
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
pub fn conv_operands(spec: &EngineSpec, draw: &mut Draw, conv: &Conv) -> (Matrix<i32>, Matrix<i32>) {
    let (_, n, k) = conv.product();
    let pixels = conv.input[0] * conv.input[1];
    let input = Matrix::from_fn(conv.batch * conv.channels, pixels, |_, _| value(draw, spec.a_format()));
    let b = Matrix::from_fn(k, n, |_, _| value(draw, spec.b_format()));
    let windows = bitweight::workload::Windows { conv: *conv, group: 0, input: std::sync::Arc::new(input) };
    (bitweight::matrix::Blocks::whole(&windows), pruned(spec, b))
}

pub fn engine(array: Array, rows: u32, cols: u32) -> EngineSpec {
    EngineSpec { array, rows, cols, length_bits: 16, ..EngineSpec::default() }
}

pub fn operands(m: usize, n: usize, k: usize) -> (Matrix<i32>, Matrix<i32>) {
    (Matrix::from_fn(m, k, |m, k| (m + k) as i32 % 7), Matrix::from_fn(k, n, |k, n| (k + n) as i32 % 5))
}

/// `a 1 16` is a buffer of 1 KiB with a port of 16 bits, `dram 16` the channel.
pub fn memory_of(text: &str) -> Memory {
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
            "block" => memory.block = std::array::from_fn(|axis| numbers.get(axis).copied().filter(|&size| size > 0)),
            _ => memory.dram_bits_per_cycle = numbers.first().copied(),
        }
    }
    memory
}
