//! Runs seeded cases on all cores, and says how to make a failure again.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// The one seed to run, if `BITWEIGHT_SEED` asks for it.
pub fn only() -> Option<u64> {
    std::env::var("BITWEIGHT_SEED").ok()?.parse().ok()
}

/// Runs `check` on every seed; it returns how many pairs it looked at, or what is wrong.
///
/// # Panics
/// With all that is wrong, in order of seed.
pub fn each(seeds: Range<u64>, check: impl Fn(u64) -> Result<u64, String> + Sync) -> u64 {
    let seeds = only().map_or(seeds, |seed| seed..seed + 1);
    let (next, pairs) = (AtomicU64::new(seeds.start), AtomicU64::new(0));
    let failures = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    match check(seed) {
                        Ok(count) => {
                            pairs.fetch_add(count, Ordering::Relaxed);
                        }
                        Err(why) => failures.lock().expect("no check panics").push((seed, why)),
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().expect("no check panics");
    failures.sort();
    let shown: Vec<&str> = failures.iter().take(5).map(|(_, why)| why.as_str()).collect();
    assert!(failures.is_empty(), "{} of the designs failed, first:\n{}", failures.len(), shown.join("\n"));
    pairs.into_inner()
}
