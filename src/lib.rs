//!
//! The modules stand in pipeline order; a module uses only those above it (ARCHITECTURE.md).

pub mod matrix;
pub mod spelling;

pub mod encoding;
pub mod notation;

pub mod netlist;

pub mod engine;

pub mod design;
pub mod workload;


pub mod emit;
pub mod verify;
