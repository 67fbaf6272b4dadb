//! OPT4E: several digits of one bit weight meet in one accumulator.

use super::form::{carry_save, order, rewrite_loops, whole_values};
use super::{Parameters, Transform, TransformError};
use crate::notation::{Access, Axis, Code, Domain, EncoderPlace, Expr, Loop, LoopKind, Nest, Node, Statement, Term};

/// See [`Transform::explain`].
pub(super) struct ExtendReduction;

const NAME: &str = "extend-reduction";

const EXPLANATION: &str = "\
## What it does
Groups of operands go to several lanes in turn, and the partial products of all lanes are compressed
into one accumulator.

## Precondition
`skip-zero-digits` and `share-encoder` have been applied.

## Why the product is kept
Addition is associative; a lane that has no digit left adds zero.

## Effect on the hardware
One pair of registers and one 6:2 compressor for four digits, in place of four 3:2 compressors with
a pair each. Each lane has a group, a search for digits and a port for the other operand.

## Choices
`[extend-reduction]` has two. `lanes`: 2, 4 (the default) or 8. `pace`: how lanes keep step. In
`lockstep` all look at the same place of their groups. `per-group` (the default) lets them take
their next groups together, `per-bit-weight` each on its own until the bit weight ends.

## Example
Before:

  for mt in MT, nt in NT
    par mp in MP meeting tile
      for bw in down(BW) carrying s[np], c[np]
        par np in NP
          s[np], c[np] = raise(s[np], c[np])
        for k, digit in sparse(encode(A[m,k])[bw], group 4, empty_cost_a_cycle) carrying s[np], c[np]
          par np in NP
            s[np], c[np] = half_reduce(map(B[k,n], digit), s[np], c[np])
      par np in NP
        C[m,n] = add(s[np], c[np])

After:

  for mt in MT, nt in NT
    par mp in MP meeting tile
      for bw in down(BW) carrying s[np], c[np]
        par np in NP
          s[np], c[np] = raise(s[np], c[np])
        for k, digit in sparse(encode(A[m,k])[bw], group 4, empty_cost_a_cycle, lanes 4 per_group) carrying s[np], c[np]
          par np in NP
            par g in G
              pp[g] = map(B[k,n], digit)
            s[np], c[np] = half_reduce(pp[g] over g, s[np], c[np])
      par np in NP
        C[m,n] = add(s[np], c[np])

## Source
OPT4E of: HPCA 2025, arXiv 2503.06342.
";

impl Transform for ExtendReduction {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "several non-zero digits share one accumulator (OPT4E)"
    }

    fn explain(&self) -> &'static str {
        EXPLANATION
    }

    fn apply(&self, nest: &Nest, parameters: &Parameters) -> Result<Nest, TransformError> {
        carry_save(NAME, nest)?;
        whole_values(NAME, nest, "takes several digits of one bit weight at once")?;
        let groups = nest.loops().into_iter().find_map(|(of, _)| match of.domain {
            Domain::Sparse(digits) => digits.groups.map(|groups| (of, groups)),
            _ => None,
        });
        let Some((of, groups)) = groups else {
            return Err(order(NAME, nest, "skip-zero-digits", "takes several digits of a sparse loop over k at once"));
        };
        if groups.lanes.is_some() {
            return Err(TransformError {
                code: Code::AlreadyApplied,
                transform: NAME,
                needs: "gives the sparse loop lanes".to_owned(),
                has: format!("`{of}` has lanes already"),
                help: "apply the transform once".to_owned(),
            });
        }
        if nest.encoder_place() == EncoderPlace::Pe {
            return Err(order(NAME, nest, "share-encoder", "takes digits that all PEs of a row share"));
        }
        if ![2, 4, 8].contains(&parameters.lanes) {
            return Err(TransformError {
                code: Code::ParameterRange,
                transform: NAME,
                needs: "makes 2, 4 or 8 lanes".to_owned(),
                has: format!("`lanes` is {}", parameters.lanes),
                help: "choose 2, 4 or 8 lanes".to_owned(),
            });
        }
        let body = rewrite_loops(&nest.body, &mut |mut of| {
            if let Domain::Sparse(digits) = &mut of.domain
                && let Some(groups) = &mut digits.groups
            {
                groups.lanes = Some((parameters.lanes, parameters.pace));
            }
            of.body = of.body.into_iter().flat_map(widen).collect();
            vec![Node::Loop(of)]
        });
        Ok(Nest { body })
    }
}

/// A compression of one digit's partial product becomes one of all lanes'.
fn widen(node: Node) -> Vec<Node> {
    let Node::Statement(Statement::HalfReduce { sum, carry, mut terms }) = node else { return vec![node] };
    let mapped = terms.iter_mut().find(|term| matches!(term.value, Expr::Map { .. }));
    let Some(mapped) = mapped else { return vec![Node::Statement(Statement::HalfReduce { sum, carry, terms })] };
    let partial = Access::indexed("pp", &[Axis::G]);
    let value = std::mem::replace(mapped, Term::over(Expr::read(partial.clone()), Axis::G)).value;
    let made = Node::Statement(Statement::Assign { target: partial, value });
    vec![
        Node::Loop(Loop::new(LoopKind::Spatial, Axis::G, vec![made])),
        Node::Statement(Statement::HalfReduce { sum, carry, terms }),
    ]
}
