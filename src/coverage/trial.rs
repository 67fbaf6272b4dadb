//! One legal point on trial: what it earned, each mark by its own check.

use std::collections::BTreeSet;
use std::path::Path;

use crate::design::{Design, engine_spec};
use crate::emit::{Bundle, Provenance, TestCase, engine_bundle};
use crate::engine::Engine;
use crate::verify::{Interpreted, Tool, Toolbox, difference, drive, lint, random_gemms, run_batch, simulated_case};

/// GEMMs of a trial; in every other one streams wait.
const GEMMS: u32 = 4;
/// Most tiles along each split loop of a GEMM.
const TILES: u64 = 2;
/// Linters that have to be there and be silent.
const LINTERS: [Tool; 3] = [Tool::Verilator, Tool::Icarus, Tool::Yosys];

/// What a point can earn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// The register-level engine computes the products, and equals the event-exact engine where nothing waits.
    Simulated,
    /// The bundle was made.
    Emitted,
    /// The interpreter of the netlist shows the same results after the same cycles.
    Interpreter,
    /// Verilator, Icarus and Yosys have nothing to say of the Verilog.
    Lint,
    /// The emitted test bench passes under Verilator: every result and the cycles.
    Verilator,
}

impl Mark {
    /// Every mark, in the order of the checks.
    pub const ALL: [Self; 5] = [Self::Simulated, Self::Emitted, Self::Interpreter, Self::Lint, Self::Verilator];

    /// How it is shown.
    pub fn letter(self) -> char {
        match self {
            Self::Simulated => 'S',
            Self::Emitted => 'E',
            Self::Interpreter => 'I',
            Self::Lint => 'L',
            Self::Verilator => 'V',
        }
    }
}

/// The marks that a point earned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(BTreeSet<Mark>);

impl Marks {
    /// All of them.
    pub fn full() -> Self {
        Self(Mark::ALL.into_iter().collect())
    }

    /// Whether this one is earned.
    pub fn has(&self, mark: Mark) -> bool {
        self.0.contains(&mark)
    }

    /// Whether all are earned.
    pub fn is_full(&self) -> bool {
        self.0.len() == Mark::ALL.len()
    }

    /// `SEILV`, with a dash in the place of what is missing.
    pub fn letters(&self) -> String {
        Mark::ALL.map(|mark| if self.has(mark) { mark.letter() } else { '-' }).iter().collect()
    }
}

/// A legal point, and what is known of it.
#[derive(Clone, Debug)]
pub struct Trial {
    /// What it has earned so far.
    pub marks: Marks,
    /// What is wrong, a sentence each.
    pub faults: Vec<String>,
    /// What was emitted; `None` if nothing could be.
    pub bundle: Option<Bundle>,
}

impl Trial {
    /// Elaborates a design and runs what needs no tools: simulation, interpreter, emission. Operands and offers come from `seed`.
    pub fn new(design: &Design, seed: u64) -> Self {
        match Engine::elaborate(&engine_spec(design)) {
            Ok(engine) => Self::of(&engine, &provenance(design), seed),
            Err(error) => Self { marks: Marks::default(), faults: vec![error.to_string()], bundle: None },
        }
    }

    /// The same for an engine that was built already.
    pub fn of(engine: &Engine, from: &Provenance, seed: u64) -> Self {
        let mut trial = Self { marks: Marks::default(), faults: Vec::new(), bundle: None };
        let cases: Result<Vec<TestCase>, String> = random_gemms(&engine.spec, seed, GEMMS, TILES)
            .iter()
            .map(|gemm| simulated_case(&engine.spec, gemm).map_err(|why| format!("{gemm}: {why}")))
            .collect();
        // Without the cases of the simulation there is nothing to hold the others against.
        let Some(cases) = trial.note(Mark::Simulated, cases) else { return trial };
        trial.note(Mark::Interpreter, interpreted(engine, &cases));
        let bundle = engine_bundle(engine, from, &cases).map_err(|error| error.to_string());
        trial.bundle = trial.note(Mark::Emitted, bundle);
        trial
    }

    /// Writes the bundle below `folder` and shows its Verilog to the linters of `tools`. A linter that is missing leaves the mark
    /// unearned.
    pub fn lint(&mut self, tools: &Toolbox, folder: &Path) {
        let Some(bundle) = &self.bundle else { return };
        let silent = match LINTERS.into_iter().find(|&tool| !tools.has(tool)) {
            Some(tool) => Err(format!("`{}` ({tool}) is not installed", tool.program())),
            None => linted(bundle, tools, folder),
        };
        self.note(Mark::Lint, silent);
    }

    fn note<T>(&mut self, mark: Mark, outcome: Result<T, String>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.marks.0.insert(mark);
                Some(value)
            }
            Err(why) => {
                self.faults.push(format!("{mark:?}: {why}"));
                None
            }
        }
    }
}

fn linted(bundle: &Bundle, tools: &Toolbox, folder: &Path) -> Result<(), String> {
    let directory = folder.join(&bundle.top);
    bundle.write(&directory).map_err(|error| error.to_string())?;
    for (tool, _) in tools.found() {
        lint(*tool, &directory, &bundle.rtl(), &bundle.top).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn interpreted(engine: &Engine, cases: &[TestCase]) -> Result<(), String> {
    let streams = engine.spec.streams();
    let mut device = Interpreted::new(&engine.netlist)?;
    for case in cases {
        let measured = drive(&mut device, &streams, case).map_err(|why| format!("{}: {why}", case.name))?;
        if let Some(why) = difference(&measured, &streams, case) {
            return Err(format!("{}: {why}", case.name));
        }
    }
    Ok(())
}

/// Runs the test benches of all trials that have one under Verilator, in one build below `folder`. If the build or a bench
/// fails, halves run again until it is known whose fault it is.
pub fn verilate(trials: &mut [Trial], folder: &Path) {
    let bundles: Vec<Bundle> = trials.iter().filter_map(|trial| trial.bundle.clone()).collect();
    if bundles.is_empty() {
        return;
    }
    match run_batch(&bundles, folder) {
        Ok(()) => {
            for trial in trials.iter_mut().filter(|trial| trial.bundle.is_some()) {
                trial.note(Mark::Verilator, Ok(()));
            }
        }
        Err(why) if trials.len() == 1 => {
            trials[0].note::<()>(Mark::Verilator, Err(why.to_string()));
        }
        Err(_) => {
            let (first, second) = trials.split_at_mut(trials.len() / 2);
            verilate(first, &folder.join("first"));
            verilate(second, &folder.join("second"));
        }
    }
}

fn provenance(design: &Design) -> Provenance {
    Provenance {
        hash: design.hash(),
        tool: concat!("bitweight ", env!("CARGO_PKG_VERSION")).to_owned(),
        regenerate: format!("bitweight emit {}.toml", design.name),
        clock_period_ns: design.rtl.clock_period_ns,
    }
}
