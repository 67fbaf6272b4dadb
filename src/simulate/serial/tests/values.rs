//! Rows that skip values of zero.

use super::{cases, events_equal_registers, waiting_changes_no_value};
use crate::encoding::EncodingKind;
use crate::engine::{Array, EngineSpec, Operand};
use crate::notation::transform::{EmptyGroups, Matching, Parameters, SyncPeriod};
use proptest::prelude::*;

prop_compose! {
    fn spec()(
        rows in 1_u32..6, cols in 1_u32..4, kind in prop::option::of(prop::sample::select(EncodingKind::ALL.to_vec())),
        bits in (2_u32..=16, 2_u32..=16), signed in any::<(bool, bool)>(), more in 0_u32..=36, saturate in prop::bool::weighted(0.3),
        group in 1_u32..=6, skipped in any::<bool>(), both in any::<bool>(), of_b in any::<bool>(), pair in any::<bool>(),
        period in 0_u32..4,
    ) -> EngineSpec {
        let pair = (pair && kind.is_some()).then_some("compress-accumulate");
        let acc_bits = if saturate { 8 + more / 4 } else { (bits.0 + bits.1 + more).min(64) };
        EngineSpec {
            name: "under-test".into(),
            array: Array::Matrix2d,
            rows, cols, a_bits: bits.0, a_signed: signed.0, b_bits: bits.1, b_signed: signed.1, acc_bits, saturate, encoding: kind,
            encoded: if of_b { Operand::B } else { Operand::A },
            transforms: pair.into_iter().chain(["skip-zero-values"]).map(str::to_owned).collect(),
            parameters: Parameters {
                group,
                empty_groups: if skipped { EmptyGroups::Skipped } else { EmptyGroups::CostACycle },
                sync: if period == 0 { SyncPeriod::Tile } else { SyncPeriod::Operands(period * group) },
                matching: if both { Matching::Both } else { Matching::A },
                ..Parameters::default()
            },
            ..EngineSpec::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn events_equal_registers_in_every_field_and_both_the_triple_loop((spec, a, b, _) in cases(spec())) {
        events_equal_registers(&spec, &a, &b)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn waiting_streams_change_no_value_and_save_no_cycle((spec, a, b, patterns) in cases(spec())) {
        waiting_changes_no_value(&spec, &a, &b, &patterns)?;
    }
}
