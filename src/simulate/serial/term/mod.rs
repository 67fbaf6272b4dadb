//! Bit-Pragmatic: every operand of a group has a lane of a dot-product unit, which takes its lowest term if that is near enough to the
//! lowest of all.

mod group;
mod row;
mod tree;

use super::events::{CountedTile, counted};
use super::matches::Matches;
use super::shape::Shape;
use super::taking::Taking;
use crate::engine::EngineSpec;
use crate::matrix::Matrix;
use crate::simulate::event;
use crate::simulate::terms::SignedTerms;

/// A term an operand and cycle.
pub struct Terms;

impl Taking for Terms {
    type Operand = SignedTerms;
    type Row = row::TermRow;
    type Group = group::TermGroup;
    type Datapath = tree::Trees;

    fn product(
        spec: &EngineSpec,
        shape: &Shape,
        matches: &Matches,
        (a, b): (&Matrix<i32>, &Matrix<i32>),
    ) -> (Matrix<i64>, Vec<CountedTile>) {
        (event::product(spec, a, b), counted::<Self>(shape, matches, a))
    }
}
