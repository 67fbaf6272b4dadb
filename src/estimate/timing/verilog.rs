//! A sized module as structural Verilog: what other tools can read and time.

use std::fmt::{self, Write};

use super::graph::{EndKind, Graph, NO_NET, Role, Start};
use crate::estimate::body::Body;
use crate::estimate::process::Process;
use crate::netlist::{Direction, Module};

/// Why a module cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWritten {
    /// It contains grids.
    #[error("it contains grids")]
    Grid,
    /// It contains delay lines.
    #[error("it contains delay lines")]
    DelayLine,
}

/// Writes a module without grids. Ports keep their names, bits and lanes numbered through; the clock is `clk`, the reset
/// `rst_n`; instances are `g0`, `g1`, ... and `r0`, ...
///
/// # Errors
/// [`NotWritten`].
pub fn write(module: &Module, body: &Body, graph: &Graph, process: &Process) -> Result<String, NotWritten> {
    if !body.grids.is_empty() {
        return Err(NotWritten::Grid);
    }
    if !body.delay_lines.is_empty() || graph.roles.contains(&Role::Example) {
        return Err(NotWritten::DelayLine);
    }
    let mut text = String::new();
    let written = Writer { module, body, graph, process }.all(&mut text);
    debug_assert!(written.is_ok(), "writing to a string");
    Ok(text)
}

struct Writer<'a> {
    module: &'a Module,
    body: &'a Body,
    graph: &'a Graph,
    process: &'a Process,
}

impl Writer<'_> {
    fn port_name(&self, port: u32) -> &str {
        &self.module.net(self.module.ports[port as usize].net).name
    }

    fn net(&self, net: u32) -> String {
        if net == NO_NET {
            return "1'b0".to_owned();
        }
        match self.graph.driver(net) {
            Some(gate) => format!("n{gate}"),
            None => match self.graph.starts[net as usize] {
                Start::Port { port, bit } => format!("{}[{bit}]", self.port_name(port)),
                Start::Reset => "rst".to_owned(),
                Start::Register(index) => format!("q{index}"),
                Start::Grid { .. } => String::new(),
            },
        }
    }

    fn all(&self, out: &mut String) -> fmt::Result {
        let names: Vec<&str> = (0..self.module.ports.len() as u32).map(|port| self.port_name(port)).collect();
        let synchronous = self.graph.starts.contains(&Start::Reset);
        let reset = if synchronous { "rst" } else { "rst_n" };
        write!(out, "module {} (clk, {reset}", self.module.name)?;
        names.iter().try_for_each(|name| write!(out, ", {name}"))?;
        writeln!(out, ");\n  input clk, {reset};")?;
        for port in &self.module.ports {
            let net = self.module.net(port.net);
            let direction = if port.direction == Direction::Input { "input" } else { "output" };
            writeln!(out, "  {direction} [{}:0] {};", net.width * net.lanes - 1, net.name)?;
        }
        for gate in 0..self.graph.cells.len() {
            writeln!(out, "  wire n{gate};")?;
        }
        for (index, register) in self.graph.registers.iter().enumerate().filter(|(_, register)| register.copies > 0) {
            let _ = register;
            writeln!(out, "  wire q{index};")?;
        }
        self.gates(out)?;
        self.registers(out)?;
        for end in &self.graph.ends {
            if let EndKind::Port { port, bit } = end.kind {
                writeln!(out, "  assign {}[{bit}] = {};", self.port_name(port), self.net(end.net))?;
            }
        }
        writeln!(out, "endmodule")
    }

    fn gates(&self, out: &mut String) -> fmt::Result {
        for (gate, &index) in self.graph.cells.iter().enumerate() {
            let cell = &self.process.cells()[index as usize];
            write!(out, "  {} g{gate} (.{}(n{gate})", cell.name, cell.outputs[0].name)?;
            for pin in self.graph.pins_of(gate as u32) {
                write!(out, ", .{}({})", cell.inputs[usize::from(pin.input)].name, self.net(pin.net))?;
            }
            writeln!(out, ");")?;
        }
        Ok(())
    }

    fn registers(&self, out: &mut String) -> fmt::Result {
        for end in &self.graph.ends {
            let EndKind::Register(index) = end.kind else { continue };
            let register = &self.graph.registers[index as usize];
            let cell = &self.process.flip_flops()[register.cell as usize];
            write!(out, "  {} r{index} (.{}(clk)", cell.name, cell.clock.name)?;
            write!(out, ", .{}({}), .{}(q{index})", cell.data.pin.name, self.net(end.net), cell.q.name)?;
            let wanted = self.body.flip_flops[index as usize].reset;
            for reset in cell.resets() {
                let value = match (wanted == Some(reset.value), reset.active_low) {
                    (true, true) => "rst_n",
                    (true, false) => "!rst_n",
                    (false, active_low) => ["1'b0", "1'b1"][usize::from(active_low)],
                };
                write!(out, ", .{}({value})", reset.pin.name)?;
            }
            writeln!(out, ");")?;
        }
        Ok(())
    }
}
