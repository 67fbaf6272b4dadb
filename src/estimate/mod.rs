//! Area, gate counts and the critical path of a netlist in a process, without a synthesiser.
//!
//! Every distinct module is taken apart into bits (`body`), simplified and shared (`logic`), covered with standard cells
//! (`map`), given its drives and timed (`timing`) once, whatever the size of the array; grids multiply. Three ways to map stand for
//! the three scripts of the flow; the smallest netlist that closes is taken, or the fastest (`choose`).
//!
//! The figures are those that the flow of `synth` is expected to give; `reports/validation/` holds the two against each other, and
//! [`Estimate::limits`] says what is left out.

mod adder;
mod body;
mod choose;
pub mod energy;
mod expand;
pub mod liberty;
mod live;
mod logic;
mod map;
mod mapping;
pub mod memories;
mod parts;
pub mod process;
mod show;
mod tally;
mod timing;

#[cfg(test)]
mod tests;

use thiserror::Error;

pub use adder::AdderKind;
pub use body::CarryChain;
pub use parts::PartKind;
pub use process::Process;
pub use show::round;
pub use timing::{NotWritten, Path, Stage, Step};

use crate::netlist::Netlist;
use choose::Chooser;
use timing::{Design, Library};

/// Version of [`Estimate::to_json`]; keys are added, never renamed without a new one.
pub const FORMAT_VERSION: u32 = 2;

/// Why a netlist has no estimate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EstimateError {
    /// Combinational logic feeds itself, so it has no delay.
    #[error("combinational loop through `{net}`")]
    Loop { net: String },
    /// The process has no inverter, or no gate of two inputs.
    #[error("the cells of the process do not suffice to build every function")]
    Cells,
}

/// What an estimate is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Options {
    /// The period to be met with as little area as possible, ns. Without one drives are chosen for the shortest period there is.
    pub clock_ns: Option<f64>,
    /// Whether to give [`Estimate::curve`].
    pub curve: bool,
}

/// A point of the curve of area against period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The shortest period, ns.
    pub period_ns: f64,
    /// Area at that period, um2.
    pub area_um2: f64,
}

/// One row of the table of areas.
#[derive(Clone, Debug, PartialEq)]
pub struct PartArea {
    /// What it is.
    pub part: PartKind,
    /// All of it in the design, um2.
    pub area_um2: f64,
}

/// How often a cell occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellCount {
    /// The kind: `inverter`, `buffer`, `gate`, `flip-flop`, or `constant` for what ties off a set or reset that is not used.
    pub kind: &'static str,
    /// The cell's name in the library.
    pub cell: String,
    /// How many in the whole design.
    pub count: u64,
}

/// A module that is mapped by itself: the top, and every module of which there is a grid. Instances are part of the module they
/// stand in.
#[derive(Clone, Debug, PartialEq)]
pub struct ModuleEstimate {
    /// Its name.
    pub name: String,
    /// How many of it there are in the design.
    pub count: u64,
    /// Area of one, without the grids in it, um2.
    pub area_um2: f64,
    /// Its area by part, um2.
    pub parts: Vec<PartArea>,
    /// Standard cells in one, flip-flops and repeaters included.
    pub cells: u64,
    /// Flip-flops in one.
    pub flip_flops: u64,
    /// Full adders in one whose sum and carry are used.
    pub full_adders: u64,
    /// Half adders in one whose sum and carry are used.
    pub half_adders: u64,
    /// The additions and how they are built.
    pub carry_chains: Vec<CarryChain>,
}

/// Area, counts and critical path of a design.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Name of the process.
    pub process: String,
    /// Everything, um2.
    pub area_um2: f64,
    /// Clock-to-output, longest path and set-up, ns; `None` for a design without a path from flip-flop to flip-flop.
    pub min_period_ns: Option<f64>,
    /// The path that sets it; its last step is the set-up of the flip-flop at its end.
    pub critical_path: Vec<Step>,
    /// Area by part, the design's largest concerns first in the order of [`PartKind::ALL`].
    pub parts: Vec<PartArea>,
    /// Cells of the design by kind.
    pub cells: Vec<CellCount>,
    /// Modules mapped, leaf first.
    pub modules: Vec<ModuleEstimate>,
    /// Leakage, mW.
    pub leakage_mw: f64,
    /// The period that was asked for, ns.
    pub asked_ns: Option<f64>,
    /// Area against period, the shortest period first; empty unless asked for.
    pub curve: Vec<Point>,
}

/// Periods of the curve as multiples of the shortest one.
const CURVE: [f64; 7] = [1.0, 1.05, 1.1, 1.2, 1.4, 1.7, 2.2];

/// Estimates a netlist that has passed its checks.
///
/// # Errors
/// [`EstimateError::Cells`] for a process that lacks the simplest gates; [`EstimateError::Loop`], which a checked netlist has none of.
pub fn estimate(netlist: &Netlist, process: &Process, options: Options) -> Result<Estimate, EstimateError> {
    with_design(netlist, process, options, |estimate, _| estimate)
}

/// An estimate, with the design whose mapping and drives were chosen for it.
fn with_design<T>(
    netlist: &Netlist,
    process: &Process,
    options: Options,
    with: impl FnOnce(Estimate, &Design) -> T,
) -> Result<T, EstimateError> {
    let library = Library::new(process);
    let mut chooser = Chooser::new(netlist, process, &library)?;
    let design = chooser.choose(options.clock_ns.unwrap_or(0.0));
    let mut curve = Vec::new();
    if options.curve {
        let fastest = match options.clock_ns {
            Some(_) => chooser.choose(0.0),
            None => design.clone(),
        };
        let shortest = fastest.period_ns();
        curve.push(point(&fastest));
        for factor in &CURVE[1..] {
            curve.push(point(&chooser.choose(factor * shortest)));
        }
        curve = front(curve, |point| (point.period_ns, point.area_um2));
    }
    let estimate = Estimate { asked_ns: options.clock_ns, curve, ..tally::add_up(netlist, process, &design) };
    Ok(with(estimate, &design))
}

/// What clocks cost that are multiples of the shortest period: the fastest netlist found, and for each factor the clock with the area of
/// the smallest netlist found that meets it.
///
/// # Errors
/// As [`estimate`].
pub fn clocks(netlist: &Netlist, process: &Process, factors: &[f64]) -> Result<(Point, Vec<Point>), EstimateError> {
    let library = Library::new(process);
    let mut chooser = Chooser::new(netlist, process, &library)?;
    let fastest = point(&chooser.choose(0.0));
    let asked = factors.iter().map(|factor| {
        let period_ns = factor * fastest.period_ns;
        Point { period_ns, area_um2: chooser.choose(period_ns).total_um2() }
    });
    Ok((fastest, asked.collect()))
}

/// A module that contains no grids as structural Verilog in the cells of a process, for tools that read such: what
/// [`estimate`] found for the whole netlist if that is a single module.
///
/// # Errors
/// As [`estimate`]; `Ok(Err)` for a netlist that cannot be written.
pub fn netlist_of(
    netlist: &Netlist,
    process: &Process,
    options: Options,
) -> Result<Result<String, NotWritten>, EstimateError> {
    let library = Library::new(process);
    let design = Chooser::new(netlist, process, &library)?.choose(options.clock_ns.unwrap_or(0.0));
    Ok(design.verilog(netlist.top))
}

fn point(design: &Design) -> Point {
    Point { period_ns: design.period_ns(), area_um2: design.total_um2() }
}

/// The points that no other one beats in both period and area, `place` giving the two, fastest first; of equal ones the first.
pub fn front<T>(mut points: Vec<T>, place: impl Fn(&T) -> (f64, f64)) -> Vec<T> {
    points.sort_by(|a, b| place(a).partial_cmp(&place(b)).unwrap_or(std::cmp::Ordering::Equal));
    let mut least = f64::INFINITY;
    points.retain(|point| {
        let (_, area) = place(point);
        let is_less = area < least;
        least = least.min(area);
        is_less
    });
    points
}
