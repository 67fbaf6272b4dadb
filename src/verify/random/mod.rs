//! Random designs and GEMMs from a seed. The same seed makes the same case on every machine; each describes itself so that a
//! failure can be made again.

mod gemm;
mod spec;
#[cfg(test)]
mod tests;

pub use gemm::{RandomGemm, Values};
pub use spec::{describe, random_spec, random_spec_where};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Draws from a seed.
#[derive(Debug)]
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// A generator.
    pub fn new(seed: u64) -> Self {
        Draw(ChaCha8Rng::seed_from_u64(seed))
    }

    /// 0 to `bound - 1`; 0 if there is nothing to choose from.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The bias is below 2^-40 for the bounds in use.
        self.0.next_u64() % bound.max(1)
    }

    /// `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// One of `choices`.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// A pattern that is all ones, dense or sparse, never 0.
    pub(super) fn pattern(&mut self) -> u64 {
        let bits = [self.0.next_u64(), self.0.next_u64(), self.0.next_u64()];
        let pattern = match self.below(4) {
            0 => !0,
            1 => bits[0] | bits[1],
            2 => bits[0],
            _ => bits[0] & bits[1] & bits[2],
        };
        if pattern == 0 { 1 << self.below(64) } else { pattern }
    }
}
