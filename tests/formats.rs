//! Number formats whose elements are codes: what they decode to, and engines of every family on them.
//! `BITWEIGHT_SEED=n` runs one random design again.

#[allow(dead_code)]
mod bench;
#[path = "formats/codes.rs"]
mod codes;
#[path = "formats/drawn.rs"]
mod drawn;
#[path = "formats/engines.rs"]
mod engines;
#[path = "formats/files.rs"]
mod files;
#[path = "formats/reference.rs"]
mod reference;
mod seeds;
