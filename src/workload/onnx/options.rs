//! What a command says about a model beside its path.

use super::error::mistake;
use crate::mistake::{Mistake, did_you_mean};
use crate::workload::tensor::Quantize;

/// The greatest extent of an input.
const GREATEST: u64 = 1 << 31;

/// How a model becomes a workload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OnnxOptions {
    /// The extents of inputs, by their names.
    pub shapes: Vec<(String, Vec<u64>)>,
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

    /// Checks that all names are those of inputs.
    pub(super) fn check(&self, shown: &str, inputs: &[&str]) -> Result<(), Mistake> {
        match self.shapes.iter().find(|(name, _)| !inputs.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                let guess = did_you_mean(name, inputs.iter().copied(), "");
                let help = format!("{guess} The inputs are: {}", inputs.join(", "));
                Err(mistake("workload::onnx_shape", format!("{shown} has no input `{name}`"), help.trim()))
            }
        }
    }
}
