//! OPT3, OPT4C, OPT4E: a lane takes a digit of one bit weight from its group, and the PE's pair is raised from weight to weight.

mod group;
mod pair;
mod row;
mod values;

pub use group::PickedGroup;
pub use row::mask;

use super::events::CountedTile;
use super::matches::Matches;
use super::shape::Shape;
use super::taking::Taking;
use crate::engine::EngineSpec;
use crate::matrix::Matrix;

/// A digit a lane and cycle.
pub struct Digits;

impl Taking for Digits {
    type Operand = i8;
    type Row = row::Planes;
    type Group = PickedGroup<i8>;
    type Datapath = pair::Pairs;

    fn product(
        spec: &EngineSpec,
        shape: &Shape,
        _: &Matches,
        (a, b): (&Matrix<i32>, &Matrix<i32>),
    ) -> (Matrix<i64>, Vec<CountedTile>) {
        match spec.sum_bits() {
            ..=32 => values::product::<i32>(spec, shape, a, b),
            _ => values::product::<i64>(spec, shape, a, b),
        }
    }
}
