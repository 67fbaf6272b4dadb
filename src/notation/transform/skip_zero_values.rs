//! The loop over k takes only the values of A that are not zero.

use super::form::{in_the_way, rewrite_loops, rows_at_their_own_pace};
use super::sink::sink;
use super::{Parameters, Transform, TransformError};
use crate::notation::{Axis, Code, Domain, Groups, Loop, LoopKind, Nest, Node, Values};

/// See [`Transform::explain`].
pub(super) struct SkipZeroValues;

const NAME: &str = "skip-zero-values";

const EXPLANATION: &str = "\
## What it does
The loop over k takes only the k at which A has a value that is not zero, one a cycle, each with the
row of B that belongs to it. A row of PEs looks for them once, so it stands around its columns. Rows
run at their own pace and meet as the design says.

## Precondition
The whole of K runs in time inside places of M, in or around places of N; no loop passes an operand
from copy to copy, because copies would not be in step; and digits that are zero are not skipped
already, because a value of zero has no other digits. Before or after `compress-accumulate` and
`share-encoder` the nest becomes the same.

## Why the product is kept
A value that is zero adds nothing.

## Effect on the hardware
A row has a register for a group of values, a search for the next one that is not zero, and a reader
of B that asks by index. A PE multiplies and accumulates as before. Cycles follow the values of A:
A is read once for each tile of N, B a row for each value that is not zero.

## Choices
`[skip-zero-values]` has four. `match`: `a` (the default) takes a k where A is not zero; `both` where,
too, the row of B has a value that is not zero in the columns of the tile, and reads a mask of these
rows beside A. `group`: values looked at together, 1 to 32; 4 if not written. `empty-groups`: a group
without a value to take is `cost-a-cycle` (the default) or `skipped` while the group before it is
worked on. `sync`: rows meet `per-tile` (the default), `per-operand`, or after a number of operands.
docs/skipping.md says which cycle does what.

## Example
Before:

  for mt in MT, nt in NT
    par mp in MP, np in NP
      for k in K carrying acc
        p = multiply(A[m,k], B[k,n])
        acc += p
      C[m,n] = acc

After:

  for mt in MT, nt in NT
    par mp in MP meeting tile
      for k in sparse(A[m,k], group 4, empty_cost_a_cycle) carrying acc[np]
        par np in NP
          p = multiply(A[m,k], B[k,n])
          acc[np] += p
      par np in NP
        C[m,n] = acc[np]

## Source
The idea is that of Cnvlutin (ISCA 2016), whose lanes skip activations of zero and ask for weights by
their offset, and, with both operands, of the intersections of ExTensor (MICRO 2019). The control is
that of `skip-zero-digits`.
";

impl Transform for SkipZeroValues {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "values of A that are zero are skipped, rows at their own pace"
    }

    fn explain(&self) -> &'static str {
        EXPLANATION
    }

    fn apply(&self, nest: &Nest, parameters: &Parameters) -> Result<Nest, TransformError> {
        nest.well_formed().map_err(|mistakes| TransformError::not_well_formed(NAME, &mistakes))?;
        unskipped(nest)?;
        rows_at_their_own_pace(NAME, nest, parameters, "values")?;
        let places = |of: &Loop, axis: Axis| of.axis == axis && of.kind == LoopKind::Spatial;
        let fits = nest.loops().iter().any(|(of, around)| {
            let inside = |axis| around.iter().any(|outer| places(outer, axis));
            let around_columns = nest.loops().iter().any(|(columns, _)| places(columns, Axis::Np));
            is_reduction(of) && inside(Axis::Mp) && around_columns
        });
        let refused = || {
            let loops: Vec<_> = nest.loops().iter().map(|(of, _)| format!("`{of}`")).collect();
            in_the_way(
                NAME,
                "needs `for k in K`, the whole of it, in `par` places of M that tell elements of A apart, with places of N",
                format!("this nest has {}", loops.join(", ")),
                "apply it to `matrix-2d`",
            )
        };
        if !fits {
            return Err(refused());
        }
        let groups = Groups { size: parameters.group, empty: parameters.empty_groups, lanes: None };
        let values = Domain::Values(Values { matching: parameters.matching, groups });
        let body = rewrite_loops(&nest.body, &mut |mut of| {
            if places(&of, Axis::Np) && holds_reduction(&of.body) {
                return sink(of, &holds_reduction);
            }
            if places(&of, Axis::Mp) {
                of.meeting = Some(parameters.sync);
            }
            vec![Node::Loop(of)]
        });
        // The search looks at the reduction as it stands behind the copies' move.
        let body = rewrite_loops(&body, &mut |of| {
            let of = if is_reduction(&of) { of.over(values) } else { of };
            vec![Node::Loop(of)]
        });
        let skipping = Nest { body };
        match skipping.well_formed() {
            Ok(()) => Ok(skipping),
            Err(_) => Err(refused()),
        }
    }
}

/// Nothing that is zero is skipped yet.
fn unskipped(nest: &Nest) -> Result<(), TransformError> {
    for (of, _) in nest.loops() {
        let (code, has, help) = match of.domain {
            Domain::Values(_) => {
                (Code::AlreadyApplied, format!("`{of}` is sparse already"), "apply the transform once")
            }
            Domain::Sparse(_) => (
                Code::LoopInTheWay,
                format!("`{of}` takes the digits that are not zero, and a value of zero has none"),
                "skip zero digits or zero values: `skip-zero-digits` leaves out a value of zero at every bit weight",
            ),
            Domain::Kept(_) => (
                Code::LoopInTheWay,
                format!("`{of}` takes the places that are kept of B, and A is selected for each of them"),
                "skip zero values of A, or compress B",
            ),
            Domain::Extent(_) | Domain::Down(_) => continue,
        };
        let needs = "leaves values of zero out of the loop over k".to_owned();
        return Err(TransformError { code, transform: NAME, needs, has, help: help.to_owned() });
    }
    Ok(())
}

/// The whole of K in time.
fn is_reduction(of: &Loop) -> bool {
    of.axis == Axis::K && of.kind == LoopKind::Temporal && of.domain == Domain::Extent(Axis::K)
}

fn holds_reduction(body: &[Node]) -> bool {
    body.iter().any(|node| match node {
        Node::Statement(_) => false,
        Node::Loop(of) => is_reduction(of) || holds_reduction(&of.body),
    })
}
