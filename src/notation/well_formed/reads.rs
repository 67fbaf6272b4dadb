//! Rules for what a statement reads: alive, of the right kind, with its own indices, all bound.

use super::Checker;
use super::scope::Kind;
use crate::notation::error::Code;
use crate::notation::{Access, Axis, Dimension, Expr, Statement, Tensor};

impl Checker<'_> {
    /// An expression whose value is a word.
    pub(super) fn word(&mut self, statement: &Statement, expr: &Expr, over: Option<Axis>) {
        match expr {
            Expr::Read(access) => self.read(statement, access, Kind::Word, over),
            Expr::Encode(_) | Expr::Stored(_) => self.report(
                Code::WrongKind,
                format!("`{expr}` in `{statement}` makes digits where a word belongs"),
                "name the digits first: `digits = encode(A[m,k])`, then `map(B[k,n], digits[bw])`",
            ),
            Expr::Map { word, digit } => {
                self.word(statement, word, over);
                match digit.as_ref() {
                    Expr::Read(access) => self.read(statement, access, Kind::Digits, over),
                    other => self.report(
                        Code::WrongKind,
                        format!("`{other}` in `{statement}` is a word where a digit belongs"),
                        "the second argument of `map` is one digit, e.g. `digits[bw]`",
                    ),
                }
            }
            Expr::Shift { word, by } => {
                self.word(statement, word, over);
                if !matches!(by.dimension(), Dimension::BitWeight | Dimension::OtherBitWeight) {
                    let message = format!("`{expr}` in `{statement}` shifts by `{by}`, which has no weight");
                    self.report(Code::ShiftAxis, message, "shift by `bw`, the slot of the digit");
                }
                self.bound(statement, *by, over);
            }
            Expr::Multiply(left, right) if self.is_digit(left) && self.is_digit(right) => {}
            Expr::Multiply(left, right) | Expr::Add(left, right) => {
                self.word(statement, left, over);
                self.word(statement, right, over);
            }
        }
    }

    pub(super) fn encode(&mut self, statement: &Statement, source: &Access) {
        match source.tensor() {
            Some(operand @ (Tensor::A | Tensor::B)) => {
                if *self.encoded.get_or_insert(operand) != operand {
                    let message =
                        format!("`{statement}` encodes {}, and another statement the other operand", operand.name());
                    self.report(Code::TwoEncodedOperands, message, "encode one operand");
                }
                self.element(statement, source, operand, None);
            }
            _ => self.report(
                Code::WrongKind,
                format!("`{statement}` encodes `{source}`, which is no element of A or B"),
                "write `encode(A[m,k])` or `encode(B[k,n])`",
            ),
        }
    }

    /// A read of a word, or of one digit when `kind` is digits.
    pub(super) fn read(&mut self, statement: &Statement, access: &Access, kind: Kind, over: Option<Axis>) {
        if let Some(tensor) = access.tensor() {
            if kind == Kind::Digits {
                let message = format!("`{statement}` takes `{access}` for a digit");
                self.report(Code::WrongKind, message, "encode it first: `digits = encode(...)`, then `digits[bw]`");
            }
            if tensor == Tensor::C {
                let message = format!("`{statement}` reads `{access}`");
                self.report(Code::MatrixDirection, message, "C is only written; carry a value to add up results");
            }
            return self.element(statement, access, tensor, over);
        }
        let Some(value) = self.scope.alive(&access.name).cloned() else {
            let message = format!("`{statement}` reads `{}`, {}", access.name, self.scope.why_dead(&access.name));
            return self.report(Code::ReadBeforeWrite, message, "write it before, in the same iteration, or carry it");
        };
        if value.kind == Kind::Digit && kind == Kind::Digits {
            if !access.indices.is_empty() {
                let message = format!("`{access}` in `{statement}` is one digit already");
                self.report(Code::IndicesDiffer, message, "write it without an index");
            }
            return;
        }
        if value.kind != kind {
            let (is, belongs) = match kind {
                Kind::Word => ("digits", "a word"),
                Kind::Digits | Kind::Digit => ("a word", "a digit"),
            };
            let message = format!("`{access}` in `{statement}` is {is} where {belongs} belongs");
            return self.report(Code::WrongKind, message, "only the second argument of `map` is a digit");
        }
        let own = match (kind, access.indices.split_last()) {
            (Kind::Digits, Some((slot, own))) if slot.dimension() == Dimension::BitWeight => own,
            (Kind::Digits, _) => {
                let message = format!("`{access}` in `{statement}` names no slot");
                return self.report(Code::IndicesDiffer, message, "read one digit: `digits[bw]`");
            }
            (Kind::Word | Kind::Digit, _) => &access.indices[..],
        };
        if own != value.indices {
            let written = Access { name: access.name.clone(), indices: value.indices };
            let message = format!("`{statement}` reads `{access}`, which is written as `{written}`");
            return self.report(Code::IndicesDiffer, message, "use the same indices in the same order");
        }
        for axis in &access.indices {
            self.bound(statement, *axis, over);
        }
    }

    /// Whether an expression is the digit of a sparse loop.
    fn is_digit(&self, expr: &Expr) -> bool {
        let digit = |access: &Access| self.scope.alive(&access.name).is_some_and(|value| value.kind == Kind::Digit);
        matches!(expr, Expr::Read(access) if access.indices.is_empty() && digit(access))
    }

    /// An element of a matrix: its own indices, all bound.
    pub(super) fn element(&mut self, statement: &Statement, access: &Access, tensor: Tensor, over: Option<Axis>) {
        if access.indices != tensor.indices() {
            let message = format!("`{statement}` has `{access}`; the matrix is `{}`", tensor.element());
            return self.report(Code::MatrixIndices, message, "a split dimension is still indexed as a whole");
        }
        for axis in &access.indices {
            self.bound(statement, *axis, over);
        }
    }

    fn bound(&mut self, statement: &Statement, axis: Axis, over: Option<Axis>) {
        if !self.scope.is_bound(axis, over) {
            let missing = match axis.parts() {
                Some((tile, place)) => format!("no loop over `{axis}`, nor loops over both `{tile}` and `{place}`"),
                None => format!("no loop over `{axis}`"),
            };
            let message = format!("`{statement}` has the index `{axis}`, and there is {missing} around it");
            self.report(Code::UnboundIndex, message, "put the statement inside such a loop");
        }
    }
}
