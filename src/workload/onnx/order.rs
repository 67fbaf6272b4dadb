//! The nodes of a graph in an order in which they can run.

use std::collections::{BTreeMap, BTreeSet};

use super::error::mistake;
use super::infer::label;
use super::proto::{Graph, Node};
use crate::mistake::Mistake;

/// Nodes of a ring that a message names.
const MOST_NAMES: usize = 4;

/// Names that a node reads, those that graphs in it read from outside too.
fn reads<'g>(node: &'g Node, found: &mut Vec<&'g str>) {
    found.extend(node.input.iter().filter(|name| !name.is_empty()).map(String::as_str));
    for graph in node.attribute.iter().flat_map(|attribute| &attribute.g) {
        let given: BTreeSet<&str> = graph.node.iter().flat_map(|node| &node.output).map(String::as_str).collect();
        let own: BTreeSet<&str> = graph
            .initializer
            .iter()
            .map(|tensor| tensor.name.as_str())
            .chain(graph.input.iter().map(|input| input.name.as_str()))
            .collect();
        let mut inside = Vec::new();
        graph.node.iter().for_each(|node| reads(node, &mut inside));
        inside.extend(graph.output.iter().map(|output| output.name.as_str()));
        found.extend(inside.into_iter().filter(|name| !given.contains(name) && !own.contains(name)));
    }
}

/// The indices of the nodes in an order in which each follows those that it reads from: the order of the file where that is one.
/// `known` says whether a name is given from outside.
///
/// # Errors
/// A name that nothing gives, or that two nodes give; nodes that wait for each other.
pub(super) fn order(graph: &Graph, shown: &str, known: impl Fn(&str) -> bool) -> Result<Vec<usize>, Mistake> {
    let help = "`onnx.checker.check_model` says more about such a file";
    let wrong = |message: String| mistake("workload::onnx_graph", message, help);
    let mut makers: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, node) in graph.node.iter().enumerate() {
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            if let Some(other) = makers.insert(name, index) {
                let (one, two) = (label(&graph.node[other]), label(node));
                return Err(wrong(format!("{shown}: `{one}` and `{two}` both give `{name}`")));
            }
        }
    }
    let mut waits = vec![0_usize; graph.node.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); graph.node.len()];
    for (index, node) in graph.node.iter().enumerate() {
        let mut names = Vec::new();
        reads(node, &mut names);
        names.sort_unstable();
        names.dedup();
        for name in names {
            match makers.get(name) {
                Some(&maker) => {
                    readers[maker].push(index);
                    waits[index] += 1;
                }
                None if known(name) => {}
                None => {
                    return Err(wrong(format!("{shown}: nothing gives `{name}`, which `{}` reads", label(node))));
                }
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..waits.len()).filter(|&index| waits[index] == 0).collect();
    let mut order = Vec::with_capacity(waits.len());
    while let Some(index) = ready.pop_first() {
        order.push(index);
        for &reader in &readers[index] {
            waits[reader] -= 1;
            if waits[reader] == 0 {
                ready.insert(reader);
            }
        }
    }
    if order.len() < graph.node.len() {
        let ring: Vec<String> = (0..waits.len())
            .filter(|&index| waits[index] > 0)
            .take(MOST_NAMES)
            .map(|index| format!("`{}`", label(&graph.node[index])))
            .collect();
        return Err(wrong(format!("{shown}: nodes wait for each other: {}", ring.join(", "))));
    }
    Ok(order)
}
