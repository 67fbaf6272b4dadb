//! What it costs to drive a load: directly, or through a tree of repeaters where that is faster.

use super::process::{CellKind, Process};

/// How a load is driven.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drive {
    /// What the load adds to the driver's own delay, ns.
    pub delay_ns: f64,
    /// Resistance towards more load, ns/fF.
    pub resistance_ns_per_ff: f64,
    /// Repeaters used.
    pub buffers: u64,
}

/// The cell used as repeater.
pub fn repeater(process: &Process) -> &super::process::LibraryCell {
    let found = process.cell(CellKind::BufX4).or(process.cell(CellKind::Buf));
    found.expect("`parse` refuses a table without buffers")
}

/// The fastest way for a driver of `resistance_ns_per_ff` to drive `load_ff`. Repeaters are used only where they save time, so
/// that ordinary nets have none.
pub fn drive(process: &Process, resistance_ns_per_ff: f64, load_ff: f64) -> Drive {
    let mut best = Drive { delay_ns: resistance_ns_per_ff * load_ff, resistance_ns_per_ff, buffers: 0 };
    let buffer = repeater(process);
    let (input, own, slope) = (buffer.input_capacitance_ff[0], buffer.delay_ns[0], buffer.resistance_ns_per_ff[0]);
    if best.delay_ns <= own {
        return best;
    }
    let mut leaves = 1u64;
    while leaves as f64 * input < load_ff {
        let above = drive(process, resistance_ns_per_ff, leaves as f64 * input);
        let delay_ns = above.delay_ns + own + slope * load_ff / leaves as f64;
        if delay_ns < best.delay_ns {
            best = Drive { delay_ns, resistance_ns_per_ff: slope, buffers: above.buffers + leaves };
        }
        // Fine steps where one repeater more matters, coarse ones in trees of thousands.
        leaves += 1 + leaves / 4;
    }
    best
}
