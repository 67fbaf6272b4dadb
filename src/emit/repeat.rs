//! Repetition: banks of delay lines and grids of instances, as labelled generate loops.

use crate::emit::expression::{net, range};
use crate::emit::module::{Branch, implicit_ports, in_reset, print_always, print_connections, sensitivity};
use crate::emit::scope::{Scope, is_input};
use crate::emit::text::Text;
use crate::netlist::{Grid, Item, Link, NetId, Skew, SkewDepth};
use std::collections::{BTreeMap, BTreeSet};

/// The loop variable of each axis name (`lane` for delay lines), as printed, and the labels in use.
#[derive(Debug)]
pub(super) struct Genvars {
    printed: BTreeMap<String, String>,
    /// Grids whose outermost axis another grid of the module has too: their labels carry the grid's name.
    shared_axes: BTreeSet<String>,
}

/// Declares the loop variables that the module needs.
pub(super) fn declare_genvars(scope: &mut Scope, text: &mut Text) -> Genvars {
    let mut wanted: Vec<String> = Vec::new();
    let mut outermost: Vec<&str> = Vec::new();
    for item in &scope.module.items {
        match item {
            Item::Skew(skew) if !loop_lanes(scope, skew).is_empty() => wanted.push("lane".to_owned()),
            Item::Grid(grid) => {
                outermost.extend(grid.axes.first().map(|(axis, _)| axis.as_str()));
                wanted.extend(grid.axes.iter().map(|(axis, _)| axis.clone()));
            }
            _ => {}
        }
    }
    let is_shared = |axis: &&str| outermost.iter().filter(|other| *other == axis).count() > 1;
    let shared_axes = outermost.iter().filter(|axis| is_shared(axis)).map(|&axis| axis.to_owned()).collect();
    let mut printed = BTreeMap::new();
    for axis in wanted {
        if !printed.contains_key(&axis) {
            let name = scope.fresh(&axis);
            text.line(2, &format!("genvar {name};"));
            printed.insert(axis, name);
        }
    }
    text.gap();
    Genvars { printed, shared_axes }
}

/// Lanes of a skew that have registers: those the loop covers.
fn loop_lanes(scope: &Scope, skew: &Skew) -> std::ops::Range<u32> {
    let lanes = scope.module.net(skew.input).lanes;
    match skew.depth {
        SkewDepth::Uniform(0) => 0..0,
        SkewDepth::Uniform(_) => 0..lanes,
        SkewDepth::Rising => 1..lanes,
        SkewDepth::Falling => 0..lanes - 1,
    }
}

/// `count * width`, without a factor of one.
fn times(count: &str, width: u32) -> String {
    if width == 1 { count.to_owned() } else { format!("{count}*{width}") }
}

/// Lane `index` (an expression) of something of `lanes` words of `width` bits.
fn lane_of(name: &str, index: &str, width: u32, lanes: u32) -> String {
    match (lanes, width) {
        (1, _) => name.to_owned(),
        (_, 1) => format!("{name}[{index}]"),
        _ => format!("{name}[{} +: {width}]", times(index, width)),
    }
}

/// A bank of delay lines.
pub(super) fn print_skew(scope: &mut Scope, text: &mut Text, skew: &Skew, genvars: &Genvars, commented: bool) {
    let declared = scope.module.net(skew.input);
    let (width, lanes) = (declared.width, declared.lanes);
    let (input, output) = (net(scope, skew.input), scope.name(skew.output));
    let looped = loop_lanes(scope, skew);
    if !commented {
        text.gap();
    }
    for lane in (0..lanes).filter(|lane| !looped.contains(lane)) {
        if looped.is_empty() && lanes > 1 && skew.depth == SkewDepth::Uniform(0) {
            text.line(2, &format!("assign {output} = {input};"));
            break;
        }
        let lane = lane.to_string();
        let (to, from) = (lane_of(output, &lane, width, lanes), lane_of(&input, &lane, width, lanes));
        text.line(2, &format!("assign {to} = {from};"));
    }
    if looped.is_empty() {
        text.gap();
        return;
    }
    let lane = &genvars.printed["lane"];
    // Lane and depth as expressions that stay linear in the loop variable.
    let (depth, longer) = match skew.depth {
        SkewDepth::Uniform(depth) => (depth.to_string(), (depth + 1).to_string()),
        SkewDepth::Rising => (lane.clone(), format!("({lane} + 1)")),
        SkewDepth::Falling => (format!("({} - {lane})", lanes - 1), format!("({lanes} - {lane})")),
    };
    let (line, line_q) = (scope.fresh(&skew.name), scope.fresh(&format!("{}_q", skew.name)));
    let (depth_bits, longer_bits) = (times(&depth, width), times(&longer, width));
    text.line(2, "generate");
    let label = format!("gen_{}", skew.name);
    text.line(4, &for_loop(lane, looped.start, looped.end, &label));
    text.line(6, &format!("reg [{depth_bits}-1:0] {line_q};"));
    let from = lane_of(&input, lane, width, lanes);
    text.line(6, &format!("wire [{longer_bits}-1:0] {line} = {{{line_q}, {from}}};"));
    let mut branches: Vec<Branch> = Vec::new();
    if skew.reset {
        let zero = format!("{line_q} <= {{({depth_bits}){{1'b0}}}};");
        branches.push((Some(in_reset(scope.netlist.reset).to_owned()), vec![zero]));
    }
    let shift = format!("{line_q} <= {line}[{depth_bits}-1:0];");
    branches.push((skew.enable.map(|enable| net(scope, enable)), vec![shift]));
    print_always(text, 6, sensitivity(scope.netlist.reset, skew.reset), &branches);
    let to = lane_of(output, lane, width, lanes);
    let oldest = if width == 1 { depth } else { format!("{depth_bits} +: {width}") };
    text.line(6, &format!("assign {to} = {line}[{oldest}];"));
    text.line(4, "end");
    text.line(2, "endgenerate");
    text.gap();
}

fn for_loop(variable: &str, from: u32, to: u32, label: &str) -> String {
    format!("for ({variable} = {from}; {variable} < {to}; {variable} = {variable} + 1) begin : {label}")
}

/// The row-major index over the axes that `keep` keeps, and how many combinations they have.
fn row_major(grid: &Grid, genvars: &Genvars, keep: impl Fn(usize) -> bool) -> (String, u32) {
    let mut index = String::new();
    let mut count = 1;
    for (axis, (name, extent)) in grid.axes.iter().enumerate().filter(|&(axis, _)| keep(axis)) {
        let _ = axis;
        let variable = &genvars.printed[name];
        index = if index.is_empty() { variable.clone() } else { format!("({index}*{extent} + {variable})") };
        count *= extent;
    }
    if index.is_empty() {
        index.push('0');
    }
    (index, count)
}

/// A grid of instances: link vectors for chains, then the nested loops.
pub(super) fn print_grid(scope: &mut Scope, text: &mut Text, grid: &Grid, genvars: &Genvars, commented: bool) {
    let child = scope.netlist.module(grid.module);
    let implicit = implicit_ports(scope.states[grid.module.index()], scope.netlist.reset);
    // (port of the child, expression), in the child's port order at the end.
    let mut connections: BTreeMap<NetId, String> = BTreeMap::new();
    let mut open: Vec<(String, u32)> = Vec::new();
    let mut after: Vec<String> = Vec::new();
    let (own, count) = row_major(grid, genvars, |_| true);
    if !commented {
        text.gap();
    }
    for link in &grid.links {
        match *link {
            Link::All { port, net: shared } => {
                connections.insert(port, net(scope, shared));
            }
            Link::Along { port, axis, net: bundle } => {
                let variable = &genvars.printed[&grid.axes[axis].0];
                let width = child.net(port).width;
                connections.insert(port, lane_of(&net(scope, bundle), variable, width, grid.axes[axis].1));
            }
            Link::Own { port, net: bundle } => {
                let width = child.net(port).width;
                connections.insert(port, lane_of(&net(scope, bundle), &own, width, count));
            }
            Link::Open { port } => {
                let declared = child.net(port);
                let name = scope.fresh(&format!("unused_{}_{}", grid.name, declared.name));
                connections.insert(port, name.clone());
                open.push((name, declared.width * declared.lanes));
            }
            Link::Pass { into, out, axis, reverse, entry, exit } => {
                // Position along the chain is the outer index, so that entry and exit are each one piece.
                let width = child.net(into).width;
                let (others_index, others) = row_major(grid, genvars, |other| other != axis);
                let extent = grid.axes[axis].1;
                let stem = child.net(into).name.trim_end_matches("_i");
                let chain = scope.fresh(&format!("{}_{stem}", grid.name));
                let whole = others * width;
                text.line(2, &format!("wire {}{chain};", range((extent + 1) * whole)));
                let piece = |position: u32| piece(&chain, position * whole, whole);
                let (first, last) = if reverse { (extent, 0) } else { (0, extent) };
                text.line(2, &format!("assign {} = {};", piece(first), net(scope, entry)));
                match exit {
                    Some(exit) => after.push(format!("assign {} = {};", scope.name(exit), piece(last))),
                    None => {
                        let name = scope.fresh(&format!("unused_{chain}_exit"));
                        after.push(format!("wire {}{name} = {};", range(whole), piece(last)));
                    }
                }
                let variable = &genvars.printed[&grid.axes[axis].0];
                let at = |further: bool| {
                    let position = if further { format!("({variable} + 1)") } else { variable.clone() };
                    let index = match (others, others_index.as_str()) {
                        (1, _) => position,
                        (_, other) => format!("({position}*{others} + {other})"),
                    };
                    lane_of(&chain, &index, width, others * (extent + 1))
                };
                connections.insert(into, at(reverse));
                connections.insert(out, at(!reverse));
            }
        }
    }
    debug_assert!(child.ports.iter().all(|port| connections.contains_key(&port.net)));
    print_loops(scope, text, grid, genvars, &open, &implicit, &connections);
    for line in after {
        text.line(2, &line);
    }
    text.gap();
}

/// `width` bits from `low` up of a vector.
fn piece(name: &str, low: u32, width: u32) -> String {
    if width == 1 { format!("{name}[{low}]") } else { format!("{name}[{}:{low}]", low + width - 1) }
}

fn print_loops(
    scope: &Scope,
    text: &mut Text,
    grid: &Grid,
    genvars: &Genvars,
    open: &[(String, u32)],
    implicit: &[&str],
    connections: &BTreeMap<NetId, String>,
) {
    let child = scope.netlist.module(grid.module);
    text.line(2, "generate");
    let mut indent = 4;
    for (depth, (axis, extent)) in grid.axes.iter().enumerate() {
        let label = if depth == 0 && genvars.shared_axes.contains(axis) {
            format!("gen_{}_{axis}", grid.name)
        } else {
            format!("gen_{axis}")
        };
        text.line(indent, &for_loop(&genvars.printed[axis], 0, *extent, &label));
        indent += 2;
    }
    for (name, width) in open {
        text.line(indent, &format!("wire {}{name};", range(*width)));
    }
    text.line(indent, &format!("{} u_{} (", child.name, grid.name));
    let mut rows: Vec<(String, String)> = implicit.iter().map(|&port| (port.to_owned(), port.to_owned())).collect();
    for port in &child.ports {
        debug_assert!(is_input(child, port.net) || connections.contains_key(&port.net));
        if let Some(expression) = connections.get(&port.net) {
            rows.push((child.net(port.net).name.clone(), expression.clone()));
        }
    }
    print_connections(text, indent + 2, &rows);
    text.line(indent, ");");
    for _ in &grid.axes {
        indent -= 2;
        text.line(indent, "end");
    }
    text.line(2, "endgenerate");
}
