//! The codes of a design's mistakes, with the pages that `explain` prints.

/// Code and page of everything that can be wrong with a design that could be read.
pub(super) fn error_codes() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "design::bad_name",
            "The name of a design becomes part of file names, Verilog module names and build scripts. It is kebab case: words \
             of lower-case letters and digits joined by single dashes, beginning with a letter, at most 48 characters. Dashes \
             become underscores in Verilog.",
        ),
        (
            "design::unknown_transform",
            "A transform rewrites the loop nest of the design. `bitweight list transforms` prints those that exist, \
             `bitweight explain NAME` what each of them does and what it needs.",
        ),
        (
            "design::unknown_format",
            "Operands are integers, written by kind and number of bits: `int8` is two's complement, `uint8` is never negative; or \
             numbers that are decoded to integers where they come in: `mxint8`, `mxfp4`, `mxfp6-e2m3`, `mxfp6-e3m2`, `fp8-e4m3`, \
             `fp8-e5m2` (`bitweight list formats`). Accumulators are signed integers.",
        ),
        (
            "design::width_out_of_range",
            "An operand has 2 to 16 bits, an accumulator 8 to 64. A one-bit signed number has no positive value; words above \
             64 bits are not built.",
        ),
        (
            "design::bad_word",
            "`operands.a-word` and `operands.b-word` make the word wider that a format such as `mxfp4` is decoded to, so that the \
             array is that of an engine for wider integers: with `a-word = 8` the PEs are those of `a = \"int8\"`. Least is what \
             holds every number of the format, most 33 bits. Integers are not decoded, and have no such key.",
        ),
        (
            "design::wide_product",
            "Words of hardware and of simulation have at most 64 bits. `fp8-e5m2` spans 2^-16 to 2^15 and is decoded to words of \
             33 bits, so a product of two of them does not fit; with every other format it does. With `saturate = true` sums must \
             fit too that are as long as the longest tile.",
        ),
        (
            "design::wide_digits",
            "The digits of an operand leave its encoder as one word of select lines, of at most 64 bits. A radix-2 encoding with \
             signed digits has two lines a bit, which is too much for the words of 33 bits that `fp8-e5m2` is decoded to.",
        ),
        (
            "design::narrow_accumulator",
            "The accumulator must hold at least one product: as many bits as both operands together, and one more when both are \
             unsigned. A sum of K products needs up to log2(K) bits more; what does not fit wraps and the simulation reports it. \
             With `operands.saturate = true` sums inside are as wide as the longest tile needs and results are clipped where \
             they leave, so the accumulator may then be narrower than a product.",
        ),
        (
            "design::unknown_operand",
            "`encoding.operand` says which operand becomes digits: `a`, the left matrix A[M,K], or `b`, the right matrix B[K,N].",
        ),
        (
            "design::unknown_encoding",
            "`encoding.kind` says how the operand becomes signed digits, or is `none`: then the product is Verilog's `*` and \
             the synthesiser chooses. `bitweight list encodings` prints those that exist.",
        ),
        (
            "design::unknown_array",
            "`array.kind` says which array is built: one of the four arrays of the paper, or a rival to compare with. \
             `bitweight list arrays` prints the kinds, `bitweight explain NAME` what each of them is.",
        ),
        (
            "design::unknown_dataflow",
            "`array.dataflow` says which matrix stays in the PEs of a systolic array. `output-stationary`: each PE keeps one \
             element of C and sums over K; rows are M, columns are N. `weight-stationary`: each PE keeps one element of B and \
             partial sums pass down the columns; rows are K, columns are N. `input-stationary`: the same with A in the PEs and \
             columns of M. Other arrays are output stationary and have no such key.",
        ),
        (
            "design::size_out_of_range",
            "`rows` and `cols` are 1 to 256, `depth` and `lanes` 1 to 64, and all products made at a time at most 65,536. With \
             `compress-n-of-m` all PEs together hold at most 262,144 words of A. An array \
             of one row or one column is legal. Matrices larger than the array are cut into tiles, so the array need not be as \
             large as the problem.",
        ),
        (
            "design::bad_length",
            "`array.length-bits` is how many bits the counter of a tile's steps has (port `cmd_length_i`), 4 to 32; 16 if absent. A \
             tile has at most 2^bits - 1 steps: K over the depth of a PE where results stay (groups of K where rows skip zeros), M \
             where weights stay, N where inputs stay. More bits make the control a little larger; with `saturate` they also \
             make sums wider, which never overflow in the longest tile.",
        ),
        (
            "design::unused_key",
            "The key exists, but not for this design: `dataflow` is for systolic arrays, `depth` for `cube` and `adder-tree`, \
             `lanes` for `stripes`, `pragmatic` and `laconic`, `shift-bits` and `sync` for `pragmatic` (where digits or \
             values are skipped `sync` stands in `[skip-zero-digits]` or `[skip-zero-values]`). The sections \
             `[align-bit-weight]`, `[skip-zero-digits]`, `[skip-zero-values]`, `[extend-reduction]` and \
             `[compress-n-of-m]` are for designs whose `transforms` have that transform. Ignoring such a key would run \
             something else than what was asked for.",
        ),
        (
            "design::unknown_choice",
            "A choice about a transform. `align-bit-weight.bit-weight`: `spatial` (a reduction tree for each bit weight) or \
             `temporal` (one tree, one bit weight a cycle). `skip-zero-digits.empty-groups`: `cost-a-cycle` (as in the released \
             control) or `skipped`. `skip-zero-digits.sync`: `per-operand`, `per-tile` or a number of operands. \
             `skip-zero-values` has these two, and `match`: `a` (values of A that are zero are skipped) or `both` (also those \
             that meet a row of zeros in the tile of B). \
             `extend-reduction.pace`: `lockstep` (lanes look at the same place of their groups), `per-group` (lanes take their \
             next groups together) or `per-bit-weight` (lanes meet at the end of a bit weight).",
        ),
        (
            "design::bad_group",
            "`skip-zero-digits.group` is how many consecutive operands of K form a group, whose digits of one bit weight are \
             looked at together: 1 to 32. The released control has 4. `skip-zero-values.group` is the same of their values.",
        ),
        (
            "design::bad_sync",
            "`skip-zero-digits.sync`, `skip-zero-values.sync`, or `array.sync` of `pragmatic`, is where rows of the array, which run at their own pace, \
             meet: `per-tile`, `per-operand`, or after a number of operands of K. A row takes whole groups, and with \
             `extend-reduction` one group for each lane, so the number must be a multiple of `group`, or of `group` times \
             `lanes`; of `lanes` in `pragmatic`. `per-operand` is 1: it needs rows that take one operand at a time.",
        ),
        (
            "design::bad_shift",
            "`array.shift-bits` is how many bits the shifter in a lane of `pragmatic` has, 0 to 4: in a cycle a row takes the \
             terms that are less than 2^bits places above the lowest one of all its lanes. With 4 no lane ever waits for \
             another one's place.",
        ),
        (
            "design::bad_n_of_m",
            "`compress-n-of-m.n-of-m` says how many elements of each group of K are stored: `[2, 4]` keeps at most 2 of every 4. \
             Groups have at most 16 elements, and less are kept than there are: 1 <= n < m <= 16.",
        ),
        (
            "design::places_of_groups",
            "With `compress-n-of-m` the places of K in the array hold kept elements, n for each group. Where weights stay, rows are \
             such places and their number is a multiple of n. In a cube or an adder tree `depth` is a multiple of n, or divides n: \
             a group then takes several steps.",
        ),
        (
            "design::groups_of_blocks",
            "In a format with shared exponents the engine multiplies blocks of 32 elements of K one after the other, and groups of \
             `compress-n-of-m` begin anew in each. Weights that are n of m along all of K are so in each block only if m divides 32.",
        ),
        ("design::bad_lanes", "`extend-reduction.lanes` is how many digits share one accumulator: 2, 4 or 8."),
        (
            "design::encoding_of_array",
            "Arrays that are serial in the digits of an operand take some encodings only. `stripes` takes bits: \
             `twos-complement`. `pragmatic` and `laconic` take signed powers of two of radix 2: `csd`, \
             `sign-magnitude` or `twos-complement`. Engines that skip zero digits take any encoding. `laconic` is serial in both operands, and its encoding \
             is of both; the others are serial in operand `a`: to be serial in B, multiply the transposes, C^T = B^T A^T.",
        ),
        (
            "design::bad_memory",
            "`[memory]` is what stands between DRAM and the array: a buffer each for A, B and C with `kib` (both halves together, 1 \
             to 1,048,576) and `bits-per-cycle` (of its port to the array, 1 to 65,536), and `dram-bits-per-cycle` (1 to \
             65,536). A key that is absent is no limit, and without the section everything is always offered. `block = { m = .., n \
             = .., k = .. }` says how large blocks are; what it does not say is chosen for each layer. `bitweight \
             explain memory` says what follows from them.",
        ),
        (
            "design::unknown_loop_order",
            "`memory.loop-order` is the nest of the loops over blocks, outermost first: `mnk`, `mkn`, `nmk`, `nkm`, `kmn` or \
             `knm`. `auto` takes for each layer the order, and the blocks, with about the least DRAM traffic, and of near-equal \
             ones the fastest.",
        ),
        (
            "design::bad_clock",
            "`rtl.clock-period-ns` is the period the constraints file asks of synthesis and the estimate compares with. It is \
             0.001 to 1000 ns. It does not change the hardware or the cycles.",
        ),
        (
            "design::unknown_reset",
            "`rtl.reset` is `async-low` (port `rst_ni`, asynchronous), `sync-low` (port `rst_ni`, sampled at the clock edge) \
             or `sync-high` (port `rst_i`, sampled at the clock edge).",
        ),
        (
            "design::cfg_syntax",
            "A configuration of SCALE-Sim is an INI file: lines are `[section]`, `Key : value` or `Key = value`; a comment begins \
             with `#` or `;`, at the start of a line or behind a blank. This line is none of them.",
        ),
        (
            "design::cfg_value",
            "A key of a SCALE-Sim configuration has a value that it cannot have. `ArrayHeight` and `ArrayWidth` are 1 to 256, \
             `Dataflow` is os, ws or is; buffers are whole numbers of kB, 1 to 1048576 (`OfmapSramSzkB`, whose elements are wider here, to \
             262144), offsets and banks whole numbers, `Bandwidth` one of 1 or more, or several with commas, switches true or false, `InterfaceBandwidth` CALC or USER. Keys that SCALE-Sim does not know are noted and \
             ignored, missing ones have defaults.",
        ),
    ]
}
