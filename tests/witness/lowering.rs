//! Every netlist runs alike in our interpreter and, lowered, in rust-hdl's kernel.

use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, Dataflow, Engine, EngineSpec, Operand};
use bitweight::netlist::{Direction, Netlist, ResetKind};

use crate::kernel::{Words, first_difference};
use crate::random::{Random, netlist, with_mistake};

/// Random values for all inputs over `cycles` cycles; the length of a tile is kept short so that tiles end.
fn stimuli(netlist: &Netlist, cycles: usize, random: &mut Random) -> Vec<Words> {
    let top = netlist.top_module();
    let inputs: Vec<_> =
        top.ports.iter().filter(|port| port.direction == Direction::Input).map(|port| top.net(port.net)).collect();
    let one_cycle = |random: &mut Random| {
        let mut words = Vec::new();
        for net in &inputs {
            for _ in 0..net.lanes {
                words.push(match net.name.as_str() {
                    "cmd_length_i" => 1 + random.below(6),
                    name if name.ends_with("valid_i") || name.ends_with("ready_i") => u64::from(random.below(8) > 0),
                    _ => random.word(net.width),
                });
            }
        }
        words
    };
    (0..cycles).map(|_| one_cycle(random)).collect()
}

fn engine(dataflow: Dataflow, opt1: bool, rows: u32, cols: u32, encoding: Option<EncodingKind>) -> Engine {
    let spec = EngineSpec {
        name: if opt1 { "opt1".into() } else { "mac".into() },
        rows,
        cols,
        array: Array::Systolic(dataflow),
        a_bits: 8,
        b_bits: 6,
        acc_bits: 24,
        encoding,
        encoded: if cols.is_multiple_of(2) { Operand::A } else { Operand::B },
        transforms: if opt1 { vec!["compress-accumulate".into()] } else { Vec::new() },
        reset: ResetKind::AsyncLow,
        length_bits: 8,
        ..EngineSpec::default()
    };
    Engine::elaborate(&spec).expect("a sound specification")
}

#[test]
fn random_netlists_run_alike_in_the_interpreter_and_in_rust_hdl() {
    for seed in 1..=150u64 {
        let netlist = netlist(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let stimuli = stimuli(&netlist, 24, &mut Random(seed));
        let difference = first_difference(&netlist, &netlist, &stimuli);
        assert_eq!(difference, None, "(cycle, output) of random netlist {seed}");
    }
}

#[test]
fn small_engines_run_alike_in_the_interpreter_and_in_rust_hdl() {
    let mut random = Random(5);
    for dataflow in [Dataflow::OutputStationary, Dataflow::WeightStationary] {
        for (rows, cols) in [(1, 1), (2, 3), (3, 2)] {
            for (opt1, encoding) in [
                (false, None),
                (false, Some(EncodingKind::Booth4)),
                (true, Some(EncodingKind::EnT)),
                (true, Some(EncodingKind::Naf4)),
            ] {
                let engine = engine(dataflow, opt1, rows, cols, encoding);
                let stimuli = stimuli(&engine.netlist, 60, &mut random);
                let difference = first_difference(&engine.netlist, &engine.netlist, &stimuli);
                assert_eq!(difference, None, "(cycle, output) of {:?}", engine.spec);
                // The runs are long enough for results to leave: some output word moves.
                let outputs = crate::kernel::interpret(&engine.netlist, &stimuli);
                assert!(outputs.iter().any(|words| words != &outputs[0]), "nothing happens in {:?}", engine.spec);
            }
        }
    }
}

#[test]
fn planted_mistakes_are_seen() {
    let mut random = Random(99);
    let (mut planted, mut seen) = ([0; 10], [0; 10]);
    for seed in 1..=40u64 {
        let right = netlist(seed.wrapping_mul(0xd134_2543_de82_ef95));
        for kind in 0..10 {
            let Some((wrong, _)) = with_mistake(&right, kind, &mut random) else { continue };
            let stimuli = stimuli(&right, 24, &mut random);
            planted[kind] += 1;
            seen[kind] += usize::from(first_difference(&wrong, &right, &stimuli).is_some());
        }
    }
    for kind in 0..10 {
        // Some mistakes make no difference: a multiplexer of two equal words, a chain of one instance.
        assert!(2 * seen[kind] > planted[kind] && planted[kind] >= 10, "mistakes seen {seen:?} of {planted:?}");
    }
}
