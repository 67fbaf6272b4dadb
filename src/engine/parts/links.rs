//! How generators connect things: register controls, and the links of a grid by port name.

use crate::netlist::{Link, ModuleBuilder, ModuleId, NetId, NetlistBuilder, RegisterControl};

/// Loads when `enable` is 1; not reset.
pub fn enabled(enable: NetId) -> RegisterControl {
    RegisterControl { enable: Some(enable), ..Default::default() }
}

/// Loads when `enable` is 1; 0 under reset.
pub fn control(enable: NetId) -> RegisterControl {
    RegisterControl { enable: Some(enable), reset: Some(0), ..Default::default() }
}

/// Makes the links of a grid by port name.
pub struct Links<'a> {
    netlist: &'a NetlistBuilder,
    module: ModuleId,
    grid: &'static str,
    pub links: Vec<Link>,
}

impl<'a> Links<'a> {
    pub fn new(netlist: &'a NetlistBuilder, module: ModuleId, grid: &'static str) -> Self {
        Self { netlist, module, grid, links: Vec::new() }
    }

    pub fn port(&self, m: &mut ModuleBuilder, port: &str) -> NetId {
        m.port_of(self.netlist, self.module, self.grid, port)
    }

    pub fn all(&mut self, m: &mut ModuleBuilder, port: &str, net: NetId) {
        let port = self.port(m, port);
        self.links.push(Link::All { port, net });
    }

    pub fn along(&mut self, m: &mut ModuleBuilder, port: &str, axis: usize, net: NetId) {
        let port = self.port(m, port);
        self.links.push(Link::Along { port, axis, net });
    }

    pub fn own(&mut self, m: &mut ModuleBuilder, port: &str, net: NetId) {
        let port = self.port(m, port);
        self.links.push(Link::Own { port, net });
    }

    pub fn open(&mut self, m: &mut ModuleBuilder, port: &str) {
        let port = self.port(m, port);
        self.links.push(Link::Open { port });
    }

    /// A chain `{stem}_i` to `{stem}_o` along `axis`, southwards or eastwards.
    pub fn pass(&mut self, m: &mut ModuleBuilder, stem: &str, axis: usize, entry: NetId, exit: Option<NetId>) {
        let into = self.port(m, &format!("{stem}_i"));
        let out = self.port(m, &format!("{stem}_o"));
        self.links.push(Link::Pass { into, out, axis, reverse: false, entry, exit });
    }
}
