//! The design as Verilog that Icarus simulates with the delays of an SDF file.
//!
//! Icarus knows no specify blocks of this size in reasonable time and no conditions, so delays are written into the text: a
//! cell is a primitive of its truth table with its own rise and fall delay, the least of its pins, and a pin that is later than
//! that has a delay of its own before it. Delays are inertial, as those of gates are: what is shorter than the gate is swallowed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::flat::{Flat, FlatCell};
use super::sdf::Delays;
use crate::estimate::Process;
use crate::estimate::process::{ClockedOutput, FlipFlop, Function};
use crate::synth::library::Library;

/// The unit of times in what a simulation writes, ps: the precision of the text.
pub(super) const TIME_UNIT_PS: f64 = 0.1;
/// What is later than this beyond a cell's own delay has a delay before its pin, ps.
const LEAST_PIN_DELAY_PS: f64 = 1.0;

/// The text; without delays every change is at once.
///
/// # Errors
/// A sentence with a cell of the netlist that the library does not have.
pub(super) fn verilog(flat: &Flat, library: &Library, delays: Option<&Delays>) -> Result<String, String> {
    let process = &library.process;
    let mut text = String::from("`timescale 1ps/100fs\n");
    let kinds: BTreeSet<&str> = flat.cells.iter().map(|cell| cell.kind.as_str()).collect();
    for kind in &kinds {
        if let Some(cell) = process.cell_named(kind) {
            for (index, output) in cell.outputs.iter().enumerate() {
                text += &primitive(&primitive_name(kind, index), output.function);
            }
        }
    }
    let ports: Vec<&str> = flat.ports.iter().map(|port| port.name.as_str()).collect();
    let _ = writeln!(text, "module {} ({});", flat.top, ports.join(", "));
    for port in &flat.ports {
        let direction = if port.output { "output" } else { "input" };
        let _ = writeln!(text, "  {direction} [{}:0] {};", port.bits.len() - 1, port.name);
    }
    for net in 0..flat.nets {
        let _ = writeln!(text, "  wire n{net};");
    }
    for port in &flat.ports {
        for (index, net) in port.bits.iter().enumerate() {
            let _ = match port.output {
                true => writeln!(text, "  assign {}[{index}] = n{net};", port.name),
                false => writeln!(text, "  assign n{net} = {}[{index}];", port.name),
            };
        }
    }
    for (value, net) in flat.constants.iter().enumerate() {
        if let Some(net) = net {
            let _ = writeln!(text, "  assign n{net} = 1'b{value};");
        }
    }
    for (number, cell) in flat.cells.iter().enumerate() {
        let own = delays.map(|delays| delays.get(&cell.path));
        if let Some(logic) = process.cell_named(&cell.kind) {
            for (index, output) in logic.outputs.iter().enumerate() {
                let Some(net) = cell.pins.get(&output.name) else { continue };
                let inputs: Vec<(&str, u32)> = logic
                    .inputs
                    .iter()
                    .map(|input| cell.pins.get(&input.name).map(|net| (input.name.as_str(), *net)))
                    .collect::<Option<_>>()
                    .ok_or_else(|| format!("`{}` has an input that nothing drives", cell.path))?;
                let of_pin = |pin: &str| own.flatten()?.get(&(pin.to_owned(), output.name.clone())).copied();
                let timed: Vec<_> = inputs.iter().map(|(pin, _)| of_pin(pin)).collect();
                let least = |of: fn(&super::sdf::PinDelay) -> f64| {
                    let least = timed.iter().flatten().map(of).fold(f64::INFINITY, f64::min);
                    if least.is_finite() { least.max(0.1) } else { 0.0 }
                };
                let (rise, fall) = (least(|delay| delay.rise_ps), least(|delay| delay.fall_ps));
                let mut words = Vec::new();
                for (pin, ((_, input), delay)) in inputs.iter().zip(&timed).enumerate() {
                    let later = delay.map_or(0.0, |delay| (delay.rise_ps - rise + delay.fall_ps - fall) / 2.0);
                    if later < LEAST_PIN_DELAY_PS {
                        words.push(format!("n{input}"));
                        continue;
                    }
                    let _ = writeln!(
                        text,
                        "  wire p{number}_{index}_{pin}; assign #({later:.1}) p{number}_{index}_{pin} = n{input};"
                    );
                    words.push(format!("p{number}_{index}_{pin}"));
                }
                let name = primitive_name(&cell.kind, index);
                let delay = if own.flatten().is_some() { format!("#({rise:.1}, {fall:.1}) ") } else { String::new() };
                let _ = writeln!(text, "  {name} {delay}g{number}_{index} (n{net}, {});", words.join(", "));
            }
        } else if let Some(flip_flop) = process.flip_flops().iter().find(|one| one.name == cell.kind) {
            text += &register(number, cell, flip_flop, own.flatten())
                .ok_or_else(|| format!("`{}` has an input that nothing drives", cell.path))?;
        } else {
            text += &tie(cell, process).ok_or_else(|| format!("the library has no cell `{}`", cell.kind))?;
        }
    }
    text.push_str("endmodule\n");
    Ok(text)
}

fn tie(cell: &FlatCell, process: &Process) -> Option<String> {
    let mut text = String::new();
    let mut known = false;
    for tie in process.ties.iter().filter(|tie| tie.name == cell.kind) {
        known = true;
        if let Some(net) = cell.pins.get(&tie.output) {
            let _ = writeln!(text, "  assign n{net} = 1'b{};", u8::from(tie.value));
        }
    }
    known.then_some(text)
}

fn register(
    number: usize,
    cell: &FlatCell,
    flip_flop: &FlipFlop,
    own: Option<&BTreeMap<(String, String), super::sdf::PinDelay>>,
) -> Option<String> {
    let net = |pin: &str| cell.pins.get(pin);
    let clock = net(&flip_flop.clock.name)?;
    let data = net(&flip_flop.data.pin.name)?;
    let mut text = format!("  reg s{number} = 1'b0;\n");
    let load = match &flip_flop.enable {
        None => format!("s{number} <= n{data};"),
        Some(enable) => {
            let not = if enable.active_low { "!" } else { "" };
            format!("if ({not}n{}) s{number} <= n{data};", net(&enable.pin.pin.name)?)
        }
    };
    let (mut edges, mut resets) = (String::new(), String::new());
    for reset in flip_flop.resets() {
        let (edge, not) = if reset.active_low { ("negedge", "!") } else { ("posedge", "") };
        let (pin, value) = (net(&reset.pin.name)?, u8::from(reset.value));
        let _ = write!(edges, " or {edge} n{pin}");
        let _ = write!(resets, "if ({not}n{pin}) s{number} <= 1'b{value}; else ");
    }
    let _ = writeln!(text, "  always @(posedge n{clock}{edges}) {resets}{load}");
    for output in [Some(&flip_flop.q), flip_flop.qn.as_ref()].into_iter().flatten() {
        let Some(q) = net(&output.name) else { continue };
        let delay = own.and_then(|own| own.get(&(flip_flop.clock.name.clone(), output.name.clone())));
        let delay = delay.map_or_else(String::new, |delay| {
            format!("#({:.1}, {:.1}) ", delay.rise_ps.max(0.1), delay.fall_ps.max(0.1))
        });
        let _ = writeln!(text, "  assign {delay}n{q} = {}s{number};", if is_inverted(output) { "~" } else { "" });
    }
    Some(text)
}

fn is_inverted(output: &ClockedOutput) -> bool {
    output.inverted
}

fn primitive_name(kind: &str, output: usize) -> String {
    format!("prim_{kind}_{output}")
}

/// A primitive whose rows are all prime implicants of the function and of its complement, so that it is unknown only where
/// the inputs that are known do not decide.
fn primitive(name: &str, function: Function) -> String {
    let inputs = function.inputs();
    let pins: Vec<String> = (0..inputs).map(|pin| format!("i{pin}")).collect();
    let mut text =
        format!("primitive {name} (o, {});\n  output o;\n  input {};\n  table\n", pins.join(", "), pins.join(", "));
    for value in [false, true] {
        for cube in primes(function, value) {
            let letters: Vec<&str> = cube
                .iter()
                .map(|bit| match bit {
                    Some(false) => "0",
                    Some(true) => "1",
                    None => "?",
                })
                .collect();
            let _ = writeln!(text, "    {} : {};", letters.join(" "), u8::from(value));
        }
    }
    text + "  endtable\nendprimitive\n"
}

/// The largest sets of cases, as one value an input, in which the function has a value.
fn primes(function: Function, value: bool) -> Vec<Vec<Option<bool>>> {
    let inputs = function.inputs();
    let cubes = (0..3usize.pow(inputs as u32)).map(|number| {
        let digit = |input: usize| number / 3usize.pow(input as u32) % 3;
        (0..inputs).map(|input| [Some(false), Some(true), None][digit(input)]).collect::<Vec<Option<bool>>>()
    });
    let covers = |cube: &[Option<bool>], case: usize| {
        cube.iter().enumerate().all(|(input, bit)| bit.is_none_or(|bit| bit == (case >> input & 1 == 1)))
    };
    let holds = |cube: &Vec<Option<bool>>| {
        (0..1usize << inputs).filter(|&case| covers(cube, case)).all(|case| function.value(case) == value)
    };
    let implicants: Vec<_> = cubes.filter(holds).collect();
    let is_inside = |small: &[Option<bool>], large: &[Option<bool>]| {
        small != large && small.iter().zip(large).all(|(small, large)| large.is_none() || large == small)
    };
    implicants.iter().filter(|cube| !implicants.iter().any(|other| is_inside(cube, other))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_primitive_has_every_prime_of_the_function_and_of_its_complement() {
        // A multiplexer: s ? b : a, with a, b, s as inputs 0, 1, 2.
        let mux = Function::of(3, |x| x[2] & x[1] | !x[2] & x[0]).expect("three inputs");
        let text = primitive("m", mux);
        // The consensus of both data inputs keeps the output known while the select is not.
        for row in ["1 ? 0 : 1;", "? 1 1 : 1;", "1 1 ? : 1;", "0 0 ? : 0;"] {
            assert!(text.contains(row), "{row} is not in {text}");
        }
        assert_eq!(text.matches(" : ").count(), 6);
    }
}
