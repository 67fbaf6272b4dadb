//! Mutations of files: whatever the bytes, a reader takes the file or says with a code and help what is wrong.

use std::collections::BTreeMap;
use std::path::Path;

use bitweight::workload::WorkloadError;
use miette::Diagnostic;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What became of mutated files.
#[derive(Debug, Default)]
pub struct Outcomes {
    /// Files that were still sound.
    pub read: usize,
    /// Files that were refused, by code.
    pub refused: BTreeMap<String, usize>,
}

/// The source of mutations, the same in every run.
pub fn source() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(1)
}

/// Writes a file anew: to overwrite one in place makes some file systems wait for the disk.
pub fn fresh(path: &Path, bytes: &[u8]) {
    if path.exists() {
        std::fs::remove_file(path).expect("a file of our own");
    }
    std::fs::write(path, bytes).expect("a file in a folder of our own");
}

/// Writes `original` and `rounds - 1` mutations of it to `path`, each for `read` to read.
///
/// # Panics
/// If the original is refused, or an error has no code or no help.
pub fn hold(
    (path, original): (&Path, &[u8]),
    rounds: usize,
    random: &mut ChaCha8Rng,
    mut read: impl FnMut(&[u8]) -> Result<(), WorkloadError>,
) -> Outcomes {
    let mut outcomes = Outcomes::default();
    for round in 0..rounds {
        let bytes = if round == 0 { original.to_vec() } else { mutated(original, random) };
        fresh(path, &bytes);
        match read(&bytes) {
            Ok(()) => outcomes.read += 1,
            Err(error) => {
                assert!(round > 0, "the original of {} is refused: {error}", path.display());
                assert!(error.help().is_some_and(|help| !help.to_string().is_empty()), "{error}");
                let code = error.code().expect("every error has a code").to_string();
                *outcomes.refused.entry(code).or_default() += 1;
            }
        }
    }
    outcomes
}

/// A mutation of a file: bytes flipped, overwritten, cut out or doubled, or numbers put in that headers might have.
fn mutated(original: &[u8], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    let mut below = |limit: usize| (random.next_u64() % limit.max(1) as u64) as usize;
    for _ in 0..1 + below(3) {
        if bytes.is_empty() {
            break;
        }
        let at = below(bytes.len());
        let length = below(12.min(bytes.len() - at) + 1);
        match below(12) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let doubled = bytes[at..at + length].to_vec();
                bytes.splice(at..at, doubled);
            }
            3 => {
                let number = [0_u64, 1, u64::MAX, 1 << 40, 1 << 63, i32::MAX as u64][below(6)].to_le_bytes();
                let width = [1, 2, 4, 8][below(4)].min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&number[..width]);
            }
            4 => bytes[at] = b"0123456789[]{}(),:\"' -"[below(22)],
            5 => bytes[at] = [0, 1, 2, 127, 128, 255][below(6)],
            // Somewhat more or less: other extents, fields and types that are still ones.
            6..=8 => bytes[at] = bytes[at].wrapping_add([1, 255, 8, 248][below(4)]),
            _ => bytes[at] ^= 1 << below(8),
        }
    }
    bytes
}
