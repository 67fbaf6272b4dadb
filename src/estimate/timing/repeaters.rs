//! Nets with many readers get trees of repeaters, as the flow gives them.
//!
//! Inside of a module no net has more than ten readers (ABC's `buffer`); nets that lead into the modules of a grid get balanced
//! trees afterwards. Equal readers (the instances of a grid, the multiplexers of delay lines) are served by a tree whose every level is
//! one repeater with copies, so that a net to 16,384 instances costs as much work as one to ten.

use super::graph::{EndKind, Graph, NO_NET, Reader, Role, Start};
use super::library::ByEdge;
use super::times::Context;

/// Readers of a net at most: `buffer -N 10`, its default.
const MOST_READERS: usize = 10;
/// Load of a repeater into modules, in capacitances of its own input.
const LOAD_A_REPEATER: f64 = 16.0;

/// Puts repeaters, the smallest there are, behind every net of a module that has more than ten readers. Those that have the
/// longest way to go keep the net itself.
pub fn spread(graph: &mut Graph, context: &Context) {
    let Some(&cell) = context.library.repeaters.first() else { return };
    spread_equal(graph, cell);
    let after = levels_after(graph);
    for net in 0..graph.nets() as u32 {
        let mut readers: Vec<(u32, Reader)> =
            graph.readers_of(net).iter().map(|&reader| (way_on(graph, &after, reader), reader)).collect();
        while readers.len() > MOST_READERS {
            readers.sort_by_key(|&(levels, _)| levels);
            let behind: Vec<(u32, Reader)> = readers.drain(..MOST_READERS).collect();
            let repeater = graph.push(cell, 1, Role::Repeater, [(net, 1.0)]);
            let pin = Reader::Pin(graph.pins.len() as u32 - 1);
            behind.iter().for_each(|&(_, reader)| rewire(graph, reader, repeater));
            readers.push((1 + behind[MOST_READERS - 1].0, pin));
        }
    }
    graph.index();
}

/// Gates on the longest way from each net to an end.
fn levels_after(graph: &Graph) -> Vec<u32> {
    let mut after = vec![0; graph.nets()];
    for &gate in graph.order.iter().rev() {
        let own = after[graph.net_of(gate) as usize] + 1;
        for pin in graph.pins_of(gate).iter().filter(|pin| pin.net != NO_NET) {
            let known: &mut u32 = &mut after[pin.net as usize];
            *known = own.max(*known);
        }
    }
    after
}

fn way_on(graph: &Graph, after: &[u32], reader: Reader) -> u32 {
    match reader {
        Reader::Pin(pin) => 1 + after[graph.net_of(graph.pins[pin as usize].gate) as usize],
        Reader::End(_) => 0,
    }
}

/// Trees for pins that stand for many.
fn spread_equal(graph: &mut Graph, cell: u32) {
    for index in 0..graph.pins.len() {
        let pin = graph.pins[index];
        let mut counts = Vec::new();
        let mut number = pin.weight as u64;
        while pin.net != NO_NET && number > MOST_READERS as u64 {
            number = number.div_ceil(MOST_READERS as u64);
            counts.push(number);
        }
        let (from, above) = tree(graph, cell, pin.net, &counts);
        let pin = &mut graph.pins[index];
        (pin.net, pin.weight) = (from, pin.weight / above as f64);
    }
    graph.index();
}

/// Pushes a balanced tree behind a net; `counts` are the repeaters of its levels, from the readers to the driver. Returns the
/// net of the last level and how many of it there are.
fn tree(graph: &mut Graph, cell: u32, net: u32, counts: &[u64]) -> (u32, u64) {
    let (mut from, mut above) = (net, 1);
    for &copies in counts.iter().rev() {
        from = graph.push(cell, copies, Role::Repeater, [(from, copies as f64 / above as f64)]);
        above = copies;
    }
    (from, above)
}

/// Gives every net that feeds modules of a grid the repeaters that the flow gives it: balanced, each with at most 16 times the
/// capacitance of its own input. Inputs of the top are left alone, as nobody knows what drives them.
pub fn repeat_into_grids(graph: &mut Graph, context: &Context, is_top: bool) {
    let Some(cell) = context.library.driver else { return };
    let mean = |load: ByEdge| (load[0] + load[1]) / 2.0;
    let own_ff = mean(context.library.pin_ff(cell, 0));
    let most = LOAD_A_REPEATER * own_ff;
    let ends = graph.ends.iter().filter(|end| matches!(end.kind, EndKind::Grid { .. }) && end.net != NO_NET);
    let mut into: Vec<u32> = ends.map(|end| end.net).collect();
    into.sort_unstable();
    into.dedup();
    for net in into {
        if is_top && matches!(graph.starts.get(net as usize), Some(Start::Port { .. })) {
            continue;
        }
        let readers = graph.readers_of(net).to_vec();
        let mut total_ff: f64 = readers.iter().map(|&reader| mean(reader_ff(graph, context, reader))).sum();
        let mut number = graph.fan_out(net);
        let mut counts = Vec::new();
        while total_ff > most && number > 1 {
            number = ((total_ff / most).ceil() as u64).min(number / 2);
            total_ff = number as f64 * own_ff;
            counts.push(number);
        }
        let (from, above) = tree(graph, cell, net, &counts);
        for reader in readers.into_iter().filter(|_| !counts.is_empty()) {
            rewire(graph, reader, from);
            match reader {
                Reader::Pin(pin) => graph.pins[pin as usize].weight /= above as f64,
                Reader::End(end) => graph.ends[end as usize].weight /= above as f64,
            }
        }
    }
    graph.index();
}

/// Lets a reader read another net.
fn rewire(graph: &mut Graph, reader: Reader, net: u32) {
    match reader {
        Reader::Pin(pin) => graph.pins[pin as usize].net = net,
        Reader::End(end) => graph.ends[end as usize].net = net,
    }
}

/// What a reader loads its net with, fF.
fn reader_ff(graph: &Graph, context: &Context, reader: Reader) -> ByEdge {
    match reader {
        Reader::Pin(pin) => {
            let pin = &graph.pins[pin as usize];
            context.library.pin_ff(graph.cells[pin.gate as usize], pin.input).map(|load| load * pin.weight)
        }
        Reader::End(end) => context.end_ff(graph, &graph.ends[end as usize]),
    }
}
