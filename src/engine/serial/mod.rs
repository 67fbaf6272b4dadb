//! Engines whose rows run at their own pace: OPT3, OPT4C and OPT4E, which take one non-zero digit of A a lane and cycle, and
//! Bit-Pragmatic, which takes terms ([`Take`]); at the end of this page is what Pragmatic has otherwise.
//!
//! A is encoded. A row of PEs computes one row m of C, a PE one element; every row (every lane of a row) has readers of its own in
//! streams a and b. Written out for the edge that ends cycle t ("edge t"), while `advance` is 1 (a row of results that
//! is offered and not taken freezes everything: `advance` is 0, no ready of a or b is 1, nothing moves):
//!
//! **Order.** Tiles as in the dense arrays. A tile has a pass for each bit weight, from the top slot down to slot 0. A pass offers
//! all J groups of each lane again, group j of lane l being the operands k = (j L + l) G .. + G.
//!
//! **Lane.** Cycle t accepts a beat of a, a group: its operands are encoded, the digit of the pass is selected, and edge t loads
//! the *group register*: a digit for each operand, and the mask of those that are not 0. From cycle t + 1 on, the lane picks the
//! lowest position of its mask and asks for that row of B (`b_ready_o`, `b_index_o`: functions of registers and
//! `advance`). A cycle in which the beat is offered takes the digit: its edge clears the bit in the mask and loads digit and
//! B words into the *slot registers*; one edge later the digit is in the carry-save pair. A group is *done* in the cycle that
//! takes its last digit, or in its first cycle if it has none. From this very cycle on the next group may be accepted.
//! So a group with c digits occupies max(1, c) cycles when b is always offered.
//!
//! **Lanes that take groups together** (one lane; `Lockstep`; `PerGroup`): the beats of all lanes are accepted in one cycle,
//! when all are offered and all lanes are done. In `Lockstep` every lane looks at the lowest position that is set in the
//! mask of any lane, and is idle if its own bit there is 0 (or has been taken already, while another lane waits for its B).
//! `PerBitWeight`: each lane accepts on its own.
//!
//! **Empty groups, skipped.** A group (of all lanes that take groups together) without a digit is dropped at the port in the cycle
//! in which it is accepted, whether or not the lanes are done; one a cycle. Not the first group of a pass: it is accepted as
//! any other and occupies its cycle.
//!
//! **Ends.** When a port has accepted (or dropped) the last group of a *stretch*, it is closed, and opens again in the cycle in
//! which the stretch *turns*, in which the next group may already be accepted. A stretch is a pass; with sync
//! `Operands(S)` S / (L G) groups of a pass, the last stretch of a pass being what is left. A lane has *met* while its port
//! is closed and its group register is done (in the cycle of the last digit, too). So a group dropped last ends its
//! stretch a cycle later than one that is done.
//!
//! - the end of a tile: turns in the cycle in which all lanes of all rows have met, at least R cycles after the end of the tile
//!   before (its results must be out), and the next command is waiting. The tile *ends* in the first such cycle without
//!   regard to the command.
//! - any other stretch: with `Operands(S)` turns when all lanes of all rows have met, else when all lanes of the row have.
//!
//! The first cycle after the turn of a pass carries `raise` (the pair is multiplied by the radix), after the turn to a tile
//! `first` (the pair starts at 0), whether or not a digit is taken in it.
//!
//! **Commands.** One command waits in a register; it is accepted when the register is empty or its tile starts in this cycle. A
//! tile starts (turns) from the cycle after its command was accepted on.
//!
//! **Results.** A tile that ends in cycle e is captured by all PEs on edge e + 2; rows of results leave the drain chain from cycle
//! e + 3 on, and the final adders one cycle later: accepted in cycles e + 4 .. e + 3 + R. If the first operand is accepted in
//! cycle 0, a run takes e + R + 4 cycles, e the end of its last tile.
//!
//! # Pragmatic
//!
//! A row has one lane and one reader of a and of b. A tile has one pass; a group is the L operands of a step, one for each product
//! of a unit. Ports, ends, commands and meetings are as above, but:
//!
//! - The edge that accepts a beat of a loads, for each operand, the mask of all its *terms* (digits of a radix-2 encoding that are
//!   not 0) and their signs.
//! - In the first cycle of a step (the one after) the row asks for its beat of b: the step's L rows of the B tile; without it
//!   nothing is taken. A step without a term asks too.
//! - A cycle of work looks at the lowest place p at which any operand of the group has a term left. Each operand whose own lowest
//!   term is below place p + 2^S gives it (S: bits of the shifter in a lane). The group is done in the cycle in which
//!   the last terms are given, in its first cycle of work if it has none.
//! - The edge that ends the cycle loads the slot registers. One edge later the sum of their multiples of B, p not yet
//!   regarded, is in the tree register; one more edge, and it is in the accumulator, shifted by p. So there is one edge more than above
//!   between slot and sum; there is no pair, and so no final adder: a tile that ends in cycle e is captured on edge e + 3,
//!   and its rows of results are accepted in cycles e + 4 .. e + 3 + R, as above.

mod control;
mod lane;
mod pe;
mod pes;
mod port;
mod row;
mod schedule;
mod sequencing;
mod streams;
mod terms;
#[cfg(test)]
mod tests;
mod top;
mod traffic;
mod values;

pub use schedule::SerialSchedule;
pub use sequencing::{Sequencing, Take};
pub use streams::{law_text, streams};

use super::{EngineError, EngineSpec};
use crate::netlist::{Netlist, NetlistBuilder};

/// What the generators of a digit-serial engine share.
struct Serial<'a> {
    spec: &'a EngineSpec,
    sequencing: Sequencing,
    prefix: String,
}

impl Serial<'_> {
    /// `_a8_b8_acc32`: the formats, as they stand in module names.
    fn formats(&self) -> String {
        format!("_a{}_b{}_acc{}", self.spec.a_bits, self.spec.b_bits, self.spec.acc_bits)
    }
}

/// The netlist of the complete engine.
///
/// # Errors
/// What [`Sequencing::new`] says; [`EngineError::Netlist`] is a defect of the generator.
pub fn netlist(spec: &EngineSpec) -> Result<Netlist, EngineError> {
    let serial = Serial { spec, sequencing: Sequencing::new(spec)?, prefix: spec.prefix() };
    let mut netlist = NetlistBuilder::new();
    let top = serial.top(&mut netlist)?;
    Ok(netlist.finish(top, spec.reset))
}
