//! The order of evaluation: nodes after what they read, and where nodes of several instances wait for each other, runs of
//! instances.

use super::program::{Kind, Load, Program};

/// A node, or some of its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Index of the node.
    pub node: u32,
    /// First word.
    pub first: u32,
    /// Words.
    pub count: u32,
}

/// Orders the nodes; `Err` holds a node that waits for itself (never in a netlist that was checked).
pub fn schedule(program: &Program) -> Result<Vec<Step>, u32> {
    let producers = producers(program);
    let reads: Vec<Vec<u32>> = (0..program.nodes.len()).map(|node| reads(program, &producers, node)).collect();
    let mut steps = Vec::with_capacity(program.nodes.len());
    for group in components(&reads) {
        match group[..] {
            [node] if !reads[node as usize].contains(&node) => {
                steps.push(Step { node, first: 0, count: program.nodes[node as usize].count });
            }
            _ => runs(program, &producers, &group, &mut steps)?,
        }
    }
    Ok(steps)
}

/// Which node fills each buffer.
fn producers(program: &Program) -> Vec<Option<u32>> {
    let mut producers = vec![None; program.buffers.len()];
    for (index, node) in program.nodes.iter().enumerate() {
        node.outputs.iter().for_each(|&buffer| producers[buffer as usize] = Some(index as u32));
    }
    producers
}

fn reads(program: &Program, producers: &[Option<u32>], node: usize) -> Vec<u32> {
    let node = &program.nodes[node];
    let direct = node.operands.iter().map(|operand| operand.place.buffer);
    let mut reads: Vec<_> =
        direct.chain(node.table.iter().map(|word| word.0)).filter_map(|buffer| producers[buffer as usize]).collect();
    reads.sort_unstable();
    reads.dedup();
    reads
}

/// Strongly connected components, those that are read before those that read them (Tarjan).
fn components(reads: &[Vec<u32>]) -> Vec<Vec<u32>> {
    const NEW: u32 = u32::MAX;
    let mut order = vec![NEW; reads.len()];
    let mut low = vec![0; reads.len()];
    let mut open = vec![false; reads.len()];
    let (mut stack, mut next, mut groups) = (Vec::new(), 0, Vec::new());
    for start in 0..reads.len() {
        if order[start] != NEW {
            continue;
        }
        let mut calls = vec![(start, 0)];
        while let Some((node, at)) = calls.last_mut() {
            let node = *node;
            if *at == 0 {
                (order[node], low[node], open[node]) = (next, next, true);
                next += 1;
                stack.push(node as u32);
            }
            if let Some(&below) = reads[node].get(*at) {
                *at += 1;
                let below = below as usize;
                if order[below] == NEW {
                    calls.push((below, 0));
                } else if open[below] {
                    low[node] = low[node].min(order[below]);
                }
                // A node is entered with `at` 0 only once, since `at` is 1 or more on every return to it.
                continue;
            }
            calls.pop();
            if let Some(&(above, _)) = calls.last() {
                low[above] = low[above].min(low[node]);
            }
            if low[node] == order[node] {
                let mut group = Vec::new();
                while let Some(member) = stack.pop() {
                    open[member as usize] = false;
                    group.push(member);
                    if member as usize == node {
                        break;
                    }
                }
                groups.push(group);
            }
        }
    }
    groups
}

/// Orders the words of nodes that wait for each other, by level, and puts neighbours of one level together.
fn runs(program: &Program, producers: &[Option<u32>], group: &[u32], steps: &mut Vec<Step>) -> Result<(), u32> {
    let mut bases = vec![None; program.nodes.len()];
    let mut total = 0;
    for &node in group {
        bases[node as usize] = Some(total);
        total += program.nodes[node as usize].count;
    }
    let word = |buffer: u32, index: u32| Some(bases[producers[buffer as usize]? as usize]? + index);
    let mut readers = vec![Vec::new(); total as usize];
    let mut waiting = vec![0u32; total as usize];
    for &index in group {
        let node = &program.nodes[index as usize];
        for i in 0..node.count {
            let own = bases[index as usize].unwrap_or(0) + i;
            let direct = node.operands.iter().map(|operand| operand.place).map(|p| (p.buffer, p.offset + i * p.stride));
            for source in direct.chain(node.table.get(i as usize).copied()).filter_map(|(b, w)| word(b, w)) {
                readers[source as usize].push(own);
                waiting[own as usize] += 1;
            }
        }
    }
    let node_of = |word: u32| {
        group.iter().copied().find(|&node| {
            let base = bases[node as usize].unwrap_or(0);
            (base..base + program.nodes[node as usize].count).contains(&word)
        })
    };
    let mut ready: Vec<u32> = (0..total).filter(|&word| waiting[word as usize] == 0).collect();
    let mut done = 0;
    while !ready.is_empty() {
        ready.sort_unstable();
        done += ready.len();
        let mut after = Vec::new();
        for &word in &ready {
            let node = node_of(word).unwrap_or(0);
            let first = word - bases[node as usize].unwrap_or(0);
            match steps.last_mut() {
                Some(run) if run.node == node && run.first + run.count == first && word != ready[0] => run.count += 1,
                _ => steps.push(Step { node, first, count: 1 }),
            }
            for &reader in &readers[word as usize] {
                waiting[reader as usize] -= 1;
                if waiting[reader as usize] == 0 {
                    after.push(reader);
                }
            }
        }
        ready = after;
    }
    if done == total as usize { Ok(()) } else { Err(group[0]) }
}

/// The order of register loads in which none reads a register that was loaded before it; and those that have to be read
/// before all others because they wait for each other.
pub fn load_order(program: &Program) -> (Vec<usize>, Vec<usize>) {
    let mut loader = vec![None; program.buffers.len()];
    for (index, load) in program.loads.iter().enumerate() {
        loader[load.q as usize] = Some(index);
    }
    // From a load to those it must precede: those that overwrite what it reads.
    let precedes: Vec<Vec<u32>> = program
        .loads
        .iter()
        .map(|load| {
            let sources = sources(load).filter(|&(buffer, offset)| buffer != load.q || offset != 0);
            let state = |buffer: u32| matches!(program.buffers[buffer as usize].kind, Kind::State(_));
            sources.filter(|s| state(s.0)).filter_map(|s| loader[s.0 as usize]).map(|index| index as u32).collect()
        })
        .collect();
    let (mut order, mut first) = (Vec::new(), Vec::new());
    for group in components(&precedes) {
        for &load in &group {
            if group.len() > 1 || precedes[load as usize].contains(&load) {
                first.push(load as usize);
            }
            order.push(load as usize);
        }
    }
    // Components come with those that are preceded first.
    order.reverse();
    (order, first)
}

fn sources(load: &Load) -> impl Iterator<Item = (u32, u32)> {
    let operands = [Some(load.d), load.enable, load.clear];
    operands.into_iter().flatten().map(|operand| (operand.place.buffer, operand.place.offset))
}
