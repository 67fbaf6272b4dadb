//! What is 0 in the operands of a layer, values and digits apart, and what they take in each storage format.

use serde::{Deserialize, Serialize};

use super::number::share;
use super::results::{Results, rounded};
use crate::workload::{StoredSize, TensorTally};

/// Of both operands, as they are stored, all products together: the input of a convolution and not its windows, but in a format whose
/// blocks share exponents, where elements are only made of the windows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sparsity {
    /// Of A.
    pub a: OperandSparsity,
    /// Of B.
    pub b: OperandSparsity,
}

/// What is 0 in one operand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperandSparsity {
    /// What the workload says is made 0, e.g. `n-of-m = [2, 4]`; `null` if nothing.
    pub pruning: Option<String>,
    /// How many values that changed; `null` where nothing is made 0, or values are drawn.
    pub changed: Option<u64>,
    /// Values.
    pub elements: u64,
    /// Those that are 0.
    pub zeros: u64,
    /// `zeros` over `elements`.
    pub zero_share: f64,
    /// Its digits; `null` if the engine does not encode it.
    pub digits: Option<OperandDigits>,
    /// What it takes in each format that applies.
    pub storage: Vec<Stored>,
}

/// Digits of an encoded operand: the three counts sum to elements times slots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperandDigits {
    /// The encoding.
    pub encoding: String,
    /// Digits of a value.
    pub slots: u64,
    /// Digits of values that are 0.
    pub of_zeros: u64,
    /// Digits that are 0, of values that are not.
    pub zeros_inside: u64,
    /// Digits that are not 0.
    pub nonzero: u64,
    /// `nonzero` over all digits.
    pub nonzero_share: f64,
    /// `nonzero` over the digits of values that are not 0.
    pub nonzero_share_inside: f64,
}

/// Bytes in a storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The format, e.g. `csr` or `2-of-4`.
    pub format: String,
    /// Bytes of values.
    pub value_bytes: u64,
    /// Bytes of what says where they stand.
    pub metadata_bytes: u64,
}

impl Stored {
    /// Both together.
    pub fn bytes(&self) -> u64 {
        self.value_bytes.saturating_add(self.metadata_bytes)
    }
}

impl Sparsity {
    pub(super) fn new([a, b]: &[TensorTally; 2]) -> Self {
        Self { a: OperandSparsity::new(a), b: OperandSparsity::new(b) }
    }

    /// Whether the workload makes anything 0.
    pub fn is_pruned(&self) -> bool {
        self.a.pruning.is_some() || self.b.pruning.is_some()
    }

    /// What a run makes true: no more zeros than values, digits that sum to all there are.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        for operand in [&self.a, &self.b] {
            if operand.zeros > operand.elements {
                return Err("has more zeros than values");
            }
            let Some(digits) = &operand.digits else { continue };
            let sum = [digits.of_zeros, digits.zeros_inside, digits.nonzero];
            let sum = sum.into_iter().try_fold(0_u64, u64::checked_add);
            if sum.is_none() || sum != operand.elements.checked_mul(digits.slots) {
                return Err("has digits that do not sum to all there are");
            }
        }
        Ok(())
    }
}

impl OperandSparsity {
    fn new(tally: &TensorTally) -> Self {
        let stored = |size: &StoredSize| Stored {
            format: size.format.to_string(),
            value_bytes: size.value_bytes,
            metadata_bytes: size.metadata_bytes,
        };
        let digits = tally.digits.as_ref().map(|digits| OperandDigits {
            encoding: digits.encoding.name().to_owned(),
            slots: digits.slots,
            of_zeros: digits.of_zeros,
            zeros_inside: digits.zeros_inside,
            nonzero: digits.nonzero,
            nonzero_share: rounded(share(digits.nonzero, digits.of_zeros + digits.zeros_inside + digits.nonzero)),
            nonzero_share_inside: rounded(share(digits.nonzero, digits.zeros_inside + digits.nonzero)),
        });
        Self {
            pruning: tally.sparsity.map(|sparsity| sparsity.to_string()),
            changed: tally.changed,
            elements: tally.elements,
            zeros: tally.zeros,
            zero_share: rounded(share(tally.zeros, tally.elements)),
            digits,
            storage: tally.storage.iter().map(stored).collect(),
        }
    }

    /// The format in which it takes the fewest bytes, the first of equal ones.
    pub fn smallest(&self) -> Option<&Stored> {
        self.storage.iter().min_by_key(|stored| stored.bytes())
    }
}

/// All layers together, repetitions included: values of A and of B that are 0, and the digits of what is encoded.
pub(super) struct Sum {
    pub zero_share: [f64; 2],
    /// The encoding, and of all digits those of zeros, those that are 0 inside of other values, and those that are not 0.
    pub digits: Option<(String, [f64; 3])>,
}

/// The sums of a record that has these counts; none of an older one.
pub(super) fn sum(results: &Results) -> Option<Sum> {
    let (mut zeros, mut elements, mut digits) = ([0_u128; 2], [0_u128; 2], [0_u128; 3]);
    let mut encoding = None;
    for layer in &results.layers {
        let sparsity = layer.sparsity.as_ref()?;
        let repeat = u128::from(layer.repeat);
        for (index, operand) in [&sparsity.a, &sparsity.b].into_iter().enumerate() {
            zeros[index] += repeat * u128::from(operand.zeros);
            elements[index] += repeat * u128::from(operand.elements);
            let Some(counted) = &operand.digits else { continue };
            encoding = Some(counted.encoding.clone());
            for (sum, count) in digits.iter_mut().zip([counted.of_zeros, counted.zeros_inside, counted.nonzero]) {
                *sum += repeat * u128::from(count);
            }
        }
    }
    let part = |part: u128, whole: u128| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let all = digits.iter().sum();
    Some(Sum {
        zero_share: [0, 1].map(|operand| part(zeros[operand], elements[operand])),
        digits: encoding.map(|encoding| (encoding, digits.map(|count| part(count, all)))),
    })
}
