//! Processing elements against what open synthesis says of the authors' own.

use super::example::{mac_pe, opt1_pe};
use crate::estimate::process::Process;
use crate::estimate::{AdderKind, Estimate, Options, PartKind, estimate};

fn nangate(netlist: &crate::netlist::Netlist) -> Estimate {
    estimate(netlist, &Process::shipped("nangate45").expect("shipped"), Options::default()).expect("no loop")
}

#[test]
fn the_opt1_pe_is_about_as_large_and_as_slow_as_open_synthesis_makes_it() {
    // Yosys and ABC on the authors' `opt1_pe`, sign bits trimmed or not, over all targets: 853 to 1,383 um2, 0.56 to 1.05 ns.
    // No sizing is done here, so the area belongs near the lower end and the period near the upper.
    let estimate = nangate(&opt1_pe());
    println!("{estimate}");
    let period = estimate.min_period_ns.expect("it has state");
    assert!((850.0..1250.0).contains(&estimate.area_um2), "{} um2", estimate.area_um2);
    assert!((0.56..1.2).contains(&period), "{period} ns");
}

#[test]
fn the_mac_pe_is_about_as_large_and_as_slow_as_open_synthesis_makes_it() {
    // The same flow on `mac_booth`: 793 to 1,110 um2 (1,537 in one case), 0.86 to 1.78 ns.
    let estimate = nangate(&mac_pe());
    println!("{estimate}");
    let period = estimate.min_period_ns.expect("it has state");
    assert!((790.0..1250.0).contains(&estimate.area_um2), "{} um2", estimate.area_um2);
    assert!((0.85..1.8).contains(&period), "{period} ns");
    // Adders of the critical path are no ripple-carry adders any more.
    let kinds: Vec<AdderKind> = estimate.modules[0].carry_chains.iter().map(|chain| chain.kind).collect();
    assert!(kinds.contains(&AdderKind::ParallelPrefix), "{kinds:?}");
}

#[test]
fn carry_save_accumulation_shortens_the_critical_path() {
    let (mac, opt1) = (nangate(&mac_pe()), nangate(&opt1_pe()));
    assert!(opt1.min_period_ns < mac.min_period_ns);
}

#[test]
fn parts_and_modules_sum_to_the_area_and_the_path_to_the_period() {
    for netlist in [mac_pe(), opt1_pe()] {
        let estimate = nangate(&netlist);
        let parts: f64 = estimate.parts.iter().map(|part| part.area_um2).sum();
        let modules: f64 = estimate.modules.iter().map(|module| module.area_um2 * module.count as f64).sum();
        assert!((parts - estimate.area_um2).abs() < 1e-6 && (modules - estimate.area_um2).abs() < 1e-6);
        let path: f64 = estimate.critical_path.iter().map(|step| step.delay_ns).sum();
        assert!((path - estimate.min_period_ns.expect("state")).abs() < 1e-9);
        let has = |kind| estimate.parts.iter().any(|part| part.part == kind && part.area_um2 > 0.0);
        assert!(has(PartKind::Encoder) && has(PartKind::PartialProducts) && has(PartKind::Compressor));
        assert!(has(PartKind::Registers));
    }
}
