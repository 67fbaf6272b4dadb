//! A tensor of a model that a workload names, as any other tensor of a file.

use std::path::Path;
use std::sync::Arc;

use super::data::{Initializer, Weights};
use super::skeleton::Unfit;
use crate::workload::tensor::{Fault, Visitor};

/// Calls `each` with the values that are meant: those of `part`, or all of the tensor of this name.
///
/// # Errors
/// A file that is no model, no such tensor, a type that is not read; what `each` says.
pub(in crate::workload) fn visit(
    model: &Path,
    name: Option<&str>,
    part: Option<&Weights>,
    each: &mut Visitor<'_>,
) -> Result<(), Fault> {
    let found;
    let weights = match part {
        Some(part) => part,
        None => {
            found = named(model, name)?;
            &found
        }
    };
    let (stored, mut elements) = weights.open(model)?;
    each(&stored, &mut elements)
}

/// The tensor of this name: one of the model's, or the value of a `Constant`.
fn named(model: &Path, name: Option<&str>) -> Result<Weights, Fault> {
    let read = super::read(model).map_err(|unfit| match unfit {
        Unfit::Unreadable(reason) => Fault::Unreadable(reason),
        Unfit::Format(broken) => Fault::Format(broken.to_string()),
        Unfit::TooLarge(reason) => Fault::Format(reason),
    })?;
    let mut known = Vec::new();
    for graph in &read.graph {
        let constants = graph.node.iter().filter(|node| node.op_type == "Constant").filter_map(|node| {
            let tensor = node.attribute("value").and_then(|value| value.t.first())?;
            Some((node.output.first()?, tensor))
        });
        for (of, tensor) in graph.initializer.iter().map(|tensor| (&tensor.name, tensor)).chain(constants) {
            if name == Some(of.as_str()) {
                let mut tensor = Initializer::new(tensor).map_err(Fault::Format)?;
                tensor.name.clone_from(of);
                return Ok(Weights::whole(Arc::new(tensor)));
            }
            known.push(of.clone());
        }
    }
    Err(Fault::Unknown { known })
}
