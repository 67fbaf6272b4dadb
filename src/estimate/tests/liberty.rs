//! The reader of Liberty files: a small library whose every figure is known, and what is refused.

use std::io::Write;

use crate::estimate::liberty::{Imported, Input, import_all};
use crate::estimate::process::{Axis, Lut, Process, Sense, to_toml};
use crate::mistake::Mistake;

pub const SMALL: &str = include_str!("../../../tests/data/liberty/small.lib");

fn read(bytes: impl Into<Vec<u8>>) -> Result<Imported, Mistake> {
    import_all(&[Input::bytes("mine.lib", bytes.into())], "mine")
}

fn small() -> Process {
    read(SMALL).expect("sound").process
}

fn lut(rows: &[f64], columns: &[f64], values: &[f64]) -> Lut {
    Lut::new(Axis::from(rows), Axis::from(columns), values.to_vec()).expect("sound")
}

fn assert_near(got: &Lut, wanted: &Lut, what: &str) {
    let near =
        |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-9 * b.abs());
    assert!(near(got.rows(), wanted.rows()) && near(got.columns(), wanted.columns()), "axes of {what}: {got:?}");
    assert!(near(got.values(), wanted.values()), "{what}: {got:?}");
}

#[test]
fn every_figure_of_the_small_library_arrives_in_its_unit() {
    let process = small();
    assert_eq!((process.conditions.corner.as_str(), process.conditions.voltage_v), ("typical", 1.0));
    assert_eq!((process.conditions.slew_from_percent, process.conditions.slew_to_percent), (30.0, 70.0));
    assert_eq!((process.source.library.as_str(), process.source.revision.as_str()), ("small", "3"));
    let wires = process.wire_load.as_ref().expect("a default");
    assert_eq!((wires.capacitance_ff, wires.resistance_kohm, wires.slope), (2.0, 0.01, 3.0));
    assert_eq!([1, 2, 3, 4, 6].map(|readers| wires.length(readers)), [2.0, 5.0, 7.0, 9.0, 15.0]);
    let inverter = process.cell_named("INV").expect("there");
    let input = &inverter.inputs[0];
    assert_eq!((inverter.area_um2, inverter.leakage_nw), (1.0, 2.0));
    let capacitance = input.capacitance;
    assert_eq!([capacitance.nominal_ff, capacitance.rise_ff, capacitance.fall_ff], [2.0, 2.2, 1.8]);
    let output = &inverter.outputs[0];
    assert_eq!((output.max_load_ff, output.function.table()), (Some(50.0), 1));
    let (arc, slews, loads) = (&output.arcs[0], [0.01, 0.1], [1.0, 10.0, 100.0]);
    assert_eq!(arc.sense, Sense::Negative);
    assert_near(&arc.rise.delay, &lut(&slews, &loads, &[0.01, 0.02, 0.11, 0.02, 0.03, 0.12]), "rise");
    // The axes of this one stand the other way round.
    assert_near(&arc.fall.delay, &lut(&slews, &loads, &[0.008, 0.017, 0.1, 0.016, 0.026, 0.11]), "fall");
    // pF V^2 is pJ; the energy does not depend on the load.
    assert_near(arc.rise.energy.as_ref().expect("given"), &lut(&slews, &[0.0], &[1.0, 2.0]), "energy");
    assert_eq!(process.tie(true).map(|tie| tie.name.as_str()), Some("TIE1"));
    assert_eq!(process.tie(false), None);
}

#[test]
fn conditions_are_merged_the_worst_delay_and_the_mean_energy() {
    let process = small();
    let nand = process.cell_named("NAND2").expect("there");
    assert_eq!(
        (nand.leakage_nw, nand.outputs[0].function.table(), nand.outputs[0].max_load_ff),
        (1.5, 0b0111, Some(100.0))
    );
    let [a, b] = &nand.outputs[0].arcs[..] else { panic!("two arcs") };
    let (slews, loads) = ([0.01, 0.1], [1.0, 10.0, 100.0]);
    assert_near(&a.rise.delay, &lut(&slews, &loads, &[0.02, 0.02, 0.11, 0.02, 0.03, 0.13]), "A");
    // One group names both inputs; the other condition is of A alone.
    assert_near(&b.rise.delay, &lut(&slews, &loads, &[0.01, 0.02, 0.11, 0.02, 0.03, 0.12]), "B");
    assert_near(a.rise.energy.as_ref().expect("given"), &lut(&slews, &[0.0], &[2.0, 3.0]), "energy of A");
    assert_near(b.fall.energy.as_ref().expect("given"), &Lut::constant(4.0), "energy of B");
    let energy = nand.inputs[1].energy.as_ref().expect("given");
    assert_eq!(energy.when.table(), 0b0111, "spent where Y is 1");
    assert_near(&energy.fall, &Lut::constant(0.2), "energy of the input");
}

#[test]
fn an_input_that_is_inverted_or_not_has_an_arc_for_either_where_the_library_has() {
    let process = small();
    let output = &process.cell_named("XOR2").expect("there").outputs[0];
    let energy = |index: usize| output.arcs[index].rise.energy.as_ref().map(|energy| energy.at(0.0, 0.0));
    let arcs: Vec<(usize, Sense, f64)> =
        output.arcs.iter().map(|arc| (arc.input, arc.sense, arc.rise.delay.at(0.01, 1.0))).collect();
    // The second group says by its condition what its sense is, the third is of both.
    assert_eq!(arcs, [(0, Sense::Positive, 0.005), (0, Sense::Negative, 0.007), (1, Sense::NonUnate, 0.009)]);
    assert_eq!([energy(0), energy(1), energy(2)], [Some(1.0), Some(2.0), None]);
    let again = Process::parse("mine.toml", &to_toml(&process, &[])).expect("sound");
    assert_eq!(again.cell_named("XOR2").map(|cell| cell.outputs[0].arcs.len()), Some(3));
}

#[test]
fn a_flip_flop_has_its_pins_by_what_they_do() {
    let process = small();
    let flip_flop = process.flip_flop(Some(false), false).expect("DFFR");
    assert_eq!((flip_flop.name.as_str(), flip_flop.q.name.as_str(), flip_flop.q.inverted), ("DFFR", "Q", false));
    assert_eq!(flip_flop.qn.as_ref().map(|qn| (qn.name.as_str(), qn.inverted)), Some(("QN", true)));
    let reset = flip_flop.reset.as_ref().expect("it has one");
    assert_eq!((reset.pin.name.as_str(), reset.active_low, reset.value), ("RN", true, false));
    // Down the rows the clock, along the columns the data, though the file has them the other way round.
    assert_near(&flip_flop.data.setup_rise, &lut(&[0.02, 0.2], &[0.01, 0.1], &[0.01, 0.03, 0.02, 0.04]), "set-up");
    // The energy in reset does not count.
    let clock = flip_flop.clock.energy.as_ref().expect("given");
    assert_near(&clock.rise, &Lut::constant(2.0), "clock");
    assert_eq!(process.flip_flop(None, false), None);
    assert_eq!(process.flip_flops().len(), 1);
}

#[test]
fn what_is_left_out_is_named_with_its_reason() {
    let notes: Vec<String> = read(SMALL).expect("sound").notes.iter().map(ToString::to_string).collect();
    let wanted = [
        ("FILL", "without inputs or outputs"),
        ("TBUF", "with three-state outputs"),
        ("CLKBUF", "by their name"),
        ("DFFE", "flip-flops with logic"),
    ];
    assert_eq!(notes.len(), wanted.len(), "{notes:#?}");
    for (cell, reason) in wanted {
        let line = SMALL.lines().position(|line| line.contains(&format!("cell ({cell})"))).expect("there") + 1;
        let begin = format!("mine.lib:{line}:1: 1 cell left out, {reason}");
        assert!(notes.iter().any(|note| note.starts_with(&begin) && note.ends_with(cell)), "{begin}: {notes:#?}");
    }
}

#[test]
fn a_process_reads_back_as_it_was_written() {
    let imported = read(SMALL).expect("sound");
    let text = to_toml(&imported.process, &imported.head);
    let again = Process::parse("mine.toml", &text).expect("sound");
    assert_eq!(to_toml(&again, &imported.head), text);
    assert!(text.starts_with("# Made by `bitweight process import` of mine.lib"), "{text}");
    assert!(text.contains("#   A small library for tests, not of any silicon."), "{text}");
    let (a, b) = (imported.process.cell_named("NAND2").expect("there"), again.cell_named("NAND2").expect("there"));
    for (a, b) in a.luts().zip(b.luts()) {
        assert_near(b, a, "NAND2");
    }
    assert_eq!((a.area_um2, a.leakage_nw, a.inputs.len()), (b.area_um2, b.leakage_nw, b.inputs.len()));
}

#[test]
fn every_defect_is_named_with_its_code_and_its_line() {
    let cases = [
        ("liberty::not_liberty", "library (small)", "module small", "module small"),
        ("liberty::unknown_unit", "\"1ns\"", "\"1 fortnight\"", "fortnight"),
        ("liberty::unknown_unit", "  capacitive_load_unit (1, pf);\n", "", "library (small)"),
        ("liberty::missing", "table_lookup", "polynomial", "polynomial"),
        (
            "liberty::missing",
            "nom_voltage : 1.0;",
            "operating_conditions (x) {} default_operating_conditions : y;",
            "library (small)",
        ),
        ("liberty::missing", "cell_rise (delay)", "cell_rise (delays)", "delays"),
        ("liberty::bad_table", "\"0.01, 0.02, 0.11\", \"0.02, 0.03, 0.12\"", "\"0.01, 0.02, 0.11\"", "0.11"),
        ("liberty::bad_table", "index_2 (\"0.001, 0.01, 0.1\")", "index_2 (\"0.001, 0.01, 0.01\")", "index_2"),
        ("liberty::bad_number", "0.01, 0.02, 0.11", "0.01, nan, 0.11", "nan"),
        ("liberty::bad_number", "area : 1;", "area : big;", "big"),
        ("liberty::not_a_quantity", "area : 1;", "area : 0;", "area"),
        ("liberty::not_a_quantity", "area : 1;", "area : -1;", "area"),
        ("liberty::not_a_quantity", "area : 1;", "", "cell (INV)"),
        ("liberty::not_a_quantity", "capacitance : 0.002; rise", "capacitance : -0.002; rise", "pin"),
        ("liberty::bad_function", "\"!A\"", "\"!(A\"", "!(A"),
        ("liberty::syntax", "area : 1;", "area 1;", "area 1"),
        ("liberty::unbalanced", "cell (NAND2) {", "} cell (NAND2) {", "}"),
        ("liberty::unbalanced", "  cell (INV) {", "  cell (INV) { cell (LOST) {", "ends within the library"),
        ("liberty::missing_cell", "\"!A\"", "\"A\"", "library (small)"),
        ("liberty::missing_cell", "\"(A B)'\"", "\"A ^ B\"", "library (small)"),
        ("liberty::missing_cell", "next_state : \"D\"", "next_state : \"D & CK\"", "library (small)"),
    ];
    for (code, from, to, shown) in cases {
        assert!(SMALL.contains(from), "{from}");
        let text = SMALL.replacen(from, to, 1);
        let text = if code == "liberty::missing" && from.contains("nom_voltage") {
            text.replace("operating_conditions (typical) { process : 1; temperature : 25; voltage : 1.0; }", "")
                .replace("default_operating_conditions : typical;", "")
        } else {
            text
        };
        let error = read(text).expect_err(to);
        let said = crate::mistake::render(&error, false, false);
        assert_eq!(error.code(), code, "{to}: {said}");
        assert!(!error.help().is_empty() && said.contains("mine.lib") && said.contains(shown), "{to}: {said}");
    }
}

#[test]
fn a_compressed_file_is_read_and_one_that_ends_early_is_refused() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(SMALL.as_bytes()).expect("in memory");
    let packed = packed.finish().expect("in memory");
    assert_eq!(read(packed.clone()).expect("sound").process, small());
    for length in [3, 20, packed.len() / 2, packed.len() - 4] {
        let error = read(&packed[..length]).expect_err("cut");
        assert_eq!(error.code(), "liberty::compressed", "{length} bytes: {error}");
    }
}

#[test]
fn a_large_file_of_what_is_skipped_is_read_with_little_memory() {
    // Forty megabytes of current-source tables in a cell: skipped, not kept.
    let table = format!("output_current_rise () {{ vector (x) {{ values (\"{}\"); }} }}\n", "0.125, ".repeat(10_000));
    let text = SMALL.replacen("cell (FILL) {", &format!("cell (FILL) {{ {}", table.repeat(600)), 1);
    assert!(text.len() > 40_000_000);
    assert_eq!(read(text).expect("sound").process, small());
}

#[test]
fn broken_files_never_panic() {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let bytes = SMALL.as_bytes();
    let (mut refused, rounds) = (0, 600);
    for round in 0..rounds {
        let mut broken = bytes.to_vec();
        match round % 3 {
            0 => broken.truncate(random(bytes.len())),
            1 => (0..1 + random(4)).for_each(|_| broken[random(bytes.len())] = random(256) as u8),
            _ => {
                let (from, to) = (random(bytes.len()), random(bytes.len()));
                broken.drain(from.min(to)..from.max(to).min(from.min(to) + 200));
            }
        }
        if let Err(error) = read(broken) {
            assert!(error.code().starts_with("liberty::"), "{error}");
            refused += 1;
        }
    }
    assert!(refused > rounds / 3, "only {refused} of {rounds} were refused: the test breaks nothing");
}
