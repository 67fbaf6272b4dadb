//! What crosses the ports of a serial engine in one cycle.

use super::taking::Work;

/// What the outside offers in one cycle, before the edge.
#[derive(Clone, Debug, Default)]
pub struct Offered {
    /// A command: groups of a lane and pass.
    pub cmd: Option<u32>,
    /// For each reader (row by row, lane by lane) whether a group of A is offered.
    pub a: Vec<bool>,
    /// For each reader whether a beat of b is offered.
    pub b: Vec<bool>,
    /// Results are taken if there are any.
    pub c_ready: bool,
}

/// What changes hands at the edge that ends a cycle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The pipeline moves.
    pub advance: bool,
    /// The command is accepted.
    pub cmd: bool,
    /// For each reader whether its group of A is accepted.
    pub a: Vec<bool>,
    /// For each reader whether its beat of b is accepted.
    pub b: Vec<bool>,
    /// The row of results is accepted.
    pub c: bool,
    /// A tile ends: every row has worked on its last group, and results may follow.
    pub tile_ends: bool,
    /// What each unit does.
    pub work: Vec<Work>,
    /// Units whose meeting is over: their next group may be accepted.
    pub released: Vec<bool>,
    /// The command at hand becomes the tile's: its first groups may be accepted.
    pub tile_starts: bool,
}
