//! When a stream offers its beats.

/// One input stream: how many beats it has, which is next, and whether it is offered.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    pattern: u64,
    beats: usize,
    next: usize,
    pending: bool,
}

impl Offer {
    /// A stream of `beats` beats offered by `pattern` (see [`Patterns`](crate::engine::Patterns)).
    pub fn new(pattern: u64, beats: usize) -> Self {
        Self { pattern, beats, next: 0, pending: false }
    }

    /// Whether the next beat is offered in cycle `cycle`.
    pub fn valid(&self, cycle: u64) -> bool {
        self.next < self.beats && (self.pending || at(self.pattern, cycle))
    }

    /// Ends the cycle.
    pub fn edge(&mut self, valid: bool, accepted: bool) {
        self.pending = valid && !accepted;
        self.next += usize::from(accepted);
    }

    /// The beat that is or will be offered next.
    pub fn next(&self) -> usize {
        self.next
    }

    /// Whether every beat has been accepted.
    pub fn is_done(&self) -> bool {
        self.next == self.beats
    }
}

/// Bit `cycle % 64` of a pattern.
pub fn at(pattern: u64, cycle: u64) -> bool {
    pattern >> (cycle % 64) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_once_offered_stays_offered_until_it_is_accepted() {
        let mut offer = Offer::new(0b0010, 1);
        let valid: Vec<bool> = (0..5)
            .map(|cycle| {
                let valid = offer.valid(cycle);
                offer.edge(valid, valid && cycle == 3);
                valid
            })
            .collect();
        assert_eq!(valid, [false, true, true, true, false]);
    }
}
