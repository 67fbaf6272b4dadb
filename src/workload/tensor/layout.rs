//! Whether a stored shape is that of an operand, and where each stored number stands in it.

use super::{Want, fault, fault::Fault, stored::Stored};

/// Two 4-bit integers in a byte; the last extent of the tensor is twice the stored one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
    /// Whether they are two's complement, -8 to 7, or 0 to 15.
    pub signed: bool,
    /// Whether the upper four bits are the element with the smaller index.
    pub high_first: bool,
}

impl Packing {
    /// The names of all, for errors.
    pub(super) const NAMES: [&str; 4] = ["int4", "uint4", "int4-high-first", "uint4-high-first"];

    /// The packing of a name in a TOML.
    pub(super) fn of(name: &str) -> Option<Self> {
        let index = Self::NAMES.iter().position(|known| *known == name)?;
        Some(Self { signed: index % 2 == 0, high_first: index >= 2 })
    }

    /// The type of an element.
    pub(super) fn dtype(self) -> &'static str {
        if self.signed { "int4" } else { "uint4" }
    }

    /// The elements of a byte, the one with the smaller index first.
    fn elements(self, byte: i32) -> [i32; 2] {
        let nibble = |shift: u32| {
            let bits = byte >> shift & 15;
            if self.signed && bits >= 8 { bits - 16 } else { bits }
        };
        if self.high_first { [nibble(4), nibble(0)] } else { [nibble(0), nibble(4)] }
    }
}

/// Where the numbers of a stored matrix stand in the operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// Extents as stored.
    rows: usize,
    cols: usize,
    fortran: bool,
    transpose: bool,
    packing: Option<Packing>,
}

impl Layout {
    /// The layout of a tensor that has the wanted shape.
    ///
    /// # Errors
    /// Another shape.
    pub(super) fn new(stored: &Stored, packing: Option<Packing>, transpose: bool, want: Want) -> Result<Self, Fault> {
        if let Some(wanted) = want.stored_extents() {
            return Self::of_many_extents(stored, (packing, transpose), want.extents().0, &wanted);
        }
        let (wanted, is_vector) = match want {
            Want::Vector(length) | Want::Bias(length) => ([1, length], true),
            matrix => (<[usize; 2]>::from(matrix.extents()), false),
        };
        let found = unpacked_shape(&stored.shape, packing);
        let fits = |transpose: bool, found: &[u64]| match (is_vector, found) {
            (true, &[length]) => length == wanted[1] as u64,
            (false, &[rows, cols]) => match transpose {
                false => [rows, cols] == wanted.map(|extent| extent as u64),
                true => [cols, rows] == wanted.map(|extent| extent as u64),
            },
            _ => false,
        };
        if fits(transpose, &found) {
            let (rows, cols) = match *stored.shape {
                [rows, cols] => (rows as usize, cols as usize),
                _ => (1, stored.count()),
            };
            return Ok(Self { rows, cols, fortran: stored.fortran && !is_vector, transpose, packing });
        }
        let twice = unpacked_shape(&stored.shape, Some(Packing { signed: true, high_first: false }));
        let could_be_packed = packing.is_none() && stored.dtype.bits() == 8;
        let help = if !is_vector && fits(!transpose, &found) {
            match transpose {
                false => "its transpose would fit: add transpose = true".to_owned(),
                true => "it fits as it is: leave `transpose` out".to_owned(),
            }
        } else if !is_vector && could_be_packed && (fits(transpose, &twice) || fits(!transpose, &twice)) {
            let transposed = if fits(transpose, &twice) { "" } else { " and change `transpose`" };
            format!("with two values a byte it would fit: add packed = \"int4\" or \"uint4\"{transposed}")
        } else if !is_vector && stored.shape.len() > 2 {
            "an operand has two extents; reshape the array, e.g. array.reshape(rows, -1)".to_owned()
        } else {
            fault::SHAPES.to_owned()
        };
        let wanted = if is_vector { shape_text(&wanted[1..]) } else { shape_text(&wanted) };
        Err(Fault::Shape { found: found_text(&stored.shape, packing), transpose, wanted, help })
    }

    /// The layout of a tensor of a convolution in C order: its first extents are `rows`, the others lie side by side.
    fn of_many_extents(
        stored: &Stored,
        (packing, transpose): (Option<Packing>, bool),
        rows: usize,
        wanted: &[u64],
    ) -> Result<Self, Fault> {
        let fits = unpacked_shape(&stored.shape, packing) == wanted;
        if fits && !transpose && !stored.fortran {
            return Ok(Self { rows, cols: stored.count() / rows.max(1), fortran: false, transpose, packing });
        }
        let help = match (fits, transpose) {
            (_, true) => "the tensors of a convolution are not transposed: leave `transpose` out".to_owned(),
            (true, false) => "store it in C order, e.g. numpy.ascontiguousarray(array)".to_owned(),
            (false, false) => {
                "an input is channels x rows x columns, filters are filters x channels of a group x rows x columns"
                    .to_owned()
            }
        };
        Err(Fault::Shape { found: found_text(&stored.shape, packing), transpose, wanted: shape_text(wanted), help })
    }

    /// Row and column in the operand of a stored number, the first of two where they are packed.
    pub(super) fn place(&self, index: usize) -> (usize, usize) {
        let (row, col) = self.stored_place(index);
        let col = if self.packing.is_some() { 2 * col } else { col };
        if self.transpose { (col, row) } else { (row, col) }
    }

    /// Row and column in the file.
    pub(super) fn stored_place(&self, index: usize) -> (usize, usize) {
        match self.fortran {
            false => (index / self.cols, index % self.cols),
            true => (index % self.rows, index / self.rows),
        }
    }

    /// The integers in a stored one, with their places in the operand.
    pub(super) fn unpacked(&self, index: usize, value: i32) -> impl Iterator<Item = ((usize, usize), i32)> {
        let (row, col) = self.place(index);
        let second = if self.transpose { (row + 1, col) } else { (row, col + 1) };
        let (values, count) = match self.packing {
            None => ([value, 0], 1),
            Some(packing) => (packing.elements(value), 2),
        };
        [(row, col), second].into_iter().zip(values).take(count)
    }
}

/// Extents of the elements, the last of which stand two a byte if they are packed.
fn unpacked_shape(stored: &[u64], packing: Option<Packing>) -> Vec<u64> {
    let mut shape = stored.to_vec();
    if let (Some(_), Some(last)) = (packing, shape.last_mut()) {
        *last = last.saturating_mul(2);
    }
    shape
}

fn found_text(stored: &[u64], packing: Option<Packing>) -> String {
    match packing {
        None => shape_text(stored),
        Some(_) => {
            format!("{} in bytes, so {} in values", shape_text(stored), shape_text(&unpacked_shape(stored, packing)))
        }
    }
}

/// `360 x 64`, `10`, or `no extent` of a scalar.
fn shape_text<T: ToString>(shape: &[T]) -> String {
    const MOST: usize = 8;
    if shape.is_empty() {
        return "no extent (one number)".to_owned();
    }
    let extents = shape.iter().take(MOST).map(T::to_string).collect::<Vec<_>>().join(" x ");
    if shape.len() > MOST { format!("{extents} x ... ({} extents)", shape.len()) } else { extents }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::tensor::dtype::Dtype;

    fn stored(fortran: bool, shape: &[u64]) -> Stored {
        Stored { dtype: Dtype::Uint8, big_endian: false, fortran, shape: shape.to_vec() }
    }

    #[test]
    fn each_element_of_a_tensor_stands_once_in_the_operand() {
        let packed = Packing { signed: false, high_first: false };
        for (fortran, transpose, packing) in [false, true]
            .into_iter()
            .flat_map(|f| [false, true].map(|t| (f, t)))
            .flat_map(|(f, t)| [None, Some(packed)].map(|p| (f, t, p)))
        {
            let (rows, cols) = (3, if packing.is_some() { 8 } else { 4 });
            let want = match transpose {
                false => Want::A { rows, cols },
                true => Want::A { rows: cols, cols: rows },
            };
            let layout = Layout::new(&stored(fortran, &[3, 4]), packing, transpose, want).expect("the shape fits");
            let mut seen = vec![0; rows * cols];
            for index in 0..12 {
                let (row, col) = layout.stored_place(index);
                // Byte (row, col) holds the two columns that begin at its own.
                for (step, ((at_row, at_col), _)) in layout.unpacked(index, 0).enumerate() {
                    let logical = if packing.is_some() { (row, 2 * col + step) } else { (row, col) };
                    assert_eq!(if transpose { (at_col, at_row) } else { (at_row, at_col) }, logical);
                    seen[logical.0 * cols + logical.1] += 1;
                }
            }
            assert!(seen.iter().all(|&count| count == 1), "{fortran} {transpose} {packing:?}: {seen:?}");
        }
    }

    #[test]
    fn nibbles_have_their_sign_and_their_order() {
        let elements = |name: &str, byte: u8| Packing::of(name).expect("a packing").elements(i32::from(byte as i8));
        assert_eq!(elements("int4", 0x8f), [-1, -8]);
        assert_eq!(elements("uint4", 0x8f), [15, 8]);
        assert_eq!(elements("int4-high-first", 0x8f), [-8, -1]);
        assert_eq!(elements("uint4-high-first", 0x07), [0, 7]);
        assert_eq!(Packing::of("int5"), None);
    }
}
