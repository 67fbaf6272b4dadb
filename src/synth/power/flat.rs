//! A mapped netlist without its hierarchy: every cell with the nets of the whole design.

use std::collections::BTreeMap;

use crate::synth::mapped::{Bit, Mapped, instance_names};

/// A cell of the design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FlatCell {
    /// Instances from the top with dots between them, as OpenSTA writes them.
    pub path: String,
    /// The library cell.
    pub kind: String,
    /// The module it stands in, an index of [`Flat::modules`].
    pub module: usize,
    /// The net of each connected pin.
    pub pins: BTreeMap<String, u32>,
}

/// A port of the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FlatPort {
    pub name: String,
    pub output: bool,
    /// Lowest bit first.
    pub bits: Vec<u32>,
}

/// The design.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flat {
    pub top: String,
    /// Names of the modules that cells stand in.
    pub modules: Vec<String>,
    pub cells: Vec<FlatCell>,
    pub ports: Vec<FlatPort>,
    /// Nets are 0 to this.
    pub nets: u32,
    /// Nets that are always 0 and always 1, if something is connected to a constant.
    pub constants: [Option<u32>; 2],
}

impl Flat {
    /// Takes a netlist apart.
    pub fn new(mapped: &Mapped) -> Self {
        let modules: Vec<String> = mapped.modules.keys().cloned().collect();
        let mut maker =
            Maker { mapped, modules: &modules, parents: Vec::new(), cells: Vec::new(), constants: [None; 2] };
        let mut ports = Vec::new();
        let top = mapped.modules.get(&mapped.top);
        let mut nets = BTreeMap::new();
        for port in top.into_iter().flat_map(|top| &top.ports) {
            let bits = port.bits.iter().map(|bit| maker.net(*bit, &mut nets)).collect();
            ports.push(FlatPort { name: port.name.clone(), output: port.output, bits });
        }
        maker.module(&mapped.top, "", nets);
        // Nets that turned out to be one get one number, without gaps.
        let mut numbers = BTreeMap::new();
        let mut number = |net: u32, parents: &[u32]| {
            let next = numbers.len() as u32;
            *numbers.entry(root(parents, net)).or_insert(next)
        };
        let Maker { parents, mut cells, constants, .. } = maker;
        for net in cells.iter_mut().flat_map(|cell| cell.pins.values_mut()) {
            *net = number(*net, &parents);
        }
        for bit in ports.iter_mut().flat_map(|port: &mut FlatPort| &mut port.bits) {
            *bit = number(*bit, &parents);
        }
        let constants = constants.map(|net| net.map(|net| number(net, &parents)));
        let nets = numbers.len() as u32;
        Self { top: mapped.top.clone(), modules, cells, ports, nets, constants }
    }
}

fn root(parents: &[u32], mut net: u32) -> u32 {
    while parents[net as usize] != net {
        net = parents[net as usize];
    }
    net
}

struct Maker<'a> {
    mapped: &'a Mapped,
    modules: &'a [String],
    /// Union-find over nets.
    parents: Vec<u32>,
    cells: Vec<FlatCell>,
    constants: [Option<u32>; 2],
}

impl Maker<'_> {
    fn new_net(&mut self) -> u32 {
        self.parents.push(self.parents.len() as u32);
        self.parents.len() as u32 - 1
    }

    /// The net of a bit of a module whose nets so far are `nets`.
    fn net(&mut self, bit: Bit, nets: &mut BTreeMap<u32, u32>) -> u32 {
        match bit {
            Bit::Net(net) => match nets.get(&net) {
                Some(known) => *known,
                None => {
                    let new = self.new_net();
                    nets.insert(net, new);
                    new
                }
            },
            Bit::Constant(value) => match self.constants[usize::from(value)] {
                Some(net) => net,
                None => {
                    let new = self.new_net();
                    self.constants[usize::from(value)] = Some(new);
                    new
                }
            },
        }
    }

    fn module(&mut self, name: &str, path: &str, mut nets: BTreeMap<u32, u32>) {
        let mapped = self.mapped;
        let Some(module) = mapped.modules.get(name) else { return };
        let index = self.modules.iter().position(|known| known == name).unwrap_or(0);
        for (instance, own) in module.instances.iter().zip(instance_names(module)) {
            let path = if path.is_empty() { own } else { format!("{path}.{own}") };
            let Some(child) = mapped.modules.get(&instance.kind) else {
                let mut pins = BTreeMap::new();
                for (pin, bits) in &instance.pins {
                    if let Some(bit) = bits.first() {
                        pins.insert(pin.clone(), self.net(*bit, &mut nets));
                    }
                }
                self.cells.push(FlatCell { path, kind: instance.kind.clone(), module: index, pins });
                continue;
            };
            let mut inner = BTreeMap::new();
            for port in &child.ports {
                let outside = instance.pins.get(&port.name).map_or(&[][..], Vec::as_slice);
                for (inside, outside) in port.bits.iter().zip(outside) {
                    let outside = self.net(*outside, &mut nets);
                    let inside = self.net(*inside, &mut inner);
                    let (a, b) = (root(&self.parents, outside), root(&self.parents, inside));
                    self.parents[a.max(b) as usize] = a.min(b);
                }
            }
            self.module(&instance.kind, &path, inner);
        }
    }
}
