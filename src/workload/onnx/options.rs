//! What a command says about a model beside its path.

use super::data::Element;
use super::error::mistake;
use super::fact::{MOST_NUMBERS, Numbers};
use crate::mistake::{Mistake, did_you_mean};
use crate::workload::tensor::Quantize;

/// The greatest extent of an input.
const GREATEST: u64 = 1 << 31;

/// How a model becomes a workload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxOptions {
    /// The extents of inputs, by their names.
    pub shapes: Vec<(String, Vec<u64>)>,
    /// Inputs that have the same numbers in every run, by their names: the numbers as they were typed.
    pub inputs: Vec<(String, Vec<String>)>,
    /// How weights that are reals become integers; with one scale a tensor if nothing is said.
    pub quantize: Option<Quantize>,
}

impl OnnxOptions {
    /// The extents that `NAME=1,512` gives.
    ///
    /// # Errors
    /// Another form, a number that is no extent, a name that was given before.
    pub fn shape(&mut self, typed: &str) -> Result<(), Mistake> {
        let help = "write the input's name and its extents: --shape input_ids=1,128, or NAME= for a single number";
        let wrong = |reason: String| mistake("workload::onnx_shape", reason, help);
        let Some((name, extents)) = typed.rsplit_once('=') else {
            return Err(wrong(format!("`--shape {typed}` has no `=`")));
        };
        let extent = |text: &str| {
            let number = text.trim().parse::<u64>().ok().filter(|extent| (1..=GREATEST).contains(extent));
            number.ok_or_else(|| wrong(format!("`{}` in `--shape {typed}` is no extent", text.trim())))
        };
        let extents = match extents.trim() {
            "" => Vec::new(),
            extents => extents.split([',', 'x']).map(extent).collect::<Result<_, _>>()?,
        };
        if self.shapes.iter().any(|(known, _)| known == name) {
            return Err(wrong(format!("`--shape {name}=` is given twice")));
        }
        self.shapes.push((name.to_owned(), extents));
        Ok(())
    }

    /// The numbers that `NAME=16000` gives an input, or `NAME=1,2,3`.
    ///
    /// # Errors
    /// Another form, more than a few numbers, a name that was given before.
    pub fn input(&mut self, typed: &str) -> Result<(), Mistake> {
        let wrong = |reason: String| mistake("workload::onnx_input", reason, FORM);
        let Some((name, numbers)) = typed.rsplit_once('=') else {
            return Err(wrong(format!("`--input {}` has no `=`", short(typed))));
        };
        let numbers: Vec<String> = numbers.split(',').map(|number| number.trim().to_owned()).collect();
        if numbers.len() as u64 > MOST_NUMBERS {
            return Err(wrong(format!("`--input {name}=` has {} numbers, more than {MOST_NUMBERS}", numbers.len())));
        }
        if self.inputs.iter().any(|(known, _)| known == name) {
            return Err(wrong(format!("`--input {name}=` is given twice")));
        }
        self.inputs.push((name.to_owned(), numbers));
        Ok(())
    }

    /// The numbers that an input of this type is given.
    ///
    /// # Errors
    /// A type without numbers; a word that is no number of it.
    pub(super) fn numbers(&self, name: &str, element: Element) -> Result<Option<Numbers>, Mistake> {
        let Some((_, typed)) = self.inputs.iter().find(|(known, _)| known == name) else { return Ok(None) };
        let of = element.name();
        let wrong = |text: &String, what: &str| {
            let message = format!("`{}` in `--input {name}=` {what}: the input is {of}", short(text));
            mistake("workload::onnx_input", message, FORM)
        };
        if element.real().is_some() {
            let real = |text: &String| {
                let real = text.parse::<f64>().ok().filter(|real| real.is_finite());
                real.ok_or_else(|| wrong(text, "is no number"))
            };
            return typed.iter().map(real).collect::<Result<_, _>>().map(Numbers::Reals).map(Some);
        }
        let Some((least, greatest)) = element.range() else {
            let message = format!("the input `{name}` cannot be fixed: it is {of}");
            return Err(mistake("workload::onnx_input", message, "inputs of integers, reals and bool can be"));
        };
        let int = |text: &String| {
            let int = match text.as_str() {
                "true" if element == Element::BOOL => Ok(1),
                "false" if element == Element::BOOL => Ok(0),
                text => text.parse::<i128>(),
            };
            let int = int.map_err(|_| wrong(text, "is no integer"))?;
            let fits = (least..=greatest).contains(&int);
            let int = i64::try_from(int).ok().filter(|_| fits);
            int.ok_or_else(|| wrong(text, &format!("is not {least} to {greatest}")))
        };
        typed.iter().map(int).collect::<Result<_, _>>().map(Numbers::Ints).map(Some)
    }

    /// Checks that all names are those of inputs.
    pub(super) fn check(&self, shown: &str, inputs: &[&str]) -> Result<(), Mistake> {
        let shapes = self.shapes.iter().map(|(name, _)| ("workload::onnx_shape", name));
        let numbers = self.inputs.iter().map(|(name, _)| ("workload::onnx_input", name));
        match shapes.chain(numbers).find(|(_, name)| !inputs.contains(&name.as_str())) {
            None => Ok(()),
            Some((code, name)) => {
                let guess = did_you_mean(name, inputs.iter().copied(), "");
                let help = format!("{guess} The inputs are: {}", inputs.join(", "));
                Err(mistake(code, format!("{shown} has no input `{name}`"), help.trim()))
            }
        }
    }
}

/// How numbers of an input are given.
const FORM: &str = "write the input's name and its numbers, one for each element: --input rate=16000, --input sizes=4,4, \
                    --input flag=true";

/// The beginning of what was typed.
fn short(text: &str) -> String {
    let head: String = text.chars().take(40).collect();
    if head.len() < text.len() { head + ".." } else { head }
}
