//! Who must agree with whom: the register-level engine, the interpreter of the netlist, and the emitted Verilog under Icarus
//! and Verilator; and the linters that the Verilog has to pass in silence.

mod bench;
mod lint;
mod random;
mod tool;

pub use bench::run_bench;
pub use lint::lint;
pub use random::{Draw, RandomGemm, Values, describe, random_spec};
pub use tool::{Talk, Tool, ToolError, Toolbox, run};
