//! One module: header, ports, body in creation order.

use crate::emit::EmitError;
use crate::emit::expression::{bits, literal, net, range, value};
use crate::emit::repeat;
use crate::emit::scope::{Declaration, Scope, State};
use crate::emit::text::{COLUMNS, Text};
use crate::netlist::{Cell, Direction, Instance, Item, NetId, Register, ResetKind};

/// The text of one module.
pub(super) fn print(mut scope: Scope, header: &[String]) -> Result<String, EmitError> {
    let mut text = Text::default();
    for line in scope.module.doc.iter().chain(header) {
        check_ascii(&scope, line)?;
        text.comment(0, line);
    }
    ports(&scope, &mut text)?;
    text.gap();
    let genvars = repeat::declare_genvars(&mut scope, &mut text);
    let classes = classes(&scope);
    let module = scope.module;
    let mut commented = false;
    for (at, item) in module.items.iter().enumerate() {
        declare(&scope, &mut text, at);
        match item {
            Item::Comment(words) => {
                check_ascii(&scope, words)?;
                if !commented {
                    text.gap();
                }
                text.comment(2, words);
            }
            Item::Cell(cell) => print_cell(&scope, &mut text, cell),
            Item::Register(_) => {}
            Item::Skew(skew) => repeat::print_skew(&mut scope, &mut text, skew, &genvars, commented),
            Item::Instance(instance) => {
                if !commented {
                    text.gap();
                }
                print_instance(&scope, &mut text, instance);
            }
            Item::Grid(grid) => repeat::print_grid(&mut scope, &mut text, grid, &genvars, commented),
        }
        for class in classes.iter().filter(|class| class.last == at) {
            text.gap();
            always(&scope, &mut text, class);
            text.gap();
        }
        commented = matches!(item, Item::Comment(_));
    }
    declare(&scope, &mut text, module.items.len());
    name_unread(&mut scope, &mut text);
    let mut printed = text.finish();
    while printed.ends_with("\n\n") {
        printed.pop();
    }
    printed.push_str("\nendmodule\n");
    Ok(printed)
}

/// Comments are ASCII, like everything else.
fn check_ascii(scope: &Scope, words: &str) -> Result<(), EmitError> {
    if words.chars().all(|letter| letter.is_ascii() && !letter.is_ascii_control()) {
        Ok(())
    } else {
        Err(EmitError::NotAscii { module: scope.module.name.clone(), text: words.to_owned() })
    }
}

/// Name of the reset port.
pub(super) fn reset_port(kind: ResetKind) -> &'static str {
    match kind {
        ResetKind::AsyncLow | ResetKind::SyncLow => "rst_ni",
        ResetKind::SyncHigh => "rst_i",
    }
}

/// Clock and reset ports of a module with this state, in order.
pub(super) fn implicit_ports(state: State, kind: ResetKind) -> Vec<&'static str> {
    let clock = state.clock.then_some("clk_i");
    clock.into_iter().chain(state.reset.then(|| reset_port(kind))).collect()
}

fn ports(scope: &Scope, text: &mut Text) -> Result<(), EmitError> {
    let module = scope.module;
    let mut rows: Vec<(String, String, &str)> = implicit_ports(scope.state, scope.netlist.reset)
        .into_iter()
        .map(|name| ("input  wire".to_owned(), name.to_owned(), ""))
        .collect();
    for port in &module.ports {
        let kind = match port.direction {
            Direction::Input => "input  wire",
            Direction::Output if scope.registered[port.net.index()] => "output reg ",
            Direction::Output => "output wire",
        };
        let declared = module.net(port.net);
        check_ascii(scope, &port.doc)?;
        let range = range(declared.width * declared.lanes);
        rows.push((format!("{kind} {range}").trim_end().to_owned(), declared.name.clone(), &port.doc));
    }
    if rows.is_empty() {
        text.line(0, &format!("module {};", module.name));
        return Ok(());
    }
    text.line(0, &format!("module {} (", module.name));
    let width = rows.iter().map(|(kind, ..)| kind.len()).max().unwrap_or(0);
    let names = rows.iter().map(|(_, name, _)| name.len()).max().unwrap_or(0) + 1;
    let last = rows.len() - 1;
    for (index, (kind, name, doc)) in rows.iter().enumerate() {
        let comma = if index == last { "" } else { "," };
        let line = format!("{kind:width$} {name}{comma}");
        if doc.is_empty() {
            text.line(2, &line);
        } else if 2 + width + 1 + names + 5 + doc.len() <= COLUMNS {
            text.line(2, &format!("{kind:width$} {:names$}  // {doc}", format!("{name}{comma}")));
        } else {
            text.comment(2, doc);
            text.line(2, &line);
        }
    }
    text.line(0, ");");
    Ok(())
}

/// Nets that are declared before the item at `at`.
fn declare(scope: &Scope, text: &mut Text, at: usize) {
    for (index, declaration) in scope.declarations.iter().enumerate() {
        let id = NetId(index as u32);
        if *declaration == Declaration::Before(at) && scope.printed_width(id) > 0 {
            let kind = if scope.registered[index] { "reg" } else { "wire" };
            text.line(2, &format!("{kind} {}{};", range(scope.printed_width(id)), scope.name(id)));
        }
    }
}

fn print_cell(scope: &Scope, text: &mut Text, cell: &Cell) {
    for (position, &output) in cell.outputs.iter().enumerate() {
        let (name, width) = (scope.name(output), scope.printed_width(output));
        if name.is_empty() || width == 0 {
            continue;
        }
        let value = value(scope, cell, position);
        if scope.declarations[output.index()] == Declaration::WithValue {
            text.line(2, &format!("wire {}{name} = {value};", range(width)));
        } else {
            text.line(2, &format!("assign {name} = {value};"));
        }
    }
}

/// Registers that share reset, enable and clear: one always block.
struct Class<'a> {
    reset: bool,
    enable: Option<String>,
    clear: Option<String>,
    registers: Vec<&'a Register>,
    /// Index of the item of the last of them, after which the block is printed.
    last: usize,
}

fn classes<'a>(scope: &Scope<'a>) -> Vec<Class<'a>> {
    let mut classes: Vec<Class> = Vec::new();
    for (at, item) in scope.module.items.iter().enumerate() {
        let Item::Register(register) = item else { continue };
        let reset = register.reset.is_some();
        let enable = register.enable.map(|enable| net(scope, enable));
        let clear = register.clear.map(|clear| net(scope, clear));
        let known =
            classes.iter_mut().find(|class| class.reset == reset && class.enable == enable && class.clear == clear);
        match known {
            Some(class) => {
                class.registers.push(register);
                class.last = at;
            }
            None => classes.push(Class { reset, enable, clear, registers: vec![register], last: at }),
        }
    }
    classes
}

/// `always @(...)` for registers that are reset or not.
pub(super) fn sensitivity(kind: ResetKind, reset: bool) -> &'static str {
    if reset && kind == ResetKind::AsyncLow {
        "always @(posedge clk_i or negedge rst_ni) begin"
    } else {
        "always @(posedge clk_i) begin"
    }
}

/// The condition under which registers take their reset values.
pub(super) fn in_reset(kind: ResetKind) -> &'static str {
    match kind {
        ResetKind::AsyncLow | ResetKind::SyncLow => "!rst_ni",
        ResetKind::SyncHigh => "rst_i",
    }
}

/// One branch of an always block: its condition (the last may have none) and its assignments.
pub(super) type Branch = (Option<String>, Vec<String>);

/// An always block whose branches are tried in order.
pub(super) fn print_always(text: &mut Text, indent: usize, sensitivity: &str, branches: &[Branch]) {
    text.line(indent, sensitivity);
    for (index, (condition, assignments)) in branches.iter().enumerate() {
        let deeper = match (condition, index) {
            (Some(condition), 0) => {
                text.line(indent + 2, &format!("if ({condition}) begin"));
                2
            }
            (Some(condition), _) => {
                text.line(indent + 2, &format!("end else if ({condition}) begin"));
                2
            }
            (None, 0) => 0,
            (None, _) => {
                text.line(indent + 2, "end else begin");
                2
            }
        };
        for assignment in assignments {
            text.line(indent + 2 + deeper, assignment);
        }
    }
    if branches.first().is_some_and(|(condition, _)| condition.is_some()) {
        text.line(indent + 2, "end");
    }
    text.line(indent, "end");
}

fn always(scope: &Scope, text: &mut Text, class: &Class) {
    let kind = scope.netlist.reset;
    let each = |value: &dyn Fn(&Register) -> String| {
        let line = |register: &&Register| format!("{} <= {};", scope.name(register.q), value(register));
        class.registers.iter().map(line).collect::<Vec<String>>()
    };
    let width = |register: &Register| scope.module.net(register.q).width;
    let mut branches: Vec<Branch> = Vec::new();
    if class.reset {
        let values = each(&|register| literal(width(register), register.reset.unwrap_or(0)));
        branches.push((Some(in_reset(kind).to_owned()), values));
    }
    if let Some(clear) = &class.clear {
        branches.push((Some(clear.clone()), each(&|register| literal(width(register), 0))));
    }
    branches.push((class.enable.clone(), each(&|register| net(scope, register.d))));
    print_always(text, 2, sensitivity(kind, class.reset), &branches);
}

/// Connections as `.port (expression)` rows, commas included.
pub(super) fn print_connections(text: &mut Text, indent: usize, connections: &[(String, String)]) {
    let width = connections.iter().map(|(port, _)| port.len()).max().unwrap_or(0);
    let last = connections.len().saturating_sub(1);
    for (index, (port, expression)) in connections.iter().enumerate() {
        let comma = if index == last { "" } else { "," };
        text.line(indent, &format!(".{port:width$} ({expression}){comma}"));
    }
}

fn print_instance(scope: &Scope, text: &mut Text, instance: &Instance) {
    let child = scope.netlist.module(instance.module);
    let mut connections: Vec<(String, String)> =
        implicit_ports(scope.states[instance.module.index()], scope.netlist.reset)
            .into_iter()
            .map(|port| (port.to_owned(), port.to_owned()))
            .collect();
    for &(port, parent) in &instance.connections {
        connections.push((child.net(port).name.clone(), net(scope, parent)));
    }
    text.line(2, &format!("{} u_{} (", child.name, instance.name));
    print_connections(text, 4, &connections);
    text.line(2, ");");
    text.gap();
}

/// Bits that nothing reads are given a name that says so, or linters ask whether they were forgotten.
fn name_unread(scope: &mut Scope, text: &mut Text) {
    let unread = scope.unread();
    if !unread.is_empty() {
        text.gap();
        text.comment(2, "Bits that this module has no use for.");
    }
    for (id, runs) in unread {
        let name = scope.fresh(&format!("unused_{}", scope.name(id)));
        let width = runs.iter().map(|&(_, width)| width).sum();
        let parts: Vec<String> = runs.iter().rev().map(|&(low, width)| bits(scope, id, low, width)).collect();
        let value = if let [one] = &parts[..] { one.clone() } else { format!("{{{}}}", parts.join(", ")) };
        text.line(2, &format!("wire {}{name} = {value};", range(width)));
    }
}
