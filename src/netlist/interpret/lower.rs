//! From the flattened netlist to a [`Program`]: wiring is folded into the operands of the nodes that read it, links of grids
//! become aliases where the words lie side by side already, and copies where they do not.

use std::collections::BTreeMap;

use super::program::{Code, Kind, Load, Node, Operand, Parts, Place, Program, Shift, View, pieces};
use crate::netlist::flatten::{Driver, Flat, ScopeId, Word};
use crate::netlist::wiring::{self, Part, mask};
use crate::netlist::{Cell, Item, NetId, Op, Register, Skew};

/// How far the resolution of a word has come.
#[derive(Clone, Debug)]
enum Memo {
    New,
    /// Being resolved; the buffer that somebody asked for meanwhile (a chain that passes through its own instances).
    Open(Option<u32>),
    Done(Parts),
}

/// The state of lowering, and afterwards where every word is.
#[derive(Debug)]
pub struct Lowering<'a> {
    flat: &'a Flat,
    /// Bits of a machine word.
    bits: u32,
    /// First entry of each scope's nets in `memo`: one entry per lane of a net, for all instances.
    bases: Vec<Vec<u32>>,
    memo: Vec<Memo>,
    /// Buffers of cell results, registers and delay lines, by scope and net.
    own: Vec<Vec<Option<u32>>>,
    /// Words that were joined or copied for somebody: (scope, net, lane) to their buffer.
    joined: BTreeMap<(u32, u32, u32), Place>,
    /// Copies that lie side by side of words that do not, by place and count.
    spread: BTreeMap<(Place, u32), Place>,
    constants: BTreeMap<(u64, u32), u32>,
    program: Program,
}

/// A lowered design: the program, and the normal form of each word.
#[derive(Clone, Debug)]
pub struct Lowered {
    pub program: Program,
    bases: Vec<Vec<u32>>,
    words: Vec<Parts>,
}

impl Lowered {
    /// The parts of a net's lane, for all instances of its scope.
    pub fn parts(&self, scope: ScopeId, net: NetId, lane: u32) -> &Parts {
        &self.words[(self.bases[scope.index()][net.index()] + lane) as usize]
    }
}

/// Lowers a design; `bits` is 32, or 64 if some net is wider than 32. Ports of the top are whole buffer words afterwards.
pub fn lower(flat: &Flat, bits: u32) -> Lowered {
    let mut lowering = Lowering {
        flat,
        bits,
        bases: Vec::new(),
        memo: Vec::new(),
        own: Vec::new(),
        joined: BTreeMap::new(),
        spread: BTreeMap::new(),
        constants: BTreeMap::new(),
        program: Program::default(),
    };
    lowering.allocate();
    let scopes = (0..flat.scopes().len() as u32).map(ScopeId);
    for scope in scopes.clone() {
        for item in &flat.module(scope).items {
            match item {
                Item::Cell(cell) if !cell.op.is_wiring() => lowering.cell(scope, cell),
                Item::Register(register) => lowering.register(scope, register),
                Item::Skew(skew) => lowering.skew(scope, skew),
                _ => {}
            }
        }
    }
    for port in &flat.netlist().top_module().ports {
        for lane in 0..flat.net(ScopeId::TOP, port.net).lanes {
            let place = lowering.joined(ScopeId::TOP, port.net, lane);
            lowering.finish(ScopeId::TOP, port.net, lane, place);
        }
    }
    for scope in scopes {
        for (index, net) in flat.module(scope).nets.iter().enumerate() {
            (0..net.lanes).for_each(|lane| drop(lowering.parts(scope, NetId(index as u32), lane)));
        }
    }
    let words = lowering.memo.into_iter().map(|memo| if let Memo::Done(parts) = memo { parts } else { Vec::new() });
    Lowered { words: words.collect(), program: lowering.program, bases: lowering.bases }
}

impl Lowering<'_> {
    fn count(&self, scope: ScopeId) -> u32 {
        self.flat.scope(scope).count
    }

    /// Gives a buffer to all that computes or stores.
    fn allocate(&mut self) {
        for index in 0..self.flat.scopes().len() as u32 {
            let (scope, module) = (ScopeId(index), self.flat.module(ScopeId(index)));
            let count = self.count(scope);
            let (mut bases, mut own) = (Vec::new(), Vec::new());
            for (index, net) in module.nets.iter().enumerate() {
                bases.push(self.memo.len() as u32);
                self.memo.extend((0..net.lanes).map(|_| Memo::New));
                let (words, kind) = match self.flat.driver(scope, NetId(index as u32)) {
                    Driver::Input if scope == ScopeId::TOP => (net.lanes, Kind::Fixed(0)),
                    Driver::Cell { item, .. } => match &module.items[item] {
                        Item::Cell(cell) if !cell.op.is_wiring() => (count, Kind::Computed),
                        _ => (0, Kind::Computed),
                    },
                    Driver::Register { item } => match &module.items[item] {
                        Item::Register(register) => (count, Kind::State(register.reset.unwrap_or(0))),
                        _ => (0, Kind::Computed),
                    },
                    Driver::Skew { item } => match &module.items[item] {
                        Item::Skew(skew) => (
                            count * (0..net.lanes).map(|lane| skew.depth.of(lane, net.lanes)).sum::<u32>(),
                            Kind::State(0),
                        ),
                        _ => (0, Kind::Computed),
                    },
                    _ => (0, Kind::Computed),
                };
                own.push((words > 0).then(|| self.program.buffer(words, net.width, kind)));
            }
            self.bases.push(bases);
            self.own.push(own);
        }
    }

    fn memo(&mut self, scope: ScopeId, net: NetId, lane: u32) -> &mut Memo {
        &mut self.memo[(self.bases[scope.index()][net.index()] + lane) as usize]
    }

    fn finish(&mut self, scope: ScopeId, net: NetId, lane: u32, place: Place) {
        let width = self.flat.net(scope, net).width;
        *self.memo(scope, net, lane) = Memo::Done(vec![Part::Bits { net: place, low: 0, width }]);
    }

    /// The word of a net in normal form, through wiring, ports and links.
    fn parts(&mut self, scope: ScopeId, net: NetId, lane: u32) -> Parts {
        let (count, width) = (self.count(scope), self.flat.net(scope, net).width);
        match self.memo(scope, net, lane) {
            Memo::Done(parts) => return parts.clone(),
            Memo::New => *self.memo(scope, net, lane) = Memo::Open(None),
            Memo::Open(known) => {
                // A chain through a grid that came back to a net it started from, in another instance.
                let buffer = match *known {
                    Some(buffer) => buffer,
                    None => {
                        let buffer = self.program.buffer(count, width, Kind::Computed);
                        *self.memo(scope, net, lane) = Memo::Open(Some(buffer));
                        buffer
                    }
                };
                return vec![Part::Bits { net: Place { buffer, offset: 0, stride: 1 }, low: 0, width }];
            }
        }
        let parts = self.resolve(scope, net, lane);
        let asked = match self.memo(scope, net, lane) {
            Memo::Open(asked) => *asked,
            _ => None,
        };
        if let Some(buffer) = asked {
            self.join_into(&parts, count, width, buffer);
            self.finish(scope, net, lane, Place { buffer, offset: 0, stride: 1 });
        } else {
            *self.memo(scope, net, lane) = Memo::Done(parts);
        }
        match self.memo(scope, net, lane) {
            Memo::Done(parts) => parts.clone(),
            _ => Vec::new(),
        }
    }

    fn resolve(&mut self, scope: ScopeId, net: NetId, lane: u32) -> Parts {
        let flat = self.flat;
        let module = flat.module(scope);
        let width = module.net(net).width;
        let own = |lowering: &Self, offset, stride| {
            let buffer = lowering.own[scope.index()][net.index()].expect("allocated for what computes or stores");
            vec![Part::Bits { net: Place { buffer, offset, stride }, low: 0, width }]
        };
        match flat.driver(scope, net) {
            Driver::None => vec![Part::Const { width, value: 0 }],
            Driver::Input => match flat.scope(scope).parent {
                None => own(self, lane, 1),
                Some((outer, item)) => match &flat.module(outer).items[item] {
                    Item::Grid(_) => self.linked(scope, net, lane),
                    _ => match flat.hop(Word { scope, net, instance: 0, lane }) {
                        Some(word) => self.parts(word.scope, word.net, word.lane),
                        None => Vec::new(),
                    },
                },
            },
            Driver::Cell { item, .. } => match &module.items[item] {
                Item::Cell(cell) if cell.op.is_wiring() => self.wiring(scope, cell, lane, width),
                _ => own(self, 0, 1),
            },
            Driver::Register { .. } => own(self, 0, 1),
            Driver::Skew { item } => match &module.items[item] {
                Item::Skew(skew) => {
                    let lanes = module.net(net).lanes;
                    let ends = |upto: u32| (0..upto).map(|lane| skew.depth.of(lane, lanes)).sum::<u32>();
                    match skew.depth.of(lane, lanes) {
                        0 => self.parts(scope, skew.input, lane),
                        _ => own(self, ends(lane + 1) - 1, ends(lanes)),
                    }
                }
                _ => Vec::new(),
            },
            Driver::Instance { .. } | Driver::Own { .. } | Driver::Exit { .. } => {
                let Some(word) = flat.hop(Word { scope, net, instance: 0, lane }) else { return Vec::new() };
                let extent = flat.scope(word.scope).extent;
                let mut parts = self.parts(word.scope, word.net, word.lane);
                for part in &mut parts {
                    if let Part::Bits { net: place, .. } | Part::Repeat { net: place, .. } = part {
                        place.offset += word.instance * place.stride;
                        place.stride *= extent;
                    }
                }
                parts
            }
        }
    }

    fn wiring(&mut self, scope: ScopeId, cell: &Cell, lane: u32, width: u32) -> Parts {
        match cell.op {
            Op::Lane { index } => return self.parts(scope, cell.inputs[0], index),
            Op::Spread => return self.parts(scope, cell.inputs[0], 0),
            Op::Join => return self.parts(scope, cell.inputs[lane as usize], 0),
            Op::Wire => return self.parts(scope, cell.inputs[0], lane),
            _ => {}
        }
        let operands: Vec<_> = cell.inputs.iter().map(|&input| self.parts(scope, input, 0)).collect();
        wiring::apply(cell.op, &operands, width).unwrap_or_default()
    }

    /// An input port of a grid's instances.
    fn linked(&mut self, scope: ScopeId, net: NetId, lane: u32) -> Parts {
        let (count, width) = (self.count(scope), self.flat.net(scope, net).width);
        let mut table = Vec::with_capacity(count as usize);
        for instance in 0..count {
            if let Some(word) = self.flat.hop(Word { scope, net, instance, lane }) {
                let place = self.joined(word.scope, word.net, word.lane);
                table.push((place.buffer, place.offset + word.instance * place.stride));
            }
        }
        vec![Part::Bits { net: self.side_by_side(table, width, false), low: 0, width }]
    }

    /// Where the words of a table are, or a copy of them if they do not lie side by side (or are state, and `no_state`).
    fn side_by_side(&mut self, table: Vec<(u32, u32)>, width: u32, no_state: bool) -> Place {
        let (buffer, offset) = table[0];
        let movable = !(no_state && matches!(self.program.buffers[buffer as usize].kind, Kind::State(_)));
        for stride in [1, 0] {
            let fits = |(i, &word): (usize, &(u32, u32))| word == (buffer, offset + i as u32 * stride);
            if movable && table.iter().enumerate().all(fits) {
                return Place { buffer, offset, stride };
            }
        }
        let count = table.len() as u32;
        let buffer = self.program.buffer(count, width, Kind::Computed);
        let node = Node { code: Code::Gather, count, width, outputs: vec![buffer], operands: Vec::new(), table };
        self.program.nodes.push(node);
        Place { buffer, offset: 0, stride: 1 }
    }

    /// The word of a net as one whole buffer word, joined from its parts if need be.
    fn joined(&mut self, scope: ScopeId, net: NetId, lane: u32) -> Place {
        let parts = self.parts(scope, net, lane);
        if let Some(place) = self.program.whole(&parts) {
            return place;
        }
        let key = (scope.0, net.0, lane);
        if let Some(&place) = self.joined.get(&key) {
            return place;
        }
        let (count, width) = (self.count(scope), self.flat.net(scope, net).width);
        let buffer = self.program.buffer(count, width, Kind::Computed);
        self.join_into(&parts, count, width, buffer);
        let place = Place { buffer, offset: 0, stride: 1 };
        self.joined.insert(key, place);
        place
    }

    fn join_into(&mut self, parts: &[Part<Place>], count: u32, width: u32, buffer: u32) {
        let (pieces, constant) = pieces(parts, self.bits);
        let mut operands: Vec<_> =
            pieces.iter().map(|piece| self.side_operand(piece.place, piece.view, count)).collect();
        match operands.first_mut() {
            Some(first) => first.view.flip = constant,
            None => operands.push(self.constant(constant, count)),
        }
        let code = if operands.len() == 1 { Code::Copy } else { Code::Join };
        self.node(code, count, width, vec![buffer], operands);
    }

    /// A chain of two-operand nodes.
    fn chain(&mut self, code: Code, operands: Vec<Operand>, count: u32, width: u32, buffer: u32) {
        let last = operands.len() - 1;
        let mut left = operands[0];
        for (index, &right) in operands.iter().enumerate().skip(1) {
            let output = if index == last { buffer } else { self.program.buffer(count, width, Kind::Computed) };
            self.node(code, count, width, vec![output], vec![left, right]);
            left = Operand { place: Place { buffer: output, offset: 0, stride: 1 }, view: View::whole(width) };
        }
    }

    fn node(&mut self, code: Code, count: u32, width: u32, outputs: Vec<u32>, operands: Vec<Operand>) {
        self.program.nodes.push(Node { code, count, width, outputs, operands, table: Vec::new() });
    }

    fn constant(&mut self, value: u64, count: u32) -> Operand {
        let program = &mut self.program;
        let buffer =
            *self.constants.entry((value, count)).or_insert_with(|| program.buffer(count, 64, Kind::Fixed(value)));
        Operand { place: Place { buffer, offset: 0, stride: 1 }, view: View::whole(64) }
    }

    /// An operand whose words lie side by side.
    fn side_operand(&mut self, place: Place, view: View, count: u32) -> Operand {
        if place.stride == 1 || count == 1 {
            return Operand { place: Place { stride: 1, ..place }, view };
        }
        let key = (place, count);
        if let Some(&place) = self.spread.get(&key) {
            return Operand { place, view };
        }
        let width = self.program.buffers[place.buffer as usize].width;
        let copy = self.program.buffer(count, width, Kind::Computed);
        let table = (0..count).map(|i| (place.buffer, place.offset + i * place.stride)).collect();
        let node = Node { code: Code::Gather, count, width, outputs: vec![copy], operands: Vec::new(), table };
        self.program.nodes.push(node);
        let copy = Place { buffer: copy, offset: 0, stride: 1 };
        self.spread.insert(key, copy);
        Operand { place: copy, view }
    }

    /// A word as an operand; joined first if one view cannot fetch it. `uniform` lets a stride of 0 stand.
    fn operand(&mut self, parts: &[Part<Place>], count: u32, uniform: bool) -> Operand {
        let (pieces, constant) = pieces(parts, self.bits);
        match pieces[..] {
            [] => self.constant(constant, count),
            [piece] => {
                let view = View { flip: constant, ..piece.view };
                if uniform && piece.place.stride == 0 && count > 1 {
                    return Operand { place: piece.place, view };
                }
                self.side_operand(piece.place, view, count)
            }
            _ => {
                let width = wiring::width(parts);
                let buffer = self.program.buffer(count, width, Kind::Computed);
                self.join_into(parts, count, width, buffer);
                Operand { place: Place { buffer, offset: 0, stride: 1 }, view: View::whole(width) }
            }
        }
    }

    /// A net as an operand; the join, if one is needed, is shared by all who read the net.
    fn net_operand(&mut self, scope: ScopeId, net: NetId) -> Operand {
        let (count, parts) = (self.count(scope), self.parts(scope, net, 0));
        if pieces(&parts, self.bits).0.len() < 2 {
            return self.operand(&parts, count, false);
        }
        let place = self.joined(scope, net, 0);
        Operand { place, view: View::whole(self.flat.net(scope, net).width) }
    }

    fn cell(&mut self, scope: ScopeId, cell: &Cell) {
        let (count, module) = (self.count(scope), self.flat.module(scope));
        let width = module.net(cell.outputs[0]).width;
        let outputs: Vec<_> = cell.outputs.iter().filter_map(|out| self.own[scope.index()][out.index()]).collect();
        if cell.op == Op::MulSigned {
            let operands = cell.inputs.iter().map(|&input| {
                let parts = wiring::sign_extend(&self.parts(scope, input, 0), self.bits);
                self.operand(&parts, count, false)
            });
            let operands = operands.collect();
            return self.node(Code::Mul, count, width, outputs, operands);
        }
        let mut operands: Vec<_> = cell.inputs.iter().map(|&input| self.net_operand(scope, input)).collect();
        let code = match cell.op {
            Op::Not => {
                operands[0].view.flip ^= mask(width);
                Code::Copy
            }
            Op::And => return self.chain(Code::And, operands, count, width, outputs[0]),
            Op::Or => return self.chain(Code::Or, operands, count, width, outputs[0]),
            Op::Xor => return self.chain(Code::Xor, operands, count, width, outputs[0]),
            Op::Mux => Code::Mux,
            Op::Equal => Code::Equal,
            Op::Add => Code::Add,
            Op::Sub => Code::Sub,
            Op::Compress32 => Code::Compress32,
            Op::Compress22 => Code::Compress22,
            _ => Code::Copy,
        };
        self.node(code, count, width, outputs, operands);
    }

    fn control(&mut self, scope: ScopeId, net: Option<NetId>) -> Option<Operand> {
        let net = net?;
        let (count, parts) = (self.count(scope), self.parts(scope, net, 0));
        Some(self.operand(&parts, count, true))
    }

    fn register(&mut self, scope: ScopeId, register: &Register) {
        let count = self.count(scope);
        let Some(q) = self.own[scope.index()][register.q.index()] else { return };
        let d = self.net_operand(scope, register.d);
        let enable = self.control(scope, register.enable);
        let clear = self.control(scope, register.clear);
        self.program.loads.push(Load { q, count, d, enable, clear });
    }

    fn skew(&mut self, scope: ScopeId, skew: &Skew) {
        let Some(q) = self.own[scope.index()][skew.output.index()] else { return };
        let (count, lanes) = (self.count(scope), self.flat.net(scope, skew.output).lanes);
        let width = self.flat.net(scope, skew.output).width;
        let (mut heads, mut entering, mut words) = (Vec::new(), Vec::new(), 0);
        for lane in (0..lanes).filter(|&lane| skew.depth.of(lane, lanes) > 0) {
            heads.push(words);
            words += skew.depth.of(lane, lanes);
            entering.push(self.joined(scope, skew.input, lane));
        }
        let table = (0..count).flat_map(|i| entering.iter().map(move |p| (p.buffer, p.offset + i * p.stride)));
        let source = self.side_by_side(table.collect(), width, true);
        let enable = self.control(scope, skew.enable);
        self.program.shifts.push(Shift { q, count, words, heads, source, enable });
    }
}
