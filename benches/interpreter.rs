//! The interpreter: setting up, and a cycle with new operands, of the shipped `opt1-os` at several sizes.

use std::hint::black_box;

use bitweight::design::{Design, engine_spec};
use bitweight::engine::Engine;
use bitweight::netlist::{Interpreter, Netlist};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

fn netlist(size: u32) -> Netlist {
    let design = Design::load("opt1-os", &[]).expect("a shipped design");
    let mut spec = engine_spec(&design);
    (spec.rows, spec.cols) = (size, size);
    Engine::elaborate(&spec).expect("a shipped design elaborates").netlist
}

fn set_up(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("set_up");
    for size in [8, 32] {
        let netlist = netlist(size);
        let new = || Interpreter::new(black_box(&netlist)).expect("a sound netlist");
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| bencher.iter(new));
    }
}

fn cycle(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("cycle");
    for size in [8, 32] {
        let mut run = Interpreter::new(&netlist(size)).expect("a sound netlist");
        let port = |name: &str| run.port(name).expect("a port of the engine");
        let ones = ["cmd_valid_i", "cmd_length_i", "a_valid_i", "b_valid_i", "c_ready_i"].map(port);
        let data = ["a_data_i", "b_data_i"].map(port);
        ones.into_iter().for_each(|port| run.set(port, 0, 1));
        let mut random = 1u64;
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| {
                for lane in 0..size as usize {
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    run.set(data[0], lane, random);
                    run.set(data[1], lane, random >> 32);
                }
                run.step();
            });
        });
    }
}

criterion_group!(benches, set_up, cycle);
criterion_main!(benches);
