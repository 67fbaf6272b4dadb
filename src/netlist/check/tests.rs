//! One netlist a defect: each is sound but for one thing.

use crate::netlist::{
    Cell, Direction, Grid, Instance, Item, Link, Module, ModuleBuilder, ModuleId, Net, NetId, Netlist, NetlistBuilder,
    NetlistError, Op, Port, Register, RegisterControl, ResetKind, SkewDepth, check, error_codes,
};

/// A leaf with `x_i` and `y_o` of 4 bits, in a top with one instance, a row of three and a skew: nothing is wrong with it.
fn sound() -> Netlist {
    let mut netlist = NetlistBuilder::new();
    let mut m = ModuleBuilder::new("leaf");
    let (x, go) = (m.input("x_i", 4, ""), m.input("go_i", 1, ""));
    let q = m.register("q_q", x, RegisterControl { enable: Some(go), clear: None, reset: Some(3) });
    m.output("y_o", q, "");
    let both = m.xor("both", &[q, x]);
    m.output("through_o", both, "");
    let leaf = netlist.intern(m.finish().unwrap()).unwrap();

    let mut m = ModuleBuilder::new("top");
    let (x, go) = (m.input("x_i", 4, ""), m.input("go_i", 1, ""));
    let lanes = m.input_bundle("lanes_i", 4, 3, "");
    let (y, spare) = (m.net("y", 4), m.net("spare_unused", 4));
    m.instance(&netlist, "one", leaf, &[("x_i", x), ("go_i", go), ("y_o", y), ("through_o", spare)]);
    let skewed = m.skew("skewed", lanes, SkewDepth::Rising, Some(go), true);
    let through = m.output_bundle("through_o", 4, 3, "");
    let last = m.net("last", 4);
    let mut port = |name: &str| m.port_of(&netlist, leaf, "row", name);
    let links = vec![
        Link::All { port: port("go_i"), net: go },
        Link::Pass { into: port("x_i"), out: port("y_o"), axis: 0, reverse: false, entry: y, exit: Some(last) },
        Link::Own { port: port("through_o"), net: through },
    ];
    m.grid("row", leaf, &[("col", 3)], links);
    let lane = m.lane(skewed, 1);
    let all = m.and("all", &[last, lane]);
    m.output("all_o", all, "");
    let (zero, two) = (m.lane(skewed, 0), m.lane(skewed, 2));
    let rest = m.concat(&[zero, two]);
    m.output("rest_o", rest, "");
    let top = netlist.intern(m.finish().unwrap()).unwrap();
    netlist.finish(top, ResetKind::AsyncLow)
}

fn errors(change: impl FnOnce(&mut Netlist)) -> Vec<NetlistError> {
    let mut netlist = sound();
    change(&mut netlist);
    check(&netlist).expect_err("the change is a defect")
}

fn codes(change: impl FnOnce(&mut Netlist)) -> Vec<&'static str> {
    errors(change).iter().map(NetlistError::code).collect()
}

fn net(module: &Module, name: &str) -> NetId {
    NetId(module.nets.iter().position(|net| net.name == name).expect("a net of this name") as u32)
}

fn leaf(netlist: &mut Netlist) -> &mut Module {
    &mut netlist.modules[0]
}

fn top(netlist: &mut Netlist) -> &mut Module {
    &mut netlist.modules[1]
}

fn register(module: &mut Module) -> &mut Register {
    let found = module.items.iter_mut().find_map(|item| match item {
        Item::Register(register) => Some(register),
        _ => None,
    });
    found.expect("a register")
}

fn instance(module: &mut Module) -> &mut Instance {
    let found = module.items.iter_mut().find_map(|item| match item {
        Item::Instance(instance) => Some(instance),
        _ => None,
    });
    found.expect("an instance")
}

fn grid(module: &mut Module) -> &mut Grid {
    let found = module.items.iter_mut().find_map(|item| match item {
        Item::Grid(grid) => Some(grid),
        _ => None,
    });
    found.expect("a grid")
}

fn add(module: &mut Module, name: &str, width: u32, lanes: u32) -> NetId {
    module.nets.push(Net { name: name.into(), width, lanes });
    NetId(module.nets.len() as u32 - 1)
}

fn drive(module: &mut Module, op: Op, inputs: &[NetId], output: NetId) {
    module.items.push(Item::Cell(Cell { op, inputs: inputs.to_vec(), outputs: vec![output] }));
}

#[test]
fn a_sound_netlist_has_no_errors() {
    assert_eq!(check(&sound()), Ok(()));
}

#[test]
fn two_modules_of_one_name_are_reported() {
    assert_eq!(codes(|n| leaf(n).name = "top".into()), ["netlist::module_redefined"]);
}

#[test]
fn words_of_no_bits_or_more_than_64_are_reported() {
    for width in [0, 65] {
        let error = errors(|n| leaf(n).nets[0].width = width);
        assert_eq!(error, [NetlistError::WordWidth { module: "leaf".into(), net: "x_i".into(), width }]);
    }
}

#[test]
fn names_are_unique_in_their_module() {
    assert_eq!(codes(|n| top(n).nets[0].name = "y".into()), ["netlist::name_taken"]);
    assert_eq!(codes(|n| grid(top(n)).name = "one".into()), ["netlist::name_taken"]);
    assert_eq!(codes(|n| grid(top(n)).axes = vec![("a".into(), 3), ("a".into(), 1)]), ["netlist::name_taken"; 1]);
}

#[test]
fn names_are_lower_snake_case() {
    for name in ["Sum", "sum__q", "sum_", "_sum", "3sum", "su$m", "sum-q", "größe"] {
        assert_eq!(codes(|n| leaf(n).nets[2].name = name.into()), ["netlist::bad_name"], "{name}");
    }
    assert_eq!(codes(|n| leaf(n).name = "Leaf".into()), ["netlist::bad_name"]);
    assert_eq!(codes(|n| instance(top(n)).name = "".into()), ["netlist::bad_name"]);
    assert_eq!(codes(|n| grid(top(n)).axes[0].0 = "Col".into()), ["netlist::bad_name"]);
}

#[test]
fn keywords_of_verilog_and_systemverilog_are_no_names() {
    for name in ["reg", "logic", "checker"] {
        assert_eq!(codes(|n| leaf(n).nets[2].name = name.into()), ["netlist::reserved_name"]);
    }
    assert_eq!(codes(|n| leaf(n).name = "module".into()), ["netlist::reserved_name"]);
}

#[test]
fn results_of_what_is_no_wiring_need_names() {
    let unnamed = "netlist::unnamed";
    assert_eq!(codes(|n| leaf(n).nets[2].name.clear()), [unnamed], "a register");
    assert_eq!(codes(|n| leaf(n).nets[0].name.clear()), [unnamed], "a port");
    assert_eq!(codes(|n| instance_output(n).clear()), [unnamed], "an instance");
    let both = |n: &mut Netlist| {
        let at = net(leaf(n), "both");
        leaf(n).nets[at.index()].name.clear();
    };
    assert_eq!(codes(both), [unnamed], "a cell");
}

fn instance_output(netlist: &mut Netlist) -> &mut String {
    let at = net(top(netlist), "spare_unused");
    &mut top(netlist).nets[at.index()].name
}

#[test]
fn cells_and_registers_state_their_widths() {
    let code = "netlist::cell_width";
    let narrow = |n: &mut Netlist| {
        let bit = net(leaf(n), "go_i");
        for item in &mut leaf(n).items {
            if let Item::Cell(cell) = item
                && cell.op == Op::Xor
            {
                cell.inputs[1] = bit;
            }
        }
    };
    let error = errors(narrow);
    assert_eq!(error[0].to_string(), "`leaf.both`: xor of 4 bits has an operand of 1");
    assert_eq!(codes(|n| register(leaf(n)).d = NetId(1)), [code]);
    assert_eq!(codes(|n| register(leaf(n)).clear = Some(NetId(0))), [code]);
    assert_eq!(codes(|n| register(leaf(n)).reset = Some(16)), [code], "a reset value of 5 bits");
}

#[test]
fn bundles_are_no_words_and_lanes_exist() {
    let code = "netlist::lane_count";
    let operand = |n: &mut Netlist| {
        let (bundle, out) = (net(top(n), "lanes_i"), add(top(n), "out_unused", 4, 1));
        drive(top(n), Op::Wire, &[bundle], out);
    };
    let lane = |n: &mut Netlist| {
        let (bundle, out) = (net(top(n), "lanes_i"), add(top(n), "out_unused", 4, 1));
        drive(top(n), Op::Lane { index: 3 }, &[bundle], out);
    };
    assert_eq!(codes(operand), [code]);
    assert_eq!(errors(lane)[0].to_string(), "`top.lanes_i`: lane 3 of 3");
    assert!(codes(add_empty).contains(&code));
}

fn add_empty(netlist: &mut Netlist) {
    add(top(netlist), "none", 4, 0);
}

#[test]
fn every_port_is_connected_once() {
    let open = errors(|n| instance(top(n)).connections.truncate(3));
    let (module, instance_name, port) = ("top".to_owned(), "one".to_owned(), "through_o".to_owned());
    assert_eq!(open, [NetlistError::PortOpen { module, instance: instance_name, port }]);
    assert_eq!(codes(|n| grid(top(n)).links.truncate(2)), ["netlist::port_open"]);
    let twice = |n: &mut Netlist| {
        let again = instance(top(n)).connections[0];
        instance(top(n)).connections.push(again);
    };
    assert_eq!(codes(twice), ["netlist::port_twice"]);
    let inner = |n: &mut Netlist| {
        let both = net(leaf(n), "both");
        let wire = net(top(n), "y");
        instance(top(n)).connections.push((both, wire));
    };
    assert!(codes(inner).contains(&"netlist::no_such_port"));
}

#[test]
fn ports_and_their_nets_have_one_shape() {
    let code = "netlist::port_shape";
    let bit = |n: &mut Netlist| {
        let go = net(top(n), "go_i");
        instance(top(n)).connections[0].1 = go;
    };
    assert_eq!(codes(bit), [code]);
    let narrow_link = |n: &mut Netlist| {
        let x = net(top(n), "x_i");
        let Link::All { net, .. } = &mut grid(top(n)).links[0] else { panic!("a link to all") };
        *net = x;
    };
    assert_eq!(codes(narrow_link), [code]);
}

#[test]
fn links_fit_the_axes_of_their_grid() {
    let code = "netlist::link_shape";
    let axis = |n: &mut Netlist| {
        let Link::Pass { axis, .. } = &mut grid(top(n)).links[1] else { panic!("a chain") };
        *axis = 1;
    };
    assert_eq!(codes(axis), [code]);
    assert_eq!(codes(|n| grid(top(n)).axes[0].1 = 2), [code], "three lanes for two instances");
    let wrong_way = |n: &mut Netlist| {
        let Link::Own { port, .. } = grid(top(n)).links[2] else { panic!("own lanes") };
        let x = net(top(n), "x_i");
        grid(top(n)).links[2] = Link::All { port, net: x };
    };
    assert_eq!(errors(wrong_way)[0].to_string(), "`top.row`: `through_o` is no input");
    let into_open = |n: &mut Netlist| {
        let Link::All { port, .. } = grid(top(n)).links[0] else { panic!("a link to all") };
        grid(top(n)).links[0] = Link::Open { port };
    };
    assert_eq!(codes(into_open), [code]);
}

#[test]
fn grids_have_one_to_three_axes_of_at_least_one() {
    let code = "netlist::grid_axes";
    assert_eq!(codes(|n| grid(top(n)).axes[0].1 = 0), [code]);
    assert_eq!(codes(|n| grid(top(n)).axes.clear()), [code]);
    let axes = ["a", "b", "c", "d"].map(|name| (name.to_owned(), 1));
    assert_eq!(codes(|n| grid(top(n)).axes = axes.to_vec()), [code]);
    assert_eq!(codes(|n| grid(top(n)).axes = vec![("a".into(), 1 << 16), ("b".into(), 1 << 16)]), [code]);
}

#[test]
fn numbers_name_what_is_there() {
    let code = "netlist::no_such_thing";
    assert_eq!(codes(|n| register(leaf(n)).d = NetId(99)), [code]);
    assert_eq!(codes(|n| n.top = ModuleId(2)), [code]);
    assert_eq!(codes(|n| leaf(n).ports.push(port(77))), [code]);
    assert_eq!(codes(|n| instance(top(n)).connections[0].0 = NetId(50)), [code]);
}

fn port(net: u32) -> Port {
    Port { net: NetId(net), direction: Direction::Input, doc: String::new() }
}

#[test]
fn modules_come_before_those_that_contain_them() {
    let code = "netlist::module_order";
    assert_eq!(codes(|n| instance(top(n)).module = ModuleId(1)), [code], "itself");
    assert_eq!(codes(|n| grid(top(n)).module = ModuleId(5)), [code], "nothing");
}

#[test]
fn every_net_has_exactly_one_driver() {
    let undriven = errors(|n| {
        add(top(n), "lonely", 2, 1);
    });
    assert_eq!(undriven, [NetlistError::Undriven { module: "top".into(), net: "lonely".into() }]);
    let second = |n: &mut Netlist| {
        let (x, y) = (net(top(n), "x_i"), net(top(n), "y"));
        drive(top(n), Op::Wire, &[x], y);
    };
    let twice = errors(second);
    assert_eq!(twice[0].to_string(), "`top.y` has 2 drivers: instance `u_one`, a cell (wire)");
    let input = |n: &mut Netlist| {
        let (x, y) = (net(top(n), "x_i"), net(top(n), "y"));
        drive(top(n), Op::Wire, &[y], x);
    };
    assert_eq!(codes(input), ["netlist::many_drivers"], "an input port is driven from outside");
    let exit = |n: &mut Netlist| {
        let Link::Pass { exit, .. } = &mut grid(top(n)).links[1] else { panic!("a chain") };
        *exit = None;
    };
    assert_eq!(codes(exit), ["netlist::undriven"]);
}

#[test]
fn a_net_that_nobody_reads_says_that_it_is_unused() {
    let code = "netlist::unread";
    assert_eq!(codes(|n| *instance_output(n) = "spare".into()), [code]);
    let behind_wiring = |n: &mut Netlist| {
        // Read only by a slice that nobody reads and nothing prints.
        *instance_output(n) = "spare".into();
        let (spare, slice) = (net(top(n), "spare"), add(top(n), "", 2, 1));
        drive(top(n), Op::Slice { low: 1 }, &[spare], slice);
    };
    assert_eq!(errors(behind_wiring), [NetlistError::Unread { module: "top".into(), net: "spare".into() }]);
    let input = |n: &mut Netlist| {
        let extra = add(top(n), "extra_i", 1, 1);
        top(n).ports.push(port(extra.0));
    };
    assert_eq!(codes(input), [code]);
}

#[test]
fn a_word_that_depends_on_itself_is_a_loop_in_its_module() {
    let own = |n: &mut Netlist| {
        let (a, b) = (add(top(n), "ring_a", 1, 1), add(top(n), "ring_b", 1, 1));
        drive(top(n), Op::Not, &[a], b);
        drive(top(n), Op::Wire, &[b], a);
    };
    let path = ["ring_a", "ring_b", "ring_a"].map(String::from).to_vec();
    assert_eq!(errors(own), [NetlistError::CombinationalLoop { module: "top".into(), path }]);
}

#[test]
fn loops_are_found_through_instances_and_along_chains_of_grids() {
    // The instance passes x_i to through_o within a cycle; its input is made to depend on that.
    let through_instance = |n: &mut Netlist| {
        let (spare, x) = (net(top(n), "spare_unused"), net(top(n), "x_i"));
        instance(top(n)).connections[0].1 = spare;
        top(n).nets[x.index()].name = "x_unused_i".into();
    };
    let error = &errors(through_instance)[..];
    assert!(matches!(error, [NetlistError::CombinationalLoop { module, path }] if module == "top" && path.len() == 2));

    // Two chains in opposite directions, each of which reads the other within a cycle.
    let mut netlist = NetlistBuilder::new();
    let mut m = ModuleBuilder::new("node");
    let (east, west) = (m.input("east_i", 1, ""), m.input("west_i", 1, ""));
    let both = m.and("both", &[east, west]);
    m.output("east_o", both, "");
    m.output("west_o", both, "");
    let cell = netlist.intern(m.finish().unwrap()).unwrap();
    for count in [1, 2] {
        let mut m = ModuleBuilder::new(format!("row_of_{count}"));
        let (east, west) = (m.input("east_i", 1, ""), m.input("west_i", 1, ""));
        let (east_o, west_o) = (m.output_bundle("east_o", 1, 1, ""), m.output_bundle("west_o", 1, 1, ""));
        let mut port = |name: &str| m.port_of(&netlist, cell, "cell", name);
        let mut pass = |into: &str, out: &str, reverse, entry, exit| {
            let (into, out) = (port(into), port(out));
            Link::Pass { into, out, axis: 0, reverse, entry, exit: Some(exit) }
        };
        let links = vec![pass("east_i", "east_o", false, east, east_o), pass("west_i", "west_o", true, west, west_o)];
        m.grid("node", cell, &[("col", count)], links);
        let mut netlist = netlist_with(&netlist);
        let top = netlist.intern(m.finish().unwrap()).unwrap();
        let result = check(&netlist.finish(top, ResetKind::AsyncLow));
        if count == 1 {
            assert_eq!(result, Ok(()), "one instance alone has no loop");
        } else {
            let error = result.unwrap_err().remove(0).to_string();
            assert!(error.contains("u_node[0].east_o -> u_node[1].east_i"), "{error}");
        }
    }
}

/// A builder with the same modules, since a builder is used up by `finish`.
fn netlist_with(known: &NetlistBuilder) -> NetlistBuilder {
    let mut copy = NetlistBuilder::new();
    copy.intern(known.module(ModuleId(0)).clone()).unwrap();
    copy
}

#[test]
fn every_code_is_explained_once_and_belongs_to_an_error() {
    let codes: Vec<_> = error_codes().iter().map(|(code, _)| *code).collect();
    let mut unique = codes.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), codes.len());
    let source = include_str!("tests.rs");
    for (code, text) in error_codes() {
        assert!(source.contains(&format!("\"{code}\"")) || tested_by_value(code), "{code} has no failing netlist");
        assert!(text.ends_with('.') && text.len() > 40, "{code}");
    }
}

/// Codes whose errors the tests above compare as values.
fn tested_by_value(code: &str) -> bool {
    let name = || "x".to_owned();
    let errors = [
        NetlistError::WordWidth { module: name(), net: name(), width: 0 },
        NetlistError::CombinationalLoop { module: name(), path: Vec::new() },
    ];
    errors.iter().any(|error| error.code() == code)
}
