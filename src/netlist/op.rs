//! The word-level operations, and the widths each demands.

use std::fmt;

/// What a [`Cell`](super::Cell) computes. `w(x)` is the width of operand `x`; every operand and result has one lane
/// except the operand of [`Op::Lane`]. Arithmetic is modulo 2^w of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// The value, which fits the result's width. No operands.
    Const(u64),
    /// The operand under another name. `[x]`, equal widths.
    Wire,
    /// Bits `low ..` of the operand, as many as the result is wide. `[x]`
    Slice { low: u32 },
    /// The operands side by side, most significant first; the result is as wide as all of them.
    Concat,
    /// Zeros before the operand. `[x]`, result at least as wide.
    ZeroExtend,
    /// Copies of the operand's top bit before it. `[x]`, result at least as wide.
    SignExtend,
    /// Lane `index` of a bundle. `[bundle]`
    Lane { index: u32 },
    /// The one-lane operand in every lane of the bundle that is the result. `[x]`, equal widths.
    Spread,
    /// A bundle whose lane `i` is operand `i`. One operand a lane, equal widths.
    Join,
    /// Bitwise complement. `[x]`, equal widths.
    Not,
    /// Bitwise and of two or more operands of the result's width.
    And,
    /// Bitwise or of two or more operands of the result's width.
    Or,
    /// Bitwise exclusive or of two or more operands of the result's width.
    Xor,
    /// `select ? one : zero`. `[select, one, zero]`; `select` has one bit, the rest are equal.
    Mux,
    /// 1 if the operands are equal. `[x, y]` of one width, result of one bit.
    Equal,
    /// Sum, carry dropped. `[x, y]`, all of one width.
    Add,
    /// Difference, borrow dropped. `[x, y]`, all of one width.
    Sub,
    /// Product of two's complement operands. `[x, y]`, result `w(x) + w(y)` wide.
    MulSigned,
    /// A row of full adders, no carry between columns: outputs `sum = x ^ y ^ z` and `carry = majority(x, y, z)`, the
    /// carry not yet shifted to its weight. `[x, y, z]`, all of one width.
    Compress32,
    /// A row of half adders: outputs `sum = x ^ y` and `carry = x & y`, the carry not yet shifted. `[x, y]`
    Compress22,
}

impl Op {
    /// How many results: two for the compressor rows.
    pub fn outputs(self) -> usize {
        match self {
            Op::Compress32 | Op::Compress22 => 2,
            _ => 1,
        }
    }

    /// Whether the operation only renames, cuts, joins or repeats bits, so that it costs no gate.
    pub fn is_wiring(self) -> bool {
        matches!(
            self,
            Op::Const(_)
                | Op::Wire
                | Op::Slice { .. }
                | Op::Concat
                | Op::ZeroExtend
                | Op::SignExtend
                | Op::Lane { .. }
                | Op::Spread
                | Op::Join
        )
    }

    /// Checks operand and result widths.
    ///
    /// # Errors
    /// A sentence that says which width was expected.
    pub fn check_widths(self, inputs: &[u32], outputs: &[u32]) -> Result<(), String> {
        let expect_inputs = |n: usize| {
            if inputs.len() == n { Ok(()) } else { Err(format!("{self} takes {n} operands, not {}", inputs.len())) }
        };
        if outputs.len() != self.outputs() {
            return Err(format!("{self} has {} results, not {}", self.outputs(), outputs.len()));
        }
        let out = outputs[0];
        let same = |widths: &[u32]| match widths.iter().find(|&&w| w != out) {
            Some(w) => Err(format!("{self} of {out} bits has an operand of {w}")),
            None => Ok(()),
        };
        match self {
            Op::Const(value) => {
                expect_inputs(0)?;
                if out < 64 && value >> out != 0 {
                    return Err(format!("constant {value} does not fit {out} bits"));
                }
                Ok(())
            }
            Op::Wire | Op::Not => expect_inputs(1).and_then(|()| same(inputs)),
            Op::Lane { .. } | Op::Spread => expect_inputs(1).and_then(|()| same(inputs)),
            Op::Join => same(inputs),
            Op::Slice { low } => {
                expect_inputs(1)?;
                if low + out > inputs[0] {
                    return Err(format!("slice {low}..{} of a word of {} bits", low + out, inputs[0]));
                }
                Ok(())
            }
            Op::Concat => {
                let total: u32 = inputs.iter().sum();
                if inputs.is_empty() || total != out {
                    return Err(format!("concatenation of {total} bits drives {out}"));
                }
                Ok(())
            }
            Op::ZeroExtend | Op::SignExtend => {
                expect_inputs(1)?;
                if inputs[0] > out {
                    return Err(format!("{self} of {} bits to only {out}", inputs[0]));
                }
                Ok(())
            }
            Op::And | Op::Or | Op::Xor => {
                if inputs.len() < 2 {
                    return Err(format!("{self} takes two or more operands"));
                }
                same(inputs)
            }
            Op::Mux => {
                expect_inputs(3)?;
                if inputs[0] != 1 {
                    return Err(format!("mux select of {} bits", inputs[0]));
                }
                same(&inputs[1..])
            }
            Op::Equal => {
                expect_inputs(2)?;
                if inputs[0] != inputs[1] || out != 1 {
                    return Err(format!("equality of {} and {} bits drives {out}", inputs[0], inputs[1]));
                }
                Ok(())
            }
            Op::Add | Op::Sub => expect_inputs(2).and_then(|()| same(inputs)),
            Op::MulSigned => {
                expect_inputs(2)?;
                if inputs[0] + inputs[1] != out {
                    return Err(format!("product of {} and {} bits drives {out}", inputs[0], inputs[1]));
                }
                Ok(())
            }
            Op::Compress32 | Op::Compress22 => {
                expect_inputs(if self == Op::Compress32 { 3 } else { 2 })?;
                same(inputs)?;
                same(outputs)
            }
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Op::Const(_) => "const",
            Op::Wire => "wire",
            Op::Slice { .. } => "slice",
            Op::Concat => "concat",
            Op::ZeroExtend => "zero extension",
            Op::SignExtend => "sign extension",
            Op::Lane { .. } => "lane",
            Op::Spread => "spread",
            Op::Join => "join",
            Op::Not => "not",
            Op::And => "and",
            Op::Or => "or",
            Op::Xor => "xor",
            Op::Mux => "mux",
            Op::Equal => "equality",
            Op::Add => "add",
            Op::Sub => "sub",
            Op::MulSigned => "signed multiply",
            Op::Compress32 => "3:2 compressor row",
            Op::Compress22 => "2:2 compressor row",
        };
        f.write_str(name)
    }
}
