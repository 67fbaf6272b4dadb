//! Rules for what a loop header says beside its extent: `passing`, `meeting`, `down`, `sparse`, and lanes.

use super::Checker;
use crate::notation::error::Code;
use crate::notation::print::tensor;
use crate::notation::transform::Matching;
use crate::notation::{Axis, Domain, Loop, LoopKind, Values};

impl Checker<'_> {
    pub(super) fn clauses(&mut self, of: &Loop) {
        if let Some(operand) = of.passing {
            let element = tensor(operand).element();
            if of.kind == LoopKind::Temporal || element.indices.contains(&of.axis.whole()) {
                let message = format!("`{of}` hands `{element}` from one copy to the next");
                let help = "let a `par` loop pass the operand that is the same in all its copies: A along n, B along m";
                self.report(Code::PassingLoop, message, help);
            }
        }
        if of.meeting.is_some() && of.kind == LoopKind::Temporal {
            let message = format!("`{of}` has iterations that follow each other, and nothing to meet");
            self.report(Code::MeetingLoop, message, "let a `par` loop meet");
        }
        if of.axis == Axis::G && !self.has_lanes() {
            let message = format!("`{of}` is inside no sparse loop with lanes");
            self.report(Code::SparseLoop, message, "write `lanes 4 per_group` in the `sparse` around it");
        }
        if let Some(kept) = self.kept.filter(|_| matches!(of.axis, Axis::K | Axis::Kp) || is_kept(of)) {
            // What is kept of K is known where n and the tile are, and is the same all over the nest.
            let place = match of.axis {
                Axis::K => of.kind == LoopKind::Temporal,
                axis => axis == Axis::Kp && self.scope.is_bound(Axis::Kt, None),
            };
            let fits = place && self.scope.is_bound(Axis::N, None) && of.domain == Domain::Kept(kept);
            if !fits || !kept.is_legal() {
                let message = format!("`{of}` does not run over the kept places of one column of B");
                let help = "write `for k in kept(B[k,n], 2 of 4)`, or `kp in kept(B[k,n], 2 of 4)` inside a loop over kt, inside \
                            loops over n; with 1 <= n < m <= 16, and so for all loops over k and kp";
                self.report(Code::KeptLoop, message, help);
            }
        }
        let digits = match of.domain {
            Domain::Sparse(digits) => digits,
            Domain::Values(values) => return self.values(of, values),
            Domain::Extent(_) | Domain::Down(_) | Domain::Kept(_) => return,
        };
        let element = tensor(digits.operand).element();
        let bound = |axis: Axis| axis == of.axis || self.scope.is_bound(axis, None);
        let fits = match digits.groups {
            Some(_) => of.axis == Axis::K && bound(Axis::Bw),
            None => matches!(of.axis, Axis::Bw | Axis::Bv),
        };
        if of.kind == LoopKind::Spatial || !fits || !element.indices.iter().all(|axis| bound(*axis)) {
            let message =
                format!("`{of}` does not run in time over the digits of one `{element}` or of one bit weight");
            let help = "write `for k, digit in sparse(encode(A[m,k])[bw], group 4, empty_cost_a_cycle)` inside a loop over \
                        bw, or `for bw, digit in sparse(encode(A[m,k]))` inside loops over m and k";
            self.report(Code::SparseLoop, message, help);
        }
        // `bw` has the digits of one operand wherever it stands, `bv` those of the other.
        let of_bw = tensor(if of.axis == Axis::Bv { digits.operand.other() } else { digits.operand });
        if *self.encoded.get_or_insert(of_bw) != of_bw {
            let name = tensor(digits.operand).name();
            let message = format!("`{of}` takes digits of {name} where those of the other operand belong");
            self.report(
                Code::TwoEncodedOperands,
                message,
                "let `bw` run over the digits of one operand, `bv` over the other's",
            );
        }
    }

    fn values(&mut self, of: &Loop, values: Values) {
        let bound = |axis: Axis| self.scope.is_bound(axis, None);
        let tile = values.matching == Matching::A || bound(Axis::Nt);
        if of.kind == LoopKind::Spatial || of.axis != Axis::K || !bound(Axis::M) || !tile {
            let message = format!("`{of}` does not run in time over the values of one row of A, in one tile of B");
            let help = "write `for k in sparse(A[m,k], group 4, empty_cost_a_cycle)` inside loops over m, and with `and \
                        B[k,nt]` inside one over nt";
            self.report(Code::SparseLoop, message, help);
        }
    }

    fn has_lanes(&self) -> bool {
        self.scope.loops.iter().any(|outer| matches!(outer.domain, Domain::Sparse(digits) if digits.lanes() > 1))
    }
}

fn is_kept(of: &Loop) -> bool {
    matches!(of.domain, Domain::Kept(_))
}
