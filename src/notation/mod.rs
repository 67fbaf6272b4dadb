//! GEMM as a loop nest with the bit-weight dimension.
//!
//! A nest says what is computed where and when: `par` loops are copies of the hardware, `for` loops are moments of the
//! same hardware, statements are the primitives of bit-weight arithmetic. It is a tree ([`Nest`]) with a text form.
//! Transforms ([`transform`]) are rewrites of the tree.

mod axis;
mod counts;
mod error;
mod evaluate;
pub mod gemm;
mod lex;
mod n_of_m;
mod nest;
mod parse;
mod primitive;
mod print;
mod query;
mod statement;
mod structure;
pub mod transform;
mod well_formed;

pub use axis::{Axis, Dimension, Extents};
pub use counts::Counts;
pub use error::{Code, NotationError, Place, error_codes};
pub use evaluate::{DigitRule, EvaluationError, Problem, evaluate};
pub use n_of_m::{FullGroup, NOfM};
pub use nest::{Domain, Groups, Loop, LoopKind, Nest, Node, Sparse, Values};
pub use parse::Source;
pub use primitive::Primitive;
pub use query::{Accumulation, Operand};
pub use statement::{Access, Expr, Statement, Tensor, Term};
pub use structure::{BitWeight, EncoderPlace, Hops, SkippedValues, Structure};
