//! Statements: what is read, what is written, and the primitive in between.

use super::Axis;

/// A matrix of C\[M,N\] += A\[M,K\] * B\[K,N\].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tensor {
    /// A\[M,K\], read only.
    A,
    /// B\[K,N\], read only.
    B,
    /// C\[M,N\], written only.
    C,
}

impl Tensor {
    /// Its name in the text form.
    pub fn name(self) -> &'static str {
        match self {
            Tensor::A => "A",
            Tensor::B => "B",
            Tensor::C => "C",
        }
    }

    /// The indices it is accessed with.
    pub fn indices(self) -> [Axis; 2] {
        match self {
            Tensor::A => [Axis::M, Axis::K],
            Tensor::B => [Axis::K, Axis::N],
            Tensor::C => [Axis::M, Axis::N],
        }
    }

    /// The tensor of a name.
    pub fn from_name(name: &str) -> Option<Tensor> {
        [Tensor::A, Tensor::B, Tensor::C].into_iter().find(|tensor| tensor.name() == name)
    }

    /// Its element at the current indices, e.g. `A[m,k]`.
    pub fn element(self) -> Access {
        Access { name: self.name().to_owned(), indices: self.indices().to_vec() }
    }
}

/// A place that is read or written: an element of a matrix, or a value inside the array.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// `A`, `B`, `C`, or a value's own name.
    pub name: String,
    /// Loop variables; a value written in several copies has one index for each spatial loop around it that its
    /// readers look across, and digits have their slot last.
    pub indices: Vec<Axis>,
}

impl Access {
    /// A value without indices.
    pub fn scalar(name: &str) -> Access {
        Access { name: name.to_owned(), indices: Vec::new() }
    }

    /// A value with indices.
    pub fn indexed(name: &str, indices: &[Axis]) -> Access {
        Access { name: name.to_owned(), indices: indices.to_vec() }
    }

    /// The matrix it is an element of, if it is one.
    pub fn tensor(&self) -> Option<Tensor> {
        Tensor::from_name(&self.name)
    }
}

/// A word or a vector of digits, from what is read to what a part of the array makes of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// A matrix element or a value.
    Read(Access),
    /// The digits of an element of A or B, one word each slot.
    Encode(Access),
    /// The digits of an element of A or B that arrives as digits.
    Stored(Access),
    /// A word times one digit: the partial product, not yet at its weight.
    Map {
        /// The word, an element of the operand that is not encoded.
        word: Box<Expr>,
        /// The digit.
        digit: Box<Expr>,
    },
    /// A word moved to the weight of digit slot `by`: times `radix^by`.
    Shift {
        /// The word.
        word: Box<Expr>,
        /// The bit-weight loop.
        by: Axis,
    },
    /// The product as one operator, left to the synthesiser.
    Multiply(Box<Expr>, Box<Expr>),
    /// Carry-propagate addition, modulo the word.
    Add(Box<Expr>, Box<Expr>),
}

impl Expr {
    /// Reads a place.
    pub fn read(access: Access) -> Expr {
        Expr::Read(access)
    }

    /// `map(word, digit)`.
    pub fn map(word: Expr, digit: Expr) -> Expr {
        Expr::Map { word: Box::new(word), digit: Box::new(digit) }
    }

    /// `shift(word, by)`.
    pub fn shift(word: Expr, by: Axis) -> Expr {
        Expr::Shift { word: Box::new(word), by }
    }

    /// `multiply(left, right)`.
    pub fn multiply(left: Expr, right: Expr) -> Expr {
        Expr::Multiply(Box::new(left), Box::new(right))
    }

    /// `add(left, right)`.
    pub fn addition(left: Expr, right: Expr) -> Expr {
        Expr::Add(Box::new(left), Box::new(right))
    }

    /// The operands of the primitive, outermost only.
    pub fn operands(&self) -> Vec<&Expr> {
        match self {
            Expr::Read(_) | Expr::Encode(_) | Expr::Stored(_) => Vec::new(),
            Expr::Map { word, digit } => vec![word, digit],
            Expr::Shift { word, .. } => vec![word],
            Expr::Multiply(left, right) | Expr::Add(left, right) => vec![left, right],
        }
    }

    /// Itself and all expressions inside, outermost first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        visit(self);
        for operand in self.operands() {
            operand.walk(visit);
        }
    }

    /// Every place it reads, left to right.
    pub fn reads(&self) -> Vec<&Access> {
        let mut reads = Vec::new();
        self.walk(&mut |expr| {
            if let Expr::Read(access) | Expr::Encode(access) | Expr::Stored(access) = expr {
                reads.push(access);
            }
        });
        reads
    }

    /// The same expression with every read of value `name` replaced.
    pub fn substitute(&self, name: &str, with: &Expr) -> Expr {
        match self {
            Expr::Read(access) if access.name == name => with.clone(),
            Expr::Read(_) | Expr::Encode(_) | Expr::Stored(_) => self.clone(),
            Expr::Map { word, digit } => Expr::map(word.substitute(name, with), digit.substitute(name, with)),
            Expr::Shift { word, by } => Expr::shift(word.substitute(name, with), *by),
            Expr::Multiply(left, right) => Expr::multiply(left.substitute(name, with), right.substitute(name, with)),
            Expr::Add(left, right) => Expr::addition(left.substitute(name, with), right.substitute(name, with)),
        }
    }
}

/// One argument of `half_reduce`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// The word.
    pub value: Expr,
    /// The spatial loop whose copies are all taken; `None` for a single word.
    pub over: Option<Axis>,
}

impl Term {
    /// A single word.
    pub fn single(value: Expr) -> Term {
        Term { value, over: None }
    }

    /// The words of all copies of a spatial loop.
    pub fn over(value: Expr, axis: Axis) -> Term {
        Term { value, over: Some(axis) }
    }
}

/// One statement of a nest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Statement {
    /// `target = value`.
    Assign {
        /// What is written.
        target: Access,
        /// What it becomes.
        value: Expr,
    },
    /// `target += value`: an addition to a carried value or to C, modulo the word.
    Accumulate {
        /// What is read and written.
        target: Access,
        /// What is added.
        value: Expr,
    },
    /// `sum, carry = half_reduce(terms)`: compresses any number of words to two with the same sum modulo the word,
    /// without propagating a carry.
    HalfReduce {
        /// The sum word.
        sum: Access,
        /// The carry word, already at its weight.
        carry: Access,
        /// What is compressed, at least one.
        terms: Vec<Term>,
    },
    /// `sum, carry = raise(sum, carry)`: the pair moves up by one bit weight, times the radix.
    Raise {
        /// The sum word, read and written.
        sum: Access,
        /// The carry word, read and written.
        carry: Access,
    },
}

impl Statement {
    /// What it writes.
    pub fn writes(&self) -> Vec<&Access> {
        match self {
            Statement::Assign { target, .. } | Statement::Accumulate { target, .. } => vec![target],
            Statement::HalfReduce { sum, carry, .. } | Statement::Raise { sum, carry } => vec![sum, carry],
        }
    }

    /// Its expressions, left to right.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Statement::Assign { value, .. } | Statement::Accumulate { value, .. } => vec![value],
            Statement::HalfReduce { terms, .. } => terms.iter().map(|term| &term.value).collect(),
            Statement::Raise { .. } => Vec::new(),
        }
    }

    /// Every place its expressions read. The target of `+=` is not among them.
    pub fn reads(&self) -> Vec<&Access> {
        self.expressions().into_iter().flat_map(Expr::reads).collect()
    }

    /// Whether some expression in it satisfies `wanted`.
    pub fn contains(&self, mut wanted: impl FnMut(&Expr) -> bool) -> bool {
        let mut found = false;
        for expr in self.expressions() {
            expr.walk(&mut |inner| found |= wanted(inner));
        }
        found
    }
}
