//! What it costs to drive a load: directly, or through a tree of repeaters where that is faster.

use super::process::CellKind;
use super::process::linear::{LibraryCell, Linear};

/// Levels of a tree of repeaters; eight reach more readers than a design of 256 by 256 PEs has.
const MAX_LEVELS: u32 = 8;
/// Repeaters of a tree's first level.
const MAX_FIRST: u32 = 12;

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
pub fn repeater(process: &Linear) -> &LibraryCell {
    let found = process.cell(CellKind::BufX4).or(process.cell(CellKind::Buf));
    found.expect("`parse` refuses a table without buffers")
}

/// The fastest way for a driver of `resistance_ns_per_ff` to drive `load_ff`. Repeaters are used only where they save time, so
/// that ordinary nets have none.
pub fn drive(process: &Linear, resistance_ns_per_ff: f64, load_ff: f64) -> Drive {
    let mut best = Drive { delay_ns: resistance_ns_per_ff * load_ff, resistance_ns_per_ff, buffers: 0 };
    let buffer = repeater(process);
    let (input, own, slope) = (buffer.input_capacitance_ff[0], buffer.delay_ns[0], buffer.resistance_ns_per_ff[0]);
    if best.delay_ns <= own {
        return best;
    }
    // A tree of `levels` levels that begins with `first` repeaters and widens by the same ratio from level to level.
    for levels in 1..=MAX_LEVELS {
        for first in 1..=MAX_FIRST {
            let ratio = (load_ff / (f64::from(first) * input)).powf(1.0 / f64::from(levels));
            if ratio < 1.0 {
                break;
            }
            let delay_ns =
                resistance_ns_per_ff * f64::from(first) * input + f64::from(levels) * (own + slope * input * ratio);
            if delay_ns < best.delay_ns {
                let buffers =
                    (0..levels).map(|level| (f64::from(first) * ratio.powi(level as i32)).ceil() as u64).sum();
                best = Drive { delay_ns, resistance_ns_per_ff: slope, buffers };
            }
        }
    }
    best
}
