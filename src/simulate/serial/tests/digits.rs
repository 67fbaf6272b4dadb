//! OPT3, OPT4C, OPT4E.

use super::{cases, events_equal_registers, waiting_changes_no_value};
use crate::encoding::EncodingKind;
use crate::engine::{Array, EngineSpec};
use crate::notation::transform::{EmptyGroups, LanePace, Parameters, SyncPeriod};
use proptest::prelude::*;

prop_compose! {
    fn spec()(
        rows in 1_u32..6, cols in 1_u32..4, kind in prop::sample::select(EncodingKind::ALL.to_vec()),
        bits in (2_u32..=16, 2_u32..=16), signed in any::<(bool, bool)>(), more in 0_u32..=36, saturate in prop::bool::weighted(0.3),
        lanes in prop::sample::select(vec![1_u32, 2, 4, 8]), group in 1_u32..=6, skipped in any::<bool>(),
        pace in prop::sample::select(vec![LanePace::Lockstep, LanePace::PerGroup, LanePace::PerBitWeight]),
        period in 0_u32..4,
    ) -> EngineSpec {
        let mut transforms = vec!["compress-accumulate", "skip-zero-digits", "share-encoder"];
        if lanes > 1 {
            transforms.push("extend-reduction");
        }
        let acc_bits = if saturate { 8 + more / 4 } else { (bits.0 + bits.1 + more).min(64) };
        EngineSpec {
            name: "under-test".into(),
            array: Array::Matrix2d,
            rows, cols, a_bits: bits.0, a_signed: signed.0, b_bits: bits.1, b_signed: signed.1, acc_bits, saturate, encoding: Some(kind),
            transforms: transforms.into_iter().map(str::to_owned).collect(),
            parameters: Parameters {
                group,
                empty_groups: if skipped { EmptyGroups::Skipped } else { EmptyGroups::CostACycle },
                sync: if period == 0 { SyncPeriod::Tile } else { SyncPeriod::Operands(period * lanes * group) },
                lanes,
                pace,
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
