//! `bitweight` simulates tensor engines in the bit-weight dimension, emits their Verilog and proves that the two agree.
//!
//! The modules stand in pipeline order; a module uses only those above it (ARCHITECTURE.md).

pub mod matrix;
pub mod mistake;
pub mod note;
pub mod spelling;
pub mod whole_file;

pub mod encoding;
pub mod notation;

pub mod netlist;

pub mod engine;

pub mod design;
pub mod workload;

pub mod simulate;

pub mod emit;
pub mod estimate;
pub mod verify;

pub mod synth;

pub mod paper;

pub mod coverage;

pub mod report;

pub mod cli;
