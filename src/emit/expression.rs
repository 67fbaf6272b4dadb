//! Right-hand sides.

use crate::emit::scope::Scope;
use crate::netlist::wiring::{Part, apply, push, slice, width};
use crate::netlist::{Cell, NetId, Op};

/// A sized literal.
pub(super) fn literal(width: u32, value: u64) -> String {
    if width == 1 {
        format!("1'b{value}")
    } else if value < 10 {
        format!("{width}'d{value}")
    } else {
        format!("{width}'h{value:0digits$x}", digits = width.div_ceil(4) as usize)
    }
}

/// `[7:0] `, or nothing for a scalar.
pub(super) fn range(width: u32) -> String {
    if width == 1 { String::new() } else { format!("[{}:0] ", width - 1) }
}

/// Runs of bits as an operand: a name, a part of one, a literal, or a concatenation.
pub(super) fn word(scope: &Scope, parts: &[Part]) -> String {
    match parts {
        [one] => run(scope, *one),
        several => {
            let runs: Vec<String> = several.iter().map(|&part| run(scope, part)).collect();
            format!("{{{}}}", runs.join(", "))
        }
    }
}

fn run(scope: &Scope, part: Part) -> String {
    match part {
        Part::Const { width, value } => literal(width, value),
        Part::Bits { net, low, width } => bits(scope, net, low, width),
        Part::Repeat { net, bit, count: 1 } => bits(scope, net, bit, 1),
        Part::Repeat { net, bit, count } => format!("{{{count}{{{}}}}}", bits(scope, net, bit, 1)),
    }
}

/// Bits `low .. low + width` of a named net.
pub(super) fn bits(scope: &Scope, net: NetId, low: u32, width: u32) -> String {
    let name = scope.name(net);
    let lane = scope.module.net(net);
    if low == 0 && width == scope.printed_width(net) {
        name.to_owned()
    } else if width == 1 {
        format!("{name}[{low}]")
    } else if lane.lanes > 1 && width == lane.width && low.is_multiple_of(width) {
        format!("{name}[{}*{width} +: {width}]", low / width)
    } else {
        format!("{name}[{}:{low}]", low + width - 1)
    }
}

/// What a net carries, as an operand.
pub(super) fn net(scope: &Scope, net: NetId) -> String {
    word(scope, &scope.wiring.parts(net))
}

/// What output `position` of a cell shows.
pub(super) fn value(scope: &Scope, cell: &Cell, position: usize) -> String {
    let out = scope.printed_width(cell.outputs[position]);
    let whole = |input: usize| net(scope, cell.inputs[input]);
    // Bitwise operations may be printed without top bits that nothing reads.
    let low = |input: usize| word(scope, &scope.operand(cell.inputs[input], out));
    let joined = |operator: &str| {
        let operands: Vec<String> = (0..cell.inputs.len()).map(low).collect();
        operands.join(operator)
    };
    match cell.op {
        Op::Const(_) | Op::Wire | Op::Slice { .. } | Op::Concat | Op::ZeroExtend | Op::SignExtend => {
            let operands: Vec<_> = cell.inputs.iter().map(|&input| scope.wiring.parts(input)).collect();
            word(scope, &apply(cell.op, &operands, out).unwrap_or_default())
        }
        Op::Lane { index } => word(scope, &slice(&scope.wiring.parts(cell.inputs[0]), index * out, out)),
        Op::Join => {
            let mut parts = Vec::new();
            cell.inputs
                .iter()
                .rev()
                .flat_map(|&input| scope.wiring.parts(input))
                .for_each(|part| push(&mut parts, part));
            word(scope, &parts)
        }
        Op::Spread => match scope.module.net(cell.outputs[0]).lanes {
            1 => whole(0),
            lanes => format!("{{{lanes}{{{}}}}}", whole(0)),
        },
        Op::Not => format!("~{}", whole(0)),
        Op::And => joined(" & "),
        Op::Or => joined(" | "),
        Op::Xor => joined(" ^ "),
        Op::Mux => format!("{} ? {} : {}", whole(0), whole(1), whole(2)),
        Op::Equal => format!("{} == {}", whole(0), whole(1)),
        Op::Add => format!("{} + {}", whole(0), whole(1)),
        Op::Sub => format!("{} - {}", whole(0), whole(1)),
        Op::MulSigned => format!(
            "$signed({}) * $signed({})",
            extended(scope, cell.inputs[0], out),
            extended(scope, cell.inputs[1], out)
        ),
        Op::Compress32 if position == 1 => {
            let (x, y, z) = (low(0), low(1), low(2));
            format!("({x} & {y}) | ({x} & {z}) | ({y} & {z})")
        }
        Op::Compress22 if position == 1 => joined(" & "),
        Op::Compress32 | Op::Compress22 => joined(" ^ "),
    }
}

/// An operand of `*`, sign-extended in sight of the reader.
fn extended(scope: &Scope, operand: NetId, bits: u32) -> String {
    let parts = scope.wiring.parts(operand);
    let narrow = width(&parts);
    let top = slice(&parts, narrow - 1, 1);
    format!("{{{{{}{{{}}}}}, {}}}", bits - narrow, word(scope, &top), word(scope, &parts))
}
