//! Hand-made arrays, against what they must compute.

use crate::netlist::{
    Interpreter, Link, ModuleBuilder, Netlist, NetlistBuilder, RegisterControl, ResetKind, SkewDepth, check,
};

/// An output-stationary array of `rows` x `cols` multiply-accumulate cells of 8 bits, one step whenever `advance_i`.
pub fn mac_array(rows: u32, cols: u32) -> Netlist {
    let mut netlist = NetlistBuilder::new();
    let mut m = ModuleBuilder::new("mac_pe");
    let advance = m.input("advance_i", 1, "");
    let (a, b) = (m.input("a_i", 8, ""), m.input("b_i", 8, ""));
    let clear = m.input("clear_i", 1, "");
    let load = RegisterControl { enable: Some(advance), ..Default::default() };
    let (a_q, b_q) = (m.register("a_q", a, load), m.register("b_q", b, load));
    let product = m.mul_signed("product", a_q, b_q);
    let wide = m.sign_extend(product, 32);
    let sum_q = m.net("sum_q", 32);
    let sum_d = m.add("sum_d", sum_q, wide);
    m.register_into(sum_q, sum_d, RegisterControl { enable: Some(advance), clear: Some(clear), reset: Some(0) });
    m.output("a_o", a_q, "");
    m.output("b_o", b_q, "");
    m.output("sum_o", sum_q, "");
    let pe = netlist.intern(m.finish().unwrap()).unwrap();

    let mut m = ModuleBuilder::new("mac");
    let advance = m.input("advance_i", 1, "");
    let clear = m.input("clear_i", 1, "");
    let a = m.input_bundle("a_i", 8, rows, "");
    let b = m.input_bundle("b_i", 8, cols, "");
    let a_skewed = m.skew("a_skewed", a, SkewDepth::Rising, Some(advance), false);
    let b_skewed = m.skew("b_skewed", b, SkewDepth::Rising, Some(advance), false);
    let sums = m.output_bundle("sum_o", 32, rows * cols, "");
    let mut port = |name: &str| m.port_of(&netlist, pe, "pe", name);
    let links = vec![
        Link::All { port: port("advance_i"), net: advance },
        Link::All { port: port("clear_i"), net: clear },
        Link::Pass { into: port("a_i"), out: port("a_o"), axis: 1, reverse: false, entry: a_skewed, exit: None },
        Link::Pass { into: port("b_i"), out: port("b_o"), axis: 0, reverse: false, entry: b_skewed, exit: None },
        Link::Own { port: port("sum_o"), net: sums },
    ];
    m.grid("pe", pe, &[("row", rows), ("col", cols)], links);
    let top = netlist.intern(m.finish().unwrap()).unwrap();
    netlist.finish(top, ResetKind::AsyncLow)
}

#[test]
fn a_systolic_array_multiplies_matrices_of_any_shape() {
    for (rows, cols) in [(1, 1), (1, 5), (4, 1), (3, 4), (8, 8)] {
        let netlist = mac_array(rows, cols);
        assert_eq!(check(&netlist), Ok(()));
        let mut run = Interpreter::new(&netlist).unwrap();
        let depth = 7;
        let a = |row: u32, k: u32| (row * 37 + k * 91 + 5) as u8 as i8;
        let b = |k: u32, col: u32| (col * 53 + k * 29 + 131) as u8 as i8;
        let [a_i, b_i, sum_o, advance] = ["a_i", "b_i", "sum_o", "advance_i"].map(|name| run.port(name).unwrap());
        let (mut k, mut cycle) = (0u32, 0u32);
        while k < depth + rows + cols + 1 {
            // A stall in the middle must change nothing.
            let moves = cycle % 3 != 1;
            run.set(advance, 0, moves.into());
            (0..rows).for_each(|row| run.set(a_i, row as usize, if k < depth { a(row, k) as u8 as u64 } else { 0 }));
            (0..cols).for_each(|col| run.set(b_i, col as usize, if k < depth { b(k, col) as u8 as u64 } else { 0 }));
            run.step();
            k += u32::from(moves);
            cycle += 1;
        }
        run.settle();
        for row in 0..rows {
            for col in 0..cols {
                let expected: i32 = (0..depth).map(|k| i32::from(a(row, k)) * i32::from(b(k, col))).sum();
                assert_eq!(
                    run.get(sum_o, (row * cols + col) as usize) as u32 as i32,
                    expected,
                    "{rows}x{cols} {row} {col}"
                );
                assert_eq!(run.peek(&format!("u_pe[{row}][{col}].sum_q")).unwrap() as u32 as i32, expected);
            }
        }
        run.reset();
        run.settle();
        assert_eq!(run.get(sum_o, 0), 0);
    }
}

/// A row of stages where `ready` ripples from the last to the first within a cycle, and a bit is passed straight through.
#[test]
fn a_ready_chain_ripples_through_all_instances_within_a_cycle() {
    for reverse in [false, true] {
        let mut netlist = NetlistBuilder::new();
        let mut m = ModuleBuilder::new("stage");
        let (valid, ready) = (m.input("valid_i", 1, ""), m.input("ready_i", 1, ""));
        let straight = m.input("straight_i", 3, "");
        let valid_q = m.net("valid_q", 1);
        let empty = m.not("empty", valid_q);
        let ready_up = m.or("ready_up", &[empty, ready]);
        m.register_into(valid_q, valid, RegisterControl { enable: Some(ready_up), clear: None, reset: Some(0) });
        m.output("valid_o", valid_q, "");
        m.output("ready_o", ready_up, "");
        m.output("straight_o", straight, "");
        let stage = netlist.intern(m.finish().unwrap()).unwrap();
        let mut m = ModuleBuilder::new("fifo");
        let (valid, ready) = (m.input("valid_i", 1, ""), m.input("ready_i", 1, ""));
        let straight = m.input("straight_i", 3, "");
        let (valid_o, ready_o) = (m.output_bundle("valid_o", 1, 1, ""), m.output_bundle("ready_o", 1, 1, ""));
        let straight_o = m.output_bundle("straight_o", 3, 1, "");
        let mut port = |name: &str| m.port_of(&netlist, stage, "stage", name);
        let mut pass = |into: &str, out: &str, reverse, entry, exit| {
            let (into, out) = (port(into), port(out));
            Link::Pass { into, out, axis: 0, reverse, entry, exit: Some(exit) }
        };
        let links = vec![
            pass("valid_i", "valid_o", reverse, valid, valid_o),
            pass("ready_i", "ready_o", !reverse, ready, ready_o),
            pass("straight_i", "straight_o", reverse, straight, straight_o),
        ];
        m.grid("stage", stage, &[("index", 5)], links);
        let top = netlist.intern(m.finish().unwrap()).unwrap();
        let netlist = netlist.finish(top, ResetKind::SyncHigh);
        let mut run = Interpreter::new(&netlist).unwrap();
        let [valid, ready, straight] = ["valid_i", "ready_i", "straight_i"].map(|name| run.port(name).unwrap());
        let [valid_o, ready_o, straight_o] = ["valid_o", "ready_o", "straight_o"].map(|name| run.port(name).unwrap());
        run.set(valid, 0, 1);
        for filled in 0..8 {
            run.settle();
            assert_eq!(run.get(ready_o, 0), u64::from(filled < 5), "a stage is free");
            assert_eq!(run.get(valid_o, 0), u64::from(filled >= 5));
            run.step();
        }
        run.set(ready, 0, 1);
        run.set(straight, 0, 6);
        run.settle();
        assert_eq!((run.get(ready_o, 0), run.get(straight_o, 0)), (1, 6));
        assert_eq!(run.peek("u_stage[2].straight_i"), Some(6));
    }
}

#[test]
fn registers_that_exchange_their_values_all_see_the_old_ones() {
    let mut m = ModuleBuilder::new("exchange");
    let names = ["a_q", "b_q", "c_q"];
    let q = names.map(|name| m.net(name, 4));
    for (index, &q_net) in q.iter().enumerate() {
        let control = RegisterControl { reset: Some(index as u64 + 1), ..Default::default() };
        m.register_into(q_net, q[(index + 1) % 3], control);
    }
    m.output("a_o", q[0], "");
    // Two bits that enable and clear each other.
    let (x, y) = (m.net("x_q", 1), m.net("y_q", 1));
    let one = m.constant(1, 1);
    m.register_into(x, one, RegisterControl { enable: None, clear: Some(y), reset: Some(1) });
    m.register_into(y, one, RegisterControl { enable: Some(x), clear: Some(y), reset: Some(0) });
    let pair = m.concat(&[x, y]);
    m.output("pair_o", pair, "");
    let mut netlist = NetlistBuilder::new();
    let top = netlist.intern(m.finish().unwrap()).unwrap();
    let mut run = Interpreter::new(&netlist.finish(top, ResetKind::AsyncLow)).unwrap();
    let (a_o, pair) = (run.port("a_o").unwrap(), run.port("pair_o").unwrap());
    let mut seen = Vec::new();
    for _ in 0..5 {
        run.settle();
        seen.push((run.get(a_o, 0), run.get(pair, 0)));
        run.step();
    }
    assert_eq!(seen, [(1, 0b10), (2, 0b11), (3, 0b00), (1, 0b10), (2, 0b11)]);
}

#[test]
fn wide_words_are_64_bits_and_wrap() {
    let mut m = ModuleBuilder::new("wide");
    let (x, y) = (m.input("x_i", 64, ""), m.input("y_i", 64, ""));
    let sum = m.add("sum", x, y);
    m.output("sum_o", sum, "");
    let (x32, y32) = (m.slice(x, 32, 32), m.slice(y, 0, 32));
    let product = m.mul_signed("product", x32, y32);
    m.output("product_o", product, "");
    let mut netlist = NetlistBuilder::new();
    let top = netlist.intern(m.finish().unwrap()).unwrap();
    let mut run = Interpreter::new(&netlist.finish(top, ResetKind::AsyncLow)).unwrap();
    let [x, y, sum, product] = ["x_i", "y_i", "sum_o", "product_o"].map(|name| run.port(name).unwrap());
    let (a, b) = (0x8000_0001_ffff_fff0u64, 0x8000_0000_7fff_ffffu64);
    run.set(x, 0, a);
    run.set(y, 0, b);
    run.settle();
    assert_eq!(run.get(sum, 0), a.wrapping_add(b));
    assert_eq!(run.get(product, 0) as i64, i64::from(0x8000_0001u32 as i32) * i64::from(0x7fff_ffffi32));
    assert_eq!(run.peek("sum"), Some(a.wrapping_add(b)));
}

#[test]
fn switching_counts_the_bits_that_change_in_every_named_word() {
    let mut m = ModuleBuilder::new("counter");
    let q = m.net("count_q", 3);
    let one = m.constant(3, 1);
    let next = m.add("count_d", q, one);
    m.register_into(q, next, RegisterControl { reset: Some(0), ..Default::default() });
    let sign = m.bit(q, 2);
    let signs = m.sign_extend(sign, 8);
    m.output("signs_o", signs, "");
    let mut netlist = NetlistBuilder::new();
    let top = netlist.intern(m.finish().unwrap()).unwrap();
    let mut run = Interpreter::new(&netlist.finish(top, ResetKind::AsyncLow)).unwrap();
    assert_eq!(run.switching().count(), 0);
    run.count_switching();
    (0..9).for_each(|_| run.step());
    let counts: Vec<_> = run.switching().map(|t| (run.flat().name(t.word), t.toggles)).collect();
    // 0 to 7 and back to 0: 4 + 2 + 1 changes up, 3 back, in the lowest bit 8 in all.
    let expected = [("count_q", 8 + 4 + 2), ("count_d", 8 + 4 + 2), ("signs_o", 16)];
    assert_eq!(counts, expected.map(|(name, toggles)| (name.to_owned(), toggles)));
}

/// Two stages of a chain of two-lane words in each row of a 2 x 3 grid; each cell is a bank of delay lines, which is what
/// makes a bundle inside of a cell.
#[test]
fn a_port_of_several_lanes_takes_neighbouring_lanes_of_every_kind_of_link() {
    let mut netlist = NetlistBuilder::new();
    let mut m = ModuleBuilder::new("pair_cell");
    let chain = m.input_bundle("chain_i", 8, 2, "");
    let passed = m.skew("passed", chain, SkewDepth::Uniform(1), None, false);
    m.output_bundle_of("chain_o", passed, "");
    let row = m.input_bundle("row_i", 8, 2, "");
    let all = m.input_bundle("all_i", 8, 2, "");
    let own = m.input_bundle("own_i", 8, 2, "");
    let sums: Vec<_> = (0..2)
        .map(|lane| {
            let words = [row, all, own, passed].map(|bundle| m.lane(bundle, lane));
            let low = m.add(&format!("low{lane}"), words[0], words[1]);
            let high = m.add(&format!("high{lane}"), words[2], words[3]);
            m.add(&format!("sum{lane}"), low, high)
        })
        .collect();
    let sums = m.join("sums", &sums);
    m.output_bundle_of("sum_o", sums, "");
    let cell = netlist.intern(m.finish().unwrap()).unwrap();

    let mut m = ModuleBuilder::new("pairs");
    let chain = m.input_bundle("chain_i", 8, 4, "");
    let row = m.input_bundle("row_i", 8, 4, "");
    let all = m.input_bundle("all_i", 8, 2, "");
    let own = m.input_bundle("own_i", 8, 12, "");
    let exit = m.output_bundle("chain_o", 8, 4, "");
    let sums = m.output_bundle("sum_o", 8, 12, "");
    let mut port = |name: &str| m.port_of(&netlist, cell, "member", name);
    let links = vec![
        Link::Pass {
            into: port("chain_i"),
            out: port("chain_o"),
            axis: 1,
            reverse: false,
            entry: chain,
            exit: Some(exit),
        },
        Link::Along { port: port("row_i"), axis: 0, net: row },
        Link::All { port: port("all_i"), net: all },
        Link::Own { port: port("own_i"), net: own },
        Link::Own { port: port("sum_o"), net: sums },
    ];
    m.grid("member", cell, &[("row", 2), ("col", 3)], links);
    let top = netlist.intern(m.finish().unwrap()).unwrap();
    let netlist = netlist.finish(top, ResetKind::AsyncLow);
    assert_eq!(check(&netlist), Ok(()));

    let mut run = Interpreter::new(&netlist).unwrap();
    let value = |port: u64, lane: u64| (port * 41 + lane * 17 + 3) & 0xff;
    for (number, (name, lanes)) in [("chain_i", 4), ("row_i", 4), ("all_i", 2), ("own_i", 12)].into_iter().enumerate() {
        let port = run.port(name).unwrap();
        (0..lanes).for_each(|lane| run.set(port, lane as usize, value(number as u64, lane)));
    }
    (0..3).for_each(|_| run.step());
    run.settle();
    let (exit, sums) = (run.port("chain_o").unwrap(), run.port("sum_o").unwrap());
    for row in 0..2 {
        for lane in 0..2 {
            assert_eq!(run.get(exit, (row * 2 + lane) as usize), value(0, row * 2 + lane));
        }
        for (col, lane) in (0..6).map(|place| (place / 2, place % 2)) {
            let own = (row * 3 + col) * 2 + lane;
            let words = [value(0, row * 2 + lane), value(1, row * 2 + lane), value(2, lane), value(3, own)];
            assert_eq!(run.get(sums, own as usize), words.iter().sum::<u64>() & 0xff, "{row} {col} {lane}");
        }
    }
}
