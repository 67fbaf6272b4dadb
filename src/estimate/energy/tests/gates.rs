//! A few gates, worked out by hand.

use crate::estimate::energy::circuit::{Circuit, Gate, MOST_INPUTS, Owner};
use crate::estimate::energy::electric::{Delays, Electric};
use crate::estimate::energy::waves::{Counts, LANES, Scratch, Stimulus, Waves};
use crate::estimate::parts::PartKind;
use crate::estimate::process::Process;

fn process() -> Process {
    Process::shipped("nangate45").expect("shipped")
}

/// Gates by cell, inputs and delays to 0 and to 1; the output of gate `i` is net `100 + i`.
fn circuit(process: &Process, gates: &[(&str, &[u32], [u32; 2], u32)]) -> (Circuit, Electric) {
    let mut circuit = Circuit { nets: 100 + gates.len() as u32, ..Circuit::default() };
    let mut delays = Vec::new();
    for (index, &(name, reads, to, later)) in gates.iter().enumerate() {
        let cell = process.cells().iter().position(|cell| cell.name == name).expect("a cell") as u32;
        let mut inputs = [u32::MAX; MOST_INPUTS];
        inputs[..reads.len()].copy_from_slice(reads);
        let owner = Owner { part: PartKind::Control, module: 0, weight: 1.0 };
        circuit.gates.push(Gate { cell, inputs, output: 100 + index as u32, owner });
        let mut all = [0; MOST_INPUTS];
        all[0] = later;
        delays.push(Delays { to, later: all });
    }
    let mut electric = Electric::new(&circuit, process);
    electric.gates = delays;
    (circuit, electric)
}

fn changes(process: &Process, gates: &[(&str, &[u32], [u32; 2], u32)], stimuli: &[Stimulus]) -> Counts {
    let (circuit, electric) = circuit(process, gates);
    let waves = Waves::new(&circuit, &electric, process);
    let mut counts = Counts::new(&waves);
    waves.run(stimuli, 1, &mut Scratch::default(), &mut counts).expect("it settles");
    counts
}

fn rises(net: u32, at: u32) -> Stimulus {
    Stimulus { net, before: 0, after: 1, at: [at; 2], is_late: false }
}

#[test]
fn an_inverter_beside_an_exclusive_or_makes_a_glitch_that_a_slow_gate_swallows() {
    let process = process();
    // 2 rises at 100, its inverse falls at 130: for 30 ticks both are 1.
    let glitch = |delay: u32| {
        let gates: [(&str, &[u32], _, _); 2] =
            [("INV_X1", &[2], [30, 40], 0), ("XOR2_X1", &[2, 100], [delay, delay], 0)];
        let counts = changes(&process, &gates, &[rises(2, 100)]);
        assert_eq!((counts.timed.falls[100], counts.timed.rises[100]), (1, 0));
        assert_eq!((counts.settled.falls[101], counts.settled.rises[101]), (0, 0), "without delays there is none");
        (counts.timed.falls[101], counts.timed.rises[101])
    };
    assert_eq!(glitch(20), (1, 1));
    assert_eq!(glitch(30), (1, 1), "as long as the gate is not shorter than it");
    assert_eq!(glitch(31), (0, 0));
}

#[test]
fn a_pulse_that_is_shorter_than_the_delay_of_a_pin_does_not_come_in() {
    let process = process();
    let pulse = |later: u32| {
        // An and of 2 and of its inverse two gates on: 1 for 50 ticks.
        let gates: [(&str, &[u32], _, _); 3] =
            [("INV_X1", &[2], [50, 50], 0), ("AND2_X1", &[2, 100], [10, 10], 0), ("BUF_X1", &[101], [5, 5], later)];
        let counts = changes(&process, &gates, &[rises(2, 100)]);
        assert_eq!((counts.timed.rises[101], counts.timed.falls[101]), (1, 1));
        (counts.timed.rises[102], counts.timed.falls[102])
    };
    assert_eq!([pulse(0), pulse(49), pulse(50), pulse(51)], [(1, 1), (1, 1), (1, 1), (0, 0)]);
}

#[test]
fn what_rises_later_than_it_falls_keeps_its_order() {
    let process = process();
    // A pulse of 30 ticks, rising after 60 and falling after 10: the fall is there before the rise was, so neither comes.
    let gates: [(&str, &[u32], _, _); 3] =
        [("INV_X1", &[2], [30, 30], 0), ("AND2_X1", &[2, 100], [5, 5], 0), ("BUF_X1", &[101], [10, 60], 0)];
    let counts = changes(&process, &gates, &[rises(2, 0)]);
    assert_eq!((counts.timed.rises[101], counts.timed.rises[102]), (1, 0));
}

#[test]
fn inputs_that_come_late_are_a_step_of_their_own_without_delays_too() {
    let process = process();
    let gates: [(&str, &[u32], _, _); 1] = [("XOR2_X1", &[2, 3], [1, 1], 0)];
    let both = |is_late: bool| {
        let late = Stimulus { is_late, ..rises(3, 50) };
        let counts = changes(&process, &gates, &[rises(2, 0), late]);
        assert_eq!((counts.timed.rises[100], counts.timed.falls[100]), (1, 1));
        (counts.settled.rises[100], counts.settled.falls[100])
    };
    assert_eq!((both(false), both(true)), ((0, 0), (1, 1)));
}

/// Numbers that look random.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 20
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

#[test]
fn many_cycles_at_once_are_each_of_them_alone() {
    let process = process();
    let kinds = [("INV_X1", 1), ("NAND2_X1", 2), ("XOR2_X1", 2), ("AOI21_X1", 3), ("MUX2_X1", 3), ("OAI22_X1", 4)];
    let mut random = Random(7);
    for _circuit in 0..20 {
        let inputs = 6;
        let mut reads: Vec<Vec<u32>> = Vec::new();
        let mut gates = Vec::new();
        for index in 0..60u64 {
            let (name, count) = kinds[random.below(kinds.len() as u64) as usize];
            let before = |random: &mut Random| match random.below(inputs + index) {
                input if input < inputs => 2 + input as u32,
                gate => 100 + (gate - inputs) as u32,
            };
            reads.push((0..count).map(|_| before(&mut random)).collect());
            gates.push((name, [1 + random.below(40) as u32, 1 + random.below(40) as u32], random.below(25) as u32));
        }
        let gates: Vec<(&str, &[u32], [u32; 2], u32)> =
            gates.iter().zip(&reads).map(|(&(name, to, later), reads)| (name, &reads[..], to, later)).collect();
        let (circuit, electric) = circuit(&process, &gates);
        let waves = Waves::new(&circuit, &electric, &process);
        let stimuli: Vec<Stimulus> = (0..inputs)
            .map(|input| {
                let at = [random.below(30) as u32, random.below(30) as u32];
                let (before, after) = (random.next() << 32 | random.next(), random.next() << 32 | random.next());
                Stimulus { net: 2 + input as u32, before, after, at, is_late: input == 0 }
            })
            .collect();
        let mut scratch = Scratch::default();
        let mut together = Counts::new(&waves);
        waves.run(&stimuli, LANES, &mut scratch, &mut together).expect("it settles");
        let mut alone = Counts::new(&waves);
        for lane in 0..LANES {
            let one = |word: u64| word >> lane & 1;
            let stimuli: Vec<Stimulus> = stimuli
                .iter()
                .map(|stimulus| Stimulus { before: one(stimulus.before), after: one(stimulus.after), ..*stimulus })
                .collect();
            waves.run(&stimuli, 1, &mut scratch, &mut alone).expect("it settles");
        }
        assert_eq!(together, alone);
        // Whatever comes between, a net ends where it ends without delays.
        let ends = |edges: &crate::estimate::energy::waves::Edges| -> Vec<i64> {
            edges.rises.iter().zip(&edges.falls).map(|(&rises, &falls)| i64::from(rises) - i64::from(falls)).collect()
        };
        assert_eq!(ends(&together.timed), ends(&together.settled));
        assert!(together.timed.rises.iter().sum::<u32>() > together.settled.rises.iter().sum::<u32>());
    }
}
