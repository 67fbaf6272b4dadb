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
    /// Two nets, or two instances, of one name in a module.
    #[error("`{module}` has two things named `{net}`")]
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
    /// Two connections of one port.
    #[error("port `{port}` of `{module}.{instance}` is connected twice")]
    PortTwice { module: String, instance: String, port: String },
    /// A port and the net at it differ in width or lanes.
    #[error("port `{port}` of `{module}.{instance}`: {reason}")]
    PortShape { module: String, instance: String, port: String, reason: String },
    /// A grid's link that does not fit its axes.
    #[error("`{module}.{grid}`: {reason}")]
    LinkShape { module: String, grid: String, reason: String },
    /// A grid without instances, or with more than three axes.
    #[error("grid `{module}.{grid}` has axes {axes}; 1 to 3 of at least 1 are possible")]
    GridAxes { module: String, grid: String, axes: String },
    /// A net or module number that does not exist.
    #[error("`{module}`: {reason}")]
    NoSuchThing { module: String, reason: String },
    /// A module that instantiates itself or one that comes after it.
    #[error("`{module}.{instance}` is a copy of `{child}`, which does not come before `{module}`")]
    ModuleOrder { module: String, instance: String, child: String },
    /// A bundle where one word is needed, or a lane that is not there.
    #[error("`{module}.{net}`: {reason}")]
    LaneCount { module: String, net: String, reason: String },
    /// A name that is not `lower_snake_case`.
    #[error("`{name}` in `{module}` is no name: lower case letters, digits and single underscores, a letter first")]
    BadName { module: String, name: String },
    /// A word of the Verilog or SystemVerilog language.
    #[error("`{name}` in `{module}` is a keyword of Verilog or SystemVerilog")]
    ReservedName { module: String, name: String },
    /// The result of a cell that computes, or of a register, has no name.
    #[error("a result of {what} in `{module}` has no name; only wiring may be nameless")]
    Unnamed { module: String, what: String },
    /// Nothing drives a net that is read.
    #[error("nothing drives `{module}.{net}`")]
    Undriven { module: String, net: String },
    /// More than one driver.
    #[error("`{module}.{net}` has {drivers} drivers: {list}")]
    ManyDrivers { module: String, net: String, drivers: usize, list: String },
    /// Nobody reads a net.
    #[error("nobody reads `{module}.{net}`")]
    Unread { module: String, net: String },
    /// Words that depend on themselves with no register between.
    #[error("combinational loop in `{module}`: {}", path.join(" -> "))]
    CombinationalLoop { module: String, path: Vec<String> },
}

impl NetlistError {
    /// The stable code, e.g. `netlist::word_width`.
    pub fn code(&self) -> &'static str {
        match self {
            NetlistError::ModuleRedefined { .. } => "netlist::module_redefined",
            NetlistError::WordWidth { .. } => "netlist::word_width",
            NetlistError::NameTaken { .. } => "netlist::name_taken",
            NetlistError::CellWidth { .. } => "netlist::cell_width",
            NetlistError::PortOpen { .. } => "netlist::port_open",
            NetlistError::NoSuchPort { .. } => "netlist::no_such_port",
            NetlistError::PortTwice { .. } => "netlist::port_twice",
            NetlistError::PortShape { .. } => "netlist::port_shape",
            NetlistError::LinkShape { .. } => "netlist::link_shape",
            NetlistError::GridAxes { .. } => "netlist::grid_axes",
            NetlistError::NoSuchThing { .. } => "netlist::no_such_thing",
            NetlistError::ModuleOrder { .. } => "netlist::module_order",
            NetlistError::LaneCount { .. } => "netlist::lane_count",
            NetlistError::BadName { .. } => "netlist::bad_name",
            NetlistError::ReservedName { .. } => "netlist::reserved_name",
            NetlistError::Unnamed { .. } => "netlist::unnamed",
            NetlistError::Undriven { .. } => "netlist::undriven",
            NetlistError::ManyDrivers { .. } => "netlist::many_drivers",
            NetlistError::Unread { .. } => "netlist::unread",
            NetlistError::CombinationalLoop { .. } => "netlist::combinational_loop",
        }
    }
}

/// Every code of [`NetlistError::code`] with the text that `explain` prints.
pub fn error_codes() -> &'static [(&'static str, &'static str)] {
    CODES
}

const CODES: &[(&str, &str)] = &[
    (
        "netlist::module_redefined",
        "Two modules have the same name and different bodies. A module's name states all of its parameters, so one name \
         must mean one body; put what differs into the name. The emitted files are named after their modules.",
    ),
    (
        "netlist::word_width",
        "A net has no bits, or more than 64. Words are 1 to 64 bits wide throughout: the interpreter keeps one in a machine \
         word. Narrow the accumulator, or split the value into several nets.",
    ),
    (
        "netlist::name_taken",
        "Two nets, instances or grids of one module have the same name, or a net is named like an instance (`u_` and the \
         instance's name). Names are kept in Verilog, waves and reports, and must be unique in their module.",
    ),
    (
        "netlist::cell_width",
        "An operand or a result of a cell, or the data, enable or clear of a register, has a width that the operation does \
         not take. Widths are never adjusted silently: extend or slice the operand.",
    ),
    (
        "netlist::port_open",
        "A port of an instance or grid has no connection. Every port is connected, or in a grid named as open \
         (`Link::Open`); an output of a plain instance that nobody needs goes to a net with `unused` in its name.",
    ),
    ("netlist::no_such_port", "A connection names a port that the instantiated module does not have."),
    ("netlist::port_twice", "A port of an instance or grid is connected more than once."),
    (
        "netlist::port_shape",
        "A port and the net connected to it differ in width or in lanes, or a link of a grid connects a port that is a \
         bundle.",
    ),
    (
        "netlist::link_shape",
        "A link of a grid does not fit: an axis that the grid does not have, a bundle with too many or too few lanes for \
         it, or an output where an input belongs. `All` takes one lane, `Along` one per coordinate of its axis, `Own` one \
         per instance, the entry and exit of `Pass` one per combination of the other coordinates.",
    ),
    ("netlist::grid_axes", "A grid has 1 to 3 axes, each of at least one instance."),
    ("netlist::no_such_thing", "A net or module is named by a number that is not in the netlist."),
    (
        "netlist::module_order",
        "A module may only instantiate modules that come before it in the netlist; so none contains itself.",
    ),
    (
        "netlist::lane_count",
        "A cell or register is connected to a bundle of several lanes where one word is needed (take a lane of it first), \
         names a lane that the bundle does not have, or a skew joins bundles of unequal lanes.",
    ),
    (
        "netlist::bad_name",
        "Names of modules, nets, instances, grids and axes are lower_snake_case: lower case letters, digits and single \
         underscores, a letter first, no underscore last. They appear unchanged in Verilog, where `$` and escaped names \
         trouble tools.",
    ),
    (
        "netlist::reserved_name",
        "The name is a keyword of Verilog-2005 or SystemVerilog-2017. Some tool would refuse the printed module, even where \
         the file is plain Verilog.",
    ),
    (
        "netlist::unnamed",
        "Constants, slices, concatenations, extensions and lanes may be nameless and are printed in place; the results of \
         all other operations, registers, delay lines and instances need a name.",
    ),
    ("netlist::undriven", "A net is read, or is an output port, and nothing drives it."),
    (
        "netlist::many_drivers",
        "A net has more than one driver. An input port is driven from outside; every other net by exactly one cell, \
         register, delay line, instance or grid.",
    ),
    (
        "netlist::unread",
        "Nobody reads a net, which linters report. Remove it, or name it with `unused` in it if it is left open on \
         purpose.",
    ),
    (
        "netlist::combinational_loop",
        "A word depends on itself with no register between, perhaps through other modules. The loop is judged by whole \
         words: a word whose upper bits depend on its lower ones through a slice counts as a loop too; use one net per \
         part instead.",
    ),
];
