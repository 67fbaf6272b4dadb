//! Truth tables of up to six inputs in one word: bit i is the value where input j is bit j of i.
//!
//! A function of fewer inputs does not depend on the rest, so that equal functions of the same inputs are equal words.

/// The inputs themselves.
pub const INPUTS: [u64; 6] = [
    0xaaaa_aaaa_aaaa_aaaa,
    0xcccc_cccc_cccc_cccc,
    0xf0f0_f0f0_f0f0_f0f0,
    0xff00_ff00_ff00_ff00,
    0xffff_0000_ffff_0000,
    0xffff_ffff_0000_0000,
];

/// The function with inputs `i` and `j` exchanged, `i <= j`.
pub fn swap(table: u64, i: usize, j: usize) -> u64 {
    if i == j {
        return table;
    }
    let low = INPUTS[i] & !INPUTS[j];
    let shift = (1 << j) - (1 << i);
    table & !(low | low << shift) | (table & low) << shift | table >> shift & low
}

/// The function with input `i` inverted.
pub fn invert_input(table: u64, i: usize) -> u64 {
    let shift = 1 << i;
    (table & INPUTS[i]) >> shift | (table & !INPUTS[i]) << shift
}

/// Whether the function depends on input `i`.
pub fn depends(table: u64, i: usize) -> bool {
    (table ^ table >> (1 << i)) & !INPUTS[i] != 0
}

/// A table of `inputs` inputs (the low bits count) repeated over the whole word.
pub fn widen(table: u64, inputs: usize) -> u64 {
    let mut wide = if inputs >= 6 { table } else { table & ((1 << (1 << inputs)) - 1) };
    for i in inputs..6 {
        wide |= wide << (1 << i);
    }
    wide
}
