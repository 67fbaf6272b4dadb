//! Which netlist of a design is the best for a period: what the flow of `synth` does, without its tools.
//!
//! The flow gives every module to three scripts of ABC with some targets for the delay, and keeps what is smallest, or fastest. Here
//! stand three ways to map in their places, each given the same targets; ways and targets that cannot win are not tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::EstimateError;
use super::body::Body;
use super::mapping::{Goal, Logics, Target};
use super::process::Process;
use super::timing::{Design, Driven, Library, Part};
use crate::netlist::Netlist;

/// The first target for a clock, in shares of it: flip-flops take the rest.
const FIRST: f64 = 0.9;
/// Targets tried for a clock. Each is shorter by what the period was too long by, and a little.
const TRIES: u32 = 5;
/// That little, as a share.
const MARGIN: f64 = 0.1;
/// A target is worth another one if the period became shorter by this share.
const WORTH: f64 = 0.001;

/// The cells of a process as the mapper sees them.
///
/// # Errors
/// [`EstimateError::Cells`] if they do not suffice.
pub fn target_of(process: &Process, library: &Library) -> Result<Target, EstimateError> {
    library.target(process).map_err(|_| EstimateError::Cells)
}

/// How modules are mapped: the scripts of the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// For area, whatever the depth.
    Area,
    /// For depth, of the structures that need the least area.
    Balanced,
    /// For depth, of the structures that have the least depth.
    Speed,
}

impl Way {
    const ALL: [Way; 3] = [Way::Area, Way::Balanced, Way::Speed];
}

/// A module with all that is known of it.
struct Known {
    body: Arc<Body>,
    logics: Logics,
    /// Mapped for area, which no target changes.
    smallest: Option<Arc<Part>>,
    driven: BTreeMap<(Way, u64), Arc<Driven>>,
}

/// Chooses mappings; what was mapped once is remembered.
pub struct Chooser<'a> {
    netlist: &'a Netlist,
    process: &'a Process,
    library: &'a Library,
    target: Target,
    /// By module index.
    modules: Vec<Option<Known>>,
}

impl<'a> Chooser<'a> {
    /// Prepares a library and takes the modules of the design apart.
    ///
    /// # Errors
    /// [`EstimateError::Cells`] if its cells do not suffice; [`EstimateError::Loop`].
    pub fn new(netlist: &'a Netlist, process: &'a Process, library: &'a Library) -> Result<Chooser<'a>, EstimateError> {
        let target = target_of(process, library)?;
        let mut modules: Vec<Option<Known>> = netlist.modules.iter().map(|_| None).collect();
        let mut pending = vec![netlist.top];
        while let Some(module) = pending.pop() {
            if modules[module.index()].is_none() {
                let body = Arc::new(Body::new(netlist, module, &[])?);
                pending.extend(body.grids.iter().map(|grid| grid.module));
                let logics = Logics::new(&body, &target);
                let known = Known { body, logics, smallest: None, driven: BTreeMap::new() };
                modules[module.index()] = Some(known);
            }
        }
        Ok(Chooser { netlist, process, library, target, modules })
    }

    /// The smallest design found that works with this period, or the fastest found; with drives chosen. A period of 0 asks for
    /// the fastest.
    pub fn choose(&mut self, period_ns: f64) -> Design<'a> {
        let mut best: Option<Design<'a>> = None;
        for way in Way::ALL.into_iter().filter(|_| period_ns > 0.0) {
            let mut target_ns = FIRST * period_ns;
            let mut at_once = true;
            let mut before_ns = f64::INFINITY;
            for _try in 0..TRIES {
                let design = self.design(way, target_ns);
                let late_ns = design.period_ns() - period_ns;
                if late_ns <= 0.0 {
                    if best.as_ref().is_none_or(|best| design.total_um2() < best.total_um2()) {
                        best = Some(design);
                    }
                    break;
                }
                at_once = false;
                // Nothing comes of a target that is further away.
                if design.period_ns() > before_ns * (1.0 - WORTH) || target_ns <= late_ns {
                    break;
                }
                before_ns = design.period_ns();
                target_ns -= late_ns * (1.0 + MARGIN);
            }
            if at_once {
                break;
            }
        }
        if let Some(best) = best {
            return best;
        }
        let balanced = self.design(Way::Balanced, 0.0);
        let speed = self.design(Way::Speed, 0.0);
        if balanced.period_ns() <= speed.period_ns() { balanced } else { speed }
    }

    /// The design with all modules mapped in one way for one delay of their logic.
    fn design(&mut self, way: Way, target_ns: f64) -> Design<'a> {
        let modules = (0..self.modules.len()).map(|index| self.driven(index, way, target_ns)).collect();
        Design::new(self.netlist, self.process, self.library, modules)
    }

    fn driven(&mut self, index: usize, way: Way, target_ns: f64) -> Option<Arc<Driven>> {
        let known = self.modules[index].as_mut()?;
        let (netlist, library, target) = (self.netlist, self.library, &self.target);
        let key = (way, target_ns.to_bits());
        if let Some(driven) = known.driven.get(&key) {
            return Some(driven.clone());
        }
        let part = known.part(target, way, target_ns);
        let driven = Arc::new(Driven::new(netlist, library, part, target_ns));
        known.driven.insert(key, driven.clone());
        Some(driven)
    }
}

impl Known {
    fn part(&mut self, target: &Target, way: Way, target_ns: f64) -> Arc<Part> {
        let (logics, body) = (&mut self.logics, &self.body);
        let mut make = |goal| {
            let mapped = logics.map(body, way == Way::Speed, target, goal);
            Arc::new(Part { body: body.clone(), mapped })
        };
        match way {
            Way::Area => self.smallest.get_or_insert_with(|| make(Goal::Area)).clone(),
            Way::Balanced | Way::Speed => make(Goal::Delay { required_ns: target_ns }),
        }
    }
}
