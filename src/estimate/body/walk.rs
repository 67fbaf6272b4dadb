//! From the items of a module and of its instances to bits, sources and sinks.

use super::merge::merge_registers;
use super::{Body, CarryChain, DelayLineBit, FlipFlopBit, GridUse, Origin, Sink, Source};
use crate::estimate::EstimateError;
use crate::estimate::adder::AdderKind;
use crate::estimate::expand::expand;
use crate::estimate::logic::{Bit, Logic, Node};
use crate::estimate::parts::{Classifier, PartKind};
use crate::netlist::{Direction, Grid, Item, Link, ModuleId, NetId, Netlist, Op, Register, ResetKind, Skew};

/// An instance that is being inlined; the first is the module itself.
struct Scope {
    module: ModuleId,
    path: String,
    first_net: usize,
}

/// Who drives a net.
#[derive(Clone, Copy)]
enum Driver {
    Nobody,
    Port(usize),
    /// The net is another one's second name, across the border of an instance.
    Same(usize),
    Cell {
        scope: usize,
        item: usize,
        output: usize,
    },
    Register {
        scope: usize,
        item: usize,
    },
    Skew {
        scope: usize,
        item: usize,
    },
    Grid {
        grid: usize,
        port: NetId,
    },
}

impl Body {
    /// Takes `module` apart. `kinds` gives the kind of each addition by its place in [`Body::carry_chains`]; those beyond its end
    /// are of the default kind.
    ///
    /// # Errors
    /// [`EstimateError::Loop`] if combinational logic feeds itself.
    pub fn new(netlist: &Netlist, module: ModuleId, kinds: &[AdderKind]) -> Result<Body, EstimateError> {
        let mut body = Body::with_all_registers(netlist, module, kinds)?;
        merge_registers(&mut body);
        Ok(body)
    }

    /// [`Body::new`] before registers are merged.
    ///
    /// # Errors
    /// The same.
    pub fn with_all_registers(netlist: &Netlist, module: ModuleId, kinds: &[AdderKind]) -> Result<Body, EstimateError> {
        let body = Body {
            logic: Logic::default(),
            sources: Vec::new(),
            leaves: Vec::new(),
            sinks: Vec::new(),
            flip_flops: Vec::new(),
            delay_lines: Vec::new(),
            grids: Vec::new(),
            origins: vec![Origin { net: String::new(), part: PartKind::Control, carry_chain: None }],
            carry_chains: Vec::new(),
        };
        let parts = Classifier::new(netlist);
        let mut walk =
            Walk { netlist, parts, kinds, body, scopes: Vec::new(), drivers: Vec::new(), values: Vec::new() };
        walk.enter(module, String::new());
        for (index, port) in netlist.module(module).ports.iter().enumerate() {
            if port.direction == Direction::Input {
                walk.drivers[port.net.index()] = Driver::Port(index);
            }
        }
        walk.values = vec![None; walk.drivers.len()];
        (0..walk.drivers.len()).try_for_each(|net| walk.resolve(net))?;
        walk.collect_sinks();
        Ok(walk.body)
    }
}

struct Walk<'a> {
    netlist: &'a Netlist,
    parts: Classifier,
    kinds: &'a [AdderKind],
    body: Body,
    scopes: Vec<Scope>,
    drivers: Vec<Driver>,
    values: Vec<Option<Vec<Bit>>>,
}

impl<'a> Walk<'a> {
    /// Numbers the nets of a module and, depth first, of its instances; notes who drives each.
    fn enter(&mut self, module: ModuleId, path: String) -> usize {
        let (scope, first_net) = (self.scopes.len(), self.drivers.len());
        let body = self.netlist.module(module);
        self.drivers.extend(body.nets.iter().map(|_| Driver::Nobody));
        self.scopes.push(Scope { module, path: path.clone(), first_net });
        let global = |net: NetId| first_net + net.index();
        for (item, entry) in body.items.iter().enumerate() {
            match entry {
                Item::Cell(cell) => {
                    for (output, &net) in cell.outputs.iter().enumerate() {
                        self.drivers[global(net)] = Driver::Cell { scope, item, output };
                    }
                }
                Item::Register(register) => self.drivers[global(register.q)] = Driver::Register { scope, item },
                Item::Skew(skew) => self.drivers[global(skew.output)] = Driver::Skew { scope, item },
                Item::Instance(instance) => {
                    let child = self.enter(instance.module, format!("{path}u_{}.", instance.name));
                    let child_first = self.scopes[child].first_net;
                    for (port, &(inner, outer)) in
                        self.netlist.module(instance.module).ports.iter().zip(&instance.connections)
                    {
                        let (inner, outer) = (child_first + inner.index(), global(outer));
                        match port.direction {
                            Direction::Input => self.drivers[inner] = Driver::Same(outer),
                            Direction::Output => self.drivers[outer] = Driver::Same(inner),
                        }
                    }
                }
                Item::Grid(grid) => self.enter_grid(grid, &path, first_net),
                Item::Comment(_) => {}
            }
        }
        scope
    }

    fn enter_grid(&mut self, grid: &Grid, path: &str, first_net: usize) {
        let index = self.body.grids.len();
        let child = self.netlist.module(grid.module);
        let is_output = |net: NetId| child.ports.iter().any(|p| p.net == net && p.direction == Direction::Output);
        let mut chains = Vec::new();
        for link in &grid.links {
            match *link {
                Link::Own { port, net } if is_output(port) => {
                    self.drivers[first_net + net.index()] = Driver::Grid { grid: index, port };
                }
                Link::Pass { into, out, axis, exit, .. } => {
                    chains.push((into, out, axis, grid.axes[axis].1));
                    if let Some(net) = exit {
                        self.drivers[first_net + net.index()] = Driver::Grid { grid: index, port: out };
                    }
                }
                _ => {}
            }
        }
        let path = format!("{path}u_{}", grid.name);
        self.body.grids.push(GridUse { path, module: grid.module, count: grid.count().into(), chains });
    }

    /// The nets whose values `net` needs first.
    fn needs(&self, net: usize) -> Vec<usize> {
        match self.drivers[net] {
            Driver::Same(other) => vec![other],
            Driver::Cell { scope, item, .. } => match &self.module(scope).items[item] {
                Item::Cell(cell) => cell.inputs.iter().map(|&input| self.global(scope, input)).collect(),
                _ => Vec::new(),
            },
            Driver::Skew { scope, item } => match &self.module(scope).items[item] {
                // Only a lane of depth 0 is a wire.
                Item::Skew(skew) if self.shallowest(scope, skew) == 0 => vec![self.global(scope, skew.input)],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn module(&self, scope: usize) -> &'a crate::netlist::Module {
        self.netlist.module(self.scopes[scope].module)
    }

    fn global(&self, scope: usize, net: NetId) -> usize {
        self.scopes[scope].first_net + net.index()
    }

    fn shallowest(&self, scope: usize, skew: &Skew) -> u32 {
        let lanes = self.module(scope).net(skew.input).lanes;
        (0..lanes).map(|lane| skew.depth.of(lane, lanes)).min().unwrap_or(0)
    }

    /// Finds the bits of a net, after those of all nets it needs.
    fn resolve(&mut self, net: usize) -> Result<(), EstimateError> {
        let mut pending = vec![(net, false)];
        let mut open = Vec::new();
        while let Some((net, ready)) = pending.pop() {
            if self.values[net].is_some() {
                continue;
            }
            if ready {
                open.pop();
                self.values[net] = Some(self.bits_of(net));
                continue;
            }
            if open.contains(&net) {
                return Err(EstimateError::Loop { net: self.name_of(net) });
            }
            open.push(net);
            pending.push((net, true));
            pending.extend(
                self.needs(net).into_iter().filter(|&need| self.values[need].is_none()).map(|need| (need, false)),
            );
        }
        Ok(())
    }

    fn name_of(&self, net: usize) -> String {
        let scope = self.scopes.iter().rposition(|scope| scope.first_net <= net).unwrap_or(0);
        let module = self.module(scope);
        format!("{}{}", self.scopes[scope].path, module.nets[net - self.scopes[scope].first_net].name)
    }

    fn value(&self, scope: usize, net: NetId) -> &[Bit] {
        self.values[self.global(scope, net)].as_deref().unwrap_or(&[])
    }

    /// Width and lanes of a net.
    fn shape(&self, net: usize) -> (usize, u32) {
        let scope = self.scopes.iter().rposition(|scope| scope.first_net <= net).unwrap_or(0);
        let entry = &self.module(scope).nets[net - self.scopes[scope].first_net];
        (entry.width as usize, entry.lanes)
    }

    fn origin(&mut self, net: usize, part: PartKind) -> u32 {
        let net = self.name_of(net);
        self.body.origins.push(Origin { net, part, carry_chain: None });
        self.body.origins.len() as u32 - 1
    }

    fn leaf(&mut self, source: Source) -> Bit {
        let bit = self.body.logic.leaf();
        self.body.sources.push(source);
        self.body.leaves.push(bit);
        bit
    }

    fn bits_of(&mut self, net: usize) -> Vec<Bit> {
        let (width, lanes) = self.shape(net);
        let total = width * lanes as usize;
        match self.drivers[net] {
            // A net without driver is refused by the netlist's checks; here it is nothing to build.
            Driver::Nobody => vec![Bit::ZERO; total],
            Driver::Port(port) => {
                let tag = self.origin(net, PartKind::Control);
                self.body.logic.set_tag(tag);
                (0..total).map(|bit| self.leaf(Source::Port { port, bit })).collect()
            }
            Driver::Same(other) => self.values[other].clone().unwrap_or_default(),
            Driver::Grid { grid, port } => {
                let tag = self.origin(net, PartKind::Control);
                self.body.logic.set_tag(tag);
                (0..total).map(|bit| self.leaf(Source::Grid { grid, port, bit: bit as u32 })).collect()
            }
            Driver::Register { scope, item } => {
                let Item::Register(register) = &self.module(scope).items[item] else { return Vec::new() };
                let part = self.parts.register(self.module(scope), register);
                let origin = self.origin(net, part);
                self.body.logic.set_tag(origin);
                let asynchronous = self.netlist.reset == ResetKind::AsyncLow;
                (0..total)
                    .map(|bit| {
                        let reset = register.reset.filter(|_| asynchronous).map(|value| value >> bit & 1 == 1);
                        self.body.flip_flops.push(FlipFlopBit { reset, origin, bit: bit as u32 });
                        self.leaf(Source::FlipFlop(self.body.flip_flops.len() - 1))
                    })
                    .collect()
            }
            Driver::Skew { scope, item } => {
                let Item::Skew(skew) = &self.module(scope).items[item] else { return Vec::new() };
                let origin = self.origin(net, self.parts.skew(self.module(scope), skew));
                self.body.logic.set_tag(origin);
                let reset = (skew.reset && self.netlist.reset == ResetKind::AsyncLow).then_some(false);
                let mut bits = Vec::with_capacity(total);
                for bit in 0..total {
                    let depth = skew.depth.of((bit / width) as u32, lanes);
                    if depth == 0 {
                        bits.push(self.value(scope, skew.input)[bit]);
                        continue;
                    }
                    let enabled = skew.enable.is_some();
                    self.body.delay_lines.push(DelayLineBit { depth, enabled, reset, origin, bit: bit as u32 });
                    bits.push(self.leaf(Source::DelayLine(self.body.delay_lines.len() - 1)));
                }
                bits
            }
            Driver::Cell { scope, item, output } => self.cell(net, scope, item, output),
        }
    }

    fn cell(&mut self, net: usize, scope: usize, item: usize, output: usize) -> Vec<Bit> {
        let module = self.module(scope);
        let Item::Cell(cell) = &module.items[item] else { return Vec::new() };
        let (width, lanes) = self.shape(net);
        let width = width * lanes as usize;
        let inputs: Vec<Vec<Bit>> = cell.inputs.iter().map(|&input| self.value(scope, input).to_vec()).collect();
        if !cell.op.is_wiring() {
            let tag = self.origin(net, self.parts.cell(module, cell));
            self.body.logic.set_tag(tag);
        }
        let chain = if matches!(cell.op, Op::Add | Op::Sub | Op::MulSigned) {
            let index = self.body.carry_chains.len();
            let kind = self.kinds.get(index).copied().unwrap_or_default();
            let width = width as u32;
            self.body.carry_chains.push(CarryChain { net: self.name_of(net), width, kind });
            if let Some(origin) = self.body.origins.last_mut() {
                origin.carry_chain = Some(index);
            }
            kind
        } else {
            AdderKind::default()
        };
        expand(&mut self.body.logic, cell.op, chain, &inputs, width, output)
    }

    fn collect_sinks(&mut self) {
        for (port, entry) in self.netlist.module(self.scopes[0].module).ports.iter().enumerate() {
            if entry.direction == Direction::Output {
                let bits = self.value(0, entry.net).to_vec();
                self.body.sinks.extend(bits.into_iter().enumerate().map(|(i, bit)| (bit, Sink::Port { port, bit: i })));
            }
        }
        let synchronous_reset = match self.netlist.reset {
            ResetKind::AsyncLow => None,
            ResetKind::SyncHigh => Some(self.leaf(Source::Reset)),
            ResetKind::SyncLow => Some(!self.leaf(Source::Reset)),
        };
        let mut grid = 0;
        for scope in 0..self.scopes.len() {
            for item in &self.module(scope).items {
                match item {
                    Item::Register(register) => self.register_sinks(scope, register, synchronous_reset),
                    Item::Skew(skew) => self.skew_sinks(scope, skew),
                    _ => {}
                }
            }
        }
        // Grids were numbered while entering, depth first: a module's items up to an instance, then the instance's.
        let mut order = Vec::new();
        self.grid_order(0, &mut 1, &mut order);
        for (scope, item) in order {
            if let Item::Grid(entry) = &self.module(scope).items[item] {
                self.grid_sinks(scope, grid, entry);
                grid += 1;
            }
        }
    }

    /// (scope, item) of every grid in the order of [`Body::grids`].
    fn grid_order(&self, scope: usize, next_scope: &mut usize, order: &mut Vec<(usize, usize)>) {
        for (index, item) in self.module(scope).items.iter().enumerate() {
            match item {
                Item::Grid(_) => order.push((scope, index)),
                Item::Instance(_) => {
                    let child = *next_scope;
                    *next_scope += 1;
                    self.grid_order(child, next_scope, order);
                }
                _ => {}
            }
        }
    }

    fn register_sinks(&mut self, scope: usize, register: &Register, synchronous_reset: Option<Bit>) {
        let q = self.value(scope, register.q).to_vec();
        let d = self.value(scope, register.d).to_vec();
        let enable = register.enable.map_or(Bit::ONE, |net| self.value(scope, net)[0]);
        let clear = register.clear.map_or(Bit::ZERO, |net| self.value(scope, net)[0]);
        for (bit, (&q, &d)) in q.iter().zip(&d).enumerate() {
            let Some(&Source::FlipFlop(index)) = self.source_of(q) else { continue };
            let logic = &mut self.body.logic;
            logic.set_tag(self.body.flip_flops[index].origin);
            let held = logic.mux(enable, d, q);
            let mut next = logic.and(!clear, held);
            if let (Some(reset), Some(value)) = (synchronous_reset, register.reset) {
                next = if value >> bit & 1 == 1 { logic.or(reset, next) } else { logic.and(!reset, next) };
            }
            self.body.sinks.push((next, Sink::FlipFlop(index)));
        }
    }

    /// What the leaf of this bit is.
    fn source_of(&self, bit: Bit) -> Option<&Source> {
        match self.body.logic.nodes()[bit.node()] {
            Node::Leaf(leaf) => self.body.sources.get(leaf as usize),
            _ => None,
        }
    }

    fn skew_sinks(&mut self, scope: usize, skew: &Skew) {
        let input = self.value(scope, skew.input).to_vec();
        let output = self.value(scope, skew.output).to_vec();
        let mut enabled = 0;
        for (from, to) in input.into_iter().zip(output) {
            if let Some(&Source::DelayLine(index)) = self.source_of(to) {
                // A line of depth 0 shows its input, which may itself be the end of another line.
                if from == to {
                    continue;
                }
                enabled += u64::from(self.body.delay_lines[index].depth);
                self.body.sinks.push((from, Sink::DelayLine(index)));
            }
        }
        if let Some(enable) = skew.enable {
            self.body.sinks.push((self.value(scope, enable)[0], Sink::DelayLineEnable { count: enabled }));
        }
    }

    fn grid_sinks(&mut self, scope: usize, grid: usize, entry: &Grid) {
        let count = self.body.grids[grid].count;
        let child = self.netlist.module(entry.module);
        let is_input = |net: NetId| child.ports.iter().any(|p| p.net == net && p.direction == Direction::Input);
        for (index, link) in entry.links.iter().enumerate() {
            let (port, net, readers) = match *link {
                Link::All { port, net } => (port, net, count),
                Link::Along { port, axis, net } => (port, net, count / u64::from(entry.axes[axis].1)),
                Link::Own { port, net } if is_input(port) => (port, net, 1),
                Link::Pass { into, entry, .. } => (into, entry, 1),
                _ => continue,
            };
            let bits = self.value(scope, net).to_vec();
            let link = index as u32;
            let sinks = bits.into_iter().enumerate();
            self.body
                .sinks
                .extend(sinks.map(|(at, bit)| (bit, Sink::Grid { grid, port, readers, link, bit: at as u32 })));
        }
    }
}
