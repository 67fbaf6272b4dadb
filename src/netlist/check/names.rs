//! Names: `lower_snake_case`, no keyword, no two alike in a module.

use std::collections::BTreeSet;

use crate::netlist::{Item, Module, Netlist, NetlistError};

/// Checks every name of the netlist.
pub fn check(netlist: &Netlist, errors: &mut Vec<NetlistError>) {
    let mut modules = BTreeSet::new();
    for module in &netlist.modules {
        if !modules.insert(&module.name) {
            errors.push(NetlistError::ModuleRedefined { module: module.name.clone() });
        }
        check_name(&module.name, module, errors);
        check_module(module, errors);
    }
}

fn check_module(module: &Module, errors: &mut Vec<NetlistError>) {
    let mut known = BTreeSet::new();
    let mut check = |name: String, spelled: &str, errors: &mut Vec<NetlistError>| {
        check_name(spelled, module, errors);
        if !known.insert(name.clone()) {
            errors.push(NetlistError::NameTaken { module: module.name.clone(), net: name });
        }
    };
    for net in module.nets.iter().filter(|net| !net.name.is_empty()) {
        check(net.name.clone(), &net.name, errors);
    }
    for item in &module.items {
        match item {
            Item::Instance(instance) => check(format!("u_{}", instance.name), &instance.name, errors),
            Item::Grid(grid) => {
                check(format!("u_{}", grid.name), &grid.name, errors);
                let mut axes = BTreeSet::new();
                for (axis, _) in &grid.axes {
                    check_name(axis, module, errors);
                    if !axes.insert(axis) {
                        errors.push(NetlistError::NameTaken { module: module.name.clone(), net: axis.clone() });
                    }
                }
            }
            Item::Skew(skew) => check(skew.name.clone(), &skew.name, errors),
            Item::Cell(_) | Item::Register(_) | Item::Comment(_) => {}
        }
    }
    for port in &module.ports {
        if module.net(port.net).name.is_empty() {
            errors.push(NetlistError::Unnamed { module: module.name.clone(), what: "a port".into() });
        }
    }
}

fn check_name(name: &str, module: &Module, errors: &mut Vec<NetlistError>) {
    if !is_snake_case(name) {
        errors.push(NetlistError::BadName { module: module.name.clone(), name: name.into() });
    } else if is_keyword(name) {
        errors.push(NetlistError::ReservedName { module: module.name.clone(), name: name.into() });
    }
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !name.ends_with('_')
        && !name.contains("__")
}

/// Whether Verilog-2005 or SystemVerilog-2017 reserves the name (IEEE 1364-2005 annex B, IEEE 1800-2017 annex B).
pub fn is_keyword(name: &str) -> bool {
    KEYWORDS.binary_search(&name).is_ok()
}

#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "accept_on", "alias", "always", "always_comb", "always_ff", "always_latch", "and", "assert", "assign", "assume",
    "automatic", "before", "begin", "bind", "bins", "binsof", "bit", "break", "buf", "bufif0", "bufif1", "byte", "case",
    "casex", "casez", "cell", "chandle", "checker", "class", "clocking", "cmos", "config", "const", "constraint",
    "context", "continue", "cover", "covergroup", "coverpoint", "cross", "deassign", "default", "defparam", "design",
    "disable", "dist", "do", "edge", "else", "end", "endcase", "endchecker", "endclass", "endclocking", "endconfig",
    "endfunction", "endgenerate", "endgroup", "endinterface", "endmodule", "endpackage", "endprimitive", "endprogram",
    "endproperty", "endsequence", "endspecify", "endtable", "endtask", "enum", "event", "eventually", "expect", "export",
    "extends", "extern", "final", "first_match", "for", "force", "foreach", "forever", "fork", "forkjoin", "function",
    "generate", "genvar", "global", "highz0", "highz1", "if", "iff", "ifnone", "ignore_bins", "illegal_bins",
    "implements", "implies", "import", "incdir", "include", "initial", "inout", "input", "inside", "instance", "int",
    "integer", "interconnect", "interface", "intersect", "join", "join_any", "join_none", "large", "let", "liblist",
    "library", "local", "localparam", "logic", "longint", "macromodule", "matches", "medium", "modport", "module", "nand",
    "negedge", "nettype", "new", "nexttime", "nmos", "nor", "noshowcancelled", "not", "notif0", "notif1", "null", "or",
    "output", "package", "packed", "parameter", "pmos", "posedge", "primitive", "priority", "program", "property",
    "protected", "pull0", "pull1", "pulldown", "pullup", "pulsestyle_ondetect", "pulsestyle_onevent", "pure", "rand",
    "randc", "randcase", "randsequence", "rcmos", "real", "realtime", "ref", "reg", "reject_on", "release", "repeat",
    "restrict", "return", "rnmos", "rpmos", "rtran", "rtranif0", "rtranif1", "s_always", "s_eventually", "s_nexttime",
    "s_until", "s_until_with", "scalared", "sequence", "shortint", "shortreal", "showcancelled", "signed", "small",
    "soft", "solve", "specify", "specparam", "static", "string", "strong", "strong0", "strong1", "struct", "super",
    "supply0", "supply1", "sync_accept_on", "sync_reject_on", "table", "tagged", "task", "this", "throughout", "time",
    "timeprecision", "timeunit", "tran", "tranif0", "tranif1", "tri", "tri0", "tri1", "triand", "trior", "trireg", "type",
    "typedef", "union", "unique", "unique0", "unsigned", "until", "until_with", "untyped", "use", "uwire", "var",
    "vectored", "virtual", "void", "wait", "wait_order", "wand", "weak", "weak0", "weak1", "while", "wildcard", "wire",
    "with", "within", "wor", "xnor", "xor",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_keywords_is_sorted_for_its_binary_search() {
        assert!(KEYWORDS.is_sorted());
        assert!(is_keyword("wire") && is_keyword("logic") && !is_keyword("sum"));
    }
}
