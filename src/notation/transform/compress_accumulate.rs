//! OPT1: the carry-propagate addition leaves the reduction loop.

use super::{Parameters, Transform, TransformError};
use crate::notation::{Access, Code, Expr, Loop, Nest, Node, Statement, Term};

/// See [`Transform::explain`].
pub(super) struct CompressAccumulate;

const NAME: &str = "compress-accumulate";

const EXPLANATION: &str = "\
## What it does
The accumulator of the reduction over K stays a sum word and a carry word. `half_reduce` takes that
pair beside the partial products of each step, and `add` moves behind the loop, where it runs once
for each element of C.

## Precondition
The innermost loop over K carries a value `acc` and holds `acc += add(s, c)`, where `s, c` are
written by one `half_reduce` of the same iteration. `add` reads nothing else, nothing else reads `s`
or `c`, and inside the loops that carry `acc` it is only added to.

## Why the product is kept
`half_reduce` keeps the sum of its terms modulo the word, so after every step `s + c` equals the sum
of all partial products so far; modulo the word, addition is associative and commutative. `add`
reads `s` and `c` alone, not the loop variable, so adding once at the end gives what adding at every
step gave. The pair begins at zero and zero, as the accumulator began at zero.

## Effect on the hardware
The adder as wide as the accumulator leaves the PE and its critical path; the compressor grows by
two inputs (6:2 for four digits) and the PE keeps two words in place of one. One row of adders at
the drain serves the whole array.

## Example
Before:

  par m in M, n in N
    for k in K carrying acc
      digits = encode(A[m,k])
      par bw in BW
        pp[bw] = shift(map(B[k,n], digits[bw]), bw)
      s, c = half_reduce(pp[bw] over bw)
      acc += add(s, c)
    C[m,n] = acc

After:

  par m in M, n in N
    for k in K carrying s, c
      digits = encode(A[m,k])
      par bw in BW
        pp[bw] = shift(map(B[k,n], digits[bw]), bw)
      s, c = half_reduce(pp[bw] over bw, s, c)
    C[m,n] = add(s, c)

## Source
OPT1 of: Exploring the Performance Improvement of Tensor Processing Engines through Transformation
in the Bit-weight Dimension of MACs, HPCA 2025, arXiv 2503.06342.
";

impl Transform for CompressAccumulate {
    fn name(&self) -> &'static str {
        NAME
    }

    fn summary(&self) -> &'static str {
        "accumulate in carry-save form; one addition after the reduction (OPT1)"
    }

    fn explain(&self) -> &'static str {
        EXPLANATION
    }

    fn apply(&self, nest: &Nest, _: &Parameters) -> Result<Nest, TransformError> {
        let found = Found::in_nest(nest)?;
        found.check_reads(nest)?;
        let mut body = nest.body.clone();
        found.rewrite(&mut body, false);
        Ok(Nest { body })
    }
}

/// The three names the rewrite is about: `acc += add(s, c)`.
struct Found {
    accumulator: Access,
    sum: Access,
    carry: Access,
}

impl Found {
    /// Finds `acc += add(s, c)` in the innermost reduction loop, or says what stands in its place.
    fn in_nest(nest: &Nest) -> Result<Found, TransformError> {
        if let Err(mistakes) = nest.well_formed() {
            return Err(TransformError::not_well_formed(NAME, &mistakes));
        }
        let Some(reduction) = nest.reduction() else {
            return Err(no_reduction(nest));
        };
        let inside: Vec<_> = nest
            .statements()
            .into_iter()
            .filter(|(_, around)| around.iter().any(|outer| std::ptr::eq(*outer, reduction)))
            .collect();
        let accumulation = inside.iter().find_map(|(statement, around)| match statement {
            Statement::Accumulate { target, value } => Some((*statement, around, target, value)),
            _ => None,
        });
        let Some((statement, around, target, value)) = accumulation else {
            return Err(no_accumulation(nest, reduction));
        };
        let Expr::Add(left, right) = value else {
            return Err(no_add(nest, reduction, statement));
        };
        if !reduction.carries(&target.name) {
            return Err(TransformError {
                code: Code::AccumulatorNotCarried,
                transform: NAME,
                needs: format!("turns a value that `{reduction}` carries into a sum and a carry"),
                has: format!("`{statement}` adds to `{target}`, which that loop does not carry"),
                help: format!("let the loop carry a value, add to that one, and write `{target}` after the loop"),
            });
        }
        let pair = inside.iter().find_map(|(written, at)| match written {
            Statement::HalfReduce { sum, carry, .. }
                if is_pair(left, right, sum, carry) && same_iteration(around, at) =>
            {
                Some((sum, carry))
            }
            _ => None,
        });
        let Some((sum, carry)) = pair else {
            return Err(TransformError {
                code: Code::AddReadsMore,
                transform: NAME,
                needs: "moves an `add` that reads nothing but the sum and the carry of one `half_reduce` beside it"
                    .to_owned(),
                has: format!("`{statement}` in `{reduction}` reads {}", quoted(&value.reads())),
                help: "compress every addend with `half_reduce`, then add its two words".to_owned(),
            });
        };
        // The pair takes the accumulator's place, so it has a copy wherever the accumulator has one.
        let like = |access: &Access| Access { name: access.name.clone(), indices: target.indices.clone() };
        Ok(Found { sum: like(sum), carry: like(carry), accumulator: target.clone() })
    }

    /// The pair must be read by the `add` alone (its meaning changes from one step's to all steps' so far), and the
    /// accumulator by nothing inside a loop that carries it (it no longer exists there).
    fn check_reads(&self, nest: &Nest) -> Result<(), TransformError> {
        for (statement, around) in nest.statements() {
            let is_the_add = matches!(statement, Statement::Accumulate { target, .. } if *target == self.accumulator);
            for read in statement.reads() {
                if !is_the_add && (read.name == self.sum.name || read.name == self.carry.name) {
                    return Err(TransformError {
                        code: Code::PairReadElsewhere,
                        transform: NAME,
                        needs: format!("makes `{}, {}` the sum of all steps so far", self.sum, self.carry),
                        has: format!("`{statement}` reads `{read}` as the sum of one step"),
                        help: "compress into a pair of its own for that statement".to_owned(),
                    });
                }
                let carried_by = around.iter().find(|outer| outer.carries(&self.accumulator.name));
                if let (true, Some(outer)) = (read.name == self.accumulator.name, carried_by) {
                    return Err(TransformError {
                        code: Code::AccumulatorRead,
                        transform: NAME,
                        needs: format!("needs `{}` to be only added to inside `{outer}`", self.accumulator),
                        has: format!("`{statement}` reads it there, before the sum is complete"),
                        help: "move the read behind the loop".to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The rewrite of one block. `inside` is whether a loop around it carries the accumulator.
    fn rewrite(&self, block: &mut Vec<Node>, inside: bool) {
        block.retain(|node| {
            !matches!(node, Node::Statement(Statement::Accumulate { target, .. }) if *target == self.accumulator)
        });
        for node in block {
            match node {
                Node::Loop(inner) => {
                    let carries = inner.carries(&self.accumulator.name);
                    if carries {
                        self.carry_the_pair(inner);
                    }
                    self.rewrite(&mut inner.body, inside || carries);
                }
                Node::Statement(Statement::HalfReduce { sum, carry, terms }) if sum.name == self.sum.name => {
                    *sum = self.sum.clone();
                    *carry = self.carry.clone();
                    terms.push(Term::single(Expr::read(self.sum.clone())));
                    terms.push(Term::single(Expr::read(self.carry.clone())));
                }
                Node::Statement(statement) if !inside => self.add_where_read(statement),
                Node::Statement(_) => {}
            }
        }
    }

    fn carry_the_pair(&self, of: &mut Loop) {
        let pair = [self.sum.clone(), self.carry.clone()];
        of.carried = std::mem::take(&mut of.carried)
            .into_iter()
            .flat_map(|access| if access == self.accumulator { pair.to_vec() } else { vec![access] })
            .collect();
    }

    /// Behind the loop every read of the accumulator becomes the addition.
    fn add_where_read(&self, statement: &mut Statement) {
        let addition = Expr::addition(Expr::read(self.sum.clone()), Expr::read(self.carry.clone()));
        let name = &self.accumulator.name;
        match statement {
            Statement::Assign { value, .. } | Statement::Accumulate { value, .. } => {
                *value = value.substitute(name, &addition);
            }
            Statement::HalfReduce { terms, .. } => {
                for term in terms {
                    term.value = term.value.substitute(name, &addition);
                }
            }
            Statement::Raise { .. } => {}
        }
    }
}

fn is_pair(left: &Expr, right: &Expr, sum: &Access, carry: &Access) -> bool {
    let reads = |expr: &Expr, access: &Access| matches!(expr, Expr::Read(read) if read == access);
    (reads(left, sum) && reads(right, carry)) || (reads(left, carry) && reads(right, sum))
}

fn same_iteration(left: &[&Loop], right: &[&Loop]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| std::ptr::eq(*left, *right))
}

fn quoted(accesses: &[&Access]) -> String {
    accesses.iter().map(|access| format!("`{access}`")).collect::<Vec<_>>().join(", ")
}

fn no_reduction(nest: &Nest) -> TransformError {
    let loops: Vec<_> = nest.loops().iter().map(|(inner, _)| format!("`{inner}`")).collect();
    let has = if loops.is_empty() {
        "this nest has no loop at all".to_owned()
    } else {
        format!("this nest has {}", loops.join(", "))
    };
    TransformError {
        code: Code::NoReductionLoop,
        transform: NAME,
        needs: "moves `add` out of a loop over K (`k`, `kt` or `kp`)".to_owned(),
        has,
        help: "start from an output-stationary or a weight-stationary nest".to_owned(),
    }
}

/// Nothing is added up in the loop: either the transform has been here, or the nest is not a MAC.
fn no_accumulation(nest: &Nest, reduction: &Loop) -> TransformError {
    let already = nest.statements().into_iter().find(|(statement, _)| {
        let hoisted = |expr: &Expr| {
            matches!(expr, Expr::Add(left, right)
            if [left, right].into_iter().all(|side| side.reads().iter().any(|read| reduction.carries(&read.name))))
        };
        statement.contains(hoisted)
    });
    match already {
        Some((statement, _)) => TransformError {
            code: Code::AlreadyApplied,
            transform: NAME,
            needs: format!("moves `add` out of `{reduction}`"),
            has: format!("`{statement}` stands behind that loop already"),
            help: "apply the transform once".to_owned(),
        },
        None => TransformError {
            code: Code::NoAccumulation,
            transform: NAME,
            needs: format!("moves `acc += add(s, c)` out of `{reduction}`"),
            has: format!("nothing is accumulated in that loop; it has {}", contents(reduction)),
            help: "start from an output-stationary or a weight-stationary nest".to_owned(),
        },
    }
}

/// The accumulation is there but adds no sum/carry pair.
fn no_add(nest: &Nest, reduction: &Loop, accumulation: &Statement) -> TransformError {
    let opaque = reduction
        .statements()
        .into_iter()
        .filter(|statement| !std::ptr::eq(*statement, accumulation))
        .find(|statement| statement.contains(|expr| matches!(expr, Expr::Multiply(..))));
    let half_reduces = reduction.statements().iter().any(|inside| matches!(inside, Statement::HalfReduce { .. }));
    let (source, help) = match opaque {
        // Digits that are added up as they come, or pairs of them; no choice of an encoding changes that.
        _ if nest.has_digits() && !half_reduces => {
            (format!("`{accumulation}`"), "remove it: digits are added up one by one here, without a `half_reduce`")
        }
        Some(product) => (
            format!("`{product}` and `{accumulation}`"),
            "choose an encoding for an operand, so that the product has digits and a compressor tree",
        ),
        None => (format!("`{accumulation}`"), "compress the addends with `half_reduce`, then accumulate `add(s, c)`"),
    };
    TransformError {
        code: Code::NoHalfReduce,
        transform: NAME,
        needs: "moves `acc += add(s, c)` out of the reduction, where `s, c` come from a `half_reduce`".to_owned(),
        has: format!("this nest has {source} inside `{reduction}`"),
        help: help.to_owned(),
    }
}

fn contents(of: &Loop) -> String {
    of.statements().iter().map(|statement| format!("`{statement}`")).collect::<Vec<_>>().join(", ")
}
