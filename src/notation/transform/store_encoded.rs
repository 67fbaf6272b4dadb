//! The encoder leaves the array: the operand arrives as digits.

use super::form::{digits, order, rewrite_loops};
use super::{Parameters, Transform, TransformError};
use crate::notation::{Code, Domain, EncoderPlace, Expr, Nest, Node, Statement};

/// See [`Transform::explain`].
pub(super) struct StoreEncoded;

const NAME: &str = "store-encoded";

const EXPLANATION: &str = "\
## What it does
`encode` becomes `stored`: the operand has been encoded before it is offered to the array.

## Precondition
`share-encoder` has been applied.

## Why the product is kept
The digits are the same; they are made once for the whole problem.

## Effect on the hardware
No encoder. The operand's stream carries the select lines, which are wider than the operand: memory
and its bandwidth pay for what the array saves.

## Example
Before:

  for mt in MT, nt in NT
    par mp in MP
      for k in K carrying s[np], c[np]
        digits = encode(A[m,k])
        par np in NP
          par bw in BW
            pp[bw] = shift(map(B[k,n], digits[bw]), bw)
          s[np], c[np] = half_reduce(pp[bw] over bw, s[np], c[np])
      par np in NP
        C[m,n] = add(s[np], c[np])

After:

  for mt in MT, nt in NT
    par mp in MP
      for k in K carrying s[np], c[np]
        digits = stored(A[m,k])
        par np in NP
          par bw in BW
            pp[bw] = shift(map(B[k,n], digits[bw]), bw)
          s[np], c[np] = half_reduce(pp[bw] over bw, s[np], c[np])
      par np in NP
        C[m,n] = add(s[np], c[np])

## Source
HPCA 2025, arXiv 2503.06342; EN-T, ICCD 2024, arXiv 2404.11887.
";

impl Transform for StoreEncoded {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "the operand arrives as digits; no encoder in the array"
    }

    fn explain(&self) -> &'static str {
        EXPLANATION
    }

    fn apply(&self, nest: &Nest, _: &Parameters) -> Result<Nest, TransformError> {
        digits(NAME, nest)?;
        match nest.encoder_place() {
            EncoderPlace::Edge => {}
            EncoderPlace::Pe => {
                return Err(order(NAME, nest, "share-encoder", "moves a shared encoder out of the array"));
            }
            EncoderPlace::Stored => {
                return Err(TransformError {
                    code: Code::AlreadyApplied,
                    transform: NAME,
                    needs: "moves `encode` out of the array".to_owned(),
                    has: "this nest reads digits with `stored`".to_owned(),
                    help: "apply the transform once".to_owned(),
                });
            }
        }
        let mut body = rewrite_loops(&nest.body, &mut |mut of| {
            if let Domain::Sparse(digits) = &mut of.domain {
                digits.stored = true;
            }
            store(&mut of.body);
            vec![Node::Loop(of)]
        });
        store(&mut body);
        Ok(Nest { body })
    }
}

fn store(body: &mut [Node]) {
    for node in body {
        if let Node::Statement(Statement::Assign { value, .. }) = node
            && let Expr::Encode(element) = value
        {
            *value = Expr::Stored(element.clone());
        }
    }
}
