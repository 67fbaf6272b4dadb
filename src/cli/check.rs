//! `check`: a design resolved, with its loop nest before and after each transform.

use clap::Args;
use serde_json::{Value, json};

use super::session::Session;
use super::{Exit, Failure};
use crate::design::{Design, engine_spec};
use crate::engine::Engine;
use crate::mistake::Mistake;

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Paths or shipped names
    #[arg(required = true)]
    designs: Vec<String>,
}

/// A nest and the transform that made it, `None` for the first one.
struct Stage {
    after: Option<String>,
    nest: String,
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
    Engine::elaborate(&engine_spec(design)).map_err(|error| {
        let help = "this is a defect of bitweight: please report it with the design";
        Mistake::new("engine::internal", format!("`{}` cannot be built: {error}", design.name), help)
    })
}

fn stages(design: &Design) -> Result<Vec<Stage>, Mistake> {
    (0..=design.transforms.len())
        .map(|count| {
            let mut spec = engine_spec(design);
            spec.transforms.truncate(count);
            let (_, nest) = spec.nests().map_err(|error| Mistake::new("engine::internal", error.to_string(), ""))?;
            Ok(Stage { after: spec.transforms.last().cloned(), nest: nest.to_string() })
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
        text.push_str(&format!("\n# {title}\n{}\n", stage.nest.trim_end()));
    }
    let modules: Vec<&str> = engine.netlist.modules.iter().map(|module| module.name.as_str()).collect();
    text.push_str(&format!("\n# {} modules: {}\n", modules.len(), modules.join(", ")));
    text
}

fn as_json(stages: &[Stage], design: &Design, engine: &Engine) -> Value {
    let nests: Vec<Value> = stages.iter().map(|stage| json!({ "after": stage.after, "nest": stage.nest })).collect();
    let modules: Vec<&str> = engine.netlist.modules.iter().map(|module| module.name.as_str()).collect();
    json!({
        "name": design.name, "hash": design.hash(), "toml": design.to_toml(), "nests": nests, "modules": modules
    })
}
