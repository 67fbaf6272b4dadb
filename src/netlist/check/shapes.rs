//! Numbers, widths and lanes; that every port is connected once, by something of its shape.

use crate::netlist::flatten::is_output;
use crate::netlist::wiring::mask;
use crate::netlist::{Cell, Direction, Grid, Instance, Item, Link, MAX_WIDTH, Module, ModuleId, NetId, Netlist};
use crate::netlist::{NetlistError, Op, Register, Skew};

/// Checks that every net and module that is named by number exists, modules in order.
pub fn check_numbers(netlist: &Netlist, errors: &mut Vec<NetlistError>) {
    if netlist.top.index() >= netlist.modules.len() {
        let reason = format!("the top is module {} of {}", netlist.top.0, netlist.modules.len());
        errors.push(NetlistError::NoSuchThing { module: "top".into(), reason });
    }
    for (index, module) in netlist.modules.iter().enumerate() {
        let mut numbers = Numbers { netlist, module, index, errors };
        numbers.nets(&module.nets, module.ports.iter().map(|port| port.net));
        for item in &module.items {
            numbers.item(item);
        }
    }
}

struct Numbers<'a> {
    netlist: &'a Netlist,
    module: &'a Module,
    index: usize,
    errors: &'a mut Vec<NetlistError>,
}

impl Numbers<'_> {
    fn nets(&mut self, nets: &[crate::netlist::Net], named: impl IntoIterator<Item = NetId>) {
        for net in named.into_iter().filter(|net| net.index() >= nets.len()) {
            let reason = format!("net {} of {} is named", net.0, nets.len());
            self.errors.push(NetlistError::NoSuchThing { module: self.module.name.clone(), reason });
        }
    }

    fn child(&mut self, name: &str, child: ModuleId) -> Option<Module> {
        if child.index() < self.index {
            return Some(self.netlist.module(child).clone());
        }
        let known = self.netlist.modules.get(child.index());
        self.errors.push(NetlistError::ModuleOrder {
            module: self.module.name.clone(),
            instance: name.into(),
            child: known.map_or_else(|| format!("module {}", child.0), |module| module.name.clone()),
        });
        None
    }

    fn item(&mut self, item: &Item) {
        let own = &self.module.nets;
        match item {
            Item::Cell(cell) => self.nets(own, cell.inputs.iter().chain(&cell.outputs).copied()),
            Item::Register(Register { d, q, enable, clear, .. }) => {
                self.nets(own, [*d, *q].into_iter().chain(*enable).chain(*clear));
            }
            Item::Skew(Skew { input, output, enable, .. }) => {
                self.nets(own, [*input, *output].into_iter().chain(*enable));
            }
            Item::Instance(instance) => {
                if let Some(child) = self.child(&instance.name, instance.module) {
                    self.nets(own, instance.connections.iter().map(|pair| pair.1));
                    self.nets(&child.nets, instance.connections.iter().map(|pair| pair.0));
                }
            }
            Item::Grid(grid) => {
                if let Some(child) = self.child(&grid.name, grid.module) {
                    self.nets(own, grid.links.iter().flat_map(outer_nets));
                    self.nets(&child.nets, grid.links.iter().flat_map(Link::ports));
                }
            }
            Item::Comment(_) => {}
        }
    }
}

/// The nets of the parent that a link names.
pub fn outer_nets(link: &Link) -> Vec<NetId> {
    match *link {
        Link::All { net, .. } | Link::Along { net, .. } | Link::Own { net, .. } => vec![net],
        Link::Open { .. } => Vec::new(),
        Link::Pass { entry, exit, .. } => std::iter::once(entry).chain(exit).collect(),
    }
}

/// Checks widths, lanes and connections.
pub fn check(netlist: &Netlist, errors: &mut Vec<NetlistError>) {
    for module in &netlist.modules {
        for net in &module.nets {
            if net.width == 0 || net.width > MAX_WIDTH {
                let (module, net, width) = (module.name.clone(), net.name.clone(), net.width);
                errors.push(NetlistError::WordWidth { module, net, width });
            } else if net.lanes == 0 {
                let reason = "a bundle of no lanes".into();
                errors.push(NetlistError::LaneCount { module: module.name.clone(), net: net.name.clone(), reason });
            }
        }
    }
    if !errors.is_empty() {
        return;
    }
    for module in &netlist.modules {
        let mut shapes = Shapes { netlist, module, errors };
        for item in &module.items {
            match item {
                Item::Cell(cell) => shapes.cell(cell),
                Item::Register(register) => shapes.register(register),
                Item::Skew(skew) => shapes.skew(skew),
                Item::Instance(instance) => shapes.instance(instance),
                Item::Grid(grid) => shapes.grid(grid),
                Item::Comment(_) => {}
            }
        }
    }
}

struct Shapes<'a> {
    netlist: &'a Netlist,
    module: &'a Module,
    errors: &'a mut Vec<NetlistError>,
}

impl Shapes<'_> {
    fn width(&self, net: NetId) -> u32 {
        self.module.net(net).width
    }

    fn lanes(&self, net: NetId) -> u32 {
        self.module.net(net).lanes
    }

    fn name(&self, net: NetId) -> String {
        match self.module.net(net).name.as_str() {
            "" => format!("_{}", net.0),
            name => name.into(),
        }
    }

    fn width_error(&mut self, net: NetId, reason: String) {
        let (module, net) = (self.module.name.clone(), self.name(net));
        self.errors.push(NetlistError::CellWidth { module, net, reason });
    }

    fn lane_error(&mut self, net: NetId, reason: String) {
        let (module, net) = (self.module.name.clone(), self.name(net));
        self.errors.push(NetlistError::LaneCount { module, net, reason });
    }

    fn one_lane(&mut self, what: &str, net: NetId) {
        let lanes = self.lanes(net);
        if lanes != 1 {
            self.lane_error(net, format!("{what} of {lanes} lanes; one word is needed"));
        }
    }

    fn must_be_named(&mut self, what: &str, net: NetId) {
        if self.module.net(net).name.is_empty() {
            self.errors.push(NetlistError::Unnamed { module: self.module.name.clone(), what: what.into() });
        }
    }

    fn cell(&mut self, cell: &Cell) {
        let widths = |nets: &[NetId]| nets.iter().map(|&net| self.width(net)).collect::<Vec<_>>();
        if let Err(reason) = cell.op.check_widths(&widths(&cell.inputs), &widths(&cell.outputs)) {
            let at = cell.outputs.first().copied().unwrap_or(NetId(0));
            return self.width_error(at, reason);
        }
        for &net in &cell.outputs {
            match cell.op {
                Op::Spread | Op::Wire => {}
                Op::Join if self.lanes(net) as usize == cell.inputs.len() => {}
                Op::Join => self.lane_error(net, format!("{} words joined", cell.inputs.len())),
                _ => self.one_lane("a result", net),
            }
            if !cell.op.is_wiring() {
                self.must_be_named(&cell.op.to_string(), net);
            }
        }
        if let Op::Lane { index } = cell.op {
            let lanes = self.lanes(cell.inputs[0]);
            if index >= lanes {
                self.lane_error(cell.inputs[0], format!("lane {index} of {lanes}"));
            }
        } else if cell.op == Op::Wire {
            let (from, to) = (self.lanes(cell.inputs[0]), self.lanes(cell.outputs[0]));
            if from != to {
                self.lane_error(cell.outputs[0], format!("a wire from {from} lanes to {to}"));
            }
        } else {
            cell.inputs.iter().for_each(|&net| self.one_lane("an operand", net));
        }
    }

    fn register(&mut self, register: &Register) {
        let &Register { d, q, enable, clear, reset } = register;
        self.must_be_named("a register", q);
        self.one_lane("a register", q);
        self.one_lane("a register's data", d);
        let (wide, data) = (self.width(q), self.width(d));
        if wide != data {
            self.width_error(q, format!("register of {wide} bits loads {data}"));
        }
        if let Some(value) = reset.filter(|&value| value & !mask(wide) != 0) {
            self.width_error(q, format!("reset value {value} does not fit {wide} bits"));
        }
        self.controls(q, &[("enable", enable), ("clear", clear)]);
    }

    fn controls(&mut self, at: NetId, controls: &[(&str, Option<NetId>)]) {
        for &(what, net) in controls {
            let Some(net) = net else { continue };
            self.one_lane(what, net);
            if self.width(net) != 1 {
                self.width_error(at, format!("{what} of {} bits", self.width(net)));
            }
        }
    }

    fn skew(&mut self, skew: &Skew) {
        self.must_be_named("a skew", skew.output);
        let (from, to) = (self.module.net(skew.input), self.module.net(skew.output));
        let (widths, lanes) = ((from.width, to.width), (from.lanes, to.lanes));
        if widths.0 != widths.1 {
            self.width_error(skew.output, format!("skew of {} bits takes {}", widths.1, widths.0));
        }
        if lanes.0 != lanes.1 {
            self.lane_error(skew.output, format!("skew of {} lanes takes {}", lanes.1, lanes.0));
        }
        self.controls(skew.output, &[("enable", skew.enable)]);
    }

    fn port_name(&self, child: &Module, port: NetId) -> String {
        match child.net(port).name.as_str() {
            "" => format!("_{}", port.0),
            name => name.into(),
        }
    }

    /// Every port of the child is in `named` exactly once, and nothing else is.
    fn ports_once(&mut self, instance: &str, child: &Module, named: &[NetId]) {
        let (module, instance) = (self.module.name.clone(), instance.to_owned());
        for port in &child.ports {
            let port_name = self.port_name(child, port.net);
            let error = match named.iter().filter(|&&net| net == port.net).count() {
                1 => continue,
                0 => NetlistError::PortOpen { module: module.clone(), instance: instance.clone(), port: port_name },
                _ => NetlistError::PortTwice { module: module.clone(), instance: instance.clone(), port: port_name },
            };
            self.errors.push(error);
        }
        for &net in named.iter().filter(|&&net| child.ports.iter().all(|port| port.net != net)) {
            let (module, instance) = (module.clone(), instance.clone());
            self.errors.push(NetlistError::NoSuchPort { module, instance, port: self.port_name(child, net) });
        }
    }

    fn port_shape(&mut self, instance: &str, child: &Module, port: NetId, reason: String) {
        let (module, instance) = (self.module.name.clone(), instance.to_owned());
        self.errors.push(NetlistError::PortShape { module, instance, port: self.port_name(child, port), reason });
    }

    fn instance(&mut self, instance: &Instance) {
        let child = self.netlist.module(instance.module);
        let named: Vec<_> = instance.connections.iter().map(|pair| pair.0).collect();
        self.ports_once(&instance.name, child, &named);
        for &(port, net) in &instance.connections {
            let (inner, outer) = (child.net(port), self.module.net(net));
            if (inner.width, inner.lanes) != (outer.width, outer.lanes) {
                let reason = format!(
                    "{} lanes of {} bits connected to {} of {}",
                    inner.lanes, inner.width, outer.lanes, outer.width
                );
                self.port_shape(&instance.name, child, port, reason);
            }
            if is_output(child, port) {
                self.must_be_named("an instance", net);
            }
        }
    }

    fn grid(&mut self, grid: &Grid) {
        let child = self.netlist.module(grid.module);
        let fits = grid.axes.iter().try_fold(1u32, |count, &(_, extent)| count.checked_mul(extent));
        if grid.axes.is_empty() || grid.axes.len() > 3 || fits.is_none_or(|count| count == 0) {
            let axes: Vec<_> = grid.axes.iter().map(|(_, extent)| extent.to_string()).collect();
            let (module, grid) = (self.module.name.clone(), grid.name.clone());
            self.errors.push(NetlistError::GridAxes { module, grid, axes: format!("[{}]", axes.join(", ")) });
            return;
        }
        let named: Vec<_> = grid.links.iter().flat_map(Link::ports).collect();
        self.ports_once(&grid.name, child, &named);
        grid.links.iter().for_each(|link| self.link(grid, child, link));
    }

    fn link(&mut self, grid: &Grid, child: &Module, link: &Link) {
        let input = |port: NetId| child.ports.iter().any(|p| p.net == port && p.direction == Direction::Input);
        let error = |shapes: &mut Self, reason: String| {
            let (module, grid) = (shapes.module.name.clone(), grid.name.clone());
            shapes.errors.push(NetlistError::LinkShape { module, grid, reason });
        };
        if let Link::Along { axis, .. } | Link::Pass { axis, .. } = *link
            && axis >= grid.axes.len()
        {
            return error(self, format!("a link along axis {axis} of {}", grid.axes.len()));
        }
        let name = |port: NetId| self.port_name(child, port);
        let wrong_way = match *link {
            Link::All { port, .. } | Link::Along { port, .. } if !input(port) => {
                Some(format!("`{}` is no input", name(port)))
            }
            Link::Open { port } if !is_output(child, port) => Some(format!("`{}` is no output", name(port))),
            Link::Pass { into, out, .. } if !input(into) || !is_output(child, out) => {
                Some(format!("a chain from `{}` to `{}` needs an output and an input", name(out), name(into)))
            }
            _ => None,
        };
        if let Some(reason) = wrong_way {
            return error(self, reason);
        }
        let mut expect = |port: NetId, net: NetId, lanes: u32| {
            let (inner, outer) = (child.net(port).width, self.width(net));
            if inner != outer {
                self.port_shape(&grid.name, child, port, format!("{inner} bits linked to {outer}"));
            }
            // A port of several lanes takes as many neighbouring ones outside.
            let lanes = lanes * child.net(port).lanes;
            if self.lanes(net) != lanes {
                let (net, has) = (self.name(net), self.lanes(net));
                error(self, format!("`{net}` has {has} lanes, the link needs {lanes}"));
            }
        };
        match *link {
            Link::All { port, net } => expect(port, net, 1),
            Link::Along { port, axis, net } => expect(port, net, grid.axes[axis].1),
            Link::Own { port, net } => expect(port, net, grid.count()),
            Link::Open { .. } => {}
            Link::Pass { into, out, axis, entry, exit, .. } => {
                let others = grid.count() / grid.axes[axis].1;
                expect(into, entry, others);
                if let Some(exit) = exit {
                    expect(out, exit, others);
                }
                let shape = |port: NetId| (child.net(port).width, child.net(port).lanes);
                if shape(into) != shape(out) {
                    let (out, into) = (self.port_name(child, out), self.port_name(child, into));
                    error(self, format!("a chain from `{out}` to `{into}` of another shape"));
                }
            }
        }
        if let Link::Pass { exit: Some(exit), .. } = *link {
            self.must_be_named("a grid", exit);
        } else if let Link::Own { port, net } = *link
            && is_output(child, port)
        {
            self.must_be_named("a grid", net);
        }
    }
}
