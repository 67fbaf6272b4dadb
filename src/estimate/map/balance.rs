//! Balancing: a conjunction of many operands is made from the earliest ones first.

use super::aig::{Aig, Lit, NONE, inverted, lit, node};
use super::rewrite::Pass;

/// Balances every tree of conjunctions.
pub fn balance(aig: &Aig, roots: &[Lit]) -> Pass {
    let mut readers = vec![0u32; aig.len()];
    // A node read complemented, or by several, is the top of a tree.
    let mut top = vec![false; aig.len()];
    for &root in roots {
        readers[node(root)] += 1;
        top[node(root)] = true;
    }
    for index in (0..aig.len()).rev() {
        if readers[index] == 0 {
            continue;
        }
        for operand in aig.operands(index).into_iter().flatten() {
            readers[node(operand)] += 1;
            top[node(operand)] |= inverted(operand) || readers[node(operand)] > 1;
        }
    }
    let mut new = Aig::new(aig.leaves());
    let mut now = vec![NONE; aig.len()];
    let mut levels = vec![0u32; aig.leaves() + 1];
    (0..=aig.leaves()).for_each(|leaf| now[leaf] = lit(leaf, false));
    for index in 0..aig.len() {
        let Some(operands) = aig.operands(index) else { continue };
        if readers[index] == 0 || !top[index] {
            continue;
        }
        let mut pending = operands.to_vec();
        let mut members = Vec::new();
        while let Some(operand) = pending.pop() {
            match aig.operands(node(operand)) {
                Some(inner) if !top[node(operand)] => pending.extend(inner),
                _ => members.push(now[node(operand)] ^ (operand & 1)),
            }
        }
        members.sort_unstable();
        members.dedup();
        members.sort_by_key(|&member| std::cmp::Reverse(levels[node(member)]));
        while members.len() > 1 {
            let (Some(a), Some(mut b)) = (members.pop(), members.pop()) else { break };
            // Of operands of one level, one whose conjunction with the first exists already.
            let level = levels[node(b)];
            let same = members.iter().rposition(|&other| levels[node(other)] != level).map_or(0, |before| before + 1);
            if new.find(a, b).is_none()
                && let Some(at) = (same..members.len()).find(|&at| new.find(a, members[at]).is_some())
            {
                std::mem::swap(&mut members[at], &mut b);
            }
            let both = new.and(a, b, aig.tag(index));
            while levels.len() < new.len() {
                let of = new.operands(levels.len()).map_or(0, |[a, b]| 1 + levels[node(a)].max(levels[node(b)]));
                levels.push(of);
            }
            let place = members.partition_point(|&member| levels[node(member)] > levels[node(both)]);
            members.insert(place, both);
        }
        now[index] = members[0];
    }
    let roots = roots.iter().map(|&root| now[node(root)] ^ (root & 1)).collect();
    Pass { aig: new, roots, now }
}
