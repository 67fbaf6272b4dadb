//! The interpreter as a device that streams can be driven into.

use crate::netlist::{Interpreter, Netlist, PortHandle};
use crate::verify::drive::Device;

/// An interpreter of a netlist.
pub struct Interpreted(Interpreter);

impl Interpreted {
    /// Sets it up.
    ///
    /// # Errors
    /// What is wrong with the netlist, a sentence.
    pub fn new(netlist: &Netlist) -> Result<Self, String> {
        let first = |errors: Vec<crate::netlist::NetlistError>| {
            errors.first().map_or_else(|| "the netlist is unsound".to_owned(), ToString::to_string)
        };
        Interpreter::new(netlist).map(Interpreted).map_err(first)
    }
}

impl Device for Interpreted {
    type Port = PortHandle;

    fn port(&self, name: &str) -> Option<PortHandle> {
        self.0.port(name)
    }

    fn set(&mut self, port: PortHandle, lane: usize, value: u64) {
        self.0.set(port, lane, value);
    }

    fn get(&self, port: PortHandle, lane: usize) -> u64 {
        self.0.get(port, lane)
    }

    fn settle(&mut self) {
        self.0.settle();
    }

    fn step(&mut self) {
        self.0.step();
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// When a run is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// After a reset.
    Reset,
    /// Everything has settled, and the clock edge comes next.
    Edge,
}

/// An interpreter that is looked at on every edge.
pub struct Watched<F> {
    interpreted: Interpreted,
    watch: F,
}

impl<F: FnMut(Moment, &Interpreter)> Watched<F> {
    /// Sets it up.
    ///
    /// # Errors
    /// What is wrong with the netlist, a sentence.
    pub fn new(netlist: &Netlist, watch: F) -> Result<Self, String> {
        Ok(Self { interpreted: Interpreted::new(netlist)?, watch })
    }
}

impl<F: FnMut(Moment, &Interpreter)> Device for Watched<F> {
    type Port = PortHandle;

    fn port(&self, name: &str) -> Option<PortHandle> {
        self.interpreted.port(name)
    }

    fn set(&mut self, port: PortHandle, lane: usize, value: u64) {
        self.interpreted.set(port, lane, value);
    }

    fn get(&self, port: PortHandle, lane: usize) -> u64 {
        self.interpreted.get(port, lane)
    }

    fn settle(&mut self) {
        self.interpreted.settle();
    }

    fn step(&mut self) {
        self.interpreted.settle();
        (self.watch)(Moment::Edge, &self.interpreted.0);
        self.interpreted.step();
    }

    fn reset(&mut self) {
        self.interpreted.reset();
        self.interpreted.settle();
        (self.watch)(Moment::Reset, &self.interpreted.0);
    }
}
