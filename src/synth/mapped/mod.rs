//! A mapped netlist: modules of library cells and of each other, bit by bit.

mod border;
mod json;
mod print;

use std::collections::BTreeMap;

pub(super) use print::instance_names;

use serde::{Deserialize, Serialize};

use super::library::Library;

/// What drives a pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bit {
    /// A net of the module.
    Net(u32),
    /// A constant.
    Constant(bool),
}

/// A port of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Whether it is an output.
    pub output: bool,
    /// Its nets, lowest bit first.
    pub bits: Vec<Bit>,
}

/// A library cell or a module in a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// Its name.
    pub name: String,
    /// The library cell or the module.
    pub kind: String,
    /// What each port is connected to, by the port's name, lowest bit first.
    pub pins: BTreeMap<String, Vec<Bit>>,
}

/// A module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// Ports, in order.
    pub ports: Vec<Port>,
    /// What it contains.
    pub instances: Vec<Instance>,
    /// Names of nets that have one; others are named by their number.
    pub net_names: BTreeMap<u32, String>,
}

/// A mapped netlist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapped {
    /// Modules by name, library cells left out.
    pub modules: BTreeMap<String, Module>,
    /// Name of the top module.
    pub top: String,
}

/// One module of a mapped netlist in numbers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ModuleArea {
    /// Its name.
    pub name: String,
    /// How many of it there are in the design.
    pub count: u64,
    /// Area of one without the modules in it, um2.
    pub area_um2: f64,
    /// Cells of one without the modules in it, flip-flops included.
    pub cells: u64,
    /// Flip-flops of one without the modules in it.
    pub flip_flops: u64,
}

impl Mapped {
    /// Modules with their counts and areas, the top first, then by name.
    pub fn areas(&self, library: &Library) -> Vec<ModuleArea> {
        let mut counts = BTreeMap::new();
        self.count(&self.top, 1, &mut counts);
        let mut areas: Vec<ModuleArea> = counts
            .into_iter()
            .filter_map(|(name, count)| {
                let module = self.modules.get(name)?;
                let areas = || module.instances.iter().filter_map(|instance| library.area_um2(&instance.kind));
                let is_flip_flop = |instance: &&Instance| library.is_flip_flop(&instance.kind);
                Some(ModuleArea {
                    name: name.to_owned(),
                    count,
                    area_um2: areas().sum(),
                    cells: areas().count() as u64,
                    flip_flops: module.instances.iter().filter(is_flip_flop).count() as u64,
                })
            })
            .collect();
        areas.sort_by_key(|area| (area.name != self.top, area.name.clone()));
        areas
    }

    /// Gives cells that Yosys named after a line of its own source a name to find them by: flip-flops that of the register that they
    /// are a bit of, all others a number.
    pub(crate) fn name_cells(&mut self, library: &Library) {
        for module in self.modules.values_mut() {
            let names = &module.net_names;
            for (number, instance) in
                module.instances.iter_mut().enumerate().filter(|(_, one)| one.name.starts_with('$'))
            {
                let is_output = |pin: &&String| library.input_capacitance_ff(&instance.kind, pin).is_none();
                let outputs = instance.pins.iter().filter(|(pin, _)| is_output(pin)).flat_map(|(_, bits)| bits);
                let mut known = outputs.filter_map(|bit| if let Bit::Net(net) = bit { names.get(net) } else { None });
                instance.name = match known.next().filter(|_| library.is_flip_flop(&instance.kind)) {
                    Some(net) => format!("{net}_ff"),
                    None => format!("g{number}"),
                };
            }
        }
    }

    fn count<'a>(&'a self, name: &'a str, times: u64, counts: &mut BTreeMap<&'a str, u64>) {
        let Some(module) = self.modules.get(name) else { return };
        *counts.entry(name).or_default() += times;
        let mut children: BTreeMap<&str, u64> = BTreeMap::new();
        for instance in &module.instances {
            *children.entry(&instance.kind).or_default() += 1;
        }
        for (child, number) in children {
            self.count(child, times * number, counts);
        }
    }
}
