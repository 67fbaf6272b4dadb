//! What of a module's logic anybody needs.

use super::body::{Body, Sink, Source};
use super::logic::Node;

/// Which nodes and sinks matter: those on which an output port, a grid, or a flip-flop that matters itself depends.
#[derive(Debug)]
pub struct Liveness {
    /// By node of the logic.
    pub nodes: Vec<bool>,
    /// By index of [`Body::sinks`].
    pub sinks: Vec<bool>,
}

impl Liveness {
    /// What of a module matters.
    pub fn of(body: &Body) -> Liveness {
        let mut live = Liveness { nodes: vec![false; body.logic.nodes().len()], sinks: vec![false; body.sinks.len()] };
        let mut flip_flops = vec![None; body.flip_flops.len()];
        let mut delay_lines = vec![None; body.delay_lines.len()];
        for (index, (_, sink)) in body.sinks.iter().enumerate() {
            match *sink {
                Sink::FlipFlop(flip_flop) => flip_flops[flip_flop] = Some(index),
                Sink::DelayLine(line) => delay_lines[line] = Some(index),
                Sink::Port { .. } | Sink::DelayLineEnable { .. } | Sink::Grid { .. } => live.sinks[index] = true,
            }
        }
        let mut pending: Vec<usize> =
            body.sinks.iter().zip(&live.sinks).filter(|(_, live)| **live).map(|((bit, _), _)| bit.node()).collect();
        while let Some(node) = pending.pop() {
            if std::mem::replace(&mut live.nodes[node], true) {
                continue;
            }
            match body.logic.nodes()[node] {
                Node::Zero => {}
                Node::Leaf(leaf) => {
                    let sink = match body.sources[leaf as usize] {
                        Source::FlipFlop(index) => flip_flops[index],
                        Source::DelayLine(index) => delay_lines[index],
                        _ => None,
                    };
                    if let Some(sink) = sink {
                        live.sinks[sink] = true;
                        pending.push(body.sinks[sink].0.node());
                    }
                }
                Node::And(a, b) | Node::Xor(a, b) => pending.extend([a.node(), b.node()]),
                Node::Mux(s, one, zero) => pending.extend([s.node(), one.node(), zero.node()]),
            }
        }
        live
    }
}
