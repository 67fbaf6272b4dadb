//! Repeaters on nets that lead into modules.
//!
//! ABC maps one module at a time and sees a net that feeds a hundred PEs as one output with the load of one. What it could
//! not know is mended here: a net with a load that is too much for its driver gets a balanced tree of buffers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bit, Instance, Mapped, Module};
use crate::synth::library::Library;

/// Load of a repeater, in capacitances of its own input: the fan-out of four twice over, between least delay and least area.
const LOAD_A_REPEATER: f64 = 16.0;

/// Loads of the inputs of modules, by module, port and bit, fF.
type Loads = BTreeMap<String, BTreeMap<String, Vec<f64>>>;

/// A pin that a net feeds, and what it loads it with.
struct Sink {
    instance: usize,
    port: String,
    bit: usize,
    load_ff: f64,
}

impl Mapped {
    /// Repeats, module by module from the leaves up, what feeds more than a driver should of other modules. Nets of `ideal`
    /// ports (clock and reset) are left alone, and those of inputs of the top, whose drivers nobody knows.
    pub(crate) fn repeat_into_modules(&mut self, library: &Library, ideal: &[&str]) {
        let mut loads = Loads::new();
        for name in self.leaves_first() {
            let Some(mut module) = self.modules.remove(&name) else { continue };
            let is_top = name == self.top;
            let left_alone: BTreeSet<u32> = module
                .ports
                .iter()
                .filter(|port| !port.output && (is_top || ideal.contains(&port.name.as_str())))
                .flat_map(|port| nets(&port.bits))
                .collect();
            let mut sinks = sinks(&module, library, &loads);
            let into_modules = self.nets_into_modules(&module);
            let mut next = 1 + sinks.keys().chain(&all_nets(&module)).copied().max().unwrap_or(0);
            for net in into_modules.difference(&left_alone) {
                let of_net = sinks.remove(net).unwrap_or_default();
                let load = repeat(&mut module, *net, of_net, library, &mut next);
                sinks.insert(*net, vec![Sink { instance: 0, port: String::new(), bit: 0, load_ff: load }]);
            }
            let load = |bit: &Bit| match bit {
                Bit::Net(net) => sinks.get(net).into_iter().flatten().map(|sink| sink.load_ff).sum(),
                Bit::Constant(_) => 0.0,
            };
            let inputs = module.ports.iter().filter(|port| !port.output);
            let of_ports = inputs.map(|port| (port.name.clone(), port.bits.iter().map(load).collect())).collect();
            loads.insert(name.clone(), of_ports);
            self.modules.insert(name, module);
        }
    }

    fn leaves_first(&self) -> Vec<String> {
        fn visit(mapped: &Mapped, name: &str, seen: &mut BTreeSet<String>, order: &mut Vec<String>) {
            let Some(module) = mapped.modules.get(name) else { return };
            if seen.insert(name.to_owned()) {
                for instance in &module.instances {
                    visit(mapped, &instance.kind, seen, order);
                }
                order.push(name.to_owned());
            }
        }
        let mut order = Vec::new();
        visit(self, &self.top, &mut BTreeSet::new(), &mut order);
        order
    }

    /// Nets of a module that feed others in it.
    fn nets_into_modules(&self, module: &Module) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        for instance in &module.instances {
            let Some(child) = self.modules.get(&instance.kind) else { continue };
            for port in child.ports.iter().filter(|port| !port.output) {
                found.extend(instance.pins.get(&port.name).into_iter().flat_map(|bits| nets(bits)));
            }
        }
        found
    }
}

fn nets(bits: &[Bit]) -> impl Iterator<Item = u32> {
    bits.iter().filter_map(|bit| if let Bit::Net(net) = bit { Some(*net) } else { None })
}

fn all_nets(module: &Module) -> BTreeSet<u32> {
    let of_ports = module.ports.iter().flat_map(|port| nets(&port.bits));
    of_ports.chain(module.instances.iter().flat_map(|one| one.pins.values().flat_map(|bits| nets(bits)))).collect()
}

/// What each net of a module feeds.
fn sinks(module: &Module, library: &Library, loads: &Loads) -> BTreeMap<u32, Vec<Sink>> {
    let mut sinks: BTreeMap<u32, Vec<Sink>> = BTreeMap::new();
    for (index, instance) in module.instances.iter().enumerate() {
        for (port, bits) in &instance.pins {
            for (at, bit) in bits.iter().enumerate() {
                let load = match loads.get(&instance.kind) {
                    Some(child) => child.get(port).and_then(|bits| bits.get(at).copied()),
                    None => library.input_capacitance_ff(&instance.kind, port),
                };
                if let (Bit::Net(net), Some(load_ff)) = (bit, load) {
                    sinks.entry(*net).or_default().push(Sink { instance: index, port: port.clone(), bit: at, load_ff });
                }
            }
        }
    }
    sinks
}

/// Puts a tree before the sinks of a net until its driver sees no more than a repeater may; returns what it sees, fF.
fn repeat(module: &mut Module, net: u32, mut sinks: Vec<Sink>, library: &Library, next: &mut u32) -> f64 {
    let buffer = &library.buffer;
    let most = LOAD_A_REPEATER * buffer.input_capacitance_ff;
    loop {
        let total: f64 = sinks.iter().map(|sink| sink.load_ff).sum();
        let groups = ((total / most).ceil() as usize).min(sinks.len() / 2);
        if total <= most || groups < 1 {
            return total;
        }
        let a_group = total / groups as f64;
        let mut filled = f64::INFINITY;
        let mut stage: Vec<Sink> = Vec::new();
        for sink in sinks {
            if filled + sink.load_ff / 2.0 > a_group && stage.len() < groups {
                let pins =
                    [(buffer.input.clone(), vec![Bit::Net(net)]), (buffer.output.clone(), vec![Bit::Net(*next)])];
                let load_ff = buffer.input_capacitance_ff;
                stage.push(Sink { instance: module.instances.len(), port: buffer.input.clone(), bit: 0, load_ff });
                let name = format!("repeater_{next}");
                module.instances.push(Instance { name, kind: buffer.cell.clone(), pins: pins.into() });
                *next += 1;
                filled = 0.0;
            }
            filled += sink.load_ff;
            let pin = module.instances[sink.instance].pins.get_mut(&sink.port);
            if let Some(bit) = pin.and_then(|bits| bits.get_mut(sink.bit)) {
                *bit = Bit::Net(*next - 1);
            }
        }
        sinks = stage;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::library::tests::tiny;
    use crate::synth::mapped::Port;

    fn instance(name: &str, kind: &str, pins: &[(&str, u32)]) -> Instance {
        let pins = pins.iter().map(|&(pin, net)| (pin.to_owned(), vec![Bit::Net(net)])).collect();
        Instance { name: name.to_owned(), kind: kind.to_owned(), pins }
    }

    /// An inverter whose output goes into 200 modules with an inverter each, 1 fF.
    fn wide() -> Mapped {
        let port = |name: &str, output, net| Port { name: name.to_owned(), output, bits: vec![Bit::Net(net)] };
        let module = |name: &str, ports, instances| Module {
            name: name.to_owned(),
            ports,
            instances,
            net_names: BTreeMap::new(),
        };
        let pe = module("pe", vec![port("x_i", false, 2)], vec![instance("g", "INV_1", &[("A", 2), ("Y", 3)])]);
        let mut instances = vec![instance("driver", "INV_1", &[("A", 2), ("Y", 3)])];
        instances.extend((0..200).map(|index| instance(&format!("pe_{index}"), "pe", &[("x_i", 3)])));
        let top = module("top", vec![port("a_i", false, 2)], instances);
        let modules = [("pe".to_owned(), pe), ("top".to_owned(), top)].into();
        Mapped { modules, top: "top".to_owned() }
    }

    #[test]
    fn what_feeds_many_modules_gets_a_balanced_tree_and_all_of_them_stay_fed() {
        let library = tiny();
        let mut mapped = wide();
        mapped.repeat_into_modules(&library, &[]);
        let top = &mapped.modules["top"];
        // 200 fF against 16 x 3.2 fF a driver: four repeaters of 50 modules each.
        let repeaters: Vec<&Instance> = top.instances.iter().filter(|one| one.kind == "BUF_4").collect();
        assert_eq!(repeaters.len(), 4);
        let fed_by =
            |net: &Bit| top.instances.iter().filter(|one| one.kind == "pe" && one.pins["x_i"][0] == *net).count();
        for repeater in repeaters {
            assert_eq!(repeater.pins["A"], [Bit::Net(3)]);
            assert_eq!(fed_by(&repeater.pins["Y"][0]), 50);
        }
        assert_eq!(fed_by(&Bit::Net(3)), 0);
    }

    #[test]
    fn inputs_of_the_top_and_ideal_nets_are_left_alone() {
        let library = tiny();
        let mut mapped = wide();
        for instance in mapped.modules.get_mut("top").map(|top| &mut top.instances).into_iter().flatten() {
            instance.pins.entry("x_i".to_owned()).and_modify(|bits| bits[0] = Bit::Net(2));
        }
        let before = mapped.clone();
        mapped.repeat_into_modules(&library, &[]);
        assert_eq!(mapped, before);
    }
}
