//! A mapped netlist as plain structural Verilog: what OpenSTA of 2019 reads without a remark.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{Bit, Instance, Mapped, Module};

impl Mapped {
    /// The text, leaves and top in order of name.
    pub fn verilog(&self) -> String {
        self.modules.values().map(|module| print(module, self)).collect()
    }
}

/// What each net of a module is called in text: a bit of a port, or a plain name that nothing else has.
pub(crate) fn names(module: &Module) -> BTreeMap<u32, String> {
    let mut names = BTreeMap::new();
    let mut taken: BTreeSet<String> = module.ports.iter().map(|port| port.name.clone()).collect();
    taken.extend(instance_names(module));
    // An input that is also an output has the input's name.
    for output in [false, true] {
        for port in module.ports.iter().filter(|port| port.output == output) {
            for (index, bit) in port.bits.iter().enumerate() {
                if let Bit::Net(net) = bit {
                    names.entry(*net).or_insert_with(|| port_bit(&port.name, index, port.bits.len()));
                }
            }
        }
    }
    let nets = module.instances.iter().flat_map(|instance| instance.pins.values().flatten());
    for net in nets.filter_map(|bit| if let Bit::Net(net) = bit { Some(*net) } else { None }) {
        if names.contains_key(&net) {
            continue;
        }
        let mut name = module.net_names.get(&net).map_or_else(|| format!("n{net}"), |name| plain(name));
        while !taken.insert(name.clone()) {
            let _ = write!(name, "_n{net}");
        }
        names.insert(net, name);
    }
    names
}

/// The name of a bit of a port.
pub(crate) fn port_bit(name: &str, index: usize, width: usize) -> String {
    if width == 1 { name.to_owned() } else { format!("{name}[{index}]") }
}

/// A name of letters, digits and underscores.
pub(crate) fn plain(name: &str) -> String {
    let name: String = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
    let name = name.trim_matches('_').to_owned();
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) { name } else { format!("u{name}") }
}

/// What each instance of a module is called in text, in their order.
pub(crate) fn instance_names(module: &Module) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut name = |instance: &Instance| {
        let mut name = plain(&instance.name);
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        name
    };
    module.instances.iter().map(&mut name).collect()
}

fn print(module: &Module, mapped: &Mapped) -> String {
    let names = names(module);
    let word = |bit: &Bit| match bit {
        Bit::Net(net) => names.get(net).cloned().unwrap_or_else(|| format!("n{net}")),
        Bit::Constant(value) => format!("1'b{}", u8::from(*value)),
    };
    let mut text = String::new();
    let ports: Vec<&str> = module.ports.iter().map(|port| port.name.as_str()).collect();
    let _ = writeln!(text, "module {} ({});", module.name, ports.join(", "));
    for port in &module.ports {
        let direction = if port.output { "output" } else { "input" };
        let range = if port.bits.len() == 1 { String::new() } else { format!("[{}:0] ", port.bits.len() - 1) };
        let _ = writeln!(text, "  {direction} {range}{};", port.name);
    }
    let is_port = |name: &String| {
        let whole = name.split('[').next().unwrap_or(name);
        module.ports.iter().any(|port| port.name == whole)
    };
    for name in names.values().filter(|name| !is_port(name)) {
        let _ = writeln!(text, "  wire {name};");
    }
    for port in module.ports.iter().filter(|port| port.output) {
        for (index, bit) in port.bits.iter().enumerate() {
            let (own, driver) = (port_bit(&port.name, index, port.bits.len()), word(bit));
            if own != driver {
                let _ = writeln!(text, "  assign {own} = {driver};");
            }
        }
    }
    for (instance, name) in module.instances.iter().zip(instance_names(module)) {
        let is_module = mapped.modules.contains_key(&instance.kind);
        let pins: Vec<String> = instance
            .pins
            .iter()
            .filter(|(_, bits)| !bits.is_empty())
            .map(|(pin, bits)| {
                let words: Vec<String> = bits.iter().rev().map(word).collect();
                let joined = words.join(", ");
                if is_module && words.len() > 1 { format!(".{pin}({{{joined}}})") } else { format!(".{pin}({joined})") }
            })
            .collect();
        let _ = writeln!(text, "  {} {name} ({});", instance.kind, pins.join(", "));
    }
    text.push_str("endmodule\n\n");
    text
}
