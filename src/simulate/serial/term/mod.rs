//! Bit-Pragmatic: every operand of a group has a lane of a dot-product unit, which takes its lowest term if that is near enough to the
//! lowest of all.

mod group;
mod row;
mod tree;

use super::events::Counted;
use super::shape::Shape;
use super::taking::{EncodedRow, Taking};
use crate::engine::EngineSpec;
use crate::matrix::Matrix;
use crate::simulate::event;
use crate::simulate::terms::SignedTerms;
use rayon::prelude::*;

/// A term an operand and cycle.
pub struct Terms;

impl Taking for Terms {
    type Operand = SignedTerms;
    type Row = row::TermRow;
    type Group = group::TermGroup;
    type Datapath = tree::Trees;

    fn product(spec: &EngineSpec, shape: &Shape, a: &Matrix<i32>, b: &Matrix<i32>) -> (Matrix<i64>, Vec<Counted>) {
        let rows = (0..shape.m).into_par_iter().map(|m| Counted::new(shape, &row::TermRow::new(shape, Some(a.row(m)))));
        let rows = rows.collect();
        (event::product(spec, a, b), rows)
    }
}
