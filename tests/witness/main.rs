//! rust-hdl as an independent witness.
//!
//! Two ways. *Lowering*: any netlist becomes a circuit of rust-hdl and runs in its kernel beside our interpreter. *Golden leaves*:
//! processing elements and encoders written by hand in rust-hdl from their specification, compared with our generators on all
//! INT8 pairs and, where Yosys is installed, proven equal to the Verilog we print.

mod circuit;
mod golden;
mod kernel;
mod leaves;
mod lower;
mod lowering;
mod proof;
mod random;
mod wire;
