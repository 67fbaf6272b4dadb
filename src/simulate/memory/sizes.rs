//! Which sizes blocks may have.

use super::tiling::Tiling;
use crate::engine::{BlockAxis, Memory};
use crate::simulate::SimulateError;

/// The sizes of blocks that are looked at, whatever the buffers hold.
#[derive(Debug)]
pub struct Sizes {
    /// Along M, N and K, largest first; never empty.
    pub along: [Vec<usize>; 3],
    is_fixed: bool,
}

impl Sizes {
    /// Those that the array can take, or the one that was asked for.
    ///
    /// # Errors
    /// One that was asked for and is no whole multiple of what the array takes at a time.
    pub fn new(memory: &Memory, tiling: &Tiling) -> Result<Self, SimulateError> {
        let along = |axis: BlockAxis| {
            let (extent, step) = (tiling.extents[axis as usize], tiling.step(axis));
            // Where blocks of K share exponents it is cut there and nowhere else.
            let is_given = axis == BlockAxis::K && tiling.stored.block_of_k.is_some();
            let given = memory.block[axis as usize].map_or(0, |given| given as usize);
            let fixed = memory.block[axis as usize].map(|_| given.min(extent));
            match fixed {
                Some(size) if !tiling.counts(axis, size) => Err(tiling.too_long(axis, given)),
                Some(size) if size == extent && (!is_given || extent <= step) => Ok(vec![extent]),
                Some(size) if size % step == 0 && (!is_given || size == step) => Ok(vec![size]),
                Some(_) => Err(SimulateError::BlockStep { axis: axis.name(), size: given, extent, step, is_given }),
                None if is_given => Ok(vec![step.min(extent)]),
                None => {
                    let mut sizes = sizes(extent, step);
                    sizes.retain(|&size| tiling.counts(axis, size));
                    Ok(sizes)
                }
            }
        };
        let along = [along(BlockAxis::M)?, along(BlockAxis::N)?, along(BlockAxis::K)?];
        Ok(Self { along, is_fixed: memory.block != [None; 3] })
    }

    /// The smallest block.
    pub fn least(&self) -> [usize; 3] {
        self.along.each_ref().map(|sizes| sizes.last().copied().unwrap_or(1))
    }

    /// Whether any was asked for.
    pub fn is_fixed(&self) -> bool {
        self.is_fixed
    }
}

/// The sizes of blocks along an axis, largest first: for each count of blocks that whole steps of the array can make, the
/// smallest one.
fn sizes(extent: usize, step: usize) -> Vec<usize> {
    let steps = extent.div_ceil(step);
    let mut sizes = Vec::new();
    let mut count = 1;
    while count <= steps {
        let size = steps.div_ceil(count);
        sizes.push((size * step).min(extent));
        // The next count that a smaller size makes.
        count = match size {
            1 => steps + 1,
            size => steps.div_ceil(size - 1),
        };
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_of_blocks_has_its_smallest_size() {
        for (extent, step) in [(1, 1), (7, 1), (12, 5), (40, 3), (41, 3), (100, 7), (5, 8)] {
            let found = sizes(extent, step);
            let count = |size: usize| extent.div_ceil(size);
            let all: std::collections::BTreeSet<usize> =
                (1..=extent.div_ceil(step)).map(|size| count(size * step)).collect();
            assert_eq!(found.iter().map(|&size| count(size)).collect::<std::collections::BTreeSet<_>>(), all);
            assert_eq!(found.len(), all.len(), "{extent} {step}");
            for &size in &found {
                assert!(size == extent || size % step == 0);
                assert!(
                    size <= step || count(size - step) > count(size),
                    "{size} of {extent} by {step} is not the smallest"
                );
            }
        }
    }
}
