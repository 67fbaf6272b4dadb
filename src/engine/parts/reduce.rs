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

/// The lowest bit of `mask` that is 1, alone.
pub fn lowest(m: &mut ModuleBuilder, name: &str, mask: NetId) -> NetId {
    let zero = m.constant(m.width(mask), 0);
    let negated = m.sub(&format!("{name}_negated"), zero, mask);
    m.and(name, &[mask, negated])
}
