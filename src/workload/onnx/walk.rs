//! The nodes of a model one after the other: what is known of each value, and the products on the way.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::data::{Element, Initializer, Weights, ZeroPoints};
use super::error::mistake;
use super::fact::{Fact, MOST_NUMBERS, Numbers, count};
use super::infer::{self, Call, Role, completed, hides_products, label, role};
use super::lower::{self, Lowered};
use super::options::OnnxOptions;
use super::order::order;
use super::proto::{Graph, Node, Tensor, ValueInfo};
use super::view::View;
use crate::mistake::Mistake;
use crate::workload::origin::Origin;
use crate::workload::tensor::{Fault, in_words};

/// Numbers of all values together.
const MOST_KEPT: usize = 1 << 22;
/// Zero points of a tensor.
const MOST_ZERO_POINTS: u64 = 1 << 20;

/// What is known while a model is walked through.
pub(super) struct Walk<'m> {
    /// The file.
    pub model: &'m Path,
    /// Its name in messages.
    pub shown: &'m str,
    pub options: &'m OnnxOptions,
    facts: BTreeMap<String, Fact>,
    /// Extents that the file states.
    stated: BTreeMap<String, (Element, Vec<u64>)>,
    kept: usize,
    /// The products, in their order.
    pub products: Vec<Lowered>,
    /// How often an operation computes what is no product.
    pub others: BTreeMap<String, usize>,
    /// How often one has products that are not counted.
    pub hidden: BTreeMap<String, usize>,
    /// Weights that are drawn, by what makes them.
    pub computed: BTreeMap<String, usize>,
    pub notes: Vec<String>,
}

impl<'m> Walk<'m> {
    pub fn new(model: &'m Path, shown: &'m str, options: &'m OnnxOptions) -> Self {
        Self {
            model,
            shown,
            options,
            facts: BTreeMap::new(),
            stated: BTreeMap::new(),
            kept: 0,
            products: Vec::new(),
            others: BTreeMap::new(),
            hidden: BTreeMap::new(),
            computed: BTreeMap::new(),
            notes: Vec::new(),
        }
    }

    /// All of a model.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn model(&mut self, graph: &Graph) -> Result<(), Mistake> {
        let own: std::collections::BTreeSet<&str> =
            graph.initializer.iter().map(|tensor| tensor.name.as_str()).collect();
        let inputs: Vec<&ValueInfo> = graph.input.iter().filter(|input| !own.contains(input.name.as_str())).collect();
        let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
        self.options.check(self.shown, &names)?;
        // All that are open are named at once.
        let open: Vec<String> = inputs.iter().filter_map(|input| self.open(input)).collect();
        for input in inputs {
            let fact = self.input(input, &open.join(" "))?;
            let fact = self.fixed(&input.name, fact)?;
            self.facts.insert(input.name.clone(), fact);
        }
        self.graph(graph)
    }

    /// The extents that are known, by the names of values.
    pub fn all_extents(self) -> BTreeMap<String, Vec<u64>> {
        self.facts.into_iter().filter_map(|(name, fact)| Some((name, fact.shape?))).collect()
    }

    /// The nodes of a graph whose inputs are known.
    fn graph(&mut self, graph: &Graph) -> Result<(), Mistake> {
        let mut seen = std::collections::BTreeSet::new();
        for tensor in &graph.initializer {
            if !seen.insert(tensor.name.as_str()) {
                let message = format!("{}: two tensors are named `{}`", self.shown, tensor.name);
                return Err(mistake("workload::onnx_graph", message, "`onnx.checker.check_model` says more"));
            }
            let fact = self.tensor(tensor, &tensor.name)?;
            self.facts.insert(tensor.name.clone(), fact);
        }
        for info in graph.value_info.iter().chain(&graph.output) {
            let Some((element, Some(dims))) = info.tensor() else { continue };
            if let Some(shape) = dims.iter().map(super::proto::Dim::extent).collect::<Option<Vec<_>>>() {
                self.stated.insert(info.name.clone(), (Element(element), shape));
            }
        }
        for index in order(graph, self.shown, |name| self.facts.contains_key(name))? {
            self.node(&graph.node[index])?;
        }
        Ok(())
    }

    /// A tensor that stands in the file, and its numbers if they are few.
    fn tensor(&self, tensor: &Tensor, name: &str) -> Result<Fact, Mistake> {
        let wrong = |reason: String| {
            let message = format!("{}: the tensor `{name}` cannot be used: {reason}", self.shown);
            mistake("workload::onnx_tensor", message, "`onnx.checker.check_model` says more about such a file")
        };
        let mut read = Initializer::new(tensor).map_err(wrong)?;
        if read.name.is_empty() {
            read.name = name.to_owned();
        }
        let few = read.count().is_some_and(|count| count <= MOST_NUMBERS);
        let numbers = match (few, read.element.real()) {
            (false, _) => Ok(None),
            (true, None) => read.integers(self.model).map(Numbers::Ints).map(Some).or_else(unless_typed),
            (true, Some(_)) => read.reals(self.model).map(Numbers::Reals).map(Some).or_else(unless_typed),
        }
        .map_err(|fault| match fault {
            Fault::Unreadable(_) => {
                let message = format!("{}: the tensor `{name}` cannot be used: {}", self.shown, in_words(fault));
                mistake("workload::onnx_tensor", message, Origin::Model.missing_file())
            }
            fault => wrong(in_words(fault)),
        })?;
        Ok(Fact::initializer(Arc::new(read), numbers))
    }

    /// One node.
    fn node(&mut self, node: &Node) -> Result<(), Mistake> {
        let inputs = node.input.iter().map(|name| self.facts.get(name).cloned()).collect();
        let call = Call { node, inputs };
        let results = match role(node) {
            Role::Control => self.control(&call)?,
            Role::Product => lower::product(self, &call)?,
            Role::Moves if node.op_type == "Constant" => vec![self.constant(node)?],
            _ => infer::results(&call).map_err(|reason| self.at(node, &reason))?,
        };
        let mut results = completed(&call, results);
        match node.op_type.as_str() {
            "DequantizeLinear" => {
                if let Some(fact) = results.first_mut() {
                    *fact = self.less_zero(fact.clone(), call.input(2), node.int("axis", 1));
                }
            }
            "ConstantOfShape" => self.fill(node, results.first_mut())?,
            _ => {}
        }
        if role(node) == Role::Computes && !results.iter().all(|fact| fact.constant && !fact.given) {
            let counts = if hides_products(node) { &mut self.hidden } else { &mut self.others };
            *counts.entry(node.operation()).or_default() += 1;
        }
        for (index, name) in node.output.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let mut fact = results.get(index).cloned().unwrap_or_else(|| call.unknown());
            if let (None, Some((element, shape))) = (&fact.shape, self.stated.get(name)) {
                fact = Fact { element: Some(*element), shape: Some(shape.clone()), ..fact };
            }
            self.kept += fact.numbers.as_ref().map_or(0, Numbers::len);
            if self.kept > MOST_KEPT {
                fact.numbers = None;
            }
            self.facts.insert(name.clone(), fact);
        }
        Ok(())
    }

    /// An error of a node.
    pub fn at(&self, node: &Node, reason: &str) -> Mistake {
        let message = format!("{}: node `{}`: {reason}", self.shown, label(node));
        mistake("workload::onnx_node", message, "`onnx.checker.check_model(path, full_check=True)` says more")
    }

    /// The extents of an input of a product.
    ///
    /// # Errors
    /// They are not known: with the reason.
    pub fn extents<'c>(&self, call: &'c Call, index: usize) -> Result<&'c [u64], Mistake> {
        if let Some(shape) = call.shape(index) {
            return Ok(shape);
        }
        let Some(fact) = call.input(index) else {
            return Err(self.at(call.node, &format!("its input {index} is missing")));
        };
        let name = call.node.input.get(index).map_or("", String::as_str);
        let why = fact.unknown.as_deref().unwrap_or("the model does not say");
        Err(mistake(
            "workload::onnx_shape",
            format!(
                "{}: the extents of `{name}`, which `{}` multiplies, are not known: {why}",
                self.shown,
                call.label()
            ),
            "export the model with static shapes, or run onnx.shape_inference on it first",
        ))
    }

    /// The value of a `Constant`.
    fn constant(&self, node: &Node) -> Result<Fact, Mistake> {
        let name = node.output.first().map_or("", String::as_str);
        let of = |name| node.attribute(name);
        if let Some(tensor) = of("value").and_then(|value| value.t.first()) {
            return self.tensor(tensor, name);
        }
        if let Some(int) = of("value_int").and_then(|value| value.i) {
            return Ok(Fact::ints(Vec::new(), vec![int]));
        }
        if let Some(ints) = of("value_ints") {
            return Ok(Fact::ints(vec![ints.ints.len() as u64], ints.ints.clone()));
        }
        let reals = |shape: Vec<u64>, reals: Vec<f64>| {
            let numbers = (reals.len() as u64 <= MOST_NUMBERS).then_some(Numbers::Reals(reals));
            Ok(Fact { numbers, constant: true, ..Fact::of(Some(Element::FLOAT), shape) })
        };
        if let Some(real) = of("value_float").and_then(|value| value.f) {
            return reals(Vec::new(), vec![f64::from(real)]);
        }
        match of("value_floats") {
            Some(of) => reals(vec![of.floats.len() as u64], of.floats.iter().map(|&real| f64::from(real)).collect()),
            None => Ok(Fact::unknown(format!("`{}` holds no numbers", label(node)))),
        }
    }

    /// The numbers of a `ConstantOfShape` that makes a few.
    fn fill(&self, node: &Node, fact: Option<&mut Fact>) -> Result<(), Mistake> {
        let Some(fact) = fact else { return Ok(()) };
        let Some(count) = fact.shape.as_deref().and_then(count).filter(|&count| count <= MOST_NUMBERS) else {
            return Ok(());
        };
        let value = match node.attribute("value").and_then(|value| value.t.first()) {
            None => Some(Numbers::Reals(vec![0.0])),
            Some(tensor) => self.tensor(tensor, "value")?.numbers,
        };
        fact.numbers = value.and_then(|value| value.pick(&vec![0; count as usize]));
        Ok(())
    }

    /// Weights that are dequantised: what is subtracted from them first.
    pub fn less_zero(&self, fact: Fact, zero: Option<&Fact>, axis: i64) -> Fact {
        let (Some(weights), Some(zero)) = (&fact.weights, zero) else { return fact };
        let points = match &zero.weights {
            Some(of) if of.tensor.count().is_some_and(|count| count <= MOST_ZERO_POINTS) => {
                of.tensor.integers(self.model).ok()
            }
            _ => zero.known_ints().map(<[i64]>::to_vec),
        };
        let lost = |fact: Fact| Fact { computed: Some(Arc::from("zero points")), ..fact.without_weights() };
        let Some(points) = points else { return lost(fact) };
        if points.iter().all(|&point| point == 0) {
            return fact;
        }
        let dims = &weights.tensor.dims;
        let is_whole = weights.view == View::whole(dims) && weights.zero.is_none();
        let points = super::fact::axis(axis, dims.len().max(1)).and_then(|axis| ZeroPoints::new(points, dims, axis));
        match points {
            Some(points) if is_whole || points.range()[0] == points.range()[1] => {
                let weights = Some(Weights { zero: Some(points), ..weights.clone() });
                Fact { weights, ..fact }
            }
            _ => lost(fact),
        }
    }

    /// A node with graphs of its own: an `If` that is decided beforehand is followed.
    fn control(&mut self, call: &Call) -> Result<Vec<Fact>, Mistake> {
        let node = call.node;
        let decided = call.input(0).and_then(Fact::known_ints).and_then(|ints| ints.first().copied());
        if let ("If", Some(which)) = (node.op_type.as_str(), decided) {
            let branch = if which != 0 { "then_branch" } else { "else_branch" };
            let graph = node.graph(branch).ok_or_else(|| self.at(node, &format!("it has no {branch}")))?;
            self.graph(graph)?;
            let result = |output: &ValueInfo| self.facts.get(&output.name).cloned();
            return Ok(graph.output.iter().map(|output| result(output).unwrap_or_default()).collect());
        }
        if node.attribute.iter().flat_map(|attribute| &attribute.g).any(multiplies) {
            let why = match node.op_type.as_str() {
                "If" => {
                    let name = node.input.first().map_or("", String::as_str);
                    format!("it has products, and its condition `{name}` is known only when the network runs")
                }
                _ => "it has products, which run as often as values say".to_owned(),
            };
            let export = "export the model without it, or simplify it with the inputs fixed (onnxsim)";
            let source = call.input(0).and_then(|fact| fact.source.as_deref()).filter(|_| node.op_type == "If");
            let help = match source {
                None => export.to_owned(),
                Some(input) => {
                    let element = self.facts.get(input).and_then(|fact| fact.element);
                    let number = if element == Some(Element::BOOL) { "true" } else { "1" };
                    format!(
                        "it follows from the input `{input}`: say what that is in the runs that are meant, e.g. \
                         `--input {input}={number}`; or {export}"
                    )
                }
            };
            let message = format!("{}: node `{}`: {why}", self.shown, call.label());
            return Err(mistake("workload::onnx_unsupported", message, help));
        }
        *self.others.entry(node.operation()).or_default() += 1;
        let why: Arc<str> = Arc::from(format!("`{}` runs a graph that depends on values", call.label()));
        Ok(vec![Fact::unknown(why); node.output.len()])
    }
}

/// Whether there are products in a graph.
fn multiplies(graph: &Graph) -> bool {
    let inside = |node: &Node| node.attribute.iter().flat_map(|attribute| &attribute.g).any(multiplies);
    graph.node.iter().any(|node| role(node) == Role::Product || hides_products(node) || inside(node))
}

/// A type without numbers, such as text, is nobody's fault until it is multiplied.
fn unless_typed(fault: Fault) -> Result<Option<Numbers>, Fault> {
    match fault {
        Fault::Dtype { .. } => Ok(None),
        fault => Err(fault),
    }
}
