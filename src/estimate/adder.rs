//! Carry-propagate adders, column compression and multipliers as networks of bits.

use super::logic::{Bit, Logic};

/// How a word-level addition becomes gates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdderKind {
    /// One full adder a bit: the smallest, its delay grows with the width.
    #[default]
    RippleCarry,
    /// A parallel-prefix tree after Sklansky: its delay grows with the logarithm of the width.
    ParallelPrefix,
}

impl AdderKind {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            AdderKind::RippleCarry => "ripple-carry",
            AdderKind::ParallelPrefix => "parallel-prefix",
        }
    }
}

/// `x + y + carry`, as wide as the operands.
pub fn add(logic: &mut Logic, kind: AdderKind, x: &[Bit], y: &[Bit], carry: Bit) -> Vec<Bit> {
    match kind {
        AdderKind::RippleCarry => ripple(logic, x, y, carry),
        AdderKind::ParallelPrefix => prefix(logic, x, y, carry),
    }
}

fn ripple(logic: &mut Logic, x: &[Bit], y: &[Bit], mut carry: Bit) -> Vec<Bit> {
    let mut sum = Vec::with_capacity(x.len());
    for (&a, &b) in x.iter().zip(y) {
        let (bit, next) = logic.full_adder(a, b, carry);
        sum.push(bit);
        carry = next;
    }
    sum
}

/// Sklansky's tree: at level `l`, every group of `2^l` columns takes the carry out of the group below it.
fn prefix(logic: &mut Logic, x: &[Bit], y: &[Bit], carry: Bit) -> Vec<Bit> {
    let width = x.len();
    let half: Vec<Bit> = (0..width).map(|i| logic.xor(x[i], y[i])).collect();
    // The carry in is column 0's generate; column i of the operands is column i + 1 of the tree.
    let mut generate = vec![carry];
    let mut propagate = vec![Bit::ZERO];
    for i in 0..width.saturating_sub(1) {
        generate.push(logic.and(x[i], y[i]));
        propagate.push(half[i]);
    }
    let mut step = 1;
    while step < generate.len() {
        for i in (0..generate.len()).filter(|i| i & step != 0) {
            let below = (i & !(2 * step - 1)) + step - 1;
            let through = logic.and(propagate[i], generate[below]);
            generate[i] = logic.or(generate[i], through);
            propagate[i] = logic.and(propagate[i], propagate[below]);
        }
        step *= 2;
    }
    (0..width).map(|i| logic.xor(half[i], generate[i])).collect()
}

/// Reduces columns of bits (least significant first) to two rows, after Dadda: as late and as few adders as the height allows.
/// Carries out of the last column are dropped.
pub fn compress(logic: &mut Logic, mut columns: Vec<Vec<Bit>>) -> (Vec<Bit>, Vec<Bit>) {
    let width = columns.len();
    // Known ones are added up beforehand and put back as at most one a column.
    let mut ones = 0usize;
    for column in &mut columns {
        ones = (ones >> 1) + column.iter().filter(|bit| **bit == Bit::ONE).count();
        column.retain(|bit| bit.known().is_none());
        if ones & 1 == 1 {
            column.push(Bit::ONE);
        }
    }
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut heights = vec![2];
    while heights[heights.len() - 1] < tallest {
        heights.push(heights[heights.len() - 1] * 3 / 2);
    }
    for &height in heights.iter().rev().skip_while(|&&height| height >= tallest.max(3)) {
        for i in 0..width {
            let mut carries = Vec::new();
            while columns[i].len() > height {
                let column = &mut columns[i];
                // The oldest bits first, so that fresh sums wait for the next level.
                let (sum, carry) = if column.len() == height + 1 {
                    let (a, b) = (column.remove(0), column.remove(0));
                    logic.half_adder(a, b)
                } else {
                    let (a, b, c) = (column.remove(0), column.remove(0), column.remove(0));
                    logic.full_adder(a, b, c)
                };
                columns[i].push(sum);
                carries.push(carry);
            }
            if i + 1 < width {
                columns[i + 1].extend(carries);
            }
        }
    }
    let row = |index: usize| columns.iter().map(|column| column.get(index).copied().unwrap_or(Bit::ZERO)).collect();
    (row(0), row(1))
}

/// The two's complement product, full width: partial products after Baugh and Wooley, Dadda's tree, a carry-propagate adder.
pub fn multiply(logic: &mut Logic, kind: AdderKind, x: &[Bit], y: &[Bit]) -> Vec<Bit> {
    let width = x.len() + y.len();
    let mut columns = vec![Vec::new(); width];
    for (i, &a) in x.iter().enumerate() {
        for (j, &b) in y.iter().enumerate() {
            // Exactly one sign bit makes the product's weight negative: -p = !p - 1.
            let negative = (i + 1 == x.len()) != (j + 1 == y.len());
            columns[i + j].push(logic.and(a, b).flipped(negative));
        }
    }
    // The sum of those -1: 2^(n-1) + 2^(m-1) - 2^(n+m-1), modulo 2^(n+m); with one-bit operands it cancels in part.
    let correction = negative_weights(x.len(), y.len());
    for (i, column) in columns.iter_mut().enumerate() {
        if correction >> i & 1 == 1 {
            column.push(Bit::ONE);
        }
    }
    let (sum, carry) = compress(logic, columns);
    add(logic, kind, &sum, &carry, Bit::ZERO)
}

/// Minus the weights of all negative partial products, modulo 2^(n+m).
fn negative_weights(n: usize, m: usize) -> u128 {
    let mut total = 0u128;
    for i in 0..n {
        for j in 0..m {
            if (i + 1 == n) != (j + 1 == m) {
                total = total.wrapping_sub(1 << (i + j));
            }
        }
    }
    total & ((1u128 << (n + m)) - 1)
}
