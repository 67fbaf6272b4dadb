//! Whether a nest means something: scopes of values, loop variables, kinds, and C written once.
//!
//! Every rule works on the path from the outermost loop to a statement, so a nest that passes can be run and built without
//! a further check.

mod clauses;
mod reads;
mod scope;

use super::error::{Code, NotationError, Place};
use super::print::same_line;
use super::{Access, Axis, Dimension, Domain, Expr, Loop, LoopKind, NOfM, Nest, Node, Statement, Tensor, Term};
use scope::{Kind, Scope, Value, is_reserved};

impl Nest {
    /// Whether the nest is well formed; mistakes have the lines of its printed form.
    ///
    /// # Errors
    /// Every mistake found, in the order of the text.
    pub fn well_formed(&self) -> Result<(), Vec<NotationError>> {
        self.check(&self.places())
    }

    /// Where each loop and statement stands in the printed form, in order.
    pub fn places(&self) -> Vec<Place> {
        fn block(body: &[Node], depth: usize, next: &mut usize, places: &mut Vec<Place>) {
            for node in body {
                let place = Place { line: *next, column: 2 * depth + 1 };
                *next += 1;
                places.push(place);
                if let Node::Loop(outer) = node {
                    let mut inner = outer;
                    while let Some(shared) = same_line(inner) {
                        places.push(place);
                        inner = shared;
                    }
                    block(&inner.body, depth + 1, next, places);
                }
            }
        }
        let mut places = Vec::new();
        block(&self.body, 0, &mut 1, &mut places);
        places
    }

    /// Whether the nest is well formed; `places` has the place of each loop and statement, in order.
    pub(super) fn check(&self, places: &[Place]) -> Result<(), Vec<NotationError>> {
        let mut checker = Checker {
            places,
            next: 0,
            place: Place { line: 1, column: 1 },
            scope: Scope::of(self),
            encoded: None,
            kept: self.kept(),
            results: 0,
            errors: Vec::new(),
        };
        checker.block(&self.body);
        if checker.results != 1 {
            let found = match checker.results {
                0 => "no statement writes C".to_owned(),
                several => format!("{several} statements write C"),
            };
            checker.report(Code::ResultStatements, found, "end with one `C[m,n] = ...` or `C[m,n] += ...`");
        }
        if checker.errors.is_empty() { Ok(()) } else { Err(checker.errors) }
    }
}

struct Checker<'a> {
    places: &'a [Place],
    /// Loops and statements visited.
    next: usize,
    place: Place,
    scope: Scope<'a>,
    /// The operand whose digits `bw` runs over, as the first `encode` says.
    encoded: Option<Tensor>,
    /// What is kept of each group of K, as the first loop over kept places says.
    kept: Option<NOfM>,
    /// Statements that write C.
    results: usize,
    errors: Vec<NotationError>,
}

impl<'a> Checker<'a> {
    fn report(&mut self, code: Code, message: String, help: &str) {
        let Place { line, column } = self.place;
        self.errors.push(NotationError { code, message, line, column, help: help.to_owned() });
    }

    fn block(&mut self, body: &'a [Node]) {
        for node in body {
            self.place = self.places.get(self.next).copied().unwrap_or(self.place);
            self.next += 1;
            match node {
                Node::Loop(inner) => self.enter(inner),
                Node::Statement(statement) => self.statement(statement),
            }
        }
    }

    fn enter(&mut self, of: &'a Loop) {
        if let Some(outer) = self.scope.loops.iter().find(|outer| shares(outer.axis, of.axis)) {
            let message = format!("`{of}` is inside `{outer}`, which runs over the same dimension");
            self.report(Code::LoopVariableBoundTwice, message, "use each of `m` or `mt`, `mp` once on a path");
        }
        self.clauses(of);
        let extent = match of.domain {
            Domain::Extent(extent) | Domain::Down(extent) => extent,
            Domain::Sparse(_) | Domain::Values(_) | Domain::Kept(_) => of.axis,
        };
        if extent != of.axis {
            let message = format!(
                "`{of}` runs over `{}`; `{}` has the extent `{}`",
                extent.extent_name(),
                of.axis,
                of.axis.extent_name()
            );
            self.report(Code::ExtentMismatch, message, "split a dimension in tiles and places: `mt in MT`, `mp in MP`");
        }
        if of.body.is_empty() {
            self.report(Code::EmptyLoop, format!("nothing is inside `{of}`"), "remove the loop");
        }
        let statements = of.statements();
        for (place, carried) in of.carried.iter().enumerate() {
            self.name(carried);
            if of.carried[..place].iter().any(|other| other.name == carried.name) {
                self.report(Code::WrittenTwice, format!("`{of}` carries `{}` twice", carried.name), "name it once");
            }
            let written = statements.iter().flat_map(|statement| statement.writes()).any(|write| write == carried);
            if !written {
                let message = format!("`{of}` carries `{carried}`, and no statement in it writes that");
                self.report(Code::CarriedNeverWritten, message, "carry what the loop changes");
            }
        }
        self.scope.enter(of);
        self.block(&of.body);
        self.scope.leave();
    }

    fn statement(&mut self, statement: &'a Statement) {
        match statement {
            Statement::Assign { target, value: Expr::Encode(source) | Expr::Stored(source) } => {
                self.encode(statement, source);
                self.write(statement, target, Kind::Digits);
            }
            Statement::Assign { target, value } => {
                self.word(statement, value, None);
                self.write(statement, target, Kind::Word);
            }
            Statement::Accumulate { target, value } => {
                self.word(statement, value, None);
                if target.tensor().is_none() && self.scope.alive(&target.name).is_none() {
                    let message = format!("`{statement}` adds to `{target}`, which no loop around it carries");
                    let help = format!("let the loop that adds up carry it, e.g. `for k in K carrying {target}`");
                    return self.report(Code::NotCarried, message, &help);
                }
                if target.tensor().is_none() {
                    self.read(statement, target, Kind::Word, None);
                }
                self.write(statement, target, Kind::Word);
            }
            Statement::HalfReduce { sum, carry, terms } => {
                for term in terms {
                    self.term(statement, term);
                }
                self.write(statement, sum, Kind::Word);
                self.write(statement, carry, Kind::Word);
                if sum.name == carry.name {
                    let message = format!("`{statement}` writes `{}` twice", sum.name);
                    self.report(Code::WrittenTwice, message, "give the sum and the carry a name each");
                }
            }
            Statement::Raise { sum, carry } => {
                for access in [sum, carry] {
                    self.read(statement, access, Kind::Word, None);
                    self.write(statement, access, Kind::Word);
                }
            }
        }
    }

    fn term(&mut self, statement: &Statement, term: &Term) {
        if let Some(axis) = term.over {
            if let Some(outer) = self.scope.loops.iter().find(|outer| shares(outer.axis, axis)) {
                let message =
                    format!("`{statement}` reduces over `{axis}` inside `{outer}`, which is one of its iterations");
                self.report(Code::LoopVariableBoundTwice, message, "move the `half_reduce` behind that loop");
            }
            let copies = |read: &Access| {
                self.scope.alive(&read.name).is_some_and(|value| value.indices.contains(&axis))
                    && read.indices.contains(&axis)
            };
            if !term.value.reads().into_iter().any(copies) {
                let message = format!(
                    "`{statement}` reduces over `{axis}`, and `{}` has no copies made by a `par {axis}` loop",
                    term.value
                );
                self.report(
                    Code::OverNotSpatial,
                    message,
                    "write the words in a `par` loop first, e.g. `pp[bw] = ...`",
                );
            }
        }
        self.word(statement, &term.value, term.over);
    }

    fn write(&mut self, statement: &'a Statement, target: &'a Access, kind: Kind) {
        match target.tensor() {
            Some(Tensor::C) => return self.result(statement, target, kind),
            Some(operand) => {
                let message = format!("`{statement}` writes the operand {}", operand.name());
                return self.report(Code::MatrixDirection, message, "write C or a value of its own name");
            }
            None => self.name(target),
        }
        let spatial =
            |axis: &Axis| self.scope.loops.iter().any(|outer| outer.kind == LoopKind::Spatial && outer.axis == *axis);
        let repeated = (1..target.indices.len()).any(|place| target.indices[..place].contains(&target.indices[place]));
        if repeated || !target.indices.iter().all(spatial) {
            let message =
                format!("`{statement}` writes `{target}`, whose indices are not different `par` loops around it");
            self.report(Code::IndexNotSpatial, message, "index a value by the `par` loops that copy it");
        }
        if self.scope.writers(&target.name) > 1 && !self.scope.written_before(&target.name) {
            let message = format!(
                "`{}` is written by {} statements, first by `{statement}`",
                target.name,
                self.scope.writers(&target.name)
            );
            self.report(Code::WrittenTwice, message, "give each statement's value its own name");
        }
        if let Some(outer) = self.scope.lost_in(target) {
            let message = format!(
                "`{statement}` changes `{}` of an outer level inside `{outer}`, which does not carry it",
                target.name
            );
            let help = format!(
                "write `{} {} in {} carrying {target}`",
                outer.kind.keyword(),
                outer.axis,
                outer.axis.extent_name()
            );
            self.report(Code::NotCarried, message, &help);
        }
        if let Some(value) = self.scope.alive(&target.name).filter(|value| value.indices != target.indices) {
            let carried = Access { name: target.name.clone(), indices: value.indices.clone() };
            let message = format!("`{statement}` writes `{target}`, which is carried as `{carried}`");
            self.report(Code::IndicesDiffer, message, "use the same indices in the same order");
        }
        self.scope.write(target, Value { kind, indices: target.indices.clone() });
    }

    /// The statement that writes C: each element once, or once for each part of K when they add up.
    fn result(&mut self, statement: &Statement, target: &Access, kind: Kind) {
        self.results += 1;
        if kind != Kind::Word {
            let message = format!("`{statement}` writes digits where a word belongs");
            self.report(Code::WrongKind, message, "write the sum of the partial products");
        }
        self.element(statement, target, Tensor::C, None);
        let adds_up = matches!(statement, Statement::Accumulate { .. });
        let again = self.scope.loops.iter().copied().find(|outer| {
            let own = matches!(outer.axis.dimension(), Dimension::M | Dimension::N);
            !own && (!adds_up || outer.kind == LoopKind::Spatial)
        });
        if let Some(outer) = again {
            let message = format!("`{statement}` writes one element of C in every iteration of `{outer}`");
            self.report(Code::ResultNotOnce, message, "move it behind that loop, which carries the sum");
        }
    }

    /// A value's name must not mean something else.
    fn name(&mut self, access: &Access) {
        if is_reserved(&access.name) {
            let message = format!("`{}` cannot name a value", access.name);
            self.report(
                Code::ReservedName,
                message,
                "use letters, digits and underscores, and no word of the notation",
            );
        }
    }
}

/// Whether two loops on one path would run over the same indices.
fn shares(outer: Axis, inner: Axis) -> bool {
    outer == inner || (outer.dimension() == inner.dimension() && (outer == outer.whole() || inner == inner.whole()))
}
