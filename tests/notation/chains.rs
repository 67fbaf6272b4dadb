//! Chains of transforms on the nest of every array.

use bitweight::notation::gemm::{Shape, base};
use bitweight::notation::transform::{
    self, BitWeightLoop, EmptyGroups, LanePace, Parameters, SyncPeriod, TransformError,
};
use bitweight::notation::{BitWeight, Code, EncoderPlace, Extents, Nest, Operand, evaluate};
use proptest::prelude::*;

use crate::generator::case;

fn apply(nest: &Nest, name: &str, parameters: &Parameters) -> Result<Nest, TransformError> {
    transform::by_name(name).expect("registered").apply(nest, parameters)
}

fn chain(shape: Shape, operand: Operand, names: &[&str]) -> Nest {
    names.iter().fold(base(shape, Some(operand)), |nest, name| {
        apply(&nest, name, &Parameters::default()).unwrap_or_else(|error| panic!("{error}\n{nest}"))
    })
}

fn parameters() -> impl Strategy<Value = Parameters> {
    (any::<bool>(), 1_u32..6, prop_oneof![Just(2_u32), Just(4), Just(8)]).prop_map(|(temporal, group, lanes)| {
        Parameters {
            bit_weight: if temporal { BitWeightLoop::Temporal } else { BitWeightLoop::Spatial },
            group,
            empty_groups: if temporal { EmptyGroups::Skipped } else { EmptyGroups::CostACycle },
            sync: if temporal { SyncPeriod::Operands(16) } else { SyncPeriod::Tile },
            lanes,
            pace: [LanePace::Lockstep, LanePace::PerGroup, LanePace::PerBitWeight][group as usize % 3],
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Any transforms in any order: what applies keeps the product and the text, what does not says what the nest has.
    #[test]
    fn every_chain_keeps_the_product_or_quotes_a_line(
        shape in prop::sample::select(&Shape::ALL[..]),
        of_a: bool,
        compress: bool,
        order in prop::collection::vec(0..transform::ALL.len(), 0..6),
        parameters in parameters(),
        case in case(),
    ) {
        let rival = matches!(shape, Shape::Stripes | Shape::Pragmatic(_) | Shape::Laconic);
        let operand = if of_a || rival { Operand::A } else { Operand::B };
        let mut nest = base(shape, Some(operand));
        for at in compress.then_some(0).into_iter().chain(order) {
            match transform::ALL[at].apply(&nest, &parameters) {
                Ok(rewritten) => nest = rewritten,
                Err(error) => prop_assert!(error.has.contains('`'), "{error}"),
            }
            prop_assert_eq!(nest.well_formed(), Ok(()), "{}", nest);
        }
        prop_assert_eq!(nest.to_string().parse::<Nest>(), Ok(nest.clone()), "{}", nest);
        let problem = if shape == Shape::Laconic { case.problem_of_both() } else { case.problem(Some(operand)) };
        prop_assert_eq!(evaluate(&nest, &problem), Ok(case.reference()), "{}", nest);
    }
}

const SERIAL: [&str; 4] = ["compress-accumulate", "skip-zero-digits", "share-encoder", "extend-reduction"];

#[test]
fn the_structure_follows_each_transform() {
    let steps: Vec<_> = (1..=4).map(|count| chain(Shape::Matrix2d, Operand::A, &SERIAL[..count]).structure()).collect();
    let sparse =
        |lanes| BitWeight::Sparse { group: 4, empty_groups: EmptyGroups::CostACycle, sync: SyncPeriod::Tile, lanes };
    assert_eq!((steps[0].bit_weight, steps[0].encoder), (BitWeight::Mixed, EncoderPlace::Pe));
    assert_eq!((steps[1].bit_weight, steps[1].encoder), (sparse(None), EncoderPlace::Pe));
    assert_eq!((steps[2].bit_weight, steps[2].encoder), (sparse(None), EncoderPlace::Edge));
    assert_eq!(steps[3].bit_weight, sparse(Some((4, LanePace::PerGroup))));
    let stored =
        chain(Shape::Cube, Operand::B, &["compress-accumulate", "align-bit-weight", "share-encoder", "store-encoded"]);
    let structure = stored.structure();
    assert_eq!((structure.bit_weight, structure.encoder), (BitWeight::AlignedSpatial, EncoderPlace::Stored));
    assert!(structure.hops.a && structure.hops.b && structure.spatial_k_inside_pe);
    let tree = chain(Shape::AdderTree, Operand::A, &[]).structure();
    assert!(!tree.hops.a && !tree.hops.b && tree.spatial_k_inside_pe);
}

#[test]
fn a_shared_encoder_stands_once_for_each_row_and_a_sparse_loop_reads_a_once_for_each_bit_weight() {
    let extents = Extents { m: 4, n: 3, k: 8, mp: 4, np: 3, kp: 1, bw: 4, bv: 0 };
    let counts = |count| chain(Shape::Matrix2d, Operand::A, &SERIAL[..count]).counts(&extents);
    assert_eq!([1, 2, 3, 4].map(|count| counts(count).encoders), [12, 12 * 4, 4 * 4, 4 * 4 * 4]);
    assert_eq!((counts(1).a_words, counts(2).a_words), (4 * 8, 4 * 8 * 4));
    assert_eq!([1, 2, 3, 4].map(|count| counts(count).compressor_inputs_per_pe), [6, 3, 3, 6]);
}

/// Chains that do not apply, and what the error quotes.
pub fn illegal() -> Vec<Code> {
    let cases: [(Shape, &[&str], &str, &str, Code); 9] = [
        (Shape::OutputStationary, &SERIAL[..1], "align-bit-weight", "`for k in K carrying s, c`", Code::LoopInTheWay),
        (Shape::OutputStationary, &SERIAL[..1], "skip-zero-digits", "`par mp in MP passing B`", Code::LoopInTheWay),
        (Shape::AdderTree, &SERIAL[..1], "skip-zero-digits", "`par kp in KP carrying s, c`", Code::LoopInTheWay),
        (Shape::InputStationary, &[], "share-encoder", "`par mp in MP passing B`", Code::LoopInTheWay),
        (Shape::Cube, &[], "align-bit-weight", "`par kp in KP carrying acc`", Code::TransformOrder),
        (Shape::Matrix2d, &[], "skip-zero-digits", "`for k in K carrying acc`", Code::TransformOrder),
        (Shape::Matrix2d, &[], "store-encoded", "`for k in K carrying acc`", Code::TransformOrder),
        (Shape::Matrix2d, &SERIAL[..1], "extend-reduction", "`for k in K carrying s, c`", Code::TransformOrder),
        (Shape::Matrix2d, &SERIAL[..2], "extend-reduction", "`for k, digit in sparse(", Code::TransformOrder),
    ];
    for (shape, before, name, quoted, code) in cases {
        let error = apply(&chain(shape, Operand::A, before), name, &Parameters::default()).expect_err(name);
        assert_eq!(error.code, code, "{error}");
        assert!(error.to_string().contains(quoted), "{error}");
    }
    let wide = Parameters { lanes: 3, ..Parameters::default() };
    let range = apply(&chain(Shape::Matrix2d, Operand::A, &SERIAL[..3]), "extend-reduction", &wide).unwrap_err();
    cases.map(|case| case.4).into_iter().chain([range.code]).collect()
}
