//! Encoders that build the bytes of each format, and decoders that read nothing but these bytes and the shape.

use proptest::prelude::*;

use super::*;
use crate::matrix::Matrix;

/// Words one after the other, each the least significant bit first.
#[derive(Default)]
struct Packed {
    bytes: Vec<u8>,
    bits: usize,
}

impl Packed {
    fn push(&mut self, word: u64, bits: u32) {
        for bit in 0..bits {
            if self.bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().expect("a byte") |= ((word >> bit & 1) as u8) << (self.bits % 8);
            self.bits += 1;
        }
    }

    fn of(words: impl IntoIterator<Item = u64>, bits: u32) -> Vec<u8> {
        let mut packed = Self::default();
        words.into_iter().for_each(|word| packed.push(word, bits));
        packed.bytes
    }
}

/// Word `index` of an array of words of so many bits.
fn word(bytes: &[u8], index: usize, bits: u32) -> u64 {
    let bit = |at: usize| u64::from(bytes[at / 8] >> (at % 8) & 1);
    (0..bits).map(|place| bit(index * bits as usize + place as usize) << place).sum()
}

/// A two's complement word.
fn value(bytes: &[u8], index: usize, bits: u32) -> i32 {
    (word(bytes, index, bits) as i32) << (32 - bits) >> (32 - bits)
}

fn values(of: impl IntoIterator<Item = i32>, bits: u32) -> Vec<u8> {
    Packed::of(of.into_iter().map(|value| value as u32 as u64), bits)
}

/// A tensor in bytes: its values, and each array that says where they stand.
struct Encoded {
    values: Vec<u8>,
    metadata: Vec<Vec<u8>>,
}

impl Encoded {
    fn is(&self, size: StoredSize) -> bool {
        let metadata = self.metadata.iter().map(Vec::len).sum::<usize>() as u64;
        (self.values.len() as u64, metadata) == (size.value_bytes, size.metadata_bytes)
    }
}

fn nonzero(matrix: &Matrix<i32>) -> Vec<i32> {
    matrix.values().iter().copied().filter(|&value| value != 0).collect()
}

fn bitmap(matrix: &Matrix<i32>, bits: u32) -> Encoded {
    let map = Packed::of(matrix.values().iter().map(|&value| u64::from(value != 0)), 1);
    Encoded { values: values(nonzero(matrix), bits), metadata: vec![map] }
}

fn from_bitmap(encoded: &Encoded, (rows, cols): (usize, usize), bits: u32) -> Matrix<i32> {
    let mut next = 0..;
    Matrix::from_fn(rows, cols, |row, col| match word(&encoded.metadata[0], row * cols + col, 1) {
        0 => 0,
        _ => value(&encoded.values, next.next().expect("endless"), bits),
    })
}

fn csr(matrix: &Matrix<i32>, bits: u32) -> Encoded {
    let (mut indexes, mut pointers) = (Vec::new(), vec![0]);
    for row in 0..matrix.rows() {
        indexes.extend(matrix.row(row).iter().zip(0_u64..).filter(|(value, _)| **value != 0).map(|(_, col)| col));
        pointers.push(indexes.len() as u64);
    }
    let pointer_bits = bits_for(indexes.len() as u64 + 1);
    let metadata = vec![Packed::of(indexes, bits_for(matrix.cols() as u64)), Packed::of(pointers, pointer_bits)];
    Encoded { values: values(nonzero(matrix), bits), metadata }
}

fn from_csr(encoded: &Encoded, (rows, cols): (usize, usize), nonzeros: u64, bits: u32) -> Matrix<i32> {
    let pointer = |row: usize| word(&encoded.metadata[1], row, bits_for(nonzeros + 1)) as usize;
    let mut matrix = Matrix::filled(rows, cols, 0);
    for row in 0..rows {
        for place in pointer(row)..pointer(row + 1) {
            let col = word(&encoded.metadata[0], place, bits_for(cols as u64)) as usize;
            matrix[(row, col)] = value(&encoded.values, place, bits);
        }
    }
    matrix
}

/// Slots that have no value are 0 at place 0.
fn n_of_m(matrix: &Matrix<i32>, (n, m): (usize, usize), bits: u32) -> Encoded {
    let mut slots = Vec::new();
    for row in 0..matrix.rows() {
        for group in matrix.row(row).chunks(m) {
            let mut taken: Vec<(i32, u64)> = group.iter().copied().zip(0..).filter(|&(value, _)| value != 0).collect();
            assert!(taken.len() <= n);
            taken.resize(n, (0, 0));
            slots.extend(taken);
        }
    }
    let places = Packed::of(slots.iter().map(|&(_, place)| place), bits_for(m as u64));
    Encoded { values: values(slots.iter().map(|&(value, _)| value), bits), metadata: vec![places] }
}

fn from_n_of_m(encoded: &Encoded, (rows, cols): (usize, usize), (n, m): (usize, usize), bits: u32) -> Matrix<i32> {
    let mut matrix = Matrix::filled(rows, cols, 0);
    let groups = cols.div_ceil(m);
    for slot in 0..rows * groups * n {
        let (row, group) = (slot / n / groups, slot / n % groups);
        match value(&encoded.values, slot, bits) {
            0 => {}
            value => matrix[(row, group * m + word(&encoded.metadata[0], slot, bits_for(m as u64)) as usize)] = value,
        }
    }
    matrix
}

/// Rows and columns of each block, row by row.
fn blocks(matrix: &Matrix<i32>, [high, wide]: [usize; 2]) -> Vec<(usize, usize, usize, usize)> {
    let (rows, cols) = (matrix.rows(), matrix.cols());
    let across =
        |top: usize| (0..cols).step_by(wide).map(move |left| (top, rows.min(top + high), left, cols.min(left + wide)));
    (0..rows).step_by(high).flat_map(across).collect()
}

fn cells((top, bottom, left, right): (usize, usize, usize, usize)) -> impl Iterator<Item = (usize, usize)> {
    (top..bottom).flat_map(move |row| (left..right).map(move |col| (row, col)))
}

fn block_bitmap(matrix: &Matrix<i32>, extents: [usize; 2], bits: u32) -> (Encoded, u64, u64) {
    let (mut kept, mut map) = (Vec::new(), Vec::new());
    for block in blocks(matrix, extents) {
        let inside: Vec<i32> = cells(block).map(|cell| matrix[cell]).collect();
        map.push(u64::from(inside.iter().any(|&value| value != 0)));
        if map.last() == Some(&1) {
            kept.extend(inside);
        }
    }
    let (count, values_kept) = (map.len() as u64, kept.len() as u64);
    (Encoded { values: values(kept, bits), metadata: vec![Packed::of(map, 1)] }, count, values_kept)
}

fn from_block_bitmap(encoded: &Encoded, shape: &Matrix<i32>, extents: [usize; 2], bits: u32) -> Matrix<i32> {
    let mut matrix = Matrix::filled(shape.rows(), shape.cols(), 0);
    let mut next = 0;
    for (index, block) in blocks(shape, extents).into_iter().enumerate() {
        if word(&encoded.metadata[0], index, 1) == 1 {
            for cell in cells(block) {
                matrix[cell] = value(&encoded.values, next, bits);
                next += 1;
            }
        }
    }
    matrix
}

/// A matrix, mostly of zeros, with the bits of its values.
fn sparse() -> impl Strategy<Value = (Matrix<i32>, u32)> {
    (1_usize..9, 1_usize..20, 2_u32..=16).prop_flat_map(|(rows, cols, bits)| {
        let (least, greatest) = crate::encoding::signed_range(bits);
        let value = prop_oneof![3 => Just(0), 2 => least..=greatest];
        let values = proptest::collection::vec(value, rows * cols);
        values.prop_map(move |values| (Matrix::from_rows(rows, cols, values).expect("so many values"), bits))
    })
}

proptest! {
    #[test]
    fn what_is_stored_is_read_back_and_takes_the_bytes_that_are_counted((matrix, bits) in sparse()) {
        let shape = (matrix.rows(), matrix.cols());
        let fibres = Fibres { count: shape.0 as u64, length: shape.1 as u64, bits };
        let nonzeros = nonzero(&matrix).len() as u64;
        let dense = Encoded { values: values(matrix.values().iter().copied(), bits), metadata: Vec::new() };
        prop_assert!(dense.is(fibres.dense()));

        let encoded = bitmap(&matrix, bits);
        prop_assert!(encoded.is(fibres.bitmap(nonzeros)));
        prop_assert_eq!(&from_bitmap(&encoded, shape, bits), &matrix);

        let encoded = csr(&matrix, bits);
        prop_assert!(encoded.is(fibres.csr(nonzeros)));
        prop_assert_eq!(&from_csr(&encoded, shape, nonzeros, bits), &matrix);
    }

    #[test]
    fn groups_are_read_back_and_take_the_bytes_that_are_counted(
        (matrix, bits) in sparse(), m in 1_usize..9, n in 1_usize..9,
    ) {
        let n = n.min(m);
        // All but the first n of a group become 0.
        let mut pruned = matrix.clone();
        for row in 0..matrix.rows() {
            for group in pruned.row_mut(row).chunks_mut(m) {
                let beyond = group.iter_mut().filter(|value| **value != 0).skip(n);
                beyond.for_each(|value| *value = 0);
            }
        }
        let shape = (matrix.rows(), matrix.cols());
        let fibres = Fibres { count: shape.0 as u64, length: shape.1 as u64, bits };
        let encoded = n_of_m(&pruned, (n, m), bits);
        prop_assert!(encoded.is(fibres.n_of_m(n as u32, m as u32)));
        prop_assert_eq!(from_n_of_m(&encoded, shape, (n, m), bits), pruned);
    }

    #[test]
    fn blocks_are_read_back_and_take_the_bytes_that_are_counted(
        (matrix, bits) in sparse(), extents in [1_usize..5, 1_usize..5], zeroed in any::<u64>(),
    ) {
        let mut pruned = matrix.clone();
        for (index, block) in blocks(&matrix, extents).into_iter().enumerate() {
            if zeroed >> (index % 64) & 1 == 1 {
                cells(block).for_each(|cell| pruned[cell] = 0);
            }
        }
        let fibres = Fibres { count: matrix.rows() as u64, length: matrix.cols() as u64, bits };
        let (encoded, count, kept) = block_bitmap(&pruned, extents, bits);
        prop_assert!(encoded.is(fibres.block_bitmap(extents.map(|extent| extent as u32), count, kept)));
        prop_assert_eq!(from_block_bitmap(&encoded, &matrix, extents, bits), pruned);
    }
}

#[test]
fn sizes_are_those_of_a_matrix_counted_by_hand() {
    // 64 x 64 values of 8 bits, a quarter of them not 0.
    let fibres = Fibres { count: 64, length: 64, bits: 8 };
    let size = |size: StoredSize| (size.value_bytes, size.metadata_bytes);
    assert_eq!(size(fibres.dense()), (4096, 0));
    assert_eq!(size(fibres.bitmap(1024)), (1024, 512));
    // 1,024 indexes of 6 bits; 65 pointers of 11 bits are 715 bits.
    assert_eq!(size(fibres.csr(1024)), (1024, 768 + 90));
    // 2:4 as published: half of the values, 2 bits for each.
    assert_eq!(size(fibres.n_of_m(2, 4)), (2048, 512));
    assert_eq!(size(fibres.n_of_m(1, 4)), (1024, 256));
    assert_eq!(size(fibres.block_bitmap([4, 4], 256, 1024)), (1024, 32));
    assert_eq!([1, 2, 3, 4, 5, 1024, 1025].map(bits_for), [0, 1, 2, 2, 3, 10, 11]);
}
