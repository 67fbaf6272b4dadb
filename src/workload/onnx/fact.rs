//! What is known of a value of a graph before it runs.

use std::sync::Arc;

use super::data::{Element, Initializer, Weights};

/// Numbers that are followed through a graph: those of shapes are a few, those of weights are not.
pub(super) const MOST_NUMBERS: u64 = 1024;

/// Numbers that do not depend on what a network is given, but for inputs whose numbers the user states.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Numbers {
    Ints(Vec<i64>),
    Reals(Vec<f64>),
}

impl Numbers {
    /// As integers; `None` for reals.
    pub fn ints(&self) -> Option<&[i64]> {
        match self {
            Self::Ints(ints) => Some(ints),
            Self::Reals(_) => None,
        }
    }

    /// As reals.
    pub fn reals(&self) -> Vec<f64> {
        match self {
            Self::Ints(ints) => ints.iter().map(|&int| int as f64).collect(),
            Self::Reals(reals) => reals.clone(),
        }
    }

    /// Those at these places, in this order.
    pub fn pick(&self, places: &[usize]) -> Option<Self> {
        Some(match self {
            Self::Ints(ints) => Self::Ints(places.iter().map(|&at| ints.get(at).copied()).collect::<Option<_>>()?),
            Self::Reals(reals) => Self::Reals(places.iter().map(|&at| reals.get(at).copied()).collect::<Option<_>>()?),
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Ints(ints) => ints.len(),
            Self::Reals(reals) => reals.len(),
        }
    }
}

/// What is known of a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fact {
    /// Its type; `None` if that is not known.
    pub element: Option<Element>,
    /// Its extents; `None` if they depend on values, or on an operation that is not known.
    pub shape: Option<Vec<u64>>,
    /// Why its extents are not known.
    pub unknown: Option<Arc<str>>,
    /// Its numbers, where they are few and depend on no input but stated ones.
    pub numbers: Option<Numbers>,
    /// Which of the model's own values it is, dequantised or in another order.
    pub weights: Option<Weights>,
    /// Whether it depends on no input, or on such only whose numbers are given.
    pub constant: bool,
    /// Whether it depends on an input whose numbers the command line gives: what is computed of it is computed in every run.
    pub given: bool,
    /// An input of a few numbers that it depends on and that are not given.
    pub source: Option<Arc<str>>,
    /// What was done to the model's values, where they are still constant and no longer its own.
    pub computed: Option<Arc<str>>,
}

impl Fact {
    /// A value of these extents.
    pub fn of(element: Option<Element>, shape: Vec<u64>) -> Self {
        Self { element, shape: Some(shape), ..Self::default() }
    }

    /// A value whose extents are not known.
    pub fn unknown(why: impl Into<Arc<str>>) -> Self {
        Self { unknown: Some(why.into()), ..Self::default() }
    }

    /// Integers of these extents.
    pub fn ints(shape: Vec<u64>, ints: Vec<i64>) -> Self {
        let numbers = (ints.len() as u64 <= MOST_NUMBERS).then_some(Numbers::Ints(ints));
        Self { numbers, constant: true, ..Self::of(Some(Element::INT64), shape) }
    }

    /// A tensor of the model.
    pub fn initializer(tensor: Arc<Initializer>, numbers: Option<Numbers>) -> Self {
        let (element, shape) = (Some(tensor.element), Some(tensor.dims.clone()));
        Self { element, shape, numbers, weights: Some(Weights::whole(tensor)), constant: true, ..Self::default() }
    }

    /// How many axes it has.
    pub fn rank(&self) -> Option<usize> {
        self.shape.as_ref().map(Vec::len)
    }

    /// Its integers.
    pub fn known_ints(&self) -> Option<&[i64]> {
        self.numbers.as_ref().and_then(Numbers::ints)
    }

    /// The same with other extents and the numbers in their order, weights if they can be seen so.
    pub fn reshaped(&self, shape: Vec<u64>) -> Self {
        let weights = self
            .weights
            .as_ref()
            .and_then(|weights| Some(Weights { view: weights.view.reshaped(&shape)?, ..weights.clone() }));
        Self { shape: Some(shape), weights, ..self.clone() }
    }

    /// The same without weights.
    pub fn without_weights(self) -> Self {
        Self { weights: None, ..self }
    }
}

/// Elements of a tensor; `None` if they are too many to be counted.
pub(super) fn count(shape: &[u64]) -> Option<u64> {
    shape.iter().try_fold(1_u64, |product, &extent| product.checked_mul(extent))
}

/// An axis that may be counted from the end.
pub(super) fn axis(axis: i64, rank: usize) -> Option<usize> {
    let axis = if axis < 0 { axis.checked_add(rank as i64)? } else { axis };
    usize::try_from(axis).ok().filter(|&axis| axis < rank)
}

/// Extents as messages show them.
pub(super) fn shown(shape: &[u64]) -> String {
    match shape {
        [] => "one number".to_owned(),
        _ => shape.iter().map(u64::to_string).collect::<Vec<_>>().join(" x "),
    }
}
