//! The control registers of one tile, shared by both dataflows.

use crate::engine::Command;

/// Command register, first-step flag, step counter, and the counter that keeps two events of an array apart.
#[derive(Clone, Debug)]
pub struct TileControl {
    /// A tile is at hand.
    pub busy: bool,
    /// Steps of it after the next one.
    pub left: u32,
    /// The next step is its first.
    pub first: bool,
    /// Whether partial sums are added to its results.
    pub accumulate: bool,
    /// Moves of the pipeline until the guarded event may happen again.
    pub gap: u32,
    gap_start: u32,
}

impl TileControl {
    /// Idle; after each event the gap counts down from `gap`.
    pub fn new(gap: u32) -> Self {
        Self { busy: false, left: 0, first: false, accumulate: false, gap: 0, gap_start: gap }
    }

    /// Whether a command offered now is accepted: when idle, or with the last step of the tile at hand.
    pub fn takes_command(&self, step: bool) -> bool {
        !self.busy || (step && self.left == 0)
    }

    /// The edge; `event` restarts the gap.
    pub fn edge(&mut self, advance: bool, step: bool, event: bool, command: Option<Command>) {
        if event {
            self.gap = self.gap_start;
        } else if advance {
            self.gap = self.gap.saturating_sub(1);
        }
        if step {
            self.busy = self.left > 0;
            self.left = self.left.saturating_sub(1);
            self.first = false;
        }
        if let Some(command) = command {
            *self = Self { busy: true, left: command.length - 1, first: true, accumulate: command.accumulate, ..*self };
        }
    }
}
