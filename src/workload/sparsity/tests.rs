//! Every kind of sparsity against a naive one that has the whole tensor in memory, whatever the parts that are asked for.

use std::ops::Range;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::encoding::{EncodingKind, Format, count_nonzero_digits};
use crate::workload::conv::Conv;
use crate::workload::storage::StorageFormat;

/// A tensor that is wanted, with values of few magnitudes, so that many are equal.
fn tensors() -> impl Strategy<Value = (Want, Matrix<i32>)> {
    let conv = (1_usize..3, 1_usize..4, 1_usize..4, 1_usize..4).prop_map(|(batch, groups, in_group, out_group)| Conv {
        batch,
        channels: groups * in_group,
        input: [3, 4],
        filters: groups * out_group,
        kernel: [2, 2],
        stride: [1, 1],
        padding: [0, 0],
        after: [0, 0],
        dilation: [1, 1],
        groups,
    });
    let matrix = (1_usize..14, 1_usize..14);
    let want = prop_oneof![
        matrix.clone().prop_map(|(rows, cols)| Want::A { rows, cols }),
        matrix.prop_map(|(rows, cols)| Want::B { rows, cols }),
        conv.clone().prop_map(Want::Input),
        conv.prop_map(Want::Filters),
    ];
    (want, 1_i32..40).prop_flat_map(|(want, most)| {
        let (rows, cols) = want.extents();
        let values = proptest::collection::vec(-most..=most, rows * cols);
        values.prop_map(move |values| (want, Matrix::from_rows(rows, cols, values).expect("so many values")))
    })
}

fn share() -> impl Strategy<Value = Share> {
    let some = (0..=Share::WHOLE).prop_map(|billionths| Share { billionths });
    prop_oneof![1 => Just(Share { billionths: 0 }), 1 => Just(Share { billionths: Share::WHOLE }), 6 => some]
}

fn pruned(want: Want, matrix: &Matrix<i32>, sparsity: &Sparsity) -> Pruned {
    let (values, stand) = (Arc::new(matrix.clone()), Stand::of(want));
    Pruned::new(Source { values, stand, format: Format::int(8), key: (7, "layer", "b") }, sparsity)
}

/// Element by element in the order of the operand: each element of the stored matrix with its image or group, its row and its column.
fn operand_cells(want: Want, matrix: &Matrix<i32>) -> Vec<((usize, usize), [usize; 3])> {
    let cells = (0..matrix.rows()).flat_map(|row| (0..matrix.cols()).map(move |col| (row, col)));
    let place = |(row, col): (usize, usize)| match want {
        Want::A { .. } | Want::B { .. } | Want::Vector(_) | Want::Bias(_) => [0, row, col],
        // A is pixels x channels, of each image; B is K x filters, of each group.
        Want::Input(conv) => [row / conv.channels, col, row % conv.channels],
        Want::Filters(conv) => {
            let of_group = conv.filters / conv.groups;
            [row / of_group, col, row % of_group]
        }
    };
    cells.map(|cell| (cell, place(cell))).collect()
}

/// Elements that are decided about together, each list in the order of the stored matrix.
fn together(want: Want, matrix: &Matrix<i32>, unit: impl Fn([usize; 3]) -> [usize; 3]) -> Vec<Vec<(usize, usize)>> {
    type Unit = ([usize; 3], Vec<(usize, usize)>);
    let mut units: Vec<Unit> = Vec::new();
    for (cell, place) in operand_cells(want, matrix) {
        match units.iter_mut().find(|(key, _)| *key == unit(place)) {
            Some((_, cells)) => cells.push(cell),
            None => units.push((unit(place), vec![cell])),
        }
    }
    units.into_iter().map(|(_, cells)| cells).collect()
}

fn naive_n_of_m(want: Want, matrix: &Matrix<i32>, n: usize, m: usize) -> Matrix<i32> {
    let k_is_the_row = matches!(want, Want::B { .. } | Want::Filters(_));
    let group = |[part, row, col]: [usize; 3]| match k_is_the_row {
        true => [part, row / m, col],
        false => [part, row, col / m],
    };
    let mut sparse = matrix.clone();
    for cells in together(want, matrix, group) {
        // k grows with the stored place in every layout.
        for (index, &cell) in cells.iter().enumerate() {
            let magnitude = |cell: (usize, usize)| matrix[cell].unsigned_abs();
            let before = cells.iter().enumerate().filter(|&(other, &at)| {
                magnitude(at) > magnitude(cell) || magnitude(at) == magnitude(cell) && other < index
            });
            if before.count() >= n {
                sparse[cell] = 0;
            }
        }
    }
    sparse
}

/// Sorts all units by key and by where they stand in the stored matrix, and clears the first ones.
fn naive_least(matrix: &Matrix<i32>, mut units: Vec<Vec<(usize, usize)>>, share: Share) -> Matrix<i32> {
    let squares = |cells: &Vec<(usize, usize)>| cells.iter().map(|&cell| i64::from(matrix[cell]).pow(2)).sum::<i64>();
    let count = (units.len() as u64 * u64::from(share.billionths) / 1_000_000_000) as usize;
    // The sort is stable, and units were found in the order of their first elements.
    units.sort_by_key(squares);
    let mut sparse = matrix.clone();
    units.iter().take(count).flatten().for_each(|&cell| sparse[cell] = 0);
    sparse
}

/// Parts that cover a matrix, and some that do not.
fn partitions(rows: usize, cols: usize, (high, wide): (usize, usize)) -> Vec<(Range<usize>, Range<usize>)> {
    let mut parts = vec![(0..rows, 0..cols), (rows / 2..rows, cols / 3..cols), (rows..rows, 0..cols)];
    for top in (0..rows).step_by(high) {
        parts.extend((0..cols).step_by(wide).map(|left| (top..rows.min(top + high), left..cols.min(left + wide))));
    }
    parts
}

fn assert_parts(sparse: &Pruned, expected: &Matrix<i32>, tiles: (usize, usize)) -> Result<(), TestCaseError> {
    for (rows, cols) in partitions(expected.rows(), expected.cols(), tiles) {
        let (block, of) = (sparse.block(rows.clone(), cols.clone()), (rows.clone(), cols.clone()));
        prop_assert_eq!(block, expected.block(rows, cols), "{:?}", of);
    }
    Ok(())
}

proptest! {
    #[test]
    fn n_of_m_keeps_the_greatest_of_each_group_whatever_the_parts(
        (want, matrix) in tensors(), m in 1_u32..8, n in 1_u32..8, tiles in (1_usize..6, 1_usize..6),
    ) {
        let n = n.min(m);
        let expected = naive_n_of_m(want, &matrix, n as usize, m as usize);
        let sparse = pruned(want, &matrix, &Sparsity::NOfM { n, m });
        assert_parts(&sparse, &expected, tiles)?;
        // What is so already stays as it is.
        let again = pruned(want, &expected, &Sparsity::NOfM { n, m });
        prop_assert_eq!(again.whole(), expected);
    }

    #[test]
    fn magnitude_clears_exactly_its_part_whatever_the_parts(
        (want, matrix) in tensors(), share in share(), tiles in (1_usize..6, 1_usize..6),
    ) {
        let cells = operand_cells(want, &matrix).into_iter().map(|(cell, _)| vec![cell]).collect();
        let expected = naive_least(&matrix, cells, share);
        let sparse = pruned(want, &matrix, &Sparsity::Magnitude(share));
        assert_parts(&sparse, &expected, tiles)?;
        let zeros = expected.values().iter().filter(|&&value| value == 0).count() as u64;
        prop_assert!(zeros >= share.of(matrix.values().len() as u64));
    }

    #[test]
    fn blocks_with_the_least_squares_are_cleared_whatever_the_parts(
        (want, matrix) in tensors(), share in share(), extents in [1_u32..6, 1_u32..6], tiles in (1_usize..6, 1_usize..6),
    ) {
        let [high, wide] = extents.map(|extent| extent as usize);
        let units = together(want, &matrix, |[part, row, col]| [part, row / high, col / wide]);
        let kept = |sparse: &Matrix<i32>| {
            let blocks = units.iter().filter(|cells| cells.iter().any(|&cell| sparse[cell] != 0));
            blocks.map(Vec::len).sum::<usize>() as u64
        };
        let blocks = units.len() as u64;
        let expected = naive_least(&matrix, units.clone(), share);
        let sparsity = Sparsity::Block { extents, zero: share };
        let sparse = pruned(want, &matrix, &sparsity);
        assert_parts(&sparse, &expected, tiles)?;

        let stored = StoredOperand {
            parts: vec![Arc::new(sparse)], sparsity: Some(sparsity), changed: None, is_lowered: false, stand: Stand::of(want),
        };
        let tally = stored.tally(Format::int(8), None).expect("eight bits");
        let size = tally.storage.last().expect("formats");
        prop_assert_eq!((size.value_bytes, size.metadata_bytes), (kept(&expected), blocks.div_ceil(8)));
        prop_assert_eq!(size.format, StorageFormat::BlockBitmap { extents });
    }

    #[test]
    fn values_are_drawn_away_alike_whatever_the_parts(
        (want, matrix) in tensors(), share in share(), tiles in (1_usize..6, 1_usize..6),
    ) {
        let sparse = pruned(want, &matrix, &Sparsity::Bernoulli(share));
        let whole = sparse.whole();
        assert_parts(&sparse, &whole, tiles)?;
        let differ = whole.values().iter().zip(matrix.values()).filter(|(sparse, value)| sparse != value);
        prop_assert!(differ.clone().all(|(&sparse, _)| sparse == 0));
        match share.billionths {
            0 => prop_assert_eq!(&whole, &matrix),
            Share::WHOLE => prop_assert!(whole.values().iter().all(|&value| value == 0)),
            _ => {}
        }
    }

    #[test]
    fn digits_and_zeros_are_counted_apart((want, matrix) in tensors()) {
        for kind in EncodingKind::ALL {
            let parts: Vec<Arc<dyn Blocks + Send>> = vec![Arc::new(matrix.clone()), Arc::new(matrix.clone())];
            let stored = StoredOperand { parts, sparsity: None, changed: None, is_lowered: false, stand: Stand::of(want) };
            let tally = stored.tally(Format::int(8), Some(kind)).expect("eight bits");
            let digits = tally.digits.expect("digits");
            let (mut of_zeros, mut zeros_inside, mut nonzero) = (0, 0, 0);
            let all = matrix.values().iter().chain(matrix.values()).copied();
            let counted = count_nonzero_digits(kind, 8, all).expect("eight bits");
            prop_assert_eq!(&digits.histogram, &counted);
            for &value in matrix.values().iter().chain(matrix.values()) {
                let mut encoded = vec![0; digits.slots as usize];
                kind.encoding().encode_into(value, 8, &mut encoded);
                for digit in encoded {
                    match (value, digit) {
                        (0, _) => of_zeros += 1,
                        (_, 0) => zeros_inside += 1,
                        _ => nonzero += 1,
                    }
                }
            }
            prop_assert_eq!((digits.of_zeros, digits.zeros_inside, digits.nonzero), (of_zeros, zeros_inside, nonzero));
            prop_assert_eq!(of_zeros, tally.zeros * digits.slots);
            prop_assert_eq!(of_zeros + zeros_inside + nonzero, tally.elements * digits.slots);
        }
    }
}

/// Words of 16 bits have squares whose sums are found in several digits.
#[test]
fn wide_words_are_cut_exactly_too() {
    let matrix = Matrix::from_fn(37, 53, |row, col| ((row * 7919 + col * 104_729) % 65_536) as i32 - 32_768);
    let want = Want::B { rows: 37, cols: 53 };
    let stand = Stand::of(want);
    for billionths in [1, 1_000_000, 333_333_333, 500_000_000, 999_999_999] {
        let share = Share { billionths };
        for extents in [[1, 1], [2, 3], [16, 1], [37, 53]] {
            let units = together(want, &matrix, |[part, row, col]| {
                [part, row / extents[0] as usize, col / extents[1] as usize]
            });
            let sparsity = Sparsity::Block { extents, zero: share };
            let source = Source { values: Arc::new(matrix.clone()), stand, format: Format::int(16), key: (0, "", "") };
            let sparse = Pruned::new(source, &sparsity).whole();
            assert_eq!(sparse, naive_least(&matrix, units, share), "{sparsity}");
        }
    }
}

#[test]
fn shares_are_the_decimals_that_were_written() {
    for (value, billionths, text) in [
        (0.0, 0, "0.0"),
        (-0.0, 0, "0.0"),
        (0.1, 100_000_000, "0.1"),
        (0.7, 700_000_000, "0.7"),
        (1e-9, 1, "0.000000001"),
        (0.123456789, 123_456_789, "0.123456789"),
        (1.0, 1_000_000_000, "1.0"),
    ] {
        let share = Share::from_decimal(value).expect(text);
        assert_eq!((share.billionths, share.to_string().as_str()), (billionths, text));
    }
    for value in [-1e-9, 1.0 + f64::EPSILON, f64::NAN, f64::INFINITY, 1e-10, 1.0 / 3.0] {
        assert!(Share::from_decimal(value).is_err(), "{value}");
    }
    // 0.7 in doubles is less than 7 / 10, and 0.7 * 10 in them is 7.
    assert_eq!([9, 10, 11].map(|count| Share { billionths: 700_000_000 }.of(count)), [6, 7, 7]);
}

#[test]
fn a_threshold_is_the_share_of_all_draws_rounded_up() {
    let threshold = |billionths| Share { billionths }.threshold();
    assert_eq!([0, 500_000_000, 1_000_000_000].map(threshold), [0, 1 << 63, 1 << 64]);
    assert_eq!(threshold(1), 18_446_744_074);
    // 65,536 draws of a half: four standard deviations are 512.
    let matrix = Matrix::filled(256, 256, 1);
    let sparsity = Sparsity::Bernoulli(Share { billionths: 500_000_000 });
    let sparse = pruned(Want::A { rows: 256, cols: 256 }, &matrix, &sparsity).whole();
    let zeros = sparse.values().iter().filter(|&&value| value == 0).count();
    assert!(zeros.abs_diff(32_768) < 512, "{zeros}");
    assert_eq!(sparse.row(0)[..16], PINNED);
}

/// The first values that are left: draws do not change from version to version.
const PINNED: [i32; 16] = [0, 1, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0, 0, 0];
