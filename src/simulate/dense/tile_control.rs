//! The control registers of one tile, shared by all dense arrays.

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
    /// Cycles that the step at hand has been worked on; 0: the next cycle begins a step.
    pub phase: u32,
    /// The step at hand is the last of its tile.
    last_step: bool,
    gap_start: u32,
    step_cycles: u32,
}

impl TileControl {
    /// Idle; after each event the gap counts down from `gap`. A step takes `step_cycles` cycles, at least 1.
    pub fn new(gap: u32, step_cycles: u32) -> Self {
        Self {
            busy: false,
            left: 0,
            first: false,
            accumulate: false,
            gap: 0,
            phase: 0,
            last_step: false,
            gap_start: gap,
            step_cycles,
        }
    }

    /// Whether a cycle, with work if `works`, is the last of the tile at hand.
    pub fn ends(&self, works: bool) -> bool {
        let last_step = if self.phase == 0 { self.left == 0 } else { self.last_step };
        works && last_step && self.phase + 1 == self.step_cycles
    }

    /// Whether a command offered now is accepted: when idle, or with the last step of the tile at hand.
    pub fn takes_command(&self, works: bool) -> bool {
        !self.busy || (works && self.phase == 0 && self.left == 0)
    }

    /// The edge; `event` restarts the gap.
    pub fn edge(&mut self, advance: bool, works: bool, event: bool, command: Option<Command>) {
        if event {
            self.gap = self.gap_start;
        } else if advance {
            self.gap = self.gap.saturating_sub(1);
        }
        if works {
            if self.phase == 0 {
                self.first = false;
                self.last_step = self.left == 0;
                self.busy = self.left > 0;
                self.left = self.left.saturating_sub(1);
            }
            self.phase = (self.phase + 1) % self.step_cycles;
        }
        if let Some(command) = command {
            *self = Self { busy: true, left: command.length - 1, first: true, accumulate: command.accumulate, ..*self };
        }
    }
}
