//! Chains of transforms on the nest of every array.

use bitweight::notation::gemm::{Shape, base};
use bitweight::notation::transform::{
    self, BitWeightLoop, EmptyGroups, LanePace, Matching, Parameters, SyncPeriod, TransformError,
};
use bitweight::notation::{
    Accumulation, BitWeight, Code, EncoderPlace, Extents, NOfM, Nest, Operand, SkippedValues, evaluate,
};
use proptest::prelude::*;

use crate::generator::case;
use crate::shipped::prune;

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
            matching: if group % 2 == 0 { Matching::Both } else { Matching::A },
            pace: [LanePace::Lockstep, LanePace::PerGroup, LanePace::PerBitWeight][group as usize % 3],
            n_of_m: NOfM { n: 1 + group % 3, m: 2 + group % 4 + lanes / 4 },
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
        order in prop::collection::vec(0..transform::ALL.len(), 0..7),
        parameters in parameters(),
        mut case in case(),
    ) {
        // Some of its parameters cannot be.
        if parameters.n_of_m.is_legal() {
            prune(&mut case.b, parameters.n_of_m);
        }
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

const KEEP: &str = "compress-n-of-m";
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
fn kept_places_of_weights_are_a_part_of_the_structure_whatever_else_applies() {
    let kept = Some(NOfM { n: 2, m: 4 });
    for shape in [Shape::OutputStationary, Shape::WeightStationary, Shape::Cube, Shape::AdderTree, Shape::Matrix2d] {
        for operand in [Operand::A, Operand::B] {
            let before = base(shape, Some(operand)).structure();
            assert_eq!(before.kept, None);
            let after = chain(shape, operand, &["compress-accumulate", KEEP]).structure();
            assert_eq!((after.kept, after.hops, after.encoded), (kept, before.hops, before.encoded));
            assert_eq!(chain(shape, operand, &[KEEP, "compress-accumulate"]).structure(), after);
        }
    }
    let order = ["compress-accumulate", KEEP, "align-bit-weight", "share-encoder", "store-encoded"];
    let all = chain(Shape::Cube, Operand::B, &order).structure();
    assert_eq!((all.kept, all.bit_weight, all.encoder), (kept, BitWeight::AlignedSpatial, EncoderPlace::Stored));
    let mut last = order;
    last[1..].rotate_left(1);
    assert_eq!(chain(Shape::Cube, Operand::B, &order), chain(Shape::Cube, Operand::B, &last));
}

#[test]
fn skipping_digits_of_kept_places_is_refused() {
    let nest = chain(Shape::Matrix2d, Operand::A, &["compress-accumulate", KEEP]);
    let error = apply(&nest, "skip-zero-digits", &Parameters::default()).unwrap_err();
    assert_eq!(error.code, Code::LoopInTheWay, "{error}");
    assert!(error.to_string().contains("`for k in kept(B[k,n], 2 of 4) carrying s, c`"), "{error}");
}

#[test]
fn a_nest_of_kept_places_reads_whole_groups_of_a_and_half_of_b() {
    let extents = Extents { m: 4, n: 3, k: 10, mp: 4, np: 3, kp: 2, bw: 4, bv: 0 };
    let counts = |shape| chain(shape, Operand::A, &[KEEP]).counts(&extents);
    // 10 elements are 3 groups: 12 of A, 6 kept places of B.
    let stationary = counts(Shape::OutputStationary);
    assert_eq!((stationary.a_words, stationary.b_words), (4 * 12, 6 * 3));
    let weights = counts(Shape::WeightStationary);
    assert_eq!((weights.a_words, weights.b_words), (4 * 12, 6 * 3));
}

#[test]
fn a_shared_encoder_stands_once_for_each_row_and_a_sparse_loop_reads_a_once_for_each_bit_weight() {
    let extents = Extents { m: 4, n: 3, k: 8, mp: 4, np: 3, kp: 1, bw: 4, bv: 0 };
    let counts = |count| chain(Shape::Matrix2d, Operand::A, &SERIAL[..count]).counts(&extents);
    assert_eq!([1, 2, 3, 4].map(|count| counts(count).encoders), [12, 12 * 4, 4 * 4, 4 * 4 * 4]);
    assert_eq!((counts(1).a_words, counts(2).a_words), (4 * 8, 4 * 8 * 4));
    assert_eq!([1, 2, 3, 4].map(|count| counts(count).compressor_inputs_per_pe), [6, 3, 3, 6]);
}

const VALUES: [&str; 3] = ["skip-zero-values", "compress-accumulate", "share-encoder"];

#[test]
fn skipping_values_commutes_with_the_other_transforms_and_says_so_in_the_structure() {
    let all = chain(Shape::Matrix2d, Operand::A, &VALUES);
    for order in [[1, 0, 2], [1, 2, 0], [2, 1, 0], [2, 0, 1], [0, 2, 1]] {
        assert_eq!(chain(Shape::Matrix2d, Operand::A, &order.map(|at| VALUES[at])), all, "{order:?}");
    }
    let skipped = SkippedValues {
        matching: Matching::A,
        group: 4,
        empty_groups: EmptyGroups::CostACycle,
        sync: SyncPeriod::Tile,
    };
    let structure = all.structure();
    assert_eq!((structure.values, structure.bit_weight), (Some(skipped), BitWeight::Mixed));
    assert_eq!((structure.accumulation, structure.encoder), (Accumulation::CarrySave, EncoderPlace::Edge));
    let opaque =
        apply(&base(Shape::Matrix2d, None), VALUES[0], &Parameters::default()).expect("it applies").structure();
    assert_eq!((opaque.values, opaque.bit_weight), (Some(skipped), BitWeight::Opaque));
    assert_eq!(chain(Shape::Matrix2d, Operand::A, &SERIAL).structure().values, None);
    let both = Parameters { matching: Matching::Both, ..Parameters::default() };
    let nest = apply(&base(Shape::Matrix2d, Some(Operand::B)), VALUES[0], &both).expect("it applies");
    assert_eq!(nest.structure().values, Some(SkippedValues { matching: Matching::Both, ..skipped }));
    assert!(nest.to_string().contains("for k in sparse(A[m,k] and B[k,nt], group 4, empty_cost_a_cycle)"), "{nest}");
}

#[test]
fn rows_that_skip_values_read_a_once_for_each_tile_of_n_and_b_for_themselves() {
    let extents = Extents { m: 8, n: 6, k: 5, mp: 4, np: 3, kp: 1, bw: 4, bv: 0 };
    let counts = |names: &[&str]| chain(Shape::Matrix2d, Operand::A, names).counts(&extents);
    let skipping = counts(&VALUES[..1]);
    assert_eq!((skipping.a_words, skipping.b_words), (8 * 5 * 2, 8 * 5 * 6));
    assert_eq!((counts(&[]).a_words, counts(&[]).b_words), (8 * 5 * 2, 2 * 5 * 6));
    assert_eq!((skipping.pes, skipping.encoders, counts(&VALUES).encoders), (12, 12, 4));
}

/// Chains that do not apply, and what the error quotes.
pub fn illegal() -> Vec<Code> {
    let cases: [(Shape, &[&str], &str, &str, Code); 21] = [
        (Shape::OutputStationary, &SERIAL[..1], "align-bit-weight", "`for k in K carrying s, c`", Code::LoopInTheWay),
        (Shape::OutputStationary, &SERIAL[..1], "skip-zero-digits", "`par mp in MP passing B`", Code::LoopInTheWay),
        (Shape::AdderTree, &SERIAL[..1], "skip-zero-digits", "`par kp in KP carrying s, c`", Code::LoopInTheWay),
        (Shape::InputStationary, &[], "share-encoder", "`par mp in MP passing B`", Code::LoopInTheWay),
        (Shape::Cube, &[], "align-bit-weight", "`par kp in KP carrying acc`", Code::TransformOrder),
        (Shape::Matrix2d, &[], "skip-zero-digits", "`for k in K carrying acc`", Code::TransformOrder),
        (Shape::Matrix2d, &[], "store-encoded", "`for k in K carrying acc`", Code::TransformOrder),
        (Shape::Matrix2d, &SERIAL[..1], "extend-reduction", "`for k in K carrying s, c`", Code::TransformOrder),
        (
            Shape::InputStationary,
            &[],
            KEEP,
            "`for n in N`, `par mp in MP passing B` around `par kp in KP",
            Code::LoopInTheWay,
        ),
        (Shape::Matrix2d, &["share-encoder"], KEEP, "around `for k in K carrying acc[np]`", Code::LoopInTheWay),
        (Shape::Stripes, &[], KEEP, "around `par kp in KP carrying acc[np]`", Code::LoopInTheWay),
        (Shape::Matrix2d, &SERIAL[..2], KEEP, "`for k, digit in sparse(", Code::LoopInTheWay),
        (Shape::Laconic, &[], KEEP, "`for bw, digit in sparse(", Code::LoopInTheWay),
        (Shape::Matrix2d, &[KEEP], "share-encoder", "past `digits = encode(A[m,k])`", Code::LoopInTheWay),
        (Shape::Matrix2d, &SERIAL[..2], "extend-reduction", "`for k, digit in sparse(", Code::TransformOrder),
        (Shape::Matrix2d, &SERIAL[..2], VALUES[0], "`for k, digit in sparse(", Code::LoopInTheWay),
        (Shape::Matrix2d, &VALUES[..2], "skip-zero-digits", "`for k in sparse(A[m,k], group 4", Code::LoopInTheWay),
        (Shape::Matrix2d, &VALUES, "extend-reduction", "`for k in sparse(A[m,k], group 4", Code::LoopInTheWay),
        (Shape::Matrix2d, &VALUES, VALUES[0], "`for k in sparse(A[m,k], group 4", Code::AlreadyApplied),
        (Shape::OutputStationary, &[], VALUES[0], "`par mp in MP passing B`", Code::LoopInTheWay),
        (Shape::AdderTree, &[], VALUES[0], "`par kp in KP carrying acc`", Code::LoopInTheWay),
    ];
    for (shape, before, name, quoted, code) in cases {
        let error = apply(&chain(shape, Operand::A, before), name, &Parameters::default()).expect_err(name);
        assert_eq!(error.code, code, "{error}");
        assert!(error.to_string().contains(quoted), "{error}");
    }
    let wide = Parameters { lanes: 3, ..Parameters::default() };
    let range = apply(&chain(Shape::Matrix2d, Operand::A, &SERIAL[..3]), "extend-reduction", &wide).unwrap_err();
    // Encoders of B that are shared by all rows cannot stay so where each row has its own k.
    let of_b = chain(Shape::Matrix2d, Operand::B, &["share-encoder"]);
    let apart = apply(&of_b, VALUES[0], &Parameters::default()).unwrap_err();
    assert!(apart.to_string().contains("`for k in K carrying acc[mp]`"), "{apart}");
    let of_b = chain(Shape::Matrix2d, Operand::B, &VALUES[..1]);
    let shared = apply(&of_b, "share-encoder", &Parameters::default()).unwrap_err();
    assert!(shared.to_string().contains("`par mp` cannot move inside"), "{shared}");
    let group = Parameters { group: 33, ..Parameters::default() };
    let wide = apply(&base(Shape::Matrix2d, None), VALUES[0], &group).unwrap_err();
    let others = [range.code, apart.code, shared.code, wide.code];
    cases.map(|case| case.4).into_iter().chain(others).collect()
}
