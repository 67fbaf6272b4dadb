//! Copies of a module side by side.

use crate::netlist::{Link, ModuleBuilder, ModuleId, NetId, NetlistBuilder};

/// How a port of a copy is connected.
#[derive(Clone, Copy, Debug)]
pub enum Wire {
    /// To the same net for all copies.
    Shared(NetId),
    /// To the lanes of a net that belong to the copy.
    Own(NetId),
}

/// Copies of a module side by side: one is an instance, several are a grid.
#[derive(Debug)]
pub struct Copies<'a> {
    /// Where the module is.
    pub netlist: &'a NetlistBuilder,
    /// The module.
    pub module: ModuleId,
    /// Name of the instance.
    pub name: &'static str,
    /// Name and extent of the axis.
    pub axis: (&'static str, u32),
}

impl Copies<'_> {
    /// Places them, every port connected.
    pub fn place(self, m: &mut ModuleBuilder, wires: &[(&str, Wire)]) {
        if self.axis.1 == 1 {
            let nets: Vec<(&str, NetId)> = wires
                .iter()
                .map(|&(port, wire)| match wire {
                    Wire::Shared(net) | Wire::Own(net) => (port, net),
                })
                .collect();
            m.instance(self.netlist, self.name, self.module, &nets);
            return;
        }
        let links = wires
            .iter()
            .map(|&(port, wire)| {
                let port = m.port_of(self.netlist, self.module, self.name, port);
                match wire {
                    Wire::Shared(net) => Link::All { port, net },
                    Wire::Own(net) => Link::Own { port, net },
                }
            })
            .collect();
        m.grid(self.name, self.module, &[self.axis], links);
    }
}
