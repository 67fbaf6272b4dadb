//! The printer on netlists made by hand: clean under every tool, and computing under Icarus what a model written by hand
//! computes. (The interpreter is not used here: printer and interpreter could share a misunderstanding.)

mod bench;

use bench::{Bench, Rng};
use bitweight::netlist::{
    Direction, Link, ModuleBuilder, Netlist, NetlistBuilder, Op, Port, RegisterControl, ResetKind, SkewDepth,
};

const RESETS: [ResetKind; 3] = [ResetKind::AsyncLow, ResetKind::SyncLow, ResetKind::SyncHigh];

fn mask(width: u32) -> u64 {
    if width == 64 { !0 } else { (1 << width) - 1 }
}

fn signed(value: u64, width: u32) -> i64 {
    ((value << (64 - width)) as i64) >> (64 - width)
}

/// What an output is, as a function of x, y, z and s.
type Model = dyn Fn(u64, u64, u64, u64) -> u64;

fn one_module(module: ModuleBuilder, reset: ResetKind) -> Netlist {
    let mut netlist = NetlistBuilder::new();
    let top = netlist.intern(module.finish().expect("a sound module")).expect("a fresh name");
    netlist.finish(top, reset)
}

#[test]
fn every_operation_computes_what_its_definition_says_at_many_widths() {
    for (seed, width) in [(1, 1), (2, 2), (3, 5), (4, 8), (5, 13), (6, 31), (7, 32), (8, 64)] {
        let mut m = ModuleBuilder::new(format!("all_ops_w{width}"));
        m.doc("Every operation once.");
        let x = m.input("x_i", width, "first operand");
        let y = m.input("y_i", width, "second operand");
        let z = m.input("z_i", width, "third operand");
        let s = m.input("s_i", 1, "select");
        let mut models: Vec<(String, Box<Model>)> = Vec::new();
        let mut outputs = Vec::new();
        macro_rules! op {
            ($name:literal, $net:expr, $model:expr) => {{
                let net = $net;
                outputs.push((format!("{}_o", $name), net));
                models.push(($name.to_owned(), Box::new($model)));
            }};
        }
        m.comment("bitwise");
        op!("not", m.not("not_x", x), move |x, _, _, _| !x & mask(width));
        op!("and3", m.and("and_xyz", &[x, y, z]), |x, y, z, _| x & y & z);
        op!("or3", m.or("or_xyz", &[x, y, z]), |x, y, z, _| x | y | z);
        op!("xor2", m.xor("xor_xy", &[x, y]), |x, y, _, _| x ^ y);
        op!("mux", m.mux("mux_xy", s, x, y), |x, y, _, s| if s == 1 { x } else { y });
        m.comment("arithmetic");
        op!("equal", m.equal("x_is_y", x, y), |x, y, _, _| u64::from(x == y));
        op!("add", m.add("add_xy", x, y), move |x, y, _, _| x.wrapping_add(y) & mask(width));
        op!("sub", m.sub("sub_xy", x, y), move |x, y, _, _| x.wrapping_sub(y) & mask(width));
        if width <= 32 {
            op!("mul", m.mul_signed("mul_xy", x, y), move |x, y, _, _| {
                (signed(x, width) * signed(y, width)) as u64 & mask(2 * width)
            });
            let wide = m.sign_extend(x, 2 * width);
            op!("sign", m.named("sign_x", wide), move |x, _, _, _| signed(x, width) as u64 & mask(2 * width));
            let wide = m.zero_extend(x, width + 7);
            op!("zero", m.named("zero_x", wide), |x, _, _, _| x);
            let both = m.concat(&[x, y]);
            op!("concat", m.named("concat_xy", both), move |x, y, _, _| x << width | y);
            let cut = m.slice(both, width / 2, width);
            op!("slice", m.named("slice_xy", cut), move |x, y, _, _| (x << width | y) >> (width / 2) & mask(width));
            let again = m.slice(wide, width - 1, 3);
            let again = m.sign_extend(again, 9);
            op!("nested", m.not("nested_x", again), move |x, _, _, _| !(x >> (width - 1)) & mask(9));
        }
        m.comment("rows of adders; the carries are shifted and lose their top bit");
        let (sum, carry) = m.compress32("row", x, y, z);
        op!("sum3", sum, |x, y, z, _| x ^ y ^ z);
        if width > 1 {
            let low = m.slice(carry, 0, width - 1);
            let zero = m.constant(1, 0);
            let shifted = m.concat(&[low, zero]);
            op!("carry3", m.named("row_shifted", shifted), move |x, y, z, _| {
                ((x & y | x & z | y & z) << 1) & mask(width)
            });
        }
        if width == 1 {
            // Whole, because nothing of it would be left.
            op!("carry3", carry, |x, y, z, _| x & y | x & z | y & z);
        }
        let (sum, carry) = m.compress22("half", x, y);
        op!("sum2", sum, |x, y, _, _| x ^ y);
        op!("carry2", carry, |x, y, _, _| x & y);
        let nine = m.constant(width, 9 & mask(width));
        op!("plus9", m.add("plus_nine", x, nine), move |x, _, _, _| x.wrapping_add(9 & mask(width)) & mask(width));
        let big = m.constant(width, mask(width));
        op!("wired", m.xor("with_ones", &[z, big]), move |_, _, z, _| z ^ mask(width));
        for (name, net) in &outputs {
            m.output(name, *net, "");
        }
        let netlist = one_module(m, ResetKind::AsyncLow);
        let mut rng = Rng::new(seed);
        let mut bench = Bench::new(&netlist, &format!("seed {seed}, {width} bits"));
        for cycle in 0..200 {
            let mut word = || match (cycle < 30, rng.below(3)) {
                (true, 0) => 0,
                (true, 1) => mask(width),
                (true, _) => 1 << (width - 1),
                _ => rng.next() & mask(width),
            };
            let (x, y, z) = (word(), word(), word());
            let s = rng.below(2);
            bench.cycle(&[&[x], &[y], &[z], &[s]], models.iter().map(|(_, model)| vec![Some(model(x, y, z, s))]));
        }
        bench.run();
    }
}

#[test]
fn registers_of_every_kind_hold_load_clear_and_reset() {
    for (number, reset_kind) in RESETS.into_iter().enumerate() {
        let mut m = ModuleBuilder::new(format!("registers_{number}"));
        let d = m.input("d_i", 8, "data");
        let enable = m.input("en_i", 1, "enable");
        let flags = m.input("flags_i", 3, "bit 1 clears");
        let clear = m.bit(flags, 1);
        let mut kinds = Vec::new();
        for (index, reset) in [None, Some(0), Some(0xa5)].into_iter().enumerate() {
            for has_enable in [false, true] {
                for has_clear in [false, true] {
                    let control = RegisterControl {
                        enable: has_enable.then_some(enable),
                        clear: has_clear.then_some(clear),
                        reset,
                    };
                    let q =
                        m.register(&format!("r{index}{}{}_q", u8::from(has_enable), u8::from(has_clear)), d, control);
                    kinds.push((q, reset, has_enable, has_clear));
                }
            }
        }
        // A loop: a counter whose next value is made after it is used.
        let next = m.net("count_d", 5);
        let count = m.register("count_q", next, RegisterControl { reset: Some(3), ..RegisterControl::default() });
        let one = m.constant(5, 1);
        let more = m.add("count_more", count, one);
        m.drive(next, more);
        for (index, &(q, ..)) in kinds.iter().enumerate() {
            m.output(&format!("r{index}_o"), q, "");
        }
        m.output("count_o", count, "");
        let netlist = one_module(m, reset_kind);
        let mut rng = Rng::new(40 + number as u64);
        let mut bench = Bench::new(&netlist, &format!("{reset_kind:?}"));
        let mut state: Vec<Option<u64>> = kinds.iter().map(|&(_, reset, ..)| reset).collect();
        let mut counter = 3;
        for _ in 0..300 {
            let (d, enable, flags) = (rng.next() & 0xff, rng.below(2), rng.below(8));
            let expected: Vec<_> = state.iter().map(|&value| vec![value]).chain([vec![Some(counter)]]).collect();
            bench.cycle(&[&[d], &[enable], &[flags]], expected.into_iter());
            for (value, &(_, reset, has_enable, has_clear)) in state.iter_mut().zip(&kinds) {
                // What an unreset register held while the bench was in reset is not followed.
                let _ = reset;
                if has_clear && flags & 2 != 0 {
                    *value = Some(0);
                } else if !has_enable || enable == 1 {
                    *value = Some(d);
                }
            }
            counter = (counter + 1) & 31;
        }
        bench.run();
    }
}

#[test]
fn delay_lines_of_every_shape_delay_each_lane_by_its_depth() {
    let depths =
        [SkewDepth::Uniform(0), SkewDepth::Uniform(1), SkewDepth::Uniform(3), SkewDepth::Rising, SkewDepth::Falling];
    for (number, reset_kind) in RESETS.into_iter().enumerate() {
        for (lanes, width) in [(1, 1), (1, 8), (2, 1), (4, 5), (7, 16)] {
            let mut m = ModuleBuilder::new(format!("skews_{number}_{lanes}x{width}"));
            let x = m.input_bundle("x_i", width, lanes, "words");
            let enable = m.input("en_i", 1, "moves");
            let mut kinds = Vec::new();
            for (index, &depth) in depths.iter().enumerate() {
                for has_enable in [false, true] {
                    for reset in [false, true] {
                        let name = format!("d{index}{}{}", u8::from(has_enable), u8::from(reset));
                        let y = m.skew(&name, x, depth, has_enable.then_some(enable), reset);
                        kinds.push((y, depth, has_enable, reset));
                    }
                }
            }
            // The builder has no output port that a delay line drives; the data structure does.
            let mut module = m.finish().expect("a sound module");
            for &(y, ..) in &kinds {
                module.ports.push(Port { net: y, direction: Direction::Output, doc: String::new() });
            }
            let mut netlist = NetlistBuilder::new();
            let top = netlist.intern(module).expect("a fresh name");
            let netlist = netlist.finish(top, reset_kind);
            let mut rng = Rng::new(60 + number as u64);
            let mut bench = Bench::new(&netlist, &format!("{reset_kind:?}, {lanes} lanes of {width} bits"));
            let mut lines: Vec<Vec<Vec<Option<u64>>>> = kinds
                .iter()
                .map(|&(_, depth, _, reset)| {
                    (0..lanes).map(|lane| vec![reset.then_some(0); depth.of(lane, lanes) as usize]).collect()
                })
                .collect();
            for _ in 0..60 {
                let words: Vec<u64> = (0..lanes).map(|_| rng.next() & mask(width)).collect();
                let enable = u64::from(rng.below(4) > 0);
                let expected: Vec<Vec<Option<u64>>> = lines
                    .iter()
                    .map(|bank| {
                        let lane =
                            |(line, &word): (&Vec<Option<u64>>, &u64)| line.last().copied().unwrap_or(Some(word));
                        bank.iter().zip(&words).map(lane).collect()
                    })
                    .collect();
                bench.cycle(&[&words, &[enable]], expected.into_iter());
                for (bank, &(_, _, has_enable, _)) in lines.iter_mut().zip(&kinds) {
                    if !has_enable || enable == 1 {
                        for (line, &word) in bank.iter_mut().zip(&words) {
                            line.insert(0, Some(word));
                            line.pop();
                        }
                    }
                }
            }
            bench.run();
        }
    }
}

/// A cell with a registered pass-through, a combinational one, an own state and a bit that goes nowhere.
fn grid_cell(netlist: &mut NetlistBuilder, width: u32) -> bitweight::netlist::ModuleId {
    let mut m = ModuleBuilder::new(format!("grid_cell_w{width}"));
    m.doc("Passes one word registered and one through an adder.");
    let shared = m.input("en_i", 1, "advance");
    let bias = m.input("bias_i", width, "one for each line");
    let own = m.input("own_i", width, "one for each cell");
    let a = m.input("a_i", width, "registered pass");
    let sum = m.input("sum_i", width, "combinational pass");
    let a_q = m.register("a_q", a, RegisterControl { enable: Some(shared), clear: None, reset: Some(0) });
    let biased = m.add("biased", a_q, bias);
    let more = m.add("more", sum, biased);
    m.output("a_o", a_q, "");
    m.output("sum_o", more, "");
    let mixed = m.xor("mixed", &[a_q, own]);
    m.output("own_o", mixed, "");
    let idle = m.not("idle", own);
    m.output("idle_o", idle, "");
    netlist.intern(m.finish().expect("a sound module")).expect("a fresh name")
}

#[test]
fn grids_of_one_to_three_dimensions_link_their_cells_in_every_way() {
    type Shape = &'static [(&'static str, u32)];
    let shapes: [Shape; 8] = [
        &[("row", 1)],
        &[("lane", 5)],
        &[("row", 1), ("col", 1)],
        &[("row", 3), ("col", 4)],
        &[("row", 4), ("col", 1)],
        &[("row", 1), ("col", 3)],
        &[("plane", 2), ("row", 3), ("col", 4)],
        &[("plane", 3), ("row", 1), ("col", 2)],
    ];
    for (number, axes) in shapes.into_iter().enumerate() {
        for (width, reverse) in [(1, false), (6, true), (8, false)] {
            let dims = axes.len();
            let (a_axis, sum_axis, bias_axis) = (dims - 1, 0, dims / 2);
            let count: u32 = axes.iter().map(|axis| axis.1).product();
            let others = |axis: usize| count / axes[axis].1;
            let mut netlist = NetlistBuilder::new();
            let cell = grid_cell(&mut netlist, width);
            let mut m = ModuleBuilder::new(format!("grid_{number}_w{width}"));
            let enable = m.input("en_i", 1, "");
            let bias = m.input_bundle("bias_i", width, axes[bias_axis].1, "");
            let own = m.input_bundle("own_i", width, count, "");
            let a = m.input_bundle("a_i", width, others(a_axis), "");
            let sum = m.input_bundle("sum_i", width, others(sum_axis), "");
            let a_out = m.output_bundle("a_o", width, others(a_axis), "");
            let own_out = m.output_bundle("own_o", width, count, "");
            let sum_out = m.output_bundle("sum_o", width, others(sum_axis), "");
            m.comment("the cells");
            let mut port = |name: &str| m.port_of(&netlist, cell, "cell", name);
            let links = vec![
                Link::All { port: port("en_i"), net: enable },
                Link::Along { port: port("bias_i"), axis: bias_axis, net: bias },
                Link::Own { port: port("own_i"), net: own },
                Link::Own { port: port("own_o"), net: own_out },
                Link::Open { port: port("idle_o") },
                Link::Pass { into: port("a_i"), out: port("a_o"), axis: a_axis, reverse, entry: a, exit: Some(a_out) },
                Link::Pass {
                    into: port("sum_i"),
                    out: port("sum_o"),
                    axis: sum_axis,
                    reverse: !reverse,
                    entry: sum,
                    exit: Some(sum_out),
                },
            ];
            m.grid("tile", cell, axes, links);
            // A second grid with the same axes, and a chain whose end is left open.
            let own_again = m.output_bundle("own_again_o", width, count, "");
            let mut port = |name: &str| m.port_of(&netlist, cell, "cell", name);
            let links = vec![
                Link::All { port: port("en_i"), net: enable },
                Link::Along { port: port("bias_i"), axis: bias_axis, net: bias },
                Link::Own { port: port("own_i"), net: own_out },
                Link::Own { port: port("own_o"), net: own_again },
                Link::Open { port: port("idle_o") },
                Link::Pass { into: port("a_i"), out: port("a_o"), axis: a_axis, reverse, entry: a, exit: None },
                Link::Pass {
                    into: port("sum_i"),
                    out: port("sum_o"),
                    axis: sum_axis,
                    reverse,
                    entry: sum_out,
                    exit: None,
                },
            ];
            m.grid("again", cell, axes, links);
            let top = netlist.intern(m.finish().expect("a sound module")).expect("a fresh name");
            let netlist = netlist.finish(top, RESETS[number % 3]);

            let mut rng = Rng::new(80 + number as u64);
            let mut bench = Bench::new(&netlist, &format!("{axes:?}, {width} bits, reverse {reverse}"));
            let coordinates = |index: u32| -> Vec<u32> {
                let mut rest = index;
                let mut at = vec![0; dims];
                for axis in (0..dims).rev() {
                    at[axis] = rest % axes[axis].1;
                    rest /= axes[axis].1;
                }
                at
            };
            let index_without = |at: &[u32], without: usize| {
                let kept = (0..dims).filter(|&axis| axis != without);
                kept.fold(0, |index, axis| index * axes[axis].1 + at[axis]) as usize
            };
            let neighbour = |index: u32, axis: usize, reverse: bool| -> Option<usize> {
                let mut at = coordinates(index);
                if reverse {
                    at[axis] += 1;
                    if at[axis] == axes[axis].1 {
                        return None;
                    }
                } else {
                    at[axis] = at[axis].checked_sub(1)?;
                }
                Some(at.iter().zip(axes).fold(0, |index, (&x, &(_, extent))| index * extent + x) as usize)
            };
            let is_last =
                |at: &[u32], axis: usize, reverse: bool| at[axis] == if reverse { 0 } else { axes[axis].1 - 1 };
            let mut state = vec![0_u64; count as usize];
            let mut again = state.clone();
            for _ in 0..40 {
                let mut words = |n: u32| -> Vec<u64> { (0..n).map(|_| rng.next() & mask(width)).collect() };
                let (bias, own, a, sum) =
                    (words(axes[bias_axis].1), words(count), words(others(a_axis)), words(others(sum_axis)));
                let enable = rng.below(2);
                let mut sums = vec![None; count as usize];
                // Chains of adders settle in at most as many rounds as there are cells.
                for _ in 0..count {
                    for index in 0..count {
                        let at = coordinates(index);
                        let before = match neighbour(index, sum_axis, !reverse) {
                            None => Some(sum[index_without(&at, sum_axis)]),
                            Some(other) => sums[other],
                        };
                        let biased = state[index as usize] + bias[at[bias_axis] as usize];
                        sums[index as usize] = before.map(|before| (before + biased) & mask(width));
                    }
                }
                let mut a_out = vec![None; a.len()];
                let mut sum_out = vec![None; sum.len()];
                for index in 0..count {
                    let at = coordinates(index);
                    if is_last(&at, a_axis, reverse) {
                        a_out[index_without(&at, a_axis)] = Some(state[index as usize]);
                    }
                    if is_last(&at, sum_axis, !reverse) {
                        sum_out[index_without(&at, sum_axis)] = sums[index as usize];
                    }
                }
                let own_out: Vec<_> = state.iter().zip(&own).map(|(q, own)| Some(q ^ own)).collect();
                let own_again: Vec<_> = again.iter().zip(&own_out).map(|(q, own)| own.map(|own| q ^ own)).collect();
                let inputs: [&[u64]; 5] = [&[enable], &bias, &own, &a, &sum];
                bench.cycle(&inputs, [a_out, own_out, sum_out, own_again].into_iter());
                if enable == 1 {
                    let load = |state: &Vec<u64>| -> Vec<u64> {
                        let next = |index: u32| match neighbour(index, a_axis, reverse) {
                            None => a[index_without(&coordinates(index), a_axis)],
                            Some(other) => state[other],
                        };
                        (0..count).map(next).collect()
                    };
                    (state, again) = (load(&state), load(&again));
                }
            }
            bench.run();
        }
    }
}

#[test]
fn names_that_verilog_cannot_have_are_refused() {
    for name in ["wire", "logic", "rst_ni", "Sum", "a__$"] {
        let mut m = ModuleBuilder::new("refused");
        let x = m.input("x_i", 1, "");
        let y = m.not(name, x);
        m.output("y_o", y, "");
        let error = bitweight::emit::verilog(&one_module(m, ResetKind::AsyncLow), &[]).expect_err("a bad name");
        assert!(
            ["netlist::bad_name", "netlist::reserved_name", "emit::implicit_name"].contains(&error.code()),
            "{error}"
        );
    }
    let mut m = ModuleBuilder::new("nameless");
    let x = m.input("x_i", 1, "");
    let y = m.net("", 1);
    m.cell(Op::Not, &[x], &[y]);
    m.output("y_o", y, "");
    let error = bitweight::emit::verilog(&one_module(m, ResetKind::AsyncLow), &[]).expect_err("no name");
    assert_eq!(error.code(), "netlist::unnamed");
}
