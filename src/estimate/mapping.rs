//! The logic of a module in standard cells of a process: `map` with what the rest of the estimate needs to know.

use super::body::{Body, Source};
use super::live::Liveness;
use super::logic::AdderCell;
use super::map::Subject;
pub use super::map::{Gate, Goal, Signal, Target, TargetError, TargetGate};

/// The logic of a module in standard cells.
#[derive(Debug)]
pub struct Mapped {
    /// Cells, each after those it reads.
    pub gates: Vec<Gate>,
    /// What each of [`Body::sinks`] reads; `None` for sinks whose value nobody needs.
    pub sinks: Vec<Option<Signal>>,
    /// Whether each leaf is needed.
    pub live_leaves: Vec<bool>,
    /// Full adders whose sum and carry are both used.
    pub full_adders: usize,
    /// Half adders whose sum and carry are both used.
    pub half_adders: usize,
}

/// The live logic of a module, ready to be mapped.
#[derive(Debug)]
pub struct Logics {
    live: Liveness,
    small: Subject,
    /// Made when it is first asked for.
    shallow: Option<Subject>,
}

impl Logics {
    /// Prepares the logic of a module for registers as the library has them.
    pub fn new(body: &Body, target: &Target) -> Logics {
        let live = Liveness::of(body);
        let roots: Vec<_> = body.sinks.iter().zip(&live.sinks).map(|((bit, _), live)| live.then_some(*bit)).collect();
        let inverts = |source: &Source| match *source {
            Source::FlipFlop(index) => target.inverts(body.flip_flops[index].reset),
            Source::DelayLine(index) => target.inverts(body.delay_lines[index].reset),
            Source::Port { .. } | Source::Reset | Source::Grid { .. } => false,
        };
        let complements: Vec<bool> = body.sources.iter().map(inverts).collect();
        Logics { small: Subject::new(&body.logic, &roots, &complements), live, shallow: None }
    }

    /// Maps it, of its small structures or of its shallow ones. `body` is the module that it was made of.
    pub fn map(&mut self, body: &Body, shallow: bool, target: &Target, goal: Goal) -> Mapped {
        let small = &self.small;
        let subject = if shallow { self.shallow.get_or_insert_with(|| small.shallow()) } else { small };
        let mapped = subject.map(target, goal);
        let live = &self.live;
        let live_leaves = body.leaves.iter().map(|bit| live.nodes[bit.node()]).collect();
        let used = |full: bool| {
            let both =
                |cell: &&AdderCell| cell.full == full && live.nodes[cell.sum.node()] && live.nodes[cell.carry.node()];
            body.logic.adders().filter(both).count()
        };
        Mapped {
            gates: mapped.gates,
            sinks: mapped.roots,
            live_leaves,
            full_adders: used(true),
            half_adders: used(false),
        }
    }
}

/// Maps the live logic of a module.
#[cfg(test)]
pub fn map_body(body: &Body, target: &Target, goal: Goal) -> Mapped {
    Logics::new(body, target).map(body, false, target, goal)
}
