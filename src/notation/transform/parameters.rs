//! What a design may choose about a transform.

use crate::notation::NOfM;

/// Where the loop over the bit weight runs after `align-bit-weight`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BitWeightLoop {
    /// `par bw`: a reduction tree for each bit weight, all at once.
    #[default]
    Spatial,
    /// `for bw`: one tree, one bit weight a cycle.
    Temporal,
}

/// What a group without anything to take costs after `skip-zero-digits` or `skip-zero-values`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EmptyGroups {
    /// One cycle, as in the released control.
    #[default]
    CostACycle,
    /// Nothing, while digits of the group before it are still being worked on.
    Skipped,
}

/// What `skip-zero-values` looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matching {
    /// A: a k is taken where A has a value that is not zero.
    #[default]
    A,
    /// Both: where A has one, and the row of B that belongs to it has one among the columns of the tile.
    Both,
}

/// How far rows that skip zeros may run apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncPeriod {
    /// They meet after this many operands of K, at every bit weight.
    Operands(u32),
    /// They meet at the end of a tile.
    #[default]
    Tile,
}

/// How the lanes of one accumulator keep step after `extend-reduction`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LanePace {
    /// All lanes look at the same place of their groups; a place where all digits are 0 is skipped.
    Lockstep,
    /// Lanes take their next groups together.
    #[default]
    PerGroup,
    /// Lanes take groups on their own and meet at the end of a bit weight.
    PerBitWeight,
}

/// The choices of all transforms; one that is not applied ignores its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parameters {
    /// `align-bit-weight`: where the bit weight runs.
    pub bit_weight: BitWeightLoop,
    /// `skip-zero-digits`: operands of K whose digits of one bit weight are looked at together, 1 to 32. `skip-zero-values`: those
    /// whose values are.
    pub group: u32,
    /// Of both: what an empty group costs.
    pub empty_groups: EmptyGroups,
    /// Of both: where rows meet.
    pub sync: SyncPeriod,
    /// `skip-zero-values`: whether B is looked at, too.
    pub matching: Matching,
    /// `extend-reduction`: digits that share one accumulator: 2, 4 or 8.
    pub lanes: u32,
    /// `extend-reduction`: how they keep step.
    pub pace: LanePace,
    /// `compress-n-of-m`: what is kept of each group of K.
    pub n_of_m: NOfM,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            bit_weight: BitWeightLoop::default(),
            group: 4,
            empty_groups: EmptyGroups::default(),
            sync: SyncPeriod::default(),
            matching: Matching::default(),
            lanes: 4,
            pace: LanePace::default(),
            n_of_m: NOfM { n: 2, m: 4 },
        }
    }
}
