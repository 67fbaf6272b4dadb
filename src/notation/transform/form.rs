//! What several transforms look for in a nest, and the errors they share.

use super::{Parameters, TransformError};
use crate::notation::{Accumulation, Code, Domain, Expr, Loop, Nest, Node, Statement};

/// The nest with every loop that `wanted` accepts handed to `change`, innermost first; a loop may become several nodes.
pub(super) fn rewrite_loops(body: &[Node], change: &mut impl FnMut(Loop) -> Vec<Node>) -> Vec<Node> {
    let mut out = Vec::new();
    for node in body {
        match node {
            Node::Statement(_) => out.push(node.clone()),
            Node::Loop(inner) => {
                let mut inner = inner.clone();
                inner.body = rewrite_loops(&inner.body, change);
                out.extend(change(inner));
            }
        }
    }
    out
}

/// An error about an earlier transform that has not been applied; quotes the reduction loop and what it holds.
pub(super) fn order(transform: &'static str, nest: &Nest, before: &str, needs: &str) -> TransformError {
    let has = match nest.reduction() {
        Some(reduction) => {
            let last = reduction.statements().last().map(|last| format!(" with `{last}`")).unwrap_or_default();
            format!("this nest has `{reduction}`{last}")
        }
        None => "this nest has no loop over K".to_owned(),
    };
    let help = format!("list `{before}` before `{transform}`");
    TransformError { code: Code::TransformOrder, transform, needs: needs.to_owned(), has, help }
}

/// An error about a loop that is missing or stands in the way.
pub(super) fn in_the_way(transform: &'static str, needs: &str, has: String, help: &str) -> TransformError {
    TransformError { code: Code::LoopInTheWay, transform, needs: needs.to_owned(), has, help: help.to_owned() }
}

/// Well formed, with digits, and its sum kept as a pair.
pub(super) fn carry_save(transform: &'static str, nest: &Nest) -> Result<(), TransformError> {
    digits(transform, nest)?;
    if nest.accumulation() == Accumulation::CarrySave {
        return Ok(());
    }
    Err(order(transform, nest, "compress-accumulate", "works on a sum that is kept as a pair `s, c`"))
}

/// Well formed, with digits.
pub(super) fn digits(transform: &'static str, nest: &Nest) -> Result<(), TransformError> {
    nest.well_formed().map_err(|mistakes| TransformError::not_well_formed(transform, &mistakes))?;
    if nest.has_digits() {
        return Ok(());
    }
    let quoted: Vec<_> = nest
        .statements()
        .into_iter()
        .filter(|(statement, _)| statement.contains(|expr| matches!(expr, Expr::Multiply(..))))
        .map(|(statement, _)| format!("`{statement}`"))
        .collect();
    Err(TransformError {
        code: Code::NoHalfReduce,
        transform,
        needs: "works on the digits of an operand".to_owned(),
        has: format!("this nest has {} and no `encode`", quoted.join(", ")),
        help: "choose an encoding for an operand".to_owned(),
    })
}

/// No loop takes whole values that are not zero; a transform of digits that are not zero has nothing to do there.
pub(super) fn whole_values(transform: &'static str, nest: &Nest, needs: &str) -> Result<(), TransformError> {
    match nest.loops().into_iter().find(|(of, _)| matches!(of.domain, Domain::Values(_))) {
        None => Ok(()),
        Some((of, _)) => Err(in_the_way(
            transform,
            needs,
            format!("`{of}` takes whole values, all their bit weights at once, and none that is zero"),
            "skip zero digits or zero values: `skip-zero-digits` leaves out a value of zero at every bit weight",
        )),
    }
}

/// A step of the reduction as `compress-accumulate` leaves it: encode, `par bw` of shifted partial products, compression
/// with the pair.
pub(super) struct Step {
    pub(super) encode: Statement,
    /// `map(word, digits[bw])`.
    pub(super) word: Expr,
    pub(super) reduce: Statement,
}

impl Step {
    pub(super) fn of(body: &[Node]) -> Option<Step> {
        let [
            Node::Statement(encode @ Statement::Assign { value: Expr::Encode(_) | Expr::Stored(_), .. }),
            Node::Loop(weights),
            Node::Statement(reduce @ Statement::HalfReduce { sum, carry, terms }),
        ] = body
        else {
            return None;
        };
        let [Node::Statement(Statement::Assign { value: Expr::Shift { word, .. }, target })] = weights.body.as_slice()
        else {
            return None;
        };
        let Expr::Map { word, .. } = word.as_ref() else { return None };
        let reads =
            |at: usize, access| matches!(&terms.get(at)?.value, Expr::Read(read) if read == access).then_some(());
        reads(0, target)?;
        reads(1, sum)?;
        reads(2, carry)?;
        (terms.len() == 3).then(|| Step { encode: encode.clone(), word: (**word).clone(), reduce: reduce.clone() })
    }
}

/// Rows that run at their own pace look at groups of a few of `what`, and no loop passes an operand to a row that is elsewhere.
pub(super) fn rows_at_their_own_pace(
    transform: &'static str,
    nest: &Nest,
    parameters: &Parameters,
    what: &str,
) -> Result<(), TransformError> {
    if !(1..=32).contains(&parameters.group) {
        return Err(TransformError {
            code: Code::ParameterRange,
            transform,
            needs: format!("takes groups of 1 to 32 {what}"),
            has: format!("`group` is {}", parameters.group),
            help: "choose a group of 1 to 32".to_owned(),
        });
    }
    match nest.loops().into_iter().find(|(of, _)| of.passing.is_some()) {
        None => Ok(()),
        Some((of, _)) => Err(in_the_way(
            transform,
            "lets rows run at their own pace, so no operand may pass from copy to copy",
            format!("this nest has `{of}`"),
            "choose an array that broadcasts its operands, `matrix-2d`",
        )),
    }
}
