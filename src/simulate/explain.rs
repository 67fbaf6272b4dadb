//! The pages that `explain` prints for the errors of simulations.

/// Each code of this module with its page.
pub fn error_codes() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "simulate::accumulator_overflow",
            "\
The exact product has elements that the design's accumulator cannot hold. The hardware wraps them
(two's complement), and so does the simulation; because a wrapped result is hardly ever wanted, it is
reported: how many elements, the first of them, its exact and its wrapped value. Exit code 1.

Widen `operands.accumulator`: a K-step product of a-bit by b-bit operands never needs more than
a + b + ceil(log2 K) bits. Or give the workload smaller values.
",
        ),
        (
            "simulate::mismatch",
            "\
The engine's result is not the reference's (a triple loop in 64-bit integers), not even modulo
2^(accumulator bits). Exit code 1. Designs cannot cause this, only a defect of bitweight can: please
report it with the design and the workload.
",
        ),
        (
            "simulate::audit",
            "\
Cycles and values come from the event-exact engine, which counts digits and applies closed laws. On
every run a sample of its tiles (`--audit`: 4 a layer unless told otherwise, chosen by the seed) runs
again at register level, and every value, cycle, part and word is compared. One differed: the message
names the tile, as a block of C, and its first difference. Exit code 1. Designs cannot cause this,
only a defect of bitweight can: please report it with the design, the workload and the seed.

`--register-level` computes the whole run register by register, which takes longer and is right
where the two differ.
",
        ),
        (
            "simulate::operand_range",
            "\
An element of A or B does not fit the operand format of the design. Formats are two's complement:
int8 is -128 to 127. Widen the operand in the design, or requantise the values. A code of fp8 that is
NaN or an infinity is no number.
",
        ),
        (
            "simulate::long_sum",
            "\
Elements of fp8-e5m2 are decoded to integers of 33 bits, so a sum of many products with a wide operand
can need more than the 64 bits that results have. The error says how many: a product's, and log2 of K
more. Formats of blocks have sums of 32 products only.
",
        ),
        (
            "simulate::not_n_of_m",
            "\
The design stores weights compressed (`compress-n-of-m`): of every m consecutive k of a column of B
at most n elements may be other than zero, and this B has a group with more. The message has its
layer, the column n and the group's k. An engine that dropped the rest would compute another product,
so nothing is run.

Prune the weights first: in a workload with `sparsity = { n-of-m = [2, 4] }`, in a file with the tool
that trained them. Or run the layer on a design without the transform.
",
        ),
        (
            "simulate::shape",
            "\
Two matrices do not fit each other. In C[M,N] += A[M,K] * B[K,N] A has as many columns as B has rows.
",
        ),
        (
            "simulate::engine",
            "\
The engine cannot run a product of this shape: an extent is 0, or a tile has more steps than the
engine's step counter can count: 2^bits - 1, with `array.length-bits` = 16 unless the design says
otherwise. Steps are K over the depth of a PE when output stationary (groups of K where rows skip
zeros), M when weight stationary, N when input stationary. All layers are looked at before the first
one runs, and the one with the longest tiles is named.

A wider counter, up to 32 bits, counts longer tiles: the help has the width that suffices. With
`[memory]` the blocks of a layer are what runs. When weight or input stationary they are cut so that
their tiles are short enough, so no layer is too long. When output stationary (all arrays but these
two) the sums of a tile stay in the PEs while its blocks of K come, and all of them are one tile.

`--cycles scalesim` needs a run of the engine too: SCALE-Sim's count has no such limit, and stands
beside ours.
",
        ),
        (
            "simulate::buffer_too_small",
            "\
Half of each buffer holds the block that is used, the other half the one that comes next. The smallest
block that an array can take is one tile of it: rows x cols results and a step of K where results stay
(where rows skip digits at their own pace a group of each lane, or those up to a meeting), one row
of the streamed matrix and rows x cols elements of the other where an operand stays. The help says how
many KiB the buffer needs for it; both halves count. `bitweight explain memory` has the rules.
",
        ),
        (
            "simulate::block_step",
            "\
`memory.block` says how large blocks are along M, N and K, for every layer. A block is whole multiples of
what the array takes at a time: the rows and columns of a tile of results and a step of K where results
stay, the rows and columns of the operand that stays elsewhere (the axis that streams takes any size). A
size that is at least the layer's extent is the whole axis, but for K in an MX format, which is cut into
blocks of 32 and nowhere else. `bitweight explain memory` has the steps of each array.
",
        ),
        (
            "simulate::block_length",
            "\
Where an operand stays in the array, a tile takes one step for each row or column of a block that streams past
it, and the engine counts these steps in a counter of `array.length-bits` bits. Blocks that are chosen
are never longer; `memory.block` must not ask for longer ones.
",
        ),
        (
            "simulate::too_many_blocks",
            "\
Of a convolution the input is stored, not its windows, so what each block of windows is made of is counted and
kept, at most 4,194,304 of them. Buffers that hold hardly more than the array takes at a time, or a `memory.block`
of single rows, cut a large image into more.
",
        ),
        (
            "simulate::too_much_memory",
            "\
A run takes the memory of a few blocks of its operands, however large they are, with three exceptions that are
looked at before anything is taken. `--register-level` has whole operands in memory, at most 1 GiB with the
registers' own copies of them. With `[memory]` around an engine whose cycles depend on the data, what each tile
takes in each block of K is kept, at most 128 MiB. And where values are skipped that meet only zeros
(`match = \"both\"`), a bit for each row of B and column of tiles says which, at most 128 MiB.

Without `--register-level` a sample of the tiles runs register by register all the same. Larger blocks
along K are fewer. Else cut the layer into several, along M or along K.
",
        ),
        (
            "simulate::block_of_sums",
            "\
Where results stay in the PEs a sum cannot leave half done and come back. If `memory.block.k` is less than
K, or if K is cut because it does not fit the buffers, each block has to be one tile of results and K the
innermost loop. The sizes that the design asks for, or its `loop-order`, are others.
",
        ),
        (
            "simulate::loop_order",
            "\
Where results stay in the PEs (all arrays but the weight and input stationary systolic one) a sum cannot
leave half done and come back: nothing takes partial sums in. So the blocks of K of one tile follow each
other, K is the innermost of the loops over blocks (`mnk`, `nmk`), and each block is one tile of results.
The other four orders are possible only while K is one block, that is while half of the buffers of A and
B hold it whole. Weight and input stationary arrays have a stream of partial sums and take all six.
",
        ),
        (
            "simulate::not_systolic",
            "\
`--cycles scalesim` shows beside our cycles those that SCALE-Sim counts. It knows an array by rows,
columns and which operand stays, all of them systolic. Cubes, adder trees, arrays that broadcast and
engines that skip zeros have no such count. Transforms do not matter to it: opt1-os has the count of
mac-os.
",
        ),
        (
            "simulate::internal",
            "\
A condition that every run must meet was violated: parts that do not sum to the total, words that
appear or vanish, results before their operands, a cycle count that is not the law's. It is a defect
of bitweight, never of a design; the message names design and seed so that it can be reported.
",
        ),
    ]
}
