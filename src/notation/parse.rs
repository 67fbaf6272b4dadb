//! The text form read back: indentation makes the tree, each line is a loop header or a statement.

use std::str::FromStr;

use super::error::{Code, NotationError, Place};
use super::lex::{Line, Token, lines};
use super::transform::{EmptyGroups, LanePace, Matching, SyncPeriod};
use super::{
    Access, Axis, Domain, Expr, Groups, Loop, LoopKind, NOfM, Nest, Node, Operand, Sparse, Statement, Tensor, Term,
    Values,
};

/// Loops or calls inside each other, so that a text cannot exhaust the stack.
const MAX_DEPTH: usize = 32;

/// A nest with the lines of the text it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The nest.
    pub nest: Nest,
    /// For each loop and statement, in order, where its line begins.
    pub places: Vec<Place>,
}

impl Source {
    /// Reads a nest; comments run from `#` to the end of a line and are dropped.
    ///
    /// # Errors
    /// The first place where the text is not a nest.
    pub fn parse(text: &str) -> Result<Source, NotationError> {
        let lines = lines(text)?;
        let mut parser = Parser { lines: &lines, at: 0, places: Vec::new() };
        let indent = lines.first().map_or(0, |line| line.indent);
        let body = parser.block(indent, 0)?;
        match lines.get(parser.at) {
            Some(line) => Err(indentation(line)),
            None => Ok(Source { nest: Nest { body }, places: parser.places }),
        }
    }

    /// Whether the nest is well formed; mistakes have the lines of the text.
    ///
    /// # Errors
    /// Every mistake found.
    pub fn well_formed(&self) -> Result<(), Vec<NotationError>> {
        self.nest.check(&self.places)
    }
}

impl FromStr for Nest {
    type Err = NotationError;

    fn from_str(text: &str) -> Result<Nest, NotationError> {
        Ok(Source::parse(text)?.nest)
    }
}

struct Parser<'a> {
    lines: &'a [Line<'a>],
    at: usize,
    places: Vec<Place>,
}

impl<'a> Parser<'a> {
    /// The lines from here on that stand in column `indent`, with what is inside them.
    fn block(&mut self, indent: usize, depth: usize) -> Result<Vec<Node>, NotationError> {
        let mut body = Vec::new();
        while let Some(line) = self.lines.get(self.at).filter(|line| line.indent >= indent) {
            if line.indent > indent {
                return Err(indentation(line));
            }
            self.at += 1;
            let place = Place { line: line.number, column: line.indent + 1 };
            let mut cursor = Cursor { line, at: 0 };
            match cursor.loops()? {
                Some(headers) => {
                    self.places.extend(headers.iter().map(|_| place));
                    let depth = depth + headers.len();
                    if depth > MAX_DEPTH {
                        cursor.at = 0;
                        return Err(cursor.too_deep("loops"));
                    }
                    let inside = self.lines.get(self.at).map(|next| next.indent).filter(|inside| *inside > indent);
                    let Some(inside) = inside else { return Err(empty_loop(line)) };
                    let mut content = self.block(inside, depth)?;
                    for mut header in headers.into_iter().rev() {
                        header.body = content;
                        content = vec![Node::Loop(header)];
                    }
                    body.append(&mut content);
                }
                None => {
                    self.places.push(place);
                    body.push(Node::Statement(cursor.statement()?));
                }
            }
        }
        Ok(body)
    }
}

fn indentation(line: &Line<'_>) -> NotationError {
    NotationError {
        code: Code::BadIndentation,
        message: "the line stands in the column of no line around it".to_owned(),
        line: line.number,
        column: line.indent + 1,
        help: "indent the inside of a loop by two spaces, and return to the column of an earlier line".to_owned(),
    }
}

fn empty_loop(line: &Line<'_>) -> NotationError {
    NotationError {
        code: Code::EmptyLoop,
        message: "nothing is inside this loop".to_owned(),
        line: line.number,
        column: line.indent + 1,
        help: "indent what belongs to the loop by two more spaces".to_owned(),
    }
}

/// A place on one line.
struct Cursor<'a> {
    line: &'a Line<'a>,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.line.tokens.get(self.at).map(|(token, _)| *token)
    }

    fn column(&self) -> usize {
        self.line.tokens.get(self.at).map_or(self.line.end, |(_, column)| *column)
    }

    fn error(&self, code: Code, message: String, help: String) -> NotationError {
        NotationError { code, message, line: self.line.number, column: self.column(), help }
    }

    fn expected(&self, what: &str, help: &str) -> NotationError {
        let found = self.peek().map_or("the end of the line".to_owned(), |token| format!("`{}`", token.text()));
        self.error(Code::UnexpectedToken, format!("expected {what}, found {found}"), help.to_owned())
    }

    fn too_deep(&self, what: &str) -> NotationError {
        let help = format!("put at most {MAX_DEPTH} {what} inside each other");
        self.error(Code::TooDeep, format!("more than {MAX_DEPTH} {what} inside each other"), help)
    }

    fn takes(&mut self, text: &str) -> bool {
        let taken = self.peek().is_some_and(|token| token.text() == text);
        self.at += usize::from(taken);
        taken
    }

    fn expect(&mut self, text: &str, help: &str) -> Result<(), NotationError> {
        if self.takes(text) { Ok(()) } else { Err(self.expected(&format!("`{text}`"), help)) }
    }

    fn word(&mut self, what: &str, help: &str) -> Result<&'a str, NotationError> {
        let Some(Token::Word(word)) = self.peek() else { return Err(self.expected(what, help)) };
        self.at += 1;
        Ok(word)
    }

    fn end(&self) -> Result<(), NotationError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.expected("the end of the line", "write one loop header or statement a line")),
        }
    }

    /// The loops of a header, outermost first, still empty; `None` when the line is no header.
    fn loops(&mut self) -> Result<Option<Vec<Loop>>, NotationError> {
        const FORM: &str = "a loop reads `for k in K`, `par mp in MP, np in NP` or `for k in K carrying acc`";
        let kind = match self.peek() {
            Some(Token::Word("par")) => LoopKind::Spatial,
            Some(Token::Word("for")) => LoopKind::Temporal,
            _ => return Ok(None),
        };
        self.at += 1;
        let mut headers = Vec::new();
        loop {
            let axis = self.axis("a loop variable")?;
            let sparse = self.takes(",");
            let mut header = Loop::new(kind, axis, Vec::new());
            if sparse {
                let name = if axis == Axis::Bv { "other" } else { "digit" };
                self.expect(
                    name,
                    "a sparse loop reads `for k, digit in sparse(...)`; over bv, `for bv, other in sparse(...)`",
                )?;
                self.expect("in", FORM)?;
                header.domain = Domain::Sparse(self.sparse()?);
            } else {
                self.expect("in", FORM)?;
                header.domain = match self.takes("sparse") {
                    true => Domain::Values(self.values()?),
                    false => self.domain(axis)?,
                };
            }
            if self.takes("passing") {
                header.passing = Some(self.operand()?);
            }
            if self.takes("meeting") {
                header.meeting =
                    Some(if self.takes("tile") { SyncPeriod::Tile } else { SyncPeriod::Operands(self.number()?) });
            }
            headers.push(header);
            if !self.takes(",") {
                break;
            }
        }
        if self.takes("carrying") {
            let mut carried = vec![self.access(FORM)?];
            while self.takes(",") {
                carried.push(self.access(FORM)?);
            }
            if let Some(last) = headers.last_mut() {
                last.carried = carried;
            }
        }
        self.end()?;
        Ok(Some(headers))
    }

    fn domain(&mut self, axis: Axis) -> Result<Domain, NotationError> {
        const FORM: &str = "a loop runs over an extent, `k in K`, or backwards, `bw in down(BW)`";
        if self.takes("kept") {
            return self.kept();
        }
        let down = self.takes("down");
        if down {
            self.expect("(", FORM)?;
        }
        let name = self.word("an extent", FORM)?;
        let Some(extent) = Axis::from_extent_name(name) else {
            self.at -= 1;
            let help = format!("`{axis}` runs over `{}`", axis.extent_name());
            return Err(self.error(Code::UnknownExtent, format!("`{name}` is no extent"), help));
        };
        if down {
            self.expect(")", FORM)?;
        }
        Ok(if down { Domain::Down(extent) } else { Domain::Extent(extent) })
    }

    fn kept(&mut self) -> Result<Domain, NotationError> {
        const FORM: &str = "write `kept(B[k,n], 2 of 4)`";
        self.expect("(", FORM)?;
        let at = self.at;
        if self.access(FORM)? != Tensor::B.element() {
            self.at = at;
            return Err(self.expected("`B[k,n]`", FORM));
        }
        self.expect(",", FORM)?;
        let n = self.number()?;
        self.expect("of", FORM)?;
        let m = self.number()?;
        self.expect(")", FORM)?;
        Ok(Domain::Kept(NOfM { n, m }))
    }

    fn sparse(&mut self) -> Result<Sparse, NotationError> {
        const FORM: &str =
            "write `sparse(encode(A[m,k])[bw], group 4, empty_cost_a_cycle)` or `sparse(encode(A[m,k]))`";
        self.expect("sparse", FORM)?;
        self.expect("(", FORM)?;
        let stored = self.takes("stored");
        if !stored {
            self.expect("encode", FORM)?;
        }
        self.expect("(", FORM)?;
        let at = self.at;
        let element = self.access(FORM)?;
        let operand = match element.tensor() {
            Some(Tensor::A) if element == Tensor::A.element() => Operand::A,
            Some(Tensor::B) if element == Tensor::B.element() => Operand::B,
            _ => {
                self.at = at;
                return Err(self.expected("`A[m,k]` or `B[k,n]`", FORM));
            }
        };
        self.expect(")", FORM)?;
        let mut groups = None;
        if self.takes("[") {
            self.expect("bw", FORM)?;
            self.expect("]", FORM)?;
            let (size, empty) = self.groups(FORM)?;
            let lanes = if self.takes(",") { Some(self.lanes()?) } else { None };
            groups = Some(Groups { size, empty, lanes });
        }
        self.expect(")", FORM)?;
        Ok(Sparse { operand, stored, groups })
    }

    /// What is behind the `sparse` of a loop without a digit.
    fn values(&mut self) -> Result<Values, NotationError> {
        const FORM: &str = "write `for k in sparse(A[m,k], group 4, empty_cost_a_cycle)`, or `sparse(A[m,k] and B[k,nt], ...)`; a \
                            loop over digits reads `for k, digit in sparse(encode(A[m,k])[bw], ...)`";
        self.expect("(", FORM)?;
        let at = self.at;
        if self.access(FORM)? != Tensor::A.element() {
            self.at = at;
            return Err(self.expected("`A[m,k]`", FORM));
        }
        let mut matching = Matching::A;
        if self.takes("and") {
            let at = self.at;
            if self.access(FORM)? != Access::indexed("B", &[Axis::K, Axis::Nt]) {
                self.at = at;
                return Err(self.expected("`B[k,nt]`", FORM));
            }
            matching = Matching::Both;
        }
        let (size, empty) = self.groups(FORM)?;
        self.expect(")", FORM)?;
        Ok(Values { matching, groups: Groups { size, empty, lanes: None } })
    }

    /// `, group 4, empty_cost_a_cycle`.
    fn groups(&mut self, form: &str) -> Result<(u32, EmptyGroups), NotationError> {
        self.expect(",", form)?;
        self.expect("group", form)?;
        let size = self.number()?;
        self.expect(",", form)?;
        if self.takes("empty_skipped") {
            return Ok((size, EmptyGroups::Skipped));
        }
        self.expect("empty_cost_a_cycle", "write `empty_cost_a_cycle` or `empty_skipped`")?;
        Ok((size, EmptyGroups::CostACycle))
    }

    fn lanes(&mut self) -> Result<(u32, LanePace), NotationError> {
        self.expect("lanes", "write `lanes 4 per_group`")?;
        let lanes = self.number()?;
        let pace = if self.takes("lockstep") {
            LanePace::Lockstep
        } else if self.takes("per_bit_weight") {
            LanePace::PerBitWeight
        } else {
            self.expect("per_group", "lanes keep step `lockstep`, `per_group` or `per_bit_weight`")?;
            LanePace::PerGroup
        };
        Ok((lanes, pace))
    }

    fn operand(&mut self) -> Result<Operand, NotationError> {
        if self.takes("A") {
            return Ok(Operand::A);
        }
        self.expect("B", "an operand is `A` or `B`")?;
        Ok(Operand::B)
    }

    /// A count, 1 to 65535.
    fn number(&mut self) -> Result<u32, NotationError> {
        let number = match self.peek() {
            Some(Token::Number(digits)) => digits.parse().ok().filter(|number| (1..=65535).contains(number)),
            _ => None,
        };
        let Some(number) = number else { return Err(self.expected("a number", "write a count from 1 to 65535")) };
        self.at += 1;
        Ok(number)
    }

    fn statement(&mut self) -> Result<Statement, NotationError> {
        const FORM: &str = "a statement reads `v = ...`, `v += ...` or `s, c = half_reduce(...)`";
        let target = self.access(FORM)?;
        let statement = if self.takes(",") {
            let carry = self.access(FORM)?;
            self.expect("=", FORM)?;
            if self.takes("raise") {
                self.raised(&target, &carry)?;
                self.end()?;
                return Ok(Statement::Raise { sum: target, carry });
            }
            self.expect("half_reduce", "only `half_reduce` and `raise` write two words")?;
            self.expect("(", FORM)?;
            let mut terms = vec![self.term()?];
            while self.takes(",") {
                terms.push(self.term()?);
            }
            self.expect(")", "close the argument list")?;
            Statement::HalfReduce { sum: target, carry, terms }
        } else if self.takes("+=") {
            Statement::Accumulate { target, value: self.expr(0)? }
        } else {
            self.expect("=", FORM)?;
            Statement::Assign { target, value: self.expr(0)? }
        };
        self.end()?;
        Ok(statement)
    }

    /// `(s, c)`: what `raise` reads is what it writes.
    fn raised(&mut self, sum: &Access, carry: &Access) -> Result<(), NotationError> {
        let form = format!("a pair is raised in place: `{sum}, {carry} = raise({sum}, {carry})`");
        self.expect("(", &form)?;
        for (expected, sign) in [(sum, ","), (carry, ")")] {
            let at = self.at;
            if self.access(&form)? != *expected {
                self.at = at;
                return Err(self.expected(&format!("`{expected}`"), &form));
            }
            self.expect(sign, &form)?;
        }
        Ok(())
    }

    fn term(&mut self) -> Result<Term, NotationError> {
        let value = self.expr(0)?;
        let over = if self.takes("over") { Some(self.axis("a loop variable")?) } else { None };
        Ok(Term { value, over })
    }

    fn expr(&mut self, depth: usize) -> Result<Expr, NotationError> {
        const FORM: &str = "write a matrix element, a value or a primitive, e.g. `add(s, c)`";
        if depth > MAX_DEPTH {
            return Err(self.too_deep("calls"));
        }
        let call = matches!(self.line.tokens.get(self.at + 1), Some((Token::Sign("("), _)));
        if !call {
            return Ok(Expr::Read(self.access(FORM)?));
        }
        let name = self.word("a primitive", FORM)?;
        let known = ["encode", "stored", "map", "shift", "multiply", "add"].contains(&name);
        if !known {
            self.at -= 1;
            let help = match name {
                "half_reduce" => "`half_reduce` writes two words: `s, c = half_reduce(...)`".to_owned(),
                _ => "one of: encode, stored, map, shift, half_reduce, raise, add, multiply".to_owned(),
            };
            return Err(self.error(Code::UnknownPrimitive, format!("`{name}` cannot be called here"), help));
        }
        self.expect("(", FORM)?;
        let expr = match name {
            "encode" => Expr::Encode(self.access("`encode` reads `A[m,k]` or `B[k,n]`")?),
            "stored" => Expr::Stored(self.access("`stored` reads `A[m,k]` or `B[k,n]`")?),
            "shift" => {
                let word = self.expr(depth + 1)?;
                self.expect(",", "`shift` has two arguments, `shift(x, bw)`")?;
                Expr::shift(word, self.axis("a loop variable")?)
            }
            _ => {
                let left = self.expr(depth + 1)?;
                self.expect(",", &format!("`{name}` has two arguments"))?;
                let right = self.expr(depth + 1)?;
                match name {
                    "map" => Expr::map(left, right),
                    "multiply" => Expr::multiply(left, right),
                    _ => Expr::addition(left, right),
                }
            }
        };
        self.expect(")", "close the argument list")?;
        Ok(expr)
    }

    fn access(&mut self, help: &str) -> Result<Access, NotationError> {
        let name = self.word("a name", help)?;
        let mut access = Access::scalar(name);
        if self.takes("[") {
            access.indices.push(self.axis("an index")?);
            while self.takes(",") {
                access.indices.push(self.axis("an index")?);
            }
            self.expect("]", "close the indices")?;
        }
        Ok(access)
    }

    fn axis(&mut self, what: &str) -> Result<Axis, NotationError> {
        const NAMES: &str = "one of: m, mt, mp, n, nt, np, k, kt, kp, bw, bv, g";
        let name = self.word(what, NAMES)?;
        Axis::from_name(name).ok_or_else(|| {
            self.at -= 1;
            self.error(Code::UnknownLoopVariable, format!("`{name}` is no loop variable"), NAMES.to_owned())
        })
    }
}
