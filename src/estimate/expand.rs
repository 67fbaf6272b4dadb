//! Word-level operations as networks of bits.

use super::adder::{self, AdderKind};
use super::logic::{Bit, Logic};
use crate::netlist::Op;

/// The bits of result `output` of a word-level operation; `x` are the bits of its operands, `width` the result's in all lanes, `kind`
/// how a carry is propagated.
pub fn expand(logic: &mut Logic, op: Op, kind: AdderKind, x: &[Vec<Bit>], width: usize, output: usize) -> Vec<Bit> {
    let mut each = |f: &mut dyn FnMut(&mut Logic, usize) -> Bit| (0..width).map(|i| f(logic, i)).collect();
    match op {
        Op::Const(value) => each(&mut |_, i| Bit::constant(value >> i & 1 == 1)),
        Op::Wire => x[0].clone(),
        Op::Slice { low } => x[0][low as usize..low as usize + width].to_vec(),
        Op::Concat => x.iter().rev().flatten().copied().collect(),
        Op::ZeroExtend => each(&mut |_, i| x[0].get(i).copied().unwrap_or(Bit::ZERO)),
        Op::SignExtend => each(&mut |_, i| x[0][i.min(x[0].len() - 1)]),
        Op::Lane { index } => x[0][index as usize * width..][..width].to_vec(),
        Op::Spread => (0..width).map(|i| x[0][i % x[0].len()]).collect(),
        // Lane 0 is lowest.
        Op::Join => x.iter().flatten().copied().collect(),
        Op::Not => each(&mut |_, i| !x[0][i]),
        Op::And => each(&mut |logic, i| balanced(logic, Logic::and, x.iter().map(|word| word[i]).collect())),
        Op::Or => each(&mut |logic, i| balanced(logic, Logic::or, x.iter().map(|word| word[i]).collect())),
        Op::Xor => each(&mut |logic, i| balanced(logic, Logic::xor, x.iter().map(|word| word[i]).collect())),
        Op::Mux => each(&mut |logic, i| logic.mux(x[0][0], x[1][i], x[2][i])),
        Op::Equal => {
            let same = (0..x[0].len()).map(|i| !logic.xor(x[0][i], x[1][i])).collect();
            vec![balanced(logic, Logic::and, same)]
        }
        Op::Add => adder::add(logic, kind, &x[0], &x[1], Bit::ZERO),
        Op::Sub => {
            let inverted: Vec<Bit> = x[1].iter().map(|&bit| !bit).collect();
            adder::add(logic, kind, &x[0], &inverted, Bit::ONE)
        }
        Op::MulSigned => adder::multiply(logic, kind, &x[0], &x[1]),
        Op::Compress32 => each(&mut |logic, i| pick(logic.full_adder(x[0][i], x[1][i], x[2][i]), output)),
        Op::Compress22 => each(&mut |logic, i| pick(logic.half_adder(x[0][i], x[1][i]), output)),
    }
}

fn pick((sum, carry): (Bit, Bit), output: usize) -> Bit {
    if output == 0 { sum } else { carry }
}

/// Combines operands two by two, so that none passes more gates than it must.
fn balanced(logic: &mut Logic, combine: fn(&mut Logic, Bit, Bit) -> Bit, mut bits: Vec<Bit>) -> Bit {
    while bits.len() > 1 {
        bits = bits.chunks(2).map(|pair| if let [a, b] = *pair { combine(logic, a, b) } else { pair[0] }).collect();
    }
    bits[0]
}
