//! `check`: a design resolved, with its loop nest before and after each transform.

use clap::Args;
use serde_json::{Value, json};

use super::failure::defect;
use super::session::Session;
use super::{Exit, Failure};
use crate::design::{Design, engine_spec};
use crate::engine::{Dataflow, Engine};
use crate::mistake::Mistake;
use crate::notation::{Counts, Extents, Nest};

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Paths or shipped names
    #[arg(required = true)]
    designs: Vec<String>,
}

/// A nest and the transform that made it, `None` for the first one.
struct Stage {
    after: Option<String>,
    nest: Nest,
    counts: Counts,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let mut answers = Vec::new();
    for name in &typed.designs {
        let design = session.design(name)?;
        let engine = elaborate(&design)?;
        answers.push((stages(&design)?, design, engine));
    }
    if session.json {
        let designs: Vec<Value> =
            answers.iter().map(|(stages, design, engine)| as_json(stages, design, engine)).collect();
        session.answer_json(&json!({ "format_version": 1, "designs": designs }))?;
    } else {
        let texts: Vec<String> =
            answers.iter().map(|(stages, design, engine)| as_text(stages, design, engine)).collect();
        session.answer(&texts.join("\n"))?;
    }
    Ok(Exit::Done)
}

/// The engine of a design. What a user can get wrong was found when the design was read.
pub(super) fn elaborate(design: &Design) -> Result<Engine, Mistake> {
    Engine::elaborate(&engine_spec(design)).map_err(|error| defect(&design.name, &error))
}

fn stages(design: &Design) -> Result<Vec<Stage>, Mistake> {
    (0..=design.transforms.len())
        .map(|count| {
            let mut spec = engine_spec(design);
            spec.transforms.truncate(count);
            let (_, nest) = spec.nests().map_err(|error| defect(&design.name, &error))?;
            let counts = nest.counts(&one_tile(design));
            Ok(Stage { after: spec.transforms.last().cloned(), nest, counts })
        })
        .collect()
}

fn as_text(stages: &[Stage], design: &Design, engine: &Engine) -> String {
    let mut text = format!("# {}: {}\n# hash {}\n\n{}", design.name, design.summary(), design.hash(), design.to_toml());
    for stage in stages {
        let title = match &stage.after {
            None => "loop nest".to_owned(),
            Some(transform) => format!("after {transform}"),
        };
        text.push_str(&format!("\n# {title}\n{}\n{}", stage.nest.to_string().trim_end(), counts_text(&stage.counts)));
    }
    let modules: Vec<&str> = engine.netlist.modules.iter().map(|module| module.name.as_str()).collect();
    text.push_str(&format!("\n# {} modules: {}\n", modules.len(), modules.join(", ")));
    text
}

fn as_json(stages: &[Stage], design: &Design, engine: &Engine) -> Value {
    let nests: Vec<Value> = stages.iter().map(|stage| json!({ "after": stage.after, "nest": stage.nest.to_string(), "counts": counts_json(&stage.counts) })).collect();
    let modules: Vec<&str> = engine.netlist.modules.iter().map(|module| module.name.as_str()).collect();
    json!({
        "name": design.name, "hash": design.hash(), "toml": design.to_toml(), "nests": nests, "modules": modules
    })
}

/// The array with one tile on it: what its hardware counts depend on.
fn one_tile(design: &Design) -> Extents {
    let spec = engine_spec(design);
    let (rows, cols, depth) = (u64::from(spec.rows), u64::from(spec.cols), u64::from(spec.array.depth()));
    let (mp, kp) = match spec.dataflow() {
        Dataflow::OutputStationary => (rows, depth),
        Dataflow::WeightStationary | Dataflow::InputStationary => (1, rows),
    };
    Extents { m: mp, n: cols, k: kp, mp, np: cols, kp, bw: u64::from(spec.digit_slots()) }
}

/// The hardware that a nest describes, name and count.
fn hardware(counts: &Counts) -> [(&'static str, u64); 7] {
    [
        ("pes", counts.pes),
        ("multipliers", counts.multipliers),
        ("encoders", counts.encoders),
        ("partial_products_per_pe", counts.partial_products_per_pe()),
        ("compressor_inputs_per_pe", counts.compressor_inputs_per_pe),
        ("adders_per_pe", counts.adders_per_pe),
        ("drain_adders", counts.drain_adders),
    ]
}

fn counts_text(counts: &Counts) -> String {
    let parts: Vec<String> = hardware(counts)
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| {
            format!("{count} {}", name.replace('_', " ").replace("pes", "PEs").replace("per pe", "per PE"))
        })
        .collect();
    format!("# {}\n", parts.join(", "))
}

fn counts_json(counts: &Counts) -> Value {
    hardware(counts)
        .iter()
        .map(|&(name, count)| (name.to_owned(), Value::from(count)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}
