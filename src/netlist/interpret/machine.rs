//! The running interpreter: every word at its address in one vector, nodes as instructions over runs of words.

use super::lanes::{Lane, Lens, Source, choose, full_adders, join, map1, map2, map3, map3_pair};
use super::moves::{Move, moves};
use super::program::{Code, Kind, Operand, Program};
use super::schedule::{Step, load_order, schedule};
use crate::netlist::wiring::mask;

/// An operand at its address.
#[derive(Clone, Copy, Debug)]
struct Input<T> {
    at: usize,
    lens: Lens<T>,
}

/// A node, or a run of its words, at its addresses.
#[derive(Clone, Debug)]
struct Instruction<T> {
    code: Code,
    count: usize,
    out: usize,
    inputs: [Input<T>; 3],
    /// Bits of a result.
    mask: T,
    /// Range of the machine's `moves` for a gather, of its `joined` for a join.
    table: (usize, usize),
}

/// A control bit of registers.
#[derive(Clone, Copy, Debug)]
enum Control<T> {
    /// One bit for all instances.
    Uniform(Input<T>),
    /// One bit each.
    Each(Input<T>),
}

#[derive(Clone, Debug)]
struct RegisterLoad<T> {
    q: usize,
    count: usize,
    d: Input<T>,
    enable: Option<Control<T>>,
    clear: Option<Control<T>>,
}

#[derive(Clone, Debug)]
struct LineShift<T> {
    q: usize,
    words: usize,
    count: usize,
    heads: Vec<u32>,
    source: usize,
    enable: Option<Control<T>>,
}

/// All words and what is done with them.
#[derive(Clone, Debug)]
pub struct Machine<T> {
    words: Vec<T>,
    /// First word of each buffer.
    bases: Vec<usize>,
    instructions: Vec<Instruction<T>>,
    /// What gathers move, in order.
    moves: Vec<Move>,
    /// What joins read.
    joined: Vec<Input<T>>,
    /// Executed at the edge before any register is loaded: copies of state that is overwritten too early otherwise.
    saves: Vec<(usize, usize, usize)>,
    loads: Vec<RegisterLoad<T>>,
    shifts: Vec<LineShift<T>>,
    /// (first word, words, value) of all state.
    resets: Vec<(usize, usize, T)>,
}

impl<T: Lane> Machine<T> {
    /// Lays out and orders a program; `Err` is a node that waits for itself.
    pub fn new(program: &Program) -> Result<Self, u32> {
        let steps = schedule(program)?;
        let mut machine = Self {
            words: Vec::new(),
            bases: vec![usize::MAX; program.buffers.len()],
            instructions: Vec::with_capacity(steps.len()),
            moves: Vec::new(),
            joined: Vec::new(),
            saves: Vec::new(),
            loads: Vec::new(),
            shifts: Vec::new(),
            resets: Vec::new(),
        };
        machine.place_buffers(program, &steps);
        for step in &steps {
            machine.add_step(program, step);
        }
        machine.add_loads(program);
        machine.add_shifts(program);
        machine.reset();
        Ok(machine)
    }

    fn place_buffers(&mut self, program: &Program, steps: &[Step]) {
        let mut next = 0;
        let mut place = |bases: &mut Vec<usize>, buffer: usize| {
            if bases[buffer] == usize::MAX {
                bases[buffer] = next;
                next += program.buffers[buffer].words as usize;
            }
        };
        for (index, buffer) in program.buffers.iter().enumerate() {
            if buffer.kind != Kind::Computed {
                place(&mut self.bases, index);
            }
        }
        for step in steps {
            // Outputs of one node stay side by side.
            for &buffer in &program.nodes[step.node as usize].outputs {
                place(&mut self.bases, buffer as usize);
            }
        }
        (0..program.buffers.len()).for_each(|buffer| place(&mut self.bases, buffer));
        self.words = vec![T::default(); next];
        for (index, buffer) in program.buffers.iter().enumerate() {
            let (base, count) = (self.bases[index], buffer.words as usize);
            match buffer.kind {
                Kind::Fixed(value) => self.words[base..base + count].fill(T::truncate(value)),
                Kind::State(value) => self.resets.push((base, count, T::truncate(value))),
                Kind::Computed => {}
            }
        }
    }

    /// Address of word `index` of a buffer.
    pub fn address(&self, buffer: u32, index: u32) -> usize {
        self.bases[buffer as usize] + index as usize
    }

    /// The word at an address.
    pub fn word(&self, address: usize) -> u64 {
        self.words[address].extend()
    }

    /// Changes the word at an address.
    pub fn set_word(&mut self, address: usize, value: u64) -> bool {
        let value = T::truncate(value);
        std::mem::replace(&mut self.words[address], value) != value
    }

    fn input(&self, program: &Program, operand: &Operand, first: u32) -> Input<T> {
        let place = operand.place;
        let width = program.buffers[place.buffer as usize].width;
        Input {
            at: self.address(place.buffer, place.offset + first * place.stride),
            lens: Lens::new(&operand.view, width),
        }
    }

    fn add_step(&mut self, program: &Program, step: &Step) {
        let node = &program.nodes[step.node as usize];
        let unused = Input { at: 0, lens: Lens::new(&super::program::View::whole(64), 64) };
        let mut inputs = [unused; 3];
        for (input, operand) in inputs.iter_mut().zip(&node.operands) {
            *input = self.input(program, operand, step.first);
        }
        let mut table = (0, 0);
        if node.code == Code::Gather {
            let words = &node.table[step.first as usize..(step.first + step.count) as usize];
            let from: Vec<_> = words.iter().map(|&(buffer, index)| self.address(buffer, index)).collect();
            let start = self.moves.len();
            self.moves.extend(moves(&from, self.address(node.outputs[0], step.first)));
            table = (start, self.moves.len());
        } else if node.code == Code::Join {
            let start = self.joined.len();
            for operand in &node.operands {
                self.joined.push(self.input(program, operand, step.first));
            }
            table = (start, self.joined.len());
        }
        let whole = step.count == node.count;
        let codes: &[Code] = match node.code {
            Code::Compress32 if !whole => &[Code::Xor3, Code::Majority],
            Code::Compress22 if !whole => &[Code::Xor, Code::And],
            ref code => std::slice::from_ref(code),
        };
        for (&code, &buffer) in codes.iter().zip(&node.outputs) {
            self.instructions.push(Instruction {
                code,
                count: step.count as usize,
                out: self.address(buffer, step.first),
                inputs,
                mask: T::truncate(mask(node.width)),
                table,
            });
        }
    }

    fn control(&mut self, program: &Program, operand: Option<Operand>, count: u32, save: bool) -> Option<Control<T>> {
        let operand = operand?;
        let uniform = operand.place.stride == 0 || count == 1;
        let input = self.edge_input(program, &operand, if uniform { 1 } else { count }, save);
        Some(if uniform { Control::Uniform(input) } else { Control::Each(input) })
    }

    /// An operand that is read at the edge; with `save`, from a copy made before anything is overwritten.
    fn edge_input(&mut self, program: &Program, operand: &Operand, count: u32, save: bool) -> Input<T> {
        let mut input = self.input(program, operand, 0);
        if save {
            let copy = self.words.len();
            self.words.resize(copy + count as usize, T::default());
            self.saves.push((std::mem::replace(&mut input.at, copy), copy, count as usize));
        }
        input
    }

    fn add_loads(&mut self, program: &Program) {
        let (order, early) = load_order(program);
        let shifted = shifted(program);
        for index in order {
            let load = &program.loads[index];
            let early = early.contains(&index);
            // Delay lines move before registers load.
            let save = |operand: &Operand| early || shifted[operand.place.buffer as usize];
            let d = self.edge_input(program, &load.d, load.count, save(&load.d));
            let own = |operand: &Operand| save(operand) || operand.place.buffer == load.q;
            let enable = self.control(program, load.enable, load.count, load.enable.is_some_and(|o| own(&o)));
            let clear = self.control(program, load.clear, load.count, load.clear.is_some_and(|o| own(&o)));
            self.loads.push(RegisterLoad { q: self.address(load.q, 0), count: load.count as usize, d, enable, clear });
        }
    }

    fn add_shifts(&mut self, program: &Program) {
        let shifted = shifted(program);
        for shift in &program.shifts {
            let save = shift.enable.is_some_and(|enable| shifted[enable.place.buffer as usize]);
            let enable = self.control(program, shift.enable, shift.count, save);
            self.shifts.push(LineShift {
                q: self.address(shift.q, 0),
                words: shift.words as usize,
                count: shift.count as usize,
                heads: shift.heads.clone(),
                source: self.address(shift.source.buffer, shift.source.offset),
                enable,
            });
        }
    }

    /// Puts all state to its value under reset.
    pub fn reset(&mut self) {
        for &(base, count, value) in &self.resets {
            self.words[base..base + count].fill(value);
        }
    }

    /// Computes everything that depends on state and inputs.
    pub fn settle(&mut self) {
        for instruction in &self.instructions {
            instruction.run(&mut self.words, &self.moves, &self.joined);
        }
    }

    /// Loads all registers, everything being settled.
    pub fn edge(&mut self) {
        for &(from, to, count) in &self.saves {
            self.words.copy_within(from..from + count, to);
        }
        for shift in &self.shifts {
            shift.run(&mut self.words);
        }
        for load in &self.loads {
            load.run(&mut self.words);
        }
    }
}

/// Which buffers are delay lines.
fn shifted(program: &Program) -> Vec<bool> {
    let mut shifted = vec![false; program.buffers.len()];
    program.shifts.iter().for_each(|shift| shifted[shift.q as usize] = true);
    shifted
}

/// The words to write, and all others to read from: none of them overlaps what is written.
struct Split<'a, T> {
    low: &'a [T],
    high: &'a [T],
    end: usize,
}

impl<'a, T: Lane> Split<'a, T> {
    #[inline(always)]
    fn new(words: &'a mut [T], out: usize, count: usize) -> (&'a mut [T], Self) {
        let (low, rest) = words.split_at_mut(out);
        let (out, high) = rest.split_at_mut(count);
        let end = low.len() + count;
        (out, Split { low, high, end })
    }

    #[inline(always)]
    fn source(&self, input: &Input<T>, count: usize) -> Source<'a, T> {
        let words = if input.at < self.low.len() {
            &self.low[input.at..input.at + count]
        } else {
            &self.high[input.at - self.end..input.at - self.end + count]
        };
        (words, input.lens)
    }
}

impl<T: Lane> Instruction<T> {
    #[inline]
    fn run(&self, words: &mut [T], moves: &[Move], joined: &[Input<T>]) {
        if self.count == 1 && self.run_single(words) {
            return;
        }
        let (count, mask) = (self.count, self.mask);
        let [a, b, c] = &self.inputs;
        if self.code == Code::Gather {
            for step in &moves[self.table.0..self.table.1] {
                step.run(words);
            }
            return;
        }
        let pair = matches!(self.code, Code::Compress32 | Code::Compress22);
        let (out, split) = Split::new(words, self.out, if pair { 2 * count } else { count });
        if self.code == Code::Join {
            let inputs = &joined[self.table.0..self.table.1];
            return join(out, inputs.len(), |index| split.source(&inputs[index], count));
        }
        let a = split.source(a, count);
        match self.code {
            Code::Gather | Code::Join => {}
            Code::Copy => map1(out, a, |a| a),
            Code::And => map2(out, a, split.source(b, count), T::and),
            Code::Or => map2(out, a, split.source(b, count), T::or),
            Code::Xor => map2(out, a, split.source(b, count), T::xor),
            Code::Add => map2(out, a, split.source(b, count), |a, b| a.add(b).and(mask)),
            Code::Sub => map2(out, a, split.source(b, count), |a, b| a.sub(b).and(mask)),
            Code::Mul => map2(out, a, split.source(b, count), |a, b| a.mul(b).and(mask)),
            Code::Equal => map2(out, a, split.source(b, count), |a, b| T::truncate(u64::from(a == b))),
            Code::Mux => map3(out, a, split.source(b, count), split.source(c, count), choose),
            Code::Xor3 => {
                map3(out, a, split.source(b, count), split.source(c, count), |a, b, c| full_adders(a, b, c).0)
            }
            Code::Majority => {
                map3(out, a, split.source(b, count), split.source(c, count), |a, b, c| full_adders(a, b, c).1)
            }
            Code::Compress32 => {
                let (b, c) = (split.source(b, count), split.source(c, count));
                map3_pair(out.split_at_mut(count), a, b, c, full_adders);
            }
            Code::Compress22 => {
                let (b, (sum, carry)) = (split.source(b, count), out.split_at_mut(count));
                map2(sum, a, b, T::xor);
                map2(carry, a, b, T::and);
            }
        }
    }

    /// One word, without slices. False for what has no such form.
    #[inline]
    fn run_single(&self, words: &mut [T]) -> bool {
        let get = |index: usize| self.inputs[index].lens.of(words[self.inputs[index].at]);
        let a = get(0);
        let result = match self.code {
            Code::Copy => a,
            Code::And => a.and(get(1)),
            Code::Or => a.or(get(1)),
            Code::Xor => a.xor(get(1)),
            Code::Add => a.add(get(1)).and(self.mask),
            Code::Sub => a.sub(get(1)).and(self.mask),
            Code::Mul => a.mul(get(1)).and(self.mask),
            Code::Equal => T::truncate(u64::from(a == get(1))),
            Code::Mux => choose(a, get(1), get(2)),
            Code::Xor3 => full_adders(a, get(1), get(2)).0,
            Code::Majority => full_adders(a, get(1), get(2)).1,
            Code::Gather | Code::Join | Code::Compress32 | Code::Compress22 => return false,
        };
        words[self.out] = result;
        true
    }
}

impl<T: Lane> RegisterLoad<T> {
    fn run(&self, words: &mut [T]) {
        let uniform = |control: &Option<Control<T>>| match control {
            Some(Control::Uniform(input)) => Some(input.lens.of(words[input.at]) != T::default()),
            _ => None,
        };
        let (enable, clear) = (uniform(&self.enable), uniform(&self.clear));
        if clear == Some(true) {
            return words[self.q..self.q + self.count].fill(T::default());
        }
        if self.count == 1 {
            if enable != Some(false) {
                words[self.q] = self.d.lens.of(words[self.d.at]);
            }
            return;
        }
        let each = |control: &Option<Control<T>>| match control {
            Some(Control::Each(input)) => Some(*input),
            _ => None,
        };
        let (each_enable, each_clear) = (each(&self.enable), each(&self.clear));
        let count = self.count;
        if self.d.at == self.q {
            // A register that loads itself through a view: nothing to split.
            for index in 0..count {
                let bit = |input: Option<Input<T>>| input.map(|i| i.lens.of(words[i.at + index]) != T::default());
                let q = words[self.q + index];
                let loads = enable.unwrap_or(true) && bit(each_enable).unwrap_or(true);
                let value = if loads { self.d.lens.of(q) } else { q };
                words[self.q + index] = if bit(each_clear) == Some(true) { T::default() } else { value };
            }
            return;
        }
        let (q, split) = Split::new(words, self.q, count);
        if enable != Some(false) {
            let d = split.source(&self.d, count);
            match each_enable {
                None if d.1.plain => q.copy_from_slice(d.0),
                None => map1(q, d, |d| d),
                Some(enable) => {
                    let (enable, lens) = split.source(&enable, count);
                    let words = q.iter_mut().zip(d.0).zip(enable);
                    words.for_each(|((q, &new), &enable)| *q = choose(lens.of(enable), d.1.of(new), *q));
                }
            }
        }
        if let Some(clear) = each_clear {
            let (clear, lens) = split.source(&clear, count);
            let one = T::truncate(1);
            q.iter_mut().zip(clear).for_each(|(q, &clear)| *q = q.and(lens.of(clear).sub(one)));
        }
    }
}

impl<T: Lane> LineShift<T> {
    fn run(&self, words: &mut [T]) {
        for instance in 0..self.count {
            let moves = match &self.enable {
                None => true,
                Some(Control::Uniform(input)) => input.lens.of(words[input.at]) != T::default(),
                Some(Control::Each(input)) => input.lens.of(words[input.at + instance]) != T::default(),
            };
            if !moves {
                continue;
            }
            let q = self.q + instance * self.words;
            words.copy_within(q..q + self.words - 1, q + 1);
            let source = self.source + instance * self.heads.len();
            for (lane, &head) in self.heads.iter().enumerate() {
                words[q + head as usize] = words[source + lane];
            }
        }
    }
}
