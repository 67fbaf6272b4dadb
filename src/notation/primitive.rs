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
    pub const ALL: &'static [Primitive] =
        &[ENCODE, STORED, KEPT, SPARSE, MAP, SHIFT, HALF_REDUCE, RAISE, ADD, ACCUMULATE, MULTIPLY, MEETING];

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
`digits = encode(A[m,k])`, then one digit at a time: `digits[bw]`; or inside the `sparse` of a loop,
whose iterations are the digits. Only an element of A or B can be encoded. Both operands can only in
sparse loops of their own, one over bw, one over bv.

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

const STORED: Primitive = Primitive {
    name: "stored",
    summary: "an element of A or B that arrives as signed digits",
    explain: "\
## What it does
The same as `encode`, outside of the array: the element has become digits before it is offered.

## Form
`digits = stored(A[m,k])`, then `digits[bw]`; or `sparse(stored(A[m,k])[bw], ...)`. The transform
`store-encoded` writes it in place of `encode`.

## Why the product is kept
The digits are those that `encode` would have made.

## Hardware
None. The operand's stream carries the select lines of the digits, which are more bits than the
operand has, so memory pays for what the array saves.

## Example
Each element of A becomes digits once, however often the array reads it:

  par m in M
    for k in K carrying acc[n]
      digits = stored(A[m,k])
      par n in N
        for bw in BW carrying acc[n]
          acc[n] += shift(map(B[k,n], digits[bw]), bw)
    par n in N
      C[m,n] = acc[n]

## Source
EN-T, ICCD 2024 (arXiv 2404.11887).
",
};

const KEPT: Primitive = Primitive {
    name: "kept",
    summary: "a loop over the places of K that are kept of a column of B",
    explain: "\
## What it does
Its loop runs over the elements of a column of B that are stored: n of every m consecutive k, those
that are not zero, in order. k is the element's own, so A[m,k] is the element of A that belongs to it.

## Form
`for k in kept(B[k,n], 2 of 4)`, or `par kp in kept(B[k,n], 2 of 4)` inside a loop over kt, inside
loops over n. The transform `compress-n-of-m` writes it in place of `K` or `KP`. A group of m with
less than n elements that are not zero has places left over, at which A and B read as zero.

## Why the product is kept
An element of B that is zero adds nothing. B with more than n such elements in a group is refused.

## Hardware
An element of B comes with its index in the group, ceil(log2 m) bits, and a multiplexer in front of
the multiplier selects one of m elements of A.

## Example
Of the groups 0, 5, 0, -1 and 7, 0, 0, 0 the places hold 5 (index 1), -1 (index 3), 7 (index 0) and
a zero (index 0).

## Source
NVIDIA A100, arXiv 2104.08378.
",
};

const SPARSE: Primitive = Primitive {
    name: "sparse",
    summary: "a loop over the digits, or the values, that are not zero",
    explain: "\
## What it does
Its loop has an iteration for each digit that is not zero, in which `digit` is that digit. A zero
digit takes no iteration.

## Form
`for k, digit in sparse(encode(A[m,k])[bw], group 4, empty_cost_a_cycle)` inside a loop over bw: of
the digits of one bit weight, those that are not zero. Operands of K are looked at in groups, and an
empty group costs a cycle or is `empty_skipped`. `, lanes 4 per_group` at the end takes several
digits in an iteration, which `par g in G` inside runs over; `lockstep` and `per_bit_weight` are the
other ways of lanes to keep step.

`for bw, digit in sparse(encode(A[m,k]))` inside loops over m and k: of the digits of one element,
those that are not zero. `for bv, other in sparse(encode(B[k,n]))` is the same of the second
operand.

`for k in sparse(A[m,k], group 4, empty_cost_a_cycle)` inside loops over m: the k at which A has a
value that is not zero, without a digit. `sparse(A[m,k] and B[k,nt], ...)` inside one over nt: those
of them at which B has one, too, in the columns of the tile.

## Why the product is kept
A digit or a value that is zero adds nothing.

## Hardware
A search for the lowest place of a group with something to take, and a register for the group. How
long a row of the array takes depends on its operands, so rows drift apart and have to meet.

## Example
EN-T makes 4 digits of an int8; 64 has one that is not zero, so this loop over bw has one iteration:

  par m in M, n in N
    for k in K carrying acc
      for bw, digit in sparse(encode(A[m,k])) carrying acc
        acc += shift(map(B[k,n], digit), bw)
    C[m,n] = acc

## Source
HPCA 2025 (arXiv 2503.06342).
",
};

const MAP: Primitive = Primitive {
    name: "map",
    summary: "a word times one digit: a partial product not yet at its weight",
    explain: "\
## What it does
Multiplies a word by one digit.

## Form
`map(B[k,n], digits[bw])`: first the word, then the digit. In a sparse loop the digit is `digit`.

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
`shift(map(B[k,n], digits[bw]), bw)`: the word, then the bit-weight loop's variable; `bv` for digits
of the second operand.

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

const RAISE: Primitive = Primitive {
    name: "raise",
    summary: "a sum and a carry move up by one bit weight",
    explain: "\
## What it does
Multiplies both words of a pair by the radix, modulo the word, in place.

## Form
`s, c = raise(s, c)`, first in a loop `for bw in down(BW)` that carries the pair.

## Why the product is kept
Horner's rule: what was added at a bit weight is raised once for each lower one, so in the end it
stands at radix^bw. What leaves the top bit is dropped, as in every sum modulo the word.

## Hardware
Wires and a multiplexer between the pair's registers and the compressor. The pair is raised in the
cycle of the next digit, so it costs none of its own.

## Example
Digits 1, 2, -1, -1 of 91 at radix 4: ((1 * 4 + 2) * 4 - 1) * 4 - 1 = 91.

  par m in M, n in N
    for bw in down(BW) carrying s, c
      s, c = raise(s, c)
      for k, digit in sparse(encode(A[m,k])[bw], group 4, empty_cost_a_cycle) carrying s, c
        s, c = half_reduce(map(B[k,n], digit), s, c)
    C[m,n] = add(s, c)

## Source
HPCA 2025 (arXiv 2503.06342), with Horner's rule.
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
`multiply(digit, other)` is the product of a digit of each operand, in sparse loops over both.

## Why the product is kept
It is the product.

## Hardware
Whatever the synthesiser makes of `*`. There are no digits to skip and no sum and carry to keep;
`skip-zero-values` alone applies. Of two digits that are signed powers of two: an addition of their exponents.

## Example
`acc += multiply(A[m,k], B[k,n])`

## Source
None: the baseline without the bit-weight dimension.
",
};

const MEETING: Primitive = Primitive {
    name: "meeting",
    summary: "copies that run at their own pace wait for each other",
    explain: "\
## What it does
Copies of a `par` loop whose inside takes as long as its operands ask for wait until all have come
to the same place. It is called `sync` elsewhere.

## Form
`par mp in MP meeting tile`: at the end of a tile. `meeting 16`: after every 16 operands of K of each
bit weight, too. `sync` in a design says which.

## Why the product is kept
Waiting changes no value.

## Hardware
A bit of each row that says it is done, all of them joined. Rows that meet more often lose more
cycles to the slowest.

## Example
Rows that meet after every 16 operands:

  par m in M meeting 16, n in N
    for bw in down(BW) carrying s, c
      s, c = raise(s, c)
      for k, digit in sparse(encode(A[m,k])[bw], group 4, empty_skipped) carrying s, c
        s, c = half_reduce(map(B[k,n], digit), s, c)
    C[m,n] = add(s, c)

## Source
HPCA 2025 (arXiv 2503.06342).
",
};
