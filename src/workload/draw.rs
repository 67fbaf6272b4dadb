//! Values drawn from a distribution: the same for a seed on every platform.

use std::{ops::Range, sync::Arc};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sha2::{Digest, Sha256};

#[cfg(test)]
use crate::encoding::{Distribution, EncodingError, Format};
use crate::{
    encoding::Pmf,
    matrix::{Blocks, Matrix, count_each},
};

/// Weights of all values sum to 2^62.
const TOTAL_BITS: u32 = 62;
/// So many of the first bits of a draw say where in the cumulative weights to begin: with 256 values most draws need no more.
const GUIDE_BITS: u32 = 14;

/// Draws integers by inverting the cumulative distribution in integers.
pub(super) struct Sampler {
    least: i32,
    /// Cumulative weight up to and with each value, and once more that of the last, 2^62.
    cumulative: Vec<u64>,
    /// For each leading part of a draw, the first value it can fall on; then the last value.
    guide: Vec<u32>,
}

impl Sampler {
    /// The probabilities become integer weights, rounded; what rounding adds or takes is the most probable value's.
    pub(super) fn new(pmf: &Pmf) -> Self {
        let total = 1_u64 << TOTAL_BITS;
        let mut weights: Vec<u64> = pmf.iter().map(|(_, p)| (p * total as f64).round() as u64).collect();
        let sum: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
        let surplus = sum as i128 - i128::from(total);
        if let Some(mode) = weights.iter_mut().max() {
            *mode = (i128::from(*mode) - surplus) as u64;
        }
        let mut cumulative: Vec<u64> = weights
            .iter()
            .scan(0, |sum, &weight| {
                *sum += weight;
                Some(*sum)
            })
            .collect();
        let mut first = 0;
        let parts = (0..1_u64 << GUIDE_BITS).map(|part| part << (TOTAL_BITS - GUIDE_BITS)).map(|position| {
            while cumulative[first] <= position {
                first += 1;
            }
            first as u32
        });
        let mut guide: Vec<u32> = parts.collect();
        guide.push(cumulative.len() as u32 - 1);
        cumulative.push(total);
        let least = pmf.iter().next().map_or(0, |(value, _)| value);
        Self { least, cumulative, guide }
    }

    /// The value on which a draw of 64 random bits falls: the first whose cumulative weight exceeds the upper 62 bits.
    fn value(&self, draw: u64) -> i32 {
        self.least + self.index(draw) as i32
    }

    /// How many values that is above the least.
    #[inline]
    fn index(&self, draw: u64) -> usize {
        let position = draw >> (64 - TOTAL_BITS);
        let part = (position >> (TOTAL_BITS - GUIDE_BITS)) as usize;
        let (from, to) = (self.guide[part] as usize, self.guide[part + 1] as usize);
        // The last of them is the one if none before it is. Most parts have up to three, and no branch then depends on the draw.
        match to - from {
            0..=2 => {
                let is_beyond = |index: usize| usize::from(self.cumulative[index] <= position);
                from + is_beyond(from) + is_beyond(from + 1)
            }
            _ => from + self.cumulative[from..to].partition_point(|&upto| upto <= position),
        }
    }

    /// Values from the least to the greatest.
    fn values(&self) -> usize {
        self.cumulative.len() - 1
    }
}

/// A matrix of values drawn row by row, any part of which can be made again.
pub(super) struct Drawn {
    sampler: Arc<Sampler>,
    key: [u8; 32],
    rows: usize,
    cols: usize,
}

impl Drawn {
    /// Values that `sampler` draws, which several matrices may share.
    ///
    /// The key of the generator is the SHA-256 of seed, layer and tensor, so that a tensor keeps its values when layers
    /// around it change.
    pub(super) fn new(
        sampler: Arc<Sampler>,
        (seed, layer, tensor): (u64, &str, &str),
        (rows, cols): (usize, usize),
    ) -> Self {
        let key = Sha256::digest(format!("bitweight values 1/{seed}/{layer}/{tensor}")).into();
        Self { sampler, key, rows, cols }
    }

    /// Gives `each` the draws of some rows and columns, row by row.
    fn draws(&self, rows: Range<usize>, cols: Range<usize>, mut each: impl FnMut(u64)) {
        // Whole rows follow each other without a gap.
        let (runs, length) = match cols.len() == self.cols {
            true => (rows.start..rows.end.min(rows.start + 1), rows.len() * cols.len()),
            false => (rows, cols.len()),
        };
        for row in runs {
            let mut generator = ChaCha8Rng::from_seed(self.key);
            // A value takes two words of 32 bits.
            generator.set_word_pos(2 * (row as u128 * self.cols as u128 + cols.start as u128));
            for _ in 0..length {
                each(generator.next_u64());
            }
        }
    }
}

impl Blocks for Drawn {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cols(&self) -> usize {
        self.cols
    }

    fn block(&self, rows: Range<usize>, cols: Range<usize>) -> Matrix<i32> {
        let (height, width) = (rows.len(), cols.len());
        let mut values = Vec::with_capacity(height * width);
        self.draws(rows, cols, |draw| values.push(self.sampler.value(draw)));
        Matrix::from_rows(height, width, values).expect("rows x cols values were drawn")
    }

    /// Without keeping them.
    fn count(&self, rows: Range<usize>, cols: Range<usize>, least: i32, counts: &mut [u64]) -> Result<(), i32> {
        let first = usize::try_from(i64::from(self.sampler.least) - i64::from(least)).ok();
        let counts_of_values = first.and_then(|first| counts.get_mut(first..first + self.sampler.values()));
        let Some(counts_of_values) = counts_of_values else {
            return count_each(self.block(rows, cols).values(), least, counts);
        };
        self.draws(rows, cols, |draw| counts_of_values[self.sampler.index(draw)] += 1);
        Ok(())
    }
}

/// All of a [`Drawn`] matrix.
///
/// # Errors
/// As [`Distribution::pmf`].
#[cfg(test)]
fn draw(
    distribution: &Distribution,
    format: impl Into<Format>,
    key: (u64, &str, &str),
    shape: (usize, usize),
) -> Result<Matrix<i32>, EncodingError> {
    let sampler = Arc::new(Sampler::new(&distribution.pmf(format)?));
    Ok(Drawn::new(sampler, key, shape).whole())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_is_exact_at_every_boundary() {
        for distribution in [
            Distribution::Uniform,
            Distribution::Normal { std: 20.0 },
            Distribution::Normal { std: 0.3 },
            Distribution::Laplace { scale: 4.0 },
            Distribution::HalfNormal { std: 60.0 },
            Distribution::Histogram(vec![(-3, 1.0), (5, 2.0)]),
        ] {
            let pmf = distribution.pmf(8_u32).unwrap();
            let sampler = Sampler::new(&pmf);
            assert_eq!(sampler.cumulative.last(), Some(&(1 << TOTAL_BITS)), "{distribution:?}");
            let mut below = 0;
            for (&upto, (value, p)) in sampler.cumulative.iter().zip(pmf.iter()) {
                let weight = (upto - below) as f64 / (1_u64 << TOTAL_BITS) as f64;
                assert!((weight - p).abs() < 1e-14, "{distribution:?}: {value} weighs {weight} and not {p}");
                if upto > below {
                    assert_eq!(sampler.value(below << 2), value, "{distribution:?}: first draw of {value}");
                    assert_eq!(sampler.value((upto - 1) << 2 | 3), value, "{distribution:?}: last draw of {value}");
                }
                below = upto;
            }
        }
    }

    #[test]
    fn drawn_values_are_pinned() {
        let drawn = draw(&Distribution::Normal { std: 20.0 }, 8_u32, (1, "gemm", "a"), (2, 6)).unwrap();
        assert_eq!(drawn.values(), [-1, 32, -32, 7, -18, 24, 22, 24, 7, -19, -3, -22]);
    }

    #[test]
    fn unsigned_values_cover_their_range_and_a_normal_variable_is_clipped_at_zero() {
        let uniform = draw(&Distribution::Uniform, Format::uint(4), (1, "x", "a"), (32, 32)).unwrap();
        let seen: std::collections::BTreeSet<i32> = uniform.values().iter().copied().collect();
        assert_eq!(seen, (0..16).collect());
        let normal = draw(&Distribution::Normal { std: 20.0 }, Format::uint(8), (1, "x", "a"), (64, 64)).unwrap();
        let zeros = normal.values().iter().filter(|&&value| value == 0).count() as f64;
        // P(X < 1/2) is 0.51; four standard errors.
        assert!((zeros / 4096.0 - 0.51).abs() < 4.0 * 0.5 / 64.0, "{zeros} zeros");
        assert!(normal.values().iter().all(|value| (0..256).contains(value)));
    }

    #[test]
    fn seed_layer_and_tensor_each_change_the_values() {
        let values = |seed, layer, tensor| draw(&Distribution::Uniform, 8_u32, (seed, layer, tensor), (8, 8)).unwrap();
        let base = values(1, "x", "a");
        assert_eq!(base, values(1, "x", "a"));
        for other in [values(2, "x", "a"), values(1, "y", "a"), values(1, "x", "b")] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn drawn_values_have_the_mean_and_deviation_asked_for() {
        let drawn = draw(&Distribution::Normal { std: 20.0 }, 8_u32, (1, "x", "a"), (256, 256)).unwrap();
        let count = drawn.values().len() as f64;
        let mean = drawn.values().iter().map(|&v| f64::from(v)).sum::<f64>() / count;
        let variance = drawn.values().iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / count;
        // Four standard errors.
        assert!(mean.abs() < 4.0 * 20.0 / 256.0, "{mean}");
        assert!((variance - 400.0).abs() < 4.0 * 400.0 * (2.0 / count).sqrt(), "{variance}");
    }

    #[test]
    fn a_part_has_the_values_of_the_whole() {
        let pmf = Distribution::Normal { std: 20.0 }.pmf(8_u32).unwrap();
        let drawn = Drawn::new(Arc::new(Sampler::new(&pmf)), (7, "layer", "a"), (13, 37));
        let whole = drawn.whole();
        let mut generator = ChaCha8Rng::from_seed(drawn.key);
        assert!(whole.values().iter().all(|&value| value == drawn.sampler.value(generator.next_u64())));
        for (rows, cols) in [(0..13, 0..37), (3..4, 5..6), (12..13, 36..37), (2..9, 8..31), (5..5, 0..37)] {
            let block = drawn.block(rows.clone(), cols.clone());
            // The first place is that of the least value, or less.
            for least in [-128, -200] {
                let [mut counts, mut expected] = [[1; 400]; 2];
                assert_eq!(drawn.count(rows.clone(), cols.clone(), least, &mut counts), Ok(()));
                assert_eq!(count_each(block.values(), least, &mut expected), Ok(()));
                assert_eq!(counts, expected);
            }
            assert_eq!(block, whole.block(rows, cols));
        }
        // Values beyond what is counted are told of.
        assert!((-5..5).all(|least| drawn.count(0..13, 0..37, least, &mut [0; 5]).is_err()));
    }
}
