//! OPT3: the bit weight runs in time, and k runs over the digits that are not zero.

use super::form::{Step, carry_save, in_the_way, rewrite_loops, rows_at_their_own_pace, whole_values};
use super::{Parameters, Transform, TransformError};
use crate::notation::{
    Access, Axis, Code, Domain, Expr, Groups, Loop, LoopKind, Nest, Node, Operand, Sparse, Statement, Term,
};

/// See [`Transform::explain`].
pub(super) struct SkipZeroDigits;

const NAME: &str = "skip-zero-digits";

const EXPLANATION: &str = "\
## What it does
The bit weights run one after the other, highest first, and at each the loop over k takes only the
digits that are not zero. The pair moves up by the radix before each bit weight (Horner's rule), so
nothing is shifted. Rows of the array run at their own pace and meet as the design says.

## Precondition
`compress-accumulate` has been applied; the whole of K runs in time inside the PE, which keeps its
element of C; no loop passes an operand from copy to copy, because copies would not be in step.

## Why the product is kept
A digit that is zero adds nothing. The sum over bit weights of radix^bw times the sum of that
weight's partial products is what Horner's rule computes; the order of k does not matter.

## Effect on the hardware
The encoders of a group are followed by a search for the next digit; the compressor shrinks to 3:2 with one
partial product; cycles follow the digits. The encoded operand is read once for each bit weight, the
other one element for each digit, through a port for each row.

## Choices
`[skip-zero-digits]` has three. `group`: operands of K whose digits of one bit weight are looked at
together, 1 to 32; 4 if not written. `empty-groups`: a group without a digit is `cost-a-cycle` (the
default, as the released control does) or `skipped` while the group before it is worked on. `sync`:
rows meet `per-tile` (the default), `per-operand`, or after a number of operands of each bit weight.
docs/skipping.md says which cycle does what.

## Example
Before:

  for mt in MT, nt in NT
    par mp in MP, np in NP
      for k in K carrying s, c
        digits = encode(A[m,k])
        par bw in BW
          pp[bw] = shift(map(B[k,n], digits[bw]), bw)
        s, c = half_reduce(pp[bw] over bw, s, c)
      C[m,n] = add(s, c)

After:

  for mt in MT, nt in NT
    par mp in MP meeting tile, np in NP
      for bw in down(BW) carrying s, c
        s, c = raise(s, c)
        for k, digit in sparse(encode(A[m,k])[bw], group 4, empty_cost_a_cycle) carrying s, c
          s, c = half_reduce(map(B[k,n], digit), s, c)
      C[m,n] = add(s, c)

## Source
OPT3 of: HPCA 2025, arXiv 2503.06342.
";

impl Transform for SkipZeroDigits {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "one bit weight after the other, zero digits skipped (OPT3)"
    }

    fn explain(&self) -> &'static str {
        EXPLANATION
    }

    fn apply(&self, nest: &Nest, parameters: &Parameters) -> Result<Nest, TransformError> {
        carry_save(NAME, nest)?;
        whole_values(NAME, nest, "takes the digits that are not zero, and a value of zero has none")?;
        let sparse = |of: &&Loop| matches!(of.domain, Domain::Sparse(_));
        if let Some(of) = nest.loops().into_iter().map(|(of, _)| of).find(sparse) {
            return Err(TransformError {
                code: Code::AlreadyApplied,
                transform: NAME,
                needs: "makes the loop over k sparse".to_owned(),
                has: format!("`{of}` is sparse already"),
                help: "apply the transform once".to_owned(),
            });
        }
        if let Some((of, _)) = nest.loops().into_iter().find(|(of, _)| matches!(of.domain, Domain::Kept(_))) {
            return Err(in_the_way(
                NAME,
                "looks for digits in consecutive elements of K, not in those that a column of B keeps",
                format!("this nest has `{of}`"),
                "leave one of the two out",
            ));
        }
        rows_at_their_own_pace(NAME, nest, parameters, "operands")?;
        let operand = nest.encoded_operand().unwrap_or(Operand::A);
        let rows = match operand {
            Operand::A => Axis::Mp,
            Operand::B => Axis::Np,
        };
        let has_rows = nest.loops().iter().any(|(of, _)| of.axis == rows && of.kind == LoopKind::Spatial);
        let reduction = nest.reduction().filter(|of| of.axis == Axis::K && of.kind == LoopKind::Temporal && has_rows);
        let Some(step) = reduction.and_then(|of| Step::of(&of.body)) else {
            let loops: Vec<_> = nest.loops().iter().map(|(of, _)| format!("`{of}`")).collect();
            return Err(in_the_way(
                NAME,
                "needs `par` places that keep an element of C, and in them `for k in K` around `encode`, `par bw` and one \
                 `half_reduce`",
                format!("this nest has {}", loops.join(", ")),
                "apply it to `matrix-2d` right after `compress-accumulate`",
            ));
        };
        let stored = matches!(&step.encode, Statement::Assign { value: Expr::Stored(_), .. });
        let groups = Groups { size: parameters.group, empty: parameters.empty_groups, lanes: None };
        let domain = Domain::Sparse(Sparse { operand, stored, groups: Some(groups) });
        let body = rewrite_loops(&nest.body, &mut |mut of| {
            if of.axis == rows {
                of.meeting = Some(parameters.sync);
            }
            let Some(step) = Step::of(&of.body).filter(|_| of.axis == Axis::K) else { return vec![Node::Loop(of)] };
            vec![Node::Loop(horner(of, step, domain))]
        });
        Ok(Nest { body })
    }
}

/// The reduction bit weight by bit weight.
fn horner(of: Loop, step: Step, domain: Domain) -> Loop {
    let Statement::HalfReduce { sum, carry, .. } = step.reduce else { return of };
    let digit = Expr::read(Access::scalar("digit"));
    let read = |access: &Access| Term::single(Expr::read(access.clone()));
    let terms = vec![Term::single(Expr::map(step.word, digit)), read(&sum), read(&carry)];
    let compress = Statement::HalfReduce { sum: sum.clone(), carry: carry.clone(), terms };
    let digits =
        Loop::new(LoopKind::Temporal, Axis::K, vec![Node::Statement(compress)]).over(domain).carrying(&of.carried);
    let raise = Statement::Raise { sum, carry };
    Loop::new(LoopKind::Temporal, Axis::Bw, vec![Node::Statement(raise), Node::Loop(digits)])
        .over(Domain::Down(Axis::Bw))
        .carrying(&of.carried)
}
