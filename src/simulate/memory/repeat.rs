//! Turns of a loop that do what the turn before did, some cycles later: counted together instead of one by one.
//!
//! All that a walk does with times is to add to them and to take the later one of two. So if two turns begin alike, all times of the
//! second being those of the first and d cycles more, and the same is asked for in both, the turns after them begin alike too,
//! each d cycles later, as long as nothing else is asked for. Times that are too early to matter ever again need not be so: the later
//! one of two is the same for all of them.

/// How many turns are remembered: a state may come back only after some of them.
const REMEMBERED: usize = 4;

/// What a loop has counted so far.
pub trait Repeating: Clone {
    /// All that the next turns depend on, in times since one that all others are near.
    type Shape: PartialEq;

    /// How it stands.
    fn shape(&self) -> Self::Shape;

    /// Counts what was counted since `before`, whose shape is the same, so many times again.
    fn repeat(&mut self, before: &Self, times: u64);
}

/// A loop. Its first turn may ask for something else than the others, and so may its last one.
#[derive(Debug)]
pub struct Loop<S: Repeating> {
    seen: Vec<(usize, S, S::Shape)>,
}

impl<S: Repeating> Loop<S> {
    /// A loop in its first turn.
    pub fn new() -> Self {
        Self { seen: Vec::new() }
    }

    /// In its first turn again.
    pub fn begin(&mut self) {
        self.seen.clear();
    }

    /// Counts turns in `state`, if they are known, which is about to begin `turn` of `turns`. Gives how many.
    ///
    /// No turn that asks for anything else is among them, nor one that looks at such a turn after it.
    pub fn skip(&mut self, state: &mut S, turn: usize, turns: usize) -> usize {
        if turn == 0 || turn + 2 >= turns {
            return 0;
        }
        let shape = state.shape();
        if let Some((at, before, _)) = self.seen.iter().rev().find(|(_, _, seen)| *seen == shape) {
            debug_assert!(*at < turn, "a loop begins anew before it comes to a turn again");
            let period = turn - at;
            let times = (turns - 2 - turn) / period;
            state.repeat(before, times as u64);
            self.seen.clear();
            return times * period;
        }
        if self.seen.len() == REMEMBERED {
            self.seen.remove(0);
        }
        self.seen.push((turn, state.clone(), shape));
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits for something that takes `pace` cycles, but every third turn one more.
    #[derive(Clone, Debug, PartialEq)]
    struct Count {
        time: u64,
        turn: u64,
        words: u64,
    }

    impl Repeating for Count {
        type Shape = u64;

        fn shape(&self) -> u64 {
            self.turn % 3
        }

        fn repeat(&mut self, before: &Self, times: u64) {
            let again = |now: &mut u64, before: u64| *now += (*now - before) * times;
            again(&mut self.time, before.time);
            again(&mut self.turn, before.turn);
            again(&mut self.words, before.words);
        }
    }

    #[test]
    fn turns_that_repeat_are_counted_as_often_as_they_come() {
        for turns in 0..40 {
            let (mut count, mut visited) = (Count { time: 0, turn: 0, words: 0 }, 0);
            let mut seen = Loop::new();
            let mut at = 0;
            while at < turns {
                at += seen.skip(&mut count, at, turns);
                assert!(at < turns, "the last turn is visited");
                count.time += 5 + u64::from(count.turn % 3 == 0);
                count.words += if at == 0 || at + 1 == turns { 1 } else { 7 };
                (count.turn, visited, at) = (count.turn + 1, visited + 1, at + 1);
            }
            let turns = turns as u64;
            let words = turns.min(2) + 7 * turns.saturating_sub(2);
            assert_eq!(count, Count { time: 5 * turns + turns.div_ceil(3), turn: turns, words }, "{turns}");
            assert!(visited <= 9, "{visited} of {turns}");
        }
    }
}
