//! What a simulation can say besides a result.

use super::Difference;
use crate::encoding::Format;
use crate::engine::{Dataflow, EngineError, EngineSpec};
use crate::workload::Origin;
use miette::Diagnostic;
use thiserror::Error;

/// Why a simulation has no result, or one that must not be trusted.
#[derive(Clone, Debug, Error, Diagnostic, PartialEq, Eq)]
pub enum SimulateError {
    /// Results that the accumulator cannot hold. The engine wraps, as its hardware does.
    #[error(
        "{count} of {total} results do not fit the {acc_bits}-bit accumulator; the first is C[{row}, {col}] = {exact}, which wraps to {wrapped}"
    )]
    #[diagnostic(
        code(simulate::accumulator_overflow),
        help("`--set operands.accumulator=int{needed_bits}` (or wider) holds every result of this workload")
    )]
    AccumulatorOverflow {
        /// Results that do not fit.
        count: usize,
        /// Results in all.
        total: usize,
        /// The accumulator's width.
        acc_bits: u32,
        /// Row of the first of them, row-major.
        row: usize,
        /// Its column.
        col: usize,
        /// Its value in the i64 reference.
        exact: i64,
        /// What the engine holds.
        wrapped: i64,
        /// Bits that would hold every result.
        needed_bits: u32,
    },
    /// The engine and the reference disagree.
    #[error(
        "{count} of {total} results differ from the reference; the first is C[{row}, {col}]: the engine has {engine}, the reference {reference}"
    )]
    #[diagnostic(
        code(simulate::mismatch),
        help("this is a defect of bitweight, not of the design; please report it with the design and the workload")
    )]
    Mismatch {
        /// Results that differ.
        count: usize,
        /// Results in all.
        total: usize,
        /// Row of the first of them, row-major.
        row: usize,
        /// Its column.
        col: usize,
        /// The engine's value.
        engine: i64,
        /// The reference's.
        reference: i64,
    },
    /// A tile that ran again at register level came out otherwise.
    #[error("the audit found a difference in tile {tile}: {what}")]
    #[diagnostic(
        code(simulate::audit),
        help("this is a defect of bitweight; `--register-level` runs everything register by register")
    )]
    Audit {
        /// The tile, as a block of C.
        tile: String,
        /// The first difference.
        what: Box<Difference>,
    },
    /// An operand outside its format.
    #[error("{operand}[{row}, {col}] = {value} is no number of {format}")]
    #[diagnostic(code(simulate::operand_range), help("widen the operand in the design, or requantise the workload"))]
    OperandRange {
        /// `A` or `B`.
        operand: &'static str,
        /// Its row.
        row: usize,
        /// Its column.
        col: usize,
        /// Its value.
        value: i32,
        /// Its format.
        format: Format,
    },
    /// Sums that the reference could not hold.
    #[error("a sum of {k} products of {a} and {b} can need {bits} bits")]
    #[diagnostic(
        code(simulate::long_sum),
        help("results have at most 64 bits: cut K, or choose a narrower format in the design")
    )]
    LongSum {
        /// Format of A.
        a: Format,
        /// Format of B.
        b: Format,
        /// Products of a sum.
        k: usize,
        /// Bits that it can need.
        bits: u32,
    },
    /// Weights that the design stores compressed have too many elements that are not zero.
    #[error(
        "column {col} of B has {nonzero} elements that are not zero at k = {k} to {}, and the design keeps {n} of every {m}",
        k + *m as usize - 1
    )]
    #[diagnostic(
        code(simulate::not_n_of_m),
        help("prune the weights to {n} of {m} along K, or remove `compress-n-of-m` from the design")
    )]
    NotNOfM {
        /// The column n of B.
        col: usize,
        /// The first k of the group.
        k: usize,
        /// Elements of the group that are not zero.
        nonzero: usize,
        /// What is kept of a group.
        n: u32,
        /// Elements of a group.
        m: u32,
    },
    /// The inner extents differ.
    #[error("A is {a_rows} x {a_cols} but B is {b_rows} x {b_cols}")]
    #[diagnostic(code(simulate::shape), help("C[M,N] += A[M,K] * B[K,N]: A has as many columns as B has rows"))]
    Shape {
        /// Rows of A.
        a_rows: usize,
        /// Columns of A.
        a_cols: usize,
        /// Rows of B.
        b_rows: usize,
        /// Columns of B.
        b_cols: usize,
    },
    /// The engine cannot run this GEMM.
    #[error(transparent)]
    #[diagnostic(code(simulate::engine), help("{}", remedy(.0)))]
    Engine(#[from] EngineError),
    /// A block as small as the array can take does not fit.
    #[error(
        "half of the buffer of {tensor} cannot hold a block of {} x {} x {} (M x N x K), {bits} bits",
        .block[0], .block[1], .block[2]
    )]
    #[diagnostic(
        code(simulate::buffer_too_small),
        help(
            "{}: `--set memory.{tensor}.kib={needed_kib}` holds two such blocks",
            if *is_fixed { "make `memory.block` smaller, or the buffer larger" } else { "the array takes no less of this layer at a time" }
        )
    )]
    BufferTooSmall {
        /// `a`, `b` or `c`.
        tensor: &'static str,
        /// Extents of the smallest block along M, N and K.
        block: [usize; 3],
        /// Bits of the matrix in it.
        bits: u64,
        /// KiB of both halves that would hold it.
        needed_kib: u64,
        /// Whether the design says how large blocks are.
        is_fixed: bool,
    },
    /// A size of blocks that the array cannot take.
    #[error(
        "`memory.block.{axis}` cannot be {size}: {}",
        match is_given {
            true => format!("its {extent} places are cut where blocks share exponents, {step} at a time"),
            false => format!("the array takes {step} of {extent} at a time"),
        }
    )]
    #[diagnostic(
        code(simulate::block_step),
        help(
            "{}, or leave `{axis}` out",
            match is_given {
                true => format!("make it {step}"),
                false => format!("make it {}, a multiple of {step}", size.next_multiple_of(*step)),
            }
        )
    )]
    BlockStep {
        /// `m`, `n` or `k`.
        axis: &'static str,
        /// The size that was asked for.
        size: usize,
        /// All of the axis.
        extent: usize,
        /// What sizes are whole multiples of.
        step: usize,
        /// Whether blocks that share exponents leave no other size.
        is_given: bool,
    },
    /// A size of blocks with more steps in a tile than the engine counts.
    #[error(
        "`memory.block.{axis}` cannot be {size}: {}the engine counts {longest} steps of a tile at most",
        if size > extent { format!("that is all of the layer's {extent}, and ") } else { String::new() }
    )]
    #[diagnostic(
        code(simulate::block_length),
        help(
            "make it {longest} or less, or leave `{axis}` out; or give the engine a wider counter, with `array.length-bits`"
        )
    )]
    BlockTooLong {
        /// `m` or `n`: the axis along which tiles take their steps.
        axis: &'static str,
        /// The size that was asked for.
        size: usize,
        /// All of the axis.
        extent: usize,
        /// Most steps that are counted.
        longest: u64,
    },
    /// A convolution whose windows would be cut into more blocks than are kept account of.
    #[error("the windows of this convolution would be cut into {count} blocks of A, more than the limit of {most}")]
    #[diagnostic(
        code(simulate::too_many_blocks),
        help("make the blocks larger: `memory.block.m` and `memory.block.k`, or the buffers that they have to fit")
    )]
    TooManyBlocks {
        /// Blocks of A, at least.
        count: u64,
        /// Most that are looked at.
        most: u64,
    },
    /// What a run would keep in memory at once.
    #[error("{what} need {needed_mib} MiB, more than the limit of {limit_mib}")]
    #[diagnostic(code(simulate::too_much_memory), help("{help}"))]
    TooMuchMemory {
        /// What would be kept, in the plural.
        what: &'static str,
        /// MiB of it.
        needed_mib: u64,
        /// Most that are taken.
        limit_mib: u64,
        /// What to do about it.
        help: &'static str,
    },
    /// Blocks that were asked for cut sums that stay in the PEs.
    #[error(
        "`{design}` cannot take blocks of {} x {} x {} (M x N x K) so: sums stay in its PEs, and K is cut",
        .block[0], .block[1], .block[2]
    )]
    #[diagnostic(
        code(simulate::block_of_sums),
        help(
            "leave `memory.block.k` out; or make blocks one tile, {} x {} of M x N, and `memory.loop-order` `auto`, `mnk` or `nmk`",
            .tile[0], .tile[1]
        )
    )]
    BlockOfSums {
        /// The design's name.
        design: String,
        /// Extents of the smallest block along M, N and K.
        block: [usize; 3],
        /// Extents of a tile along M and N.
        tile: [usize; 2],
    },
    /// Sums that stay in the PEs do not survive the order of the blocks.
    #[error(
        "`{design}` cannot take blocks in the order `{order}`: sums stay in its PEs, so a tile needs K whole and in order"
    )]
    #[diagnostic(
        code(simulate::loop_order),
        help(
            "`--set memory.loop-order=auto` (or `mnk`, `nmk`) cuts K innermost; or `--set memory.{tensor}.kib={needed_kib}` makes K one block"
        )
    )]
    LoopOrder {
        /// The design's name.
        design: String,
        /// The order that was asked for.
        order: &'static str,
        /// The matrix whose buffer cannot hold K whole.
        tensor: &'static str,
        /// KiB of both halves that would.
        needed_kib: u64,
    },
    /// An array that SCALE-Sim has no words for.
    #[error("SCALE-Sim counts systolic arrays only, and `{design}` is of kind `{array}`")]
    #[diagnostic(
        code(simulate::not_systolic),
        help("leave `--cycles scalesim` away, or choose a systolic design: mac-os, mac-ws, mac-is, opt1-os ..")
    )]
    NotSystolic {
        /// The design's name.
        design: String,
        /// Its kind of array.
        array: &'static str,
    },
    /// A condition that every run must meet was violated: a defect of this program.
    #[error("internal error: design `{design}`{}: {what}", .seed.map(|seed| format!(", seed {seed}")).unwrap_or_default())]
    #[diagnostic(code(simulate::internal), help("please report it with the design and the workload"))]
    Internal {
        /// The design's name.
        design: String,
        /// The workload's seed, where it has one.
        seed: Option<u64>,
        /// What was violated.
        what: String,
    },
}

/// Checks that what is about to be kept is not more than it may be.
///
/// # Errors
/// [`SimulateError::TooMuchMemory`].
pub(super) fn check_bytes(what: &'static str, bytes: u64, limit: u64) -> Result<(), SimulateError> {
    let help = "make the blocks larger, `memory.block`, or cut the layer, along M or along K";
    check_bytes_or(what, bytes, limit, help)
}

/// The same with what is to be done about it.
///
/// # Errors
/// [`SimulateError::TooMuchMemory`].
pub(super) fn check_bytes_or(
    what: &'static str,
    bytes: u64,
    limit: u64,
    help: &'static str,
) -> Result<(), SimulateError> {
    let [needed_mib, limit_mib] = [bytes, limit].map(|bytes| bytes.div_ceil(1 << 20));
    match bytes > limit {
        true => Err(SimulateError::TooMuchMemory { what, needed_mib, limit_mib, help }),
        false => Ok(()),
    }
}

impl SimulateError {
    /// The same, naming the seed of the workload if it is an internal error.
    pub fn with_seed(mut self, workload_seed: u64) -> Self {
        if let SimulateError::Internal { seed, .. } = &mut self {
            *seed = Some(workload_seed);
        }
        self
    }

    /// What to do about it in a layer of this origin, where more can be said than [`help`](Diagnostic::help) does.
    pub(super) fn advice(&self, origin: Origin) -> Option<String> {
        match self {
            SimulateError::NotNOfM { n, m, .. } => Some(origin.prune(*n, *m)),
            SimulateError::LongSum { .. } => Some(format!(
                "results have at most 64 bits: choose a narrower format in the design, or cut K: {}",
                origin.cut()
            )),
            _ => None,
        }
    }

    /// The keys of the design that it is about, the one that says most first; none if it is not about its memory.
    pub fn keys(&self) -> Vec<String> {
        let keys: &[String] = match self {
            SimulateError::BufferTooSmall { tensor, .. } => &[format!("memory.{tensor}.kib")],
            SimulateError::BlockStep { axis, .. } | SimulateError::BlockTooLong { axis, .. } => {
                &[format!("memory.block.{axis}")]
            }
            SimulateError::BlockOfSums { .. } => &["memory.block.k", "memory.loop-order"].map(str::to_owned),
            SimulateError::LoopOrder { .. } => &["memory.loop-order".to_owned()],
            SimulateError::TooManyBlocks { .. } => {
                &["memory.block.m", "memory.block.k", "memory.a.kib", "memory.c.kib"].map(str::to_owned)
            }
            _ => &[],
        };
        keys.to_vec()
    }

    /// Whether it is the extents of a layer that are the matter, and so the place where they are written says most.
    pub(super) fn is_about_extents(&self) -> bool {
        matches!(self, SimulateError::Engine(_) | SimulateError::LongSum { .. } | SimulateError::TooMuchMemory { .. })
    }

    /// The same of a block of results whose first one stands in this row and column.
    pub fn moved(mut self, by_rows: usize, by_cols: usize) -> Self {
        if let SimulateError::AccumulatorOverflow { row, col, .. } | SimulateError::Mismatch { row, col, .. } =
            &mut self
        {
            *row += by_rows;
            *col += by_cols;
        }
        if let SimulateError::NotNOfM { col, .. } = &mut self {
            *col += by_cols;
        }
        self
    }

    /// Whether the simulation ran and its answer is "no" (exit code 1), rather than that it could not run (2).
    pub fn is_answer(&self) -> bool {
        matches!(
            self,
            SimulateError::AccumulatorOverflow { .. } | SimulateError::Mismatch { .. } | SimulateError::Audit { .. }
        )
    }
}

/// What to do about a GEMM that the engine cannot run.
fn remedy(error: &EngineError) -> String {
    let EngineError::TileTooLong { dataflow, .. } = error else {
        return "`bitweight check` says more of the design".to_owned();
    };
    let wider = error.length_bits_needed().map(|bits| format!("`--set array.length-bits={bits}` counts so many"));
    match (dataflow, wider) {
        (Dataflow::OutputStationary, Some(wider)) => {
            format!("{wider}; memory around the engine does not cut K, since sums stay in the PEs until a tile ends")
        }
        (Dataflow::OutputStationary, None) => {
            format!(
                "no counter has more than {} bits: take more of K in a step, with a deeper array",
                EngineSpec::LENGTH_BITS.end()
            )
        }
        (_, wider) => {
            let cut = format!(
                "`--set memory.loop-order=auto` puts memory without limits around the engine, which cuts {} into blocks",
                dataflow.streamed()
            );
            wider.map_or(cut.clone(), |wider| format!("{wider}; or {cut}"))
        }
    }
}
