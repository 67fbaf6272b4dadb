//! Nets with more readers than their driver can serve get trees of repeaters.
//!
//! Equal readers (the instances of a grid, the multiplexers of delay lines) are served by a balanced tree whose every level is one
//! repeater with copies, so that a net to 16,384 instances costs as much work as one to ten. Unequal readers are shared
//! out among repeaters one by one.

use std::collections::BTreeMap;

use super::graph::{EndKind, Graph, NO_NET, Reader, Role, Start};
use super::library::{ByEdge, Library};
use super::times::{Context, Event, Times};

/// Levels of a tree; eight reach more readers than a design of 256 by 256 PEs has.
const MAX_LEVELS: usize = 8;
/// Repeaters of a tree's first level.
const MAX_FIRST: u64 = 12;
/// A tree that is this much faster than another is worth its area; below that the smaller one is taken.
const WORTH: f64 = 0.98;

/// A balanced tree.
#[derive(Clone, Debug, PartialEq)]
struct Tree {
    cell: u32,
    /// Repeaters of each level, from the driver to the readers.
    counts: Vec<u64>,
}

/// Trees found so far, by the driver's kind, the readers' number and the capacitance of one of them.
type Known = BTreeMap<(u64, u64, u64), Option<Tree>>;

/// Gives every net with too many readers its repeaters. Returns whether there were any.
pub fn spread(graph: &mut Graph, context: &Context) -> bool {
    if context.library.repeaters.is_empty() {
        return false;
    }
    let before = graph.cells.len();
    spread_equal(graph, context);
    for _level in 0..MAX_LEVELS {
        if !spread_unequal(graph, context) {
            break;
        }
    }
    graph.cells.len() > before
}

/// A reader that stands for many.
struct Many {
    net: u32,
    pin: usize,
    count: u64,
    each_ff: ByEdge,
}

/// Load of a repeater into modules, in capacitances of its own input.
const LOAD_A_REPEATER: f64 = 16.0;

/// Gives every net that feeds modules of a grid the repeaters that the flow gives it: balanced, each with at most 16 times the
/// capacitance of its own input. Inputs of the top are left alone, as nobody knows what drives them.
pub fn repeat_into_grids(graph: &mut Graph, context: &Context, is_top: bool) {
    let Some(cell) = context.library.driver else { return };
    let own_ff = context.library.pin_ff(cell, 0);
    let most = LOAD_A_REPEATER * (own_ff[0] + own_ff[1]) / 2.0;
    let mut into: Vec<u32> =
        graph.ends.iter().filter(|end| matches!(end.kind, EndKind::Grid { .. })).map(|end| end.net).collect();
    into.sort_unstable();
    into.dedup();
    let before = graph.cells.len();
    for net in into.into_iter().filter(|&net| net != NO_NET) {
        if is_top && matches!(graph.starts.get(net as usize), Some(Start::Port { .. })) {
            continue;
        }
        let readers = graph.readers_of(net).to_vec();
        let mut total = 0.0;
        for &reader in &readers {
            let load = reader_ff(graph, context, reader);
            total += (load[0] + load[1]) / 2.0;
        }
        let mut number = graph.fan_out(net);
        let mut counts = Vec::new();
        while total > most {
            let groups = ((total / most).ceil() as u64).min(number / 2);
            if groups < 1 {
                break;
            }
            counts.push(groups);
            (number, total) = (groups, groups as f64 * most / LOAD_A_REPEATER);
        }
        let Some(&last) = counts.first() else { continue };
        let (mut from, mut above) = (net, 1);
        for &copies in counts.iter().rev() {
            from = graph.push(cell, copies, Role::Repeater, [(from, copies as f64 / above as f64)]);
            above = copies;
        }
        for reader in readers {
            rewire(graph, reader, from);
            match reader {
                Reader::Pin(pin) => graph.pins[pin as usize].weight /= last as f64,
                Reader::End(end) => graph.ends[end as usize].weight /= last as f64,
            }
        }
    }
    if graph.cells.len() > before {
        graph.index();
    }
}

fn spread_equal(graph: &mut Graph, context: &Context) {
    let library = context.library;
    let pins = graph.pins.iter().enumerate().filter(|(_, pin)| pin.net != NO_NET && pin.weight > 1.0);
    let many: Vec<Many> = pins
        .map(|(index, pin)| Many {
            net: pin.net,
            pin: index,
            count: pin.weight as u64,
            each_ff: library.pin_ff(graph.cells[pin.gate as usize], pin.input),
        })
        .collect();
    if many.is_empty() {
        return;
    }
    // Without the readers themselves drivers have the loads that are left to them.
    let mut bare = graph.clone();
    for entry in &many {
        bare.pins[entry.pin].net = NO_NET;
    }
    bare.index();
    let times = Times::new(&bare, context);
    let mut known = Known::new();
    for Many { net, pin, count, each_ff } in many {
        let load = times.load_ff[net as usize];
        let driving = |more: ByEdge| {
            let event = times.with_load(&bare, context, net, [load[0] + more[0], load[1] + more[1]]);
            relative(event)
        };
        let key = (kind_of_driver(&bare, &times, net), count, each_ff[0].to_bits());
        let plan = known.entry(key).or_insert_with(|| plan(library, driving, count, each_ff));
        let Some(tree) = plan else { continue };
        let mut from = net;
        let mut above = 1;
        for &copies in &tree.counts {
            let weight = copies as f64 / above as f64;
            from = graph.push(tree.cell, copies, Role::Repeater, [(from, weight)]);
            above = copies;
        }
        let weight = count as f64 / above as f64;
        let pin = &mut graph.pins[pin];
        (pin.net, pin.weight) = (from, weight);
    }
    graph.index();
}

/// Nets that drive alike: same cell, same other load.
fn kind_of_driver(graph: &Graph, times: &Times, net: u32) -> u64 {
    let kind = match graph.driver(net) {
        Some(gate) => 4 * u64::from(graph.cells[gate as usize]),
        None => match graph.starts[net as usize] {
            Start::Register(index) => 4 * u64::from(graph.registers[index as usize].cell) + 1,
            Start::Grid { grid, port } => 4 * (u64::from(grid) << 16 | u64::from(port)) + 2,
            Start::Port { .. } | Start::Reset => 3,
        },
    };
    kind.rotate_left(32) ^ times.load_ff[net as usize][0].to_bits()
}

/// Only slews and the difference between edges matter to the choice of a tree; a port that nothing comes from counts as ideal.
fn relative(event: Event) -> Event {
    Event { arrival_ns: event.arrival_ns.map(|time| if time.is_finite() { time } else { 0.0 }), ..event }
}

/// The tree by which `count` readers of `each_ff` are reached first, if any is faster than none.
fn plan(library: &Library, driving: impl Fn(ByEdge) -> Event, count: u64, each_ff: ByEdge) -> Option<Tree> {
    let last = |event: &Event| event.arrival_ns[0].max(event.arrival_ns[1]);
    let all = each_ff.map(|load| load * count as f64);
    let wired = |load: ByEdge, readers: f64| load.map(|load| load + library.wire_ff(readers.round() as u64));
    let mut best_ns = last(&driving(wired(all, count as f64)));
    let mut best: Option<(Tree, f64)> = None;
    for &cell in &library.repeaters {
        let input = library.pin_ff(cell, 0);
        let mean = (input[0] + input[1]) / 2.0;
        for levels in 1..=MAX_LEVELS {
            for first in 1..=MAX_FIRST.min(count) {
                let total = count as f64 * (each_ff[0] + each_ff[1]) / 2.0;
                let ratio = (total / (first as f64 * mean)).powf(1.0 / levels as f64);
                if ratio < 1.5 {
                    break;
                }
                let counts: Vec<u64> =
                    (0..levels).map(|level| (first as f64 * ratio.powi(level as i32)).round() as u64).collect();
                let mut event = driving(wired(input.map(|load| load * first as f64), first as f64));
                for (level, &copies) in counts.iter().enumerate() {
                    let load = match counts.get(level + 1) {
                        Some(&next) => {
                            wired(input.map(|load| load * next as f64 / copies as f64), next as f64 / copies as f64)
                        }
                        None => wired(all.map(|load| load / copies as f64), count as f64 / copies as f64),
                    };
                    if load[0] > library.cells[cell as usize].max_load_ff {
                        event = Event { arrival_ns: [f64::INFINITY; 2], ..event };
                    }
                    event = repeated(library, cell, &event, load);
                }
                let area = counts.iter().sum::<u64>() as f64 * library.cells[cell as usize].area_um2;
                let time = last(&event);
                let better = match &best {
                    Some((_, smallest)) => time < WORTH * best_ns || time < best_ns / WORTH && area < *smallest,
                    None => time < WORTH * best_ns,
                };
                if better {
                    best_ns = time;
                    best = Some((Tree { cell, counts }, area));
                }
            }
        }
    }
    best.map(|(tree, _)| tree)
}

/// What comes out of a repeater.
pub fn repeated(library: &Library, cell: u32, before: &Event, load_ff: ByEdge) -> Event {
    let mut event = Event::NEVER;
    library.pass(cell, 0, before.slew_ns, load_ff, |passed| event.take(before, &passed));
    event
}

/// Shares the readers of overloaded nets out among repeaters, one level. Returns whether there were any.
fn spread_unequal(graph: &mut Graph, context: &Context) -> bool {
    let library = context.library;
    let times = Times::new(graph, context);
    let repeater = library.middle_repeater();
    let allowed_ff = library.repeater_load_ff();
    let mut found = false;
    for net in graph.starts.len() as u32..graph.nets() as u32 {
        let load = times.load_ff[net as usize];
        let readers = graph.readers_of(net).to_vec();
        let limit = graph.driver(net).map_or(f64::INFINITY, |gate| library.strongest_ff(graph.cells[gate as usize]));
        if load[0].max(load[1]) <= limit || readers.len() < 2 {
            continue;
        }
        found = true;
        let groups = (load[0].max(load[1]) / allowed_ff).ceil().max(2.0).min((readers.len() as f64 / 2.0).ceil());
        let share = load[0] / groups;
        let (mut group, mut sum) = (None, 0.0);
        for reader in readers {
            let own = reader_ff(graph, context, reader)[0];
            let to = match group {
                Some(to) if sum + own / 2.0 <= share => to,
                _ => {
                    sum = 0.0;
                    graph.push(repeater, 1, Role::Repeater, [(net, 1.0)])
                }
            };
            group = Some(to);
            sum += own;
            rewire(graph, reader, to);
        }
    }
    if found {
        graph.index();
    }
    found
}

/// Lets a reader read another net.
pub fn rewire(graph: &mut Graph, reader: Reader, net: u32) {
    match reader {
        Reader::Pin(pin) => graph.pins[pin as usize].net = net,
        Reader::End(end) => graph.ends[end as usize].net = net,
    }
}

/// What a reader loads its net with, fF.
pub fn reader_ff(graph: &Graph, context: &Context, reader: Reader) -> ByEdge {
    match reader {
        Reader::Pin(pin) => {
            let pin = &graph.pins[pin as usize];
            context.library.pin_ff(graph.cells[pin.gate as usize], pin.input).map(|load| load * pin.weight)
        }
        Reader::End(end) => context.end_ff(graph, &graph.ends[end as usize]),
    }
}
