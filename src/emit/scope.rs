//! What the printer knows of one module before it prints a line: names, widths, which bits are read, what comes first.

use crate::emit::EmitError;
use crate::netlist::wiring::{Part, Wiring, mask, slice, width};
use crate::netlist::{Cell, Direction, Item, Link, Module, NetId, Netlist, Op};
use std::collections::BTreeSet;

/// Whether a module has a clock and a reset, itself or in what it instantiates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    /// Any register.
    pub clock: bool,
    /// Any register that is reset.
    pub reset: bool,
}

impl State {
    /// The state of every module of a netlist, in its order.
    pub fn of_all(netlist: &Netlist) -> Vec<State> {
        let mut states: Vec<State> = Vec::with_capacity(netlist.modules.len());
        for module in &netlist.modules {
            let mut state = State::default();
            for item in &module.items {
                let own = match item {
                    Item::Register(register) => State { clock: true, reset: register.reset.is_some() },
                    Item::Skew(skew) => {
                        let lanes = module.net(skew.input).lanes;
                        let clock = (0..lanes).any(|lane| skew.depth.of(lane, lanes) > 0);
                        State { clock, reset: clock && skew.reset }
                    }
                    // Leaf first, so the child's state is known.
                    Item::Instance(instance) => states[instance.module.index()],
                    Item::Grid(grid) => states[grid.module.index()],
                    Item::Cell(_) | Item::Comment(_) => State::default(),
                };
                state.clock |= own.clock;
                state.reset |= own.reset;
            }
            states.push(state);
        }
        states
    }
}

/// How a net is introduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declaration {
    /// In the port list, or never because it is unnamed wiring.
    Elsewhere,
    /// `wire x = ...;` where its cell stands.
    WithValue,
    /// `wire x;` or `reg x;` before the item of this index.
    Before(usize),
}

/// One module, looked at as a whole.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub netlist: &'a Netlist,
    pub module: &'a Module,
    pub states: &'a [State],
    pub state: State,
    pub wiring: Wiring<'a>,
    pub declarations: Vec<Declaration>,
    /// Whether a net is a register's output.
    pub registered: Vec<bool>,
    /// Width as printed, all lanes: top carry bits that nothing reads are not computed. 0: not printed at all.
    widths: Vec<u32>,
    reads: Vec<Vec<u64>>,
    names: BTreeSet<String>,
}

impl<'a> Scope<'a> {
    /// Looks at module `index` of `netlist`.
    ///
    /// # Errors
    /// [`EmitError::ImplicitName`].
    pub fn new(netlist: &'a Netlist, states: &'a [State], index: usize) -> Result<Self, EmitError> {
        let module = &netlist.modules[index];
        let names: BTreeSet<String> = module.nets.iter().map(|net| net.name.clone()).collect();
        if let Some(&name) = ["clk_i", "rst_ni", "rst_i"].iter().find(|&&name| names.contains(name)) {
            return Err(EmitError::ImplicitName { module: module.name.clone(), name: name.to_owned() });
        }
        let wiring = Wiring::new(module);
        let count = module.nets.len();
        let mut scope = Scope {
            netlist,
            module,
            states,
            state: states[index],
            wiring,
            declarations: vec![Declaration::Elsewhere; count],
            registered: vec![false; count],
            widths: module.nets.iter().map(|net| net.width * net.lanes).collect(),
            reads: module.nets.iter().map(|net| vec![0; net.lanes as usize]).collect(),
            names,
        };
        scope.mark_reads();
        scope.narrow_carries();
        scope.order();
        Ok(scope)
    }

    /// A name that no net has, made from `wish`; it is taken from now on.
    pub fn fresh(&mut self, wish: &str) -> String {
        let mut name = wish.to_owned();
        while self.names.contains(&name) {
            name.push_str("_x");
        }
        self.names.insert(name.clone());
        name
    }

    /// Name of a net.
    pub fn name(&self, net: NetId) -> &'a str {
        &self.module.net(net).name
    }

    /// Bits of a net as printed, all lanes; 0 if it is not printed.
    pub fn printed_width(&self, net: NetId) -> u32 {
        self.widths[net.index()]
    }

    /// The low `bits` bits of an operand.
    pub fn operand(&self, net: NetId, bits: u32) -> Vec<Part> {
        let parts = self.wiring.parts(net);
        if width(&parts) == bits { parts } else { slice(&parts, 0, bits) }
    }

    /// Runs (low, width) of bits of each named net that nothing reads and whose name does not say so.
    pub fn unread(&self) -> Vec<(NetId, Vec<(u32, u32)>)> {
        let mut all = Vec::new();
        for (index, net) in self.module.nets.iter().enumerate() {
            let id = NetId(index as u32);
            let is_output = self.module.ports.iter().any(|port| port.net == id && port.direction == Direction::Output);
            if net.name.is_empty() || net.name.contains("unused") || is_output || self.widths[index] == 0 {
                continue;
            }
            let mut runs: Vec<(u32, u32)> = Vec::new();
            for bit in 0..self.widths[index] {
                if self.reads[index][(bit / net.width) as usize] >> (bit % net.width) & 1 == 1 {
                    continue;
                }
                match runs.last_mut() {
                    Some((low, width)) if *low + *width == bit => *width += 1,
                    _ => runs.push((bit, 1)),
                }
            }
            if !runs.is_empty() {
                all.push((id, runs));
            }
        }
        all
    }

    fn mark_reads(&mut self) {
        for item in &self.module.items {
            for net in read_by(self.netlist, self.module, item) {
                for part in self.wiring.parts(net) {
                    match part {
                        Part::Const { .. } => {}
                        Part::Bits { net, low, width } => self.mark(net, low, width),
                        Part::Repeat { net, bit, .. } => self.mark(net, bit, 1),
                    }
                }
            }
        }
    }

    fn mark(&mut self, net: NetId, low: u32, width: u32) {
        let lane_width = self.module.net(net).width;
        let (mut at, end) = (low, low + width);
        while at < end {
            let within = at % lane_width;
            let run = (lane_width - within).min(end - at);
            self.reads[net.index()][(at / lane_width) as usize] |= mask(run) << within;
            at += run;
        }
    }

    /// The carry out of a row's top columns is often dropped: then it is not computed, as linters ask.
    fn narrow_carries(&mut self) {
        for item in &self.module.items {
            let Item::Cell(cell) = item else { continue };
            if let (Op::Compress32 | Op::Compress22, &[_, carry]) = (cell.op, &cell.outputs[..]) {
                let is_port = self.module.ports.iter().any(|port| port.net == carry);
                if !is_port && !self.module.net(carry).name.contains("unused") {
                    self.widths[carry.index()] = 64 - self.reads[carry.index()][0].leading_zeros();
                }
            }
        }
    }

    /// Decides where each net is declared: with its value if nothing uses it before, else where it was made.
    fn order(&mut self) {
        let items = &self.module.items;
        let count = self.module.nets.len();
        let mut driver = vec![usize::MAX; count];
        let mut by_cell = vec![false; count];
        let mut first_use = vec![usize::MAX; count];
        // The highest net that an item defines: nets with a higher index were made after it.
        let mut made_after = vec![0; items.len()];
        for (at, item) in items.iter().enumerate() {
            for net in defined_by(self.netlist, item) {
                driver[net.index()] = at;
                made_after[at] = made_after[at].max(net.0);
                by_cell[net.index()] |= matches!(item, Item::Cell(_));
                self.registered[net.index()] |= matches!(item, Item::Register(_));
            }
            for net in read_by(self.netlist, self.module, item) {
                for part in self.wiring.parts(net) {
                    if let Part::Bits { net, .. } | Part::Repeat { net, .. } = part {
                        let first = &mut first_use[net.index()];
                        *first = (*first).min(at);
                    }
                }
            }
        }
        for index in 0..count {
            let net = NetId(index as u32);
            let is_port = self.module.ports.iter().any(|port| port.net == net);
            if is_port || self.name(net).is_empty() {
                continue;
            }
            self.declarations[index] = if by_cell[index] && first_use[index] > driver[index] {
                Declaration::WithValue
            } else {
                let made = made_after.iter().position(|&made| made > net.0).unwrap_or(items.len());
                let at = made.min(driver[index]).min(first_use[index]);
                Declaration::Before(at)
            };
        }
    }
}

/// Nets that an item drives.
fn defined_by(netlist: &Netlist, item: &Item) -> Vec<NetId> {
    match item {
        Item::Cell(cell) => cell.outputs.clone(),
        Item::Register(register) => vec![register.q],
        Item::Skew(skew) => vec![skew.output],
        Item::Instance(instance) => {
            let child = netlist.module(instance.module);
            let outputs = instance.connections.iter().filter(|&&(port, _)| !is_input(child, port));
            outputs.map(|&(_, net)| net).collect()
        }
        Item::Grid(grid) => {
            let child = netlist.module(grid.module);
            let outputs = grid.links.iter().filter_map(|link| match *link {
                Link::Own { port, net } if !is_input(child, port) => Some(net),
                Link::Pass { exit, .. } => exit,
                _ => None,
            });
            outputs.collect()
        }
        Item::Comment(_) => Vec::new(),
    }
}

/// Nets that the printed form of an item reads.
fn read_by(netlist: &Netlist, module: &Module, item: &Item) -> Vec<NetId> {
    match item {
        Item::Cell(Cell { op, inputs, outputs }) => {
            let in_place = op.is_wiring() && module.net(outputs[0]).name.is_empty();
            if in_place { Vec::new() } else { inputs.clone() }
        }
        Item::Register(register) => [Some(register.d), register.enable, register.clear].into_iter().flatten().collect(),
        Item::Skew(skew) => [Some(skew.input), skew.enable].into_iter().flatten().collect(),
        Item::Instance(instance) => {
            let child = netlist.module(instance.module);
            let inputs = instance.connections.iter().filter(|&&(port, _)| is_input(child, port));
            inputs.map(|&(_, net)| net).collect()
        }
        Item::Grid(grid) => {
            let child = netlist.module(grid.module);
            let inputs = grid.links.iter().filter_map(|link| match *link {
                Link::All { net, .. } | Link::Along { net, .. } => Some(net),
                Link::Own { port, net } if is_input(child, port) => Some(net),
                Link::Pass { entry, .. } => Some(entry),
                Link::Own { .. } | Link::Open { .. } => None,
            });
            inputs.collect()
        }
        Item::Comment(_) => Vec::new(),
    }
}

/// Whether `net` is an input port of `child`.
pub(super) fn is_input(child: &Module, net: NetId) -> bool {
    child.ports.iter().any(|port| port.net == net && port.direction == Direction::Input)
}
