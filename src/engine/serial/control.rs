//! The control of the array: commands, the starts and ends of tiles, and the turns that all rows make together.

use super::{Serial, Take};
use crate::engine::parts::links::control;
use crate::engine::parts::steps::gap_counter;
use crate::netlist::{ModuleBuilder, ModuleId, NetlistBuilder, NetlistError, RegisterControl};

impl Serial<'_> {
    /// Edges from the cycle that takes the last digit or term to the one that captures the sums: by way of the slot, and of the
    /// tree register where there is one.
    fn take_to_capture(&self) -> u32 {
        match self.sequencing.take {
            Take::Digit | Take::Value { .. } => 2,
            Take::Terms { .. } => 3,
        }
    }

    /// The control module.
    pub(super) fn control(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let spec = self.spec;
        let mut m = ModuleBuilder::new(format!("{}_control_len{}", self.prefix, spec.length_bits));
        m.doc("Control: one command a tile, the next one waits in a register. A tile ends when all rows are");
        m.doc(format!(
            "done with it, at least {} cycles after the one before, and the next starts in that cycle.",
            spec.rows
        ));
        m.doc("Rows are done while there is no tile. What they say comes last in a cycle, so all else is ready.");
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let command = m.input("cmd_valid_i", 1, "a command is offered");
        let length = m.input("cmd_length_i", spec.length_bits, self.sequencing.length_doc());
        let rows_done = m.input("rows_done_i", 1, "all rows are at the end of the tile");

        let busy_q = m.net("busy_q", 1);
        let waiting_q = m.net("waiting_q", 1);
        let ends = m.net("tile_ends", 1);
        let gap = gap_counter(&mut m, "gap", spec.rows - 1, ends, advance);
        let mut may_end = vec![busy_q, advance];
        may_end.extend(gap);
        let may_end = m.and("may_end", &may_end);
        let ended = m.and("tile_done", &[rows_done, may_end]);
        m.drive(ends, ended);
        let mut may_start = vec![waiting_q, advance];
        if let Some(gap) = gap {
            let idle = m.not("idle", busy_q);
            may_start.push(m.or("free", &[idle, gap]));
        }
        let may_start = m.and("may_start", &may_start);
        let start = m.and("start", &[rows_done, may_start]);
        let goes_on = m.not("tile_goes_on", ends);
        let still = m.and("still_busy", &[busy_q, goes_on]);
        let busy_d = m.or("busy_d", &[start, still]);
        let always = RegisterControl { reset: Some(0), ..Default::default() };
        m.register_into(busy_q, busy_d, always);

        m.comment("The command that waits, and the one that is worked on.");
        let taken = m.not("not_waiting", waiting_q);
        let ready = m.or("cmd_ready", &[taken, start]);
        let accept = m.and("cmd_accept", &[command, ready]);
        let not_started = m.not("not_started", start);
        let waits = m.and("waits", &[waiting_q, not_started]);
        let waiting_d = m.or("waiting_d", &[accept, waits]);
        m.register_into(waiting_q, waiting_d, always);
        let one = m.constant(spec.length_bits, 1);
        let last = m.sub("length_less", length, one);
        let next_q = m.register("next_group_q", last, RegisterControl { enable: Some(accept), ..Default::default() });
        let last_q = m.register("last_group_q", next_q, RegisterControl { enable: Some(start), ..Default::default() });
        let none = m.constant(spec.length_bits, 0);
        let single = m.equal("single", next_q, none);

        m.comment("The sums are complete some edges after the last digits or terms were taken.");
        let mut capture_q = ends;
        for edge in 1..self.take_to_capture() {
            capture_q = m.register(&format!("ended{edge}_q"), capture_q, control(advance));
        }
        let capture_q = m.register("capture_q", capture_q, control(advance));
        let capture = m.and("capture", &[capture_q, advance]);
        m.output("cmd_ready_o", ready, "a command is taken");
        m.output("last_group_o", last_q, "number of the last group of a pass, from the cycle after the start on");
        m.output("single_o", single, "the tile that waits has one group a pass");
        if self.sequencing.stretch.is_some() {
            let rows_met = m.input("rows_met_i", 1, "all rows are at the end of the stretch");
            let may_turn = m.mux("may_turn", rows_done, may_start, advance);
            let turn = m.and("turn", &[rows_met, may_turn]);
            m.output("turn_o", turn, "the next stretch of all rows may begin");
        } else {
            m.output("start_o", start, "a tile starts");
        }
        m.output("capture_o", capture, "every PE captures its result");
        netlist.intern(m.finish()?)
    }
}
