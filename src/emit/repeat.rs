//! Repetition: banks of delay lines and grids of instances, as labelled generate loops.

use crate::emit::expression::{net, range};
use crate::emit::module::{Branch, implicit_ports, in_reset, print_always, print_connections, sensitivity};
use crate::emit::scope::{Scope, is_input};
use crate::emit::text::Text;
use crate::netlist::{Grid, Item, Link, Module, NetId, Skew, SkewDepth};
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
                let loops_ends =
                    |link: &Link| matches!(*link, Link::Pass { axis, .. } if grid.count() > grid.axes[axis].1);
                if grid.links.iter().any(loops_ends) {
                    wanted.push("lane".to_owned());
                }
            }
            _ => {}
        }
    }
    let is_shared = |axis: &&str| outermost.iter().filter(|other| *other == axis).count() > 1;
    let shared_axes = outermost.iter().filter(|axis| is_shared(axis)).map(|&axis| axis.to_owned()).collect();
    let mut printed = BTreeMap::new();
    for axis in wanted {
        printed.entry(axis).or_insert_with_key(|axis| {
            let name = scope.fresh(axis);
            text.line(2, &format!("genvar {name};"));
            name
        });
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
        SkewDepth::RisingBy(group) => group..lanes,
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
        SkewDepth::RisingBy(group) => (format!("({lane} / {group})"), format!("({lane} / {group} + 1)")),
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

/// Bits of a port, all its lanes side by side.
fn port_bits(child: &Module, port: NetId) -> u32 {
    let declared = child.net(port);
    declared.width * declared.lanes
}

/// A grid of instances: link vectors for chains, then the nested loops.
pub(super) fn print_grid(scope: &mut Scope, text: &mut Text, grid: &Grid, genvars: &Genvars, commented: bool) {
    let child = scope.netlist.module(grid.module);
    let implicit = implicit_ports(scope.states[grid.module.index()], scope.netlist.reset);
    // (port of the child, expression), in the child's port order at the end.
    let mut connections: BTreeMap<NetId, String> = BTreeMap::new();
    let mut open: Vec<(String, u32)> = Vec::new();
    let mut chains: Vec<Chain> = Vec::new();
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
                let width = port_bits(child, port);
                connections.insert(port, lane_of(&net(scope, bundle), variable, width, grid.axes[axis].1));
            }
            Link::Own { port, net: bundle } => {
                let width = port_bits(child, port);
                connections.insert(port, lane_of(&net(scope, bundle), &own, width, count));
            }
            Link::Open { port } => {
                let declared = child.net(port);
                let name = scope.fresh(&format!("unused_{}_{}", grid.name, declared.name));
                connections.insert(port, name.clone());
                open.push((name, declared.width * declared.lanes));
            }
            Link::Pass { into, out, axis, reverse, entry, exit } => {
                let chain = Chain::new(scope, grid, genvars, (into, axis, entry, exit), reverse);
                let (words, range) = (chain.others * (chain.extent + 1), range(chain.width));
                text.line(2, &format!("wire {range}{} [1:{words}];", chain.name));
                connections.insert(into, chain.at(&chain.variable, reverse));
                connections.insert(out, chain.at(&chain.variable, !reverse));
                chains.push(chain);
            }
        }
    }
    debug_assert!(child.ports.iter().all(|port| connections.contains_key(&port.net)));
    print_ends(scope, text, grid, genvars, &chains);
    print_loops(scope, text, grid, genvars, &open, &implicit, &connections);
    text.gap();
}

/// The words on a chain of instances, an array of wires: a flat vector would make an event-driven simulator copy all of it
/// whenever one word changes. Numbered from 1, position along the chain outermost.
struct Chain {
    name: String,
    width: u32,
    /// The loop variable along the chain.
    variable: String,
    axis: usize,
    /// Instances along the chain.
    extent: u32,
    /// Chains side by side, and which one, in the loop variables of the other axes.
    others: u32,
    other: String,
    reverse: bool,
    entry: String,
    exit: Option<String>,
}

impl Chain {
    fn new(
        scope: &mut Scope,
        grid: &Grid,
        genvars: &Genvars,
        (into, axis, entry, exit): (NetId, usize, NetId, Option<NetId>),
        reverse: bool,
    ) -> Self {
        let child = scope.netlist.module(grid.module);
        let name = scope.fresh(&format!("{}_{}", grid.name, child.net(into).name.trim_end_matches("_i")));
        let (other, others) = row_major(grid, genvars, |other| other != axis);
        let (axis_name, extent) = &grid.axes[axis];
        Chain {
            name,
            width: port_bits(child, into),
            variable: genvars.printed[axis_name].clone(),
            axis,
            extent: *extent,
            others,
            other,
            reverse,
            entry: net(scope, entry),
            exit: exit.map(|exit| scope.name(exit).to_owned()),
        }
    }

    /// The word before the instance at `position` along the chain, or after it.
    fn at(&self, position: &str, after: bool) -> String {
        let name = &self.name;
        match (self.others, after) {
            (1, false) => format!("{name}[{position} + 1]"),
            (1, true) => format!("{name}[{position} + 2]"),
            (others, false) => format!("{name}[{position}*{others} + {} + 1]", self.other),
            (others, true) => format!("{name}[({position} + 1)*{others} + {} + 1]", self.other),
        }
    }

    /// The word of chain `lane` (an expression) at one end.
    fn end(&self, lane: &str, is_entry: bool) -> String {
        let first = 1 + if is_entry == self.reverse { self.extent * self.others } else { 0 };
        match self.others {
            1 => format!("{}[{first}]", self.name),
            _ => format!("{}[{lane} + {first}]", self.name),
        }
    }
}

/// What goes into the chains of a grid and what comes out of them: a loop for each axis.
fn print_ends(scope: &mut Scope, text: &mut Text, grid: &Grid, genvars: &Genvars, chains: &[Chain]) {
    let has_word = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    for (axis, (axis_name, _)) in grid.axes.iter().enumerate() {
        let along: Vec<&Chain> = chains.iter().filter(|chain| chain.axis == axis).collect();
        let Some(others) = along.first().map(|chain| chain.others) else { continue };
        let lane = genvars.printed.get("lane").map_or("0", String::as_str).to_owned();
        // Lanes can be selected from a name only.
        let mut entries = Vec::new();
        for chain in &along {
            let mut entry = chain.entry.clone();
            if others > 1 && !has_word(&entry) {
                let name = scope.fresh(&format!("{}_entry", chain.name));
                text.line(2, &format!("wire {}{name} = {entry};", range(others * chain.width)));
                entry = name;
            }
            entries.push(lane_of(&entry, &lane, chain.width, others));
        }
        let indent = if others == 1 { 2 } else { 6 };
        if others > 1 {
            text.line(2, "generate");
            text.line(4, &for_loop(&lane, 0, others, &format!("gen_{}_{axis_name}_ends", grid.name)));
        }
        for (chain, entry) in along.iter().zip(entries) {
            text.line(indent, &format!("assign {} = {entry};", chain.end(&lane, true)));
            let word = chain.end(&lane, false);
            match &chain.exit {
                Some(exit) => {
                    let exit = lane_of(exit, &lane, chain.width, others);
                    text.line(indent, &format!("assign {exit} = {word};"));
                }
                None => {
                    let name = scope.fresh(&format!("unused_{}", chain.name));
                    text.line(indent, &format!("wire {}{name} = {word};", range(chain.width)));
                }
            }
        }
        if others > 1 {
            text.line(4, "end");
            text.line(2, "endgenerate");
        }
    }
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
