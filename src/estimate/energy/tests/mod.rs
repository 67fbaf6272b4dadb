//! Tests of the simulator: by hand, against itself, against the interpreter, and against Icarus.

mod engines;
mod gates;
mod icarus;
