//! The walk that counts turns that repeat together, against the one that visits every tile.

use std::ops::Range;

use super::blocks::Blocks;
use super::timing::{Channel, Ports};
use super::walk::Walk;
use super::work::Work;
use super::{MemoryPlan, Tiling, Walked};
use crate::engine::{Array, BlockOrder, Buffer, Dataflow, EngineSpec, Family, Memory};
use crate::matrix::{self, Matrix};
use crate::verify::{Draw, random_spec_where};
use crate::workload::Conv;

/// A matrix of zeros of any size.
struct Zeros(usize, usize);

impl matrix::Blocks for Zeros {
    fn rows(&self) -> usize {
        self.0
    }

    fn cols(&self) -> usize {
        self.1
    }

    fn block(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32> {
        Matrix::filled(rows.len(), cols.len(), 0)
    }
}

/// The walk over the blocks of one product.
fn walk(spec: &EngineSpec, tiling: &Tiling, blocks: &Blocks, product: usize, repeats: bool) -> Walked {
    let [m, n, _] = blocks.extents;
    let k = blocks.k_of_product(product).len();
    let mut work = Work::new(spec, (&Zeros(m, k), &Zeros(k, n)), blocks).expect("work");
    work.repeats &= repeats;
    let memory = spec.memory.as_ref().expect("a memory");
    let bits_per_cycle = [memory.a, memory.b, memory.c].map(|buffer| buffer.bits_per_cycle);
    let ports = Ports { bits_per_cycle, word_bits: tiling.stored.word_bits };
    let loads_a = spec.dataflow() == Dataflow::InputStationary;
    let walk = Walk { tiling, blocks, work: &work, ports, loads_a, product };
    walk.run(Channel::new(memory.dram_bits_per_cycle)).expect("a clean walk")
}

fn random_memory(draw: &mut Draw) -> Memory {
    let mut buffer = || Buffer {
        kib: draw.one_of(&[Some(1), Some(2), Some(3), None]),
        bits_per_cycle: draw.one_of(&[None, Some(5), Some(16), Some(64), Some(1000)]),
    };
    let (a, b, c) = (buffer(), buffer(), buffer());
    let order = draw.one_of(&[None, None, Some(0), Some(1), Some(2), Some(3), Some(4), Some(5)]);
    let dram_bits_per_cycle = draw.one_of(&[None, Some(9), Some(32), Some(100), Some(101), Some(5000)]);
    Memory { a, b, c, dram_bits_per_cycle, order: order.map(|order| BlockOrder::ALL[order]) }
}

#[test]
fn turns_that_repeat_count_as_if_each_were_visited() {
    let (mut compared, mut windows) = (0, 0);
    for seed in 0..400 {
        let is_dense = |spec: &EngineSpec| spec.family() == Family::Dense;
        let mut spec = random_spec_where(seed, 6, is_dense);
        let mut draw = Draw::new(seed);
        spec.memory = Some(random_memory(&mut draw));
        spec.length_bits = spec.length_bits.max(16);
        let mut extent = |most| draw.between(1, most) as usize;
        let (mut extents, mut conv) = ([extent(150), extent(150), extent(120)], None);
        if seed % 4 == 0 {
            let one = [1, 1];
            let (input, kernel) = ([extent(12) + 2, extent(10) + 2], [extent(3), extent(3)]);
            let (channels, filters) = (extent(8), extent(100));
            let of = Conv {
                batch: 1,
                channels,
                input,
                filters,
                kernel,
                stride: one,
                padding: [0; 2],
                after: [0; 2],
                dilation: one,
                groups: 1,
            };
            let (m, n, k) = of.product();
            (extents, conv) = ([m, n, k], Some(of));
        }
        // Some buffers are too small for anything.
        let Ok(Some(plan)) = MemoryPlan::new(&spec, extents, conv) else { continue };
        for product in [0, plan.blocks.products() - 1] {
            let [every, together] =
                [false, true].map(|repeats| walk(&spec, &plan.tiling, &plan.blocks, product, repeats));
            assert_eq!(every, together, "seed {seed}: {:?} {:?} {extents:?}", spec.memory, plan.blocks.order);
        }
        compared += 1;
        windows += u32::from(plan.blocks.made_of.is_some());
    }
    assert!(compared > 100 && windows > 20, "{compared} {windows}");
}

/// More blocks than could be visited: 3 * 10^9, and as many tiles.
#[test]
fn a_product_of_very_many_blocks_is_counted() {
    let array = Array::Systolic(Dataflow::WeightStationary);
    let memory = Some(Memory { dram_bits_per_cycle: Some(128), ..Memory::default() });
    let spec = EngineSpec { array, rows: 32, cols: 32, length_bits: 24, memory, ..EngineSpec::default() };
    let extents = [1_000_000, 100_000_000, 1];
    let tiling = Tiling::new(&spec, extents).expect("tiles");
    for order in BlockOrder::ALL {
        let blocks = Blocks::new(&tiling, order, [1024, 32, 1]);
        let walked = walk(&spec, &tiling, &blocks, 0, true);
        let [a, b, c] = &walked.traffic;
        let words = [a.dram_reads, b.dram_reads, c.dram_writes, c.results];
        let results = 100_000_000_000_000;
        assert_eq!(
            words,
            [
                1_000_000 * blocks.rounds(super::Tensor::A),
                100_000_000 * blocks.rounds(super::Tensor::B),
                results,
                results
            ]
        );
        // DRAM takes 32 bits of each result at 128 a cycle, and is never idle but in the beginning and before the last results.
        assert_eq!(walked.dram_bits / 128 / 1_000_000, walked.dram_busy / 1_000_000);
        assert!(walked.cycles - walked.dram_busy < 5000, "{} {}", walked.cycles, walked.dram_busy);
    }
}
