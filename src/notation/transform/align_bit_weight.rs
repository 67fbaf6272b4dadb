//! OPT2: partial products of one bit weight are reduced before they are shifted.

use super::form::{Step, carry_save, in_the_way, rewrite_loops};
use super::{BitWeightLoop, Parameters, Transform, TransformError};
use crate::notation::{Access, Axis, Code, Expr, Loop, LoopKind, Nest, Node, Statement, Term};

/// See [`Transform::explain`].
pub(super) struct AlignBitWeight;

const NAME: &str = "align-bit-weight";

const EXPLANATION: &str = "\
## What it does
The reduction over the places of K comes before the shift: partial products of one bit weight are
compressed unshifted, and only the pair of each bit weight is shifted and compressed with the sum.

## Precondition
`compress-accumulate` has been applied, and `par kp in KP` stands right inside a `for kt in KT` that
carries the same pair.

## Why the product is kept
`shift` multiplies by a constant that does not depend on kp, so it may follow the sum over kp.

## Effect on the hardware
The tree over the depth is as narrow as a partial product and its carries. What is wide, as the
accumulator, is one compressor of two words for each bit weight and the pair, in place of one word
for each partial product.

## Choices
`[align-bit-weight] bit-weight`: `spatial` (the default) has a narrow tree for each bit weight, and a
step a cycle. `temporal` writes `for bw` in place of `par bw`: one narrow tree and a shifter serve
all bit weights, and a step takes as many cycles as the operand has digits.

## Example
Before:

  for mt in MT, nt in NT
    par mp in MP, np in NP
      for kt in KT carrying s, c
        par kp in KP carrying s, c
          digits = encode(A[m,k])
          par bw in BW
            pp[bw] = shift(map(B[k,n], digits[bw]), bw)
          s, c = half_reduce(pp[bw] over bw, s, c)
      C[m,n] = add(s, c)

After:

  for mt in MT, nt in NT
    par mp in MP, np in NP
      for kt in KT carrying s, c
        par kp in KP
          digits[kp] = encode(A[m,k])
        par bw in BW
          par kp in KP
            pp[kp] = map(B[k,n], digits[kp,bw])
          ns[bw], nc[bw] = half_reduce(pp[kp] over kp)
        s, c = half_reduce(shift(ns[bw], bw) over bw, shift(nc[bw], bw) over bw, s, c)
      C[m,n] = add(s, c)

## Source
OPT2 of: HPCA 2025, arXiv 2503.06342; `spatial` as in its Verilog, `temporal` as in its text.
";

impl Transform for AlignBitWeight {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "reduce each bit weight before it is shifted (OPT2)"
    }

    fn explain(&self) -> &'static str {
        EXPLANATION
    }

    fn apply(&self, nest: &Nest, parameters: &Parameters) -> Result<Nest, TransformError> {
        carry_save(NAME, nest)?;
        let already = nest.statements().into_iter().find(|(statement, _)| {
            matches!(statement, Statement::HalfReduce { terms, .. } if terms.iter().any(|term| term.over == Some(Axis::Kp)))
        });
        if let Some((statement, _)) = already {
            return Err(TransformError {
                code: Code::AlreadyApplied,
                transform: NAME,
                needs: "reduces over `kp` before it shifts".to_owned(),
                has: format!("this nest has `{statement}`"),
                help: "apply the transform once".to_owned(),
            });
        }
        if !nest.loops().into_iter().any(|(of, _)| fits(of).is_some()) {
            let loops: Vec<_> = nest.loops().iter().map(|(of, _)| format!("`{of}`")).collect();
            return Err(in_the_way(
                NAME,
                "needs `par kp in KP` around `encode`, `par bw` and one `half_reduce`, right inside `for kt in KT`",
                format!("this nest has {}", loops.join(", ")),
                "choose `cube` or `adder-tree`, and list it right after `compress-accumulate`",
            ));
        }
        let body = rewrite_loops(&nest.body, &mut |mut of| {
            if let Some(step) = fits(&of)
                && let Some(aligned) = align(&of, step, parameters.bit_weight)
            {
                of.body = aligned;
            }
            vec![Node::Loop(of)]
        });
        Ok(Nest { body })
    }
}

/// A `for kt` around nothing but `par kp` around one step.
fn fits(of: &Loop) -> Option<Step> {
    let [Node::Loop(depth)] = of.body.as_slice() else { return None };
    let loops = of.axis == Axis::Kt && of.kind == LoopKind::Temporal;
    let places = depth.axis == Axis::Kp && depth.kind == LoopKind::Spatial && depth.carried == of.carried;
    Step::of(&depth.body).filter(|_| loops && places)
}

fn align(of: &Loop, step: Step, weights: BitWeightLoop) -> Option<Vec<Node>> {
    let Statement::Assign { target, value } = step.encode else { return None };
    let Statement::HalfReduce { sum, carry, .. } = step.reduce else { return None };
    let digits = Access::indexed(&target.name, &[Axis::Kp]);
    let partial = Access::indexed("pp", &[Axis::Kp]);
    let digit = Expr::read(Access::indexed(&target.name, &[Axis::Kp, Axis::Bw]));
    // The places may be those that are kept of B.
    let [Node::Loop(depth)] = of.body.as_slice() else { return None };
    let places = |statement| {
        Node::Loop(Loop::new(LoopKind::Spatial, Axis::Kp, vec![Node::Statement(statement)]).over(depth.domain))
    };
    let encode = places(Statement::Assign { target: digits, value });
    let map = places(Statement::Assign { target: partial.clone(), value: Expr::map(step.word, digit) });
    let copies: &[Axis] = match weights {
        BitWeightLoop::Spatial => &[Axis::Bw],
        BitWeightLoop::Temporal => &[],
    };
    let [narrow_sum, narrow_carry] = ["ns", "nc"].map(|name| Access::indexed(name, copies));
    let narrow = Node::Statement(Statement::HalfReduce {
        sum: narrow_sum.clone(),
        carry: narrow_carry.clone(),
        terms: vec![Term::over(Expr::read(partial), Axis::Kp)],
    });
    let shifted = |access: Access| Expr::shift(Expr::read(access), Axis::Bw);
    let mut terms: Vec<Term> = [narrow_sum, narrow_carry]
        .map(|access| Term { value: shifted(access), over: copies.first().copied() })
        .to_vec();
    terms.extend([&sum, &carry].map(|access| Term::single(Expr::read(access.clone()))));
    let wide = Node::Statement(Statement::HalfReduce { sum, carry, terms });
    Some(match weights {
        BitWeightLoop::Spatial => {
            vec![encode, Node::Loop(Loop::new(LoopKind::Spatial, Axis::Bw, vec![map, narrow])), wide]
        }
        BitWeightLoop::Temporal => {
            let weights = Loop::new(LoopKind::Temporal, Axis::Bw, vec![map, narrow, wide]);
            vec![encode, Node::Loop(weights.carrying(&of.carried))]
        }
    })
}
