//! Carry-propagate adders, column compression and multipliers as networks of bits.

use super::logic::{Bit, Logic};

/// How a word-level addition becomes gates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdderKind {
    /// One full adder a bit: the smallest, its delay grows with the width. Synthesis with Yosys never builds one.
    RippleCarry,
    /// A parallel-prefix tree after Brent and Kung: two passes over the levels, the fewest nodes. What Yosys makes of `+`.
    #[default]
    BrentKung,
    /// A parallel-prefix tree after Sklansky: its delay grows with the logarithm of the width, its fan-out with the width.
    ParallelPrefix,
    /// A parallel-prefix tree after Kogge and Stone: as few levels with a fan-out of two, and the most nodes.
    KoggeStone,
}

impl AdderKind {
    /// Every kind, from the smallest to the fastest.
    pub const ALL: [AdderKind; 4] =
        [AdderKind::RippleCarry, AdderKind::BrentKung, AdderKind::ParallelPrefix, AdderKind::KoggeStone];

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            AdderKind::RippleCarry => "ripple-carry",
            AdderKind::BrentKung => "brent-kung",
            AdderKind::ParallelPrefix => "parallel-prefix",
            AdderKind::KoggeStone => "kogge-stone",
        }
    }
}

/// `x + y + carry`, as wide as the operands.
pub fn add(logic: &mut Logic, kind: AdderKind, x: &[Bit], y: &[Bit], carry: Bit) -> Vec<Bit> {
    match kind {
        AdderKind::RippleCarry => ripple(logic, x, y, carry),
        AdderKind::BrentKung => prefix(logic, brent_kung, x, y, carry),
        AdderKind::ParallelPrefix => prefix(logic, sklansky, x, y, carry),
        AdderKind::KoggeStone => prefix(logic, kogge_stone, x, y, carry),
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

/// Generate and propagate of groups of columns.
#[derive(Clone)]
struct Groups {
    generate: Vec<Bit>,
    propagate: Vec<Bit>,
}

impl Groups {
    /// The group that ends in column `i` takes in the one that ends in `below`, given by its generate and propagate.
    fn join(&mut self, logic: &mut Logic, i: usize, below: (Bit, Bit)) {
        let through = logic.and(self.propagate[i], below.0);
        self.generate[i] = logic.or(self.generate[i], through);
        self.propagate[i] = logic.and(self.propagate[i], below.1);
    }

    fn column(&self, i: usize) -> (Bit, Bit) {
        (self.generate[i], self.propagate[i])
    }
}

/// An adder whose carries come from a tree over groups of columns; `tree` makes every group begin in column 0.
fn prefix(logic: &mut Logic, tree: fn(&mut Logic, &mut Groups), x: &[Bit], y: &[Bit], carry: Bit) -> Vec<Bit> {
    let width = x.len();
    let half: Vec<Bit> = (0..width).map(|i| logic.xor(x[i], y[i])).collect();
    // The top column's carry out is not wanted.
    let below = width.saturating_sub(1);
    let generate = (0..below).map(|i| logic.and(x[i], y[i])).collect();
    let mut groups = Groups { generate, propagate: half[..below].to_vec() };
    if below > 0 {
        // The carry in has nothing below it.
        groups.join(logic, 0, (carry, Bit::ZERO));
    }
    tree(logic, &mut groups);
    let carries = std::iter::once(carry).chain(groups.generate);
    half.into_iter().zip(carries).map(|(half, carry)| logic.xor(half, carry)).collect()
}

/// At level `l`, every group of `2^l` columns takes the carry out of the group below it.
fn sklansky(logic: &mut Logic, groups: &mut Groups) {
    let mut step = 1;
    while step < groups.generate.len() {
        for i in (0..groups.generate.len()).filter(|i| i & step != 0) {
            let below = groups.column((i & !(2 * step - 1)) + step - 1);
            groups.join(logic, i, below);
        }
        step *= 2;
    }
}

/// A tree of pairs upwards, and the columns between filled in downwards.
fn brent_kung(logic: &mut Logic, groups: &mut Groups) {
    let width = groups.generate.len();
    let mut step = 1;
    while step < width {
        for i in (2 * step - 1..width).step_by(2 * step) {
            let below = groups.column(i - step);
            groups.join(logic, i, below);
        }
        step *= 2;
    }
    while step > 0 {
        for i in (3 * step - 1..width).step_by(2 * step) {
            let below = groups.column(i - step);
            groups.join(logic, i, below);
        }
        step /= 2;
    }
}

/// At level `l`, every column takes in the group that ends `2^l` columns below it.
fn kogge_stone(logic: &mut Logic, groups: &mut Groups) {
    let mut step = 1;
    while step < groups.generate.len() {
        let before = groups.clone();
        for i in step..groups.generate.len() {
            groups.join(logic, i, before.column(i - step));
        }
        step *= 2;
    }
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
