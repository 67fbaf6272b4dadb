//! Reads what `write_json` of Yosys writes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Bit, Instance, Mapped, Module, Port};

#[derive(Deserialize)]
struct Document {
    modules: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct JsonModule {
    #[serde(default)]
    attributes: serde_json::Map<String, Value>,
    ports: serde_json::Map<String, Value>,
    cells: serde_json::Map<String, Value>,
    netnames: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct JsonPort {
    direction: String,
    bits: Vec<Value>,
}

#[derive(Deserialize)]
struct JsonCell {
    r#type: String,
    connections: serde_json::Map<String, Value>,
}

#[derive(Deserialize)]
struct JsonNet {
    hide_name: u32,
    bits: Vec<Value>,
}

impl Mapped {
    /// The netlist of a file of Yosys.
    ///
    /// # Errors
    /// A sentence with what is not as Yosys 0.23 writes it.
    pub fn from_json(text: &str, top: &str) -> Result<Self, String> {
        let document: Document = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut modules = BTreeMap::new();
        for (name, value) in document.modules {
            let module: JsonModule = serde_json::from_value(value).map_err(|error| format!("`{name}`: {error}"))?;
            if !module.attributes.contains_key("blackbox") {
                modules.insert(name.clone(), read(&name, module)?);
            }
        }
        match modules.contains_key(top) {
            true => Ok(Self { modules, top: top.to_owned() }),
            false => Err(format!("there is no module `{top}`")),
        }
    }
}

fn read(name: &str, json: JsonModule) -> Result<Module, String> {
    let wrong = |error: serde_json::Error| format!("`{name}`: {error}");
    let mut ports = Vec::new();
    for (port, value) in json.ports {
        let JsonPort { direction, bits } = serde_json::from_value(value).map_err(wrong)?;
        ports.push(Port { name: port, output: direction == "output", bits: read_bits(&bits)? });
    }
    let mut instances = Vec::new();
    for (instance, value) in json.cells {
        let JsonCell { r#type, connections } = serde_json::from_value(value).map_err(wrong)?;
        let mut pins = BTreeMap::new();
        for (pin, bits) in connections {
            let bits: Vec<Value> = serde_json::from_value(bits).map_err(wrong)?;
            pins.insert(pin, read_bits(&bits)?);
        }
        instances.push(Instance { name: instance, kind: r#type, pins });
    }
    let mut net_names: BTreeMap<u32, String> = BTreeMap::new();
    for (net, value) in json.netnames {
        let JsonNet { hide_name, bits } = serde_json::from_value(value).map_err(wrong)?;
        if hide_name != 0 {
            continue;
        }
        for (index, bit) in read_bits(&bits)?.into_iter().enumerate() {
            let Bit::Net(number) = bit else { continue };
            let shown = if bits.len() == 1 { net.clone() } else { format!("{net}[{index}]") };
            // Of several names of a net the shortest says what it is best: others are of modules that it passes.
            let known = net_names.entry(number).or_insert_with(|| shown.clone());
            if (shown.len(), &shown) < (known.len(), known) {
                *known = shown;
            }
        }
    }
    Ok(Module { name: name.to_owned(), ports, instances, net_names })
}

fn read_bits(bits: &[Value]) -> Result<Vec<Bit>, String> {
    let bit = |value: &Value| match value {
        Value::String(constant) => Ok(Bit::Constant(constant == "1")),
        _ => match value.as_u64().map(u32::try_from) {
            Some(Ok(net)) => Ok(Bit::Net(net)),
            _ => Err(format!("`{value}` is no bit")),
        },
    };
    bits.iter().map(bit).collect()
}
