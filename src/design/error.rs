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
            "Operands and accumulators are signed two's-complement integers, written `int` and the number of bits: `int8`. \
             Unsigned and floating-point formats do not exist here.",
        ),
        (
            "design::width_out_of_range",
            "An operand has 2 to 16 bits, an accumulator 8 to 64. A one-bit signed number has no positive value; words above \
             64 bits are not built.",
        ),
        (
            "design::narrow_accumulator",
            "The accumulator must hold at least one product: as many bits as both operands together. A sum of K products needs \
             up to log2(K) bits more; what does not fit wraps and the simulation reports it.",
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
            "`array.kind` says which array is built. This version builds systolic arrays; `bitweight list arrays` prints the \
             kinds that exist.",
        ),
        (
            "design::unknown_dataflow",
            "`array.dataflow` says which matrix stays in the PEs of a systolic array. `output-stationary`: each PE keeps one \
             element of C and sums over K; rows are M, columns are N. `weight-stationary`: each PE keeps one element of B and \
             partial sums pass down the columns; rows are K, columns are N.",
        ),
        (
            "design::size_out_of_range",
            "`rows` and `cols` are 1 to 256. An array of one row or one column is legal. Matrices larger than the array are \
             cut into tiles, so the array need not be as large as the problem.",
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
    ]
}
