//! The interpreter against closed forms on hand-made netlists, and against [`reference`] on random ones.

mod grids;
mod random;
mod reference;
