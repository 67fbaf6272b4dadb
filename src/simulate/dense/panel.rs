//! Operands laid out so that a beat is a slice.

use super::element::Element;
use crate::engine::{Schedule, Stream};

/// The beats of an operand's stream, each distinct one once, padded with zeros.
#[derive(Clone, Debug)]
pub struct Panel<E> {
    words: Vec<E>,
    lanes: usize,
    /// First beats of runs of beats that are stored one behind the other, and where the run is.
    at: Vec<u32>,
    run: usize,
}

impl<E: Element> Panel<E> {
    /// The beats of `stream`, whose lane `lane` of beat `beat` is `value(beat, lane)`; `None` is padding.
    pub fn new(schedule: &Schedule, stream: Stream, value: impl Fn(usize, usize) -> Option<i32>) -> Self {
        Self::of(schedule, stream, |beat, lane| value(beat, lane).map(E::new))
    }
}

impl<E: Copy + Default> Panel<E> {
    /// The same of any words.
    pub fn of(schedule: &Schedule, stream: Stream, value: impl Fn(usize, usize) -> Option<E>) -> Self {
        let (beats, lanes) = (schedule.beats(stream), schedule.lanes(stream));
        // All beats of a tile are alike or none is.
        let run = beats / schedule.beats(Stream::Command);
        let mut words = Vec::new();
        let mut at: Vec<u32> = Vec::with_capacity(beats / run);
        for first in (0..beats).step_by(run) {
            let alike = schedule.first_alike(stream, first);
            if alike < first {
                at.push(at[alike / run]);
                continue;
            }
            at.push((words.len() / lanes) as u32);
            for beat in first..first + run {
                words.extend((0..lanes).map(|lane| value(beat, lane).unwrap_or_default()));
            }
        }
        Self { words, lanes, at, run }
    }

    /// The words of beat `beat`.
    pub fn beat(&self, beat: usize) -> &[E] {
        let start = (self.at[beat / self.run] as usize + beat % self.run) * self.lanes;
        &self.words[start..start + self.lanes]
    }
}
