//! The control of a tile whose steps take as long as their operands need.

use crate::engine::EngineSpec;
use crate::engine::parts::links::control;
use crate::engine::parts::steps::{gap_counter, steps};
use crate::netlist::{ModuleBuilder, ModuleId, NetlistBuilder, NetlistError};

/// The control module: one command a tile; a step takes one beat of a and one of b, the next one in the last cycle of the
/// step at hand (`done_i`).
///
/// `working_o` is 1 while operands are worked on; `begins_o` and `ends_o` mark the first and the last such cycle of a tile.
/// The last step of a tile waits until the results of the tile before are far enough out of the drain chain: it is accepted
/// at least R - 1 cycles after the end of that tile.
pub(super) fn step_control(netlist: &mut NetlistBuilder, spec: &EngineSpec) -> Result<ModuleId, NetlistError> {
    let mut m = ModuleBuilder::new(format!("{}_control_len{}", spec.prefix(), spec.length_bits));
    m.doc("Control: one command a tile; a step takes one beat of a and one of b and lasts until all");
    m.doc("units are done with it. Units are done while there is no step. What they say comes last in a");
    m.doc("cycle, so all else is ready.");
    let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
    let a_valid = m.input("a_valid_i", 1, "a beat of a is offered");
    let b_valid = m.input("b_valid_i", 1, "a beat of b is offered");
    let done = m.input("done_i", 1, "all units are done with the step at hand after this cycle");
    let steps = steps(&mut m, spec.length_bits);
    let working_q = m.net("working_q", 1);
    let begins_q = m.net("begins_q", 1);
    let last_q = m.net("last_q", 1);
    let at_last = m.and("at_last_step", &[working_q, last_q]);
    let ends = m.and("ends", &[done, at_last]);
    let mut conditions = vec![steps.busy_q, advance];
    if spec.rows > 1 {
        let early = m.not("not_last", steps.last);
        let still = m.not("not_at_last", at_last);
        let clear = match spec.rows {
            2 => still,
            _ => {
                let ends_now = m.and("ends_now", &[ends, advance]);
                let drained = gap_counter(&mut m, "gap", spec.rows - 2, ends_now, advance).unwrap_or(still);
                m.and("clear", &[drained, still])
            }
        };
        conditions.push(m.or("may_end", &[early, clear]));
    }
    let may_open = m.and("may_open", &conditions);
    let open = m.and("open", &[done, may_open]);
    let a_ready = m.and("a_ready", &[open, b_valid]);
    let b_ready = m.and("b_ready", &[open, a_valid]);
    let may_load = m.and("may_load", &[may_open, a_valid, b_valid]);
    let load = m.and("load", &[done, may_load]);
    m.drive(steps.step, load);
    m.comment("What is worked on from the next cycle on.");
    let goes_on = m.not("goes_on", done);
    let working_d = m.or("working_d", &[load, goes_on]);
    m.register_into(working_q, working_d, control(advance));
    let begins_d = m.and("begins_d", &[load, steps.first_q]);
    m.register_into(begins_q, begins_d, control(advance));
    m.register_into(last_q, steps.last, control(load));
    m.output("a_ready_o", a_ready, "the beat of a is taken");
    m.output("b_ready_o", b_ready, "the beat of b is taken");
    m.output("load_o", load, "operands are taken");
    m.output("working_o", working_q, "operands are worked on");
    m.output("begins_o", begins_q, "it is the first such cycle of a tile");
    m.output("ends_o", ends, "it is the last such cycle of a tile");
    netlist.intern(m.finish()?)
}
