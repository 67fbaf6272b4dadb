//! Synthesis of an emitted bundle with Yosys and its ABC, timed by OpenSTA: what the estimate is held against.
//!
//! One flow for every design that is compared (docs/synthesis.md has its steps and reasons). Modules of a grid stay modules,
//! so an array costs the work of one PE; multiplication is mapped to adders before anything could be merged with it; ABC is given a
//! driving cell and a load, and three scripts, of which none is the best everywhere. The period is that of the worst path from
//! flip-flop to flip-flop under an ideal clock. Whatever a tool says is kept beside its script, and a line with `Error` in it is
//! a failure whatever the exit code was.

mod error;
mod library;
mod mapped;
mod point;
mod power;
mod script;
mod sweep;
mod timing;
mod tools;

pub use error::error_codes;
pub use library::{Buffer, Library};
pub use mapped::ModuleArea;
pub use point::{Point, Prepared};
pub use power::{Energies, Power, Run};
pub use script::{FLOW_VERSION, Script};
pub use sweep::{Goal, best_product, envelope, fastest, smallest_at, sweep};
pub use timing::PathStep;
pub use tools::Versions;

/// Version of `synth.json`; keys are added, never renamed without a new one.
pub const FORMAT_VERSION: u32 = 1;
