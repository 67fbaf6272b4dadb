//! How often the bits of each word change.

use super::program::{Parts, Place};
use crate::netlist::flatten::Word;
use crate::netlist::wiring::{Part, mask};

/// Bit changes of one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Toggles {
    /// Which word.
    pub word: Word,
    /// Changes of its bits, summed over all bits and steps.
    pub toggles: u64,
}

/// The words that are watched.
#[derive(Clone, Debug, Default)]
pub struct Switching {
    words: Vec<(Word, std::ops::Range<u32>)>,
    /// Bits of machine words, most of them whole net words.
    bits: Vec<Watched>,
}

/// Some bits of a machine word, and what came of them.
#[derive(Clone, Copy, Debug)]
struct Watched {
    address: usize,
    mask: u64,
    /// How many bits of the net each of these is: more than one for a repeated sign.
    copies: u64,
    last: u64,
    toggles: u64,
}

impl Switching {
    /// Watches a word.
    pub fn add(&mut self, word: Word, parts: &Parts, address: impl Fn(Place) -> usize) {
        let first = self.bits.len() as u32;
        for part in parts {
            let (place, mask, copies) = match *part {
                Part::Const { .. } => continue,
                Part::Bits { net, low, width } => (net, mask(width) << low, 1),
                Part::Repeat { net, bit, count } => (net, 1 << bit, u64::from(count)),
            };
            self.bits.push(Watched { address: address(place), mask, copies, last: 0, toggles: 0 });
        }
        self.words.push((word, first..self.bits.len() as u32));
    }

    /// Takes the present values as those to compare with.
    pub fn start(&mut self, read: impl Fn(usize) -> u64) {
        self.bits.iter_mut().for_each(|bits| bits.last = read(bits.address));
    }

    /// Counts what has changed.
    pub fn sample(&mut self, read: impl Fn(usize) -> u64) {
        for bits in &mut self.bits {
            let now = read(bits.address);
            let changed = (now ^ bits.last) & bits.mask;
            bits.toggles += u64::from(changed.count_ones()) * bits.copies;
            bits.last = now;
        }
    }

    /// What was counted.
    pub fn toggles(&self) -> impl Iterator<Item = Toggles> + '_ {
        self.words.iter().map(|(word, range)| Toggles {
            word: *word,
            toggles: self.bits[range.start as usize..range.end as usize].iter().map(|bits| bits.toggles).sum(),
        })
    }
}
