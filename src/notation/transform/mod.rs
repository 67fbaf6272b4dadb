//! Rewrites of a nest that keep its product. One file a transform, one row in [`ALL`].

mod align_bit_weight;
mod compress_accumulate;
mod compress_n_of_m;
mod extend_reduction;
mod form;
mod parameters;
mod share_encoder;
mod sink;
mod skip_zero_digits;
mod skip_zero_values;
mod store_encoded;

use std::fmt::Display;

use miette::Diagnostic;
use thiserror::Error;

use super::{Code, Nest, NotationError};
pub use parameters::{BitWeightLoop, EmptyGroups, LanePace, Matching, Parameters, SyncPeriod};

/// A rewrite with a precondition on the tree.
pub trait Transform: Sync {
    /// Its name in a design, e.g. `compress-accumulate`.
    fn name(&self) -> &'static str;

    /// One line for lists.
    fn summary(&self) -> &'static str;

    /// What it does, its precondition, why the product is kept, what the hardware gains, an example, the source.
    fn explain(&self) -> &'static str;

    /// The rewritten nest, with what the design chose about it.
    ///
    /// # Errors
    /// The precondition does not hold; the error quotes the nest.
    fn apply(&self, nest: &Nest, parameters: &Parameters) -> Result<Nest, TransformError>;
}

/// Every transform, in the order in which designs usually apply them.
pub static ALL: &[&dyn Transform] = &[
    &compress_accumulate::CompressAccumulate,
    &align_bit_weight::AlignBitWeight,
    &skip_zero_digits::SkipZeroDigits,
    &skip_zero_values::SkipZeroValues,
    &share_encoder::ShareEncoder,
    &store_encoded::StoreEncoded,
    &extend_reduction::ExtendReduction,
    &compress_n_of_m::CompressNOfM,
];

/// The transform of a name.
pub fn by_name(name: &str) -> Option<&'static dyn Transform> {
    ALL.iter().copied().find(|transform| transform.name() == name)
}

/// Why a transform does not apply: the clause of its precondition that fails, and what the nest has in its place.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{transform}` {needs}; {has}")]
pub struct TransformError {
    /// What kind of failure.
    pub code: Code,
    /// The transform.
    pub transform: &'static str,
    /// What it asks of the nest.
    pub needs: String,
    /// What the nest has instead, its lines quoted.
    pub has: String,
    /// What the user can do.
    pub help: String,
}

impl TransformError {
    /// A transform looks at nests that mean something.
    fn not_well_formed(transform: &'static str, mistakes: &[NotationError]) -> TransformError {
        let list: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        TransformError {
            code: Code::NotWellFormed,
            transform,
            needs: "rewrites well-formed nests".to_owned(),
            has: list.join("; "),
            help: "mend the nest first".to_owned(),
        }
    }
}

impl Diagnostic for TransformError {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(&self.help))
    }
}
