//! What is 0 in the tensors of a layer, values and digits apart, and what they take in each storage format.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Sparsity, Stand};
use crate::encoding::{BLOCK, DigitCounts, EncodingError, EncodingKind, Format};
use crate::matrix::{Blocks, ranges};
use crate::workload::storage::{Fibres, StorageFormat, StoredSize};

/// Elements that are looked at together.
const PART_WORDS: usize = 1 << 18;

/// An operand of a layer as it is stored: before a convolution is lowered, and all products of it.
pub struct StoredOperand {
    /// One for all products, or one each.
    pub parts: Vec<Arc<dyn Blocks + Send>>,
    /// What was made 0.
    pub sparsity: Option<Sparsity>,
    /// How many values that changed, where they were there before: in a file or an earlier result.
    pub changed: Option<u64>,
    /// Whether the parts were lowered after that: then groups and blocks are not those that were pruned.
    pub(in crate::workload) is_lowered: bool,
    pub(in crate::workload) stand: Stand,
}

/// What is 0 in a tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorTally {
    /// What was made 0.
    pub sparsity: Option<Sparsity>,
    /// How many values that changed; `None` if nothing was to be, or the values are drawn.
    pub changed: Option<u64>,
    /// Values.
    pub elements: u64,
    /// Those that are 0.
    pub zeros: u64,
    /// Their digits, if they are encoded.
    pub digits: Option<DigitTally>,
    /// What they take in each format that applies.
    pub storage: Vec<StoredSize>,
}

/// Where the digit slots of a tensor are: `of_zeros + zeros_inside + nonzero` is elements times slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigitTally {
    /// How values become digits.
    pub encoding: EncodingKind,
    /// Digits of a value.
    pub slots: u64,
    /// Digits of values that are 0: what value sparsity saves.
    pub of_zeros: u64,
    /// Digits that are 0, of values that are not: what digit sparsity saves beyond.
    pub zeros_inside: u64,
    /// Digits that are not 0.
    pub nonzero: u64,
    /// Values with 0, 1, 2 .. digits that are not 0.
    pub histogram: Vec<u64>,
}

impl StoredOperand {
    /// Counts values of this format, and their digits under an encoding. Each is looked at once, more than once with blocks.
    ///
    /// # Errors
    /// A value that does not fit in the format, a format that cannot be encoded.
    pub fn tally(&self, format: Format, encoding: Option<EncodingKind>) -> Result<TensorTally, EncodingError> {
        let (length, count) = self.stand.fibres();
        let fibres = Fibres { count, length, bits: format.stored_bits() };
        let (least, greatest) = format.range();
        let mut histogram = vec![0_u64; (i64::from(greatest) - i64::from(least) + 1) as usize];
        let zero = least.unsigned_abs() as usize;
        let unit_height = self.sparsity.map_or(1, |sparsity| self.stand.grid(&sparsity).unit[0]);
        // What shares an exponent is quantised together.
        let is_blocked_down = format.is_blocked() && self.stand.k_is_down;
        let unit_height = if is_blocked_down { unit_height.next_multiple_of(BLOCK) } else { unit_height };
        let mut storage: Vec<StoredSize> = Vec::new();
        for part in &self.parts {
            let before = histogram[zero];
            count_values(&**part, unit_height, format, &mut histogram)?;
            let nonzeros = fibres.elements() - (histogram[zero] - before);
            let mut sizes = vec![fibres.dense(), fibres.bitmap(nonzeros), fibres.csr(nonzeros)];
            match self.sparsity.filter(|_| !self.is_lowered) {
                Some(Sparsity::NOfM { n, m }) => sizes.push(fibres.n_of_m(n, m)),
                Some(Sparsity::Block { extents, .. }) => sizes.push(self.blocks(&**part, &fibres, extents)),
                _ => {}
            }
            if format.is_blocked() {
                // A shared exponent has a byte.
                let exponents = count * length.div_ceil(BLOCK as u64);
                sizes.iter_mut().for_each(|size| size.metadata_bytes += exponents);
            }
            match storage.is_empty() {
                true => storage = sizes,
                false => storage.iter_mut().zip(sizes).for_each(|(sum, size)| *sum = sum.and(size)),
            }
        }
        let digits =
            encoding.map(|kind| DigitTally::new(kind, format, (least..).zip(histogram.iter().copied()))).transpose()?;
        Ok(TensorTally {
            sparsity: self.sparsity,
            changed: self.changed,
            elements: histogram.iter().sum(),
            zeros: histogram[zero],
            digits,
            storage,
        })
    }

    /// Blocks that have a value that is not 0, stored as a whole.
    fn blocks(&self, part: &dyn Blocks, fibres: &Fibres, extents: [u32; 2]) -> StoredSize {
        let grid = self.stand.grid(&Sparsity::Block { extents, zero: super::Share { billionths: 0 } });
        let mut kept = 0;
        grid.visit(part, (0..grid.rows, 0..grid.cols), |unit, part| {
            if unit.values(part).any(|value| value != 0) {
                kept += (unit.height * unit.width) as u64;
            }
        });
        fibres.block_bitmap(extents, grid.units(), kept)
    }
}

/// Adds how often each value of a format occurs, the least first; what is decided about together is so many rows high.
fn count_values(
    of: &dyn Blocks,
    unit_height: usize,
    format: Format,
    histogram: &mut [u64],
) -> Result<(), EncodingError> {
    let (least, _) = format.range();
    // Units as a whole, or each would be made again for every part that it touches.
    let height = (PART_WORDS / of.cols().max(1)).max(1).next_multiple_of(unit_height).min(of.rows().max(1));
    let width = (PART_WORDS / height).max(1);
    let across = |rows: std::ops::Range<usize>| ranges(of.cols(), width).map(move |cols| (rows.clone(), cols));
    let parts: Vec<_> = ranges(of.rows(), height).flat_map(across).collect();
    let shares: Vec<_> = parts.chunks(parts.len().div_ceil(rayon::current_num_threads()).max(1)).collect();
    let count = |parts: &&[(std::ops::Range<usize>, std::ops::Range<usize>)]| {
        let mut counts = vec![0_u64; histogram.len()];
        for (rows, cols) in *parts {
            // What has no place in the format is no element of it.
            of.count(rows.clone(), cols.clone(), least, &mut counts).or_else(|value| format.check_element(value))?;
        }
        Ok(counts)
    };
    let counted: Vec<Result<Vec<u64>, EncodingError>> = shares.par_iter().map(count).collect();
    for counts in counted {
        histogram.iter_mut().zip(counts?).for_each(|(sum, count)| *sum += count);
    }
    Ok(())
}

/// How many digits of an element are not zero.
enum DigitsOf {
    /// Looked up.
    Integers(DigitCounts),
    /// Of what is decoded there are few codes, and words too long for a table.
    Elements(EncodingKind, Format),
}

impl DigitsOf {
    fn new(encoding: EncodingKind, format: Format) -> Result<Self, EncodingError> {
        match format.element {
            None => Ok(Self::Integers(DigitCounts::new(encoding, format.word_bits())?)),
            Some(_) => Ok(Self::Elements(encoding, format)),
        }
    }

    fn element(&self, element: i32) -> u64 {
        match self {
            Self::Integers(counts) => u64::from(counts.of(element).unwrap_or(0)),
            Self::Elements(encoding, format) => {
                u64::from(encoding.encoding().nonzero_digits_of(format.value(element), format.word_bits()))
            }
        }
    }
}

impl DigitTally {
    /// Of values of a format, each so often.
    ///
    /// # Errors
    /// A format that cannot be encoded.
    pub fn new(
        encoding: EncodingKind,
        format: Format,
        values: impl IntoIterator<Item = (i32, u64)>,
    ) -> Result<Self, EncodingError> {
        let digits_of = DigitsOf::new(encoding, format)?;
        let slots = u64::from(encoding.encoding().slots(format.word_bits()));
        let (mut of_zeros, mut zeros_inside, mut nonzero) = (0, 0, 0);
        let mut histogram = vec![0; slots as usize + 1];
        for (value, times) in values {
            if times == 0 {
                // Nor is it a number then, if it is none.
                continue;
            }
            let digits = digits_of.element(value);
            histogram[digits as usize] += times;
            match format.value(value) {
                0 => of_zeros += times * slots,
                _ => (zeros_inside, nonzero) = (zeros_inside + times * (slots - digits), nonzero + times * digits),
            }
        }
        Ok(Self { encoding, slots, of_zeros, zeros_inside, nonzero, histogram })
    }
}

impl TensorTally {
    /// The format in which it takes the fewest bytes, the first of equal ones.
    pub fn smallest(&self) -> Option<StoredSize> {
        self.storage.iter().copied().min_by_key(StoredSize::bytes)
    }

    /// What it takes if every value is stored.
    pub fn dense_bytes(&self) -> u64 {
        self.storage.iter().find(|size| size.format == StorageFormat::Dense).map_or(0, StoredSize::bytes)
    }
}
