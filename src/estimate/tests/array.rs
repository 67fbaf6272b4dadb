//! Hierarchy: a grid costs one of its modules of work, and is timed through the borders of its instances.

use std::time::Instant;

use super::example::opt1_pe;
use crate::estimate::process::Process;
use crate::estimate::{Estimate, Options, PartKind, estimate};
use crate::netlist::{Link, ModuleBuilder, Netlist, NetlistBuilder, RegisterControl, ResetKind, SkewDepth};

fn nangate(netlist: &Netlist) -> Estimate {
    estimate(netlist, &Process::shipped("nangate45").expect("shipped"), Options::default()).expect("no loop")
}

/// `rows` by `cols` PEs that pass operands on; operands skewed, results of all PEs left open but one row's.
fn array(rows: u32, cols: u32) -> Netlist {
    let mut netlist = NetlistBuilder::new();
    let pe_module = opt1_pe().modules.remove(0);
    let inner = netlist.intern(pe_module).expect("first");
    let mut m = ModuleBuilder::new("pe");
    let (a, b) = (m.input("a_i", 8, ""), m.input("b_i", 8, ""));
    let (sum, carry) = (m.net("sum", 32), m.net("carry", 32));
    m.instance(&netlist, "mac", inner, &[("a_i", a), ("b_i", b), ("sum_o", sum), ("carry_o", carry)]);
    let a_q = m.register("a_q", a, RegisterControl::default());
    let b_q = m.register("b_q", b, RegisterControl::default());
    m.output("a_o", a_q, "");
    m.output("b_o", b_q, "");
    m.output("sum_o", sum, "");
    m.output("carry_o", carry, "");
    let pe = netlist.intern(m.finish().expect("sound")).expect("second");
    let mut m = ModuleBuilder::new("array");
    let a = m.input_bundle("a_i", 8, rows, "");
    let b = m.input_bundle("b_i", 8, cols, "");
    let a_skewed = m.skew("a_skewed", a, SkewDepth::Rising, None, false);
    let b_skewed = m.skew("b_skewed", b, SkewDepth::Rising, None, false);
    let port = |m: &mut ModuleBuilder, name: &str| m.port_of(&netlist, pe, "pe", name);
    let links = vec![
        Link::Pass {
            into: port(&mut m, "a_i"),
            out: port(&mut m, "a_o"),
            axis: 1,
            reverse: false,
            entry: a_skewed,
            exit: None,
        },
        Link::Pass {
            into: port(&mut m, "b_i"),
            out: port(&mut m, "b_o"),
            axis: 0,
            reverse: false,
            entry: b_skewed,
            exit: None,
        },
        Link::Open { port: port(&mut m, "sum_o") },
        Link::Open { port: port(&mut m, "carry_o") },
    ];
    m.grid("pe", pe, &[("row", rows), ("col", cols)], links);
    let top = netlist.intern(m.finish().expect("sound")).expect("third");
    netlist.finish(top, ResetKind::AsyncLow)
}

#[test]
fn an_array_is_its_pes_and_its_skew() {
    let (small, large) = (nangate(&array(4, 4)), nangate(&array(8, 4)));
    let pe = small.modules.iter().find(|module| module.name == "pe").expect("the PE");
    assert_eq!(pe.count, 16);
    // Skew: 0 + 1 + 2 + 3 flip-flops for each bit of both operands, 4.522 um2 each.
    let skew = 2.0 * 8.0 * 6.0 * 4.522;
    assert!((small.area_um2 - 16.0 * pe.area_um2 - skew).abs() < 1e-6, "{small}");
    let more = 16.0 * pe.area_um2 + 8.0 * (4.0 + 5.0 + 6.0 + 7.0) * 4.522;
    assert!((large.area_um2 - small.area_um2 - more).abs() < 1e-6);
    assert_eq!(small.min_period_ns, large.min_period_ns, "the longest path is inside of a PE");
    assert!(small.critical_path[0].net.starts_with("u_pe."), "{:?}", small.critical_path[0]);
}

#[test]
fn a_128_by_128_array_takes_no_longer_than_one_pe() {
    let netlist = array(128, 128);
    let start = Instant::now();
    let estimate = nangate(&netlist);
    let seconds = start.elapsed().as_secs_f64();
    // A quarter of a second of one core as tests are compiled; eight times that beside others.
    assert!(seconds < 2.0, "{seconds} s");
    assert!(estimate.area_um2 > 128.0 * 128.0 * 1000.0);
}

#[test]
fn area_grows_with_rows_columns_and_width_and_the_period_with_width() {
    let sizes = [(1, 1), (1, 2), (2, 2), (2, 5), (6, 5), (16, 16)];
    let areas: Vec<f64> = sizes.iter().map(|&(rows, cols)| nangate(&array(rows, cols)).area_um2).collect();
    assert!(areas.windows(2).all(|pair| pair[0] < pair[1]), "{areas:?}");
    let adder = |width: u32| {
        let mut netlist = NetlistBuilder::new();
        let mut m = ModuleBuilder::new("accumulator");
        let x = m.input("x_i", width, "");
        let d = m.net("acc_d", width);
        let q = m.register("acc_q", d, RegisterControl { reset: Some(0), ..Default::default() });
        let sum = m.add("sum", q, x);
        m.drive(d, sum);
        m.output("acc_o", q, "");
        let top = netlist.intern(m.finish().expect("sound")).expect("one");
        nangate(&netlist.finish(top, ResetKind::AsyncLow))
    };
    let widths = [2, 4, 8, 16, 32, 64].map(adder);
    assert!(widths.windows(2).all(|pair| pair[0].area_um2 < pair[1].area_um2));
    assert!(widths.windows(2).all(|pair| pair[0].min_period_ns < pair[1].min_period_ns));
}

#[test]
fn a_combinational_chain_through_a_grid_is_as_long_as_the_grid() {
    // Every instance adds one inverting stage to a wire from west to east. Another chain, of registers, changes nothing.
    let chain = |length: u32| {
        let mut netlist = NetlistBuilder::new();
        let mut m = ModuleBuilder::new("stage");
        let (x, y) = (m.input("x_i", 1, ""), m.input("y_i", 1, ""));
        let z = m.xor("z", &[x, y]);
        m.output("x_o", z, "");
        let held = m.input("held_i", 1, "");
        let held_q = m.register("held_q", held, RegisterControl::default());
        m.output("held_o", held_q, "");
        let stage = netlist.intern(m.finish().expect("sound")).expect("one");
        let mut m = ModuleBuilder::new("chain");
        let seed = m.input_bundle("seed_i", 1, 1, "");
        let y = m.input("y_i", 1, "");
        let first = m.register("first_q", seed, RegisterControl::default());
        let exit = m.bundle("exit", 1, 1);
        let port = |m: &mut ModuleBuilder, name: &str| m.port_of(&netlist, stage, "stage", name);
        let links = vec![
            Link::Pass {
                into: port(&mut m, "x_i"),
                out: port(&mut m, "x_o"),
                axis: 0,
                reverse: false,
                entry: first,
                exit: Some(exit),
            },
            Link::Pass {
                into: port(&mut m, "held_i"),
                out: port(&mut m, "held_o"),
                axis: 0,
                reverse: false,
                entry: first,
                exit: None,
            },
            Link::All { port: port(&mut m, "y_i"), net: y },
        ];
        m.grid("stage", stage, &[("col", length)], links);
        let last = m.register("last_q", exit, RegisterControl::default());
        m.output("last_o", last, "");
        let top = netlist.intern(m.finish().expect("sound")).expect("two");
        nangate(&netlist.finish(top, ResetKind::AsyncLow))
    };
    let [one, five, nine] = [1, 5, 9].map(|length| {
        let estimate = chain(length);
        let passed = estimate.critical_path.iter().filter(|step| step.net == "u_stage.z").count();
        assert_eq!(passed, length as usize, "{:?}", estimate.critical_path);
        estimate.min_period_ns.expect("state")
    });
    assert!(five - one > 4.0 * 0.03, "{one} {five}");
    assert!(((nine - five) - (five - one)).abs() < 1e-3, "each stage takes the same: {one} {five} {nine}");
}

#[test]
fn an_enable_of_the_whole_array_needs_repeaters_and_they_are_counted() {
    let enabled = |lanes: u32| {
        let mut netlist = NetlistBuilder::new();
        let mut m = ModuleBuilder::new("held");
        let x = m.input_bundle("x_i", 8, lanes, "");
        let run = m.input("run_i", 1, "");
        let run_q = m.register("run_q", run, RegisterControl { reset: Some(0), ..Default::default() });
        let y = m.skew("y", x, SkewDepth::Uniform(2), Some(run_q), false);
        let out = m.output_bundle("y_o", 8, lanes, "");
        m.drive(out, y);
        let top = netlist.intern(m.finish().unwrap_or_else(|e| panic!("{e}"))).expect("one");
        nangate(&netlist.finish(top, ResetKind::AsyncLow))
    };
    let (one, many) = (enabled(1), enabled(64));
    let buffers = |estimate: &Estimate| {
        estimate.cells.iter().filter(|cell| cell.kind == "buffer").map(|cell| cell.count).sum::<u64>()
    };
    assert!(buffers(&many) > 8 * buffers(&one).max(1), "{} {}", buffers(&one), buffers(&many));
    assert!(many.min_period_ns > one.min_period_ns);
    assert_eq!(many.cells.iter().find(|cell| cell.cell == "MUX2_X1").map(|cell| cell.count), Some(2 * 8 * 64));
}

#[test]
fn delay_lines_of_one_depth_are_registers_and_only_unequal_ones_are_skew() {
    let of = |depth: SkewDepth, width: u32| {
        let mut netlist = NetlistBuilder::new();
        let mut m = ModuleBuilder::new("lines");
        let x = m.input_bundle("x_i", width, 4, "");
        let y = m.skew("y", x, depth, None, false);
        let out = m.output_bundle("y_o", width, 4, "");
        m.drive(out, y);
        let top = netlist.intern(m.finish().expect("sound")).expect("one");
        let parts = nangate(&netlist.finish(top, ResetKind::AsyncLow)).parts;
        parts.iter().map(|part| (part.part, (part.area_um2 / 4.522).round())).collect::<Vec<_>>()
    };
    assert_eq!(of(SkewDepth::Uniform(3), 8), [(PartKind::Registers, 96.0)]);
    for (depth, lines) in [(SkewDepth::Rising, 6.0), (SkewDepth::Falling, 6.0), (SkewDepth::RisingBy(2), 2.0)] {
        assert_eq!(of(depth, 8), [(PartKind::Skew, 8.0 * lines)], "{depth:?}");
    }
    assert_eq!(of(SkewDepth::Uniform(3), 1), [(PartKind::Control, 12.0)]);
}
