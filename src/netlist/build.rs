//! Builders. They never panic on a wrong width or name: the first mistake is kept and returned by `finish`.

use super::*;
use crate::netlist::error::NetlistError;

/// Collects modules, one body per name.
#[derive(Debug, Default)]
pub struct NetlistBuilder {
    modules: Vec<Module>,
}

impl NetlistBuilder {
    /// No modules yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finished module, or returns the one that is already there with the same name and body.
    ///
    /// # Errors
    /// [`NetlistError::ModuleRedefined`] if the name is taken by another body: a name states all parameters.
    pub fn intern(&mut self, module: Module) -> Result<ModuleId, NetlistError> {
        if let Some(index) = self.modules.iter().position(|known| known.name == module.name) {
            if self.modules[index] != module {
                return Err(NetlistError::ModuleRedefined { module: module.name });
            }
            return Ok(ModuleId(index as u32));
        }
        self.modules.push(module);
        Ok(ModuleId(self.modules.len() as u32 - 1))
    }

    /// The module with this index.
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.index()]
    }

    /// The netlist with `top` as its top.
    pub fn finish(self, top: ModuleId, reset: ResetKind) -> Netlist {
        Netlist { modules: self.modules, top, reset }
    }
}

/// Builds one module.
///
/// Operations whose result is mere wiring (constants, slices, concatenations, extensions) take no name: their nets have
/// an empty one, and the printer writes them in place. All others are named, and keep that name everywhere.
#[derive(Debug)]
pub struct ModuleBuilder {
    module: Module,
    error: Option<NetlistError>,
}

impl ModuleBuilder {
    /// An empty module.
    pub fn new(name: impl Into<String>) -> Self {
        let module =
            Module { name: name.into(), doc: Vec::new(), ports: Vec::new(), nets: Vec::new(), items: Vec::new() };
        Self { module, error: None }
    }

    /// Name of the module.
    pub fn module_name(&self) -> &str {
        &self.module.name
    }

    /// Adds a line to the header.
    pub fn doc(&mut self, line: impl Into<String>) {
        self.module.doc.push(line.into());
    }

    /// Adds a comment before the next item.
    pub fn comment(&mut self, line: impl Into<String>) {
        self.module.items.push(Item::Comment(line.into()));
    }

    /// Width of a net, in bits of one lane.
    pub fn width(&self, net: NetId) -> u32 {
        self.module.net(net).width
    }

    /// Name of a net; empty for wiring.
    pub fn name(&self, net: NetId) -> &str {
        &self.module.net(net).name
    }

    fn fail(&mut self, error: NetlistError) {
        self.error.get_or_insert(error);
    }

    /// A net with no driver yet: for the outputs of instances and grids, for registers that close a loop.
    pub fn net(&mut self, name: impl Into<String>, width: u32) -> NetId {
        self.bundle(name, width, 1)
    }

    /// A bundle of `lanes` words with no driver yet.
    pub fn bundle(&mut self, name: impl Into<String>, width: u32, lanes: u32) -> NetId {
        let name = name.into();
        if width == 0 || width > MAX_WIDTH {
            self.fail(NetlistError::WordWidth { module: self.module.name.clone(), net: name.clone(), width });
        }
        if !name.is_empty() && self.module.nets.iter().any(|net| net.name == name) {
            self.fail(NetlistError::NameTaken { module: self.module.name.clone(), net: name.clone() });
        }
        self.module.nets.push(Net { name, width, lanes });
        NetId(self.module.nets.len() as u32 - 1)
    }

    /// An input port of one lane.
    pub fn input(&mut self, name: &str, width: u32, doc: &str) -> NetId {
        self.input_bundle(name, width, 1, doc)
    }

    /// An input port of several lanes.
    pub fn input_bundle(&mut self, name: &str, width: u32, lanes: u32, doc: &str) -> NetId {
        let net = self.bundle(name, width, lanes);
        self.module.ports.push(Port { net, direction: Direction::Input, doc: doc.into() });
        net
    }

    /// An output port of several lanes that a grid or skew will drive.
    pub fn output_bundle(&mut self, name: &str, width: u32, lanes: u32, doc: &str) -> NetId {
        let net = self.bundle(name, width, lanes);
        self.module.ports.push(Port { net, direction: Direction::Output, doc: doc.into() });
        net
    }

    /// An output port that shows `value`.
    pub fn output(&mut self, name: &str, value: NetId, doc: &str) -> NetId {
        let net = self.output_bundle(name, self.width(value), 1, doc);
        self.drive(net, value);
        net
    }

    /// An output port that shows `value`, all its lanes.
    pub fn output_bundle_of(&mut self, name: &str, value: NetId, doc: &str) -> NetId {
        let Net { width, lanes, .. } = *self.module.net(value);
        let net = self.output_bundle(name, width, lanes, doc);
        self.drive(net, value);
        net
    }

    /// Drives a net made by [`net`](Self::net) with `value`.
    pub fn drive(&mut self, net: NetId, value: NetId) {
        self.cell(Op::Wire, &[value], &[net]);
    }

    /// Adds a cell that drives existing nets.
    pub fn cell(&mut self, op: Op, inputs: &[NetId], outputs: &[NetId]) {
        let widths = |nets: &[NetId]| nets.iter().map(|&net| self.width(net)).collect::<Vec<_>>();
        if let Err(reason) = op.check_widths(&widths(inputs), &widths(outputs)) {
            let net = outputs.first().map(|&net| self.name(net).to_owned()).unwrap_or_default();
            self.fail(NetlistError::CellWidth { module: self.module.name.clone(), net, reason });
        }
        self.module.items.push(Item::Cell(Cell { op, inputs: inputs.to_vec(), outputs: outputs.to_vec() }));
    }

    fn value(&mut self, name: &str, width: u32, op: Op, inputs: &[NetId]) -> NetId {
        let net = self.net(name, width);
        self.cell(op, inputs, &[net]);
        net
    }

    /// A constant.
    pub fn constant(&mut self, width: u32, value: u64) -> NetId {
        self.value("", width, Op::Const(value), &[])
    }

    /// Bits `low .. low + width`.
    pub fn slice(&mut self, x: NetId, low: u32, width: u32) -> NetId {
        if low == 0 && width == self.width(x) {
            return x;
        }
        self.value("", width, Op::Slice { low }, &[x])
    }

    /// One bit.
    pub fn bit(&mut self, x: NetId, index: u32) -> NetId {
        self.slice(x, index, 1)
    }

    /// The operands side by side, most significant first.
    pub fn concat(&mut self, parts: &[NetId]) -> NetId {
        if let [one] = parts {
            return *one;
        }
        let width = parts.iter().map(|&part| self.width(part)).sum();
        self.value("", width, Op::Concat, parts)
    }

    /// Zeros before `x`, up to `width`.
    pub fn zero_extend(&mut self, x: NetId, width: u32) -> NetId {
        if width == self.width(x) {
            return x;
        }
        self.value("", width, Op::ZeroExtend, &[x])
    }

    /// The top bit repeated before `x`, up to `width`. A one-bit `x` is replicated.
    pub fn sign_extend(&mut self, x: NetId, width: u32) -> NetId {
        if width == self.width(x) {
            return x;
        }
        self.value("", width, Op::SignExtend, &[x])
    }

    /// Whether the net is an unnamed concatenation of two or more words.
    pub fn is_concat(&self, net: NetId) -> bool {
        self.name(net).is_empty()
            && self
                .module
                .items
                .iter()
                .rev()
                .any(|item| matches!(item, Item::Cell(cell) if cell.op == Op::Concat && cell.outputs.contains(&net)))
    }

    /// One lane of a bundle.
    pub fn lane(&mut self, bundle: NetId, index: u32) -> NetId {
        self.value("", self.width(bundle), Op::Lane { index }, &[bundle])
    }

    /// A bundle whose lane `i` is `words[i]`.
    pub fn join(&mut self, name: &str, words: &[NetId]) -> NetId {
        let width = words.first().map_or(1, |&word| self.width(word));
        let bundle = self.bundle(name, width, words.len() as u32);
        self.cell(Op::Join, words, &[bundle]);
        bundle
    }

    /// A bundle with `x` in each of its lanes.
    pub fn spread(&mut self, name: &str, x: NetId, lanes: u32) -> NetId {
        let bundle = self.bundle(name, self.width(x), lanes);
        self.cell(Op::Spread, &[x], &[bundle]);
        bundle
    }

    /// `x` under a name of its own.
    pub fn named(&mut self, name: &str, x: NetId) -> NetId {
        self.value(name, self.width(x), Op::Wire, &[x])
    }

    /// Bitwise complement.
    pub fn not(&mut self, name: &str, x: NetId) -> NetId {
        self.value(name, self.width(x), Op::Not, &[x])
    }

    /// Bitwise and of two or more.
    pub fn and(&mut self, name: &str, xs: &[NetId]) -> NetId {
        self.value(name, self.width(xs[0]), Op::And, xs)
    }

    /// Bitwise or of two or more.
    pub fn or(&mut self, name: &str, xs: &[NetId]) -> NetId {
        self.value(name, self.width(xs[0]), Op::Or, xs)
    }

    /// Bitwise exclusive or of two or more.
    pub fn xor(&mut self, name: &str, xs: &[NetId]) -> NetId {
        self.value(name, self.width(xs[0]), Op::Xor, xs)
    }

    /// `select ? one : zero`.
    pub fn mux(&mut self, name: &str, select: NetId, one: NetId, zero: NetId) -> NetId {
        self.value(name, self.width(one), Op::Mux, &[select, one, zero])
    }

    /// 1 if `x` and `y` are equal.
    pub fn equal(&mut self, name: &str, x: NetId, y: NetId) -> NetId {
        self.value(name, 1, Op::Equal, &[x, y])
    }

    /// Sum, carry dropped.
    pub fn add(&mut self, name: &str, x: NetId, y: NetId) -> NetId {
        self.value(name, self.width(x), Op::Add, &[x, y])
    }

    /// Difference, borrow dropped.
    pub fn sub(&mut self, name: &str, x: NetId, y: NetId) -> NetId {
        self.value(name, self.width(x), Op::Sub, &[x, y])
    }

    /// Two's complement product, full width.
    pub fn mul_signed(&mut self, name: &str, x: NetId, y: NetId) -> NetId {
        self.value(name, self.width(x) + self.width(y), Op::MulSigned, &[x, y])
    }

    /// A row of full adders: `{name}_s` and `{name}_c`, the carry not yet shifted.
    pub fn compress32(&mut self, name: &str, x: NetId, y: NetId, z: NetId) -> (NetId, NetId) {
        self.compress(name, Op::Compress32, &[x, y, z])
    }

    /// A row of half adders: `{name}_s` and `{name}_c`, the carry not yet shifted.
    pub fn compress22(&mut self, name: &str, x: NetId, y: NetId) -> (NetId, NetId) {
        self.compress(name, Op::Compress22, &[x, y])
    }

    fn compress(&mut self, name: &str, op: Op, inputs: &[NetId]) -> (NetId, NetId) {
        let width = self.width(inputs[0]);
        let sum = self.net(format!("{name}_s"), width);
        let carry = self.net(format!("{name}_c"), width);
        self.cell(op, inputs, &[sum, carry]);
        (sum, carry)
    }

    /// A register with output `name`; `d` may be driven later (make it with [`net`](Self::net)).
    pub fn register(&mut self, name: &str, d: NetId, control: RegisterControl) -> NetId {
        let q = self.net(name, self.width(d));
        self.register_into(q, d, control);
        q
    }

    /// A register that drives the existing net `q`.
    pub fn register_into(&mut self, q: NetId, d: NetId, control: RegisterControl) {
        let RegisterControl { enable, clear, reset } = control;
        for (what, net) in [("enable", enable), ("clear", clear)] {
            if let Some(width) = net.map(|net| self.width(net)).filter(|&width| width != 1) {
                let reason = format!("{what} of {width} bits");
                self.fail(NetlistError::CellWidth {
                    module: self.module.name.clone(),
                    net: self.name(q).to_owned(),
                    reason,
                });
            }
        }
        if self.width(d) != self.width(q) {
            let reason = format!("register of {} bits loads {}", self.width(q), self.width(d));
            self.fail(NetlistError::CellWidth {
                module: self.module.name.clone(),
                net: self.name(q).to_owned(),
                reason,
            });
        }
        self.module.items.push(Item::Register(Register { d, q, enable, clear, reset }));
    }

    /// A bundle of delay lines with output `name`.
    pub fn skew(&mut self, name: &str, input: NetId, depth: SkewDepth, enable: Option<NetId>, reset: bool) -> NetId {
        let Net { width, lanes, .. } = *self.module.net(input);
        let output = self.bundle(name, width, lanes);
        let name = format!("{name}_line");
        self.module.items.push(Item::Skew(Skew { name, input, output, enable, depth, reset }));
        output
    }

    /// A copy of `module`, its ports connected by name.
    ///
    /// Ports left out are [`NetlistError::PortOpen`]; a name that is no port is [`NetlistError::NoSuchPort`].
    pub fn instance(&mut self, netlist: &NetlistBuilder, name: &str, module: ModuleId, connections: &[(&str, NetId)]) {
        let child = netlist.module(module);
        let mut pairs = Vec::new();
        for port in &child.ports {
            let port_name = &child.net(port.net).name;
            match connections.iter().find(|(name, _)| name == port_name) {
                Some(&(_, net)) => pairs.push((port.net, net)),
                None => self.fail(NetlistError::PortOpen {
                    module: self.module.name.clone(),
                    instance: name.into(),
                    port: port_name.clone(),
                }),
            }
        }
        for (port, _) in connections {
            self.port_of(netlist, module, name, port);
        }
        self.module.items.push(Item::Instance(Instance { name: name.into(), module, connections: pairs }));
    }

    /// The net of the child's port `port`, for making [`Link`]s; a wrong name is kept as an error.
    pub fn port_of(&mut self, netlist: &NetlistBuilder, module: ModuleId, instance: &str, port: &str) -> NetId {
        match netlist.module(module).port(port) {
            Some(port) => port.net,
            None => {
                let (module, instance, port) = (self.module.name.clone(), instance.into(), port.into());
                self.fail(NetlistError::NoSuchPort { module, instance, port });
                NetId(0)
            }
        }
    }

    /// An array of copies; [`check`](crate::netlist::check()) checks that every port is linked once and all widths meet.
    pub fn grid(&mut self, name: &str, module: ModuleId, axes: &[(&str, u32)], links: Vec<Link>) {
        let axes = axes.iter().map(|&(name, extent)| (name.to_owned(), extent)).collect();
        self.module.items.push(Item::Grid(Grid { name: name.into(), module, axes, links }));
    }

    /// The module, or the first mistake made.
    ///
    /// # Errors
    /// Whatever the builder noticed first.
    pub fn finish(self) -> Result<Module, NetlistError> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.module),
        }
    }
}

/// Enable, clear and reset of a register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegisterControl {
    /// Loads only when 1.
    pub enable: Option<NetId>,
    /// Sets to 0 when 1; wins over `enable`.
    pub clear: Option<NetId>,
    /// Value under reset.
    pub reset: Option<u64>,
}
