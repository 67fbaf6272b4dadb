//! What can be wrong with a netlist. A shipped generator never makes one of these; a user who builds netlists may.

use thiserror::Error;

/// A defect of a netlist, with the hierarchical name of the place.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NetlistError {
    /// Two bodies under one name.
    #[error("module `{module}` is defined twice with different bodies")]
    ModuleRedefined { module: String },
    /// A word of no bits or of more than 64.
    #[error("`{module}.{net}` is {width} bits wide; words have 1 to 64 bits")]
    WordWidth { module: String, net: String, width: u32 },
    /// Two nets of one name in a module.
    #[error("`{module}` has two nets named `{net}`")]
    NameTaken { module: String, net: String },
    /// A cell or register whose widths do not meet.
    #[error("`{module}.{net}`: {reason}")]
    CellWidth { module: String, net: String, reason: String },
    /// A port of an instance without a connection.
    #[error("port `{port}` of `{module}.{instance}` is not connected")]
    PortOpen { module: String, instance: String, port: String },
    /// A connection to a port that the module does not have.
    #[error("`{module}.{instance}` has no port `{port}`")]
    NoSuchPort { module: String, instance: String, port: String },
}

impl NetlistError {
    /// The stable code, e.g. `netlist::word_too_wide`.
    pub fn code(&self) -> &'static str {
        match self {
            NetlistError::ModuleRedefined { .. } => "netlist::module_redefined",
            NetlistError::WordWidth { .. } => "netlist::word_width",
            NetlistError::NameTaken { .. } => "netlist::name_taken",
            NetlistError::CellWidth { .. } => "netlist::cell_width",
            NetlistError::PortOpen { .. } => "netlist::port_open",
            NetlistError::NoSuchPort { .. } => "netlist::no_such_port",
        }
    }
}
