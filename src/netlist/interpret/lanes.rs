//! Word-parallel arithmetic over slices: one loop an operation, simple enough for the compiler to vectorise.

use super::program::View;

/// A machine word that holds one net word.
pub trait Lane: Copy + Default + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    /// The low bits of `value`.
    fn truncate(value: u64) -> Self;
    /// As 64 bits.
    fn extend(self) -> u64;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn xor(self, other: Self) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn shift_left(self, by: u32) -> Self;
    /// Arithmetic.
    fn shift_right(self, by: u32) -> Self;
}

macro_rules! lane {
    ($word:ty, $signed:ty) => {
        impl Lane for $word {
            #[inline(always)]
            fn truncate(value: u64) -> Self {
                value as $word
            }
            #[inline(always)]
            fn extend(self) -> u64 {
                u64::from(self)
            }
            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self & other
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self | other
            }
            #[inline(always)]
            fn xor(self, other: Self) -> Self {
                self ^ other
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self.wrapping_add(other)
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                self.wrapping_sub(other)
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                self.wrapping_mul(other)
            }
            #[inline(always)]
            fn shift_left(self, by: u32) -> Self {
                self.wrapping_shl(by)
            }
            #[inline(always)]
            fn shift_right(self, by: u32) -> Self {
                (self as $signed).wrapping_shr(by) as $word
            }
        }
    };
}

lane!(u32, i32);
lane!(u64, i64);

/// How much of a [`Lens`] there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effort {
    Left,
    Right,
    Both,
}

/// A [`View`] in machine words.
#[derive(Clone, Copy, Debug)]
pub struct Lens<T> {
    /// The word is taken as it is.
    pub plain: bool,
    effort: Effort,
    left: u32,
    right: u32,
    mask: T,
    flip: T,
}

impl<T: Lane> Lens<T> {
    /// The view of a word of `width` bits.
    pub fn new(view: &View, width: u32) -> Self {
        Self {
            plain: view.is_plain(width),
            effort: match (view.left, view.right) {
                (_, 0) => Effort::Left,
                (0, _) => Effort::Right,
                _ => Effort::Both,
            },
            left: view.left,
            right: view.right,
            mask: T::truncate(view.mask),
            flip: T::truncate(view.flip),
        }
    }

    /// What is seen of a word.
    #[inline(always)]
    pub fn of(&self, word: T) -> T {
        word.shift_left(self.left).shift_right(self.right).and(self.mask).xor(self.flip)
    }
}

impl<T: Lane> Lens<T> {
    /// The constant that is seen beside the word.
    #[inline(always)]
    fn constant(&self) -> T {
        self.flip
    }

    /// Adds what is seen of each word, but for the constant.
    #[inline(always)]
    fn join(&self, sums: &mut [T], words: &[T]) {
        let pairs = sums.iter_mut().zip(words);
        match self.effort {
            Effort::Left => pairs.for_each(|(sum, &word)| *sum = sum.or(word.shift_left(self.left).and(self.mask))),
            Effort::Right => pairs.for_each(|(sum, &word)| *sum = sum.or(word.shift_right(self.right).and(self.mask))),
            Effort::Both => pairs.for_each(|(sum, &word)| {
                *sum = sum.or(word.shift_left(self.left).shift_right(self.right).and(self.mask));
            }),
        }
    }
}

/// Words that are joined at a time: they stay in registers until all their parts are there.
const BLOCK: usize = 16;

/// `out` is all sources side by side. The sources are given by their number, so that none need be collected.
#[inline(always)]
pub fn join<'a, T: Lane>(out: &mut [T], sources: usize, source: impl Fn(usize) -> Source<'a, T>) {
    let constant = source(0).1.constant();
    let mut first = 0;
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    for block in blocks {
        let mut sums = [constant; BLOCK];
        for index in 0..sources {
            let (words, lens) = source(index);
            if let Some(words) = words[first..].first_chunk::<BLOCK>() {
                lens.join(&mut sums, words);
            }
        }
        *block = sums;
        first += BLOCK;
    }
    rest.fill(constant);
    for index in 0..sources {
        let (words, lens) = source(index);
        lens.join(rest, &words[first..]);
    }
}

/// One operand: its words, and what of them.
pub type Source<'a, T> = (&'a [T], Lens<T>);

/// `out = f(a)`.
#[inline(always)]
pub fn map1<T: Lane>(out: &mut [T], (a, lens): Source<T>, f: impl Fn(T) -> T) {
    if lens.plain {
        out.iter_mut().zip(a).for_each(|(out, &a)| *out = f(a));
    } else {
        out.iter_mut().zip(a).for_each(|(out, &a)| *out = f(lens.of(a)));
    }
}

/// `out = f(a, b)`.
#[inline(always)]
pub fn map2<T: Lane>(out: &mut [T], (a, x): Source<T>, (b, y): Source<T>, f: impl Fn(T, T) -> T) {
    let words = out.iter_mut().zip(a).zip(b);
    match (x.plain, y.plain) {
        (true, true) => words.for_each(|((out, &a), &b)| *out = f(a, b)),
        (true, false) => words.for_each(|((out, &a), &b)| *out = f(a, y.of(b))),
        (false, true) => words.for_each(|((out, &a), &b)| *out = f(x.of(a), b)),
        (false, false) => words.for_each(|((out, &a), &b)| *out = f(x.of(a), y.of(b))),
    }
}

/// `out = f(a, b, c)`.
#[inline(always)]
pub fn map3<T: Lane>(out: &mut [T], (a, x): Source<T>, (b, y): Source<T>, (c, z): Source<T>, f: impl Fn(T, T, T) -> T) {
    let words = out.iter_mut().zip(a).zip(b).zip(c);
    if x.plain && y.plain && z.plain {
        words.for_each(|(((out, &a), &b), &c)| *out = f(a, b, c));
    } else {
        words.for_each(|(((out, &a), &b), &c)| *out = f(x.of(a), y.of(b), z.of(c)));
    }
}

/// `(sum, carry) = f(a, b, c)`.
#[inline(always)]
pub fn map3_pair<T: Lane>(
    (sum, carry): (&mut [T], &mut [T]),
    (a, x): Source<T>,
    (b, y): Source<T>,
    (c, z): Source<T>,
    f: impl Fn(T, T, T) -> (T, T),
) {
    let words = sum.iter_mut().zip(carry).zip(a).zip(b).zip(c);
    if x.plain && y.plain && z.plain {
        words.for_each(|((((sum, carry), &a), &b), &c)| (*sum, *carry) = f(a, b, c));
    } else {
        words.for_each(|((((sum, carry), &a), &b), &c)| (*sum, *carry) = f(x.of(a), y.of(b), z.of(c)));
    }
}

/// Sum and carry of a row of full adders.
#[inline(always)]
pub fn full_adders<T: Lane>(a: T, b: T, c: T) -> (T, T) {
    let half = a.xor(b);
    (half.xor(c), a.and(b).or(half.and(c)))
}

/// `one` where `select` is 1, `zero` where it is 0.
#[inline(always)]
pub fn choose<T: Lane>(select: T, one: T, zero: T) -> T {
    zero.xor(one.xor(zero).and(T::default().sub(select)))
}
