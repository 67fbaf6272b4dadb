//! Designs of every dense array, formats and accumulators of every kind, small enough to run in moments.

use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, Dataflow, EngineSpec, NOfM, Operand};

const ARRAYS: [Array; 8] = [
    Array::Matrix2d,
    Array::AdderTree { depth: 1 },
    Array::Cube { depth: 3 },
    Array::Systolic(Dataflow::InputStationary),
    Array::AdderTree { depth: 5 },
    Array::Cube { depth: 2 },
    Array::Systolic(Dataflow::WeightStationary),
    Array::Systolic(Dataflow::OutputStationary),
];

/// The `index`th design; arrays follow each other, all else turns at other paces.
pub fn spec(index: u64) -> EngineSpec {
    let round = index / ARRAYS.len() as u64;
    let of = |choices: &[u32], pace: u64| choices[((index + round) / pace) as usize % choices.len()];
    let carry_save = !round.is_multiple_of(3);
    let kinds = EncodingKind::ALL;
    let encoding = (carry_save || !round.is_multiple_of(2)).then(|| kinds[(index + 3 * round) as usize % kinds.len()]);
    let saturate = round % 5 > 2;
    let mut spec = EngineSpec {
        name: "dense".to_owned(),
        array: ARRAYS[index as usize % ARRAYS.len()],
        rows: of(&[3, 1, 4, 2], 1),
        cols: of(&[2, 5, 3, 1], 2),
        a_bits: of(&[8, 4, 16, 5], 3),
        b_bits: of(&[8, 16, 3], 1),
        a_signed: round % 4 < 2,
        b_signed: (round + 1) % 4 < 2,
        saturate,
        encoding,
        encoded: if round.is_multiple_of(2) { Operand::A } else { Operand::B },
        transforms: if carry_save { vec!["compress-accumulate".to_owned()] } else { Vec::new() },
        ..EngineSpec::default()
    };
    // From the second half on weights are stored compressed where the array can.
    let compressed =
        EngineSpec { transforms: [&spec.transforms[..], &["compress-n-of-m".to_owned()]].concat(), ..spec.clone() };
    if round % 10 > 4 && compressed.nests().is_ok() {
        let places = if spec.dataflow() == Dataflow::OutputStationary { spec.array.depth() } else { spec.rows };
        let n =
            if spec.dataflow() == Dataflow::OutputStationary && round.is_multiple_of(2) { 2 * places } else { places };
        spec = compressed;
        spec.parameters.n_of_m = NOfM { n, m: n + of(&[1, 2, 4], 1) };
    }
    let product = spec.a_word_bits() + spec.b_word_bits();
    spec.acc_bits = if saturate { of(&[8, 20, 40], 1) } else { product + of(&[0, 7, 30], 1) };
    spec
}
