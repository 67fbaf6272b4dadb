//! Copies of a part of a nest move inside, past what is the same in all of them.

use crate::notation::{Access, Axis, Expr, Loop, Node, Statement};

/// Whether lines, with all that is inside them, hold what copies leave.
type Holds<'a> = &'a dyn Fn(&[Node]) -> bool;

/// The copies of `of` around everything in it but what `holds` finds and the loops around that; values that cross those loops get a
/// copy each.
pub(super) fn sink(of: Loop, holds: Holds) -> Vec<Node> {
    let mut crossing = Vec::new();
    crossed(&of.body, holds, &mut crossing);
    let mut body = of.body.clone();
    index(&mut body, &crossing, of.axis);
    distribute(body, &of, holds, false)
}

/// Values carried by the loops that stay outside.
fn crossed(body: &[Node], holds: Holds, names: &mut Vec<String>) {
    for node in body {
        if let Node::Loop(of) = node
            && holds(std::slice::from_ref(node))
        {
            names.extend(of.carried.iter().map(|access| access.name.clone()));
            crossed(&of.body, holds, names);
        }
    }
}

fn distribute(body: Vec<Node>, copies: &Loop, holds: Holds, inside: bool) -> Vec<Node> {
    let mut out = Vec::new();
    let mut group = Vec::new();
    let close = |group: &mut Vec<Node>, out: &mut Vec<Node>| {
        if !group.is_empty() {
            let mut around = Loop { body: std::mem::take(group), carried: Vec::new(), ..copies.clone() };
            // What stands behind the reduction reads no operand, so none passes there.
            around.passing = around.passing.filter(|_| inside && !around.statements().is_empty());
            out.push(Node::Loop(around));
        }
    };
    for node in body {
        if !holds(std::slice::from_ref(&node)) {
            group.push(node);
            continue;
        }
        close(&mut group, &mut out);
        match node {
            Node::Loop(mut of) => {
                of.body = distribute(of.body, copies, holds, true);
                out.push(Node::Loop(of));
            }
            Node::Statement(_) => out.push(node),
        }
    }
    close(&mut group, &mut out);
    out
}

/// Gives the values in `names` a copy for each iteration of `axis`.
fn index(body: &mut [Node], names: &[String], axis: Axis) {
    let place = |access: &mut Access| {
        if names.contains(&access.name) {
            access.indices.insert(0, axis);
        }
    };
    for node in body {
        match node {
            Node::Loop(of) => {
                of.carried.iter_mut().for_each(place);
                index(&mut of.body, names, axis);
            }
            Node::Statement(statement) => match statement {
                Statement::Assign { target, value } | Statement::Accumulate { target, value } => {
                    place(target);
                    visit(value, &place);
                }
                Statement::HalfReduce { sum, carry, terms } => {
                    place(sum);
                    place(carry);
                    terms.iter_mut().for_each(|term| visit(&mut term.value, &place));
                }
                Statement::Raise { sum, carry } => {
                    place(sum);
                    place(carry);
                }
            },
        }
    }
}

fn visit(expr: &mut Expr, place: &impl Fn(&mut Access)) {
    match expr {
        Expr::Read(access) => place(access),
        Expr::Encode(_) | Expr::Stored(_) => {}
        Expr::Shift { word, .. } => visit(word, place),
        Expr::Map { word, digit } => {
            visit(word, place);
            visit(digit, place);
        }
        Expr::Multiply(left, right) | Expr::Add(left, right) => {
            visit(left, place);
            visit(right, place);
        }
    }
}
