//! Weights of which few are not zero are stored without the zeros, and an element of A is selected for each that is kept.

use super::form::{in_the_way, rewrite_loops};
use super::{Parameters, Transform, TransformError};
use crate::notation::{Axis, Code, Dimension, Domain, Loop, LoopKind, NOfM, Nest, Node};

/// See [`Transform::explain`].
pub(super) struct CompressNOfM;

const NAME: &str = "compress-n-of-m";

const EXPLANATION: &str = "\
## What it does
B is stored without most of its zeros. Of every m consecutive k at most n elements of a column are not
zero: each of these is kept with its place in the group, and the loop over K runs over kept places in
place of all. The element of A is the one that the place says.

## Precondition
Places of N (`par np` or `par n`) stand around the loops over k or kp: which k are kept is another
matter in each column of B. The loop over k runs in time, and no loop skips digits.

## Why the product is kept
An element of B that is zero adds nothing, whatever A has there. A group with less than n elements that
are not zero has places left over, which hold zeros. Operands of which some group has more than n are
refused.

## Effect on the hardware
A PE holds the index of its weight, ceil(log2 m) bits, and a multiplexer that selects one of m elements
of A; the m words of a group travel together. K takes n/m of the steps, or of the rows.

## Choices
`[compress-n-of-m] n-of-m = [2, 4]` (the default): 2 of every 4 are kept. n is at least 1 and less than
m, m at most 16. Where weights stay, the rows of the array are a multiple of n; where results stay,
products of a PE are a multiple of n or divide it.

## Example
Before:

  for mt in MT, nt in NT
    par mp in MP passing B, np in NP passing A
      for k in K carrying acc
        p = multiply(A[m,k], B[k,n])
        acc += p
      C[m,n] = acc

After:

  for mt in MT, nt in NT
    par mp in MP passing B, np in NP passing A
      for k in kept(B[k,n], 2 of 4) carrying acc
        p = multiply(A[m,k], B[k,n])
        acc += p
      C[m,n] = acc

## Source
Fine-grained structured sparsity of the NVIDIA A100: Accelerating Sparse Deep Neural Networks, arXiv
2104.08378; S2TA, HPCA 2022, arXiv 2107.07983, for systolic arrays.
";

impl Transform for CompressNOfM {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "weights stored n of m, the element of A selected in the PE"
    }

    fn explain(&self) -> &'static str {
        EXPLANATION
    }

    fn apply(&self, nest: &Nest, parameters: &Parameters) -> Result<Nest, TransformError> {
        nest.well_formed().map_err(|mistakes| TransformError::not_well_formed(NAME, &mistakes))?;
        let of_m = parameters.n_of_m;
        if !of_m.is_legal() {
            return Err(TransformError {
                code: Code::ParameterRange,
                transform: NAME,
                needs: format!("keeps n of m elements, 1 <= n < m <= {}", NOfM::MAX_GROUP),
                has: format!("`n-of-m` is [{}, {}]", of_m.n, of_m.m),
                help: "choose a smaller n or another m, such as [2, 4]".to_owned(),
            });
        }
        let loops = nest.loops();
        let quoted = |of: &Loop| format!("this nest has `{of}`");
        if let Some((of, _)) = loops.iter().find(|(of, _)| matches!(of.domain, Domain::Kept(_))) {
            return Err(TransformError {
                code: Code::AlreadyApplied,
                transform: NAME,
                needs: "lets the loop over K run over kept places".to_owned(),
                has: quoted(of),
                help: "apply the transform once".to_owned(),
            });
        }
        if let Some((of, _)) = loops.iter().find(|(of, _)| matches!(of.domain, Domain::Sparse(_))) {
            let needs = "selects whole elements of A, so no loop may look for digits that are not zero";
            return Err(in_the_way(NAME, needs, quoted(of), "leave one of the two out"));
        }
        let around_k: Vec<_> = loops.iter().filter(|(of, _)| matches!(of.axis, Axis::K | Axis::Kp)).collect();
        if around_k.is_empty() {
            return Err(TransformError {
                code: Code::NoReductionLoop,
                transform: NAME,
                needs: "lets a loop over k or kp run over kept places".to_owned(),
                has: format!("this nest has {}", quote_all(loops.iter().map(|(of, _)| *of))),
                help: "start from the nest of an array".to_owned(),
            });
        }
        let is_place_of_n = |of: &&&Loop| of.kind == LoopKind::Spatial && of.axis.dimension() == Dimension::N;
        if let Some((of, around)) = around_k.iter().find(|(_, around)| !around.iter().any(|of| is_place_of_n(&of))) {
            let needs =
                "selects elements of A for a column of B, so `par` places of N have to stand around the loop over K";
            let has = format!("this nest has {} around `{of}`", quote_all(around.iter().copied()));
            let help =
                "choose an array whose weights or results stay; list it before `share-encoder` of A, or leave that out";
            return Err(in_the_way(NAME, needs, has, help));
        }
        let kept = Nest {
            body: rewrite_loops(&nest.body, &mut |of| {
                let is_place = matches!(of.axis, Axis::K | Axis::Kp);
                vec![Node::Loop(if is_place { of.over(Domain::Kept(of_m)) } else { of })]
            }),
        };
        match kept.well_formed() {
            Ok(()) => Ok(kept),
            Err(_) => {
                let needs = "lets `for k`, or `kp` inside a loop over kt, run over kept places";
                let has = format!("this nest has {}", quote_all(around_k.iter().map(|(of, _)| *of)));
                Err(in_the_way(NAME, needs, has, "start from the nest of an array"))
            }
        }
    }
}

fn quote_all<'a>(loops: impl Iterator<Item = &'a Loop>) -> String {
    loops.map(|of| format!("`{of}`")).collect::<Vec<_>>().join(", ")
}
