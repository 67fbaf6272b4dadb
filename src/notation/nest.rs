//! The nest: loops in space and time around statements.

use super::{Access, Axis, Statement};

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
    /// Values handed from one iteration to the next and out of the last: a register when the loop is temporal, a wire
    /// to the neighbour when it is spatial. One that is not alive when the loop is entered starts at zero.
    pub carried: Vec<Access>,
    /// What each iteration does, in order.
    pub body: Vec<Node>,
}

impl Loop {
    /// A loop over the whole extent of its axis.
    pub fn new(kind: LoopKind, axis: Axis, body: Vec<Node>) -> Loop {
        Loop { kind, axis, domain: Domain::Extent(axis), carried: Vec::new(), body }
    }

    /// The same, carrying values.
    pub fn carrying(mut self, carried: &[Access]) -> Loop {
        self.carried = carried.to_vec();
        self
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
