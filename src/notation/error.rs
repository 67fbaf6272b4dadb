//! What can be wrong with the text of a nest or with a nest.

use std::fmt::{self, Display};

use miette::Diagnostic;
use thiserror::Error;

/// Declares the codes with the text that `explain` prints.
macro_rules! codes {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal: $explain:literal,)*) => {
        /// The stable name of a mistake, `notation::` and a phrase.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])* $variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// As printed, e.g. `notation::read_before_write`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => concat!("notation::", $name),)* }
            }

            /// What it means and how to mend it, for `explain`.
            pub fn explain(self) -> &'static str {
                match self { $(Code::$variant => $explain,)* }
            }
        }
    };
}

codes! {
    /// The text is not a nest.
    UnexpectedToken = "unexpected_token":
        "The line is neither a loop (`par x in X`, `for x in X carrying v`) nor a statement (`v = ...`, `v += ...`, \
         `s, c = half_reduce(...)`). The message says what was expected in that column.",
    /// A line is indented by tabs, or not to the level of a loop around it.
    BadIndentation = "bad_indentation":
        "What is inside a loop is indented by spaces, deeper than the loop and all alike; a line that ends a loop \
         returns to the column of an earlier line.",
    /// Loops or calls inside each other beyond reason.
    TooDeep = "too_deep":
        "Loops and calls stand at most 32 deep inside each other. A nest has ten loop variables and each is bound once on a \
         path, so a deeper one has no meaning.",
    /// A word where a loop variable belongs.
    UnknownLoopVariable = "unknown_loop_variable":
        "Loops run over m, n, k (whole dimensions), mt, nt, kt (tiles), mp, np, kp (places in the array), bw and bv (digit \
         slots) and g (lanes).",
    /// A word where an extent belongs.
    UnknownExtent = "unknown_extent":
        "Extents are the loop variables in capitals: M, MT, MP, N, NT, NP, K, KT, KP, BW, BV, G.",
    /// A call of something that is no primitive.
    UnknownPrimitive = "unknown_primitive":
        "The primitives are encode, stored, map, shift, half_reduce, raise, add and multiply; `+=` accumulates.",
    /// Loops inside each other share a dimension.
    LoopVariableBoundTwice = "loop_variable_bound_twice":
        "A dimension is run over whole (`m`) or in two parts (`mt` and `mp`), each by one loop at any place of the nest. \
         A second loop over the same variable, or a whole dimension inside one of its parts, has no meaning.",
    /// A loop variable runs over another's extent.
    ExtentMismatch = "extent_mismatch":
        "`m` runs over `M`, `mt` over `MT`, `mp` over `MP`, and so on. To cover M in pieces as large as the array, write \
         two loops, `mt in MT` and `mp in MP`.",
    /// A loop around nothing.
    EmptyLoop = "empty_loop": "A loop needs at least one loop or statement inside, indented under it.",
    /// An index without its loop.
    UnboundIndex = "unbound_index":
        "An index must be the variable of a loop around the statement. `m` is bound by a loop over `m`, or by loops over \
         both `mt` and `mp`. In `half_reduce`, `over x` binds x for its own argument.",
    /// A value is read on a path on which it has not been written.
    ReadBeforeWrite = "read_before_write":
        "A value lives from its statement to the end of the iteration it is written in. To outlive it, a value is \
         carried by the loop (`for k in K carrying acc`) or has the variable of a `par` loop as an index (`pp[bw]`).",
    /// A value written by two statements.
    WrittenTwice = "written_twice":
        "Every value has one statement that writes it, so that its name stands for one part of the hardware. Give the \
         second one its own name.",
    /// A value's name means something else.
    ReservedName = "reserved_name":
        "Loop variables, extents, primitives, the words par, for, in, carrying, over and the matrices A, B, C cannot name \
         a value.",
    /// A write to A or B, or a read of C.
    MatrixDirection = "matrix_direction": "A and B are read, C is written; `C[m,n] += ...` is a write too.",
    /// A matrix with indices that are not its own.
    MatrixIndices = "matrix_indices": "The matrices are A[m,k], B[k,n] and C[m,n], with whole indices in this order.",
    /// A value read with other indices than it is written with.
    IndicesDiffer = "indices_differ":
        "A value is read with the indices it is written with, in the same order; digits have their slot as one more \
         index at the end, `digits[bw]`.",
    /// A value indexed by something that is not a copy.
    IndexNotSpatial = "index_not_spatial":
        "The indices of a value tell its copies apart, so a value is written with different variables of `par` loops \
         around its statement.",
    /// An outer value changed in a loop that does not hand it on.
    NotCarried = "not_carried":
        "A statement may change a value of an outer level only if every loop in between carries it (`for k in K carrying \
         acc`), or is a `par` loop whose variable is an index of the value.",
    /// A loop carries a value that nothing inside changes.
    CarriedNeverWritten = "carried_never_written":
        "A carried value is what one iteration hands to the next; some statement inside the loop has to write it.",
    /// A primitive with an argument of another kind.
    WrongKind = "wrong_kind":
        "`encode` reads an element of A or B and is the whole right side of `=`; its digits are only read one at a time, \
         as the second argument of `map`; every other argument is a word.",
    /// A shift that is not by the digit's slot.
    ShiftAxis = "shift_axis": "`shift(x, bw)` moves a word to the weight of digit slot bw, radix^bw; no other loop has a weight.",
    /// A reduction over something that no `par` loop made.
    OverNotSpatial = "over_not_spatial":
        "`half_reduce(pp[bw] over bw)` takes the copies of `pp` that an earlier `par bw` loop made. Its argument must read \
         a value with that index.",
    /// A nest that encodes A and B.
    TwoEncodedOperands = "two_encoded_operands":
        "Digits are taken of A or of B. Where both become digits, each has a sparse loop of its own: `bw` runs over one, `bv` over the \
         other.",
    /// C is not written, or by more than one statement.
    ResultStatements = "result_statements": "A nest computes C, and exactly one statement writes it: `C[m,n] = ...`, or `C[m,n] += ...` when tiles of K add up.",
    /// An element of C is written more often than once.
    ResultNotOnce = "result_not_once":
        "`C[m,n] = ...` stands inside loops over m and n only. `C[m,n] += ...` may also stand inside `for` loops over \
         parts of K, whose results add up; copies of the hardware cannot all write one element.",
    /// An operand is handed along a loop that needs several of its elements.
    PassingLoop = "passing_loop":
        "`passing A` says that copies of a `par` loop hand an element of A to the next through a register. Copies can share \
         an element only when it does not depend on their loop variable: A passes along n, B along m.",
    /// A temporal loop with a meeting.
    MeetingLoop = "meeting_loop":
        "`meeting tile` or `meeting 32` says where copies of a `par` loop that run at their own pace wait for each other; \
         a `for` loop has no copies.",
    /// A sparse loop, or its lanes, out of place.
    SparseLoop = "sparse_loop":
        "A sparse loop runs in time: over k, inside a loop over bw, or over the bit weights (`bw`, or `bv` for the second \
         operand) of one element. `par g` runs over the lanes of the sparse loop around it.",
    /// A loop over kept places out of place.
    KeptLoop = "kept_loop":
        "`kept(B[k,n], 2 of 4)` stands for the places that are kept of a column of B, 2 of every 4 k. It is the domain of `for k`, or \
         of `kp` inside a loop over kt, inside loops over n, and then of every loop over k and kp.",
    /// The evaluator was given a B that is not as compressed as the nest says.
    NotNOfM = "not_n_of_m":
        "The nest keeps n of every m elements of a column of B, and a group of this B has more that are not zero. Prune it first.",
    /// A transform was given a nest with mistakes.
    NotWellFormed = "not_well_formed":
        "Transforms and the evaluator work on nests without mistakes; the message lists the mistakes of this one.",
    /// The evaluator was given matrices that do not multiply.
    ShapesDiffer = "shapes_differ": "C = A * B needs as many columns of A as there are rows of B.",
    /// The evaluator was given an array without places.
    NoPlaces = "no_places": "The array a nest is run on has at least one place each in M, N and K (MP, NP, KP).",
    /// The evaluator was given an impossible word.
    WordBits = "word_bits": "The evaluator computes in two's complement words of 1 to 64 bits, as wide as the accumulator.",
    /// The evaluator has to encode without an encoding.
    NoDigits = "no_digits": "The nest encodes an operand; running it needs an encoding and the operand's width.",
    /// A transform found no loop over K.
    NoReductionLoop = "no_reduction_loop": "The transform rewrites a reduction over K; the nest has no loop over k, kt or kp.",
    /// A transform found a product without digits.
    NoHalfReduce = "no_half_reduce":
        "`compress-accumulate` keeps the sum and the carry of a compressor tree apart. A product that is one operator, \
         `multiply`, has no such pair: choose an encoding. Nor has an array that adds digits up one by one (`stripes`, `pragmatic`, \
         `laconic`): leave the transform out.",
    /// A transform found nothing that is added up.
    NoAccumulation = "no_accumulation": "The transform rewrites `acc += add(s, c)` in the reduction loop; the loop adds nothing up.",
    /// A transform needs an earlier one.
    TransformOrder = "transform_order":
        "The transform starts from what an earlier transform leaves; the message names it. List it before this one.",
    /// A transform found a loop that is of the wrong kind, is missing, or stands in the way.
    LoopInTheWay = "loop_in_the_way":
        "The transform needs certain loops around the reduction; the message says which, and quotes the nest's own. Choose \
         an array whose nest has them.",
    /// A transform was given a parameter beyond its range.
    ParameterRange = "parameter_range": "A parameter of a transform is out of its range; the message has both.",
    /// A transform found its own result.
    AlreadyApplied = "already_applied": "The transform has been applied to this nest before; list it once.",
    /// The sum goes to something the loop does not carry.
    AccumulatorNotCarried = "accumulator_not_carried":
        "The transform replaces a carried value by a carried pair, so the reduction loop has to carry the value it adds \
         to.",
    /// The addition reads more than a pair.
    AddReadsMore = "add_reads_more":
        "The addition can only leave the loop when it reads nothing but the sum and the carry of one half_reduce, \
         written before it in the same iteration.",
    /// The pair has another reader.
    PairReadElsewhere = "pair_read_elsewhere":
        "After the transform the pair is the sum of all steps so far; a statement that reads the pair of one step would \
         change its meaning.",
    /// The accumulator is read before it is complete.
    AccumulatorRead = "accumulator_read":
        "After the transform the accumulator exists only behind the loop; inside it may be added to, but not read.",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The first character of something in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// A mistake in the text of a nest or in a nest.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message}")]
pub struct NotationError {
    /// What kind of mistake.
    pub code: Code,
    /// The sentence, with the line's own words quoted.
    pub message: String,
    /// Line of the text the nest was parsed from, else of its printed form; from 1.
    pub line: usize,
    /// First column of the mistake on that line, or of the line's text; in characters from 1.
    pub column: usize,
    /// What the user can do.
    pub help: String,
}

impl Diagnostic for NotationError {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(&self.help))
    }
}

/// Each code of this module with the page that `explain` prints.
pub fn error_codes() -> Vec<(&'static str, &'static str)> {
    Code::ALL.iter().map(|code| (code.name(), code.explain())).collect()
}
