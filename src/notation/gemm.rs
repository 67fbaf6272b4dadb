//! The nests every engine starts from, no transform applied.

use super::transform::SyncPeriod;
use super::{Access, Axis, Domain, Expr, Loop, LoopKind, Nest, Node, Operand, Sparse, Statement, Tensor, Term};

/// The arrays that have a nest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// Operands hop, each PE keeps an element of C.
    OutputStationary,
    /// A hops, each PE keeps an element of B, sums pass down.
    WeightStationary,
    /// B hops, each PE keeps an element of A, sums pass down.
    InputStationary,
    /// Operands hop, the products of KP places meet in the accumulator of one element of C.
    Cube,
    /// The same with operands broadcast.
    AdderTree,
    /// Operands broadcast, each PE keeps an element of C.
    Matrix2d,
    /// Operands broadcast, a digit of A a step, zeros too.
    Stripes,
    /// Operands broadcast, a digit of A a step, zeros skipped by each lane of a row; where rows meet.
    Pragmatic(SyncPeriod),
    /// Operands broadcast, both as digits, a pair of digits a step, zeros skipped.
    Laconic,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Shape; 9] = [
        Shape::OutputStationary,
        Shape::WeightStationary,
        Shape::InputStationary,
        Shape::Cube,
        Shape::AdderTree,
        Shape::Matrix2d,
        Shape::Stripes,
        Shape::Pragmatic(SyncPeriod::Tile),
        Shape::Laconic,
    ];
}

/// The nest of an array. `encoded` is the operand that becomes digits; `None` leaves the product one opaque operator. The
/// last three shapes have digits of A always, the last those of B too.
pub fn base(shape: Shape, encoded: Option<Operand>) -> Nest {
    match shape {
        Shape::OutputStationary => output_stationary(encoded),
        Shape::WeightStationary => weight_stationary(encoded),
        Shape::InputStationary => input_stationary(encoded),
        Shape::Cube => in_tiles(true, over_depth(product(encoded))),
        Shape::AdderTree => in_tiles(false, over_depth(product(encoded))),
        Shape::Matrix2d => in_tiles(false, over_time(Axis::K, product(encoded))),
        Shape::Stripes => stripes(),
        Shape::Pragmatic(sync) => pragmatic(sync),
        Shape::Laconic => {
            let [digit, other] = ["digit", "other"].map(|name| Expr::read(Access::scalar(name)));
            let product = Expr::shift(Expr::shift(Expr::multiply(digit, other), Axis::Bw), Axis::Bv);
            let pairs = sparse(Axis::Bv, Operand::B, accumulated(product));
            in_tiles(false, over_depth(vec![sparse(Axis::Bw, Operand::A, pairs)]))
        }
    }
}

/// Rows are places of M, columns places of N, K runs in time; each PE keeps one element of C and passes the operands on.
///
/// `encoded` is the operand that becomes digits; `None` leaves the product one opaque operator.
pub fn output_stationary(encoded: Option<Operand>) -> Nest {
    in_tiles(true, over_time(Axis::K, product(encoded)))
}

/// Rows are places of K, columns places of N, M runs in time; each PE keeps one element of B, A passes along the rows, and
/// the sum passes down the column. Tiles of K add up in C.
///
/// `encoded` is the operand that becomes digits; `None` leaves the product one opaque operator.
pub fn weight_stationary(encoded: Option<Operand>) -> Nest {
    stationary(encoded, [Axis::Nt, Axis::M, Axis::Np], Operand::A)
}

/// The weight-stationary array with the operands exchanged: each PE keeps one element of A, N runs in time.
pub fn input_stationary(encoded: Option<Operand>) -> Nest {
    stationary(encoded, [Axis::Mt, Axis::N, Axis::Mp], Operand::B)
}

fn stationary(encoded: Option<Operand>, [tiles, stream, places]: [Axis; 3], passing: Operand) -> Nest {
    let reduction = spatial(Axis::Kp, product(encoded)).carrying(&[accumulator()]);
    let result = Statement::Accumulate { target: Tensor::C.element(), value: Expr::read(accumulator()) };
    let array = spatial(places, vec![Node::Loop(reduction), Node::Statement(result)]).passing(passing);
    let rows = temporal(stream, vec![Node::Loop(array)]);
    let tiles = temporal(tiles, vec![Node::Loop(temporal(Axis::Kt, vec![Node::Loop(rows)]))]);
    Nest { body: vec![Node::Loop(tiles)] }
}

/// Tiles of C one after the other on MP x NP places that keep an element each.
fn in_tiles(passing: bool, reduction: Loop) -> Nest {
    let result = Statement::Assign { target: Tensor::C.element(), value: Expr::read(accumulator()) };
    let mut columns = spatial(Axis::Np, vec![Node::Loop(reduction), Node::Statement(result)]);
    if passing {
        columns = columns.passing(Operand::A);
    }
    let mut rows = spatial(Axis::Mp, vec![Node::Loop(columns)]);
    if passing {
        rows = rows.passing(Operand::B);
    }
    in_time_over_tiles(rows)
}

/// The tiles of C one after the other.
fn in_time_over_tiles(array: Loop) -> Nest {
    let tiles = temporal(Axis::Mt, vec![Node::Loop(temporal(Axis::Nt, vec![Node::Loop(array)]))]);
    Nest { body: vec![Node::Loop(tiles)] }
}

fn over_time(axis: Axis, step: Vec<Node>) -> Loop {
    temporal(axis, step).carrying(&[accumulator()])
}

/// A step broadcasts the digits of its elements to all columns, one bit weight after the other.
fn stripes() -> Nest {
    let encode = Statement::Assign { target: Access::scalar("digits"), value: Expr::Encode(Tensor::A.element()) };
    let digit = Expr::read(Access::indexed("digits", &[Axis::Bw]));
    let lanes = for_columns(spatial(Axis::Kp, vec![Node::Statement(encode), in_columns(digit)]));
    let bits = for_columns(temporal(Axis::Bw, vec![Node::Loop(lanes)]));
    in_time_over_tiles(row_of_columns(bits))
}

/// The lanes of a row find the digits of their elements that are not 0 once for all columns.
fn pragmatic(sync: SyncPeriod) -> Nest {
    let domain = Domain::Sparse(Sparse { operand: Operand::A, stored: false, groups: None });
    let digit = Expr::read(Access::scalar("digit"));
    let digits = for_columns(temporal(Axis::Bw, vec![in_columns(digit)]).over(domain));
    let lanes = for_columns(spatial(Axis::Kp, vec![Node::Loop(digits)]));
    let mut row = row_of_columns(lanes);
    row.meeting = Some(sync);
    in_time_over_tiles(row)
}

/// The accumulators of a row's columns.
fn of_columns() -> Access {
    Access::indexed("acc", &[Axis::Np])
}

/// A loop around all columns.
fn for_columns(of: Loop) -> Loop {
    of.carrying(&[of_columns()])
}

/// Every column adds its element of B times the digit.
fn in_columns(digit: Expr) -> Node {
    let add = Statement::Accumulate { target: of_columns(), value: term(digit) };
    Node::Loop(spatial(Axis::Np, vec![Node::Statement(add)]))
}

/// Rows whose columns take the steps of K together, then write their results.
fn row_of_columns(step: Loop) -> Loop {
    let steps = for_columns(temporal(Axis::Kt, vec![Node::Loop(step)]));
    let result = Statement::Assign { target: Tensor::C.element(), value: Expr::read(of_columns()) };
    let results = spatial(Axis::Np, vec![Node::Statement(result)]);
    spatial(Axis::Mp, vec![Node::Loop(steps), Node::Loop(results)])
}

/// KP products a step.
fn over_depth(product: Vec<Node>) -> Loop {
    over_time(Axis::Kt, vec![Node::Loop(spatial(Axis::Kp, product).carrying(&[accumulator()]))])
}

/// The digits of one element that are not zero.
fn sparse(axis: Axis, operand: Operand, inside: Node) -> Node {
    let domain = Domain::Sparse(Sparse { operand, stored: false, groups: None });
    Node::Loop(temporal(axis, vec![inside]).over(domain).carrying(&[accumulator()]))
}

/// The element of B times a digit of A, at its weight.
fn term(digit: Expr) -> Expr {
    Expr::shift(Expr::map(Expr::read(Tensor::B.element()), digit), Axis::Bw)
}

fn accumulated(value: Expr) -> Node {
    Node::Statement(Statement::Accumulate { target: accumulator(), value })
}

/// One step of the reduction: the product of A\[m,k\] and B\[k,n\], added to the accumulator.
fn product(encoded: Option<Operand>) -> Vec<Node> {
    let Some(operand) = encoded else {
        let value = Expr::multiply(Expr::read(Tensor::A.element()), Expr::read(Tensor::B.element()));
        let product = Access::scalar("p");
        return vec![
            Node::Statement(Statement::Assign { target: product.clone(), value }),
            Node::Statement(Statement::Accumulate { target: accumulator(), value: Expr::read(product) }),
        ];
    };
    let (digits, word) = match operand {
        Operand::A => (Tensor::A, Tensor::B),
        Operand::B => (Tensor::B, Tensor::A),
    };
    let (sum, carry) = (Access::scalar("s"), Access::scalar("c"));
    let digit = Expr::read(Access::indexed("digits", &[Axis::Bw]));
    let partial = Access::indexed("pp", &[Axis::Bw]);
    let mapped = Expr::map(Expr::read(word.element()), digit);
    vec![
        Node::Statement(Statement::Assign { target: Access::scalar("digits"), value: Expr::Encode(digits.element()) }),
        Node::Loop(spatial(
            Axis::Bw,
            vec![Node::Statement(Statement::Assign { target: partial.clone(), value: Expr::shift(mapped, Axis::Bw) })],
        )),
        Node::Statement(Statement::HalfReduce {
            sum: sum.clone(),
            carry: carry.clone(),
            terms: vec![Term::over(Expr::read(partial), Axis::Bw)],
        }),
        Node::Statement(Statement::Accumulate {
            target: accumulator(),
            value: Expr::addition(Expr::read(sum), Expr::read(carry)),
        }),
    ]
}

fn accumulator() -> Access {
    Access::scalar("acc")
}

fn spatial(axis: Axis, body: Vec<Node>) -> Loop {
    Loop::new(LoopKind::Spatial, axis, body)
}

fn temporal(axis: Axis, body: Vec<Node>) -> Loop {
    Loop::new(LoopKind::Temporal, axis, body)
}
