//! OPT4C: the encoder leaves the copies that use the same element.

use super::form::{digits, in_the_way, rewrite_loops};
use super::sink::sink;
use super::{Parameters, Transform, TransformError};
use crate::notation::{
    Axis, Code, Dimension, Domain, EncoderPlace, Expr, Loop, LoopKind, Nest, Node, Operand, Statement,
};

/// See [`Transform::explain`].
pub(super) struct ShareEncoder;

const NAME: &str = "share-encoder";

const EXPLANATION: &str = "\
## What it does
`encode`, and the sparse loop that looks for digits, leave the `par` loop whose variable they do not
read; the loop stands inside, around what does depend on it.

## Precondition
A `par` loop over places of N stands around the encoder of A (of M around that of B).

## Why the product is kept
The digits of A[m,k] do not depend on n, so all copies of that loop made the same digits.

## Effect on the hardware
What makes digits stands once, at the head of each row of PEs (of A; of each column of B), in place
of once in each PE: the encoder, and where zeros are skipped the search for digits. Select lines
travel in place of the operand and are wider.

## Example
Before:

  for mt in MT, nt in NT
    par mp in MP meeting tile, np in NP
      for bw in down(BW) carrying s, c
        s, c = raise(s, c)
        for k, digit in sparse(encode(A[m,k])[bw], group 4, empty_cost_a_cycle) carrying s, c
          s, c = half_reduce(map(B[k,n], digit), s, c)
      C[m,n] = add(s, c)

After:

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

## Source
OPT4C of: HPCA 2025, arXiv 2503.06342.
";

impl Transform for ShareEncoder {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "one encoder for all PEs that use the same element (OPT4C)"
    }

    fn explain(&self) -> &'static str {
        EXPLANATION
    }

    fn apply(&self, nest: &Nest, _: &Parameters) -> Result<Nest, TransformError> {
        digits(NAME, nest)?;
        let needs = "moves the encoder out of a `par` loop over places that use the same element";
        if nest.encoder_place() != EncoderPlace::Pe {
            let what = if nest.encoder_place() == EncoderPlace::Edge { "once for them" } else { "outside" };
            return Err(TransformError {
                code: Code::AlreadyApplied,
                transform: NAME,
                needs: needs.to_owned(),
                has: format!("the digits are made {what} already: {}", encoders(nest)),
                help: "apply the transform once".to_owned(),
            });
        }
        let other = match nest.encoded_operand() {
            Some(Operand::B) => Dimension::M,
            _ => Dimension::N,
        };
        let copies = |of: &Loop| of.kind == LoopKind::Spatial && of.axis.dimension() == other;
        let candidates: Vec<Axis> = nest
            .loops()
            .into_iter()
            .filter(|(of, _)| copies(of) && holds_encoder(&of.body))
            .map(|(of, _)| of.axis)
            .collect();
        let [axis] = candidates[..] else {
            let loops: Vec<_> = nest
                .loops()
                .into_iter()
                .filter(|(of, _)| of.kind == LoopKind::Spatial)
                .map(|(of, _)| format!("`{of}`"))
                .collect();
            let has = format!("this nest has {}, with {}", loops.join(", "), encoders(nest));
            return Err(in_the_way(NAME, needs, has, "encode the operand that the places of a row or column share"));
        };
        let body = rewrite_loops(&nest.body, &mut |of| {
            if of.axis == axis { sink(of, &holds_encoder) } else { vec![Node::Loop(of)] }
        });
        let shared = Nest { body };
        match shared.well_formed() {
            Ok(()) => Ok(shared),
            Err(_) => {
                let has = format!("`par {axis}` cannot move inside, past {}", encoders(nest));
                Err(in_the_way(NAME, needs, has, "apply it to a nest that only the other transforms have changed"))
            }
        }
    }
}

fn encoders(nest: &Nest) -> String {
    let statements = nest.statements().into_iter().filter(|(statement, _)| encodes(statement));
    let statements = statements.map(|(statement, _)| format!("`{statement}`"));
    let loops = nest.loops().into_iter().filter(|(of, _)| of.digit().is_some()).map(|(of, _)| format!("`{of}`"));
    statements.chain(loops).collect::<Vec<_>>().join(", ")
}

fn encodes(statement: &Statement) -> bool {
    statement.contains(|expr| matches!(expr, Expr::Encode(_) | Expr::Stored(_)))
}

fn holds_encoder(body: &[Node]) -> bool {
    body.iter().any(|node| match node {
        Node::Statement(statement) => encodes(statement),
        Node::Loop(of) => matches!(of.domain, Domain::Sparse(_)) || holds_encoder(&of.body),
    })
}
