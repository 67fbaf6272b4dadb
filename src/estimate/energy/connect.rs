//! The nets between the instances of a grid and the module round it, and from instance to instance.

use super::circuit::{BitPlace, Given, MoreLoad, When};
use super::expand::{Builder, Instance};
use super::template::{Reach, reach, shown_by};
use crate::estimate::body::{Sink, Source};
use crate::estimate::timing::{EndKind, port_index};
use crate::netlist::flatten::{ScopeId, Word, coordinate, stride};
use crate::netlist::{Grid, Link};

/// A grid that is being connected.
pub(super) struct Wired<'a> {
    pub outer: Instance,
    /// The scope of its instances, and the number of the first one there.
    pub scope: ScopeId,
    pub first: u32,
    /// Index of the outer module's grids.
    pub at: usize,
    pub grid: &'a Grid,
    pub module: usize,
    pub instances: Vec<Option<Instance>>,
}

impl Builder<'_> {
    /// Connects what the module round a grid drives in it.
    pub(super) fn inputs_of(&mut self, wired: &Wired) {
        let around = self.template(wired.outer.module);
        let inner = self.template(wired.module);
        for end in &around.graph.ends {
            let EndKind::Grid { grid, port } = end.kind else { continue };
            let Sink::Grid { link, bit, .. } = around.body.sinks[end.sink as usize].1 else { continue };
            if grid as usize != wired.at {
                continue;
            }
            let bits = inner.inputs[port as usize].len() as u32;
            let count = wired.grid.count();
            let (readers, inside): (Vec<u32>, u32) =
                match reach(wired.grid, &wired.grid.links[link as usize], bits, bit) {
                    Reach::All(bit) => ((0..count).collect(), bit),
                    Reach::Along { axis, at, bit } => {
                        ((0..count).filter(|&one| coordinate(wired.grid, axis, one) == at).collect(), bit)
                    }
                    Reach::One { instance, bit } => (vec![instance], bit),
                };
            let from = around.place(end.net, end.sink);
            let of = readers.len() as u64;
            for (number, one) in readers.into_iter().enumerate() {
                let net = self.read(wired.outer, from, number as u64, of);
                self.connect(wired, one, port, inside, net);
            }
        }
    }

    /// Connects a net to an input of an instance, or notes its load.
    fn connect(&mut self, wired: &Wired, instance: u32, port: u32, bit: u32, net: u32) {
        match wired.instances[instance as usize] {
            Some(known) => {
                let input = self.input(known, port, bit);
                self.unite(input, net);
            }
            None => {
                let ff = self.template(wired.module).port_ff[port as usize][bit as usize];
                self.circuit.more_loads.push(MoreLoad { net, ff });
            }
        }
    }

    /// A net whose values come from an instance that is not looked at.
    fn given(&mut self, wired: &Wired, net: u32, instance: u32, port: u32, bit: u32) {
        let id = self.netlist.modules[wired.module].ports[port as usize].net;
        let width = self.netlist.modules[wired.module].net(id).width;
        let word = Word { scope: wired.scope, net: id, instance: wired.first + instance, lane: bit / width };
        let value = BitPlace { slot: self.slot(word, 0), bit: bit % width };
        let like = wired.instances.iter().flatten().next().map(|&one| self.output(one, port, bit));
        let when = like.map_or(When::Input, When::As);
        self.circuit.given.push(Given { net, value, when });
    }

    /// Connects what a grid drives in the module round it.
    pub(super) fn outputs_of(&mut self, wired: &Wired) {
        let around = self.template(wired.outer.module);
        let inner = self.template(wired.module);
        let id = around.body.grids[wired.at].module;
        for (leaf, &source) in around.body.sources.iter().enumerate() {
            let Source::Grid { grid, port, .. } = source else { continue };
            if grid != wired.at || !around.mapped.live_leaves[leaf] {
                continue;
            }
            let bits = inner.outputs[port_index(self.netlist, id, port) as usize].len() as u32;
            let Some((instance, port, bit)) = shown_by(self.netlist, id, wired.grid, source, bits) else { continue };
            let net = self.net(wired.outer, leaf as u32, 0);
            match wired.instances[instance as usize] {
                Some(known) => {
                    let output = self.output(known, port, bit);
                    self.unite(net, output);
                }
                None => self.given(wired, net, instance, port, bit),
            }
        }
    }

    /// Connects instances of a grid with each other.
    pub(super) fn chains_of(&mut self, wired: &Wired) {
        let id = self.template(wired.outer.module).body.grids[wired.at].module;
        for link in &wired.grid.links {
            let Link::Pass { into, out, axis, reverse, .. } = *link else { continue };
            let (into, out) = (port_index(self.netlist, id, into), port_index(self.netlist, id, out));
            let (stride, extent) = (stride(wired.grid, axis), wired.grid.axes[axis].1);
            let first = if reverse { extent - 1 } else { 0 };
            let bits = self.template(wired.module).inputs[into as usize].len() as u32;
            for one in (0..wired.grid.count()).filter(|&one| coordinate(wired.grid, axis, one) != first) {
                let before = if reverse { one + stride } else { one - stride };
                for bit in 0..bits {
                    match (wired.instances[before as usize], wired.instances[one as usize]) {
                        (Some(before), _) => {
                            let net = self.output(before, out, bit);
                            self.connect(wired, one, into, bit, net);
                        }
                        (None, Some(known)) => {
                            let net = self.input(known, into, bit);
                            self.given(wired, net, before, out, bit);
                        }
                        (None, None) => {}
                    }
                }
            }
        }
    }
}
