//! What distinguishes the engines of this family, in one place: what an operand is in a group register, what a unit takes from its group
//! in a cycle, and how that becomes a sum. The control of units, rows and tiles is the same for all.

use std::ops::Range;

use super::events::CountedTile;
use super::matches::Matches;
use super::shape::{Opening, Shape};
use crate::engine::EngineSpec;
use crate::matrix::Matrix;

/// A way of taking: [`Digits`](super::Digits), [`Terms`](super::Terms) or [`Values`](super::Values).
pub trait Taking {
    /// An operand in a group register. The default has nothing to take.
    type Operand: Copy + Default + PartialEq;
    /// A row of A, encoded.
    type Row: EncodedRow<Self::Operand>;
    /// The register of a unit's group.
    type Group: GroupRegister<Self::Operand>;
    /// From the slots to the sums.
    type Datapath: Datapath<Self::Group>;

    /// The product as it leaves the engine, and what its rows of tiles have, each in every version. `a` and `b` fit their formats and
    /// the shape.
    fn product(
        spec: &EngineSpec,
        shape: &Shape,
        matches: &Matches,
        operands: (&Matrix<i32>, &Matrix<i32>),
    ) -> (Matrix<i64>, Vec<CountedTile>);
}

/// What a row of A has in one tile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowCounts {
    /// Digits, terms or values.
    pub useful: u64,
    /// Rows of B that its PEs read, without padding.
    pub rows_of_b: u64,
}

/// A row of A, encoded and padded to whole groups.
pub trait EncodedRow<Operand> {
    /// A row of A, or a row of padding.
    fn new(shape: &Shape, row: Option<&[i32]>) -> Self;
    /// The operands of group `step` of a lane: one beat of a.
    fn group(&self, shape: &Shape, step: usize, lane: usize) -> &[Operand];
    /// Beats of b that a lane reads in a tile.
    fn beats_of_b(&self, shape: &Shape, lane: usize) -> usize;
    /// Cycles in which a unit takes something of group `step` of its lanes.
    fn cycles(&self, shape: &Shape, step: usize, unit: usize) -> u64;
    /// Rows of B that its PEs read in some steps of one pass, without padding.
    fn rows_of_b(&self, shape: &Shape, steps: Range<usize>) -> u64;
    /// Its totals.
    fn counts(&self) -> RowCounts;
}

/// What a unit does in one cycle before it is known whether others are ready too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Lanes that accept a beat of b.
    pub takes_b: u32,
    /// Adders of each PE that get a digit or term.
    pub busy: u32,
    /// Those that get none, because the group at hand has none at all.
    pub empty: u32,
    /// Those that get none, because b is not offered.
    pub starved: u32,
    /// After this cycle no group is at hand.
    pub free: bool,
}

/// The register of a group of operands for each lane of a unit.
pub trait GroupRegister<Operand>: Clone {
    /// Empty.
    fn new(shape: &Shape) -> Self;
    /// Loads groups, lane by lane.
    fn load(&mut self, shape: &Shape, operands: &[Operand]);
    /// What happens to the groups at hand. `offered_b` has a bit for each lane that is offered a beat of b.
    fn work(&self, shape: &Shape, offered_b: u32) -> Work;
    /// Removes what was taken.
    fn advance(&mut self, work: &Work);
    /// The operand of its group whose row of B a lane wants: the first one, if a beat has those of a whole group.
    fn place(&self, shape: &Shape, lane: usize) -> usize;
}

/// The registers of all rows from the slots on.
pub trait Datapath<Group> {
    /// All 0.
    fn new(shape: &Shape) -> Self;
    /// The sums of all PEs, rows x cols: a vector for each word of a PE.
    fn sums(&self) -> &[Vec<u64>];
    /// An edge behind the slots.
    fn accumulate(&mut self, shape: &Shape);
    /// An edge in front of the slot of row `row`: its units with what they do, and the beat of b that each lane accepts if it does.
    fn fill<'b>(
        &mut self,
        shape: &Shape,
        row: usize,
        opening: Option<Opening>,
        units: &[(&Group, Work)],
        b: impl Fn(usize) -> &'b [i32],
    ) where
        Group: 'b;
}
