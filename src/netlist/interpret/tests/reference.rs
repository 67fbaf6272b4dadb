//! A slow evaluation that is obviously right: it asks for one word at a time, follows every port and link with
//! [`Flat::hop`], and recomputes everything on every cycle.

use std::collections::BTreeMap;

use crate::netlist::flatten::{Driver, Flat, ScopeId, Word};
use crate::netlist::{Item, NetId, Netlist, Op};

pub struct Reference {
    flat: Flat,
    /// Registers; a delay line has one entry per stage, the last one is its output.
    state: BTreeMap<(Word, u32), u64>,
    pub inputs: BTreeMap<(String, u32), u64>,
    known: BTreeMap<Word, u64>,
}

fn mask(width: u32) -> u128 {
    (1 << width) - 1
}

fn signed(value: u64, width: u32) -> i128 {
    let value = i128::from(value);
    if value >> (width - 1) & 1 == 1 { value - (1 << width) } else { value }
}

impl Reference {
    pub fn new(netlist: &Netlist) -> Self {
        let flat = Flat::new(netlist);
        Self { flat, state: BTreeMap::new(), inputs: BTreeMap::new(), known: BTreeMap::new() }
    }

    pub fn set(&mut self, port: &str, lane: u32, value: u64) {
        self.inputs.insert((port.into(), lane), value);
        self.known.clear();
    }

    pub fn value(&mut self, word: Word) -> u64 {
        if let Some(&value) = self.known.get(&word) {
            return value;
        }
        let value = self.compute(word);
        self.known.insert(word, value);
        value
    }

    fn compute(&mut self, word: Word) -> u64 {
        if let Some(source) = self.flat.hop(word) {
            return self.value(source);
        }
        let (module, net) = (self.flat.module(word.scope).clone(), self.flat.net(word.scope, word.net).clone());
        match self.flat.driver(word.scope, word.net) {
            Driver::Input => self.inputs.get(&(net.name, word.lane)).copied().unwrap_or(0),
            Driver::Register { item } => {
                let Item::Register(register) = &module.items[item] else { unreachable!() };
                self.state.get(&(word, 0)).copied().unwrap_or(register.reset.unwrap_or(0))
            }
            Driver::Skew { item } => {
                let Item::Skew(skew) = &module.items[item] else { unreachable!() };
                let last = skew.depth.of(word.lane, net.lanes) - 1;
                self.state.get(&(word, last)).copied().unwrap_or(0)
            }
            Driver::Cell { item, output } => {
                let Item::Cell(cell) = &module.items[item] else { unreachable!() };
                let width_of = |net: NetId| module.net(net).width;
                let x: Vec<u64> = cell.inputs.iter().map(|&net| self.value(Word { net, ..word })).collect();
                let w: Vec<u32> = cell.inputs.iter().map(|&net| width_of(net)).collect();
                let wide = |index: usize| u128::from(x[index]);
                let result: u128 = match cell.op {
                    Op::Const(value) => value.into(),
                    Op::Wire | Op::ZeroExtend | Op::Lane { .. } | Op::Spread | Op::Join => wide(0),
                    Op::Slice { low } => wide(0) >> low,
                    Op::Concat => (0..x.len()).fold(0, |sum, i| (sum << w[i]) | wide(i)),
                    Op::SignExtend => signed(x[0], w[0]) as u128,
                    Op::Not => !wide(0),
                    Op::And => (0..x.len()).map(wide).fold(!0, |a, b| a & b),
                    Op::Or => (0..x.len()).map(wide).fold(0, |a, b| a | b),
                    Op::Xor => (0..x.len()).map(wide).fold(0, |a, b| a ^ b),
                    Op::Mux => wide(if x[0] == 1 { 1 } else { 2 }),
                    Op::Equal => (x[0] == x[1]).into(),
                    Op::Add => wide(0) + wide(1),
                    Op::Sub => wide(0).wrapping_sub(wide(1)),
                    Op::MulSigned => (signed(x[0], w[0]) * signed(x[1], w[1])) as u128,
                    Op::Compress32 if output == 0 => wide(0) ^ wide(1) ^ wide(2),
                    Op::Compress32 => wide(0) & wide(1) | wide(0) & wide(2) | wide(1) & wide(2),
                    Op::Compress22 if output == 0 => wide(0) ^ wide(1),
                    Op::Compress22 => wide(0) & wide(1),
                };
                (result & mask(net.width)) as u64
            }
            driver => panic!("{driver:?} of {}", self.flat.name(word)),
        }
    }

    pub fn step(&mut self) {
        let mut next = BTreeMap::new();
        for index in 0..self.flat.scopes().len() as u32 {
            let scope = ScopeId(index);
            let module = self.flat.module(scope).clone();
            for instance in 0..self.flat.scope(scope).count {
                let at = |net, lane| Word { scope, net, instance, lane };
                for item in &module.items {
                    match item {
                        Item::Register(register) => {
                            let bit = |this: &mut Self, net: Option<NetId>| net.map(|net| this.value(at(net, 0)) == 1);
                            let q = at(register.q, 0);
                            let value = if bit(self, register.clear) == Some(true) {
                                0
                            } else if bit(self, register.enable) == Some(false) {
                                self.value(q)
                            } else {
                                self.value(at(register.d, 0))
                            };
                            next.insert((q, 0), value);
                        }
                        Item::Skew(skew) => {
                            let moves = skew.enable.is_none_or(|net| self.value(at(net, 0)) == 1);
                            let lanes = module.net(skew.output).lanes;
                            for lane in 0..lanes {
                                for stage in 0..skew.depth.of(lane, lanes) {
                                    let key = (at(skew.output, lane), stage);
                                    let old = self.state.get(&key).copied().unwrap_or(0);
                                    let before = match stage {
                                        0 => self.value(at(skew.input, lane)),
                                        stage => self.state.get(&(key.0, stage - 1)).copied().unwrap_or(0),
                                    };
                                    next.insert(key, if moves { before } else { old });
                                }
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        self.state = next;
        self.known.clear();
    }
}
