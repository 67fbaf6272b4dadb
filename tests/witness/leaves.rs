//! Our leaves against the golden ones, on all operands.

use bitweight::encoding::EncodingKind;
use bitweight::engine::{Array, Dataflow, Engine, EngineSpec, Operand};
use bitweight::netlist::{Interpreter, ModuleId, Netlist, ResetKind};
use rust_hdl::core::simulate::simulate;
use rust_hdl::prelude::*;

use crate::golden::{Booth4Encoder, EnTEncoder, Pe};
use crate::random::Random;

/// The output-stationary engine of one PE from which the leaves are taken.
pub fn engine(opt1: bool, encoding: EncodingKind) -> Engine {
    engine_of(opt1, encoding, 8, 32)
}

/// The same with operands of `bits` bits and sums of `acc_bits`.
pub fn engine_of(opt1: bool, encoding: EncodingKind, bits: u32, acc_bits: u32) -> Engine {
    let spec = EngineSpec {
        name: "leaf".into(),
        rows: 1,
        cols: 1,
        array: Array::Systolic(Dataflow::OutputStationary),
        a_bits: bits,
        b_bits: bits,
        acc_bits,
        encoding: Some(encoding),
        encoded: Operand::A,
        transforms: if opt1 { vec!["compress-accumulate".into()] } else { Vec::new() },
        reset: ResetKind::AsyncLow,
        length_bits: 16,
        ..EngineSpec::default()
    };
    Engine::elaborate(&spec).expect("a sound specification")
}

/// The module of a netlist whose name contains `part`, as a netlist of its own.
pub fn leaf(netlist: &Netlist, part: &str) -> Netlist {
    let index = netlist.modules.iter().position(|module| module.name.contains(part)).expect("there is one");
    // What stands after a module never belongs to it.
    let modules = netlist.modules[..=index].to_vec();
    Netlist { modules, top: ModuleId(index as u32), reset: netlist.reset }
}

fn encoder_lines(netlist: &Netlist, x: u64) -> [u64; 3] {
    let mut interpreter = Interpreter::new(netlist).unwrap_or_else(|errors| panic!("{errors:?}"));
    let port = |name: &str| interpreter.port(name).expect("a port of the encoder");
    let (input, outputs) = (port("x_i"), ["one_o", "two_o", "neg_o"].map(port));
    interpreter.set(input, 0, x);
    interpreter.settle();
    outputs.map(|output| interpreter.get(output, 0))
}

#[test]
fn booth_and_en_t_encoders_agree_with_their_specification_on_every_operand() {
    let booth = leaf(&engine(false, EncodingKind::Booth4).netlist, "_encoder_");
    let en_t = leaf(&engine(false, EncodingKind::EnT).netlist, "_encoder_");
    let (mut golden_booth, mut golden_en_t) = (Booth4Encoder::default(), EnTEncoder::default());
    for x in 0..256u64 {
        golden_booth.x.next = x.into();
        golden_en_t.x.next = x.into();
        assert!(simulate(&mut golden_booth, 20) && simulate(&mut golden_en_t, 20));
        let golden = [golden_booth.one.val(), golden_booth.two.val(), golden_booth.neg.val()].map(Bits::to_u64);
        assert_eq!(encoder_lines(&booth, x), golden, "Booth lines of {x}");
        let golden = [golden_en_t.one.val(), golden_en_t.two.val(), golden_en_t.neg.val()].map(Bits::to_u64);
        assert_eq!(encoder_lines(&en_t, x), golden, "EN-T lines of {x}");
    }
}

/// Inputs of a PE in one cycle.
struct Step {
    advance: bool,
    valid: bool,
    first: bool,
    last: bool,
    shift: bool,
    a: u64,
    b: u64,
    /// Sum and carry words from the north; the carry's weight is 2.
    drain: [u64; 2],
}

/// Runs our PE and the golden one side by side; `Err` says where they first differ.
fn compare(netlist: &Netlist, steps: &[Step]) -> Result<(), String> {
    let mut ours = Interpreter::new(netlist).unwrap_or_else(|errors| panic!("{errors:?}"));
    let mut golden = Pe::default();
    golden.connect_all();
    let port = |name: &str| ours.port(name);
    let needed = |name: &str| ours.port(name).expect("a port of the PE");
    let controls = ["advance_i", "valid_i", "first_i", "last_i", "shift_i", "a_i", "b_i"].map(needed);
    let passed = ["valid_o", "first_o", "last_o", "a_o", "b_o"].map(needed);
    let pair = port("drain_sum_i").zip(port("drain_carry_i")).zip(port("drain_sum_o").zip(port("drain_carry_o")));
    let word = port("drain_acc_i").zip(port("drain_acc_o"));
    for (cycle, step) in steps.iter().enumerate() {
        let bits = [step.advance, step.valid, step.first, step.last, step.shift].map(u64::from);
        for (port, value) in controls.into_iter().zip(bits.into_iter().chain([step.a, step.b])) {
            ours.set(port, 0, value);
        }
        let total = |sum: u64, carry: u64| (sum + 2 * carry) & 0xFFFF_FFFF;
        let drain = total(step.drain[0], step.drain[1]);
        match (pair, word) {
            (Some(((sum, carry), _)), _) => {
                ours.set(sum, 0, step.drain[0]);
                ours.set(carry, 0, step.drain[1]);
            }
            (_, Some((input, _))) => ours.set(input, 0, drain),
            _ => return Err("the PE has no drain chain".into()),
        }
        golden.advance.next = step.advance;
        golden.valid.next = step.valid;
        golden.first.next = step.first;
        golden.last.next = step.last;
        golden.shift.next = step.shift;
        golden.a.next = step.a.into();
        golden.b.next = step.b.into();
        golden.drain.next = drain.into();
        golden.clock.next = false.into();
        assert!(simulate(&mut golden, 20), "the golden PE settles");
        ours.settle();
        let shown = passed.map(|port| ours.get(port, 0));
        let drained = match (pair, word) {
            (Some((_, (sum, carry))), _) => total(ours.get(sum, 0), ours.get(carry, 0)),
            (_, Some((_, output))) => ours.get(output, 0),
            _ => 0,
        };
        let expected = [
            u64::from(golden.valid_out.val()),
            u64::from(golden.first_out.val()),
            u64::from(golden.last_out.val()),
            golden.a_out.val().to_u64(),
            golden.b_out.val().to_u64(),
        ];
        if shown != expected || drained != golden.drain_out.val().to_u64() {
            let drain = golden.drain_out.val().to_u64();
            return Err(format!("cycle {cycle}: {shown:?} drains {drained}, specified {expected:?} drains {drain}"));
        }
        golden.clock.next = true.into();
        assert!(simulate(&mut golden, 20), "the golden PE settles");
        ours.step();
    }
    Ok(())
}

/// Every pair of operands as a tile of its own, so that each product is drained by itself.
fn all_pairs() -> Vec<Step> {
    let step = |pair: u64| Step {
        advance: true,
        valid: true,
        first: true,
        last: true,
        shift: true,
        a: pair >> 8,
        b: pair & 255,
        drain: [0, 0],
    };
    (0..65_536).chain(0..4).map(step).collect()
}

/// Tiles of random lengths, stalls, and drained words from the north.
fn random_steps(count: usize, random: &mut Random) -> Vec<Step> {
    let step = |random: &mut Random| Step {
        advance: random.below(4) > 0,
        valid: random.below(8) > 0,
        first: random.below(8) == 0,
        last: random.below(8) == 0,
        shift: random.below(2) == 0,
        a: random.word(8),
        b: random.word(8),
        drain: [random.word(32), random.word(31)],
    };
    (0..count).map(|_| step(random)).collect()
}

#[test]
fn a_pe_with_a_mistake_does_not_agree_with_the_specification() {
    use bitweight::netlist::{Item, Op};
    let right = leaf(&engine(true, EncodingKind::Booth4).netlist, "_pe_");
    let (mut planted, mut missed) = (0, Vec::new());
    for module in 0..right.modules.len() {
        for item in 0..right.modules[module].items.len() {
            let mut wrong = right.clone();
            match &mut wrong.modules[module].items[item] {
                // A majority that forgets its third operand, a lost sign, a digit that is never two.
                Item::Cell(cell) if cell.op == Op::Compress32 => cell.inputs[2] = cell.inputs[1],
                Item::Cell(cell) if cell.op == Op::Or => cell.op = Op::And,
                Item::Cell(cell) if cell.op == Op::Xor => cell.op = Op::Or,
                Item::Register(register) if register.enable.is_some() => register.enable = None,
                _ => continue,
            }
            planted += 1;
            let steps = random_steps(400, &mut Random(23));
            // A net that is not read any more is a mistake that the checks of the netlist see themselves.
            let seen = Interpreter::new(&wrong).is_err() || compare(&wrong, &steps).is_err();
            if !seen {
                missed.push(format!("item {item} of {}", wrong.modules[module].name));
            }
        }
    }
    // An exclusive or of bits that are never both 1 is an or as well.
    assert!(planted > 30 && 20 * missed.len() < planted, "of {planted} mistakes not seen: {missed:?}");
}

#[test]
fn mac_and_opt1_pes_agree_with_the_specification_on_all_pairs_of_operands() {
    for (opt1, encoding) in [
        (false, EncodingKind::Booth4),
        (true, EncodingKind::Booth4),
        (true, EncodingKind::EnT),
        (true, EncodingKind::Naf4),
    ] {
        let pe = leaf(&engine(opt1, encoding).netlist, "_pe_");
        compare(&pe, &all_pairs()).unwrap_or_else(|difference| panic!("{encoding:?}, opt1 {opt1}: {difference}"));
        let steps = random_steps(5_000, &mut Random(17));
        compare(&pe, &steps).unwrap_or_else(|difference| panic!("{encoding:?}, opt1 {opt1}: {difference}"));
    }
}
