//! What the elaborator asks of a nest. Every answer is found by walking the tree.

use super::{Axis, Dimension, Domain, Expr, Loop, LoopKind, Nest, Statement, Tensor};

/// One of the two operands of C\[M,N\] += A\[M,K\] * B\[K,N\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operand {
    /// A\[M,K\].
    A,
    /// B\[K,N\].
    B,
}

impl Operand {
    /// A for B, B for A.
    pub fn other(self) -> Operand {
        match self {
            Operand::A => Operand::B,
            Operand::B => Operand::A,
        }
    }
}

/// How the sum over K is kept between its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Accumulation {
    /// One word: each step propagates its carries.
    CarryPropagate,
    /// A sum word and a carry word, compressed each step; the carries propagate once, after the reduction.
    CarrySave,
}

impl Nest {
    /// The innermost loop over K or a part of it that carries the sum; loops that only make copies for a reduction behind
    /// them do not count.
    pub fn reduction(&self) -> Option<&Loop> {
        let over_k = |of: &Loop| of.axis.dimension() == Dimension::K;
        self.loops()
            .into_iter()
            .filter(|(inner, _)| over_k(inner))
            .max_by_key(|(inner, around)| {
                (!inner.carried.is_empty(), around.iter().filter(|outer| over_k(outer)).count())
            })
            .map(|(inner, _)| inner)
    }

    /// Whether the reduction runs in time (output stationary) or through space (weight stationary).
    pub fn reduction_kind(&self) -> Option<LoopKind> {
        self.reduction().map(|reduction| reduction.kind)
    }

    /// Carry-save when the innermost reduction loop holds neither `add` nor `+=` and carries what its `half_reduce`
    /// writes; carry-propagate otherwise.
    pub fn accumulation(&self) -> Accumulation {
        let Some(reduction) = self.reduction() else { return Accumulation::CarryPropagate };
        let statements = reduction.statements();
        let propagates = statements.iter().any(|statement| {
            matches!(statement, Statement::Accumulate { .. })
                || statement.contains(|expr| matches!(expr, Expr::Add(..)))
        });
        let carries_pair = statements.iter().any(|statement| match statement {
            Statement::HalfReduce { sum, carry, .. } => reduction.carries(&sum.name) && reduction.carries(&carry.name),
            _ => false,
        });
        if carries_pair && !propagates { Accumulation::CarrySave } else { Accumulation::CarryPropagate }
    }

    /// The operand that becomes digits; `None` when the product is an opaque `multiply`. Where both do, that of `bw`; `bv` runs over
    /// the digits of the other.
    pub fn encoded_operand(&self) -> Option<Operand> {
        let mut operand = self.loops().into_iter().find_map(|(of, _)| match of.domain {
            Domain::Sparse(digits) if of.axis == Axis::Bv => Some(digits.operand.other()),
            Domain::Sparse(digits) => Some(digits.operand),
            _ => None,
        });
        for (statement, _) in self.statements() {
            for expr in statement.expressions() {
                expr.walk(&mut |inner| {
                    if let Expr::Encode(access) | Expr::Stored(access) = inner {
                        operand = match access.tensor() {
                            Some(Tensor::A) => Some(Operand::A),
                            Some(Tensor::B) => Some(Operand::B),
                            _ => operand,
                        };
                    }
                });
            }
        }
        operand
    }

    /// Whether some operand becomes digits.
    pub fn has_digits(&self) -> bool {
        self.encoded_operand().is_some()
    }
}
