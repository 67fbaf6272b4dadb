//! What hardware a nest asks for, in the words an elaborator decides by. Every answer is found by walking the tree.

use super::transform::{EmptyGroups, LanePace, Matching, SyncPeriod};
use super::{Accumulation, Axis, Dimension, Domain, Expr, Loop, LoopKind, NOfM, Nest, Operand};

/// Where digits are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EncoderPlace {
    /// In every PE, or nowhere when the product is an opaque `multiply`.
    Pe,
    /// Once for all copies that use the same element: at the edge.
    Edge,
    /// Outside: the operand arrives as digits.
    Stored,
}

/// Which operands are handed from copy to copy through registers; the others are broadcast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hops {
    /// A hops.
    pub a: bool,
    /// B hops.
    pub b: bool,
}

/// How the bit weights are worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BitWeight {
    /// The product is one operator.
    Opaque,
    /// Every partial product moves to its weight before it is reduced.
    Mixed,
    /// A reduction for each bit weight, side by side, shifted behind it.
    AlignedSpatial,
    /// One reduction for all bit weights, one after the other, shifted behind it.
    AlignedTemporal,
    /// Digits that are not zero, bit weight by bit weight.
    Sparse {
        /// Operands whose digits are looked at together.
        group: u32,
        /// What a group without a digit costs.
        empty_groups: EmptyGroups,
        /// Where rows meet.
        sync: SyncPeriod,
        /// Lanes of one accumulator and their pace.
        lanes: Option<(u32, LanePace)>,
    },
    /// Digits that are not zero, element by element, each shifted to its weight.
    SparseTerms,
    /// Digits one after the other, zeros too, each shifted to its weight.
    Serial,
}

/// How rows take only values that are not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SkippedValues {
    /// What is looked at.
    pub matching: Matching,
    /// Values that are looked at together.
    pub group: u32,
    /// What a group without a value to take costs.
    pub empty_groups: EmptyGroups,
    /// Where rows meet.
    pub sync: SyncPeriod,
}

/// What the tree says about the hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Structure {
    /// How the sum is kept between steps.
    pub accumulation: Accumulation,
    /// Where digits are made.
    pub encoder: EncoderPlace,
    /// The operand that becomes digits; that of `bw` when both do.
    pub encoded: Option<Operand>,
    /// Which operands hop.
    pub hops: Hops,
    /// Whether places of K are reduced inside the PE that accumulates over time.
    pub spatial_k_inside_pe: bool,
    /// How bit weights are worked on.
    pub bit_weight: BitWeight,
    /// How values of A are skipped that are zero, if they are.
    pub values: Option<SkippedValues>,
    /// Whether B is stored compressed, so that an element of A is selected for each of its kept places.
    pub kept: Option<NOfM>,
}

impl Structure {
    /// Whether anything is left out because it is zero, so that how long a row takes depends on the data.
    pub fn skips(&self) -> bool {
        self.values.is_some() || matches!(self.bit_weight, BitWeight::Sparse { .. } | BitWeight::SparseTerms)
    }

    /// Operands of K that are looked at together, those of all lanes of an accumulator; 1 if nothing is in groups.
    pub fn group_operands(&self) -> u32 {
        match (self.values, self.bit_weight) {
            (Some(values), _) => values.group,
            (None, BitWeight::Sparse { group, lanes, .. }) => group * lanes.map_or(1, |(lanes, _)| lanes),
            _ => 1,
        }
    }
}

impl Nest {
    /// What this nest asks of the hardware.
    pub fn structure(&self) -> Structure {
        let passes = |operand| self.loops().iter().any(|(of, _)| of.passing == Some(operand));
        Structure {
            accumulation: self.accumulation(),
            encoder: self.encoder_place(),
            encoded: self.encoded_operand(),
            hops: Hops { a: passes(Operand::A), b: passes(Operand::B) },
            spatial_k_inside_pe: self.loops().iter().any(|(of, around)| {
                let accumulates = |outer: &&Loop| {
                    outer.axis.dimension() == Dimension::K && !outer.carried.is_empty() && !spatial(outer)
                };
                of.axis == Axis::Kp && spatial(of) && around.iter().any(accumulates)
            }),
            bit_weight: self.bit_weight(),
            values: self.skipped_values(),
            kept: self.kept(),
        }
    }

    /// What is kept of each group of K, where the loops over it have only those places.
    pub fn kept(&self) -> Option<NOfM> {
        self.loops().into_iter().find_map(|(of, _)| match of.domain {
            Domain::Kept(kept) => Some(kept),
            _ => None,
        })
    }

    fn skipped_values(&self) -> Option<SkippedValues> {
        let values = self.loops().into_iter().find_map(|(of, _)| match of.domain {
            Domain::Values(values) => Some(values),
            _ => None,
        })?;
        Some(SkippedValues {
            matching: values.matching,
            group: values.groups.size,
            empty_groups: values.groups.empty,
            sync: self.sync(),
        })
    }

    /// Where rows meet.
    fn sync(&self) -> SyncPeriod {
        self.loops().into_iter().find_map(|(of, _)| of.meeting).unwrap_or_default()
    }

    pub(super) fn encoder_place(&self) -> EncoderPlace {
        if self.loops().iter().any(|(of, _)| matches!(of.domain, Domain::Sparse(digits) if digits.stored))
            || self.statements().iter().any(|(statement, _)| statement.contains(|expr| matches!(expr, Expr::Stored(_))))
        {
            return EncoderPlace::Stored;
        }
        // Encoders are shared where copies that do not tell elements of the operand apart stand inside, not around.
        let Some(operand) = self.encoded_operand() else { return EncoderPlace::Pe };
        let other = match operand {
            Operand::A => Dimension::N,
            Operand::B => Dimension::M,
        };
        let copies = |of: &Loop| spatial(of) && of.axis.dimension() == other;
        if !self.loops().iter().any(|(of, _)| copies(of)) {
            return EncoderPlace::Pe;
        }
        let of_statements = self.statements().into_iter().filter_map(|(statement, around)| {
            statement.contains(|expr| matches!(expr, Expr::Encode(_))).then_some(around)
        });
        let of_loops = self
            .loops()
            .into_iter()
            .filter_map(|(of, around)| matches!(of.domain, Domain::Sparse(_)).then_some(around));
        let in_copies = of_statements.chain(of_loops).any(|around| around.iter().any(|outer| copies(outer)));
        if in_copies { EncoderPlace::Pe } else { EncoderPlace::Edge }
    }

    fn bit_weight(&self) -> BitWeight {
        if !self.has_digits() {
            return BitWeight::Opaque;
        }
        let loops = self.loops();
        let sync = self.sync();
        for (of, _) in &loops {
            if let Domain::Sparse(digits) = of.domain {
                return match digits.groups {
                    Some(groups) => {
                        BitWeight::Sparse { group: groups.size, empty_groups: groups.empty, sync, lanes: groups.lanes }
                    }
                    None => BitWeight::SparseTerms,
                };
            }
        }
        let weights = loops.iter().find(|(of, _)| of.axis == Axis::Bw);
        let reduces_inside = |of: &Loop| {
            of.body
                .iter()
                .any(|node| matches!(node, super::Node::Loop(inner) if inner.axis.dimension() == Dimension::K))
        };
        // `share-encoder` may put a loop over places between; the reduction over kp still ends inside the bit weight.
        match weights {
            Some((of, _)) if reduces_inside(of) && self.reduces_over(Axis::Kp) => match of.kind {
                LoopKind::Spatial => BitWeight::AlignedSpatial,
                LoopKind::Temporal => BitWeight::AlignedTemporal,
            },
            Some((of, _)) if of.kind == LoopKind::Temporal => BitWeight::Serial,
            _ => BitWeight::Mixed,
        }
    }

    fn reduces_over(&self, axis: Axis) -> bool {
        self.statements().iter().any(|(statement, _)| match statement {
            super::Statement::HalfReduce { terms, .. } => terms.iter().any(|term| term.over == Some(axis)),
            _ => false,
        })
    }
}

fn spatial(of: &Loop) -> bool {
    of.kind == LoopKind::Spatial
}
