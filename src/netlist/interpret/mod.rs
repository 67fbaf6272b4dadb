//! Runs a netlist, cycle by cycle and bit for bit, as its Verilog would.
//!
//! The same net of every instance of a grid lies in one run of machine words (32 bits each where no net is wider, else 64),
//! so that one operation of all processing elements is one loop over slices. Wiring between operations costs nothing or a
//! shift: it is folded into the loop that reads it. Operations stand in the order of their dependencies; only where
//! instances of one grid depend on each other within a cycle, a ready chain for example, are they split into runs.
//!
//! - [`program`]: the buffers, nodes and register loads this is made of
//! - [`mod@lower`]: from the flattened netlist to those
//! - [`schedule`]: their order
//! - [`machine`], [`lanes`], [`moves`]: addresses, and the loops
//! - [`switching`]: how often bits change

mod lanes;
mod lower;
mod machine;
mod moves;
mod program;
mod schedule;
mod switching;

pub use switching::Toggles;

use self::lower::{Lowered, lower};
use self::machine::Machine;
use self::switching::Switching;
use super::flatten::{Flat, ScopeId, Word};
use super::wiring::{Part, mask};
use super::{Netlist, NetlistError, check};

/// A port of the top module, for [`Interpreter::set`] and [`Interpreter::get`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortHandle(u32);

/// A netlist that runs.
///
/// Inputs are set, outputs read after [`settle`](Self::settle), and [`step`](Self::step) is a rising edge of the clock.
/// Registers start at their reset value, or at 0 if they have none; inputs at 0.
#[derive(Clone, Debug)]
pub struct Interpreter {
    flat: Flat,
    lowered: Lowered,
    machine: Width,
    ports: Vec<PortData>,
    settled: bool,
    switching: Option<Switching>,
}

/// 32-bit words where all nets fit, since twice as many go through a vector unit at once.
#[derive(Clone, Debug)]
enum Width {
    Narrow(Machine<u32>),
    Wide(Machine<u64>),
}

#[derive(Clone, Debug)]
struct PortData {
    width: u32,
    /// Whether [`Interpreter::set`] may change it.
    input: bool,
    /// One a lane.
    addresses: Vec<usize>,
}

/// Calls the same method of either machine.
macro_rules! either {
    ($width:expr, $machine:ident => $body:expr) => {
        match $width {
            Width::Narrow($machine) => $body,
            Width::Wide($machine) => $body,
        }
    };
}

impl Interpreter {
    /// Checks and prepares a netlist.
    ///
    /// # Errors
    /// Those of [`check()`].
    pub fn new(netlist: &Netlist) -> Result<Self, Vec<NetlistError>> {
        check(netlist)?;
        let flat = Flat::new(netlist);
        let narrow = flat
            .scopes()
            .iter()
            .all(|scope| netlist.module(scope.module).nets.iter().all(|net| net.width <= u32::BITS));
        let lowered = lower(&flat, if narrow { u32::BITS } else { u64::BITS });
        let machine = if narrow {
            Machine::new(&lowered.program).map(Width::Narrow)
        } else {
            Machine::new(&lowered.program).map(Width::Wide)
        };
        let machine = machine.map_err(|node| {
            // The check by words finds every loop that this can find; kept as an error value all the same.
            vec![NetlistError::CombinationalLoop {
                module: netlist.top_module().name.clone(),
                path: vec![format!("operation {node}")],
            }]
        })?;
        let mut interpreter = Self { flat, lowered, machine, ports: Vec::new(), settled: false, switching: None };
        for port in &netlist.top_module().ports {
            let net = netlist.top_module().net(port.net);
            let addresses = (0..net.lanes).map(|lane| {
                let parts = interpreter.lowered.parts(ScopeId::TOP, port.net, lane);
                let place = interpreter.lowered.program.whole(parts);
                place.map_or(0, |place| either!(&interpreter.machine, m => m.address(place.buffer, place.offset)))
            });
            let addresses = addresses.collect();
            let input = port.direction == super::Direction::Input;
            interpreter.ports.push(PortData { width: net.width, input, addresses });
        }
        Ok(interpreter)
    }

    /// A port of the top module by its name.
    pub fn port(&self, name: &str) -> Option<PortHandle> {
        let top = self.flat.netlist().top_module();
        let index = top.ports.iter().position(|port| top.net(port.net).name == name)?;
        Some(PortHandle(index as u32))
    }

    /// Sets a lane of an input port; bits beyond its width are dropped. Outputs cannot be set: nothing happens.
    ///
    /// # Panics
    /// If there is no such lane.
    pub fn set(&mut self, port: PortHandle, lane: usize, value: u64) {
        let port = &self.ports[port.0 as usize];
        if port.input {
            let address = port.addresses[lane];
            let value = value & mask(port.width);
            if either!(&mut self.machine, m => m.set_word(address, value)) {
                self.settled = false;
            }
        }
    }

    /// A lane of a port: of an output, what it was when [`settle`](Self::settle) was called last.
    ///
    /// # Panics
    /// If there is no such lane.
    pub fn get(&self, port: PortHandle, lane: usize) -> u64 {
        let address = self.ports[port.0 as usize].addresses[lane];
        either!(&self.machine, m => m.word(address))
    }

    /// Computes all words that depend on inputs and registers; does nothing if none has changed.
    pub fn settle(&mut self) {
        if !self.settled {
            either!(&mut self.machine, m => m.settle());
            self.settled = true;
        }
    }

    /// One rising edge of the clock, with reset not asserted: settles, then loads all registers.
    pub fn step(&mut self) {
        self.settle();
        if let Some(switching) = &mut self.switching {
            either!(&self.machine, m => switching.sample(|address| m.word(address)));
        }
        either!(&mut self.machine, m => m.edge());
        self.settled = false;
    }

    /// Puts all registers to their reset values (0 for those that have none), as they are after [`new`](Self::new).
    /// Inputs stay as they are.
    pub fn reset(&mut self) {
        either!(&mut self.machine, m => m.reset());
        self.settled = false;
    }

    /// Any named word by its hierarchical name, e.g. `u_pe[3][2].sum_q`, or `a_skewed[4]` for a lane of a bundle.
    /// What is computed from inputs and registers is as of the last [`settle`](Self::settle).
    pub fn peek(&self, path: &str) -> Option<u64> {
        self.flat.find(path).map(|word| self.word(word))
    }

    /// Any word of the flattened design.
    pub fn word(&self, word: Word) -> u64 {
        let Word { scope, net, instance, lane } = word;
        let parts = self.lowered.parts(scope, net, lane);
        let read = |place: program::Place| {
            let index = place.offset + instance * place.stride;
            either!(&self.machine, m => m.word(m.address(place.buffer, index)))
        };
        parts.iter().fold(0, |value, part| match *part {
            Part::Const { width, value: bits } => shifted(value, width) | bits,
            Part::Bits { net, low, width } => shifted(value, width) | read(net) >> low & mask(width),
            Part::Repeat { net, bit, count } => {
                shifted(value, count) | if read(net) >> bit & 1 == 1 { mask(count) } else { 0 }
            }
        })
    }

    /// What a delay line held `back` registers before its end, which is the word `end`.
    pub fn in_line(&self, end: Word, back: u32) -> u64 {
        match self.lowered.parts(end.scope, end.net, end.lane)[..] {
            [Part::Bits { net, low: 0, width }] => {
                let index = net.offset + end.instance * net.stride - back;
                either!(&self.machine, m => m.word(m.address(net.buffer, index))) & mask(width)
            }
            _ => self.word(end),
        }
    }

    /// The flattened form, which names words and finds them.
    pub fn flat(&self) -> &Flat {
        &self.flat
    }

    /// Starts to count bit changes, from zero and from the present state on: every [`step`](Self::step) compares each
    /// named word, just before the edge, with what it was at the step before. Costs time; off until called.
    pub fn count_switching(&mut self) {
        self.settle();
        let words: Vec<_> = self.flat.words().collect();
        let mut switching = Switching::default();
        for word in words {
            let parts = self.lowered.parts(word.scope, word.net, word.lane);
            let address = |place: program::Place| either!(&self.machine, m => m.address(place.buffer, place.offset + word.instance * place.stride));
            switching.add(word, parts, address);
        }
        either!(&self.machine, m => switching.start(|address| m.word(address)));
        self.switching = Some(switching);
    }

    /// Bit changes of every named word since [`count_switching`](Self::count_switching); empty before it.
    /// [`Flat::name`] names them.
    pub fn switching(&self) -> impl Iterator<Item = Toggles> + '_ {
        self.switching.iter().flat_map(Switching::toggles)
    }
}

fn shifted(value: u64, by: u32) -> u64 {
    if by >= 64 { 0 } else { value << by }
}

#[cfg(test)]
mod tests;
