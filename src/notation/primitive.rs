//! The primitives of bit-weight arithmetic, as `list` and `explain` show them.

/// A primitive's name and pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Primitive {
    /// Its name in a nest; `accumulate` is written `+=`.
    pub name: &'static str,
    /// One line for lists.
    pub summary: &'static str,
    /// What it does, its form, what it keeps, its hardware, an example, the source.
    pub explain: &'static str,
}

impl Primitive {
    /// Every primitive, in the order in which a product passes through them.
    pub const ALL: &'static [Primitive] = &[ENCODE, MAP, SHIFT, HALF_REDUCE, ADD, ACCUMULATE, MULTIPLY];

    /// The primitive of a name.
    pub fn from_name(name: &str) -> Option<&'static Primitive> {
        Primitive::ALL.iter().find(|primitive| primitive.name == name)
    }
}

const ENCODE: Primitive = Primitive {
    name: "encode",
    summary: "an element of A or B becomes signed digits",
    explain: "\
## What it does
Writes an element as digits of a small radix, one for each slot of the bit-weight dimension BW: the
sum of digit * radix^slot is the element.

## Form
`digits = encode(A[m,k])`, then one digit at a time: `digits[bw]`. Only an element of A or B can be
encoded, and only one of the two operands in a nest.

## Why the product is kept
The digits stand for the element exactly, for every value of the operand's width.

## Hardware
An encoder: a few gates for each digit, whose outputs are the select lines of the multiplexers of
`map`. Its design is chosen by the encoding (`bitweight list encodings`).

## Example
EN-T, radix 4: 91 has the digits -1, -1, 2, 1, least significant first.

## Source
HPCA 2025 (arXiv 2503.06342); EN-T, ICCD 2024 (arXiv 2404.11887).
",
};

const MAP: Primitive = Primitive {
    name: "map",
    summary: "a word times one digit: a partial product not yet at its weight",
    explain: "\
## What it does
Multiplies a word by one digit.

## Form
`map(B[k,n], digits[bw])`: first the word, then the digit.

## Why the product is kept
Multiplication distributes over the digits: a * b is the sum over the slots of
digit * b * radix^slot.

## Hardware
A multiplexer between multiples of the word that cost no adder (0, the word, twice the word) and a
conditional negation. No multiplier.

## Example
With the digits -1, -1, 2, 1 of 91 and the word 5: -5, -5, 10, 5.

## Source
HPCA 2025 (arXiv 2503.06342).
",
};

const SHIFT: Primitive = Primitive {
    name: "shift",
    summary: "a word moves to the weight of its digit slot",
    explain: "\
## What it does
Multiplies a word by radix^slot.

## Form
`shift(map(B[k,n], digits[bw]), bw)`: the word, then the bit-weight loop's variable.

## Why the product is kept
It is the weight that `encode` took out of the digit.

## Hardware
Wires, when the slot is spatial: each copy of the loop has its own fixed distance. A shifter or a
multiplexer when the slots pass one after the other.

## Example
The partial products -5, -5, 10, 5 at radix 4 become -5, -20, 160, 320; their sum is 455 = 91 * 5.

## Source
HPCA 2025 (arXiv 2503.06342).
",
};

const HALF_REDUCE: Primitive = Primitive {
    name: "half_reduce",
    summary: "any number of words to a sum and a carry word, no carry propagated",
    explain: "\
## What it does
Compresses words to two, a sum and a carry, that add up to the same value modulo the word. No carry
runs along the word.

## Form
`s, c = half_reduce(pp[bw] over bw)` takes the copies of `pp` that an earlier `par bw` loop made.
Single words may follow: `half_reduce(pp[bw] over bw, s, c)`. It always writes two values.

## Why the product is kept
A full adder turns three bits of one weight into a bit of that weight and one of twice the weight
with the same sum; a row of them turns three words into two. What leaves the top bit is a multiple
of the word's range, which two's complement drops anyway.

## Hardware
A tree of compressors; its depth grows with the logarithm of the number of words and not with their
width.

## Example
Six words in (four partial products and the pair so far), two out: a 6:2 compressor.

## Source
HPCA 2025 (arXiv 2503.06342).
",
};

const ADD: Primitive = Primitive {
    name: "add",
    summary: "two words to their sum, carries propagated",
    explain: "\
## What it does
Adds two words modulo the word.

## Form
`add(s, c)`.

## Why the product is kept
It is the sum that `half_reduce` kept in two words.

## Hardware
A carry-propagate adder as wide as the accumulator: the longest path of a multiply-accumulate unit.
Moving it out of the reduction is what `compress-accumulate` is for.

## Example
`C[m,n] = add(s, c)`

## Source
HPCA 2025 (arXiv 2503.06342).
",
};

const ACCUMULATE: Primitive = Primitive {
    name: "accumulate",
    summary: "`+=`: adds to a carried value or to C",
    explain: "\
## What it does
Adds a word to a value that the loops around it carry, or to an element of C, modulo the word.

## Form
`acc += add(s, c)` inside `for k in K carrying acc`; `C[m,n] += acc` inside loops over tiles of K.
A carried value begins at zero where the outermost loop that carries it is entered.

## Why the product is kept
Addition modulo the word is associative and commutative, so the steps of K may come in any order and
in any grouping.

## Hardware
An adder and a wide register when a `for` loop carries the value; an adder and a wire to the
neighbouring PE when a `par` loop does. On C it is an adder at the drain, beside the partial sums
that come back in.

## Example
`acc += p`

## Source
HPCA 2025 (arXiv 2503.06342).
",
};

const MULTIPLY: Primitive = Primitive {
    name: "multiply",
    summary: "the product as one operator, left to the synthesiser",
    explain: "\
## What it does
Multiplies two words.

## Form
`p = multiply(A[m,k], B[k,n])`. It is what a design with `encoding.kind = \"none\"` has.

## Why the product is kept
It is the product.

## Hardware
Whatever the synthesiser makes of `*`. There are no digits to skip and no sum and carry to keep, so
no transform applies.

## Example
`acc += multiply(A[m,k], B[k,n])`

## Source
None: the baseline without the bit-weight dimension.
",
};
