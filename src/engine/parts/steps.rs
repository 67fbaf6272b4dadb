//! The command register and the step counter of a tile, and the counter that keeps two events apart.

use super::links::control;
use crate::netlist::{ModuleBuilder, NetId};

/// The steps of the tile at hand.
pub struct Steps {
    pub busy_q: NetId,
    pub first_q: NetId,
    pub last: NetId,
    pub next_command: NetId,
    pub step: NetId,
    pub ends: NetId,
}

/// The command register, the first-step flag and the step counter, which counts down to 0 on the last step.
///
/// Step and the readiness for the next command depend on these, so they are made as nets, to be driven by `finish`.
pub fn steps(m: &mut ModuleBuilder, length_bits: u32) -> Steps {
    let command = m.input("cmd_valid_i", 1, "a command is offered");
    let length = m.input("cmd_length_i", length_bits, "steps of the tile, at least 1");
    let step = m.net("step", 1);
    let busy_q = m.net("busy_q", 1);
    let left_q = m.net("left_q", length_bits);
    let first_q = m.net("first_q", 1);

    let zero = m.constant(length_bits, 0);
    let one = m.constant(length_bits, 1);
    let last = m.equal("last", left_q, zero);
    let ends = m.and("tile_ends", &[step, last]);
    let idle = m.not("idle", busy_q);
    let ready = m.or("cmd_ready", &[idle, ends]);
    let accept = m.and("cmd_accept", &[command, ready]);
    let goes_on = m.not("tile_goes_on", ends);
    let still = m.and("still_busy", &[busy_q, goes_on]);
    let busy_d = m.or("busy_d", &[accept, still]);
    m.register_into(busy_q, busy_d, crate::netlist::RegisterControl { reset: Some(0), ..Default::default() });
    let moves = m.or("count", &[accept, step]);
    let start = m.sub("length_less", length, one);
    let less = m.sub("left_less", left_q, one);
    let left_d = m.mux("left_d", accept, start, less);
    m.register_into(left_q, left_d, control(moves));
    m.register_into(first_q, accept, control(moves));
    m.output("cmd_ready_o", ready, "a command is taken");
    Steps { busy_q, first_q, last, next_command: accept, step, ends }
}

/// A down counter that stops at 0: loads `value` when `load` is 1, else steps when `advance` is 1. Returns the one-bit net
/// "is 0". Nothing is built for `value` 0.
pub fn gap_counter(m: &mut ModuleBuilder, name: &str, value: u32, load: NetId, advance: NetId) -> Option<NetId> {
    if value == 0 {
        return None;
    }
    let width = 32 - value.leading_zeros();
    let q = m.net(format!("{name}_q"), width);
    let zero = m.constant(width, 0);
    let idle = m.equal(&format!("{name}_done"), q, zero);
    let one = m.constant(width, 1);
    let less = m.sub(&format!("{name}_less"), q, one);
    let next = m.mux(&format!("{name}_next"), idle, zero, less);
    let start = m.constant(width, u64::from(value));
    let d = m.mux(&format!("{name}_d"), load, start, next);
    m.register_into(q, d, control(advance));
    Some(idle)
}
