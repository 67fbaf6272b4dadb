//! The control of a tile: accepts a command, counts steps, offers `ready`.

use super::Context;
use crate::engine::Operand;
use crate::engine::parts::links::control;
use crate::engine::parts::steps::{Steps, gap_counter, steps};
use crate::netlist::{ModuleBuilder, ModuleId, NetId, NetlistBuilder, NetlistError};

impl Context<'_> {
    /// Control of an output-stationary array: a step takes a beat of both operand streams. The last step of a tile waits
    /// until the results before it are far enough out of the drain chain: `rows + cols - 1` cycles after the last one.
    pub(super) fn output_stationary_control(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let spec = self.spec;
        let mut m = ModuleBuilder::new(format!("{}_control_len{}", self.prefix, spec.length_bits));
        let held = self.timing.selection.map_or(1, |selection| selection.steps);
        m.doc("Control, output stationary: one command a tile; a step takes one beat of a and one of b.");
        if held > 1 {
            m.doc(format!("A beat of a serves {held} steps, the first of which takes it."));
        }
        m.doc(format!("The last steps of two tiles are at least {} cycles apart.", self.timing.least_pitch(spec.rows)));
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let a_valid = m.input("a_valid_i", 1, "a column of A is offered");
        let b_valid = m.input("b_valid_i", 1, "a row of B is offered");
        let steps = steps(&mut m, spec.length_bits);
        let gap = self.timing.least_pitch(spec.rows) - 1;
        let weights = self.timing.step_cycles;
        let rest_q = (weights > 1).then(|| m.net("rest_q", weights - 1));
        let open = match gap_counter(&mut m, "gap", gap, steps.ends, advance) {
            Some(done) => {
                let early = m.not("not_last", steps.last);
                let may = m.or("may_end", &[early, done]);
                m.and("open", &[steps.busy_q, may, advance])
            }
            None => m.and("open", &[steps.busy_q, advance]),
        };
        let open = match rest_q {
            Some(rest_q) => {
                let none = m.constant(weights - 1, 0);
                let free = m.equal("free", rest_q, none);
                m.and("open_free", &[open, free])
            }
            None => open,
        };
        let (a_ready, b_ready, go);
        if held > 1 {
            let group = self.groups(&mut m, held, steps.step);
            a_ready = m.and("a_ready", &[open, b_valid, group]);
            let same = m.not("same_group", group);
            let a_there = m.or("a_there", &[a_valid, same]);
            b_ready = m.and("b_ready", &[open, a_there]);
            go = m.and("go", &[b_ready, b_valid]);
            let begins = m.and("group_begins", &[steps.step, group]);
            m.output("group_o", begins, "it is the first step of a group: the words of a are new");
        } else {
            a_ready = m.and("a_ready", &[open, b_valid]);
            b_ready = m.and("b_ready", &[open, a_valid]);
            go = m.and("go", &[a_ready, a_valid]);
        }
        m.drive(steps.step, go);
        m.output("a_ready_o", a_ready, "the column of A is taken");
        m.output("b_ready_o", b_ready, "the row of B is taken");
        if let Some(rest_q) = rest_q {
            self.bit_weights(&mut m, &steps, rest_q, advance);
            return netlist.intern(m.finish()?);
        }
        m.output("valid_o", steps.step, "operands are a step");
        m.output("first_o", steps.first_q, "it is the first step of a tile");
        if self.timing.hops {
            m.output("last_o", steps.last, "it is the last step of a tile");
        }
        m.output("tile_ends_o", steps.ends, "the last step of a tile is taken");
        netlist.intern(m.finish()?)
    }

    /// Whether the next step is the first of a group of `held` steps, which share a beat of a. A tile has whole groups.
    fn groups(&self, m: &mut ModuleBuilder, held: u32, step: NetId) -> NetId {
        let width = 32 - (held - 1).leading_zeros();
        let q = m.net("group_step_q", width);
        let zero = m.constant(width, 0);
        let one = m.constant(width, 1);
        let top = m.constant(width, u64::from(held - 1));
        let first = m.equal("first_of_group", q, zero);
        let last = m.equal("last_of_group", q, top);
        let more = m.add("group_step_more", q, one);
        let d = m.mux("group_step_d", last, zero, more);
        m.register_into(q, d, control(step));
        first
    }

    /// The cycles of a step that works on one bit weight after the other, from the lowest: `weight_o` is one-hot, bit 0 in the
    /// cycle in which the operands are taken; they are held for the rest.
    fn bit_weights(&self, m: &mut ModuleBuilder, steps: &Steps, rest_q: NetId, advance: NetId) {
        let weights = self.timing.step_cycles;
        m.comment("The bit weight at hand, one-hot; a step is taken when no bit weight is left.");
        let weight = m.concat(&[rest_q, steps.step]);
        let weight = m.named("weight", weight);
        let rest_d = m.slice(weight, 0, weights - 1);
        m.register_into(rest_q, rest_d, control(advance));
        let last_step_q = m.register("last_step_q", steps.last, control(steps.step));
        let top = m.bit(weight, weights - 1);
        let ends = m.and("ends", &[top, last_step_q]);
        let none = m.constant(weights, 0);
        let idle = m.equal("idle_weight", weight, none);
        let valid = m.not("valid", idle);
        let first = m.and("first", &[steps.step, steps.first_q]);
        m.output("valid_o", valid, "a bit weight of a step is worked on");
        m.output("first_o", first, "it is the first one of a tile");
        if self.timing.hops {
            m.output("last_o", ends, "it is the last one of a tile");
        }
        m.output("weight_o", weight, "which one, one-hot");
        m.output("tile_ends_o", ends, "the last bit weight of a tile is worked on");
    }

    /// Control of a weight-stationary array: `rows` beats of b fill the shadow registers; a tile's first step waits for them,
    /// and the next tile's weights may move in once the last PE has swapped.
    pub(super) fn weight_stationary_control(&self, netlist: &mut NetlistBuilder) -> Result<ModuleId, NetlistError> {
        let spec = self.spec;
        let (streamed, stays) = self.stationary();
        let (beat, matrix, kept) = (streamed.beat, streamed.matrix, stays.matrix);
        let [x, w] = if streamed.operand == Operand::A { ["a", "b"] } else { ["b", "a"] };
        let mut m = ModuleBuilder::new(format!("{}_control_len{}", self.prefix, spec.length_bits));
        let name = spec.dataflow().name().replace('-', " ");
        m.doc(format!("Control, {name}: one command a tile; its {kept} come first, last {} of K first,", stays.beat));
        let capital = if kept == "weights" { "Weights" } else { "Inputs" };
        m.doc(format!("then a step takes one {beat} of {matrix}. {capital} of the next tile move in behind the swap."));
        let advance = m.input("advance_i", 1, "moves everything; 0 freezes the array");
        let offered = |operand: Operand| {
            let (beat, matrix) = if operand == streamed.operand { (beat, matrix) } else { (stays.beat, kept) };
            format!("a {beat} of {matrix} is offered")
        };
        let a_valid = m.input("a_valid_i", 1, &offered(Operand::A));
        let b_valid = m.input("b_valid_i", 1, &offered(Operand::B));
        let (x_valid, w_valid) = if streamed.operand == Operand::A { (a_valid, b_valid) } else { (b_valid, a_valid) };
        let accumulate = m.input("cmd_accumulate_i", 1, "partial sums are added to the results of the tile");
        let steps = steps(&mut m, spec.length_bits);
        let accumulate_q = m.register("accumulate_q", accumulate, control(steps.next_command));

        let full_q = m.net("full_q", 1);
        let later = m.not("not_first", steps.first_q);
        let may = m.or("may_step", &[later, full_q]);
        let x_ready = m.and(&format!("{x}_ready"), &[steps.busy_q, may, advance]);
        let go = m.and("go", &[x_ready, x_valid]);
        m.drive(steps.step, go);
        let swap = m.and("swap", &[steps.step, steps.first_q]);

        m.comment(format!(
            "{}s of {kept} that are in; full when all are.",
            if stays.beat == "row" { "Row" } else { "Column" }
        ));
        let empty = m.not("empty", full_q);
        let gap = (spec.rows + spec.cols).saturating_sub(3);
        let w_ready = match gap_counter(&mut m, "swap_gap", gap, swap, advance) {
            Some(done) => m.and(&format!("{w}_ready"), &[empty, done, advance]),
            None => m.and(&format!("{w}_ready"), &[empty, advance]),
        };
        let load = m.and("load", &[w_ready, w_valid]);
        let fills = if spec.rows == 1 {
            load
        } else {
            let width = 32 - (spec.rows - 1).leading_zeros();
            let loaded_q = m.net("loaded_q", width);
            let top = m.constant(width, u64::from(spec.rows - 1));
            let at_last = m.equal("last_row", loaded_q, top);
            let one = m.constant(width, 1);
            let more = m.add("loaded_more", loaded_q, one);
            let zero = m.constant(width, 0);
            let loaded_d = m.mux("loaded_d", at_last, zero, more);
            m.register_into(loaded_q, loaded_d, control(load));
            m.and("fills", &[load, at_last])
        };
        let moves = m.or("full_moves", &[fills, swap]);
        m.register_into(full_q, fills, control(moves));

        let (a_ready, b_ready) = if streamed.operand == Operand::A { (x_ready, w_ready) } else { (w_ready, x_ready) };
        let taken = |operand: Operand| offered(operand).replacen("a ", "the ", 1).replace("offered", "taken");
        m.output("a_ready_o", a_ready, &taken(Operand::A));
        m.output("b_ready_o", b_ready, &taken(Operand::B));
        m.output("valid_o", steps.step, &format!("a {beat} of {matrix} is taken"));
        m.output("swap_o", swap, &format!("it is the first {beat} of a tile"));
        m.output("accumulate_o", accumulate_q, "partial sums are added to the results of the tile");
        m.output("load_o", load, "moves the chain of shadow registers");
        netlist.intern(m.finish()?)
    }
}
