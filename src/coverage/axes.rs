//! The axes: arrays, steps of a chain of transforms, encodings, formats; and the TOML of a point.

use crate::design::{ArrayChoices, ArrayKind, encoding_name};
use crate::encoding::EncodingKind;
use crate::engine::Dataflow;
use crate::notation::transform;

/// Rows, columns, and products of a PE where an array has a choice: small, unequal, no power of two in the depth.
const SIZE: (u32, u32, u32) = (2, 3, 3);

/// An array, and what stays in it where that is a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArrayChoice {
    /// The kind.
    pub kind: ArrayKind,
    /// The dataflow, of a kind that has several.
    pub dataflow: Option<Dataflow>,
}

impl ArrayChoice {
    /// Every array, in the order of `list arrays`.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for kind in ArrayKind::ALL {
            let arrays = Dataflow::ALL.map(|dataflow| kind.with(ArrayChoices { dataflow, ..ArrayChoices::default() }));
            match arrays.iter().all(|array| *array == arrays[0]) {
                true => all.push(Self { kind, dataflow: None }),
                false => {
                    all.extend(Dataflow::ALL.map(|dataflow| Self { kind, dataflow: Some(dataflow) }));
                }
            }
        }
        all
    }

    /// `systolic, weight stationary`.
    pub fn name(self) -> String {
        let dataflow = self.dataflow.map(|dataflow| format!(", {}", dataflow.name().replace('-', " ")));
        format!("{}{}", self.kind.name(), dataflow.unwrap_or_default())
    }

    fn toml(self) -> String {
        let (rows, cols, depth) = SIZE;
        let dataflow = self.dataflow.map(|dataflow| format!("dataflow = \"{}\"\n", dataflow.name()));
        let depth = self.kind.depth_key().map(|key| format!("{key} = {depth}\n"));
        let rest = dataflow.unwrap_or_default() + &depth.unwrap_or_default();
        format!("[array]\nkind = \"{}\"\nrows = {rows}\ncols = {cols}\n{rest}", self.kind.name())
    }
}

/// A transform with what a design chose about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// Its name.
    pub transform: &'static str,
    /// The choice in a word; empty where there is none.
    pub choice: &'static str,
    /// The lines of its section.
    section: &'static str,
}

/// Transforms that come in more than one form, or that are built smaller than by default: (transform, choice, section).
pub const CHOICES: [(&str, &str, &str); 13] = [
    ("align-bit-weight", "spatial", "bit-weight = \"spatial\""),
    ("align-bit-weight", "temporal", "bit-weight = \"temporal\""),
    ("skip-zero-digits", "cost-a-cycle", "group = 2\nempty-groups = \"cost-a-cycle\""),
    ("skip-zero-digits", "skipped", "group = 2\nempty-groups = \"skipped\""),
    ("skip-zero-values", "a", "match = \"a\"\ngroup = 2\nempty-groups = \"cost-a-cycle\""),
    ("skip-zero-values", "a, skipped", "match = \"a\"\ngroup = 2\nempty-groups = \"skipped\""),
    ("skip-zero-values", "both", "match = \"both\"\ngroup = 2\nempty-groups = \"cost-a-cycle\""),
    ("skip-zero-values", "both, skipped", "match = \"both\"\ngroup = 2\nempty-groups = \"skipped\""),
    ("extend-reduction", "lockstep", "lanes = 2\npace = \"lockstep\""),
    ("extend-reduction", "per-group", "lanes = 2\npace = \"per-group\""),
    ("extend-reduction", "per-bit-weight", "lanes = 2\npace = \"per-bit-weight\""),
    // Two kept places share words of A, in rows or in steps; one goes into every depth.
    ("compress-n-of-m", "2 of 4", "n-of-m = [2, 4]"),
    ("compress-n-of-m", "1 of 3", "n-of-m = [1, 3]"),
];

impl Step {
    /// Every transform in every form, in the order of `list transforms`.
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for transform in transform::ALL.iter().map(|transform| transform.name()) {
            let forms = CHOICES.iter().filter(|(of, ..)| *of == transform);
            all.extend(forms.map(|&(_, choice, section)| Self { transform, choice, section }));
            if all.last().is_none_or(|last: &Self| last.transform != transform) {
                all.push(Self { transform, choice: "", section: "" });
            }
        }
        all
    }

    /// `align-bit-weight (spatial)`.
    pub fn name(self) -> String {
        match self.choice {
            "" => self.transform.to_owned(),
            choice => format!("{} ({choice})", self.transform),
        }
    }
}

/// Formats of operands and sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Formats {
    /// Of A.
    pub a: &'static str,
    /// Of B.
    pub b: &'static str,
    /// Of sums: wide enough for the operands drawn, so that nothing wraps.
    pub accumulator: &'static str,
}

/// Every combination of formats.
pub const FORMATS: [Formats; 4] = [
    Formats { a: "int4", b: "int4", accumulator: "int32" },
    Formats { a: "int8", b: "int8", accumulator: "int32" },
    Formats { a: "int16", b: "int16", accumulator: "int64" },
    Formats { a: "int8", b: "int4", accumulator: "int32" },
];

impl Formats {
    /// `int8 x int4`; where both are alike, one of them.
    pub fn name(self) -> String {
        if self.a == self.b { self.a.to_owned() } else { format!("{} x {}", self.a, self.b) }
    }
}

/// Every encoding, `None` (the synthesiser's `*`) first.
pub fn encodings() -> Vec<Option<EncodingKind>> {
    std::iter::once(None).chain(EncodingKind::ALL.map(Some)).collect()
}

/// The design of a point, as a user would write it.
pub(super) fn toml(array: ArrayChoice, steps: &[Step], encoding: Option<EncodingKind>, formats: Formats) -> String {
    let transforms: Vec<String> = steps.iter().map(|step| format!("\"{}\"", step.transform)).collect();
    let sections = steps.iter().filter(|step| !step.section.is_empty());
    let sections: String = sections.map(|step| format!("\n[{}]\n{}\n", step.transform, step.section)).collect();
    let Formats { a, b, accumulator } = formats;
    format!(
        "name = \"cell\"\ntransforms = [{}]\n\n[operands]\na = \"{a}\"\nb = \"{b}\"\naccumulator = \"{accumulator}\"\n\n\
         [encoding]\noperand = \"a\"\nkind = \"{}\"\n\n{}{sections}",
        transforms.join(", "),
        encoding_name(encoding),
        array.toml()
    )
}
