//! The state of a run: the iteration of every loop, the values alive, C.

use std::collections::BTreeMap;

use super::word::Word;
use super::{EvaluationError, Problem};
use crate::matrix::Matrix;
use crate::notation::transform::Matching;
use crate::notation::{
    Access, Axis, Domain, Expr, Extents, Loop, LoopKind, NOfM, Nest, Node, Operand, Sparse, Statement, Tensor, Term,
};

/// A value that is alive: a word or digits for each of its copies.
#[derive(Clone)]
struct Value {
    indices: Vec<Axis>,
    copies: BTreeMap<Vec<u64>, Content>,
}

#[derive(Clone)]
enum Content {
    Word(u64),
    Digits(Vec<i8>),
}

/// A nest being run.
pub(super) struct Machine<'a> {
    problem: &'a Problem<'a>,
    /// The operand whose digits `bw` runs over; `bv` runs over those of the other.
    encoded: Option<Operand>,
    /// What is kept of each group of K.
    kept: Option<NOfM>,
    extents: Extents,
    word: Word,
    /// The iteration of every loop around.
    at: BTreeMap<Axis, u64>,
    /// Values alive, by name.
    values: BTreeMap<String, Value>,
    c: Matrix<u64>,
    /// The digits of this iteration of the sparse loops around, by name.
    digits: BTreeMap<&'static str, i8>,
    /// The step and the digit of each lane, where digits share an accumulator.
    lanes: Vec<(u64, i8)>,
}

impl<'a> Machine<'a> {
    /// Before the first line: no value is alive, C is zero.
    pub(super) fn new(nest: &Nest, problem: &'a Problem<'a>) -> Machine<'a> {
        Machine {
            problem,
            encoded: nest.encoded_operand(),
            kept: nest.kept(),
            extents: problem.extents(nest),
            word: Word { bits: problem.word_bits },
            at: BTreeMap::new(),
            values: BTreeMap::new(),
            c: Matrix::filled(problem.a.rows(), problem.b.cols(), 0),
            digits: BTreeMap::new(),
            lanes: Vec::new(),
        }
    }

    /// C, sign-extended.
    pub(super) fn result(&self) -> Matrix<i64> {
        Matrix::from_fn(self.c.rows(), self.c.cols(), |row, col| self.word.signed(self.c[(row, col)]) as i64)
    }

    /// Runs the lines of one level.
    pub(super) fn block(&mut self, body: &[Node]) -> Result<(), EvaluationError> {
        for node in body {
            match node {
                Node::Loop(inner) => self.run(inner)?,
                Node::Statement(statement) => self.execute(statement)?,
            }
        }
        Ok(())
    }

    fn run(&mut self, of: &Loop) -> Result<(), EvaluationError> {
        let mut kept: Vec<String> = self.values.keys().cloned().collect();
        for carried in &of.carried {
            // A copy of a carried value that has not been written reads as zero, so no copy is made here.
            let start = || Value { indices: carried.indices.clone(), copies: BTreeMap::new() };
            self.values.entry(carried.name.clone()).or_insert_with(start);
            kept.push(carried.name.clone());
        }
        match of.domain {
            Domain::Extent(axis) => {
                for iteration in 0..self.extent(axis) {
                    self.iterate(of, iteration, &kept)?;
                }
            }
            Domain::Down(axis) => {
                for iteration in (0..self.extent(axis)).rev() {
                    self.iterate(of, iteration, &kept)?;
                }
            }
            Domain::Sparse(digits) => self.run_sparse(of, digits, &kept)?,
            Domain::Values(values) => {
                for k in 0..self.extents.of(Axis::K) {
                    self.at.insert(Axis::K, k);
                    let matched = values.matching == Matching::A || self.has_values_of_b(k);
                    if self.operand(&Tensor::A.element()) != 0 && matched {
                        self.iterate(of, k, &kept)?;
                    }
                }
            }
            Domain::Kept(of_m) => self.run_kept(of, of_m, &kept)?,
        }
        self.at.remove(&of.axis);
        Ok(())
    }

    /// Whether row `k` of B has a value that is not zero in the columns of the tile.
    fn has_values_of_b(&self, k: u64) -> bool {
        let first = self.position(Axis::Nt) * self.extents.of(Axis::Np);
        let columns = first..(first + self.extents.of(Axis::Np)).min(self.extents.of(Axis::N));
        columns.map(|n| self.problem.b[(k as usize, n as usize)]).any(|value| value != 0)
    }

    fn extent(&self, axis: Axis) -> u64 {
        if axis == Axis::G { self.lanes.len() as u64 } else { self.extents.of(axis) }
    }

    fn iterate(&mut self, of: &Loop, iteration: u64, kept: &[String]) -> Result<(), EvaluationError> {
        self.at.insert(of.axis, iteration);
        if of.axis == Axis::G {
            let (k, digit) = self.lanes.get(iteration as usize).copied().unwrap_or_default();
            self.at.insert(Axis::K, k);
            self.digits.insert("digit", digit);
        }
        self.block(&of.body)?;
        self.values.retain(|name, value| {
            kept.contains(name) || (of.kind == LoopKind::Spatial && value.indices.contains(&of.axis))
        });
        Ok(())
    }

    /// Takes the places that a column of B has of each group; one that is left over stands beyond the edge of K.
    fn run_kept(&mut self, of: &Loop, of_m: NOfM, kept: &[String]) -> Result<(), EvaluationError> {
        for iteration in 0..self.extent(of.axis) {
            self.at.insert(of.axis, iteration);
            let k = self.kept_element(of_m);
            // `k` is an element of K from here on, whatever loops it is put together from.
            if of.axis != Axis::K {
                self.at.insert(Axis::K, k);
            }
            self.iterate(of, if of.axis == Axis::K { k } else { iteration }, kept)?;
            self.at.remove(&Axis::K);
        }
        Ok(())
    }

    /// The k that the place of K at hand stands for.
    fn kept_element(&self, of_m: NOfM) -> u64 {
        let (place, col) = (self.position(Axis::K) as usize, self.position(Axis::N) as usize);
        let b = self.problem.b;
        let source = if col < b.cols() { of_m.source(b, place, col) } else { None };
        source.unwrap_or(b.rows()) as u64
    }

    /// Takes the digits that are not zero, and a zero for a lane that has none left.
    fn run_sparse(&mut self, of: &Loop, digits: Sparse, kept: &[String]) -> Result<(), EvaluationError> {
        let source = match digits.operand {
            Operand::A => Tensor::A.element(),
            Operand::B => Tensor::B.element(),
        };
        let name = of.digit().unwrap_or_default();
        let Some(groups) = digits.groups else {
            for (slot, digit) in self.encode(&source)?.into_iter().enumerate().filter(|(_, digit)| *digit != 0) {
                self.digits.insert(name, digit);
                self.iterate(of, slot as u64, kept)?;
            }
            self.digits.remove(name);
            return Ok(());
        };
        let slot = self.position(Axis::Bw) as usize;
        let mut queues = vec![Vec::new(); digits.lanes() as usize];
        let lanes = queues.len() as u64;
        for k in 0..self.extents.of(Axis::K) {
            self.at.insert(Axis::K, k);
            let digit = self.encode(&source)?.get(slot).copied().unwrap_or(0);
            let lane = (k / u64::from(groups.size)) % lanes;
            if let (true, Some(queue)) = (digit != 0, queues.get_mut(lane as usize)) {
                queue.push((k, digit));
            }
        }
        for step in 0..queues.iter().map(Vec::len).max().unwrap_or(0) {
            self.lanes = queues.iter().map(|queue| queue.get(step).copied().unwrap_or_default()).collect();
            let (k, digit) = self.lanes.first().copied().unwrap_or_default();
            self.digits.insert(name, digit);
            self.iterate(of, k, kept)?;
        }
        self.digits.remove(name);
        self.lanes.clear();
        Ok(())
    }

    fn execute(&mut self, statement: &Statement) -> Result<(), EvaluationError> {
        match statement {
            Statement::Assign { target, value: Expr::Encode(source) | Expr::Stored(source) } => {
                let digits = self.encode(source)?;
                self.write(target, Content::Digits(digits));
            }
            Statement::Assign { target, value } => {
                let word = self.value(value);
                match self.element(target) {
                    Some((row, col)) => self.write_c(row, col, word),
                    None => self.write(target, Content::Word(word)),
                }
            }
            Statement::Accumulate { target, value } => {
                let addend = self.value(value);
                match self.element(target) {
                    Some((row, col)) => {
                        let before = if row < self.c.rows() && col < self.c.cols() { self.c[(row, col)] } else { 0 };
                        self.write_c(row, col, self.word.add(before, addend));
                    }
                    None => {
                        let before = self.read(target);
                        self.write(target, Content::Word(self.word.add(before, addend)));
                    }
                }
            }
            Statement::HalfReduce { sum, carry, terms } => {
                let words: Vec<u64> = terms.iter().flat_map(|term| self.words(term)).collect();
                let first = (words.first().copied().unwrap_or(0), words.get(1).copied().unwrap_or(0));
                let rest = words.iter().skip(2);
                let (s, c) = rest.fold(first, |pair, next| self.word.compress(pair, *next));
                self.write(sum, Content::Word(s));
                self.write(carry, Content::Word(c));
            }
            Statement::Raise { sum, carry } => {
                let radix = self.radix(Axis::Bw);
                for access in [sum, carry] {
                    let word = self.word.signed(self.read(access)).wrapping_mul(i128::from(radix));
                    self.write(access, Content::Word(self.word.wrap(word)));
                }
            }
        }
        Ok(())
    }

    /// The words of one argument of `half_reduce`.
    fn words(&mut self, term: &Term) -> Vec<u64> {
        let Some(axis) = term.over else { return vec![self.value(&term.value)] };
        let mut words = Vec::new();
        for copy in 0..self.extent(axis) {
            self.at.insert(axis, copy);
            if let Some(of_m) = self.kept.filter(|_| axis == Axis::Kp) {
                self.at.insert(Axis::K, self.kept_element(of_m));
            }
            words.push(self.value(&term.value));
            if axis == Axis::Kp && self.kept.is_some() {
                self.at.remove(&Axis::K);
            }
        }
        self.at.remove(&axis);
        words
    }

    fn value(&self, expr: &Expr) -> u64 {
        match expr {
            Expr::Read(access) => match access.tensor() {
                Some(_) => self.word.wrap(i128::from(self.operand(access))),
                None => self.read(access),
            },
            // Well-formedness lets `encode` stand only where `execute` takes it.
            Expr::Encode(_) | Expr::Stored(_) => 0,
            Expr::Map { word, digit } => {
                let Expr::Read(digit) = digit.as_ref() else { return 0 };
                self.word.wrap(self.word.signed(self.value(word)) * i128::from(self.digit(digit)))
            }
            Expr::Shift { word, by } => {
                let radix = self.radix(*by);
                let weight =
                    (0..self.position(*by)).fold(1, |weight, _| self.word.wrap(i128::from(weight) * i128::from(radix)));
                self.word.wrap(self.word.signed(self.value(word)).wrapping_mul(i128::from(weight)))
            }
            Expr::Multiply(left, right) => {
                let product = self.word.signed(self.value(left)) * self.word.signed(self.value(right));
                self.word.wrap(product)
            }
            Expr::Add(left, right) => self.word.add(self.value(left), self.value(right)),
        }
    }

    fn encode(&self, source: &Access) -> Result<Vec<i8>, EvaluationError> {
        let operand = if source.tensor() == Some(Tensor::A) { Operand::A } else { Operand::B };
        let rule = self.problem.digits(operand).ok_or(EvaluationError::NoDigits)?;
        Ok(rule.encoding.encoding().encode(self.operand(source), rule.bits)?)
    }

    /// The weight of a slot over that of the slot below; 1 without digits.
    fn radix(&self, slots: Axis) -> u32 {
        let operand = if slots == Axis::Bv { self.encoded.map(Operand::other) } else { self.encoded };
        let rule = operand.and_then(|operand| self.problem.digits(operand));
        rule.map_or(1, |rule| rule.encoding.encoding().radix())
    }

    /// Where an axis stands; a whole dimension that is split is put together from its parts.
    fn position(&self, axis: Axis) -> u64 {
        let whole = self.at.get(&axis).copied();
        whole.unwrap_or_else(|| match axis.parts() {
            Some((tile, place)) => self.position(tile) * self.extents.of(place) + self.position(place),
            None => 0,
        })
    }

    /// An element of A or B at the current indices; zero beyond the edge.
    fn operand(&self, access: &Access) -> i32 {
        let matrix = if access.tensor() == Some(Tensor::A) { self.problem.a } else { self.problem.b };
        match access.indices[..] {
            [row, col] => {
                let (row, col) = (self.position(row) as usize, self.position(col) as usize);
                if row < matrix.rows() && col < matrix.cols() { matrix[(row, col)] } else { 0 }
            }
            _ => 0,
        }
    }

    /// Row and column of C when the access is one of its elements.
    fn element(&self, access: &Access) -> Option<(usize, usize)> {
        match (access.tensor(), &access.indices[..]) {
            (Some(Tensor::C), [row, col]) => Some((self.position(*row) as usize, self.position(*col) as usize)),
            _ => None,
        }
    }

    /// Results of padding beyond the edge are dropped.
    fn write_c(&mut self, row: usize, col: usize, word: u64) {
        if row < self.c.rows() && col < self.c.cols() {
            self.c[(row, col)] = word;
        }
    }

    fn copy(&self, indices: &[Axis]) -> Vec<u64> {
        indices.iter().map(|axis| self.position(*axis)).collect()
    }

    fn write(&mut self, target: &Access, content: Content) {
        let copy = self.copy(&target.indices);
        let start = || Value { indices: target.indices.clone(), copies: BTreeMap::new() };
        self.values.entry(target.name.clone()).or_insert_with(start).copies.insert(copy, content);
    }

    fn content(&self, name: &str, indices: &[Axis]) -> Option<&Content> {
        self.values.get(name)?.copies.get(&self.copy(indices))
    }

    fn read(&self, access: &Access) -> u64 {
        if let Some(digit) = self.digits.get(access.name.as_str()) {
            return self.word.wrap(i128::from(*digit));
        }
        match self.content(&access.name, &access.indices) {
            Some(Content::Word(word)) => *word,
            _ => 0,
        }
    }

    fn digit(&self, access: &Access) -> i8 {
        let Some((slot, copy)) = access.indices.split_last() else {
            return self.digits.get(access.name.as_str()).copied().unwrap_or(0);
        };
        match self.content(&access.name, copy) {
            Some(Content::Digits(digits)) => digits.get(self.position(*slot) as usize).copied().unwrap_or(0),
            _ => 0,
        }
    }
}
