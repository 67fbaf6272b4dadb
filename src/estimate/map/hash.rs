//! A fast hash for small numbers; nobody outside chooses the keys.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map with that hash.
pub type Map<K, V> = HashMap<K, V, BuildHasherDefault<Fast>>;

/// Multiplies and rotates, word by word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fast(u64);

/// One step of it.
pub fn mix(state: u64, word: u64) -> u64 {
    (state.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}

impl Hasher for Fast {
    fn finish(&self) -> u64 {
        // The upper bits are the well mixed ones.
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = mix(self.0, byte.into()));
    }

    fn write_u32(&mut self, word: u32) {
        self.0 = mix(self.0, word.into());
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = mix(self.0, word);
    }
}
