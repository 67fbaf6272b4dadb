//! From modules to the cells of their instances: all of a small design, a seeded sample of a large one.

use std::collections::BTreeMap;

use super::circuit::{BitPlace, CONSTANTS, Circuit, FlipFlop, Gate, Given, MOST_INPUTS, Owner, Slot, When};
use super::connect::Wired;
use super::template::{Line, Place, Template, constant, templates};
use crate::estimate::body::Sink;
use crate::estimate::parts::PartKind;
use crate::estimate::process::Process;
use crate::estimate::timing::{Design, EndKind, NO_NET, Role, Start};
use crate::netlist::flatten::{Flat, ScopeId, Word};
use crate::netlist::{Direction, Item, NetId, Netlist};

/// Instances of a grid that are looked at at least.
const LEAST: u32 = 8;

/// An expanded instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instance {
    pub module: usize,
    base: u32,
}

/// Expands a design; says how many instances of each module, by index, were looked at.
///
/// # Errors
/// The name of a net that cannot be found, or that depends on itself.
pub fn expand(
    design: &Design,
    netlist: &Netlist,
    process: &Process,
    seed: u64,
    whole: f64,
) -> Result<(Circuit, Vec<u64>), String> {
    let templates = templates(design, netlist, process);
    let flat = Flat::new(netlist);
    let top = netlist.top.index();
    let all = templates[top].as_ref().map_or(0.0, |template| template.cells);
    let mut builder = Builder {
        design,
        process,
        netlist,
        flat: &flat,
        templates: &templates,
        circuit: Circuit::default(),
        parents: CONSTANTS.to_vec(),
        slots: BTreeMap::new(),
        taken: vec![0; netlist.modules.len()],
        seed,
    };
    let instance = builder.instance(top, ScopeId::TOP, 0, 1.0, (whole / all.max(1.0)).min(1.0))?;
    builder.ports_of_top(instance);
    let taken = std::mem::take(&mut builder.taken);
    let mut circuit = builder.numbered();
    if !circuit.sort() {
        return Err("some gates wait for themselves".to_owned());
    }
    Ok((circuit, taken))
}

pub(super) struct Builder<'a> {
    design: &'a Design<'a>,
    process: &'a Process,
    pub netlist: &'a Netlist,
    flat: &'a Flat,
    templates: &'a [Option<Template<'a>>],
    pub circuit: Circuit,
    /// Union-find over nets.
    parents: Vec<u32>,
    slots: BTreeMap<Slot, u32>,
    /// Expanded instances by module.
    taken: Vec<u64>,
    seed: u64,
}

impl<'a> Builder<'a> {
    fn new_nets(&mut self, count: u32) -> u32 {
        let first = self.parents.len() as u32;
        self.parents.extend(first..first + count);
        first
    }

    fn root(&mut self, mut net: u32) -> u32 {
        while self.parents[net as usize] != net {
            let above = self.parents[self.parents[net as usize] as usize];
            self.parents[net as usize] = above;
            net = above;
        }
        net
    }

    pub(super) fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a.max(b) as usize] = a.min(b);
    }

    pub(super) fn template(&self, module: usize) -> &'a Template<'a> {
        self.templates[module].as_ref().expect("every module that occurs is mapped")
    }

    pub(super) fn net(&self, instance: Instance, net: u32, copy: u32) -> u32 {
        instance.base + self.template(instance.module).offsets[net as usize] + copy
    }

    /// The net of what reader `index` of `of` reads.
    pub(super) fn read(&self, instance: Instance, place: Place, index: u64, of: u64) -> u32 {
        match place {
            Place::Constant(value) => constant(value),
            Place::Net(net) => {
                let graph = self.template(instance.module).graph;
                let copies = graph.driver(net).map_or(1, |gate| graph.copies[gate as usize]);
                // Where sizing has put one repeater for some readers of many, there are fewer copies than readers think.
                let copy = (index * copies / of.max(1)).min(copies.saturating_sub(1));
                self.net(instance, net, copy as u32)
            }
        }
    }

    pub(super) fn slot(&mut self, word: Word, back: u32) -> u32 {
        let slot = Slot { word, back };
        let next = self.slots.len() as u32;
        *self.slots.entry(slot).or_insert_with(|| {
            self.circuit.slots.push(slot);
            next
        })
    }

    /// Where the interpreter has bit `bit` of a net at a path below an instance, `back` registers before.
    fn place_of(
        &mut self,
        (scope, index): (ScopeId, u32),
        path: &str,
        bit: u32,
        back: u32,
    ) -> Result<BitPlace, String> {
        let missing = || format!("the netlist has no `{path}`");
        let mut scope = scope;
        let mut rest = path;
        while let Some((segment, more)) = rest.split_once('.') {
            scope = self.child(scope, segment).ok_or_else(missing)?;
            rest = more;
        }
        let module = self.flat.module(scope);
        let net =
            module.nets.iter().position(|net| net.name == rest).filter(|_| !rest.is_empty()).ok_or_else(missing)?;
        let width = module.nets[net].width;
        let word = Word { scope, net: NetId(net as u32), instance: index, lane: bit / width };
        Ok(BitPlace { slot: self.slot(word, back), bit: bit % width })
    }

    fn child(&self, scope: ScopeId, segment: &str) -> Option<ScopeId> {
        let name = segment.strip_prefix("u_")?;
        let item = self.flat.module(scope).items.iter().position(|item| match item {
            Item::Instance(instance) => instance.name == name,
            Item::Grid(grid) => grid.name == name,
            _ => false,
        })?;
        Some(self.flat.child(scope, item))
    }

    fn instance(
        &mut self,
        module: usize,
        scope: ScopeId,
        index: u32,
        weight: f64,
        share: f64,
    ) -> Result<Instance, String> {
        let template = self.template(module);
        let instance = Instance { module, base: self.new_nets(template.size) };
        self.taken[module] += 1;
        let owner = |part: PartKind| Owner { part, module: module as u32, weight };
        self.gates(instance, owner);
        let origin = |origin: u32| &template.body.origins[origin as usize];
        for end in &template.graph.ends {
            let EndKind::Register(register) = end.kind else { continue };
            let Sink::FlipFlop(at) = template.body.sinks[end.sink as usize].1 else { continue };
            let q = template.q_nets[register as usize];
            let bit = template.body.flip_flops[at];
            let cell = template.graph.registers[register as usize];
            if cell.copies == 0 {
                continue;
            }
            let value = self.place_of((scope, index), &origin(bit.origin).net, bit.bit, 0)?;
            let data = self.read(instance, template.place(end.net, end.sink), 0, 1);
            let q = self.net(instance, q, 0);
            let owner = owner(origin(bit.origin).part);
            let is_inverted = self.process.flip_flops()[cell.cell as usize].q.inverted;
            let cell = cell.cell;
            self.circuit.flip_flops.push(FlipFlop { cell, data, q, value, is_inverted, is_checked: true, owner });
        }
        let mut readers: BTreeMap<u32, u64> = BTreeMap::new();
        for line in &template.lines {
            let reader = line.hold.map_or(0, |(_, select)| *readers.entry(select).or_default());
            self.line(instance, (scope, index), line, reader, weight)?;
            if let Some((_, select)) = line.hold {
                let depth = template.body.delay_lines[line.line as usize].depth;
                *readers.entry(select).or_default() += u64::from(depth);
            }
        }
        for (net, start) in template.graph.starts.iter().enumerate() {
            // A netlist runs out of reset.
            if *start == Start::Reset {
                let net = self.net(instance, net as u32, 0);
                self.unite(net, CONSTANTS[0]);
            }
        }
        for grid in 0..template.body.grids.len() {
            self.grid(instance, (scope, index), grid, weight, share)?;
        }
        Ok(instance)
    }

    fn gates(&mut self, instance: Instance, owner: impl Fn(PartKind) -> Owner) {
        let template = self.template(instance.module);
        let graph = template.graph;
        for gate in 0..graph.cells.len() as u32 {
            let part = match graph.roles[gate as usize] {
                Role::Logic(origin) => template.body.origins[origin as usize].part,
                Role::Repeater => PartKind::Buffers,
                Role::Hold(_) | Role::Example => continue,
            };
            let copies = graph.copies[gate as usize];
            for copy in 0..copies {
                let mut inputs = [u32::MAX; MOST_INPUTS];
                for pin in graph.pins_of(gate) {
                    inputs[usize::from(pin.input)] = self.read(instance, place_of_pin(pin.net), copy, copies);
                }
                let output = self.net(instance, graph.net_of(gate), copy as u32);
                let cell = graph.cells[gate as usize];
                self.circuit.gates.push(Gate { cell, inputs, output, owner: owner(part) });
            }
        }
    }

    /// The flip-flops of a delay line, with the multiplexers that hold them.
    fn line(
        &mut self,
        instance: Instance,
        at: (ScopeId, u32),
        line: &Line,
        first_reader: u64,
        weight: f64,
    ) -> Result<(), String> {
        let template = self.template(instance.module);
        let bit = template.body.delay_lines[line.line as usize];
        let register = template.body.flip_flops.len() + line.line as usize;
        let cell = template.graph.registers[register];
        if cell.copies == 0 {
            return Ok(());
        }
        let origin = &template.body.origins[bit.origin as usize];
        let owner = Owner { part: origin.part, module: instance.module as u32, weight };
        let is_inverted = self.process.flip_flops()[cell.cell as usize].q.inverted;
        let hold = line.hold.filter(|&(_, select)| select != u32::MAX).zip(self.design.library().hold(is_inverted));
        let is_turned = hold.is_some_and(|(_, pins)| pins.inverting);
        let mut enters = self.read(instance, line.enters, 0, 1);
        if is_turned {
            enters = self.inverse(enters, owner)?;
        }
        let mut not_selects: BTreeMap<u32, u32> = BTreeMap::new();
        for stage in 0..bit.depth {
            let back = bit.depth - 1 - stage;
            let q = match back {
                0 => self.net(instance, template.q_nets[register], 0),
                _ => self.new_nets(1),
            };
            // What its multiplexer and the next stage read: a multiplexer that inverts takes the complement as it is.
            let is_read = back > 0 || hold.is_some();
            let shown = if is_inverted && !is_turned && is_read { self.inverse(q, owner)? } else { q };
            let data = match hold {
                None => enters,
                Some(((cell, select), pins)) => {
                    let pin = template.graph.pins_of(select)[usize::from(pins.select)];
                    let readers = pin.weight.round() as u64
                        * template.graph.driver(pin.net).map_or(1, |gate| template.graph.copies[gate as usize]);
                    let mut inputs = [u32::MAX; MOST_INPUTS];
                    inputs[..pins.inputs(NO_NET).len()].fill(shown);
                    inputs[usize::from(pins.data)] = enters;
                    let reader = first_reader + u64::from(stage);
                    let selects = self.read(instance, place_of_pin(pin.net), reader, readers);
                    inputs[usize::from(pins.select)] = selects;
                    if let Some(not_select) = pins.not_select {
                        let not_selects = match not_selects.get(&selects) {
                            Some(&known) => known,
                            None => *not_selects.entry(selects).or_insert(self.inverse(selects, owner)?),
                        };
                        inputs[usize::from(not_select)] = not_selects;
                    }
                    let output = self.new_nets(1);
                    self.circuit.gates.push(Gate { cell, inputs, output, owner });
                    output
                }
            };
            let value = self.place_of(at, &origin.net, bit.bit, back)?;
            let is_checked = hold.is_some() || !bit.enabled;
            self.circuit.flip_flops.push(FlipFlop { cell: cell.cell, data, q, value, is_inverted, is_checked, owner });
            enters = shown;
        }
        Ok(())
    }

    /// The output of an inverter that reads `net`.
    fn inverse(&mut self, net: u32, owner: Owner) -> Result<u32, String> {
        let cell = self.design.library().inverter().ok_or("the process has no inverter")?;
        let mut inputs = [u32::MAX; MOST_INPUTS];
        inputs[0] = net;
        let output = self.new_nets(1);
        self.circuit.gates.push(Gate { cell, inputs, output, owner });
        Ok(output)
    }

    pub(super) fn input(&self, instance: Instance, port: u32, bit: u32) -> u32 {
        self.net(instance, self.template(instance.module).inputs[port as usize][bit as usize], 0)
    }

    pub(super) fn output(&self, instance: Instance, port: u32, bit: u32) -> u32 {
        self.read(instance, self.template(instance.module).outputs[port as usize][bit as usize], 0, 1)
    }

    /// The instances of a grid that are looked at, one from each of as many stretches of them.
    fn choose(&mut self, count: u32, share: f64) -> Vec<u32> {
        let taken = ((f64::from(count) * share).ceil() as u32).max(LEAST).min(count);
        (0..taken)
            .map(|place| {
                let (from, to) = (ratio(place, count, taken), ratio(place + 1, count, taken));
                self.seed = next(self.seed);
                from + (self.seed >> 33) as u32 % (to - from)
            })
            .collect()
    }

    fn grid(
        &mut self,
        outer: Instance,
        (scope, index): (ScopeId, u32),
        at: usize,
        weight: f64,
        share: f64,
    ) -> Result<(), String> {
        let around = self.template(outer.module);
        let used = &around.body.grids[at];
        let grid = around.grids.get(at).copied().ok_or_else(|| format!("the netlist has no `{}`", used.path))?;
        let mut inner_scope = scope;
        for segment in used.path.split('.') {
            inner_scope =
                self.child(inner_scope, segment).ok_or_else(|| format!("the netlist has no `{}`", used.path))?;
        }
        let count = grid.count();
        let chosen = self.choose(count, share);
        let taken = chosen.len() as f64 / f64::from(count);
        let mut instances = vec![None; count as usize];
        let module = used.module.index();
        for &place in &chosen {
            let made =
                self.instance(module, inner_scope, index * count + place, weight / taken, (share / taken).min(1.0))?;
            instances[place as usize] = Some(made);
        }
        let wired = Wired { outer, scope: inner_scope, first: index * count, at, grid, module, instances };
        self.inputs_of(&wired);
        self.outputs_of(&wired);
        self.chains_of(&wired);
        Ok(())
    }

    fn ports_of_top(&mut self, top: Instance) {
        let module = self.netlist.top_module();
        for (port, entry) in module.ports.iter().enumerate() {
            let width = module.net(entry.net).width;
            let bits = match entry.direction {
                Direction::Input => self.template(top.module).inputs[port].len(),
                Direction::Output => self.template(top.module).outputs[port].len(),
            };
            for bit in 0..bits as u32 {
                let word = Word { scope: ScopeId::TOP, net: entry.net, instance: 0, lane: bit / width };
                let value = BitPlace { slot: self.slot(word, 0), bit: bit % width };
                match entry.direction {
                    Direction::Input => {
                        let net = self.input(top, port as u32, bit);
                        self.circuit.given.push(Given { net, value, when: When::Input });
                    }
                    Direction::Output => {
                        let net = self.output(top, port as u32, bit);
                        self.circuit.outputs.push((net, value));
                    }
                }
            }
        }
    }

    /// The circuit with nets that turned out to be one under one number, without gaps.
    fn numbered(mut self) -> Circuit {
        let roots: Vec<u32> = (0..self.parents.len() as u32).map(|net| self.root(net)).collect();
        let mut numbers = vec![u32::MAX; roots.len()];
        let mut count = 0;
        for &root in &roots {
            if numbers[root as usize] == u32::MAX {
                numbers[root as usize] = count;
                count += 1;
            }
        }
        let mut circuit = self.circuit;
        let number = |net: &mut u32| {
            if *net != u32::MAX {
                *net = numbers[roots[*net as usize] as usize];
            }
        };
        for gate in &mut circuit.gates {
            gate.inputs.iter_mut().for_each(number);
            number(&mut gate.output);
        }
        for flip_flop in &mut circuit.flip_flops {
            number(&mut flip_flop.data);
            number(&mut flip_flop.q);
        }
        for given in &mut circuit.given {
            number(&mut given.net);
            if let When::As(like) = &mut given.when {
                number(like);
            }
        }
        circuit.more_loads.iter_mut().for_each(|load| number(&mut load.net));
        circuit.outputs.iter_mut().for_each(|(net, _)| number(net));
        circuit.nets = count;
        circuit
    }
}

/// Gates read no constants; mapping has used them up.
fn place_of_pin(net: u32) -> Place {
    if net == NO_NET { Place::Constant(false) } else { Place::Net(net) }
}

fn ratio(place: u32, count: u32, taken: u32) -> u32 {
    (u64::from(place) * u64::from(count) / u64::from(taken)) as u32
}

/// The next of a sequence of numbers that look random.
pub fn next(state: u64) -> u64 {
    state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407)
}
