//! Which mapping of each module is the best for a period: adders that ripple or look ahead, gates chosen for area or for time.
//!
//! Everything begins as small as it can be. As long as the period is not met, what lies on the longest path is made faster:
//! first its adders, then, once drives have been chosen, the mapping of its modules.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::EstimateError;
use super::adder::AdderKind;
use super::body::Body;
use super::mapping::{Goal, Mapped, Signal, Target, map_body};
use super::process::Process;
use super::timing::{Design, Library, Part};
use crate::netlist::{ModuleId, Netlist};

/// Depths that the mapper is asked for, as shares of the depth of the smallest mapping, by gates' nominal delays: a mapping for time
/// that asks for the least depth pays for it in load.
const DEPTHS: [f64; 2] = [0.85, 0.7];
/// A change must shorten the period by this share to be worth its area.
const WORTH: f64 = 0.005;
/// Changes tried at most; each that is kept shortens the period.
const MAX_STEPS: u32 = 12;
/// Load at which gates are compared by the mapper, in inputs of the smallest repeater.
const NOMINAL_FAN_OUT: f64 = 3.0;

/// The cells of a process as the mapper sees them.
///
/// # Errors
/// [`EstimateError::Cells`] if they do not suffice.
pub fn target_of(process: &Process, library: &Library) -> Result<Target, EstimateError> {
    let load_ff = library.repeaters.first().map_or(0.0, |&cell| NOMINAL_FAN_OUT * library.pin_ff(cell, 0)[0]);
    library.target(process, load_ff).map_err(|_| EstimateError::Cells)
}

/// How a module is mapped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    module: ModuleId,
    kinds: Vec<AdderKind>,
    /// Index of [`DEPTHS`], or the least area.
    depth: Option<usize>,
}

/// Chooses mappings; what was mapped once is remembered.
pub struct Chooser<'a> {
    netlist: &'a Netlist,
    process: &'a Process,
    library: &'a Library,
    target: Target,
    known: BTreeMap<Way, Arc<Part>>,
}

/// A design and the ways its modules are mapped.
#[derive(Clone)]
struct Chosen<'a> {
    design: Design<'a>,
    ways: Vec<Option<Way>>,
}

impl<'a> Chooser<'a> {
    /// Prepares a library.
    ///
    /// # Errors
    /// [`EstimateError::Cells`] if its cells do not suffice.
    pub fn new(netlist: &'a Netlist, process: &'a Process, library: &'a Library) -> Result<Chooser<'a>, EstimateError> {
        let target = target_of(process, library)?;
        Ok(Chooser { netlist, process, library, target, known: BTreeMap::new() })
    }

    /// The smallest design found that works with this period, or the fastest found; with drives chosen. A period of 0 asks for
    /// the fastest.
    ///
    /// # Errors
    /// [`EstimateError::Loop`].
    pub fn choose(&mut self, period_ns: f64) -> Result<Design<'a>, EstimateError> {
        let mut best = self.smallest()?;
        let mut fast = best.clone();
        // What is smallest is not the fastest, so that it need not be tried where that is asked for.
        if period_ns > 0.0 {
            best.design.size(period_ns);
        }
        while best.design.period_ns() > period_ns && fast.design.period_ns() > period_ns {
            match self.with_faster_adders(&fast)? {
                Some(next) if next.design.period_ns() < fast.design.period_ns() => fast = next,
                _ => break,
            }
        }
        if best.design.period_ns() > period_ns {
            let mut sized = fast.clone();
            sized.design.size(period_ns);
            if sized.design.period_ns() < best.design.period_ns() * (1.0 - WORTH) {
                best = sized;
            }
        }
        // What is on the longest path now is made faster, by the cheapest means first.
        let mut means = 0;
        for _step in 0..MAX_STEPS {
            if best.design.period_ns() <= period_ns || means > DEPTHS.len() {
                break;
            }
            let next = match means.checked_sub(1) {
                None => self.with_faster_adders(&best)?,
                Some(depth) => self.deeper(&best, depth)?,
            };
            means += 1;
            if let Some(mut next) = next {
                next.design.size(period_ns);
                if next.design.period_ns() < best.design.period_ns() * (1.0 - WORTH) {
                    best = next;
                    means = 0;
                }
            }
        }
        Ok(best.design)
    }

    fn smallest(&mut self) -> Result<Chosen<'a>, EstimateError> {
        let mut parts = vec![None; self.netlist.modules.len()];
        let mut ways = vec![None; self.netlist.modules.len()];
        let mut pending = vec![self.netlist.top];
        while let Some(module) = pending.pop() {
            if parts[module.index()].is_some() {
                continue;
            }
            let way = Way { module, kinds: Vec::new(), depth: None };
            let part = self.part(&way)?;
            pending.extend(part.body.grids.iter().map(|grid| grid.module));
            parts[module.index()] = Some(part);
            ways[module.index()] = Some(way);
        }
        Ok(Chosen { design: Design::new(self.netlist, self.process, self.library, parts), ways })
    }

    /// The ripple-carry adders on the longest path made parallel-prefix ones; `None` if there are none.
    fn with_faster_adders(&mut self, chosen: &Chosen<'a>) -> Result<Option<Chosen<'a>>, EstimateError> {
        let Some(path) = chosen.design.path() else { return Ok(None) };
        let mut next = chosen.ways.clone();
        let mut changed = Vec::new();
        for (module, chain) in path.steps.iter().filter_map(|step| step.carry_chain) {
            let (Some(way), Some(part)) = (&mut next[module.index()], chosen.design.part(module.index())) else {
                continue;
            };
            way.kinds.resize(part.body.carry_chains.len(), AdderKind::RippleCarry);
            if way.kinds[chain] == AdderKind::RippleCarry {
                way.kinds[chain] = AdderKind::ParallelPrefix;
                changed.push(module);
            }
        }
        changed.sort();
        changed.dedup();
        if changed.is_empty() { Ok(None) } else { self.replace(chosen, next, &changed).map(Some) }
    }

    /// The modules on the longest path mapped for less depth; `None` if they are.
    fn deeper(&mut self, chosen: &Chosen<'a>, depth: usize) -> Result<Option<Chosen<'a>>, EstimateError> {
        let Some(path) = chosen.design.path() else { return Ok(None) };
        let mut next = chosen.ways.clone();
        let mut changed = Vec::new();
        for step in &path.steps {
            let Some(way) = &mut next[step.module.index()] else { continue };
            if way.depth.is_none_or(|known| known < depth) {
                way.depth = Some(depth);
                changed.push(step.module);
            }
        }
        if changed.is_empty() { Ok(None) } else { self.replace(chosen, next, &changed).map(Some) }
    }

    fn replace(
        &mut self,
        chosen: &Chosen<'a>,
        ways: Vec<Option<Way>>,
        changed: &[ModuleId],
    ) -> Result<Chosen<'a>, EstimateError> {
        let mut replaced = Vec::new();
        for module in changed {
            if let Some(way) = &ways[module.index()] {
                replaced.push((*module, self.part(way)?));
            }
        }
        Ok(Chosen { design: chosen.design.with(replaced), ways })
    }

    fn part(&mut self, way: &Way) -> Result<Arc<Part>, EstimateError> {
        if let Some(known) = self.known.get(way) {
            return Ok(known.clone());
        }
        let body = Body::new(self.netlist, way.module, &way.kinds)?;
        let goal = match way.depth {
            None => Goal::Area,
            Some(depth) => {
                let smallest = self.part(&Way { depth: None, ..way.clone() })?;
                Goal::Delay { required_ns: DEPTHS[depth] * self.depth_ns(&smallest.mapped) }
            }
        };
        let mapped = map_body(&body, &self.target, goal);
        let part = Arc::new(Part { body, mapped });
        self.known.insert(way.clone(), part.clone());
        Ok(part)
    }

    /// The longest path of a mapping by nominal delays, as the mapper sees it.
    fn depth_ns(&self, mapped: &Mapped) -> f64 {
        let delays: BTreeMap<usize, &Vec<f64>> =
            self.target.gates().iter().map(|gate| (gate.id, &gate.delays)).collect();
        let mut times: Vec<f64> = Vec::with_capacity(mapped.gates.len());
        for gate in &mapped.gates {
            let time = |(&signal, &delay): (&Signal, &f64)| match signal {
                Signal::Gate(before) => times[before as usize] + delay,
                _ => delay,
            };
            let inputs = gate.inputs.iter().zip(delays.get(&gate.cell).into_iter().flat_map(|delays| delays.iter()));
            times.push(inputs.map(time).fold(0.0, f64::max));
        }
        times.into_iter().fold(0.0, f64::max)
    }
}
