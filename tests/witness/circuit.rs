//! Gates and registers of run-time width as blocks of rust-hdl, and the circuit made of them.
//!
//! What an operation computes is written here once more, bit by bit, from the definition of each [`Op`]: nothing is shared
//! with the interpreter that this is a witness against.

use bitweight::netlist::Op;
use rust_hdl::core::atom::AtomKind;
use rust_hdl::core::block::Block;
use rust_hdl::core::clock::Clock;
use rust_hdl::core::direction::In;
use rust_hdl::core::logic::Logic;
use rust_hdl::core::probe::Probe;
use rust_hdl::core::signal::Signal;

use crate::wire::Wire;

/// One word-level operation.
pub struct Gate {
    op: Op,
    inputs: Vec<Wire>,
    outputs: Vec<Wire>,
    /// Words of the circuit that the inputs are connected to.
    sources: Vec<usize>,
    /// Words of the circuit that the outputs drive.
    targets: Vec<usize>,
}

impl Gate {
    pub fn new(op: Op, sources: Vec<(usize, u32)>, targets: Vec<(usize, u32)>) -> Gate {
        let wires = |ends: &[(usize, u32)], kind| ends.iter().map(|&(_, width)| Wire::new(width, kind)).collect();
        Gate {
            op,
            inputs: wires(&sources, AtomKind::InputParameter),
            outputs: wires(&targets, AtomKind::OutputParameter),
            sources: sources.into_iter().map(|(word, _)| word).collect(),
            targets: targets.into_iter().map(|(word, _)| word).collect(),
        }
    }
}

/// Bit `index` of a word.
fn bit(word: u64, index: u32) -> bool {
    word >> index & 1 == 1
}

/// A word of the bits that `f` gives.
fn word(width: u32, f: impl Fn(u32) -> bool) -> u64 {
    (0..width).filter(|&index| f(index)).fold(0, |word, index| word | 1 << index)
}

/// `x + y + carry`, column by column.
fn sum(width: u32, x: u64, y: u64, mut carry: bool) -> u64 {
    let mut total = 0;
    for index in 0..width {
        let (a, b) = (bit(x, index), bit(y, index));
        let ones = u8::from(a) + u8::from(b) + u8::from(carry);
        total |= u64::from(ones & 1) << index;
        carry = ones >= 2;
    }
    total
}

/// The product of two's complement words: the partial product of the top bit of `y` counts negatively.
fn product(width: u32, x: (u64, u32), y: (u64, u32)) -> u64 {
    let extended = word(width, |index| bit(x.0, index.min(x.1 - 1)));
    let mut total = 0;
    for index in (0..y.1).filter(|&index| bit(y.0, index)) {
        let row = word(width, |column| column >= index && bit(extended, column - index));
        total = if index + 1 == y.1 {
            sum(width, total, word(width, |column| !bit(row, column)), true)
        } else {
            sum(width, total, row, false)
        };
    }
    total
}

impl Logic for Gate {
    fn update(&mut self) {
        let x: Vec<u64> = self.inputs.iter().map(Wire::value).collect();
        let width = self.outputs[0].width();
        let count = |index: u32| x.iter().filter(|&&word| bit(word, index)).count();
        self.outputs[0].next = match self.op {
            Op::Const(value) => value,
            Op::Wire | Op::Lane { .. } | Op::Spread | Op::Join => x[0],
            Op::Slice { low } => word(width, |index| bit(x[0], low + index)),
            Op::Concat => {
                let mut joined = Vec::new();
                for (part, wire) in x.iter().zip(&self.inputs).rev() {
                    joined.extend((0..wire.width()).map(|index| bit(*part, index)));
                }
                word(width, |index| joined[index as usize])
            }
            Op::ZeroExtend => word(width, |index| index < self.inputs[0].width() && bit(x[0], index)),
            Op::SignExtend => word(width, |index| bit(x[0], index.min(self.inputs[0].width() - 1))),
            Op::Not => word(width, |index| !bit(x[0], index)),
            Op::And => word(width, |index| count(index) == x.len()),
            Op::Or => word(width, |index| count(index) > 0),
            Op::Xor | Op::Compress32 | Op::Compress22 => word(width, |index| count(index) % 2 == 1),
            Op::Mux => {
                if bit(x[0], 0) {
                    x[1]
                } else {
                    x[2]
                }
            }
            Op::Equal => u64::from((0..self.inputs[0].width()).all(|index| bit(x[0], index) == bit(x[1], index))),
            Op::Add => sum(width, x[0], x[1], false),
            Op::Sub => sum(width, x[0], word(width, |index| !bit(x[1], index)), true),
            Op::MulSigned => product(width, (x[0], self.inputs[0].width()), (x[1], self.inputs[1].width())),
        };
        if let Some(carry) = self.outputs.get_mut(1) {
            carry.next = word(width, |index| count(index) >= 2);
        }
    }
}

impl Block for Gate {
    fn connect_all(&mut self) {
        self.inputs.iter_mut().chain(&mut self.outputs).for_each(Logic::connect);
    }

    fn update_all(&mut self) {
        self.inputs.update_all();
        self.update();
        self.outputs.update_all();
    }

    fn has_changed(&self) -> bool {
        self.inputs.has_changed() || self.outputs.has_changed()
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        self.inputs.accept("input", probe);
        self.outputs.accept("output", probe);
        probe.visit_end_scope(name, self);
    }
}

/// A register of run-time width with optional enable and clear, clocked by a clock signal of rust-hdl's own.
pub struct Flop {
    clock: Signal<In, Clock>,
    d: Wire,
    q: Wire,
    enable: Option<Wire>,
    clear: Option<Wire>,
    pub d_from: usize,
    pub q_to: usize,
    pub enable_from: Option<usize>,
    pub clear_from: Option<usize>,
}

impl Flop {
    pub fn new(width: u32, initial: u64, [d, q]: [usize; 2], enable: Option<usize>, clear: Option<usize>) -> Flop {
        let control = |from: Option<usize>| from.map(|_| Wire::new(1, AtomKind::InputParameter));
        let mut flop = Flop {
            clock: Signal::default(),
            d: Wire::new(width, AtomKind::InputParameter),
            q: Wire::new(width, AtomKind::OutputParameter),
            enable: control(enable),
            clear: control(clear),
            d_from: d,
            q_to: q,
            enable_from: enable,
            clear_from: clear,
        };
        flop.q.next = initial;
        flop
    }
}

impl Logic for Flop {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.clear.as_ref().is_some_and(|clear| clear.value() == 1) {
                self.q.next = 0;
            } else if self.enable.as_ref().is_none_or(|enable| enable.value() == 1) {
                self.q.next = self.d.value();
            }
        }
    }
}

impl Block for Flop {
    fn connect_all(&mut self) {
        self.clock.connect();
        [&mut self.d, &mut self.q].into_iter().chain(&mut self.enable).chain(&mut self.clear).for_each(Logic::connect);
    }

    // The edge is seen before the inputs of this round are: registers that feed each other all load old values.
    fn update_all(&mut self) {
        self.update();
        self.clock.update_all();
        [&mut self.d, &mut self.q]
            .into_iter()
            .chain(&mut self.enable)
            .chain(&mut self.clear)
            .for_each(Block::update_all);
    }

    fn has_changed(&self) -> bool {
        let controls = self.enable.iter().chain(&self.clear);
        self.clock.has_changed() || [&self.d, &self.q].into_iter().chain(controls).any(Block::has_changed)
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        self.clock.accept("clock", probe);
        self.d.accept("d", probe);
        self.q.accept("q", probe);
        self.enable.iter().for_each(|wire| wire.accept("enable", probe));
        self.clear.iter().for_each(|wire| wire.accept("clear", probe));
        probe.visit_end_scope(name, self);
    }
}

/// A flat circuit: words, and the gates and registers between them.
#[derive(Default)]
pub struct Circuit {
    pub clock: Signal<In, Clock>,
    pub words: Vec<Wire>,
    pub gates: Vec<Gate>,
    pub flops: Vec<Flop>,
    /// Lanes of the top module's ports: name of the port, words of its lanes.
    pub inputs: Vec<(String, Vec<usize>)>,
    pub outputs: Vec<(String, Vec<usize>)>,
}

impl Logic for Circuit {
    fn update(&mut self) {}
}

impl Block for Circuit {
    /// A word is connected if something drives it; a word that nothing drives makes rust-hdl refuse the circuit.
    fn connect_all(&mut self) {
        self.gates.connect_all();
        self.flops.connect_all();
        let driven = self.gates.iter().flat_map(|gate| &gate.targets).chain(self.flops.iter().map(|flop| &flop.q_to));
        for &word in driven {
            self.words[word].connect();
        }
    }

    fn update_all(&mut self) {
        for &word in self.inputs.iter().flat_map(|(_, words)| words) {
            self.words[word].update_all();
        }
        for flop in &mut self.flops {
            flop.clock.next = self.clock.val();
            flop.d.next = self.words[flop.d_from].value();
            for (wire, from) in [(&mut flop.enable, flop.enable_from), (&mut flop.clear, flop.clear_from)] {
                if let (Some(wire), Some(from)) = (wire, from) {
                    wire.next = self.words[from].value();
                }
            }
            flop.update_all();
        }
        for flop in &self.flops {
            self.words[flop.q_to].next = flop.q.value();
            self.words[flop.q_to].update_all();
        }
        for gate in &mut self.gates {
            for (input, &source) in gate.inputs.iter_mut().zip(&gate.sources) {
                input.next = self.words[source].value();
            }
            gate.update_all();
            for (output, &target) in gate.outputs.iter().zip(&gate.targets) {
                self.words[target].next = output.value();
                self.words[target].update_all();
            }
        }
        self.clock.update_all();
    }

    fn has_changed(&self) -> bool {
        self.clock.has_changed() || self.words.has_changed() || self.flops.has_changed() || self.gates.has_changed()
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        self.clock.accept("clock", probe);
        self.words.accept("word", probe);
        self.gates.accept("gate", probe);
        self.flops.accept("flop", probe);
        probe.visit_end_scope(name, self);
    }
}
