//! What the words of a design are, cycle by cycle, as the interpreter runs it.

use super::circuit::{BitPlace, Slot};
use super::expand::next;
use crate::netlist::Interpreter;

/// Words that are kept of a run: after the reset, and before each clock edge that was asked for.
#[derive(Clone, Debug)]
pub struct Recording {
    slots: Vec<Slot>,
    /// Cycles that are simulated, in order. Cycle `c` begins with frame `c` and settles to frame `c + 1`.
    cycles: Vec<u32>,
    /// Where each frame is kept, by number.
    places: Vec<Option<u32>>,
    words: Vec<u64>,
    frames: u32,
}

impl Recording {
    /// For a run of about `expected` cycles of which at most `most` are simulated: one from each of as many stretches.
    pub fn new(slots: Vec<Slot>, expected: u64, most: u64, mut seed: u64) -> Recording {
        let expected = expected.clamp(1, u64::from(u32::MAX / 2));
        let taken = expected.min(most.max(1));
        let cycles: Vec<u32> = (0..taken)
            .map(|place| {
                let (from, to) = (place * expected / taken, (place + 1) * expected / taken);
                seed = next(seed);
                (from + (seed >> 33) % (to - from)) as u32
            })
            .collect();
        let mut places = vec![None; expected as usize + 2];
        let mut count = 0;
        for &cycle in &cycles {
            for frame in cycle..cycle + 3 {
                if let Some(place) = places.get_mut(frame as usize).filter(|place| place.is_none()) {
                    *place = Some(count);
                    count += 1;
                }
            }
        }
        Recording { words: vec![0; count as usize * slots.len()], slots, cycles, places, frames: 0 }
    }

    /// Takes the words as they are: after the reset, and from then on before every clock edge.
    pub fn take(&mut self, design: &Interpreter) {
        let place = self.places.get(self.frames as usize).copied().flatten();
        if let Some(place) = place {
            let first = place as usize * self.slots.len();
            for (slot, word) in self.slots.iter().zip(&mut self.words[first..]) {
                *word = match slot.back {
                    0 => design.word(slot.word),
                    back => design.in_line(slot.word, back),
                };
            }
        }
        self.frames += 1;
    }

    /// Begins anew: the design was reset.
    pub fn restart(&mut self) {
        self.frames = 0;
    }

    /// The cycles that are simulated of the first `total`.
    pub fn cycles(&self, total: u64) -> Vec<u32> {
        let ran = total.min(u64::from(self.frames).saturating_sub(1));
        self.cycles.iter().copied().filter(|&cycle| u64::from(cycle) < ran).collect()
    }

    /// Clock edges that were seen.
    pub fn edges(&self) -> u64 {
        u64::from(self.frames).saturating_sub(1)
    }

    /// The words of a frame, if it was kept.
    pub fn frame(&self, frame: u32) -> Option<&[u64]> {
        if frame >= self.frames {
            return None;
        }
        let place = self.places.get(frame as usize).copied().flatten()? as usize;
        Some(&self.words[place * self.slots.len()..][..self.slots.len()])
    }
}

/// A bit of each of some frames, the first one lowest.
pub fn bits(frames: &[Option<&[u64]>], place: BitPlace) -> u64 {
    frames.iter().enumerate().fold(0, |bits, (lane, frame)| {
        let word = frame.map_or(0, |frame| frame[place.slot as usize]);
        bits | (word >> place.bit & 1) << lane
    })
}
