//! GEMM as a loop nest with the bit-weight dimension.
//!
//! A nest says what is computed where and when: `par` loops are copies of the hardware, `for` loops are moments of the
//! same hardware, statements are the primitives of bit-weight arithmetic. It is a tree ([`Nest`]) with a text form.
//! Transforms ([`transform`]) are rewrites of the tree.

mod axis;
pub mod gemm;
mod nest;
mod print;
mod query;
mod statement;
pub mod transform;

pub use axis::{Axis, Dimension, Extents};
pub use nest::{Domain, Loop, LoopKind, Nest, Node};
pub use query::{Accumulation, Operand};
pub use statement::{Access, Expr, Statement, Tensor, Term};
