//! Random well-formed nests that compute a GEMM, and random problems to run them on.
//!
//! A nest is put together from choices that do not depend on each other: how each dimension is split and in which order
//! its loops stand, where the tiles of K add up, what makes the product, and whether the places of N are inside the
//! reduction, so that every value has a copy for each.

use bitweight::encoding::{EncodingKind, signed_range};
use bitweight::matrix::Matrix;
use bitweight::notation::{
    Access, Axis, DigitRule, Expr, Loop, LoopKind, Nest, Node, Operand, Problem, Statement, Tensor, Term,
};
use proptest::prelude::*;

/// Where the shift to a digit's weight stands.
#[derive(Clone, Copy, Debug)]
pub enum ShiftPlace {
    WithMap,
    OwnStatement,
    InsideReduce,
}

/// What makes one step's product and adds it up.
#[derive(Clone, Debug)]
pub enum Product {
    /// `acc += multiply(...)`, in one or two statements.
    Opaque { named: bool },
    /// Digits, a compressor, an adder.
    Compressed { operand: Operand, shift: ShiftPlace, swapped: bool, twice: bool },
    /// Digits one after the other, each added at once.
    Serial { operand: Operand },
}

/// Every choice.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Loops over M and N, outermost first.
    pub outer: Vec<(LoopKind, Axis)>,
    /// Loops over K that add up in C, outermost first; only `for` loops.
    pub tiles: Vec<(LoopKind, Axis)>,
    /// How far the loops of `tiles` stand inside `outer`.
    pub tiles_at: usize,
    /// Loops over K that carry the sum, outermost first; never empty.
    pub reduction: Vec<(LoopKind, Axis)>,
    /// Whether the places of N are inside the reduction; then no loop of `outer` is over `np`.
    pub places_inside: bool,
    pub product: Product,
}

impl Recipe {
    pub fn nest(&self) -> Nest {
        let acc = self.copied("acc");
        let mut body = self.copies(self.product());
        for (kind, axis) in self.reduction.iter().rev() {
            body = vec![Node::Loop(Loop::new(*kind, *axis, body).carrying(std::slice::from_ref(&acc)))];
        }
        let (target, value) = (Tensor::C.element(), Expr::read(acc));
        let result = if self.tiles.is_empty() {
            Statement::Assign { target, value }
        } else {
            Statement::Accumulate { target, value }
        };
        body.extend(self.copies(vec![Node::Statement(result)]));
        let mut loops = self.outer.clone();
        for (offset, tile) in self.tiles.iter().enumerate() {
            loops.insert((self.tiles_at + offset).min(loops.len()), *tile);
        }
        for (kind, axis) in loops.into_iter().rev() {
            body = vec![Node::Loop(Loop::new(kind, axis, body))];
        }
        Nest { body }
    }

    /// A value of one step: a copy for each place of N when those are inside.
    fn copied(&self, name: &str) -> Access {
        let places: &[Axis] = if self.places_inside { &[Axis::Np] } else { &[] };
        Access::indexed(name, places)
    }

    fn copies(&self, body: Vec<Node>) -> Vec<Node> {
        if self.places_inside { vec![Node::Loop(Loop::new(LoopKind::Spatial, Axis::Np, body))] } else { body }
    }

    fn product(&self) -> Vec<Node> {
        let acc = self.copied("acc");
        let assign = |target: Access, value| Node::Statement(Statement::Assign { target, value });
        let accumulate = |value| Node::Statement(Statement::Accumulate { target: acc.clone(), value });
        let read = |name: &str| Expr::read(Access::scalar(name));
        match &self.product {
            Product::Opaque { named } => {
                let product = Expr::multiply(Expr::read(Tensor::A.element()), Expr::read(Tensor::B.element()));
                if *named {
                    vec![assign(Access::scalar("p"), product), accumulate(read("p"))]
                } else {
                    vec![accumulate(product)]
                }
            }
            Product::Serial { operand } => {
                let (encode, mapped) = digits(*operand);
                let inside = vec![accumulate(Expr::shift(mapped, Axis::Bw))];
                let serial = Loop::new(LoopKind::Temporal, Axis::Bw, inside).carrying(std::slice::from_ref(&acc));
                vec![encode, Node::Loop(serial)]
            }
            Product::Compressed { operand, shift, swapped, twice } => {
                let (encode, mapped) = digits(*operand);
                let partial = Access::indexed("pp", &[Axis::Bw]);
                let shifted = Access::indexed("shifted", &[Axis::Bw]);
                let (made, term) = match shift {
                    ShiftPlace::WithMap => {
                        (vec![assign(partial.clone(), Expr::shift(mapped, Axis::Bw))], Expr::read(partial.clone()))
                    }
                    ShiftPlace::OwnStatement => (
                        vec![
                            assign(partial.clone(), mapped),
                            assign(shifted.clone(), Expr::shift(Expr::read(partial.clone()), Axis::Bw)),
                        ],
                        Expr::read(shifted),
                    ),
                    ShiftPlace::InsideReduce => {
                        (vec![assign(partial.clone(), mapped)], Expr::shift(Expr::read(partial.clone()), Axis::Bw))
                    }
                };
                let mut body = vec![encode, Node::Loop(Loop::new(LoopKind::Spatial, Axis::Bw, made))];
                let mut terms = vec![Term::over(term, Axis::Bw)];
                if *twice {
                    body.push(Node::Statement(Statement::HalfReduce {
                        sum: Access::scalar("first_s"),
                        carry: Access::scalar("first_c"),
                        terms,
                    }));
                    terms = vec![Term::single(read("first_s")), Term::single(read("first_c"))];
                }
                let (s, c) = (Access::scalar("s"), Access::scalar("c"));
                let (left, right) = if *swapped { (c.clone(), s.clone()) } else { (s.clone(), c.clone()) };
                body.push(Node::Statement(Statement::HalfReduce { sum: s, carry: c, terms }));
                body.push(accumulate(Expr::addition(Expr::read(left), Expr::read(right))));
                body
            }
        }
    }
}

/// The statement that encodes an operand, and one digit's partial product.
fn digits(operand: Operand) -> (Node, Expr) {
    let (encoded, word) = match operand {
        Operand::A => (Tensor::A, Tensor::B),
        Operand::B => (Tensor::B, Tensor::A),
    };
    let encode = Statement::Assign { target: Access::scalar("digits"), value: Expr::Encode(encoded.element()) };
    let digit = Expr::read(Access::indexed("digits", &[Axis::Bw]));
    (Node::Statement(encode), Expr::map(Expr::read(word.element()), digit))
}

fn kind() -> impl Strategy<Value = LoopKind> {
    prop_oneof![Just(LoopKind::Spatial), Just(LoopKind::Temporal)]
}

/// A dimension whole or in two parts.
fn split(whole: Axis) -> impl Strategy<Value = Vec<(LoopKind, Axis)>> {
    let (tile, place) = whole.parts().expect("M, N or K");
    prop_oneof![
        kind().prop_map(move |kind| vec![(kind, whole)]),
        (kind(), kind(), any::<bool>()).prop_map(move |(outer, inner, tile_first)| {
            if tile_first { vec![(outer, tile), (inner, place)] } else { vec![(outer, place), (inner, tile)] }
        }),
    ]
}

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![Just(Operand::A), Just(Operand::B)]
}

fn product() -> impl Strategy<Value = Product> {
    let shift = prop_oneof![Just(ShiftPlace::WithMap), Just(ShiftPlace::OwnStatement), Just(ShiftPlace::InsideReduce)];
    prop_oneof![
        1 => any::<bool>().prop_map(|named| Product::Opaque { named }),
        4 => (operand(), shift, any::<bool>(), any::<bool>()).prop_map(|(operand, shift, swapped, twice)| {
            Product::Compressed { operand, shift, swapped, twice }
        }),
        1 => operand().prop_map(|operand| Product::Serial { operand }),
    ]
}

/// Any recipe.
pub fn recipe() -> impl Strategy<Value = Recipe> {
    let loops = (split(Axis::M), split(Axis::N), split(Axis::K));
    (loops, any::<bool>(), any::<bool>(), 0_usize..5, product())
        .prop_flat_map(|((m, n, k), tiles_in_c, want_inside, tiles_at, product)| {
            // Tiles of K add up in C when they run in time and the places are left to reduce.
            let tiled = tiles_in_c && k.len() == 2 && k[0].0 == LoopKind::Temporal;
            let (tiles, reduction) = k.split_at(usize::from(tiled));
            let places_inside = want_inside && n.contains(&(LoopKind::Spatial, Axis::Np));
            let outer: Vec<_> =
                m.into_iter().chain(n).filter(|(_, axis)| !(places_inside && *axis == Axis::Np)).collect();
            let (tiles, reduction) = (tiles.to_vec(), reduction.to_vec());
            (Just(outer).prop_shuffle(), Just((tiles, tiles_at, reduction, places_inside, product)))
        })
        .prop_map(|(outer, (tiles, tiles_at, reduction, places_inside, product))| Recipe {
            outer,
            tiles,
            tiles_at,
            reduction,
            places_inside,
            product,
        })
}

/// Matrices, an array and formats; the values have extremes more often than chance would.
#[derive(Clone, Debug)]
pub struct Case {
    pub a: Matrix<i32>,
    pub b: Matrix<i32>,
    pub a_bits: u32,
    pub b_bits: u32,
    pub places: [u64; 3],
    pub word_bits: u32,
    /// Of the operand that becomes digits.
    pub encoding: EncodingKind,
    /// Of the other, where both do.
    pub other: EncodingKind,
}

impl Case {
    /// The problem for a nest that encodes `operand` alone.
    pub fn problem(&self, operand: Option<Operand>) -> Problem<'_> {
        let rule = |of| (operand == Some(of)).then(|| self.rule(of, self.encoding));
        self.with(rule(Operand::A), rule(Operand::B))
    }

    /// The problem for a nest in which both operands become digits, each in an encoding of its own.
    pub fn problem_of_both(&self) -> Problem<'_> {
        self.with(Some(self.rule(Operand::A, self.encoding)), Some(self.rule(Operand::B, self.other)))
    }

    fn rule(&self, operand: Operand, encoding: EncodingKind) -> DigitRule {
        DigitRule { encoding, bits: if operand == Operand::A { self.a_bits } else { self.b_bits } }
    }

    fn with(&self, a_digits: Option<DigitRule>, b_digits: Option<DigitRule>) -> Problem<'_> {
        Problem { a: &self.a, b: &self.b, places: self.places, word_bits: self.word_bits, a_digits, b_digits }
    }

    /// The triple loop in i64, wrapped to the word.
    pub fn reference(&self) -> Matrix<i64> {
        Matrix::from_fn(self.a.rows(), self.b.cols(), |row, col| {
            let product = |k: usize| i64::from(self.a[(row, k)]) * i64::from(self.b[(k, col)]);
            let exact: i64 = (0..self.a.cols()).map(product).sum();
            let unused = 64 - self.word_bits;
            (exact << unused) >> unused
        })
    }
}

fn value(bits: u32) -> impl Strategy<Value = i32> {
    let (least, greatest) = signed_range(bits);
    prop_oneof![3 => least..=greatest, 1 => Just(least), 1 => Just(greatest), 1 => Just(0)]
}

fn matrix(rows: usize, cols: usize, bits: u32) -> impl Strategy<Value = Matrix<i32>> {
    prop::collection::vec(value(bits), rows * cols)
        .prop_map(move |values| Matrix::from_rows(rows, cols, values).expect("rows x cols values"))
}

/// Any case up to 5 x 5 x 6, on arrays up to 3 x 3 x 3. Words are as narrow as the product, so that sums wrap.
pub fn case() -> impl Strategy<Value = Case> {
    let shape = (1_usize..=5, 1_usize..=5, 1_usize..=6);
    let encoding = || prop::sample::select(EncodingKind::ALL.to_vec());
    let formats = (2_u32..=16, 2_u32..=16, 0_u32..=32, encoding(), encoding());
    (shape, formats, [1_u64..=3, 1..=3, 1..=3]).prop_flat_map(
        |((m, n, k), (a_bits, b_bits, guard, encoding, other), places)| {
            (matrix(m, k, a_bits), matrix(k, n, b_bits)).prop_map(move |(a, b)| Case {
                a,
                b,
                a_bits,
                b_bits,
                places,
                word_bits: a_bits + b_bits + guard,
                encoding,
                other,
            })
        },
    )
}
