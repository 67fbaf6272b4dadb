//! Nests from outside: their text, the transforms, the evaluator.

mod chains;
mod counting;
mod generator;
mod mistakes;
mod properties;
mod shipped;

use bitweight::encoding::EncodingKind;
use bitweight::matrix::Matrix;
use bitweight::notation::gemm::Shape;
use bitweight::notation::transform::{BitWeightLoop, SyncPeriod};
use bitweight::notation::{
    Accumulation, DigitRule, LoopKind, Nest, Operand, Primitive, Problem, evaluate, gemm, transform,
};

fn golden(name: &str, text: &str) {
    let path = format!("{}/tests/goldens/nests/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BITWEIGHT_BLESS").is_some() {
        std::fs::write(&path, text).expect("goldens can be written");
    }
    let expected = std::fs::read_to_string(&path).expect("the golden exists; BITWEIGHT_BLESS=1 writes it");
    assert_eq!(text, expected, "{path}; BITWEIGHT_BLESS=1 writes it again");
}

fn compressed(nest: &Nest) -> Nest {
    let transform = transform::by_name("compress-accumulate").expect("registered");
    transform.apply(nest, &transform::Parameters::default()).unwrap_or_else(|error| panic!("{error}\n{nest}"))
}

#[test]
fn base_nests_and_their_rewrites_print_as_committed() {
    for (encoded, suffix) in [(Operand::A, "a"), (Operand::B, "b")] {
        let os = gemm::output_stationary(Some(encoded));
        golden(&format!("mac-os-{suffix}.nest"), &os.to_string());
        golden(&format!("opt1-os-{suffix}.nest"), &compressed(&os).to_string());
        let ws = gemm::weight_stationary(Some(encoded));
        golden(&format!("mac-ws-{suffix}.nest"), &ws.to_string());
        golden(&format!("opt1-ws-{suffix}.nest"), &compressed(&ws).to_string());
    }
    golden("opaque-os.nest", &gemm::output_stationary(None).to_string());
    golden("opaque-ws.nest", &gemm::weight_stationary(None).to_string());
}

#[test]
fn the_elaborator_learns_dataflow_operand_and_accumulation_from_the_tree() {
    for encoded in [Operand::A, Operand::B] {
        for (nest, kind) in [
            (gemm::output_stationary(Some(encoded)), LoopKind::Temporal),
            (gemm::weight_stationary(Some(encoded)), LoopKind::Spatial),
        ] {
            assert_eq!(nest.reduction_kind(), Some(kind));
            assert_eq!(nest.encoded_operand(), Some(encoded));
            assert_eq!(nest.accumulation(), Accumulation::CarryPropagate);
            let rewritten = compressed(&nest);
            assert_eq!(rewritten.reduction_kind(), Some(kind));
            assert_eq!(rewritten.encoded_operand(), Some(encoded));
            assert_eq!(rewritten.accumulation(), Accumulation::CarrySave);
        }
    }
    // Both become digits, those of `bv` in the outer loop.
    let text = "\
par m in M, n in N
  for k in K carrying acc
    for bv, other in sparse(encode(B[k,n])) carrying acc
      for bw, digit in sparse(encode(A[m,k])) carrying acc
        acc += shift(shift(multiply(digit, other), bw), bv)
  C[m,n] = acc
";
    let both: Nest = text.parse().unwrap();
    assert_eq!(both.well_formed(), Ok(()));
    assert_eq!(both.encoded_operand(), Some(Operand::A));
    let opaque = gemm::weight_stationary(None);
    assert_eq!((opaque.encoded_operand(), opaque.accumulation()), (None, Accumulation::CarryPropagate));
}

#[test]
fn compress_accumulate_twice_is_an_error_that_quotes_the_hoisted_statement() {
    let nest = compressed(&gemm::output_stationary(Some(Operand::A)));
    let error =
        transform::by_name("compress-accumulate").unwrap().apply(&nest, &transform::Parameters::default()).unwrap_err();
    assert_eq!(error.code.name(), "notation::already_applied");
    assert_eq!(
        error.to_string(),
        "`compress-accumulate` moves `add` out of `for k in K carrying s, c`; `C[m,n] = add(s, c)` stands behind that \
         loop already"
    );
}

#[test]
fn compress_accumulate_of_an_opaque_product_quotes_what_is_missing() {
    let error = transform::by_name("compress-accumulate")
        .unwrap()
        .apply(&gemm::weight_stationary(None), &transform::Parameters::default())
        .unwrap_err();
    assert_eq!(error.code.name(), "notation::no_half_reduce");
    assert_eq!(
        error.to_string(),
        "`compress-accumulate` moves `acc += add(s, c)` out of the reduction, where `s, c` come from a `half_reduce`; \
         this nest has `p = multiply(A[m,k], B[k,n])` and `acc += p` inside `par kp in KP carrying acc`"
    );
}

#[test]
fn the_example_on_the_page_of_a_transform_is_what_it_does() {
    for transform in transform::ALL {
        let page = transform.explain();
        let nest = |from: &str, to: &str| -> Nest {
            let text = page.split(from).nth(1).and_then(|rest| rest.split(to).next()).expect("the page has an example");
            text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"))
        };
        let (before, after) = (nest("Before:", "After:"), nest("After:", "##"));
        assert_eq!(transform.apply(&before, &transform::Parameters::default()), Ok(after));
    }
}

#[test]
fn pages_have_their_headings_and_names_are_unique() {
    for transform in transform::ALL {
        for heading in
            ["What it does", "Precondition", "Why the product is kept", "Effect on the hardware", "Example", "Source"]
        {
            assert!(transform.explain().contains(&format!("## {heading}\n")), "{} lacks {heading}", transform.name());
        }
        assert_eq!(transform::by_name(transform.name()).map(|found| found.name()), Some(transform.name()));
    }
    for primitive in Primitive::ALL {
        for heading in ["What it does", "Form", "Why the product is kept", "Hardware", "Example", "Source"] {
            assert!(primitive.explain.contains(&format!("## {heading}\n")), "{} lacks {heading}", primitive.name);
        }
        assert_eq!(Primitive::from_name(primitive.name), Some(primitive));
    }
}

#[test]
fn the_nests_on_the_pages_of_primitives_compute_the_product() {
    let (a, b) = (Matrix::filled(2, 20, 91), Matrix::from_fn(20, 3, |k, n| 5 - (3 * k + n) as i32 % 11));
    let product = Matrix::from_fn(2, 3, |m, n| (0..20).map(|k| i64::from(a[(m, k)] * b[(k, n)])).sum());
    let rule = Some(DigitRule { encoding: EncodingKind::EnT, bits: 8 });
    let problem = Problem { a: &a, b: &b, places: [1, 1, 1], word_bits: 32, a_digits: rule, b_digits: None };
    let mut with_nest = Vec::new();
    for primitive in Primitive::ALL {
        let example = primitive.explain.split("## Example\n").nth(1).and_then(|rest| rest.split("## ").next());
        let lines = example.expect("the page has an example").lines().filter(|line| line.starts_with("  "));
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        if text.is_empty() {
            continue;
        }
        let nest: Nest = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(evaluate(&nest, &problem), Ok(product.clone()), "{}", primitive.name);
        assert!(text.contains(primitive.name), "{} is not in its example", primitive.name);
        with_nest.push(primitive.name);
    }
    assert_eq!(with_nest, ["stored", "sparse", "raise", "meeting"]);
}

#[test]
fn every_nest_in_the_documentation_is_well_formed_and_printed_as_the_program_prints_it() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/notation.md")).expect("the page exists");
    let nests: Vec<&str> =
        page.split("```nest\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    for text in &nests {
        let nest: Nest = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(nest.well_formed(), Ok(()), "{text}");
        assert_eq!(nest.to_string(), *text);
    }
    let mac = gemm::output_stationary(Some(Operand::A));
    let rewritten = |shape: Shape, names: &[&str], bit_weight: BitWeightLoop| {
        let parameters = transform::Parameters { bit_weight, ..transform::Parameters::default() };
        let base = gemm::base(shape, Some(Operand::A));
        names.iter().fold(base, |nest, name| {
            transform::by_name(name).expect("registered").apply(&nest, &parameters).expect("it applies")
        })
    };
    let aligned = |loops| rewritten(Shape::Cube, &["compress-accumulate", "align-bit-weight"], loops);
    let serial = |more: &[&str]| {
        let names = [&["compress-accumulate", "skip-zero-digits"], more].concat();
        rewritten(Shape::Matrix2d, &names, BitWeightLoop::default())
    };
    let values = transform::by_name("skip-zero-values").expect("registered");
    let values =
        values.apply(&gemm::base(Shape::Matrix2d, None), &transform::Parameters::default()).expect("it applies");
    let shown = [
        mac.clone(),
        gemm::weight_stationary(Some(Operand::B)),
        compressed(&mac),
        aligned(BitWeightLoop::Spatial),
        aligned(BitWeightLoop::Temporal),
        serial(&[]),
        serial(&["share-encoder"]),
        serial(&["share-encoder", "extend-reduction"]),
        serial(&["share-encoder", "store-encoded"]),
        rewritten(Shape::WeightStationary, &["compress-n-of-m"], BitWeightLoop::default()),
        gemm::output_stationary(None),
        values,
        gemm::base(Shape::Stripes, None),
        gemm::base(Shape::Pragmatic(SyncPeriod::Tile), None),
        gemm::base(Shape::Laconic, None),
    ];
    assert_eq!(nests, shown.map(|nest| nest.to_string()));
}
