//! What a cover chooses from: gates for a cut, the best cuts, a first guess of readers.

use super::aig::{Lit, ZERO};
use super::choices::Classes;
use super::cut::{Cut, WIDEST};
use super::target::{Match, Target};

/// A gate with what it reads, or an inverter of the class's other sign.
#[derive(Clone, Copy, Debug)]
pub struct Pick {
    gate: u16,
    len: u8,
    inputs: [Lit; WIDEST],
}

/// The gate number of an inverter of the other sign, and of nothing at all.
pub const OTHER_SIGN: u16 = u16::MAX;
pub const NOTHING: u16 = u16::MAX - 1;

impl Pick {
    /// A pick that is no gate.
    pub const fn special(gate: u16) -> Pick {
        Pick { gate, len: 0, inputs: [ZERO; WIDEST] }
    }

    /// Whether it inverts the other sign.
    pub fn is_inverter(&self) -> bool {
        self.gate == OTHER_SIGN
    }

    /// The gate, an index of the target's.
    pub fn gate(&self) -> usize {
        self.gate.into()
    }

    /// What the gate reads.
    pub fn inputs(&self) -> &[Lit] {
        &self.inputs[..self.len as usize]
    }
}

/// A cut with what it is ranked by.
pub struct Ranked<'a> {
    pub key: (f32, f32),
    pub cut: Cut,
    /// How gates compute it, and its complement.
    pub found: [&'a [Match]; 2],
}

/// Puts a cut where it belongs in a list of the best.
pub fn keep<'a>(kept: &mut Vec<Ranked<'a>>, most: usize, key: (f32, f32), cut: Cut, found: [&'a [Match]; 2]) {
    let place = kept.partition_point(|ranked| ranked.key <= key);
    if place < most {
        kept.truncate(most - 1);
        kept.insert(place, Ranked { key, cut, found });
    }
}

/// A gate that computes a cut.
pub fn pick(target: &Target, cut: &Cut, found: &Match) -> Pick {
    let len = target.gates()[found.gate as usize].inputs;
    let mut inputs = [ZERO; WIDEST];
    for (input, &at) in inputs.iter_mut().zip(&found.order).take(len) {
        *input = cut.leaves()[at as usize] << 1 | u32::from(found.signs >> at & 1);
    }
    Pick { gate: found.gate, len: len as u8, inputs }
}

/// A first guess: between how often the ways made last read each class, and how often all ways do.
pub fn expected_readers(classes: &Classes) -> Vec<f32> {
    let mut readers = vec![0.0f32; 2 * classes.ways.len()];
    let mut all = readers.clone();
    let add = |counts: &mut Vec<f32>, lit: Lit| {
        counts[lit as usize & !1] += 1.0;
        counts[lit as usize | 1] += 1.0;
    };
    classes.roots.iter().for_each(|&root| add(&mut readers, root));
    for ways in &classes.ways {
        for (index, way) in ways.iter().enumerate() {
            for operand in way.operands {
                if index + 1 == ways.len() {
                    add(&mut readers, operand);
                }
                add(&mut all, operand);
            }
        }
    }
    readers.into_iter().zip(all).map(|(last, all)| (last + all) / 2.0).collect()
}
