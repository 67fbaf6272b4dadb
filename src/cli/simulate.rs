//! `simulate`: a workload on an engine, cycles exact, every result compared with the software reference.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use miette::Diagnostic;

use super::columns::columns;
use super::session::Session;
use super::{Exit, Failure, kept};
use crate::design::{Design, engine_spec};
use crate::mistake::Mistake;
use crate::note::Note;
use crate::report::{
    DesignId, Made, Results, Sparsity, Tensor, WorkloadId, all_tensors, memory_sentence, write_results,
};
use crate::simulate::{self, AuditShare, Compare, Method, Plan, RunError, scalesim, scalesim_dataflow};
use crate::workload::scalesim::TopologyForm;
use crate::workload::{OnnxOptions, Quantize, Workload, shipped};

/// What a run is about.
#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Path or shipped name of the design; a path in `.cfg` is a SCALE-Sim configuration
    pub(super) design: String,
    /// Path or shipped name of the workload; a path in `.csv` is a SCALE-Sim topology, one in `.onnx` a model
    pub(super) workload: String,
    /// What a SCALE-Sim topology lists, where its header does not tell
    #[arg(long, value_name = "FORM")]
    topology: Option<Form>,
    /// Extents of an input of an ONNX model, e.g. `input_ids=1,128`; once an input that has not all of them
    #[arg(long = "shape", value_name = "NAME=EXTENTS")]
    shapes: Vec<String>,
    /// Numbers of an input of an ONNX model, e.g. `rate=16000`, that decide an `If` or give extents
    #[arg(long = "input", value_name = "NAME=NUMBERS")]
    inputs: Vec<String>,
    /// What shares a scale when real weights of an ONNX model become integers; the tensor if absent
    #[arg(long, value_name = "SCHEME")]
    quantize: Option<Scheme>,
    /// Count cycles in another way beside ours, and say what makes the difference
    #[arg(long, value_name = "COUNT")]
    cycles: Option<Count>,
    /// Part of the tiles that run again at register level and must come out equal: 0 to 1, or `all`; 4 a layer if absent
    #[arg(long, value_name = "SHARE", conflicts_with = "register_level")]
    audit: Option<AuditShare>,
    /// Run everything at register level: the same answer, later
    #[arg(long)]
    register_level: bool,
    /// Which results are compared with the software reference; `auto`: all, if that takes a minute or so
    #[arg(long, value_enum, default_value = "auto")]
    compare: Comparing,
}

/// Which results are compared with the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Comparing {
    /// All of a workload of up to 20,000 million multiply-accumulates, else a sample
    Auto,
    /// All
    All,
    /// Those of the audited tiles, and those that later layers read
    Sample,
}

/// A value of an option as it is typed.
fn spelled(value: Option<impl ValueEnum>) -> Option<String> {
    value.and_then(|value| value.to_possible_value()).map(|value| value.get_name().to_owned())
}

/// What a topology lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Rows of name, M, N, K.
    Gemm,
    /// Rows of name, input, filter, channels, filters, stride.
    Conv,
}

/// What shares a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scheme {
    /// All values of a tensor.
    PerTensor,
    /// The values that end up in one column of the result.
    PerChannel,
}

/// Another way to count cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Count {
    /// Folds one after another, as SCALE-Sim v3 without stalls.
    Scalesim,
}

impl Typed {
    fn plan(&self) -> Plan {
        let method = match self.register_level {
            true => Method::RegisterLevel,
            false => Method::Events(self.audit.unwrap_or_default()),
        };
        let compare = match self.compare {
            Comparing::Auto => Compare::Auto,
            Comparing::All => Compare::All,
            Comparing::Sample => Compare::Sample,
        };
        Plan { method, compare }
    }

    /// The arguments that say again what was typed.
    fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![self.design.clone(), self.workload.clone()];
        match self.audit {
            None | Some(AuditShare::Few) => {}
            Some(AuditShare::Part(part)) => arguments.extend(["--audit".to_owned(), part.to_string()]),
            Some(AuditShare::All) => arguments.extend(["--audit", "all"].map(str::to_owned)),
        }
        if self.register_level {
            arguments.push("--register-level".to_owned());
        }
        let compare = (self.compare != Comparing::Auto).then_some(self.compare);
        for (option, value) in [
            ("--compare", spelled(compare)),
            ("--topology", spelled(self.topology)),
            ("--quantize", spelled(self.quantize)),
            ("--cycles", spelled(self.cycles)),
        ] {
            arguments.extend(value.into_iter().flat_map(|value| [option.to_owned(), value]));
        }
        arguments.extend(self.shapes.iter().flat_map(|shape| ["--shape".to_owned(), shape.clone()]));
        arguments.extend(self.inputs.iter().flat_map(|input| ["--input".to_owned(), input.clone()]));
        arguments
    }

    /// The workload of the model that was named, with what is said about it.
    fn model(&self) -> Result<Workload, Failure> {
        let mut options = OnnxOptions::default();
        self.shapes.iter().try_for_each(|shape| options.shape(shape))?;
        self.inputs.iter().try_for_each(|input| options.input(input))?;
        options.quantize = self.quantize.map(|scheme| match scheme {
            Scheme::PerTensor => Quantize::PerTensor,
            Scheme::PerChannel => Quantize::PerChannel,
        });
        let path = Path::new(&self.workload);
        let is_model = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("onnx"));
        if !is_model || self.topology.is_some() {
            let option = match (self.shapes.is_empty(), self.inputs.is_empty()) {
                (false, _) => "--shape",
                (true, false) => "--input",
                (true, true) => "--quantize",
            };
            let message = format!("`{option}` says something about an ONNX model, and `{}` is none", self.workload);
            return Err(Mistake::new("cli::unused_shape", message, "leave it away, or name an .onnx file").into());
        }
        Workload::from_onnx_file(path, &options).map_err(Failure::one)
    }

    /// The workload that was named.
    fn workload(&self) -> Result<Workload, Failure> {
        if !self.shapes.is_empty() || !self.inputs.is_empty() || self.quantize.is_some() {
            return self.model();
        }
        let Some(form) = self.topology else { return Workload::load(&self.workload).map_err(Failure::one) };
        let form = match form {
            Form::Gemm => TopologyForm::Gemm,
            Form::Conv => TopologyForm::Conv,
        };
        let path = Path::new(&self.workload);
        let is_shipped = shipped().iter().any(|shipped| shipped.name == self.workload);
        if is_shipped || path.extension().is_some_and(|extension| extension == "toml") {
            let message = format!("`--topology` says what a SCALE-Sim topology lists, and `{}` is none", self.workload);
            return Err(Mistake::new("cli::unused_topology", message, "leave it away, or name a .csv file").into());
        }
        Workload::from_topology_file(path, Some(form)).map_err(Failure::one)
    }
}

/// What the arguments mean.
pub(super) struct Meant {
    pub(super) design: Design,
    pub(super) workload: Workload,
    pub(super) folder: PathBuf,
    plan: Plan,
    cycles: Option<Count>,
    notes: Vec<Note>,
    command: String,
    /// The design as it was named.
    named: String,
}

impl Meant {
    /// Reads what was named.
    pub(super) fn new(verb: &str, typed: &Typed, session: &Session) -> Result<Self, Failure> {
        let (design, mut notes) = session.design_noted(&typed.design)?;
        if typed.cycles == Some(Count::Scalesim) {
            // Before a long run, not after it.
            scalesim_dataflow(&engine_spec(&design)).map_err(Failure::one)?;
        }
        let workload = typed.workload()?;
        notes.extend_from_slice(&workload.notes);
        notes.extend(kept::note(&design, &workload, &typed.workload));
        session.say_notes(&notes);
        let workload = session.seeded(workload);
        let folder = session.folder(PathBuf::from("runs").join(format!("{}-{}", design.name, workload.name)));
        let arguments = typed.arguments();
        let command = session.command_line(verb, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
        Ok(Self {
            design,
            workload,
            folder,
            plan: typed.plan(),
            cycles: typed.cycles,
            notes,
            command,
            named: typed.design.clone(),
        })
    }
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let meant = Meant::new("simulate", typed, session)?;
    let results = results_of(&meant, session)?;
    write_results(&meant.folder, &results).map_err(Failure::one)?;
    session.talk(&format!("wrote {0}/results.json and {0}/layers.csv", meant.folder.display()));
    if session.json {
        session.answer(&results.to_json())?
    } else {
        session.answer(&table(&results))?
    }
    Ok(Exit::Done)
}

/// Runs the workload.
///
/// # Errors
/// [`Failure::No`] when a result is wrong or does not fit the accumulator.
pub(super) fn results_of(meant: &Meant, session: &Session) -> Result<Results, Failure> {
    let Meant { design, workload, .. } = meant;
    let spec = engine_spec(design);
    let bar = session.bar(workload.layers.len() as u64);
    bar.set_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let run = simulate::workload(&spec, workload, meant.plan, |layer| {
        bar.set_message(layer.to_owned());
        bar.inc(1);
    });
    bar.finish_and_clear();
    let run = run.map_err(|error| match error.is_answer() {
        true => Failure::No(Box::new(error)),
        false => failure(error, meant, session),
    })?;
    let made = Made {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: meant.command.clone(),
        summary: design.summary(),
        design_toml: design.to_toml(),
    };
    let design = DesignId { name: design.name.clone(), hash: design.hash() };
    let workload = WorkloadId { name: workload.name.clone(), seed: workload.seed };
    let results = Results::new(design, workload, made, &run).with_notes(meant.notes.clone());
    match meant.cycles {
        None => Ok(results),
        Some(Count::Scalesim) => Ok(results.with_scalesim(&scalesim(&spec, &run).map_err(Failure::one)?)),
    }
}

/// An error of a run; where it is about the design, with its place there.
fn failure(error: RunError, meant: &Meant, session: &Session) -> Failure {
    let keys = error.keys();
    let said = |text: Option<Box<dyn std::fmt::Display + '_>>| text.map_or_else(String::new, |text| text.to_string());
    match keys.is_empty() {
        true => Failure::one(error),
        false => {
            let mistake = Mistake::new(said(error.code()), error.to_string(), said(error.help()));
            Failure::one(session.mistake_in_design(&meant.named, &keys, mistake))
        }
    }
}

/// The layers as a table, and a sentence.
pub(super) fn table(results: &Results) -> String {
    let head = ["layer", "M", "N", "K", "products", "repeat", "cycles", "utilisation", "digits/operand", "accuracy"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    if results.total.memory.is_some() {
        rows[0].extend(["engine", "stall", "loops", "bound"].map(str::to_owned));
    }
    let pruned = results.layers.iter().any(|layer| layer.sparsity.as_ref().is_some_and(Sparsity::is_pruned));
    rows[0].extend(pruned.then(|| ["zeros of a", "of b"].map(str::to_owned)).into_iter().flatten());
    let scalesim = results.total.scalesim_cycles.is_some();
    rows[0].extend(scalesim.then(|| "SCALE-Sim".to_owned()));
    for layer in &results.layers {
        let mut row = vec![
            layer.name.clone(),
            layer.m.to_string(),
            layer.n.to_string(),
            layer.k.to_string(),
            layer.products.to_string(),
            layer.repeat.to_string(),
            layer.cycles.to_string(),
            percent(layer.utilization),
            layer.digits_per_operand.map_or_else(|| "-".to_owned(), |digits| format!("{digits:.3}")),
            layer.accuracy.map_or_else(|| "-".to_owned(), percent),
        ];
        if let Some(memory) = &layer.memory {
            let numbers = [memory.array_cycles, layer.parts.stall].map(|cycles| cycles.to_string());
            row.extend(numbers.into_iter().chain([memory.loop_order.clone(), memory.bound.clone()]));
        }
        if let (true, Some(sparsity)) = (pruned, &layer.sparsity) {
            row.extend([&sparsity.a, &sparsity.b].map(|operand| percent(operand.zero_share)));
        }
        row.extend(layer.scalesim_cycles.map(|cycles| cycles.to_string()));
        rows.push(row);
    }
    let total = &results.total;
    let parts: Vec<String> = total
        .parts
        .named()
        .iter()
        .filter(|(_, cycles)| *cycles > 0)
        .map(|(name, cycles)| format!("{name} {cycles}"))
        .collect();
    let mut text = format!(
        "{} on {}: {} cycles ({}), utilisation {}; {}.\n",
        results.workload.name,
        results.design.name,
        total.cycles,
        parts.join(", "),
        percent(total.utilization),
        total.comparison(results.layers.iter().any(|layer| layer.clipped > 0)),
    );
    text.push_str(&results.audit.sentence());
    text.push('\n');
    if let Some(sentence) = memory_sentence(results) {
        text.push_str(&sentence);
        text.push('\n');
    }
    for layer in results.layers.iter().filter(|layer| layer.clipped > 0) {
        let (clipped, all) = (layer.clipped, layer.compared);
        text.push_str(&format!("{}: {clipped} of {all} results are clipped to the accumulator", layer.name));
        text.push_str(&match layer.inexact {
            0 => ".\n".to_owned(),
            some => format!(", some before they were complete: {some} are not the exact product, clipped.\n"),
        });
    }
    for layer in &results.layers {
        if let Some(classified) = layer.classified {
            text.push_str(&format!(
                "{}: {} of {} classified correctly.\n",
                layer.name, classified.correct, classified.of
            ));
        }
    }
    let tensors = results.layers.iter().flat_map(|layer| layer.tensors.iter().map(move |tensor| (layer, tensor)));
    for (layer, tensor) in tensors.filter(|(_, tensor)| tensor.quantized.is_some()) {
        let Tensor { operand, .. } = tensor;
        let (source, treatment, zeros) = (tensor.source(), tensor.treatment(), percent(tensor.zero_share()));
        text.push_str(&format!("{}: {operand} is {source}, {treatment}, {zeros} zeros.\n", layer.name));
    }
    if let Some(all) = all_tensors(results) {
        text.push_str(&format!("{all}\n"));
    }
    for (layer, sparsity) in results.layers.iter().filter_map(|layer| Some((layer, layer.sparsity.as_ref()?))) {
        for (operand, of) in [("a", &sparsity.a), ("b", &sparsity.b)] {
            if let (Some(pruning), Some(changed)) = (&of.pruning, of.changed) {
                let (layer, elements) = (&layer.name, of.elements);
                text.push_str(&format!(
                    "{layer}: {operand} with {pruning}: {changed} of {elements} values became 0.\n"
                ));
            }
        }
    }
    if let Some(difference) = &total.scalesim_difference {
        text.push_str(&format!("{difference}\n"));
    }
    format!("{text}\n{}", columns(&rows))
}

fn percent(part: f64) -> String {
    format!("{:.1} %", 100.0 * part)
}

impl Session {
    /// A progress bar where standard error is a terminal that wants one.
    fn bar(&self, length: u64) -> ProgressBar {
        if self.shows_bars() { ProgressBar::new(length) } else { ProgressBar::hidden() }
    }
}
