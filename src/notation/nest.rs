//! The nest: loops in space and time around statements.

use super::transform::{EmptyGroups, LanePace, Matching, SyncPeriod};
use super::{Access, Axis, NOfM, Operand, Statement};

/// Whether the iterations of a loop are copies of the hardware or moments of the same hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoopKind {
    /// `par`: a copy of the hardware for each iteration.
    Spatial,
    /// `for`: one after the other on the same hardware.
    Temporal,
}

impl LoopKind {
    /// Its word in the text form.
    pub fn keyword(self) -> &'static str {
        match self {
            LoopKind::Spatial => "par",
            LoopKind::Temporal => "for",
        }
    }
}

/// What a loop variable runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Domain {
    /// 0 up to the extent of this axis; it is the loop variable's own in a well-formed nest.
    Extent(Axis),
    /// The extent of the axis backwards, the highest first.
    Down(Axis),
    /// Only the iterations whose digit is not zero.
    Sparse(Sparse),
    /// Only the iterations over K whose values are not zero.
    Values(Values),
    /// Of each group of k the places that are kept of a column of B, those left over beyond the edge.
    Kept(NOfM),
}

/// A loop over the digits that are not zero: over k at one bit weight, or over the bit weights of one element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sparse {
    /// The operand whose digits are looked at.
    pub operand: Operand,
    /// Whether the operand arrives as digits; else they are made where the loop stands.
    pub stored: bool,
    /// How operands of K are grouped; `None` for a loop over bit weights.
    pub groups: Option<Groups>,
}

/// How a sparse loop over k takes its operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Groups {
    /// Operands whose digits are looked at together.
    pub size: u32,
    /// What a group without a digit costs.
    pub empty: EmptyGroups,
    /// Digits taken at once and how their lanes keep step; `None` is one digit at a time.
    pub lanes: Option<(u32, LanePace)>,
}

/// A loop over the k at which A has a value that is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Values {
    /// Whether B must have one too.
    pub matching: Matching,
    /// How operands of K are grouped; there are no lanes.
    pub groups: Groups,
}

impl Sparse {
    /// Lanes of the loop, 1 without `extend-reduction`.
    pub fn lanes(&self) -> u32 {
        self.groups.and_then(|groups| groups.lanes).map_or(1, |(lanes, _)| lanes)
    }
}

/// One loop.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loop {
    /// Space or time.
    pub kind: LoopKind,
    /// The loop variable.
    pub axis: Axis,
    /// What it runs over.
    pub domain: Domain,
    /// The operand whose elements are handed from each copy to the next through a register; else all copies get an element
    /// at once.
    pub passing: Option<Operand>,
    /// Where copies that run at their own pace wait for each other.
    pub meeting: Option<SyncPeriod>,
    /// Values handed from one iteration to the next and out of the last: a register when the loop is temporal, a wire
    /// to the neighbour when it is spatial. One that is not alive when the loop is entered starts at zero.
    pub carried: Vec<Access>,
    /// What each iteration does, in order.
    pub body: Vec<Node>,
}

impl Loop {
    /// A loop over the whole extent of its axis.
    pub fn new(kind: LoopKind, axis: Axis, body: Vec<Node>) -> Loop {
        Loop { kind, axis, domain: Domain::Extent(axis), passing: None, meeting: None, carried: Vec::new(), body }
    }

    /// The same, carrying values.
    pub fn carrying(mut self, carried: &[Access]) -> Loop {
        self.carried = carried.to_vec();
        self
    }

    /// The same, handing the elements of an operand from copy to copy.
    pub fn passing(mut self, operand: Operand) -> Loop {
        self.passing = Some(operand);
        self
    }

    /// The same over another domain.
    pub fn over(mut self, domain: Domain) -> Loop {
        self.domain = domain;
        self
    }

    /// The name of the digit that each iteration of a sparse loop has.
    pub fn digit(&self) -> Option<&'static str> {
        matches!(self.domain, Domain::Sparse(_)).then_some(if self.axis == Axis::Bv { "other" } else { "digit" })
    }

    /// Whether it hands the value `name` from iteration to iteration.
    pub fn carries(&self, name: &str) -> bool {
        self.carried.iter().any(|access| access.name == name)
    }

    /// Every statement inside, at any depth, in order.
    pub fn statements(&self) -> Vec<&Statement> {
        let mut all = Vec::new();
        walk(&self.body, &mut Vec::new(), &mut |node, _| {
            if let Node::Statement(statement) = node {
                all.push(statement);
            }
        });
        all
    }
}

/// A loop or a statement.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// A loop.
    Loop(Loop),
    /// A statement.
    Statement(Statement),
}

/// What is computed where and when. Its text form is `Display` and `FromStr`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Nest {
    /// The outermost loops and statements, in order.
    pub body: Vec<Node>,
}

impl Nest {
    /// Visits every loop and statement in the order of the text, with the loops around it, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Node, &[&'a Loop])) {
        walk(&self.body, &mut Vec::new(), visit);
    }

    /// Every statement with the loops around it, in order.
    pub fn statements(&self) -> Vec<(&Statement, Vec<&Loop>)> {
        let mut all = Vec::new();
        self.walk(&mut |node, around| {
            if let Node::Statement(statement) = node {
                all.push((statement, around.to_vec()));
            }
        });
        all
    }

    /// Every loop with the loops around it, in order.
    pub fn loops(&self) -> Vec<(&Loop, Vec<&Loop>)> {
        let mut all = Vec::new();
        self.walk(&mut |node, around| {
            if let Node::Loop(inner) = node {
                all.push((inner, around.to_vec()));
            }
        });
        all
    }
}

fn walk<'a>(body: &'a [Node], around: &mut Vec<&'a Loop>, visit: &mut impl FnMut(&'a Node, &[&'a Loop])) {
    for node in body {
        visit(node, around);
        if let Node::Loop(inner) = node {
            around.push(inner);
            walk(&inner.body, around, visit);
            around.pop();
        }
    }
}
