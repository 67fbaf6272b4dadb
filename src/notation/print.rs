//! The text form, one line a loop or statement, two spaces a level.

use std::fmt::{self, Display, Formatter};

use super::transform::{EmptyGroups, LanePace, Matching, SyncPeriod};
use super::{Access, Domain, Expr, Groups, Loop, Nest, Node, Operand, Sparse, Statement, Tensor, Term, Values};

impl Display for Nest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        block(f, &self.body, 0)
    }
}

fn block(f: &mut Formatter<'_>, body: &[Node], depth: usize) -> fmt::Result {
    for node in body {
        write!(f, "{:1$}", "", 2 * depth)?;
        match node {
            Node::Statement(statement) => writeln!(f, "{statement}")?,
            Node::Loop(outer) => {
                let mut inner = outer;
                write!(f, "{} {}", outer.kind.keyword(), range(outer))?;
                while let Some(next) = same_line(inner) {
                    write!(f, ", {}", range(next))?;
                    inner = next;
                }
                writeln!(f, "{}", carrying(inner))?;
                block(f, &inner.body, depth + 1)?;
            }
        }
    }
    Ok(())
}

/// The loop that shares the line of `outer`: of the same kind, its only content, and nothing carried by `outer`.
pub(super) fn same_line(outer: &Loop) -> Option<&Loop> {
    match outer.body.as_slice() {
        [Node::Loop(inner)] if outer.carried.is_empty() && inner.kind == outer.kind => Some(inner),
        _ => None,
    }
}

fn range(of: &Loop) -> String {
    let mut text = match of.domain {
        Domain::Extent(extent) => format!("{} in {}", of.axis, extent.extent_name()),
        Domain::Down(extent) => format!("{} in down({})", of.axis, extent.extent_name()),
        Domain::Kept(kept) => format!("{} in kept({}, {kept})", of.axis, Tensor::B.element()),
        Domain::Sparse(digits) => format!("{}, {} in {digits}", of.axis, of.digit().unwrap_or_default()),
        Domain::Values(values) => format!("{} in {values}", of.axis),
    };
    if let Some(operand) = of.passing {
        text += &format!(" passing {}", tensor(operand).name());
    }
    match of.meeting {
        Some(SyncPeriod::Operands(operands)) => text += &format!(" meeting {operands}"),
        Some(SyncPeriod::Tile) => text += " meeting tile",
        None => {}
    }
    text
}

/// The matrix of an operand.
pub(super) fn tensor(operand: Operand) -> Tensor {
    match operand {
        Operand::A => Tensor::A,
        Operand::B => Tensor::B,
    }
}

/// `sparse(encode(A[m,k])[bw], group 4, empty_cost_a_cycle)`.
impl Display for Sparse {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let made = if self.stored { "stored" } else { "encode" };
        write!(f, "sparse({made}({})", tensor(self.operand).element())?;
        if let Some(groups) = self.groups {
            write!(f, "[bw], {groups}")?;
        }
        f.write_str(")")
    }
}

/// `sparse(A[m,k], group 4, empty_cost_a_cycle)`, `sparse(A[m,k] and B[k,nt], ...)`.
impl Display for Values {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let and = match self.matching {
            Matching::A => "",
            Matching::Both => " and B[k,nt]",
        };
        write!(f, "sparse({}{and}, {})", Tensor::A.element(), self.groups)
    }
}

/// `group 4, empty_cost_a_cycle`, and lanes if there are any.
impl Display for Groups {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let empty = match self.empty {
            EmptyGroups::CostACycle => "empty_cost_a_cycle",
            EmptyGroups::Skipped => "empty_skipped",
        };
        write!(f, "group {}, {empty}", self.size)?;
        let Some((lanes, pace)) = self.lanes else { return Ok(()) };
        let pace = match pace {
            LanePace::Lockstep => "lockstep",
            LanePace::PerGroup => "per_group",
            LanePace::PerBitWeight => "per_bit_weight",
        };
        write!(f, ", lanes {lanes} {pace}")
    }
}

fn carrying(of: &Loop) -> String {
    if of.carried.is_empty() {
        return String::new();
    }
    format!(" carrying {}", list(&of.carried))
}

fn list(items: &[impl Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The loop's own header, e.g. `for k in K carrying acc`.
impl Display for Loop {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.kind.keyword(), range(self), carrying(self))
    }
}

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Statement::Assign { target, value } => write!(f, "{target} = {value}"),
            Statement::Accumulate { target, value } => write!(f, "{target} += {value}"),
            Statement::HalfReduce { sum, carry, terms } => {
                write!(f, "{sum}, {carry} = half_reduce({})", list(terms))
            }
            Statement::Raise { sum, carry } => write!(f, "{sum}, {carry} = raise({sum}, {carry})"),
        }
    }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.over {
            Some(axis) => write!(f, "{} over {axis}", self.value),
            None => write!(f, "{}", self.value),
        }
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Expr::Read(access) => write!(f, "{access}"),
            Expr::Encode(access) => write!(f, "encode({access})"),
            Expr::Stored(access) => write!(f, "stored({access})"),
            Expr::Map { word, digit } => write!(f, "map({word}, {digit})"),
            Expr::Shift { word, by } => write!(f, "shift({word}, {by})"),
            Expr::Multiply(left, right) => write!(f, "multiply({left}, {right})"),
            Expr::Add(left, right) => write!(f, "add({left}, {right})"),
        }
    }
}

impl Display for Access {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.indices.is_empty() {
            return Ok(());
        }
        let indices: Vec<_> = self.indices.iter().map(|axis| axis.name()).collect();
        write!(f, "[{}]", indices.join(","))
    }
}
