//! The nests every engine starts from: a GEMM on a two-dimensional systolic array, no transform applied.

use super::{Access, Axis, Expr, Loop, LoopKind, Nest, Node, Operand, Statement, Tensor, Term};

/// Rows are places of M, columns places of N, K runs in time; each PE keeps one element of C.
///
/// `encoded` is the operand that becomes digits; `None` leaves the product one opaque operator.
pub fn output_stationary(encoded: Option<Operand>) -> Nest {
    let reduction = temporal(Axis::K, product(encoded)).carrying(&[accumulator()]);
    let result = Statement::Assign { target: Tensor::C.element(), value: Expr::read(accumulator()) };
    let array =
        spatial(Axis::Mp, vec![Node::Loop(spatial(Axis::Np, vec![Node::Loop(reduction), Node::Statement(result)]))]);
    let tiles = temporal(Axis::Mt, vec![Node::Loop(temporal(Axis::Nt, vec![Node::Loop(array)]))]);
    Nest { body: vec![Node::Loop(tiles)] }
}

/// Rows are places of K, columns places of N, M runs in time; each PE keeps one element of B, and the sum passes down
/// the column. Tiles of K add up in C.
///
/// `encoded` is the operand that becomes digits; `None` leaves the product one opaque operator.
pub fn weight_stationary(encoded: Option<Operand>) -> Nest {
    let reduction = spatial(Axis::Kp, product(encoded)).carrying(&[accumulator()]);
    let result = Statement::Accumulate { target: Tensor::C.element(), value: Expr::read(accumulator()) };
    let array = spatial(Axis::Np, vec![Node::Loop(reduction), Node::Statement(result)]);
    let rows = temporal(Axis::M, vec![Node::Loop(array)]);
    let tiles = temporal(Axis::Nt, vec![Node::Loop(temporal(Axis::Kt, vec![Node::Loop(rows)]))]);
    Nest { body: vec![Node::Loop(tiles)] }
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
