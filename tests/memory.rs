//! Memory around engines: the closed computation against buffers and a DRAM channel that are simulated cycle by cycle, against
//! counts by hand, and against what must hold whatever the numbers. `BITWEIGHT_SEED=n` runs one case again.

#[path = "memory/cases.rs"]
mod cases;
#[path = "memory/choice.rs"]
mod choice;
#[path = "memory/counts.rs"]
mod counts;
#[path = "memory/long.rs"]
mod long;
#[path = "memory/naive/mod.rs"]
mod naive;
#[path = "memory/networks.rs"]
mod networks;
#[path = "memory/pace.rs"]
mod pace;
#[path = "memory/random.rs"]
mod random;
mod seeds;
