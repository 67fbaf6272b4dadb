//! Who must agree with whom: the register-level engine, the interpreter of the netlist, and the emitted Verilog under Icarus
//! and Verilator; and the linters that the Verilog has to pass in silence.

mod lint;
mod tool;

pub use lint::lint;
pub use tool::{Talk, Tool, ToolError, Toolbox, run};
