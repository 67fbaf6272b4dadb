//! Cycles per second of the interpreter on the shipped `opt1-os`, 8 x 8, fed with new operands on every cycle.
//!
//! `cargo run --release --example interpreter_rate [CYCLES]` prints the rate, a checksum of all outputs of all cycles, and the
//! milliseconds that setting up took. `benches/interpreter_vs_verilator.py` runs it beside Verilator.

use std::process::ExitCode;
use std::time::Instant;

use bitweight::design::{Design, engine_spec};
use bitweight::engine::Engine;
use bitweight::netlist::Interpreter;

const SIZE: usize = 8;

fn main() -> ExitCode {
    let cycles = std::env::args().nth(1).and_then(|cycles| cycles.parse().ok()).unwrap_or(300_000);
    match measure(cycles) {
        Some(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("the shipped opt1-os cannot be elaborated");
            ExitCode::from(2)
        }
    }
}

fn measure(cycles: u64) -> Option<String> {
    let mut spec = engine_spec(&Design::load("opt1-os", &[]).ok()?);
    (spec.rows, spec.cols) = (SIZE as u32, SIZE as u32);
    let engine = Engine::elaborate(&spec).ok()?;
    let start = Instant::now();
    let mut run = Interpreter::new(&engine.netlist).ok()?;
    let set_up = start.elapsed();

    for (name, value) in
        [("cmd_valid_i", 1), ("cmd_length_i", 64), ("a_valid_i", 1), ("b_valid_i", 1), ("c_ready_i", 1)]
    {
        run.set(run.port(name)?, 0, value);
    }
    let (a, b, c) = (run.port("a_data_i")?, run.port("b_data_i")?, run.port("c_data_o")?);
    let start = Instant::now();
    let (mut random, mut sum) = (88_172_645_463_325_252u64, 0u64);
    for _ in 0..cycles {
        for lane in 0..SIZE {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            run.set(a, lane, random);
            run.set(b, lane, random >> 32);
        }
        run.settle();
        for lane in 0..SIZE {
            sum = sum.wrapping_mul(31).wrapping_add(run.get(c, lane));
        }
        run.step();
    }
    let rate = cycles as f64 / start.elapsed().as_secs_f64();
    Some(format!("{rate:.0} {sum:016x} {:.2}", set_up.as_secs_f64() * 1e3))
}
