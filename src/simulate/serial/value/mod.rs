//! Rows that take whole values of A that are not 0, each with its row of B.

mod row;
mod sums;

use super::digit::PickedGroup;
use super::events::{CountedTile, counted};
use super::matches::Matches;
use super::shape::Shape;
use super::taking::Taking;
use crate::engine::EngineSpec;
use crate::matrix::Matrix;
use crate::simulate::event;

/// A value a cycle.
pub struct Values;

impl Taking for Values {
    type Operand = i64;
    type Row = row::ValueRow;
    type Group = PickedGroup<i64>;
    type Datapath = sums::Sums;

    fn product(
        spec: &EngineSpec,
        shape: &Shape,
        matches: &Matches,
        (a, b): (&Matrix<i32>, &Matrix<i32>),
    ) -> (Matrix<i64>, Vec<CountedTile>) {
        (event::product(spec, a, b), counted::<Self>(shape, matches, a))
    }
}
