//! What is known of the inputs of a model: their extents and, where the command line gives them, their numbers.

use std::sync::Arc;

use super::data::Element;
use super::error::mistake;
use super::fact::{Fact, MOST_NUMBERS, count, shown};
use super::proto::{Dim, ValueInfo};
use super::walk::Walk;
use crate::mistake::Mistake;

impl<'m> Walk<'m> {
    /// The extents that the command line gives an input.
    fn given(&self, input: &ValueInfo) -> Option<&'m Vec<u64>> {
        self.options.shapes.iter().find(|(name, _)| *name == input.name).map(|(_, shape)| shape)
    }

    /// The option that gives an input the extents that nothing has given it yet, with 1 for those that are open.
    pub(super) fn open(&self, input: &ValueInfo) -> Option<String> {
        let (_, dims) = input.tensor().filter(|_| self.given(input).is_none() && self.counted(input).is_none())?;
        let name = &input.name;
        let Some(dims) = dims else { return Some(format!("--shape {name}=1,128")) };
        if dims.iter().all(|dim| dim.extent().is_some()) {
            return None;
        }
        let ones: Vec<String> = dims.iter().map(|dim| dim.extent().unwrap_or(1).to_string()).collect();
        Some(format!("--shape {name}={}", ones.join(",")))
    }

    /// The extents of an input with one that is open, where the numbers that it is given tell that one.
    fn counted(&self, input: &ValueInfo) -> Option<Vec<u64>> {
        let (_, numbers) = self.options.inputs.iter().find(|(name, _)| *name == input.name)?;
        let (_, dims) = input.tensor()?;
        let dims = dims?;
        let known = dims.iter().filter_map(Dim::extent);
        let stated = known.clone().try_fold(1_u64, u64::checked_mul)?;
        let open = numbers.len() as u64 / stated;
        let fits = known.count() + 1 == dims.len() && open * stated == numbers.len() as u64;
        fits.then(|| dims.iter().map(|dim| dim.extent().unwrap_or(open)).collect())
    }

    /// What is known of an input: its extents, from the file and from the command line. `open` says how to give all that are missing.
    pub(super) fn input(&self, input: &ValueInfo, open: &str) -> Result<Fact, Mistake> {
        let given = self.given(input);
        let Some((element, dims)) = input.tensor() else {
            return Ok(Fact::unknown(format!("the input `{}` is no tensor", input.name)));
        };
        let element = Some(Element(element));
        let name = &input.name;
        let Some(dims) = dims else {
            return match given {
                Some(shape) => Ok(Fact::of(element, shape.clone())),
                None => Err(mistake(
                    "workload::onnx_shape",
                    format!("{}: nothing says which extents the input `{name}` has", self.shown),
                    format!("cycles follow from extents: give them all, e.g. {open}"),
                )),
            };
        };
        if let Some(shape) = given {
            let fits = shape.len() == dims.len()
                && dims.iter().zip(shape).all(|(dim, &extent)| dim.extent().is_none_or(|stated| stated == extent));
            if fits {
                return Ok(Fact::of(element, shape.clone()));
            }
            let stated: Vec<String> = dims.iter().map(dim_text).collect();
            let list = shape.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
            return Err(mistake(
                "workload::onnx_shape",
                format!("{}: the input `{name}` is [{}], and --shape says {list}", self.shown, stated.join(", ")),
                "extents that the model states stay as they are; give a number for each of the others",
            ));
        }
        let shape: Option<Vec<u64>> = dims.iter().map(Dim::extent).collect();
        if let Some(shape) = shape.or_else(|| self.counted(input)) {
            return Ok(Fact::of(element, shape));
        }
        let at = dims.iter().position(|dim| dim.extent().is_none()).unwrap_or(0);
        let called = match dims[at].dim_param.as_str() {
            "" => String::new(),
            name => format!(" `{name}`"),
        };
        Err(mistake(
            "workload::onnx_shape",
            format!("{}: extent {at}{called} of the input `{name}` is no number", self.shown),
            format!("cycles follow from extents: give them all, e.g. {open}"),
        ))
    }

    /// The same input with the numbers that the command line gives it.
    pub(super) fn fixed(&self, name: &str, fact: Fact) -> Result<Fact, Mistake> {
        let few = fact.shape.as_deref().and_then(count).is_some_and(|count| count <= MOST_NUMBERS);
        let element = fact.element.unwrap_or(Element(0));
        let Some(numbers) = self.options.numbers(name, element)? else {
            let can_be = few && (element.real().is_some() || element.range().is_some());
            return Ok(Fact { source: can_be.then(|| Arc::from(name)), ..fact });
        };
        let shape = fact.shape.as_deref().unwrap_or_default();
        let elements = count(shape);
        if fact.shape.is_none() || elements != Some(numbers.len() as u64) {
            let message = format!(
                "{}: the input `{name}` has {} elements, and `--input` gives it {} numbers",
                self.shown,
                shown(shape),
                numbers.len()
            );
            let help = "give one number for each element, the last index running fastest";
            return Err(mistake("workload::onnx_input", message, help));
        }
        Ok(Fact { numbers: Some(numbers), constant: true, given: true, ..fact })
    }
}

/// An extent as a message shows it.
fn dim_text(dim: &Dim) -> String {
    match (dim.extent(), dim.dim_param.as_str()) {
        (Some(extent), _) => extent.to_string(),
        (None, "") => "?".to_owned(),
        (None, name) => name.to_owned(),
    }
}
