//! A tensor as an operation sees it: some of the values of a stored one, in another order.

/// Extents, and how far apart neighbours along each stand in the stored tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::workload) struct View {
    pub dims: Vec<u64>,
    strides: Vec<u64>,
    offset: u64,
}

/// Strides of a tensor whose last index runs fastest; the elements are counted and fit.
fn row_major(dims: &[u64]) -> Vec<u64> {
    let mut strides = vec![1_u64; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(dims[axis]);
    }
    strides
}

impl View {
    /// All of a stored tensor.
    pub fn whole(dims: &[u64]) -> Self {
        Self { dims: dims.to_vec(), strides: row_major(dims), offset: 0 }
    }

    /// Elements; its extents are those of a tensor that is counted, or parts of them.
    pub fn count(&self) -> u64 {
        self.dims.iter().fold(1, |product, &extent| product.saturating_mul(extent))
    }

    /// Whether its elements stand one behind the other in their order.
    pub fn is_in_order(&self) -> bool {
        let apart = |(&extent, (&stride, expected)): (&u64, (&u64, u64))| extent == 1 || stride == expected;
        self.dims.iter().zip(self.strides.iter().zip(row_major(&self.dims))).all(apart)
    }

    /// Axes in another order; `None` if `order` is none.
    pub fn transposed(&self, order: &[usize]) -> Option<Self> {
        let mut seen = order.to_vec();
        seen.sort_unstable();
        if seen != (0..self.dims.len()).collect::<Vec<_>>() {
            return None;
        }
        let pick = |of: &[u64]| order.iter().map(|&axis| of[axis]).collect();
        Some(Self { dims: pick(&self.dims), strides: pick(&self.strides), offset: self.offset })
    }

    /// The last two axes exchanged.
    pub fn turned(&self) -> Option<Self> {
        let rank = self.dims.len();
        let mut order: Vec<usize> = (0..rank).collect();
        if rank < 2 {
            return None;
        }
        order.swap(rank - 2, rank - 1);
        self.transposed(&order)
    }

    /// The same elements in the same order with other extents; `None` if strides cannot say that.
    pub fn reshaped(&self, dims: &[u64]) -> Option<Self> {
        let product = dims.iter().try_fold(1_u64, |product, &extent| product.checked_mul(extent))?;
        if product != self.count() {
            return None;
        }
        if self.is_in_order() {
            return Some(Self { dims: dims.to_vec(), strides: row_major(dims), offset: self.offset });
        }
        // Axes of one element come and go.
        let long: Vec<(u64, u64)> =
            self.dims.iter().copied().zip(self.strides.iter().copied()).filter(|(extent, _)| *extent != 1).collect();
        let mut old = long.iter();
        let mut strides = Vec::with_capacity(dims.len());
        for &extent in dims {
            match extent {
                1 => strides.push(1),
                _ => strides.push(old.next().filter(|(of, _)| *of == extent)?.1),
            }
        }
        old.next().is_none().then(|| Self { dims: dims.to_vec(), strides, offset: self.offset })
    }

    /// `count` elements of an axis from `first` on; `None` if there are not so many.
    pub fn sliced(&self, axis: usize, first: u64, count: u64) -> Option<Self> {
        let extent = *self.dims.get(axis)?;
        if first.checked_add(count)? > extent {
            return None;
        }
        let mut part = self.clone();
        part.dims[axis] = count;
        part.offset = part.offset.checked_add(first.checked_mul(self.strides[axis])?)?;
        Some(part)
    }

    /// The element `index` of an axis, without that axis.
    pub fn picked(&self, axis: usize, index: u64) -> Option<Self> {
        let mut part = self.sliced(axis, index, 1)?;
        part.dims.remove(axis);
        part.strides.remove(axis);
        Some(part)
    }

    /// The place in the stored tensor of the element of this index in the view's order.
    pub fn stored(&self, mut index: u64) -> u64 {
        let mut place = self.offset;
        for (&extent, &stride) in self.dims.iter().zip(&self.strides).rev() {
            place += index % extent * stride;
            index /= extent;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(view: &View) -> Vec<u64> {
        (0..view.count()).map(|index| view.stored(index)).collect()
    }

    #[test]
    fn views_know_where_their_elements_stand() {
        let whole = View::whole(&[2, 3]);
        assert_eq!(places(&whole), [0, 1, 2, 3, 4, 5]);
        let turned = whole.turned().expect("two axes");
        assert_eq!((places(&turned), turned.is_in_order()), (vec![0, 3, 1, 4, 2, 5], false));
        let column = turned.sliced(0, 1, 2).expect("inside");
        assert_eq!((column.dims.clone(), places(&column)), (vec![2, 2], vec![1, 4, 2, 5]));
        assert_eq!(places(&turned.picked(1, 1).expect("inside")), [3, 4, 5]);
        assert_eq!(turned.sliced(0, 2, 2), None);
        assert_eq!(whole.transposed(&[0, 0]), None);
    }

    #[test]
    fn only_what_strides_can_say_is_a_view_of_another_shape() {
        let whole = View::whole(&[2, 3, 4]);
        assert_eq!(whole.reshaped(&[6, 4]).expect("in order").dims, [6, 4]);
        assert_eq!(whole.reshaped(&[5, 5]), None);
        let turned = whole.turned().expect("axes");
        assert_eq!(turned.reshaped(&[8, 3]), None);
        let longer = turned.reshaped(&[2, 1, 4, 3]).expect("an axis of one element");
        assert_eq!(places(&longer), places(&turned));
        assert_eq!(places(&longer.reshaped(&[2, 4, 3]).expect("and back")), places(&turned));
        // A part of the rows of a matrix is in order, a part of its columns is not.
        assert!(View::whole(&[4, 3]).sliced(0, 1, 2).expect("inside").is_in_order());
        assert!(!View::whole(&[4, 3]).sliced(1, 1, 2).expect("inside").is_in_order());
    }
}
