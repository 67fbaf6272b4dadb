//! Many bits become one.

use crate::netlist::{MAX_WIDTH, ModuleBuilder, NetId};

/// 1 if all bits are 1.
pub fn all(m: &mut ModuleBuilder, name: &str, bits: &[NetId]) -> NetId {
    if let [one] = bits {
        return *one;
    }
    let parts: Vec<NetId> = bits
        .chunks(MAX_WIDTH as usize)
        .enumerate()
        .map(|(index, chunk)| {
            let word = word(m, chunk);
            let width = m.width(word);
            let ones = m.constant(width, u64::MAX >> (MAX_WIDTH - width));
            let name = if bits.len() > chunk.len() { format!("{name}_{index}") } else { name.to_owned() };
            m.equal(&name, word, ones)
        })
        .collect();
    if let [one] = parts[..] { one } else { m.and(name, &parts) }
}

/// 1 if a bit of `word` is 1.
pub fn any(m: &mut ModuleBuilder, name: &str, word: NetId) -> NetId {
    let width = m.width(word);
    if width == 1 {
        return word;
    }
    let zero = m.constant(width, 0);
    let none = m.equal(&format!("{name}_none"), word, zero);
    m.not(name, none)
}

/// Bits as a word, the first one lowest.
pub fn word(m: &mut ModuleBuilder, bits: &[NetId]) -> NetId {
    let bits: Vec<NetId> = bits.iter().rev().copied().collect();
    m.concat(&bits)
}

/// The lowest bit of `mask` that is 1, alone: `{name}_pick`.
pub fn lowest(m: &mut ModuleBuilder, name: &str, mask: NetId) -> NetId {
    if m.width(mask) == 1 {
        return mask;
    }
    let higher = higher(m, name, mask);
    let not_higher = m.not(&format!("{name}_not_higher"), higher);
    m.and(&format!("{name}_pick"), &[mask, not_higher])
}

/// The lowest bit of `mask` that is 1, alone, and the others: `{name}_pick` and `{name}_rest`.
pub fn lowest_and_rest(m: &mut ModuleBuilder, name: &str, mask: NetId) -> (NetId, NetId) {
    if m.width(mask) == 1 {
        return (mask, m.constant(1, 0));
    }
    let higher = higher(m, name, mask);
    let not_higher = m.not(&format!("{name}_not_higher"), higher);
    let pick = m.and(&format!("{name}_pick"), &[mask, not_higher]);
    (pick, m.and(&format!("{name}_rest"), &[mask, higher]))
}

/// 1 in every place above the lowest 1 of `mask`. Found in steps that double their reach, so that the delay grows with the
/// logarithm of the width, and not with the width as that of a carry.
fn higher(m: &mut ModuleBuilder, name: &str, mask: NetId) -> NetId {
    let places = m.width(mask) - 1;
    let mut reached = m.slice(mask, 0, places);
    let mut reach = 1;
    while reach < places {
        let zeros = m.constant(reach, 0);
        let low = m.slice(reached, 0, places - reach);
        let further = m.concat(&[low, zeros]);
        reach *= 2;
        reached = m.or(&format!("{name}_reach{reach}"), &[reached, further]);
    }
    let zero = m.constant(1, 0);
    m.concat(&[reached, zero])
}
