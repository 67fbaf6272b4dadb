//! Which points are legal: every chain of transforms that an array's nest can take, in every order, asked of the checks of
//! designs.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::axes::{ArrayChoice, FORMATS, Formats, Step, encodings, toml};
use crate::design::{Design, encoding_name, engine_spec};
use crate::encoding::EncodingKind;
use crate::mistake::Mistake;

/// Why a design is refused, as a user reads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// The code of the first mistake.
    pub code: String,
    /// Its message.
    pub message: String,
}

/// One encoding and one combination of formats under a chain.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The encoding of A.
    pub encoding: Option<EncodingKind>,
    /// The formats.
    pub formats: Formats,
    /// The design, whose name no other has, or why there is none.
    pub design: Result<Design, Reason>,
}

/// A chain of transforms that the nest of an array takes with some encoding.
#[derive(Clone, Debug)]
pub struct Chain {
    /// In order of application.
    pub steps: Vec<Step>,
    /// All combinations, encoding by encoding.
    pub cells: Vec<Cell>,
}

/// A transform that applies after a chain with no encoding.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The transform.
    pub step: Step,
    /// The chain that it would follow.
    pub after: Vec<Step>,
    /// Why, for each encoding that the chain without it has.
    pub reasons: Vec<(Option<EncodingKind>, Reason)>,
}

/// All chains of an array.
#[derive(Clone, Debug)]
pub struct ArraySurvey {
    /// The array.
    pub array: ArrayChoice,
    /// What applies, shorter chains first; of chains that arrive at the same nest, the first.
    pub chains: Vec<Chain>,
    /// What does not; a chain is not continued from here.
    pub refusals: Vec<Refusal>,
}

/// All arrays.
#[derive(Clone, Debug)]
pub struct Survey {
    /// In the order of lists.
    pub arrays: Vec<ArraySurvey>,
}

impl Survey {
    /// Asks about every point.
    pub fn new() -> Self {
        let mut arrays: Vec<ArraySurvey> = ArrayChoice::all().into_par_iter().map(ArraySurvey::new).collect();
        let cells = arrays.iter_mut().flat_map(|of| &mut of.chains).flat_map(|chain| &mut chain.cells);
        for (number, design) in cells.filter_map(|cell| cell.design.as_mut().ok()).enumerate() {
            design.name = format!("cell-{number}");
        }
        Self { arrays }
    }

    /// The legal points in the order of their names: what they are, and their designs.
    pub fn legal(&self) -> Vec<(String, &Design)> {
        let mut legal = Vec::new();
        for of in &self.arrays {
            for chain in &of.chains {
                for cell in &chain.cells {
                    if let Ok(design) = &cell.design {
                        legal.push((describe(of.array, chain, cell), design));
                    }
                }
            }
        }
        legal
    }
}

impl Default for Survey {
    fn default() -> Self {
        Self::new()
    }
}

fn describe(array: ArrayChoice, chain: &Chain, cell: &Cell) -> String {
    let steps = match chain.steps.is_empty() {
        true => "no transform".to_owned(),
        false => chain.steps.iter().map(|step| step.name()).collect::<Vec<_>>().join(", "),
    };
    format!("{}; {steps}; {}; {}", array.name(), encoding_name(cell.encoding), cell.formats.name())
}

/// Transforms about values and not about digits, whose chains are looked at in one combination of formats.
const OF_VALUES: [&str; 2] = ["skip-zero-values", "compress-n-of-m"];

/// Why a legal design is no point: there would be too many of them.
fn left_to_random(steps: &[Step], formats: Formats) -> Option<Reason> {
    let about_values = steps.iter().find(|step| OF_VALUES.contains(&step.transform))?;
    (formats != FORMATS[1]).then(|| Reason {
        code: "not a point".to_owned(),
        message: format!("chains with `{}` are checked in {}", about_values.transform, FORMATS[1].name()),
    })
}

impl Chain {
    fn new(array: ArrayChoice, steps: Vec<Step>) -> Self {
        let mut cells = Vec::new();
        for encoding in encodings() {
            for formats in FORMATS {
                let text = toml(array, &steps, encoding, formats);
                let design = Design::from_toml("cell.toml", &text, &[]).map_err(|mistakes| Reason::of(&mistakes));
                let design = design.and_then(|design| match left_to_random(&steps, formats) {
                    Some(reason) => Err(reason),
                    None => Ok(design),
                });
                cells.push(Cell { encoding, formats, design });
            }
        }
        Self { steps, cells }
    }

    /// What the transforms made of the array's nest, with the first encoding that there is; `None` if nothing is legal.
    fn nest(&self) -> Option<String> {
        let design = self.cells.iter().rev().find_map(|cell| cell.design.as_ref().ok())?;
        engine_spec(design).nests().ok().map(|(_, nest)| nest.to_string())
    }
}

impl ArraySurvey {
    fn new(array: ArrayChoice) -> Self {
        let plain = Chain::new(array, Vec::new());
        let mut nests: BTreeSet<String> = plain.nest().into_iter().collect();
        let mut survey = Self { array, chains: vec![plain], refusals: Vec::new() };
        let mut next = 0;
        while let Some(before) = survey.chains.get(next) {
            next += 1;
            let (after, mut longer) = (before.steps.clone(), Vec::new());
            for step in Step::all() {
                if after.iter().any(|applied| applied.transform == step.transform) {
                    continue;
                }
                let chain = Chain::new(array, after.iter().copied().chain([step]).collect());
                match chain.nest() {
                    Some(nest) => longer.extend(nests.insert(nest).then_some(chain)),
                    None => survey.refusals.push(Refusal::new(step, before, &chain)),
                }
            }
            survey.chains.extend(longer);
        }
        survey
    }
}

impl Refusal {
    fn new(step: Step, before: &Chain, refused: &Chain) -> Self {
        let mut reasons: Vec<(Option<EncodingKind>, Reason)> = Vec::new();
        for (before, cell) in before.cells.iter().zip(&refused.cells) {
            if let (Ok(_), Err(reason)) = (&before.design, &cell.design) {
                let reason = (cell.encoding, reason.clone());
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
        Self { step, after: before.steps.clone(), reasons }
    }
}

impl Reason {
    fn of(mistakes: &[Mistake]) -> Self {
        let first = mistakes.first();
        Self {
            code: first.map(|mistake| mistake.code().to_owned()).unwrap_or_default(),
            message: first.map(ToString::to_string).unwrap_or_default(),
        }
    }
}
