//! Drivers and readers: one driver for every net, and a reader for every net that does not say it is unused.

use super::shapes::outer_nets;
use crate::netlist::flatten::{Driver, for_each_driver, is_output};
use crate::netlist::wiring::Wiring;
use crate::netlist::{Direction, Item, Link, Module, NetId, Netlist, NetlistError};

/// Checks every net of every module.
pub fn check(netlist: &Netlist, errors: &mut Vec<NetlistError>) {
    for module in &netlist.modules {
        let mut drivers = vec![Vec::new(); module.nets.len()];
        for_each_driver(netlist, module, |net, driver| drivers[net.index()].push(driver));
        let read = readers(netlist, module);
        for (index, net) in module.nets.iter().enumerate() {
            let name = match net.name.as_str() {
                "" => format!("_{index}"),
                name => name.to_owned(),
            };
            let (module_name, read) = (module.name.clone(), read[index]);
            match &drivers[index][..] {
                [] => errors.push(NetlistError::Undriven { module: module_name, net: name }),
                [_] if !read && !name.contains("unused") && !net.name.is_empty() => {
                    errors.push(NetlistError::Unread { module: module_name, net: name });
                }
                [_] => {}
                many => errors.push(NetlistError::ManyDrivers {
                    module: module_name,
                    net: name,
                    drivers: many.len(),
                    list: many.iter().map(|driver| describe(module, driver)).collect::<Vec<_>>().join(", "),
                }),
            }
        }
    }
}

/// Which nets are read by something that is printed: wiring in place counts only if it is read itself.
fn readers(netlist: &Netlist, module: &Module) -> Vec<bool> {
    let wiring = Wiring::new(module);
    let mut read = vec![false; module.nets.len()];
    let mut pending: Vec<NetId> = Vec::new();
    for port in module.ports.iter().filter(|port| port.direction == Direction::Output) {
        pending.push(port.net);
    }
    let mut behind = vec![Vec::new(); module.nets.len()];
    for item in &module.items {
        match item {
            Item::Cell(cell) => match cell.outputs[..] {
                [out] if wiring.is_inline(out) => behind[out.index()].clone_from(&cell.inputs),
                _ => pending.extend(&cell.inputs),
            },
            Item::Register(register) => {
                pending.push(register.d);
                pending.extend(register.enable.iter().chain(&register.clear));
            }
            Item::Skew(skew) => {
                pending.push(skew.input);
                pending.extend(skew.enable);
            }
            Item::Instance(instance) => {
                let child = netlist.module(instance.module);
                pending.extend(instance.connections.iter().filter(|pair| !is_output(child, pair.0)).map(|pair| pair.1));
            }
            Item::Grid(grid) => {
                let child = netlist.module(grid.module);
                for link in &grid.links {
                    match link {
                        Link::Own { port, .. } if is_output(child, *port) => {}
                        Link::Pass { entry, .. } => pending.push(*entry),
                        link => pending.extend(outer_nets(link)),
                    }
                }
            }
            Item::Comment(_) => {}
        }
    }
    while let Some(net) = pending.pop() {
        if !std::mem::replace(&mut read[net.index()], true) {
            pending.extend(&behind[net.index()]);
        }
    }
    read
}

fn describe(module: &Module, driver: &Driver) -> String {
    let item = |index: usize| match &module.items[index] {
        Item::Cell(cell) => format!("a cell ({})", cell.op),
        Item::Register(_) => "a register".into(),
        Item::Skew(skew) => format!("skew `{}`", skew.name),
        Item::Instance(instance) => format!("instance `u_{}`", instance.name),
        Item::Grid(grid) => format!("grid `u_{}`", grid.name),
        Item::Comment(_) => "a comment".into(),
    };
    match *driver {
        Driver::None => "nothing".into(),
        Driver::Input => "an input port".into(),
        Driver::Cell { item: at, .. }
        | Driver::Register { item: at }
        | Driver::Skew { item: at }
        | Driver::Instance { item: at, .. }
        | Driver::Own { item: at, .. }
        | Driver::Exit { item: at, .. } => item(at),
    }
}
