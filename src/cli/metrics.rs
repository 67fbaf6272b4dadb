//! Pages of the figures that runs report.

use super::Item;

/// Name, one line, and page of every metric.
const METRICS: &[(&str, &str, &str)] = &[
    (
        "cycles",
        "rising clock edges from the first operand accepted to the last result accepted, both included",
        "Cycles of a run are the rising clock edges from the one that accepts the first operand to the one on which the last \
         result is accepted, both included, with operands offered on every cycle and results always taken. The closed form, \
         the register-level simulation, the interpreted netlist and the emitted Verilog give the same number. It is the sum \
         of the parts load, fill, compute, sync, empty, drain and stall.",
    ),
    (
        "utilization",
        "useful operations over those that all PEs could do in all cycles",
        "Utilisation is the number of useful operations divided by rows * cols * cycles times what a PE can do in a cycle. \
         Where digits are not skipped an operation is a multiply-accumulate, M * N * K in all, and a PE of a cube or an adder \
         tree does as many in a cycle as it is deep. One that takes W cycles, a bit weight after the other (`stripes`, \
         `align-bit-weight` in time), counts once all the same, so there utilisation is at most 1/W. Where weights are stored \
         compressed (`compress-n-of-m`) an operation is a multiplication by a stored weight, M * N * n * ceil(K/m) in all. \
         Engines that skip zeros are credited with digits (terms, pairs of them, or values) instead. Lanes beyond the edge of a \
         matrix, filling, draining and waiting all lower it. It is never above 1.",
    ),
    (
        "load",
        "cycles in which weights move in and nothing else happens",
        "Load counts cycles spent bringing weights into a weight-stationary array that no other work hides.",
    ),
    (
        "fill",
        "cycles until the last PE has its first useful product",
        "Fill counts the cycles an operand needs to reach the PE farthest from the corner where it enters.",
    ),
    (
        "compute",
        "cycles in which steps of operands are worked on",
        "Compute counts the cycles of steps. A tile has K steps where results stay, K / depth rounded up where a PE takes several \
         places of K (`cube`, `adder-tree`, `stripes`), M where weights stay and N where inputs stay. A step takes a cycle, or one \
         for each digit slot where bit weights follow each other (`stripes`, `align-bit-weight` in time). Where zeros are skipped \
         compute is the digits (terms in `pragmatic`, pairs of terms in `laconic`) that lanes take, divided by the number of lanes.",
    ),
    (
        "sync",
        "cycles in which a row, column or lane waits for a slower one",
        "Sync counts waiting between rows, columns or lanes that skip zero digits at their own pace: their waiting summed up \
         and divided by how many of them there are. Arrays that skip nothing have none.",
    ),
    (
        "empty",
        "cycles of a group without a non-zero digit",
        "Empty counts groups of digits that are all zero and still take a cycle, a mean over rows. Arrays that skip nothing \
         have none.",
    ),
    (
        "drain",
        "cycles in which results leave and nothing hides it",
        "Drain counts cycles in which results move out, or are captured, while no step is accepted.",
    ),
    (
        "stall",
        "cycles spent waiting for operands or for results to be taken",
        "Stall counts cycles in which the array could have gone on but operands were not there or results were not taken. With \
         `[memory]` in the design it is what a run takes longer than the same tiles with everything always offered: see \
         `bitweight explain memory`.",
    ),
    (
        "memory",
        "buffers and DRAM around an engine: blocks, loop orders, traffic and stalls",
        include_str!("../../docs/memory.md"),
    ),
    (
        "area",
        "estimated area of the standard cells, and what they are for",
        "The estimate tells cells apart by what they are for. `encoder`: operands become digits. `partial products`: digits choose \
         multiples of the other operand. `multiplier`: a `*` left to the synthesiser. `compressor`: full and half adders without \
         carry propagation. `adders`: with it. `registers`: flip-flops that hold words, stages of a pipeline among them. `skew`: \
         delay lines whose depth differs between lanes, which skew operands or results of a systolic array. `drain`: where results \
         leave. `control`: everything that decides when, and all single bits. `buffers`: repeaters of nets with many readers.",
    ),
    (
        "audit",
        "tiles that were simulated register by register beside the event-exact engine",
        "Runs take their cycles from digit counts and closed laws. A sample of the tiles, chosen by the workload's seed, is \
         simulated again with every register on every cycle, and every value, cycle, part and word must be the same. `--audit \
         0.1` takes that part of the tiles, `--audit all` all of them; 4 a layer otherwise. `--register-level` runs everything so.",
    ),
    (
        "scalesim-cycles",
        "cycles as SCALE-Sim counts them, where `--cycles scalesim` asks for them",
        "SCALE-Sim v3 cuts a product into F folds of its R x C array and counts F * (T + overhead) - 1 cycles, stalls left out. \
         Output stationary F is ceil(M/R) * ceil(N/C), T is K and the overhead R + C - 2; weight stationary F is ceil(K/R) * \
         ceil(N/C), T is M and the overhead 2R + C - 2; input stationary F is ceil(K/R) * ceil(M/C), T is N and the overhead \
         2R + C - 2. No fold overlaps another, where tiles of the engines here follow without a gap, and output stationary the \
         drain of the results is left out. It is a figure to compare with, not one of this engine.",
    ),
    (
        "digits-per-operand",
        "mean number of non-zero digits of the encoded operand",
        "Digits per operand is the mean count of non-zero digits over the elements of the encoded matrix: the work that an \
         engine which skips zero digits would do.",
    ),
];

/// Every metric.
pub(super) fn items() -> Vec<Item> {
    let item = |&(name, summary, page): &(&str, &str, &str)| Item {
        name: name.to_owned(),
        summary: summary.to_owned(),
        page: format!("{}\n", page.trim_end()),
        cells: Vec::new(),
    };
    METRICS.iter().map(item).collect()
}
