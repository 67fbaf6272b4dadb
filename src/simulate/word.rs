//! The machine word of an accumulator, and the arithmetic of one row of PEs on it.
//!
//! Everything an accumulator does is modulo a power of two, so a word wider than `acc_bits` may carry whatever it likes
//! above them: bits below are right, and reading wraps. Two widths suffice, 32 and 64 bits; the loops below are plain so
//! that the compiler turns a row of PEs into vector instructions.

use super::dense::Element;

/// An accumulator's word: `u32` up to 32 bits, `u64` above.
pub trait Word: Copy + Default + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// All bits set.
    const ONES: Self;
    /// The exact product of two operands, modulo 2^w.
    fn product<E: Element>(a: E, b: E) -> Self;
    /// Sum modulo 2^w.
    fn plus(self, other: Self) -> Self;
    /// Bitwise and: keeps the accumulator, or clears it at the first step of a tile.
    fn masked(self, mask: Self) -> Self;
    /// A row of full adders over three words; the carry is shifted to its weight.
    fn compress(self, carry: Self, addend: Self) -> (Self, Self);
    /// The value of the low `bits`, sign-extended.
    fn wrapped(self, bits: u32) -> i64;
    /// The word whose low bits are those of `value`.
    fn from_value(value: i64) -> Self;
}

macro_rules! word {
    ($word:ty, $signed:ty, $product:ident) => {
        impl Word for $word {
            const ONES: Self = <$word>::MAX;

            #[inline(always)]
            fn product<E: Element>(a: E, b: E) -> Self {
                a.$product(b)
            }

            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self.wrapping_add(other)
            }

            #[inline(always)]
            fn masked(self, mask: Self) -> Self {
                self & mask
            }

            #[inline(always)]
            fn compress(self, carry: Self, addend: Self) -> (Self, Self) {
                let either = self ^ carry;
                (either ^ addend, ((self & carry) | (either & addend)) << 1)
            }

            fn wrapped(self, bits: u32) -> i64 {
                wrap(self as i64, bits)
            }

            fn from_value(value: i64) -> Self {
                value as $word
            }
        }
    };
}

word!(u32, i32, product32);
word!(u64, i64, product64);

/// `value` modulo 2^`bits`, as a signed number of that many bits (1 to 64).
pub fn wrap(value: i64, bits: u32) -> i64 {
    let unused = 64 - bits;
    (value << unused) >> unused
}

/// The number of `bits` bits (1 to 64, two's complement) that is nearest to `value`.
pub fn clip(value: i64, bits: u32) -> i64 {
    let unused = 64 - bits;
    value.clamp(i64::MIN >> unused, i64::MAX >> unused)
}

/// What one row of output-stationary PEs does to its accumulators at an edge: clear at the first step, add the product.
///
/// `keep` is all ones, or 0 in the columns whose operands are the first of a tile. Columns without valid operands hold
/// a 0 in `a`, so their product is 0.
#[inline]
pub fn accumulate_row<W: Word, E: Element>(acc: &mut [W], a: &[E], b: &[E], keep: &[W]) {
    let n = acc.len();
    let (a, b, keep) = (&a[..n], &b[..n], &keep[..n]);
    for i in 0..n {
        acc[i] = acc[i].masked(keep[i]).plus(W::product(a[i], b[i]));
    }
}

/// [`accumulate_row`] with the accumulator kept as a carry-save pair.
#[inline]
pub fn compress_row<W: Word, E: Element>(sum: &mut [W], carry: &mut [W], a: &[E], b: &[E], keep: &[W]) {
    let n = sum.len();
    let (carry, a, b, keep) = (&mut carry[..n], &a[..n], &b[..n], &keep[..n]);
    for i in 0..n {
        (sum[i], carry[i]) = sum[i].masked(keep[i]).compress(carry[i].masked(keep[i]), W::product(a[i], b[i]));
    }
}

/// What one row of weight-stationary PEs does to the sums that pass it on their way south: add the product.
#[inline]
pub fn chain_row<W: Word, E: Element>(sum: &mut [W], a: &[E], weight: &[E]) {
    let n = sum.len();
    let (a, weight) = (&a[..n], &weight[..n]);
    for i in 0..n {
        sum[i] = sum[i].plus(W::product(a[i], weight[i]));
    }
}

/// [`chain_row`] with the sums kept as carry-save pairs.
#[inline]
pub fn chain_compress_row<W: Word, E: Element>(sum: &mut [W], carry: &mut [W], a: &[E], weight: &[E]) {
    let n = sum.len();
    let (carry, a, weight) = (&mut carry[..n], &a[..n], &weight[..n]);
    for i in 0..n {
        (sum[i], carry[i]) = sum[i].compress(carry[i], W::product(a[i], weight[i]));
    }
}
