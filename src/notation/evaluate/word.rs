//! Two's complement words of a run-time width, and the full adder.

/// Two's complement words of one width, kept in the low bits.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub(super) bits: u32,
}

impl Word {
    pub(super) fn wrap(self, value: i128) -> u64 {
        value as u64 & (u64::MAX >> (64 - self.bits))
    }

    pub(super) fn signed(self, word: u64) -> i128 {
        let unused = 64 - self.bits;
        i128::from(((word << unused) as i64) >> unused)
    }

    pub(super) fn add(self, left: u64, right: u64) -> u64 {
        self.wrap(i128::from(left) + i128::from(right))
    }

    /// A row of full adders: three words to two with the same sum modulo the word.
    pub(super) fn compress(self, (sum, carry): (u64, u64), next: u64) -> (u64, u64) {
        let majority = (sum & carry) | (sum & next) | (carry & next);
        (sum ^ carry ^ next, self.wrap(i128::from(majority) << 1))
    }
}
