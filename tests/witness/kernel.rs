//! Runs a lowered netlist in rust-hdl's own simulation kernel, and compares it with the interpreter.

use std::sync::{Arc, Mutex};

use bitweight::netlist::{Direction, Interpreter, Netlist};
use rust_hdl::core::simulate::{Sim, Simulation};

use crate::circuit::Circuit;
use crate::lower::lower;

/// Values of all lanes of all input (or output) ports, port after port.
pub type Words = Vec<u64>;

/// What the circuit's outputs are before each rising edge, when its inputs are `stimuli`, one entry a cycle.
pub fn run(circuit: Circuit, stimuli: &[Words]) -> Vec<Words> {
    let stimuli: Arc<Vec<Words>> = Arc::new(stimuli.to_vec());
    let cycles = stimuli.len() as u64;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seen_by_bench = seen.clone();
    let mut simulation: Simulation<Circuit> = Simulation::new();
    simulation.add_testbench(move |mut bench: Sim<Circuit>| {
        let mut circuit = bench.init()?;
        for words in stimuli.iter() {
            let inputs: Vec<usize> = circuit.inputs.iter().flat_map(|(_, lanes)| lanes.clone()).collect();
            for (input, &value) in inputs.into_iter().zip(words) {
                circuit.words[input].next = value;
            }
            circuit.clock.next = false.into();
            circuit = bench.wait(5, circuit)?;
            let outputs = circuit.outputs.iter().flat_map(|(_, lanes)| lanes);
            let values: Words = outputs.map(|&word| circuit.words[word].value()).collect();
            seen_by_bench.lock().expect("the other thread waits").push(values);
            circuit.clock.next = true.into();
            circuit = bench.wait(5, circuit)?;
        }
        bench.done(circuit)
    });
    simulation.run(Box::new(circuit), 10 * cycles + 100).expect("rust-hdl accepts the circuit and it settles");
    let seen = seen.lock().expect("the bench is done");
    seen.clone()
}

/// The same by the interpreter.
pub fn interpret(netlist: &Netlist, stimuli: &[Words]) -> Vec<Words> {
    let mut interpreter = Interpreter::new(netlist).unwrap_or_else(|errors| panic!("{errors:?}"));
    let top = netlist.top_module();
    let lanes = |wanted: Direction| -> Vec<(String, usize)> {
        let ports = top.ports.iter().filter(|port| port.direction == wanted).map(|port| top.net(port.net));
        ports.flat_map(|net| (0..net.lanes as usize).map(|lane| (net.name.clone(), lane))).collect()
    };
    let (inputs, outputs) = (lanes(Direction::Input), lanes(Direction::Output));
    let mut seen = Vec::new();
    for words in stimuli {
        for ((name, lane), &value) in inputs.iter().zip(words) {
            let port = interpreter.port(name).expect("a port of the top");
            interpreter.set(port, *lane, value);
        }
        interpreter.settle();
        let read = |(name, lane): &(String, usize)| interpreter.get(interpreter.port(name).expect("a port"), *lane);
        seen.push(outputs.iter().map(read).collect());
        interpreter.step();
    }
    seen
}

/// The first (cycle, output word) in which a circuit differs from the interpreter's netlist; `None` if they agree.
pub fn first_difference(witness: &Netlist, netlist: &Netlist, stimuli: &[Words]) -> Option<(usize, usize)> {
    let (theirs, ours) = (run(lower(witness), stimuli), interpret(netlist, stimuli));
    assert_eq!(theirs.len(), ours.len(), "every cycle was run");
    let difference = |(a, b): (&Words, &Words)| a.iter().zip(b).position(|(a, b)| a != b);
    theirs.iter().zip(&ours).enumerate().find_map(|(cycle, pair)| Some((cycle, difference(pair)?)))
}
