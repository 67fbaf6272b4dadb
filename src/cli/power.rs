//! Energy of a synthesised netlist on operands of a workload.

use serde_json::{Value, json};

use super::Failure;
use super::bundle::provenance;
use super::check::elaborate;
use super::failure::defect;
use super::session::Session;
use crate::design::Design;
use crate::emit::{Bundle, TestCase, engine_bundle};
use crate::engine::{Dataflow, Engine, EngineSpec, Patterns};
use crate::estimate::energy::{Energies, Energy};
use crate::estimate::round;
use crate::matrix::Matrix;
use crate::mistake::Mistake;
use crate::synth::Power;
use crate::verify::case_of;
use crate::workload::{OperandFormats, Workload, WorkloadError, run_layers};

/// Extent of the dimension that is not split into tiles: enough that a drain and a fill weigh little.
const LONG: usize = 64;
/// Tiles along each of the others.
const TILES: usize = 2;

/// Operands that energy is measured on.
pub(super) struct Sample {
    workload: String,
    /// M, N, K.
    extents: [usize; 3],
    /// The bundle whose test bench multiplies them.
    pub(super) bundle: Bundle,
}

impl Sample {
    /// Multiply-accumulates of the product.
    pub(super) fn macs(&self) -> f64 {
        self.extents.iter().map(|&extent| extent as f64).product()
    }
}

/// A block of the first product of a workload, as a case for an engine.
pub(super) struct Block {
    pub(super) workload: Workload,
    /// M, N, K.
    pub(super) extents: [usize; 3],
    pub(super) engine: Engine,
    pub(super) case: TestCase,
}

impl Block {
    /// Multiply-accumulates of the product.
    pub(super) fn macs(&self) -> f64 {
        self.extents.iter().map(|&extent| extent as f64).product()
    }
}

/// A block of the first product of a workload, of some tiles of the array, in the bench of a bundle.
///
/// # Errors
/// The workload cannot be read, or the design cannot multiply it.
pub(super) fn sample(design: &Design, name_or_path: &str, session: &Session) -> Result<Sample, Failure> {
    let Block { workload, extents, engine, case } = block(design, name_or_path, session)?;
    let bundle = engine_bundle(&engine, &provenance(design, "bitweight synth"), &[case])
        .map_err(|error| defect(&design.name, &error))?;
    Ok(Sample { workload: workload.name, extents, bundle })
}

/// The same block by itself.
///
/// # Errors
/// As [`sample`].
pub(super) fn block(design: &Design, name_or_path: &str, session: &Session) -> Result<Block, Failure> {
    let workload = session.workload(name_or_path)?;
    let engine = elaborate(design)?;
    let (a, b) = operands(&workload, &engine.spec).map_err(Failure::one)?;
    let extents = [a.rows(), b.cols(), a.cols()];
    let [m, n, k] = extents;
    let name = format!("{} M={m} N={n} K={k}", workload.name);
    let case = case_of(&engine.spec, &name, &a, &b, &Patterns::ALWAYS).map_err(|reason| {
        let message =
            format!("`{}` cannot multiply a block of {m} x {k} x {n} of `{name_or_path}`: {reason}", design.name);
        Mistake::new("cli::operands", message, "choose a workload or a design that go together")
    })?;
    Ok(Block { workload, extents, engine, case })
}

/// Why the layers of a workload are not gone on with.
enum Stop {
    Taken(Matrix<i32>, Matrix<i32>),
    Error(WorkloadError),
}

impl From<WorkloadError> for Stop {
    fn from(error: WorkloadError) -> Self {
        Self::Error(error)
    }
}

/// A block of the first product: from the middle of its rows, since the first ones of a convolution have its padding.
fn operands(workload: &Workload, spec: &EngineSpec) -> Result<(Matrix<i32>, Matrix<i32>), WorkloadError> {
    let (rows, cols) = (TILES * spec.rows as usize, TILES * spec.cols as usize);
    let [m, n, k] = match spec.dataflow() {
        Dataflow::OutputStationary => [rows, cols, LONG],
        Dataflow::WeightStationary => [LONG, cols, TILES * spec.rows_of_k() as usize],
        Dataflow::InputStationary => [cols, LONG, TILES * spec.rows_of_k() as usize],
    };
    let formats = OperandFormats { a: spec.a_format(), b: spec.b_format() };
    let outcome = run_layers(workload, formats, |layer| {
        let product = &layer.products[0];
        let (a, b) = (&product.a, &product.b);
        let (m, n, k) = (m.min(a.rows()), n.min(b.cols()), k.min(a.cols()));
        let above = (a.rows() - m) / 2;
        Err(Stop::Taken(a.block(above..above + m, 0..k), b.block(0..k, 0..n)))
    });
    match outcome {
        Err(Stop::Taken(a, b)) => Ok((a, b)),
        Err(Stop::Error(error)) => Err(error),
        // A workload has a layer.
        Ok(_) => Ok((Matrix::filled(1, 1, 0), Matrix::filled(1, 1, 0))),
    }
}

/// What was measured, with what it was measured on.
pub(super) struct Measured {
    pub(super) sample: Sample,
    pub(super) power: Power,
    pub(super) clock_ns: f64,
    /// The same by the estimate, if it meets the clock.
    pub(super) estimated: Option<Energy>,
}

/// One of the energies.
pub(super) type Part = fn(&Energies) -> f64;

/// The energies with their names.
pub(super) const KINDS: [(&str, Part); 5] = [
    ("nets", |energies| energies.nets_pj),
    ("logic cells", |energies| energies.logic_pj),
    ("registers", |energies| energies.registers_pj),
    ("clock", |energies| energies.clock_pj),
    ("leakage", |energies| energies.leakage_pj),
];

/// By how much an estimate is off, %.
fn error_percent(estimated: &Energies, measured: &Energies) -> f64 {
    100.0 * (estimated.total_pj() / measured.total_pj() - 1.0)
}

/// To five decimals.
fn rounded(value: f64) -> f64 {
    round(value, 5)
}

/// One count of a run, for scripts.
pub(super) fn run_json(energies: &Energies, changes: u64, macs: f64) -> Value {
    let mut object = serde_json::Map::new();
    for (name, of) in KINDS {
        object.insert(format!("{}_pj", name.replace(' ', "_")), rounded(of(energies)).into());
    }
    object.insert("pj_per_mac".to_owned(), rounded(energies.total_pj() / macs).into());
    object.insert("changes".to_owned(), changes.into());
    Value::Object(object)
}

impl Measured {
    fn macs(&self) -> f64 {
        self.sample.macs()
    }

    /// Mean power with delays, mW.
    fn power_mw(&self) -> f64 {
        self.power.timed.energies.total_pj() / (self.power.cycles as f64 * self.clock_ns)
    }

    pub(super) fn to_json(&self) -> Value {
        let run = |energies: &Energies, changes: u64| run_json(energies, changes, self.macs());
        let estimate = self.estimated.as_ref().map(|energy| {
            let [timed, untimed] = energy.changes.map(|changes| changes.round() as u64);
            json!({
                "with_delays": run(&energy.timed, timed), "without_delays": run(&energy.untimed, untimed),
                "glitch_share": rounded(energy.glitch_share()),
                "error_percent": rounded(error_percent(&energy.timed, &self.power.timed.energies)),
            })
        });
        let (timed, untimed) = (&self.power.timed, &self.power.untimed);
        let modules: Vec<Value> =
            self.power.modules.iter().map(|(name, pj)| json!({ "name": name, "energy_pj": rounded(*pj) })).collect();
        json!({
            "workload": self.sample.workload, "extents": self.sample.extents, "macs": self.macs() as u64,
            "clock_ns": self.clock_ns, "cycles": self.power.cycles, "power_mw": rounded(self.power_mw()),
            "with_delays": run(&timed.energies, timed.changes),
            "without_delays": run(&untimed.energies, untimed.changes),
            "glitch_share": rounded(self.power.glitch_share()), "modules": modules, "estimate": estimate,
        })
    }

    pub(super) fn text(&self) -> String {
        let [m, n, k] = self.sample.extents;
        let mut text = format!(
            "\nenergy at {} ns on {} (M={m} N={n} K={k}, {} cycles, results right)\n  {:<14}{:>12} {:>9} {:>14} {:>9}  pJ a multiply-accumulate\n",
            self.clock_ns,
            self.sample.workload,
            self.power.cycles,
            "",
            "with delays",
            "estimate",
            "without delays",
            "estimate"
        );
        let (timed, untimed) = (&self.power.timed.energies, &self.power.untimed.energies);
        let mut row = |name: &str, of: &dyn Fn(&Energies) -> f64| {
            let figure = |energies: &Energies| format!("{:.3}", of(energies) / self.macs());
            let estimated = |run: fn(&Energy) -> &Energies| {
                self.estimated.as_ref().map_or_else(|| "-".to_owned(), |energy| figure(run(energy)))
            };
            let (timed_estimate, untimed_estimate) =
                (estimated(|energy| &energy.timed), estimated(|energy| &energy.untimed));
            let (timed, untimed) = (figure(timed), figure(untimed));
            text += &format!("  {name:<14}{timed:>12} {timed_estimate:>9} {untimed:>14} {untimed_estimate:>9}\n");
        };
        for (name, of) in KINDS {
            row(name, &of);
        }
        row("all", &Energies::total_pj);
        let glitches = 100.0 * self.power.glitch_share();
        let estimate = self.estimated.as_ref().map_or_else(String::new, |energy| {
            let error = error_percent(&energy.timed, timed);
            let share = 100.0 * energy.glitch_share();
            format!("; by the estimate {share:.0} %, and the whole is off by {error:+.1} %")
        });
        text + &format!("  {:.2} mW; glitches are {glitches:.0} % of the energy{estimate}\n", self.power_mw())
    }
}
