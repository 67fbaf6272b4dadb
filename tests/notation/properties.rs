//! Properties of random nests: their text, their meaning, and the transforms.

use bitweight::notation::{Accumulation, EvaluationError, NOfM, Nest, Operand, evaluate, gemm, transform};
use proptest::prelude::*;

use crate::generator::{Case, Product, case, recipe};
use crate::shipped::prune;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_printed_nest_parses_back_to_itself(recipe in recipe()) {
        let nest = recipe.nest();
        let text = nest.to_string();
        prop_assert_eq!(text.parse::<Nest>().map_err(|error| format!("{error:?}\n{text}")), Ok(nest));
    }

    #[test]
    fn a_nest_computes_the_product(recipe in recipe(), case in case()) {
        let nest = recipe.nest();
        let computed = evaluate(&nest, &case.problem(nest.encoded_operand()));
        prop_assert_eq!(computed, Ok(case.reference()), "{}", nest);
    }

    #[test]
    fn compress_accumulate_keeps_the_product_of_every_nest_it_accepts(recipe in recipe(), case in case()) {
        let nest = recipe.nest();
        let rewritten = transform::by_name("compress-accumulate").unwrap().apply(&nest, &transform::Parameters::default());
        prop_assert_eq!(rewritten.is_ok(), matches!(recipe.product, Product::Compressed { .. }), "{}", nest);
        if let Ok(rewritten) = rewritten {
            prop_assert_eq!(rewritten.accumulation(), Accumulation::CarrySave);
            prop_assert_eq!(rewritten.well_formed(), Ok(()), "{}", rewritten);
            prop_assert_eq!(rewritten.to_string().parse::<Nest>(), Ok(rewritten.clone()));
            let computed = evaluate(&rewritten, &case.problem(rewritten.encoded_operand()));
            prop_assert_eq!(computed, Ok(case.reference()), "{}", rewritten);
            let again = transform::by_name("compress-accumulate").unwrap().apply(&rewritten, &transform::Parameters::default()).unwrap_err();
            prop_assert_eq!(again.code.name(), "notation::already_applied");
        }
    }

    /// On any nest with places of N around K; the product is kept of operands that are n of m.
    #[test]
    fn compress_n_of_m_keeps_the_product_of_every_nest_it_accepts(
        recipe in recipe(), mut case in case(), n in 1_u32..4, more in 1_u32..4, first: bool,
    ) {
        let parameters = transform::Parameters { n_of_m: NOfM { n, m: n + more }, ..transform::Parameters::default() };
        let nest = recipe.nest();
        let Ok(rewritten) = transform::by_name("compress-n-of-m").unwrap().apply(&nest, &parameters) else { return Ok(()) };
        let other = transform::by_name("compress-accumulate").unwrap();
        let rewritten = if first { other.apply(&rewritten, &parameters).unwrap_or(rewritten) } else { rewritten };
        prop_assert_eq!(rewritten.kept(), Some(parameters.n_of_m));
        prop_assert_eq!(rewritten.to_string().parse::<Nest>(), Ok(rewritten.clone()));
        let problem = |case: &Case| evaluate(&rewritten, &case.problem(rewritten.encoded_operand()));
        match (problem(&case), parameters.n_of_m.full_group(&case.b)) {
            (Err(EvaluationError::NotNOfM { row, col, .. }), Some(full)) => prop_assert_eq!((row, col), (full.row, full.col)),
            (computed, full) => {
                prop_assert_eq!(full, None);
                prop_assert_eq!(computed, Ok(case.reference()), "{}", rewritten);
            }
        }
        prune(&mut case.b, parameters.n_of_m);
        prop_assert_eq!(problem(&case), Ok(case.reference()), "{}", rewritten);
    }

    #[test]
    fn base_nests_compute_the_product_before_and_after_their_rewrite(
        operand in prop_oneof![Just(None), Just(Some(Operand::A)), Just(Some(Operand::B))],
        stationary_output: bool,
        case in case(),
    ) {
        let base = if stationary_output { gemm::output_stationary(operand) } else { gemm::weight_stationary(operand) };
        prop_assert_eq!(evaluate(&base, &case.problem(operand)), Ok(case.reference()), "{}", base);
        let rewritten = transform::by_name("compress-accumulate").unwrap().apply(&base, &transform::Parameters::default());
        prop_assert_eq!(rewritten.is_ok(), operand.is_some());
        if let Ok(rewritten) = rewritten {
            prop_assert_eq!(evaluate(&rewritten, &case.problem(operand)), Ok(case.reference()), "{}", rewritten);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[a-zA-Z_ ,=+()\\[\\]#\n\t\u{e9}0-9]{0,80}") {
        if let Err(error) = text.parse::<Nest>() {
            prop_assert!(error.line >= 1 && error.column >= 1);
        }
    }

    #[test]
    fn a_damaged_nest_is_refused_or_still_a_nest(recipe in recipe(), at: prop::sample::Index, case in case(), with in "[a-z,\\[ ]?") {
        let mut text = recipe.nest().to_string();
        let at = at.index(text.len());
        text.replace_range(at..=at, &with);
        if let Ok(nest) = text.parse::<Nest>() {
            // Whatever is left either has mistakes, each on a line that exists, or runs.
            match nest.well_formed() {
                Err(mistakes) => prop_assert!(mistakes.iter().all(|mistake| mistake.line <= text.lines().count().max(1))),
                Ok(()) => {
                    prop_assert_eq!(nest.to_string().parse::<Nest>(), Ok(nest.clone()));
                    let computed = evaluate(&nest, &case.problem(nest.encoded_operand())).map(|c| c.rows());
                    prop_assert_eq!(computed, Ok(case.a.rows()));
                }
            }
        }
    }
}
