//! What random designs and GEMMs must promise.

use super::*;
use crate::encoding::{ElementFormat, EncodingKind, MAX_DECODED_BITS};
use crate::engine::{Array, Dataflow, EncoderPlace, EngineSpec, Family, Operand, Patterns, Selection};
use crate::netlist::ResetKind;
use crate::notation::BitWeight;
use crate::notation::transform::{self, LanePace, Matching};

#[test]
fn the_same_seed_makes_the_same_design_and_the_same_operands() {
    for seed in 0..50 {
        let spec = random_spec(seed, 6);
        assert_eq!(spec, random_spec(seed, 6));
        assert_eq!(RandomGemm::new(&spec, seed, 2, true), RandomGemm::new(&spec, seed, 2, true));
    }
}

#[test]
fn random_designs_cover_every_choice() {
    let specs: Vec<EngineSpec> = (0..1200).map(|seed| random_spec(seed, 5)).collect();
    let any = |holds: &dyn Fn(&EngineSpec) -> bool| specs.iter().any(holds);
    for kind in EncodingKind::ALL {
        for encoded in [Operand::A, Operand::B] {
            for transformed in [false, true] {
                let of = |spec: &EngineSpec| {
                    spec.encoding == Some(kind) && spec.encoded == encoded && spec.transforms.is_empty() != transformed
                };
                assert!(any(&of), "{kind:?} {encoded:?} {transformed}");
            }
        }
    }
    for transform in transform::ALL {
        let name = transform.name();
        assert!(any(&|spec| spec.transforms.iter().any(|has| has == name)), "{name}");
    }
    for dataflow in [Dataflow::OutputStationary, Dataflow::WeightStationary] {
        for compressed in [false, true] {
            let of = |spec: &EngineSpec| spec.dataflow() == dataflow && spec.transforms.is_empty() != compressed;
            assert!(any(&of), "{dataflow:?} {compressed}");
        }
    }
    let arrays: [fn(Array) -> bool; 6] = [
        |array| array == Array::Systolic(Dataflow::InputStationary),
        |array| array == Array::Matrix2d,
        |array| array == Array::Cube { depth: 1 },
        |array| array == Array::Cube { depth: 8 },
        |array| array == Array::AdderTree { depth: 1 },
        |array| array == Array::AdderTree { depth: 8 },
    ];
    for (index, is) in arrays.into_iter().enumerate() {
        assert!(any(&|spec| is(spec.array)), "array {index}");
    }
    for signed in [(true, true), (true, false), (false, true), (false, false)] {
        assert!(any(&|spec| (spec.a_signed, spec.b_signed) == signed), "{signed:?}");
    }
    assert!(any(&|spec| spec.saturate && spec.acc_bits == spec.a_word_bits() + spec.b_word_bits()));
    assert!(any(&|spec| spec.encoding.is_none()));
    for length_bits in [4, 8, 16, 32] {
        assert!(any(&|spec| spec.length_bits == length_bits), "{length_bits}");
    }
    for element in ElementFormat::ALL {
        assert!(any(&|spec| spec.a_element == Some(element)) && any(&|spec| spec.b_element == Some(element)));
        // The widest word is that of fp8-e5m2.
        let can_be_wider = element.word_bits() < MAX_DECODED_BITS;
        let is_wider = |spec: &EngineSpec| spec.a_element == Some(element) && spec.a_bits > element.word_bits();
        assert_eq!(any(&is_wider), can_be_wider, "{element}");
    }
    assert!(any(&|spec| spec.rows == 1 && spec.cols > 1) && any(&|spec| spec.cols == 1 && spec.rows > 1));
    assert!(any(&|spec| spec.a_bits == 2) && any(&|spec| spec.b_bits == 16));
    let product_bits = |spec: &EngineSpec| spec.a_word_bits() + spec.b_word_bits();
    assert!(any(&|spec| spec.acc_bits == product_bits(spec)) && any(&|spec| spec.acc_bits == 64));
    for reset in [ResetKind::AsyncLow, ResetKind::SyncLow, ResetKind::SyncHigh] {
        assert!(any(&|spec| spec.reset == reset));
    }
}

#[test]
fn an_engine_is_of_the_family_that_its_nest_describes() {
    for seed in 0..400 {
        let spec = random_spec(seed, 4);
        let structure = spec.structure().expect("a nest");
        // Laconic's terms are sparse too, but its rows are in step.
        let is_sparse = match structure.bit_weight {
            BitWeight::Sparse { .. } => true,
            BitWeight::SparseTerms => !matches!(spec.array, Array::Laconic { .. }),
            _ => structure.values.is_some(),
        };
        assert_eq!(spec.family() == Family::Serial, is_sparse, "{}", describe(&spec));
    }
}

#[test]
fn values_are_skipped_with_and_without_digits_in_words_and_pairs_and_with_either_matching() {
    let specs: Vec<EngineSpec> = (0..1200).map(|seed| random_spec(seed, 3)).filter(EngineSpec::takes_values).collect();
    assert!(specs.len() > 60, "{}", specs.len());
    let any = |holds: &dyn Fn(&EngineSpec) -> bool| assert!(specs.iter().any(holds));
    any(&|spec| spec.encoding.is_none());
    any(&|spec| spec.encoding.is_some() && spec.encoded == Operand::B);
    for pair in [false, true] {
        for matching in [Matching::A, Matching::Both] {
            any(&|spec| spec.carry_save() == Ok(pair) && spec.parameters.matching == matching);
        }
    }
    for place in [EncoderPlace::Pe, EncoderPlace::Edge, EncoderPlace::Stored] {
        any(&|spec| spec.encoder_place() == place);
    }
}

#[test]
fn compressed_weights_are_drawn_on_every_array_that_can_have_them_and_operands_fit_them() {
    let specs: Vec<EngineSpec> = (0..3000).map(|seed| random_spec(seed, 6)).collect();
    for spec in &specs {
        // The quick answer is that of the nest.
        assert_eq!(spec.kept(), spec.structure().expect("a nest").kept, "{}", describe(spec));
    }
    let selections: Vec<(&EngineSpec, Selection)> =
        specs.iter().filter_map(|spec| Some((spec, Selection::new(spec, spec.kept()).ok()??))).collect();
    let any = |holds: &dyn Fn(&EngineSpec, &Selection) -> bool| selections.iter().any(|(spec, of)| holds(spec, of));
    for place in [EncoderPlace::Pe, EncoderPlace::Edge, EncoderPlace::Stored] {
        for array in ["systolic", "cube", "adder-tree", "matrix-2d"] {
            assert!(any(&|spec, _| spec.array.name() == array && spec.encoder_place() == place), "{array} {place:?}");
        }
    }
    for array in ["cube", "adder-tree"] {
        assert!(any(&|spec, of| spec.array.name() == array && of.groups > 1 && of.of.n > 1), "{array}");
        assert!(any(&|spec, of| spec.array.name() == array && of.steps > 1), "{array}");
    }
    assert!(any(&|spec, of| spec.dataflow() == Dataflow::WeightStationary && of.of.n > 1 && of.of.n < spec.rows));
    assert!(any(&|spec, of| spec.array == Array::Systolic(Dataflow::OutputStationary) && of.steps > 2));
    let temporal = |spec: &EngineSpec| spec.structure().is_ok_and(|of| of.bit_weight == BitWeight::AlignedTemporal);
    assert!(any(&|spec, of| temporal(spec) && of.steps > 1));
    for (index, (spec, of)) in selections.iter().enumerate() {
        let gemm = RandomGemm::new(spec, index as u64, 2, true);
        assert_eq!(of.of.full_group(&gemm.b), None, "{}", describe(spec));
    }
}

#[test]
fn temporal_bit_weights_and_every_rival_that_is_described_are_drawn() {
    let specs: Vec<EngineSpec> = (0..1200).map(|seed| random_spec(seed, 3)).collect();
    let any = |holds: &dyn Fn(&EngineSpec) -> bool| specs.iter().any(holds);
    let temporal = |spec: &EngineSpec| spec.structure().is_ok_and(|of| of.bit_weight == BitWeight::AlignedTemporal);
    assert!(any(&|spec| temporal(spec) && matches!(spec.array, Array::Cube { .. })));
    assert!(any(&|spec| temporal(spec) && matches!(spec.array, Array::AdderTree { .. })));
    assert!(any(&|spec| matches!(spec.array, Array::Stripes { .. })));
    assert!(any(&|spec| matches!(spec.array, Array::Laconic { .. })));
    assert!(any(&|spec| matches!(spec.array, Array::Pragmatic { .. })));
    let paces = [LanePace::Lockstep, LanePace::PerGroup, LanePace::PerBitWeight];
    for pace in paces {
        let extended = |spec: &EngineSpec| spec.transforms.iter().any(|name| name == "extend-reduction");
        assert!(any(&|spec| extended(spec) && spec.parameters.pace == pace), "{pace:?}");
    }
}

#[test]
fn operands_stay_in_range_and_patterns_are_never_0() {
    for seed in 0..200 {
        let spec = random_spec(seed, 4);
        let gemm = RandomGemm::new(&spec, seed, 2, true);
        for (operand, format) in [(&gemm.a, spec.a_format()), (&gemm.b, spec.b_format())] {
            let half = 1_i64 << (format.bits - 1);
            let range = if format.signed { -half..half } else { 0..2 * half };
            let is_number = |value| format.element.is_none_or(|element| element.is_number(value));
            let fits = |&value| is_number(value) && range.contains(&format.value(value));
            assert!(operand.values().iter().all(fits), "{}", describe(&spec));
        }
        let Patterns { cmd, a, b, p, c } = gemm.patterns;
        assert!([cmd, a, b, p, c].iter().all(|&pattern| pattern != 0));
    }
}
