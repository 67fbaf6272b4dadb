//! What dense engines have in common: their ports in one cycle, and their architectural registers.

use super::element::Element;
use crate::engine::Command;
use crate::matrix::Matrix;
use crate::simulate::word::Word;

/// What the outside offers in one cycle, before the edge.
#[derive(Clone, Copy, Debug)]
pub struct Offered {
    /// The command offered, if one is.
    pub cmd: Option<Command>,
    /// A beat of A is offered.
    pub a: bool,
    /// A beat of B is offered.
    pub b: bool,
    /// A beat of partial sums is offered.
    pub p: bool,
    /// Results are taken if there are any.
    pub c_ready: bool,
}

/// Which beats change hands at the edge, and why a cycle without a step has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The pipeline moves.
    pub advance: bool,
    /// The command is accepted.
    pub cmd: bool,
    /// The beat of A is accepted.
    pub a: bool,
    /// The beat of B is accepted.
    pub b: bool,
    /// The beat of partial sums is accepted.
    pub p: bool,
    /// The row of results is accepted.
    pub c: bool,
    /// What holds the next step up.
    pub wait: Wait,
}

/// Why a cycle has no step; the cycle's part of the total follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// It has one.
    Nothing,
    /// No command has been accepted.
    Command,
    /// An operand is not offered, the array would take it.
    Operand,
    /// Weights are on their way in, or their way is not free yet.
    Weights,
    /// The results of the tile before are still on their way out.
    Drain,
    /// Nothing moves: results are not taken, or partial sums not offered.
    Frozen,
}

/// The data that goes with [`Offered`]; a slice is read only if its beat is accepted.
#[derive(Clone, Copy, Debug)]
pub struct Beats<'a, W, E> {
    /// Elements of A, in the order of the stream's lanes.
    pub a: &'a [E],
    /// Elements of B.
    pub b: &'a [E],
    /// The index in its group of each element of B, where weights are compressed; else empty.
    pub index: &'a [u8],
    /// One partial sum a column.
    pub p: &'a [W],
}

/// The registers of every PE, as far as they hold something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registers {
    /// Operand registers of A that a PE multiplies (where A stays: the element in use), where they belong to a step of a tile.
    /// rows x (cols * depth): place `kp` of K of PE (r, c) is entry (r, c * depth + kp). None of an operand whose digits come
    /// one after the other.
    pub a: Matrix<Option<i32>>,
    /// The same of B.
    pub b: Matrix<Option<i32>>,
    /// The accumulator, or the sum of the carry-save pair, modulo 2^sum_bits. How the pair splits that sum is left open:
    /// it depends on the compressor tree, and nothing outside the PE can see it. `None` before the first product.
    pub total: Matrix<Option<i64>>,
}

/// A register-level engine: all state that its RTL has, moved by one edge at a time.
pub trait Machine {
    /// Its accumulator's word.
    type Word: Word;
    /// Its operands' word.
    type Element: Element;

    /// What is accepted in this cycle: the combinational part of the hand-shakes.
    fn handshake(&self, offered: &Offered) -> Taken;

    /// The rising edge that ends the cycle.
    fn edge(&mut self, offered: &Offered, taken: &Taken, beats: Beats<Self::Word, Self::Element>);

    /// The row of results at the output; means something while [`result_offered`](Self::result_offered).
    fn result(&self) -> &[Self::Word];

    /// Whether a row of results is at the output.
    fn result_offered(&self) -> bool;

    /// A copy of the PEs' registers.
    fn registers(&self) -> Registers;
}
