//! Parts, words and reads that follow from a nest without simulating it.

use super::{Axis, Dimension, Domain, Expr, Extents, Loop, LoopKind, Nest, Operand, Statement, Tensor};

/// How much hardware a nest describes, and how often it reads.
///
/// Counts are for the whole array unless they say otherwise. `add` and `+=` each count as one carry-propagate adder; an
/// engine may put a compressor row in front of one adder instead of chaining two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Copies of one step of the reduction over K.
    pub pes: u64,
    /// Copies of `encode`.
    pub encoders: u64,
    /// Copies of `map`: partial products made at a time.
    pub partial_products: u64,
    /// Copies of `multiply`.
    pub multipliers: u64,
    /// Copies of `half_reduce`.
    pub compressors: u64,
    /// Words that the compressors of one PE take at a time: 6 when four partial products meet a carried pair.
    pub compressor_inputs_per_pe: u64,
    /// Adders of one PE, inside the reduction.
    pub adders_per_pe: u64,
    /// Adders behind the reduction. Where places of M and of N make results at once, these leave the array one place of M after
    /// the other, so the places of M share them.
    pub drain_adders: u64,
    /// Words that one step of the reduction hands to the next, in a register or to the neighbouring PE.
    pub carried_words_per_pe: u64,
    /// Words of A read for the whole problem, padding of the last tiles included. Where a sparse loop runs, an upper bound of
    /// the operand that has no digits: its words are read once for each digit that is not zero. A word that several copies use at
    /// once is read once, one that stays in place is not read again.
    pub a_words: u64,
    /// Words of B, likewise.
    pub b_words: u64,
}

impl Counts {
    /// Partial products that one PE makes at a time.
    pub fn partial_products_per_pe(&self) -> u64 {
        self.partial_products / self.pes.max(1)
    }
}

impl Nest {
    /// The counts of this nest at these extents, found by walking the tree.
    pub fn counts(&self, extents: &Extents) -> Counts {
        let mut counts = Counts::default();
        let lanes = self.loops().iter().find_map(|(of, _)| match of.domain {
            Domain::Sparse(digits) => Some(u64::from(digits.lanes())),
            _ => None,
        });
        let kept = self.kept();
        let mut extents = *extents;
        if let Some(kept) = kept {
            extents.k = kept.places(extents.k as usize) as u64;
        }
        let extents = &Sizes { extents, lanes: lanes.unwrap_or(1) };
        let Some(reduction) = self.reduction() else { return counts };
        counts.pes = self.spatial_axes(reduction).iter().map(|axis| extents.of(*axis)).product();
        counts.carried_words_per_pe = reduction.carried.len() as u64;
        let pes = counts.pes.max(1);
        let per_pe = |all: u64| all / pes;
        let is_place = |dimension| {
            self.loops().iter().any(|(of, _)| of.kind == LoopKind::Spatial && of.axis.dimension() == dimension)
        };
        let rows_leave_in_turn = is_place(Dimension::M) && is_place(Dimension::N);
        for (statement, around) in self.statements() {
            let all = copies(around.iter().copied(), extents, |_| true);
            let inside = around.iter().any(|outer| std::ptr::eq(*outer, reduction));
            let mut adders = u64::from(matches!(statement, Statement::Accumulate { .. }));
            for expr in statement.expressions() {
                expr.walk(&mut |part| match part {
                    Expr::Encode(_) => counts.encoders += all,
                    Expr::Map { .. } => counts.partial_products += all,
                    Expr::Multiply(..) => counts.multipliers += all,
                    Expr::Add(..) => adders += 1,
                    Expr::Read(_) | Expr::Stored(_) | Expr::Shift { .. } => {}
                });
            }
            if inside {
                counts.adders_per_pe += per_pe(adders * all);
            } else {
                counts.drain_adders += adders
                    * copies(around.iter().copied(), extents, |axis| {
                        !rows_leave_in_turn || axis.dimension() != Dimension::M
                    });
            }
            if let Statement::HalfReduce { terms, .. } = statement {
                let words: u64 = terms.iter().map(|term| term.over.map_or(1, |axis| extents.of(axis))).sum();
                counts.compressors += all;
                counts.compressor_inputs_per_pe += per_pe(words * all);
            }
            for read in statement.reads() {
                match read.tensor() {
                    Some(Tensor::A) => counts.a_words += words_read(Tensor::A, &around, extents),
                    Some(Tensor::B) => counts.b_words += words_read(Tensor::B, &around, extents),
                    Some(Tensor::C) | None => {}
                }
            }
        }
        for (of, around) in self.loops() {
            let Domain::Sparse(digits) = of.domain else { continue };
            let group = digits.groups.map_or(1, |groups| u64::from(groups.size) * extents.lanes);
            if !digits.stored {
                counts.encoders += group * copies(around.iter().copied(), extents, |_| true);
            }
            // Every element is looked at, whatever its digits.
            let looked: Vec<&Loop> = around.into_iter().chain([of]).collect();
            match digits.operand {
                Operand::A => counts.a_words += words_read(Tensor::A, &looked, extents),
                Operand::B => counts.b_words += words_read(Tensor::B, &looked, extents),
            }
        }
        if let Some(kept) = kept {
            // A comes in whole groups, whichever elements are selected.
            counts.a_words = kept.elements(counts.a_words as usize) as u64;
        }
        counts
    }

    /// The spatial parts of M, N and K around and inside a loop, each once.
    fn spatial_axes(&self, within: &Loop) -> Vec<Axis> {
        let mut axes = Vec::new();
        for (inner, around) in self.loops() {
            let path = || around.iter().copied().chain([inner]);
            let relevant = path().any(|of| std::ptr::eq(of, within));
            let spatial = |of: &&Loop| {
                of.kind == LoopKind::Spatial
                    && matches!(of.axis.dimension(), Dimension::M | Dimension::N | Dimension::K)
            };
            for of in path().filter(spatial).filter(|_| relevant) {
                if !axes.contains(&of.axis) {
                    axes.push(of.axis);
                }
            }
        }
        axes
    }
}

/// Iterations of every loop of one nest.
struct Sizes {
    extents: Extents,
    lanes: u64,
}

impl Sizes {
    fn of(&self, axis: Axis) -> u64 {
        if axis == Axis::G { self.lanes } else { self.extents.of(axis) }
    }
}

/// Copies that the spatial loops among `loops` make, counting only axes that satisfy `counted`.
fn copies<'a>(loops: impl IntoIterator<Item = &'a Loop>, extents: &Sizes, counted: impl Fn(Axis) -> bool) -> u64 {
    loops
        .into_iter()
        .filter(|of| of.kind == LoopKind::Spatial && counted(of.axis))
        .map(|of| extents.of(of.axis))
        .product()
}

/// A copy that does not index the matrix shares its neighbour's word; a moment that does not index it, and around which
/// nothing that does is repeated, finds the word still in place.
fn words_read(tensor: Tensor, around: &[&Loop], extents: &Sizes) -> u64 {
    let indexed = |of: &Loop| tensor.indices().contains(&of.axis.whole());
    let innermost = around.iter().rposition(|of| of.kind == LoopKind::Temporal && indexed(of));
    let repeated = |(place, of): &(usize, &&Loop)| match of.kind {
        // Copies that run at their own pace read for themselves.
        LoopKind::Spatial => indexed(of) || of.meeting.is_some(),
        LoopKind::Temporal => indexed(of) || innermost.is_some_and(|inner| *place < inner),
    };
    around.iter().enumerate().filter(repeated).map(|(_, of)| extents.of(of.axis)).product()
}
