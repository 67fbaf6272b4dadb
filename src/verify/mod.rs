//! Who must agree with whom: the register-level engine, the interpreter of the netlist, and the emitted Verilog under Icarus
//! and Verilator; and the linters that the Verilog has to pass in silence.

mod batch;
mod bench;
mod case;
mod design;
mod drive;
mod interpreted;
mod lint;
mod random;
mod tool;

pub use batch::{BatchError, run_batch};
pub use bench::run_bench;
pub use case::{bench_cases, case_of, random_gemms, simulated_case};
pub use design::{Check, Plan, Status, Verification, VerifyError, design};
pub use drive::{Device, Measured, difference, drive};
pub use interpreted::{Interpreted, Moment, Watched};
pub use lint::lint;
pub use random::{Draw, RandomGemm, Values, describe, random_spec, random_spec_where};
pub use tool::{Talk, Tool, ToolError, Toolbox, run};
