//! Every combination of array, transforms, encoding and formats: whether it is a legal design, and what it earned when it was
//! checked.
//!
//! [`Survey`] asks the checks of [`crate::design`] about each combination, [`Trial`] runs one that is legal, [`page()`] writes
//! `docs/coverage.md`.

mod axes;
mod page;
mod survey;
mod trial;

pub use axes::{ArrayChoice, CHOICES, FORMATS, Formats, Step, encodings};
pub use page::page;
pub use survey::{ArraySurvey, Cell, Chain, Reason, Refusal, Survey};
pub use trial::{Mark, Marks, Trial, verilate};
