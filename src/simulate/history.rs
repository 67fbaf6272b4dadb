//! Operand pipes without moving data: a register chain is a window on the history of what entered it.
//!
//! Register `d` of a chain holds, after every edge, what entered `d` edges ago. Kept newest first in one slice, the whole
//! chain is the slice that starts at the newest entry, and an edge writes one value in front of it. A row of PEs, each
//! one register east of the last, is then a contiguous vector.

/// One register chain, or several of the same depth that move together; newest entry first.
#[derive(Clone, Debug)]
pub struct History<T> {
    lanes: Vec<T>,
    stride: usize,
    depth: usize,
    newest: usize,
}

impl<T: Copy> History<T> {
    /// `lanes` chains of `depth` registers, all holding `reset`.
    pub fn new(lanes: usize, depth: usize, reset: T) -> Self {
        // Every `slack` edges the live entries are copied to the far end; a long slack makes that rare, a short one
        // keeps the chains in the first-level cache.
        let slack = 2 * depth + 64;
        let stride = depth + slack;
        Self { lanes: vec![reset; lanes * stride], stride, depth, newest: slack }
    }

    /// One edge: entry `value(lane)` enters each chain.
    #[inline]
    pub fn push(&mut self, mut value: impl FnMut(usize) -> T) {
        if self.newest == 0 {
            let slack = self.stride - self.depth;
            for lane in self.lanes.chunks_exact_mut(self.stride) {
                // The oldest entry falls out of the chain at this very edge.
                lane.copy_within(..self.depth - 1, slack + 1);
            }
            self.newest = slack + 1;
        }
        self.newest -= 1;
        for (index, lane) in self.lanes.chunks_exact_mut(self.stride).enumerate() {
            lane[self.newest] = value(index);
        }
    }

    /// Registers `from .. from + count` of a chain.
    #[inline]
    pub fn window(&self, lane: usize, from: usize, count: usize) -> &[T] {
        debug_assert!(from + count <= self.depth);
        let start = lane * self.stride + self.newest + from;
        &self.lanes[start..start + count]
    }

    /// One register of a chain.
    #[inline]
    pub fn at(&self, lane: usize, register: usize) -> T {
        debug_assert!(register < self.depth);
        self.lanes[lane * self.stride + self.newest + register]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_holds_what_entered_that_many_edges_ago() {
        let mut history = History::new(2, 3, 0);
        for t in 1..500 {
            history.push(|lane| t * 10 + lane as i32);
            for lane in 0..2 {
                let expected: Vec<i32> =
                    (0..3).map(|age| if t - age > 0 { (t - age) * 10 + lane as i32 } else { 0 }).collect();
                assert_eq!(history.window(lane, 0, 3), expected, "lane {lane} at edge {t}");
            }
        }
    }
}
